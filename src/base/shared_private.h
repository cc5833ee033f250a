/*
 * shared, inside: the layout of the file.  Whoever changes it raises CAB_SHARED_LAYOUT.
 */
#ifndef CAB_SHARED_PRIVATE_H
#define CAB_SHARED_PRIVATE_H

#include <cabinet/shared.h>

#include <pthread.h>
#include <stdatomic.h>

#define CAB_SHARED_LAYOUT 2

/* ---- throttles ---- */

enum { CAB_THROTTLE_WAYS = 16, CAB_THROTTLE_LEAST = 1024, CAB_THROTTLE_MOST = 1 << 24 };

struct cab_throttle_entry {
    uint64_t key[2];
    int64_t start_ms;          /* of the running window; of cab_now_ms() */
    int64_t touched_ms;        /* 0: the entry is free */
    uint32_t window_s, before, now; /* takes in the window before, and in the running one */
    uint32_t unused;
};

struct cab_throttle_set {
    _Alignas(64) pthread_mutex_t lock; /* robust, shared among processes */
    _Atomic uint32_t writing;  /* the entry being written, plus one; 0: none */
    struct cab_throttle_entry entries[CAB_THROTTLE_WAYS];
};

/* ---- metrics ---- */

enum {
    CAB_METRIC_ROUTES = 128,   /* the first stands for what no route takes, and for those that find no room */
    CAB_METRIC_STATUSES = 40,
    CAB_METRIC_BUCKETS = 16,   /* the last one without limit */
    CAB_METRIC_POOLS = 16,
    CAB_METRIC_COUNTERS = 32,
    CAB_METRIC_STRIPES = 32    /* at most; one for each processor, so that counting on one disturbs no other */
};

struct cab_metric_histogram {
    _Atomic uint64_t buckets[CAB_METRIC_BUCKETS];
    _Atomic uint64_t sum_us;
};

struct cab_metric_stripe {
    struct {
        _Alignas(64) _Atomic uint64_t statuses[CAB_METRIC_STATUSES];
        struct cab_metric_histogram latency;
        _Atomic uint64_t database_us;
    } routes[CAB_METRIC_ROUTES];
    struct cab_metric_histogram waits;
    _Atomic uint64_t counters[CAB_METRIC_COUNTERS];
};

extern const int64_t cab_metric_limits_us[CAB_METRIC_BUCKETS - 1];
/* Row of a status among those that are counted by themselves; 0: the others together. */
int cab_metric_status_row(int status);

/* Names, written once under the lock; a row counts once n covers it. */
struct cab_metric_names {
    pthread_mutex_t lock;
    _Atomic uint32_t n_routes, n_pools;
    struct { char method[8], path[88]; } routes[CAB_METRIC_ROUTES];
    struct {
        char name[32];
        _Atomic int64_t seen_ms;
        _Atomic int64_t gauges[16];
    } pools[CAB_METRIC_POOLS];
};

/* ---- the file ---- */

struct cab_shared_head {
    char magic[8];
    uint32_t layout, head_bytes;
    uint64_t bytes;            /* of the whole file */
    char boot[40];             /* the boot it was made in: locks of an earlier one have no owners left */
    uint32_t throttle_sets;    /* a power of two */
    uint32_t set_bytes;
    uint32_t stripes, stripe_bytes, names_bytes;
    _Atomic uint32_t is_whole; /* set last */
};

struct cab_shared {
    void *map;
    size_t bytes;
    int fd;                    /* holds a shared lock on the file as long as the process and its children live; -1 */
    char *path;
    struct cab_shared_head *head;
    struct cab_throttle_set *sets;
    struct cab_metric_names *names;
    struct cab_metric_stripe *stripes;
};

/* The lock and the first rows of new metrics. */
void cab_metrics_init(struct cab_shared *shared);
/* Makes the locks of a new table. */
void cab_throttle_table_init(struct cab_throttle_set *sets, uint32_t n);
/* Locks within 50 ms, whatever became of the owner before; *had_died: it was killed meanwhile.  -1: not to be had. */
int cab_shared_lock(pthread_mutex_t *lock, bool *had_died) CAB_MUST_CHECK;
void cab_shared_lock_init(pthread_mutex_t *lock);

#endif
