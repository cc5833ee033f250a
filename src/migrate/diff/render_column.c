/*
 * migrate/diff/render_column: columns, their defaults and identities, and how old values become values of a new type.
 */
#include <stdlib.h>
#include <string.h>

#include "plan.h"

static const struct cab_fact *child_of(const struct cab_fact *column, enum cab_fact_kind kind) {
    const struct cab_fact *child;

    for (child = column->children; child != NULL; child = child->next_child)
        if (child->kind == kind)
            return child;
    return NULL;
}

/* ---- definitions ---- */

void cab_add_sequence_options(struct cab_buf *buf, const struct cab_fact *sequence) {
    cab_buf_addf(buf, "START WITH %s INCREMENT BY %s MINVALUE %s MAXVALUE %s CACHE %s",
                 cab_fact_text(sequence, "start"), cab_fact_text(sequence, "increment"),
                 cab_fact_text(sequence, "minimum"), cab_fact_text(sequence, "maximum"),
                 cab_fact_text(sequence, "cache"));
    if (cab_fact_true(sequence, "cycle"))
        cab_buf_adds(buf, " CYCLE");
}

static bool has_plain_options(const struct cab_fact *sequence) {
    const char *type = cab_fact_text(sequence, "type"), *maximum = cab_fact_text(sequence, "maximum");

    return cab_fact_is(sequence, "start", "1") && cab_fact_is(sequence, "increment", "1") &&
           cab_fact_is(sequence, "minimum", "1") && cab_fact_is(sequence, "cache", "1") &&
           !cab_fact_true(sequence, "cycle") &&
           ((strcmp(type, "bigint") == 0 && strcmp(maximum, "9223372036854775807") == 0) ||
            (strcmp(type, "integer") == 0 && strcmp(maximum, "2147483647") == 0) ||
            (strcmp(type, "smallint") == 0 && strcmp(maximum, "32767") == 0));
}

static const struct cab_fact *identity_of(const struct cab_fact *column) {
    const struct cab_fact *child;

    for (child = column->children; child != NULL; child = child->next_child)
        if (child->kind == CAB_FACT_SEQUENCE && cab_fact_is(child, "kind", "identity"))
            return child;
    return NULL;
}

void cab_add_identity(struct cab_planner *planner, struct cab_buf *buf, const struct cab_fact *column) {
    const struct cab_fact *sequence = identity_of(column);

    (void)planner;
    cab_buf_addf(buf, "GENERATED %s AS IDENTITY", cab_fact_is(column, "identity", "a") ? "ALWAYS" : "BY DEFAULT");
    if (sequence == NULL)
        return;
    cab_buf_addf(buf, " (SEQUENCE NAME %s", sequence->ident);
    if (!has_plain_options(sequence) || !cab_fact_is(sequence, "type", cab_fact_text(column, "true_type"))) {
        cab_buf_addc(buf, ' ');
        cab_add_sequence_options(buf, sequence);
    }
    cab_buf_addc(buf, ')');
}

/* Whether INHERITS brings the generation along, which must not be said twice. */
static bool is_generated_above(const struct cab_planner *planner, const struct cab_fact *column) {
    const struct cab_fact *above = cab_plan_column_above(planner->to, column);

    return column->node == column->parent->node && cab_plan_attach_of(planner->to, column->parent) == NULL &&
           above != NULL && cab_fact_get(above, "generated") != NULL;
}

void cab_add_column_definition(struct cab_planner *planner, struct cab_buf *buf, const struct cab_fact *column,
                               bool is_filled_later) {
    const struct cab_fact *value = child_of(column, CAB_FACT_DEFAULT);
    const char *generated = cab_fact_get(column, "generated");

    if (value != NULL && value->node != column->node)
        value = NULL;
    cab_buf_addf(buf, "%s %s", cab_fact_text(column, "name"), cab_fact_text(column, "type"));
    if (cab_fact_get(column, "foreign_options") != NULL) {
        cab_buf_addc(buf, ' ');
        cab_add_foreign_options(planner, buf, "", cab_fact_get(column, "foreign_options"));
    }
    if (cab_fact_get(column, "compression") != NULL)
        cab_buf_addf(buf, " COMPRESSION %s", cab_fact_get(column, "compression"));
    if (cab_fact_get(column, "collation") != NULL)
        cab_buf_addf(buf, " COLLATE %s", cab_fact_get(column, "collation"));
    if (generated != NULL && !is_generated_above(planner, column))
        cab_buf_addf(buf, " GENERATED ALWAYS AS (%s) STORED", generated + 2);
    if (value != NULL)
        cab_buf_addf(buf, " DEFAULT %s", cab_fact_text(value, "expression"));
    if (cab_fact_true(column, "not_null") && !is_filled_later)
        cab_buf_adds(buf, " NOT NULL");
    if (!cab_fact_is(column, "identity", "")) {
        cab_buf_addc(buf, ' ');
        cab_add_identity(planner, buf, column);
    }
}

