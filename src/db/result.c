/*
 * Results: a PGresult that dies with its memory, its values, and the shape it must have.
 */
#include "private.h"
#include <stdlib.h>
#include <string.h>

static void clear(void *ptr) {
    struct cab_result *result = ptr;
    PQclear(result->result);
    result->result = NULL;
}

struct cab_result *cab_result_make(void *ctx, PGresult *result) {
    struct cab_result *made = cab_new(ctx, struct cab_result);
    made->result = result;
    cab_mem_on_free(made, clear);
    return made;
}

int cab_result_check(const PGresult *result, enum cab_shape shape, struct cab_err *err) {
    ExecStatusType status = PQresultStatus(result);
    int rows = PQntuples(result);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
        (void)cab_fail(err, CAB_PROBLEM_INTERNAL, "The database answered in an unexpected way.");
        cab_err_internal(err, "result status %s", PQresStatus(status));
        return -1;
    }
    bool fits = shape == CAB_SHAPE_NONE    ? status == PGRES_COMMAND_OK
                : shape == CAB_SHAPE_ONE   ? status == PGRES_TUPLES_OK && rows == 1
                : shape == CAB_SHAPE_MAYBE ? status == PGRES_TUPLES_OK && rows <= 1
                                           : shape == CAB_SHAPE_ANY;
    if (fits)
        return 0;
    static const char *const wanted[] = { [CAB_SHAPE_NONE] = "no rows", [CAB_SHAPE_ONE] = "one row",
                                          [CAB_SHAPE_MAYBE] = "at most one row", [CAB_SHAPE_ANY] = "rows" };
    (void)cab_fail(err, CAB_PROBLEM_INTERNAL, "The database answered in an unexpected way.");
    cab_err_internal(err, "%s expected, %s of %d rows came", wanted[shape], PQresStatus(status), rows);
    return -1;
}

int64_t cab_result_affected(const struct cab_result *result) {
    return strtoll(PQcmdTuples(result->result), NULL, 10);
}

int cab_result_rows(const struct cab_result *result) {
    return result->is_part ? result->n : PQntuples(result->result);
}

int cab_result_columns(const struct cab_result *result) {
    return PQnfields(result->result);
}

const char *cab_result_name(const struct cab_result *result, int column) {
    return PQfname(result->result, column);
}

const char *cab_result_value(const struct cab_result *result, int row, int column) {
    row += result->first;
    return PQgetisnull(result->result, row, column) ? NULL : PQgetvalue(result->result, row, column);
}

const char *cab_result_text(const struct cab_result *result, int row, int column, size_t *n_out) {
    row += result->first;
    int n = PQgetlength(result->result, row, column);
    *n_out = (size_t)n;
    return n == 0 && PQgetisnull(result->result, row, column) ? NULL : PQgetvalue(result->result, row, column);
}

int cab_result_length(const struct cab_result *result, int row, int column) {
    return PQgetlength(result->result, result->first + row, column);
}

bool cab_result_bool(const struct cab_result *result, int row, int column) {
    const char *value = cab_result_value(result, row, column);
    return value != NULL && value[0] == 't';
}

int64_t cab_result_int64(const struct cab_result *result, int row, int column) {
    const char *value = cab_result_value(result, row, column);
    return value == NULL ? 0 : strtoll(value, NULL, 10);
}
