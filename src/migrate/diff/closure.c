/*
 * migrate/diff/closure: what must be dropped and made again because something it stands on goes, is replaced or changes
 * its type.  Works on the old catalog's dependencies until nothing more follows; never CASCADE.
 */
#include <string.h>

#include "plan.h"

struct work {
    struct cab_fact **items;
    int n, cap;
};

static void push(struct cab_planner *planner, struct work *work, struct cab_fact *fact) {
    if (work->n == work->cap) {
        work->cap = work->cap > 0 ? 2 * work->cap : 256;
        work->items = cab_mem_resize(planner->ctx, work->items, (size_t)work->cap * sizeof(*work->items));
    }
    work->items[work->n++] = fact;
}

/* Whether columns hold values of the domain within arrays or other types: the server adds no constraint then. */
static bool is_within_others(const struct cab_fact *domain) {
    int i;

    for (i = 0; i < domain->n_used_by; i++) {
        const struct cab_fact *user = domain->used_by[i];

        if (user->kind == CAB_FACT_COLUMN && strstr(cab_fact_text(user, "base_type"), "[]") != NULL)
            return true;
        if (user->kind == CAB_FACT_TYPE && user->n_used_by > 0)
            return true;
    }
    return false;
}

static void replace(struct cab_planner *planner, struct work *work, struct cab_fact *fact) {
    if (cab_fact_is_gone(fact))
        return;
    fact->fate = fact->peer->fate = CAB_FATE_REPLACE;
    fact->retyped = fact->peer->retyped = false;
    push(planner, work, fact);
    if (fact->kind == CAB_FACT_DOMAIN_CONSTRAINT && is_within_others(fact->parent))
        replace(planner, work, fact->parent);
}

static void retype(struct cab_planner *planner, struct work *work, struct cab_fact *column) {
    if (cab_fact_is_gone(column) || column->retyped)
        return;
    if (cab_fact_get(column->peer, "generated") != NULL) {
        replace(planner, work, column);
        return;
    }
    column->fate = column->peer->fate = CAB_FATE_ALTER;
    column->retyped = column->peer->retyped = true;
    push(planner, work, column);
}

/* Whether CREATE OR REPLACE or ALTER lets go of what the new form no longer uses. */
static bool can_release(const struct cab_fact *fact) {
    switch (fact->kind) {
        case CAB_FACT_FUNCTION:
        case CAB_FACT_VIEW: return fact->fate == CAB_FATE_ALTER && cab_fact_differs(fact, "definition");
        case CAB_FACT_COLUMN:
        case CAB_FACT_TABLE:
        case CAB_FACT_TYPE:
        case CAB_FACT_DEFAULT: return fact->fate == CAB_FATE_ALTER;
        default: return false;
    }
}

/* fact stands on gone, which goes (for good, or to come again). */
static void follow_gone(struct cab_planner *planner, struct work *work, struct cab_fact *gone, struct cab_fact *fact) {
    bool returns = gone->fate == CAB_FATE_REPLACE;

    if (cab_fact_is_gone(fact))
        return;
    if (fact->kind == CAB_FACT_SEQUENCE && cab_fact_is(fact, "kind", "plain"))
        return; /* its ownership is a fact of its own */
    if (fact->parent == gone) {
        replace(planner, work, fact);
        return;
    }
    if (fact->kind == CAB_FACT_TYPE && cab_fact_is(fact, "kind", "d") && gone->kind == CAB_FACT_FUNCTION) {
        fact->fate = fact->peer->fate = CAB_FATE_ALTER; /* only its default uses functions; constraints are facts */
        fact->separate = fact->peer->separate = true;
        return;
    }
    if (fact->kind == CAB_FACT_TABLE && (gone->kind == CAB_FACT_FOREIGN || gone->kind == CAB_FACT_FUNCTION)) {
        replace(planner, work, fact); /* its server, or a function of its partition key */
        return;
    }
    if (fact->kind == CAB_FACT_TABLE || fact->kind == CAB_FACT_SCHEMA || fact->kind == CAB_FACT_EXTENSION)
        return; /* partitions and children are let go by their own facts */
    if (fact->kind == CAB_FACT_COLUMN && (gone->kind == CAB_FACT_TYPE || gone->kind == CAB_FACT_COLLATION ||
                                          gone->kind == CAB_FACT_TABLE) &&
        cab_fact_get(fact, "generated") == NULL) {
        if (returns)
            retype(planner, work, fact);
        return;
    }
    if (can_release(fact) && !(returns && cab_fact_uses(fact->peer, gone->peer)))
        return;
    replace(planner, work, fact);
}

