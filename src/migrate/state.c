/*
 * Reads and moves the version rows, writes the log, takes the runners' lock.  The lock is polled: a session that waits
 * inside pg_advisory_lock holds a snapshot, and CREATE INDEX CONCURRENTLY of the other runner would wait for it.
 */
#include "state.h"
#include "statements.h"
#include "veto.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TOOL "cabinet-migrate " PACKAGE_VERSION

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "0"
#endif

const char *const cab_state_ddl[] = {
    "CREATE SCHEMA IF NOT EXISTS cabinet",
    "CREATE TABLE IF NOT EXISTS cabinet.version (\n"
    "    revision text NOT NULL,\n"
    "    CONSTRAINT version_pkey PRIMARY KEY (revision)\n"
    ")",
    "COMMENT ON TABLE cabinet.version IS 'The revisions the schema is at, kept by cabinet-migrate. @api(audit(off))'",
    "CREATE TABLE IF NOT EXISTS cabinet.migration_log (\n"
    "    id bigint GENERATED ALWAYS AS IDENTITY,\n"
    "    revision text NOT NULL,\n"
    "    direction text NOT NULL,\n"
    "    segment integer NOT NULL,\n"
    "    segments integer NOT NULL,\n"
    "    statements_done integer NOT NULL,\n"
    "    statement_sha256 text,\n"
    "    file_sha256 text,\n"
    "    ok boolean,\n"
    "    error text,\n"
    "    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),\n"
    "    finished_at timestamptz,\n"
    "    role text NOT NULL DEFAULT session_user,\n"
    "    tool text NOT NULL,\n"
    "    CONSTRAINT migration_log_pkey PRIMARY KEY (id)\n"
    ")",
    "CREATE INDEX IF NOT EXISTS migration_log_revision ON cabinet.migration_log (revision, id)",
    "COMMENT ON TABLE cabinet.migration_log IS 'What cabinet-migrate ran, one row a segment. @api(audit(off))'",
    NULL};

const char *cab_direction_word(enum cab_direction direction) {
    return direction == CAB_UPGRADE ? "upgrade" : "downgrade";
}

void cab_best_effort(int rc, const struct cab_err *err) {
    if (rc != 0)
        cab_log(CAB_LOG_DEBUG, "%s (%s)", err->detail, err->internal);
}

bool cab_sleep_ms(int64_t ms) {
    struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    return nanosleep(&pause, NULL) == 0;
}

static int load(void *ctx, struct cab_db *db, const char *sql, struct cab_state *state, struct cab_result **result_out,
                struct cab_err *err) {
    if (cab_db_query(db, ctx, CAB_SHAPE_ANY, sql, 0, NULL, result_out, err) == 0) {
        state->is_made = true;
        state->at = cab_new_array(state, const char *, (size_t)cab_result_rows(*result_out) + 1);
        return 0;
    }
    *result_out = NULL;
    if (strcmp(err->sqlstate, "42P01") == 0 || strcmp(err->sqlstate, "3F000") == 0) {
        cab_err_clear(err);
        state->at = cab_new_array(state, const char *, 1);
        return 0;
    }
    if (strcmp(err->sqlstate, "42501") == 0)
        return cab_veto(err, "This role may not read cabinet.version. Connect as the role that owns "
                        "the schema: --database, or DATABASE_OWNER_URL.");
    return -1;
}

int cab_state_load(void *ctx, struct cab_db *db, struct cab_state **state_out, struct cab_err *err) {
    struct cab_state *state = cab_new(ctx, struct cab_state);
    struct cab_result *result;
    if (load(state, db, cab_sql_text_migrate_current, state, &result, err) != 0)
        return -1;
    for (int i = 0; result != NULL && i < cab_result_rows(result); i++)
        state->at[state->n_at++] = cab_result_value(result, i, 0);
    *state_out = state;
    return 0;
}

