/*
 * catalog: what the API knows of the database, read from PostgreSQL's own catalog and from @api annotations in
 * comments.  A catalog is immutable; a reload makes a new one and swaps.
 */
#ifndef CABINET_CATALOG_H
#define CABINET_CATALOG_H

#include <cabinet/db.h>

/* How a type is validated, written into JSON, and which filters fit it. */
enum cab_kind {
    CAB_KIND_OTHER = 1, /* passes as text; the server validates */
    CAB_KIND_BOOL, CAB_KIND_INT2, CAB_KIND_INT4, CAB_KIND_INT8, CAB_KIND_NUMERIC, CAB_KIND_FLOAT,
    CAB_KIND_TEXT, CAB_KIND_UUID, CAB_KIND_DATE, CAB_KIND_TIME, CAB_KIND_TIMESTAMP, CAB_KIND_TIMESTAMPTZ,
    CAB_KIND_INTERVAL, CAB_KIND_JSON, CAB_KIND_BYTEA, CAB_KIND_ENUM, CAB_KIND_ARRAY, CAB_KIND_RANGE,
    CAB_KIND_INET, CAB_KIND_COMPOSITE,
    CAB_KIND__MAX
};

struct cab_column {
    const char *name;
    const char *type;         /* format_type text without domain unfolding, for casts: "character varying(50)" */
    const char *base_type;    /* of a domain: its base type; otherwise the same as type */
    enum cab_kind kind;       /* of the base type */
    const char *element_type; /* of an array, or NULL */
    int attnum;
    int max_length;           /* varchar(n), char(n): n; otherwise 0 */
    int numeric_precision, numeric_scale; /* numeric(p,s); 0 where unlimited */
    bool not_null, has_default, is_identity, is_generated;
    const char *const *labels; /* enum labels, NULL-ended, or NULL */
    const char *comment;       /* human part, or NULL */
    /* annotations */
    bool is_search, is_hidden, is_private, is_admin, is_readonly, is_writeonce, is_public;
    const char *was;
    bool is_system;            /* never client-set: owner, date_created, deleted_at, row_version, identity, generated */
};

enum cab_constraint_kind {
    CAB_CONSTRAINT_PRIMARY = 1,
    CAB_CONSTRAINT_UNIQUE,
    CAB_CONSTRAINT_FOREIGN,
    CAB_CONSTRAINT_CHECK,
    CAB_CONSTRAINT_EXCLUDE
};

struct cab_constraint {
    const char *name;
    enum cab_constraint_kind kind;
    const struct cab_column **columns; int n_columns;
    const char *definition;       /* pg_get_constraintdef */
    const char *comment;          /* on a CHECK: the message a client gets */
    const char *target_schema, *target_table; /* FOREIGN */
    const char *const *target_columns;
};

struct cab_table {
    uint32_t oid;
    const char *schema, *name;
    bool is_view;
    bool is_moved_late;    /* partitions or a trigger behind zz_audit may change a row after what is before an UPDATE */
    bool is_plain;         /* a change does what the model and derived triggers say, at once, and nothing else */
    struct cab_column *columns; int n_columns;
    struct cab_constraint *constraints; int n_constraints; /* unique indexes (partial ones too) count as UNIQUE */
    const struct cab_column *key;          /* single-column primary key, or key(col) of a view */
    const struct cab_column *owner;        /* owner(col), or NULL */
    const struct cab_column *deleted_at;   /* where soft_delete, else NULL */
    const struct cab_column *row_version;  /* where the table has ETags, else NULL */
    const struct cab_column *order;        /* order(col): default sort; NULL: the key */
    bool order_descending;
    const char *comment;                   /* human part */
    bool is_exposed, is_readonly, is_admin, is_public_read, is_soft_delete, is_require_if_match, is_audited;
    const struct cab_column **counted; int n_counted; /* counted(col, …) */
    const char *was;
    void **kept; /* CAB_KEPT places for what layers above work out of the table once, below this block; NULL: none */
};

#define CAB_KEPT 12

struct cab_catalog {
    int64_t generation;        /* cabinet.catalog_generation; raised by each upgrade */
    char fingerprint[33];      /* hash over all that was read, hex; the same for the same schema in another database */
    char stamp[33];            /* what cab_catalog_probe compares */
    const char *const *warnings; int n_warnings; /* logged by the loader once a process; nothing refuses to work */
    struct cab_table *tables; int n_tables; /* all ordinary tables and views outside system schemas, sorted by name */
};

