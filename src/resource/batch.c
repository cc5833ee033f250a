/*
 * POST /_batch: writes on several tables in one transaction, in order, all or none.
 *
 *     [{"method": "POST", "table": "boxes", "body": {"name": "a"}},
 *      {"method": "PATCH", "table": "notes", "id": 7, "body": {"box_id": {"$result": 0, "field": "id"}}}]
 *
 * A member {"$result": N, "field": F} (or an id of that form) stands for field F of the row that operation N gave.
 */
#include <string.h>

#include "admit.h"
#include "change.h"
#include "row_plan.h"
#include "special.h"

#define OPERATIONS_MOST 100

struct operation {
    enum cab_method method;
    const struct cab_table *table;
    const struct cab_json *id, *if_match, *body; /* as sent, or NULL */
    int status;
    const char *etag, *row;                      /* or NULL */
    const struct cab_json *result;               /* row, parsed */
};

struct batch {
    struct cab_call *call;
    struct operation *operations;
    size_t n, at;                                /* at: the one being read or run */
};

static int wrong(struct batch *batch, const char *member, const char *code, const char *detail, struct cab_err *err) {
    const char *name = cab_printf(batch->call->mem, "/%zu/%s", batch->at, member);
    (void)cab_err_flaw(err, batch->call->mem, CAB_PLACE_FIELD, name, code, "%s", detail);
    return cab_fail(err, CAB_PROBLEM_INVALID, "Operation %zu of the batch: %s: %s", batch->at, member, detail);
}

static const char *text_of(const struct cab_json *object, const char *name) {
    const struct cab_json *member = cab_json_get(object, name);
    return member != NULL && cab_json_type(member) == CAB_JSON_STRING ? cab_json_text(member, NULL) : NULL;
}

static int read_operation(struct batch *batch, const struct cab_json *json, struct cab_err *err) {
    static const char *const known[] = { "method", "table", "id", "if_match", "body" };
    struct operation *op = &batch->operations[batch->at];
    if (cab_json_type(json) != CAB_JSON_OBJECT)
        return wrong(batch, "", "type", "Must be an object with method, table, id and body.", err);
    for (size_t i = 0; i < cab_json_count(json); i++) {
        bool is_known = false;
        for (size_t j = 0; j < CAB_LENGTH(known); j++)
            is_known = is_known || strcmp(cab_json_key(json, i), known[j]) == 0;
        if (!is_known)
            return wrong(batch, cab_json_key(json, i), "unknown",
                         "There is method, table, id, if_match and body.", err);
    }
    const char *method = text_of(json, "method"), *table = text_of(json, "table");
    op->method = method == NULL ? 0 : strcmp(method, "POST") == 0 ? CAB_POST : strcmp(method, "PATCH") == 0 ? CAB_PATCH
               : strcmp(method, "DELETE") == 0 ? CAB_DELETE : 0;
    if (op->method == 0)
        return wrong(batch, "method", "not_one_of", "Must be one of: POST, PATCH, DELETE.", err);
    op->table = table != NULL ? cab_catalog_find(batch->call->catalog, table) : NULL;
    if (op->table == NULL || cab_policy_rows(&batch->call->caller, op->table, CAB_OP_READ) == CAB_ROWS_NONE)
        return wrong(batch, "table", "unknown_table", "There is no such table.", err);
    op->id = cab_json_get(json, "id");
    op->body = cab_json_get(json, "body");
    op->if_match = cab_json_get(json, "if_match");
    if ((op->id != NULL) != (op->method != CAB_POST))
        return wrong(batch, "id", op->id != NULL ? "unknown" : "required",
                     "Must name the row of PATCH and DELETE only.", err);
    if ((op->body != NULL) != (op->method != CAB_DELETE))
        return wrong(batch, "body", op->body != NULL ? "unknown" : "required", "Must be there for POST and PATCH only.",
                     err);
    if (op->body != NULL && cab_json_type(op->body) != CAB_JSON_OBJECT)
        return wrong(batch, "body", "type", "Must be an object, one member for each field.", err);
    if (op->if_match != NULL && (cab_json_type(op->if_match) != CAB_JSON_STRING || op->method == CAB_POST))
        return wrong(batch, "if_match", "type", "Must be the ETag of the row of PATCH or DELETE.", err);
    return 0;
}

