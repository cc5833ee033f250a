/*
 * SQL of a list: rows of a page by offset or after a cursor, in an order that is total.
 */
#include "list.h"
#include "types.h"

/* Beyond this many rows an offset walks over keys only and fetches the page's rows at the end. */
#define OFFSET_SHALLOW 1000

enum cab_rows cab_list_rows(const struct cab_list *list) {
    return list->query.trashed && list->view.trash == CAB_ROWS_OWN ? CAB_ROWS_OWN : list->view.rows;
}

void cab_list_from(const struct cab_list *list, struct cab_sql *sql) {
    const struct cab_table *table = list->view.table;
    const struct cab_query *query = &list->query;
    cab_sql_add(sql, " FROM ");
    cab_sql_qualified(sql, table->schema, table->name);
    cab_sql_add(sql, " AS t");
    cab_where_scope(sql, &list->view, cab_list_rows(list), query->trashed ? CAB_STATE_TRASHED : CAB_STATE_LIVE);
    for (const struct cab_condition *condition = query->where->first; condition != NULL; condition = condition->next) {
        cab_sql_add(sql, " AND ");
        cab_where_condition(sql, condition);
    }
    cab_where_search(sql, query->words, query->n_words, query->search, query->n_search);
}

/* How much of the text stands in the nearest of the columns that are searched, from 0 to 1, as pg_trgm has it. */
static void add_closeness(const struct cab_list *list, struct cab_sql *sql) {
    int number = 0;
    for (int i = 0; i < list->query.n_search; i++) {
        if (i == 0) {
            cab_sql_add(sql, "greatest(public.word_similarity(");
            cab_sql_bind(sql, list->query.search_text, "text");
            number = sql->n_values;
        } else {
            cab_sql_add(sql, ", public.word_similarity(");
            cab_buf_addf(&sql->text, "$%d::text", number);
        }
        cab_sql_add(sql, ", ");
        cab_where_column(sql, list->query.search[i]);
        cab_sql_add(sql, "::text)");
    }
    cab_sql_add(sql, ")");
}

static bool is_sort_column(const struct cab_list *list, const struct cab_column *column) {
    for (int i = 0; i < list->query.n_sort; i++)
        if (list->query.sort[i].column == column)
            return true;
    return false;
}

void cab_list_sort_columns(const struct cab_list *list, struct cab_sql *sql) {
    bool some = false;
    for (int i = 0; i < list->query.n_sort; i++) {
        if (list->query.sort[i].column == NULL)
            continue;
        if (some)
            cab_sql_add(sql, ", ");
        some = true;
        cab_where_column(sql, list->query.sort[i].column);
    }
    for (int i = 0; list->query.is_by_closeness && i < list->query.n_search; i++) {
        if (is_sort_column(list, list->query.search[i]))
            continue;
        cab_sql_add(sql, ", "); /* behind the key at least */
        cab_where_column(sql, list->query.search[i]);
    }
}

static bool is_nullable(const struct cab_list *list, int i) {
    const struct cab_column *column = list->query.sort[i].column;
    return !column->not_null && column != list->view.table->key;
}

/* NULLs are last in both directions.  A column without them is ordered as indexes are by default. */
void cab_list_order(const struct cab_list *list, bool reversed, struct cab_sql *sql) {
    for (int i = 0; i < list->query.n_sort; i++) {
        const struct cab_sort_key *key = &list->query.sort[i];
        if (i == 0)
            cab_sql_add(sql, " ORDER BY ");
        else
            cab_sql_add(sql, ", ");
        if (key->column == NULL) {
            add_closeness(list, sql);
            if (!key->descending)
                cab_sql_add(sql, " DESC");
            continue;
        }
        bool nullable = is_nullable(list, i);
        cab_where_column(sql, key->column);
        if (key->descending != reversed)
            cab_sql_add(sql, " DESC");
        if (nullable && reversed)
            cab_sql_add(sql, " NULLS FIRST");
        else if (nullable)
            cab_sql_add(sql, " NULLS LAST");
    }
}

