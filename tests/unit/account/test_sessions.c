#include "stand.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct answer *refresh(struct stand *stand, const char *token) {
    return stand_ask(stand, "POST", "/auth/refresh", NULL, cab_printf(stand->mem, "{\"refresh_token\":\"%s\"}", token),
                     NULL);
}

static int me(struct stand *stand, const char *access) {
    return stand_ask(stand, "GET", "/users/me", access, NULL, NULL)->status;
}

Test(refresh, rotates_and_spares_parallel_tabs) {
    struct stand stand;
    stand_open(&stand);
    struct person person = make_person(&stand);
    struct answer *first = refresh(&stand, person.refresh), *again = refresh(&stand, person.refresh);

    cr_assert_eq(first->status, 200, "%s", first->body);
    cr_assert_eq(again->status, 200, "%s", again->body);
    cr_assert_str_neq(text_of(first, "refresh_token"), person.refresh);
    cr_assert_str_eq(text_of(first, "refresh_token"), text_of(again, "refresh_token"));
    cr_assert_eq(me(&stand, text_of(first, "access_token")), 200);
    cr_assert_eq(me(&stand, person.access), 200);
    cr_assert_eq(refresh(&stand, text_of(first, "refresh_token"))->status, 200);
    stand_close(&stand);
}

/* Each in a process and on a connection of its own, all at once: what a browser does that opens its tabs again. */
Test(refresh, many_tabs_at_once_get_the_same_token) {
    enum { TABS = 8, BYTES = 75 };
    struct stand stand;
    int ends[2];
    char tokens[TABS][BYTES];
    stand_open(&stand);
    struct person person = make_person(&stand);
    cr_assert_eq(pipe(ends), 0);
    for (int i = 0; i < TABS; i++)
        if (fork() == 0) {
            struct stand own;
            stand_open(&own);
            struct answer *answer = refresh(&own, person.refresh);
            const char *token = answer->status == 200 ? text_of(answer, "refresh_token") : NULL;
            _exit(token != NULL && strlen(token) == BYTES && write(ends[1], token, BYTES) == BYTES ? 0 : 1);
        }
    for (int i = 0; i < TABS; i++) {
        int status;
        cr_assert_gt(wait(&status), 0);
        cr_assert_eq(status, 0);
    }
    for (int i = 0; i < TABS; i++) {
        cr_assert_eq(read(ends[0], tokens[i], BYTES), BYTES);
        cr_assert_eq(memcmp(tokens[i], tokens[0], BYTES), 0);
    }
    cr_assert_eq(refresh(&stand, cab_strndup(stand.mem, tokens[0], BYTES))->status, 200);
    stand_close(&stand);
}

static void check_ended(struct stand *stand, const struct person *person, const char *access, const char *latest) {
    struct answer *answer = refresh(stand, person->refresh);
    cr_assert_eq(answer->status, 401, "%s", answer->body);
    cr_assert_eq(me(stand, access), 401);
    cr_assert_eq(refresh(stand, latest)->status, 401);
    cr_assert_str_eq(
        stand_value(stand,
                    "SELECT count(*) FROM public.audit_logs WHERE action = 'refresh_reuse' AND NOT success "
                    "AND user_id = $1::bigint",
                    person->id),
        "1");
}

Test(refresh, an_older_token_ends_the_session) {
    struct stand stand;
    stand_open(&stand);
    struct person person = make_person(&stand);
    struct answer *first = refresh(&stand, person.refresh), *second = refresh(&stand, text_of(first, "refresh_token"));
    check_ended(&stand, &person, text_of(second, "access_token"), text_of(second, "refresh_token"));
    stand_close(&stand);
}

Test(refresh, the_grace_is_short) {
    struct stand stand;
    stand_open(&stand);
    struct person person = make_person(&stand);
    struct answer *first = refresh(&stand, person.refresh);
    stand_value(&stand, "UPDATE public.sessions SET last_used = last_used - interval '11 s' WHERE user_id = $1::bigint",
                person.id);
    check_ended(&stand, &person, text_of(first, "access_token"), text_of(first, "refresh_token"));
    stand_close(&stand);
}

Test(refresh, ends_with_idleness_and_age) {
    struct stand stand;
    stand_open(&stand);
    struct person person = make_person(&stand);
    stand_value(&stand,
                "UPDATE public.sessions SET date_created = now() - interval '30 days' + interval '60 s' "
                "WHERE user_id = $1::bigint",
                person.id);
    struct answer *answer = refresh(&stand, person.refresh);
    cr_assert_eq(answer->status, 200, "%s", answer->body);
    cr_assert_str_eq(
        stand_value(&stand, "SELECT expires <= now() + interval '60 s' FROM public.sessions WHERE user_id = $1::bigint",
                    person.id),
        "t");
    stand_value(&stand, "UPDATE public.sessions SET expires = now() WHERE user_id = $1::bigint", person.id);
    cr_assert_eq(refresh(&stand, text_of(answer, "refresh_token"))->status, 401);
    stand_close(&stand);
}

