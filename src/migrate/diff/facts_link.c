/*
 * migrate/diff/facts_link: turns addresses of pg_depend into pointers between facts.  Objects that are only the
 * implementation of a fact (row types, array types, rules of views, indexes of constraints) are folded into it.
 */
#include <string.h>

#include "facts.h"

/* Oids of system catalogs, fixed by the server's source. */
enum {
    PG_AMOP = 2602,
    PG_AMPROC = 2603,
    PG_CONSTRAINT = 2606,
    PG_OPCLASS = 2616,
    PG_OPFAMILY = 2753,
    PG_EXTENSION = 3079,
    PG_PUBLICATION = 6104,
    PG_PUBLICATION_REL = 6106,
    PG_PUBLICATION_NAMESPACE = 6237
};

struct address {
    uint32_t class, object;
    int sub;
};

struct slot {
    struct address at;
    struct cab_fact *fact;     /* NULL: see fold */
    struct address fold;
    char fold_type;            /* deptype of the fold, 0: none */
    bool used;
};

struct map {
    struct slot *slots;
    size_t mask;
};

struct edge {
    struct cab_fact *from, *to;
};

struct linker {
    struct cab_facts *facts;
    struct map map;
    struct edge *edges;
    int n_edges, cap_edges;
};

static size_t hash_address(struct address at) {
    uint64_t h = ((uint64_t)at.class << 32 | at.object) ^ (uint64_t)(uint32_t)at.sub * 0x9e3779b97f4a7c15u;

    h ^= h >> 31;
    h *= 0xbf58476d1ce4e5b9u;
    return (size_t)(h ^ h >> 29);
}

/* The slot of an address; a free one where it is not known. */
static struct slot *slot_of(struct map *map, struct address at) {
    size_t i = hash_address(at) & map->mask;

    while (map->slots[i].used && (map->slots[i].at.class != at.class || map->slots[i].at.object != at.object ||
                                  map->slots[i].at.sub != at.sub))
        i = (i + 1) & map->mask;
    return &map->slots[i];
}

static struct slot *claim(struct map *map, struct address at) {
    struct slot *slot = slot_of(map, at);

    slot->used = true;
    slot->at = at;
    return slot;
}

/* The fact that stands for an address, or NULL (the server's own objects). */
static struct cab_fact *resolve_clone(struct map *map, struct address at, bool *is_clone_out) {
    int hops;

    *is_clone_out = false;

    for (hops = 0; hops < 16; hops++) {
        struct slot *slot = slot_of(map, at);

        if (slot->used && slot->fact != NULL)
            return slot->fact;
        if (slot->used && slot->fold_type != 0) {
            *is_clone_out = *is_clone_out || slot->fold_type == 'P' || slot->fold_type == 'S' ||
                            (at.class == PG_CONSTRAINT && slot->fold.class == PG_CONSTRAINT);
            at = slot->fold;
        } else if (at.sub != 0)
            at.sub = 0;
        else
            return NULL;
    }
    return NULL;
}

static struct cab_fact *resolve(struct map *map, struct address at) {
    bool is_clone;

    return resolve_clone(map, at, &is_clone);
}

static void add_edge(struct linker *linker, struct cab_fact *from, struct cab_fact *to) {
    if (from == NULL || to == NULL || from == to || to->parent == from || from->kind == CAB_FACT__MAX ||
        to->kind == CAB_FACT__MAX)
        return;
    /* a sequence is older than the column that owns it; the fact of ownership has that edge */
    if (from->kind == CAB_FACT_SEQUENCE && from->parent == to)
        return;
    if (linker->n_edges == linker->cap_edges) {
        linker->cap_edges = linker->cap_edges > 0 ? 2 * linker->cap_edges : 4096;
        linker->edges = cab_mem_resize(linker->facts->ctx, linker->edges,
                                       (size_t)linker->cap_edges * sizeof(*linker->edges));
    }
    linker->edges[linker->n_edges++] = (struct edge){ from, to };
}

