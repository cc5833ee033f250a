/*
 * Files of NAME=value lines: what is read, and what is refused with its line.
 */
#include "conf/private.h"

#include <criterion/criterion.h>
#include <string.h>

static void *mem;

static void begin(void) {
    mem = cab_mem_alloc(NULL, 1);
}

static void end(void) {
    cab_mem_free(mem);
}

TestSuite(envfile, .init = begin, .fini = end);

static struct cab_env_file *parse(const char *text) {
    struct cab_env_file *file = NULL;
    struct cab_err err = { 0 };
    cr_assert(cab_env_file_parse(mem, "test.env", text, strlen(text), &file, mem, &err) == 0, "%s",
              err.flaws != NULL ? err.flaws->detail : "");
    return file;
}

static const char *refusal(const char *text, size_t n) {
    struct cab_env_file *file = NULL;
    struct cab_err err = { 0 };
    cr_assert(cab_env_file_parse(mem, "test.env", text, n, &file, mem, &err) == -1, "%s is taken", text);
    return err.flaws->detail;
}

Test(envfile, reads_values_in_all_their_forms) {
    static const struct { const char *line, *value; } cases[] = {
        { "NAME=plain", "plain" },
        { "NAME=", "" },
        { "NAME=''", "" },
        { "  NAME = spaced out  ", "spaced out" },
        { "export NAME=exported", "exported" },
        { "NAME=value # comment", "value" },
        { "NAME=value#no-comment", "value#no-comment" },
        { "NAME=# comment", "" },
        { "NAME='literal $HOME \\n # x'", "literal $HOME \\n # x" },
        { "NAME=\"double \\\"quoted\\\" \\\\ \\$x \\` \\n\"", "double \"quoted\" \\ $x ` \n" },
        { "NAME=\"unknown \\x escape\"", "unknown \\x escape" },
        { "NAME='quoted'   # comment", "quoted" },
        { "NAME=carriage\r", "carriage" },
        { "NAME=a=b&c=d", "a=b&c=d" },
        { "NAME=postgresql://u:p%40@h:5432/db?sslmode=require", "postgresql://u:p%40@h:5432/db?sslmode=require" },
        { "NAME=back\\slash", "back\\slash" },
        { "NAME=Grüße", "Grüße" },
        { "\xef\xbb\xbfNAME=behind a mark", "behind a mark" },
    };
    for (size_t i = 0; i < CAB_LENGTH(cases); i++) {
        struct cab_env_file *file = parse(cases[i].line);
        cr_assert(file->n_entries == 1, "%s", cases[i].line);
        cr_expect_str_eq(file->entries[0].name, "NAME");
        cr_expect_str_eq(file->entries[0].value, cases[i].value);
        cab_mem_free(file);
    }
}

Test(envfile, counts_lines_and_skips_comments) {
    struct cab_env_file *file = parse("# head\n\n  # indented\nA=1\r\n\r\nB=2");
    cr_assert(file->n_entries == 2);
    cr_expect(file->entries[0].line == 4);
    cr_expect(file->entries[1].line == 6);
    cr_expect_str_eq(file->entries[1].value, "2");
    cab_mem_free(file);
}

Test(envfile, takes_many_lines) {
    struct cab_buf text;
    cab_buf_init(&text, mem, 1024);
    for (int i = 0; i < 1000; i++)
        cab_buf_addf(&text, "N%d=%d\n", i, i);
    struct cab_env_file *file = parse(text.data);
    cr_assert(file->n_entries == 1000);
    cr_expect_str_eq(file->entries[999].name, "N999");
    cab_mem_free(file);
    cab_mem_free(text.data);
}

Test(envfile, refuses_what_it_cannot_read_and_names_the_line) {
    static const char *const lines[] = {
        "A=1\nno value\n", "A=1\n=value\n", "A=1\nN-A=1\n", "A=1\n1A=1\n", "A=1\nB='open\n", "A=1\nB=\"open\\\"\n",
        "A=1\nB='a' b\n", "A=1\nB=\"a\"#b\n",
    };
    for (size_t i = 0; i < CAB_LENGTH(lines); i++)
        cr_expect(strstr(refusal(lines[i], strlen(lines[i])), "test.env line 2: ") != NULL, "%s", lines[i]);
    cr_expect(strstr(refusal("A=\xff\n", 4), "UTF-8") != NULL);
    cr_expect(strstr(refusal("A=1\0B=2", 7), "UTF-8") != NULL);
}

Test(envfile, refusals_never_show_values) {
    static const char text[] = "SECRET_KEY='hunter2hunter2\n";
    cr_expect(strstr(refusal(text, strlen(text)), "hunter2") == NULL);
}

Test(envfile, finds_all_faults) {
    struct cab_env_file *file = NULL;
    struct cab_err err = { 0 };
    static const char text[] = "bad\nA=1\nbad too\n";
    cr_assert(cab_env_file_parse(mem, "test.env", text, strlen(text), &file, mem, &err) == -1);
    cr_assert(err.flaws != NULL && err.flaws->next != NULL);
    cr_expect(err.flaws->next->next == NULL);
}

Test(envfile, tells_missing_from_unreadable) {
    struct cab_env_file *file = NULL;
    struct cab_err err = { 0 };
    cr_expect(cab_env_file_read(mem, "/nonexistent/file", &file, mem, &err) == 0);
    cr_expect(cab_env_file_read(mem, "/tmp", &file, mem, &err) == -1, "a folder");
    cr_expect(strstr(err.flaws->detail, "/tmp cannot be read") != NULL);
}
