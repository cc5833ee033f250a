/*
 * Signals are heard while waiting, and only then.
 */
#include "daemon/internal.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

Test(signals, arrive_in_the_wait_only) {
    static const int signals[] = { SIGTERM, SIGHUP };
    struct timespec at_once = { 0 };
    sigset_t mask;
    cab_signals_init(signals, CAB_LENGTH(signals), &mask);
    kill(getpid(), SIGTERM);
    kill(getpid(), SIGHUP);
    cr_expect(!cab_signal_take(SIGTERM), "not heard yet");
    /* one wait hears one signal: the handler runs with all others blocked */
    for (int i = 0; i < 2; i++)
        cr_expect(ppoll(NULL, 0, &at_once, &mask) == -1 && errno == EINTR);
    cr_expect(cab_signal_take(SIGTERM));
    cr_expect(cab_signal_take(SIGHUP));
    cr_expect(!cab_signal_take(SIGTERM), "taken");
    cr_expect(ppoll(NULL, 0, &at_once, &mask) == 0);
}
