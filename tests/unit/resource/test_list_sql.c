/*
 * The statements of lists: text and bound values.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "fixture.h"
#include "resource/list.h"

#define NOTES_OF_7 " FROM \"public\".\"notes\" AS t WHERE t.\"deleted_at\" IS NULL AND t.\"owner_id\" = $1::bigint"
#define USERS " FROM \"public\".\"users\" AS t WHERE t.\"deleted_at\" IS NULL"

static void plan(void *mem, struct cab_list *list, enum who who, const char *table, const char *uri) {
    struct cab_err err = { 0 };
    struct cab_call *call = fixture_call(mem, who, "GET", uri, table, NULL);
    int rc = cab_list_plan(list, call, call->table, &err);
    cr_assert_eq(rc, 0, "%s: %s %s", uri, err.detail, fixture_flaws(mem, &err));
}

static void expect_from(enum who who, const char *table, const char *uri, const char *text, const char *values) {
    void *mem = cab_mem_alloc(NULL, 1);
    struct cab_list list;
    struct cab_sql sql;
    plan(mem, &list, who, table, uri);
    cab_sql_init(&sql, mem);
    cab_list_from(&list, &sql);
    cr_expect_str_eq(sql.text.data, text, "%s:\n%s", uri, sql.text.data);
    cr_expect_str_eq(fixture_values(mem, &sql), values, "%s: %s", uri, fixture_values(mem, &sql));
    cab_mem_free(mem);
}

Test(list_sql, rows_of_the_caller) {
    expect_from(ADMIN, "users", "/u", USERS, "");
    expect_from(PERSON, "users", "/u", USERS, "");
    expect_from(PERSON, "notes", "/n", NOTES_OF_7, "7");
    expect_from(ADMIN, "users", "/u?is_deleted=true",
                " FROM \"public\".\"users\" AS t WHERE t.\"deleted_at\" IS NOT NULL", "");
    expect_from(ADMIN, "users", "/u?is_verified=true", USERS " AND t.\"is_verified\" = true", "");
    expect_from(ADMIN, "users", "/u?is_verified__ne=true", USERS " AND t.\"is_verified\" <> true", "");
    expect_from(PERSON, "kinds", "/k", " FROM \"public\".\"kinds\" AS t WHERE true", "");
}

Test(list_sql, filters) {
    static const struct { const char *uri, *text, *values; } cases[] = {
        { "?rank=5", "t.\"rank\" = $2::smallint", "5" },
        { "?rank__ne=5", "t.\"rank\" <> $2::smallint", "5" },
        { "?rank[gte]=5", "t.\"rank\" >= $2::smallint", "5" },
        { "?a__b=1", "t.\"a__b\" = $2::integer", "1" },
        { "?a__b__lt=1", "t.\"a__b\" < $2::integer", "1" },
        { "?a__lt=1", "t.\"a\" < $2::integer", "1" },
        { "?rank__in=1,2", "t.\"rank\" = ANY ($2::smallint[])", "{\"1\",\"2\"}" },
        { "?body__nin=a%5C,b,%22", "t.\"body\" <> ALL ($2::text[])", "{\"a,b\",\"\\\"\"}" },
        { "?rank__null=true", "t.\"rank\" IS NULL", NULL },
        { "?rank__null=false", "t.\"rank\" IS NOT NULL", NULL },
        { "?body=none", "t.\"body\" IS NULL", NULL },
        { "?body__ne=none", "t.\"body\" IS NOT NULL", NULL },
        { "?title=none", "t.\"title\" = $2::character varying", "none" },
        { "?color=none", "t.\"color\" IS NULL", NULL },
        { "?title__contains=50%25_%5C", "t.\"title\" LIKE $2::text", "%50\\%\\_\\\\%" },
        { "?title__istartswith=a", "t.\"title\" ILIKE $2::text", "a%" },
        { "?title__endswith=a", "t.\"title\" LIKE $2::text", "%a" },
        { "?title__like=a_%25", "t.\"title\" LIKE $2::text", "a_%" },
        { "?color__contains=e", "t.\"color\"::text LIKE $2::text", "%e%" },
        { "?rank__between=1,5", "(t.\"rank\" >= $2::smallint AND t.\"rank\" <= $3::smallint)", "1|5" },
        { "?date_created=2024-02-29",
          "(t.\"date_created\" >= $2::timestamp with time zone AND t.\"date_created\" < $3::timestamp with time zone)",
          "2024-02-29T00:00:00Z|2024-03-01T00:00:00Z" },
        { "?date_created__ne=2024-12-31",
          "(t.\"date_created\" < $2::timestamp with time zone OR t.\"date_created\" >= $3::timestamp with time zone)",
          "2024-12-31T00:00:00Z|2025-01-01T00:00:00Z" },
        { "?date_created__gt=2024-12-31", "t.\"date_created\" >= $2::timestamp with time zone",
          "2025-01-01T00:00:00Z" },
        { "?date_created__lte=2024-12-31", "t.\"date_created\" < $2::timestamp with time zone",
          "2025-01-01T00:00:00Z" },
        { "?date_created__lt=2024-12-31", "t.\"date_created\" < $2::timestamp with time zone", "2024-12-31T00:00:00Z" },
        { "?date_created_after=2024-12-31", "t.\"date_created\" >= $2::timestamp with time zone",
          "2024-12-31T00:00:00Z" },
        { "?date_created_before=2024-12-31T10:00:00Z", "t.\"date_created\" <= $2::timestamp with time zone",
          "2024-12-31T10:00:00Z" },
        { "?date_created__between=2024-01-01,2024-01-31",
          "(t.\"date_created\" >= $2::timestamp with time zone AND t.\"date_created\" < $3::timestamp with time zone)",
          "2024-01-01T00:00:00Z|2024-02-01T00:00:00Z" },
        { "?date_created__in=2024-01-01,2024-01-31T00:00:00Z",
          "((t.\"date_created\" >= $2::timestamp with time zone AND t.\"date_created\" < $3::timestamp with time zone)"
          " OR t.\"date_created\" = ANY ($4::timestamp with time zone[]))",
          "2024-01-01T00:00:00Z|2024-01-02T00:00:00Z|{\"2024-01-31T00:00:00Z\"}" },
        { "?filter={\"or\":[{\"rank\":1},{\"not\":{\"rank\":[2,null]}}]}",
          "((t.\"rank\" = $2::smallint) OR (NOT ((t.\"rank\" IS NULL OR t.\"rank\" = ANY ($3::smallint[])))))",
          "1|{\"2\"}" },
        { "?rank__gt=1&a=2", "t.\"a\" = $2::integer AND t.\"rank\" > $3::smallint", "2|1" },
        { "?a=2&rank__gt=1", "t.\"a\" = $2::integer AND t.\"rank\" > $3::smallint", "2|1" },
    };
    for (size_t i = 0; i < CAB_LENGTH(cases); i++) {
        char uri[256], text[512], values[256];
        struct cab_buf encoded;
        void *mem = cab_mem_alloc(NULL, 1);
        const char *json = strstr(cases[i].uri, "filter=");
        cab_buf_init(&encoded, mem, 64);
        if (json != NULL)
            cab_url_encode(&encoded, json + 7);
        snprintf(uri, sizeof uri, "/n%s%s", json != NULL ? "?filter=" : cases[i].uri, encoded.data);
        snprintf(text, sizeof text, NOTES_OF_7 " AND %s", cases[i].text);
        snprintf(values, sizeof values, "7%s%s", cases[i].values != NULL ? "|" : "",
                 cases[i].values != NULL ? cases[i].values : "");
        expect_from(PERSON, "notes", uri, text, values);
        cab_mem_free(mem);
    }
}

Test(list_sql, filters_of_other_kinds) {
    static const struct { const char *uri, *text, *values; } cases[] = {
        { "?tags__contains=a,b", "t.\"tags\" @> $1::text[]", "{\"a\",\"b\"}" },
        { "?numbers=1,2", "t.\"numbers\" = $1::integer[]", "{\"1\",\"2\"}" },
        { "?doc__contains=%7B%22a%22:1%7D", "t.\"doc\" @> $1::jsonb", "{\"a\":1}" },
        { "?place=%281,2%29", "t.\"place\"::text = $1::text", "(1,2)" },
        { "?place__in=a,b", "t.\"place\"::text = ANY ($1::text[])", "{\"a\",\"b\"}" },
        { "?fixed=abc", "t.\"fixed\" = $1::bpchar", "abc" },
        { "?n__gt=1.5", "t.\"n\" > $1::numeric", "1.5" },
        { "?bytes=AAEC", "t.\"bytes\" = $1::bytea", "\\x000102" },
        { "?local=2024-01-01",
          "(t.\"local\" >= $1::timestamp without time zone AND t.\"local\" < $2::timestamp without time zone)",
          "2024-01-01T00:00:00|2024-01-02T00:00:00" },
        { "?day__gt=2024-01-01", "t.\"day\" > $1::date", "2024-01-01" },
        { "?pair__null=true", "t.\"pair\" IS NULL", "" },
        { "?plain__null=true", "t.\"plain\" IS NULL", "" },
    };
    for (size_t i = 0; i < CAB_LENGTH(cases); i++) {
        char uri[128], text[512];
        snprintf(uri, sizeof uri, "/k%s", cases[i].uri);
        snprintf(text, sizeof text, " FROM \"public\".\"kinds\" AS t WHERE true AND %s", cases[i].text);
        expect_from(ADMIN, "kinds", uri, text, cases[i].values);
    }
}

Test(list_sql, search_covers_what_the_caller_reads) {
    expect_from(ADMIN, "users", "/u?search=Abc+5%25_%5C",
                USERS " AND (t.\"email\" ILIKE $1::text OR t.\"username\" ILIKE $1::text)"
                      " AND (t.\"email\" ILIKE $2::text OR t.\"username\" ILIKE $2::text)", "%Abc%|%5\\%\\_\\\\%");
    expect_from(PERSON, "users", "/u?search=abc", USERS " AND (t.\"username\" ILIKE $1::text)", "%abc%");
    expect_from(PERSON, "users", "/u?search=+", USERS, "");
}

#define BEGINNING "(^|[\\x01-/:-@[-`{-~])"

Test(list_sql, short_words_are_looked_for_where_words_begin) {
    static const struct { const char *word, *test, *value; } cases[] = {
        { "oe", "~*", BEGINNING "oe" },
        { "O", "~*", BEGINNING "O" },
        { "c%2B", "~*", BEGINNING "c\\+" },
        { "4_", "~*", BEGINNING "4\\_" },
        { "%C3%A9%C3%9F", "~*", BEGINNING "\xC3\xA9\xC3\x9F" },   /* é ß */
        { "%E2%B9%9F", "~*", BEGINNING "\xE2\xB9\x9F" },          /* U+2E5F */
        { "%01", "~*", BEGINNING "\x01" },
        { ".c", "~*", "\\.c" },
        { "%25", "~*", "\\%" },
        { "%5C%5C", "~*", "\\\\\\\\" },
        { "%5B%5E", "~*", "\\[\\^" },
        { "%E6%9D%B1%E4%BA%AC", "ILIKE", "%\xE6\x9D\xB1\xE4\xBA\xAC%" }, /* 東京 */
        { "%E2%BA%80", "ILIKE", "%\xE2\xBA\x80%" },               /* U+2E80 */
        { "a%F0%A0%80%80", "ILIKE", "%a\xF0\xA0\x80\x80%" },      /* U+20000 */
        { "%25_%5C", "ILIKE", "%\\%\\_\\\\%" },
    };
    for (size_t i = 0; i < CAB_LENGTH(cases); i++) {
        char uri[128], text[256];
        snprintf(uri, sizeof uri, "/u?search=%s", cases[i].word);
        snprintf(text, sizeof text, USERS " AND (t.\"email\" %s $1::text OR t.\"username\" %s $1::text)", cases[i].test,
                 cases[i].test);
        expect_from(ADMIN, "users", uri, text, cases[i].value);
    }
    expect_from(ADMIN, "users", "/u?search=oe+mar",
                USERS " AND (t.\"email\" ~* $1::text OR t.\"username\" ~* $1::text)"
                      " AND (t.\"email\" ILIKE $2::text OR t.\"username\" ILIKE $2::text)", BEGINNING "oe|%mar%");
}

