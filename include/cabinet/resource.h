/*
 * resource: any exposed table as a REST resource.  The handlers of the generic routes, and the pieces that account
 * code builds on.  Nothing here knows a table by name.
 */
#ifndef CABINET_RESOURCE_H
#define CABINET_RESOURCE_H

#include <cabinet/route.h>

/* ---- route handlers ---- */
int cab_resource_list(struct cab_call *call, struct cab_err *err);
/* The same for a table under a path of its own. */
int cab_resource_list_table(struct cab_call *call, const struct cab_table *table, struct cab_err *err);
int cab_resource_read(struct cab_call *call, struct cab_err *err);
int cab_resource_create(struct cab_call *call, struct cab_err *err);
int cab_resource_replace(struct cab_call *call, struct cab_err *err);
int cab_resource_patch(struct cab_call *call, struct cab_err *err);
int cab_resource_delete(struct cab_call *call, struct cab_err *err);
int cab_resource_restore(struct cab_call *call, struct cab_err *err);
/* POST of a list: the body is the filter. */
int cab_resource_query(struct cab_call *call, struct cab_err *err);
/* GET of the whole filtered list as a stream. */
int cab_resource_export_csv(struct cab_call *call, struct cab_err *err);
int cab_resource_export_ndjson(struct cab_call *call, struct cab_err *err);
/* POST of rows as CSV or NDJSON, all or none. */
int cab_resource_import(struct cab_call *call, struct cab_err *err);
/* POST of several writes on several tables, one transaction. */
int cab_resource_batch(struct cab_call *call, struct cab_err *err);
/* GET of a row's versions from the audit trail, and POST that makes it again what it was at one. */
int cab_resource_history(struct cab_call *call, struct cab_err *err);
int cab_resource_history_restore(struct cab_call *call, struct cab_err *err);
/* GET of what a row was at two versions, where that differs. */
int cab_resource_history_diff(struct cab_call *call, struct cab_err *err);
/* GET of the changes of a table's rows, from a position on. */
int cab_resource_changes(struct cab_call *call, struct cab_err *err);
/* PATCH and DELETE of all rows that a filter finds, guarded by `Prefer: max-affected`. */
int cab_resource_bulk_patch(struct cab_call *call, struct cab_err *err);
int cab_resource_bulk_delete(struct cab_call *call, struct cab_err *err);

/* Whether a GET or HEAD of a list looks for text inside of fields, by the names of its parameters: what costs the
 * database most of all that is asked often.  Exports do not count; they have limits of their own. */
bool cab_query_is_search(const struct cab_request *request);

/* ---- pieces: for handlers that add something of their own to what a table's row is ----
 *
 *     if (cab_resource_admit(call, table, CAB_OP_UPDATE, err) != 0 ||
 *         cab_resource_params(call, table, NULL, err) != 0 || cab_resource_body(call, &body, err) != 0 ||
 *         cab_change_from_json(call, table, CAB_OP_UPDATE, body, extras, n, &change, err) != 0)
 *         return cab_resource_refuse(call, err);
 *     pipe = cab_call_pipe(call);
 *     at = cab_change_update(call, &change, key, pipe);
 *     …more statements…
 *     if (cab_change_run(call, &change, err) != 0 ||
 *         cab_change_outcome(call, table, CAB_OP_UPDATE, key, at, err) != 0)
 *         return -1;
 *     return cab_respond_row(call, table, cab_pipe_result(pipe, at), 200, err);
 */

/* Whether the caller may do op on table at all (UNAUTHENTICATED, NOT_FOUND, FORBIDDEN); for writes of one row also
 * whether If-Match is well formed, and there where the table asks for it (PRECONDITION_REQUIRED). */
int cab_resource_admit(struct cab_call *call, const struct cab_table *table, enum cab_op op, struct cab_err *err)
    CAB_MUST_CHECK;
/* Refuses query parameters other than fields and more (or NULL). */
int cab_resource_params(struct cab_call *call, const struct cab_table *table, const char *more, struct cab_err *err)
    CAB_MUST_CHECK;
/* Returns -1 with err, or with the guard's error where the token's session or rights are not valid any more: for
 * refusals made before the database was asked. */
int cab_resource_refuse(struct cab_call *call, struct cab_err *err);
/* Reads the body as one JSON value; merge-patch is taken where the method is PATCH. */
int cab_resource_body(struct cab_call *call, const struct cab_json **json_out, struct cab_err *err) CAB_MUST_CHECK;

/* One column and its new value, checked. */
struct cab_assignment {
    const struct cab_column *column;
    const char *value;           /* text for binding; NULL is SQL NULL */
    bool is_default;             /* the column's default instead */
};

struct cab_change {
    const struct cab_table *table;
    struct cab_assignment *assignments; int n_assignments;
};

/* Members that the account code handles itself; left out of the change. */
struct cab_extra_field { const char *name; const struct cab_json *value; };

