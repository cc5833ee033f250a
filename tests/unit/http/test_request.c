#include "make_request.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <time.h>

static void *mem;
static struct cab_err err;

static void setup(void) {
    mem = cab_mem_alloc(NULL, 0);
}

static void teardown(void) {
    cab_mem_free(mem);
}

TestSuite(request, .init = setup, .fini = teardown);

Test(request, the_address_is_taken_apart) {
    struct cab_request *r = a_request(mem, "GET", "/api/v1/us%65rs/a%2Fb?page=1&search=x+y", NULL);
    cr_assert_not_null(r);
    cr_assert_eq(r->method, CAB_GET);
    cr_assert_str_eq(r->path, "/api/v1/users/a/b");
    cr_assert_eq(r->n_segments, 4);
    cr_assert_str_eq(r->segments[2], "users");
    cr_assert_str_eq(r->segments[3], "a/b");
    cr_assert_str_eq(r->query, "page=1&search=x+y");
    cr_assert_str_eq(cab_request_param(r, "search"), "x y");
    cr_assert_null(cab_request_param(r, "size"));
    cr_assert_str_eq(r->body, "");
}

Test(request, paths_are_never_normalised) {
    struct cab_request *r = a_request(mem, "GET", "//a/../b/", NULL);
    cr_assert_eq(r->n_segments, 5);
    cr_assert_str_eq(r->segments[0], "");
    cr_assert_str_eq(r->segments[2], "..");
    cr_assert_str_eq(r->segments[4], "");
}

Test(request, an_absolute_address_loses_its_host) {
    cr_assert_str_eq(a_request(mem, "GET", "http://example.org/api/v1/users?x=1", NULL)->path, "/api/v1/users");
    cr_assert_str_eq(a_request(mem, "GET", "https://example.org", NULL)->path, "/");
}

Test(request, broken_addresses_are_malformed) {
    static const char *const broken[] = {
        "", "users", "*", "/%", "/%zz", "/%00", "/%FF", "/a b", "/a\x01", "/a\x7F", "/\xC3", "/a#b", "/?a=%", "/?a=%00",
        "/?%FF", "/a\nb", "ftp://x/",
    };
    for (size_t i = 0; i < CAB_LENGTH(broken); i++) {
        struct cab_request *r = NULL;
        cr_assert_eq(parse_request(mem, "GET", broken[i], NULL, &r, &err), -1, "%s was taken", broken[i]);
        cr_assert_eq(err.problem, CAB_PROBLEM_MALFORMED, "%s", broken[i]);
        cr_assert_not_null(r, "the request must be there for the answer");
        cr_assert_not_null(r->request_id);
    }
    char *long_uri = cab_mem_alloc(mem, 20001);
    memset(long_uri, 'a', 20000);
    long_uri[0] = '/';
    long_uri[20000] = '\0';
    struct cab_request *r;
    cr_assert_eq(parse_request(mem, "GET", long_uri, NULL, &r, &err), -1);
    cr_assert_eq(err.problem, CAB_PROBLEM_URI_TOO_LONG);
}

Test(request, methods) {
    for (int i = 1; i < CAB_METHOD__MAX; i++)
        cr_assert_eq((int)a_request(mem, cab_method_name((enum cab_method)i), "/", NULL)->method, i);
    cr_assert_eq((int)a_request(mem, "BREW", "/", NULL)->method, 0);
    cr_assert_eq((int)a_request(mem, "get", "/", NULL)->method, 0);
    struct cab_request *r;
    cr_assert_eq(parse_request(mem, "GE T", "/", NULL, &r, &err), -1);
    cr_assert_eq(parse_request(mem, "", "/", NULL, &r, &err), -1);
    cr_assert_eq(parse_request(mem, NULL, "/", NULL, &r, &err), -1);
}

Test(request, headers_are_printable_utf8) {
    static const char *const fine[] = { "HTTP_USER_AGENT", "curl/8 \xC3\xA9\tx", NULL };
    cr_assert_str_eq(a_request(mem, "GET", "/", fine)->user_agent, "curl/8 \xC3\xA9\tx");
    static const char *const names[] = { "HTTP_USER_AGENT", "HTTP_COOKIE", "HTTP_AUTHORIZATION", "HTTP_IF_MATCH",
                                         "CONTENT_TYPE", "HTTP_PREFER", "HTTP_ORIGIN", "HTTP_IDEMPOTENCY_KEY" };
    static const char *const values[] = { "a\x01", "a\nb", "a\x7F", "\xFF", "a\rb" };
    for (size_t i = 0; i < CAB_LENGTH(names); i++)
        for (size_t j = 0; j < CAB_LENGTH(values); j++) {
            const char *const params[] = { names[i], values[j], NULL };
            struct cab_request *r;
            cr_assert_eq(parse_request(mem, "GET", "/", params, &r, &err), -1, "%s", names[i]);
            cr_assert_eq(err.problem, CAB_PROBLEM_MALFORMED);
        }
    static const char *const empty[] = { "HTTP_ACCEPT", "", NULL };
    cr_assert_null(a_request(mem, "GET", "/", empty)->accept);
    static const char *const bad_host[] = { "HTTP_HOST", "evil.example/x", NULL };
    struct cab_request *r;
    cr_assert_eq(parse_request(mem, "GET", "/", bad_host, &r, &err), -1);
}

