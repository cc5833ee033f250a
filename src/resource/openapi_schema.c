/*
 * Schemas of the OpenAPI document: how each kind of column looks in JSON, with its limits.
 */
#include "resource/openapi.h"
#include "resource/types.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* PostgreSQL keeps no NUL in a text. */
#define NO_NUL "^[^\\u0000]*$"
/* So many items of an array fit into a body. */
#define ITEMS_MOST 65536

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
    [CAB_KIND_RANGE] = { .type = "string", .pattern = NO_NUL, .max_length = 256 },
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
}

/* Of numeric(p,s): p digits, a sign, a point and a nought before it. */
static int length_of(const struct cab_column *column) {
    if (column->max_length > 0)
        return column->max_length;
    return column->numeric_precision > 0 ? column->numeric_precision + 3 : shapes[column->kind].max_length;
}

static void put_size(struct cab_json_writer *w, const struct cab_column *column,
                     const struct cab_openapi_limits *limits) {
    bool is_array = column->kind == CAB_KIND_ARRAY;
    int64_t most = is_array ? ITEMS_MOST : length_of(column);
    if (limits->min_size > 0)
        cab_json_put_int(w, is_array ? "minItems" : "minLength", limits->min_size);
    cab_json_put_int(w, is_array ? "maxItems" : "maxLength", limits->max_size < most ? limits->max_size : most);
}

static void put_range(struct cab_json_writer *w, const struct cab_column *column,
                      const struct cab_openapi_limits *limits) {
    bool is_whole = column->kind != CAB_KIND_FLOAT;
    if (is_whole && limits->min != INT64_MIN)
        cab_json_put_int(w, "minimum", limits->min);
    else
        cab_json_put_raw(w, "minimum", shapes[column->kind].minimum);
    if (is_whole && limits->max != INT64_MAX)
        cab_json_put_int(w, "maximum", limits->max);
    else
        cab_json_put_raw(w, "maximum", shapes[column->kind].maximum);
}

/* Of a range of days or times its bounds are such; those of the server's own types of numbers are numbers. */
static const char *range_example(const struct cab_column *column) {
    const char *type = column->base_type;
    if (strncmp(type, "date", 4) == 0)
        return strstr(type, "multi") != NULL ? "{[2026-01-01,2026-02-01)}" : "[2026-01-01,2026-02-01)";
    if (strncmp(type, "ts", 2) == 0)
        return strstr(type, "multi") != NULL ? "{[2026-01-01 00:00:00Z,)}" : "[2026-01-01 00:00:00Z,)";
    return strstr(type, "multi") != NULL ? "{[1,10)}" : "[1,10)";
}

/* A value within the limits, as JSON; "text" is repeated, or cut, to fit. */
static void put_example(struct cab_json_writer *w, const struct cab_column *column,
                        const struct cab_openapi_limits *limits) {
    const char *example = shapes[column->kind].example;
    char text[64];
    if (column->kind == CAB_KIND_TEXT) {
        int64_t most = limits->max_size < length_of(column) ? limits->max_size : length_of(column);
        size_t n = 4;
        if (limits->min_size > 4)
            n = limits->min_size < (int64_t)sizeof text ? (size_t)limits->min_size : sizeof text - 1;
        else if (most < 4)
            n = most > 0 ? (size_t)most : 0;
        for (size_t i = 0; i < n; i++)
            text[i] = "text"[i % 4];
        text[n] = '\0';
        cab_json_put(w, "example", text);
    } else if (shapes[column->kind].format != NULL && strncmp(shapes[column->kind].format, "int", 3) == 0) {
        int64_t value = atoll(example);
        value = value < limits->min ? limits->min : value > limits->max ? limits->max : value;
        cab_json_put_int(w, "example", value);
    } else if (column->kind == CAB_KIND_ENUM && column->labels != NULL) {
        cab_json_put(w, "example", column->labels[0]);
    } else if (column->kind == CAB_KIND_RANGE) {
        cab_json_put(w, "example", range_example(column));
    } else if (column->kind == CAB_KIND_NUMERIC && column->numeric_precision > 0) {
        cab_json_put(w, "example", column->numeric_scale > 0 ? "0.5" : "1");
    } else if (example != NULL) {
        cab_json_put_raw(w, "example", example);
    }
}

