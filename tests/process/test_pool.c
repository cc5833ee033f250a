/*
 * The pool of one cabinetd, seen from outside: real processes, real signals, a real database; FastCGI spoken by hand.
 */
#include "process/server.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LIVE "/health/live"
#define READY "/health/ready"

static void expect_clean_end(int status) {
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "wait status %d", status);
}

static char *msec_ago(double seconds) {
    static char text[32];
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    snprintf(text, sizeof text, "%.3f", (double)now.tv_sec + (double)now.tv_nsec / 1e9 - seconds);
    return text;
}

TestSuite(pool, .timeout = 90);

Test(pool, serves_and_stops_in_order) {
    struct server *server = server_start("");
    struct stat st;
    cr_expect(server_count(server) == 2);
    cr_expect(stat(server->socket, &st) == 0 && (st.st_mode & 0777) == 0660, "the socket is for owner and group");
    struct reply live = fcgi_get(server->socket, LIVE), ready = fcgi_get(server->socket, READY);
    cr_expect(live.status == 200, "%s", live.text);
    cr_expect(ready.status == 200, "%s", ready.text);
    char *path = strdup(server->socket);
    expect_clean_end(server_stop(server, SIGTERM));
    cr_expect(access(path, F_OK) != 0, "the socket's path is removed");
}

Test(pool, term_finishes_running_and_waiting_requests) {
    struct server *server = server_start("DB_POOL_SIZE=1");
    struct lock *lock = lock_take();
    struct reply replies[3];
    int fds[3];
    for (int i = 0; i < 3; i++)
        fds[i] = fcgi_begin_login(server->socket, NULL); /* one runs, two wait */
    sleep_ms(300);
    kill(server->pid, SIGTERM);
    sleep_ms(300);
    cr_expect(is_running(server->pid), "it waits for its requests");
    cr_expect(fcgi_connect(server->socket) < 0, "nobody new is let in");
    lock_release(lock);
    for (int i = 0; i < 3; i++) {
        fcgi_read(fds[i], 10, &replies[i]);
        cr_expect(replies[i].status == 401, "request %d: %s", i, replies[i].text);
    }
    expect_clean_end(server_stop(server, SIGCONT));
}

Test(pool, second_term_ends_at_once) {
    struct server *server = server_start("DB_POOL_SIZE=1");
    struct lock *lock = lock_take();
    int fd = fcgi_begin_login(server->socket, NULL);
    sleep_ms(300);
    kill(server->pid, SIGTERM);
    sleep_ms(200);
    double began = now_seconds();
    expect_clean_end(server_stop(server, SIGTERM));
    cr_expect(now_seconds() - began < 2);
    close(fd);
    lock_release(lock);
}

Test(pool, drain_timeout_kills_those_who_do_not_finish) {
    struct server *server = server_start("DB_POOL_SIZE=1\nWORKER_DRAIN_TIMEOUT=1");
    struct lock *lock = lock_take();
    int fd = fcgi_begin_login(server->socket, NULL);
    sleep_ms(300);
    double began = now_seconds();
    expect_clean_end(server_stop(server, SIGTERM));
    cr_expect(now_seconds() - began < 4);
    close(fd);
    lock_release(lock);
}

Test(pool, killed_worker_is_replaced_within_a_second) {
    struct server *server = server_start("DB_POOL_SIZE=4");
    pid_t before[8], after[8];
    struct load *load = load_start(server->socket, LIVE, 4);
    for (int round = 0; round < 3; round++) {
        int n = server_workers(server, before, 8);
        cr_assert(n == 4);
        kill(before[round], SIGKILL);
        WAIT_UNTIL(!is_running(before[round]) && server_workers(server, after, 8) == 4, 1);
    }
    struct tally tally = load_stop(load);
    cr_expect(tally.ok > 100);
    cr_expect(tally.lost <= 3, "only what a killed worker had read is lost: %ld of %ld", tally.lost, tally.total);
    cr_expect(tally.unavailable + tally.other == 0);
    expect_clean_end(server_stop(server, SIGTERM));
}

Test(pool, all_workers_killed_at_once_are_replaced_within_a_second) {
    struct server *server = server_start("DB_POOL_SIZE=4");
    pid_t before[8], after[8];
    cr_assert(server_workers(server, before, 8) == 4);
    for (int i = 0; i < 4; i++)
        kill(before[i], SIGKILL);
    WAIT_UNTIL(!is_running(before[3]) && server_workers(server, after, 8) == 4, 1);
    cr_expect(fcgi_get(server->socket, READY).status == 200);
    expect_clean_end(server_stop(server, SIGTERM));
}

