/*
 * A request from FastCGI parameters, strictly: every byte of the address and of the headers is checked here, once.
 * Knows nothing of routes and tables.
 */
#include "http/parts.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MAX_URI 16384
#define MAX_SEGMENTS 16

static const char *const method_names[CAB_METHOD__MAX] = {
    [CAB_GET] = "GET", [CAB_HEAD] = "HEAD", [CAB_POST] = "POST", [CAB_PUT] = "PUT", [CAB_PATCH] = "PATCH",
    [CAB_DELETE] = "DELETE", [CAB_OPTIONS] = "OPTIONS",
};

const char *const cab_fcgi_param_names[] = {
#define PARAM_NAME(name) #name,
    CAB_PARAMS(PARAM_NAME)
#undef PARAM_NAME
    NULL
};

/* Headers as their names read in messages, and where they go. */
static const struct header_row {
    enum cab_param param;
    size_t offset;
    const char *name;
} header_rows[] = {
    { CAB_PARAM_CONTENT_TYPE, offsetof(struct cab_request, content_type), "Content-Type" },
    { CAB_PARAM_HTTP_AUTHORIZATION, offsetof(struct cab_request, authorization), "Authorization" },
    { CAB_PARAM_HTTP_ACCEPT, offsetof(struct cab_request, accept), "Accept" },
    { CAB_PARAM_HTTP_COOKIE, offsetof(struct cab_request, cookie), "Cookie" },
    { CAB_PARAM_HTTP_IF_MATCH, offsetof(struct cab_request, if_match), "If-Match" },
    { CAB_PARAM_HTTP_IF_NONE_MATCH, offsetof(struct cab_request, if_none_match), "If-None-Match" },
    { CAB_PARAM_HTTP_IDEMPOTENCY_KEY, offsetof(struct cab_request, idempotency_key), "Idempotency-Key" },
    { CAB_PARAM_HTTP_PREFER, offsetof(struct cab_request, prefer), "Prefer" },
    { CAB_PARAM_HTTP_X_READ_AFTER, offsetof(struct cab_request, read_after), "X-Read-After" },
    { CAB_PARAM_HTTP_ORIGIN, offsetof(struct cab_request, origin), "Origin" },
    { CAB_PARAM_HTTP_USER_AGENT, offsetof(struct cab_request, user_agent), "User-Agent" },
    { CAB_PARAM_HTTP_SEC_FETCH_SITE, offsetof(struct cab_request, sec_fetch_site), "Sec-Fetch-Site" },
    { CAB_PARAM_HTTP_ACCESS_CONTROL_REQUEST_METHOD, offsetof(struct cab_request, acr_method),
      "Access-Control-Request-Method" },
    { CAB_PARAM_HTTP_ACCESS_CONTROL_REQUEST_HEADERS, offsetof(struct cab_request, acr_headers),
      "Access-Control-Request-Headers" },
};

bool cab_request_is_plain_localhost(const struct cab_request *request) {
    const char *host = request->host;
    if (request->scheme == NULL || strcmp(request->scheme, "http") != 0 || host == NULL)
        return false;
    size_t n = strcspn(host, ":");
    return (n == 9 && (strncmp(host, "localhost", 9) == 0 || strncmp(host, "127.0.0.1", 9) == 0)) ||
           strncmp(host, "[::1]", 5) == 0;
}

const char *cab_method_name(enum cab_method method) {
    CAB_BUG_ON(method <= 0 || method >= CAB_METHOD__MAX);
    return method_names[method];
}

static int parse_method(struct cab_request *request, const char *name, struct cab_err *err) {
    if (name == NULL || *name == '\0' || *cab_skip_token(name) != '\0')
        return cab_fail(err, CAB_PROBLEM_MALFORMED, "The request has no proper method.");
    request->method_name = name;
    for (int i = 1; i < CAB_METHOD__MAX; i++)
        if (strcmp(name, method_names[i]) == 0)
            request->method = (enum cab_method)i;
    return 0; /* a method that is not ours stays 0: the router answers 405 */
}

/* Printable, no space, and UTF-8 where not ASCII. */
static bool is_uri_text(const char *s) {
    const unsigned char *p = (const unsigned char *)s;
    for (; *p != '\0'; p++)
        if (*p <= 0x20 || *p == 0x7F || *p == '#')
            return false;
    return cab_utf8_valid(s, (size_t)((const char *)p - s));
}

/* Cuts "http://host" off an absolute-form target (RFC 9112 section 3.2.2). */
static const char *origin_form(const char *uri) {
    static const char *const schemes[] = { "http://", "https://" };
    for (size_t i = 0; i < CAB_LENGTH(schemes); i++)
        if (strncmp(uri, schemes[i], strlen(schemes[i])) == 0) {
            const char *path = uri + strlen(schemes[i]);
            path += strcspn(path, "/?");
            return *path == '/' ? path : "/";
        }
    return uri;
}

