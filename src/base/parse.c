/*
 * Strict parsers of small things: numbers, booleans, UTF-8, base64url; and the nearest word for suggestions.
 */
#include <cabinet/base.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int cab_parse_int64(const char *s, int64_t min, int64_t max, int64_t *out) {
    const char *digits = *s == '-' ? s + 1 : s;
    if (*digits == '\0' || strspn(digits, "0123456789") != strlen(digits))
        return -1;
    errno = 0;
    long long value = strtoll(s, NULL, 10);
    if (errno != 0 || value < min || value > max)
        return -1;
    *out = value;
    return 0;
}

int cab_parse_bool(const char *s, bool *out) {
    *out = strcmp(s, "true") == 0;
    return *out || strcmp(s, "false") == 0 ? 0 : -1;
}

/* Length of the UTF-8 sequence at s (n bytes left), 0 where there is none (RFC 3629 section 4). */
static size_t utf8_sequence(const unsigned char *s, size_t n) {
    if (s[0] < 0x80)
        return s[0] == 0 ? 0 : 1;
    size_t len = s[0] < 0xC2 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : s[0] < 0xF5 ? 4 : 0;
    if (len == 0 || len > n)
        return 0;
    unsigned char low = 0x80, high = 0xBF;
    if (s[0] == 0xE0)
        low = 0xA0;
    else if (s[0] == 0xED)
        high = 0x9F;
    else if (s[0] == 0xF0)
        low = 0x90;
    else if (s[0] == 0xF4)
        high = 0x8F;
    if (s[1] < low || s[1] > high)
        return 0;
    for (size_t i = 2; i < len; i++)
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    return len;
}

/* Whether none of the eight bytes at s is NUL or above 0x7F. */
static bool is_plain(const char *s) {
    const uint64_t ones = 0x0101010101010101, highs = 0x8080808080808080;
    uint64_t word;
    memcpy(&word, s, sizeof word);
    return ((word | (word - ones)) & highs) == 0;
}

bool cab_utf8_valid(const char *s, size_t n) {
    for (size_t i = 0; i < n;) {
        if (n - i >= 8 && is_plain(s + i)) {
            i += 8;
            continue;
        }
        size_t len = utf8_sequence((const unsigned char *)s + i, n - i);
        if (len == 0)
            return false;
        i += len;
    }
    return true;
}

size_t cab_utf8_length(const char *s) {
    size_t n = 0;
    for (; *s != '\0'; s++)
        n += ((unsigned char)*s & 0xC0) != 0x80;
    return n;
}

static const char base64_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char base64url_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* Encodes one group of 1 to 3 bytes into 4 characters, of which n + 1 count. */
static void encode_group(const unsigned char *bytes, size_t n, const char *alphabet, char out[4]) {
    unsigned long bits = (unsigned long)bytes[0] << 16;
    bits |= (n > 1 ? (unsigned long)bytes[1] << 8 : 0) | (n > 2 ? bytes[2] : 0);
    for (int i = 0; i < 4; i++)
        out[i] = alphabet[bits >> (18 - 6 * i) & 63];
}

char *cab_base64url(const void *ctx, const void *bytes, size_t n) {
    const unsigned char *in = bytes;
    char *text = cab_mem_alloc(ctx, n / 3 * 4 + 5), *out = text;
    for (size_t i = 0; i < n; i += 3) {
        size_t group = n - i < 3 ? n - i : 3;
        encode_group(in + i, group, base64url_alphabet, out);
        out += group + 1;
    }
    *out = '\0';
    return text;
}

void cab_base64_add(struct cab_buf *buf, const void *bytes, size_t n) {
    const unsigned char *in = bytes;
    cab_buf_room(buf, n / 3 * 4 + 4);
    for (size_t i = 0; i < n; i += 3) {
        size_t group = n - i < 3 ? n - i : 3;
        char out[4];
        encode_group(in + i, group, base64_alphabet, out);
        memset(out + group + 1, '=', 3 - group);
        cab_buf_add(buf, out, 4);
    }
}

