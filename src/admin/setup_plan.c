/*
 * What setup-database has to do: the server's state compared with what Cabinet needs.  Changes nothing.
 */
#include <stdio.h>
#include <string.h>

#include "admin/setup.h"
#include "statements.h"

enum fact { ME, IS_SUPER, CAN_ROLES, CAN_DATABASES, HAS_OWNER, OWNER_HIGH, HAS_APP, APP_HIGH, APP_OWNS, HAS_DATABASE,
            DATABASE_OWNER, ENCODING, OPEN_TO_ALL, APP_CONNECTS, HAS_TRGM };

static void add(struct setup *s, bool in_database, const char *told, const char *sql) {
    CAB_BUG_ON(s->n_steps == (int)CAB_LENGTH(s->steps));
    s->steps[s->n_steps++] = (struct setup_step){ .in_database = in_database, .sql = sql, .told = told };
}

const char *setup_script(const struct setup *setup, int first) {
    struct cab_buf buf;
    bool is_inside = false;
    cab_buf_init(&buf, setup->admin->mem, 512);
    for (int i = first; i < setup->n_steps; i++) {
        const struct setup_step *step = &setup->steps[i];
        if (step->in_database && !is_inside)
            cab_buf_addf(&buf, "\\connect %s\n", cab_sql_quote_name(setup->admin->mem, setup->database));
        is_inside = step->in_database;
        cab_buf_addf(&buf, "%s;\n", step->sql);
    }
    return buf.data;
}

/* What is there and would have to be changed is somebody's: it is named, with the statement, and left. */
static int refuse(struct setup *s, struct cab_err *err, const char *what, const char *sql) {
    (void)cab_fail(err, CAB_PROBLEM_INVALID, "%s Nothing was changed. To change it, run as a superuser:", what);
    fprintf(stderr, "cabinet-admin: %s\n%s\n", err->detail, sql);
    s->n_steps = 0;
    cab_err_clear(err);
    return cab_fail(err, CAB_PROBLEM_INVALID, "The database was not set up.");
}

static int check_roles(struct setup *s, const struct cab_result *facts, struct cab_err *err) {
    void *mem = s->admin->mem;
    if (cab_result_bool(facts, 0, OWNER_HIGH))
        return refuse(s, err, "Role " SETUP_OWNER " may do more than own a schema.",
                      "ALTER ROLE " SETUP_OWNER " NOSUPERUSER NOREPLICATION NOBYPASSRLS;");
    if (cab_result_bool(facts, 0, APP_HIGH))
        return refuse(s, err, "Role " SETUP_APP " may do more than serve.",
                      "ALTER ROLE " SETUP_APP " NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;");
    if (cab_result_bool(facts, 0, APP_OWNS))
        return refuse(s, err, "Role " SETUP_APP " is a member of " SETUP_OWNER " and could change the schema.",
                      "REVOKE " SETUP_OWNER " FROM " SETUP_APP ";");
    if (!cab_result_bool(facts, 0, HAS_DATABASE))
        return 0;
    const char *name = cab_sql_quote_name(mem, s->database);
    if (strcmp(cab_result_value(facts, 0, DATABASE_OWNER), SETUP_OWNER) != 0)
        return refuse(s, err, cab_printf(mem, "Database %s belongs to another role.", s->database),
                      cab_printf(mem, "ALTER DATABASE %s OWNER TO " SETUP_OWNER ";", name));
    if (strcmp(cab_result_value(facts, 0, ENCODING), "UTF8") != 0)
        return refuse(s, err, cab_printf(mem, "Database %s is not in UTF-8; Cabinet needs one that is.", s->database),
                      cab_printf(mem, "ALTER DATABASE %s RENAME TO another_name;", name));
    return 0;
}

static int verifier_of(struct setup *s, struct setup_role *role, struct cab_err *err) {
    if (role->password == NULL)
        return 0;
    return cab_db_password_verifier(s->admin->mem, s->db, role->name, role->password, &role->verifier, err);
}

static const char *with_password(struct setup *s, const char *sql, const struct setup_role *role) {
    if (role->verifier == NULL)
        return sql;
    return cab_printf(s->admin->mem, "%s PASSWORD %s", sql, cab_sql_quote_literal(s->admin->mem, role->verifier));
}