Test(pool, killed_master_leaves_no_orphans) {
    struct server *server = server_start("DB_POOL_SIZE=4");
    pid_t workers[8];
    int n = server_workers(server, workers, 8), left = n;
    cr_assert(n == 4);
    kill(server->pid, SIGKILL);
    waitpid(server->pid, NULL, 0);
    for (double until = now_seconds() + 5; left > 0 && now_seconds() < until; sleep_ms(10)) {
        left = 0;
        for (int i = 0; i < n; i++)
            left += is_running(workers[i]);
    }
    cr_expect(left == 0);
    cr_expect(access(server->socket, F_OK) == 0, "nobody could remove the socket");
    cr_expect(fcgi_connect(server->socket) < 0, "and nobody listens on it");
}

Test(pool, stale_socket_is_replaced_but_a_served_one_is_not) {
    struct server *first = server_start("");
    char settings[160];
    snprintf(settings, sizeof settings, "LISTEN=unix:%s", first->socket);
    struct server *second = server_launch(settings, INPUT_NULL);
    int status;
    WAIT_UNTIL(waitpid(second->pid, &status, WNOHANG) == second->pid, 10);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 1);
    cr_expect(server_logged(second, "another process serves") == 1);
    cr_expect(fcgi_get(first->socket, LIVE).status == 200);
    pid_t workers[4];
    cr_assert(server_workers(first, workers, 4) == 2);
    kill(first->pid, SIGKILL);
    waitpid(first->pid, NULL, 0);
    WAIT_UNTIL(!is_running(workers[0]) && !is_running(workers[1]), 5);
    struct server *third = server_start(settings);
    cr_expect(fcgi_get(first->socket, LIVE).status == 200);
    expect_clean_end(server_stop(third, SIGTERM));
}

Test(pool, inherits_the_socket_on_descriptor_0) {
    struct server *server = server_launch("", INPUT_SOCKET);
    WAIT_UNTIL(server_logged(server, "ready: ") > 0, 10);
    cr_expect(server_logged(server, "the socket it was given") == 1);
    cr_expect(fcgi_get(server->socket, READY).status == 200);
    char *path = strdup(server->socket);
    kill(server->pid, SIGTERM);
    WAIT_UNTIL(!is_running(server->pid), 10);
    cr_expect(access(path, F_OK) == 0, "the socket is not ours to remove");
    expect_clean_end(server_stop(server, SIGCONT));
}

Test(pool, inherits_the_socket_of_systemd) {
    struct server *server = server_launch("", INPUT_SYSTEMD);
    WAIT_UNTIL(server_logged(server, "ready: ") > 0, 10);
    cr_expect(server_logged(server, "the socket it was given") == 1);
    cr_expect(fcgi_get(server->socket, READY).status == 200);
    expect_clean_end(server_stop(server, SIGTERM));
}

/* A socket of systemd's stays, and so does its queue: it is for who comes next and keeps nobody from ending. */
Test(pool, told_to_stop_it_leaves_the_queue_to_the_next) {
    struct server *server = server_launch("DB_POOL_SIZE=1\nDB_MAX_OVERFLOW=0", INPUT_SYSTEMD);
    struct reply reply;
    int waiting[5];
    WAIT_UNTIL(server_logged(server, "ready: ") > 0, 10);
    struct lock *lock = lock_take();
    int busy = fcgi_begin_login(server->socket, NULL);
    sleep_ms(500);
    kill(server->pid, SIGTERM);
    WAIT_UNTIL(server_logged(server, "stopping: ") > 0, 5);
    for (int i = 0; i < 5; i++)
        waiting[i] = fcgi_begin_login(server->socket, NULL);
    sleep_ms(300);
    lock_release(lock);
    fcgi_read(busy, 10, &reply);
    cr_expect(reply.status == 401, "%s", reply.text);
    WAIT_UNTIL(!is_running(server->pid), 5);
    cr_expect(server_logged(server, "did not finish in time") == 0);
    for (int i = 0; i < 4; i++)
        close(waiting[i]);
    fcgi_read(waiting[4], 1, &reply);
    cr_expect(reply.status == 0, "%s", reply.text);
    expect_clean_end(server_stop(server, SIGCONT));
}

