/*
 * http_load: readers and writers over HTTP, each with an account of its own, and what was answered.  Writers change
 * their username to one that nobody had before, so the audit trail tells what was done, and how often.
 */
#ifndef TESTS_PROCESS_HTTP_LOAD_H
#define TESTS_PROCESS_HTTP_LOAD_H

#include <stdbool.h>

struct http_tally {
    long total, ok, bad_gateway, unavailable, other;
    long no_problem;         /* errors that are no application/problem+json */
    long no_retry_after;     /* 503 without Retry-After */
    int first_other;         /* a status of `other` */
    double slowest;
    double last_failure;     /* when an answer was last not 200; 0: never */
};

struct http_load;

/* Starts threads; accounts are made before it returns. */
struct http_load *http_load_start(int readers, int writers);
struct http_tally http_load_stop(struct http_load *load);
/* After the stop: every write that was acknowledged is in the audit trail, and no value twice; frees load. */
void http_load_verify(struct http_load *load);

#endif
