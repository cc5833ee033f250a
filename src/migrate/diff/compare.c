/*
 * migrate/diff/compare: a merge of two sorted catalogs.  What an attribute's difference means is said by the table of
 * kinds; here stand the few kinds where it depends on the values.
 */
#include <stdlib.h>
#include <string.h>

#include "plan.h"

bool cab_fact_is_made(const struct cab_fact *fact) {
    return fact->fate == CAB_FATE_CREATE || fact->fate == CAB_FATE_REPLACE;
}

bool cab_fact_is_gone(const struct cab_fact *fact) {
    return fact->fate == CAB_FATE_DROP || fact->fate == CAB_FATE_REPLACE;
}

int cab_split_lines(const void *ctx, const char *lines, char ***lines_out) {
    char *copy = cab_strdup(ctx, lines != NULL ? lines : ""), *at = copy;
    int n = *copy != '\0', i;

    for (; *at != '\0'; at++)
        n += *at == '\n';
    *lines_out = cab_new_array(ctx, char *, (size_t)n + 1);
    for (i = 0, at = copy; i < n; i++) {
        char *end = strchr(at, '\n');

        (*lines_out)[i] = at;
        if (end != NULL) {
            *end = '\0';
            at = end + 1;
        }
    }
    return n;
}

bool cab_line_among(char *const *lines, int n, const char *line) {
    while (n-- > 0)
        if (strcmp(lines[n], line) == 0)
            return true;
    return false;
}

/* Whether the lines of part stand in whole in the same order. */
static bool is_subsequence(const void *ctx, const char *part, const char *whole) {
    char **a, **b;
    int n_a = cab_split_lines(ctx, part, &a), n_b = cab_split_lines(ctx, whole, &b), i = 0, k = 0;

    for (; k < n_b && i < n_a; k++)
        i += strcmp(a[i], b[k]) == 0;
    return i == n_a;
}

static bool is_prefix_of_lines(const char *part, const char *whole) {
    size_t n = strlen(part);

    return strncmp(part, whole, n) == 0 && (whole[n] == '\0' || whole[n] == '\n');
}

/* Whether new attributes come last and the others kept their order, so that ALTER TYPE can lead there. */
static bool can_alter_composite(const void *ctx, const char *old, const char *new) {
    char **a, **b;
    int n_a = cab_split_lines(ctx, old, &a), n_b = cab_split_lines(ctx, new, &b), i = 0, k = 0;

    for (; i < n_a && k < n_b; i++)
        k += strcmp(a[i], b[k]) == 0;
    for (; k < n_b; k++) {
        size_t name = strcspn(b[k], " ");

        for (i = 0; i < n_a; i++)
            if (strncmp(a[i], b[k], name + 1) == 0)
                return false; /* another type or another place */
    }
    return true;
}

static bool decide_type(const void *ctx, const struct cab_fact *old, const struct cab_fact *new) {
    const char *was = cab_fact_text(old, "items"), *is = cab_fact_text(new, "items");

    if (!cab_fact_differs(old, "items"))
        return true;
    switch (cab_fact_text(new, "kind")[0]) {
        case 'e': return is_subsequence(ctx, was, is);
        case 'c': return can_alter_composite(ctx, was, is);
        default: return false;
    }
}

/* Whether a column has a storage that no statement takes back. */
static bool sheds_storage(const void *ctx, const struct cab_fact *old, const struct cab_fact *new) {
    char **was, **is;
    int n_was = cab_split_lines(ctx, cab_fact_get(old, "settings"), &was), i;
    int n_is = cab_split_lines(ctx, cab_fact_get(new, "settings"), &is);

    for (i = 0; i < n_was; i++)
        if (strstr(was[i], " SET STORAGE ") != NULL && !cab_line_among(is, n_is, was[i]))
            return true;
    return false;
}

static bool decide_view(const void *ctx, const struct cab_fact *old, const struct cab_fact *new) {
    if (sheds_storage(ctx, old, new))
        return false;
    if (!cab_fact_differs(old, "definition") && !cab_fact_differs(old, "columns"))
        return true;
    return cab_fact_is(new, "kind", "v") &&
           is_prefix_of_lines(cab_fact_text(old, "columns"), cab_fact_text(new, "columns"));
}

static bool decide_function(const struct cab_fact *old, const struct cab_fact *new) {
    if (strtol(cab_fact_text(old, "defaults"), NULL, 10) > strtol(cab_fact_text(new, "defaults"), NULL, 10))
        return false;
    return cab_fact_get(old, "names") == NULL || cab_same_text(cab_fact_get(old, "names"), cab_fact_get(new, "names"));
}

