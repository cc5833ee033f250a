/*
 * db, inside: what the files of this layer share.  Only src/db includes this; libpq is known here and nowhere else.
 */
#ifndef CABINET_DB_PRIVATE_H
#define CABINET_DB_PRIVATE_H

#include <cabinet/db.h>
#include <libpq-fe.h>

enum {
    CAB_STATEMENTS_MAX = 256,  /* kept prepared in a connection; each costs the server tens of kilobytes */
    CAB_CANCEL_MS = 1000,      /* a cancelled statement must end within this */
    CAB_PING_IDLE_MS = 30000,  /* a connection unused for this long is pinged before use */
    CAB_PING_MS = 1000,
    CAB_SILENT_MS = 500        /* a connect that failed as late as this is not tried again for as long */
};

/* ---- statements (statement.c): texts that the connection has prepared ---- */

struct cab_statement {
    struct cab_statement *next; /* of the same bucket */
    const char *text;
    size_t len;
    uint64_t hash, used;        /* used: the run that used it last */
    char name[24];
    bool is_prepared;           /* the server has it */
    bool is_queued;             /* its preparation is in the running pipeline */
};

struct cab_statements {
    struct cab_statement *buckets[512];
    int count;
    uint64_t run, names;
    char (*doomed)[24]; int n_doomed, cap_doomed; /* names that the next pipeline deallocates first */
};

struct cab_statements *cab_statements_make(void *ctx);
/* Forgets all; the server's went with its connection. */
void cab_statements_clear(struct cab_statements *statements);
/* The entry of text, made where it is new; never drops one that the same run has used. */
struct cab_statement *cab_statements_use(struct cab_statements *statements, const char *text);
/* Starts a run; entries used before it may be dropped for new ones. */
void cab_statements_begin(struct cab_statements *statements);
/* Forgets one; the next pipeline deallocates it. */
void cab_statements_forget(struct cab_statements *statements, struct cab_statement *statement);

/* ---- trace (trace.c): what was run for a request ---- */

struct cab_trace {
    const char *texts[32];      /* never read: compared by address with the fixed statements; NULL ends a pipeline */
    unsigned n;                 /* of all; texts holds the last ones */
    int64_t us;
};

void cab_trace_add(struct cab_trace *trace, const char *text);

/* ---- the connection ---- */

struct cab_db {
    struct cab_db_options options;
    PGconn *conn;               /* NULL: not connected */
    struct cab_statements *statements;
    int watch_fd;
    int64_t patience_ms;        /* 0: as long as a statement may take */
    int64_t connected_ms, used_ms;
    int64_t silent_until_ms;    /* a connect ran into its time-out: until then the next ones fail at once */
    uint64_t connects;
    int position;               /* in the text of the last statement that failed; 0: unknown */
    uint64_t failures;          /* connects that failed */
    struct cab_trace trace;
    bool is_ending;             /* the server has said that it will close */
    bool has_hint;              /* NOTIFY cabinet_catalog came */
    bool has_lost_transaction;  /* the connection went inside an explicit transaction */
};

/* Connects within the time-out (connect.c). */
int cab_conn_connect(struct cab_db *db, struct cab_err *err) CAB_MUST_CHECK;
/* Closes without a word to the server where it does not read. */
void cab_conn_drop(struct cab_db *db, const char *why);
/* Connected already, or connects; refuses where an explicit transaction went with its connection. */
int cab_conn_need(struct cab_db *db, struct cab_err *err) CAB_MUST_CHECK;
/* Whether the peer still holds the connection, as far as the socket knows; no round trip. */
bool cab_conn_is_alive(struct cab_db *db);
bool cab_conn_in_transaction(const struct cab_db *db);
/* Takes note of queued notifications. */
void cab_conn_notifications(struct cab_db *db);

/* ---- waiting (wait.c) ---- */

/* One exchange with the server: its deadline, and why it was cut short. */
struct cab_exchange {
    struct cab_db *db;
    int64_t deadline;           /* of cab_now_ms; 0: none */
    bool was_cancelled, is_lost;
    enum cab_problem cut;       /* TIMEOUT or CLIENT_GONE, else NONE */
    char last_words[256];       /* of the server, where it ended the connection */
};

void cab_exchange_begin(struct cab_exchange *exchange, struct cab_db *db);
/* Sends what libpq holds. */
int cab_exchange_flush(struct cab_exchange *exchange) CAB_MUST_CHECK;
/* The next result without blocking beyond the deadline: 0 and the result (NULL ends a statement), or -1: lost. */
int cab_exchange_result(struct cab_exchange *exchange, PGresult **result_out) CAB_MUST_CHECK;
/* Polls the connection's socket; 1 ready, 0 at the deadline (0: none), -1 where the watched client hung up. */
int cab_conn_wait(struct cab_db *db, short events, int64_t deadline, bool is_watching) CAB_MUST_CHECK;

/* ---- results (result.c) and errors (sqlstate.c) ---- */

struct cab_result {
    PGresult *result;
    bool is_part;   /* of a result that others share: n rows from first on */
    int first, n;
};

struct cab_result *cab_result_make(void *ctx, PGresult *result);
/* 0 where result fits shape; else fills err. */
int cab_result_check(const PGresult *result, enum cab_shape shape, struct cab_err *err) CAB_MUST_CHECK;
/* Fills err from a failed result; is_verbose: the text may hold values (statements of the operator). Returns -1. */
int cab_error_from_result(struct cab_err *err, const PGresult *result, bool is_verbose);
/* Whether the server ended the connection with this error. */
bool cab_error_is_fatal(const PGresult *result);
/* A commit that was cancelled while it waited for the standby is done here and nowhere else, and the server calls it a
 * success: fills err with FATE_UNKNOWN.  Returns -1. */
int cab_error_unconfirmed(struct cab_err *err);
/* Fills err for an exchange that was lost or cut.  Returns -1. */
int cab_error_from_exchange(struct cab_err *err, const struct cab_exchange *exchange, bool fate_unknown);

/* ---- pipelines (pipeline.c; several as one: together.c) ---- */

struct cab_step {
    enum cab_shape shape;
    const char *sql;
    int n_values;
    const char *const *values;
    bool is_once;                   /* not kept prepared */
    bool is_preparing;              /* its preparation goes first in this run */
    struct cab_statement *statement; /* NULL: unnamed */
    struct cab_result result;
    const char *sql_many; int n_keys; /* the same for several keys at once, or NULL */
    int at;                         /* where it stands among those of all */
};

struct cab_pipe {
    struct cab_db *db;
    bool is_write;
    struct cab_step *steps; int n_steps, cap_steps;
    int failed;                     /* index; n_steps where the commit failed; -1: none */
    int n_doomed;                   /* deallocations in front */
    struct cab_step first[6];       /* room for what most requests need */
};

/* Room for one more statement. */
struct cab_step *cab_pipe_step(struct cab_pipe *pipe);

#endif
