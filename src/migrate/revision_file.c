/*
 * Reads revision files.  Markers ("-- upgrade", "-- downgrade") count only at column 0 and where the lexer is between
 * tokens, so a function body may contain them.  Knows nothing of the order of revisions.
 */
#include "revision_file.h"
#include "veto.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEADER_BYTES 16384
#define FILE_BYTES (64u << 20)

struct parser {
    void *ctx;
    struct cab_revision *revision;
    struct cab_err *err;
    const char *path;
};

static int reject(struct parser *p, int line, const char *what) {
    return cab_veto(p->err, "%s:%d: %s.", p->path, line, what);
}

int64_t cab_duration_parse(const char *s, size_t n) {
    static const struct { const char *unit; int64_t ms; } units[] = {
        {"ms", 1}, {"s", 1000}, {"min", 60000}, {"h", 3600000}, {"d", 86400000}};
    size_t digits = 0;
    int64_t value = 0;
    while (digits < n && digits < 9 && s[digits] >= '0' && s[digits] <= '9')
        value = value * 10 + (s[digits++] - '0');
    for (size_t i = 0; i < CAB_LENGTH(units) && digits > 0; i++) {
        if (strlen(units[i].unit) == n - digits && memcmp(s + digits, units[i].unit, n - digits) == 0)
            return value * units[i].ms;
    }
    return -1;
}

static bool is_revision_id(const char *s, size_t n) {
    if (n < 4 || n > 40)
        return false;
    for (size_t i = 0; i < n; i++) {
        bool fits = (s[i] >= 'a' && s[i] <= 'z') || (s[i] >= '0' && s[i] <= '9') || s[i] == '_';
        if (!fits)
            return false;
    }
    return true;
}

static void trim(const char **s, size_t *n) {
    while (*n > 0 && strchr(" \t\r", (*s)[0]) != NULL && (*s)[0] != '\0') {
        (*s)++;
        (*n)--;
    }
    while (*n > 0 && strchr(" \t\r", (*s)[*n - 1]) != NULL && (*s)[*n - 1] != '\0')
        (*n)--;
}

static void push(struct parser *p, const char ***list, int *count, const char *s, size_t n) {
    *list = cab_mem_resize(p->revision, *list, (size_t)(*count + 1) * sizeof(**list));
    (*list)[(*count)++] = cab_strndup(p->revision, s, n);
}

static int take_revises(struct parser *p, int line, const char *s, size_t n) {
    while (n > 0) {
        const char *comma = memchr(s, ',', n);
        size_t part = comma == NULL ? n : (size_t)(comma - s), len = part;
        const char *id = s;
        trim(&id, &len);
        if (!is_revision_id(id, len))
            return reject(p, line, "Revises must list revision ids, separated by commas");
        push(p, &p->revision->revises, &p->revision->n_revises, id, len);
        s += part + (comma != NULL);
        n -= part + (comma != NULL);
    }
    return 0;
}

static void take_schema(struct parser *p, const char *s, size_t n) {
    const char *arrow = memmem(s, n, "->", 2);
    if (arrow == NULL)
        return;
    const char *from = s, *to = arrow + 2;
    size_t from_len = (size_t)(arrow - s), to_len = n - from_len - 2;
    trim(&from, &from_len);
    trim(&to, &to_len);
    p->revision->schema_before = cab_strndup(p->revision, from, from_len);
    p->revision->schema_after = cab_strndup(p->revision, to, to_len);
}

