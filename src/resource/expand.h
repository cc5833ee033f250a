/*
 * expand=owner,notes: rows of other tables inside a row, by foreign keys: what a row refers to, and what refers to it.
 * One statement for each name, whatever the number of rows.
 */
#ifndef CABINET_RESOURCE_EXPAND_H
#define CABINET_RESOURCE_EXPAND_H

#include "complaint.h"
#include "row_plan.h"

#define CAB_EXPAND_MOST 8
#define CAB_EXPAND_CHILDREN_MOST 100

/* Reads the names (text may be NULL) and adds what the rows need to plan, whose member expand is set then. */
void cab_expand_read(struct cab_call *call, struct cab_row_plan *plan, const char *text,
                     struct cab_complaints *complaints);

/* After the rows have come: fetches what belongs to rows first..first+n-1 of result, in a pipeline of its own. */
int cab_expand_fetch(struct cab_call *call, struct cab_row_plan *plan, const struct cab_result *result, int first,
                     int n, struct cab_err *err) CAB_MUST_CHECK;

/* `,"owner":{…},"notes":[…]`; *before is the character that stands before the next member. */
void cab_expand_write(const struct cab_row_plan *plan, const struct cab_result *result, int row, char *before,
                      struct cab_buf *buf);

#endif
