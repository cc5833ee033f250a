/*
 * base: memory, errors, buffers, log.  Everything else stands on this; it knows no other layer.
 */
#ifndef CABINET_BASE_H
#define CABINET_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define CAB_MUST_CHECK __attribute__((warn_unused_result))
#define CAB_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#define CAB_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* ---- memory: a tree of contexts; freeing a node frees everything below it ----
 *
 * Any block is a context for further blocks.  Allocation never fails: when the system has no
 * memory the process dies and the master replaces it.  A pointer may point up the tree, never
 * down or sideways; what outlives its parent is moved by cab_mem_steal.
 */

/* A new block of size bytes, not cleared, below ctx (NULL: a root, to be freed by the caller). */
void *cab_mem_alloc(const void *ctx, size_t size) __attribute__((malloc, returns_nonnull));

/* The same, cleared; dies when count * size overflows. */
void *cab_mem_zero(const void *ctx, size_t count, size_t size) __attribute__((malloc, returns_nonnull));

/* ptr (or NULL) grown or shrunk to size bytes; ctx is the parent of a new block. */
void *cab_mem_resize(const void *ctx, void *ptr, size_t size) __attribute__((returns_nonnull));

/* A context whose first bytes of allocation come out of one block (for a request). */
void *cab_mem_pool(const void *ctx, size_t bytes) __attribute__((returns_nonnull));

/* A block that is overwritten with zeros before it is freed; for passwords and keys. */
void *cab_mem_secret(const void *ctx, size_t size) __attribute__((malloc, returns_nonnull));

/* Frees ptr and all below it; NULL is allowed. */
void cab_mem_free(void *ptr);

/* Moves ptr (and all below it) below ctx; returns ptr. */
void *cab_mem_steal(const void *ctx, void *ptr);

/* Calls destroy(ptr) right before ptr is freed; one destructor a block. */
void cab_mem_on_free(void *ptr, void (*destroy)(void *ptr));

/* Bytes and blocks below ctx, itself included; for the census tests. */
size_t cab_mem_bytes(const void *ctx);
size_t cab_mem_blocks(const void *ctx);

#define cab_new(ctx, type) ((type *)cab_mem_zero((ctx), 1, sizeof(type)))
#define cab_new_array(ctx, type, n) ((type *)cab_mem_zero((ctx), (n), sizeof(type)))

/* qsort for an array of n elements that may be NULL where there are none, which qsort does not allow. */
void cab_sort(void *array, size_t n, size_t size, int (*compare)(const void *a, const void *b));

char *cab_strdup(const void *ctx, const char *s);             /* NULL gives NULL */
char *cab_strndup(const void *ctx, const char *s, size_t n);  /* at most n bytes, always ended */
char *cab_printf(const void *ctx, const char *fmt, ...) CAB_PRINTF(2, 3) __attribute__((returns_nonnull));
char *cab_vprintf(const void *ctx, const char *fmt, va_list ap) CAB_PRINTF(2, 0) __attribute__((returns_nonnull));

/* A number in decimal digits. */
char *cab_decimal(const void *ctx, int64_t number) __attribute__((returns_nonnull));

/* ---- growing byte buffers; always ended by a NUL that len does not count ---- */

struct cab_buf {
    const void *ctx;   /* owner of data */
    char *data;        /* never NULL after cab_buf_init */
    size_t len, cap;
};

void cab_buf_init(struct cab_buf *buf, const void *ctx, size_t room);
void cab_buf_grow(struct cab_buf *buf, size_t more); /* what cab_buf_room does where there is none */
/* Makes room for more bytes and the NUL.  Inline, like what appends: answers are written byte by byte through these. */
static inline void cab_buf_room(struct cab_buf *buf, size_t more) {
    if (buf->cap - buf->len <= more)
        cab_buf_grow(buf, more);
}
static inline void cab_buf_add(struct cab_buf *buf, const void *bytes, size_t n) {
    cab_buf_room(buf, n);
    if (n > 0)
        memcpy(buf->data + buf->len, bytes, n);
    buf->len += n;
    buf->data[buf->len] = '\0';
}
static inline void cab_buf_adds(struct cab_buf *buf, const char *s) {
    cab_buf_add(buf, s, strlen(s));
}
static inline void cab_buf_addc(struct cab_buf *buf, char c) {
    cab_buf_room(buf, 1);
    buf->data[buf->len++] = c;
    buf->data[buf->len] = '\0';
}
void cab_buf_addi(struct cab_buf *buf, int64_t number); /* decimal */
void cab_buf_addf(struct cab_buf *buf, const char *fmt, ...) CAB_PRINTF(2, 3);
void cab_buf_reset(struct cab_buf *buf);

