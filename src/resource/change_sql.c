/*
 * Writes of one row as SQL.  The rows a caller may touch, and the version it has read, stand in the statement itself:
 * there is no moment between check and change.
 */
#include "admit.h"
#include "change.h"
#include "probe.h"
#include "row_plan.h"
#include "types.h"
#include "where.h"

#include <string.h>

static int queue(struct cab_pipe *pipe, enum cab_shape shape, const struct cab_sql *sql) {
    return cab_pipe_add(pipe, shape, sql->text.data, sql->n_values, (const char *const *)sql->values);
}

/* Whether the change is to be undone once it was checked. */
static bool is_trial(const struct cab_call *call) {
    return cab_prefers(call->request, "tx", "rollback") && !call->is_block;
}

static void add_returning(struct cab_call *call, const struct cab_table *table, struct cab_sql *sql) {
    cab_sql_add(sql, " RETURNING ");
    cab_row_plan_columns(cab_row_plan_for(call, table), sql);
}

/* As the type below a domain, whose checks are made where a row takes the value, as those of the table are. */
static void bind_assignment(struct cab_sql *sql, const struct cab_assignment *assignment) {
    if (assignment->is_default)
        cab_sql_add(sql, "DEFAULT");
    else
        cab_sql_bind(sql, assignment->value, cab_type_bare(sql->ctx, assignment->column->base_type));
}

int cab_change_insert(struct cab_call *call, const struct cab_change *change, struct cab_pipe *pipe) {
    const struct cab_table *table = change->table;
    struct cab_sql sql;
    cab_sql_init(&sql, call->mem);
    cab_sql_add(&sql, "INSERT INTO ");
    cab_sql_qualified(&sql, table->schema, table->name);
    cab_sql_add(&sql, " AS t");
    for (int i = 0; i < change->n_assignments; i++) {
        if (i == 0)
            cab_sql_add(&sql, " (");
        else
            cab_sql_add(&sql, ", ");
        cab_sql_name(&sql, change->assignments[i].column->name);
    }
    if (change->n_assignments == 0)
        cab_sql_add(&sql, " DEFAULT VALUES");
    for (int i = 0; i < change->n_assignments; i++) {
        if (i == 0)
            cab_sql_add(&sql, ") VALUES (");
        else
            cab_sql_add(&sql, ", ");
        bind_assignment(&sql, &change->assignments[i]);
    }
    if (change->n_assignments > 0)
        cab_sql_add(&sql, ")");
    add_returning(call, table, &sql);
    return queue(pipe, CAB_SHAPE_ONE, &sql);
}

/* ` AND t.row_version = ANY (…)`.  Where the table has no versions, no tag can match. */
static void add_match(struct cab_call *call, const struct cab_table *table, struct cab_sql *sql) {
    struct cab_match match;
    if (cab_match_read(call->mem, call->request->if_match, &match) != 0)
        match = (struct cab_match){ .is_given = true };
    if (!match.is_given || match.is_any)
        return;
    if (table->row_version == NULL || match.versions == NULL) {
        cab_sql_add(sql, " AND false");
        return;
    }
    cab_sql_add(sql, " AND ");
    cab_where_column(sql, table->row_version);
    cab_sql_add(sql, " = ANY (");
    cab_sql_bind(sql, match.versions, "bigint[]");
    cab_sql_add(sql, ")");
}

/* The WHERE of a write of one row. */
static void add_where(struct cab_call *call, const struct cab_table *table, enum cab_op op, const char *key,
                      enum cab_row_state state, struct cab_sql *sql) {
    struct cab_view view;
    cab_view_init(&view, call, table);
    cab_where_scope(sql, &view, cab_policy_rows(&call->caller, table, op), state);
    cab_where_key(sql, table, key);
    add_match(call, table, sql);
    if (call->request->if_none_match != NULL) /* the row exists, and the request asks that it does not */
        cab_sql_add(sql, " AND false");
}

/* The row's key, owner and version as far as the caller may know of the row. */
static void queue_why(struct cab_call *call, const struct cab_table *table, enum cab_op op, const char *key,
                      struct cab_pipe *pipe) {
    struct cab_view view;
    struct cab_sql sql;
    cab_view_init(&view, call, table);
    cab_sql_init(&sql, call->mem);
    cab_sql_add(&sql, "SELECT ");
    if (table->owner != NULL)
        cab_where_column(&sql, table->owner);
    else
        cab_sql_add(&sql, "NULL");
    cab_sql_add(&sql, ", ");
    if (table->row_version != NULL)
        cab_where_column(&sql, table->row_version);
    else
        cab_sql_add(&sql, "NULL");
    cab_sql_add(&sql, " FROM ");
    cab_sql_qualified(&sql, table->schema, table->name);
    cab_sql_add(&sql, " AS t");
    cab_where_scope(&sql, &view, view.rows, op == CAB_OP_PURGE ? CAB_STATE_ANY : CAB_STATE_LIVE);
    cab_where_key(&sql, table, key);
    queue(pipe, CAB_SHAPE_MAYBE, &sql);
}

