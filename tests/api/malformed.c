/*
 * malformed: ten thousand requests that must be refused, made from a seed, and broken FastCGI records.  Each is
 * answered by a 4xx problem; no worker dies.  CABINET_TEST_SEED repeats a run, CABINET_TEST_REQUESTS changes the
 * number.
 */
#include "client.h"
#include "raw.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint64_t state;

static unsigned roll(unsigned n) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)((state >> 11) % n);
}

#define PICK(array) (array)[roll(sizeof(array) / sizeof((array)[0]))]

static const char *const body_paths[] = { "POST /api/v1/auth/login",
                                          "POST /api/v1/auth/register",
                                          "PATCH /api/v1/users/me",
                                          "PUT /api/v1/users/me",
                                          "POST /api/v1/users",
                                          "POST /api/v1/auth/refresh",
                                          "POST /api/v1/auth/change-password",
                                          "PATCH /api/v1/users/1" };
static const char *const parameters[] = { "search",       "page",           "size",
                                          "is_verified",  "is_superuser",   "oauth_provider",
                                          "date_created", "sort",           "sort_by",
                                          "sort_order",   "cursor",         "filter",
                                          "id__in",       "username__like", "date_created__between",
                                          "fields",       "count",          "is_deleted" };

static char *noise(size_t n) {
    char *s = malloc(n + 1);
    cr_assert_not_null(s);
    for (size_t i = 0; i < n; i++)
        s[i] = (char)(roll(255) + 1);
    s[n] = '\0';
    return s;
}

static char *repeat(const char *unit, unsigned times) {
    char *s = calloc(times + 1, strlen(unit));
    cr_assert_not_null(s);
    for (unsigned i = 0; i < times; i++)
        memcpy(s + i * strlen(unit), unit, strlen(unit));
    return s;
}

/* A request with a body to one of the routes that take one, signed in. */
static struct answer *send_body(const char *body, size_t n, const char *type) {
    const char *target = PICK(body_paths), *space = strchr(target, ' ');
    return ASK(.method = strndup(target, (size_t)(space - target)), .path = space + 1, .token = admin(), .body = body,
               .size = n, .type = type);
}

static struct answer *bad_json(void) {
    static const char *const texts[] = {
        "{",
        "}",
        "[",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":tru}",
        "{\"a\":+1}",
        "{\"a\":.5}",
        "{\"a\":1e}",
        "{\"a\":0x10}",
        "{\"a\":NaN}",
        "{\"a\":-Infinity}",
        "{\"a\":\"\\q\"}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":\"\\udead\"}",
        "{\"a\":\"tab\there\"}",
        "{}x",
        "{}{}",
        "/* c */{}",
        "{\"a\":1//\n}",
        "\"",
        "nul",
        "{\"a\":\"\\u0000\"}",
        ",",
        "{\"a\" 1}",
    };
    return send_body(PICK(texts), 0, NULL);
}

static struct answer *bad_utf8(void) {
    static const char *const bytes[] = { "\xff", "\xc0\xaf", "\xe0\x80\x80",        "\xed\xa0\x80", "\xf4\x90\x80\x80",
                                         "\xc3", "\x80",     "\xf8\x88\x80\x80\x80" };
    const char *bad = PICK(bytes);
    if (roll(2) == 0)
        return send_body(fmt("{\"username\":\"abc%s\"}", bad), 0, NULL);
    char *encoded = fmt("%s", "");
    for (; *bad != '\0'; bad++)
        encoded = fmt("%s%%%02X", encoded, (unsigned char)*bad);
    return get(fmt("/api/v1/users?search=a%s", encoded), admin());
}

static struct answer *nul(void) {
    switch (roll(3)) {
    case 0: return send_body("{\"username\":\"a\0c\"}", 18, NULL);
    case 1: return get("/api/v1/users?search=a%00b", admin());
    default: return get(fmt("/api/v1/users?username__%s=%%00", roll(2) != 0 ? "like" : "contains"), admin());
    }
}

static struct answer *huge_number(void) {
    static const char *const numbers[] = { "99999999999999999999",
                                           "-9223372036854775809",
                                           "1e400",
                                           "1e-400",
                                           "0.5",
                                           "9223372036854775808",
                                           "100000000000000000000000000000000000000000" };
    switch (roll(4)) {
    case 0: return send_body(fmt("{\"is_verified\":%s}", PICK(numbers)), 0, NULL);
    case 1: return get(fmt("/api/v1/users?id=%s", PICK(numbers)), admin());
    case 2: return get(fmt("/api/v1/users?%s=%s", roll(2) != 0 ? "page" : "size", PICK(numbers)), admin());
    default: return get(fmt("/api/v1/users/%s", PICK(numbers)), admin());
    }
}