/* ---- columns ---- */

/* The sequence of an identity column takes the column's type, which is not always the one it shall have. */
void cab_emit_identity_type(struct cab_planner *planner, const struct cab_fact *column) {
    const struct cab_fact *sequence = identity_of(column);
    struct cab_buf buf;

    if (sequence == NULL || cab_fact_is(sequence, "type", cab_fact_text(column, "true_type")))
        return;
    cab_buf_init(&buf, planner->ctx, 128);
    cab_add_sequence_options(&buf, sequence);
    cab_emit(planner, 0, "ALTER SEQUENCE %s AS %s %s", sequence->ident, cab_fact_text(sequence, "type"), buf.data);
}

static void emit_column_flags(struct cab_planner *planner, const struct cab_fact *old, const struct cab_fact *new) {
    const char *table = cab_fact_text(new, "table"), *name = cab_fact_text(new, "name");
    const char *was = old != NULL ? cab_fact_get(old, "options") : NULL, *is = cab_fact_get(new, "options");

    if (old == NULL || cab_fact_is(old, "identity", ""))
        cab_emit_identity_type(planner, new);

    if (!cab_same_text(old != NULL ? cab_fact_get(old, "storage") : NULL, cab_fact_get(new, "storage")))
        cab_emit(planner, 0, "ALTER TABLE %s ALTER COLUMN %s SET STORAGE %s", table, name,
                 cab_fact_get(new, "storage") != NULL ? cab_fact_get(new, "storage")
                                                      : cab_fact_text(new, "type_storage"));
    if (old != NULL && cab_fact_differs(old, "compression"))
        cab_emit(planner, 0, "ALTER TABLE %s ALTER COLUMN %s SET COMPRESSION %s", table, name,
                 cab_fact_get(new, "compression") != NULL ? cab_fact_get(new, "compression") : "DEFAULT");
    if (!cab_same_text(old != NULL ? cab_fact_get(old, "statistics") : NULL, cab_fact_get(new, "statistics")))
        cab_emit(planner, 0, "ALTER TABLE ONLY %s ALTER COLUMN %s SET STATISTICS %s", table, name,
                 cab_fact_get(new, "statistics") != NULL ? cab_fact_get(new, "statistics") : "-1");
    if (!cab_same_text(was, is)) {
        struct cab_buf buf;
        char **lines;
        int n = cab_split_lines(planner->ctx, was, &lines), i;

        cab_buf_init(&buf, planner->ctx, 64);
        for (i = 0; i < n; i++)
            cab_buf_addf(&buf, "%s%.*s", i > 0 ? ", " : "", (int)strcspn(lines[i], "="), lines[i]);
        if (n > 0)
            cab_emit(planner, 0, "ALTER TABLE ONLY %s ALTER COLUMN %s RESET (%s)", table, name, buf.data);
        cab_buf_reset(&buf);
        cab_add_storage_options(planner, &buf, "", is);
        if (is != NULL)
            cab_emit(planner, 0, "ALTER TABLE ONLY %s ALTER COLUMN %s SET (%s)", table, name, buf.data);
    }
    if (old != NULL && cab_fact_differs(old, "foreign_options")) {
        struct cab_buf buf;

        cab_buf_init(&buf, planner->ctx, 64);
        cab_add_foreign_options(planner, &buf, cab_fact_get(old, "foreign_options"),
                                cab_fact_get(new, "foreign_options"));
        cab_emit(planner, 0, "ALTER FOREIGN TABLE %s ALTER COLUMN %s %s", table, name, buf.data);
    }
}

