/*
 * What follows from counted(…): a summary that says how many rows there are of each kind, without a scan.  Writers
 * only append deltas, in their own transaction, so that no row of it is hot and nothing is lost with a rollback; the
 * merge adds them up.  Everybody reads the view of both.  Text from structs, like derive.c.
 */
#include "derive_counts.h"

#include <stdio.h>
#include <string.h>

#define OWNED "LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp"

static const char *quote(const struct counts *c, const char *name) {
    return cab_sql_quote_name(c->tmp, name);
}

/* An object in schema cabinet. */
static const char *object(const struct counts *c, const char *prefix) {
    return cab_printf(c->tmp, "cabinet.%s", quote(c, cab_derived_name(c->tmp, prefix, c->table->schema,
                                                                      c->table->name)));
}

static const char *own(const struct counts *c, const char *name) {
    return quote(c, cab_summary_column(c->tmp, c->table, name));
}

/* Columns of the key: `row."day", row."is_deleted", …`; row may be "". */
static void add_columns(struct cab_buf *out, const struct counts *c, const char *row, bool with_day) {
    const char *dot = *row == '\0' ? "" : ".";
    bool some = with_day && c->date != NULL;
    if (some)
        cab_buf_addf(out, "%s%s%s", row, dot, c->day);
    if (c->table->deleted_at != NULL) {
        cab_buf_addf(out, "%s%s%s%s", some ? ", " : "", row, dot, c->is_deleted);
        some = true;
    }
    for (int i = 0; i < c->table->n_counted; i++) {
        cab_buf_addf(out, "%s%s%s%s", some ? ", " : "", row, dot, quote(c, c->table->counted[i]->name));
        some = true;
    }
}

/* The day a row of the table was made; days are those of UTC. */
static void add_day(struct cab_buf *out, const struct counts *c, const char *row) {
    const char *date = quote(c, c->date->name);
    if (c->date->kind == CAB_KIND_TIMESTAMPTZ)
        cab_buf_addf(out, "(%s.%s AT TIME ZONE 'UTC')::date", row, date);
    else if (c->date->kind == CAB_KIND_TIMESTAMP)
        cab_buf_addf(out, "%s.%s::date", row, date);
    else
        cab_buf_addf(out, "%s.%s", row, date);
}

enum key_form { KEY_VALUES, KEY_NAMED, KEY_OF_TABLE /* named, of the types that a table of it has */ };

/* The key of a row of the table. */
static void add_key(struct cab_buf *out, const struct counts *c, const char *row, enum key_form form) {
    bool some = c->date != NULL, with_names = form != KEY_VALUES;
    if (some) {
        add_day(out, c, row);
        if (with_names)
            cab_buf_addf(out, " AS %s", c->day);
    }
    if (c->table->deleted_at != NULL) {
        cab_buf_addf(out, "%s%s.%s IS NOT NULL", some ? ", " : "", row, quote(c, c->table->deleted_at->name));
        if (with_names)
            cab_buf_addf(out, " AS %s", c->is_deleted);
        some = true;
    }
    for (int i = 0; i < c->table->n_counted; i++) {
        const struct cab_column *column = c->table->counted[i];
        const char *name = quote(c, column->name);
        cab_buf_addf(out, "%s%s.%s", some ? ", " : "", row, name);
        if (form == KEY_OF_TABLE && strcmp(column->type, column->base_type) != 0) /* a domain's checks were made */
            cab_buf_addf(out, "::%s AS %s", column->base_type, name);
        some = true;
    }
}

/* GROUP BY 1, 2, … of the key. */
static void add_numbers(struct cab_buf *out, const struct counts *c, int first) {
    int n = c->table->n_counted + (c->date != NULL) + (c->table->deleted_at != NULL);
    for (int i = 0; i < n; i++)
        cab_buf_addf(out, "%s%d", i > 0 ? ", " : "", first + i);
}

/* Also by the slot, which stands behind key and n. */
static void add_numbers_of_delta(struct cab_buf *out, const struct counts *c) {
    add_numbers(out, c, 1);
    if (c->has_slots)
        cab_buf_addf(out, ", %d", c->table->n_counted + 3 + (c->table->deleted_at != NULL));
}

