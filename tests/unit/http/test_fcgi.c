#include "make_request.h"
#include "records.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_BODY 100000

static void *mem;
static struct cab_fcgi *fcgi;
static struct cab_request *request;
static struct cab_err err;

static void setup(void) {
    mem = cab_mem_alloc(NULL, 0);
    fcgi = cab_fcgi_make(mem, -1, MAX_BODY);
    cab_err_clear(&err);
}

static void teardown(void) {
    cab_mem_free(mem);
}

TestSuite(fcgi, .init = setup, .fini = teardown, .timeout = 30);

/* A connection: ours is given to cab_fcgi_take, the returned end is the peer's. */
static int connect_pair(int *ours) {
    int ends[2];
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    *ours = ends[0];
    return ends[1];
}

static void write_all(int fd, const char *bytes, size_t n) {
    while (n > 0) {
        ssize_t done = write(fd, bytes, n);
        if (done <= 0)
            return;
        bytes += done;
        n -= (size_t)done;
    }
}

/* A peer in a process of its own, who sends bytes piece by piece. */
static pid_t peer(int fd, int ours, const struct cab_buf *bytes, size_t piece, int pause_us) {
    pid_t pid = fork();
    if (pid == 0) {
        close(ours); /* else this end would never see the other one closed */
        for (size_t i = 0; i < bytes->len; i += piece) {
            write_all(fd, bytes->data + i, bytes->len - i < piece ? bytes->len - i : piece);
            usleep((useconds_t)pause_us);
        }
        char room[4096];
        while (read(fd, room, sizeof room) > 0)
            ;
        _exit(0);
    }
    return pid;
}

static enum cab_fcgi_result take(int fd) {
    request = NULL;
    cab_err_clear(&err);
    return cab_fcgi_take(fcgi, fd, &request, &err);
}

/* The content of all STDOUT records until the peer's end is closed by us; *ended where END_REQUEST came. */
static char *read_answer(int fd, bool *ended) {
    struct cab_buf raw, out;
    cab_buf_init(&raw, mem, 0);
    cab_buf_init(&out, mem, 0);
    char room[4096];
    ssize_t n;
    while ((n = read(fd, room, sizeof room)) > 0)
        cab_buf_add(&raw, room, (size_t)n);
    cr_assert_eq(n, 0, "the connection was reset");
    *ended = false;
    for (size_t at = 0; at + 8 <= raw.len;) {
        const unsigned char *head = (const unsigned char *)raw.data + at;
        size_t len = (size_t)head[4] << 8 | head[5];
        if (head[1] == 6)
            cab_buf_add(&out, head + 8, len);
        *ended |= head[1] == 3;
        at += 8 + len + head[6];
    }
    return out.data;
}

static void respond(int status, const char *body) {
    struct cab_response response;
    cab_response_init(&response, request->mem);
    response.status = status;
    cab_buf_adds(&response.body, body);
    cab_fcgi_respond(fcgi, request, &response);
}

static const char *const get[] = { "REQUEST_METHOD", "GET", "REQUEST_URI", "/x?a=1", "HTTP_ACCEPT", "*/*",
                                   "NOT_READ", "value", NULL };

static void add_get(struct cab_buf *buf) {
    cab_buf_init(buf, mem, 0);
    add_begin(buf, 1, 1, 0);
    add_params(buf, 1, get);
    add_body(buf, 1, "", 0);
}

static void add_post(struct cab_buf *buf, size_t n, const char *said) {
    const char *const post[] = { "REQUEST_METHOD", "POST", "REQUEST_URI", "/x", "CONTENT_LENGTH", said, NULL };
    char *body = cab_mem_alloc(mem, n + 1);
    memset(body, 'b', n);
    cab_buf_init(buf, mem, 0);
    add_begin(buf, 1, 1, 0);
    add_params(buf, 1, post);
    add_body(buf, 1, body, n);
}

