/* users_admin: accounts made, changed, trashed, restored and purged by a superuser; one account by id. */
#include "client.h"

#include <string.h>

#define USERS "/api/v1/users"

static char *path_of(long id) { return fmt(USERS "/%ld", id); }

Test(users_admin, reads_one) {
    struct person *person = someone(), *other = registered();
    struct answer *answer = get(path_of(other->id), admin());
    expect(answer, 200);
    cr_assert_str_eq(text(answer, "/email"), other->email);
    answer = get(path_of(other->id), person->token);
    expect(answer, 200);
    cr_assert_eq(json_object_object_length(answer->json), 3, "%s", answer->body);
    cr_assert_str_eq(text(answer, "/username"), other->username);
    answer = get(path_of(person->id), person->token);
    expect(answer, 200);
    cr_assert_str_eq(text(answer, "/email"), person->email);
    expect_problem(get(path_of(other->id), NULL), 401, "unauthenticated");
}

Test(users_admin, knows_no_others) {
    expect_problem(get(USERS "/999999999", admin()), 404, "not_found");
    cr_assert_eq(get(USERS "/99999999999999999999", admin())->status / 100, 4);
    cr_assert_eq(get(USERS "/abc", admin())->status / 100, 4);
    cr_assert_eq(get(USERS "/1%27", admin())->status / 100, 4);
}

Test(users_admin, creates) {
    const char *name = unique("made");
    struct answer *answer = post(USERS, admin(),
                                 fmt("{\"email\":\"%s@example.org\",\"username\":\"%s\",\"password\":\"%s\","
                                     "\"is_verified\":true,\"is_superuser\":false}",
                                     name, name, PASSWORD));
    expect(answer, 201);
    cr_assert_eq(flag(answer, "/is_verified"), true);
    cr_assert_str_eq(header(answer, "Location"), path_of(number(answer, "/id")));
    cr_assert_not_null(header(answer, "ETag"));
    expect(login(name, PASSWORD), 200);
}

Test(users_admin, creates_superusers) {
    const char *name = unique("boss");
    struct answer *answer = post(USERS, admin(),
                                 fmt("{\"email\":\"%s@example.org\",\"username\":\"%s\",\"password\":\"%s\","
                                     "\"is_superuser\":true}",
                                     name, name, PASSWORD));
    expect(answer, 201);
    struct answer *session = login(name, PASSWORD);
    expect(get("/api/v1/admin/audit-logs?size=1", text(session, "/access_token")), 200);
}

Test(users_admin, creating_is_not_for_others) {
    struct person *person = someone();
    const char *name = unique("no");
    char *body = fmt("{\"email\":\"%s@example.org\",\"username\":\"%s\",\"password\":\"%s\"}", name, name, PASSWORD);
    expect_problem(post(USERS, person->token, body), 403, "forbidden");
    expect_problem(post(USERS, NULL, body), 401, "unauthenticated");
    expect_problem(login(name, PASSWORD), 401, "bad_credentials");
}

Test(users_admin, changes) {
    struct person *other = registered();
    struct answer *answer = patch(path_of(other->id), admin(), "{\"is_verified\":true}");
    expect(answer, 200);
    cr_assert_eq(flag(answer, "/is_verified"), true);
    cr_assert_str_eq(text(answer, "/username"), other->username);
    answer = put(path_of(other->id), admin(), "{\"is_verified\":false}");
    expect(answer, 200);
    cr_assert_eq(flag(answer, "/is_verified"), false);
    cr_assert_str_eq(text(answer, "/email"), other->email);
    expect_problem(patch(path_of(999999999), admin(), "{\"is_verified\":true}"), 404, "not_found");
}

Test(users_admin, a_superuser_is_one_at_once) {
    struct person *person = someone();
    expect_problem(get("/api/v1/admin/audit-logs", person->token), 403, "forbidden");
    expect(patch(path_of(person->id), admin(), "{\"is_superuser\":true}"), 200);
    expect(get("/api/v1/admin/audit-logs?size=1", person->token), 200);
    expect(patch(path_of(person->id), admin(), "{\"is_superuser\":false}"), 200);
    expect_problem(get("/api/v1/admin/audit-logs", person->token), 403, "forbidden");
}

Test(users_admin, others_change_only_themselves) {
    struct person *person = someone(), *other = registered();
    struct answer *answer = patch(path_of(other->id), person->token, "{\"username\":\"stolen-name\"}");
    cr_assert(answer->status == 403 || answer->status == 404, "%d", answer->status);
    expect(patch(path_of(person->id), person->token, fmt("{\"username\":\"%s\"}", unique("own"))), 200);
    answer = patch(path_of(person->id), person->token, "{\"is_superuser\":true}");
    expect_problem(answer, 422, "invalid");
    expect_flaw(answer, "field", "is_superuser", "read_only");
}

