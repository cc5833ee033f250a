/*
 * migrate/diff/render_type: enums, domains, composite types, ranges; sequences.
 */
#include <stdlib.h>
#include <string.h>

#include "plan.h"

static void add_lines(struct cab_planner *planner, struct cab_buf *buf, const char *lines) {
    char **items;
    int n = cab_split_lines(planner->ctx, lines, &items), i;

    for (i = 0; i < n; i++)
        cab_buf_addf(buf, "%s\n    %s", i > 0 ? "," : "", items[i]);
    if (n > 0)
        cab_buf_addc(buf, '\n');
}

static void add_domain(struct cab_planner *planner, struct cab_buf *buf, const struct cab_fact *type) {
    const struct cab_fact *child;

    cab_buf_addf(buf, "CREATE DOMAIN %s AS %s", type->ident, cab_fact_text(type, "items"));
    if (cab_fact_get(type, "default") != NULL)
        cab_buf_addf(buf, " DEFAULT %s", cab_fact_get(type, "default"));
    if (cab_fact_true(type, "not_null"))
        cab_buf_adds(buf, " NOT NULL");
    for (child = type->children; child != NULL; child = child->next_child)
        if (child->kind == CAB_FACT_DOMAIN_CONSTRAINT && child->node >= 0 &&
            planner->nodes[child->node].folded_into == type->node)
            cab_buf_addf(buf, " CONSTRAINT %s %s", cab_fact_text(child, "name"), cab_fact_text(child, "definition"));
}

void cab_create_type(struct cab_planner *planner, const struct cab_fact *type) {
    struct cab_buf buf;

    cab_buf_init(&buf, planner->ctx, 128);
    switch (cab_fact_text(type, "kind")[0]) {
        case 'e':
            cab_buf_addf(&buf, "CREATE TYPE %s AS ENUM (", type->ident);
            add_lines(planner, &buf, cab_fact_get(type, "items"));
            cab_buf_addc(&buf, ')');
            break;
        case 'c':
            cab_buf_addf(&buf, "CREATE TYPE %s AS (", type->ident);
            add_lines(planner, &buf, cab_fact_get(type, "items"));
            cab_buf_addc(&buf, ')');
            break;
        case 'd':
            add_domain(planner, &buf, type);
            break;
        default:
            cab_buf_addf(&buf, "CREATE TYPE %s AS RANGE (", type->ident);
            add_lines(planner, &buf, cab_fact_get(type, "items"));
            cab_buf_addc(&buf, ')');
            break;
    }
    cab_emit(planner, 0, "%s", buf.data);
}

void cab_drop_type(struct cab_planner *planner, const struct cab_fact *type) {
    cab_emit(planner, 0, "DROP %s %s", cab_fact_is(type, "kind", "d") ? "DOMAIN" : "TYPE", type->ident);
}

/* New labels, each put behind the one before it, or before the first that stays. */
static void add_labels(struct cab_planner *planner, const struct cab_fact *old, const struct cab_fact *new) {
    char **was, **is;
    int n_was = cab_split_lines(planner->ctx, cab_fact_get(old, "items"), &was);
    int n_is = cab_split_lines(planner->ctx, cab_fact_get(new, "items"), &is), i;
    bool ends;

    for (i = 0; i < n_is; i++) {
        int k;

        if (cab_line_among(was, n_was, is[i]))
            continue;
        ends = true;
        for (k = i + 1; k < n_is; k++)
            ends = ends && !cab_line_among(was, n_was, is[k]);
        if (ends)
            cab_emit(planner, CAB_STEP_COMMIT_AFTER, "ALTER TYPE %s ADD VALUE %s", new->ident, is[i]);
        else if (i == 0)
            cab_emit(planner, CAB_STEP_COMMIT_AFTER, "ALTER TYPE %s ADD VALUE %s BEFORE %s", new->ident, is[i], was[0]);
        else
            cab_emit(planner, CAB_STEP_COMMIT_AFTER, "ALTER TYPE %s ADD VALUE %s AFTER %s", new->ident, is[i],
                     is[i - 1]);
    }
}

static void alter_attributes(struct cab_planner *planner, const struct cab_fact *old, const struct cab_fact *new) {
    char **was, **is;
    int n_was = cab_split_lines(planner->ctx, cab_fact_get(old, "items"), &was);
    int n_is = cab_split_lines(planner->ctx, cab_fact_get(new, "items"), &is), i;
    const char *cascade = ""; /* to typed tables, whose columns they are; to nothing else */

    for (i = planner->from->first[CAB_FACT_TABLE]; i < planner->from->first[CAB_FACT_TABLE + 1]; i++)
        if (cab_fact_is(planner->from->facts[i], "of_type", old->ident))
            cascade = " CASCADE";
    for (i = 0; i < n_was; i++)
        if (!cab_line_among(is, n_is, was[i])) {
            cab_emit(planner, 0, "ALTER TYPE %s DROP ATTRIBUTE %.*s%s", new->ident, (int)cab_name_length(was[i]),
                     was[i], cascade);
        }
    for (i = 0; i < n_is; i++)
        if (!cab_line_among(was, n_was, is[i]))
            cab_emit(planner, 0, "ALTER TYPE %s ADD ATTRIBUTE %s%s", new->ident, is[i], cascade);
}

