/*
 * Passwords: argon2id (RFC 9106) in PHC strings, and what a new password must be.  The only file that knows libargon2.
 * Knows no accounts: who the password belongs to is the caller's business.
 */
#include <argon2.h>
#include <cabinet/auth.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "auth_internal.h"

#define LENGTH_MIN 8
#define LENGTH_MAX 1024
#define SALT_BYTES 16
#define HASH_BYTES 32

int cab_password_hash(void *ctx, const struct cab_conf *conf, const char *password, size_t n, char **hash_out,
                      struct cab_err *err) {
    unsigned char salt[SALT_BYTES];
    uint32_t t = (uint32_t)conf->password_hash_time, m = (uint32_t)conf->password_hash_memory,
             p = (uint32_t)conf->password_hash_parallelism;

    if (n < LENGTH_MIN || n > LENGTH_MAX)
        return cab_fail(err, CAB_PROBLEM_INVALID, "A password has %d to %d bytes.", LENGTH_MIN, LENGTH_MAX);
    cab_random(salt, sizeof salt);
    size_t room = argon2_encodedlen(t, m, p, SALT_BYTES, HASH_BYTES, Argon2_id);
    char *hash = cab_mem_secret(ctx, room);
    int rc = argon2id_hash_encoded(t, m, p, password, n, salt, sizeof salt, HASH_BYTES, hash, room);
    if (rc != ARGON2_OK) {
        cab_fail(err, CAB_PROBLEM_INTERNAL, "The password cannot be hashed now.");
        cab_err_internal(err, "argon2: %s", argon2_error_message(rc));
        return -1;
    }
    *hash_out = hash;
    return 0;
}

/* What a verification costs, without anything to compare with. */
static void hash_for_nothing(const struct cab_conf *conf, const char *password, size_t n) {
    static const unsigned char salt[SALT_BYTES];
    unsigned char out[HASH_BYTES];
    int rc =
        argon2id_hash_raw((uint32_t)conf->password_hash_time, (uint32_t)conf->password_hash_memory,
                          (uint32_t)conf->password_hash_parallelism, password, n, salt, sizeof salt, out, sizeof out);
    if (rc != ARGON2_OK)
        cab_log(CAB_LOG_ERROR, "argon2: %s", argon2_error_message(rc));
    explicit_bzero(out, sizeof out);
}

int cab_password_verify(const struct cab_conf *conf, const char *hash, const char *password, size_t n) {
    if (hash == NULL) {
        hash_for_nothing(conf, password, n);
        return 0;
    }
    int rc = argon2id_verify(hash, password, n);
    if (rc == ARGON2_OK)
        return 1;
    if (rc == ARGON2_VERIFY_MISMATCH)
        return 0;
    cab_log(CAB_LOG_ERROR, "a stored password hash cannot be verified: %s", argon2_error_message(rc));
    return -1;
}

bool cab_password_needs_rehash(const struct cab_conf *conf, const char *hash) {
    char now[96];
    int n = snprintf(now, sizeof now, "$argon2id$v=%d$m=%u,t=%u,p=%u$", ARGON2_VERSION_NUMBER,
                     (unsigned)conf->password_hash_memory, (unsigned)conf->password_hash_time,
                     (unsigned)conf->password_hash_parallelism);
    return strncmp(hash, now, (size_t)n) != 0;
}

static bool is_same(const char *word, const char *password, size_t n) {
    return word != NULL && strlen(word) == n && strncasecmp(word, password, n) == 0;
}

int cab_password_check(const struct cab_conf *conf, void *ctx, const char *field, const char *password, size_t n,
                       const char *email, const char *username, struct cab_err *err) {
    size_t least = conf->password_min_length > LENGTH_MIN ? (size_t)conf->password_min_length : LENGTH_MIN;

    if (n < least)
        return cab_err_flaw(err, ctx, CAB_PLACE_FIELD, field, "too_short", "A password has at least %zu bytes.", least);
    if (n > LENGTH_MAX)
        return cab_err_flaw(err, ctx, CAB_PLACE_FIELD, field, "too_long", "A password has at most %d bytes.",
                            LENGTH_MAX);
    if (is_same(email, password, n) || is_same(username, password, n))
        return cab_err_flaw(err, ctx, CAB_PLACE_FIELD, field, "too_easy",
                            "A password is not the e-mail address or the username. Choose another.");
    if (cab_password_is_common(conf, password, n))
        return cab_err_flaw(err, ctx, CAB_PLACE_FIELD, field, "too_common",
                            "This password is among the most common ones. Choose another.");
    if (cab_password_is_breached(conf, password, n))
        return cab_err_flaw(err, ctx, CAB_PLACE_FIELD, field, "breached",
                            "This password is known from a breach of some other service. Choose another.");
    return 0;
}
