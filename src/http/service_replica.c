/*
 * Reads by a replica.  A GET goes to the server of DATABASE_READ_URL where there is one; whoever wrote through us
 * carries the log position of that write (LSN) in a cookie and a header, and the replica is asked, in the request's own
 * pipeline, whether it has replayed so far.  Where it has not, is away, or knows less than the caller's session, the
 * primary answers: a replica never makes a request fail.
 */
#include "http/internal.h"

#include <ctype.h>
#include <string.h>

#include "statements.h"

#define COOKIE "cabinet_lsn"
#define COOKIE_SECONDS 60     /* far longer than a replica in use may lag */
#define AWAY_MS 2000          /* after a replica could not be reached it is left alone for so long */

/* X/X of one to eight hexadecimal digits each, as the server writes a pg_lsn. */
static bool is_lsn(const char *s) {
    for (int part = 0; part < 2; part++) {
        int n = 0;
        while (n < 9 && isxdigit((unsigned char)s[n]))
            n++;
        if (n == 0 || n > 8 || s[n] != (part == 0 ? '/' : '\0'))
            return false;
        s += n + 1;
    }
    return true;
}

static const char *last_write(const struct cab_request *request) {
    const char *lsn = request->read_after != NULL ? request->read_after : cab_request_cookie(request, COOKIE);
    return lsn != NULL && is_lsn(lsn) ? lsn : NULL;
}

bool cab_replica_choose(struct cab_service *service, struct cab_call *call) {
    struct cab_err err;
    enum cab_tx tx = call->route->tx;
    bool is_read = (tx == CAB_TX_READ || tx == CAB_TX_SHARED) && call->route->path[0] != '!';
    if (service->read_db == NULL || !is_read || service->catalog == NULL ||
        cab_now_ms() < service->read_away_until_ms)
        return false;
    cab_err_clear(&err);
    if (cab_db_ready(service->read_db, &err) != 0) {
        service->read_away_until_ms = cab_now_ms() + AWAY_MS;
        cab_metrics_count(service->shared, CAB_COUNTER_REPLICA_AWAY, 1);
        cab_log(CAB_LOG_WARN, "the read replica is away, the primary answers: %s", err.internal);
        return false;
    }
    call->db = service->read_db;
    call->is_on_replica = true;
    call->read_after = last_write(call->request);
    return true;
}

void cab_replica_guard(struct cab_call *call) {
    if (!call->is_on_replica || call->read_after == NULL)
        return;
    const char **v = cab_new_array(call->mem, const char *, 1);
    v[0] = call->read_after;
    cab_pipe_add(call->pipe, CAB_SHAPE_ONE, cab_sql_text_replica_guard, 1, v);
}

/* What the primary would not say otherwise, or has said by taking too long, is the answer. */
static bool is_final(const struct cab_call *call, const struct cab_err *err) {
    switch (err->problem) {
    case CAB_PROBLEM_TIMEOUT:
    case CAB_PROBLEM_CLIENT_GONE:
        return true;
    case CAB_PROBLEM_NOT_FOUND:
        return call->table == NULL; /* otherwise a row that may be on its way */
    case CAB_PROBLEM_REPLAN:
    case CAB_PROBLEM_UNAVAILABLE:
    case CAB_PROBLEM_OVERLOADED:
    case CAB_PROBLEM_UNAUTHENTICATED:
        return false;
    default:
        return err->sqlstate[0] == '\0';
    }
}

bool cab_replica_leave(struct cab_service *service, struct cab_call *call, const struct cab_err *err) {
    if (!call->is_on_replica || call->streamed || is_final(call, err))
        return false;
    bool is_behind = strcmp(err->sqlstate, "CB425") == 0;
    if (is_behind)
        cab_metrics_count(service->shared, CAB_COUNTER_REPLICA_BEHIND, 1);
    if (err->problem == CAB_PROBLEM_UNAVAILABLE && !cab_db_connected(service->read_db)) {
        service->read_away_until_ms = cab_now_ms() + AWAY_MS;
        cab_metrics_count(service->shared, CAB_COUNTER_REPLICA_AWAY, 1);
    }
    call->is_on_replica = false;
    call->db = service->db;
    return true;
}

void cab_replica_note(struct cab_service *service, struct cab_call *call) {
    struct cab_result *result;
    struct cab_err err;
    if (service->read_db == NULL || call->route == NULL || !cab_tx_is_write(call->route->tx) || call->streamed ||
        !cab_db_connected(service->db) || cab_db_in_transaction(service->db))
        return;
    cab_err_clear(&err);
    if (cab_db_read(service->db, call->mem, CAB_SHAPE_ONE, cab_sql_text_replica_position, 0, NULL, &result, &err) != 0)
        return;
    const char *lsn = cab_result_value(result, 0, 0);
    cab_response_header(call->response, "X-Read-After", "%s", lsn);
    cab_response_header(call->response, "Set-Cookie",
                        COOKIE "=%s; Max-Age=%d; Path=" CAB_BASE_PATH "; HttpOnly; SameSite=Strict%s", lsn,
                        COOKIE_SECONDS, cab_request_is_plain_localhost(call->request) ? "" : "; Secure");
}
