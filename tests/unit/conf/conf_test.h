/*
 * What the tests of conf share: a folder of settings files, and a clean environment.
 */
#ifndef TESTS_UNIT_CONF_TEST_H
#define TESTS_UNIT_CONF_TEST_H

#include <cabinet/conf.h>

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[32];
static void *mem; /* of the test */

static inline void clean(void) {
    mem = cab_mem_alloc(NULL, 1);
    for (const struct cab_setting *s = cab_settings; s->name != NULL; s++)
        unsetenv(s->name);
    strcpy(folder, "/tmp/cabconf.XXXXXX");
    cr_assert(mkdtemp(folder) != NULL);
}

static inline void remove_folder(void) {
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    cr_assert(system(command) == 0);
    cab_mem_free(mem);
}

/* Writes a file of the folder; its path lives until the test ends. */
static inline char *put(const char *name, const char *text) {
    char *path = cab_printf(mem, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    cr_assert(f != NULL);
    fputs(text, f);
    fclose(f);
    return path;
}

static inline struct cab_conf_sources sources(const char *file, const char *pool) {
    return (struct cab_conf_sources){ .etc_dir = folder, .dot_env = cab_printf(mem, "%s/.env", folder),
                                      .file = file, .pool = pool };
}

/* Loads from the folder alone; the test fails where that does. */
static inline struct cab_conf *loaded(const char *file, const char *pool) {
    struct cab_conf_sources from = sources(file, pool);
    struct cab_conf *conf = NULL;
    struct cab_err err = { 0 };
    cr_assert(cab_conf_load_from(mem, &from, &conf, &err) == 0, "%s", err.detail);
    return conf;
}

/* Loads the one line and returns the complaint. */
static inline const char *complaint(const char *line) {
    struct cab_conf_sources from = sources(put("complaint.env", line), NULL);
    struct cab_conf *conf = NULL;
    static struct cab_err err;
    cab_err_clear(&err);
    int failed = cab_conf_load_from(mem, &from, &conf, &err);
    return failed != 0 ? err.detail : "";
}

#endif
