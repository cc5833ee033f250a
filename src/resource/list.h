/*
 * One list: its statements, its total, its links, and the page that is answered.
 */
#ifndef CABINET_RESOURCE_LIST_H
#define CABINET_RESOURCE_LIST_H

#include "cursor.h"
#include "query.h"
#include "row_plan.h"
#include "summary.h"
#include "where.h"

struct cab_list {
    struct cab_call *call;
    struct cab_view view;
    struct cab_query query;
    struct cab_row_plan *plan;
    int sort_at[CAB_SORT_MOST + 1];  /* where the sort keys stand in the result, for cursors */
    const char *scope;               /* what cursors are bound to */
    struct cab_cursor cursor;        /* where query.cursor is given */
    struct cab_summary summary;      /* what it knows of the list */
};

/* Reads the request and makes the plan; nothing touches the database yet. */
int cab_list_plan(struct cab_list *list, struct cab_call *call, const struct cab_table *table, struct cab_err *err)
    CAB_MUST_CHECK;

/* Whether a page of that number is to be read by cursors: it begins far from the first row, and no summary knows the
 * list. */
bool cab_list_is_too_deep(const struct cab_list *list, int64_t page);

/* The page's SELECT: by offset or by cursor, one row more than the page where the total does not tell what follows. */
void cab_list_select(const struct cab_list *list, struct cab_sql *sql);
/* Whether rows are told by what their texts hold. */
bool cab_list_seeks_text(const struct cab_list *list);
/* Queues a statement of the list; planned for its own values where it searches, kept prepared otherwise. */
int cab_list_queue(const struct cab_list *list, struct cab_pipe *pipe, const struct cab_sql *sql);
/* Whether it asks for one row more. */
bool cab_list_peeks(const struct cab_list *list);
/* ` FROM … WHERE …` of all rows of the list, whatever the page. */
void cab_list_from(const struct cab_list *list, struct cab_sql *sql);
/* Which rows of the table the caller may see in it. */
enum cab_rows cab_list_rows(const struct cab_list *list);
/* ` LIMIT …` of a page. */
void cab_list_limit(const struct cab_list *list, struct cab_sql *sql);
/* The columns that the order needs, each once, separated by commas. */
void cab_list_sort_columns(const struct cab_list *list, struct cab_sql *sql);
/* ` ORDER BY …` */
void cab_list_order(const struct cab_list *list, bool reversed, struct cab_sql *sql);
/* Whether one comparison of rows tells which comes first: no sort key can be NULL, and all go one way. */
bool cab_list_goes_one_way(const struct cab_list *list);

/* ---- total.c ---- */

struct cab_total { bool known, is_estimate; int64_t rows; };

/* Runs the list: the page's rows (NULL where with_page is false: only the total is asked), and the total. */
int cab_list_read(struct cab_list *list, bool with_page, struct cab_total *total_out,
                  const struct cab_result **page_out, struct cab_err *err) CAB_MUST_CHECK;

/* ---- page.c ---- */

/* All numbers and links of the page; result is NULL for HEAD. */
struct cab_page {
    int64_t page, pages;           /* -1: not known */
    bool has_next, has_prev;
    int first, count;              /* rows of result that belong to the page */
    bool is_reversed;              /* they are read from the last to the first */
    const char *next, *prev, *start, *end;      /* links, or NULL */
    const char *cursor_next, *cursor_prev;      /* or NULL */
};
void cab_page_make(const struct cab_list *list, const struct cab_total *total, const struct cab_result *result,
                   struct cab_page *page_out);
/* The page as JSON, and its headers. */
void cab_page_write(const struct cab_list *list, const struct cab_total *total, const struct cab_page *page,
                    const struct cab_result *result, struct cab_buf *buf);
void cab_page_headers(const struct cab_list *list, const struct cab_total *total, const struct cab_page *page);

/* ---- link.c ---- */

/* The request's own path and parameters, with parameter name set to value; drop (or NULL) is left out. */
char *cab_link_make(const struct cab_request *request, const char *name, const char *value, const char *drop);

#endif
