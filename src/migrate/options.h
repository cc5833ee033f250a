/*
 * migrate/options: the command line of cabinet-migrate, from tables: one row an option, one row a command.
 */
#ifndef CABINET_MIGRATE_OPTIONS_H
#define CABINET_MIGRATE_OPTIONS_H

#include <cabinet/base.h>

#define CAB_ARGS_MAX 64

struct cab_options {
    const char *config, *database;
    const char *message, *line, *folder;
    const char *from, *to, *allow, *rename;
    bool help, version, json, quiet, sql, autogenerate, careful, park;
    int64_t lock_timeout_ms, wait_ms, retries, older_ms;
    const char *args[CAB_ARGS_MAX]; int n_args; /* of the command */
    /* members are added with the options that fill them */
};

enum cab_option_kind { CAB_OPTION_FLAG = 1, CAB_OPTION_TEXT, CAB_OPTION_NUMBER, CAB_OPTION_TIME };

struct cab_option {
    const char *name;        /* without the dashes */
    char letter;             /* '\0': none */
    enum cab_option_kind kind;
    size_t offset;           /* in struct cab_options: bool, const char *, int64_t */
    const char *placeholder; /* of the value, or NULL */
    const char *doc;
};

/* Ended by a row without a name. */
extern const struct cab_option cab_options_table[];

struct cab_call;

struct cab_command {
    const char *name, *synopsis; /* of its arguments: "TARGET" */
    const char *options;         /* names of those it takes besides the common ones, spaces between */
    int min_args, max_args;
    int (*run)(struct cab_call *call, struct cab_err *err); /* returns the exit status, or -1 with err */
    const char *doc;             /* one line */
    const char *more;            /* further lines of its help, or NULL */
};

/* Ended by a row without a name. */
extern const struct cab_command cab_commands[];

/* Reads argv; -1 with a sentence in err.  A word such as -1 is an argument, not an option. */
int cab_options_parse(int argc, char **argv, struct cab_options *options, const struct cab_command **command_out,
                      struct cab_err *err) CAB_MUST_CHECK;

/* Help of one command, or (NULL) of all, on standard output. */
void cab_options_help(const struct cab_command *command);

#endif
