/*
 * Writes values of results as JSON, straight into the response.  One function for each form of text that the server
 * sends.
 */
#include <stddef.h>
#include <string.h>

#include "row_plan.h"

static void write_raw(struct cab_buf *buf, const char *value, size_t n) {
    cab_buf_add(buf, value, n);
}

/* Text that holds nothing to be escaped. */
static void write_plain(struct cab_buf *buf, const char *value, size_t n) {
    cab_buf_room(buf, n + 2);
    buf->data[buf->len++] = '"';
    memcpy(buf->data + buf->len, value, n);
    buf->len += n;
    buf->data[buf->len++] = '"';
    buf->data[buf->len] = '\0';
}

static void write_text(struct cab_buf *buf, const char *value, size_t n) {
    cab_json_string(buf, value, n);
}

static void write_bool(struct cab_buf *buf, const char *value, size_t n) {
    (void)n;
    if (*value == 't')
        cab_buf_add(buf, "true", 4);
    else
        cab_buf_add(buf, "false", 5);
}

void cab_write_is_set(struct cab_buf *buf, const char *value, size_t n) {
    (void)value, (void)n;
    cab_buf_add(buf, "true", 4);
}

/* JSON has no word for NaN and the infinities. */
static void write_float(struct cab_buf *buf, const char *value, size_t n) {
    bool is_word = *value == 'N' || *value == 'I' || (*value == '-' && value[1] == 'I');
    (is_word ? write_plain : write_raw)(buf, value, n);
}

/* 2024-05-31 23:59:59.5[+00] becomes RFC 3339; infinity and years outside four digits stay as the server has them. */
static void write_instant(struct cab_buf *buf, const char *value, size_t n, bool zoned) {
    if (n < 19 || value[4] != '-' || value[10] != ' ' || value[n - 1] == 'C') {
        write_plain(buf, value, n);
        return;
    }
    if (zoned && n > 22 && memcmp(value + n - 3, "+00", 3) != 0) {
        write_plain(buf, value, n);
        return;
    }
    size_t local = zoned ? n - 3 : n;
    cab_buf_room(buf, n + 3);
    char *to = buf->data + buf->len;
    *to++ = '"';
    memcpy(to, value, local);
    to[10] = 'T';
    to += local;
    if (zoned)
        *to++ = 'Z';
    *to++ = '"';
    *to = '\0';
    buf->len = (size_t)(to - buf->data);
}

static void write_timestamptz(struct cab_buf *buf, const char *value, size_t n) {
    write_instant(buf, value, n, true);
}

static void write_timestamp(struct cab_buf *buf, const char *value, size_t n) {
    write_instant(buf, value, n, false);
}

static unsigned nibble(char c) {
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a' + 10);
}

/* \x… becomes base64. */
static void write_bytea(struct cab_buf *buf, const char *value, size_t n) {
    unsigned char bytes[768]; /* a multiple of three, so that groups fit */
    size_t at = 2;
    cab_buf_addc(buf, '"');
    while (at < n) {
        size_t count = 0;
        for (; count < sizeof bytes && at + 1 < n; at += 2)
            bytes[count++] = (unsigned char)(nibble(value[at]) << 4 | nibble(value[at + 1]));
        cab_base64_add(buf, bytes, count);
    }
    cab_buf_addc(buf, '"');
}

/* Arrays of bytes come as JSON with \\x… strings, which become base64 as those of columns do. */
static void write_bytea_array(struct cab_buf *buf, const char *value, size_t n) {
    static const char start[] = "\"\\\\x";
    const char *end = value + n;
    while (value < end) {
        const char *string = memchr(value, '"', (size_t)(end - value));
        const char *after = string != NULL ? memchr(string + 1, '"', (size_t)(end - string - 1)) : NULL;
        if (after == NULL || after - string < (ptrdiff_t)sizeof start - 1) {
            cab_buf_add(buf, value, (size_t)(end - value));
            return;
        }
        cab_buf_add(buf, value, (size_t)(string - value));
        write_bytea(buf, string + 2, (size_t)(after - string - 2)); /* behind the quote and the first backslash */
        value = after + 1;
    }
}

static cab_value_writer *const writers[CAB_KIND__MAX] = {
    [CAB_KIND_OTHER] = write_text,
    [CAB_KIND_BOOL] = write_bool,
    [CAB_KIND_INT2] = write_raw,
    [CAB_KIND_INT4] = write_raw,
    [CAB_KIND_INT8] = write_raw,
    [CAB_KIND_NUMERIC] = write_plain,
    [CAB_KIND_FLOAT] = write_float,
    [CAB_KIND_TEXT] = write_text,
    [CAB_KIND_UUID] = write_plain,
    [CAB_KIND_DATE] = write_plain,
    [CAB_KIND_TIME] = write_plain,
    [CAB_KIND_TIMESTAMP] = write_timestamp,
    [CAB_KIND_TIMESTAMPTZ] = write_timestamptz,
    [CAB_KIND_INTERVAL] = write_plain,
    [CAB_KIND_JSON] = write_raw,
    [CAB_KIND_BYTEA] = write_bytea,
    [CAB_KIND_ENUM] = write_text,
    [CAB_KIND_ARRAY] = write_raw,     /* selected as to_jsonb */
    [CAB_KIND_RANGE] = write_text,
    [CAB_KIND_INET] = write_plain,
    [CAB_KIND_COMPOSITE] = write_raw, /* selected as to_jsonb */
};

cab_value_writer *cab_value_writer_for(const struct cab_column *column, bool numbers_as_strings) {
    if (numbers_as_strings && column->kind == CAB_KIND_INT8)
        return write_plain;
    if (column->kind == CAB_KIND_ARRAY && column->element_type != NULL && strcmp(column->element_type, "bytea") == 0)
        return write_bytea_array;
    return writers[column->kind];
}
