/*
 * migrate/diff/render_table: tables, their parents and partitions.
 */
#include <stdlib.h>
#include <string.h>

#include "plan.h"

const char *cab_table_word(const struct cab_fact *table) {
    return cab_fact_is(table, "kind", "f") ? "FOREIGN TABLE" : "TABLE";
}

bool cab_has_rows(const struct cab_planner *planner, const char *table) {
    const struct cab_fact *old = cab_facts_find(planner->from, CAB_FACT_TABLE, table);
    int i;

    if (old == NULL)
        return false;
    if (planner->options.careful || cab_fact_true(old, "has_rows"))
        return true;
    for (i = planner->from->first[CAB_FACT_INHERIT]; i < planner->from->first[CAB_FACT_INHERIT + 1]; i++)
        if (planner->from->facts[i]->on == old)
            return true;
    return false;
}

int cab_columns_of(struct cab_planner *planner, const struct cab_fact *table, const struct cab_fact ***out) {
    const struct cab_fact **columns, *child;
    int n = 0, i;

    for (child = table->children; child != NULL; child = child->next_child)
        n += child->kind == CAB_FACT_COLUMN;
    columns = cab_new_array(planner->ctx, const struct cab_fact *, (size_t)n + 1);
    n = 0;
    for (child = table->children; child != NULL; child = child->next_child) {
        if (child->kind != CAB_FACT_COLUMN)
            continue;
        for (i = n++; i > 0 && columns[i - 1]->sub > child->sub; i--)
            columns[i] = columns[i - 1];
        columns[i] = child;
    }
    *out = columns;
    return n;
}

const struct cab_fact *cab_default_of(const struct cab_fact *column) {
    const struct cab_fact *child;

    for (child = column->children; child != NULL; child = child->next_child)
        if (child->kind == CAB_FACT_DEFAULT)
            return child;
    return NULL;
}

static int order_of_constraint(const struct cab_fact *constraint) {
    return (int)(strchr("puxc", cab_fact_text(constraint, "kind")[0]) - "puxc");
}

/* Constraints that are said within CREATE TABLE. */
static void add_constraints(struct cab_planner *planner, struct cab_buf *buf, const struct cab_fact *table,
                            const char **separator) {
    const struct cab_fact *child;
    int round;

    for (round = 0; round < 4; round++) {
        const char *last = "";

        for (;;) { /* by name */
            const struct cab_fact *next = NULL;

            for (child = table->children; child != NULL; child = child->next_child)
                if (child->kind == CAB_FACT_CONSTRAINT && child->node >= 0 &&
                    planner->nodes[child->node].folded_into == table->node && order_of_constraint(child) == round &&
                    strcmp(child->ident, last) > 0 && (next == NULL || strcmp(child->ident, next->ident) < 0))
                    next = child;
            if (next == NULL)
                break;
            cab_buf_addf(buf, "%s\n    CONSTRAINT %s %s", *separator, cab_fact_text(next, "name"),
                         cab_fact_text(next, "definition"));
            *separator = ",";
            last = next->ident;
        }
    }
}

static void add_with(struct cab_planner *planner, struct cab_buf *buf, const struct cab_fact *table) {
    const char *options = cab_fact_get(table, "options"), *toast = cab_fact_get(table, "toast_options");

    if (options == NULL && toast == NULL)
        return;
    cab_buf_adds(buf, "\nWITH (");
    cab_add_storage_options(planner, buf, "", options);
    if (options != NULL && toast != NULL)
        cab_buf_adds(buf, ", ");
    cab_add_storage_options(planner, buf, "toast.", toast);
    cab_buf_addc(buf, ')');
}

static void add_parents(struct cab_planner *planner, struct cab_buf *buf, const struct cab_fact *table) {
    const struct cab_facts *to = planner->to;
    const char *separator = "\nINHERITS (";
    int position, i;

    for (position = 1; position < 100; position++)
        for (i = to->first[CAB_FACT_INHERIT]; i < to->first[CAB_FACT_INHERIT + 1]; i++)
            if (to->facts[i]->parent == table &&
                strtol(cab_fact_text(to->facts[i], "position"), NULL, 10) == position) {
                cab_buf_addf(buf, "%s%s", separator, cab_fact_text(to->facts[i], "parent"));
                separator = ", ";
            }
    if (separator[0] == ',')
        cab_buf_addc(buf, ')');
}

