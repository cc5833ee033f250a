/*
 * The SQL builder and its quoting.
 */
#include "support.h"
#include <criterion/criterion.h>
#include <string.h>

static void *ctx;

static void make(void) {
    ctx = cab_mem_alloc(NULL, 1);
}

static void drop(void) {
    cab_mem_free(ctx);
}

TestSuite(sql, .init = make, .fini = drop);

Test(sql, builds_text_and_values_in_order) {
    struct cab_sql sql;
    cab_sql_init(&sql, ctx);
    cab_sql_add(&sql, "SELECT ");
    cab_sql_name(&sql, "say \"hi\"");
    cab_sql_add(&sql, " FROM ");
    cab_sql_qualified(&sql, "public", "no\"tes");
    cab_sql_add(&sql, " WHERE a = ");
    cab_sql_bind(&sql, "x'; DROP TABLE users; --", "text");
    cab_sql_add(&sql, " AND b = ");
    cab_sql_bind(&sql, NULL, "character varying(50)");
    cr_assert_str_eq(sql.text.data,
                     "SELECT \"say \"\"hi\"\"\" FROM \"public\".\"no\"\"tes\" WHERE a = $1::text AND b = "
                     "$2::character varying(50)");
    cr_assert_eq(sql.n_values, 2);
    cr_assert_str_eq(sql.values[0], "x'; DROP TABLE users; --");
    cr_assert_null(sql.values[1]);
}

Test(sql, holds_many_values) {
    struct cab_sql sql;
    cab_sql_init(&sql, ctx);
    for (int i = 0; i < 1200; i++)
        cab_sql_bind(&sql, cab_printf(ctx, "%d", i), "int");
    cr_assert_eq(sql.n_values, 1200);
    cr_assert_str_eq(sql.values[1199], "1199");
    cr_assert_str_eq(sql.text.data + sql.text.len - strlen("$1200::int"), "$1200::int");
}

Test(sql, quotes_as_the_server_reads) {
    static const char *const values[] = { "plain", "it's", "back\\slash", "\\", "''", "a\\'b", "€ \t\n", "" };
    struct cab_db_options options = test_options(ctx);
    struct cab_db *db = test_open(ctx, &options);
    for (size_t i = 0; i < CAB_LENGTH(values); i++) {
        const char *sql = cab_printf(ctx, "SELECT %s::text", cab_sql_quote_literal(ctx, values[i]));
        cr_assert_str_eq(test_value(ctx, db, sql), values[i]);
        if (values[i][0] == '\0')
            continue;
        struct cab_err err = { 0 };
        struct cab_result *result;
        sql = cab_printf(ctx, "SELECT 1 AS %s", cab_sql_quote_name(ctx, values[i]));
        cr_assert_eq(cab_db_query(db, ctx, CAB_SHAPE_ONE, sql, 0, NULL, &result, &err), 0, "%s", err.internal);
        cr_assert_str_eq(cab_result_name(result, 0), values[i]);
    }
}
