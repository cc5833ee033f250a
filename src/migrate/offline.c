/*
 * --sql: the script for psql that does what a run would do, bookkeeping and refusals included.
 */
#include "command.h"
#include "concurrent.h"
#include "veto.h"

#include <stdio.h>
#include <string.h>

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "0"
#endif

struct script {
    struct cab_call *call;
    void *ctx;
    struct cab_state state;
    const struct cab_revision *revision;
    const struct cab_step *step;
    int segments;
};

static const char *quoted_list(const void *ctx, const char *const *items, int n) {
    struct cab_buf buf;
    cab_buf_init(&buf, ctx, 64);
    for (int i = 0; i < n; i++)
        cab_buf_addf(&buf, "%s'%s'", i > 0 ? ", " : "", items[i]);
    return buf.data;
}

/* Stops the script where the database is not where it was meant to be. */
static void print_guard(const struct script *s) {
    const char *rows = quoted_list(s->ctx, s->state.at, s->state.n_at);
    printf("DO $guard$ BEGIN\n"
           "    IF ARRAY(SELECT v.revision FROM cabinet.version AS v ORDER BY 1) <>\n"
           "       ARRAY(SELECT r FROM unnest(ARRAY[%s]::text[]) AS r ORDER BY 1) THEN\n"
           "        RAISE EXCEPTION 'the database is at other revisions than this script begins with';\n"
           "    END IF;\n"
           "END $guard$;\n", rows);
}

static void print_rows(struct script *s) {
    int n;
    const char **after = cab_plan_rows_after(s->ctx, s->call->graph, s->state.at, s->state.n_at, s->step, &n);
    if (n > 0)
        printf("DELETE FROM cabinet.version WHERE revision <> ALL (ARRAY[%s]);\n"
               "INSERT INTO cabinet.version (revision) SELECT r FROM unnest(ARRAY[%s]) AS r\n"
               " WHERE NOT EXISTS (SELECT FROM cabinet.version AS v WHERE v.revision = r);\n",
               quoted_list(s->ctx, after, n), quoted_list(s->ctx, after, n));
    else
        printf("DELETE FROM cabinet.version;\n");
    printf("DO $raise$ BEGIN\n"
           "    IF to_regclass('cabinet.catalog_state') IS NOT NULL THEN\n"
           "        UPDATE cabinet.catalog_state SET generation = generation + 1;\n"
           "    END IF;\n"
           "END $raise$;\n"
           "NOTIFY cabinet_catalog;\n");
    s->state.at = after;
    s->state.n_at = n;
}

static void print_log(const struct script *s, const struct cab_segment *segment) {
    printf("INSERT INTO cabinet.migration_log (revision, direction, segment, segments, statements_done,\n"
           "                                   statement_sha256, file_sha256, ok, tool, finished_at)\n"
           "VALUES ('%s', '%s', %d, %d, %d, '%s',\n"
           "        '%s', true, 'psql, cabinet-migrate %s', clock_timestamp());\n",
           s->revision->id, cab_direction_word(s->step->direction), segment->index, s->segments,
           segment->n_statements > 0 ? segment->n_statements : 1, segment->sha256, s->revision->sha256,
           PACKAGE_VERSION);
}

static void print_statements(const struct script *s, const struct cab_segment *segment) {
    for (int i = 0; i < segment->n_statements; i++) {
        const struct cab_statement *statement = &segment->statements[i];
        if (!segment->is_transaction)
            printf("SET lock_timeout = %lld;\n",
                   segment->lock_timeout_ms >= 0     ? (long long)segment->lock_timeout_ms
                   : cab_is_concurrent(statement) ? 0LL
                                                  : (long long)s->call->options->lock_timeout_ms);
        printf("%.*s;\n", (int)statement->len, statement->text);
    }
}

static void print_segment(struct script *s, const struct cab_segment *segment) {
    printf("\n-- %s %s, part %d of %d: %s\n", cab_direction_word(s->step->direction), s->revision->id, segment->index,
           s->segments, s->revision->message);
    if (segment->index == 1 && !segment->is_transaction)
        print_guard(s);
    if (!segment->is_transaction) {
        print_statements(s, segment);
        printf("RESET ALL;\nRESET ROLE;\nSET search_path = public;\n");
    }
    printf("BEGIN;\n");
    if (segment->is_transaction) {
        if (segment->index == 1)
            print_guard(s);
        printf("SET LOCAL search_path = public;\nSET LOCAL lock_timeout = %lld;\n",
               (long long)(segment->lock_timeout_ms >= 0 ? segment->lock_timeout_ms
                                                          : s->call->options->lock_timeout_ms));
        print_statements(s, segment);
        printf("RESET ALL;\nRESET ROLE;\n");
    }
    print_log(s, segment);
    if (segment->index == s->segments)
        print_rows(s);
    printf("COMMIT;\n");
}

int cab_offline_print(struct cab_call *call, const struct cab_state *state, const struct cab_plan *plan,
                      struct cab_err *err) {
    struct script s = {.call = call, .ctx = call->ctx, .state = *state};
    struct cab_revision **read = cab_new_array(call->ctx, struct cab_revision *, (size_t)plan->n + 1);
    if (state->part != NULL)
        return cab_veto(err, "The %s of revision %s stopped half-way; complete it without --sql "
                        "first.", state->part_direction, state->part);
    for (int i = 0; i < plan->n; i++) {
        if (cab_revision_read(call->ctx, plan->steps[i].revision->path, &read[i], err) != 0)
            return -1;
    }
    printf("-- Made by cabinet-migrate %s; run it by psql as the role that owns the schema.\n"
           "\\set ON_ERROR_STOP on\n"
           "SET client_min_messages = warning;\nSET search_path = public;\n"
           "DO $lock$ BEGIN\n"
           "    IF NOT pg_try_advisory_lock(1128350281, 1) THEN\n"
           "        RAISE EXCEPTION 'another runner works on this database';\n"
           "    END IF;\n"
           "END $lock$;\n", PACKAGE_VERSION);
    for (int i = 0; !state->is_made && cab_state_ddl[i] != NULL; i++)
        printf("%s;\n", cab_state_ddl[i]);
    for (int i = 0; i < plan->n; i++) {
        s.step = &plan->steps[i];
        s.revision = read[i];
        s.segments = cab_revision_count(read[i], s.step->direction);
        for (int k = 1; k <= s.segments; k++)
            print_segment(&s, cab_revision_segment(read[i], s.step->direction, k));
    }
    return 0;
}
