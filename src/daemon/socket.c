/*
 * socket: the listening socket, made here (libfcgi's own function exits on errors) or inherited.  Knows no workers.
 */
#include "daemon/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* "pid fd inherited dev inode path": the pid keeps a forgotten variable from misleading another process. */
#define HAND_ON "CABINET_LISTENER"
#define SYSTEMD_FIRST_FD 3

static bool is_listening(int fd) {
    int on = 0;
    socklen_t n = sizeof on;
    return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &n) == 0 && on != 0;
}

static void set_flags(int fd) {
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

bool cab_listener_waiting(int fd) {
    struct pollfd p = { .fd = fd, .events = POLLIN };
    return poll(&p, 1, 0) == 1 && (p.revents & POLLIN) != 0;
}

void cab_listener_hand_on(const struct cab_listener *listener, bool inherit) {
    char text[256];
    snprintf(text, sizeof text, "%d %d %d %" PRIuMAX " %" PRIuMAX " %s", (int)getpid(), listener->fd,
             listener->is_inherited, (uintmax_t)listener->dev, (uintmax_t)listener->ino, listener->path);
    fcntl(listener->fd, F_SETFD, inherit ? 0 : FD_CLOEXEC);
    if (inherit)
        setenv(HAND_ON, text, 1);
    else
        unsetenv(HAND_ON);
}

/* The three ways to inherit a socket; false: none. */
static bool inherit_socket(struct cab_listener *listener) {
    const char *handed = getenv(HAND_ON), *fds = getenv("LISTEN_FDS"), *pid = getenv("LISTEN_PID");
    int owner, fd, inherited, skip = 0;
    uintmax_t dev, ino;
    int64_t number;

    listener->fd = -1;
    if (handed != NULL && sscanf(handed, "%d %d %d %ju %ju %n", &owner, &fd, &inherited, &dev, &ino, &skip) == 5 &&
        skip > 0 && owner == getpid() && is_listening(fd)) {
        listener->fd = fd;
        listener->is_inherited = inherited != 0;
        listener->dev = (dev_t)dev;
        listener->ino = (ino_t)ino;
        snprintf(listener->path, sizeof listener->path, "%s", handed + skip);
    } else if (fds != NULL && cab_parse_int64(fds, 1, 1, &number) == 0 && pid != NULL &&
               cab_parse_int64(pid, 1, INT32_MAX, &number) == 0 && number == getpid() &&
               is_listening(SYSTEMD_FIRST_FD)) {
        listener->fd = SYSTEMD_FIRST_FD;
        listener->is_inherited = true;
    } else if (is_listening(STDIN_FILENO)) {
        int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
        listener->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, SYSTEMD_FIRST_FD);
        if (listener->fd < 0 || null < 0 || dup2(null, STDIN_FILENO) < 0)
            cab_die("the socket on descriptor 0 cannot be taken over: %s", strerror(errno));
        listener->is_inherited = true;
        close(null);
    }
    unsetenv(HAND_ON);
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDNAMES");
    return listener->fd >= 0;
}

/* A socket that nobody listens on is left over from a process that was killed. */
static int remove_stale(const char *path, const struct sockaddr_un *addr, struct cab_err *err) {
    struct stat st;
    if (lstat(path, &st) != 0)
        return 0;
    if (!S_ISSOCK(st.st_mode))
        return cab_fail(err, CAB_PROBLEM_INTERNAL,
                        "LISTEN: %s exists and is not a socket; remove it or choose another path.", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int failed = fd < 0 ? -1 : connect(fd, (const struct sockaddr *)addr, sizeof *addr);
    int why = errno;
    if (fd >= 0)
        close(fd);
    if (failed == 0 || why != ECONNREFUSED)
        return cab_fail(err, CAB_PROBLEM_INTERNAL,
                        "LISTEN: another process serves %s; stop it or choose another path.", path);
    if (unlink(path) != 0 && errno != ENOENT)
        return cab_fail(err, CAB_PROBLEM_INTERNAL, "LISTEN: the leftover socket %s cannot be removed: %s.", path,
                        strerror(errno));
    return 0;
}

static int set_access(const struct cab_conf *conf, const char *path, struct cab_err *err) {
    mode_t mode = (mode_t)strtol(conf->listen_mode, NULL, 8);
    if (conf->listen_group != NULL) {
        const struct group *group = getgrnam(conf->listen_group);
        if (group == NULL)
            return cab_fail(err, CAB_PROBLEM_INTERNAL, "LISTEN_GROUP: there is no group %s; name that of nginx.",
                            conf->listen_group);
        if (chown(path, (uid_t)-1, group->gr_gid) != 0)
            return cab_fail(err, CAB_PROBLEM_INTERNAL, "LISTEN_GROUP: %s cannot be given to group %s: %s.", path,
                            conf->listen_group, strerror(errno));
    }
    if (chmod(path, mode) != 0)
        return cab_fail(err, CAB_PROBLEM_INTERNAL, "LISTEN_MODE: %s cannot be changed to %s: %s.", path,
                        conf->listen_mode, strerror(errno));
    return 0;
}

static int listen_unix(const struct cab_conf *conf, const char *path, struct cab_listener *listener,
                       struct cab_err *err) {
    struct sockaddr_un addr = { .sun_family = AF_UNIX };
    struct stat st;

    if (strlen(path) >= sizeof addr.sun_path)
        return cab_fail(err, CAB_PROBLEM_INTERNAL,
                        "LISTEN: a socket's path has at most 107 bytes; use a shorter folder such as /run/cabinet.");
    memcpy(addr.sun_path, path, strlen(path) + 1);
    if (remove_stale(path, &addr, err) != 0)
        return -1;
    listener->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listener->fd < 0)
        return cab_fail(err, CAB_PROBLEM_INTERNAL, "LISTEN: no socket: %s.", strerror(errno));
    mode_t before = umask(0177);
    int bound = bind(listener->fd, (struct sockaddr *)&addr, sizeof addr);
    int why = errno;
    umask(before);
    if (bound != 0)
        return cab_fail(err, CAB_PROBLEM_INTERNAL,
                        "LISTEN: %s cannot be made: %s; its folder must exist and be writable.", path, strerror(why));
    if (lstat(path, &st) == 0) {
        listener->dev = st.st_dev;
        listener->ino = st.st_ino;
    }
    memcpy(listener->path, path, strlen(path) + 1);
    return set_access(conf, path, err);
}

