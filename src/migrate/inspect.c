/*
 * Commands that only look: current, history, heads, show.
 */
#include "command.h"
#include "veto.h"

#include <stdio.h>
#include <string.h>

/* ,"name":value with the first comma left out. */
static void add_member(struct cab_buf *json, const char *name, const char *value) {
    if (json->len > 0 && json->data[json->len - 1] != '{')
        cab_buf_addc(json, ',');
    cab_json_cstring(json, name);
    cab_buf_addc(json, ':');
    cab_json_cstring(json, value);
}

static void add_flag(struct cab_buf *json, const char *name, bool value) {
    cab_buf_addc(json, ',');
    cab_json_cstring(json, name);
    cab_buf_adds(json, value ? ":true" : ":false");
}

static void add_list(struct cab_buf *json, const char *name, const char *const *items, int n) {
    cab_buf_addc(json, ',');
    cab_json_cstring(json, name);
    cab_buf_adds(json, ":[");
    for (int i = 0; i < n; i++) {
        if (i > 0)
            cab_buf_addc(json, ',');
        cab_json_cstring(json, items[i]);
    }
    cab_buf_addc(json, ']');
}

static void add_revision(struct cab_buf *json, const struct cab_revision *r) {
    add_member(json, "revision", r->id);
    add_list(json, "revises", r->revises, r->n_revises);
    add_member(json, "line", r->line_label);
    add_member(json, "message", r->message);
    add_member(json, "create_date", r->create_date);
    add_member(json, "file", r->path);
}

static bool is_head(struct cab_call *call, const struct cab_revision *revision) {
    int n;
    const struct cab_revision **heads = cab_graph_heads(call->ctx, call->graph, revision->line_label, &n);
    bool found = false;
    for (int i = 0; i < n; i++)
        found = found || heads[i] == revision;
    cab_mem_free(heads);
    return found;
}

static int count_pending(struct cab_call *call, const struct cab_state *state) {
    const bool *applied = cab_graph_ancestors(call->ctx, call->graph, state->at, state->n_at);
    int n = 0;
    for (int i = 0; i < call->graph->n; i++)
        n += !applied[i];
    return n;
}

int cab_command_current(struct cab_call *call, struct cab_err *err) {
    struct cab_state *state;
    struct cab_buf json;
    if (cab_call_graph(call, err) != 0 || cab_call_connect(call, err) != 0 ||
        cab_state_load(call->ctx, call->db, &state, err) != 0)
        return -1;
    int pending = count_pending(call, state);
    cab_buf_init(&json, call->ctx, 512);
    for (int i = 0; i < state->n_at; i++) {
        const struct cab_revision *r = cab_graph_exact(call->graph, state->at[i]);
        if (r == NULL)
            return cab_veto(err, "The database is at revision %s, but no file in %s has it. Put the "
                            "missing file back, or name its folder in CABINET_MIGRATIONS.", state->at[i],
                            call->graph->folders);
        if (call->options->json) {
            cab_buf_adds(&json, i > 0 ? ",{" : "{");
            add_revision(&json, r);
            add_flag(&json, "is_head", is_head(call, r));
            cab_buf_addc(&json, '}');
        } else {
            printf("%s  %s  %s%s\n", r->id, r->line_label, r->message, is_head(call, r) ? "  (head)" : "");
        }
    }
    if (call->options->json)
        printf("{\"current\":[%s],\"pending\":%d}\n", json.data, pending);
    else if (state->n_at == 0)
        printf("base (no revision is applied, %d pending)\n", pending);
    else if (pending > 0 && !call->options->quiet)
        printf("%d pending\n", pending);
    return CAB_EXIT_OK;
}

static void print_short(const struct cab_revision *r, const char *mark) {
    char from[256] = "base";
    size_t at = 0;
    for (int i = 0; i < r->n_revises && at < sizeof(from) - 48; i++)
        at += (size_t)snprintf(from + at, sizeof(from) - at, "%s%s", i > 0 ? ", " : "", r->revises[i]);
    printf("%s  %s  %s -> %s  %s%s\n", r->create_date, r->line_label, from, r->id, r->message, mark);
}