static struct answer *deep(void) {
    unsigned n = 33 + roll(2000);
    const char *open = roll(2) != 0 ? "[" : "{\"a\":";
    if (roll(3) == 0)
        return get(fmt("/api/v1/users?filter=%s", repeat("%7B%22not%22:", 5 + roll(40))), admin());
    return send_body(fmt("%s1%s", repeat(open, n), repeat(*open == '[' ? "]" : "}", n)), 0, NULL);
}

static struct answer *duplicate_key(void) {
    return send_body(roll(2) != 0 ? "{\"username\":\"abc\",\"username\":\"abd\"}" : "{\"a\":{\"b\":1,\"\\u0062\":2}}",
                     0, NULL);
}

static struct answer *unknown_name(void) {
    char *word = fmt("zz%x", roll(1u << 30));
    switch (roll(4)) {
    case 0: return send_body(fmt("{\"%s\":1}", word), 0, NULL);
    case 1: return get(fmt("/api/v1/users?%s=1", word), admin());
    case 2: return get(fmt("/api/v1/users?username__%s=1", word), admin());
    default: return get(fmt("/api/v1/users?sort=%s", word), admin());
    }
}

static struct answer *bad_value(void) {
    static const char *const values[] = { "is_verified=perhaps",
                                          "is_superuser=2",
                                          "date_created=2024-13-01",
                                          "date_created__lt=tomorrow",
                                          "date_created__between=2024-01-01",
                                          "id__in=1,,x",
                                          "page=-1",
                                          "page=1.5",
                                          "size=0",
                                          "size=101",
                                          "sort=id,id,id,id,id,id",
                                          "sort_order=up",
                                          "cursor=%21%21",
                                          "cursor=AAAA",
                                          "filter=%7B",
                                          "filter=%5B1%5D",
                                          "filter=%7B%22or%22:5%7D",
                                          "fields=nothing",
                                          "count=all",
                                          "is_deleted=x",
                                          "oauth_provider__null=x",
                                          "id__like=1",
                                          "is_verified__gt=",
                                          "page=1&page=2" };
    return get(fmt("/api/v1/users?%s", PICK(values)), admin());
}

static struct answer *garbage_value(void) {
    char *raw = noise(1 + roll(40)), *encoded = fmt("%s", "");
    for (char *c = raw; *c != '\0'; c++)
        encoded = fmt("%s%%%02X", encoded, (unsigned char)*c);
    /* FF is in no UTF-8 text */
    return get(fmt("/api/v1/users?%s=%s%%FF", PICK(parameters), encoded), admin());
}

static struct answer *oversize(void) {
    size_t n = roll(10) == 0 ? (2u << 20) : (66u << 10);
    char *body = repeat(" ", (unsigned)n);
    return ASK(.method = "POST", .path = n > (1 << 20) ? "/api/v1/users" : "/api/v1/auth/login", .token = admin(),
               .body = body, .size = n);
}

static struct answer *bad_token(void) {
    switch (roll(5)) {
    case 0: return get("/api/v1/users/me", repeat("A", 1 + roll(6000)));
    case 1: return get("/api/v1/users", fmt("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiIx%x.", roll(99999)));
    case 2: return get("/api/v1/users/me", fmt("%.*sX", (int)roll((unsigned)strlen(admin())), admin()));
    case 3: return ASK(.method = "GET", .path = "/api/v1/users", .headers = { "Authorization: Bearer" });
    default:
        return ASK(.method = "GET", .path = "/api/v1/users", .headers = { "Authorization: Bearer a b c, Basic x" });
    }
}

static struct answer *bad_method(void) {
    static const char *const methods[] = { "PUT", "PATCH", "DELETE", "PROPFIND", "LOCK", "BREW", "A", "CONNEXION-" };
    return ASK(.method = PICK(methods), .path = roll(2) != 0 ? "/api/v1/auth/login" : "/api/v1/users",
               .token = admin());
}

static struct answer *bad_type(void) {
    static const char *const types[] = {
        "text/plain", "application/xml",    "application/jsonp", "multipart/form-data", "/", ";",
        "json",       "application/json/x", "text/json"
    };
    return send_body("{}", 0, PICK(types));
}

static struct answer *bad_path(void) {
    static const char *const paths[] = { "/api/v1/%ff",          "/api/v1/users/%00", "/api/v1//",
                                         "/api/v1/users//me",    "/api/v2/users",     "/api/v1/users/me/x/y/z",
                                         "/api/v1/users/1%2F..", "/api/v1/USERS",     "/api/v1/users/1;x=1",
                                         "/api/v1/%c0%ae/users", "/api/v1/users.exe", "/%2e%2e/api/v1/users" };
    return get(PICK(paths), admin());
}

