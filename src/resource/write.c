/*
 * POST, PUT, PATCH and DELETE of any table.
 */
#include <string.h>

#include "admit.h"
#include "change.h"
#include "row_plan.h"
#include "special.h"
#include "upsert.h"
#include "value.h"

int cab_resource_body(struct cab_call *call, const struct cab_json **json_out, struct cab_err *err) {
    const struct cab_request *request = call->request;
    unsigned allowed = CAB_BODY_JSON | (request->method == CAB_PATCH ? CAB_BODY_MERGE_PATCH : 0);
    enum cab_body_type type;
    if (cab_request_body_type(request, allowed, &type, err) != 0)
        return -1;
    return cab_json_parse(call->mem, request->body, request->body_len, json_out, err);
}

/* ---- create ---- */

static int upsert_one(struct cab_call *call, const struct cab_upsert *upsert, const struct cab_change *change,
                      struct cab_err *err) {
    const struct cab_result *result;
    bool is_created;
    if (cab_upsert_check(call, upsert, change, "", err) != 0)
        return cab_refuse(call, err);
    struct cab_pipe *pipe = cab_call_pipe(call);
    int index = cab_upsert_add(call, upsert, change, pipe);
    if (cab_change_run(call, change, err) != 0
        || cab_upsert_result(call, upsert, pipe, index, &result, &is_created, err) != 0)
        return -1;
    return cab_respond_row(call, call->table, result, is_created ? 201 : 200, err);
}

/* upsert is NULL where a row with the same values is a conflict. */
static int create_one(struct cab_call *call, const struct cab_upsert *upsert, const struct cab_json *body,
                      struct cab_err *err) {
    const struct cab_table *table = call->table;
    struct cab_change change;
    if (cab_change_from_json(call, table, CAB_OP_CREATE, body, NULL, 0, &change, err) != 0)
        return cab_refuse(call, err);
    if (upsert != NULL)
        return upsert_one(call, upsert, &change, err);
    struct cab_pipe *pipe = cab_call_pipe(call);
    int index = cab_change_insert(call, &change, pipe);
    if (cab_change_run(call, &change, err) != 0)
        return -1;
    return cab_respond_row(call, table, cab_pipe_result(pipe, index), 201, err);
}

/* A row that the server refused is named by its place in the array. */
static void point_to_row(struct cab_call *call, int row, struct cab_err *err) {
    for (struct cab_flaw *flaw = err->flaws; flaw != NULL; flaw = flaw->next)
        if (flaw->place == CAB_PLACE_FIELD)
            flaw->name = cab_printf(call->mem, "/%d/%s", row, flaw->name);
}

/* Results of the rows of an array, all or none. */
static int read_upserts(struct cab_call *call, const struct cab_upsert *upsert, size_t n, int first,
                        const struct cab_result **results, struct cab_err *err) {
    bool is_created, some_created = false;
    for (size_t i = 0; i < n; i++) {
        if (cab_upsert_result(call, upsert, call->pipe, first + 2 * (int)i, &results[i], &is_created, err) != 0) {
            point_to_row(call, (int)i, err);
            return -1;
        }
        some_created = some_created || is_created;
    }
    call->response->status = some_created ? 201 : 200;
    return 0;
}

static int create_many(struct cab_call *call, const struct cab_upsert *upsert, const struct cab_json *body,
                       struct cab_err *err) {
    const struct cab_table *table = call->table;
    size_t n = cab_json_count(body);
    struct cab_complaints complaints;
    struct cab_view view;
    if (n == 0 || n > CAB_CREATE_MOST) {
        (void)cab_fail(err, CAB_PROBLEM_INVALID, "The array must have between 1 and %d rows.", CAB_CREATE_MOST);
        return cab_refuse(call, err);
    }
    struct cab_change *changes = cab_new_array(call->mem, struct cab_change, n);
    cab_view_init(&view, call, table);
    cab_complaints_init(&complaints, call->mem, err);
    for (size_t i = 0; i < n && complaints.n < 1000; i++)
        cab_change_read(call, &view, CAB_OP_CREATE, cab_json_item(body, i), cab_printf(call->mem, "/%zu/", i), NULL, 0,
                        &complaints, &changes[i]);
    if (cab_complaints_settle(&complaints) != 0)
        return cab_refuse(call, err);
    int faults = 0;
    for (size_t i = 0; upsert != NULL && i < n; i++)
        faults += cab_upsert_check(call, upsert, &changes[i], cab_printf(call->mem, "/%zu/", i), err) != 0;
    if (faults > 0)
        return cab_refuse(call, err);

    call->is_block = call->is_block || upsert != NULL; /* what a row turns out to be is known only behind it */
    struct cab_pipe *pipe = cab_call_pipe(call);
    const struct cab_result **results = cab_new_array(call->mem, const struct cab_result *, n);
    int first = -1, step = upsert != NULL ? 2 : 1;
    for (size_t i = 0; i < n; i++) {
        int index = upsert != NULL ? cab_upsert_add(call, upsert, &changes[i], pipe)
                                   : cab_change_insert(call, &changes[i], pipe);
        first = first < 0 ? index : first;
    }
    if (cab_change_run(call, NULL, err) != 0) {
        int row = (cab_pipe_failed(pipe) - first) / step;
        if (cab_pipe_failed(pipe) >= first && (size_t)row < n)
            point_to_row(call, row, err);
        return -1;
    }
    call->response->status = 201;
    if (upsert != NULL && read_upserts(call, upsert, n, first, results, err) != 0)
        return -1;
    for (size_t i = 0; upsert == NULL && i < n; i++)
        results[i] = cab_pipe_result(pipe, first + (int)i);
    if (cab_prefers(call->request, "return", "minimal")) {
        cab_response_header(call->response, "Preference-Applied", "return=minimal");
        call->response->content_type = NULL;
        return 0;
    }
    const struct cab_row_plan *plan = cab_row_plan_for(call, table);
    for (size_t i = 0; i < n; i++) {
        cab_buf_addc(&call->response->body, i == 0 ? '[' : ',');
        cab_row_plan_write(plan, results[i], 0, &call->response->body);
    }
    cab_buf_addc(&call->response->body, ']');
    return 0;
}

