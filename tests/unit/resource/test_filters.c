/*
 * Every operator on every kind of column, in both languages of filters and in trees of them, on generated rows: the
 * same rows as a condition written by hand in SQL gives.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "live.h"
#include "resource/filter.h"

#define ROWS 97          /* all fit into one page */
#define VALUES_MOST 7
#define COMBINATIONS 2000

enum form { PLAIN, PADDED, BYTES, ARRAY, DOCUMENT };

/* A column, what it is called in SQL, and the values that its rows and its filters have. */
static const struct kind {
    const char *column, *type;
    enum form form;
    const char *values[VALUES_MOST];
} kinds[] = {
    { "flag", "boolean", PLAIN, { "true", "false" } },
    { "small", "smallint", PLAIN, { "-32768", "-1", "0", "7", "32767" } },
    { "whole", "integer", PLAIN, { "-2147483648", "-1", "0", "7", "2147483647" } },
    { "big", "bigint", PLAIN, { "-9223372036854775808", "0", "9007199254740993", "9223372036854775807" } },
    { "num", "numeric", PLAIN, { "-0.5", "0", "1.10", "123456789012345678901234567890.5", "NaN", "Infinity" } },
    { "price", "numeric(6,2)", PLAIN, { "-9999.99", "0", "1.10", "2", "9999.99" } },
    { "single", "real", PLAIN, { "-Infinity", "-1.5", "0", "0.1", "3e38", "NaN" } },
    { "dbl", "double precision", PLAIN, { "-Infinity", "-1.5", "0", "0.1", "1e300", "NaN" } },
    { "txt", "text", PLAIN, { "", "a", "A", "Ab,c", "50%_\\", "\"quoted\"", "zürich" } },
    { "short", "varchar(8)", PLAIN, { "", "a", "Ab", "abc", "%", "ABC\\" } },
    { "fixed", "char(4)", PADDED, { "a", "ab", "AB", "abc", "b%" } },
    { "uid", "uuid", PLAIN, { "00000000-0000-0000-0000-000000000000", "01234567-89ab-cdef-0123-456789abcdef",
                              "ffffffff-ffff-ffff-ffff-ffffffffffff" } },
    { "day", "date", PLAIN, { "-infinity", "1999-12-31", "2024-02-29", "2024-03-01", "infinity" } },
    { "clock", "time", PLAIN, { "00:00:00", "10:00:00", "23:59:59.5", "23:59:59.999999" } },
    { "local", "timestamp", PLAIN, { "1999-12-31T23:59:59", "2024-02-29T10:00:00", "2024-03-01T00:00:00.000001" } },
    { "at", "timestamptz", PLAIN, { "-infinity", "1999-12-31T23:59:59Z", "2024-02-29T10:00:00+02:00",
                                    "2024-03-01T00:00:00.000001Z", "infinity" } },
    { "span", "interval", PLAIN, { "P-1D", "PT0S", "PT2H", "P1D", "P1M" } },
    { "bytes", "bytea", BYTES, { "", "AA==", "AAEC", "/w==" } },
    { "mood", "public.mood", PLAIN, { "sad", "ok", "happy" } },
    { "share", "public.percent", PLAIN, { "0", "1", "50", "100" } },
    { "during", "int4range", PLAIN, { "empty", "[1,5)", "[2,3)", "[,3)", "[2,)" } },
    { "stay", "daterange", PLAIN, { "empty", "[2024-01-01,2024-02-01)", "[2024-01-15,)" } },
    { "ip", "inet", PLAIN, { "10.0.0.1", "10.0.0.0/8", "192.0.2.1", "::1", "2001:db8::/32" } },
    { "net", "cidr", PLAIN, { "10.0.0.0/8", "192.0.2.0/24", "::/0" } },
    { "tags", "text[]", ARRAY, { "{}", "{a}", "{a,b}", "{b,a,c}", "{\"a,b\"}" } },
    { "doc", "jsonb", DOCUMENT, { "{\"a\": 1}", "{\"a\": 1, \"b\": [1, 2]}", "[1, 2, 3]", "\"text\"", "1" } },
};

