/*
 * Parked tables keep their names, indexes and sequences in a schema of their own, but no foreign keys, which would bind
 * rows that live, and no triggers; parked columns take nulls and are hidden from the API.
 */
#include "park.h"
#include "diff/facts.h"
#include "statements.h"

#include <stdio.h>
#include <string.h>

struct parker {
    void *ctx;
    struct cab_db *db;
    const struct cab_facts *from, *to;
    const char *revision;
    struct cab_renames *renames;
    struct cab_err *err;
    bool has_schema;
};

static int run(struct parker *p, const char *object, const char *up, const char *down) {
    return cab_rename_run(p->ctx, p->db, p->renames, object, up, down, p->err);
}

/* Stops a downgrade before its first change where gc dropped what it needs. */
static void guard(struct parker *p, const char *statement) {
    struct cab_renames *list = p->renames;
    list->guards = cab_mem_resize(p->ctx, list->guards, (size_t)(list->n_guards + 1) * sizeof(*list->guards));
    list->guards[list->n_guards++] = statement;
}

static const struct cab_fact *comment_of(const struct cab_fact *fact) {
    for (const struct cab_fact *child = fact->children; child != NULL; child = child->next_child) {
        if (child->kind == CAB_FACT_COMMENT)
            return child;
    }
    return NULL;
}

/* The comment goes (it may expose the table) or says hidden, and comes back on the way down. */
static int change_comment(struct parker *p, const struct cab_fact *fact, const char *word, const char *name,
                          const char *text) {
    const struct cab_fact *comment = comment_of(fact);
    if (comment == NULL && strcmp(text, "NULL") == 0)
        return 0;
    return run(p, NULL, cab_printf(p->ctx, "COMMENT ON %s %s IS %s;", word, name, text),
               cab_printf(p->ctx, "COMMENT ON %s %s IS %s;", word, name,
                          comment != NULL ? cab_fact_text(comment, "text") : "NULL"));
}

/* Whether fact, or what belongs to it, stands on something that the plan drops. */
static const char *stands_on_gone(const struct cab_fact *fact) {
    for (int i = 0; i < fact->n_uses; i++) {
        const struct cab_fact *used = fact->uses[i];
        bool belongs = false;
        for (const struct cab_fact *at = used; at != NULL; at = at->parent)
            belongs = belongs || at == fact || at == fact->parent;
        if (used->fate == CAB_FATE_DROP && !belongs && used->kind != CAB_FACT_SCHEMA)
            return used->ident;
    }
    for (const struct cab_fact *child = fact->children; child != NULL; child = child->next_child) {
        bool stays = child->kind == CAB_FACT_COLUMN || child->kind == CAB_FACT_DEFAULT ||
                     child->kind == CAB_FACT_INDEX || child->kind == CAB_FACT_POLICY || child->kind == CAB_FACT_RULE ||
                     (child->kind == CAB_FACT_CONSTRAINT && !cab_fact_is(child, "kind", "f"));
        const char *found = stays ? stands_on_gone(child) : NULL;
        if (found != NULL)
            return found;
    }
    return NULL;
}

static bool has_relatives(const struct parker *p, const struct cab_fact *table) {
    static const enum cab_fact_kind kinds[] = {CAB_FACT_ATTACH, CAB_FACT_INHERIT};
    for (size_t k = 0; k < CAB_LENGTH(kinds); k++) {
        for (int i = p->from->first[kinds[k]]; i < p->from->first[kinds[k] + 1]; i++) {
            if (p->from->facts[i]->parent == table || p->from->facts[i]->on == table)
                return true;
        }
    }
    return !cab_fact_is(table, "kind", "r");
}

/* Why the column is dropped after all, or NULL. */
static const char *refuses_column(const struct parker *p, const struct cab_fact *column) {
    const struct cab_fact *table = column->parent;
    const char *gone;
    if (has_relatives(p, table))
        return "its table has partitions, parents or children";
    if (!cab_fact_is(column, "identity", "") || cab_fact_get(column, "generated") != NULL)
        return "its values are made by the server";
    for (int i = 0; i < column->n_used_by; i++) {
        if (column->used_by[i]->kind == CAB_FACT_CONSTRAINT && cab_fact_is(column->used_by[i], "kind", "p"))
            return "it belongs to the primary key";
    }
    gone = stands_on_gone(column);
    return gone != NULL ? cab_printf(p->ctx, "%s goes too", gone) : NULL;
}

