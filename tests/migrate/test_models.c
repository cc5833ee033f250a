/*
 * Models plus what follows from annotations give the same schema as the revisions; and what models may not contain.
 */
#include <criterion/criterion.h>
#include <migrate/graph.h>
#include <migrate/models.h>
#include <migrate/run.h>
#include <migrate/scratch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *server(void) {
    const char *url = getenv("CABINET_TEST_DATABASE_URL");
    cr_assert_not_null(url, "CABINET_TEST_DATABASE_URL must name a server where the role may create databases");
    return url;
}

static struct cab_scratch *scratch(void *ctx) {
    struct cab_scratch *made = NULL;
    struct cab_err err = {0};
    cr_assert_eq(cab_scratch_make(ctx, server(), &made, &err), 0, "%s %s", err.detail, err.internal);
    struct cab_db *db = cab_scratch_db(made);
    cr_assert_eq(cab_db_exec(db, "DO $$ BEGIN CREATE ROLE cabinet_app; EXCEPTION "
                                 "WHEN duplicate_object OR unique_violation THEN NULL; END $$", &err), 0, "%s",
                 err.internal);
    return made;
}

/* pg_dump -s without its comments and session lines, and without cabinet.generation(), which tells of a row. */
static char *dump(void *ctx, const struct cab_scratch *of) {
    struct cab_buf out;
    char line[4096];
    FILE *pipe = popen(cab_printf(ctx, "pg_dump -s '%s'", cab_scratch_url(of)), "r");
    cr_assert_not_null(pipe);
    cab_buf_init(&out, ctx, 65536);
    bool is_of_row = false;
    while (fgets(line, sizeof(line), pipe) != NULL) {
        is_of_row |= strstr(line, " FUNCTION cabinet.generation() ") != NULL;
        if (is_of_row) {
            is_of_row = strstr(line, ";\n") == NULL;
            continue;
        }
        if (strncmp(line, "--", 2) != 0 && strstr(line, "restrict ") == NULL && line[0] != '\n')
            cab_buf_adds(&out, line);
    }
    cr_assert_eq(pclose(pipe), 0);
    cr_assert_gt(out.len, 100);
    return out.data;
}

/* Loads text as the file a.sql of a folder of its own, behind the folders of others (NULL: none). */
static int load(void *ctx, struct cab_db *db, const char *others, const char *text, struct cab_err *err) {
    char folder[] = "/tmp/cabinet-models-XXXXXX";
    cr_assert_not_null(mkdtemp(folder));
    const char *path = cab_printf(ctx, "%s/a.sql", folder);
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    fputs(text, file);
    fclose(file);
    int rc = cab_models_load(ctx, db, others == NULL ? folder : cab_printf(ctx, "%s:%s", others, folder), err);
    unlink(path);
    rmdir(folder);
    return rc;
}

static int load_text(const char *text, char *detail, size_t size) {
    void *ctx = cab_mem_alloc(NULL, 1);
    struct cab_err err = {0};
    int rc = load(ctx, cab_scratch_db(scratch(ctx)), NULL, text, &err);
    snprintf(detail, size, "%s %s", err.detail, err.internal);
    cab_mem_free(ctx);
    return rc;
}

/* A scratch database of the shipped models and of those in text. */
static struct cab_db *with_model(void *ctx, const char *text) {
    struct cab_err err = {0};
    struct cab_db *db = cab_scratch_db(scratch(ctx));
    cr_assert_eq(load(ctx, db, TESTS_SRCDIR "/../src/models", text, &err), 0, "%s %s", err.detail, err.internal);
    return db;
}

Test(models, models_and_revisions_describe_the_same_schema) {
    void *ctx = cab_mem_alloc(NULL, 1);
    struct cab_err err = {0};
    struct cab_graph *graph = NULL;
    struct cab_scratch *from_models = scratch(ctx), *from_revisions = scratch(ctx);
    cr_assert_eq(cab_models_load(ctx, cab_scratch_db(from_models), TESTS_SRCDIR "/../src/models", &err), 0, "%s %s",
                 err.detail, err.internal);
    cr_assert_eq(cab_graph_load(ctx, TESTS_SRCDIR "/../migrations", &graph, &err), 0, "%s", err.detail);
    cr_assert_eq(cab_run_replay(ctx, cab_scratch_db(from_revisions), graph, &err), 0, "%s %s", err.detail,
                 err.internal);
    const char *a = dump(ctx, from_models), *b = dump(ctx, from_revisions);
    size_t same = 0;
    while (a[same] != '\0' && a[same] == b[same])
        same++;
    cr_expect_str_eq(a, b, "models: %.200s\nrevisions: %.200s", a + (same > 80 ? same - 80 : 0),
                     b + (same > 80 ? same - 80 : 0));
    cab_mem_free(ctx);
}

