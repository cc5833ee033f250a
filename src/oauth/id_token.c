/*
 * ID tokens: signed JSON (RFC 7515, RFC 7519) from outside, believed only when all of it is right (OpenID Connect Core
 * 1.0 section 3.1.3.7, RFC 8725).
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "oauth/internal.h"

#define TOKEN_MOST 16384
#define SUBJECT_MOST 255
#define EMAIL_MOST 254
#define NAME_MOST 200
#define ALIKE(json, type) ((json) != NULL && cab_json_type(json) == (type))

/* A token's three parts, decoded. */
struct parts {
    const struct cab_json *header, *claims;
    const char *signed_text;
    size_t n_signed;
    unsigned char *signature;
    size_t n_signature;
};

static const struct cab_json *part(void *ctx, const char *text, size_t n) {
    unsigned char *bytes;
    size_t length;
    if (cab_base64url_decode(ctx, text, n, &bytes, &length) != 0 || !cab_utf8_valid((char *)bytes, length))
        return NULL;
    return cab_oauth_object(ctx, (char *)bytes, length);
}

static bool split(void *ctx, const char *token, size_t n, struct parts *parts) {
    const char *first = n <= TOKEN_MOST ? memchr(token, '.', n) : NULL;
    const char *second = first != NULL ? memchr(first + 1, '.', n - (size_t)(first + 1 - token)) : NULL;
    if (second == NULL)
        return false;
    *parts = (struct parts){ .signed_text = token, .n_signed = (size_t)(second - token) };
    parts->header = part(ctx, token, (size_t)(first - token));
    parts->claims = part(ctx, first + 1, (size_t)(second - first - 1));
    return parts->header != NULL && parts->claims != NULL &&
           cab_base64url_decode(ctx, second + 1, n - (size_t)(second + 1 - token), &parts->signature,
                                &parts->n_signature) == 0;
}

/* A header that wants something we do not know must not be passed over (RFC 7515 section 4.1.11), and a token of
 * another type, such as an access token (RFC 9068), is none of an identity. */
static enum cab_oauth_reason read_header(const struct cab_json *header, enum cab_jws *algorithm, const char **kid) {
    const struct cab_json *alg = cab_json_get(header, "alg"), *type = cab_json_get(header, "typ");
    if (!ALIKE(alg, CAB_JSON_STRING))
        return CAB_OAUTH_TOKEN_ALGORITHM;
    if (cab_oauth_has(alg, "RS256"))
        *algorithm = CAB_JWS_RS256;
    else if (cab_oauth_has(alg, "ES256"))
        *algorithm = CAB_JWS_ES256;
    else
        return CAB_OAUTH_TOKEN_ALGORITHM;
    *kid = cab_oauth_text(header, "kid", 256);
    if (cab_json_get(header, "crit") != NULL || (*kid == NULL && cab_json_get(header, "kid") != NULL) ||
        (type != NULL && (!ALIKE(type, CAB_JSON_STRING) || strcasecmp(cab_json_text(type, NULL), "JWT") != 0)))
        return CAB_OAUTH_TOKEN_MALFORMED;
    return CAB_OAUTH_OK;
}

static enum cab_oauth_reason check_signature(const struct parts *parts, const struct cab_oauth_keys *keys) {
    enum cab_jws algorithm = CAB_JWS_RS256;
    const char *kid;
    enum cab_oauth_reason reason = read_header(parts->header, &algorithm, &kid);
    if (reason != CAB_OAUTH_OK)
        return reason;
    const struct cab_public_key *key = cab_oauth_key_find(keys, kid, algorithm);
    if (key == NULL)
        return CAB_OAUTH_TOKEN_KEY;
    return cab_public_key_verify(key, parts->signed_text, parts->n_signed, parts->signature, parts->n_signature)
               ? CAB_OAUTH_OK : CAB_OAUTH_TOKEN_SIGNATURE;
}

/* Seconds of the epoch (RFC 7519 section 2, NumericDate); -1 where absent, -2 where it is none. */
static int64_t date(const struct cab_json *claims, const char *name) {
    const struct cab_json *member = cab_json_get(claims, name);
    if (member == NULL)
        return -1;
    double value = ALIKE(member, CAB_JSON_NUMBER) ? strtod(cab_json_text(member, NULL), NULL) : -2;
    return isfinite(value) && value >= 0 && value < 9e15 ? (int64_t)value : -2;
}

static enum cab_oauth_reason check_times(const struct cab_json *claims, int64_t now) {
    int64_t exp = date(claims, "exp"), iat = date(claims, "iat"), nbf = date(claims, "nbf");
    if (exp < 0 || iat < 0 || nbf == -2)
        return CAB_OAUTH_TOKEN_MALFORMED;
    if (exp + CAB_OAUTH_LEEWAY <= now)
        return CAB_OAUTH_TOKEN_EXPIRED;
    return iat > now + CAB_OAUTH_LEEWAY || nbf > now + CAB_OAUTH_LEEWAY ? CAB_OAUTH_TOKEN_EARLY : CAB_OAUTH_OK;
}

static bool is_of(const struct cab_json *claims, const struct cab_provider *provider) {
    const struct cab_json *iss = cab_json_get(claims, "iss");
    return ALIKE(iss, CAB_JSON_STRING) &&
           (cab_oauth_has(iss, provider->issuer) || cab_oauth_has(iss, provider->issuer_alias));
}