/* Whether the column of a typed table comes or goes with the attribute of the type. */
static bool comes_with_type(struct cab_planner *planner, const struct cab_fact *column) {
    const struct cab_fact *table = column->parent, *type;

    if (table->peer == NULL || cab_fact_get(table, "of_type") == NULL || cab_fact_differs(table, "of_type") ||
        table->fate == CAB_FATE_REPLACE)
        return false;
    type = cab_facts_find(planner->to, CAB_FACT_TYPE, cab_fact_get(table, "of_type"));
    return type != NULL && type->fate == CAB_FATE_ALTER;
}

/* Whether the column's domain takes no nulls and has no default. */
static bool has_strict_domain(const struct cab_planner *planner, const struct cab_fact *column) {
    const struct cab_fact *domain = cab_facts_find(planner->to, CAB_FACT_TYPE, cab_fact_text(column, "base_type"));

    return domain != NULL && cab_fact_is(domain, "kind", "d") && cab_fact_true(domain, "not_null") &&
           cab_fact_get(domain, "default") == NULL;
}

void cab_create_column(struct cab_planner *planner, const struct cab_fact *column) {
    const struct cab_fact *value = child_of(column, CAB_FACT_DEFAULT);
    const char *table = cab_fact_text(column, "table"), *name = cab_fact_text(column, "name"), *fill = NULL;
    bool needs = (cab_fact_true(column, "not_null") || has_strict_domain(planner, column)) &&
                 (value == NULL || value->node != column->node || cab_is_null_default(value)) &&
                 cab_fact_get(column, "generated") == NULL && cab_fact_is(column, "identity", "");
    struct cab_buf buf;

    if (comes_with_type(planner, column)) {
        if (cab_fact_true(column, "not_null"))
            cab_emit(planner, 0, "ALTER TABLE %s ALTER COLUMN %s SET NOT NULL", table, name);
        if (value != NULL && value->node == column->node)
            cab_create_default(planner, value);
        emit_column_flags(planner, NULL, column);
        return;
    }
    if (needs && !planner->options.no_fill && cab_has_rows(planner, table))
        fill = cab_fill_value(planner, column);
    cab_buf_init(&buf, planner->ctx, 128);
    cab_add_column_definition(planner, &buf, column, fill != NULL);
    if (fill == NULL || fill[0] == '(' || value != NULL) {
        cab_emit(planner, 0, "ALTER TABLE %s ADD COLUMN %s", table, buf.data);
        if (fill != NULL)
            cab_fill_rows(planner, column, fill, "");
        if (fill != NULL && cab_fact_true(column, "not_null"))
            cab_emit(planner, 0, "ALTER TABLE %s ALTER COLUMN %s SET NOT NULL", table, name);
    } else { /* without the triggers that an UPDATE would fire */
        cab_emit(planner, 0, "ALTER TABLE %s ADD COLUMN %s DEFAULT %s%s", table, buf.data, fill,
                 cab_fact_true(column, "not_null") ? " NOT NULL" : "");
        cab_emit(planner, 0, "ALTER TABLE %s ALTER COLUMN %s DROP DEFAULT", table, name);
    }
    if (fill != NULL) {
        cab_hazard(planner, CAB_HAZARD_NEEDS_BACKFILL, column->ident,
                   "rows there are get a placeholder: the column must not be null and has no default");
    } else if (needs) {
        cab_hazard(planner, CAB_HAZARD_MAY_FAIL_ON_DATA, column->ident, "must not be null and has no default");
    }
    if (cab_fact_get(column, "generated") != NULL || !cab_fact_is(column, "identity", ""))
        cab_hazard(planner, CAB_HAZARD_TABLE_REWRITE, column->ident, "a value is stored for every row");
    emit_column_flags(planner, NULL, column);
}

void cab_drop_column(struct cab_planner *planner, const struct cab_fact *column) {
    const struct cab_fact *link = cab_plan_link_above(planner->from, column);

    if (!cab_fact_true(column, "is_local") && (link == NULL || !cab_fact_is_gone(link)))
        return; /* goes with that of its parent */
    if (comes_with_type(planner, column))
        return;
    cab_emit(planner, 0, "ALTER TABLE %s DROP COLUMN %s", cab_fact_text(column, "table"),
             cab_fact_text(column, "name"));
    if (cab_fact_get(column, "generated") == NULL)
        cab_hazard(planner, cab_has_rows(planner, cab_fact_text(column, "table")) ? CAB_HAZARD_DATA_LOSS :
                   CAB_HAZARD_BREAKS_OLD_APP, column->ident, "the column is dropped");
}

