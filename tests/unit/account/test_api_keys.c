#include "stand.h"
#include "statements.h"

#include <string.h>
#include <unistd.h>

static struct answer *create(struct stand *stand, const struct person *person, const char *scopes, const char *more) {
    return stand_ask(stand, "POST", "/auth/api-keys", person->access,
                     cab_printf(stand->mem, "{\"name\":\"a robot\",\"password\":\"%s\",\"scopes\":[%s]%s}", PASSWORD,
                                scopes, more),
                     NULL);
}

static const char *make_key(struct stand *stand, const struct person *person, const char *scopes) {
    struct answer *answer = create(stand, person, scopes, "");
    cr_assert_eq(answer->status, 201, "%s", answer->body);
    return text_of(answer, "key");
}

static int status_of(struct stand *stand, const char *method, const char *path, const char *key, const char *body) {
    return stand_ask(stand, method, path, key, body, NULL)->status;
}

static int me(struct stand *stand, const char *key) {
    return status_of(stand, "GET", "/users/me", key, NULL);
}

Test(api_keys, is_shown_once_and_kept_as_a_hash) {
    struct stand stand;
    stand_open(&stand);
    struct person person = make_person(&stand);
    struct answer *made = create(&stand, &person, "\"read\"", ",\"expires_in_days\":7");
    const char *key = text_of(made, "key");

    cr_assert_eq(made->status, 201, "%s", made->body);
    cr_assert_eq(strlen(key), 47);
    cr_assert_eq(strncmp(key, text_of(made, "prefix"), 12), 0);
    cr_assert_eq(me(&stand, key), 200);
    struct answer *list = stand_ask(&stand, "GET", "/auth/api-keys", person.access, NULL, NULL);
    cr_assert_eq(list->status, 200);
    cr_assert_not_null(strstr(list->body, text_of(made, "prefix")));
    cr_assert_null(strstr(list->body, key));
    cr_assert_not_null(strstr(list->body, "\"last_used\":\"20"), "%s", list->body);
    cr_assert_str_eq(stand_value(&stand,
                                 "SELECT count(*) FROM public.api_keys AS k "
                                 "WHERE encode(k.key_hash, 'hex') = encode(sha256($1::bytea), 'hex') "
                                 "AND k.expires BETWEEN now() + interval '6 d' AND now() + interval '8 d'", key), "1");
    cr_assert_str_eq(stand_value(&stand, "SELECT count(*) FROM public.audit_logs WHERE action = 'api_key_created' "
                                 "AND user_id = $1::bigint AND success", person.id), "1");
    cr_assert_str_eq(stand_value(&stand, "SELECT count(*) FROM public.mail_outbox WHERE kind = 'api_key_created' "
                                 "AND user_id = $1::bigint", person.id), "1");
    stand_close(&stand);
}

Test(api_keys, needs_the_password) {
    struct stand stand;
    stand_open(&stand);
    struct person person = make_person(&stand);
    struct answer *answer = stand_ask(&stand, "POST", "/auth/api-keys", person.access,
                                      "{\"name\":\"x\",\"password\":\"not this one\",\"scopes\":[\"read\"]}", NULL);
    cr_assert_eq(answer->status, 422);
    cr_assert_str_eq(flaw_of(answer, "password"), "wrong_password");
    cr_assert_str_eq(stand_value(&stand, "SELECT count(*) FROM public.audit_logs WHERE action = 'api_key_created' "
                                 "AND user_id = $1::bigint AND NOT success", person.id), "1");
    stand_close(&stand);
}

Test(api_keys, refuses_what_it_cannot_give) {
    static const struct { const char *scopes, *more, *field, *code; } cases[] = {
        { "\"reed\"", "", "scopes", "unknown_scope" },
        { "\"sessions:read\"", "", "scopes", "unknown_scope" },
        { "\"users:delete\"", "", "scopes", "unknown_scope" },
        { "\"admin\"", "", "scopes", "not_allowed" },
        { "", "", "scopes", "wrong_count" },
        { "1", "", "scopes", "wrong_type" },
        { "\"read\"", ",\"expires_in_days\":0", "expires_in_days", "out_of_range" },
        { "\"read\"", ",\"expires_in_days\":366", "expires_in_days", "out_of_range" },
        { "\"read\"", ",\"expires_in_days\":\"7\"", "expires_in_days", "out_of_range" },
    };
    struct stand stand;
    stand_open(&stand);
    struct person person = make_person(&stand);
    for (size_t i = 0; i < CAB_LENGTH(cases); i++) {
        struct answer *answer = create(&stand, &person, cases[i].scopes, cases[i].more);
        cr_assert_eq(answer->status, 422, "%s", answer->body);
        cr_expect_str_eq(flaw_of(answer, cases[i].field), cases[i].code, "%zu: %s", i, answer->body);
    }
    stand.conf.max_api_keys_per_user = 1;
    make_key(&stand, &person, "\"read\"");
    cr_assert_eq(create(&stand, &person, "\"read\"", "")->status, 409);
    cr_assert_str_eq(stand_value(&stand, "SELECT count(*) FROM public.mail_outbox WHERE kind = 'api_key_created' "
                                 "AND user_id = $1::bigint", person.id), "1");
    stand_close(&stand);
}

