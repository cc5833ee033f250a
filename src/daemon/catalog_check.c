/*
 * catalog_check: what a catalog must be before workers use it: the columns that account code relies on are there, and
 * no exposed table hides behind a fixed path.
 */
#include "daemon/internal.h"

#include <cabinet/account.h>

#include <string.h>

/* The fixed paths below /users add to the table of that name. */
static const char shared_name[] = "users";

/* Whether the first segment of a route's path is name. */
static bool begins_with(const char *path, const char *name) {
    size_t n = strlen(name);
    path += *path == '!';
    return path[0] == '/' && strncmp(path + 1, name, n) == 0 && (path[n + 1] == '/' || path[n + 1] == '\0');
}

static bool is_taken(const char *name) {
    if (strcmp(name, shared_name) == 0)
        return false;
    for (const struct cab_route *route = cab_routes; route->path != NULL; route++)
        if (begins_with(route->path, name))
            return true;
    return cab_route_is_reserved(name);
}

int cab_daemon_check_catalog(const struct cab_catalog *catalog, struct cab_err *err) {
    for (int i = 0; i < catalog->n_tables; i++) {
        const struct cab_table *table = &catalog->tables[i];
        if (table->is_exposed && is_taken(table->name))
            return cab_fail(err, CAB_PROBLEM_INTERNAL,
                            "Table %s cannot be exposed: its name is a path of the API's own; rename the table.",
                            table->name);
    }
    return cab_account_check_catalog(catalog, err);
}
