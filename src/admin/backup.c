/*
 * backup: a dump of one snapshot, what that snapshot held, and the checksums of both; then old ones go.
 * Files get their names when they are whole and on the disk, so that what has a name is a backup.
 */
#include "admin/backup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#define STAMP_LENGTH 16 /* 20261128T103000Z */
#define MARGIN (INT64_C(64) << 20)

struct backup {
    struct admin *admin;
    struct cab_db *db;
    int folder;              /* locked */
    const char *url, *database, *name; /* name: "cabinet-20261128T103000Z" */
    char dump_digest[65], manifest_digest[65];
    int64_t dump_bytes;
    struct survey survey;
};

static const char *file_name(const struct backup *b, const char *end) {
    return cab_printf(b->admin->mem, "%s%s", b->name, end);
}

static int fail(struct cab_err *err, const struct backup *b, const char *what) {
    return cab_fail(err, CAB_PROBLEM_INVALID, "%s in %s: %s.", what, b->admin->conf->backup_folder, strerror(errno));
}

/* ---- the folder ---- */

static int open_folder(struct backup *b, struct cab_err *err) {
    const char *folder = b->admin->conf->backup_folder;
    b->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (b->folder < 0)
        return cab_fail(err, CAB_PROBLEM_INVALID, "BACKUP_FOLDER %s cannot be opened: %s.", folder, strerror(errno));
    if (flock(b->folder, LOCK_EX | LOCK_NB) != 0)
        return cab_fail(err, CAB_PROBLEM_INVALID, "Another backup to %s is being made; wait for its end.", folder);
    return 0;
}

