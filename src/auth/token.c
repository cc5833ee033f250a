/*
 * Access tokens: JWT (RFC 7519) signed with HS256, and nothing else.  The only file that knows libjwt, which verifies
 * the signature; algorithm, type, issuer and times are checked here, because libjwt takes any HMAC algorithm and
 * ignores exp.
 */
#include <cabinet/auth.h>
#include <errno.h>
#include <jwt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PURPOSE "access-token"
#define PURPOSE_ID "access-token-id"
#define ISSUER "cabinet"
#define TYPE "access"
#define TOKEN_MAX 4096 /* bytes */
#define SKEW 60        /* seconds that the clocks of two hosts may differ */

/* A signing key and its name, which tells nothing of the key. */
struct signer {
    unsigned char key[32];
    char kid[9];
};

static void name_key(struct signer *signer, const unsigned char id[32]) {
    snprintf(signer->kid, sizeof signer->kid, "%02x%02x%02x%02x", id[0], id[1], id[2], id[3]);
}

static void load_signer(const struct cab_conf *conf, struct signer *signer) {
    unsigned char id[32];
    cab_key(conf, PURPOSE, signer->key);
    cab_key(conf, PURPOSE_ID, id);
    name_key(signer, id);
}

static bool load_previous(const struct cab_conf *conf, struct signer *signer) {
    unsigned char id[32];
    if (!cab_key_previous(conf, PURPOSE, signer->key) || !cab_key_previous(conf, PURPOSE_ID, id))
        return false;
    name_key(signer, id);
    return true;
}

int cab_token_make(void *ctx, const struct cab_conf *conf, int64_t user_id, const char *session_id, bool is_admin,
                   char **token_out, struct cab_err *err) {
    struct signer signer;
    char jti[37], sub[21];
    jwt_t *jwt = NULL;
    char *text = NULL;
    time_t now = time(NULL);
    int rc = -1;

    load_signer(conf, &signer);
    cab_uuid_make(jti);
    snprintf(sub, sizeof sub, "%lld", (long long)user_id);
    if (jwt_new(&jwt) != 0 || jwt_set_alg(jwt, JWT_ALG_HS256, signer.key, sizeof signer.key) != 0 ||
        jwt_add_header(jwt, "kid", signer.kid) != 0 || jwt_add_grant(jwt, "iss", ISSUER) != 0 ||
        jwt_add_grant(jwt, "typ", TYPE) != 0 || jwt_add_grant(jwt, "sub", sub) != 0 ||
        jwt_add_grant(jwt, "sid", session_id) != 0 || jwt_add_grant(jwt, "jti", jti) != 0 ||
        jwt_add_grant_int(jwt, "iat", now) != 0 ||
        jwt_add_grant_int(jwt, "exp", now + conf->access_token_lifetime) != 0 ||
        jwt_add_grant_bool(jwt, "adm", is_admin) != 0 || (text = jwt_encode_str(jwt)) == NULL) {
        cab_fail(err, CAB_PROBLEM_INTERNAL, "The access token cannot be made.");
        cab_err_internal(err, "libjwt: %s", strerror(errno));
        goto out;
    }
    *token_out = cab_strdup(ctx, text);
    rc = 0;
out:
    free(text); /* allocated by libjwt */
    jwt_free(jwt);
    explicit_bzero(&signer, sizeof signer);
    return rc;
}

/* The token decoded where it was signed with this key and names it, or NULL. */
static jwt_t *decode(const char *token, const struct signer *signer) {
    jwt_t *jwt = NULL;

    if (jwt_decode(&jwt, token, signer->key, sizeof signer->key) != 0)
        return NULL;
    const char *named = jwt_get_header(jwt, "kid");
    if (jwt_get_alg(jwt) == JWT_ALG_HS256 && named != NULL && strcmp(named, signer->kid) == 0)
        return jwt;
    jwt_free(jwt);
    return NULL;
}

static bool has_text(jwt_t *jwt, const char *name, const char *value) {
    const char *found = jwt_get_grant(jwt, name);
    return found != NULL && strcmp(found, value) == 0;
}

/* NULL where all is right, else what is not. */
static const char *fault(jwt_t *jwt, struct cab_caller *caller) {
    time_t now = time(NULL);
    unsigned char bytes[16];

    if (!has_text(jwt, "iss", ISSUER) || !has_text(jwt, "typ", TYPE))
        return "The token is not an access token of this service.";
    errno = 0;
    long iat = jwt_get_grant_int(jwt, "iat");
    if (errno != 0 || iat > now + SKEW)
        return "The access token is not valid yet.";
    long nbf = jwt_get_grant_int(jwt, "nbf");
    if ((errno != 0 && errno != ENOENT) || nbf > now + SKEW)
        return "The access token is not valid yet.";
    errno = 0;
    long exp = jwt_get_grant_int(jwt, "exp");
    if (errno != 0 || exp <= now)
        return "The access token has expired. Refresh it.";
    bool is_admin = jwt_get_grant_bool(jwt, "adm") != 0;
    const char *sub = jwt_get_grant(jwt, "sub"), *sid = jwt_get_grant(jwt, "sid");
    if (errno != 0 || sub == NULL || sid == NULL || cab_parse_int64(sub, 1, INT64_MAX, &caller->user_id) != 0 ||
        !cab_uuid_parse(sid, bytes))
        return "The access token lacks what it must say.";
    snprintf(caller->user_id_text, sizeof caller->user_id_text, "%lld", (long long)caller->user_id);
    memcpy(caller->session_id, sid, sizeof caller->session_id);
    caller->is_admin = is_admin;
    caller->is_signed_in = true;
    return NULL;
}

