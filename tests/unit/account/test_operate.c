/*
 * cabinet-admin on the database as a whole: setting one up, backing up, restoring with proof.
 */
#include "stand.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void *mem;
static char folder[] = "/tmp/cabbackup.XXXXXX";
static char text[8192];

static void make(void) {
    mem = cab_mem_alloc(NULL, 1);
    cr_assert_not_null(mkdtemp(folder));
    setenv("BACKUP_FOLDER", folder, 1);
    setenv("DATABASE_URL", getenv("CABINET_TEST_MIGRATED_URL"), 1);
    setenv("DATABASE_OWNER_URL", getenv("CABINET_TEST_OWNER_URL"), 1);
    setenv("SECRET_KEY", "UmFuZG9tIGJ5dGVzIG9mIGEgdGVzdCwgbm90aGluZyBlbHNl", 1);
}

/* Runs a shell command; its status, and all it says in text. */
static int shell(const char *command) {
    FILE *file = popen(cab_printf(mem, "exec 2>&1; %s", command), "r");
    cr_assert_not_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    return WEXITSTATUS(pclose(file));
}

static void check(const char *command, int status, const char *part) {
    int got = shell(command);
    cr_assert_eq(got, status, "%s: %d: %s", command, got, text);
    cr_assert_not_null(strstr(text, part), "%s: %s", command, text);
}

static void drop(void) {
    if (shell(cab_printf(mem, "rm -r '%s'", folder)) != 0)
        fprintf(stderr, "%s\n", text);
    cab_mem_free(mem);
}

TestSuite(operate, .init = make, .fini = drop, .timeout = 120);

static const char *new_name(const char *kind) {
    return cab_printf(mem, "cabtest_%s_%d", kind, (int)getpid());
}

static void drop_database(const char *name) {
    check(cab_printf(mem, "psql -Xqc 'DROP DATABASE IF EXISTS %s' \"$CABINET_TEST_DATABASE_URL\"", name), 0, "");
}

/* The path of the newest file that ends so. */
static const char *newest(const char *end) {
    check(cab_printf(mem, "ls '%s'/*%s | tail -n 1 | tr -d '\\n'", folder, end), 0, folder);
    return cab_strdup(mem, text);
}

Test(operate, restores_what_was_backed_up_and_proves_it) {
    const char *copy = new_name("copy");
    static const char trail[] = "psql -XqAt \"$CABINET_TEST_OWNER_URL%s%s\" -c \"%s\"";
    /* as of a server that has seen more transactions */
    check(cab_printf(mem, trail, "", "", "INSERT INTO audit_logs (action, transaction_id)"
                                         " VALUES ('from_elsewhere', '9000000000000000000')"), 0, "");
    check("./cabinet-admin backup", 0, "rows of");
    check(cab_printf(mem, trail, "", "", "DELETE FROM audit_logs WHERE action = 'from_elsewhere'"), 0, "");
    check(cab_printf(mem, "cd '%s' && sha256sum -c *.sha256 && stat -c %%a *.dump", folder), 0, "600");
    const char *restore = cab_printf(mem, "./cabinet-admin restore '%s' --into %s", newest(".dump"), copy);
    check(restore, 0, "equals the backup");
    check(cab_printf(mem, "psql -XAt \"$CABINET_TEST_OWNER_URL&dbname=%s\" -c 'SELECT count(*) >= 0 FROM users'", copy),
          0, "t");
    check(cab_printf(mem, trail, "&dbname=", copy, "SELECT transaction_id FROM audit_logs WHERE action ="
                                                   " 'from_elsewhere'"), 0, "1\n");
    check(restore, 1, "exists already");
    drop_database(copy);
}

