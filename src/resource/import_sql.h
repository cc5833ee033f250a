/*
 * The statements of an import, and rows in the server's text form of COPY.
 */
#ifndef CABINET_RESOURCE_IMPORT_SQL_H
#define CABINET_RESOURCE_IMPORT_SQL_H

#include "upsert.h"

/* Which columns the rows of a part name, in order of the table. */
struct cab_import_shape {
    const struct cab_column **columns; int *at; int n; /* at: index in the table */
    bool *has;                                         /* by index in the table */
    int n_table;
    char *copy;                                        /* moves the savepoint along, and begins the COPY */
};

/* Whether leaving the column out is the same as NULL. */
bool cab_import_is_plain(const struct cab_column *column);

/* The columns of given, and those of also that are not given, as NULL. */
struct cab_import_shape *cab_import_shape_make(const void *ctx, const struct cab_table *table, const bool *given,
                                               const bool *also);
bool cab_import_shape_fits(const struct cab_import_shape *shape, const bool *given, const bool *also);

/* Appends the row as a line; values by index in the table. */
void cab_import_line(const struct cab_import_shape *shape, const char *const *values, struct cab_buf *buf);
/* The row of a line again, below ctx. */
void cab_import_change(const void *ctx, const struct cab_import_shape *shape, const char *line,
                       struct cab_change *change);

#define CAB_IMPORT_STEPS 2
/* Queues the statements that move the savepoint along. */
void cab_import_steps(struct cab_pipe *pipe);

/* INSERT … ON CONFLICT of n lines (bytes); counts what came new and what was changed.  *bad_out where some of the
 * others are not the caller's.  -1 with err, not translated. */
int cab_import_upsert(struct cab_call *call, const struct cab_upsert *upsert, const struct cab_import_shape *shape,
                      const char *lines, size_t bytes, size_t n, int64_t *created_out, int64_t *changed_out,
                      bool *bad_out, struct cab_err *err) CAB_MUST_CHECK;

#endif
