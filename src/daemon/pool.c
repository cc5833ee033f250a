/*
 * pool: how many workers there should be, and which of them should go.  Forking and killing are in children.c.
 */
#include "daemon/internal.h"

#include <stdlib.h>
#include <string.h>

/* All busy and a connection waiting for so long: another worker helps. */
#define CROWDED_MS 50
/* Under load idle workers come and go with every request: the master does not follow each of them. */
#define CROWDED_LOOK_MS 20
#define LOOK_MS 1000

struct cab_census cab_pool_census(const struct cab_pool *pool) {
    struct cab_census census = { .inherited = pool->n_inherited };
    int used = atomic_load(&pool->board->slots_used);
    for (int slot = 0; slot < used; slot++) {
        const struct cab_child *child = &pool->children[slot];
        bool is_starting = atomic_load(&pool->board->slots[slot].state) == CAB_SLOT_STARTING;
        if (child->pid == 0)
            continue;
        if (child->is_shedder) {
            census.shedders++;
        } else if (child->leave_by_ms != 0) {
            census.leaving++;
        } else if (child->generation != pool->generation) {
            census.old++;
        } else {
            census.current++;
            census.current_ready += !is_starting;
            census.starting += is_starting;
        }
    }
    return census;
}

/* While old workers are there only so many more than the pool's size exist at a time: connections are counted. */
static int64_t rolling_surplus(int64_t size) {
    int64_t surplus = size / 4 > 8 ? size / 4 : 8;
    return surplus < size ? surplus : size;
}

/* Old workers leave as far as new ones have taken their place. */
static void retire_old(struct cab_pool *pool, struct cab_census *census) {
    int64_t keep = pool->conf->db_pool_size - census->current_ready;
    int used = atomic_load(&pool->board->slots_used);
    for (int slot = 0; slot < used && census->old > 0 && census->old > keep; slot++) {
        const struct cab_child *child = &pool->children[slot];
        if (child->pid == 0 || child->is_shedder || child->leave_by_ms != 0 || child->generation == pool->generation)
            continue;
        cab_pool_ask(pool, slot, SIGHUP);
        census->old--;
    }
}

/* The service manager is told when the database has answered too.  Until then requests are answered 503, and idle
 * workers try the database, as no request may come before somebody hears of readiness. */
static void tell_ready(struct cab_pool *pool) {
    bool answered = atomic_load(&pool->board->database_answered) != 0;
    if (pool->is_ready && answered && !pool->is_told) {
        cab_notify("READY=1\nSTATUS=%lld workers", (long long)pool->conf->db_pool_size);
        pool->is_told = true;
    }
    bool wanted = !pool->is_told && getenv("NOTIFY_SOCKET") != NULL;
    atomic_store(&pool->board->ready_wanted, wanted);
    if (wanted && pool->is_ready && !pool->is_waiting) {
        cab_notify("STATUS=waiting for the database");
        pool->is_waiting = true;
    }
}

static void say_ready(struct cab_pool *pool, const struct cab_census *census) {
    if (pool->n_inherited > 0 && pool->inherited_leave_by_ms == 0) {
        for (int i = 0; i < pool->n_inherited; i++)
            kill(pool->inherited[i], SIGHUP);
        pool->inherited_leave_by_ms = cab_now_ms() + pool->conf->worker_drain_timeout * 1000;
    }
    if (!pool->is_ready || pool->is_rolling) {
        cab_log(CAB_LOG_INFO, "%s: %d workers", pool->is_ready ? "reloaded" : "ready", census->current_ready);
        if (pool->is_told)
            cab_notify("READY=1\nSTATUS=%d workers", census->current_ready);
    }
    pool->is_ready = true;
    pool->is_rolling = false;
}

void cab_pool_keep(struct cab_pool *pool) {
    struct cab_census census = cab_pool_census(pool);
    int64_t size = pool->conf->db_pool_size;

    retire_old(pool, &census);
    int64_t most = size + (census.old > 0 ? rolling_surplus(size) : pool->n_surplus);
    int64_t wanted = census.old > 0 ? size : size + pool->n_surplus;
    while (census.current < wanted && census.current + census.old < most &&
           cab_respawn_wait(&pool->respawn, cab_now_ms()) == 0) {
        if (cab_pool_spawn(pool, false) != 0)
            break;
        census.current++;
        census.starting++;
    }
    if (census.current_ready >= size && census.old == 0)
        say_ready(pool, &census);
    if (!pool->is_told)
        tell_ready(pool);
}

