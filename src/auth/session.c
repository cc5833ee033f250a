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
    cab_uuid_write(parts.session, session_id_out);
    *counter_out = (int64_t)counter;
    return 0;

refused:
    return cab_fail(err, CAB_PROBLEM_UNAUTHENTICATED, "The refresh token is not valid. Log in again.");
}
