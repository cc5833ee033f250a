/*
 * What one caller sees of one table: which rows, which columns, and whether the trash.  The policy decides; this only
 * puts its answers together.
 */
#ifndef CABINET_RESOURCE_VIEW_H
#define CABINET_RESOURCE_VIEW_H

#include <cabinet/route.h>

struct cab_view {
    const struct cab_table *table;
    const struct cab_caller *caller;
    enum cab_rows rows;    /* that may be read */
    enum cab_rows trash;   /* of the trash */
};

void cab_view_init(struct cab_view *view, const struct cab_call *call, const struct cab_table *table);

/* Whether column can be read: in all rows of the view, in own ones only, or not at all.  row_version is never a field:
 * it is the ETag; deleted_at goes with the trash. */
enum cab_column_access cab_view_column(const struct cab_view *view, const struct cab_column *column);
/* The same for the field is_deleted. */
enum cab_column_access cab_view_is_deleted(const struct cab_view *view);

/* Whether the API knows a field of that name at all (though perhaps not for this caller); NULL where not. */
const struct cab_column *cab_view_find(const struct cab_view *view, const char *name);

/* The name nearest to a misspelt one among the columns that the caller reads and n more words, or NULL. */
const char *cab_view_nearest(const struct cab_view *view, const void *ctx, const char *name, const char *const *more,
                             size_t n);

#endif
