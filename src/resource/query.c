/*
 * Reads the parameters of a list strictly.  Everything that is wrong is reported in one answer.
 */
#include "query.h"

#include <cabinet/resource.h>

#include <stdlib.h>
#include <string.h>

const struct cab_query_param cab_query_params[] = {
    { "page", "number of the page, from 1" },
    { "size", "rows a page" },
    { "cursor", "where to go on: cursors.next or cursors.prev of a page; instead of page" },
    { "sort", "fields to sort by, or _closeness to what is searched for, by commas; - before those that descend" },
    { "sort_by", "field to sort by, or _closeness" },
    { "sort_order", "asc or desc" },
    { "search", "words that must all be found, each in any searchable field; one or two letters where words begin" },
    { "fields", "fields to answer with, separated by commas" },
    { "expand", "rows of other tables to put into each row, by foreign keys, separated by commas" },
    { "count", "exact, estimated or none: how total is found" },
    { "filter", "conditions as JSON, with and, or and not" },
    { .name = NULL },
};

static const char *const count_words[] = {
    [CAB_COUNT_EXACT] = "exact", [CAB_COUNT_ESTIMATED] = "estimated", [CAB_COUNT_NONE] = "none",
};

const char *cab_count_word(enum cab_count count) {
    return count_words[count];
}

static enum cab_count count_of(const char *word) {
    for (enum cab_count count = CAB_COUNT_EXACT; count <= CAB_COUNT_NONE; count++)
        if (strcmp(count_words[count], word) == 0)
            return count;
    return 0;
}

bool cab_query_is_param(const char *name) {
    for (const struct cab_query_param *param = cab_query_params; param->name != NULL; param++)
        if (strcmp(param->name, name) == 0)
            return true;
    return false;
}

static void invalid(struct cab_filter_input *input, const char *param, const char *code, const char *detail) {
    cab_complain(input->complaints, CAB_PROBLEM_INVALID, CAB_PLACE_PARAMETER, param, code, "%s", detail);
}

static void malformed(struct cab_filter_input *input, const char *param, const char *code, const char *detail) {
    cab_complain(input->complaints, CAB_PROBLEM_MALFORMED, CAB_PLACE_PARAMETER, param, code, "%s", detail);
}

void cab_param_unknown(struct cab_filter_input *input, const char *name, const char *const *more, size_t n) {
    const char *near = cab_view_nearest(input->view, input->mem, name, more, n);
    if (near != NULL)
        cab_complain(input->complaints, CAB_PROBLEM_UNKNOWN_PARAMETER, CAB_PLACE_PARAMETER, name, "unknown",
                     "There is no parameter %s here; did you mean %s?", name, near);
    else
        cab_complain(input->complaints, CAB_PROBLEM_UNKNOWN_PARAMETER, CAB_PLACE_PARAMETER, name, "unknown",
                     "There is no parameter %s here.", name);
}

void cab_param_ignore(struct cab_buf *names, const char *name) {
    cab_buf_adds(names, names->len == 0 ? "" : ", ");
    cab_url_encode(names, name);
}

void cab_param_ignored(struct cab_call *call, const char *names) {
    if (cab_prefers(call->request, "handling", "lenient"))
        cab_response_header(call->response, "Preference-Applied", "handling=lenient");
    if (names != NULL)
        cab_response_header(call->response, "X-Ignored-Parameters", "%s", names);
}

static void unknown_param(struct cab_filter_input *input, const char *name) {
    const char *words[CAB_LENGTH(cab_query_params)];
    size_t n = 0;
    for (const struct cab_query_param *param = cab_query_params; param->name != NULL; param++)
        words[n++] = param->name;
    if (input->view->table->deleted_at != NULL)
        words[n++] = "is_deleted";
    cab_param_unknown(input, name, words, n);
}

static void read_page(struct cab_filter_input *input, const struct cab_request *request, const struct cab_conf *conf,
                      struct cab_query *query) {
    const char *page = cab_request_param(request, "page"), *size = cab_request_param(request, "size");
    query->cursor = cab_request_param(request, "cursor");
    query->page = query->cursor != NULL ? 0 : 1;
    query->size = conf->page_size_default;
    if (page != NULL && query->cursor != NULL)
        malformed(input, "cursor", "conflict", "Parameters cursor and page exclude each other; leave one out.");
    else if (page != NULL && cab_parse_int64(page, 1, CAB_PAGE_MOST, &query->page) != 0)
        invalid(input, "page", "out_of_range",
                cab_printf(input->mem, "Must be an integer from 1 to %d.", CAB_PAGE_MOST));
    if (size != NULL && cab_parse_int64(size, 1, conf->page_size_max, &query->size) != 0)
        invalid(input, "size", "out_of_range",
                cab_printf(input->mem, "Must be an integer between 1 and %lld.", (long long)conf->page_size_max));
}

