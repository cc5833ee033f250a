/*
 * After revisions ran: whether the API can live with the schema.  An annotation that cannot be read, or an audit
 * function that misses a column, is told at once and not by the next request.
 */
#include "command.h"
#include "derive.h"
#include "statements.h"

#include <stdio.h>
#include <string.h>

/* Whether list holds a CREATE FUNCTION with that body. */
static bool is_derived(const struct cab_ddl *list, const char *body) {
    for (int i = 0; i < list->n; i++) {
        if (strncmp(list->items[i], "CREATE FUNCTION", 15) == 0 && strstr(list->items[i], body) != NULL)
            return true;
    }
    return false;
}

static const char *body_of(const struct cab_result *rows, const char *name) {
    for (int i = 0; i < cab_result_rows(rows); i++) {
        if (strcmp(cab_result_value(rows, i, 0), name) == 0)
            return cab_result_value(rows, i, 1);
    }
    return NULL;
}

static bool is_audited(const struct cab_table *table) {
    return table->is_audited && !table->is_view && strcmp(table->schema, "cabinet") != 0;
}

static bool is_counted(const struct cab_table *table) {
    return table->n_counted > 0 && !table->is_view && strcmp(table->schema, "cabinet") != 0;
}

/* Whether that function is there as it is in list, which follows from columns and annotations. */
static bool is_settled(const struct cab_ddl *list, const char *function, const struct cab_result *rows) {
    const char *body = body_of(rows, function);
    return body != NULL && is_derived(list, body);
}

static bool audit_is_settled(const void *ctx, const struct cab_table *table, const struct cab_result *rows) {
    struct cab_ddl list;
    cab_ddl_init(&list, ctx);
    cab_derive_changes(&list, table);
    const char *update = cab_derive_update_name(ctx, table);
    return is_settled(&list, cab_derive_audit_name(ctx, table), rows) &&
           (update == NULL || is_settled(&list, update, rows));
}

static const char *derived(const void *ctx, const char *prefix, const struct cab_table *table) {
    return cab_derived_name(ctx, prefix, table->schema, table->name);
}

static bool counts_are_settled(const void *ctx, const struct cab_table *table, const struct cab_result *rows) {
    struct cab_ddl list;
    cab_ddl_init(&list, ctx);
    cab_derive_counts(&list, table);
    return is_settled(&list, derived(ctx, "count_set_", table), rows) &&
           (cab_audit_counts(table) || is_settled(&list, derived(ctx, "count_row_", table), rows));
}

static int read_both(struct cab_call *call, struct cab_catalog **catalog_out, struct cab_result **rows_out,
                     struct cab_err *err) {
    const char *sql = cab_sql_text_migrate_audit_functions;
    if (cab_db_query(call->db, call->ctx, CAB_SHAPE_ANY, sql, 0, NULL, rows_out, err) != 0)
        return -1;
    return cab_catalog_load(call->ctx, call->db, catalog_out, err);
}

void cab_verify(struct cab_call *call) {
    struct cab_catalog *catalog;
    struct cab_result *rows;
    struct cab_err err = {0};
    if (read_both(call, &catalog, &rows, &err) != 0) {
        fprintf(stderr, "cabinet-migrate: warning: the API cannot use this schema: %s%s%s\n", err.detail,
                err.internal[0] != '\0' ? " " : "", err.internal);
        return;
    }
    for (int i = 0; i < catalog->n_tables; i++) {
        const struct cab_table *table = &catalog->tables[i];
        if (is_counted(table) && !counts_are_settled(call->ctx, table, rows))
            fprintf(stderr, "cabinet-migrate: warning: the counts of %s.%s do not follow its annotation; "
                            "cabinet-migrate derive prints what belongs into a revision.\n", table->schema,
                    table->name);
        if (is_audited(table) && !audit_is_settled(call->ctx, table, rows))
            fprintf(stderr, "cabinet-migrate: warning: the audit function of %s.%s is not the one that follows from "
                            "its columns in this version; cabinet-migrate derive prints what belongs into a "
                            "revision.\n", table->schema, table->name);
    }
}

