/*
 * migrate/write: makes revision files.  Must not know what stands in them beyond the header.
 */
#ifndef CABINET_MIGRATE_WRITE_H
#define CABINET_MIGRATE_WRITE_H

#include "command.h"

/* What is known of a revision before it is written; members may be NULL. */
struct cab_draft {
    const char *id;      /* of cab_draft_id; NULL: a new one */
    const char *message, *line;
    const char *const *revises; int n_revises;
    const char *header;  /* further header lines, each ended by a newline */
    const char *body;    /* from the first marker on */
};

/* An id that no revision has; call->graph is loaded. */
const char *cab_draft_id(struct cab_call *call);

/* Writes the file into the folder that --folder names, else where the line's other files are, else the last folder of
 * CABINET_MIGRATIONS; path_out is below call->ctx.  Never overwrites. */
int cab_draft_write(struct cab_call *call, const struct cab_draft *draft, const char **path_out, struct cab_err *err)
    CAB_MUST_CHECK;

/* The line a new revision belongs to: --line, else the only line there is, else of the last folder; and its heads. */
int cab_draft_line(struct cab_call *call, const char **line_out, const struct cab_revision ***heads_out, int *n_out,
                   struct cab_err *err) CAB_MUST_CHECK;

#endif
