/*
 * Makes conditions: one operator, one column, its operands.  Here is what `a day on a time column` means, what `none`
 * means, and how text operators become patterns.
 */
#include "filter.h"

#include <stdlib.h>
#include <string.h>

#include "lexeme.h"
#include "types.h"

struct cab_condition *cab_condition_make(const void *ctx, enum cab_node node) {
    struct cab_condition *condition = cab_new(ctx, struct cab_condition);
    condition->node = node;
    return condition;
}

struct cab_condition *cab_condition_test(const void *ctx, const struct cab_column *column, enum cab_test test,
                                         const char *value) {
    struct cab_condition *condition = cab_condition_make(ctx, CAB_NODE_TEST);
    condition->column = column;
    condition->test = test;
    condition->value = value;
    return condition;
}

void cab_condition_add(struct cab_condition *parent, struct cab_condition *child) {
    struct cab_condition **last = &parent->first;
    while (*last != NULL)
        last = &(*last)->next;
    *last = child;
}

void cab_condition_name(struct cab_condition *condition, const char *param) {
    condition->param = param;
    for (struct cab_condition *child = condition->first; child != NULL; child = child->next)
        cab_condition_name(child, param);
}

static int compare_conditions(const void *a, const void *b) {
    const struct cab_condition *x = *(struct cab_condition *const *)a, *y = *(struct cab_condition *const *)b;
    if (x->node != y->node)
        return x->node < y->node ? -1 : 1;
    if (x->node != CAB_NODE_TEST)
        return 0;
    if (x->column != y->column)
        return x->column->attnum < y->column->attnum ? -1 : 1;
    return x->test < y->test ? -1 : x->test > y->test;
}

void cab_condition_sort(struct cab_condition *parent) {
    struct cab_condition *list[2 * CAB_FILTER_CONDITIONS_MOST];
    size_t n = 0;
    for (struct cab_condition *child = parent->first; child != NULL; child = child->next) {
        if (n == CAB_LENGTH(list))
            return;
        list[n++] = child;
    }
    /* an insertion sort, since it must be stable */
    for (size_t i = 1; i < n; i++)
        for (size_t j = i; j > 0 && compare_conditions(&list[j - 1], &list[j]) > 0; j--) {
            struct cab_condition *swapped = list[j];
            list[j] = list[j - 1];
            list[j - 1] = swapped;
        }
    parent->first = NULL;
    for (size_t i = n; i > 0; i--) {
        list[i - 1]->next = parent->first;
        parent->first = list[i - 1];
    }
}

static bool is_instant(const struct cab_column *column) {
    return column->kind == CAB_KIND_TIMESTAMP || column->kind == CAB_KIND_TIMESTAMPTZ;
}

/* The operand as text, NULL where it is JSON other than a string. */
static const char *text_of(const struct cab_operand *operand) {
    if (operand->json == NULL)
        return operand->text;
    return cab_json_type(operand->json) == CAB_JSON_STRING ? cab_json_text(operand->json, NULL) : NULL;
}

static bool is_null(const struct cab_operand *operand) {
    return operand->json != NULL && cab_json_type(operand->json) == CAB_JSON_NULL;
}

/* `none` in the query stands for NULL where it cannot be a value that somebody meant. */
static bool says_none(const struct cab_column *column, const struct cab_operand *operand) {
    if (operand->json != NULL || column->not_null || strcmp(operand->text, "none") != 0)
        return false;
    if (column->kind != CAB_KIND_ENUM)
        return column->kind == CAB_KIND_TEXT;
    for (int i = 0; column->labels != NULL && column->labels[i] != NULL; i++)
        if (strcmp(column->labels[i], "none") == 0)
            return false;
    return true;
}

/* Splits text at commas; a backslash takes the next character as it is. */
static struct cab_operand *split(const void *ctx, const char *text, size_t *n_out) {
    size_t n = 1;
    for (const char *s = text; *s != '\0'; s++)
        n += *s == ',';
    struct cab_operand *operands = cab_new_array(ctx, struct cab_operand, n);
    char *copy = cab_mem_alloc(ctx, strlen(text) + 1), *to = copy;
    n = 0;
    operands[n++].text = copy;
    for (const char *s = text; *s != '\0'; s++) {
        if (*s == ',') {
            *to++ = '\0';
            operands[n++].text = to;
        } else {
            if (*s == '\\' && (s[1] == ',' || s[1] == '\\'))
                s++;
            *to++ = *s;
        }
    }
    *to = '\0';
    *n_out = n;
    return operands;
}

