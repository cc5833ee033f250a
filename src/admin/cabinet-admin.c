/*
 * cabinet-admin: the operator's hand on accounts, sessions, counts, and the database as a whole.  This file knows the
 * command line; commands are rows.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin/admin.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

const struct admin_command admin_commands[] = {
    { "user get", "EMAIL", TAKES_JSON, true, admin_user_get, "show an account" },
    { "user create", NULL, TAKES_JSON | TAKES_ACCOUNT | TAKES_RIGHTS | TAKES_PASSWORD, true, admin_user_create,
      "make an account: --email, --username and a password" },
    { "create-superuser", NULL, TAKES_JSON | TAKES_ACCOUNT | TAKES_PASSWORD, true, admin_create_superuser,
      "make the superuser of FIRST_SUPERUSER, or of --email; says so where it exists" },
    { "set-password", "EMAIL", TAKES_JSON | TAKES_PASSWORD, true, admin_set_password,
      "give an account a new password; all its sessions end" },
    { "ban", "EMAIL", TAKES_JSON, true, admin_ban, "shut an account out; all its sessions end" },
    { "unban", "EMAIL", TAKES_JSON, true, admin_unban, "let a banned account in again" },
    { "verify", "EMAIL", TAKES_JSON, true, admin_verify, "mark an account's e-mail address as verified" },
    { "sessions", "EMAIL", TAKES_JSON, true, admin_sessions, "list an account's open sessions" },
    { "revoke", "EMAIL|SESSION", TAKES_JSON, true, admin_revoke, "end all sessions of an account, or one session" },
    { "api-key list", "EMAIL", TAKES_JSON, true, admin_api_key_list, "list an account's API keys" },
    { "api-key create", "EMAIL", TAKES_JSON | TAKES_KEY, true, admin_api_key_create,
      "make an API key and print it, this once: --name and --scope" },
    { "api-key revoke", "ID", TAKES_JSON, true, admin_api_key_revoke, "take an API key back" },
    { "disable-totp", "EMAIL", TAKES_JSON, true, admin_disable_totp,
      "let an account log in without codes, when its device is lost" },
    { "invite", "EMAIL", TAKES_JSON, true, admin_invite, "send an invitation to make an account" },
    { "counts verify", "[TABLE]", TAKES_JSON, true, admin_counts_verify,
      "compare the counts of counted tables with their rows; status 1 where they differ" },
    { "counts rebuild", "[TABLE]", TAKES_JSON, true, admin_counts_rebuild,
      "count the rows of counted tables anew; writers wait meanwhile" },
    { "setup-database", "[URL]", TAKES_JSON | AS_OWNER, false, admin_setup_database,
      "make roles and database where they are missing; URL: of an administrator of the server" },
    { "backup", NULL, TAKES_JSON | AS_OWNER, false, admin_backup,
      "write the database and what proves a copy of it to BACKUP_FOLDER" },
    { "restore", "FILE", TAKES_JSON | TAKES_INTO | AS_OWNER, false, admin_restore,
      "make a new database of a backup, and compare it with what was backed up" },
    { "config check", NULL, TAKES_JSON, false, admin_config_check,
      "check the settings, the database and its schema" },
    { .words = NULL },
};

static void print_usage(FILE *to) {
    fputs("usage: cabinet-admin [--config FILE] COMMAND [ARGUMENT] [OPTION]...\n\nCommands:\n", to);
    for (const struct admin_command *c = admin_commands; c->words != NULL; c++) {
        char left[64];
        snprintf(left, sizeof left, "%s %s", c->words, c->argument != NULL ? c->argument : "");
        fprintf(to, "  %-22s %s\n", left, c->doc);
    }
    fputs("\nOptions:\n"
          "  --config FILE          settings, over ./.env and /etc/cabinet/*.env\n"
          "  --json                 print JSON\n"
          "  --email E, --username U   of the new account\n"
          "  --superuser, --verified   rights of the new account\n"
          "  --into NAME            the new database that a backup is restored into\n"
          "  --password-stdin       read the password from standard input;\n"
          "                         otherwise CABINET_PASSWORD, otherwise it is asked for\n"
          "  --name N, --scope S    of the new API key; scopes are separated by commas:\n"
          "                         read, write, admin, TABLE:read, TABLE:write\n"
          "  --days N               that it is good; otherwise 90\n"
          "  --version, --help\n",
          to);
}

/* The command whose words stand at the front of words, and how many they are. */
static const struct admin_command *find(char *const *words, int n, int *used_out) {
    for (const struct admin_command *c = admin_commands; c->words != NULL; c++) {
        const char *space = strchr(c->words, ' ');
        if (space == NULL && strcmp(c->words, words[0]) == 0) {
            *used_out = 1;
            return c;
        }
        if (space != NULL && n > 1 && strncmp(c->words, words[0], (size_t)(space - c->words)) == 0 &&
            words[0][space - c->words] == '\0' && strcmp(space + 1, words[1]) == 0) {
            *used_out = 2;
            return c;
        }
    }
    return NULL;
}

static int usage_error(const char *what, const char *which) {
    fprintf(stderr, "cabinet-admin: %s%s; try cabinet-admin --help\n", what, which);
    return ADMIN_USAGE;
}

struct line {
    const char *config;
    const struct admin_command *command;
    unsigned given; /* TAKES_… of the options seen */
};