int cab_base64url_decode(const void *ctx, const char *s, size_t n, unsigned char **out, size_t *n_out) {
    if (n % 4 == 1)
        return -1;
    unsigned char *bytes = cab_mem_alloc(ctx, n / 4 * 3 + 3);
    size_t len = 0;
    unsigned long bits = 0;
    int held = 0;
    for (size_t i = 0; i < n; i++) {
        const char *at = s[i] == '\0' ? NULL : strchr(base64url_alphabet, s[i]);
        if (at == NULL)
            goto bad;
        bits = bits << 6 | (unsigned long)(at - base64url_alphabet);
        held += 6;
        if (held >= 8) {
            held -= 8;
            bytes[len++] = (unsigned char)(bits >> held);
            bits &= (1UL << held) - 1;
        }
    }
    if (bits != 0) /* two texts must not stand for the same bytes */
        goto bad;
    *out = bytes;
    *n_out = len;
    return 0;
bad:
    cab_mem_free(bytes);
    return -1;
}

/* Levenshtein distance, or more than most as soon as it is certain; words of up to 63 bytes. */
static size_t distance(const char *a, const char *b) {
    size_t n = strlen(b), row[64];
    if (strlen(a) > 63 || n > 63)
        return SIZE_MAX;
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t best = diagonal + (a[i - 1] != b[j - 1]);
            best = row[j] + 1 < best ? row[j] + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            diagonal = row[j];
            row[j] = best;
        }
    }
    return row[n];
}

const char *cab_nearest(const char *word, const char *const *candidates, size_t n) {
    const char *nearest = NULL;
    size_t best = strlen(word) / 3 + 1; /* farther than this is another word */
    for (size_t i = 0; i < n; i++) {
        size_t d = distance(word, candidates[i]);
        if (d <= best && (nearest == NULL || d < best)) {
            best = d;
            nearest = candidates[i];
        }
    }
    return nearest;
}

int64_t cab_now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

int64_t cab_now_ms(void) {
    return cab_now_us() / 1000;
}

/* The length of host[:port] where it is well formed, else 0. */
static size_t authority(const char *s) {
    size_t n = strcspn(s, "/?"), host = strcspn(s, ":/?");
    int64_t port;
    char digits[8] = "";
    if (s[0] == '[') {
        host = strcspn(s, "]") + 1;
        if (host > n || strspn(s + 1, "0123456789abcdefABCDEF:.") != host - 2)
            return 0;
    } else if (host == 0 || strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") != host) {
        return 0;
    }
    if (host == n)
        return n;
    if (s[host] != ':' || n - host - 1 >= sizeof digits)
        return 0;
    memcpy(digits, s + host + 1, n - host - 1);
    return cab_parse_int64(digits, 1, 65535, &port) == 0 ? n : 0;
}

bool cab_url_is_safe(const char *s, bool *is_local_out) {
    static const char *const own[] = { "localhost", "127.0.0.1", "[::1]" };
    bool is_local = false, is_secure = strncmp(s, "https://", 8) == 0;
    const char *host = is_secure ? s + 8 : strncmp(s, "http://", 7) == 0 ? s + 7 : "";
    size_t n = authority(host);

    for (size_t i = 0; i < CAB_LENGTH(own); i++) {
        size_t length = strlen(own[i]);
        is_local = is_local || (n >= length && strncmp(host, own[i], length) == 0 &&
                                (n == length || host[length] == ':'));
    }
    if (is_local_out != NULL)
        *is_local_out = is_local;
    for (const unsigned char *c = (const unsigned char *)s; *c != '\0'; c++)
        if (*c <= 0x20 || *c >= 0x7F || strchr("\\#<>\"`{}|^", *c) != NULL)
            return false;
    return n > 0 && (is_secure || is_local);
}