static int list(struct cab_call *call, const struct cab_revision *const *revisions, int n) {
    struct cab_buf json;
    cab_buf_init(&json, call->ctx, 1024);
    for (int i = 0; i < n; i++) {
        bool head = is_head(call, revisions[i]);
        if (call->options->json) {
            cab_buf_adds(&json, i > 0 ? ",{" : "{");
            add_revision(&json, revisions[i]);
            add_flag(&json, "is_head", head);
            cab_buf_addc(&json, '}');
        } else {
            print_short(revisions[i], head ? "  (head)" : "");
        }
    }
    if (call->options->json)
        printf("[%s]\n", json.data);
    return CAB_EXIT_OK;
}

int cab_command_history(struct cab_call *call, struct cab_err *err) {
    if (cab_call_graph(call, err) != 0)
        return -1;
    const struct cab_revision **all = cab_new_array(call->ctx, const struct cab_revision *, (size_t)call->graph->n + 1);
    int n = 0;
    for (int i = call->graph->n - 1; i >= 0; i--) {
        const struct cab_revision *r = call->graph->revisions[i];
        if (call->options->line == NULL || strcmp(call->options->line, r->line_label) == 0)
            all[n++] = r;
    }
    return list(call, all, n);
}

int cab_command_heads(struct cab_call *call, struct cab_err *err) {
    int n;
    if (cab_call_graph(call, err) != 0)
        return -1;
    const struct cab_revision **heads = cab_graph_heads(call->ctx, call->graph, call->options->line, &n);
    return list(call, heads, n);
}

/* head and LABEL@head, or the start of an id. */
static int find(struct cab_call *call, const char *word, const struct cab_revision **revision_out,
                struct cab_err *err) {
    const char *at = strchr(word, '@'), *line = NULL;
    int n;
    if (at != NULL)
        line = cab_strndup(call->ctx, word, (size_t)(at - word));
    if (strcmp(at == NULL ? word : at + 1, "head") != 0)
        return cab_graph_find(call->graph, word, revision_out, err);
    const struct cab_revision **heads = cab_graph_heads(call->ctx, call->graph, line, &n);
    if (n != 1)
        return cab_veto(err, n == 0 ? "There is no such head; cabinet-migrate heads lists them."
                                                         : "There are several heads; name one: cabinet-migrate heads.");
    *revision_out = heads[0];
    return 0;
}

static void show_segments(const struct cab_revision *r, enum cab_direction direction) {
    for (int i = 1; i <= cab_revision_count(r, direction); i++) {
        const struct cab_segment *s = cab_revision_segment(r, direction, i);
        printf("%-11s part %d: %d statement%s%s\n", direction == CAB_UPGRADE ? "Upgrade:" : "Downgrade:", i,
               s->n_statements, s->n_statements == 1 ? "" : "s", s->is_transaction ? "" : ", outside a transaction");
    }
}

int cab_command_show(struct cab_call *call, struct cab_err *err) {
    const struct cab_revision *found;
    struct cab_revision *r;
    if (cab_call_graph(call, err) != 0 || find(call, call->options->args[0], &found, err) != 0 ||
        cab_revision_read(call->ctx, found->path, &r, err) != 0)
        return -1;
    if (call->options->json) {
        struct cab_buf json;
        cab_buf_init(&json, call->ctx, 1024);
        cab_buf_addc(&json, '{');
        add_revision(&json, r);
        add_flag(&json, "is_head", is_head(call, found));
        add_member(&json, "sha256", r->sha256);
        add_member(&json, "proof", r->proof);
        add_list(&json, "hazards", r->hazards, r->n_hazards);
        printf("%s}\n", json.data);
        return CAB_EXIT_OK;
    }
    printf("Revision:   %s%s\nRevises:    ", r->id, is_head(call, found) ? " (head)" : "");
    for (int i = 0; i < r->n_revises; i++)
        printf("%s%s", i > 0 ? ", " : "", r->revises[i]);
    printf("%s\nLine:       %s\nCreated:    %s\nMessage:    %s\nFile:       %s\nSHA-256:    %s\n",
           r->n_revises == 0 ? "base" : "", r->line_label, r->create_date, r->message, r->path, r->sha256);
    if (r->proof != NULL)
        printf("Proof:      %s\n", r->proof);
    for (int i = 0; i < r->n_hazards; i++)
        printf("Hazard:     %s\n", r->hazards[i]);
    show_segments(r, CAB_UPGRADE);
    show_segments(r, CAB_DOWNGRADE);
    return CAB_EXIT_OK;
}