/* Expressions that the server prints in another form once they were read back from its print. */
static const char site_model[] =
    "CREATE DOMAIN share AS numeric CHECK (VALUE BETWEEN 0 AND 1 AND VALUE <> 0.5);"
    "CREATE TABLE parts (id int PRIMARY KEY, a int DEFAULT CASE WHEN 1 BETWEEN 0 AND 2 AND true THEN 1 END, "
    " b boolean GENERATED ALWAYS AS (a NOT BETWEEN 1 AND 2 OR id = 7 OR (a, id) = (1, 2)) STORED, "
    " s varchar(9), c share, "
    " CHECK (a BETWEEN 1 AND 5 AND s <> '' AND id > 0), CHECK (s IN ('a', 'b, c', 'it''s (x AND y) AND z')), "
    " CHECK (id > 0 OR (a, id) < (3, 4) OR a IS NULL));"
    "CREATE INDEX ON parts ((a BETWEEN 1 AND 2 AND id > 3)) WHERE s IN ('a', 'b') AND a BETWEEN 3 AND 4 AND id > 0;"
    "CREATE STATISTICS shares ON (a BETWEEN 1 AND 2 AND id > 3), id FROM parts;"
    "CREATE VIEW seen AS SELECT id, (a, id) = (1, 2) AND s <> 'x' AS x FROM parts WHERE a BETWEEN 1 AND 2 AND id > 0;"
    "ALTER TABLE parts ENABLE ROW LEVEL SECURITY;"
    "CREATE POLICY mine ON parts USING (a BETWEEN 1 AND 2 AND s IN ('a', 'b')) WITH CHECK ((a, id) = (1, 2) AND true);"
    "CREATE FUNCTION f(i int) RETURNS boolean LANGUAGE sql RETURN i BETWEEN 1 AND 2 AND i <> 7;"
    "CREATE FUNCTION t() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
    "CREATE TRIGGER t BEFORE UPDATE ON parts FOR EACH ROW WHEN (NEW.a BETWEEN 1 AND 2 AND OLD.id > 0) "
    " EXECUTE FUNCTION t();";

static void in_database(const char *name, const char *sql) {
    check(cab_printf(mem, "psql -Xq -v ON_ERROR_STOP=1 \"$CABINET_TEST_OWNER_URL&dbname=%s\" <<'END'\n%s\nEND\n", name,
                     sql), 0, "");
}

static void make_database(const char *name) {
    check(cab_printf(mem, "psql -Xqc 'CREATE DATABASE %s OWNER cabinet_owner' \"$CABINET_TEST_DATABASE_URL\"", name), 0,
          "");
    setenv("DATABASE_OWNER_URL", cab_printf(mem, "%s&dbname=%s", getenv("CABINET_TEST_OWNER_URL"), name), 1);
}

Test(operate, a_copy_may_print_its_expressions_in_another_form) {
    const char *site = new_name("site"), *copy = new_name("sitecopy");
    make_database(site);
    in_database(site, site_model);
    check("./cabinet-admin backup", 0, "rows of");
    check(cab_printf(mem, "./cabinet-admin restore '%s' --into %s", newest(".dump"), copy), 0, "equals the backup");
    /* the differ agrees, and the form is another one indeed */
    static const char count[] = "psql -XAt \"$CABINET_TEST_OWNER_URL&dbname=%s\" -c \"SELECT count(*) "
                                "FROM pg_constraint WHERE conrelid = 'parts'::regclass AND "
                                "pg_get_constraintdef(oid) ~ 'ANY ..ARRAY'\"";
    check(cab_printf(mem, count, site), 0, "1\n");
    check(cab_printf(mem, count, copy), 0, "0\n");
    const char *diff = cab_printf(mem, "./cabinet-migrate diff --from \"$CABINET_TEST_OWNER_URL&dbname=%s\" "
                                       "--to \"$CABINET_TEST_OWNER_URL&dbname=%s\"", site, copy);
    check(diff, 0, "");
    cr_expect_str_eq(text, "", "%s", text);
    drop_database(copy);
    drop_database(site);
}

/* The dump of one model with the manifest of another: same words, other brackets. */
Test(operate, a_copy_whose_expressions_mean_something_else_is_told) {
    const char *site = new_name("other"), *copy = new_name("othercopy");
    make_database(site);
    in_database(site, "CREATE TABLE t (a int, b int, CONSTRAINT k CHECK ((a > 0 OR a BETWEEN 1 AND 2) AND b > 0))");
    check("./cabinet-admin backup", 0, "rows of");
    const char *first = newest(".manifest");
    in_database(site, "ALTER TABLE t DROP CONSTRAINT k, ADD CONSTRAINT k CHECK (a > 0 OR a BETWEEN 1 AND 2 AND b > 0)");
    check("sleep 1; ./cabinet-admin backup", 0, "rows of");
    const char *dump = newest(".dump");
    const char *mix = cab_printf(mem, "cd '%s' && f=$(basename '%s' .dump) && grep -v ^schema $f.manifest > m && "
                                      "grep ^schema '%s' >> m && mv m $f.manifest && "
                                      "sha256sum $f.dump $f.manifest > $f.sha256", folder, dump, first);
    check(mix, 0, "");
    check(cab_printf(mem, "./cabinet-admin restore '%s' --into %s", dump, copy), 1, "not as backed up: schema");
    drop_database(copy);
    drop_database(site);
}

