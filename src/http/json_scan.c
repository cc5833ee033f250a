/*
 * A validating scanner of JSON text (RFC 8259), before json-c sees it: json-c lets NaN, single quotes, raw control
 * characters, lone surrogates and NULs pass.  Marks where each value stands, so that numbers keep their exact text.
 * Knows nothing of json-c; duplicate keys are found after it (json.c).
 */
#include "http/parts.h"

#include <string.h>

struct scan {
    void *ctx;
    const char *text;
    size_t at, n;
    size_t n_values;
    struct cab_json_marks *marks;
    struct cab_err *err;
};

static int refuse(struct scan *scan, const char *what) {
    return cab_fail(scan->err, CAB_PROBLEM_MALFORMED, "The body is not JSON: %s at byte %zu.", what, scan->at + 1);
}

/* The byte at the place, or -1 at the end. */
static int peek(const struct scan *scan) {
    return scan->at < scan->n ? (unsigned char)scan->text[scan->at] : -1;
}

static void skip_space(struct scan *scan) {
    while (scan->at < scan->n && strchr(" \t\n\r", scan->text[scan->at]) != NULL && scan->text[scan->at] != '\0')
        scan->at++;
}

static int hex4(struct scan *scan, unsigned *out) {
    *out = 0;
    for (int i = 0; i < 4; i++, scan->at++) {
        int c = peek(scan), low = c | 0x20;
        if (c >= '0' && c <= '9')
            *out = *out << 4 | (unsigned)(c - '0');
        else if (c > 0 && low >= 'a' && low <= 'f')
            *out = *out << 4 | (unsigned)(low - 'a' + 10);
        else
            return refuse(scan, "four hexadecimal digits are missing after \\u");
    }
    return 0;
}

static int scan_escape(struct scan *scan) {
    int c = peek(scan);
    unsigned unit, low;
    if (c != 'u') {
        if (c <= 0 || strchr("\"\\/bfnrt", c) == NULL)
            return refuse(scan, "an unknown escape");
        scan->at++;
        return 0;
    }
    scan->at++;
    if (hex4(scan, &unit) != 0)
        return -1;
    if (unit == 0)
        return refuse(scan, "the character NUL, which text cannot hold,");
    if (unit >= 0xDC00 && unit <= 0xDFFF)
        return refuse(scan, "half a surrogate pair");
    if (unit >= 0xD800 && unit <= 0xDBFF) {
        if (scan->n - scan->at < 6 || scan->text[scan->at] != '\\' || scan->text[scan->at + 1] != 'u')
            return refuse(scan, "half a surrogate pair");
        scan->at += 2;
        if (hex4(scan, &low) != 0)
            return -1;
        if (low < 0xDC00 || low > 0xDFFF)
            return refuse(scan, "half a surrogate pair");
    }
    return 0;
}

/* From the opening quote to behind the closing one.  That the bytes are UTF-8 was checked at once for the whole. */
static int scan_string(struct scan *scan) {
    scan->at++;
    for (;;) {
        int c = peek(scan);
        if (c < 0)
            return refuse(scan, "a string does not end");
        if (c < 0x20)
            return refuse(scan, "a control character in a string");
        scan->at++;
        if (c == '"')
            return 0;
        if (c == '\\' && scan_escape(scan) != 0)
            return -1;
    }
}

static size_t skip_digits(struct scan *scan) {
    size_t start = scan->at;
    while (peek(scan) >= '0' && peek(scan) <= '9')
        scan->at++;
    return scan->at - start;
}

static int scan_number(struct scan *scan) {
    size_t start = scan->at;
    if (peek(scan) == '-')
        scan->at++;
    if (peek(scan) == '0')
        scan->at++;
    else if (skip_digits(scan) == 0)
        return refuse(scan, "a digit is missing");
    if (peek(scan) == '.') {
        scan->at++;
        if (skip_digits(scan) == 0)
            return refuse(scan, "a digit is missing");
    }
    if (peek(scan) == 'e' || peek(scan) == 'E') {
        scan->at++;
        if (peek(scan) == '+' || peek(scan) == '-')
            scan->at++;
        if (skip_digits(scan) == 0)
            return refuse(scan, "a digit is missing");
    }
    if (scan->at - start > CAB_JSON_DIGITS)
        return refuse(scan, "a number with too many digits");
    return 0;
}

static int scan_word(struct scan *scan, const char *word) {
    size_t n = strlen(word);
    if (scan->n - scan->at < n || memcmp(scan->text + scan->at, word, n) != 0)
        return refuse(scan, "an unknown word");
    scan->at += n;
    return 0;
}

