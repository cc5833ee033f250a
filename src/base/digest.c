/*
 * SHA-256, HMAC and random bytes, by libcrypto and the kernel.
 */
#include <cabinet/base.h>
#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* Fetched once: libcrypto 3 looks an algorithm up anew, under a lock, for each digest that does not bring its own. */
static EVP_MD *sha256;
static EVP_MD_CTX *context;

void cab_sha256(const void *bytes, size_t n, unsigned char out[32]) {
    if (sha256 == NULL) {
        sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
        context = EVP_MD_CTX_new();
    }
    if (sha256 == NULL || context == NULL || EVP_DigestInit_ex2(context, sha256, NULL) != 1 ||
        EVP_DigestUpdate(context, bytes, n) != 1 || EVP_DigestFinal_ex(context, out, NULL) != 1)
        cab_die("libcrypto has no SHA-256");
}

static void hex(const unsigned char *bytes, size_t n, char *out) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * n] = '\0';
}

void cab_sha256_hex(const void *bytes, size_t n, char out[65]) {
    unsigned char digest[32];
    cab_sha256(bytes, n, digest);
    hex(digest, sizeof digest, out);
}

void cab_sha1_hex(const void *bytes, size_t n, char out[41]) {
    unsigned char digest[20];
    if (EVP_Digest(bytes, n, digest, NULL, EVP_sha1(), NULL) != 1)
        cab_die("libcrypto has no SHA-1");
    hex(digest, sizeof digest, out);
}

struct cab_hash { EVP_MD_CTX *context; };

static void free_hash(void *ptr) {
    struct cab_hash *hash = ptr;
    EVP_MD_CTX_free(hash->context);
}

struct cab_hash *cab_hash_make(const void *ctx) {
    struct cab_hash *hash = cab_new(ctx, struct cab_hash);
    hash->context = EVP_MD_CTX_new();
    cab_mem_on_free(hash, free_hash);
    if (hash->context == NULL || EVP_DigestInit_ex(hash->context, EVP_sha256(), NULL) != 1)
        cab_die("libcrypto has no SHA-256");
    return hash;
}

void cab_hash_add(struct cab_hash *hash, const void *bytes, size_t n) {
    if (EVP_DigestUpdate(hash->context, bytes, n) != 1)
        cab_die("libcrypto has no SHA-256");
}

void cab_hash_hex(struct cab_hash *hash, char out[65]) {
    unsigned char digest[32];
    if (EVP_DigestFinal_ex(hash->context, digest, NULL) != 1)
        cab_die("libcrypto has no SHA-256");
    hex(digest, sizeof digest, out);
}

int cab_sha256_file(int fd, char out[65], int64_t *bytes_out) {
    unsigned char block[65536];
    struct cab_hash *hash = cab_hash_make(NULL);
    ssize_t got = 0;

    *bytes_out = 0;
    while ((got = read(fd, block, sizeof block)) > 0 || (got < 0 && errno == EINTR)) {
        if (got < 0)
            continue;
        cab_hash_add(hash, block, (size_t)got);
        *bytes_out += got;
    }
    int why = errno;
    cab_hash_hex(hash, out);
    cab_mem_free(hash);
    errno = why;
    return got < 0 ? -1 : 0;
}

void cab_hmac_sha256(const void *key, size_t n_key, const void *bytes, size_t n, unsigned char mac[32]) {
    static EVP_MAC_CTX *hmac;
    size_t n_mac;
    if (hmac == NULL) {
        OSSL_PARAM params[] = { OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, "SHA256", 0),
                                OSSL_PARAM_construct_end() };
        EVP_MAC *algorithm = EVP_MAC_fetch(NULL, "HMAC", NULL);
        hmac = algorithm == NULL ? NULL : EVP_MAC_CTX_new(algorithm);
        EVP_MAC_free(algorithm); /* the context holds it */
        if (hmac == NULL || EVP_MAC_CTX_set_params(hmac, params) != 1)
            cab_die("libcrypto has no HMAC-SHA-256");
    }
    /* without a key a context keeps the one before */
    if (n_key == 0 || EVP_MAC_init(hmac, key, n_key, NULL) != 1 || EVP_MAC_update(hmac, bytes, n) != 1 ||
        EVP_MAC_final(hmac, mac, &n_mac, 32) != 1)
        cab_die("libcrypto cannot make an HMAC-SHA-256");
}

bool cab_equal_constant_time(const void *a, const void *b, size_t n) {
    return CRYPTO_memcmp(a, b, n) == 0;
}

void cab_random(void *bytes, size_t n) {
    unsigned char *at = bytes;
    while (n > 0) {
        ssize_t got = getrandom(at, n, 0);
        if (got <= 0)
            cab_die("no random bytes from the kernel");
        at += got;
        n -= (size_t)got;
    }
}