static int fold_rank(char type) {
    switch (type) {
        case 'i': return 4;
        case 'P': return 3;
        case 'S': return 2;
        case 'a': return 1;
        default: return 0;
    }
}

static struct address address_of(const struct cab_result *result, int row, int column) {
    return (struct address){ (uint32_t)cab_result_int64(result, row, column),
                             (uint32_t)cab_result_int64(result, row, column + 1),
                             (int)cab_result_int64(result, row, column + 2) };
}

static void note_member(struct linker *linker, struct address at, struct address extension) {
    struct cab_fact *fact = resolve(&linker->map, extension);
    struct slot *slot;

    if (fact == NULL)
        return;
    slot = claim(&linker->map, at);
    if (slot->fact != NULL)
        slot->fact->kind = CAB_FACT__MAX; /* a member of an extension is no fact */
    slot->fact = fact;
}

/* Remembers where an object that is no fact belongs. */
static void note_fold(struct linker *linker, struct address at, struct address to, char type) {
    struct slot *slot = slot_of(&linker->map, at);
    bool prefers;

    if (fold_rank(type) == 0 || (slot->used && slot->fact != NULL))
        return;
    if (at.class == PG_PUBLICATION_REL || at.class == PG_PUBLICATION_NAMESPACE)
        prefers = to.class == PG_PUBLICATION;
    else if (at.class == PG_AMOP || at.class == PG_AMPROC)
        prefers = to.class == PG_OPCLASS || to.class == PG_OPFAMILY;
    else
        prefers = !slot->used || fold_rank(type) > fold_rank(slot->fold_type);
    if (!prefers)
        return;
    slot = claim(&linker->map, at);
    slot->fold = to;
    slot->fold_type = type;
}

static void read_depend(struct linker *linker, const struct cab_result *depend) {
    int row, n = cab_result_rows(depend);

    for (row = 0; row < n; row++)
        if (cab_result_value(depend, row, 6)[0] == 'e')
            note_member(linker, address_of(depend, row, 0), address_of(depend, row, 3));
    for (row = 0; row < n; row++)
        note_fold(linker, address_of(depend, row, 0), address_of(depend, row, 3), cab_result_value(depend, row, 6)[0]);
}

static void add_depend_edges(struct linker *linker, const struct cab_result *depend) {
    int row, n = cab_result_rows(depend);

    for (row = 0; row < n; row++) {
        struct cab_fact *from, *to;
        bool is_clone;

        if (cab_result_value(depend, row, 6)[0] == 'e')
            continue;
        from = resolve_clone(&linker->map, address_of(depend, row, 0), &is_clone);
        if (is_clone)
            continue; /* what the server makes for each partition has edges of its own */
        to = resolve(&linker->map, address_of(depend, row, 3));
        if (from != NULL && to != NULL &&
            (from->kind != CAB_FACT_EXTENSION || cab_result_int64(depend, row, 0) == PG_EXTENSION))
            add_edge(linker, from, to);
    }
}

static struct cab_fact *add_fact(struct linker *linker, enum cab_fact_kind kind, const char *ident, int n_values) {
    struct cab_facts *facts = linker->facts;
    struct cab_fact *fact = cab_new(facts->ctx, struct cab_fact);

    fact->kind = kind;
    fact->ident = ident;
    fact->values = cab_new_array(facts->ctx, const char *, (size_t)n_values);
    facts->facts[facts->n_facts++] = fact;
    return fact;
}

