/*
 * Searches in a pool: they wait their turn, all else does not wait for them.  A lock on the table makes each of them as
 * long as the test wants.
 */
#include "process/server.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TABLE "public.searched"
#define SEARCH "/api/v1/searched?search=needle"
#define READY "/health/ready"

static void setup(void) {
    sql("DROP TABLE IF EXISTS " TABLE ";"
        "CREATE TABLE " TABLE " (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, code text);"
        "COMMENT ON TABLE " TABLE " IS 'Rows. @api(expose, public_read, audit(off))';"
        "COMMENT ON COLUMN " TABLE ".code IS 'A word. @api(search)';"
        "INSERT INTO " TABLE " (code) VALUES ('needle'), ('hay');"
        "GRANT SELECT ON " TABLE " TO cabinet_app;"
        "UPDATE cabinet.catalog_state SET generation = generation + 1");
}

static void teardown(void) {
    sql("DROP TABLE " TABLE "; UPDATE cabinet.catalog_state SET generation = generation + 1");
}

TestSuite(process_searches, .init = setup, .fini = teardown, .timeout = 90);

/* One search on a connection of its own, which is returned, right after something else. */
static int begin_search(const struct server *server) {
    cr_assert_eq(fcgi_get(server->socket, "/api/v1/users").status, 401);
    int fd = fcgi_connect(server->socket);
    cr_assert(fd >= 0);
    fcgi_send(fd, &(struct fcgi_request){ .uri = SEARCH });
    return fd;
}

static int running(void) {
    return atoi(sql("SELECT count(*) FROM pg_locks WHERE relation = '" TABLE "'::regclass AND NOT granted"));
}

static void expect_found(int fd) {
    struct reply reply;
    fcgi_read(fd, 15, &reply);
    cr_expect(reply.status == 200 && strstr(reply.text, "needle") != NULL, "%s", reply.text);
}

Test(process_searches, wait_their_turn_while_other_requests_do_not) {
    enum { SEARCHES = 5 };
    struct server *server = server_start("DB_POOL_SIZE=3\nDB_POOL_SEARCHES=1");
    struct lock *lock = lock_table(TABLE);
    int fds[SEARCHES];
    for (int i = 0; i < SEARCHES; i++)
        fds[i] = begin_search(server);
    WAIT_UNTIL(running() == 1, 5);
    for (int i = 0; i < 20; i++) {
        struct reply reply = fcgi_get(server->socket, READY);
        cr_assert(reply.status == 200 && reply.seconds < 1, "%g s: %s", reply.seconds, reply.text);
    }
    cr_expect_eq(running(), 1);
    lock_release(lock);
    for (int i = 0; i < SEARCHES; i++)
        expect_found(fds[i]);
    cr_expect(WIFEXITED(server_stop(server, SIGTERM)));
}

Test(process_searches, have_the_whole_pool_where_nothing_else_comes) {
    struct server *server = server_start("DB_POOL_SIZE=3\nDB_POOL_SEARCHES=1");
    struct lock *lock = lock_table(TABLE);
    int fds[3];
    sleep_ms(1200);
    cr_assert_eq(fcgi_get(server->socket, READY).status, 200);
    for (int i = 0; i < 3; i++) {
        fds[i] = fcgi_connect(server->socket);
        fcgi_send(fds[i], &(struct fcgi_request){ .uri = SEARCH });
    }
    WAIT_UNTIL(running() == 3, 5);
    lock_release(lock);
    for (int i = 0; i < 3; i++)
        expect_found(fds[i]);
    cr_expect(WIFEXITED(server_stop(server, SIGTERM)));
}

