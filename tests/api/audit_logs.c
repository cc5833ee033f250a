/* audit_logs: GET /api/v1/admin/audit-logs. */
#include "client.h"

#include <string.h>

#define LOGS "/api/v1/admin/audit-logs"

Test(audit_logs, are_for_superusers) {
    expect_problem(get(LOGS, NULL), 401, "unauthenticated");
    expect_problem(get(LOGS, someone()->token), 403, "forbidden");
}

Test(audit_logs, tell_of_one_persons_logins) {
    struct person *person = someone();
    login(person->email, PASSWORD);
    login(person->email, "not the password");
    struct answer *answer = get(fmt(LOGS "?user_id=%ld&action=login&page=1&size=50", person->id), admin());
    expect(answer, 200);
    cr_assert_eq(number(answer, "/total"), 2);
    cr_assert_eq(number(answer, "/size"), 50);
    cr_assert_eq(number(answer, "/items/0/user_id"), person->id);
    cr_assert_str_eq(text(answer, "/items/0/action"), "login");
    cr_assert_str_eq(text(answer, "/items/0/ip"), "127.0.0.1");
    cr_assert_eq(flag(answer, "/items/0/success"), true);
    cr_assert_str_not_empty(text(answer, "/items/0/request_id"));
    answer = get(fmt(LOGS "?user_id=%ld&success=false", person->id), admin());
    cr_assert_eq(number(answer, "/total"), 1);
    cr_assert_str_eq(text(answer, "/items/0/action"), "login_failed");
}

Test(audit_logs, newest_first_where_asked) {
    struct person *person = someone();
    struct answer *answer = get(fmt(LOGS "?user_id=%ld&sort=-date_created", person->id), admin());
    expect(answer, 200);
    cr_assert_str_eq(text(answer, "/items/0/action"), "login");
}

Test(audit_logs, show_what_changed) {
    struct person *other = registered();
    struct answer *change = patch(fmt("/api/v1/users/%ld", other->id), admin(), "{\"is_verified\":true}");
    expect(change, 200);
    struct answer *answer = get(fmt(LOGS "?request_id=%s&action=row_update", header(change, "X-Request-Id")), admin());
    expect(answer, 200);
    cr_assert_eq(number(answer, "/total"), 1);
    cr_assert_eq(flag(answer, "/items/0/after/is_verified"), true);
    cr_assert_eq(flag(answer, "/items/0/before/is_verified"), false);
    cr_assert_str_eq(text(answer, "/items/0/table_name"), "users");
    cr_assert_str_eq(text(answer, "/items/0/row_key"), fmt("%ld", other->id));
    cr_assert_neq(number(answer, "/items/0/actor_id"), other->id);
}

Test(audit_logs, filter_by_date_actor_and_table) {
    struct person *person = someone();
    put("/api/v1/users/me", person->token, fmt("{\"username\":\"%s\"}", unique("x")));
    struct answer *answer =
        get(fmt(LOGS "?actor_id=%ld&table_name=users&date_created__gte=2020-01-01", person->id), admin());
    expect(answer, 200);
    cr_assert_eq(number(answer, "/total"), 1);
    answer = get(fmt(LOGS "?actor_id=%ld&date_created__lt=2020-01-01", person->id), admin());
    expect(answer, 200);
    cr_assert_eq(number(answer, "/total"), 0);
}

Test(audit_logs, walk_by_cursor) {
    struct person *person = someone();
    for (int i = 0; i < 5; i++)
        put("/api/v1/users/me", person->token, fmt("{\"username\":\"%s\"}", unique("x")));
    char *path = fmt(LOGS "?actor_id=%ld&size=2&table_name=users", person->id);
    int n = 0;
    for (int steps = 0; path != NULL && steps < 10; steps++) {
        struct answer *answer = get(path, admin());
        expect(answer, 200);
        n += count(answer, "/items");
        path = flag(answer, "/has_next") ? fmt(LOGS "?actor_id=%ld&size=2&table_name=users&cursor=%s", person->id,
                                               text(answer, "/cursors/next"))
                                         : NULL;
    }
    cr_assert_eq(n, 5);
}

Test(audit_logs, are_strict_and_read_only) {
    expect_problem(get(LOGS "?acton=login", admin()), 400, "unknown_parameter");
    expect_problem(get(LOGS "?user_id=x", admin()), 422, "invalid");
    expect_problem(post(LOGS, admin(), "{}"), 405, "method_not_allowed");
    cr_assert_eq(drop(fmt(LOGS "/1"), admin())->status / 100, 4);
}

Test(audit_logs, hold_no_secrets) {
    struct person *person = someone();
    post("/api/v1/auth/change-password", person->token,
         fmt("{\"current_password\":\"%s\",\"new_password\":\"a brand new secret 42\"}", PASSWORD));
    struct answer *answer = get(fmt(LOGS "?user_id=%ld&size=100", person->id), admin());
    expect(answer, 200);
    cr_assert(strstr(answer->body, "argon2") == NULL);
    cr_assert(strstr(answer->body, "secret 42") == NULL);
    cr_assert(strstr(answer->body, PASSWORD) == NULL);
}
