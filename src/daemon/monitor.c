/*
 * monitor: one more child of the master, which answers GET /metrics on a listener of its own, so that workers never
 * wait for a scraper nor a scraper for workers.  The figures are in memory that all pools of the host share: of several
 * pools with the same METRICS_LISTEN the first serves it, and the others take over when it goes.
 */
#include "daemon/monitor.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CLIENTS 16
#define CLIENT_MS 5000     /* for a request to arrive, and its answer to be taken */
#define RETRY_MS 1000      /* while another pool has the listener */
#define RESPAWN_MS 1000

struct client {
    int fd;                /* -1: free */
    int64_t deadline_ms;
    char head[CAB_MONITOR_HEAD_BYTES];
    size_t n_head;
    char *answer;          /* NULL: still reading */
    size_t n_answer, n_sent;
};

struct monitor {
    const struct cab_worker_options *options;
    void *mem;
    sigset_t mask;
    struct cab_listener listener;
    struct cab_monitor_database *database;
    struct client clients[CLIENTS];
    bool is_leaving, has_complained;
};

/* ---- answers ---- */

static const char *reason(int status) {
    switch (status) {
    case 200: return "OK";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 431: return "Request Header Fields Too Large";
    default: return "Bad Request";
    }
}

static void write_body(struct monitor *m, struct cab_buf *body, int status) {
    if (status != 200) {
        cab_buf_addf(body, "%s; here is GET /metrics and nothing else.\n", reason(status));
        return;
    }
    cab_metrics_write(m->options->shared, body, cab_now_ms());
    cab_monitor_database_write(m->database, body);
}

static void answer(struct monitor *m, struct client *client, int status, bool is_head) {
    struct cab_buf body, whole;
    void *mem = cab_mem_alloc(m->mem, 1);
    cab_buf_init(&body, mem, 65535);
    write_body(m, &body, status);
    cab_buf_init(&whole, mem, body.len + 255);
    cab_buf_addf(&whole, "HTTP/1.1 %d %s\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
                         "Content-Length: %zu\r\n%sCache-Control: no-store\r\nConnection: close\r\n\r\n",
                 status, reason(status), body.len, status == 405 ? "Allow: GET, HEAD\r\n" : "");
    if (!is_head)
        cab_buf_add(&whole, body.data, body.len);
    client->answer = cab_mem_steal(m->mem, whole.data);
    client->n_answer = whole.len;
    client->n_sent = 0;
    client->deadline_ms = cab_now_ms() + CLIENT_MS;
    cab_mem_free(mem);
}

/* ---- clients ---- */

static void drop(struct client *client) {
    close(client->fd);
    cab_mem_free(client->answer);
    client->answer = NULL;
    client->fd = -1;
}

static void take_clients(struct monitor *m) {
    for (int i = 0; i < CLIENTS; i++) {
        struct client *client = &m->clients[i];
        if (client->fd >= 0)
            continue;
        client->fd = accept4(m->listener.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (client->fd < 0)
            return;
        client->n_head = 0;
        client->deadline_ms = cab_now_ms() + CLIENT_MS;
    }
}

static void read_client(struct monitor *m, struct client *client) {
    bool is_head;
    ssize_t n = recv(client->fd, client->head + client->n_head, sizeof client->head - client->n_head, 0);
    if (n <= 0) {
        if (n == 0 || (errno != EAGAIN && errno != EINTR))
            drop(client);
        return;
    }
    client->n_head += (size_t)n;
    int status = cab_monitor_request(client->head, client->n_head, &is_head);
    if (status != 0)
        answer(m, client, status, is_head);
}

static void write_client(struct client *client) {
    ssize_t n = send(client->fd, client->answer + client->n_sent, client->n_answer - client->n_sent, MSG_NOSIGNAL);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n > 0)
        client->n_sent += (size_t)n;
    if (n > 0 && client->n_sent < client->n_answer)
        return;
    shutdown(client->fd, SHUT_WR);
    drop(client);
}

/* ---- the loop ---- */

static void wait_for_work(struct monitor *m, int64_t ms) {
    struct pollfd fds[CLIENTS + 1];
    struct client *who[CLIENTS + 1];
    int n = 0, free_slots = 0;

    for (int i = 0; i < CLIENTS; i++) {
        struct client *client = &m->clients[i];
        free_slots += client->fd < 0;
        if (client->fd < 0)
            continue;
        fds[n] = (struct pollfd){ .fd = client->fd, .events = client->answer == NULL ? POLLIN : POLLOUT };
        who[n++] = client;
    }
    int n_clients = n;
    if (m->listener.fd >= 0 && free_slots > 0)
        fds[n++] = (struct pollfd){ .fd = m->listener.fd, .events = POLLIN };
    if (cab_signals_poll(fds, (nfds_t)n, ms, &m->mask) < 0 && errno != EINTR)
        cab_die("the monitor cannot wait: %s", strerror(errno));
    bool term = cab_signal_take(SIGTERM), hup = cab_signal_take(SIGHUP);
    m->is_leaving = m->is_leaving || term || hup;
    int64_t now = cab_now_ms();
    for (int i = 0; i < n_clients; i++) {
        if (fds[i].revents != 0 && who[i]->answer == NULL)
            read_client(m, who[i]);
        else if (fds[i].revents != 0)
            write_client(who[i]);
        else if (now > who[i]->deadline_ms)
            drop(who[i]);
    }
    if (n > n_clients && fds[n_clients].revents != 0)
        take_clients(m);
}

