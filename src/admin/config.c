/*
 * config check: settings (read and checked before this runs), database, schema.
 */
#include <stdio.h>

#include "admin/admin.h"

int admin_config_check(struct admin *admin, struct cab_err *err) {
    struct cab_catalog *catalog;
    struct cab_db_options options = {
        .url = admin->conf->database_url,
        .application_name = "cabinet-admin",
        .connect_timeout_s = (int)admin->conf->db_connect_timeout,
        .prepared = admin->conf->db_prepared,
    };

    if (cab_db_open(admin->mem, &options, &admin->db, err) != 0 ||
        cab_catalog_load(admin->mem, admin->db, &catalog, err) != 0 || cab_account_check_catalog(catalog, err) != 0)
        return -1;
    int version = cab_db_server_version(admin->db);
    admin_say(admin, "The settings are good; PostgreSQL %d.%d answers; the schema fits (generation %lld).",
              version / 10000, version % 10000, (long long)catalog->generation);
    return ADMIN_DONE;
}
