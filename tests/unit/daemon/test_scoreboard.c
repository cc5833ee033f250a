/*
 * The shared memory in which workers say what they do.
 */
#include "daemon/internal.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

static bool is_woken(const struct cab_scoreboard *board) {
    struct pollfd p = { .fd = board->wake_fd, .events = POLLIN };
    return poll(&p, 1, 0) == 1;
}

Test(scoreboard, slots_are_taken_and_released) {
    struct cab_scoreboard *board = cab_scoreboard_make();
    for (int i = 0; i < CAB_SLOTS; i++)
        cr_assert(cab_slot_take(board, 1) == i);
    cr_expect(cab_slot_take(board, 1) == -1, "all are taken");
    cab_slot_release(board, 77);
    cr_expect(cab_slot_take(board, 1) == 77);
    cab_scoreboard_free(board);
}

Test(scoreboard, knows_whether_anyone_is_idle) {
    struct cab_scoreboard *board = cab_scoreboard_make();
    int slots[130];
    for (int i = 0; i < 130; i++)
        slots[i] = cab_slot_take(board, 1);
    cr_expect(!cab_scoreboard_anyone_idle(board), "starting is not idle");
    for (int i = 0; i < 130; i++) {
        cab_slot_idle(board, slots[i], 2);
        cr_expect(cab_scoreboard_anyone_idle(board), "slot %d", i);
        cab_slot_busy(board, slots[i], 3);
        cr_expect(!cab_scoreboard_anyone_idle(board), "slot %d", i);
    }
    cab_slot_idle(board, slots[129], 4);
    cab_slot_release(board, slots[129]); /* killed while idle */
    cr_expect(!cab_scoreboard_anyone_idle(board), "nobody is counted after its death");
    cab_scoreboard_free(board);
}

Test(scoreboard, last_idle_worker_wakes_the_master_once) {
    struct cab_scoreboard *board = cab_scoreboard_make();
    int a = cab_slot_take(board, 1), b = cab_slot_take(board, 1);
    cab_slot_idle(board, a, 2);
    cab_slot_idle(board, b, 2);
    board->wake_wanted = 1;
    cab_slot_busy(board, a, 3);
    cr_expect(!is_woken(board), "b is idle");
    cab_slot_busy(board, b, 3);
    cr_expect(is_woken(board));
    cr_expect(board->wake_wanted == 0);
    uint64_t count;
    cr_assert(read(board->wake_fd, &count, sizeof count) == sizeof count);
    cab_slot_idle(board, b, 4);
    cab_slot_busy(board, b, 5);
    cr_expect(!is_woken(board), "the master did not ask again");
    cab_scoreboard_free(board);
}

Test(scoreboard, progress_changes_with_every_request) {
    struct cab_scoreboard *board = cab_scoreboard_make();
    int slot = cab_slot_take(board, 1);
    cab_slot_busy(board, slot, 10);
    uint64_t before = cab_scoreboard_progress(board);
    cr_expect(cab_scoreboard_progress(board) == before);
    cab_slot_busy(board, slot, 11);
    cr_expect(cab_scoreboard_progress(board) != before);
    before = cab_scoreboard_progress(board);
    board->slots[slot].requests = 1;
    cr_expect(cab_scoreboard_progress(board) != before);
    cab_scoreboard_free(board);
}

Test(scoreboard, is_shared_with_children) {
    struct cab_scoreboard *board = cab_scoreboard_make();
    int slot = cab_slot_take(board, 1);
    pid_t pid = fork();
    if (pid == 0) {
        cab_slot_idle(board, slot, 5);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    cr_expect(cab_scoreboard_anyone_idle(board));
    cr_expect(board->slots[slot].since_ms == 5);
    cab_scoreboard_free(board);
}