/* ---- JSON text, written straight into a buffer (RFC 8259) ---- */

/* s of n bytes as a JSON string with its quotes; s must be UTF-8. */
void cab_json_string(struct cab_buf *buf, const char *s, size_t n);
void cab_json_cstring(struct cab_buf *buf, const char *s); /* NULL writes null */

/* The same with commas and braces kept by a writer; for documents that are built member by member.  key is NULL for an
 * item of an array. */
struct cab_json_writer {
    struct cab_buf *buf;
    bool after_value; /* a comma is due before the next member */
};
void cab_json_open(struct cab_json_writer *w, const char *key, char bracket); /* '{' or '[' */
void cab_json_close(struct cab_json_writer *w, char bracket);                 /* '}' or ']' */
void cab_json_put(struct cab_json_writer *w, const char *key, const char *value); /* a string; NULL writes null */
void cab_json_putf(struct cab_json_writer *w, const char *key, const char *fmt, ...) CAB_PRINTF(3, 4);
void cab_json_put_raw(struct cab_json_writer *w, const char *key, const char *json); /* any JSON text: 1, true, … */
void cab_json_put_int(struct cab_json_writer *w, const char *key, int64_t value);

/* ---- errors ---- */

/* One row each in src/base/problem.c: stable code, HTTP status, title, explanation. */
enum cab_problem {
    CAB_PROBLEM_NONE = 0,
#define CAB_PROBLEM_ROW(name, status, code, title, doc) CAB_PROBLEM_##name,
#include <cabinet/problems.def>
#undef CAB_PROBLEM_ROW
    CAB_PROBLEM__MAX
};

struct cab_problem_info {
    const char *code;  /* stable snake_case word of the API */
    int status;        /* HTTP status */
    const char *title; /* short, the same for each occurrence */
    const char *doc;   /* what it means and what to do, one or two sentences */
};

/* The row of problem; dies on a value outside the table. */
const struct cab_problem_info *cab_problem_info(enum cab_problem problem);

enum cab_place { CAB_PLACE_FIELD = 1, CAB_PLACE_PARAMETER, CAB_PLACE_HEADER };

/* One wrong field, parameter or header of a request. */
struct cab_flaw {
    enum cab_place place;
    const char *name;   /* a nested field is named by its JSON pointer (RFC 6901) */
    const char *code;   /* stable snake_case word: required, unknown, too_long, read_only, ... */
    const char *detail; /* limit and remedy; never the submitted value */
    struct cab_flaw *next;
};

/* Filled once where an error arises, translated only at layer borders. */
struct cab_err {
    enum cab_problem problem;
    char detail[512];    /* for the client: what is wrong and what to do; no SQL, no value */
    char internal[1024]; /* for the log only */
    char sqlstate[6];    /* from the server, or "" */
    char table[64], column[64], constraint[64]; /* as the server named them, or "" */
    const char *file;    /* where it arose */
    int line;
    struct cab_flaw *flaws; /* owned by the request's memory */
    int retry_after;     /* seconds; 0: no Retry-After header */
    const char *allow;   /* for 405: the methods, "GET, HEAD" */
};

/* Fill err and return -1, so that `return cab_fail(err, …)` reads well. */
#define cab_fail(err, problem, ...) cab_err_set((err), __FILE__, __LINE__, (problem), __VA_ARGS__)
int cab_err_set(struct cab_err *err, const char *file, int line, enum cab_problem problem, const char *fmt, ...)
    CAB_PRINTF(5, 6);
/* One answer for all that is not there, or not for whom asks. */
#define cab_fail_no_path(err) \
    cab_fail(err, CAB_PROBLEM_NOT_FOUND, "There is nothing at this path; /api/v1/openapi.json tells what there is.")

/* Adds the private part, for the log. */
void cab_err_internal(struct cab_err *err, const char *fmt, ...) CAB_PRINTF(2, 3);

/* Adds one flaw to err (texts are copied below ctx); sets problem INVALID where none is set.  Returns -1. */
int cab_err_flaw(struct cab_err *err, const void *ctx, enum cab_place place, const char *name, const char *code,
                 const char *fmt, ...) CAB_PRINTF(6, 7);

void cab_err_clear(struct cab_err *err);

