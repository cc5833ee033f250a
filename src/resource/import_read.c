/*
 * Finds records in CSV and NDJSON as they come.  A quote that is never closed spoils its own line only: where no end of
 * the record comes within the limit, the next line is read as a record again.
 */
#include "import_read.h"

#include <string.h>

enum { AT_FIELD = 0, IN_PLAIN, IN_QUOTES, AFTER_QUOTE };

void cab_import_open(struct cab_import_reader *reader, const void *ctx, bool is_csv, size_t most) {
    *reader = (struct cab_import_reader){ .line = 1, .is_csv = is_csv, .most = most };
    cab_buf_init(&reader->text, ctx, 65536);
}

void cab_import_feed(struct cab_import_reader *reader, const char *bytes, size_t n) {
    struct cab_buf *text = &reader->text;
    if (reader->at > 0) {
        memmove(text->data, text->data + reader->at, text->len - reader->at + 1);
        text->len -= reader->at;
        reader->looked -= reader->at;
        reader->at = 0;
    }
    cab_buf_add(text, bytes, n);
}

void cab_import_end(struct cab_import_reader *reader) {
    reader->is_end = true;
}

static void step(int *quotes, char c) {
    switch (*quotes) {
    case AT_FIELD: *quotes = c == '"' ? IN_QUOTES : c == ',' ? AT_FIELD : IN_PLAIN; break;
    case IN_PLAIN: *quotes = c == ',' ? AT_FIELD : IN_PLAIN; break;
    case IN_QUOTES: *quotes = c == '"' ? AFTER_QUOTE : IN_QUOTES; break;
    default: *quotes = c == '"' ? IN_QUOTES : c == ',' ? AT_FIELD : IN_PLAIN; break;
    }
}

/* The newline that ends the record, or NULL where it is not there yet. */
static char *find_end(struct cab_import_reader *reader) {
    char *data = reader->text.data, *end = data + reader->text.len;
    for (char *at = data + reader->looked; at < end;) {
        char *newline = memchr(at, '\n', (size_t)(end - at));
        char *stop = newline != NULL ? newline : end;
        if (reader->is_csv && (reader->quotes != AT_FIELD || memchr(at, '"', (size_t)(stop - at)) != NULL))
            for (char *c = at; c < stop; c++)
                step(&reader->quotes, *c);
        reader->looked = (size_t)(stop - data) + (newline != NULL);
        if (newline != NULL && reader->quotes != IN_QUOTES)
            return newline;
        if (reader->is_csv && newline == NULL && reader->quotes == AT_FIELD && stop > at && stop[-1] != ',')
            reader->quotes = IN_PLAIN; /* the middle of a field: a quote that comes next does not open it */
        at = data + reader->looked;
    }
    return NULL;
}

static void pass(struct cab_import_reader *reader, size_t to) {
    for (const char *at = reader->text.data + reader->at, *end = reader->text.data + to;
         (at = memchr(at, '\n', (size_t)(end - at))) != NULL; at++)
        reader->line++;
    reader->at = reader->looked = to;
    reader->quotes = AT_FIELD;
}

/* Leaves the line that the record starts in, up to its end if that is there. */
static void skip_line(struct cab_import_reader *reader) {
    char *start = reader->text.data + reader->at;
    char *newline = memchr(start, '\n', reader->text.len - reader->at);
    reader->is_skipping = newline == NULL;
    pass(reader, newline != NULL ? (size_t)(newline - reader->text.data) + 1 : reader->text.len);
}

static bool is_blank(const char *text, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r')
            return false;
    return true;
}

static void skip_mark(struct cab_import_reader *reader) {
    if (reader->text.len >= 3 && memcmp(reader->text.data, "\xEF\xBB\xBF", 3) == 0)
        reader->at = reader->looked = 3;
    reader->has_begun = true;
}

enum cab_import_record cab_import_next(struct cab_import_reader *reader, int64_t *line_out, char **text_out,
                                       size_t *n_out, const char **wrong_out) {
    struct cab_buf *text = &reader->text;
    if (!reader->has_begun && (text->len >= 3 || reader->is_end))
        skip_mark(reader);
    for (;;) {
        if (reader->is_skipping)
            skip_line(reader);
        if (reader->is_skipping || !reader->has_begun)
            return reader->is_end ? CAB_IMPORT_END : CAB_IMPORT_MORE;
        char *newline = find_end(reader);
        char *start = text->data + reader->at, *end = newline != NULL ? newline : text->data + text->len;
        size_t n = (size_t)(end - start);
        *line_out = reader->line;
        if (n > reader->most) {
            *wrong_out = reader->is_csv ? "The line is too long, or a quote in it is never closed."
                                        : "The line is too long.";
            skip_line(reader);
            return CAB_IMPORT_WRONG;
        }
        if (newline == NULL && !reader->is_end)
            return CAB_IMPORT_MORE;
        if (newline == NULL && n == 0)
            return CAB_IMPORT_END;
        if (newline == NULL && reader->quotes == IN_QUOTES) {
            *wrong_out = "The quotes of the line are broken; double a quote inside a quoted field.";
            skip_line(reader);
            return CAB_IMPORT_WRONG;
        }
        pass(reader, (size_t)(end - text->data) + (newline != NULL));
        if (is_blank(start, n))
            continue;
        *text_out = start;
        *n_out = n > 0 && start[n - 1] == '\r' ? n - 1 : n;
        return CAB_IMPORT_RECORD;
    }
}

/* Moves a quoted field over its first quote, and its doubled ones together; NULL where it is not closed. */
static char *unquote(char *at, const char *end, struct cab_import_field *field) {
    char *to = field->text = at;
    for (at++; at < end; at++) {
        if (*at == '"' && (at + 1 == end || at[1] != '"'))
            break;
        at += *at == '"';
        *to++ = *at;
    }
    if (at >= end)
        return NULL;
    field->n = (size_t)(to - field->text);
    field->is_quoted = true;
    return at + 1;
}

int cab_import_fields(char *text, size_t n, struct cab_import_field *fields, int most) {
    char *at = text, *end = text + n;
    struct cab_import_field beyond;
    for (int count = 1;; count++) {
        struct cab_import_field *field = count <= most ? &fields[count - 1] : &beyond;
        *field = (struct cab_import_field){ .text = at };
        if (at < end && *at == '"') {
            at = unquote(at, end, field);
            if (at == NULL || (at < end && *at != ','))
                return -1;
        } else {
            char *comma = memchr(at, ',', (size_t)(end - at));
            at = comma != NULL ? comma : end;
            field->n = (size_t)(at - field->text);
            if (memchr(field->text, '"', field->n) != NULL)
                return -1;
        }
        bool is_last = at == end;
        field->text[field->n] = '\0';
        if (is_last)
            return count;
        at++;
    }
}
