#include <cabinet/base.h>
#include <criterion/criterion.h>
#include <ctype.h>
#include <signal.h>
#include <string.h>

Test(problem, every_row_is_complete_and_codes_are_unique) {
    for (int i = CAB_PROBLEM_NONE + 1; i < CAB_PROBLEM__MAX; i++) {
        const struct cab_problem_info *info = cab_problem_info((enum cab_problem)i);
        cr_assert(info->status >= 400 && info->status <= 599, "%d", i);
        cr_assert_gt(strlen(info->title), 3);
        cr_assert_gt(strlen(info->doc), 20);
        for (const char *c = info->code; *c != '\0'; c++)
            cr_assert(islower((unsigned char)*c) || *c == '_', "%s", info->code);
        for (int j = CAB_PROBLEM_NONE + 1; j < i; j++)
            cr_assert_str_neq(info->code, cab_problem_info((enum cab_problem)j)->code);
    }
}

Test(problem, an_unset_problem_is_a_bug, .signal = SIGABRT) {
    cab_problem_info(CAB_PROBLEM_NONE);
}

Test(problem, flaws_are_kept_in_order_and_make_it_invalid) {
    void *mem = cab_mem_alloc(NULL, 0);
    struct cab_err err = { 0 };
    cr_assert_eq(cab_err_flaw(&err, mem, CAB_PLACE_FIELD, "email", "required", "Send an %s.", "e-mail address"), -1);
    cab_err_flaw(&err, mem, CAB_PLACE_PARAMETER, "size", "out_of_range", "At most %d.", 100);
    cr_assert_eq(err.problem, CAB_PROBLEM_INVALID);
    cr_assert_str_eq(err.flaws->name, "email");
    cr_assert_str_eq(err.flaws->detail, "Send an e-mail address.");
    cr_assert_str_eq(err.flaws->next->code, "out_of_range");
    cr_assert_null(err.flaws->next->next);
    cab_mem_free(mem);
}
