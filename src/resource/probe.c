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
        return false;
    default:
        return true;
    }
}

static bool is_about_values(const struct cab_err *err) {
    return err->flaws == NULL && (strncmp(err->sqlstate, "22", 2) == 0 || strcmp(err->sqlstate, "23514") == 0)
        && strcmp(err->sqlstate, "22021") != 0;
}

static bool is_of_domain(const struct cab_column *column) {
    return strcmp(column->type, column->base_type) != 0;
}

/* Whether the server takes value as type; false also where it cannot be asked. */
static bool is_taken(struct cab_call *call, const char *value, const char *type, struct cab_err *why) {
    struct cab_sql sql;
    cab_sql_init(&sql, call->mem);
    cab_sql_add(&sql, "SELECT ");
    cab_sql_bind(&sql, value, type);
    return cab_db_query(call->db, call->mem, CAB_SHAPE_ONE, sql.text.data, sql.n_values,
                        (const char *const *)sql.values, NULL, why) == 0;
}

/* The check of the column's domain that a value broke; NULL where it was something else. */
static const struct cab_constraint *check_of(const struct cab_table *table, const struct cab_column *column,
                                             const struct cab_err *why) {
    for (int i = 0; strcmp(why->sqlstate, "23514") == 0 && i < table->n_constraints; i++) {
        const struct cab_constraint *constraint = &table->constraints[i];
        if (constraint->kind == CAB_CONSTRAINT_CHECK && constraint->n_columns == 1 && constraint->columns[0] == column
            && strcmp(constraint->name, why->constraint) == 0)
            return constraint;
    }
    return NULL;
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
        struct cab_err why = { 0 };
        if (!is_taken(call, condition->value, type, &why))
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
        const struct cab_column *column = assignment->column;
        struct cab_err why = { 0 };
        if (assignment->value == NULL || (!is_judged_by_server(column) && !is_of_domain(column))
            || is_taken(call, assignment->value, column->type, &why))
            continue;
        const struct cab_constraint *check = check_of(change->table, column, &why);
        if (check != NULL)
            cab_call_check_broken(call, err, check);
        else
            refuse(call, CAB_PLACE_FIELD, column->name, column, err);
    }
}
