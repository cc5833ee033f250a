/*
 * restore: a new database from a backup, then the proof that it holds what was backed up.  The database of the service
 * is not touched; to use the copy, name it in DATABASE_URL and DATABASE_OWNER_URL.
 */
#include "admin/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MANIFEST_MAX (16 << 20)

struct restore {
    struct admin *admin;
    const char *base;            /* path of the files, without end */
    const char *manifest;        /* text */
    const char *url, *new_url;
    struct cab_db *db;
};

static int not_a_backup(struct restore *r, struct cab_err *err, const char *why) {
    return cab_fail(err, CAB_PROBLEM_INVALID, "%s.dump is not a whole backup: %s. Take another one.", r->base, why);
}

/* The value of the manifest's line "name value", or NULL. */
static const char *word(struct restore *r, const char *name) {
    size_t n = strlen(name);
    for (const char *line = r->manifest; line != NULL && *line != '\0';) {
        const char *end = strchr(line, '\n');
        if (end == NULL)
            return NULL;
        if (strncmp(line, name, n) == 0 && line[n] == ' ')
            return cab_strndup(r->admin->mem, line + n + 1, (size_t)(end - line) - n - 1);
        line = end + 1;
    }
    return NULL;
}

static int read_text(struct restore *r, const char *end, const char **text_out, struct cab_err *err) {
    const char *path = cab_printf(r->admin->mem, "%s%s", r->base, end);
    FILE *file = fopen(path, "re");
    struct cab_buf buf;
    if (file == NULL)
        return cab_fail(err, CAB_PROBLEM_INVALID, "%s cannot be read: %s.", path, strerror(errno));
    cab_buf_init(&buf, r->admin->mem, 8192);
    for (char block[4096]; buf.len <= MANIFEST_MAX;) {
        size_t n = fread(block, 1, sizeof block, file);
        if (n == 0)
            break;
        cab_buf_add(&buf, block, n);
    }
    bool failed = ferror(file) != 0 || buf.len > MANIFEST_MAX;
    fclose(file);
    if (failed)
        return not_a_backup(r, err, "a file cannot be read");
    *text_out = buf.data;
    return 0;
}

/* Both files are those whose digests were written with them. */
static int check_sums(struct restore *r, struct cab_err *err) {
    static const char *const ends[] = { ".dump", ".manifest" };
    const char *sums;
    if (read_text(r, ".sha256", &sums, err) != 0)
        return -1;
    for (size_t i = 0; i < CAB_LENGTH(ends); i++) {
        const char *path = cab_printf(r->admin->mem, "%s%s", r->base, ends[i]), *slash = strrchr(path, '/');
        char digest[65];
        int64_t bytes;
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0 || cab_sha256_file(fd, digest, &bytes) != 0)
            (void)cab_fail(err, CAB_PROBLEM_INVALID, "%s cannot be read: %s.", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        if (err->problem != CAB_PROBLEM_NONE)
            return -1;
        const char *line = cab_printf(r->admin->mem, "%s  %s\n", digest, slash != NULL ? slash + 1 : path);
        if (strstr(sums, line) == NULL)
            return not_a_backup(r, err, cab_printf(r->admin->mem, "the checksum of its %s file differs", ends[i] + 1));
    }
    return 0;
}

static int read_backup(struct restore *r, struct cab_err *err) {
    const char *file = r->admin->argument;
    size_t n = strlen(file);
    if (n < 6 || strcmp(file + n - 5, ".dump") != 0)
        return cab_fail(err, CAB_PROBLEM_INVALID, "Name the .dump file of a backup.");
    r->base = cab_strndup(r->admin->mem, file, n - 5);
    if (check_sums(r, err) != 0 || read_text(r, ".manifest", &r->manifest, err) != 0)
        return -1;
    if (strncmp(r->manifest, "cabinet-backup 1\n", 17) != 0 || word(r, "server") == NULL || word(r, "schema") == NULL ||
        word(r, "collate") == NULL || word(r, "ctype") == NULL)
        return not_a_backup(r, err, "its manifest has another form");
    return 0;
}

/* As setup-database leaves a database. */
static int make_database(struct restore *r, struct cab_err *err) {
    void *mem = r->admin->mem;
    const char *name = cab_sql_quote_name(mem, r->admin->into);
    const char *create = cab_printf(mem,
                                    "CREATE DATABASE %s TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE %s LC_CTYPE %s",
                                    name, cab_sql_quote_literal(mem, word(r, "collate")),
                                    cab_sql_quote_literal(mem, word(r, "ctype")));
    const char *close_it = cab_printf(mem, "REVOKE ALL ON DATABASE %s FROM PUBLIC", name);
    const char *open_it = cab_printf(mem, "GRANT CONNECT ON DATABASE %s TO cabinet_app", name);

    if (cab_db_exec(r->db, create, err) != 0) {
        if (strcmp(err->sqlstate, "42P04") == 0)
            return cab_fail(err, CAB_PROBLEM_INVALID, "Database %s exists already; name a new one.", r->admin->into);
        return -1;
    }
    return cab_db_exec(r->db, close_it, err) != 0 || cab_db_exec(r->db, open_it, err) != 0 ? -1 : 0;
}

