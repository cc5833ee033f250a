/*
 * Sliding windows, alone and by many processes; what is left of a process that was killed in the middle.
 */
#include "base/shared_private.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define MINUTE 60

static struct cab_shared *shared;
static void *mem;

static void begin(void) {
    struct cab_shared_options options = { .throttle_entries = 1 };
    mem = cab_mem_alloc(NULL, 1);
    shared = cab_shared_private(mem, &options);
}

static void end(void) {
    cab_mem_free(mem);
}

TestSuite(throttle, .init = begin, .fini = end, .timeout = 60);

/* A key of set number `set`, different for each n. */
static const unsigned char *key_of(uint64_t set, uint64_t n) {
    static unsigned char key[CAB_THROTTLE_KEY];
    memcpy(key, &set, sizeof set);
    memcpy(key + sizeof set, &n, sizeof n);
    return key;
}

static int take_all(const unsigned char *key, uint32_t quota, uint32_t window_s, int64_t now_ms) {
    int taken = 0;
    while (taken < 1000 && cab_throttle_take(shared, key, quota, window_s, now_ms, NULL))
        taken++;
    return taken;
}

Test(throttle, allows_the_quota_and_tells_what_is_left) {
    struct cab_throttle_state state;
    for (uint32_t i = 0; i < 5; i++) {
        cr_expect(cab_throttle_look(shared, key_of(1, 1), 5, MINUTE, 1000, &state));
        cr_expect(state.left == 5 - i && state.reset_s == 0);
        cr_expect(cab_throttle_take(shared, key_of(1, 1), 5, MINUTE, 1000, &state));
        cr_expect(state.left == 4 - i);
    }
    cr_expect(state.reset_s == 72, "a fifth of the next window must pass: %u", state.reset_s);
    cr_expect(!cab_throttle_take(shared, key_of(1, 1), 5, MINUTE, 1000, &state));
    cr_expect(state.left == 0 && state.reset_s == 72);
    cr_expect(cab_throttle_take(shared, key_of(1, 2), 5, MINUTE, 1000, NULL), "another key has its own");
    cr_expect(cab_throttle_take(shared, key_of(2, 1), 5, MINUTE, 1000, NULL));
}

Test(throttle, opens_when_it_said_and_no_sooner) {
    static const uint32_t quotas[] = { 1, 2, 3, 7, 10, 100 };
    for (size_t i = 0; i < CAB_LENGTH(quotas); i++) {
        for (int64_t began = 1; began < 3 * MINUTE * 1000; began += 17011) {
            struct cab_throttle_state state;
            uint64_t n = i * 1000000 + (uint64_t)began;
            cr_assert(cab_throttle_take(shared, key_of(3, n), quotas[i], MINUTE, 1, NULL));
            (void)take_all(key_of(3, n), quotas[i], MINUTE, began);
            cr_assert(!cab_throttle_look(shared, key_of(3, n), quotas[i], MINUTE, began, &state));
            cr_assert(state.reset_s > 0 && state.reset_s <= 2 * MINUTE, "quota %u: %u", quotas[i], state.reset_s);
            int64_t due = began + (int64_t)state.reset_s * 1000;
            cr_assert(!cab_throttle_look(shared, key_of(3, n), quotas[i], MINUTE, due - 1001, NULL),
                      "quota %u at %lld", quotas[i], (long long)began);
            cr_assert(cab_throttle_look(shared, key_of(3, n), quotas[i], MINUTE, due, NULL), "quota %u at %lld",
                      quotas[i], (long long)began);
        }
    }
}

/* Whoever takes whatever is free at every tenth of a second never has more than the quota in the windows counted by the
 * clock of the key, and about the quota in each window in the long run. */
Test(throttle, keeps_the_rate_in_the_long_run) {
    int taken = 0;
    for (int64_t now = 1; now <= 100 * 10000; now += 100)
        while (cab_throttle_take(shared, key_of(4, 4), 20, 10, now, NULL))
            taken++;
    cr_expect(taken <= 20 * 101 && taken >= 20 * 80, "%d in 100 windows of 20", taken);
}

Test(throttle, starts_anew_after_two_windows_or_with_another_window) {
    cr_expect(take_all(key_of(5, 5), 10, MINUTE, 1) == 10);
    cr_expect(take_all(key_of(5, 5), 10, MINUTE, 2 * MINUTE * 1000 + 1) == 10);
    cr_expect(take_all(key_of(5, 5), 10, MINUTE, 2 * MINUTE * 1000 + 1) == 0);
    cr_expect(take_all(key_of(5, 5), 10, 2 * MINUTE, 2 * MINUTE * 1000 + 1) == 10);
}

Test(throttle, forgets_when_told) {
    cr_expect(take_all(key_of(6, 6), 10, MINUTE, 1) == 10);
    cab_throttle_forget(shared, key_of(6, 6));
    cab_throttle_forget(shared, key_of(6, 7));
    cr_expect(take_all(key_of(6, 6), 10, MINUTE, 1) == 10);
}

Test(throttle, without_shared_memory_nobody_is_refused) {
    struct cab_throttle_state state;
    for (int i = 0; i < 10; i++)
        cr_expect(cab_throttle_take(NULL, key_of(1, 1), 3, MINUTE, 1, &state) && state.left == 3);
    cab_throttle_forget(NULL, key_of(1, 1));
}

