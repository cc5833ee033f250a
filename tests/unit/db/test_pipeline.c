/*
 * Pipelines: results, errors in the middle, shapes, prepared statements, and connections that go away inside.
 */
#include "db/private.h"
#include "support.h"
#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

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

TestSuite(pipe, .init = make, .fini = drop, .timeout = 60);

static struct cab_db *open_with(int statement_timeout_ms) {
    struct cab_db_options options = test_options(ctx);
    options.statement_timeout_ms = statement_timeout_ms;
    return test_open(ctx, &options);
}

static int run_one(struct cab_db *on, bool is_write, const char *sql) {
    struct cab_pipe *pipe = cab_pipe_make(ctx, on, is_write);
    cab_pipe_add(pipe, CAB_SHAPE_ANY, sql, 0, NULL);
    cab_err_clear(&err);
    return cab_pipe_run(pipe, &err);
}

Test(pipe, gives_each_statement_its_result) {
    const char *values[] = { "4", NULL };
    struct cab_pipe *pipe = cab_pipe_make(ctx, db, true);
    cr_assert_eq(cab_pipe_add(pipe, CAB_SHAPE_NONE, "CREATE TEMP TABLE t (a int, b text)", 0, NULL), 0);
    cr_assert_eq(cab_pipe_add(pipe, CAB_SHAPE_NONE, "SELECT set_config('cabinet.x', 'y', true) WHERE false", 0, NULL),
                 1);
    cr_assert_eq(cab_pipe_run(pipe, &err), -1, "a SELECT is no command");
    cr_assert_eq(err.problem, CAB_PROBLEM_INTERNAL);
    cr_assert_eq(cab_pipe_failed(pipe), 1);

    pipe = cab_pipe_make(ctx, db, true);
    for (int i = 0; i < 20; i++)
        cab_pipe_add(pipe, CAB_SHAPE_NONE, "INSERT INTO t VALUES ($1::int, $2::text)", 2, values);
    int update = cab_pipe_add(pipe, CAB_SHAPE_NONE, "UPDATE t SET b = 'x'", 0, NULL);
    int rows = cab_pipe_add(pipe, CAB_SHAPE_ANY, "SELECT a, b, NULL AS n, true AS yes FROM t", 0, NULL);
    int one = cab_pipe_add(pipe, CAB_SHAPE_ONE, "SELECT count(*) FROM t WHERE a = $1::int", 1, values);
    int none = cab_pipe_add(pipe, CAB_SHAPE_MAYBE, "SELECT a FROM t WHERE false", 0, NULL);
    cab_err_clear(&err);
    cr_assert_eq(cab_pipe_run(pipe, &err), 0, "%s", err.internal);
    cr_assert_eq(cab_pipe_failed(pipe), -1);
    cr_assert_eq(cab_result_affected(cab_pipe_result(pipe, update)), 20);
    const struct cab_result *result = cab_pipe_result(pipe, rows);
    cr_assert_eq(cab_result_rows(result), 20);
    cr_assert_eq(cab_result_columns(result), 4);
    cr_assert_str_eq(cab_result_name(result, 3), "yes");
    cr_assert_eq(cab_result_int64(result, 19, 0), 4);
    cr_assert_str_eq(cab_result_value(result, 0, 1), "x");
    cr_assert_eq(cab_result_length(result, 0, 1), 1);
    cr_assert_null(cab_result_value(result, 0, 2));
    cr_assert_eq(cab_result_int64(result, 0, 2), 0);
    cr_assert_not(cab_result_bool(result, 0, 2));
    cr_assert(cab_result_bool(result, 0, 3));
    cr_assert_eq(cab_result_int64(cab_pipe_result(pipe, one), 0, 0), 20);
    cr_assert_eq(cab_result_rows(cab_pipe_result(pipe, none)), 0);
    cr_assert(cab_db_check_idle(db));
}

