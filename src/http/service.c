/*
 * The dispatcher: one request from route to answer.  A request is planned by what the token and the loaded catalog
 * say; the guard in its pipeline proves both, and where they were wrong the request is planned again.
 */
#include "http/internal.h"
#include "statements.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define MAX_REPLANS 3
#define MAX_RETRIES 3       /* of serialization failures and deadlocks */
#define LOOK_AGAIN_MS 1000  /* between looks at the catalog for unknown names */

/* One request and how often it was tried for which reason. */
struct work {
    struct cab_service *service;
    struct cab_call call;
    int replans, reloads, retries;
    bool looked;
};

/* ---- the catalog ---- */

/* A new catalog in place of the old one, which is freed: nothing of a request may still point into it. */
static void swap_catalog(struct cab_service *service, struct cab_catalog *fresh) {
    struct cab_catalog *old = service->catalog;
    service->catalog = fresh;
    cab_mem_free(old);
}

static int load_catalog(struct cab_service *service, struct cab_catalog **fresh_out, struct cab_err *err) {
    *fresh_out = NULL;
    if (cab_catalog_load(service->mem, service->db, fresh_out, err) == 0 &&
        (service->check_catalog == NULL || service->check_catalog(*fresh_out, err) == 0)) {
        cab_metrics_count(service->shared, CAB_COUNTER_CATALOG_LOADS, 1);
        return 0;
    }
    cab_metrics_count(service->shared, CAB_COUNTER_CATALOG_FAILURES, 1);
    cab_mem_free(*fresh_out);
    if (err->problem == CAB_PROBLEM_INTERNAL) { /* a wrong annotation, say: the operator's to mend */
        struct cab_err cause = *err;
        (void)cab_fail(err, CAB_PROBLEM_UNAVAILABLE, "The schema of the database cannot be served now.");
        cab_err_internal(err, "%s %s", cause.detail, cause.internal);
        err->retry_after = 5;
    }
    return -1;
}

int cab_service_reload(struct cab_service *service, struct cab_err *err) {
    struct cab_catalog *fresh;
    if (load_catalog(service, &fresh, err) != 0)
        return -1;
    swap_catalog(service, fresh);
    return 0;
}

int cab_service_refresh(struct cab_service *service, struct cab_err *err) {
    if (service->catalog != NULL && !cab_db_catalog_hint(service->db))
        return 0;
    return cab_service_reload(service, err);
}

/* Whether an upgrade has ended since the catalog was loaded; cheap, so it is asked for each unknown name. */
static bool has_moved_on(struct work *work) {
    struct cab_service *service = work->service;
    struct cab_result *result;
    struct cab_err ignored = { 0 };
    return cab_db_read(service->db, work->call.mem, CAB_SHAPE_MAYBE, cab_sql_text_catalog_generation, 0, NULL, &result,
                       &ignored) == 0 &&
           cab_result_rows(result) == 1 && cab_result_int64(result, 0, 0) != service->catalog->generation;
}

/* Loads the catalog because a name in the request is not known: true where it now is another one.  Changes made by
 * hand raise no generation, so the fingerprints are compared, but not for each wrong name of somebody who guesses. */
static bool look_again(struct work *work) {
    struct cab_service *service = work->service;
    struct cab_catalog *fresh;
    struct cab_err ignored = { 0 };
    int64_t now = cab_now_ms();
    if (work->looked || service->catalog == NULL ||
        (now - service->looked_ms < LOOK_AGAIN_MS && !has_moved_on(work)))
        return false;
    work->looked = true;
    service->looked_ms = now;
    if (load_catalog(service, &fresh, &ignored) != 0)
        return false;
    if (strcmp(fresh->fingerprint, service->catalog->fingerprint) == 0 &&
        fresh->generation == service->catalog->generation) {
        cab_mem_free(fresh);
        return false;
    }
    swap_catalog(service, fresh);
    return true;
}

/* ---- who may call ---- */

/* The token of `Authorization: Bearer token`, or NULL. */
static const char *bearer(const char *authorization) {
    if (authorization == NULL || strncasecmp(authorization, "Bearer ", 7) != 0)
        return NULL;
    const char *token = authorization + 7;
    token += strspn(token, " ");
    return *token == '\0' ? NULL : token;
}

static int refuse_unsigned(struct cab_err *err) {
    return cab_fail(err, CAB_PROBLEM_UNAUTHENTICATED,
                    "Log in and send the access token as Authorization: Bearer TOKEN.");
}

