/*
 * shedder: keeps the promise of DB_POOL_TIMEOUT while no worker can.  The master starts one when all workers, overflow
 * included, are busy and none has taken or ended a request for that long.
 *
 * The queue is first in, first out, so whoever is accepted here has waited longest: it is held until its own time is
 * over and then answered 503, one after another, without the database.  The shedder ends as soon as any worker moves;
 * a request that it holds then, with time left, it serves like a worker, on a connection made for it.
 */
#include "daemon/internal.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LOOK_MS 20
#define RETRY_AFTER_S 5

struct shedder {
    const struct cab_worker_options *options;
    sigset_t mask;
    struct cab_fcgi *fcgi;
    struct cab_service service; /* its database is not connected */
    uint64_t progress;          /* of the workers when all this began */
    bool is_leaving;
};

/* Sleeps for ms, or until a connection comes where is_accepting; ends the shedder when it is no longer needed. */
static void rest(struct shedder *s, int64_t ms, bool is_accepting) {
    struct pollfd fd = { .fd = s->options->listen_fd, .events = POLLIN };
    if (cab_signals_poll(&fd, is_accepting ? 1 : 0, ms, &s->mask) < 0 && errno != EINTR)
        s->is_leaving = true;
    bool term = cab_signal_take(SIGTERM), hup = cab_signal_take(SIGHUP);
    if (term || hup || cab_scoreboard_progress(s->options->board) != s->progress)
        s->is_leaving = true;
}

static void hold_and_answer(struct shedder *s, int fd) {
    int64_t limit = s->options->conf->db_pool_timeout * 1000;
    struct cab_request *request;
    struct cab_response response;
    struct cab_err err;

    cab_err_clear(&err);
    enum cab_fcgi_result got = cab_fcgi_take(s->fcgi, fd, &request, &err);
    if (got == CAB_FCGI_NONE)
        return;
    int64_t due = request->arrived_ms + limit - request->queued_ms;
    while (got == CAB_FCGI_REQUEST && !s->is_leaving && cab_now_ms() < due)
        rest(s, LOOK_MS, false);
    if (got == CAB_FCGI_REQUEST && cab_now_ms() < due) {
        cab_service_answer(&s->service, s->fcgi, request, &response);
    } else {
        if (got == CAB_FCGI_REQUEST) {
            err.retry_after = RETRY_AFTER_S;
            (void)cab_fail(&err, CAB_PROBLEM_OVERLOADED, "No worker was free in time; nothing was done.");
        }
        cab_service_refuse(&s->service, s->fcgi, request, &err, &response);
    }
    cab_mem_free(request->mem);
}

int cab_shedder_run(const struct cab_worker_options *options) {
    struct shedder s = { .options = options };
    cab_worker_begin(options, "cabinetd-shed", &s.mask);
    void *mem = cab_mem_alloc(NULL, 1);
    struct cab_db_options db = cab_daemon_db_options(options->conf, cab_printf(mem, "cabinet[%d]", (int)getpid()));
    s.service = (struct cab_service){ .mem = mem, .conf = options->conf, .db = cab_db_make(mem, &db),
                                      .shared = options->shared, .metric_rows = options->metric_rows,
                                      .n_metric_rows = options->n_metric_rows,
                                      .check_catalog = cab_daemon_check_catalog };
    s.fcgi = cab_fcgi_make(mem, options->listen_fd, (size_t)options->conf->max_body);
    atomic_store(&options->board->slots[options->slot].state, CAB_SLOT_SHEDDING);
    s.progress = cab_scoreboard_progress(options->board);
    while (!s.is_leaving) {
        int fd = accept4(options->listen_fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0)
            hold_and_answer(&s, fd);
        rest(&s, fd >= 0 ? 0 : LOOK_MS, true);
    }
    cab_mem_free(mem);
    return 0;
}
