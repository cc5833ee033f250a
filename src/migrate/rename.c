/*
 * Renames on the scratch database of the revisions.  What is named after a renamed table (its key's constraint, its
 * sequences) follows where the models name it so.
 */
#include "rename.h"
#include "diff/facts.h"
#include "statements.h"
#include "veto.h"

#include <cabinet/catalog.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct renamer {
    void *ctx;
    struct cab_db *db, *models;
    struct cab_renames *renames;
    struct cab_err *err;
};

int cab_rename_run(void *ctx, struct cab_db *db, struct cab_renames *list, const char *object, const char *up,
                   const char *down, struct cab_err *err) {
    size_t size = (size_t)(list->n + 1) * sizeof(*list->up);
    if (cab_db_exec(db, up, err) != 0)
        return -1;
    list->up = cab_mem_resize(ctx, list->up, size);
    list->down = cab_mem_resize(ctx, list->down, size);
    list->objects = cab_mem_resize(ctx, list->objects, size);
    list->up[list->n] = up;
    list->down[list->n] = down;
    list->objects[list->n++] = object;
    return 0;
}

static int apply(struct renamer *r, const char *object, const char *up, const char *down) {
    return cab_rename_run(r->ctx, r->db, r->renames, object, up, down, r->err);
}

/* name in quotes, where the server knows that it needs them. */
static const char *quoted(const struct renamer *r, const char *name) {
    const char *values[] = {name};
    struct cab_result *rows;
    struct cab_err ignored = {0};
    if (cab_db_query(r->db, r->ctx, CAB_SHAPE_ONE, cab_sql_text_migrate_quote, 1, values, &rows, &ignored) != 0)
        return cab_sql_quote_name(r->ctx, name);
    return cab_result_value(rows, 0, 0);
}

static const char *qualified(const struct renamer *r, const char *schema, const char *name) {
    return cab_printf(r->ctx, "%s.%s", quoted(r, schema), quoted(r, name));
}

/* 1: there; 0: not; -1: error. */
static int has(struct renamer *r, struct cab_db *db, const char *table, const char *column) {
    const char *values[] = {table, column};
    const char *sql = column != NULL ? cab_sql_text_migrate_has_column : cab_sql_text_migrate_has_table;
    struct cab_result *rows;
    if (cab_db_query(db, r->ctx, CAB_SHAPE_ONE, sql, column != NULL ? 2 : 1, values, &rows, r->err) != 0)
        return -1;
    return cab_result_bool(rows, 0, 0);
}

static int rename_column(struct renamer *r, const char *schema, const char *table, const char *old, const char *new) {
    const char *t = qualified(r, schema, table), *a = quoted(r, old);
    const char *b = quoted(r, new);
    const char *up = cab_printf(r->ctx, "ALTER TABLE %s RENAME COLUMN %s TO %s;", t, a, b);
    const char *down = cab_printf(r->ctx, "ALTER TABLE %s RENAME COLUMN %s TO %s;", t, b, a);
    return apply(r, cab_printf(r->ctx, "%s.%s", t, a), up, down);
}

static int follow_one(struct renamer *r, const char *table, const char *kind, const char *schema, const char *old,
                      const char *new) {
    const char *a = quoted(r, old), *b = quoted(r, new), *up, *down;
    if (strcmp(kind, "constraint") == 0) {
        up = cab_printf(r->ctx, "ALTER TABLE %s RENAME CONSTRAINT %s TO %s;", table, a, b);
        down = cab_printf(r->ctx, "ALTER TABLE %s RENAME CONSTRAINT %s TO %s;", table, b, a);
    } else {
        const char *word = strcmp(kind, "index") == 0 ? "INDEX" : "SEQUENCE";
        up = cab_printf(r->ctx, "ALTER %s %s RENAME TO %s;", word, qualified(r, schema, old), b);
        down = cab_printf(r->ctx, "ALTER %s %s RENAME TO %s;", word, qualified(r, schema, new), a);
    }
    return apply(r, NULL, up, down);
}

/* Objects of the table that are called after its old name. */
static int follow(struct renamer *r, const char *table, const char *old, const char *new) {
    struct cab_result *mine, *wanted;
    const char *values[] = {table}, *sql = cab_sql_text_migrate_table_names;
    size_t n = strlen(old);
    if (cab_db_query(r->db, r->ctx, CAB_SHAPE_ANY, sql, 1, values, &mine, r->err) != 0 ||
        cab_db_query(r->models, r->ctx, CAB_SHAPE_ANY, sql, 1, values, &wanted, r->err) != 0)
        return -1;
    for (int i = 0; i < cab_result_rows(mine); i++) {
        const char *kind = cab_result_value(mine, i, 0), *name = cab_result_value(mine, i, 2);
        if (strncmp(name, old, n) != 0)
            continue;
        const char *now = cab_printf(r->ctx, "%s%s", new, name + n);
        for (int k = 0; k < cab_result_rows(wanted); k++) {
            if (strcmp(cab_result_value(wanted, k, 0), kind) == 0 && strcmp(cab_result_value(wanted, k, 2), now) == 0 &&
                follow_one(r, table, kind, cab_result_value(mine, i, 1), name, now) != 0)
                return -1;
        }
    }
    return 0;
}