static void read_count(struct cab_filter_input *input, const struct cab_request *request, struct cab_query *query) {
    const char *count = cab_request_param(request, "count"), *preferred = cab_prefer_value(request, "count");
    query->count = query->cursor != NULL ? CAB_COUNT_NONE : CAB_COUNT_EXACT;
    if (count != NULL) {
        enum cab_count asked = count_of(count);
        if (asked == 0) {
            invalid(input, "count", "not_one_of", "Must be one of: exact, estimated, none.");
            return;
        }
        query->count = asked;
        query->count_asked = true;
    } else if (preferred != NULL && count_of(preferred) != 0) {
        query->count = count_of(preferred);
        query->count_asked = true;
        query->preference = cab_printf(input->mem, "count=%s", cab_count_word(query->count));
    }
}

static void read_search(struct cab_filter_input *input, const struct cab_request *request, struct cab_query *query) {
    const struct cab_table *table = input->view->table;
    const char *text = cab_request_param(request, "search");
    static const char blanks[] = " \t\n\r\f\v";
    int searchable = 0;
    if (text == NULL)
        return;
    if (text[strspn(text, blanks)] != '\0')
        query->search_text = text;
    query->search = cab_new_array(input->mem, const struct cab_column *, (size_t)table->n_columns);
    for (int i = 0; i < table->n_columns; i++) {
        const struct cab_column *column = &table->columns[i];
        searchable += column->is_search;
        if (column->is_search && cab_view_column(input->view, column) == CAB_COLUMN_ALL)
            query->search[query->n_search++] = column;
    }
    if (query->n_search == 0) {
        if (searchable > 0)
            cab_complain(input->complaints, CAB_PROBLEM_FORBIDDEN_PARAMETER, CAB_PLACE_PARAMETER, "search",
                         "forbidden_parameter", "You may not read the searchable fields of these rows; leave it out.");
        else
            invalid(input, "search", "not_searchable",
                    "This table has no searchable field; filter by a field instead.");
        return;
    }
    if (cab_utf8_length(text) > CAB_SEARCH_LENGTH_MOST) {
        invalid(input, "search", "too_long",
                cab_printf(input->mem, "Must have at most %d characters.", CAB_SEARCH_LENGTH_MOST));
        return;
    }
    while (*(text += strspn(text, blanks)) != '\0') {
        size_t n = strcspn(text, blanks);
        if (query->n_words == CAB_SEARCH_WORDS_MOST) {
            invalid(input, "search", "too_long",
                    cab_printf(input->mem, "Must have at most %d words.", CAB_SEARCH_WORDS_MOST));
            return;
        }
        query->words[query->n_words++] = cab_strndup(input->mem, text, n);
        text += n;
    }
}

static void read_is_deleted(struct cab_filter_input *input, const char *text, struct cab_query *query) {
    if (cab_view_is_deleted(input->view) == CAB_COLUMN_NONE)
        cab_complain(input->complaints, CAB_PROBLEM_FORBIDDEN_PARAMETER, CAB_PLACE_PARAMETER, "is_deleted",
                     "forbidden_parameter", "You may not see the trash; leave is_deleted out.");
    else if (cab_parse_bool(text, &query->trashed) != 0)
        invalid(input, "is_deleted", "type", "Must be true or false.");
}

void cab_fields_parse(struct cab_filter_input *input, const char *text, const char ***fields_out, int *n_out) {
    const char *end;
    *fields_out = NULL;
    *n_out = 0;
    if (text == NULL)
        return;
    size_t most = (size_t)input->view->table->n_columns + 1;
    const char **fields = cab_new_array(input->mem, const char *, most);
    int n = 0;
    for (;; text = end + 1) {
        size_t length = strcspn(text, ",");
        const char *name = cab_strndup(input->mem, text, length);
        bool is_trash_field = input->view->table->deleted_at != NULL && strcmp(name, "is_deleted") == 0, again = false;
        const struct cab_column *column = is_trash_field ? NULL : cab_view_find(input->view, name);
        enum cab_column_access access = is_trash_field ? cab_view_is_deleted(input->view)
                                      : column != NULL ? cab_view_column(input->view, column) : CAB_COLUMN_NONE;
        end = text + length;
        for (int i = 0; i < n; i++)
            again = again || strcmp(fields[i], name) == 0;
        if (column == NULL && !is_trash_field) {
            const char *near = cab_view_nearest(input->view, input->mem, name, NULL, 0);
            invalid(input, "fields", "unknown",
                    near == NULL ? "Must name fields of this table."
                                 : cab_printf(input->mem, "Must name fields of this table; did you mean %s?", near));
            return;
        }
        if (access == CAB_COLUMN_NONE)
            cab_complain(input->complaints, CAB_PROBLEM_FORBIDDEN_PARAMETER, CAB_PLACE_PARAMETER, "fields",
                         "forbidden_parameter", "You may not read field %s; leave it out.", name);
        if (again) {
            invalid(input, "fields", "duplicate", "Must name each field only once.");
            return;
        }
        fields[n++] = name;
        if (*end == '\0')
            break;
    }
    *fields_out = fields;
    *n_out = n;
}