/* The text to bind for one operand. */
static int convert(const void *ctx, const struct cab_column *column, const struct cab_operand *operand,
                   const char **value_out, struct cab_value_flaw *flaw) {
    const char *text = text_of(operand);
    if (column->kind == CAB_KIND_ARRAY && operand->json == NULL) {
        size_t n = 0;
        const struct cab_column *element = cab_type_element(ctx, column);
        struct cab_operand *parts = *operand->text == '\0' ? NULL : split(ctx, operand->text, &n);
        const char **values = cab_new_array(ctx, const char *, n + 1);
        for (size_t i = 0; i < n; i++)
            if (cab_value_from_text(ctx, element, parts[i].text, &values[i], flaw) != 0)
                return -1;
        *value_out = cab_value_array(ctx, values, n);
        return 0;
    }
    if (text != NULL && (operand->json == NULL || is_instant(column)))
        return cab_value_from_text(ctx, column, text, value_out, flaw);
    if (cab_value_from_json(ctx, column, operand->json, value_out, flaw) != 0)
        return -1;
    if (*value_out == NULL)
        return cab_value_wrong(ctx, flaw, "type", "Must not be null here; use the operator null.");
    return 0;
}

/* The first instant of a day, as the column's type writes it. */
static const char *midnight(const void *ctx, const struct cab_column *column, const char *day) {
    return cab_printf(ctx, "%sT00:00:00%s", day, column->kind == CAB_KIND_TIMESTAMPTZ ? "Z" : "");
}

/* A day on a time column is all of that day. */
static struct cab_condition *compare_day(const void *ctx, const struct cab_column *column, enum cab_test test,
                                         const char *day) {
    const char *start = midnight(ctx, column, day), *end = midnight(ctx, column, cab_lexeme_next_day(ctx, day));
    struct cab_condition *both;
    switch (test) {
    case CAB_TEST_EQ:
        both = cab_condition_make(ctx, CAB_NODE_AND);
        cab_condition_add(both, cab_condition_test(ctx, column, CAB_TEST_GTE, start));
        cab_condition_add(both, cab_condition_test(ctx, column, CAB_TEST_LT, end));
        return both;
    case CAB_TEST_NE:
        both = cab_condition_make(ctx, CAB_NODE_OR);
        cab_condition_add(both, cab_condition_test(ctx, column, CAB_TEST_LT, start));
        cab_condition_add(both, cab_condition_test(ctx, column, CAB_TEST_GTE, end));
        return both;
    case CAB_TEST_GT:
        return cab_condition_test(ctx, column, CAB_TEST_GTE, end);
    case CAB_TEST_LTE:
        return cab_condition_test(ctx, column, CAB_TEST_LT, end);
    default:
        return cab_condition_test(ctx, column, test, start);
    }
}

static bool is_day(const struct cab_column *column, const struct cab_operand *operand) {
    const char *text = text_of(operand);
    return is_instant(column) && text != NULL && cab_lexeme_day(text);
}

static int make_comparison(const void *ctx, const struct cab_column *column, enum cab_test test,
                           const struct cab_operand *operand, struct cab_condition **condition_out,
                           struct cab_value_flaw *flaw) {
    const char *value;
    if ((test == CAB_TEST_EQ || test == CAB_TEST_NE) && (is_null(operand) || says_none(column, operand))) {
        *condition_out =
            cab_condition_test(ctx, column, test == CAB_TEST_EQ ? CAB_TEST_IS_NULL : CAB_TEST_NOT_NULL, NULL);
        return 0;
    }
    if (is_day(column, operand)) {
        *condition_out = compare_day(ctx, column, test, text_of(operand));
        return 0;
    }
    if (convert(ctx, column, operand, &value, flaw) != 0)
        return -1;
    *condition_out = cab_condition_test(ctx, column, test, value);
    return 0;
}

/* in and nin: the plain values by one array, days and NULL beside it. */
static int make_list(const void *ctx, const struct cab_column *column, bool negated, const struct cab_operand *operands,
                     size_t n, struct cab_condition **condition_out, struct cab_value_flaw *flaw) {
    if (n > CAB_FILTER_LIST_MOST)
        return cab_value_wrong(ctx, flaw, "too_long", "Must list at most %d values.", CAB_FILTER_LIST_MOST);
    struct cab_condition *group = cab_condition_make(ctx, negated ? CAB_NODE_AND : CAB_NODE_OR);
    const char **values = cab_new_array(ctx, const char *, n + 1);
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        if (is_null(&operands[i])) {
            cab_condition_add(
                group, cab_condition_test(ctx, column, negated ? CAB_TEST_NOT_NULL : CAB_TEST_IS_NULL, NULL));
        } else if (is_day(column, &operands[i])) {
            cab_condition_add(
                group, compare_day(ctx, column, negated ? CAB_TEST_NE : CAB_TEST_EQ, text_of(&operands[i])));
        } else if (convert(ctx, column, &operands[i], &values[count++], flaw) != 0) {
            flaw->pointer = cab_printf(ctx, "/%zu", i);
            return -1;
        }
    }
    struct cab_condition *plain = cab_condition_test(ctx, column, negated ? CAB_TEST_NIN : CAB_TEST_IN,
                                                     cab_value_array(ctx, values, count));
    if (group->first == NULL) {
        *condition_out = plain;
        return 0;
    }
    if (count > 0)
        cab_condition_add(group, plain);
    *condition_out = group;
    return 0;
}

