/*
 * Every kind of column against a real server: values in and out without loss, and filters that give what SQL gives.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "live.h"
#include "resource/filter.h"

static const char ddl[] =
    "CREATE TYPE public.mood AS ENUM ('sad', 'ok', 'happy');"
    "CREATE TYPE public.pair AS (a int, b text);"
    "CREATE DOMAIN public.percent AS int CHECK (value BETWEEN 0 AND 100);"
    "CREATE DOMAIN public.word AS varchar(9) CONSTRAINT word_form CHECK (value !~ ' ');"
    "COMMENT ON CONSTRAINT word_form ON DOMAIN public.word IS 'A word has no spaces.';"
    "CREATE TABLE public.kinds (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    " flag boolean, small smallint, whole integer, big bigint, num numeric, price numeric(6,2), single real,"
    " dbl double precision, txt text, short varchar(5), fixed char(3), uid uuid, day date, clock time, local timestamp,"
    " at timestamptz, span interval, doc jsonb, plain json, bytes bytea, mood mood, share percent, tags text[],"
    " grid int[], times timestamptz[], during int4range, stay tstzrange, ip inet, net cidr, mac macaddr, spot point,"
    " p pair, zoned timetz, bits bit(4), some_bits varbit, ranges int4multirange, nums numeric[], bigs bigint[],"
    " floats float8[], flags boolean[], days date[], spans interval[], uids uuid[], moods mood[], blobs bytea[],"
    " docs jsonb[], shares percent[], hosts inet[], words tsvector, doc_no oid, mac8 macaddr8, page xml,"
    " first word, last word);"
    "COMMENT ON TABLE public.kinds IS 'Kinds. @api(expose)'";

static struct live live;

static void open_kinds(void) {
    live_open(&live, ddl);
}

static void close_kinds(void) {
    live_close(&live);
}

TestSuite(types, .init = open_kinds, .fini = close_kinds, .timeout = 120);

Test(types, in_and_out) {
    static const struct { const char *column, *in, *out; } cases[] = {
        { "flag", "true", "true" },
        { "small", "-32768", "-32768" },
        { "whole", "\"2147483647\"", "2147483647" },
        { "big", "9223372036854775807", "9223372036854775807" },
        { "num", "123456789012345678901234567890.000000000100", "\"123456789012345678901234567890.000000000100\"" },
        { "num", "\"NaN\"", "\"NaN\"" },
        { "num", "1e3", "\"1000\"" },
        { "price", "1234.5", "\"1234.50\"" },
        { "single", "0.1", "0.1" },
        { "dbl", "0.1", "0.1" },
        { "dbl", "\"-Infinity\"", "\"-Infinity\"" },
        { "dbl", "1e300", "1e+300" },
        { "txt", "\"a\\u00e4\\n\\\"\\\\\\ud83d\\ude00\"", "\"aä\\n\\\"\\\\😀\"" },
        { "txt", "\"\"", "\"\"" },
        { "short", "\"äöüäö\"", "\"äöüäö\"" },
        { "fixed", "\"ab\"", "\"ab \"" },
        { "uid", "\"01234567-89AB-cdef-0123-456789abcdef\"", "\"01234567-89ab-cdef-0123-456789abcdef\"" },
        { "day", "\"2024-02-29\"", "\"2024-02-29\"" },
        { "clock", "\"23:59:59.5\"", "\"23:59:59.5\"" },
        { "local", "\"2024-02-29T12:00:00.25\"", "\"2024-02-29T12:00:00.25\"" },
        { "at", "\"2024-02-29T12:00:00.000001+02:00\"", "\"2024-02-29T10:00:00.000001Z\"" },
        { "at", "\"infinity\"", "\"infinity\"" },
        { "span", "\"P1DT2H\"", NULL },
        { "doc", "{\"a\":[1,null,1.50,\"x\"]}", "{\"a\": [1, null, 1.50, \"x\"]}" },
        { "plain", "[1, {\"b\":  2}]", "[1, {\"b\":  2}]" },
        { "bytes", "\"AAEC/w==\"", "\"AAEC/w==\"" },
        { "mood", "\"happy\"", "\"happy\"" },
        { "share", "100", "100" },
        { "tags", "[\"a,b\",\"\\\"\\\\\",null,\"\",\"NULL\"]", "[\"a,b\", \"\\\"\\\\\", null, \"\", \"NULL\"]" },
        { "grid", "[[1,2],[3,4]]", "[[1, 2], [3, 4]]" },
        { "grid", "[]", "[]" },
        { "times", "[\"2024-02-29T12:00:00Z\"]", "[\"2024-02-29T12:00:00+00:00\"]" },
        { "during", "\"[1,5)\"", "\"[1,5)\"" },
        { "stay", "\"[2024-01-01T00:00:00Z,)\"", NULL },
        { "ip", "\"10.0.0.1\"", "\"10.0.0.1\"" },
        { "net", "\"10.0.0.0/8\"", "\"10.0.0.0/8\"" },
        { "mac", "\"08:00:2b:01:02:03\"", "\"08:00:2b:01:02:03\"" },
        { "spot", "\"(1,2)\"", "\"(1,2)\"" },
        { "single", "\"NaN\"", "\"NaN\"" },
        { "single", "\"Infinity\"", "\"Infinity\"" },
        { "dbl", "5e-324", "5e-324" },
        { "dbl", "123456789.123456789", "123456789.12345679" },
        { "num", "\"-Infinity\"", "\"-Infinity\"" },
        { "day", "\"infinity\"", "\"infinity\"" },
        { "clock", "\"24:00:00\"", "\"24:00:00\"" },
        { "flag", "null", "null" },
        { "zoned", "\"12:00:00+02\"", "\"12:00:00+02\"" },
        { "bits", "\"1010\"", "\"1010\"" },
        { "some_bits", "\"101\"", "\"101\"" },
        { "ranges", "\"{[1,3),[5,9)}\"", "\"{[1,3),[5,9)}\"" },
        { "nums", "[1.10,\"123456789012345678901234567890.5\",null]",
          "[1.10, 123456789012345678901234567890.5, null]" },
        { "bigs", "[9223372036854775807,-1]", "[9223372036854775807, -1]" },
        { "floats", "[0.1,\"NaN\",\"-Infinity\",1e300]", NULL },
        { "flags", "[true,false,null]", "[true, false, null]" },
        { "days", "[\"2024-02-29\",\"infinity\"]", "[\"2024-02-29\", \"infinity\"]" },
        { "spans", "[\"P1DT2H\"]", NULL },
        { "uids", "[\"01234567-89AB-cdef-0123-456789abcdef\"]", "[\"01234567-89ab-cdef-0123-456789abcdef\"]" },
        { "moods", "[\"sad\",\"happy\"]", "[\"sad\", \"happy\"]" },
        { "blobs", "[\"AAEC/w==\",null,\"\"]", "[\"AAEC/w==\", null, \"\"]" },
        { "blobs", "[[\"/w==\"],[\"AA==\"]]", "[[\"/w==\"], [\"AA==\"]]" },
        { "docs", "[{\"a\":1.50},[1],\"x\",null]", NULL },
        { "shares", "[0,100]", "[0, 100]" },
        { "hosts", "[\"10.0.0.1\"]", "[\"10.0.0.1\"]" },
        { "words", "\"'a' 'b'\"", "\"'a' 'b'\"" },
        { "doc_no", "\"4294967295\"", NULL },
        { "mac8", "\"08:00:2b:01:02:03:04:05\"", "\"08:00:2b:01:02:03:04:05\"" },
        { "page", "\"<a>b</a>\"", "\"<a>b</a>\"" },
    };
    for (size_t i = 0; i < CAB_LENGTH(cases); i++) {
        const char *body = cab_printf(live.mem, "{\"%s\":%s}", cases[i].column, cases[i].in);
        struct answer *a = live_ask(&live, "POST", "/kinds", live.ann, body, NULL);
        cr_expect_eq(a->status, 201, "%s: %s", body, a->body);
        if (a->status != 201)
            continue;
        size_t n;
        const char *source = cab_json_source(cab_json_get(a->json, cases[i].column), &n);
        const char *out = cab_strndup(live.mem, source, n);
        if (cases[i].out != NULL)
            cr_expect_str_eq(out, cases[i].out, "%s: %s", body, out);
        /* what came out goes in again and is the same */
        const char *again = cab_printf(live.mem, "{\"%s\":%s}", cases[i].column, out);
        a = live_ask(&live, "POST", "/kinds", live.ann, again, NULL);
        cr_expect_eq(a->status, 201, "%s: %s", again, a->body);
        if (a->status == 201) {
            source = cab_json_source(cab_json_get(a->json, cases[i].column), &n);
            cr_expect_str_eq(cab_strndup(live.mem, source, n), out);
        }
    }
    live_exec(&live, "INSERT INTO public.kinds (p) VALUES (row(1, 'x'))");
    struct answer *a = live_ask(&live, "GET", "/kinds?p__null=false&fields=p", live.ann, NULL, NULL);
    cr_expect_str_eq(column_of(&live, a, "p"), "{\"a\": 1, \"b\": \"x\"}");
    a = live_ask(&live, "GET", "/kinds?big__null=false&fields=big", live.ann, NULL,
                 WITH("HTTP_ACCEPT", "application/json;numbers=string"));
    cr_expect_not_null(strstr(a->body, "\"big\":\"9223372036854775807\""), "%s", a->body);
}

