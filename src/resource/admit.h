/*
 * Whether a request may go on: the policy for its operation, its conditional headers, its parameters.
 */
#ifndef CABINET_RESOURCE_ADMIT_H
#define CABINET_RESOURCE_ADMIT_H

#include "view.h"

/* UNAUTHENTICATED, NOT_FOUND or FORBIDDEN where the caller may not do op on table; for writes of one row also what is
 * wrong with If-Match, and PRECONDITION_REQUIRED. */
int cab_admit(struct cab_call *call, const struct cab_table *table, enum cab_op op, struct cab_err *err) CAB_MUST_CHECK;

/*
 * Returns -1 with err.  A refusal made without the database stands only when the guard holds: the token may name a
 * session that has ended, or rights that the account no longer (or meanwhile) has; then err becomes the guard's.
 */
int cab_refuse(struct cab_call *call, struct cab_err *err);

/* If-Match as it is to be compared with row_version. */
struct cab_match {
    bool is_given;
    bool is_any;          /* * */
    const char *versions; /* array literal of bigint */
};
/* -1 where the header is malformed. */
int cab_match_read(const void *ctx, const char *header, struct cab_match *match_out);

/* Whether If-None-Match (or NULL) names etag, compared weakly. */
bool cab_match_none(const char *header, const char *etag);

#endif