static int park_column(struct parker *p, const struct cab_fact *column) {
    const char *table = cab_fact_text(column, "table"), *name = cab_fact_text(column, "name");
    const char *bare = cab_fact_text(column, "bare");
    size_t n = strlen(bare) < 40 ? strlen(bare) : 40;
    const char *qualified = cab_printf(p->ctx, "%s.%s", table, name), *parked;
    while (n > 0 && !cab_utf8_valid(bare, n))
        n--; /* the cut may have hit a character */
    parked = cab_sql_quote_name(p->ctx, cab_printf(p->ctx, "_dropped_%s_%.*s", p->revision, (int)n, bare));
    if (cab_fact_true(column, "not_null") &&
        run(p, NULL, cab_printf(p->ctx, "ALTER TABLE %s ALTER COLUMN %s DROP NOT NULL;", table, name),
            cab_printf(p->ctx, "ALTER TABLE %s ALTER COLUMN %s SET NOT NULL;", table, name)) != 0)
        return -1;
    if (change_comment(p, column, "COLUMN", qualified, "'@api(hidden)'") != 0)
        return -1;
    guard(p, cab_printf(p->ctx, "SELECT %s FROM %s LIMIT 0;", parked, table));
    return run(p, column->ident, cab_printf(p->ctx, "ALTER TABLE %s RENAME COLUMN %s TO %s;", table, name, parked),
               cab_printf(p->ctx, "ALTER TABLE %s RENAME COLUMN %s TO %s;", table, parked, name));
}

static int drop_trigger(struct parker *p, const struct cab_fact *trigger) {
    const char *state = cab_fact_text(trigger, "enabled");
    const char *word = state[0] == 'D' ? "DISABLE" : state[0] == 'R' ? "ENABLE REPLICA" : "ENABLE ALWAYS";
    if (state[0] != 'O' && run(p, NULL, cab_printf(p->ctx, "ALTER TABLE %s ENABLE TRIGGER %s;",
                                                   cab_fact_text(trigger, "table"), cab_fact_text(trigger, "name")),
                               cab_printf(p->ctx, "ALTER TABLE %s %s TRIGGER %s;", cab_fact_text(trigger, "table"),
                                          word, cab_fact_text(trigger, "name"))) != 0)
        return -1;
    return run(p, NULL, cab_printf(p->ctx, "DROP TRIGGER %s;", trigger->ident),
               cab_printf(p->ctx, "%s;", cab_fact_text(trigger, "definition")));
}

/* Foreign keys and triggers, whose functions may go with the table. */
static int drop_ties(struct parker *p, const struct cab_fact *table) {
    for (const struct cab_fact *child = table->children; child != NULL; child = child->next_child) {
        const char *name;
        if (child->kind == CAB_FACT_TRIGGER && drop_trigger(p, child) != 0)
            return -1;
        if (child->kind != CAB_FACT_CONSTRAINT || !cab_fact_is(child, "kind", "f"))
            continue;
        name = cab_fact_text(child, "name");
        if (run(p, NULL, cab_printf(p->ctx, "ALTER TABLE %s DROP CONSTRAINT %s;", table->ident, name),
                cab_printf(p->ctx, "ALTER TABLE %s ADD CONSTRAINT %s %s%s;", table->ident, name,
                           cab_fact_text(child, "definition"), cab_fact_true(child, "validated") ? "" : " NOT VALID"))
            != 0)
            return -1;
    }
    return 0;
}

static int park_table(struct parker *p, const struct cab_fact *table) {
    const char *schema = cab_printf(p->ctx, "cabinet_trash_%s", p->revision);
    if (!p->has_schema && run(p, NULL, cab_printf(p->ctx, "CREATE SCHEMA %s;", schema),
                              cab_printf(p->ctx, "DROP SCHEMA %s;", schema)) != 0)
        return -1;
    p->has_schema = true;
    if (change_comment(p, table, "TABLE", table->ident, "NULL") != 0)
        return -1;
    guard(p, cab_printf(p->ctx, "SELECT FROM %s.%s LIMIT 0;", schema, cab_fact_text(table, "name")));
    return run(p, table->ident, cab_printf(p->ctx, "ALTER TABLE %s SET SCHEMA %s;", table->ident, schema),
               cab_printf(p->ctx, "ALTER TABLE %s.%s SET SCHEMA %s;", schema, cab_fact_text(table, "name"),
                          cab_fact_text(table, "schema")));
}