static void bind_key(const struct cab_list *list, int i, struct cab_sql *sql) {
    cab_sql_bind(sql, list->cursor.values[i], cab_type_bare(sql->ctx, list->query.sort[i].column->base_type));
}

/* Whether the walk goes up in key i. */
static bool goes_up(const struct cab_list *list, int i) {
    return list->query.sort[i].descending == list->cursor.is_backward;
}

/* Rows that lie strictly behind the cursor in key i; false where none can: NULL is last. */
static bool add_behind(const struct cab_list *list, int i, struct cab_sql *sql) {
    const struct cab_column *column = list->query.sort[i].column;
    if (list->cursor.values[i] == NULL) {
        if (!list->cursor.is_backward)
            return false;
        cab_where_column(sql, column);
        cab_sql_add(sql, " IS NOT NULL");
        return true;
    }
    bool nulls_behind = is_nullable(list, i) && !list->cursor.is_backward;
    if (nulls_behind)
        cab_sql_add(sql, "(");
    cab_where_column(sql, column);
    if (goes_up(list, i))
        cab_sql_add(sql, " > ");
    else
        cab_sql_add(sql, " < ");
    bind_key(list, i, sql);
    if (nulls_behind) {
        cab_sql_add(sql, " OR ");
        cab_where_column(sql, column);
        cab_sql_add(sql, " IS NULL)");
    }
    return true;
}

static void add_equal(const struct cab_list *list, int i, struct cab_sql *sql) {
    cab_where_column(sql, list->query.sort[i].column);
    if (list->cursor.values[i] == NULL) {
        cab_sql_add(sql, " IS NULL");
    } else {
        cab_sql_add(sql, " = ");
        bind_key(list, i, sql);
    }
}

bool cab_list_goes_one_way(const struct cab_list *list) {
    for (int i = 0; i < list->query.n_sort; i++)
        if (is_nullable(list, i) || goes_up(list, i) != goes_up(list, 0))
            return false;
    return true;
}

/* An index answers it by itself. */
static void add_row_comparison(const struct cab_list *list, struct cab_sql *sql) {
    int n = list->query.n_sort;
    cab_sql_add(sql, " AND (");
    for (int i = 0; i < n; i++) {
        if (i > 0)
            cab_sql_add(sql, ", ");
        cab_where_column(sql, list->query.sort[i].column);
    }
    if (goes_up(list, 0))
        cab_sql_add(sql, ") > (");
    else
        cab_sql_add(sql, ") < (");
    for (int i = 0; i < n; i++) {
        if (i > 0)
            cab_sql_add(sql, ", ");
        bind_key(list, i, sql);
    }
    cab_sql_add(sql, ")");
}

/* Behind in the first key, or equal there and behind in the second, and so on. */
static void add_chain(const struct cab_list *list, struct cab_sql *sql) {
    bool some = false;
    cab_sql_add(sql, " AND (");
    for (int i = 0; i < list->query.n_sort; i++) {
        if (list->cursor.values[i] == NULL && !list->cursor.is_backward)
            continue;
        if (some)
            cab_sql_add(sql, " OR ");
        some = true;
        cab_sql_add(sql, "(");
        for (int j = 0; j < i; j++) {
            add_equal(list, j, sql);
            cab_sql_add(sql, " AND ");
        }
        (void)add_behind(list, i, sql);
        cab_sql_add(sql, ")");
    }
    if (!some)
        cab_sql_add(sql, "false");
    cab_sql_add(sql, ")");
}

bool cab_list_peeks(const struct cab_list *list) {
    return list->query.cursor != NULL || list->query.count != CAB_COUNT_EXACT;
}

/* Sizes that are usual stand in the text: with a bound limit the server plans the statement anew each time, which costs
 * more than a page does. */