Test(pipe, shapes_are_kept) {
    static const struct { enum cab_shape shape; const char *sql; int rc; } cases[] = {
        { CAB_SHAPE_NONE, "SET work_mem = '4MB'", 0 },   { CAB_SHAPE_NONE, "SELECT 1", -1 },
        { CAB_SHAPE_ONE, "SELECT 1", 0 },                { CAB_SHAPE_ONE, "SELECT 1 WHERE false", -1 },
        { CAB_SHAPE_ONE, "VALUES (1), (2)", -1 },        { CAB_SHAPE_ONE, "SET work_mem = '4MB'", -1 },
        { CAB_SHAPE_MAYBE, "SELECT 1", 0 },              { CAB_SHAPE_MAYBE, "SELECT 1 WHERE false", 0 },
        { CAB_SHAPE_MAYBE, "VALUES (1), (2)", -1 },      { CAB_SHAPE_ANY, "VALUES (1), (2)", 0 },
        { CAB_SHAPE_ANY, "SET work_mem = '4MB'", 0 },
    };
    for (size_t i = 0; i < CAB_LENGTH(cases); i++) {
        cab_err_clear(&err);
        cr_assert_eq(cab_db_read(db, ctx, cases[i].shape, cases[i].sql, 0, NULL, NULL, &err), cases[i].rc, "%s",
                     cases[i].sql);
        cr_assert_eq(err.problem, cases[i].rc == 0 ? CAB_PROBLEM_NONE : CAB_PROBLEM_INTERNAL);
        cr_assert(cab_db_check_idle(db));
    }
}

Test(pipe, an_error_in_the_middle_undoes_all) {
    test_exec(db, "CREATE TEMP TABLE t (a int PRIMARY KEY)");
    struct cab_pipe *pipe = cab_pipe_make(ctx, db, true);
    cab_pipe_add(pipe, CAB_SHAPE_NONE, "INSERT INTO t VALUES (1)", 0, NULL);
    cab_pipe_add(pipe, CAB_SHAPE_NONE, "INSERT INTO t VALUES ($1::int)", 1, (const char *[]){ "1" });
    cab_pipe_add(pipe, CAB_SHAPE_ANY, "SELECT a FROM t", 0, NULL);
    cr_assert_eq(cab_pipe_run(pipe, &err), -1);
    cr_assert_eq(cab_pipe_failed(pipe), 1);
    cr_assert_eq(err.problem, CAB_PROBLEM_CONFLICT);
    cr_assert_str_eq(err.sqlstate, "23505");
    cr_assert_str_eq(err.constraint, "t_pkey");
    cr_assert_str_eq(err.table, "t");
    cr_assert_null(strstr(err.internal, "(1)"), "no value in the log: %s", err.internal);
    cr_assert(cab_db_check_idle(db));
    cr_assert_str_eq(test_value(ctx, db, "SELECT count(*) FROM t"), "0");
    /* those before the error stay prepared, those behind it were never */
    cr_assert_eq(cab_pipe_run(pipe, &err), -1);
    cr_assert_eq(cab_pipe_failed(pipe), 1);
    test_exec(db, "ALTER TABLE t DROP CONSTRAINT t_pkey");
    cab_err_clear(&err);
    cr_assert_eq(cab_pipe_run(pipe, &err), 0, "%s", err.internal);
    cr_assert_eq(cab_result_rows(cab_pipe_result(pipe, 2)), 2);
}

Test(pipe, a_statement_that_cannot_be_prepared_fails_alone) {
    struct cab_pipe *pipe = cab_pipe_make(ctx, db, false);
    cab_pipe_add(pipe, CAB_SHAPE_ONE, "SELECT 1", 0, NULL);
    cab_pipe_add(pipe, CAB_SHAPE_ONE, "SELECT nothing FROM nowhere", 0, NULL);
    cab_pipe_add(pipe, CAB_SHAPE_ONE, "SELECT 3", 0, NULL);
    for (int i = 0; i < 3; i++) {
        cab_err_clear(&err);
        cr_assert_eq(cab_pipe_run(pipe, &err), -1);
        cr_assert_eq(cab_pipe_failed(pipe), 1);
        cr_assert_str_eq(err.sqlstate, "42P01");
        cr_assert_eq(err.problem, CAB_PROBLEM_REPLAN);
    }
    cr_assert_str_eq(test_value(ctx, db, "SELECT 3"), "3");
}

Test(pipe, no_submitted_value_gets_out) {
    const char *secret[] = { "hush-hush" };
    cr_assert_eq(cab_db_query(db, ctx, CAB_SHAPE_ONE, "SELECT $1::int", 1, secret, NULL, &err), -1);
    cr_assert_eq(err.problem, CAB_PROBLEM_INVALID);
    cr_assert_null(strstr(err.internal, "hush"), "%s", err.internal);
    cr_assert_null(strstr(err.detail, "hush"), "%s", err.detail);
    cr_assert_null(strstr(err.detail, "SELECT"), "%s", err.detail);
}

