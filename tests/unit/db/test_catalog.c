/*
 * The catalog as read from real databases: every kind of column and constraint, and each refusal.
 */
#include "db/catalog_private.h"
#include "support.h"
#include <criterion/criterion.h>
#include <string.h>

static void *ctx;
static struct cab_err err;
static const char *database;
static struct cab_db *db;
static struct cab_catalog *catalog;

static void make(void) {
    ctx = cab_mem_alloc(NULL, 1);
    database = test_database(ctx);
    struct cab_db_options options = test_options(ctx);
    options.url = test_url(ctx, database);
    db = test_open(ctx, &options);
}

static void drop(void) {
    cab_db_close(&db);
    test_drop(database);
    cab_mem_free(ctx);
}

TestSuite(catalog, .init = make, .fini = drop, .timeout = 120);

static void load(void) {
    cab_err_clear(&err);
    cr_assert_eq(cab_catalog_load(ctx, db, &catalog, &err), 0, "%s | %s", err.detail, err.internal);
    cr_assert(cab_db_check_idle(db));
}

static const struct cab_column *column(const char *table, const char *name) {
    const struct cab_table *found = cab_catalog_any(catalog, "public", table);
    cr_assert_not_null(found, "%s", table);
    const struct cab_column *c = cab_table_column(found, name);
    cr_assert_not_null(c, "%s", name);
    return c;
}

Test(catalog, an_empty_database) {
    load();
    cr_assert_eq(catalog->n_tables, 0);
    cr_assert_eq(catalog->generation, 0);
    cr_assert_eq(strlen(catalog->fingerprint), 32);
    cr_assert_null(cab_catalog_find(catalog, "users"));
}

static const char types[] =
    "CREATE TYPE mood AS ENUM ('sad', 'so \"so\"', 'happy');"
    "CREATE TYPE point3 AS (x int, y int, z int);"
    "CREATE DOMAIN short AS varchar(20) NOT NULL CONSTRAINT short_form CHECK (VALUE <> '');"
    "COMMENT ON CONSTRAINT short_form ON DOMAIN short IS 'Must not be empty.';"
    "CREATE DOMAIN shorter AS short DEFAULT 'x' CONSTRAINT shorter_form CHECK (length(VALUE) < 10);"
    "CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, b bool, i2 int2, i4 int, n numeric, n2 "
    "numeric(10,2),"
    " n3 numeric(3,-2), f4 real, f8 double precision, tx text, vc varchar(50), c char(3), u uuid, d date, ti time, tz "
    "timetz,"
    " ts timestamp, tstz timestamptz, iv interval, j json, jb jsonb, by bytea, e mood, ea mood[], ia int[], va "
    "varchar(9)[],"
    " r int4range, mr int4multirange, ip inet, ci cidr, ma macaddr, p point3, m money, x xml, dm shorter, nm name,"
    " g int GENERATED ALWAYS AS (1 + 1) STORED, def int DEFAULT 7, gone int, nn int NOT NULL DEFAULT 1);"
    "ALTER TABLE t DROP COLUMN gone;";