Test(fcgi, one_connection_after_the_other_is_answered) {
    struct cab_buf buf;
    bool ended;
    add_get(&buf);
    size_t blocks = 0;
    for (int i = 0; i < 50; i++) {
        int ours, fd = connect_pair(&ours);
        write_all(fd, buf.data, buf.len);
        cr_assert_eq(take(ours), CAB_FCGI_REQUEST, "%s", err.detail);
        cr_assert_str_eq(request->uri, "/x?a=1");
        cr_assert_str_eq(request->accept, "*/*");
        cr_assert_eq(request->socket, ours);
        respond(200, "{\"a\":1}");
        cab_mem_free(request->mem);
        struct pollfd poller = { .fd = fd, .events = POLLIN };
        cr_assert_eq(poll(&poller, 1, 1000), 1);
        const char *answer = read_answer(fd, &ended);
        cr_assert(ended);
        cr_assert_str_eq(answer, "Status: 200 OK\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n"
                                 "{\"a\":1}");
        close(fd);
        if (i == 0)
            blocks = cab_mem_blocks(fcgi);
        cr_assert_eq(cab_mem_blocks(fcgi), blocks);
    }
}

Test(fcgi, a_peer_that_wants_to_keep_the_connection_loses_it) {
    struct cab_buf buf;
    bool ended;
    int ours, fd = connect_pair(&ours);
    add_get(&buf);
    buf.data[8 + 2] = 1; /* FCGI_KEEP_CONN */
    write_all(fd, buf.data, buf.len);
    cr_assert_eq(take(ours), CAB_FCGI_REQUEST);
    respond(200, "");
    read_answer(fd, &ended);
    cr_assert(ended);
    close(fd);
}

Test(fcgi, large_bodies_and_answers_pass_whole) {
    struct cab_buf buf;
    bool ended;
    int ours, fd = connect_pair(&ours);
    add_post(&buf, MAX_BODY, "100000");
    pid_t pid = fork();
    if (pid == 0) {
        close(ours);
        write_all(fd, buf.data, buf.len);
        char *answer = read_answer(fd, &ended);
        _exit(ended && strlen(strstr(answer, "\r\n\r\n") + 4) == 3000000 ? 0 : 1);
    }
    close(fd);
    cr_assert_eq(take(ours), CAB_FCGI_REQUEST, "%s", err.detail);
    cr_assert_eq(request->body_len, MAX_BODY);
    cr_assert_eq(strspn(request->body, "b"), MAX_BODY);
    cr_assert_eq(request->socket, ours);
    char *body = cab_mem_alloc(mem, 3000001);
    memset(body, 'x', 3000000);
    body[3000000] = '\0';
    respond(200, body);
    int status;
    waitpid(pid, &status, 0);
    cr_assert_eq(status, 0);
}

Test(fcgi, a_request_in_pieces_is_put_together) {
    struct cab_buf buf;
    int ours, fd = connect_pair(&ours);
    add_post(&buf, 300, "300");
    pid_t pid = peer(fd, ours, &buf, 7, 100);
    close(fd);
    cr_assert_eq(take(ours), CAB_FCGI_REQUEST, "%s", err.detail);
    cr_assert_eq(request->body_len, 300);
    respond(200, "");
    waitpid(pid, NULL, 0);
}

Test(fcgi, a_body_above_the_limit_is_refused_with_an_answer) {
    static const size_t sizes[] = { MAX_BODY + 1, 20 * MAX_BODY };
    for (size_t i = 0; i < CAB_LENGTH(sizes); i++) {
        struct cab_buf buf;
        bool ended;
        char said[32];
        int ours, fd = connect_pair(&ours);
        snprintf(said, sizeof said, "%zu", sizes[i]);
        add_post(&buf, sizes[i], said);
        pid_t pid = fork();
        if (pid == 0) {
            close(ours);
            write_all(fd, buf.data, buf.len);
            _exit(strstr(read_answer(fd, &ended), "Status: 413") != NULL && ended ? 0 : 1);
        }
        close(fd);
        cr_assert_eq(take(ours), CAB_FCGI_REFUSED);
        cr_assert_eq(err.problem, CAB_PROBLEM_TOO_LARGE);
        cr_assert_eq(request->body_len, 0);
        cr_assert_str_eq(request->uri, "/x");
        respond(413, "{}");
        int status;
        waitpid(pid, &status, 0);
        cr_assert_eq(status, 0);
    }
}

Test(fcgi, broken_requests_are_refused_with_an_answer) {
    struct cab_buf buf;
    bool ended;
    int ours, fd = connect_pair(&ours);
    add_post(&buf, 10, "11");
    write_all(fd, buf.data, buf.len);
    cr_assert_eq(take(ours), CAB_FCGI_REFUSED);
    cr_assert_eq(err.problem, CAB_PROBLEM_MALFORMED);
    respond(400, "{}");
    cr_assert_not_null(strstr(read_answer(fd, &ended), "Status: 400"));
    close(fd);
}