/* Workers beyond the pool's size that nobody needed for a while. */
static void shrink(struct cab_pool *pool, int64_t now) {
    struct cab_census census = cab_pool_census(pool);
    int used = atomic_load(&pool->board->slots_used);
    int64_t idle = pool->conf->worker_idle_timeout * 1000;

    if (census.old > 0)
        return;
    for (int slot = used - 1; slot >= 0 && census.current > pool->conf->db_pool_size; slot--) {
        const struct cab_child *child = &pool->children[slot];
        const struct cab_slot *seen = &pool->board->slots[slot];
        if (child->pid == 0 || child->is_shedder || child->leave_by_ms != 0 ||
            atomic_load(&seen->state) != CAB_SLOT_IDLE || now - atomic_load(&seen->since_ms) < idle)
            continue;
        cab_pool_ask(pool, slot, SIGHUP);
        census.current--;
        pool->n_surplus = (int)(census.current - pool->conf->db_pool_size);
        cab_log(CAB_LOG_INFO, "overflow: %d workers, one was idle", census.current);
    }
}

static void grow(struct cab_pool *pool, const struct cab_census *census, int64_t now) {
    int64_t room = pool->conf->db_max_overflow - pool->n_surplus;
    int64_t step = pool->burst < room ? pool->burst : room;
    bool is_catching_up = census->starting > 0 || census->current < pool->conf->db_pool_size + pool->n_surplus;
    if (now - pool->crowded_since_ms < CROWDED_MS || is_catching_up || step <= 0)
        return;
    pool->n_surplus += (int)step;
    cab_metrics_count(pool->shared, CAB_COUNTER_OVERFLOWS, 1);
    pool->burst *= 2;
    pool->crowded_since_ms = now;
    cab_log(CAB_LOG_INFO, "overflow: all are busy, %lld workers",
            (long long)(pool->conf->db_pool_size + pool->n_surplus));
}

/* No worker takes or ends a request, nor does a new one: those who waited too long get their 503. */
static void shed(struct cab_pool *pool, const struct cab_census *census, int64_t now) {
    uint64_t progress = cab_scoreboard_progress(pool->board);
    if (progress != pool->progress || pool->standstill_since_ms == 0) {
        pool->progress = progress;
        pool->standstill_since_ms = now;
    }
    if (now - pool->standstill_since_ms < pool->conf->db_pool_timeout * 1000 || census->shedders > 0)
        return;
    cab_log(CAB_LOG_WARN, "no worker became free for %lld s: requests are refused",
            (long long)pool->conf->db_pool_timeout);
    if (cab_pool_spawn(pool, true) != 0)
        pool->standstill_since_ms = now;
}

int64_t cab_pool_adapt(struct cab_pool *pool) {
    int64_t now = cab_now_ms(), since = now - pool->looked_ms;
    pool->watches_listener = false;
    if (since < CROWDED_LOOK_MS)
        return CROWDED_LOOK_MS - since;
    pool->looked_ms = now;
    shrink(pool, now);
    atomic_store(&pool->board->wake_wanted, 1);
    bool anyone_idle = cab_scoreboard_anyone_idle(pool->board);
    if (anyone_idle || !cab_listener_waiting(pool->listener.fd)) {
        pool->crowded_since_ms = 0;
        pool->standstill_since_ms = 0;
        pool->burst = 1;
        /* with nobody idle the master must see the next connection itself */
        pool->watches_listener = !anyone_idle;
        return LOOK_MS;
    }
    struct cab_census census = cab_pool_census(pool);
    if (pool->crowded_since_ms == 0)
        pool->crowded_since_ms = now;
    shed(pool, &census, now);
    grow(pool, &census, now);
    return CROWDED_LOOK_MS;
}