static int take_field(struct parser *p, int line, const char *name, size_t name_len, const char *s, size_t n) {
    struct cab_revision *r = p->revision;
    struct { const char *name; const char **place; } texts[] = {
        {"Revision", &r->id}, {"Create Date", &r->create_date}, {"Message", &r->message}, {"Line", &r->line_label},
        {"Proof", &r->proof}, {"Generator", &r->generator}};
    trim(&s, &n);
    if (name_len == 7 && memcmp(name, "Revises", 7) == 0)
        return take_revises(p, line, s, n);
    if (name_len == 6 && memcmp(name, "Hazard", 6) == 0)
        push(p, &r->hazards, &r->n_hazards, s, n);
    if (name_len == 6 && memcmp(name, "Schema", 6) == 0)
        take_schema(p, s, n);
    for (size_t i = 0; i < CAB_LENGTH(texts); i++) {
        if (strlen(texts[i].name) != name_len || memcmp(name, texts[i].name, name_len) != 0)
            continue;
        if (*texts[i].place != NULL)
            return reject(p, line, cab_printf(p->ctx, "%s stands twice in the header", texts[i].name));
        *texts[i].place = cab_strndup(r, s, n);
    }
    return 0;
}

/* Whether a line comment is a marker; its words behind it are in rest. */
static enum cab_direction marker(const char *s, size_t n, const char **rest, size_t *rest_len) {
    static const struct { const char *text; enum cab_direction direction; } markers[] = {
        {"-- upgrade", CAB_UPGRADE}, {"-- downgrade", CAB_DOWNGRADE}};
    for (size_t i = 0; i < CAB_LENGTH(markers); i++) {
        size_t len = strlen(markers[i].text);
        if (n < len || memcmp(s, markers[i].text, len) != 0 || (n > len && strchr(" \t\r", s[len]) == NULL))
            continue;
        *rest = s + len;
        *rest_len = n - len;
        trim(rest, rest_len);
        return markers[i].direction;
    }
    return 0;
}

static int check_header(struct parser *p) {
    struct cab_revision *r = p->revision;
    if (r->id == NULL || !is_revision_id(r->id, strlen(r->id)))
        return reject(p, 1, "the header needs a line \"-- Revision: id\" with 4 to 40 lower-case letters and digits");
    if (r->line_label == NULL || r->line_label[0] == '\0')
        r->line_label = "cabinet";
    if (r->message == NULL)
        r->message = "";
    if (r->create_date == NULL)
        r->create_date = "";
    return 0;
}

int cab_revision_parse_header(void *ctx, const char *path, const char *text, size_t len,
                              struct cab_revision **revision_out, struct cab_err *err) {
    struct cab_revision *r = cab_new(ctx, struct cab_revision);
    struct parser p = {.ctx = r, .revision = r, .err = err, .path = cab_strdup(r, path)};
    r->path = p.path;
    const char *at = text, *end = text + len;
    for (int line = 1; at < end; line++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at)), *rest;
        size_t n = newline == NULL ? (size_t)(end - at) : (size_t)(newline - at), rest_len;
        bool is_title = n >= 20 && memcmp(at, "-- cabinet migration", 20) == 0;
        if (line == 1 && !is_title)
            return reject(&p, 1, "not a revision: the first line must be \"-- cabinet migration\"");
        if (n < 2 || memcmp(at, "--", 2) != 0 || marker(at, n, &rest, &rest_len) != 0)
            break;
        const char *colon = memchr(at, ':', n), *name = at + 2;
        if (colon != NULL) {
            size_t name_len = (size_t)(colon - name);
            trim(&name, &name_len);
            if (take_field(&p, line, name, name_len, colon + 1, (size_t)(at + n - colon - 1)) != 0)
                return -1;
        }
        if (newline == NULL)
            break;
        at = newline + 1;
    }
    if (len == 0)
        return reject(&p, 1, "not a revision: the file is empty");
    if (check_header(&p) != 0)
        return -1;
    *revision_out = r;
    return 0;
}

static int take_options(struct parser *p, struct cab_segment *segment, const char *s, size_t n) {
    while (n > 0) {
        size_t len = 0;
        while (len < n && s[len] != ' ' && s[len] != '\t')
            len++;
        int64_t number;
        char word[32];
        if (len >= sizeof(word))
            return reject(p, segment->line, "unknown word behind the marker");
        memcpy(word, s, len);
        word[len] = '\0';
        if (strcmp(word, "no-transaction") == 0) {
            segment->is_transaction = false;
        } else if (strncmp(word, "retry=", 6) == 0 && cab_parse_int64(word + 6, 0, 1000, &number) == 0) {
            segment->retry = (int)number;
        } else if (strncmp(word, "lock-timeout=", 13) == 0 && cab_duration_parse(word + 13, len - 13) >= 0) {
            segment->lock_timeout_ms = cab_duration_parse(word + 13, len - 13);
        } else {
            return reject(p, segment->line,
                          cab_printf(p->ctx, "\"%s\" is not known behind the marker; possible are no-transaction, "
                                             "retry=5, lock-timeout=2s", word));
        }
        s += len;
        n -= len;
        trim(&s, &n);
    }
    return 0;
}

