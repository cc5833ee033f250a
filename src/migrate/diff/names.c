/*
 * migrate/diff/names: indexes and constraints that differ in nothing but the name.  Renaming costs nothing and needs no
 * rows read; and the index of a partition that belongs to one of its table could not be dropped alone.
 */
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

/* ---- names in use: a set with counts ---- */

struct name {
    const char *text;
    int n;
};

struct names {
    struct name *slots;
    size_t mask;
};

static struct name *name_slot(const struct names *names, const char *text) {
    uint64_t h = 0xcbf29ce484222325u; /* FNV-1a */
    const char *at;
    size_t i;

    for (at = text; *at != '\0'; at++)
        h = (h ^ (unsigned char)*at) * 0x100000001b3u;
    for (i = (size_t)(h ^ h >> 32) & names->mask; names->slots[i].text != NULL; i = (i + 1) & names->mask)
        if (strcmp(names->slots[i].text, text) == 0)
            break;
    return &names->slots[i];
}

static void count_name(struct names *names, const char *text, int by) {
    struct name *slot = name_slot(names, text);

    slot->text = text;
    slot->n += by;
}

/* What a fact is called among relations, or NULL. */
static const char *relation_claim(const void *ctx, const struct cab_fact *fact) {
    switch (fact->kind) {
        case CAB_FACT_TABLE:
        case CAB_FACT_VIEW:
        case CAB_FACT_SEQUENCE:
        case CAB_FACT_INDEX: return cab_printf(ctx, "R %s", fact->ident);
        case CAB_FACT_TYPE: return cab_fact_is(fact, "kind", "c") ? cab_printf(ctx, "R %s", fact->ident) : NULL;
        case CAB_FACT_CONSTRAINT: return is_relation(fact) ? cab_printf(ctx, "R %s", relation_name(ctx, fact)) : NULL;
        default: return NULL;
    }
}

static const char *constraint_claim(const void *ctx, const struct cab_fact *fact) {
    return fact->kind == CAB_FACT_CONSTRAINT ? cab_printf(ctx, "C %s", fact->ident) : NULL;
}

static void count_fact(const void *ctx, struct names *names, const struct cab_fact *fact, int by) {
    const char *relation = relation_claim(ctx, fact), *constraint = constraint_claim(ctx, fact);

    if (relation != NULL)
        count_name(names, relation, by);
    if (constraint != NULL)
        count_name(names, constraint, by);
}

static bool is_taken(const void *ctx, const struct names *names, const struct cab_fact *fact) {
    const char *relation = relation_claim(ctx, fact), *constraint = constraint_claim(ctx, fact);

    return (relation != NULL && name_slot(names, relation)->n > 0) ||
           (constraint != NULL && name_slot(names, constraint)->n > 0);
}

/* Room for the old names and for those that renaming brings. */
static void read_names(const struct cab_planner *planner, struct names *names) {
    const struct cab_facts *from = planner->from;
    size_t room = 1024, need = 4 * ((size_t)from->n_facts + (size_t)planner->to->n_facts);
    int i;

    while (room < need)
        room *= 2;
    names->slots = cab_new_array(planner->ctx, struct name, room);
    names->mask = room - 1;
    for (i = 0; i < from->n_facts; i++)
        count_fact(planner->ctx, names, from->facts[i], 1);
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

/* ---- pairs ---- */

struct candidate {
    const char *key; /* of what are_alike asks most */
    struct cab_fact *fact;
    bool is_used;
};

static const char *key_of(const void *ctx, const struct cab_fact *fact) {
    return cab_printf(ctx, "%s %s", cab_fact_text(fact, "table"),
                      fact->kind == CAB_FACT_INDEX ? behind_name(fact) : cab_fact_text(fact, "definition"));
}

static int compare_candidates(const void *a, const void *b) {
    const struct candidate *x = a, *y = b;
    int order = strcmp(x->key, y->key);

    return order != 0 ? order : strcmp(x->fact->ident, y->fact->ident);
}

static int first_candidate(const struct candidate *candidates, int n, const char *key) {
    int low = 0, high = n;

    while (low < high) {
        int middle = low + (high - low) / 2;

        if (strcmp(candidates[middle].key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void follow_kind(struct cab_planner *planner, enum cab_fact_kind kind, struct names *names) {
    struct cab_facts *from = planner->from, *to = planner->to;
    int n = 0, i, k;
    struct candidate *candidates = cab_new_array(planner->ctx, struct candidate,
                                                 (size_t)(to->first[kind + 1] - to->first[kind]) + 1);

    for (i = to->first[kind]; i < to->first[kind + 1]; i++)
        if (!is_inherited(to->facts[i]))
            candidates[n++] = (struct candidate){ key_of(planner->ctx, to->facts[i]), to->facts[i], false };
    cab_sort(candidates, (size_t)n, sizeof(*candidates), compare_candidates);
    for (i = from->first[kind]; i < from->first[kind + 1]; i++) {
        struct cab_fact *old = from->facts[i];
        const char *key;

        if (cab_facts_find(to, old->kind, old->ident) != NULL || is_inherited(old) ||
            cab_facts_find(to, CAB_FACT_TABLE, cab_fact_text(old, "table")) == NULL)
            continue;
        key = key_of(planner->ctx, old);
        for (k = first_candidate(candidates, n, key); k < n && strcmp(candidates[k].key, key) == 0; k++) {
            struct cab_fact *new = candidates[k].fact;

            if (candidates[k].is_used || !are_alike(old, new) || is_taken(planner->ctx, names, new))
                continue;
            candidates[k].is_used = true;
            count_fact(planner->ctx, names, old, -1);
            follow_one(planner, old, new);
            count_fact(planner->ctx, names, old, 1);
            break;
        }
    }
}

void cab_plan_follow_names(struct cab_planner *planner) {
    struct names names;

    read_names(planner, &names);
    follow_kind(planner, CAB_FACT_CONSTRAINT, &names);
    follow_kind(planner, CAB_FACT_INDEX, &names);
    cab_facts_sort(planner->from);
}

void cab_plan_restore_names(struct cab_planner *planner) {
    int i;

    for (i = planner->n_renames - 1; i >= 0; i--) {
        planner->renames[i].fact->ident = planner->renames[i].ident;
        planner->renames[i].fact->values = planner->renames[i].values;
    }
    cab_facts_sort(planner->from);
}
