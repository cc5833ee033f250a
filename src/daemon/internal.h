/*
 * What the files of the daemon share among themselves: signals, listening socket, scoreboard, respawning, notification.
 */
#ifndef CAB_DAEMON_INTERNAL_H
#define CAB_DAEMON_INTERNAL_H

#include <cabinet/daemon.h>
#include <cabinet/route.h>

#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/types.h>

/* ---- signals: blocked all the time, let in only while waiting; a handler sets a flag and nothing else ---- */

/* Blocks signals (n of them), installs the handler, forgets what was seen; mask_out is for ppoll and epoll_pwait. */
void cab_signals_init(const int *signals, size_t n, sigset_t *mask_out);
/* A wait that finds a descriptor ready at once leaves signals where they are; this lets them in. */
void cab_signals_let_in(const sigset_t *mask);
/* ppoll that lets signals in whatever it finds. */
int cab_signals_poll(struct pollfd *fds, nfds_t n, int64_t timeout_ms, const sigset_t *mask);
/* Whether the signal came since it was last asked. */
bool cab_signal_take(int signal);

/* ---- the listening socket ---- */

struct cab_listener {
    int fd;              /* non-blocking, close-on-exec */
    bool is_inherited;   /* somebody else made it */
    char path[108];      /* of a unix socket we made, to be removed at the end; "" otherwise */
    dev_t dev;
    ino_t ino;
};

/* The socket handed on by USR2, by systemd (LISTEN_FDS), on descriptor 0, or a new one as LISTEN says. */
int cab_listener_open(const struct cab_conf *conf, struct cab_listener *listener, struct cab_err *err) CAB_MUST_CHECK;
/* A new one as conf->listen says. */
int cab_listener_make(const struct cab_conf *conf, struct cab_listener *listener, struct cab_err *err) CAB_MUST_CHECK;
/* Removes the socket's path while it still is ours; the descriptor stays open. */
void cab_listener_unlink(struct cab_listener *listener);
/* Sets the environment in which the program executed again finds the socket; inherit: whether it survives exec. */
void cab_listener_hand_on(const struct cab_listener *listener, bool inherit);
/* Whether a connection waits to be accepted. */
bool cab_listener_waiting(int fd);

/* ---- scoreboard: shared memory in which workers say what they do; the master only reads it ---- */

#define CAB_SLOTS 4096

enum cab_slot_state { CAB_SLOT_FREE = 0, CAB_SLOT_STARTING, CAB_SLOT_IDLE, CAB_SLOT_BUSY, CAB_SLOT_SHEDDING };

struct cab_slot {
    _Alignas(64) _Atomic int state;
    _Atomic int64_t since_ms;    /* when it took this state (busy: when the request arrived) */
    _Atomic uint64_t requests;   /* answered by this process */
};

/* Searches that run at once where nothing limits them. */
#define CAB_SEARCHES 1024

struct cab_scoreboard {
    _Atomic uint64_t idle[CAB_SLOTS / 64]; /* one bit a slot; bits cannot drift when a worker is killed */
    _Atomic int slots_used;                /* highest slot ever used, plus one */
    _Atomic int wake_wanted;               /* the master sleeps and wants to know when nobody is idle */
    _Atomic int limits_checked;            /* whether the server has room for the pool */
    _Atomic int ready_wanted;              /* the service manager waits for readiness: idle workers try the database */
    _Atomic int database_answered;         /* to any worker, ever */
    _Atomic int database_away;             /* so that one of many workers says it in the log */
    _Atomic int64_t database_silent_ms;    /* when a connect last ran into its timeout; 0: never */
    int wake_fd;                           /* eventfd that wakes the master */
    int64_t processors;
    int search_fds[2];                     /* socket pair of those that wait: into the first, out of the second */
    _Alignas(64) _Atomic int64_t others_ms; /* when something else than a search last came */
    _Alignas(64) _Atomic int searches_waiting;
    _Atomic int searches[CAB_SEARCHES];    /* of those that run: slot plus one; 0: free */
    struct cab_slot slots[CAB_SLOTS];
};

