/*
 * What is remembered between sending somebody to a provider and seeing them again: a cookie that only we can make.  Two
 * keys count, so that replacing SECRET_KEY ends nobody's attempt.
 */
#include <string.h>
#include <time.h>

#include "oauth/internal.h"

struct seed {
    unsigned char random[32];
    unsigned char issued[8]; /* seconds of the epoch, big endian */
    unsigned char user[8];
    unsigned char session[16];
    unsigned char mac[32];
};
_Static_assert(sizeof(struct seed) == 96, "a seed has no padding");
#define N_SEALED offsetof(struct seed, mac)

/* A nonce for apps. */
struct ticket {
    unsigned char issued[8];
    unsigned char random[24];
    unsigned char mac[32];
};
_Static_assert(sizeof(struct ticket) == 64, "a ticket has no padding");

static void put_number(unsigned char out[8], int64_t n) {
    for (int i = 0; i < 8; i++)
        out[i] = (unsigned char)((uint64_t)n >> (56 - 8 * i));
}

static int64_t get_number(const unsigned char in[8]) {
    uint64_t n = 0;
    for (int i = 0; i < 8; i++)
        n = n << 8 | in[i];
    return n > INT64_MAX ? INT64_MAX : (int64_t)n;
}

static bool mac_of(const struct cab_conf *conf, bool is_previous, const char *purpose, const void *bytes, size_t n,
                   unsigned char mac[32]) {
    if (is_previous)
        return cab_mac_previous(conf, purpose, bytes, n, mac);
    cab_mac(conf, purpose, bytes, n, mac);
    return true;
}

/* The provider's name is sealed with the seed: a cookie of one provider is nothing at another. */
static bool seal(const struct cab_conf *conf, bool is_previous, const char *provider, const struct seed *seed,
                 unsigned char mac[32]) {
    unsigned char text[N_SEALED + 64];
    size_t n = strlen(provider);
    CAB_BUG_ON(n > 64);
    memcpy(text, seed, N_SEALED);
    memcpy(text + N_SEALED, provider, n);
    return mac_of(conf, is_previous, "oauth-cookie", text, N_SEALED + n, mac);
}

static void write_code(const struct cab_conf *conf, bool is_previous, const char *purpose, const struct seed *seed,
                       char out[44]) {
    unsigned char mac[32];
    (void)mac_of(conf, is_previous, purpose, seed, sizeof *seed, mac);
    char *text = cab_base64url(NULL, mac, sizeof mac);
    memcpy(out, text, 44);
    cab_mem_free(text);
}

static void fill(const struct cab_conf *conf, bool is_previous, const struct seed *seed, struct cab_oauth_flow *flow) {
    unsigned char digest[32];
    write_code(conf, is_previous, "oauth-state", seed, flow->state);
    write_code(conf, is_previous, "oauth-nonce", seed, flow->nonce);
    write_code(conf, is_previous, "oauth-verifier", seed, flow->verifier);
    cab_sha256(flow->verifier, strlen(flow->verifier), digest); /* RFC 7636 section 4.2 */
    char *challenge = cab_base64url(NULL, digest, sizeof digest);
    memcpy(flow->challenge, challenge, sizeof flow->challenge);
    cab_mem_free(challenge);
    cab_sha256_hex(seed, sizeof *seed, flow->hash);
    flow->user_id = get_number(seed->user);
    cab_uuid_write(seed->session, flow->session_id);
}

void cab_oauth_flow_make(const struct cab_conf *conf, const char *provider, const struct cab_caller *caller,
                         struct cab_oauth_flow *flow) {
    struct seed seed = { 0 };
    *flow = (struct cab_oauth_flow){ 0 };
    cab_random(seed.random, sizeof seed.random);
    put_number(seed.issued, time(NULL));
    if (caller != NULL) {
        put_number(seed.user, caller->user_id);
        CAB_BUG_ON(!cab_uuid_parse(caller->session_id, seed.session));
    }
    (void)seal(conf, false, provider, &seed, seed.mac);
    char *text = cab_base64url(NULL, &seed, sizeof seed);
    CAB_BUG_ON(strlen(text) >= sizeof flow->cookie);
    memcpy(flow->cookie, text, strlen(text) + 1);
    cab_mem_free(text);
    fill(conf, false, &seed, flow);
}

