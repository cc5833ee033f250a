/*
 * Runs revisions on scratch databases: statements only, without log, version rows, lock or retries.
 */
#include "run.h"

int cab_run_bare(void *ctx, struct cab_db *db, const struct cab_revision *revision, enum cab_direction direction,
                 struct cab_err *err) {
    int n = cab_revision_count(revision, direction);
    for (int k = 1; k <= n; k++) {
        const struct cab_segment *segment = cab_revision_segment(revision, direction, k);
        if (segment->is_transaction && cab_db_exec(db, "BEGIN", err) != 0)
            return -1;
        for (int i = 0; i < segment->n_statements; i++) {
            if (cab_run_statement(ctx, db, revision->path, &segment->statements[i], err) != 0) {
                struct cab_err ignored = {0};
                if (segment->is_transaction)
                    cab_best_effort(cab_db_exec(db, "ROLLBACK", &ignored), &ignored);
                return -1;
            }
        }
        if (segment->is_transaction && cab_db_exec(db, "COMMIT", err) != 0)
            return cab_run_explain(db, revision->path, "", segment->line, err);
    }
    return 0;
}

int cab_run_replay(void *ctx, struct cab_db *db, const struct cab_graph *graph, struct cab_err *err) {
    if (cab_db_exec(db, "CREATE SCHEMA IF NOT EXISTS cabinet", err) != 0)
        return -1;
    for (int i = 0; i < graph->n; i++) {
        void *tmp = cab_mem_alloc(ctx, 1);
        struct cab_revision *revision;
        int rc = cab_revision_read(tmp, graph->revisions[i]->path, &revision, err);
        if (rc == 0)
            rc = cab_run_bare(tmp, db, revision, CAB_UPGRADE, err);
        cab_mem_free(tmp);
        if (rc != 0)
            return -1;
    }
    return 0;
}
