/*
 * Filters as JSON: {"or": [{"age": {"lt": 5}}, {"tag": ["a", "b"]}]}.  An object is the AND of its members; a bare
 * value is eq, an array is in, null is IS NULL.
 */
#include "filter.h"

#include <string.h>

static void read_object(struct cab_filter_input *input, const struct cab_json *json, int depth, const char *pointer,
                        struct cab_condition *parent);

static void wrong(struct cab_filter_input *input, const char *pointer, const char *code, const char *detail) {
    enum cab_place place = input->place != 0 ? input->place : CAB_PLACE_PARAMETER;
    cab_complain(input->complaints, CAB_PROBLEM_INVALID, place, pointer, code, "%s", detail);
}

/* pointer/key (RFC 6901) */
static const char *point(const void *ctx, const char *pointer, const char *key) {
    struct cab_buf buf;
    cab_buf_init(&buf, ctx, strlen(pointer) + strlen(key) + 8);
    cab_buf_adds(&buf, pointer);
    cab_buf_addc(&buf, '/');
    for (; *key != '\0'; key++) {
        if (*key == '~' || *key == '/')
            cab_buf_adds(&buf, *key == '~' ? "~0" : "~1");
        else
            cab_buf_addc(&buf, *key);
    }
    return buf.data;
}

static void read_test(struct cab_filter_input *input, const struct cab_column *column, const struct cab_operator *op,
                      const struct cab_json *json, const char *pointer, struct cab_condition *parent) {
    struct cab_value_flaw flaw = { 0 };
    struct cab_condition *condition;
    struct cab_operand one = { .json = json }, *operands = &one;
    size_t n = 1;

    if (!cab_filter_allowed(input, column, pointer))
        return;
    if (op->arity == CAB_ARITY_LIST || op->arity == CAB_ARITY_TWO) {
        if (cab_json_type(json) != CAB_JSON_ARRAY) {
            wrong(input, pointer, "type", "Must be an array of values.");
            return;
        }
        n = cab_json_count(json);
        operands = cab_new_array(input->mem, struct cab_operand, n + 1);
        for (size_t i = 0; i < n; i++)
            operands[i].json = cab_json_item(json, i);
    }
    input->n_tests++;
    if (cab_filter_make(input->mem, column, op, operands, n, &condition, &flaw) != 0) {
        wrong(input, cab_printf(input->mem, "%s%s", pointer, flaw.pointer), flaw.code, flaw.detail);
        return;
    }
    cab_condition_name(condition, pointer);
    cab_condition_add(parent, condition);
}

/* {"lt": 5, "gt": 1} */
static void read_operators(struct cab_filter_input *input, const struct cab_column *column, const struct cab_json *json,
                           const char *pointer, struct cab_condition *parent) {
    if (cab_json_count(json) == 0)
        wrong(input, pointer, "required", "Must name an operator, as in {\"lt\": 5}.");
    for (size_t i = 0; i < cab_json_count(json); i++) {
        const char *word = cab_json_key(json, i), *at = point(input->mem, pointer, word);
        const struct cab_operator *op = cab_operator_find(word);
        if (op == NULL)
            wrong(input, at, "unknown",
                  cab_printf(input->mem, "Field %s has no such operator; it has: %s.", column->name,
                             cab_operator_list(input->mem, column)));
        else
            read_test(input, column, op, cab_json_member(json, i), at, parent);
    }
}

static void read_field(struct cab_filter_input *input, const char *name, const struct cab_json *json,
                       const char *pointer, struct cab_condition *parent) {
    const struct cab_column *column = cab_view_find(input->view, name);
    enum cab_json_type type = cab_json_type(json);
    if (column == NULL) {
        static const char *const words[] = { "and", "or", "not" };
        const char *near = cab_view_nearest(input->view, input->mem, name, words, CAB_LENGTH(words));
        wrong(input, pointer, "unknown",
              near == NULL ? "There is no such field."
                           : cab_printf(input->mem, "There is no such field; did you mean %s?", near));
    } else if (type == CAB_JSON_OBJECT) {
        read_operators(input, column, json, pointer, parent);
    } else {
        bool is_list = type == CAB_JSON_ARRAY && column->kind != CAB_KIND_ARRAY;
        read_test(input, column, cab_operator_find(is_list ? "in" : "eq"), json, pointer, parent);
    }
}

