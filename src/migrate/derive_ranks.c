/*
 * Ranks of a summary: how many rows were made up to the end of each part of a span, that is of each ten minutes of a
 * day, day of a month, and month of all, as sorted arrays.  Row N lies where width_bucket() says, so that three rows
 * tell where page N begins.  Deltas are not among them: who reads ranks adds up those that concern him.
 */
#include "derive_counts.h"

#define SLOT CAB_SUMMARY_SLOT
#define SLOT_SECONDS 600 /* the same */
#define SLOTS_A_DAY (86400 / SLOT_SECONDS)

/* date_bin() keeps infinite times; this day is as good as any. */
#define SLOT_ORIGIN "timestamp '2000-01-01'"

void cab_ranks_slot(struct cab_buf *out, const struct counts *c, const char *row) {
    if (c->has_slots)
        cab_buf_addf(out, ", %s%s", row, c->slot);
}

void cab_ranks_slot_of(struct cab_buf *out, const struct counts *c, const char *row, bool with_name) {
    if (!c->has_slots)
        return;
    cab_buf_addf(out, ", date_bin('" SLOT "', %s.%s%s, " SLOT_ORIGIN ")", row,
                 cab_sql_quote_name(c->tmp, c->date->name),
                 c->date->kind == CAB_KIND_TIMESTAMPTZ ? " AT TIME ZONE 'UTC'" : "");
    if (with_name)
        cab_buf_addf(out, " AS %s", c->slot);
}

/* Columns of the key. */
static void add_columns(struct cab_buf *out, const struct counts *c, const char *dot) {
    cab_buf_addf(out, "%s%s, %s%s", dot, c->start, dot, c->span);
    if (c->table->deleted_at != NULL)
        cab_buf_addf(out, ", %s%s", dot, c->is_deleted);
}

void cab_ranks_derive(struct counts *c) {
    struct cab_buf text;
    cab_buf_init(&text, c->tmp, 512);
    cab_buf_addf(&text, "CREATE TABLE %s WITH (fillfactor = 50) AS\n    SELECT NULL::timestamp AS %s", c->ranks,
                 c->start);
    if (c->table->deleted_at != NULL)
        cab_buf_addf(&text, ", false AS %s", c->is_deleted);
    cab_buf_addf(&text, ", ''::text AS %s, NULL::timestamp[] AS starts, NULL::bigint[] AS through WITH NO DATA",
                 c->span);
    cab_ddl_add(c->list, text.data);
    cab_counts_say(c, "TABLE", c->ranks, "How many rows of ",
                   " were made, without what is in its deltas, up to the end of each ten minutes of a day, day of a"
                   " month, and month of all; follows from counted().");
    cab_buf_reset(&text);
    cab_buf_addf(&text, "CREATE UNIQUE INDEX %s ON %s (",
                 cab_sql_quote_name(c->tmp, cab_derived_name(c->tmp, "ranks_key_", c->table->schema, c->table->name)),
                 c->ranks);
    add_columns(&text, c, "");
    cab_buf_adds(&text, ")");
    cab_ddl_add(c->list, text.data);
}

/* The rows of from by parts of days and months. */
static void add_parts(struct cab_buf *out, const struct counts *c, const char *from, const char *indent) {
    const struct { const char *span, *start, *part; } spans[] = {
        {"month", cab_printf(c->tmp, "date_trunc('month', d.%s::timestamp)", c->day),
         cab_printf(c->tmp, "d.%s::timestamp", c->day)},
        {"day", cab_printf(c->tmp, "d.%s::timestamp", c->day), cab_printf(c->tmp, "d.%s", c->slot)},
    };
    for (size_t i = 0; i < CAB_LENGTH(spans); i++) {
        cab_buf_addf(out, "%s%sSELECT %s AS %s, '%s'::text AS %s", i > 0 ? "\n" : "",
                     i > 0 ? cab_printf(c->tmp, "%sUNION ALL\n%s", indent, indent) : indent, spans[i].start, c->start,
                     spans[i].span, c->span);
        if (c->table->deleted_at != NULL)
            cab_buf_addf(out, ", d.%s", c->is_deleted);
        cab_buf_addf(out, ", %s AS part, sum(d.%s)::bigint AS %s\n%s  FROM %s AS d GROUP BY 1, 2, 3%s",
                     spans[i].part, c->n, c->n, indent, from, c->table->deleted_at != NULL ? ", 4" : "");
        cab_buf_addf(out, " HAVING sum(d.%s) <> 0", c->n);
    }
}

/* Rows for all spans that from has rows of.  It has few parts of most, so that those between are not worked out one by
 * one.  Infinite days have one part. */
static void add_ranks(struct cab_buf *out, const struct counts *c, const char *from) {
    cab_buf_adds(out, "    ), parts AS (\n");
    add_parts(out, c, from, "        ");
    cab_buf_adds(out, "\n    ), placed AS (\n        SELECT ");
    add_columns(out, c, "p.");
    cab_buf_addf(out, ", p.%s, CASE WHEN NOT isfinite(p.%s) THEN 1\n"
                      "               WHEN p.%s = 'day'"
                      " THEN coalesce(extract(epoch FROM p.part - p.%s)::int / %d, 0) + 1\n"
                      "               ELSE extract(day FROM p.part)::int END AS i FROM parts AS p\n"
                      "    ), summed AS (\n        SELECT ", c->n, c->start, c->span, c->start,
                 SLOT_SECONDS);
    add_columns(out, c, "p.");
    cab_buf_adds(out, ", array_agg(p.i ORDER BY p.i) AS places, array_agg(p.through ORDER BY p.i) AS sums\n"
                      "          FROM (SELECT ");
    add_columns(out, c, "p.");
    cab_buf_addf(out, ", p.i, sum(p.%s) OVER (PARTITION BY ", c->n);
    add_columns(out, c, "p.");
    cab_buf_adds(out, " ORDER BY p.i)::bigint AS through\n                  FROM placed AS p) AS p GROUP BY ");
    add_columns(out, c, "p.");
    cab_buf_addf(out, "\n    ), ranked AS (\n        INSERT INTO %s AS c (", c->ranks);
    add_columns(out, c, "");
    cab_buf_adds(out, ", through)\n        SELECT ");
    add_columns(out, c, "s.");
    cab_buf_addf(out, ", ARRAY(SELECT coalesce(s.sums[width_bucket(k, s.places)], 0)\n"
                      "            FROM generate_series(1, CASE WHEN NOT isfinite(s.%s) THEN 1\n"
                      "                WHEN s.%s = 'day' THEN %d ELSE 31 END) AS k)\n          FROM summed AS s",
                 c->start, c->span, SLOTS_A_DAY);
}

