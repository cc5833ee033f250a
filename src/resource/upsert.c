/*
 * Upserts.  The rows that may be changed stand in the statement itself, so another's row is never touched; rows that
 * are already as they should be are not written at all.
 */
#include "upsert.h"

#include <string.h>

#include "admit.h"
#include "change.h"
#include "row_plan.h"
#include "special.h"
#include "types.h"
#include "where.h"

static int wrong(struct cab_call *call, const char *code, const char *detail, struct cab_err *err) {
    (void)cab_err_flaw(err, call->mem, CAB_PLACE_PARAMETER, "on_conflict", code, "%s", detail);
    return cab_fail(err, CAB_PROBLEM_INVALID, "Parameter on_conflict: %s", detail);
}

static bool is_plain(const char *name) {
    return name[strspn(name, "abcdefghijklmnopqrstuvwxyz_0123456789")] == '\0' && (*name < '0' || *name > '9');
}

/* The predicate in the definition of a unique constraint or index on plain columns, "" where there is none; NULL where
 * its keys are not just these columns. */
static const char *predicate_of(const void *ctx, const struct cab_constraint *constraint) {
    struct cab_buf list;
    cab_buf_init(&list, ctx, 64);
    cab_buf_addc(&list, '(');
    for (int i = 0; i < constraint->n_columns; i++) {
        const char *name = constraint->columns[i]->name;
        cab_buf_adds(&list, i > 0 ? ", " : "");
        cab_buf_adds(&list, is_plain(name) ? name : cab_sql_quote_name(ctx, name));
    }
    cab_buf_addc(&list, ')');
    const char *keys = strchr(constraint->definition, '(');
    if (keys == NULL || strncmp(keys, list.data, list.len) != 0 || strstr(keys, " DEFERRABLE") != NULL)
        return NULL;
    const char *where = strstr(keys + list.len, " WHERE ");
    return where != NULL ? where : "";
}

static bool has_columns(const struct cab_constraint *constraint, const struct cab_column *const *columns, int n) {
    if (constraint->n_columns != n)
        return false;
    for (int i = 0; i < n; i++) {
        bool found = false;
        for (int j = 0; j < n; j++)
            found = found || constraint->columns[i] == columns[j];
        if (!found)
            return false;
    }
    return true;
}

static bool find_unique(struct cab_call *call, const struct cab_table *table, struct cab_upsert *upsert) {
    bool found = false;
    for (int i = 0; i < table->n_constraints; i++) {
        const struct cab_constraint *constraint = &table->constraints[i];
        if ((constraint->kind != CAB_CONSTRAINT_PRIMARY && constraint->kind != CAB_CONSTRAINT_UNIQUE)
            || !has_columns(constraint, upsert->columns, upsert->n))
            continue;
        const char *predicate = predicate_of(call->mem, constraint);
        if (predicate == NULL)
            continue;
        found = true;
        upsert->predicate = *predicate != '\0' ? predicate : NULL;
        if (upsert->predicate == NULL)
            return true; /* one without a predicate holds for all rows */
    }
    return found;
}

int cab_upsert_read(struct cab_call *call, const struct cab_table *table, const char *text,
                    struct cab_upsert *upsert, struct cab_err *err) {
    *upsert = (struct cab_upsert){ .columns = cab_new_array(call->mem, const struct cab_column *,
                                                            (size_t)table->n_columns) };
    if (cab_special_refuse(table, err) != 0 || cab_admit(call, table, CAB_OP_UPDATE, err) != 0)
        return -1;
    if (call->request->if_match != NULL || call->request->if_none_match != NULL)
        return wrong(call, "conflict", "If-Match and If-None-Match speak of one row that is known; leave them out.",
                     err);
    for (;;) {
        size_t n = strcspn(text, ",");
        const char *name = cab_strndup(call->mem, text, n);
        const struct cab_column *column = cab_table_column(table, name);
        if (column == NULL || column->is_hidden || upsert->n == table->n_columns)
            return wrong(call, "unknown", "Must name fields of this table, separated by commas.", err);
        upsert->columns[upsert->n++] = column;
        if (text[n] == '\0')
            break;
        text += n + 1;
    }
    if (!find_unique(call, table, upsert))
        return wrong(call, "not_unique", "Must name the fields of a unique constraint or index.", err);
    return 0;
}