Test(throttle, a_full_set_forgets_the_one_not_touched_for_longest) {
    for (uint64_t n = 0; n < CAB_THROTTLE_WAYS; n++)
        cr_assert(take_all(key_of(7, n), 2, MINUTE, 1000 + (int64_t)n) == 2);
    cr_expect(!cab_throttle_take(shared, key_of(7, 0), 2, MINUTE, 2000, NULL), "a refusal touches too");
    cr_expect(take_all(key_of(7, 100), 2, MINUTE, 2001) == 2);
    cr_expect(!cab_throttle_look(shared, key_of(7, 0), 2, MINUTE, 2002, NULL));
    cr_expect(cab_throttle_look(shared, key_of(7, 1), 2, MINUTE, 2002, NULL), "it was the oldest");
    for (uint64_t n = 2; n < CAB_THROTTLE_WAYS; n++)
        cr_expect(!cab_throttle_look(shared, key_of(7, n), 2, MINUTE, 2002, NULL), "key %d", (int)n);
}

Test(throttle, a_flood_of_keys_takes_no_more_room) {
    size_t bytes = shared->bytes;
    for (uint64_t n = 0; n < 100000; n++)
        cr_assert(cab_throttle_take(shared, key_of(n * 0x9E3779B97F4A7C15, n), 1, MINUTE, 1 + (int64_t)n, NULL));
    cr_expect(shared->bytes == bytes && bytes < 100 * 1024 * (4 + (size_t)shared->head->stripes), "%zu", bytes);
}

/* ---- processes ---- */

/* How many the children took together is counted here. */
static _Atomic int *counter(void) {
    void *map = mmap(NULL, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cr_assert(map != MAP_FAILED);
    return map;
}

static int wait_for(pid_t *pids, int n) {
    int failed = 0, status;
    for (int i = 0; i < n; i++)
        failed += waitpid(pids[i], &status, 0) != pids[i] || !WIFEXITED(status) || WEXITSTATUS(status) != 0;
    return failed;
}

/* How many were let through because the lock was not to be had in time. */
static uint64_t blind(void) {
    uint64_t n = 0;
    for (uint32_t i = 0; i < shared->head->stripes; i++)
        n += atomic_load(&shared->stripes[i].counters[CAB_COUNTER_THROTTLE_BLIND]);
    return n;
}

Test(throttle, many_processes_take_a_quota_once) {
    _Atomic int *sum = counter();
    pid_t pids[16];
    for (int i = 0; i < 16; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            for (int j = 0; j < 5000; j++)
                if (cab_throttle_take(shared, key_of(8, 8), 3000, MINUTE, 1000, NULL))
                    atomic_fetch_add(sum, 1);
            _exit(0);
        }
    }
    cr_expect(wait_for(pids, 16) == 0);
    cr_expect(*sum == 3000 + (int)blind(), "%d", *sum);
    cr_expect(blind() < 80, "%d of 80,000 on a busy machine", (int)blind());
}

Test(throttle, a_holder_that_is_killed_costs_its_entry_only) {
    struct cab_throttle_set *set = &shared->sets[9];
    cr_assert(take_all(key_of(9, 1), 5, MINUTE, 1000) == 5);
    cr_assert(take_all(key_of(9, 2), 5, MINUTE, 1000) == 5);
    pid_t pid = fork();
    if (pid == 0) { /* killed with the lock held, in the middle of writing the second */
        bool had_died;
        if (cab_shared_lock(&set->lock, &had_died) != 0)
            _exit(1);
        set->writing = 2;
        set->entries[1].now = 4000000000u;
        kill(getpid(), SIGKILL);
    }
    int status;
    cr_assert(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
    cr_expect(!cab_throttle_take(shared, key_of(9, 1), 5, MINUTE, 1000, NULL));
    cr_expect(take_all(key_of(9, 2), 5, MINUTE, 1000) == 5);
    cr_expect(set->writing == 0);
}

Test(throttle, a_holder_that_stands_still_is_not_waited_for) {
    struct cab_throttle_set *set = &shared->sets[10];
    int ready[2];
    char byte;
    cr_assert(pipe(ready) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        bool had_died;
        if (cab_shared_lock(&set->lock, &had_died) != 0 || write(ready[1], "x", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    cr_assert(read(ready[0], &byte, 1) == 1);
    int64_t before = cab_now_ms();
    cr_expect(cab_throttle_take(shared, key_of(10, 1), 5, MINUTE, 1000, NULL));
    int64_t took = cab_now_ms() - before;
    cr_expect(took >= 45 && took < 2000, "%lld ms", (long long)took);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    cr_expect(take_all(key_of(10, 1), 5, MINUTE, 1000) == 5, "after its death all is well");
}

/* Processes are killed at random while they take; the table stays usable, and no key has more than its quota but those
 * that a victim was writing. */
Test(throttle, kills_at_random_do_no_harm) {
    _Atomic int *sum = counter();
    int victims = 60;
    for (int round = 0; round < victims; round++) {
        pid_t pid = fork();
        if (pid == 0) {
            for (uint64_t n = 0;; n++)
                if (cab_throttle_take(shared, key_of(11, n % 24), 1000000, MINUTE, 1000, NULL))
                    atomic_fetch_add(sum, 1);
        }
        usleep(500 + (useconds_t)round * 37);
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
    }
    cr_expect(*sum > 1000);
    struct cab_throttle_set *set = &shared->sets[11];
    bool had_died;
    cr_assert(cab_shared_lock(&set->lock, &had_died) == 0);
    pthread_mutex_unlock(&set->lock);
    for (uint64_t n = 100; n < 100 + CAB_THROTTLE_WAYS; n++)
        cr_expect(take_all(key_of(11, n), 5, MINUTE, 1001 + (int64_t)n) == 5);
}
