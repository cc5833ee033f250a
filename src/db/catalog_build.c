/*
 * Rows of PostgreSQL's catalog made into tables, columns and constraints, in an order that depends on names only, and
 * the fingerprint over them.  Annotations are still plain comments here.
 */
#include "catalog_private.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Small texts of a catalog share blocks: each of its own would cost more than the text. */
struct build {
    struct cab_catalog *catalog;
    void *tmp;
    char *at; size_t left;
    struct cab_table **by_oid;
};

static const char *keep(struct build *b, const char *text) {
    enum { BLOCK = 8192 };
    if (text == NULL)
        return NULL;
    size_t size = strlen(text) + 1;
    if (size > BLOCK / 4)
        return cab_strdup(b->catalog, text);
    if (size > b->left) {
        b->at = cab_mem_alloc(b->catalog, BLOCK);
        b->left = BLOCK;
    }
    char *copy = memcpy(b->at, text, size);
    b->at += size;
    b->left -= size;
    return copy;
}

int cab_catalog_order(const void *a, const void *b) {
    const struct cab_table *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order != 0 ? order : strcmp(x->schema, y->schema);
}

static int by_oid(const void *a, const void *b) {
    uint32_t x = (*(struct cab_table *const *)a)->oid, y = (*(struct cab_table *const *)b)->oid;
    return (x > y) - (x < y);
}

static int by_name(const void *a, const void *b) {
    const struct cab_constraint *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order != 0 ? order : strcmp(x->definition, y->definition);
}

static uint32_t oid_at(const struct cab_result *rows, int row, int column) {
    return (uint32_t)cab_result_int64(rows, row, column);
}

static char char_at(const struct cab_result *rows, int row, int column) {
    const char *value = cab_result_value(rows, row, column);
    return value == NULL ? '\0' : value[0];
}

static struct cab_table *find_table(struct build *b, uint32_t oid) {
    struct cab_table wanted = { .oid = oid }, *key = &wanted;
    if (b->catalog->n_tables == 0)
        return NULL;
    struct cab_table **found = bsearch(&key, b->by_oid, (size_t)b->catalog->n_tables, sizeof *found, by_oid);
    return found == NULL ? NULL : *found;
}

static const struct cab_column *find_attnum(const struct cab_table *table, int attnum) {
    for (int i = 0; i < table->n_columns; i++)
        if (table->columns[i].attnum == attnum)
            return &table->columns[i];
    return NULL;
}

static void build_tables(struct build *b, const struct cab_result *rows) {
    int n = cab_result_rows(rows);
    struct cab_catalog *catalog = b->catalog;
    catalog->tables = cab_new_array(catalog, struct cab_table, (size_t)n);
    catalog->n_tables = n;
    for (int i = 0; i < n; i++)
        catalog->tables[i] = (struct cab_table){
            .oid = oid_at(rows, i, 0), .schema = keep(b, cab_result_value(rows, i, 1)),
            .name = keep(b, cab_result_value(rows, i, 2)), .is_view = cab_result_bool(rows, i, 3),
            .comment = keep(b, cab_result_value(rows, i, 4)), .is_moved_late = cab_result_bool(rows, i, 5),
            .is_plain = cab_result_bool(rows, i, 6),
            .kept = cab_new_array(catalog, void *, CAB_KEPT),
        };
    qsort(catalog->tables, (size_t)n, sizeof *catalog->tables, cab_catalog_order);
    b->by_oid = cab_new_array(b->tmp, struct cab_table *, (size_t)n);
    for (int i = 0; i < n; i++)
        b->by_oid[i] = &catalog->tables[i];
    qsort(b->by_oid, (size_t)n, sizeof *b->by_oid, by_oid);
}

/* Labels of an enum, NULL-ended, or NULL. */
static const char *const *labels_of(struct build *b, const struct cab_result *rows, uint32_t type) {
    int from = 0, n = cab_result_rows(rows);
    while (from < n && oid_at(rows, from, 0) != type)
        from++;
    int end = from;
    while (end < n && oid_at(rows, end, 0) == type)
        end++;
    if (from == end)
        return NULL;
    const char **labels = cab_new_array(b->catalog, const char *, (size_t)(end - from) + 1);
    for (int i = from; i < end; i++)
        labels[i - from] = keep(b, cab_result_value(rows, i, 1));
    return labels;
}

