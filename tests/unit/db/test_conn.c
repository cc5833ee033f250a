/*
 * Connecting, checking before use, recycling, and what happens when the server or the way to it goes away.
 */
#include "db/private.h"
#include "support.h"
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void *ctx;
static struct cab_err err;

static void make(void) {
    ctx = cab_mem_alloc(NULL, 1);
}

static void drop(void) {
    cab_mem_free(ctx);
}

TestSuite(conn, .init = make, .fini = drop, .timeout = 60);

Test(conn, pins_the_session) {
    static const struct { const char *name, *value; } settings[] = {
        { "search_path", "public, pg_temp" }, { "TimeZone", "UTC" }, { "DateStyle", "ISO, MDY" },
        { "IntervalStyle", "iso_8601" }, { "bytea_output", "hex" }, { "extra_float_digits", "1" },
        { "statement_timeout", "10s" }, { "lock_timeout", "1500ms" }, { "idle_in_transaction_session_timeout", "40s" },
        { "application_name", "unit-db" }, { "client_encoding", "UTF8" }, { "jit", "off" },
    };
    struct cab_db_options options = test_options(ctx);
    options.lock_timeout_ms = 1500;
    options.url = cab_printf(ctx, "%s options='-c TimeZone=Asia/Tokyo -c work_mem=5MB'", options.url);
    struct cab_db *db = test_open(ctx, &options);
    for (size_t i = 0; i < CAB_LENGTH(settings); i++)
        cr_assert_str_eq(test_value(ctx, db, cab_printf(ctx, "SHOW %s", settings[i].name)), settings[i].value, "%s",
                         settings[i].name);
    cr_assert_str_eq(test_value(ctx, db, "SHOW work_mem"), "5MB", "the URL's own options stay");
    cr_assert_geq(cab_db_server_version(db), 140000);
    cr_assert_gt(cab_db_backend_pid(db), 0);
    cr_assert_eq(cab_db_reconnects(db), 0);
}

Test(conn, a_refused_connection_is_known_at_once) {
    struct cab_db_options options = test_options(ctx);
    struct cab_db *db;
    options.url = "host=127.0.0.1 port=1 user=someone password=hush dbname=x";
    int64_t start = cab_now_ms();
    cr_assert_eq(cab_db_open(ctx, &options, &db, &err), -1);
    cr_assert_lt(cab_now_ms() - start, 1000);
    cr_assert_eq(err.problem, CAB_PROBLEM_UNAVAILABLE);
    cr_assert_gt(err.retry_after, 0);
    cr_assert_null(strstr(err.internal, "hush"));
    cr_assert_null(strstr(err.detail, "127.0.0.1"), "a client learns nothing of the inside");
}

Test(conn, a_bad_url_does_not_leak_its_password) {
    static const char *const urls[] = { "postgresql://u:hush@[x/db", "host=a password 'hush", "hush",
                                        "postgresql://u:hush@h/db?nope=1" };
    for (size_t i = 0; i < CAB_LENGTH(urls); i++) {
        struct cab_db_options options = test_options(ctx);
        struct cab_db *db;
        options.url = urls[i];
        cr_assert_eq(cab_db_open(ctx, &options, &db, &err), -1);
        cr_assert_null(db);
        cr_assert_null(strstr(err.internal, "hush"), "%s", err.internal);
        cr_assert_null(strstr(err.detail, "hush"), "%s", err.detail);
    }
}

