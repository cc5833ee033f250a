/*
 * Asks the server again, value by value, when it refused one without saying which.  Only faulty requests pay for it.
 */
#include "probe.h"

#include <string.h>

#include "types.h"

/* Kinds that pass the client's side unchecked. */
static bool is_judged_by_server(const struct cab_column *column) {
    switch (column->kind) {
    case CAB_KIND_BOOL: case CAB_KIND_INT2: case CAB_KIND_INT4: case CAB_KIND_INT8: case CAB_KIND_UUID:
    case CAB_KIND_TEXT: case CAB_KIND_BYTEA:
        return column->type != column->base_type && strcmp(column->type, column->base_type) != 0; /* a domain */
    default:
        return true;
    }
}

static bool is_about_values(const struct cab_err *err) {
    return err->flaws == NULL && (strncmp(err->sqlstate, "22", 2) == 0 || strcmp(err->sqlstate, "23514") == 0)
        && strcmp(err->sqlstate, "22021") != 0;
}

/* Whether the server takes value as type; false also where it cannot be asked. */
static bool is_taken(struct cab_call *call, const char *value, const char *type) {
    struct cab_err ignored = { 0 };
    struct cab_sql sql;
    cab_sql_init(&sql, call->mem);
    cab_sql_add(&sql, "SELECT ");
    cab_sql_bind(&sql, value, type);
    return cab_db_query(call->db, call->mem, CAB_SHAPE_ONE, sql.text.data, sql.n_values,
                        (const char *const *)sql.values, NULL, &ignored) == 0;
}

static void refuse(struct cab_call *call, enum cab_place place, const char *name, const struct cab_column *column,
                   struct cab_err *err) {
    (void)cab_err_flaw(err, call->mem, place, name, "type", "Must be a valid value of type %s.", column->type);
    (void)cab_fail(err, CAB_PROBLEM_INVALID, "A value is not valid for its type; see errors.");
}

static void probe(struct cab_call *call, const struct cab_condition *condition, struct cab_err *err) {
    const struct cab_column *column = condition->column;
    if (condition->node == CAB_NODE_TEST && condition->value != NULL && is_judged_by_server(column)
        && column->kind != CAB_KIND_OTHER && condition->test != CAB_TEST_LIKE && condition->test != CAB_TEST_ILIKE) {
        bool is_list = condition->test == CAB_TEST_IN || condition->test == CAB_TEST_NIN;
        const char *type = is_list ? cab_type_array(call->mem, column->base_type)
                                   : cab_type_bare(call->mem, column->base_type);
        if (!is_taken(call, condition->value, type))
            refuse(call, CAB_PLACE_PARAMETER, condition->param, column, err);
    }
    for (const struct cab_condition *child = condition->first; child != NULL; child = child->next)
        probe(call, child, err);
}

void cab_probe_conditions(struct cab_call *call, const struct cab_condition *condition, struct cab_err *err) {
    if (is_about_values(err))
        probe(call, condition, err);
}

void cab_probe_change(struct cab_call *call, const struct cab_change *change, struct cab_err *err) {
    if (!is_about_values(err))
        return;
    for (int i = 0; i < change->n_assignments; i++) {
        const struct cab_assignment *assignment = &change->assignments[i];
        if (assignment->value != NULL && is_judged_by_server(assignment->column)
            && !is_taken(call, assignment->value, assignment->column->type))
            refuse(call, CAB_PLACE_FIELD, assignment->column->name, assignment->column, err);
    }
}
