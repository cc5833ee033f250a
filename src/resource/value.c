/*
 * Checks of single values, one row for each kind of column.  Kinds that only the server can judge (interval, inet,
 * range and others) pass as text.
 */
#include "value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lexeme.h"
#include "types.h"

#define JSON_DEPTH_OF_ARRAYS 6 /* as many dimensions as the server takes */

int cab_value_wrong(const void *ctx, struct cab_value_flaw *flaw, const char *code, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    flaw->detail = cab_vprintf(ctx, fmt, ap);
    va_end(ap);
    flaw->code = code;
    flaw->pointer = "";
    return -1;
}

typedef int check_fn(const void *ctx, const struct cab_column *column, const char *text, const char **value_out,
                     struct cab_value_flaw *flaw);

static int check_bool(const void *ctx, const struct cab_column *column, const char *text, const char **value_out,
                      struct cab_value_flaw *flaw) {
    bool value;
    (void)column;
    if (cab_parse_bool(text, &value) != 0)
        return cab_value_wrong(ctx, flaw, "type", "Must be true or false.");
    *value_out = text;
    return 0;
}

static int check_integer(const void *ctx, const struct cab_column *column, const char *text, const char **value_out,
                         struct cab_value_flaw *flaw) {
    int64_t max = column->kind == CAB_KIND_INT2 ? INT16_MAX : column->kind == CAB_KIND_INT4 ? INT32_MAX : INT64_MAX;
    int64_t value;
    if (!cab_lexeme_integer(text))
        return cab_value_wrong(ctx, flaw, "type", "Must be an integer, written in digits.");
    if (cab_parse_int64(text, -max - 1, max, &value) != 0)
        return cab_value_wrong(ctx, flaw, "out_of_range", "Must be between %lld and %lld.", (long long)(-max - 1),
                               (long long)max);
    *value_out = text;
    return 0;
}

static bool is_not_a_number(const char *text) {
    return strcmp(text, "NaN") == 0 || strcmp(text, "Infinity") == 0 || strcmp(text, "-Infinity") == 0;
}

static int check_numeric(const void *ctx, const struct cab_column *column, const char *text, const char **value_out,
                         struct cab_value_flaw *flaw) {
    int64_t before, after;
    *value_out = text;
    if (is_not_a_number(text) && (column->numeric_precision == 0 || text[0] == 'N'))
        return 0;
    if (!cab_lexeme_number(text))
        return cab_value_wrong(ctx, flaw, "type", "Must be a number, or a string that holds one.");
    cab_lexeme_digits(text, &before, &after);
    int64_t scale = column->numeric_precision > 0 ? column->numeric_scale : 16383;
    int64_t most = column->numeric_precision > 0 ? column->numeric_precision - scale : 131072;
    if (before > most)
        return cab_value_wrong(ctx, flaw, "out_of_range", "Must have at most %lld digits before the point.",
                               (long long)most);
    if (after > scale)
        return cab_value_wrong(ctx, flaw, "out_of_range", "Must have at most %lld digits after the point.",
                               (long long)scale);
    return 0;
}

static int check_float(const void *ctx, const struct cab_column *column, const char *text, const char **value_out,
                       struct cab_value_flaw *flaw) {
    *value_out = text;
    if (is_not_a_number(text))
        return 0;
    if (!cab_lexeme_number(text))
        return cab_value_wrong(ctx, flaw, "type",
                               "Must be a number, or one of NaN, Infinity and -Infinity as a string.");
    errno = 0;
    double number = strcmp(column->base_type, "real") == 0 ? (double)strtof(text, NULL) : strtod(text, NULL);
    bool is_tiny = number != 0 && number > -1 && number < 1; /* inexact, and stored all the same */
    if (errno == ERANGE && !is_tiny)
        return cab_value_wrong(ctx, flaw, "out_of_range", "Must fit into a floating-point number (%s).",
                               column->base_type);
    return 0;
}