enum column_field {
    COLUMN_TABLE, COLUMN_ATTNUM, COLUMN_NAME, COLUMN_TYPE, COLUMN_BASE, COLUMN_BASE_OID, COLUMN_TYPMOD, COLUMN_TYPTYPE,
    COLUMN_CATEGORY, COLUMN_TYPNAME, COLUMN_ELEMENT_OID, COLUMN_ELEMENT, COLUMN_NOT_NULL, COLUMN_DEFAULT,
    COLUMN_IDENTITY, COLUMN_GENERATED, COLUMN_COMMENT
};

static void build_column(struct build *b, const struct cab_catalog_rows *all, int i, struct cab_column *column) {
    const struct cab_result *rows = all->columns;
    const char *type = cab_result_value(rows, i, COLUMN_TYPE), *base = cab_result_value(rows, i, COLUMN_BASE);
    uint32_t oid = oid_at(rows, i, COLUMN_BASE_OID), element = oid_at(rows, i, COLUMN_ELEMENT_OID);
    *column = (struct cab_column){
        .name = keep(b, cab_result_value(rows, i, COLUMN_NAME)),
        .type = keep(b, type),
        .kind = cab_kind_of(oid, char_at(rows, i, COLUMN_TYPTYPE), char_at(rows, i, COLUMN_CATEGORY),
                            cab_result_value(rows, i, COLUMN_TYPNAME)),
        .element_type = keep(b, cab_result_value(rows, i, COLUMN_ELEMENT)),
        .attnum = (int)cab_result_int64(rows, i, COLUMN_ATTNUM),
        .not_null = cab_result_bool(rows, i, COLUMN_NOT_NULL),
        .has_default = cab_result_bool(rows, i, COLUMN_DEFAULT),
        .is_identity = cab_result_bool(rows, i, COLUMN_IDENTITY),
        .is_generated = cab_result_bool(rows, i, COLUMN_GENERATED),
        .comment = keep(b, cab_result_value(rows, i, COLUMN_COMMENT)),
    };
    column->base_type = strcmp(type, base) == 0 ? column->type : keep(b, base);
    column->labels = labels_of(b, all->labels, element != 0 ? element : oid);
    cab_kind_limits(column, oid, (int)cab_result_int64(rows, i, COLUMN_TYPMOD));
}

static void build_columns(struct build *b, const struct cab_catalog_rows *all) {
    const struct cab_result *rows = all->columns;
    for (int from = 0, end, n = cab_result_rows(rows); from < n; from = end) {
        uint32_t oid = oid_at(rows, from, COLUMN_TABLE);
        for (end = from; end < n && oid_at(rows, end, COLUMN_TABLE) == oid;)
            end++;
        struct cab_table *table = find_table(b, oid);
        if (table == NULL)
            continue;
        table->columns = cab_new_array(b->catalog, struct cab_column, (size_t)(end - from));
        table->n_columns = end - from;
        for (int i = from; i < end; i++)
            build_column(b, all, i, &table->columns[i - from]);
    }
}

/* The columns of an array of attribute numbers, "1,2"; expressions (0) are left out. */
static void take_columns(struct build *b, const struct cab_table *table, const char *numbers,
                         struct cab_constraint *constraint) {
    constraint->columns = cab_new_array(b->catalog, const struct cab_column *, (size_t)table->n_columns);
    for (char *end; numbers != NULL && *numbers != '\0'; numbers = *end == ',' ? end + 1 : end) {
        const struct cab_column *column = find_attnum(table, (int)strtol(numbers, &end, 10));
        if (column != NULL && constraint->n_columns < table->n_columns)
            constraint->columns[constraint->n_columns++] = column;
    }
}

static const char *const *target_columns(struct build *b, uint32_t target, const char *numbers) {
    const struct cab_table *table = find_table(b, target);
    struct cab_constraint named = { 0 };
    if (table != NULL)
        take_columns(b, table, numbers, &named);
    const char **names = cab_new_array(b->catalog, const char *, (size_t)named.n_columns + 1);
    for (int i = 0; i < named.n_columns; i++)
        names[i] = named.columns[i]->name;
    cab_mem_free(named.columns);
    return names;
}

static enum cab_constraint_kind constraint_kind(char contype) {
    switch (contype) {
    case 'p':
        return CAB_CONSTRAINT_PRIMARY;
    case 'u':
        return CAB_CONSTRAINT_UNIQUE;
    case 'f':
        return CAB_CONSTRAINT_FOREIGN;
    case 'c':
        return CAB_CONSTRAINT_CHECK;
    default:
        return CAB_CONSTRAINT_EXCLUDE;
    }
}

