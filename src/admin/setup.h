/*
 * setup: what the files of setup-database share.  What the server has leads to a plan (setup_plan.c), that to
 * statements, logins and settings (setup.c, setup_write.c).
 */
#ifndef CABINET_ADMIN_SETUP_H
#define CABINET_ADMIN_SETUP_H

#include "admin/admin.h"

/* Fixed, because migrations grant to them by name. */
#define SETUP_OWNER "cabinet_owner"
#define SETUP_APP "cabinet_app"

struct setup_role {
    const char *name, *setting; /* the setting that holds its URL */
    const char *url;            /* from the setting, or made here */
    const char *password;       /* of url; NULL: logs in without */
    bool is_new_url;            /* to be written to a settings file */
    bool needs_password;        /* exists, and cannot log in */
    const char *verifier;       /* what the server keeps of password */
};

struct setup_step {
    bool in_database;           /* runs in the new database, not in the one of the connection */
    const char *sql;            /* ends without ; */
    const char *told;           /* "role cabinet_app is made" */
};

struct setup {
    struct admin *admin;
    struct cab_db *db;          /* NULL where the server cannot be reached */
    const char *admin_url, *database;
    struct setup_role owner, app;
    struct setup_step steps[16];
    int n_steps;
    const char *by_hand;        /* why the steps are for a person to run; NULL: they are not */
};

/* Reads what the server has, and lists what is missing.  -1 where what is there does not fit; the SQL that mends it is
 * printed. */
int setup_plan(struct setup *setup, struct cab_err *err) CAB_MUST_CHECK;

/* The steps from first on, as psql runs them. */
const char *setup_script(const struct setup *setup, int first);

/* Puts NAME=value into the file of settings: in place of a line of that name, commented out or not, else at the end.
 * The file keeps owner and permissions; a new one is its owner's alone. */
int setup_write(struct admin *admin, const char *path, const char *name, const char *value, struct cab_err *err)
    CAB_MUST_CHECK;

#endif
