/*
 * Help for tests of the db layer.
 */
#include "support.h"
#include <criterion/criterion.h>
#include <libpq-fe.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAIRS = 16 };

static PQconninfoOption *parse(void) {
    const char *url = getenv("CABINET_TEST_DATABASE_URL");
    cr_assert_not_null(url, "CABINET_TEST_DATABASE_URL must name a PostgreSQL server where the role may create "
                            "databases");
    PQconninfoOption *options = PQconninfoParse(url, NULL);
    cr_assert_not_null(options, "CABINET_TEST_DATABASE_URL is not a connection string");
    return options;
}

static const char *url_with(void *ctx, const char *database, const char *host) {
    PQconninfoOption *options = parse();
    struct cab_buf buf;
    cab_buf_init(&buf, ctx, 127);
    for (const PQconninfoOption *o = options; o->keyword != NULL; o++) {
        const char *value = o->val;
        if (strcmp(o->keyword, "dbname") == 0 && database != NULL)
            value = database;
        if (strcmp(o->keyword, "host") == 0 && host != NULL)
            value = host;
        if (strcmp(o->keyword, "port") == 0 && host != NULL)
            value = "5432";
        if (value != NULL)
            cab_buf_addf(&buf, "%s='%s' ", o->keyword, value);
    }
    PQconninfoFree(options);
    return buf.data;
}

const char *test_url(void *ctx, const char *database) {
    return url_with(ctx, database, NULL);
}

const char *test_url_at(void *ctx, const char *folder) {
    return url_with(ctx, NULL, folder);
}

struct cab_db_options test_options(void *ctx) {
    return (struct cab_db_options){ .url = test_url(ctx, NULL), .application_name = "unit-db", .connect_timeout_s = 5,
                                    .statement_timeout_ms = 10000, .pre_ping = true, .prepared = true };
}

struct cab_db *test_open(void *ctx, const struct cab_db_options *options) {
    struct cab_err err = { 0 };
    struct cab_db *db;
    cr_assert_eq(cab_db_open(ctx, options, &db, &err), 0, "%s %s", err.detail, err.internal);
    return db;
}

void test_exec(struct cab_db *db, const char *sql) {
    struct cab_err err = { 0 };
    cr_assert_eq(cab_db_exec(db, sql, &err), 0, "%s: %s", sql, err.internal);
}

const char *test_value(void *ctx, struct cab_db *db, const char *sql) {
    struct cab_err err = { 0 };
    struct cab_result *result;
    cr_assert_eq(cab_db_query(db, ctx, CAB_SHAPE_ONE, sql, 0, NULL, &result, &err), 0, "%s: %s", sql, err.internal);
    const char *value = cab_result_value(result, 0, 0);
    return value == NULL ? "(null)" : value;
}

const char *test_database(void *ctx) {
    struct cab_db_options options = test_options(ctx);
    struct cab_db *db = test_open(ctx, &options);
    static int count;
    const char *name = cab_printf(ctx, "db_unit_%d_%d", (int)getpid(), ++count);
    test_exec(db, cab_printf(ctx, "DROP DATABASE IF EXISTS %s", name));
    test_exec(db, cab_printf(ctx, "CREATE DATABASE %s TEMPLATE template0", name));
    cab_db_close(&db);
    return name;
}

void test_drop(const char *database) {
    void *ctx = cab_mem_alloc(NULL, 1);
    struct cab_db_options options = test_options(ctx);
    struct cab_db *db = test_open(ctx, &options);
    test_exec(db, cab_printf(ctx, "DROP DATABASE %s WITH (FORCE)", database));
    cab_mem_free(ctx);
}

static void terminate(int pid) {
    void *ctx = cab_mem_alloc(NULL, 1);
    struct cab_db_options options = test_options(ctx);
    struct cab_db *db = test_open(ctx, &options);
    test_value(ctx, db, cab_printf(ctx, "SELECT pg_catalog.pg_terminate_backend(%d)", pid));
    for (int i = 0; i < 200; i++) {
        const char *left = test_value(
            ctx, db, cab_printf(ctx, "SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE pid = %d", pid));
        if (strcmp(left, "0") == 0)
            break;
        usleep(10000);
    }
    cab_mem_free(ctx);
}

void test_terminate(struct cab_db *db) {
    terminate(cab_db_backend_pid(db));
}

