/*
 * migrate/lint: what statements written by hand do to a busy database, as far as their words tell.  There is no parser:
 * rules look at keywords and names of one statement, and at what the revision made before it.
 */
#ifndef CABINET_MIGRATE_LINT_H
#define CABINET_MIGRATE_LINT_H

#include "revision_file.h"

struct cab_finding {
    const char *rule;    /* "drop-column" */
    const char *class;   /* of the hazard: "DATA_LOSS" */
    const char *object;  /* "public.users.bio" */
    const char *advice;
    int line;
    enum cab_direction direction;
};

struct cab_findings {
    struct cab_finding *items;
    int n;
};

/* All findings of a revision that was read whole, in the order of the file; below ctx. */
void cab_lint_revision(void *ctx, const struct cab_revision *revision, struct cab_findings *findings);

#endif
