/*
 * shared: what all pools of a host know together, in one file of the runtime folder that each maps: metrics, and the
 * counters of throttles.
 *
 * The master opens it before it forks; workers inherit the mapping.  A process may be killed at any instruction:
 * metrics are counted by atomic additions alone, throttles under robust mutexes whose next owner undoes the entry that
 * was being written.  The file outlives restarts of single pools and ends with the machine's boot.  Its name carries
 * the number of the layout, so programs of two versions side by side never misread each other.
 *
 * Every function takes a NULL cab_shared: nothing is counted then, and every throttle is open.
 */
#ifndef CABINET_SHARED_H
#define CABINET_SHARED_H

#include <cabinet/base.h>

struct cab_shared;

struct cab_shared_options {
    const char *folder;        /* exists, writable by this user only; the file is <folder>/shared.<layout> */
    size_t throttle_entries;   /* keys that are remembered at once; rounded up to a power of two */
};

/*
 * Maps the file, which is made (mode 0600, space reserved) where it is not there.  Whoever comes first decides the
 * sizes; a file that nobody holds open and whose sizes, layout or boot differ is made anew.  A file that belongs to
 * somebody else, is open to others or no plain file is refused.  shared_out is below ctx; freeing it unmaps.  INTERNAL
 * with the reason and remedy where it cannot be had.
 */
int cab_shared_open(void *ctx, const struct cab_shared_options *options, struct cab_shared **shared_out,
                    struct cab_err *err) CAB_MUST_CHECK;

/* The same in memory that only this process and those it forks see: where the file cannot be opened, and in tests. */
struct cab_shared *cab_shared_private(void *ctx, const struct cab_shared_options *options);

/* The file's path; NULL where it is private memory. */
const char *cab_shared_path(const struct cab_shared *shared);

/* ---- metrics: counted without locks, a few tens of nanoseconds each; they only grow until the machine's boot ---- */

enum cab_counter {
#define CAB_COUNTER_ROW(name, metric, help) CAB_COUNTER_##name,
#include <cabinet/counters.def>
#undef CAB_COUNTER_ROW
    CAB_COUNTER__MAX
};

void cab_metrics_count(struct cab_shared *shared, enum cab_counter counter, uint64_t n);

/* The row of a route, made where it is new; 0, the row of requests that no route takes, where there is no room. */
int cab_metrics_route(struct cab_shared *shared, const char *method, const char *path);

struct cab_metrics_request {
    int route;             /* of cab_metrics_route */
    int status;            /* HTTP status */
    int64_t total_us;      /* from accepting the connection to the answer */
    int64_t database_us;   /* of that, waiting for the database */
    int64_t queued_ms;     /* before that, waiting for a worker */
};
void cab_metrics_request(struct cab_shared *shared, const struct cab_metrics_request *request);

/* What a pool's master says of it, about once a second. */
enum cab_gauge {
    CAB_GAUGE_SIZE, CAB_GAUGE_OVERFLOW_LIMIT, CAB_GAUGE_OVERFLOW, CAB_GAUGE_BUSY, CAB_GAUGE_IDLE, CAB_GAUGE_STARTING,
    CAB_GAUGE_LEAVING, CAB_GAUGE_CROWDED, CAB_GAUGE__MAX
};
/* The row of a pool by name; -1 where there is no room. */
int cab_metrics_pool(struct cab_shared *shared, const char *name);
void cab_metrics_pool_set(struct cab_shared *shared, int pool, const int64_t gauges[CAB_GAUGE__MAX], int64_t now_ms);

/* Appends all of it as Prometheus text (exposition format 0.0.4).  Pools that said nothing for 30 s are left out. */
void cab_metrics_write(const struct cab_shared *shared, struct cab_buf *buf, int64_t now_ms);
/* Appends `# HELP` and `# TYPE`; type is counter, gauge or histogram.  For whoever adds metrics of its own. */
void cab_metrics_head(struct cab_buf *buf, const char *name, const char *type, const char *help);
/* Appends value as a label's value, quotes included. */
void cab_metrics_label(struct cab_buf *buf, const char *value);

/* ---- throttles: sliding-window counters by key ----
 *
 * A key allows `quota` takes in any `window_s` seconds, by the approximation with two counters: those of the running
 * window, and those of the window before weighted by how much of it still lies in the last window_s seconds.  The table
 * has a fixed size; where a key finds no room, the one of its set that was not touched for longest is forgotten.  Keys
 * should be made by an HMAC under SECRET_KEY over the kind of throttle and what it counts, so that nobody can choose
 * keys that fall into one set, and no address or account name stands in the file.
 */

#define CAB_THROTTLE_KEY 16 /* bytes of a key; the first ones of an HMAC-SHA-256 */

struct cab_throttle_state {
    uint32_t left;     /* takes that are allowed now */
    uint32_t reset_s;  /* seconds until one more is; 0 while left > 0 */
};

/*
 * Takes one of key's quota; false: nothing was taken, because none was left.  now_ms is cab_now_ms().  state_out may be
 * NULL.  quota and window_s are at least 1 and belong to the kind of throttle: a key that comes with another window is
 * counted from zero.  True without counting where the table cannot be had within 50 ms.  About 100 ns.
 */
bool cab_throttle_take(struct cab_shared *shared, const unsigned char key[CAB_THROTTLE_KEY], uint32_t quota,
                       uint32_t window_s, int64_t now_ms, struct cab_throttle_state *state_out) CAB_MUST_CHECK;

/* What cab_throttle_take would answer, without taking: for throttles that count failures only, taken afterwards. */
bool cab_throttle_look(struct cab_shared *shared, const unsigned char key[CAB_THROTTLE_KEY], uint32_t quota,
                       uint32_t window_s, int64_t now_ms, struct cab_throttle_state *state_out) CAB_MUST_CHECK;

/* Forgets key: after a success, say. */
void cab_throttle_forget(struct cab_shared *shared, const unsigned char key[CAB_THROTTLE_KEY]);

#endif