/* Reads everything in one read-only transaction (or in the open one); catalog_out is below ctx.  INTERNAL with object
 * and suggestion in err->detail where an annotation is wrong.  Reads the same whatever role asks. */
int cab_catalog_load(void *ctx, struct cab_db *db, struct cab_catalog **catalog_out, struct cab_err *err)
    CAB_MUST_CHECK;

/* Whether the database changed since catalog was read, by hand too; one cheap statement.  True at times where nothing
 * that matters changed.  Outside transactions; how often is the caller's business. */
int cab_catalog_probe(struct cab_db *db, const struct cab_catalog *catalog, bool *changed_out, struct cab_err *err)
    CAB_MUST_CHECK;

/* The exposed table of schema public with that name, or NULL. */
const struct cab_table *cab_catalog_find(const struct cab_catalog *catalog, const char *name);
/* Any table, exposed or not. */
const struct cab_table *cab_catalog_any(const struct cab_catalog *catalog, const char *schema, const char *name);
const struct cab_column *cab_table_column(const struct cab_table *table, const char *name);
const struct cab_constraint *cab_table_constraint(const struct cab_table *table, const char *name);

/* ---- what follows from annotations: names in schema cabinet ---- */

/* prefix and the table's name; cut, and marked by a hash, where that is too long or the schema is not public. */
char *cab_derived_name(const void *ctx, const char *prefix, const char *schema, const char *table);

/*
 * The summary of a table with counted(…): the view total_TABLE has one row or more for each combination of span
 * ('all', 'month', 'day'), day (first of the span; where the table has date_created), is_deleted (where it has a
 * trash) and the counted columns, under their own names; the sum of n is the number of rows.  The view calendar_TABLE
 * has the same for rows of any kind, where the table has a date_created that is not null: by span ('month', 'day', and
 * 'hour' where it is not a date), start and is_deleted.  There, the table ranks_TABLE has a row for each span ('all',
 * which starts at -infinity, 'month' and 'day') with rows in it, and is_deleted: element i of through is how many rows
 * were made up to the end of its part i: month starts[i] of all, day i of a month, the ith ten minutes of a day.  Only
 * rows of delta_TABLE, by slot (the start of their ten minutes), is_deleted and n, are not among them.
 */
#define CAB_SUMMARY_SLOT "10 minutes" /* as an interval of SQL */
const struct cab_column *cab_summary_date(const struct cab_table *table); /* whose days are counted, or NULL */
bool cab_summary_counts(const struct cab_table *table, const struct cab_column *column);
/* What "span", "day", "start", "slot", "is_deleted" or "n" is called in table's summary: underscores follow where a
 * counted column has the name. */
char *cab_summary_column(const void *ctx, const struct cab_table *table, const char *name);
/* The view, or NULL where the database has none that fits. */
const struct cab_table *cab_summary_find(const void *ctx, const struct cab_catalog *catalog,
                                         const struct cab_table *table);
const struct cab_table *cab_summary_calendar(const void *ctx, const struct cab_catalog *catalog,
                                             const struct cab_table *table);
/* The ranks, and the deltas that are not among them; NULL where the database has none. */
const struct cab_table *cab_summary_ranks(const void *ctx, const struct cab_catalog *catalog,
                                          const struct cab_table *table, const struct cab_table **delta_out);

/* ---- annotations ---- */

enum cab_annotation_place { CAB_ON_TABLE = 1, CAB_ON_COLUMN = 2 };

struct cab_annotation_word {
    const char *word;
    unsigned places;        /* CAB_ON_TABLE | CAB_ON_COLUMN */
    int min_args, max_args; /* max_args -1: any number */
    const char *doc;
    bool takes_direction;   /* its argument may be descending: order(-col) or order(col desc); comes as "-col" */
};

/* The closed vocabulary, ended by a row without a word. */
extern const struct cab_annotation_word cab_annotation_words[];

struct cab_annotation {
    const struct cab_annotation_word *word;
    const char *const *args; int n_args;
    struct cab_annotation *next;
};

/*
 * Splits comment into its human part and its annotations `@api(word, word(arg), …)`.  place says which words fit;
 * object names the table or column in messages.  -1 with a suggestion on anything unknown or malformed.
 */
int cab_annotations_parse(void *ctx, const char *comment, enum cab_annotation_place place, const char *object,
                          const char **human_out, struct cab_annotation **list_out, struct cab_err *err) CAB_MUST_CHECK;

#endif
