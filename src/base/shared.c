/*
 * shared: the file that all pools of a host map.  Who may make it anew is decided by flock: every process that maps it
 * holds a shared lock for life, so whoever gets the exclusive one is alone.  Knows the regions' sizes, not their use.
 */
#include "base/shared_private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define TRIES 200
#define PAUSE_NS 10000000L
#define LOCK_NS 50000000L

static const char magic[8] = "CABSHARE";

/* ---- locks ---- */

void cab_shared_lock_init(pthread_mutex_t *lock) {
    pthread_mutexattr_t attributes;
    CAB_BUG_ON(pthread_mutexattr_init(&attributes) != 0 ||
               pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED) != 0 ||
               pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST) != 0 ||
               pthread_mutex_init(lock, &attributes) != 0);
    pthread_mutexattr_destroy(&attributes);
}

int cab_shared_lock(pthread_mutex_t *lock, bool *had_died) {
    *had_died = false;
    int failed = pthread_mutex_trylock(lock);
    if (failed == EBUSY) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += LOCK_NS;
        if (until.tv_nsec >= 1000000000L) {
            until.tv_nsec -= 1000000000L;
            until.tv_sec++;
        }
        failed = pthread_mutex_clocklock(lock, CLOCK_MONOTONIC, &until);
    }
    if (failed == EOWNERDEAD) {
        *had_died = true;
        failed = pthread_mutex_consistent(lock);
    }
    return failed == 0 ? 0 : -1;
}

/* ---- sizes ---- */

static void plan(const struct cab_shared_options *options, struct cab_shared_head *head) {
    size_t entries = CAB_THROTTLE_LEAST;
    while (entries < options->throttle_entries && entries < CAB_THROTTLE_MOST)
        entries *= 2;
    *head = (struct cab_shared_head){ .layout = CAB_SHARED_LAYOUT, .head_bytes = sizeof *head,
                                      .throttle_sets = (uint32_t)(entries / CAB_THROTTLE_WAYS),
                                      .set_bytes = sizeof(struct cab_throttle_set),
                                      .stripe_bytes = sizeof(struct cab_metric_stripe),
                                      .names_bytes = sizeof(struct cab_metric_names) };
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    head->stripes = processors < 1 ? 1 : processors < CAB_METRIC_STRIPES ? (uint32_t)processors : CAB_METRIC_STRIPES;
    memcpy(head->magic, magic, sizeof magic);
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        ssize_t n = read(fd, head->boot, sizeof head->boot - 1);
        if (n < 0)
            head->boot[0] = '\0';
        close(fd);
    }
}

static size_t round_up(size_t n) {
    return (n + 4095) / 4096 * 4096;
}

/* Head, names and stripes of metrics, sets of throttles; each begins a page. */
static size_t names_offset(void) {
    return round_up(sizeof(struct cab_shared_head));
}

static size_t stripes_offset(void) {
    return names_offset() + round_up(sizeof(struct cab_metric_names));
}

static size_t sets_offset(const struct cab_shared_head *head) {
    return stripes_offset() + round_up(head->stripes * sizeof(struct cab_metric_stripe));
}

static size_t total(const struct cab_shared_head *head) {
    return sets_offset(head) + round_up((size_t)head->throttle_sets * sizeof(struct cab_throttle_set));
}

static void find_regions(struct cab_shared *shared) {
    shared->head = shared->map;
    shared->names = (void *)((char *)shared->map + names_offset());
    shared->stripes = (void *)((char *)shared->map + stripes_offset());
    shared->sets = (void *)((char *)shared->map + sets_offset(shared->head));
}

static void fill(struct cab_shared *shared, const struct cab_shared_head *head) {
    memcpy(shared->map, head, sizeof *head);
    find_regions(shared);
    shared->head->bytes = shared->bytes;
    cab_metrics_init(shared);
    cab_throttle_table_init(shared->sets, head->throttle_sets);
    atomic_store(&shared->head->is_whole, 1);
}

static void unmap(void *ptr) {
    struct cab_shared *shared = ptr;
    if (shared->map != NULL)
        munmap(shared->map, shared->bytes);
    if (shared->fd >= 0)
        close(shared->fd);
}

static struct cab_shared *make(void *ctx) {
    struct cab_shared *shared = cab_new(ctx, struct cab_shared);
    shared->fd = -1;
    cab_mem_on_free(shared, unmap);
    return shared;
}

struct cab_shared *cab_shared_private(void *ctx, const struct cab_shared_options *options) {
    struct cab_shared *shared = make(ctx);
    struct cab_shared_head head;
    plan(options, &head);
    shared->bytes = total(&head);
    void *map = mmap(NULL, shared->bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED)
        cab_die("no memory to share with workers: %s", strerror(errno));
    shared->map = map;
    fill(shared, &head);
    return shared;
}

const char *cab_shared_path(const struct cab_shared *shared) {
    return shared == NULL ? NULL : shared->path;
}

/* ---- the file ---- */

static int fail(struct cab_err *err, const char *path, const char *why) {
    return cab_fail(err, CAB_PROBLEM_INTERNAL, "%s, which all pools of the host share, cannot be used: %s.", path, why);
}

