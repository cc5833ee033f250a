/*
 * One row: read, and answered.
 */
#include <string.h>

#include "admit.h"
#include "change.h"
#include "expand.h"
#include "query.h"
#include "row_plan.h"
#include "where.h"

static struct cab_row_plan *make_plan(struct cab_call *call, const struct cab_table *table) {
    const char *text = cab_request_param(call->request, "fields"), **fields = NULL;
    struct cab_view *view = cab_new(call->mem, struct cab_view);
    struct cab_err ignored = { 0 };
    struct cab_complaints complaints;
    int n = 0;
    cab_view_init(view, call, table);
    if (text != NULL) {
        struct cab_filter_input input = { .mem = call->mem, .view = view, .complaints = &complaints };
        cab_complaints_init(&complaints, call->mem, &ignored);
        cab_fields_parse(&input, text, &fields, &n);
        if (complaints.n > 0)
            fields = NULL;
    }
    struct cab_row_plan *plan = cab_row_plan_make(call, view, fields, fields != NULL ? n : 0);
    if (call->request->method == CAB_GET || call->request->method == CAB_HEAD) {
        cab_complaints_init(&complaints, call->mem, &ignored);
        cab_expand_read(call, plan, cab_request_param(call->request, "expand"), &complaints);
    }
    return plan;
}

/* What is wrong with expand. */
static int check_expand(struct cab_call *call, const struct cab_table *table, struct cab_err *err) {
    struct cab_complaints complaints;
    struct cab_view view;
    cab_view_init(&view, call, table);
    cab_complaints_init(&complaints, call->mem, err);
    cab_expand_read(call, cab_row_plan_make(call, &view, NULL, 0), cab_request_param(call->request, "expand"),
                    &complaints);
    return cab_complaints_settle(&complaints);
}

/* Statement and answer need the same plan; another attempt may see another catalog or role. */
struct cab_row_plan *cab_row_plan_for(struct cab_call *call, const struct cab_table *table) {
    if (call->row_plan == NULL || call->row_plan_table != table || call->row_plan_attempt != call->attempt) {
        call->row_plan = make_plan(call, table);
        call->row_plan_table = table;
        call->row_plan_attempt = call->attempt;
    }
    return call->row_plan;
}

int cab_row_key(struct cab_call *call, const struct cab_table *table, const char *text, const char **key_out,
                struct cab_err *err) {
    struct cab_value_flaw flaw;
    if (cab_value_from_text(call->mem, table->key, text, key_out, &flaw) != 0)
        return cab_fail(err, CAB_PROBLEM_NOT_FOUND, "There is no such row, or none that you may see.");
    return 0;
}

int cab_row_select(struct cab_call *call, const struct cab_table *table, const char *key, struct cab_pipe *pipe) {
    struct cab_view view;
    struct cab_sql sql;
    cab_view_init(&view, call, table);
    cab_sql_init(&sql, call->mem);
    cab_sql_add(&sql, "SELECT ");
    cab_row_plan_columns(cab_row_plan_for(call, table), &sql);
    cab_sql_add(&sql, " FROM ");
    cab_sql_qualified(&sql, table->schema, table->name);
    cab_sql_add(&sql, " AS t");
    cab_where_scope(&sql, &view, view.rows, CAB_STATE_LIVE);
    cab_where_key(&sql, table, key);
    return cab_pipe_add(pipe, CAB_SHAPE_MAYBE, sql.text.data, sql.n_values, (const char *const *)sql.values);
}

int cab_row_own(struct cab_call *call, const struct cab_table *users) {
    struct cab_sql columns;
    cab_sql_init(&columns, call->mem);
    cab_row_plan_columns(cab_row_plan_for(call, users), &columns);
    return cab_call_add_own_row(call, columns.text.data);
}

void cab_row_json(struct cab_call *call, const struct cab_table *table, const struct cab_result *result, int row,
                  struct cab_buf *buf) {
    cab_row_plan_write(cab_row_plan_for(call, table), result, row, buf);
}

static bool is_read(const struct cab_call *call) {
    return call->request->method == CAB_GET || call->request->method == CAB_HEAD;
}

static void add_location(struct cab_call *call, const struct cab_row_plan *plan, const struct cab_result *result) {
    struct cab_buf path;
    if (cab_prefers(call->request, "tx", "rollback"))
        return; /* the row is not there */
    cab_buf_init(&path, call->mem, 64);
    cab_buf_adds(&path, CAB_BASE_PATH "/");
    cab_url_encode(&path, plan->view->table->name);
    cab_buf_addc(&path, '/');
    cab_url_encode(&path, cab_result_value(result, 0, plan->key_at));
    cab_response_header(call->response, "Location", "%s", path.data);
}

int cab_respond_row(struct cab_call *call, const struct cab_table *table, const struct cab_result *result, int status,
                    struct cab_err *err) {
    struct cab_response *response = call->response;
    if (cab_result_rows(result) == 0)
        return cab_fail(err, CAB_PROBLEM_NOT_FOUND, "There is no such row, or none that you may see.");
    struct cab_row_plan *plan = cab_row_plan_for(call, table);
    /* with rows of other tables in it the answer has no version */
    char *etag = plan->expand != NULL ? NULL : cab_row_plan_etag(plan, result, 0);
    if (cab_expand_fetch(call, plan, result, 0, 1, err) != 0)
        return -1;

    response->status = status;
    if (etag != NULL)
        cab_response_header(response, "ETag", "%s", etag);
    cab_response_header(response, "Cache-Control", "private, no-cache");
    if (status == 201)
        add_location(call, plan, result);
    if (is_read(call)) {
        if (etag != NULL && cab_match_none(call->request->if_none_match, etag)) {
            response->status = 304;
            return 0;
        }
    } else if (cab_prefers(call->request, "return", "minimal")) {
        cab_response_header(response, "Preference-Applied", "return=minimal");
        response->status = status == 200 ? 204 : status;
        response->content_type = NULL;
        return 0;
    } else if (cab_prefers(call->request, "return", "representation")) {
        cab_response_header(response, "Preference-Applied", "return=representation");
    }
    cab_row_plan_write(plan, result, 0, &response->body);
    return 0;
}

static int respond_read(struct cab_call *call, const struct cab_result *result, struct cab_err *err) {
    if (result != NULL)
        return cab_respond_row(call, call->table, result, 200, err);
    return strncmp(err->sqlstate, "22", 2) != 0 ? -1
         : cab_fail(err, CAB_PROBLEM_NOT_FOUND, "There is no such row, or none that you may see.");
}

int cab_resource_read(struct cab_call *call, struct cab_err *err) {
    const struct cab_table *table = call->table;
    const char *key;
    if (cab_admit(call, table, CAB_OP_READ, err) != 0 || cab_resource_params(call, table, "expand", err) != 0
        || check_expand(call, table, err) != 0 || cab_row_key(call, table, call->capture[1], &key, err) != 0)
        return cab_refuse(call, err);
    struct cab_pipe *pipe = cab_call_pipe(call);
    int at = cab_row_select(call, table, key, pipe);
    return cab_call_then(call, at, respond_read, err);
}
