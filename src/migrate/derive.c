/*
 * Writes audit functions, triggers and grants from the catalog's annotations: text from structs.  The audit function
 * lists the table's columns one by one, which is half again as fast as a generic one.
 */
#include "derive.h"
#include "statements.h"

#include <stdio.h>
#include <string.h>

#define BUILD_COLUMNS 40    /* columns in one jsonb_build_object; a call takes 100 arguments */

void cab_ddl_init(struct cab_ddl *list, const void *ctx) {
    *list = (struct cab_ddl){.ctx = ctx};
}

void cab_ddl_add(struct cab_ddl *list, const char *text) {
    if (list->n == list->cap) {
        list->cap = list->cap == 0 ? 16 : list->cap * 2;
        list->items = cab_mem_resize(list->ctx, list->items, (size_t)list->cap * sizeof(*list->items));
    }
    list->items[list->n++] = cab_strdup(list->ctx, text);
}

/* Words that end an expression or a name in PL/pgSQL; anything else may follow a dot without quotes. */
static bool is_reserved(const char *name) {
    static const char *const words[] = {"all", "begin", "by", "case", "declare", "else", "end", "execute", "for",
                                        "foreach", "from", "if", "in", "into", "loop", "not", "null", "or", "strict",
                                        "then", "to", "using", "when", "while"};
    for (size_t i = 0; i < CAB_LENGTH(words); i++) {
        if (strcmp(words[i], name) == 0)
            return true;
    }
    return false;
}