static void plan_role(struct setup *s, bool is_there, const struct setup_role *role, const char *rights) {
    void *mem = s->admin->mem;
    if (!is_there)
        add(s, false, cab_printf(mem, "role %s is made", role->name),
            with_password(s, cab_printf(mem, "CREATE ROLE %s LOGIN %s", role->name, rights), role));
    else if (role->needs_password)
        add(s, false, cab_printf(mem, "the password of role %s is that of %s", role->name, role->setting),
            with_password(s, cab_printf(mem, "ALTER ROLE %s LOGIN", role->name), role));
}

static void plan_database(struct setup *s, const struct cab_result *facts) {
    void *mem = s->admin->mem;
    const char *name = cab_sql_quote_name(mem, s->database);
    bool is_there = cab_result_bool(facts, 0, HAS_DATABASE);

    if (!is_there) {
        /* before version 16 only a member may give a database to a role */
        if (!cab_result_bool(facts, 0, IS_SUPER) && cab_result_bool(facts, 0, CAN_DATABASES))
            add(s, false, "this role may act as " SETUP_OWNER,
                cab_printf(mem, "GRANT " SETUP_OWNER " TO %s",
                           cab_sql_quote_name(mem, cab_result_value(facts, 0, ME))));
        add(s, false, cab_printf(mem, "database %s is made", s->database),
            cab_printf(mem, "CREATE DATABASE %s OWNER " SETUP_OWNER " TEMPLATE template0 ENCODING 'UTF8' "
                            "LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'", name));
    }
    if (!is_there || cab_result_bool(facts, 0, OPEN_TO_ALL))
        add(s, false, cab_printf(mem, "database %s is closed to other roles", s->database),
            cab_printf(mem, "REVOKE ALL ON DATABASE %s FROM PUBLIC", name));
    if (!is_there || !cab_result_bool(facts, 0, APP_CONNECTS))
        add(s, false, cab_printf(mem, "role " SETUP_APP " may connect to database %s", s->database),
            cab_printf(mem, "GRANT CONNECT ON DATABASE %s TO " SETUP_APP, name));
    if (cab_db_server_version(s->db) < 150000 && !is_there) {
        add(s, true, "schema public takes objects of the owner only", "REVOKE CREATE ON SCHEMA public FROM PUBLIC");
        add(s, true, "role " SETUP_OWNER " may use schema public",
            "GRANT USAGE, CREATE ON SCHEMA public TO " SETUP_OWNER);
    }
}

int setup_plan(struct setup *setup, struct cab_err *err) {
    struct cab_result *facts;
    const char *values[] = { setup->database, SETUP_OWNER, SETUP_APP };
    void *mem = setup->admin->mem;

    if (cab_db_server_version(setup->db) < 140000)
        return cab_fail(err, CAB_PROBLEM_INVALID, "PostgreSQL 14 or later is needed; this is %d.",
                        cab_db_server_version(setup->db) / 10000);
    if (cab_db_read(setup->db, mem, CAB_SHAPE_ONE, cab_sql_text_setup_facts, 3, values, &facts, err) != 0 ||
        check_roles(setup, facts, err) != 0 || verifier_of(setup, &setup->owner, err) != 0 ||
        verifier_of(setup, &setup->app, err) != 0)
        return -1;
    if (!cab_result_bool(facts, 0, HAS_TRGM))
        return cab_fail(err, CAB_PROBLEM_INVALID,
                        "The server has no extension pg_trgm; install it there: apt-get install postgresql-contrib");
    plan_role(setup, cab_result_bool(facts, 0, HAS_OWNER), &setup->owner, "CREATEDB");
    plan_role(setup, cab_result_bool(facts, 0, HAS_APP), &setup->app, "");
    bool may_roles = setup->n_steps == 0 || cab_result_bool(facts, 0, CAN_ROLES);
    plan_database(setup, facts);
    if (may_roles && (cab_result_bool(facts, 0, HAS_DATABASE) || cab_result_bool(facts, 0, CAN_DATABASES)))
        return 0;
    setup->by_hand = cab_printf(mem, "Role %s may make no %s", cab_result_value(facts, 0, ME),
                                may_roles ? "databases" : "roles");
    return 0;
}
