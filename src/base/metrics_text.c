/*
 * metrics, read: sums over the stripes as Prometheus text (exposition format 0.0.4).  What was never counted is left
 * out, so that a route costs nothing until it is used.
 */
#include "base/shared_private.h"

#include <inttypes.h>
#include <string.h>

#define POOL_SILENT_MS 30000

/* Upper limits of the buckets; the last bucket has none. */
const int64_t cab_metric_limits_us[CAB_METRIC_BUCKETS - 1] = { 250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000,
                                                               250000, 500000, 1000000, 2500000, 5000000, 10000000 };

static const int statuses[] = { 0, 200, 201, 202, 204, 206, 304, 400, 401, 403, 404, 405, 406, 408, 409, 410, 412, 413,
                                414, 415, 422, 424, 428, 429, 431, 499, 500, 501, 502, 503, 504 };
_Static_assert(CAB_LENGTH(statuses) <= CAB_METRIC_STATUSES, "the statuses find room");

int cab_metric_status_row(int status) {
    for (int i = 1; i < (int)CAB_LENGTH(statuses); i++)
        if (statuses[i] == status)
            return i;
    return 0;
}

void cab_metrics_head(struct cab_buf *buf, const char *name, const char *type, const char *help) {
    cab_buf_addf(buf, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void cab_metrics_label(struct cab_buf *buf, const char *value) {
    cab_buf_addc(buf, '"');
    for (; *value != '\0'; value++) {
        if (*value == '\n') {
            cab_buf_adds(buf, "\\n");
            continue;
        }
        if (*value == '"' || *value == '\\')
            cab_buf_addc(buf, '\\');
        cab_buf_addc(buf, *value);
    }
    cab_buf_addc(buf, '"');
}

/* `at` is a member of the first stripe; the sum of the same member of all. */
static uint64_t sum(const struct cab_shared *shared, const _Atomic uint64_t *at) {
    size_t offset = (size_t)((const char *)at - (const char *)shared->stripes);
    uint64_t n = 0;
    for (uint32_t i = 0; i < shared->head->stripes; i++)
        n += atomic_load_explicit((const _Atomic uint64_t *)((const char *)&shared->stripes[i] + offset),
                                  memory_order_relaxed);
    return n;
}

static void route_labels(const struct cab_shared *shared, struct cab_buf *buf, uint32_t route) {
    cab_buf_adds(buf, "method=");
    cab_metrics_label(buf, shared->names->routes[route].method);
    cab_buf_adds(buf, ",route=");
    cab_metrics_label(buf, shared->names->routes[route].path);
}

static void add_requests(const struct cab_shared *shared, struct cab_buf *buf, uint32_t n_routes) {
    cab_metrics_head(buf, "cabinet_http_requests_total", "counter", "Requests answered, by route and status.");
    for (uint32_t route = 0; route < n_routes; route++) {
        for (size_t i = 0; i < CAB_LENGTH(statuses); i++) {
            uint64_t n = sum(shared, &shared->stripes[0].routes[route].statuses[i]);
            if (n == 0)
                continue;
            cab_buf_adds(buf, "cabinet_http_requests_total{");
            route_labels(shared, buf, route);
            if (statuses[i] == 0)
                cab_buf_addf(buf, ",status=\"other\"} %" PRIu64 "\n", n);
            else
                cab_buf_addf(buf, ",status=\"%d\"} %" PRIu64 "\n", statuses[i], n);
        }
    }
}

/* The counts are read once and `count` made of them, so that the buckets agree with it while others count on. */
static void add_histogram(const struct cab_shared *shared, struct cab_buf *buf, const char *name, const char *labels,
                          const struct cab_metric_histogram *histogram) {
    const char *comma = labels[0] == '\0' ? "" : ",";
    uint64_t count = 0;
    for (int i = 0; i < CAB_METRIC_BUCKETS; i++) {
        count += sum(shared, &histogram->buckets[i]);
        if (i < CAB_METRIC_BUCKETS - 1)
            cab_buf_addf(buf, "%s_bucket{%s%sle=\"%g\"} %" PRIu64 "\n", name, labels, comma,
                         (double)cab_metric_limits_us[i] / 1e6, count);
        else
            cab_buf_addf(buf, "%s_bucket{%s%sle=\"+Inf\"} %" PRIu64 "\n", name, labels, comma, count);
    }
    const char *open = labels[0] == '\0' ? "" : "{", *close = labels[0] == '\0' ? "" : "}";
    cab_buf_addf(buf, "%s_sum%s%s%s %.6f\n", name, open, labels, close, (double)sum(shared, &histogram->sum_us) / 1e6);
    cab_buf_addf(buf, "%s_count%s%s%s %" PRIu64 "\n", name, open, labels, close, count);
}

static bool is_used(const struct cab_shared *shared, uint32_t route) {
    for (size_t i = 0; i < CAB_LENGTH(statuses); i++)
        if (sum(shared, &shared->stripes[0].routes[route].statuses[i]) > 0)
            return true;
    return false;
}

static void add_times(const struct cab_shared *shared, struct cab_buf *buf, uint32_t n_routes) {
    struct cab_buf labels;
    cab_buf_init(&labels, buf->ctx, 127);
    cab_metrics_head(buf, "cabinet_http_request_duration_seconds", "histogram",
                     "Time from accepting a request to its answer, by route.");
    for (uint32_t route = 0; route < n_routes; route++) {
        if (!is_used(shared, route))
            continue;
        cab_buf_reset(&labels);
        route_labels(shared, &labels, route);
        add_histogram(shared, buf, "cabinet_http_request_duration_seconds", labels.data,
                      &shared->stripes[0].routes[route].latency);
    }
    cab_metrics_head(buf, "cabinet_database_seconds_total", "counter",
                     "Time that requests waited for the database, by route.");
    for (uint32_t route = 0; route < n_routes; route++) {
        if (!is_used(shared, route))
            continue;
        cab_buf_adds(buf, "cabinet_database_seconds_total{");
        route_labels(shared, buf, route);
        cab_buf_addf(buf, "} %.6f\n", (double)sum(shared, &shared->stripes[0].routes[route].database_us) / 1e6);
    }
    cab_metrics_head(buf, "cabinet_request_queue_seconds", "histogram", "Time that requests waited for a worker.");
    add_histogram(shared, buf, "cabinet_request_queue_seconds", "", &shared->stripes[0].waits);
}

/* ---- counters and pools: tables ---- */

static const struct { const char *metric, *help; } counters[] = {
#define CAB_COUNTER_ROW(name_, metric_, help_) [CAB_COUNTER_##name_] = { metric_, help_ },
#include <cabinet/counters.def>
#undef CAB_COUNTER_ROW
};

static const struct { enum cab_gauge gauge; const char *metric, *state, *help; } gauges[] = {
    { CAB_GAUGE_SIZE, "cabinet_pool_size", NULL, "Workers that a pool always has (DB_POOL_SIZE)." },
    { CAB_GAUGE_OVERFLOW_LIMIT, "cabinet_pool_overflow_limit", NULL, "Further workers allowed (DB_MAX_OVERFLOW)." },
    { CAB_GAUGE_OVERFLOW, "cabinet_pool_overflow", NULL, "Further workers wanted now." },
    { CAB_GAUGE_CROWDED, "cabinet_pool_waiting", NULL,
      "Whether all workers are busy and connections wait (1) or not (0)." },
    { CAB_GAUGE_BUSY, "cabinet_pool_workers", "busy", "Workers by state." },
    { CAB_GAUGE_IDLE, "cabinet_pool_workers", "idle", "" },
    { CAB_GAUGE_STARTING, "cabinet_pool_workers", "starting", "" },
    { CAB_GAUGE_LEAVING, "cabinet_pool_workers", "leaving", "" },
};

static void add_pools(const struct cab_shared *shared, struct cab_buf *buf, int64_t now_ms) {
    uint32_t n = atomic_load(&shared->names->n_pools);
    const char *before = "";
    for (size_t i = 0; i < CAB_LENGTH(gauges); i++) {
        if (strcmp(gauges[i].metric, before) != 0)
            cab_metrics_head(buf, gauges[i].metric, "gauge", gauges[i].help);
        before = gauges[i].metric;
        for (uint32_t pool = 0; pool < n && pool < CAB_METRIC_POOLS; pool++) {
            int64_t seen = atomic_load_explicit(&shared->names->pools[pool].seen_ms, memory_order_relaxed);
            if (seen == 0 || now_ms - seen > POOL_SILENT_MS)
                continue;
            cab_buf_addf(buf, "%s{pool=", gauges[i].metric);
            cab_metrics_label(buf, shared->names->pools[pool].name);
            if (gauges[i].state != NULL)
                cab_buf_addf(buf, ",state=\"%s\"", gauges[i].state);
            cab_buf_addf(buf, "} %" PRId64 "\n", atomic_load_explicit(
                &shared->names->pools[pool].gauges[gauges[i].gauge], memory_order_relaxed));
        }
    }
}

void cab_metrics_write(const struct cab_shared *shared, struct cab_buf *buf, int64_t now_ms) {
    if (shared == NULL)
        return;
    uint32_t n_routes = atomic_load(&shared->names->n_routes);
    if (n_routes > CAB_METRIC_ROUTES)
        n_routes = CAB_METRIC_ROUTES;
    add_requests(shared, buf, n_routes);
    add_times(shared, buf, n_routes);
    for (size_t i = 0; i < CAB_LENGTH(counters); i++) {
        cab_metrics_head(buf, counters[i].metric, "counter", counters[i].help);
        cab_buf_addf(buf, "%s %" PRIu64 "\n", counters[i].metric, sum(shared, &shared->stripes[0].counters[i]));
    }
    add_pools(shared, buf, now_ms);
}