Test(process_searches, go_on_when_the_worker_of_one_is_killed) {
    struct server *server = server_start("DB_POOL_SIZE=2\nDB_POOL_SEARCHES=1");
    struct lock *lock = lock_table(TABLE);
    struct reply reply;
    int fds[2];
    for (int i = 0; i < 2; i++) {
        fds[i] = begin_search(server);
        WAIT_UNTIL(running() == 1, 5);
    }
    kill(atoi(sql("SELECT substring(application_name FROM '[0-9]+') FROM pg_stat_activity WHERE pid = "
                  "(SELECT pid FROM pg_locks WHERE relation = '" TABLE "'::regclass AND NOT granted)")), SIGKILL);
    fcgi_read(fds[0], 5, &reply);
    cr_expect_eq(reply.status, 0, "its connection ends: %s", reply.text);
    WAIT_UNTIL(running() == 2, 5); /* the server's process of the dead one still waits */
    lock_release(lock);
    expect_found(fds[1]);
    cr_expect(WIFEXITED(server_stop(server, SIGTERM)));
}

Test(process_searches, are_passed_over_when_the_client_has_gone) {
    struct server *server = server_start("DB_POOL_SIZE=2\nDB_POOL_SEARCHES=1\nACCESS_LOG=true");
    struct lock *lock = lock_table(TABLE);
    int first = begin_search(server);
    WAIT_UNTIL(running() == 1, 5);
    int gone = begin_search(server), last = begin_search(server);
    cr_assert_eq(fcgi_get(server->socket, READY).status, 200);
    sleep_ms(200);
    close(gone);
    lock_release(lock);
    expect_found(first);
    expect_found(last);
    WAIT_UNTIL(server_logged(server, "/api/v1/searched") >= 2, 5);
    cr_expect_eq(server_logged(server, "/api/v1/searched"), 2, "the one in between was not answered");
    cr_expect(WIFEXITED(server_stop(server, SIGTERM)));
}

Test(process_searches, that_wait_are_answered_before_the_server_stops) {
    struct server *server = server_start("DB_POOL_SIZE=2\nDB_POOL_SEARCHES=1");
    struct lock *lock = lock_table(TABLE);
    int fds[4];
    for (int i = 0; i < 4; i++)
        fds[i] = begin_search(server);
    WAIT_UNTIL(running() == 1, 5);
    sleep_ms(200);
    kill(server->pid, SIGTERM);
    sleep_ms(300);
    lock_release(lock);
    for (int i = 0; i < 4; i++)
        expect_found(fds[i]);
    cr_expect(WIFEXITED(server_stop(server, SIGCONT)));
}

Test(process_searches, that_take_too_long_make_room_for_the_next) {
    struct server *server = server_start("DB_POOL_SIZE=2\nDB_POOL_SEARCHES=1\nDB_SEARCH_TIMEOUT=1");
    struct lock *lock = lock_table(TABLE);
    struct reply reply;
    int first = begin_search(server);
    WAIT_UNTIL(running() == 1, 5);
    int second = begin_search(server);
    fcgi_read(first, 5, &reply);
    cr_expect(reply.status == 504 && strstr(reply.text, "\"timeout\"") != NULL, "%s", reply.text);
    lock_release(lock);
    expect_found(second);
    cr_expect(WIFEXITED(server_stop(server, SIGTERM)));
}

Test(process_searches, too_many_are_503) {
    enum { SEARCHES = 500 };
    struct server *server = server_start("DB_POOL_SIZE=2\nDB_POOL_SEARCHES=1");
    struct lock *lock = lock_table(TABLE);
    struct reply reply;
    static int fds[SEARCHES];
    int found = 0, refused = 0;
    for (int i = 0; i < SEARCHES; i++)
        fds[i] = begin_search(server);
    lock_release(lock);
    for (int i = 0; i < SEARCHES; i++) {
        fcgi_read(fds[i], 15, &reply);
        found += reply.status == 200;
        refused += reply.status == 503 && reply.retry_after > 0 && strstr(reply.text, "\"overloaded\"") != NULL;
    }
    cr_expect(found > 50, "%d found", found);
    cr_expect(refused > 0, "%d refused", refused);
    cr_expect_eq(found + refused, SEARCHES);
    cr_expect(WIFEXITED(server_stop(server, SIGTERM)));
}
