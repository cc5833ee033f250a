/*
 * The annotations of tables and columns applied and checked against what the database has.  A refusal names the object
 * and shows the text to paste; what merely will be slow becomes a warning.
 */
#include "catalog_private.h"
#include <stddef.h>
#include <string.h>

struct rules {
    struct cab_catalog *catalog;
    const struct cab_index_keys *indexes;
    void *tmp;
    struct cab_err *err;
    bool has_audit_off;      /* of the table at hand */
    const char **warnings; int n_warnings;
};

#define refuse(r, ...) cab_fail((r)->err, CAB_PROBLEM_INTERNAL, __VA_ARGS__)

/* ---- words of tables ---- */

static struct cab_column *need_column(struct rules *r, const struct cab_table *table, const char *word,
                                      const char *name) {
    const char **names = cab_new_array(r->tmp, const char *, (size_t)table->n_columns);
    for (int i = 0; i < table->n_columns; i++) {
        names[i] = table->columns[i].name;
        if (strcmp(names[i], name) == 0)
            return &table->columns[i];
    }
    const char *near = cab_nearest(name, names, (size_t)table->n_columns);
    (void)refuse(r, "Table %s.%s has no column \"%.60s\", which %s(…) in its comment names.%s%s%s", table->schema,
                 table->name, name, word, near == NULL ? "" : " Did you mean \"", near == NULL ? "" : near,
                 near == NULL ? "" : "\"?");
    return NULL;
}

static int set_owner(struct rules *r, struct cab_table *table, const struct cab_annotation *a) {
    struct cab_column *column = need_column(r, table, "owner", a->args[0]);
    if (column == NULL)
        return -1;
    column->is_system = true;
    table->owner = column;
    return 0;
}

static int set_order(struct rules *r, struct cab_table *table, const struct cab_annotation *a) {
    table->order_descending = a->args[0][0] == '-';
    table->order = need_column(r, table, "order", a->args[0] + table->order_descending);
    return table->order == NULL ? -1 : 0;
}

static int set_key(struct rules *r, struct cab_table *table, const struct cab_annotation *a) {
    table->key = need_column(r, table, "key", a->args[0]);
    return table->key == NULL ? -1 : 0;
}

static int set_counted(struct rules *r, struct cab_table *table, const struct cab_annotation *a) {
    table->counted = cab_new_array(r->catalog, const struct cab_column *, (size_t)a->n_args);
    for (int i = 0; i < a->n_args; i++) {
        table->counted[i] = need_column(r, table, "counted", a->args[i]);
        if (table->counted[i] == NULL)
            return -1;
    }
    table->n_counted = a->n_args;
    return 0;
}

static int set_audit(struct rules *r, struct cab_table *table, const struct cab_annotation *a) {
    if (strcmp(a->args[0], "off") != 0)
        return refuse(
            r, "Table %s.%s has audit(%.40s) in its comment. Write audit(off), or leave it out to record changes.",
            table->schema, table->name, a->args[0]);
    r->has_audit_off = true;
    return 0;
}

static int set_was_table(struct rules *r, struct cab_table *table, const struct cab_annotation *a) {
    table->was = a->args[0];
    if (cab_catalog_any(r->catalog, table->schema, table->was) != NULL)
        return refuse(r,
                      "Table %s.%s says was(%.60s), but a table of that name is there too. Drop it or the annotation.",
                      table->schema, table->name, table->was);
    return 0;
}

static const struct {
    const char *word;
    size_t flag; /* offset of a bool in the table */
    int (*apply)(struct rules *r, struct cab_table *table, const struct cab_annotation *a); /* instead of flag */
} table_words[] = {
    { "expose", offsetof(struct cab_table, is_exposed), NULL },
    { "readonly", offsetof(struct cab_table, is_readonly), NULL },
    { "admin", offsetof(struct cab_table, is_admin), NULL },
    { "public_read", offsetof(struct cab_table, is_public_read), NULL },
    { "soft_delete", offsetof(struct cab_table, is_soft_delete), NULL },
    { "require_if_match", offsetof(struct cab_table, is_require_if_match), NULL },
    { "owner", 0, set_owner },
    { "order", 0, set_order },
    { "counted", 0, set_counted },
    { "key", 0, set_key },
    { "audit", 0, set_audit },
    { "was", 0, set_was_table },
};

