/*
 * The command line of cabinet-migrate.
 */
#include <criterion/criterion.h>
#include <migrate/command.h>
#include <stdlib.h>
#include <string.h>

#define MOST 8

static int parse(const char *const *words, struct cab_options *options, const struct cab_command **command,
                 struct cab_err *err) {
    char *argv[MOST + 2] = {(char *)"cabinet-migrate"};
    int argc = 1;
    while (argc <= MOST && words[argc - 1] != NULL) {
        argv[argc] = (char *)words[argc - 1];
        argc++;
    }
    memset(err, 0, sizeof(*err));
    return cab_options_parse(argc, argv, options, command, err);
}

Test(options, a_negative_number_is_an_argument) {
    struct cab_options o;
    const struct cab_command *c;
    struct cab_err err;
    const char *const words[MOST] = {"downgrade", "-1"};
    cr_assert_eq(parse(words, &o, &c, &err), 0, "%s", err.detail);
    cr_expect_str_eq(c->name, "downgrade");
    cr_expect_str_eq(o.args[0], "-1");
}

Test(options, all_forms_of_values) {
    struct cab_options o;
    const struct cab_command *c;
    struct cab_err err;
    const char *const words[MOST] = {"-d", "a=b", "upgrade", "--lock-timeout=2s", "--retries", "3", "head", "--sql"};
    cr_assert_eq(parse(words, &o, &c, &err), 0, "%s", err.detail);
    cr_expect_str_eq(o.database, "a=b");
    cr_expect_eq(o.lock_timeout_ms, 2000);
    cr_expect_eq(o.retries, 3);
    cr_expect(o.sql);
    const char *const message[MOST] = {"revision", "-mshort"};
    cr_assert_eq(parse(message, &o, &c, &err), 0, "%s", err.detail);
    cr_expect_str_eq(o.message, "short");
}

Test(options, mistakes_are_named) {
    static const struct { const char *words[MOST]; const char *says; } rows[] = {
        {{NULL}, "A command is needed"},
        {{"upgarde", "head"}, "did you mean upgrade"},
        {{"upgrade"}, "Usage: cabinet-migrate upgrade TARGET"},
        {{"current", "x"}, "Usage: cabinet-migrate current"},
        {{"upgrade", "head", "--sqll"}, "did you mean --sql"},
        {{"upgrade", "head", "--sql=yes"}, "--sql takes no value"},
        {{"upgrade", "head", "--retries"}, "--retries needs a value"},
        {{"upgrade", "head", "--retries", "many"}, "--retries needs a whole number"},
        {{"upgrade", "head", "--wait", "5"}, "--wait needs a time"},
        {{"current", "--sql"}, "current does not take --sql"},
    };
    for (size_t i = 0; i < CAB_LENGTH(rows); i++) {
        struct cab_options o;
        const struct cab_command *c;
        struct cab_err err;
        cr_expect_eq(parse(rows[i].words, &o, &c, &err), -1, "row %zu", i);
        cr_expect_not_null(strstr(err.detail, rows[i].says), "row %zu: %s", i, err.detail);
    }
}

Test(options, tables_are_complete) {
    for (const struct cab_command *c = cab_commands; c->name != NULL; c++) {
        cr_expect_not_null(c->doc, "%s", c->name);
        cr_expect(c->run != NULL, "%s", c->name);
        cr_expect_leq(c->min_args, c->max_args, "%s", c->name);
    }
    for (const struct cab_option *o = cab_options_table; o->name != NULL; o++) {
        cr_expect_not_null(o->doc, "%s", o->name);
        cr_expect_eq(o->kind == CAB_OPTION_FLAG, o->placeholder == NULL, "%s", o->name);
    }
}
