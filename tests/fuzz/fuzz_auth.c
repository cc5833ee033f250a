/*
 * What somebody sends to prove who they are, or to say what a key may do: refresh tokens, codes, scopes.
 */
#include "fuzz.h"

#include <cabinet/auth.h>
#include <stdio.h>
#include <string.h>

const char *const fuzz_words[] = { "read", "write", "admin", "notes", ":", " ", "cbk_", "123456", "287082", "=", NULL };

static void check_scope(const char *word) {
    static const char *const reading[] = { "read", "write", "admin", "notes:read", "notes:write" };
    struct cab_table table = { .schema = "public", .name = "notes", .is_exposed = true };
    char scopes[600];
    bool is_one = false;
    for (size_t i = 0; i < CAB_LENGTH(reading); i++)
        is_one = is_one || strcmp(reading[i], word) == 0;
    FUZZ_MUST(!is_one || cab_scope_is(word));
    if (strlen(word) > sizeof scopes - 3 || !cab_scope_is(word))
        return;
    FUZZ_MUST(strchr(word, ' ') == NULL);
    snprintf(scopes, sizeof scopes, " %s ", word);
    struct cab_caller caller = { .is_signed_in = true, .scopes = scopes };
    FUZZ_MUST(cab_scope_allows(&caller, &table, CAB_OP_READ) == is_one);
    FUZZ_MUST(cab_scope_allows(&caller, &table, CAB_OP_CREATE) == (is_one && strstr(word, "read") == NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    static const unsigned char seed[CAB_TOTP_SEED] = "12345678901234567890"; /* of RFC 6238 appendix B */
    struct cab_conf conf = { .secret_key = "a secret key that is long enough for tests" };
    void *mem = cab_mem_alloc(NULL, 0);
    struct cab_err err = { 0 };
    char session[37];
    int64_t counter;
    const char *text = cab_strndup(mem, (const char *)bytes, n);

    check_scope(text);
    int64_t step = cab_totp_step(seed, text, 59, 0);
    FUZZ_MUST(step == -1 || (step <= 2 && strlen(text) == 6 && strspn(text, "0123456789") == 6));
    FUZZ_MUST(strcmp(text, "287082") != 0 || step == 1);
    FUZZ_MUST(cab_refresh_verify(mem, &conf, text, session, &counter, &err) != 0);
    FUZZ_MUST(err.problem == CAB_PROBLEM_UNAUTHENTICATED);
    cab_mem_free(mem);
    return 0;
}
