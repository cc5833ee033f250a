/*
 * housekeeping: what must be done now and then, one process a cluster.  The table of jobs is the list; a job is one
 * short statement or a few, so that TERM is never waited for long.
 */
#include "daemon/internal.h"

#include <cabinet/mail.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "statements.h"

/* While another process is the housekeeper, or the database is away. */
#define RETRY_MS 10000
#define AWAY_MS 1000
/* A batch of rows is so small that its statement is short. */
#define BATCHES 100

/* Whether we were told to end; for jobs that wait for others. */
static bool is_told_to_end(void) {
    sigset_t pending;
    cab_notify("WATCHDOG=1");
    return sigpending(&pending) == 0 && (sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGINT) == 1 ||
                                         sigismember(&pending, SIGQUIT) == 1);
}

/* days is the value of the statement that has one, or NULL. */
static int run_once(const struct cab_job_run *run, const char *sql, const char *days, int64_t *changed_out,
                    struct cab_err *err) {
    struct cab_result *result;
    if (cab_db_query(run->db, run->mem, CAB_SHAPE_ONE, sql, days != NULL ? 1 : 0, &days, &result, err) != 0)
        return -1;
    *changed_out = cab_result_int64(result, 0, 0);
    cab_mem_free(result);
    return 0;
}

/* Again until nothing is left, but not for ever. */
static int run_batches(const struct cab_job_run *run, const char *sql, const char *days, int64_t *changed_out,
                       struct cab_err *err) {
    int64_t changed = 1, sum = 0;
    for (int i = 0; i < BATCHES && changed > 0 && !is_told_to_end(); i++) {
        if (run_once(run, sql, days, &changed, err) != 0)
            return -1;
        sum += changed;
    }
    *changed_out = sum;
    return 0;
}

static int ensure_partitions(const struct cab_job_run *run, int64_t *changed_out, struct cab_err *err) {
    return run_once(run, cab_sql_text_job_audit_partitions, NULL, changed_out, err);
}

static int remove_sessions(const struct cab_job_run *run, int64_t *changed_out, struct cab_err *err) {
    return run_batches(run, cab_sql_text_job_expired_sessions, NULL, changed_out, err);
}

static int remove_tokens(const struct cab_job_run *run, int64_t *changed_out, struct cab_err *err) {
    return run_batches(run, cab_sql_text_job_one_time_tokens, NULL, changed_out, err);
}

static int remove_api_keys(const struct cab_job_run *run, int64_t *changed_out, struct cab_err *err) {
    return run_batches(run, cab_sql_text_job_expired_api_keys, NULL, changed_out, err);
}

static int remove_login_failures(const struct cab_job_run *run, int64_t *changed_out, struct cab_err *err) {
    return run_batches(run, cab_sql_text_job_login_failures, NULL, changed_out, err);
}

static int remove_used_attempts(const struct cab_job_run *run, int64_t *changed_out, struct cab_err *err) {
    return run_batches(run, cab_sql_text_job_oauth_used, NULL, changed_out, err);
}

static int remove_idempotency_keys(const struct cab_job_run *run, int64_t *changed_out, struct cab_err *err) {
    return run_batches(run, cab_sql_text_job_idempotency_keys, NULL, changed_out, err);
}

/* Each second, and cheap where nothing was written; that it was done is no news. */
static int merge_counts(const struct cab_job_run *run, int64_t *changed_out, struct cab_err *err) {
    int rc = run_batches(run, cab_sql_text_job_counts, NULL, changed_out, err);
    *changed_out = 0;
    return rc;
}

static int remove_mails(const struct cab_job_run *run, int64_t *changed_out, struct cab_err *err) {
    return run_batches(run, cab_sql_text_job_mail_outbox, NULL, changed_out, err);
}

static int send_mails(const struct cab_job_run *run, int64_t *changed_out, struct cab_err *err) {
    return cab_mail_send_due(run->db, run->conf, run->mem, is_told_to_end, changed_out, err);
}

static char *days(const struct cab_job_run *run, int64_t n) {
    return cab_printf(run->mem, "%" PRId64, n);
}