static void add_privileges(struct linker *linker, const struct cab_result *acl) {
    struct cab_facts *facts = linker->facts;
    int row, i, n = facts->n_facts;

    for (i = 0; i < n; i++) { /* privileges of everything that has some, the built-in ones to begin with */
        struct cab_fact *owner = facts->facts[i];
        char letter = cab_fact_acl_letter(owner);

        if (letter == 0 || letter == 'c')
            continue;
        struct cab_fact *fact = add_fact(linker, CAB_FACT_ACL, cab_printf(facts->ctx, "%s %s",
            cab_fact_specs[owner->kind].word, owner->ident), 2);
        fact->parent = owner;
        fact->values[0] = facts->acl_defaults[(unsigned char)letter];
        owner->children = fact; /* found again below; the lists of children are made later */
    }
    for (row = 0; row < cab_result_rows(acl); row++) {
        struct address at = address_of(acl, row, 0);
        struct slot *slot = slot_of(&linker->map, at);
        struct cab_fact *owner = slot->used ? slot->fact : NULL, *fact;
        const char *text = cab_result_value(acl, row, 3), *column = cab_result_value(acl, row, 4);

        if (owner == NULL && at.sub > 0) { /* of a view */
            struct cab_fact *view = resolve(&linker->map, at);

            if (view == NULL || view->kind != CAB_FACT_VIEW)
                continue;
            fact = add_fact(linker, CAB_FACT_ACL, cab_printf(facts->ctx, "column %s.%s", view->ident, column), 2);
            fact->parent = view;
            fact->values[0] = cab_strdup(facts->ctx, text != NULL ? text : "");
            fact->values[1] = cab_strdup(facts->ctx, column);
            continue;
        }
        if (owner == NULL || owner->kind == CAB_FACT_EXTENSION || owner->kind == CAB_FACT__MAX)
            continue;
        if (owner->kind == CAB_FACT_COLUMN) {
            fact = add_fact(linker, CAB_FACT_ACL, cab_printf(facts->ctx, "column %s", owner->ident), 2);
            fact->parent = owner;
        } else {
            fact = owner->children;
        }
        if (fact != NULL)
            fact->values[0] = cab_strdup(facts->ctx, text != NULL ? text : "");
    }
    for (i = 0; i < n; i++)
        facts->facts[i]->children = NULL;
}

static void add_comments(struct linker *linker, const struct cab_result *comments) {
    struct cab_facts *facts = linker->facts;
    int row;

    for (row = 0; row < cab_result_rows(comments); row++) {
        struct address at = address_of(comments, row, 0);
        struct cab_fact *owner = resolve(&linker->map, at), *fact;
        const char *word = cab_result_value(comments, row, 3), *name = cab_result_value(comments, row, 4);
        const char *text = cab_result_value(comments, row, 5);

        if (owner == NULL || (owner->kind == CAB_FACT_EXTENSION && at.class != PG_EXTENSION) ||
            (owner->kind == CAB_FACT_TABLE && at.sub != 0)) /* of a parked column */
            continue;
        fact = add_fact(linker, CAB_FACT_COMMENT, cab_printf(facts->ctx, "%s %s", word, name), 3);
        fact->parent = owner;
        fact->values[0] = cab_strdup(facts->ctx, word);
        fact->values[1] = cab_strdup(facts->ctx, name);
        fact->values[2] = cab_strdup(facts->ctx, text);
    }
}

static int compare_edges(const void *a, const void *b) {
    const struct edge *x = a, *y = b;

    if (x->from != y->from)
        return (uintptr_t)x->from < (uintptr_t)y->from ? -1 : 1;
    if (x->to != y->to)
        return (uintptr_t)x->to < (uintptr_t)y->to ? -1 : 1;
    return 0;
}

static int compare_edges_back(const void *a, const void *b) {
    const struct edge *x = a, *y = b;
    struct edge back_x = { x->to, x->from }, back_y = { y->to, y->from };

    return compare_edges(&back_x, &back_y);
}

