/*
 * Commands that move a database: upgrade, downgrade, stamp.
 */
#include "allow.h"
#include "command.h"
#include "run.h"
#include "statements.h"
#include "veto.h"

#include <stdio.h>
#include <string.h>

#define MONTHS_AHEAD "3"

static const char *count_text(const void *ctx, int n) {
    return n == 1 ? "1 revision" : cab_printf(ctx, "%d revisions", n);
}

/* "FROM:TARGET" of an offline run; false where target has no colon. */
static bool split_range(const void *ctx, const char *target, const char **from_out, const char **to_out) {
    const char *colon = strchr(target, ':');
    if (colon == NULL)
        return false;
    *from_out = cab_strndup(ctx, target, (size_t)(colon - target));
    *to_out = colon + 1;
    return true;
}

/* The state that FROM names: one revision, or none. */
static int state_from(struct cab_call *call, const char *from, struct cab_state **state_out, struct cab_err *err) {
    struct cab_state *state = cab_new(call->ctx, struct cab_state);
    const struct cab_revision *revision;
    state->at = cab_new_array(state, const char *, 2);
    if (strcmp(from, "base") != 0) {
        if (cab_graph_find(call->graph, from, &revision, err) != 0)
            return -1;
        state->at[state->n_at++] = revision->id;
        state->is_made = true;
    }
    *state_out = state;
    return 0;
}

/* What --sql prints. */
static int print_script(struct cab_call *call, enum cab_direction direction, struct cab_err *err) {
    const char *from, *target = call->options->args[0];
    struct cab_state *state;
    struct cab_plan *plan;
    if (split_range(call->ctx, target, &from, &target)) {
        if (state_from(call, from, &state, err) != 0)
            return -1;
    } else if (cab_call_connect(call, err) != 0 || cab_state_load_all(call->ctx, call->db, &state, err) != 0 ||
               cab_state_check_files(call->ctx, state, call->graph, err) != 0) {
        return -1;
    }
    if (cab_plan_make(call->ctx, call->graph, state->at, state->n_at, direction, target, &plan, err) != 0 ||
        cab_offline_print(call, state, plan, err) != 0)
        return -1;
    return CAB_EXIT_OK;
}

/* Partitions of the audit trail for the months to come; a failure is told and does no harm before the month is over. */
static void ensure_partitions(struct cab_call *call) {
    struct cab_result *result;
    struct cab_err ignored = {0};
    int rc = cab_db_query(call->db, call->ctx, CAB_SHAPE_ONE, cab_sql_text_migrate_objects, 0, NULL, &result, &ignored);
    if (rc != 0 || !cab_result_bool(result, 0, 1))
        return;
    if (cab_db_exec(call->db, "SET lock_timeout = '5s'", &ignored) != 0 ||
        cab_db_query(call->db, call->ctx, CAB_SHAPE_ONE, "SELECT cabinet.audit_partitions_ensure(" MONTHS_AHEAD ")", 0,
                     NULL, NULL, &ignored) != 0)
        fprintf(stderr, "cabinet-migrate: the partitions of audit_logs for the next months were not made: %s\n",
                ignored.internal);
}

static int plan_for(struct cab_call *call, enum cab_direction direction, struct cab_state **state_out,
                    struct cab_plan **plan_out, struct cab_err *err) {
    if (cab_state_load_all(call->ctx, call->db, state_out, err) != 0)
        return -1;
    if (cab_plan_make(call->ctx, call->graph, (*state_out)->at, (*state_out)->n_at, direction, call->options->args[0],
                      plan_out, err) != 0)
        return -1;
    return cab_state_check_files(call->ctx, *state_out, call->graph, err);
}

static int run_locked(struct cab_call *call, enum cab_direction direction, int *done_out, struct cab_err *err) {
    const struct cab_run_options options = {.lock_timeout_ms = call->options->lock_timeout_ms,
                                            .retries = (int)call->options->retries, .is_quiet = call->options->quiet,
                                            .url = call->url};
    struct cab_state *state;
    struct cab_plan *plan;
    if (cab_state_load_all(call->ctx, call->db, &state, err) != 0)
        return -1;
    if (!state->is_made && cab_state_make(call->db, err) != 0)
        return -1;
    /* another runner may have been faster */
    if (plan_for(call, direction, &state, &plan, err) != 0)
        return -1;
    *done_out = plan->n;
    return cab_run_plan(call->ctx, call->db, call->graph, state, plan, &options, err);
}

static int move(struct cab_call *call, enum cab_direction direction, struct cab_err *err) {
    struct cab_state *state;
    struct cab_plan *plan;
    int done = 0, rc;
    if (cab_call_graph(call, err) != 0)
        return -1;
    if (call->options->sql)
        return print_script(call, direction, err);
    if (cab_call_connect(call, err) != 0 || plan_for(call, direction, &state, &plan, err) != 0)
        return -1;
    if (plan->n == 0 && state->part == NULL) {
        if (!call->options->quiet)
            printf("Nothing to do.\n");
        return CAB_EXIT_OK;
    }
    if (cab_allow_check(call, plan, err) != 0)
        return -1;
    if (cab_state_lock(call->ctx, call->db, call->options->wait_ms, err) != 0)
        return -1;
    rc = run_locked(call, direction, &done, err);
    if (rc == 0 && direction == CAB_UPGRADE)
        ensure_partitions(call);
    if (rc == 0 && done > 0 && !call->options->quiet)
        cab_verify(call);
    cab_state_unlock(call->ctx, call->db);
    if (rc != 0)
        return -1;
    if (!call->options->quiet)
        printf("%s %s.\n", count_text(call->ctx, done), direction == CAB_UPGRADE ? "applied" : "undone");
    return CAB_EXIT_OK;
}