int cab_state_load_all(void *ctx, struct cab_db *db, struct cab_state **state_out, struct cab_err *err) {
    struct cab_state *state = cab_new(ctx, struct cab_state);
    struct cab_result *result;
    if (load(state, db, cab_sql_text_migrate_state, state, &result, err) != 0)
        return -1;
    int n = result == NULL ? 0 : cab_result_rows(result);
    state->ran = cab_new_array(state, struct cab_ran, (size_t)n + 1);
    for (int i = 0; i < n; i++) {
        const char *what = cab_result_value(result, i, 0), *revision = cab_result_value(result, i, 1);
        const char *detail = cab_result_value(result, i, 2);
        if (strcmp(what, "at") == 0) {
            state->at[state->n_at++] = revision;
        } else if (strcmp(what, "ran") == 0) {
            state->ran[state->n_ran++] = (struct cab_ran){.revision = revision, .file_sha256 = detail};
        } else {
            state->part = revision;
            state->part_direction = detail;
        }
    }
    *state_out = state;
    return 0;
}

int cab_state_make(struct cab_db *db, struct cab_err *err) {
    if (cab_db_exec(db, "BEGIN", err) != 0)
        return -1;
    for (int i = 0; cab_state_ddl[i] != NULL; i++) {
        if (cab_db_exec(db, cab_state_ddl[i], err) != 0) {
            struct cab_err ignored = {0};
            cab_best_effort(cab_db_exec(db, "ROLLBACK", &ignored), &ignored);
            return -1;
        }
    }
    return cab_db_exec(db, "COMMIT", err);
}

int cab_state_check_files(void *ctx, const struct cab_state *state, const struct cab_graph *graph,
                          struct cab_err *err) {
    const bool *applied = cab_graph_ancestors(ctx, graph, state->at, state->n_at);
    for (int i = 0; i < state->n_ran; i++) {
        const struct cab_revision *r = cab_graph_exact(graph, state->ran[i].revision);
        if (r == NULL || !applied[r->index] || state->ran[i].file_sha256 == NULL)
            continue;
        char *text, now[65];
        size_t len;
        if (cab_file_read(ctx, r->path, 0, &text, &len, err) != 0)
            return -1;
        cab_sha256_hex(text, len, now);
        cab_mem_free(text);
        if (strcmp(now, state->ran[i].file_sha256) != 0)
            return cab_veto(err, "%s was edited after it had been applied. Put the old text back and "
                            "write a new revision, or accept the file as it is by cabinet-migrate stamp %s.", r->path,
                            r->id);
    }
    return 0;
}

static const char *array_text(const void *ctx, const char *const *items, int n) {
    struct cab_buf buf;
    cab_buf_init(&buf, ctx, 64);
    cab_buf_addc(&buf, '{');
    for (int i = 0; i < n; i++)
        cab_buf_addf(&buf, "%s%s", i > 0 ? "," : "", items[i]);
    cab_buf_addc(&buf, '}');
    return buf.data;
}

static bool has(const char *const *items, int n, const char *item) {
    for (int i = 0; i < n; i++) {
        if (strcmp(items[i], item) == 0)
            return true;
    }
    return false;
}

int cab_state_move(void *ctx, struct cab_db *db, const struct cab_graph *graph, struct cab_state *state,
                   const struct cab_step *step, struct cab_err *err) {
    int n_after, n_gone = 0, n_made = 0;
    const char **after = cab_plan_rows_after(ctx, graph, state->at, state->n_at, step, &n_after);
    const char **gone = cab_new_array(ctx, const char *, (size_t)state->n_at + 1);
    const char **made = cab_new_array(ctx, const char *, (size_t)n_after + 1);
    for (int i = 0; i < state->n_at; i++) {
        if (!has(after, n_after, state->at[i]))
            gone[n_gone++] = state->at[i];
    }
    for (int i = 0; i < n_after; i++) {
        if (!has(state->at, state->n_at, after[i]))
            made[n_made++] = after[i];
    }
    const char *values[] = {array_text(ctx, gone, n_gone), array_text(ctx, made, n_made)};
    struct cab_result *result;
    if (cab_db_query(db, ctx, CAB_SHAPE_ONE, cab_sql_text_migrate_version_move, 2, values, &result, err) != 0)
        return -1;
    if (cab_result_int64(result, 0, 0) != n_gone || cab_result_int64(result, 0, 1) != n_made)
        return cab_fail(err, CAB_PROBLEM_INTERNAL, "Rows of cabinet.version changed while the revision ran; it was "
                        "undone. Run the command again.");
    state->at = after;
    state->n_at = n_after;
    return 0;
}

static const char *decimal(const void *ctx, int64_t value) {
    return cab_decimal(ctx, value);
}

static const char *ok_text(int ok) {
    return ok < 0 ? NULL : ok > 0 ? "true" : "false";
}

