/*
 * FastCGI by libfcgi, one connection at a time.  We accept, check the records (fcgi_sieve.c) and bound the time a slow
 * peer may take; libfcgi reads what was checked and writes the answer.  The only file that knows libfcgi.
 *
 * A request that is there whole, as nearly all are, is only looked at and then read by libfcgi from the socket.  One
 * that arrives in pieces is collected first and handed to libfcgi as a file in memory.
 */
#include "http/parts.h"

#include <errno.h>
#include <fcgiapp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define PEEK_BYTES 65536
#define REQUEST_MS 10000    /* for a whole request to arrive */
#define SILENCE_MS 5000     /* without one more byte */
#define STREAM_MS 30000     /* the same within a body that is read as it comes */
#define WRITE_SECONDS 30    /* for a peer that does not take the answer */
#define POOL_BYTES 16384    /* for the memory of one request; what goes beyond is taken and given back */

struct cab_fcgi {
    FCGX_Request request;
    int listen_fd;
    size_t max_body;
    bool is_open;           /* a request waits for its answer */
    bool has_unread;        /* the peer sent more than was read */
    struct cab_sieve sieve; /* of a request in pieces */
    struct cab_buf body;    /* what the sieve has let through */
    enum cab_sieve_result stream; /* of a body that is streamed: whether more comes */
    bool is_streaming, is_taken;  /* there is one; cab_fcgi_read has handed out what is in body */
    struct cab_fcgi_hooks hooks;
    void *pool;             /* requests are made in; kept, since nothing costs a small answer more than fresh memory */
};

/* What came last, and by whom and how long where it is a whole request; kept until more comes. */
static unsigned char peeked[PEEK_BYTES];
static const struct cab_fcgi *peeked_by;
static size_t n_peeked;

/* FCGX_Init takes SIGPIPE, SIGUSR1 and SIGTERM where it finds them unused: they are the daemon's, so put them back. */
static void init_library(void) {
    static const int signals[] = { SIGPIPE, SIGUSR1, SIGTERM };
    struct sigaction before[CAB_LENGTH(signals)];
    for (size_t i = 0; i < CAB_LENGTH(signals); i++)
        sigaction(signals[i], NULL, &before[i]);
    if (FCGX_Init() != 0)
        cab_die("libfcgi cannot be initialised");
    for (size_t i = 0; i < CAB_LENGTH(signals); i++)
        sigaction(signals[i], &before[i], NULL);
    if (before[0].sa_handler == SIG_DFL)
        signal(SIGPIPE, SIG_IGN); /* a client that is gone is an error of write, not our end */
}

static void close_open(void *ptr) {
    struct cab_fcgi *fcgi = ptr;
    if (fcgi->is_open)
        FCGX_Free(&fcgi->request, 1);
}

struct cab_fcgi *cab_fcgi_make(void *ctx, int listen_fd, size_t max_body) {
    struct cab_fcgi *fcgi = cab_new(ctx, struct cab_fcgi);
    init_library();
    fcgi->listen_fd = listen_fd;
    fcgi->max_body = max_body;
    fcgi->pool = cab_mem_pool(fcgi, POOL_BYTES);
    /* without a listening socket libfcgi cannot accept by itself when a connection is broken */
    FCGX_InitRequest(&fcgi->request, -1, FCGI_FAIL_ACCEPT_ON_INTR);
    cab_mem_on_free(fcgi, close_open);
    return fcgi;
}

void cab_fcgi_hooks(struct cab_fcgi *fcgi, const struct cab_fcgi_hooks *hooks) {
    fcgi->hooks = *hooks;
}

static void tell_busy(const struct cab_fcgi *fcgi) {
    if (fcgi->hooks.busy != NULL)
        fcgi->hooks.busy(fcgi->hooks.arg);
}

/* Waits for bytes until the deadline, at most silence_ms; 0, or -1 where none came. */
static int wait_readable(int fd, int64_t deadline, int silence_ms) {
    for (;;) {
        int64_t left = deadline - cab_now_ms();
        if (left <= 0)
            return -1;
        struct pollfd poller = { .fd = fd, .events = POLLIN };
        int n = poll(&poller, 1, left < silence_ms ? (int)left : silence_ms);
        if (n > 0)
            return 0;
        if (n == 0 || errno != EINTR)
            return -1;
    }
}

