/*
 * monitor, the request: as much of HTTP/1.1 (RFC 9112) as a scraper sends.  Headers are passed over, and a
 * body is not read.
 */
#include "daemon/monitor.h"

#include <string.h>

static bool ends_head(const char *bytes, size_t n) {
    return memmem(bytes, n, "\r\n\r\n", 4) != NULL || memmem(bytes, n, "\n\n", 2) != NULL;
}

int cab_monitor_request(const char *bytes, size_t n, bool *is_head_out) {
    *is_head_out = false;
    if (!ends_head(bytes, n))
        return n < CAB_MONITOR_HEAD_BYTES ? 0 : 431;
    const char *end = memchr(bytes, '\n', n), *method_end = memchr(bytes, ' ', n);
    if (end > bytes && end[-1] == '\r')
        end--;
    if (method_end == NULL || method_end >= end)
        return 400;
    const char *target = method_end + 1, *target_end = memchr(target, ' ', (size_t)(end - target));
    if (target_end == NULL || target_end == target || end - target_end != 9 ||
        memcmp(target_end, " HTTP/1.", 8) != 0 || (end[-1] != '0' && end[-1] != '1'))
        return 400;
    size_t n_method = (size_t)(method_end - bytes);
    *is_head_out = n_method == 4 && memcmp(bytes, "HEAD", 4) == 0;
    if (!*is_head_out && !(n_method == 3 && memcmp(bytes, "GET", 3) == 0))
        return 405;
    const char *query = memchr(target, '?', (size_t)(target_end - target));
    size_t n_path = (size_t)((query == NULL ? target_end : query) - target);
    return n_path == 8 && memcmp(target, "/metrics", 8) == 0 ? 200 : 404;
}
