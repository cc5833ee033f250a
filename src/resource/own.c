/*
 * All rows that belong to the caller, for the export of a person's data.  What is held counts, not what is served: the
 * trash belongs to it.
 */
#include <cabinet/resource.h>

#include "row_plan.h"

bool cab_own_column(const struct cab_call *call, const struct cab_column *column) {
    return !column->is_hidden && (!column->is_admin || call->caller.is_admin);
}

static bool as_json(const struct cab_column *column) {
    return column->kind == CAB_KIND_ARRAY || column->kind == CAB_KIND_COMPOSITE;
}

int cab_own_rows_select(struct cab_call *call, const struct cab_table *table, struct cab_pipe *pipe) {
    struct cab_sql sql;
    CAB_BUG_ON(table->owner == NULL);
    cab_sql_init(&sql, call->mem);
    cab_sql_add(&sql, "SELECT ");
    for (int i = 0; i < table->n_columns; i++) {
        const struct cab_column *column = &table->columns[i];
        if (!cab_own_column(call, column))
            continue;
        if (as_json(column))
            cab_sql_add(&sql, "to_jsonb(");
        cab_sql_add(&sql, "t.");
        cab_sql_name(&sql, column->name);
        if (as_json(column))
            cab_sql_add(&sql, ")");
        cab_sql_add(&sql, ", ");
    }
    cab_sql_add(&sql, "NULL FROM ");
    cab_sql_qualified(&sql, table->schema, table->name);
    cab_sql_add(&sql, " AS t WHERE t.");
    cab_sql_name(&sql, table->owner->name);
    cab_sql_add(&sql, " = ");
    cab_sql_bind(&sql, call->caller.user_id_text, "bigint");
    if (table->key != NULL) {
        cab_sql_add(&sql, " ORDER BY t.");
        cab_sql_name(&sql, table->key->name);
    }
    return cab_pipe_add_once(pipe, CAB_SHAPE_ANY, sql.text.data, sql.n_values, (const char *const *)sql.values);
}

static void write_row(struct cab_call *call, const struct cab_table *table, const struct cab_result *result, int row,
                      struct cab_buf *buf) {
    char before = '{';
    int at = 0;
    for (int i = 0; i < table->n_columns; i++) {
        const struct cab_column *column = &table->columns[i];
        if (!cab_own_column(call, column))
            continue;
        const char *value = cab_result_value(result, row, at);
        cab_buf_addc(buf, before);
        before = ',';
        cab_json_cstring(buf, column->name);
        cab_buf_addc(buf, ':');
        if (value != NULL)
            cab_value_writer_for(column, false)(buf, value, (size_t)cab_result_length(result, row, at));
        else
            cab_buf_adds(buf, "null");
        at++;
    }
    if (before == '{')
        cab_buf_addc(buf, '{');
    cab_buf_addc(buf, '}');
}

void cab_own_rows_write(struct cab_call *call, const struct cab_table *table, const struct cab_result *result,
                        struct cab_buf *buf) {
    cab_buf_addc(buf, '[');
    for (int row = 0; row < cab_result_rows(result); row++) {
        if (row > 0)
            cab_buf_addc(buf, ',');
        write_row(call, table, result, row, buf);
    }
    cab_buf_addc(buf, ']');
}
