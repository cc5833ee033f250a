/*
 * A table is special where the route table has a write of its own below the table's path.
 */
#include "special.h"

#include <string.h>

bool cab_special(const struct cab_table *table) {
    size_t n = strlen(table->name);
    for (const struct cab_route *route = cab_routes; route->path != NULL; route++)
        if (cab_tx_is_write(route->tx) && route->path[0] == '/' && strncmp(route->path + 1, table->name, n) == 0
            && (route->path[n + 1] == '/' || route->path[n + 1] == '\0'))
            return true;
    return false;
}

int cab_special_refuse(const struct cab_table *table, struct cab_err *err) {
    if (!cab_special(table))
        return 0;
    return cab_fail(err, CAB_PROBLEM_FORBIDDEN, "Rows of %s are written one by one, through their own paths.",
                    table->name);
}
