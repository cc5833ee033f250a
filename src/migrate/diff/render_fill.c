/*
 * migrate/diff/render_fill: values for rows that must have one in a column where they had none.  Placeholders, named as
 * such in the script's hazards; the careful form leaves them to a person.
 */
#include <stdlib.h>
#include <string.h>

#include "plan.h"

static const char *first_label(struct cab_planner *planner, const char *type) {
    const struct cab_fact *fact = cab_facts_find(planner->to, CAB_FACT_TYPE, type);
    char **labels;

    if (fact == NULL || cab_split_lines(planner->ctx, cab_fact_get(fact, "items"), &labels) == 0)
        return NULL;
    return cab_printf(planner->ctx, "%s::%s", labels[0], type);
}

static const char *value_of_type(struct cab_planner *planner, const struct cab_fact *column) {
    static const struct { const char *type, *value;
    } values[] = {
        { "uuid", "pg_catalog.gen_random_uuid()" },
        { "json", "'{}'" },
        { "jsonb", "'{}'" },
        { "bytea", "''" },
        { "date", "CURRENT_DATE" },
        { "time without time zone", "LOCALTIME" },
        { "time with time zone", "CURRENT_TIME" },
        { "timestamp without time zone", "LOCALTIMESTAMP" },
        { "timestamp with time zone", "CURRENT_TIMESTAMP" },
        { "tsvector", "''" },
        { "inet", "'0.0.0.0'" },
        { "cidr", "'0.0.0.0/32'" },
        { "xml", "''" },
        { "\"char\"", "''" },
        { "point", "'(0,0)'" },
        { "macaddr", "'00:00:00:00:00:00'" },
    };
    const char *type = cab_fact_text(column, "true_type");
    size_t i;

    for (i = 0; i < CAB_LENGTH(values); i++)
        if (strcmp(values[i].type, type) == 0)
            return values[i].value;
    switch (cab_fact_text(column, "category")[0]) {
        case 'N': return strncmp(type, "reg", 3) == 0 ? NULL : "0";
        case 'S': return "''";
        case 'B': return "false";
        case 'T': return "'0'::interval";
        case 'A': return "'{}'";
        case 'R': return "'empty'";
        case 'E': return first_label(planner, type);
        default: return cab_fact_is(column, "kind_of_type", "e") ? first_label(planner, type) : NULL;
    }
}


bool cab_is_null_default(const struct cab_fact *value) {
    const char *expression = cab_fact_text(value, "expression");

    return strcmp(expression, "NULL") == 0 || strncmp(expression, "NULL::", 6) == 0;
}

static bool is_unique(const struct cab_fact *column) {
    int i;

    for (i = 0; i < column->n_used_by; i++) {
        const struct cab_fact *user = column->used_by[i];

        if (user->kind == CAB_FACT_INDEX && cab_fact_true(user, "is_unique"))
            return true;
        if (user->kind == CAB_FACT_CONSTRAINT && (cab_fact_is(user, "kind", "p") || cab_fact_is(user, "kind", "u")))
            return true;
    }
    return false;
}

/* A value of the table that the column refers to, or NULL where it refers to none. */
static const char *referred_value(struct cab_planner *planner, const struct cab_fact *column) {
    const struct cab_facts *to = planner->to;
    int i, k;

    for (i = 0; i < column->n_used_by; i++) {
        const struct cab_fact *key = column->used_by[i];
        long table, position;

        if (key->kind != CAB_FACT_CONSTRAINT || key->parent != column->parent || !cab_fact_is(key, "kind", "f") ||
            strtol(cab_fact_text(key, "columns"), NULL, 10) != column->sub ||
            strchr(cab_fact_text(key, "columns"), ' ') != NULL)
            continue;
        table = strtol(cab_fact_text(key, "target_oid"), NULL, 10);
        position = strtol(cab_fact_text(key, "target_columns"), NULL, 10);
        for (k = to->first[CAB_FACT_COLUMN]; k < to->first[CAB_FACT_COLUMN + 1]; k++)
            if ((long)to->facts[k]->object == table && to->facts[k]->sub == position)
                return cab_printf(planner->ctx, "(SELECT %s FROM %s LIMIT 1)", cab_fact_text(to->facts[k], "name"),
                                  cab_fact_text(to->facts[k], "table"));
    }
    return NULL;
}

const char *cab_fill_value(struct cab_planner *planner, const struct cab_fact *column) {
    const char *type = cab_fact_text(column, "true_type"), *referred = referred_value(planner, column);

    if (referred != NULL)
        return referred;
    if (is_unique(column)) {
        if (strcmp(type, "text") == 0 || strcmp(type, "character varying") == 0 || strcmp(type, "character") == 0)
            return cab_printf(planner->ctx, "pg_catalog.gen_random_uuid()::text::%s", cab_fact_text(column, "type"));
        if (strcmp(type, "integer") == 0 || strcmp(type, "bigint") == 0)
            return "pg_catalog.hashtext(pg_catalog.gen_random_uuid()::text)";
        if (strcmp(type, "smallint") == 0)
            return "(pg_catalog.random() * 32767)::smallint";
    }
    return value_of_type(planner, column);
}

/* Deferred checks of filled rows would stand in the way of the next ALTER TABLE of the same transaction. */
static bool has_deferred_keys(const struct cab_fact *table) {
    const struct cab_fact *child;

    for (child = table != NULL ? table->children : NULL; child != NULL; child = child->next_child)
        if (child->kind == CAB_FACT_CONSTRAINT && strstr(cab_fact_text(child, "definition"), " DEFERRABLE") != NULL)
            return true;
    return false;
}

void cab_fill_rows(struct cab_planner *planner, const struct cab_fact *column, const char *fill, const char *where) {
    if (has_deferred_keys(column->parent) || has_deferred_keys(column->parent->peer))
        cab_emit(planner, 0, "SET CONSTRAINTS ALL IMMEDIATE");
    cab_emit(planner, 0, "UPDATE %s SET %s = %s%s", cab_fact_text(column, "table"), cab_fact_text(column, "name"), fill,
             where);
}