void cab_ranks_merge(struct cab_buf *out, const struct counts *c) {
    add_ranks(out, c, "taken");
    cab_buf_adds(out, "\n        ON CONFLICT (");
    add_columns(out, c, "");
    cab_buf_adds(out, ")\n        DO UPDATE SET through = ARRAY(SELECT k.kept + k.more\n"
                      "            FROM unnest(c.through, excluded.through) AS k(kept, more))\n");
}

void cab_ranks_fill(struct cab_buf *out, const struct counts *c) {
    cab_buf_adds(out, "\n");
    add_ranks(out, c, "found");
    cab_buf_adds(out, " ORDER BY 1, 2");
}

void cab_ranks_sum_up(struct cab_buf *out, const struct counts *c) {
    const char *is_deleted = c->table->deleted_at != NULL ? cab_printf(c->tmp, ", d.%s", c->is_deleted) : "";
    cab_buf_addf(out, "    INSERT INTO %s (", c->ranks);
    add_columns(out, c, "");
    cab_buf_addf(out, ", starts, through)\n"
                      "    SELECT '-infinity'::timestamp, 'all'::text%s, array_agg(d.%s ORDER BY d.%s),\n"
                      "           array_agg(d.through ORDER BY d.%s)\n"
                      "      FROM (SELECT d.%s%s, sum(d.%s) OVER (",
                 is_deleted, c->start, c->start, c->start, c->start, is_deleted, c->n);
    if (c->table->deleted_at != NULL)
        cab_buf_addf(out, "PARTITION BY d.%s ", c->is_deleted);
    cab_buf_addf(out, "ORDER BY d.%s)::bigint AS through\n"
                      "              FROM %s AS d WHERE d.%s = 'month') AS d\n"
                      "     GROUP BY 2%s HAVING count(*) > 0\n    ON CONFLICT (",
                 c->start, c->dates, c->span, c->table->deleted_at != NULL ? ", 3" : "");
    add_columns(out, c, "");
    cab_buf_adds(out, ") DO UPDATE SET starts = excluded.starts, through = excluded.through;\n");
}

/* The columns of parts, with n on the side it was kept or counted. */
static void add_side(struct cab_buf *out, const struct counts *c, bool is_kept) {
    cab_buf_adds(out, "            SELECT ");
    add_columns(out, c, "p.");
    cab_buf_addf(out, is_kept ? ", p.part, p.%s, 0" : ", p.part, 0, p.%s", c->n);
    cab_buf_adds(out, " FROM (\n");
}

void cab_ranks_verify(struct cab_buf *out, const struct counts *c) {
    cab_buf_adds(out, "\n    UNION ALL\n"
                      "    SELECT to_jsonb(s) - 'kept_n' - 'counted_n', s.kept_n, s.counted_n FROM (\n        SELECT ");
    add_columns(out, c, "s.");
    cab_buf_adds(out, ", s.part, sum(s.kept_n)::bigint AS kept_n, sum(s.counted_n)::bigint AS counted_n FROM (\n"
                      "            SELECT ");
    add_columns(out, c, "r.");
    cab_buf_addf(out, ",\n                   CASE r.%s WHEN 'day' THEN r.%s + (k.i - 1) * interval '" SLOT "'\n"
                      "                               WHEN 'month' THEN r.%s + (k.i - 1) * interval '1 day'\n"
                      "                               ELSE r.starts[k.i] END AS part,\n"
                      "                   k.through - lag(k.through, 1, 0::bigint) OVER (PARTITION BY ",
                 c->span, c->start, c->start);
    add_columns(out, c, "r.");
    cab_buf_addf(out, " ORDER BY k.i) AS kept_n, 0 AS counted_n\n"
                      "              FROM %s AS r, unnest(r.through) WITH ORDINALITY AS k(through, i)\n"
                      "            UNION ALL\n", c->ranks);
    const char *from[] = {c->delta, "found"};
    for (size_t i = 0; i < CAB_LENGTH(from); i++) {
        add_side(out, c, i == 0);
        add_parts(out, c, from[i], "                ");
        cab_buf_adds(out, ") AS p\n            UNION ALL\n");
    }
    /* months of all follow from the calendar's, which are verified above, deltas apart */
    cab_buf_addf(out, "            SELECT '-infinity'::timestamp, 'all'::text%s, d.%s, 0, d.%s\n"
                      "              FROM %s AS d WHERE d.%s = 'month') AS s\n"
                      "         GROUP BY ",
                 c->table->deleted_at != NULL ? cab_printf(c->tmp, ", d.%s", c->is_deleted) : "", c->start, c->n,
                 c->dates, c->span);
    add_columns(out, c, "s.");
    cab_buf_adds(out, ", s.part) AS s\n     WHERE s.kept_n <> s.counted_n");
}