static int remind_of_deletions(const struct cab_job_run *run, int64_t *changed_out, struct cab_err *err) {
    return run_once(run, cab_sql_text_job_deletion_reminders, days(run, run->conf->account_deletion_grace_days),
                    changed_out, err);
}

static int delete_accounts(const struct cab_job_run *run, int64_t *changed_out, struct cab_err *err) {
    struct cab_result *clock;
    if (cab_db_query(run->db, run->mem, CAB_SHAPE_ONE, cab_sql_text_job_clock, 0, NULL, &clock, err) != 0)
        return -1;
    if (cab_result_bool(clock, 0, 0))
        cab_log(CAB_LOG_WARN, "deletions follow the table cabinet.clock, which is for tests only");
    return run_batches(run, cab_sql_text_job_due_deletions, NULL, changed_out, err);
}

static int purge_accounts(const struct cab_job_run *run, int64_t *changed_out, struct cab_err *err) {
    return run_batches(run, cab_sql_text_job_purge_users, days(run, run->conf->deleted_user_retention_days),
                       changed_out, err);
}

const struct cab_job cab_jobs[] = {
    { "counts", 1, merge_counts, "add up what was written to counted tables" },
    { "mail", 2, send_mails, "send mail that is due" },
    { "deletion_reminders", 300, remind_of_deletions, "remind of deletions that are three days or one day away" },
    { "account_deletions", 60, delete_accounts, "delete accounts whose time of grace is over" },
    { "account_purge", 3600, purge_accounts, "forget people whose accounts were deleted long enough ago" },
    { "audit_partitions", 6 * 3600, ensure_partitions, "keep the audit trail's partitions three months ahead" },
    { "expired_sessions", 600, remove_sessions, "remove sessions that have expired" },
    { "idempotency_keys", 3600, remove_idempotency_keys, "remove answers kept under an Idempotency-Key for a day" },
    { "expired_api_keys", 6 * 3600, remove_api_keys, "remove API keys that expired 30 days ago" },
    { "login_failures", 3600, remove_login_failures, "remove counts of failed logins that count no more" },
    { "expired_tokens", 600, remove_tokens, "remove one-time tokens that have expired" },
    { "oauth_used", 600, remove_used_attempts, "remove attempts to sign in at a provider that are too old to count" },
    { "old_mail", 600, remove_mails, "remove mails that were done with 30 days ago" },
    { .name = NULL },
};

struct housekeeper {
    const struct cab_conf *conf;
    void *mem;
    struct cab_db *db;
    sigset_t mask;
    int64_t due_ms[16];         /* by row of the table */
    bool is_ours;               /* we hold the advisory lock */
    uint64_t locked_connection; /* on this connection */
    int64_t lost_ms;            /* when it was lost */
    bool is_away;               /* the database; said once */
    bool is_stopping, is_reloading;
};

static const int housekeeping_signals[] = { SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE };

/* Waits for the next job, a signal, or news from the database's socket. */
static void rest(struct housekeeper *h, int64_t ms) {
    struct pollfd fd = { .fd = cab_db_socket(h->db), .events = POLLIN };
    int ready = cab_signals_poll(&fd, fd.fd >= 0 ? 1 : 0, ms, &h->mask);
    if (ready < 0 && errno != EINTR)
        cab_die("housekeeping cannot wait: %s", strerror(errno));
    if (ready > 0)
        (void)cab_db_drain_idle(h->db);
    bool term = cab_signal_take(SIGTERM), interrupt = cab_signal_take(SIGINT), quit = cab_signal_take(SIGQUIT);
    h->is_stopping = h->is_stopping || term || interrupt || quit;
    h->is_reloading = h->is_reloading || cab_signal_take(SIGHUP);
}

/* The lock lives as long as the connection; a lost connection lost it too. */
static int take_lock(struct housekeeper *h, struct cab_err *err) {
    struct cab_result *result;
    if (cab_db_ready(h->db, err) != 0)
        return -1;
    if (h->is_ours && h->locked_connection == cab_db_reconnects(h->db))
        return 0;
    bool was_ours = h->is_ours;
    if (was_ours)
        h->lost_ms = cab_now_ms();
    h->is_ours = false;
    if (cab_db_query(h->db, h->mem, CAB_SHAPE_ONE, cab_sql_text_housekeeping_lock, 0, NULL, &result, err) != 0)
        return -1;
    h->is_ours = cab_result_bool(result, 0, 0);
    h->locked_connection = cab_db_reconnects(h->db);
    cab_mem_free(result);
    if (h->is_ours && !was_ours)
        cab_log(CAB_LOG_INFO, "housekeeping for this database is ours");
    return 0;
}