bool cab_change_asks_why(const struct cab_call *call, const struct cab_table *table, enum cab_op op, const char *key) {
    if (call->request->if_match != NULL || call->request->if_none_match != NULL)
        return true;
    if (table->owner != NULL && table->owner == table->key && strcmp(key, call->caller.user_id_text) == 0)
        return false; /* one's own */
    return cab_policy_rows(&call->caller, table, op) != cab_policy_rows(&call->caller, table, CAB_OP_READ);
}

/* UPDATE … SET … WHERE …, or the beginning of a SELECT where nothing is set. */
static void add_update(struct cab_call *call, const struct cab_change *change, const char *key, struct cab_sql *sql) {
    const struct cab_table *table = change->table;
    cab_sql_init(sql, call->mem);
    if (change->n_assignments == 0) {
        cab_sql_add(sql, "SELECT ");
        cab_row_plan_columns(cab_row_plan_for(call, table), sql);
        cab_sql_add(sql, " FROM ");
    } else {
        cab_sql_add(sql, "UPDATE ");
    }
    cab_sql_qualified(sql, table->schema, table->name);
    cab_sql_add(sql, " AS t");
    for (int i = 0; i < change->n_assignments; i++) {
        if (i == 0)
            cab_sql_add(sql, " SET ");
        else
            cab_sql_add(sql, ", ");
        cab_sql_name(sql, change->assignments[i].column->name);
        cab_sql_add(sql, " = ");
        bind_assignment(sql, &change->assignments[i]);
    }
    add_where(call, table, CAB_OP_UPDATE, key, CAB_STATE_LIVE, sql);
}

int cab_change_update_own(struct cab_call *call, const struct cab_change *change) {
    struct cab_sql sql;
    if (change->n_assignments == 0 || call->caller.is_key || call->is_block || is_trial(call))
        return -1;
    add_update(call, change, call->caller.user_id_text, &sql);
    cab_call_guard_own_row(call, &sql);
    add_returning(call, change->table, &sql);
    return queue(call->pipe, CAB_SHAPE_MAYBE, &sql);
}

int cab_change_update(struct cab_call *call, const struct cab_change *change, const char *key, struct cab_pipe *pipe) {
    const struct cab_table *table = change->table;
    struct cab_sql sql;
    add_update(call, change, key, &sql);
    if (change->n_assignments > 0)
        add_returning(call, table, &sql);
    int index = queue(pipe, CAB_SHAPE_MAYBE, &sql);
    if (cab_change_asks_why(call, table, CAB_OP_UPDATE, key))
        queue_why(call, table, CAB_OP_UPDATE, key, pipe);
    return index;
}

int cab_change_delete(struct cab_call *call, const struct cab_table *table, const char *key, bool permanent,
                      struct cab_pipe *pipe) {
    enum cab_op op = permanent ? CAB_OP_PURGE : CAB_OP_DELETE;
    bool to_trash = table->deleted_at != NULL && !permanent;
    struct cab_sql sql;
    cab_sql_init(&sql, call->mem);
    if (to_trash)
        cab_sql_add(&sql, "UPDATE ");
    else
        cab_sql_add(&sql, "DELETE FROM ");
    cab_sql_qualified(&sql, table->schema, table->name);
    cab_sql_add(&sql, " AS t");
    if (to_trash) {
        cab_sql_add(&sql, " SET ");
        cab_sql_name(&sql, table->deleted_at->name);
        cab_sql_add(&sql, " = now()");
    }
    add_where(call, table, op, key, permanent ? CAB_STATE_ANY : CAB_STATE_LIVE, &sql);
    add_returning(call, table, &sql);
    int index = queue(pipe, CAB_SHAPE_MAYBE, &sql);
    if (cab_change_asks_why(call, table, op, key))
        queue_why(call, table, op, key, pipe);
    return index;
}

int cab_change_restore(struct cab_call *call, const struct cab_table *table, const char *key, struct cab_pipe *pipe) {
    struct cab_view view;
    struct cab_sql sql;
    cab_sql_init(&sql, call->mem);
    cab_sql_add(&sql, "UPDATE ");
    cab_sql_qualified(&sql, table->schema, table->name);
    cab_sql_add(&sql, " AS t SET ");
    cab_sql_name(&sql, table->deleted_at->name);
    cab_sql_add(&sql, " = NULL");
    add_where(call, table, CAB_OP_RESTORE, key, CAB_STATE_TRASHED, &sql);
    add_returning(call, table, &sql);
    int index = queue(pipe, CAB_SHAPE_MAYBE, &sql);

    /* a row that is not in the trash is answered as it is, so that a repeated restore is none the worse */
    cab_view_init(&view, call, table);
    cab_sql_init(&sql, call->mem);
    cab_sql_add(&sql, "SELECT ");
    cab_row_plan_columns(cab_row_plan_for(call, table), &sql);
    cab_sql_add(&sql, ", ");
    cab_where_column(&sql, table->deleted_at);
    cab_sql_add(&sql, " IS NULL FROM ");
    cab_sql_qualified(&sql, table->schema, table->name);
    cab_sql_add(&sql, " AS t");
    cab_where_scope(&sql, &view, cab_policy_rows(&call->caller, table, CAB_OP_RESTORE), CAB_STATE_ANY);
    cab_where_key(&sql, table, key);
    queue(pipe, CAB_SHAPE_MAYBE, &sql);
    return index;
}

