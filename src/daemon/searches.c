/*
 * searches: a search keeps a processor of the database busy for longer than all else that is asked often, so as many of
 * them as there are processors make every other request wait, however many workers are idle.  While others come, only
 * some run at once.  The rest waits in a socket pair, as connections with what was read of them, and costs no worker.
 *
 * Whoever ends a search takes the next.  Workers may be killed at any instruction: each place is held under the number
 * of a slot, which the master clears.
 */
#include "daemon/internal.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* For so long after something else has come the next one is expected. */
#define OTHERS_MS 1000
/* Workers that take other requests say so only this often, as they all share the line of memory. */
#define NOTE_MS 100

static int64_t limit_of(const struct cab_scoreboard *board, const struct cab_conf *conf) {
    if (cab_now_ms() - atomic_load_explicit(&board->others_ms, memory_order_relaxed) >= OTHERS_MS)
        return CAB_SEARCHES;
    if (conf->db_pool_searches > 0)
        return conf->db_pool_searches;
    int64_t half = (board->processors < conf->db_pool_size ? board->processors : conf->db_pool_size) / 2;
    return half > 1 ? half : 1;
}

static bool take_place(struct cab_scoreboard *board, int slot, int64_t limit) {
    for (int64_t i = 0; i < limit && i < CAB_SEARCHES; i++) {
        int nobody = 0;
        if (atomic_compare_exchange_strong(&board->searches[i], &nobody, slot + 1))
            return true;
    }
    return false;
}

bool cab_search_enter(struct cab_scoreboard *board, int slot, const struct cab_conf *conf) {
    return atomic_load(&board->searches_waiting) <= 0 && take_place(board, slot, limit_of(board, conf));
}

void cab_search_leave(struct cab_scoreboard *board, int slot) {
    for (int i = 0; i < CAB_SEARCHES; i++) {
        int ours = slot + 1;
        if (atomic_load_explicit(&board->searches[i], memory_order_relaxed) == ours)
            atomic_compare_exchange_strong(&board->searches[i], &ours, 0);
    }
}

void cab_search_other(struct cab_scoreboard *board, int64_t now_ms) {
    if (now_ms - atomic_load_explicit(&board->others_ms, memory_order_relaxed) >= NOTE_MS)
        atomic_store_explicit(&board->others_ms, now_ms, memory_order_relaxed);
}

/* Room for two descriptors beside one byte (unix(7)). */
union control { struct cmsghdr header; char room[CMSG_SPACE(2 * sizeof(int))]; };

int cab_search_wait(struct cab_scoreboard *board, int fd, int records) {
    char byte = 0;
    int fds[2] = { fd, records };
    union control control = { 0 };
    struct iovec part = { .iov_base = &byte, .iov_len = 1 };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
                              .msg_controllen = sizeof control };
    control.header = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof fds), .cmsg_level = SOL_SOCKET,
                                       .cmsg_type = SCM_RIGHTS };
    memcpy(CMSG_DATA(&control.header), fds, sizeof fds);
    ssize_t sent = sendmsg(board->search_fds[0], &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent != 1)
        return -1;
    /* counted when it is there: whoever takes one off the count finds one */
    atomic_fetch_add(&board->searches_waiting, 1);
    close(fd);
    close(records);
    return 0;
}

/* One from the pair; false where the worker that had counted on it was killed. */
static bool receive(const struct cab_scoreboard *board, int fds[2]) {
    char byte;
    union control control;
    struct iovec part = { .iov_base = &byte, .iov_len = 1 };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
                              .msg_controllen = sizeof control };
    ssize_t got;
    do
        got = recvmsg(board->search_fds[1], &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    const struct cmsghdr *header = got == 1 ? CMSG_FIRSTHDR(&message) : NULL;
    if (header == NULL || header->cmsg_type != SCM_RIGHTS || header->cmsg_len != CMSG_LEN(2 * sizeof(int)))
        return false;
    memcpy(fds, CMSG_DATA(header), 2 * sizeof(int));
    return true;
}

static bool take_one_off(struct cab_scoreboard *board) {
    int waiting = atomic_load(&board->searches_waiting);
    while (waiting > 0)
        if (atomic_compare_exchange_weak(&board->searches_waiting, &waiting, waiting - 1))
            return true;
    return false;
}

static bool is_gone(int fd) {
    char byte;
    return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

/* A waiting search whose client is still there, into fds. */
static bool take_waiting(struct cab_scoreboard *board, int fds[2]) {
    while (take_one_off(board)) {
        if (!receive(board, fds))
            continue;
        if (!is_gone(fds[0]))
            return true;
        close(fds[0]);
        close(fds[1]);
    }
    return false;
}

bool cab_search_next(struct cab_scoreboard *board, int slot, const struct cab_conf *conf, int *fd_out,
                     int *records_out) {
    int fds[2];
    /* looked for again after the place is given back: who came meanwhile saw it held and sleeps */
    while (atomic_load(&board->searches_waiting) > 0 && take_place(board, slot, limit_of(board, conf))) {
        if (take_waiting(board, fds)) {
            *fd_out = fds[0];
            *records_out = fds[1];
            return true;
        }
        cab_search_leave(board, slot);
    }
    return false;
}