/* What each operator says, in other words than the program's: %c is the column, %v a value. */
static const struct word {
    const char *op, *sql;
    bool is_text;
} words[] = {
    { "eq", "%c = %v", false },
    { "ne", "%c <> %v", false },
    { "gt", "%v < %c", false },
    { "gte", "%v <= %c", false },
    { "lt", "%v > %c", false },
    { "lte", "%v >= %c", false },
    { "contains", "position(%v IN %c) > 0", true },
    { "icontains", "position(lower(%v) IN lower(%c)) > 0", true },
    { "startswith", "left(%c, length(%v)) = %v", true },
    { "istartswith", "left(lower(%c), length(%v)) = lower(%v)", true },
    { "endswith", "right(%c, length(%v)) = %v", true },
    { "like", "%c ~~ %v", true },
    { "ilike", "%c ~~* %v", true },
};

static struct live live;
static int combinations;
static unsigned seed = 20241131;

/* The same numbers on every run. */
static unsigned pick(unsigned n) {
    seed = seed * 1103515245 + 12345;
    return (seed >> 16) % n;
}

static unsigned count_of(const struct kind *kind) {
    unsigned n = 0;
    while (n < VALUES_MOST && kind->values[n] != NULL)
        n++;
    return n;
}

/* A value as an expression of its column's type. */
static const char *literal(const struct kind *kind, const char *value) {
    const char *quoted = cab_sql_quote_literal(live.mem, value);
    if (kind->form == BYTES)
        return cab_printf(live.mem, "decode(%s, 'base64')", quoted);
    return cab_printf(live.mem, "CAST(%s AS %s)", quoted, kind->type);
}

static bool is_text(const struct kind *kind) {
    return strcmp(kind->type, "text") == 0 || strncmp(kind->type, "varchar", 7) == 0 || kind->form == PADDED;
}

static void open_rows(void) {
    struct cab_buf sql;
    live_open(&live, "CREATE TYPE public.mood AS ENUM ('sad', 'ok', 'happy');"
                     "CREATE DOMAIN public.percent AS int CHECK (value BETWEEN 0 AND 100);");
    cab_buf_init(&sql, live.mem, 65536);
    cab_buf_adds(&sql, "CREATE TABLE public.kinds (id int PRIMARY KEY");
    for (size_t i = 0; i < CAB_LENGTH(kinds); i++)
        cab_buf_addf(&sql, ", %s %s", kinds[i].column, kinds[i].type);
    cab_buf_adds(&sql, "); COMMENT ON TABLE public.kinds IS 'Kinds. @api(expose)';"
                       "UPDATE cabinet.catalog_state SET generation = generation + 1;");
    for (int row = 1; row <= ROWS; row++) {
        cab_buf_addf(&sql, "INSERT INTO public.kinds VALUES (%d", row);
        for (size_t i = 0; i < CAB_LENGTH(kinds); i++)
            cab_buf_addf(&sql, ", %s",
                         pick(6) == 0 ? "NULL" : literal(&kinds[i], kinds[i].values[pick(count_of(&kinds[i]))]));
        cab_buf_adds(&sql, ");");
    }
    live_exec(&live, sql.data);
}

static void close_rows(void) {
    live_close(&live);
}

TestSuite(filters, .init = open_rows, .fini = close_rows, .timeout = 300);

/* A condition written by hand. */
static const char *by_hand(const struct word *word, const struct kind *kind, const char *value) {
    struct cab_buf sql;
    const char *column = kind->form == PADDED && word->is_text ? "rpad(fixed::text, 4)" : kind->column;
    const char *given = word->is_text ? cab_sql_quote_literal(live.mem, value) : literal(kind, value);
    if (word->is_text && kind->form != PADDED)
        column = cab_printf(live.mem, "%s::text", column);
    cab_buf_init(&sql, live.mem, 128);
    for (const char *c = word->sql; *c != '\0'; c++) {
        if (c[0] != '%' || (c[1] != 'c' && c[1] != 'v')) {
            cab_buf_addc(&sql, *c);
            continue;
        }
        cab_buf_adds(&sql, c[1] == 'c' ? column : given);
        c++;
    }
    return sql.data;
}

static void compare(const char *parameter, const char *value, const char *condition) {
    struct cab_buf path;
    combinations++;
    cab_buf_init(&path, live.mem, 256);
    cab_buf_addf(&path, "/kinds?size=100&fields=id&sort=id&count=none&%s=", parameter);
    cab_url_encode(&path, value);
    struct answer *a = live_ask(&live, "GET", path.data, live.ann, NULL, NULL);
    cr_expect_eq(a->status, 200, "%s: %s", path.data, a->body);
    if (a->status != 200)
        return;
    const char *expected = live_value(&live, cab_printf(live.mem,
                                                        "SELECT coalesce(string_agg(id::text, ',' ORDER BY id), '')"
                                                        " FROM public.kinds WHERE %s", condition));
    cr_expect_str_eq(column_of(&live, a, "id"), expected, "%s against %s", path.data, condition);
}