Test(catalog, every_kind_of_column) {
    static const struct { const char *name; enum cab_kind kind; const char *type;
    } expected[] = {
        { "id", CAB_KIND_INT8, "bigint" },
        { "b", CAB_KIND_BOOL, "boolean" },
        { "i2", CAB_KIND_INT2, "smallint" },
        { "i4", CAB_KIND_INT4, "integer" },
        { "n", CAB_KIND_NUMERIC, "numeric" },
        { "n2", CAB_KIND_NUMERIC, "numeric(10,2)" },
        { "f4", CAB_KIND_FLOAT, "real" },
        { "f8", CAB_KIND_FLOAT, "double precision" },
        { "tx", CAB_KIND_TEXT, "text" },
        { "vc", CAB_KIND_TEXT, "character varying(50)" },
        { "c", CAB_KIND_TEXT, "character(3)" },
        { "u", CAB_KIND_UUID, "uuid" },
        { "d", CAB_KIND_DATE, "date" },
        { "ti", CAB_KIND_TIME, "time without time zone" },
        { "tz", CAB_KIND_TIME, "time with time zone" },
        { "ts", CAB_KIND_TIMESTAMP, "timestamp without time zone" },
        { "tstz", CAB_KIND_TIMESTAMPTZ, "timestamp with time zone" },
        { "iv", CAB_KIND_INTERVAL, "interval" },
        { "j", CAB_KIND_JSON, "json" },
        { "jb", CAB_KIND_JSON, "jsonb" },
        { "by", CAB_KIND_BYTEA, "bytea" },
        { "e", CAB_KIND_ENUM, "public.mood" },
        { "ea", CAB_KIND_ARRAY, "public.mood[]" },
        { "ia", CAB_KIND_ARRAY, "integer[]" },
        { "va", CAB_KIND_ARRAY, "character varying(9)[]" },
        { "r", CAB_KIND_RANGE, "int4range" },
        { "mr", CAB_KIND_RANGE, "int4multirange" },
        { "ip", CAB_KIND_INET, "inet" },
        { "ci", CAB_KIND_INET, "cidr" },
        { "ma", CAB_KIND_INET, "macaddr" },
        { "p", CAB_KIND_COMPOSITE, "public.point3" },
        { "m", CAB_KIND_OTHER, "money" },
        { "x", CAB_KIND_OTHER, "xml" },
        { "dm", CAB_KIND_TEXT, "public.shorter" },
        { "nm", CAB_KIND_TEXT, "name" },
    };
    test_exec(db, types);
    load();
    cr_assert_eq(catalog->n_tables, 1, "types make no tables");
    for (size_t i = 0; i < CAB_LENGTH(expected); i++) {
        const struct cab_column *c = column("t", expected[i].name);
        cr_assert_eq(c->kind, expected[i].kind, "%s is %d", c->name, c->kind);
        cr_assert_str_eq(c->type, expected[i].type);
    }
    cr_assert_null(cab_table_column(&catalog->tables[0], "gone"));
    cr_assert_eq(column("t", "vc")->max_length, 50);
    cr_assert_eq(column("t", "c")->max_length, 3);
    cr_assert_eq(column("t", "tx")->max_length, 0);
    cr_assert_eq(column("t", "n")->numeric_precision, 0);
    cr_assert_eq(column("t", "n2")->numeric_precision, 10);
    cr_assert_eq(column("t", "n2")->numeric_scale, 2);
    if (cab_db_server_version(db) >= 150000)
        cr_assert_eq(column("t", "n3")->numeric_scale, -2);
    const struct cab_column *dm = column("t", "dm");
    cr_assert_str_eq(dm->base_type, "character varying(20)");
    cr_assert_eq(dm->max_length, 20);
    cr_assert(dm->not_null && dm->has_default, "both from the domains");
    cr_assert_str_eq(column("t", "e")->labels[1], "so \"so\"");
    cr_assert_null(column("t", "e")->labels[3]);
    cr_assert_str_eq(column("t", "ea")->labels[2], "happy");
    cr_assert_str_eq(column("t", "ea")->element_type, "public.mood");
    cr_assert_str_eq(column("t", "va")->element_type, "character varying(9)");
    cr_assert_null(column("t", "i4")->labels);
    const struct cab_column *id = column("t", "id"), *g = column("t", "g"), *def = column("t", "def"),
                            *nn = column("t", "nn");
    cr_assert(id->is_identity && id->is_system && id->not_null && !id->has_default);
    cr_assert(g->is_generated && g->is_system && !g->has_default);
    cr_assert(def->has_default && !def->not_null && !def->is_system);
    cr_assert(nn->has_default && nn->not_null);
    const struct cab_constraint *domain = cab_table_constraint(&catalog->tables[0], "short_form");
    cr_assert_not_null(domain);
    cr_assert_str_eq(domain->comment, "Must not be empty.");
    cr_assert_eq(domain->columns[0], dm);
    cr_assert_not_null(cab_table_constraint(&catalog->tables[0], "shorter_form"));
    /* every type text works as a cast */
    for (int i = 0; i < catalog->tables[0].n_columns; i++)
        test_value(ctx, db, cab_printf(ctx, "SELECT NULL::%s IS NULL", catalog->tables[0].columns[i].base_type));
}

