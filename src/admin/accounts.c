/*
 * Commands on accounts: show, make, change.  Rows are audited by the triggers, without an actor: nobody is signed in.
 */
#include <cabinet/audit.h>
#include <stdio.h>
#include <string.h>

#include "admin/admin.h"
#include "statements.h"

int admin_find(struct admin *admin, const char *email, struct cab_user **user_out, struct cab_err *err) {
    int found = cab_user_find_by_email(admin->mem, admin->db, email, user_out, err);
    if (found == 0)
        return cab_fail(err, CAB_PROBLEM_NOT_FOUND, "There is no account with that e-mail address.");
    return found < 0 ? -1 : 0;
}

int admin_user_get(struct admin *admin, struct cab_err *err) {
    struct cab_user *user;
    if (admin_find(admin, admin->argument, &user, err) != 0)
        return -1;
    admin_print_user(admin, user);
    return ADMIN_DONE;
}

static int create(struct admin *admin, const char *password, struct cab_err *err) {
    struct cab_new_user new_user = {
        .email = admin->email,
        .username = admin->username,
        .password = password,
        .is_verified = admin->is_verified,
        .is_superuser = admin->is_superuser,
    };
    struct cab_user *user;
    if (cab_user_create(admin->mem, admin->db, admin->conf, &new_user, &user, err) != 0)
        return -1;
    admin_print_user(admin, user);
    return ADMIN_DONE;
}

int admin_user_create(struct admin *admin, struct cab_err *err) {
    const char *password;
    if (admin->email == NULL || admin->username == NULL) {
        fputs("cabinet-admin: user create needs --email and --username\n", stderr);
        return ADMIN_USAGE;
    }
    if (admin_read_password(admin, &password, err) != 0)
        return -1;
    return create(admin, password, err);
}

/* A username made of the address: what stands before its @, where that is long enough. */
static const char *username_of(struct admin *admin, const char *email) {
    char *name = cab_strndup(admin->mem, email, strcspn(email, "@"));
    if (strlen(name) > 50)
        name[50] = '\0';
    return strlen(name) >= 3 ? name : cab_printf(admin->mem, "admin-%s", name);
}

int admin_create_superuser(struct admin *admin, struct cab_err *err) {
    const char *password = admin->conf->first_superuser_password;
    struct cab_user *user;
    bool from_settings = admin->email == NULL;

    if (from_settings)
        admin->email = admin->conf->first_superuser;
    if (admin->email == NULL) {
        fputs("cabinet-admin: create-superuser needs --email or the setting FIRST_SUPERUSER\n", stderr);
        return ADMIN_USAGE;
    }
    int found = cab_user_find_by_email(admin->mem, admin->db, admin->email, &user, err);
    if (found < 0)
        return -1;
    if (found == 1 && user->is_superuser) {
        admin_say(admin, "The superuser %s exists already; nothing was changed.", user->email);
        return ADMIN_DONE;
    }
    if (found == 1) /* whoever made it knows its password */
        return cab_fail(err, CAB_PROBLEM_CONFLICT,
                        "An account with that address exists and is no superuser. Choose another address.");
    if (admin->username == NULL)
        admin->username = username_of(admin, admin->email);
    if ((!from_settings || password == NULL || admin->password_stdin) &&
        admin_read_password(admin, &password, err) != 0)
        return -1;
    admin->is_superuser = admin->is_verified = true;
    return create(admin, password, err);
}

static const char *id_of(struct admin *admin, const struct cab_user *user) {
    return cab_decimal(admin->mem, user->id);
}

static void queue(struct admin *admin, struct cab_pipe *pipe, const char *sql, int n, const char *first,
                  const char *second) {
    const char **values = cab_new_array(admin->mem, const char *, 2);
    values[0] = first;
    values[1] = second;
    cab_pipe_add(pipe, CAB_SHAPE_ANY, sql, n, values);
}

int admin_set_password(struct admin *admin, struct cab_err *err) {
    const char *password;
    struct cab_user *user;
    char *hash;

    if (admin_find(admin, admin->argument, &user, err) != 0 || admin_read_password(admin, &password, err) != 0)
        return -1;
    if (cab_password_check(admin->conf, admin->mem, "password", password, strlen(password), user->email, user->username,
                           err) != 0)
        return cab_fail(err, CAB_PROBLEM_INVALID, "%s", err->flaws->detail);
    if (cab_password_hash(admin->mem, admin->conf, password, strlen(password), &hash, err) != 0)
        return -1;
    const char *id = id_of(admin, user);
    struct cab_event event = { .action = CAB_ACTION_PASSWORD_CHANGE, .user_id = id, .success = true };
    struct cab_pipe *pipe = cab_pipe_make(admin->mem, admin->db, true);
    queue(admin, pipe, cab_sql_text_account_lock, 1, id, NULL);
    queue(admin, pipe, cab_sql_text_account_password_set, 2, id, hash);
    queue(admin, pipe, cab_sql_text_session_end_all, 2, id, NULL);
    cab_audit_event_add(admin->mem, pipe, &event);
    if (cab_pipe_run(pipe, err) != 0)
        return -1;
    admin_say(admin, "The password of %s was set; its sessions have ended.", user->email);
    return ADMIN_DONE;
}

static int set_ban(struct admin *admin, bool banned, struct cab_err *err) {
    struct cab_user *user;

    if (admin_find(admin, admin->argument, &user, err) != 0)
        return -1;
    const char *id = id_of(admin, user);
    struct cab_pipe *pipe = cab_pipe_make(admin->mem, admin->db, true);
    queue(admin, pipe, cab_sql_text_user_ban, 2, id, banned ? "true" : "false");
    if (banned)
        queue(admin, pipe, cab_sql_text_session_end_shut_out, 1, id, NULL);
    if (banned && user->is_superuser)
        queue(admin, pipe, cab_sql_text_account_superuser_remains, 0, NULL, NULL);
    if (cab_pipe_run(pipe, err) != 0)
        return -1;
    admin_say(admin, banned ? "%s is shut out; its sessions have ended." : "%s may sign in again.", user->email);
    return ADMIN_DONE;
}

int admin_ban(struct admin *admin, struct cab_err *err) {
    return set_ban(admin, true, err);
}

int admin_unban(struct admin *admin, struct cab_err *err) {
    return set_ban(admin, false, err);
}

int admin_verify(struct admin *admin, struct cab_err *err) {
    struct cab_user *user;

    if (admin_find(admin, admin->argument, &user, err) != 0)
        return -1;
    struct cab_pipe *pipe = cab_pipe_make(admin->mem, admin->db, true);
    queue(admin, pipe, cab_sql_text_user_verify, 1, id_of(admin, user), NULL);
    if (cab_pipe_run(pipe, err) != 0)
        return -1;
    admin_say(admin, "The address %s counts as verified.", user->email);
    return ADMIN_DONE;
}