static bool ends_in_one_of(const char *name, const char *const *words, size_t n_words) {
    size_t n = strlen(name);
    for (size_t i = 0; i < n_words; i++) {
        size_t length = strlen(words[i]);
        if (n > length && strcmp(name + n - length, words[i]) == 0)
            return true;
    }
    return false;
}

/* Whether saying it twice means something: two conditions that exclude or narrow. */
static bool may_repeat(const char *name) {
    static const char *const words[] = { "__ne", "__nin", "__contains", "__icontains", "__like", "__ilike",
                                         "__startswith", "__istartswith", "__endswith", "[ne]", "[nin]", "[contains]",
                                         "[icontains]", "[like]", "[ilike]" };
    return ends_in_one_of(name, words, CAB_LENGTH(words));
}

bool cab_query_is_search(const struct cab_request *request) {
    static const char *const inside[] = { "__contains", "__icontains", "__like", "__ilike", "__endswith", "[contains]",
                                          "[icontains]", "[like]", "[ilike]", "[endswith]" };
    bool is_read = request->method == CAB_GET || request->method == CAB_HEAD;
    if (!is_read || request->n_params == 0 || strchr(request->segments[request->n_segments - 1], '.') != NULL)
        return false;
    for (int i = 0; i < request->n_params; i++)
        if (strcmp(request->params[i].name, "search") == 0 ||
            ends_in_one_of(request->params[i].name, inside, CAB_LENGTH(inside)))
            return true;
    return false;
}

static bool is_repeated(const struct cab_request *request, int at) {
    for (int i = 0; i < at; i++)
        if (strcmp(request->params[i].name, request->params[at].name) == 0)
            return true;
    return false;
}

/* Filters, and whatever is not known. */
static void read_params(struct cab_call *call, struct cab_filter_input *input, struct cab_query *query) {
    const struct cab_request *request = call->request;
    bool lenient = cab_prefers(request, "handling", "lenient");
    struct cab_buf ignored;
    cab_buf_init(&ignored, call->mem, 64);
    for (int i = 0; i < request->n_params; i++) {
        const struct cab_pair *param = &request->params[i];
        if (is_repeated(request, i) && !may_repeat(param->name)) {
            malformed(input, param->name, "duplicate",
                      "Must stand only once; for several values use the operator in, as in id__in=1,2.");
        } else if (cab_query_is_param(param->name)) {
            if (strcmp(param->name, "filter") == 0)
                cab_filter_json(input, param->value);
        } else if (strcmp(param->name, "is_deleted") == 0 && input->view->table->deleted_at != NULL) {
            read_is_deleted(input, param->value, query);
        } else if (cab_filter_param(input, param)) {
            continue;
        } else if (lenient) {
            cab_param_ignore(&ignored, param->name);
        } else {
            unknown_param(input, param->name);
        }
    }
    query->ignored = ignored.len > 0 ? ignored.data : NULL;
}

int cab_query_parse(struct cab_call *call, const struct cab_view *view, struct cab_query *query, struct cab_err *err) {
    struct cab_complaints complaints;
    struct cab_filter_input input = { .mem = call->mem, .view = view, .complaints = &complaints };
    cab_complaints_init(&complaints, call->mem, err);
    *query = (struct cab_query){ 0 };
    input.all = query->where = cab_condition_make(call->mem, CAB_NODE_AND);

    read_page(&input, call->request, call->conf, query);
    read_count(&input, call->request, query);
    read_search(&input, call->request, query);
    cab_sort_parse(&input, call->request, query);
    cab_fields_parse(&input, cab_request_param(call->request, "fields"), &query->fields, &query->n_fields);
    read_params(call, &input, query);
    if (call->request->method == CAB_POST)
        cab_filter_body(&input, call->request->body, call->request->body_len);
    if (input.n_tests > CAB_FILTER_CONDITIONS_MOST)
        invalid(&input, "filter", "too_long",
                cab_printf(call->mem, "There must be at most %d conditions in all.", CAB_FILTER_CONDITIONS_MOST));
    cab_condition_sort(query->where);
    return cab_complaints_settle(&complaints);
}
