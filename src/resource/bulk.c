/*
 * PATCH and DELETE of a list: all live rows that the filter finds and the caller may write, one statement, all or none.
 * `Prefer: max-affected=N` must say how many rows that may be; more, and nothing is done.
 */
#include <string.h>

#include "admit.h"
#include "change.h"
#include "list.h"
#include "probe.h"
#include "special.h"
#include "types.h"

#define AFFECTED_MOST 10000

static int read_most(struct cab_call *call, int64_t *most_out, struct cab_err *err) {
    const char *text = cab_prefer_value(call->request, "max-affected");
    if (text != NULL && cab_parse_int64(text, 1, AFFECTED_MOST, most_out) == 0)
        return 0;
    (void)cab_err_flaw(err, call->mem, CAB_PLACE_HEADER, "Prefer", text == NULL ? "required" : "out_of_range",
                       "Must hold max-affected=N, the most rows that may be written, from 1 to %d.", AFFECTED_MOST);
    return cab_fail(err, text == NULL ? CAB_PROBLEM_MALFORMED : CAB_PROBLEM_INVALID,
                    "Many rows are written only with Prefer: max-affected=N, N from 1 to %d.", AFFECTED_MOST);
}

/* Parameters of pages mean nothing here. */
static int refuse_page_params(struct cab_call *call, struct cab_err *err) {
    static const char *const words[] = { "page", "size", "cursor", "sort", "sort_by", "sort_order", "count",
                                         "is_deleted", "expand" };
    int rc = 0;
    for (size_t i = 0; i < CAB_LENGTH(words); i++)
        if (cab_request_param(call->request, words[i]) != NULL)
            rc = cab_err_flaw(err, call->mem, CAB_PLACE_PARAMETER, words[i], "unknown",
                              "Has no meaning where all rows of a filter are written; leave it out.");
    return rc == 0 ? 0 : cab_fail(err, CAB_PROBLEM_UNKNOWN_PARAMETER,
                                  "Rows to be written are chosen by filters only; see errors.");
}

static int plan(struct cab_call *call, enum cab_op op, struct cab_list *list, int64_t *most_out, struct cab_err *err) {
    const struct cab_table *table = call->table;
    if (cab_policy_rows(&call->caller, table, op) == CAB_ROWS_NONE || table->key == NULL)
        return cab_admit(call, table, op, err) != 0 ? -1
             : cab_fail(err, CAB_PROBLEM_FORBIDDEN, "Rows of this table are not written.");
    if (table->is_require_if_match)
        return cab_fail(err, CAB_PROBLEM_PRECONDITION_REQUIRED,
                        "Rows of this table are changed one by one, with If-Match.");
    if (call->request->if_match != NULL)
        return cab_fail(err, CAB_PROBLEM_MALFORMED, "If-Match speaks of one row; leave it out.");
    if (cab_special_refuse(table, err) != 0 || refuse_page_params(call, err) != 0
        || cab_list_plan(list, call, table, err) != 0)
        return -1;
    return read_most(call, most_out, err);
}

/* ` WHERE t.key IN (…)`: the rows, one more than may be, locked so that they stay what the filter found. */
static void add_rows(const struct cab_list *list, enum cab_op op, int64_t most, struct cab_sql *sql) {
    const struct cab_table *table = list->view.table;
    struct cab_list writable = *list;
    writable.view.rows = cab_policy_rows(&list->call->caller, table, op);
    cab_sql_add(sql, " WHERE t.");
    cab_sql_name(sql, table->key->name);
    cab_sql_add(sql, " IN (SELECT t.");
    cab_sql_name(sql, table->key->name);
    cab_list_from(&writable, sql);
    cab_sql_add(sql, " LIMIT ");
    cab_sql_bind(sql, cab_printf(sql->ctx, "%lld", (long long)most + 1), "bigint");
    cab_sql_add(sql, " FOR UPDATE)");
}

static void add_returning(const struct cab_list *list, struct cab_sql *sql) {
    cab_sql_add(sql, " RETURNING ");
    cab_row_plan_columns(list->plan, sql);
}

