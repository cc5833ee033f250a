/*
 * A signal shuts one end of a socket pair; the connection watches the other end and cancels its statement.
 */
#include "interrupt.h"

#include <signal.h>
#include <sys/socket.h>

static int ends[2] = {-1, -1};
static volatile sig_atomic_t is_interrupted;

static void on_signal(int number) {
    (void)number;
    is_interrupted = 1;
    shutdown(ends[1], SHUT_RDWR);
}

void cab_interrupt_init(void) {
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = on_signal};
    if (ends[0] >= 0)
        return;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        cab_die("socketpair failed");
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < CAB_LENGTH(numbers); i++)
        sigaction(numbers[i], &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

void cab_interrupt_watch(struct cab_db *db) {
    cab_db_watch(db, ends[0]);
}

void cab_interrupt_ignore(struct cab_db *db) {
    cab_db_watch(db, -1);
}

bool cab_interrupted(void) {
    return is_interrupted != 0;
}
