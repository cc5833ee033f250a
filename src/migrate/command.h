/*
 * migrate/command: what a command works with, and the commands themselves; the table of them is in main.c.
 */
#ifndef CABINET_MIGRATE_COMMAND_H
#define CABINET_MIGRATE_COMMAND_H

#include "graph.h"
#include "options.h"
#include "state.h"
#include <cabinet/conf.h>

enum cab_exit {
    CAB_EXIT_OK = 0,
    CAB_EXIT_FAILED = 1,     /* the server refused, or cannot be reached */
    CAB_EXIT_USAGE = 2,
    CAB_EXIT_REVISIONS = 3,  /* the files, or files and database together, make no sense */
    CAB_EXIT_NOT_PROVED = 4, /* a revision was written that could not be proved */
    CAB_EXIT_BUSY = 5        /* another runner works, or a lock was never free */
};

struct cab_call {
    void *ctx;
    const struct cab_conf *conf;
    const struct cab_options *options;
    const char *url;         /* of the database, or NULL */
    struct cab_graph *graph; /* after cab_call_graph */
    struct cab_db *db;       /* after cab_call_connect */
};

/* Load or connect at the first call; later ones do nothing. */
int cab_call_graph(struct cab_call *call, struct cab_err *err) CAB_MUST_CHECK;
int cab_call_connect(struct cab_call *call, struct cab_err *err) CAB_MUST_CHECK;
/* A connection to another database with the runner's session settings. */
int cab_call_open(struct cab_call *call, const char *url, struct cab_db **db_out, struct cab_err *err) CAB_MUST_CHECK;

int cab_command_upgrade(struct cab_call *call, struct cab_err *err);
int cab_command_downgrade(struct cab_call *call, struct cab_err *err);
int cab_command_stamp(struct cab_call *call, struct cab_err *err);
int cab_command_current(struct cab_call *call, struct cab_err *err);
int cab_command_history(struct cab_call *call, struct cab_err *err);
int cab_command_heads(struct cab_call *call, struct cab_err *err);
int cab_command_show(struct cab_call *call, struct cab_err *err);
int cab_command_revision(struct cab_call *call, struct cab_err *err);
int cab_command_autogenerate(struct cab_call *call, struct cab_err *err);
int cab_command_check(struct cab_call *call, struct cab_err *err);
int cab_command_diff(struct cab_call *call, struct cab_err *err);
int cab_command_lint(struct cab_call *call, struct cab_err *err);
int cab_command_merge(struct cab_call *call, struct cab_err *err);
int cab_command_derive(struct cab_call *call, struct cab_err *err);
int cab_command_gc(struct cab_call *call, struct cab_err *err);

/* Warns on standard error where the API cannot live with the schema as it is now. */
void cab_verify(struct cab_call *call);

/* Prints the script that would run plan on a database at state's rows. */
int cab_offline_print(struct cab_call *call, const struct cab_state *state, const struct cab_plan *plan,
                      struct cab_err *err) CAB_MUST_CHECK;

#endif
