/* sessions: refresh, logout, the list of sessions and ending one. */
#include "client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REFRESH "/api/v1/auth/refresh"
#define LOGOUT "/api/v1/auth/logout"
#define SESSIONS "/api/v1/auth/sessions"

static struct answer *refresh(const char *token) {
    return post(REFRESH, NULL, fmt("{\"refresh_token\":\"%s\"}", token));
}

static void expect_alive(const char *token, bool alive) {
    struct answer *answer = get("/api/v1/users/me", token);
    if (alive)
        expect(answer, 200);
    else
        expect_problem(answer, 401, "unauthenticated");
}

Test(refresh, gives_new_tokens) {
    struct person *person = someone();
    struct answer *answer = refresh(person->refresh);
    expect(answer, 200);
    cr_assert_str_neq(text(answer, "/refresh_token"), person->refresh);
    cr_assert_str_eq(text(answer, "/token_type"), "bearer");
    expect_alive(text(answer, "/access_token"), true);
}

Test(refresh, gives_parallel_tabs_the_same_answer) {
    struct person *person = someone();
    struct answer *first = refresh(person->refresh), *second = refresh(person->refresh);
    expect(first, 200);
    expect(second, 200);
    cr_assert_str_eq(text(first, "/refresh_token"), text(second, "/refresh_token"));
}

Test(refresh, ends_the_session_on_reuse) {
    struct person *person = someone();
    struct answer *first = refresh(person->refresh);
    expect(first, 200);
    struct answer *second = refresh(text(first, "/refresh_token"));
    expect(second, 200);
    expect_problem(refresh(person->refresh), 401, NULL);
    expect_alive(text(second, "/access_token"), false);
    expect_problem(refresh(text(second, "/refresh_token")), 401, NULL);
    cr_assert_str_eq(sql(fmt("SELECT count(*) FROM public.audit_logs WHERE action = 'refresh_reuse' AND user_id = %ld",
                             person->id)), "1");
}

Test(refresh, ends_the_session_on_reuse_after_the_grace) {
    struct person *person = someone();
    expect(refresh(person->refresh), 200);
    sql(fmt("UPDATE public.sessions SET last_used = last_used - interval '1 minute' WHERE user_id = %ld", person->id));
    expect_problem(refresh(person->refresh), 401, NULL);
    expect_alive(person->token, false);
}

Test(refresh, refuses_what_it_did_not_issue) {
    struct person *person = someone();
    expect_problem(refresh("AAAA"), 401, NULL);
    expect_problem(refresh("!!!"), 401, NULL);
    char *forged = strdup(person->refresh);
    forged[5] = forged[5] == 'A' ? 'B' : 'A';
    expect_problem(refresh(forged), 401, NULL);
    expect_problem(refresh(person->token), 401, NULL);
    expect_alive(person->token, true);
}

Test(refresh, needs_a_token) {
    struct answer *answer = post(REFRESH, NULL, "{}");
    cr_assert(answer->status == 401 || answer->status == 422, "%d", answer->status);
}

Test(refresh, ends_with_the_sessions_lifetime) {
    struct person *person = someone();
    sql(fmt("UPDATE public.sessions SET expires = now() - interval '1 second' WHERE user_id = %ld", person->id));
    expect_problem(refresh(person->refresh), 401, NULL);
    expect_alive(person->token, false);
}

/* Seconds that the person's newest session has left. */
static long seconds_left(const struct person *person) {
    return atol(sql(fmt("SELECT ceil(extract(epoch FROM max(expires) - now())) FROM public.sessions "
                        "WHERE user_id = %ld", person->id)));
}

/* Defaults: idle for 7 days, 30 days at most. */
Test(refresh, moves_the_idle_limit_but_not_beyond_the_absolute_one) {
    enum { DAY = 86400 };
    struct person *person = someone();
    sql(fmt("UPDATE public.sessions SET date_created = date_created - interval '10 days', "
            "expires = now() + interval '1 day' WHERE user_id = %ld", person->id));
    struct answer *answer = refresh(person->refresh);
    expect(answer, 200);
    long left = seconds_left(person);
    cr_assert(left > 7 * DAY - 60 && left <= 7 * DAY, "%ld s", left);
    sql(fmt("UPDATE public.sessions SET date_created = now() - interval '29 days' WHERE user_id = %ld", person->id));
    answer = refresh(text(answer, "/refresh_token"));
    expect(answer, 200);
    left = seconds_left(person);
    cr_assert(left > DAY - 60 && left <= DAY, "%ld s", left);
    sql(fmt("UPDATE public.sessions SET expires = now() WHERE user_id = %ld", person->id));
    expect_problem(refresh(text(answer, "/refresh_token")), 401, NULL);
    expect_alive(text(answer, "/access_token"), false);
}

static char *jar(void) {
    char *path = fmt("/tmp/cabinet-jar-%s", unique(""));
    return path;
}

Test(refresh, works_by_cookie) {
    struct person *person = registered();
    char *cookies = jar();
    expect(ASK(.method = "POST", .path = "/api/v1/auth/login", .cookies = cookies,
               .body = fmt("{\"username\":\"%s\",\"password\":\"%s\"}", person->email, PASSWORD)), 200);
    for (int i = 0; i < 3; i++) {
        struct answer *answer = ASK(.method = "POST", .path = REFRESH, .cookies = cookies);
        expect(answer, 200);
        cr_assert_not_null(header(answer, "Set-Cookie"));
        expect_alive(text(answer, "/access_token"), true);
    }
    unlink(cookies);
}

