#include "http/internal.h"
#include "make_request.h"

#include <criterion/criterion.h>
#include <signal.h>

static void *mem;
static struct cab_response response;

static void setup(void) {
    mem = cab_mem_alloc(NULL, 0);
    cab_response_init(&response, mem);
}

static void teardown(void) {
    cab_mem_free(mem);
}

TestSuite(response, .init = setup, .fini = teardown);

static const char *head(bool is_stream) {
    struct cab_buf buf;
    cab_buf_init(&buf, mem, 0);
    cab_response_head(&response, is_stream, &buf);
    return buf.data;
}

Test(response, the_head_is_what_fastcgi_takes) {
    cab_response_header(&response, "ETag", "\"%d.%s\"", 17, "ab");
    cab_buf_adds(&response.body, "{}");
    cr_assert_str_eq(head(false), "Status: 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
                                  "ETag: \"17.ab\"\r\n\r\n");
    cr_assert_str_eq(head(true), "Status: 200 OK\r\nContent-Type: application/json\r\nX-Accel-Buffering: no\r\n"
                                 "ETag: \"17.ab\"\r\n\r\n");
    cab_response_reset(&response);
    response.status = 204;
    cr_assert_str_eq(head(false), "Status: 204 No Content\r\n\r\n");
}

Test(response, headers_are_found_by_name) {
    cab_response_header(&response, "Vary", "Accept");
    cab_response_header(&response, "X-Cache-Control", "a: b");
    cr_assert(cab_response_has(&response, "vary"));
    cr_assert(!cab_response_has(&response, "Cache-Control"));
    cr_assert(!cab_response_has(&response, "Var"));
}

Test(response, a_line_break_in_a_header_is_our_bug, .signal = SIGABRT) {
    cab_response_header(&response, "Location", "%s", "/x\r\nSet-Cookie: a=b");
}

Test(response, every_problem_has_a_status_text) {
    for (int i = 1; i < CAB_PROBLEM__MAX; i++)
        cr_assert_str_neq(cab_status_text(cab_problem_info((enum cab_problem)i)->status), "Other");
}

Test(response, a_problem_says_all_that_the_client_needs) {
    static const char *const params[] = { "HTTP_X_REQUEST_ID", "request-1", NULL };
    struct cab_request *request = a_request(mem, "POST", "/api/v1/x%22y?q=1", params);
    struct cab_err err = { 0 };
    (void)cab_err_flaw(&err, mem, CAB_PLACE_FIELD, "email", "required", "Send an \"e-mail\" address.");
    (void)cab_err_flaw(&err, mem, CAB_PLACE_PARAMETER, "size", "range", "Use 1 to 100.");
    (void)cab_err_flaw(&err, mem, CAB_PLACE_HEADER, "If-Match", "form", "Send the ETag.");
    cab_err_internal(&err, "SELECT secret");
    cab_buf_adds(&response.body, "half an answer");
    cab_response_problem(&response, request, &err);
    cr_assert_eq(response.status, 422);
    cr_assert_str_eq(response.content_type, "application/problem+json");
    cr_assert_str_eq(response.body.data,
                     "{\"type\":\"/problems/invalid\",\"title\":\"Invalid value\",\"status\":422,"
                     "\"detail\":\"One or more values are not valid; see errors.\",\"instance\":\"/api/v1/x%22y\","
                     "\"code\":\"invalid\",\"request_id\":\"request-1\",\"errors\":["
                     "{\"field\":\"email\",\"code\":\"required\",\"detail\":\"Send an \\\"e-mail\\\" address.\"},"
                     "{\"parameter\":\"size\",\"code\":\"range\",\"detail\":\"Use 1 to 100.\"},"
                     "{\"header\":\"If-Match\",\"code\":\"form\",\"detail\":\"Send the ETag.\"}]}");
    cr_assert_not_null(strstr(response.headers.data, "Cache-Control: no-store\r\n"));
    cr_assert_not_null(strstr(response.headers.data, "X-Request-Id: request-1\r\n"));
    struct cab_err parsed = { 0 };
    const struct cab_json *json;
    cr_assert_eq(cab_json_parse(mem, response.body.data, response.body.len, &json, &parsed), 0);
}

static void answer(enum cab_problem problem, struct cab_request *request, int retry_after, const char *allow) {
    struct cab_err err = { .retry_after = retry_after, .allow = allow };
    (void)cab_fail(&err, problem, "Something.");
    cab_response_problem(&response, request, &err);
}

Test(response, problems_bring_their_headers) {
    static const char *const token[] = { "HTTP_AUTHORIZATION", "Bearer x", NULL };
    struct cab_request *plain = a_request(mem, "GET", "/", NULL), *signed_in = a_request(mem, "PATCH", "/", token);
    answer(CAB_PROBLEM_UNAUTHENTICATED, plain, 0, NULL);
    cr_assert_not_null(strstr(response.headers.data, "WWW-Authenticate: Bearer realm=\"cabinet\"\r\n"));
    answer(CAB_PROBLEM_UNAUTHENTICATED, signed_in, 0, NULL);
    cr_assert_not_null(strstr(response.headers.data, "Bearer realm=\"cabinet\", error=\"invalid_token\"\r\n"));
    answer(CAB_PROBLEM_BAD_CREDENTIALS, plain, 0, NULL);
    cr_assert_not_null(strstr(response.headers.data, "WWW-Authenticate: Bearer realm=\"cabinet\"\r\n"));
    answer(CAB_PROBLEM_METHOD_NOT_ALLOWED, plain, 0, "GET, HEAD");
    cr_assert_not_null(strstr(response.headers.data, "Allow: GET, HEAD\r\n"));
    answer(CAB_PROBLEM_UNSUPPORTED_MEDIA_TYPE, signed_in, 0, "application/json");
    cr_assert_not_null(strstr(response.headers.data, "Accept-Patch: application/json\r\n"));
    answer(CAB_PROBLEM_THROTTLED, plain, 42, NULL);
    cr_assert_not_null(strstr(response.headers.data, "Retry-After: 42\r\n"));
    answer(CAB_PROBLEM_UNAVAILABLE, plain, 0, NULL);
    cr_assert_not_null(strstr(response.headers.data, "Retry-After: 1\r\n"));
}

Test(response, what_is_internal_stays_inside) {
    struct cab_request *request = a_request(mem, "GET", "/", NULL);
    answer(CAB_PROBLEM_INTERNAL, request, 0, NULL);
    cr_assert_null(strstr(response.body.data, "Something."));
    answer(CAB_PROBLEM_REPLAN, request, 0, NULL);
    cr_assert_not_null(strstr(response.body.data, "\"code\":\"internal\""));
}
