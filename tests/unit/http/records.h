/*
 * FastCGI records made by hand, for the tests of the sieve and of libfcgi behind it.
 */
#ifndef TESTS_HTTP_RECORDS_H
#define TESTS_HTTP_RECORDS_H

#include <cabinet/base.h>
#include <string.h>

enum { FCGI_BEGIN = 1, FCGI_ABORT = 2, FCGI_PARAMS = 4, FCGI_STDIN = 5, FCGI_GET_VALUES = 9 };

static inline void add_record(struct cab_buf *buf, int type, int id, const char *content, size_t n, size_t padding) {
    const unsigned char head[8] = { 1, (unsigned char)type, (unsigned char)(id >> 8), (unsigned char)id,
                                    (unsigned char)(n >> 8), (unsigned char)n, (unsigned char)padding, 0 };
    static const char zeros[256];
    cab_buf_add(buf, head, sizeof head);
    cab_buf_add(buf, content, n);
    cab_buf_add(buf, zeros, padding);
}

static inline void add_begin(struct cab_buf *buf, int id, int role, int flags) {
    const char body[8] = { (char)(role >> 8), (char)role, (char)flags };
    add_record(buf, FCGI_BEGIN, id, body, sizeof body, 0);
}

static inline void add_length(struct cab_buf *buf, size_t n) {
    if (n < 128) {
        cab_buf_addc(buf, (char)n);
        return;
    }
    cab_buf_addc(buf, (char)(n >> 24 | 0x80));
    cab_buf_addc(buf, (char)(n >> 16));
    cab_buf_addc(buf, (char)(n >> 8));
    cab_buf_addc(buf, (char)n);
}

static inline void add_pair(struct cab_buf *buf, const char *name, const char *value) {
    add_length(buf, strlen(name));
    add_length(buf, strlen(value));
    cab_buf_adds(buf, name);
    cab_buf_adds(buf, value);
}

static inline void add_params(struct cab_buf *buf, int id, const char *const *pairs) {
    struct cab_buf content;
    cab_buf_init(&content, buf->ctx, 0);
    for (; *pairs != NULL; pairs += 2)
        add_pair(&content, pairs[0], pairs[1]);
    for (size_t at = 0; at < content.len; at += 60000)
        add_record(buf, FCGI_PARAMS, id, content.data + at, content.len - at < 60000 ? content.len - at : 60000, 3);
    add_record(buf, FCGI_PARAMS, id, "", 0, 0);
}

static inline void add_body(struct cab_buf *buf, int id, const char *body, size_t n) {
    for (size_t at = 0; at < n; at += 32768)
        add_record(buf, FCGI_STDIN, id, body + at, n - at < 32768 ? n - at : 32768, 0);
    add_record(buf, FCGI_STDIN, id, "", 0, 0);
}

#endif