static void answer(const struct cab_list *list, const struct cab_result *result, int64_t most) {
    struct cab_call *call = list->call;
    struct cab_response *response = call->response;
    int n = cab_result_rows(result);
    const char *applied = "";
    response->status = 200;
    if (cab_prefers(call->request, "return", "minimal")) {
        applied = ", return=minimal";
        response->status = 204;
        response->content_type = NULL;
    } else if (cab_prefers(call->request, "return", "representation")) {
        applied = ", return=representation";
        cab_buf_addc(&response->body, '[');
        for (int i = 0; i < n; i++) {
            cab_buf_adds(&response->body, i > 0 ? "," : "");
            cab_row_plan_write(list->plan, result, i, &response->body);
        }
        cab_buf_addc(&response->body, ']');
    } else {
        cab_buf_addf(&response->body, "{\"affected\":%d}", n);
    }
    cab_response_header(response, "Preference-Applied", "max-affected=%lld%s", (long long)most, applied);
}

static int run(struct cab_list *list, const struct cab_sql *sql, const struct cab_change *change, int64_t most,
               struct cab_err *err) {
    struct cab_call *call = list->call;
    call->is_block = true; /* how many rows there are is known only behind the statement */
    struct cab_pipe *pipe = cab_call_pipe(call);
    int index = cab_pipe_add_once(pipe, CAB_SHAPE_ANY, sql->text.data, sql->n_values,
                                  (const char *const *)sql->values);
    if (cab_change_run(call, change, err) != 0) {
        cab_probe_conditions(call, list->query.where, err);
        return -1;
    }
    const struct cab_result *result = cab_pipe_result(pipe, index);
    if (cab_result_rows(result) > most) {
        (void)cab_err_flaw(err, call->mem, CAB_PLACE_HEADER, "Prefer", "max_affected",
                           "More rows fit the filter; narrow it, or raise max-affected.");
        return cab_fail(err, CAB_PROBLEM_INVALID, "More than %lld rows fit the filter; nothing was done.",
                        (long long)most);
    }
    answer(list, result, most);
    return 0;
}

int cab_resource_bulk_patch(struct cab_call *call, struct cab_err *err) {
    const struct cab_table *table = call->table;
    const struct cab_json *body;
    struct cab_change change;
    struct cab_list list;
    struct cab_sql sql;
    int64_t most;
    if (plan(call, CAB_OP_UPDATE, &list, &most, err) != 0 || cab_resource_body(call, &body, err) != 0
        || cab_change_from_json(call, table, CAB_OP_UPDATE, body, NULL, 0, &change, err) != 0)
        return cab_refuse(call, err);
    if (change.n_assignments == 0) {
        (void)cab_fail(err, CAB_PROBLEM_INVALID, "The body changes nothing; send at least one field.");
        return cab_refuse(call, err);
    }
    cab_sql_init(&sql, call->mem);
    cab_sql_add(&sql, "UPDATE ");
    cab_sql_qualified(&sql, table->schema, table->name);
    cab_sql_add(&sql, " AS t SET ");
    for (int i = 0; i < change.n_assignments; i++) {
        if (i > 0)
            cab_sql_add(&sql, ", ");
        const struct cab_assignment *assignment = &change.assignments[i];
        cab_sql_name(&sql, assignment->column->name);
        cab_sql_add(&sql, " = ");
        cab_sql_bind(&sql, assignment->value, cab_type_bare(sql.ctx, assignment->column->base_type));
    }
    add_rows(&list, CAB_OP_UPDATE, most, &sql);
    add_returning(&list, &sql);
    return run(&list, &sql, &change, most, err);
}

int cab_resource_bulk_delete(struct cab_call *call, struct cab_err *err) {
    const struct cab_table *table = call->table;
    struct cab_list list;
    struct cab_sql sql;
    int64_t most;
    if (plan(call, CAB_OP_DELETE, &list, &most, err) != 0)
        return cab_refuse(call, err);
    cab_sql_init(&sql, call->mem);
    if (table->deleted_at != NULL)
        cab_sql_add(&sql, "UPDATE ");
    else
        cab_sql_add(&sql, "DELETE FROM ");
    cab_sql_qualified(&sql, table->schema, table->name);
    cab_sql_add(&sql, " AS t");
    if (table->deleted_at != NULL) {
        cab_sql_add(&sql, " SET ");
        cab_sql_name(&sql, table->deleted_at->name);
        cab_sql_add(&sql, " = now()");
    }
    add_rows(&list, CAB_OP_DELETE, most, &sql);
    add_returning(&list, &sql);
    return run(&list, &sql, NULL, most, err);
}
