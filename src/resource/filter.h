/*
 * Conditions on the rows of a table: a tree of tests with checked values, made from query parameters and from the JSON
 * language, turned into SQL by where.c.
 */
#ifndef CABINET_RESOURCE_FILTER_H
#define CABINET_RESOURCE_FILTER_H

#include "complaint.h"
#include "value.h"
#include "view.h"

enum cab_node { CAB_NODE_TEST = 1, CAB_NODE_AND, CAB_NODE_OR, CAB_NODE_NOT };

/* What a test does in SQL; the API's operators are more, and are brought down to these. */
enum cab_test {
    CAB_TEST_EQ = 1, CAB_TEST_NE, CAB_TEST_GT, CAB_TEST_GTE, CAB_TEST_LT, CAB_TEST_LTE,
    CAB_TEST_IN, CAB_TEST_NIN,       /* value is an array literal */
    CAB_TEST_IS_NULL, CAB_TEST_NOT_NULL,
    CAB_TEST_LIKE, CAB_TEST_ILIKE,   /* value is a pattern */
    CAB_TEST_HOLDS,                  /* @>: arrays and jsonb; value as that type */
    CAB_TEST_NEVER,                  /* no row */
    CAB_TEST__MAX
};

struct cab_condition {
    enum cab_node node;
    const struct cab_column *column; /* of a test */
    enum cab_test test;
    const char *value;
    const char *param;               /* the parameter it came from, for a value that only the server can judge */
    struct cab_condition *first, *next; /* children of AND, OR and NOT, and the next of the same parent */
};

#define CAB_FILTER_CONDITIONS_MOST 32
#define CAB_FILTER_DEPTH_MOST 4
#define CAB_FILTER_LIST_MOST 200
#define CAB_FILTER_JSON_MOST 8192

/* A new node below ctx. */
struct cab_condition *cab_condition_make(const void *ctx, enum cab_node node);
struct cab_condition *cab_condition_test(const void *ctx, const struct cab_column *column, enum cab_test test,
                                         const char *value);
/* Adds child as the last one of parent. */
void cab_condition_add(struct cab_condition *parent, struct cab_condition *child);
/* Says of all tests below condition which parameter they came from. */
void cab_condition_name(struct cab_condition *condition, const char *param);
/* Puts the children of an AND into an order that does not depend on that of the request, so that the same filter gives
 * the same statement and the same cursors. */
void cab_condition_sort(struct cab_condition *parent);

/* ---- the API's operators ---- */

enum cab_arity { CAB_ARITY_ONE = 1, CAB_ARITY_TWO, CAB_ARITY_LIST, CAB_ARITY_BOOL };

struct cab_operator {
    const char *word;
    enum cab_arity arity;
    enum cab_test test;   /* of the common case */
    unsigned fits;        /* kinds: bit 1 << enum cab_kind */
    const char *doc;      /* one line */
};

/* All operators, ended by a row without a word; OpenAPI is made from it too. */
extern const struct cab_operator cab_operators[];

const struct cab_operator *cab_operator_find(const char *word);
bool cab_operator_fits(const struct cab_operator *op, const struct cab_column *column);
/* "eq, ne, in": the operators that fit column. */
const char *cab_operator_list(const void *ctx, const struct cab_column *column);

/* A value as it came: either text of a parameter or JSON. */
struct cab_operand { const char *text; const struct cab_json *json; };

/* Makes the condition of one operator on one column.  A flaw's pointer names the operand of a list. */
int cab_filter_make(const void *ctx, const struct cab_column *column, const struct cab_operator *op,
                    const struct cab_operand *operands, size_t n, struct cab_condition **condition_out,
                    struct cab_value_flaw *flaw) CAB_MUST_CHECK;

/* ---- the two languages ---- */

/* What both report to and count in. */
struct cab_filter_input {
    const void *mem;
    const struct cab_view *view;
    struct cab_complaints *complaints;
    struct cab_condition *all;  /* the AND that conditions are added to */
    int n_tests;
    enum cab_place place;       /* of what is wrong in a JSON filter; zero: a parameter */
};

/* Reads a parameter `column`, `column__op` or `column[op]`.  False where its name is none of these: it is unknown then,
 * and nothing was reported. */
bool cab_filter_param(struct cab_filter_input *input, const struct cab_pair *param);

/* Reads the parameter filter=<JSON>. */
void cab_filter_json(struct cab_filter_input *input, const char *text);

/* Reads the same language from a body. */
void cab_filter_body(struct cab_filter_input *input, const char *text, size_t n);

/* Whether column may be filtered or sorted by; reports where not. */
bool cab_filter_allowed(struct cab_filter_input *input, const struct cab_column *column, const char *param);

#endif
