#include "make_request.h"

#include <criterion/criterion.h>

static void *mem;

static void setup(void) {
    mem = cab_mem_alloc(NULL, 0);
}

static void teardown(void) {
    cab_mem_free(mem);
}

TestSuite(field, .init = setup, .fini = teardown);

static struct cab_request *with(const char *name, const char *value) {
    const char *const params[] = { name, value, NULL };
    return a_request(mem, "POST", "/", params);
}

Test(field, prefer) {
    struct cab_request *r = with("HTTP_PREFER", "Return=minimal, count=\"ex\\\"act\";foo=bar;baz , , "
                                                "handling = lenient,wait;x, tx");
    cr_assert(cab_prefers(r, "return", "minimal"));
    cr_assert(!cab_prefers(r, "return", "representation"));
    cr_assert_str_eq(cab_prefer_value(r, "count"), "ex\"act");
    cr_assert_str_eq(cab_prefer_value(r, "HANDLING"), "lenient");
    cr_assert_str_eq(cab_prefer_value(r, "wait"), "");
    cr_assert(cab_prefers(r, "tx", NULL));
    cr_assert(!cab_prefers(r, "foo", NULL), "a parameter of a preference is no preference");
    cr_assert_null(cab_prefer_value(r, "nothing"));
    cr_assert_str_eq(cab_prefer_value(with("HTTP_PREFER", "count=exact, count=none"), "count"), "exact");
    cr_assert_null(cab_prefer_value(with("HTTP_PREFER", "count=\"exact"), "count"));
    cr_assert_null(cab_prefer_value(with("HTTP_PREFER", "@, count=exact"), "count"));
    cr_assert_null(cab_prefer_value(with("HTTP_PREFER", "a b, count=exact"), "count"));
    cr_assert_null(cab_prefer_value(a_request(mem, "GET", "/", NULL), "count"));
}

Test(field, accept) {
    static const struct { const char *accept; bool is_taken; } cases[] = {
        { "application/json", true }, { "*/*", true }, { "application/*", true }, { "APPLICATION/JSON", true },
        { "text/html, application/xhtml+xml, */*;q=0.8", true }, { "text/html", false }, { "application/xml", false },
        { "application/json;q=0", false }, { "application/json;q=0, */*", false }, { "*/*;q=0", false },
        { "*/*;q=0.0, application/json;q=0.1", true }, { "application/json;numbers=string", true },
        { "application/json; q=0.000", false }, { "text/*, application/json;q=1", true },
        { "application/jsonx", false },
        { ", ,application/json", true }, { "application", false }, { "application/problem+json", false },
        { "text/plain;x=\"a,application/json\"", false },
    };
    for (size_t i = 0; i < CAB_LENGTH(cases); i++)
        cr_assert_eq(cab_accepts(with("HTTP_ACCEPT", cases[i].accept), "application/json"), cases[i].is_taken, "%s",
                     cases[i].accept);
    cr_assert(cab_accepts(a_request(mem, "GET", "/", NULL), "application/json"));
    struct cab_request *r = with("HTTP_ACCEPT", "text/csv;numbers=x, application/json;numbers=string;q=0.5");
    cr_assert_str_eq(cab_accept_parameter(r, "application/json", "numbers"), "string");
    cr_assert_null(cab_accept_parameter(r, "application/json", "other"));
}

Test(field, cookies) {
    struct cab_request *r = with("HTTP_COOKIE", "a=1; refresh=ab.c-_=; quoted=\"x y\";last=z ;refresh2=no; =x;b");
    cr_assert_str_eq(cab_request_cookie(r, "a"), "1");
    cr_assert_str_eq(cab_request_cookie(r, "refresh"), "ab.c-_=");
    cr_assert_str_eq(cab_request_cookie(r, "quoted"), "x y");
    cr_assert_str_eq(cab_request_cookie(r, "last"), "z");
    cr_assert_null(cab_request_cookie(r, "b"));
    cr_assert_null(cab_request_cookie(r, "fresh"));
    cr_assert_null(cab_request_cookie(a_request(mem, "GET", "/", NULL), "a"));
}

Test(field, body_types) {
    static const struct { const char *type; unsigned allowed; int expected; } cases[] = {
        { "application/json", CAB_BODY_JSON, CAB_BODY_JSON },
        { "Application/JSON; charset=UTF-8", CAB_BODY_JSON, CAB_BODY_JSON },
        { "application/json;charset=\"utf-8\"", CAB_BODY_JSON, CAB_BODY_JSON },
        { "application/json; charset=latin1", CAB_BODY_JSON, 0 },
        { "application/json garbage", CAB_BODY_JSON, 0 },
        { "application/jsonp", CAB_BODY_JSON, 0 },
        { "text/plain", CAB_BODY_JSON, 0 },
        { "application/x-www-form-urlencoded", CAB_BODY_JSON, 0 },
        { "application/x-www-form-urlencoded", CAB_BODY_JSON | CAB_BODY_FORM, CAB_BODY_FORM },
        { "application/merge-patch+json", CAB_BODY_MERGE_PATCH, CAB_BODY_MERGE_PATCH },
        { "application/json", CAB_BODY_MERGE_PATCH, CAB_BODY_JSON },
        { "application/merge-patch+json", CAB_BODY_JSON, 0 },
        { "", CAB_BODY_JSON, 0 },
    };
    for (size_t i = 0; i < CAB_LENGTH(cases); i++) {
        enum cab_body_type type = 0;
        struct cab_err err = { 0 };
        int rc = cab_request_body_type(with("CONTENT_TYPE", cases[i].type), cases[i].allowed, &type, &err);
        cr_assert_eq(rc, cases[i].expected == 0 ? -1 : 0, "%s", cases[i].type);
        cr_assert_eq((int)type, cases[i].expected);
        if (rc != 0) {
            cr_assert_eq(err.problem, CAB_PROBLEM_UNSUPPORTED_MEDIA_TYPE);
            cr_assert_not_null(strstr(err.allow, "json"));
        }
    }
}
