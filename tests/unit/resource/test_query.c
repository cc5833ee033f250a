/*
 * Parameters of lists: what is taken, what is refused, and with which status.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "fixture.h"
#include "resource/query.h"
#include "unit/http/make_request.h"

#include <cabinet/resource.h>

struct answer { enum cab_problem problem; const char *flaws; };

static struct answer parse(void *mem, enum who who, const char *table, const char *uri, struct cab_query *query) {
    struct cab_err err = { 0 };
    struct cab_call *call = fixture_call(mem, who, "GET", uri, table, NULL);
    struct cab_view *view = cab_new(mem, struct cab_view);
    cab_view_init(view, call, call->table);
    int rc = cab_query_parse(call, view, query, &err);
    cr_expect_eq(rc, err.problem == CAB_PROBLEM_NONE ? 0 : -1);
    return (struct answer){ err.problem, fixture_flaws(mem, &err) };
}

Test(query, refusals) {
    static const struct { enum who who; const char *table,
                          *uri; enum cab_problem problem; const char *flaws; } cases[] = {
        { ADMIN, "users", "/u", CAB_PROBLEM_NONE, "" },
        { ADMIN, "users", "/u?page=0", CAB_PROBLEM_INVALID, "parameter:page:out_of_range" },
        { ADMIN, "users", "/u?page=01", CAB_PROBLEM_NONE, "" },
        { ADMIN, "users", "/u?page=", CAB_PROBLEM_INVALID, "parameter:page:out_of_range" },
        { ADMIN, "users", "/u?page=9999999999999999999999", CAB_PROBLEM_INVALID, "parameter:page:out_of_range" },
        { ADMIN, "users", "/u?page=10000000", CAB_PROBLEM_NONE, "" },
        { ADMIN, "users", "/u?page=10000001", CAB_PROBLEM_INVALID, "parameter:page:out_of_range" },
        { ADMIN, "users", "/u?size=0", CAB_PROBLEM_INVALID, "parameter:size:out_of_range" },
        { ADMIN, "users", "/u?size=101&page=x", CAB_PROBLEM_INVALID,
          "parameter:page:out_of_range parameter:size:out_of_range" },
        { ADMIN, "users", "/u?page=1&cursor=x", CAB_PROBLEM_MALFORMED, "parameter:cursor:conflict" },
        { ADMIN, "users", "/u?page=1&page=2", CAB_PROBLEM_MALFORMED, "parameter:page:duplicate" },
        { ADMIN, "users", "/u?count=some", CAB_PROBLEM_INVALID, "parameter:count:not_one_of" },
        { ADMIN, "users", "/u?sort=id&sort_by=id", CAB_PROBLEM_MALFORMED, "parameter:sort:conflict" },
        { ADMIN, "users", "/u?sort_order=up", CAB_PROBLEM_INVALID, "parameter:sort_order:not_one_of" },
        { ADMIN, "users", "/u?sort=nam", CAB_PROBLEM_INVALID, "parameter:sort:unknown" },
        { ADMIN, "users", "/u?sort=secret", CAB_PROBLEM_INVALID, "parameter:sort:unknown" },
        { ADMIN, "users", "/u?sort=row_version", CAB_PROBLEM_INVALID, "parameter:sort:unknown" },
        { ADMIN, "users", "/u?sort=email,-email", CAB_PROBLEM_INVALID, "parameter:sort:duplicate" },
        { ADMIN, "kinds", "/k?sort=n,big,flag,real,day", CAB_PROBLEM_INVALID, "parameter:sort:too_long" },
        { ADMIN, "kinds", "/k?sort=doc", CAB_PROBLEM_INVALID, "parameter:sort:type" },
        { ADMIN, "users", "/u?fields=id,,email", CAB_PROBLEM_INVALID, "parameter:fields:unknown" },
        { ADMIN, "users", "/u?fields=id,id", CAB_PROBLEM_INVALID, "parameter:fields:duplicate" },
        { ADMIN, "users", "/u?fields=id,is_deleted,deleted_at", CAB_PROBLEM_NONE, "" },
        { ADMIN, "users", "/u?pgae=1", CAB_PROBLEM_UNKNOWN_PARAMETER, "parameter:pgae:unknown" },
        { ADMIN, "users", "/u?secret=1", CAB_PROBLEM_UNKNOWN_PARAMETER, "parameter:secret:unknown" },
        { ADMIN, "users", "/u?row_version=1", CAB_PROBLEM_UNKNOWN_PARAMETER, "parameter:row_version:unknown" },
        { ADMIN, "users", "/u?email__foo=1", CAB_PROBLEM_UNKNOWN_PARAMETER, "parameter:email__foo:unknown" },
        { ADMIN, "users", "/u?is_verified=maybe", CAB_PROBLEM_INVALID, "parameter:is_verified:type" },
        { ADMIN, "users", "/u?is_verified__contains=x", CAB_PROBLEM_INVALID,
          "parameter:is_verified__contains:operator" },
        { ADMIN, "users", "/u?is_verified=maybe&x=1", CAB_PROBLEM_UNKNOWN_PARAMETER,
          "parameter:is_verified:type parameter:x:unknown" },
        { ADMIN, "users", "/u?is_deleted=true", CAB_PROBLEM_NONE, "" },
        { ADMIN, "users", "/u?is_deleted=1", CAB_PROBLEM_INVALID, "parameter:is_deleted:type" },
        { ADMIN, "users", "/u?id=1&id=2", CAB_PROBLEM_MALFORMED, "parameter:id:duplicate" },
        { ADMIN, "users", "/u?id__ne=1&id__ne=2", CAB_PROBLEM_NONE, "" },
        { ADMIN, "users", "/u?id__between=1", CAB_PROBLEM_INVALID, "parameter:id__between:format" },
        { ADMIN, "users", "/u?email__like=a%5C", CAB_PROBLEM_INVALID, "parameter:email__like:format" },
        { ADMIN, "kinds", "/k?search=x", CAB_PROBLEM_INVALID, "parameter:search:not_searchable" },
        { ADMIN, "users", "/u?search=a+b+c+d+e+f+g+h+i", CAB_PROBLEM_INVALID, "parameter:search:too_long" },
        { ADMIN, "users", "/u?search=x&sort=_closeness,-date_created", CAB_PROBLEM_NONE, "" },
        { ADMIN, "users", "/u?search=x&sort_by=_closeness&sort_order=desc&page=3", CAB_PROBLEM_NONE, "" },
        { ADMIN, "users", "/u?sort=id,_closeness", CAB_PROBLEM_INVALID, "parameter:sort:needs_search" },
        { ADMIN, "users", "/u?sort_by=_closeness", CAB_PROBLEM_INVALID, "parameter:sort_by:needs_search" },
        { ADMIN, "users", "/u?search=+&sort=-_closeness", CAB_PROBLEM_INVALID, "parameter:sort:needs_search" },
        { ADMIN, "users", "/u?search=x&sort=_closeness&cursor=x", CAB_PROBLEM_MALFORMED, "parameter:cursor:conflict" },
        { ADMIN, "users", "/u?search=x&sort=_closeness,-_closeness", CAB_PROBLEM_INVALID, "parameter:sort:duplicate" },
        { ADMIN, "kinds", "/k?search=x&sort=_closeness", CAB_PROBLEM_INVALID, "parameter:search:not_searchable" },
        { ADMIN, "users", "/u?embed=owner", CAB_PROBLEM_UNKNOWN_PARAMETER, "parameter:embed:unknown" },

        { PERSON, "users", "/u?username=x&date_created_after=2024-01-01", CAB_PROBLEM_NONE, "" },
        { PERSON, "users", "/u?is_deleted=false", CAB_PROBLEM_FORBIDDEN_PARAMETER,
          "parameter:is_deleted:forbidden_parameter" },
        { PERSON, "users", "/u?is_verified=true&oauth_provider=none&email=a", CAB_PROBLEM_FORBIDDEN_PARAMETER,
          "parameter:is_verified:forbidden_parameter parameter:oauth_provider:forbidden_parameter "
          "parameter:email:forbidden_parameter" },
        { PERSON, "users", "/u?sort=email", CAB_PROBLEM_FORBIDDEN_PARAMETER, "parameter:sort:forbidden_parameter" },
        { PERSON, "users", "/u?deleted_at__null=true", CAB_PROBLEM_FORBIDDEN_PARAMETER,
          "parameter:deleted_at__null:forbidden_parameter" },
        { PERSON, "users", "/u?fields=id,email", CAB_PROBLEM_NONE, "" },
        { PERSON, "users", "/u?fields=is_deleted", CAB_PROBLEM_FORBIDDEN_PARAMETER,
          "parameter:fields:forbidden_parameter" },
        { PERSON, "users", "/u?filter=%7B%22email%22:%22a%22%7D", CAB_PROBLEM_FORBIDDEN_PARAMETER,
          "parameter:filter/email:forbidden_parameter" },
        { PERSON, "users", "/u?search=x", CAB_PROBLEM_NONE, "" },
        { PERSON, "notes", "/n?body=x&sort=-rank", CAB_PROBLEM_NONE, "" },
    };
    void *mem = cab_mem_alloc(NULL, 1);
    for (size_t i = 0; i < CAB_LENGTH(cases); i++) {
        struct cab_query query;
        struct answer got = parse(mem, cases[i].who, cases[i].table, cases[i].uri, &query);
        cr_expect_eq(got.problem, cases[i].problem, "%s: %d", cases[i].uri, got.problem);
        cr_expect_str_eq(got.flaws, cases[i].flaws, "%s: %s", cases[i].uri, got.flaws);
    }
    cab_mem_free(mem);
}

/* The flaws of filter=JSON. */
static const char *filter(void *mem, const char *table, const char *json) {
    struct cab_query query;
    struct cab_buf uri;
    cab_buf_init(&uri, mem, 256);
    cab_buf_adds(&uri, "/x?filter=");
    cab_url_encode(&uri, json);
    struct answer got = parse(mem, ADMIN, table, uri.data, &query);
    return cab_printf(mem, "%d %s", got.problem == CAB_PROBLEM_NONE ? 0 : cab_problem_info(got.problem)->status,
                      got.flaws);
}