void cab_list_limit(const struct cab_list *list, struct cab_sql *sql) {
    int64_t rows = list->query.size + cab_list_peeks(list);
    switch (rows) {
    case 10: cab_sql_add(sql, " LIMIT 10"); return;
    case 11: cab_sql_add(sql, " LIMIT 11"); return;
    case 20: cab_sql_add(sql, " LIMIT 20"); return;
    case 21: cab_sql_add(sql, " LIMIT 21"); return;
    case 50: cab_sql_add(sql, " LIMIT 50"); return;
    case 51: cab_sql_add(sql, " LIMIT 51"); return;
    case 100: cab_sql_add(sql, " LIMIT 100"); return;
    case 101: cab_sql_add(sql, " LIMIT 101"); return;
    default: break;
    }
    cab_sql_add(sql, " LIMIT ");
    cab_sql_bind(sql, cab_decimal(sql->ctx, rows), "bigint");
}

/* A plan for any pattern is a bad plan for most; and statements of passing shape must not push out those that stay. */
static bool has_pattern(const struct cab_condition *condition) {
    if (condition->node == CAB_NODE_OR || condition->node == CAB_NODE_NOT)
        return true;
    if (condition->test == CAB_TEST_LIKE || condition->test == CAB_TEST_ILIKE || condition->test == CAB_TEST_HOLDS)
        return true;
    for (const struct cab_condition *child = condition->first; child != NULL; child = child->next)
        if (has_pattern(child))
            return true;
    return false;
}

bool cab_list_seeks_text(const struct cab_list *list) {
    return list->query.n_words > 0 || has_pattern(list->query.where);
}

int cab_list_queue(const struct cab_list *list, struct cab_pipe *pipe, const struct cab_sql *sql) {
    const char *const *values = (const char *const *)sql->values;
    if (cab_list_seeks_text(list))
        return cab_pipe_add_once(pipe, CAB_SHAPE_ANY, sql->text.data, sql->n_values, values);
    return cab_pipe_add(pipe, CAB_SHAPE_ANY, sql->text.data, sql->n_values, values);
}

static void select_behind_cursor(const struct cab_list *list, struct cab_sql *sql) {
    cab_list_from(list, sql);
    if (cab_list_goes_one_way(list))
        add_row_comparison(list, sql);
    else
        add_chain(list, sql);
    cab_list_order(list, list->cursor.is_backward, sql);
    cab_list_limit(list, sql);
}

void cab_list_select(const struct cab_list *list, struct cab_sql *sql) {
    const struct cab_table *table = list->view.table;
    int64_t offset = (list->query.page - 1) * list->query.size;
    if (list->query.cursor == NULL && offset > OFFSET_SHALLOW && cab_summary_page(list, offset, sql))
        return;
    cab_sql_add(sql, "SELECT ");
    cab_row_plan_columns(list->plan, sql);
    if (list->query.cursor != NULL) {
        select_behind_cursor(list, sql);
        return;
    }
    if (offset > OFFSET_SHALLOW) {
        cab_sql_add(sql, " FROM (SELECT t.");
        cab_sql_name(sql, table->key->name);
        cab_sql_add(sql, " AS key");
    }
    cab_list_from(list, sql);
    cab_list_order(list, false, sql);
    cab_list_limit(list, sql);
    if (offset > 0) {
        cab_sql_add(sql, " OFFSET ");
        cab_sql_bind(sql, cab_decimal(sql->ctx, offset), "bigint");
    }
    if (offset > OFFSET_SHALLOW) {
        cab_sql_add(sql, ") AS k JOIN ");
        cab_sql_qualified(sql, table->schema, table->name);
        cab_sql_add(sql, " AS t ON t.");
        cab_sql_name(sql, table->key->name);
        cab_sql_add(sql, " = k.key");
        cab_list_order(list, false, sql);
    }
}