pid_t test_terminate_later(struct cab_db *db, int ms) {
    int target = cab_db_backend_pid(db);
    pid_t pid = fork();
    cr_assert_geq(pid, 0);
    if (pid == 0) {
        usleep((useconds_t)ms * 1000);
        terminate(target);
        _exit(0);
    }
    return pid;
}

static int dial_server(void) {
    PQconninfoOption *options = parse();
    const char *host = "/var/run/postgresql", *port = "5432";
    for (const PQconninfoOption *o = options; o->keyword != NULL; o++) {
        if (strcmp(o->keyword, "host") == 0 && o->val != NULL)
            host = o->val;
        if (strcmp(o->keyword, "port") == 0 && o->val != NULL)
            port = o->val;
    }
    int fd = -1;
    if (host[0] == '/') {
        struct sockaddr_un to = { .sun_family = AF_UNIX };
        snprintf(to.sun_path, sizeof to.sun_path, "%.80s/.s.PGSQL.%.10s", host, port);
        fd = socket(AF_UNIX, SOCK_STREAM, 0);
        if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
            _exit(3);
    } else {
        struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *to;
        if (getaddrinfo(host, port, &hints, &to) != 0)
            _exit(3);
        fd = socket(to->ai_family, SOCK_STREAM, 0);
        if (connect(fd, to->ai_addr, to->ai_addrlen) != 0)
            _exit(3);
        freeaddrinfo(to);
    }
    PQconninfoFree(options);
    return fd;
}

/* Copies what is there from one end to the other; false at the end of either. */
static bool copy(int from, int to) {
    char bytes[8192];
    ssize_t n = read(from, bytes, sizeof bytes);
    for (ssize_t done = 0, put; done < n; done += put)
        if ((put = write(to, bytes + done, (size_t)(n - done))) <= 0)
            return false;
    return n > 0;
}

static void serve(int listener) {
    struct pollfd fds[1 + 2 * PAIRS];
    nfds_t n = 1;
    fds[0] = (struct pollfd){ .fd = listener, .events = POLLIN };
    signal(SIGPIPE, SIG_IGN);
    for (;;) {
        if (poll(fds, n, -1) < 0)
            continue;
        for (nfds_t i = 1; i < n; i++) {
            nfds_t other = (i - 1) % 2 == 0 ? i + 1 : i - 1;
            if (fds[i].fd >= 0 && fds[i].revents != 0 && !copy(fds[i].fd, fds[other].fd)) {
                close(fds[i].fd);
                close(fds[other].fd);
                fds[i].fd = fds[other].fd = -1;
            }
        }
        if (fds[0].revents != 0 && n + 2 <= 1 + 2 * PAIRS) {
            int client = accept(listener, NULL, NULL);
            fds[n++] = (struct pollfd){ .fd = client, .events = POLLIN };
            fds[n++] = (struct pollfd){ .fd = dial_server(), .events = POLLIN };
        }
    }
}

void test_proxy_start(struct test_proxy *proxy) {
    snprintf(proxy->folder, sizeof proxy->folder, "/tmp/cabinet-proxy-XXXXXX");
    cr_assert_not_null(mkdtemp(proxy->folder));
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    snprintf(at.sun_path, sizeof at.sun_path, "%s/.s.PGSQL.5432", proxy->folder);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    cr_assert_eq(bind(listener, (struct sockaddr *)&at, sizeof at), 0);
    cr_assert_eq(listen(listener, 16), 0);
    proxy->pid = fork();
    cr_assert_geq(proxy->pid, 0);
    if (proxy->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves no proxy behind */
        serve(listener);
    }
    close(listener);
}

void test_proxy_signal(const struct test_proxy *proxy, int signal) {
    cr_assert_eq(kill(proxy->pid, signal), 0);
    if (signal == SIGKILL)
        waitpid(proxy->pid, NULL, 0);
    if (signal == SIGSTOP)
        waitpid(proxy->pid, NULL, WUNTRACED);
}

void test_proxy_stop(struct test_proxy *proxy) {
    char path[96];
    kill(proxy->pid, SIGCONT);
    kill(proxy->pid, SIGKILL);
    waitpid(proxy->pid, NULL, 0);
    snprintf(path, sizeof path, "%s/.s.PGSQL.5432", proxy->folder);
    unlink(path);
    rmdir(proxy->folder);
}
