/*
 * Rows of an import as text, and the statements that take many of them.
 */
#include "import_sql.h"

#include <string.h>

#include "types.h"
#include "value.h"

#define RELEASE "RELEASE SAVEPOINT cab_import"
#define SAVEPOINT "SAVEPOINT cab_import"

bool cab_import_is_plain(const struct cab_column *column) {
    return !column->has_default && !column->is_identity && !column->is_generated;
}

struct cab_import_shape *cab_import_shape_make(const void *ctx, const struct cab_table *table, const bool *given,
                                               const bool *also) {
    struct cab_import_shape *shape = cab_new(ctx, struct cab_import_shape);
    size_t n = (size_t)table->n_columns;
    shape->columns = cab_new_array(shape, const struct cab_column *, n);
    shape->at = cab_new_array(shape, int, n);
    shape->has = cab_new_array(shape, bool, n);
    shape->n_table = table->n_columns;
    struct cab_sql sql;
    cab_sql_init(&sql, shape);
    cab_sql_add(&sql, RELEASE "; " SAVEPOINT "; COPY ");
    cab_sql_qualified(&sql, table->schema, table->name);
    for (int i = 0; i < table->n_columns; i++) {
        shape->has[i] = given[i] || also[i];
        if (!shape->has[i])
            continue;
        if (shape->n == 0)
            cab_sql_add(&sql, " (");
        else
            cab_sql_add(&sql, ", ");
        cab_sql_name(&sql, table->columns[i].name);
        shape->columns[shape->n] = &table->columns[i];
        shape->at[shape->n++] = i;
    }
    if (shape->n > 0)
        cab_sql_add(&sql, ")");
    cab_sql_add(&sql, " FROM STDIN");
    shape->copy = sql.text.data;
    return shape;
}

bool cab_import_shape_fits(const struct cab_import_shape *shape, const bool *given, const bool *also) {
    for (int i = 0; i < shape->n_table; i++)
        if (shape->has[i] != (given[i] || also[i]))
            return false;
    return true;
}

static void add_escaped(struct cab_buf *buf, const char *value) {
    for (;;) {
        size_t n = strcspn(value, "\\\t\n\r");
        cab_buf_add(buf, value, n);
        value += n;
        if (*value == '\0')
            return;
        cab_buf_addc(buf, '\\');
        cab_buf_addc(buf, *value == '\t' ? 't' : *value == '\n' ? 'n' : *value == '\r' ? 'r' : '\\');
        value++;
    }
}

void cab_import_line(const struct cab_import_shape *shape, const char *const *values, struct cab_buf *buf) {
    for (int i = 0; i < shape->n; i++) {
        const char *value = values[shape->at[i]];
        if (i > 0)
            cab_buf_addc(buf, '\t');
        if (value == NULL)
            cab_buf_add(buf, "\\N", 2);
        else
            add_escaped(buf, value);
    }
    cab_buf_addc(buf, '\n');
}

/* The value at *at, written in its place, and *at behind its end; NULL for \N. */
static char *read_value(char **at) {
    char *value = *at, *to = value;
    value[strcspn(value, "\t\n")] = '\0';
    *at += strlen(value) + 1;
    if (strcmp(value, "\\N") == 0)
        return NULL;
    for (const char *from = value; *from != '\0'; from++) {
        if (*from == '\\') {
            from++;
            *to++ = *from == 't' ? '\t' : *from == 'n' ? '\n' : *from == 'r' ? '\r' : '\\';
        } else {
            *to++ = *from;
        }
    }
    *to = '\0';
    return value;
}

void cab_import_change(const void *ctx, const struct cab_import_shape *shape, const char *line,
                       struct cab_change *change) {
    char *text = cab_strndup(ctx, line, strcspn(line, "\n") + 1);
    change->assignments = cab_new_array(ctx, struct cab_assignment, (size_t)shape->n + 1);
    change->n_assignments = shape->n;
    for (int i = 0; i < shape->n; i++)
        change->assignments[i] = (struct cab_assignment){ .column = shape->columns[i],
                                                          .value = read_value(&text) };
}

void cab_import_steps(struct cab_pipe *pipe) {
    cab_pipe_add_once(pipe, CAB_SHAPE_NONE, RELEASE, 0, NULL);
    cab_pipe_add_once(pipe, CAB_SHAPE_NONE, SAVEPOINT, 0, NULL);
}

/* ---- upserts of many rows ---- */

/* ` FROM unnest($1::text[], …) AS u (c0, …)`, one array for each column of wanted (NULL: all). */
static void add_rows(struct cab_sql *sql, const struct cab_import_shape *shape, const char *const *arrays,
                     const bool *wanted) {
    bool is_first = true;
    cab_sql_add(sql, " FROM unnest(");
    for (int i = 0; i < shape->n; i++) {
        if (wanted != NULL && !wanted[i])
            continue;
        if (!is_first)
            cab_sql_add(sql, ", ");
        is_first = false;
        cab_sql_bind(sql, arrays[i], "text[]");
    }
    cab_sql_add(sql, ") AS u (");
    is_first = true;
    for (int i = 0; i < shape->n; i++) {
        if (wanted != NULL && !wanted[i])
            continue;
        cab_buf_addf(&sql->text, "%sc%d", is_first ? "" : ", ", i);
        is_first = false;
    }
    cab_sql_add(sql, ")");
}

