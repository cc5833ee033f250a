/*
 * notify: tells systemd how we are, by the sd_notify protocol (a datagram of NAME=value lines).  No library is needed.
 */
#include "daemon/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void cab_notify(const char *fmt, ...) {
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un addr = { .sun_family = AF_UNIX };
    char text[512];
    va_list ap;

    if (path == NULL || (path[0] != '/' && path[0] != '@') || strlen(path) >= sizeof addr.sun_path)
        return;
    size_t n = strlen(path);
    memcpy(addr.sun_path, path, n);
    if (path[0] == '@')
        addr.sun_path[0] = '\0';
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);

    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
    if (sendto(fd, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&addr, len) < 0)
        cab_log(CAB_LOG_DEBUG, "the service manager does not listen: %m");
    close(fd);
}

int64_t cab_notify_watchdog_ms(void) {
    const char *interval = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
    int64_t us, wanted;
    if (interval == NULL || cab_parse_int64(interval, 1000, INT64_MAX, &us) != 0)
        return 0;
    if (pid != NULL && (cab_parse_int64(pid, 1, INT32_MAX, &wanted) != 0 || wanted != getpid()))
        return 0;
    return us / 2000;
}