/* What CREATE TABLE has no words for, or only some kinds of it. */
static void emit_flags(struct cab_planner *planner, const struct cab_fact *table) {
    const char *ident = table->ident, *identity = cab_fact_text(table, "replica_identity");
    const struct cab_fact **columns;
    int n = cab_columns_of(planner, table, &columns), i;

    for (i = 0; i < n; i++) {
        const struct cab_fact *column = columns[i];
        const char *name = cab_fact_text(column, "name");

        if (column->node != table->node)
            continue;
        cab_emit_identity_type(planner, column);
        if (cab_fact_get(column, "storage") != NULL)
            cab_emit(planner, 0, "ALTER TABLE ONLY %s ALTER COLUMN %s SET STORAGE %s", ident, name,
                     cab_fact_get(column, "storage"));
        if (cab_fact_get(column, "statistics") != NULL)
            cab_emit(planner, 0, "ALTER TABLE ONLY %s ALTER COLUMN %s SET STATISTICS %s", ident, name,
                     cab_fact_get(column, "statistics"));
        if (cab_fact_get(column, "options") != NULL) {
            struct cab_buf buf;

            cab_buf_init(&buf, planner->ctx, 64);
            cab_add_storage_options(planner, &buf, "", cab_fact_get(column, "options"));
            cab_emit(planner, 0, "ALTER TABLE ONLY %s ALTER COLUMN %s SET (%s)", ident, name, buf.data);
        }
    }
    if (cab_fact_true(table, "row_security"))
        cab_emit(planner, 0, "ALTER TABLE %s ENABLE ROW LEVEL SECURITY", ident);
    if (cab_fact_true(table, "force_row_security"))
        cab_emit(planner, 0, "ALTER TABLE %s FORCE ROW LEVEL SECURITY", ident);
    if (identity[0] == 'n' || identity[0] == 'f')
        cab_emit(planner, 0, "ALTER TABLE %s REPLICA IDENTITY %s", ident, identity[0] == 'n' ? "NOTHING" : "FULL");
}

/* NOT NULL and the like that a partition or child has beyond its parent. */
static void emit_beyond_parent(struct cab_planner *planner, const struct cab_fact *table, const char *parent,
                               const struct cab_fact *column) {
    const struct cab_fact *above = cab_facts_find(planner->to, CAB_FACT_COLUMN,
        cab_printf(planner->ctx, "%s.%s", parent, cab_fact_text(column, "name")));
    const struct cab_fact *mine = cab_default_of(column), *theirs = above != NULL ? cab_default_of(above) : NULL;

    if (above == NULL)
        return;
    if (cab_fact_true(column, "not_null") && !cab_fact_true(above, "not_null"))
        cab_emit(planner, 0, "ALTER TABLE ONLY %s ALTER COLUMN %s SET NOT NULL", table->ident,
                 cab_fact_text(column, "name"));
    if (!cab_same_text(cab_fact_get(column, "compression"), cab_fact_get(above, "compression")))
        cab_emit(planner, 0, "ALTER TABLE ONLY %s ALTER COLUMN %s SET COMPRESSION %s", table->ident,
                 cab_fact_text(column, "name"),
                 cab_fact_get(column, "compression") != NULL ? cab_fact_get(column, "compression") : "DEFAULT");
    if (mine == NULL && theirs != NULL)
        cab_emit(planner, 0, "ALTER TABLE ONLY %s ALTER COLUMN %s DROP DEFAULT", table->ident,
                 cab_fact_text(column, "name"));
}