static bool same_base(const struct cab_fact *column) {
    return cab_same_text(cab_fact_get(column, "base_type"), cab_fact_get(column->peer, "base_type"));
}

/* fact stands on column, whose type changes. */
static void follow_retyped(struct cab_planner *planner, struct work *work, struct cab_fact *column,
                           struct cab_fact *fact) {
    if (cab_fact_is_gone(fact))
        return;
    switch (fact->kind) {
        case CAB_FACT_VIEW:
        case CAB_FACT_RULE:
        case CAB_FACT_POLICY:
        case CAB_FACT_FUNCTION:
        case CAB_FACT_PUBLICATION:
        case CAB_FACT_TRIGGER: replace(planner, work, fact); break;
        case CAB_FACT_COLUMN:
            if (cab_fact_get(fact, "generated") != NULL)
                replace(planner, work, fact);
            break;
        case CAB_FACT_DEFAULT:
            if (fact->parent == column)
                replace(planner, work, fact);
            break;
        case CAB_FACT_CONSTRAINT:
            if (cab_fact_is(fact, "kind", "f") && !same_base(column))
                replace(planner, work, fact);
            break;
        default: break;
    }
}

/* A column of the partition key cannot change its type. */
static bool is_in_partition_key(const struct cab_fact *column) {
    const char *key = cab_fact_get(column->parent, "partition_key"), *name = cab_fact_get(column, "name");
    size_t n = strlen(name);

    for (; key != NULL && (key = strstr(key, name)) != NULL; key += n)
        if (strchr("(, ", key[-1]) != NULL && strchr("), :", key[n]) != NULL)
            return true;
    return false;
}

static void run(struct cab_planner *planner, struct work *work) {
    while (work->n > 0) {
        struct cab_fact *fact = work->items[--work->n], *child;
        int i;

        if (fact->retyped && !cab_fact_is_gone(fact)) {
            if (is_in_partition_key(fact)) {
                replace(planner, work, fact->parent);
                continue;
            }
            for (i = 0; i < fact->n_used_by; i++)
                follow_retyped(planner, work, fact, fact->used_by[i]);
            for (i = 0; i < fact->parent->n_used_by; i++)
                if (cab_plan_holds_rows_of(fact->parent->used_by[i], fact))
                    retype(planner, work, fact->parent->used_by[i]);
            continue;
        }
        for (i = 0; i < fact->n_used_by; i++)
            follow_gone(planner, work, fact, fact->used_by[i]);
        for (child = fact->children; child != NULL; child = child->next_child)
            if (child->kind == CAB_FACT_SEQUENCE) /* it has no edge to its column */
                follow_gone(planner, work, fact, child);
    }
    cab_mem_free(work->items);
}

void cab_plan_close(struct cab_planner *planner) {
    struct cab_facts *from = planner->from, *to = planner->to;
    struct work work = { 0 };
    int i;

    for (i = 0; i < from->n_facts; i++)
        if (cab_fact_is_gone(from->facts[i]) || from->facts[i]->retyped)
            push(planner, &work, from->facts[i]);
    for (i = to->first[CAB_FACT_DOMAIN_CONSTRAINT]; i < to->first[CAB_FACT_DOMAIN_CONSTRAINT + 1]; i++) {
        struct cab_fact *domain = to->facts[i]->parent->peer;

        if (cab_fact_is_made(to->facts[i]) && domain != NULL && is_within_others(domain))
            replace(planner, &work, domain);
    }
    run(planner, &work);
}

void cab_plan_replace(struct cab_planner *planner, struct cab_fact *old) {
    struct work work = { 0 };

    replace(planner, &work, old);
    run(planner, &work);
}