static bool decide_column(struct cab_fact *old, const struct cab_fact *new) {
    const char *was = cab_fact_get(old, "generated"), *is = cab_fact_get(new, "generated");

    if (is != NULL && (!cab_same_text(was, is) || cab_fact_differs(old, "type")))
        return false;
    if (was != NULL && is == NULL && cab_fact_differs(old, "type"))
        return false;
    old->retyped = cab_fact_differs(old, "type") || cab_fact_differs(old, "collation");
    return true;
}

/* Whether a difference that the table calls alterable is so with these values. */
static bool can_alter(const void *ctx, struct cab_fact *old, const struct cab_fact *new) {
    switch (old->kind) {
        case CAB_FACT_TYPE: return decide_type(ctx, old, new);
        case CAB_FACT_VIEW: return decide_view(ctx, old, new);
        case CAB_FACT_FUNCTION: return decide_function(old, new);
        case CAB_FACT_COLUMN: return decide_column(old, new);
        case CAB_FACT_CONSTRAINT:
        case CAB_FACT_DOMAIN_CONSTRAINT: return !cab_fact_differs(old, "validated") || cab_fact_true(new, "validated");
        case CAB_FACT_EXTENSION: return !cab_fact_differs(old, "schema") || cab_fact_true(old, "relocatable");
        default: return true;
    }
}

/* The sequence of an identity column belongs to that column for good. */
static bool moves_with_identity(const struct cab_fact *old, const struct cab_fact *new) {
    return old->kind == CAB_FACT_SEQUENCE && cab_fact_is(old, "kind", "identity") &&
           cab_fact_is(new, "kind", "identity") && old->parent != NULL && new->parent != NULL &&
           strcmp(old->parent->ident, new->parent->ident) != 0;
}

static void compare_two(const void *ctx, struct cab_fact *old, struct cab_fact *new) {
    const struct cab_attr *attrs = cab_fact_specs[old->kind].attrs;
    bool replace = false;
    int i;

    old->peer = new;
    new->peer = old;
    for (i = 0; i < CAB_ATTRS_MAX && attrs[i].name != NULL; i++) {
        if (attrs[i].how == CAB_ATTR_INFO || cab_same_text(old->values[i], new->values[i]) ||
            cab_same_text(cab_fact_compared(ctx, old, i), cab_fact_compared(ctx, new, i)))
            continue;
        old->mask |= 1u << i;
        replace = replace || attrs[i].how == CAB_ATTR_REPLACE;
    }
    new->mask = old->mask;
    if (moves_with_identity(old, new))
        replace = true;
    if (old->mask == 0 && !replace)
        return;
    if (!replace && !can_alter(ctx, old, new))
        replace = true;
    old->fate = new->fate = replace ? CAB_FATE_REPLACE : CAB_FATE_ALTER;
    if (replace)
        old->retyped = false;
    new->retyped = old->retyped;
}

/* ---- an enum that grows and is used in the same transaction cannot grow by ADD VALUE (55P04) ---- */

static bool mentions(const struct cab_fact *fact, const char *label) {
    const struct cab_attr *attrs = cab_fact_specs[fact->kind].attrs;
    int i;

    for (i = 0; i < CAB_ATTRS_MAX && attrs[i].name != NULL; i++)
        if (attrs[i].how != CAB_ATTR_INFO && fact->values[i] != NULL && strstr(fact->values[i], label) != NULL)
            return true;
    return false;
}

static bool needs_label_now(struct cab_planner *planner, const struct cab_fact *type, const char *label) {
    int i;

    for (i = 0; i < type->n_used_by; i++)
        if (type->used_by[i]->fate != CAB_FATE_KEEP && type->used_by[i]->kind != CAB_FACT_COMMENT &&
            mentions(type->used_by[i], label))
            return true;
    for (i = planner->to->first[CAB_FACT_ATTACH]; i < planner->to->first[CAB_FACT_ATTACH + 1]; i++)
        if (planner->to->facts[i]->fate != CAB_FATE_KEEP && mentions(planner->to->facts[i], label))
            return true;
    return false;
}