/* Reads the token where the route looks at one. */
static int sign_in(struct cab_call *call, struct cab_err *err) {
    const char *authorization = call->request->authorization;
    enum cab_access access = call->route->access;
    if (access == CAB_ACCESS_ANYONE || (access == CAB_ACCESS_TABLE && authorization == NULL))
        return 0;
    const char *token = bearer(authorization);
    if (token == NULL)
        return refuse_unsigned(err);
    if (cab_api_key_is(token)) {
        if (access == CAB_ACCESS_SESSION)
            return cab_fail(err, CAB_PROBLEM_SESSION_REQUIRED, "An API key cannot do this. Log in.");
        return cab_api_key_find(call->mem, call->db, call->conf, token, &call->caller, err);
    }
    return cab_token_verify(call->mem, call->conf, token, &call->caller, err);
}

static int resolve_table(struct cab_call *call, struct cab_err *err) {
    bool is_read = call->request->method == CAB_GET || call->request->method == CAB_HEAD;
    call->table = cab_catalog_find(call->catalog, call->capture[0]);
    if (call->table == NULL)
        return cab_fail_no_path(err);
    if (!call->caller.is_signed_in && !(is_read && call->table->is_public_read))
        return refuse_unsigned(err);
    return 0;
}

/* The claim may be old: a user who has become superuser meanwhile fails in the guard and is planned again. */
static int refuse_user(struct cab_call *call, struct cab_err *err) {
    cab_call_pipe(call);
    if (cab_call_run(call, err) != 0)
        return -1;
    return cab_fail(err, CAB_PROBLEM_FORBIDDEN, "Only superusers may do this.");
}

/* ---- one try ---- */

static int check_request(const struct cab_call *call, struct cab_err *err) {
    const struct cab_route *route = call->route;
    size_t most = route->max_body == CAB_BODY_CONF     ? (size_t)call->conf->max_body
                  : route->max_body == CAB_BODY_STREAM ? (size_t)call->conf->bulk_max_body
                                                       : route->max_body;
    if (most > 0 && call->request->body_len > most)
        return cab_fail(err, CAB_PROBLEM_TOO_LARGE, "The body is larger than %zu bytes; send less at once.", most);
    const char *ending = strrchr(route->path, '.');
    const char *type = ending != NULL && strcmp(ending, ".csv") == 0      ? "text/csv"
                       : ending != NULL && strcmp(ending, ".ndjson") == 0 ? "application/x-ndjson"
                                                                          : "application/json";
    /* who takes a problem is answered too: descriptions of the API name that type, and a 204 has none */
    if (route->path[0] != '!' && !cab_accepts(call->request, type) &&
        !cab_accepts(call->request, "application/problem+json"))
        return cab_fail(err, CAB_PROBLEM_NOT_ACCEPTABLE, "Only %s is served here; accept it.", type);
    return 0;
}

static int try_once(struct work *work, struct cab_err *err) {
    struct cab_call *call = &work->call;
    cab_response_reset(call->response);
    call->pipe = NULL;
    call->has_read = false;
    call->body_hash = NULL;
    call->body_read = 0;
    call->table = NULL;
    call->catalog = work->service->catalog;
    if (call->route->access == CAB_ACCESS_TABLE && resolve_table(call, err) != 0)
        return -1;
    if (call->route->access == CAB_ACCESS_ADMIN && !call->caller.is_admin)
        return refuse_user(call, err);
    call->is_block = call->key_scope != NULL;
    int rc = cab_block_end(call, call->route->run(call, err), err);
    return rc != 0 && strcmp(err->sqlstate, "CB208") == 0 ? cab_key_replay(call, err) : rc;
}

/* ---- trying again ---- */

static void nap(int attempt) {
    struct timespec now, pause = { 0 };
    clock_gettime(CLOCK_MONOTONIC, &now);
    pause.tv_nsec = (5 + (now.tv_nsec / 1000) % (20 * attempt)) * 1000000L;
    nanosleep(&pause, NULL);
}

static bool has_unknown_name(const struct cab_call *call, const struct cab_err *err) {
    if (err->problem == CAB_PROBLEM_UNKNOWN_PARAMETER)
        return true;
    if (err->problem == CAB_PROBLEM_NOT_FOUND)
        return call->route->access == CAB_ACCESS_TABLE && call->table == NULL;
    for (const struct cab_flaw *flaw = err->flaws; flaw != NULL; flaw = flaw->next)
        if (strncmp(flaw->code, "unknown", 7) == 0)
            return true;
    return false;
}

