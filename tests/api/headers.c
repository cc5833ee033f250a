/* headers: request ids, security, caching, CORS, HEAD, OPTIONS, compression, HTTP/2. */
#include "client.h"

#include <string.h>

#define ME "/api/v1/users/me"

Test(headers, security_headers_stand_once_on_every_answer) {
    static const char *const names[] = { "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy",
                                         "Content-Security-Policy" };
    struct answer *answers[] = { get(ME, admin()), get(ME, NULL), get("/nothing", NULL), get("/health/live", NULL) };
    for (size_t a = 0; a < sizeof(answers) / sizeof(answers[0]); a++) {
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
            cr_assert_eq(header_count(answers[a], names[i]), 1, "%s in %s", names[i], answers[a]->head);
        cr_assert_str_eq(header(answers[a], "X-Content-Type-Options"), "nosniff");
        cr_assert_eq(header_count(answers[a], "Strict-Transport-Security"), 0);
        cr_assert_eq(header_count(answers[a], "X-Request-Id"), 1, "%s", answers[a]->head);
        cr_assert_eq(header_count(answers[a], "Cache-Control"), 1, "%s", answers[a]->head);
        cr_assert(strchr(header(answers[a], "Server"), '/') == NULL);
    }
}

Test(headers, request_id_is_taken_over_where_it_is_well_formed) {
    struct answer *answer = ASK(.method = "GET", .path = ME, .headers = { "X-Request-Id: my.request_id-1" });
    cr_assert_str_eq(header(answer, "X-Request-Id"), "my.request_id-1");
    answer = ASK(.method = "GET", .path = "/nothing", .headers = { "X-Request-Id: my.request_id-1" });
    cr_assert_str_eq(header(answer, "X-Request-Id"), "my.request_id-1");
    answer = ASK(.method = "GET", .path = ME, .headers = { "X-Request-Id: bad id!" });
    cr_assert_str_neq(header(answer, "X-Request-Id"), "bad id!");
    answer = ASK(.method = "GET", .path = ME, .headers = { "X-Request-Id: short" });
    cr_assert_str_neq(header(answer, "X-Request-Id"), "short");
}

Test(headers, caching) {
    struct answer *answer = get(ME, admin());
    cr_assert(strstr(header(answer, "Cache-Control"), "private") != NULL, "%s", header(answer, "Cache-Control"));
    cr_assert(strstr(header(answer, "Vary"), "Authorization") != NULL, "%s", answer->head);
    answer = get("/api/v1/users", admin());
    cr_assert(strstr(header(answer, "Cache-Control"), "no-store") != NULL, "%s", header(answer, "Cache-Control"));
}

Test(headers, head_is_get_without_body) {
    struct answer *g = get(ME, admin()), *h = ASK(.method = "HEAD", .path = ME, .token = admin());
    expect(h, 200);
    cr_assert_eq(h->size, 0);
    cr_assert_str_eq(header(h, "ETag"), header(g, "ETag"));
    cr_assert_str_eq(header(h, "Content-Type"), header(g, "Content-Type"));
    expect(ASK(.method = "HEAD", .path = "/api/v1/nothing", .token = admin()), 404);
    expect(ASK(.method = "HEAD", .path = ME), 401);
}

Test(headers, options_lists_methods) {
    struct answer *answer = ASK(.method = "OPTIONS", .path = ME);
    expect(answer, 204);
    cr_assert(strstr(header(answer, "Allow"), "PATCH") != NULL, "%s", answer->head);
    cr_assert_eq(header_count(answer, "Access-Control-Allow-Origin"), 0);
}