static bool ends_in_escape(const char *pattern) {
    size_t n = strlen(pattern), backslashes = 0;
    while (backslashes < n && pattern[n - 1 - backslashes] == '\\')
        backslashes++;
    return backslashes % 2 == 1;
}

/* Text operators: the pattern that LIKE takes. */
static int make_pattern(const void *ctx, const struct cab_column *column, const struct cab_operator *op,
                        const struct cab_operand *operand, struct cab_condition **condition_out,
                        struct cab_value_flaw *flaw) {
    const char *text = text_of(operand);
    struct cab_buf pattern;
    if (text == NULL)
        return cab_value_wrong(ctx, flaw, "type", "Must be a string.");
    if (strcmp(op->word, "like") == 0 || strcmp(op->word, "ilike") == 0) {
        if (ends_in_escape(text))
            return cab_value_wrong(ctx, flaw, "format", "Must not end with a single backslash; write two for one.");
        *condition_out = cab_condition_test(ctx, column, op->test, text);
        return 0;
    }
    cab_buf_init(&pattern, ctx, strlen(text) + 8);
    if (strstr(op->word, "startswith") == NULL)
        cab_buf_addc(&pattern, '%');
    for (; *text != '\0'; text++) {
        if (*text == '%' || *text == '_' || *text == '\\')
            cab_buf_addc(&pattern, '\\');
        cab_buf_addc(&pattern, *text);
    }
    if (strcmp(op->word, "endswith") != 0)
        cab_buf_addc(&pattern, '%');
    *condition_out = cab_condition_test(ctx, column, op->test, pattern.data);
    return 0;
}

static int make_null(const void *ctx, const struct cab_column *column, const struct cab_operand *operand,
                     struct cab_condition **condition_out, struct cab_value_flaw *flaw) {
    bool yes = false, read;
    if (operand->json != NULL) {
        read = cab_json_type(operand->json) == CAB_JSON_BOOL;
        yes = read && cab_json_bool(operand->json);
    } else {
        read = cab_parse_bool(operand->text, &yes) == 0;
    }
    if (!read)
        return cab_value_wrong(ctx, flaw, "type", "Must be true or false.");
    *condition_out = cab_condition_test(ctx, column, yes ? CAB_TEST_IS_NULL : CAB_TEST_NOT_NULL, NULL);
    return 0;
}

int cab_filter_make(const void *ctx, const struct cab_column *column, const struct cab_operator *op,
                    const struct cab_operand *operands, size_t n, struct cab_condition **condition_out,
                    struct cab_value_flaw *flaw) {
    struct cab_condition *low, *high;
    const char *value;
    if (!cab_operator_fits(op, column))
        return cab_value_wrong(ctx, flaw, "operator", "Must use an operator that fits the type (%s): %s.",
                               column->base_type, cab_operator_list(ctx, column));
    if (n == 1 && operands[0].json == NULL && (op->arity == CAB_ARITY_LIST || op->arity == CAB_ARITY_TWO))
        operands = split(ctx, operands[0].text, &n);

    switch (op->arity) {
    case CAB_ARITY_BOOL:
        return make_null(ctx, column, &operands[0], condition_out, flaw);
    case CAB_ARITY_LIST:
        return make_list(ctx, column, op->test == CAB_TEST_NIN, operands, n, condition_out, flaw);
    case CAB_ARITY_TWO:
        if (n != 2)
            return cab_value_wrong(ctx, flaw, "format", "Must be two values, the lower one first.");
        if (make_comparison(ctx, column, CAB_TEST_GTE, &operands[0], &low, flaw) != 0
            || make_comparison(ctx, column, CAB_TEST_LTE, &operands[1], &high, flaw) != 0)
            return -1;
        *condition_out = cab_condition_make(ctx, CAB_NODE_AND);
        cab_condition_add(*condition_out, low);
        cab_condition_add(*condition_out, high);
        return 0;
    case CAB_ARITY_ONE:
        break;
    }
    if (op->test != CAB_TEST_LIKE && op->test != CAB_TEST_ILIKE)
        return make_comparison(ctx, column, op->test, &operands[0], condition_out, flaw);
    if (column->kind != CAB_KIND_ARRAY && column->kind != CAB_KIND_JSON)
        return make_pattern(ctx, column, op, &operands[0], condition_out, flaw);
    if (convert(ctx, column, &operands[0], &value, flaw) != 0)
        return -1;
    *condition_out = cab_condition_test(ctx, column, CAB_TEST_HOLDS, value);
    return 0;
}