void cab_alter_type(struct cab_planner *planner, const struct cab_fact *old, const struct cab_fact *new) {
    if (cab_fact_is(new, "kind", "e"))
        add_labels(planner, old, new);
    else if (cab_fact_is(new, "kind", "c"))
        alter_attributes(planner, old, new);
    if (old->separate) {
        cab_emit(planner, 0, "ALTER DOMAIN %s DROP DEFAULT", new->ident);
    } else if (cab_fact_differs(old, "default")) {
        if (cab_fact_get(new, "default") != NULL)
            cab_emit(planner, 0, "ALTER DOMAIN %s SET DEFAULT %s", new->ident, cab_fact_get(new, "default"));
        else
            cab_emit(planner, 0, "ALTER DOMAIN %s DROP DEFAULT", new->ident);
    }
    if (cab_fact_differs(old, "not_null"))
        cab_emit(planner, 0, "ALTER DOMAIN %s %s NOT NULL", new->ident,
                 cab_fact_true(new, "not_null") ? "SET" : "DROP");
}

void cab_complete_domain(struct cab_planner *planner, const struct cab_fact *type) {
    if (cab_fact_get(type, "default") != NULL)
        cab_emit(planner, 0, "ALTER DOMAIN %s SET DEFAULT %s", type->ident, cab_fact_get(type, "default"));
}

void cab_create_domain_constraint(struct cab_planner *planner, const struct cab_fact *constraint) {
    cab_emit(planner, 0, "ALTER DOMAIN %s ADD CONSTRAINT %s %s%s", cab_fact_text(constraint, "domain"),
             cab_fact_text(constraint, "name"), cab_fact_text(constraint, "definition"),
             cab_fact_true(constraint, "validated") ? "" : " NOT VALID");
}

void cab_drop_domain_constraint(struct cab_planner *planner, const struct cab_fact *constraint) {
    cab_emit(planner, 0, "ALTER DOMAIN %s DROP CONSTRAINT %s", cab_fact_text(constraint, "domain"),
             cab_fact_text(constraint, "name"));
}

void cab_alter_domain_constraint(struct cab_planner *planner, const struct cab_fact *old, const struct cab_fact *new) {
    (void)old;
    cab_emit(planner, CAB_STEP_VALIDATES, "ALTER DOMAIN %s VALIDATE CONSTRAINT %s", cab_fact_text(new, "domain"),
             cab_fact_text(new, "name"));
}

/* ---- sequences ---- */

void cab_create_sequence(struct cab_planner *planner, const struct cab_fact *sequence) {
    struct cab_buf buf;

    cab_buf_init(&buf, planner->ctx, 128);
    cab_buf_addf(&buf, "CREATE %sSEQUENCE %s", cab_fact_is(sequence, "persistence", "u") ? "UNLOGGED " : "",
                 sequence->ident);
    if (!cab_fact_is(sequence, "type", "bigint"))
        cab_buf_addf(&buf, " AS %s", cab_fact_text(sequence, "type"));
    cab_buf_addc(&buf, ' ');
    cab_add_sequence_options(&buf, sequence);
    cab_emit(planner, 0, "%s", buf.data);
}

void cab_drop_sequence(struct cab_planner *planner, const struct cab_fact *sequence) {
    cab_emit(planner, 0, "DROP SEQUENCE %s", sequence->ident);
}

void cab_alter_sequence(struct cab_planner *planner, const struct cab_fact *old, const struct cab_fact *new) {
    struct cab_buf buf;

    if (cab_fact_differs(old, "persistence"))
        cab_emit(planner, 0, "ALTER SEQUENCE %s SET %s", new->ident,
                 cab_fact_is(new, "persistence", "u") ? "UNLOGGED" : "LOGGED");
    cab_buf_init(&buf, planner->ctx, 128);
    if (cab_fact_differs(old, "type"))
        cab_buf_addf(&buf, " AS %s", cab_fact_text(new, "type"));
    if (cab_fact_differs(old, "increment"))
        cab_buf_addf(&buf, " INCREMENT BY %s", cab_fact_text(new, "increment"));
    if (cab_fact_differs(old, "type") || cab_fact_differs(old, "minimum") || cab_fact_differs(old, "increment"))
        cab_buf_addf(&buf, " MINVALUE %s", cab_fact_text(new, "minimum"));
    if (cab_fact_differs(old, "type") || cab_fact_differs(old, "maximum") || cab_fact_differs(old, "increment"))
        cab_buf_addf(&buf, " MAXVALUE %s", cab_fact_text(new, "maximum"));
    if (cab_fact_differs(old, "start") || cab_fact_differs(old, "minimum") || cab_fact_differs(old, "maximum"))
        cab_buf_addf(&buf, " START WITH %s", cab_fact_text(new, "start"));
    if (strtoll(cab_fact_text(old, "start"), NULL, 10) < strtoll(cab_fact_text(new, "minimum"), NULL, 10) ||
        strtoll(cab_fact_text(old, "start"), NULL, 10) > strtoll(cab_fact_text(new, "maximum"), NULL, 10))
        cab_buf_adds(&buf, " RESTART"); /* its value may be out of bounds */
    if (cab_fact_differs(old, "cache"))
        cab_buf_addf(&buf, " CACHE %s", cab_fact_text(new, "cache"));
    if (cab_fact_differs(old, "cycle"))
        cab_buf_adds(&buf, cab_fact_true(new, "cycle") ? " CYCLE" : " NO CYCLE");
    if (buf.len > 0)
        cab_emit(planner, 0, "ALTER SEQUENCE %s%s", new->ident, buf.data);
}