/* u.cN as the column's type; the assignment sees to its modifiers and its domain. */
static void add_value(struct cab_sql *sql, const struct cab_import_shape *shape, int i) {
    cab_buf_addf(&sql->text, "u.c%d::%s", i, cab_type_bare(sql->ctx, shape->columns[i]->base_type));
}

static void build_upsert(struct cab_call *call, const struct cab_upsert *upsert, const struct cab_import_shape *shape,
                         const char *const *arrays, struct cab_sql *sql) {
    struct cab_change change = { .table = call->table, .n_assignments = shape->n };
    change.assignments = cab_new_array(sql->ctx, struct cab_assignment, (size_t)shape->n);
    cab_sql_add(sql, "WITH w AS (INSERT INTO ");
    cab_sql_qualified(sql, call->table->schema, call->table->name);
    cab_sql_add(sql, " AS t (");
    for (int i = 0; i < shape->n; i++) {
        change.assignments[i].column = shape->columns[i];
        if (i > 0)
            cab_sql_add(sql, ", ");
        cab_sql_name(sql, shape->columns[i]->name);
    }
    cab_sql_add(sql, ") SELECT ");
    for (int i = 0; i < shape->n; i++) {
        if (i > 0)
            cab_sql_add(sql, ", ");
        add_value(sql, shape, i);
    }
    add_rows(sql, shape, arrays, NULL);
    cab_upsert_conflict(call, upsert, &change, sql);
    cab_sql_add(sql, " RETURNING t.xmax = 0 AS created)"
                     " SELECT count(*) FILTER (WHERE created), count(*) FILTER (WHERE NOT created) FROM w");
}

/* How many of the rows have one of the caller's in the table. */
static void build_present(struct cab_call *call, const struct cab_upsert *upsert, const struct cab_import_shape *shape,
                          const char *const *arrays, struct cab_sql *sql) {
    bool *keys = cab_new_array(sql->ctx, bool, (size_t)shape->n);
    for (int i = 0; i < shape->n; i++)
        for (int j = 0; j < upsert->n; j++)
            keys[i] = keys[i] || shape->columns[i] == upsert->columns[j];
    cab_sql_add(sql, "SELECT count(*)");
    add_rows(sql, shape, arrays, keys);
    cab_sql_add(sql, " WHERE EXISTS (SELECT FROM ");
    cab_upsert_own(call, call->table, sql);
    for (int i = 0; i < shape->n; i++) {
        if (!keys[i])
            continue;
        cab_sql_add(sql, " AND t.");
        cab_sql_name(sql, shape->columns[i]->name);
        cab_sql_add(sql, " = ");
        add_value(sql, shape, i);
    }
    cab_sql_add(sql, ")");
}

int cab_import_upsert(struct cab_call *call, const struct cab_upsert *upsert, const struct cab_import_shape *shape,
                      const char *lines, size_t bytes, size_t n, int64_t *created_out, int64_t *changed_out,
                      bool *bad_out, struct cab_err *err) {
    void *mem = cab_mem_alloc(call->mem, 1);
    char *text = cab_strndup(mem, lines, bytes);
    const char **arrays = cab_new_array(mem, const char *, (size_t)shape->n);
    const char **values = cab_mem_alloc(mem, (size_t)shape->n * n * sizeof *values);
    struct cab_sql sql;
    for (size_t row = 0; row < n; row++)
        for (int i = 0; i < shape->n; i++)
            values[(size_t)i * n + row] = read_value(&text);
    for (int i = 0; i < shape->n; i++)
        arrays[i] = cab_value_array(mem, values + (size_t)i * n, n);
    cab_mem_free(values);
    cab_sql_init(&sql, mem);
    build_upsert(call, upsert, shape, arrays, &sql);
    struct cab_pipe *pipe = cab_pipe_make(mem, call->db, true);
    cab_import_steps(pipe);
    int at = cab_pipe_add(pipe, CAB_SHAPE_ONE, sql.text.data, sql.n_values, (const char *const *)sql.values);
    int rc = cab_pipe_run(pipe, err);
    if (rc == 0) {
        *created_out = cab_result_int64(cab_pipe_result(pipe, at), 0, 0);
        *changed_out = cab_result_int64(cab_pipe_result(pipe, at), 0, 1);
    }
    if (rc == 0 && *created_out + *changed_out < (int64_t)n) {
        struct cab_result *present;
        cab_sql_init(&sql, mem);
        build_present(call, upsert, shape, arrays, &sql);
        rc = cab_db_query(call->db, mem, CAB_SHAPE_ONE, sql.text.data, sql.n_values, (const char *const *)sql.values,
                          &present, err);
        *bad_out = rc == 0 && cab_result_int64(present, 0, 0) < (int64_t)n;
    }
    cab_mem_free(mem);
    return rc;
}
