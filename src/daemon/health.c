/*
 * health: two short answers for load balancers.  They tell nothing of versions, settings or addresses.
 *
 * Ready means: the database answers, the catalog is loaded, and the schema is not behind the migrations that came with
 * this program.  A database ahead of them is served: the program before an upgrade must go on until it is replaced.
 */
#include "daemon/health.h"

#include "migrate/graph.h"

#include <string.h>

#include "statements.h"

/* What came with this program; set once, before workers are forked. */
static struct {
    const struct cab_graph *graph;
    const struct cab_revision **heads;
    int n_heads;
} known;

int cab_health_know(void *ctx, const char *folders, struct cab_err *err) {
    struct cab_graph *graph;
    if (cab_graph_load(ctx, folders, &graph, err) != 0)
        return -1;
    if (graph->n == 0)
        return cab_fail(err, CAB_PROBLEM_INTERNAL, "There are no revisions in %s.", folders);
    known.graph = graph;
    known.heads = cab_graph_heads(ctx, graph, NULL, &known.n_heads);
    return 0;
}

/* Whether one of the names in list, separated by commas, is id. */
static bool is_listed(const char *list, const char *id) {
    size_t n = strlen(id);
    while (*list != '\0') {
        size_t len = strcspn(list, ",");
        if (len == n && memcmp(list, id, n) == 0)
            return true;
        list += len + (list[len] == ',');
    }
    return false;
}

/* A row that we do not know comes from a later program; it may stand for one head that is not there. */
static int count_unknown(void *ctx, const char *revisions) {
    int n = 0;
    while (*revisions != '\0') {
        size_t len = strcspn(revisions, ",");
        n += cab_graph_exact(known.graph, cab_strndup(ctx, revisions, len)) == NULL;
        revisions += len + (revisions[len] == ',');
    }
    return n;
}

/* revisions: those the schema is at, separated by commas. */
static bool is_behind(void *ctx, const char *revisions) {
    int missing = 0;
    if (known.graph == NULL)
        return false;
    for (int i = 0; i < known.n_heads; i++)
        missing += !is_listed(revisions, known.heads[i]->id);
    return missing > count_unknown(ctx, revisions);
}

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

static void answer_ready(struct cab_call *call, bool has_partitions, bool has_strays) {
    struct cab_json_writer w = { .buf = &call->response->body };
    answer(call, "");
    cab_json_open(&w, NULL, '{');
    cab_json_put(&w, "status", "ok");
    cab_json_put(&w, "schema", call->catalog->fingerprint);
    cab_json_open(&w, "warnings", '[');
    if (!has_partitions)
        cab_json_put(&w, NULL,
                     "The audit trail has no partition for this month or the next; see that housekeeping runs.");
    if (has_strays)
        cab_json_put(&w, NULL, "The default partition of the audit trail is not empty.");
    cab_json_close(&w, ']');
    cab_json_close(&w, '}');
    cab_buf_addc(&call->response->body, '\n');
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
    const char *revisions = cab_result_value(result, 0, 1);
    if (is_behind(call->mem, revisions == NULL ? "" : revisions)) {
        err->retry_after = 10;
        return cab_fail(err, CAB_PROBLEM_UNAVAILABLE,
                        "The schema is behind the migrations of this program; run cabinet-migrate upgrade head.");
    }
    answer_ready(call, cab_result_bool(result, 0, 2), cab_result_int64(result, 0, 3) > 0);
    return 0;
}
