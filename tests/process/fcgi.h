/*
 * fcgi: a web server's side of FastCGI, as small as the process tests need it; and load from several threads.
 */
#ifndef TESTS_PROCESS_FCGI_H
#define TESTS_PROCESS_FCGI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reply {
    int status;          /* 0: the connection ended without an answer */
    int retry_after;     /* 0: no such header */
    char text[8192];     /* head and body, cut */
    double seconds;
};

/* Connects to a socket's path; -1 with errno. */
int fcgi_connect(const char *path);
struct fcgi_request {
    const char *method, *uri;  /* NULL: GET */
    const char *body, *type;   /* or NULL */
    const char *msec;          /* nginx's time in seconds, or NULL */
};

/* Sends a whole request. */
void fcgi_send(int fd, const struct fcgi_request *request);
/* Sends only its beginning, so that a worker has to wait for the rest. */
void fcgi_send_part(int fd);
/* Reads the answer and closes fd; waits at most seconds. */
void fcgi_read(int fd, double seconds, struct reply *reply);
/* All of it for GET. */
struct reply fcgi_get(const char *path, const char *uri);
/* Sends a request that writes an audit entry (a login of nobody) and returns the connection it is answered on. */
int fcgi_begin_login(const char *path, const char *msec);

/* GETs of uri from several threads until stopped. */
struct load;
struct tally { long total, ok, unavailable, lost, other; double slowest; };
struct load *load_start(const char *path, const char *uri, int threads);
struct tally load_stop(struct load *load);

double now_seconds(void);
void sleep_ms(int ms);

#endif