static int rename_table(struct renamer *r, const char *schema, const char *old, const char *new) {
    const char *a = qualified(r, schema, old), *b = qualified(r, schema, new);
    if (apply(r, a, cab_printf(r->ctx, "ALTER TABLE %s RENAME TO %s;", a, quoted(r, new)),
              cab_printf(r->ctx, "ALTER TABLE %s RENAME TO %s;", b, quoted(r, old))) != 0)
        return -1;
    return follow(r, b, old, new);
}

/* What annotations say; where the old name is gone, they were followed already. */
static int by_annotations(struct renamer *r) {
    struct cab_catalog *catalog;
    if (cab_catalog_load(r->ctx, r->models, &catalog, r->err) != 0)
        return -1;
    for (int i = 0; i < catalog->n_tables; i++) {
        const struct cab_table *table = &catalog->tables[i];
        const char *name = qualified(r, table->schema, table->name);
        int old = 0, new = has(r, r->db, name, NULL);
        if (table->was != NULL)
            old = has(r, r->db, qualified(r, table->schema, table->was), NULL);
        if (old < 0 || new < 0 ||
            (old == 1 && new == 0 && rename_table(r, table->schema, table->was, table->name) != 0))
            return -1;
        for (int k = 0; k < table->n_columns; k++) {
            const struct cab_column *column = &table->columns[k];
            if (column->was == NULL)
                continue;
            if ((old = has(r, r->db, name, column->was)) < 0 || (new = has(r, r->db, name, column->name)) < 0 ||
                (old == 1 && new == 0 &&
                 rename_column(r, table->schema, table->name, column->was, column->name) != 0))
                return -1;
        }
    }
    return 0;
}

static int bad_item(struct renamer *r, const char *item) {
    return cab_veto(r->err, "--rename=%.100s is not understood; write table:public.old=new or column:public.t.old=new.",
                    item);
}

static int by_item(struct renamer *r, char *item) {
    char *words[4], *new = strchr(item, '='), *at = strchr(item, ':');
    const char *whole = cab_strdup(r->ctx, item);
    int n = 0, found;
    if (new == NULL || at == NULL || at > new)
        return bad_item(r, whole);
    *new++ = '\0';
    *at++ = '\0';
    for (char *word = strtok(at, "."); word != NULL && n < 4; word = strtok(NULL, "."))
        words[n++] = word;
    bool is_table = strcmp(item, "table") == 0 && n == 2, is_column = strcmp(item, "column") == 0 && n == 3;
    if ((!is_table && !is_column) || new[0] == '\0')
        return bad_item(r, whole);
    found = has(r, r->db, qualified(r, words[0], words[1]), is_column ? words[2] : NULL);
    if (found < 0)
        return -1;
    if (found == 0)
        return cab_veto(r->err, "--rename=%.100s: the revisions have no such %s.", whole, item);
    return is_table ? rename_table(r, words[0], words[1], new) : rename_column(r, words[0], words[1], words[2], new);
}

int cab_renames_run(void *ctx, struct cab_scratch *revisions, struct cab_scratch *models, const char *list,
                    struct cab_renames *renames, struct cab_err *err) {
    struct renamer r = {.ctx = ctx, .db = cab_scratch_db(revisions), .models = cab_scratch_db(models),
                        .renames = renames, .err = err};
    if (by_annotations(&r) != 0)
        return -1;
    for (const char *at = list; at != NULL && *at != '\0';) {
        size_t n = strcspn(at, ",");
        if (by_item(&r, cab_strndup(ctx, at, n)) != 0)
            return -1;
        at += n + (at[n] == ',');
    }
    return 0;
}

static bool are_alike(const struct cab_fact *a, const struct cab_fact *b) {
    static const char *const attrs[] = {"type", "collation", "generated", "identity"};
    for (size_t i = 0; i < CAB_LENGTH(attrs); i++) {
        if (!cab_same_text(cab_fact_get(a, attrs[i]), cab_fact_get(b, attrs[i])))
            return false;
    }
    return true;
}

static int count_columns(const struct cab_fact *table) {
    int n = 0;
    for (const struct cab_fact *child = table->children; child != NULL; child = child->next_child)
        n += child->kind == CAB_FACT_COLUMN;
    return n;
}

