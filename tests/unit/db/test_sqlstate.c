/*
 * Error codes of the server and what they mean for a client, as the contract has them.
 */
#include <cabinet/db.h>
#include <criterion/criterion.h>
#include <string.h>

static const struct { const char *sqlstate; int status; bool reload, retry; } contract[] = {
    { "23505", 409, false, false }, { "23P01", 409, false, false }, { "23503", 422, false, false },
    { "23502", 422, false, false }, { "23514", 422, false, false }, { "22001", 422, false, false },
    { "22003", 422, false, false }, { "22007", 422, false, false }, { "22P02", 422, false, false },
    { "22021", 400, false, false }, { "40001", 503, false, true },  { "40P01", 503, false, true },
    { "55P03", 503, false, false }, { "57014", 504, false, false }, { "53300", 503, false, false },
    { "53100", 503, false, false }, { "57P01", 503, false, false }, { "57P03", 503, false, false },
    { "08006", 503, false, false }, { "25006", 503, false, false }, { "42601", 500, false, false },
    { "P0001", 500, false, false }, { "XX000", 500, false, false }, { "42501", 500, false, false },
    { "CB401", 401, false, false }, { "", 500, false, false },
};

Test(sqlstate, maps_as_the_contract_says) {
    for (size_t i = 0; i < CAB_LENGTH(contract); i++) {
        const struct cab_sqlstate *row = cab_sqlstate_find(contract[i].sqlstate);
        cr_assert_eq(cab_problem_info(row->problem)->status, contract[i].status, "%s", contract[i].sqlstate);
        cr_assert_eq(row->reload, contract[i].reload, "%s", contract[i].sqlstate);
        cr_assert_eq(row->retry, contract[i].retry, "%s", contract[i].sqlstate);
    }
}

Test(sqlstate, plans_again_where_schema_or_role_changed) {
    static const char *const states[] = { "42P01", "42703", "0A000", "26000", "42804", "42883", "CB410" };
    for (size_t i = 0; i < CAB_LENGTH(states); i++) {
        cr_assert_eq(cab_sqlstate_find(states[i])->problem, CAB_PROBLEM_REPLAN, "%s", states[i]);
        cr_assert(cab_sqlstate_find(states[i])->reload, "%s", states[i]);
    }
    cr_assert_eq(cab_sqlstate_find("CB403")->problem, CAB_PROBLEM_REPLAN);
    cr_assert_not(cab_sqlstate_find("CB403")->reload);
}

Test(sqlstate, every_row_is_reached_and_speaks) {
    const struct cab_sqlstate *row = cab_sqlstates;
    for (;; row++) {
        cr_assert_eq(cab_sqlstate_find(row->pattern), row, "%s stands behind a shorter pattern", row->pattern);
        cr_assert(row->doc[0] >= 'A' && row->doc[0] <= 'Z' && row->doc[strlen(row->doc) - 1] == '.', "%s",
                  row->pattern);
        if (row->pattern[0] == '\0')
            return;
    }
}
