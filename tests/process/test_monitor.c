/*
 * The monitor beside the workers, and readiness: who serves metrics when pools come and go, and what a schema that is
 * behind or ahead means.
 */
#include "server.h"

#include "fcgi.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LISTEN "METRICS_LISTEN=127.0.0.1:47185\n"

/* The answer to request, or "" where nobody listens. */
static const char *ask(const char *request) {
    static char text[1 << 20];
    struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(47185),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    size_t n = 0;
    ssize_t got;
    text[0] = '\0';
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, (struct sockaddr *)&addr, sizeof addr) == 0 && send(fd, request, strlen(request), MSG_NOSIGNAL) > 0)
        while ((got = read(fd, text + n, sizeof text - 1 - n)) > 0)
            n += (size_t)got;
    text[n] = '\0';
    close(fd);
    return text;
}

static bool is_served(void) {
    return strncmp(ask("GET /metrics HTTP/1.1\r\n\r\n"), "HTTP/1.1 200 OK", 15) == 0;
}

Test(monitor, serves_metrics_beside_the_workers) {
    struct server *server = server_start(LISTEN);
    pid_t workers[8];
    WAIT_UNTIL(is_served(), 10);
    for (int i = 0; i < 3; i++)
        cr_expect(fcgi_get(server->socket, "/health/live").status == 200);
    /* a request is counted when it has been answered */
    WAIT_UNTIL(strstr(ask("GET /metrics HTTP/1.1\r\n\r\n"), "cabinet_http_requests_total{method=\"GET\","
                      "route=\"/health/live\",status=\"200\"} 3\n") != NULL, 10);
    cr_expect(strstr(ask("GET /metrics HTTP/1.1\r\n\r\n"), "cabinet_database_up 1\n") != NULL);
    cr_expect(strncmp(ask("POST /metrics HTTP/1.1\r\n\r\n"), "HTTP/1.1 405", 12) == 0);
    cr_expect(strncmp(ask("GET /x HTTP/1.1\r\n\r\n"), "HTTP/1.1 404", 12) == 0);
    cr_expect(strncmp(ask("nonsense\r\n\r\n"), "HTTP/1.1 400", 12) == 0);
    /* killed workers leave what they counted */
    cr_assert(server_workers(server, workers, 8) >= 2);
    kill(workers[0], SIGKILL);
    kill(workers[1], SIGKILL);
    WAIT_UNTIL(strstr(ask("GET /metrics HTTP/1.1\r\n\r\n"), "cabinet_workers_died_total 2\n") != NULL, 10);
    cr_expect(strstr(ask("GET /metrics HTTP/1.1\r\n\r\n"), "route=\"/health/live\",status=\"200\"} 3\n") != NULL);
    cr_expect(server_stop(server, SIGTERM) == 0);
    cr_expect(!is_served(), "it ends with its master");
}

/* Scrapers that say nothing must not keep others out. */
Test(monitor, silent_clients_are_let_go) {
    struct server *server = server_start(LISTEN);
    struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(47185),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fds[16];
    WAIT_UNTIL(is_served(), 10);
    for (int i = 0; i < 16; i++) {
        fds[i] = socket(AF_INET, SOCK_STREAM, 0);
        cr_assert(connect(fds[i], (struct sockaddr *)&addr, sizeof addr) == 0);
    }
    double start = now_seconds();
    cr_expect(is_served());
    cr_expect(now_seconds() - start < 15);
    for (int i = 0; i < 16; i++)
        close(fds[i]);
    cr_expect(server_stop(server, SIGTERM) == 0);
}

Test(monitor, a_second_pool_takes_over) {
    struct server *first = server_start(LISTEN), *second;
    WAIT_UNTIL(is_served(), 10);
    second = server_start(LISTEN);
    WAIT_UNTIL(server_logged(second, "METRICS_LISTEN: 127.0.0.1:47185 cannot be") >= 1, 10);
    cr_expect(server_stop(first, SIGTERM) == 0);
    WAIT_UNTIL(is_served(), 10);
    cr_expect(server_logged(second, "metrics are served on") == 1);
    cr_expect(server_stop(second, SIGTERM) == 0);
}

Test(monitor, a_reload_takes_another_address_and_a_killed_one_comes_back) {
    struct server *server = server_start("");
    cr_expect(!is_served());
    server_settings(server, LISTEN);
    kill(server->pid, SIGHUP);
    WAIT_UNTIL(is_served(), 15);
    kill(server->pid, SIGUSR2);
    WAIT_UNTIL(server_logged(server, "metrics are served on") == 2, 20);
    WAIT_UNTIL(is_served(), 10);
    cr_expect(server_stop(server, SIGTERM) == 0);
}

/* ---- readiness and revisions ---- */

/* A folder with the revisions of the source, perhaps without the last, perhaps with one more. */
static char *migrations(bool without_head, bool with_later) {
    char *folder = strdup("/tmp/cabinet-revisions-XXXXXX"), command[1024];
    cr_assert(mkdtemp(folder) != NULL);
    snprintf(command, sizeof command, "cp \"%s\"/*.sql %s/", getenv("CABINET_TEST_REVISIONS"), folder);
    cr_assert(system(command) == 0);
    if (without_head) {
        snprintf(command, sizeof command, "rm $(ls -r %s/*.sql | head -n 1)", folder);
        cr_assert(system(command) == 0);
    }
    if (with_later) {
        snprintf(command, sizeof command,
                 "head=$(ls -r %s/*.sql | head -n 1); id=$(sed -n 's/^-- Revision: //p' $head); "
                 "printf '%%s\\n' '-- cabinet migration' '-- Revision: ffffffffffff' \"-- Revises: $id\" "
                 "'-- Create Date: 2036-01-01T00:00:00Z' '-- Message: later' '-- Line: cabinet' "
                 "'-- upgrade' 'SELECT 1;' '-- downgrade' 'SELECT 1;' "
                 "> %s/20360101000000_ffffffffffff_later.sql", folder, folder);
        cr_assert(system(command) == 0);
    }
    return folder;
}

static int ready_with(char *folder) {
    char settings[128], command[128];
    snprintf(settings, sizeof settings, "CABINET_MIGRATIONS=%s", folder);
    struct server *server = server_start(settings);
    int status = fcgi_get(server->socket, "/health/ready").status;
    cr_expect(fcgi_get(server->socket, "/health/live").status == 200);
    cr_expect(server_stop(server, SIGTERM) == 0);
    snprintf(command, sizeof command, "rm -r %s", folder);
    cr_assert(system(command) == 0);
    free(folder);
    return status;
}

Test(health, a_schema_behind_is_not_ready_and_one_ahead_is) {
    cr_expect(ready_with(migrations(false, false)) == 200, "at head");
    cr_expect(ready_with(migrations(false, true)) == 503, "behind");
    cr_expect(ready_with(migrations(true, false)) == 200, "ahead");
}
