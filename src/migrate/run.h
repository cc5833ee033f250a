/*
 * migrate/run: applies the steps of a plan to a database.
 */
#ifndef CABINET_MIGRATE_RUN_H
#define CABINET_MIGRATE_RUN_H

#include "state.h"

struct cab_run_options {
    int64_t lock_timeout_ms; /* longest wait of a statement for a lock, before the segment is tried again */
    int retries;             /* tries of a segment after the first that failed for a lock or a deadlock */
    bool is_quiet;           /* no progress lines */
    const char *url;         /* for a second connection that tells who holds us up, or NULL */
};

/*
 * Runs the steps; state is where the database is, read under the lock.  All files are read before the first statement
 * runs.  A failed segment is rolled back and logged; what ran before it stays, and a rerun continues behind it.
 * INVALID with file and line where the server refused a statement; err->internal holds the server's words.
 */
int cab_run_plan(void *ctx, struct cab_db *db, const struct cab_graph *graph, struct cab_state *state,
                 const struct cab_plan *plan, const struct cab_run_options *options, struct cab_err *err)
    CAB_MUST_CHECK;

/* Runs all segments of one direction on a scratch database: no log, no version rows, no retries. */
int cab_run_bare(void *ctx, struct cab_db *db, const struct cab_revision *revision, enum cab_direction direction,
                 struct cab_err *err) CAB_MUST_CHECK;

/* Upgrades an empty scratch database through all revisions of graph, in the same way. */
int cab_run_replay(void *ctx, struct cab_db *db, const struct cab_graph *graph, struct cab_err *err) CAB_MUST_CHECK;

/* Runs one statement; on failure err reads "path:line: the server's words". */
int cab_run_statement(void *ctx, struct cab_db *db, const char *path, const struct cab_statement *statement,
                      struct cab_err *err) CAB_MUST_CHECK;

/* Rewrites an error of the last cab_db_exec as "path:line: the server's words"; returns -1. */
int cab_run_explain(struct cab_db *db, const char *path, const char *text, int line, struct cab_err *err);

#endif