static const struct { const char *word; size_t flag; } column_words[] = {
    { "search", offsetof(struct cab_column, is_search) },
    { "hidden", offsetof(struct cab_column, is_hidden) },
    { "private", offsetof(struct cab_column, is_private) },
    { "admin", offsetof(struct cab_column, is_admin) },
    { "readonly", offsetof(struct cab_column, is_readonly) },
    { "writeonce", offsetof(struct cab_column, is_writeonce) },
    { "public", offsetof(struct cab_column, is_public) },
};

static int apply_table_word(struct rules *r, struct cab_table *table, const struct cab_annotation *a) {
    for (size_t i = 0; i < CAB_LENGTH(table_words); i++)
        if (strcmp(table_words[i].word, a->word->word) == 0) {
            if (table_words[i].apply != NULL)
                return table_words[i].apply(r, table, a);
            *(bool *)((char *)table + table_words[i].flag) = true;
            return 0;
        }
    CAB_BUG_ON("a table word without effect");
    return -1;
}

static int annotate_column(struct rules *r, struct cab_table *table, struct cab_column *column) {
    struct cab_annotation *list;
    const char *object = cab_printf(r->tmp, "column %s.%s.%s", table->schema, table->name, column->name);
    if (cab_annotations_parse(r->catalog, column->comment, CAB_ON_COLUMN, object, &column->comment, &list, r->err) != 0)
        return -1;
    for (const struct cab_annotation *a = list; a != NULL; a = a->next) {
        for (size_t i = 0; i < CAB_LENGTH(column_words); i++)
            if (strcmp(column_words[i].word, a->word->word) == 0)
                *(bool *)((char *)column + column_words[i].flag) = true;
        if (strcmp(a->word->word, "was") == 0) {
            column->was = a->args[0];
            if (cab_table_column(table, column->was) != NULL)
                return refuse(
                    r, "The %s says was(%.60s), but a column of that name is there too. Drop it or the annotation.",
                    object, column->was);
        }
    }
    if (column->is_hidden + column->is_private + column->is_admin + column->is_public > 1)
        return refuse(r, "The annotation of %s says more than one of hidden, admin, private and public. Keep one.",
                      object);
    if (column->is_readonly && column->is_writeonce)
        return refuse(r, "The annotation of %s says both readonly and writeonce. Keep one.", object);
    if (column->is_search && column->is_hidden)
        return refuse(
            r, "The annotation of %s says both search and hidden; nobody may search what nobody reads. Keep one.",
            object);
    if (column->is_search && column->kind != CAB_KIND_TEXT)
        return refuse(
            r, "The annotation of %s says search, but its type is %s. Only text is searched; filter by it instead.",
            object, column->type);
    return 0;
}

static int annotate_table(struct rules *r, struct cab_table *table) {
    struct cab_annotation *list;
    const char *object = cab_printf(r->tmp, "table %s.%s", table->schema, table->name);
    r->has_audit_off = false;
    if (cab_annotations_parse(r->catalog, table->comment, CAB_ON_TABLE, object, &table->comment, &list, r->err) != 0)
        return -1;
    for (const struct cab_annotation *a = list; a != NULL; a = a->next)
        if (apply_table_word(r, table, a) != 0)
            return -1;
    for (int i = 0; i < table->n_columns; i++)
        if (annotate_column(r, table, &table->columns[i]) != 0)
            return -1;
    table->is_audited = table->is_exposed && !table->is_view && !r->has_audit_off;
    table->is_readonly = table->is_readonly || table->is_view;
    return 0;
}