Test(refresh, is_refused_to_who_was_shut_out) {
    struct stand stand;
    stand_open(&stand);
    struct person person = make_person(&stand);
    stand_value(&stand, "UPDATE public.users SET banned_at = now() WHERE id = $1::bigint", person.id);
    cr_assert_eq(refresh(&stand, person.refresh)->status, 401);
    stand_close(&stand);
}

Test(refresh, a_cookie_counts_only_from_the_own_site) {
    struct stand stand;
    stand_open(&stand);
    struct person person = make_person(&stand);
    stand.conf.cors_origins = "https://app.example, https://other.example";
    stand.conf.public_url = "https://public.example/";
    const char *cookie = cab_printf(stand.mem, "a=b; refresh_token=%s; c=d", person.refresh);
    static const struct {
        const char *origin, *site;
        int status;
    } cases[] = {
        { "https://evil.example", "", 403 },
        { "http://cabinet.example", "", 403 },
        { "null", "", 403 },
        { "https://cabinet.example.evil", "", 403 },
        { "https://app.example.evil", "", 403 },
        { "", "cross-site", 403 },
        { "https://public.example.evil", "", 403 },
        { "https://public.example", "", 200 },
        { "https://cabinet.example", "", 200 },
        { "https://app.example", "", 200 },
        { "https://other.example", "cross-site", 200 },
        { "", "same-origin", 200 },
        { "", "", 200 },
    };
    for (size_t i = 0; i < CAB_LENGTH(cases); i++) {
        struct answer *answer = stand_ask(
            &stand, "POST", "/auth/refresh", NULL, NULL,
            WITH("HTTP_COOKIE", cookie, "HTTP_ORIGIN", cases[i].origin, "HTTP_SEC_FETCH_SITE", cases[i].site));
        cr_assert_eq(answer->status, cases[i].status, "%s %s: %s", cases[i].origin, cases[i].site, answer->body);
        if (answer->status == 200) {
            const char *next = header_of(&stand, answer, "Set-Cookie");
            cr_assert_eq(strncmp(next, "refresh_token=", 14), 0);
            cookie = next;
        }
    }
    cr_assert_eq(stand_ask(&stand, "POST", "/auth/refresh", NULL, NULL, NULL)->status, 401);
    stand_close(&stand);
}

Test(sessions, logout_ends_this_session_at_once) {
    struct stand stand;
    stand_open(&stand);
    struct person person = make_person(&stand);
    const char *other = text_of(login(&stand, person.name, PASSWORD), "access_token");
    struct answer *answer = stand_ask(&stand, "POST", "/auth/logout", person.access, NULL, NULL);
    cr_assert_eq(answer->status, 204);
    cr_assert_not_null(strstr(answer->headers, "Set-Cookie: refresh_token=; Max-Age=0; Path=/api/v1/auth"));
    cr_assert_eq(me(&stand, person.access), 401);
    cr_assert_eq(me(&stand, other), 200);
    cr_assert_eq(refresh(&stand, person.refresh)->status, 401);
    cr_assert_eq(stand_ask(&stand, "POST", "/auth/logout", person.access, NULL, NULL)->status, 401);
    cr_assert_str_eq(stand_value(&stand,
                                 "SELECT count(*) FROM public.audit_logs WHERE action = 'logout' AND success "
                                 "AND user_id = $1::bigint AND actor_id = user_id",
                                 person.id),
                     "1");
    stand_close(&stand);
}

