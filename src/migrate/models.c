/*
 * Loads models in rounds: what fails for a missing object is tried again once more objects are there.  Only DDL may
 * stand in models; rows belong in revisions.
 */
#include "models.h"
#include "derive.h"
#include "revision_file.h"
#include "run.h"
#include "statements.h"
#include "veto.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct item {
    const char *path;
    struct cab_statement statement;
    bool is_done;
};

struct models {
    void *ctx;
    struct cab_db *db;
    struct item *items;
    int n, cap;
    struct cab_err *err;
};

static int is_sql_file(const struct dirent *entry) {
    size_t n = strlen(entry->d_name);
    return n > 4 && entry->d_name[0] != '.' && strcmp(entry->d_name + n - 4, ".sql") == 0;
}

static int by_bytes(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int list_folder(struct models *m, const char *folder, const char ***paths, int *n_paths) {
    struct dirent **entries;
    int n = scandir(folder, &entries, is_sql_file, NULL);
    if (n < 0)
        return cab_veto(m->err, "Folder of models %s: %s. CABINET_MODELS names the folders.", folder,
                        strerror(errno));
    *paths = cab_mem_resize(m->ctx, *paths, (size_t)(*n_paths + n + 1) * sizeof(**paths));
    for (int i = 0; i < n; i++) {
        (*paths)[(*n_paths)++] = cab_printf(m->ctx, "%s/%s", folder, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    return 0;
}

/* Statements that describe; all others would only run once, or depend on the order of files. */
static bool is_description(const struct cab_statement *statement) {
    static const char *const words[] = {"CREATE", "ALTER", "COMMENT", "GRANT", "REVOKE", "DROP", "SECURITY", "DO",
                                        "IMPORT"};
    char word[32];
    cab_statement_words(statement, 1, word, sizeof(word));
    for (size_t i = 0; i < CAB_LENGTH(words); i++) {
        if (strcmp(word, words[i]) == 0)
            return true;
    }
    return false;
}

static int take_file(struct models *m, const char *path) {
    char *text;
    size_t len;
    struct cab_lexer lexer;
    struct cab_statement statement;
    struct cab_split_error error;
    enum cab_split got;
    if (cab_file_read(m->ctx, path, 0, &text, &len, m->err) != 0)
        return -1;
    if (!cab_utf8_valid(text, len))
        return cab_veto(m->err, "%s:1: the file is not UTF-8.", path);
    cab_lexer_init(&lexer, text, len, 1);
    while ((got = cab_lexer_statement(&lexer, &statement, &error)) == CAB_SPLIT_STATEMENT) {
        if (!is_description(&statement)) {
            char word[32];
            cab_statement_words(&statement, 1, word, sizeof(word));
            return cab_veto(m->err, "%s:%d: %s cannot stand in a model. Models describe the schema; "
                            "rows and settings belong in a revision.", path, statement.line, word);
        }
        if (m->n == m->cap) {
            m->cap = m->cap == 0 ? 128 : m->cap * 2;
            m->items = cab_mem_resize(m->ctx, m->items, (size_t)m->cap * sizeof(*m->items));
        }
        m->items[m->n++] = (struct item){.path = path, .statement = statement};
    }
    if (got == CAB_SPLIT_ERROR)
        return cab_veto(m->err, "%s:%d: %s.", path, error.line, error.what);
    return 0;
}

static int take_folders(struct models *m, const char *folders) {
    const char **paths = NULL;
    int n = 0;
    for (const char *at = folders; at != NULL && *at != '\0';) {
        const char *colon = strchr(at, ':');
        const char *folder = colon == NULL ? cab_strdup(m->ctx, at) : cab_strndup(m->ctx, at, (size_t)(colon - at));
        if (folder[0] != '\0' && list_folder(m, folder, &paths, &n) != 0)
            return -1;
        at = colon == NULL ? NULL : colon + 1;
    }
    if (n > 0)
        cab_sort(paths, (size_t)n, sizeof(*paths), by_bytes);
    for (int i = 0; i < n; i++) {
        if (take_file(m, paths[i]) != 0)
            return -1;
    }
    return 0;
}

/* Whether the error may go away once other statements have run. */
static bool may_wait(const char *sqlstate) {
    static const char *const states[] = {"42P01", "42704", "42883", "42703", "3F000", "42830"};
    for (size_t i = 0; i < CAB_LENGTH(states); i++) {
        if (strcmp(states[i], sqlstate) == 0)
            return true;
    }
    return false;
}

/* Runs what is not done yet; *n_done of them now; the first error that may wait is kept in waiting. */
static int run_round(struct models *m, int *n_done, int *n_left, struct cab_err *waiting) {
    *n_done = *n_left = 0;
    for (int i = 0; i < m->n; i++) {
        struct item *item = &m->items[i];
        if (item->is_done)
            continue;
        cab_err_clear(m->err);
        if (cab_run_statement(m->ctx, m->db, item->path, &item->statement, m->err) == 0) {
            item->is_done = true;
            ++*n_done;
            continue;
        }
        if (!may_wait(m->err->sqlstate))
            return -1;
        if (++*n_left == 1)
            *waiting = *m->err;
    }
    return 0;
}

static int run_rounds(struct models *m) {
    struct cab_err waiting = {0};
    int n_done, n_left;
    do {
        if (run_round(m, &n_done, &n_left, &waiting) != 0)
            return -1;
    } while (n_left > 0 && n_done > 0);
    cab_err_clear(m->err);
    if (n_left == 0)
        return 0;
    *m->err = waiting;
    size_t n = strlen(m->err->detail);
    if (n_left > 1)
        return cab_veto(m->err, "%.*s (%d statements cannot run; tables that refer to each other need "
                        "ALTER TABLE … ADD FOREIGN KEY)", (int)(n < 380 ? n : 380), waiting.detail, n_left);
    return -1;
}

static int check_bodies(struct models *m) {
    struct cab_result *rows;
    if (cab_db_exec(m->db, "SET check_function_bodies = on", m->err) != 0 ||
        cab_db_query(m->db, m->ctx, CAB_SHAPE_ANY, cab_sql_text_migrate_sql_functions, 0, NULL, &rows, m->err) != 0)
        return -1;
    for (int i = 0; i < cab_result_rows(rows); i++) {
        const char *values[] = {cab_result_value(rows, i, 0)}, *check = cab_sql_text_migrate_check_function;
        if (cab_db_query(m->db, m->ctx, CAB_SHAPE_ONE, check, 1, values, NULL, m->err) != 0)
            return cab_veto(m->err, "The body of function %s does not work.",
                            cab_result_value(rows, i, 1));
    }
    return 0;
}

int cab_models_derive(void *ctx, struct cab_db *db, struct cab_err *err) {
    struct cab_catalog *catalog;
    struct cab_ddl list;
    cab_ddl_init(&list, ctx);
    if (cab_catalog_load(ctx, db, &catalog, err) != 0 || cab_derive_catalog(&list, db, catalog, err) != 0)
        return -1;
    for (int i = 0; i < list.n; i++) {
        if (cab_db_exec(db, list.items[i], err) != 0)
            return cab_run_explain(db, "(derived from annotations)", list.items[i], 1, err);
    }
    return 0;
}

int cab_models_load(void *ctx, struct cab_db *db, const char *folders, struct cab_err *err) {
    struct models m = {.ctx = ctx, .db = db, .err = err};
    if (take_folders(&m, folders) != 0 || cab_db_exec(db, "SET check_function_bodies = off", err) != 0)
        return -1;
    if (run_rounds(&m) != 0 || check_bodies(&m) != 0)
        return -1;
    return cab_models_derive(ctx, db, err);
}