/* The word of candidates (n of them) nearest to word by edit distance, or NULL where none is near. */
const char *cab_nearest(const char *word, const char *const *candidates, size_t n);

/* Environment at fault (no memory, no socket): log and exit with 1; the master starts another. */
void cab_die(const char *fmt, ...) CAB_PRINTF(1, 2) __attribute__((noreturn));

/* Our bug: log with location and abort. */
#define CAB_BUG_ON(cond) ((cond) ? cab_bug(#cond, __FILE__, __LINE__) : (void)0)
void cab_bug(const char *what, const char *file, int line) __attribute__((noreturn));

/* ---- log: one line each to standard error; key=value; systemd priority where it listens ---- */

enum cab_log_level { CAB_LOG_ERROR = 1, CAB_LOG_WARN, CAB_LOG_INFO, CAB_LOG_DEBUG };

void cab_log_init(const char *program, enum cab_log_level most);
void cab_log(enum cab_log_level level, const char *fmt, ...) CAB_PRINTF(2, 3);
bool cab_log_enabled(enum cab_log_level level);

/* Adds ` key=value` to buf, quoted and escaped where value needs it. */
void cab_log_pair(struct cab_buf *buf, const char *key, const char *value);

/* ---- small things that have no better home ---- */

/* Strict whole-string parses: 0, or -1 where s is not exactly one number in [min, max]. */
int cab_parse_int64(const char *s, int64_t min, int64_t max, int64_t *out) CAB_MUST_CHECK;
int cab_parse_bool(const char *s, bool *out) CAB_MUST_CHECK; /* true/false only */

/* Whether n bytes are UTF-8 (RFC 3629) without NUL. */
bool cab_utf8_valid(const char *s, size_t n);
size_t cab_utf8_length(const char *s); /* code points of valid UTF-8 */

/*
 * Whether s is an absolute address that may be asked for secrets: https, or http of this host itself (localhost,
 * 127.0.0.1, [::1]), without user, fragment, spaces or control characters.  is_local_out (or NULL): the host is this
 * one.
 */
bool cab_url_is_safe(const char *s, bool *is_local_out);

/* base64url without padding (RFC 4648 section 5). */
char *cab_base64url(const void *ctx, const void *bytes, size_t n);
/* 0, or -1 where s is not canonical base64url; out is below ctx. */
int cab_base64url_decode(const void *ctx, const char *s, size_t n, unsigned char **out, size_t *n_out) CAB_MUST_CHECK;
/* base64 with padding (RFC 4648 section 4), appended to buf. */
void cab_base64_add(struct cab_buf *buf, const void *bytes, size_t n);

/* ---- digests and randomness ---- */

void cab_sha256(const void *bytes, size_t n, unsigned char out[32]);
/* Lower-case hex of SHA-256 (64 characters and NUL). */
void cab_sha256_hex(const void *bytes, size_t n, char out[65]);
/* Lower-case hex of SHA-1, for lists that are made of it; it secures nothing. */
void cab_sha1_hex(const void *bytes, size_t n, char out[41]);
/* SHA-256 of bytes that come in parts; hash is below ctx, and at its end by cab_hash_hex. */
struct cab_hash;
struct cab_hash *cab_hash_make(const void *ctx);
void cab_hash_add(struct cab_hash *hash, const void *bytes, size_t n);
void cab_hash_hex(struct cab_hash *hash, char out[65]);
/* SHA-256 of all that can be read from fd, and how many bytes that is; -1 with errno where reading fails. */
int cab_sha256_file(int fd, char out[65], int64_t *bytes_out) CAB_MUST_CHECK;
/* HMAC-SHA-256 (RFC 2104). */
void cab_hmac_sha256(const void *key, size_t n_key, const void *bytes, size_t n, unsigned char mac[32]);
bool cab_equal_constant_time(const void *a, const void *b, size_t n);
/* n bytes of the kernel's random source; dies where there is none. */
void cab_random(void *bytes, size_t n);
/* A random UUID (version 4) as text. */
void cab_uuid_make(char out[37]);
/* 16 bytes as the text of a UUID in its canonical lower-case form (RFC 9562 section 4). */
void cab_uuid_write(const unsigned char bytes[16], char out[37]);
/* Whether text is a UUID in its canonical lower-case form; its bytes into out, undefined otherwise. */
bool cab_uuid_parse(const char *text, unsigned char out[16]);

/* Milliseconds of the monotonic clock. */
int64_t cab_now_ms(void);
/* Microseconds of it. */
int64_t cab_now_us(void);

#endif
