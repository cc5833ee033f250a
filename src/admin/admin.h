/*
 * admin: what the parts of cabinet-admin share.  One row of the table of commands is one command.
 */
#ifndef CABINET_ADMIN_ADMIN_H
#define CABINET_ADMIN_ADMIN_H

#include <cabinet/account.h>

/* Exit statuses; the manual page explains them. */
enum { ADMIN_DONE = 0, ADMIN_REFUSED = 1, ADMIN_USAGE = 2, ADMIN_SETTINGS = 3, ADMIN_DATABASE = 4 };

/* Options a command takes beside --config, --help and --version. */
enum { TAKES_JSON = 1, TAKES_PASSWORD = 2, TAKES_ACCOUNT = 4 /* --email, --username */, TAKES_RIGHTS = 8,
       TAKES_KEY = 16 /* --name, --scope, --days */, TAKES_INTO = 32,
       AS_OWNER = 64 /* reads admin.env too, for the owner's URL */ };

struct admin {
    void *mem;
    struct cab_conf *conf;
    struct cab_db *db;       /* of the application's role; NULL for a command that says needs_database false */
    const char *argument;    /* the one behind the command's words, or NULL */
    const char *email, *username, *into;
    const char *name, *scope, *days; /* of a new API key; texts as given */
    bool is_superuser, is_verified, password_stdin, json;
};

struct admin_command {
    const char *words;       /* "user get" */
    const char *argument;    /* "EMAIL"; "[TABLE]" may be left out; or NULL */
    unsigned takes;
    bool needs_database;
    int (*run)(struct admin *admin, struct cab_err *err); /* an exit status; -1 with err */
    const char *doc;
};

/* Ended by a row without words. */
extern const struct admin_command admin_commands[];

int admin_user_get(struct admin *admin, struct cab_err *err);
int admin_user_create(struct admin *admin, struct cab_err *err);
int admin_create_superuser(struct admin *admin, struct cab_err *err);
int admin_set_password(struct admin *admin, struct cab_err *err);
int admin_ban(struct admin *admin, struct cab_err *err);
int admin_unban(struct admin *admin, struct cab_err *err);
int admin_verify(struct admin *admin, struct cab_err *err);
int admin_sessions(struct admin *admin, struct cab_err *err);
int admin_revoke(struct admin *admin, struct cab_err *err);
int admin_api_key_list(struct admin *admin, struct cab_err *err);
int admin_api_key_create(struct admin *admin, struct cab_err *err);
int admin_api_key_revoke(struct admin *admin, struct cab_err *err);
int admin_invite(struct admin *admin, struct cab_err *err);
int admin_disable_totp(struct admin *admin, struct cab_err *err);
int admin_counts_verify(struct admin *admin, struct cab_err *err);
int admin_counts_rebuild(struct admin *admin, struct cab_err *err);
int admin_setup_database(struct admin *admin, struct cab_err *err);
int admin_backup(struct admin *admin, struct cab_err *err);
int admin_restore(struct admin *admin, struct cab_err *err);
int admin_config_check(struct admin *admin, struct cab_err *err);

/* The live account with that address; -1 NOT_FOUND where there is none. */
int admin_find(struct admin *admin, const char *email, struct cab_user **user_out, struct cab_err *err) CAB_MUST_CHECK;

/* A new password from standard input (--password-stdin), from CABINET_PASSWORD, or asked for twice at the terminal. */
int admin_read_password(struct admin *admin, const char **password_out, struct cab_err *err) CAB_MUST_CHECK;

/* Prints what was done: a sentence, or {"done": …} with --json. */
void admin_say(const struct admin *admin, const char *fmt, ...) CAB_PRINTF(2, 3);
/* Prints a text that a stranger may have sent: nothing of it steers the terminal.  NULL is "-". */
void admin_print_plain(const char *text);
void admin_print_user(const struct admin *admin, const struct cab_user *user);

#endif