static void tell(const char *object, const char *why) {
    fprintf(stderr, "cabinet-migrate: %s is dropped, not parked: %s.\n", object, why);
}

/* Tables that can be parked, in the order of the plan's differences. */
static int choose_tables(struct parker *p, const struct cab_diff_plan *plan, const struct cab_fact **tables) {
    int n = 0;
    for (int i = 0; i < plan->n_differences; i++) {
        const struct cab_difference *d = &plan->differences[i];
        const struct cab_fact *table;
        const char *gone;
        bool is_twice = false;
        if (d->op != CAB_DIFFERENCE_DROP || strcmp(d->kind, "table") != 0 ||
            (table = cab_facts_find(p->from, CAB_FACT_TABLE, d->object)) == NULL)
            continue;
        gone = stands_on_gone(table);
        for (int k = 0; k < n; k++)
            is_twice = is_twice || cab_same_text(cab_fact_get(tables[k], "name"), cab_fact_get(table, "name"));
        if (has_relatives(p, table))
            tell(d->object, "it has partitions, parents or children");
        else if (gone != NULL)
            tell(d->object, cab_printf(p->ctx, "%s goes too", gone));
        else if (is_twice)
            tell(d->object, "another of that name is parked");
        else
            tables[n++] = table;
    }
    return n;
}

int cab_park(void *ctx, struct cab_scratch *revisions, const struct cab_facts *from, const struct cab_facts *to,
             const struct cab_diff_plan *plan, const char *revision, struct cab_renames *renames, bool *parked_out,
             struct cab_err *err) {
    struct parker p = {.ctx = ctx, .db = cab_scratch_db(revisions), .from = from, .to = to, .revision = revision,
                       .renames = renames, .err = err};
    const struct cab_fact **tables = cab_new_array(ctx, const struct cab_fact *, (size_t)plan->n_differences + 1);
    int before = renames->n, n = choose_tables(&p, plan, tables);
    for (int i = 0; i < n; i++) { /* first, so that on the way back every table is there when they return */
        if (drop_ties(&p, tables[i]) != 0)
            return -1;
    }
    for (int i = 0; i < n; i++) {
        if (park_table(&p, tables[i]) != 0)
            return -1;
    }
    for (int i = 0; i < plan->n_differences; i++) {
        const struct cab_difference *d = &plan->differences[i];
        const struct cab_fact *column = d->op == CAB_DIFFERENCE_DROP && strcmp(d->kind, "column") == 0
                                            ? cab_facts_find(from, CAB_FACT_COLUMN, d->object) : NULL;
        const char *why;
        if (column == NULL || cab_facts_find(to, CAB_FACT_TABLE, cab_fact_text(column, "table")) == NULL)
            continue;
        why = refuses_column(&p, column);
        if (why != NULL)
            tell(d->object, why);
        else if (park_column(&p, column) != 0)
            return -1;
    }
    *parked_out = renames->n > before;
    return 0;
}

int cab_park_collect(void *ctx, struct cab_db *db, int64_t older_ms, int *n_out, int *left_out, struct cab_err *err) {
    const char *values[] = {"cabinet.migration_log"};
    struct cab_result *rows;
    *n_out = *left_out = 0;
    if (cab_db_query(db, ctx, CAB_SHAPE_ONE, cab_sql_text_migrate_has_table, 1, values, &rows, err) != 0)
        return -1;
    if (!cab_result_bool(rows, 0, 0))
        return 0;
    if (cab_db_query(db, ctx, CAB_SHAPE_ANY, cab_sql_text_migrate_parked, 0, NULL, &rows, err) != 0)
        return -1;
    for (int i = 0; i < cab_result_rows(rows); i++) {
        bool counts = cab_result_bool(rows, i, 1);
        if (older_ms < 0 || cab_result_int64(rows, i, 2) < older_ms) {
            *left_out += counts;
            continue;
        }
        if (cab_db_exec(db, cab_result_value(rows, i, 0), err) != 0)
            return -1;
        *n_out += counts;
    }
    return 0;
}
