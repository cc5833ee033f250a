/*
 * Refresh tokens: base64url(session id || counter || MAC).  Nothing secret needs to be stored: the token proves itself,
 * and the counter in the session's row says whether it is the latest.
 */
#include <cabinet/auth.h>
#include <string.h>

#define PURPOSE "refresh"

struct token {
    unsigned char session[16];
    unsigned char counter[8]; /* big endian */
    unsigned char mac[32];
};
_Static_assert(sizeof(struct token) == 56, "a refresh token has no padding");
#define N_SIGNED offsetof(struct token, mac)

static int nibble(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

bool cab_uuid_parse(const char *text, unsigned char out[16]) {
    int digits = 0;
    if (strlen(text) != 36)
        return false;
    for (int i = 0; i < 36; i++) {
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (text[i] != '-')
                return false;
            continue;
        }
        int value = nibble(text[i]);
        if (value < 0)
            return false;
        if (digits % 2 == 0)
            out[digits / 2] = (unsigned char)(value << 4);
        else
            out[digits / 2] |= (unsigned char)value;
        digits++;
    }
    return true;
}

static void uuid_write(const unsigned char bytes[16], char out[37]) {
    static const char digits[] = "0123456789abcdef";
    char *at = out;
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        *at++ = digits[bytes[i] >> 4];
        *at++ = digits[bytes[i] & 15];
    }
    *at = '\0';
}

char *cab_refresh_make(void *ctx, const struct cab_conf *conf, const char *session_id, int64_t counter) {
    struct token token;
    CAB_BUG_ON(counter < 0 || !cab_uuid_parse(session_id, token.session));
    for (int i = 0; i < 8; i++)
        token.counter[i] = (unsigned char)((uint64_t)counter >> (56 - 8 * i));
    cab_mac(conf, PURPOSE, &token, N_SIGNED, token.mac);
    return cab_base64url(ctx, &token, sizeof token);
}

static bool is_authentic(const struct cab_conf *conf, const struct token *token) {
    unsigned char mac[32];
    cab_mac(conf, PURPOSE, token, N_SIGNED, mac);
    if (cab_equal_constant_time(mac, token->mac, sizeof mac))
        return true;
    return cab_mac_previous(conf, PURPOSE, token, N_SIGNED, mac) &&
           cab_equal_constant_time(mac, token->mac, sizeof mac);
}

int cab_refresh_verify(void *ctx, const struct cab_conf *conf, const char *token, char session_id_out[37],
                       int64_t *counter_out, struct cab_err *err) {
    unsigned char *bytes;
    struct token parts;
    size_t n;
    uint64_t counter = 0;

    if (strlen(token) > 128 || cab_base64url_decode(ctx, token, strlen(token), &bytes, &n) != 0 || n != sizeof parts)
        goto refused;
    memcpy(&parts, bytes, sizeof parts);
    if (!is_authentic(conf, &parts))
        goto refused;
    for (int i = 0; i < 8; i++)
        counter = counter << 8 | parts.counter[i];
    if (counter > INT64_MAX)
        goto refused;
    uuid_write(parts.session, session_id_out);
    *counter_out = (int64_t)counter;
    return 0;

refused:
    return cab_fail(err, CAB_PROBLEM_UNAUTHENTICATED, "The refresh token is not valid. Log in again.");
}