/* The same address as the other pools': one of them has it. */
static void try_to_listen(struct monitor *m) {
    struct cab_conf conf = *m->options->conf;
    struct cab_err err;
    conf.listen = conf.metrics_listen;
    cab_err_clear(&err);
    if (cab_listener_make(&conf, &m->listener, &err) == 0) {
        cab_log(CAB_LOG_INFO, "metrics are served on %s", conf.metrics_listen);
        return;
    }
    m->listener.fd = -1;
    if (!m->has_complained)
        cab_log(strstr(err.detail, "another process") != NULL ? CAB_LOG_INFO : CAB_LOG_ERROR,
                "METRICS_%s Trying on.", err.detail);
    m->has_complained = true;
}

static int run(const struct cab_worker_options *options) {
    struct monitor *m = cab_new(NULL, struct monitor);
    m->options = options;
    m->mem = m;
    m->listener.fd = -1;
    for (int i = 0; i < CLIENTS; i++)
        m->clients[i].fd = -1;
    cab_worker_begin(options, "cabinetd-mon", &m->mask);
    close(options->listen_fd);
    m->database = cab_monitor_database_make(m, options->conf);
    while (!m->is_leaving) {
        if (m->listener.fd < 0)
            try_to_listen(m);
        wait_for_work(m, RETRY_MS);
    }
    cab_listener_unlink(&m->listener);
    cab_mem_free(m);
    return 0;
}

/* ---- in the master ---- */

void cab_monitor_keep(struct cab_pool *pool) {
    int64_t now = cab_now_ms();
    if (pool->conf->metrics_listen == NULL || pool->monitor > 0 || now < pool->monitor_not_before_ms)
        return;
    pid_t master = getpid();
    pool->monitor_not_before_ms = now + RESPAWN_MS;
    pid_t pid = fork();
    if (pid == 0) {
        struct cab_worker_options options = { .conf = pool->conf, .board = pool->board, .shared = pool->shared,
                                              .listen_fd = pool->listener.fd, .master = master };
        cab_child_exit(run(&options));
    }
    if (pid < 0)
        cab_log(CAB_LOG_ERROR, "the monitor cannot be forked: %s", strerror(errno));
    else
        pool->monitor = pid;
}

bool cab_monitor_reap(struct cab_pool *pool, pid_t pid) {
    if (pid != pool->monitor)
        return false;
    pool->monitor = 0;
    return true;
}

void cab_monitor_ask(const struct cab_pool *pool) {
    if (pool->monitor > 0)
        kill(pool->monitor, SIGTERM);
}

void cab_pool_publish(struct cab_pool *pool) {
    int64_t now = cab_now_ms(), states[CAB_SLOT_SHEDDING + 1] = { 0 }, gauges[CAB_GAUGE__MAX] = { 0 };
    if (now - pool->published_ms < 1000)
        return;
    pool->published_ms = now;
    int used = atomic_load(&pool->board->slots_used);
    for (int slot = 0; slot < used; slot++) {
        int state = atomic_load_explicit(&pool->board->slots[slot].state, memory_order_relaxed);
        if (pool->children[slot].pid != 0 && pool->children[slot].leave_by_ms != 0)
            gauges[CAB_GAUGE_LEAVING]++;
        else if (pool->children[slot].pid != 0 && state <= CAB_SLOT_SHEDDING)
            states[state]++;
    }
    gauges[CAB_GAUGE_LEAVING] += pool->n_inherited;
    gauges[CAB_GAUGE_SIZE] = pool->conf->db_pool_size;
    gauges[CAB_GAUGE_OVERFLOW_LIMIT] = pool->conf->db_max_overflow;
    gauges[CAB_GAUGE_OVERFLOW] = pool->n_surplus;
    gauges[CAB_GAUGE_BUSY] = states[CAB_SLOT_BUSY];
    gauges[CAB_GAUGE_IDLE] = states[CAB_SLOT_IDLE];
    gauges[CAB_GAUGE_STARTING] = states[CAB_SLOT_STARTING];
    gauges[CAB_GAUGE_CROWDED] = pool->crowded_since_ms != 0;
    cab_metrics_pool_set(pool->shared, pool->metric_row, gauges, now);
}
