/*
 * Schemas of the OpenAPI document: how each kind of column looks in JSON, with its limits.
 */
#include "resource/openapi.h"

#include <stdio.h>
#include <string.h>

/* PostgreSQL keeps no NUL in a text. */
#define NO_NUL "^[^\\u0000]*$"

/* One row for each kind: type and format of OpenAPI, limits, and an example as JSON text. */
static const struct {
    const char *type, *format, *pattern;
    int max_length;
    const char *minimum, *maximum, *example;
} shapes[CAB_KIND__MAX] = {
    [CAB_KIND_OTHER] = { .type = "string", .pattern = NO_NUL, .max_length = 65536, .example = "\"text\"" },
    [CAB_KIND_BOOL] = { .type = "boolean", .example = "true" },
    [CAB_KIND_INT2] = { .type = "integer", .format = "int32", .minimum = "-32768", .maximum = "32767", .example = "7" },
    [CAB_KIND_INT4] = { .type = "integer",
                        .format = "int32",
                        .minimum = "-2147483648",
                        .maximum = "2147483647",
                        .example = "42" },
    [CAB_KIND_INT8] = { .type = "integer",
                        .format = "int64",
                        .minimum = "-9223372036854775808",
                        .maximum = "9223372036854775807",
                        .example = "42" },
    [CAB_KIND_NUMERIC] = { .type = "string",
                           .format = "decimal",
                           .pattern = "^(-?[0-9]+([.][0-9]+)?|NaN|-?Infinity)$",
                           .max_length = 147456,
                           .example = "\"12.50\"" },
    [CAB_KIND_FLOAT] = { .type = "number",
                         .format = "double",
                         .minimum = "-1.7976931348623157e308",
                         .maximum = "1.7976931348623157e308",
                         .example = "1.5" },
    [CAB_KIND_TEXT] = { .type = "string", .pattern = NO_NUL, .max_length = 1048576, .example = "\"text\"" },
    [CAB_KIND_UUID] = { .type = "string",
                        .format = "uuid",
                        .max_length = 36,
                        .example = "\"3f2a9c1d-7e04-4b1c-8e22-aa510e22aa51\"" },
    [CAB_KIND_DATE] = { .type = "string", .format = "date", .max_length = 32, .example = "\"2026-01-31\"" },
    [CAB_KIND_TIME] = { .type = "string", .format = "time", .max_length = 32, .example = "\"12:34:56\"" },
    [CAB_KIND_TIMESTAMP] = { .type = "string",
                             .pattern = NO_NUL,
                             .max_length = 40,
                             .example = "\"2026-01-31T12:34:56\"" },
    [CAB_KIND_TIMESTAMPTZ] = { .type = "string",
                               .format = "date-time",
                               .max_length = 40,
                               .example = "\"2026-01-31T12:34:56Z\"" },
    [CAB_KIND_INTERVAL] = { .type = "string", .format = "duration", .max_length = 256, .example = "\"P1DT2H\"" },
    [CAB_KIND_JSON] = { .example = "{}" },
    [CAB_KIND_BYTEA] = { .type = "string", .format = "byte", .max_length = 1398104, .example = "\"Zm9v\"" },
    [CAB_KIND_ENUM] = { .type = "string", .max_length = 63 },
    [CAB_KIND_ARRAY] = { .type = "array", .example = "[]" },
    [CAB_KIND_RANGE] = { .type = "string", .pattern = NO_NUL, .max_length = 256, .example = "\"[1,10)\"" },
    [CAB_KIND_INET] = { .type = "string", .pattern = NO_NUL, .max_length = 64, .example = "\"192.0.2.1\"" },
    [CAB_KIND_COMPOSITE] = { .type = "object", .example = "{}" },
};

static void put_type(struct cab_json_writer *w, const char *type, bool nullable, enum cab_openapi_version version) {
    if (type == NULL)
        return;
    if (nullable && version == CAB_OPENAPI_31) {
        cab_json_open(w, "type", '[');
        cab_json_put(w, NULL, type);
        cab_json_put(w, NULL, "null");
        cab_json_close(w, ']');
        return;
    }
    cab_json_put(w, "type", type);
    if (nullable)
        cab_json_put_raw(w, "nullable", "true");
}

