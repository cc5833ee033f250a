/*
 * Pipelines of several requests in one: to each its results, and an error hits its own request only.
 */
#include <cabinet/db.h>
#include "support.h"
#include <criterion/criterion.h>
#include <string.h>

static void *ctx;
static struct cab_err err;
static struct cab_db *db;
static struct cab_pipe *pipes[CAB_PIPES_MAX];

static void make(void) {
    ctx = cab_mem_alloc(NULL, 1);
    struct cab_db_options options = test_options(ctx);
    options.statement_timeout_ms = 1000;
    db = test_open(ctx, &options);
    for (int i = 0; i < CAB_PIPES_MAX; i++)
        pipes[i] = cab_pipe_make(ctx, db, false);
    cab_err_clear(&err);
}

static void drop(void) {
    cab_mem_free(ctx);
}

TestSuite(together, .init = make, .fini = drop, .timeout = 60);

static const char one[] = "SELECT $1::text AS key, $2::int + 1 AS next WHERE $1::text <> 'nobody' AND $3::int > 0";
/* against the order of the keys; its third column tells that they were joined */
static const char many[] = "SELECT w.key, w.n + 1, w.nth FROM unnest((SELECT $1::text[]), (SELECT $2::int[]))"
                           " WITH ORDINALITY AS w (key, n, nth) WHERE w.key <> 'nobody' AND $3::int > 0"
                           " ORDER BY w.nth DESC";

static void add_keyed(struct cab_pipe *pipe, const char *key, const char *number, const char *common) {
    const char **values = cab_new_array(ctx, const char *, 3);
    values[0] = key;
    values[1] = number;
    values[2] = common;
    cr_assert_eq(cab_pipe_add_keyed(pipe, one, many, 2, 3, values), 0);
}

static const char *value_of(const struct cab_pipe *pipe, int index) {
    const struct cab_result *result = cab_pipe_result(pipe, index);
    return cab_result_rows(result) == 0 ? "no row" : cab_result_value(result, 0, 0);
}

Test(together, gives_each_its_results) {
    static const char *const keys[] = { "plain", "", "a\"b", "back\\slash", "{1,2}", "NULL", "nobody", " ü\n" };
    for (int i = 0; i < 8; i++)
        add_keyed(pipes[i], keys[i], cab_decimal(ctx, i), "1");
    cab_pipe_add(pipes[2], CAB_SHAPE_ANY, "SELECT generate_series(1, 3)", 0, NULL);
    cab_pipe_add(pipes[8], CAB_SHAPE_ONE, "SELECT 'eight'", 0, NULL);
    cab_pipe_add(pipes[8], CAB_SHAPE_MAYBE, "SELECT 'more'", 0, NULL);
    cr_assert_eq(cab_pipes_run(ctx, pipes, 9, &err), 9, "%s", err.internal);
    for (int i = 0; i < 8; i++) {
        const struct cab_result *result = cab_pipe_result(pipes[i], 0);
        cr_assert_eq(cab_result_rows(result), i != 6);
        if (i == 6)
            continue;
        size_t n;
        cr_assert_str_eq(cab_result_value(result, 0, 0), keys[i]);
        cr_assert_str_eq(cab_result_text(result, 0, 0, &n), keys[i]);
        cr_assert_eq(n, strlen(keys[i]));
        cr_assert_eq(cab_result_length(result, 0, 0), (int)n);
        cr_assert_eq(cab_result_int64(result, 0, 1), i + 1);
        cr_assert_eq(cab_result_columns(result), 3, "all of them were one statement");
    }
    cr_assert_eq(cab_result_rows(cab_pipe_result(pipes[2], 1)), 3);
    cr_assert_str_eq(value_of(pipes[8], 0), "eight");
    cr_assert_str_eq(value_of(pipes[8], 1), "more");
    cr_assert(cab_db_check_idle(db));
}

Test(together, joins_only_what_differs_in_nothing_but_the_keys) {
    add_keyed(pipes[0], "a", "1", "1");
    add_keyed(pipes[1], "b", "2", "-1");
    add_keyed(pipes[2], "c", "3", "1");
    cr_assert_eq(cab_pipes_run(ctx, pipes, 3, &err), 3, "%s", err.internal);
    cr_assert_str_eq(value_of(pipes[0], 0), "a");
    cr_assert_str_eq(value_of(pipes[1], 0), "no row");
    cr_assert_str_eq(value_of(pipes[2], 0), "c");
    cr_assert_eq(cab_result_columns(cab_pipe_result(pipes[0], 0)), 3);
    cr_assert_eq(cab_result_columns(cab_pipe_result(pipes[1], 0)), 2, "alone it is the statement for one");
    cr_assert_eq(cab_pipes_run(ctx, pipes + 2, 1, &err), 1, "and may be run again");
    cr_assert_eq(cab_result_columns(cab_pipe_result(pipes[2], 0)), 2);
}

