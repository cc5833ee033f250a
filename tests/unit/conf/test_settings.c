/*
 * The table itself, and that the sample file and the manual page say what it says.
 */
#include <cabinet/conf.h>

#include <criterion/criterion.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPLOY TESTS_SRCDIR "/../deploy/"

static void *mem;

static void begin(void) {
    mem = cab_mem_alloc(NULL, 1);
}

static void end(void) {
    cab_mem_free(mem);
}

TestSuite(settings, .init = begin, .fini = end);

/* Blanks and line ends become one blank, so that text may be wrapped; comment signs and roff escapes go. */
static char *flat(const char *path) {
    FILE *f = fopen(path, "r");
    cr_assert(f != NULL, "%s", path);
    char *text = calloc(1, 1 << 17);
    size_t n = 0;
    bool at_line = true;
    for (int c; (c = fgetc(f)) != EOF && n < (1 << 17) - 2;) {
        if (at_line && c == '#' && n > 0) {
            int next = fgetc(f);
            if (next != ' ')
                ungetc(next, f);
            at_line = false;
            if (next != ' ') { /* a setting that is commented out */
                text[n++] = '#';
            }
            continue;
        }
        at_line = c == '\n';
        if (c == '\\')
            continue;
        if (isspace(c) && n > 0 && text[n - 1] == ' ')
            continue;
        text[n++] = isspace(c) ? ' ' : (char)c;
    }
    fclose(f);
    return text;
}

Test(settings, rows_are_whole) {
    for (const struct cab_setting *s = cab_settings; s->name != NULL; s++) {
        cr_expect(s->doc != NULL && strlen(s->doc) >= 12, "%s", s->name);
        cr_expect(s->unit != NULL, "%s", s->name);
        cr_expect(strspn(s->name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == strlen(s->name), "%s", s->name);
        cr_expect(s->offset < sizeof(struct cab_conf), "%s", s->name);
        cr_expect((s->type == CAB_SETTING_INT) == (s->min < s->max), "%s", s->name);
        cr_expect((s->type == CAB_SETTING_WORD) == (s->words != NULL), "%s", s->name);
        cr_expect(s->type == CAB_SETTING_STRING || s->fallback != NULL, "%s", s->name);
        for (const struct cab_setting *other = s + 1; other->name != NULL; other++) {
            cr_expect(strcmp(s->name, other->name) != 0, "%s is there twice", s->name);
            cr_expect(s->offset != other->offset, "%s and %s share a member", s->name, other->name);
        }
        cr_expect(cab_setting_find(s->name) == s);
    }
    cr_expect(cab_setting_find("NOTHING") == NULL);
}

Test(settings, secrets_are_marked) {
    for (const struct cab_setting *s = cab_settings; s->name != NULL; s++) {
        bool sounds_secret = strstr(s->name, "SECRET") != NULL || strstr(s->name, "_PASSWORD") != NULL;
        cr_expect(s->secret == sounds_secret, "%s", s->name);
    }
}

/* The manual page is made of that file. */
Test(settings, sample_file_has_each_with_its_default_and_text) {
    char *sample = flat(DEPLOY "cabinet.env");
    for (const struct cab_setting *s = cab_settings; s->name != NULL; s++) {
        bool is_path = strcmp(s->name, "CABINET_MODELS") == 0 || strcmp(s->name, "CABINET_MIGRATIONS") == 0 ||
                       strcmp(s->name, "MAIL_TEMPLATES") == 0;
        char *line = cab_printf(mem, "#%s=%s", s->name, is_path || s->fallback == NULL ? "" : s->fallback);
        cr_expect(strstr(sample, line) != NULL, "%s is not in deploy/cabinet.env", line);
        cr_expect(strstr(sample, s->doc) != NULL, "deploy/cabinet.env does not say: %s", s->doc);
        char *limits = cab_printf(mem, "(%lld to %lld", (long long)s->min, (long long)s->max);
        cr_expect(s->type != CAB_SETTING_INT || strstr(sample, limits) != NULL, "%s: %s", s->name, limits);
    }
    free(sample);
}
