/* Addresses of this host are asked for nothing, whatever name leads there. */
#include <arpa/inet.h>
#include <cabinet/net.h>
#include <criterion/criterion.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

Test(fetch, does_not_connect_to_this_host_unless_that_is_meant) {
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0), status;
    void *mem = cab_mem_alloc(NULL, 1);
    struct cab_net *net = cab_net_make(mem);
    struct cab_err err = { 0 };
    struct cab_buf body;
    cr_assert(listener >= 0 && bind(listener, (struct sockaddr *)&address, n) == 0 && listen(listener, 5) == 0);
    cr_assert_eq(getsockname(listener, (struct sockaddr *)&address, &n), 0);

    static const char *const hosts[] = { "127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0" };
    struct pollfd waiting = { .fd = listener, .events = POLLIN };
    for (size_t i = 0; i < CAB_LENGTH(hosts); i++) {
        struct cab_net_request request = { .url = cab_printf(mem, "https://%s:%d/", hosts[i], ntohs(address.sin_port)),
                                           .timeout_s = 2, .most = 1000 };
        cr_expect_eq(cab_net_fetch(net, mem, &request, &status, &body, &err), -1);
        cr_expect_eq(err.problem, CAB_PROBLEM_UNAVAILABLE);
        cr_expect_eq(poll(&waiting, 1, 50), 0, "%s was connected to", hosts[i]);
    }
    /* neither does plain HTTP go anywhere */
    struct cab_net_request plain = { .url = "http://192.0.2.1/", .timeout_s = 2, .most = 1000 };
    cr_expect_eq(cab_net_fetch(net, mem, &plain, &status, &body, &err), -1);
    /* and the test would see a connection */
    struct cab_net_request meant = { .url = cab_printf(mem, "http://127.0.0.1:%d/", ntohs(address.sin_port)),
                                     .timeout_s = 1, .most = 1000, .may_be_local = true };
    cr_expect_eq(cab_net_fetch(net, mem, &meant, &status, &body, &err), -1);
    cr_expect_eq(poll(&waiting, 1, 1000), 1);
    close(listener);
    cab_mem_free(mem);
}
