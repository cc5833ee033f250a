/*
 * What the audit trail holds of a row, written for one caller by the policy of today.
 */
#ifndef CABINET_RESOURCE_IMAGE_H
#define CABINET_RESOURCE_IMAGE_H

#include "view.h"

/* `,"name":` and the image (text, or NULL) without what the caller may not read; null where there is none, or where it
 * tells that the row was another one's or in the trash.  own: whether the row is the caller's. */
int cab_image_write(struct cab_call *call, const struct cab_view *view, bool own, const char *name, const char *text,
                    struct cab_buf *buf, struct cab_err *err) CAB_MUST_CHECK;

/* A value of an image (NULL: none) as rows have it, and as it may be written back: numeric as text, bytes as base64,
 * UTC as Z. */
void cab_image_put(struct cab_buf *buf, const struct cab_column *column, const struct cab_json *value);

/* `,"name":` and a value of the trail's column of that name. */
void cab_image_value(struct cab_call *call, const char *name, const struct cab_result *rows, int row, int at,
                     struct cab_buf *buf);

#endif
