/*
 * Rows and columns as one caller sees them.
 */
#include "view.h"

#include <string.h>

void cab_view_init(struct cab_view *view, const struct cab_call *call, const struct cab_table *table) {
    view->table = table;
    view->caller = &call->caller;
    view->rows = cab_policy_rows(&call->caller, table, CAB_OP_READ);
    view->trash = table->deleted_at != NULL ? cab_policy_rows(&call->caller, table, CAB_OP_TRASH) : CAB_ROWS_NONE;
}

enum cab_column_access cab_view_is_deleted(const struct cab_view *view) {
    if (view->trash == CAB_ROWS_NONE)
        return CAB_COLUMN_NONE;
    return view->trash == view->rows ? CAB_COLUMN_ALL : CAB_COLUMN_OWN;
}

enum cab_column_access cab_view_column(const struct cab_view *view, const struct cab_column *column) {
    if (column == view->table->row_version)
        return CAB_COLUMN_NONE;
    enum cab_column_access access = cab_policy_read(view->caller, view->table, column);
    if (access == CAB_COLUMN_OWN && view->rows == CAB_ROWS_OWN)
        access = CAB_COLUMN_ALL;
    if (column == view->table->deleted_at && access != CAB_COLUMN_NONE) {
        enum cab_column_access trash = cab_view_is_deleted(view);
        return trash == CAB_COLUMN_ALL ? access : trash;
    }
    return access;
}

const struct cab_column *cab_view_find(const struct cab_view *view, const char *name) {
    const struct cab_column *column = cab_table_column(view->table, name);
    return column == NULL || column->is_hidden || column == view->table->row_version ? NULL : column;
}

const char *cab_view_nearest(const struct cab_view *view, const void *ctx, const char *name, const char *const *more,
                             size_t n) {
    const struct cab_table *table = view->table;
    const char **words = cab_new_array(ctx, const char *, n + (size_t)table->n_columns + 1);
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        words[count++] = more[i];
    for (int i = 0; i < table->n_columns; i++)
        if (cab_view_column(view, &table->columns[i]) != CAB_COLUMN_NONE)
            words[count++] = table->columns[i].name;
    return cab_nearest(name, words, count);
}