Test(pipe, the_commit_itself_can_fail) {
    test_exec(db, "CREATE TEMP TABLE p (a int PRIMARY KEY);"
                  "CREATE TEMP TABLE c (a int REFERENCES p DEFERRABLE INITIALLY DEFERRED)");
    struct cab_pipe *pipe = cab_pipe_make(ctx, db, true);
    cab_pipe_add(pipe, CAB_SHAPE_NONE, "INSERT INTO c VALUES (7)", 0, NULL);
    cab_pipe_add(pipe, CAB_SHAPE_ONE, "SELECT 1", 0, NULL);
    cr_assert_eq(cab_pipe_run(pipe, &err), -1);
    cr_assert_str_eq(err.sqlstate, "23503");
    cr_assert_eq(cab_pipe_failed(pipe), 2);
    cr_assert(cab_db_check_idle(db));
    cr_assert_str_eq(test_value(ctx, db, "SELECT count(*) FROM c"), "0");
}

Test(pipe, works_inside_an_explicit_transaction) {
    test_exec(db, "CREATE TEMP TABLE t (a int)");
    test_exec(db, "BEGIN");
    cr_assert_eq(run_one(db, true, "INSERT INTO t VALUES (1)"), 0);
    cr_assert_eq(run_one(db, true, "INSERT INTO t VALUES (2)"), 0);
    test_exec(db, "ROLLBACK");
    cr_assert_str_eq(test_value(ctx, db, "SELECT count(*) FROM t"), "0");
}

Test(pipe, carries_large_values_both_ways) {
    size_t size = 5 << 20;
    char *large = cab_mem_alloc(ctx, size + 1);
    memset(large, 'x', size);
    large[size] = '\0';
    struct cab_pipe *pipe = cab_pipe_make(ctx, db, false);
    for (int i = 0; i < 3; i++)
        cab_pipe_add(pipe, CAB_SHAPE_ONE, "SELECT $1::text", 1, (const char *const *)&large);
    cr_assert_eq(cab_pipe_run(pipe, &err), 0, "%s", err.internal);
    for (int i = 0; i < 3; i++)
        cr_assert_eq((size_t)cab_result_length(cab_pipe_result(pipe, i), 0, 0), size);
}

Test(pipe, prepares_once) {
    const char *count = "SELECT count(*) FROM pg_catalog.pg_prepared_statements";
    cr_assert_str_eq(test_value(ctx, db, count), "1", "itself");
    for (int i = 0; i < 5; i++)
        cr_assert_eq(run_one(db, false, "SELECT 'again'"), 0);
    cr_assert_str_eq(test_value(ctx, db, count), "2");
    struct cab_pipe *pipe = cab_pipe_make(ctx, db, false);
    cab_pipe_add_once(pipe, CAB_SHAPE_ONE, "SELECT 'once'", 0, NULL);
    cr_assert_eq(cab_pipe_run(pipe, &err), 0);
    cr_assert_str_eq(test_value(ctx, db, count), "2");
}

Test(pipe, the_server_holds_a_bounded_number) {
    for (int i = 0; i < CAB_STATEMENTS_MAX + 40; i++)
        cr_assert_eq(run_one(db, false, cab_printf(ctx, "SELECT %d", i)), 0, "%s", err.internal);
    const char *held = test_value(ctx, db, "SELECT count(*) FROM pg_catalog.pg_prepared_statements");
    int64_t n;
    cr_assert_eq(cab_parse_int64(held, 1, CAB_STATEMENTS_MAX, &n), 0, "%s", held);
    cr_assert_eq(run_one(db, false, "SELECT 0"), 0, "prepared anew");
}

Test(pipe, a_changed_result_type_is_planned_again) {
    test_exec(db, "CREATE TEMP TABLE t (a int)");
    cr_assert_eq(run_one(db, false, "SELECT a FROM t"), 0);
    test_exec(db, "ALTER TABLE t ALTER COLUMN a TYPE text");
    cr_assert_eq(run_one(db, false, "SELECT a FROM t"), -1);
    cr_assert_str_eq(err.sqlstate, "0A000");
    cr_assert_eq(err.problem, CAB_PROBLEM_REPLAN);
    cr_assert_eq(run_one(db, false, "SELECT a FROM t"), 0, "prepared anew: %s", err.internal);
    cr_assert_eq(run_one(db, false, "SELECT a FROM t"), 0);
}

