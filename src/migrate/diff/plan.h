/*
 * migrate/diff/plan: what the planner's files share.  compare decides what differs, closure what must be made anew
 * because of it, graph the order, render_* the statements, script how they are joined and printed.
 */
#ifndef CABINET_MIGRATE_DIFF_PLAN_H
#define CABINET_MIGRATE_DIFF_PLAN_H

#include "facts.h"

enum cab_node_op {
    CAB_NODE_NOTHING = 0, /* another one does it */
    CAB_NODE_DROP,
    CAB_NODE_AWAY,   /* an old table or type is renamed, so that its successor can take its name */
    CAB_NODE_ALTER,
    CAB_NODE_CREATE,
    CAB_NODE_COPY,   /* rows of a renamed table go to its successor */
    CAB_NODE_FINISH, /* what was renamed is dropped */
    CAB_NODE_EMPTY,  /* a view keeps its columns and lets go of all else, so that what it used can be dropped */
    CAB_NODE_COMPLETE /* what was made or left without its dependencies gets them */
};

/* How firmly an edge stands when edges form a circle; the loosest goes first. */
enum cab_edge_strength { CAB_EDGE_SOFT = 1, CAB_EDGE_WEAK, CAB_EDGE_MEDIUM, CAB_EDGE_HARD };

struct cab_edge {
    int from, to;
    enum cab_edge_strength strength;
};

struct cab_node {
    enum cab_node_op op;
    struct cab_fact *old, *new;
    int *next, n_next; /* after sorting out circles */
    int n_before;
    int position;
    int folded_into;   /* the node whose statement says this too, or -1 */
    struct cab_diff_step *steps;
    int n_steps, cap_steps;
};

struct cab_rename {
    struct cab_fact *fact;      /* of the old catalog */
    const char *ident, **values; /* its own */
    const char *statement;      /* NULL: it only follows another */
};

struct cab_planner {
    void *ctx;
    struct cab_facts *from, *to;
    struct cab_diff_options options;
    const char *role;
    struct cab_diff_plan *plan;
    struct cab_node *nodes;
    int n_nodes, cap_nodes;
    struct cab_edge *edges;
    int n_edges, cap_edges;
    int *order;              /* node indexes, first to last */
    struct cab_node *current; /* being rendered */
    struct cab_rename *renames; /* of names.c */
    int n_renames;
};

/* compare.c: peers, masks and the first fates; the typed list of differences. */
void cab_plan_compare(struct cab_planner *planner);
/* closure.c: everything that must be dropped and made again because something it stands on is. */
void cab_plan_close(struct cab_planner *planner);
/* Marks one fact for drop and create, and all that follows from that. */
void cab_plan_replace(struct cab_planner *planner, struct cab_fact *old);

/* names.c: indexes and constraints that differ in nothing but the name are renamed first, and the old catalog is read
 * as if they had been; restore gives it its own names back. */
void cab_plan_follow_names(struct cab_planner *planner);
void cab_plan_restore_names(struct cab_planner *planner);

/* graph.c: nodes; edges.c: what must come before what; order.c: an order, or an error that names the circle. */
void cab_plan_graph(struct cab_planner *planner);
void cab_plan_edges(struct cab_planner *planner);
int cab_plan_add_node(struct cab_planner *planner, enum cab_node_op op, struct cab_fact *old, struct cab_fact *new);
/* Nothing where one of the nodes is -1 or both are the same. */
void cab_plan_add_edge(struct cab_planner *planner, int from, int to, enum cab_edge_strength strength);
/* Whether the fact is an index, or a constraint with one. */
bool cab_plan_owns_relation_name(const struct cab_fact *fact);
/* 1: an order; 0: plan again, something was taken apart; -1: a circle that nothing opens. */
int cab_plan_order(struct cab_planner *planner, struct cab_err *err);