static int load(struct restore *r, struct cab_err *err) {
    long jobs = sysconf(_SC_NPROCESSORS_ONLN);
    void *mem = r->admin->mem;
    char *argv[] = { cab_strdup(mem, "pg_restore"), cab_strdup(mem, "--exit-on-error"),
                     cab_strdup(mem, "--no-password"),
                     cab_printf(mem, "--jobs=%ld", jobs > 4 ? 4 : jobs < 1 ? 1 : jobs),
                     cab_printf(mem, "--dbname=%s", r->admin->into), cab_strdup(mem, r->admin->argument), NULL };
    /* --dbname with = or a scheme in it would be a connection string; such names are refused */
    return cab_db_url_export(r->new_url, err) != 0 ? -1 : admin_child(argv, err);
}

/* ---- the proof ---- */

static int count_differences(struct restore *r, const struct survey *got, int server, struct cab_err *err) {
    int major = atoi(word(r, "server")) / 10000, differences = 0, n_kept = 0;
    for (const char *line = r->manifest; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        n_kept += strncmp(line, "schema ", 7) == 0 || strncmp(line, "audit ", 6) == 0 ||
                  strncmp(line, "table ", 6) == 0;
    }
    for (int i = 0; i < got->n; i++) {
        if (major != server / 10000 && strncmp(got->lines[i], "schema ", 7) == 0)
            continue; /* each major version spells definitions in its own way */
        if (strstr(r->manifest, cab_printf(r->admin->mem, "\n%s\n", got->lines[i])) != NULL)
            continue;
        differences++;
        fprintf(stderr, "cabinet-admin: not as backed up: %s\n", got->lines[i]);
    }
    if (n_kept != got->n)
        differences++;
    if (differences == 0)
        return 0;
    return cab_fail(err, CAB_PROBLEM_INVALID, "Database %s is not what was backed up; do not use it: dropdb %s",
                    r->admin->into, r->admin->into);
}

static int prove(struct restore *r, struct survey *got, struct cab_err *err) {
    struct cab_db *copy;
    if (admin_open_owner(r->admin, r->new_url, &copy, err) != 0 ||
        cab_db_exec(copy, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", err) != 0 ||
        admin_survey(r->admin, copy, r->new_url, got, err) != 0 || cab_db_exec(copy, "COMMIT", err) != 0 ||
        count_differences(r, got, cab_db_server_version(copy), err) != 0)
        return -1;
    /* a dump brings no statistics, and the first requests need them */
    return cab_db_exec(copy, "ANALYZE", err);
}

/* Transactions of another server may be ahead of this one's: the change feed would hold them back, and tell of them
 * some day behind what is new.  They get a number before all of this server's, and keep their order by id. */
static int put_trail_behind(struct restore *r, struct cab_err *err) {
    static const char sql[] =
        "DO $$ BEGIN IF EXISTS (SELECT FROM pg_catalog.pg_attribute WHERE attrelid = to_regclass('public.audit_logs')"
        " AND attname = 'transaction_id' AND NOT attisdropped) THEN"
        " UPDATE public.audit_logs SET transaction_id = '1' WHERE transaction_id >= pg_current_xact_id();"
        " END IF; END $$";
    struct cab_db *copy;
    return admin_open_owner(r->admin, r->new_url, &copy, err) != 0 ? -1 : cab_db_exec(copy, sql, err);
}

int admin_restore(struct admin *admin, struct cab_err *err) {
    struct restore r = { .admin = admin };
    struct survey got;

    if (admin->into == NULL || admin->into[0] == '\0' || strpbrk(admin->into, "=:/") != NULL)
        return cab_fail(err, CAB_PROBLEM_INVALID, "Name the new database by --into, without = : / in its name.");
    if (admin_owner_url(admin, &r.url, err) != 0 || read_backup(&r, err) != 0 ||
        cab_db_url_with(admin->mem, r.url, "dbname", admin->into, &r.new_url, err) != 0 ||
        admin_open_owner(admin, r.url, &r.db, err) != 0 || make_database(&r, err) != 0)
        return -1;
    if (load(&r, err) != 0) {
        fprintf(stderr, "cabinet-admin: database %s is left as it is; remove it by: dropdb %s\n", admin->into,
                admin->into);
        return -1;
    }
    if (prove(&r, &got, err) != 0 || put_trail_behind(&r, err) != 0)
        return -1;
    const char *audit = word(&r, "audit");
    admin_say(admin, "Database %s equals the backup of %s: %" PRId64 " rows of %d tables, schema, audit trail (%s). To "
                     "use it, name it in DATABASE_URL and DATABASE_OWNER_URL.",
              admin->into, word(&r, "taken"), got.rows,
              got.tables, audit != NULL ? audit : "none");
    return ADMIN_DONE;
}
