/*
 * migrate/concurrent: statements outside transactions, whose effect must be looked at after an interruption.
 */
#ifndef CABINET_MIGRATE_CONCURRENT_H
#define CABINET_MIGRATE_CONCURRENT_H

#include "lexer.h"
#include <cabinet/db.h>

/* Whether the statement has the word CONCURRENTLY outside strings and brackets. */
bool cab_is_concurrent(const struct cab_statement *statement);

/* The index and table names of CREATE INDEX CONCURRENTLY name ON table, as written, the index with the table's schema;
 * false for anything else. */
bool cab_concurrent_index(const void *ctx, const struct cab_statement *statement, const char **index_out,
                          const char **table_out);

/*
 * Prepares the statement's run: an invalid index of that name, left by an earlier try, is dropped.  *is_done_out tells
 * that was_interrupted and the index is there and whole.
 */
int cab_concurrent_prepare(void *ctx, struct cab_db *db, const struct cab_statement *statement, bool was_interrupted,
                           bool *is_done_out, struct cab_err *err) CAB_MUST_CHECK;

/* Whether an error of a statement that an interruption may have left done says that it was: CREATE and ADD of what
 * exists, DROP of what does not. */
bool cab_is_done_already(const struct cab_statement *statement, const char *sqlstate);

#endif
