/*
 * A cursor is base64url(version, direction, values, MAC).  The MAC covers the scope too, which is not carried: a
 * cursor of another list, order, filter or caller is the same as a forged one.
 */
#include "cursor.h"

#include <string.h>

#define CURSOR_VERSION 1
#define MAC_LENGTH 16

static void authenticate(const void *ctx, const struct cab_conf *conf, const char *scope, const void *payload, size_t n,
                         bool previous, unsigned char mac[32], bool *known_out) {
    struct cab_buf bytes;
    cab_buf_init(&bytes, ctx, n + strlen(scope) + 1);
    cab_buf_add(&bytes, payload, n);
    cab_buf_adds(&bytes, scope);
    *known_out = true;
    if (previous)
        *known_out = cab_mac_previous(conf, "cursor", bytes.data, bytes.len, mac);
    else
        cab_mac(conf, "cursor", bytes.data, bytes.len, mac);
}

char *cab_cursor_make(const void *ctx, const struct cab_conf *conf, const char *scope,
                      const struct cab_cursor *cursor) {
    struct cab_buf bytes;
    unsigned char mac[32];
    bool known;
    cab_buf_init(&bytes, ctx, 64);
    cab_buf_addc(&bytes, CURSOR_VERSION);
    cab_buf_addc(&bytes, cursor->is_backward ? 'b' : 'f');
    for (int i = 0; i < cursor->n; i++) {
        const char *value = cursor->values[i];
        size_t n = value == NULL ? 0 : strlen(value);
        if (n > CAB_CURSOR_MOST)
            return NULL;
        cab_buf_addc(&bytes, value == NULL ? 'n' : 'v');
        cab_buf_addc(&bytes, (char)(n >> 8));
        cab_buf_addc(&bytes, (char)(n & 0xFF));
        cab_buf_add(&bytes, value == NULL ? "" : value, n);
    }
    authenticate(ctx, conf, scope, bytes.data, bytes.len, false, mac, &known);
    cab_buf_add(&bytes, mac, MAC_LENGTH);
    char *text = cab_base64url(ctx, bytes.data, bytes.len);
    return strlen(text) > CAB_CURSOR_MOST ? NULL : text;
}

static bool is_genuine(const void *ctx, const struct cab_conf *conf, const char *scope, const unsigned char *bytes,
                       size_t n) {
    unsigned char mac[32];
    for (int previous = 0; previous <= 1; previous++) {
        bool known;
        authenticate(ctx, conf, scope, bytes, n, previous == 1, mac, &known);
        if (known && cab_equal_constant_time(mac, bytes + n, MAC_LENGTH))
            return true;
    }
    return false;
}

int cab_cursor_read(const void *ctx, const struct cab_conf *conf, const char *scope, const char *text, int n,
                    struct cab_cursor *cursor_out, struct cab_err *err) {
    unsigned char *bytes;
    size_t length, at = 2;
    if (strlen(text) > CAB_CURSOR_MOST || cab_base64url_decode(ctx, text, strlen(text), &bytes, &length) != 0
        || length < at + MAC_LENGTH)
        goto bad;
    length -= MAC_LENGTH;
    if (!is_genuine(ctx, conf, scope, bytes, length) || bytes[0] != CURSOR_VERSION)
        goto bad;
    cursor_out->is_backward = bytes[1] == 'b';
    cursor_out->n = n;
    cursor_out->values = cab_new_array(ctx, const char *, (size_t)n);
    for (int i = 0; i < n; i++) {
        if (length - at < 3)
            goto bad;
        size_t size = (size_t)bytes[at + 1] << 8 | bytes[at + 2];
        bool is_null = bytes[at] == 'n';
        at += 3;
        if (length - at < size)
            goto bad;
        cursor_out->values[i] = is_null ? NULL : cab_strndup(ctx, (const char *)bytes + at, size);
        at += size;
    }
    if (at == length)
        return 0;
bad:
    (void)cab_err_flaw(err, ctx, CAB_PLACE_PARAMETER, "cursor", "bad_cursor",
                       "Must be a cursor of this list, with the same filters, order and caller.");
    return cab_fail(err, CAB_PROBLEM_BAD_CURSOR,
                    "Parameter cursor was not issued for this list, order, filter and caller; "
                    "start from the first page.");
}