/* Whether json, a string or an array of them, holds an id of ours; for an app's token also one of its own. */
static bool names_us(const struct cab_json *json, const struct cab_oauth_expected *expected) {
    const struct cab_provider *provider = expected->provider;
    if (cab_oauth_has(json, provider->client_id))
        return true;
    for (int i = 0; expected->is_native && i < provider->n_native; i++)
        if (cab_oauth_has(json, provider->native_client_ids[i]))
            return true;
    return false;
}

/* Of several audiences azp says which one may use the token. */
static bool is_for_us(const struct cab_json *claims, const struct cab_oauth_expected *expected) {
    const struct cab_json *aud = cab_json_get(claims, "aud"), *azp = cab_json_get(claims, "azp");
    bool is_alone = ALIKE(aud, CAB_JSON_STRING) || (ALIKE(aud, CAB_JSON_ARRAY) && cab_json_count(aud) == 1);
    if (azp == NULL)
        return is_alone && names_us(aud, expected);
    return ALIKE(azp, CAB_JSON_STRING) && names_us(aud, expected) && names_us(azp, expected);
}

static bool is_same(const char *a, const char *b) {
    size_t n = strlen(a);
    return n == strlen(b) && cab_equal_constant_time(a, b, n);
}

/* Some providers write booleans as strings. */
static bool is_true(const struct cab_json *json) {
    return (ALIKE(json, CAB_JSON_BOOL) && cab_json_bool(json)) || (ALIKE(json, CAB_JSON_STRING) &&
                                                                   cab_oauth_has(json, "true"));
}

void cab_oauth_person(void *ctx, const struct cab_json *object, struct cab_oauth_claims *claims) {
    static const char *const members[] = { "preferred_username", "nickname", "name" };
    const char *email = cab_oauth_text(object, "email", EMAIL_MOST);
    size_t n = 0;
    if (claims->email == NULL && email != NULL) {
        claims->email = cab_strdup(ctx, email);
        claims->is_email_verified = is_true(cab_json_get(object, "email_verified"));
    }
    while (claims->names[n] != NULL)
        n++;
    for (size_t i = 0; i < CAB_LENGTH(members) && n + 1 < CAB_LENGTH(claims->names); i++) {
        const char *name = cab_oauth_text(object, members[i], NAME_MOST);
        if (name != NULL && strchr(name, '@') == NULL) /* an address is nobody else's business */
            claims->names[n++] = cab_strdup(ctx, name);
    }
}

static enum cab_oauth_reason check_claims(void *ctx, const struct cab_json *object,
                                          const struct cab_oauth_expected *expected, struct cab_oauth_claims *claims) {
    const char *subject = cab_oauth_text(object, "sub", SUBJECT_MOST), *nonce = cab_oauth_text(object, "nonce", 512);
    if (!is_of(object, expected->provider))
        return CAB_OAUTH_TOKEN_ISSUER;
    if (!is_for_us(object, expected))
        return CAB_OAUTH_TOKEN_AUDIENCE;
    enum cab_oauth_reason reason = check_times(object, expected->now);
    if (reason != CAB_OAUTH_OK)
        return reason;
    if (expected->nonce != NULL && (nonce == NULL || !is_same(nonce, expected->nonce)))
        return CAB_OAUTH_TOKEN_NONCE;
    if (subject == NULL)
        return CAB_OAUTH_TOKEN_MALFORMED;
    *claims = (struct cab_oauth_claims){ .subject = cab_strdup(ctx, subject), .nonce = cab_strdup(ctx, nonce) };
    cab_oauth_person(ctx, object, claims);
    return CAB_OAUTH_OK;
}

enum cab_oauth_reason cab_oauth_token_verify(void *ctx, const char *token, size_t n, const struct cab_oauth_keys *keys,
                                             const struct cab_oauth_expected *expected,
                                             struct cab_oauth_claims *claims) {
    void *mem = cab_mem_alloc(NULL, 1);
    struct parts parts;
    enum cab_oauth_reason reason = CAB_OAUTH_TOKEN_MALFORMED;

    if (split(mem, token, n, &parts)) {
        reason = check_signature(&parts, keys);
        if (reason == CAB_OAUTH_OK)
            reason = check_claims(ctx, parts.claims, expected, claims);
    }
    cab_mem_free(mem);
    return reason;
}

enum cab_oauth_reason cab_oauth_userinfo_parse(void *ctx, const char *text, size_t n,
                                               struct cab_oauth_claims *claims) {
    void *mem = cab_mem_alloc(NULL, 1);
    const struct cab_json *object = cab_oauth_object(mem, text, n);
    const char *subject = object != NULL ? cab_oauth_text(object, "sub", SUBJECT_MOST) : NULL;
    enum cab_oauth_reason reason = object == NULL ? CAB_OAUTH_PROVIDER_AWAY : CAB_OAUTH_USERINFO_WRONG;

    if (subject != NULL && strcmp(subject, claims->subject) == 0) {
        cab_oauth_person(ctx, object, claims);
        reason = CAB_OAUTH_OK;
    }
    cab_mem_free(mem);
    return reason;
}
