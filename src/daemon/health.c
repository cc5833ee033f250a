/*
 * health: two short answers for load balancers.  They tell nothing of versions, settings or addresses.
 */
#include "daemon/health.h"

#include "statements.h"

static void answer(struct cab_call *call, const char *json) {
    call->response->status = 200;
    call->response->content_type = "application/json";
    cab_response_header(call->response, "Cache-Control", "no-store");
    cab_buf_adds(&call->response->body, json);
}

int cab_health_live(struct cab_call *call, struct cab_err *err) {
    (void)err;
    answer(call, "{\"status\":\"ok\"}\n");
    return 0;
}

/* The route reads, so the dispatcher has connected and loaded the catalog, or has said why it cannot. */
int cab_health_ready(struct cab_call *call, struct cab_err *err) {
    struct cab_result *result;
    if (cab_db_read(call->db, call->mem, CAB_SHAPE_ONE, cab_sql_text_health_ready, 0, NULL, &result, err) != 0) {
        if (err->problem != CAB_PROBLEM_UNAVAILABLE) {
            (void)cab_fail(err, CAB_PROBLEM_UNAVAILABLE, "The database is there, but its schema is not; migrate it.");
            err->retry_after = 10;
        }
        return -1;
    }
    answer(call, "{\"status\":\"ok\"}\n");
    return 0;
}
