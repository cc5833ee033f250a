/*
 * migrate/diff/render_anew: what is made anew under its old name: the old one is renamed, its rows are copied, it is
 * dropped.
 */
#include <string.h>

#include "plan.h"

const char *cab_away_name(struct cab_planner *planner, const struct cab_fact *old, bool qualified) {
    char *name = cab_printf(planner->ctx, "%.40s__old_%u", cab_fact_text(old, "bare"), old->object);
    char *quoted;

    while (name[0] != '\0' && !cab_utf8_valid(name, strlen(name))) /* the cut may have hit a character */
        memmove(name, name + 1, strlen(name));
    quoted = cab_sql_quote_name(planner->ctx, name);
    return qualified ? cab_printf(planner->ctx, "%s.%s", cab_fact_text(old, "schema"), quoted) : quoted;
}

void cab_rename_away(struct cab_planner *planner, const struct cab_fact *old) {
    const char *away = cab_away_name(planner, old, false);
    const struct cab_fact **columns;
    int n, i;

    if (old->kind == CAB_FACT_FUNCTION) {
        cab_emit(planner, 0, "ALTER FUNCTION %s RENAME TO %s", cab_fact_text(old, "signature"), away);
        return;
    }
    if (old->kind == CAB_FACT_TYPE) {
        cab_emit(planner, 0, "ALTER %s %s RENAME TO %s", cab_fact_is(old, "kind", "d") ? "DOMAIN" : "TYPE", old->ident,
                 away);
        return;
    }
    n = cab_columns_of(planner, old, &columns);
    for (i = 0; i < n; i++)
        if (cab_fact_get(columns[i], "identity_sequence") != NULL)
            cab_emit(planner, 0, "ALTER TABLE %s ALTER COLUMN %s DROP IDENTITY", old->ident,
                     cab_fact_text(columns[i], "name"));
    cab_emit(planner, 0, "ALTER %s %s RENAME TO %s", cab_table_word(old), old->ident, away);
    cab_hazard(planner, CAB_HAZARD_TABLE_REWRITE, old->ident, "the table is made anew and its rows are copied");
}

static bool has_new_type(const struct cab_fact *column) {
    int i;

    for (i = 0; i < column->n_uses; i++)
        if (column->uses[i]->kind == CAB_FACT_TYPE && column->uses[i]->fate == CAB_FATE_REPLACE)
            return true;
    return false;
}

void cab_copy_rows(struct cab_planner *planner, const struct cab_fact *old, const struct cab_fact *new) {
    const struct cab_fact **columns;
    struct cab_buf names, values;
    int n = cab_columns_of(planner, new, &columns), i;
    const char *away = cab_away_name(planner, old, true);

    if (cab_fact_is(old, "kind", "f") || cab_fact_is(new, "kind", "f") || !cab_has_rows(planner, old->ident))
        return;
    cab_buf_init(&names, planner->ctx, 256);
    cab_buf_init(&values, planner->ctx, 256);
    for (i = 0; i < n; i++) {
        const struct cab_fact *was = cab_facts_find(planner->from, CAB_FACT_COLUMN, columns[i]->ident);
        const char *name = cab_fact_text(columns[i], "name"), *type = cab_fact_text(columns[i], "type");

        if (cab_fact_get(columns[i], "generated") != NULL)
            continue;
        if (was == NULL) {
            const char *fill = cab_fact_true(columns[i], "not_null") && cab_default_of(columns[i]) == NULL &&
                cab_fact_is(columns[i], "identity", "") ? cab_fill_value(planner, columns[i]) : NULL;

            if (fill == NULL)
                continue;
            cab_buf_addf(&names, "%s%s", names.len > 0 ? ", " : "", name);
            cab_buf_addf(&values, "%s%s", values.len > 0 ? ", " : "", fill);
            continue;
        }
        cab_buf_addf(&names, "%s%s", names.len > 0 ? ", " : "", name);
        if (cab_same_text(cab_fact_get(was, "type"), type) && !was->retyped && !has_new_type(was))
            cab_buf_addf(&values, "%s%s", values.len > 0 ? ", " : "", name);
        else
            cab_buf_addf(&values, "%s%s::text::%s", values.len > 0 ? ", " : "", name, type);
    }
    if (names.len > 0)
        cab_emit(planner, 0, "INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM %s", new->ident, names.data,
                 values.data, away);
    for (i = 0; i < n; i++)
        if (cab_fact_get(columns[i], "identity_sequence") != NULL)
            cab_emit(planner, 0,
                     "SELECT pg_catalog.setval(%s, pg_catalog.max(%s)) FROM %s HAVING pg_catalog.max(%s) > 0",
                     cab_quote(planner->ctx, cab_fact_get(columns[i], "identity_sequence")),
                     cab_fact_text(columns[i], "name"), new->ident, cab_fact_text(columns[i], "name"));
}

/* "(integer)" of "public.f(integer)". */
static const char *arguments_of(const struct cab_fact *function) {
    const char *at = cab_fact_text(function, "signature") + strlen(cab_fact_text(function, "schema")) + 1;

    return *at == '"' ? at + cab_name_length(at) : at + strcspn(at, "(");
}

void cab_drop_away(struct cab_planner *planner, const struct cab_fact *old) {
    if (old->kind == CAB_FACT_FUNCTION) {
        cab_emit(planner, 0, "DROP FUNCTION %s%s", cab_away_name(planner, old, true), arguments_of(old));
        return;
    }

    const char *word = old->kind == CAB_FACT_TABLE     ? cab_table_word(old)
                       : cab_fact_is(old, "kind", "d") ? "DOMAIN"
                                                       : "TYPE";

    cab_emit(planner, 0, "DROP %s %s", word, cab_away_name(planner, old, true));
}
