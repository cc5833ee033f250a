/*
 * What a request ran: names of statements, and how long it waited for them.
 */
#include "db/private.h"
#include "statements.h"
#include "support.h"
#include <criterion/criterion.h>
#include <string.h>

static void *ctx;
static struct cab_err err;
static struct cab_db *db;

static void make(void) {
    ctx = cab_mem_alloc(NULL, 1);
    struct cab_db_options options = test_options(ctx);
    db = test_open(ctx, &options);
}

static void drop(void) {
    cab_mem_free(ctx);
}

TestSuite(trace, .init = make, .fini = drop, .timeout = 60);

Test(trace, names_fixed_statements_and_tells_pipelines_apart) {
    cab_db_trace_begin(db);
    cr_expect_str_eq(cab_db_trace_names(db, ctx), "");
    struct cab_pipe *pipe = cab_pipe_make(ctx, db, false);
    cab_pipe_add(pipe, CAB_SHAPE_ANY, cab_sql_text_connection_limits, 0, NULL);
    cab_pipe_add(pipe, CAB_SHAPE_ANY, cab_strdup(ctx, "SELECT pg_sleep(0.02)"), 0, NULL);
    cr_assert(cab_pipe_run(pipe, &err) == 0, "%s", err.internal);
    cr_assert(cab_db_read(db, ctx, CAB_SHAPE_ANY, cab_sql_text_metrics_database, 0, NULL, NULL, &err) == 0);
    cr_expect_str_eq(cab_db_trace_names(db, ctx), "connection_limits,built+metrics_database");
    cr_expect(cab_db_trace_us(db) >= 20000 && cab_db_trace_us(db) < 5000000, "%lld", (long long)cab_db_trace_us(db));
    cab_db_trace_begin(db);
    cr_expect(cab_db_trace_us(db) == 0);
}

Test(trace, keeps_the_last_of_many) {
    cab_db_trace_begin(db);
    for (int i = 0; i < 100; i++)
        cr_assert(cab_db_read(db, ctx, CAB_SHAPE_ANY, "SELECT 1", 0, NULL, NULL, &err) == 0);
    cr_assert(cab_db_read(db, ctx, CAB_SHAPE_ANY, cab_sql_text_connection_limits, 0, NULL, NULL, &err) == 0);
    const char *names = cab_db_trace_names(db, ctx);
    cr_expect(strlen(names) < 32 * 8, "%s", names);
    cr_expect(strstr(names, "built+connection_limits") != NULL, "%s", names);
}

Test(trace, connects_are_counted) {
    struct cab_db_options options = test_options(ctx);
    uint64_t connects = cab_db_connects(db);
    cr_expect(connects == 1 && cab_db_connects_failed(db) == 0);
    options.url = "host=/nonexistent user=nobody dbname=nothing";
    struct cab_db *away = cab_db_make(ctx, &options);
    cr_expect(cab_db_ready(away, &err) != 0);
    cr_expect(cab_db_connects(away) == 0 && cab_db_connects_failed(away) == 1);
}