static struct cab_constraint *add_constraint(struct build *b, struct cab_table *table) {
    if ((table->n_constraints & (table->n_constraints + 1)) == 0) /* full at 0, 1, 3, 7, … */
        table->constraints = cab_mem_resize(b->catalog, table->constraints,
                                            (size_t)(table->n_constraints * 2 + 1) * sizeof *table->constraints);
    struct cab_constraint *made = &table->constraints[table->n_constraints++];
    *made = (struct cab_constraint){ 0 };
    return made;
}

static void build_constraints(struct build *b, const struct cab_result *rows) {
    for (int i = 0, n = cab_result_rows(rows); i < n; i++) {
        struct cab_table *table = find_table(b, oid_at(rows, i, 0));
        if (table == NULL)
            continue;
        struct cab_constraint *made = add_constraint(b, table);
        made->name = keep(b, cab_result_value(rows, i, 1));
        made->kind = constraint_kind(char_at(rows, i, 2));
        take_columns(b, table, cab_result_value(rows, i, 3), made);
        made->definition = keep(b, cab_result_value(rows, i, 4));
        made->comment = keep(b, cab_result_value(rows, i, 5));
        if (made->kind == CAB_CONSTRAINT_FOREIGN) {
            made->target_schema = keep(b, cab_result_value(rows, i, 6));
            made->target_table = keep(b, cab_result_value(rows, i, 7));
            made->target_columns = target_columns(b, oid_at(rows, i, 8), cab_result_value(rows, i, 9));
        }
    }
}

bool cab_expression_names(const char *text, const char *column) {
    size_t len = strlen(column);
    bool is_cast = false;
    while (*text != '\0') {
        const char *from = text;
        if (*text == '\'') { /* a literal; '' inside makes two of them */
            text = strchr(text + 1, '\'');
            if (text == NULL)
                return false;
            text++;
        } else if (*text == '"') {
            struct cab_buf name;
            cab_buf_init(&name, NULL, 63);
            for (text++; *text != '\0' && (*text != '"' || *++text == '"'); text++)
                cab_buf_addc(&name, *text);
            bool is_same = !is_cast && strcmp(name.data, column) == 0 && *text != '(' && *text != '.';
            cab_mem_free(name.data);
            if (is_same)
                return true;
        } else if (isalpha((unsigned char)*text) || *text == '_' || (unsigned char)*text >= 0x80) {
            while (isalnum((unsigned char)*text) || *text == '_' || *text == '$' || (unsigned char)*text >= 0x80)
                text++;
            bool is_function = *text == '(' || *text == '.';
            if (!is_cast && !is_function && (size_t)(text - from) == len && memcmp(from, column, len) == 0)
                return true;
        } else {
            text++;
        }
        is_cast = *from == ':' || (is_cast && *from == ' ');
    }
    return false;
}

enum index_field {
    INDEX_TABLE, INDEX_OID, INDEX_NAME, INDEX_UNIQUE, INDEX_PARTIAL, INDEX_CONSTRAINT, INDEX_REFERENCED, INDEX_ATTNUM,
    INDEX_TEXT, INDEX_OPCLASS, INDEX_METHOD, INDEX_DEFINITION, INDEX_COMMENT
};

static void read_indexes(struct build *b, const struct cab_result *rows, struct cab_index_keys *out) {
    int n = cab_result_rows(rows);
    *out = (struct cab_index_keys){ .keys = cab_new_array(b->tmp, struct cab_index_key, (size_t)n) };
    for (int i = 0; i < n; i++) {
        struct cab_table *table = find_table(b, oid_at(rows, i, INDEX_TABLE));
        if (table == NULL)
            continue;
        out->keys[out->n++] = (struct cab_index_key){
            .table = table,
            .index = oid_at(rows, i, INDEX_OID),
            .name = cab_result_value(rows, i, INDEX_NAME),
            .is_unique = cab_result_bool(rows, i, INDEX_UNIQUE),
            .is_partial = cab_result_bool(rows, i, INDEX_PARTIAL),
            .is_constraint = cab_result_bool(rows, i, INDEX_CONSTRAINT),
            .is_referenced = cab_result_bool(rows, i, INDEX_REFERENCED),
            .column = find_attnum(table, (int)cab_result_int64(rows, i, INDEX_ATTNUM)),
            .text = cab_result_value(rows, i, INDEX_TEXT),
            .opclass = cab_result_value(rows, i, INDEX_OPCLASS),
            .method = cab_result_value(rows, i, INDEX_METHOD),
            .definition = cab_result_value(rows, i, INDEX_DEFINITION),
            .comment = cab_result_value(rows, i, INDEX_COMMENT),
        };
    }
}

