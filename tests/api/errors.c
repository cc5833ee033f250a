/* errors: each refusal in the form of RFC 9457, by workers and by nginx itself. */
#include "client.h"
#include "raw.h"

#include <stdlib.h>
#include <string.h>

#define LOGIN "/api/v1/auth/login"
#define ME "/api/v1/users/me"

static struct answer *login_body(const char *body, size_t n) {
    return ASK(.method = "POST", .path = LOGIN, .body = body, .size = n);
}

Test(errors, unknown_paths_are_404) {
    expect_problem(get("/", NULL), 404, "not_found");
    expect_problem(get("/nothing", NULL), 404, "not_found");
    expect_problem(get("/api/v1", NULL), 404, "not_found");
    expect_problem(get("/api/v1/", admin()), 404, "not_found");
    expect_problem(get("/api/v1/nothing", admin()), 404, "not_found");
    expect_problem(get("/api/v1/user_secrets", admin()), 404, "not_found");
    expect_problem(get("/api/v1/sessions", admin()), 404, "not_found");
    expect_problem(get("/api/v1/pg_class", admin()), 404, "not_found");
    expect_problem(get("/api/v1/auth/nothing", NULL), 404, "not_found");
    expect_problem(get("/health/nothing", NULL), 404, "not_found");
}

Test(errors, paths_are_taken_as_sent) {
    expect_problem(get("/api/v1//users/me", admin()), 404, "not_found");
    expect_problem(get("/api/v1/users%2Fme", admin()), 404, NULL);
    expect_problem(get("/api/v1/./users/me", admin()), 404, "not_found");
    expect_problem(get("/api/v1/users/me/", admin()), 404, "not_found");
    expect(get("/api/v1/users/%6de", admin()), 200);
}

Test(errors, wrong_methods_are_405_with_allow) {
    struct answer *answer = get(LOGIN, NULL);
    expect_problem(answer, 405, "method_not_allowed");
    cr_assert(strstr(header(answer, "Allow"), "POST") != NULL, "%s", header(answer, "Allow"));
    answer = post(ME, admin(), "{}");
    expect_problem(answer, 405, "method_not_allowed");
    cr_assert(strstr(header(answer, "Allow"), "GET") != NULL && strstr(header(answer, "Allow"), "PATCH") != NULL);
    expect_problem(ASK(.method = "TRACE", .path = ME), 405, "method_not_allowed");
    expect_problem(ASK(.method = "BREW", .path = ME), 405, "method_not_allowed");
}

Test(errors, broken_json_is_400) {
    static const char *const bodies[] = {
        "",
        "{",
        "[1,",
        "{\"username\":}",
        "{'username':'a'}",
        "{\"username\":\"a\",}",
        "nul",
        "{\"a\":NaN}",
        "{\"a\":Infinity}",
        "{\"a\":01}",
        "{\"a\":1.}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":\"line\nbreak\"}",
        "{} {}",
        "\xef\xbb\xbf{}",
        "{\"username\":\"a\",\"username\":\"b\",\"password\":\"c\"}",
        "{\"username\":\"\xff\"}",
        "{\"a\":\"\\u0000\"}",
    };
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        struct answer *answer = login_body(bodies[i], 0);
        cr_assert(answer->status == 400, "%d for %s: %s", answer->status, bodies[i], answer->body);
        expect_problem(answer, 400, "malformed_request");
    }
    expect_problem(login_body("{\"username\":\"a\0b\"}", 18), 400, "malformed_request");
}

Test(errors, deep_json_is_refused) {
    char deep[4001];
    memset(deep, '[', 2000);
    memset(deep + 2000, ']', 2000);
    deep[4000] = '\0';
    cr_assert_eq(login_body(deep, 0)->status, 400);
}

Test(errors, json_of_another_kind_is_422) {
    struct answer *answer = login_body("[]", 0);
    cr_assert(answer->status == 400 || answer->status == 422, "%d", answer->status);
    answer = login_body("\"text\"", 0);
    cr_assert(answer->status == 400 || answer->status == 422, "%d", answer->status);
}

Test(errors, broken_queries_are_400) {
    expect_problem(get("/api/v1/users?search=%ff%fe", admin()), 400, "malformed_request");
    expect_problem(get("/api/v1/users?search=%00", admin()), 400, NULL);
    expect_problem(get("/api/v1/users?search=%zz", admin()), 400, NULL);
    expect_problem(get("/api/v1/users?page=1&page=2", admin()), 400, NULL);
}

Test(errors, wrong_accept_is_406) {
    expect_problem(ASK(.method = "GET", .path = ME, .token = admin(), .headers = { "Accept: image/png" }), 406,
                   "not_acceptable");
    expect(ASK(.method = "GET", .path = ME, .token = admin(), .headers = { "Accept: application/*;q=0.5, text/html" }),
           200);
    expect(ASK(.method = "GET", .path = ME, .token = admin(), .headers = { "Accept: */*" }), 200);
}