Test(catalog, constraints_name_their_columns) {
    test_exec(db, "CREATE TABLE a (x int, y int, PRIMARY KEY (x, y), CONSTRAINT a_check CHECK (x > y));"
                  "COMMENT ON CONSTRAINT a_check ON a IS 'x is greater.';"
                  "CREATE TABLE b (id int PRIMARY KEY, ax int, ay int, email text, lower text, \"Odd one\" text, "
                  "deleted_at timestamptz,"
                  " at tstzrange, UNIQUE (email, ax), CONSTRAINT b_a FOREIGN KEY (ay, ax) REFERENCES a (y, x),"
                  " EXCLUDE USING gist (at WITH &&));"
                  "CREATE UNIQUE INDEX b_email ON b (lower(email)) WHERE deleted_at IS NULL;"
                  "CREATE UNIQUE INDEX b_lower ON b (lower);"
                  "CREATE UNIQUE INDEX b_odd ON b (upper(\"Odd one\"), (ax + ay)) WHERE email <> '';"
                  "CREATE INDEX b_plain ON b (email)");
    load();
    cr_assert_eq(catalog->n_tables, 2);
    const struct cab_table *a = cab_catalog_any(catalog, "public", "a"), *b = cab_catalog_any(catalog, "public", "b");
    cr_assert_null(a->key, "two columns");
    cr_assert_str_eq(b->key->name, "id");
    const struct cab_constraint *c = cab_table_constraint(a, "a_check");
    cr_assert_eq(c->kind, CAB_CONSTRAINT_CHECK);
    cr_assert_eq(c->n_columns, 2);
    cr_assert_str_eq(c->comment, "x is greater.");
    c = cab_table_constraint(b, "b_a");
    cr_assert_eq(c->kind, CAB_CONSTRAINT_FOREIGN);
    cr_assert_str_eq(c->target_schema, "public");
    cr_assert_str_eq(c->target_table, "a");
    cr_assert_str_eq(c->columns[0]->name, "ay");
    cr_assert_str_eq(c->target_columns[0], "y");
    cr_assert_str_eq(c->target_columns[1], "x");
    cr_assert_null(c->target_columns[2]);
    static const struct { const char *name; enum cab_constraint_kind kind; const char *columns; } unique[] = {
        { "b_pkey", CAB_CONSTRAINT_PRIMARY, "id " }, { "b_email_ax_key", CAB_CONSTRAINT_UNIQUE, "email ax " },
        { "b_email", CAB_CONSTRAINT_UNIQUE, "email " }, { "b_lower", CAB_CONSTRAINT_UNIQUE, "lower " },
        { "b_odd", CAB_CONSTRAINT_UNIQUE, "Odd one ax ay " }, { "b_at_excl", CAB_CONSTRAINT_EXCLUDE, "at " },
    };
    for (size_t i = 0; i < CAB_LENGTH(unique); i++) {
        c = cab_table_constraint(b, unique[i].name);
        cr_assert_not_null(c, "%s", unique[i].name);
        cr_assert_eq(c->kind, unique[i].kind);
        struct cab_buf names;
        cab_buf_init(&names, ctx, 63);
        for (int j = 0; j < c->n_columns; j++)
            cab_buf_addf(&names, "%s ", c->columns[j]->name);
        int same = 0;
        for (int j = 0; j < c->n_columns; j++)
            same += strstr(unique[i].columns, cab_printf(ctx, "%s ", c->columns[j]->name)) != NULL;
        cr_assert_eq(same, c->n_columns, "%s: %s", c->name, names.data);
        cr_assert_eq(names.len, strlen(unique[i].columns), "%s: %s", c->name, names.data);
    }
    cr_assert_null(cab_table_constraint(b, "b_plain"));
}