Test(together, an_error_stops_those_behind_it_and_they_can_be_sent_again) {
    static const char *const zero[] = { "0" };
    add_keyed(pipes[0], "a", "1", "1");
    cab_pipe_add(pipes[1], CAB_SHAPE_ONE, "SELECT 1 / $1::int", 1, zero);
    cab_pipe_add(pipes[2], CAB_SHAPE_ONE, "SELECT 'behind'", 0, NULL);
    add_keyed(pipes[3], "d", "4", "1");
    cr_assert_eq(cab_pipes_run(ctx, pipes, 4, &err), 1);
    cr_assert_str_eq(err.sqlstate, "22012");
    cr_assert_str_eq(value_of(pipes[0], 0), "a");
    cab_err_clear(&err);
    cr_assert_eq(cab_pipes_run(ctx, pipes + 2, 2, &err), 2, "%s", err.internal);
    cr_assert_str_eq(value_of(pipes[2], 0), "behind");
    cr_assert_str_eq(value_of(pipes[3], 0), "d");

    /* in the statement of many: none of them has a result */
    add_keyed(pipes[4], "e", "5", "1");
    add_keyed(pipes[5], "f", "no number", "1");
    cr_assert_eq(cab_pipes_run(ctx, pipes + 4, 2, &err), 0);
    cr_assert_str_eq(err.sqlstate, "22P02");
    cab_err_clear(&err);
    cr_assert_eq(cab_pipes_run(ctx, pipes + 4, 1, &err), 1);
    cr_assert_str_eq(value_of(pipes[4], 0), "e");

    /* a shape that is not kept is known at the end only */
    cab_pipe_add(pipes[6], CAB_SHAPE_ONE, "SELECT 'six'", 0, NULL);
    cab_pipe_add(pipes[7], CAB_SHAPE_ONE, "SELECT 1 WHERE false", 0, NULL);
    cr_assert_eq(cab_pipes_run(ctx, pipes + 6, 2, &err), 1);
    cr_assert_eq(err.problem, CAB_PROBLEM_INTERNAL);
    cr_assert_str_eq(value_of(pipes[6], 0), "six");
    cr_assert(cab_db_check_idle(db));
}

Test(together, is_sent_once_more_where_the_connection_turns_out_dead) {
    add_keyed(pipes[0], "a", "1", "1");
    add_keyed(pipes[1], "b", "2", "1");
    test_terminate(db);
    cr_assert_eq(cab_pipes_run(ctx, pipes, 2, &err), 2, "%s", err.internal);
    cr_assert_str_eq(value_of(pipes[1], 0), "b");
    cr_assert_eq(cab_db_reconnects(db), 1);
}

Test(together, what_takes_too_long_is_cut) {
    cab_pipe_add(pipes[0], CAB_SHAPE_ONE, "SELECT 'first'", 0, NULL);
    cab_pipe_add(pipes[1], CAB_SHAPE_ANY, "SELECT pg_sleep(30)", 0, NULL);
    cab_pipe_add(pipes[2], CAB_SHAPE_ONE, "SELECT 'last'", 0, NULL);
    cr_assert_eq(cab_pipes_run(ctx, pipes, 3, &err), 1);
    cr_assert_eq(err.problem, CAB_PROBLEM_TIMEOUT);
    cr_assert_str_eq(value_of(pipes[0], 0), "first");
    cr_assert(cab_db_check_idle(db));
}

/* ---- changes ---- */

static void add_change(struct cab_pipe *pipe, const char *value) {
    const char **values = cab_new_array(ctx, const char *, 1);
    values[0] = value;
    cab_pipe_add(pipe, CAB_SHAPE_ONE, "INSERT INTO shared_rows (n, xid) VALUES ($1::int, pg_current_xact_id()::text)"
                                      " RETURNING n, xid", 1, values);
}

static void make_rows(void) {
    cr_assert_eq(cab_db_exec(db, "CREATE TEMP TABLE shared_rows (n int PRIMARY KEY, xid text)", &err), 0, "%s",
                 err.internal);
    for (int i = 0; i < CAB_PIPES_MAX; i++)
        pipes[i] = cab_pipe_make(ctx, db, true);
}