struct cab_scoreboard *cab_scoreboard_make(void);
void cab_scoreboard_free(struct cab_scoreboard *board);
/* By the master: a slot for a new worker, and its release; -1 where all are taken. */
int cab_slot_take(struct cab_scoreboard *board, int64_t now_ms);
void cab_slot_release(struct cab_scoreboard *board, int slot);
/* By the worker. */
void cab_slot_idle(struct cab_scoreboard *board, int slot, int64_t now_ms);
void cab_slot_busy(struct cab_scoreboard *board, int slot, int64_t now_ms);
bool cab_scoreboard_anyone_idle(const struct cab_scoreboard *board);
/* Requests taken so far by the living workers; changes whenever one takes or ends a request. */
uint64_t cab_scoreboard_progress(const struct cab_scoreboard *board);
void cab_scoreboard_wake(struct cab_scoreboard *board);

/* ---- searches: only so many run at once while other requests come, and the rest waits its turn ---- */

/* Whether a search may begin; it is to be ended by leave then.  Not where others wait already. */
bool cab_search_enter(struct cab_scoreboard *board, int slot, const struct cab_conf *conf);
void cab_search_leave(struct cab_scoreboard *board, int slot);
/* Something else has come. */
void cab_search_other(struct cab_scoreboard *board, int64_t now_ms);
/* Lets a search wait, given as by cab_fcgi_give_up; the descriptors are closed here.  -1, and they stay the caller's,
 * where too many wait.  The caller then looks for the next, as all that ran may have ended meanwhile. */
int cab_search_wait(struct cab_scoreboard *board, int fd, int records) CAB_MUST_CHECK;
/* The search that has waited longest, entered; false where none may begin. */
bool cab_search_next(struct cab_scoreboard *board, int slot, const struct cab_conf *conf, int *fd_out,
                     int *records_out);

/* ---- respawn: children that die young make the next ones wait, longer each time ---- */

#define CAB_YOUNG_MS 5000

struct cab_respawn {
    int failures;            /* in a row */
    int64_t since_ms;        /* of the last step; deaths of those forked before do not count again */
    int64_t not_before_ms;   /* no fork before */
};

/* A child forked then died young; true where the delay has grown. */
bool cab_respawn_failed(struct cab_respawn *respawn, int64_t forked_ms, int64_t now_ms);
/* A child forked then has lived long enough; true where the delay ends. */
bool cab_respawn_succeeded(struct cab_respawn *respawn, int64_t forked_ms);
/* Milliseconds until a fork is allowed; 0: now. */
int64_t cab_respawn_wait(const struct cab_respawn *respawn, int64_t now_ms);

/* ---- settings in the daemon ---- */

/* Names of the settings that cabinetd cannot do without, NULL-ended. */
extern const char *const cab_daemon_required[];
enum cab_log_level cab_log_level_of(const struct cab_conf *conf);
/* One log line for each flaw of a failed load. */
void cab_conf_log_flaws(const struct cab_err *err);

/* ---- service manager (sd_notify protocol); nothing happens where none listens ---- */

void cab_notify(const char *fmt, ...) CAB_PRINTF(1, 2);
/* Milliseconds between two WATCHDOG=1, or 0 where none is wanted. */
int64_t cab_notify_watchdog_ms(void);

/* ---- the pool, as the master keeps it ---- */

struct cab_child {
    pid_t pid;               /* 0: none */
    int generation;          /* of the settings it runs with */
    int64_t forked_ms;
    int64_t leave_by_ms;     /* killed after; 0: not asked to leave */
    bool killed;             /* by us */
    bool is_shedder;         /* answers 503 to those who waited too long; not counted as worker */
};

