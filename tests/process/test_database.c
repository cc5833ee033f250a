/*
 * A worker whose database is not there: refused, silent, and back again.
 */
#include "process/server.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(database, .timeout = 60);

Test(database, refused_is_503_within_100_ms) {
    struct server *server = server_start("DATABASE_URL=host=/nonexistent dbname=none user=none");
    for (int i = 0; i < 5; i++) {
        struct reply reply = fcgi_get(server->socket, "/health/ready");
        cr_expect(reply.status == 503, "%s", reply.text);
        cr_expect(reply.retry_after > 0);
        cr_expect(reply.seconds < 0.1, "%g s", reply.seconds);
    }
    cr_expect(fcgi_get(server->socket, "/health/live").status == 200, "the service lives all the same");
    cr_expect(server_logged(server, "the database is away") == 1, "said once, not by every worker");
    cr_expect(server_count(server) == 2);
    server_stop(server, SIGTERM);
}

Test(database, workers_started_without_it_serve_when_it_comes) {
    char folder[] = "/tmp/cabcomes.XXXXXX", here[64], there[256], settings[160];
    char *port = sql("SHOW port");
    cr_assert(mkdtemp(folder) != NULL);
    snprintf(here, sizeof here, "%s/.s.PGSQL.%s", folder, port);
    snprintf(there, sizeof there, "%s/.s.PGSQL.%s", sql("SHOW unix_socket_directories"), port);
    snprintf(settings, sizeof settings, "DATABASE_URL=host=%s port=%s user=cabinet_app dbname=%s\nDB_POOL_SIZE=1",
             folder, port, sql("SELECT current_database()"));
    struct server *server = server_start(settings);
    pid_t before[2], after[2];
    cr_assert(server_workers(server, before, 2) == 1);
    cr_expect(fcgi_get(server->socket, "/health/ready").status == 503);
    cr_assert(symlink(there, here) == 0);
    struct reply reply = fcgi_get(server->socket, "/health/ready");
    cr_expect(reply.status == 200, "%s", reply.text);
    WAIT_UNTIL(server_logged(server, "the database is back") == 1, 2);
    cr_expect(server_workers(server, after, 2) == 1 && after[0] == before[0], "the same worker");
    unlink(here);
    rmdir(folder);
    server_stop(server, SIGTERM);
}

/* A socket that accepts and says nothing. */
static int silent_server(const char *folder) {
    struct sockaddr_un addr = { .sun_family = AF_UNIX };
    snprintf(addr.sun_path, sizeof addr.sun_path, "%s/.s.PGSQL.5432", folder);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert(fd >= 0 && bind(fd, (struct sockaddr *)&addr, sizeof addr) == 0 && listen(fd, 64) == 0);
    return fd;
}

Test(database, silent_is_503_within_the_connect_timeout) {
    char folder[] = "/tmp/cabsilent.XXXXXX", settings[160], path[64];
    cr_assert(mkdtemp(folder) != NULL);
    int fd = silent_server(folder);
    snprintf(settings, sizeof settings, "DATABASE_URL=host=%s dbname=none user=none\nDB_CONNECT_TIMEOUT=2\n"
                                        "DB_POOL_SIZE=1", folder);
    struct server *server = server_start(settings);
    int waiting[4];
    struct reply reply;
    double began = now_seconds();
    for (int i = 0; i < 4; i++) {
        waiting[i] = fcgi_connect(server->socket);
        fcgi_send(waiting[i], &(struct fcgi_request){ .uri = "/health/ready" });
    }
    for (int i = 0; i < 4; i++) {
        fcgi_read(waiting[i], 10, &reply);
        cr_expect(reply.status == 503, "%s", reply.text);
        cr_expect(now_seconds() - began < 3.0, "request %d after %g s", i, now_seconds() - began);
    }
    server_stop(server, SIGTERM);
    close(fd);
    snprintf(path, sizeof path, "%s/.s.PGSQL.5432", folder);
    unlink(path);
    rmdir(folder);
}

Test(database, connection_lost_between_requests_is_not_noticed) {
    struct server *server = server_start("DB_POOL_SIZE=2");
    for (int i = 0; i < 5; i++) {
        sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'cabinet_app' "
            "AND datname = current_database()");
        for (int k = 0; k < 4; k++)
            cr_expect(fcgi_get(server->socket, "/health/ready").status == 200);
    }
    pid_t workers[4];
    cr_expect(server_workers(server, workers, 4) == 2);
    cr_expect(server_logged(server, "worker ") == server_logged(server, "started in slot"), "no worker has died");
    server_stop(server, SIGTERM);
}

/* What the service manager has heard so far. */
static void hear(int fd, char *text, size_t room) {
    size_t n = strlen(text);
    ssize_t got;
    while (n < room - 1 && (got = recv(fd, text + n, room - 1 - n, MSG_DONTWAIT)) > 0)
        text[n += (size_t)got] = '\0';
}

Test(database, readiness_is_told_when_it_answers) {
    char folder[] = "/tmp/cabready.XXXXXX", here[64], there[256], settings[160], text[4096] = "";
    struct sockaddr_un manager = { .sun_family = AF_UNIX };
    char *port = sql("SHOW port");
    cr_assert(mkdtemp(folder) != NULL);
    snprintf(manager.sun_path, sizeof manager.sun_path, "%s/notify", folder);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    cr_assert(bind(fd, (struct sockaddr *)&manager, sizeof manager) == 0);
    setenv("NOTIFY_SOCKET", manager.sun_path, 1);
    snprintf(here, sizeof here, "%s/.s.PGSQL.%s", folder, port);
    snprintf(there, sizeof there, "%s/.s.PGSQL.%s", sql("SHOW unix_socket_directories"), port);
    snprintf(settings, sizeof settings, "DATABASE_URL=host=%s port=%s user=cabinet_app dbname=%s", folder, port,
             sql("SELECT current_database()"));
    struct server *server = server_start(settings);
    usleep(1500000);
    hear(fd, text, sizeof text);
    cr_expect(strstr(text, "STATUS=waiting for the database") != NULL, "%s", text);
    cr_expect(strstr(text, "READY=1") == NULL, "%s", text);
    cr_assert(symlink(there, here) == 0);
    WAIT_UNTIL((hear(fd, text, sizeof text), strstr(text, "READY=1") != NULL), 5);
    cr_expect(fcgi_get(server->socket, "/health/ready").status == 200);
    server_stop(server, SIGTERM);
    hear(fd, text, sizeof text);
    cr_expect(strstr(text, "STOPPING=1") != NULL, "%s", text);
    close(fd);
    unlink(here);
    unlink(manager.sun_path);
    rmdir(folder);
}