/* ---- references ---- */

static bool is_reference(const struct cab_json *json) {
    return cab_json_type(json) == CAB_JSON_OBJECT && cab_json_count(json) == 2 && cab_json_get(json, "$result") != NULL
        && cab_json_get(json, "field") != NULL;
}

/* What json stands for: itself, or a value of an earlier row. */
static int resolve(struct batch *batch, const char *member, const struct cab_json *json,
                   const struct cab_json **value_out, struct cab_err *err) {
    int64_t number;
    *value_out = json;
    if (!is_reference(json))
        return 0;
    const struct cab_json *at = cab_json_get(json, "$result");
    const char *field = text_of(json, "field");
    if (cab_json_type(at) != CAB_JSON_NUMBER || field == NULL
        || cab_parse_int64(cab_json_text(at, NULL), 0, (int64_t)batch->at - 1, &number) != 0)
        return wrong(batch, member, "reference", "Must name an earlier operation, from 0 on, and a field.", err);
    const struct cab_json *row = batch->operations[number].result;
    *value_out = row != NULL ? cab_json_get(row, field) : NULL;
    if (*value_out == NULL)
        return wrong(batch, member, "reference", "The row of that operation has no such field.", err);
    return 0;
}

/* The body with its references resolved. */
static int resolve_body(struct batch *batch, const struct operation *op, const struct cab_json **body_out,
                        struct cab_err *err) {
    struct cab_buf text;
    bool some = false;
    size_t n;
    cab_buf_init(&text, batch->call->mem, 256);
    cab_buf_addc(&text, '{');
    for (size_t i = 0; i < cab_json_count(op->body); i++) {
        const char *key = cab_json_key(op->body, i);
        const struct cab_json *member = cab_json_member(op->body, i), *value;
        if (resolve(batch, cab_printf(batch->call->mem, "body/%s", key), member, &value, err) != 0)
            return -1;
        some = some || value != member;
        cab_buf_adds(&text, i > 0 ? "," : "");
        cab_json_cstring(&text, key);
        cab_buf_addc(&text, ':');
        const char *source = cab_json_source(value, &n);
        cab_buf_add(&text, source, n);
    }
    cab_buf_addc(&text, '}');
    *body_out = op->body;
    return some ? cab_json_parse(batch->call->mem, text.data, text.len, body_out, err) : 0;
}

/* ---- running ---- */

static const enum cab_op ops[CAB_METHOD__MAX] = {
    [CAB_POST] = CAB_OP_CREATE, [CAB_PATCH] = CAB_OP_UPDATE, [CAB_DELETE] = CAB_OP_DELETE,
};

static int keep_row(struct cab_call *call, struct operation *op, const struct cab_result *result, struct cab_err *err) {
    struct cab_row_plan *plan = cab_row_plan_for(call, op->table);
    struct cab_buf row;
    cab_buf_init(&row, call->mem, 256);
    cab_row_plan_write(plan, result, 0, &row);
    op->row = row.data;
    op->etag = cab_row_plan_etag(plan, result, 0);
    op->status = op->method == CAB_POST ? 201 : 200;
    return cab_json_parse(call->mem, row.data, row.len, &op->result, err);
}

static int run_write(struct batch *batch, struct operation *op, struct cab_err *err) {
    struct cab_call *call = batch->call;
    const struct cab_json *body = NULL, *id = NULL;
    struct cab_change change = { 0 };
    const char *key = NULL;
    int index;
    if (cab_admit(call, op->table, ops[op->method], err) != 0 || cab_special_refuse(op->table, err) != 0
        || (op->body != NULL && resolve_body(batch, op, &body, err) != 0)
        || (op->id != NULL && resolve(batch, "id", op->id, &id, err) != 0))
        return -1;
    if (id != NULL && cab_json_type(id) != CAB_JSON_STRING && cab_json_type(id) != CAB_JSON_NUMBER)
        return wrong(batch, "id", "type", "Must be the key of a row.", err);
    if ((id != NULL && cab_row_key(call, op->table, cab_json_text(id, NULL), &key, err) != 0)
        || (body != NULL && cab_change_from_json(call, op->table, ops[op->method], body, NULL, 0, &change, err) != 0))
        return -1;
    struct cab_pipe *pipe = cab_call_pipe(call);
    if (op->method == CAB_POST)
        index = cab_change_insert(call, &change, pipe);
    else if (op->method == CAB_PATCH)
        index = cab_change_update(call, &change, key, pipe);
    else
        index = cab_change_delete(call, op->table, key, false, pipe);
    if (cab_change_run(call, body != NULL ? &change : NULL, err) != 0
        || (op->method != CAB_POST && cab_change_outcome(call, op->table, ops[op->method], key, index, err) != 0))
        return -1;
    return keep_row(call, op, cab_pipe_result(pipe, index), err);
}

