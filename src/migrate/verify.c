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

static void compare(struct cab_call *call, const struct cab_catalog *catalog, const struct cab_result *rows) {
    for (int i = 0; i < catalog->n_tables; i++) {
        const struct cab_table *table = &catalog->tables[i];
        if (!table->is_audited || table->is_view || strcmp(table->schema, "cabinet") == 0)
            continue;
        struct cab_ddl list;
        cab_ddl_init(&list, call->ctx);
        cab_derive_table(&list, table);
        const char *body = body_of(rows, cab_derive_audit_name(call->ctx, table->schema, table->name));
        if (body == NULL || !is_derived(&list, body))
            fprintf(stderr, "cabinet-migrate: warning: the audit trail of %s.%s does not follow its columns; "
                            "cabinet-migrate derive prints what belongs into a revision.\n", table->schema,
                    table->name);
    }
}

void cab_verify(struct cab_call *call) {
    struct cab_catalog *catalog;
    struct cab_result *rows;
    struct cab_err err = {0};
    const char *sql = cab_sql_text_migrate_audit_functions;
    if (cab_db_query(call->db, call->ctx, CAB_SHAPE_ANY, sql, 0, NULL, &rows, &err) != 0 ||
        cab_catalog_load(call->ctx, call->db, &catalog, &err) != 0) {
        fprintf(stderr, "cabinet-migrate: warning: the API cannot use this schema: %s%s%s\n", err.detail,
                err.internal[0] != '\0' ? " " : "", err.internal);
        return;
    }
    compare(call, catalog, rows);
}