/*
 * Tokens that were verified lately, known by their digest, so that a client's next request costs a look-up instead of
 * libjwt and the derivation of keys.  What a token says never changes; whether its session still stands is the guard's
 * business.  Sets of a few places each, so that two clients whose digests begin alike do not push each other out.
 */
#define KEPT_SETS 512
#define KEPT_PLACES 8

struct kept_token {
    unsigned char digest[32];
    time_t exp; /* 0: free */
    int64_t user_id;
    char user_id_text[21], session_id[37];
    bool is_admin;
};

static struct kept_token (*kept_tokens)[KEPT_PLACES];
static char *kept_secret; /* the SECRET_KEY under which they were verified */

static void recall(const struct kept_token *slot, struct cab_caller *caller) {
    caller->is_signed_in = true;
    caller->is_admin = slot->is_admin;
    caller->user_id = slot->user_id;
    memcpy(caller->user_id_text, slot->user_id_text, sizeof caller->user_id_text);
    memcpy(caller->session_id, slot->session_id, sizeof caller->session_id);
}

/* The set that digest belongs to; under another key all are forgotten. */
static struct kept_token *kept_set(const struct cab_conf *conf, const unsigned char digest[32]) {
    if (kept_secret == NULL || strcmp(kept_secret, conf->secret_key) != 0) {
        cab_mem_free(kept_tokens);
        cab_mem_free(kept_secret);
        kept_tokens = cab_mem_zero(NULL, KEPT_SETS, sizeof *kept_tokens);
        size_t size = strlen(conf->secret_key) + 1;
        kept_secret = memcpy(cab_mem_secret(NULL, size), conf->secret_key, size);
    }
    return kept_tokens[(digest[0] | digest[1] << 8) % KEPT_SETS];
}

static const struct kept_token *find_kept(const struct kept_token *set, const unsigned char digest[32], time_t now) {
    for (int i = 0; i < KEPT_PLACES; i++)
        if (set[i].exp > now && memcmp(set[i].digest, digest, 32) == 0)
            return &set[i];
    return NULL;
}

/* In the place of the one that would have expired first. */
static void keep(struct kept_token *set, const unsigned char digest[32], time_t exp, const struct cab_caller *caller) {
    struct kept_token *place = set;
    for (int i = 1; i < KEPT_PLACES; i++)
        if (set[i].exp < place->exp)
            place = &set[i];
    *place = (struct kept_token){ .exp = exp, .user_id = caller->user_id, .is_admin = caller->is_admin };
    memcpy(place->digest, digest, sizeof place->digest);
    memcpy(place->user_id_text, caller->user_id_text, sizeof place->user_id_text);
    memcpy(place->session_id, caller->session_id, sizeof place->session_id);
}

int cab_token_verify(void *ctx, const struct cab_conf *conf, const char *token, struct cab_caller *caller_out,
                     struct cab_err *err) {
    (void)ctx;
    struct signer signer;
    jwt_t *jwt = NULL;
    struct cab_caller caller = { .directory = cab_directory(conf) };
    unsigned char digest[32];
    size_t n = strlen(token);

    if (n > TOKEN_MAX)
        return cab_fail(err, CAB_PROBLEM_UNAUTHENTICATED, "The access token is longer than %d bytes.", TOKEN_MAX);
    CAB_BUG_ON(conf->secret_key == NULL);
    cab_sha256(token, n, digest);
    struct kept_token *set = kept_set(conf, digest);
    const struct kept_token *known = find_kept(set, digest, time(NULL));
    if (known != NULL) {
        recall(known, &caller);
        *caller_out = caller;
        return 0;
    }
    load_signer(conf, &signer);
    jwt = decode(token, &signer);
    bool is_current_key = jwt != NULL;
    if (jwt == NULL && load_previous(conf, &signer))
        jwt = decode(token, &signer);
    explicit_bzero(&signer, sizeof signer);
    if (jwt == NULL)
        return cab_fail(err, CAB_PROBLEM_UNAUTHENTICATED, "The access token is not valid.");
    const char *what = fault(jwt, &caller);
    time_t exp = what == NULL ? (time_t)jwt_get_grant_int(jwt, "exp") : 0;
    jwt_free(jwt);
    if (what != NULL)
        return cab_fail(err, CAB_PROBLEM_UNAUTHENTICATED, "%s", what);
    if (is_current_key) /* a token of the previous key ends with that key */
        keep(set, digest, exp, &caller);
    *caller_out = caller;
    return 0;
}