/* Whether a dropped fact goes with the drop of its parent, without words of its own. */
bool cab_plan_is_carried(const struct cab_fact *old);
/* Whether the partition is made by CREATE TABLE … PARTITION OF (else by CREATE TABLE and ATTACH). */
bool cab_plan_makes_partition_of(const struct cab_facts *facts, const struct cab_fact *table);
/* Whether the server makes the index of a place with its partition, because the table's is there already. */
bool cab_plan_is_given(const struct cab_facts *facts, const struct cab_fact *attach);
/* The column of a parent table that this one has its definition from, or NULL. */
struct cab_fact *cab_plan_column_above(const struct cab_facts *facts, const struct cab_fact *column);
struct cab_fact *cab_plan_attach_of(const struct cab_facts *facts, const struct cab_fact *table);
/* The fact (partition, inheritance) by which a column comes from a parent table, or NULL. */
struct cab_fact *cab_plan_link_above(const struct cab_facts *facts, const struct cab_fact *column);
/* The fact by which a foreign key or check comes from a parent table, or NULL. */
struct cab_fact *cab_plan_link_of_constraint(const struct cab_facts *facts, const struct cab_fact *constraint);
/* Whether the constraint comes or goes with that of its parent table, which stays its parent. */
bool cab_plan_follows_parent(const struct cab_facts *facts, const struct cab_fact *fact);
/* Where a foreign key that a partition has by link from its table is made: with the table's key or with the link, the
 * later one. */
int cab_plan_node_of_key(const struct cab_facts *facts, const struct cab_fact *key, const struct cab_fact *link);
/* A partition that is dropped while another one takes its place is taken out of it first. */
void cab_plan_free_places(struct cab_planner *planner);
/* Whether a fact of the new catalog is made in this plan. */
bool cab_fact_is_made(const struct cab_fact *fact);
/* Whether a fact of the old catalog goes, for good or for a while. */
bool cab_fact_is_gone(const struct cab_fact *fact);
/* Whether a column has the row type of the table of another column, which can change its type only while that one is
 * text. */
bool cab_plan_holds_rows_of(const struct cab_fact *fact, const struct cab_fact *column);
/* Whether an altered column cannot bear those who stand on it. */
bool cab_fact_is_shaken(const struct cab_fact *old);

/* ---- rendering ---- */

/* Adds a statement to the current node; the semicolon is added here. */
void cab_emit(struct cab_planner *planner, unsigned flags, const char *fmt, ...) CAB_PRINTF(3, 4);
void cab_hazard(struct cab_planner *planner, enum cab_hazard hazard, const char *object, const char *why);
void cab_note(struct cab_planner *planner, const char *fmt, ...) CAB_PRINTF(2, 3);

typedef void cab_render_one(struct cab_planner *planner, const struct cab_fact *fact);
typedef void cab_render_two(struct cab_planner *planner, const struct cab_fact *old, const struct cab_fact *new);

/* render.c: dispatches by the table there. */
void cab_render_node(struct cab_planner *planner, struct cab_node *node);

cab_render_one cab_create_table, cab_drop_table, cab_create_column, cab_drop_column, cab_create_default,
    cab_drop_default, cab_create_inherit, cab_drop_inherit, cab_create_attach, cab_drop_attach, cab_create_constraint,
    cab_drop_constraint, cab_create_index, cab_drop_index, cab_create_index_attach, cab_create_index_mark,
    cab_drop_index_mark, cab_create_view, cab_drop_view, cab_create_function, cab_drop_function, cab_create_aggregate,
    cab_drop_aggregate, cab_create_type, cab_drop_type, cab_create_domain_constraint, cab_drop_domain_constraint,
    cab_create_sequence, cab_drop_sequence, cab_create_owned, cab_drop_owned, cab_create_schema, cab_drop_schema,
    cab_create_extension, cab_drop_extension, cab_create_collation, cab_drop_collation, cab_create_definition,
    cab_drop_conversion, cab_drop_operator, cab_create_operator_family, cab_drop_operator_family,
    cab_drop_operator_class, cab_create_cast, cab_drop_cast, cab_create_text_search, cab_drop_text_search,
    cab_create_foreign, cab_drop_foreign, cab_create_trigger, cab_drop_trigger, cab_create_rule, cab_drop_rule,
    cab_create_policy, cab_drop_policy, cab_create_event_trigger, cab_drop_event_trigger, cab_create_statistics,
    cab_drop_statistics, cab_create_publication, cab_drop_publication, cab_create_owner, cab_create_acl,
    cab_create_comment, cab_drop_comment, cab_create_default_acl, cab_drop_default_acl, cab_drop_acl;
