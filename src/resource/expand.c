/*
 * Rows of other tables by foreign keys.  They are read as the caller may read them: a row that may not be seen is as
 * none, and a field that may not be read tells of no row.
 */
#include "expand.h"

#include <string.h>

#include "types.h"
#include "value.h"
#include "where.h"

struct relation {
    const char *name;
    bool is_many;
    const struct cab_table *other;
    const struct cab_column *here, *there; /* equal in rows that belong together */
    bool here_is_own;                      /* here is read in the caller's own rows only */
    int here_at, there_at;
    struct cab_view view;
    struct cab_row_plan *plan;
    const char **keys; int n_keys;         /* values of here, each once */
    int *first, *count;                    /* rows of each key */
    const struct cab_result *rows;
};

struct cab_expand { struct relation *relations; int n; };

/* owner_id is expanded as owner. */
static const char *one_name(const void *ctx, const struct cab_column *column) {
    size_t n = strlen(column->name);
    if (n > 3 && strcmp(column->name + n - 3, "_id") == 0)
        return cab_strndup(ctx, column->name, n - 3);
    return cab_printf(ctx, "%s__row", column->name);
}

static bool is_single(const struct cab_constraint *constraint) {
    return constraint->kind == CAB_CONSTRAINT_FOREIGN && constraint->n_columns == 1
        && constraint->target_schema != NULL && strcmp(constraint->target_schema, "public") == 0;
}

/* The exposed table that the caller may read rows of, or NULL. */
static const struct cab_table *readable(const struct cab_call *call, const char *name) {
    const struct cab_table *table = cab_catalog_find(call->catalog, name);
    return table == NULL || table->key == NULL || cab_policy_rows(&call->caller, table, CAB_OP_LIST) == CAB_ROWS_NONE
         ? NULL : table;
}

typedef bool taker(void *to, const struct relation *relation);

/* What rows of table refer to. */
static bool each_one(const struct cab_call *call, const struct cab_table *table, taker *take, void *to) {
    for (int i = 0; i < table->n_constraints; i++) {
        const struct cab_constraint *constraint = &table->constraints[i];
        const struct cab_table *other = is_single(constraint) ? readable(call, constraint->target_table) : NULL;
        if (other == NULL)
            continue;
        struct relation relation = { .name = one_name(call->mem, constraint->columns[0]), .other = other,
                                     .here = constraint->columns[0],
                                     .there = cab_table_column(other, constraint->target_columns[0]) };
        if (relation.there != NULL && cab_table_column(table, relation.name) == NULL && take(to, &relation))
            return true;
    }
    return false;
}

static int count_references(const struct cab_table *from, const struct cab_table *to) {
    int n = 0;
    for (int i = 0; i < from->n_constraints; i++)
        n += is_single(&from->constraints[i]) && strcmp(from->constraints[i].target_table, to->name) == 0;
    return n;
}

/* What refers to rows of table: by the other table's name where it refers only once, and as notes__owner_id. */
static bool each_many(const struct cab_call *call, const struct cab_table *table, taker *take, void *to) {
    for (int t = 0; t < call->catalog->n_tables; t++) {
        const struct cab_table *other = &call->catalog->tables[t];
        if (strcmp(other->schema, "public") != 0 || readable(call, other->name) != other)
            continue;
        bool is_plain = count_references(other, table) == 1 && cab_table_column(table, other->name) == NULL;
        for (int i = 0; i < other->n_constraints; i++) {
            const struct cab_constraint *constraint = &other->constraints[i];
            if (!is_single(constraint) || strcmp(constraint->target_table, table->name) != 0)
                continue;
            struct relation relation = { .is_many = true, .other = other, .there = constraint->columns[0],
                                         .here = cab_table_column(table, constraint->target_columns[0]) };
            if (relation.here == NULL)
                continue;
            relation.name = other->name;
            if (is_plain && take(to, &relation))
                return true;
            relation.name = cab_printf(call->mem, "%s__%s", other->name, relation.there->name);
            if (take(to, &relation))
                return true;
        }
    }
    return false;
}

struct search { const char *name; struct relation found; const char *words[64]; size_t n_words; };

static bool match(void *to, const struct relation *relation) {
    struct search *search = to;
    if (search->n_words < CAB_LENGTH(search->words))
        search->words[search->n_words++] = relation->name;
    if (strcmp(search->name, relation->name) != 0)
        return false;
    search->found = *relation;
    return true;
}

static void complain(struct cab_complaints *complaints, enum cab_problem problem, const char *code,
                     const char *detail) {
    cab_complain(complaints, problem, CAB_PLACE_PARAMETER, "expand", code, "%s", detail);
}

