/*
 * server: a cabinetd of a test's own, without nginx, and what can be seen of it from outside.
 *
 *   CABINET_TEST_CABINETD       the program; the build's own by default
 *   CABINET_TEST_MIGRATED_URL   a migrated database, as the application role
 *   CABINET_TEST_DATABASE       the same as superuser, for psql
 */
#ifndef TESTS_PROCESS_SERVER_H
#define TESTS_PROCESS_SERVER_H

#include "process/fcgi.h"

#include <criterion/criterion.h>
#include <sys/types.h>

struct server {
    pid_t pid;
    char folder[64], socket[96], log[96], env[96];
};

enum server_input { INPUT_NULL = 0, INPUT_SOCKET /* listening, on descriptor 0 */, INPUT_SYSTEMD /* LISTEN_FDS=1 */ };

/* Starts one with settings ("NAME=value" lines over sensible ones) and waits until it says ready. */
struct server *server_start(const char *settings);
/* Starts one without waiting. */
struct server *server_launch(const char *settings, enum server_input input);
/* Starts a housekeeper, without waiting. */
struct server *server_launch_housekeeper(const char *settings);
/* Writes other settings into its file; HUP reads them. */
void server_settings(const struct server *server, const char *settings);
/* Stops it by signal and returns its wait status; fails where it does not end in time. */
int server_stop(struct server *server, int signal);

/* Its living children; at most n. */
int server_workers(const struct server *server, pid_t *pids, int n);
int server_count(const struct server *server);
/* Whether the log holds text; how often. */
int server_logged(const struct server *server, const char *text);
/* All of the log. */
char *server_text(const struct server *server);
/* The number behind the last text in the log, or -1. */
long server_number(const struct server *server, const char *text);
/* Whether the process runs (zombies do not). */
bool is_running(pid_t pid);
/* Memory of a process in KiB, by a line of smaps_rollup: "Private_Dirty", "Anonymous". */
long memory_kib(pid_t pid, const char *kind);
/* Whether it was built with AddressSanitizer, whose memory says nothing. */
bool is_sanitized(pid_t pid);

/* Waits until condition holds; the test fails where it does not within seconds. */
#define WAIT_UNTIL(condition, seconds) \
    do { \
        double give_up_at = now_seconds() + (seconds); \
        while (!(condition)) { \
            cr_assert(now_seconds() < give_up_at, "not within %g s: %s", (double)(seconds), #condition); \
            sleep_ms(5); \
        } \
    } while (0)

/* A psql session that keeps new audit entries waiting until released, hence logins; reading goes on. */
struct lock;
struct lock *lock_take(void);
/* The same for all that is done with a table. */
struct lock *lock_table(const char *table);
void lock_release(struct lock *lock);
/* Runs SQL as superuser and returns what it prints. */
char *sql(const char *statement);

#endif
