/*
 * Requests for metrics: read by hand, from whoever reaches METRICS_LISTEN.
 */
#include "fuzz.h"

#include "daemon/monitor.h"

#include <string.h>

const char *const fuzz_words[] = { "GET ", "HEAD ", "/metrics", " HTTP/1.1", "\r\n", "\n", "\n\n", "?", " ", NULL };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    bool is_head = false;
    /* a copy of exactly these bytes, so that a look beyond them is seen by the sanitizer */
    char *copy = cab_mem_alloc(NULL, n);
    memcpy(copy, bytes, n);
    int status = cab_monitor_request(copy, n, &is_head);
    FUZZ_MUST(status == 0 || status == 200 || status == 400 || status == 404 || status == 405 || status == 431);
    FUZZ_MUST(status != 0 || n < CAB_MONITOR_HEAD_BYTES);
    FUZZ_MUST(status != 200 || memmem(copy, n, "/metrics", 8) != NULL);
    cab_mem_free(copy);
    return 0;
}