int cab_command_upgrade(struct cab_call *call, struct cab_err *err) {
    return move(call, CAB_UPGRADE, err);
}

int cab_command_downgrade(struct cab_call *call, struct cab_err *err) {
    return move(call, CAB_DOWNGRADE, err);
}

/* The version rows that target of stamp stands for: rows of other lines stay. */
static int stamped_rows(struct cab_call *call, const struct cab_state *state, const char **rows, int *n_out,
                        struct cab_err *err) {
    const char *target = call->options->args[0], *at = strchr(target, '@'), *word = at == NULL ? target : at + 1;
    const char *line = at == NULL ? NULL : cab_strndup(call->ctx, target, (size_t)(at - target));
    bool is_base = strcmp(word, "base") == 0, is_head = strcmp(word, "head") == 0 || strcmp(word, "heads") == 0;
    const struct cab_revision *revision = NULL;
    int n = 0, n_heads = 0;
    if (!is_base && !is_head) {
        if (cab_graph_find(call->graph, word, &revision, err) != 0)
            return -1;
        line = revision->line_label;
    }
    const struct cab_revision **heads = cab_graph_heads(call->ctx, call->graph, line, &n_heads);
    if (line != NULL && n_heads == 0)
        return cab_veto(err, "There is no line %s in %s.", line, call->graph->folders);
    for (int i = 0; i < state->n_at; i++) {
        const struct cab_revision *row = cab_graph_exact(call->graph, state->at[i]);
        if (line != NULL && row != NULL && strcmp(row->line_label, line) != 0)
            rows[n++] = state->at[i];
    }
    if (revision != NULL)
        rows[n++] = revision->id;
    for (int i = 0; is_head && i < n_heads; i++)
        rows[n++] = heads[i]->id;
    *n_out = n;
    return 0;
}

static const char *array_of(const void *ctx, const char *const *items, int n) {
    struct cab_buf buf;
    cab_buf_init(&buf, ctx, 64);
    for (int i = 0; i < n; i++)
        cab_buf_addf(&buf, "%s%s", i > 0 ? "," : "{", items[i]);
    cab_buf_adds(&buf, n > 0 ? "}" : "{}");
    return buf.data;
}

/* Files of all applied revisions, as they are now, into the log. */
static int accept_files(struct cab_call *call, const struct cab_state *state, const char *const *rows, int n_rows,
                        struct cab_err *err) {
    const bool *applied = cab_graph_ancestors(call->ctx, call->graph, rows, n_rows);
    const char **ids = cab_new_array(call->ctx, const char *, (size_t)call->graph->n + 1);
    const char **sums = cab_new_array(call->ctx, const char *, (size_t)call->graph->n + 1);
    int n = 0;
    for (int i = 0; i < call->graph->n; i++) {
        char *text, sum[65];
        size_t len;
        /* a revision that ran in part is settled too */
        bool is_part = state->part != NULL && strcmp(state->part, call->graph->revisions[i]->id) == 0;
        if (!applied[i] && !is_part)
            continue;
        if (cab_file_read(call->ctx, call->graph->revisions[i]->path, 0, &text, &len, err) != 0)
            return -1;
        cab_sha256_hex(text, len, sum);
        ids[n] = call->graph->revisions[i]->id;
        sums[n++] = cab_strdup(call->ctx, sum);
    }
    const char *values[] = {array_of(call->ctx, ids, n), array_of(call->ctx, sums, n),
                            "cabinet-migrate " PACKAGE_VERSION};
    return cab_db_query(call->db, call->ctx, CAB_SHAPE_NONE, cab_sql_text_migrate_log_stamp, 3, values, NULL, err);
}

static int stamp_locked(struct cab_call *call, struct cab_err *err) {
    struct cab_state *state;
    int n = 0;
    if (cab_state_make(call->db, err) != 0 || cab_state_load_all(call->ctx, call->db, &state, err) != 0)
        return -1;
    const char **rows = cab_new_array(call->ctx, const char *, (size_t)(state->n_at + call->graph->n) + 2);
    if (stamped_rows(call, state, rows, &n, err) != 0)
        return -1;
    const char *values[] = {array_of(call->ctx, state->at, state->n_at), "{}"};
    const char *move_sql = cab_sql_text_migrate_version_move, *later[] = {"{}", array_of(call->ctx, rows, n)};
    if (cab_db_exec(call->db, "BEGIN", err) != 0 ||
        cab_db_query(call->db, call->ctx, CAB_SHAPE_ONE, move_sql, 2, values, NULL, err) != 0 ||
        cab_db_query(call->db, call->ctx, CAB_SHAPE_ONE, move_sql, 2, later, NULL, err) != 0 ||
        accept_files(call, state, rows, n, err) != 0 || cab_state_raise(call->ctx, call->db, err) != 0)
        return -1;
    return cab_db_exec(call->db, "COMMIT", err);
}

int cab_command_stamp(struct cab_call *call, struct cab_err *err) {
    if (cab_call_graph(call, err) != 0 || cab_call_connect(call, err) != 0 ||
        cab_state_lock(call->ctx, call->db, call->options->wait_ms, err) != 0)
        return -1;
    int rc = stamp_locked(call, err);
    cab_state_unlock(call->ctx, call->db);
    return rc != 0 ? -1 : CAB_EXIT_OK;
}
