/*
 * What the tests of mailed tokens need: the outbox as its reader sees it.
 */
#ifndef TESTS_ACCOUNT_MAILED_H
#define TESTS_ACCOUNT_MAILED_H

#include "stand.h"

/* How many mails of kind wait for recipient, or were written at all (in whatever state). */
int mails_to(struct stand *stand, const char *recipient, const char *kind);
/* The token of the newest mail of kind to recipient; the test fails where there is none. */
const char *token_to(struct stand *stand, const char *recipient, const char *kind);
/* POST path with {"token": …, more}. */
struct answer *use_token(struct stand *stand, const char *path, const char *token, const char *more);
struct answer *post(struct stand *stand, const char *path, const char *token, const char *body);
/* Events of action about a user. */
const char *events_of(struct stand *stand, const char *user_id, const char *action, bool success);
/* The cooldown of a user's tokens is over. */
void let_cool_down(struct stand *stand, const char *user_id);
/* One statement as the owner of the schema, while cabinet.now() is ahead; nobody else sees the moved clock. */
const char *later_by(struct stand *stand, const char *ahead, const char *sql, const char *value);
/* Tests that move the clock come one after the other. */
void take_clock(struct stand *stand);

#endif