/* The plan was wrong: repairs what it stood on.  -1 where there is nothing left to try; err then is for the client. */
static int replan(struct work *work, struct cab_err *err) {
    char state[sizeof err->sqlstate];
    memcpy(state, err->sqlstate, sizeof state);
    bool is_ours = strncmp(state, "CB", 2) == 0;
    if (work->call.caller.is_key)
        cab_api_key_forget(&work->call.caller);
    if (strcmp(state, "CB403") == 0 && work->replans++ < MAX_REPLANS) {
        work->call.caller.is_admin = !work->call.caller.is_admin;
        return 0;
    }
    if (is_ours ? work->replans++ < MAX_REPLANS : work->reloads++ < 1) {
        cab_err_clear(err);
        return cab_service_reload(work->service, err);
    }
    if (strcmp(state, "42P01") == 0)
        return cab_fail_no_path(err);
    if (strncmp(state, "42", 2) == 0)
        return cab_fail(err, CAB_PROBLEM_MALFORMED, "The database cannot do this with the values named.");
    err->retry_after = 1;
    return cab_fail(err, CAB_PROBLEM_UNAVAILABLE, "The schema is changing; send the request again.");
}

/* Whether to run the call once more after err. */
static bool is_worth_a_try(struct work *work, struct cab_err *err) {
    if (work->call.streamed)
        return false;
    if (work->call.has_read && work->call.request->has_stream) { /* the body is gone */
        if (err->problem == CAB_PROBLEM_REPLAN) {
            err->retry_after = 1;
            (void)cab_fail(err, CAB_PROBLEM_UNAVAILABLE, "The schema or your rights changed; send the request again.");
        }
        return false;
    }
    if (err->problem == CAB_PROBLEM_REPLAN) {
        cab_metrics_count(work->call.shared, CAB_COUNTER_REPLANS, 1);
        return replan(work, err) == 0;
    }
    if (err->sqlstate[0] != '\0' && cab_sqlstate_find(err->sqlstate)->retry && work->retries < MAX_RETRIES) {
        nap(++work->retries);
        cab_metrics_count(work->call.shared, CAB_COUNTER_RETRIES, 1);
        return true;
    }
    return has_unknown_name(&work->call, err) && look_again(work);
}

static int go_to_primary(struct cab_service *service, struct cab_err *err) {
    return cab_db_ready(service->db, err) != 0 ? -1 : cab_service_refresh(service, err);
}

static int run(struct work *work, struct cab_err *err) {
    struct cab_call *call = &work->call;
    struct cab_service *service = work->service;
    if (call->request->queued_ms > call->conf->db_pool_timeout * 1000) {
        err->retry_after = 1;
        return cab_fail(err, CAB_PROBLEM_OVERLOADED, "No worker was free in time; nothing was done.");
    }
    if (cab_route_find(call->request, &call->route, call->capture, err) != 0 || check_request(call, err) != 0 ||
        sign_in(call, err) != 0 || cab_key_read(call, err) != 0)
        return -1;
    bool is_by_replica = cab_replica_choose(service, call);
    if (!is_by_replica && call->route->tx != CAB_TX_NONE && go_to_primary(service, err) != 0)
        return -1;
    for (;; call->attempt++) {
        if (try_once(work, err) == 0)
            break;
        if (cab_replica_leave(service, call, err)) {
            cab_err_clear(err);
            if (go_to_primary(service, err) != 0)
                return -1;
            continue;
        }
        if (!is_worth_a_try(work, err))
            return -1;
        cab_err_clear(err);
    }
    cab_metrics_count(service->shared, CAB_COUNTER_REPLICA_READS, call->is_on_replica);
    cab_replica_note(service, call);
    return 0;
}

/* ---- the answer ---- */

/* Clients that know the three fields of draft 06 and before get those by the setting. */
static void add_limit(struct cab_call *call) {
    const struct cab_rate_limit *limit = &call->limit;
    struct cab_response *response = call->response;
    if (strcmp(call->conf->rate_limit_headers, "off") == 0)
        return;
    if (strcmp(call->conf->rate_limit_headers, "legacy") == 0) {
        cab_response_header(response, "RateLimit-Limit", "%u, %u;w=%u", limit->quota, limit->quota, limit->window_s);
        cab_response_header(response, "RateLimit-Remaining", "%u", limit->left);
        cab_response_header(response, "RateLimit-Reset", "%u", limit->reset_s);
        return;
    }
    cab_response_header(response, "RateLimit-Policy", "\"%s\";q=%u;w=%u", limit->policy, limit->quota,
                        limit->window_s);
    cab_response_header(response, "RateLimit", "\"%s\";r=%u;t=%u", limit->policy, limit->left, limit->reset_s);
}

