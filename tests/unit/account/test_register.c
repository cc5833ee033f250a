#include "stand.h"

#include <string.h>

static struct answer *sign_up(struct stand *stand, const char *email, const char *name, const char *more) {
    return stand_ask(stand, "POST", "/auth/register", NULL,
                     cab_printf(stand->mem, "{\"email\":\"%s\",\"username\":\"%s\",\"password\":\"" PASSWORD "\"%s}",
                                email, name, more),
                     NULL);
}

Test(register, makes_an_account_and_records_it) {
    struct stand stand;
    stand_open(&stand);
    const char *name = unique_name(&stand), *email = cab_printf(stand.mem, "%s@example.org", name);
    struct answer *answer = sign_up(&stand, email, name, "");

    cr_assert_eq(answer->status, 201, "%s", answer->body);
    const char *id = text_of(answer, "id");
    cr_assert_str_eq(text_of(answer, "email"), email);
    cr_assert_str_eq(text_of(answer, "is_superuser"), "false");
    cr_assert_str_eq(header_of(&stand, answer, "Location"), cab_printf(stand.mem, "/api/v1/users/%s", id));
    cr_assert_not_null(header_of(&stand, answer, "ETag"));
    cr_assert_null(strstr(answer->body, "argon2"));
    cr_assert_str_eq(stand_value(&stand,
                                 "SELECT count(*) FROM public.audit_logs WHERE action = 'register' AND success "
                                 "AND user_id = $1::bigint AND actor_id = $1::bigint AND host(ip) = '192.0.2.7' "
                                 "AND user_agent = 'unit-account' AND request_id IS NOT NULL",
                                 id),
                     "1");
    cr_assert_eq(login(&stand, name, PASSWORD)->status, 200);
    cr_assert_eq(login(&stand, email, PASSWORD)->status, 200);
    stand_close(&stand);
}

Test(register, every_fault_stands_in_one_answer) {
    struct stand stand;
    stand_open(&stand);
    struct answer *answer =
        stand_ask(&stand, "POST", "/auth/register", NULL,
                  "{\"email\":\"nobody\",\"username\":\"a@b\",\"password\":\"short\",\"is_superuser\":true,"
                  "\"is_verified\":true,\"id\":7,\"usernmae\":\"x\"}",
                  NULL);
    cr_assert_eq(answer->status, 422, "%s", answer->body);
    cr_expect_str_eq(flaw_of(answer, "email"), "invalid");
    cr_expect_str_eq(flaw_of(answer, "username"), "invalid");
    cr_expect_str_eq(flaw_of(answer, "password"), "too_short");
    cr_expect_str_eq(flaw_of(answer, "is_superuser"), "read_only");
    cr_expect_str_eq(flaw_of(answer, "is_verified"), "read_only");
    cr_expect_str_eq(flaw_of(answer, "id"), "read_only");
    cr_expect_str_eq(flaw_of(answer, "usernmae"), "unknown");
    cr_expect_not_null(strstr(answer->body, "did you mean username"));

    answer = stand_ask(&stand, "POST", "/auth/register", NULL, "{}", NULL);
    cr_assert_eq(answer->status, 422);
    cr_expect_str_eq(flaw_of(answer, "email"), "required");
    cr_expect_str_eq(flaw_of(answer, "username"), "required");
    cr_expect_str_eq(flaw_of(answer, "password"), "required");

    answer = stand_ask(&stand, "POST", "/auth/register", NULL, "{\"email\":1,\"username\":null,\"password\":[]}", NULL);
    cr_assert_eq(answer->status, 422);
    cr_expect_not_null(flaw_of(answer, "email"));
    cr_expect_not_null(flaw_of(answer, "username"));
    cr_expect_not_null(flaw_of(answer, "password"));
    cr_assert_eq(stand_ask(&stand, "POST", "/auth/register", NULL, "[]", NULL)->status, 422);
    cr_assert_eq(stand_ask(&stand, "POST", "/auth/register", NULL, "{", NULL)->status, 400);
    cr_assert_eq(stand_ask(&stand, "POST", "/auth/register", NULL, "", NULL)->status, 400);
    cr_assert_eq(stand_ask(&stand, "POST", "/auth/register?x=1", NULL, "{}", NULL)->status, 400);
    stand_close(&stand);
}

