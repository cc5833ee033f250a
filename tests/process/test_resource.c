/*
 * Tables as resources on a whole instance: many writers at once, workers that die in the middle, bodies and answers
 * that are larger than any memory of ours.  CABINET_TEST_FULL is set where there is time for what takes half a minute.
 */
#include "api/client.h"
#include "process/fcgi.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WRITERS = 100 };

TestSuite(resource, .timeout = 120);

#define WAIT_UNTIL(condition, seconds) \
    do { \
        double give_up_at = now_seconds() + (seconds); \
        while (!(condition)) { \
            cr_assert(now_seconds() < give_up_at, "not within %g s: %s", (double)(seconds), #condition); \
            sleep_ms(20); \
        } \
    } while (0)

/* A table of its own, known to the service: id, code, n, note. */
static const char *make_table_with(const char *key) {
    const char *name = unique("t");
    sql(fmt("SET ROLE cabinet_owner;"
            "CREATE TABLE public.%s (id %s PRIMARY KEY, code text UNIQUE, n integer NOT NULL DEFAULT 0,"
            " note text, row_version bigint NOT NULL DEFAULT 1);"
            "COMMENT ON TABLE public.%s IS 'Rows. @api(expose, audit(off))';"
            "CREATE TRIGGER row_version BEFORE UPDATE ON public.%s FOR EACH ROW"
            " EXECUTE FUNCTION cabinet.raise_version();"
            "GRANT SELECT, INSERT, UPDATE, DELETE ON public.%s TO cabinet_app;"
            "UPDATE cabinet.catalog_state SET generation = generation + 1", name, key, name, name, name));
    return name;
}

static const char *make_table(void) {
    return make_table_with("bigint GENERATED ALWAYS AS IDENTITY");
}

static void drop_table(const char *name) {
    sql(fmt("DROP TABLE public.%s CASCADE; UPDATE cabinet.catalog_state SET generation = generation + 1", name));
}

/* ---- many at once ---- */

struct job { const char *path, *token, *key; };

/* Runs run(job) in WRITERS processes that start together; what they return, which is -1 where one fails. */
static void at_once(long (*run)(const struct job *), const struct job *job, long returned[WRITERS]) {
    int gate[2], results[2];
    char byte;
    long result;
    cr_assert(pipe(gate) == 0 && pipe(results) == 0);
    for (int i = 0; i < WRITERS; i++)
        if (fork() == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            close(gate[1]);
            srand((unsigned)getpid());
            (void)!read(gate[0], &byte, 1); /* returns when the parent closes its end */
            result = run(job);
            _exit(write(results[1], &result, sizeof result) == sizeof result ? 0 : 1);
        }
    close(gate[0]);
    close(gate[1]);
    close(results[1]);
    for (int i = 0; i < WRITERS; i++)
        cr_assert_eq(read(results[0], &returned[i], sizeof returned[i]), sizeof returned[i], "a client died");
    close(results[0]);
    while (wait(NULL) > 0)
        ;
}

/* How often somebody else was quicker. */
static long increment(const struct job *job) {
    for (long refused = 0; refused < 2000; refused++) {
        struct answer *row = get(job->path, job->token);
        if (row->status != 200)
            return -1;
        struct answer *done = ASK(.method = "PATCH", .path = job->path, .token = job->token,
                                  .body = fmt("{\"n\":%ld}", number(row, "/n") + 1),
                                  .headers = { fmt("If-Match: %s", header(row, "ETag")) });
        if (done->status == 200)
            return refused;
        if (done->status != 412)
            return -1;
        usleep((useconds_t)(rand() % 400000)); /* so that not all come again at once */
    }
    return -1;
}

Test(resource, writers_at_once_lose_nothing) {
    const char *table = make_table(), *token = admin();
    long id = number(post(fmt("/api/v1/%s", table), token, "{\"n\":0}"), "/id"), refused[WRITERS], all = 0;
    struct job job = { .path = fmt("/api/v1/%s/%ld", table, id), .token = token };
    at_once(increment, &job, refused);
    for (int i = 0; i < WRITERS; i++) {
        cr_assert_neq(refused[i], -1, "a writer failed");
        all += refused[i];
    }
    cr_assert_gt(all, 0, "they were never at it at once");
    cr_assert_str_eq(sql(fmt("SELECT n || ' ' || row_version FROM %s", table)), fmt("%d %d", WRITERS, WRITERS + 1));
    drop_table(table);
}

/* The row's id once there is an answer; with a minus where that is a replay. */
static long post_with_key(const struct job *job) {
    for (int tries = 0; tries < 2000; tries++) {
        struct answer *done = ASK(.method = "POST", .path = job->path, .token = job->token,
                                  .body = "{\"note\":\"one\"}",
                                  .headers = { fmt("Idempotency-Key: %s", job->key) });
        if (done->status == 201)
            return header(done, "Idempotency-Replayed") != NULL ? -10 - number(done, "/id") : number(done, "/id");
        if (done->status != 409 || header(done, "Retry-After") == NULL)
            return -1;
        usleep(20000);
    }
    return -1;
}

Test(resource, posts_at_once_with_one_key_make_one_row) {
    const char *table = make_table();
    struct job job = { .path = fmt("/api/v1/%s", table), .token = admin(), .key = unique("key") };
    long ids[WRITERS];
    int n_first = 0;
    at_once(post_with_key, &job, ids);
    long id = atol(sql(fmt("SELECT CASE count(*) WHEN 1 THEN min(id) END FROM %s", table)));
    cr_assert_gt(id, 0, "it is not one row");
    for (int i = 0; i < WRITERS; i++) {
        cr_assert(ids[i] == id || ids[i] == -10 - id, "%ld", ids[i]);
        n_first += ids[i] == id;
    }
    cr_assert_eq(n_first, 1, "the others are replays of it");
    drop_table(table);
}

/* ---- workers that die ---- */

/* Pid of the worker whose transaction sleeps, 0 while there is none. */
static int sleeping_worker(void) {
    char *pid = sql("SELECT substring(application_name FROM '\\d+') FROM pg_stat_activity"
                    " WHERE application_name LIKE 'cabinet[%' AND wait_event = 'PgSleep' LIMIT 1");
    return atoi(pid);
}

/* The worker dies while the database works: in the statement, or in the commit that ends well without it. */
static void kill_in(const char *when, bool is_done) {
    const char *table = make_table(), *token = admin(), *key = unique("key"), *body = fmt("{\"note\":\"%s\"}", when);
    const char *path = fmt("/api/v1/%s", table);
    sql(fmt("SET ROLE cabinet_owner;"
            "CREATE FUNCTION cabinet.slow_%s() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN PERFORM pg_sleep(1); RETURN NEW; END';"
            "CREATE CONSTRAINT TRIGGER slow_commit AFTER INSERT ON public.%s DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
            " WHEN (NEW.note = 'commit') EXECUTE FUNCTION cabinet.slow_%s();"
            "CREATE TRIGGER slow_statement AFTER INSERT ON public.%s FOR EACH ROW WHEN (NEW.note = 'statement')"
            " EXECUTE FUNCTION cabinet.slow_%s()", table, table, table, table, table));
    pid_t client = fork();
    if (client == 0) {
        int status = ASK(.method = "POST", .path = path, .token = token, .body = body,
                         .headers = { fmt("Idempotency-Key: %s", key) })->status;
        _exit(status == 502 ? 0 : 1);
    }
    int worker = 0, status;
    WAIT_UNTIL((worker = sleeping_worker()) != 0, 10);
    kill(worker, SIGKILL);
    cr_assert_eq(waitpid(client, &status, 0), client);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the client has no answer");
    struct answer *again = NULL;
    WAIT_UNTIL((again = ASK(.method = "POST", .path = path, .token = token, .body = body,
                            .headers = { fmt("Idempotency-Key: %s", key) }))->status != 409, 15);
    expect(again, 201);
    cr_assert_eq(header(again, "Idempotency-Replayed") != NULL, is_done);
    cr_assert_str_eq(sql(fmt("SELECT string_agg(id::text, ',') FROM %s", table)), fmt("%ld", number(again, "/id")));
    drop_table(table);
    sql(fmt("DROP FUNCTION cabinet.slow_%s()", table));
}

Test(resource, a_worker_that_dies_between_write_and_answer_leaves_one_row_and_one_answer) {
    kill_in("commit", true);
}

Test(resource, a_worker_that_dies_in_the_write_leaves_nothing_and_the_next_try_is_the_first) {
    kill_in("statement", false);
}

Test(resource, conditions_and_trials) {
    const char *table = make_table_with("bigint"), *token = admin(), *path = fmt("/api/v1/%s/77", table);
    struct answer *a = ASK(.method = "PUT", .path = path, .token = token, .body = "{\"code\":\"new\"}",
                           .headers = { "If-None-Match: *" });
    expect(a, 201);
    cr_assert_eq(number(a, "/id"), 77);
    a = ASK(.method = "PUT", .path = path, .token = token, .body = "{\"code\":\"other\"}",
            .headers = { "If-None-Match: *" });
    expect_problem(a, 412, "precondition_failed");
    a = ASK(.method = "PUT", .path = fmt("/api/v1/%s/79", table), .token = token, .body = "{\"id\":80}",
            .headers = { "If-None-Match: *" });
    expect_flaw(a, "field", "id", "key");
    expect_problem(put(fmt("/api/v1/%s/78", table), token, "{\"code\":\"x\"}"), 404, "not_found");
    a = ASK(.method = "POST", .path = fmt("/api/v1/%s", table), .token = token, .body = "{\"id\":1,\"code\":\"trial\"}",
            .headers = { "Prefer: tx=rollback" });
    expect(a, 201);
    cr_assert_not_null(strstr(header(a, "Preference-Applied"), "tx=rollback"));
    a = ASK(.method = "DELETE", .path = path, .token = token, .headers = { "Prefer: tx=rollback" });
    expect(a, 204);
    cr_assert_str_eq(sql(fmt("SELECT string_agg(code, ',') FROM %s", table)), "new");
    drop_table(table);
}

/* ---- imports larger than MAX_BODY ---- */

static char *many_lines(int n, size_t *size) {
    char *body = malloc((size_t)n * 80), *end = body;
    for (int i = 1; i <= n; i++)
        end += sprintf(end, "{\"code\":\"c%d\",\"n\":%d,\"note\":\"a note of some length for line %d\"}\n", i, i, i);
    *size = (size_t)(end - body);
    return body;
}

static struct answer *import(const char *table, const char *query, const char *token, const char *type,
                             const char *body, size_t size, const char *key) {
    return ASK(.method = "POST", .path = fmt("/api/v1/%s/_import%s", table, query), .token = token, .body = body,
               .size = size, .type = type,
               .headers = { "Expect:", key != NULL ? fmt("Idempotency-Key: %s", key) : NULL });
}

Test(resource, an_import_streams_in) {
    const char *table = make_table(), *token = admin(), *key = unique("key");
    size_t size;
    char *body = many_lines(100000, &size);
    cr_assert_gt(size, 5 * 1048576);
    expect_problem(import(table, "", token, "application/json", body, size, NULL), 415, "unsupported_media_type");
    expect_problem(import(table, "", NULL, "application/x-ndjson", body, size, NULL), 401, "unauthenticated");
    expect_problem(import("no_such_table", "", token, "application/x-ndjson", body, size, NULL), 404, "not_found");
    struct answer *a = import(table, "", token, "application/x-ndjson", body, size, key);
    expect(a, 200);
    cr_assert_eq(number(a, "/created"), 100000);
    a = import(table, "", token, "application/x-ndjson", body, size, key);
    expect(a, 200);
    cr_assert_str_eq(header(a, "Idempotency-Replayed"), "true");
    expect_problem(import(table, "", token, "application/x-ndjson", body, size - 70, key), 422,
                   "idempotency_key_reused");
    a = import(table, "?on_conflict=code", token, "application/x-ndjson", body, size, NULL);
    expect(a, 200);
    cr_assert_eq(number(a, "/unchanged"), 100000);
    memcpy(strstr(body, "c99999"), "c00001", 6);
    memcpy(strstr(body, "c50000\""), "c00001", 6);
    sql(fmt("TRUNCATE %s", table));
    a = import(table, "", token, "application/x-ndjson", body, size, NULL);
    expect_problem(a, 422, "invalid");
    expect_flaw(a, "field", "/99999/code", "taken");
    cr_assert_eq(count(a, "/errors"), 1);
    cr_assert_str_eq(sql(fmt("SELECT count(*) FROM %s", table)), "0");
    free(body);
    drop_table(table);
}

/* ---- clients that leave ---- */

static int connect_to_nginx(void) {
    const char *port = strrchr(environment("CABINET_TEST_URL"), ':') + 1;
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0), small = 8192;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    cr_assert_eq(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static void say(int fd, const char *bytes) {
    cr_assert_eq(write(fd, bytes, strlen(bytes)), (ssize_t)strlen(bytes));
}

static bool is_open_in_database(const char *table) {
    return *sql(fmt("SELECT 1 FROM pg_locks WHERE relation = 'public.%s'::regclass AND pid <> pg_backend_pid()", table))
        == '1';
}

/* Begins an export of 300,000 rows and reads the first bytes of it. */
static int begin_export(const char *table) {
    char bytes[4096];
    sql(fmt("INSERT INTO %s (code, note) SELECT i, repeat('x', 200) FROM generate_series(1, 300000) i", table));
    int fd = connect_to_nginx();
    say(fd, fmt("GET /api/v1/%s.ndjson HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n", table,
                admin()));
    cr_assert_gt(read(fd, bytes, sizeof bytes), 12);
    cr_assert_eq(strncmp(bytes, "HTTP/1.1 200", 12), 0, "%.200s", bytes);
    WAIT_UNTIL(is_open_in_database(table), 5);
    return fd;
}

Test(resource, an_export_ends_when_its_client_leaves) {
    const char *table = make_table();
    int fd = begin_export(table);
    sleep_ms(300);
    cr_assert(is_open_in_database(table), "it waits for the client");
    close(fd);
    WAIT_UNTIL(!is_open_in_database(table), 5);
    drop_table(table);
}

Test(resource, an_export_ends_when_its_client_stops_reading) {
    if (getenv("CABINET_TEST_FULL") == NULL)
        cr_skip_test("it takes half a minute: deploy/check --full");
    const char *table = make_table();
    int fd = begin_export(table);
    WAIT_UNTIL(!is_open_in_database(table), 70);
    close(fd);
    drop_table(table);
}

Test(resource, an_import_that_breaks_off_changes_nothing) {
    const char *table = make_table(), *token = admin();
    size_t size;
    char *body = many_lines(30000, &size);
    int fd = connect_to_nginx();
    say(fd, fmt("POST /api/v1/%s/_import HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n"
                "Content-Type: application/x-ndjson\r\nContent-Length: 9000000\r\n\r\n", table, token));
    say(fd, body);
    WAIT_UNTIL(is_open_in_database(table), 5);
    close(fd);
    WAIT_UNTIL(!is_open_in_database(table), 5);
    cr_assert_str_eq(sql(fmt("SELECT count(*) FROM %s", table)), "0");
    free(body);
    drop_table(table);
}
