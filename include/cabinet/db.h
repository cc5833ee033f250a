/*
 * db: one PostgreSQL connection, its prepared statements and pipelines.  The only layer that knows libpq.
 *
 * All parameters are bound as text (NULL is SQL NULL; a value must hold no NUL byte) and cast in the statement's text:
 * $1::bigint.  Statement text is either a constant of src/sql or made by struct cab_sql; never from values.
 */
#ifndef CABINET_DB_H
#define CABINET_DB_H

#include <cabinet/base.h>

struct cab_db;
struct cab_result;

struct cab_db_options {
    const char *url;              /* libpq connection string or URL, several hosts allowed */
    const char *application_name; /* e.g. "cabinet[1234]" */
    int connect_timeout_s;        /* a silent host is given up after this */
    int statement_timeout_ms;     /* of each statement by the server; a pipeline is cancelled 1 s later; 0: none */
    int lock_timeout_ms;          /* 0: none */
    int recycle_s;                /* connection is replaced at this age, between uses; 0: never */
    bool pre_ping;                /* look at the socket before use; ping after 30 s of idleness */
    bool prepared;                /* false: no named statements (PgBouncer) */
    const char *search_path;      /* NULL: "public, pg_temp", with pg_catalog before them as always; requests qualify */
    bool listen;                  /* LISTEN cabinet_catalog on each connection that can (see cab_db_catalog_hint) */
};

/*
 * Connects; db_out is below ctx and closed when freed.  Session settings are pinned in the startup packet: search_path,
 * time zone UTC, DateStyle ISO, IntervalStyle iso_8601, bytea_output hex, jit off, timeouts.  With prepared=false only
 * time zone, DateStyle and IntervalStyle are (PgBouncer follows them); the rest is set by ALTER ROLE.  UNAVAILABLE with
 * retry_after where the server does not answer; several hosts share the time-out.
 */
int cab_db_open(void *ctx, const struct cab_db_options *options, struct cab_db **db_out, struct cab_err *err)
    CAB_MUST_CHECK;
/* Like cab_db_open, but connects only at the first cab_db_ready. */
struct cab_db *cab_db_make(void *ctx, const struct cab_db_options *options);
void cab_db_close(struct cab_db **db);

/* Makes the connection usable: reconnects where it is closed, too old or silent.  Between requests only. */
int cab_db_ready(struct cab_db *db, struct cab_err *err) CAB_MUST_CHECK;
bool cab_db_connected(const struct cab_db *db);
int cab_db_socket(const struct cab_db *db);   /* -1 where not connected; for poll while idle */
/* Reads what came on the idle socket (notices, notifications, server gone).  True where a NOTIFY cabinet_catalog came,
 * now or earlier. */
bool cab_db_drain_idle(struct cab_db *db);
/* Whether a NOTIFY cabinet_catalog came since it was last asked; no system call. */
bool cab_db_catalog_hint(struct cab_db *db);
/* Whether an explicit transaction (cab_db_exec "BEGIN") is open, failed ones included. */
bool cab_db_in_transaction(const struct cab_db *db);
/* Whether connection is idle, outside any transaction and drained; dropped otherwise.  Called after each request. */
bool cab_db_check_idle(struct cab_db *db);
uint64_t cab_db_reconnects(const struct cab_db *db);
int cab_db_server_version(const struct cab_db *db); /* 150020 */
int cab_db_backend_pid(const struct cab_db *db);

/* While a query runs this descriptor is watched too; when its peer hangs up the query is cancelled and CLIENT_GONE
 * returned.  -1: none. */
void cab_db_watch(struct cab_db *db, int client_fd);
/* What is sent from now on is cancelled, and TIMEOUT returned, where its answers are not there within ms; 0: only
 * statement_timeout_ms counts, which is the limit in any case. */
void cab_db_patience(struct cab_db *db, int64_t ms);

/* ---- connection strings: postgresql:// or key=value words; INVALID where one cannot be read ---- */

/* What url says of a word of libpq (user, password, dbname, host, port …), below ctx; NULL where it says nothing. */
int cab_db_url_word(void *ctx, const char *url, const char *word, const char **value_out, struct cab_err *err)
    CAB_MUST_CHECK;
/* url, as key=value words below ctx, with another value of word. */
int cab_db_url_with(void *ctx, const char *url, const char *word, const char *value, const char **url_out,
                    struct cab_err *err) CAB_MUST_CHECK;
/* Sets the PG… variables of this process, so that PostgreSQL's own programs connect as url says and no password stands
 * in a command line. */