Test(fcgi, broken_records_close_their_connection_only) {
    struct cab_buf good, bad;
    bool ended;
    add_get(&good);
    cab_buf_init(&bad, mem, 0);
    srand(7);
    for (int i = 0; i < 400; i++) {
        int ours, fd = connect_pair(&ours);
        cab_buf_reset(&bad);
        if (i % 2 == 0) {
            for (int n = rand() % 200 + 1; n > 0; n--)
                cab_buf_addc(&bad, (char)rand());
        } else {
            cab_buf_add(&bad, good.data, good.len);
            bad.data[(size_t)rand() % 16] ^= (char)(1 << rand() % 8);
            bad.len = (size_t)rand() % bad.len + 1;
        }
        write_all(fd, bad.data, bad.len);
        shutdown(fd, SHUT_WR);
        if (take(ours) != CAB_FCGI_NONE)
            respond(200, "");
        char room[64];
        while (read(fd, room, sizeof room) > 0)
            ;
        close(fd);
    }
    int ours, fd = connect_pair(&ours);
    write_all(fd, good.data, good.len);
    cr_assert_eq(take(ours), CAB_FCGI_REQUEST);
    respond(200, "");
    read_answer(fd, &ended);
    cr_assert(ended);
    close(fd);
}

/* libfcgi answers these by itself, from a buffer of 64 bytes, however many there are. */
Test(fcgi, management_records_do_not_reach_libfcgi) {
    struct cab_buf buf, values;
    int ours, fd = connect_pair(&ours);
    cab_buf_init(&buf, mem, 0);
    cab_buf_init(&values, mem, 0);
    for (int i = 0; i < 500; i++)
        add_pair(&values, "FCGI_MPXS_CONNS", "");
    add_record(&buf, FCGI_GET_VALUES, 0, values.data, values.len, 0);
    write_all(fd, buf.data, buf.len);
    cr_assert_eq(take(ours), CAB_FCGI_NONE);
    char room;
    cr_assert_neq(read(fd, &room, 1), 1);
    close(fd);
}

Test(fcgi, a_silent_peer_is_given_up) {
    int ours, fd = connect_pair(&ours);
    write_all(fd, "\1\1", 2);
    int64_t start = cab_now_ms();
    cr_assert_eq(take(ours), CAB_FCGI_NONE);
    int64_t took = cab_now_ms() - start;
    cr_assert(took >= 4000 && took <= 11000, "%lld ms", (long long)took);
    close(fd);
}

Test(fcgi, a_peer_that_is_gone_does_not_end_us) {
    struct cab_buf buf;
    int ours, fd = connect_pair(&ours);
    add_get(&buf);
    write_all(fd, buf.data, buf.len);
    cr_assert_eq(take(ours), CAB_FCGI_REQUEST);
    close(fd);
    char *body = cab_mem_alloc(mem, 100001);
    memset(body, 'x', 100000);
    body[100000] = '\0';
    respond(200, body);
}

Test(fcgi, streams_come_in_chunks) {
    struct cab_buf buf;
    struct cab_response response;
    bool ended;
    int ours, fd = connect_pair(&ours);
    add_get(&buf);
    write_all(fd, buf.data, buf.len);
    cr_assert_eq(take(ours), CAB_FCGI_REQUEST);
    cab_response_init(&response, request->mem);
    response.content_type = "text/csv";
    cr_assert_eq(cab_fcgi_begin_stream(fcgi, &response), 0);
    char room[256];
    cr_assert(read(fd, room, sizeof room) > 0, "the head waits for no chunk");
    cr_assert_eq(cab_fcgi_stream(fcgi, "a,b\n", 4), 0);
    cab_fcgi_end_stream(fcgi);
    respond(200, "ignored");
    cr_assert_str_eq(read_answer(fd, &ended), "a,b\n");
    cr_assert(ended);
    close(fd);
}