/* Whether the column of a parent table has the same change, which reaches this one by itself. */
static bool comes_from_parent(struct cab_planner *planner, const struct cab_fact *new, const char *attr) {
    const struct cab_facts *to = planner->to;
    const struct cab_fact *attach = cab_plan_attach_of(to, new->parent), *above;
    int i;

    if (strcmp(cab_fact_text(new, "inherited"), "0") == 0)
        return false;
    if (attach != NULL && cab_fact_is_made(attach))
        return false;
    if (attach != NULL) {
        above = cab_facts_find(to, CAB_FACT_COLUMN, cab_printf(planner->ctx, "%s.%s", cab_fact_text(attach, "parent"),
                                                               cab_fact_text(new, "name")));
        return above != NULL && above->fate == CAB_FATE_ALTER &&
               (cab_fact_differs(above, attr) || (above->retyped && strcmp(attr, "type") == 0));
    }
    for (i = to->first[CAB_FACT_INHERIT]; i < to->first[CAB_FACT_INHERIT + 1]; i++) {
        if (to->facts[i]->parent != new->parent)
            continue;
        above = cab_facts_find(to, CAB_FACT_COLUMN, cab_printf(planner->ctx, "%s.%s",
            cab_fact_text(to->facts[i], "parent"), cab_fact_text(new, "name")));
        if (above != NULL && above->fate == CAB_FATE_ALTER && cab_fact_differs(above, attr))
            return true;
    }
    return false;
}

static void alter_type(struct cab_planner *planner, const struct cab_fact *old, const struct cab_fact *new) {
    const char *collation = cab_fact_get(new, "collation");
    int i;

    if (comes_from_parent(planner, new, "type"))
        return;
    for (i = 0; i < old->parent->n_used_by; i++) {
        const struct cab_fact *user = old->parent->used_by[i];

        if (cab_plan_holds_rows_of(user, old) && user->retyped)
            cab_emit(planner, 0, "ALTER TABLE %s ALTER COLUMN %s TYPE text USING %s::text",
                     cab_fact_text(user, "table"), cab_fact_text(user, "name"), cab_fact_text(user, "name"));
    }
    cab_emit(planner, 0, "ALTER TABLE %s ALTER COLUMN %s TYPE %s%s%s%s", cab_fact_text(new, "table"),
             cab_fact_text(new, "name"), cab_fact_text(new, "type"), collation != NULL ? " COLLATE " : "",
             collation != NULL ? collation : "", cab_type_using(planner, old, new));
    cab_hazard(planner, CAB_HAZARD_TABLE_REWRITE, new->ident, "the type changes");
}

static void alter_not_null(struct cab_planner *planner, const struct cab_fact *new) {
    const char *table = cab_fact_text(new, "table"), *name = cab_fact_text(new, "name");
    const struct cab_fact *value = child_of(new, CAB_FACT_DEFAULT);
    const char *fill;
    bool guards = planner->options.careful && cab_has_rows(planner, table) && cab_fact_is(new, "inherited", "0");

    if (comes_from_parent(planner, new, "not_null"))
        return;
    if (!cab_fact_true(new, "not_null")) {
        cab_emit(planner, 0, "ALTER TABLE %s ALTER COLUMN %s DROP NOT NULL", table, name);
        return;
    }
    cab_hazard(planner, CAB_HAZARD_MAY_FAIL_ON_DATA, new->ident, "may hold nulls, and must not from now on");
    if (guards) {
        const char *check = cab_sql_quote_name(planner->ctx, cab_printf(planner->ctx, "%.40s_not_null_%u",
                                                                        "cabinet", (unsigned)new->sub));

        cab_emit(planner, 0, "ALTER TABLE %s ADD CONSTRAINT %s CHECK (%s IS NOT NULL) NOT VALID", table, check, name);
        cab_emit(planner, CAB_STEP_VALIDATES, "ALTER TABLE %s VALIDATE CONSTRAINT %s", table, check);
        cab_emit(planner, 0, "ALTER TABLE %s ALTER COLUMN %s SET NOT NULL", table, name);
        cab_emit(planner, 0, "ALTER TABLE %s DROP CONSTRAINT %s", table, check);
        return;
    }
    fill = value != NULL && !cab_is_null_default(value) ? cab_fact_text(value, "expression")
                                                        : cab_fill_value(planner, new);
    if (!planner->options.no_fill && !planner->options.careful && fill != NULL && cab_has_rows(planner, table)) {
        cab_fill_rows(planner, new, fill, cab_printf(planner->ctx, " WHERE %s IS NULL", name));
        cab_hazard(planner, CAB_HAZARD_NEEDS_BACKFILL, new->ident, "nulls there are get a placeholder");
    }
    cab_emit(planner, 0, "ALTER TABLE %s ALTER COLUMN %s SET NOT NULL", table, name);
}

