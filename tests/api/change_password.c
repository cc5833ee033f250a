/* change_password: POST /api/v1/auth/change-password. */
#include "client.h"

#define CHANGE "/api/v1/auth/change-password"

static struct answer *change(const char *token, const char *old, const char *new) {
    return post(CHANGE, token, fmt("{\"current_password\":\"%s\",\"new_password\":\"%s\"}", old, new));
}

Test(change_password, ends_other_sessions) {
    struct person *person = someone();
    struct answer *other = login(person->email, PASSWORD);
    struct answer *answer = change(person->token, PASSWORD, "another good secret 9");
    expect(answer, 200);
    const char *token = has(answer, "/access_token") ? text(answer, "/access_token") : person->token;
    expect(get("/api/v1/users/me", token), 200);
    expect_problem(get("/api/v1/users/me", text(other, "/access_token")), 401, "unauthenticated");
    expect_problem(login(person->email, PASSWORD), 401, "bad_credentials");
    expect(login(person->email, "another good secret 9"), 200);
    cr_assert_str_eq(sql(fmt("SELECT count(*) FROM public.audit_logs WHERE action = 'password_change' AND user_id = "
                             "%ld AND success",
                             person->id)),
                     "1");
}

Test(change_password, needs_the_current_one) {
    struct person *person = someone();
    struct answer *answer = change(person->token, "wrong one entirely", "another good secret 9");
    cr_assert(answer->status == 401 || answer->status == 403 || answer->status == 422, "%d", answer->status);
    expect(login(person->email, PASSWORD), 200);
}

Test(change_password, needs_a_token) {
    expect_problem(change(NULL, PASSWORD, "another good secret 9"), 401, "unauthenticated");
}

Test(change_password, applies_the_rules_of_passwords) {
    struct person *person = someone();
    struct answer *answer = change(person->token, PASSWORD, "short");
    expect_problem(answer, 422, "invalid");
    expect_flaw(answer, "field", "new_password", NULL);
    answer = post(CHANGE, person->token, "{}");
    expect_problem(answer, 422, "invalid");
    expect_flaw(answer, "field", "current_password", "required");
    expect_flaw(answer, "field", "new_password", "required");
}
