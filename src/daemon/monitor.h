/*
 * What the files of the monitor share: the process that answers GET /metrics.
 */
#ifndef CAB_MONITOR_H
#define CAB_MONITOR_H

#include "daemon/internal.h"

/* ---- the request (monitor_request.c) ---- */

enum { CAB_MONITOR_HEAD_BYTES = 8192 };

/* Status for what came so far: 0 more is needed, 200 GET or HEAD /metrics, else the error to answer. */
int cab_monitor_request(const char *bytes, size_t n, bool *is_head_out);

/* ---- figures of the database (monitor_database.c) ---- */

struct cab_monitor_database;

struct cab_monitor_database *cab_monitor_database_make(void *ctx, const struct cab_conf *conf);
/* Appends them; asked of the server every five seconds at most, and for two seconds at most. */
void cab_monitor_database_write(struct cab_monitor_database *database, struct cab_buf *buf);

#endif
