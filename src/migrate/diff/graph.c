/*
 * migrate/diff/graph: the actions of a plan: what is destroyed, altered and made, and what goes or comes along with it.
 */
#include <stdlib.h>
#include <string.h>

#include "plan.h"

int cab_plan_add_node(struct cab_planner *planner, enum cab_node_op op, struct cab_fact *old, struct cab_fact *new) {
    if (planner->n_nodes == planner->cap_nodes) {
        planner->cap_nodes = planner->cap_nodes > 0 ? 2 * planner->cap_nodes : 1024;
        planner->nodes = cab_mem_resize(planner->ctx, planner->nodes,
                                        (size_t)planner->cap_nodes * sizeof(*planner->nodes));
    }
    planner->nodes[planner->n_nodes] = (struct cab_node){ .op = op, .old = old, .new = new, .folded_into = -1 };
    return planner->n_nodes++;
}

void cab_plan_add_edge(struct cab_planner *planner, int from, int to, enum cab_edge_strength strength) {
    if (from < 0 || to < 0 || from == to)
        return;
    if (planner->n_edges == planner->cap_edges) {
        planner->cap_edges = planner->cap_edges > 0 ? 2 * planner->cap_edges : 4096;
        planner->edges = cab_mem_resize(planner->ctx, planner->edges,
                                        (size_t)planner->cap_edges * sizeof(*planner->edges));
    }
    planner->edges[planner->n_edges++] = (struct cab_edge){ from, to, strength };
}

/* ---- destroying ---- */

bool cab_plan_owns_relation_name(const struct cab_fact *fact) {
    return fact->kind == CAB_FACT_INDEX ||
           (fact->kind == CAB_FACT_CONSTRAINT && strchr("pux", cab_fact_text(fact, "kind")[0]));
}

static struct cab_fact *index_attach_of(const struct cab_facts *facts, const struct cab_fact *index) {
    const char *ident = index->ident;
    char *made = NULL;
    struct cab_fact *found;

    if (index->kind == CAB_FACT_CONSTRAINT)
        ident = made = cab_printf(NULL, "%s.%s", cab_fact_text(index, "schema"), cab_fact_text(index, "name"));
    found = cab_facts_find(facts, CAB_FACT_INDEX_ATTACH, ident);
    cab_mem_free(made);
    return found;
}

/* What takes a fact along: its parent, or the partitioned table that goes with all its partitions. */
static struct cab_fact *bearer_of(const struct cab_fact *old) {
    const struct cab_fact *child;

    if (old->kind != CAB_FACT_TABLE || old->fate != CAB_FATE_DROP)
        return old->parent;
    for (child = old->children; child != NULL; child = child->next_child)
        if (child->kind == CAB_FACT_ATTACH && child->on->fate == CAB_FATE_DROP)
            return child->on;
    return NULL;
}

bool cab_plan_is_carried(const struct cab_fact *old) {
    const struct cab_fact *parent = bearer_of(old);

    if (parent == NULL || !cab_fact_is_gone(old) || old->explicit_drop || old->kind == CAB_FACT_FOREIGN)
        return false; /* a server does not take its user mappings along */
    if (old->kind == CAB_FACT_SEQUENCE) {
        if (cab_fact_is(old, "kind", "identity"))
            return true;
        return old->fate == CAB_FATE_DROP && cab_fact_is_gone(parent);
    }
    if (!cab_fact_is_gone(parent))
        return false;
    return !(parent->kind == CAB_FACT_TABLE && parent->fate == CAB_FATE_REPLACE &&
             (cab_plan_owns_relation_name(old) || old->kind == CAB_FACT_ATTACH || old->kind == CAB_FACT_INHERIT));
}

/* Whether old values of a type, or an old table with the function in its partition key, outlive the moment when the new
 * one takes its name. */
