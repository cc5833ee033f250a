/*
 * envfile: files of NAME=value lines, as shells, systemd and container tools write them.  Does not know which names
 * exist.
 *
 * A line is empty, a comment (#), or NAME=value with an optional `export`.  A value is bare (ends at " #" or the end of
 * the line), 'literal', or "with \" \\ \$ \` \n escapes".  Nothing is expanded.  CR before LF is dropped.
 */
#include "conf/private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_FILE 1048576

struct parser {
    void *ctx;
    const char *path;
    int line;
    const void *flaw_ctx;
    struct cab_err *err;
    bool failed;
};

static void fault(struct parser *p, const char *what) {
    p->failed = true;
    (void)cab_err_flaw(p->err, p->flaw_ctx, CAB_PLACE_FIELD, p->path, "malformed", "%s line %d: %s", p->path, p->line,
                       what);
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

static bool is_name_char(char c, bool first) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || (!first && c >= '0' && c <= '9');
}

/* What follows a closing quote may only be blank or a comment. */
static bool is_rest_empty(const char *s, const char *end) {
    bool blank = s < end && is_blank(*s);
    while (s < end && is_blank(*s))
        s++;
    return s == end || (blank && *s == '#');
}

static char *parse_quoted(struct parser *p, const char *s, const char *end) {
    char quote = *s++;
    struct cab_buf value;
    cab_buf_init(&value, p->ctx, 64);
    for (; s < end && *s != quote; s++) {
        if (*s == '\\' && quote == '"' && s + 1 < end) {
            s++;
            if (*s == 'n') {
                cab_buf_addc(&value, '\n');
                continue;
            }
            if (strchr("\"\\$`", *s) == NULL)
                cab_buf_addc(&value, '\\');
        }
        cab_buf_addc(&value, *s);
    }
    if (s == end) {
        fault(p, "the quote is not closed; a value ends on its line.");
        return NULL;
    }
    if (!is_rest_empty(s + 1, end)) {
        fault(p, "there is text behind the closing quote; quote the whole value.");
        return NULL;
    }
    return value.data;
}

static char *parse_bare(struct parser *p, const char *s, const char *end) {
    const char *stop = s;
    while (stop < end && !(*stop == '#' && (stop == s || is_blank(stop[-1]))))
        stop++;
    while (stop > s && is_blank(stop[-1]))
        stop--;
    return cab_strndup(p->ctx, s, (size_t)(stop - s));
}

/* One line without its end; fills entry and returns true where it holds one. */
static bool parse_line(struct parser *p, const char *s, const char *end, struct cab_env_entry *entry) {
    if (end > s && end[-1] == '\r')
        end--;
    while (s < end && is_blank(*s))
        s++;
    if (s == end || *s == '#')
        return false;
    if (end - s > 7 && strncmp(s, "export", 6) == 0 && is_blank(s[6])) {
        s += 6;
        while (s < end && is_blank(*s))
            s++;
    }
    const char *name = s;
    while (s < end && is_name_char(*s, s == name))
        s++;
    const char *name_end = s;
    while (s < end && is_blank(*s))
        s++;
    if (name_end == name || s == end || *s != '=') {
        fault(p, "expected NAME=value, a comment (#) or an empty line.");
        return false;
    }
    for (s++; s < end && is_blank(*s);)
        s++;
    char *value = s < end && (*s == '\'' || *s == '"') ? parse_quoted(p, s, end) : parse_bare(p, s, end);
    if (value == NULL)
        return false;
    entry->name = cab_strndup(p->ctx, name, (size_t)(name_end - name));
    entry->value = value;
    entry->line = p->line;
    return true;
}

int cab_env_file_parse(void *ctx, const char *path, const char *text, size_t n, struct cab_env_file **file_out,
                       const void *flaw_ctx, struct cab_err *err) {
    struct cab_env_file *file = cab_new(ctx, struct cab_env_file);
    struct parser p = { .ctx = file, .path = path, .line = 1, .flaw_ctx = flaw_ctx, .err = err };
    size_t room = 0;

    if (!cab_utf8_valid(text, n)) {
        fault(&p, "the file is not UTF-8 text.");
        return -1;
    }
    if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        n -= 3;
    }
    for (const char *s = text, *end = text + n; s < end; p.line++) {
        const char *eol = memchr(s, '\n', (size_t)(end - s));
        if (eol == NULL)
            eol = end;
        if (file->n_entries == room) {
            room = room > 0 ? 2 * room : 64;
            file->entries = cab_mem_resize(file, file->entries, room * sizeof *file->entries);
        }
        if (parse_line(&p, s, eol, &file->entries[file->n_entries]))
            file->n_entries++;
        s = eol < end ? eol + 1 : end;
    }
    if (p.failed)
        return -1;
    *file_out = file;
    return 0;
}

/* Reads all of fd; NULL with errno. */
static char *read_all(void *ctx, int fd, size_t *n_out) {
    struct cab_buf buf;
    cab_buf_init(&buf, ctx, 4096);
    for (;;) {
        cab_buf_room(&buf, 4096);
        ssize_t n = read(fd, buf.data + buf.len, 4096);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return NULL;
        if (n == 0)
            break;
        buf.len += (size_t)n;
        if (buf.len > MAX_FILE) {
            errno = EFBIG;
            return NULL;
        }
    }
    buf.data[buf.len] = '\0';
    *n_out = buf.len;
    return buf.data;
}

int cab_env_file_read(void *ctx, const char *path, struct cab_env_file **file_out, const void *flaw_ctx,
                      struct cab_err *err) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return 0;
    size_t n = 0;
    char *text = fd >= 0 ? read_all(ctx, fd, &n) : NULL;
    int saved = errno;
    if (fd >= 0)
        close(fd);
    if (text == NULL) {
        (void)cab_err_flaw(err, flaw_ctx, CAB_PLACE_FIELD, path, "unreadable", "%s cannot be read: %s.", path,
                           strerror(saved));
        return -1;
    }
    if (cab_env_file_parse(ctx, path, text, n, file_out, flaw_ctx, err) != 0)
        return -1;
    return 1;
}