void cab_call_headers(struct cab_call *call) {
    struct cab_response *response = call->response;
    if (!cab_response_has(response, "X-Request-Id"))
        cab_response_header(response, "X-Request-Id", "%s", call->request->request_id);
    if (!cab_response_has(response, "Cache-Control"))
        cab_response_header(response, "Cache-Control", "no-store");
    if (!cab_response_has(response, "Vary"))
        cab_response_header(response, "Vary", "Authorization, Accept, Prefer, Origin");
    if (call->limit.policy != NULL)
        add_limit(call);
    cab_cors_headers(call->conf, call->request, response, call->capture[0]);
}

static void log_error(const struct cab_call *call, const struct cab_err *err) {
    int status = cab_problem_info(err->problem)->status;
    enum cab_log_level level = status == 500 ? CAB_LOG_ERROR : status > 500 || err->problem == CAB_PROBLEM_FORBIDDEN
                                   ? CAB_LOG_WARN : CAB_LOG_DEBUG;
    struct cab_buf line;
    if ((status < 500 && err->internal[0] == '\0') || !cab_log_enabled(level))
        return;
    cab_buf_init(&line, call->mem, 512);
    cab_log_pair(&line, "problem", cab_problem_info(err->problem)->code);
    cab_log_pair(&line, "detail", err->detail);
    cab_log_pair(&line, "internal", err->internal);
    if (err->sqlstate[0] != '\0')
        cab_log_pair(&line, "sqlstate", err->sqlstate);
    if (err->constraint[0] != '\0')
        cab_log_pair(&line, "constraint", err->constraint);
    cab_log_pair(&line, "request_id", call->request->request_id);
    cab_buf_addf(&line, " at=%s:%d", err->file == NULL ? "?" : err->file, err->line);
    cab_log(level, "request failed%s", line.data);
}

/* ---- what it cost ---- */

/* In microseconds; names of the statements that were run, found when asked. */
struct cost { int64_t total_us, db_us; };

static struct cost cost_of(const struct cab_service *service, const struct cab_call *call) {
    return (struct cost){ .total_us = cab_now_us() - call->request->arrived_us,
                          .db_us = cab_db_trace_us(service->db) +
                                   (service->read_db != NULL ? cab_db_trace_us(service->read_db) : 0) };
}

static void trace_begin(struct cab_service *service) {
    cab_db_trace_begin(service->db);
    if (service->read_db != NULL)
        cab_db_trace_begin(service->read_db);
}

static void watch(struct cab_service *service, int fd) {
    cab_db_watch(service->db, fd);
    if (service->read_db != NULL)
        cab_db_watch(service->read_db, fd);
}

static void log_access(const struct cab_call *call, const struct cost *cost) {
    const struct cab_request *request = call->request;
    int64_t limit_us = call->conf->slow_request_time * 1000;
    bool is_slow = limit_us > 0 && cost->total_us >= limit_us;
    enum cab_log_level level = is_slow ? CAB_LOG_WARN : CAB_LOG_INFO;
    struct cab_buf line;
    if ((!call->conf->access_log && !is_slow) || !cab_log_enabled(level))
        return;
    cab_buf_init(&line, call->mem, 512);
    cab_log_pair(&line, "method", request->method_name);
    cab_log_pair(&line, "path", cab_strndup(call->mem, request->uri, strcspn(request->uri, "?")));
    if (call->route != NULL)
        cab_log_pair(&line, "route", call->route->path);
    cab_buf_addf(&line, " status=%d ms=%.3f db_ms=%.3f bytes=%zu", call->response->status,
                 (double)cost->total_us / 1000, (double)cost->db_us / 1000,
                 call->response->is_head ? 0 : call->response->body.len);
    if (request->queued_ms > 0)
        cab_buf_addf(&line, " queued_ms=%lld", (long long)request->queued_ms);
    if (call->attempt > 0)
        cab_buf_addf(&line, " attempts=%d", call->attempt + 1);
    if (call->is_on_replica)
        cab_buf_adds(&line, " db=replica");
    if (call->caller.is_signed_in)
        cab_log_pair(&line, "user", call->caller.user_id_text);
    if (call->caller.is_key)
        cab_log_pair(&line, "key", call->caller.key_id);
    if (request->remote_addr != NULL)
        cab_log_pair(&line, "addr", request->remote_addr);
    cab_log_pair(&line, "request_id", request->request_id);
    if (is_slow)
        cab_log_pair(&line, "statements", cab_db_trace_names(call->db, call->mem));
    cab_log(level, "%s%s", is_slow ? "slow request" : "request", line.data);
    if (is_slow)
        cab_metrics_count(call->shared, CAB_COUNTER_SLOW_REQUESTS, 1);
}