static int check_text(const void *ctx, const struct cab_column *column, const char *text, const char **value_out,
                      struct cab_value_flaw *flaw) {
    if (column->max_length > 0 && strlen(text) > (size_t)column->max_length
        && cab_utf8_length(text) > (size_t)column->max_length)
        return cab_value_wrong(ctx, flaw, "too_long", "Must have at most %d characters.", column->max_length);
    *value_out = text;
    return 0;
}

static int check_uuid(const void *ctx, const struct cab_column *column, const char *text, const char **value_out,
                      struct cab_value_flaw *flaw) {
    (void)column;
    if (!cab_lexeme_uuid(text))
        return cab_value_wrong(ctx, flaw, "format", "Must be a UUID: 8-4-4-4-12 hexadecimal digits.");
    *value_out = text;
    return 0;
}

static int check_date(const void *ctx, const struct cab_column *column, const char *text, const char **value_out,
                      struct cab_value_flaw *flaw) {
    (void)column;
    if (!cab_lexeme_day(text) && !cab_lexeme_infinity(text))
        return cab_value_wrong(ctx, flaw, "format", "Must be a day of the calendar as YYYY-MM-DD.");
    *value_out = text;
    return 0;
}

static int check_time(const void *ctx, const struct cab_column *column, const char *text, const char **value_out,
                      struct cab_value_flaw *flaw) {
    if (strstr(column->base_type, "with time zone") == NULL && !cab_lexeme_time(text))
        return cab_value_wrong(ctx, flaw, "format", "Must be a time of day as HH:MM:SS.");
    *value_out = text;
    return 0;
}

static int check_instant(const void *ctx, const struct cab_column *column, const char *text, const char **value_out,
                         struct cab_value_flaw *flaw) {
    char *instant;
    enum cab_zone zone;
    *value_out = text;
    if (cab_lexeme_infinity(text))
        return 0;
    if (cab_lexeme_instant(ctx, text, &instant, &zone) != 0)
        return cab_value_wrong(ctx, flaw, "format", "Must be a date and time as 2024-05-31T23:59:59Z (RFC 3339).");
    if (column->kind == CAB_KIND_TIMESTAMPTZ && zone == CAB_ZONE_NONE)
        return cab_value_wrong(ctx, flaw, "format", "Must name its offset from UTC: end it with Z or +hh:mm.");
    if (column->kind == CAB_KIND_TIMESTAMP && zone == CAB_ZONE_OFFSET)
        return cab_value_wrong(ctx, flaw, "format", "Must be without an offset: this column keeps none.");
    *value_out = instant;
    return 0;
}

static int check_enum(const void *ctx, const struct cab_column *column, const char *text, const char **value_out,
                      struct cab_value_flaw *flaw) {
    struct cab_buf words;
    for (int i = 0; column->labels != NULL && column->labels[i] != NULL; i++)
        if (strcmp(column->labels[i], text) == 0) {
            *value_out = text;
            return 0;
        }
    cab_buf_init(&words, ctx, 128);
    for (int i = 0; column->labels != NULL && column->labels[i] != NULL; i++) {
        cab_buf_adds(&words, i == 0 ? "" : ", ");
        cab_buf_adds(&words, column->labels[i]);
    }
    return cab_value_wrong(ctx, flaw, "not_one_of", "Must be one of: %s.", words.data);
}

static int check_bytea(const void *ctx, const struct cab_column *column, const char *text, const char **value_out,
                       struct cab_value_flaw *flaw) {
    (void)column;
    *value_out = cab_lexeme_base64_to_hex(ctx, text, strlen(text));
    if (*value_out == NULL)
        return cab_value_wrong(ctx, flaw, "format", "Must be base64 with padding (RFC 4648 section 4).");
    return 0;
}