/* ---- what the annotations ask of the table ---- */

static void mark_system(struct cab_table *table) {
    static const char *const names[] = { "date_created", "deleted_at", "row_version" };
    for (int i = 0; i < table->n_columns; i++) {
        struct cab_column *column = &table->columns[i];
        column->is_system = column->is_system || column->is_identity || column->is_generated;
        for (size_t j = 0; j < CAB_LENGTH(names); j++)
            column->is_system = column->is_system || strcmp(column->name, names[j]) == 0;
    }
}

static int check_trash(struct rules *r, struct cab_table *table) {
    if (!table->is_soft_delete)
        return 0;
    const struct cab_column *column = cab_table_column(table, "deleted_at");
    if (column == NULL)
        return refuse(r,
                      "Table %s.%s has soft_delete in its comment but no column for it. Add: deleted_at timestamptz "
                      "(ALTER TABLE %s.%s ADD COLUMN deleted_at timestamptz;)",
                      table->schema, table->name, table->schema, table->name);
    if (column->kind != CAB_KIND_TIMESTAMPTZ || column->not_null)
        return refuse(r,
                      "Column %s.%s.deleted_at is %s%s, but soft_delete needs: deleted_at timestamptz, null allowed.",
                      table->schema, table->name, column->type, column->not_null ? " NOT NULL" : "");
    table->deleted_at = column;
    return 0;
}

static int check_version(struct rules *r, struct cab_table *table) {
    const struct cab_column *column = cab_table_column(table, "row_version");
    if (column != NULL && !table->is_view &&
        (column->kind != CAB_KIND_INT8 || !column->not_null || !column->has_default)) {
        if (table->is_exposed)
            return refuse(
                r, "Column %s.%s.row_version cannot give ETags. Declare it: row_version bigint NOT NULL DEFAULT 1",
                table->schema, table->name);
        return 0;
    }
    table->row_version = column != NULL && column->kind == CAB_KIND_INT8 ? column : NULL;
    if (table->is_require_if_match && table->row_version == NULL)
        return refuse(r,
                      "Table %s.%s has require_if_match in its comment but no ETags. Add: row_version bigint NOT NULL "
                      "DEFAULT 1 (ALTER TABLE %s.%s ADD COLUMN row_version bigint NOT NULL DEFAULT 1;)",
                      table->schema, table->name, table->schema, table->name);
    return 0;
}

static const struct cab_constraint *primary_of(const struct cab_table *table) {
    for (int i = 0; i < table->n_constraints; i++)
        if (table->constraints[i].kind == CAB_CONSTRAINT_PRIMARY)
            return &table->constraints[i];
    return NULL;
}

static int check_key(struct rules *r, struct cab_table *table) {
    const struct cab_constraint *primary = primary_of(table);
    if (table->key == NULL && primary != NULL && primary->n_columns == 1)
        table->key = primary->columns[0];
    if (!table->is_exposed)
        return 0;
    if (table->key == NULL)
        return refuse(r,
                      "%s %s.%s is exposed but has no %s. Add key(column) to its comment, naming a column whose values "
                      "are unique.",
                      table->is_view ? "View" : "Table", table->schema, table->name,
                      table->is_view ? "key" : "primary key of one column");
    if (table->key->is_hidden || table->key->is_private || table->key->is_admin)
        return refuse(r,
                      "Column %s.%s.%s is the key of its rows and must be readable. Drop hidden, private or admin from "
                      "its comment.",
                      table->schema, table->name, table->key->name);
    bool is_unique = table->is_view;
    for (int i = 0; i < table->n_constraints; i++) {
        const struct cab_constraint *c = &table->constraints[i];
        bool is_key = c->kind == CAB_CONSTRAINT_PRIMARY || c->kind == CAB_CONSTRAINT_UNIQUE;
        for (int j = 0; is_key && j < c->n_columns; j++)
            is_unique =
                is_unique || (c->columns[j] == table->key && (c->n_columns == 1 || c->kind == CAB_CONSTRAINT_PRIMARY));
    }
    if (!is_unique)
        return refuse(r, "Table %s.%s says key(%s), but that column is neither unique nor part of the primary key.",
                      table->schema, table->name, table->key->name);
    return 0;
}

