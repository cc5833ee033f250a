/*
 * The calendar of a summary: how many rows of any kind were made in each month, day and hour, so that page N of a list
 * of all rows is found by many times fewer rows than there are of every kind.
 */
#include "derive_counts.h"

/* Columns of the calendar's key. */
static void add_columns(struct cab_buf *out, const struct counts *c, const char *dot) {
    cab_buf_addf(out, "%s%s, %s%s", dot, c->span, dot, c->start);
    if (c->table->deleted_at != NULL)
        cab_buf_addf(out, ", %s%s", dot, c->is_deleted);
}

/* The rows of from as rows of the calendar. */
static void add_dates(struct cab_buf *out, const struct counts *c, const char *from, const char *indent, bool sums) {
    const struct { const char *span, *start; } spans[] = {
        {"month", cab_printf(c->tmp, "date_trunc('month', d.%s::timestamp)", c->day)},
        {"day", cab_printf(c->tmp, "d.%s::timestamp", c->day)},
        {"hour", cab_printf(c->tmp, "date_trunc('hour', d.%s)", c->slot)},
    };
    for (size_t i = 0; i < CAB_LENGTH(spans) - !c->has_slots; i++) {
        cab_buf_addf(out, "%s%sSELECT '%s'::text AS %s, %s AS %s", i > 0 ? "\n" : "",
                     i > 0 ? cab_printf(c->tmp, "%sUNION ALL\n%s", indent, indent) : indent, spans[i].span, c->span,
                     spans[i].start, c->start);
        if (c->table->deleted_at != NULL)
            cab_buf_addf(out, ", d.%s", c->is_deleted);
        if (sums)
            cab_buf_addf(out, ", sum(d.%s)::bigint AS %s FROM %s AS d GROUP BY 2%s HAVING sum(d.%s) <> 0", c->n, c->n,
                         from, c->table->deleted_at != NULL ? ", 3" : "", c->n);
        else
            cab_buf_addf(out, ", d.%s FROM %s AS d", c->n, from);
    }
}

void cab_calendar_derive(struct counts *c) {
    struct cab_buf text;
    cab_buf_init(&text, c->tmp, 1024);
    cab_buf_addf(&text, "CREATE TABLE %s WITH (fillfactor = 50) AS\n    SELECT ''::text AS %s, NULL::timestamp AS %s",
                 c->dates, c->span, c->start);
    if (c->table->deleted_at != NULL)
        cab_buf_addf(&text, ", false AS %s", c->is_deleted);
    cab_buf_addf(&text, ", 0::bigint AS %s WITH NO DATA", c->n);
    cab_ddl_add(c->list, text.data);
    cab_counts_say(c, "TABLE", c->dates, "How many rows of ",
                   " were made in each month, day and hour; follows from counted().");

    cab_buf_reset(&text);
    const char *index = cab_derived_name(c->tmp, "dates_key_", c->table->schema, c->table->name);
    cab_buf_addf(&text, "CREATE UNIQUE INDEX %s ON %s (", cab_sql_quote_name(c->tmp, index), c->dates);
    add_columns(&text, c, "");
    cab_buf_adds(&text, ")");
    cab_ddl_add(c->list, text.data);

    cab_buf_reset(&text);
    cab_buf_addf(&text, "CREATE VIEW %s AS\n    SELECT ", c->calendar);
    add_columns(&text, c, "d.");
    cab_buf_addf(&text, ", d.%s FROM %s AS d\n    UNION ALL\n", c->n, c->dates);
    add_dates(&text, c, c->delta, "    ", false);
    cab_ddl_add(c->list, text.data);
    cab_counts_say(c, "VIEW", c->calendar, "How many rows of ", " were made when: the sum of n for one span.");
}

void cab_calendar_merge(struct cab_buf *out, const struct counts *c) {
    cab_buf_addf(out, "    ), dated AS (\n        INSERT INTO %s AS c (", c->dates);
    add_columns(out, c, "");
    cab_buf_addf(out, ", %s)\n", c->n);
    add_dates(out, c, "taken", "        ", true);
    cab_buf_adds(out, "\n        ON CONFLICT (");
    add_columns(out, c, "");
    cab_buf_addf(out, ")\n        DO UPDATE SET %s = c.%s + excluded.%s\n", c->n, c->n, c->n);
}

void cab_calendar_fill(struct cab_buf *out, const struct counts *c) {
    cab_buf_addf(out, "\n    ), dated AS (\n        INSERT INTO %s (", c->dates);
    add_columns(out, c, "");
    cab_buf_addf(out, ", %s)\n", c->n);
    add_dates(out, c, "found", "        ", true);
    cab_buf_adds(out, "\n        ORDER BY 1, 2");
}

void cab_calendar_verify(struct cab_buf *out, const struct counts *c) {
    cab_buf_adds(out, "\n    UNION ALL\n"
                      "    SELECT to_jsonb(s) - 'kept_n' - 'counted_n', s.kept_n, s.counted_n FROM (\n"
                      "        SELECT ");
    add_columns(out, c, "s.");
    cab_buf_adds(out, ",\n               sum(s.kept_n)::bigint AS kept_n, sum(s.counted_n)::bigint AS counted_n\n"
                      "          FROM (\n            SELECT ");
    add_columns(out, c, "s.");
    cab_buf_addf(out, ", s.%s AS kept_n, 0 AS counted_n FROM %s AS s\n            UNION ALL\n            SELECT ",
                 c->n, c->calendar);
    add_columns(out, c, "s.");
    cab_buf_addf(out, ", 0, s.%s FROM (\n", c->n);
    add_dates(out, c, "found", "                ", true);
    cab_buf_adds(out, ") AS s) AS s\n         GROUP BY ");
    add_columns(out, c, "s.");
    cab_buf_adds(out, ") AS s\n     WHERE s.kept_n <> s.counted_n");
}
