/*
 * What a provider sends: discovery documents, keys, ID tokens, UserInfo.  A token that was not signed is never taken.
 */
#include "fuzz.h"

#include <cabinet/oauth.h>
#include <string.h>

#include "../unit/oauth/fixtures.h"

const char *const fuzz_words[] = {
    "\"keys\":[", "\"kty\":\"RSA\"", "\"kty\":\"EC\"", "\"crv\":\"P-256\"", "\"n\":\"", "\"e\":\"AQAB\"", "\"x\":\"",
    "\"y\":\"", "\"kid\":", "\"alg\":\"RS256\"", "\"use\":\"sig\"", "\"key_ops\":[\"verify\"]", "\"issuer\":",
    "https://", "http://[::1]:", "http://localhost:", "\"jwks_uri\":", "\"sub\":\"subject-1\"", ".",
    "eyJhbGciOiJub25lIn0", "=", "\\u0000", NULL
};

static void read_token(void *mem, const char *text, size_t n) {
    static const struct cab_provider provider = { .name = "corp", .issuer = "https://sso.example.org",
                                                  .client_id = "cabinet" };
    struct cab_oauth_expected expected = { .provider = &provider, .now = NOW };
    static struct cab_oauth_keys *keys;
    struct cab_oauth_claims claims;
    struct cab_err err = { 0 };
    if (keys == NULL)
        FUZZ_MUST(cab_oauth_keys_parse(NULL, fixture_jwks, strlen(fixture_jwks), &keys, &err) == 0);
    if (cab_oauth_token_verify(mem, text, n, keys, &expected, &claims) != CAB_OAUTH_OK)
        return;
    for (const struct fixture *f = fixtures; f->name != NULL; f++)
        if (strlen(f->token) == n && memcmp(f->token, text, n) == 0)
            return;
    fuzz_fail("a token that nobody signed is taken", __FILE__, __LINE__);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    void *mem = cab_mem_alloc(NULL, 1);
    const char *text = (const char *)bytes;
    struct cab_oauth_metadata metadata;
    struct cab_oauth_claims claims = { .subject = "subject-1" };
    struct cab_oauth_keys *keys;
    struct cab_err err = { 0 };

    if (cab_oauth_metadata_parse(mem, text, n, "https://sso.example.org", &metadata, &err) == 0) {
        FUZZ_MUST(cab_url_is_safe(metadata.authorization_endpoint, NULL));
        FUZZ_MUST(strncmp(metadata.token_endpoint, "https://", 8) == 0);
        FUZZ_MUST(strncmp(metadata.jwks_uri, "https://", 8) == 0);
    }
    if (cab_oauth_keys_parse(mem, text, n, &keys, &err) == 0)
        FUZZ_MUST(cab_oauth_keys_count(keys) <= 32);
    if (cab_oauth_userinfo_parse(mem, text, n, &claims) == CAB_OAUTH_OK && claims.email != NULL)
        FUZZ_MUST(strlen(claims.email) <= 254);
    read_token(mem, text, n);
    cab_mem_free(mem);
    return 0;
}
