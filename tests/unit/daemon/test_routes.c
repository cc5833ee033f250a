/*
 * The tables of the daemon: routes and jobs are whole, and a catalog that hides behind a fixed path is refused.
 */
#include "daemon/internal.h"

#include <criterion/criterion.h>
#include <string.h>

Test(routes, table_is_accepted) {
    struct cab_err err = { 0 };
    cr_expect(cab_routes_check(&err) == 0, "%s", err.detail);
}

Test(jobs, rows_are_whole) {
    for (const struct cab_job *job = cab_jobs; job->name != NULL; job++) {
        cr_expect(job->run != NULL && job->interval_s > 0 && job->doc != NULL, "%s", job->name);
        for (const struct cab_job *other = job + 1; other->name != NULL; other++)
            cr_expect(strcmp(job->name, other->name) != 0, "%s is there twice", job->name);
    }
}

static const char *refusal(const char *name, bool is_exposed) {
    static struct cab_err err;
    struct cab_table table = { .schema = "public", .name = name, .is_exposed = is_exposed };
    struct cab_catalog catalog = { .tables = &table, .n_tables = 1 };
    cab_err_clear(&err);
    return cab_daemon_check_catalog(&catalog, &err) != 0 ? err.detail : "";
}

Test(catalog_check, tables_cannot_be_named_like_paths_of_our_own) {
    static const char *const taken[] = { "auth", "admin", "health", "problems", "_batch" };
    for (size_t i = 0; i < CAB_LENGTH(taken); i++) {
        cr_expect(strstr(refusal(taken[i], true), "its name is a path of the API's own") != NULL, "%s", taken[i]);
        cr_expect(strstr(refusal(taken[i], false), "its name is a path") == NULL, "%s is not exposed", taken[i]);
    }
    cr_expect(strstr(refusal("notes", true), "its name is a path") == NULL);
    cr_expect(strstr(refusal("users", true), "its name is a path") == NULL, "fixed paths below it add to it");
    cr_expect(strstr(refusal("authors", true), "its name is a path") == NULL);
}