const struct cab_result *cab_change_restored(const struct cab_call *call, int index) {
    const struct cab_result *restored = cab_pipe_result(call->pipe, index);
    return cab_result_rows(restored) > 0 ? restored : cab_pipe_result(call->pipe, index + 1);
}

int cab_change_failed(struct cab_call *call, const struct cab_change *change, struct cab_err *err) {
    if (change != NULL)
        cab_probe_change(call, change, err);
    return -1;
}

int cab_change_run(struct cab_call *call, const struct cab_change *change, struct cab_err *err) {
    bool undoes = is_trial(call);
    int begin_at = 0;
    if (undoes) { /* what came before joins the block; everything is checked that a commit would check, then undone */
        begin_at = cab_pipe_add(call->pipe, CAB_SHAPE_NONE, "BEGIN", 0, NULL);
        cab_pipe_add(call->pipe, CAB_SHAPE_NONE, "SET CONSTRAINTS ALL IMMEDIATE", 0, NULL);
        cab_pipe_add(call->pipe, CAB_SHAPE_NONE, "ROLLBACK", 0, NULL);
    }
    if (cab_call_run(call, err) != 0) {
        struct cab_err ignored = { 0 };
        if (undoes && cab_pipe_failed(call->pipe) > begin_at && cab_db_exec(call->db, "ROLLBACK", &ignored) != 0)
            cab_err_internal(err, "%s; and rolling back: %s", err->sqlstate, ignored.internal);
        return cab_change_failed(call, change, err);
    }
    if (undoes)
        cab_response_header(call->response, "Preference-Applied", "tx=rollback");
    return 0;
}

static int not_found(struct cab_err *err) {
    return cab_fail(err, CAB_PROBLEM_NOT_FOUND, "There is no such row, or none that you may see.");
}

/* version is that of the row as it is now, NULL where it has none. */
static int stale(struct cab_call *call, const struct cab_table *table, const char *version, bool own,
                 struct cab_err *err) {
    const char *header = call->request->if_match != NULL ? "If-Match" : "If-None-Match";
    const char *etag = version == NULL ? NULL : cab_row_plan_tag(cab_row_plan_for(call, table), version, own);
    (void)cab_err_flaw(err, call->mem, CAB_PLACE_HEADER, header, "stale",
                       "Does not hold for the row as it is now.%s%s%s",
                       etag != NULL ? " Its ETag is " : "", etag != NULL ? etag : "", etag != NULL ? "." : "");
    return cab_fail(err, CAB_PROBLEM_PRECONDITION_FAILED,
                    "The row is not the one that %s speaks of; read it again, and repeat the change on what it is now.",
                    header);
}

static int why(struct cab_call *call, const struct cab_table *table, enum cab_op op, const struct cab_result *row,
               struct cab_err *err) {
    if (cab_result_rows(row) == 0)
        return not_found(err);
    const char *owner = cab_result_value(row, 0, 0);
    bool is_own = owner != NULL && strcmp(owner, call->caller.user_id_text) == 0;
    if (cab_policy_rows(&call->caller, table, op) != CAB_ROWS_ALL && !is_own)
        return cab_fail(err, CAB_PROBLEM_FORBIDDEN, "This row is another one's; you may read it, but not change it.");
    if (call->request->if_match != NULL || call->request->if_none_match != NULL)
        return stale(call, table, cab_result_value(row, 0, 1), is_own, err);
    return not_found(err);
}

int cab_change_outcome(struct cab_call *call, const struct cab_table *table, enum cab_op op, const char *key, int index,
                       struct cab_err *err) {
    if (cab_result_rows(cab_pipe_result(call->pipe, index)) > 0)
        return 0;
    if (op == CAB_OP_RESTORE) {
        const struct cab_result *row = cab_pipe_result(call->pipe, index + 1);
        if (cab_result_rows(row) == 0)
            return not_found(err);
        return cab_result_bool(row, 0, cab_result_columns(row) - 1) ? 0 : stale(call, table, NULL, false, err);
    }
    if (!cab_change_asks_why(call, table, op, key))
        return not_found(err);
    return why(call, table, op, cab_pipe_result(call->pipe, index + 1), err);
}
