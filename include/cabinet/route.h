/*
 * route: the table of everything the API answers, and the call that runs through it.
 */
#ifndef CABINET_ROUTE_H
#define CABINET_ROUTE_H

#include <cabinet/auth.h>
#include <cabinet/catalog.h>
#include <cabinet/conf.h>
#include <cabinet/db.h>
#include <cabinet/http.h>
#include <cabinet/shared.h>

#define CAB_BASE_PATH "/api/v1"

/* Who may call; zero is refused at start, so no route is open by omission. */
enum cab_access {
    CAB_ACCESS_ANYONE = 1, /* no token needed, none looked at */
    CAB_ACCESS_USER,       /* a signed-in account, or its API key */
    CAB_ACCESS_SESSION,    /* a signed-in account with a session of its own; no API key */
    CAB_ACCESS_ADMIN,      /* a superuser */
    CAB_ACCESS_TABLE       /* {table} is resolved and the policy asked */
};

enum cab_tx {
    CAB_TX_NONE = 1,
    CAB_TX_READ,
    CAB_TX_SHARED, /* a read of a few rows by key: several such requests share one transaction (see cab_call_then) */
    CAB_TX_WRITE,
    CAB_TX_SHARED_WRITE /* a write that may be one of one's own row in one statement: as SHARED then */
};

static inline bool cab_tx_is_write(enum cab_tx tx) {
    return tx >= CAB_TX_WRITE;
}

struct cab_call;
struct cab_work;
/* The end of a handler, with the result of the statement it waited for; NULL: the pipeline failed, err says why. */
typedef int cab_call_end(struct cab_call *call, const struct cab_result *result, struct cab_err *err);

struct cab_route {
    enum cab_method method;
    const char *path;         /* below CAB_BASE_PATH, or from the root after "!"; "{name}" captures one segment */
    enum cab_access access;
    enum cab_tx tx;
    size_t max_body;          /* bytes; 0: no body is read; or one of those below */
    bool hashes_password;     /* or asks another service: slow, so nginx sends it to the auth pool */
    int (*run)(struct cab_call *call, struct cab_err *err);
    const char *doc;          /* one line: the summary of the OpenAPI document */
    /* What the OpenAPI document says more.  Schemas are rows of src/resource/openapi_fixed.c or a table's (users,
     * users_page, users_create, users_change; "{table}" stands for its name), parameters of openapi_parts.c. */
    const char *body;         /* schema of the request's body, or NULL */
    const char *answer;       /* success: "204", or with its schema "201 users"; where it may be either, "200 X, 303" */
    const char *parameters;   /* of the query, separated by spaces, or NULL; "list" and "filters" are those of lists */
};
#define CAB_BODY_CONF SIZE_MAX         /* the setting MAX_BODY */
#define CAB_BODY_STREAM (SIZE_MAX - 1) /* the setting BULK_MAX_BODY; read by the handler as it comes */

/* All routes, ended by a row without a path; literal paths win over captures. */
extern const struct cab_route cab_routes[];

/* What is left of a limit: RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers, from 07 on). */
struct cab_rate_limit {
    const char *policy; /* its name, or NULL */
    uint32_t quota, window_s, left, reset_s;
};

