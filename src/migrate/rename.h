/*
 * migrate/rename: tables and columns that have another name in the models.  Renames are run on the scratch database of
 * the revisions before it is compared, so that the server carries the names everywhere; they are never guessed.
 */
#ifndef CABINET_MIGRATE_RENAME_H
#define CABINET_MIGRATE_RENAME_H

#include "diff/diff.h"
#include "scratch.h"

struct cab_renames {
    const char **up, **down; /* down[i] undoes up[i] */
    const char **objects;    /* what was renamed, under its old name; NULL: only a constraint and the like */
    int n;
    const char **guards;     /* before anything is undone: fail where what down needs is gone */
    int n_guards;
};

/* By annotations was(old) of the models, and by list ("table:public.a=b,column:public.t.a=b", or NULL). */
int cab_renames_run(void *ctx, struct cab_scratch *revisions, struct cab_scratch *models, const char *list,
                    struct cab_renames *renames, struct cab_err *err) CAB_MUST_CHECK;

/* Tables dropped and made again under another name with the same columns, and such columns: asks at a terminal, else
 * says how to tell.  *asked_out: something was renamed, so that the facts must be read again. */
int cab_renames_ask(void *ctx, struct cab_scratch *revisions, struct cab_scratch *models, const struct cab_facts *from,
                    const struct cab_facts *to, const struct cab_diff_plan *plan, struct cab_renames *renames,
                    bool *asked_out, struct cab_err *err) CAB_MUST_CHECK;

/* Runs up on db and remembers it with what undoes it. */
int cab_rename_run(void *ctx, struct cab_db *db, struct cab_renames *list, const char *object, const char *up,
                   const char *down, struct cab_err *err) CAB_MUST_CHECK;

#endif
