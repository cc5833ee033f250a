/*
 * Reads CSV and NDJSON.  In CSV an empty field without quotes is not sent at all, and a quoted one is the empty text.
 */
#include "import_read.h"

#include <string.h>

#include <cabinet/http.h>

#include "lexeme.h"

void cab_import_open(struct cab_import_reader *reader, const char *text, size_t n, bool is_csv) {
    *reader = (struct cab_import_reader){ .at = text, .end = text + n, .line = 1, .is_csv = is_csv };
    if (n >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        reader->at += 3;
}

struct field { const char *text; size_t n; bool is_quoted; };

/* One field; ends at a comma or the end of the record, which stays.  -1 where its quotes are broken. */
static int read_field(void *ctx, struct cab_import_reader *reader, struct field *field) {
    struct cab_buf text;
    const char *at = reader->at;
    *field = (struct field){ .text = at };
    if (at == reader->end || *at != '"') {
        while (at < reader->end && *at != ',' && *at != '\r' && *at != '\n')
            if (*at++ == '"')
                return -1;
        field->n = (size_t)(at - field->text);
        reader->at = at;
        return 0;
    }
    cab_buf_init(&text, ctx, 64);
    for (at++; at < reader->end; at++) {
        if (*at == '"' && (at + 1 == reader->end || at[1] != '"'))
            break;
        at += *at == '"';
        reader->line += *at == '\n';
        cab_buf_addc(&text, *at);
    }
    if (at == reader->end)
        return -1;
    reader->at = at + 1;
    *field = (struct field){ .text = text.data, .n = text.len, .is_quoted = true };
    return reader->at == reader->end || strchr(",\r\n", *reader->at) != NULL ? 0 : -1;
}

static bool at_line_end(const struct cab_import_reader *reader) {
    return reader->at == reader->end || *reader->at == '\n'
        || (*reader->at == '\r' && (reader->at + 1 == reader->end || reader->at[1] == '\n'));
}

static void skip_line(struct cab_import_reader *reader) {
    const char *newline = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));
    reader->line += newline != NULL;
    reader->at = newline != NULL ? newline + 1 : reader->end;
}

int cab_import_head(void *ctx, struct cab_import_reader *reader, const char **wrong_out) {
    struct field field;
    int room = 1;
    *wrong_out = "The first line must hold the names of the fields, separated by commas.";
    for (const char *c = reader->at; c < reader->end && *c != '\n'; c++)
        room += *c == ',';
    reader->names = cab_new_array(ctx, const char *, (size_t)room);
    for (;;) {
        if (read_field(ctx, reader, &field) != 0 || field.n == 0 || memchr(field.text, '\0', field.n) != NULL)
            return -1;
        const char *name = cab_strndup(ctx, field.text, field.n);
        for (int i = 0; i < reader->n; i++)
            if (strcmp(reader->names[i], name) == 0)
                return -1;
        reader->names[reader->n++] = name;
        if (at_line_end(reader))
            break;
        if (*reader->at++ != ',' || reader->n == room)
            return -1;
    }
    skip_line(reader);
    return 0;
}

static bool is_json(void *ctx, const struct field *field) {
    const struct cab_json *json;
    struct cab_err ignored = { 0 };
    void *mem = cab_mem_alloc(ctx, 1);
    bool yes = cab_json_parse(mem, field->text, field->n, &json, &ignored) == 0;
    cab_mem_free(mem);
    return yes;
}

/* Numbers, truth values and nested values stand as they are; all else is a string. */
static bool is_raw(void *ctx, const struct cab_column *column, const struct field *field) {
    char text[64];
    switch (column->kind) {
    case CAB_KIND_BOOL:
        return (field->n == 4 && memcmp(field->text, "true", 4) == 0)
            || (field->n == 5 && memcmp(field->text, "false", 5) == 0);
    case CAB_KIND_INT2: case CAB_KIND_INT4: case CAB_KIND_INT8: case CAB_KIND_NUMERIC: case CAB_KIND_FLOAT:
        if (field->n >= sizeof text)
            return false;
        memcpy(text, field->text, field->n);
        text[field->n] = '\0';
        return cab_lexeme_number(text);
    case CAB_KIND_JSON: case CAB_KIND_ARRAY:
        return is_json(ctx, field);
    default:
        return false;
    }
}

static enum cab_import_record next_csv(void *ctx, struct cab_import_reader *reader, struct cab_buf *json,
                                       const char **wrong_out) {
    struct field field;
    int n = 0;
    *wrong_out = "The quotes of the line are broken; double a quote inside a quoted field.";
    cab_buf_addc(json, '{');
    for (;;) {
        if (read_field(ctx, reader, &field) != 0) {
            skip_line(reader);
            return CAB_IMPORT_WRONG;
        }
        if (n < reader->n && (field.n > 0 || field.is_quoted)) {
            cab_buf_adds(json, json->len > 1 ? "," : "");
            cab_json_cstring(json, reader->names[n]);
            cab_buf_addc(json, ':');
            if (is_raw(ctx, reader->columns[n], &field))
                cab_buf_add(json, field.text, field.n);
            else
                cab_json_string(json, field.text, field.n);
        }
        n++;
        if (at_line_end(reader))
            break;
        if (*reader->at++ != ',') {
            skip_line(reader);
            return CAB_IMPORT_WRONG;
        }
    }
    skip_line(reader);
    cab_buf_addc(json, '}');
    if (n == reader->n)
        return CAB_IMPORT_RECORD;
    *wrong_out = cab_printf(ctx, "The line has %d fields, the first line has %d.", n, reader->n);
    return CAB_IMPORT_WRONG;
}

enum cab_import_record cab_import_next(void *ctx, struct cab_import_reader *reader, int64_t *line_out,
                                       struct cab_buf *json_out, const char **wrong_out) {
    cab_buf_init(json_out, ctx, 256);
    for (;;) {
        const char *newline = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));
        const char *end = newline != NULL ? newline : reader->end;
        const char *text = reader->at;
        if (text == reader->end)
            return CAB_IMPORT_END;
        while (text < end && strchr(" \t\r", *text) != NULL && *text != '\0')
            text++;
        if (text == end) {
            skip_line(reader);
            continue;
        }
        *line_out = reader->line;
        if (reader->is_csv)
            return next_csv(ctx, reader, json_out, wrong_out);
        cab_buf_add(json_out, text, (size_t)(end - text));
        skip_line(reader);
        return CAB_IMPORT_RECORD;
    }
}
