/*
 * migrate/scratch: databases that live as long as a command.  They are dropped on every exit path, signals included;
 * what a crash leaves is found by its mark.
 */
#ifndef CABINET_MIGRATE_SCRATCH_H
#define CABINET_MIGRATE_SCRATCH_H

#include <cabinet/db.h>

struct cab_scratch;

/* A new empty database beside the one of url, with its encoding and locale; freed below ctx means dropped.  INVALID
 * where the role may not create databases. */
int cab_scratch_make(void *ctx, const char *url, struct cab_scratch **scratch_out, struct cab_err *err) CAB_MUST_CHECK;
/* The connection to it; session settings of the runner. */
struct cab_db *cab_scratch_db(const struct cab_scratch *scratch);
const char *cab_scratch_name(const struct cab_scratch *scratch);
/* The connection string of it. */
const char *cab_scratch_url(const struct cab_scratch *scratch);
/* A copy of another scratch database, which loses its connections meanwhile. */
int cab_scratch_copy(void *ctx, struct cab_scratch *from, struct cab_scratch **scratch_out, struct cab_err *err)
    CAB_MUST_CHECK;
/* Drops at once. */
void cab_scratch_drop(struct cab_scratch **scratch);

/* Drops leftovers of others; db is any connection to the server.  Number of them in n_out. */
int cab_scratch_collect(void *ctx, struct cab_db *db, int *n_out, struct cab_err *err) CAB_MUST_CHECK;

#endif
