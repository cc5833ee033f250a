/*
 * Pages far from the first row.  Where a list of all rows is in the order of date_created, ranks say in which ten
 * minutes row N lies; where it has filters the summary says in which month, day and, where they are by days alone,
 * hour, so that only a part of that is walked; other orders are walked from the nearer end.
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

/* ` AND NOT alias."is_deleted"` */
static void add_state(const struct cab_list *list, const char *alias, struct cab_sql *sql) {
    if (list->view.table->deleted_at == NULL)
        return;
    if (list->query.trashed)
        cab_sql_add(sql, " AND ");
    else
        cab_sql_add(sql, " AND NOT ");
    cab_sql_name(sql, alias);
    cab_sql_add(sql, ".");
    cab_sql_name(sql, cab_summary_column(sql->ctx, list->view.table, "is_deleted"));
}

static void add_own(const struct cab_list *list, const char *alias, const char *name, struct cab_sql *sql) {
    cab_sql_name(sql, alias);
    cab_sql_add(sql, ".");
    cab_sql_name(sql, cab_summary_column(sql->ctx, list->view.table, name));
}

/* `coalesce((SELECT sum(e."n") FROM …`: rows that came and went since the ranks were added up. */
static void add_deltas(const struct cab_list *list, bool before_edge, struct cab_sql *sql) {
    cab_sql_add(sql, "coalesce((SELECT sum(");
    add_own(list, "e", "n", sql);
    cab_sql_add(sql, ") FROM ");
    cab_sql_qualified(sql, list->summary.delta->schema, list->summary.delta->name);
    cab_sql_add(sql, " AS e WHERE true");
    add_state(list, "e", sql);
    if (before_edge) {
        cab_sql_add(sql, " AND ");
        add_own(list, "e", "slot", sql);
        cab_sql_add(sql, " < c.edge");
    }
    cab_sql_add(sql, "), 0)::bigint");
}

/* `cabinet.ranks_TABLE AS alias ON alias."span" = … AND alias."start" = ` */
static void join_ranks(const struct cab_list *list, enum cab_summary_span span, const char *alias,
                       struct cab_sql *sql) {
    cab_sql_add(sql, " LEFT JOIN ");
    cab_sql_qualified(sql, list->summary.ranks->schema, list->summary.ranks->name);
    cab_sql_add(sql, " AS ");
    cab_sql_name(sql, alias);
    cab_sql_add(sql, " ON ");
    add_own(list, alias, "span", sql);
    if (span == CAB_SUMMARY_ALL)
        cab_sql_add(sql, " = 'all'");
    else if (span == CAB_SUMMARY_MONTH)
        cab_sql_add(sql, " = 'month'");
    else
        cab_sql_add(sql, " = 'day'");
    add_state(list, alias, sql);
    cab_sql_add(sql, " AND ");
    add_own(list, alias, "start", sql);
    cab_sql_add(sql, " = ");
}

/*
 * Where the page's first row lies: an edge between two slots, and how many rows lie between it and the row, negative
 * where the row was made before it.  place counts from the oldest row of all.  Ranks lack the deltas, so that the edge
 * they lead to may lie somewhat off; its own rank is exact all the same, since deltas before it are added.  Each level
 * stands behind an OFFSET 0: what it finds would be worked out again for each use.
 */