Test(query, json_filters) {
    static const struct { const char *json, *answer; } cases[] = {
        { "{\"a\":1}", "0 " },
        { "{\"a\":null,\"rank\":[1,2],\"body\":{\"contains\":\"x\",\"ne\":\"y\"}}", "0 " },
        { "{\"or\":[{\"a\":{\"lt\":5}},{\"not\":{\"color\":\"red\"}}]}", "0 " },
        { "{\"a\":", "400 parameter:filter:format" },
        { "[]", "422 parameter:filter:type" },
        { "{}", "422 parameter:filter:type" },
        { "{\"or\":{}}", "422 parameter:filter/or:type" },
        { "{\"or\":[]}", "422 parameter:filter/or:type" },
        { "{\"not\":[{\"a\":1}]}", "422 parameter:filter/not:type" },
        { "{\"b\":1}", "422 parameter:filter/b:unknown" },
        { "{\"a~/b\":1}", "422 parameter:filter/a~0~1b:unknown" },
        { "{\"a\":{}}", "422 parameter:filter/a:required" },
        { "{\"a\":{\"lt\":\"x\",\"foo\":1}}", "422 parameter:filter/a/lt:type parameter:filter/a/foo:unknown" },
        { "{\"a\":{\"in\":5}}", "422 parameter:filter/a/in:type" },
        { "{\"a\":{\"in\":[1,\"x\"]}}", "422 parameter:filter/a/in/1:type" },
        { "{\"a\":{\"between\":[1]}}", "422 parameter:filter/a/between:format" },
        { "{\"a\":{\"lt\":null}}", "422 parameter:filter/a/lt:type" },
        { "{\"a\":{\"contains\":\"x\"}}", "422 parameter:filter/a/contains:operator" },
        { "{\"a\":{\"null\":\"true\"}}", "422 parameter:filter/a/null:type" },
        { "{\"or\":[{\"and\":[{\"or\":[{\"not\":{\"a\":1}}]}]}]}", "0 " },
        { "{\"or\":[{\"and\":[{\"or\":[{\"not\":{\"or\":[{\"a\":1}]}}]}]}]}",
          "422 parameter:filter/or/0/and/0/or/0/not/or:too_deep" },
    };
    void *mem = cab_mem_alloc(NULL, 1);
    for (size_t i = 0; i < CAB_LENGTH(cases); i++) {
        const char *answer = filter(mem, "notes", cases[i].json);
        cr_expect_str_eq(answer, cases[i].answer, "%s: %s", cases[i].json, answer);
    }
    cab_mem_free(mem);
}

