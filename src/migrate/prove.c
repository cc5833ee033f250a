/*
 * The proof of a revision.  A statement that fails and a catalog that differs are reasons, not errors of the program;
 * a signal is an error.
 */
#include "prove.h"
#include "interrupt.h"
#include "run.h"

#include <string.h>

#define TOLD_MOST 3

struct proof {
    void *ctx;
    struct cab_scratch *scratch;
    const struct cab_revision *revision;
    const char **reason;
    struct cab_err *err;
};

/* The first differences of got to wanted, in words. */
static const char *describe(struct proof *p, struct cab_facts *got, struct cab_facts *wanted) {
    static const char *const words[] = {[CAB_DIFFERENCE_ADD] = "is missing",
                                        [CAB_DIFFERENCE_DROP] = "should not be there",
                                        [CAB_DIFFERENCE_CHANGE] = "differs"};
    struct cab_diff_plan *plan;
    struct cab_buf buf;
    struct cab_err ignored = {0};
    if (cab_diff_plan(p->ctx, got, wanted, NULL, &plan, &ignored) != 0)
        return ignored.detail[0] != '\0' ? cab_strdup(p->ctx, ignored.detail) : "the catalogs differ";
    cab_buf_init(&buf, p->ctx, 256);
    for (int i = 0; i < plan->n_differences && i < TOLD_MOST; i++) {
        const struct cab_difference *d = &plan->differences[i];
        cab_buf_addf(&buf, "%s%s %s %s%s%s%s", i > 0 ? "; " : "", d->kind, d->object, words[d->op],
                     d->attributes != NULL ? " (" : "", d->attributes != NULL ? d->attributes : "",
                     d->attributes != NULL ? ")" : "");
    }
    if (plan->n_differences > TOLD_MOST)
        cab_buf_addf(&buf, "; %d more", plan->n_differences - TOLD_MOST);
    return buf.data;
}

/* One direction; false with a reason or an error. */
static bool leads_to(struct proof *p, const char *stage, enum cab_direction direction, struct cab_facts *wanted) {
    struct cab_db *db = cab_scratch_db(p->scratch);
    struct cab_facts *got;
    if (cab_run_bare(p->ctx, db, p->revision, direction, p->err) != 0) {
        if (cab_interrupted() || !cab_db_connected(db))
            return false;
        *p->reason = cab_printf(p->ctx, "%s: %s", stage, p->err->detail);
        cab_err_clear(p->err);
        return false;
    }
    if (cab_db_exec(db, "RESET ALL", p->err) != 0 || cab_facts_load(p->ctx, db, &got, p->err) != 0)
        return false;
    if (cab_facts_equal(got, wanted))
        return true;
    *p->reason = cab_printf(p->ctx, "%s: %s", stage, describe(p, got, wanted));
    return false;
}

int cab_prove(void *ctx, struct cab_scratch *scratch, const char *body, struct cab_facts *from, struct cab_facts *to,
              const char **reason_out, struct cab_err *err) {
    static const char head[] = "-- cabinet migration\n-- Revision: proof\n-- Revises:\n";
    struct cab_revision *revision;
    struct proof p = {.ctx = ctx, .scratch = scratch, .reason = reason_out, .err = err};
    const char *text = cab_printf(ctx, "%s%s", head, body);
    *reason_out = NULL;
    if (cab_revision_parse(ctx, "proof", text, strlen(text), &revision, err) != 0) {
        *reason_out = cab_strdup(ctx, err->detail);
        cab_err_clear(err);
        return 0;
    }
    p.revision = revision;
    if (leads_to(&p, "up", CAB_UPGRADE, to) && leads_to(&p, "down", CAB_DOWNGRADE, from) &&
        leads_to(&p, "again", CAB_UPGRADE, to))
        return 0;
    return *reason_out != NULL ? 0 : -1;
}
