/*
 * Reads JSON objects as changes of a table's row: which members may be set by this caller, and whether their values
 * fit. All faults are collected.
 */
#include "change.h"

#include <string.h>

#include "value.h"

static const char *field_name(struct cab_call *call, const char *prefix, const char *name, const char *pointer) {
    if (*prefix == '\0' && *pointer == '\0')
        return name;
    return cab_printf(call->mem, "%s%s%s", *prefix == '\0' ? "/" : prefix, name, pointer);
}

static void complain(struct cab_complaints *complaints, const char *name, const char *code, const char *detail) {
    cab_complain(complaints, CAB_PROBLEM_INVALID, CAB_PLACE_FIELD, name, code, "%s", detail);
}

/* Places the assignment of column, in the order of the table's columns: the same members give the same statement. */
static struct cab_assignment *assign(struct cab_call *call, struct cab_change *change,
                                     const struct cab_column *column) {
    int at = 0;
    if (change->assignments == NULL)
        change->assignments = cab_new_array(call->mem, struct cab_assignment, (size_t)change->table->n_columns);
    while (at < change->n_assignments && change->assignments[at].column->attnum < column->attnum)
        at++;
    struct cab_assignment *assignment = &change->assignments[at];
    if (at == change->n_assignments || assignment->column != column) {
        memmove(assignment + 1, assignment, (size_t)(change->n_assignments - at) * sizeof *assignment);
        change->n_assignments++;
    }
    *assignment = (struct cab_assignment){ .column = column };
    return assignment;
}

static bool is_assigned(const struct cab_change *change, const struct cab_column *column) {
    for (int i = 0; i < change->n_assignments; i++)
        if (change->assignments[i].column == column)
            return true;
    return false;
}

void cab_change_set(struct cab_call *call, struct cab_change *change, const char *column, const char *value) {
    const struct cab_column *found = cab_table_column(change->table, column);
    CAB_BUG_ON(found == NULL);
    assign(call, change, found)->value = value;
}

static struct cab_extra_field *find_extra(struct cab_extra_field *extras, int n, const char *name) {
    for (int i = 0; i < n; i++)
        if (strcmp(extras[i].name, name) == 0)
            return &extras[i];
    return NULL;
}

static void complain_unknown(struct cab_call *call, const struct cab_view *view, enum cab_op op, const char *name,
                             const char *field, const struct cab_extra_field *extras, int n_extras,
                             struct cab_complaints *complaints) {
    const struct cab_table *table = view->table;
    const char **words = cab_new_array(call->mem, const char *, (size_t)(table->n_columns + n_extras));
    size_t n = 0;
    for (int i = 0; i < n_extras; i++)
        words[n++] = extras[i].name;
    for (int i = 0; i < table->n_columns; i++)
        if (cab_policy_write(view->caller, table, &table->columns[i], op) != CAB_COLUMN_NONE)
            words[n++] = table->columns[i].name;
    const char *near = cab_nearest(name, words, n);
    complain(complaints, field, "unknown",
             near == NULL ? "There is no such field; leave it out."
                          : cab_printf(call->mem, "There is no such field; did you mean %s?", near));
}

static void read_member(struct cab_call *call, const struct cab_view *view, enum cab_op op, const char *name,
                        const struct cab_json *json, const char *prefix, struct cab_complaints *complaints,
                        struct cab_change *change, const struct cab_column *column) {
    const struct cab_table *table = view->table;
    struct cab_value_flaw flaw = { 0 };
    const char *value;
    if (cab_policy_write(view->caller, table, column, op) == CAB_COLUMN_NONE || column->kind == CAB_KIND_COMPOSITE) {
        complain(complaints, field_name(call, prefix, name, ""), "read_only",
                 column == table->deleted_at ? "Is not set by hand; delete the row or restore it."
                                             : "May only be read here; leave it out.");
        return;
    }
    if (cab_value_from_json(call->mem, column, json, &value, &flaw) != 0) {
        complain(complaints, field_name(call, prefix, name, flaw.pointer), flaw.code, flaw.detail);
        return;
    }
    if (value == NULL && column->not_null) {
        complain(complaints, field_name(call, prefix, name, ""), "required", "Must not be null.");
        return;
    }
    assign(call, change, column)->value = value;
}

bool cab_change_requires(const struct cab_view *view, const struct cab_column *column, enum cab_op op) {
    return column->not_null && !column->has_default && !column->is_identity && !column->is_generated
        && cab_policy_write(view->caller, view->table, column, op) != CAB_COLUMN_NONE;
}

