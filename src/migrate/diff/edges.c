/*
 * migrate/diff/edges: what must come before what.  Destroying follows the old catalog's dependencies backwards, making
 * follows the new one's; a name must be free before it is taken again.
 */
#include <string.h>

#include "plan.h"

bool cab_fact_is_shaken(const struct cab_fact *old) {
    if (old->fate != CAB_FATE_ALTER || old->kind != CAB_FACT_COLUMN)
        return false;
    return old->retyped || cab_fact_differs(old, "identity") || cab_fact_differs(old, "not_null") ||
           cab_fact_differs(old, "generated");
}

/* Whether a view that is made or left empty needs it all the same: for its place or for the types of its columns. */
static bool shapes_view(const struct cab_fact *view, const struct cab_fact *used) {
    switch (used->kind) {
        case CAB_FACT_SCHEMA:
        case CAB_FACT_EXTENSION:
        case CAB_FACT_COLLATION:
        case CAB_FACT_TYPE: return true;
        case CAB_FACT_TABLE:
        case CAB_FACT_VIEW: return strstr(cab_fact_text(view, "columns"), used->ident) != NULL;
        default: return false;
    }
}

static bool is_view_in_two_steps(const struct cab_fact *fact) {
    return fact->kind == CAB_FACT_VIEW && fact->separate && fact->node != fact->last_node;
}

static void add_old_edge(struct cab_planner *planner, const struct cab_fact *user, const struct cab_fact *used) {
    int from = is_view_in_two_steps(user) && !shapes_view(user, used) ? user->node : user->last_node;
    bool late = planner->nodes[user->last_node].op == CAB_NODE_FINISH || is_view_in_two_steps(used) ||
                (user->kind == CAB_FACT_COLUMN && used->kind == CAB_FACT_TYPE) ||
                (used->kind == CAB_FACT_TABLE && used->fate == CAB_FATE_REPLACE &&
                 (user->kind == CAB_FACT_TABLE || (user->kind == CAB_FACT_ATTACH && user->node == user->parent->node)));

    if (cab_fact_is_gone(used))
        cab_plan_add_edge(planner, from, late ? used->last_node : used->node, CAB_EDGE_HARD);
    else if (cab_fact_is_gone(user) && cab_fact_is_shaken(used))
        cab_plan_add_edge(planner, user->node, used->node, CAB_EDGE_HARD);
}

static void add_new_edge(struct cab_planner *planner, const struct cab_fact *user, const struct cab_fact *used) {
    int to = is_view_in_two_steps(user) && !shapes_view(user, used) ? user->last_node : user->node;

    if (cab_fact_is_made(used))
        cab_plan_add_edge(planner, used->node, to, CAB_EDGE_HARD);
    else
        cab_plan_add_edge(planner, used->node, to, cab_fact_is_made(user) ? CAB_EDGE_MEDIUM : CAB_EDGE_WEAK);
}

/* Who uses an inherited column uses that of the parent, whose statement does the work. */
static struct cab_fact *above(const struct cab_facts *facts, const struct cab_fact *fact) {
    return fact->kind == CAB_FACT_COLUMN && !cab_fact_is(fact, "inherited", "0") ? cab_plan_column_above(facts, fact)
                                                                                 : NULL;
}

static void add_old_edges(struct cab_planner *planner) {
    struct cab_facts *from = planner->from;
    int i, k;

    for (i = 0; i < from->n_facts; i++) {
        struct cab_fact *user = from->facts[i], *used;

        if (user->node < 0)
            continue;
        for (k = 0; k < user->n_uses; k++)
            for (used = user->uses[k]; used != NULL; used = above(from, used))
                if (used->node >= 0)
                    add_old_edge(planner, user, used);
        used = cab_fact_is_gone(user) ? above(from, user) : NULL;
        if (used != NULL && cab_fact_is_gone(used)) {
            const struct cab_fact *link = cab_plan_link_above(from, user);
            bool parts = link != NULL && cab_fact_is_gone(link) && link->node >= 0;

            cab_plan_add_edge(planner, parts ? link->node : user->node, used->node, CAB_EDGE_HARD);
        }
    }
}

/* Columns of a table that parts from its parent, or joins one, while both stay. */
static void add_column_edges(struct cab_planner *planner, const struct cab_facts *facts, bool is_old) {
    int i;

    for (i = facts->first[CAB_FACT_COLUMN]; i < facts->first[CAB_FACT_COLUMN + 1]; i++) {
        const struct cab_fact *column = facts->facts[i], *link;

        if (column->node < 0 || column->parent->node == column->node)
            continue;
        link = cab_plan_link_above(facts, column);
        if (link == NULL || link->node < 0)
            continue;
        if (is_old && cab_fact_is_gone(link))
            cab_plan_add_edge(planner, link->node, column->node, CAB_EDGE_HARD);
        else if (!is_old && cab_fact_is_made(link))
            cab_plan_add_edge(planner, column->node, link->node, CAB_EDGE_HARD);
    }
}