Test(api_keys, reach_as_far_as_their_scopes) {
    struct stand stand;
    stand_open(&stand);
    struct person person = make_person(&stand);
    const char *reading = make_key(&stand, &person, "\"read\""), *writing = make_key(&stand, &person, "\"write\""),
               *of_users = make_key(&stand, &person, "\"users:read\""),
               *of_trail = make_key(&stand, &person, "\"audit_logs:read\"");
    const char *body = cab_printf(stand.mem, "{\"username\":\"%s\"}", unique_name(&stand));

    cr_assert_eq(status_of(&stand, "PUT", "/users/me", reading, body), 403);
    cr_assert_eq(status_of(&stand, "PUT", "/users/me", of_users, body), 403);
    cr_assert_eq(status_of(&stand, "PUT", "/users/me", writing, body), 200);
    cr_assert_eq(me(&stand, writing), 200);
    cr_assert_eq(me(&stand, of_users), 200);
    struct answer *answer = stand_ask(&stand, "GET", "/users/me", of_trail, NULL, NULL);
    cr_assert_eq(answer->status, 403);
    cr_assert_str_eq(text_of(answer, "code"), "insufficient_scope");
    cr_assert_not_null(strstr(answer->headers, "error=\"insufficient_scope\""));
    cr_assert_eq(status_of(&stand, "GET", "/users", of_trail, NULL), 403);
    cr_assert_eq(status_of(&stand, "GET", "/admin/audit-logs", of_trail, NULL), 403, "a scope gives no right");
    cr_assert_str_eq(stand_value(&stand, "SELECT actor_id = user_id OR user_id IS NULL FROM public.audit_logs "
                                 "WHERE action = 'row_update' AND table_name = 'users' AND actor_id = $1::bigint",
                                 person.id), "t");
    stand_close(&stand);
}

Test(api_keys, cannot_touch_the_account_itself) {
    static const char *const routes[][2] = {
        { "GET", "/auth/api-keys" }, { "POST", "/auth/api-keys" }, { "GET", "/auth/sessions" },
        { "POST", "/auth/logout" }, { "POST", "/auth/change-password" }, { "POST", "/auth/change-email" },
        { "POST", "/auth/request-account-deletion" }, { "GET", "/users/me/export" },
    };
    struct stand stand;
    stand_open(&stand);
    struct person person = make_superuser(&stand);
    const char *key = make_key(&stand, &person, "\"admin\"");
    for (size_t i = 0; i < CAB_LENGTH(routes); i++) {
        struct answer *answer = stand_ask(&stand, routes[i][0], routes[i][1], key, NULL, NULL);
        cr_expect_eq(answer->status, 403, "%s: %s", routes[i][1], answer->body);
        cr_expect_str_eq(text_of(answer, "code"), "session_required");
    }
    stand_close(&stand);
}

Test(api_keys, of_superusers_are_ordinary_without_admin) {
    struct stand stand;
    stand_open(&stand);
    struct person person = make_superuser(&stand);
    const char *ordinary = make_key(&stand, &person, "\"write\""), *admin = make_key(&stand, &person, "\"admin\"");
    cr_assert_eq(status_of(&stand, "GET", "/admin/audit-logs?size=1", ordinary, NULL), 403);
    cr_assert_eq(status_of(&stand, "GET", "/admin/audit-logs?size=1", admin, NULL), 200);
    cr_assert_eq(status_of(&stand, "GET", "/users?is_deleted=true&size=1", ordinary, NULL), 403);
    cr_assert_eq(status_of(&stand, "GET", "/users?is_deleted=true&size=1", admin, NULL), 200);
    stand_value(&stand, "UPDATE public.users SET is_superuser = false WHERE id = $1::bigint", person.id);
    cr_assert_eq(status_of(&stand, "GET", "/admin/audit-logs?size=1", admin, NULL), 403, "at once");
    cr_assert_eq(me(&stand, admin), 200);
    stand_close(&stand);
}