static int check_json(const void *ctx, const struct cab_column *column, const char *text, const char **value_out,
                      struct cab_value_flaw *flaw) {
    const struct cab_json *json;
    struct cab_err err = { 0 };
    (void)column;
    if (cab_json_parse(cab_mem_alloc(ctx, 1), text, strlen(text), &json, &err) != 0)
        return cab_value_wrong(ctx, flaw, "type", "Must be JSON.");
    *value_out = text;
    return 0;
}

static int check_nothing(const void *ctx, const struct cab_column *column, const char *text, const char **value_out,
                         struct cab_value_flaw *flaw) {
    (void)ctx, (void)column, (void)flaw;
    *value_out = text;
    return 0;
}

/* Which JSON types a kind takes, beside null, and how its text is checked. */
static const struct kind {
    bool takes_bool, takes_number, takes_string;
    const char *wanted;
    check_fn *check;
} kinds[CAB_KIND__MAX] = {
    [CAB_KIND_OTHER] = { false, false, true, "a string", check_nothing },
    [CAB_KIND_BOOL] = { true, false, false, "true or false", check_bool },
    [CAB_KIND_INT2] = { false, true, true, "an integer", check_integer },
    [CAB_KIND_INT4] = { false, true, true, "an integer", check_integer },
    [CAB_KIND_INT8] = { false, true, true, "an integer", check_integer },
    [CAB_KIND_NUMERIC] = { false, true, true, "a number, or a string that holds one", check_numeric },
    [CAB_KIND_FLOAT] = { false, true, true, "a number", check_float },
    [CAB_KIND_TEXT] = { false, false, true, "a string", check_text },
    [CAB_KIND_UUID] = { false, false, true, "a UUID as a string", check_uuid },
    [CAB_KIND_DATE] = { false, false, true, "a day as a string, YYYY-MM-DD", check_date },
    [CAB_KIND_TIME] = { false, false, true, "a time of day as a string, HH:MM:SS", check_time },
    [CAB_KIND_TIMESTAMP] = { false, false, true, "a date and time as a string, 2024-05-31T23:59:59", check_instant },
    [CAB_KIND_TIMESTAMPTZ] = { false, false, true, "a date and time as a string, 2024-05-31T23:59:59Z", check_instant },
    [CAB_KIND_INTERVAL] = { false, false, true, "an interval as a string, P1DT2H", check_nothing },
    [CAB_KIND_JSON] = { true, true, true, "any JSON", check_json },
    [CAB_KIND_BYTEA] = { false, false, true, "bytes as a base64 string", check_bytea },
    [CAB_KIND_ENUM] = { false, false, true, "a string", check_enum },
    [CAB_KIND_ARRAY] = { false, false, false, "an array", check_nothing },
    [CAB_KIND_RANGE] = { false, false, true, "a range as a string, [1,5)", check_nothing },
    [CAB_KIND_INET] = { false, false, true, "a network address as a string", check_nothing },
    [CAB_KIND_COMPOSITE] = { false, false, false, "left out: values of this type are only read", check_nothing },
};

/* One element as an array literal writes it. */
static void add_element(struct cab_buf *buf, const char *value) {
    if (value == NULL) {
        cab_buf_adds(buf, "NULL");
        return;
    }
    cab_buf_addc(buf, '"');
    for (; *value != '\0'; value++) {
        if (*value == '"' || *value == '\\')
            cab_buf_addc(buf, '\\');
        cab_buf_addc(buf, *value);
    }
    cab_buf_addc(buf, '"');
}

char *cab_value_array(const void *ctx, const char *const *values, size_t n) {
    struct cab_buf buf;
    cab_buf_init(&buf, ctx, 64);
    cab_buf_addc(&buf, '{');
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            cab_buf_addc(&buf, ',');
        add_element(&buf, values[i]);
    }
    cab_buf_addc(&buf, '}');
    return buf.data;
}

