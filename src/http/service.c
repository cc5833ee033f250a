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

/* ---- the catalog ---- */

/* A new catalog in place of the old one, which is freed once no waiting call points into it. */
static void swap_catalog(struct cab_service *service, struct cab_catalog *fresh) {
    struct cab_catalog *old = service->catalog;
    service->catalog = fresh;
    if (old != NULL && service->n_waiting > 0)
        cab_mem_steal(service->waiting[0]->call.mem, old);
    else
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
static bool has_moved_on(struct cab_work *work) {
    struct cab_service *service = work->service;
    struct cab_result *result;
    struct cab_err ignored = { 0 };
    return cab_db_read(service->db, work->call.mem, CAB_SHAPE_MAYBE, cab_sql_text_catalog_generation, 0, NULL, &result,
                       &ignored) == 0 &&
           cab_result_rows(result) == 1 && cab_result_int64(result, 0, 0) != service->catalog->generation;
}

/* Loads the catalog because a name in the request is not known: true where it now is another one.  Changes made by
 * hand raise no generation, so the fingerprints are compared, but not for each wrong name of somebody who guesses. */
static bool look_again(struct cab_work *work) {
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

static int try_once(struct cab_work *work, struct cab_err *err) {
    struct cab_call *call = &work->call;
    cab_response_reset(call->response);
    call->pipe = NULL;
    call->then = NULL;
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
static int replan(struct cab_work *work, struct cab_err *err) {
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
static bool is_worth_a_try(struct cab_work *work, struct cab_err *err) {
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

/* All that comes before the first try. */
static int prepare(struct cab_work *work, struct cab_err *err) {
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
    if (is_by_replica || call->route->tx == CAB_TX_NONE || service->n_waiting > 0) /* looked at for the first of them */
        return 0;
    return go_to_primary(service, err);
}

/* Tries again for as long as that is worth it; rc is what came of the first try. */
static int see_through(struct cab_work *work, int rc, struct cab_err *err) {
    struct cab_call *call = &work->call;
    struct cab_service *service = work->service;
    for (; rc != 0; rc = try_once(work, err)) {
        bool is_left = cab_replica_leave(service, call, err);
        if (!is_left && !is_worth_a_try(work, err))
            return -1;
        cab_err_clear(err);
        if (is_left && go_to_primary(service, err) != 0)
            return -1;
        call->attempt++;
    }
    cab_metrics_count(service->shared, CAB_COUNTER_REPLICA_READS, call->is_on_replica);
    cab_replica_note(service, call);
    return 0;
}

/* ---- the answer ---- */

void cab_service_trace(struct cab_service *service) {
    cab_db_trace_begin(service->db);
    if (service->read_db != NULL)
        cab_db_trace_begin(service->read_db);
}

void cab_service_watch(struct cab_service *service, int fd) {
    cab_db_watch(service->db, fd);
    if (service->read_db != NULL)
        cab_db_watch(service->read_db, fd);
}

static void start_work(struct cab_work *work, struct cab_service *service, struct cab_fcgi *fcgi,
                       const struct cab_request *request, struct cab_response *response) {
    *work = (struct cab_work){ .service = service };
    work->call = (struct cab_call){ .mem = request->mem, .conf = service->conf, .db = service->db,
                                    .shared = service->shared, .request = request, .response = response,
                                    .fcgi = fcgi };
    cab_response_init(response, request->mem);
    cab_service_trace(service);
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
        cab_report_timing(service, call);
    if (call->fcgi != NULL)
        cab_fcgi_respond(call->fcgi, call->request, call->response);
}

/* The call has ended, with rc. */
static void conclude(struct cab_work *work, int rc, struct cab_err *err) {
    struct cab_service *service = work->service;
    struct cab_call *call = &work->call;
    cab_service_watch(service, -1);
    if (rc != 0 && err->problem == CAB_PROBLEM_NONE)
        (void)cab_fail(err, CAB_PROBLEM_INTERNAL, "A handler failed without saying why.");
    if (rc != 0 && !call->streamed)
        cab_response_problem(call->response, call->request, err);
    send_answer(service, call, rc);
    if (rc == 0 && call->caller.is_key)
        cab_api_key_used(call->mem, service->db, &call->caller);
    cab_db_check_idle(service->db);
    if (service->read_db != NULL)
        cab_db_check_idle(service->read_db);
    if (rc != 0)
        cab_report_error(call, err);
    cab_report_call(service, call);
}

static void answer(struct cab_work *work, int rc, struct cab_err *err) {
    cab_service_watch(work->service, work->call.request->socket);
    if (rc == 0)
        rc = see_through(work, try_once(work, err), err);
    conclude(work, rc, err);
}

void cab_service_answer(struct cab_service *service, struct cab_fcgi *fcgi, const struct cab_request *request,
                        struct cab_response *response) {
    struct cab_work work;
    struct cab_err err = { 0 };
    start_work(&work, service, fcgi, request, response);
    answer(&work, prepare(&work, &err), &err);
}

void cab_service_refuse(struct cab_service *service, struct cab_fcgi *fcgi, const struct cab_request *request,
                        const struct cab_err *err, struct cab_response *response) {
    struct cab_work work;
    start_work(&work, service, fcgi, request, response);
    cab_response_problem(response, request, err);
    send_answer(service, &work.call, 0);
    cab_metrics_count(service->shared, CAB_COUNTER_REQUESTS_REFUSED, 1);
    cab_report_call(service, &work.call);
}

/* ---- requests that wait for each other ---- */

/* Whether a change of users, and its entry in the trail, leave nothing in the transaction that the next would meet. */
static bool are_changes_plain(const struct cab_catalog *catalog) {
    const struct cab_table *users = cab_catalog_any(catalog, "public", "users"),
                           *trail = cab_catalog_any(catalog, "public", "audit_logs");
    return users != NULL && users->is_plain && trail != NULL && trail->is_plain;
}

/* Whether the call may turn out to be one of those that share a round trip. */
static bool may_wait(const struct cab_service *service, const struct cab_call *call) {
    switch (call->route->tx) {
    case CAB_TX_SHARED:
        return !call->is_on_replica;
    case CAB_TX_SHARED_WRITE:
        return !call->caller.is_key && call->key_scope == NULL && cab_now_ms() >= service->apart_until_ms &&
               are_changes_plain(service->catalog);
    default:
        return false;
    }
}

bool cab_service_begin(struct cab_service *service, struct cab_fcgi *fcgi, const struct cab_request *request,
                       struct cab_response *response) {
    struct cab_work *work = cab_new(request->mem, struct cab_work);
    struct cab_call *call = &work->call;
    struct cab_err err = { 0 };
    CAB_BUG_ON(service->n_waiting == CAB_TOGETHER_MAX);
    start_work(work, service, fcgi, request, response);
    int rc = prepare(work, &err);
    if (rc != 0) {
        conclude(work, rc, &err);
        return false;
    }
    if (!may_wait(service, call)) {
        if (service->n_waiting > 0) { /* what waits must not wait for this one */
            cab_service_settle(service);
            cab_service_trace(service);
        }
        answer(work, 0, &err);
        return false;
    }
    cab_service_watch(service, request->socket);
    call->may_wait = true;
    rc = try_once(work, &err);
    call->may_wait = false;
    if (rc == 0 && call->then != NULL) {
        cab_service_watch(service, -1);
        service->waiting[service->n_waiting++] = work;
        return true;
    }
    conclude(work, see_through(work, rc, &err), &err);
    return false;
}

void cab_work_go_on(struct cab_work *work, int rc, struct cab_err *err) {
    struct cab_call *call = &work->call;
    cab_service_watch(work->service, call->request->socket);
    rc = cab_call_next(call, rc, err);
    conclude(work, see_through(work, rc, err), err);
}