/* A plain unique index would keep values of trashed rows taken. */
static int check_unique(struct rules *r, const struct cab_table *table) {
    for (int i = 0; i < r->indexes->n; i++) {
        const struct cab_index_key *key = &r->indexes->keys[i];
        if (key->table != table || !key->is_unique || key->is_partial || key->is_referenced)
            continue;
        const struct cab_constraint *primary = primary_of(table);
        if (primary != NULL && strcmp(primary->name, key->name) == 0)
            continue;
        struct cab_buf columns;
        bool has_deleted_at = false;
        cab_buf_init(&columns, r->tmp, 63);
        for (int j = i; j < r->indexes->n && r->indexes->keys[j].index == key->index; j++) {
            cab_buf_addf(&columns, "%s%s", j > i ? ", " : "", r->indexes->keys[j].text);
            has_deleted_at = has_deleted_at || r->indexes->keys[j].column == table->deleted_at;
        }
        if (!has_deleted_at)
            return refuse(r, "Table %s.%s has a trash, and %s keeps the values of trashed rows taken. Replace it by: "
                          "CREATE UNIQUE INDEX %s ON %s.%s (%s) WHERE deleted_at IS NULL;", table->schema, table->name,
                          key->name, key->name, table->schema, table->name, columns.data);
    }
    return 0;
}

/* Whether a column's name can stand in queries, for what it would be mistaken for otherwise. */
static int check_field(struct rules *r, const struct cab_table *table, const char *name) {
    static const char *const words[] = { "and", "or", "not" };
    const char *why = strstr(name, "__") != NULL ? "holds two underscores, which separate a field from an operator in "
                                                   "filters"
                      : strchr(name, ',') != NULL ? "holds a comma, which separates fields in sort and fields"
                      : name[0] == '-'            ? "begins with a hyphen, which turns the order of sort round"
                                                  : NULL;
    for (size_t i = 0; i < CAB_LENGTH(words); i++)
        if (strcmp(name, words[i]) == 0)
            why = "is a word that combines conditions in filters";
    if (table->deleted_at != NULL && strcmp(name, "is_deleted") == 0)
        why = "has the API's name for deleted_at IS NOT NULL";
    return why == NULL ? 0 : refuse(r, "Column %s.%s.%s %s. Rename it, or annotate it hidden.", table->schema,
                                    table->name, name, why);
}