Test(pool, listens_on_tcp) {
    struct server *server = server_launch("LISTEN=127.0.0.1:0", INPUT_NULL);
    int status;
    WAIT_UNTIL(waitpid(server->pid, &status, WNOHANG) == server->pid, 10);
    cr_expect(server_logged(server, "LISTEN must be") == 1 || WEXITSTATUS(status) == 1, "port 0 is refused");
    server = server_start("LISTEN=127.0.0.1:47183");
    struct server *second = server_launch("LISTEN=127.0.0.1:47183", INPUT_NULL);
    WAIT_UNTIL(waitpid(second->pid, &status, WNOHANG) == second->pid, 10);
    cr_expect(server_logged(second, "another process has the port") == 1);
    expect_clean_end(server_stop(server, SIGTERM));
}

Test(pool, hup_under_load_loses_no_request) {
    struct server *server = server_start("DB_POOL_SIZE=4");
    pid_t before[16], after[16];
    struct load *load = load_start(server->socket, LIVE, 6);
    for (int round = 1; round <= 3; round++) {
        int n = server_workers(server, before, 16);
        cr_assert(n == 4, "%d", n);
        kill(server->pid, SIGHUP);
        WAIT_UNTIL(server_logged(server, "reloaded: 4 workers") == round, 20);
        WAIT_UNTIL(server_count(server) == 4, 5);
        cr_assert(server_workers(server, after, 16) == 4);
        for (int i = 0; i < 4; i++)
            for (int k = 0; k < 4; k++)
                cr_expect(before[i] != after[k], "every worker is new");
    }
    struct tally tally = load_stop(load);
    cr_expect(tally.ok == tally.total, "%ld of %ld", tally.ok, tally.total);
    expect_clean_end(server_stop(server, SIGTERM));
}

Test(pool, hup_takes_new_settings_and_refuses_broken_ones) {
    struct server *server = server_start("DB_POOL_SIZE=2");
    pid_t before[8], after[8];
    server_settings(server, "DB_POOL_SIZE=none");
    cr_assert(server_workers(server, before, 8) == 2);
    kill(server->pid, SIGHUP);
    WAIT_UNTIL(server_logged(server, "DB_POOL_SIZE must be a whole number") == 1, 5);
    cr_assert(server_workers(server, after, 8) == 2);
    cr_expect(before[0] == after[0] && before[1] == after[1], "nothing has changed");
    server_settings(server, "DB_POOL_SIZE=3\nLISTEN_BACKLOG=2000");
    kill(server->pid, SIGHUP);
    WAIT_UNTIL(server_logged(server, "reloaded: 3 workers") == 1, 5);
    cr_expect(server_logged(server, "LISTEN_BACKLOG has changed") == 1);
    server_settings(server, "DB_POOL_SIZE=1");
    kill(server->pid, SIGHUP);
    WAIT_UNTIL(server_count(server) == 1, 5);
    cr_expect(fcgi_get(server->socket, READY).status == 200);
    expect_clean_end(server_stop(server, SIGTERM));
}

Test(pool, usr2_under_load_loses_no_request) {
    struct server *server = server_start("DB_POOL_SIZE=4");
    pid_t before[16], after[16];
    struct load *load = load_start(server->socket, LIVE, 6);
    for (int round = 1; round <= 2; round++) {
        cr_assert(server_workers(server, before, 16) == 4);
        kill(server->pid, SIGUSR2);
        WAIT_UNTIL(server_logged(server, "ready: 4 workers") == 1 + round, 20);
        WAIT_UNTIL(server_count(server) == 4, 5);
        cr_assert(server_workers(server, after, 16) == 4);
        for (int i = 0; i < 4; i++)
            for (int k = 0; k < 4; k++)
                cr_expect(before[i] != after[k], "every worker is new");
        cr_expect(is_running(server->pid), "under the same pid");
    }
    struct tally tally = load_stop(load);
    cr_expect(tally.ok == tally.total, "%ld of %ld", tally.ok, tally.total);
    char *path = strdup(server->socket);
    expect_clean_end(server_stop(server, SIGTERM));
    cr_expect(access(path, F_OK) != 0, "the socket is still ours to remove");
}

Test(pool, usr2_with_broken_settings_goes_on_as_before) {
    struct server *server = server_start("");
    server_settings(server, "DB_POOL_SIZE=none");
    kill(server->pid, SIGUSR2);
    WAIT_UNTIL(server_logged(server, "this process goes on") == 1, 10);
    cr_expect(fcgi_get(server->socket, READY).status == 200);
    expect_clean_end(server_stop(server, SIGTERM));
}