/* A column that a table loses is gone before new children would get it. */
static void add_children_edges(struct cab_planner *planner, const struct cab_fact *column) {
    static const enum cab_fact_kind kinds[] = { CAB_FACT_ATTACH, CAB_FACT_INHERIT };
    const struct cab_facts *to = planner->to;
    size_t kind;
    int i;

    for (kind = 0; kind < CAB_LENGTH(kinds); kind++)
        for (i = to->first[kinds[kind]]; i < to->first[kinds[kind] + 1]; i++) {
            const struct cab_fact *link = to->facts[i];

            if (cab_fact_is_made(link) && link->on == column->parent->peer && !cab_fact_is_made(link->on))
                cab_plan_add_edge(planner, column->node, link->node, CAB_EDGE_MEDIUM);
        }
}

/* A table that is made with its parent's columns waits for those that the parent gets; a partition's place must be
 * free. */
static void add_table_edges(struct cab_planner *planner) {
    const struct cab_facts *from = planner->from, *to = planner->to;
    int i, k;

    for (i = to->first[CAB_FACT_COLUMN]; i < to->first[CAB_FACT_COLUMN + 1]; i++) {
        const struct cab_fact *column = to->facts[i], *parent;

        if (!cab_fact_is_made(column) || column->node < 0 || column->node != column->parent->node ||
            cab_fact_is(column, "inherited", "0"))
            continue;
        parent = cab_plan_column_above(to, column);
        if (parent != NULL && cab_fact_is_made(parent))
            cab_plan_add_edge(planner, parent->node, column->node, CAB_EDGE_HARD);
    }
    for (i = from->first[CAB_FACT_COLUMN]; i < from->first[CAB_FACT_COLUMN + 1]; i++)
        if (cab_fact_is_gone(from->facts[i]) && from->facts[i]->parent->peer != NULL)
            add_children_edges(planner, from->facts[i]);
    for (i = from->first[CAB_FACT_ATTACH]; i < from->first[CAB_FACT_ATTACH + 1]; i++) {
        const struct cab_fact *old = from->facts[i];

        if (!cab_fact_is_gone(old) || old->on->peer == NULL)
            continue;
        for (k = to->first[CAB_FACT_ATTACH]; k < to->first[CAB_FACT_ATTACH + 1]; k++)
            if (cab_fact_is_made(to->facts[k]) && to->facts[k]->on == old->on->peer && to->facts[k] != old->peer)
                cab_plan_add_edge(planner, old->node, to->facts[k]->node, CAB_EDGE_MEDIUM);
    }
}

/* Constraints that a table keeps when it parts from its parent, or must have before it joins one. */
static void add_constraint_edges(struct cab_planner *planner, const struct cab_facts *facts, bool is_old) {
    int i;

    for (i = facts->first[CAB_FACT_CONSTRAINT]; i < facts->first[CAB_FACT_CONSTRAINT + 1]; i++) {
        const struct cab_fact *constraint = facts->facts[i];
        const struct cab_fact *link = constraint->node >= 0 ? cab_plan_link_of_constraint(facts, constraint) : NULL;

        if (link == NULL)
            continue;
        if (is_old && cab_fact_is_gone(link) && cab_fact_is_gone(constraint))
            cab_plan_add_edge(planner, link->node, constraint->node, CAB_EDGE_HARD);
        else if (!is_old && cab_fact_is_made(link) && cab_fact_is_made(constraint) &&
                 cab_fact_is(constraint, "kind", "c"))
            cab_plan_add_edge(planner, constraint->node, link->node, CAB_EDGE_HARD);
    }
}

/* REVOKE on a table takes the same privileges of its columns, so these are given later. */
static void add_privilege_edges(struct cab_planner *planner) {
    const struct cab_facts *to = planner->to;
    int i;

    for (i = to->first[CAB_FACT_ACL]; i < to->first[CAB_FACT_ACL + 1]; i++) {
        const struct cab_fact *acl = to->facts[i], *child;

        if (acl->parent == NULL || (acl->parent->kind != CAB_FACT_COLUMN && cab_fact_get(acl, "column") == NULL))
            continue;
        child = acl->parent->kind == CAB_FACT_COLUMN ? acl->parent->parent->children : acl->parent->children;
        for (; child != NULL; child = child->next_child)
            if (child->kind == CAB_FACT_ACL && cab_fact_get(child, "column") == NULL)
                cab_plan_add_edge(planner, child->node, acl->node, CAB_EDGE_HARD);
    }
}

