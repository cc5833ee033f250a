/*
 * master: one waiting point, and what each signal means.  It never touches a request or the database.
 *
 * TERM, INT, QUIT stop (workers finish; a second one kills them), HUP reloads settings and rolls the workers, USR2
 * executes the program again under the same pid, USR1 logs the state and each worker's use of memory.
 */
#include "daemon/health.h"
#include "daemon/internal.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

const char *const cab_daemon_required[] = { "DATABASE_URL", "SECRET_KEY", NULL };

static const int master_signals[] = { SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2, SIGCHLD, SIGPIPE };

enum cab_log_level cab_log_level_of(const struct cab_conf *conf) {
    static const char *const words[] = { [CAB_LOG_ERROR] = "error", [CAB_LOG_WARN] = "warn", [CAB_LOG_INFO] = "info",
                                         [CAB_LOG_DEBUG] = "debug" };
    for (size_t i = CAB_LOG_ERROR; i < CAB_LENGTH(words); i++)
        if (strcmp(words[i], conf->log_level) == 0)
            return (enum cab_log_level)i;
    return CAB_LOG_INFO;
}

void cab_conf_log_flaws(const struct cab_err *err) {
    for (const struct cab_flaw *flaw = err->flaws; flaw != NULL; flaw = flaw->next)
        cab_log(CAB_LOG_ERROR, "%s", flaw->detail);
}

/* Settings that a reload cannot change, because the listening socket stays. */
static void warn_fixed(const struct cab_conf *before, const struct cab_conf *after) {
    for (const struct cab_setting *s = cab_settings; s->name != NULL; s++) {
        bool same;
        if (s->type == CAB_SETTING_STRING || s->type == CAB_SETTING_WORD) {
            const char *a, *b;
            memcpy(&a, (const char *)before + s->offset, sizeof a);
            memcpy(&b, (const char *)after + s->offset, sizeof b);
            same = a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
        } else {
            same = memcmp((const char *)before + s->offset, (const char *)after + s->offset,
                          s->type == CAB_SETTING_INT ? sizeof(int64_t) : sizeof(bool)) == 0;
        }
        if (!same && !s->reload)
            cab_log(CAB_LOG_WARN, "%s has changed; it takes effect at the next start, not by a reload", s->name);
    }
}

