/*
 * migrate/source: catalogs to compare: a database, a folder of models, or what the revisions lead to.
 */
#ifndef CABINET_MIGRATE_SOURCE_H
#define CABINET_MIGRATE_SOURCE_H

#include "command.h"
#include "diff/diff.h"
#include "scratch.h"

/* The server for scratch databases: CABINET_SCRATCH_URL, else that of the database, else fallback; NULL: none. */
const char *cab_source_server(const struct cab_call *call, const char *fallback);

/* A scratch database with all revisions applied, or those marked in chosen. */
int cab_source_revisions(struct cab_call *call, const char *server, const bool *chosen,
                         struct cab_scratch **scratch_out, struct cab_err *err) CAB_MUST_CHECK;
/* A scratch database with the models of folders and what follows from their annotations. */
int cab_source_models(struct cab_call *call, const char *server, const char *folders, struct cab_scratch **scratch_out,
                      struct cab_err *err) CAB_MUST_CHECK;
/* The catalog of a SOURCE as the command line names it; fallback is a server for scratch databases, or NULL. */
int cab_source_load(struct cab_call *call, const char *source, const char *fallback, struct cab_facts **facts_out,
                    struct cab_err *err) CAB_MUST_CHECK;
/* Whether the SOURCE is a connection. */
bool cab_source_is_url(const char *source);

/* Prints the differences on standard output, one a line; and as members of a JSON array without its brackets. */
void cab_differences_print(const struct cab_difference *differences, int n);
void cab_differences_json(struct cab_buf *json, const struct cab_difference *differences, int n);

#endif