/* One request on its way.  Everything below request->mem. */
struct cab_call {
    void *mem;
    const struct cab_conf *conf;
    struct cab_db *db;
    struct cab_rate_limit limit;       /* told in headers where its policy is set */
    struct cab_shared *shared;         /* throttles and metrics of the host; NULL in some tests */
    const struct cab_catalog *catalog;
    const struct cab_request *request;
    struct cab_response *response;
    const struct cab_route *route;
    struct cab_caller caller;          /* who it is, as far as the token says; the guard proves it */
    const struct cab_table *table;     /* for CAB_ACCESS_TABLE */
    const char *capture[4];            /* values of {…}, in order */
    struct cab_pipe *pipe;             /* set by cab_call_pipe */
    struct cab_row_plan *row_plan;     /* of the resource layer: how rows of row_plan_table are read in this attempt */
    const struct cab_table *row_plan_table;
    int row_plan_attempt;
    int attempt;                       /* 0 first; handlers are run again on REPLAN and on serialization failures */
    struct cab_fcgi *fcgi;             /* for streams; NULL in tests */
    bool streamed;                     /* the handler has answered by a stream */
    bool has_read;                     /* a part of the body's stream was read, so it cannot be tried again */
    uint64_t body_read;                /* bytes of it */
    /* The call's work is one explicit transaction, begun with its first pipeline and ended by the dispatcher:
     * committed when run has returned 0 (rolled back for `Prefer: tx=rollback`), rolled back otherwise.  Set by
     * handlers that need several round trips, and where there is an Idempotency-Key. */
    bool is_block;
    void *kept;                        /* what a handler keeps for its next attempt, of what is not undone */
    const char *key_scope;             /* of the Idempotency-Key, hex; NULL: none */
    bool has_key;                      /* the transaction has taken it */
    bool is_on_replica;                /* db is the replica */
    const char *read_after;            /* the caller's last write, as a log position; NULL: unknown */
    struct cab_hash *body_hash;        /* of a streamed body with a key, as far as it was read */
    bool may_wait;                     /* its pipeline may be run later, with those of others */
    cab_call_end *then; int then_at;   /* what follows then, with the result of which statement */
    const void *then_arg;              /* what it needs besides */
};

/* Whether the route takes an Idempotency-Key: writes of signed-in callers whose answers hold no secrets. */
bool cab_route_takes_key(const struct cab_route *route);

/*
 * A pipeline for the call's work whose first statement is the guard: it raises when session, user, role or catalog
 * generation are not what the call was planned with, so nothing behind it happens.  In a WRITE route it also sets
 * cabinet.actor, cabinet.request_id and cabinet.ip for the audit triggers.  For CAB_ACCESS_ANYONE the guard checks the
 * generation only.
 */
struct cab_pipe *cab_call_pipe(struct cab_call *call);
/*
 * A pipeline with one statement that reads columns (a select list over users AS t) of the caller's own row, guarded by
 * its own conditions: there is no row where the guard would raise, which then says why.  Saves a statement and a look
 * at the row, and with cab_call_then it is one statement for all who wait.  Returns its index.
 */
int cab_call_add_own_row(struct cab_call *call, const char *columns);
/*
 * For a change of the caller's own row of users: adds the guard's conditions to sql, which ends in the WHERE of an
 * UPDATE of users AS t by its id, and makes the pipeline it goes into.  What cab_call_pipe sets for the audit triggers
 * is set by it too, for triggers of rows and those AFTER a statement.  No row is changed where the guard would raise.
 * Not for callers with an API key.
 */
void cab_call_guard_own_row(struct cab_call *call, struct cab_sql *sql);
/* Runs it; translates the guard's and the server's errors (fields named from the catalog's constraints and columns). */
int cab_call_run(struct cab_call *call, struct cab_err *err) CAB_MUST_CHECK;

/* The last step of a handler of a SHARED route, or of a SHARED_WRITE one after cab_call_guard_own_row: runs the
 * pipeline, or leaves it to be run with those of other requests, and then goes on with the result of statement at. */
int cab_call_then(struct cab_call *call, int at, cab_call_end *then, struct cab_err *err) CAB_MUST_CHECK;

/* Ends the call's block without its changes; what follows is outside of it, such as the record of a refusal. */
void cab_call_drop(struct cab_call *call);

/* The translation alone, for statements of the call that were run by themselves. */
void cab_call_translate(struct cab_call *call, struct cab_err *err);

/* Its part for a value that breaks the check: the constraint's comment, and a flaw of each of its columns. */
void cab_call_check_broken(struct cab_call *call, struct cab_err *err, const struct cab_constraint *constraint);

