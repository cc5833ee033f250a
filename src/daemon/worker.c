/*
 * worker: the loop of one process.  All its waiting is here, and each wait says what it is for.  What a request means
 * is the service's affair.
 *
 * Requests are answered one after another, but reads by key that are there at the same time share one round trip to
 * the database, which costs both sides half as much, and changes of the callers' own rows one transaction, which saves
 * a third.  Whatever may take longer ends the gathering, and is begun when those before it have their answers.
 *
 * An idle worker waits with EPOLLEXCLUSIVE, so that a connection wakes one worker and not all; the kernel prefers the
 * one that registered first, which keeps caches warm and lets the rest become idle.  After an answer the next
 * connection is accepted right away: under load the wait is skipped, and signals are looked for now and then.
 */
#include "daemon/internal.h"
#include <cabinet/resource.h>

#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "statements.h"

/* Under load signals and the database's socket are looked at this often. */
#define LOOK_MS 50
/* Accepting fails for want of descriptors or memory: pause instead of spinning. */
#define PAUSE_MS 100
#define COMPLAIN_MS 10000
/* Told to empty the queue, a worker does so for this long. */
#define DRAIN_MS 2000
/* After a connect that timed out, new workers do not begin by trying the same. */
#define SILENT_MS 30000
/* Until the pool is ready an idle worker tries the database this often. */
#define TRY_MS 500

struct taken {
    struct cab_fcgi *fcgi;
    struct cab_request *request;
    struct cab_response response;
};

struct worker {
    const struct cab_worker_options *options;
    const struct cab_conf *conf;
    void *mem;
    sigset_t mask;
    int epoll;
    struct cab_service service;
    struct taken taken[CAB_TOGETHER_MAX]; /* of one round */
    int n_taken;
    int watched_fd;             /* the database's socket as epoll knows it; -1: none */
    uint64_t watched_connection;
    uint64_t requests, most_requests;
    uint64_t connects, connects_failed; /* of the database, as far as counted */
    int64_t looked_ms, complained_ms;
    int64_t drain_until_ms;     /* 0: not told to empty the queue */
    bool is_leaving;
};

static const int worker_signals[] = { SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE };

void cab_worker_begin(const struct cab_worker_options *options, const char *name, sigset_t *mask_out) {
    prctl(PR_SET_NAME, name);
    signal(SIGINT, SIG_IGN); /* from the terminal it reaches the whole group; the master decides */
    signal(SIGQUIT, SIG_IGN);
    signal(SIGCHLD, SIG_DFL);
    cab_signals_init(worker_signals, CAB_LENGTH(worker_signals), mask_out);
    if (options->master == 0)
        return;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != options->master) /* it died before we asked to be told */
        _exit(0);
}

struct cab_db_options cab_daemon_db_options(const struct cab_conf *conf, const char *name) {
    return (struct cab_db_options){
        .url = conf->database_url,
        .application_name = name,
        .connect_timeout_s = (int)conf->db_connect_timeout,
        .statement_timeout_ms = (int)conf->db_statement_timeout * 1000,
        .lock_timeout_ms = (int)conf->db_lock_timeout * 1000,
        .recycle_s = (int)conf->db_pool_recycle,
        .pre_ping = conf->db_pool_pre_ping,
        .prepared = conf->db_prepared,
        .listen = true,
    };
}

/* ---- the database, between requests ---- */

/* One of many workers says that the database is away or back. */
static void note_database(struct worker *w, bool is_away, const struct cab_err *err) {
    if (atomic_load_explicit(&w->options->board->database_away, memory_order_relaxed) == is_away)
        return;
    int before = atomic_exchange(&w->options->board->database_away, is_away);
    if (is_away && before == 0)
        cab_log(CAB_LOG_ERROR, "the database is away: %s", err->internal[0] != '\0' ? err->internal : err->detail);
    else if (!is_away && before != 0)
        cab_log(CAB_LOG_INFO, "the database is back");
}

