/*
 * SQL text of plans: literals of the program, quoted names of the catalog, and bound values.  A submitted value can
 * reach the text in no way.
 */
#include <cabinet/db.h>
#include <string.h>

void cab_sql_init(struct cab_sql *sql, const void *ctx) {
    *sql = (struct cab_sql){ .ctx = ctx };
    cab_buf_init(&sql->text, ctx, 511);
}

static void add_quoted(struct cab_buf *buf, const char *name) {
    cab_buf_addc(buf, '"');
    for (; *name != '\0'; name++) {
        if (*name == '"')
            cab_buf_addc(buf, '"');
        cab_buf_addc(buf, *name);
    }
    cab_buf_addc(buf, '"');
}

void cab_sql_name(struct cab_sql *sql, const char *name) {
    add_quoted(&sql->text, name);
}

void cab_sql_qualified(struct cab_sql *sql, const char *schema, const char *name) {
    add_quoted(&sql->text, schema);
    cab_buf_addc(&sql->text, '.');
    add_quoted(&sql->text, name);
}

static int hold(struct cab_sql *sql, const char *value) {
    if (sql->n_values == sql->cap_values) {
        int cap = sql->cap_values == 0 ? 16 : sql->cap_values * 2;
        sql->values = cab_mem_resize(sql->ctx, sql->values, (size_t)cap * sizeof *sql->values);
        sql->cap_values = cap;
    }
    sql->values[sql->n_values] = value;
    return ++sql->n_values;
}

void cab_sql_bind(struct cab_sql *sql, const char *value, const char *type) {
    char digits[16];
    size_t at = sizeof digits;
    for (int n = hold(sql, value); n > 0; n /= 10)
        digits[--at] = (char)('0' + n % 10);
    cab_buf_addc(&sql->text, '$');
    cab_buf_add(&sql->text, digits + at, sizeof digits - at);
    cab_buf_add(&sql->text, "::", 2);
    cab_buf_adds(&sql->text, type);
}

char *cab_sql_quote_name(const void *ctx, const char *name) {
    struct cab_buf buf;
    cab_buf_init(&buf, ctx, strlen(name) + 2);
    add_quoted(&buf, name);
    return buf.data;
}

char *cab_sql_quote_literal(const void *ctx, const char *value) {
    struct cab_buf buf;
    cab_buf_init(&buf, ctx, strlen(value) + 3);
    if (strchr(value, '\\') != NULL)
        cab_buf_addc(&buf, 'E');
    cab_buf_addc(&buf, '\'');
    for (; *value != '\0'; value++) {
        if (*value == '\'' || *value == '\\')
            cab_buf_addc(&buf, *value);
        cab_buf_addc(&buf, *value);
    }
    cab_buf_addc(&buf, '\'');
    return buf.data;
}
