/*
 * openapi: the description of the API, made from the route table and the live catalog.
 */
#ifndef CABINET_RESOURCE_OPENAPI_H
#define CABINET_RESOURCE_OPENAPI_H

#include <cabinet/route.h>

enum cab_openapi_version { CAB_OPENAPI_30 = 1, CAB_OPENAPI_31 };

/* GET /openapi.json; ?version=3.1 gives OpenAPI 3.1, anything else but 3.0 is refused. */
int cab_openapi_get(struct cab_call *call, struct cab_err *err);

/* Writes the whole document. */
void cab_openapi_write(struct cab_buf *buf, const struct cab_conf *conf, const struct cab_catalog *catalog,
                       enum cab_openapi_version version);

/* OWN: to change one's own row, without what only superusers change. */
enum cab_openapi_use {
    CAB_OPENAPI_READ = 1, CAB_OPENAPI_CREATE, CAB_OPENAPI_CHANGE, CAB_OPENAPI_OWN, CAB_OPENAPI_PARAMETER
};

/* What CHECK constraints say of one column: the value of an integer, the characters of a text or the items of an array;
 * INT64_MIN and INT64_MAX where they say nothing, 0 for the smallest size. */
struct cab_openapi_limits { int64_t min, max, min_size, max_size; };
void cab_openapi_limits_read(const struct cab_table *table, const struct cab_column *column,
                             struct cab_openapi_limits *limits_out);

/* Member key: the schema of a value of a table's column. */
void cab_openapi_column(struct cab_json_writer *w, const char *key, const struct cab_table *table,
                        const struct cab_column *column, enum cab_openapi_use use, enum cab_openapi_version version);
/* Member key: the schema of a table's row as it is read, created or changed. */
void cab_openapi_row(struct cab_json_writer *w, const char *key, const struct cab_table *table,
                     enum cab_openapi_use use, enum cab_openapi_version version);

#endif
