/*
 * throttle: sliding-window counters in a table of sets.  A set is searched and written under its lock; whoever is
 * killed there leaves the number of the entry it wrote, which the next owner frees: that key then has its full quota
 * again.
 */
#include "base/shared_private.h"

#include <string.h>

#define SECOND_MS 1000

void cab_throttle_table_init(struct cab_throttle_set *sets, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        cab_shared_lock_init(&sets[i].lock);
}

/* ---- one set, locked ---- */

static struct cab_throttle_set *lock_set(struct cab_shared *shared, const uint64_t key[2]) {
    struct cab_throttle_set *set = &shared->sets[key[0] & (shared->head->throttle_sets - 1)];
    bool had_died;
    if (cab_shared_lock(&set->lock, &had_died) != 0) {
        cab_metrics_count(shared, CAB_COUNTER_THROTTLE_BLIND, 1);
        return NULL;
    }
    uint32_t writing = atomic_load_explicit(&set->writing, memory_order_relaxed);
    if (had_died && writing > 0 && writing <= CAB_THROTTLE_WAYS)
        memset(&set->entries[writing - 1], 0, sizeof set->entries[0]);
    if (had_died)
        atomic_store_explicit(&set->writing, 0, memory_order_relaxed);
    return set;
}

static void unlock_set(struct cab_throttle_set *set) {
    pthread_mutex_unlock(&set->lock);
}

/* What is written between begin and end is undone where this process is killed.  The processor keeps the order for
 * whoever takes the lock next; the compiler is told to. */
static void begin_write(struct cab_throttle_set *set, const struct cab_throttle_entry *entry) {
    atomic_store_explicit(&set->writing, (uint32_t)(entry - set->entries) + 1, memory_order_relaxed);
    atomic_signal_fence(memory_order_seq_cst);
}

static void end_write(struct cab_throttle_set *set) {
    atomic_signal_fence(memory_order_seq_cst);
    atomic_store_explicit(&set->writing, 0, memory_order_relaxed);
}

static struct cab_throttle_entry *find(struct cab_throttle_set *set, const uint64_t key[2]) {
    for (int i = 0; i < CAB_THROTTLE_WAYS; i++) {
        struct cab_throttle_entry *entry = &set->entries[i];
        if (entry->touched_ms != 0 && entry->key[0] == key[0] && entry->key[1] == key[1])
            return entry;
    }
    return NULL;
}

/* A free one, or the one that was not touched for longest. */
static struct cab_throttle_entry *make_room(struct cab_shared *shared, struct cab_throttle_set *set, int64_t now_ms) {
    struct cab_throttle_entry *oldest = &set->entries[0];
    for (int i = 0; i < CAB_THROTTLE_WAYS; i++) {
        struct cab_throttle_entry *entry = &set->entries[i];
        if (entry->touched_ms < oldest->touched_ms)
            oldest = entry;
    }
    /* what is older than two windows counts for nothing */
    if (oldest->touched_ms != 0 && now_ms - oldest->start_ms < (int64_t)oldest->window_s * 2 * SECOND_MS)
        cab_metrics_count(shared, CAB_COUNTER_THROTTLE_EVICTIONS, 1);
    return oldest;
}

/* ---- counting ---- */

/* The counters of entry as they stand at now_ms. */
static struct cab_throttle_entry slide(const struct cab_throttle_entry *entry, uint32_t window_s, int64_t now_ms) {
    struct cab_throttle_entry e = { .window_s = window_s, .start_ms = now_ms };
    int64_t window_ms = (int64_t)window_s * SECOND_MS;
    if (entry == NULL || entry->window_s != window_s || now_ms < entry->start_ms)
        return e;
    int64_t passed = (now_ms - entry->start_ms) / window_ms;
    if (passed > 1)
        return e;
    e.start_ms = entry->start_ms + passed * window_ms;
    e.before = passed == 1 ? entry->now : entry->before;
    e.now = passed == 1 ? 0 : entry->now;
    return e;
}

/* Takes of the last window, a part of one counted as one: never more are allowed than the quota says. */
static uint64_t used(const struct cab_throttle_entry *e, int64_t now_ms) {
    uint64_t window_ms = (uint64_t)e->window_s * SECOND_MS;
    uint64_t rest = window_ms - (uint64_t)(now_ms - e->start_ms);
    return e->now + (e->before * rest + window_ms - 1) / window_ms;
}

