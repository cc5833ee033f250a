/*
 * Filters as query parameters: field=value, field__op=value, and the alias field[op].
 */
#include "filter.h"

#include <string.h>

/* Where a column of that name and an operator word are found in name; column_out is NULL where there is no column. */
static void resolve(const struct cab_view *view, const void *ctx, const char *name,
                    const struct cab_column **column_out, const char **word_out) {
    size_t n = strlen(name);
    *word_out = "eq";
    *column_out = cab_view_find(view, name);
    if (*column_out != NULL)
        return;
    /* the longest name of a column first: columns may have __ in their names */
    for (size_t i = n; i-- > 1;) {
        if (name[i] != '_' || name[i - 1] != '_')
            continue;
        *column_out = cab_view_find(view, cab_strndup(ctx, name, i - 1));
        if (*column_out != NULL) {
            *word_out = name + i + 1;
            return;
        }
    }
    const char *bracket = strchr(name, '[');
    if (bracket != NULL && name[n - 1] == ']') {
        *column_out = cab_view_find(view, cab_strndup(ctx, name, (size_t)(bracket - name)));
        *word_out = cab_strndup(ctx, bracket + 1, n - (size_t)(bracket - name) - 2);
        return;
    }
    if (strcmp(name, "date_created_after") == 0 || strcmp(name, "date_created_before") == 0) {
        *column_out = cab_view_find(view, "date_created");
        *word_out = strstr(name, "after") != NULL ? "gte" : "lte";
    }
}

bool cab_filter_allowed(struct cab_filter_input *input, const struct cab_column *column, const char *param) {
    if (cab_view_column(input->view, column) == CAB_COLUMN_ALL)
        return true;
    cab_complain(input->complaints, CAB_PROBLEM_FORBIDDEN_PARAMETER,
                 input->place != 0 ? input->place : CAB_PLACE_PARAMETER, param, "forbidden_parameter",
                 "Parameter %s names a field that you may not read of these rows; leave it out.", param);
    return false;
}

bool cab_filter_param(struct cab_filter_input *input, const struct cab_pair *param) {
    const struct cab_column *column;
    const char *word;
    struct cab_condition *condition;
    struct cab_value_flaw flaw = { 0 };
    struct cab_operand operand = { .text = param->value };

    resolve(input->view, input->mem, param->name, &column, &word);
    if (column == NULL)
        return false;
    const struct cab_operator *op = cab_operator_find(word);
    if (op == NULL) {
        cab_complain(input->complaints, CAB_PROBLEM_UNKNOWN_PARAMETER, CAB_PLACE_PARAMETER, param->name, "unknown",
                     "Field %s has no such operator; it has: %s.", column->name, cab_operator_list(input->mem, column));
        return true;
    }
    if (!cab_filter_allowed(input, column, param->name))
        return true;
    input->n_tests++;
    if (cab_filter_make(input->mem, column, op, &operand, 1, &condition, &flaw) != 0) {
        cab_complain(input->complaints, CAB_PROBLEM_INVALID, CAB_PLACE_PARAMETER, param->name, flaw.code, "%s",
                     flaw.detail);
        return true;
    }
    cab_condition_name(condition, param->name);
    cab_condition_add(input->all, condition);
    return true;
}
