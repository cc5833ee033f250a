/*
 * migrate/models: loads the data model, written as plain DDL, into a scratch database.
 */
#ifndef CABINET_MIGRATE_MODELS_H
#define CABINET_MIGRATE_MODELS_H

#include <cabinet/db.h>

/*
 * Runs the *.sql files of folders (separated by colons) in byte order of their paths, then what follows from
 * annotations.  A statement that needs something not there yet waits for the next round, so order does not matter.
 * INVALID as "file:line: the server's words", with a suggestion where one is known.
 */
int cab_models_load(void *ctx, struct cab_db *db, const char *folders, struct cab_err *err) CAB_MUST_CHECK;

/* Only what follows from annotations: computed from db's catalog and run there. */
int cab_models_derive(void *ctx, struct cab_db *db, struct cab_err *err) CAB_MUST_CHECK;

#endif
