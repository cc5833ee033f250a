/*
 * One-time tokens.  A token is the HMAC of a random seed under a key of SECRET_KEY: the outbox keeps the seed until the
 * mail is sent, one_time_tokens the token's hash, and whoever reads the database has neither the token nor the key.
 */
#include <cabinet/auth.h>
#include <cabinet/mail.h>
#include <string.h>

#define SEED_BYTES 32

static void hex(const unsigned char *bytes, size_t n, char *out) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * n] = '\0';
}

static int digit(char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool unhex(const char *text, unsigned char bytes[SEED_BYTES]) {
    for (size_t i = 0; i < SEED_BYTES; i++) {
        int high = digit(text[2 * i]), low = high < 0 ? -1 : digit(text[2 * i + 1]);
        if (low < 0)
            return false;
        bytes[i] = (unsigned char)(high << 4 | low);
    }
    return text[2 * SEED_BYTES] == '\0';
}

void cab_mail_token_hash(const char *token, char hash[65]) {
    cab_sha256_hex(token, strlen(token), hash);
}

static char *text_of(void *ctx, const unsigned char mac[32]) {
    return cab_base64url(ctx, mac, 32);
}

void cab_mail_token_make(const struct cab_conf *conf, struct cab_mail_token *token) {
    unsigned char seed[SEED_BYTES], mac[32];
    cab_random(seed, sizeof seed);
    hex(seed, sizeof seed, token->seed);
    cab_mac(conf, "mail_token", seed, sizeof seed, mac);
    char *text = text_of(NULL, mac);
    cab_mail_token_hash(text, token->hash);
    cab_mem_free(text);
}

char *cab_mail_token_text(void *ctx, const struct cab_conf *conf, const char *seed, const char *hash) {
    unsigned char bytes[SEED_BYTES], mac[32];
    char found[65];
    if (!unhex(seed, bytes))
        return NULL;
    for (int i = 0; i < 2; i++) {
        if (i == 0)
            cab_mac(conf, "mail_token", bytes, sizeof bytes, mac);
        else if (!cab_mac_previous(conf, "mail_token", bytes, sizeof bytes, mac))
            return NULL;
        char *text = text_of(ctx, mac);
        cab_mail_token_hash(text, found);
        if (strcmp(found, hash) == 0)
            return text;
        cab_mem_free(text);
    }
    return NULL;
}