/* -1: go on; otherwise the exit status. */
static int parse(int argc, char **argv, struct admin *admin, struct line *line) {
    static const struct option options[] = {
        { "config", required_argument, NULL, 'c' },   { "json", no_argument, NULL, 'j' },
        { "email", required_argument, NULL, 'e' },    { "username", required_argument, NULL, 'u' },
        { "superuser", no_argument, NULL, 's' },      { "verified", no_argument, NULL, 'y' },
        { "name", required_argument, NULL, 'n' },     { "scope", required_argument, NULL, 'o' },
        { "days", required_argument, NULL, 'd' },
        { "password-stdin", no_argument, NULL, 'p' }, { "version", no_argument, NULL, 'v' },
        { "into", required_argument, NULL, 'i' },     { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    int option, used = 0;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
        switch (option) {
        case 'c': line->config = optarg; break;
        case 'j':
            admin->json = true;
            line->given |= TAKES_JSON;
            break;
        case 'e':
            admin->email = optarg;
            line->given |= TAKES_ACCOUNT;
            break;
        case 'u':
            admin->username = optarg;
            line->given |= TAKES_ACCOUNT;
            break;
        case 'n':
            admin->name = optarg;
            line->given |= TAKES_KEY;
            break;
        case 'o':
            admin->scope = optarg;
            line->given |= TAKES_KEY;
            break;
        case 'd':
            admin->days = optarg;
            line->given |= TAKES_KEY;
            break;
        case 's':
            admin->is_superuser = true;
            line->given |= TAKES_RIGHTS;
            break;
        case 'y':
            admin->is_verified = true;
            line->given |= TAKES_RIGHTS;
            break;
        case 'i':
            admin->into = optarg;
            line->given |= TAKES_INTO;
            break;
        case 'p':
            admin->password_stdin = true;
            line->given |= TAKES_PASSWORD;
            break;
        case 'v': puts("cabinet-admin " PACKAGE_VERSION); return ADMIN_DONE;
        case 'h': print_usage(stdout); return ADMIN_DONE;
        default: fputs("Try cabinet-admin --help.\n", stderr); return ADMIN_USAGE;
        }
    if (optind == argc) {
        print_usage(stderr);
        return ADMIN_USAGE;
    }
    line->command = find(argv + optind, argc - optind, &used);
    if (line->command == NULL)
        return usage_error("unknown command ", argv[optind]);
    optind += used;
    if (line->command->argument != NULL) {
        if (optind < argc)
            admin->argument = argv[optind++];
        else if (line->command->argument[0] != '[')
            return usage_error("missing argument ", line->command->argument);
    }
    if (optind < argc)
        return usage_error("one argument too many: ", argv[optind]);
    if ((line->given & ~line->command->takes) != 0)
        return usage_error("an option does not belong to the command ", line->command->words);
    return -1;
}

static void print_error(const struct cab_err *err) {
    if (err->flaws == NULL || err->flaws->next == NULL)
        fprintf(stderr, "cabinet-admin: %s\n", err->detail);
    else
        for (const struct cab_flaw *flaw = err->flaws; flaw != NULL; flaw = flaw->next)
            fprintf(stderr, "cabinet-admin: %s: %s\n", flaw->name, flaw->detail);
    if (err->internal[0] != '\0')
        fprintf(stderr, "cabinet-admin: %s\n", err->internal);
}

static int open_database(struct admin *admin, struct cab_err *err) {
    struct cab_db_options options = {
        .url = admin->conf->database_url,
        .application_name = "cabinet-admin",
        .connect_timeout_s = (int)admin->conf->db_connect_timeout,
        .prepared = admin->conf->db_prepared,
    };
    return cab_db_open(admin->mem, &options, &admin->db, err);
}

static int load_settings(struct admin *admin, const struct line *line, struct cab_err *err) {
    static const char *const some[] = { "DATABASE_URL", NULL }, *const all[] = { "DATABASE_URL", "SECRET_KEY", NULL };
    struct cab_conf_sources sources = { .file = line->config, .required = line->command->needs_database ? some : all };

    if ((line->command->takes & AS_OWNER) != 0) {
        sources.pool = "admin";
        sources.required = NULL;
    }
    if (cab_conf_load_from(admin->mem, &sources, &admin->conf, err) == 0)
        return 0;
    for (const struct cab_flaw *flaw = err->flaws; flaw != NULL; flaw = flaw->next)
        fprintf(stderr, "cabinet-admin: %s\n", flaw->detail);
    if (err->flaws == NULL)
        print_error(err);
    return -1;
}

static int run(struct admin *admin, const struct line *line) {
    struct cab_err err = { 0 };

    if (load_settings(admin, line, &err) != 0)
        return ADMIN_SETTINGS;
    if (line->command->needs_database && open_database(admin, &err) != 0) {
        print_error(&err);
        return ADMIN_DATABASE;
    }
    int status = line->command->run(admin, &err);
    if (status >= 0)
        return status;
    print_error(&err);
    return err.problem == CAB_PROBLEM_UNAVAILABLE || err.problem == CAB_PROBLEM_FATE_UNKNOWN ? ADMIN_DATABASE
                                                                                             : ADMIN_REFUSED;
}

int main(int argc, char **argv) {
    struct admin admin = { 0 };
    struct line line = { 0 };

    int status = parse(argc, argv, &admin, &line);
    if (status != -1)
        return status;
    cab_log_init("cabinet-admin", CAB_LOG_WARN);
    admin.mem = cab_mem_alloc(NULL, 1);
    status = run(&admin, &line);
    cab_mem_free(admin.mem);
    if (fflush(stdout) != 0)
        return ADMIN_REFUSED;
    return status;
}
