/*
 * migrate/diff/order: one order of the actions that all edges allow, the same for the same catalogs.  Where edges form
 * a circle the loosest of them give way; where all are firm, something that was said in one statement is said in two.
 */
#include <string.h>

#include "plan.h"

/* Rank of an action where no edge decides: drops in reverse order of kinds, then the rest in their order. */
static int rank_of(const struct cab_node *node) {
    const struct cab_fact *fact = node->new != NULL ? node->new : node->old;

    if (fact->kind == CAB_FACT_EVENT_TRIGGER) /* not to fire for this script */
        return node->op == CAB_NODE_DROP ? -4 * (int)CAB_FACT__MAX : 5 * (int)CAB_FACT__MAX;
    switch (node->op) {
        case CAB_NODE_DROP: return (int)CAB_FACT__MAX - 2 * (int)CAB_FACT__MAX - (int)fact->kind;
        case CAB_NODE_EMPTY: return -(int)CAB_FACT__MAX - (int)fact->kind - 1;
        case CAB_NODE_AWAY: return -1;
        case CAB_NODE_COPY: return 4 * (int)CAB_FACT_ATTACH + 2;
        case CAB_NODE_FINISH: return 4 * (int)CAB_FACT__MAX;
        case CAB_NODE_ALTER: return 4 * (int)fact->kind;
        default: return 4 * (int)fact->kind + 1;
    }
}

static int compare_nodes(const struct cab_node *a, const struct cab_node *b) {
    const struct cab_fact *x = a->new != NULL ? a->new : a->old, *y = b->new != NULL ? b->new : b->old;
    int rank_a = rank_of(a), rank_b = rank_of(b);

    if (rank_a != rank_b)
        return rank_a < rank_b ? -1 : 1;
    if (x->kind == CAB_FACT_COLUMN && y->kind == CAB_FACT_COLUMN) {
        int order = strcmp(cab_fact_text(x, "table"), cab_fact_text(y, "table"));

        if (order != 0)
            return order;
        if (x->sub != y->sub)
            return x->sub < y->sub ? -1 : 1;
    }
    return strcmp(x->ident, y->ident);
}

/* ---- a heap of node indexes ---- */

struct heap {
    struct cab_planner *planner;
    int *items, n;
};

static bool is_before(const struct heap *heap, int a, int b) {
    int order = compare_nodes(&heap->planner->nodes[a], &heap->planner->nodes[b]);

    return order < 0 || (order == 0 && a < b);
}