static int open_file(struct cab_shared *shared, struct stat *st, struct cab_err *err) {
    shared->fd = open(shared->path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    if (shared->fd < 0)
        return fail(err, shared->path, errno == ELOOP ? "it is a symbolic link; remove it" : strerror(errno));
    if (fstat(shared->fd, st) != 0)
        return fail(err, shared->path, strerror(errno));
    if (!S_ISREG(st->st_mode) || st->st_nlink > 1)
        return fail(err, shared->path, "it is not a plain file of one name; remove it");
    if (st->st_uid != geteuid() || (st->st_mode & 077) != 0)
        return fail(err, shared->path, "it belongs to another user or is open to others; remove it, and let all pools "
                                       "run as one user");
    return 0;
}

/* Whether path still names the file that was opened: another process may have made a new one meanwhile. */
static bool is_current(const struct cab_shared *shared, const struct stat *st) {
    struct stat now;
    return lstat(shared->path, &now) == 0 && now.st_dev == st->st_dev && now.st_ino == st->st_ino;
}

/* 1: maps a whole file of this layout and boot; with wanted, of these sizes too. */
static int map_existing(struct cab_shared *shared, const struct cab_shared_head *wanted, bool is_strict) {
    struct cab_shared_head head;
    struct stat st;
    if (fstat(shared->fd, &st) != 0 || st.st_size < (off_t)sizeof head ||
        pread(shared->fd, &head, sizeof head, 0) != (ssize_t)sizeof head)
        return 0;
    if (memcmp(head.magic, magic, sizeof magic) != 0 || head.is_whole != 1 || head.layout != CAB_SHARED_LAYOUT ||
        head.head_bytes != sizeof head || head.set_bytes != wanted->set_bytes ||
        head.stripe_bytes != wanted->stripe_bytes || head.names_bytes != wanted->names_bytes || head.stripes == 0 ||
        head.stripes > CAB_METRIC_STRIPES || head.throttle_sets == 0 ||
        memcmp(head.boot, wanted->boot, sizeof head.boot) != 0 ||
        head.throttle_sets > CAB_THROTTLE_MOST / CAB_THROTTLE_WAYS ||
        (head.throttle_sets & (head.throttle_sets - 1)) != 0 || head.bytes != total(&head) ||
        (uint64_t)st.st_size != head.bytes || (is_strict && head.throttle_sets != wanted->throttle_sets))
        return 0;
    void *map = mmap(NULL, head.bytes, PROT_READ | PROT_WRITE, MAP_SHARED, shared->fd, 0);
    if (map == MAP_FAILED)
        return 0;
    shared->map = map;
    shared->bytes = head.bytes;
    find_regions(shared);
    return 1;
}

/* We are alone with an empty file: gives it its contents.  Space is taken now: a write to a full disk would kill. */
static int make_contents(struct cab_shared *shared, const struct cab_shared_head *head, struct cab_err *err) {
    size_t bytes = total(head);
    int failed = posix_fallocate(shared->fd, 0, (off_t)bytes);
    void *map = failed == 0 ? mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, shared->fd, 0) : MAP_FAILED;
    if (map == MAP_FAILED) {
        if (failed == 0)
            failed = errno;
        (void)unlink(shared->path);
        return fail(err, shared->path, strerror(failed));
    }
    shared->map = map;
    shared->bytes = bytes;
    fill(shared, head);
    return 0;
}

static void let_go(struct cab_shared *shared) {
    if (shared->map != NULL)
        munmap(shared->map, shared->bytes);
    shared->map = NULL;
    if (shared->fd >= 0)
        close(shared->fd);
    shared->fd = -1;
}

/* One try: 1 mapped, 0 to be tried again, -1 failed. */
static int try_open(struct cab_shared *shared, const struct cab_shared_head *head, struct cab_err *err) {
    struct stat st;
    if (open_file(shared, &st, err) != 0)
        return -1;
    if (flock(shared->fd, LOCK_EX | LOCK_NB) == 0) {
        if (!is_current(shared, &st))
            return 0;
        /* the size again: it may have been made since it was opened */
        if (fstat(shared->fd, &st) != 0)
            return fail(err, shared->path, strerror(errno));
        if (map_existing(shared, head, true) == 0) {
            if (st.st_size > 0) /* not shortened: that would kill whoever maps it in spite of all */
                return unlink(shared->path) == 0 ? 0 : fail(err, shared->path, strerror(errno));
            if (make_contents(shared, head, err) != 0)
                return -1;
        }
        return flock(shared->fd, LOCK_SH | LOCK_NB) == 0 && is_current(shared, &st) ? 1 : 0;
    }
    if (errno != EWOULDBLOCK)
        return fail(err, shared->path, strerror(errno));
    if (flock(shared->fd, LOCK_SH | LOCK_NB) != 0 || !is_current(shared, &st))
        return 0;
    return map_existing(shared, head, false);
}

int cab_shared_open(void *ctx, const struct cab_shared_options *options, struct cab_shared **shared_out,
                    struct cab_err *err) {
    struct cab_shared *shared = make(ctx);
    struct cab_shared_head head;
    int done = 0;

    plan(options, &head);
    shared->path = cab_printf(shared, "%s/shared.%d", options->folder, CAB_SHARED_LAYOUT);
    for (int i = 0; i < TRIES && done == 0; i++) {
        done = try_open(shared, &head, err);
        if (done == 1)
            break;
        let_go(shared);
        struct timespec pause = { .tv_nsec = PAUSE_NS };
        if (done == 0)
            nanosleep(&pause, NULL);
    }
    if (done == 1) {
        *shared_out = shared;
        return 0;
    }
    if (done == 0)
        (void)fail(err, shared->path, "another process holds it and it is not whole; stop all pools, and remove it");
    cab_mem_free(shared);
    return -1;
}
