/*
 * Pages far from the first row.  Where the list is in the order of date_created the summary says in which month, day
 * and, of a list of all rows, hour row N lies, so that only a part of that is walked; other orders are walked from the
 * nearer end.
 */
#include "list.h"

static void bind_number(struct cab_sql *sql, int64_t number) {
    cab_sql_bind(sql, cab_decimal(sql->ctx, number), "bigint");
}

static void add_key(const struct cab_list *list, struct cab_sql *sql) {
    cab_sql_add(sql, "t.");
    cab_sql_name(sql, list->view.table->key->name);
}

/* The rows whose keys k holds, in order. */
static void join_keys(const struct cab_list *list, struct cab_sql *sql) {
    const struct cab_table *table = list->view.table;
    cab_sql_add(sql, ") AS k JOIN ");
    cab_sql_qualified(sql, table->schema, table->name);
    cab_sql_add(sql, " AS t ON ");
    add_key(list, sql);
    cab_sql_add(sql, " = k.key");
    cab_list_order(list, false, sql);
}

/* Lengths of time, each within the one before it. */
static const enum cab_summary_span spans[] = { CAB_SUMMARY_MONTH, CAB_SUMMARY_DAY, CAB_SUMMARY_HOUR };

/* What the row with the list's offset lies in is found among all of one length. */
static void add_name(enum cab_summary_span span, struct cab_sql *sql) {
    if (span == CAB_SUMMARY_MONTH)
        cab_sql_add(sql, "m");
    else if (span == CAB_SUMMARY_DAY)
        cab_sql_add(sql, "d");
    else
        cab_sql_add(sql, "h");
}

/* `(SELECT d.start` */
static void add_start(enum cab_summary_span span, struct cab_sql *sql) {
    cab_sql_add(sql, "(SELECT ");
    add_name(span, sql);
    cab_sql_add(sql, ".start");
}

static void add_length(enum cab_summary_span span, struct cab_sql *sql) {
    if (span == CAB_SUMMARY_MONTH)
        cab_sql_add(sql, "interval '1 month'");
    else if (span == CAB_SUMMARY_DAY)
        cab_sql_add(sql, "interval '1 day'");
    else
        cab_sql_add(sql, "interval '1 hour'");
}

/* `(SELECT d.before FROM d)` */
static void add_before(enum cab_summary_span span, struct cab_sql *sql) {
    cab_sql_add(sql, "(SELECT ");
    add_name(span, sql);
    cab_sql_add(sql, ".before FROM ");
    add_name(span, sql);
    cab_sql_add(sql, ")");
}

static void add_descending(const struct cab_list *list, struct cab_sql *sql) {
    if (list->query.sort[0].descending)
        cab_sql_add(sql, " DESC");
}

/* The span with row offset in it, within the outer one (0: none): its start, and the number of rows before it. */
static void add_span(const struct cab_list *list, enum cab_summary_span span, enum cab_summary_span outer,
                     int64_t offset, struct cab_sql *sql) {
    add_name(span, sql);
    cab_sql_add(sql, " AS MATERIALIZED (SELECT a.start, (a.through - a.c)::bigint AS before FROM (SELECT ");
    cab_where_column(sql, list->summary.day);
    cab_sql_add(sql, " AS start, sum(");
    cab_summary_own(list, sql, "n");
    cab_sql_add(sql, ") AS c, ");
    if (outer != 0) {
        add_before(outer, sql);
        cab_sql_add(sql, " + ");
    }
    cab_sql_add(sql, "sum(sum(");
    cab_summary_own(list, sql, "n");
    cab_sql_add(sql, ")) OVER (ORDER BY ");
    cab_where_column(sql, list->summary.day);
    add_descending(list, sql);
    cab_sql_add(sql, " ROWS UNBOUNDED PRECEDING) AS through");
    cab_summary_from(list, span, sql);
    if (outer != 0) {
        cab_sql_add(sql, " AND ");
        cab_where_column(sql, list->summary.day);
        cab_sql_add(sql, " >= ");
        add_start(outer, sql);
        cab_sql_add(sql, " FROM ");
        add_name(outer, sql);
        cab_sql_add(sql, ") AND ");
        cab_where_column(sql, list->summary.day);
        cab_sql_add(sql, " <= "); /* not `<` the next one: days may be infinite */
        add_start(outer, sql);
        cab_sql_add(sql, " + ");
        add_length(outer, sql);
        cab_sql_add(sql, " - ");
        add_length(span, sql);
        cab_sql_add(sql, " FROM ");
        add_name(outer, sql);
        cab_sql_add(sql, ")");
    }
    cab_sql_add(sql, " GROUP BY ");
    cab_where_column(sql, list->summary.day);
    cab_sql_add(sql, ") AS a WHERE a.through > ");
    bind_number(sql, offset);
    cab_sql_add(sql, " ORDER BY a.start"); /* not by a.through: all would be sorted for the first */
    add_descending(list, sql);
    cab_sql_add(sql, " LIMIT 1)");
}