/* The next bytes of the body, whether it was read before or streams in; n_out is 0 at the end.  They stay until the
 * next call.  TOO_LARGE above the setting BULK_MAX_BODY, and what cab_fcgi_read says. */
int cab_call_read(struct cab_call *call, const char **bytes_out, size_t *n_out, struct cab_err *err) CAB_MUST_CHECK;
/* Whether the route that request finds reads its body itself. */
bool cab_route_streams(const struct cab_request *request);

/* Adds X-Request-Id, the CORS headers, and Cache-Control and Vary where the handler set none.  Done for every answer by
 * cab_service_answer; a handler that streams calls it before cab_fcgi_begin_stream. */
void cab_call_headers(struct cab_call *call);

/* Finds the row for method and path; OPTIONS finds a row of its own that lists the methods of the path.
 * NOT_FOUND, or METHOD_NOT_ALLOWED with err->allow. */
int cab_route_find(const struct cab_request *request, const struct cab_route **route_out, const char *capture[4],
                   struct cab_err *err) CAB_MUST_CHECK;
/* Whether word, first in a path, is Cabinet's own, so that no table of that name can be served. */
bool cab_route_is_reserved(const char *word);
/* Checks the table at start: access, tx, run and doc set, no duplicates.  -1 with the row named. */
int cab_routes_check(struct cab_err *err) CAB_MUST_CHECK;

#define CAB_TOGETHER_MAX CAB_PIPES_MAX /* requests in one pipeline: the first waits until the last is read */

/* The worker's long-lived state for calls. */
struct cab_service {
    void *mem;                          /* the worker */
    const struct cab_conf *conf;
    struct cab_db *db;
    struct cab_db *read_db;             /* a replica for reads; NULL: none */
    int64_t read_away_until_ms;         /* of the replica, which was away */
    struct cab_shared *shared;          /* may be NULL */
    const int *metric_rows;             /* of shared, for each row of cab_routes; NULL: all are counted together */
    int n_metric_rows;
    struct cab_catalog *catalog;        /* swapped whole on reload; NULL until first loaded */
    /* Asked of each new catalog before it is used; NULL: every catalog will do. */
    int (*check_catalog)(const struct cab_catalog *catalog, struct cab_err *err);
    int64_t looked_ms;                  /* when the catalog was last loaded because a name was unknown */
    struct cab_work *waiting[CAB_TOGETHER_MAX]; int n_waiting; /* begun, not answered */
    int64_t apart_until_ms;             /* changes share no transaction, as one has failed */
};

/*
 * Answers one request: route, caller, handler (planned again where needed), errors as problems; then sends the answer,
 * leaves the database connection idle, and writes one log line.  fcgi NULL (tests): response is filled, nothing sent.
 */
void cab_service_answer(struct cab_service *service, struct cab_fcgi *fcgi, const struct cab_request *request,
                        struct cab_response *response);
/* The same, but a read by key or a change of one's own row may be left waiting, so that others can share its round trip
 * or transaction: true then, and request and response must stay until cab_service_settle, which answers all that wait.
 * At most CAB_TOGETHER_MAX may. */
bool cab_service_begin(struct cab_service *service, struct cab_fcgi *fcgi, const struct cab_request *request,
                       struct cab_response *response);
void cab_service_settle(struct cab_service *service);
/* Answers a request that was CAB_FCGI_REFUSED, with err. */
void cab_service_refuse(struct cab_service *service, struct cab_fcgi *fcgi, const struct cab_request *request,
                        const struct cab_err *err, struct cab_response *response);
/* Loads the catalog (again) where it is not there or a NOTIFY says that it changed; between requests. */
int cab_service_refresh(struct cab_service *service, struct cab_err *err) CAB_MUST_CHECK;
/* Loads the catalog in any case; the old one stays where that fails. */
int cab_service_reload(struct cab_service *service, struct cab_err *err) CAB_MUST_CHECK;

#endif