static int split_path(struct cab_request *request, const char *path, size_t n, struct cab_err *err) {
    char *decoded = cab_mem_alloc(request->mem, n + 1);
    if (cab_uri_decode(path, n, false, decoded) != 0)
        return cab_fail(err, CAB_PROBLEM_MALFORMED, "The path is not percent-encoded UTF-8 without NUL.");
    request->path = decoded;

    int most = 0;
    for (size_t i = 0; i < n; i++)
        most += path[i] == '/';
    if (most > MAX_SEGMENTS)
        return cab_fail_no_path(err);
    request->segments = cab_new_array(request->mem, const char *, (size_t)most);
    /* split before decoding, so that %2F stays inside its segment */
    char *room = cab_mem_alloc(request->mem, n + 1);
    const char *end = path + n;
    for (const char *at = path + 1; at <= end;) {
        const char *stop = memchr(at, '/', (size_t)(end - at));
        if (stop == NULL)
            stop = end;
        if (cab_uri_decode(at, (size_t)(stop - at), false, room) != 0)
            return cab_fail(err, CAB_PROBLEM_MALFORMED, "The path is not percent-encoded UTF-8 without NUL.");
        request->segments[request->n_segments++] = room;
        room += strlen(room) + 1;
        at = stop + 1;
    }
    return 0;
}

static int parse_uri(struct cab_request *request, const char *uri, struct cab_err *err) {
    if (uri == NULL)
        return cab_fail(err, CAB_PROBLEM_MALFORMED, "The request has no address.");
    if (strlen(uri) > MAX_URI)
        return cab_fail(err, CAB_PROBLEM_URI_TOO_LONG, "The address is longer than %d bytes; shorten it.", MAX_URI);
    if (!is_uri_text(uri))
        return cab_fail(err, CAB_PROBLEM_MALFORMED,
                        "The address has characters that must be percent-encoded as UTF-8.");
    uri = origin_form(uri);
    if (*uri != '/')
        return cab_fail(err, CAB_PROBLEM_MALFORMED, "The address must start with a slash.");
    request->uri = uri;
    size_t n = strcspn(uri, "?");
    request->query = uri[n] == '?' ? uri + n + 1 : "";
    if (split_path(request, uri, n, err) != 0)
        return -1;
    return cab_pairs_decode(request->mem, request->query, strlen(request->query), "The query", &request->params,
                            &request->n_params, err);
}

/* Whether eight bytes at s are printable ASCII, spaces included: tokens are long, and each request brings one. */
static bool is_printable(const char *s) {
    const uint64_t each = 0x0101010101010101, high = each * 0x80;
    uint64_t bytes, del;
    memcpy(&bytes, s, sizeof bytes);
    del = bytes ^ each * 0x7F;
    return ((bytes | (bytes - each * 0x20) | (del - each)) & high) == 0;
}

/* Visible characters, spaces, tabs; UTF-8. */
static bool is_header_text(const char *s) {
    size_t n = strlen(s);
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        if (n - i >= 8 && is_printable(s + i))
            i += 7;
        else if ((c < 0x20 && c != '\t') || c == 0x7F)
            return false;
    }
    return cab_utf8_valid(s, n);
}

static int parse_headers(struct cab_request *request, const struct cab_request_source *source, struct cab_err *err) {
    for (size_t i = 0; i < CAB_LENGTH(header_rows); i++) {
        const char *value = source->values[header_rows[i].param];
        if (value == NULL || *value == '\0')
            continue;
        if (!is_header_text(value))
            return cab_fail(err, CAB_PROBLEM_MALFORMED, "The header %s has bytes that are not printable UTF-8.",
                            header_rows[i].name);
        *(const char **)((char *)request + header_rows[i].offset) = value;
    }
    const char *host = source->values[CAB_PARAM_HTTP_HOST];
    if (host != NULL && *host != '\0') {
        size_t n = strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]");
        if (host[n] != '\0' || n > 255)
            return cab_fail(err, CAB_PROBLEM_MALFORMED, "The header Host is not a host name.");
        request->host = host;
    }
    return 0;
}

static bool is_request_id(const char *s) {
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    if (s == NULL)
        return false;
    size_t n = strspn(s, allowed);
    return s[n] == '\0' && n >= 8 && n <= 64;
}

