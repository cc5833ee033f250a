/*
 * Parses the command line by tables.  getopt is not used: it would take the -1 of "downgrade -1" for an option.
 */
#include "options.h"
#include "command.h"
#include "revision_file.h"
#include "veto.h"

#include <stdio.h>
#include <string.h>

#define AT(member) offsetof(struct cab_options, member)

const struct cab_option cab_options_table[] = {
    {"config", 'c', CAB_OPTION_TEXT, AT(config), "FILE", "read settings from FILE too"},
    {"database", 'd', CAB_OPTION_TEXT, AT(database), "URL", "the database; else DATABASE_OWNER_URL, else DATABASE_URL"},
    {"quiet", 'q', CAB_OPTION_FLAG, AT(quiet), NULL, "no progress lines"},
    {"json", '\0', CAB_OPTION_FLAG, AT(json), NULL, "print JSON"},
    {"help", 'h', CAB_OPTION_FLAG, AT(help), NULL, "print help"},
    {"version", 'V', CAB_OPTION_FLAG, AT(version), NULL, "print the version"},
    {"sql", '\0', CAB_OPTION_FLAG, AT(sql), NULL, "print a psql script instead of running"},
    {"lock-timeout", '\0', CAB_OPTION_TIME, AT(lock_timeout_ms), "TIME",
     "longest wait of a statement for a lock before the segment is tried again (500ms)"},
    {"retries", '\0', CAB_OPTION_NUMBER, AT(retries), "N", "tries after the first that failed for a lock (10)"},
    {"wait", '\0', CAB_OPTION_TIME, AT(wait_ms), "TIME", "longest wait for another runner (10min)"},
    {"message", 'm', CAB_OPTION_TEXT, AT(message), "TEXT", "what the revision does, in a few words"},
    {"line", '\0', CAB_OPTION_TEXT, AT(line), "LABEL", "line of revisions, such as cabinet or site"},
    {"folder", '\0', CAB_OPTION_TEXT, AT(folder), "FOLDER", "where the file is written"},
    {"autogenerate", '\0', CAB_OPTION_FLAG, AT(autogenerate), NULL,
     "write what leads from the revisions to the models, and prove it"},
    {"park", '\0', CAB_OPTION_FLAG, AT(park), NULL,
     "set dropped tables and columns aside, so that a downgrade brings their rows back"},
    {"older", '\0', CAB_OPTION_TIME, AT(older_ms), "TIME",
     "drop what was parked by revisions applied longer ago than this, such as 30d"},
    {"rename", '\0', CAB_OPTION_TEXT, AT(rename), "LIST",
     "table:public.old=new or column:public.t.old=new; commas between several"},
    {"allow", '\0', CAB_OPTION_TEXT, AT(allow), "LIST", "hazards to accept, such as data-loss; commas between several"},
    {"from", '\0', CAB_OPTION_TEXT, AT(from), "SOURCE", "where the difference begins"},
    {"to", '\0', CAB_OPTION_TEXT, AT(to), "SOURCE", "where it leads"},
    {"careful", '\0', CAB_OPTION_FLAG, AT(careful), NULL, "print the segments that a busy database bears"},
    {.name = NULL}};

static const char common_options[] = "config database quiet json help version";

/* Whether word is one of the words of list. */
static bool is_listed(const char *list, const char *word) {
    size_t n = strlen(word);
    for (const char *at = list; at != NULL && *at != '\0';) {
        size_t len = strcspn(at, " ");
        if (len == n && memcmp(at, word, n) == 0)
            return true;
        at += len + (at[len] == ' ');
    }
    return false;
}

static const struct cab_option *find_option(const char *name, size_t n) {
    for (const struct cab_option *o = cab_options_table; o->name != NULL; o++) {
        if (strlen(o->name) == n && memcmp(o->name, name, n) == 0)
            return o;
    }
    return NULL;
}

static const struct cab_option *find_letter(char letter) {
    for (const struct cab_option *o = cab_options_table; o->name != NULL; o++) {
        if (o->letter != '\0' && o->letter == letter)
            return o;
    }
    return NULL;
}

static int unknown_option(const char *word, struct cab_err *err) {
    const char *names[64], *plain = word + strspn(word, "-");
    size_t n = 0;
    for (const struct cab_option *o = cab_options_table; o->name != NULL && n < CAB_LENGTH(names); o++)
        names[n++] = o->name;
    const char *nearest = cab_nearest(plain, names, n);
    return cab_veto(err, "%s is not an option%s%s; --help lists them.", word,
                    nearest != NULL ? "; did you mean --" : "", nearest != NULL ? nearest : "");
}

static int store(const struct cab_option *option, const char *value, struct cab_options *options, struct cab_err *err) {
    char *member = (char *)options + option->offset;
    int64_t number;
    switch (option->kind) {
    case CAB_OPTION_FLAG:
        memcpy(member, &(bool){true}, sizeof(bool));
        return 0;
    case CAB_OPTION_TEXT:
        memcpy(member, &value, sizeof(value));
        return 0;
    case CAB_OPTION_NUMBER:
        if (cab_parse_int64(value, 0, 1000000, &number) != 0)
            return cab_veto(err, "--%s needs a whole number.", option->name);
        break;
    default:
        number = cab_duration_parse(value, strlen(value));
        if (number < 0)
            return cab_veto(err, "--%s needs a time such as 500ms, 2s, 10min or 30d.", option->name);
    }
    memcpy(member, &number, sizeof(number));
    return 0;
}

