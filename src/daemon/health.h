/*
 * health: handlers of the routes by which monitors ask how we are.
 */
#ifndef CABINET_DAEMON_HEALTH_H
#define CABINET_DAEMON_HEALTH_H

#include <cabinet/route.h>

/* Reads the revisions that came with this program (CABINET_MIGRATIONS), below ctx, for as long as the process lives. */
int cab_health_know(void *ctx, const char *folders, struct cab_err *err) CAB_MUST_CHECK;

/* GET /health/live: a worker answers. */
int cab_health_live(struct cab_call *call, struct cab_err *err);
/* GET /health/ready: the database answers, the catalog is loaded, the schema is not behind; with warnings. */
int cab_health_ready(struct cab_call *call, struct cab_err *err);

#endif
