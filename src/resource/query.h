/*
 * The parameters of a list, read and checked: what the plan is made from.
 */
#ifndef CABINET_RESOURCE_QUERY_H
#define CABINET_RESOURCE_QUERY_H

#include "filter.h"

enum cab_count { CAB_COUNT_EXACT = 1, CAB_COUNT_ESTIMATED, CAB_COUNT_NONE };
const char *cab_count_word(enum cab_count count);

/* The word for the order by closeness to the search text; the closest first unless it descends. */
#define CAB_SORT_CLOSENESS "_closeness"
struct cab_sort_key { const struct cab_column *column; /* NULL: by closeness */ bool descending; };
#define CAB_SORT_MOST 4
#define CAB_SEARCH_WORDS_MOST 8
#define CAB_SEARCH_LENGTH_MOST 200
#define CAB_PAGE_MOST 10000000
#define CAB_OFFSET_MOST 100000 /* rows before a page that no summary finds */

struct cab_query {
    int64_t page, size;          /* page is 0 where a cursor is given */
    const char *cursor;          /* or NULL */
    struct cab_sort_key sort[CAB_SORT_MOST + 1]; int n_sort; /* the key is always among them */
    const char *words[CAB_SEARCH_WORDS_MOST]; int n_words;
    const char *search_text;     /* as it was sent; NULL where there are no words in it */
    bool is_by_closeness;        /* closeness is among the sort keys: there are no cursors */
    const struct cab_column **search; int n_search; /* columns */
    struct cab_condition *where; /* an AND */
    const char **fields; int n_fields;              /* names; NULL: all */
    bool trashed;                /* the trash is listed */
    enum cab_count count;
    bool count_asked;
    const char *preference;      /* "count=none" where it came by Prefer */
    const char *ignored;         /* unknown parameters that Prefer: handling=lenient lets pass, or NULL */
};

/* Parameters of lists other than filters, ended by a row without a name; OpenAPI is made from it too. */
struct cab_query_param { const char *name, *doc; };
extern const struct cab_query_param cab_query_params[];
/* Whether it is one of them; a column of that name is filtered by NAME__eq. */
bool cab_query_is_param(const char *name);

int cab_query_parse(struct cab_call *call, const struct cab_view *view, struct cab_query *query, struct cab_err *err)
    CAB_MUST_CHECK;

/* The parameter sort, or sort_by with sort_order; fills query->sort. */
void cab_sort_parse(struct cab_filter_input *input, const struct cab_request *request, struct cab_query *query);

/* Reads the parameter fields (text may be NULL: all) into names below the input's memory. */
void cab_fields_parse(struct cab_filter_input *input, const char *text, const char ***fields_out, int *n_out);

/* Reports a parameter nobody knows, with a suggestion; more names parameters known beside fields. */
void cab_param_unknown(struct cab_filter_input *input, const char *name, const char *const *more, size_t n);

/* Notes a parameter that is let pass by `Prefer: handling=lenient`, and says so in the answer (names may be NULL). */
void cab_param_ignore(struct cab_buf *names, const char *name);
void cab_param_ignored(struct cab_call *call, const char *names);

#endif