/* In a form that may run on what is there already. */
static void print_again(const char *text) {
    static const char *const heads[] = {"CREATE FUNCTION ", "CREATE TRIGGER "};
    for (size_t i = 0; i < CAB_LENGTH(heads); i++) {
        if (strncmp(text, heads[i], strlen(heads[i])) == 0) {
            printf("CREATE OR REPLACE %s;\n\n", text + strlen("CREATE "));
            return;
        }
    }
    printf("%s;\n\n", text);
}

static void add_drop(struct cab_ddl *drops, const char *function, const struct cab_result *rows) {
    const char *name = cab_sql_quote_name(drops->ctx, function);
    if (body_of(rows, function) != NULL)
        cab_ddl_add(drops, cab_printf(drops->ctx, "DROP FUNCTION cabinet.%s()", name));
}

static void add_drop_trigger(struct cab_ddl *drops, const char *trigger, const struct cab_table *table) {
    cab_ddl_add(drops, cab_printf(drops->ctx, "DROP TRIGGER IF EXISTS %s ON %s.%s", trigger,
                                  cab_sql_quote_name(drops->ctx, table->schema),
                                  cab_sql_quote_name(drops->ctx, table->name)));
}

/* What is of no use where another function counts or records, or where it does no longer.  With the trigger
 * count_update, too, an UPDATE would be counted twice. */
static void add_drops(struct cab_ddl *drops, const struct cab_table *table, bool audit_is_settled,
                      const struct cab_result *rows) {
    const void *ctx = drops->ctx;
    const char *audit = cab_derive_audit_name(ctx, table), *update = cab_derive_update_name(ctx, table);
    const char *count_row = derived(ctx, "count_row_", table), *other_update = derived(ctx, "update_", table);
    bool counts = cab_audit_counts(table);
    if (counts && body_of(rows, count_row) != NULL)
        add_drop_trigger(drops, "count_update", table);
    if (update != NULL && !audit_is_settled)
        add_drop_trigger(drops, "row_version", table);
    if (update == NULL && body_of(rows, other_update) != NULL)
        add_drop_trigger(drops, "zz_audit", table);
    if (counts)
        add_drop(drops, count_row, rows);
    if (update == NULL)
        add_drop(drops, other_update, rows);
    const char *other = derived(ctx, "audit_", table);
    add_drop(drops, strcmp(audit, other) == 0 ? derived(ctx, "changes_", table) : other, rows);
}

/* What belongs to an audit function, or to counts, that are as they should be is left out. */
int cab_command_derive(struct cab_call *call, struct cab_err *err) {
    struct cab_catalog *catalog;
    struct cab_result *rows;
    struct cab_ddl all, settled, drops;
    cab_ddl_init(&all, call->ctx);
    cab_ddl_init(&settled, call->ctx);
    cab_ddl_init(&drops, call->ctx);
    if (cab_call_connect(call, err) != 0 || read_both(call, &catalog, &rows, err) != 0 ||
        cab_derive_catalog(&all, call->db, catalog, err) != 0)
        return -1;
    for (int i = 0; i < catalog->n_tables; i++) {
        const struct cab_table *table = &catalog->tables[i];
        if (is_counted(table) && counts_are_settled(call->ctx, table, rows))
            cab_derive_counts(&settled, table);
        if (!is_audited(table))
            continue;
        bool audit = audit_is_settled(call->ctx, table, rows);
        if (audit)
            cab_derive_changes(&settled, table);
        add_drops(&drops, table, audit, rows);
    }
    for (int i = 0; i < all.n; i++) {
        int k = 0;
        while (k < settled.n && strcmp(all.items[i], settled.items[k]) != 0)
            k++;
        if (k == settled.n)
            print_again(all.items[i]);
    }
    for (int i = 0; i < drops.n; i++)
        print_again(drops.items[i]);
    return CAB_EXIT_OK;
}
