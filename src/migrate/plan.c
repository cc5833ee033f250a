/*
 * From the state of a database to a target: which revisions, in which order, in which direction.  Pure reckoning on the
 * graph; the words of targets are understood here and nowhere else.
 */
#include "graph.h"
#include "veto.h"

#include <string.h>

struct planner {
    void *ctx;
    const struct cab_graph *graph;
    const bool *applied;
    struct cab_plan *plan;
    struct cab_err *err;
};

static void add_step(struct planner *p, enum cab_direction direction, const struct cab_revision *revision) {
    p->plan->steps[p->plan->n++] = (struct cab_step){.direction = direction, .revision = revision};
}

static bool has_line(const char *line, const struct cab_revision *revision) {
    return line == NULL || strcmp(line, revision->line_label) == 0;
}

static int check_line(struct planner *p, const char *line) {
    int n;
    const char **lines = cab_graph_lines(p->ctx, p->graph, &n);
    for (int i = 0; i < n; i++) {
        if (line == NULL || strcmp(lines[i], line) == 0)
            return 0;
    }
    if (line == NULL)
        return cab_veto(p->err, "There are no revisions in %s.", p->graph->folders);
    const char *nearest = cab_nearest(line, lines, (size_t)n);
    return cab_veto(p->err, "There is no line %s in %s%s%s.", line, p->graph->folders,
                    nearest != NULL ? "; did you mean " : "", nearest != NULL ? nearest : "");
}

/* All revisions up to the heads of a line (NULL: of all lines), each line with one head unless many are allowed. */
static int to_heads(struct planner *p, const char *line, bool many_allowed) {
    int n_lines, n;
    const char **lines = cab_graph_lines(p->ctx, p->graph, &n_lines);
    if (line != NULL && check_line(p, line) != 0)
        return -1;
    for (int i = 0; i < n_lines; i++) {
        if (line != NULL && strcmp(line, lines[i]) != 0)
            continue;
        const struct cab_revision **heads = cab_graph_heads(p->ctx, p->graph, lines[i], &n);
        if (n > 1 && !many_allowed)
            return cab_veto(p->err, "Line %s has %d heads, %s and %s among them. Join them by "
                            "cabinet-migrate merge, or upgrade to \"heads\" or to one of them.", lines[i], n,
                            heads[0]->id, heads[1]->id);
    }
    for (int i = 0; i < p->graph->n; i++) {
        if (!p->applied[i] && has_line(line, p->graph->revisions[i]))
            add_step(p, CAB_UPGRADE, p->graph->revisions[i]);
    }
    return 0;
}

static int to_revision_up(struct planner *p, const char *prefix) {
    const struct cab_revision *target;
    if (cab_graph_find(p->graph, prefix, &target, p->err) != 0)
        return -1;
    const bool *wanted = cab_graph_ancestors(p->ctx, p->graph, &target->id, 1);
    for (int i = 0; i < p->graph->n; i++) {
        if (wanted[i] && !p->applied[i])
            add_step(p, CAB_UPGRADE, p->graph->revisions[i]);
    }
    return 0;
}

static int to_base(struct planner *p, const char *line) {
    if (line != NULL && check_line(p, line) != 0)
        return -1;
    for (int i = p->graph->n - 1; i >= 0; i--) {
        if (p->applied[i] && has_line(line, p->graph->revisions[i]))
            add_step(p, CAB_DOWNGRADE, p->graph->revisions[i]);
    }
    return 0;
}

static int to_revision_down(struct planner *p, const char *prefix) {
    const struct cab_revision *target;
    if (cab_graph_find(p->graph, prefix, &target, p->err) != 0)
        return -1;
    if (!p->applied[target->index])
        return cab_veto(p->err, "Revision %s is not applied, so there is no way down to it.",
                        target->id);
    for (int i = p->graph->n - 1; i > target->index; i--) {
        const bool *below = cab_graph_ancestors(p->ctx, p->graph, &p->graph->revisions[i]->id, 1);
        if (p->applied[i] && below[target->index])
            add_step(p, CAB_DOWNGRADE, p->graph->revisions[i]);
    }
    return 0;
}