static bool stays_for_a_while(const struct cab_fact *type) {
    int i;

    for (i = 0; type->kind == CAB_FACT_FUNCTION && type->fate == CAB_FATE_REPLACE && i < type->n_used_by; i++)
        if (type->used_by[i]->kind == CAB_FACT_TABLE && type->used_by[i]->fate == CAB_FATE_REPLACE)
            return true;
    if (type->kind != CAB_FACT_TYPE || type->fate != CAB_FATE_REPLACE)
        return false;
    for (i = 0; i < type->n_used_by; i++) {
        const struct cab_fact *user = type->used_by[i];

        if (user->kind == CAB_FACT_COLUMN && (!cab_fact_is_gone(user) || user->parent->fate == CAB_FATE_REPLACE))
            return true;
        if (user != type && stays_for_a_while(user))
            return true;
    }
    return false;
}

static void make_old_nodes(struct cab_planner *planner) {
    struct cab_facts *from = planner->from;
    int i;

    for (i = 0; i < from->n_facts; i++) {
        struct cab_fact *fact = from->facts[i];

        fact->node = fact->last_node = -1;
        if (cab_plan_follows_parent(from, fact))
            continue;
        if (fact->fate == CAB_FATE_ALTER) {
            fact->node = fact->last_node = cab_plan_add_node(planner, CAB_NODE_ALTER, fact, fact->peer);
        } else if (cab_fact_is_gone(fact) && fact->kind == CAB_FACT_VIEW && fact->separate) {
            fact->node = cab_plan_add_node(planner, CAB_NODE_EMPTY, fact, NULL);
            fact->last_node = cab_plan_add_node(planner, CAB_NODE_DROP, fact, NULL);
            cab_plan_add_edge(planner, fact->node, fact->last_node, CAB_EDGE_HARD);
        } else if (cab_fact_is_gone(fact) && !cab_plan_is_carried(fact)) {
            bool is_table = fact->kind == CAB_FACT_TABLE && fact->fate == CAB_FATE_REPLACE &&
                            !cab_fact_is(fact, "kind", "f");

            if (is_table || stays_for_a_while(fact)) {
                fact->node = cab_plan_add_node(planner, CAB_NODE_AWAY, fact, NULL);
                fact->last_node = cab_plan_add_node(planner, CAB_NODE_FINISH, fact, NULL);
            } else {
                fact->node = fact->last_node = cab_plan_add_node(planner, CAB_NODE_DROP, fact, NULL);
            }
        }
    }
}

/* The node that destroys a carried fact: its parent's, at the end where the parent is only renamed at first. */
static int carried_node(struct cab_fact *fact) {
    struct cab_fact *parent = bearer_of(fact);

    if (fact->node >= 0)
        return fact->node;
    if (!cab_plan_is_carried(fact))
        return -1;
    if (parent->node < 0)
        parent->node = parent->last_node = carried_node(parent);
    fact->node = fact->last_node = parent->last_node;
    return fact->node;
}

static void carry_old_nodes(struct cab_planner *planner) {
    struct cab_facts *from = planner->from;
    int i;

    for (i = 0; i < from->n_facts; i++)
        if (cab_fact_is_gone(from->facts[i]) && !cab_plan_follows_parent(from, from->facts[i]))
            carried_node(from->facts[i]);
    for (i = from->first[CAB_FACT_INDEX_ATTACH]; i < from->first[CAB_FACT_INDEX_ATTACH + 1]; i++) {
        struct cab_fact *attach = from->facts[i], *child = attach->parent, *parent = attach->on;
        struct cab_fact *place = child->parent != NULL ? cab_plan_attach_of(from, child->parent) : NULL;
        bool is_child_gone = cab_fact_is_gone(child),
             is_table_gone = child->parent != NULL && cab_fact_is_gone(child->parent);

        bool goes_along = !is_table_gone && !(place != NULL && cab_fact_is_gone(place));

        if (is_table_gone && child->parent->fate == CAB_FATE_DROP && parent->parent != NULL &&
            parent->parent->fate == CAB_FATE_REPLACE)
            goes_along = true; /* the partition is dropped later, when its rows were copied */
        if (is_child_gone && cab_fact_is_gone(parent) && goes_along) {
            if (child->node >= 0)
                planner->nodes[child->node].op = CAB_NODE_NOTHING;
            child->node = child->last_node = parent->node; /* DROP INDEX of the parent takes it */
        }
        if (!cab_fact_is_gone(attach))
            continue;
        if (is_child_gone)
            attach->node = attach->last_node = child->node;
        else if (cab_fact_is_gone(parent))
            attach->node = attach->last_node = parent->node;
        else if (place != NULL && cab_fact_is_gone(place))
            attach->node = attach->last_node = place->node;
        if (place != NULL && cab_fact_is_gone(place) && is_child_gone && !goes_along)
            cab_plan_add_edge(planner, place->node, child->node, CAB_EDGE_HARD);
    }
}