Test(catalog, what_is_left_out) {
    test_exec(db, "CREATE SCHEMA other; CREATE TABLE other.t (id int PRIMARY KEY);"
                  "CREATE TABLE t (id int PRIMARY KEY); CREATE VIEW v AS SELECT * FROM t;"
                  "CREATE MATERIALIZED VIEW m AS SELECT * FROM t; CREATE SEQUENCE s; CREATE TEMP TABLE x (a int);"
                  "CREATE TABLE p (id int, d date, PRIMARY KEY (id, d)) PARTITION BY RANGE (d);"
                  "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');"
                  "CREATE EXTENSION IF NOT EXISTS pg_stat_statements");
    load();
    cr_assert_eq(catalog->n_tables, 5, "%d", catalog->n_tables);
    cr_assert_str_eq(catalog->tables[0].name, "m");
    cr_assert_str_eq(catalog->tables[1].name, "p");
    cr_assert_str_eq(catalog->tables[2].schema, "other");
    cr_assert_str_eq(catalog->tables[3].schema, "public");
    cr_assert(catalog->tables[4].is_view && catalog->tables[0].is_view && !catalog->tables[1].is_view);
    cr_assert_null(cab_catalog_find(catalog, "t"), "not exposed");
    cr_assert_not_null(cab_catalog_any(catalog, "other", "t"));
    cr_assert_null(cab_catalog_any(catalog, "other", "v"));
}

static const char notes[] =
    "CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);"
    "CREATE TABLE notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, owner_id bigint NOT NULL REFERENCES users "
    "(id),"
    " title text NOT NULL, body text, secret text, date_created timestamptz NOT NULL DEFAULT now(), deleted_at "
    "timestamptz,"
    " row_version bigint NOT NULL DEFAULT 1);"
    "COMMENT ON TABLE notes IS 'A note of one user. @api(expose, owner(owner_id), soft_delete, order(-date_created),"
    " require_if_match, counted(owner_id, deleted_at), was(old_notes))';"
    "COMMENT ON COLUMN notes.title IS 'Shown in lists. @api(search, public)';"
    "COMMENT ON COLUMN notes.body IS '@api(private, was(text))'; COMMENT ON COLUMN notes.secret IS '@api(hidden)';";

Test(catalog, annotations_are_applied) {
    test_exec(db, notes);
    load();
    const struct cab_table *t = cab_catalog_find(catalog, "notes");
    cr_assert_not_null(t);
    cr_assert_str_eq(t->comment, "A note of one user.");
    cr_assert(t->is_exposed && t->is_soft_delete && t->is_require_if_match && t->is_audited);
    cr_assert_not(t->is_admin || t->is_readonly || t->is_public_read);
    cr_assert_str_eq(t->owner->name, "owner_id");
    cr_assert_str_eq(t->deleted_at->name, "deleted_at");
    cr_assert_str_eq(t->row_version->name, "row_version");
    cr_assert_str_eq(t->order->name, "date_created");
    cr_assert(t->order_descending);
    cr_assert_eq(t->n_counted, 2);
    cr_assert_str_eq(t->counted[1]->name, "deleted_at");
    cr_assert_str_eq(t->was, "old_notes");
    cr_assert_str_eq(column("notes", "title")->comment, "Shown in lists.");
    cr_assert(column("notes", "title")->is_search && column("notes", "title")->is_public);
    cr_assert(column("notes", "body")->is_private);
    cr_assert_str_eq(column("notes", "body")->was, "text");
    cr_assert_null(column("notes", "body")->comment);
    cr_assert(column("notes", "secret")->is_hidden);
    cr_assert(column("notes", "owner_id")->is_system && column("notes", "date_created")->is_system &&
              column("notes", "deleted_at")->is_system && column("notes", "row_version")->is_system);
    cr_assert_not(column("notes", "title")->is_system);
    cr_assert_null(cab_catalog_find(catalog, "users"), "not exposed");
    cr_assert_not(cab_catalog_any(catalog, "public", "users")->is_audited);
    cr_assert_eq(catalog->n_warnings, 1);
    cr_assert_not_null(strstr(catalog->warnings[0], "public.notes"));
    cr_assert_not_null(strstr(catalog->warnings[0], "USING gin (title gin_trgm_ops)"));
}

Test(catalog, search_with_a_trigram_index_is_no_warning) {
    test_exec(db, "CREATE EXTENSION pg_trgm");
    test_exec(db, notes);
    test_exec(db, "CREATE INDEX ON notes USING gin (lower(title) gin_trgm_ops)");
    load();
    cr_assert_eq(catalog->n_warnings, 0);
}

