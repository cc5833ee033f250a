/*
 * migrate/diff/facts: reads a catalog into facts.  One snapshot, a few dozen statements; the texts come from the
 * server's own definitions with an empty search_path, so that every name in them is qualified.
 */
#include "expression.h"
#include "facts.h"

#include <string.h>

#include "statements.h"

static int attr_index(enum cab_fact_kind kind, const char *attr) {
    const struct cab_attr *attrs = cab_fact_specs[kind].attrs;
    int i;

    for (i = 0; i < CAB_ATTRS_MAX && attrs[i].name != NULL; i++)
        if (strcmp(attrs[i].name, attr) == 0)
            return i;
    return -1;
}

const char *cab_fact_get(const struct cab_fact *fact, const char *attr) {
    int i = attr_index(fact->kind, attr);

    CAB_BUG_ON(i < 0);
    return fact->values[i];
}

const char *cab_fact_text(const struct cab_fact *fact, const char *attr) {
    const char *value = cab_fact_get(fact, attr);

    return value != NULL ? value : "";
}

bool cab_fact_true(const struct cab_fact *fact, const char *attr) {
    return cab_fact_is(fact, attr, "t");
}

bool cab_fact_is(const struct cab_fact *fact, const char *attr, const char *value) {
    return strcmp(cab_fact_text(fact, attr), value) == 0;
}

bool cab_fact_differs(const struct cab_fact *fact, const char *attr) {
    int i = attr_index(fact->kind, attr);

    CAB_BUG_ON(i < 0);
    return (fact->mask >> i & 1u) != 0;
}

