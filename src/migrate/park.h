/*
 * migrate/park: tables and columns that are set aside instead of dropped, so that a downgrade brings their rows back.
 * The differ passes over what is parked.
 */
#ifndef CABINET_MIGRATE_PARK_H
#define CABINET_MIGRATE_PARK_H

#include "rename.h"

/* Parks, on the scratch database of the revisions, what plan drops: tables in the schema cabinet_trash_REVISION,
 * columns as _dropped_REVISION_NAME.  from is marked by plan.  What cannot be parked (partitions, children, keys,
 * identities, and what stands on something that goes too) is left to the plan and told on standard error.  *parked_out:
 * something was, so that the facts must be read again. */
int cab_park(void *ctx, struct cab_scratch *revisions, const struct cab_facts *from, const struct cab_facts *to,
             const struct cab_diff_plan *plan, const char *revision, struct cab_renames *renames, bool *parked_out,
             struct cab_err *err) CAB_MUST_CHECK;

/* Drops what was parked by revisions that were applied longer ago than older_ms (-1: nothing); *left_out is how many
 * tables and columns stay. */
int cab_park_collect(void *ctx, struct cab_db *db, int64_t older_ms, int *n_out, int *left_out, struct cab_err *err)
    CAB_MUST_CHECK;

#endif
