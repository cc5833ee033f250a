/*
 * migrate/diff/render_index: constraints, indexes, what tables say of their indexes, extended statistics.
 */
#include <stdlib.h>
#include <string.h>

#include "plan.h"

static bool is_on_existing_table(const struct cab_planner *planner, const struct cab_fact *fact) {
    (void)planner;
    return fact->parent != NULL && !cab_fact_is_made(fact->parent);
}

/* Columns and the rest of "UNIQUE NULLS NOT DISTINCT (a) INCLUDE (b) DEFERRABLE" as an index would say them. */
static bool build_concurrently(struct cab_planner *planner, const struct cab_fact *constraint) {
    const char *definition = cab_fact_text(constraint, "definition"), *open = strchr(definition, '('), *end;
    const char *table = cab_fact_text(constraint, "table"), *name = cab_fact_text(constraint, "name");
    const char *nulls = strstr(definition, " NULLS NOT DISTINCT ");
    bool is_primary = cab_fact_is(constraint, "kind", "p");

    if (open == NULL || (!is_primary && !cab_fact_is(constraint, "kind", "u")) ||
        cab_fact_is(constraint, "relkind", "p"))
        return false;
    end = strstr(definition, " DEFERRABLE");
    if (end == NULL)
        end = definition + strlen(definition);
    cab_emit(planner, CAB_STEP_ALONE, "CREATE UNIQUE INDEX CONCURRENTLY %s ON %s %.*s%s", name, table,
             (int)(end - open), open, nulls != NULL && nulls < open ? " NULLS NOT DISTINCT" : "");
    cab_emit(planner, 0, "ALTER TABLE %s ADD CONSTRAINT %s %s USING INDEX %s%s", table, name,
             is_primary ? "PRIMARY KEY" : "UNIQUE", name, end);
    return true;
}

static void emit_constraint_storage(struct cab_planner *planner, const struct cab_fact *constraint, bool resets) {
    const char *index =
        cab_printf(planner->ctx, "%s.%s", cab_fact_text(constraint, "schema"), cab_fact_text(constraint, "name"));
    struct cab_buf buf;

    cab_buf_init(&buf, planner->ctx, 64);
    if (resets)
        cab_emit(planner, 0, "ALTER INDEX %s RESET (fillfactor, deduplicate_items)", index);
    cab_add_storage_options(planner, &buf, "", cab_fact_get(constraint, "options"));
    if (buf.len > 0)
        cab_emit(planner, 0, "ALTER INDEX %s SET (%s)", index, buf.data);
}

/* Rows that were there cannot refer to those of a table that is new, and so empty: they refer to nothing. */
static void let_go_of_rows(struct cab_planner *planner, const struct cab_fact *key) {
    const struct cab_facts *to = planner->to;
    const char *columns = cab_fact_text(key, "columns");
    long target = strtol(cab_fact_text(key, "target_oid"), NULL, 10);
    int i;

    if (planner->options.careful || planner->options.no_fill || !cab_has_rows(planner, cab_fact_text(key, "table")))
        return;
    for (i = to->first[CAB_FACT_TABLE]; i < to->first[CAB_FACT_TABLE + 1]; i++)
        if ((long)to->facts[i]->object == target)
            break;
    if (i == to->first[CAB_FACT_TABLE + 1] || to->facts[i]->fate != CAB_FATE_CREATE)
        return;
    for (const struct cab_fact *column = key->parent->children; column != NULL; column = column->next_child) {
        bool is_in_key = false;

        for (const char *at = columns; column->kind == CAB_FACT_COLUMN && *at != '\0';) {
            char *end;
            long number = strtol(at, &end, 10);

            is_in_key = is_in_key || number == column->sub;
            at = end + (*end == ' ');
        }
        if (!is_in_key || cab_fact_is_made(column) || cab_fact_true(column, "not_null"))
            continue;
        cab_hazard(planner, CAB_HAZARD_DATA_LOSS, column->ident,
                   "its values refer to a table that is new, and are set to NULL");
        cab_fill_rows(planner, column, "NULL",
                      cab_printf(planner->ctx, " WHERE %s IS NOT NULL", cab_fact_text(column, "name")));
    }
}

