/*
 * A catalog made by hand and calls on it, so that plans are tested without a database.
 */
#ifndef TESTS_UNIT_RESOURCE_FIXTURE_H
#define TESTS_UNIT_RESOURCE_FIXTURE_H

#include <cabinet/route.h>

#include "tables.h"

enum who { NOBODY = 1, PERSON /* user 7 */, ADMIN /* user 1 */ };

/* A table of the catalog of tables.h. */
const struct cab_table *fixture_table(const char *name);

/* A call on a table; uri is path and query, body may be NULL. */
struct cab_call *fixture_call(void *mem, enum who who, const char *method, const char *uri, const char *table,
                              const char *body);
/* The same with a header, by the name of its FastCGI parameter ("HTTP_PREFER"). */
struct cab_call *fixture_call_with(void *mem, enum who who, const char *method, const char *uri, const char *table,
                                   const char *body, const char *param, const char *value);

/* The flaws of err as "parameter:page:out_of_range field:title:required". */
const char *fixture_flaws(void *mem, const struct cab_err *err);

/* Bound values joined by |, NULL as -. */
const char *fixture_values(void *mem, const struct cab_sql *sql);

#endif
