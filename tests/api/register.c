/* register: POST /api/v1/auth/register. */
#include "client.h"

#include <string.h>

#define REGISTER "/api/v1/auth/register"

static struct answer *sign_up(const char *email, const char *username, const char *password) {
    return post(REGISTER, NULL,
                fmt("{\"email\":\"%s\",\"username\":\"%s\",\"password\":\"%s\"}", email, username, password));
}

Test(register, creates_an_account) {
    const char *name = unique("ann");
    struct answer *answer = sign_up(fmt("%s@example.org", name), name, PASSWORD);
    expect(answer, 201);
    cr_assert_str_eq(text(answer, "/email"), fmt("%s@example.org", name));
    cr_assert_str_eq(text(answer, "/username"), name);
    cr_assert_eq(flag(answer, "/is_superuser"), false);
    cr_assert_eq(flag(answer, "/is_verified"), false);
    cr_assert(is_null(answer, "/oauth_provider"));
    const char *created = text(answer, "/date_created");
    cr_assert_eq(created[strlen(created) - 1], 'Z');
    cr_assert_str_eq(header(answer, "Location"), fmt("/api/v1/users/%ld", number(answer, "/id")));
    cr_assert(strstr(answer->body, "password") == NULL);
    cr_assert(strstr(answer->body, "argon2") == NULL);
}

Test(register, keeps_the_password_as_argon2id_only) {
    struct person *person = registered();
    char *hash = sql(fmt("SELECT password_hash FROM public.user_secrets WHERE user_id = %ld", person->id));
    cr_assert(strncmp(hash, "$argon2id$v=19$m=", 17) == 0, "%s", hash);
}

Test(register, refuses_a_taken_email_in_any_case) {
    struct person *person = registered();
    char *upper = fmt("%s@EXAMPLE.org", person->username);
    struct answer *answer = sign_up(upper, unique("bob"), PASSWORD);
    expect_problem(answer, 409, "conflict");
    expect_flaw(answer, "field", "email", NULL);
}

Test(register, refuses_a_taken_username_in_any_case) {
    struct person *person = registered();
    char *upper = fmt("U%s", person->username + 1);
    struct answer *answer = sign_up(fmt("%s@example.org", unique("bob")), upper, PASSWORD);
    expect_problem(answer, 409, "conflict");
    expect_flaw(answer, "field", "username", NULL);
}

Test(register, lists_every_missing_field) {
    struct answer *answer = post(REGISTER, NULL, "{}");
    expect_problem(answer, 422, "invalid");
    expect_flaw(answer, "field", "email", "required");
    expect_flaw(answer, "field", "username", "required");
    expect_flaw(answer, "field", "password", "required");
}

Test(register, lists_every_invalid_field) {
    struct answer *answer = sign_up("no-address", "x", "short");
    expect_problem(answer, 422, "invalid");
    expect_flaw(answer, "field", "password", NULL);
    expect_flaw(answer, "field", "email", NULL);
    expect_flaw(answer, "field", "username", NULL);
}

Test(register, refuses_an_at_sign_in_a_username) {
    const char *name = unique("eve");
    struct answer *answer = sign_up(fmt("%s@example.org", name), fmt("%s@x", name), PASSWORD);
    expect_problem(answer, 422, "invalid");
    expect_flaw(answer, "field", "username", NULL);
}

Test(register, refuses_control_characters_in_a_username) {
    const char *name = unique("eve");
    struct answer *answer = sign_up(fmt("%s@example.org", name), fmt("%s\\u0007", name), PASSWORD);
    expect_problem(answer, 422, NULL);
}

Test(register, bounds_the_username) {
    struct answer *answer = sign_up(fmt("%s@example.org", unique("l")),
                                    "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijx", PASSWORD);
    expect_problem(answer, 422, "invalid");
    expect_flaw(answer, "field", "username", NULL);
}

Test(register, normalises_the_username) {
    const char *name = unique("n");
    struct answer *answer = sign_up(fmt("%s@example.org", name), fmt("%s\xef\xac\x81sh", name), PASSWORD);
    expect(answer, 201);
    cr_assert_str_eq(text(answer, "/username"), fmt("%sfish", name));
}

Test(register, bounds_the_password) {
    char longest[1026];
    const char *name = unique("pw");
    memset(longest, 'q', sizeof(longest));
    longest[1025] = '\0';
    struct answer *answer = sign_up(fmt("%s@example.org", name), name, longest);
    expect_problem(answer, 422, "invalid");
    expect_flaw(answer, "field", "password", NULL);
    for (int i = 0; i < 1024; i++)
        longest[i] = (char)('a' + i % 26);
    longest[1024] = '\0';
    expect(sign_up(fmt("%s@example.org", name), name, longest), 201);
    expect(login(name, longest), 200);
}

Test(register, refuses_common_passwords) {
    const char *name = unique("pw");
    struct answer *answer = sign_up(fmt("%s@example.org", name), name, "password123");
    expect_problem(answer, 422, "invalid");
    expect_flaw(answer, "field", "password", NULL);
}

Test(register, refuses_the_own_name_as_password) {
    const char *name = unique("password-is-name");
    struct answer *answer = sign_up(fmt("%s@example.org", name), name, name);
    expect_problem(answer, 422, "invalid");
    expect_flaw(answer, "field", "password", NULL);
}

Test(register, suggests_the_field_that_was_meant) {
    const char *name = unique("typo");
    struct answer *answer =
        post(REGISTER, NULL,
             fmt("{\"emial\":\"%s@example.org\",\"username\":\"%s\",\"password\":\"%s\"}", name, name, PASSWORD));
    expect_problem(answer, 422, NULL);
    expect_flaw(answer, "field", "emial", NULL);
    cr_assert(strstr(answer->body, "email") != NULL);
}

Test(register, takes_json_only) {
    struct answer *answer =
        ASK(.method = "POST", .path = REGISTER, .type = "application/x-www-form-urlencoded", .body = "email=a");
    expect_problem(answer, 415, "unsupported_media_type");
}

Test(register, refuses_other_types_of_values) {
    struct answer *answer = post(REGISTER, NULL, "{\"email\":5,\"username\":[],\"password\":true}");
    expect_problem(answer, 422, "invalid");
    expect_flaw(answer, "field", "email", NULL);
    expect_flaw(answer, "field", "username", NULL);
    expect_flaw(answer, "field", "password", NULL);
}

Test(register, is_recorded) {
    struct person *person = registered();
    cr_assert_str_eq(sql(fmt("SELECT count(*) FROM public.audit_logs WHERE action = 'register' AND user_id = %ld AND "
                             "success",
                             person->id)),
                     "1");
    cr_assert_str_eq(sql(fmt("SELECT count(*) FROM public.audit_logs WHERE action = 'row_insert' AND table_name = "
                             "'users'"
                             " AND row_key = '%ld' AND after->>'username' = '%s'",
                             person->id, person->username)),
                     "1");
}
