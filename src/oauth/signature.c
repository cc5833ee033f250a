/*
 * Signatures of JSON Web Tokens by libcrypto: RS256 and ES256 (RFC 7518), and no other.  A key knows its algorithm, so
 * that a token cannot choose one for it.
 */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>

#include "oauth/internal.h"

#define RSA_LEAST 256 /* bytes */
#define RSA_MOST 1024

struct cab_public_key {
    EVP_PKEY *key;
    enum cab_jws algorithm;
};

static void destroy(void *key) {
    EVP_PKEY_free(((struct cab_public_key *)key)->key);
}

static struct cab_public_key *make(void *ctx, const char *type, enum cab_jws algorithm, OSSL_PARAM *params) {
    EVP_PKEY_CTX *making = EVP_PKEY_CTX_new_from_name(NULL, type, NULL), *checking = NULL;
    struct cab_public_key *result = NULL;
    EVP_PKEY *key = NULL;

    if (making == NULL)
        cab_die("libcrypto has no %s", type);
    if (params == NULL || EVP_PKEY_fromdata_init(making) != 1 ||
        EVP_PKEY_fromdata(making, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
        goto out;
    checking = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    if (checking == NULL || EVP_PKEY_public_check_quick(checking) != 1)
        goto out;
    result = cab_new(ctx, struct cab_public_key);
    *result = (struct cab_public_key){ .key = key, .algorithm = algorithm };
    cab_mem_on_free(result, destroy);
    key = NULL;
out:
    EVP_PKEY_free(key);
    EVP_PKEY_CTX_free(checking);
    EVP_PKEY_CTX_free(making);
    OSSL_PARAM_free(params);
    ERR_clear_error();
    return result;
}

struct cab_public_key *cab_public_key_rsa(void *ctx, const unsigned char *modulus, size_t n_modulus,
                                          const unsigned char *exponent, size_t n_exponent) {
    if (n_modulus < RSA_LEAST || n_modulus > RSA_MOST || modulus[0] < 0x80 || modulus[n_modulus - 1] % 2 == 0 ||
        n_exponent < 1 || n_exponent > 4 || exponent[n_exponent - 1] % 2 == 0 || (n_exponent == 1 && exponent[0] < 3))
        return NULL;
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    BIGNUM *n = BN_bin2bn(modulus, (int)n_modulus, NULL), *e = BN_bin2bn(exponent, (int)n_exponent, NULL);
    OSSL_PARAM *params = NULL;
    if (build != NULL && n != NULL && e != NULL && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e) == 1)
        params = OSSL_PARAM_BLD_to_param(build);
    struct cab_public_key *key = make(ctx, "RSA", CAB_JWS_RS256, params);
    BN_free(n);
    BN_free(e);
    OSSL_PARAM_BLD_free(build);
    return key;
}

struct cab_public_key *cab_public_key_p256(void *ctx, const unsigned char x[32], const unsigned char y[32]) {
    unsigned char point[65] = { POINT_CONVERSION_UNCOMPRESSED };
    memcpy(point + 1, x, 32);
    memcpy(point + 33, y, 32);
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    OSSL_PARAM *params = NULL;
    if (build != NULL && OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point) == 1)
        params = OSSL_PARAM_BLD_to_param(build);
    struct cab_public_key *key = make(ctx, "EC", CAB_JWS_ES256, params);
    OSSL_PARAM_BLD_free(build);
    return key;
}

enum cab_jws cab_public_key_algorithm(const struct cab_public_key *key) {
    return key->algorithm;
}

/* r and s side by side (RFC 7518 section 3.4) as libcrypto wants them. */
static int encode_ecdsa(const unsigned char signature[64], unsigned char **der) {
    ECDSA_SIG *pair = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(signature, 32, NULL), *s = BN_bin2bn(signature + 32, 32, NULL);
    int n = -1;
    if (pair != NULL && r != NULL && s != NULL && ECDSA_SIG_set0(pair, r, s) == 1) {
        r = s = NULL;
        n = i2d_ECDSA_SIG(pair, der);
    }
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(pair);
    return n;
}

bool cab_public_key_verify(const struct cab_public_key *key, const void *text, size_t n, const unsigned char *signature,
                           size_t n_signature) {
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    unsigned char *der = NULL;
    bool is_right = false;

    if (digest == NULL)
        cab_die("libcrypto has no memory");
    if (key->algorithm == CAB_JWS_ES256) {
        int length = n_signature == 64 ? encode_ecdsa(signature, &der) : -1;
        if (length < 0)
            goto out;
        signature = der;
        n_signature = (size_t)length;
    }
    /* PKCS #1 v1.5 is libcrypto's default for RSA */
    is_right = EVP_DigestVerifyInit(digest, NULL, EVP_sha256(), NULL, key->key) == 1 &&
               EVP_DigestVerify(digest, signature, n_signature, text, n) == 1;
out:
    OPENSSL_free(der);
    EVP_MD_CTX_free(digest);
    ERR_clear_error();
    return is_right;
}

/* ---- signing ---- */

static EVP_PKEY *load(const char *key_file, struct cab_err *err) {
    FILE *file = fopen(key_file, "re");
    EVP_PKEY *key = file != NULL ? PEM_read_PrivateKey(file, NULL, NULL, "") : NULL;
    char group[32] = "";
    if (file != NULL)
        fclose(file);
    if (key != NULL && EVP_PKEY_get_group_name(key, group, sizeof group, NULL) == 1 &&
        (strcmp(group, "prime256v1") == 0 || strcmp(group, "P-256") == 0))
        return key;
    EVP_PKEY_free(key);
    (void)cab_fail(err, CAB_PROBLEM_INTERNAL, "The key that signs for the provider cannot be used.");
    cab_err_internal(err, "%s: %s", key_file,
                     file == NULL ? "cannot be opened" : "is no P-256 private key in PEM form");
    return NULL;
}

static bool split_ecdsa(const unsigned char *der, size_t n, unsigned char signature[64]) {
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)n);
    bool is_done = pair != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(pair), signature, 32) == 32 &&
                   BN_bn2binpad(ECDSA_SIG_get0_s(pair), signature + 32, 32) == 32;
    ECDSA_SIG_free(pair);
    return is_done;
}

int cab_es256_sign(const char *key_file, const void *text, size_t n, unsigned char signature[64],
                   struct cab_err *err) {
    EVP_PKEY *key = load(key_file, err);
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    unsigned char der[128];
    size_t length = sizeof der;
    int rc = -1;

    if (key == NULL || digest == NULL)
        goto out;
    if (EVP_DigestSignInit(digest, NULL, EVP_sha256(), NULL, key) == 1 &&
        EVP_DigestSign(digest, der, &length, text, n) == 1 && split_ecdsa(der, length, signature))
        rc = 0;
    else
        rc = cab_fail(err, CAB_PROBLEM_INTERNAL, "Signing for the provider failed.");
out:
    EVP_MD_CTX_free(digest);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return rc;
}
