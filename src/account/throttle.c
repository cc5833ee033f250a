/*
 * How often somebody may try.  Counters lie in memory that all pools of the host share; failed logins are also counted
 * by name in the database, so that several hosts agree.
 *
 * Nobody can lock others out: who guesses from one address uses up the tries of that address with that name, and no
 * others'.  The limit on a name from everywhere together, which stops guessing from many addresses, does not hold for
 * devices from which the account logged in before, by the cookie they got then, nor for addresses where it has a
 * session; who has neither sets a new password by mail, which brings the cookie.  Names without an account are counted
 * the same, so that no limit tells whether there is one.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "account_internal.h"
#include "statements.h"

#define MINUTE 60
#define HOUR 3600
#define DEVICE_DAYS 400
#define DEVICE_TRIES 10

static const struct {
    const char *name;    /* of the policy in headers */
    size_t quota;        /* the setting's place in struct cab_conf; 0: fixed */
    uint32_t fixed, window_s;
} kinds[CAB_THROTTLE__MAX] = {
    [CAB_THROTTLE_LOGIN] = { "login", offsetof(struct cab_conf, login_attempts), 0, MINUTE },
    [CAB_THROTTLE_LOGIN_ADDRESS] = { "login-address", offsetof(struct cab_conf, login_failures_per_address), 0, HOUR },
    [CAB_THROTTLE_LOGIN_DEVICE] = { "login-device", 0, DEVICE_TRIES, HOUR },
    [CAB_THROTTLE_PASSWORD] = { "password", offsetof(struct cab_conf, login_attempts), 0, MINUTE },
    [CAB_THROTTLE_REGISTER] = { "register", offsetof(struct cab_conf, registrations_per_address), 0, HOUR },
    [CAB_THROTTLE_MAIL] = { "mail", offsetof(struct cab_conf, mail_requests_per_address), 0, HOUR },
};

static uint32_t quota_of(const struct cab_conf *conf, enum cab_account_throttle kind) {
    if (kinds[kind].quota == 0)
        return kinds[kind].fixed;
    int64_t quota;
    memcpy(&quota, (const char *)conf + kinds[kind].quota, sizeof quota);
    return (uint32_t)quota;
}

/* The client's address; of IPv6 the network, since a customer has all of it. */
static void address_of(const struct cab_request *request, char text[INET6_ADDRSTRLEN]) {
    const char *address = request->remote_addr != NULL ? request->remote_addr : "";
    unsigned char bytes[sizeof(struct in6_addr)];
    if (inet_pton(AF_INET6, address, bytes) == 1) {
        memset(bytes + 8, 0, 8);
        if (inet_ntop(AF_INET6, bytes, text, INET6_ADDRSTRLEN) != NULL)
            return;
    }
    snprintf(text, INET6_ADDRSTRLEN, "%s", address);
}

/* No address or name stands in the shared file. */
static void make_key(const struct cab_call *call, enum cab_account_throttle kind, const char *who,
                     unsigned char key[CAB_THROTTLE_KEY]) {
    char address[INET6_ADDRSTRLEN] = "";
    unsigned char mac[32];
    struct cab_buf text;
    if (kind != CAB_THROTTLE_PASSWORD && kind != CAB_THROTTLE_LOGIN_DEVICE)
        address_of(call->request, address);
    cab_buf_init(&text, call->mem, 128);
    cab_buf_addf(&text, "%s\n%s\n%s", kinds[kind].name, address, who != NULL ? who : "");
    cab_mac(call->conf, "throttle", text.data, text.len, mac);
    memcpy(key, mac, CAB_THROTTLE_KEY);
}

/* The headers of the limit that is nearest; the answer carries one. */
static void tell(struct cab_call *call, enum cab_account_throttle kind, uint32_t quota,
                 const struct cab_throttle_state *state) {
    call->limit = (struct cab_rate_limit){
        .policy = kinds[kind].name, .quota = quota, .window_s = kinds[kind].window_s, .left = state->left,
        .reset_s = state->left > 0 ? kinds[kind].window_s : state->reset_s,
    };
}

static int refuse(uint32_t wait_s, struct cab_err *err) {
    err->retry_after = wait_s > 0 ? (int)wait_s : 1;
    return cab_fail(err, CAB_PROBLEM_THROTTLED, "There were too many tries. Wait %d s.", err->retry_after);
}

int cab_account_throttle(struct cab_call *call, enum cab_account_throttle kind, const char *who, bool is_try,
                         struct cab_err *err) {
    unsigned char key[CAB_THROTTLE_KEY];
    struct cab_throttle_state state = { 0 };
    uint32_t quota = quota_of(call->conf, kind);
    int64_t now = cab_now_ms();

    if (quota == 0 || call->shared == NULL || (is_try && call->attempt > 0)) /* a try is counted once */
        return 0;
    make_key(call, kind, who, key);
    bool is_open = is_try ? cab_throttle_take(call->shared, key, quota, kinds[kind].window_s, now, &state)
                          : cab_throttle_look(call->shared, key, quota, kinds[kind].window_s, now, &state);
    if (is_try || !is_open)
        tell(call, kind, quota, &state);
    return is_open ? 0 : refuse(state.reset_s, err);
}

void cab_account_throttle_forget(struct cab_call *call, enum cab_account_throttle kind, const char *who) {
    unsigned char key[CAB_THROTTLE_KEY];
    make_key(call, kind, who, key);
    cab_throttle_forget(call->shared, key);
}

/* ---- devices from which an account logged in: base64url(random || user || MAC) ---- */

