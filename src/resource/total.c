/*
 * How many rows a list has.  The summary of a table with counted(…) knows it where it covers the list; otherwise exact
 * totals are counted by a scan, and an estimate counts up to the budget and asks the planner beyond it.
 */
#include <stdlib.h>
#include <string.h>

#include "list.h"

static int add_count(const struct cab_list *list, struct cab_pipe *pipe) {
    struct cab_sql sql;
    cab_sql_init(&sql, list->call->mem);
    if (list->summary.view != NULL) {
        cab_summary_count(list, &sql);
    } else {
        cab_sql_add(&sql, "SELECT count(*)");
        cab_list_from(list, &sql);
    }
    return cab_list_queue(list, pipe, &sql);
}

/* Counts one row more than the budget at most. */
static int add_bounded_count(const struct cab_list *list, struct cab_pipe *pipe) {
    struct cab_sql sql;
    cab_sql_init(&sql, list->call->mem);
    cab_sql_add(&sql, "SELECT count(*) FROM (SELECT");
    cab_list_from(list, &sql);
    cab_sql_add(&sql, " LIMIT ");
    cab_sql_bind(&sql, cab_printf(list->call->mem, "%lld", (long long)(list->call->conf->count_budget + 1)), "bigint");
    cab_sql_add(&sql, ") AS b");
    return cab_list_queue(list, pipe, &sql);
}

static int add_explain(const struct cab_list *list, struct cab_pipe *pipe) {
    struct cab_sql sql;
    cab_sql_init(&sql, list->call->mem);
    cab_sql_add(&sql, "EXPLAIN (FORMAT JSON) SELECT");
    cab_list_from(list, &sql);
    return cab_list_queue(list, pipe, &sql);
}

void cab_total_add(const struct cab_list *list, struct cab_pipe *pipe, struct cab_total_plan *plan_out) {
    plan_out->count_at = plan_out->explain_at = -1;
    bool is_cheap = list->summary.view != NULL;
    if (list->query.count == CAB_COUNT_EXACT || (list->query.count == CAB_COUNT_ESTIMATED && is_cheap)) {
        plan_out->count_at = add_count(list, pipe);
    } else if (list->query.count == CAB_COUNT_ESTIMATED) {
        plan_out->explain_at = add_explain(list, pipe);
        plan_out->count_at = add_bounded_count(list, pipe);
    }
}

/* [{"Plan": {"Plan Rows": 1234, …}}] */
static int planned_rows(const struct cab_list *list, const char *text, int64_t *rows_out, struct cab_err *err) {
    const struct cab_json *json;
    if (cab_json_parse(list->call->mem, text, strlen(text), &json, err) != 0)
        return -1;
    const struct cab_json *plan = cab_json_type(json) == CAB_JSON_ARRAY && cab_json_count(json) == 1
                                ? cab_json_get(cab_json_item(json, 0), "Plan") : NULL;
    const struct cab_json *rows = plan != NULL ? cab_json_get(plan, "Plan Rows") : NULL;
    if (rows == NULL || cab_json_type(rows) != CAB_JSON_NUMBER)
        return cab_fail(err, CAB_PROBLEM_INTERNAL, "The number of rows could not be estimated.");
    *rows_out = strtoll(cab_json_text(rows, NULL), NULL, 10);
    return 0;
}

int cab_total_read(const struct cab_list *list, const struct cab_pipe *pipe, const struct cab_total_plan *plan,
                   struct cab_total *total_out, struct cab_err *err) {
    int64_t planned = 0;
    *total_out = (struct cab_total){ 0 };
    if (plan->count_at < 0)
        return 0;
    total_out->known = true;
    total_out->rows = cab_result_int64(cab_pipe_result(pipe, plan->count_at), 0, 0);
    if (plan->explain_at < 0 || total_out->rows <= list->call->conf->count_budget)
        return 0;
    if (planned_rows(list, cab_result_value(cab_pipe_result(pipe, plan->explain_at), 0, 0), &planned, err) != 0)
        return -1;
    total_out->is_estimate = true;
    if (planned > total_out->rows)
        total_out->rows = planned;
    return 0;
}