/* Opens a mark and returns its index. */
static int mark(struct scan *scan, enum cab_json_type type, size_t *index_out) {
    if (++scan->n_values > CAB_JSON_VALUES)
        return cab_fail(scan->err, CAB_PROBLEM_MALFORMED, "The JSON body has more than %d values; send it in parts.",
                        CAB_JSON_VALUES);
    struct cab_json_marks *marks = scan->marks;
    *index_out = marks->n;
    if (marks->n == marks->cap) {
        marks->cap = marks->cap == 0 ? 32 : marks->cap * 2;
        marks->list = cab_mem_resize(scan->ctx, marks->list, marks->cap * sizeof *marks->list);
    }
    marks->list[marks->n++] = (struct cab_json_mark){ .type = type, .start = (uint32_t)scan->at };
    return 0;
}

/* A scalar is read whole; of a container only its opening bracket. */
static int scan_value(struct scan *scan, size_t *index_out) {
    enum cab_json_type type;
    int c = peek(scan), rc = 0;
    switch (c) {
    case '{': type = CAB_JSON_OBJECT; break;
    case '[': type = CAB_JSON_ARRAY; break;
    case '"': type = CAB_JSON_STRING; break;
    case 't': case 'f': type = CAB_JSON_BOOL; break;
    case 'n': type = CAB_JSON_NULL; break;
    case -1: return refuse(scan, "a value is missing");
    default:
        if (c != '-' && (c < '0' || c > '9'))
            return refuse(scan, "a value is missing");
        type = CAB_JSON_NUMBER;
    }
    if (mark(scan, type, index_out) != 0)
        return -1;
    if (type == CAB_JSON_OBJECT || type == CAB_JSON_ARRAY)
        scan->at++;
    else if (type == CAB_JSON_STRING)
        rc = scan_string(scan);
    else if (type == CAB_JSON_NUMBER)
        rc = scan_number(scan);
    else
        rc = scan_word(scan, c == 't' ? "true" : c == 'f' ? "false" : "null");
    scan->marks->list[*index_out].end = (uint32_t)scan->at;
    return rc;
}

static int scan_key(struct scan *scan) {
    if (peek(scan) != '"')
        return refuse(scan, "a member's name in double quotes is missing");
    if (scan_string(scan) != 0)
        return -1;
    skip_space(scan);
    if (peek(scan) != ':')
        return refuse(scan, "a colon is missing");
    scan->at++;
    skip_space(scan);
    return 0;
}

/* Closes the container where its bracket comes next: 1, else 0. */
static int try_close(struct scan *scan, size_t container) {
    struct cab_json_mark *open = &scan->marks->list[container];
    if (peek(scan) != (open->type == CAB_JSON_OBJECT ? '}' : ']'))
        return 0;
    open->end = (uint32_t)++scan->at;
    return 1;
}

static int scan_document(struct scan *scan) {
    size_t stack[CAB_JSON_DEPTH], value;
    int depth = 0;
    bool is_first = true; /* the container on top has no member yet */
    skip_space(scan);
    if (scan_value(scan, &value) != 0)
        return -1;
    for (;;) {
        enum cab_json_type type = scan->marks->list[value].type;
        if (type == CAB_JSON_OBJECT || type == CAB_JSON_ARRAY) { /* just opened */
            if (depth == CAB_JSON_DEPTH)
                return cab_fail(scan->err, CAB_PROBLEM_MALFORMED,
                                "The JSON body is nested more than %d levels deep; flatten it.", CAB_JSON_DEPTH);
            stack[depth++] = value;
            is_first = true;
        }
        skip_space(scan);
        while (depth > 0 && try_close(scan, stack[depth - 1])) {
            depth--;
            is_first = false;
            skip_space(scan);
        }
        if (depth == 0)
            break;
        if (!is_first) {
            if (peek(scan) != ',')
                return refuse(scan, "a comma or a closing bracket is missing");
            scan->at++;
            skip_space(scan);
        }
        struct cab_json_mark *open = &scan->marks->list[stack[depth - 1]];
        open->count++;
        if (open->type == CAB_JSON_OBJECT && scan_key(scan) != 0)
            return -1;
        if (scan_value(scan, &value) != 0)
            return -1;
        is_first = false;
    }
    return scan->at == scan->n ? 0 : refuse(scan, "something follows the value");
}

int cab_json_scan(void *ctx, const char *text, size_t n, struct cab_json_marks *marks, struct cab_err *err) {
    struct cab_json_marks unused = { 0 };
    struct scan scan = { .ctx = ctx, .text = text, .n = n, .marks = marks != NULL ? marks : &unused, .err = err };
    if (n > UINT32_MAX / 2)
        return cab_fail(err, CAB_PROBLEM_TOO_LARGE, "The JSON body is too large.");
    if (!cab_utf8_valid(text, n))
        return cab_fail(err, CAB_PROBLEM_MALFORMED, "The body is not JSON: it is not UTF-8 text without NUL.");
    return scan_document(&scan);
}