/* The stamp in "DATABASE-STAMP" + end, or NULL. */
static const char *stamp_of(const struct backup *b, const char *file, const char *end) {
    size_t n = strlen(b->database);
    if (strncmp(file, b->database, n) != 0 || file[n] != '-' || strlen(file) != n + 1 + STAMP_LENGTH + strlen(end) ||
        strcmp(file + n + 1 + STAMP_LENGTH, end) != 0)
        return NULL;
    const char *stamp = file + n + 1;
    for (int i = 0; i < STAMP_LENGTH; i++)
        if (i == 8 ? stamp[i] != 'T' : i == 15 ? stamp[i] != 'Z' : stamp[i] < '0' || stamp[i] > '9')
            return NULL;
    return stamp;
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names (without end) of this database's files with that end, the oldest first. */
static int list(struct backup *b, const char *end, const char ***names_out, int *n_out, struct cab_err *err) {
    const char **names = NULL;
    int n = 0;
    int copy = openat(b->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;
    if (dir == NULL)
        return fail(err, b, "The backups cannot be listed");
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
        if (stamp_of(b, entry->d_name, end) != NULL) {
            names = cab_mem_resize(b->admin->mem, names, (size_t)(n + 1) * sizeof *names);
            names[n++] = cab_strndup(b->admin->mem, entry->d_name, strlen(entry->d_name) - strlen(end));
        }
    closedir(dir);
    if (n > 0)
        qsort(names, (size_t)n, sizeof *names, by_name);
    *names_out = names;
    *n_out = n;
    return 0;
}

static void delete_named(const struct backup *b, const char *name) {
    static const char *const ends[] = { ".sha256", ".manifest", ".dump" };
    for (size_t i = 0; i < CAB_LENGTH(ends); i++)
        if (unlinkat(b->folder, cab_printf(b->admin->mem, "%s%s", name, ends[i]), 0) != 0 && errno != ENOENT)
            cab_log(CAB_LOG_WARN, "%s%s cannot be deleted: %s", name, ends[i], strerror(errno));
}

/* What a backup that was killed has left; nobody else is at work, by the lock. */
static int delete_partial(struct backup *b, struct cab_err *err) {
    const char **names;
    int n;
    if (list(b, ".partial", &names, &n, err) != 0)
        return -1;
    for (int i = 0; i < n; i++)
        unlinkat(b->folder, cab_printf(b->admin->mem, "%s.partial", names[i]), 0);
    return 0;
}

static int delete_old(struct backup *b, int *deleted_out, struct cab_err *err) {
    const char **names;
    int n;
    *deleted_out = 0;
    if (list(b, ".dump", &names, &n, err) != 0)
        return -1;
    for (; n - *deleted_out > b->admin->conf->backup_keep; ++*deleted_out)
        delete_named(b, names[*deleted_out]);
    return 0;
}

/* A quarter more than the last one; the first is taken for half of the database, which also has indexes. */
static int check_space(struct backup *b, struct cab_err *err) {
    struct cab_result *r;
    struct statvfs fs;
    struct stat st;
    const char **names;
    int n;

    if (fstatvfs(b->folder, &fs) != 0 || list(b, ".dump", &names, &n, err) != 0)
        return err->problem != CAB_PROBLEM_NONE ? -1 : fail(err, b, "Free space cannot be told");
    if (cab_db_read(b->db, b->admin->mem, CAB_SHAPE_ONE, "SELECT pg_catalog.pg_database_size(current_database())", 0,
                    NULL, &r, err) != 0)
        return -1;
    int64_t wanted = cab_result_int64(r, 0, 0) / 2, room = (int64_t)(fs.f_bavail * fs.f_frsize);
    if (n > 0 && fstatat(b->folder, cab_printf(b->admin->mem, "%s.dump", names[n - 1]), &st, 0) == 0)
        wanted = st.st_size + st.st_size / 4;
    wanted += MARGIN;
    if (room >= wanted)
        return 0;
    return cab_fail(err, CAB_PROBLEM_INVALID,
                    "%s has %" PRId64 " MB free and the backup may need %" PRId64 " MB; free some, lower BACKUP_KEEP, "
                    "or name another BACKUP_FOLDER.", b->admin->conf->backup_folder, room >> 20, wanted >> 20);
}

/* ---- the parts ---- */

static int dump(struct backup *b, const char *snapshot, struct cab_err *err) {
    const char *file = cab_printf(b->admin->mem, "%s/%s", b->admin->conf->backup_folder, file_name(b, ".partial"));
    char *argv[] = { cab_strdup(b->admin->mem, "pg_dump"), cab_strdup(b->admin->mem, "--format=custom"),
                     cab_strdup(b->admin->mem, "--no-password"),
                     cab_printf(b->admin->mem, "--snapshot=%s", snapshot),
                     cab_printf(b->admin->mem, "--file=%s", file), NULL };

    if (cab_db_url_export(b->url, err) != 0 || admin_child(argv, err) != 0)
        return -1;
    int fd = openat(b->folder, file_name(b, ".partial"), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail(err, b, "The dump cannot be read");
    int rc = fsync(fd) != 0 || cab_sha256_file(fd, b->dump_digest, &b->dump_bytes) != 0 ? -1 : 0;
    if (rc != 0)
        (void)fail(err, b, "The dump cannot be read");
    close(fd);
    return rc;
}

static int write_file(struct backup *b, const char *name, const struct cab_buf *text, struct cab_err *err) {
    int fd = openat(b->folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool is_written = fd >= 0 && write(fd, text->data, text->len) == (ssize_t)text->len && fsync(fd) == 0;
    if (!is_written)
        (void)fail(err, b, cab_printf(b->admin->mem, "%s cannot be written", name));
    if (fd >= 0 && close(fd) != 0)
        is_written = false;
    return is_written ? 0 : -1;
}

static int write_manifest(struct backup *b, struct cab_err *err) {
    struct cab_result *r;
    struct cab_buf buf;
    if (cab_db_query(b->db, b->admin->mem, CAB_SHAPE_ONE,
                     "SELECT d.datcollate, d.datctype, "
                     "to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') "
                     "FROM pg_catalog.pg_database AS d WHERE d.datname = current_database()", 0, NULL, &r, err) != 0 ||
        admin_survey(b->admin, b->db, b->url, &b->survey, err) != 0)
        return -1;
    cab_buf_init(&buf, b->admin->mem, 4096);
    cab_buf_addf(&buf, "cabinet-backup 1\ndatabase %s\ntaken %s\nserver %d\ncollate %s\nctype %s\n", b->database,
                 cab_result_value(r, 0, 2), cab_db_server_version(b->db), cab_result_value(r, 0, 0),
                 cab_result_value(r, 0, 1));
    for (int i = 0; i < b->survey.n; i++)
        cab_buf_addf(&buf, "%s\n", b->survey.lines[i]);
    cab_sha256_hex(buf.data, buf.len, b->manifest_digest);
    return write_file(b, file_name(b, ".manifest"), &buf, err);
}

/* The snapshot stays open until the dump and what it is compared with are made. */
static int take(struct backup *b, struct cab_err *err) {
    struct cab_result *r;
    struct cab_buf sums;
    if (cab_db_exec(b->db, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", err) != 0 ||
        cab_db_query(b->db, b->admin->mem, CAB_SHAPE_ONE, "SELECT pg_catalog.pg_export_snapshot()", 0, NULL, &r,
                     err) != 0 ||
        dump(b, cab_result_value(r, 0, 0), err) != 0 || write_manifest(b, err) != 0 ||
        cab_db_exec(b->db, "COMMIT", err) != 0)
        return -1;
    cab_buf_init(&sums, b->admin->mem, 256);
    cab_buf_addf(&sums, "%s  %s\n%s  %s\n", b->dump_digest, file_name(b, ".dump"), b->manifest_digest,
                 file_name(b, ".manifest"));
    if (write_file(b, file_name(b, ".sha256"), &sums, err) != 0)
        return -1;
    if (renameat(b->folder, file_name(b, ".partial"), b->folder, file_name(b, ".dump")) != 0 || fsync(b->folder) != 0)
        return fail(err, b, "The dump cannot be given its name");
    return 0;
}

static int run(struct backup *b, struct cab_err *err) {
    char stamp[STAMP_LENGTH + 1];
    struct cab_result *r;
    time_t now = time(NULL);
    int deleted;

    strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", gmtime(&now));
    if (admin_owner_url(b->admin, &b->url, err) != 0 || open_folder(b, err) != 0 ||
        admin_open_owner(b->admin, b->url, &b->db, err) != 0 ||
        cab_db_read(b->db, b->admin->mem, CAB_SHAPE_ONE, "SELECT current_database()", 0, NULL, &r, err) != 0)
        return -1;
    b->database = cab_result_value(r, 0, 0);
    if (strchr(b->database, '/') != NULL)
        return cab_fail(err, CAB_PROBLEM_INVALID, "A database with / in its name cannot be backed up to a file.");
    b->name = cab_printf(b->admin->mem, "%s-%s", b->database, stamp);
    if (delete_partial(b, err) != 0 || check_space(b, err) != 0)
        return -1;
    if (take(b, err) != 0) {
        unlinkat(b->folder, file_name(b, ".partial"), 0);
        delete_named(b, b->name);
        return -1;
    }
    if (delete_old(b, &deleted, err) != 0)
        return -1;
    admin_say(b->admin, "%s/%s.dump: %" PRId64 " rows of %d tables in %" PRId64 " bytes; older backups deleted: %d.",
              b->admin->conf->backup_folder, b->name, b->survey.rows, b->survey.tables, b->dump_bytes, deleted);
    return ADMIN_DONE;
}

int admin_backup(struct admin *admin, struct cab_err *err) {
    struct backup b = { .admin = admin, .folder = -1 };
    umask(0077);
    int rc = run(&b, err);
    if (b.folder >= 0)
        close(b.folder);
    return rc;
}