static void unknown(struct cab_call *call, const struct search *search, struct cab_complaints *complaints) {
    const char *near = cab_nearest(search->name, search->words, search->n_words);
    struct cab_buf list;
    cab_buf_init(&list, call->mem, 128);
    for (size_t i = 0; i < search->n_words; i++)
        cab_buf_addf(&list, "%s%s", i > 0 ? ", " : "", search->words[i]);
    if (near != NULL)
        complain(complaints, CAB_PROBLEM_INVALID, "unknown",
                 cab_printf(call->mem, "Must name what rows refer to or are referred to by; did you mean %s?", near));
    else if (search->n_words == 0)
        complain(complaints, CAB_PROBLEM_INVALID, "unknown", "Nothing can be expanded in this table; leave it out.");
    else
        complain(complaints, CAB_PROBLEM_INVALID, "unknown",
                 cab_printf(call->mem, "Must name some of: %s.", list.data));
}

static void add(struct cab_call *call, struct cab_row_plan *plan, struct relation *relation,
                struct cab_complaints *complaints) {
    enum cab_column_access here = cab_view_column(plan->view, relation->here);
    cab_view_init(&relation->view, call, relation->other);
    enum cab_column_access there = cab_view_column(&relation->view, relation->there);
    if (here == CAB_COLUMN_NONE || there == CAB_COLUMN_NONE || (relation->is_many && there != CAB_COLUMN_ALL)) {
        complain(complaints, CAB_PROBLEM_FORBIDDEN_PARAMETER, "forbidden_parameter",
                 cab_printf(call->mem, "You may not read what leads to %s; leave it out.", relation->name));
        return;
    }
    relation->here_is_own = here == CAB_COLUMN_OWN;
    relation->here_at = cab_row_plan_need(plan, relation->here);
    struct relation *kept = &plan->expand->relations[plan->expand->n++];
    *kept = *relation;
    kept->plan = cab_row_plan_make(call, &kept->view, NULL, 0);
    kept->there_at = cab_row_plan_need(kept->plan, kept->there);
}

void cab_expand_read(struct cab_call *call, struct cab_row_plan *plan, const char *text,
                     struct cab_complaints *complaints) {
    if (text == NULL)
        return;
    plan->expand = cab_new(call->mem, struct cab_expand);
    plan->expand->relations = cab_new_array(call->mem, struct relation, CAB_EXPAND_MOST);
    for (;;) {
        size_t n = strcspn(text, ",");
        struct search search = { .name = cab_strndup(call->mem, text, n) };
        bool again = false;
        for (int i = 0; i < plan->expand->n; i++)
            again = again || strcmp(plan->expand->relations[i].name, search.name) == 0;
        if (again || plan->expand->n == CAB_EXPAND_MOST) {
            complain(complaints, CAB_PROBLEM_INVALID, again ? "duplicate" : "too_long",
                     cab_printf(call->mem, "Must name each only once, and at most %d.", CAB_EXPAND_MOST));
            return;
        }
        if (each_one(call, plan->view->table, match, &search) || each_many(call, plan->view->table, match, &search))
            add(call, plan, &search.found, complaints);
        else
            unknown(call, &search, complaints);
        if (text[n] == '\0')
            return;
        text += n + 1;
    }
}

static int find_key(const struct relation *relation, const char *value) {
    for (int i = 0; i < relation->n_keys; i++)
        if (strcmp(relation->keys[i], value) == 0)
            return i;
    return -1;
}

/* The value that leads from a row, or NULL. */
static const char *value_at(const struct cab_row_plan *plan, const struct relation *relation,
                            const struct cab_result *result, int row) {
    if (relation->here_is_own && !cab_row_plan_is_own(plan, result, row))
        return NULL;
    return cab_result_value(result, row, relation->here_at);
}

static void collect(struct cab_call *call, const struct cab_row_plan *plan, struct relation *relation,
                    const struct cab_result *result, int first, int n) {
    relation->keys = cab_new_array(call->mem, const char *, (size_t)n + 1);
    relation->first = cab_new_array(call->mem, int, (size_t)n + 1);
    relation->count = cab_new_array(call->mem, int, (size_t)n + 1);
    for (int row = first; row < first + n; row++) {
        const char *value = value_at(plan, relation, result, row);
        if (value != NULL && find_key(relation, value) < 0)
            relation->keys[relation->n_keys++] = value;
    }
}

