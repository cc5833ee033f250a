/*
 * Keys of a provider: JWKS (RFC 7517, RFC 7518 section 6).  Keys of other kinds and for other uses are passed over.
 */
#include <string.h>

#include "oauth/internal.h"

#define MAX_KEYS 32
#define KID_BYTES 256

struct named_key {
    const char *kid; /* or NULL */
    const struct cab_public_key *key;
};

struct cab_oauth_keys {
    struct named_key list[MAX_KEYS];
    int n;
};

/* A number as base64url, or NULL. */
static unsigned char *number(void *ctx, const struct cab_json *jwk, const char *name, size_t *n_out) {
    const char *text = cab_oauth_text(jwk, name, 2048);
    unsigned char *bytes;
    if (text == NULL || cab_base64url_decode(ctx, text, strlen(text), &bytes, n_out) != 0 || *n_out == 0)
        return NULL;
    return bytes;
}

static const struct cab_public_key *read_rsa(void *ctx, const struct cab_json *jwk) {
    size_t n_modulus, n_exponent;
    unsigned char *modulus = number(ctx, jwk, "n", &n_modulus), *exponent = number(ctx, jwk, "e", &n_exponent);
    if (modulus == NULL || exponent == NULL)
        return NULL;
    return cab_public_key_rsa(ctx, modulus, n_modulus, exponent, n_exponent);
}

static const struct cab_public_key *read_p256(void *ctx, const struct cab_json *jwk) {
    size_t n_x, n_y;
    unsigned char *x = number(ctx, jwk, "x", &n_x), *y = number(ctx, jwk, "y", &n_y);
    if (x == NULL || y == NULL || n_x != 32 || n_y != 32 || !cab_oauth_has(cab_json_get(jwk, "crv"), "P-256"))
        return NULL;
    return cab_public_key_p256(ctx, x, y);
}

static bool is_absent_or(const struct cab_json *jwk, const char *name, const char *value) {
    const struct cab_json *member = cab_json_get(jwk, name);
    return member == NULL || cab_oauth_has(member, value);
}

static void add(struct cab_oauth_keys *keys, const struct cab_json *jwk) {
    const struct cab_public_key *key = NULL;
    if (cab_json_type(jwk) != CAB_JSON_OBJECT || !is_absent_or(jwk, "use", "sig") ||
        !is_absent_or(jwk, "key_ops", "verify"))
        return;
    if (cab_oauth_has(cab_json_get(jwk, "kty"), "RSA") && is_absent_or(jwk, "alg", "RS256"))
        key = read_rsa(keys, jwk);
    else if (cab_oauth_has(cab_json_get(jwk, "kty"), "EC") && is_absent_or(jwk, "alg", "ES256"))
        key = read_p256(keys, jwk);
    if (key != NULL)
        keys->list[keys->n++] = (struct named_key){ .kid = cab_strdup(keys, cab_oauth_text(jwk, "kid", KID_BYTES)),
                                                    .key = key };
}

int cab_oauth_keys_parse(void *ctx, const char *text, size_t n, struct cab_oauth_keys **keys_out,
                         struct cab_err *err) {
    void *mem = cab_mem_alloc(NULL, 1);
    const struct cab_json *object = cab_oauth_object(mem, text, n);
    const struct cab_json *list = object != NULL ? cab_json_get(object, "keys") : NULL;
    int rc = -1;

    if (list != NULL && cab_json_type(list) == CAB_JSON_ARRAY) {
        struct cab_oauth_keys *keys = cab_new(ctx, struct cab_oauth_keys);
        for (size_t i = 0; i < cab_json_count(list) && keys->n < MAX_KEYS; i++)
            add(keys, cab_json_item(list, i));
        *keys_out = keys;
        rc = 0;
    } else {
        (void)cab_fail(err, CAB_PROBLEM_UNAVAILABLE, "The provider's keys cannot be read.");
    }
    cab_mem_free(mem);
    return rc;
}

int cab_oauth_keys_count(const struct cab_oauth_keys *keys) {
    return keys->n;
}

const struct cab_public_key *cab_oauth_key_find(const struct cab_oauth_keys *keys, const char *kid,
                                                enum cab_jws algorithm) {
    const struct cab_public_key *found = NULL;
    for (int i = 0; i < keys->n; i++) {
        const struct named_key *named = &keys->list[i];
        if (cab_public_key_algorithm(named->key) != algorithm)
            continue;
        if (kid != NULL && named->kid != NULL && strcmp(named->kid, kid) == 0)
            return named->key;
        if (kid == NULL && found != NULL)
            return NULL; /* which one is not said */
        if (kid == NULL)
            found = named->key;
    }
    return found;
}
