/*
 * One value for one column: from JSON or from the text of a query to the text that is bound.  Knows no request and no
 * caller; what is wrong is handed back as a flaw without a name.
 */
#ifndef CABINET_RESOURCE_VALUE_H
#define CABINET_RESOURCE_VALUE_H

#include <cabinet/catalog.h>
#include <cabinet/http.h>

/* What is wrong with a value; texts are below the context given. */
struct cab_value_flaw {
    const char *code;    /* type, too_long, out_of_range, not_one_of, format */
    const char *detail;  /* limit and remedy; never the value */
    const char *pointer; /* within the value: "/2" for an element of an array, or "" */
};

/* JSON null is *value_out NULL; whether the column takes it is the caller's to say.  0, or -1 with flaw filled. */
int cab_value_from_json(const void *ctx, const struct cab_column *column, const struct cab_json *json,
                        const char **value_out, struct cab_value_flaw *flaw) CAB_MUST_CHECK;

/* Text that stands for a value as a string in JSON would, or a number; not for arrays. */
int cab_value_check(const void *ctx, const struct cab_column *column, const char *text, const char **value_out,
                    struct cab_value_flaw *flaw) CAB_MUST_CHECK;

/* The same for a query parameter.  A time without an offset is taken as UTC here. */
int cab_value_from_text(const void *ctx, const struct cab_column *column, const char *text, const char **value_out,
                        struct cab_value_flaw *flaw) CAB_MUST_CHECK;

/* An array literal of n bound texts (NULL: the element NULL). */
char *cab_value_array(const void *ctx, const char *const *values, size_t n);

/* Fills flaw and returns -1. */
int cab_value_wrong(const void *ctx, struct cab_value_flaw *flaw, const char *code, const char *fmt, ...)
    CAB_PRINTF(4, 5);

#endif