static const struct cab_assignment *find(const struct cab_change *change, const struct cab_column *column) {
    for (int i = 0; i < change->n_assignments; i++)
        if (change->assignments[i].column == column)
            return &change->assignments[i];
    return NULL;
}

int cab_upsert_check(struct cab_call *call, const struct cab_upsert *upsert, const struct cab_change *change,
                     const char *prefix, struct cab_err *err) {
    int rc = 0;
    for (int i = 0; i < upsert->n; i++) {
        const struct cab_assignment *assignment = find(change, upsert->columns[i]);
        if (assignment == NULL || assignment->value == NULL)
            rc = cab_err_flaw(err, call->mem, CAB_PLACE_FIELD,
                              cab_printf(call->mem, "%s%s", prefix, upsert->columns[i]->name), "required",
                              "This field is named by on_conflict; send its value.");
    }
    return rc != 0 ? cab_fail(err, CAB_PROBLEM_INVALID, "Fields named by on_conflict are missing; see errors.") : 0;
}

/* Whether an existing row takes the value. */
static bool is_changed(const struct cab_call *call, const struct cab_upsert *upsert, const struct cab_table *table,
                       const struct cab_column *column) {
    for (int i = 0; i < upsert->n; i++)
        if (upsert->columns[i] == column)
            return false;
    return cab_policy_write(&call->caller, table, column, CAB_OP_UPDATE) != CAB_COLUMN_NONE;
}

/* json and its like have no equality of their own. */
static bool as_text(const struct cab_column *column) {
    return column->kind == CAB_KIND_OTHER || column->kind == CAB_KIND_ARRAY
        || (column->kind == CAB_KIND_JSON && strcmp(column->base_type, "jsonb") != 0);
}

static void add_difference(struct cab_sql *sql, const struct cab_column *column) {
    cab_where_column(sql, column);
    if (as_text(column))
        cab_sql_add(sql, "::text");
    cab_sql_add(sql, " IS DISTINCT FROM excluded.");
    cab_sql_name(sql, column->name);
    if (as_text(column))
        cab_sql_add(sql, "::text");
}

static void add_insert(struct cab_sql *sql, const struct cab_change *change) {
    const struct cab_table *table = change->table;
    cab_sql_add(sql, "INSERT INTO ");
    cab_sql_qualified(sql, table->schema, table->name);
    cab_sql_add(sql, " AS t (");
    for (int i = 0; i < change->n_assignments; i++) {
        if (i > 0)
            cab_sql_add(sql, ", ");
        cab_sql_name(sql, change->assignments[i].column->name);
    }
    cab_sql_add(sql, ") VALUES (");
    for (int i = 0; i < change->n_assignments; i++) {
        if (i > 0)
            cab_sql_add(sql, ", ");
        const struct cab_assignment *assignment = &change->assignments[i];
        cab_sql_bind(sql, assignment->value, cab_type_bare(sql->ctx, assignment->column->base_type));
    }
    cab_sql_add(sql, ")");
}

static void add_target(struct cab_sql *sql, const struct cab_upsert *upsert) {
    cab_sql_add(sql, " ON CONFLICT (");
    for (int i = 0; i < upsert->n; i++) {
        if (i > 0)
            cab_sql_add(sql, ", ");
        cab_sql_name(sql, upsert->columns[i]->name);
    }
    cab_sql_add(sql, ")");
    if (upsert->predicate != NULL) /* the catalog's own text */
        cab_buf_adds(&sql->text, upsert->predicate);
}

void cab_upsert_own(const struct cab_call *call, const struct cab_table *table, struct cab_sql *sql) {
    struct cab_view view;
    cab_view_init(&view, call, table);
    cab_sql_qualified(sql, table->schema, table->name);
    cab_sql_add(sql, " AS t");
    cab_where_scope(sql, &view, cab_policy_rows(&call->caller, table, CAB_OP_UPDATE), CAB_STATE_LIVE);
}

