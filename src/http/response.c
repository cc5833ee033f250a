/*
 * Responses: status, headers and body in memory, and problems (RFC 9457).  Nothing internal gets into a body here.
 */
#include "http/parts.h"

#include <string.h>
#include <strings.h>

static const struct status_row { int status; const char *text; } status_rows[] = {
    { 200, "OK" }, { 201, "Created" }, { 202, "Accepted" }, { 204, "No Content" }, { 206, "Partial Content" },
    { 303, "See Other" }, { 304, "Not Modified" }, { 400, "Bad Request" }, { 401, "Unauthorized" },
    { 403, "Forbidden" }, { 404, "Not Found" }, { 405, "Method Not Allowed" }, { 406, "Not Acceptable" },
    { 408, "Request Timeout" }, { 409, "Conflict" }, { 410, "Gone" }, { 412, "Precondition Failed" },
    { 413, "Content Too Large" }, { 414, "URI Too Long" }, { 415, "Unsupported Media Type" },
    { 422, "Unprocessable Content" }, { 428, "Precondition Required" }, { 429, "Too Many Requests" },
    { 431, "Request Header Fields Too Large" }, { 499, "Client Closed Request" }, { 500, "Internal Server Error" },
    { 502, "Bad Gateway" }, { 503, "Service Unavailable" }, { 504, "Gateway Timeout" },
};

const char *cab_status_text(int status) {
    for (size_t i = 0; i < CAB_LENGTH(status_rows); i++)
        if (status_rows[i].status == status)
            return status_rows[i].text;
    return "Other";
}

void cab_response_init(struct cab_response *response, const void *mem) {
    *response = (struct cab_response){ .mem = mem, .status = 200, .content_type = "application/json" };
    cab_buf_init(&response->headers, mem, 512);
    cab_buf_init(&response->body, mem, 2048);
}

void cab_response_header(struct cab_response *response, const char *name, const char *fmt, ...) {
    struct cab_buf *headers = &response->headers;
    size_t start = headers->len;
    va_list ap;
    cab_buf_adds(headers, name);
    cab_buf_adds(headers, ": ");
    va_start(ap, fmt);
    if (strcmp(fmt, "%s") == 0) {
        cab_buf_adds(headers, va_arg(ap, const char *));
    } else {
        char *value = cab_vprintf(response->mem, fmt, ap);
        cab_buf_adds(headers, value);
        cab_mem_free(value);
    }
    va_end(ap);
    CAB_BUG_ON(strpbrk(headers->data + start, "\r\n") != NULL);
    cab_buf_adds(headers, "\r\n");
}

bool cab_response_has(const struct cab_response *response, const char *name) {
    size_t n = strlen(name);
    for (const char *line = response->headers.data; *line != '\0'; line = strstr(line, "\r\n") + 2)
        if (strncasecmp(line, name, n) == 0 && line[n] == ':')
            return true;
    return false;
}

void cab_response_reset(struct cab_response *response) {
    response->status = 200;
    response->content_type = "application/json";
    cab_buf_reset(&response->headers);
    cab_buf_reset(&response->body);
}

void cab_response_head(const struct cab_response *response, bool is_stream, struct cab_buf *head) {
    bool has_body = response->status >= 200 && response->status != 204 && response->status != 304;
    cab_buf_adds(head, "Status: ");
    cab_buf_addi(head, response->status);
    cab_buf_addc(head, ' ');
    cab_buf_adds(head, cab_status_text(response->status));
    if (has_body && response->content_type != NULL) {
        cab_buf_adds(head, "\r\nContent-Type: ");
        cab_buf_adds(head, response->content_type);
    }
    if (is_stream) {
        cab_buf_adds(head, "\r\nX-Accel-Buffering: no");
    } else if (has_body) {
        cab_buf_adds(head, "\r\nContent-Length: ");
        cab_buf_addi(head, (int64_t)response->body.len);
    }
    cab_buf_adds(head, "\r\n");
    cab_buf_add(head, response->headers.data, response->headers.len);
    cab_buf_adds(head, "\r\n");
}