static const char *many(void *mem, const char *before, const char *each, int n, const char *after) {
    struct cab_buf buf;
    cab_buf_init(&buf, mem, 1024);
    cab_buf_adds(&buf, before);
    for (int i = 0; i < n; i++) {
        cab_buf_adds(&buf, i > 0 ? "," : "");
        cab_buf_adds(&buf, each);
    }
    cab_buf_adds(&buf, after);
    return buf.data;
}

Test(query, caps) {
    void *mem = cab_mem_alloc(NULL, 1);
    cr_expect_str_eq(filter(mem, "notes", many(mem, "{\"or\":[", "{\"a\":1}", 32, "]}")), "0 ");
    cr_expect_str_eq(filter(mem, "notes", many(mem, "{\"or\":[", "{\"a\":1}", 33, "]}")),
                     "422 parameter:filter:too_long");
    cr_expect_str_eq(filter(mem, "notes", many(mem, "{\"a\":[", "1", 200, "]}")), "0 ");
    cr_expect_str_eq(filter(mem, "notes", many(mem, "{\"a\":[", "1", 201, "]}")), "422 parameter:filter/a:too_long");
    cr_expect_str_eq(filter(mem, "notes", many(mem, "{\"a\":[", "10000000", 1000, "]}")),
                     "422 parameter:filter:too_long");
    cab_mem_free(mem);
}

