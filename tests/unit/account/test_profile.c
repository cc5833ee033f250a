#include "stand.h"

#include <string.h>

static struct answer *send(struct stand *stand, const char *method, const char *path, const char *access,
                           const char *body) {
    return stand_ask(stand, method, path, access, body, NULL);
}

Test(me, shows_the_persons_own_columns) {
    struct stand stand;
    stand_open(&stand);
    struct person person = make_person(&stand);
    struct answer *answer = send(&stand, "GET", "/users/me", person.access, NULL);
    cr_assert_eq(answer->status, 200, "%s", answer->body);
    cr_assert_str_eq(text_of(answer, "id"), person.id);
    cr_assert_str_eq(text_of(answer, "email"), person.email);
    cr_assert_str_eq(text_of(answer, "is_superuser"), "false");
    cr_assert_null(strstr(answer->body, "row_version"));
    cr_assert_eq(stand_ask(&stand, "GET", "/users/me", person.access, NULL,
                           WITH("HTTP_IF_NONE_MATCH", header_of(&stand, answer, "ETag")))
                     ->status,
                 304);
    cr_assert_eq(send(&stand, "GET", "/users/me", NULL, NULL)->status, 401);
    stand_close(&stand);
}

Test(me, put_and_patch_merge) {
    struct stand stand;
    stand_open(&stand);
    struct person person = make_person(&stand);
    const char *name = unique_name(&stand);
    struct answer *answer =
        send(&stand, "PUT", "/users/me", person.access, cab_printf(stand.mem, "{\"username\":\"%s\"}", name));
    cr_assert_eq(answer->status, 200, "%s", answer->body);
    cr_assert_str_eq(text_of(answer, "username"), name);
    cr_assert_str_eq(text_of(answer, "email"), person.email);
    answer = send(&stand, "PATCH", "/users/me", person.access,
                  cab_printf(stand.mem, "{\"username\":\"%s\xEF\xAC\x81\"}", name));
    cr_assert_eq(answer->status, 200, "%s", answer->body);
    cr_assert_str_eq(text_of(answer, "username"), cab_printf(stand.mem, "%sfi", name));
    cr_assert_str_eq(
        stand_value(&stand,
                    "SELECT count(*) FROM public.audit_logs WHERE action = 'row_update' AND actor_id = $1::bigint "
                    "AND table_name = 'users' AND row_key = $1::bigint::text",
                    person.id),
        "2");
    stand_close(&stand);
}

Test(me, refuses_what_is_not_ones_own_to_change) {
    struct stand stand;
    stand_open(&stand);
    struct person person = make_person(&stand);
    const char *self = cab_printf(stand.mem, "/users/%s", person.id), *const paths[] = { "/users/me", self };
    for (size_t i = 0; i < CAB_LENGTH(paths); i++) {
        struct answer *answer =
            send(&stand, "PATCH", paths[i], person.access,
                 "{\"is_superuser\":true,\"is_verified\":true,\"id\":1,\"banned_at\":null,\"username\":\"x\"}");
        cr_assert_eq(answer->status, 422, "%s", answer->body);
        cr_expect_str_eq(flaw_of(answer, "is_superuser"), "read_only");
        cr_expect_str_eq(flaw_of(answer, "is_verified"), "read_only");
        cr_expect_str_eq(flaw_of(answer, "id"), "read_only");
        cr_expect_str_eq(flaw_of(answer, "banned_at"), "read_only");
        cr_expect_str_eq(flaw_of(answer, "username"), "too_short");
        answer = send(&stand, "PATCH", paths[i], person.access, "{\"email\":\"new@example.org\"}");
        cr_assert_eq(answer->status, 422);
        cr_assert_str_eq(text_of(answer, "code"), "use_change_email");
    }
    cr_assert_str_eq(
        stand_value(&stand, "SELECT is_superuser OR is_verified FROM public.users WHERE id = $1::bigint", person.id),
        "f");
    stand_close(&stand);
}

Test(users, others_are_not_changed_by_ordinary_people) {
    struct stand stand;
    stand_open(&stand);
    struct person anna = make_person(&stand), bert = make_person(&stand);
    const char *path = cab_printf(stand.mem, "/users/%s", bert.id);
    int status = send(&stand, "PATCH", path, anna.access, "{\"username\":\"stolen\"}")->status;
    cr_assert(status == 403 || status == 404, "%d", status);
    cr_assert_eq(send(&stand, "DELETE", path, anna.access, NULL)->status, 403);
    cr_assert_eq(send(&stand, "DELETE", cab_printf(stand.mem, "/users/%s", anna.id), anna.access, NULL)->status, 403);
    cr_assert_eq(send(&stand, "POST", cab_printf(stand.mem, "%s/restore", path), anna.access, "")->status, 403);
    cr_assert_eq(send(&stand, "POST", "/users", anna.access, "{}")->status, 403);
    cr_assert_eq(send(&stand, "DELETE", path, NULL, NULL)->status, 401);
    stand_close(&stand);
}

