/*
 * FastCGI connections: the sieve comes to the same end however the bytes are cut, and libfcgi behind it survives.
 */
#include "fuzz.h"
#include "http/internal.h"

#include <sys/socket.h>
#include <unistd.h>

#define MAX_BODY 4096
#define MAX_SENT 32768 /* fits into a socket's buffer, so that writing never waits */

const char *const fuzz_words[] = {
    "\x01\x01", "\x01\x04", "\x01\x05", "\x01\x09", "\x01\x02", "\x0EREQUEST_METHOD", "\x0BREQUEST_URI", "\x80",
    "\xFF\xFF", "FCGI_MAX_CONNS", "FCGI_MPXS_CONNS", NULL
};

static void *root;
static struct cab_fcgi *fcgi;

/* The same bytes as one connection. */
static void connect_once(const uint8_t *bytes, size_t n, enum cab_sieve_result expected) {
    int ends[2];
    struct cab_err err = { 0 };
    struct cab_request *request;
    struct cab_response response;
    if (root == NULL) {
        root = cab_mem_alloc(NULL, 0);
        fcgi = cab_fcgi_make(root, -1, MAX_BODY);
    }
    FUZZ_MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    if (n > 0)
        FUZZ_MUST(write(ends[1], bytes, n) == (ssize_t)n);
    FUZZ_MUST(shutdown(ends[1], SHUT_WR) == 0);
    enum cab_fcgi_result result = cab_fcgi_take(fcgi, ends[0], &request, &err);
    if (result == CAB_FCGI_NONE) {
        FUZZ_MUST(expected != CAB_SIEVE_WHOLE);
    } else {
        cab_response_init(&response, request->mem);
        if (result == CAB_FCGI_REFUSED)
            cab_response_problem(&response, request, &err);
        cab_fcgi_respond(fcgi, request, &response);
        cab_mem_free(request->mem);
    }
    close(ends[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    struct cab_sieve whole = { 0 }, piecewise = { 0 };
    enum cab_sieve_result result = cab_sieve_feed(&whole, bytes, n), step = CAB_SIEVE_MORE;
    for (size_t i = 0; i < n; i += 3)
        step = cab_sieve_feed(&piecewise, bytes + i, n - i < 3 ? n - i : 3);
    FUZZ_MUST(step == (n == 0 ? CAB_SIEVE_MORE : result));
    if (result == CAB_SIEVE_WHOLE)
        FUZZ_MUST(whole.bytes == n && whole.body_len == piecewise.body_len);
    if (n <= MAX_SENT)
        connect_once(bytes, n, result);
    return 0;
}
