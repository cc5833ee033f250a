/*
 * Metrics: what is counted comes out again, as Prometheus reads it, also from many processes that are killed.
 */
#include "base/shared_private.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct cab_shared *shared;
static void *mem;
static struct cab_buf text;

static void begin(void) {
    struct cab_shared_options options = { .throttle_entries = 1 };
    mem = cab_mem_alloc(NULL, 1);
    shared = cab_shared_private(mem, &options);
    cab_buf_init(&text, mem, 0);
}

static void end(void) {
    cab_mem_free(mem);
}

TestSuite(metrics, .init = begin, .fini = end, .timeout = 60);

static bool has_line(const char *line) {
    const char *found = strstr(text.data, line);
    return found != NULL && (found == text.data || found[-1] == '\n') && found[strlen(line)] == '\n';
}

static void expect_line(const char *line) {
    cr_expect(has_line(line), "%s is not in:\n%s", line, text.data);
}

static void write_all(void) {
    cab_buf_reset(&text);
    cab_metrics_write(shared, &text, 1000000);
}

Test(metrics, requests_are_counted_by_route_and_status) {
    int list = cab_metrics_route(shared, "GET", "/api/v1/{table}"), row = cab_metrics_route(shared, "GET", "/a\"b\\c");
    cr_expect(list > 0 && row > 0 && list != row);
    cr_expect(cab_metrics_route(shared, "GET", "/api/v1/{table}") == list, "the same each time");
    static const int64_t times[] = { 100, 250, 251, 3000, 70000000 };
    for (size_t i = 0; i < CAB_LENGTH(times); i++)
        cab_metrics_request(shared, &(struct cab_metrics_request){ .route = list, .status = i < 4 ? 200 : 504,
                                                                   .total_us = times[i], .database_us = 50,
                                                                   .queued_ms = i == 4 ? 30 : 0 });
    cab_metrics_request(shared, &(struct cab_metrics_request){ .route = row, .status = 299, .total_us = 1 });
    cab_metrics_request(shared, &(struct cab_metrics_request){ .route = 99999, .status = 404, .total_us = 1 });
    write_all();
    expect_line("# TYPE cabinet_http_requests_total counter");
    expect_line("cabinet_http_requests_total{method=\"GET\",route=\"/api/v1/{table}\",status=\"200\"} 4");
    expect_line("cabinet_http_requests_total{method=\"GET\",route=\"/api/v1/{table}\",status=\"504\"} 1");
    expect_line("cabinet_http_requests_total{method=\"GET\",route=\"/a\\\"b\\\\c\",status=\"other\"} 1");
    expect_line("cabinet_http_requests_total{method=\"\",route=\"unmatched\",status=\"404\"} 1");
    static const char *const buckets[] = { "le=\"0.00025\"} 2", "le=\"0.0005\"} 3", "le=\"0.0025\"} 3",
                                           "le=\"0.005\"} 4", "le=\"10\"} 4", "le=\"+Inf\"} 5" };
    for (size_t i = 0; i < CAB_LENGTH(buckets); i++)
        expect_line(cab_printf(mem, "cabinet_http_request_duration_seconds_bucket{method=\"GET\","
                                    "route=\"/api/v1/{table}\",%s", buckets[i]));
    expect_line("cabinet_http_request_duration_seconds_count{method=\"GET\",route=\"/api/v1/{table}\"} 5");
    expect_line("cabinet_http_request_duration_seconds_sum{method=\"GET\",route=\"/api/v1/{table}\"} 70.003601");
    expect_line("cabinet_database_seconds_total{method=\"GET\",route=\"/api/v1/{table}\"} 0.000250");
    expect_line("cabinet_request_queue_seconds_bucket{le=\"0.025\"} 6");
    expect_line("cabinet_request_queue_seconds_bucket{le=\"0.05\"} 7");
    expect_line("cabinet_request_queue_seconds_sum 0.030000");
}

Test(metrics, counters_stand_at_zero_until_something_happens) {
    write_all();
    expect_line("cabinet_replans_total 0");
    cab_metrics_count(shared, CAB_COUNTER_REPLANS, 3);
    cab_metrics_count(NULL, CAB_COUNTER_REPLANS, 3);
    write_all();
    expect_line("cabinet_replans_total 3");
    cr_expect(strstr(text.data, "cabinet_http_requests_total{") == NULL);
}

