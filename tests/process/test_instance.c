/*
 * Faults under load on a whole instance: nginx, the pool api, PostgreSQL.  Besides what tests/api/client.h names:
 *
 *   CABINET_TEST_VAR    state of the instance; run/api.pid is the master's
 */
#include "api/client.h"
#include "process/fcgi.h"
#include "process/http_load.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAIT_UNTIL(condition, seconds) \
    do { \
        double give_up_at = now_seconds() + (seconds); \
        while (!(condition)) { \
            cr_assert(now_seconds() < give_up_at, "not within %g s: %s", (double)(seconds), #condition); \
            sleep_ms(5); \
        } \
    } while (0)

enum { MOST = 128 };

TestSuite(instance, .timeout = 120);

static int master(void) {
    FILE *f = fopen(fmt("%s/run/api.pid", environment("CABINET_TEST_VAR")), "r");
    int pid = 0;
    cr_assert(f != NULL && fscanf(f, "%d", &pid) == 1);
    fclose(f);
    return pid;
}

static bool is_worker(int pid) {
    FILE *f = fopen(fmt("/proc/%d/stat", pid), "r");
    char name[32] = "", state = 'Z';
    if (f == NULL)
        return false;
    if (fscanf(f, "%*d (%31[^)]) %c", name, &state) != 2)
        state = 'Z';
    fclose(f);
    return state != 'Z' && strcmp(name, "cabinetd-worker") == 0;
}

static int workers(int *pids) {
    int pid, n = 0, parent = master();
    FILE *f = fopen(fmt("/proc/%d/task/%d/children", parent, parent), "r");
    cr_assert(f != NULL, "the master runs");
    while (n < MOST && fscanf(f, "%d", &pid) == 1)
        if (is_worker(pid))
            pids[n++] = pid;
    fclose(f);
    return n;
}

static int count_workers(void) {
    int pids[MOST];
    return workers(pids);
}

static bool has_all(const int *pids, int n) {
    for (int i = 0; i < n; i++)
        if (!is_worker(pids[i]))
            return false;
    return true;
}

static bool has_none(const int *pids, int n) {
    for (int i = 0; i < n; i++)
        if (is_worker(pids[i]))
            return false;
    return true;
}

static int pool_size(void) {
    FILE *f = fopen(fmt("%s/cabinet.env", environment("CABINET_TEST_VAR")), "r");
    char line[512];
    int size = 20;
    cr_assert(f != NULL);
    while (fgets(line, sizeof line, f) != NULL)
        sscanf(line, "DB_POOL_SIZE=%d", &size);
    fclose(f);
    return size;
}

static void expect_all_ok(const struct http_tally *t) {
    cr_expect(t->ok == t->total, "%ld of %ld are 200; %ld 502, %ld 503, %ld others such as %d", t->ok, t->total,
              t->bad_gateway, t->unavailable, t->other, t->first_other);
}

/* tests/process/instance.sh ACTION */
static void instance(const char *action) {
    char *command = fmt("sh '%s/process/instance.sh' %s", TESTS_SRCDIR, action);
    cr_assert(system(command) == 0, "instance.sh %s failed", action);
}

Test(instance, killed_worker_fails_only_what_it_had_read) {
    enum { READERS = 6 };
    int pids[MOST], kills = 0, size = pool_size();
    struct http_load *load = http_load_start(READERS, 4);
    for (int round = 0; round < 5; round++) {
        sleep_ms(300);
        int n = workers(pids);
        cr_assert(n >= size);
        kill(pids[round % n], SIGKILL);
        kills++;
        WAIT_UNTIL(!is_worker(pids[round % n]) && count_workers() >= size, 1);
    }
    sleep_ms(300);
    struct http_tally t = http_load_stop(load);
    cr_expect(t.ok > 100);
    /* one, or reads by key that it had begun together */
    cr_expect(t.bad_gateway <= kills * READERS, "%ld answers 502 for %d kills", t.bad_gateway, kills);
    cr_expect(t.unavailable == 0, "%ld answers 503", t.unavailable);
    cr_expect(t.other == 0, "%ld others such as %d", t.other, t.first_other);
    cr_expect(t.no_problem == 0, "nginx answers as the service does");
    http_load_verify(load);
}

Test(instance, reload_under_load_fails_no_request) {
    int before[MOST];
    struct http_load *load = http_load_start(6, 4);
    for (int round = 0; round < 3; round++) {
        sleep_ms(300);
        int n = workers(before);
        kill(master(), SIGHUP);
        WAIT_UNTIL(has_none(before, n), 15);
    }
    sleep_ms(300);
    struct http_tally t = http_load_stop(load);
    expect_all_ok(&t);
    http_load_verify(load);
}

Test(instance, new_program_under_load_fails_no_request) {
    int before[MOST], pid = master();
    struct http_load *load = http_load_start(6, 4);
    for (int round = 0; round < 2; round++) {
        sleep_ms(300);
        int n = workers(before);
        kill(pid, SIGUSR2);
        WAIT_UNTIL(has_none(before, n), 15);
        cr_expect(kill(pid, 0) == 0);
    }
    sleep_ms(300);
    struct http_tally t = http_load_stop(load);
    expect_all_ok(&t);
    http_load_verify(load);
}

Test(instance, database_restart_under_load_loses_no_write) {
    int before[MOST];
    cr_assert_str_eq(sql("SHOW fsync"), "on");
    cr_assert_str_eq(sql("SHOW synchronous_commit"), "on");
    struct http_load *load = http_load_start(6, 4);
    sleep_ms(500);
    int n = workers(before);
    instance("restart-postgres");
    double back = now_seconds();
    WAIT_UNTIL(get("/health/ready", NULL)->status == 200, 1);
    cr_expect(now_seconds() - back < 1.0);
    sleep_ms(1500);
    cr_expect(has_all(before, n), "no worker has died");
    struct http_tally t = http_load_stop(load);
    cr_expect(t.unavailable > 0, "the database was away for a while");
    cr_expect(t.no_retry_after == 0, "%ld answers 503 without Retry-After", t.no_retry_after);
    cr_expect(t.bad_gateway == 0, "%ld answers 502", t.bad_gateway);
    cr_expect(t.other == 0, "%ld others such as %d", t.other, t.first_other);
    cr_expect(t.no_problem == 0);
    cr_expect(t.last_failure - back < 1.0, "it still failed %g s after the database was back", t.last_failure - back);
    http_load_verify(load);
}

/* A number of the worker's last census; -1 where there is none. */
static long census(int pid, const char *what) {
    FILE *f = fopen(fmt("%s/log/api.log", environment("CABINET_TEST_VAR")), "r");
    const char *start = fmt("[%d] info: census: ", pid);
    char line[1024];
    long number = -1;
    cr_assert(f != NULL);
    while (fgets(line, sizeof line, f) != NULL) {
        const char *found = strstr(line, start) != NULL ? strstr(line, what) : NULL;
        if (found != NULL)
            number = atol(found + strlen(what));
    }
    fclose(f);
    return number;
}

static void ask_everything(const struct person *person, int i) {
    const char *token = person->token;
    switch (i % 8) {
    case 0: (void)get("/api/v1/users/me", token); break;
    case 1: (void)get("/api/v1/users?page=1&size=5&sort_by=date_created&sort_order=desc", token); break;
    case 2: (void)put("/api/v1/users/me", token, fmt("{\"username\": \"%s\"}", unique("c"))); break;
    case 3: (void)get("/api/v1/users?search=a&size=3", admin()); break;
    case 4: (void)get("/api/v1/nothing", token); break;
    case 5: (void)put("/api/v1/users/me", token, "{\"username\": 1, \"nothing\": [true, null"); break;
    case 6: (void)get("/api/v1/users?sizes=1&is_verified=maybe", token); break;
    default: (void)get("/api/v1/users/999999999", token); break;
    }
}

/* Idle workers take the census; the first to have registered has had nearly all of the work. */
Test(instance, ten_thousand_requests_leave_nothing_behind) {
    int pids[MOST], n = workers(pids), compared = 0;
    long blocks[MOST], requests[MOST];
    const struct person *person = someone();
    for (int i = 0; i < 2000; i++)
        ask_everything(person, i);
    kill(master(), SIGUSR1);
    sleep_ms(300);
    for (int i = 0; i < n; i++) {
        blocks[i] = census(pids[i], "blocks=");
        requests[i] = census(pids[i], "requests=");
    }
    for (int i = 0; i < 10000; i++)
        ask_everything(person, i);
    kill(master(), SIGUSR1);
    sleep_ms(300);
    for (int i = 0; i < n; i++) {
        if (!is_worker(pids[i]) || requests[i] < 500 || census(pids[i], "requests=") < requests[i] + 500)
            continue;
        compared++;
        long now = census(pids[i], "blocks=");
        cr_expect(now == blocks[i], "%ld blocks, then %ld", blocks[i], now);
    }
    cr_expect(compared > 0, "at least one worker had work all the time");
}

Test(instance, database_away_is_503_at_once) {
    instance("stop-postgres");
    for (int i = 0; i < 10; i++) {
        struct answer *answer = get("/health/ready", NULL);
        cr_expect(answer->status == 503, "%d", answer->status);
        cr_expect(header(answer, "Retry-After") != NULL);
        cr_expect(answer->seconds < 0.1, "%g s", answer->seconds);
    }
    cr_expect(get("/health/live", NULL)->status == 200);
    instance("start-postgres");
    WAIT_UNTIL(get("/health/ready", NULL)->status == 200, 1);
}