int cab_db_url_export(const char *url, struct cab_err *err) CAB_MUST_CHECK;
/* What the server keeps of role's password (SCRAM-SHA-256, RFC 5802), so that the password itself need not travel. */
int cab_db_password_verifier(void *ctx, struct cab_db *db, const char *role, const char *password,
                             const char **verifier_out, struct cab_err *err) CAB_MUST_CHECK;

/* What a statement must return; anything else is an error. */
enum cab_shape {
    CAB_SHAPE_NONE = 1,  /* a command without rows */
    CAB_SHAPE_ONE,       /* exactly one row */
    CAB_SHAPE_MAYBE,     /* no row or one */
    CAB_SHAPE_ANY        /* any number of rows, or a command */
};

/* One statement with bound values, at once; result_out may be NULL; result is below ctx.  It is taken for a write:
 * where the connection is lost on the way the problem is FATE_UNKNOWN, inside an explicit transaction UNAVAILABLE. */
int cab_db_query(struct cab_db *db, void *ctx, enum cab_shape shape, const char *sql, int n_values,
                 const char *const *values, struct cab_result **result_out, struct cab_err *err) CAB_MUST_CHECK;

/* The same for a statement that changes nothing: sent once more where the connection turns out dead. */
int cab_db_read(struct cab_db *db, void *ctx, enum cab_shape shape, const char *sql, int n_values,
                const char *const *values, struct cab_result **result_out, struct cab_err *err) CAB_MUST_CHECK;

/* Statements without values, simple protocol, never prepared (BEGIN, DDL, SET); rows are dropped, COPY is refused.
 * err->internal holds all the server said, hint and detail included.  A transaction that was lost with its connection
 * makes every statement fail until ROLLBACK or cab_db_ready. */
int cab_db_exec(struct cab_db *db, const char *sql, struct cab_err *err) CAB_MUST_CHECK;
/* Where in the text of the last cab_db_exec its error is, in characters from 1; 0 where unknown. */
int cab_db_error_position(const struct cab_db *db);

/* Number of rows a command touched (UPDATE 3). */
int64_t cab_result_affected(const struct cab_result *result);
int cab_result_rows(const struct cab_result *result);
int cab_result_columns(const struct cab_result *result);
const char *cab_result_name(const struct cab_result *result, int column);
/* Value as text, NULL for SQL NULL; lives as long as result. */
const char *cab_result_value(const struct cab_result *result, int row, int column);
/* The same and its length, in one call. */
const char *cab_result_text(const struct cab_result *result, int row, int column, size_t *n_out);
int cab_result_length(const struct cab_result *result, int row, int column);
bool cab_result_bool(const struct cab_result *result, int row, int column);     /* NULL is false */
int64_t cab_result_int64(const struct cab_result *result, int row, int column); /* NULL is 0 */

/* ---- pipelines: several statements, one round trip, one implicit transaction ---- */

struct cab_pipe;

/* An empty pipeline; is_write marks that a lost connection leaves its fate unknown. */
struct cab_pipe *cab_pipe_make(void *ctx, struct cab_db *db, bool is_write);
/* Queues a statement; values and sql must live until cab_pipe_run.  Returns its index, from 0. */
int cab_pipe_add(struct cab_pipe *pipe, enum cab_shape shape, const char *sql, int n_values, const char *const *values);
/* The same for a statement that is rare or of passing text: it is not kept prepared. */
int cab_pipe_add_once(struct cab_pipe *pipe, enum cab_shape shape, const char *sql, int n_values,
                      const char *const *values);
/* Sends all with one Sync and reads all results.  On an error the transaction was rolled back as a whole, err tells of
 * the first statement that failed, and cab_pipe_failed its index.  A read on a connection that turns out dead is sent
 * once more on a new one; a write gives FATE_UNKNOWN once it was sent, UNAVAILABLE before.  Shapes are checked when the
 * transaction has ended: a statement that must not go unnoticed raises by itself. */
int cab_pipe_run(struct cab_pipe *pipe, struct cab_err *err) CAB_MUST_CHECK;
#define CAB_PIPES_MAX 16
/*
 * Runs n pipelines of reads on one connection, 1 to CAB_PIPES_MAX, as if their statements were those of one.  Returns
 * how many, from the first on, have their results: all, or err tells of the next one, and nothing came of those behind.
 * What the results share is below ctx.
 */