/* A value as it stands in a JSON filter. */
static const char *as_json(const struct kind *kind, const char *value) {
    struct cab_buf json;
    cab_buf_init(&json, live.mem, 64);
    if (kind->form == DOCUMENT || strcmp(kind->type, "boolean") == 0)
        cab_buf_adds(&json, value);
    else if (kind->form == ARRAY)
        cab_buf_adds(&json, live_value(&live, cab_printf(live.mem, "SELECT to_json(%s)", literal(kind, value))));
    else
        cab_json_cstring(&json, value);
    return json.data;
}

/* As it stands in a parameter: an array is a list. */
static const char *as_parameter(const struct kind *kind, const char *value) {
    return kind->form != ARRAY ? value
         : live_value(&live, cab_printf(live.mem, "SELECT coalesce(string_agg(replace(e, ',', '\\,'), ','), '')"
                                                  " FROM unnest(%s) AS e", literal(kind, value)));
}

static void compare_both(const char *op, const struct kind *kind, const char *value, const char *condition) {
    bool is_empty_list = kind->form == ARRAY && strcmp(value, "{}") == 0; /* no parameter says that */
    if (!is_empty_list)
        compare(cab_printf(live.mem, "%s__%s", kind->column, op), as_parameter(kind, value), condition);
    compare("filter", cab_printf(live.mem, "{\"%s\":{\"%s\":%s}}", kind->column, op, as_json(kind, value)), condition);
}

/* A list of n values of the kind: escaped for a parameter, as JSON, as SQL. */
struct list { struct cab_buf parameter, json, sql; };

static void make_list(struct list *list, const struct kind *kind, unsigned n) {
    cab_buf_init(&list->parameter, live.mem, 64);
    cab_buf_init(&list->json, live.mem, 64);
    cab_buf_init(&list->sql, live.mem, 64);
    for (unsigned i = 0; i < n; i++) {
        const char *value = kind->values[pick(count_of(kind))], *comma = i > 0 ? "," : "";
        cab_buf_adds(&list->parameter, comma);
        for (const char *c = value; *c != '\0'; c++) {
            if (*c == ',' || *c == '\\')
                cab_buf_addc(&list->parameter, '\\');
            cab_buf_addc(&list->parameter, *c);
        }
        cab_buf_addf(&list->json, "%s%s", comma, as_json(kind, value));
        cab_buf_addf(&list->sql, "%s%s", comma, literal(kind, value));
    }
}

static void compare_lists(const struct kind *kind) {
    struct list list;
    for (unsigned n = 1; n <= 4; n++) {
        make_list(&list, kind, n);
        const char *in = cab_printf(live.mem, "%s IN (%s)", kind->column, list.sql.data);
        const char *not_in = cab_printf(live.mem, "%s NOT IN (%s)", kind->column, list.sql.data);
        compare(cab_printf(live.mem, "%s__in", kind->column), list.parameter.data, in);
        compare(cab_printf(live.mem, "%s__nin", kind->column), list.parameter.data, not_in);
        compare("filter", cab_printf(live.mem, "{\"%s\":{\"in\":[%s]}}", kind->column, list.json.data), in);
        compare("filter", cab_printf(live.mem, "{\"%s\":{\"nin\":[%s]}}", kind->column, list.json.data), not_in);
    }
}

static void compare_between(const struct kind *kind) {
    unsigned n = count_of(kind);
    for (unsigned i = 0; i < 5; i++) {
        struct list list;
        make_list(&list, kind, 2);
        unsigned a = pick(n), b = pick(n);
        const char *sql = cab_printf(live.mem, "%s BETWEEN %s AND %s", kind->column, literal(kind, kind->values[a]),
                                     literal(kind, kind->values[b]));
        compare("filter", cab_printf(live.mem, "{\"%s\":{\"between\":[%s,%s]}}", kind->column,
                                     as_json(kind, kind->values[a]), as_json(kind, kind->values[b])), sql);
        const char *comma = strstr(list.sql.data, "),");
        if (comma == NULL)
            continue;
        compare(cab_printf(live.mem, "%s__between", kind->column), list.parameter.data,
                cab_printf(live.mem, "%s >= %.*s) AND %s <= %s", kind->column, (int)(comma - list.sql.data),
                           list.sql.data, kind->column, comma + 2));
    }
}