/* Lays the edges out as arrays of the facts. */
static void store_edges(struct linker *linker) {
    struct cab_facts *facts = linker->facts;
    struct edge *edges = linker->edges;
    struct cab_fact **to;
    int i, n = 0;

    if (linker->n_edges == 0)
        return;
    cab_sort(edges, (size_t)linker->n_edges, sizeof(*edges), compare_edges);
    for (i = 0; i < linker->n_edges; i++)
        if (n == 0 || compare_edges(&edges[i], &edges[n - 1]) != 0)
            edges[n++] = edges[i];
    to = cab_new_array(facts->ctx, struct cab_fact *, (size_t)n);
    for (i = 0; i < n; i++) {
        to[i] = edges[i].to;
        if (edges[i].from->n_uses++ == 0)
            edges[i].from->uses = &to[i];
    }
    cab_sort(edges, (size_t)n, sizeof(*edges), compare_edges_back);
    to = cab_new_array(facts->ctx, struct cab_fact *, (size_t)n);
    for (i = 0; i < n; i++) {
        to[i] = edges[i].from;
        if (edges[i].to->n_used_by++ == 0)
            edges[i].to->used_by = &to[i];
    }
}

/* Drops what belongs to extensions, and what hangs on what was dropped. */
static void drop_members(struct linker *linker) {
    struct cab_facts *facts = linker->facts;
    bool again = true;
    int i, n;

    while (again) {
        again = false;
        for (i = 0, n = 0; i < facts->n_facts; i++) {
            struct cab_fact *fact = facts->facts[i];
            bool gone = fact->kind == CAB_FACT__MAX || (fact->parent != NULL && fact->parent->kind == CAB_FACT__MAX) ||
                        (fact->parent != NULL && fact->parent->kind == CAB_FACT_EXTENSION &&
                         fact->kind != CAB_FACT_OWNER && fact->kind != CAB_FACT_COMMENT);

            if (gone) {
                again = again || fact->kind != CAB_FACT__MAX;
                fact->kind = CAB_FACT__MAX;
            } else {
                facts->facts[n++] = fact;
            }
        }
        facts->n_facts = n;
    }
}

void cab_facts_link(struct cab_facts *facts, struct cab_fact_raw *raw, int n_raw, const struct cab_result *depend,
                    const struct cab_result *acl, const struct cab_result *comments) {
    struct linker linker = { .facts = facts };
    size_t room = 1024, need = 2 * ((size_t)n_raw + (size_t)cab_result_rows(depend)) + 16;
    int i;

    while (room < need)
        room *= 2;
    linker.map.slots = cab_new_array(facts->ctx, struct slot, room);
    linker.map.mask = room - 1;
    facts->facts = cab_new_array(facts->ctx, struct cab_fact *, 2 * (size_t)n_raw + (size_t)cab_result_rows(acl) +
                                 (size_t)cab_result_rows(comments) + 1);
    for (i = 0; i < n_raw; i++) {
        struct cab_fact *fact = raw[i].fact;

        if (fact->object != 0)
            claim(&linker.map, (struct address){ fact->class, fact->object, fact->sub })->fact = fact;
        facts->facts[facts->n_facts++] = fact;
    }
    read_depend(&linker, depend);
    for (i = 0; i < n_raw; i++) {
        struct cab_fact *fact = raw[i].fact;

        if (raw[i].has_parent)
            fact->parent = resolve(&linker.map,
                (struct address){ raw[i].parent_class, raw[i].parent_object, raw[i].parent_sub });
        if (raw[i].has_parent && fact->parent == NULL)
            fact->kind = CAB_FACT__MAX;
        if (raw[i].has_on)
            fact->on = resolve(&linker.map, (struct address){ raw[i].on_class, raw[i].on_object, raw[i].on_sub });
        if (raw[i].has_on && fact->on == NULL)
            fact->kind = CAB_FACT__MAX;
    }
    drop_members(&linker);
    add_privileges(&linker, acl);
    add_comments(&linker, comments);
    drop_members(&linker);
    add_depend_edges(&linker, depend);
    for (i = 0; i < facts->n_facts; i++) {
        struct cab_fact *fact = facts->facts[i];

        add_edge(&linker, fact, fact->parent);
        add_edge(&linker, fact, fact->on);
        if (fact->parent != NULL) {
            fact->next_child = fact->parent->children;
            fact->parent->children = fact;
        }
    }
    store_edges(&linker);
    cab_mem_free(linker.map.slots);
    cab_mem_free(linker.edges);
}