/* Statements that would end or nest the segment's transaction. */
static bool is_transaction_control(const struct cab_statement *statement) {
    static const char *const words[] = {"BEGIN", "COMMIT", "ROLLBACK", "START TRANSACTION", "END", "ABORT",
                                        "PREPARE TRANSACTION"};
    char one[32], two[64];
    cab_statement_words(statement, 1, one, sizeof(one));
    cab_statement_words(statement, 2, two, sizeof(two));
    for (size_t i = 0; i < CAB_LENGTH(words); i++) {
        if (strcmp(words[i], one) == 0 || strcmp(words[i], two) == 0)
            return strncmp(two, "ROLLBACK TO", 11) != 0;
    }
    return false;
}

static int take_statements(struct parser *p, struct cab_segment *segment) {
    struct cab_lexer lexer;
    struct cab_statement statement;
    struct cab_split_error error;
    enum cab_split got;
    int cap = 0;
    cab_lexer_init(&lexer, segment->text, segment->len, segment->line);
    while ((got = cab_lexer_statement(&lexer, &statement, &error)) == CAB_SPLIT_STATEMENT) {
        if (is_transaction_control(&statement))
            return reject(p, statement.line, "BEGIN, COMMIT and the like are not possible here; segments are the "
                                             "transactions");
        if (segment->n_statements == cap) {
            cap = cap == 0 ? 8 : cap * 2;
            segment->statements = cab_mem_resize(p->revision, segment->statements,
                                                 (size_t)cap * sizeof(*segment->statements));
        }
        segment->statements[segment->n_statements++] = statement;
    }
    if (got == CAB_SPLIT_ERROR)
        return reject(p, error.line, error.what);
    cab_sha256_hex(segment->text, segment->len, segment->sha256);
    return 0;
}

static struct cab_segment *add_segment(struct parser *p, enum cab_direction direction, int line) {
    struct cab_revision *r = p->revision;
    r->segments = cab_mem_resize(r, r->segments, (size_t)(r->n_segments + 1) * sizeof(*r->segments));
    struct cab_segment *segment = &r->segments[r->n_segments];
    *segment = (struct cab_segment){.direction = direction, .is_transaction = true, .retry = -1, .lock_timeout_ms = -1,
                                    .line = line, .index = cab_revision_count(r, direction) + 1};
    r->n_segments++;
    return segment;
}

/* Cuts text at its markers. */
static int take_segments(struct parser *p, const char *text, size_t len) {
    struct cab_lexer lexer;
    struct cab_token token;
    struct cab_segment *current = NULL;
    cab_lexer_init(&lexer, text, len, 1);
    while (cab_lexer_next(&lexer, &token)) {
        const char *rest;
        size_t rest_len;
        enum cab_direction direction = 0;
        if (token.kind == CAB_TOKEN_BAD)
            return reject(p, token.line, token.error);
        if (token.kind == CAB_TOKEN_BLOCK && memmem(token.text, token.len, "cabinet: edit", 13) != NULL)
            return reject(p, token.line, "a person has to decide here: replace the text marked \"cabinet: edit\"");
        if (token.kind == CAB_TOKEN_LINE && token.at_margin)
            direction = marker(token.text, token.len, &rest, &rest_len);
        if (direction == 0) {
            if (current == NULL && token.kind != CAB_TOKEN_LINE && token.kind != CAB_TOKEN_BLOCK)
                return reject(p, token.line, "statements before the first marker; write \"-- upgrade\" above them");
            continue;
        }
        if (current != NULL)
            current->len = (size_t)(token.text - current->text);
        current = add_segment(p, direction, token.line);
        current->text = token.text + token.len;
        if (take_options(p, current, rest, rest_len) != 0)
            return -1;
    }
    if (current != NULL)
        current->len = (size_t)(text + len - current->text);
    return 0;
}

