/*
 * setup-database: roles, database and rights, where they are not there yet; then the URLs go into the settings.
 */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "admin/setup.h"

#ifndef CAB_SYSCONFDIR
#define CAB_SYSCONFDIR "/etc"
#endif

static int open_url(struct admin *admin, const char *url, struct cab_db **db_out, struct cab_err *err) {
    struct cab_db_options options = { .url = url, .application_name = "cabinet-admin", .prepared = true,
                                      .connect_timeout_s = (int)admin->conf->db_connect_timeout };
    return cab_db_open(admin->mem, &options, db_out, err);
}

/* The server knows people of its own machine by their user; root goes as the superuser of a Debian server. */
static int open_as_administrator(struct setup *s, struct cab_err *err) {
    const struct passwd *postgres = geteuid() == 0 && s->admin->argument == NULL ? getpwnam("postgres") : NULL;
    if (postgres != NULL && seteuid(postgres->pw_uid) != 0)
        return cab_fail(err, CAB_PROBLEM_INTERNAL, "This process cannot act as user postgres: %s.", strerror(errno));
    int rc = open_url(s->admin, s->admin_url, &s->db, err);
    if (postgres != NULL && seteuid(0) != 0)
        cab_die("the user cannot be changed back: %s", strerror(errno));
    return rc;
}

/* Where the settings have no URL one is made, for the server that the administrator reaches. */
static int make_url(struct setup *s, struct setup_role *role, struct cab_err *err) {
    void *mem = s->admin->mem;
    const char *host, *port;
    unsigned char bytes[24];

    if (cab_db_url_word(mem, s->admin_url, "host", &host, err) != 0 ||
        cab_db_url_word(mem, s->admin_url, "port", &port, err) != 0)
        return -1;
    cab_random(bytes, sizeof bytes);
    role->password = cab_base64url(mem, bytes, sizeof bytes);
    /* by TCP, because a Debian server takes passwords there and nowhere else */
    if (host == NULL || host[0] == '/' || host[0] == '\0')
        host = "127.0.0.1";
    role->url = cab_printf(mem, "postgresql://%s:%s@%s:%s/%s", role->name, role->password, host,
                           port != NULL ? port : "5432", s->database);
    role->is_new_url = true;
    return 0;
}

static int read_role(struct setup *s, struct setup_role *role, const char *url, struct cab_err *err) {
    void *mem = s->admin->mem;
    const char *user, *database;

    role->url = url;
    if (url == NULL)
        return make_url(s, role, err);
    if (cab_db_url_word(mem, url, "user", &user, err) != 0 ||
        cab_db_url_word(mem, url, "dbname", &database, err) != 0 ||
        cab_db_url_word(mem, url, "password", &role->password, err) != 0)
        return -1;
    if (user == NULL || strcmp(user, role->name) != 0)
        return cab_fail(err, CAB_PROBLEM_INVALID, "%s must name role %s, to which the migrations grant.", role->setting,
                        role->name);
    if (database == NULL || strcmp(database, s->database) != 0)
        return cab_fail(err, CAB_PROBLEM_INVALID, "DATABASE_URL and DATABASE_OWNER_URL must name the same database.");
    return 0;
}

/* A role that is there keeps its password where that is the one of its URL. */
static void try_login(struct setup *s, struct setup_role *role) {
    struct cab_err ignored = { 0 };
    struct cab_db *db;
    role->needs_password = role->password != NULL && open_url(s->admin, role->url, &db, &ignored) != 0;
    if (role->password != NULL && !role->needs_password)
        cab_db_close(&db);
}

static int prepare(struct setup *s, struct cab_err *err) {
    const struct cab_conf *conf = s->admin->conf;
    const char *named = NULL;

    if (conf->database_url != NULL && cab_db_url_word(s->admin->mem, conf->database_url, "dbname", &named, err) != 0)
        return -1;
    s->database = named != NULL ? named : "cabinet";
    if (read_role(s, &s->app, conf->database_url, err) != 0 ||
        read_role(s, &s->owner, conf->database_owner_url, err) != 0)
        return -1;
    if (open_as_administrator(s, err) != 0) {
        fprintf(stderr, "cabinet-admin: The server cannot be reached as an administrator. Name one by its URL, with "
                        "the password in PGPASSWORD or ~/.pgpass: cabinet-admin setup-database "
                        "postgresql://postgres@db.example.org/postgres\n");
        return -1;
    }
    try_login(s, &s->app);
    try_login(s, &s->owner);
    return setup_plan(s, err);
}

/* What a step could not do is left to a person, with all that would have followed. */
static int run_steps(struct setup *s, struct cab_err *err) {
    struct cab_db *inside = NULL;
    const char *url;

    if (s->by_hand != NULL) {
        fprintf(stderr, "cabinet-admin: %s; run this as a superuser, by psql, and this command again:\n%s", s->by_hand,
                setup_script(s, 0));
        return cab_fail(err, CAB_PROBLEM_INVALID, "The database was not set up.");
    }
    for (int i = 0; i < s->n_steps; i++) {
        const struct setup_step *step = &s->steps[i];
        if (step->in_database && inside == NULL &&
            (cab_db_url_with(s->admin->mem, s->admin_url, "dbname", s->database, &url, err) != 0 ||
             open_url(s->admin, url, &inside, err) != 0))
            return -1;
        if (cab_db_exec(step->in_database ? inside : s->db, step->sql, err) != 0) {
            fprintf(stderr, "cabinet-admin: A step failed; run this by hand, as a superuser:\n%s",
                    setup_script(s, i));
            return -1;
        }
        if (!s->admin->json)
            printf("%s\n", step->told);
    }
    return 0;
}

static int check_login(struct setup *s, const struct setup_role *role, struct cab_err *err) {
    struct cab_db *db;
    if (open_url(s->admin, role->url, &db, err) == 0) {
        cab_db_close(&db);
        return 0;
    }
    fprintf(stderr, "cabinet-admin: Role %s cannot log in by %s. The server's pg_hba.conf may lack a line such as:\n"
                    "host %s %s samehost scram-sha-256\n", role->name, role->setting, s->database, role->name);
    return -1;
}

static int remember(struct setup *s, const struct setup_role *role, const char *file, struct cab_err *err) {
    const char *path = cab_printf(s->admin->mem, "%s/cabinet/%s", CAB_SYSCONFDIR, file);
    if (!role->is_new_url)
        return 0;
    if (setup_write(s->admin, path, role->setting, role->url, err) != 0)
        return -1;
    if (!s->admin->json)
        printf("%s is set in %s\n", role->setting, path);
    return 0;
}

int admin_setup_database(struct admin *admin, struct cab_err *err) {
    struct setup s = { .admin = admin,
                       .admin_url = admin->argument != NULL ? admin->argument : "user=postgres dbname=postgres",
                       .owner = { .name = SETUP_OWNER, .setting = "DATABASE_OWNER_URL" },
                       .app = { .name = SETUP_APP, .setting = "DATABASE_URL" } };

    if (prepare(&s, err) != 0)
        return -1;
    /* The URLs are kept before the roles get their passwords: what runs again finds them. */
    if (remember(&s, &s.app, "cabinet.env", err) != 0 || remember(&s, &s.owner, "admin.env", err) != 0 ||
        run_steps(&s, err) != 0 || check_login(&s, &s.app, err) != 0 || check_login(&s, &s.owner, err) != 0)
        return -1;
    admin_say(admin, s.n_steps == 0 ? "Database %s is set up already." : "Database %s is set up; now: cabinet-migrate "
                                                                         "upgrade head", s.database);
    return ADMIN_DONE;
}