static const char *first_parent(struct cab_planner *planner, const struct cab_fact *table) {
    const struct cab_facts *to = planner->to;
    const struct cab_fact *attach = cab_plan_attach_of(to, table);
    int i;

    if (attach != NULL)
        return cab_fact_text(attach, "parent");
    for (i = to->first[CAB_FACT_INHERIT]; i < to->first[CAB_FACT_INHERIT + 1]; i++)
        if (to->facts[i]->parent == table)
            return cab_fact_text(to->facts[i], "parent");
    return NULL;
}

static void add_columns(struct cab_planner *planner, struct cab_buf *buf, const struct cab_fact *table,
                        bool is_attached_later, const char **separator) {
    const struct cab_fact **columns;
    int n = cab_columns_of(planner, table, &columns), i;
    bool is_typed = cab_fact_get(table, "of_type") != NULL;

    for (i = 0; i < n; i++) {
        if (!is_attached_later && !cab_fact_true(columns[i], "is_local"))
            continue;
        if (is_typed) {
            const struct cab_fact *value = cab_default_of(columns[i]);
            bool has_default = value != NULL && value->node == columns[i]->node;

            if (!has_default && !cab_fact_true(columns[i], "not_null"))
                continue;
            cab_buf_addf(buf, "%s\n    %s WITH OPTIONS", *separator, cab_fact_text(columns[i], "name"));
            if (has_default)
                cab_buf_addf(buf, " DEFAULT %s", cab_fact_text(value, "expression"));
            if (cab_fact_true(columns[i], "not_null"))
                cab_buf_adds(buf, " NOT NULL");
        } else {
            cab_buf_addf(buf, "%s\n    ", *separator);
            cab_add_column_definition(planner, buf, columns[i], false);
        }
        *separator = ",";
    }
}

void cab_create_table(struct cab_planner *planner, const struct cab_fact *table) {
    const struct cab_fact *attach = cab_plan_attach_of(planner->to, table), **columns;
    bool is_partition_of = cab_plan_makes_partition_of(planner->to, table);
    bool is_foreign = cab_fact_is(table, "kind", "f"), is_typed = cab_fact_get(table, "of_type") != NULL;
    const char *separator = "", *key = cab_fact_get(table, "partition_key"), *above = first_parent(planner, table);
    struct cab_buf buf;
    int n, i;

    cab_buf_init(&buf, planner->ctx, 256);
    cab_buf_addf(&buf, "CREATE %s%s %s", cab_fact_is(table, "persistence", "u") ? "UNLOGGED " : "",
                 cab_table_word(table), table->ident);
    if (is_partition_of) {
        cab_buf_addf(&buf, " PARTITION OF %s", cab_fact_text(attach, "parent"));
        cab_buf_addf(&buf, "\n%s", cab_fact_text(attach, "bound"));
    } else {
        size_t before;

        if (is_typed)
            cab_buf_addf(&buf, " OF %s", cab_fact_text(table, "of_type"));
        before = buf.len;
        cab_buf_adds(&buf, " (");
        add_columns(planner, &buf, table, attach != NULL, &separator);
        add_constraints(planner, &buf, table, &separator);
        cab_buf_adds(&buf, *separator != '\0' ? "\n)" : ")");
        if (is_typed && *separator == '\0') {
            buf.len = before;
            buf.data[before] = '\0';
        }
        if (attach == NULL)
            add_parents(planner, &buf, table);
    }
    if (key != NULL)
        cab_buf_addf(&buf, "\nPARTITION BY %s", key);
    if (is_foreign) {
        cab_buf_addf(&buf, "\nSERVER %s", cab_fact_text(table, "server"));
        if (cab_fact_get(table, "foreign_options") != NULL) {
            cab_buf_addc(&buf, '\n');
            cab_add_foreign_options(planner, &buf, "", cab_fact_get(table, "foreign_options"));
        }
    } else {
        if (cab_fact_get(table, "method") != NULL && !cab_fact_is(table, "method", "heap"))
            cab_buf_addf(&buf, "\nUSING %s", cab_fact_get(table, "method"));
        add_with(planner, &buf, table);
        if (cab_fact_get(table, "tablespace") != NULL)
            cab_buf_addf(&buf, "\nTABLESPACE %s", cab_fact_get(table, "tablespace"));
    }
    cab_emit(planner, 0, "%s", buf.data);
    emit_flags(planner, table);
    if (above == NULL || (attach != NULL && !is_partition_of))
        return;
    n = cab_columns_of(planner, table, &columns);
    for (i = 0; i < n; i++)
        if (!cab_fact_true(columns[i], "is_local"))
            emit_beyond_parent(planner, table, above, columns[i]);
}

