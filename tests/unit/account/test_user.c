#include "stand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

Test(user, is_created_and_found_from_c) {
    struct stand stand;
    struct cab_user *user, *found;
    struct cab_err err = { 0 };
    stand_open(&stand);
    const char *name = unique_name(&stand);
    struct cab_new_user new_user = { .email = cab_printf(stand.mem, "%s@example.org", name),
                                     .username = name,
                                     .password = PASSWORD,
                                     .is_verified = true };
    cr_assert_eq(cab_user_create(stand.mem, stand.db, &stand.conf, &new_user, &user, &err), 0, "%s", err.detail);
    cr_assert(user->is_verified && !user->is_superuser && user->id > 0);
    cr_assert_eq(
        cab_user_find_by_email(stand.mem, stand.db, cab_printf(stand.mem, "%s@Example.Org", name), &found, &err), 1);
    cr_assert_eq(found->id, user->id);
    cr_assert_str_eq(found->date_created, user->date_created);
    cr_assert_eq(user->date_created[strlen(user->date_created) - 1], 'Z');
    cr_assert_eq(cab_user_find_by_email(stand.mem, stand.db, "nobody@example.org", &found, &err), 0);

    new_user.username = unique_name(&stand);
    cr_assert_eq(cab_user_create(stand.mem, stand.db, &stand.conf, &new_user, &user, &err), -1);
    cr_assert_eq(err.problem, CAB_PROBLEM_CONFLICT);
    cr_assert_str_eq(err.flaws->name, "email");
    cab_err_clear(&err);
    new_user.email = cab_printf(stand.mem, "x%s", new_user.email);
    new_user.username = name;
    cr_assert_eq(cab_user_create(stand.mem, stand.db, &stand.conf, &new_user, &user, &err), -1);
    cr_assert_str_eq(err.flaws->name, "username");
    cab_err_clear(&err);
    new_user = (struct cab_new_user){ .email = "x", .username = "y" };
    cr_assert_eq(cab_user_create(stand.mem, stand.db, &stand.conf, &new_user, &user, &err), -1);
    cr_assert_eq(err.problem, CAB_PROBLEM_INVALID);
    cr_assert_not_null(err.flaws->next->next);
    stand_close(&stand);
}

Test(user, the_example_of_the_tutorial_works) {
    struct stand stand;
    char line[256];
    stand_open(&stand);
    const char *name = unique_name(&stand);
    setenv("DATABASE_URL", stand.conf.database_url, 1);
    setenv("SECRET_KEY", "UmFuZG9tIGJ5dGVzIG9mIGEgdGVzdCwgbm90aGluZyBlbHNl", 1);
    FILE *example = popen(cab_printf(stand.mem, "./example-use-code %s@example.org %s 2>&1", name, name), "r");
    cr_assert_not_null(example);
    cr_assert_not_null(fgets(line, sizeof line, example));
    cr_assert_str_eq(line, cab_printf(stand.mem, "created %s\n", name));
    cr_assert_not_null(fgets(line, sizeof line, example));
    cr_assert_str_eq(line, cab_printf(stand.mem, "found %s\n", name));
    cr_assert_eq(pclose(example), 0);
    stand_close(&stand);
}