Test(catalog, a_view_with_a_key_is_read_only) {
    test_exec(db, "CREATE TABLE t (id int PRIMARY KEY, a text); CREATE VIEW v AS SELECT id, a FROM t;"
                  "COMMENT ON VIEW v IS 'Seen. @api(expose, key(id))'; COMMENT ON COLUMN v.a IS '@api(search)'");
    load();
    const struct cab_table *v = cab_catalog_find(catalog, "v");
    cr_assert(v->is_view && v->is_readonly && !v->is_audited);
    cr_assert_str_eq(v->key->name, "id");
}

Test(catalog, each_refusal_names_object_and_remedy) {
    static const struct { const char *sql, *says;
    } cases[] = {
        { "CREATE TABLE t (id int PRIMARY KEY); COMMENT ON TABLE t IS '@api(exposee)'", "table public.t" },
        { "CREATE TABLE t (id int PRIMARY KEY); COMMENT ON COLUMN t.id IS '@api(hiden)'", "column public.t.id" },
        { "CREATE TABLE t (a int); COMMENT ON TABLE t IS '@api(expose)'", "Add key(column)" },
        { "CREATE TABLE t (a int); COMMENT ON TABLE t IS '@api(expose, key(a))'", "neither unique nor part" },
        { "CREATE VIEW v AS SELECT 1 AS a; COMMENT ON VIEW v IS '@api(expose)'", "View public.v" },
        { "CREATE TABLE t (id int PRIMARY KEY, owner_id int); COMMENT ON TABLE t IS '@api(owner(ownr_id))'",
          "Did you mean \"owner_id\"?" },
        { "CREATE TABLE t (id int PRIMARY KEY); COMMENT ON TABLE t IS '@api(order(x))'", "has no column \"x\"" },
        { "CREATE TABLE t (id int PRIMARY KEY); COMMENT ON TABLE t IS '@api(counted(id, x))'", "has no column \"x\"" },
        { "CREATE TABLE t (id int PRIMARY KEY); COMMENT ON TABLE t IS '@api(expose, soft_delete)'",
          "ALTER TABLE public.t ADD COLUMN deleted_at timestamptz;" },
        { "CREATE TABLE t (id int PRIMARY KEY, deleted_at timestamp); COMMENT ON TABLE t IS '@api(expose, "
          "soft_delete)'",
          "deleted_at timestamptz, null allowed" },
        { "CREATE TABLE t (id int PRIMARY KEY); COMMENT ON TABLE t IS '@api(expose, require_if_match)'",
          "ADD COLUMN row_version bigint NOT NULL DEFAULT 1;" },
        { "CREATE TABLE t (id int PRIMARY KEY, row_version int); COMMENT ON TABLE t IS '@api(expose)'",
          "row_version bigint NOT NULL DEFAULT 1" },
        { "CREATE TABLE t (id int PRIMARY KEY, a text UNIQUE, deleted_at timestamptz);"
          "COMMENT ON TABLE t IS '@api(expose, soft_delete)'",
          "CREATE UNIQUE INDEX t_a_key ON public.t (a) WHERE deleted_at IS NULL;" },
        { "CREATE TABLE t (id int PRIMARY KEY, a text, b text, deleted_at timestamptz); CREATE UNIQUE INDEX t_ab ON t "
          "(lower(a), b);"
          "COMMENT ON TABLE t IS '@api(expose, soft_delete)'",
          "CREATE UNIQUE INDEX t_ab ON public.t (lower(a), b) WHERE deleted_at IS NULL;" },
        { "CREATE TABLE auth (id int PRIMARY KEY); COMMENT ON TABLE auth IS '@api(expose)'", "/auth is Cabinet's own" },
        { "CREATE TABLE health (id int PRIMARY KEY); COMMENT ON TABLE health IS '@api(expose)'", "Rename the table" },
        { "CREATE TABLE \"openapi.json\" (id int PRIMARY KEY); COMMENT ON TABLE \"openapi.json\" IS '@api(expose)'",
          "cannot be a path" },
        { "CREATE TABLE _batch (id int PRIMARY KEY); COMMENT ON TABLE _batch IS '@api(expose)'", "no leading "
                                                                                                 "underscore" },
        { "CREATE TABLE \"my notes\" (id int PRIMARY KEY); COMMENT ON TABLE \"my notes\" IS '@api(expose)'",
          "Table public.\"my notes\" is exposed, but its name cannot be a path" },
        { "CREATE TABLE \"a{b}\" (id int PRIMARY KEY); COMMENT ON TABLE \"a{b}\" IS '@api(expose)'",
          "letters of ASCII" },
        { "CREATE TABLE \"größe\" (id int PRIMARY KEY); COMMENT ON TABLE \"größe\" IS '@api(expose)'",
          "Rename the table" },
        { "CREATE TABLE t (id int PRIMARY KEY, a__gt int); COMMENT ON TABLE t IS '@api(expose)'", "two underscores" },
        { "CREATE TABLE t (id int PRIMARY KEY, \"a,b\" int); COMMENT ON TABLE t IS '@api(expose)'", "holds a comma" },
        { "CREATE TABLE t (id int PRIMARY KEY, \"-a\" int); COMMENT ON TABLE t IS '@api(expose)'", "a hyphen" },
        { "CREATE TABLE t (id int PRIMARY KEY, \"not\" int); COMMENT ON TABLE t IS '@api(expose)'",
          "combines conditions" },
        { "CREATE TABLE t (id int PRIMARY KEY, deleted_at timestamptz, is_deleted bool); COMMENT ON TABLE t IS "
          "'@api(expose, soft_delete)'", "the API's name" },
        { "CREATE SCHEMA o; CREATE TABLE o.t (id int PRIMARY KEY); COMMENT ON TABLE o.t IS '@api(expose)'",
          "only tables of schema public" },
        { "CREATE TABLE t (id int PRIMARY KEY, a text); COMMENT ON TABLE t IS '@api(expose)'; COMMENT ON COLUMN t.a IS "
          "'@api(private)'",
          "Add owner(column)" },
        { "CREATE TABLE t (id int PRIMARY KEY, a text); COMMENT ON COLUMN t.a IS '@api(hidden, search)'",
          "both search and hidden" },
        { "CREATE TABLE t (id int PRIMARY KEY, a text); COMMENT ON COLUMN t.a IS '@api(hidden, public)'", "more than "
                                                                                                          "one of" },
        { "CREATE TABLE t (id int PRIMARY KEY, a text); COMMENT ON COLUMN t.a IS '@api(readonly, writeonce)'",
          "both readonly and writeonce" },
        { "CREATE TABLE t (id int PRIMARY KEY, a int); COMMENT ON COLUMN t.a IS '@api(search)'", "its type is "
                                                                                                 "integer" },
        { "CREATE TABLE t (id int PRIMARY KEY); COMMENT ON TABLE t IS '@api(expose)'; COMMENT ON COLUMN t.id IS "
          "'@api(hidden)'",
          "must be readable" },
        { "CREATE TABLE t (id int PRIMARY KEY); COMMENT ON TABLE t IS '@api(expose, admin, public_read)'",
          "both admin and public_read" },
        { "CREATE TABLE t (id int PRIMARY KEY); COMMENT ON TABLE t IS '@api(audit(of))'", "Write audit(off)" },
        { "CREATE TABLE t (id int PRIMARY KEY, a text, b text); COMMENT ON COLUMN t.a IS '@api(was(b))'", "is there "
                                                                                                          "too" },
        { "CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE s (id int); COMMENT ON TABLE t IS '@api(was(s))'",
          "is there too" },
        { "CREATE TABLE t (id int PRIMARY KEY, a text); COMMENT ON TABLE t IS '@api(expose, order(a))'; COMMENT ON "
          "COLUMN t.a IS '@api(hidden)'",
          "Sort by another column" },
        { "CREATE TABLE t (id int PRIMARY KEY, date_created timestamptz NOT NULL); COMMENT ON TABLE t IS "
          "'@api(expose)'",
          "NOT NULL DEFAULT now()" },
    };
    for (size_t i = 0; i < CAB_LENGTH(cases); i++) {
        test_exec(db, "DROP SCHEMA public CASCADE; CREATE SCHEMA public; DROP SCHEMA IF EXISTS o CASCADE");
        test_exec(db, cases[i].sql);
        cab_err_clear(&err);
        cr_assert_eq(cab_catalog_load(ctx, db, &catalog, &err), -1, "%s", cases[i].sql);
        cr_assert_null(catalog);
        cr_assert_eq(err.problem, CAB_PROBLEM_INTERNAL);
        cr_assert_not_null(strstr(err.detail, cases[i].says), "%s: %s", cases[i].sql, err.detail);
        cr_assert(cab_db_check_idle(db));
    }
}

