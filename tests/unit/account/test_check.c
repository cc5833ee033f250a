#include "stand.h"

#include <string.h>

/* The loaded catalog may be changed here: it is this test's own. */
static struct cab_table *table_of(struct cab_catalog *catalog, const char *name) {
    return (struct cab_table *)(uintptr_t)cab_catalog_any(catalog, "public", name);
}

Test(check, the_shipped_schema_fits_and_a_changed_one_is_refused_with_the_reason) {
    struct stand stand;
    struct cab_catalog *catalog;
    struct cab_err err = { 0 };
    stand_open(&stand);
    cr_assert_eq(cab_catalog_load(stand.mem, stand.db, &catalog, &err), 0, "%s", err.detail);
    cr_assert_eq(cab_account_check_catalog(catalog, &err), 0, "%s", err.detail);

    struct cab_table *users = table_of(catalog, "users");
    for (int i = 0; i < users->n_columns; i++) {
        const char *name = users->columns[i].name;
        bool is_needed = strcmp(name, "oauth_provider") != 0 && strcmp(name, "row_version") != 0;
        users->columns[i].name = "renamed";
        cr_expect_eq(cab_account_check_catalog(catalog, &err), is_needed ? -1 : 0, "%s", name);
        cr_expect(!is_needed || strstr(err.detail, name) != NULL, "%s: %s", name, err.detail);
        users->columns[i].name = name;
        cab_err_clear(&err);
    }
    users->is_exposed = false;
    cr_assert_eq(cab_account_check_catalog(catalog, &err), -1);
    cr_assert_not_null(strstr(err.detail, "@api(expose"));
    users->is_exposed = true;
    users->owner = NULL;
    cr_assert_eq(cab_account_check_catalog(catalog, &err), -1);
    users->owner = users->key;
    table_of(catalog, "sessions")->is_exposed = true;
    cr_assert_eq(cab_account_check_catalog(catalog, &err), -1);
    stand_close(&stand);
}
