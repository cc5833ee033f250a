/*
 * The little HTTP that a scraper needs.
 */
#include "daemon/monitor.h"

#include <criterion/criterion.h>
#include <string.h>

static int status(const char *text) {
    bool is_head;
    return cab_monitor_request(text, strlen(text), &is_head);
}

Test(monitor, requests) {
    bool is_head;
    cr_expect(status("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n") == 200);
    cr_expect(status("GET /metrics HTTP/1.0\n\n") == 200);
    cr_expect(status("GET /metrics?debug=1 HTTP/1.1\r\n\r\n") == 200);
    cr_expect(status("GET /metrics HTTP/1.1\r\nHost: x\r\n") == 0, "not whole yet");
    cr_expect(status("") == 0);
    cr_expect(status("GET / HTTP/1.1\r\n\r\n") == 404);
    cr_expect(status("GET /metricsx HTTP/1.1\r\n\r\n") == 404);
    cr_expect(status("POST /metrics HTTP/1.1\r\n\r\n") == 405);
    cr_expect(status("GETX /metrics HTTP/1.1\r\n\r\n") == 405);
    cr_expect(status("GET /metrics\r\n\r\n") == 400);
    cr_expect(status("GET /metrics HTTP/2.0\r\n\r\n") == 400);
    cr_expect(status("GET  HTTP/1.1\r\n\r\n") == 400);
    cr_expect(status("\r\n\r\n") == 400);
    cr_expect(status("GET\r\n\r\n") == 400);
    static const char head[] = "HEAD /metrics HTTP/1.1\r\n\r\n";
    cr_expect(cab_monitor_request(head, strlen(head), &is_head) == 200 && is_head);
}

Test(monitor, long_heads_are_refused) {
    static char text[CAB_MONITOR_HEAD_BYTES];
    bool is_head;
    memset(text, 'x', sizeof text);
    cr_expect(cab_monitor_request(text, sizeof text - 1, &is_head) == 0);
    cr_expect(cab_monitor_request(text, sizeof text, &is_head) == 431);
}