struct device {
    unsigned char random[16], user[8], mac[32];
};
_Static_assert(sizeof(struct device) == 56, "a device's cookie has no padding");
#define DEVICE_COOKIE "device"
#define DEVICE_PATH CAB_BASE_PATH "/auth"
#define N_SIGNED offsetof(struct device, mac)

static void put_user(const char *user_id, unsigned char bytes[8]) {
    int64_t id = 0;
    CAB_BUG_ON(cab_parse_int64(user_id, 1, INT64_MAX, &id) != 0);
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)((uint64_t)id >> (56 - 8 * i));
}

static bool is_authentic(const struct cab_conf *conf, const struct device *device) {
    unsigned char mac[32];
    cab_mac(conf, "device", device, N_SIGNED, mac);
    if (cab_equal_constant_time(mac, device->mac, sizeof mac))
        return true;
    return cab_mac_previous(conf, "device", device, N_SIGNED, mac) &&
           cab_equal_constant_time(mac, device->mac, sizeof mac);
}

/* The cookie, where it is one of ours. */
static bool read_device(struct cab_call *call, struct device *device) {
    const char *cookie = cab_request_cookie(call->request, DEVICE_COOKIE);
    unsigned char *bytes;
    size_t n;
    if (cookie == NULL || strlen(cookie) > 128 ||
        cab_base64url_decode(call->mem, cookie, strlen(cookie), &bytes, &n) != 0 || n != sizeof *device)
        return false;
    memcpy(device, bytes, sizeof *device);
    return is_authentic(call->conf, device);
}

const char *cab_account_device(struct cab_call *call, const char *user_id) {
    struct device device;
    unsigned char user[8];
    put_user(user_id, user);
    return read_device(call, &device) && memcmp(user, device.user, sizeof user) == 0
               ? cab_request_cookie(call->request, DEVICE_COOKIE)
               : NULL;
}

void cab_account_remember_device(struct cab_call *call, const char *user_id) {
    const char *cookie = cab_account_device(call, user_id);
    if (cookie == NULL) {
        struct device device;
        cab_random(device.random, sizeof device.random);
        put_user(user_id, device.user);
        cab_mac(call->conf, "device", &device, N_SIGNED, device.mac);
        cookie = cab_base64url(call->mem, &device, sizeof device);
    }
    cab_account_set_cookie(call, DEVICE_COOKIE, cookie, DEVICE_DAYS * INT64_C(86400), DEVICE_PATH);
}

/* ---- logins ---- */

/* The name as the database compares it: of all spellings of one name only one counts. */
static int canonical(struct cab_call *call, const char *name, const char **canonical_out, struct cab_err *err) {
    char *lower = cab_strdup(call->mem, name);
    struct cab_result *result;
    bool is_ascii = true;

    for (char *c = lower; *c != '\0'; c++) {
        is_ascii = is_ascii && (unsigned char)*c < 0x80;
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c + ('a' - 'A'));
    }
    *canonical_out = lower;
    if (is_ascii)
        return 0;
    if (cab_db_read(call->db, call->mem, CAB_SHAPE_ONE, cab_sql_text_account_canonical, 1, &name, &result, err) != 0)
        return -1;
    *canonical_out = cab_result_value(result, 0, 0);
    return 0;
}

int cab_account_login_try(struct cab_call *call, const char *name, struct cab_account_try *try, struct cab_err *err) {
    unsigned char mac[32];
    if (canonical(call, name, &try->name, err) != 0)
        return -1;
    cab_mac(call->conf, "login-name", try->name, strlen(try->name), mac);
    for (int i = 0; i < 32; i++)
        snprintf(try->code + 2 * i, 3, "%02x", mac[i]);
    try->wait_s = 0;
    if (cab_account_throttle(call, CAB_THROTTLE_LOGIN_ADDRESS, NULL, false, err) == 0 &&
        cab_account_throttle(call, CAB_THROTTLE_LOGIN, try->name, true, err) == 0)
        return 0;
    struct device device;
    if (!read_device(call, &device))
        return -1;
    try->wait_s = err->retry_after; /* whose device it is is seen when the account is known */
    cab_err_clear(err);
    return 0;
}

int cab_account_login_may(struct cab_call *call, const struct cab_account_try *try, const char *user_id,
                          int64_t failures, bool is_known_address, struct cab_err *err) {
    int64_t most = call->conf->login_failures_per_account;
    bool is_guessed_at = most > 0 && failures >= most && !is_known_address;
    if (!is_guessed_at && try->wait_s == 0)
        return 0;
    const char *device = user_id != NULL ? cab_account_device(call, user_id) : NULL;
    if (device == NULL)
        return refuse(try->wait_s > 0 ? (uint32_t)try->wait_s : (uint32_t)(HOUR / most + 1), err);
    return cab_account_throttle(call, CAB_THROTTLE_LOGIN_DEVICE, device, true, err);
}

void cab_account_login_succeeded(struct cab_call *call, const struct cab_account_try *try, const char *user_id) {
    const char *device = cab_account_device(call, user_id);
    cab_account_throttle_forget(call, CAB_THROTTLE_LOGIN, try->name);
    if (device != NULL)
        cab_account_throttle_forget(call, CAB_THROTTLE_LOGIN_DEVICE, device);
    cab_account_remember_device(call, user_id);
}

void cab_account_login_failed(struct cab_call *call, struct cab_pipe *pipe, const struct cab_account_try *try) {
    struct cab_rate_limit limit = call->limit;
    struct cab_err ignored = { 0 };
    if (cab_account_throttle(call, CAB_THROTTLE_LOGIN_ADDRESS, NULL, true, &ignored) == 0)
        call->limit = limit; /* the nearer one is told */
    cab_account_queue(call->mem, pipe, CAB_SHAPE_NONE, cab_sql_text_login_failure, 1, try->code);
}
