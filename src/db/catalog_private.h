/*
 * The catalog, inside: what its files share.
 */
#ifndef CABINET_CATALOG_PRIVATE_H
#define CABINET_CATALOG_PRIVATE_H

#include <cabinet/catalog.h>

/* Kind of a base type (kind.c). */
enum cab_kind cab_kind_of(uint32_t oid, char typtype, char category, const char *name);
/* Fills max_length, numeric_precision, numeric_scale from a type modifier. */
void cab_kind_limits(struct cab_column *column, uint32_t oid, int typmod);

/* One key column of an index. */
struct cab_index_key {
    struct cab_table *table;
    uint32_t index;             /* its object id */
    const char *name, *definition, *comment;
    bool is_unique, is_partial, is_constraint, is_referenced;
    const struct cab_column *column; /* NULL: an expression */
    const char *text;           /* as the index has it */
    const char *opclass, *method;
};

struct cab_index_keys { struct cab_index_key *keys; int n; };

/* What the queries gave. */
struct cab_catalog_rows {
    const struct cab_result *stamp, *tables, *columns, *constraints, *indexes, *labels;
    int64_t generation;
};

/* Fills catalog from rows; the indexes live in tmp. */
void cab_catalog_build(struct cab_catalog *catalog, void *tmp, const struct cab_catalog_rows *rows,
                       struct cab_index_keys *indexes_out);
/* Order of catalog->tables: by name, then schema; for qsort and bsearch. */
int cab_catalog_order(const void *a, const void *b);

/* Applies the annotations of all comments and checks them against tables and indexes (catalog_rules.c). */
int cab_catalog_annotate(struct cab_catalog *catalog, const struct cab_index_keys *indexes, struct cab_err *err)
    CAB_MUST_CHECK;

/* Whether text, an index expression, names column. */
bool cab_expression_names(const char *text, const char *column);

#endif