static int listen_tcp(const char *where, struct cab_listener *listener, struct cab_err *err) {
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
    struct addrinfo *list = NULL;
    const char *colon = strrchr(where, ':');
    char host[256];
    int on = 1;

    bool bracketed = where[0] == '[';
    size_t n = (size_t)(colon - where) - (bracketed ? 2 : 0);
    if (n >= sizeof host)
        return cab_fail(err, CAB_PROBLEM_INTERNAL, "LISTEN: the host's name is too long.");
    memcpy(host, where + bracketed, n);
    host[n] = '\0';
    int failed = getaddrinfo(strcmp(host, "*") == 0 ? NULL : host, colon + 1, &hints, &list);
    if (failed != 0)
        return cab_fail(err, CAB_PROBLEM_INTERNAL, "LISTEN: %s: %s.", where, gai_strerror(failed));
    listener->fd = socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listener->fd >= 0) {
        setsockopt(listener->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        setsockopt(listener->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* accepted sockets take it over */
    }
    failed = listener->fd < 0 ? -1 : bind(listener->fd, list->ai_addr, list->ai_addrlen);
    int why = errno;
    freeaddrinfo(list);
    if (failed != 0)
        return cab_fail(err, CAB_PROBLEM_INTERNAL, "LISTEN: %s cannot be used: %s.", where,
                        why == EADDRINUSE ? "another process has the port" : strerror(why));
    return 0;
}

static void warn_somaxconn(int64_t backlog) {
    FILE *f = fopen("/proc/sys/net/core/somaxconn", "re");
    long most;
    if (f == NULL)
        return;
    if (fscanf(f, "%ld", &most) == 1 && most < backlog)
        cab_log(CAB_LOG_WARN, "LISTEN_BACKLOG is %" PRId64 ", but the kernel allows %ld; raise net.core.somaxconn",
                backlog, most);
    fclose(f);
}

/* on an inherited socket this only sets the length of the queue */
static int begin_listening(const struct cab_conf *conf, struct cab_listener *listener, struct cab_err *err) {
    set_flags(listener->fd);
    if (listen(listener->fd, (int)conf->listen_backlog) == 0) {
        warn_somaxconn(conf->listen_backlog);
        return 0;
    }
    int why = errno;
    cab_listener_unlink(listener);
    close(listener->fd);
    return cab_fail(err, CAB_PROBLEM_INTERNAL, "LISTEN: %s cannot be listened on: %s.", conf->listen,
                    why == EADDRINUSE ? "another process has the port" : strerror(why));
}

int cab_listener_make(const struct cab_conf *conf, struct cab_listener *listener, struct cab_err *err) {
    *listener = (struct cab_listener){ .fd = -1 };
    int failed = strncmp(conf->listen, "unix:", 5) == 0 ? listen_unix(conf, conf->listen + 5, listener, err)
                                                        : listen_tcp(conf->listen, listener, err);
    if (failed == 0)
        return begin_listening(conf, listener, err);
    cab_listener_unlink(listener);
    if (listener->fd >= 0)
        close(listener->fd);
    return -1;
}

int cab_listener_open(const struct cab_conf *conf, struct cab_listener *listener, struct cab_err *err) {
    *listener = (struct cab_listener){ .fd = -1 };
    return inherit_socket(listener) ? begin_listening(conf, listener, err) : cab_listener_make(conf, listener, err);
}

void cab_listener_unlink(struct cab_listener *listener) {
    struct stat st;
    if (listener->path[0] == '\0')
        return;
    if (lstat(listener->path, &st) == 0 && st.st_dev == listener->dev && st.st_ino == listener->ino)
        unlink(listener->path);
    listener->path[0] = '\0';
}