static void count(const struct cab_service *service, const struct cab_call *call, const struct cost *cost) {
    const struct cab_request *request = call->request;
    struct cab_metrics_request counted = { .status = call->response->status, .total_us = cost->total_us,
                                           .database_us = cost->db_us, .queued_ms = request->queued_ms };
    const struct cab_route *route = call->route;
    if (service->metric_rows != NULL && route >= cab_routes && route < cab_routes + service->n_metric_rows)
        counted.route = service->metric_rows[route - cab_routes];
    cab_metrics_request(call->shared, &counted);
}

/* For those who look after the service: where the time went (Server-Timing). */
static void add_timing(const struct cab_service *service, const struct cab_call *call) {
    if (!call->caller.is_signed_in || !call->caller.is_admin)
        return;
    struct cost cost = cost_of(service, call);
    cab_response_header(call->response, "Server-Timing",
                        "total;dur=%" PRId64 ".%03d, db;dur=%" PRId64 ".%03d, queue;dur=%" PRId64,
                        cost.total_us / 1000, (int)(cost.total_us % 1000), cost.db_us / 1000, (int)(cost.db_us % 1000),
                        call->request->queued_ms);
}

static void finish(const struct cab_service *service, const struct cab_call *call) {
    struct cost cost = cost_of(service, call);
    count(service, call, &cost);
    log_access(call, &cost);
}

static void start_work(struct work *work, struct cab_service *service, struct cab_fcgi *fcgi,
                       const struct cab_request *request, struct cab_response *response) {
    *work = (struct work){ .service = service };
    work->call = (struct cab_call){ .mem = request->mem, .conf = service->conf, .db = service->db,
                                    .shared = service->shared, .request = request, .response = response,
                                    .fcgi = fcgi };
    cab_response_init(response, request->mem);
    trace_begin(service);
}

static void send_answer(const struct cab_service *service, struct cab_call *call, int rc) {
    if (call->streamed) {
        if (rc == 0)
            cab_fcgi_end_stream(call->fcgi);
        else
            cab_fcgi_break_stream(call->fcgi);
        return;
    }
    call->response->is_head = call->request->method == CAB_HEAD;
    cab_call_headers(call);
    if (rc == 0) /* the guard has proved who it is */
        add_timing(service, call);
    if (call->fcgi != NULL)
        cab_fcgi_respond(call->fcgi, call->request, call->response);
}

void cab_service_answer(struct cab_service *service, struct cab_fcgi *fcgi, const struct cab_request *request,
                        struct cab_response *response) {
    struct work work;
    struct cab_err err = { 0 };
    start_work(&work, service, fcgi, request, response);
    watch(service, fcgi != NULL ? request->socket : -1);
    int rc = run(&work, &err);
    watch(service, -1);
    if (rc != 0 && err.problem == CAB_PROBLEM_NONE)
        (void)cab_fail(&err, CAB_PROBLEM_INTERNAL, "A handler failed without saying why.");
    if (rc != 0 && !work.call.streamed)
        cab_response_problem(response, request, &err);
    send_answer(service, &work.call, rc);
    if (rc == 0 && work.call.caller.is_key)
        cab_api_key_used(request->mem, service->db, &work.call.caller);
    cab_db_check_idle(service->db);
    if (service->read_db != NULL)
        cab_db_check_idle(service->read_db);
    if (rc != 0)
        log_error(&work.call, &err);
    finish(service, &work.call);
}

void cab_service_refuse(struct cab_service *service, struct cab_fcgi *fcgi, const struct cab_request *request,
                        const struct cab_err *err, struct cab_response *response) {
    struct work work;
    start_work(&work, service, fcgi, request, response);
    cab_response_problem(response, request, err);
    send_answer(service, &work.call, 0);
    cab_metrics_count(service->shared, CAB_COUNTER_REQUESTS_REFUSED, 1);
    finish(service, &work.call);
}