static void alter_identity(struct cab_planner *planner, const struct cab_fact *old, const struct cab_fact *new) {
    const char *table = cab_fact_text(new, "table"), *name = cab_fact_text(new, "name");
    const struct cab_fact *sequence = identity_of(new);
    bool was = !cab_fact_is(old, "identity", ""), is = !cab_fact_is(new, "identity", "");
    struct cab_buf buf;

    if (!is)
        return;
    cab_buf_init(&buf, planner->ctx, 128);
    if (!was) {
        cab_add_identity(planner, &buf, new);
        cab_emit(planner, 0, "ALTER TABLE %s ALTER COLUMN %s ADD %s", table, name, buf.data);
        if (sequence != NULL && cab_has_rows(planner, table))
            cab_emit(planner, 0,
                     "SELECT pg_catalog.setval(%s, pg_catalog.max(%s)) FROM %s HAVING pg_catalog.max(%s) > 0",
                     cab_quote(planner->ctx, sequence->ident), name, table, name);
        return;
    }
    if (cab_fact_differs(old, "identity"))
        cab_emit(planner, 0, "ALTER TABLE %s ALTER COLUMN %s SET GENERATED %s", table, name,
                 cab_fact_is(new, "identity", "a") ? "ALWAYS" : "BY DEFAULT");
    if (cab_fact_differs(old, "identity_sequence") && sequence != NULL) {
        cab_emit(planner, 0, "ALTER SEQUENCE %s RENAME TO %s", cab_fact_text(old, "identity_sequence"),
                 cab_fact_text(sequence, "name"));
        cab_add_sequence_options(&buf, sequence);
        cab_buf_adds(&buf, " RESTART");
        cab_emit(planner, 0, "ALTER SEQUENCE %s AS %s %s", sequence->ident, cab_fact_text(sequence, "type"), buf.data);
    }
}

void cab_alter_column(struct cab_planner *planner, const struct cab_fact *old, const struct cab_fact *new) {
    const char *table = cab_fact_text(new, "table"), *name = cab_fact_text(new, "name");

    if (!cab_fact_is(old, "identity", "") && cab_fact_is(new, "identity", ""))
        cab_emit(planner, 0, "ALTER TABLE %s ALTER COLUMN %s DROP IDENTITY", table, name);
    if (cab_fact_differs(old, "generated") && !comes_from_parent(planner, new, "generated"))
        cab_emit(planner, 0, "ALTER TABLE %s ALTER COLUMN %s DROP EXPRESSION", table, name);
    if (cab_fact_differs(old, "not_null") && !cab_fact_true(new, "not_null"))
        alter_not_null(planner, new);
    if (old->retyped)
        alter_type(planner, old, new);
    if (cab_fact_differs(old, "not_null") && cab_fact_true(new, "not_null"))
        alter_not_null(planner, new);
    if (cab_fact_differs(old, "identity") || cab_fact_differs(old, "identity_sequence"))
        alter_identity(planner, old, new);
    emit_column_flags(planner, old, new);
}

/* ---- defaults ---- */

static const char *relation_word(const struct cab_fact *value) {
    return strchr("vm", cab_fact_text(value, "relkind")[0]) != NULL ? "VIEW" : "TABLE ONLY";
}

void cab_create_default(struct cab_planner *planner, const struct cab_fact *value) {
    cab_emit(planner, 0, "ALTER %s %s ALTER COLUMN %s SET DEFAULT %s", relation_word(value),
             cab_fact_text(value, "table"), cab_fact_text(value, "name"), cab_fact_text(value, "expression"));
}

void cab_drop_default(struct cab_planner *planner, const struct cab_fact *value) {
    cab_emit(planner, 0, "ALTER %s %s ALTER COLUMN %s DROP DEFAULT", relation_word(value),
             cab_fact_text(value, "table"), cab_fact_text(value, "name"));
}

void cab_alter_default(struct cab_planner *planner, const struct cab_fact *old, const struct cab_fact *new) {
    (void)old;
    cab_create_default(planner, new);
}
