/*
 * health: handlers of the routes by which monitors ask how we are.
 */
#ifndef CABINET_DAEMON_HEALTH_H
#define CABINET_DAEMON_HEALTH_H

#include <cabinet/route.h>

/* GET /health/live: a worker answers. */
int cab_health_live(struct cab_call *call, struct cab_err *err);
/* GET /health/ready: the database answers and the catalog is loaded. */
int cab_health_ready(struct cab_call *call, struct cab_err *err);

#endif
