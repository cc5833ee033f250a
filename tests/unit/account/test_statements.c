/*
 * Every fixed statement is prepared against the real schema.
 */
#include "stand.h"
#include "statements.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Test(statements, each_one_can_be_prepared) {
    struct stand stand;
    int n = 0;
    stand_open(&stand);
    for (const struct cab_sql_text *row = cab_sql_texts; row->name != NULL; row++, n++) {
        struct cab_err err = { 0 };
        /* utility statements (LISTEN, SET) have no plan */
        if (strncmp(row->text, "SELECT", 6) != 0 && strncmp(row->text, "WITH", 4) != 0 &&
            strncmp(row->text, "INSERT", 6) != 0 && strncmp(row->text, "UPDATE", 6) != 0 &&
            strncmp(row->text, "DELETE", 6) != 0)
            continue;
        const char *sql = cab_printf(stand.mem, "PREPARE statement_%d AS %s", n, row->text);
        cr_expect_eq(cab_db_exec(stand.db, sql, &err), 0, "%s: %s (%s)", row->name, err.internal, err.sqlstate);
    }
    cr_assert_gt(n, 20);
    stand_close(&stand);
}