/* Milliseconds from the running window's start until `used` falls below quota, where it is not now. */
static uint64_t wait_ms(const struct cab_throttle_entry *e, uint32_t quota, int64_t now_ms) {
    uint64_t window_ms = (uint64_t)e->window_s * SECOND_MS;
    uint64_t gone = (uint64_t)(now_ms - e->start_ms);
    if (e->now < quota && e->before > 0) {
        /* before * rest / window must come to at most quota - 1 - now */
        uint64_t rest = (uint64_t)(quota - 1 - e->now) * window_ms / e->before;
        return window_ms - rest > gone ? window_ms - rest - gone : 0;
    }
    /* the running window becomes the one before, and weighs less and less */
    uint64_t rest = (uint64_t)(quota - 1) * window_ms / e->now;
    return window_ms - gone + (window_ms - (rest < window_ms ? rest : window_ms));
}

static bool judge(const struct cab_throttle_entry *e, uint32_t quota, int64_t now_ms, bool takes,
                  struct cab_throttle_state *state_out) {
    uint64_t n = used(e, now_ms);
    bool is_allowed = n < quota;
    if (state_out == NULL)
        return is_allowed;
    n += is_allowed && takes;
    state_out->left = n < quota ? (uint32_t)(quota - n) : 0;
    state_out->reset_s = 0;
    if (state_out->left == 0) {
        struct cab_throttle_entry after = *e;
        after.now += is_allowed && takes;
        state_out->reset_s = (uint32_t)((wait_ms(&after, quota, now_ms) + SECOND_MS - 1) / SECOND_MS);
    }
    return is_allowed;
}

static bool throttle(struct cab_shared *shared, const unsigned char *bytes, uint32_t quota, uint32_t window_s,
                     int64_t now_ms, bool takes, struct cab_throttle_state *state_out) {
    uint64_t key[2];
    CAB_BUG_ON(quota == 0 || window_s == 0);
    if (state_out != NULL)
        *state_out = (struct cab_throttle_state){ .left = quota };
    memcpy(key, bytes, sizeof key);
    struct cab_throttle_set *set = shared == NULL ? NULL : lock_set(shared, key);
    if (set == NULL)
        return true;
    struct cab_throttle_entry *entry = find(set, key);
    struct cab_throttle_entry e = slide(entry, window_s, now_ms);
    bool is_allowed = judge(&e, quota, now_ms, takes, state_out);
    if (takes && (is_allowed || entry != NULL)) {
        if (entry == NULL)
            entry = make_room(shared, set, now_ms);
        e.key[0] = key[0];
        e.key[1] = key[1];
        e.now += is_allowed;
        e.touched_ms = now_ms > 0 ? now_ms : 1;
        begin_write(set, entry);
        *entry = e;
        end_write(set);
    }
    unlock_set(set);
    if (!is_allowed || takes)
        cab_metrics_count(shared, is_allowed ? CAB_COUNTER_THROTTLE_TAKES : CAB_COUNTER_THROTTLE_REFUSALS, 1);
    return is_allowed;
}

bool cab_throttle_take(struct cab_shared *shared, const unsigned char key[CAB_THROTTLE_KEY], uint32_t quota,
                       uint32_t window_s, int64_t now_ms, struct cab_throttle_state *state_out) {
    return throttle(shared, key, quota, window_s, now_ms, true, state_out);
}

bool cab_throttle_look(struct cab_shared *shared, const unsigned char key[CAB_THROTTLE_KEY], uint32_t quota,
                       uint32_t window_s, int64_t now_ms, struct cab_throttle_state *state_out) {
    return throttle(shared, key, quota, window_s, now_ms, false, state_out);
}

void cab_throttle_forget(struct cab_shared *shared, const unsigned char bytes[CAB_THROTTLE_KEY]) {
    uint64_t key[2];
    memcpy(key, bytes, sizeof key);
    struct cab_throttle_set *set = shared == NULL ? NULL : lock_set(shared, key);
    if (set == NULL)
        return;
    struct cab_throttle_entry *entry = find(set, key);
    if (entry != NULL) {
        begin_write(set, entry);
        memset(entry, 0, sizeof *entry);
        end_write(set);
    }
    unlock_set(set);
}