int cab_state_log(void *ctx, struct cab_db *db, const struct cab_log_entry *entry, int64_t *id_out,
                  struct cab_err *err) {
    const char *values[] = {entry->revision, cab_direction_word(entry->direction), decimal(ctx, entry->segment),
                            decimal(ctx, entry->segments), decimal(ctx, entry->statements_done),
                            entry->statement_sha256, entry->file_sha256, ok_text(entry->ok), entry->error, TOOL,
                            cab_printf(ctx, "%.3f", (double)(cab_now_ms() - entry->started_ms) / 1000.0)};
    struct cab_result *result;
    if (cab_db_query(db, ctx, CAB_SHAPE_ONE, cab_sql_text_migrate_log_insert, (int)CAB_LENGTH(values), values, &result,
                     err) != 0)
        return -1;
    if (id_out != NULL)
        *id_out = cab_result_int64(result, 0, 0);
    return 0;
}

int cab_state_log_update(void *ctx, struct cab_db *db, int64_t id, int statements_done, int ok, const char *error,
                         struct cab_err *err) {
    const char *values[] = {decimal(ctx, id), decimal(ctx, statements_done), ok_text(ok), error};
    return cab_db_query(db, ctx, CAB_SHAPE_NONE, cab_sql_text_migrate_log_update, (int)CAB_LENGTH(values), values, NULL,
                        err);
}

int cab_state_raise(void *ctx, struct cab_db *db, struct cab_err *err) {
    struct cab_result *result;
    if (cab_db_query(db, ctx, CAB_SHAPE_ONE, cab_sql_text_migrate_objects, 0, NULL, &result, err) != 0)
        return -1;
    if (cab_result_bool(result, 0, 0) &&
        cab_db_exec(db, "UPDATE cabinet.catalog_state SET generation = generation + 1", err) != 0)
        return -1;
    return cab_db_exec(db, "NOTIFY cabinet_catalog", err);
}

static void tell_holder(void *ctx, struct cab_db *db) {
    struct cab_result *result;
    struct cab_err ignored = {0};
    if (cab_db_query(db, ctx, CAB_SHAPE_MAYBE, cab_sql_text_migrate_lock_holder, 0, NULL, &result, &ignored) != 0 ||
        cab_result_rows(result) == 0)
        return;
    fprintf(stderr,
            "cabinet-migrate: waiting for another runner: process %s (%s, role %s, from %s), connected for %s s\n",
            cab_result_value(result, 0, 0), cab_result_value(result, 0, 1), cab_result_value(result, 0, 2),
            cab_result_value(result, 0, 3), cab_result_value(result, 0, 4));
}

int cab_state_lock(void *ctx, struct cab_db *db, int64_t wait_ms, struct cab_err *err) {
    int64_t began = cab_now_ms(), told = 0, pause = 50;
    for (;;) {
        struct cab_result *result;
        if (cab_db_query(db, ctx, CAB_SHAPE_ONE, cab_sql_text_migrate_lock, 0, NULL, &result, err) != 0)
            return -1;
        if (cab_result_int64(result, 0, 1) != cab_db_backend_pid(db))
            return cab_veto(err, "The connection goes through a pooler that shares sessions. Give a "
                            "direct URL: --database, or DATABASE_OWNER_URL.");
        if (cab_result_bool(result, 0, 0))
            return 0;
        int64_t now = cab_now_ms();
        if (now - began >= wait_ms)
            return cab_fail(err, CAB_PROBLEM_OVERLOADED, "Another runner works on this database; gave up after %lld s. "
                            "--wait=TIME waits longer.", (long long)(now - began) / 1000);
        if (told == 0 || now - told >= 10000) {
            tell_holder(ctx, db);
            told = now;
        }
        if (!cab_sleep_ms(pause + random() % (pause / 2)))
            return cab_fail(err, CAB_PROBLEM_OVERLOADED, "Interrupted while waiting for another runner.");
        pause = pause < 1000 ? pause * 2 : 1000;
    }
}

void cab_state_unlock(void *ctx, struct cab_db *db) {
    struct cab_err ignored = {0};
    if (cab_db_connected(db))
        cab_best_effort(cab_db_query(db, ctx, CAB_SHAPE_ONE, cab_sql_text_migrate_unlock, 0, NULL, NULL, &ignored),
                        &ignored);
}
