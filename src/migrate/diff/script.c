/*
 * migrate/diff/script: from ordered actions to the plan that callers see, and its text.
 */
#include <string.h>

#include "plan.h"

const char *cab_hazard_word(enum cab_hazard hazard) {
    static const char *const words[CAB_HAZARD__MAX] = {
        [CAB_HAZARD_DATA_LOSS] = "DATA_LOSS", [CAB_HAZARD_TABLE_REWRITE] = "TABLE_REWRITE",
        [CAB_HAZARD_FULL_SCAN_LOCKED] = "FULL_SCAN_LOCKED", [CAB_HAZARD_BLOCKS_WRITES] = "BLOCKS_WRITES",
        [CAB_HAZARD_INDEX_BUILD] = "INDEX_BUILD", [CAB_HAZARD_INDEX_DROPPED] = "INDEX_DROPPED",
        [CAB_HAZARD_MAY_FAIL_ON_DATA] = "MAY_FAIL_ON_DATA", [CAB_HAZARD_NEEDS_BACKFILL] = "NEEDS_BACKFILL",
        [CAB_HAZARD_AUTHZ] = "AUTHZ", [CAB_HAZARD_BREAKS_OLD_APP] = "BREAKS_OLD_APP",
    };

    CAB_BUG_ON(hazard <= 0 || hazard >= CAB_HAZARD__MAX);
    return words[hazard];
}

/* Whether CREATE TABLE would take the constraint for one that it has already. */
static bool repeats_another(const struct cab_fact *constraint) {
    const struct cab_fact *other;

    if (!cab_fact_is(constraint, "kind", "u"))
        return false;
    for (other = constraint->parent->children; other != NULL; other = other->next_child)
        if (other != constraint && other->kind == CAB_FACT_CONSTRAINT &&
            (cab_fact_is(other, "kind", "p") || cab_fact_is(other, "kind", "u")) &&
            cab_same_text(cab_fact_get(other, "columns"), cab_fact_get(constraint, "columns")))
            return true;
    return false;
}

/* The node in whose statement a constraint can be said, if it stays behind all that must come before it. */
static int fold_target(const struct cab_planner *planner, const struct cab_fact *fact) {
    const struct cab_fact *parent = fact->parent;

    if (parent == NULL || !cab_fact_is_made(parent) || parent->node < 0 || parent->node == fact->node)
        return -1;
    if (fact->kind == CAB_FACT_DOMAIN_CONSTRAINT)
        return cab_fact_true(fact, "validated") ? parent->node : -1;
    if (fact->kind != CAB_FACT_CONSTRAINT || cab_fact_is(fact, "kind", "f") || !cab_fact_true(fact, "validated") ||
        cab_fact_get(fact, "options") != NULL || cab_fact_get(fact, "tablespace") != NULL ||
        repeats_another(fact) || cab_plan_makes_partition_of(planner->to, parent) ||
        cab_plan_attach_of(planner->to, parent) != NULL)
        return -1;
    return parent->node;
}

static void fold(struct cab_planner *planner) {
    int i;

    for (i = 0; i < planner->n_nodes; i++) {
        struct cab_node *node = &planner->nodes[i];

        node->folded_into = node->op == CAB_NODE_CREATE ? fold_target(planner, node->new) : -1;
    }
    for (i = 0; i < planner->n_edges; i++) {
        const struct cab_edge *edge = &planner->edges[i];
        struct cab_node *node = &planner->nodes[edge->to];

        if (node->folded_into >= 0 && edge->from != node->folded_into &&
            planner->nodes[edge->from].position > planner->nodes[node->folded_into].position)
            node->folded_into = -1;
    }
}

/* ---- notes ---- */

/* Whether columns that both have stand in the same order, and new ones behind them. */
static bool keeps_column_order(const struct cab_fact *table) {
    const struct cab_fact *a, *b;

    for (a = table->children; a != NULL; a = a->next_child) {
        if (a->kind != CAB_FACT_COLUMN)
            continue;
        for (b = table->children; b != NULL; b = b->next_child) {
            if (b->kind != CAB_FACT_COLUMN || b->sub <= a->sub)
                continue;
            if (cab_fact_is_made(a) && !cab_fact_is_made(b))
                return false;
            if (!cab_fact_is_made(a) && !cab_fact_is_made(b) && a->peer->sub > b->peer->sub)
                return false;
        }
    }
    return true;
}

