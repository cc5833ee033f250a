/*
 * Pages far from the first row.  Where the list is in the order of date_created the summary says in which month and day
 * row N lies, so that only a part of that day is walked; other orders are walked from the nearer end.
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

/* The span with row offset in it: its first day, and the number of rows before it. */
static void add_span(const struct cab_list *list, enum cab_summary_span span, int64_t offset, bool is_within,
                     struct cab_sql *sql) {
    bool descending = list->query.sort[0].descending;
    cab_sql_add(sql, "SELECT a.day, a.through - a.c AS before FROM (SELECT ");
    cab_where_column(sql, list->summary.day);
    cab_sql_add(sql, " AS day, sum(");
    cab_summary_own(list, sql, "n");
    cab_sql_add(sql, ")::bigint AS c, (");
    if (is_within)
        cab_sql_add(sql, "(SELECT m.before FROM m) + ");
    cab_sql_add(sql, "sum(sum(");
    cab_summary_own(list, sql, "n");
    cab_sql_add(sql, ")) OVER (ORDER BY ");
    cab_where_column(sql, list->summary.day);
    if (descending)
        cab_sql_add(sql, " DESC");
    cab_sql_add(sql, "))::bigint AS through");
    cab_summary_from(list, span, sql);
    if (is_within) {
        cab_sql_add(sql, " AND ");
        cab_where_column(sql, list->summary.day);
        cab_sql_add(sql, " >= (SELECT m.day FROM m) AND ");
        cab_where_column(sql, list->summary.day);
        /* not `<` the next month: days may be infinite */
        cab_sql_add(sql, " <= (SELECT (m.day + interval '1 month' - interval '1 day')::date FROM m)");
    }
    cab_sql_add(sql, " GROUP BY ");
    cab_where_column(sql, list->summary.day);
    cab_sql_add(sql, ") AS a WHERE a.c > 0 AND a.through > ");
    bind_number(sql, offset);
    cab_sql_add(sql, " ORDER BY a.through LIMIT 1");
}

/* From the near end of the day on. */
static void add_start(const struct cab_list *list, struct cab_sql *sql) {
    const struct cab_column *date = list->summary.date;
    bool descending = list->query.sort[0].descending;
    cab_sql_add(sql, " AND ");
    cab_where_column(sql, date);
    if (date->kind == CAB_KIND_DATE) {
        if (descending)
            cab_sql_add(sql, " <= (SELECT d.day FROM d)");
        else
            cab_sql_add(sql, " >= (SELECT d.day FROM d)");
        return;
    }
    if (descending)
        cab_sql_add(sql, " <= (SELECT (d.day + 1)::timestamp");
    else
        cab_sql_add(sql, " >= (SELECT d.day::timestamp");
    if (date->kind == CAB_KIND_TIMESTAMPTZ)
        cab_sql_add(sql, " AT TIME ZONE 'UTC'");
    if (descending) /* the last instant of the day */
        cab_sql_add(sql, " - interval '1 microsecond'");
    cab_sql_add(sql, " FROM d)");
}

static void select_by_day(const struct cab_list *list, int64_t offset, struct cab_sql *sql) {
    cab_sql_add(sql, "WITH ");
    if (!list->summary.has_days) {
        cab_sql_add(sql, "m AS MATERIALIZED (");
        add_span(list, CAB_SUMMARY_MONTH, offset, false, sql);
        cab_sql_add(sql, "), ");
    }
    cab_sql_add(sql, "d AS MATERIALIZED (");
    add_span(list, CAB_SUMMARY_DAY, offset, !list->summary.has_days, sql);
    cab_sql_add(sql, ") SELECT ");
    cab_row_plan_columns(list->plan, sql);
    cab_sql_add(sql, " FROM (SELECT ");
    add_key(list, sql);
    cab_sql_add(sql, " AS key");
    cab_list_from(list, sql);
    add_start(list, sql);
    cab_list_order(list, false, sql);
    cab_list_limit(list, sql);
    cab_sql_add(sql, " OFFSET ");
    bind_number(sql, offset);
    cab_sql_add(sql, " - (SELECT d.before FROM d)");
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
