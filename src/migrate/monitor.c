/*
 * Looks on from a child process: the runner's own connection is busy with the statement that waits.  Connects only when
 * a run takes longer than a moment.
 */
#include "monitor.h"
#include "state.h"
#include "statements.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define POLL_MS 300
#define REPEAT_MS 10000

/* Tells of the blocker, when it is another one or a while has passed. */
static void look(void *ctx, struct cab_db *db, const char *pid, char *last, size_t size, int64_t *told_ms) {
    const char *values[] = {pid};
    struct cab_result *rows;
    struct cab_err err = {0};
    if (cab_db_query(db, ctx, CAB_SHAPE_MAYBE, cab_sql_text_migrate_blockers, 1, values, &rows, &err) != 0)
        _exit(0);
    if (cab_result_rows(rows) == 0)
        return;
    const char *blocker = cab_result_value(rows, 0, 0);
    if (strcmp(blocker, last) == 0 && cab_now_ms() - *told_ms < REPEAT_MS)
        return;
    snprintf(last, size, "%s", blocker);
    *told_ms = cab_now_ms();
    const char *seconds = cab_result_value(rows, 0, 4);
    fprintf(stderr, "cabinet-migrate: held up by process %s (%s, role %s, %s%s%s%s)\n", blocker,
            cab_result_value(rows, 0, 1), cab_result_value(rows, 0, 2), cab_result_value(rows, 0, 3),
            seconds != NULL ? ", its transaction runs for " : "", seconds != NULL ? seconds : "",
            seconds != NULL ? " s" : "");
}

static void watch(const char *url, int backend_pid) {
    void *ctx = cab_mem_alloc(NULL, 1);
    struct cab_db_options options = {.url = url, .application_name = "cabinet-migrate monitor", .connect_timeout_s = 5,
                                     .statement_timeout_ms = 5000, .prepared = true};
    struct cab_db *db;
    struct cab_err err = {0};
    char last[16] = "";
    int64_t told_ms = 0;
    const char *pid = cab_printf(ctx, "%d", backend_pid);
    if (!cab_sleep_ms(POLL_MS) || cab_db_open(ctx, &options, &db, &err) != 0)
        return;
    for (;;) {
        void *tmp = cab_mem_alloc(ctx, 1);
        look(tmp, db, pid, last, sizeof(last), &told_ms);
        cab_mem_free(tmp);
        if (!cab_sleep_ms(POLL_MS))
            return;
    }
}

pid_t cab_monitor_start(const char *url, int backend_pid) {
    pid_t parent = getpid(), child = fork();
    if (child != 0)
        return child < 0 ? 0 : child;
    signal(SIGTERM, SIG_DFL);
    signal(SIGINT, SIG_IGN);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    /* the parent's connection and exit handlers are not the child's: it leaves by _exit */
    if (getppid() == parent)
        watch(url, backend_pid);
    _exit(0);
}

void cab_monitor_stop(pid_t monitor) {
    if (monitor <= 0)
        return;
    kill(monitor, SIGKILL);
    waitpid(monitor, NULL, 0);
}