static void add_place(const struct cab_list *list, int64_t offset, struct cab_sql *sql) {
    cab_sql_add(sql, "SELECT c.edge, c.place - c.rank - ");
    add_deltas(list, true, sql);
    cab_sql_add(sql, " AS skip FROM (SELECT coalesce(d.start + (d.i - 1) * interval '" CAB_SUMMARY_SLOT "',"
                     " '-infinity') AS edge, d.place, CASE WHEN d.start IS NULL THEN 0"
                     " ELSE d.rank + coalesce(d.through[d.i - 1], 0) END AS rank FROM (SELECT ");
    add_own(list, "d", "start", sql);
    cab_sql_add(sql, " AS start, d.through, m.place, m.rank, width_bucket(m.near - m.rank, d.through) + 1 AS i"
                     " FROM (SELECT m.start + (m.i - 1) * interval '1 day' AS start, m.place, m.near,"
                     " m.rank + coalesce(m.through[m.i - 1], 0) AS rank FROM (SELECT ");
    add_own(list, "m", "start", sql);
    cab_sql_add(sql, " AS start, m.through, a.place, a.near, a.rank, width_bucket(a.near - a.rank, m.through) + 1 AS i"
                     " FROM (SELECT a.starts[a.i] AS start, a.place, a.near, coalesce(a.through[a.i - 1], 0) AS rank"
                     " FROM (SELECT a.starts, a.through, a.place, a.near, width_bucket(a.near, a.through) + 1 AS i"
                     " FROM (SELECT a.starts, a.through, a.place, greatest(least(a.place, a.rows - 1), 0) AS near"
                     " FROM (SELECT a.starts, a.through, a.through[cardinality(a.through)] AS rows, ");
    if (list->query.sort[0].descending) {
        cab_sql_add(sql, "coalesce(a.through[cardinality(a.through)], 0) + ");
        add_deltas(list, false, sql);
        cab_sql_add(sql, " - 1 - ");
    }
    bind_number(sql, offset);
    cab_sql_add(sql, " AS place FROM (SELECT) AS o");
    join_ranks(list, CAB_SUMMARY_ALL, "a", sql);
    cab_sql_add(sql, "'-infinity' OFFSET 0) AS a OFFSET 0) AS a OFFSET 0) AS a OFFSET 0) AS a");
    join_ranks(list, CAB_SUMMARY_MONTH, "m", sql);
    cab_sql_add(sql, "a.start OFFSET 0) AS m OFFSET 0) AS m");
    join_ranks(list, CAB_SUMMARY_DAY, "d", sql);
    cab_sql_add(sql, "m.start OFFSET 0) AS d OFFSET 0) AS c");
}

/* The row itself, from the edge on or back from it. */
static void add_walk(const struct cab_list *list, bool from_edge, struct cab_sql *sql) {
    cab_sql_add(sql, "(SELECT ");
    cab_list_sort_columns(list, sql);
    cab_list_from(list, sql);
    cab_sql_add(sql, " AND ");
    cab_where_column(sql, list->summary.date);
    if (from_edge)
        cab_sql_add(sql, " >= c.edge");
    else
        cab_sql_add(sql, " < c.edge");
    if (list->summary.date->kind == CAB_KIND_TIMESTAMPTZ)
        cab_sql_add(sql, " AT TIME ZONE 'UTC'");
    if (from_edge)
        cab_sql_add(sql, " AND c.skip >= 0");
    else
        cab_sql_add(sql, " AND c.skip < 0");
    cab_list_order(list, list->query.sort[0].descending == from_edge, sql);
    if (from_edge)
        cab_sql_add(sql, " LIMIT 1 OFFSET greatest(c.skip, 0))");
    else
        cab_sql_add(sql, " LIMIT 1 OFFSET greatest(-1 - c.skip, 0))");
}

/* From the row on, in the order of an index; by keys of its rows the page would be read twice. */
static void select_by_rank(const struct cab_list *list, int64_t offset, struct cab_sql *sql) {
    cab_sql_add(sql, "WITH c AS MATERIALIZED (");
    add_place(list, offset, sql);
    cab_sql_add(sql, "), w AS MATERIALIZED (SELECT t.* FROM c, LATERAL (");
    add_walk(list, true, sql);
    cab_sql_add(sql, " UNION ALL ");
    add_walk(list, false, sql);
    cab_sql_add(sql, ") AS t) SELECT ");
    cab_row_plan_columns(list->plan, sql);
    cab_list_from(list, sql);
    cab_sql_add(sql, " AND (");
    cab_list_sort_columns(list, sql);
    if (list->query.sort[0].descending)
        cab_sql_add(sql, ") <= (");
    else
        cab_sql_add(sql, ") >= (");
    for (int i = 0; i < list->query.n_sort; i++) {
        if (i > 0)
            cab_sql_add(sql, ", ");
        cab_sql_add(sql, "(SELECT ");
        cab_where_column(sql, list->query.sort[i].column);
        cab_sql_add(sql, " FROM w AS t)");
    }
    cab_sql_add(sql, ")");
    cab_list_order(list, false, sql);
    cab_list_limit(list, sql);
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
    if (s->ranks != NULL && s->date->kind != CAB_KIND_DATE && list->query.sort[0].column == s->date
        && cab_list_goes_one_way(list))
        select_by_rank(list, offset, sql);
    else if (s->date != NULL && s->date->not_null && list->query.sort[0].column == s->date)
        select_by_day(list, offset, sql);
    else
        select_nearer_end(list, offset, sql);
    return true;
}