static void add_from(struct cab_sql *sql, const struct relation *relation) {
    cab_sql_add(sql, " FROM ");
    cab_sql_qualified(sql, relation->other->schema, relation->other->name);
    cab_sql_add(sql, " AS t");
    cab_where_scope(sql, &relation->view, relation->view.rows, CAB_STATE_LIVE);
    cab_sql_add(sql, " AND ");
    cab_where_column(sql, relation->there);
}

static int queue(struct cab_call *call, const struct relation *relation, struct cab_pipe *pipe) {
    const char *keys = cab_value_array(call->mem, relation->keys, (size_t)relation->n_keys);
    const char *type = cab_type_array(call->mem, cab_type_bare(call->mem, relation->there->base_type));
    struct cab_sql sql;
    cab_sql_init(&sql, call->mem);
    cab_sql_add(&sql, "SELECT ");
    cab_row_plan_columns(relation->plan, &sql);
    if (!relation->is_many) {
        add_from(&sql, relation);
        cab_sql_add(&sql, " = ANY (");
        cab_sql_bind(&sql, keys, type);
        cab_sql_add(&sql, ")");
        return cab_pipe_add(pipe, CAB_SHAPE_ANY, sql.text.data, sql.n_values, (const char *const *)sql.values);
    }
    cab_sql_add(&sql, " FROM unnest(");
    cab_sql_bind(&sql, keys, type);
    cab_sql_add(&sql, ") WITH ORDINALITY AS p (key, n) CROSS JOIN LATERAL (SELECT ");
    for (int i = 0; i < relation->plan->n_columns; i++) {
        if (i > 0)
            cab_sql_add(&sql, ", ");
        cab_where_column(&sql, relation->plan->columns[i]);
    }
    add_from(&sql, relation);
    cab_sql_add(&sql, " = p.key ORDER BY ");
    cab_where_column(&sql, relation->other->key);
    cab_sql_add(&sql, " LIMIT 100) AS t ORDER BY p.n, ");
    cab_where_column(&sql, relation->other->key);
    return cab_pipe_add(pipe, CAB_SHAPE_ANY, sql.text.data, sql.n_values, (const char *const *)sql.values);
}

/* Which rows belong to which key; rows of one key stand together. */
static void sort_out(struct relation *relation) {
    int key = -1;
    for (int row = 0; row < cab_result_rows(relation->rows); row++) {
        const char *value = cab_result_value(relation->rows, row, relation->there_at);
        if (key < 0 || strcmp(relation->keys[key], value) != 0)
            key = find_key(relation, value);
        if (key >= 0 && relation->count[key]++ == 0)
            relation->first[key] = row;
    }
}

int cab_expand_fetch(struct cab_call *call, struct cab_row_plan *plan, const struct cab_result *result, int first,
                     int n, struct cab_err *err) {
    struct cab_expand *expand = plan->expand;
    int at[CAB_EXPAND_MOST], queued = 0;
    if (expand == NULL)
        return 0;
    struct cab_pipe *pipe = cab_call_pipe(call);
    for (int i = 0; i < expand->n; i++) {
        collect(call, plan, &expand->relations[i], result, first, n);
        at[i] = expand->relations[i].n_keys > 0 ? queue(call, &expand->relations[i], pipe) : -1;
        queued += at[i] >= 0;
    }
    if (queued == 0)
        return 0;
    if (cab_call_run(call, err) != 0)
        return -1;
    for (int i = 0; i < expand->n; i++) {
        if (at[i] < 0)
            continue;
        expand->relations[i].rows = cab_pipe_result(pipe, at[i]);
        sort_out(&expand->relations[i]);
    }
    return 0;
}

void cab_expand_write(const struct cab_row_plan *plan, const struct cab_result *result, int row, char *before,
                      struct cab_buf *buf) {
    for (int i = 0; plan->expand != NULL && i < plan->expand->n; i++) {
        const struct relation *relation = &plan->expand->relations[i];
        const char *value = value_at(plan, relation, result, row);
        int key = value == NULL || relation->rows == NULL ? -1 : find_key(relation, value);
        int count = key < 0 ? 0 : relation->count[key];
        cab_buf_addc(buf, *before);
        *before = ',';
        cab_json_cstring(buf, relation->name);
        cab_buf_addc(buf, ':');
        if (!relation->is_many && count == 0)
            cab_buf_adds(buf, "null");
        if (relation->is_many)
            cab_buf_addc(buf, '[');
        for (int j = 0; j < count; j++) {
            cab_buf_adds(buf, j > 0 ? "," : "");
            cab_row_plan_write(relation->plan, relation->rows, relation->first[key] + j, buf);
        }
        if (relation->is_many)
            cab_buf_addc(buf, ']');
    }
}