/* NULL is a value like others here: an array of it equals itself. */
static void add_unique(struct cab_buf *out, const struct counts *c) {
    cab_buf_addf(out, "%s", c->span);
    if (c->date != NULL)
        cab_buf_addf(out, ", (ARRAY[%s])", c->day);
    if (c->table->deleted_at != NULL)
        cab_buf_addf(out, ", %s", c->is_deleted);
    for (int i = 0; i < c->table->n_counted; i++) {
        const struct cab_column *column = c->table->counted[i];
        cab_buf_addf(out, column->not_null ? ", %s" : ", (ARRAY[%s])", quote(c, column->name));
    }
}

/* The rows of from (n by day) as rows of each span; sums where it is grouped. */
static void add_spans(struct cab_buf *out, const struct counts *c, const char *from, const char *indent, bool sums) {
    static const char *const spans[] = {"all", "month", "day"};
    for (size_t i = 0; i < CAB_LENGTH(spans); i++) {
        if (i > 0 && c->date == NULL)
            return;
        cab_buf_addf(out, "%s%sSELECT '%s'::text AS %s", i > 0 ? "\n" : "",
                     i > 0 ? cab_printf(c->tmp, "%sUNION ALL\n%s", indent, indent) : indent, spans[i], c->span);
        if (c->date != NULL && i == 0)
            cab_buf_addf(out, ", NULL::date AS %s", c->day);
        else if (i == 1)
            cab_buf_addf(out, ", date_trunc('month', d.%s::timestamp)::date AS %s", c->day, c->day);
        else if (i == 2)
            cab_buf_addf(out, ", d.%s", c->day);
        cab_buf_adds(out, ", ");
        add_columns(out, c, "d", false);
        if (sums)
            cab_buf_addf(out, ", sum(d.%s)::bigint AS %s FROM %s AS d GROUP BY ", c->n, c->n, from);
        else
            cab_buf_addf(out, ", d.%s FROM %s AS d", c->n, from);
        if (sums)
            add_numbers(out, c, 2);
        if (sums)
            cab_buf_addf(out, " HAVING sum(d.%s) <> 0", c->n);
    }
}

void cab_counts_say(struct counts *c, const char *what, const char *name, const char *before, const char *after) {
    const char *text = cab_printf(c->tmp, "%s%s.%s%s", before, c->table->schema, c->table->name, after);
    cab_ddl_add(c->list, cab_printf(c->tmp, "COMMENT ON %s %s IS %s", what, name,
                                    cab_sql_quote_literal(c->tmp, text)));
}

static void add_function(struct counts *c, const char *head, const char *language, const char *body) {
    char tag[24] = "$count$";
    for (int i = 1; strstr(body, tag) != NULL; i++)
        snprintf(tag, sizeof(tag), "$count%d$", i);
    cab_ddl_add(c->list, cab_printf(c->tmp, "CREATE FUNCTION %s %s AS %s%s%s", head, language, tag, body, tag));
}

static void derive_tables(struct counts *c) {
    struct cab_buf text;
    cab_buf_init(&text, c->tmp, 1024);
    cab_buf_addf(&text, "CREATE TABLE %s WITH (fillfactor = 50) AS\n    SELECT ''::text AS %s, ", c->count, c->span);
    add_key(&text, c, "t", KEY_OF_TABLE);
    cab_buf_addf(&text, ", 0::bigint AS %s FROM %s AS t WITH NO DATA", c->n, c->base);
    cab_ddl_add(c->list, text.data);
    cab_counts_say(c, "TABLE", c->count, "How many rows of ",
                   " there are, without what is in its deltas; follows from counted().");

    cab_buf_reset(&text);
    cab_buf_addf(&text, "CREATE UNIQUE INDEX %s ON %s (",
                 quote(c, cab_derived_name(c->tmp, "count_key_", c->table->schema, c->table->name)), c->count);
    add_unique(&text, c);
    cab_buf_adds(&text, ")");
    cab_ddl_add(c->list, text.data);
    if (c->date != NULL)
        cab_ddl_add(c->list, cab_printf(c->tmp, "CREATE INDEX %s ON %s (%s, %s)",
                                        quote(c, cab_derived_name(c->tmp, "count_day_", c->table->schema,
                                                                  c->table->name)), c->count, c->span, c->day));

    /* emptied about each second: vacuumed by the number of rows, however small it is */
    cab_buf_reset(&text);
    cab_buf_addf(&text,
                 "CREATE TABLE %s WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,\n"
                 "    autovacuum_vacuum_insert_threshold = -1, autovacuum_vacuum_cost_delay = 0) AS\n    SELECT ",
                 c->delta);
    add_key(&text, c, "t", KEY_OF_TABLE);
    cab_buf_addf(&text, ", 0::bigint AS %s", c->n);
    cab_ranks_slot_of(&text, c, "t", true);
    cab_buf_addf(&text, " FROM %s AS t WITH NO DATA", c->base);
    cab_ddl_add(c->list, text.data);
    cab_counts_say(c, "TABLE", c->delta, "Changes of the number of rows of ", " that were not added up yet.");

    cab_buf_reset(&text);
    cab_buf_addf(&text, "CREATE VIEW %s AS\n    SELECT d.%s, ", c->total, c->span);
    add_columns(&text, c, "d", true);
    cab_buf_addf(&text, ", d.%s FROM %s AS d\n    UNION ALL\n", c->n, c->count);
    add_spans(&text, c, c->delta, "    ", false);
    cab_ddl_add(c->list, text.data);
    cab_counts_say(c, "VIEW", c->total, "How many rows of ", " there are: the sum of n for one span.");
}

