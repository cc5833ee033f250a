/* login: POST /api/v1/auth/login, by form and by JSON. */
#include "client.h"

#include <string.h>

#define LOGIN "/api/v1/auth/login"

static struct answer *form(const char *body) {
    return ASK(.method = "POST", .path = LOGIN, .type = "application/x-www-form-urlencoded", .body = body);
}

static const char form_password[] = "correct+horse+battery+7";

static void expect_tokens(const struct answer *answer) {
    expect(answer, 200);
    cr_assert_str_eq(text(answer, "/token_type"), "bearer");
    cr_assert_eq(number(answer, "/expires_in"), 900);
    cr_assert_str_not_empty(text(answer, "/access_token"));
    cr_assert_str_not_empty(text(answer, "/refresh_token"));
    cr_assert(strstr(header(answer, "Cache-Control"), "no-store") != NULL);
}

Test(login, by_form_with_the_email_as_username) {
    struct person *person = registered();
    struct answer *answer = form(fmt("username=%s&password=%s", person->email, form_password));
    expect_tokens(answer);
    struct answer *me = get("/api/v1/users/me", text(answer, "/access_token"));
    expect(me, 200);
    cr_assert_eq(number(me, "/id"), person->id);
}

Test(login, by_form_with_the_username) {
    struct person *person = registered();
    expect_tokens(form(fmt("username=%s&password=%s", person->username, form_password)));
}

Test(login, ignores_the_other_fields_of_an_oauth2_form) {
    struct person *person = registered();
    expect_tokens(form(fmt(
        "grant_type=password&username=%s&password=%s&scope=&client_id=&client_secret=", person->email, form_password)));
}

Test(login, by_json) {
    struct person *person = registered();
    expect_tokens(login(person->email, PASSWORD));
    expect_tokens(login(person->username, PASSWORD));
}

Test(login, does_not_mind_the_case_of_names) {
    struct person *person = registered();
    expect_tokens(login(fmt("%s@EXAMPLE.ORG", person->username), PASSWORD));
    expect_tokens(login(fmt("U%s", person->username + 1), PASSWORD));
}

Test(login, sets_the_refresh_cookie) {
    struct person *person = registered();
    struct answer *answer = login(person->email, PASSWORD);
    const char *cookie = header(answer, "Set-Cookie");
    cr_assert_not_null(cookie);
    cr_assert(strstr(cookie, "HttpOnly") != NULL, "%s", cookie);
    cr_assert(strstr(cookie, "SameSite=Strict") != NULL, "%s", cookie);
    cr_assert(strstr(cookie, "Path=/api/v1/auth") != NULL, "%s", cookie);
    cr_assert(strstr(cookie, "Max-Age=") != NULL || strstr(cookie, "Expires=") != NULL, "%s", cookie);
}

Test(login, makes_the_cookie_secure_over_tls) {
    struct person *person = registered();
    struct answer *answer = ASK(.method = "POST", .path = LOGIN, .http2 = true,
                                .body = fmt("{\"username\":\"%s\",\"password\":\"%s\"}", person->email, PASSWORD));
    expect(answer, 200);
    cr_assert(strstr(header(answer, "Set-Cookie"), "; Secure") != NULL, "%s", header(answer, "Set-Cookie"));
}

Test(login, gives_browsers_the_refresh_token_by_cookie_only) {
    struct person *person = registered();
    struct answer *answer = ASK(.method = "POST", .path = LOGIN, .headers = { "Sec-Fetch-Site: same-origin" },
                                .body = fmt("{\"username\":\"%s\",\"password\":\"%s\"}", person->email, PASSWORD));
    expect(answer, 200);
    cr_assert(!has(answer, "/refresh_token") || is_null(answer, "/refresh_token"));
    cr_assert_not_null(header(answer, "Set-Cookie"));
}

Test(login, refuses_a_wrong_password) {
    struct person *person = registered();
    struct answer *answer = login(person->email, "not the password");
    expect_problem(answer, 401, "bad_credentials");
    cr_assert_not_null(header(answer, "WWW-Authenticate"));
}

Test(login, lists_missing_fields) {
    struct answer *answer = post(LOGIN, NULL, "{}");
    expect_problem(answer, 422, "invalid");
    expect_flaw(answer, "field", "username", "required");
    expect_flaw(answer, "field", "password", "required");
    answer = form("grant_type=password");
    expect_problem(answer, 422, "invalid");
    expect_flaw(answer, "field", "username", "required");
}

Test(login, refuses_a_form_with_a_name_twice) {
    expect_problem(form("username=a&username=b&password=c"), 400, "malformed_request");
}

Test(login, takes_forms_and_json_only) {
    expect_problem(ASK(.method = "POST", .path = LOGIN, .type = "text/plain", .body = "username=a"), 415,
                   "unsupported_media_type");
}

Test(login, is_recorded) {
    struct person *person = someone();
    login(person->email, "not the password");
    cr_assert_str_eq(sql(fmt("SELECT count(*) FROM public.audit_logs WHERE action = 'login' AND user_id = %ld AND "
                             "success",
                             person->id)),
                     "1");
    cr_assert_str_eq(sql(fmt("SELECT count(*) FROM public.audit_logs WHERE action = 'login_failed' AND user_id = %ld"
                             " AND NOT success AND ip = '127.0.0.1'", person->id)), "1");
}

Test(login, keeps_out_who_was_banned) {
    struct person *person = someone();
    sql(fmt("UPDATE public.users SET banned_at = now() WHERE id = %ld", person->id));
    expect_problem(login(person->email, PASSWORD), 401, "bad_credentials");
    expect_problem(get("/api/v1/users/me", person->token), 401, "unauthenticated");
}
