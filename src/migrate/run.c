/*
 * Runs segments.  One statement an exchange: several in one simple query would be one implicit transaction.  A segment
 * that failed for a lock is rolled back and tried again as a whole, so that nobody waits behind us for long.
 */
#include "run.h"
#include "concurrent.h"
#include "interrupt.h"
#include "monitor.h"
#include "progress.h"
#include "statements.h"
#include "veto.h"

#include <stdlib.h>
#include <string.h>

#define PAUSE_FIRST_MS 500
#define PAUSE_MOST_MS 30000

struct runner {
    void *ctx;
    struct cab_db *db;
    const struct cab_graph *graph;
    struct cab_state *state;
    const struct cab_run_options *options;
    struct cab_progress progress;
    struct cab_err *err;
};

/* A segment of a step, and what an earlier run left of it. */
struct part {
    const struct cab_step *step;
    const struct cab_revision *revision;
    const struct cab_segment *segment;
    int segments;
    int64_t log_id;       /* of the entry of an earlier run; 0: none */
    int done;             /* statements that ran */
    bool was_interrupted; /* the statement behind them may have run too */
    bool is_complete;
    int64_t started_ms;
};

static const char *statement_text(const void *ctx, const struct cab_statement *statement) {
    return cab_strndup(ctx, statement->text, statement->len);
}

int cab_run_explain(struct cab_db *db, const char *path, const char *text, int line, struct cab_err *err) {
    if (err->sqlstate[0] == '\0')
        return -1;
    int left = cab_db_connected(db) ? cab_db_error_position(db) : 0;
    for (const char *p = text; left > 1 && *p != '\0'; p++) {
        if (((unsigned char)*p & 0xC0) != 0x80)
            left--;
        line += *p == '\n';
    }
    const char *words = strchr(err->internal, ' ');
    char said[400];
    size_t n = strlen(err->internal);
    if (words != NULL && strncmp(err->internal, "SQLSTATE ", 9) == 0 && n > 16)
        words = err->internal + 16;
    else
        words = err->internal;
    n = strlen(words) < sizeof(said) - 1 ? strlen(words) : sizeof(said) - 1;
    memcpy(said, words, n);
    said[n] = '\0';
    return cab_veto(err, "%s:%d: %s [%s]", path, line, said, err->sqlstate);
}

int cab_run_statement(void *ctx, struct cab_db *db, const char *path, const struct cab_statement *statement,
                      struct cab_err *err) {
    const char *text = statement_text(ctx, statement);
    if (cab_db_exec(db, text, err) == 0)
        return 0;
    return cab_run_explain(db, path, text, statement->line, err);
}

static bool is_lock_trouble(const struct cab_err *err) {
    return strcmp(err->sqlstate, "55P03") == 0 || strcmp(err->sqlstate, "40P01") == 0;
}

static int64_t lock_timeout(const struct runner *run, const struct cab_segment *segment) {
    return segment->lock_timeout_ms >= 0 ? segment->lock_timeout_ms : run->options->lock_timeout_ms;
}

/* Sleeps before try number again; false where there is no further try. */
static bool try_again(struct runner *run, const struct part *part, int again) {
    int retries = part->segment->retry >= 0 ? part->segment->retry : run->options->retries;
    if (again >= retries)
        return false;
    int64_t pause = PAUSE_FIRST_MS;
    for (int i = 0; i < again && pause < PAUSE_MOST_MS; i++)
        pause *= 2;
    pause = pause < PAUSE_MOST_MS ? pause : PAUSE_MOST_MS;
    pause = pause / 2 + random() % pause;
    cab_progress_note(&run->progress, "a lock was not free within %lld ms; next try in %lld ms (%d of %d)",
                      (long long)lock_timeout(run, part->segment), (long long)pause, again + 1, retries);
    return cab_sleep_ms(pause);
}

static struct cab_log_entry entry_of(const struct part *part, int done, int ok, const char *error) {
    return (struct cab_log_entry){.revision = part->revision->id, .direction = part->step->direction,
                                  .segment = part->segment->index, .segments = part->segments,
                                  .statements_done = done, .statement_sha256 = part->segment->sha256,
                                  .file_sha256 = part->revision->sha256, .error = error, .ok = ok,
                                  .started_ms = part->started_ms};
}

/* What belongs to the last segment, in its transaction. */
static int move_on(struct runner *run, const struct part *part) {
    if (part->segment->index < part->segments)
        return 0;
    if (cab_state_move(run->ctx, run->db, run->graph, run->state, part->step, run->err) != 0)
        return -1;
    return cab_state_raise(run->ctx, run->db, run->err);
}

static void roll_back(struct runner *run) {
    struct cab_err ignored = {0};
    if (cab_interrupted())
        cab_interrupt_ignore(run->db);
    cab_best_effort(cab_db_exec(run->db, "ROLLBACK", &ignored), &ignored);
}