static void expect_tail(enum who who, const char *table, const char *uri, const char *tail, const char *values) {
    void *mem = cab_mem_alloc(NULL, 1);
    struct cab_list list;
    struct cab_sql sql;
    plan(mem, &list, who, table, uri);
    cab_sql_init(&sql, mem);
    cab_list_select(&list, &sql);
    const char *order = strstr(sql.text.data, " ORDER BY");
    cr_expect_str_eq(order, tail, "%s:\n%s", uri, sql.text.data);
    cr_expect_str_eq(fixture_values(mem, &sql), values, "%s: %s", uri, fixture_values(mem, &sql));
    cab_mem_free(mem);
}

Test(list_sql, order_and_limit) {
    /* one row more, unless an exact total says what follows */
    expect_tail(ADMIN, "users", "/u", " ORDER BY t.\"id\" LIMIT 21", "");
    expect_tail(ADMIN, "users", "/u?count=exact", " ORDER BY t.\"id\" LIMIT 20", "");
    expect_tail(ADMIN, "users", "/u?count=none&size=5", " ORDER BY t.\"id\" LIMIT $1::bigint", "6");
    expect_tail(ADMIN, "users", "/u?is_verified=true&size=7", " ORDER BY t.\"id\" LIMIT $1::bigint", "8");
    expect_tail(ADMIN, "users", "/u?sort_by=date_created&sort_order=desc&page=3",
                " ORDER BY t.\"date_created\" DESC, t.\"id\" DESC LIMIT 21 OFFSET $1::bigint", "40");
    expect_tail(ADMIN, "users", "/u?sort=oauth_provider,-id,email",
                " ORDER BY t.\"oauth_provider\" NULLS LAST, t.\"id\" DESC LIMIT 21", "");
    expect_tail(ADMIN, "users", "/u?sort=-oauth_provider",
                " ORDER BY t.\"oauth_provider\" DESC NULLS LAST, t.\"id\" DESC LIMIT 21", "");
    expect_tail(ADMIN, "kinds", "/k", " ORDER BY t.\"n\" DESC, t.\"id\" DESC LIMIT 21", "");
    expect_tail(ADMIN, "users", "/u?sort_order=desc", " ORDER BY t.\"id\" DESC LIMIT 21", "");
}

