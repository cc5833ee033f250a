/*
 * Percent coding (RFC 3986) and name=value pairs of queries and forms.  Knows no request.
 */
#include "http/parts.h"

#include <string.h>

#define MAX_PAIRS 100

static int hex(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int cab_uri_decode(const char *s, size_t n, bool is_form, char *out) {
    char *to = out;
    for (size_t i = 0; i < n; i++) {
        char c = s[i];
        if (c == '%') {
            if (n - i < 3 || hex(s[i + 1]) < 0 || hex(s[i + 2]) < 0)
                return -1;
            c = (char)(hex(s[i + 1]) << 4 | hex(s[i + 2]));
            i += 2;
        } else if (c == '+' && is_form) {
            c = ' ';
        }
        *to++ = c;
    }
    *to = '\0';
    return cab_utf8_valid(out, (size_t)(to - out)) ? 0 : -1; /* a NUL is not valid either */
}

int cab_pairs_decode(void *ctx, const char *text, size_t n, const char *what, struct cab_pair **pairs_out, int *n_out,
                     struct cab_err *err) {
    size_t most = n == 0 ? 0 : 1;
    for (size_t i = 0; i < n; i++)
        most += text[i] == '&';
    *pairs_out = NULL;
    *n_out = 0;
    if (most == 0)
        return 0;
    if (most > MAX_PAIRS)
        return cab_fail(err, CAB_PROBLEM_MALFORMED, "%s has more than %d parameters; send fewer.", what, MAX_PAIRS);

    struct cab_pair *pairs = cab_new_array(ctx, struct cab_pair, most);
    char *room = cab_mem_alloc(pairs, n + 2 * most); /* every name and value with its NUL */
    int count = 0;
    const char *end = text + n;
    for (const char *at = text; at <= end;) {
        const char *stop = memchr(at, '&', (size_t)(end - at));
        if (stop == NULL)
            stop = end;
        if (stop > at) {
            const char *equals = memchr(at, '=', (size_t)(stop - at));
            const char *name_end = equals == NULL ? stop : equals;
            const char *value = equals == NULL ? stop : equals + 1;
            pairs[count].name = room;
            if (cab_uri_decode(at, (size_t)(name_end - at), true, room) != 0)
                goto broken;
            room += strlen(room) + 1;
            pairs[count].value = room;
            if (cab_uri_decode(value, (size_t)(stop - value), true, room) != 0)
                goto broken;
            room += strlen(room) + 1;
            if (pairs[count].name[0] == '\0')
                return cab_fail(err, CAB_PROBLEM_MALFORMED, "%s has a parameter without a name; remove it.", what);
            count++;
        }
        at = stop + 1;
    }
    *pairs_out = pairs;
    *n_out = count;
    return 0;

broken:
    return cab_fail(err, CAB_PROBLEM_MALFORMED,
                    "%s has a parameter that is not percent-encoded UTF-8 without NUL; encode it again.", what);
}

int cab_form_decode(void *ctx, const char *text, size_t n, struct cab_pair **pairs_out, int *n_out,
                    struct cab_err *err) {
    if (cab_pairs_decode(ctx, text, n, "The form", pairs_out, n_out, err) != 0)
        return -1;
    for (int i = 1; i < *n_out; i++)
        for (int j = 0; j < i; j++)
            if (strcmp((*pairs_out)[i].name, (*pairs_out)[j].name) == 0)
                return cab_fail(err, CAB_PROBLEM_MALFORMED, "The form has a field twice; send each field once.");
    return 0;
}

void cab_url_encode(struct cab_buf *buf, const char *s) {
    static const char digits[] = "0123456789ABCDEF";
    for (; *s != '\0'; s++) {
        unsigned char c = (unsigned char)*s;
        bool is_unreserved = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
                             c == '.' || c == '_' || c == '~';
        if (is_unreserved) {
            cab_buf_addc(buf, (char)c);
        } else {
            char triple[3] = { '%', digits[c >> 4], digits[c & 15] };
            cab_buf_add(buf, triple, sizeof triple);
        }
    }
}