Test(models, order_of_statements_does_not_matter) {
    char detail[2048];
    cr_expect_eq(load_text("COMMENT ON TABLE b IS 'later';\nCREATE TABLE b (id int PRIMARY KEY REFERENCES a);\n"
                           "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT id FROM b';\n"
                           "CREATE VIEW v AS SELECT id FROM b;\nCREATE TABLE a (id int PRIMARY KEY);\n",
                           detail, sizeof(detail)), 0, "%s", detail);
}

Test(models, refusals_name_file_and_line) {
    static const struct { const char *text, *says; } rows[] = {
        {"CREATE TABLE a (id int);\n\nCREATE TABEL b ();", "a.sql:3: syntax error at or near \"TABEL\""},
        {"CREATE TABLE a (id int,\n  b nosuch);", "a.sql:2: type \"nosuch\" does not exist"},
        {"CREATE TABLE a (id int);\nINSERT INTO a VALUES (1);", "a.sql:2: INSERT cannot stand in a model"},
        {"SELECT 1;", "a.sql:1: SELECT cannot stand in a model"},
        {"\\d\n", "a.sql:1: psql commands"},
        {"CREATE TABLE a (id int REFERENCES b);\nCREATE TABLE b (id int REFERENCES a);",
         "tables that refer to each other need ALTER TABLE"},
        {"CREATE TABLE a (id int);\nCREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT nosuch FROM a';",
         "The body of function f() does not work"},
        {"CREATE TABLE a (id int PRIMARY KEY);\nCOMMENT ON TABLE a IS '@api(exposed)';", "exposed"},
    };
    for (size_t i = 0; i < CAB_LENGTH(rows); i++) {
        char detail[2048];
        cr_expect_eq(load_text(rows[i].text, detail, sizeof(detail)), -1, "row %zu", i);
        cr_expect_not_null(strstr(detail, rows[i].says), "row %zu: %s", i, detail);
    }
}

Test(models, scratch_databases_are_dropped_and_leftovers_collected) {
    void *ctx = cab_mem_alloc(NULL, 1);
    struct cab_err err = {0};
    struct cab_db *db = NULL;
    struct cab_db_options options = {.url = server(), .connect_timeout_s = 10, .prepared = true};
    struct cab_result *result;
    cr_assert_eq(cab_db_open(ctx, &options, &db, &err), 0, "%s", err.internal);
    struct cab_scratch *s = scratch(ctx);
    const char *name = cab_strdup(ctx, cab_scratch_name(s)), *values[] = {name};
    const char *sql = "SELECT count(*) FROM pg_database WHERE datname = $1::text";
    cr_assert_eq(cab_db_query(db, ctx, CAB_SHAPE_ONE, sql, 1, values, &result, &err), 0);
    cr_expect_eq(cab_result_int64(result, 0, 0), 1);
    cab_scratch_drop(&s);
    cr_assert_eq(cab_db_query(db, ctx, CAB_SHAPE_ONE, sql, 1, values, &result, &err), 0);
    cr_expect_eq(cab_result_int64(result, 0, 0), 0);

    values[0] = "cabinet_scratch_1_leftover";
    cr_assert_eq(cab_db_exec(db, "DROP DATABASE IF EXISTS cabinet_scratch_1_leftover", &err), 0);
    cr_assert_eq(cab_db_exec(db, "CREATE DATABASE cabinet_scratch_1_leftover", &err), 0, "%s", err.internal);
    cr_assert_eq(cab_db_exec(db, "COMMENT ON DATABASE cabinet_scratch_1_leftover IS 'cabinet scratch 1'", &err), 0);
    int n = 0;
    cr_assert_eq(cab_scratch_collect(ctx, db, &n, &err), 0, "%s", err.internal);
    cr_expect_geq(n, 1);
    cr_assert_eq(cab_db_query(db, ctx, CAB_SHAPE_ONE, sql, 1, values, &result, &err), 0);
    cr_expect_eq(cab_result_int64(result, 0, 0), 0);
    cab_mem_free(ctx);
}