static void load_catalog(struct worker *w) {
    struct cab_err err;
    cab_err_clear(&err);
    if (cab_service_reload(&w->service, &err) != 0)
        cab_log(CAB_LOG_ERROR, "the catalog cannot be loaded: %s %s", err.detail, err.internal);
}

/* Once in the life of a pool: whether the server has room for all its workers. */
static void check_limits(struct worker *w) {
    struct cab_result *result;
    struct cab_err err;
    cab_err_clear(&err);
    if (atomic_exchange(&w->options->board->limits_checked, 1) != 0)
        return;
    if (cab_db_read(w->service.db, w->mem, CAB_SHAPE_ONE, cab_sql_text_connection_limits, 0, NULL, &result, &err) != 0)
        return;
    int64_t usable = cab_result_int64(result, 0, 0), role = cab_result_int64(result, 0, 1);
    int64_t wanted = w->conf->db_pool_size + w->conf->db_max_overflow;
    if (role >= 0 && role < usable)
        usable = role;
    if (wanted > usable)
        cab_log(CAB_LOG_WARN,
                "DB_POOL_SIZE and DB_MAX_OVERFLOW of this pool may take %" PRId64 " connections, the server allows "
                "%" PRId64 "; lower them or raise max_connections", wanted, usable);
    cab_mem_free(result);
}

/* Connects before the first request, so that no client waits for it; without a database we serve all the same. */
static void warm_up(struct worker *w) {
    struct cab_err err;
    int64_t began = cab_now_ms(), silent = atomic_load(&w->options->board->database_silent_ms);
    if (silent != 0 && began - silent < SILENT_MS)
        return;
    cab_err_clear(&err);
    if (cab_db_ready(w->service.db, &err) != 0) {
        note_database(w, true, &err);
        if (cab_now_ms() - began >= 1000)
            atomic_store(&w->options->board->database_silent_ms, cab_now_ms());
        return;
    }
    atomic_store(&w->options->board->database_silent_ms, 0);
    note_database(w, false, NULL);
    atomic_store(&w->options->board->database_answered, 1);
    cab_scoreboard_wake(w->options->board);
    check_limits(w);
    load_catalog(w);
}

/* Tells epoll of the connection's socket, which changes with each connect. */
static void watch_database(struct worker *w) {
    struct epoll_event event = { .events = EPOLLIN | EPOLLRDHUP };
    int fd = cab_db_socket(w->service.db);
    uint64_t connection = cab_db_reconnects(w->service.db);
    if (fd == w->watched_fd && connection == w->watched_connection)
        return;
    if (w->watched_fd >= 0)
        epoll_ctl(w->epoll, EPOLL_CTL_DEL, w->watched_fd, NULL); /* fails where its closing has removed it */
    w->watched_fd = -1;
    event.data.fd = fd;
    if (fd >= 0 && epoll_ctl(w->epoll, EPOLL_CTL_ADD, fd, &event) == 0)
        w->watched_fd = fd;
    w->watched_connection = connection;
}

static void count_connects(struct worker *w) {
    uint64_t connects = cab_db_connects(w->service.db), failed = cab_db_connects_failed(w->service.db);
    if (connects != w->connects)
        cab_metrics_count(w->options->shared, CAB_COUNTER_CONNECTS, connects - w->connects);
    if (failed != w->connects_failed)
        cab_metrics_count(w->options->shared, CAB_COUNTER_CONNECTS_FAILED, failed - w->connects_failed);
    w->connects = connects;
    w->connects_failed = failed;
}

/* A notification, a notice, or the server has gone. */
static void read_database(struct worker *w) {
    bool was_connected = cab_db_connected(w->service.db);
    bool has_hint = cab_db_drain_idle(w->service.db);
    if (was_connected && !cab_db_connected(w->service.db))
        return;
    if (has_hint)
        load_catalog(w);
}