bool cab_same_text(const char *a, const char *b) {
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

const char *cab_fact_compared(const void *ctx, const struct cab_fact *fact, int attr) {
    const char *value = fact->values[attr];
    return value != NULL && cab_fact_specs[fact->kind].attrs[attr].has_expressions ? cab_canonical(ctx, value) : value;
}

static int compare_facts(const void *a, const void *b) {
    const struct cab_fact *x = *(struct cab_fact *const *)a, *y = *(struct cab_fact *const *)b;

    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return strcmp(x->ident, y->ident);
}

struct cab_fact *cab_facts_find(const struct cab_facts *facts, enum cab_fact_kind kind, const char *ident) {
    int low = facts->first[kind], high = facts->first[kind + 1];

    while (low < high) {
        int middle = low + (high - low) / 2;
        int order = strcmp(facts->facts[middle]->ident, ident);

        if (order == 0)
            return facts->facts[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

bool cab_fact_uses(const struct cab_fact *fact, const struct cab_fact *target) {
    int i;

    if (target == NULL)
        return false;
    for (i = 0; i < fact->n_uses; i++)
        if (fact->uses[i] == target)
            return true;
    return fact->parent == target || fact->on == target;
}

char cab_fact_acl_letter(const struct cab_fact *fact) {
    switch (fact->kind) {
        case CAB_FACT_SCHEMA: return 'n';
        case CAB_FACT_TABLE:
        case CAB_FACT_VIEW: return 'r';
        case CAB_FACT_SEQUENCE: return 's';
        case CAB_FACT_FUNCTION:
        case CAB_FACT_AGGREGATE: return 'f';
        case CAB_FACT_TYPE: return 'T';
        case CAB_FACT_FOREIGN: return fact->ident[0] == 'F' ? 'F' : fact->ident[0] == 'S' ? 'S' : 0;
        case CAB_FACT_COLUMN: return 'c';
        default: return 0;
    }
}

/* ---- reading ---- */

struct reader {
    struct cab_facts *facts;
    struct cab_fact_raw *raw;
    int n_raw, cap_raw;
};

static int column_of(const struct cab_result *result, const char *name) {
    int i, n = cab_result_columns(result);

    for (i = 0; i < n; i++)
        if (strcmp(cab_result_name(result, i), name) == 0)
            return i;
    return -1;
}

static struct cab_fact_raw *add_raw(struct reader *reader, struct cab_fact *fact) {
    struct cab_fact_raw *raw;

    if (reader->n_raw == reader->cap_raw) {
        reader->cap_raw = reader->cap_raw > 0 ? 2 * reader->cap_raw : 1024;
        reader->raw = cab_mem_resize(reader->facts->ctx, reader->raw, (size_t)reader->cap_raw * sizeof(*reader->raw));
    }
    raw = &reader->raw[reader->n_raw++];
    memset(raw, 0, sizeof(*raw));
    raw->fact = fact;
    return raw;
}

static uint32_t oid_value(const struct cab_result *result, int row, int column) {
    return column < 0 ? 0 : (uint32_t)cab_result_int64(result, row, column);
}

static const char *copied(struct reader *reader, const struct cab_result *result, int row, int column) {
    return column < 0 ? NULL : cab_strdup(reader->facts->ctx, cab_result_value(result, row, column));
}

/* What a revision set aside: cabinet_trash_<id>.table, table._dropped_<id>_column. */
static bool is_parked(enum cab_fact_kind kind, const char *ident, const char *bare) {
    static const char schema[] = "cabinet_trash_", column[] = "_dropped_";
    size_t n = sizeof(column) - 1;

    if (kind == CAB_FACT_COLUMN)
        return bare != NULL && strncmp(bare, column, n) == 0 && strspn(bare + n, "0123456789abcdef") >= 12 &&
               bare[n + 12] == '_';
    return (kind == CAB_FACT_SCHEMA || kind == CAB_FACT_TABLE || kind == CAB_FACT_SEQUENCE ||
            kind == CAB_FACT_STATISTICS) &&
           strncmp(ident, schema, sizeof(schema) - 1) == 0;
}

static void take_rows(struct reader *reader, enum cab_fact_kind kind, const struct cab_result *result) {
    const struct cab_attr *attrs = cab_fact_specs[kind].attrs;
    int at[CAB_ATTRS_MAX], n_attrs = 0, row, i;
    int class = column_of(result, "class"), object = column_of(result, "object"), sub = column_of(result, "sub");
    int ident = column_of(result, "ident"), bare = column_of(result, "bare"), owner = column_of(result, "owner");
    int parent_class = column_of(result, "parent_class"), parent_object = column_of(result, "parent_object");
    int parent_sub = column_of(result, "parent_sub"), on_class = column_of(result, "on_class");
    int on_object = column_of(result, "on_object"), on_sub = column_of(result, "on_sub");

    for (; n_attrs < CAB_ATTRS_MAX && attrs[n_attrs].name != NULL; n_attrs++) {
        at[n_attrs] = column_of(result, attrs[n_attrs].name);
        CAB_BUG_ON(at[n_attrs] < 0);
    }
    for (row = 0; row < cab_result_rows(result); row++) {
        struct cab_fact *fact;
        struct cab_fact_raw *raw;

        if (is_parked(kind, cab_result_value(result, row, ident),
                      bare < 0 ? NULL : cab_result_value(result, row, bare)))
            continue;
        fact = cab_new(reader->facts->ctx, struct cab_fact);
        raw = add_raw(reader, fact);
        fact->kind = kind;
        fact->ident = copied(reader, result, row, ident);
        fact->class = oid_value(result, row, class);
        fact->object = oid_value(result, row, object);
        fact->sub = (int)cab_result_int64(result, row, sub);
        fact->values = cab_new_array(reader->facts->ctx, const char *, (size_t)n_attrs + 1);
        for (i = 0; i < n_attrs; i++)
            fact->values[i] = copied(reader, result, row, at[i]);
        raw->parent_class = oid_value(result, row, parent_class);
        raw->parent_object = oid_value(result, row, parent_object);
        raw->parent_sub = (int)oid_value(result, row, parent_sub);
        raw->has_parent = raw->parent_object != 0;
        raw->on_class = oid_value(result, row, on_class);
        raw->on_object = oid_value(result, row, on_object);
        raw->on_sub = (int)oid_value(result, row, on_sub);
        raw->has_on = raw->on_object != 0;
        if (owner >= 0 && cab_result_value(result, row, owner) != NULL) {
            struct cab_fact *owned = cab_new(reader->facts->ctx, struct cab_fact);

            owned->kind = CAB_FACT_OWNER;
            owned->ident = cab_printf(reader->facts->ctx, "%s %s", cab_fact_specs[kind].word, fact->ident);
            owned->values = cab_new_array(reader->facts->ctx, const char *, 2);
            owned->values[0] = copied(reader, result, row, owner);
            raw = add_raw(reader, owned);
            owned->parent = fact;
        }
    }
}

static int read_kinds(struct reader *reader, struct cab_db *db, void *scratch, struct cab_err *err) {
    int kind;

    for (kind = 0; kind < CAB_FACT__MAX; kind++) {
        struct cab_result *result;

        if (cab_fact_specs[kind].sql == NULL || (kind == CAB_FACT_PUBLICATION && cab_db_server_version(db) < 150000))
            continue;
        if (cab_db_query(db, scratch, CAB_SHAPE_ANY, cab_fact_specs[kind].sql, 0, NULL, &result, err) != 0)
            return -1;
        take_rows(reader, (enum cab_fact_kind)kind, result);
    }
    return 0;
}

static int compare_texts(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int read_rest(struct reader *reader, struct cab_db *db, void *scratch, struct cab_err *err) {
    struct cab_facts *facts = reader->facts;
    struct cab_result *result, *depend, *acl, *comments;
    int row, n;

    if (cab_db_query(db, scratch, CAB_SHAPE_ANY, cab_sql_text_facts_acl_default, 0, NULL, &result, err) != 0)
        return -1;
    for (row = 0; row < cab_result_rows(result); row++)
        facts->acl_defaults[(unsigned char)cab_result_value(result, row, 0)[0]] = copied(reader, result, row, 1);
    facts->acl_defaults['c'] = "";
    if (cab_db_query(db, scratch, CAB_SHAPE_ANY, cab_sql_text_facts_castable, 0, NULL, &result, err) != 0)
        return -1;
    n = cab_result_rows(result);
    facts->casts = cab_new_array(facts->ctx, const char *, (size_t)n + 1);
    for (row = 0; row < n; row++)
        facts->casts[facts->n_casts++] = cab_printf(facts->ctx, "%s\t%s\t%s", cab_result_value(result, row, 0),
            cab_result_value(result, row, 1), cab_result_value(result, row, 2));
    cab_sort(facts->casts, (size_t)facts->n_casts, sizeof(*facts->casts), compare_texts);
    if (cab_db_query(db, scratch, CAB_SHAPE_ANY, cab_sql_text_facts_unmodelled, 0, NULL, &result, err) != 0)
        return -1;
    n = cab_result_rows(result);
    facts->unmodelled = cab_new_array(facts->ctx, const char *, (size_t)n + 1);
    for (row = 0; row < n; row++)
        facts->unmodelled[facts->n_unmodelled++] = cab_printf(facts->ctx, "%s %s", cab_result_value(result, row, 0),
            cab_result_value(result, row, 1));
    if (cab_db_query(db, scratch, CAB_SHAPE_ANY, cab_sql_text_facts_unalterable, 0, NULL, &result, err) != 0)
        return -1;
    n = cab_result_rows(result);
    facts->unalterable = cab_new_array(facts->ctx, const char *, (size_t)n + 1);
    for (row = 0; row < n; row++)
        facts->unalterable[facts->n_unalterable++] = copied(reader, result, row, 0);
    if (cab_db_query(db, scratch, CAB_SHAPE_ANY, cab_sql_text_facts_depend, 0, NULL, &depend, err) != 0 ||
        cab_db_query(db, scratch, CAB_SHAPE_ANY, cab_sql_text_facts_acl, 0, NULL, &acl, err) != 0 ||
        cab_db_query(db, scratch, CAB_SHAPE_ANY, cab_sql_text_facts_comment, 0, NULL, &comments, err) != 0 ||
        cab_db_query(db, scratch, CAB_SHAPE_ONE, cab_sql_text_facts_role, 0, NULL, &result, err) != 0)
        return -1;
    facts->role = copied(reader, result, 0, 0);
    cab_facts_link(facts, reader->raw, reader->n_raw, depend, acl, comments);
    return 0;
}

void cab_facts_sort(struct cab_facts *facts) {
    int i, kind = 0;

    cab_sort(facts->facts, (size_t)facts->n_facts, sizeof(*facts->facts), compare_facts);
    for (i = 0; i < facts->n_facts; i++)
        for (; kind <= (int)facts->facts[i]->kind; kind++)
            facts->first[kind] = i;
    for (; kind <= CAB_FACT__MAX; kind++)
        facts->first[kind] = facts->n_facts;
}

static const char *const settings[] = {
    "SET LOCAL search_path = ''", "SET LOCAL quote_all_identifiers = off", "SET LOCAL DateStyle = 'ISO'",
    "SET LOCAL IntervalStyle = 'postgres'", "SET LOCAL extra_float_digits = 3", "SET LOCAL bytea_output = 'hex'",
    "SET LOCAL TimeZone = 'UTC'",
};

int cab_facts_load(void *ctx, struct cab_db *db, struct cab_facts **facts_out, struct cab_err *err) {
    struct cab_facts *facts = cab_new(ctx, struct cab_facts);
    void *scratch = cab_mem_alloc(ctx, 1);
    struct reader reader = { .facts = facts };
    struct cab_err ignored;
    size_t i;
    int result = -1;

    facts->ctx = facts;
    facts->server_version = cab_db_server_version(db);
    if (cab_db_exec(db, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", err) != 0)
        goto out;
    for (i = 0; i < CAB_LENGTH(settings); i++)
        if (cab_db_exec(db, settings[i], err) != 0)
            goto rollback;
    if (read_kinds(&reader, db, scratch, err) != 0 || read_rest(&reader, db, scratch, err) != 0)
        goto rollback;
    if (cab_db_exec(db, "COMMIT", err) != 0)
        goto out;
    cab_facts_sort(facts);
    cab_facts_scan_bodies(facts);
    *facts_out = facts;
    result = 0;
    goto out;
rollback:
    cab_err_clear(&ignored);
    if (cab_db_exec(db, "ROLLBACK", &ignored) != 0)
        cab_log(CAB_LOG_DEBUG, "the snapshot of the catalog could not be ended");
out:
    cab_mem_free(scratch);
    return result;
}

const char *const *cab_facts_unmodelled(const struct cab_facts *facts, int *n_out) {
    *n_out = facts->n_unmodelled;
    return facts->unmodelled;
}

void cab_facts_hash(const struct cab_facts *facts, char out[65]) {
    void *scratch = cab_mem_alloc(NULL, 1);
    struct cab_buf buf;
    int i, k;

    cab_buf_init(&buf, scratch, 65536);
    for (i = 0; i < facts->n_facts; i++) {
        const struct cab_fact *fact = facts->facts[i];
        const struct cab_attr *attrs = cab_fact_specs[fact->kind].attrs;

        cab_buf_addf(&buf, "%s", cab_fact_specs[fact->kind].word);
        cab_buf_addc(&buf, '\0');
        cab_buf_adds(&buf, fact->ident);
        for (k = 0; k < CAB_ATTRS_MAX && attrs[k].name != NULL; k++) {
            if (attrs[k].how == CAB_ATTR_INFO)
                continue;
            const char *value = cab_fact_compared(scratch, fact, k);
            cab_buf_addc(&buf, '\0');
            cab_buf_addc(&buf, value != NULL ? '=' : '-');
            cab_buf_adds(&buf, value != NULL ? value : "");
        }
        cab_buf_addc(&buf, '\n');
    }
    cab_sha256_hex(buf.data, buf.len, out);
    cab_mem_free(scratch);
}

bool cab_facts_equal(const struct cab_facts *a, const struct cab_facts *b) {
    char left[65], right[65];

    cab_facts_hash(a, left);
    cab_facts_hash(b, right);
    return strcmp(left, right) == 0;
}
