/*
 * Names of types as the catalog writes them: without their modifiers, for casts, and the kind of an array's elements.
 */
#ifndef CABINET_RESOURCE_TYPES_H
#define CABINET_RESOURCE_TYPES_H

#include <cabinet/catalog.h>

/* type without its modifiers: an explicit cast to varchar(50) would cut a longer text in silence, where an assignment
 * is refused by the server.  The result is type itself or below ctx. */
const char *cab_type_bare(const void *ctx, const char *type);

/* The bare type followed by []. */
const char *cab_type_array(const void *ctx, const char *type);

/* A column that stands for one element of an array column. */
struct cab_column *cab_type_element(const void *ctx, const struct cab_column *array);

#endif
