/*
 * Cookies, and the other headers whose bytes are only checked.
 */
#include "fuzz.h"

#include <cabinet/http.h>
#include <string.h>

const char *const fuzz_words[] = { ";", "; ", "=", "\"", "refresh=", "a", " ", "\t", ",", NULL };

static const char *value;

static const char *param(const void *source, const char *name) {
    (void)source;
    static const char *const names[] = { "HTTP_COOKIE", "HTTP_HOST", "HTTP_X_REQUEST_ID", "REMOTE_ADDR",
                                         "REQUEST_MSEC" };
    for (size_t i = 0; i < CAB_LENGTH(names); i++)
        if (strcmp(names[i], name) == 0)
            return strcmp(name, "HTTP_HOST") == 0 ? "localhost" : value;
    return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    void *mem = cab_mem_alloc(NULL, 0);
    struct cab_err err = { 0 };
    struct cab_request *request;
    value = cab_strndup(mem, (const char *)bytes, n);
    struct cab_request_parts parts = { .method = "POST", .uri = "/", .param = param };
    if (cab_request_parse(mem, &parts, &request, &err) == 0) {
        const char *cookie = cab_request_cookie(request, "refresh");
        FUZZ_MUST(cookie == NULL || (strchr(cookie, ';') == NULL && cab_utf8_valid(cookie, strlen(cookie))));
        (void)cab_request_cookie(request, "a");
        size_t length = strlen(request->request_id);
        FUZZ_MUST(length >= 8 && length <= 64);
    }
    cab_mem_free(mem);
    return 0;
}