void cab_create_constraint(struct cab_planner *planner, const struct cab_fact *constraint) {
    const char *table = cab_fact_text(constraint, "table"), *name = cab_fact_text(constraint, "name");
    const char *definition = cab_fact_text(constraint, "definition");
    char kind = cab_fact_text(constraint, "kind")[0];
    bool is_partitioned = cab_fact_is(constraint, "relkind", "p");
    bool can_wait = (kind == 'c' || (kind == 'f' && !is_partitioned)) && planner->options.careful &&
                    is_on_existing_table(planner, constraint) && cab_fact_true(constraint, "validated");

    if (is_on_existing_table(planner, constraint))
        cab_hazard(planner, CAB_HAZARD_MAY_FAIL_ON_DATA, constraint->ident, "rows there are may not keep it");
    if (kind == 'f' && is_on_existing_table(planner, constraint) && cab_fact_true(constraint, "validated"))
        let_go_of_rows(planner, constraint);
    if (can_wait) {
        cab_emit(planner, 0, "ALTER TABLE %s ADD CONSTRAINT %s %s NOT VALID", table, name, definition);
        cab_emit(planner, CAB_STEP_VALIDATES, "ALTER TABLE %s VALIDATE CONSTRAINT %s", table, name);
        return;
    }
    if (planner->options.careful && is_on_existing_table(planner, constraint) &&
        build_concurrently(planner, constraint)) {
        emit_constraint_storage(planner, constraint, false);
        return;
    }
    cab_emit(planner, 0, "ALTER TABLE %s%s ADD CONSTRAINT %s %s%s",
             is_partitioned && strchr("pux", kind) != NULL ? "ONLY " : "", table, name, definition,
             cab_fact_true(constraint, "validated") ? "" : " NOT VALID");
    if (strchr("pux", kind) != NULL) {
        emit_constraint_storage(planner, constraint, false);
        if (cab_fact_get(constraint, "tablespace") != NULL)
            cab_emit(planner, 0, "ALTER INDEX %s.%s SET TABLESPACE %s", cab_fact_text(constraint, "schema"), name,
                     cab_fact_get(constraint, "tablespace"));
    }
}

void cab_drop_constraint(struct cab_planner *planner, const struct cab_fact *constraint) {
    cab_emit(planner, 0, "ALTER TABLE %s DROP CONSTRAINT %s", cab_fact_text(constraint, "table"),
             cab_fact_text(constraint, "name"));
}

void cab_alter_constraint(struct cab_planner *planner, const struct cab_fact *old, const struct cab_fact *new) {
    const char *index = cab_printf(planner->ctx, "%s.%s", cab_fact_text(new, "schema"), cab_fact_text(new, "name"));

    if (cab_fact_differs(old, "validated"))
        cab_emit(planner, CAB_STEP_VALIDATES, "ALTER TABLE %s VALIDATE CONSTRAINT %s", cab_fact_text(new, "table"),
                 cab_fact_text(new, "name"));
    if (cab_fact_differs(old, "options"))
        emit_constraint_storage(planner, new, cab_fact_get(old, "options") != NULL);
    if (cab_fact_differs(old, "tablespace"))
        cab_emit(planner, 0, "ALTER INDEX %s SET TABLESPACE %s", index,
                 cab_fact_get(new, "tablespace") != NULL ? cab_fact_get(new, "tablespace") : "pg_default");
}

/* ---- indexes ---- */

static void emit_statistics_targets(struct cab_planner *planner, const char *index, const char *old, const char *new) {
    char **was, **is;
    int n_was = cab_split_lines(planner->ctx, old, &was), n_is = cab_split_lines(planner->ctx, new, &is), i;

    for (i = 0; i < n_was; i++)
        if (!cab_line_among(is, n_is, was[i]))
            cab_emit(planner, 0, "ALTER INDEX %s ALTER COLUMN %.*s SET STATISTICS -1", index, (int)strcspn(was[i], " "),
                     was[i]);
    for (i = 0; i < n_is; i++)
        if (!cab_line_among(was, n_was, is[i]))
            cab_emit(planner, 0, "ALTER INDEX %s ALTER COLUMN %.*s SET STATISTICS %s", index, (int)strcspn(is[i], " "),
                     is[i], strchr(is[i], ' ') + 1);
}

