/*
 * How many rows a list has.  The summary of a table with counted(…) knows it where it covers the list; otherwise rows
 * are counted up to the budget, and beyond it the planner is asked.  A search finds its rows once, for total and page.
 */
#include <stdlib.h>
#include <string.h>

#include "list.h"
#include "probe.h"

#include "statements.h"

/* The pipeline, with what the server must know before it plans its statements. */
static struct cab_pipe *begin(const struct cab_list *list, bool finds) {
    struct cab_pipe *pipe = cab_call_pipe(list->call);
    if (finds)
        cab_pipe_add(pipe, CAB_SHAPE_ONE, cab_sql_text_find_costs, 0, NULL);
    else if (cab_list_seeks_text(list))
        cab_pipe_add(pipe, CAB_SHAPE_ONE, cab_sql_text_text_costs, 0, NULL);
    return pipe;
}

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

static void add_budget(const struct cab_list *list, struct cab_sql *sql) {
    cab_sql_add(sql, " LIMIT ");
    cab_sql_bind(sql, cab_decimal(list->call->mem, list->call->conf->count_budget + 1), "bigint");
}

/* Counts one row more than the budget at most. */
static int add_bounded_count(const struct cab_list *list, struct cab_pipe *pipe) {
    struct cab_sql sql;
    cab_sql_init(&sql, list->call->mem);
    cab_sql_add(&sql, "SELECT count(*) FROM (SELECT");
    cab_list_from(list, &sql);
    add_budget(list, &sql);
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

/*
 * The page and, in one more column, the number of rows found: keys and sort keys of all of them up to the budget, put
 * into order, of which the page's rows are fetched.
 */
static int add_found(const struct cab_list *list, struct cab_pipe *pipe) {
    const struct cab_table *table = list->view.table;
    struct cab_sql sql;
    cab_sql_init(&sql, list->call->mem);
    cab_sql_add(&sql, "SELECT ");
    cab_row_plan_columns(list->plan, &sql);
    cab_sql_add(&sql, ", k.n FROM (SELECT t.");
    cab_sql_name(&sql, table->key->name);
    cab_sql_add(&sql, " AS key, count(*) OVER () AS n FROM (SELECT ");
    cab_list_sort_columns(list, &sql);
    cab_list_from(list, &sql);
    if (list->query.count == CAB_COUNT_ESTIMATED)
        add_budget(list, &sql);
    cab_sql_add(&sql, ") AS t");
    cab_list_order(list, false, &sql);
    cab_list_limit(list, &sql);
    cab_sql_add(&sql, " OFFSET ");
    cab_sql_bind(&sql, cab_decimal(list->call->mem, (list->query.page - 1) * list->query.size), "bigint");
    cab_sql_add(&sql, ") AS k JOIN ");
    cab_sql_qualified(&sql, table->schema, table->name);
    cab_sql_add(&sql, " AS t ON t.");
    cab_sql_name(&sql, table->key->name);
    cab_sql_add(&sql, " = k.key");
    cab_list_order(list, false, &sql);
    return cab_list_queue(list, pipe, &sql);
}

static bool is_found(const struct cab_list *list) {
    return list->query.n_words > 0 && list->query.cursor == NULL && list->summary.view == NULL &&
           list->query.count != CAB_COUNT_NONE;
}

static int add_page(const struct cab_list *list, struct cab_pipe *pipe) {
    struct cab_sql sql;
    cab_sql_init(&sql, list->call->mem);
    cab_list_select(list, &sql);
    return cab_list_queue(list, pipe, &sql);
}

static int add_total(const struct cab_list *list, struct cab_pipe *pipe) {
    if (list->query.count == CAB_COUNT_NONE)
        return -1;
    if (list->query.count == CAB_COUNT_EXACT || list->summary.view != NULL)
        return add_count(list, pipe);
    return add_bounded_count(list, pipe);
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

static int run(struct cab_list *list, struct cab_err *err) {
    if (cab_call_run(list->call, err) == 0)
        return 0;
    cab_probe_conditions(list->call, list->query.where, err);
    return -1;
}

/* There are more rows than were counted: the planner guesses how many.  A page of what was found in any order is of no
 * use, so it is read anew. */
static int estimate(struct cab_list *list, bool with_page, struct cab_total *total, const struct cab_result **page_out,
                    struct cab_err *err) {
    struct cab_pipe *pipe = begin(list, false);
    int page_at = with_page ? add_page(list, pipe) : -1, explain_at = add_explain(list, pipe);
    int64_t planned = 0;
    if (run(list, err) != 0 ||
        planned_rows(list, cab_result_value(cab_pipe_result(pipe, explain_at), 0, 0), &planned, err) != 0)
        return -1;
    total->is_estimate = true;
    if (planned > total->rows)
        total->rows = planned;
    if (with_page)
        *page_out = cab_pipe_result(pipe, page_at);
    return 0;
}

/* Behind the last page nothing tells how many rows there are. */
static int count_alone(struct cab_list *list, struct cab_total *total, struct cab_err *err) {
    struct cab_pipe *pipe = begin(list, false);
    int at = add_total(list, pipe);
    if (run(list, err) != 0)
        return -1;
    total->rows = cab_result_int64(cab_pipe_result(pipe, at), 0, 0);
    return 0;
}

int cab_list_read(struct cab_list *list, bool with_page, struct cab_total *total_out,
                  const struct cab_result **page_out, struct cab_err *err) {
    bool finds = with_page && is_found(list);
    struct cab_pipe *pipe = begin(list, finds);
    int page_at = finds ? add_found(list, pipe) : with_page ? add_page(list, pipe) : -1;
    int total_at = finds ? -1 : add_total(list, pipe);
    *total_out = (struct cab_total){ .known = list->query.count != CAB_COUNT_NONE };
    *page_out = NULL;
    if (run(list, err) != 0)
        return -1;
    if (page_at >= 0)
        *page_out = cab_pipe_result(pipe, page_at);
    if (total_at >= 0)
        total_out->rows = cab_result_int64(cab_pipe_result(pipe, total_at), 0, 0);
    else if (finds && cab_result_rows(*page_out) > 0)
        total_out->rows = cab_result_int64(*page_out, 0, list->plan->n_columns);
    else if (finds && list->query.page > 1 && count_alone(list, total_out, err) != 0)
        return -1;
    bool is_over = list->query.count == CAB_COUNT_ESTIMATED && list->summary.view == NULL &&
                   total_out->rows > list->call->conf->count_budget;
    return is_over ? estimate(list, finds, total_out, page_out, err) : 0;
}
