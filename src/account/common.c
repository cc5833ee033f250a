/*
 * What account handlers do all the time: read small bodies, queue statements, sum up what is wrong.
 */
#include <string.h>

#include "account_internal.h"

int cab_account_queue(const void *ctx, struct cab_pipe *pipe, enum cab_shape shape, const char *sql, int n, ...) {
    const char **values = cab_new_array(ctx, const char *, (size_t)n + 1);
    va_list ap;
    va_start(ap, n);
    for (int i = 0; i < n; i++)
        values[i] = va_arg(ap, const char *);
    va_end(ap);
    return cab_pipe_add(pipe, shape, sql, n, values);
}

const struct cab_table *cab_account_users(const struct cab_call *call) {
    const struct cab_table *users = cab_catalog_find(call->catalog, "users");
    CAB_BUG_ON(users == NULL); /* the catalog was checked when it was loaded */
    return users;
}

int cab_account_no_params(struct cab_call *call, struct cab_err *err) {
    if (call->request->n_params == 0)
        return 0;
    for (int i = 0; i < call->request->n_params; i++)
        cab_err_flaw(err, call->mem, CAB_PLACE_PARAMETER, call->request->params[i].name, "unknown",
                     "There are no query parameters here. Leave it out.");
    return cab_fail(err, CAB_PROBLEM_UNKNOWN_PARAMETER,
                    "There are no query parameters here. Send the values in the body.");
}

int cab_account_body(struct cab_call *call, bool may_be_empty, const struct cab_json **object_out,
                     struct cab_err *err) {
    const struct cab_request *request = call->request;
    const struct cab_json *json;
    enum cab_body_type type;

    *object_out = NULL;
    if (may_be_empty && request->body_len == 0)
        return 0;
    if (cab_request_body_type(request, CAB_BODY_JSON, &type, err) != 0 ||
        cab_json_parse(call->mem, request->body, request->body_len, &json, err) != 0)
        return -1;
    if (cab_json_type(json) != CAB_JSON_OBJECT)
        return cab_fail(err, CAB_PROBLEM_INVALID, "The body must be a JSON object.");
    *object_out = json;
    return 0;
}

static struct cab_account_field *find(struct cab_account_field *fields, const char *name) {
    for (struct cab_account_field *field = fields; field->name != NULL; field++)
        if (strcmp(field->name, name) == 0)
            return field;
    return NULL;
}

static void unknown(struct cab_call *call, const struct cab_account_field *fields, const char *name,
                    struct cab_err *err) {
    const char *names[16];
    size_t n = 0;
    for (const struct cab_account_field *field = fields; field->name != NULL && n < CAB_LENGTH(names); field++)
        if (!field->is_ignored)
            names[n++] = field->name;
    const char *meant = cab_nearest(name, names, n);
    if (meant != NULL)
        cab_err_flaw(err, call->mem, CAB_PLACE_FIELD, name, "unknown", "There is no such field here; did you mean %s?",
                     meant);
    else
        cab_err_flaw(err, call->mem, CAB_PLACE_FIELD, name, "unknown", "There is no such field here. Leave it out.");
}

static int require(struct cab_call *call, const struct cab_account_field *fields, struct cab_err *err) {
    for (const struct cab_account_field *field = fields; field->name != NULL; field++)
        if (field->is_required && field->value == NULL)
            cab_err_flaw(err, call->mem, CAB_PLACE_FIELD, field->name, "required", "This field is required.");
    return cab_account_settle(err);
}

int cab_account_fields(struct cab_call *call, const struct cab_json *object, struct cab_account_field *fields,
                       struct cab_err *err) {
    for (size_t i = 0; i < cab_json_count(object); i++) {
        const struct cab_json *member = cab_json_member(object, i);
        const char *name = cab_json_key(object, i);
        struct cab_account_field *field = find(fields, name);
        if (field == NULL) {
            unknown(call, fields, name, err);
        } else if (field->is_ignored) {
            continue;
        } else if (cab_json_type(member) != CAB_JSON_STRING) {
            cab_err_flaw(err, call->mem, CAB_PLACE_FIELD, name, "wrong_type", "This field is a string, not %s.",
                         cab_json_type_name(cab_json_type(member)));
            field->value = ""; /* complained of once */
        } else {
            field->value = cab_json_text(member, &field->length);
        }
    }
    return require(call, fields, err);
}

int cab_account_form(struct cab_call *call, const struct cab_pair *pairs, int n_pairs, struct cab_account_field *fields,
                     struct cab_err *err) {
    for (int i = 0; i < n_pairs; i++) {
        struct cab_account_field *field = find(fields, pairs[i].name);
        if (field == NULL) {
            unknown(call, fields, pairs[i].name, err);
        } else if (!field->is_ignored) {
            field->value = pairs[i].value;
            field->length = strlen(pairs[i].value);
        }
    }
    return require(call, fields, err);
}

const char *cab_account_text(const struct cab_json *object, const char *name, size_t *length_out) {
    const struct cab_json *member = cab_json_get(object, name);
    if (member == NULL || cab_json_type(member) != CAB_JSON_STRING)
        return NULL;
    return cab_json_text(member, length_out);
}

int cab_account_settle(struct cab_err *err) {
    int n = 0;
    for (const struct cab_flaw *flaw = err->flaws; flaw != NULL; flaw = flaw->next)
        n++;
    if (n == 0)
        return err->problem == CAB_PROBLEM_NONE ? 0 : -1;
    enum cab_problem problem = err->problem != CAB_PROBLEM_NONE ? err->problem : CAB_PROBLEM_INVALID;
    if (n == 1)
        return cab_fail(err, problem, "Field %s: %s", err->flaws->name, err->flaws->detail);
    return cab_fail(err, problem, "%d things are wrong with the request; see errors.", n);
}