Test(pipe, lost_statements_are_prepared_again_unseen) {
    test_exec(db, "CREATE TEMP TABLE t (a int)");
    cr_assert_eq(run_one(db, true, "INSERT INTO t VALUES (1)"), 0);
    test_exec(db, "DEALLOCATE ALL");
    cr_assert_eq(run_one(db, true, "INSERT INTO t VALUES (1)"), 0, "%s", err.internal);
    cr_assert_str_eq(test_value(ctx, db, "SELECT count(*) FROM t"), "2");
}

Test(pipe, the_server_ends_a_slow_statement) {
    struct cab_db *quick = open_with(200);
    int64_t start = cab_now_ms();
    cr_assert_eq(run_one(quick, false, "SELECT pg_sleep(10)"), -1);
    cr_assert_lt(cab_now_ms() - start, 1000);
    cr_assert_eq(err.problem, CAB_PROBLEM_TIMEOUT);
    cr_assert(cab_db_check_idle(quick));
    struct cab_pipe *pipe = cab_pipe_make(ctx, quick, false);
    for (int i = 0; i < 12; i++)
        cab_pipe_add(pipe, CAB_SHAPE_ONE, "SELECT pg_sleep(0.15)", 0, NULL);
    cab_err_clear(&err);
    start = cab_now_ms();
    cr_assert_eq(cab_pipe_run(pipe, &err), -1);
    cr_assert_eq(err.problem, CAB_PROBLEM_TIMEOUT, "no statement was slow, all together were");
    cr_assert_lt(cab_now_ms() - start, 1700);
    cr_assert(cab_db_check_idle(quick));
}

Test(pipe, the_client_cancels_what_the_server_does_not_end) {
    struct cab_db *quick = open_with(200);
    int pid = cab_db_backend_pid(quick);
    test_exec(quick, "SET statement_timeout = 0");
    int64_t start = cab_now_ms();
    cr_assert_eq(run_one(quick, true, "SELECT pg_sleep(10)"), -1);
    int64_t took = cab_now_ms() - start;
    cr_assert(took >= 1100 && took < 2500, "%d ms", (int)took);
    cr_assert_eq(err.problem, CAB_PROBLEM_TIMEOUT, "cancelled, so nothing was done: %s", err.internal);
    cr_assert(cab_db_check_idle(quick));
    cr_assert_eq(cab_db_backend_pid(quick), pid, "the connection stays");
    cr_assert_eq(run_one(quick, false, "SELECT 1"), 0, "and no cancel is left over");
}

Test(pipe, impatience_cancels_sooner_than_the_statement_time_out) {
    struct cab_db *slow = open_with(2000);
    int pid = cab_db_backend_pid(slow);
    int64_t start = cab_now_ms();
    cab_db_patience(slow, 200);
    cr_assert_eq(run_one(slow, false, "SELECT pg_sleep(10)"), -1);
    int64_t took = cab_now_ms() - start;
    cr_assert(took >= 200 && took < 1500, "%d ms", (int)took);
    cr_assert_eq(err.problem, CAB_PROBLEM_TIMEOUT, "%s", err.internal);
    cr_assert(cab_db_check_idle(slow));
    cr_assert_eq(cab_db_backend_pid(slow), pid, "the connection stays");
    cab_db_patience(slow, 0);
    cr_assert_eq(run_one(slow, false, "SELECT pg_sleep(0.4)"), 0, "%s", err.internal);
    cab_db_patience(slow, 60000);
    start = cab_now_ms();
    cr_assert_eq(run_one(slow, false, "SELECT pg_sleep(10)"), -1);
    cr_assert_lt(cab_now_ms() - start, 4000, "the statement time-out holds for the patient too");
}

Test(pipe, a_client_that_goes_away_cancels) {
    int pair[2];
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    cab_db_watch(db, pair[0]);
    cr_assert_eq(run_one(db, false, "SELECT pg_sleep(0.05)"), 0, "it is there");
    pid_t leaver = fork();
    if (leaver == 0) {
        close(pair[0]);
        usleep(200000);
        _exit(0);
    }
    close(pair[1]);
    int64_t start = cab_now_ms();
    cr_assert_eq(run_one(db, true, "SELECT pg_sleep(5)"), -1);
    cr_assert_lt(cab_now_ms() - start, 2000);
    cr_assert_eq(err.problem, CAB_PROBLEM_CLIENT_GONE);
    waitpid(leaver, NULL, 0);
    cab_db_watch(db, -1);
    cr_assert(cab_db_check_idle(db));
    cr_assert_str_eq(test_value(ctx, db, "SELECT 1"), "1");
}

