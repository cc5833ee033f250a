/*
 * The command gc.
 */
#include "command.h"
#include "park.h"
#include "scratch.h"
#include "veto.h"

#include <stdio.h>

static const char *plural(int n) {
    return n == 1 ? "" : "s";
}

int cab_command_gc(struct cab_call *call, struct cab_err *err) {
    int n, parked = 0, left = 0;
    const char *url = call->conf->cabinet_scratch_url;
    struct cab_db *db;
    if (url == NULL || call->options->database != NULL)
        url = call->url;
    if (url == NULL)
        return cab_veto(err, "No database is named. Give --database=URL or set DATABASE_OWNER_URL.");
    if (cab_call_open(call, url, &db, err) != 0 || cab_scratch_collect(call->ctx, db, &n, err) != 0)
        return -1;
    if (call->url == NULL && call->options->older_ms >= 0)
        return cab_veto(err, "Parked data is in a database; give --database=URL or set DATABASE_OWNER_URL.");
    if (call->url != NULL && (cab_call_connect(call, err) != 0 ||
                              cab_park_collect(call->ctx, call->db, call->options->older_ms, &parked, &left, err) != 0))
        return -1;
    if (call->options->json) {
        printf("{\"dropped\":%d,\"parked_dropped\":%d,\"parked_left\":%d}\n", n, parked, left);
        return CAB_EXIT_OK;
    }
    printf("%d scratch database%s dropped.\n", n, plural(n));
    if (parked > 0)
        printf("%d parked table%s and columns dropped.\n", parked, plural(parked));
    if (left > 0)
        printf("%d parked table%s and columns stay; --older=30d drops those of revisions applied longer ago.\n", left,
               plural(left));
    return CAB_EXIT_OK;
}
