/*
 * migrate/diff/inherited: what tables have from their parents: columns, checks, foreign keys of partitions.
 */
#include "plan.h"

struct cab_fact *cab_plan_attach_of(const struct cab_facts *facts, const struct cab_fact *table) {
    return cab_facts_find(facts, CAB_FACT_ATTACH, table->ident);
}

struct cab_fact *cab_plan_column_above(const struct cab_facts *facts, const struct cab_fact *column) {
    const struct cab_fact *table = column->parent, *attach = cab_plan_attach_of(facts, table);
    int i;

    if (attach != NULL)
        return cab_facts_find(facts, CAB_FACT_COLUMN, cab_printf(facts->ctx, "%s.%s", cab_fact_text(attach, "parent"),
                                                                 cab_fact_text(column, "name")));
    for (i = facts->first[CAB_FACT_INHERIT]; i < facts->first[CAB_FACT_INHERIT + 1]; i++) {
        struct cab_fact *found;

        if (facts->facts[i]->parent != table)
            continue;
        found = cab_facts_find(facts, CAB_FACT_COLUMN, cab_printf(facts->ctx, "%s.%s",
            cab_fact_text(facts->facts[i], "parent"), cab_fact_text(column, "name")));
        if (found != NULL)
            return found;
    }
    return NULL;
}

struct cab_fact *cab_plan_link_above(const struct cab_facts *facts, const struct cab_fact *column) {
    struct cab_fact *attach = cab_plan_attach_of(facts, column->parent);
    const struct cab_fact *above;
    int i;

    if (attach != NULL || cab_fact_is(column, "inherited", "0"))
        return attach;
    above = cab_plan_column_above(facts, column);
    for (i = facts->first[CAB_FACT_INHERIT]; above != NULL && i < facts->first[CAB_FACT_INHERIT + 1]; i++)
        if (facts->facts[i]->parent == column->parent && facts->facts[i]->on == above->parent)
            return facts->facts[i];
    return NULL;
}

/* The constraint of the parent table that one comes from. */
static struct cab_fact *constraint_above(const struct cab_facts *facts, const struct cab_fact *constraint,
                                         const struct cab_fact *link) {
    return cab_facts_find(facts, CAB_FACT_CONSTRAINT, cab_printf(facts->ctx, "%s ON %s",
                                                                 cab_fact_text(constraint, "name"), link->on->ident));
}

struct cab_fact *cab_plan_link_of_constraint(const struct cab_facts *facts, const struct cab_fact *constraint) {
    struct cab_fact *attach;
    int i;

    if (constraint->kind != CAB_FACT_CONSTRAINT || cab_fact_true(constraint, "is_local") ||
        cab_plan_owns_relation_name(constraint))
        return NULL;
    attach = cab_plan_attach_of(facts, constraint->parent);
    for (i = facts->first[CAB_FACT_INHERIT]; attach == NULL && i < facts->first[CAB_FACT_INHERIT + 1]; i++) {
        struct cab_fact *inherit = facts->facts[i];

        if (inherit->parent == constraint->parent && constraint_above(facts, constraint, inherit) != NULL)
            return inherit;
    }
    return attach;
}

bool cab_plan_holds_rows_of(const struct cab_fact *fact, const struct cab_fact *column) {
    return fact->kind == CAB_FACT_COLUMN && fact->parent != column->parent && column->parent->kind == CAB_FACT_TABLE &&
           cab_fact_uses(fact, column->parent);
}

bool cab_plan_follows_parent(const struct cab_facts *facts, const struct cab_fact *fact) {
    const struct cab_fact *link = cab_plan_link_of_constraint(facts, fact);

    return link != NULL && link->fate == CAB_FATE_KEEP && !cab_fact_is_gone(fact->parent) &&
           !cab_fact_is_made(fact->parent);
}

int cab_plan_node_of_key(const struct cab_facts *facts, const struct cab_fact *key, const struct cab_fact *link) {
    const struct cab_fact *above = constraint_above(facts, key, link), *higher;

    while (above != NULL && (higher = cab_plan_link_of_constraint(facts, above)) != NULL) {
        const struct cab_fact *next = constraint_above(facts, above, higher);

        if (next == NULL)
            break;
        above = next;
    }
    return above != NULL && cab_fact_is_made(above) ? above->node : link->node;
}

void cab_plan_free_places(struct cab_planner *planner) {
    const struct cab_facts *from = planner->from, *to = planner->to;
    int i, k;

    for (i = from->first[CAB_FACT_ATTACH]; i < from->first[CAB_FACT_ATTACH + 1]; i++) {
        struct cab_fact *old = from->facts[i];

        for (k = to->first[CAB_FACT_ATTACH]; old->fate == CAB_FATE_DROP && k < to->first[CAB_FACT_ATTACH + 1]; k++)
            if (cab_fact_is_made(to->facts[k]) && to->facts[k]->on == old->on->peer &&
                old->on->fate != CAB_FATE_REPLACE)
                old->explicit_drop = true;
    }
}
