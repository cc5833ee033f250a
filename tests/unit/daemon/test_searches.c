/*
 * Places for searches and the queue of those that wait, in memory shared by fork.
 */
#include "daemon/internal.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static struct cab_scoreboard *board;
static struct cab_conf conf;

static void setup(void) {
    board = cab_scoreboard_make();
    board->processors = 8;
    conf = (struct cab_conf){ .db_pool_size = 20 };
}

static void teardown(void) {
    cab_scoreboard_free(board);
}

TestSuite(searches, .init = setup, .fini = teardown, .timeout = 60);

/* Slots that enter one after another until one may not. */
static int fill(void) {
    int n = 0;
    while (n < 2000 && cab_search_enter(board, n, &conf))
        n++;
    return n;
}

Test(searches, are_limited_only_while_something_else_comes) {
    cr_expect_eq(fill(), CAB_SEARCHES);
    for (int i = 0; i < CAB_SEARCHES; i++)
        cab_search_leave(board, i);
    cab_search_other(board, cab_now_ms());
    cr_expect_eq(fill(), 4, "half of the processors");
}

Test(searches, have_half_of_a_small_pool_but_one_at_least) {
    cab_search_other(board, cab_now_ms());
    conf.db_pool_size = 5;
    cr_expect_eq(fill(), 2);
    cab_search_leave(board, 0);
    cab_search_leave(board, 1);
    conf.db_pool_size = 1;
    cr_expect_eq(fill(), 1);
    cab_search_leave(board, 0);
    conf.db_pool_searches = 7;
    cr_expect_eq(fill(), 7, "as the setting says");
}

Test(searches, of_a_dead_worker_leave_their_place) {
    cab_search_other(board, cab_now_ms());
    int slot = cab_slot_take(board, 1);
    conf.db_pool_searches = 1;
    cr_assert(cab_search_enter(board, slot, &conf));
    cr_assert(!cab_search_enter(board, slot + 1, &conf));
    cab_slot_release(board, slot);
    cr_expect(cab_search_enter(board, slot + 1, &conf));
}

/* Lets one wait; the peer's end, by which it is known again. */
static int wait_one(char name) {
    int ends[2], file = open("/dev/null", O_RDONLY | O_CLOEXEC);
    cr_assert(file >= 0 && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    cr_assert_eq(write(ends[1], &name, 1), 1);
    cr_assert_eq(cab_search_wait(board, ends[0], file), 0);
    cr_assert_eq(fcntl(file, F_GETFD), -1, "ours are closed");
    return ends[1];
}

static char next(int slot) {
    int fd, file;
    char name = 0;
    if (!cab_search_next(board, slot, &conf, &fd, &file))
        return 0;
    cr_assert_eq(read(fd, &name, 1), 1);
    cr_assert((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0 && (fcntl(file, F_GETFD) & FD_CLOEXEC) != 0);
    close(fd);
    close(file);
    return name;
}

Test(searches, wait_in_the_order_of_their_coming) {
    cab_search_other(board, cab_now_ms());
    conf.db_pool_searches = 2;
    cr_expect_eq(next(5), 0);
    int peers[] = { wait_one('a'), wait_one('b'), wait_one('c') };
    cr_expect(!cab_search_enter(board, 4, &conf), "who comes now waits behind them");
    cr_expect_eq(next(5), 'a');
    cr_expect_eq(next(6), 'b');
    cr_expect_eq(next(7), 0, "two run");
    cab_search_leave(board, 6);
    cr_expect_eq(next(7), 'c');
    cab_search_leave(board, 5);
    cr_expect_eq(next(5), 0);
    cr_expect(cab_search_enter(board, 4, &conf));
    for (int i = 0; i < 3; i++)
        close(peers[i]);
}

Test(searches, of_clients_that_left_are_passed_over) {
    cab_search_other(board, cab_now_ms());
    conf.db_pool_searches = 1;
    close(wait_one('a'));
    int peer = wait_one('b');
    close(wait_one('c'));
    char byte;
    int fd, file;
    cr_assert(cab_search_next(board, 1, &conf, &fd, &file));
    cr_expect(read(fd, &byte, 1) == 1 && byte == 'a', "what it had sent is still there to be read");
    close(fd);
    close(file);
    cab_search_leave(board, 1);
    cr_expect_eq(next(1), 'b');
    close(peer);
}

Test(searches, are_refused_when_too_many_wait) {
    int n = 0, ends[2];
    cab_search_other(board, cab_now_ms());
    for (; n < 5000; n++) {
        cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
        int file = dup(ends[1]);
        if (cab_search_wait(board, ends[0], file) != 0) {
            cr_expect(fcntl(ends[0], F_GETFD) >= 0 && fcntl(file, F_GETFD) >= 0, "they stay the caller's");
            break;
        }
        close(ends[1]);
    }
    cr_expect(n > 50 && n < 5000, "%d wait", n);
}

/* Many processes, two places: nobody sleeps while one waits and a place is free. */
Test(searches, are_never_forgotten) {
    enum { WORKERS = 8, EACH = 500 };
    struct { _Atomic int running, most, served; } *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cr_assert(shared != MAP_FAILED);
    conf.db_pool_searches = 2;
    for (int w = 0; w < WORKERS; w++)
        if (fork() == 0) {
            int fd, file;
            for (int i = 0; i < EACH; i++) {
                int ends[2];
                cab_search_other(board, cab_now_ms());
                if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
                    _exit(1);
                while (cab_search_wait(board, ends[0], dup(ends[1])) != 0)
                    usleep(100);
                while (cab_search_next(board, w, &conf, &fd, &file)) {
                    int n = atomic_fetch_add(&shared->running, 1) + 1, most = atomic_load(&shared->most);
                    while (n > most && !atomic_compare_exchange_weak(&shared->most, &most, n))
                        ;
                    close(fd);
                    close(file);
                    atomic_fetch_add(&shared->served, 1);
                    atomic_fetch_sub(&shared->running, 1);
                    cab_search_leave(board, w);
                }
                close(ends[1]);
            }
            _exit(0);
        }
    int status, failed = 0;
    while (wait(&status) > 0)
        failed += status != 0;
    cr_expect_eq(failed, 0);
    cr_expect_eq(atomic_load(&shared->served), WORKERS * EACH);
    cr_expect_eq(atomic_load(&board->searches_waiting), 0);
    cr_expect(atomic_load(&shared->most) <= 2, "%d ran at once", atomic_load(&shared->most));
}
