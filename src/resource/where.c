/*
 * SQL of conditions.  Equal shapes give equal text, so that prepared statements are found again.
 */
#include "where.h"

#include <string.h>

#include "types.h"

void cab_where_column(struct cab_sql *sql, const struct cab_column *column) {
    cab_sql_add(sql, "t.");
    cab_sql_name(sql, column->name);
}

/* Types that know no comparison of their own are compared as text, and patterns always are. */
static bool as_text(const struct cab_condition *condition) {
    const struct cab_column *column = condition->column;
    if (column->kind == CAB_KIND_OTHER)
        return true;
    return column->kind != CAB_KIND_TEXT && (condition->test == CAB_TEST_LIKE || condition->test == CAB_TEST_ILIKE);
}

static void add_test(struct cab_sql *sql, const struct cab_condition *condition) {
    const struct cab_column *column = condition->column;
    const char *type = as_text(condition) ? "text" : cab_type_bare(sql->ctx, column->base_type);

    if (condition->test == CAB_TEST_NEVER) {
        cab_sql_add(sql, "false");
        return;
    }
    cab_where_column(sql, column);
    if (condition->test == CAB_TEST_IS_NULL) {
        cab_sql_add(sql, " IS NULL");
        return;
    }
    if (condition->test == CAB_TEST_NOT_NULL) {
        cab_sql_add(sql, " IS NOT NULL");
        return;
    }
    if (as_text(condition))
        cab_sql_add(sql, "::text");
    switch (condition->test) {
    case CAB_TEST_EQ: cab_sql_add(sql, " = "); break;
    case CAB_TEST_NE: cab_sql_add(sql, " <> "); break;
    case CAB_TEST_GT: cab_sql_add(sql, " > "); break;
    case CAB_TEST_GTE: cab_sql_add(sql, " >= "); break;
    case CAB_TEST_LT: cab_sql_add(sql, " < "); break;
    case CAB_TEST_LTE: cab_sql_add(sql, " <= "); break;
    case CAB_TEST_LIKE: cab_sql_add(sql, " LIKE "); type = "text"; break;
    case CAB_TEST_ILIKE: cab_sql_add(sql, " ILIKE "); type = "text"; break;
    case CAB_TEST_HOLDS: cab_sql_add(sql, " @> "); break;
    case CAB_TEST_IN:
    case CAB_TEST_NIN:
        if (condition->test == CAB_TEST_IN)
            cab_sql_add(sql, " = ANY (");
        else
            cab_sql_add(sql, " <> ALL (");
        cab_sql_bind(sql, condition->value, cab_type_array(sql->ctx, type));
        cab_sql_add(sql, ")");
        return;
    default: CAB_BUG_ON(true);
    }
    if (column->kind == CAB_KIND_BOOL && *condition->value == 't') /* two words, and the server plans better by them */
        cab_sql_add(sql, "true");
    else if (column->kind == CAB_KIND_BOOL)
        cab_sql_add(sql, "false");
    else
        cab_sql_bind(sql, condition->value, type);
}

void cab_where_condition(struct cab_sql *sql, const struct cab_condition *condition) {
    if (condition->node == CAB_NODE_TEST) {
        add_test(sql, condition);
        return;
    }
    if (condition->node == CAB_NODE_NOT) {
        cab_sql_add(sql, "NOT ");
        cab_where_condition(sql, condition->first);
        return;
    }
    if (condition->first == NULL) {
        if (condition->node == CAB_NODE_AND)
            cab_sql_add(sql, "true");
        else
            cab_sql_add(sql, "false");
        return;
    }
    cab_sql_add(sql, "(");
    for (const struct cab_condition *child = condition->first; child != NULL; child = child->next) {
        cab_where_condition(sql, child);
        if (child->next != NULL && condition->node == CAB_NODE_AND)
            cab_sql_add(sql, " AND ");
        else if (child->next != NULL)
            cab_sql_add(sql, " OR ");
    }
    cab_sql_add(sql, ")");
}

/* %word% with the word's own metacharacters escaped. */
static const char *pattern(const void *ctx, const char *word) {
    struct cab_buf buf;
    cab_buf_init(&buf, ctx, 32);
    cab_buf_addc(&buf, '%');
    for (; *word != '\0'; word++) {
        if (*word == '%' || *word == '_' || *word == '\\')
            cab_buf_addc(&buf, '\\');
        cab_buf_addc(&buf, *word);
    }
    cab_buf_addc(&buf, '%');
    return buf.data;
}