Test(list_sql, order_by_closeness) {
    expect_tail(ADMIN, "users", "/u?search=abc+Def&sort=_closeness",
                " ORDER BY greatest(public.word_similarity($3::text, t.\"email\"::text),"
                " public.word_similarity($3::text, t.\"username\"::text)) DESC, t.\"id\" LIMIT 21",
                "%abc%|%Def%|abc Def");
    expect_tail(PERSON, "users", "/u?search=abc&sort_by=_closeness&sort_order=desc&page=2",
                " ORDER BY greatest(public.word_similarity($2::text, t.\"username\"::text)), t.\"id\" DESC"
                " LIMIT 21 OFFSET $3::bigint", "%abc%|abc|20");
    expect_tail(PERSON, "users", "/u?search=abc&sort=username,_closeness,-date_created",
                " ORDER BY t.\"username\", greatest(public.word_similarity($2::text, t.\"username\"::text)) DESC,"
                " t.\"date_created\" DESC, t.\"id\" DESC LIMIT 21", "%abc%|abc");
}

Test(list_sql, sort_columns_stand_once) {
    static const struct { const char *sort, *columns; } cases[] = {
        { "-date_created", "t.\"date_created\", t.\"id\"" },
        { "_closeness", "t.\"id\", t.\"email\", t.\"username\"" },
        { "email,-_closeness", "t.\"email\", t.\"id\", t.\"username\"" },
    };
    for (size_t i = 0; i < CAB_LENGTH(cases); i++) {
        void *mem = cab_mem_alloc(NULL, 1);
        struct cab_list list;
        struct cab_sql sql;
        plan(mem, &list, ADMIN, "users", cab_printf(mem, "/u?search=abc&sort=%s", cases[i].sort));
        cab_sql_init(&sql, mem);
        cab_list_sort_columns(&list, &sql);
        cr_expect_str_eq(sql.text.data, cases[i].columns, "%s", sql.text.data);
        cab_mem_free(mem);
    }
}

