/*
 * scoreboard: what each worker does, in memory shared by fork.  No locks: a worker may be killed at any instruction.
 */
#include "daemon/internal.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define RELAXED memory_order_relaxed

struct cab_scoreboard *cab_scoreboard_make(void) {
    struct cab_scoreboard *board = mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (board == MAP_FAILED)
        cab_die("no shared memory for the scoreboard: %s", strerror(errno));
    board->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (board->wake_fd < 0)
        cab_die("no eventfd: %s", strerror(errno));
    board->processors = sysconf(_SC_NPROCESSORS_ONLN);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, board->search_fds) != 0)
        cab_die("no socket pair: %s", strerror(errno));
    return board;
}

void cab_scoreboard_free(struct cab_scoreboard *board) {
    close(board->wake_fd);
    close(board->search_fds[0]);
    close(board->search_fds[1]);
    munmap(board, sizeof *board);
}

int cab_slot_take(struct cab_scoreboard *board, int64_t now_ms) {
    for (int i = 0; i < CAB_SLOTS; i++) {
        struct cab_slot *slot = &board->slots[i];
        if (atomic_load(&slot->state) != CAB_SLOT_FREE)
            continue;
        atomic_store(&slot->since_ms, now_ms);
        atomic_store(&slot->requests, 0);
        atomic_store(&slot->state, CAB_SLOT_STARTING);
        if (atomic_load(&board->slots_used) <= i)
            atomic_store(&board->slots_used, i + 1);
        return i;
    }
    return -1;
}

static uint64_t bit(int slot) {
    return UINT64_C(1) << (slot % 64);
}

void cab_slot_release(struct cab_scoreboard *board, int slot) {
    atomic_fetch_and(&board->idle[slot / 64], ~bit(slot));
    cab_search_leave(board, slot);
    atomic_store(&board->slots[slot].state, CAB_SLOT_FREE);
}

void cab_slot_idle(struct cab_scoreboard *board, int slot, int64_t now_ms) {
    atomic_store_explicit(&board->slots[slot].since_ms, now_ms, RELAXED);
    atomic_store_explicit(&board->slots[slot].state, CAB_SLOT_IDLE, RELAXED);
    atomic_fetch_or(&board->idle[slot / 64], bit(slot));
}

void cab_slot_busy(struct cab_scoreboard *board, int slot, int64_t now_ms) {
    int before = atomic_load_explicit(&board->slots[slot].state, RELAXED);
    atomic_store_explicit(&board->slots[slot].since_ms, now_ms, RELAXED);
    atomic_store_explicit(&board->slots[slot].state, CAB_SLOT_BUSY, RELAXED);
    if (before == CAB_SLOT_BUSY)
        return;
    atomic_fetch_and(&board->idle[slot / 64], ~bit(slot));
    if (!cab_scoreboard_anyone_idle(board) && atomic_exchange(&board->wake_wanted, 0) != 0)
        cab_scoreboard_wake(board);
}

bool cab_scoreboard_anyone_idle(const struct cab_scoreboard *board) {
    int words = (atomic_load_explicit(&board->slots_used, RELAXED) + 63) / 64;
    for (int i = 0; i < words; i++)
        if (atomic_load(&board->idle[i]) != 0)
            return true;
    return false;
}

uint64_t cab_scoreboard_progress(const struct cab_scoreboard *board) {
    uint64_t sum = 0;
    int used = atomic_load(&board->slots_used);
    for (int i = 0; i < used; i++)
        sum += (uint64_t)atomic_load_explicit(&board->slots[i].since_ms, RELAXED) * (uint64_t)(i + 1) +
               atomic_load_explicit(&board->slots[i].requests, RELAXED);
    return sum;
}

void cab_scoreboard_wake(struct cab_scoreboard *board) {
    uint64_t one = 1;
    /* where the counter is full the master has been woken already */
    if (write(board->wake_fd, &one, sizeof one) < 0)
        return;
}
