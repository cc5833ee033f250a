/*
 * The parts of the OpenAPI document that no table brings, written as JSON text.
 */
#ifndef CABINET_RESOURCE_OPENAPI_FIXED_H
#define CABINET_RESOURCE_OPENAPI_FIXED_H

#include "resource/openapi.h"

struct cab_openapi_text { const char *name, *json; };

/* Copies json with " for ' and these words replaced: %S a string, %N a string or null, %T a time, %U a time or null,
 * %C a count, %I a count or null, in the form of version; %M and %D the most and the usual rows of a page, %W the
 * length of the shortest password. */
void cab_openapi_put_text(struct cab_json_writer *w, const char *key, const char *json, const struct cab_conf *conf,
                          enum cab_openapi_version version);

/* Whether what was written refers to the component; kind is schemas, parameters, headers or responses. */
bool cab_openapi_is_used(const struct cab_json_writer *w, const char *kind, const char *name);

/* Whether a schema or parameter of that name is there, and what parameters the name of a group stands for, or NULL. */
bool cab_openapi_has_schema(const char *name);
bool cab_openapi_has_parameter(const char *name);
const char *cab_openapi_group(const char *name);
/* Media types of bodies with that schema, NULL-ended. */
const char *const *cab_openapi_types(const char *schema);

/* Members info, servers, tags. */
void cab_openapi_head(struct cab_json_writer *w, const struct cab_conf *conf, const struct cab_catalog *catalog);
/* Member securitySchemes of components. */
void cab_openapi_security(struct cab_json_writer *w);
/* Members of components/parameters that belong to no table. */
void cab_openapi_parameters(struct cab_json_writer *w, const struct cab_conf *conf, enum cab_openapi_version version);
/* Members responses and headers of components. */
void cab_openapi_answers(struct cab_json_writer *w, const struct cab_conf *conf, enum cab_openapi_version version);
/* Members of components/schemas that belong to no table. */
void cab_openapi_fixed_schemas(struct cab_json_writer *w, const struct cab_conf *conf,
                               enum cab_openapi_version version);
/* Member name: the page object whose items are of schema item. */
void cab_openapi_page(struct cab_json_writer *w, const char *name, const char *item, const struct cab_conf *conf,
                      enum cab_openapi_version version);

#endif