/* Whether a foreign key refers to the partitioned table that this is a partition of, at any height. */
static bool is_referred_to_above(const struct cab_planner *planner, const struct cab_fact *table) {
    const struct cab_facts *from = planner->from;
    const struct cab_fact *attach;
    int i;

    for (; (attach = cab_plan_attach_of(from, table)) != NULL; table = attach->on)
        for (i = from->first[CAB_FACT_CONSTRAINT]; i < from->first[CAB_FACT_CONSTRAINT + 1]; i++)
            if (cab_fact_is(from->facts[i], "kind", "f") && from->facts[i]->parent != attach->on &&
                strtoul(cab_fact_text(from->facts[i], "target_oid"), NULL, 10) == attach->on->object)
                return true;
    return false;
}

void cab_drop_table(struct cab_planner *planner, const struct cab_fact *table) {
    const struct cab_fact *attach = cab_plan_attach_of(planner->from, table);

    if (attach != NULL && attach->node == table->node && is_referred_to_above(planner, table))
        cab_drop_attach(planner, attach); /* a partition is dropped with such keys only by CASCADE */
    cab_emit(planner, 0, "DROP %s %s", cab_table_word(table), table->ident);
    if (planner->options.careful || cab_fact_true(table, "has_rows"))
        cab_hazard(planner, CAB_HAZARD_DATA_LOSS, table->ident, "the table and its rows are dropped");
    else
        cab_hazard(planner, CAB_HAZARD_BREAKS_OLD_APP, table->ident, "the table is dropped");
}

/* All anew, because the server keeps the order in which they were set. */
static void alter_options(struct cab_planner *planner, const char *table, const char *prefix, const char *old,
                          const char *new) {
    char **was;
    int n = cab_split_lines(planner->ctx, old, &was), i;
    struct cab_buf buf;

    cab_buf_init(&buf, planner->ctx, 64);
    for (i = 0; i < n; i++)
        cab_buf_addf(&buf, "%s%s%.*s", i > 0 ? ", " : "", prefix, (int)strcspn(was[i], "="), was[i]);
    if (n > 0)
        cab_emit(planner, 0, "ALTER TABLE %s RESET (%s)", table, buf.data);
    cab_buf_reset(&buf);
    cab_add_storage_options(planner, &buf, prefix, new);
    if (new != NULL)
        cab_emit(planner, 0, "ALTER TABLE %s SET (%s)", table, buf.data);
}

