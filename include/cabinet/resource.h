/*
 * resource: any exposed table as a REST resource.  The handlers of the generic routes, and the pieces that account
 * code builds on.  Nothing here knows a table by name.
 */
#ifndef CABINET_RESOURCE_H
#define CABINET_RESOURCE_H

#include <cabinet/route.h>

/* ---- route handlers ---- */
int cab_resource_list(struct cab_call *call, struct cab_err *err);
int cab_resource_read(struct cab_call *call, struct cab_err *err);
int cab_resource_create(struct cab_call *call, struct cab_err *err);
int cab_resource_replace(struct cab_call *call, struct cab_err *err);
int cab_resource_patch(struct cab_call *call, struct cab_err *err);
int cab_resource_delete(struct cab_call *call, struct cab_err *err);
int cab_resource_restore(struct cab_call *call, struct cab_err *err);

/* ---- pieces ---- */

/* One column and its new value, checked. */
struct cab_assignment {
    const struct cab_column *column;
    const char *value;           /* text for binding; NULL is SQL NULL */
};

struct cab_change {
    const struct cab_table *table;
    struct cab_assignment *assignments; int n_assignments;
};

/* Members that the account code handles itself; left out of the change. */
struct cab_extra_field { const char *name; const struct cab_json *value; };

/*
 * Checks a JSON object against the table's columns and the caller's rights: unknown members (with a suggestion), types,
 * lengths, ranges, enum words, NOT NULL, read-only columns; all flaws in one err (INVALID).  extras (n_extras) are
 * members allowed beside the columns, filled in.  op is CREATE, UPDATE (merge) or CAB_OP_RESTORE never.
 */
int cab_change_from_json(struct cab_call *call, const struct cab_table *table, enum cab_op op,
                         const struct cab_json *object, struct cab_extra_field *extras, int n_extras,
                         struct cab_change *change_out, struct cab_err *err) CAB_MUST_CHECK;

/* Builds INSERT … RETURNING / UPDATE … RETURNING of a change for pipe; the columns returned are those the caller reads,
 * in the order cab_row_json writes them. */
int cab_change_insert(struct cab_call *call, const struct cab_change *change, struct cab_pipe *pipe);
int cab_change_update(struct cab_call *call, const struct cab_change *change, const char *key, struct cab_pipe *pipe);

/* SELECT of one row by key as the caller may see it; returns the index in pipe. */
int cab_row_select(struct cab_call *call, const struct cab_table *table, const char *key, struct cab_pipe *pipe);

/* Writes row of result as JSON object into buf. */
void cab_row_json(struct cab_call *call, const struct cab_table *table, const struct cab_result *result, int row,
                  struct cab_buf *buf);

/* Writes the one row of result as the response: body, ETag, 304 for If-None-Match. */
int cab_respond_row(struct cab_call *call, const struct cab_table *table, const struct cab_result *result, int status,
                    struct cab_err *err) CAB_MUST_CHECK;

#endif
