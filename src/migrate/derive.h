/*
 * migrate/derive: the objects that follow from annotations (audit and version triggers, grants), as SQL.  They are not
 * declared in the models; they are computed onto the scratch database of the models, so that revisions contain them.
 */
#ifndef CABINET_MIGRATE_DERIVE_H
#define CABINET_MIGRATE_DERIVE_H

#include <cabinet/catalog.h>

/* A growing list of statements, without semicolons. */
struct cab_ddl {
    const void *ctx;
    char **items;
    int n, cap;
};

void cab_ddl_init(struct cab_ddl *list, const void *ctx);
void cab_ddl_add(struct cab_ddl *list, const char *text);

/* Appends what follows from table's annotations; the same table always gives the same text.  Views and tables of schema
 * cabinet only get their grants. */
void cab_derive_table(struct cab_ddl *list, const struct cab_table *table);

/* Parts of that: the summary of a table with counted(…), in derive_counts.c, and all but that. */
void cab_derive_counts(struct cab_ddl *list, const struct cab_table *table);
void cab_derive_changes(struct cab_ddl *list, const struct cab_table *table);

/* Whether the audit function of table also counts the rows that an UPDATE made rows of another kind, so that no trigger
 * of its own does; whether a change of column is one of the kind; and what is done then for the rows OLD and NEW, which
 * is appended to out (of list only the context is used). */
bool cab_audit_counts(const struct cab_table *table);
bool cab_audit_counts_by(const struct cab_table *table, const struct cab_column *column);
void cab_counts_add_moved(struct cab_ddl *list, struct cab_buf *out, const struct cab_table *table);

/* The same for all tables of catalog, in its order, and grants on the sequences that defaults of exposed tables draw
 * from, which db is asked for. */
int cab_derive_catalog(struct cab_ddl *list, struct cab_db *db, const struct cab_catalog *catalog, struct cab_err *err)
    CAB_MUST_CHECK;

/* Name, in schema cabinet and without quotes, of the audit function of a table: changes_… where it counts, else
 * audit_….  So a revision of before that, which replaces audit_…, does not take the counting away. */
char *cab_derive_audit_name(const void *ctx, const struct cab_table *table);

/* The same of the function that records and counts UPDATEs before they are done, while it raises the version, or NULL
 * where the audit function records them afterwards.  It is the last of the triggers before an UPDATE. */
char *cab_derive_update_name(const void *ctx, const struct cab_table *table);

#endif
