/*
 * cabinetd: the command line of the server.
 */
#include "daemon/internal.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

static const char usage[] =
    "usage: cabinetd [OPTION]...\n"
    "\n"
    "Serves a PostgreSQL database as a REST API to a web server, by FastCGI.\n"
    "\n"
    "  --config FILE         settings, over ./.env and /etc/cabinet/*.env\n"
    "  --pool NAME           name of this pool, and of its file /etc/cabinet/NAME.env (api)\n"
    "  --role ROLE           workers (default) or housekeeping\n"
    "  --check-config        says whether the settings are good, and ends\n"
    "  --print-config        prints the settings in force, without secrets, and ends\n"
    "  --version, --help\n"
    "\n"
    "Signals: TERM, INT stop; HUP reloads the settings; USR2 executes the program again; USR1 logs the state.\n";

struct arguments {
    const char *config, *pool;
    bool is_housekeeping, check, print;
};

/* -1: go on; otherwise the exit status. */
static int parse(int argc, char **argv, struct arguments *args) {
    static const struct option options[] = {
        { "config", required_argument, NULL, 'c' },  { "pool", required_argument, NULL, 'p' },
        { "role", required_argument, NULL, 'r' },    { "check-config", no_argument, NULL, 'k' },
        { "print-config", no_argument, NULL, 'o' },  { "version", no_argument, NULL, 'v' },
        { "help", no_argument, NULL, 'h' },          { NULL, 0, NULL, 0 },
    };
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'c':
            args->config = optarg;
            break;
        case 'p':
            args->pool = optarg;
            break;
        case 'r':
            args->is_housekeeping = strcmp(optarg, "housekeeping") == 0;
            if (!args->is_housekeeping && strcmp(optarg, "workers") != 0) {
                fprintf(stderr, "cabinetd: --role must be workers or housekeeping\n");
                return 2;
            }
            break;
        case 'k':
            args->check = true;
            break;
        case 'o':
            args->print = true;
            break;
        case 'v':
            puts("cabinetd " PACKAGE_VERSION);
            return 0;
        case 'h':
            fputs(usage, stdout);
            return 0;
        default:
            fputs("Try cabinetd --help.\n", stderr);
            return 2;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "cabinetd: %s is not an option; try cabinetd --help\n", argv[optind]);
        return 2;
    }
    return -1;
}

static int load(void *ctx, const struct arguments *args, bool all, struct cab_conf **conf) {
    struct cab_conf_sources sources = { .file = args->config, .pool = args->pool,
                                        .required = all ? cab_daemon_required : NULL };
    struct cab_err err;
    cab_err_clear(&err);
    if (cab_conf_load_from(ctx, &sources, conf, &err) == 0)
        return 0;
    for (const struct cab_flaw *flaw = err.flaws; flaw != NULL; flaw = flaw->next)
        fprintf(stderr, "cabinetd: %s\n", flaw->detail);
    return -1;
}

/* The settings may have changed while it ran; a broken change must not end it. */
static int keep_house(void *ctx, const struct arguments *args, struct cab_conf *conf) {
    int status;
    while ((status = cab_housekeeping_run(conf)) == CAB_HOUSEKEEPING_RELOAD) {
        struct cab_conf *next;
        if (load(ctx, args, true, &next) != 0) {
            cab_log(CAB_LOG_ERROR, "reload refused, the settings stay as they were");
            continue;
        }
        cab_mem_free(conf);
        conf = next;
        cab_log_init("cabinetd", cab_log_level_of(conf));
        cab_log(CAB_LOG_INFO, "settings reloaded");
    }
    return status;
}

int main(int argc, char **argv) {
    struct arguments args = { 0 };
    struct cab_conf *conf;
    struct cab_err err;

    int status = parse(argc, argv, &args);
    if (status != -1)
        return status;
    void *mem = cab_mem_alloc(NULL, 1);
    cab_log_init("cabinetd", CAB_LOG_INFO);
    cab_err_clear(&err);
    if (load(mem, &args, !args.print, &conf) != 0) {
        status = 1;
    } else if (args.print) {
        cab_conf_print(conf);
        status = 0;
    } else if (cab_routes_check(&err) != 0) {
        cab_log(CAB_LOG_ERROR, "%s", err.detail);
        status = 1;
    } else if (args.check) {
        puts("The settings are good.");
        status = 0;
    } else {
        cab_log_init("cabinetd", cab_log_level_of(conf));
        status = args.is_housekeeping ? keep_house(mem, &args, conf)
                                      : cab_master_run(conf, args.config, args.pool, argv);
    }
    cab_mem_free(mem);
    return status;
}
