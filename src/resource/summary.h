/*
 * Lists whose rows the summary of counted(…) knows: how many they are, and where page N of them begins, without a
 * scan.
 */
#ifndef CABINET_RESOURCE_SUMMARY_H
#define CABINET_RESOURCE_SUMMARY_H

#include "filter.h"

struct cab_list;

struct cab_summary {
    const struct cab_table *view;          /* NULL: the list is not covered */
    const struct cab_table *calendar;      /* of rows of any kind; NULL: none, or of no use for this list */
    const struct cab_table *ranks, *delta; /* of rows of any kind, likewise */
    const struct cab_column *date;         /* whose days are counted, or NULL */
    struct cab_column *day;                /* the summary's */
    enum cab_rows rows;                    /* CAB_ROWS_OWN: the owner column is counted */
    struct cab_condition *where;           /* the list's conditions in the summary's columns */
    bool has_days, has_kinds;              /* they speak of days, or of counted columns */
    const struct cab_condition *low, *high; /* bounds within a day, which are not among them, or NULL */
};

/* Fills list->summary. */
void cab_summary_cover(struct cab_list *list);

/* SELECT of the number of rows. */
void cab_summary_count(const struct cab_list *list, struct cab_sql *sql);

/* ` FROM … WHERE …` of the summary's rows of one span, and one of its own columns: "span", "day", "is_deleted" or
 * "n". */
enum cab_summary_span { CAB_SUMMARY_ALL = 1, CAB_SUMMARY_MONTH, CAB_SUMMARY_DAY, CAB_SUMMARY_HOUR };
void cab_summary_from(const struct cab_list *list, enum cab_summary_span span, struct cab_sql *sql);
bool cab_summary_has_hours(const struct cab_list *list);
void cab_summary_own(const struct cab_list *list, struct cab_sql *sql, const char *name);

/* SELECT of a page far from the first row, in place of an OFFSET from there; false where the summary does not help. */
bool cab_summary_page(const struct cab_list *list, int64_t offset, struct cab_sql *sql);

#endif