Test(metrics, pools_are_shown_while_they_live) {
    int64_t gauges[CAB_GAUGE__MAX] = { [CAB_GAUGE_SIZE] = 20, [CAB_GAUGE_BUSY] = 3, [CAB_GAUGE_IDLE] = 17 };
    int api = cab_metrics_pool(shared, "api"), gone = cab_metrics_pool(shared, "gone");
    cr_expect(api >= 0 && gone >= 0 && api != gone && cab_metrics_pool(shared, "api") == api);
    cab_metrics_pool_set(shared, api, gauges, 999000);
    cab_metrics_pool_set(shared, gone, gauges, 900000);
    cab_metrics_pool_set(shared, -1, gauges, 900000);
    write_all();
    expect_line("cabinet_pool_size{pool=\"api\"} 20");
    expect_line("cabinet_pool_workers{pool=\"api\",state=\"busy\"} 3");
    expect_line("cabinet_pool_workers{pool=\"api\",state=\"idle\"} 17");
    cr_expect(strstr(text.data, "gone") == NULL);
    for (int i = 0; i < 2 * CAB_METRIC_POOLS; i++)
        (void)cab_metrics_pool(shared, cab_printf(mem, "pool%d", i));
    cr_expect(cab_metrics_pool(shared, "one more") == -1);
    cr_expect(cab_metrics_pool(shared, "a name of more than thirty-one bytes") == -1);
}

Test(metrics, routes_beyond_the_room_are_counted_together) {
    int row = 0;
    for (int i = 0; i < 2 * CAB_METRIC_ROUTES; i++)
        row = cab_metrics_route(shared, "GET", cab_printf(mem, "/%d", i));
    cr_expect(row == 0);
    cr_expect(cab_metrics_route(shared, "GET", "/5") > 0, "those before are found still");
    cr_expect(cab_metrics_route(shared, "PROPFIND", "/5") == 0);
    cr_expect(cab_metrics_route(NULL, "GET", "/5") == 0);
}

Test(metrics, nothing_is_lost_among_many_processes) {
    int route = cab_metrics_route(shared, "GET", "/x");
    pid_t pids[8];
    for (int i = 0; i < 8; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            for (int j = 0; j < 20000; j++)
                cab_metrics_request(shared, &(struct cab_metrics_request){ .route = route, .status = 200,
                                                                           .total_us = j });
            kill(getpid(), SIGKILL);
        }
    }
    for (int i = 0; i < 8; i++)
        waitpid(pids[i], NULL, 0);
    write_all();
    expect_line("cabinet_http_requests_total{method=\"GET\",route=\"/x\",status=\"200\"} 160000");
    expect_line("cabinet_http_request_duration_seconds_count{method=\"GET\",route=\"/x\"} 160000");
}

/* The budget of a request: a few hundred nanoseconds.  The least of many rounds, since others use the machine too. */
Test(metrics, counting_a_request_is_cheap) {
    int64_t least = INT64_MAX;
    int route = cab_metrics_route(shared, "GET", "/x");
    for (int round = 0; round < 20; round++) {
        int64_t start = cab_now_us();
        for (int i = 0; i < 10000; i++)
            cab_metrics_request(shared, &(struct cab_metrics_request){ .route = route, .status = 200, .total_us = i,
                                                                       .database_us = i });
        int64_t took = cab_now_us() - start;
        least = took < least ? took : least;
    }
    fprintf(stderr, "a request is counted in %lld ns\n", (long long)(least / 10));
    cr_expect(least / 10 < 1000, "%lld ns", (long long)(least / 10));
}

/* What promtool would refuse: a sample before its TYPE, a metric twice, a name of other characters. */
Test(metrics, text_is_in_order) {
    int route = cab_metrics_route(shared, "GET", "/x");
    cab_metrics_request(shared, &(struct cab_metrics_request){ .route = route, .status = 200, .total_us = 5 });
    cab_metrics_pool_set(shared, cab_metrics_pool(shared, "api"), (int64_t[CAB_GAUGE__MAX]){ 0 }, 1000000);
    write_all();
    cr_assert(text.data[text.len - 1] == '\n');
    char current[128] = "";
    char *save = NULL;
    for (char *line = strtok_r(text.data, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save)) {
        char name[128] = "", type[16];
        if (sscanf(line, "# TYPE %127s %15s", name, type) == 2) {
            cr_expect(strspn(name, "abcdefghijklmnopqrstuvwxyz_") == strlen(name), "%s", name);
            bool is_total = strlen(name) > 6 && strcmp(name + strlen(name) - 6, "_total") == 0;
            cr_expect((strcmp(type, "counter") == 0) == is_total, "%s is a %s", name, type);
            memcpy(current, name, sizeof current);
        } else if (line[0] != '#') {
            cr_expect(current[0] != '\0' && strncmp(line, current, strlen(current)) == 0, "%s after %s", line, current);
        }
    }
}
