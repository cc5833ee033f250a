/*
 * migrate/allow: hazards of revisions that somebody has to accept before they run.
 */
#ifndef CABINET_MIGRATE_ALLOW_H
#define CABINET_MIGRATE_ALLOW_H

#include "command.h"

/*
 * INVALID where a step of plan would lose data, or was never proved, and neither --allow nor a line
 * "-- cabinet: ack CLASS object" in its file accepts it.  Undoing counts as loss only where rows or values are there.
 */
int cab_allow_check(struct cab_call *call, const struct cab_plan *plan, struct cab_err *err) CAB_MUST_CHECK;

/* Whether text has the line "-- cabinet: ack CLASS object". */
bool cab_allow_is_acked(const void *ctx, const char *text, const char *class, const char *object);

#endif