/* What is seen in one catalog only, and not altered. */
static void note_unalterable(struct cab_planner *planner, const struct cab_facts *facts, const struct cab_facts *others,
                             const char *word) {
    int i;

    for (i = 0; i < facts->n_unalterable; i++)
        if (!cab_line_among((char *const *)others->unalterable, others->n_unalterable, facts->unalterable[i]))
            cab_note(planner, "not altered, though it %s: %s", word, facts->unalterable[i]);
}

static void add_notes(struct cab_planner *planner) {
    const struct cab_facts *to = planner->to, *from = planner->from;
    int i;

    for (i = to->first[CAB_FACT_TABLE]; i < to->first[CAB_FACT_TABLE + 1]; i++)
        if (!cab_fact_is_made(to->facts[i]) && !keeps_column_order(to->facts[i]))
            cab_note(planner, "the columns of %s stand in another order, which cannot be altered", to->facts[i]->ident);
    for (i = 0; i < to->n_unmodelled; i++)
        cab_note(planner, "not compared: %s", to->unmodelled[i]);
    for (i = 0; i < from->n_unmodelled; i++)
        if (!cab_line_among((char *const *)to->unmodelled, to->n_unmodelled, from->unmodelled[i]))
            cab_note(planner, "not compared: %s", from->unmodelled[i]);
    note_unalterable(planner, from, to, "goes");
    note_unalterable(planner, to, from, "comes");
}

/* ---- the plan ---- */

static bool makes_routines(const struct cab_planner *planner) {
    int i;

    for (i = 0; i < planner->n_nodes; i++) {
        const struct cab_node *node = &planner->nodes[i];

        if (node->new != NULL && node->new->kind == CAB_FACT_FUNCTION && node->op != CAB_NODE_DROP)
            return true;
    }
    return false;
}

static void add_step(struct cab_diff_plan *plan, struct cab_diff_step step) {
    plan->steps[plan->n_steps++] = step;
}

void cab_plan_write(struct cab_planner *planner) {
    struct cab_diff_plan *plan = planner->plan;
    bool routines = makes_routines(planner);
    int i, k, n = 2 + planner->n_renames;

    fold(planner);
    for (i = 0; i < planner->n_nodes; i++) {
        struct cab_node *node = &planner->nodes[planner->order[i]];

        if (node->folded_into < 0)
            cab_render_node(planner, node);
        n += node->n_steps;
    }
    plan->steps = cab_new_array(planner->ctx, struct cab_diff_step, (size_t)n);
    for (i = 0; i < planner->n_renames; i++)
        if (planner->renames[i].statement != NULL)
            add_step(plan, (struct cab_diff_step){ .text = planner->renames[i].statement,
                                                   .kind = cab_fact_specs[planner->renames[i].fact->kind].word,
                                                   .object = planner->renames[i].ident });
    if (routines)
        add_step(plan, (struct cab_diff_step){ .text = "SET check_function_bodies = off;",
                                               .kind = "setting",
                                               .object = "check_function_bodies" });
    for (i = 0; i < planner->n_nodes; i++) {
        struct cab_node *node = &planner->nodes[planner->order[i]];

        for (k = 0; k < node->n_steps; k++)
            add_step(plan, node->steps[k]);
    }
    if (routines)
        add_step(plan, (struct cab_diff_step){ .text = "RESET check_function_bodies;",
                                               .kind = "setting",
                                               .object = "check_function_bodies" });
    add_notes(planner);
}

static void add_comment_line(struct cab_buf *buf, const char *fmt, ...) CAB_PRINTF(2, 3);

/* Names may hold line ends; a comment must not. */
static void add_comment_line(struct cab_buf *buf, const char *fmt, ...) {
    va_list ap;
    char *text, *at;

    va_start(ap, fmt);
    text = cab_vprintf(NULL, fmt, ap);
    va_end(ap);
    for (at = text; *at != '\0'; at++)
        if (*at == '\n' || *at == '\r')
            *at = ' ';
    cab_buf_addf(buf, "-- %s\n", text);
    cab_mem_free(text);
}

void cab_diff_print(const struct cab_diff_plan *plan, struct cab_buf *buf) {
    int i;

    for (i = 0; i < plan->n_hazards; i++)
        add_comment_line(buf, "Hazard: %s %s (%s)", cab_hazard_word(plan->hazards[i].hazard), plan->hazards[i].object,
                         plan->hazards[i].why);
    for (i = 0; i < plan->n_notes; i++)
        add_comment_line(buf, "Note: %s", plan->notes[i]);
    for (i = 0; i < plan->n_steps; i++)
        cab_buf_addf(buf, "%s\n", plan->steps[i].text);
}
