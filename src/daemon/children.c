/*
 * children: forks workers, asks them to leave, kills those that do not, and reads how they ended.
 */
#include "daemon/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Grace between a worker's own limits and the kill. */
#define KILL_AGAIN_MS 1000

/* In the child: nothing of the master's life may reach the worker. */
static void child_main(const struct cab_pool *pool, int slot, pid_t master, bool is_shedder) {
    struct cab_worker_options options = { .conf = pool->conf, .board = pool->board, .shared = pool->shared,
                                          .metric_rows = pool->metric_rows, .n_metric_rows = pool->n_metric_rows,
                                          .slot = slot, .listen_fd = pool->listener.fd, .master = master };
    unsetenv("NOTIFY_SOCKET");
    cab_child_exit(is_shedder ? cab_shedder_run(&options) : cab_worker_run(&options));
}

void cab_child_exit(int status) {
    exit(status);
}

int cab_pool_spawn(struct cab_pool *pool, bool is_shedder) {
    int64_t now = cab_now_ms();
    int slot = cab_slot_take(pool->board, now);
    if (slot < 0)
        return -1;
    pid_t master = getpid();
    pid_t pid = fork();
    if (pid == 0)
        child_main(pool, slot, master, is_shedder);
    if (pid < 0) {
        int why = errno;
        cab_slot_release(pool->board, slot);
        if (cab_respawn_failed(&pool->respawn, now, now))
            cab_log(CAB_LOG_ERROR, "no worker can be forked: %s; next attempt in %lld ms", strerror(why),
                    (long long)cab_respawn_wait(&pool->respawn, now));
        return -1;
    }
    pool->children[slot] = (struct cab_child){ .pid = pid, .generation = pool->generation, .forked_ms = now,
                                               .is_shedder = is_shedder };
    cab_metrics_count(pool->shared, is_shedder ? CAB_COUNTER_SHEDDERS : CAB_COUNTER_WORKERS_STARTED, 1);
    cab_log(CAB_LOG_DEBUG, "worker %d started in slot %d", (int)pid, slot);
    return 0;
}

/* The preflight of USR2 and the workers of the image before it. */
static bool reap_other(struct cab_pool *pool, pid_t pid, int status) {
    if (pid == pool->preflight) {
        pool->preflight = 0;
        if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
            cab_reexec_now(pool);
        else
            cab_log(CAB_LOG_ERROR, "%s does not start with --check-config; this process goes on", pool->argv[0]);
        return true;
    }
    if (cab_monitor_reap(pool, pid))
        return true;
    for (int i = 0; i < pool->n_inherited; i++) {
        if (pool->inherited[i] != pid)
            continue;
        pool->inherited[i] = pool->inherited[--pool->n_inherited];
        return true;
    }
    return false;
}

static void say_how(const struct cab_child *child, int status, uint64_t requests, int64_t age_ms) {
    if (WIFSIGNALED(status))
        cab_log(CAB_LOG_ERROR, "worker %d died by signal %d (%s) after %.1f s and %llu requests", (int)child->pid,
                WTERMSIG(status), strsignal(WTERMSIG(status)), (double)age_ms / 1000, (unsigned long long)requests);
    else
        cab_log(CAB_LOG_ERROR, "worker %d exited with status %d after %.1f s and %llu requests", (int)child->pid,
                WEXITSTATUS(status), (double)age_ms / 1000, (unsigned long long)requests);
}

static void reap_child(struct cab_pool *pool, int slot, int status) {
    struct cab_child *child = &pool->children[slot];
    int64_t now = cab_now_ms(), age = now - child->forked_ms;
    uint64_t requests = atomic_load(&pool->board->slots[slot].requests);
    bool in_order = WIFEXITED(status) && WEXITSTATUS(status) == 0;

    cab_slot_release(pool->board, slot);
    if (in_order || child->killed) {
        cab_log(CAB_LOG_DEBUG, "worker %d left after %llu requests", (int)child->pid, (unsigned long long)requests);
    } else {
        say_how(child, status, requests, age);
        cab_metrics_count(pool->shared, CAB_COUNTER_WORKERS_DIED, 1);
        if (age < CAB_YOUNG_MS && cab_respawn_failed(&pool->respawn, child->forked_ms, now) &&
            pool->respawn.failures > 1)
            cab_log(CAB_LOG_ERROR, "workers die young; the next starts in %lld ms",
                    (long long)cab_respawn_wait(&pool->respawn, now));
    }
    *child = (struct cab_child){ 0 };
}