Test(query, suggestions) {
    static const struct { const char *uri, *meant; } cases[] = {
        { "/n?pge=1", "did you mean page?" }, { "/n?titel=x", "did you mean title?" },
        { "/n?sort=-titel", "did you mean title" }, { "/n?is_delted=true", "did you mean is_deleted?" },
        { "/n?sort=closeness", "did you mean _closeness" },
    };
    void *mem = cab_mem_alloc(NULL, 1);
    for (size_t i = 0; i < CAB_LENGTH(cases); i++) {
        struct cab_err err = { 0 };
        struct cab_query query;
        struct cab_view view;
        struct cab_call *call = fixture_call(mem, ADMIN, "GET", cases[i].uri, "notes", NULL);
        cab_view_init(&view, call, call->table);
        cr_expect_eq(cab_query_parse(call, &view, &query, &err), -1);
        cr_expect_not_null(strstr(err.detail, cases[i].meant), "%s: %s", cases[i].uri, err.detail);
    }
    cab_mem_free(mem);
}

Test(query, lenient_handling_names_what_it_ignores) {
    struct cab_err err = { 0 };
    struct cab_query query;
    struct cab_view view;
    void *mem = cab_mem_alloc(NULL, 1);
    struct cab_call *call = fixture_call_with(mem, ADMIN, "GET", "/n?foo%0D%0A=1&bar=2&title=x", "notes", NULL,
                                              "HTTP_PREFER", "handling=lenient");
    cab_view_init(&view, call, call->table);
    cr_assert_eq(cab_query_parse(call, &view, &query, &err), 0);
    cr_expect_str_eq(query.ignored, "foo%0D%0A, bar");
    cab_mem_free(mem);
}

Test(query, counts) {
    static const struct { const char *uri, *prefer; enum cab_count count; const char *applied; } cases[] = {
        { "/n", NULL, CAB_COUNT_EXACT, NULL },
        { "/n?count=none", "count=exact", CAB_COUNT_NONE, NULL },
        { "/n?count=estimated", NULL, CAB_COUNT_ESTIMATED, NULL },
        { "/n", "count=none", CAB_COUNT_NONE, "count=none" },
        { "/n", "count=perhaps", CAB_COUNT_EXACT, NULL },
        { "/n?cursor=x", NULL, CAB_COUNT_NONE, NULL },
        { "/n?cursor=x&count=exact", NULL, CAB_COUNT_EXACT, NULL },
    };
    void *mem = cab_mem_alloc(NULL, 1);
    for (size_t i = 0; i < CAB_LENGTH(cases); i++) {
        struct cab_err err = { 0 };
        struct cab_query query;
        struct cab_view view;
        struct cab_call *call =
            fixture_call_with(mem, ADMIN, "GET", cases[i].uri, "notes", NULL, "HTTP_PREFER", cases[i].prefer);
        cab_view_init(&view, call, call->table);
        cr_assert_eq(cab_query_parse(call, &view, &query, &err), 0);
        cr_expect_eq(query.count, cases[i].count, "%s", cases[i].uri);
        if (cases[i].applied != NULL)
            cr_expect_str_eq(query.preference, cases[i].applied);
        else
            cr_expect_null(query.preference);
    }
    cab_mem_free(mem);
}

Test(query, knows_searches_by_the_names_of_parameters) {
    static const struct { const char *method, *uri; bool is_search; } cases[] = {
        { "GET", "/api/v1/users?search=mar&page=2", true },
        { "HEAD", "/api/v1/users?page=2&%73earch=mar", true },
        { "GET", "/api/v1/users?email__icontains=mar", true },
        { "GET", "/api/v1/users?email%5Blike%5D=%25mar", true },
        { "GET", "/api/v1/users?email__endswith=.org", true },
        { "GET", "/api/v1/users", false },
        { "GET", "/api/v1/users?email__startswith=mar&research=1", false },
        { "GET", "/api/v1/users?like=1", false },
        { "GET", "/api/v1/users.csv?search=mar", false },
        { "POST", "/api/v1/users?search=mar", false },
    };
    for (size_t i = 0; i < CAB_LENGTH(cases); i++) {
        struct cab_request *request = a_request(NULL, cases[i].method, cases[i].uri, NULL);
        cr_expect_eq(cab_query_is_search(request), cases[i].is_search, "%s %s", cases[i].method, cases[i].uri);
        cab_mem_free(request->mem);
    }
}
