/* ID tokens: what is believed, and for which reason the rest is not. */
#include <cabinet/oauth.h>
#include <criterion/criterion.h>
#include <string.h>

#include "fixtures.h"

static struct cab_provider provider = { .name = "corp", .issuer = "https://sso.example.org", .client_id = "cabinet" };

static const char *token_of(const char *name) {
    for (const struct fixture *f = fixtures; f->name != NULL; f++)
        if (strcmp(f->name, name) == 0)
            return f->token;
    cr_assert_fail("no fixture %s", name);
    return NULL;
}

static struct cab_oauth_keys *keys_of(void *mem, const char *text) {
    struct cab_oauth_keys *keys = NULL;
    struct cab_err err = { 0 };
    cr_assert_eq(cab_oauth_keys_parse(mem, text, strlen(text), &keys, &err), 0, "%s", err.detail);
    return keys;
}

static enum cab_oauth_reason verify(void *mem, const char *name, const char *nonce, bool is_native,
                                    struct cab_oauth_claims *claims) {
    struct cab_oauth_expected expected = { .provider = &provider, .nonce = nonce, .is_native = is_native, .now = NOW };
    const char *token = token_of(name);
    return cab_oauth_token_verify(mem, token, strlen(token), keys_of(mem, fixture_jwks), &expected, claims);
}

Test(token, good_ones_tell_who_it_is) {
    static const char *const names[] = { "good", "es256", "typed", "no_kid", "several", "leeway", "fraction",
                                         "string_verified" };
    for (size_t i = 0; i < CAB_LENGTH(names); i++) {
        void *mem = cab_mem_alloc(NULL, 1);
        struct cab_oauth_claims claims;
        enum cab_oauth_reason reason = verify(mem, names[i], "the nonce", false, &claims);
        cr_assert_eq(reason, CAB_OAUTH_OK, "%s: %s", names[i], reason ? cab_oauth_reason_name(reason) : "");
        cr_expect_str_eq(claims.subject, "subject-1");
        cr_expect_str_eq(claims.email, "ann@example.org");
        cr_expect(claims.is_email_verified);
        cr_expect_str_eq(claims.names[0], "ann");
        cr_expect_str_eq(claims.names[1], "Ann B");
        cr_expect_null(claims.names[2]);
        cab_mem_free(mem);
    }
}

static const struct {
    const char *name;
    enum cab_oauth_reason reason;
} bad[] = {
    { "none", CAB_OAUTH_TOKEN_ALGORITHM },
    { "none_upper", CAB_OAUTH_TOKEN_ALGORITHM },
    { "hs256", CAB_OAUTH_TOKEN_ALGORITHM },
    { "rs512", CAB_OAUTH_TOKEN_ALGORITHM },
    { "ps256", CAB_OAUTH_TOKEN_ALGORITHM },
    { "unknown", CAB_OAUTH_TOKEN_KEY },
    { "kid_of_other_kind", CAB_OAUTH_TOKEN_KEY },
    { "wrong_key", CAB_OAUTH_TOKEN_SIGNATURE },
    { "changed", CAB_OAUTH_TOKEN_SIGNATURE },
    { "no_signature", CAB_OAUTH_TOKEN_SIGNATURE },
    { "es256_der", CAB_OAUTH_TOKEN_SIGNATURE },
    { "es256_zero", CAB_OAUTH_TOKEN_SIGNATURE },
    { "es256_short", CAB_OAUTH_TOKEN_SIGNATURE },
    { "issuer", CAB_OAUTH_TOKEN_ISSUER },
    { "no_issuer", CAB_OAUTH_TOKEN_ISSUER },
    { "issuer_list", CAB_OAUTH_TOKEN_ISSUER },
    { "audience", CAB_OAUTH_TOKEN_AUDIENCE },
    { "no_audience", CAB_OAUTH_TOKEN_AUDIENCE },
    { "empty_audience", CAB_OAUTH_TOKEN_AUDIENCE },
    { "audiences", CAB_OAUTH_TOKEN_AUDIENCE },
    { "azp", CAB_OAUTH_TOKEN_AUDIENCE },
    { "app", CAB_OAUTH_TOKEN_AUDIENCE },
    { "google_android", CAB_OAUTH_TOKEN_AUDIENCE },
    { "expired", CAB_OAUTH_TOKEN_EXPIRED },
    { "no_exp", CAB_OAUTH_TOKEN_MALFORMED },
    { "no_iat", CAB_OAUTH_TOKEN_MALFORMED },
    { "text_exp", CAB_OAUTH_TOKEN_MALFORMED },
    { "huge_exp", CAB_OAUTH_TOKEN_MALFORMED },
    { "negative", CAB_OAUTH_TOKEN_MALFORMED },
    { "early", CAB_OAUTH_TOKEN_EARLY },
    { "nbf", CAB_OAUTH_TOKEN_EARLY },
    { "nonce", CAB_OAUTH_TOKEN_NONCE },
    { "no_nonce", CAB_OAUTH_TOKEN_NONCE },
    { "longer_nonce", CAB_OAUTH_TOKEN_NONCE },
    { "no_sub", CAB_OAUTH_TOKEN_MALFORMED },
    { "empty_sub", CAB_OAUTH_TOKEN_MALFORMED },
    { "long_sub", CAB_OAUTH_TOKEN_MALFORMED },
    { "control_sub", CAB_OAUTH_TOKEN_MALFORMED },
    { "crit", CAB_OAUTH_TOKEN_MALFORMED },
    { "access_token", CAB_OAUTH_TOKEN_MALFORMED },
    { "twice", CAB_OAUTH_TOKEN_MALFORMED },
    { "list", CAB_OAUTH_TOKEN_MALFORMED },
    { "two_parts", CAB_OAUTH_TOKEN_MALFORMED },
    { "four_parts", CAB_OAUTH_TOKEN_MALFORMED },
    { "padded", CAB_OAUTH_TOKEN_MALFORMED },
    { "empty", CAB_OAUTH_TOKEN_MALFORMED },
    { "dots", CAB_OAUTH_TOKEN_MALFORMED },
};

