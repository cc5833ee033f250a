/*
 * Header values with grammar: Prefer, Accept, Content-Type.
 */
#include "fuzz.h"

#include <cabinet/http.h>
#include <string.h>

const char *const fuzz_words[] = {
    ",", ";", "=", "\"", "\\", " ", "return=minimal", "count=exact", "q=0", "*/*", "application/json", "charset=utf-8",
    "handling", "/", NULL
};

static const char *value;

static const char *param(const void *source, const char *name) {
    (void)source;
    static const char *const names[] = { "HTTP_PREFER", "HTTP_ACCEPT", "CONTENT_TYPE" };
    for (size_t i = 0; i < CAB_LENGTH(names); i++)
        if (strcmp(names[i], name) == 0)
            return value;
    return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    void *mem = cab_mem_alloc(NULL, 0);
    struct cab_err err = { 0 };
    struct cab_request *request;
    enum cab_body_type type;
    value = cab_strndup(mem, (const char *)bytes, n);
    struct cab_request_parts parts = { .method = "POST", .uri = "/", .param = param };
    if (cab_request_parse(mem, &parts, &request, &err) == 0) {
        static const char *const names[] = { "return", "count", "handling", "tx", "x" };
        for (size_t i = 0; i < CAB_LENGTH(names); i++) {
            const char *sent = cab_prefer_value(request, names[i]);
            FUZZ_MUST(cab_prefers(request, names[i], NULL) == (sent != NULL));
            FUZZ_MUST(sent == NULL || strlen(sent) <= n);
        }
        bool is_taken = cab_accepts(request, "application/json");
        FUZZ_MUST(is_taken || cab_accept_parameter(request, "application/json", "numbers") == NULL);
        if (cab_request_body_type(request, CAB_BODY_JSON | CAB_BODY_FORM, &type, &err) != 0)
            FUZZ_MUST(err.allow != NULL);
    } else {
        FUZZ_MUST(err.problem == CAB_PROBLEM_MALFORMED);
    }
    cab_mem_free(mem);
    return 0;
}