int cab_resource_create(struct cab_call *call, struct cab_err *err) {
    const char *on_conflict = cab_request_param(call->request, "on_conflict");
    const struct cab_json *body;
    struct cab_upsert names, *upsert = on_conflict != NULL ? &names : NULL;
    if (cab_admit(call, call->table, CAB_OP_CREATE, err) != 0
        || cab_resource_params(call, call->table, "on_conflict", err) != 0
        || (upsert != NULL && cab_upsert_read(call, call->table, on_conflict, upsert, err) != 0)
        || cab_resource_body(call, &body, err) != 0)
        return cab_refuse(call, err);
    return cab_json_type(body) == CAB_JSON_ARRAY ? create_many(call, upsert, body, err)
                                                 : create_one(call, upsert, body, err);
}

/* ---- change ---- */

static int read_change(struct cab_call *call, bool is_replacement, struct cab_change *change, struct cab_err *err) {
    const struct cab_json *body;
    struct cab_complaints complaints;
    struct cab_view view;
    if (cab_resource_body(call, &body, err) != 0)
        return -1;
    if (!is_replacement)
        return cab_change_from_json(call, call->table, CAB_OP_UPDATE, body, NULL, 0, change, err);
    if (cab_json_type(body) != CAB_JSON_OBJECT)
        return cab_fail(err, CAB_PROBLEM_INVALID, "The body must be a JSON object, one member for each field.");
    cab_view_init(&view, call, call->table);
    cab_complaints_init(&complaints, call->mem, err);
    cab_change_read(call, &view, CAB_OP_UPDATE, body, "", NULL, 0, &complaints, change);
    cab_change_complete(call, &view, change, &complaints);
    return cab_complaints_settle(&complaints);
}

/* The change of a row that is to be at key, which the body need not name. */
static int read_row_at(struct cab_call *call, const char *key, struct cab_change *change, struct cab_err *err) {
    const struct cab_table *table = call->table;
    const struct cab_json *body, *member;
    struct cab_value_flaw flaw;
    const char *value;
    if (cab_resource_body(call, &body, err) != 0)
        return -1;
    struct cab_complaints complaints;
    struct cab_view view;
    cab_view_init(&view, call, table);
    cab_complaints_init(&complaints, call->mem, err);
    member = cab_json_type(body) == CAB_JSON_OBJECT ? cab_json_get(body, table->key->name) : NULL;
    if (member != NULL && (cab_value_from_json(call->mem, table->key, member, &value, &flaw) != 0 || value == NULL
                           || strcmp(value, key) != 0))
        cab_complain(&complaints, CAB_PROBLEM_INVALID, CAB_PLACE_FIELD, table->key->name, "key",
                     "Must be the key in the path; or leave it out.");
    cab_change_read_at(call, &view, body, key, &complaints, change);
    return cab_complaints_settle(&complaints);
}

/* PUT with `If-None-Match: *`: the row must not be there yet, and the key is the client's to choose. */
static int create_at(struct cab_call *call, struct cab_err *err) {
    const struct cab_table *table = call->table;
    struct cab_change change;
    const char *key;
    if (cab_admit(call, table, CAB_OP_CREATE, err) != 0 || cab_resource_params(call, table, NULL, err) != 0
        || cab_row_key(call, table, call->capture[1], &key, err) != 0 || read_row_at(call, key, &change, err) != 0)
        return cab_refuse(call, err);
    int index = cab_change_insert(call, &change, cab_call_pipe(call));
    if (cab_change_run(call, &change, err) == 0)
        return cab_respond_row(call, table, cab_pipe_result(call->pipe, index), 201, err);
    const struct cab_constraint *constraint = cab_table_constraint(table, err->constraint);
    if (strcmp(err->sqlstate, "23505") != 0 || constraint == NULL || constraint->kind != CAB_CONSTRAINT_PRIMARY)
        return -1;
    err->flaws = NULL;
    return cab_fail(err, CAB_PROBLEM_PRECONDITION_FAILED, "The row is there already.");
}