Test(request, the_request_id_is_taken_where_it_is_safe) {
    static const char *const sent[] = { "HTTP_X_REQUEST_ID", "abc.DEF_1-2", "REQUEST_ID", "0123456789abcdef", NULL };
    cr_assert_str_eq(a_request(mem, "GET", "/", sent)->request_id, "abc.DEF_1-2");
    static const char *const unsafe[] = { "short", "has space in", "semi;colon", "x\"quote\"x",
                                          "0123456789012345678901234567890123456789012345678901234567890123456789" };
    for (size_t i = 0; i < CAB_LENGTH(unsafe); i++) {
        const char *const params[] = { "HTTP_X_REQUEST_ID", unsafe[i], "REQUEST_ID", "0123456789abcdef", NULL };
        cr_assert_str_eq(a_request(mem, "GET", "/", params)->request_id, "0123456789abcdef");
    }
    cr_assert_eq(strlen(a_request(mem, "GET", "/", NULL)->request_id), 36);
}

Test(request, addresses_and_scheme_come_from_nginx_only) {
    static const char *const v4[] = { "REMOTE_ADDR", "192.0.2.1", "REQUEST_SCHEME", "https", "HTTP_HOST", "x:80",
                                      NULL };
    struct cab_request *r = a_request(mem, "GET", "/", v4);
    cr_assert_str_eq(r->remote_addr, "192.0.2.1");
    cr_assert_str_eq(r->scheme, "https");
    cr_assert_str_eq(r->host, "x:80");
    static const char *const v6[] = { "REMOTE_ADDR", "2001:db8::1", NULL };
    cr_assert_str_eq(a_request(mem, "GET", "/", v6)->remote_addr, "2001:db8::1");
    static const char *const unix_peer[] = { "REMOTE_ADDR", "unix:", NULL };
    cr_assert_null(a_request(mem, "GET", "/", unix_peer)->remote_addr);
}

Test(request, waiting_time_is_measured_by_nginx_clock) {
    struct timespec now;
    char text[64];
    clock_gettime(CLOCK_REALTIME, &now);
    snprintf(text, sizeof text, "%lld.%03ld", (long long)now.tv_sec - 40, now.tv_nsec / 1000000);
    const char *const params[] = { "REQUEST_MSEC", text, NULL };
    int64_t queued = a_request(mem, "GET", "/", params)->queued_ms;
    cr_assert(queued >= 40000 && queued < 41000, "%lld", (long long)queued);
    static const char *const odd[] = { "", "x", "1", "1.2", "1700000000.12x", "99999999999.000", "-5.000", "1.2.3" };
    for (size_t i = 0; i < CAB_LENGTH(odd); i++) {
        const char *const bad[] = { "REQUEST_MSEC", odd[i], NULL };
        cr_assert_eq(a_request(mem, "GET", "/", bad)->queued_ms, 0, "%s", odd[i]);
    }
}

Test(request, the_body_is_as_long_as_said) {
    static const char *const params[] = { "CONTENT_LENGTH", "3", NULL };
    struct cab_request_parts parts = { "POST", "/", "a\0b", 3, param_of, params };
    struct cab_request *r;
    cab_err_clear(&err);
    cr_assert_eq(cab_request_parse(mem, &parts, &r, &err), 0);
    cr_assert_eq(r->body_len, 3);
    cr_assert_arr_eq(r->body, "a\0b", 4);
    parts.body_len = 2;
    cr_assert_eq(cab_request_parse(mem, &parts, &r, &err), -1);
    cr_assert_eq(err.problem, CAB_PROBLEM_MALFORMED);
}

Test(request, duplicates_are_for_the_caller_to_refuse) {
    struct cab_request *r = a_request(mem, "GET", "/?a=1&b=2&a=3", NULL);
    cr_assert_str_eq(cab_request_param(r, "a"), "1");
    cab_err_clear(&err);
    cr_assert_eq(cab_request_no_duplicates(r, &err), -1);
    cr_assert_eq(err.problem, CAB_PROBLEM_MALFORMED);
    cr_assert_eq(cab_request_no_duplicates(a_request(mem, "GET", "/?a=1&b=2", NULL), &err), 0);
}