Test(types, what_only_the_server_can_judge) {
    static const struct { const char *body, *errors; } cases[] = {
        { "{\"ip\":\"x\",\"during\":\"[5,1)\",\"span\":\"P\",\"txt\":\"fine\"}", "span:type during:type ip:type" },
        { "{\"share\":101}", "share:check" },
        { "{\"first\":\"one\",\"last\":\"two words\"}", "last:check" },
        { "{\"first\":\"one word\",\"last\":\"two words\"}", "first:check last:check" },
        { "{\"first\":\"onewordonly\"}", "first:too_long" },
        { "{\"mac\":\"zz\"}", "mac:type" },
        { "{\"grid\":[[1],[2,3]]}", "grid:type" },
        { "{\"clock\":\"10:00\",\"num\":\"1e131071\",\"single\":1e-45}", "" },
    };
    for (size_t i = 0; i < CAB_LENGTH(cases); i++) {
        struct answer *a = live_ask(&live, "POST", "/kinds", live.ann, cases[i].body, NULL);
        cr_expect_eq(a->status, *cases[i].errors != '\0' ? 422 : a->status == 422 ? 422 : 201, "%s: %s", cases[i].body,
                     a->body);
        if (*cases[i].errors != '\0')
            cr_expect_str_eq(errors_of(&live, a), cases[i].errors, "%s: %s", cases[i].body, a->body);
    }
    struct answer *a = live_ask(&live, "GET", "/kinds?ip=x&during=%5B5,1%29&span__gt=P&big=1", live.ann, NULL, NULL);
    cr_expect_eq(a->status, 422, "%s", a->body);
    cr_expect_str_eq(errors_of(&live, a), "span__gt:type during:type ip:type", "%s", errors_of(&live, a));
}