Test(token, bad_ones_are_refused_for_their_reason) {
    for (size_t i = 0; i < CAB_LENGTH(bad); i++) {
        void *mem = cab_mem_alloc(NULL, 1);
        struct cab_oauth_claims claims;
        enum cab_oauth_reason reason = verify(mem, bad[i].name, "the nonce", false, &claims);
        cr_expect_eq(reason, bad[i].reason, "%s is %s, not %s", bad[i].name,
                     reason ? cab_oauth_reason_name(reason) : "taken", cab_oauth_reason_name(bad[i].reason));
        cab_mem_free(mem);
    }
}

Test(token, every_fixture_is_used) {
    static const char *const good[] = { "good", "es256", "typed", "no_kid", "several", "leeway", "fraction",
                                        "string_verified", "unverified", "address_as_name" };
    for (const struct fixture *f = fixtures; f->name != NULL; f++) {
        bool is_used = false;
        for (size_t i = 0; i < CAB_LENGTH(bad); i++)
            is_used = is_used || strcmp(bad[i].name, f->name) == 0;
        for (size_t i = 0; i < CAB_LENGTH(good); i++)
            is_used = is_used || strcmp(good[i], f->name) == 0;
        cr_expect(is_used, "%s", f->name);
    }
}

Test(token, an_app_may_be_the_audience_of_what_it_brings) {
    static const char *apps[] = { "app-1" };
    void *mem = cab_mem_alloc(NULL, 1);
    struct cab_oauth_claims claims;
    provider.native_client_ids = apps;
    provider.n_native = 1;
    cr_expect_eq(verify(mem, "app", NULL, true, &claims), CAB_OAUTH_OK);
    cr_expect_str_eq(claims.nonce, "the nonce");
    cr_expect_eq(verify(mem, "google_android", NULL, true, &claims), CAB_OAUTH_OK);
    cr_expect_eq(verify(mem, "app", "the nonce", false, &claims), CAB_OAUTH_TOKEN_AUDIENCE);
    cr_expect_eq(verify(mem, "audience", NULL, true, &claims), CAB_OAUTH_TOKEN_AUDIENCE);
    cr_expect_eq(verify(mem, "no_nonce", NULL, true, &claims), CAB_OAUTH_OK);
    cr_expect_null(claims.nonce);
    cab_mem_free(mem);
}

Test(token, another_name_of_the_issuer_counts_where_it_has_one) {
    void *mem = cab_mem_alloc(NULL, 1);
    struct cab_oauth_claims claims;
    provider.issuer_alias = "https://sso.example.org/";
    cr_expect_eq(verify(mem, "issuer", "the nonce", false, &claims), CAB_OAUTH_OK);
    cab_mem_free(mem);
}

Test(token, what_is_not_verified_or_an_address_is_told_as_it_is) {
    void *mem = cab_mem_alloc(NULL, 1);
    struct cab_oauth_claims claims;
    cr_expect_eq(verify(mem, "unverified", "the nonce", false, &claims), CAB_OAUTH_OK);
    cr_expect_not(claims.is_email_verified);
    cr_expect_eq(verify(mem, "address_as_name", "the nonce", false, &claims), CAB_OAUTH_OK);
    cr_expect_str_eq(claims.names[0], "Ann B");
    cab_mem_free(mem);
}

Test(token, userinfo_adds_what_is_missing_of_the_same_person) {
    static const char text[] = "{\"sub\":\"s\",\"email\":\"a@b.example\",\"email_verified\":true}";
    struct cab_oauth_claims claims = { .subject = "s" };
    void *mem = cab_mem_alloc(NULL, 1);
    cr_expect_eq(cab_oauth_userinfo_parse(mem, text, strlen(text), &claims), CAB_OAUTH_OK);
    cr_expect_str_eq(claims.email, "a@b.example");
    cr_expect(claims.is_email_verified);
    claims = (struct cab_oauth_claims){ .subject = "t" };
    cr_expect_eq(cab_oauth_userinfo_parse(mem, text, strlen(text), &claims), CAB_OAUTH_USERINFO_WRONG);
    cr_expect_eq(cab_oauth_userinfo_parse(mem, "[]", 2, &claims), CAB_OAUTH_PROVIDER_AWAY);
    cr_expect_null(claims.email);
    cab_mem_free(mem);
}

