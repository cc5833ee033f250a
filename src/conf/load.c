/*
 * load: collects the settings from files and environment by the table of settings.c.  All faults are found in one pass.
 */
#include "conf/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef CAB_SYSCONFDIR
#define CAB_SYSCONFDIR "/etc"
#endif

struct loader {
    void *ctx;                /* of flaws: outlives a failed load */
    struct cab_conf *conf;
    const char **values;      /* by row of the table; NULL: unset so far */
    size_t n_settings;
    struct cab_err *err;
    bool failed;
};

const struct cab_setting *cab_setting_find(const char *name) {
    for (const struct cab_setting *s = cab_settings; s->name != NULL; s++)
        if (strcmp(s->name, name) == 0)
            return s;
    return NULL;
}

static void warn_unknown(const char *path, const struct cab_env_entry *entry) {
    const char *names[256];
    size_t n = 0;
    for (const struct cab_setting *s = cab_settings; s->name != NULL && n < CAB_LENGTH(names); s++)
        names[n++] = s->name;
    const char *near = cab_nearest(entry->name, names, n);
    if (near != NULL)
        cab_log(CAB_LOG_WARN, "%s line %d: %s is not a setting; did you mean %s?", path, entry->line, entry->name,
                near);
    else
        cab_log(CAB_LOG_WARN, "%s line %d: %s is not a setting and is ignored", path, entry->line, entry->name);
}

static void take_file(struct loader *l, const char *path, bool must_exist) {
    struct cab_env_file *file = NULL;
    int got = cab_env_file_read(l->conf, path, &file, l->ctx, l->err);
    if (got == 0 && must_exist)
        got = cab_err_flaw(l->err, l->ctx, CAB_PLACE_FIELD, path, "missing",
                           "%s does not exist; name a file by --config.", path);
    if (got < 0)
        l->failed = true;
    if (got <= 0)
        return;
    for (size_t i = 0; i < file->n_entries; i++) {
        const struct cab_env_entry *entry = &file->entries[i];
        const struct cab_setting *s = cab_setting_find(entry->name);
        if (s == NULL)
            warn_unknown(path, entry);
        else
            l->values[s - cab_settings] = entry->value;
    }
}

static void take_environment(struct loader *l) {
    for (const struct cab_setting *s = cab_settings; s->name != NULL; s++) {
        const char *value = getenv(s->name);
        if (value != NULL)
            l->values[s - cab_settings] = cab_strdup(l->conf, value);
    }
}

static void fault(struct loader *l, const struct cab_setting *s, const char *code, const char *what) {
    l->failed = true;
    (void)cab_err_flaw(l->err, l->ctx, CAB_PLACE_FIELD, s->name, code, "%s %s", s->name, what);
}

static bool is_one_of(const char *words, const char *value) {
    size_t n = strlen(value);
    for (const char *w = words;; w += strcspn(w, "|") + 1) {
        size_t length = strcspn(w, "|");
        if (n == length && strncmp(w, value, n) == 0)
            return true;
        if (w[length] == '\0')
            return false;
    }
}

/* Checks value by its row and stores it; an empty one stands for the default. */
static void store(struct loader *l, const struct cab_setting *s, const char *value) {
    char *member = (char *)l->conf + s->offset;
    char what[256];

    if (value == NULL || value[0] == '\0')
        value = s->fallback;
    switch (s->type) {
    case CAB_SETTING_INT: {
        int64_t number;
        if (cab_parse_int64(value, s->min, s->max, &number) != 0) {
            snprintf(what, sizeof what, "must be a whole number from %lld to %lld%s%s; the default is %s.",
                     (long long)s->min, (long long)s->max, s->unit[0] != '\0' ? " " : "", s->unit, s->fallback);
            fault(l, s, "out_of_range", what);
            return;
        }
        memcpy(member, &number, sizeof number);
        return;
    }
    case CAB_SETTING_BOOL: {
        bool flag;
        if (cab_parse_bool(value, &flag) != 0) {
            fault(l, s, "not_boolean", "must be true or false.");
            return;
        }
        memcpy(member, &flag, sizeof flag);
        return;
    }
    case CAB_SETTING_WORD:
        if (!is_one_of(s->words, value)) {
            snprintf(what, sizeof what, "must be one of %s; the default is %s.", s->words, s->fallback);
            fault(l, s, "unknown_word", what);
            return;
        }
        break;
    case CAB_SETTING_STRING:
        if (value != NULL && !cab_utf8_valid(value, strlen(value))) {
            fault(l, s, "not_utf8", "must be UTF-8 text.");
            return;
        }
        break;
    }
    const char *text = cab_strdup(l->conf, value);
    memcpy(member, &text, sizeof text);
}

