/*
 * The command check: models against revisions, applied files against the log, the database against its revisions.
 */
#include "source.h"
#include "statements.h"
#include "veto.h"

#include <stdio.h>
#include <string.h>

#define EXIT_MODELS 1
#define EXIT_DRIFT 2

struct checker {
    struct cab_call *call;
    struct cab_diff_plan *models; /* from revisions to models */
    struct cab_difference *live; int n_live; /* from revisions to the database, what counts */
    const char **notes; int n_notes;
    const char *edited; /* what is said of an edited file, or NULL */
    bool is_live_checked;
    int pending;
    struct cab_err *err;
};

static int compare_models(struct checker *c) {
    struct cab_call *call = c->call;
    const char *server = cab_source_server(call, NULL);
    struct cab_scratch *revisions = NULL, *models = NULL;
    struct cab_facts *from, *to;
    if (cab_source_revisions(call, server, NULL, &revisions, c->err) != 0 ||
        cab_source_models(call, server, call->conf->cabinet_models, &models, c->err) != 0 ||
        cab_facts_load(call->ctx, cab_scratch_db(revisions), &from, c->err) != 0 ||
        cab_facts_load(call->ctx, cab_scratch_db(models), &to, c->err) != 0 ||
        cab_diff_plan(call->ctx, from, to, NULL, &c->models, c->err) != 0)
        return -1;
    c->notes = c->models->notes;
    c->n_notes = c->models->n_notes;
    cab_scratch_drop(&revisions);
    cab_scratch_drop(&models);
    return 0;
}

/* Whether object is that name or belongs to it. */
static bool names(const char *object, const char *name) {
    size_t n = strlen(name);
    for (const char *at = strstr(object, name); at != NULL; at = strstr(at + 1, name)) {
        bool begins = at == object || at[-1] == ' ';
        if (begins && (at[n] == '\0' || at[n] == '.' || at[n] == ' '))
            return true;
    }
    return false;
}

/* Partitions come and go with time; owners and privileges are those of the role that made the scratch database. */
static bool counts(const struct cab_difference *d, const struct cab_result *partitions, bool is_owner) {
    if (!is_owner && (strcmp(d->kind, "owner") == 0 || strcmp(d->kind, "privileges") == 0))
        return false;
    for (int i = 0; i < cab_result_rows(partitions) && d->op == CAB_DIFFERENCE_ADD; i++) {
        if (names(d->object, cab_result_value(partitions, i, 0)))
            return false;
    }
    return true;
}

static int compare_live(struct checker *c, const struct cab_state *state) {
    struct cab_call *call = c->call;
    struct cab_scratch *scratch = NULL;
    struct cab_facts *from, *to;
    struct cab_diff_plan *plan;
    struct cab_result *partitions, *owner;
    const bool *applied = cab_graph_ancestors(call->ctx, call->graph, state->at, state->n_at);
    if (cab_source_revisions(call, cab_source_server(call, NULL), applied, &scratch, c->err) != 0 ||
        cab_state_make(cab_scratch_db(scratch), c->err) != 0 ||
        cab_facts_load(call->ctx, cab_scratch_db(scratch), &from, c->err) != 0 ||
        cab_facts_load(call->ctx, call->db, &to, c->err) != 0 ||
        cab_diff_plan(call->ctx, from, to, NULL, &plan, c->err) != 0 ||
        cab_db_query(call->db, call->ctx, CAB_SHAPE_ANY, cab_sql_text_migrate_partitions, 0, NULL, &partitions,
                     c->err) != 0 ||
        cab_db_query(call->db, call->ctx, CAB_SHAPE_ONE, cab_sql_text_migrate_is_owner, 0, NULL, &owner, c->err) != 0)
        return -1;
    cab_scratch_drop(&scratch);
    c->live = cab_new_array(call->ctx, struct cab_difference, (size_t)plan->n_differences + 1);
    for (int i = 0; i < plan->n_differences; i++) {
        if (counts(&plan->differences[i], partitions, cab_result_bool(owner, 0, 0)))
            c->live[c->n_live++] = plan->differences[i];
    }
    c->notes = cab_mem_resize(call->ctx, NULL, (size_t)(c->n_notes + plan->n_notes + 1) * sizeof(*c->notes));
    memcpy(c->notes, c->models->notes != NULL ? c->models->notes : c->notes, (size_t)c->n_notes * sizeof(*c->notes));
    for (int i = 0; i < plan->n_notes; i++) {
        bool is_known = false;
        for (int k = 0; k < c->n_notes; k++)
            is_known = is_known || strcmp(c->notes[k], plan->notes[i]) == 0;
        if (!is_known)
            c->notes[c->n_notes++] = plan->notes[i];
    }
    c->is_live_checked = true;
    return 0;
}

