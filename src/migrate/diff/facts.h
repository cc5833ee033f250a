/*
 * migrate/diff/facts: one catalog as sorted facts with their dependencies.  A fact is the smallest thing that DDL can
 * alter: a column, a default, a constraint, a comment.  Private to migrate/diff.
 */
#ifndef CABINET_MIGRATE_DIFF_FACTS_H
#define CABINET_MIGRATE_DIFF_FACTS_H

#include "diff.h"

/* In the order in which they are made when nothing else decides. */
enum cab_fact_kind {
    CAB_FACT_DEFAULT_ACL,
    CAB_FACT_SCHEMA,
    CAB_FACT_EXTENSION,
    CAB_FACT_COLLATION,
    CAB_FACT_CONVERSION,
    CAB_FACT_TYPE,
    CAB_FACT_DOMAIN_CONSTRAINT,
    CAB_FACT_FUNCTION,
    CAB_FACT_OPERATOR,
    CAB_FACT_OPERATOR_FAMILY,
    CAB_FACT_OPERATOR_CLASS,
    CAB_FACT_AGGREGATE,
    CAB_FACT_CAST,
    CAB_FACT_TEXT_SEARCH,
    CAB_FACT_FOREIGN,
    CAB_FACT_SEQUENCE,
    CAB_FACT_TABLE,
    CAB_FACT_COLUMN,
    CAB_FACT_INHERIT,
    CAB_FACT_OWNED,
    CAB_FACT_DEFAULT,
    CAB_FACT_VIEW,
    CAB_FACT_CONSTRAINT,
    CAB_FACT_INDEX,
    CAB_FACT_ATTACH,
    CAB_FACT_INDEX_ATTACH,
    CAB_FACT_INDEX_MARK,
    CAB_FACT_STATISTICS,
    CAB_FACT_RULE,
    CAB_FACT_TRIGGER,
    CAB_FACT_EVENT_TRIGGER,
    CAB_FACT_POLICY,
    CAB_FACT_PUBLICATION,
    CAB_FACT_OWNER,
    CAB_FACT_ACL,
    CAB_FACT_COMMENT,
    CAB_FACT__MAX
};

enum cab_attr_how {
    CAB_ATTR_INFO = 0, /* not compared */
    CAB_ATTR_ALTER,    /* a difference can be altered */
    CAB_ATTR_REPLACE   /* a difference needs drop and create */
};

struct cab_attr {
    const char *name; /* of the column of the kind's statement */
    enum cab_attr_how how;
    bool has_expressions; /* as the server prints them; compared in their canonical form */
};

#define CAB_ATTRS_MAX 32

struct cab_fact_spec {
    const char *word;  /* "table" */
    const char *sql;   /* of src/sql; NULL: made by the loader */
    struct cab_attr attrs[CAB_ATTRS_MAX];
};

extern const struct cab_fact_spec cab_fact_specs[CAB_FACT__MAX];

/* What planning decided of a fact. */
enum cab_fate { CAB_FATE_KEEP = 0, CAB_FATE_ALTER, CAB_FATE_REPLACE, CAB_FATE_DROP, CAB_FATE_CREATE };

struct cab_fact {
    enum cab_fact_kind kind;
    const char *ident;   /* unique within its kind */
    const char **values; /* by the attrs of its kind; NULL is SQL NULL */
    uint32_t class, object;
    int sub;
    struct cab_fact *parent; /* takes it along when dropped, or NULL */
    struct cab_fact *on;     /* one more thing it needs, or NULL */
    struct cab_fact *next_child, *children;
    struct cab_fact **uses, **used_by, **soft; /* direct, from pg_depend; soft: named in a quoted body */
    int n_uses, n_used_by, n_soft;
    struct cab_fact *peer; /* the same in the other catalog, or NULL */
    enum cab_fate fate;
    unsigned mask;   /* attributes that differ, by index */
    bool retyped;    /* a column whose type is altered though its name may be the same */
    bool separate;   /* not folded into the statement that makes its parent */
    bool explicit_drop; /* not left to the drop of its parent */
    int node;        /* of the planner; destroying (from) or making (to); -1: none */
    int last_node;   /* where what was renamed away is dropped; else node */
};

struct cab_facts {
    const void *ctx;
    struct cab_fact **facts; /* sorted by kind, ident */
    int n_facts;
    int first[CAB_FACT__MAX + 1]; /* where each kind begins */
    const char *role;             /* who read it, quoted */
    int server_version;
    const char *acl_defaults[256];  /* built-in privileges by letter of acldefault() */
    const char **casts;             /* "source\ttarget\tcontext", sorted */
    int n_casts;
    const char **unmodelled;
    int n_unmodelled;
    const char **unalterable; /* whole, in words; those of one catalog only are noted */
    int n_unalterable;
};

/* Value of an attribute by name; a name that the kind does not have is a bug. */
const char *cab_fact_get(const struct cab_fact *fact, const char *attr);
/* The same, "" for NULL. */
const char *cab_fact_text(const struct cab_fact *fact, const char *attr);
bool cab_fact_true(const struct cab_fact *fact, const char *attr);
bool cab_fact_is(const struct cab_fact *fact, const char *attr, const char *value);
/* Whether that attribute is one of those that differ. */
bool cab_fact_differs(const struct cab_fact *fact, const char *attr);

/* By kind and ident, as cab_facts_find wants them. */
void cab_facts_sort(struct cab_facts *facts);
struct cab_fact *cab_facts_find(const struct cab_facts *facts, enum cab_fact_kind kind, const char *ident);
bool cab_same_text(const char *a, const char *b); /* NULL equals NULL only */
/* Value by the attr's index in the form in which it is compared: below ctx or the fact's own; may be NULL. */
const char *cab_fact_compared(const void *ctx, const struct cab_fact *fact, int attr);

/* Whether old uses or new uses reach target directly. */
bool cab_fact_uses(const struct cab_fact *fact, const struct cab_fact *target);
/* The letter of acldefault() for fact's kind of privileges, or 0 where it has none. */
char cab_fact_acl_letter(const struct cab_fact *fact);

/* facts_soft.c: fills soft of every routine of the catalog from the words of its body. */
void cab_facts_scan_bodies(struct cab_facts *facts);
/* facts_link.c: resolves addresses, parents and dependencies. */
struct cab_result;
struct cab_fact_raw { struct cab_fact *fact; uint32_t parent_class, parent_object; int parent_sub; bool has_parent;
                      uint32_t on_class, on_object; int on_sub; bool has_on; };
void cab_facts_link(struct cab_facts *facts, struct cab_fact_raw *raw, int n_raw, const struct cab_result *depend,
                    const struct cab_result *acl, const struct cab_result *comments);

#endif