Test(users, superusers_make_and_change_accounts) {
    struct stand stand;
    stand_open(&stand);
    struct person boss = make_superuser(&stand);
    const char *name = unique_name(&stand);
    struct answer *answer = send(&stand, "POST", "/users", boss.access,
                                 cab_printf(stand.mem,
                                            "{\"email\":\"%s@example.org\",\"username\":\"%s\",\"password\":\"" PASSWORD
                                            "\",\"is_verified\":true}",
                                            name, name));
    cr_assert_eq(answer->status, 201, "%s", answer->body);
    cr_assert_str_eq(text_of(answer, "is_verified"), "true");
    const char *path = cab_printf(stand.mem, "/users/%s", text_of(answer, "id"));
    cr_assert_str_eq(header_of(&stand, answer, "Location"), cab_printf(stand.mem, "/api/v1%s", path));
    const char *access = text_of(login(&stand, name, PASSWORD), "access_token");
    answer = send(&stand, "PATCH", path, boss.access, "{\"email\":\"not an address\"}");
    cr_assert_eq(answer->status, 422, "%s", answer->body);
    answer = send(&stand, "PUT", path, boss.access,
                  cab_printf(stand.mem, "{\"email\":\"x%s@example.org\",\"is_superuser\":true}", name));
    cr_assert_eq(answer->status, 200, "%s", answer->body);
    cr_assert_str_eq(text_of(answer, "username"), name);
    cr_assert_eq(send(&stand, "GET", "/admin/audit-logs?size=1", access, NULL)->status,
                 200); /* at once, with the old token */
    answer = send(&stand, "PATCH", path, boss.access, "{\"banned_at\":\"2020-01-01T00:00:00Z\"}");
    cr_assert_eq(answer->status, 200, "%s", answer->body);
    cr_assert_eq(send(&stand, "GET", "/users/me", access, NULL)->status, 401);
    cr_assert_str_eq(stand_value(&stand,
                                 "SELECT count(*) FROM public.sessions AS s JOIN public.users AS u ON u.id = s.user_id "
                                 "WHERE u.username = $1",
                                 name),
                     "0");
    stand_close(&stand);
}

/* The code of a flaw of field, whose text is the comment of the check that was broken; else what was answered. */
static const char *refusal(struct stand *stand, const struct answer *answer, const char *field, const char *comment) {
    return answer->status == 422 && strstr(text_of(answer, "detail"), comment) != NULL && flaw_of(answer, field) != NULL
               ? flaw_of(answer, field) : cab_printf(stand->mem, "%d %s", answer->status, answer->body);
}

/* U+0085 is a control character to the server alone. */
#define EMAIL_COMMENT "The e-mail address must look like name@host, without spaces"
#define USERNAME_COMMENT "The username must have 3 to 50 characters without @ and control characters"

Test(users, what_the_server_alone_refuses_names_the_field) {
    struct stand stand;
    struct cab_err err = { 0 };
    stand_open(&stand);
    struct person boss = make_superuser(&stand), person = make_person(&stand);
    const char *path = cab_printf(stand.mem, "/users/%s", person.id), *name = unique_name(&stand);
    static const char *const creators[] = { "/auth/register", "/users" };
    for (size_t i = 0; i < CAB_LENGTH(creators); i++) {
        const char *access = i == 0 ? NULL : boss.access;
        struct answer *answer = send(&stand, "POST", creators[i], access,
                                     cab_printf(stand.mem, "{\"email\":\"a\\u0085%s@b.example\",\"username\":\"%s\","
                                                           "\"password\":\"" PASSWORD "\"}", name, name));
        cr_expect_str_eq(refusal(&stand, answer, "email", EMAIL_COMMENT), "check");
        answer = send(&stand, "POST", creators[i], access,
                      cab_printf(stand.mem, "{\"email\":\"%s@b.example\",\"username\":\"%s\\u0085x\","
                                            "\"password\":\"" PASSWORD "\"}", name, name));
        cr_expect_str_eq(refusal(&stand, answer, "username", USERNAME_COMMENT), "check");
    }
    static const char *const methods[] = { "PUT", "PATCH" };
    for (size_t i = 0; i < CAB_LENGTH(methods); i++) {
        struct answer *answer = send(&stand, methods[i], "/users/me", person.access, "{\"username\":\"a\\u0085bc\"}");
        cr_expect_str_eq(refusal(&stand, answer, "username", USERNAME_COMMENT), "check");
        answer = send(&stand, methods[i], path, boss.access, "{\"email\":\"a\\u0085bc@b.example\"}");
        cr_expect_str_eq(refusal(&stand, answer, "email", EMAIL_COMMENT), "check");
    }
    struct answer *answer = send(&stand, "PATCH", "/users/0", boss.access, "{\"email\":\"a\\u0085bc@b.example\"}");
    cr_expect_eq(answer->status, 404, "%s", answer->body); /* no row takes the value */

    cr_assert_eq(cab_db_exec(stand.db, "UPDATE public.users SET oauth_provider = repeat('x', 51)", &err), -1);
    struct cab_call call = { .mem = stand.mem, .catalog = stand.service.catalog };
    cab_call_translate(&call, &err);
    cr_assert_not_null(err.flaws);
    cr_expect_str_eq(err.flaws->name, "oauth_provider");
    cr_expect_str_eq(err.detail, "The provider's name must have 1 to 50 characters.");
    stand_close(&stand);
}