Test(pool, overflow_grows_while_all_are_busy_and_shrinks) {
    struct server *server = server_start("DB_POOL_SIZE=2\nDB_MAX_OVERFLOW=3\nWORKER_IDLE_TIMEOUT=1");
    struct lock *lock = lock_take();
    struct reply reply;
    int fds[7];
    for (int i = 0; i < 7; i++)
        fds[i] = fcgi_begin_login(server->socket, NULL);
    WAIT_UNTIL(server_count(server) == 5, 10);
    sleep_ms(300);
    cr_expect(server_count(server) == 5, "and not beyond DB_MAX_OVERFLOW");
    lock_release(lock);
    for (int i = 0; i < 7; i++) {
        fcgi_read(fds[i], 10, &reply);
        cr_expect(reply.status == 401, "%s", reply.text);
    }
    WAIT_UNTIL(server_count(server) == 2, 10);
    cr_expect(fcgi_get(server->socket, READY).status == 200);
    expect_clean_end(server_stop(server, SIGTERM));
}

Test(pool, waiting_longer_than_the_pool_timeout_is_503) {
    struct server *server = server_start("DB_POOL_SIZE=1\nDB_MAX_OVERFLOW=0\nDB_POOL_TIMEOUT=1");
    struct lock *lock = lock_take();
    int busy = fcgi_begin_login(server->socket, msec_ago(0));
    sleep_ms(200);
    struct reply reply;
    int waiting[3];
    for (int i = 0; i < 3; i++) {
        waiting[i] = fcgi_begin_login(server->socket, msec_ago(0));
        sleep_ms(100);
    }
    for (int i = 0; i < 3; i++) {
        fcgi_read(waiting[i], 5, &reply);
        cr_expect(reply.status == 503, "request %d: %s", i, reply.text);
        cr_expect(reply.retry_after > 0);
        cr_expect(strstr(reply.text, "\"overloaded\"") != NULL);
        cr_expect(reply.seconds < 2.5, "%g s", reply.seconds);
    }
    lock_release(lock);
    fcgi_read(busy, 10, &reply);
    cr_expect(reply.status == 401, "%s", reply.text);
    for (int i = 0; i < 20; i++)
        cr_expect(fcgi_get(server->socket, READY).status == 200, "and the pool works again");
    WAIT_UNTIL(server_count(server) == 1, 5);
    expect_clean_end(server_stop(server, SIGTERM));
}

/* One worker hashes at a time, however many log in; who would wait longer than the limit is told to come again. */
Test(pool, logins_beyond_what_can_be_hashed_in_time_are_503) {
    enum { LOGINS = 20 };
    struct server *server = server_start("DB_POOL_SIZE=1\nDB_MAX_OVERFLOW=0\nDB_POOL_TIMEOUT=1\n"
                                         "PASSWORD_HASH_MEMORY=131072\nPASSWORD_HASH_TIME=4");
    int logins[LOGINS], refused = 0, hashed = 0;
    struct reply reply;
    for (int i = 0; i < LOGINS; i++)
        logins[i] = fcgi_begin_login(server->socket, msec_ago(0));
    for (int i = 0; i < LOGINS; i++) {
        fcgi_read(logins[i], 20, &reply);
        refused += reply.status == 503;
        hashed += reply.status == 401;
        cr_expect(reply.status != 503 || (reply.retry_after > 0 && strstr(reply.text, "\"overloaded\"") != NULL), "%s",
                  reply.text);
    }
    cr_expect(hashed > 0, "%d hashed", hashed);
    cr_expect(refused > 0, "%d refused", refused);
    cr_expect(hashed + refused == LOGINS, "%d and %d", hashed, refused);
    cr_expect(fcgi_get(server->socket, READY).status == 200, "and the pool works again");
    expect_clean_end(server_stop(server, SIGTERM));
}

Test(pool, request_that_waited_too_long_touches_no_database) {
    struct server *server = server_start("DB_POOL_SIZE=1\nDB_POOL_TIMEOUT=2");
    struct lock *lock = lock_take();
    int fd = fcgi_begin_login(server->socket, msec_ago(3));
    struct reply reply;
    fcgi_read(fd, 5, &reply); /* whoever asks the database does not answer now */
    cr_expect(reply.status == 503, "%s", reply.text);
    cr_expect(reply.retry_after > 0);
    cr_expect(reply.seconds < 0.5);
    lock_release(lock);
    expect_clean_end(server_stop(server, SIGTERM));
}