Test(catalog, what_looks_like_a_fault_and_is_none) {
    static const char *const cases[] = {
        "CREATE TABLE t (id int PRIMARY KEY, a text UNIQUE, deleted_at timestamptz); CREATE TABLE r (a text REFERENCES "
        "t (a));"
        "COMMENT ON TABLE t IS 'A foreign key needs it. @api(expose, soft_delete)'",
        "CREATE TABLE t (id int PRIMARY KEY, a text, deleted_at timestamptz); CREATE UNIQUE INDEX ON t (a) WHERE "
        "deleted_at IS NULL;"
        "COMMENT ON TABLE t IS '@api(expose, soft_delete)'",
        "CREATE TABLE auth (id int PRIMARY KEY, a__b int)",
        "CREATE TABLE t (id int PRIMARY KEY, a__b int); COMMENT ON TABLE t IS '@api(expose)'; COMMENT ON COLUMN t.a__b "
        "IS '@api(hidden)'",
        "CREATE TABLE t (id int, d date, PRIMARY KEY (id, d)); COMMENT ON TABLE t IS '@api(expose, key(id))'",
        "CREATE TABLE t (id uuid PRIMARY KEY, row_version int)",
    };
    for (size_t i = 0; i < CAB_LENGTH(cases); i++) {
        test_exec(db, "DROP SCHEMA public CASCADE; CREATE SCHEMA public");
        test_exec(db, cases[i]);
        load();
    }
}