Test(api_keys, end_at_once) {
    struct stand stand;
    stand_open(&stand);
    struct person person = make_person(&stand), other = make_person(&stand);
    struct answer *made = create(&stand, &person, "\"read\"", "");
    const char *key = text_of(made, "key"), *path = cab_printf(stand.mem, "/auth/api-keys/%s", text_of(made, "id"));

    cr_assert_eq(me(&stand, key), 200);
    cr_assert_eq(status_of(&stand, "DELETE", path, other.access, NULL), 404);
    cr_assert_eq(me(&stand, key), 200);
    cr_assert_eq(status_of(&stand, "DELETE", path, person.access, NULL), 204);
    cr_assert_eq(me(&stand, key), 401);
    cr_assert_eq(status_of(&stand, "DELETE", path, person.access, NULL), 404);
    cr_assert_eq(status_of(&stand, "DELETE", "/auth/api-keys/x", person.access, NULL), 404);
    cr_assert_str_eq(stand_value(&stand, "SELECT count(*) FROM public.audit_logs WHERE action = 'api_key_revoked' "
                                 "AND user_id = $1::bigint", person.id), "1");

    key = make_key(&stand, &person, "\"read\"");
    cr_assert_eq(me(&stand, key), 200);
    stand_value(&stand, "UPDATE public.users SET banned_at = now() WHERE id = $1::bigint", person.id);
    cr_assert_eq(me(&stand, key), 401);
    stand_value(&stand, "UPDATE public.users SET banned_at = NULL, deleted_at = now() WHERE id = $1::bigint",
                person.id);
    cr_assert_eq(me(&stand, key), 401);
    stand_value(&stand, "UPDATE public.users SET deleted_at = NULL WHERE id = $1::bigint", person.id);
    cr_assert_eq(me(&stand, key), 200);
    stand_value(&stand, "UPDATE public.api_keys SET expires = now() WHERE user_id = $1::bigint", person.id);
    cr_assert_eq(me(&stand, key), 401);
    stand_close(&stand);
}

Test(api_keys, are_replaced_with_or_without_an_overlap) {
    struct stand stand;
    stand_open(&stand);
    struct person person = make_person(&stand);
    struct answer *made = create(&stand, &person, "\"read\"", "");
    const char *first = text_of(made, "key"),
               *path = cab_printf(stand.mem, "/auth/api-keys/%s/rotate", text_of(made, "id"));
    cr_assert_eq(me(&stand, first), 200);
    struct answer *answer = stand_ask(&stand, "POST", path, person.access,
                                      "{\"password\":\"" PASSWORD "\",\"overlap\":60}", NULL);
    cr_assert_eq(answer->status, 200, "%s", answer->body);
    const char *second = text_of(answer, "key");
    cr_assert_str_neq(first, second);
    cr_assert_eq(me(&stand, first), 200);
    cr_assert_eq(me(&stand, second), 200);
    stand_value(&stand, "UPDATE public.api_keys SET previous_expires = now() WHERE user_id = $1::bigint", person.id);
    cr_assert_eq(me(&stand, first), 401);
    cr_assert_eq(me(&stand, second), 200);
    answer = stand_ask(&stand, "POST", path, person.access, "{\"password\":\"" PASSWORD "\"}", NULL);
    cr_assert_eq(answer->status, 200, "%s", answer->body);
    cr_assert_eq(me(&stand, second), 401);
    cr_assert_eq(me(&stand, text_of(answer, "key")), 200);
    cr_assert_eq(status_of(&stand, "POST", path, person.access, "{\"password\":\"wrong one\"}"), 422);
    cr_assert_eq(status_of(&stand, "POST", path, person.access, "{\"password\":\"x\",\"overlap\":604801}"), 422);
    stand_close(&stand);
}

Test(api_keys, of_others_making_are_refused) {
    struct stand stand;
    stand_open(&stand);
    cr_assert_eq(me(&stand, "cbk_"), 401);
    cr_assert_eq(me(&stand, "cbk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), 401);
    stand_close(&stand);
}

/* The trail and the row's writes cost nothing per request. */
Test(api_keys, use_is_noted_once_a_minute) {
    struct stand stand;
    stand_open(&stand);
    struct person person = make_person(&stand);
    const char *key = make_key(&stand, &person, "\"read\"");
    cr_assert_eq(me(&stand, key), 200);
    const char *first = stand_value(&stand, "SELECT xmin FROM public.api_keys WHERE user_id = $1::bigint", person.id);
    for (int i = 0; i < 3; i++)
        cr_assert_eq(me(&stand, key), 200);
    cr_assert_str_eq(stand_value(&stand, "SELECT xmin FROM public.api_keys WHERE user_id = $1::bigint", person.id),
                     first);
    stand_close(&stand);
}

Test(api_keys, that_expired_long_ago_are_removed) {
    struct stand stand;
    stand_open(&stand);
    struct person person = make_person(&stand);
    struct cab_err err = { 0 };
    for (int i = 0; i < 3; i++)
        make_key(&stand, &person, "\"read\"");
    stand_value(&stand, "UPDATE public.api_keys AS k SET expires = now() - interval '29 days' * o.nth "
                "FROM (SELECT id, row_number() OVER (ORDER BY id) - 1 AS nth FROM public.api_keys "
                "WHERE user_id = $1::bigint) AS o WHERE k.id = o.id", person.id);
    cr_assert_eq(cab_db_query(stand.db, stand.mem, CAB_SHAPE_ONE, cab_sql_text_job_expired_api_keys, 0, NULL, NULL,
                              &err), 0, "%s", err.internal);
    cr_assert_str_eq(stand_value(&stand, "SELECT count(*) FROM public.api_keys WHERE user_id = $1::bigint "
                                 "AND expires >= now() - interval '30 days'", person.id), "2");
    cr_assert_str_eq(stand_value(&stand, "SELECT count(*) FROM public.api_keys WHERE user_id = $1::bigint",
                                 person.id), "2");
    stand_close(&stand);
}