static void derive_trigger(struct counts *c, const char *name, const char *event, const char *what) {
    cab_ddl_add(c->list, cab_printf(c->tmp, "CREATE TRIGGER %s AFTER %s ON %s\n    %s", name, event, c->base, what));
}

/* Whether NEW is of another kind than OLD. */
static void add_differs(struct cab_buf *out, const struct counts *c) {
    const char *or = "";
    if (c->date != NULL) {
        const char *name = quote(c, c->date->name);
        cab_buf_addf(out, "OLD.%s IS DISTINCT FROM NEW.%s", name, name);
        or = "\n       OR ";
    }
    if (c->table->deleted_at != NULL) {
        const char *name = quote(c, c->table->deleted_at->name);
        cab_buf_addf(out, "%s(OLD.%s IS NULL) <> (NEW.%s IS NULL)", or, name, name);
        or = "\n       OR ";
    }
    for (int i = 0; i < c->table->n_counted; i++) {
        const char *name = quote(c, c->table->counted[i]->name);
        cab_buf_addf(out, "%sOLD.%s IS DISTINCT FROM NEW.%s", or, name, name);
        or = "\n       OR ";
    }
}

/* A row of another kind: one less of the old, one more of the new. */
static void add_moved(struct cab_buf *out, const struct counts *c, const char *indent) {
    cab_buf_addf(out, "%sINSERT INTO %s (", indent, c->delta);
    add_columns(out, c, "", true);
    cab_buf_addf(out, ", %s", c->n);
    cab_ranks_slot(out, c, "");
    cab_buf_addf(out, ")\n%sVALUES (", indent);
    add_key(out, c, "OLD", KEY_VALUES);
    cab_buf_adds(out, ", -1");
    cab_ranks_slot_of(out, c, "OLD", false);
    cab_buf_addf(out, "),\n%s       (", indent);
    add_key(out, c, "NEW", KEY_VALUES);
    cab_buf_adds(out, ", 1");
    cab_ranks_slot_of(out, c, "NEW", false);
    cab_buf_adds(out, ");\n");
}

/* An UPDATE concerns few rows.  Its condition stands in the function and not in WHEN, which the server reads from its
 * text anew for each statement: 15 microseconds of each UPDATE. */
static void derive_update(struct counts *c) {
    struct cab_buf body;
    const char *row = object(c, "count_row_");
    cab_buf_init(&body, c->tmp, 1024);
    cab_buf_adds(&body, "\nBEGIN\n    IF ");
    add_differs(&body, c);
    cab_buf_adds(&body, " THEN\n");
    add_moved(&body, c, "        ");
    cab_buf_adds(&body, "    END IF;\n    RETURN NULL;\nEND ");
    add_function(c, cab_printf(c->tmp, "%s() RETURNS trigger", row), "LANGUAGE plpgsql", body.data);
    cab_counts_say(c, "FUNCTION", cab_printf(c->tmp, "%s()", row), "Counts a row of ", " that is of another kind now.");
    derive_trigger(c, "count_update", "UPDATE", cab_printf(c->tmp, "FOR EACH ROW EXECUTE FUNCTION %s()", row));
}

