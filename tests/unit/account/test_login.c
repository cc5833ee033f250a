#include "stand.h"

#include <string.h>

static const char *const form[] = { "CONTENT_TYPE", "application/x-www-form-urlencoded", NULL };

Test(login, takes_an_oauth2_form_with_either_name) {
    struct stand stand;
    stand_open(&stand);
    struct person person = make_person(&stand);
    const char *body = cab_printf(stand.mem,
                                  "username=%s&password=tr0ub4dor+and%%20three&grant_type=password&scope=&client_id=x"
                                  "&client_secret=",
                                  person.email);
    struct answer *answer = stand_ask(&stand, "POST", "/auth/login", NULL, body, form);
    cr_assert_eq(answer->status, 200, "%s", answer->body);
    cr_assert_str_eq(text_of(answer, "token_type"), "bearer");
    cr_assert_str_eq(text_of(answer, "expires_in"), "900");
    cr_assert_str_eq(header_of(&stand, answer, "Cache-Control"), "no-store");
    body = cab_printf(stand.mem, "username=%s&password=tr0ub4dor+and+three", person.name);
    cr_assert_eq(stand_ask(&stand, "POST", "/auth/login", NULL, body, form)->status, 200);
    answer = stand_ask(&stand, "POST", "/auth/login", NULL, "usrname=a&password=b", form);
    cr_assert_eq(answer->status, 422);
    cr_assert_str_eq(flaw_of(answer, "usrname"), "unknown");
    cr_assert_str_eq(flaw_of(answer, "username"), "required");
    stand_close(&stand);
}

Test(login, every_refusal_is_the_same) {
    struct stand stand;
    stand_open(&stand);
    struct person wrong = make_person(&stand), banned = make_person(&stand), deleted = make_person(&stand);
    stand_value(&stand, "UPDATE public.users SET banned_at = now() WHERE id = $1::bigint", banned.id);
    stand_value(&stand, "UPDATE public.users SET deleted_at = now() WHERE id = $1::bigint", deleted.id);
    struct answer *answers[] = {
        login(&stand, wrong.name, "not the password"), login(&stand, unique_name(&stand), PASSWORD),
        login(&stand, banned.name, PASSWORD),          login(&stand, deleted.name, PASSWORD),
        login(&stand, "nobody@example.org", PASSWORD), login(&stand, wrong.name, "")
    };
    for (size_t i = 0; i < CAB_LENGTH(answers); i++) {
        cr_assert_eq(answers[i]->status, 401, "%zu: %s", i, answers[i]->body);
        cr_assert_str_eq(text_of(answers[i], "code"), "bad_credentials");
        cr_assert_str_eq(text_of(answers[i], "detail"), text_of(answers[0], "detail"));
    }
    cr_assert_str_eq(stand_value(&stand,
                                 "SELECT count(*) FROM public.audit_logs WHERE action = 'login_failed' AND NOT success "
                                 "AND user_id = $1::bigint AND actor_id IS NULL",
                                 wrong.id),
                     "2");
    cr_assert_str_eq(stand_value(&stand,
                                 "SELECT count(*) FROM public.audit_logs WHERE action = 'login_failed' "
                                 "AND user_id = $1::bigint",
                                 banned.id),
                     "1");
    stand_close(&stand);
}

Test(login, browsers_get_the_refresh_token_by_cookie_only) {
    struct stand stand;
    stand_open(&stand);
    struct person person = make_person(&stand);
    const char *body = cab_printf(stand.mem, "{\"username\":\"%s\",\"password\":\"" PASSWORD "\"}", person.name);
    struct answer *answer =
        stand_ask(&stand, "POST", "/auth/login", NULL, body, WITH("HTTP_ORIGIN", "https://cabinet.example"));
    cr_assert_null(text_of(answer, "refresh_token"));
    const char *cookie = strstr(answer->headers, "Set-Cookie: refresh_token=");
    cr_assert_not_null(cookie);
    cr_assert_not_null(strstr(cookie, "Path=/api/v1/auth; HttpOnly; SameSite=Strict; Secure\r\n"));
    answer = stand_ask(&stand, "POST", "/auth/login", NULL, body, WITH("HTTP_SEC_FETCH_SITE", "same-origin"));
    cr_assert_null(text_of(answer, "refresh_token"));
    answer = stand_ask(&stand, "POST", "/auth/login", NULL, body,
                       WITH("REQUEST_SCHEME", "http", "HTTP_HOST", "localhost:8000"));
    cr_assert_not_null(text_of(answer, "refresh_token"));
    cr_assert_null(strstr(answer->headers, "Secure"));
    answer = stand_ask(&stand, "POST", "/auth/login", NULL, body,
                       WITH("REQUEST_SCHEME", "http", "HTTP_HOST", "localhost.evil.example"));
    cr_assert_not_null(strstr(answer->headers, "; Secure"));
    stand_close(&stand);
}

Test(login, renews_a_hash_of_other_costs) {
    struct stand stand;
    stand_open(&stand);
    struct person person = make_person(&stand);
    stand.conf.password_hash_time = 2;
    cr_assert_eq(login(&stand, person.name, PASSWORD)->status, 200);
    cr_assert_str_eq(
        stand_value(&stand, "SELECT cabinet.password_of($1::bigint) LIKE '$argon2id$v=19$m=64,t=2,p=1$%'", person.id),
        "t");
    cr_assert_eq(login(&stand, person.name, PASSWORD)->status, 200);
    stand_close(&stand);
}

Test(login, the_oldest_session_goes) {
    struct stand stand;
    stand_open(&stand);
    stand.conf.max_sessions_per_user = 2;
    struct person person = make_person(&stand);
    const char *second = text_of(login(&stand, person.name, PASSWORD), "access_token");
    cr_assert_eq(stand_ask(&stand, "GET", "/users/me", person.access, NULL, NULL)->status, 200);
    const char *third = text_of(login(&stand, person.name, PASSWORD), "access_token");
    cr_assert_eq(stand_ask(&stand, "GET", "/users/me", person.access, NULL, NULL)->status, 401);
    cr_assert_eq(stand_ask(&stand, "GET", "/users/me", second, NULL, NULL)->status, 200);
    cr_assert_eq(stand_ask(&stand, "GET", "/users/me", third, NULL, NULL)->status, 200);
    stand_close(&stand);
}

Test(login, says_that_a_deletion_is_scheduled) {
    struct stand stand;
    stand_open(&stand);
    struct person person = make_person(&stand);
    cr_assert_null(text_of(login(&stand, person.name, PASSWORD), "deletion_scheduled_for"));
    stand_value(&stand,
                "UPDATE public.users SET deletion_scheduled_for = '2099-01-02 03:04:05+00' WHERE id = $1::bigint",
                person.id);
    cr_assert_str_eq(text_of(login(&stand, person.name, PASSWORD), "deletion_scheduled_for"), "2099-01-02T03:04:05Z");
    stand_close(&stand);
}
