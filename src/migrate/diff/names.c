/*
 * migrate/diff/names: indexes and constraints that differ in nothing but the name.  Renaming costs nothing and needs no
 * rows read; and the index of a partition that belongs to one of its table could not be dropped alone.
 */
#include <stdlib.h>
#include <string.h>

#include "plan.h"

static bool is_relation(const struct cab_fact *fact) {
    return fact->kind == CAB_FACT_INDEX ||
           (fact->kind == CAB_FACT_CONSTRAINT && strchr("pux", cab_fact_text(fact, "kind")[0]) != NULL);
}

/* The name as a relation, with its schema. */
static const char *relation_name(const void *ctx, const struct cab_fact *fact) {
    return fact->kind == CAB_FACT_INDEX ? fact->ident
                                        : cab_printf(ctx, "%s.%s", cab_fact_text(fact, "schema"),
                                                     cab_fact_text(fact, "name"));
}

static bool is_taken(const struct cab_planner *planner, const struct cab_fact *fact) {
    static const enum cab_fact_kind kinds[] = { CAB_FACT_TABLE, CAB_FACT_VIEW, CAB_FACT_SEQUENCE, CAB_FACT_INDEX };
    const struct cab_facts *from = planner->from;
    const char *name;
    size_t k;
    int i;

    if (cab_facts_find(from, fact->kind, fact->ident) != NULL)
        return true;
    if (!is_relation(fact))
        return false;
    name = relation_name(planner->ctx, fact);
    for (k = 0; k < CAB_LENGTH(kinds); k++)
        if (cab_facts_find(from, kinds[k], name) != NULL)
            return true;
    for (i = from->first[CAB_FACT_CONSTRAINT]; i < from->first[CAB_FACT_CONSTRAINT + 1]; i++)
        if (is_relation(from->facts[i]) && strcmp(relation_name(planner->ctx, from->facts[i]), name) == 0)
            return true;
    return false;
}

/* Behind the name in "CREATE UNIQUE INDEX name ON …". */
static const char *behind_name(const struct cab_fact *index) {
    const char *definition = cab_fact_text(index, "definition"), *at = strstr(definition, " INDEX ");

    return at == NULL ? definition : at + 7 + cab_name_length(at + 7);
}

static bool are_alike(const struct cab_fact *old, const struct cab_fact *new) {
    static const char *const of_index[] = { "table", "kind", "valid", "tablespace", "is_unique", "statistics", NULL };
    static const char *const of_constraint[] = { "table", "kind", "definition", "validated", "options", "tablespace",
                                                 NULL };
    const char *const *attr = old->kind == CAB_FACT_INDEX ? of_index : of_constraint;

    for (; *attr != NULL; attr++)
        if (!cab_same_text(cab_fact_get(old, *attr), cab_fact_get(new, *attr)))
            return false;
    return old->kind != CAB_FACT_INDEX || strcmp(behind_name(old), behind_name(new)) == 0;
}

static int n_values(const struct cab_fact *fact) {
    int n = 0;

    while (n < CAB_ATTRS_MAX && cab_fact_specs[fact->kind].attrs[n].name != NULL)
        n++;
    return n;
}

/* Remembers how a fact was; its values may be changed afterwards. */
static struct cab_rename *keep(struct cab_planner *planner, struct cab_fact *fact) {
    int n = n_values(fact), i;
    const char **values = cab_new_array(planner->ctx, const char *, (size_t)n + 1);
    struct cab_rename *rename;

    planner->renames = cab_mem_resize(planner->ctx, planner->renames,
                                      (size_t)(planner->n_renames + 1) * sizeof(*planner->renames));
    rename = &planner->renames[planner->n_renames++];
    *rename = (struct cab_rename){ .fact = fact, .ident = fact->ident, .values = fact->values };
    for (i = 0; i < n; i++)
        values[i] = fact->values[i];
    fact->values = values;
    return rename;
}

static void set(struct cab_fact *fact, const char *attr, const char *value) {
    int i;

    for (i = 0; i < n_values(fact); i++)
        if (strcmp(cab_fact_specs[fact->kind].attrs[i].name, attr) == 0)
            fact->values[i] = value;
}

static const char *with_name(const void *ctx, const char *text, const char *old, const char *new) {
    const char *at = strstr(text, old);

    return at == NULL ? text : cab_printf(ctx, "%.*s%s%s", (int)(at - text), text, new, at + strlen(old));
}

