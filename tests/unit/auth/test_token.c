#include <criterion/criterion.h>
#include <jwt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "settings.h"

#define SESSION "6f0c6d3e-1234-4abc-8def-0123456789ab"

/* A token in all its parts, so that each can be made wrong. */
struct parts {
    jwt_alg_t alg;
    const char *iss, *typ, *sub, *sid, *kid;
    long iat, exp, nbf;
    bool without_kid, without_exp, text_exp;
};

static const char *kid_of(const struct cab_conf *conf) {
    static char kid[9];
    unsigned char id[32];
    cab_key(conf, "access-token-id", id);
    snprintf(kid, sizeof kid, "%02x%02x%02x%02x", id[0], id[1], id[2], id[3]);
    return kid;
}

static struct parts right(const struct cab_conf *conf) {
    long now = time(NULL);
    return (struct parts){ .alg = JWT_ALG_HS256,
                           .iss = "cabinet",
                           .typ = "access",
                           .sub = "42",
                           .sid = SESSION,
                           .kid = kid_of(conf),
                           .iat = now,
                           .exp = now + 900 };
}

static char *sign(void *ctx, const struct cab_conf *conf, const struct parts *parts) {
    unsigned char key[32];
    jwt_t *jwt;
    cab_key(conf, "access-token", key);
    cr_assert_eq(jwt_new(&jwt), 0);
    cr_assert_eq(
        jwt_set_alg(jwt, parts->alg, parts->alg == JWT_ALG_NONE ? NULL : key, parts->alg == JWT_ALG_NONE ? 0 : 32), 0);
    if (!parts->without_kid)
        jwt_add_header(jwt, "kid", parts->kid);
    if (parts->iss != NULL)
        jwt_add_grant(jwt, "iss", parts->iss);
    if (parts->typ != NULL)
        jwt_add_grant(jwt, "typ", parts->typ);
    if (parts->sub != NULL)
        jwt_add_grant(jwt, "sub", parts->sub);
    if (parts->sid != NULL)
        jwt_add_grant(jwt, "sid", parts->sid);
    jwt_add_grant_int(jwt, "iat", parts->iat);
    if (parts->text_exp)
        jwt_add_grant(jwt, "exp", "9999999999");
    else if (!parts->without_exp)
        jwt_add_grant_int(jwt, "exp", parts->exp);
    if (parts->nbf != 0)
        jwt_add_grant_int(jwt, "nbf", parts->nbf);
    jwt_add_grant_bool(jwt, "adm", 1);
    char *text = jwt_encode_str(jwt), *copy = cab_strdup(ctx, text);
    free(text);
    jwt_free(jwt);
    return copy;
}

static int verify(void *ctx, const struct cab_conf *conf, const char *token, struct cab_caller *caller) {
    struct cab_err err = { 0 };
    int rc = cab_token_verify(ctx, conf, token, caller, &err);
    if (rc != 0) {
        cr_assert_eq(err.problem, CAB_PROBLEM_UNAUTHENTICATED);
        cr_assert(!caller->is_signed_in && caller->user_id == 0);
    }
    return rc;
}

Test(token, a_token_says_who_and_which_session) {
    struct cab_conf conf = test_settings();
    struct cab_caller caller = { 0 };
    struct cab_err err = { 0 };
    void *ctx = cab_mem_alloc(NULL, 1);
    char *token;

    cr_assert_eq(cab_token_make(ctx, &conf, INT64_MAX, SESSION, true, &token, &err), 0);
    cr_assert_eq(verify(ctx, &conf, token, &caller), 0);
    cr_assert(caller.is_signed_in && caller.is_admin);
    cr_assert_eq(caller.user_id, INT64_MAX);
    cr_assert_str_eq(caller.user_id_text, "9223372036854775807");
    cr_assert_str_eq(caller.session_id, SESSION);
    cr_assert_eq(caller.directory, CAB_DIRECTORY_MINIMAL);
    cr_assert_eq(cab_token_make(ctx, &conf, 7, SESSION, false, &token, &err), 0);
    cr_assert_eq(verify(ctx, &conf, token, &caller), 0);
    cr_assert(!caller.is_admin && caller.user_id == 7);
    cab_mem_free(ctx);
}

Test(token, the_test_signs_as_the_code_does) {
    struct cab_conf conf = test_settings();
    struct parts parts = right(&conf);
    struct cab_caller caller = { 0 };
    void *ctx = cab_mem_alloc(NULL, 1);
    cr_assert_eq(verify(ctx, &conf, sign(ctx, &conf, &parts), &caller), 0);
    cab_mem_free(ctx);
}