static int update(struct cab_call *call, bool is_replacement, struct cab_err *err) {
    const struct cab_table *table = call->table;
    struct cab_change change;
    const char *key;
    if (cab_admit(call, table, CAB_OP_UPDATE, err) != 0 || cab_resource_params(call, table, NULL, err) != 0
        || cab_row_key(call, table, call->capture[1], &key, err) != 0
        || read_change(call, is_replacement, &change, err) != 0)
        return cab_refuse(call, err);
    struct cab_pipe *pipe = cab_call_pipe(call);
    int index = cab_change_update(call, &change, key, pipe);
    if (cab_change_run(call, &change, err) != 0
        || cab_change_outcome(call, table, CAB_OP_UPDATE, key, index, err) != 0)
        return -1;
    return cab_respond_row(call, table, cab_pipe_result(pipe, index), 200, err);
}

int cab_resource_replace(struct cab_call *call, struct cab_err *err) {
    const struct cab_table *table = call->table;
    const char *none = call->request->if_none_match;
    if (none != NULL && strcmp(none, "*") == 0 && table->key != NULL && !cab_special(table)
        && cab_policy_write(&call->caller, table, table->key, CAB_OP_CREATE) != CAB_COLUMN_NONE)
        return create_at(call, err);
    return update(call, true, err);
}

int cab_resource_patch(struct cab_call *call, struct cab_err *err) {
    return update(call, false, err);
}

/* ---- delete and restore ---- */

static int read_permanent(struct cab_call *call, bool *permanent_out, struct cab_err *err) {
    const char *text = cab_request_param(call->request, "permanent");
    *permanent_out = false;
    if (text == NULL)
        return 0;
    if (cab_parse_bool(text, permanent_out) != 0)
        return cab_err_flaw(err, call->mem, CAB_PLACE_PARAMETER, "permanent", "type", "Must be true or false.");
    if (*permanent_out && cab_policy_rows(&call->caller, call->table, CAB_OP_PURGE) == CAB_ROWS_NONE) {
        (void)cab_err_flaw(err, call->mem, CAB_PLACE_PARAMETER, "permanent", "forbidden_parameter",
                           "You may not delete for ever; leave it out.");
        return cab_fail(err, CAB_PROBLEM_FORBIDDEN_PARAMETER, "Only superusers delete for ever; leave out permanent.");
    }
    return 0;
}

int cab_resource_delete(struct cab_call *call, struct cab_err *err) {
    const struct cab_table *table = call->table;
    const char *key;
    bool permanent;
    if (cab_admit(call, table, CAB_OP_DELETE, err) != 0 || cab_resource_params(call, table, "permanent", err) != 0
        || cab_row_key(call, table, call->capture[1], &key, err) != 0 || read_permanent(call, &permanent, err) != 0)
        return cab_refuse(call, err);
    struct cab_pipe *pipe = cab_call_pipe(call);
    int index = cab_change_delete(call, table, key, permanent, pipe);
    if (cab_change_run(call, NULL, err) != 0
        || cab_change_outcome(call, table, permanent ? CAB_OP_PURGE : CAB_OP_DELETE, key, index, err) != 0)
        return -1;
    if (cab_prefers(call->request, "return", "representation"))
        return cab_respond_row(call, table, cab_pipe_result(pipe, index), 200, err);
    call->response->status = 204;
    call->response->content_type = NULL;
    return 0;
}

int cab_resource_restore(struct cab_call *call, struct cab_err *err) {
    const struct cab_table *table = call->table;
    const char *key;
    if (table->deleted_at == NULL) {
        (void)cab_fail(err, CAB_PROBLEM_NOT_FOUND, "This table has no trash.");
        return cab_refuse(call, err);
    }
    if (cab_admit(call, table, CAB_OP_RESTORE, err) != 0 || cab_resource_params(call, table, NULL, err) != 0
        || cab_row_key(call, table, call->capture[1], &key, err) != 0)
        return cab_refuse(call, err);
    struct cab_pipe *pipe = cab_call_pipe(call);
    int index = cab_change_restore(call, table, key, pipe);
    if (cab_change_run(call, NULL, err) != 0
        || cab_change_outcome(call, table, CAB_OP_RESTORE, key, index, err) != 0)
        return -1;
    return cab_respond_row(call, table, cab_change_restored(call, index), 200, err);
}