/* What says the name of an index or constraint: comments, places of partitions, marks of the table. */
static void follow(struct cab_planner *planner, struct cab_fact *old, const struct cab_fact *new) {
    struct cab_facts *from = planner->from;
    const char *was = relation_name(planner->ctx, old), *is = relation_name(planner->ctx, new);
    const char *name = cab_fact_text(old, "name"), *now = cab_fact_text(new, "name");
    struct cab_fact *child;
    int i;

    for (child = old->children; child != NULL; child = child->next_child) {
        if (child->kind == CAB_FACT_COMMENT) {
            keep(planner, child);
            child->ident = with_name(planner->ctx, child->ident, name, now);
            set(child, "name", with_name(planner->ctx, cab_fact_text(child, "name"), name, now));
        } else if (child->kind == CAB_FACT_INDEX_ATTACH) {
            keep(planner, child);
            child->ident = is;
        }
    }
    if (!is_relation(old))
        return;
    for (i = from->first[CAB_FACT_INDEX_ATTACH]; i < from->first[CAB_FACT_INDEX_ATTACH + 1]; i++)
        if (cab_fact_is(from->facts[i], "parent", was)) {
            keep(planner, from->facts[i]);
            set(from->facts[i], "parent", is);
        }
    for (i = from->first[CAB_FACT_INDEX_MARK]; i < from->first[CAB_FACT_INDEX_MARK + 1]; i++)
        if (cab_fact_is(from->facts[i], "table", cab_fact_text(old, "table")) &&
            cab_fact_is(from->facts[i], "index", name)) {
            keep(planner, from->facts[i]);
            set(from->facts[i], "index", now);
        }
}

static void follow_one(struct cab_planner *planner, struct cab_fact *old, const struct cab_fact *new) {
    const char *name = cab_fact_text(old, "name"), *now = cab_fact_text(new, "name");
    const char *statement, *ident = old->ident;
    int place = planner->n_renames;

    if (old->kind == CAB_FACT_INDEX)
        statement = cab_printf(planner->ctx, "ALTER INDEX %s RENAME TO %s;", ident, now);
    else
        statement = cab_printf(planner->ctx, "ALTER %sTABLE %s RENAME CONSTRAINT %s TO %s;",
                               cab_fact_is(old, "relkind", "f") ? "FOREIGN " : "", cab_fact_text(old, "table"), name,
                               now);
    keep(planner, old);
    planner->renames[place].statement = statement;
    follow(planner, old, new);
    old->ident = new->ident;
    set(old, "name", now);
    if (old->kind == CAB_FACT_INDEX) {
        set(old, "bare", cab_fact_get(new, "bare"));
        set(old, "definition", cab_fact_get(new, "definition"));
    }
}

/* A partition's constraint follows that of its table, as the server has it. */
static bool is_inherited(const struct cab_fact *fact) {
    return fact->kind == CAB_FACT_CONSTRAINT && !is_relation(fact) && !cab_fact_true(fact, "is_local");
}

void cab_plan_follow_names(struct cab_planner *planner) {
    static const enum cab_fact_kind kinds[] = { CAB_FACT_CONSTRAINT, CAB_FACT_INDEX };
    struct cab_facts *from = planner->from, *to = planner->to;
    struct cab_fact **taken = cab_new_array(planner->ctx, struct cab_fact *, (size_t)to->n_facts + 1);
    int n_taken = 0, i, k, t;
    size_t kind;

    for (kind = 0; kind < CAB_LENGTH(kinds); kind++)
        for (i = from->first[kinds[kind]]; i < from->first[kinds[kind] + 1]; i++) {
            struct cab_fact *old = from->facts[i];

            if (cab_facts_find(to, old->kind, old->ident) != NULL || is_inherited(old) ||
                cab_facts_find(to, CAB_FACT_TABLE, cab_fact_text(old, "table")) == NULL)
                continue;
            for (k = to->first[kinds[kind]]; k < to->first[kinds[kind] + 1]; k++) {
                struct cab_fact *new = to->facts[k];

                if (!are_alike(old, new) || is_inherited(new) || is_taken(planner, new))
                    continue;
                for (t = 0; t < n_taken && taken[t] != new; t++)
                    ;
                if (t < n_taken)
                    continue;
                taken[n_taken++] = new;
                follow_one(planner, old, new);
                break;
            }
        }
    cab_facts_sort(from);
}

void cab_plan_restore_names(struct cab_planner *planner) {
    int i;

    for (i = planner->n_renames - 1; i >= 0; i--) {
        planner->renames[i].fact->ident = planner->renames[i].ident;
        planner->renames[i].fact->values = planner->renames[i].values;
    }
    cab_facts_sort(planner->from);
}