Test(fcgi, head_and_no_content_have_no_body) {
    struct cab_buf buf;
    struct cab_response response;
    bool ended;
    for (int i = 0; i < 2; i++) {
        int ours, fd = connect_pair(&ours);
        add_get(&buf);
        write_all(fd, buf.data, buf.len);
        cr_assert_eq(take(ours), CAB_FCGI_REQUEST);
        cab_response_init(&response, request->mem);
        response.is_head = i == 0;
        response.status = i == 0 ? 200 : 304;
        cab_buf_adds(&response.body, "12345");
        cab_fcgi_respond(fcgi, request, &response);
        const char *answer = read_answer(fd, &ended);
        cr_assert_str_eq(answer, i == 0 ? "Status: 200 OK\r\nContent-Type: application/json\r\n"
                                          "Content-Length: 5\r\n\r\n"
                                        : "Status: 304 Not Modified\r\n\r\n");
        close(fd);
    }
}

Test(fcgi, connections_are_accepted_without_waiting) {
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    snprintf(address.sun_path, sizeof address.sun_path, "/tmp/cabinet-test-%d.sock", (int)getpid());
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    unlink(address.sun_path);
    cr_assert_eq(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    cr_assert_eq(listen(listener, 5), 0);
    struct cab_fcgi *own = cab_fcgi_make(mem, listener, MAX_BODY);
    cr_assert_eq(cab_fcgi_accept(own, &request, &err), CAB_FCGI_NONE);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    cr_assert_eq(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    struct cab_buf buf;
    bool ended;
    add_get(&buf);
    write_all(fd, buf.data, buf.len);
    cr_assert_eq(cab_fcgi_accept(own, &request, &err), CAB_FCGI_REQUEST);
    struct cab_response response;
    cab_response_init(&response, request->mem);
    cab_fcgi_respond(own, request, &response);
    read_answer(fd, &ended);
    cr_assert(ended);
    close(fd);
    close(listener);
    unlink(address.sun_path);
}

static void on_signal(int signo) {
    (void)signo;
}

Test(fcgi, signal_handlers_stay_the_daemons) {
    static const int signals[] = { SIGTERM, SIGUSR1, SIGPIPE };
    pid_t pid = fork(); /* libfcgi is initialised once a process: ask a fresh program */
    if (pid == 0) {
        struct sigaction now;
        for (size_t i = 0; i < CAB_LENGTH(signals); i++)
            signal(signals[i], on_signal);
        cab_fcgi_make(NULL, -1, MAX_BODY);
        for (size_t i = 0; i < CAB_LENGTH(signals); i++) {
            sigaction(signals[i], NULL, &now);
            if (now.sa_handler != on_signal)
                _exit(1);
        }
        _exit(0);
    }
    int status;
    waitpid(pid, &status, 0);
    cr_assert_eq(status, 0);
}

static int busy_count;

static bool wants_large(const struct cab_request *asked) {
    return strcmp(asked->uri, "/x") == 0;
}

static void count_busy(void *arg) {
    (void)arg;
    busy_count++;
}

/* Reads the stream to its end or its error; the bytes of it. */
static size_t read_stream(void) {
    size_t sum = 0, n;
    const char *bytes;
    do {
        if (cab_fcgi_read(fcgi, &bytes, &n, &err) != 0)
            break;
        cr_assert_eq(strspn(bytes, "b"), n);
        sum += n;
    } while (n > 0);
    return sum;
}

Test(fcgi, a_body_streams_in_at_any_length) {
    static const size_t sizes[] = { 0, 1, 70000, 30 * MAX_BODY }, pieces[] = { 7, 5000, 200000 };
    cab_fcgi_hooks(fcgi, &(struct cab_fcgi_hooks){ .wants_stream = wants_large, .busy = count_busy });
    for (size_t i = 0; i < CAB_LENGTH(sizes); i++)
        for (size_t j = sizes[i] > MAX_BODY ? 1 : 0; j < CAB_LENGTH(pieces); j++) {
            struct cab_buf buf;
            bool ended;
            int ours, fd = connect_pair(&ours);
            add_post(&buf, sizes[i], cab_printf(mem, "%zu", sizes[i]));
            pid_t pid = peer(fd, ours, &buf, pieces[j], 0);
            close(fd);
            cr_assert_eq(take(ours), CAB_FCGI_REQUEST, "%s", err.detail);
            size_t got = request->has_stream ? read_stream() : request->body_len;
            cr_assert_eq(got, sizes[i], "%zu of %zu: %s", got, sizes[i], err.detail);
            cr_assert(sizes[i] < MAX_BODY || request->has_stream);
            respond(200, "done");
            (void)ended;
            cab_mem_free(request->mem);
            cr_assert_eq(waitpid(pid, NULL, 0), pid);
        }
    cr_assert_gt(busy_count, 20);
}

Test(fcgi, a_stream_that_breaks_off_is_told_and_one_not_read_is_answered) {
    struct cab_buf buf;
    bool ended;
    cab_fcgi_hooks(fcgi, &(struct cab_fcgi_hooks){ .wants_stream = wants_large, .busy = count_busy });
    add_post(&buf, 5 * MAX_BODY, "500000");
    int ours, fd = connect_pair(&ours);
    struct cab_buf part = buf;
    part.len = 300000;
    pid_t pid = fork();
    if (pid == 0) {
        close(ours);
        write_all(fd, part.data, part.len);
        _exit(0);
    }
    close(fd);
    cr_assert_eq(take(ours), CAB_FCGI_REQUEST, "%s", err.detail);
    cr_assert_lt(read_stream(), 5 * MAX_BODY);
    cr_assert_eq(err.problem, CAB_PROBLEM_CLIENT_GONE, "%s", err.detail);
    respond(499, "");
    cab_mem_free(request->mem);
    cr_assert_eq(waitpid(pid, NULL, 0), pid);

    fd = connect_pair(&ours);
    pid = fork();
    if (pid == 0) {
        close(ours);
        write_all(fd, buf.data, buf.len); /* and reads only then */
        char *answer = read_answer(fd, &ended);
        _exit(strstr(answer, "refused") != NULL && ended ? 0 : 1);
    }
    close(fd);
    int status;
    cr_assert_eq(take(ours), CAB_FCGI_REQUEST, "%s", err.detail);
    respond(415, "refused");
    cab_mem_free(request->mem);
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert_eq(status, 0, "the answer came to a peer that was still sending");
}

/* Another worker, with an object of its own, answers what the first had read. */
Test(fcgi, a_request_that_is_given_up_is_answered_by_another) {
    struct cab_fcgi *other = cab_fcgi_make(mem, -1, MAX_BODY);
    struct cab_buf buf;
    bool ended;
    size_t blocks = 0;
    add_get(&buf);
    for (int i = 0; i < 20; i++) {
        int ours, given, records, fd = connect_pair(&ours);
        write_all(fd, buf.data, buf.len);
        cr_assert_eq(take(ours), CAB_FCGI_REQUEST);
        cr_assert_eq(cab_fcgi_give_up(fcgi, request, &given, &records), 0);
        cr_assert_eq(given, ours);
        cr_assert_eq(cab_fcgi_take_over(other, given, records, &request, &err), CAB_FCGI_REQUEST, "%s", err.detail);
        cr_assert_str_eq(request->uri, "/x?a=1");
        cr_assert_str_eq(request->accept, "*/*");
        cr_assert_eq(request->socket, ours);
        struct cab_response response;
        cab_response_init(&response, request->mem);
        response.status = 204;
        cab_fcgi_respond(other, request, &response);
        cab_mem_free(request->mem);
        cr_assert_eq(strncmp(read_answer(fd, &ended), "Status: 204", 11), 0);
        cr_assert(ended);
        close(fd);
        cr_assert_eq(fcntl(records, F_GETFD), -1, "the file with the records is closed");
        if (i == 0)
            blocks = cab_mem_blocks(mem) - 2;
    }
    cr_assert_leq(cab_mem_blocks(mem), blocks + 2 * 20, "only the answers that were read stay");
}

Test(fcgi, a_request_that_came_in_pieces_is_not_given_up) {
    struct cab_buf buf;
    bool ended;
    int ours, given, records, fd = connect_pair(&ours);
    add_get(&buf);
    pid_t pid = peer(fd, ours, &buf, buf.len / 2 + 1, 50000);
    cr_assert_eq(take(ours), CAB_FCGI_REQUEST);
    cr_assert_eq(cab_fcgi_give_up(fcgi, request, &given, &records), -1);
    respond(204, "");
    cr_assert_eq(strncmp(read_answer(fd, &ended), "Status: 204", 11), 0);
    close(fd);
    waitpid(pid, NULL, 0);
}