/* Statement triggers see all rows at once. */
static void derive_triggers(struct counts *c) {
    struct cab_buf body;
    const char *set = object(c, "count_set_");
    cab_buf_init(&body, c->tmp, 1024);
    cab_buf_addf(&body, "\nBEGIN\n    IF TG_OP = 'TRUNCATE' THEN\n        TRUNCATE %s, %s", c->count, c->delta);
    if (c->has_dates)
        cab_buf_addf(&body, ", %s", c->dates);
    if (c->has_slots)
        cab_buf_addf(&body, ", %s", c->ranks);
    cab_buf_addf(&body, ";\n        RETURN NULL;\n    END IF;\n    INSERT INTO %s (", c->delta);
    add_columns(&body, c, "", true);
    cab_buf_addf(&body, ", %s", c->n);
    cab_ranks_slot(&body, c, "");
    cab_buf_adds(&body, ")\n    SELECT ");
    add_key(&body, c, "w", KEY_VALUES);
    cab_buf_adds(&body, ", count(*) * CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END");
    cab_ranks_slot_of(&body, c, "w", false);
    cab_buf_adds(&body, "\n      FROM changed_rows AS w GROUP BY ");
    add_numbers_of_delta(&body, c);
    cab_buf_adds(&body, ";\n    RETURN NULL;\nEND ");
    add_function(c, cab_printf(c->tmp, "%s() RETURNS trigger", set), "LANGUAGE plpgsql", body.data);
    cab_counts_say(c, "FUNCTION", cab_printf(c->tmp, "%s()", set), "Counts rows of ",
                   " that came, went, or went all at once.");

    const char *run = cab_printf(c->tmp, "FOR EACH STATEMENT EXECUTE FUNCTION %s()", set);
    derive_trigger(c, "count_insert", "INSERT", cab_printf(c->tmp, "REFERENCING NEW TABLE AS changed_rows %s", run));
    derive_trigger(c, "count_delete", "DELETE", cab_printf(c->tmp, "REFERENCING OLD TABLE AS changed_rows %s", run));
    derive_trigger(c, "count_truncate", "TRUNCATE", run);
    if (!cab_audit_counts(c->table))
        derive_update(c);
}

static void derive_merge(struct counts *c) {
    struct cab_buf body;
    const char *merge = object(c, "count_merge_");
    cab_buf_init(&body, c->tmp, 2048);
    cab_buf_addf(&body, "\n#variable_conflict use_column\nDECLARE\n    merged bigint;\nBEGIN\n"
                        "    -- Two at a time would wait for each other's rows.\n"
                        "    IF NOT pg_try_advisory_xact_lock(hashtext(%s)) THEN\n        RETURN 0;\n    END IF;\n"
                        "    WITH taken AS (\n        DELETE FROM %s AS d\n"
                        "         WHERE d.ctid = ANY (ARRAY(SELECT o.ctid FROM %s AS o LIMIT $1)) RETURNING d.*\n"
                        "    ), added AS (\n        INSERT INTO %s AS c (%s, ", c->lock, c->delta, c->delta, c->count,
                 c->span);
    add_columns(&body, c, "", true);
    cab_buf_addf(&body, ", %s)\n", c->n);
    add_spans(&body, c, "taken", "        ", true);
    cab_buf_adds(&body, "\n        ON CONFLICT (");
    add_unique(&body, c);
    cab_buf_addf(&body, ")\n        DO UPDATE SET %s = c.%s + excluded.%s\n", c->n, c->n, c->n);
    if (c->has_dates)
        cab_calendar_merge(&body, c);
    if (c->has_slots)
        cab_ranks_merge(&body, c);
    cab_buf_adds(&body, "    )\n    SELECT count(*) INTO merged FROM taken;\n");
    if (c->has_slots) {
        cab_buf_adds(&body, "    IF merged = 0 THEN\n        RETURN 0; -- every second, where nobody writes\n"
                            "    END IF;\n");
        cab_ranks_sum_up(&body, c);
    }
    cab_buf_adds(&body, "    RETURN merged;\nEND ");
    add_function(c, cab_printf(c->tmp, "%s(most integer) RETURNS bigint", merge), OWNED, body.data);
    cab_counts_say(c, "FUNCTION", cab_printf(c->tmp, "%s(integer)", merge),
                   "Adds up to so many deltas of ", " to their summary; returns how many.");
}