static const char *rows(void) {
    struct cab_result *result;
    cr_assert_eq(cab_db_read(db, ctx, CAB_SHAPE_ONE, "SELECT coalesce(string_agg(n::text, ',' ORDER BY n), '') FROM"
                             " shared_rows", 0, NULL, &result, &err), 0, "%s", err.internal);
    return cab_result_value(result, 0, 0);
}

Test(together, changes_share_a_transaction) {
    int refused;
    make_rows();
    for (int i = 0; i < CAB_PIPES_MAX; i++)
        add_change(pipes[i], cab_decimal(ctx, i));
    cab_pipe_add(pipes[1], CAB_SHAPE_ONE, "SELECT current_setting('lock_timeout')", 0, NULL);
    cr_assert_eq(cab_pipes_change(ctx, pipes, CAB_PIPES_MAX, &refused, &err), 0, "%s", err.internal);
    for (int i = 0; i < CAB_PIPES_MAX; i++) {
        cr_assert_str_eq(value_of(pipes[i], 0), cab_decimal(ctx, i));
        cr_assert_str_eq(cab_result_value(cab_pipe_result(pipes[i], 0), 0, 1),
                         cab_result_value(cab_pipe_result(pipes[0], 0), 0, 1));
    }
    cr_assert_str_eq(value_of(pipes[1], 1), "50ms");
    cr_assert(cab_db_check_idle(db));
}

Test(together, a_refused_change_undoes_all_and_is_named) {
    int refused;
    make_rows();
    add_change(pipes[0], "1");
    cab_pipe_add(pipes[0], CAB_SHAPE_ONE, "SELECT 'more'", 0, NULL);
    add_change(pipes[1], "2");
    add_change(pipes[2], "1");
    add_change(pipes[3], "3");
    cr_assert_eq(cab_pipes_change(ctx, pipes, 4, &refused, &err), -1);
    cr_assert_eq(refused, 2);
    cr_assert_str_eq(err.sqlstate, "23505");
    cr_assert_str_eq(rows(), "");
    cab_err_clear(&err);
    struct cab_pipe *others[] = { pipes[0], pipes[1], pipes[3] };
    cr_assert_eq(cab_pipes_change(ctx, others, 3, &refused, &err), 0, "%s", err.internal);
    cr_assert_str_eq(rows(), "1,2,3");
    cr_assert_str_eq(value_of(pipes[0], 1), "more");
    cr_assert_str_eq(value_of(pipes[3], 0), "3");
}

Test(together, a_transaction_that_cannot_end_is_the_last_ones) {
    int refused;
    make_rows();
    cr_assert_eq(cab_db_exec(db, "CREATE TEMP TABLE late_rows (n int REFERENCES shared_rows DEFERRABLE INITIALLY"
                             " DEFERRED)", &err), 0, "%s", err.internal);
    cab_pipe_add(pipes[0], CAB_SHAPE_ANY, "INSERT INTO late_rows VALUES (7)", 0, NULL);
    add_change(pipes[1], "1");
    cr_assert_eq(cab_pipes_change(ctx, pipes, 2, &refused, &err), -1);
    cr_assert_eq(refused, 1);
    cr_assert_str_eq(err.sqlstate, "23503");
    cr_assert_str_eq(rows(), "");
}

Test(together, a_change_that_waits_for_a_lock_is_refused_soon) {
    struct cab_db_options options = test_options(ctx);
    struct cab_db *other = test_open(ctx, &options);
    int refused;
    make_rows();
    add_change(pipes[0], "1");
    cab_pipe_add(pipes[1], CAB_SHAPE_ANY, "SELECT pg_advisory_xact_lock(4711)", 0, NULL);
    cr_assert_eq(cab_db_exec(other, "SELECT pg_advisory_lock(4711)", &err), 0, "%s", err.internal);
    int64_t began = cab_now_ms();
    cr_assert_eq(cab_pipes_change(ctx, pipes, 2, &refused, &err), -1);
    cr_assert_lt(cab_now_ms() - began, 500);
    cr_assert_eq(refused, 1);
    cr_assert_str_eq(err.sqlstate, "55P03");
    cr_assert_str_eq(rows(), "");
    cr_assert(cab_db_check_idle(db));
}

Test(together, changes_on_a_connection_that_is_lost_may_be_done) {
    int refused = 0;
    make_rows();
    add_change(pipes[0], "1");
    cab_pipe_add(pipes[1], CAB_SHAPE_ANY, "SELECT pg_terminate_backend(pg_backend_pid())", 0, NULL);
    cr_assert_eq(cab_pipes_change(ctx, pipes, 2, &refused, &err), -1);
    cr_assert_eq(refused, -1);
    cr_assert_eq(err.problem, CAB_PROBLEM_FATE_UNKNOWN);
}