static void check_enums(struct cab_planner *planner) {
    struct cab_facts *to = planner->to;
    int i, k;

    for (i = to->first[CAB_FACT_TYPE]; i < to->first[CAB_FACT_TYPE + 1]; i++) {
        struct cab_fact *type = to->facts[i];
        char **old, **new;
        int n_old, n_new;

        if (type->fate != CAB_FATE_ALTER || !cab_fact_is(type, "kind", "e") || !cab_fact_differs(type, "items"))
            continue;
        n_old = cab_split_lines(planner->ctx, cab_fact_text(type->peer, "items"), &old);
        n_new = cab_split_lines(planner->ctx, cab_fact_text(type, "items"), &new);
        for (k = 0; k < n_new; k++)
            if (!cab_line_among(old, n_old, new[k]) && needs_label_now(planner, type, new[k]))
                type->fate = type->peer->fate = CAB_FATE_REPLACE;
    }
}

/* ---- the list of differences ---- */

static const char *changed_attributes(struct cab_planner *planner, const struct cab_fact *fact) {
    const struct cab_attr *attrs = cab_fact_specs[fact->kind].attrs;
    struct cab_buf buf;
    int i;

    cab_buf_init(&buf, planner->ctx, 32);
    for (i = 0; i < CAB_ATTRS_MAX && attrs[i].name != NULL; i++)
        if ((fact->mask >> i & 1u) != 0)
            cab_buf_addf(&buf, "%s%s", buf.len > 0 ? ", " : "", attrs[i].name);
    return buf.data;
}

static bool goes_without_saying(const struct cab_fact *fact) {
    if (fact->kind == CAB_FACT_CONSTRAINT && !cab_fact_true(fact, "is_local") && !cab_plan_owns_relation_name(fact))
        return true; /* it is the parent's */
    return (fact->kind == CAB_FACT_OWNER || fact->kind == CAB_FACT_ACL) && fact->parent != NULL;
}

static void add_difference(struct cab_planner *planner, enum cab_difference_op op, const struct cab_fact *fact) {
    struct cab_diff_plan *plan = planner->plan;

    if (op != CAB_DIFFERENCE_CHANGE && goes_without_saying(fact))
        return;
    plan->differences[plan->n_differences++] = (struct cab_difference){
        .op = op, .kind = cab_fact_specs[fact->kind].word, .object = fact->ident,
        .attributes = op == CAB_DIFFERENCE_CHANGE ? changed_attributes(planner, fact) : NULL };
}

static void reset(struct cab_facts *facts) {
    int i;

    for (i = 0; i < facts->n_facts; i++) {
        struct cab_fact *fact = facts->facts[i];

        fact->peer = NULL;
        fact->fate = CAB_FATE_KEEP;
        fact->mask = 0;
        fact->retyped = fact->separate = fact->explicit_drop = false;
        fact->node = fact->last_node = -1;
    }
}

void cab_plan_compare(struct cab_planner *planner) {
    struct cab_facts *from = planner->from, *to = planner->to;
    int i = 0, k = 0;

    reset(from);
    reset(to);
    planner->plan->differences = cab_new_array(planner->ctx, struct cab_difference,
                                               2 * (size_t)from->n_facts + (size_t)to->n_facts + 1);
    for (int r = 0; r < planner->n_renames; r++)
        if (planner->renames[r].statement != NULL)
            planner->plan->differences[planner->plan->n_differences++] = (struct cab_difference){
                .op = CAB_DIFFERENCE_CHANGE, .kind = cab_fact_specs[planner->renames[r].fact->kind].word,
                .object = planner->renames[r].ident, .attributes = "name" };
    while (i < from->n_facts || k < to->n_facts) {
        struct cab_fact *old = i < from->n_facts ? from->facts[i] : NULL, *new = k < to->n_facts ? to->facts[k] : NULL;
        int order;

        if (old == NULL || new == NULL)
            order = old == NULL ? 1 : -1;
        else
            order = old->kind != new->kind ? (old->kind < new->kind ? -1 : 1) : strcmp(old->ident, new->ident);
        if (order < 0) {
            old->fate = CAB_FATE_DROP;
            add_difference(planner, CAB_DIFFERENCE_DROP, old);
        } else if (order > 0) {
            new->fate = CAB_FATE_CREATE;
            add_difference(planner, CAB_DIFFERENCE_ADD, new);
        } else {
            compare_two(planner->ctx, old, new);
            if (old->mask != 0)
                add_difference(planner, CAB_DIFFERENCE_CHANGE, old);
        }
        i += order <= 0;
        k += order >= 0;
    }
    if (!planner->options.careful)
        check_enums(planner);
}
