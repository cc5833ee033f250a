/*
 * The command gc.
 */
#include "command.h"
#include "scratch.h"
#include "veto.h"

#include <stdio.h>

int cab_command_gc(struct cab_call *call, struct cab_err *err) {
    int n;
    const char *url = call->conf->cabinet_scratch_url;
    struct cab_db *db;
    if (url == NULL || call->options->database != NULL)
        url = call->url;
    if (url == NULL)
        return cab_veto(err, "No database is named. Give --database=URL or set DATABASE_OWNER_URL.");
    if (cab_call_open(call, url, &db, err) != 0 || cab_scratch_collect(call->ctx, db, &n, err) != 0)
        return -1;
    if (call->options->json)
        printf("{\"dropped\":%d}\n", n);
    else
        printf("%d scratch database%s dropped.\n", n, n == 1 ? "" : "s");
    return CAB_EXIT_OK;
}