Test(errors, wrong_content_type_is_415) {
    struct answer *answer = ASK(.method = "PATCH", .path = ME, .token = admin(), .body = "{}", .type = "text/plain");
    expect_problem(answer, 415, "unsupported_media_type");
    cr_assert_not_null(header(answer, "Accept-Patch"));
    answer = ASK(.method = "POST", .path = LOGIN, .body = "{}", .type = "application/xml");
    expect_problem(answer, 415, "unsupported_media_type");
    cr_assert_not_null(header(answer, "Accept-Post"));
    expect_problem(ASK(.method = "PATCH", .path = ME, .token = admin(), .body = "{}", .type = ""), 415,
                   "unsupported_media_type");
}

Test(errors, large_bodies_are_413) {
    size_t n = 3 << 20;
    char *body = malloc(n + 1);
    cr_assert_not_null(body);
    memset(body, ' ', n);
    body[n] = '\0';
    expect_problem(ASK(.method = "PATCH", .path = ME, .token = admin(), .body = body, .size = n), 413, "too_large");
    expect_problem(ASK(.method = "POST", .path = LOGIN, .body = body, .size = 64 << 10), 413, "too_large");
}

Test(errors, conflicting_names_tell_the_field_only) {
    struct person *person = registered();
    struct answer *answer =
        post("/api/v1/auth/register", NULL,
             fmt("{\"email\":\"%s\",\"username\":\"%s\",\"password\":\"%s\"}", person->email, unique("x"), PASSWORD));
    expect_problem(answer, 409, "conflict");
    cr_assert(strstr(answer->body, person->email) == NULL);
    cr_assert(strstr(answer->body, "users_email") == NULL);
    cr_assert(strstr(answer->body, "duplicate key") == NULL);
}

Test(errors, instance_names_the_request) {
    struct answer *answer = get("/api/v1/nothing", admin());
    cr_assert_str_eq(text(answer, "/instance"), "/api/v1/nothing");
}

/* ---- nginx's own ---- */

static void expect_raw(const char *bytes, size_t n, int status, const char *code) {
    struct answer *answer = raw_ask(bytes, n);
    expect_problem(answer, status, code);
    cr_assert_eq(header_count(answer, "X-Content-Type-Options"), 1);
}

#define RAW(status, code, bytes) expect_raw(bytes, sizeof(bytes) - 1, status, code)
#define HOST "Host: localhost\r\n"
#define CLOSE "Connection: close\r\n\r\n"

Test(errors_nginx, broken_request_lines_are_400) {
    RAW(400, "malformed_request", "\x16\x03\x01 hello\r\n\r\n");
    RAW(400, "malformed_request", "get / HTTP/1.1\r\n" HOST CLOSE);
    RAW(400, "malformed_request", "GET /%zz HTTP/1.1\r\n" HOST CLOSE);
    RAW(400, "malformed_request", "GET /%00 HTTP/1.1\r\n" HOST CLOSE);
    RAW(400, "malformed_request", "GET /../x HTTP/1.1\r\n" HOST CLOSE);
    RAW(400, "malformed_request", "GET / HTTP/7.1\r\n" HOST CLOSE);
    RAW(400, "malformed_request", "GET / HTTP/1.1\r\n\r\n");
    RAW(400, "malformed_request", "GET / HTTP/1.1\r\n" HOST HOST CLOSE);
    RAW(400, "malformed_request", "GET / HTTP/1.1\r\n" HOST "X\x01: y\r\n" CLOSE);
}

Test(errors_nginx, broken_framing_is_400) {
    RAW(400, "malformed_request", "POST " LOGIN " HTTP/1.1\r\n" HOST "Content-Length: -1\r\n" CLOSE);
    RAW(400, "malformed_request", "POST " LOGIN " HTTP/1.1\r\n" HOST "Transfer-Encoding: magic\r\n" CLOSE);
    RAW(400, "malformed_request",
        "POST " LOGIN " HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n" CLOSE "0\r\n\r\n");
    RAW(400, "malformed_request",
        "POST " LOGIN " HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n" CLOSE "zz\r\n\r\n");
}

Test(errors_nginx, trace_and_internal_paths) {
    RAW(405, "method_not_allowed", "TRACE / HTTP/1.1\r\n" HOST CLOSE);
    RAW(404, "not_found", "GET /_problem/500 HTTP/1.1\r\n" HOST CLOSE);
    RAW(404, "not_found", "GET /_lane/write HTTP/1.1\r\n" HOST CLOSE);
}

Test(errors_nginx, long_addresses_are_414) {
    char *uri = malloc(20001);
    cr_assert_not_null(uri);
    memset(uri, 'a', 20000);
    uri[20000] = '\0';
    char *request = fmt("GET /%s HTTP/1.1\r\n" HOST CLOSE, uri);
    expect_raw(request, strlen(request), 414, "uri_too_long");
    request = fmt("GET / HTTP/1.1\r\n" HOST "X-Long: %s\r\n" CLOSE, uri);
    expect_raw(request, strlen(request), 431, "headers_too_large");
}

Test(errors_nginx, announced_large_bodies_are_413) {
    RAW(413, "too_large", "PATCH " ME " HTTP/1.1\r\n" HOST "Content-Length: 9999999999\r\n" CLOSE);
}

Test(errors_nginx, plain_http_on_the_tls_port_is_400) {
    const char *tls = environment("CABINET_TEST_TLS_URL");
    struct answer *answer = get(fmt("http%s/", tls + strlen("https")), NULL);
    expect_problem(answer, 400, "malformed_request");
}