/* Writes down a failure, where the connection still stands; the error itself is what matters. */
static void log_failure(struct runner *run, const struct part *part) {
    struct cab_err ignored = {0};
    struct cab_log_entry entry = entry_of(part, part->done, 0, run->err->detail);
    int rc;
    if (!cab_db_connected(run->db))
        return;
    if (part->log_id != 0)
        rc = cab_state_log_update(run->ctx, run->db, part->log_id, part->done, 0, run->err->detail, &ignored);
    else
        rc = cab_state_log(run->ctx, run->db, &entry, NULL, &ignored);
    cab_best_effort(rc, &ignored);
}

static int exec_all(struct runner *run, const struct part *part) {
    for (int i = 0; i < part->segment->n_statements; i++) {
        cab_progress_statement(&run->progress, part->segment->index, part->segments, i + 1,
                               part->segment->n_statements);
        if (cab_run_statement(run->ctx, run->db, part->revision->path, &part->segment->statements[i], run->err) != 0)
            return -1;
    }
    return 0;
}

/* One try of a segment in its transaction. */
static int transact(struct runner *run, const struct part *part) {
    int done = part->segment->n_statements > 0 ? part->segment->n_statements : 1;
    struct cab_log_entry entry = entry_of(part, done, 1, NULL);
    const char *settings = cab_printf(run->ctx, "SET LOCAL lock_timeout = %lld",
                                      (long long)lock_timeout(run, part->segment));
    struct cab_state before = *run->state;
    if (cab_db_exec(run->db, "BEGIN", run->err) == 0 && cab_db_exec(run->db, settings, run->err) == 0 &&
        exec_all(run, part) == 0 && cab_db_exec(run->db, "RESET ALL", run->err) == 0 &&
        cab_db_exec(run->db, "RESET ROLE", run->err) == 0 &&
        cab_state_log(run->ctx, run->db, &entry, NULL, run->err) == 0 && move_on(run, part) == 0) {
        if (cab_db_exec(run->db, "COMMIT", run->err) == 0)
            return 0;
        (void)cab_run_explain(run->db, part->revision->path, "", part->segment->line, run->err);
    }
    *run->state = before;
    roll_back(run);
    return -1;
}

static int run_transaction(struct runner *run, struct part *part) {
    for (int again = 0;; again++) {
        if (transact(run, part) == 0)
            return 0;
        if (!is_lock_trouble(run->err) || !try_again(run, part, again))
            break;
        cab_err_clear(run->err);
    }
    log_failure(run, part);
    return -1;
}

/* CONCURRENTLY waits for old transactions without holding others up, so it may wait for long. */
static int64_t patience(const struct runner *run, const struct part *part, const struct cab_statement *statement) {
    if (part->segment->lock_timeout_ms < 0 && cab_is_concurrent(statement))
        return 0;
    return lock_timeout(run, part->segment);
}

static int exec_alone(struct runner *run, struct part *part, const struct cab_statement *statement,
                      bool was_interrupted) {
    bool is_done;
    const char *settings = cab_printf(run->ctx, "SET lock_timeout = %lld", (long long)patience(run, part, statement));
    if (cab_db_exec(run->db, settings, run->err) != 0 ||
        cab_concurrent_prepare(run->ctx, run->db, statement, was_interrupted, &is_done, run->err) != 0)
        return -1;
    if (is_done || cab_run_statement(run->ctx, run->db, part->revision->path, statement, run->err) == 0)
        return 0;
    if (was_interrupted && cab_is_done_already(statement, run->err->sqlstate)) {
        cab_progress_note(&run->progress, "line %d was done before the interruption", statement->line);
        cab_err_clear(run->err);
        return 0;
    }
    return -1;
}

/* One statement with its retries; an invalid index of a failed try does not stay. */
static int run_alone(struct runner *run, struct part *part, const struct cab_statement *statement) {
    bool was_interrupted = part->was_interrupted;
    part->was_interrupted = false;
    for (int again = 0; exec_alone(run, part, statement, was_interrupted) != 0; again++) {
        struct cab_err ignored = {0};
        bool is_done;
        if (!is_lock_trouble(run->err) || !try_again(run, part, again)) {
            if (cab_db_connected(run->db))
                cab_best_effort(cab_concurrent_prepare(run->ctx, run->db, statement, false, &is_done, &ignored),
                                &ignored);
            return -1;
        }
        was_interrupted = false;
        cab_err_clear(run->err);
    }
    return 0;
}

static int begin_entry(struct runner *run, struct part *part) {
    if (part->log_id != 0)
        return cab_state_log_update(run->ctx, run->db, part->log_id, part->done, -1, NULL, run->err);
    struct cab_log_entry entry = entry_of(part, 0, -1, NULL);
    return cab_state_log(run->ctx, run->db, &entry, &part->log_id, run->err);
}