/* What needs no encoding in paths, and may name components of an OpenAPI document. */
static const char path_bytes[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

static int check_name(struct rules *r, const struct cab_table *table) {
    static const char *const taken[] = {
        "admin", "auth", "console", "docs", "health", "metrics", "openapi", "problems"
    };
    if (strcmp(table->schema, "public") != 0)
        return refuse(r, "Table %s.%s is exposed, but only tables of schema public can be. Move it or drop expose.",
                      table->schema, table->name);
    for (size_t i = 0; i < CAB_LENGTH(taken); i++)
        if (strcmp(table->name, taken[i]) == 0)
            return refuse(r, "Table %s.%s is exposed, but the path /%s is Cabinet's own. Rename the table.",
                          table->schema, table->name, table->name);
    if (table->name[0] == '_' || strspn(table->name, path_bytes) != strlen(table->name))
        return refuse(r, "Table %s.\"%s\" is exposed, but its name cannot be a path: only letters of ASCII, digits, "
                      "underscores and hyphens, and no leading underscore. Rename the table.", table->schema,
                      table->name);
    for (int i = 0; i < table->n_columns; i++)
        if (!table->columns[i].is_hidden && check_field(r, table, table->columns[i].name) != 0)
            return -1;
    return 0;
}

static int check_columns(struct rules *r, const struct cab_table *table) {
    for (int i = 0; i < table->n_columns; i++) {
        const struct cab_column *column = &table->columns[i];
        if (column->is_private && table->owner == NULL)
            return refuse(r,
                          "Column %s.%s.%s is private, but the table has no owner. Add owner(column) to the table's "
                          "comment, or say admin instead.",
                          table->schema, table->name, column->name);
        if (strcmp(column->name, "date_created") == 0 && column->not_null && !column->has_default &&
            !column->is_generated && !table->is_readonly)
            return refuse(r,
                          "Column %s.%s.date_created is set by the database, but has no default. Declare it: "
                          "date_created timestamptz NOT NULL DEFAULT now()",
                          table->schema, table->name);
    }
    return 0;
}

static int check_exposed(struct rules *r, struct cab_table *table) {
    if (table->is_admin && table->is_public_read)
        return refuse(r, "Table %s.%s says both admin and public_read. Keep one.", table->schema, table->name);
    if (table->order != NULL && (table->order->is_hidden || table->order->is_admin || table->order->is_private))
        return refuse(r,
                      "Table %s.%s is sorted by %s, which not everybody reads; the order would tell it. Sort by "
                      "another column.",
                      table->schema, table->name, table->order->name);
    if (check_name(r, table) != 0 || check_columns(r, table) != 0)
        return -1;
    return table->is_soft_delete ? check_unique(r, table) : 0;
}

static bool has_trigram_index(const struct rules *r, const struct cab_table *table, const struct cab_column *column) {
    for (int i = 0; i < r->indexes->n; i++) {
        const struct cab_index_key *key = &r->indexes->keys[i];
        if (key->table == table && strstr(key->opclass, "_trgm_ops") != NULL &&
            (key->column == column || (key->column == NULL && cab_expression_names(key->text, column->name))))
            return true;
    }
    return false;
}

static void warn_search(struct rules *r, const struct cab_table *table) {
    struct cab_buf names, keys;
    cab_buf_init(&names, r->tmp, 63);
    cab_buf_init(&keys, r->tmp, 128);
    for (int i = 0; i < table->n_columns; i++) {
        const struct cab_column *column = &table->columns[i];
        if (!column->is_search || table->is_view || has_trigram_index(r, table, column))
            continue;
        cab_buf_addf(&names, "%s%s", names.len == 0 ? "" : ", ", column->name);
        cab_buf_addf(&keys, "%s%s gin_trgm_ops", keys.len == 0 ? "" : ", ", column->name);
    }
    if (names.len == 0)
        return;
    r->warnings = cab_mem_resize(r->catalog, r->warnings, (size_t)(r->n_warnings + 1) * sizeof *r->warnings);
    r->warnings[r->n_warnings++] =
        cab_printf(r->catalog,
                   "search in %s.%s reads the whole table, because no trigram index backs %s; with extension pg_trgm: "
                   "CREATE INDEX ON %s.%s USING gin (%s)",
                   table->schema, table->name, names.data, table->schema, table->name, keys.data);
}

int cab_catalog_annotate(struct cab_catalog *catalog, const struct cab_index_keys *indexes, struct cab_err *err) {
    struct rules r = { .catalog = catalog, .indexes = indexes, .tmp = cab_mem_alloc(catalog, 1), .err = err };
    int rc = 0;
    for (int i = 0; rc == 0 && i < catalog->n_tables; i++) {
        struct cab_table *table = &catalog->tables[i];
        rc = annotate_table(&r, table);
        mark_system(table);
        if (rc == 0 && (check_trash(&r, table) != 0 || check_version(&r, table) != 0 || check_key(&r, table) != 0 ||
                        (table->is_exposed && check_exposed(&r, table) != 0)))
            rc = -1;
        if (rc == 0 && table->is_exposed)
            warn_search(&r, table);
    }
    catalog->warnings = r.warnings;
    catalog->n_warnings = r.n_warnings;
    cab_mem_free(r.tmp);
    return rc;
}
