/*
 * http: one request in, one response out, over FastCGI.  Knows nothing of tables or accounts.
 */
#ifndef CABINET_HTTP_H
#define CABINET_HTTP_H

#include <cabinet/base.h>

enum cab_method {
    CAB_GET = 1, CAB_HEAD, CAB_POST, CAB_PUT, CAB_PATCH, CAB_DELETE, CAB_OPTIONS, CAB_METHOD__MAX
};
const char *cab_method_name(enum cab_method method);

/* A name=value pair of the query or of a form, decoded, in order of appearance; value is never NULL. */
struct cab_pair { const char *name, *value; };

struct cab_request {
    void *mem;                 /* all of the request, freed in one call */
    enum cab_method method;
    const char *method_name;   /* as sent; method is 0 where it is none of ours */
    const char *uri;           /* as sent, path and query */
    const char *path;          /* decoded, of `uri`; never normalised */
    const char **segments; int n_segments;  /* decoded parts of path between slashes */
    const char *query;         /* raw, or "" */
    struct cab_pair *params; int n_params;
    /* headers, NULL where absent */
    const char *authorization, *content_type, *accept, *cookie, *if_match, *if_none_match, *idempotency_key, *prefer,
        *read_after, *origin, *user_agent, *sec_fetch_site, *acr_method, *acr_headers;
    const char *request_id;    /* taken over where it matches [A-Za-z0-9._-]{8,64}, made otherwise; never NULL */
    const char *remote_addr;   /* from nginx after real_ip; nothing else tells the address; NULL where unknown */
    const char *host, *scheme; /* for links; scheme is http or https */
    const char *body; size_t body_len; /* read whole; "" where none */
    bool has_stream;           /* the body was not read: it comes by cab_fcgi_read */
    int64_t arrived_ms, arrived_us; /* cab_now_ms() and cab_now_us() at accept */
    int64_t queued_ms;         /* time spent waiting for a worker, by nginx's $msec; 0 where unknown */
    int socket;                /* the connection to nginx, for cab_db_watch */
};

struct cab_response {
    const void *mem;
    int status;
    const char *content_type;
    struct cab_buf headers;    /* "Name: value\r\n" lines */
    struct cab_buf body;
    bool is_head;              /* headers only */
};

void cab_response_init(struct cab_response *response, const void *mem);
/* Adds a header; a CR or LF in value is our bug. */
void cab_response_header(struct cab_response *response, const char *name, const char *fmt, ...) CAB_PRINTF(3, 4);
/* Empties body and headers (the request is planned again, or fails). */
void cab_response_reset(struct cab_response *response);
/* Writes err as application/problem+json (RFC 9457) with WWW-Authenticate, Allow, Retry-After as fit. */
void cab_response_problem(struct cab_response *response, const struct cab_request *request, const struct cab_err *err);

/* The first parameter of that name, or NULL. */
const char *cab_request_param(const struct cab_request *request, const char *name);
/* MALFORMED where a parameter of the query is given twice. */
int cab_request_no_duplicates(const struct cab_request *request, struct cab_err *err) CAB_MUST_CHECK;

/* Whether `Prefer` (RFC 7240) asks for name (=value); value may be NULL.  cab_prefer_value gives the value or NULL. */
bool cab_prefers(const struct cab_request *request, const char *name, const char *value);
const char *cab_prefer_value(const struct cab_request *request, const char *name);

/* Whether `Accept` takes media type type ("application/json"); without the header everything is taken. */
bool cab_accepts(const struct cab_request *request, const char *type);
/* Value of a parameter that `Accept` gives to type ("application/json;numbers=string"), or NULL. */
const char *cab_accept_parameter(const struct cab_request *request, const char *type, const char *name);

/* Whether it came in plain HTTP to localhost: a browser drops Secure cookies there. */
bool cab_request_is_plain_localhost(const struct cab_request *request);
/* Value of cookie name, or NULL. */
const char *cab_request_cookie(const struct cab_request *request, const char *name);

/* Checks that the body is application/json (or merge-patch) / form; 415 otherwise.  err->allow then lists the types. */
enum cab_body_type { CAB_BODY_JSON = 1, CAB_BODY_FORM = 2, CAB_BODY_MERGE_PATCH = 4 };
int cab_request_body_type(const struct cab_request *request, unsigned allowed, enum cab_body_type *type_out,
                          struct cab_err *err) CAB_MUST_CHECK;
/* Decodes application/x-www-form-urlencoded; a duplicate name, bad UTF-8, NUL or bad %xx is MALFORMED. */
int cab_form_decode(void *ctx, const char *text, size_t n, struct cab_pair **pairs_out, int *n_out, struct cab_err *err)
    CAB_MUST_CHECK;
/* Percent-encodes s as a query value, appended to buf (RFC 3986 section 2). */
void cab_url_encode(struct cab_buf *buf, const char *s);

/* ---- JSON documents (json-c behind a validating scanner) ----
 *
 * The scanner refuses what json-c lets pass: duplicate keys, NaN, single quotes, raw control characters, lone
 * surrogates, \u0000, numbers that do not fit, depth above 32.  RFC 8259.
 */
struct cab_json; /* owned by the document's root, which is freed with ctx */

enum cab_json_type {
    CAB_JSON_NULL = 1, CAB_JSON_BOOL, CAB_JSON_NUMBER, CAB_JSON_STRING, CAB_JSON_ARRAY, CAB_JSON_OBJECT
};

