/*
 * cabinet-migrate: settings, connection and the table of commands.  What a command does is in a file of its own.
 */
#include "command.h"
#include "interrupt.h"
#include "veto.h"

#include <cabinet/migrate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "0"
#endif

#define TARGET_UP "TARGET is head (each line's newest revision), LABEL@head, heads, +N, or the start of an id."
#define TARGET_DOWN "TARGET is -N, base, LABEL@base, LABEL@-N, or the start of the id of the revision to go back to."
#define OFFLINE "With --sql, FROM:TARGET prints the script without a connection; FROM is base or an id."

const struct cab_command cab_commands[] = {
    {"upgrade", "TARGET", "sql lock-timeout retries wait allow", 1, 1, cab_command_upgrade,
     "Applies revisions up to TARGET", TARGET_UP "\n" OFFLINE},
    {"downgrade", "TARGET", "sql lock-timeout retries wait allow", 1, 1, cab_command_downgrade,
     "Undoes revisions down to TARGET", TARGET_DOWN "\n" OFFLINE},
    {"current", "", "", 0, 0, cab_command_current, "Tells which revisions the database is at", NULL},
    {"history", "", "line", 0, 0, cab_command_history, "Lists all revisions, newest first", NULL},
    {"heads", "", "line", 0, 0, cab_command_heads, "Lists the newest revision of each line", NULL},
    {"show", "REV", "", 1, 1, cab_command_show, "Shows one revision",
     "REV is the start of an id, head or LABEL@head."},
    {"revision", "", "message line folder autogenerate rename allow park", 0, 0, cab_command_revision,
     "Writes a new revision, empty or by comparing revisions and models",
     "With --autogenerate the file holds what leads "
     "from the revisions to the models, and back;\nit is proved on scratch databases before it is announced."},
    {"check", "", "", 0, 0, cab_command_check, "Compares models, revisions and the database",
     "Exit status: 0 all equal; 1 models and revisions differ, or an applied file was edited;\n"
     "2 the database is not what its revisions made."},
    {"diff", "", "from to careful", 0, 0, cab_command_diff, "Prints the SQL that leads from one schema to another",
     "A SOURCE is a connection URL, a folder of models, or the word migrations."},
    {"lint", "[FILE|REV]...", "", 0, CAB_ARGS_MAX, cab_command_lint, "Finds dangerous steps in revisions",
     "Without arguments all revisions are read.  Exit status: 0 nothing found, 1 something found.\n"
     "A line \"-- cabinet: ack CLASS object\" in the file settles one finding."},
    {"merge", "", "message line folder", 0, 0, cab_command_merge,
     "Writes a revision that joins the heads of a line", NULL},
    {"stamp", "TARGET", "wait", 1, 1, cab_command_stamp, "Notes that the database is at TARGET, running nothing",
     "TARGET is head, LABEL@head, base, LABEL@base or the start of an id.  Files are accepted as they are now."},
    {"derive", "", "", 0, 0, cab_command_derive,
     "Prints the triggers, functions and grants that follow from annotations", NULL},
    {"gc", "", "older", 0, 0, cab_command_gc, "Drops scratch databases that a crash left behind, and old parked data",
     "Parked tables and columns go only with --older=TIME; without it they are counted."},
    {.name = NULL}};

int cab_call_graph(struct cab_call *call, struct cab_err *err) {
    if (call->graph != NULL)
        return 0;
    return cab_graph_load(call->ctx, call->conf->cabinet_migrations, &call->graph, err);
}

int cab_call_open(struct cab_call *call, const char *url, struct cab_db **db_out, struct cab_err *err) {
    struct cab_db_options options = {.url = url, .application_name = "cabinet-migrate",
                                     .connect_timeout_s = (int)call->conf->db_connect_timeout,
                                     .prepared = true, .search_path = "public"};
    if (cab_db_open(call->ctx, &options, db_out, err) != 0)
        return cab_fail(err, CAB_PROBLEM_UNAVAILABLE, "No connection to the database.");
    cab_interrupt_watch(*db_out);
    return 0;
}

int cab_call_connect(struct cab_call *call, struct cab_err *err) {
    if (call->db != NULL)
        return 0;
    if (call->url == NULL)
        return cab_veto(err, "No database is named. Give --database=URL or set DATABASE_OWNER_URL.");
    return cab_call_open(call, call->url, &call->db, err);
}

static int status_of(const struct cab_err *err) {
    if (strcmp(err->sqlstate, "55P03") == 0 || strcmp(err->sqlstate, "40P01") == 0 ||
        err->problem == CAB_PROBLEM_OVERLOADED)
        return CAB_EXIT_BUSY;
    return err->problem == CAB_PROBLEM_INVALID && err->sqlstate[0] == '\0' ? CAB_EXIT_REVISIONS : CAB_EXIT_FAILED;
}

static void complain(const struct cab_err *err) {
    /* explained errors of the server end with their SQLSTATE and hold the server's words already */
    size_t n = strlen(err->detail);
    bool is_explained = n > 0 && err->detail[n - 1] == ']';
    fprintf(stderr, "cabinet-migrate: %s\n", err->detail);
    if (err->internal[0] != '\0' && !is_explained)
        fprintf(stderr, "cabinet-migrate: the server says: %s\n", err->internal);
}

int cab_migrate_main(int argc, char **argv) {
    struct cab_err err = {0};
    struct cab_options options;
    const struct cab_command *command;
    cab_log_init("cabinet-migrate", CAB_LOG_WARN);
    srandom((unsigned)getpid() ^ (unsigned)time(NULL));
    if (cab_options_parse(argc, argv, &options, &command, &err) != 0) {
        fprintf(stderr, "cabinet-migrate: %s\n", err.detail);
        return CAB_EXIT_USAGE;
    }
    if (options.version) {
        printf("cabinet-migrate %s\n", PACKAGE_VERSION);
        return CAB_EXIT_OK;
    }
    if (options.help) {
        cab_options_help(command);
        return CAB_EXIT_OK;
    }
    void *ctx = cab_mem_alloc(NULL, 1);
    struct cab_conf *conf;
    int status = -1;
    if (cab_conf_load(ctx, options.config, "admin", &conf, &err) == 0) {
        const char *url = conf->database_owner_url != NULL ? conf->database_owner_url : conf->database_url;
        struct cab_call call = {.ctx = ctx, .conf = conf, .options = &options,
                                .url = options.database != NULL ? options.database : url};
        cab_interrupt_init();
        status = command->run(&call, &err);
    }
    if (status < 0) {
        if (cab_interrupted())
            fprintf(stderr, "cabinet-migrate: Interrupted; run it again to go on.\n");
        else
            complain(&err);
        status = status_of(&err);
    }
    cab_mem_free(ctx);
    return status;
}