static void add_new_edges(struct cab_planner *planner) {
    struct cab_facts *to = planner->to;
    int i, k;

    for (i = 0; i < to->n_facts; i++) {
        struct cab_fact *user = to->facts[i], *used;

        if (user->node < 0)
            continue;
        for (k = 0; k < user->n_uses; k++)
            for (used = user->uses[k]; used != NULL; used = above(to, used))
                add_new_edge(planner, user, used);
        for (k = 0; k < user->n_soft; k++)
            cab_plan_add_edge(planner, user->soft[k]->node, user->node, CAB_EDGE_SOFT);
    }
}

/* An object that comes again, and the rows of a table that does. */
static void add_replace_edges(struct cab_planner *planner) {
    struct cab_facts *from = planner->from, *to = planner->to;
    int i;

    for (i = 0; i < from->n_facts; i++) {
        struct cab_fact *old = from->facts[i], *new = old->peer, *child;
        int copy;

        if (old->fate != CAB_FATE_REPLACE)
            continue;
        if (old->node >= 0 && planner->nodes[old->node].op != CAB_NODE_FINISH) /* what hangs on a renamed table waits */
            cab_plan_add_edge(planner, is_view_in_two_steps(old) ? old->last_node : old->node, new->node,
                              CAB_EDGE_HARD);
        if (old->node < 0 || planner->nodes[old->node].op != CAB_NODE_AWAY)
            continue;
        cab_plan_add_edge(planner, new->node, old->last_node, CAB_EDGE_HARD);
        if (old->kind != CAB_FACT_TABLE)
            continue;
        copy = cab_plan_add_node(planner, CAB_NODE_COPY, old, new);
        cab_plan_add_edge(planner, new->node, copy, CAB_EDGE_HARD);
        cab_plan_add_edge(planner, copy, old->last_node, CAB_EDGE_HARD);
        for (child = new->children; child != NULL; child = child->next_child) {
            bool after = child->kind == CAB_FACT_TRIGGER || child->kind == CAB_FACT_RULE ||
                         (child->kind == CAB_FACT_CONSTRAINT && cab_fact_is(child, "kind", "f"));

            if (after)
                cab_plan_add_edge(planner, copy, child->node, CAB_EDGE_HARD);
        }
        for (int k = 0; k < old->n_used_by; k++)
            if (old->used_by[k]->kind == CAB_FACT_TABLE && cab_fact_is_gone(old->used_by[k]))
                cab_plan_add_edge(planner, copy, old->used_by[k]->node, CAB_EDGE_HARD);
        for (int k = to->first[CAB_FACT_ATTACH]; k < to->first[CAB_FACT_ATTACH + 1]; k++)
            if (to->facts[k]->on == new)
                cab_plan_add_edge(planner, to->facts[k]->node, copy, CAB_EDGE_HARD);
    }
}

/* Indexes of partitions: which come before the partition is attached, which after. */
static void add_partition_edges(struct cab_planner *planner) {
    struct cab_facts *to = planner->to;
    int i;

    for (i = to->first[CAB_FACT_INDEX_ATTACH]; i < to->first[CAB_FACT_INDEX_ATTACH + 1]; i++) {
        struct cab_fact *fact = to->facts[i], *table = fact->parent->parent;
        struct cab_fact *attach = table != NULL ? cab_plan_attach_of(to, table) : NULL;
        struct cab_fact *above = fact->on->parent != NULL ? cab_plan_attach_of(to, fact->on->parent) : NULL;
        int k;

        if (above != NULL && cab_fact_is_made(above) && !cab_plan_makes_partition_of(to, fact->on->parent))
            cab_plan_add_edge(planner, fact->node, above->node, CAB_EDGE_HARD); /* an index must be whole to be taken */

        for (k = 0; k < fact->on->n_used_by; k++) /* a key is whole when each partition has its part */
            if (fact->on->used_by[k]->kind == CAB_FACT_CONSTRAINT && cab_fact_is(fact->on->used_by[k], "kind", "f"))
                cab_plan_add_edge(planner, fact->node, fact->on->used_by[k]->node, CAB_EDGE_HARD);
        if (attach == NULL || !cab_fact_is_made(attach))
            continue;
        if (cab_plan_makes_partition_of(to, table)) {
            if (!cab_plan_is_given(to, fact))
                cab_plan_add_edge(planner, table->node, fact->on->node, CAB_EDGE_HARD);
        } else {
            cab_plan_add_edge(planner, fact->parent->node, attach->node, CAB_EDGE_HARD);
            cab_plan_add_edge(planner, fact->on->node, attach->node, CAB_EDGE_HARD);
        }
    }
}