/* Statements one by one, each remembered, then the version row in a transaction of its own. */
static int run_plain(struct runner *run, struct part *part) {
    const struct cab_segment *segment = part->segment;
    if (begin_entry(run, part) != 0)
        return -1;
    while (part->done < segment->n_statements) {
        cab_progress_statement(&run->progress, segment->index, part->segments, part->done + 1, segment->n_statements);
        if (run_alone(run, part, &segment->statements[part->done]) != 0) {
            log_failure(run, part);
            return -1;
        }
        part->done++;
        if (cab_state_log_update(run->ctx, run->db, part->log_id, part->done, -1, NULL, run->err) != 0)
            return -1;
    }
    struct cab_state before = *run->state;
    int done = part->done > 0 ? part->done : 1;
    if (cab_db_exec(run->db, "RESET ALL", run->err) == 0 && cab_db_exec(run->db, "RESET ROLE", run->err) == 0 &&
        cab_db_exec(run->db, "BEGIN", run->err) == 0 &&
        cab_state_log_update(run->ctx, run->db, part->log_id, done, 1, NULL, run->err) == 0 &&
        move_on(run, part) == 0 && cab_db_exec(run->db, "COMMIT", run->err) == 0)
        return 0;
    *run->state = before;
    roll_back(run);
    return -1;
}

/* What an earlier run left of the segment. */
static int recall(struct runner *run, struct part *part, const struct cab_result *rows) {
    for (int i = 0; rows != NULL && i < cab_result_rows(rows); i++) {
        if (cab_result_int64(rows, i, 0) != part->segment->index)
            continue;
        const char *sha256 = cab_result_value(rows, i, 3), *ok = cab_result_value(rows, i, 2);
        if (sha256 == NULL || strcmp(sha256, part->segment->sha256) != 0)
            return cab_veto(run->err, "%s:%d: this segment was edited after it had begun to run. "
                            "Put the old text back and run again.", part->revision->path, part->segment->line);
        part->log_id = cab_result_int64(rows, i, 4);
        part->done = (int)cab_result_int64(rows, i, 1);
        part->is_complete = ok != NULL && ok[0] == 't';
        part->was_interrupted = ok == NULL;
    }
    return 0;
}

static int run_step(struct runner *run, const struct cab_step *step, const struct cab_revision *revision) {
    struct cab_result *rows = NULL;
    bool is_part = run->state->part != NULL && strcmp(run->state->part, revision->id) == 0;
    const char *values[] = {revision->id};
    if (is_part && cab_db_query(run->db, run->ctx, CAB_SHAPE_ANY, cab_sql_text_migrate_partial, 1, values, &rows,
                                run->err) != 0)
        return -1;
    struct part part = {.step = step, .revision = revision,
                        .segments = cab_revision_count(revision, step->direction)};
    for (int i = 1; i <= part.segments; i++) {
        part.segment = cab_revision_segment(revision, step->direction, i);
        part.log_id = part.done = 0;
        part.is_complete = part.was_interrupted = false;
        part.started_ms = cab_now_ms();
        if (recall(run, &part, rows) != 0)
            return -1;
        if (part.is_complete)
            continue;
        if ((part.segment->is_transaction ? run_transaction : run_plain)(run, &part) != 0)
            return -1;
    }
    if (is_part)
        run->state->part = NULL;
    return 0;
}

/* A revision that ran in part comes first, in the same direction. */
static int check_part(struct runner *run, const struct cab_plan *plan) {
    const struct cab_state *state = run->state;
    if (state->part == NULL)
        return 0;
    const struct cab_step *first = plan->n > 0 ? &plan->steps[0] : NULL;
    if (first != NULL && strcmp(first->revision->id, state->part) == 0 &&
        strcmp(cab_direction_word(first->direction), state->part_direction) == 0)
        return 0;
    return cab_veto(run->err, "The %s of revision %s stopped half-way. Complete it first: "
                    "cabinet-migrate %s.", state->part_direction, state->part,
                    strcmp(state->part_direction, "upgrade") == 0 ? "upgrade +1" : "downgrade -1");
}

int cab_run_plan(void *ctx, struct cab_db *db, const struct cab_graph *graph, struct cab_state *state,
                 const struct cab_plan *plan, const struct cab_run_options *options, struct cab_err *err) {
    struct runner run = {.ctx = ctx, .db = db, .graph = graph, .state = state, .options = options, .err = err};
    struct cab_revision **read = cab_new_array(ctx, struct cab_revision *, (size_t)plan->n + 1);
    if (check_part(&run, plan) != 0)
        return -1;
    for (int i = 0; i < plan->n; i++) {
        if (cab_revision_read(read, plan->steps[i].revision->path, &read[i], err) != 0)
            return -1;
    }
    bool is_watched = options->url != NULL && !options->is_quiet && plan->n > 0;
    pid_t monitor = is_watched ? cab_monitor_start(options->url, cab_db_backend_pid(db)) : 0;
    int rc = 0;
    cab_progress_init(&run.progress, options->is_quiet);
    for (int i = 0; i < plan->n && rc == 0; i++) {
        void *tmp = run.ctx = cab_mem_alloc(ctx, 1);
        cab_progress_begin(&run.progress, cab_direction_word(plan->steps[i].direction), read[i], i + 1, plan->n);
        rc = run_step(&run, &plan->steps[i], read[i]);
        cab_progress_end(&run.progress, rc == 0);
        cab_mem_steal(ctx, run.state->at);
        cab_mem_free(tmp);
    }
    cab_monitor_stop(monitor);
    return rc;
}
