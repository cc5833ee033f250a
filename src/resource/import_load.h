/*
 * Brings rows of an import into their table, in blocks: by COPY, or by one INSERT … ON CONFLICT of many rows.  A block
 * that the server refuses is halved until the rows at fault are known.
 */
#ifndef CABINET_RESOURCE_IMPORT_LOAD_H
#define CABINET_RESOURCE_IMPORT_LOAD_H

#include "upsert.h"

struct cab_load;

/* Told of a row that the server refuses; false where no more are to be told. */
typedef bool cab_load_wrong(void *arg, int64_t line, const struct cab_err *why);

/* Within the call's block; upsert may be NULL. */
struct cab_load *cab_load_make(struct cab_call *call, const struct cab_upsert *upsert, cab_load_wrong *wrong,
                               void *arg);

/* Adds a row: for each column of the table whether a value is given, and its text (NULL: SQL NULL); copied.  0 also
 * where rows were refused; -1 where nothing more can be done, with err. */
int cab_load_add(struct cab_load *load, int64_t line, const bool *given, const char *const *values,
                 struct cab_err *err) CAB_MUST_CHECK;
/* Brings in what is left. */
int cab_load_end(struct cab_load *load, struct cab_err *err) CAB_MUST_CHECK;
/* Leaves what the server works on, so that the connection can be used again; where the import fails. */
void cab_load_drop(struct cab_load *load);
/* Whether wrong has said that it wants no more. */
bool cab_load_is_over(const struct cab_load *load);

struct cab_load_counts { int64_t created, changed, unchanged; };
struct cab_load_counts cab_load_counts(const struct cab_load *load);

#endif