/* ---- keys and discovery ---- */

Test(keys, only_what_may_sign_is_taken) {
    static const struct {
        const char *text;
        int n;
    } rows[] = {
        { "{\"keys\":[]}", 0 },
        { "{\"keys\":[1,null,\"x\",{}]}", 0 },
        { "{\"keys\":[{\"kty\":\"oct\",\"k\":\"c2VjcmV0\",\"kid\":\"rsa\",\"alg\":\"HS256\"}]}", 0 },
        { "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}", 0 },
        { "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AAAA\",\"y\":\"AAAA\"}]}", 0 },
        /* 32 bytes each, and no point of the curve */
        { "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\","
          "\"y\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE\"}]}", 0 },
        { fixture_jwks, 2 },
    };
    void *mem = cab_mem_alloc(NULL, 1);
    for (size_t i = 0; i < CAB_LENGTH(rows); i++)
        cr_expect_eq(cab_oauth_keys_count(keys_of(mem, rows[i].text)), rows[i].n, "%s", rows[i].text);
    static const char *const refused[] = { "", "[]", "{}", "{\"keys\":{}}", "{\"keys\":[]", "\"keys\"" };
    for (size_t i = 0; i < CAB_LENGTH(refused); i++) {
        struct cab_oauth_keys *keys;
        struct cab_err err = { 0 };
        cr_expect_eq(cab_oauth_keys_parse(mem, refused[i], strlen(refused[i]), &keys, &err), -1, "%s", refused[i]);
        cr_expect_eq(err.problem, CAB_PROBLEM_UNAVAILABLE);
    }
    cab_mem_free(mem);
}

#define DISCOVERY(issuer, auth, token, jwks, more)                                                  \
    "{\"issuer\":\"" issuer "\",\"authorization_endpoint\":\"" auth "\",\"token_endpoint\":\"" token \
    "\",\"jwks_uri\":\"" jwks "\"" more "}"
#define SSO "https://sso.example.org"

static int discover(const char *text, const char *issuer, struct cab_oauth_metadata *metadata) {
    static void *mem;
    struct cab_err err = { 0 };
    cab_mem_free(mem);
    mem = cab_mem_alloc(NULL, 1);
    return cab_oauth_metadata_parse(mem, text, strlen(text), issuer, metadata, &err);
}

Test(discovery, says_where_to_ask) {
    struct cab_oauth_metadata metadata;
    cr_assert_eq(discover(DISCOVERY(SSO, SSO "/auth", "https://other.example/token", SSO "/jwks", ""), SSO, &metadata),
                 0);
    cr_expect_str_eq(metadata.token_endpoint, "https://other.example/token");
    cr_expect_null(metadata.userinfo_endpoint);
    cr_expect(metadata.takes_basic && !metadata.sends_iss);
    cr_assert_eq(discover(DISCOVERY(SSO, SSO "/auth", SSO "/token", SSO "/jwks",
                                    ",\"token_endpoint_auth_methods_supported\":[\"client_secret_post\"],"
                                    "\"authorization_response_iss_parameter_supported\":true"), SSO, &metadata), 0);
    cr_expect(!metadata.takes_basic && metadata.sends_iss);
}

Test(discovery, is_refused_where_it_is_not_the_issuers_or_names_what_must_not_be_asked) {
    static const char *const refused[] = {
        "", "[]", "{}",
        DISCOVERY("https://evil.example", SSO "/auth", SSO "/token", SSO "/jwks", ""),
        DISCOVERY(SSO "/", SSO "/auth", SSO "/token", SSO "/jwks", ""),
        DISCOVERY(SSO, "http://sso.example.org/auth", SSO "/token", SSO "/jwks", ""),
        DISCOVERY(SSO, SSO "/auth", "http://127.0.0.1:5432/", SSO "/jwks", ""),
        DISCOVERY(SSO, SSO "/auth", "https://localhost/token", SSO "/jwks", ""),
        DISCOVERY(SSO, SSO "/auth", SSO "/token", "file:///etc/passwd", ""),
        DISCOVERY(SSO, SSO "/auth", SSO "/token", "https://user:secret@sso.example.org/jwks", ""),
        DISCOVERY(SSO, SSO "/auth", SSO "/token", SSO "/jwks", ",\"userinfo_endpoint\":\"http://169.254.169.254/\""),
        DISCOVERY(SSO, SSO "/auth", SSO "/token", SSO "/jwks", ",\"userinfo_endpoint\":1"),
    };
    struct cab_oauth_metadata metadata;
    for (size_t i = 0; i < CAB_LENGTH(refused); i++)
        cr_expect_eq(discover(refused[i], SSO, &metadata), -1, "%s", refused[i]);
    /* this host may name itself, as in tests */
    cr_expect_eq(discover(DISCOVERY("http://localhost:9", "http://localhost:9/a", "http://127.0.0.1:9/t",
                                    "http://[::1]:9/j", ""), "http://localhost:9", &metadata), 0);
}