/* Whether this key sealed the seed. */
static bool is_sealed(const struct cab_conf *conf, bool is_previous, const char *provider, const struct seed *seed) {
    unsigned char mac[32];
    return seal(conf, is_previous, provider, seed, mac) && cab_equal_constant_time(mac, seed->mac, sizeof mac);
}

static bool is_recent(int64_t issued, int64_t seconds) {
    int64_t now = time(NULL);
    return issued <= now + CAB_OAUTH_LEEWAY && issued > now - seconds;
}

enum cab_oauth_reason cab_oauth_flow_read(void *ctx, const struct cab_conf *conf, const char *provider,
                                          const char *cookie, const char *state, struct cab_oauth_flow *flow) {
    unsigned char *bytes;
    struct seed seed;
    size_t n;

    if (cookie == NULL || *cookie == '\0')
        return CAB_OAUTH_STATE_MISSING;
    if (strlen(cookie) >= sizeof flow->cookie || cab_base64url_decode(ctx, cookie, strlen(cookie), &bytes, &n) != 0 ||
        n != sizeof seed)
        return CAB_OAUTH_STATE_WRONG;
    memcpy(&seed, bytes, sizeof seed);
    bool is_current = is_sealed(conf, false, provider, &seed);
    if (!is_current && !is_sealed(conf, true, provider, &seed))
        return CAB_OAUTH_STATE_WRONG;
    *flow = (struct cab_oauth_flow){ 0 };
    fill(conf, !is_current, &seed, flow);
    if (state == NULL || strlen(state) != strlen(flow->state) ||
        !cab_equal_constant_time(state, flow->state, strlen(flow->state)))
        return CAB_OAUTH_STATE_WRONG;
    return is_recent(get_number(seed.issued), CAB_OAUTH_FLOW_SECONDS) ? CAB_OAUTH_OK : CAB_OAUTH_STATE_EXPIRED;
}

/* ---- nonces for apps ---- */

#define TICKET_SEALED offsetof(struct ticket, mac)

char *cab_oauth_nonce_make(void *ctx, const struct cab_conf *conf) {
    struct ticket ticket;
    put_number(ticket.issued, time(NULL));
    cab_random(ticket.random, sizeof ticket.random);
    cab_mac(conf, "oauth-ticket", &ticket, TICKET_SEALED, ticket.mac);
    return cab_base64url(ctx, &ticket, sizeof ticket);
}

enum cab_oauth_reason cab_oauth_nonce_read(void *ctx, const struct cab_conf *conf, const char *nonce, char hash[65]) {
    unsigned char *bytes, mac[32];
    struct ticket ticket;
    size_t n;

    if (nonce == NULL || strlen(nonce) > 128 || cab_base64url_decode(ctx, nonce, strlen(nonce), &bytes, &n) != 0 ||
        n != sizeof ticket)
        return CAB_OAUTH_TOKEN_NONCE;
    memcpy(&ticket, bytes, sizeof ticket);
    cab_mac(conf, "oauth-ticket", &ticket, TICKET_SEALED, mac);
    if (!cab_equal_constant_time(mac, ticket.mac, sizeof mac) &&
        !(cab_mac_previous(conf, "oauth-ticket", &ticket, TICKET_SEALED, mac) &&
          cab_equal_constant_time(mac, ticket.mac, sizeof mac)))
        return CAB_OAUTH_TOKEN_NONCE;
    cab_sha256_hex(&ticket, sizeof ticket, hash);
    return is_recent(get_number(ticket.issued), CAB_OAUTH_NONCE_SECONDS) ? CAB_OAUTH_OK : CAB_OAUTH_NONCE_EXPIRED;
}