static void add_once(struct cab_constraint *constraint, const struct cab_column *column) {
    for (int i = 0; i < constraint->n_columns; i++)
        if (constraint->columns[i] == column)
            return;
    constraint->columns[constraint->n_columns++] = column;
}

/* Unique indexes without a constraint behave like one: their name comes with 23505. */
static void build_unique_indexes(struct build *b, const struct cab_index_keys *indexes) {
    struct cab_constraint *made = NULL;
    for (int i = 0; i < indexes->n; i++) {
        const struct cab_index_key *key = &indexes->keys[i];
        if (!key->is_unique || key->is_constraint)
            continue;
        if (i == 0 || key->index != key[-1].index) {
            made = add_constraint(b, key->table);
            *made = (struct cab_constraint){
                .name = keep(b, key->name), .kind = CAB_CONSTRAINT_UNIQUE, .definition = keep(b, key->definition),
                .comment = keep(b, key->comment),
                .columns = cab_new_array(b->catalog, const struct cab_column *, (size_t)key->table->n_columns),
            };
        }
        for (int c = 0; c < key->table->n_columns; c++) {
            const struct cab_column *column = &key->table->columns[c];
            if (key->column != NULL ? key->column == column : cab_expression_names(key->text, column->name))
                add_once(made, column);
        }
    }
}

static void add_line(struct cab_buf *buf, const char *text) {
    cab_json_cstring(buf, text);
    cab_buf_addc(buf, '\n');
}

/* Everything but object numbers, which differ between databases of the same schema. */
static void fingerprint(struct build *b) {
    struct cab_buf buf;
    char hex[65];
    cab_buf_init(&buf, b->tmp, 65536);
    for (int i = 0; i < b->catalog->n_tables; i++) {
        const struct cab_table *t = &b->catalog->tables[i];
        add_line(&buf, t->schema);
        add_line(&buf, t->name);
        add_line(&buf, t->comment);
        cab_buf_addf(&buf, "%d %d %d %d\n", t->is_view, t->is_plain, t->n_columns, t->n_constraints);
        for (int j = 0; j < t->n_columns; j++) {
            const struct cab_column *c = &t->columns[j];
            add_line(&buf, c->name);
            add_line(&buf, c->type);
            add_line(&buf, c->base_type);
            add_line(&buf, c->comment);
            cab_buf_addf(&buf, "%d %d %d %d %d\n", c->kind, c->not_null, c->has_default, c->is_identity,
                         c->is_generated);
            for (const char *const *label = c->labels; label != NULL && *label != NULL; label++)
                add_line(&buf, *label);
        }
        for (int j = 0; j < t->n_constraints; j++) {
            add_line(&buf, t->constraints[j].name);
            add_line(&buf, t->constraints[j].definition);
            add_line(&buf, t->constraints[j].comment);
        }
    }
    cab_sha256_hex(buf.data, buf.len, hex);
    memcpy(b->catalog->fingerprint, hex, sizeof b->catalog->fingerprint - 1);
}

void cab_catalog_build(struct cab_catalog *catalog, void *tmp, const struct cab_catalog_rows *rows,
                       struct cab_index_keys *indexes_out) {
    struct build b = { .catalog = catalog, .tmp = tmp };
    const char *stamp = cab_result_value(rows->stamp, 0, 0);
    catalog->generation = rows->generation;
    memcpy(catalog->stamp, stamp, strnlen(stamp, sizeof catalog->stamp - 1));
    build_tables(&b, rows->tables);
    build_columns(&b, rows);
    build_constraints(&b, rows->constraints);
    read_indexes(&b, rows->indexes, indexes_out);
    build_unique_indexes(&b, indexes_out);
    for (int i = 0; i < catalog->n_tables; i++)
        if (catalog->tables[i].n_constraints > 0)
            qsort(catalog->tables[i].constraints, (size_t)catalog->tables[i].n_constraints,
                  sizeof *catalog->tables[i].constraints, by_name);
    fingerprint(&b);
}