/* A port that takes connections and never says a word. */
static int silent_port(void) {
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_eq(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    cr_assert_eq(listen(fd, 8), 0);
    cr_assert_eq(getsockname(fd, (struct sockaddr *)&at, &len), 0);
    return ntohs(at.sin_port);
}

Test(conn, a_silent_host_is_given_up) {
    struct cab_db_options options = test_options(ctx);
    struct cab_db *db;
    options.connect_timeout_s = 1;
    options.url = cab_printf(ctx, "host=127.0.0.1 port=%d user=u dbname=d sslmode=disable", silent_port());
    int64_t start = cab_now_ms();
    cr_assert_eq(cab_db_open(ctx, &options, &db, &err), -1);
    int64_t took = cab_now_ms() - start;
    cr_assert(took >= 900 && took < 2000, "%d ms", (int)took);
    cr_assert_eq(err.problem, CAB_PROBLEM_UNAVAILABLE);
}

Test(conn, a_silent_host_does_not_hide_the_next) {
    struct test_proxy proxy;
    test_proxy_start(&proxy);
    struct cab_db_options options = test_options(ctx);
    options.connect_timeout_s = 2;
    int port = silent_port();
    options.url = cab_printf(ctx, "%s host=127.0.0.1,127.0.0.1,%s port=1,%d,5432 sslmode=disable",
                             test_url_at(ctx, "ignored"), proxy.folder, port);
    int64_t start = cab_now_ms();
    struct cab_db *db = test_open(ctx, &options);
    cr_assert_lt(cab_now_ms() - start, 2500);
    cr_assert_str_eq(test_value(ctx, db, "SELECT 1"), "1");
    cab_db_close(&db);
    test_proxy_stop(&proxy);
}

Test(conn, a_connection_ended_by_the_server_is_replaced) {
    struct cab_db_options options = test_options(ctx);
    struct cab_db *db = test_open(ctx, &options);
    int before = cab_db_backend_pid(db);
    test_terminate(db);
    cr_assert_eq(cab_db_ready(db, &err), 0, "%s", err.internal);
    cr_assert_neq(cab_db_backend_pid(db), before);
    cr_assert_eq(cab_db_reconnects(db), 1);
    cr_assert_str_eq(test_value(ctx, db, "SELECT 1"), "1");
}

Test(conn, idleness_notices_the_end) {
    struct cab_db_options options = test_options(ctx);
    struct cab_db *db = test_open(ctx, &options);
    cr_assert_geq(cab_db_socket(db), 0);
    test_terminate(db);
    cr_assert_not(cab_db_drain_idle(db));
    cr_assert_not(cab_db_connected(db));
    cr_assert_eq(cab_db_socket(db), -1);
}

Test(conn, age_recycles_between_uses) {
    struct cab_db_options options = test_options(ctx);
    options.recycle_s = 100;
    struct cab_db *db = test_open(ctx, &options);
    int before = cab_db_backend_pid(db);
    cr_assert_eq(cab_db_ready(db, &err), 0);
    cr_assert_eq(cab_db_backend_pid(db), before);
    db->connected_ms -= 101000;
    cr_assert_eq(cab_db_ready(db, &err), 0);
    cr_assert_neq(cab_db_backend_pid(db), before);
}

Test(conn, a_long_idle_connection_is_pinged) {
    struct test_proxy proxy;
    test_proxy_start(&proxy);
    struct cab_db_options options = test_options(ctx);
    options.url = test_url_at(ctx, proxy.folder);
    options.connect_timeout_s = 1;
    struct cab_db *db = test_open(ctx, &options);
    int before = cab_db_backend_pid(db);
    db->used_ms -= CAB_PING_IDLE_MS;
    cr_assert_eq(cab_db_ready(db, &err), 0);
    cr_assert_eq(cab_db_backend_pid(db), before, "it answers, so it stays");
    cr_assert(cab_db_check_idle(db));

    test_proxy_signal(&proxy, SIGSTOP);
    cr_assert_eq(cab_db_ready(db, &err), 0, "used just now: no ping");
    db->used_ms -= CAB_PING_IDLE_MS;
    int64_t start = cab_now_ms();
    cr_assert_eq(cab_db_ready(db, &err), -1);
    cr_assert_lt(cab_now_ms() - start, 3000);
    cr_assert_eq(err.problem, CAB_PROBLEM_UNAVAILABLE);
    cr_assert_not(cab_db_connected(db));

    test_proxy_signal(&proxy, SIGCONT);
    usleep((CAB_SILENT_MS + 50) * 1000);
    cr_assert_eq(cab_db_ready(db, &err), 0, "back with its server");
    cab_db_close(&db);
    test_proxy_stop(&proxy);
}

Test(conn, an_open_transaction_is_not_idle) {
    struct cab_db_options options = test_options(ctx);
    struct cab_db *db = test_open(ctx, &options);
    cr_assert(cab_db_check_idle(db));
    test_exec(db, "BEGIN");
    cr_assert(cab_db_in_transaction(db));
    cr_assert_not(cab_db_check_idle(db));
    cr_assert_not(cab_db_connected(db));
    cr_assert_eq(cab_db_ready(db, &err), 0);
    test_exec(db, "BEGIN");
    int before = cab_db_backend_pid(db);
    cr_assert_eq(cab_db_ready(db, &err), 0);
    cr_assert_neq(cab_db_backend_pid(db), before, "whoever left it open, its locks are gone");
}

Test(conn, a_lost_transaction_refuses_to_go_on) {
    struct cab_db_options options = test_options(ctx);
    struct cab_db *db = test_open(ctx, &options);
    test_exec(db, "CREATE TEMP TABLE t (a int)");
    test_exec(db, "BEGIN");
    test_exec(db, "INSERT INTO t VALUES (1)");
    test_terminate(db);
    cr_assert_eq(cab_db_exec(db, "INSERT INTO t VALUES (2)", &err), -1);
    cr_assert_eq(err.problem, CAB_PROBLEM_UNAVAILABLE, "nothing was committed");
    cab_err_clear(&err);
    cr_assert_eq(cab_db_exec(db, "SELECT 1", &err), -1, "this would run outside the transaction");
    cr_assert_eq(cab_db_query(db, ctx, CAB_SHAPE_ANY, "SELECT 1", 0, NULL, NULL, &err), -1);
    cr_assert_eq(cab_db_exec(db, "ROLLBACK", &err), 0);
    cr_assert_str_eq(test_value(ctx, db, "SELECT 1"), "1");
}

Test(conn, a_commit_lost_on_the_way_is_of_unknown_fate) {
    struct cab_db_options options = test_options(ctx);
    struct cab_db *db = test_open(ctx, &options);
    test_exec(db, "BEGIN");
    test_terminate(db);
    cr_assert_eq(cab_db_exec(db, "COMMIT", &err), -1);
    cr_assert_eq(err.problem, CAB_PROBLEM_FATE_UNKNOWN);
}

Test(conn, exec_tells_the_operator_all) {
    struct cab_db_options options = test_options(ctx);
    struct cab_db *db = test_open(ctx, &options);
    test_exec(db, "CREATE TEMP TABLE t (a int PRIMARY KEY); INSERT INTO t VALUES (1)");
    cr_assert_eq(cab_db_exec(db, "INSERT INTO t VALUES (1)", &err), -1);
    cr_assert_str_eq(err.sqlstate, "23505");
    cr_assert_str_eq(err.constraint, "t_pkey");
    cr_assert_not_null(strstr(err.internal, "Key (a)=(1) already exists."), "%s", err.internal);
    cr_assert_eq(cab_db_exec(db, "SELECT 1; SELEC 2", &err), -1);
    cr_assert_eq(cab_db_error_position(db), 11);
    cr_assert_eq(cab_db_exec(db, "COPY t TO STDOUT", &err), -1);
    cr_assert_eq(cab_db_ready(db, &err), 0);
}

Test(conn, notify_is_a_hint) {
    struct cab_db_options options = test_options(ctx);
    options.listen = true;
    struct cab_db *db = test_open(ctx, &options), *other = test_open(ctx, &options);
    cr_assert_not(cab_db_drain_idle(db));
    test_exec(other, "NOTIFY cabinet_catalog");
    test_exec(other, "NOTIFY something_else");
    cr_assert_eq(cab_conn_wait(db, POLLIN, cab_now_ms() + 5000, false), 1);
    cr_assert(cab_db_drain_idle(db));
    cr_assert_not(cab_db_drain_idle(db), "told once");
    test_exec(other, "NOTIFY cabinet_catalog");
    bool has_come = false;
    for (int i = 0; i < 500 && !has_come; i++) {
        test_value(ctx, db, "SELECT pg_sleep(0.01)");
        cr_assert(cab_db_check_idle(db));
        has_come = cab_db_catalog_hint(db);
    }
    cr_assert(has_come, "it comes along with an answer");
}

Test(conn, connects_at_first_use) {
    struct cab_db_options options = test_options(ctx);
    struct cab_db *db = cab_db_make(ctx, &options);
    cr_assert_not(cab_db_connected(db));
    cr_assert_not(cab_db_check_idle(db));
    cr_assert_eq(cab_db_ready(db, &err), 0);
    cr_assert(cab_db_connected(db));
    cab_db_close(&db);
    cr_assert_null(db);
}

Test(conn, works_without_prepared_statements) {
    struct cab_db_options options = test_options(ctx);
    options.prepared = false;
    options.url = cab_printf(ctx, "%s options='-c TimeZone=Asia/Tokyo'", options.url);
    struct cab_db *db = test_open(ctx, &options);
    cr_assert_str_eq(test_value(ctx, db, "SHOW TimeZone"), "UTC");
    cr_assert_str_eq(test_value(ctx, db, "SHOW IntervalStyle"), "iso_8601");
    cr_assert_str_eq(test_value(ctx, db, "SELECT 5"), "5");
    cr_assert_str_eq(test_value(ctx, db, "SELECT count(*) FROM pg_catalog.pg_prepared_statements"), "0");
}