/* Takes the option at argv[*at] and its value; *at is left at the last word used. */
static int take_option(int argc, char **argv, int *at, struct cab_options *options,
                       const struct cab_option **option_out, struct cab_err *err) {
    const char *word = argv[*at], *value = NULL;
    const struct cab_option *option;
    if (word[1] == '-') {
        size_t n = strcspn(word + 2, "=");
        option = find_option(word + 2, n);
        value = word[2 + n] == '=' ? word + 3 + n : NULL;
    } else {
        option = find_letter(word[1]);
        value = option != NULL && word[2] != '\0' ? word + 2 : NULL;
    }
    if (option == NULL)
        return unknown_option(word, err);
    if (option->kind == CAB_OPTION_FLAG && value != NULL)
        return cab_veto(err, "--%s takes no value.", option->name);
    if (option->kind != CAB_OPTION_FLAG && value == NULL) {
        if (*at + 1 >= argc)
            return cab_veto(err, "--%s needs a value: %s.", option->name, option->placeholder);
        value = argv[++*at];
    }
    *option_out = option;
    return store(option, value, options, err);
}

static int find_command(const char *word, const struct cab_command **command_out, struct cab_err *err) {
    const char *names[64];
    size_t n = 0;
    for (const struct cab_command *c = cab_commands; c->name != NULL; c++) {
        if (strcmp(c->name, word) == 0) {
            *command_out = c;
            return 0;
        }
        if (n < CAB_LENGTH(names))
            names[n++] = c->name;
    }
    const char *nearest = cab_nearest(word, names, n);
    return cab_veto(err, "%s is not a command%s%s; --help lists them.", word,
                    nearest != NULL ? "; did you mean " : "", nearest != NULL ? nearest : "");
}

static bool is_argument(const char *word) {
    return word[0] != '-' || word[1] == '\0' || (word[1] >= '0' && word[1] <= '9');
}

int cab_options_parse(int argc, char **argv, struct cab_options *options, const struct cab_command **command_out,
                      struct cab_err *err) {
    const struct cab_option *used[CAB_ARGS_MAX];
    int n_used = 0;
    bool only_arguments = false;
    *options = (struct cab_options){.lock_timeout_ms = 500, .wait_ms = 600000, .retries = 10, .older_ms = -1};
    *command_out = NULL;
    for (int i = 1; i < argc; i++) {
        if (!only_arguments && strcmp(argv[i], "--") == 0) {
            only_arguments = true;
        } else if (!only_arguments && !is_argument(argv[i])) {
            if (n_used == CAB_ARGS_MAX)
                return cab_veto(err, "There are too many options.");
            if (take_option(argc, argv, &i, options, &used[n_used++], err) != 0)
                return -1;
        } else if (*command_out == NULL) {
            if (find_command(argv[i], command_out, err) != 0)
                return -1;
        } else if (options->n_args == CAB_ARGS_MAX) {
            return cab_veto(err, "There are too many arguments.");
        } else {
            options->args[options->n_args++] = argv[i];
        }
    }
    const struct cab_command *command = *command_out;
    if (options->help || options->version)
        return 0;
    if (command == NULL)
        return cab_veto(err, "A command is needed; --help lists them.");
    for (int i = 0; i < n_used; i++) {
        if (!is_listed(common_options, used[i]->name) && !is_listed(command->options, used[i]->name))
            return cab_veto(err, "%s does not take --%s.", command->name, used[i]->name);
    }
    if (options->n_args < command->min_args || options->n_args > command->max_args)
        return cab_veto(err, "Usage: cabinet-migrate %s %s", command->name, command->synopsis);
    return 0;
}

static void print_option(const struct cab_option *o) {
    char left[48];
    snprintf(left, sizeof(left), "--%s%s%s", o->name, o->placeholder != NULL ? " " : "",
             o->placeholder != NULL ? o->placeholder : "");
    if (o->letter != '\0')
        printf("  -%c, %-20s %s\n", o->letter, left, o->doc);
    else
        printf("      %-20s %s\n", left, o->doc);
}

void cab_options_help(const struct cab_command *command) {
    if (command == NULL) {
        printf("Usage: cabinet-migrate [OPTION]... COMMAND [ARGUMENT]...\n"
               "Keeps the schema of a Cabinet database in step with its revisions.\n\nCommands:\n");
        for (const struct cab_command *c = cab_commands; c->name != NULL; c++)
            printf("  %-10s %-12s %s\n", c->name, c->synopsis, c->doc);
    } else {
        printf("Usage: cabinet-migrate [OPTION]... %s%s%s\n%s.\n", command->name,
               command->synopsis[0] != '\0' ? " " : "", command->synopsis, command->doc);
        if (command->more != NULL)
            printf("\n%s\n", command->more);
    }
    printf("\nOptions:\n");
    for (const struct cab_option *o = cab_options_table; o->name != NULL; o++) {
        if (is_listed(common_options, o->name) || (command != NULL && is_listed(command->options, o->name)))
            print_option(o);
    }
    printf("\ncabinet-migrate(8) tells all.\n");
}
