/*
 * signals: the one handler of all our processes.  It sets a flag; the loops look at flags after waiting.
 */
#include "daemon/internal.h"

#include <poll.h>
#include <string.h>
#include <time.h>

static volatile sig_atomic_t seen[_NSIG];

static void note(int signal) {
    seen[signal] = 1;
}

void cab_signals_init(const int *signals, size_t n, sigset_t *mask_out) {
    struct sigaction action = { .sa_handler = note };
    sigset_t blocked;

    sigfillset(&action.sa_mask);
    sigemptyset(&blocked);
    for (size_t i = 0; i < n; i++)
        sigaddset(&blocked, signals[i]);
    sigprocmask(SIG_BLOCK, &blocked, mask_out);
    for (size_t i = 0; i < n; i++) {
        seen[signals[i]] = 0;
        sigaction(signals[i], &action, NULL);
        sigdelset(mask_out, signals[i]);
    }
}

void cab_signals_let_in(const sigset_t *mask) {
    struct timespec none = { 0 };
    ppoll(NULL, 0, &none, mask);
}

int cab_signals_poll(struct pollfd *fds, nfds_t n, int64_t timeout_ms, const sigset_t *mask) {
    struct timespec timeout = { .tv_sec = timeout_ms / 1000, .tv_nsec = timeout_ms % 1000 * 1000000 };
    int ready = ppoll(fds, n, &timeout, mask);
    if (ready > 0)
        cab_signals_let_in(mask);
    return ready;
}

bool cab_signal_take(int signal) {
    bool came = seen[signal] != 0;
    seen[signal] = 0;
    return came;
}