Test(headers, cors_knows_its_origins) {
    struct answer *answer =
        ASK(.method = "GET", .path = ME, .token = admin(), .headers = { "Origin: https://app.example.org" });
    expect(answer, 200);
    cr_assert_str_eq(header(answer, "Access-Control-Allow-Origin"), "https://app.example.org");
    cr_assert_eq(header_count(answer, "Access-Control-Allow-Origin"), 1);
    cr_assert(strstr(header(answer, "Access-Control-Expose-Headers"), "X-Total-Count") != NULL);
    cr_assert(strstr(header(answer, "Vary"), "Origin") != NULL);
    answer = ASK(.method = "GET", .path = ME, .token = admin(), .headers = { "Origin: https://evil.example" });
    expect(answer, 200);
    cr_assert_eq(header_count(answer, "Access-Control-Allow-Origin"), 0);
    answer = ASK(.method = "GET", .path = ME, .token = admin(),
                 .headers = { "Origin: https://app.example.org.evil.example" });
    cr_assert_eq(header_count(answer, "Access-Control-Allow-Origin"), 0);
    answer = ASK(.method = "GET", .path = ME, .token = admin(), .headers = { "Origin: null" });
    cr_assert_eq(header_count(answer, "Access-Control-Allow-Origin"), 0);
}

Test(headers, cors_answers_preflights) {
    struct answer *answer = ASK(.method = "OPTIONS", .path = ME,
                                .headers = { "Origin: https://app.example.org", "Access-Control-Request-Method: PATCH",
                                             "Access-Control-Request-Headers: authorization, if-match" });
    expect(answer, 204);
    cr_assert_str_eq(header(answer, "Access-Control-Allow-Origin"), "https://app.example.org");
    cr_assert(strstr(header(answer, "Access-Control-Allow-Methods"), "PATCH") != NULL);
    cr_assert(strcasestr(header(answer, "Access-Control-Allow-Headers"), "authorization") != NULL);
    cr_assert_str_eq(header(answer, "Access-Control-Max-Age"), "600");
    answer = ASK(.method = "OPTIONS", .path = ME,
                 .headers = { "Origin: https://evil.example", "Access-Control-Request-Method: PATCH" });
    cr_assert_eq(header_count(answer, "Access-Control-Allow-Origin"), 0);
}

Test(headers, compresses_lists_but_not_secrets) {
    struct answer *answer = ASK(.method = "GET", .path = "/api/v1/admin/audit-logs?size=50", .token = admin(),
                                .headers = { "Accept-Encoding: gzip" });
    expect(answer, 200);
    cr_assert_str_eq(header(answer, "Content-Encoding"), "gzip");
    struct person *person = registered();
    answer = ASK(.method = "POST", .path = "/api/v1/auth/login", .headers = { "Accept-Encoding: gzip" },
                 .body = fmt("{\"username\":\"%s\",\"password\":\"%s\"}", person->email, PASSWORD));
    expect(answer, 200);
    cr_assert_eq(header_count(answer, "Content-Encoding"), 0);
}

Test(headers, http2_over_tls) {
    struct answer *answer = ASK(.method = "GET", .path = ME, .token = admin(), .http2 = true);
    expect(answer, 200);
    cr_assert(strncmp(answer->head, "HTTP/2", 6) == 0, "%s", answer->head);
}

Test(headers, health_tells_no_more_than_needed) {
    struct answer *live = get("/health/live", NULL), *ready = get("/health/ready", NULL);
    expect(live, 200);
    expect(ready, 200);
    expect(ASK(.method = "HEAD", .path = "/health/live"), 200);
    cr_assert(strstr(ready->body, "postgres") == NULL);
    cr_assert(strstr(ready->body, "version") == NULL);
}

Test(headers, types_of_problems_are_pages) {
    struct answer *answer = get(text(get(ME, NULL), "/type"), NULL);
    expect(answer, 200);
    cr_assert(strncmp(header(answer, "Content-Type"), "text/html", 9) == 0, "%s", answer->head);
    expect_problem(get("/problems/nothing", NULL), 404, "not_found");
}

Test(headers, openapi_describes_the_api) {
    struct answer *answer = get("/api/v1/openapi.json", NULL);
    expect(answer, 200);
    cr_assert(strncmp(text(answer, "/openapi"), "3.", 2) == 0);
    cr_assert(has(answer, "/paths/~1users~1me/get") || has(answer, "/paths/~1api~1v1~1users~1me/get"), "%.400s",
              answer->body);
}