static void put_labels(struct cab_json_writer *w, const struct cab_column *column, bool nullable) {
    cab_json_open(w, "enum", '[');
    for (const char *const *label = column->labels; *label != NULL; label++)
        cab_json_put(w, NULL, *label);
    if (nullable)
        cab_json_put_raw(w, NULL, "null");
    cab_json_close(w, ']');
    cab_json_put(w, "example", column->labels[0]);
}

void cab_openapi_column(struct cab_json_writer *w, const char *key, const struct cab_column *column,
                        enum cab_openapi_version version) {
    int kind = column->kind;
    bool nullable = !column->not_null;

    cab_json_open(w, key, '{');
    put_type(w, shapes[kind].type, nullable, version);
    if (shapes[kind].format != NULL)
        cab_json_put(w, "format", shapes[kind].format);
    if (shapes[kind].pattern != NULL)
        cab_json_put(w, "pattern", shapes[kind].pattern);
    if (shapes[kind].max_length > 0)
        cab_json_put_int(w, "maxLength", column->max_length > 0 ? column->max_length : shapes[kind].max_length);
    if (shapes[kind].minimum != NULL) {
        cab_json_put_raw(w, "minimum", shapes[kind].minimum);
        cab_json_put_raw(w, "maximum", shapes[kind].maximum);
    }
    if (kind == CAB_KIND_ARRAY) {
        cab_json_put_int(w, "maxItems", 65536);
        cab_json_open(w, "items", '{');
        cab_json_close(w, '}');
    }
    if (kind == CAB_KIND_COMPOSITE)
        cab_json_put_raw(w, "additionalProperties", "true");
    if (column->comment != NULL && *column->comment != '\0')
        cab_json_put(w, "description", column->comment);
    if (kind == CAB_KIND_ENUM && column->labels != NULL && column->labels[0] != NULL)
        put_labels(w, column, nullable);
    else if (shapes[kind].example != NULL)
        cab_json_put_raw(w, "example", shapes[kind].example);
    cab_json_close(w, '}');
}

/* Whether the column stands in a row that is read, or may be sent to create or change one, by somebody. */
static bool is_part(const struct cab_table *table, const struct cab_column *column, enum cab_openapi_use use) {
    if (column->is_hidden || column == table->row_version)
        return false;
    if (use == CAB_OPENAPI_READ)
        return true;
    if (column->is_system)
        return false;
    return use == CAB_OPENAPI_CREATE || (!column->is_writeonce && column != table->key);
}

void cab_openapi_row(struct cab_json_writer *w, const char *key, const struct cab_table *table,
                     enum cab_openapi_use use, enum cab_openapi_version version) {
    int required = 0;

    cab_json_open(w, key, '{');
    cab_json_put(w, "type", "object");
    cab_json_put_raw(w, "additionalProperties", "false");
    if (table->comment != NULL && *table->comment != '\0')
        cab_json_put(w, "description", table->comment);
    cab_json_open(w, "properties", '{');
    for (int i = 0; i < table->n_columns; i++) {
        const struct cab_column *column = &table->columns[i];
        if (!is_part(table, column, use))
            continue;
        cab_openapi_column(w, column->name, column, version);
        required += use == CAB_OPENAPI_CREATE && column->not_null && !column->has_default && !column->is_readonly;
    }
    if (use == CAB_OPENAPI_READ && table->is_soft_delete) {
        cab_json_open(w, "is_deleted", '{');
        cab_json_put(w, "type", "boolean");
        cab_json_put(w, "description", "Whether the row is in the trash; shown to superusers.");
        cab_json_put_raw(w, "example", "false");
        cab_json_close(w, '}');
    }
    cab_json_close(w, '}');
    if (required > 0) {
        cab_json_open(w, "required", '[');
        for (int i = 0; i < table->n_columns; i++) {
            const struct cab_column *column = &table->columns[i];
            if (is_part(table, column, use) && column->not_null && !column->has_default && !column->is_readonly)
                cab_json_put(w, NULL, column->name);
        }
        cab_json_close(w, ']');
    }
    cab_json_close(w, '}');
}