static const char *pick_request_id(struct cab_request *request, const struct cab_request_source *source) {
    const char *sent = source->values[CAB_PARAM_HTTP_X_REQUEST_ID];
    const char *given = source->values[CAB_PARAM_REQUEST_ID];
    if (is_request_id(sent))
        return sent;
    if (is_request_id(given))
        return given;
    char made[37];
    cab_uuid_make(made);
    return cab_strdup(request->mem, made);
}

/* Address without more: "unix:" and anything else that is no address stays unknown. */
static const char *checked_address(const char *s) {
    unsigned char room[sizeof(struct in6_addr)];
    if (s == NULL || (inet_pton(AF_INET, s, room) != 1 && inet_pton(AF_INET6, s, room) != 1))
        return NULL;
    return s;
}

/* nginx's $msec ("1700000000.123") against our clock; 0 where it is missing or from the future. */
static int64_t waited_ms(const char *msec) {
    if (msec == NULL || strspn(msec, "0123456789.") != strlen(msec) || strlen(msec) > 16)
        return 0;
    char *rest;
    int64_t seconds = strtoll(msec, &rest, 10);
    if (rest == msec || *rest != '.' || strlen(rest) != 4 || strspn(rest + 1, "0123456789") != 3)
        return 0;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 - (seconds * 1000 + strtol(rest + 1, NULL, 10));
    return ms > 0 ? ms : 0;
}

static int check_body(const struct cab_request_source *source, struct cab_err *err) {
    const char *length = source->values[CAB_PARAM_CONTENT_LENGTH];
    int64_t n;
    if (length == NULL || *length == '\0')
        return 0;
    if (cab_parse_int64(length, 0, INT64_MAX, &n) != 0 || (uint64_t)n != source->body_len)
        return cab_fail(err, CAB_PROBLEM_MALFORMED, "The body is not as long as Content-Length says.");
    return 0;
}

int cab_request_build(void *mem, const struct cab_request_source *source, struct cab_request **request_out,
                      struct cab_err *err) {
    struct cab_request *request = cab_new(mem, struct cab_request);
    const char *const *values = source->values;
    request->mem = mem;
    request->method_name = "";
    request->uri = request->path = "/";
    request->query = "";
    request->body = source->body != NULL ? source->body : "";
    request->body_len = source->body_len;
    request->arrived_us = cab_now_us();
    request->arrived_ms = request->arrived_us / 1000;
    request->socket = -1;
    *request_out = request;

    /* first what the answer to a broken request needs */
    request->request_id = pick_request_id(request, source);
    request->remote_addr = checked_address(values[CAB_PARAM_REMOTE_ADDR]);
    request->scheme = values[CAB_PARAM_REQUEST_SCHEME] != NULL && strcmp(values[CAB_PARAM_REQUEST_SCHEME], "https") == 0
                          ? "https" : "http";
    request->host = "localhost";
    request->queued_ms = waited_ms(values[CAB_PARAM_REQUEST_MSEC]);
    if (parse_method(request, values[CAB_PARAM_REQUEST_METHOD], err) != 0 ||
        parse_headers(request, source, err) != 0 || parse_uri(request, values[CAB_PARAM_REQUEST_URI], err) != 0 ||
        check_body(source, err) != 0)
        return -1;
    return 0;
}

int cab_request_parse(void *ctx, const struct cab_request_parts *parts, struct cab_request **request_out,
                      struct cab_err *err) {
    void *mem = cab_mem_pool(ctx, 4096);
    struct cab_request_source source = { .body = "" };
    for (int i = 0; i < CAB_PARAM__MAX; i++)
        if (parts->param != NULL)
            source.values[i] = cab_strdup(mem, parts->param(parts->source, cab_fcgi_param_names[i]));
    source.values[CAB_PARAM_REQUEST_METHOD] = cab_strdup(mem, parts->method);
    source.values[CAB_PARAM_REQUEST_URI] = cab_strdup(mem, parts->uri);
    if (parts->body != NULL) {
        char *body = cab_mem_alloc(mem, parts->body_len + 1);
        memcpy(body, parts->body, parts->body_len);
        body[parts->body_len] = '\0';
        source.body = body;
        source.body_len = parts->body_len;
    }
    return cab_request_build(mem, &source, request_out, err);
}

const char *cab_request_param(const struct cab_request *request, const char *name) {
    for (int i = 0; i < request->n_params; i++)
        if (strcmp(request->params[i].name, name) == 0)
            return request->params[i].value;
    return NULL;
}

int cab_request_no_duplicates(const struct cab_request *request, struct cab_err *err) {
    for (int i = 1; i < request->n_params; i++)
        for (int j = 0; j < i; j++)
            if (strcmp(request->params[i].name, request->params[j].name) == 0)
                return cab_fail(err, CAB_PROBLEM_MALFORMED, "A query parameter is given twice; give each once.");
    return 0;
}