/* The audit trigger of an odd table, fired as psql would, with no session settings. */
Test(models, derived_triggers_work_on_any_table) {
    void *ctx = cab_mem_alloc(NULL, 1);
    struct cab_err err = {0};
    struct cab_result *result;
    struct cab_db *db = with_model(ctx,
        "CREATE TABLE odd (\"if\" uuid PRIMARY KEY DEFAULT gen_random_uuid(), j json, p point, \"Pin\" text,"
        " n numeric, g int GENERATED ALWAYS AS (1) STORED);\n"
        "COMMENT ON TABLE odd IS '@api(expose)';\n"
        "COMMENT ON COLUMN odd.\"Pin\" IS '@api(hidden)';\n");
    static const char *const statements[] = {
        "INSERT INTO odd (j, p, \"Pin\") VALUES ('{\"a\":1}', '(1,2)', 'secret')",
        "UPDATE odd SET j = '{\"a\":2}', p = '(1,3)', \"Pin\" = 'other', n = 1",
        "UPDATE odd SET n = 1",
        "DELETE FROM odd",
        "TRUNCATE odd",
    };
    for (size_t i = 0; i < CAB_LENGTH(statements); i++)
        cr_assert_eq(cab_db_exec(db, statements[i], &err), 0, "%s: %s", statements[i], err.internal);
    cr_assert_eq(cab_db_query(db, ctx, CAB_SHAPE_ANY, "SELECT action, table_name, row_key, before::text, after::text "
                              "FROM public.audit_logs ORDER BY id", 0, NULL, &result, &err), 0, "%s", err.internal);
    static const char *const actions[] = {"row_insert", "row_update", "row_delete", "table_truncate"};
    cr_assert_eq(cab_result_rows(result), (int)CAB_LENGTH(actions));
    for (int i = 0; i < cab_result_rows(result); i++) {
        const char *before = cab_result_value(result, i, 3), *after = cab_result_value(result, i, 4);
        cr_expect_str_eq(cab_result_value(result, i, 0), actions[i]);
        cr_expect(before == NULL || strstr(before, "secret") == NULL);
        cr_expect(after == NULL || (strstr(after, "secret") == NULL && strstr(after, "other") == NULL));
    }
    cr_expect_str_eq(cab_result_value(result, 1, 4),
                     "{\"j\": {\"a\": 2}, \"n\": 1, \"p\": \"(1,3)\", \"Pin\": \"***\"}");
    cab_mem_free(ctx);
}

/* What other triggers before an UPDATE make of a row is in the trail, on whichever side of ours they stand. */
Test(models, the_trail_holds_what_other_triggers_made_of_a_row) {
    void *ctx = cab_mem_alloc(NULL, 1);
    struct cab_err err = {0};
    struct cab_result *result;
    struct cab_db *db = with_model(ctx,
        "CREATE FUNCTION loud() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.name := upper(NEW.name);"
        " RETURN NEW; END$$;\n"
        "CREATE TABLE early (id int PRIMARY KEY, name text, row_version bigint NOT NULL DEFAULT 1);\n"
        "CREATE TABLE late (id int PRIMARY KEY, name text, row_version bigint NOT NULL DEFAULT 1);\n"
        "CREATE TRIGGER touch BEFORE UPDATE ON early FOR EACH ROW EXECUTE FUNCTION loud();\n"
        "CREATE TRIGGER zzz BEFORE UPDATE ON late FOR EACH ROW EXECUTE FUNCTION loud();\n"
        "COMMENT ON TABLE early IS '@api(expose)';\n"
        "COMMENT ON TABLE late IS '@api(expose)';\n");
    static const char *const tables[] = {"early", "late"};
    for (int i = 0; i < 2; i++) {
        const char *sql = cab_printf(ctx, "INSERT INTO %s VALUES (1, 'a'); UPDATE %s SET name = 'b';"
                                          " UPDATE %s SET name = 'b', row_version = 9; UPDATE %s SET name = name;",
                                     tables[i], tables[i], tables[i], tables[i]);
        cr_assert_eq(cab_db_exec(db, sql, &err), 0, "%s", err.internal);
        cr_assert_eq(cab_db_query(db, ctx, CAB_SHAPE_ONE, cab_printf(ctx, "SELECT row_version FROM %s", tables[i]), 0,
                                  NULL, &result, &err), 0, "%s", err.internal);
        cr_expect_eq(cab_result_int64(result, 0, 0), 4);
    }
    cr_assert_eq(cab_db_query(db, ctx, CAB_SHAPE_ANY, "SELECT table_name, before::text, after::text"
                              " FROM public.audit_logs WHERE action = 'row_update' ORDER BY id", 0, NULL, &result,
                              &err), 0, "%s", err.internal);
    cr_assert_eq(cab_result_rows(result), 2);
    for (int i = 0; i < 2; i++) {
        cr_expect_str_eq(cab_result_value(result, i, 0), tables[i]);
        cr_expect_str_eq(cab_result_value(result, i, 1), "{\"name\": \"a\", \"row_version\": 1}");
        cr_expect_str_eq(cab_result_value(result, i, 2), "{\"name\": \"B\", \"row_version\": 2}");
    }
    cr_assert_eq(cab_db_query(db, ctx, CAB_SHAPE_ANY, "SELECT t.tgname FROM pg_trigger AS t"
                              " WHERE t.tgrelid IN ('early'::regclass, 'late'::regclass) AND t.tgname"
                              " IN ('zz_audit', 'row_version') ORDER BY t.tgrelid::regclass::text", 0, NULL, &result,
                              &err), 0, "%s", err.internal);
    cr_assert_eq(cab_result_rows(result), 2);
    cr_expect_str_eq(cab_result_value(result, 0, 0), "zz_audit");
    cr_expect_str_eq(cab_result_value(result, 1, 0), "row_version");
    cab_mem_free(ctx);
}
