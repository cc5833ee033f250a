#include "http/internal.h"
#include "make_request.h"

#include <criterion/criterion.h>

static int handler(struct cab_call *call, struct cab_err *err) {
    (void)call;
    (void)err;
    return 0;
}

#define ROW(method, path, access) \
    { method, path, access, CAB_TX_READ, 0, false, handler, "a row of the tests", NULL, "200", NULL }

static const struct cab_route table[] = {
    ROW(CAB_POST, "/auth/login", CAB_ACCESS_ANYONE),
    ROW(CAB_DELETE, "/auth/sessions/{id}", CAB_ACCESS_USER),
    ROW(CAB_GET, "/users/me", CAB_ACCESS_USER),
    ROW(CAB_PUT, "/users/me", CAB_ACCESS_USER),
    ROW(CAB_POST, "/users", CAB_ACCESS_ADMIN),
    ROW(CAB_DELETE, "/users/{id}", CAB_ACCESS_ADMIN),
    ROW(CAB_GET, "/{table}", CAB_ACCESS_TABLE),
    ROW(CAB_POST, "/{table}", CAB_ACCESS_TABLE),
    ROW(CAB_GET, "/{table}/{id}", CAB_ACCESS_TABLE),
    ROW(CAB_DELETE, "/{table}/{id}", CAB_ACCESS_TABLE),
    ROW(CAB_POST, "/{table}/{id}/restore", CAB_ACCESS_TABLE),
    ROW(CAB_GET, "!/health/live", CAB_ACCESS_ANYONE),
    { .path = NULL },
};

static void *mem;
static struct cab_err err;
static const char *capture[4];

static void setup(void) {
    mem = cab_mem_alloc(NULL, 0);
}

static void teardown(void) {
    cab_mem_free(mem);
}

TestSuite(route, .init = setup, .fini = teardown);

/* The path of the row that is found, or the code of the problem. */
static const char *find(const char *method, const char *uri) {
    const struct cab_route *route = NULL;
    cab_err_clear(&err);
    if (cab_route_find_in(table, a_request(mem, method, uri, NULL), &route, capture, &err) != 0)
        return cab_problem_info(err.problem)->code;
    return route->path;
}

Test(route, literal_words_win_over_captures) {
    cr_assert_str_eq(find("GET", "/api/v1/users/me"), "/users/me");
    cr_assert_str_eq(find("GET", "/api/v1/users/5"), "/{table}/{id}");
    cr_assert_str_eq(capture[0], "users");
    cr_assert_str_eq(capture[1], "5");
    cr_assert_str_eq(find("DELETE", "/api/v1/users/5"), "/users/{id}");
    cr_assert_str_eq(capture[0], "5");
    cr_assert_null(capture[1]);
    cr_assert_str_eq(find("POST", "/api/v1/users"), "/users");
    cr_assert_str_eq(find("GET", "/api/v1/users"), "/{table}");
    cr_assert_str_eq(find("POST", "/api/v1/notes/a%2Fb/restore"), "/{table}/{id}/restore");
    cr_assert_str_eq(capture[1], "a/b");
    cr_assert_str_eq(find("GET", "/api/v1/users%2Fme"), "/{table}"); /* one word */
    cr_assert_str_eq(capture[0], "users/me");
    cr_assert_str_eq(find("GET", "/health/live"), "!/health/live");
}

Test(route, head_is_answered_by_get) {
    cr_assert_str_eq(find("HEAD", "/api/v1/users/me"), "/users/me");
    cr_assert_str_eq(find("HEAD", "/health/live"), "!/health/live");
}

Test(route, what_is_not_there_is_not_found) {
    static const char *const nowhere[] = {
        "/", "/api", "/api/v1", "/api/v1/", "/api/v1/users/", "/api/v1//users", "//api/v1/users", "/api/v2/users",
        "/API/v1/users", "/api/v1/users/5/", "/api/v1/a/b/c", "/api/v1/a/b/c/d", "/health", "/api/v1/health/live",
        "/users/me", "/api/v1/auth", "/api/v1/admin", "/api/v1/auth/x", "/api/v1/_x", "/api/v1/docs/1", "/health/live/",
        "/api/v1/a//restore", "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o",
    };
    for (size_t i = 0; i < CAB_LENGTH(nowhere); i++)
        cr_assert_str_eq(find("GET", nowhere[i]), "not_found", "%s", nowhere[i]);
}

Test(route, a_known_path_tells_its_methods) {
    cr_assert_str_eq(find("GET", "/api/v1/auth/login"), "method_not_allowed");
    cr_assert_str_eq(err.allow, "POST, OPTIONS");
    cr_assert_str_eq(find("DELETE", "/api/v1/users/me"), "method_not_allowed", "me is no id");
    cr_assert_str_eq(err.allow, "GET, HEAD, PUT, OPTIONS");
    cr_assert_str_eq(find("PUT", "/api/v1/users"), "method_not_allowed");
    cr_assert_str_eq(err.allow, "GET, HEAD, POST, OPTIONS");
    cr_assert_str_eq(find("BREW", "/api/v1/users"), "method_not_allowed");
    cr_assert_str_eq(find("GET", "/api/v1/auth/sessions/x"), "method_not_allowed");
    cr_assert_str_eq(err.allow, "DELETE, OPTIONS");
}

Test(route, options_lists_the_methods) {
    cr_assert_str_eq(find("OPTIONS", "/api/v1/users/me"), "/{path}");
    cr_assert_str_eq(capture[0], "GET, HEAD, PUT, OPTIONS");
    cr_assert_str_eq(find("OPTIONS", "/api/v1/a/b/c"), "not_found");
}

Test(route, a_table_without_faults_is_taken) {
    cab_err_clear(&err);
    cr_assert_eq(cab_routes_check_in(table, &err), 0, "%s", err.detail);
}

Test(route, no_row_starts_with_a_gap) {
    const struct cab_route fine = ROW(CAB_GET, "/x", CAB_ACCESS_USER);
    struct cab_route rows[3] = { fine, fine, { .path = NULL } };
    for (int fault = 0; fault < 10; fault++) {
        rows[1] = fine;
        rows[1].path = "/y";
        switch (fault) {
        case 0: rows[1].access = 0; break;
        case 1: rows[1].tx = 0; break;
        case 2: rows[1].run = NULL; break;
        case 3: rows[1].doc = NULL; break;
        case 4: rows[1].path = "/x"; break;
        case 5: rows[1].method = 0; break;
        case 6: rows[1].method = CAB_HEAD; break;
        case 7: rows[1].tx = CAB_TX_NONE; break;
        case 8: rows[1].access = CAB_ACCESS_TABLE; break;
        case 9: rows[1].answer = NULL; break;
        }
        cab_err_clear(&err);
        cr_assert_eq(cab_routes_check_in(rows, &err), -1, "fault %d", fault);
        cr_assert_not_null(strstr(err.detail, rows[1].path));
    }
}

Test(route, the_served_table_is_without_faults) {
    cab_err_clear(&err);
    cr_assert_eq(cab_routes_check(&err), 0, "%s", err.detail);
}

Test(route, own_words_are_reserved) {
    cr_assert(cab_route_is_reserved("auth"));
    cr_assert(cab_route_is_reserved("_batch"));
    cr_assert(!cab_route_is_reserved("users"));
}