cab_render_one cab_empty_view, cab_complete_view, cab_complete_domain;
cab_render_two cab_alter_table, cab_alter_column, cab_alter_default, cab_alter_constraint, cab_alter_index,
    cab_alter_view, cab_alter_function, cab_alter_type, cab_alter_domain_constraint, cab_alter_sequence,
    cab_alter_extension, cab_alter_foreign, cab_alter_trigger, cab_alter_rule, cab_alter_event_trigger,
    cab_alter_statistics, cab_alter_publication, cab_alter_owner, cab_alter_acl, cab_alter_comment,
    cab_alter_default_acl, cab_alter_index_mark;

/* TABLE or FOREIGN TABLE. */
const char *cab_table_word(const struct cab_fact *table);
/* Columns of a table in their order: how many, and in out an array below the planner's context. */
int cab_columns_of(struct cab_planner *planner, const struct cab_fact *table, const struct cab_fact ***out);
/* The default of a column, or NULL. */
const struct cab_fact *cab_default_of(const struct cab_fact *column);

/* Tables and types that make room for their successors. */
void cab_rename_away(struct cab_planner *planner, const struct cab_fact *old);
void cab_copy_rows(struct cab_planner *planner, const struct cab_fact *old, const struct cab_fact *new);
void cab_drop_away(struct cab_planner *planner, const struct cab_fact *old);
/* The name of what was renamed, quoted and qualified. */
const char *cab_away_name(struct cab_planner *planner, const struct cab_fact *old, bool qualified);

/* Who owns a fact or what it belongs to, quoted. */
const char *cab_owner_of(const struct cab_planner *planner, const struct cab_fact *fact);

/* Pieces of statements, appended. */
void cab_add_column_definition(struct cab_planner *planner, struct cab_buf *buf, const struct cab_fact *column,
                               bool is_filled_later);
void cab_add_identity(struct cab_planner *planner, struct cab_buf *buf, const struct cab_fact *column);
void cab_add_sequence_options(struct cab_buf *buf, const struct cab_fact *sequence);
/* "a=1\nb=2" as a = '1', b = '2', names prefixed. */
void cab_add_storage_options(struct cab_planner *planner, struct cab_buf *buf, const char *prefix, const char *lines);
/* OPTIONS (…) that lead from one list to the other. */
void cab_add_foreign_options(struct cab_planner *planner, struct cab_buf *buf, const char *old, const char *new);
/* render_fill.c: an expression that every row of a new NOT NULL column can have, or NULL. */
const char *cab_fill_value(struct cab_planner *planner, const struct cab_fact *column);
bool cab_is_null_default(const struct cab_fact *value);
/* Gives the column of the rows that where picks ("": all) the value. */
void cab_fill_rows(struct cab_planner *planner, const struct cab_fact *column, const char *fill, const char *where);
/* USING of a type change, "" where none is needed. */
const char *cab_type_using(struct cab_planner *planner, const struct cab_fact *old, const struct cab_fact *new);
bool cab_has_rows(const struct cab_planner *planner, const char *table);

/* faithful.c: text of the server's own making, changed where it would be read back as something else. */
const char *cab_faithful(struct cab_planner *planner, const char *text);

/* Lists of lines. */
/* Length of the name, quoted or not, that a line begins with. */
size_t cab_name_length(const char *line);
void cab_emit_identity_type(struct cab_planner *planner, const struct cab_fact *column);
int cab_split_lines(const void *ctx, const char *lines, char ***lines_out);
bool cab_line_among(char *const *lines, int n, const char *line);
char *cab_quote(const void *ctx, const char *text); /* '…' */

/* script.c */
void cab_plan_write(struct cab_planner *planner);

#endif
