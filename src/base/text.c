/*
 * Strings and growing buffers on the memory tree.
 */
#include <cabinet/base.h>
#include <stdio.h>
#include <string.h>

char *cab_strndup(const void *ctx, const char *s, size_t n) {
    size_t len = strnlen(s, n);
    char *copy = cab_mem_alloc(ctx, len + 1);
    memcpy(copy, s, len);
    copy[len] = '\0';
    return copy;
}

char *cab_strdup(const void *ctx, const char *s) {
    return s == NULL ? NULL : cab_strndup(ctx, s, strlen(s));
}

char *cab_vprintf(const void *ctx, const char *fmt, va_list ap) {
    char room[256]; /* most texts fit, and need not be formatted twice */
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(room, sizeof room, fmt, again);
    va_end(again);
    CAB_BUG_ON(n < 0);
    char *text = cab_mem_alloc(ctx, (size_t)n + 1);
    if ((size_t)n < sizeof room)
        memcpy(text, room, (size_t)n + 1);
    else
        vsnprintf(text, (size_t)n + 1, fmt, ap);
    return text;
}

char *cab_printf(const void *ctx, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    char *text = cab_vprintf(ctx, fmt, ap);
    va_end(ap);
    return text;
}

void cab_buf_init(struct cab_buf *buf, const void *ctx, size_t room) {
    *buf = (struct cab_buf){ .ctx = ctx, .cap = room + 1 };
    buf->data = cab_mem_alloc(ctx, buf->cap);
    buf->data[0] = '\0';
}

void cab_buf_grow(struct cab_buf *buf, size_t more) {
    size_t cap = buf->cap * 2 > buf->len + more + 1 ? buf->cap * 2 : buf->len + more + 1;
    if (cap < buf->len + more)
        cab_die("buffer of %zu bytes cannot grow by %zu", buf->len, more);
    buf->data = cab_mem_resize(buf->ctx, buf->data, cap);
    buf->cap = cap;
}

void cab_buf_addi(struct cab_buf *buf, int64_t number) {
    char digits[20];
    size_t at = sizeof digits;
    uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do
        digits[--at] = (char)('0' + left % 10);
    while ((left /= 10) > 0);
    if (number < 0)
        cab_buf_addc(buf, '-');
    cab_buf_add(buf, digits + at, sizeof digits - at);
}

char *cab_decimal(const void *ctx, int64_t number) {
    struct cab_buf buf;
    cab_buf_init(&buf, ctx, 20);
    cab_buf_addi(&buf, number);
    return buf.data;
}

void cab_buf_addf(struct cab_buf *buf, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(buf->data + buf->len, buf->cap - buf->len, fmt, ap);
    va_end(ap);
    CAB_BUG_ON(n < 0);
    if ((size_t)n >= buf->cap - buf->len) {
        cab_buf_room(buf, (size_t)n);
        va_start(ap, fmt);
        vsnprintf(buf->data + buf->len, buf->cap - buf->len, fmt, ap);
        va_end(ap);
    }
    buf->len += (size_t)n;
}

void cab_buf_reset(struct cab_buf *buf) {
    buf->len = 0;
    buf->data[0] = '\0';
}

/* What follows the backslash for bytes that JSON must escape; 'u' stands for \u00XX, 0 for none. */
static const char json_escape[256] = {
    [0 ... 7] = 'u', ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', [11] = 'u', ['\f'] = 'f', ['\r'] = 'r',
    [14 ... 31] = 'u', ['"'] = '"', ['\\'] = '\\',
};

void cab_json_string(struct cab_buf *buf, const char *s, size_t n) {
    static const char hex[] = "0123456789abcdef";
    size_t from = 0;
    cab_buf_room(buf, n + 2);
    buf->data[buf->len++] = '"';
    for (size_t i = 0; i < n; i++) {
        unsigned char byte = (unsigned char)s[i];
        char escape = json_escape[byte];
        if (escape == 0)
            continue;
        cab_buf_add(buf, s + from, i - from);
        from = i + 1;
        char text[6] = { '\\', escape, '0', '0', hex[byte >> 4], hex[byte & 15] };
        cab_buf_add(buf, text, escape == 'u' ? 6 : 2);
    }
    cab_buf_add(buf, s + from, n - from);
    cab_buf_addc(buf, '"');
}

void cab_json_cstring(struct cab_buf *buf, const char *s) {
    if (s == NULL)
        cab_buf_add(buf, "null", 4);
    else
        cab_json_string(buf, s, strlen(s));
}