/* What the worker holds, for those who look for leaks. */
static void log_census(const struct worker *w) {
    cab_log(CAB_LOG_INFO, "census: requests=%" PRIu64 " blocks=%zu bytes=%zu reconnects=%" PRIu64, w->requests,
            cab_mem_blocks(w->mem), cab_mem_bytes(w->mem), cab_db_reconnects(w->service.db));
}

/* ---- waiting ---- */

/* What the handler noted during a wait. */
static void hear_signals(struct worker *w) {
    w->looked_ms = cab_now_ms();
    if (cab_signal_take(SIGTERM) && w->drain_until_ms == 0)
        w->drain_until_ms = w->looked_ms + DRAIN_MS;
    if (cab_signal_take(SIGHUP))
        w->is_leaving = true;
    if (cab_signal_take(SIGUSR1))
        log_census(w);
}

/* Waits for a connection, the database's socket or a signal; -1: without limit, 0: only looks. */
static void wait_for_work(struct worker *w, int timeout_ms) {
    struct epoll_event events[4];
    watch_database(w);
    int n = epoll_pwait(w->epoll, events, CAB_LENGTH(events), timeout_ms, &w->mask);
    if (n < 0 && errno != EINTR)
        cab_die("the worker cannot wait: %s", strerror(errno));
    if (n > 0 && timeout_ms == 0)
        cab_signals_let_in(&w->mask);
    for (int i = 0; i < n; i++)
        if (events[i].data.fd != w->options->listen_fd)
            read_database(w);
    hear_signals(w);
}

/* Descriptors or memory are short: nothing is accepted for a moment, but signals are heard. */
static void pause_accepting(struct worker *w, int why) {
    int64_t now = cab_now_ms();
    if (w->complained_ms == 0 || now - w->complained_ms >= COMPLAIN_MS) {
        cab_log(CAB_LOG_ERROR, "no connection can be accepted: %s; trying on", strerror(why));
        w->complained_ms = now;
    }
    struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000L };
    ppoll(NULL, 0, &pause, &w->mask);
    hear_signals(w);
}

/* ---- requests ---- */

/* A stream moves on: its worker is not stuck, however long it takes. */
static void keep_busy(void *arg) {
    const struct worker *w = arg;
    cab_slot_busy(w->options->board, w->options->slot, cab_now_ms());
}

/* Before a peer that is slow to send is waited for. */
static void answer_the_others(void *arg) {
    struct worker *w = arg;
    cab_service_settle(&w->service);
}

static struct taken *add_taken(struct worker *w, struct cab_request *request) {
    struct taken *taken = &w->taken[w->n_taken++];
    taken->request = request;
    w->requests++;
    return taken;
}

/* Begins a request; false where it was answered. */
static bool begin(struct worker *w, struct cab_request *request) {
    struct taken *taken = add_taken(w, request);
    return cab_service_begin(&w->service, taken->fcgi, request, &taken->response);
}

static void refuse(struct worker *w, struct cab_request *request, const struct cab_err *err) {
    struct taken *taken = add_taken(w, request);
    cab_service_refuse(&w->service, taken->fcgi, request, err, &taken->response);
}

/* Answers a search, or lets it wait, so that more can be gathered: true then. */
static bool begin_search(struct worker *w, struct cab_request *request) {
    const struct cab_worker_options *o = w->options;
    struct cab_err err;
    int fd, records;
    bool may_begin = cab_search_enter(o->board, o->slot, w->conf);
    /* one that cannot be given up is rare, and no reason to be refused */
    if (may_begin || cab_fcgi_give_up(w->taken[w->n_taken].fcgi, request, &fd, &records) != 0) {
        bool is_gathering = begin(w, request);
        cab_search_leave(o->board, o->slot);
        return is_gathering;
    }
    if (cab_search_wait(o->board, fd, records) == 0) {
        cab_metrics_count(o->shared, CAB_COUNTER_SEARCHES_DELAYED, 1);
        return true;
    }
    cab_err_clear(&err);
    enum cab_fcgi_result got = cab_fcgi_take_over(w->taken[w->n_taken].fcgi, fd, records, &request, &err);
    if (got == CAB_FCGI_NONE)
        return true;
    err.retry_after = 5;
    (void)cab_fail(&err, CAB_PROBLEM_OVERLOADED, "Too many searches wait already; nothing was done.");
    refuse(w, request, &err);
    return false;
}