Test(pool, crash_loop_is_throttled_and_released) {
    struct server *server = server_start("DB_POOL_SIZE=1");
    pid_t worker[4];
    int deaths = 0;
    double until = now_seconds() + 3;
    while (now_seconds() < until) {
        if (server_workers(server, worker, 4) == 1) {
            kill(worker[0], SIGKILL);
            deaths++;
            WAIT_UNTIL(!is_running(worker[0]), 1);
        }
        sleep_ms(10);
    }
    cr_expect(deaths >= 2 && deaths <= 7, "%d deaths in 3 s", deaths);
    cr_expect(server_logged(server, "workers die young") >= 1);
    WAIT_UNTIL(server_logged(server, "workers live again") == 1, 15);
    cr_expect(fcgi_get(server->socket, READY).status == 200);
    expect_clean_end(server_stop(server, SIGTERM));
}

Test(pool, stuck_worker_is_killed_and_replaced) {
    struct server *server = server_start("DB_POOL_SIZE=1\nWORKER_STUCK_TIMEOUT=2\nDB_STATEMENT_TIMEOUT=0\n"
                                         "DB_LOCK_TIMEOUT=0");
    struct lock *lock = lock_take();
    struct reply reply;
    int fd = fcgi_begin_login(server->socket, NULL);
    fcgi_read(fd, 10, &reply);
    cr_expect(reply.status == 0, "the connection breaks: %s", reply.text);
    cr_expect(reply.seconds > 1.5 && reply.seconds < 5);
    cr_expect(server_logged(server, "stuck beyond WORKER_STUCK_TIMEOUT") == 1);
    WAIT_UNTIL(server_count(server) == 1, 2);
    lock_release(lock);
    cr_expect(fcgi_get(server->socket, READY).status == 200);
    expect_clean_end(server_stop(server, SIGTERM));
}

Test(pool, workers_retire_after_so_many_requests) {
    struct server *server = server_start("DB_POOL_SIZE=2\nWORKER_MAX_REQUESTS=20");
    struct load *load = load_start(server->socket, LIVE, 4);
    sleep_ms(1000);
    struct tally tally = load_stop(load);
    cr_expect(tally.ok == tally.total, "%ld of %ld", tally.ok, tally.total);
    cr_expect(server_logged(server, "left after") >= 5);
    cr_expect(server_logged(server, "workers die young") == 0, "leaving in order is no crash");
    expect_clean_end(server_stop(server, SIGTERM));
}

Test(pool, slow_peer_holds_one_worker_only) {
    struct server *server = server_start("DB_POOL_SIZE=2");
    int slow = fcgi_connect(server->socket);
    fcgi_send_part(slow);
    sleep_ms(100);
    struct load *load = load_start(server->socket, LIVE, 2);
    sleep_ms(500);
    struct tally tally = load_stop(load);
    cr_expect(tally.ok == tally.total && tally.ok > 10);
    close(slow);
    expect_clean_end(server_stop(server, SIGTERM));
}

Test(pool, memory_is_flat_over_ten_thousand_requests) {
    struct server *server = server_start("DB_POOL_SIZE=1\nWORKER_MAX_REQUESTS=0");
    static const char *const paths[] = { READY, "/api/v1/users?page=1", "/api/v1/nothing" };
    pid_t worker[2];
    for (int i = 0; i < 1000; i++)
        (void)fcgi_get(server->socket, paths[i % 3]);
    cr_assert(server_workers(server, worker, 2) == 1);
    bool is_plain = !is_sanitized(worker[0]);
    /* what is its own alone: its share of libraries depends on who else has them in memory */
    long size = memory_kib(worker[0], "Private_Dirty");
    cr_expect(!is_plain || (size > 256 && size < 2048), "an idle worker is small: %ld KiB", size);
    long before = memory_kib(worker[0], "Anonymous");
    kill(worker[0], SIGUSR1);
    WAIT_UNTIL(server_logged(server, "census: ") == 1, 5);
    long blocks = server_number(server, "blocks="), bytes = server_number(server, " bytes=");
    for (int i = 0; i < 10000; i++)
        (void)fcgi_get(server->socket, paths[i % 3]);
    long after = memory_kib(worker[0], "Anonymous");
    kill(worker[0], SIGUSR1);
    WAIT_UNTIL(server_logged(server, "census: ") == 2, 5);
    cr_expect(server_number(server, "requests=") >= 11000);
    long more_blocks = server_number(server, "blocks=") - blocks, more_bytes = server_number(server, " bytes=") - bytes;
    cr_expect(more_blocks == 0 && more_bytes == 0, "%ld blocks, %ld bytes more", more_blocks, more_bytes);
    cr_expect(!is_plain || after - before <= 64, "%ld KiB before, %ld KiB after", before, after);
    expect_clean_end(server_stop(server, SIGTERM));
}

