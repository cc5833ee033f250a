/*
 * What the files of oauth share among themselves.
 */
#ifndef CABINET_OAUTH_INTERNAL_H
#define CABINET_OAUTH_INTERNAL_H

#include <cabinet/oauth.h>

/* ---- signature.c: libcrypto ---- */

enum cab_jws { CAB_JWS_RS256 = 1, CAB_JWS_ES256 }; /* RFC 7518 sections 3.3 and 3.4 */

struct cab_public_key;
/* A key below ctx, of big-endian numbers; NULL where it is none that may be used (RSA: 2048 to 8192 bits). */
struct cab_public_key *cab_public_key_rsa(void *ctx, const unsigned char *modulus, size_t n_modulus,
                                          const unsigned char *exponent, size_t n_exponent);
struct cab_public_key *cab_public_key_p256(void *ctx, const unsigned char x[32], const unsigned char y[32]);
enum cab_jws cab_public_key_algorithm(const struct cab_public_key *key);
bool cab_public_key_verify(const struct cab_public_key *key, const void *text, size_t n, const unsigned char *signature,
                           size_t n_signature);
/* ES256 of text by the P-256 private key in a file (PEM). */
int cab_es256_sign(const char *key_file, const void *text, size_t n, unsigned char signature[64], struct cab_err *err)
    CAB_MUST_CHECK;

/* ---- keys.c ---- */

/* The key named kid (NULL: the only one) of that algorithm, or NULL. */
const struct cab_public_key *cab_oauth_key_find(const struct cab_oauth_keys *keys, const char *kid,
                                                enum cab_jws algorithm);

/* ---- json.c ---- */

/* Text of a string member without control characters, of at most `most` bytes; NULL where it is anything else. */
const char *cab_oauth_text(const struct cab_json *object, const char *name, size_t most);
/* Whether an array of strings, or a string, is or has value. */
bool cab_oauth_has(const struct cab_json *json, const char *value);
/* An object; NULL where text is none. */
const struct cab_json *cab_oauth_object(void *ctx, const char *text, size_t n);

/* ---- id_token.c ---- */

/* E-mail address and names of an ID token or of UserInfo, where claims has none. */
void cab_oauth_person(void *ctx, const struct cab_json *object, struct cab_oauth_claims *claims);

/* ---- cache.c ---- */

/* What is kept of a provider, in this process. */
struct cab_oauth_peer {
    const struct cab_oauth_metadata *metadata;
    const struct cab_oauth_keys *keys;
};
enum cab_oauth_reason cab_oauth_peer(const struct cab_conf *conf, const struct cab_provider *provider, bool with_keys,
                                     struct cab_oauth_peer *peer) CAB_MUST_CHECK;
/* Asks for the keys again, as one is missing; false where they were asked for lately. */
bool cab_oauth_peer_again(const struct cab_conf *conf, const struct cab_provider *provider,
                          struct cab_oauth_peer *peer);
/* Sends a request with what all have in common. */
int cab_oauth_ask(const struct cab_conf *conf, const struct cab_provider *provider, void *ctx,
                  struct cab_net_request *request, int *status_out, struct cab_buf *body, struct cab_err *err)
    CAB_MUST_CHECK;

#endif
