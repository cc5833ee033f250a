/*
 * Writes new revision files: revision and merge by hand, and what autogenerate has to say.
 */
#include "write.h"
#include "veto.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SLUG_BYTES 40

/* Letters and digits of message, in lower case, joined by underscores. */
static const char *slug(const void *ctx, const char *message) {
    struct cab_buf buf;
    cab_buf_init(&buf, ctx, SLUG_BYTES);
    for (const char *p = message; *p != '\0' && buf.len < SLUG_BYTES; p++) {
        char c = *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : *p;
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            cab_buf_addc(&buf, c);
        else if (buf.len > 0 && buf.data[buf.len - 1] != '_')
            cab_buf_addc(&buf, '_');
    }
    while (buf.len > 0 && buf.data[buf.len - 1] == '_')
        buf.data[--buf.len] = '\0';
    return buf.len > 0 ? buf.data : "revision";
}

const char *cab_draft_id(struct cab_call *call) {
    for (;;) {
        unsigned char bytes[6];
        cab_random(bytes, sizeof(bytes));
        const char *id = cab_printf(call->ctx, "%02x%02x%02x%02x%02x%02x", bytes[0], bytes[1], bytes[2], bytes[3],
                                    bytes[4], bytes[5]);
        if (cab_graph_exact(call->graph, id) == NULL)
            return id;
    }
}

static const char *last_folder(const void *ctx, const char *folders) {
    const char *colon = strrchr(folders, ':');
    return cab_strdup(ctx, colon == NULL ? folders : colon + 1);
}

static const char *folder_of(struct cab_call *call, const char *line) {
    if (call->options->folder != NULL)
        return call->options->folder;
    for (int i = call->graph->n - 1; i >= 0; i--) {
        const struct cab_revision *r = call->graph->revisions[i];
        const char *slash = strrchr(r->path, '/');
        if (strcmp(r->line_label, line) == 0 && slash != NULL)
            return cab_strndup(call->ctx, r->path, (size_t)(slash - r->path));
    }
    return last_folder(call->ctx, call->graph->folders);
}

static int put_file(const char *path, const struct cab_buf *text, struct cab_err *err) {
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0)
        return cab_veto(err, "%s: %s.", path, strerror(errno));
    size_t done = 0;
    while (done < text->len) {
        ssize_t n = write(fd, text->data + done, text->len - done);
        if (n < 0 && errno != EINTR)
            break;
        done += n > 0 ? (size_t)n : 0;
    }
    bool is_whole = done == text->len && fsync(fd) == 0;
    int why = errno;
    if (close(fd) == 0 && is_whole)
        return 0;
    unlink(path);
    return cab_veto(err, "%s: %s.", path, strerror(why));
}

int cab_draft_write(struct cab_call *call, const struct cab_draft *draft, const char **path_out, struct cab_err *err) {
    time_t now = time(NULL);
    struct tm utc;
    char stamp[32], date[32];
    struct cab_buf text;
    gmtime_r(&now, &utc);
    strftime(stamp, sizeof(stamp), "%Y%m%d%H%M%S", &utc);
    strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", &utc);
    const char *id = draft->id != NULL ? draft->id : cab_draft_id(call), *message = draft->message;
    if (strpbrk(message, "\r\n") != NULL || !cab_utf8_valid(message, strlen(message)))
        return cab_veto(err, "The message must be one line of UTF-8.");
    cab_buf_init(&text, call->ctx, 1024);
    cab_buf_addf(&text, "-- cabinet migration\n-- Revision: %s\n-- Revises:", id);
    for (int i = 0; i < draft->n_revises; i++)
        cab_buf_addf(&text, "%s%s", i > 0 ? ", " : " ", draft->revises[i]);
    cab_buf_addf(&text, "\n-- Create Date: %s\n-- Message: %s\n-- Line: %s\n", date, message, draft->line);
    if (draft->header != NULL)
        cab_buf_adds(&text, draft->header);
    cab_buf_adds(&text, draft->body);
    const char *path = cab_printf(call->ctx, "%s/%s_%s_%s.sql", folder_of(call, draft->line), stamp, id,
                                  slug(call->ctx, message));
    if (put_file(path, &text, err) != 0)
        return -1;
    *path_out = path;
    return 0;
}

int cab_draft_line(struct cab_call *call, const char **line_out, const struct cab_revision ***heads_out, int *n_out,
                   struct cab_err *err) {
    int n;
    const char **lines = cab_graph_lines(call->ctx, call->graph, &n);
    const char *line = call->options->line;
    if (line == NULL && strchr(call->conf->cabinet_migrations, ':') != NULL)
        line = "site"; /* what is behind the shipped folder is the site's */
    if (line == NULL && n > 1)
        return cab_veto(err, "There are %d lines of revisions; name one by --line, such as %s or %s.",
                        n, lines[0], lines[1]);
    if (line == NULL)
        line = n == 1 ? lines[0] : "cabinet";
    for (const char *p = line; *p != '\0'; p++) {
        if (!((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '_'))
            return cab_veto(err, "--line needs a word of lower-case letters, digits and _.");
    }
    *line_out = line;
    *heads_out = cab_graph_heads(call->ctx, call->graph, line, n_out);
    return 0;
}

static int write_empty(struct cab_call *call, const char *line, const struct cab_revision *const *heads, int n,
                       const char *message, struct cab_err *err) {
    const char **ids = cab_new_array(call->ctx, const char *, (size_t)n + 1), *path;
    for (int i = 0; i < n; i++)
        ids[i] = heads[i]->id;
    struct cab_draft draft = {.message = message, .line = line, .revises = ids, .n_revises = n,
                              .body = "-- upgrade\n\n-- downgrade\n"};
    if (cab_draft_write(call, &draft, &path, err) != 0)
        return -1;
    printf("%s\n", path);
    return CAB_EXIT_OK;
}

int cab_command_revision(struct cab_call *call, struct cab_err *err) {
    const struct cab_revision **heads;
    const char *line;
    int n;
    if (call->options->autogenerate)
        return cab_command_autogenerate(call, err);
    if (call->options->message == NULL)
        return cab_veto(err, "A revision needs a message: -m \"add bio to users\".");
    if (cab_call_graph(call, err) != 0 || cab_draft_line(call, &line, &heads, &n, err) != 0)
        return -1;
    if (n > 1)
        return cab_veto(err, "Line %s has %d heads, %s and %s among them. Join them first: "
                        "cabinet-migrate merge.", line, n, heads[0]->id, heads[1]->id);
    return write_empty(call, line, heads, n, call->options->message, err);
}

int cab_command_merge(struct cab_call *call, struct cab_err *err) {
    const struct cab_revision **heads;
    const char *line;
    int n;
    if (cab_call_graph(call, err) != 0 || cab_draft_line(call, &line, &heads, &n, err) != 0)
        return -1;
    if (n < 2)
        return cab_veto(err, "Line %s has one head; there is nothing to merge.", line);
    return write_empty(call, line, heads, n, call->options->message != NULL ? call->options->message : "merge", err);
}
