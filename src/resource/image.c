/*
 * Images of rows as the audit trail has them, as far as a caller may read the row today.
 */
#include "image.h"

#include <string.h>

#include "row_plan.h"

/* Whether the image tells that the row was another one's, or in a trash that the caller does not see. */
static bool is_hidden(const struct cab_view *view, const struct cab_json *image) {
    const struct cab_json *trashed = view->table->deleted_at != NULL && view->trash == CAB_ROWS_NONE
        ? cab_json_get(image, view->table->deleted_at->name) : NULL;
    if (trashed != NULL && cab_json_type(trashed) != CAB_JSON_NULL)
        return true;
    const struct cab_json *owner = view->table->owner != NULL ? cab_json_get(image, view->table->owner->name) : NULL;
    if (view->rows != CAB_ROWS_OWN || owner == NULL)
        return false;
    return cab_json_type(owner) == CAB_JSON_NULL
        || strcmp(cab_json_text(owner, NULL), view->caller->user_id_text) != 0;
}

void cab_image_put(struct cab_buf *buf, const struct cab_column *column, const struct cab_json *value) {
    static const char utc[] = "+00:00";
    size_t n, n_utc = sizeof utc - 1;
    if (value == NULL || cab_json_type(value) == CAB_JSON_NULL) {
        cab_buf_adds(buf, "null");
    } else if (column->kind == CAB_KIND_NUMERIC || column->kind == CAB_KIND_BYTEA) {
        const char *text = cab_json_text(value, &n);
        cab_value_writer_for(column, false)(buf, text, n);
    } else if (column->kind == CAB_KIND_TIMESTAMPTZ) {
        const char *text = cab_json_text(value, &n);
        bool is_utc = n > n_utc && memcmp(text + n - n_utc, utc, n_utc) == 0;
        cab_buf_addf(buf, "\"%.*s%s\"", (int)(is_utc ? n - n_utc : n), text, is_utc ? "Z" : "");
    } else if (column->kind == CAB_KIND_ARRAY) {
        const char *source = cab_json_source(value, &n);
        cab_value_writer_for(column, false)(buf, source, n);
    } else {
        const char *source = cab_json_source(value, &n);
        cab_buf_add(buf, source, n);
    }
}

int cab_image_write(struct cab_call *call, const struct cab_view *view, bool own, const char *name, const char *text,
                    struct cab_buf *buf, struct cab_err *err) {
    const struct cab_json *image;
    char before = '{';
    cab_buf_addf(buf, ",\"%s\":", name);
    if (text != NULL && cab_json_parse(call->mem, text, strlen(text), &image, err) != 0)
        return -1;
    if (text == NULL || is_hidden(view, image)) {
        cab_buf_adds(buf, "null");
        return 0;
    }
    for (size_t i = 0; i < cab_json_count(image); i++) {
        const struct cab_column *column = cab_view_find(view, cab_json_key(image, i));
        enum cab_column_access access = column != NULL ? cab_view_column(view, column) : CAB_COLUMN_NONE;
        if (access == CAB_COLUMN_NONE || (access == CAB_COLUMN_OWN && !own))
            continue;
        cab_buf_addc(buf, before);
        before = ',';
        cab_json_cstring(buf, column->name);
        cab_buf_addc(buf, ':');
        cab_image_put(buf, column, cab_json_member(image, i));
    }
    cab_buf_adds(buf, before == '{' ? "{}" : "}");
    return 0;
}

void cab_image_value(struct cab_call *call, const char *name, const struct cab_result *rows, int row, int at,
                     struct cab_buf *buf) {
    const struct cab_table *trail = cab_catalog_any(call->catalog, "public", "audit_logs");
    const struct cab_column *column = cab_table_column(trail, name);
    const char *value = cab_result_value(rows, row, at);
    cab_buf_addf(buf, ",\"%s\":", name);
    if (value == NULL)
        cab_buf_adds(buf, "null");
    else
        cab_value_writer_for(column, false)(buf, value, strlen(value));
}
