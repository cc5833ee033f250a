/*
 * Changes read from JSON, before they become SQL.
 */
#ifndef CABINET_RESOURCE_CHANGE_H
#define CABINET_RESOURCE_CHANGE_H

#include <cabinet/resource.h>

#include "complaint.h"
#include "view.h"

/* Rows that one POST may create. */
#define CAB_CREATE_MOST 1000

/* Reads one object; prefix stands before the names of fields in complaints ("" or "/3/"). */
void cab_change_read(struct cab_call *call, const struct cab_view *view, enum cab_op op, const struct cab_json *object,
                     const char *prefix, struct cab_extra_field *extras, int n_extras,
                     struct cab_complaints *complaints, struct cab_change *change_out);

/* Reads a new row that is to have that key. */
void cab_change_read_at(struct cab_call *call, const struct cab_view *view, const struct cab_json *object,
                        const char *key, struct cab_complaints *complaints, struct cab_change *change_out);

/* Whether a row cannot do without a value for column that the caller sends. */
bool cab_change_requires(const struct cab_view *view, const struct cab_column *column, enum cab_op op);
/* The column that takes the caller in a new row, or NULL. */
const struct cab_column *cab_change_owner(const struct cab_view *view);

/* Makes a change a replacement: what it does not name takes its default; complains where there is none. */
void cab_change_complete(struct cab_call *call, const struct cab_view *view, struct cab_change *change,
                         struct cab_complaints *complaints);

/* Whether the write at index needs a second statement behind it that tells why no row was touched. */
bool cab_change_asks_why(const struct cab_call *call, const struct cab_table *table, enum cab_op op, const char *key);

/* The plan of rows that are answered for this call; fields= of the request is followed where it is valid. */
struct cab_row_plan *cab_row_plan_for(struct cab_call *call, const struct cab_table *table);

#endif