/* Ids that a condition written by hand gives. */
static const char *by_hand(const char *condition) {
    return live_value(&live, cab_printf(live.mem, "SELECT coalesce(string_agg(id::text, ',' ORDER BY id), '')"
                                                  " FROM public.kinds WHERE %s", condition));
}

static void compare(const char *column, const char *op, const char *value, const char *condition) {
    struct cab_buf path;
    cab_buf_init(&path, live.mem, 128);
    cab_buf_addf(&path, "/kinds?size=100&fields=id&%s__%s=", column, op);
    cab_url_encode(&path, value);
    struct answer *a = live_ask(&live, "GET", path.data, live.ann, NULL, NULL);
    cr_expect_eq(a->status, 200, "%s: %s", path.data, a->body);
    if (a->status == 200)
        cr_expect_str_eq(column_of(&live, a, "id"), by_hand(condition), "%s against %s", path.data, condition);
}

/* Escapes commas for a list. */
static const char *escaped(const char *value) {
    struct cab_buf buf;
    cab_buf_init(&buf, live.mem, 32);
    for (; *value != '\0'; value++) {
        if (*value == ',' || *value == '\\')
            cab_buf_addc(&buf, '\\');
        cab_buf_addc(&buf, *value);
    }
    return buf.data;
}

Test(types, filters_give_what_sql_gives) {
    static const struct { const char *column, *type, *values[4], *low, *high; } cases[] = {
        { "flag", "boolean", { "true", "false" }, "false", "true" },
        { "small", "smallint", { "1", "2", "-5" }, "0", "1" },
        { "whole", "integer", { "1", "2", "-5" }, "0", "1" },
        { "big", "bigint", { "1", "9007199254740993", "-5" }, "0", "1" },
        { "num", "numeric", { "1.10", "2", "NaN" }, "0", "1.1" },
        { "price", "numeric", { "1.10", "2", "-3" }, "0", "1.1" },
        { "single", "real", { "0.1", "2", "NaN" }, "0", "1" },
        { "dbl", "double precision", { "0.1", "2", "-Infinity" }, "0", "1" },
        { "txt", "text", { "a", "Ab,c", "50%_\\" }, "B", "b" },
        { "short", "varchar", { "a", "Ab", "%" }, "B", "b" },
        { "fixed", "bpchar", { "a", "abc", "ABC" }, "A", "b" },
        { "uid", "uuid", { "01234567-89ab-cdef-0123-456789abcdef", "11234567-89ab-cdef-0123-456789abcdef" },
          "00000000-0000-0000-0000-000000000000", "02234567-89ab-cdef-0123-456789abcdef" },
        { "day", "date", { "2024-02-29", "2024-03-01", "infinity" }, "2024-02-01", "2024-02-29" },
        { "clock", "time", { "10:00:00", "23:59:59.5" }, "09:00:00", "11:00:00" },
        { "local", "timestamp", { "2024-02-29T10:00:00", "2024-03-01T00:00:00" }, "2024-02-01T00:00:00",
          "2024-02-29T10:00:00" },
        { "at", "timestamptz", { "2024-02-29T10:00:00Z", "2024-03-01T00:00:00Z", "infinity" }, "2024-02-01T00:00:00Z",
          "2024-03-01T00:00:00Z" },
        { "span", "interval", { "P1D", "PT2H" }, "PT1H", "PT3H" },
        { "bytes", "bytea", { "AAEC", "/w==" }, "AA==", "AAED" },
        { "mood", "mood", { "sad", "ok", "happy" }, "sad", "ok" },
        { "share", "int", { "0", "50", "100" }, "1", "99" },
        { "during", "int4range", { "[1,5)", "[2,3)" }, "[0,1)", "[2,2]" },
        { "ip", "inet", { "10.0.0.1", "192.0.2.0/24" }, "10.0.0.0", "10.0.0.9" },
    };
    static const struct { const char *op, *sql; } compared[] = {
        { "eq", "=" }, { "ne", "<>" }, { "gt", ">" }, { "gte", ">=" }, { "lt", "<" }, { "lte", "<=" },
    };
    int combinations = 0;
    for (size_t i = 0; i < CAB_LENGTH(cases); i++) {
        const char *column = cases[i].column;
        bool is_bytes = strcmp(cases[i].type, "bytea") == 0;
        for (int j = 0; j < 4 && cases[i].values[j] != NULL; j++)
            live_exec(&live, cab_printf(live.mem, "INSERT INTO public.kinds (%s) VALUES (%s%s%s)", column,
                                        is_bytes ? "decode(" : "", cab_sql_quote_literal(live.mem, cases[i].values[j]),
                                        is_bytes ? ", 'base64')" : ""));
    }
    for (size_t i = 0; i < CAB_LENGTH(cases); i++) {
        const char *column = cases[i].column, *type = cases[i].type;
        bool is_bytes = strcmp(type, "bytea") == 0;
        struct cab_buf list, sql;
        cab_buf_init(&list, live.mem, 64);
        cab_buf_init(&sql, live.mem, 64);
        for (int j = 0; j < 4 && cases[i].values[j] != NULL; j++) {
            const char *value = cases[i].values[j], *literal = cab_sql_quote_literal(live.mem, value);
            literal = cab_printf(live.mem, is_bytes ? "decode(%s, 'base64')%s" : "%s::%s", literal,
                                 is_bytes ? "" : type);
            for (size_t k = 0; k < CAB_LENGTH(compared); k++, combinations++)
                compare(column, compared[k].op, value, cab_printf(live.mem, "%s %s %s", column, compared[k].sql,
                                                                  literal));
            cab_buf_addf(&list, "%s%s", j > 0 ? "," : "", escaped(value));
            cab_buf_addf(&sql, "%s%s", j > 0 ? "," : "", literal);
            if (j > 0) {
                compare(column, "in", list.data, cab_printf(live.mem, "%s IN (%s)", column, sql.data));
                compare(column, "nin", list.data, cab_printf(live.mem, "%s NOT IN (%s)", column, sql.data));
                combinations += 2;
            }
        }
        const char *low = cab_sql_quote_literal(live.mem, cases[i].low);
        const char *high = cab_sql_quote_literal(live.mem, cases[i].high);
        compare(column, "between", cab_printf(live.mem, "%s,%s", escaped(cases[i].low), escaped(cases[i].high)),
                is_bytes ? cab_printf(live.mem, "%s BETWEEN decode(%s, 'base64') AND decode(%s, 'base64')", column,
                                      low, high)
                         : cab_printf(live.mem, "%s BETWEEN %s::%s AND %s::%s", column, low, type, high, type));
        compare(column, "null", "true", cab_printf(live.mem, "%s IS NULL AND id < 100", column));
        compare(column, "null", "false", cab_printf(live.mem, "%s IS NOT NULL", column));
        combinations += 3;
    }
    cr_expect_geq(combinations, 400, "%d", combinations);
}

