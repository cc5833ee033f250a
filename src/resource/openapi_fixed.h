/*
 * The parts of the OpenAPI document that no table brings: head, errors, parameters and the schemas of account routes.
 */
#ifndef CABINET_RESOURCE_OPENAPI_FIXED_H
#define CABINET_RESOURCE_OPENAPI_FIXED_H

#include "resource/openapi.h"

/* What a fixed route takes and answers; names of schemas, or NULL. */
struct cab_openapi_fixed {
    enum cab_method method;
    const char *path, *body, *status, *answer;
    bool is_form; /* takes a form too */
};

/* The row for a route, or NULL where the answer has no schema of its own. */
const struct cab_openapi_fixed *cab_openapi_fixed_find(enum cab_method method, const char *path);

/* Members info, servers, tags. */
void cab_openapi_head(struct cab_json_writer *w, const struct cab_conf *conf, const struct cab_catalog *catalog);
/* Members securitySchemes, headers, parameters, responses of components. */
void cab_openapi_components(struct cab_json_writer *w, enum cab_openapi_version version);
/* Members of components/schemas that belong to fixed routes and errors. */
void cab_openapi_fixed_schemas(struct cab_json_writer *w, enum cab_openapi_version version);
/* Member name: the page object whose items are of schema item. */
void cab_openapi_page(struct cab_json_writer *w, const char *name, const char *item, enum cab_openapi_version version);

#endif