Test(pool, without_descriptors_it_waits_instead_of_spinning) {
    struct server *server = server_start("DB_POOL_SIZE=1");
    struct rlimit before, none;
    struct reply reply;
    pid_t worker[2];
    cr_assert(server_workers(server, worker, 2) == 1);
    cr_assert(prlimit(worker[0], RLIMIT_NOFILE, NULL, &before) == 0);
    none = (struct rlimit){ .rlim_cur = 3, .rlim_max = before.rlim_max };
    cr_assert(prlimit(worker[0], RLIMIT_NOFILE, &none, NULL) == 0);
    int fd = fcgi_connect(server->socket);
    fcgi_send(fd, &(struct fcgi_request){ .uri = LIVE });
    WAIT_UNTIL(server_logged(server, "no connection can be accepted") == 1, 5);
    sleep_ms(1000);
    cr_expect(server_logged(server, "no connection can be accepted") == 1, "said once, not ten times");
    cr_assert(prlimit(worker[0], RLIMIT_NOFILE, &before, NULL) == 0);
    fcgi_read(fd, 5, &reply);
    cr_expect(reply.status == 200, "%s", reply.text);
    cr_assert(prlimit(worker[0], RLIMIT_NOFILE, &none, NULL) == 0);
    fd = fcgi_connect(server->socket);
    sleep_ms(200);
    kill(worker[0], SIGUSR1); /* signals are heard all the same */
    WAIT_UNTIL(server_logged(server, "census: ") == 1, 5);
    cr_assert(prlimit(worker[0], RLIMIT_NOFILE, &before, NULL) == 0);
    close(fd);
    expect_clean_end(server_stop(server, SIGTERM));
}

/* The next datagram, or what came so far, waiting a little. */
static const char *heard(int fd) {
    static char text[512];
    struct timeval limit = { .tv_sec = 5 };
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ssize_t n = recv(fd, text, sizeof text - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    return text;
}

/* The next one that is no sign of life. */
static const char *news(int fd) {
    const char *text;
    do {
        text = heard(fd);
    } while (strcmp(text, "WATCHDOG=1") == 0);
    return text;
}

Test(pool, tells_the_service_manager) {
    struct sockaddr_un addr = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    snprintf(addr.sun_path, sizeof addr.sun_path, "/tmp/cabmanager.%d", (int)getpid());
    cr_assert(bind(fd, (struct sockaddr *)&addr, sizeof addr) == 0);
    setenv("NOTIFY_SOCKET", addr.sun_path, 1);
    setenv("WATCHDOG_USEC", "400000", 1);
    struct server *server = server_launch("", INPUT_NULL);
    cr_expect_str_eq(news(fd), "READY=1\nSTATUS=2 workers");
    double began = now_seconds();
    cr_expect_str_eq(heard(fd), "WATCHDOG=1");
    cr_expect_str_eq(heard(fd), "WATCHDOG=1");
    cr_expect(now_seconds() - began < 1);
    kill(server->pid, SIGHUP);
    cr_expect(strncmp(news(fd), "RELOADING=1\nMONOTONIC_USEC=", 27) == 0);
    cr_expect_str_eq(news(fd), "READY=1\nSTATUS=2 workers");
    kill(server->pid, SIGUSR2);
    cr_expect(strncmp(news(fd), "RELOADING=1\nMONOTONIC_USEC=", 27) == 0);
    cr_expect_str_eq(news(fd), "READY=1\nSTATUS=2 workers");
    server_settings(server, "DB_POOL_SIZE=none");
    kill(server->pid, SIGHUP);
    cr_expect(strncmp(news(fd), "RELOADING=1", 11) == 0);
    cr_expect(strncmp(news(fd), "READY=1\nSTATUS=reload refused: DB_POOL_SIZE", 43) == 0);
    kill(server->pid, SIGTERM);
    cr_expect_str_eq(news(fd), "STOPPING=1");
    expect_clean_end(server_stop(server, SIGCONT));
    unlink(addr.sun_path);
}