/* Whether a word has too few characters for a trigram inside it.  From U+2E80 on, in Chinese, Japanese and Korean, two
 * are a whole word and no blank stands before it. */
static bool is_short(const char *word) {
    for (const unsigned char *at = (const unsigned char *)word; *at != '\0'; at++)
        if (*at > 0xE2 || (*at == 0xE2 && at[1] >= 0xBA))
            return false;
    return cab_utf8_length(word) <= 2;
}

static bool is_ascii_sign(char c) {
    return c != '\0' && strchr("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", c) != NULL;
}

/*
 * The regular expression of a short word where words begin: at the start, and behind blanks and ASCII signs.  These are
 * where pg_trgm takes words to begin too, so nearly all that its index finds is wanted: looked for behind blanks only,
 * "co" would make the server read every row with an address in .com, to find nothing.
 */
static const char *beginning(const void *ctx, const char *word) {
    struct cab_buf buf;
    cab_buf_init(&buf, ctx, 48);
    if (!is_ascii_sign(*word)) /* a sign ends the word before it */
        cab_buf_adds(&buf, "(^|[\\x01-/:-@[-`{-~])");
    for (; *word != '\0'; word++) {
        if (is_ascii_sign(*word))
            cab_buf_addc(&buf, '\\');
        cab_buf_addc(&buf, *word);
    }
    return buf.data;
}

static void add_word(struct cab_sql *sql, const char *word, const struct cab_column *const *columns, int n_columns) {
    bool shortly = is_short(word);
    int number = 0;
    for (int i = 0; i < n_columns; i++) {
        if (i > 0)
            cab_sql_add(sql, " OR ");
        cab_where_column(sql, columns[i]);
        if (columns[i]->kind != CAB_KIND_TEXT)
            cab_sql_add(sql, "::text");
        if (shortly)
            cab_sql_add(sql, " ~* ");
        else
            cab_sql_add(sql, " ILIKE ");
        if (i == 0) {
            cab_sql_bind(sql, shortly ? beginning(sql->ctx, word) : pattern(sql->ctx, word), "text");
            number = sql->n_values;
        } else {
            cab_buf_addf(&sql->text, "$%d::text", number);
        }
    }
}

void cab_where_search(struct cab_sql *sql, const char *const *words, int n_words,
                      const struct cab_column *const *columns, int n_columns) {
    for (int i = 0; i < n_words; i++) {
        cab_sql_add(sql, " AND (");
        add_word(sql, words[i], columns, n_columns);
        cab_sql_add(sql, ")");
    }
}

void cab_where_scope(struct cab_sql *sql, const struct cab_view *view, enum cab_rows rows, enum cab_row_state state) {
    const struct cab_table *table = view->table;
    bool written = false;
    cab_sql_add(sql, " WHERE ");
    if (table->deleted_at != NULL && state != CAB_STATE_ANY) {
        cab_where_column(sql, table->deleted_at);
        if (state == CAB_STATE_LIVE)
            cab_sql_add(sql, " IS NULL");
        else
            cab_sql_add(sql, " IS NOT NULL");
        written = true;
    }
    if (rows == CAB_ROWS_ALL) {
        if (!written)
            cab_sql_add(sql, "true");
        return;
    }
    if (written)
        cab_sql_add(sql, " AND ");
    if (rows == CAB_ROWS_OWN && table->owner != NULL && view->caller->is_signed_in) {
        cab_where_column(sql, table->owner);
        cab_sql_add(sql, " = ");
        cab_sql_bind(sql, view->caller->user_id_text, cab_type_bare(sql->ctx, table->owner->base_type));
    } else {
        cab_sql_add(sql, "false");
    }
}

void cab_where_key(struct cab_sql *sql, const struct cab_table *table, const char *key) {
    cab_sql_add(sql, " AND ");
    cab_where_column(sql, table->key);
    cab_sql_add(sql, " = ");
    cab_sql_bind(sql, key, cab_type_bare(sql->ctx, table->key->base_type));
}