/* Reads the request on fd and begins it; false where it was answered, so that nothing more is to be gathered. */
static bool take(struct worker *w, int fd) {
    struct cab_request *request;
    struct cab_err err;

    cab_slot_busy(w->options->board, w->options->slot, cab_now_ms());
    cab_err_clear(&err);
    enum cab_fcgi_result got = cab_fcgi_take(w->taken[w->n_taken].fcgi, fd, &request, &err);
    if (got == CAB_FCGI_NONE)
        return true;
    if (got == CAB_FCGI_REFUSED) {
        refuse(w, request, &err);
        return false;
    }
    if (cab_query_is_search(request))
        return begin_search(w, request);
    /* nobody minds waiting a little with these, and they come all the time */
    if (strncmp(request->path, "/health/", strlen("/health/")) != 0)
        cab_search_other(w->options->board, request->arrived_ms);
    return begin(w, request);
}

/* Answers what still waits, and forgets the requests of this round. */
static void end_round(struct worker *w) {
    cab_service_settle(&w->service);
    count_connects(w);
    atomic_store_explicit(&w->options->board->slots[w->options->slot].requests, w->requests, memory_order_relaxed);
    int64_t arrived = w->taken[w->n_taken - 1].request->arrived_ms;
    while (w->n_taken > 0)
        cab_mem_free(w->taken[--w->n_taken].request->mem);
    if (cab_db_connected(w->service.db))
        note_database(w, false, NULL);
    if (arrived - w->looked_ms >= LOOK_MS)
        wait_for_work(w, 0);
}

/* Whether to try on after accept4 has failed. */
static bool is_passing(struct worker *w, int why) {
    switch (why) {
    case EAGAIN:
        return false;
    case EBADF:
    case EINVAL:
    case ENOTSOCK:
        cab_die("the listening socket is broken: %s", strerror(why));
    case EINTR:
    case ECONNABORTED: /* the peer has given up already */
    case EPROTO:
        return true;
    default: /* mostly EMFILE, ENFILE, ENOBUFS, ENOMEM */
        pause_accepting(w, why);
        return true;
    }
}

/* Answers the search that has waited longest, where one may begin. */
static bool serve_search(struct worker *w) {
    const struct cab_worker_options *o = w->options;
    struct cab_request *request;
    struct cab_err err;
    int fd, records;
    if (!cab_search_next(o->board, o->slot, w->conf, &fd, &records))
        return false;
    cab_slot_busy(o->board, o->slot, cab_now_ms());
    cab_err_clear(&err);
    enum cab_fcgi_result got = cab_fcgi_take_over(w->taken[0].fcgi, fd, records, &request, &err);
    if (got == CAB_FCGI_REQUEST)
        (void)begin(w, request);
    else if (got == CAB_FCGI_REFUSED)
        refuse(w, request, &err);
    if (w->n_taken > 0)
        end_round(w);
    cab_search_leave(o->board, o->slot);
    return true;
}

/* Takes connections that wait; false where none does. */
static bool serve_next(struct worker *w) {
    bool is_gathering = true;
    while (is_gathering && w->n_taken < CAB_TOGETHER_MAX) {
        int fd = accept4(w->options->listen_fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0 && w->n_taken > 0)
            break;
        if (fd < 0)
            return is_passing(w, errno);
        is_gathering = take(w, fd);
    }
    end_round(w);
    return true;
}

