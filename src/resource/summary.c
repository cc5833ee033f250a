/*
 * Which lists a summary covers, and their number of rows.  A condition is covered where it tests a counted column, or
 * the day of date_created; bounds within a day leave two pieces of days to be counted by the table's own index.
 */
#include "summary.h"

#include <string.h>

#include "list.h"
#include "types.h"

/* Comparisons of a value; patterns are left to the table, since they may tell equal values apart. */
static bool is_comparison(enum cab_test test) {
    switch (test) {
    case CAB_TEST_EQ: case CAB_TEST_NE: case CAB_TEST_GT: case CAB_TEST_GTE: case CAB_TEST_LT: case CAB_TEST_LTE:
    case CAB_TEST_IN: case CAB_TEST_NIN: case CAB_TEST_IS_NULL: case CAB_TEST_NOT_NULL: case CAB_TEST_NEVER:
        return true;
    default:
        return false;
    }
}

/* The length of the day in front of a midnight, 0 where value is none. */
static size_t midnight(const struct cab_column *date, const char *value) {
    const char *end = date->kind == CAB_KIND_TIMESTAMPTZ ? "T00:00:00Z" : "T00:00:00";
    const char *clock = strchr(value, 'T');
    return clock != NULL && value[0] >= '0' && value[0] <= '9' && strcmp(clock, end) == 0 ? (size_t)(clock - value) : 0;
}

static struct cab_condition *on_day(const struct cab_list *list, const struct cab_condition *from) {
    const struct cab_summary *s = &list->summary;
    const struct cab_column *date = s->date;
    enum cab_test test = from->test;
    if (test == CAB_TEST_IS_NULL || test == CAB_TEST_NOT_NULL || test == CAB_TEST_NEVER || date->kind == CAB_KIND_DATE)
        return cab_condition_test(list->call->mem, s->day, test, from->value);
    if (test != CAB_TEST_GTE && test != CAB_TEST_LT)
        return NULL;
    size_t n = midnight(date, from->value);
    return n == 0 ? NULL
                  : cab_condition_test(list->call->mem, s->day, test, cab_strndup(list->call->mem, from->value, n));
}

/* A bound within a day: one at each end, of all rows, can be dealt with. */
static bool take_bound(struct cab_summary *s, const struct cab_condition *bound) {
    bool is_low = bound->test == CAB_TEST_GT || bound->test == CAB_TEST_GTE;
    bool is_high = bound->test == CAB_TEST_LT || bound->test == CAB_TEST_LTE;
    const struct cab_condition **place = is_low ? &s->low : &s->high;
    if (!(is_low || is_high) || *place != NULL || bound->value[0] < '0' || bound->value[0] > '9')
        return false;
    *place = bound;
    return true;
}

/* The condition in the summary's columns, NULL where it is not covered; is_outer: all rows must meet it. */
static struct cab_condition *translate(struct cab_list *list, const struct cab_condition *from, bool is_outer) {
    struct cab_summary *s = &list->summary;
    const void *mem = list->call->mem;
    if (from->node == CAB_NODE_TEST) {
        if (!is_comparison(from->test) || from->column->kind == CAB_KIND_OTHER)
            return NULL;
        if (cab_summary_counts(list->view.table, from->column)) {
            s->has_kinds = true;
            return cab_condition_test(mem, from->column, from->test, from->value);
        }
        if (s->date == NULL || from->column != s->date)
            return NULL;
        s->has_days = true;
        struct cab_condition *made = on_day(list, from);
        if (made == NULL && is_outer && take_bound(s, from))
            return cab_condition_make(mem, CAB_NODE_AND);
        return made;
    }
    struct cab_condition *made = cab_condition_make(mem, from->node);
    for (const struct cab_condition *child = from->first; child != NULL; child = child->next) {
        struct cab_condition *part = translate(list, child, is_outer && from->node == CAB_NODE_AND);
        if (part == NULL)
            return NULL;
        cab_condition_add(made, part);
    }
    return made;
}

void cab_summary_cover(struct cab_list *list) {
    const struct cab_table *table = list->view.table;
    const struct cab_query *query = &list->query;
    struct cab_summary *s = &list->summary;
    *s = (struct cab_summary){ .rows = cab_list_rows(list) };
    if (table->n_counted == 0 || query->n_words > 0 || (s->rows != CAB_ROWS_ALL && s->rows != CAB_ROWS_OWN))
        return;
    if (s->rows == CAB_ROWS_OWN
        && (table->owner == NULL || !list->view.caller->is_signed_in || !cab_summary_counts(table, table->owner)))
        return;
    const struct cab_table *view = cab_summary_find(list->call->mem, list->call->catalog, table);
    if (view == NULL)
        return;
    s->date = cab_summary_date(table);
    s->day = cab_new(list->call->mem, struct cab_column);
    *s->day = (struct cab_column){ .name = cab_summary_column(list->call->mem, table, "day"), .type = "date",
                                   .base_type = "date", .kind = CAB_KIND_DATE };
    s->where = translate(list, query->where, true);
    if (s->where == NULL)
        return;
    s->view = view;
    if (!s->has_kinds && s->rows == CAB_ROWS_ALL)
        s->calendar = cab_summary_calendar(list->call->mem, list->call->catalog, table);
    if (s->calendar == NULL)
        return;
    s->day->name = cab_summary_column(list->call->mem, table, "start");
    if (query->where->first == NULL)
        s->ranks = cab_summary_ranks(list->call->mem, list->call->catalog, table, &s->delta);
}

