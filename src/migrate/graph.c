/*
 * Loads revision headers, orders them and refuses what is not a set of lines with one root each.
 */
#include "graph.h"
#include "veto.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct loader {
    void *ctx;
    struct cab_graph *graph;
    int cap;
    struct cab_err *err;
};

static int is_sql_file(const struct dirent *entry) {
    size_t n = strlen(entry->d_name);
    return n > 4 && entry->d_name[0] != '.' && strcmp(entry->d_name + n - 4, ".sql") == 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int take_file(struct loader *l, const char *path) {
    struct cab_graph *graph = l->graph;
    struct cab_revision *revision;
    if (cab_revision_read_header(graph, path, &revision, l->err) != 0)
        return -1;
    if (graph->n == l->cap) {
        l->cap = l->cap == 0 ? 64 : l->cap * 2;
        graph->revisions = cab_mem_resize(graph, graph->revisions, (size_t)l->cap * sizeof(*graph->revisions));
    }
    graph->revisions[graph->n++] = revision;
    return 0;
}

static int take_folder(struct loader *l, const char *folder) {
    struct dirent **entries;
    int n = scandir(folder, &entries, is_sql_file, by_bytes), rc = 0;
    if (n < 0)
        return cab_veto(l->err, "Folder of migrations %s: %s. CABINET_MIGRATIONS names the "
                                                     "folders.", folder, strerror(errno));
    for (int i = 0; i < n; i++) {
        if (rc == 0)
            rc = take_file(l, cab_printf(l->graph, "%s/%s", folder, entries[i]->d_name));
        free(entries[i]);
    }
    free(entries);
    return rc;
}

static int by_id(const void *a, const void *b) {
    return strcmp((*(struct cab_revision *const *)a)->id, (*(struct cab_revision *const *)b)->id);
}

static int by_wanted_id(const void *id, const void *element) {
    return strcmp(id, (*(struct cab_revision *const *)element)->id);
}

static int index_ids(struct loader *l) {
    struct cab_graph *graph = l->graph;
    graph->by_id = cab_new_array(graph, struct cab_revision *, (size_t)graph->n + 1);
    if (graph->n > 0)
        memcpy(graph->by_id, graph->revisions, (size_t)graph->n * sizeof(*graph->by_id));
    cab_sort(graph->by_id, (size_t)graph->n, sizeof(*graph->by_id), by_id);
    for (int i = 1; i < graph->n; i++) {
        const struct cab_revision *a = graph->by_id[i - 1], *b = graph->by_id[i];
        if (strcmp(a->id, b->id) == 0)
            return cab_veto(l->err, "Two files have the revision id %s: %s and %s. Give one of "
                            "them another id.", a->id, a->path, b->path);
    }
    return 0;
}

static struct cab_revision *lookup(const struct cab_graph *graph, const char *id) {
    struct cab_revision **found = bsearch(id, graph->by_id, (size_t)graph->n, sizeof(*graph->by_id), by_wanted_id);
    return found == NULL ? NULL : *found;
}

const struct cab_revision *cab_graph_exact(const struct cab_graph *graph, const char *id) {
    return lookup(graph, id);
}

bool cab_graph_is_parent(const struct cab_revision *parent, const struct cab_revision *child) {
    for (int i = 0; i < child->n_revises; i++) {
        if (strcmp(child->revises[i], parent->id) == 0)
            return true;
    }
    return false;
}

/* Parents exist and are of the same line; one root a line. */
static int check_links(struct loader *l) {
    const struct cab_graph *graph = l->graph;
    for (int i = 0; i < graph->n; i++) {
        struct cab_revision *r = graph->revisions[i];
        r->parents = cab_new_array(r, struct cab_revision *, (size_t)r->n_revises + 1);
        for (int k = 0; k < r->n_revises; k++) {
            struct cab_revision *parent = r->parents[k] = lookup(graph, r->revises[k]);
            if (parent == NULL)
                return cab_veto(l->err, "%s follows revision %s, but no file in %s has it. Put the "
                                "missing file back.", r->path, r->revises[k], graph->folders);
            if (strcmp(parent->line_label, r->line_label) != 0)
                return cab_veto(l->err, "%s of line %s follows revision %s of line %s. A revision "
                                "follows one of its own line.", r->path, r->line_label, parent->id, parent->line_label);
        }
        for (int k = 0; k < i && r->n_revises == 0; k++) {
            const struct cab_revision *other = graph->revisions[k];
            if (other->n_revises == 0 && strcmp(other->line_label, r->line_label) == 0)
                return cab_veto(l->err, "Line %s has two roots: %s and %s. Let one follow a "
                                "revision (Revises), or give it a line of its own (Line).", r->line_label, other->path,
                                r->path);
        }
    }
    return 0;
}

static int compare_lines(const char *a, const char *b) {
    bool first_a = strcmp(a, "cabinet") == 0, first_b = strcmp(b, "cabinet") == 0;
    return first_a != first_b ? (first_a ? -1 : 1) : strcmp(a, b);
}

/* The first revision, by line and file name, that is not placed yet and whose parents all are. */
static int next_ready(const struct cab_graph *graph, const bool *placed) {
    int best = -1;
    for (int i = 0; i < graph->n; i++) {
        const struct cab_revision *r = graph->revisions[i];
        bool ready = !placed[i];
        for (int k = 0; ready && k < r->n_revises; k++)
            ready = placed[r->parents[k]->index];
        if (ready && (best < 0 || compare_lines(r->line_label, graph->revisions[best]->line_label) < 0))
            best = i;
    }
    return best;
}

/* Parents before children; what cannot be placed is part of a circle. */
static int order(struct loader *l) {
    struct cab_graph *graph = l->graph;
    bool *placed = cab_new_array(graph, bool, (size_t)graph->n + 1);
    struct cab_revision **ordered = cab_new_array(graph, struct cab_revision *, (size_t)graph->n + 1);
    for (int i = 0; i < graph->n; i++)
        graph->revisions[i]->index = i;
    for (int n = 0; n < graph->n; n++) {
        int next = next_ready(graph, placed);
        if (next < 0) {
            int stuck = 0;
            while (placed[stuck])
                stuck++;
            return cab_veto(l->err, "Revisions follow each other in a circle, %s among them. Correct "
                            "its line Revises.", graph->revisions[stuck]->path);
        }
        placed[next] = true;
        ordered[n] = graph->revisions[next];
    }
    for (int i = 0; i < graph->n; i++)
        ordered[i]->index = i;
    cab_mem_free(placed);
    graph->revisions = ordered;
    return 0;
}

int cab_graph_load(void *ctx, const char *folders, struct cab_graph **graph_out, struct cab_err *err) {
    struct cab_graph *graph = cab_new(ctx, struct cab_graph);
    graph->folders = cab_strdup(graph, folders);
    struct loader l = {.ctx = ctx, .graph = graph, .err = err};
    for (const char *at = folders; at != NULL && *at != '\0';) {
        const char *colon = strchr(at, ':');
        const char *folder = colon == NULL ? cab_strdup(graph, at) : cab_strndup(graph, at, (size_t)(colon - at));
        if (folder[0] != '\0' && take_folder(&l, folder) != 0)
            return -1;
        at = colon == NULL ? NULL : colon + 1;
    }
    if (index_ids(&l) != 0 || check_links(&l) != 0 || order(&l) != 0)
        return -1;
    *graph_out = graph;
    return 0;
}

int cab_graph_find(const struct cab_graph *graph, const char *prefix, const struct cab_revision **revision_out,
                   struct cab_err *err) {
    const struct cab_revision *found = cab_graph_exact(graph, prefix);
    size_t len = strlen(prefix);
    for (int i = 0; i < graph->n && found == NULL; i++) {
        if (len < 2 || strncmp(graph->revisions[i]->id, prefix, len) != 0)
            continue;
        for (int k = i + 1; k < graph->n; k++) {
            if (strncmp(graph->revisions[k]->id, prefix, len) == 0)
                return cab_veto(err, "Revision %s is ambiguous: it may be %s or %s.", prefix,
                                graph->revisions[i]->id, graph->revisions[k]->id);
        }
        found = graph->revisions[i];
    }
    if (found == NULL)
        return cab_veto(err, "No revision %s in %s. cabinet-migrate history lists them.", prefix,
                        graph->folders);
    *revision_out = found;
    return 0;
}

const char **cab_graph_lines(const void *ctx, const struct cab_graph *graph, int *n_out) {
    const char **lines = cab_new_array(ctx, const char *, (size_t)graph->n + 1);
    int n = 0;
    for (int i = 0; i < graph->n; i++) {
        int k = 0;
        while (k < n && strcmp(lines[k], graph->revisions[i]->line_label) != 0)
            k++;
        if (k == n)
            lines[n++] = graph->revisions[i]->line_label;
    }
    *n_out = n;
    return lines;
}

const struct cab_revision **cab_graph_heads(const void *ctx, const struct cab_graph *graph, const char *line,
                                            int *n_out) {
    const struct cab_revision **heads = cab_new_array(ctx, const struct cab_revision *, (size_t)graph->n + 1);
    bool *has_child = cab_new_array(heads, bool, (size_t)graph->n + 1);
    int n = 0;
    for (int i = 0; i < graph->n; i++) {
        const struct cab_revision *r = graph->revisions[i];
        for (int k = 0; k < r->n_revises; k++)
            has_child[r->parents[k]->index] = true;
    }
    for (int i = 0; i < graph->n; i++) {
        if (!has_child[i] && (line == NULL || strcmp(line, graph->revisions[i]->line_label) == 0))
            heads[n++] = graph->revisions[i];
    }
    *n_out = n;
    return heads;
}

bool *cab_graph_ancestors(const void *ctx, const struct cab_graph *graph, const char *const *ids, int n_ids) {
    bool *set = cab_new_array(ctx, bool, (size_t)graph->n + 1);
    for (int i = 0; i < n_ids; i++) {
        const struct cab_revision *r = cab_graph_exact(graph, ids[i]);
        if (r != NULL)
            set[r->index] = true;
    }
    for (int i = graph->n - 1; i >= 0; i--) {
        const struct cab_revision *r = graph->revisions[i];
        for (int k = 0; set[i] && k < r->n_revises; k++)
            set[r->parents[k]->index] = true;
    }
    return set;
}
