/*
 * migrate/diff/plan: from two catalogs to a plan: compare, close, order, write.
 */
#include "plan.h"

enum { ROUNDS_MAX = 50 };

int cab_diff_plan(void *ctx, struct cab_facts *from, struct cab_facts *to, const struct cab_diff_options *options,
                  struct cab_diff_plan **plan_out, struct cab_err *err) {
    struct cab_diff_plan *plan = cab_new(ctx, struct cab_diff_plan);
    struct cab_planner planner = { .ctx = plan, .from = from, .to = to, .plan = plan };
    int round, found = 0;

    if (options != NULL)
        planner.options = *options;
    planner.role = planner.options.role != NULL ? planner.options.role : from->role;
    cab_plan_follow_names(&planner);
    cab_plan_compare(&planner);
    cab_plan_close(&planner);
    for (round = 0; found == 0 && round < ROUNDS_MAX; round++) {
        cab_plan_graph(&planner);
        found = cab_plan_order(&planner, err);
    }
    CAB_BUG_ON(found == 0);
    if (found > 0) {
        cab_plan_write(&planner);
        *plan_out = plan;
    }
    cab_plan_restore_names(&planner);
    return found > 0 ? 0 : -1;
}
