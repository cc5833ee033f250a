/*
 * Commands on the summaries of counted tables: whether they are right, and counting anew.
 */
#include <cabinet/catalog.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "admin/admin.h"

/* What a command does with one table; differences_out is what it found. */
typedef int count_step(struct admin *admin, const struct cab_table *table, int *differences_out, struct cab_err *err);

static const char *function_of(struct admin *admin, const char *prefix, const struct cab_table *table) {
    const char *name = cab_derived_name(admin->mem, prefix, table->schema, table->name);
    return cab_printf(admin->mem, "cabinet.%s()", cab_sql_quote_name(admin->mem, name));
}

static void print_difference(const struct admin *admin, const struct cab_table *table, const struct cab_result *rows,
                             int row) {
    struct cab_buf buf;
    struct cab_json_writer w = { .buf = &buf };
    if (!admin->json) {
        printf("%s.%s: %s: kept %" PRId64 ", counted %" PRId64 "\n", table->schema, table->name,
               cab_result_value(rows, row, 0), cab_result_int64(rows, row, 1), cab_result_int64(rows, row, 2));
        return;
    }
    cab_buf_init(&buf, admin->mem, 256);
    cab_json_open(&w, NULL, '{');
    cab_json_put(&w, "table", cab_printf(admin->mem, "%s.%s", table->schema, table->name));
    cab_json_put_raw(&w, "kind", cab_result_value(rows, row, 0));
    cab_json_put_int(&w, "kept", cab_result_int64(rows, row, 1));
    cab_json_put_int(&w, "counted", cab_result_int64(rows, row, 2));
    cab_json_close(&w, '}');
    puts(buf.data);
}

static int verify_table(struct admin *admin, const struct cab_table *table, int *differences_out,
                        struct cab_err *err) {
    struct cab_result *rows;
    const char *sql = cab_printf(admin->mem, "SELECT v.kind, v.kept, v.counted FROM %s AS v ORDER BY v.kind",
                                 function_of(admin, "count_verify_", table));
    if (cab_db_read(admin->db, admin->mem, CAB_SHAPE_ANY, sql, 0, NULL, &rows, err) != 0)
        return -1;
    *differences_out = cab_result_rows(rows);
    for (int row = 0; row < *differences_out; row++)
        print_difference(admin, table, rows, row);
    if (*differences_out == 0 && !admin->json)
        printf("%s.%s: the counts are right\n", table->schema, table->name);
    return 0;
}

static int rebuild_table(struct admin *admin, const struct cab_table *table, int *differences_out,
                         struct cab_err *err) {
    *differences_out = 0;
    const char *sql = cab_printf(admin->mem, "SELECT %s", function_of(admin, "count_rebuild_", table));
    if (cab_db_query(admin->db, admin->mem, CAB_SHAPE_ONE, sql, 0, NULL, NULL, err) != 0)
        return -1;
    if (!admin->json)
        printf("%s.%s: counted anew\n", table->schema, table->name);
    return 0;
}

/* Whether argument names the table, with its schema or, in schema public, without. */
static bool is_meant(const struct admin *admin, const struct cab_table *table) {
    if (admin->argument == NULL)
        return true;
    return strcmp(admin->argument, cab_printf(admin->mem, "%s.%s", table->schema, table->name)) == 0 ||
           (strcmp(table->schema, "public") == 0 && strcmp(admin->argument, table->name) == 0);
}

static int each_table(struct admin *admin, count_step *step, struct cab_err *err) {
    struct cab_catalog *catalog;
    int seen = 0, differences, sum = 0;
    if (cab_catalog_load(admin->mem, admin->db, &catalog, err) != 0)
        return -1;
    for (int i = 0; i < catalog->n_tables; i++) {
        const struct cab_table *table = &catalog->tables[i];
        if (table->n_counted == 0 || !is_meant(admin, table))
            continue;
        seen++;
        if (cab_summary_find(admin->mem, catalog, table) == NULL)
            return cab_fail(err, CAB_PROBLEM_NOT_FOUND, "Table %s.%s has no counts that fit its annotation; "
                            "cabinet-migrate derive prints what is missing.", table->schema, table->name);
        if (step(admin, table, &differences, err) != 0)
            return -1;
        sum += differences;
    }
    if (seen == 0 && admin->argument != NULL)
        return cab_fail(err, CAB_PROBLEM_NOT_FOUND, "There is no counted table %s.", admin->argument);
    return sum > 0 ? ADMIN_REFUSED : ADMIN_DONE;
}

int admin_counts_verify(struct admin *admin, struct cab_err *err) {
    return each_table(admin, verify_table, err);
}

int admin_counts_rebuild(struct admin *admin, struct cab_err *err) {
    return each_table(admin, rebuild_table, err);
}