static void heap_push(struct heap *heap, int node) {
    int i = heap->n++;

    while (i > 0 && is_before(heap, node, heap->items[(i - 1) / 2])) {
        heap->items[i] = heap->items[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    heap->items[i] = node;
}

static int heap_pop(struct heap *heap) {
    int top = heap->items[0], last = heap->items[--heap->n], i = 0;

    for (;;) {
        int child = 2 * i + 1;

        if (child >= heap->n)
            break;
        if (child + 1 < heap->n && is_before(heap, heap->items[child + 1], heap->items[child]))
            child++;
        if (!is_before(heap, heap->items[child], last))
            break;
        heap->items[i] = heap->items[child];
        i = child;
    }
    if (heap->n > 0)
        heap->items[i] = last;
    return top;
}

static int compare_edges(const void *a, const void *b) {
    const struct cab_edge *x = a, *y = b;

    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return x->to < y->to ? -1 : x->to > y->to;
}

static void lay_out(struct cab_planner *planner) {
    int *next = cab_new_array(planner->ctx, int, (size_t)planner->n_edges + 1), i;

    cab_sort(planner->edges, (size_t)planner->n_edges, sizeof(*planner->edges), compare_edges);
    for (i = 0; i < planner->n_nodes; i++) {
        planner->nodes[i].n_next = planner->nodes[i].n_before = 0;
        planner->nodes[i].position = -1;
    }
    for (i = 0; i < planner->n_edges; i++) {
        struct cab_node *node = &planner->nodes[planner->edges[i].from];

        next[i] = planner->edges[i].to;
        if (node->n_next++ == 0)
            node->next = &next[i];
        planner->nodes[next[i]].n_before++;
    }
}

/* Kahn; returns how many nodes found their place. */
static int place(struct cab_planner *planner) {
    struct heap heap = { .planner = planner };
    int i, n = 0;

    heap.items = cab_new_array(planner->ctx, int, (size_t)planner->n_nodes + 1);
    planner->order = cab_new_array(planner->ctx, int, (size_t)planner->n_nodes + 1);
    for (i = 0; i < planner->n_nodes; i++)
        if (planner->nodes[i].n_before == 0)
            heap_push(&heap, i);
    while (heap.n > 0) {
        int index = heap_pop(&heap);
        struct cab_node *node = &planner->nodes[index];

        node->position = n;
        planner->order[n++] = index;
        for (i = 0; i < node->n_next; i++)
            if (--planner->nodes[node->next[i]].n_before == 0)
                heap_push(&heap, node->next[i]);
    }
    return n;
}

/* ---- circles: strongly connected components of what found no place (Tarjan, with a stack of its own) ---- */

struct circles {
    int *index, *low, *component, *stack, *frames, *at;
    int n_stack, n_frames, next_index, n_components;
};

static void close_component(struct circles *c, int node) {
    int member;

    if (c->low[node] != c->index[node])
        return;
    do {
        member = c->stack[--c->n_stack];
        c->component[member] = c->n_components;
    } while (member != node);
    c->n_components++;
}

static void visit(struct cab_planner *planner, struct circles *c, int root) {
    c->frames[c->n_frames++] = root;
    while (c->n_frames > 0) {
        int node = c->frames[c->n_frames - 1];

        if (c->index[node] == 0) {
            c->index[node] = c->low[node] = ++c->next_index;
            c->stack[c->n_stack++] = node;
        }
        if (c->at[node] < planner->nodes[node].n_next) {
            int next = planner->nodes[node].next[c->at[node]++];

            if (planner->nodes[next].position >= 0)
                continue;
            if (c->index[next] == 0)
                c->frames[c->n_frames++] = next;
            else if (c->component[next] < 0 && c->index[next] < c->low[node])
                c->low[node] = c->index[next];
            continue;
        }
        c->n_frames--;
        close_component(c, node);
        if (c->n_frames > 0 && c->component[node] < 0) {
            int above = c->frames[c->n_frames - 1];

            if (c->low[node] < c->low[above])
                c->low[above] = c->low[node];
        }
    }
}

static int *find_circles(struct cab_planner *planner, int *n_out) {
    size_t n = (size_t)planner->n_nodes + 1;
    struct circles c = { 0 };
    int i;

    c.index = cab_new_array(planner->ctx, int, n);
    c.low = cab_new_array(planner->ctx, int, n);
    c.component = cab_new_array(planner->ctx, int, n);
    c.stack = cab_new_array(planner->ctx, int, n);
    c.frames = cab_new_array(planner->ctx, int, n);
    c.at = cab_new_array(planner->ctx, int, n);
    for (i = 0; i < planner->n_nodes; i++)
        c.component[i] = -1;
    for (i = 0; i < planner->n_nodes; i++)
        if (planner->nodes[i].position < 0 && c.index[i] == 0)
            visit(planner, &c, i);
    *n_out = c.n_components;
    return c.component;
}

/* Takes the loosest edges out of each circle; false where only firm ones are left in one. */
static bool loosen(struct cab_planner *planner, const int *component, int n_components, int *firm_out) {
    enum cab_edge_strength *least = cab_new_array(planner->ctx, enum cab_edge_strength, (size_t)n_components + 1);
    int i, n = 0;
    bool done = false;

    *firm_out = -1;
    for (i = 0; i < planner->n_edges; i++) {
        const struct cab_edge *edge = &planner->edges[i];
        int c = component[edge->from];

        if (c >= 0 && c == component[edge->to] && (least[c] == 0 || edge->strength < least[c]))
            least[c] = edge->strength;
    }
    for (i = 0; i < planner->n_edges; i++) {
        struct cab_edge edge = planner->edges[i];
        int c = component[edge.from];

        if (c >= 0 && c == component[edge.to] && edge.strength == least[c]) {
            if (edge.strength < CAB_EDGE_HARD) {
                done = true;
                continue;
            }
            *firm_out = c;
        }
        planner->edges[n++] = edge;
    }
    planner->n_edges = n;
    return done;
}

/* Whether a fact that would go with its parent holds the circle together, and can be dropped before. */
static bool drops_across(const struct cab_fact *fact, const int *component, int circle) {
    int i;

    switch (fact->kind) {
        case CAB_FACT_CONSTRAINT:
        case CAB_FACT_DEFAULT:
        case CAB_FACT_RULE:
        case CAB_FACT_TRIGGER:
        case CAB_FACT_POLICY:
        case CAB_FACT_INDEX:
        case CAB_FACT_STATISTICS:
        case CAB_FACT_INHERIT:
        case CAB_FACT_DOMAIN_CONSTRAINT: break;
        default: return false;
    }
    if (!cab_fact_is_gone(fact) || fact->explicit_drop || !cab_plan_is_carried(fact) || fact->node < 0 ||
        component[fact->node] != circle)
        return false;
    for (i = 0; i < fact->n_uses; i++) {
        const struct cab_fact *used = fact->uses[i];

        if (used->node >= 0 && used->node != fact->node && component[used->node] == circle)
            return true;
    }
    return false;
}

/* Views that the circle goes through are made with their columns only, and filled in when all else is there; or emptied
 * before they are dropped. */
static bool part_views(const struct cab_facts *facts, const int *component, int circle, bool is_old) {
    bool done = false;
    int i;

    for (i = facts->first[CAB_FACT_VIEW]; i < facts->first[CAB_FACT_VIEW + 1]; i++) {
        struct cab_fact *view = facts->facts[i];

        if ((is_old ? cab_fact_is_gone(view) : cab_fact_is_made(view)) && cab_fact_is(view, "kind", "v") &&
            !view->separate && view->node >= 0 && component[view->node] == circle)
            done = view->separate = true;
    }
    return done;
}

/* Says in two statements what was one, or drops first what would go with its parent, within a firm circle. */
static bool take_apart(struct cab_planner *planner, const int *component, int circle) {
    struct cab_facts *from = planner->from, *to = planner->to;
    bool done = false;
    int i;

    for (i = to->first[CAB_FACT_DEFAULT]; i < to->first[CAB_FACT_DEFAULT + 1]; i++) {
        struct cab_fact *fact = to->facts[i];

        if (cab_fact_is_made(fact) && !fact->separate && fact->node >= 0 && component[fact->node] == circle &&
            fact->parent->node == fact->node)
            done = fact->separate = true;
    }
    for (i = 0; i < from->n_facts; i++)
        if (drops_across(from->facts[i], component, circle))
            done = from->facts[i]->explicit_drop = true;
    if (!done)
        done = part_views(from, component, circle, true) || part_views(to, component, circle, false);
    for (i = 0; i < planner->n_nodes && !done; i++) {
        struct cab_node *node = &planner->nodes[i];

        if (component[i] == circle && node->op == CAB_NODE_ALTER &&
            (node->old->kind == CAB_FACT_VIEW || node->old->kind == CAB_FACT_FUNCTION)) {
            cab_plan_replace(planner, node->old);
            done = true;
        }
    }
    return done;
}

static int fail_circle(struct cab_planner *planner, const int *component, int circle, struct cab_err *err) {
    static const char *const ops[] = { "", "drop", "rename", "alter", "create", "copy", "finish", "empty", "complete" };
    struct cab_buf buf;
    int i;

    cab_buf_init(&buf, planner->ctx, 256);
    for (i = 0; i < planner->n_nodes; i++) {
        const struct cab_node *node = &planner->nodes[i];
        const struct cab_fact *fact = node->new != NULL ? node->new : node->old;

        if (component[i] == circle)
            cab_buf_addf(&buf, "%s%s %s %s", buf.len > 0 ? ", " : "", ops[node->op], cab_fact_specs[fact->kind].word,
                         fact->ident);
    }
    return cab_fail(err, CAB_PROBLEM_INTERNAL,
                    "No order of statements leads from one schema to the other, because these "
                    "depend on each other: %.300s.",
                    buf.data);
}

int cab_plan_order(struct cab_planner *planner, struct cab_err *err) {
    for (;;) {
        int *component, n_components, firm;

        lay_out(planner);
        if (place(planner) == planner->n_nodes)
            return 1;
        component = find_circles(planner, &n_components);
        if (loosen(planner, component, n_components, &firm))
            continue;
        CAB_BUG_ON(firm < 0);
        return take_apart(planner, component, firm) ? 0 : fail_circle(planner, component, firm, err);
    }
}
