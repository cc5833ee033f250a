/*
 * raw: see raw.h.
 */
#include "raw.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

static int set_limits(int fd) {
    struct timeval limit = { .tv_sec = 20 };
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    return fd;
}

static int connect_nginx(void) {
    const char *url = environment("CABINET_TEST_URL");
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(strrchr(url, ':') + 1)) };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = set_limits(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    cr_assert(fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0, "%s", strerror(errno));
    return fd;
}

/* A peer may close before it has taken all; what it answered counts. */
static char *exchange(int fd, const char *bytes, size_t n, bool half_close, size_t *n_out) {
    size_t done = 0, room = 65536;
    while (done < n) {
        ssize_t sent = send(fd, bytes + done, n - done, MSG_NOSIGNAL);
        if (sent <= 0)
            break;
        done += (size_t)sent;
    }
    if (half_close)
        shutdown(fd, SHUT_WR);
    char *data = malloc(room + 1);
    cr_assert_not_null(data);
    *n_out = 0;
    for (;;) {
        ssize_t got = recv(fd, data + *n_out, room - *n_out, 0);
        cr_assert(got >= 0 || errno == ECONNRESET, "no answer and no close: %s", strerror(errno));
        if (got <= 0 || *n_out + (size_t)got == room)
            break;
        *n_out += (size_t)got;
    }
    data[*n_out] = '\0';
    close(fd);
    return data;
}

struct answer *raw_ask(const char *bytes, size_t n) {
    struct answer *answer = calloc(1, sizeof(*answer));
    cr_assert_not_null(answer);
    answer->head = exchange(connect_nginx(), bytes, n, false, &answer->size);
    char *end = strstr(answer->head, "\r\n\r\n");
    cr_assert(end != NULL && strncmp(answer->head, "HTTP/1.", 7) == 0, "no response: %s", answer->head);
    answer->body = strdup(end + 4);
    end[2] = '\0';
    answer->size = strlen(answer->body);
    answer->status = atoi(answer->head + 9);
    answer->json = answer->size > 0 ? json_tokener_parse(answer->body) : NULL;
    return answer;
}

char *raw_fastcgi(const char *pool, const char *bytes, size_t n, size_t *n_out) {
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    char *path = fmt("%s/%s.sock", environment("CABINET_TEST_SOCKETS"), pool);
    cr_assert(strlen(path) < sizeof(address.sun_path));
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = set_limits(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    cr_assert(fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0, "%s: %s", path,
              strerror(errno));
    return exchange(fd, bytes, n, true, n_out);
}