Test(types, text_filters) {
    live_exec(&live,
              "INSERT INTO public.kinds (txt, short, tags, doc) VALUES ('50%', 'Abc', '{a,b}', '{\"a\":1,\"b\":2}'),"
                     " ('50 percent', 'abc', '{b}', '{\"a\":2}'), ('a_b', 'xabc', '{}', '1'),"
                     " ('axb', 'abcx', NULL, NULL), ('c\\d', 'ABC', '{\"a,b\"}', 'null')");
    compare("txt", "contains", "50%", "txt = '50%'");
    compare("txt", "contains", "a_b", "txt = 'a_b'");
    compare("txt", "contains", "\\", "txt = 'c\\d'");
    compare("txt", "like", "a_b", "txt IN ('a_b', 'axb')");
    compare("txt", "like", "50\\%", "txt = '50%'");
    compare("short", "startswith", "abc", "short IN ('abc', 'abcx')");
    compare("short", "istartswith", "aBC", "lower(short) LIKE 'abc%'");
    compare("short", "endswith", "abc", "short IN ('abc', 'xabc')");
    compare("short", "icontains", "BC", "true");
    compare("short", "ilike", "a%C", "short IN ('Abc', 'abc', 'ABC')");
    compare("tags", "contains", "b", "tags @> '{b}'");
    compare("tags", "contains", "a\\,b", "tags @> '{\"a,b\"}'");
    compare("tags", "eq", "a,b", "tags = '{a,b}'");
    compare("doc", "contains", "{\"a\":1}", "doc @> '{\"a\":1}'");
    compare("doc", "eq", "{\"a\": 2}", "doc = '{\"a\":2}'");
    compare("txt", "eq", "none", "txt IS NULL");
}

Test(types, whole_days) {
    live_exec(&live, "INSERT INTO public.kinds (at) VALUES ('2024-02-28 23:59:59.999999Z'), ('2024-02-29 00:00:00Z'), "
                     "('2024-02-29 23:59:59.999999Z'), ('2024-03-01 00:00:00Z')");
    compare("at", "eq", "2024-02-29", "id IN (2, 3)");
    compare("at", "ne", "2024-02-29", "id IN (1, 4)");
    compare("at", "lte", "2024-02-29", "id IN (1, 2, 3)");
    compare("at", "gt", "2024-02-29", "id = 4");
    compare("at", "lt", "2024-02-29", "id = 1");
    compare("at", "gte", "2024-02-29", "id IN (2, 3, 4)");
    compare("at", "between", "2024-02-28,2024-02-29", "id IN (1, 2, 3)");
    compare("at", "in", "2024-02-28,2024-03-01T00:00:00Z", "id IN (1, 4)");
    compare("at", "nin", "2024-02-28,2024-03-01T00:00:00Z", "id IN (2, 3)");
}
