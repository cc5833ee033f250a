/*
 * Looks at the FastCGI records of one request before libfcgi does.  libfcgi trusts its peer: a management record with
 * many values overruns a buffer of its own, a huge parameter length makes it allocate gigabytes, other roles are taken.
 * Only one well-formed request of a responder passes.  Pure: no sockets, no memory.
 */
#include "http/parts.h"

#include <string.h>

enum { RECORD_BEGIN = 1, RECORD_PARAMS = 4, RECORD_STDIN = 5 };
enum { ROLE_RESPONDER = 1 };

#define MAX_PARAMS_BYTES 65536
#define MAX_PARAMS 200

/* What is expected next; records come in this order. */
enum { STATE_BEGIN = 0, STATE_PARAMS, STATE_STDIN, STATE_DONE, STATE_BROKEN };
/* Inside the name-value pairs of the parameters. */
enum { PAIR_NAME_LENGTH = 0, PAIR_VALUE_LENGTH, PAIR_BYTES };

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

static int type_of(int state) {
    return state == STATE_BEGIN ? RECORD_BEGIN : state == STATE_PARAMS ? RECORD_PARAMS : RECORD_STDIN;
}

static bool finish_begin(struct cab_sieve *sieve) {
    unsigned role = (unsigned)sieve->begin[0] << 8 | sieve->begin[1];
    sieve->state = STATE_PARAMS;
    return sieve->n_begin == 8 && role == ROLE_RESPONDER;
}

/* The header is whole. */
static bool open_record(struct cab_sieve *sieve) {
    const unsigned char *h = sieve->header;
    sieve->content = (size_t)h[4] << 8 | h[5];
    sieve->padding = h[6];
    /* behind these libfcgi takes padding for the next record */
    if (sieve->padding > 0 && (sieve->state == STATE_BEGIN || sieve->content == 0))
        return false;
    if (h[0] != 1 || h[1] != type_of(sieve->state) || (h[2] == 0 && h[3] == 0))
        return false;
    if (sieve->state == STATE_BEGIN) {
        memcpy(sieve->id, h + 2, 2);
        return sieve->content == 8;
    }
    if (memcmp(sieve->id, h + 2, 2) != 0)
        return false;
    if (sieve->state == STATE_PARAMS) {
        sieve->params_bytes += sieve->content;
        return sieve->params_bytes <= MAX_PARAMS_BYTES;
    }
    sieve->body_len += sieve->content;
    return true;
}

/* Content and padding were taken. */
static bool close_record(struct cab_sieve *sieve) {
    bool is_end = sieve->header[4] == 0 && sieve->header[5] == 0;
    sieve->n_header = 0;
    if (sieve->state == STATE_BEGIN)
        return finish_begin(sieve);
    if (!is_end)
        return true;
    if (sieve->state == STATE_STDIN) {
        sieve->state = STATE_DONE;
        return true;
    }
    sieve->state = STATE_STDIN;
    sieve->params_end = sieve->bytes;
    return sieve->pair_state == PAIR_NAME_LENGTH && sieve->n_length == 0; /* no pair is left half */
}

/* One byte of a length of one or four bytes; true once *left holds it. */
static bool take_length(struct cab_sieve *sieve, unsigned char byte, size_t *left) {
    sieve->length[sieve->n_length++] = byte;
    if (sieve->length[0] < 0x80) {
        *left = byte;
    } else if (sieve->n_length == 4) {
        const unsigned char *l = sieve->length;
        *left = (size_t)(l[0] & 0x7F) << 24 | (size_t)l[1] << 16 | (size_t)l[2] << 8 | l[3];
    } else {
        return false;
    }
    sieve->n_length = 0;
    return true;
}

/* Takes bytes of a name or value up to its end, none of which may be NUL or (in a name, which libfcgi joins to its
 * value by one) an equals sign. */
static size_t take_text(struct cab_sieve *sieve, const unsigned char *bytes, size_t n, bool *is_fine) {
    size_t *left = sieve->name_left > 0 ? &sieve->name_left : &sieve->value_left;
    size_t step = least(*left, n);
    *is_fine = memchr(bytes, '\0', step) == NULL &&
               (left == &sieve->value_left || memchr(bytes, '=', step) == NULL);
    *left -= step;
    if (sieve->name_left + sieve->value_left == 0)
        sieve->pair_state = PAIR_NAME_LENGTH;
    return step;
}

static bool take_params(struct cab_sieve *sieve, const unsigned char *bytes, size_t n) {
    bool is_fine = true;
    for (size_t i = 0; i < n && is_fine;) {
        if (sieve->pair_state == PAIR_BYTES) {
            i += take_text(sieve, bytes + i, n - i, &is_fine);
        } else if (sieve->pair_state == PAIR_NAME_LENGTH) {
            if (take_length(sieve, bytes[i++], &sieve->name_left))
                sieve->pair_state = PAIR_VALUE_LENGTH;
        } else if (take_length(sieve, bytes[i++], &sieve->value_left)) {
            sieve->pair_state = PAIR_BYTES;
            is_fine = ++sieve->n_params <= MAX_PARAMS && sieve->name_left > 0 &&
                      sieve->name_left + sieve->value_left <= MAX_PARAMS_BYTES;
        }
    }
    return is_fine;
}

/* Takes as much of the record's content as is there. */
static bool take_content(struct cab_sieve *sieve, const unsigned char *bytes, size_t n) {
    if (sieve->state == STATE_PARAMS)
        return take_params(sieve, bytes, n);
    if (sieve->state == STATE_STDIN && sieve->body != NULL)
        cab_buf_add(sieve->body, bytes, n);
    if (sieve->state == STATE_BEGIN) {
        memcpy(sieve->begin + sieve->n_begin, bytes, n);
        sieve->n_begin += (int)n;
    }
    return true;
}

enum cab_sieve_result cab_sieve_feed(struct cab_sieve *sieve, const unsigned char *bytes, size_t n) {
    for (size_t i = 0; i < n;) {
        size_t step;
        if (sieve->state >= STATE_DONE) { /* bytes behind the request */
            sieve->state = STATE_BROKEN;
            break;
        }
        bool is_fine = true;
        if (sieve->n_header < 8) {
            step = 1;
            sieve->header[sieve->n_header++] = bytes[i];
            is_fine = sieve->n_header < 8 || open_record(sieve);
        } else if (sieve->content > 0) {
            step = least(sieve->content, n - i);
            is_fine = take_content(sieve, bytes + i, step);
            sieve->content -= step;
        } else {
            step = least(sieve->padding, n - i);
            sieve->padding -= step;
        }
        sieve->bytes += step;
        i += step;
        if (is_fine && sieve->n_header == 8 && sieve->content == 0 && sieve->padding == 0)
            is_fine = close_record(sieve);
        if (!is_fine) {
            sieve->state = STATE_BROKEN;
            break;
        }
    }
    if (sieve->state == STATE_BROKEN)
        return CAB_SIEVE_BROKEN;
    return sieve->state == STATE_DONE ? CAB_SIEVE_WHOLE : CAB_SIEVE_MORE;
}
