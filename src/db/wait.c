/*
 * Waiting for the server with a deadline, watching the client meanwhile, and cancelling.  An exchange is one batch sent
 * and its answers; when it is cut short the statement is cancelled, and what the server still says is read for one
 * second.  Who owns an exchange that got lost drops the connection.
 */
#include "private.h"
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

int cab_conn_wait(struct cab_db *db, short events, int64_t deadline, bool is_watching) {
    struct pollfd fds[2] = { { .fd = PQsocket(db->conn), .events = events },
                             { .fd = db->watch_fd, .events = POLLRDHUP } };
    nfds_t n = is_watching && db->watch_fd >= 0 ? 2 : 1;
    for (;;) {
        int ms = -1;
        if (deadline != 0) {
            int64_t left = deadline - cab_now_ms();
            ms = left <= 0 ? 0 : left > 3600000 ? 3600000 : (int)left;
        }
        int ready = poll(fds, n, ms);
        if (ready < 0 && errno != EINTR)
            cab_die("poll: %s", strerror(errno));
        if (ready > 0 && fds[0].revents != 0)
            return 1;
        if (ready > 0)
            return -1;
        if (deadline != 0 && cab_now_ms() >= deadline)
            return 0;
    }
}

/*
 * PQcancel connects and waits without a limit; a stopped server would hold the worker.  So it runs in a thread of its
 * own, which is left behind when it does not end in time.
 */
static void *cancel_in_thread(void *arg) {
    char why[256];
    (void)PQcancel(arg, why, sizeof why);
    PQfreeCancel(arg);
    return NULL;
}

/* Whether the server took the request by deadline; after that no cancel can hit a later statement. */
static bool cancel_by(struct cab_db *db, int64_t deadline) {
    PGcancel *cancel = PQgetCancel(db->conn);
    if (cancel == NULL)
        return false;
    pthread_t thread;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&thread, NULL, cancel_in_thread, cancel);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed != 0) {
        PQfreeCancel(cancel);
        return false;
    }
    int64_t left = deadline - cab_now_ms();
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    if (left > 0) {
        until.tv_sec += left / 1000;
        until.tv_nsec += left % 1000 * 1000000;
        if (until.tv_nsec >= 1000000000) {
            until.tv_sec++;
            until.tv_nsec -= 1000000000;
        }
    }
    if (pthread_timedjoin_np(thread, NULL, &until) == 0)
        return true;
    pthread_detach(thread);
    return false;
}

void cab_exchange_begin(struct cab_exchange *exchange, struct cab_db *db) {
    *exchange = (struct cab_exchange){ .db = db };
    /* for all statements together: the server holds its answers back until the last, so they tell of no progress */
    int64_t most = db->options.statement_timeout_ms > 0 ? db->options.statement_timeout_ms + CAB_CANCEL_MS : 0;
    if (db->patience_ms > 0 && (most == 0 || db->patience_ms < most))
        most = db->patience_ms;
    if (most > 0)
        exchange->deadline = cab_now_ms() + most;
}

static int lose(struct cab_exchange *exchange) {
    exchange->is_lost = true;
    return -1;
}

/* Waits; cancels where the wait is cut short; -1 where there is nothing more to wait for. */
static int wait_for(struct cab_exchange *exchange, short events) {
    int ready = cab_conn_wait(exchange->db, events, exchange->deadline, !exchange->was_cancelled);
    if (ready == 1)
        return 0;
    if (exchange->was_cancelled)
        return lose(exchange);
    exchange->was_cancelled = true;
    exchange->cut = ready == 0 ? CAB_PROBLEM_TIMEOUT : CAB_PROBLEM_CLIENT_GONE;
    exchange->deadline = cab_now_ms() + CAB_CANCEL_MS;
    return cancel_by(exchange->db, exchange->deadline) ? 0 : lose(exchange);
}

int cab_exchange_flush(struct cab_exchange *exchange) {
    PGconn *conn = exchange->db->conn;
    for (int left; (left = PQflush(conn)) != 0;) {
        if (left < 0)
            return lose(exchange);
        /* a server that is blocked on its own answers reads nothing: take them */
        if (wait_for(exchange, POLLIN | POLLOUT) != 0)
            return -1;
        if (!PQconsumeInput(conn))
            return lose(exchange);
    }
    return 0;
}

int cab_exchange_result(struct cab_exchange *exchange, PGresult **result_out) {
    PGconn *conn = exchange->db->conn;
    *result_out = NULL;
    while (PQisBusy(conn)) {
        if (wait_for(exchange, POLLIN) != 0)
            return -1;
        /* a failure to read still leaves what came before it, often the server's reason */
        if (!PQconsumeInput(conn) && PQisBusy(conn))
            return lose(exchange);
    }
    PGresult *result = PQgetResult(conn);
    if (result != NULL && cab_error_is_fatal(result)) {
        const char *words = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
        snprintf(exchange->last_words, sizeof exchange->last_words, "%s",
                 words == NULL ? PQresultErrorMessage(result) : words);
        PQclear(result);
        return lose(exchange);
    }
    if (PQstatus(conn) == CONNECTION_BAD) {
        PQclear(result);
        return lose(exchange);
    }
    *result_out = result;
    return 0;
}