static int run_due(struct housekeeper *h, struct cab_err *err) {
    for (size_t i = 0; cab_jobs[i].name != NULL && !h->is_stopping && !h->is_reloading; i++) {
        int64_t changed = 0;
        if (cab_now_ms() < h->due_ms[i])
            continue;
        h->due_ms[i] = cab_now_ms() + cab_jobs[i].interval_s * INT64_C(1000);
        struct cab_job_run run = { .db = h->db, .conf = h->conf, .mem = cab_mem_alloc(h->mem, 1) };
        int rc = cab_jobs[i].run(&run, &changed, err);
        cab_mem_free(run.mem);
        if (rc != 0) {
            if (err->problem == CAB_PROBLEM_UNAVAILABLE || err->problem == CAB_PROBLEM_FATE_UNKNOWN) {
                h->due_ms[i] = 0;
                return -1;
            }
            /* this job's own trouble: the others go on, and it is tried again soon */
            cab_log(CAB_LOG_ERROR, "job %s failed: %s %s", cab_jobs[i].name, err->detail, err->internal);
            h->due_ms[i] = cab_now_ms() + 60000;
            cab_err_clear(err);
        } else if (changed > 0) {
            cab_log(CAB_LOG_INFO, "job %s: %" PRId64, cab_jobs[i].name, changed);
        }
        rest(h, 0);
    }
    return 0;
}

static int64_t until_next(const struct housekeeper *h) {
    int64_t now = cab_now_ms(), least = 3600000;
    for (size_t i = 0; cab_jobs[i].name != NULL; i++)
        if (h->due_ms[i] - now < least)
            least = h->due_ms[i] - now;
    return least > 0 ? least : 0;
}

/* One turn; how long to rest after it. */
static int64_t turn(struct housekeeper *h) {
    struct cab_err err;
    cab_err_clear(&err);
    if (take_lock(h, &err) != 0 || (h->is_ours && run_due(h, &err) != 0)) {
        if (!h->is_away)
            cab_log(CAB_LOG_ERROR, "housekeeping waits for the database: %s",
                    err.internal[0] != '\0' ? err.internal : err.detail);
        h->is_away = true;
        return AWAY_MS;
    }
    if (h->is_away)
        cab_log(CAB_LOG_INFO, "the database is back");
    h->is_away = false;
    if (h->is_ours)
        return until_next(h);
    /* the server may still be ending the connection that had the lock */
    return cab_now_ms() - h->lost_ms < RETRY_MS ? AWAY_MS : RETRY_MS;
}

int cab_housekeeping_run(const struct cab_conf *conf) {
    struct housekeeper h = { .conf = conf };
    struct cab_db_options options = cab_daemon_db_options(conf, "cabinet[housekeeping]");
    int64_t watchdog = cab_notify_watchdog_ms();

    prctl(PR_SET_NAME, "cabinetd-house");
    cab_signals_init(housekeeping_signals, CAB_LENGTH(housekeeping_signals), &h.mask);
    for (size_t n = 0; cab_jobs[n].name != NULL; n++)
        CAB_BUG_ON(n >= CAB_LENGTH(h.due_ms));
    h.mem = cab_mem_alloc(NULL, 1);
    options.listen = false;
    h.db = cab_db_make(h.mem, &options);
    cab_notify("READY=1\nSTATUS=housekeeping");
    while (!h.is_stopping && !h.is_reloading) {
        int64_t ms = turn(&h);
        cab_notify("WATCHDOG=1");
        if (h.is_stopping || h.is_reloading) /* heard between two jobs */
            break;
        rest(&h, watchdog > 0 && watchdog / 2 < ms ? watchdog / 2 : ms);
    }
    if (h.is_stopping)
        cab_notify("STOPPING=1");
    cab_mem_free(h.mem);
    return h.is_stopping ? 0 : CAB_HOUSEKEEPING_RELOAD;
}