/* All rows of the table, by key and slot. */
static void add_found(struct cab_buf *out, const struct counts *c) {
    add_key(out, c, "t", KEY_NAMED);
    cab_buf_addf(out, ", count(*) AS %s", c->n);
    cab_ranks_slot_of(out, c, "t", true);
    cab_buf_addf(out, " FROM %s AS t GROUP BY ", c->base);
    add_numbers_of_delta(out, c);
}

static void derive_rebuild(struct counts *c) {
    struct cab_buf body;
    const char *rebuild = object(c, "count_rebuild_");
    cab_buf_init(&body, c->tmp, 2048);
    cab_buf_addf(&body, "\nBEGIN\n    IF current_setting('transaction_isolation') <> 'read committed' THEN\n"
                        "        RAISE EXCEPTION 'counts are rebuilt at the isolation level read committed only';\n"
                        "    END IF;\n"
                        "    -- Writers wait; who reads goes on.  What follows sees all that was committed before.\n"
                        "    LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE;\n"
                        "    PERFORM pg_advisory_xact_lock(hashtext(%s));\n"
                        "    DELETE FROM %s;\n    DELETE FROM %s;\n", c->base, c->lock, c->delta, c->count);
    if (c->has_dates)
        cab_buf_addf(&body, "    DELETE FROM %s;\n", c->dates);
    if (c->has_slots)
        cab_buf_addf(&body, "    DELETE FROM %s;\n", c->ranks);
    cab_buf_adds(&body, "    WITH found AS (\n        SELECT ");
    add_found(&body, c);
    if (c->has_dates)
        cab_calendar_fill(&body, c);
    if (c->has_slots)
        cab_ranks_fill(&body, c);
    cab_buf_addf(&body, "\n    )\n    INSERT INTO %s (%s, ", c->count, c->span);
    add_columns(&body, c, "", true);
    cab_buf_addf(&body, ", %s)\n", c->n);
    add_spans(&body, c, "found", "    ", true);
    cab_buf_adds(&body, "\n    -- Days of a month lie together.\n    ORDER BY 1, 2;\n");
    if (c->has_slots)
        cab_ranks_sum_up(&body, c);
    cab_buf_adds(&body, "END ");
    add_function(c, cab_printf(c->tmp, "%s() RETURNS void", rebuild), OWNED, body.data);
    cab_counts_say(c, "FUNCTION", cab_printf(c->tmp, "%s()", rebuild),
                   "Counts all rows of ", " anew: after triggers were off, or a restore.");
}

static void derive_verify(struct counts *c) {
    struct cab_buf body;
    const char *verify = object(c, "count_verify_");
    cab_buf_init(&body, c->tmp, 2048);
    cab_buf_adds(&body, "\n#variable_conflict use_column\nBEGIN\n"
                        "    -- One statement, hence one snapshot: right while others write.\n"
                        "    RETURN QUERY\n    WITH found AS (\n        SELECT ");
    add_found(&body, c);
    cab_buf_adds(&body, "\n    ), spans AS (\n");
    add_spans(&body, c, "found", "        ", true);
    cab_buf_addf(&body, "\n    ), sides AS (\n        SELECT s.%s, ", c->span);
    add_columns(&body, c, "s", true);
    cab_buf_addf(&body, ", s.%s AS kept_n, 0 AS counted_n FROM %s AS s\n        UNION ALL\n        SELECT s.%s, ", c->n,
                 c->total, c->span);
    add_columns(&body, c, "s", true);
    cab_buf_addf(&body, ", 0, s.%s FROM spans AS s\n    ), sums AS (\n        SELECT s.%s, ", c->n, c->span);
    add_columns(&body, c, "s", true);
    cab_buf_addf(&body, ",\n               sum(s.kept_n)::bigint AS kept_n, sum(s.counted_n)::bigint AS counted_n\n"
                        "          FROM sides AS s GROUP BY s.%s, ", c->span);
    add_columns(&body, c, "s", true);
    cab_buf_adds(&body, "\n    )\n"
                        "    SELECT to_jsonb(s) - 'kept_n' - 'counted_n', s.kept_n, s.counted_n FROM sums AS s\n"
                        "     WHERE s.kept_n <> s.counted_n");
    if (c->has_dates)
        cab_calendar_verify(&body, c);
    if (c->has_slots)
        cab_ranks_verify(&body, c);
    cab_buf_adds(&body, ";\nEND ");
    add_function(c, cab_printf(c->tmp, "%s() RETURNS TABLE (kind jsonb, kept bigint, counted bigint)", verify), OWNED,
                 body.data);
    cab_counts_say(c, "FUNCTION", cab_printf(c->tmp, "%s()", verify),
                   "Kinds of rows of ",
                   " whose number in the summary is not that of the table; no row where all is well.");
}

