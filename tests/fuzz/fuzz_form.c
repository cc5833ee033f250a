/*
 * Forms: each field once, decoded to UTF-8 without NUL.
 */
#include "fuzz.h"

#include <cabinet/http.h>
#include <string.h>

const char *const fuzz_words[] = {
    "&", "=", "%", "%00", "%2B", "+", "username=", "password=", "%C3", "%A9", "\xFF", NULL
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    void *mem = cab_mem_alloc(NULL, 0);
    struct cab_err err = { 0 };
    struct cab_pair *pairs;
    int n_pairs;
    if (cab_form_decode(mem, (const char *)bytes, n, &pairs, &n_pairs, &err) == 0) {
        for (int i = 0; i < n_pairs; i++) {
            FUZZ_MUST(pairs[i].name[0] != '\0' && cab_utf8_valid(pairs[i].name, strlen(pairs[i].name)));
            FUZZ_MUST(cab_utf8_valid(pairs[i].value, strlen(pairs[i].value)));
            for (int j = 0; j < i; j++)
                FUZZ_MUST(strcmp(pairs[i].name, pairs[j].name) != 0);
        }
    } else {
        FUZZ_MUST(err.problem == CAB_PROBLEM_MALFORMED);
    }
    cab_mem_free(mem);
    return 0;
}