Test(sessions, only_the_own_ones_are_seen_and_ended) {
    struct stand stand;
    stand_open(&stand);
    struct person anna = make_person(&stand), bert = make_person(&stand);
    const char *second = text_of(login(&stand, anna.name, PASSWORD), "access_token");
    struct answer *answer = stand_ask(&stand, "GET", "/auth/sessions", second, NULL, NULL);
    cr_assert_eq(answer->status, 200, "%s", answer->body);
    const struct cab_json *items = cab_json_get(answer->json, "items");
    const char *other_id = NULL;
    cr_assert_eq(cab_json_count(items), 2);
    for (size_t i = 0; i < 2; i++) {
        const struct cab_json *item = cab_json_item(items, i);
        cr_assert_str_eq(cab_json_text(cab_json_get(item, "ip"), NULL), "192.0.2.7");
        if (!cab_json_bool(cab_json_get(item, "current")))
            other_id = cab_json_text(cab_json_get(item, "id"), NULL);
    }
    cr_assert_not_null(other_id);
    const char *path = cab_printf(stand.mem, "/auth/sessions/%s", other_id);
    cr_assert_eq(stand_ask(&stand, "DELETE", path, bert.access, NULL, NULL)->status, 404);
    cr_assert_eq(me(&stand, anna.access), 200);
    cr_assert_eq(stand_ask(&stand, "DELETE", path, second, NULL, NULL)->status, 204);
    cr_assert_eq(me(&stand, anna.access), 401);
    cr_assert_eq(stand_ask(&stand, "DELETE", path, second, NULL, NULL)->status, 404);
    cr_assert_eq(stand_ask(&stand, "DELETE", "/auth/sessions/1", second, NULL, NULL)->status, 404);
    cr_assert_eq(stand_ask(&stand, "GET", "/auth/sessions?page=1", second, NULL, NULL)->status, 400);
    cr_assert_str_eq(stand_value(&stand,
                                 "SELECT count(*) FROM public.audit_logs WHERE action = 'session_revoked' "
                                 "AND user_id = $1::bigint",
                                 anna.id),
                     "1");
    cr_assert_str_eq(stand_value(&stand,
                                 "SELECT count(*) FROM public.audit_logs WHERE action = 'session_revoked' "
                                 "AND user_id = $1::bigint",
                                 bert.id),
                     "0");
    stand_close(&stand);
}

static struct answer *change(struct stand *stand, const char *access, const char *current, const char *new) {
    return stand_ask(stand, "POST", "/auth/change-password", access,
                     cab_printf(stand->mem, "{\"current_password\":\"%s\",\"new_password\":\"%s\"}", current, new),
                     NULL);
}

Test(change_password, ends_the_other_sessions_only) {
    struct stand stand;
    stand_open(&stand);
    struct person person = make_person(&stand);
    struct answer *other = login(&stand, person.name, PASSWORD);
    struct answer *answer = change(&stand, person.access, PASSWORD, "a quite new password");
    cr_assert_eq(answer->status, 200, "%s", answer->body);
    cr_assert_str_eq(text_of(answer, "sessions_ended"), "1");
    cr_assert_eq(me(&stand, person.access), 200);
    cr_assert_eq(refresh(&stand, person.refresh)->status, 200);
    cr_assert_eq(me(&stand, text_of(other, "access_token")), 401);
    cr_assert_eq(refresh(&stand, text_of(other, "refresh_token"))->status, 401);
    cr_assert_eq(login(&stand, person.name, PASSWORD)->status, 401);
    cr_assert_eq(login(&stand, person.name, "a quite new password")->status, 200);
    cr_assert_str_eq(stand_value(&stand,
                                 "SELECT count(*) FROM public.audit_logs WHERE action = 'password_change' AND success "
                                 "AND user_id = $1::bigint AND before IS NULL AND after IS NULL",
                                 person.id),
                     "1");
    stand_close(&stand);
}

Test(change_password, wants_the_current_one_and_a_good_new_one) {
    struct stand stand;
    stand_open(&stand);
    struct person person = make_person(&stand);
    struct answer *answer = change(&stand, person.access, "not the password", "a quite new password");
    cr_assert_eq(answer->status, 422, "%s", answer->body);
    cr_assert_str_eq(flaw_of(answer, "current_password"), "wrong_password");
    cr_assert_str_eq(flaw_of(change(&stand, person.access, PASSWORD, "password123"), "new_password"), "too_common");
    cr_assert_str_eq(flaw_of(change(&stand, person.access, PASSWORD, person.email), "new_password"), "too_easy");
    answer = stand_ask(&stand, "POST", "/auth/change-password", person.access, "{\"new_pasword\":\"x\"}", NULL);
    cr_assert_eq(answer->status, 422);
    cr_assert_str_eq(flaw_of(answer, "new_pasword"), "unknown");
    cr_assert_str_eq(flaw_of(answer, "current_password"), "required");
    cr_assert_eq(login(&stand, person.name, PASSWORD)->status, 200);
    cr_assert_eq(change(&stand, NULL, PASSWORD, "a quite new password")->status, 401);
    cr_assert_str_eq(
        stand_value(&stand,
                    "SELECT count(*) FROM public.audit_logs WHERE action = 'password_change' AND NOT success "
                    "AND user_id = $1::bigint",
                    person.id),
        "1");
    stand_close(&stand);
}
