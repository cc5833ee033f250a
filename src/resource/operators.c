/*
 * The operators of filters, one row each.
 */
#include "filter.h"

#include <string.h>

#define K(kind) (1u << CAB_KIND_##kind)
#define NUMBERS (K(INT2) | K(INT4) | K(INT8) | K(NUMERIC) | K(FLOAT))
#define TIMES (K(DATE) | K(TIME) | K(TIMESTAMP) | K(TIMESTAMPTZ) | K(INTERVAL))
#define SCALARS (NUMBERS | TIMES | K(BOOL) | K(TEXT) | K(UUID) | K(BYTEA) | K(ENUM) | K(INET))
#define EVERY (SCALARS | K(OTHER) | K(JSON) | K(ARRAY) | K(RANGE) | K(COMPOSITE))

const struct cab_operator cab_operators[] = {
    { "eq", CAB_ARITY_ONE, CAB_TEST_EQ, EVERY & ~K(COMPOSITE), "equal; the same as no operator" },
    { "ne", CAB_ARITY_ONE, CAB_TEST_NE, EVERY & ~K(COMPOSITE), "not equal, and not NULL" },
    { "gt", CAB_ARITY_ONE, CAB_TEST_GT, SCALARS | K(RANGE), "greater; a day on a time: after that day" },
    { "gte", CAB_ARITY_ONE, CAB_TEST_GTE, SCALARS | K(RANGE), "greater or equal" },
    { "lt", CAB_ARITY_ONE, CAB_TEST_LT, SCALARS | K(RANGE), "less" },
    { "lte", CAB_ARITY_ONE, CAB_TEST_LTE, SCALARS | K(RANGE), "less or equal; a day on a time includes that day" },
    { "in", CAB_ARITY_LIST, CAB_TEST_IN, SCALARS | K(OTHER) | K(RANGE), "one of a list separated by commas" },
    { "nin", CAB_ARITY_LIST, CAB_TEST_NIN, SCALARS | K(OTHER) | K(RANGE), "none of a list, and not NULL" },
    { "null", CAB_ARITY_BOOL, CAB_TEST_IS_NULL, EVERY, "true: is NULL; false: is not" },
    { "contains", CAB_ARITY_ONE, CAB_TEST_LIKE, K(TEXT) | K(ENUM) | K(OTHER) | K(ARRAY) | K(JSON),
      "contains this text; an array: these elements; jsonb: this JSON" },
    { "icontains", CAB_ARITY_ONE, CAB_TEST_ILIKE, K(TEXT) | K(ENUM) | K(OTHER), "contains this text in any case" },
    { "startswith", CAB_ARITY_ONE, CAB_TEST_LIKE, K(TEXT) | K(ENUM) | K(OTHER), "starts with this text" },
    { "istartswith", CAB_ARITY_ONE, CAB_TEST_ILIKE, K(TEXT) | K(ENUM) | K(OTHER), "starts with this text in any case" },
    { "endswith", CAB_ARITY_ONE, CAB_TEST_LIKE, K(TEXT) | K(ENUM) | K(OTHER), "ends with this text" },
    { "like", CAB_ARITY_ONE, CAB_TEST_LIKE, K(TEXT) | K(ENUM) | K(OTHER), "matches a pattern of % and _" },
    { "ilike", CAB_ARITY_ONE, CAB_TEST_ILIKE, K(TEXT) | K(ENUM) | K(OTHER), "matches a pattern in any case" },
    { "between", CAB_ARITY_TWO, CAB_TEST_GTE, SCALARS | K(RANGE),
      "between two values separated by a comma, both included" },
    { .word = NULL },
};

const struct cab_operator *cab_operator_find(const char *word) {
    for (const struct cab_operator *op = cab_operators; op->word != NULL; op++)
        if (strcmp(op->word, word) == 0)
            return op;
    return NULL;
}

bool cab_operator_fits(const struct cab_operator *op, const struct cab_column *column) {
    if ((op->fits & 1u << column->kind) == 0)
        return false;
    /* type json has no comparison at all, jsonb has */
    return column->kind != CAB_KIND_JSON || op->arity == CAB_ARITY_BOOL || strcmp(column->base_type, "jsonb") == 0;
}

const char *cab_operator_list(const void *ctx, const struct cab_column *column) {
    struct cab_buf words;
    cab_buf_init(&words, ctx, 128);
    for (const struct cab_operator *op = cab_operators; op->word != NULL; op++)
        if (cab_operator_fits(op, column)) {
            cab_buf_adds(&words, words.len == 0 ? "" : ", ");
            cab_buf_adds(&words, op->word);
        }
    return words.data;
}
