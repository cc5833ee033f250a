/*
 * reexec: USR2 replaces the program under the same pid.  The listening socket stays open throughout; the old image's
 * workers serve until the new image's are ready.
 */
#include "daemon/internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Comma-separated pids. */
#define WORKERS "CABINET_WORKERS"

/* exec keeps the mask: the new image sets its own, but what it starts with must be plain. */
static void unblock_all(void) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* A bare name would be looked up in PATH again, where another program may stand, or none.  The path is taken down at
 * the start: by the time of USR2 the file behind it may be a newer one, which is the one wanted. */
void cab_reexec_remember(struct cab_pool *pool) {
    char path[4096];
    if (strchr(pool->argv[0], '/') != NULL)
        return;
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    if (n > 0)
        pool->argv[0] = cab_strndup(pool, path, (size_t)n);
}

void cab_reexec_try(struct cab_pool *pool) {
    int n = 0;
    if (pool->preflight != 0)
        return;
    cab_log(CAB_LOG_INFO, "executing %s again: trying it first", pool->argv[0]);
    while (pool->argv[n] != NULL)
        n++;
    char **argv = cab_new_array(pool, char *, (size_t)n + 2);
    memcpy(argv, pool->argv, (size_t)n * sizeof *argv);
    argv[n] = cab_strdup(argv, "--check-config");
    pid_t pid = fork();
    if (pid == 0) {
        unblock_all();
        unsetenv("NOTIFY_SOCKET");
        if (freopen("/dev/null", "w", stdout) == NULL)
            _exit(127);
        execvp(argv[0], argv);
        _exit(127);
    }
    cab_mem_free(argv);
    if (pid < 0)
        cab_log(CAB_LOG_ERROR, "the program cannot be tried: %s", strerror(errno));
    else
        pool->preflight = pid;
}

static void add_pid(struct cab_buf *list, pid_t pid) {
    cab_buf_addf(list, "%s%d", list->len > 0 ? "," : "", (int)pid);
}

void cab_reexec_now(struct cab_pool *pool) {
    struct cab_buf list;
    struct timespec now;
    int used = atomic_load(&pool->board->slots_used);

    cab_buf_init(&list, pool, 256);
    for (int slot = 0; slot < used; slot++)
        if (pool->children[slot].pid != 0)
            add_pid(&list, pool->children[slot].pid);
    for (int i = 0; i < pool->n_inherited; i++)
        add_pid(&list, pool->inherited[i]);
    if (pool->monitor > 0)
        add_pid(&list, pool->monitor);
    setenv(WORKERS, list.data, 1);
    cab_listener_hand_on(&pool->listener, true);
    clock_gettime(CLOCK_MONOTONIC, &now);
    cab_notify("RELOADING=1\nMONOTONIC_USEC=%lld", (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
    cab_log(CAB_LOG_INFO, "executing %s", pool->argv[0]);

    execvp(pool->argv[0], pool->argv);
    cab_log(CAB_LOG_ERROR, "%s cannot be executed: %s; this process goes on", pool->argv[0], strerror(errno));
    cab_notify("READY=1");
    cab_listener_hand_on(&pool->listener, false);
    unsetenv(WORKERS);
    cab_mem_free(list.data);
}

void cab_reexec_inherit(struct cab_pool *pool) {
    const char *list = getenv(WORKERS);
    if (list == NULL)
        return;
    size_t most = strlen(list) / 2 + 1;
    pool->inherited = cab_new_array(pool, pid_t, most);
    while (*list != '\0') {
        char *end;
        long pid = strtol(list, &end, 10);
        siginfo_t info;
        if (end == list)
            break;
        /* a pid that is not our child is not ours to signal */
        if (pid > 1 && waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0)
            pool->inherited[pool->n_inherited++] = (pid_t)pid;
        list = *end == ',' ? end + 1 : end;
    }
    unsetenv(WORKERS);
}
