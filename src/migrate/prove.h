/*
 * migrate/prove: runs the text of a revision up, down and up again on a scratch database.
 */
#ifndef CABINET_MIGRATE_PROVE_H
#define CABINET_MIGRATE_PROVE_H

#include "diff/diff.h"
#include "scratch.h"

/*
 * body is the segments of a revision, on a scratch database with catalog `from`; after its upgrade the catalog must be
 * `to`, after its downgrade `from` again.  *reason_out is NULL where that is so, else says what is not.
 */
int cab_prove(void *ctx, struct cab_scratch *scratch, const char *body, struct cab_facts *from, struct cab_facts *to,
              const char **reason_out, struct cab_err *err) CAB_MUST_CHECK;

#endif