/* Writes a JSON array as an array literal, its arrays as further dimensions. */
static int add_array(const void *ctx, const struct cab_column *element, const struct cab_json *json, int depth,
                     struct cab_buf *buf, struct cab_value_flaw *flaw) {
    if (depth > JSON_DEPTH_OF_ARRAYS)
        return cab_value_wrong(ctx, flaw, "too_long", "Must have at most %d dimensions.", JSON_DEPTH_OF_ARRAYS);
    size_t n = cab_json_count(json);
    cab_buf_addc(buf, '{');
    for (size_t i = 0; i < n; i++) {
        const struct cab_json *item = cab_json_item(json, i);
        const char *value;
        int result;
        if (i > 0)
            cab_buf_addc(buf, ',');
        enum cab_json_type type = cab_json_type(item);
        if (type == CAB_JSON_ARRAY && element->kind != CAB_KIND_JSON) {
            result = add_array(ctx, element, item, depth + 1, buf, flaw);
        } else if (element->kind == CAB_KIND_OTHER && (type == CAB_JSON_NUMBER || type == CAB_JSON_BOOL)) {
            /* of a domain, perhaps; the server knows */
            value = type == CAB_JSON_NUMBER ? cab_json_text(item, NULL) : cab_json_bool(item) ? "true" : "false";
            add_element(buf, value);
            result = 0;
        } else {
            result = cab_value_from_json(ctx, element, item, &value, flaw);
            if (result == 0)
                add_element(buf, value);
        }
        if (result != 0) {
            flaw->pointer = cab_printf(ctx, "/%zu%s", i, flaw->pointer);
            return -1;
        }
    }
    cab_buf_addc(buf, '}');
    return 0;
}

int cab_value_from_json(const void *ctx, const struct cab_column *column, const struct cab_json *json,
                        const char **value_out, struct cab_value_flaw *flaw) {
    const struct kind *kind = &kinds[column->kind];
    enum cab_json_type type = cab_json_type(json);
    if (type == CAB_JSON_NULL) {
        *value_out = NULL;
        return 0;
    }
    if (column->kind == CAB_KIND_JSON) {
        size_t n;
        const char *source = cab_json_source(json, &n);
        *value_out = cab_strndup(ctx, source, n);
        return 0;
    }
    if (column->kind == CAB_KIND_ARRAY && type == CAB_JSON_ARRAY) {
        struct cab_buf buf;
        cab_buf_init(&buf, ctx, 64);
        if (add_array(ctx, cab_type_element(ctx, column), json, 1, &buf, flaw) != 0)
            return -1;
        *value_out = buf.data;
        return 0;
    }
    if (type == CAB_JSON_BOOL && kind->takes_bool)
        return kind->check(ctx, column, cab_json_bool(json) ? "true" : "false", value_out, flaw);
    if ((type == CAB_JSON_NUMBER && kind->takes_number) || (type == CAB_JSON_STRING && kind->takes_string))
        return kind->check(ctx, column, cab_json_text(json, NULL), value_out, flaw);
    return cab_value_wrong(ctx, flaw, "type", "Must be %s.", kind->wanted);
}

int cab_value_check(const void *ctx, const struct cab_column *column, const char *text, const char **value_out,
                    struct cab_value_flaw *flaw) {
    return kinds[column->kind].check(ctx, column, text, value_out, flaw);
}

int cab_value_from_text(const void *ctx, const struct cab_column *column, const char *text, const char **value_out,
                        struct cab_value_flaw *flaw) {
    char *instant;
    enum cab_zone zone;
    if (column->kind == CAB_KIND_TIMESTAMPTZ && cab_lexeme_instant(ctx, text, &instant, &zone) == 0
        && zone == CAB_ZONE_NONE) {
        *value_out = cab_printf(ctx, "%sZ", instant);
        return 0;
    }
    if (column->kind == CAB_KIND_ARRAY || column->kind == CAB_KIND_COMPOSITE)
        return cab_value_wrong(ctx, flaw, "type", "Must be %s.", kinds[column->kind].wanted);
    return kinds[column->kind].check(ctx, column, text, value_out, flaw);
}