static void derive_rights(struct counts *c) {
    static const struct { const char *prefix, *arguments; } functions[] = {
        {"count_merge_", "integer"}, {"count_rebuild_", ""}, {"count_verify_", ""}};
    cab_ddl_add(c->list, cab_printf(c->tmp, "GRANT %sINSERT ON %s TO cabinet_app", c->has_slots ? "SELECT, " : "",
                                    c->delta));
    cab_ddl_add(c->list, cab_printf(c->tmp, "GRANT SELECT ON %s TO cabinet_app", c->total));
    if (c->has_dates)
        cab_ddl_add(c->list, cab_printf(c->tmp, "GRANT SELECT ON %s TO cabinet_app", c->calendar));
    if (c->has_slots)
        cab_ddl_add(c->list, cab_printf(c->tmp, "GRANT SELECT ON %s TO cabinet_app", c->ranks));
    for (size_t i = 0; i < CAB_LENGTH(functions); i++) {
        const char *name = object(c, functions[i].prefix), *arguments = functions[i].arguments;
        cab_ddl_add(c->list, cab_printf(c->tmp, "REVOKE ALL ON FUNCTION %s(%s) FROM PUBLIC", name, arguments));
        cab_ddl_add(c->list, cab_printf(c->tmp, "GRANT EXECUTE ON FUNCTION %s(%s) TO cabinet_app", name, arguments));
    }
}

static struct counts counts_of(struct cab_ddl *list, const struct cab_table *table) {
    struct counts c = {.list = list, .table = table, .date = cab_summary_date(table)};
    c.tmp = cab_mem_alloc(list->ctx, 1);
    c.span = own(&c, "span");
    c.day = own(&c, "day");
    c.is_deleted = own(&c, "is_deleted");
    c.n = own(&c, "n");
    c.start = own(&c, "start");
    c.slot = own(&c, "slot");
    c.has_dates = c.date != NULL && c.date->not_null;
    c.has_slots = c.has_dates && c.date->kind != CAB_KIND_DATE;
    c.base = cab_printf(c.tmp, "%s.%s", quote(&c, table->schema), quote(&c, table->name));
    c.count = object(&c, "count_");
    c.delta = object(&c, "delta_");
    c.total = object(&c, "total_");
    c.dates = object(&c, "dates_");
    c.calendar = object(&c, "calendar_");
    c.ranks = object(&c, "ranks_");
    c.lock = cab_sql_quote_literal(c.tmp, c.count);
    return c;
}

void cab_derive_counts(struct cab_ddl *list, const struct cab_table *table) {
    struct counts c = counts_of(list, table);
    derive_tables(&c);
    if (c.has_dates)
        cab_calendar_derive(&c);
    if (c.has_slots)
        cab_ranks_derive(&c);
    derive_triggers(&c);
    derive_merge(&c);
    derive_rebuild(&c);
    derive_verify(&c);
    derive_rights(&c);
    cab_mem_free(c.tmp);
}

/* Whether the kind of a row follows from column. */
static bool is_of_kind(const struct cab_table *table, const struct cab_column *column) {
    return column != NULL && (column == cab_summary_date(table) || column == table->deleted_at ||
                              cab_summary_counts(table, column));
}

bool cab_audit_counts(const struct cab_table *table) {
    return table->is_audited && table->n_counted > 0 && !is_of_kind(table, table->row_version);
}

bool cab_audit_counts_by(const struct cab_table *table, const struct cab_column *column) {
    return cab_audit_counts(table) && is_of_kind(table, column);
}

void cab_counts_add_moved(struct cab_ddl *list, struct cab_buf *out, const struct cab_table *table) {
    struct counts c = counts_of(list, table);
    add_moved(out, &c, "            ");
    cab_mem_free(c.tmp);
}