static int cut(struct planner *p, int64_t n) {
    if (p->plan->n < n)
        return cab_veto(p->err, "Only %d revision%s to %s, not %lld.", p->plan->n,
                        p->plan->n == 1 ? " is there" : "s are there",
                        p->plan->n > 0 && p->plan->steps[0].direction == CAB_DOWNGRADE ? "undo" : "go", (long long)n);
    p->plan->n = (int)n;
    return 0;
}

static int plan_target(struct planner *p, enum cab_direction direction, const char *line, const char *word) {
    int64_t n;
    bool is_up = direction == CAB_UPGRADE;
    if (is_up && (strcmp(word, "head") == 0 || strcmp(word, "heads") == 0))
        return to_heads(p, line, strcmp(word, "heads") == 0);
    if (!is_up && strcmp(word, "base") == 0)
        return to_base(p, line);
    if (word[0] == (is_up ? '+' : '-')) {
        if (cab_parse_int64(word + 1, 1, 1000000, &n) != 0)
            return cab_veto(p->err, "%s is no number of steps; write %s.", word, is_up ? "+1" : "-1");
        return (is_up ? to_heads(p, line, false) : to_base(p, line)) != 0 ? -1 : cut(p, n);
    }
    if (line != NULL)
        return cab_veto(p->err, "Behind %s@ stands %s; possible are %s.", line, word,
                        is_up ? "head, heads and +N" : "base and -N");
    return is_up ? to_revision_up(p, word) : to_revision_down(p, word);
}

int cab_plan_make(void *ctx, const struct cab_graph *graph, const char *const *current, int n_current,
                  enum cab_direction direction, const char *target, struct cab_plan **plan_out, struct cab_err *err) {
    for (int i = 0; i < n_current; i++) {
        if (cab_graph_exact(graph, current[i]) == NULL)
            return cab_veto(err, "The database is at revision %s, but no file in %s has it. Put "
                            "the missing file back, or name its folder in CABINET_MIGRATIONS.", current[i],
                            graph->folders);
    }
    struct cab_plan *plan = cab_new(ctx, struct cab_plan);
    plan->steps = cab_new_array(plan, struct cab_step, (size_t)graph->n + 1);
    struct planner p = {.ctx = plan, .graph = graph, .plan = plan, .err = err,
                        .applied = cab_graph_ancestors(plan, graph, current, n_current)};
    const char *at = strchr(target, '@');
    const char *line = at == NULL ? NULL : cab_strndup(plan, target, (size_t)(at - target));
    if (plan_target(&p, direction, line, at == NULL ? target : at + 1) != 0)
        return -1;
    *plan_out = plan;
    return 0;
}

const char **cab_plan_rows_after(void *ctx, const struct cab_graph *graph, const char *const *rows, int n_rows,
                                 const struct cab_step *step, int *n_out) {
    const struct cab_revision *r = step->revision;
    const char **after = cab_new_array(ctx, const char *, (size_t)(n_rows + r->n_revises) + 2);
    int n = 0;
    for (int i = 0; i < n_rows; i++) {
        const struct cab_revision *row = cab_graph_exact(graph, rows[i]);
        bool goes = step->direction == CAB_UPGRADE ? row != NULL && cab_graph_is_parent(row, r)
                                                   : strcmp(rows[i], r->id) == 0;
        if (!goes)
            after[n++] = rows[i];
    }
    if (step->direction == CAB_UPGRADE) {
        after[n++] = r->id;
    } else {
        const bool *still = cab_graph_ancestors(after, graph, after, n);
        for (int i = 0; i < r->n_revises; i++) {
            if (!still[r->parents[i]->index])
                after[n++] = r->revises[i];
        }
    }
    *n_out = n;
    return after;
}
