/*
 * JSON bodies: what is taken must be UTF-8, hold what it says, and be taken again from its own source.
 */
#include "fuzz.h"

#include <cabinet/http.h>
#include <string.h>

const char *const fuzz_words[] = {
    "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u0000", "\\ud800", "\\udc00", "\\u0041", "null", "true", "false",
    "NaN", "-", "0", "1e400", "1E+", ".5", "\"a\":", "\xC3\xA9", "\xED\xA0\x80", "'", "//", "[[[[[[[[[[[[[[[[",
    "{\"a\":{\"a\":", NULL
};

static void walk(const struct cab_json *json, int depth) {
    size_t n;
    FUZZ_MUST(depth <= 32);
    switch (cab_json_type(json)) {
    case CAB_JSON_STRING:
    case CAB_JSON_NUMBER: {
        const char *text = cab_json_text(json, &n);
        FUZZ_MUST(strlen(text) == n && cab_utf8_valid(text, n));
        break;
    }
    case CAB_JSON_OBJECT:
        for (size_t i = 0; i < cab_json_count(json); i++) {
            FUZZ_MUST(cab_json_get(json, cab_json_key(json, i)) == cab_json_member(json, i));
            walk(cab_json_member(json, i), depth + 1);
        }
        break;
    case CAB_JSON_ARRAY:
        for (size_t i = 0; i < cab_json_count(json); i++)
            walk(cab_json_item(json, i), depth + 1);
        break;
    default:
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    void *mem = cab_mem_alloc(NULL, 0);
    struct cab_err err = { 0 };
    const struct cab_json *json, *again;
    if (cab_json_parse(mem, (const char *)bytes, n, &json, &err) == 0) {
        size_t len;
        walk(json, 0);
        const char *source = cab_json_source(json, &len);
        FUZZ_MUST(cab_json_parse(mem, source, len, &again, &err) == 0);
        FUZZ_MUST(cab_json_count(again) == cab_json_count(json));
    } else {
        FUZZ_MUST(err.problem == CAB_PROBLEM_MALFORMED);
        FUZZ_MUST(cab_mem_blocks(mem) == 1);
    }
    cab_mem_free(mem);
    return 0;
}
