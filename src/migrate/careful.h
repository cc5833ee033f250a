/*
 * migrate/careful: the steps of a plan as the segments of a revision file: what must run alone, what must be committed
 * before the next, and what reads whole tables while others write.
 */
#ifndef CABINET_MIGRATE_CAREFUL_H
#define CABINET_MIGRATE_CAREFUL_H

#include "diff/diff.h"
#include "revision_file.h"

/* Kind of steps that are not the differ's: renames, the first of an upgrade and the last of a downgrade. */
#define CAB_CAREFUL_RENAME "rename"

/* Appends the segments of one direction; at least one marker, also of an empty plan. */
void cab_careful_write(struct cab_buf *buf, const struct cab_diff_plan *plan, enum cab_direction direction);

/* Appends one header line for each hazard: "-- Hazard: CLASS object (why)", with "on downgrade" behind those of it. */
void cab_careful_hazards(struct cab_buf *buf, const struct cab_diff_plan *plan, enum cab_direction direction);

/* text with line ends replaced by spaces, for comments. */
const char *cab_one_line(const void *ctx, const char *text);

#endif