static int look_at_database(struct checker *c) {
    struct cab_call *call = c->call;
    struct cab_state *state;
    if (cab_call_connect(call, c->err) != 0 || cab_state_load_all(call->ctx, call->db, &state, c->err) != 0)
        return -1;
    for (int i = 0; i < state->n_at; i++) {
        if (cab_graph_exact(call->graph, state->at[i]) == NULL)
            return cab_veto(c->err, "The database is at revision %s, but no file in %s has it. Put the missing file "
                            "back, or name its folder in CABINET_MIGRATIONS.", state->at[i], call->graph->folders);
    }
    const bool *applied = cab_graph_ancestors(call->ctx, call->graph, state->at, state->n_at);
    for (int i = 0; i < call->graph->n; i++)
        c->pending += !applied[i];
    if (cab_state_check_files(call->ctx, state, call->graph, c->err) != 0) {
        c->edited = cab_strdup(call->ctx, c->err->detail);
        cab_err_clear(c->err);
    }
    return state->n_at > 0 ? compare_live(c, state) : 0;
}

static void print_json(const struct checker *c) {
    struct cab_buf json;
    cab_buf_init(&json, c->call->ctx, 4096);
    cab_buf_adds(&json, "{\"models\":[");
    cab_differences_json(&json, c->models->differences, c->models->n_differences);
    cab_buf_adds(&json, "],\"edited\":");
    cab_json_cstring(&json, c->edited);
    cab_buf_addf(&json, ",\"is_live_checked\":%s,\"live\":[", c->is_live_checked ? "true" : "false");
    cab_differences_json(&json, c->live, c->n_live);
    cab_buf_addf(&json, "],\"pending\":%d,\"notes\":[", c->pending);
    for (int i = 0; i < c->n_notes; i++) {
        cab_buf_adds(&json, i > 0 ? "," : "");
        cab_json_cstring(&json, c->notes[i]);
    }
    printf("%s]}\n", json.data);
}

static void print_text(const struct checker *c) {
    if (c->models->n_differences > 0) {
        printf("From the revisions to the models (cabinet-migrate revision --autogenerate writes it):\n");
        cab_differences_print(c->models->differences, c->models->n_differences);
    } else {
        printf("Models and revisions agree.\n");
    }
    if (c->edited != NULL)
        printf("%s\n", c->edited);
    if (c->n_live > 0) {
        printf("From what the revisions made to the database as it is:\n");
        cab_differences_print(c->live, c->n_live);
    } else if (c->is_live_checked) {
        printf("The database is what its revisions made%s.\n",
               c->pending > 0 ? cab_printf(c->call->ctx, "; %d pending", c->pending) : "");
    } else {
        printf("The database has no revision yet; %d pending.\n", c->pending);
    }
    for (int i = 0; i < c->n_notes; i++)
        printf("Note: %s\n", c->notes[i]);
}

int cab_command_check(struct cab_call *call, struct cab_err *err) {
    struct checker c = {.call = call, .err = err};
    if (cab_call_graph(call, err) != 0 || compare_models(&c) != 0 || look_at_database(&c) != 0)
        return -1;
    if (call->options->json)
        print_json(&c);
    else
        print_text(&c);
    if (c.models->n_differences > 0 || c.edited != NULL)
        return EXIT_MODELS;
    return c.n_live > 0 ? EXIT_DRIFT : CAB_EXIT_OK;
}