Test(users_admin, trashes_and_restores) {
    struct person *person = someone();
    expect(drop(path_of(person->id), admin()), 204);
    expect_problem(get(path_of(person->id), admin()), 404, "not_found");
    expect_problem(get("/api/v1/users/me", person->token), 401, "unauthenticated");
    expect_problem(login(person->email, PASSWORD), 401, "bad_credentials");
    expect_problem(drop(path_of(person->id), admin()), 404, "not_found");
    cr_assert_str_eq(sql(fmt("SELECT deleted_at IS NOT NULL FROM public.users WHERE id = %ld", person->id)), "t");
    struct answer *answer = post(fmt("%s/restore", path_of(person->id)), admin(), NULL);
    expect(answer, 200);
    cr_assert_eq(number(answer, "/id"), person->id);
    expect(login(person->email, PASSWORD), 200);
    cr_assert_str_eq(sql(fmt("SELECT string_agg(action, ',' ORDER BY id) FROM public.audit_logs WHERE table_name = "
                             "'users'"
                             " AND row_key = '%ld' AND action IN ('row_insert', 'row_delete', 'row_restore')",
                             person->id)),
                     "row_insert,row_delete,row_restore");
}

Test(users_admin, restoring_what_is_not_deleted_changes_nothing) {
    struct person *other = registered();
    const char *tag = header(get(path_of(other->id), admin()), "ETag");
    struct answer *answer = post(fmt("%s/restore", path_of(other->id)), admin(), NULL);
    expect(answer, 200);
    cr_assert_str_eq(header(answer, "ETag"), tag);
    expect_problem(post(USERS "/999999999/restore", admin(), NULL), 404, "not_found");
}

Test(users_admin, restoring_refuses_a_name_taken_meanwhile) {
    struct person *other = registered();
    expect(drop(path_of(other->id), admin()), 204);
    expect(post("/api/v1/auth/register", NULL,
                fmt("{\"email\":\"%s\",\"username\":\"%s\",\"password\":\"%s\"}", other->email, other->username,
                    PASSWORD)),
           201);
    expect_problem(post(fmt("%s/restore", path_of(other->id)), admin(), NULL), 409, "conflict");
}

Test(users_admin, purges) {
    struct person *other = registered();
    expect(drop(fmt("%s?permanent=true", path_of(other->id)), admin()), 204);
    cr_assert_str_eq(sql(fmt("SELECT count(*) FROM public.users WHERE id = %ld", other->id)), "0");
    expect_problem(post(fmt("%s/restore", path_of(other->id)), admin(), NULL), 404, "not_found");
    cr_assert_eq(drop(fmt("%s?permanent=maybe", path_of(other->id)), admin())->status, 422);
}

Test(users_admin, purges_from_the_trash) {
    struct person *other = registered();
    expect(drop(path_of(other->id), admin()), 204);
    expect(drop(fmt("%s?permanent=true", path_of(other->id)), admin()), 204);
    cr_assert_str_eq(sql(fmt("SELECT count(*) FROM public.users WHERE id = %ld", other->id)), "0");
}

Test(users_admin, deletes_under_a_condition) {
    struct person *other = registered();
    const char *tag = header(get(path_of(other->id), admin()), "ETag");
    expect(patch(path_of(other->id), admin(), "{\"is_verified\":true}"), 200);
    struct answer *answer = ASK(.method = "DELETE", .path = path_of(other->id), .token = admin(),
                                .headers = { fmt("If-Match: %s", tag) });
    expect_problem(answer, 412, "precondition_failed");
}

Test(users_admin, honours_prefer_return) {
    struct person *other = registered();
    struct answer *answer = ASK(.method = "DELETE", .path = path_of(other->id), .token = admin(),
                                .headers = { "Prefer: return=representation" });
    expect(answer, 200);
    cr_assert_eq(number(answer, "/id"), other->id);
    other = registered();
    answer = ASK(.method = "PATCH", .path = path_of(other->id), .token = admin(), .body = "{\"is_verified\":true}",
                 .headers = { "Prefer: return=minimal" });
    cr_assert(answer->status == 204 || (answer->status == 200 && answer->size == 0), "%d %s", answer->status,
              answer->body);
    cr_assert(strstr(header(answer, "Preference-Applied"), "return=minimal") != NULL);
}
