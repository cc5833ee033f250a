/*
 * migrate/diff: what two catalogs differ in, and the statements that lead from one to the other.
 *
 * Facts are read from a connection (the server's own definitions only), compared by name, and planned: what must be
 * dropped, altered, made, in an order that the recorded dependencies allow.  Must not know revisions, files or options
 * of the command line.
 */
#ifndef CABINET_MIGRATE_DIFF_H
#define CABINET_MIGRATE_DIFF_H

#include <cabinet/db.h>

struct cab_facts; /* one catalog */

/* Reads the catalog in one read-only snapshot of its own; db must not be inside a transaction.  facts_out is below ctx
 * and needs db no longer. */
int cab_facts_load(void *ctx, struct cab_db *db, struct cab_facts **facts_out, struct cab_err *err) CAB_MUST_CHECK;

/* SHA-256 in hex of all that is compared; equal catalogs have equal hashes (65 bytes). */
void cab_facts_hash(const struct cab_facts *facts, char out[65]);

/* Objects that are not modelled, e.g. "base type public.box3"; n_out of them. */
const char *const *cab_facts_unmodelled(const struct cab_facts *facts, int *n_out);

enum cab_hazard {
    CAB_HAZARD_DATA_LOSS = 1,
    CAB_HAZARD_TABLE_REWRITE,
    CAB_HAZARD_FULL_SCAN_LOCKED,
    CAB_HAZARD_BLOCKS_WRITES,
    CAB_HAZARD_INDEX_BUILD,
    CAB_HAZARD_INDEX_DROPPED,
    CAB_HAZARD_MAY_FAIL_ON_DATA,
    CAB_HAZARD_NEEDS_BACKFILL, /* rows got a placeholder because the new column must not be null */
    CAB_HAZARD_AUTHZ,
    CAB_HAZARD_BREAKS_OLD_APP,
    CAB_HAZARD__MAX
};

/* "DATA_LOSS" */
const char *cab_hazard_word(enum cab_hazard hazard);

enum {
    CAB_STEP_ALONE = 1,      /* outside any transaction: CONCURRENTLY */
    CAB_STEP_COMMIT_AFTER = 2, /* the transaction must end before the next step: ALTER TYPE … ADD VALUE */
    CAB_STEP_VALIDATES = 4   /* VALIDATE CONSTRAINT: in a later transaction than the NOT VALID constraint */
};

struct cab_diff_hazard {
    enum cab_hazard hazard;
    const char *object; /* e.g. "public.users.bio" */
    const char *why;
};

/* One statement, ended by a semicolon. */
struct cab_diff_step {
    const char *text;
    unsigned flags;
    const char *kind, *object; /* what it is about, e.g. "column", "public.users.bio" */
};

enum cab_difference_op { CAB_DIFFERENCE_ADD = 1, CAB_DIFFERENCE_DROP, CAB_DIFFERENCE_CHANGE };

/* One difference, without SQL. */
struct cab_difference {
    enum cab_difference_op op;
    const char *kind, *object; /* "column", "public.users.bio" */
    const char *attributes;    /* of a CHANGE: "type, not_null" */
};

struct cab_diff_plan {
    struct cab_difference *differences;
    int n_differences;
    struct cab_diff_step *steps;
    int n_steps;
    struct cab_diff_hazard *hazards;
    int n_hazards;
    const char **notes; /* column order, objects that are not modelled */
    int n_notes;
};

struct cab_diff_options {
    bool careful;     /* for a busy database: CONCURRENTLY, NOT VALID then VALIDATE; else one script that also runs in
                         a single transaction */
    bool no_fill;     /* leave new NOT NULL columns without a placeholder for the rows there are */
    const char *role; /* who will run it, quoted as in SQL; NULL: the role that read `from` */
};

/* The steps that turn from into to.  plan_out is below ctx and points into both.  Fails (INTERNAL) where dependencies
 * leave no order, naming the objects.  Both sets are marked by planning: use them for one plan at a time. */
int cab_diff_plan(void *ctx, struct cab_facts *from, struct cab_facts *to, const struct cab_diff_options *options,
                  struct cab_diff_plan **plan_out, struct cab_err *err) CAB_MUST_CHECK;

/* Whether the catalogs are equal as far as they are modelled. */
bool cab_facts_equal(const struct cab_facts *a, const struct cab_facts *b);

/* The plan as a script: hazards and notes as comments at the top, then the statements. */
void cab_diff_print(const struct cab_diff_plan *plan, struct cab_buf *buf);

/* `cabinet-migrate diff`: reads both URLs, prints the script on standard output.  Returns the exit status. */
int cab_migrate_diff(const char *from_url, const char *to_url, bool careful);

#endif
