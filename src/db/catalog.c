/*
 * Reading the catalog: the queries in one snapshot, their rows made into tables (catalog_build.c), annotations applied
 * (catalog_rules.c); and finding things in it.
 */
#include "catalog_private.h"
#include "statements.h"
#include <stdlib.h>
#include <string.h>

static int add(struct cab_pipe *pipe, const char *sql) {
    return cab_pipe_add_once(pipe, CAB_SHAPE_ANY, sql, 0, NULL);
}

/* Runs the queries; the results live in pipe.  An open transaction is used and its search path put back. */
static int read_rows(void *ctx, struct cab_db *db, bool was_inside, struct cab_catalog_rows *rows,
                     struct cab_err *err) {
    static const char *const path[] = { "pg_catalog, pg_temp" };
    struct cab_pipe *pipe = cab_pipe_make(ctx, db, false);
    if (!was_inside)
        add(pipe, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    int before = cab_pipe_add_once(pipe, CAB_SHAPE_ONE, cab_sql_text_catalog_path, 1, path);
    int stamp = add(pipe, cab_sql_text_catalog_stamp), tables = add(pipe, cab_sql_text_catalog_tables);
    int columns = add(pipe, cab_sql_text_catalog_columns), constraints = add(pipe, cab_sql_text_catalog_constraints);
    int indexes = add(pipe, cab_sql_text_catalog_indexes), labels = add(pipe, cab_sql_text_catalog_labels);
    if (cab_pipe_run(pipe, err) != 0)
        return -1;
    rows->stamp = cab_pipe_result(pipe, stamp);
    rows->tables = cab_pipe_result(pipe, tables);
    rows->columns = cab_pipe_result(pipe, columns);
    rows->constraints = cab_pipe_result(pipe, constraints);
    rows->indexes = cab_pipe_result(pipe, indexes);
    rows->labels = cab_pipe_result(pipe, labels);

    struct cab_pipe *last = cab_pipe_make(ctx, db, false);
    const char **back = cab_new_array(ctx, const char *, 1);
    back[0] = cab_result_value(cab_pipe_result(pipe, before), 0, 0);
    bool has_state = cab_result_bool(rows->stamp, 0, 1);
    int generation = has_state ? add(last, cab_sql_text_catalog_generation) : -1;
    if (was_inside)
        cab_pipe_add_once(last, CAB_SHAPE_ONE, cab_sql_text_catalog_path, 1, back);
    else
        add(last, "COMMIT");
    if (cab_pipe_run(last, err) != 0)
        return -1;
    const struct cab_result *state = has_state ? cab_pipe_result(last, generation) : NULL;
    rows->generation = state != NULL && cab_result_rows(state) == 1 ? cab_result_int64(state, 0, 0) : 0;
    return 0;
}

/* A table that is dropped while its definition is asked for. */
static bool is_race(const struct cab_err *err) {
    static const char *const states[] = { "XX000", "42P01", "42703", "40001", "42704" };
    for (size_t i = 0; i < CAB_LENGTH(states); i++)
        if (strcmp(err->sqlstate, states[i]) == 0)
            return true;
    return false;
}

static int read_snapshot(void *ctx, struct cab_db *db, struct cab_catalog_rows *rows, struct cab_err *err) {
    bool was_inside = cab_db_in_transaction(db);
    for (int tries = 0;; tries++) {
        if (read_rows(ctx, db, was_inside, rows, err) == 0)
            return 0;
        struct cab_err ignored = { 0 };
        if (!was_inside && cab_db_in_transaction(db) && cab_db_exec(db, "ROLLBACK", &ignored) != 0)
            return -1;
        if (was_inside || tries == 2 || !is_race(err))
            return -1;
        cab_err_clear(err);
    }
}

/* Once a process and schema: a worker that reloads says nothing new. */
static void log_warnings(const struct cab_catalog *catalog) {
    static char told[sizeof catalog->fingerprint];
    if (memcmp(told, catalog->fingerprint, sizeof told) == 0)
        return;
    memcpy(told, catalog->fingerprint, sizeof told);
    for (int i = 0; i < catalog->n_warnings; i++)
        cab_log(CAB_LOG_WARN, "%s", catalog->warnings[i]);
}

int cab_catalog_load(void *ctx, struct cab_db *db, struct cab_catalog **catalog_out, struct cab_err *err) {
    struct cab_catalog_rows rows;
    struct cab_index_keys indexes;
    struct cab_catalog *catalog = cab_new(ctx, struct cab_catalog);
    void *tmp = cab_mem_alloc(ctx, 1);
    int rc = read_snapshot(tmp, db, &rows, err);
    if (rc == 0) {
        cab_catalog_build(catalog, tmp, &rows, &indexes);
        rc = cab_catalog_annotate(catalog, &indexes, err);
    }
    if (rc == 0)
        log_warnings(catalog);
    else
        cab_mem_free(catalog);
    cab_mem_free(tmp);
    *catalog_out = rc == 0 ? catalog : NULL;
    return rc;
}

int cab_catalog_probe(struct cab_db *db, const struct cab_catalog *catalog, bool *changed_out, struct cab_err *err) {
    void *tmp = cab_mem_alloc(NULL, 1);
    struct cab_result *result;
    int rc = cab_db_read(db, tmp, CAB_SHAPE_ONE, cab_sql_text_catalog_stamp, 0, NULL, &result, err);
    if (rc == 0)
        *changed_out = strcmp(cab_result_value(result, 0, 0), catalog->stamp) != 0;
    cab_mem_free(tmp);
    return rc;
}

const struct cab_table *cab_catalog_any(const struct cab_catalog *catalog, const char *schema, const char *name) {
    struct cab_table wanted = { .schema = schema, .name = name };
    return catalog->n_tables == 0 ? NULL : bsearch(&wanted, catalog->tables, (size_t)catalog->n_tables,
                                                   sizeof wanted, cab_catalog_order);
}

const struct cab_table *cab_catalog_find(const struct cab_catalog *catalog, const char *name) {
    const struct cab_table *table = cab_catalog_any(catalog, "public", name);
    return table != NULL && table->is_exposed ? table : NULL;
}

const struct cab_column *cab_table_column(const struct cab_table *table, const char *name) {
    for (int i = 0; i < table->n_columns; i++)
        if (strcmp(table->columns[i].name, name) == 0)
            return &table->columns[i];
    return NULL;
}

const struct cab_constraint *cab_table_constraint(const struct cab_table *table, const char *name) {
    for (int i = 0; i < table->n_constraints; i++)
        if (strcmp(table->constraints[i].name, name) == 0)
            return &table->constraints[i];
    return NULL;
}