static struct answer *bad_bytes(void) {
    static const char *const requests[] = {
        "GET /api/v1/users HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET\r\n\r\n",
        "GET  /api HTTP/1.1\r\n\r\n",
        "\x01\x02\x03\r\n\r\n",
        "POST /api/v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\nConnection: close\r\n\r\n",
        "POST /api/v1/auth/login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\nConnection: close\r\n\r\n",
        "POST /api/v1/auth/login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: "
        "close\r\n\r\n-1\r\n\r\n",
        "GET / HTTP/9.9\r\nHost: a\r\n\r\n",
        "TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET /api/v1/users HTTP/1.1\r\nHost: a\r\nAuthorization : x\r\nConnection: close\r\n\r\n",
        "GET /api/v1/users HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n",
    };
    const char *request = PICK(requests);
    return raw_ask(request, strlen(request));
}

static struct answer *(*const kinds[])(void) = {
    bad_json,  bad_json,  bad_json,      bad_utf8,  nul,        huge_number, deep,     duplicate_key, unknown_name,
    bad_value, bad_value, garbage_value, bad_token, bad_method, bad_type,    bad_path, bad_bytes,
};

static unsigned long from_environment(const char *name, unsigned long otherwise) {
    const char *value = getenv(name);
    return value != NULL && *value != '\0' ? strtoul(value, NULL, 10) : otherwise;
}

static void seed(void) {
    unsigned long value = from_environment("CABINET_TEST_SEED", (unsigned long)time(NULL));
    printf("CABINET_TEST_SEED=%lu\n", value);
    state = value * 2654435761u + 88172645463325252ull;
}

static void expect_refusal(const struct answer *answer, unsigned long i, const char *what) {
    cr_assert(answer->status / 100 == 4, "request %lu (%s): %d %s", i, what, answer->status, answer->body);
    expect_problem(answer, answer->status, NULL);
}

/* Lines of the logs that tell of a worker's death; other tests kill workers, so only new ones count. */
static char *deaths(void) {
    char *command = fmt("cat '%s'/*.log | grep -cE 'worker [0-9]+ (died|exited|.* is killed)'", environment("CABINET_"
                                                                                                            "TEST_"
                                                                                                            "LOGS"));
    FILE *pipe = popen(command, "r");
    char line[32] = "";
    cr_assert_not_null(pipe);
    cr_assert_not_null(fgets(line, sizeof(line), pipe));
    pclose(pipe);
    return strdup(line);
}

Test(malformed, ten_thousand_requests, .timeout = 400) {
    unsigned long n = from_environment("CABINET_TEST_REQUESTS", 10000);
    char *before = deaths();
    seed();
    for (unsigned long i = 0; i < n; i++) {
        unsigned kind = roll(sizeof(kinds) / sizeof(kinds[0]));
        struct answer *answer = i % 200 == 7 ? oversize() : kinds[kind]();
        expect_refusal(answer, i, i % 200 == 7 ? "oversize" : fmt("kind %u", kind));
    }
    expect(get("/health/ready", NULL), 200);
    expect(get("/api/v1/users/me", admin()), 200);
    cr_assert_str_eq(deaths(), before);
}

/* ---- FastCGI ---- */

static size_t record(char *to, int version, int type, int id, size_t length, int padding) {
    char head[8] = { (char)version,       (char)type,   (char)(id >> 8), (char)id,
                     (char)(length >> 8), (char)length, (char)padding,   0 };
    memcpy(to, head, 8);
    return 8;
}

Test(malformed, broken_fastcgi_closes_its_connection_only, .timeout = 120) {
    char *before = deaths();
    seed();
    for (int i = 0; i < 300; i++) {
        char bytes[4096];
        size_t n = 0, out;
        if (i % 3 == 0) {
            n = 1 + roll(200);
            memcpy(bytes, noise(n), n);
        } else {
            /* a well-formed beginning, then something that is none */
            n += record(bytes + n, 1, 1, 1, 8, 0);
            memcpy(bytes + n, "\0\1\0\0\0\0\0\0", 8);
            bytes[n + 1] = (char)(1 + roll(4));
            n += 8;
            n += record(bytes + n, 1 + (int)(roll(4) == 0), (int)roll(14), (int)roll(3), roll(2000), (int)roll(256));
            size_t more = roll(1500);
            memcpy(bytes + n, noise(more), more);
            n += more;
        }
        free(raw_fastcgi(roll(2) != 0 ? "api" : "auth", bytes, n, &out));
    }
    expect(get("/health/ready", NULL), 200);
    expect(login("nobody-of-that-name", "whatever it is"), 401);
    cr_assert_str_eq(deaths(), before);
}

Test(malformed, a_client_that_hangs_up_is_forgotten, .timeout = 120) {
    for (int i = 0; i < 50; i++) {
        char bytes[64];
        size_t n = record(bytes, 1, 1, 1, 8, 0), out;
        memcpy(bytes + n, "\0\1\0\0\0\0\0\0", 8);
        n += 8;
        n += record(bytes + n, 1, 4, 1, 100, 0);
        free(raw_fastcgi("api", bytes, n, &out));
    }
    expect(get("/health/ready", NULL), 200);
}