Test(list_sql, deep_pages_walk_over_keys) {
    void *mem = cab_mem_alloc(NULL, 1);
    struct cab_list list;
    struct cab_sql sql;
    plan(mem, &list, PERSON, "users", "/u?page=5001&sort=-date_created");
    cab_sql_init(&sql, mem);
    cab_list_select(&list, &sql);
    const char *from = strstr(sql.text.data, " FROM");
    cr_expect_str_eq(from,
                     " FROM (SELECT t.\"id\" AS key" USERS " ORDER BY t.\"date_created\" DESC, t.\"id\" DESC"
                     " LIMIT 21 OFFSET $1::bigint) AS k JOIN \"public\".\"users\" AS t ON t.\"id\" = k.key"
                     " ORDER BY t.\"date_created\" DESC, t.\"id\" DESC", "%s", from);
    cr_expect_str_eq(fixture_values(mem, &sql), "100000");
    cab_mem_free(mem);
}

/* The condition that a cursor at values adds. */
static const char *behind(void *mem, const char *uri, bool is_backward, const char **values) {
    struct cab_list list;
    struct cab_sql sql;
    struct cab_err err = { 0 };
    plan(mem, &list, ADMIN, "notes", uri);
    struct cab_cursor cursor = { is_backward, values, list.query.n_sort };
    char *text = cab_cursor_make(mem, list.call->conf, list.scope, &cursor);
    cr_assert_not_null(text);
    struct cab_call *call = fixture_call(mem, ADMIN, "GET", cab_printf(mem, "%s&cursor=%s", uri, text), "notes", NULL);
    cr_assert_eq(cab_list_plan(&list, call, call->table, &err), 0, "%s", err.detail);
    cab_sql_init(&sql, mem);
    cab_list_select(&list, &sql);
    return strstr(sql.text.data, "IS NULL AND") + strlen("IS NULL AND ");
}