void cab_alter_table(struct cab_planner *planner, const struct cab_fact *old, const struct cab_fact *new) {
    const char *ident = new->ident, *identity = cab_fact_text(new, "replica_identity");

    if (cab_fact_differs(old, "of_type")) {
        if (cab_fact_get(old, "of_type") != NULL)
            cab_emit(planner, 0, "ALTER TABLE %s NOT OF", ident);
        if (cab_fact_get(new, "of_type") != NULL)
            cab_emit(planner, 0, "ALTER TABLE %s OF %s", ident, cab_fact_get(new, "of_type"));
    }
    if (cab_fact_differs(old, "persistence")) {
        cab_emit(planner, 0, "ALTER TABLE %s SET %s", ident,
                 cab_fact_is(new, "persistence", "u") ? "UNLOGGED" : "LOGGED");
        cab_hazard(planner, CAB_HAZARD_TABLE_REWRITE, ident, "LOGGED or UNLOGGED changes");
    }
    if (cab_fact_differs(old, "method"))
        cab_emit(planner, 0, "ALTER TABLE %s SET ACCESS METHOD %s", ident, cab_fact_text(new, "method"));
    if (cab_fact_differs(old, "tablespace"))
        cab_emit(planner, 0, "ALTER TABLE %s SET TABLESPACE %s", ident,
                 cab_fact_get(new, "tablespace") != NULL ? cab_fact_get(new, "tablespace") : "pg_default");
    if (cab_fact_differs(old, "options"))
        alter_options(planner, ident, "", cab_fact_get(old, "options"), cab_fact_get(new, "options"));
    if (cab_fact_differs(old, "toast_options"))
        alter_options(planner, ident, "toast.", cab_fact_get(old, "toast_options"), cab_fact_get(new, "toast_options"));
    if (cab_fact_differs(old, "row_security")) {
        cab_emit(planner, 0, "ALTER TABLE %s %s ROW LEVEL SECURITY", ident,
                 cab_fact_true(new, "row_security") ? "ENABLE" : "DISABLE");
        cab_hazard(planner, CAB_HAZARD_AUTHZ, ident, "row level security is switched");
    }
    if (cab_fact_differs(old, "force_row_security"))
        cab_emit(planner, 0, "ALTER TABLE %s %sFORCE ROW LEVEL SECURITY", ident,
                 cab_fact_true(new, "force_row_security") ? "" : "NO ");
    if (cab_fact_differs(old, "replica_identity"))
        cab_emit(planner, 0, "ALTER TABLE %s REPLICA IDENTITY %s", ident,
                 identity[0] == 'n' ? "NOTHING" : identity[0] == 'f' ? "FULL" : "DEFAULT");
    if (cab_fact_differs(old, "foreign_options")) {
        struct cab_buf buf;

        cab_buf_init(&buf, planner->ctx, 64);
        cab_add_foreign_options(planner, &buf, cab_fact_get(old, "foreign_options"),
                                cab_fact_get(new, "foreign_options"));
        cab_emit(planner, 0, "ALTER FOREIGN TABLE %s %s", ident, buf.data);
    }
}

/* ---- parents, partitions, owners of sequences ---- */

void cab_create_inherit(struct cab_planner *planner, const struct cab_fact *inherit) {
    cab_emit(planner, 0, "ALTER TABLE %s INHERIT %s", cab_fact_text(inherit, "child"),
             cab_fact_text(inherit, "parent"));
}

void cab_drop_inherit(struct cab_planner *planner, const struct cab_fact *inherit) {
    cab_emit(planner, 0, "ALTER TABLE %s NO INHERIT %s", cab_fact_text(inherit, "child"),
             cab_fact_text(inherit, "parent"));
}

void cab_create_attach(struct cab_planner *planner, const struct cab_fact *attach) {
    cab_emit(planner, 0, "ALTER TABLE %s ATTACH PARTITION %s %s", cab_fact_text(attach, "parent"), attach->ident,
             cab_fact_text(attach, "bound"));
}

void cab_drop_attach(struct cab_planner *planner, const struct cab_fact *attach) {
    cab_emit(planner, 0, "ALTER TABLE %s DETACH PARTITION %s", cab_fact_text(attach, "parent"), attach->ident);
}

/* The owner that an object has before the plan changes it. */
static const char *present_owner(struct cab_planner *planner, const struct cab_fact *fact) {
    return fact->peer == NULL || cab_fact_is_made(fact) ? planner->role : cab_owner_of(planner, fact->peer);
}

void cab_create_owned(struct cab_planner *planner, const struct cab_fact *owned) {
    const struct cab_fact *table = owned->on->parent != NULL ? owned->on->parent : owned->on;
    const char *owner = present_owner(planner, table);

    if (strcmp(owner, present_owner(planner, owned->parent)) != 0) /* both must belong to the same role */
        cab_emit(planner, 0, "ALTER SEQUENCE %s OWNER TO %s", owned->ident, owner);
    cab_emit(planner, 0, "ALTER SEQUENCE %s OWNED BY %s", owned->ident, cab_fact_text(owned, "owned_by"));
}

void cab_drop_owned(struct cab_planner *planner, const struct cab_fact *owned) {
    cab_emit(planner, 0, "ALTER SEQUENCE %s OWNED BY NONE", owned->ident);
}
