/*
 * Addresses: the bytes are the request's URI; what is taken is UTF-8, decoded once.
 */
#include "fuzz.h"

#include <cabinet/http.h>
#include <string.h>

const char *const fuzz_words[] = {
    "/", "//", "?", "&", "=", "%", "%00", "%2F", "%C3%A9", "%FF", "+", "/../", "/api/v1/", "http://x", "#", "size=10",
    "\xC3\xA9", ";", NULL
};

static bool is_text(const char *s) {
    return s != NULL && cab_utf8_valid(s, strlen(s));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    void *mem = cab_mem_alloc(NULL, 0);
    struct cab_err err = { 0 };
    struct cab_request *request = NULL;
    struct cab_request_parts parts = { .method = "GET", .uri = cab_strndup(mem, (const char *)bytes, n) };
    struct cab_response response;
    int rc = cab_request_parse(mem, &parts, &request, &err);
    FUZZ_MUST(request != NULL && request->request_id != NULL);
    if (rc == 0) {
        FUZZ_MUST(is_text(request->path) && request->path[0] == '/');
        for (int i = 0; i < request->n_segments; i++)
            FUZZ_MUST(is_text(request->segments[i]));
        for (int i = 0; i < request->n_params; i++)
            FUZZ_MUST(is_text(request->params[i].name) && is_text(request->params[i].value));
        const char *value = cab_request_param(request, "size");
        if (value != NULL) {
            struct cab_buf encoded;
            cab_buf_init(&encoded, mem, 0);
            cab_url_encode(&encoded, value);
            FUZZ_MUST(strspn(encoded.data, "%-._~abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") ==
                      encoded.len);
        }
    } else {
        FUZZ_MUST(cab_problem_info(err.problem)->status < 500);
    }
    /* any request has its answer, and that is JSON */
    const struct cab_json *json;
    cab_response_init(&response, mem);
    (void)cab_fail(&err, CAB_PROBLEM_NOT_FOUND, "Nothing.");
    cab_response_problem(&response, request, &err);
    FUZZ_MUST(cab_json_parse(mem, response.body.data, response.body.len, &json, &err) == 0);
    cab_mem_free(mem);
    return 0;
}