const struct cab_column *cab_change_owner(const struct cab_view *view) {
    const struct cab_column *owner = view->table->owner;
    if (owner == NULL || owner == view->table->key || owner->is_identity || owner->is_generated
        || !view->caller->is_signed_in)
        return NULL;
    return owner;
}

/* key is that of a new row, where it does not stand in the object; or NULL. */
static void read_object(struct cab_call *call, const struct cab_view *view, enum cab_op op,
                        const struct cab_json *object, const char *prefix, const char *key,
                        struct cab_extra_field *extras, int n_extras, struct cab_complaints *complaints,
                        struct cab_change *change) {
    const struct cab_table *table = view->table;
    *change = (struct cab_change){ .table = table };
    if (cab_json_type(object) != CAB_JSON_OBJECT) {
        complain(complaints, prefix, "type", "Must be a JSON object, one member for each field.");
        return;
    }
    for (size_t i = 0; i < cab_json_count(object); i++) {
        const char *name = cab_json_key(object, i);
        const struct cab_json *json = cab_json_member(object, i);
        struct cab_extra_field *extra = find_extra(extras, n_extras, name);
        const struct cab_column *column = cab_view_find(view, name);
        if (column == NULL && table->deleted_at != NULL && strcmp(name, "is_deleted") == 0)
            column = table->deleted_at;
        if (extra != NULL)
            extra->value = json;
        else if (column == NULL)
            complain_unknown(call, view, op, name, field_name(call, prefix, name, ""), extras, n_extras, complaints);
        else
            read_member(call, view, op, name, json, prefix, complaints, change, column);
    }
    if (op != CAB_OP_CREATE)
        return;
    if (key != NULL)
        assign(call, change, table->key)->value = key;
    for (int i = 0; i < table->n_columns; i++) {
        const struct cab_column *column = &table->columns[i];
        if (key != NULL && column == table->key)
            continue;
        if (cab_change_requires(view, column, op) && cab_json_get(object, column->name) == NULL)
            complain(complaints, field_name(call, prefix, column->name, ""), "required", "This field is required.");
    }
    const struct cab_column *owner = cab_change_owner(view);
    if (owner != NULL)
        assign(call, change, owner)->value = view->caller->user_id_text;
}

void cab_change_read(struct cab_call *call, const struct cab_view *view, enum cab_op op, const struct cab_json *object,
                     const char *prefix, struct cab_extra_field *extras, int n_extras,
                     struct cab_complaints *complaints, struct cab_change *change) {
    read_object(call, view, op, object, prefix, NULL, extras, n_extras, complaints, change);
}

void cab_change_read_at(struct cab_call *call, const struct cab_view *view, const struct cab_json *object,
                        const char *key, struct cab_complaints *complaints, struct cab_change *change) {
    read_object(call, view, CAB_OP_CREATE, object, "", key, NULL, 0, complaints, change);
}

int cab_change_from_json(struct cab_call *call, const struct cab_table *table, enum cab_op op,
                         const struct cab_json *object, struct cab_extra_field *extras, int n_extras,
                         struct cab_change *change_out, struct cab_err *err) {
    struct cab_complaints complaints;
    struct cab_view view;
    cab_view_init(&view, call, table);
    cab_complaints_init(&complaints, call->mem, err);
    if (cab_json_type(object) != CAB_JSON_OBJECT)
        return cab_fail(err, CAB_PROBLEM_INVALID, "The body must be a JSON object, one member for each field.");
    cab_change_read(call, &view, op, object, "", extras, n_extras, &complaints, change_out);
    return cab_complaints_settle(&complaints);
}

void cab_change_complete(struct cab_call *call, const struct cab_view *view, struct cab_change *change,
                         struct cab_complaints *complaints) {
    const struct cab_table *table = view->table;
    for (int i = 0; i < table->n_columns; i++) {
        const struct cab_column *column = &table->columns[i];
        if (is_assigned(change, column)
            || cab_policy_write(view->caller, table, column, CAB_OP_UPDATE) == CAB_COLUMN_NONE
            || column->kind == CAB_KIND_COMPOSITE)
            continue;
        if (cab_change_requires(view, column, CAB_OP_UPDATE))
            complain(complaints, column->name, "required", "This field is required in a replacement; or use PATCH.");
        else
            assign(call, change, column)->is_default = true;
    }
}
