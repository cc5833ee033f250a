/*
 * One setting written into a file that people edit too: the other lines stay as they are.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/setup.h"

/* Whether line sets name, or would without its #. */
static bool is_line_of(const char *line, const char *name) {
    if (*line == '#')
        line++;
    size_t n = strlen(name);
    return strncmp(line, name, n) == 0 && line[n] == '=';
}

static void copy_lines(FILE *from, struct cab_buf *buf, const char *name, const char *setting) {
    char *line = NULL;
    size_t room = 0;
    bool is_done = false;
    while (from != NULL && getline(&line, &room, from) >= 0) {
        if (!is_line_of(line, name)) {
            cab_buf_adds(buf, line);
            if (buf->len > 0 && buf->data[buf->len - 1] != '\n')
                cab_buf_addc(buf, '\n');
        } else if (!is_done) {
            cab_buf_adds(buf, setting);
            is_done = true;
        }
    }
    free(line);
    if (!is_done)
        cab_buf_adds(buf, setting);
}

static int fail(struct cab_err *err, const char *path, const char *setting) {
    return cab_fail(err, CAB_PROBLEM_INVALID, "%s cannot be written: %s. Run this as root, or write it there: %s", path,
                    strerror(errno), setting);
}

int setup_write(struct admin *admin, const char *path, const char *name, const char *value, struct cab_err *err) {
    const char *next = cab_printf(admin->mem, "%s.new", path);
    const char *setting = cab_printf(admin->mem, "%s=%s\n", name, value);
    struct stat st = { .st_mode = 0600, .st_uid = geteuid(), .st_gid = getegid() };
    struct cab_buf buf;
    int rc = -1;

    cab_buf_init(&buf, admin->mem, 4096);
    FILE *from = fopen(path, "re");
    if (from == NULL && errno != ENOENT)
        return fail(err, path, setting);
    if (from != NULL && fstat(fileno(from), &st) != 0)
        goto out;
    copy_lines(from, &buf, name, setting);
    int fd = open(next, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        goto out;
    bool is_written = write(fd, buf.data, buf.len) == (ssize_t)buf.len && fchown(fd, st.st_uid, st.st_gid) == 0 &&
                      fchmod(fd, st.st_mode & 0777) == 0 && fsync(fd) == 0;
    if (close(fd) == 0 && is_written && rename(next, path) == 0)
        rc = 0;
    else
        unlink(next);
out:
    if (rc != 0)
        (void)fail(err, path, setting);
    if (from != NULL)
        fclose(from);
    return rc;
}