/* A name that stands behind a dot, quoted only where it must be. */
static void add_name(struct cab_buf *out, const char *name) {
    bool plain = (name[0] >= 'a' && name[0] <= 'z') || name[0] == '_';
    for (const char *p = name; *p != '\0' && plain; p++)
        plain = (*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '_';
    if (plain && !is_reserved(name)) {
        cab_buf_adds(out, name);
        return;
    }
    cab_buf_adds(out, cab_sql_quote_name(out->ctx, name));
}

static void add_table(struct cab_buf *out, const struct cab_table *table) {
    add_name(out, table->schema);
    cab_buf_addc(out, '.');
    add_name(out, table->name);
}

static void add_literal(struct cab_buf *out, const char *value) {
    cab_buf_adds(out, cab_sql_quote_literal(out->ctx, value));
}

/* Whether what an UPDATE makes of a row is known before it is done, where a trigger stands anyway to raise the version:
 * to write the trail there saves the second one. */
static bool is_recorded_before(const struct cab_table *table) {
    if (!table->is_audited || table->row_version == NULL || table->is_moved_late)
        return false;
    for (int i = 0; i < table->n_columns; i++) {
        if (table->columns[i].is_generated)
            return false;
    }
    return true;
}

char *cab_derive_audit_name(const void *ctx, const struct cab_table *table) {
    bool counts = cab_audit_counts(table) && !is_recorded_before(table);
    return cab_derived_name(ctx, counts ? "changes_" : "audit_", table->schema, table->name);
}

char *cab_derive_update_name(const void *ctx, const struct cab_table *table) {
    return is_recorded_before(table) ? cab_derived_name(ctx, "update_", table->schema, table->name) : NULL;
}

/* Whether the type's own equality exists and sees every change; where not, the texts are compared. */
static bool has_equality(const struct cab_column *column) {
    switch (column->kind) {
    case CAB_KIND_JSON:
        return strcmp(column->base_type, "jsonb") == 0;
    case CAB_KIND_OTHER:
    case CAB_KIND_ARRAY:
    case CAB_KIND_COMPOSITE:
        return false;
    default:
        return true;
    }
}

static void add_value(struct cab_buf *out, const char *row, const struct cab_column *column) {
    add_literal(out, column->name);
    if (column->is_hidden) {
        cab_buf_adds(out, ", '***'");
        return;
    }
    cab_buf_addf(out, ", %s.", row);
    add_name(out, column->name);
}

/* row's columns as one jsonb expression. */
static void add_image(struct cab_buf *out, const struct cab_table *table, const char *row) {
    for (int i = 0; i < table->n_columns; i++) {
        if (i % BUILD_COLUMNS == 0)
            cab_buf_adds(out, i == 0 ? "jsonb_build_object(\n" : ")\n                || jsonb_build_object(\n");
        else
            cab_buf_adds(out, ",\n");
        cab_buf_adds(out, "                    ");
        add_value(out, row, &table->columns[i]);
    }
    cab_buf_adds(out, table->n_columns == 0 ? "'{}'" : ")");
}

/* The version tells no change by itself; it comes with each column, where it needs no call of its own. */
static void add_pair(struct cab_buf *out, const struct cab_table *table, const struct cab_column *column,
                     const char *part, const char *row) {
    cab_buf_addf(out, "            %s := coalesce(%s, '{}') || jsonb_build_object(", part, part);
    add_value(out, row, column);
    if (table->row_version != NULL) {
        cab_buf_adds(out, ", ");
        add_value(out, row, table->row_version);
    }
    cab_buf_adds(out, ");\n");
}

/* One IF per column: an OR of several saves less than looking again at each of them costs, up to some forty columns. */
static void add_difference(struct cab_buf *out, const struct cab_table *table, const struct cab_column *column) {
    const char *cast = has_equality(column) ? "" : "::text";
    cab_buf_adds(out, "        IF OLD.");
    add_name(out, column->name);
    cab_buf_addf(out, "%s IS DISTINCT FROM NEW.", cast);
    add_name(out, column->name);
    cab_buf_addf(out, "%s THEN\n", cast);
    add_pair(out, table, column, "old_part", "OLD");
    add_pair(out, table, column, "new_part", "NEW");
    if (cab_audit_counts_by(table, column))
        cab_buf_adds(out, "            is_moved := true;\n");
    cab_buf_adds(out, "        END IF;\n");
}

static const struct cab_constraint *primary(const struct cab_table *table) {
    for (int i = 0; i < table->n_constraints; i++) {
        if (table->constraints[i].kind == CAB_CONSTRAINT_PRIMARY)
            return &table->constraints[i];
    }
    return NULL;
}

static void add_row_key(struct cab_buf *out, const struct cab_table *table, const char *row) {
    const struct cab_constraint *key = primary(table);
    if (table->key == NULL && key == NULL) {
        cab_buf_adds(out, "NULL");
        return;
    }
    if (table->key != NULL) {
        cab_buf_addf(out, "%s.", row);
        add_name(out, table->key->name);
    } else {
        cab_buf_adds(out, "jsonb_build_array(");
        for (int i = 0; i < key->n_columns; i++) {
            cab_buf_addf(out, "%s%s.", i > 0 ? ", " : "", row);
            add_name(out, key->columns[i]->name);
        }
        cab_buf_addc(out, ')');
    }
    cab_buf_adds(out, "::text");
}

static void add_person(struct cab_buf *out, const struct cab_table *table, const char *row) {
    if (table->owner == NULL) {
        cab_buf_adds(out, "NULL");
        return;
    }
    cab_buf_addf(out, "%s.", row);
    add_name(out, table->owner->name);
    if (table->owner->kind != CAB_KIND_INT8)
        cab_buf_adds(out, "::bigint");
}

/* The action of an UPDATE: it may have moved the row to the trash, or out of it. */
static void add_update_action(struct cab_buf *out, const struct cab_table *table) {
    if (table->deleted_at == NULL) {
        cab_buf_adds(out, "'row_update'");
        return;
    }
    cab_buf_adds(out, "CASE WHEN OLD.");
    add_name(out, table->deleted_at->name);
    cab_buf_adds(out, " IS NULL THEN CASE WHEN NEW.");
    add_name(out, table->deleted_at->name);
    cab_buf_adds(out, " IS NULL THEN 'row_update' ELSE 'row_delete' END\n                     WHEN NEW.");
    add_name(out, table->deleted_at->name);
    cab_buf_adds(out, " IS NULL THEN 'row_restore' ELSE 'row_update' END");
}

/* The entry of event U, I or D. */
static void add_entry(struct cab_buf *out, const struct cab_table *table, const char *label, char event) {
    const char *row = event == 'D' ? "OLD" : "NEW";
    cab_buf_adds(out, "        INSERT INTO public.audit_logs\n"
                      "            (user_id, actor_id, action, table_name, row_key, before, after, ip, request_id)\n"
                      "        VALUES (");
    add_person(out, table, row);
    cab_buf_adds(out, ", nullif(current_setting('cabinet.actor', true), '')::bigint,\n                ");
    if (event == 'U')
        add_update_action(out, table);
    else
        cab_buf_adds(out, event == 'I' ? "'row_insert'" : "'row_delete'");
    cab_buf_adds(out, ",\n                ");
    add_literal(out, label);
    cab_buf_adds(out, ", ");
    add_row_key(out, table, row);
    cab_buf_adds(out, ",\n                ");
    if (event == 'U')
        cab_buf_adds(out, "old_part");
    else if (event == 'D')
        add_image(out, table, "OLD");
    else
        cab_buf_adds(out, "NULL");
    cab_buf_adds(out, ",\n                ");
    if (event == 'U')
        cab_buf_adds(out, "new_part");
    else if (event == 'I')
        add_image(out, table, "NEW");
    else
        cab_buf_adds(out, "NULL");
    cab_buf_adds(out, ",\n                nullif(current_setting('cabinet.ip', true), '')::inet,\n"
                      "                nullif(current_setting('cabinet.request_id', true), ''));\n");
}

/* The differences of an UPDATE, their entry, and their counting; ends is what follows RETURN. */
static void add_update(struct cab_ddl *list, struct cab_buf *out, const struct cab_table *table, const char *label,
                       const char *ends) {
    for (int i = 0; i < table->n_columns; i++) {
        if (&table->columns[i] != table->row_version)
            add_difference(out, table, &table->columns[i]);
    }
    cab_buf_addf(out, "        IF new_part IS NULL THEN\n            RETURN %s;\n        END IF;\n", ends);
    add_entry(out, table, label, 'U');
    if (cab_audit_counts(table)) {
        cab_buf_adds(out, "        IF is_moved THEN\n");
        cab_counts_add_moved(list, out, table);
        cab_buf_adds(out, "        END IF;\n");
    }
}

/* Each expression of PL/pgSQL is made ready anew in each transaction, so there are few: values stand in the INSERT, and
 * variables begin as NULL.  What was looked at for the trail is not looked at again for the counts, in a trigger of
 * their own: 26,000 of the 416,000 instructions of a change of one column. */
static void add_variables(struct cab_buf *out, const struct cab_table *table) {
    cab_buf_addf(out, "\nDECLARE\n"
                      "    old_part jsonb;\n"
                      "    new_part jsonb;\n%s", cab_audit_counts(table) ? "    is_moved boolean;\n" : "");
}

/* An UPDATE before it is done.  Rows are never handed over whole (OLD *= NEW): values that are stored apart would be
 * fetched and packed into them, which takes 15 ms for 400 KiB. */
static void add_update_body(struct cab_ddl *list, struct cab_buf *out, const struct cab_table *table,
                            const char *label) {
    add_variables(out, table);
    cab_buf_adds(out, "BEGIN\n        NEW.");
    add_name(out, table->row_version->name);
    cab_buf_adds(out, " := OLD.");
    add_name(out, table->row_version->name);
    cab_buf_adds(out, " + 1;\n");
    add_update(list, out, table, label, "NEW");
    cab_buf_adds(out, "        RETURN NEW;\nEND ");
}

/* What was done, where UPDATEs are not recorded before. */
static void add_body(struct cab_ddl *list, struct cab_buf *out, const struct cab_table *table, const char *label) {
    bool before = is_recorded_before(table);
    if (!before) {
        add_variables(out, table);
        cab_buf_adds(out, "BEGIN\n    IF TG_OP = 'UPDATE' THEN\n");
        add_update(list, out, table, label, "NULL");
    }
    cab_buf_adds(out, before ? "\nBEGIN\n    IF TG_OP = 'INSERT' THEN\n" : "    ELSIF TG_OP = 'INSERT' THEN\n");
    add_entry(out, table, label, 'I');
    cab_buf_adds(out, before ? "    ELSIF TG_OP = 'DELETE' THEN\n" : "    ELSE\n");
    add_entry(out, table, label, 'D');
    cab_buf_adds(out, "    END IF;\n"
                      "    RETURN NULL;\n"
                      "END ");
}

static void derive_function(struct cab_ddl *list, const char *name, const struct cab_buf *body, const char *comment,
                            void *tmp) {
    struct cab_buf text;
    char tag[24] = "$audit$";
    for (int i = 1; strstr(body->data, tag) != NULL; i++)
        snprintf(tag, sizeof(tag), "$audit%d$", i);

    cab_buf_init(&text, tmp, body->len + 512);
    cab_buf_adds(&text, "CREATE FUNCTION cabinet.");
    add_name(&text, name);
    cab_buf_addf(&text, "() RETURNS trigger LANGUAGE plpgsql AS %s%s%s", tag, body->data, tag);
    cab_ddl_add(list, text.data);

    cab_buf_reset(&text);
    cab_buf_adds(&text, "COMMENT ON FUNCTION cabinet.");
    add_name(&text, name);
    cab_buf_adds(&text, "() IS ");
    add_literal(&text, comment);
    cab_ddl_add(list, text.data);
}

static void derive_trigger(struct cab_ddl *list, const char *name_and_events, const struct cab_table *table,
                           const char *each, const char *function, void *tmp) {
    struct cab_buf text;
    cab_buf_init(&text, tmp, 256);
    cab_buf_addf(&text, "CREATE TRIGGER %s ON ", name_and_events);
    add_table(&text, table);
    cab_buf_addf(&text, "\n    FOR EACH %s EXECUTE FUNCTION cabinet.", each);
    add_name(&text, function);
    cab_buf_adds(&text, "()");
    cab_ddl_add(list, text.data);
}

static void derive_audit(struct cab_ddl *list, const struct cab_table *table, void *tmp) {
    struct cab_buf body;
    const char *audit = cab_derive_audit_name(tmp, table), *update = cab_derive_update_name(tmp, table);
    const char *label = strcmp(table->schema, "public") == 0 ? table->name
                                                            : cab_printf(tmp, "%s.%s", table->schema, table->name);
    const char *counts = cab_audit_counts(table) ? " and counts" : "";
    cab_buf_init(&body, tmp, 4096);
    add_body(list, &body, table, label);
    derive_function(list, audit, &body,
                    update != NULL ? cab_printf(tmp, "Records rows of %s that come and go; follows from columns and"
                                                     " annotations.", label)
                                   : cab_printf(tmp, "Records%s changes of rows of %s; follows from columns and"
                                                     " annotations.", counts, label), tmp);
    derive_trigger(list, update != NULL ? "audit AFTER INSERT OR DELETE" : "audit AFTER INSERT OR UPDATE OR DELETE",
                   table, "ROW", audit, tmp);
    if (update != NULL) {
        cab_buf_reset(&body);
        add_update_body(list, &body, table, label);
        derive_function(list, update, &body,
                        cab_printf(tmp, "Records%s changes of rows of %s and raises their version; follows from columns"
                                        " and annotations.", counts, label), tmp);
        derive_trigger(list, "zz_audit BEFORE UPDATE", table, "ROW", update, tmp);
    }
    derive_trigger(list, "audit_truncate AFTER TRUNCATE", table, "STATEMENT", "audit_truncate", tmp);
}

static void derive_version(struct cab_ddl *list, const struct cab_table *table, void *tmp) {
    if (!is_recorded_before(table))
        derive_trigger(list, "row_version BEFORE UPDATE", table, "ROW", "raise_version", tmp);
}

static void derive_grants(struct cab_ddl *list, const struct cab_table *table, void *tmp) {
    struct cab_buf text;
    cab_buf_init(&text, tmp, 256);
    cab_buf_adds(&text, table->is_view || table->is_readonly ? "GRANT SELECT ON "
                                                             : "GRANT SELECT, INSERT, UPDATE, DELETE ON ");
    add_table(&text, table);
    cab_buf_adds(&text, " TO cabinet_app");
    cab_ddl_add(list, text.data);
}

static bool is_derived_from(const struct cab_table *table) {
    return !table->is_view && strcmp(table->schema, "cabinet") != 0;
}

void cab_derive_changes(struct cab_ddl *list, const struct cab_table *table) {
    void *tmp = cab_mem_alloc(list->ctx, 1);
    if (is_derived_from(table) && table->is_audited)
        derive_audit(list, table, tmp);
    if (is_derived_from(table) && table->row_version != NULL)
        derive_version(list, table, tmp);
    if (table->is_exposed)
        derive_grants(list, table, tmp);
    cab_mem_free(tmp);
}

void cab_derive_table(struct cab_ddl *list, const struct cab_table *table) {
    cab_derive_changes(list, table);
    if (is_derived_from(table) && table->n_counted > 0)
        cab_derive_counts(list, table);
}

static int derive_sequences(struct cab_ddl *list, struct cab_db *db, const struct cab_catalog *catalog, void *tmp,
                            struct cab_err *err) {
    struct cab_result *rows;
    if (cab_db_query(db, tmp, CAB_SHAPE_ANY, cab_sql_text_migrate_serial_sequences, 0, NULL, &rows, err) != 0)
        return -1;
    for (int i = 0; i < cab_result_rows(rows); i++) {
        const struct cab_table *table = cab_catalog_any(catalog, cab_result_value(rows, i, 0),
                                                        cab_result_value(rows, i, 1));
        struct cab_buf text;
        if (table == NULL || !table->is_exposed || table->is_readonly)
            continue;
        cab_buf_init(&text, tmp, 128);
        cab_buf_adds(&text, "GRANT USAGE ON SEQUENCE ");
        add_name(&text, cab_result_value(rows, i, 2));
        cab_buf_addc(&text, '.');
        add_name(&text, cab_result_value(rows, i, 3));
        cab_buf_adds(&text, " TO cabinet_app");
        cab_ddl_add(list, text.data);
    }
    return 0;
}

int cab_derive_catalog(struct cab_ddl *list, struct cab_db *db, const struct cab_catalog *catalog,
                       struct cab_err *err) {
    for (int i = 0; i < catalog->n_tables; i++)
        cab_derive_table(list, &catalog->tables[i]);
    void *tmp = cab_mem_alloc(list->ctx, 1);
    int rc = derive_sequences(list, db, catalog, tmp, err);
    cab_mem_free(tmp);
    return rc;
}