Test(operate, restore_refuses_what_is_not_whole) {
    const char *copy = new_name("broken");
    check("./cabinet-admin backup", 0, "rows of");
    const char *dump = newest(".dump"), *manifest = newest(".manifest");
    const char *restore = cab_printf(mem, "./cabinet-admin restore '%s' --into %s", dump, copy);
    check(cab_printf(mem, "./cabinet-admin restore '%s'", dump), 1, "--into");
    check(cab_printf(mem, "./cabinet-admin restore '%s' --into 'dbname=x'", dump), 1, "without");
    check(cab_printf(mem, "./cabinet-admin restore '%s' --into x", manifest), 1, ".dump file");
    check(cab_printf(mem, "./cabinet-admin restore '%s/none.dump' --into x", folder), 1, "cannot be read");
    const char *spoil = cab_printf(mem, "cp '%s' '%s/kept' && printf x | dd of='%s' bs=1 seek=3000 conv=notrunc", dump,
                                   folder, dump);
    check(spoil, 0, "");
    check(restore, 1, "the checksum of its dump file differs");
    check(cab_printf(mem, "mv '%s/kept' '%s' && sed -i 's/^taken .*/taken never/' '%s'", folder, dump, manifest), 0,
          "");
    check(restore, 1, "the checksum of its manifest file differs");
    /* sums that are right, and another history: only comparing finds it */
    const char *lie = cab_printf(mem, "cd '%s' && sed -i 's/^audit .*/audit 1 2 3/' *.manifest && "
                                      "sha256sum *.dump *.manifest > sums && mv sums *.sha256", folder);
    check(lie, 0, "");
    check(restore, 1, "not as backed up: audit");
    drop_database(copy);
}

Test(operate, backups_rotate_and_leftovers_go) {
    check(cab_printf(mem, "touch '%s/cabinet_test-20200101T000000Z.partial' '%s/mine.partial'", folder, folder), 0, "");
    for (int i = 0; i < 3; i++)
        check("sleep 1; BACKUP_KEEP=2 ./cabinet-admin backup", 0, "rows of");
    check(cab_printf(mem, "ls '%s' | wc -l; ls '%s'", folder, folder), 0, "7\n");
    cr_expect_null(strstr(text, "20200101"), "%s", text);
    cr_expect_not_null(strstr(text, "mine.partial"), "%s", text);
}

Test(operate, a_backup_that_cannot_be_made_leaves_nothing) {
    check("BACKUP_FOLDER=/nonexistent ./cabinet-admin backup", 1, "BACKUP_FOLDER /nonexistent cannot be opened");
    const char *broken = cab_printf(mem, "cd '%s' && printf '#!/bin/sh\\nexit 3\\n' > pg_dump && chmod 755 pg_dump",
                                    folder);
    check(broken, 0, "");
    check(cab_printf(mem, "PATH='%s':$PATH ./cabinet-admin backup", folder), 1, "pg_dump ended with status 3");
    check(cab_printf(mem, "ls '%s'", folder), 0, "pg_dump\n");
    cr_expect_str_eq(text, "pg_dump\n");
    check("DATABASE_OWNER_URL='host=/nonexistent dbname=x user=y' ./cabinet-admin backup", 4, "cannot be reached");
}

Test(operate, sets_a_database_up_once_and_leaves_foreign_ones) {
    const char *name = new_name("fresh");
    const char *urls = cab_printf(mem, "DATABASE_URL=\"$CABINET_TEST_MIGRATED_URL&dbname=%s\" "
                                       "DATABASE_OWNER_URL=\"$CABINET_TEST_OWNER_URL&dbname=%s\"", name, name);
    const char *setup = cab_printf(mem, "%s ./cabinet-admin setup-database \"$CABINET_TEST_DATABASE_URL\"", urls);
    check(setup, 0, cab_printf(mem, "Database %s is set up; now", name));
    check(setup, 0, "set up already");
    check(cab_printf(mem, "psql -XAt \"$CABINET_TEST_DATABASE_URL\" -c "
                          "\"SELECT has_database_privilege('public', '%s', 'CONNECT')\"", name), 0, "f");
    check(cab_printf(mem, "psql -Xq \"$CABINET_TEST_DATABASE_URL\" -c 'ALTER DATABASE %s OWNER TO postgres'", name), 0,
          "");
    check(setup, 1, cab_printf(mem, "ALTER DATABASE \"%s\" OWNER TO cabinet_owner;", name));
    drop_database(name);
    /* the service's role makes neither roles nor databases: a person gets the SQL */
    check(cab_printf(mem, "%s ./cabinet-admin setup-database \"$CABINET_TEST_MIGRATED_URL\"", urls), 1,
          cab_printf(mem, "CREATE DATABASE \"%s\" OWNER cabinet_owner", name));
    check("DATABASE_URL=postgresql://somebody@/x ./cabinet-admin setup-database \"$CABINET_TEST_DATABASE_URL\"", 1,
          "must name role cabinet_app");
}
