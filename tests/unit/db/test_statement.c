/*
 * The cache of prepared statements.
 */
#include "db/private.h"
#include <criterion/criterion.h>

Test(statement, finds_by_text_not_by_address) {
    struct cab_statements *statements = cab_statements_make(NULL);
    cab_statements_begin(statements);
    struct cab_statement *first = cab_statements_use(statements, "SELECT 1");
    char same[] = "SELECT 1";
    cr_assert_eq(cab_statements_use(statements, same), first);
    cr_assert_neq(cab_statements_use(statements, "SELECT 2"), first);
    cr_assert_eq(statements->count, 2);
    cab_mem_free(statements);
}

Test(statement, drops_the_longest_unused) {
    struct cab_statements *statements = cab_statements_make(NULL);
    for (int i = 0; i < CAB_STATEMENTS_MAX; i++) {
        cab_statements_begin(statements);
        cab_statements_use(statements, cab_printf(statements, "SELECT %d", i))->is_prepared = true;
    }
    cab_statements_begin(statements);
    struct cab_statement *kept = cab_statements_use(statements, "SELECT 0");
    char second[24];
    snprintf(second, sizeof second, "%s", cab_statements_use(statements, "SELECT 1")->name);
    cab_statements_use(statements, "SELECT new");
    cr_assert_eq(statements->count, CAB_STATEMENTS_MAX);
    cr_assert_eq(statements->n_doomed, 1);
    cr_assert_str_eq(statements->doomed[0], "c3", "SELECT 2 was unused for longest");
    cr_assert_eq(cab_statements_use(statements, "SELECT 0"), kept);
    cab_statements_forget(statements, kept);
    cr_assert_eq(statements->n_doomed, 2);
    cab_statements_clear(statements);
    cr_assert_eq(statements->count, 0);
    cr_assert_eq(statements->n_doomed, 0);
    cab_mem_free(statements);
}

Test(statement, never_drops_what_the_run_uses) {
    struct cab_statements *statements = cab_statements_make(NULL);
    cab_statements_begin(statements);
    for (int i = 0; i < CAB_STATEMENTS_MAX + 50; i++)
        cab_statements_use(statements, cab_printf(statements, "SELECT %d", i));
    cr_assert_eq(statements->count, CAB_STATEMENTS_MAX + 50);
    cr_assert_eq(statements->n_doomed, 0);
    cab_mem_free(statements);
}