/* A floating-point number: what JSON has no number for comes as a string. */
static void put_float(struct cab_json_writer *w, const struct cab_column *column, bool nullable,
                      const struct cab_openapi_limits *limits, enum cab_openapi_version version) {
    cab_json_open(w, "oneOf", '[');
    cab_json_open(w, NULL, '{');
    put_type(w, shapes[CAB_KIND_FLOAT].type, nullable, version);
    cab_json_put(w, "format", shapes[CAB_KIND_FLOAT].format);
    put_range(w, column, limits);
    cab_json_close(w, '}');
    cab_json_put_raw(w, NULL, "{\"type\":\"string\",\"enum\":[\"NaN\",\"Infinity\",\"-Infinity\"]}");
    cab_json_close(w, ']');
}

static void put_items(struct cab_json_writer *w, const struct cab_column *column, enum cab_openapi_version version) {
    struct cab_column *element = cab_type_element(NULL, column);
    if (element->kind == CAB_KIND_NUMERIC) /* in arrays numbers are numbers */
        element->kind = CAB_KIND_FLOAT;
    cab_openapi_column(w, "items", NULL, element, CAB_OPENAPI_READ, version);
    cab_mem_free(element);
}

void cab_openapi_column(struct cab_json_writer *w, const char *key, const struct cab_table *table,
                        const struct cab_column *column, enum cab_openapi_use use, enum cab_openapi_version version) {
    enum cab_kind kind = column->kind;
    bool is_parameter = use == CAB_OPENAPI_PARAMETER, nullable = !column->not_null && !is_parameter;
    /* a filter takes a day for a time, too */
    bool is_loose = is_parameter && (kind == CAB_KIND_TIMESTAMPTZ || kind == CAB_KIND_TIMESTAMP);
    const char *format = is_loose ? NULL : shapes[kind].format, *pattern = is_loose ? NO_NUL : shapes[kind].pattern;
    struct cab_openapi_limits limits;
    cab_openapi_limits_read(table, column, &limits);

    cab_json_open(w, key, '{');
    if (kind == CAB_KIND_FLOAT)
        put_float(w, column, nullable, &limits, version);
    else
        put_type(w, shapes[kind].type, nullable, version);
    if (format != NULL && kind != CAB_KIND_FLOAT)
        cab_json_put(w, "format", format);
    if (pattern != NULL)
        cab_json_put(w, "pattern", pattern);
    if (kind == CAB_KIND_ARRAY || shapes[kind].max_length > 0)
        put_size(w, column, &limits);
    else if (shapes[kind].minimum != NULL && kind != CAB_KIND_FLOAT)
        put_range(w, column, &limits);
    if (kind == CAB_KIND_ARRAY)
        put_items(w, column, version);
    if (kind == CAB_KIND_COMPOSITE)
        cab_json_put_raw(w, "additionalProperties", "true");
    if (!is_parameter && column->comment != NULL && *column->comment != '\0')
        cab_json_put(w, "description", column->comment);
    else if (kind == CAB_KIND_JSON)
        cab_json_put(w, "description", "Any JSON.");
    if (kind == CAB_KIND_ENUM && column->labels != NULL && column->labels[0] != NULL)
        put_labels(w, column, nullable);
    if (!is_parameter) /* forms are filled with examples, and filters would find nothing by them */
        put_example(w, column, &limits);
    cab_json_close(w, '}');
}

/* Whether who creates a row must send it. */
static bool is_required(const struct cab_column *column) {
    return column->not_null && !column->has_default && !column->is_readonly;
}

/* Whether the column stands in a row that is read, or may be sent to create or change one, by somebody. */
static bool is_part(const struct cab_table *table, const struct cab_column *column, enum cab_openapi_use use) {
    if (column->is_hidden || column == table->row_version)
        return false;
    if (use == CAB_OPENAPI_READ)
        return true;
    if (column->is_system || (use == CAB_OPENAPI_OWN && (column->is_readonly || column->is_admin)))
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
        cab_openapi_column(w, column->name, table, column, use, version);
        required += use == CAB_OPENAPI_CREATE && is_required(column);
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
        for (int i = 0; i < table->n_columns; i++)
            if (is_part(table, &table->columns[i], use) && is_required(&table->columns[i]))
                cab_json_put(w, NULL, table->columns[i].name);
        cab_json_close(w, ']');
    }
    cab_json_close(w, '}');
}