struct cab_pool {
    void *mem;
    struct cab_conf *conf;
    const char *conf_file, *name;
    char **argv;
    struct cab_listener listener;
    struct cab_scoreboard *board;
    struct cab_shared *shared;
    const int *metric_rows;          /* of shared, for each row of cab_routes */
    int n_metric_rows, metric_row;   /* the pool's own */
    int64_t published_ms;
    pid_t monitor;                   /* answers GET /metrics; 0: none */
    int64_t monitor_not_before_ms;
    sigset_t wait_mask;
    struct cab_child *children;      /* by slot */
    int generation;
    int n_surplus;                   /* workers wanted beyond DB_POOL_SIZE, for now */
    struct cab_respawn respawn;
    pid_t *inherited; int n_inherited; /* workers of the image before USR2, and when they must be gone */
    int64_t inherited_leave_by_ms;
    pid_t preflight;                 /* the new image being tried before USR2 executes it */
    bool is_ready;                   /* all workers are there */
    bool is_told;                    /* the service manager knows, as the database has answered too */
    bool is_waiting;                 /* it knows that the database has not */
    bool is_rolling;                 /* settings were reloaded; old workers are being replaced */
    int64_t stopping_by_ms;          /* 0: not stopping */
    int64_t looked_ms;               /* at the scoreboard for the last time */
    int64_t crowded_since_ms;        /* nobody idle and connections waiting since; 0: not so */
    int64_t standstill_since_ms;     /* … and no request taken or ended since */
    uint64_t progress;
    int burst;                       /* workers of the next overflow step */
    bool watches_listener;           /* nobody is idle: the master wants to see the next connection */
};

/* Counts of living workers that were not asked to leave. */
struct cab_census { int current, current_ready, starting, old, leaving, inherited, shedders; };
struct cab_census cab_pool_census(const struct cab_pool *pool);

/* Forks one worker; -1 where that failed (throttled then). */
int cab_pool_spawn(struct cab_pool *pool, bool is_shedder) CAB_MUST_CHECK;
/* Collects dead children, with one log line for each that did not leave in order. */
void cab_pool_reap(struct cab_pool *pool);
/* Asks the child of slot to leave after its request (SIGHUP), or after the waiting ones (SIGTERM). */
void cab_pool_ask(struct cab_pool *pool, int slot, int signal);
void cab_pool_ask_all(struct cab_pool *pool, int signal);
void cab_pool_kill_all(struct cab_pool *pool);
/* Kills children that are stuck or late. */
void cab_pool_check_time(struct cab_pool *pool);
/* Brings the number of workers to what is wanted. */
void cab_pool_keep(struct cab_pool *pool);
/* Grows while all are busy and connections wait, shrinks when workers were idle for long; returns milliseconds until it
 * wants to look again. */
int64_t cab_pool_adapt(struct cab_pool *pool);

/* Ends a child: nothing of the master's is flushed or called. */
void cab_child_exit(int status) __attribute__((noreturn));

/* The process that answers GET /metrics: started where there is none, asked to leave, noticed when it is gone. */
void cab_monitor_keep(struct cab_pool *pool);
void cab_monitor_ask(const struct cab_pool *pool);
bool cab_monitor_reap(struct cab_pool *pool, pid_t pid);
/* Tells the metrics how the pool is, once a second. */
void cab_pool_publish(struct cab_pool *pool);

/* Takes down which file runs, where the command line does not say. */
void cab_reexec_remember(struct cab_pool *pool);
/* USR2: tries the program with --check-config first, then executes it.  Return where that did not work. */
void cab_reexec_try(struct cab_pool *pool);
void cab_reexec_now(struct cab_pool *pool);
/* In the new image: the workers of the old one. */
void cab_reexec_inherit(struct cab_pool *pool);

/* ---- worker ---- */

struct cab_worker_options {
    const struct cab_conf *conf;
    struct cab_scoreboard *board;
    struct cab_shared *shared; /* NULL in tests */
    const int *metric_rows; int n_metric_rows;
    int slot;
    int listen_fd;
    pid_t master;            /* leaves when this process is gone; 0: nobody's child (tests) */
};

/* The part of every child's life that comes first: signals, name, the master's death. */
void cab_worker_begin(const struct cab_worker_options *options, const char *name, sigset_t *mask_out);
/* Whether workers may use catalog; INTERNAL with object and remedy otherwise. */
int cab_daemon_check_catalog(const struct cab_catalog *catalog, struct cab_err *err) CAB_MUST_CHECK;
/* What the database layer needs to know, from the settings; name (of the application) must live as long. */
struct cab_db_options cab_daemon_db_options(const struct cab_conf *conf, const char *name);

/* A worker's life between fork and exit; returns the exit status. */
int cab_worker_run(const struct cab_worker_options *options);
/* One that answers 503 to requests that waited for DB_POOL_TIMEOUT while no worker took any. */
int cab_shedder_run(const struct cab_worker_options *options);
#endif