Test(catalog, fingerprint_and_probe_follow_changes) {
    static const struct { const char *sql; bool same; } changes[] = {
        { "SELECT 1", true },
        { "INSERT INTO users DEFAULT VALUES", true },
        { "CREATE TEMP TABLE elsewhere (a int)", true },
        { "CREATE TABLE q (id int PRIMARY KEY)", false },
        { "COMMENT ON TABLE q IS 'x'", false },
        { "ALTER TABLE q ADD COLUMN a mood", false },
        { "ALTER TYPE mood ADD VALUE 'angry'", false },
        { "ALTER TABLE q ADD CONSTRAINT q_check CHECK (id > 0)", false },
        { "COMMENT ON CONSTRAINT q_check ON q IS 'Positive.'", false },
        { "CREATE UNIQUE INDEX q_a ON q (a)", false },
        { "ALTER TABLE q ALTER COLUMN a SET DEFAULT 'sad'", false },
        { "ALTER TABLE q RENAME COLUMN a TO b", false },
        { "ALTER TABLE q DROP COLUMN b", false },
        { "CREATE TRIGGER look BEFORE UPDATE ON q FOR EACH ROW EXECUTE FUNCTION look_on()", false },
        { "DROP TRIGGER look ON q", false },
        { "CREATE RULE look AS ON DELETE TO q DO ALSO SELECT 1", false },
        { "DROP TABLE q", false },
    };
    test_exec(db, notes);
    test_exec(db, "CREATE TYPE mood AS ENUM ('sad')");
    test_exec(db, "CREATE FUNCTION look_on() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'");
    load();
    char before[33];
    for (size_t i = 0; i < CAB_LENGTH(changes); i++) {
        bool has_changed = false;
        memcpy(before, catalog->fingerprint, sizeof before);
        test_exec(db, changes[i].sql);
        cr_assert_eq(cab_catalog_probe(db, catalog, &has_changed, &err), 0, "%s", err.internal);
        cr_assert_eq(has_changed, !changes[i].same, "%s", changes[i].sql);
        load();
        cr_assert_eq(strcmp(before, catalog->fingerprint) == 0, changes[i].same, "%s", changes[i].sql);
        cr_assert_eq(cab_catalog_probe(db, catalog, &has_changed, &err), 0);
        cr_assert_not(has_changed);
    }
}