void cab_pool_reap(struct cab_pool *pool) {
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (reap_other(pool, pid, status))
            continue;
        int used = atomic_load(&pool->board->slots_used);
        for (int slot = 0; slot < used; slot++) {
            if (pool->children[slot].pid == pid) {
                reap_child(pool, slot, status);
                break;
            }
        }
    }
}

void cab_pool_ask(struct cab_pool *pool, int slot, int signal) {
    struct cab_child *child = &pool->children[slot];
    if (child->leave_by_ms == 0)
        child->leave_by_ms = cab_now_ms() + pool->conf->worker_drain_timeout * 1000;
    kill(child->pid, signal);
}

void cab_pool_ask_all(struct cab_pool *pool, int signal) {
    int used = atomic_load(&pool->board->slots_used);
    for (int slot = 0; slot < used; slot++)
        if (pool->children[slot].pid != 0)
            cab_pool_ask(pool, slot, signal);
    for (int i = 0; i < pool->n_inherited; i++)
        kill(pool->inherited[i], signal);
    if (pool->n_inherited > 0 && pool->inherited_leave_by_ms == 0)
        pool->inherited_leave_by_ms = cab_now_ms() + pool->conf->worker_drain_timeout * 1000;
}

void cab_pool_kill_all(struct cab_pool *pool) {
    int used = atomic_load(&pool->board->slots_used);
    for (int slot = 0; slot < used; slot++) {
        if (pool->children[slot].pid == 0)
            continue;
        pool->children[slot].killed = true;
        kill(pool->children[slot].pid, SIGKILL);
    }
    for (int i = 0; i < pool->n_inherited; i++)
        kill(pool->inherited[i], SIGKILL);
}

static void kill_late(struct cab_pool *pool, int slot, const char *why) {
    struct cab_child *child = &pool->children[slot];
    cab_metrics_count(pool->shared, CAB_COUNTER_WORKERS_KILLED, !child->killed);
    if (!child->killed)
        cab_log(CAB_LOG_ERROR, "worker %d %s and is killed", (int)child->pid, why);
    child->killed = true;
    kill(child->pid, SIGKILL);
}

void cab_pool_check_time(struct cab_pool *pool) {
    int64_t now = cab_now_ms(), stuck = pool->conf->worker_stuck_timeout * 1000;
    int used = atomic_load(&pool->board->slots_used);

    for (int slot = 0; slot < used; slot++) {
        struct cab_child *child = &pool->children[slot];
        if (child->pid == 0)
            continue;
        int state = atomic_load(&pool->board->slots[slot].state);
        int64_t since = atomic_load(&pool->board->slots[slot].since_ms);
        if (child->leave_by_ms != 0 && now > child->leave_by_ms)
            kill_late(pool, slot, "did not finish in time");
        else if ((state == CAB_SLOT_BUSY || state == CAB_SLOT_STARTING) && now - since > stuck)
            kill_late(pool, slot, "was stuck beyond WORKER_STUCK_TIMEOUT");
        else if (now - child->forked_ms >= CAB_YOUNG_MS && !child->killed &&
                 cab_respawn_succeeded(&pool->respawn, child->forked_ms))
            cab_log(CAB_LOG_INFO, "workers live again; they start without delay");
    }
    if (pool->inherited_leave_by_ms != 0 && now > pool->inherited_leave_by_ms && pool->n_inherited > 0) {
        cab_log(CAB_LOG_ERROR, "%d workers of the program before did not finish in time and are killed",
                pool->n_inherited);
        for (int i = 0; i < pool->n_inherited; i++)
            kill(pool->inherited[i], SIGKILL);
        pool->inherited_leave_by_ms = now + KILL_AGAIN_MS;
    }
}