/* As if it were a request of its own. */
static int run_operation(struct batch *batch, struct cab_err *err) {
    struct cab_call *call = batch->call;
    struct operation *op = &batch->operations[batch->at];
    const struct cab_request *whole = call->request;
    struct cab_request request = *whole;
    request.method = op->method;
    request.if_match = op->if_match != NULL ? cab_json_text(op->if_match, NULL) : NULL;
    request.if_none_match = NULL;
    call->request = &request;
    call->table = op->table;
    int rc = run_write(batch, op, err);
    call->request = whole;
    call->table = NULL;
    if (rc == 0)
        return 0;
    const char *prefix = cab_printf(call->mem, "/%zu/", batch->at);
    for (struct cab_flaw *flaw = err->flaws; flaw != NULL; flaw = flaw->next)
        if (flaw->place == CAB_PLACE_FIELD && strncmp(flaw->name, prefix, strlen(prefix)) != 0)
            flaw->name = cab_printf(call->mem, "%sbody/%s", prefix, flaw->name);
    if (err->flaws == NULL)
        (void)cab_err_flaw(err, call->mem, CAB_PLACE_FIELD, cab_printf(call->mem, "/%zu", batch->at),
                           cab_problem_info(err->problem)->code, "%s", err->detail);
    return -1;
}

static void answer(const struct batch *batch) {
    struct cab_buf *out = &batch->call->response->body;
    cab_buf_adds(out, "{\"results\":[");
    for (size_t i = 0; i < batch->n; i++) {
        const struct operation *op = &batch->operations[i];
        cab_buf_addf(out, "%s{\"status\":%d,\"table\":", i > 0 ? "," : "", op->status);
        cab_json_cstring(out, op->table->name);
        cab_buf_adds(out, ",\"etag\":");
        cab_json_cstring(out, op->etag);
        cab_buf_addf(out, ",\"row\":%s}", op->row);
    }
    cab_buf_adds(out, "]}");
}

static int read_all(struct batch *batch, struct cab_err *err) {
    struct cab_call *call = batch->call;
    const struct cab_json *body;
    if (call->request->n_params > 0) {
        (void)cab_err_flaw(err, call->mem, CAB_PLACE_PARAMETER, call->request->params[0].name, "unknown",
                           "A batch has no parameters; leave it out.");
        return cab_fail(err, CAB_PROBLEM_UNKNOWN_PARAMETER, "A batch has no parameters.");
    }
    if (call->request->if_match != NULL)
        return cab_fail(err, CAB_PROBLEM_MALFORMED, "If-Match speaks of one row; use if_match of the operations.");
    if (cab_resource_body(call, &body, err) != 0)
        return -1;
    if (cab_json_type(body) != CAB_JSON_ARRAY || cab_json_count(body) == 0 || cab_json_count(body) > OPERATIONS_MOST)
        return cab_fail(err, CAB_PROBLEM_INVALID, "The body must be an array of 1 to %d operations.", OPERATIONS_MOST);
    batch->n = cab_json_count(body);
    batch->operations = cab_new_array(call->mem, struct operation, batch->n);
    for (batch->at = 0; batch->at < batch->n; batch->at++)
        if (read_operation(batch, cab_json_item(body, batch->at), err) != 0)
            return -1;
    return 0;
}

int cab_resource_batch(struct cab_call *call, struct cab_err *err) {
    struct batch batch = { .call = call };
    if (read_all(&batch, err) != 0)
        return cab_refuse(call, err);
    call->is_block = true;
    for (batch.at = 0; batch.at < batch.n; batch.at++)
        if (run_operation(&batch, err) != 0)
            return -1;
    answer(&batch);
    return 0;
}