Test(token, each_wrong_part_is_refused) {
    struct cab_conf conf = test_settings();
    void *ctx = cab_mem_alloc(NULL, 1);
    long now = time(NULL);
    struct {
        const char *what;
        struct parts parts;
    } cases[24];
    int n = 0;

#define WRONG(description, ...) \
    do { \
        cases[n].what = (description); \
        cases[n].parts = right(&conf); \
        struct parts *p = &cases[n++].parts; \
        __VA_ARGS__; \
    } while (0)
    WRONG("no signature", p->alg = JWT_ALG_NONE);
    WRONG("HS512 with our key", p->alg = JWT_ALG_HS512);
    WRONG("HS384 with our key", p->alg = JWT_ALG_HS384);
    WRONG("expired", p->exp = now - 1);
    WRONG("expires now", p->exp = now);
    WRONG("never expires", p->without_exp = true);
    WRONG("expiry as text", p->text_exp = true);
    WRONG("issued in the future", p->iat = now + 3600);
    WRONG("not yet", p->nbf = now + 3600);
    WRONG("other issuer", p->iss = "somebody");
    WRONG("no issuer", p->iss = NULL);
    WRONG("other type", p->typ = "refresh");
    WRONG("no type", p->typ = NULL);
    WRONG("no user", p->sub = NULL);
    WRONG("user is not a number", p->sub = "42x");
    WRONG("user zero", p->sub = "0");
    WRONG("negative user", p->sub = "-1");
    WRONG("user too large", p->sub = "9223372036854775808");
    WRONG("no session", p->sid = NULL);
    WRONG("session is not a uuid", p->sid = "6f0c6d3e");
    WRONG("session in capitals", p->sid = "6F0C6D3E-1234-4ABC-8DEF-0123456789AB");
    WRONG("unknown key id", p->kid = "00000000");
    WRONG("no key id", p->without_kid = true);
#undef WRONG
    for (int i = 0; i < n; i++) {
        struct cab_caller caller = { 0 };
        cr_expect_eq(verify(ctx, &conf, sign(ctx, &conf, &cases[i].parts), &caller), -1, "%s", cases[i].what);
    }
    cab_mem_free(ctx);
}

Test(token, a_previous_key_still_counts_and_a_foreign_one_never) {
    struct cab_conf old = test_settings(), new = test_settings();
    struct cab_caller caller = { 0 };
    struct cab_err err = { 0 };
    void *ctx = cab_mem_alloc(NULL, 1);
    char *token;

    new.secret_key = "the key that came after it, long enough too";
    cr_assert_eq(cab_token_make(ctx, &old, 1, SESSION, false, &token, &err), 0);
    cr_assert_eq(verify(ctx, &new, token, &caller), -1);
    new.secret_key_previous = old.secret_key;
    cr_assert_eq(verify(ctx, &new, token, &caller), 0);
    cr_assert_eq(cab_token_make(ctx, &new, 1, SESSION, false, &token, &err), 0);
    cr_assert_eq(verify(ctx, &new, token, &caller), 0);
    memset(&caller, 0, sizeof caller);
    cr_assert_eq(verify(ctx, &old, token, &caller), -1);
    new.secret_key_previous = "";
    cr_assert_eq(verify(ctx, &new, token, &caller), 0);
    cab_mem_free(ctx);
}

Test(token, changed_cut_and_overlong_tokens_are_refused) {
    struct cab_conf conf = test_settings();
    struct cab_err err = { 0 };
    void *ctx = cab_mem_alloc(NULL, 1);
    char *token;

    cr_assert_eq(cab_token_make(ctx, &conf, 1, SESSION, false, &token, &err), 0);
    size_t length = strlen(token);
    for (size_t i = 0; i < length; i++) {
        struct cab_caller caller = { 0 };
        char *copy = cab_strdup(ctx, token);
        copy[i] = copy[i] == 'A' ? 'B' : 'A';
        /* the last character holds four bits of the signature and two spare ones */
        if (i < length - 1)
            cr_expect_eq(verify(ctx, &conf, copy, &caller), -1, "byte %zu", i);
        memset(&caller, 0, sizeof caller);
        copy = cab_strndup(ctx, token, i);
        cr_expect_eq(verify(ctx, &conf, copy, &caller), -1, "cut to %zu", i);
    }
    char *long_one = cab_mem_zero(ctx, 1, 5000);
    memset(long_one, 'a', 4999);
    struct cab_caller caller = { 0 };
    cr_assert_eq(verify(ctx, &conf, long_one, &caller), -1);
    cab_mem_free(ctx);
}

Test(token, a_refresh_token_is_no_access_token) {
    struct cab_conf conf = test_settings();
    struct cab_caller caller = { 0 };
    void *ctx = cab_mem_alloc(NULL, 1);
    cr_assert_eq(verify(ctx, &conf, cab_refresh_make(ctx, &conf, SESSION, 1), &caller), -1);
    cab_mem_free(ctx);
}

Test(token, a_kept_token_ends_in_time_and_shields_no_other) {
    void *mem = cab_mem_alloc(NULL, 0);
    struct cab_conf conf = test_settings();
    struct cab_caller caller;
    struct cab_err err = { 0 };
    struct parts parts = right(&conf);
    parts.exp = time(NULL) + 2;
    char *token = sign(mem, &conf, &parts);
    cr_assert_eq(cab_token_verify(mem, &conf, token, &caller, &err), 0);
    cr_assert_eq(cab_token_verify(mem, &conf, token, &caller, &err), 0, "kept");
    cr_assert_eq(caller.user_id, 42);
    char *forged = cab_strdup(mem, token);
    char *payload = strchr(forged, '.') + 4;
    *payload = *payload == 'A' ? 'B' : 'A';
    cr_assert_eq(cab_token_verify(mem, &conf, forged, &caller, &err), -1, "the same signature under another text");
    struct cab_conf other = conf;
    other.secret_key = "another secret key of more than 32 bytes";
    cr_assert_eq(cab_token_verify(mem, &other, token, &caller, &err), -1, "another key");
    cr_assert_eq(cab_token_verify(mem, &conf, token, &caller, &err), 0);
    struct timespec wait = { .tv_sec = 2, .tv_nsec = 100000000 };
    nanosleep(&wait, NULL);
    cr_assert_eq(cab_token_verify(mem, &conf, token, &caller, &err), -1, "over");
    cab_mem_free(mem);
}