/* Receives without waiting; waits only where nothing is there.  0 at the end, -1 on errors and when time is over. */
static ssize_t receive(const struct cab_fcgi *fcgi, int fd, int flags, int64_t deadline, int silence_ms) {
    peeked_by = NULL;
    for (;;) {
        ssize_t got = recv(fd, peeked, PEEK_BYTES, flags | MSG_DONTWAIT);
        if (got >= 0)
            return got;
        if (errno == EAGAIN || errno == EWOULDBLOCK) {
            if (fcgi->hooks.wait != NULL)
                fcgi->hooks.wait(fcgi->hooks.arg);
            if (wait_readable(fd, deadline, silence_ms) != 0)
                return -1;
        } else if (errno != EINTR) {
            return -1;
        }
    }
}

/* Puts bytes into an anonymous file, at its start; -1 where that fails. */
static int memory_file(const void *bytes, size_t len) {
    int fd = memfd_create("request", MFD_CLOEXEC);
    if (fd < 0)
        return -1;
    for (size_t done = 0; done < len;) {
        ssize_t n = write(fd, (const char *)bytes + done, len - done);
        if (n <= 0) {
            close(fd);
            return -1;
        }
        done += (size_t)n;
    }
    if (lseek(fd, 0, SEEK_SET) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Feeds the sieve what comes next, and adds it to head where that is not NULL.  BROKEN too where nothing came: got_out
 * is 0 where the peer has ended, -1 where time is over. */
static enum cab_sieve_result feed(struct cab_fcgi *fcgi, int fd, int64_t deadline, int silence_ms,
                                  struct cab_buf *head, ssize_t *got_out) {
    *got_out = receive(fcgi, fd, 0, deadline, silence_ms);
    if (*got_out <= 0)
        return CAB_SIEVE_BROKEN;
    if (head != NULL)
        cab_buf_add(head, peeked, (size_t)*got_out);
    return cab_sieve_feed(&fcgi->sieve, peeked, (size_t)*got_out);
}

/* Reads the head of a request that comes in pieces.  Returns a file with its records, and an empty body, or -1. */
static int collect_head(struct cab_fcgi *fcgi, int fd, int64_t deadline, enum cab_sieve_result *result_out) {
    const unsigned char *id = fcgi->sieve.id;
    struct cab_buf head;
    ssize_t got;
    int file = -1;
    cab_buf_init(&head, fcgi, PEEK_BYTES);
    do
        *result_out = feed(fcgi, fd, deadline, SILENCE_MS, &head, &got);
    while (*result_out == CAB_SIEVE_MORE && fcgi->sieve.params_end == 0);
    if (*result_out != CAB_SIEVE_BROKEN) {
        head.len = fcgi->sieve.params_end;
        cab_buf_add(&head, (const unsigned char[]){ 1, 5, id[0], id[1], 0, 0, 0, 0 }, 8);
        file = memory_file(head.data, head.len);
    }
    cab_mem_free(head.data);
    return file;
}

/* Reads the rest of a body.  One above the limit is read too, so that the client gets its answer, but not kept: then
 * 413 is right whatever becomes of the rest.  -1 where the request is broken. */
static int collect_body(struct cab_fcgi *fcgi, int fd, int64_t deadline, enum cab_sieve_result result,
                        bool *is_too_large) {
    ssize_t got = -1;
    for (;;) {
        if (fcgi->sieve.body_len > fcgi->max_body) {
            *is_too_large = true;
            fcgi->sieve.body = NULL;
            cab_buf_reset(&fcgi->body);
        }
        if (result != CAB_SIEVE_MORE)
            break;
        result = feed(fcgi, fd, deadline, SILENCE_MS, NULL, &got);
    }
    fcgi->has_unread = result != CAB_SIEVE_WHOLE && got != 0;
    return result == CAB_SIEVE_WHOLE || *is_too_large ? 0 : -1;
}

static const char *param_value(const char *entry, int *param_out) {
    static const size_t lengths[] = {
#define PARAM_LENGTH(name) sizeof #name - 1,
        CAB_PARAMS(PARAM_LENGTH)
#undef PARAM_LENGTH
    };
    const char *equals = strchr(entry, '=');
    if (equals == NULL)
        return NULL;
    size_t n = (size_t)(equals - entry);
    for (int i = 0; i < CAB_PARAM__MAX; i++)
        if (lengths[i] == n && memcmp(entry, cab_fcgi_param_names[i], n) == 0) {
            *param_out = i;
            return equals + 1;
        }
    return NULL;
}

/* Copies what is read of the parameters, once, into one block. */
static void copy_params(void *mem, char **envp, struct cab_request_source *source) {
    struct { const char *value; size_t size; } found[CAB_PARAM__MAX] = { 0 };
    size_t room = 0;
    int param = 0;
    for (char **entry = envp; *entry != NULL; entry++) {
        const char *value = param_value(*entry, &param);
        if (value == NULL || found[param].value != NULL)
            continue;
        found[param].value = value;
        room += found[param].size = strlen(value) + 1;
    }
    char *to = cab_mem_alloc(mem, room + 1);
    for (int i = 0; i < CAB_PARAM__MAX; i++) {
        if (found[i].value == NULL || source->values[i] != NULL)
            continue;
        source->values[i] = memcpy(to, found[i].value, found[i].size);
        to += found[i].size;
    }
}

/* Reads the body through its end record. */
static bool read_body(FCGX_Stream *in, void *mem, struct cab_request_source *source, size_t max_body) {
    struct cab_buf body;
    int64_t said = 0;
    int first = FCGX_GetChar(in);
    source->body = "";
    if (first >= 0) {
        const char *length = source->values[CAB_PARAM_CONTENT_LENGTH];
        if (length == NULL || cab_parse_int64(length, 0, (int64_t)max_body, &said) != 0)
            said = 0;
        cab_buf_init(&body, mem, said > 0 ? (size_t)said + 1 : 1024);
        for (int c = first; c >= 0; c = FCGX_GetChar(in)) {
            cab_buf_addc(&body, (char)c);
            size_t there = (size_t)(in->stop - in->rdNext);
            cab_buf_room(&body, there);
            body.len += (size_t)FCGX_GetStr(body.data + body.len, (int)there, in);
            body.data[body.len] = '\0';
        }
        source->body = body.data;
        source->body_len = body.len;
    }
    return FCGX_GetError(in) == 0;
}

/* Hands fd to libfcgi, which reads the parameters; it closes fd where they are broken. */
static int begin(struct cab_fcgi *fcgi, int fd) {
    fcgi->request.ipcFd = fd;
    fcgi->request.keepConnection = 1; /* so that it reads from ipcFd instead of closing it */
    FCGX_Detach(&fcgi->request);      /* a broken connection is closed without waiting for the peer */
    if (FCGX_Accept_r(&fcgi->request) != 0) {
        fcgi->request.detached = 0;
        return -1;
    }
    fcgi->request.keepConnection = 0;
    return 0;
}

static int take(struct cab_fcgi *fcgi, int fd, int file, struct cab_request_source *source, void *mem) {
    if (begin(fcgi, file >= 0 ? file : fd) != 0) {
        if (file >= 0)
            close(fd);
        return -1;
    }
    copy_params(mem, fcgi->request.envp, source);
    bool is_read = read_body(fcgi->request.in, mem, source, fcgi->max_body);
    if (file >= 0) { /* the answer goes to the socket */
        close(file);
        fcgi->request.ipcFd = fd;
    }
    if (!is_read) {
        FCGX_Free(&fcgi->request, 1);
        return -1;
    }
    return 0;
}

enum cab_fcgi_result cab_fcgi_accept(struct cab_fcgi *fcgi, struct cab_request **request_out, struct cab_err *err) {
    CAB_BUG_ON(fcgi->is_open);
    int fd = accept4(fcgi->listen_fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0)
        return CAB_FCGI_NONE;
    return cab_fcgi_take(fcgi, fd, request_out, err);
}

/* A request that is not there whole: its head, and its body unless that is to be streamed.  0 and the result of
 * building it in rc_out, or -1: the connection is closed. */
static int take_pieces(struct cab_fcgi *fcgi, int fd, void *mem, int64_t deadline, struct cab_request **request_out,
                       int *rc_out, struct cab_err *err) {
    struct cab_request_source source = { 0 };
    enum cab_sieve_result result;
    bool is_too_large = false;
    cab_buf_init(&fcgi->body, mem, PEEK_BYTES);
    fcgi->sieve = (struct cab_sieve){ .body = &fcgi->body };
    int file = collect_head(fcgi, fd, deadline, &result);
    if (file < 0) {
        close(fd);
        return -1;
    }
    if (take(fcgi, fd, file, &source, mem) != 0)
        return -1;
    const char *length = source.values[CAB_PARAM_CONTENT_LENGTH];
    source.values[CAB_PARAM_CONTENT_LENGTH] = NULL;
    *rc_out = cab_request_build(mem, &source, request_out, err);
    if (*rc_out == 0 && fcgi->hooks.wants_stream != NULL && fcgi->hooks.wants_stream(*request_out)) {
        (*request_out)->has_stream = fcgi->is_streaming = true;
        fcgi->stream = result;
        fcgi->has_unread = result != CAB_SIEVE_WHOLE;
        fcgi->is_taken = false;
        return 0;
    }
    if (collect_body(fcgi, fd, deadline, result, &is_too_large) != 0) {
        FCGX_Free(&fcgi->request, 1);
        return -1;
    }
    source.body = fcgi->body.data;
    source.body_len = fcgi->body.len;
    if (!is_too_large)
        source.values[CAB_PARAM_CONTENT_LENGTH] = length;
    if (*rc_out == 0)
        *rc_out = cab_request_build(mem, &source, request_out, err);
    if (*rc_out == 0 && is_too_large)
        *rc_out = cab_fail(err, CAB_PROBLEM_TOO_LARGE, "The body is larger than %zu bytes; send less at once.",
                           fcgi->max_body);
    return 0;
}

/* rc is what came of building it. */
static enum cab_fcgi_result is_taken(struct cab_request *request, int fd, int64_t arrived_us, int rc) {
    request->socket = fd;
    request->arrived_us = arrived_us;
    request->arrived_ms = arrived_us / 1000;
    return rc == 0 ? CAB_FCGI_REQUEST : CAB_FCGI_REFUSED;
}

enum cab_fcgi_result cab_fcgi_take(struct cab_fcgi *fcgi, int fd, struct cab_request **request_out,
                                   struct cab_err *err) {
    struct cab_request_source source = { 0 };
    struct cab_sieve sieve = { 0 };
    int rc = 0;
    int64_t arrived = cab_now_us(), deadline = arrived / 1000 + REQUEST_MS;
    fcgi->has_unread = fcgi->is_streaming = false;

    ssize_t got = receive(fcgi, fd, MSG_PEEK, deadline, SILENCE_MS);
    enum cab_sieve_result result =
        got > 0 ? cab_sieve_feed(&sieve, peeked, (size_t)got) : CAB_SIEVE_BROKEN;
    if (result == CAB_SIEVE_BROKEN) {
        close(fd);
        return CAB_FCGI_NONE;
    }
    bool in_pieces = result == CAB_SIEVE_MORE || sieve.body_len > fcgi->max_body;
    void *mem = cab_mem_alloc(fcgi->pool, 1);
    if ((in_pieces ? take_pieces(fcgi, fd, mem, deadline, request_out, &rc, err)
                   : take(fcgi, fd, -1, &source, mem)) != 0) {
        cab_mem_free(mem);
        return CAB_FCGI_NONE;
    }
    fcgi->is_open = true;
    if (!in_pieces) {
        rc = cab_request_build(mem, &source, request_out, err);
        peeked_by = fcgi;
        n_peeked = (size_t)got;
    }
    return is_taken(*request_out, fd, arrived, rc);
}

int cab_fcgi_give_up(struct cab_fcgi *fcgi, struct cab_request *request, int *fd_out, int *records_out) {
    if (!fcgi->is_open || peeked_by != fcgi || (*records_out = memory_file(peeked, n_peeked)) < 0)
        return -1;
    *fd_out = request->socket;
    FCGX_Free(&fcgi->request, 0);
    fcgi->request.ipcFd = -1;
    fcgi->request.detached = 0;
    fcgi->is_open = false;
    cab_mem_free(request->mem);
    return 0;
}

enum cab_fcgi_result cab_fcgi_take_over(struct cab_fcgi *fcgi, int fd, int records, struct cab_request **request_out,
                                        struct cab_err *err) {
    struct cab_request_source source = { 0 };
    int64_t arrived = cab_now_us();
    fcgi->has_unread = fcgi->is_streaming = false;
    void *mem = cab_mem_alloc(fcgi->pool, 1);
    if (take(fcgi, fd, records, &source, mem) != 0) {
        cab_mem_free(mem);
        return CAB_FCGI_NONE;
    }
    fcgi->is_open = true;
    return is_taken(*request_out, fd, arrived, cab_request_build(mem, &source, request_out, err));
}

int cab_fcgi_read(struct cab_fcgi *fcgi, const char **bytes_out, size_t *n_out, struct cab_err *err) {
    ssize_t got = 0;
    *bytes_out = "";
    *n_out = 0;
    tell_busy(fcgi);
    if (!fcgi->is_open || !fcgi->is_streaming)
        return 0;
    if (fcgi->is_taken)
        cab_buf_reset(&fcgi->body);
    fcgi->is_taken = true;
    while (fcgi->body.len == 0 && fcgi->stream == CAB_SIEVE_MORE)
        fcgi->stream = feed(fcgi, fcgi->request.ipcFd, INT64_MAX, STREAM_MS, NULL, &got);
    fcgi->has_unread = fcgi->stream == CAB_SIEVE_MORE || (fcgi->stream == CAB_SIEVE_BROKEN && got < 0);
    if (fcgi->stream == CAB_SIEVE_BROKEN && got < 0)
        return cab_fail(err, CAB_PROBLEM_REQUEST_TIMEOUT, "No more of the body came for %d s; nothing was done.",
                        STREAM_MS / 1000);
    if (fcgi->stream == CAB_SIEVE_BROKEN)
        return cab_fail(err, CAB_PROBLEM_CLIENT_GONE, "The body broke off; nothing was done.");
    *bytes_out = fcgi->body.data;
    *n_out = fcgi->body.len;
    return 0;
}

/* A peer that stops reading may hold us for so long only. */
static void limit_writes(struct cab_fcgi *fcgi) {
    struct timeval limit = { .tv_sec = WRITE_SECONDS };
    setsockopt(fcgi->request.ipcFd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

static void finish(struct cab_fcgi *fcgi) {
    if (fcgi->has_unread)
        FCGX_Attach(&fcgi->request); /* lingers, since unread bytes at close would reset the peer */
    else
        FCGX_Detach(&fcgi->request);
    FCGX_Finish_r(&fcgi->request);
    fcgi->is_open = false;
}

void cab_fcgi_respond(struct cab_fcgi *fcgi, const struct cab_request *request, const struct cab_response *response) {
    struct cab_buf head;
    if (!fcgi->is_open)
        return;
    cab_buf_init(&head, request->mem, 1024);
    cab_response_head(response, false, &head);
    bool has_body = !response->is_head && response->status != 204 && response->status != 304;
    if (response->body.len > PEEK_BYTES)
        limit_writes(fcgi);
    /* both go into libfcgi's buffer; it writes when that is full and when the request is finished */
    if (FCGX_PutStr(head.data, (int)head.len, fcgi->request.out) >= 0 && has_body)
        FCGX_PutStr(response->body.data, (int)response->body.len, fcgi->request.out);
    finish(fcgi);
}

int cab_fcgi_begin_stream(struct cab_fcgi *fcgi, const struct cab_response *response) {
    struct cab_buf head;
    CAB_BUG_ON(!fcgi->is_open);
    cab_buf_init(&head, response->mem, 1024);
    cab_response_head(response, true, &head);
    limit_writes(fcgi);
    return cab_fcgi_stream(fcgi, head.data, head.len);
}

int cab_fcgi_stream(struct cab_fcgi *fcgi, const char *bytes, size_t n) {
    CAB_BUG_ON(!fcgi->is_open);
    tell_busy(fcgi);
    if (FCGX_PutStr(bytes, (int)n, fcgi->request.out) != (int)n || FCGX_FFlush(fcgi->request.out) != 0)
        return -1;
    return 0;
}

void cab_fcgi_end_stream(struct cab_fcgi *fcgi) {
    if (fcgi->is_open)
        finish(fcgi);
}

void cab_fcgi_break_stream(struct cab_fcgi *fcgi) {
    if (fcgi->is_open)
        FCGX_Free(&fcgi->request, 1);
    fcgi->is_open = false;
}