Test(catalog, the_same_schema_elsewhere_has_the_same_fingerprint) {
    const char *second = test_database(ctx);
    struct cab_db_options options = test_options(ctx);
    options.url = test_url(ctx, second);
    options.search_path = "pg_catalog";
    struct cab_db *other = test_open(ctx, &options);
    struct cab_catalog *twin;
    test_exec(db, types);
    test_exec(db, notes);
    test_exec(other,
              "SET search_path = public; CREATE TABLE shift (a int); DROP TABLE shift"); /* other object numbers */
    test_exec(other, notes);
    test_exec(other, types);
    test_exec(other, "RESET search_path");
    load();
    cr_assert_eq(cab_catalog_load(ctx, other, &twin, &err), 0, "%s", err.detail);
    cr_assert_str_eq(twin->fingerprint, catalog->fingerprint);
    cab_db_close(&other);
    test_drop(second);
}

Test(catalog, reads_inside_an_open_transaction) {
    test_exec(db, "BEGIN");
    test_exec(db, notes);
    cr_assert_eq(cab_catalog_load(ctx, db, &catalog, &err), 0, "%s", err.internal);
    cr_assert_not_null(cab_catalog_find(catalog, "notes"));
    cr_assert(cab_db_in_transaction(db));
    cr_assert_str_eq(test_value(ctx, db, "SHOW search_path"), "public, pg_temp");
    test_exec(db, "ROLLBACK");
    load();
    cr_assert_eq(catalog->n_tables, 0);
}

Test(catalog, generation_comes_from_its_table) {
    test_exec(db, "CREATE SCHEMA cabinet; CREATE TABLE cabinet.catalog_state (generation bigint NOT NULL)");
    load();
    cr_assert_eq(catalog->generation, 0);
    test_exec(db, "INSERT INTO cabinet.catalog_state VALUES (41)");
    load();
    cr_assert_eq(catalog->generation, 41);
}

Test(catalog, a_role_without_rights_reads_the_same) {
    const char *role = cab_printf(ctx, "%s_app", database);
    test_exec(db, notes);
    test_exec(db, types);
    load();
    test_exec(db, cab_printf(ctx, "CREATE ROLE %s LOGIN", role));
    test_exec(db, "REVOKE ALL ON SCHEMA public FROM public");
    test_exec(db, cab_printf(ctx, "SET ROLE %s", role));
    struct cab_catalog *seen;
    int rc = cab_catalog_load(ctx, db, &seen, &err);
    test_exec(db, "RESET ROLE");
    test_exec(db, cab_printf(ctx, "DROP ROLE %s", role));
    cr_assert_eq(rc, 0, "%s %s", err.detail, err.internal);
    cr_assert_str_eq(seen->fingerprint, catalog->fingerprint);
}

Test(catalog, is_freed_whole) {
    test_exec(db, notes);
    load();
    cab_mem_free(catalog);
    size_t blocks = cab_mem_blocks(ctx);
    for (int i = 0; i < 5; i++) {
        load();
        cab_mem_free(catalog);
    }
    cr_assert_eq(cab_mem_blocks(ctx), blocks);
}

Test(expression, names_columns_but_not_functions) {
    static const struct { const char *text, *column; bool names; } cases[] = {
        { "lower(email)", "email", true }, { "lower(email)", "lower", false }, { "lower(lower)", "lower", true },
        { "(a + b)", "b", true }, { "(a || 'b')", "b", false }, { "(x)::text", "text", false },
        { "\"Odd one\"", "Odd one", true }, { "\"a\"\"b\"", "a\"b", true }, { "public.fold(name)", "public", false },
        { "public.fold(name)", "name", true }, { "email_x", "email", false }, { "'it''s a' || c", "a", false },
        { "'it''s a' || c", "c", true }, { "\"f\"(z)", "f", false }, { "", "a", false },
        { "größe + 1", "größe", true },
    };
    for (size_t i = 0; i < CAB_LENGTH(cases); i++)
        cr_assert_eq(cab_expression_names(cases[i].text, cases[i].column), cases[i].names, "%s in %s", cases[i].column,
                     cases[i].text);
}
