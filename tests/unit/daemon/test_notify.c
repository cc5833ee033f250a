/*
 * The messages for the service manager.
 */
#include "daemon/internal.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int manager(const char *path) {
    struct sockaddr_un addr = { .sun_family = AF_UNIX };
    size_t n = strlen(path);
    memcpy(addr.sun_path, path, n);
    if (path[0] == '@')
        addr.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    cr_assert(bind(fd, (struct sockaddr *)&addr, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)) == 0);
    setenv("NOTIFY_SOCKET", path, 1);
    return fd;
}

static char *heard(int fd) {
    static char text[512];
    ssize_t n = recv(fd, text, sizeof text - 1, MSG_DONTWAIT);
    text[n > 0 ? n : 0] = '\0';
    return text;
}

Test(notify, sends_one_datagram_to_a_path_or_an_abstract_name) {
    char path[64];
    snprintf(path, sizeof path, "/tmp/cabnotify.%d", (int)getpid());
    int fd = manager(path);
    cab_notify("READY=1\nSTATUS=%d workers", 4);
    cr_expect_str_eq(heard(fd), "READY=1\nSTATUS=4 workers");
    unlink(path);
    snprintf(path, sizeof path, "@cabnotify.%d", (int)getpid());
    fd = manager(path);
    cab_notify("STOPPING=1");
    cr_expect_str_eq(heard(fd), "STOPPING=1");
}

Test(notify, does_nothing_where_nobody_listens) {
    unsetenv("NOTIFY_SOCKET");
    cab_notify("READY=1");
    setenv("NOTIFY_SOCKET", "/nonexistent", 1);
    cab_notify("READY=1");
    setenv("NOTIFY_SOCKET", "relative", 1);
    cab_notify("READY=1");
}

Test(notify, watchdog_is_told_at_half_its_time) {
    unsetenv("WATCHDOG_PID");
    unsetenv("WATCHDOG_USEC");
    cr_expect(cab_notify_watchdog_ms() == 0);
    setenv("WATCHDOG_USEC", "10000000", 1);
    cr_expect(cab_notify_watchdog_ms() == 5000);
    setenv("WATCHDOG_PID", "1", 1);
    cr_expect(cab_notify_watchdog_ms() == 0, "it is another process's");
    char pid[16];
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    setenv("WATCHDOG_PID", pid, 1);
    cr_expect(cab_notify_watchdog_ms() == 5000);
    setenv("WATCHDOG_USEC", "soon", 1);
    cr_expect(cab_notify_watchdog_ms() == 0);
}
