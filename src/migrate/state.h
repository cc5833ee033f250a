/*
 * migrate/state: what the database says of its own revisions: version rows, log, lock.  Knows tables cabinet.version
 * and cabinet.migration_log, which it makes itself.  Must not know command lines.
 */
#ifndef CABINET_MIGRATE_STATE_H
#define CABINET_MIGRATE_STATE_H

#include "graph.h"
#include <cabinet/db.h>

struct cab_ran {
    const char *revision, *file_sha256; /* checksum NULL: not recorded */
};

struct cab_state {
    bool is_made;                    /* the version table exists */
    const char **at; int n_at;       /* version rows */
    struct cab_ran *ran; int n_ran;  /* filled by cab_state_load_all */
    const char *part;                /* a revision of which only some segments ran, or NULL */
    const char *part_direction;      /* "upgrade" or "downgrade" */
};

/* Version rows only, or all; one round trip each.  A database without the tables is at no revision. */
int cab_state_load(void *ctx, struct cab_db *db, struct cab_state **state_out, struct cab_err *err) CAB_MUST_CHECK;
int cab_state_load_all(void *ctx, struct cab_db *db, struct cab_state **state_out, struct cab_err *err) CAB_MUST_CHECK;

/* Makes schema cabinet and the tables where they are missing, in one transaction. */
int cab_state_make(struct cab_db *db, struct cab_err *err) CAB_MUST_CHECK;
/* The statements of cab_state_make, for offline scripts; ended by NULL.  They do no harm where all is there. */
extern const char *const cab_state_ddl[];

/* INVALID where the file of a revision that ran was edited since. */
int cab_state_check_files(void *ctx, const struct cab_state *state, const struct cab_graph *graph,
                          struct cab_err *err) CAB_MUST_CHECK;

/* Moves the version rows as step wants; exactly the expected rows must be there. */
int cab_state_move(void *ctx, struct cab_db *db, const struct cab_graph *graph, struct cab_state *state,
                   const struct cab_step *step, struct cab_err *err) CAB_MUST_CHECK;

/* One log entry; ok: -1 while it runs, 0, 1; started_ms of cab_now_ms.  id_out may be NULL. */
struct cab_log_entry {
    const char *revision;
    enum cab_direction direction;
    int segment, segments, statements_done;
    const char *statement_sha256, *file_sha256, *error;
    int ok;
    int64_t started_ms;
};
int cab_state_log(void *ctx, struct cab_db *db, const struct cab_log_entry *entry, int64_t *id_out,
                  struct cab_err *err) CAB_MUST_CHECK;
int cab_state_log_update(void *ctx, struct cab_db *db, int64_t id, int statements_done, int ok, const char *error,
                         struct cab_err *err) CAB_MUST_CHECK;

/* Raises the catalog's generation, where the schema has one, and tells the workers; inside the caller's transaction. */
int cab_state_raise(void *ctx, struct cab_db *db, struct cab_err *err) CAB_MUST_CHECK;

/* Takes the lock of runners, polling up to wait_ms; tells on standard error for whom it waits.  OVERLOADED where not
 * got. */
int cab_state_lock(void *ctx, struct cab_db *db, int64_t wait_ms, struct cab_err *err) CAB_MUST_CHECK;
void cab_state_unlock(void *ctx, struct cab_db *db);

const char *cab_direction_word(enum cab_direction direction);
/* For work whose failure changes nothing: goes to the log. */
void cab_best_effort(int rc, const struct cab_err *err);
/* Sleeps; false where a signal asked to stop. */
bool cab_sleep_ms(int64_t ms);

#endif