/* ---- making ---- */

/* Whether the index that the server makes for a new partition will have the name that is wanted. */
static bool has_given_name(const struct cab_fact *index, const struct cab_fact *table) {
    const char *name = cab_fact_text(index, "name"), *of = cab_fact_text(table, "name");
    size_t n = strlen(of);

    return n < 50 && strncmp(name, of, n) == 0 && name[n] == '_';
}

/* Whether the server will make the index for a new partition, as part of attach->on. */
static bool is_given(const struct cab_facts *facts, const struct cab_fact *attach) {
    const struct cab_fact *on = attach->on, *above;

    if (!cab_fact_is_made(on))
        return true;
    above = index_attach_of(facts, on);
    return above != NULL && cab_plan_makes_partition_of(facts, on->parent) && is_given(facts, above);
}

bool cab_plan_is_given(const struct cab_facts *facts, const struct cab_fact *attach) {
    return cab_plan_makes_partition_of(facts, attach->parent->parent) && is_given(facts, attach);
}

bool cab_plan_makes_partition_of(const struct cab_facts *facts, const struct cab_fact *table) {
    const struct cab_fact *child;
    bool is_partition = false;

    if (table->kind != CAB_FACT_TABLE || !cab_fact_is_made(table) || cab_fact_is(table, "kind", "f"))
        return false;
    for (child = table->children; child != NULL; child = child->next_child) {
        if (child->kind == CAB_FACT_ATTACH)
            is_partition = true;
        if (child->kind == CAB_FACT_COLUMN && cab_fact_true(child, "is_local"))
            return false;
    }
    if (!is_partition)
        return false;
    for (child = table->children; child != NULL; child = child->next_child) {
        const struct cab_fact *sub;

        if (!cab_plan_owns_relation_name(child))
            continue;
        for (sub = child->children; sub != NULL; sub = sub->next_child)
            if (sub->kind == CAB_FACT_INDEX_ATTACH && is_given(facts, sub) && !has_given_name(child, table))
                return false;
    }
    return true;
}

/* The node of another fact that makes this one too, or -1. */
static int made_with(struct cab_planner *planner, struct cab_fact *fact) {
    struct cab_fact *parent = fact->parent, *other;

    switch (fact->kind) {
        case CAB_FACT_COLUMN:
            if (cab_fact_is_made(parent))
                return parent->node;
            other = cab_plan_link_above(planner->to, fact);
            if (cab_fact_true(fact, "is_local") || (other != NULL && cab_fact_is_made(other)))
                return -1; /* tables come together with columns of their own */
            other = cab_plan_column_above(planner->to, fact);
            return other != NULL && cab_fact_is_made(other) ? other->node : -1;
        case CAB_FACT_DEFAULT:
            if (parent->kind != CAB_FACT_COLUMN || !cab_fact_is_made(parent) || fact->separate)
                return -1;
            if (parent->parent->node == parent->node && cab_fact_is_made(parent->parent))
                return cab_plan_makes_partition_of(planner->to, parent->parent) ||
                       (!cab_fact_true(parent, "is_local")) ? -1 : parent->node;
            other = cab_plan_column_above(planner->to, parent);
            if (other != NULL && other->node == parent->node) {
                struct cab_fact *theirs = cab_facts_find(planner->to, CAB_FACT_DEFAULT, other->ident);

                return theirs != NULL &&
                               cab_same_text(cab_fact_get(theirs, "expression"), cab_fact_get(fact, "expression"))
                           ? parent->node
                           : -1;
            }
            return parent->node;
        case CAB_FACT_SEQUENCE:
            return cab_fact_is(fact, "kind", "identity") ? parent->node : -1;
        case CAB_FACT_INHERIT:
            return cab_fact_is_made(parent) ? parent->node : -1;
        case CAB_FACT_ATTACH:
            return cab_plan_makes_partition_of(planner->to, parent) ? parent->node : -1;
        case CAB_FACT_INDEX:
        case CAB_FACT_CONSTRAINT:
            other = cab_plan_link_of_constraint(planner->to, fact);
            if (other != NULL && cab_fact_is_made(other) && cab_fact_is(fact, "kind", "f"))
                return cab_plan_node_of_key(planner->to, fact, other);
            if (other != NULL && cab_fact_is_made(other) && other->node == parent->node)
                return other->node; /* else it must be there before */
            other = cab_plan_owns_relation_name(fact) ? index_attach_of(planner->to, fact) : NULL;
            return other != NULL && cab_plan_is_given(planner->to, other) ? parent->node : -1;
        case CAB_FACT_INDEX_ATTACH:
            if (parent->parent == NULL || (other = cab_plan_attach_of(planner->to, parent->parent)) == NULL ||
                !cab_fact_is_made(other))
                return -1;
            if (!cab_plan_makes_partition_of(planner->to, parent->parent))
                return other->node;
            return cab_plan_is_given(planner->to, fact) ? parent->parent->node : -1;
        default:
            return -1;
    }
}

