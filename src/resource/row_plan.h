/*
 * Which columns of a table are selected for one caller, and how each is written as a member of a JSON object.
 */
#ifndef CABINET_RESOURCE_ROW_PLAN_H
#define CABINET_RESOURCE_ROW_PLAN_H

#include "view.h"

typedef void cab_value_writer(struct cab_buf *buf, const char *value, size_t n);

struct cab_field {
    const char *name;
    const char *prefix; size_t prefix_len; /* "name": */
    cab_value_writer *write;
    int at;           /* in the result */
    bool is_own;      /* only in the caller's own rows */
};

struct cab_row_plan {
    const void *mem;
    const struct cab_view *view;
    struct cab_field *fields; int n_fields;
    const struct cab_column **columns; int n_columns; /* selected, in order of the result */
    const char *select; int n_select;                 /* the select list of the first so many; or NULL */
    int key_at, owner_at, version_at;                 /* -1: not selected */
    uint32_t choices;                                 /* hash of what the representation depends on */
    struct cab_expand *expand;                        /* rows of other tables inside; or NULL */
};

/* names (n) are the fields asked for, NULL: all that the caller reads. */
struct cab_row_plan *cab_row_plan_make(const struct cab_call *call, const struct cab_view *view,
                                       const char *const *names, int n);

/* Index in the result of column, which is selected too where it was not. */
int cab_row_plan_need(struct cab_row_plan *plan, const struct cab_column *column);

/* The select list: t."id", t."title", … */
void cab_row_plan_columns(const struct cab_row_plan *plan, struct cab_sql *sql);

/* One row as a JSON object. */
void cab_row_plan_write(const struct cab_row_plan *plan, const struct cab_result *result, int row, struct cab_buf *buf);

/* Whether the row is the caller's own. */
bool cab_row_plan_is_own(const struct cab_row_plan *plan, const struct cab_result *result, int row);

/* The row's entity tag with its quotes, or NULL where the table has none. */
char *cab_row_plan_tag(const struct cab_row_plan *plan, const char *version, bool own);
char *cab_row_plan_etag(const struct cab_row_plan *plan, const struct cab_result *result, int row);

/* How values of column are written; json_row.c. */
cab_value_writer *cab_value_writer_for(const struct cab_column *column, bool numbers_as_strings);
/* true where there is a value: is_deleted, from deleted_at; its NULL is false. */
void cab_write_is_set(struct cab_buf *buf, const char *value, size_t n);

#endif
