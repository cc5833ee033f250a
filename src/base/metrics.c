/*
 * metrics, counting: atomic additions in the stripe of the processor that we run on.  Two workers meet in a stripe only
 * when one was moved in between, so the additions are right and rarely wait.  Names have rows that are made once.
 */
#include "base/shared_private.h"

#include <sched.h>
#include <string.h>

_Static_assert((int)CAB_COUNTER__MAX <= (int)CAB_METRIC_COUNTERS, "the counters find room");
_Static_assert((int)CAB_GAUGE__MAX <= 16, "the gauges find room");

static void add(_Atomic uint64_t *counter, uint64_t n) {
    atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static struct cab_metric_stripe *stripe(struct cab_shared *shared) {
    int processor = sched_getcpu();
    return &shared->stripes[processor < 0 ? 0 : (uint32_t)processor % shared->head->stripes];
}

void cab_metrics_init(struct cab_shared *shared) {
    cab_shared_lock_init(&shared->names->lock);
    memcpy(shared->names->routes[0].path, "unmatched", sizeof "unmatched");
    atomic_store(&shared->names->n_routes, 1);
}

void cab_metrics_count(struct cab_shared *shared, enum cab_counter counter, uint64_t n) {
    if (shared != NULL)
        add(&stripe(shared)->counters[counter], n);
}

static void histogram_add(struct cab_metric_histogram *histogram, int64_t us) {
    int i = 0;
    while (i < CAB_METRIC_BUCKETS - 1 && us > cab_metric_limits_us[i])
        i++;
    add(&histogram->buckets[i], 1);
    add(&histogram->sum_us, us > 0 ? (uint64_t)us : 0);
}

void cab_metrics_request(struct cab_shared *shared, const struct cab_metrics_request *request) {
    if (shared == NULL)
        return;
    struct cab_metric_stripe *s = stripe(shared);
    int route = request->route >= 0 && request->route < CAB_METRIC_ROUTES ? request->route : 0;
    add(&s->routes[route].statuses[cab_metric_status_row(request->status)], 1);
    histogram_add(&s->routes[route].latency, request->total_us);
    if (request->database_us > 0)
        add(&s->routes[route].database_us, (uint64_t)request->database_us);
    histogram_add(&s->waits, request->queued_ms * 1000);
}

/* ---- rows with names ---- */

int cab_metrics_route(struct cab_shared *shared, const char *method, const char *path) {
    bool had_died;
    int row = 0;
    if (shared == NULL || strlen(method) >= sizeof shared->names->routes[0].method ||
        strlen(path) >= sizeof shared->names->routes[0].path || cab_shared_lock(&shared->names->lock, &had_died) != 0)
        return 0;
    struct cab_metric_names *names = shared->names;
    int n = (int)atomic_load(&names->n_routes);
    for (int i = 1; i < n && row == 0; i++)
        if (strcmp(names->routes[i].method, method) == 0 && strcmp(names->routes[i].path, path) == 0)
            row = i;
    if (row == 0 && n < CAB_METRIC_ROUTES) {
        row = n;
        memcpy(names->routes[row].method, method, strlen(method) + 1);
        memcpy(names->routes[row].path, path, strlen(path) + 1);
        atomic_store(&names->n_routes, (uint32_t)n + 1);
    }
    pthread_mutex_unlock(&names->lock);
    return row;
}

int cab_metrics_pool(struct cab_shared *shared, const char *name) {
    bool had_died;
    int row = -1;
    if (shared == NULL || strlen(name) >= sizeof shared->names->pools[0].name ||
        cab_shared_lock(&shared->names->lock, &had_died) != 0)
        return -1;
    struct cab_metric_names *names = shared->names;
    int n = (int)atomic_load(&names->n_pools);
    for (int i = 0; i < n && row < 0; i++)
        if (strcmp(names->pools[i].name, name) == 0)
            row = i;
    if (row < 0 && n < CAB_METRIC_POOLS) {
        row = n;
        memcpy(names->pools[row].name, name, strlen(name) + 1);
        atomic_store(&names->n_pools, (uint32_t)n + 1);
    }
    pthread_mutex_unlock(&names->lock);
    return row;
}

void cab_metrics_pool_set(struct cab_shared *shared, int pool, const int64_t gauges[CAB_GAUGE__MAX], int64_t now_ms) {
    if (shared == NULL || pool < 0 || pool >= CAB_METRIC_POOLS)
        return;
    for (int i = 0; i < CAB_GAUGE__MAX; i++)
        atomic_store_explicit(&shared->names->pools[pool].gauges[i], gauges[i], memory_order_relaxed);
    atomic_store_explicit(&shared->names->pools[pool].seen_ms, now_ms, memory_order_relaxed);
}
