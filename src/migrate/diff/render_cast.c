/*
 * migrate/diff/render_cast: how values of a column become values of its new type.
 */
#include <string.h>

#include "plan.h"

static bool has_cast(const struct cab_planner *planner, const char *source, const char *target, const char *contexts) {
    const struct cab_facts *facts = planner->from;
    size_t n = strlen(source), m = strlen(target);
    int i;

    for (i = 0; i < facts->n_casts; i++)
        if (strncmp(facts->casts[i], source, n) == 0 && facts->casts[i][n] == '\t' &&
            strncmp(facts->casts[i] + n + 1, target, m) == 0 && facts->casts[i][n + 1 + m] == '\t' &&
            strchr(contexts, facts->casts[i][n + m + 2]) != NULL)
            return true;
    return false;
}

static bool is_string(const char *type) {
    return strcmp(type, "text") == 0 || strcmp(type, "character varying") == 0 || strcmp(type, "character") == 0 ||
           strcmp(type, "name") == 0 || strcmp(type, "bpchar") == 0;
}

static bool is_number(const char *type) {
    return strcmp(type, "smallint") == 0 || strcmp(type, "integer") == 0 || strcmp(type, "bigint") == 0 ||
           strcmp(type, "numeric") == 0 || strcmp(type, "real") == 0 || strcmp(type, "double precision") == 0;
}

static bool is_time(const char *type) {
    return strncmp(type, "timestamp", 9) == 0 || strcmp(type, "date") == 0;
}

/* The element type of an array type, or NULL. */
static const char *element_of(struct cab_planner *planner, const char *type) {
    size_t n = strlen(type);

    return n > 2 && strcmp(type + n - 2, "[]") == 0 ? cab_strndup(planner->ctx, type, n - 2) : NULL;
}

static bool casts_by_itself(const struct cab_planner *planner, const char *source, const char *target) {
    return strcmp(source, target) == 0 || is_string(target) || has_cast(planner, source, target, "ia");
}

static const char *lossy(struct cab_planner *planner, const struct cab_fact *new) {
    const char *fill = cab_fact_true(new, "not_null") ? cab_fill_value(planner, new) : NULL;

    cab_hazard(planner, CAB_HAZARD_DATA_LOSS, new->ident,
               "no cast leads from the old type to the new one: values are lost");
    return cab_printf(planner->ctx, " USING %s::%s", fill != NULL ? fill : "NULL", cab_fact_text(new, "type"));
}

static const char *using(struct cab_planner *planner, const char *fmt, const char *name, const char *type) {
    char *text = cab_printf(planner->ctx, " USING %s", fmt), *out = NULL;
    struct cab_buf buf;

    cab_buf_init(&buf, planner->ctx, 128);
    for (out = text; *out != '\0'; out++) {
        if (*out == '@')
            cab_buf_adds(&buf, name);
        else if (*out == '#' && out[1] != '>')
            cab_buf_adds(&buf, type);
        else
            cab_buf_addc(&buf, *out);
    }
    return buf.data;
}

/* A type that is made anew under its name.  Labels that an enum has no longer are mapped where rows may hold them. */
static const char *using_new_type(struct cab_planner *planner, const struct cab_fact *old, const struct cab_fact *new) {
    const char *name = cab_fact_text(new, "name"), *type = cab_fact_text(new, "type"), *fill;
    const struct cab_fact *is = cab_facts_find(planner->to, CAB_FACT_TYPE, type);
    const struct cab_fact *was = cab_facts_find(planner->from, CAB_FACT_TYPE, type);
    char **old_labels, **new_labels, *labels;
    int n_old, n_new, i;
    bool loses = false;

    if (is == NULL || was == NULL || !cab_fact_is(is, "kind", "e") || !cab_fact_is(was, "kind", "e") ||
        planner->options.no_fill || planner->options.careful || !cab_has_rows(planner, cab_fact_text(old, "table")))
        return using(planner, "@::text::#", name, type);
    n_old = cab_split_lines(planner->ctx, cab_fact_get(was, "items"), &old_labels);
    n_new = cab_split_lines(planner->ctx, cab_fact_get(is, "items"), &new_labels);
    for (i = 0; i < n_old; i++)
        loses = loses || !cab_line_among(new_labels, n_new, old_labels[i]);
    if (!loses || n_new == 0)
        return using(planner, "@::text::#", name, type);
    labels = cab_strdup(planner->ctx, cab_fact_text(is, "items"));
    for (char *at = strchr(labels, '\n'); at != NULL; at = strchr(at, '\n'))
        *at = ',';
    fill = cab_fact_true(new, "not_null") ? cab_printf(planner->ctx, " ELSE %s::%s", new_labels[0], type) : "";
    cab_hazard(planner, CAB_HAZARD_DATA_LOSS, new->ident, "values that the type has no longer are replaced");
    return cab_printf(planner->ctx, " USING CASE WHEN %s::text IN (%s) THEN %s::text::%s%s END", name, labels, name,
                      type, fill);
}