static bool has(const struct kind *kind, const char *op) {
    const struct cab_table *table = cab_catalog_find(live.service.catalog, "kinds");
    return cab_operator_fits(cab_operator_find(op), cab_table_column(table, kind->column));
}

/* A pattern must not end in the middle of an escape. */
static bool is_broken_pattern(const struct word *word, const char *value) {
    return strstr(word->op, "like") != NULL && value[strlen(value) - (*value != '\0')] == '\\';
}

static const char *const patterns[] = { "%", "_", "a%", "%B%", "_b%", "50\\%%", "%\\\\" };

static void compare_kind(const struct kind *kind) {
    for (size_t w = 0; w < CAB_LENGTH(words); w++) {
        bool fits = words[w].is_text ? is_text(kind) : has(kind, words[w].op);
        for (unsigned i = 0; fits && i < count_of(kind); i++)
            if (!is_broken_pattern(&words[w], kind->values[i]))
                compare_both(words[w].op, kind, kind->values[i], by_hand(&words[w], kind, kind->values[i]));
        for (size_t i = 0; fits && words[w].is_text && i < CAB_LENGTH(patterns); i++)
            compare_both(words[w].op, kind, patterns[i], by_hand(&words[w], kind, patterns[i]));
    }
    if (kind->form == ARRAY || kind->form == DOCUMENT)
        for (unsigned i = 0; i < count_of(kind); i++)
            compare_both("contains", kind, kind->values[i],
                         cab_printf(live.mem, "%s <@ %s", literal(kind, kind->values[i]), kind->column));
    if (has(kind, "in"))
        compare_lists(kind);
    if (has(kind, "between"))
        compare_between(kind);
    compare(cab_printf(live.mem, "%s__null", kind->column), "true", cab_printf(live.mem, "%s IS NULL", kind->column));
    compare(cab_printf(live.mem, "%s__null", kind->column), "false",
            cab_printf(live.mem, "NOT (%s IS NULL)", kind->column));
    compare("filter", cab_printf(live.mem, "{\"%s\":null}", kind->column),
            cab_printf(live.mem, "%s IS NULL", kind->column));
}

/* A tree of conditions at random, as JSON and as SQL. */
static void add_tree(int depth, struct cab_buf *json, struct cab_buf *sql) {
    static const char *const names[] = { "and", "or" };
    unsigned choice = depth == 0 ? 3 : pick(4);
    if (choice <= 1) {
        unsigned n = 1 + pick(3);
        cab_buf_addf(json, "{\"%s\":[", names[choice]);
        cab_buf_addc(sql, '(');
        for (unsigned i = 0; i < n; i++) {
            cab_buf_adds(json, i > 0 ? "," : "");
            cab_buf_adds(sql, i == 0 ? "" : choice == 0 ? " AND " : " OR ");
            add_tree(depth - 1, json, sql);
        }
        cab_buf_adds(json, "]}");
        cab_buf_addc(sql, ')');
    } else if (choice == 2) {
        cab_buf_adds(json, "{\"not\":");
        cab_buf_adds(sql, "NOT (");
        add_tree(depth - 1, json, sql);
        cab_buf_addc(json, '}');
        cab_buf_addc(sql, ')');
    } else {
        const struct kind *kind = &kinds[pick(CAB_LENGTH(kinds))];
        const struct word *word = &words[has(kind, "gt") ? pick(6) : pick(2)];
        const char *value = kind->values[pick(count_of(kind))];
        cab_buf_addf(json, "{\"%s\":{\"%s\":%s}}", kind->column, word->op, as_json(kind, value));
        cab_buf_addf(sql, "(%s)", by_hand(word, kind, value));
    }
}

Test(filters, give_what_sql_gives) {
    cr_assert_eq(live_ask(&live, "GET", "/kinds?size=1", live.ann, NULL, NULL)->status, 200);
    for (size_t i = 0; i < CAB_LENGTH(kinds); i++)
        compare_kind(&kinds[i]);
    for (int i = 0; i < 400; i++) {
        struct cab_buf json, sql;
        cab_buf_init(&json, live.mem, 512);
        cab_buf_init(&sql, live.mem, 512);
        add_tree(3, &json, &sql);
        compare("filter", json.data, sql.data);
    }
    cr_expect_geq(combinations, COMBINATIONS, "%d combinations", combinations);
    cr_log_info("%d combinations", combinations);
}
