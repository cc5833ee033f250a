/*
 * Requests that wait for each other: one round trip for all reads, one transaction for all changes, and to each its own
 * answer.  What fails is one request: the others are sent again without it.
 */
#include "http/internal.h"

#include <stdlib.h>
#include <string.h>

/* So long after a shared transaction has failed changes have their own: what fails one may come again and again. */
#define APART_MS 1000

/* Whether what failed is not the fault of one statement, so that to send the others again is to wait again. */
static bool concerns_all(const struct cab_err *err) {
    return err->problem == CAB_PROBLEM_TIMEOUT || err->problem == CAB_PROBLEM_UNAVAILABLE ||
           err->problem == CAB_PROBLEM_OVERLOADED;
}

static void answer_all(struct cab_work *const *works, int n, int rc, const struct cab_err *err) {
    for (int i = 0; i < n; i++) {
        struct cab_err own = *err;
        cab_work_go_on(works[i], rc, &own);
    }
}

static void collect_pipes(struct cab_work *const *works, int n, struct cab_pipe **pipes) {
    for (int i = 0; i < n; i++)
        pipes[i] = works[i]->call.pipe;
}

/* One that waits alone has begun its trace before. */
static void begin_trace(struct cab_service *service) {
    if (service->n_waiting > 1)
        cab_service_trace(service);
}

/* ---- reads ---- */

static void settle_reads(struct cab_service *service, struct cab_work *const *works, int n) {
    struct cab_pipe *pipes[CAB_TOGETHER_MAX];
    collect_pipes(works, n, pipes);
    begin_trace(service);
    for (int first = 0; first < n;) {
        struct cab_err err = { 0 };
        cab_service_watch(service, n - first == 1 ? works[first]->call.request->socket : -1);
        int done = cab_pipes_run(works[0]->call.mem, pipes + first, n - first, &err);
        answer_all(works + first, done, 0, &(struct cab_err){ 0 });
        first += done;
        int failed = first == n ? 0 : concerns_all(&err) ? n - first : 1;
        answer_all(works + first, failed, -1, &err);
        first += failed;
    }
}

/* ---- changes ---- */

/* By the rows they lock: so no two workers wait for each other. */
static int by_caller(const void *a, const void *b) {
    const struct cab_work *const *x = a, *const *y = b;
    return ((*x)->call.caller.user_id > (*y)->call.caller.user_id) -
           ((*x)->call.caller.user_id < (*y)->call.caller.user_id);
}

/* Each in a transaction of its own. */
static void change_apart(struct cab_service *service, struct cab_work *const *works, int n) {
    for (int i = 0; i < n; i++) {
        struct cab_err err = { 0 };
        begin_trace(service);
        cab_service_watch(service, works[i]->call.request->socket);
        int rc = cab_pipe_run(works[i]->call.pipe, &err);
        answer_all(works + i, 1, rc, &err);
        if (rc != 0 && concerns_all(&err)) {
            answer_all(works + i + 1, n - i - 1, rc, &err);
            return;
        }
    }
}

static void move_behind(struct cab_work **works, int from, int to) {
    struct cab_work *work = works[from];
    memmove(works + from, works + from + 1, (size_t)(to - from) * sizeof *works);
    works[to] = work;
}

/* The one that the server refuses is put behind the others.  Where it waited for a lock, they share a transaction
 * again; after other faults, of which a client can send many, none is done more than twice. */
static void settle_changes(struct cab_service *service, struct cab_work **works, int n) {
    struct cab_pipe *pipes[CAB_TOGETHER_MAX];
    int done = 0, refused;
    qsort(works, (size_t)n, sizeof *works, by_caller);
    begin_trace(service);
    for (int together = n; together > 1; together--) {
        struct cab_err err = { 0 };
        collect_pipes(works, together, pipes);
        cab_service_watch(service, -1);
        int rc = cab_pipes_change(works[0]->call.mem, pipes, together, &refused, &err);
        if (rc == 0 || refused < 0) {
            answer_all(works, together, rc, &err);
            done = together;
            break;
        }
        cab_metrics_count(service->shared, CAB_COUNTER_SHARED_UNDONE, 1);
        service->apart_until_ms = cab_now_ms() + APART_MS;
        move_behind(works, refused, together - 1);
        if (strcmp(err.sqlstate, "55P03") != 0)
            break;
    }
    change_apart(service, works + done, n - done);
}

void cab_service_settle(struct cab_service *service) {
    struct cab_work *reads[CAB_TOGETHER_MAX], *changes[CAB_TOGETHER_MAX];
    int n_reads = 0, n_changes = 0;
    for (int i = 0; i < service->n_waiting; i++) {
        struct cab_work *work = service->waiting[i];
        if (cab_tx_is_write(work->call.route->tx))
            changes[n_changes++] = work;
        else
            reads[n_reads++] = work;
    }
    if (n_reads > 0) /* which take less time */
        settle_reads(service, reads, n_reads);
    if (n_changes > 0)
        settle_changes(service, changes, n_changes);
    service->n_waiting = 0;
}