int cab_revision_parse(void *ctx, const char *path, const char *text, size_t len, struct cab_revision **revision_out,
                       struct cab_err *err) {
    struct cab_revision *r;
    if (cab_revision_parse_header(ctx, path, text, len, &r, err) != 0)
        return -1;
    struct parser p = {.ctx = r, .revision = r, .err = err, .path = r->path};
    if (!cab_utf8_valid(text, len))
        return reject(&p, 1, "the file is not UTF-8");
    const char *copy = cab_strndup(r, text, len);
    if (take_segments(&p, copy, len) != 0)
        return -1;
    for (int i = 0; i < r->n_segments; i++) {
        if (take_statements(&p, &r->segments[i]) != 0)
            return -1;
    }
    for (enum cab_direction d = CAB_UPGRADE; d <= CAB_DOWNGRADE; d++) {
        if (cab_revision_count(r, d) == 0)
            return reject(&p, 1, d == CAB_UPGRADE ? "the file has no marker \"-- upgrade\""
                                                  : "the file has no marker \"-- downgrade\"; where there is nothing "
                                                    "to undo, leave the part behind it empty");
    }
    cab_sha256_hex(text, len, r->sha256);
    *revision_out = r;
    return 0;
}

int cab_revision_count(const struct cab_revision *revision, enum cab_direction direction) {
    int count = 0;
    for (int i = 0; i < revision->n_segments; i++)
        count += revision->segments[i].direction == direction;
    return count;
}

const struct cab_segment *cab_revision_segment(const struct cab_revision *revision, enum cab_direction direction,
                                               int index) {
    for (int i = 0; i < revision->n_segments; i++) {
        if (revision->segments[i].direction == direction && revision->segments[i].index == index)
            return &revision->segments[i];
    }
    return NULL;
}

int cab_file_read(void *ctx, const char *path, size_t limit, char **text_out, size_t *len_out, struct cab_err *err) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0) {
        int why = errno;
        if (fd >= 0)
            close(fd);
        return cab_veto(err, "%s: %s.", path, strerror(why));
    }
    size_t most = limit > 0 ? limit : FILE_BYTES, len = 0;
    size_t room = (size_t)st.st_size < most ? (size_t)st.st_size : most;
    char *text = cab_mem_alloc(ctx, room + 1);
    for (ssize_t got; len < room && (got = read(fd, text + len, room - len)) != 0;) {
        if (got < 0 && errno != EINTR) {
            int why = errno;
            close(fd);
            return cab_veto(err, "%s: %s.", path, strerror(why));
        }
        len += got > 0 ? (size_t)got : 0;
    }
    close(fd);
    if (limit == 0 && (size_t)st.st_size > most)
        return cab_veto(err, "%s: the file is larger than 64 MiB.", path);
    text[len] = '\0';
    *text_out = text;
    *len_out = len;
    return 0;
}

int cab_revision_read_header(void *ctx, const char *path, struct cab_revision **revision_out, struct cab_err *err) {
    char *text = NULL;
    size_t len;
    int rc = cab_file_read(ctx, path, HEADER_BYTES, &text, &len, err);
    if (rc == 0)
        rc = cab_revision_parse_header(ctx, path, text, len, revision_out, err);
    cab_mem_free(text);
    return rc;
}

int cab_revision_read(void *ctx, const char *path, struct cab_revision **revision_out, struct cab_err *err) {
    char *text = NULL;
    size_t len;
    int rc = cab_file_read(ctx, path, 0, &text, &len, err);
    if (rc == 0)
        rc = cab_revision_parse(ctx, path, text, len, revision_out, err);
    cab_mem_free(text);
    return rc;
}