/* "and", "or": an array of objects; "not": one object. */
static void read_logic(struct cab_filter_input *input, enum cab_node node, const struct cab_json *json, int depth,
                       const char *pointer, struct cab_condition *parent) {
    struct cab_condition *group = cab_condition_make(input->mem, node);
    if (depth > CAB_FILTER_DEPTH_MOST) {
        wrong(input, pointer, "too_deep",
              cab_printf(input->mem, "Must be nested at most %d levels deep.", CAB_FILTER_DEPTH_MOST));
        return;
    }
    if (node == CAB_NODE_NOT) {
        struct cab_condition *inner = cab_condition_make(input->mem, CAB_NODE_AND);
        read_object(input, json, depth, pointer, inner);
        cab_condition_add(group, inner);
    } else if (cab_json_type(json) != CAB_JSON_ARRAY || cab_json_count(json) == 0) {
        wrong(input, pointer, "type", "Must be an array of one or more objects.");
    } else {
        for (size_t i = 0; i < cab_json_count(json); i++) {
            struct cab_condition *inner = cab_condition_make(input->mem, CAB_NODE_AND);
            read_object(input, cab_json_item(json, i), depth, cab_printf(input->mem, "%s/%zu", pointer, i), inner);
            cab_condition_add(group, inner);
        }
    }
    cab_condition_add(parent, group);
}

static void read_object(struct cab_filter_input *input, const struct cab_json *json, int depth, const char *pointer,
                        struct cab_condition *parent) {
    if (cab_json_type(json) != CAB_JSON_OBJECT || cab_json_count(json) == 0) {
        wrong(input, pointer, "type", "Must be an object of conditions, as in {\"age\": {\"lt\": 5}}.");
        return;
    }
    for (size_t i = 0; i < cab_json_count(json); i++) {
        const char *key = cab_json_key(json, i), *at = point(input->mem, pointer, key);
        const struct cab_json *member = cab_json_member(json, i);
        if (strcmp(key, "and") == 0)
            read_logic(input, CAB_NODE_AND, member, depth + 1, at, parent);
        else if (strcmp(key, "or") == 0)
            read_logic(input, CAB_NODE_OR, member, depth + 1, at, parent);
        else if (strcmp(key, "not") == 0)
            read_logic(input, CAB_NODE_NOT, member, depth + 1, at, parent);
        else
            read_field(input, key, member, at, parent);
    }
}

void cab_filter_json(struct cab_filter_input *input, const char *text) {
    const struct cab_json *json;
    struct cab_err err = { 0 };
    if (strlen(text) > CAB_FILTER_JSON_MOST) {
        wrong(input, "filter", "too_long",
              cab_printf(input->mem, "Must have at most %d bytes.", CAB_FILTER_JSON_MOST));
        return;
    }
    if (cab_json_parse(cab_mem_alloc(input->mem, 1), text, strlen(text), &json, &err) != 0) {
        cab_complain(input->complaints, CAB_PROBLEM_MALFORMED, CAB_PLACE_PARAMETER, "filter", "format",
                     "Parameter filter must be JSON: %s", err.detail);
        return;
    }
    read_object(input, json, 0, "filter", input->all);
}

void cab_filter_body(struct cab_filter_input *input, const char *text, size_t n) {
    const struct cab_json *json;
    struct cab_err err = { 0 };
    input->place = CAB_PLACE_FIELD;
    if (cab_json_parse(cab_mem_alloc(input->mem, 1), text, n, &json, &err) != 0)
        cab_complain(input->complaints, CAB_PROBLEM_MALFORMED, CAB_PLACE_FIELD, "", "format",
                     "The body must be JSON: %s", err.detail);
    else if (cab_json_type(json) != CAB_JSON_OBJECT || cab_json_count(json) > 0) /* {} is all rows */
        read_object(input, json, 0, "", input->all);
    input->place = 0;
}