/* ---- problems ---- */

static void add_member(struct cab_buf *body, const char *name, const char *value) {
    cab_buf_addf(body, ",\"%s\":", name);
    cab_json_cstring(body, value);
}

static void add_flaws(struct cab_buf *body, const struct cab_flaw *flaws) {
    static const char *const places[] = {
        [CAB_PLACE_FIELD] = "field", [CAB_PLACE_PARAMETER] = "parameter", [CAB_PLACE_HEADER] = "header",
    };
    if (flaws == NULL)
        return;
    cab_buf_adds(body, ",\"errors\":[");
    for (const struct cab_flaw *flaw = flaws; flaw != NULL; flaw = flaw->next) {
        cab_buf_addf(body, "{\"%s\":", places[flaw->place]);
        cab_json_cstring(body, flaw->name);
        add_member(body, "code", flaw->code);
        add_member(body, "detail", flaw->detail);
        cab_buf_adds(body, flaw->next != NULL ? "}," : "}");
    }
    cab_buf_addc(body, ']');
}

/* Which header lists what a body may be, for 415 (RFC 5789, RFC 9110). */
static const char *accepted_header(enum cab_method method) {
    return method == CAB_PATCH ? "Accept-Patch" : method == CAB_POST ? "Accept-Post" : "Accept";
}

static void add_problem_headers(struct cab_response *response, const struct cab_request *request,
                                const struct cab_err *err, int status) {
    if (status == 401)
        cab_response_header(response, "WWW-Authenticate", "Bearer realm=\"cabinet\"%s",
                            err->problem == CAB_PROBLEM_UNAUTHENTICATED && request->authorization != NULL
                                ? ", error=\"invalid_token\"" : "");
    if (err->problem == CAB_PROBLEM_INSUFFICIENT_SCOPE) /* RFC 6750 section 3.1 */
        cab_response_header(response, "WWW-Authenticate", "Bearer realm=\"cabinet\", error=\"insufficient_scope\"");
    if (status == 405 && err->allow != NULL)
        cab_response_header(response, "Allow", "%s", err->allow);
    if (status == 415 && err->allow != NULL)
        cab_response_header(response, accepted_header(request->method), "%s", err->allow);
    if (err->retry_after > 0)
        cab_response_header(response, "Retry-After", "%d", err->retry_after);
    else if (status == 503 || status == 429)
        cab_response_header(response, "Retry-After", "1");
}

void cab_response_problem(struct cab_response *response, const struct cab_request *request,
                          const struct cab_err *err) {
    /* planning again is between us and us: whoever lets it through has a bug, the client sees INTERNAL */
    enum cab_problem problem = err->problem == CAB_PROBLEM_NONE || err->problem == CAB_PROBLEM_REPLAN
                                   ? CAB_PROBLEM_INTERNAL : err->problem;
    const struct cab_problem_info *info = cab_problem_info(problem);
    cab_response_reset(response);
    response->status = info->status;
    response->content_type = "application/problem+json";

    struct cab_buf *body = &response->body;
    cab_buf_addf(body, "{\"type\":\"/problems/%s\"", info->code);
    add_member(body, "title", info->title);
    cab_buf_addf(body, ",\"status\":%d", info->status);
    add_member(body, "detail", problem == CAB_PROBLEM_INTERNAL || err->detail[0] == '\0' ? info->doc : err->detail);
    cab_buf_adds(body, ",\"instance\":");
    cab_json_string(body, request->uri, strcspn(request->uri, "?"));
    add_member(body, "code", info->code);
    add_member(body, "request_id", request->request_id);
    add_flaws(body, err->flaws);
    cab_buf_addc(body, '}');
    add_problem_headers(response, request, err, info->status);
    cab_response_header(response, "Cache-Control", "no-store");
    cab_response_header(response, "X-Request-Id", "%s", request->request_id);
}