bool cab_summary_has_hours(const struct cab_list *list) {
    return list->summary.calendar != NULL && list->summary.date->kind != CAB_KIND_DATE;
}

void cab_summary_own(const struct cab_list *list, struct cab_sql *sql, const char *name) {
    cab_sql_add(sql, "t.");
    cab_sql_name(sql, cab_summary_column(sql->ctx, list->view.table, name));
}

void cab_summary_from(const struct cab_list *list, enum cab_summary_span span, struct cab_sql *sql) {
    const struct cab_summary *s = &list->summary;
    const struct cab_table *table = list->view.table;
    const struct cab_table *view = span != CAB_SUMMARY_ALL && s->calendar != NULL ? s->calendar : s->view;
    cab_sql_add(sql, " FROM ");
    cab_sql_qualified(sql, view->schema, view->name);
    cab_sql_add(sql, " AS t WHERE ");
    cab_summary_own(list, sql, "span");
    switch (span) {
    case CAB_SUMMARY_ALL: cab_sql_add(sql, " = 'all'"); break;
    case CAB_SUMMARY_MONTH: cab_sql_add(sql, " = 'month'"); break;
    case CAB_SUMMARY_DAY: cab_sql_add(sql, " = 'day'"); break;
    case CAB_SUMMARY_HOUR: cab_sql_add(sql, " = 'hour'"); break;
    }
    if (table->deleted_at != NULL && list->query.trashed)
        cab_sql_add(sql, " AND ");
    else if (table->deleted_at != NULL)
        cab_sql_add(sql, " AND NOT ");
    if (table->deleted_at != NULL)
        cab_summary_own(list, sql, "is_deleted");
    if (s->rows == CAB_ROWS_OWN) {
        cab_sql_add(sql, " AND ");
        cab_where_column(sql, table->owner);
        cab_sql_add(sql, " = ");
        cab_sql_bind(sql, list->view.caller->user_id_text, cab_type_bare(sql->ctx, table->owner->base_type));
    }
    if (span == CAB_SUMMARY_HOUR) /* of a day that was chosen by them */
        return;
    for (const struct cab_condition *condition = s->where->first; condition != NULL; condition = condition->next) {
        cab_sql_add(sql, " AND ");
        cab_where_condition(sql, condition);
    }
}

/* The day that bound lies in. */
static void add_day_of(const struct cab_list *list, const struct cab_condition *bound, struct cab_sql *sql) {
    cab_sql_add(sql, "(");
    cab_sql_bind(sql, bound->value, list->summary.date->base_type);
    if (list->summary.date->kind == CAB_KIND_TIMESTAMPTZ)
        cab_sql_add(sql, " AT TIME ZONE 'UTC'");
    cab_sql_add(sql, ")::date");
}

/* The first midnight from the lower bound on, or the last one up to the upper bound. */
static void add_midnight(const struct cab_list *list, const struct cab_condition *bound, struct cab_sql *sql) {
    cab_sql_add(sql, "(");
    add_day_of(list, bound, sql);
    if (bound == list->summary.low)
        cab_sql_add(sql, " + 1");
    cab_sql_add(sql, ")::timestamp");
    if (list->summary.date->kind == CAB_KIND_TIMESTAMPTZ)
        cab_sql_add(sql, " AT TIME ZONE 'UTC'");
}

/* Rows of the list in the piece of a day at one end; where both lie in one day they are no rows of the upper piece. */
static void add_piece(const struct cab_list *list, bool is_low, struct cab_sql *sql) {
    const struct cab_summary *s = &list->summary;
    cab_sql_add(sql, " + (SELECT count(*)");
    cab_list_from(list, sql);
    cab_sql_add(sql, " AND ");
    cab_where_column(sql, s->date);
    if (is_low) {
        cab_sql_add(sql, " < ");
        add_midnight(list, s->low, sql);
    } else if (s->low == NULL) {
        cab_sql_add(sql, " >= ");
        add_midnight(list, s->high, sql);
    } else {
        cab_sql_add(sql, " >= greatest(");
        add_midnight(list, s->low, sql);
        cab_sql_add(sql, ", ");
        add_midnight(list, s->high, sql);
        cab_sql_add(sql, ")");
    }
    cab_sql_add(sql, ")");
}

void cab_summary_count(const struct cab_list *list, struct cab_sql *sql) {
    const struct cab_summary *s = &list->summary;
    cab_sql_add(sql, "SELECT (SELECT coalesce(sum(");
    cab_summary_own(list, sql, "n");
    cab_sql_add(sql, "), 0)::bigint");
    cab_summary_from(list, s->has_days ? CAB_SUMMARY_DAY : CAB_SUMMARY_ALL, sql);
    if (s->low != NULL) {
        cab_sql_add(sql, " AND ");
        cab_where_column(sql, s->day);
        cab_sql_add(sql, " > ");
        add_day_of(list, s->low, sql);
    }
    if (s->high != NULL) {
        cab_sql_add(sql, " AND ");
        cab_where_column(sql, s->day);
        cab_sql_add(sql, " < ");
        add_day_of(list, s->high, sql);
    }
    cab_sql_add(sql, ")");
    if (s->low != NULL)
        add_piece(list, true, sql);
    if (s->high != NULL)
        add_piece(list, false, sql);
}
