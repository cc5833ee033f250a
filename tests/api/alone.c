/*
 * alone: what needs the database to itself, hence a program of its own that runs before the others.
 */
#include "client.h"

#include <string.h>

Test(alone, the_list_without_parameters_is_everybody) {
    struct answer *answer = get("/api/v1/users", first_superuser());
    expect(answer, 200);
    cr_assert_str_eq(sql("SELECT count(*) FROM public.users WHERE deleted_at IS NULL"),
                     fmt("%ld", number(answer, "/total")));
}

Test(alone, fault_last_superuser_can_leave) {
    struct answer *me = get("/api/v1/users/me", first_superuser());
    char *path = fmt("/api/v1/users/%ld", number(me, "/id"));
    cr_assert_str_eq(sql("SELECT count(*) FROM public.users WHERE is_superuser AND deleted_at IS NULL"), "1");
    expect_problem(drop(path, first_superuser()), 409, "last_superuser");
    expect_problem(drop(fmt("%s?permanent=true", path), first_superuser()), 409, "last_superuser");
    expect_problem(patch(path, first_superuser(), "{\"is_superuser\":false}"), 409, "last_superuser");
    expect(get("/api/v1/users/me", first_superuser()), 200);
}
