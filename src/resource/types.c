/*
 * Names of types as format_type writes them.  Knows no values.
 */
#include "types.h"

#include <stdlib.h>
#include <string.h>

const char *cab_type_bare(const void *ctx, const char *type) {
    const char *open = NULL, *close = NULL;
    bool quoted = false;
    for (const char *s = type; *s != '\0'; s++) {
        if (*s == '"')
            quoted = !quoted;
        else if (*s == '(' && !quoted && open == NULL)
            open = s;
        else if (*s == ')' && !quoted && close == NULL)
            close = s;
    }
    if (open == NULL || close == NULL || close < open)
        return type;
    size_t n = (size_t)(open - type);
    const char *rest = close + 1;
    /* these two mean one character, or one bit, where they stand alone */
    if (n == strlen("character") && strncmp(type, "character", n) == 0)
        return cab_printf(ctx, "bpchar%s", rest);
    if (n == strlen("bit") && strncmp(type, "bit", n) == 0)
        return cab_printf(ctx, "bit varying%s", rest);
    return cab_printf(ctx, "%.*s%s", (int)n, type, rest);
}

const char *cab_type_array(const void *ctx, const char *type) {
    return cab_printf(ctx, "%s[]", cab_type_bare(ctx, type));
}

static const struct { const char *name; enum cab_kind kind; } names[] = {
    { "boolean", CAB_KIND_BOOL },
    { "smallint", CAB_KIND_INT2 },
    { "integer", CAB_KIND_INT4 },
    { "bigint", CAB_KIND_INT8 },
    { "numeric", CAB_KIND_NUMERIC },
    { "real", CAB_KIND_FLOAT },
    { "double precision", CAB_KIND_FLOAT },
    { "text", CAB_KIND_TEXT },
    { "character varying", CAB_KIND_TEXT },
    { "bpchar", CAB_KIND_TEXT },
    { "character", CAB_KIND_TEXT },
    { "uuid", CAB_KIND_UUID },
    { "date", CAB_KIND_DATE },
    { "time without time zone", CAB_KIND_TIME },
    { "timestamp without time zone", CAB_KIND_TIMESTAMP },
    { "timestamp with time zone", CAB_KIND_TIMESTAMPTZ },
    { "interval", CAB_KIND_INTERVAL },
    { "json", CAB_KIND_JSON },
    { "jsonb", CAB_KIND_JSON },
    { "bytea", CAB_KIND_BYTEA },
    { "inet", CAB_KIND_INET },
    { "cidr", CAB_KIND_INET },
};

struct cab_column *cab_type_element(const void *ctx, const struct cab_column *array) {
    struct cab_column *element = cab_new(ctx, struct cab_column);
    const char *type = array->element_type != NULL ? array->element_type : "text";
    element->name = array->name;
    element->type = type;
    element->base_type = cab_type_bare(element, type);
    element->kind = CAB_KIND_OTHER;
    for (size_t i = 0; i < CAB_LENGTH(names); i++)
        if (strcmp(element->base_type, names[i].name) == 0)
            element->kind = names[i].kind;
    const char *open = strchr(type, '(');
    if (open != NULL && element->kind == CAB_KIND_TEXT)
        element->max_length = atoi(open + 1);
    if (open != NULL && element->kind == CAB_KIND_NUMERIC) {
        const char *comma = strchr(open, ',');
        element->numeric_precision = atoi(open + 1);
        element->numeric_scale = comma != NULL ? atoi(comma + 1) : 0;
    }
    return element;
}