static void reload(struct cab_pool *pool) {
    struct timespec now;
    struct cab_conf *conf;
    struct cab_err err;
    void *flaws = cab_mem_alloc(pool->mem, 1);
    struct cab_conf_sources sources = { .file = pool->conf_file, .pool = pool->name, .required = cab_daemon_required };

    clock_gettime(CLOCK_MONOTONIC, &now);
    cab_notify("RELOADING=1\nMONOTONIC_USEC=%lld", (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
    cab_err_clear(&err);
    if (cab_conf_load_from(flaws, &sources, &conf, &err) != 0) {
        cab_log(CAB_LOG_ERROR, "reload refused, the settings stay as they were:");
        cab_conf_log_flaws(&err);
        cab_notify("READY=1\nSTATUS=reload refused: %.200s", err.detail);
        cab_mem_free(flaws);
        return;
    }
    warn_fixed(pool->conf, conf);
    cab_mem_steal(pool->mem, conf);
    cab_mem_free(flaws);
    cab_mem_free(pool->conf);
    pool->conf = conf;
    pool->generation++;
    pool->is_rolling = true;
    pool->n_surplus = 0;
    pool->respawn = (struct cab_respawn){ 0 };
    cab_monitor_ask(pool); /* the next one has the new settings */
    cab_log_init("cabinetd", cab_log_level_of(conf));
    cab_log(CAB_LOG_INFO, "settings reloaded, workers are being replaced");
}

static void stop(struct cab_pool *pool) {
    if (pool->stopping_by_ms != 0) {
        cab_log(CAB_LOG_WARN, "told to stop again: workers are killed");
        cab_pool_kill_all(pool);
        return;
    }
    cab_log(CAB_LOG_INFO, "stopping: workers finish their requests");
    cab_notify("STOPPING=1");
    pool->stopping_by_ms = cab_now_ms() + pool->conf->worker_drain_timeout * 1000;
    pool->watches_listener = false; /* nobody is made for who comes now */
    if (pool->preflight > 0)
        kill(pool->preflight, SIGKILL);
    cab_monitor_ask(pool);
    /* Nobody can connect to a path that is gone, so emptying the queue ends.  An inherited socket is served by whoever
     * comes next, and so is its queue. */
    bool is_ours = pool->listener.path[0] != '\0' || !pool->listener.is_inherited;
    cab_listener_unlink(&pool->listener);
    cab_pool_ask_all(pool, is_ours ? SIGTERM : SIGHUP);
}

static void log_state(const struct cab_pool *pool) {
    struct cab_census census = cab_pool_census(pool);
    int used = atomic_load(&pool->board->slots_used), idle = 0;
    for (int slot = 0; slot < used; slot++)
        idle += atomic_load(&pool->board->slots[slot].state) == CAB_SLOT_IDLE;
    for (int slot = 0; slot < used; slot++)
        if (pool->children[slot].pid != 0)
            kill(pool->children[slot].pid, SIGUSR1);
    cab_log(CAB_LOG_INFO, "state: %d workers (%d idle, %d starting), %d old, %d leaving", census.current, idle,
            census.starting, census.old, census.leaving);
}

static void handle_signals(struct cab_pool *pool) {
    if (cab_signal_take(SIGCHLD))
        cab_pool_reap(pool);
    bool term = cab_signal_take(SIGTERM), interrupt = cab_signal_take(SIGINT), quit = cab_signal_take(SIGQUIT);
    if (term || interrupt || quit)
        stop(pool);
    if (cab_signal_take(SIGUSR1))
        log_state(pool);
    if (cab_signal_take(SIGHUP) && pool->stopping_by_ms == 0)
        reload(pool);
    if (cab_signal_take(SIGUSR2) && pool->stopping_by_ms == 0)
        cab_reexec_try(pool);
}

/* Sleeps until a signal, a worker's wake, a connection that nobody can take, or timeout. */
static void wait_for_news(struct cab_pool *pool, int64_t timeout_ms) {
    struct pollfd fds[2] = { { .fd = pool->board->wake_fd, .events = POLLIN },
                             { .fd = pool->listener.fd, .events = POLLIN } };
    uint64_t count;

    int ready = cab_signals_poll(fds, pool->watches_listener ? 2 : 1, timeout_ms, &pool->wait_mask);
    if (ready < 0 && errno != EINTR)
        cab_die("the master cannot wait: %s", strerror(errno));
    if (ready > 0 && fds[0].revents != 0 && read(pool->board->wake_fd, &count, sizeof count) < 0 && errno != EAGAIN)
        cab_die("the master cannot read its eventfd: %s", strerror(errno));
}

static int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/* One turn of the loop; the time until the next. */
static int64_t tend(struct cab_pool *pool) {
    cab_pool_check_time(pool);
    if (pool->stopping_by_ms != 0)
        return 200;
    cab_pool_keep(pool);
    cab_monitor_keep(pool);
    cab_pool_publish(pool);
    int64_t timeout = cab_pool_adapt(pool);
    int64_t throttled = cab_respawn_wait(&pool->respawn, cab_now_ms());
    return throttled > 0 ? least(timeout, throttled) : timeout;
}

static bool has_children(const struct cab_pool *pool) {
    struct cab_census census = cab_pool_census(pool);
    return census.current + census.old + census.leaving + census.shedders + census.inherited > 0 || pool->monitor > 0;
}

static void loop(struct cab_pool *pool) {
    int64_t watchdog = cab_notify_watchdog_ms(), last_alive = 0;
    for (;;) {
        handle_signals(pool);
        int64_t timeout = tend(pool);
        if (pool->stopping_by_ms != 0 && !has_children(pool))
            return;
        int64_t now = cab_now_ms();
        if (watchdog > 0 && now - last_alive >= watchdog / 2) {
            cab_notify("WATCHDOG=1");
            last_alive = now;
        }
        if (watchdog > 0)
            timeout = least(timeout, watchdog / 2);
        wait_for_news(pool, timeout > 0 ? timeout : 1);
    }
}

/* What cannot be shared with the other pools is shared by the workers of this one. */
static struct cab_shared *open_shared(struct cab_pool *pool) {
    struct cab_shared_options options = { .folder = pool->conf->runtime_folder,
                                          .throttle_entries = (size_t)pool->conf->throttle_entries };
    struct cab_shared *shared;
    struct cab_err err;
    cab_err_clear(&err);
    if (cab_shared_open(pool, &options, &shared, &err) == 0)
        return shared;
    cab_log(CAB_LOG_WARN, "RUNTIME_FOLDER: %s This pool counts for itself.", err.detail);
    return cab_shared_private(pool, &options);
}

/* Hosts that only serve may lack the migrations: readiness then cannot say whether the schema is behind. */
static void know_revisions(struct cab_pool *pool) {
    struct cab_err err;
    cab_err_clear(&err);
    if (cab_health_know(pool, pool->conf->cabinet_migrations, &err) != 0)
        cab_log(CAB_LOG_WARN, "CABINET_MIGRATIONS: %s /health/ready does not look whether the schema is behind.",
                err.detail);
}

/* Rows of the metrics for all routes, so that workers find theirs by its place in the table. */
static void name_metrics(struct cab_pool *pool) {
    int n = 0;
    while (cab_routes[n].path != NULL)
        n++;
    int *rows = cab_new_array(pool, int, (size_t)n);
    for (int i = 0; i < n; i++)
        rows[i] = cab_metrics_route(pool->shared, cab_method_name(cab_routes[i].method),
                                    cab_printf(rows, "%s%s", cab_routes[i].path[0] == '!' ? "" : CAB_BASE_PATH,
                                               cab_routes[i].path + (cab_routes[i].path[0] == '!')));
    pool->metric_rows = rows;
    pool->n_metric_rows = n;
    pool->metric_row = cab_metrics_pool(pool->shared, pool->conf->pool);
}

int cab_master_run(struct cab_conf *conf, const char *conf_file, const char *pool_name, char **argv) {
    struct cab_pool *pool = cab_new(NULL, struct cab_pool);
    struct cab_err err;

    pool->mem = pool;
    pool->conf = cab_mem_steal(pool, conf);
    pool->conf_file = conf_file;
    pool->name = pool_name;
    pool->argv = argv;
    cab_reexec_remember(pool);
    pool->burst = 1;
    pool->children = cab_new_array(pool, struct cab_child, CAB_SLOTS);
    prctl(PR_SET_NAME, "cabinetd");
    cab_signals_init(master_signals, CAB_LENGTH(master_signals), &pool->wait_mask);
    cab_err_clear(&err);
    if (cab_listener_open(conf, &pool->listener, &err) != 0) {
        cab_log(CAB_LOG_ERROR, "%s", err.detail);
        cab_mem_free(pool);
        return 1;
    }
    pool->board = cab_scoreboard_make();
    /* before the first worker: an idle one that has not seen it sleeps until a request comes */
    atomic_store(&pool->board->ready_wanted, getenv("NOTIFY_SOCKET") != NULL);
    pool->shared = open_shared(pool);
    name_metrics(pool);
    know_revisions(pool);
    cab_reexec_inherit(pool);
    cab_log(CAB_LOG_INFO, "pool %s listens on %s", conf->pool,
            pool->listener.is_inherited ? "the socket it was given" : conf->listen);
    loop(pool);
    cab_log(CAB_LOG_INFO, "stopped");
    cab_scoreboard_free(pool->board);
    close(pool->listener.fd);
    cab_mem_free(pool);
    return 0;
}