static void make_new_nodes(struct cab_planner *planner) {
    /* parents before what is made with them; identity sequences after the columns */
    static const enum cab_fact_kind first[] = { CAB_FACT_TABLE, CAB_FACT_COLUMN, CAB_FACT_ATTACH };
    struct cab_facts *to = planner->to;
    int i, pass, last = (int)CAB_LENGTH(first);

    for (i = 0; i < to->n_facts; i++) {
        struct cab_fact *fact = to->facts[i];

        fact->node = fact->fate == CAB_FATE_ALTER ? fact->peer->node : -1;
        fact->last_node = -1;
        if (fact->fate == CAB_FATE_ALTER && fact->kind == CAB_FACT_TYPE && fact->separate) {
            fact->node = cab_plan_add_node(planner, CAB_NODE_COMPLETE, fact->peer, fact);
            cab_plan_add_edge(planner, fact->peer->node, fact->node, CAB_EDGE_HARD);
        }
    }
    for (pass = 0; pass <= last + 2; pass++)
        for (i = 0; i < to->n_facts; i++) {
            struct cab_fact *fact = to->facts[i];

            if (!cab_fact_is_made(fact) || fact->node >= 0 || cab_plan_follows_parent(to, fact))
                continue;
            if (pass < last && fact->kind != first[pass])
                continue;
            if (pass == 1 && !cab_fact_true(fact, "is_local") && !cab_fact_is_made(fact->parent))
                continue; /* its parent's column first */
            if (pass == last && fact->kind != CAB_FACT_COLUMN)
                continue;
            if (pass == last + 1 && cab_plan_link_of_constraint(to, fact) != NULL)
                continue; /* its parent's constraint first */
            fact->node = made_with(planner, fact);
            if (fact->node < 0)
                fact->node = cab_plan_add_node(planner, CAB_NODE_CREATE, NULL, fact);
            if (fact->kind == CAB_FACT_VIEW && fact->separate) {
                fact->last_node = cab_plan_add_node(planner, CAB_NODE_COMPLETE, NULL, fact);
                cab_plan_add_edge(planner, fact->node, fact->last_node, CAB_EDGE_HARD);
            }
        }
    for (i = 0; i < to->n_facts; i++)
        if (to->facts[i]->last_node < 0)
            to->facts[i]->last_node = to->facts[i]->node;
}

void cab_plan_graph(struct cab_planner *planner) {
    planner->n_nodes = planner->n_edges = 0;
    cab_plan_free_places(planner);
    make_old_nodes(planner);
    carry_old_nodes(planner);
    make_new_nodes(planner);
    cab_plan_edges(planner);
}