int cab_pipes_run(void *ctx, struct cab_pipe *const *pipes, int n, struct cab_err *err) CAB_MUST_CHECK;
/*
 * Runs n pipelines of changes on one connection, 1 to CAB_PIPES_MAX, in one transaction: all happen, or none.  A
 * statement must leave nothing behind in the transaction that another one would see, nor work for its end.  While one
 * waits for a lock it holds up the others and their locks: none waits longer than CAB_PIPES_LOCK_MS.  On a failure
 * *refused_out is the pipeline whose statement the server refused, so nothing was done and each may be run by itself;
 * or -1, and err, as of cab_pipe_run, holds for all of them.  What the results share is below ctx.
 */
int cab_pipes_change(void *ctx, struct cab_pipe *const *pipes, int n, int *refused_out, struct cab_err *err)
    CAB_MUST_CHECK;
#define CAB_PIPES_LOCK_MS 50
/*
 * Queues, as the first of its pipeline, a statement of no row or one.  Where cab_pipes_run finds it several times with
 * other values of its first n_keys parameters, but the same of the others, it runs sql_many once instead: there each of
 * these parameters is the array of all their values, and the last column is the number of the key, from 1, that the row
 * is for.  No value may be NULL.  Returns its index.
 */
int cab_pipe_add_keyed(struct cab_pipe *pipe, const char *sql, const char *sql_many, int n_keys, int n_values,
                       const char *const *values);
int cab_pipe_failed(const struct cab_pipe *pipe); /* -1: none; the number of statements: the commit itself */
const struct cab_result *cab_pipe_result(const struct cab_pipe *pipe, int index);

/* ---- what a request cost: round trips since cab_db_trace_begin ---- */

void cab_db_trace_begin(struct cab_db *db);
/* Microseconds spent waiting for the server. */
int64_t cab_db_trace_us(const struct cab_db *db);
/* The statements by name (that of their file in src/sql, or `built`), pipelines apart: "guard_read,built+audit_event";
 * below ctx.  The last ones where there were many. */
const char *cab_db_trace_names(const struct cab_db *db, const void *ctx);
/* Connections made, and tries that failed, in the life of db. */
uint64_t cab_db_connects(const struct cab_db *db);
uint64_t cab_db_connects_failed(const struct cab_db *db);

/* ---- COPY … FROM STDIN, inside an explicit transaction ---- */

/* Runs sql, statements without values of which the last is COPY … FROM STDIN, and hands it n bytes of rows in the
 * server's text form, whole.  Returns before the server has taken them: nothing else may be done with the connection
 * until cab_copy_finish, unless this fails. */
int cab_copy_start(struct cab_db *db, const char *sql, const char *rows, size_t n, struct cab_err *err) CAB_MUST_CHECK;
/* Sends on what the server takes now, without waiting; to be called now and then between the two. */
int cab_copy_send(struct cab_db *db, struct cab_err *err) CAB_MUST_CHECK;
/* Waits for the end: how many rows came in, or what was wrong with one. */
int cab_copy_finish(struct cab_db *db, int64_t *rows_out, struct cab_err *err) CAB_MUST_CHECK;

/* ---- SQLSTATE to problem: the table of src/db/sqlstate.c ---- */

struct cab_sqlstate { const char *pattern; enum cab_problem problem; bool reload, retry; const char *doc; };
extern const struct cab_sqlstate cab_sqlstates[];
/* The first row whose pattern ("23505", or a class "08" by prefix) matches; the last row matches all. */
const struct cab_sqlstate *cab_sqlstate_find(const char *sqlstate);

/* ---- SQL text ---- */

struct cab_sql {
    struct cab_buf text;
    const char **values;  /* bound values, in order of $n */
    int n_values, cap_values;
    const void *ctx;
};

void cab_sql_init(struct cab_sql *sql, const void *ctx);
/* Appends a literal of the program; does not compile with anything else. */
#define cab_sql_add(sql, literal) cab_buf_add(&(sql)->text, "" literal "", sizeof(literal) - 1)
/* Appends a quoted identifier, or schema.name; names come from the catalog. */
void cab_sql_name(struct cab_sql *sql, const char *name);
void cab_sql_qualified(struct cab_sql *sql, const char *schema, const char *name);
/* Binds value (NULL: SQL NULL) and appends $n::type; type is format_type text of the catalog or a literal. */
void cab_sql_bind(struct cab_sql *sql, const char *value, const char *type);

/* Quotes an identifier as the server would (always quoted). */
char *cab_sql_quote_name(const void *ctx, const char *name);
/* Quotes a string literal ('…' or E'…') for generated migration text; requests bind instead. */
char *cab_sql_quote_literal(const void *ctx, const char *value);

#endif