void cab_create_index(struct cab_planner *planner, const struct cab_fact *index) {
    const char *definition = cab_fact_text(index, "definition");
    bool is_existing = is_on_existing_table(planner, index);
    bool alone = planner->options.careful && is_existing && cab_fact_is(index, "relkind", "r");
    size_t head = strncmp(definition, "CREATE UNIQUE INDEX ", 20) == 0 ? 20 : 13;

    cab_emit(planner, alone ? CAB_STEP_ALONE : 0, "%.*s%s%s", (int)head, definition, alone ? "CONCURRENTLY " : "",
             definition + head);
    if (is_existing)
        cab_hazard(planner, alone ? CAB_HAZARD_INDEX_BUILD : CAB_HAZARD_BLOCKS_WRITES, index->ident,
                   "the index is built");
    if (cab_fact_get(index, "tablespace") != NULL)
        cab_emit(planner, 0, "ALTER INDEX %s SET TABLESPACE %s", index->ident, cab_fact_get(index, "tablespace"));
    emit_statistics_targets(planner, index->ident, NULL, cab_fact_get(index, "statistics"));
}

void cab_drop_index(struct cab_planner *planner, const struct cab_fact *index) {
    bool alone = planner->options.careful && cab_fact_is(index, "kind", "i") && index->fate == CAB_FATE_DROP &&
                 index->parent != NULL && !cab_fact_is_gone(index->parent) && cab_fact_is(index, "relkind", "r");

    cab_emit(planner, alone ? CAB_STEP_ALONE : 0, "DROP INDEX %s%s", alone ? "CONCURRENTLY " : "", index->ident);
    if (index->fate == CAB_FATE_DROP)
        cab_hazard(planner, CAB_HAZARD_INDEX_DROPPED, index->ident, "queries may have used it");
}

void cab_alter_index(struct cab_planner *planner, const struct cab_fact *old, const struct cab_fact *new) {
    if (cab_fact_differs(old, "tablespace"))
        cab_emit(planner, 0, "ALTER INDEX %s SET TABLESPACE %s", new->ident,
                 cab_fact_get(new, "tablespace") != NULL ? cab_fact_get(new, "tablespace") : "pg_default");
    if (cab_fact_differs(old, "statistics"))
        emit_statistics_targets(planner, new->ident, cab_fact_get(old, "statistics"), cab_fact_get(new, "statistics"));
}

void cab_create_index_attach(struct cab_planner *planner, const struct cab_fact *attach) {
    cab_emit(planner, 0, "ALTER INDEX %s ATTACH PARTITION %s", cab_fact_text(attach, "parent"), attach->ident);
}

void cab_create_index_mark(struct cab_planner *planner, const struct cab_fact *mark) {
    const char *word = cab_fact_is(mark, "relkind", "m") ? "MATERIALIZED VIEW" : "TABLE";

    cab_emit(planner, 0, "ALTER %s %s %s %s", word, cab_fact_text(mark, "table"),
             cab_fact_is(mark, "mark", "cluster") ? "CLUSTER ON" : "REPLICA IDENTITY USING INDEX",
             cab_fact_text(mark, "index"));
}

void cab_drop_index_mark(struct cab_planner *planner, const struct cab_fact *mark) {
    const struct cab_fact *table = cab_facts_find(planner->to, CAB_FACT_TABLE, cab_fact_text(mark, "table"));
    const char *word = cab_fact_is(mark, "relkind", "m") ? "MATERIALIZED VIEW" : "TABLE";

    if (cab_fact_is(mark, "mark", "cluster"))
        cab_emit(planner, 0, "ALTER %s %s SET WITHOUT CLUSTER", word, cab_fact_text(mark, "table"));
    else if (table == NULL || cab_fact_is(table, "replica_identity", "d"))
        cab_emit(planner, 0, "ALTER TABLE %s REPLICA IDENTITY DEFAULT", cab_fact_text(mark, "table"));
}

void cab_alter_index_mark(struct cab_planner *planner, const struct cab_fact *old, const struct cab_fact *new) {
    (void)old;
    cab_create_index_mark(planner, new);
}

/* ---- extended statistics ---- */

void cab_create_statistics(struct cab_planner *planner, const struct cab_fact *statistics) {
    const char *target = cab_fact_get(statistics, "target");

    cab_emit(planner, 0, "%s", cab_fact_text(statistics, "definition"));
    if (target != NULL && strcmp(target, "-1") != 0)
        cab_emit(planner, 0, "ALTER STATISTICS %s SET STATISTICS %s", statistics->ident, target);
}

void cab_drop_statistics(struct cab_planner *planner, const struct cab_fact *statistics) {
    cab_emit(planner, 0, "DROP STATISTICS %s", statistics->ident);
}

void cab_alter_statistics(struct cab_planner *planner, const struct cab_fact *old, const struct cab_fact *new) {
    (void)old;
    cab_emit(planner, 0, "ALTER STATISTICS %s SET STATISTICS %s", new->ident, cab_fact_text(new, "target"));
}
