/*
 * One operation of the OpenAPI document, from its row of the route table and the table whose rows it is about.
 */
#ifndef CABINET_RESOURCE_OPENAPI_OPERATION_H
#define CABINET_RESOURCE_OPENAPI_OPERATION_H

#include "resource/openapi.h"

/* Whether a route of tables answers for this one: no writes of views, no restore without a trash, and so on. */
bool cab_openapi_fits(const struct cab_route *route, const struct cab_table *table);

/* One of the successes that a route names; "" is no schema. */
struct cab_openapi_answer { char status[4], schema[96]; };
/* Moves *answers ("200 X, 303") over its first; false at the end. */
bool cab_openapi_next_answer(const char **answers, struct cab_openapi_answer *answer);

/* The table that a route of no table names by its path or answer (/users/me, /admin/audit-logs), or NULL. */
const struct cab_table *cab_openapi_table(const struct cab_catalog *catalog, const struct cab_route *route);

/* Member get, post, …: the operation; table is NULL where it is about none. */
void cab_openapi_operation(struct cab_json_writer *w, const struct cab_route *route, const struct cab_table *table,
                           enum cab_openapi_version version);

/* Member TABLE.comparisons: the parameter of all filters of the form field__op, where something refers to it. */
void cab_openapi_comparisons(struct cab_json_writer *w, const struct cab_table *table);

/* Member name: the schema of a filter as JSON. */
void cab_openapi_filter(struct cab_json_writer *w, const char *name, const struct cab_table *table);

/* Member key: a reference to a component; kind is schemas, parameters, headers or responses. */
void cab_openapi_ref(struct cab_json_writer *w, const char *key, const char *kind, const char *name);

#endif