Test(refresh, by_cookie_refuses_other_origins) {
    struct person *person = registered();
    char *cookies = jar();
    expect(ASK(.method = "POST", .path = "/api/v1/auth/login", .cookies = cookies,
               .body = fmt("{\"username\":\"%s\",\"password\":\"%s\"}", person->email, PASSWORD)), 200);
    expect_problem(
        ASK(.method = "POST", .path = REFRESH, .cookies = cookies, .headers = { "Origin: https://evil.example" }), 403,
        "forbidden");
    expect(ASK(.method = "POST", .path = REFRESH, .cookies = cookies), 200);
    unlink(cookies);
}

/* A browser's life, by the rules of curl's cookie jar. */
Test(refresh, a_cookie_jar_goes_from_login_to_logout_over_tls) {
    struct person *person = registered();
    char *cookies = jar();
    struct answer *answer =
        ASK(.method = "POST", .path = "/api/v1/auth/login", .cookies = cookies, .http2 = true,
            .body = fmt("{\"username\":\"%s\",\"password\":\"%s\"}", person->email, PASSWORD));
    expect(answer, 200);
    cr_assert(strstr(header(answer, "Set-Cookie"), "; Secure") != NULL);
    for (int i = 0; i < 2; i++) {
        answer = ASK(.method = "POST", .path = REFRESH, .cookies = cookies, .http2 = true);
        expect(answer, 200);
        expect_alive(text(answer, "/access_token"), true);
    }
    const char *token = text(answer, "/access_token");
    expect(ASK(.method = "POST", .path = LOGOUT, .cookies = cookies, .token = token, .http2 = true), 204);
    expect_alive(token, false);
    expect_problem(ASK(.method = "POST", .path = REFRESH, .cookies = cookies, .http2 = true), 401, NULL);
    unlink(cookies);
}

Test(logout, ends_the_token_at_once) {
    struct person *person = someone();
    struct answer *answer = post(LOGOUT, person->token, NULL);
    cr_assert(answer->status == 204 || answer->status == 200, "%d %s", answer->status, answer->body);
    expect_alive(person->token, false);
    expect_problem(refresh(person->refresh), 401, NULL);
    cr_assert_str_eq(
        sql(fmt("SELECT count(*) FROM public.audit_logs WHERE action = 'logout' AND user_id = %ld", person->id)), "1");
}

Test(logout, leaves_other_sessions) {
    struct person *person = someone();
    struct answer *other = login(person->email, PASSWORD);
    post(LOGOUT, person->token, NULL);
    expect_alive(text(other, "/access_token"), true);
}

Test(logout, takes_the_cookie_back) {
    struct person *person = someone();
    const char *cookie = header(post(LOGOUT, person->token, NULL), "Set-Cookie");
    cr_assert_not_null(cookie);
    cr_assert(strstr(cookie, "Max-Age=0") != NULL || strstr(cookie, "1970") != NULL, "%s", cookie);
    cr_assert(strstr(cookie, "Path=/api/v1/auth") != NULL, "%s", cookie);
}

Test(logout, needs_a_token) {
    expect_problem(post(LOGOUT, NULL, NULL), 401, "unauthenticated");
}

Test(sessions, lists_ones_own) {
    struct person *person = someone();
    login(person->email, PASSWORD);
    struct answer *answer = get(SESSIONS, person->token);
    expect(answer, 200);
    cr_assert_eq(count(answer, "/items"), 2);
    cr_assert_eq(strlen(text(answer, "/items/0/id")), 36);
    cr_assert_str_not_empty(text(answer, "/items/0/date_created"));
    cr_assert(strstr(answer->body, "counter") == NULL);
    expect_problem(get(SESSIONS, NULL), 401, "unauthenticated");
}

Test(sessions, ends_one) {
    struct person *person = someone();
    struct answer *other = login(person->email, PASSWORD);
    char *id =
        sql(fmt("SELECT id FROM public.sessions WHERE user_id = %ld ORDER BY date_created DESC LIMIT 1", person->id));
    expect(drop(fmt(SESSIONS "/%s", id), person->token), 204);
    expect_alive(text(other, "/access_token"), false);
    expect_alive(person->token, true);
    expect_problem(drop(fmt(SESSIONS "/%s", id), person->token), 404, "not_found");
}

Test(sessions, ends_all_others) {
    struct person *person = someone(), *stranger = someone();
    struct answer *one = login(person->email, PASSWORD), *two = login(person->email, PASSWORD);
    struct answer *answer = drop(SESSIONS, person->token);
    expect(answer, 200);
    cr_assert_eq(number(answer, "/sessions_ended"), 2);
    expect_alive(text(one, "/access_token"), false);
    expect_alive(text(two, "/access_token"), false);
    expect_problem(refresh(text(two, "/refresh_token")), 401, NULL);
    expect_alive(person->token, true);
    expect_alive(stranger->token, true);
    expect_problem(drop(SESSIONS, NULL), 401, "unauthenticated");
}

Test(sessions, refuses_what_is_no_session) {
    struct person *person = someone();
    expect_problem(drop(SESSIONS "/nonsense", person->token), 404, "not_found");
    expect_problem(drop(SESSIONS "/00000000-0000-4000-8000-000000000000", person->token), 404, "not_found");
}

Test(sessions, are_five_at_most) {
    struct person *person = someone();
    const char *newest = NULL;
    for (int i = 0; i < 5; i++)
        newest = text(login(person->email, PASSWORD), "/access_token");
    expect_alive(person->token, false);
    struct answer *answer = get(SESSIONS, newest);
    expect(answer, 200);
    cr_assert_eq(count(answer, "/items"), 5);
}