/* How text becomes a value where it is one; what is none is lost, and may be: the rows are there. */
static const char *using_text(struct cab_planner *planner, const struct cab_fact *new, const char *name,
                              const char *type) {
    static const struct { const char *type, *condition;
    } kinds[] = {
        { "smallint", "@::numeric BETWEEN -32768 AND 32767" },
        { "integer", "@::numeric BETWEEN -2147483648 AND 2147483647" },
        { "bigint", "@::numeric BETWEEN -9223372036854775808 AND 9223372036854775807" },
        { "numeric", "true" },
        { "real", "true" },
        { "double precision", "true" },
        { "uuid", "@::text ~ '^[0-9A-Fa-f]{8}(-?[0-9A-Fa-f]{4}){4}[0-9A-Fa-f]{8}$'" },
        { "boolean", "pg_catalog.lower(@::text) IN ('t', 'f', 'true', 'false', 'y', 'n', 'yes', 'no', 'on', 'off', "
                     "'1', '0')" },
        { "date", "@::text ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9])( |T|$)'" },
        { "timestamp without time zone", "@::text ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9])( |T|$)'" },
        { "timestamp with time zone", "@::text ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9])( |T|$)'" },
    };
    const char *target = cab_fact_text(new, "true_type"), *condition = NULL, *fill;
    bool whole = strcmp(target, "smallint") == 0 || strcmp(target, "integer") == 0 || strcmp(target, "bigint") == 0;
    size_t i;

    for (i = 0; i < CAB_LENGTH(kinds); i++)
        if (strcmp(kinds[i].type, target) == 0)
            condition = kinds[i].condition;
    if (condition == NULL || planner->options.no_fill || planner->options.careful ||
        !cab_has_rows(planner, cab_fact_text(new, "table")))
        return using(planner, "@::text::#", name, type);
    fill = cab_fact_true(new, "not_null") ? cab_fill_value(planner, new) : NULL;
    if (fill == NULL || fill[0] == '(')
        fill = "NULL"; /* USING cannot look into another table */
    cab_hazard(planner, CAB_HAZARD_DATA_LOSS, new->ident, "text that is no value of the new type is lost");
    if (is_number(target)) {
        const char *shape = whole ? "^ *[-+]?[0-9]+ *$"
                                  : "^ *[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]{1,2})? *$";

        return using(planner,
                     cab_printf(planner->ctx,
                                "CASE WHEN @::text ~ '%s' IS NOT TRUE THEN %s WHEN %s THEN @::text::# ELSE %s END",
                                shape, fill, condition, fill),
                     name, type);
    }
    return using(planner, cab_printf(planner->ctx, "CASE WHEN %s THEN @::text::# ELSE %s END", condition, fill), name,
                 type);
}

const char *cab_type_using(struct cab_planner *planner, const struct cab_fact *old, const struct cab_fact *new) {
    const char *source = cab_fact_text(old, "true_type"), *target = cab_fact_text(new, "true_type");
    const char *name = cab_fact_text(new, "name"), *type = cab_fact_text(new, "type");
    const char *element, *old_element;
    bool is_same_type = cab_same_text(cab_fact_get(old, "type"), cab_fact_get(new, "type"));

    if (is_same_type)
        return cab_fact_differs(old, "collation") ? "" : using_new_type(planner, old, new);
    element = element_of(planner, target);
    old_element = element_of(planner, source);
    if (element != NULL && old_element != NULL) {
        if (casts_by_itself(planner, old_element, element))
            return "";
        return using(planner, is_string(old_element) ? "@::#" : "@::text[]::#", name, type);
    }
    if (casts_by_itself(planner, source, target))
        return "";
    if (has_cast(planner, source, target, "e"))
        return using(planner, "@::#", name, type);
    if (element != NULL && is_string(source))
        return using(planner, "CASE WHEN @ ~ '^\\{' THEN @::# ELSE ARRAY[@]::# END", name, type);
    if (element != NULL && (casts_by_itself(planner, source, element) || has_cast(planner, source, element, "e")))
        return using(planner, "CASE WHEN @ IS NOT NULL THEN ARRAY[@]::# END", name, type);
    if (is_string(source) || cab_fact_is(old, "base_type", "public.citext"))
        return using_text(planner, new, name, type);
    if (cab_fact_is(old, "kind_of_type", "e") || cab_fact_is(new, "kind_of_type", "e"))
        return using(planner, "@::text::#", name, type);
    if (is_number(source) && strcmp(target, "boolean") == 0)
        return using(planner, "(@ <> 0)", name, type);
    if (strcmp(source, "boolean") == 0 && is_number(target))
        return using(planner, "@::integer::#", name, type);
    if (is_number(source) && is_time(target))
        return using(planner, "pg_catalog.to_timestamp(@::double precision)::#", name, type);
    if (is_time(source) && is_number(target))
        return using(planner, "EXTRACT(epoch FROM @)::#", name, type);
    if (strcmp(source, "jsonb") == 0 || strcmp(source, "json") == 0)
        return using(planner, "(@ #>> '{}')::#", name, type);
    if (strcmp(target, "jsonb") == 0 || strcmp(target, "json") == 0)
        return using(planner, "pg_catalog.to_json(@)::#", name, type);
    if (cab_fact_is(old, "kind_of_type", "d") || cab_fact_is(new, "kind_of_type", "d") ||
        strcmp(target, "public.citext") == 0)
        return using(planner, "@::text::#", name, type);
    return lossy(planner, new);
}