Test(list_sql, cursors) {
    void *mem = cab_mem_alloc(NULL, 1);
    cr_expect_str_eq(behind(mem, "/n?sort=-date_created", false, (const char *[]){ "2024", "5" }),
                     "(t.\"date_created\", t.\"id\") < ($1::timestamp with time zone, $2::bigint)"
                     " ORDER BY t.\"date_created\" DESC, t.\"id\" DESC LIMIT 21");
    cr_expect_str_eq(behind(mem, "/n?sort=-date_created", true, (const char *[]){ "2024", "5" }),
                     "(t.\"date_created\", t.\"id\") > ($1::timestamp with time zone, $2::bigint)"
                     " ORDER BY t.\"date_created\", t.\"id\" LIMIT 21");
    cr_expect_str_eq(behind(mem, "/n?sort=rank,-id", false, (const char *[]){ "3", "5" }),
                     "(((t.\"rank\" > $1::smallint OR t.\"rank\" IS NULL))"
                     " OR (t.\"rank\" = $2::smallint AND t.\"id\" < $3::bigint))"
                     " ORDER BY t.\"rank\" NULLS LAST, t.\"id\" DESC LIMIT 21");
    cr_expect_str_eq(behind(mem, "/n?sort=rank,-id", true, (const char *[]){ "3", "5" }),
                     "((t.\"rank\" < $1::smallint) OR (t.\"rank\" = $2::smallint AND t.\"id\" > $3::bigint))"
                     " ORDER BY t.\"rank\" DESC NULLS FIRST, t.\"id\" LIMIT 21");
    cr_expect_str_eq(behind(mem, "/n?sort=-rank", false, (const char *[]){ NULL, "5" }),
                     "((t.\"rank\" IS NULL AND t.\"id\" < $1::bigint))"
                     " ORDER BY t.\"rank\" DESC NULLS LAST, t.\"id\" DESC LIMIT 21");
    cr_expect_str_eq(behind(mem, "/n?sort=-rank", true, (const char *[]){ NULL, "5" }),
                     "((t.\"rank\" IS NOT NULL) OR (t.\"rank\" IS NULL AND t.\"id\" > $1::bigint))"
                     " ORDER BY t.\"rank\" NULLS FIRST, t.\"id\" LIMIT 21");
    cab_mem_free(mem);
}

Test(list_sql, columns_follow_the_policy) {
    static const struct { enum who who; const char *uri, *columns; } cases[] = {
        { ADMIN, "/u?fields=username", "t.\"username\", t.\"id\", t.\"row_version\"" },
        { PERSON, "/u?fields=username,email", "t.\"email\", t.\"username\", t.\"id\", t.\"row_version\"" },
        { PERSON, "/u", "t.\"id\", t.\"email\", t.\"username\", t.\"is_verified\", t.\"oauth_provider\", "
                        "t.\"date_created\", t.\"row_version\"" },
        { ADMIN, "/u", "t.\"id\", t.\"email\", t.\"username\", t.\"is_verified\", t.\"oauth_provider\", "
                       "t.\"date_created\", t.\"deleted_at\", t.\"row_version\"" },
    };
    void *mem = cab_mem_alloc(NULL, 1);
    for (size_t i = 0; i < CAB_LENGTH(cases); i++) {
        struct cab_list list;
        struct cab_sql sql;
        plan(mem, &list, cases[i].who, "users", cases[i].uri);
        cab_sql_init(&sql, mem);
        cab_row_plan_columns(list.plan, &sql);
        cr_expect_str_eq(sql.text.data, cases[i].columns, "%s: %s", cases[i].uri, sql.text.data);
    }
    cab_mem_free(mem);
}
