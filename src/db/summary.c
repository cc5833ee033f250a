/*
 * Names of what follows from annotations in schema cabinet, and of the summaries that counted(…) keeps: one place,
 * since migrations make them and lists read them.
 */
#include <string.h>

#include <cabinet/catalog.h>

#define NAME_BYTES 63 /* longest name PostgreSQL keeps */

char *cab_derived_name(const void *ctx, const char *prefix, const char *schema, const char *table) {
    if (strcmp(schema, "public") == 0 && strlen(table) + strlen(prefix) <= NAME_BYTES)
        return cab_printf(ctx, "%s%s", prefix, table);
    uint32_t hash = 2166136261u; /* FNV-1a over schema, zero byte, table */
    for (const char *p = schema; *p != '\0'; p++)
        hash = (hash ^ (unsigned char)*p) * 16777619u;
    hash *= 16777619u;
    for (const char *p = table; *p != '\0'; p++)
        hash = (hash ^ (unsigned char)*p) * 16777619u;
    size_t most = NAME_BYTES - strlen(prefix) - strlen("_12345678");
    while (strlen(table) > most && ((unsigned char)table[most] & 0xC0) == 0x80)
        most--;
    return cab_printf(ctx, "%s%.*s_%08x", prefix, (int)most, table, hash);
}

const struct cab_column *cab_summary_date(const struct cab_table *table) {
    const struct cab_column *column = cab_table_column(table, "date_created");
    if (column == NULL)
        return NULL;
    return column->kind == CAB_KIND_TIMESTAMPTZ || column->kind == CAB_KIND_TIMESTAMP || column->kind == CAB_KIND_DATE
         ? column : NULL;
}

bool cab_summary_counts(const struct cab_table *table, const struct cab_column *column) {
    for (int i = 0; i < table->n_counted; i++)
        if (table->counted[i] == column)
            return true;
    return false;
}

char *cab_summary_column(const void *ctx, const struct cab_table *table, const char *name) {
    char *own = cab_strdup(ctx, name);
    for (int i = 0; i < table->n_counted; i++)
        if (strcmp(table->counted[i]->name, own) == 0) {
            own = cab_printf(ctx, "%s_", own);
            i = -1;
        }
    return own;
}

const struct cab_table *cab_summary_find(const void *ctx, const struct cab_catalog *catalog,
                                         const struct cab_table *table) {
    if (table->n_counted == 0 || table->is_view)
        return NULL;
    const char *name = cab_derived_name(ctx, "total_", table->schema, table->name);
    const struct cab_table *view = cab_catalog_any(catalog, "cabinet", name);
    int n = table->n_counted + 2 + (cab_summary_date(table) != NULL) + (table->deleted_at != NULL);
    if (view == NULL || view->n_columns != n)
        return NULL;
    for (int i = 0; i < table->n_counted; i++) {
        const struct cab_column *column = cab_table_column(view, table->counted[i]->name);
        if (column == NULL || strcmp(column->base_type, table->counted[i]->base_type) != 0)
            return NULL;
    }
    return view;
}

const struct cab_table *cab_summary_calendar(const void *ctx, const struct cab_catalog *catalog,
                                             const struct cab_table *table) {
    const struct cab_column *date = cab_summary_date(table);
    if (date == NULL || !date->not_null)
        return NULL;
    return cab_catalog_any(catalog, "cabinet", cab_derived_name(ctx, "calendar_", table->schema, table->name));
}

const struct cab_table *cab_summary_ranks(const void *ctx, const struct cab_catalog *catalog,
                                          const struct cab_table *table, const struct cab_table **delta_out) {
    const struct cab_table *ranks =
        cab_catalog_any(catalog, "cabinet", cab_derived_name(ctx, "ranks_", table->schema, table->name));
    *delta_out = cab_catalog_any(catalog, "cabinet", cab_derived_name(ctx, "delta_", table->schema, table->name));
    return *delta_out != NULL ? ranks : NULL;
}