Test(register, names_the_field_that_is_taken) {
    struct stand stand;
    stand_open(&stand);
    struct person person = make_person(&stand);
    const char *other = unique_name(&stand);
    struct answer *answer = sign_up(&stand, cab_printf(stand.mem, "%s@EXAMPLE.ORG", person.name), other, "");
    cr_assert_eq(answer->status, 409, "%s", answer->body);
    cr_assert_str_eq(flaw_of(answer, "email"), "taken");
    answer = sign_up(&stand, cab_printf(stand.mem, "%s@example.org", other),
                     cab_printf(stand.mem, "U%s", person.name + 1), "");
    cr_assert_eq(answer->status, 409, "%s", answer->body);
    cr_assert_str_eq(flaw_of(answer, "username"), "taken");
    stand_close(&stand);
}

Test(register, usernames_are_stored_in_normal_form) {
    struct stand stand;
    stand_open(&stand);
    const char *name = unique_name(&stand), *email = cab_printf(stand.mem, "%s@example.org", name);
    struct answer *answer =
        sign_up(&stand, email, cab_printf(stand.mem, "%s\xEF\xAC\x81", name), ""); /* the ligature fi */
    cr_assert_eq(answer->status, 201, "%s", answer->body);
    cr_assert_str_eq(text_of(answer, "username"), cab_printf(stand.mem, "%sfi", name));
    /* a full-width @ is an @ */
    answer = sign_up(&stand, cab_printf(stand.mem, "x%s", email), cab_printf(stand.mem, "%s\xEF\xBC\xA0x", name), "");
    cr_assert_eq(answer->status, 422, "%s", answer->body);
    cr_assert_str_eq(flaw_of(answer, "username"), "invalid");
    stand_close(&stand);
}

Test(register, with_verified_addresses_known_and_unknown_ones_answer_alike) {
    struct stand stand;
    stand_open(&stand);
    struct person person = make_person(&stand);
    stand.conf.require_verified_email = true;
    const char *name = unique_name(&stand), *email = cab_printf(stand.mem, "%s@example.org", name);
    struct answer *fresh = sign_up(&stand, email, name, ""),
                  *known = sign_up(&stand, person.email, unique_name(&stand), "");
    cr_assert_eq(fresh->status, 202, "%s", fresh->body);
    cr_assert_eq(known->status, 202, "%s", known->body);
    cr_assert_str_eq(fresh->body, known->body);
    cr_assert_null(header_of(&stand, fresh, "Location"));
    cr_assert_eq(sign_up(&stand, cab_printf(stand.mem, "x%s", email), person.name, "")->status, 409);
    /* a taken username tells nothing of the address */
    cr_assert_eq(sign_up(&stand, person.email, person.name, "")->status, 409);
    struct answer *answer = login(&stand, name, PASSWORD);
    cr_assert_eq(answer->status, 403);
    cr_assert_str_eq(text_of(answer, "code"), "not_verified");
    cr_assert_eq(login(&stand, name, "another password")->status, 401);
    stand_close(&stand);
}

Test(register, can_be_closed) {
    struct stand stand;
    stand_open(&stand);
    const char *name = unique_name(&stand), *email = cab_printf(stand.mem, "%s@example.org", name);
    stand.conf.registration = "off";
    cr_assert_eq(sign_up(&stand, email, name, "")->status, 403);
    stand.conf.registration = "invite";
    cr_assert_eq(sign_up(&stand, email, name, "")->status, 403);
    stand_close(&stand);
}
