/*
 * The order of a list: sort=-a,b, or sort_by and sort_order, or the table's own; the key is always the last.
 */
#include <string.h>

#include "query.h"

static bool is_sortable(const struct cab_column *column) {
    return column->kind != CAB_KIND_OTHER && column->kind != CAB_KIND_JSON && column->kind != CAB_KIND_COMPOSITE
        && column->kind != CAB_KIND_ARRAY;
}

static void add_key(struct cab_filter_input *input, struct cab_query *query, const char *param, const char *name,
                    bool descending) {
    const struct cab_column *column = cab_view_find(input->view, name);
    if (column == NULL) {
        const char *near = cab_view_nearest(input->view, input->mem, name, NULL, 0);
        cab_complain(input->complaints, CAB_PROBLEM_INVALID, CAB_PLACE_PARAMETER, param, "unknown",
                     "Must name fields to sort by%s%s.", near == NULL ? "" : "; did you mean ",
                     near == NULL ? "" : near);
        return;
    }
    if (!cab_filter_allowed(input, column, param))
        return;
    if (!is_sortable(column)) {
        cab_complain(input->complaints, CAB_PROBLEM_INVALID, CAB_PLACE_PARAMETER, param, "type",
                     "Field %s has a type without an order (%s); sort by another one.", column->name,
                     column->base_type);
        return;
    }
    for (int i = 0; i < query->n_sort; i++)
        if (query->sort[i].column == column) {
            cab_complain(input->complaints, CAB_PROBLEM_INVALID, CAB_PLACE_PARAMETER, param, "duplicate",
                         "Must name field %s only once.", column->name);
            return;
        }
    if (query->n_sort == CAB_SORT_MOST) {
        cab_complain(input->complaints, CAB_PROBLEM_INVALID, CAB_PLACE_PARAMETER, param, "too_long",
                     "Must name at most %d fields.", CAB_SORT_MOST);
        return;
    }
    query->sort[query->n_sort++] = (struct cab_sort_key){ column, descending };
}

static void read_list(struct cab_filter_input *input, struct cab_query *query, const char *text) {
    for (;;) {
        size_t n = strcspn(text, ",");
        bool descending = text[0] == '-';
        add_key(input, query, "sort", cab_strndup(input->mem, text + descending, n - descending), descending);
        if (text[n] == '\0' || input->complaints->n > CAB_FILTER_CONDITIONS_MOST)
            return;
        text += n + 1;
    }
}

static bool is_descending(const struct cab_table *table) {
    return table->order != NULL && table->order_descending;
}

void cab_sort_parse(struct cab_filter_input *input, const struct cab_request *request, struct cab_query *query) {
    const struct cab_table *table = input->view->table;
    const char *sort = cab_request_param(request, "sort"), *by = cab_request_param(request, "sort_by"),
               *order = cab_request_param(request, "sort_order");
    bool descending = order != NULL && strcmp(order, "desc") == 0;

    if (order != NULL && !descending && strcmp(order, "asc") != 0)
        cab_complain(input->complaints, CAB_PROBLEM_INVALID, CAB_PLACE_PARAMETER, "sort_order", "not_one_of",
                     "Must be one of: asc, desc.");
    if (sort != NULL && (by != NULL || order != NULL)) {
        cab_complain(input->complaints, CAB_PROBLEM_MALFORMED, CAB_PLACE_PARAMETER, "sort", "conflict",
                     "Parameters sort and sort_by with sort_order are two ways to say the same; use one of them.");
        return;
    }
    if (sort != NULL)
        read_list(input, query, sort);
    else if (by != NULL)
        add_key(input, query, "sort_by", by, descending);

    const struct cab_column *standard = table->order != NULL ? table->order : table->key;
    if (query->n_sort == 0 && cab_view_column(input->view, standard) == CAB_COLUMN_ALL)
        query->sort[query->n_sort++] =
            (struct cab_sort_key){ standard, order != NULL ? descending : is_descending(table) };
    for (int i = 0; i < query->n_sort; i++)
        if (query->sort[i].column == table->key) {
            query->n_sort = i + 1; /* what follows a unique column decides nothing */
            return;
        }
    /* in the direction of the last, so that an index on both serves either way */
    query->sort[query->n_sort] =
        (struct cab_sort_key){ table->key, query->n_sort > 0 && query->sort[query->n_sort - 1].descending };
    query->n_sort++;
}
