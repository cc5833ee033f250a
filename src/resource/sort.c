/*
 * The order of a list: sort=-a,b, or sort_by and sort_order, or the table's own; the key is always the last.  Beside
 * fields it may be by closeness to what is searched for.
 */
#include <string.h>

#include "query.h"

static bool is_sortable(const struct cab_column *column) {
    return column->kind != CAB_KIND_OTHER && column->kind != CAB_KIND_JSON && column->kind != CAB_KIND_COMPOSITE
        && column->kind != CAB_KIND_ARRAY;
}

static void add_key(struct cab_filter_input *input, struct cab_query *query, const char *param, const char *name,
                    bool descending) {
    static const char *const words[] = { CAB_SORT_CLOSENESS };
    const struct cab_column *column = cab_view_find(input->view, name);
    bool by_closeness = column == NULL && strcmp(name, CAB_SORT_CLOSENESS) == 0;
    if (column == NULL && !by_closeness) {
        const char *near = cab_view_nearest(input->view, input->mem, name, words, CAB_LENGTH(words));
        cab_complain(input->complaints, CAB_PROBLEM_INVALID, CAB_PLACE_PARAMETER, param, "unknown",
                     "Must name fields to sort by%s%s.", near == NULL ? "" : "; did you mean ",
                     near == NULL ? "" : near);
        return;
    }
    if (!by_closeness && !cab_filter_allowed(input, column, param))
        return;
    if (!by_closeness && !is_sortable(column)) {
        cab_complain(input->complaints, CAB_PROBLEM_INVALID, CAB_PLACE_PARAMETER, param, "type",
                     "Field %s has a type without an order (%s); sort by another one.", column->name,
                     column->base_type);
        return;
    }
    for (int i = 0; i < query->n_sort; i++)
        if (query->sort[i].column == column) {
            cab_complain(input->complaints, CAB_PROBLEM_INVALID, CAB_PLACE_PARAMETER, param, "duplicate",
                         "Must name field %s only once.", name);
            return;
        }
    if (query->n_sort == CAB_SORT_MOST) {
        cab_complain(input->complaints, CAB_PROBLEM_INVALID, CAB_PLACE_PARAMETER, param, "too_long",
                     "Must name at most %d fields.", CAB_SORT_MOST);
        return;
    }
    query->sort[query->n_sort++] = (struct cab_sort_key){ column, descending };
    query->is_by_closeness = query->is_by_closeness || by_closeness;
}

static void check_closeness(struct cab_filter_input *input, const struct cab_query *query, const char *param) {
    if (query->search_text == NULL)
        cab_complain(input->complaints, CAB_PROBLEM_INVALID, CAB_PLACE_PARAMETER, param, "needs_search",
                     CAB_SORT_CLOSENESS " needs search; say what to search for, or sort by fields.");
    if (query->cursor != NULL)
        cab_complain(input->complaints, CAB_PROBLEM_MALFORMED, CAB_PLACE_PARAMETER, "cursor", "conflict",
                     "There are no cursors by " CAB_SORT_CLOSENESS "; use page, or sort by fields.");
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
    if (query->is_by_closeness)
        check_closeness(input, query, sort != NULL ? "sort" : "sort_by");

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