static bool is_pool_name(const char *pool) {
    size_t n = strspn(pool, "abcdefghijklmnopqrstuvwxyz0123456789_-");
    return n > 0 && n <= 32 && pool[n] == '\0';
}

static void check_required(struct loader *l, const char *const *required) {
    for (; required != NULL && *required != NULL; required++) {
        const struct cab_setting *s = cab_setting_find(*required);
        CAB_BUG_ON(s == NULL || s->type != CAB_SETTING_STRING);
        const char *value;
        memcpy(&value, (char *)l->conf + s->offset, sizeof value);
        if (value == NULL) {
            char what[384];
            snprintf(what, sizeof what, "is not set: %s.", s->doc);
            fault(l, s, "required", what);
        }
    }
}

/* One sentence after another, as many as fit; the rest is counted. */
static int summarise(struct loader *l) {
    struct cab_flaw *flaws = l->err->flaws;
    char text[sizeof l->err->detail] = "";
    size_t len = 0;
    int left = 0;

    for (const struct cab_flaw *f = flaws; f != NULL; f = f->next) {
        size_t n = strlen(f->detail);
        if (left > 0 || len + n + 24 > sizeof text) {
            left++;
            continue;
        }
        len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", len > 0 ? " " : "", f->detail);
    }
    if (left > 0)
        snprintf(text + len, sizeof text - len, " And %d more.", left);
    (void)cab_fail(l->err, CAB_PROBLEM_INVALID, "%s", text);
    l->err->flaws = flaws;
    return -1;
}

int cab_conf_load_from(void *ctx, const struct cab_conf_sources *sources, struct cab_conf **conf_out,
                       struct cab_err *err) {
    struct loader l = { .ctx = ctx, .conf = cab_new(ctx, struct cab_conf), .err = err };
    const char *etc = sources->etc_dir != NULL ? sources->etc_dir : CAB_SYSCONFDIR "/cabinet";
    const char *pool = sources->pool != NULL ? sources->pool : "api";

    while (cab_settings[l.n_settings].name != NULL)
        l.n_settings++;
    l.values = cab_new_array(l.conf, const char *, l.n_settings);
    if (!is_pool_name(pool)) {
        l.failed = true;
        (void)cab_err_flaw(err, ctx, CAB_PLACE_FIELD, "--pool", "malformed",
                           "--pool must be a name of at most 32 lower-case letters, digits, - and _.");
        pool = "api";
    }
    l.conf->pool = cab_strdup(l.conf, pool);

    take_file(&l, cab_printf(l.conf, "%s/cabinet.env", etc), false);
    take_file(&l, cab_printf(l.conf, "%s/%s.env", etc, pool), false);
    take_file(&l, sources->dot_env != NULL ? sources->dot_env : ".env", false);
    if (sources->file != NULL)
        take_file(&l, sources->file, true);
    take_environment(&l);

    for (size_t i = 0; i < l.n_settings; i++)
        store(&l, &cab_settings[i], l.values[i]);
    if (l.conf->listen == NULL)
        l.conf->listen = cab_printf(l.conf, "unix:/run/cabinet/%s.sock", pool);
    if (!l.failed)
        l.failed = !cab_conf_check(l.conf, ctx, err);
    check_required(&l, sources->required);
    if (l.failed) {
        cab_mem_free(l.conf);
        return summarise(&l);
    }
    *conf_out = l.conf;
    return 0;
}

int cab_conf_load(void *ctx, const char *file, const char *pool, struct cab_conf **conf_out, struct cab_err *err) {
    struct cab_conf_sources sources = { .file = file, .pool = pool };
    return cab_conf_load_from(ctx, &sources, conf_out, err);
}
