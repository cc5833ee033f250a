/*
 * fcgi: see fcgi.h.
 */
#include "fcgi.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { BEGIN = 1, PARAMS = 4, STDIN_ = 5, STDOUT_ = 6 };

double now_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void sleep_ms(int ms) {
    struct timespec pause = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };
    while (nanosleep(&pause, &pause) != 0 && errno == EINTR)
        continue;
}

int fcgi_connect(const char *path) {
    struct sockaddr_un addr = { .sun_family = AF_UNIX };
    snprintf(addr.sun_path, sizeof addr.sun_path, "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&addr, sizeof addr) != 0) {
        int why = errno;
        close(fd);
        errno = why;
        return -1;
    }
    return fd;
}

static size_t record(unsigned char *to, int type, const unsigned char *content, size_t n) {
    const unsigned char head[8] = { 1, (unsigned char)type, 0, 1, (unsigned char)(n >> 8), (unsigned char)n, 0, 0 };
    memcpy(to, head, sizeof head);
    if (n > 0)
        memcpy(to + 8, content, n);
    return 8 + n;
}

static size_t pair(unsigned char *to, const char *name, const char *value) {
    size_t n = strlen(name), v = strlen(value), at = 0;
    to[at++] = (unsigned char)n;
    to[at++] = (unsigned char)v;
    memcpy(to + at, name, n);
    memcpy(to + at + n, value, v);
    return at + n + v;
}

static void send_all(int fd, const unsigned char *bytes, size_t n) {
    for (size_t done = 0; done < n;) {
        ssize_t sent = send(fd, bytes + done, n - done, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        done += (size_t)sent;
    }
}

static size_t begin(unsigned char *to) {
    static const unsigned char body[8] = { 0, 1 };
    return record(to, BEGIN, body, sizeof body);
}

void fcgi_send(int fd, const struct fcgi_request *request) {
    unsigned char params[2048], all[4096];
    char length[24];
    size_t n = 0, p = 0;
    p += pair(params + p, "REQUEST_METHOD", request->method != NULL ? request->method : "GET");
    p += pair(params + p, "REQUEST_URI", request->uri);
    p += pair(params + p, "REMOTE_ADDR", "127.0.0.1");
    p += pair(params + p, "REQUEST_SCHEME", "http");
    p += pair(params + p, "HTTP_HOST", "localhost");
    if (request->msec != NULL)
        p += pair(params + p, "REQUEST_MSEC", request->msec);
    if (request->body != NULL) {
        snprintf(length, sizeof length, "%zu", strlen(request->body));
        p += pair(params + p, "CONTENT_LENGTH", length);
        p += pair(params + p, "CONTENT_TYPE", request->type);
    }
    n += begin(all);
    n += record(all + n, PARAMS, params, p);
    n += record(all + n, PARAMS, NULL, 0);
    if (request->body != NULL)
        n += record(all + n, STDIN_, (const unsigned char *)request->body, strlen(request->body));
    n += record(all + n, STDIN_, NULL, 0);
    send_all(fd, all, n);
}

void fcgi_send_part(int fd) {
    unsigned char all[64];
    send_all(fd, all, begin(all));
}

/* Contents of the standard output records of n bytes, into to. */
static void unpack(const unsigned char *bytes, size_t n, char *to, size_t room) {
    size_t used = 0;
    for (size_t at = 0; at + 8 <= n;) {
        size_t length = (size_t)bytes[at + 4] << 8 | bytes[at + 5], padding = bytes[at + 6];
        int type = bytes[at + 1];
        at += 8;
        if (at + length > n)
            break;
        if (type == STDOUT_ && used + length < room) {
            memcpy(to + used, bytes + at, length);
            used += length;
        }
        at += length + padding;
    }
    to[used] = '\0';
}

void fcgi_read(int fd, double seconds, struct reply *reply) {
    static _Thread_local unsigned char bytes[65536];
    size_t n = 0;
    double began = now_seconds();
    memset(reply, 0, sizeof *reply);
    while (n < sizeof bytes) {
        double left = began + seconds - now_seconds();
        struct pollfd p = { .fd = fd, .events = POLLIN };
        if (left <= 0 || poll(&p, 1, (int)(left * 1000) + 1) <= 0)
            break;
        ssize_t got = recv(fd, bytes + n, sizeof bytes - n, 0);
        if (got <= 0)
            break;
        n += (size_t)got;
    }
    close(fd);
    reply->seconds = now_seconds() - began;
    unpack(bytes, n, reply->text, sizeof reply->text);
    if (strncmp(reply->text, "Status: ", 8) == 0)
        reply->status = atoi(reply->text + 8);
    const char *after = strstr(reply->text, "Retry-After: ");
    if (after != NULL)
        reply->retry_after = atoi(after + 13);
}

struct reply fcgi_get(const char *path, const char *uri) {
    struct reply reply = { 0 };
    int fd = fcgi_connect(path);
    if (fd < 0)
        return reply;
    fcgi_send(fd, &(struct fcgi_request){ .uri = uri });
    fcgi_read(fd, 30, &reply);
    return reply;
}

int fcgi_begin_login(const char *path, const char *msec) {
    int fd = fcgi_connect(path);
    if (fd >= 0)
        fcgi_send(fd, &(struct fcgi_request){ .method = "POST", .uri = "/api/v1/auth/login", .msec = msec,
                                              .body = "username=nobody@example.com&password=not-a-password",
                                              .type = "application/x-www-form-urlencoded" });
    return fd;
}

struct load {
    const char *path, *uri;
    int n;
    pthread_t threads[64];
    atomic_bool is_over;
    pthread_mutex_t lock;
    struct tally tally;
};

static void *ask_on(void *arg) {
    struct load *load = arg;
    while (!atomic_load(&load->is_over)) {
        struct reply reply = fcgi_get(load->path, load->uri);
        pthread_mutex_lock(&load->lock);
        struct tally *t = &load->tally;
        t->total++;
        t->ok += reply.status == 200;
        t->unavailable += reply.status == 503;
        t->lost += reply.status == 0;
        t->other += reply.status != 0 && reply.status != 200 && reply.status != 503;
        if (reply.seconds > t->slowest)
            t->slowest = reply.seconds;
        pthread_mutex_unlock(&load->lock);
    }
    return NULL;
}

struct load *load_start(const char *path, const char *uri, int threads) {
    struct load *load = calloc(1, sizeof *load);
    load->path = path;
    load->uri = uri;
    pthread_mutex_init(&load->lock, NULL);
    for (int i = 0; i < threads && i < 64; i++)
        if (pthread_create(&load->threads[load->n], NULL, ask_on, load) == 0)
            load->n++;
    return load;
}

struct tally load_stop(struct load *load) {
    atomic_store(&load->is_over, true);
    for (int i = 0; i < load->n; i++)
        pthread_join(load->threads[i], NULL);
    struct tally tally = load->tally;
    free(load);
    return tally;
}
