/*
 * migrate/graph: all revisions of all folders and how they follow each other, and the steps from one state to another.
 * Reads headers only.  Must not know connections.
 */
#ifndef CABINET_MIGRATE_GRAPH_H
#define CABINET_MIGRATE_GRAPH_H

#include "revision_file.h"

/* Revisions in an order in which they can be applied: line cabinet first, then the other lines by name; parents before
 * children; otherwise by file name.  revisions[i]->index is i. */
struct cab_graph {
    struct cab_revision **revisions;
    int n;
    struct cab_revision **by_id;
    const char *folders; /* as given, for messages */
};

/* Reads the headers of all *.sql files in folders (separated by colons).  INVALID where two files have the same id, a
 * parent is missing or of another line, revisions form a circle, or a line has two roots. */
int cab_graph_load(void *ctx, const char *folders, struct cab_graph **graph_out, struct cab_err *err) CAB_MUST_CHECK;

/* The revision whose id starts with prefix.  INVALID where there is none, or more than one. */
int cab_graph_find(const struct cab_graph *graph, const char *prefix, const struct cab_revision **revision_out,
                   struct cab_err *err) CAB_MUST_CHECK;
/* The revision with exactly that id, or NULL. */
const struct cab_revision *cab_graph_exact(const struct cab_graph *graph, const char *id);

/* Labels of the lines, in order; n_out of them. */
const char **cab_graph_lines(const void *ctx, const struct cab_graph *graph, int *n_out);
/* Heads of a line (NULL: of all), in order; n_out of them. */
const struct cab_revision **cab_graph_heads(const void *ctx, const struct cab_graph *graph, const char *line,
                                            int *n_out);

/* Sets of revisions: one bool for each index. */
bool *cab_graph_ancestors(const void *ctx, const struct cab_graph *graph, const char *const *ids, int n_ids);
bool cab_graph_is_parent(const struct cab_revision *parent, const struct cab_revision *child);

struct cab_step {
    enum cab_direction direction;
    const struct cab_revision *revision;
};

struct cab_plan {
    struct cab_step *steps;
    int n;
};

/*
 * The steps from a database whose version rows are current (n_current ids) to target:
 *   upgrade    [LINE@]head, heads, [LINE@]+N, REV
 *   downgrade  [LINE@]base, [LINE@]-N, REV
 * INVALID where current names a revision without a file, or target is unknown, ambiguous or not reachable.
 */
int cab_plan_make(void *ctx, const struct cab_graph *graph, const char *const *current, int n_current,
                  enum cab_direction direction, const char *target, struct cab_plan **plan_out, struct cab_err *err)
    CAB_MUST_CHECK;

/* The version rows after step on a database with these; the result is below ctx, n_out of them. */
const char **cab_plan_rows_after(void *ctx, const struct cab_graph *graph, const char *const *rows, int n_rows,
                                 const struct cab_step *step, int *n_out);

#endif
