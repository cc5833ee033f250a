/*
 * migrate/diff/render_misc: schemas, extensions, collations, operators, casts, text search, foreign data, publications.
 */
#include <string.h>

#include "plan.h"

void cab_create_schema(struct cab_planner *planner, const struct cab_fact *schema) {
    cab_emit(planner, 0, "CREATE SCHEMA %s", schema->ident);
}

void cab_drop_schema(struct cab_planner *planner, const struct cab_fact *schema) {
    cab_emit(planner, 0, "DROP SCHEMA %s", schema->ident);
}

void cab_create_extension(struct cab_planner *planner, const struct cab_fact *extension) {
    cab_emit(planner, 0, "CREATE EXTENSION %s WITH SCHEMA %s VERSION %s", extension->ident,
             cab_fact_text(extension, "schema"), cab_quote(planner->ctx, cab_fact_text(extension, "version")));
}

void cab_drop_extension(struct cab_planner *planner, const struct cab_fact *extension) {
    cab_emit(planner, 0, "DROP EXTENSION %s", extension->ident);
}

void cab_alter_extension(struct cab_planner *planner, const struct cab_fact *old, const struct cab_fact *new) {
    if (cab_fact_differs(old, "schema"))
        cab_emit(planner, 0, "ALTER EXTENSION %s SET SCHEMA %s", new->ident, cab_fact_text(new, "schema"));
    if (cab_fact_differs(old, "version"))
        cab_emit(planner, 0, "ALTER EXTENSION %s UPDATE TO %s", new->ident,
                 cab_quote(planner->ctx, cab_fact_text(new, "version")));
}

void cab_create_collation(struct cab_planner *planner, const struct cab_fact *collation) {
    cab_emit(planner, 0, "CREATE COLLATION %s (%s)", collation->ident, cab_fact_text(collation, "definition"));
}

void cab_drop_collation(struct cab_planner *planner, const struct cab_fact *collation) {
    cab_emit(planner, 0, "DROP COLLATION %s", collation->ident);
}

/* Kinds whose whole statement the catalog's reader makes. */
void cab_create_definition(struct cab_planner *planner, const struct cab_fact *fact) {
    cab_emit(planner, 0, "%s", cab_fact_text(fact, "definition"));
}

void cab_drop_conversion(struct cab_planner *planner, const struct cab_fact *conversion) {
    cab_emit(planner, 0, "DROP CONVERSION %s", conversion->ident);
}

void cab_drop_operator(struct cab_planner *planner, const struct cab_fact *operator) {
    cab_emit(planner, 0, "DROP OPERATOR %s", operator->ident);
}

void cab_create_operator_family(struct cab_planner *planner, const struct cab_fact *family) {
    cab_emit(planner, 0, "CREATE OPERATOR FAMILY %s", family->ident);
    if (cab_fact_text(family, "members")[0] != '\0')
        cab_emit(planner, 0, "ALTER OPERATOR FAMILY %s ADD %s", family->ident, cab_fact_text(family, "members"));
}

void cab_drop_operator_family(struct cab_planner *planner, const struct cab_fact *family) {
    cab_emit(planner, 0, "DROP OPERATOR FAMILY %s", family->ident);
}

void cab_drop_operator_class(struct cab_planner *planner, const struct cab_fact *class) {
    cab_emit(planner, 0, "DROP OPERATOR CLASS %s", class->ident);
}

void cab_create_cast(struct cab_planner *planner, const struct cab_fact *cast) {
    cab_emit(planner, 0, "CREATE CAST %s %s", cast->ident, cab_fact_text(cast, "definition"));
}

void cab_drop_cast(struct cab_planner *planner, const struct cab_fact *cast) {
    cab_emit(planner, 0, "DROP CAST %s", cast->ident);
}

void cab_create_text_search(struct cab_planner *planner, const struct cab_fact *fact) {
    char **mappings;
    int n = cab_split_lines(planner->ctx, cab_fact_get(fact, "mappings"), &mappings), i;

    cab_emit(planner, 0, "%s", cab_fact_text(fact, "definition"));
    for (i = 0; i < n; i++)
        cab_emit(planner, 0, "ALTER TEXT SEARCH %s ADD MAPPING FOR %s", fact->ident, mappings[i]);
}

void cab_drop_text_search(struct cab_planner *planner, const struct cab_fact *fact) {
    cab_emit(planner, 0, "DROP TEXT SEARCH %s", fact->ident);
}

/* ---- foreign data ---- */

void cab_create_foreign(struct cab_planner *planner, const struct cab_fact *fact) {
    const char *definition = cab_fact_text(fact, "definition"), *options = cab_fact_get(fact, "options");
    struct cab_buf buf;

    cab_buf_init(&buf, planner->ctx, 64);
    if (options != NULL) {
        cab_buf_addc(&buf, ' ');
        cab_add_foreign_options(planner, &buf, "", options);
    }
    cab_emit(planner, 0, "CREATE %s%s%s%s", fact->ident, definition[0] != '\0' ? " " : "", definition, buf.data);
}

void cab_drop_foreign(struct cab_planner *planner, const struct cab_fact *fact) {
    cab_emit(planner, 0, "DROP %s", fact->ident);
}

void cab_alter_foreign(struct cab_planner *planner, const struct cab_fact *old, const struct cab_fact *new) {
    struct cab_buf buf;

    cab_buf_init(&buf, planner->ctx, 64);
    cab_add_foreign_options(planner, &buf, cab_fact_get(old, "options"), cab_fact_get(new, "options"));
    cab_emit(planner, 0, "ALTER %s %s", new->ident, buf.data);
}

/* ---- publications ---- */

static const char *publication_options(struct cab_planner *planner, const struct cab_fact *publication) {
    return cab_printf(planner->ctx, "(publish = %s, publish_via_partition_root = %s)",
                      cab_quote(planner->ctx, cab_fact_text(publication, "publish")),
                      cab_fact_true(publication, "via_root") ? "true" : "false");
}

void cab_create_publication(struct cab_planner *planner, const struct cab_fact *publication) {
    char **members;
    int n = cab_split_lines(planner->ctx, cab_fact_get(publication, "members"), &members), i;
    struct cab_buf buf;

    cab_buf_init(&buf, planner->ctx, 128);
    if (cab_fact_true(publication, "all_tables"))
        cab_buf_adds(&buf, " FOR ALL TABLES");
    for (i = 0; i < n; i++)
        cab_buf_addf(&buf, "%s%s", i == 0 ? " FOR " : ", ", members[i]);
    cab_emit(planner, 0, "CREATE PUBLICATION %s%s WITH %s", publication->ident, buf.data,
             publication_options(planner, publication));
}

void cab_drop_publication(struct cab_planner *planner, const struct cab_fact *publication) {
    cab_emit(planner, 0, "DROP PUBLICATION %s", publication->ident);
}

void cab_alter_publication(struct cab_planner *planner, const struct cab_fact *old, const struct cab_fact *new) {
    (void)old;
    cab_emit(planner, 0, "ALTER PUBLICATION %s SET %s", new->ident, publication_options(planner, new));
}