static void queue_present(struct cab_call *call, const struct cab_upsert *upsert, const struct cab_change *change,
                          struct cab_pipe *pipe) {
    const struct cab_table *table = change->table;
    struct cab_sql sql;
    cab_sql_init(&sql, call->mem);
    cab_sql_add(&sql, "SELECT ");
    cab_row_plan_columns(cab_row_plan_for(call, table), &sql);
    cab_sql_add(&sql, " FROM ");
    cab_upsert_own(call, table, &sql);
    for (int i = 0; i < upsert->n; i++) {
        cab_sql_add(&sql, " AND ");
        cab_where_column(&sql, upsert->columns[i]);
        cab_sql_add(&sql, " = ");
        cab_sql_bind(&sql, find(change, upsert->columns[i])->value,
                     cab_type_bare(sql.ctx, upsert->columns[i]->base_type));
    }
    cab_sql_add(&sql, " LIMIT 1");
    cab_pipe_add(pipe, CAB_SHAPE_MAYBE, sql.text.data, sql.n_values, (const char *const *)sql.values);
}

void cab_upsert_conflict(const struct cab_call *call, const struct cab_upsert *upsert, const struct cab_change *change,
                         struct cab_sql *sql) {
    const struct cab_table *table = change->table;
    struct cab_view view;
    int n = 0;
    cab_view_init(&view, call, table);
    add_target(sql, upsert);
    for (int i = 0; i < change->n_assignments; i++) {
        const struct cab_column *column = change->assignments[i].column;
        if (!is_changed(call, upsert, table, column))
            continue;
        if (n++ == 0)
            cab_sql_add(sql, " DO UPDATE SET ");
        else
            cab_sql_add(sql, ", ");
        cab_sql_name(sql, column->name);
        cab_sql_add(sql, " = excluded.");
        cab_sql_name(sql, column->name);
    }
    if (n == 0) {
        cab_sql_add(sql, " DO NOTHING");
        return;
    }
    cab_where_scope(sql, &view, cab_policy_rows(&call->caller, table, CAB_OP_UPDATE), CAB_STATE_LIVE);
    bool is_first = true;
    cab_sql_add(sql, " AND (");
    for (int i = 0; i < change->n_assignments; i++) {
        const struct cab_column *column = change->assignments[i].column;
        if (!is_changed(call, upsert, table, column))
            continue;
        if (!is_first)
            cab_sql_add(sql, " OR ");
        is_first = false;
        add_difference(sql, column);
    }
    cab_sql_add(sql, ")");
}

int cab_upsert_add(struct cab_call *call, const struct cab_upsert *upsert, const struct cab_change *change,
                   struct cab_pipe *pipe) {
    struct cab_sql sql;
    cab_sql_init(&sql, call->mem);
    add_insert(&sql, change);
    cab_upsert_conflict(call, upsert, change, &sql);
    cab_sql_add(&sql, " RETURNING ");
    cab_row_plan_columns(cab_row_plan_for(call, change->table), &sql);
    cab_sql_add(&sql, ", t.xmax = 0");
    int index = cab_pipe_add(pipe, CAB_SHAPE_MAYBE, sql.text.data, sql.n_values, (const char *const *)sql.values);
    queue_present(call, upsert, change, pipe);
    return index;
}

int cab_upsert_result(struct cab_call *call, const struct cab_upsert *upsert, struct cab_pipe *pipe, int index,
                      const struct cab_result **result_out, bool *created_out, struct cab_err *err) {
    const struct cab_result *result = cab_pipe_result(pipe, index);
    *created_out = false;
    if (cab_result_rows(result) > 0)
        *created_out = cab_result_bool(result, 0, cab_result_columns(result) - 1);
    else
        result = cab_pipe_result(pipe, index + 1);
    *result_out = result;
    if (cab_result_rows(result) > 0)
        return 0;
    for (int i = 0; i < upsert->n; i++)
        (void)cab_err_flaw(err, call->mem, CAB_PLACE_FIELD, upsert->columns[i]->name, "taken",
                           "This value is taken by a row that you may not change; choose another.");
    return cab_fail(err, CAB_PROBLEM_CONFLICT, "The values of on_conflict are taken by a row that you may not change.");
}
