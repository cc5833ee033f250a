/*
 * What the texts of a summary share: names, and the parts of them that are about the calendar.
 */
#ifndef CABINET_MIGRATE_DERIVE_COUNTS_H
#define CABINET_MIGRATE_DERIVE_COUNTS_H

#include "derive.h"

struct counts {
    struct cab_ddl *list;
    const struct cab_table *table;
    void *tmp;
    const struct cab_column *date;              /* or NULL */
    bool has_dates, has_slots;                  /* a calendar is kept; it knows hours, and ranks are kept */
    const char *span, *day, *start, *slot, *is_deleted, *n; /* columns, quoted */
    const char *base, *count, *delta, *total;   /* table, its summary, deltas, and the view of both; qualified */
    const char *dates, *calendar;               /* the summary by date alone, and the view of it and deltas */
    const char *ranks;                          /* how many rows were made before each part of a span */
    const char *lock;                           /* of merge and rebuild, a literal */
};

/* COMMENT of an object: text before and after the table's name. */
void cab_counts_say(struct counts *c, const char *what, const char *name, const char *before, const char *after);

/* Table, index and view. */
void cab_calendar_derive(struct counts *c);
/* What merge, rebuild and verify have of it: parts of their statements. */
void cab_calendar_merge(struct cab_buf *out, const struct counts *c);
void cab_calendar_fill(struct cab_buf *out, const struct counts *c);
void cab_calendar_verify(struct cab_buf *out, const struct counts *c);

/* `, row"slot"` and `, date_bin('10 minutes', row."date_created" …)`, or nothing: what deltas have beside key and n. */
void cab_ranks_slot(struct cab_buf *out, const struct counts *c, const char *row);
void cab_ranks_slot_of(struct cab_buf *out, const struct counts *c, const char *row, bool with_name);
/* Table and index. */
void cab_ranks_derive(struct counts *c);
/* Parts of merge, rebuild and verify; sum_up is a statement behind those that change the calendar's months. */
void cab_ranks_merge(struct cab_buf *out, const struct counts *c);
void cab_ranks_fill(struct cab_buf *out, const struct counts *c);
void cab_ranks_sum_up(struct cab_buf *out, const struct counts *c);
void cab_ranks_verify(struct cab_buf *out, const struct counts *c);

#endif