Test(pipe, a_read_survives_the_end_of_its_connection) {
    test_terminate(db);
    cr_assert_eq(run_one(db, false, "SELECT 1"), 0, "%s", err.internal);
    cr_assert_eq(cab_db_reconnects(db), 1);
    pid_t killer = test_terminate_later(db, 200);
    cr_assert_eq(run_one(db, false, "SELECT pg_sleep(0.6)"), 0, "sent once more: %s", err.internal);
    cr_assert_eq(cab_db_reconnects(db), 2);
    waitpid(killer, NULL, 0);
}

Test(pipe, a_write_is_never_sent_twice) {
    test_terminate(db);
    cr_assert_eq(run_one(db, true, "SELECT 1"), 0, "known before it was sent: %s", err.internal);
    pid_t killer = test_terminate_later(db, 200);
    cr_assert_eq(run_one(db, true, "SELECT pg_sleep(3)"), -1);
    cr_assert_eq(err.problem, CAB_PROBLEM_FATE_UNKNOWN);
    cr_assert_gt(err.retry_after, 0);
    cr_assert_not(cab_db_connected(db));
    waitpid(killer, NULL, 0);
    cr_assert_eq(cab_db_ready(db, &err), 0);
    cr_assert_eq(run_one(db, true, "SELECT 1"), 0);
}

Test(pipe, a_server_that_falls_silent_is_given_up) {
    struct test_proxy proxy;
    test_proxy_start(&proxy);
    struct cab_db_options options = test_options(ctx);
    options.url = test_url_at(ctx, proxy.folder);
    options.statement_timeout_ms = 200;
    options.connect_timeout_s = 1;
    struct cab_db *far = test_open(ctx, &options);
    cr_assert_eq(run_one(far, true, "SELECT 1"), 0);
    test_proxy_signal(&proxy, SIGSTOP);
    int64_t start = cab_now_ms();
    cr_assert_eq(run_one(far, true, "SELECT 1"), -1);
    int64_t took = cab_now_ms() - start;
    cr_assert(took >= 1200 && took < 3500, "%d ms", (int)took);
    cr_assert_eq(err.problem, CAB_PROBLEM_FATE_UNKNOWN, "not even the cancel was heard");
    cr_assert_not(cab_db_connected(far));
    cr_assert_eq(run_one(far, true, "SELECT 1"), -1);
    cr_assert_eq(err.problem, CAB_PROBLEM_UNAVAILABLE, "not connected, so not sent");
    test_proxy_signal(&proxy, SIGCONT);
    usleep((CAB_SILENT_MS + 50) * 1000);
    cr_assert_eq(run_one(far, true, "SELECT 1"), 0, "%s", err.internal);
    test_proxy_signal(&proxy, SIGKILL);
    cr_assert_eq(run_one(far, false, "SELECT 1"), -1);
    cr_assert_eq(err.problem, CAB_PROBLEM_UNAVAILABLE);
    cab_db_close(&far);
    test_proxy_stop(&proxy);
}

Test(pipe, a_read_only_server_loses_its_connection) {
    test_exec(db, "SET default_transaction_read_only = on");
    cr_assert_eq(run_one(db, true, "CREATE TABLE public.never (a int)"), -1);
    cr_assert_str_eq(err.sqlstate, "25006");
    cr_assert_eq(err.problem, CAB_PROBLEM_UNAVAILABLE);
    cr_assert_not(cab_db_connected(db), "so that the next one finds the primary");
}

Test(pipe, copy_does_not_hang) {
    cr_assert_eq(run_one(db, true, "COPY (SELECT 1) TO STDOUT"), -1);
    cr_assert_eq(cab_db_ready(db, &err), 0);
    cr_assert_str_eq(test_value(ctx, db, "SELECT 1"), "1");
}

Test(pipe, leaves_no_memory_behind) {
    const char *values[] = { "1" };
    size_t blocks = 0;
    for (int i = 0; i < 300; i++) {
        void *request = cab_mem_alloc(ctx, 1);
        struct cab_pipe *pipe = cab_pipe_make(request, db, false);
        for (int j = 0; j < 9; j++)
            cab_pipe_add(pipe, CAB_SHAPE_ANY, "SELECT $1::int", 1, values);
        cr_assert_eq(cab_pipe_run(pipe, &err), 0);
        cab_mem_free(request);
        if (i == 10)
            blocks = cab_mem_blocks(ctx);
    }
    cr_assert_eq(cab_mem_blocks(ctx), blocks);
}
