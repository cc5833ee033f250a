/*
 * migrate/diff/command: `cabinet-migrate diff`: two connections, one script on standard output.
 */
#include <stdio.h>

#include "diff.h"

static int load(void *ctx, const char *url, struct cab_facts **facts_out, struct cab_err *err) {
    struct cab_db_options options = { .url = url, .application_name = "cabinet-migrate", .connect_timeout_s = 10 };
    struct cab_db *db = NULL;
    int result;

    if (cab_db_open(ctx, &options, &db, err) != 0)
        return -1;
    result = cab_facts_load(ctx, db, facts_out, err);
    cab_db_close(&db);
    return result;
}

int cab_migrate_diff(const char *from_url, const char *to_url, bool careful) {
    struct cab_diff_options options = { .careful = careful };
    struct cab_diff_plan *plan;
    struct cab_facts *from, *to;
    struct cab_err err;
    struct cab_buf buf;
    void *ctx = cab_mem_alloc(NULL, 1);
    int status = 1;

    cab_err_clear(&err);
    if (load(ctx, from_url, &from, &err) != 0 || load(ctx, to_url, &to, &err) != 0 ||
        cab_diff_plan(ctx, from, to, &options, &plan, &err) != 0) {
        fprintf(stderr, "cabinet-migrate: %s%s%s\n", err.detail, err.internal[0] != '\0' ? " " : "", err.internal);
        goto out;
    }
    cab_buf_init(&buf, ctx, 4096);
    if (plan->n_steps > 0)
        cab_diff_print(plan, &buf);
    if (fwrite(buf.data, 1, buf.len, stdout) != buf.len || fflush(stdout) != 0) {
        fprintf(stderr, "cabinet-migrate: Standard output cannot be written.\n");
        goto out;
    }
    status = 0;
out:
    cab_mem_free(ctx);
    return status;
}