int cab_json_parse(void *ctx, const char *text, size_t n, const struct cab_json **json_out, struct cab_err *err)
    CAB_MUST_CHECK;
enum cab_json_type cab_json_type(const struct cab_json *json);
const char *cab_json_type_name(enum cab_json_type type); /* "a string" */
bool cab_json_bool(const struct cab_json *json);
/* Text of a string (n_out may be NULL) or of a number exactly as it was sent ("1e400", "0.10"). */
const char *cab_json_text(const struct cab_json *json, size_t *n_out);
size_t cab_json_count(const struct cab_json *json);                       /* members or items */
const struct cab_json *cab_json_item(const struct cab_json *json, size_t i);
/* Member i in order of the text. */
const char *cab_json_key(const struct cab_json *json, size_t i);
const struct cab_json *cab_json_member(const struct cab_json *json, size_t i);
const struct cab_json *cab_json_get(const struct cab_json *json, const char *key); /* NULL where absent */
/* The source text of any value (as sent, compact or not), below ctx. */
const char *cab_json_source(const struct cab_json *json, size_t *n_out);

/* ---- FastCGI ---- */

struct cab_fcgi;

/* Around a listening socket of our own; the socket stays the caller's. */
struct cab_fcgi *cab_fcgi_make(void *ctx, int listen_fd, size_t max_body);

enum cab_fcgi_result {
    CAB_FCGI_REQUEST = 1, /* a request was read whole; answer it by cab_fcgi_respond */
    CAB_FCGI_NONE,        /* nothing to accept, or a broken connection was closed */
    CAB_FCGI_REFUSED      /* request_out is readable enough to answer err (413, 400, …) */
};

/* Accepts and reads one request (params and body), whose memory is below fcgi.  The listening socket is non-blocking;
 * never waits longer than a few seconds for a slow peer. */
enum cab_fcgi_result cab_fcgi_accept(struct cab_fcgi *fcgi, struct cab_request **request_out, struct cab_err *err);
/* The same on a connection that is accepted already; fd becomes ours. */
enum cab_fcgi_result cab_fcgi_take(struct cab_fcgi *fcgi, int fd, struct cab_request **request_out,
                                   struct cab_err *err);
/* Gives the request up as it came, so that another process can answer it: the connection, and a file with the records
 * that were read of it; both become the caller's, and the request's memory is freed.  -1, and nothing done, where it
 * is not the one taken last, did not come in one piece, or no file can be made. */
int cab_fcgi_give_up(struct cab_fcgi *fcgi, struct cab_request *request, int *fd_out, int *records_out) CAB_MUST_CHECK;
/* Takes a request that was given up; both descriptors become ours. */
enum cab_fcgi_result cab_fcgi_take_over(struct cab_fcgi *fcgi, int fd, int records, struct cab_request **request_out,
                                        struct cab_err *err);
/* What others have to say while requests are read; each may be NULL, and is given arg. */
struct cab_fcgi_hooks {
    /* Asked of each request that does not come in one piece, once its head is there: whether its body is left to be
     * read by cab_fcgi_read. */
    bool (*wants_stream)(const struct cab_request *request);
    void (*wait)(void *arg); /* a peer is waited for, perhaps for seconds */
    void (*busy)(void *arg); /* a stream, in or out, has moved on */
    void *arg;
};
void cab_fcgi_hooks(struct cab_fcgi *fcgi, const struct cab_fcgi_hooks *hooks);
/* The next bytes of the body of a request with has_stream, waiting for them; n_out is 0 at the end.  They stay until
 * the next call.  REQUEST_TIMEOUT where none come for long, CLIENT_GONE where the peer has gone. */
int cab_fcgi_read(struct cab_fcgi *fcgi, const char **bytes_out, size_t *n_out, struct cab_err *err) CAB_MUST_CHECK;
/* Writes the response and finishes the connection (detached before it is finished, since the body was read).  Nothing
 * where it was finished before. */
void cab_fcgi_respond(struct cab_fcgi *fcgi, const struct cab_request *request, const struct cab_response *response);
/* Streams: head first (with X-Accel-Buffering: no), then chunks; -1 where the client is gone. */
int cab_fcgi_begin_stream(struct cab_fcgi *fcgi, const struct cab_response *response) CAB_MUST_CHECK;
int cab_fcgi_stream(struct cab_fcgi *fcgi, const char *bytes, size_t n) CAB_MUST_CHECK;
void cab_fcgi_end_stream(struct cab_fcgi *fcgi);
/* Closes the connection in the middle, so that nobody takes the part for the whole. */
void cab_fcgi_break_stream(struct cab_fcgi *fcgi);

/* The names nginx passes (deploy/nginx/fastcgi.conf is checked against it), NULL-ended. */
extern const char *const cab_fcgi_param_names[];

/* Builds a request from parts, without FastCGI, with the same strict parsing; for cab_fcgi and the tests. */
struct cab_request_parts {
    const char *method, *uri, *body; size_t body_len;
    const char *(*param)(const void *source, const char *name); /* FastCGI parameter or NULL */
    const void *source;
};
int cab_request_parse(void *ctx, const struct cab_request_parts *parts, struct cab_request **request_out,
                      struct cab_err *err) CAB_MUST_CHECK;

#endif