/* Adds (or replaces) the value of a column that the code itself sets, whatever the caller may write. */
void cab_change_set(struct cab_call *call, struct cab_change *change, const char *column, const char *value);

/*
 * Checks a JSON object against the table's columns and the caller's rights: unknown members (with a suggestion), types,
 * lengths, ranges, enum words, NOT NULL, read-only columns; all flaws in one err (INVALID).  extras (n_extras) are
 * members allowed beside the columns, filled in.  op is CREATE, UPDATE (merge) or CAB_OP_RESTORE never.
 */
int cab_change_from_json(struct cab_call *call, const struct cab_table *table, enum cab_op op,
                         const struct cab_json *object, struct cab_extra_field *extras, int n_extras,
                         struct cab_change *change_out, struct cab_err *err) CAB_MUST_CHECK;

/* Queue INSERT … RETURNING and UPDATE … RETURNING of a change; the columns returned are those the caller reads, in the
 * order cab_row_json takes them.  They return the index in pipe.  Rows the caller may not touch are not touched,
 * neither are those whose version is not the one of If-Match; cab_change_outcome tells which it was. */
int cab_change_insert(struct cab_call *call, const struct cab_change *change, struct cab_pipe *pipe);
int cab_change_update(struct cab_call *call, const struct cab_change *change, const char *key, struct cab_pipe *pipe);
/* As cab_change_update, of the caller's own row of users, which is guarded by the statement itself (sets call->pipe):
 * no row where the guard would raise or a condition does not hold; then do it behind the guard, which says why.  -1
 * where something else must go with the change or stand before it: do it behind the guard. */
int cab_change_update_own(struct cab_call *call, const struct cab_change *change);
/* To the trash where the table has one and permanent is not set; for good otherwise. */
int cab_change_delete(struct cab_call *call, const struct cab_table *table, const char *key, bool permanent,
                      struct cab_pipe *pipe);
int cab_change_restore(struct cab_call *call, const struct cab_table *table, const char *key, struct cab_pipe *pipe);

/* Ends and runs the call's pipeline: rolled back at the end for `Prefer: tx=rollback`.  Where the server refuses a
 * value without naming it, the fields of change (or NULL) are tried one by one. */
int cab_change_run(struct cab_call *call, const struct cab_change *change, struct cab_err *err) CAB_MUST_CHECK;
/* The second half of that, after a failed run by cab_call_then; -1. */
int cab_change_failed(struct cab_call *call, const struct cab_change *change, struct cab_err *err) CAB_MUST_CHECK;

/* Whether the write at index touched its row: 0; otherwise NOT_FOUND, FORBIDDEN or PRECONDITION_FAILED. */
int cab_change_outcome(struct cab_call *call, const struct cab_table *table, enum cab_op op, const char *key, int index,
                       struct cab_err *err) CAB_MUST_CHECK;

/* The result that holds the row after cab_change_restore: the restored one, or one that was not in the trash. */
const struct cab_result *cab_change_restored(const struct cab_call *call, int index);

/* Whether key can be a value of the table's key at all; NOT_FOUND otherwise. */
int cab_row_key(struct cab_call *call, const struct cab_table *table, const char *text, const char **key_out,
                struct cab_err *err) CAB_MUST_CHECK;

/* SELECT of one live row by key as the caller may see it; returns the index in pipe. */
int cab_row_select(struct cab_call *call, const struct cab_table *table, const char *key, struct cab_pipe *pipe);
/* The caller's own row of users, read and guarded by one statement (sets call->pipe); no row where the guard would
 * raise: then run the guard. */
int cab_row_own(struct cab_call *call, const struct cab_table *users);

/* Writes row of result as JSON object into buf. */
void cab_row_json(struct cab_call *call, const struct cab_table *table, const struct cab_result *result, int row,
                  struct cab_buf *buf);

/* SELECT of all rows of a table with owner(col) that are the caller's own, trashed ones too; returns the index
 * in pipe.  cab_own_rows_write makes a JSON array of them.  Columns that only admins read, and hidden ones, stay
 * out. */
int cab_own_rows_select(struct cab_call *call, const struct cab_table *table, struct cab_pipe *pipe);
void cab_own_rows_write(struct cab_call *call, const struct cab_table *table, const struct cab_result *result,
                        struct cab_buf *buf);
/* Whether a person may see column in rows that are the person's own. */
bool cab_own_column(const struct cab_call *call, const struct cab_column *column);

/* Writes the one row of result as the response: body, ETag; Location where status is 201; 304 for
 * If-None-Match of a GET; no body for `Prefer: return=minimal` of a write.  NOT_FOUND where result has no row. */
int cab_respond_row(struct cab_call *call, const struct cab_table *table, const struct cab_result *result, int status,
                    struct cab_err *err) CAB_MUST_CHECK;

#endif