/* A trigger that a partition has from its table comes with whichever is made later; its name must be free by then. */
static void add_clone_edges(struct cab_planner *planner) {
    struct cab_facts *to = planner->to;
    int i;

    for (i = to->first[CAB_FACT_TRIGGER]; i < to->first[CAB_FACT_TRIGGER + 1]; i++) {
        const struct cab_fact *trigger = to->facts[i], *attach;

        if (!cab_fact_true(trigger, "clone") || trigger->parent == NULL ||
            (attach = cab_plan_attach_of(to, trigger->parent)) == NULL || !cab_fact_is_made(attach))
            continue;
        cab_plan_add_edge(planner, attach->node, trigger->node, CAB_EDGE_HARD);
        if (trigger->peer != NULL && cab_fact_is_gone(trigger->peer) && !cab_fact_true(trigger->peer, "clone"))
            cab_plan_add_edge(planner, trigger->peer->node, attach->node, CAB_EDGE_HARD);
    }
}

/* ---- names: one owner at a time ---- */

struct claim {
    const char *name;
    int node;
};

static int compare_claims(const void *a, const void *b) {
    return strcmp(((const struct claim *)a)->name, ((const struct claim *)b)->name);
}

static void add_claims(struct cab_planner *planner, struct claim *claims, int *n, const struct cab_fact *fact,
                       bool frees) {
    const char *ident = fact->ident;
    void *ctx = planner->ctx;
    int node = frees && is_view_in_two_steps(fact) ? fact->last_node : fact->node;

    switch (fact->kind) {
        case CAB_FACT_TABLE:
        case CAB_FACT_VIEW:
        case CAB_FACT_TYPE:
            claims[(*n)++] = (struct claim){ cab_printf(ctx, "T %s", ident), node }; /* fall through */
        case CAB_FACT_SEQUENCE:
        case CAB_FACT_INDEX:
            claims[(*n)++] = (struct claim){ cab_printf(ctx, "R %s", ident), node };
            break;
        case CAB_FACT_CONSTRAINT:
            if (cab_plan_owns_relation_name(fact))
                claims[(*n)++] = (struct claim){ cab_printf(ctx, "R %s.%s", cab_fact_text(fact, "schema"),
                                                            cab_fact_text(fact, "name")), node };
            break;
        case CAB_FACT_FUNCTION:
        case CAB_FACT_AGGREGATE:
            claims[(*n)++] = (struct claim){ cab_printf(ctx, "F %s", ident), node };
            break;
        default:
            break;
    }
}

static void add_name_edges(struct cab_planner *planner) {
    struct cab_facts *from = planner->from, *to = planner->to;
    struct claim *freed = cab_new_array(planner->ctx, struct claim, 2 * (size_t)from->n_facts + 1);
    struct claim *taken = cab_new_array(planner->ctx, struct claim, 2 * (size_t)to->n_facts + 1);
    int n_freed = 0, n_taken = 0, i, k;

    for (i = 0; i < from->n_facts; i++)
        if (cab_fact_is_gone(from->facts[i]))
            add_claims(planner, freed, &n_freed, from->facts[i], true);
    for (i = 0; i < to->n_facts; i++)
        if (cab_fact_is_made(to->facts[i]))
            add_claims(planner, taken, &n_taken, to->facts[i], false);
    cab_sort(freed, (size_t)n_freed, sizeof(*freed), compare_claims);
    cab_sort(taken, (size_t)n_taken, sizeof(*taken), compare_claims);
    for (i = 0, k = 0; i < n_freed && k < n_taken;) {
        int order = strcmp(freed[i].name, taken[k].name);

        if (order == 0)
            cab_plan_add_edge(planner, freed[i].node, taken[k].node, CAB_EDGE_HARD);
        i += order <= 0;
        k += order >= 0;
    }
}

/* A column of a row type comes back from text when the table has its new types. */
static void add_row_type_edges(struct cab_planner *planner) {
    const struct cab_facts *from = planner->from;
    int i, k;

    for (i = from->first[CAB_FACT_COLUMN]; i < from->first[CAB_FACT_COLUMN + 1]; i++) {
        const struct cab_fact *column = from->facts[i];

        for (k = 0; column->retyped && k < column->parent->n_used_by; k++)
            if (cab_plan_holds_rows_of(column->parent->used_by[k], column))
                cab_plan_add_edge(planner, column->node, column->parent->used_by[k]->node, CAB_EDGE_HARD);
    }
}

void cab_plan_edges(struct cab_planner *planner) {
    add_old_edges(planner);
    add_new_edges(planner);
    add_column_edges(planner, planner->from, true);
    add_column_edges(planner, planner->to, false);
    add_table_edges(planner);
    add_constraint_edges(planner, planner->from, true);
    add_constraint_edges(planner, planner->to, false);
    add_privilege_edges(planner);
    add_row_type_edges(planner);
    add_replace_edges(planner);
    add_partition_edges(planner);
    add_clone_edges(planner);
    add_name_edges(planner);
}
