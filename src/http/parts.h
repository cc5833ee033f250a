/*
 * What the files of src/http share below the dispatcher: FastCGI parameters by index, percent decoding, the record
 * sieve, the JSON scanner.  Knows no route.
 */
#ifndef CABINET_HTTP_PARTS_H
#define CABINET_HTTP_PARTS_H

#include <cabinet/http.h>

/* ---- FastCGI parameters: the only ones read ---- */

#define CAB_PARAMS(row) \
    row(REQUEST_METHOD) row(REQUEST_URI) row(CONTENT_TYPE) row(CONTENT_LENGTH) row(REMOTE_ADDR) row(REQUEST_SCHEME) \
    row(HTTP_HOST) row(REQUEST_ID) row(REQUEST_MSEC) row(HTTP_AUTHORIZATION) row(HTTP_ACCEPT) row(HTTP_COOKIE) \
    row(HTTP_IF_MATCH) row(HTTP_IF_NONE_MATCH) row(HTTP_IDEMPOTENCY_KEY) row(HTTP_PREFER) row(HTTP_ORIGIN) \
    row(HTTP_X_READ_AFTER) \
    row(HTTP_USER_AGENT) row(HTTP_SEC_FETCH_SITE) row(HTTP_X_REQUEST_ID) row(HTTP_ACCESS_CONTROL_REQUEST_METHOD) \
    row(HTTP_ACCESS_CONTROL_REQUEST_HEADERS)

enum cab_param {
#define CAB_PARAM_ENUM(name) CAB_PARAM_##name,
    CAB_PARAMS(CAB_PARAM_ENUM)
#undef CAB_PARAM_ENUM
    CAB_PARAM__MAX
};

/* What a request is made of: values by enum cab_param (NULL where absent) and the body. */
struct cab_request_source {
    const char *values[CAB_PARAM__MAX];
    const char *body; size_t body_len;
};

/* Builds the request; request_out is set even on -1, with as much of it as could be read. */
int cab_request_build(void *mem, const struct cab_request_source *source, struct cab_request **request_out,
                      struct cab_err *err) CAB_MUST_CHECK;

/* ---- URI ---- */

/* Decodes %xx (and + as a space where is_form) of n bytes at s into out (n + 1 bytes); -1 on a bad %xx, on NUL and on
 * what is not UTF-8. */
int cab_uri_decode(const char *s, size_t n, bool is_form, char *out) CAB_MUST_CHECK;
/* Splits a query or form into decoded pairs; what names it in messages ("The query", "The form"). */
int cab_pairs_decode(void *ctx, const char *text, size_t n, const char *what, struct cab_pair **pairs_out, int *n_out,
                     struct cab_err *err) CAB_MUST_CHECK;

/* ---- header grammar (RFC 9110 section 5.6) ---- */

bool cab_is_tchar(unsigned char c);
const char *cab_skip_ows(const char *s);
/* The end of the token at s; s itself where there is none. */
const char *cab_skip_token(const char *s);
/* Unquotes the quoted-string at *s (at its first quote) below ctx and moves *s behind it; NULL where it is broken. */
char *cab_unquote(void *ctx, const char **s);

/* ---- FastCGI records ---- */

enum cab_sieve_result { CAB_SIEVE_MORE = 1, CAB_SIEVE_WHOLE, CAB_SIEVE_BROKEN };

struct cab_sieve {
    int state;
    unsigned char header[8]; int n_header;  /* of the record being read */
    unsigned char begin[8]; int n_begin;    /* body of the begin record */
    unsigned char id[2];
    size_t content, padding;                /* bytes left of the record */
    unsigned char length[4]; int n_length;  /* of the name or value whose length is being read */
    int pair_state;
    size_t name_left, value_left;
    size_t params_bytes; int n_params;
    size_t bytes;                           /* all bytes taken so far */
    size_t params_end;                      /* offset behind the empty params record; 0 until then */
    size_t body_len;
    struct cab_buf *body;                   /* takes the content of the body; NULL: it is only counted */
};

/* Checks n more bytes of a connection: one request of the responder role, well formed, within the limits; nothing but
 * its own records.  WHOLE only where the bytes end with the request. */
enum cab_sieve_result cab_sieve_feed(struct cab_sieve *sieve, const unsigned char *bytes, size_t n);

/* ---- JSON ---- */

#define CAB_JSON_DEPTH 32
#define CAB_JSON_VALUES 200000
#define CAB_JSON_DIGITS 1024 /* bytes of one number */

/* One value found by the scanner; values stand in the order of the text, so children follow their parent. */
struct cab_json_mark {
    enum cab_json_type type;
    uint32_t start, end;    /* in the text */
    uint32_t count;         /* items or members */
};

struct cab_json_marks { struct cab_json_mark *list; size_t n, cap; };

/* Checks n bytes against RFC 8259 and our limits; fills marks (NULL: only checks).  MALFORMED otherwise. */
int cab_json_scan(void *ctx, const char *text, size_t n, struct cab_json_marks *marks, struct cab_err *err)
    CAB_MUST_CHECK;

/* ---- responses ---- */

bool cab_response_has(const struct cab_response *response, const char *name);
const char *cab_status_text(int status);
/* Status line, headers and the empty line, as FastCGI takes them, into head. */
void cab_response_head(const struct cab_response *response, bool is_stream, struct cab_buf *head);

#endif