/* Tables of one schema whose columns have the same names and types. */
static bool have_same_columns(const struct cab_fact *old, const struct cab_facts *to, const struct cab_fact *new) {
    const struct cab_fact *column;
    if (!cab_same_text(cab_fact_get(old, "schema"), cab_fact_get(new, "schema")) ||
        !cab_same_text(cab_fact_get(old, "kind"), cab_fact_get(new, "kind")) || count_columns(old) == 0 ||
        count_columns(old) != count_columns(new))
        return false;
    for (column = old->children; column != NULL; column = column->next_child) {
        char *ident;
        const struct cab_fact *match;
        if (column->kind != CAB_FACT_COLUMN)
            continue;
        ident = cab_printf(NULL, "%s.%s", new->ident, cab_fact_text(column, "name"));
        match = cab_facts_find(to, CAB_FACT_COLUMN, ident);
        cab_mem_free(ident);
        if (match == NULL || !are_alike(column, match))
            return false;
    }
    return true;
}

static bool answers_yes(const struct cab_fact *old, const struct cab_fact *new) {
    char line[16];
    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
        fprintf(stderr, "cabinet-migrate: %s is dropped and %s is added.  If that is a rename, say so: @api(was(%s)) "
                        "in the comment of the %s, or --rename.\n",
                old->ident, new->ident, cab_fact_text(old, "bare"), old->kind == CAB_FACT_TABLE ? "table" : "column");
        return false;
    }
    fprintf(stderr, "Was %s renamed to %s? [y/N] ", old->ident, cab_fact_text(new, "name"));
    return fgets(line, sizeof(line), stdin) != NULL && (line[0] == 'y' || line[0] == 'Y');
}

/* The fact of a difference of that kind and direction, or NULL. */
static const struct cab_fact *fact_of(const struct cab_facts *facts, const struct cab_difference *difference,
                                      enum cab_difference_op op, enum cab_fact_kind kind) {
    return difference->op == op && strcmp(difference->kind, cab_fact_specs[kind].word) == 0
               ? cab_facts_find(facts, kind, difference->object) : NULL;
}

/* The name without its quotes. */
static const char *unquoted(const void *ctx, const char *name) {
    char *copy, *to;
    if (name[0] != '"')
        return name;
    copy = to = cab_strndup(ctx, name + 1, strlen(name) - 2);
    for (const char *at = copy; *at != '\0'; at += at[0] == '"' && at[1] == '"' ? 2 : 1)
        *to++ = *at;
    *to = '\0';
    return copy;
}

static int rename_fact(struct renamer *r, const struct cab_fact *old, const struct cab_fact *new) {
    const char *table = cab_fact_text(old, "table"), *a = cab_fact_text(old, "name"), *b = cab_fact_text(new, "name");
    return apply(r, old->ident, cab_printf(r->ctx, "ALTER TABLE %s RENAME COLUMN %s TO %s;", table, a, b),
                 cab_printf(r->ctx, "ALTER TABLE %s RENAME COLUMN %s TO %s;", table, b, a));
}

int cab_renames_ask(void *ctx, struct cab_scratch *revisions, struct cab_scratch *models, const struct cab_facts *from,
                    const struct cab_facts *to, const struct cab_diff_plan *plan, struct cab_renames *renames,
                    bool *asked_out, struct cab_err *err) {
    static const enum cab_fact_kind kinds[] = {CAB_FACT_TABLE, CAB_FACT_COLUMN};
    struct renamer r = {.ctx = ctx, .db = cab_scratch_db(revisions), .models = cab_scratch_db(models),
                        .renames = renames, .err = err};
    bool *is_taken = cab_new_array(ctx, bool, (size_t)plan->n_differences + 1);
    *asked_out = false;
    for (int i = 0; i < 2 * plan->n_differences; i++) {
        enum cab_fact_kind kind = kinds[i >= plan->n_differences];
        const struct cab_fact *old = fact_of(from, &plan->differences[i % plan->n_differences], CAB_DIFFERENCE_DROP,
                                             kind);
        for (int k = 0; old != NULL && k < plan->n_differences; k++) {
            const struct cab_fact *new = is_taken[k] ? NULL
                                                     : fact_of(to, &plan->differences[k], CAB_DIFFERENCE_ADD, kind);
            bool fits = new != NULL && (kind == CAB_FACT_TABLE ? have_same_columns(old, to, new)
                : cab_same_text(cab_fact_get(old, "table"), cab_fact_get(new, "table")) && are_alike(old, new) &&
                  cab_facts_find(to, CAB_FACT_TABLE, cab_fact_text(old, "table")) != NULL &&
                  cab_facts_find(from, CAB_FACT_TABLE, cab_fact_text(old, "table")) != NULL);
            if (!fits || !answers_yes(old, new))
                continue;
            if ((kind == CAB_FACT_TABLE
                     ? rename_table(&r, unquoted(ctx, cab_fact_text(old, "schema")), cab_fact_text(old, "bare"),
                                    cab_fact_text(new, "bare"))
                     : rename_fact(&r, old, new)) != 0)
                return -1;
            *asked_out = is_taken[k] = true;
            break;
        }
    }
    return 0;
}