/* Told to leave we first take what may have been meant for us: its wake-up went to nobody else. */
static void loop(struct worker *w) {
    const struct cab_worker_options *o = w->options;
    for (;;) {
        bool served = serve_next(w);
        served = serve_search(w) || served;
        if (w->is_leaving || (w->most_requests > 0 && w->requests >= w->most_requests))
            break;
        if (served && (w->drain_until_ms == 0 || cab_now_ms() < w->drain_until_ms))
            continue;
        if (w->drain_until_ms != 0)
            break;
        cab_slot_idle(o->board, o->slot, cab_now_ms());
        bool is_unready = atomic_load_explicit(&o->board->ready_wanted, memory_order_relaxed) != 0 &&
                          !cab_db_connected(w->service.db);
        wait_for_work(w, is_unready ? TRY_MS : -1);
        if (is_unready && !w->is_leaving && w->drain_until_ms == 0 && !cab_listener_waiting(o->listen_fd))
            warm_up(w);
        if (w->is_leaving) {
            (void)serve_next(w);
            break;
        }
    }
    while (serve_search(w)) /* the others may all have left */
        ;
}

/* Spread, so that workers forked together do not leave together. */
static uint64_t retire_after(const struct cab_conf *conf) {
    uint64_t n = (uint64_t)conf->worker_max_requests;
    unsigned seed = (unsigned)getpid() * 2654435761u;
    return n == 0 ? 0 : n - n / 10 + (n >= 10 ? seed % (n / 5) : 0);
}

static void open_epoll(struct worker *w) {
    struct epoll_event event = { .events = EPOLLIN | EPOLLEXCLUSIVE, .data.fd = w->options->listen_fd };
    w->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (w->epoll < 0 || epoll_ctl(w->epoll, EPOLL_CTL_ADD, w->options->listen_fd, &event) != 0)
        cab_die("the worker cannot watch the listening socket: %s", strerror(errno));
}

int cab_worker_run(const struct cab_worker_options *options) {
    struct worker w = { .options = options, .conf = options->conf, .watched_fd = -1 };
    struct cab_fcgi_hooks hooks = { .wants_stream = cab_route_streams, .wait = answer_the_others, .busy = keep_busy,
                                    .arg = &w };

    cab_worker_begin(options, "cabinetd-worker", &w.mask);
    /* one arena, kept: otherwise each large answer gives its memory back to the system and takes it again */
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_TRIM_THRESHOLD, 2 * 1024 * 1024);
    mallopt(M_MMAP_THRESHOLD, 1024 * 1024);
    mallopt(M_MXFAST, 0); /* else small pieces are gathered up for each buffer of libfcgi and libpq */
    w.mem = cab_mem_alloc(NULL, 1);
    w.most_requests = retire_after(options->conf);
    for (size_t i = 0; i < CAB_LENGTH(w.taken); i++) {
        w.taken[i].fcgi = cab_fcgi_make(w.mem, options->listen_fd, (size_t)options->conf->max_body);
        cab_fcgi_hooks(w.taken[i].fcgi, &hooks);
    }
    struct cab_db_options db = cab_daemon_db_options(options->conf, cab_printf(w.mem, "cabinet[%d]", (int)getpid()));
    w.service = (struct cab_service){ .mem = w.mem, .conf = options->conf, .db = cab_db_make(w.mem, &db),
                                      .shared = options->shared, .metric_rows = options->metric_rows,
                                      .n_metric_rows = options->n_metric_rows,
                                      .check_catalog = cab_daemon_check_catalog };
    if (options->conf->database_read_url != NULL) {
        struct cab_db_options read = db;
        read.url = options->conf->database_read_url;
        read.listen = false;
        read.connect_timeout_s = 2; /* one that is silent costs as much once in a while */
        w.service.read_db = cab_db_make(w.mem, &read);
    }
    warm_up(&w);
    count_connects(&w);
    open_epoll(&w);
    cab_slot_idle(options->board, options->slot, cab_now_ms());
    cab_scoreboard_wake(options->board);

    loop(&w);
    close(w.epoll);
    cab_mem_free(w.mem);
    return 0;
}