/* From the near end of the span on. */
static void add_bound(const struct cab_list *list, enum cab_summary_span span, struct cab_sql *sql) {
    const struct cab_column *date = list->summary.date;
    bool descending = list->query.sort[0].descending;
    cab_sql_add(sql, " AND ");
    cab_where_column(sql, date);
    if (descending)
        cab_sql_add(sql, " <= ");
    else
        cab_sql_add(sql, " >= ");
    add_start(span, sql);
    if (date->kind != CAB_KIND_DATE) {
        if (descending) { /* the last instant */
            cab_sql_add(sql, " + (");
            add_length(span, sql);
            cab_sql_add(sql, " - interval '1 microsecond')");
        } else {
            cab_sql_add(sql, "::timestamp");
        }
    }
    cab_sql_add(sql, " FROM ");
    add_name(span, sql);
    cab_sql_add(sql, ")");
    if (date->kind == CAB_KIND_TIMESTAMPTZ)
        cab_sql_add(sql, " AT TIME ZONE 'UTC'");
}

static void select_by_day(const struct cab_list *list, int64_t offset, struct cab_sql *sql) {
    size_t first = list->summary.has_days, last = cab_summary_has_hours(list) ? 2 : 1;
    cab_sql_add(sql, "WITH ");
    for (size_t i = first; i <= last; i++) {
        if (i > first)
            cab_sql_add(sql, ", ");
        add_span(list, spans[i], i > first ? spans[i - 1] : 0, offset, sql);
    }
    cab_sql_add(sql, " SELECT ");
    cab_row_plan_columns(list->plan, sql);
    cab_sql_add(sql, " FROM (SELECT ");
    add_key(list, sql);
    cab_sql_add(sql, " AS key");
    cab_list_from(list, sql);
    add_bound(list, spans[last], sql);
    cab_list_order(list, false, sql);
    cab_list_limit(list, sql);
    cab_sql_add(sql, " OFFSET ");
    bind_number(sql, offset);
    cab_sql_add(sql, " - ");
    add_before(spans[last], sql);
    join_keys(list, sql);
}

/* Two walks, of which the server begins only the shorter one. */
static void select_nearer_end(const struct cab_list *list, int64_t offset, struct cab_sql *sql) {
    int64_t rows = list->query.size + cab_list_peeks(list);
    cab_sql_add(sql, "WITH s AS MATERIALIZED (SELECT coalesce(sum(");
    cab_summary_own(list, sql, "n");
    cab_sql_add(sql, "), 0)::bigint AS n");
    cab_summary_from(list, list->summary.has_days ? CAB_SUMMARY_DAY : CAB_SUMMARY_ALL, sql);
    cab_sql_add(sql, ") SELECT ");
    cab_row_plan_columns(list->plan, sql);
    cab_sql_add(sql, " FROM (SELECT w.key FROM ((SELECT ");
    add_key(list, sql);
    cab_sql_add(sql, " AS key");
    cab_list_from(list, sql);
    cab_sql_add(sql, " AND (SELECT s.n / 2 >= ");
    bind_number(sql, offset);
    cab_sql_add(sql, " FROM s)");
    cab_list_order(list, false, sql);
    cab_list_limit(list, sql);
    cab_sql_add(sql, " OFFSET ");
    bind_number(sql, offset);
    cab_sql_add(sql, ") UNION ALL (SELECT ");
    add_key(list, sql);
    cab_list_from(list, sql);
    cab_sql_add(sql, " AND (SELECT s.n / 2 < ");
    bind_number(sql, offset);
    cab_sql_add(sql, " FROM s)");
    cab_list_order(list, true, sql);
    cab_sql_add(sql, " LIMIT (SELECT greatest(least(");
    bind_number(sql, rows);
    cab_sql_add(sql, ", s.n - ");
    bind_number(sql, offset);
    cab_sql_add(sql, "), 0) FROM s) OFFSET (SELECT greatest(s.n - ");
    bind_number(sql, offset);
    cab_sql_add(sql, " - ");
    bind_number(sql, rows);
    cab_sql_add(sql, ", 0) FROM s))) AS w");
    cab_list_limit(list, sql); /* there are no more; it tells the planner so */
    join_keys(list, sql);
}

bool cab_summary_page(const struct cab_list *list, int64_t offset, struct cab_sql *sql) {
    const struct cab_summary *s = &list->summary;
    if (s->view == NULL || s->low != NULL || s->high != NULL)
        return false;
    if (s->date != NULL && s->date->not_null && list->query.sort[0].column == s->date)
        select_by_day(list, offset, sql);
    else
        select_nearer_end(list, offset, sql);
    return true;
}