Test(users, trash_restore_and_purge) {
    struct stand stand;
    stand_open(&stand);
    struct person boss = make_superuser(&stand), person = make_person(&stand);
    const char *path = cab_printf(stand.mem, "/users/%s", person.id),
               *restore = cab_printf(stand.mem, "%s/restore", path);
    struct answer *answer = send(&stand, "DELETE", path, boss.access, NULL);
    cr_assert_eq(answer->status, 204, "%s", answer->body);
    cr_assert_eq(send(&stand, "GET", "/users/me", person.access, NULL)->status, 401);
    cr_assert_eq(login(&stand, person.name, PASSWORD)->status, 401);
    cr_assert_eq(send(&stand, "GET", path, boss.access, NULL)->status, 404);
    cr_assert_eq(send(&stand, "DELETE", path, boss.access, NULL)->status, 404);
    answer = send(&stand, "POST", restore, boss.access, "");
    cr_assert_eq(answer->status, 200, "%s", answer->body);
    cr_assert_eq(login(&stand, person.name, PASSWORD)->status, 200);

    /* the name is free while the account is in the trash */
    cr_assert_eq(send(&stand, "DELETE", path, boss.access, NULL)->status, 204);
    answer = send(&stand, "POST", "/auth/register", NULL,
                  cab_printf(stand.mem, "{\"email\":\"%s\",\"username\":\"n%s\",\"password\":\"" PASSWORD "\"}",
                             person.email, person.name));
    cr_assert_eq(answer->status, 201, "%s", answer->body);
    answer = send(&stand, "POST", restore, boss.access, "");
    cr_assert_eq(answer->status, 409, "%s", answer->body);
    cr_assert_str_eq(flaw_of(answer, "email"), "taken");

    cr_assert_eq(send(&stand, "DELETE", cab_printf(stand.mem, "%s?permanent=maybe", path), boss.access, NULL)->status,
                 422);
    answer = send(&stand, "DELETE", cab_printf(stand.mem, "%s?permanent=true", path), boss.access, NULL);
    cr_assert_eq(answer->status, 204, "%s", answer->body);
    cr_assert_str_eq(stand_value(&stand, "SELECT count(*) FROM public.users WHERE id = $1::bigint", person.id), "0");
    cr_assert_eq(send(&stand, "POST", restore, boss.access, "")->status, 404);
    stand_close(&stand);
}

/* Everything is rolled back, so that other tests keep their superusers. */
Test(users, a_last_superuser_stays) {
    struct stand stand;
    struct cab_err err = { 0 };
    stand_open(&stand);
    make_superuser(&stand);
    cr_assert_eq(cab_db_exec(stand.db, "BEGIN", &err), 0);
    cr_assert_eq(cab_db_exec(stand.db, "SELECT cabinet.superuser_remains()", &err), 0, "%s", err.internal);
    cr_assert_eq(cab_db_exec(stand.db, "UPDATE public.users SET banned_at = now() WHERE is_superuser", &err), 0, "%s",
                 err.internal);
    cr_assert_eq(cab_db_exec(stand.db, "SELECT cabinet.superuser_remains()", &err), -1);
    cr_assert_eq(err.problem, CAB_PROBLEM_LAST_SUPERUSER);
    cab_err_clear(&err);
    cr_assert_eq(cab_db_exec(stand.db, "ROLLBACK", &err), 0);
    stand_close(&stand);
}
