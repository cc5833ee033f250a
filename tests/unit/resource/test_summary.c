/*
 * Totals and far pages from the summary of counted tables are what a plain count and a plain OFFSET say.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "live.h"
#include "migrate/derive.h"

/* Names that are the summary's own, names to be quoted, values that are equal in two writings, NULL everywhere. */
static const char ddl[] =
    "CREATE TYPE public.mood AS ENUM ('glad', 'sad');"
    "CREATE TABLE public.\"OddThings\" (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, owner_id bigint NOT NULL,"
    " n numeric, \"day\" text, \"Mood\" public.mood, span inet, most bool, date_created timestamp,"
    " deleted_at timestamptz);"
    "COMMENT ON TABLE public.\"OddThings\" IS '@api(expose, owner(owner_id), soft_delete,"
    " counted(owner_id, n, day, \"Mood\", span, most))';"
    "GRANT SELECT, INSERT, UPDATE, DELETE ON public.\"OddThings\" TO cabinet_app;"
    "CREATE TABLE public.plain (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, kind int NOT NULL, other text);"
    "COMMENT ON TABLE public.plain IS '@api(expose, counted(kind))';"
    "CREATE TABLE public.dated (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, kind int,"
    " date_created date NOT NULL DEFAULT current_date);"
    "COMMENT ON TABLE public.dated IS '@api(expose, order(-date_created), counted(kind), audit(off))';"
    "CREATE TABLE public.uncounted (id int PRIMARY KEY);"
    "COMMENT ON TABLE public.uncounted IS '@api(expose)';"
    "CREATE FUNCTION public.make_users(n int) RETURNS void LANGUAGE sql AS $$"
    " INSERT INTO public.users (email, username, is_verified, is_superuser, oauth_provider, date_created, deleted_at)"
    " SELECT 'u' || i || '@example.org', 'user' || i, i % 3 > 0, i % 50 = 0,"
    "  (ARRAY['google', 'apple', NULL, 'none'])[1 + i % 4],"
    "  CASE WHEN i % 5 = 0 THEN timestamptz '2024-02-28 00:00:00Z' + (i % 7) * interval '1 day'"
    "       WHEN i % 5 = 1 THEN timestamptz '2024-02-28 23:59:59.999999Z' + (i % 7) * interval '1 day'"
    "       ELSE timestamptz '2023-11-30 12:00:00Z' + i * interval '53 minutes' END,"
    "  CASE WHEN i % 9 = 0 THEN now() END FROM generate_series(1, n) AS i $$";

static struct live live;

/* What follows from the annotations of tables that no revision knows. */
static void derive(const char *name) {
    struct cab_catalog *catalog;
    struct cab_err err = { 0 };
    struct cab_ddl list;
    cab_ddl_init(&list, live.mem);
    cr_assert_eq(cab_catalog_load(live.mem, live.db, &catalog, &err), 0, "%s", err.detail);
    cab_derive_table(&list, cab_catalog_any(catalog, "public", name));
    for (int i = 0; i < list.n; i++)
        live_exec(&live, list.items[i]);
}

static void open_all(void) {
    live_open(&live, ddl);
    derive("OddThings");
    derive("plain");
    derive("dated");
}

static void close_all(void) {
    live_close(&live);
}

TestSuite(summary, .init = open_all, .fini = close_all, .timeout = 240);

static const char *wrong(const char *table) {
    return live_value(&live, cab_printf(live.mem, "SELECT string_agg(v::text, ' ')"
                                                  " FROM cabinet.\"count_verify_%s\"() AS v", table));
}

static const char *counted(const char *from) {
    return live_value(&live, cab_printf(live.mem, "SELECT count(*) FROM %s", from));
}

/* The total of a list is that of a plain count. */
static void expect_total(const char *path, const char *from) {
    struct answer *answer = live_ask(&live, "GET", path, live.admin, NULL, NULL);
    cr_assert_eq(answer->status, 200, "%s: %s", path, answer->body);
    const char *total = member_of(&live, answer->json, "total");
    cr_expect_str_eq(total, counted(from), "%s: %s, %s", path, total, from);
}

struct part { const char *param, *sql; };

static const struct part states[] = { { "", "deleted_at IS NULL" }, { "&is_deleted=true", "deleted_at IS NOT NULL" } };
static const struct part verified[] = { { "", "" }, { "&is_verified=true", " AND is_verified" },
                                        { "&is_verified__ne=true", " AND NOT is_verified" } };
static const struct part superuser[] = { { "", "" }, { "&is_superuser=true", " AND is_superuser" } };
static const struct part provider[] = {
    { "", "" },
    { "&oauth_provider=google", " AND oauth_provider = 'google'" },
    { "&oauth_provider=none", " AND oauth_provider IS NULL" },
    { "&oauth_provider__in=google,apple,nobody", " AND oauth_provider IN ('google', 'apple')" },
    { "&oauth_provider__nin=google", " AND oauth_provider <> 'google'" },
    { "&oauth_provider__gt=b", " AND oauth_provider > 'b'" },
    { "&filter={\"or\":[{\"oauth_provider\":null},{\"not\":{\"is_verified\":true}}]}",
      " AND (oauth_provider IS NULL OR NOT is_verified)" },
    { "&filter={\"not\":{\"oauth_provider\":\"google\"}}", " AND NOT oauth_provider = 'google'" },
};
static const struct part dates[] = {
    { "", "" },
    { "&date_created=2024-02-29", " AND date_created::date = '2024-02-29'" },
    { "&date_created__ne=2024-02-29", " AND date_created::date <> '2024-02-29'" },
    { "&date_created__between=2024-01-31,2024-03-01", " AND date_created::date BETWEEN '2024-01-31' AND '2024-03-01'" },
    { "&date_created__gte=2024-02-28T00:00:00Z", " AND date_created >= '2024-02-28'" },
    { "&date_created__gt=2024-02-28T00:00:00Z", " AND date_created > '2024-02-28'" },
    { "&date_created__lte=2024-02-28T00:00:00Z", " AND date_created <= '2024-02-28'" },
    { "&date_created__gte=2024-02-28T01:00:00%2B01:00", " AND date_created >= '2024-02-28'" },
    { "&date_created__gte=2024-01-10T07:30:00Z&date_created__lt=2024-03-02T00:00:00.000001Z",
      " AND date_created >= '2024-01-10 07:30' AND date_created < '2024-03-02 00:00:00.000001'" },
    { "&date_created__gte=2024-02-29T10:00:00Z&date_created__lte=2024-02-29T23:59:59.999999Z",
      " AND date_created >= '2024-02-29 10:00' AND date_created <= '2024-02-29 23:59:59.999999'" },
    { "&date_created__gte=2024-02-29T10:00:00Z&date_created__lt=2024-03-01",
      " AND date_created >= '2024-02-29 10:00' AND date_created < '2024-03-01'" },
    { "&date_created__gte=2024-03-02T10:00:00Z&date_created__lt=2024-03-01T10:00:00Z", " AND false" },
    { "&date_created__in=2024-02-28,2024-03-02", " AND date_created::date IN ('2024-02-28', '2024-03-02')" },
    { "&date_created=2024-02-28T23:59:59.999999Z", " AND date_created = '2024-02-28 23:59:59.999999'" },
};

Test(summary, totals_of_every_combination_of_filters) {
    live_exec(&live, "SELECT public.make_users(3000); SELECT cabinet.counts_merge(500)");
    for (size_t a = 0; a < CAB_LENGTH(states); a++)
        for (size_t b = 0; b < CAB_LENGTH(verified); b++)
            for (size_t c = 0; c < CAB_LENGTH(superuser); c++)
                for (size_t d = 0; d < CAB_LENGTH(provider); d++)
                    for (size_t e = 0; e < CAB_LENGTH(dates); e++)
                        expect_total(cab_printf(live.mem, "/users?size=1&fields=id%s%s%s%s%s", states[a].param,
                                                verified[b].param, superuser[c].param, provider[d].param,
                                                dates[e].param),
                                     cab_printf(live.mem, "public.users WHERE %s%s%s%s%s", states[a].sql,
                                                verified[b].sql, superuser[c].sql, provider[d].sql, dates[e].sql));
    cr_expect_str_eq(wrong("users"), "-");
}

Test(summary, totals_come_from_the_summary) {
    live_exec(&live, "SELECT public.make_users(100)");
    /* what only the summary can say */
    live_exec(&live, "UPDATE cabinet.count_users SET n = n + 1000; INSERT INTO cabinet.delta_users"
                     " VALUES ('2024-01-01', false, true, false, 'google', 5000)");
    struct answer *answer = live_ask(&live, "GET", "/users?is_verified=true", live.admin, NULL, NULL);
    cr_expect_gt(atoi(member_of(&live, answer->json, "total")), 5000);
    answer = live_ask(&live, "GET", "/users?count=estimated", live.admin, NULL, NULL);
    cr_expect_gt(atoi(member_of(&live, answer->json, "total")), 5000);
    cr_expect_str_eq(member_of(&live, answer->json, "total_is_estimate"), "false");
    live_exec(&live, "INSERT INTO cabinet.delta_users VALUES"
                     " ('2024-01-01', false, true, false, 'google', 9000, '2024-01-01 10:00')");
    answer = live_ask(&live, "GET", "/users?date_created=2024-01-01", live.admin, NULL, NULL);
    cr_expect_gt(atoi(member_of(&live, answer->json, "total")), 9000);
    /* and what is not its business */
    expect_total("/users?search=user1", "public.users WHERE username LIKE '%user1%' AND deleted_at IS NULL");
    expect_total("/users?username=user1", "public.users WHERE username = 'user1'");
    cr_expect_str_neq(wrong("users"), "-");
    live_exec(&live, "SELECT cabinet.count_rebuild_users()");
    cr_expect_str_eq(wrong("users"), "-");
    expect_total("/users", "public.users WHERE deleted_at IS NULL");
}

/* Pages at both ends, and those between, against OFFSET. */
static void expect_pages(const char *path, const char *from, const char *order, int size) {
    const char *ids = live_value(&live, cab_printf(live.mem, "SELECT string_agg(id::text, ',' ORDER BY %s) FROM %s",
                                                   order, from));
    struct cab_buf got;
    cab_buf_init(&got, live.mem, strlen(ids) + 1);
    for (int page = 1;; page++) {
        struct answer *answer = live_ask(&live, "GET", cab_printf(live.mem, "%ssize=%d&page=%d", path, size, page),
                                         live.admin, NULL, NULL);
        cr_assert_eq(answer->status, 200, "%s: %s", path, answer->body);
        const char *column = column_of(&live, answer, "id");
        if (*column == '\0')
            break;
        cab_buf_addf(&got, "%s%s", page > 1 ? "," : "", column);
        cr_expect_str_eq(member_of(&live, answer->json, "has_next"),
                         got.len < strlen(ids) ? "true" : "false", "%s page %d", path, page);
    }
    cr_expect_str_eq(got.data, ids, "%s by %s", path, order);
}

Test(summary, pages_are_those_of_a_plain_offset) {
    live_exec(&live, "SELECT public.make_users(2600); SELECT cabinet.counts_merge(100000);"
                     "UPDATE public.users SET is_verified = NOT is_verified WHERE id % 4 = 0;"
                     "UPDATE public.users SET date_created = 'infinity' WHERE id % 400 = 1;"
                     "UPDATE public.users SET date_created = '-infinity' WHERE id % 400 = 2");
    cr_expect_str_eq(wrong("users"), "-");
    static const struct { const char *params, *where, *order; } cases[] = {
        { "", "true", "id" },
        { "sort=-id&", "true", "id DESC" },
        { "sort=date_created&", "true", "date_created, id" },
        { "sort=-date_created&", "true", "date_created DESC, id DESC" },
        { "sort=-date_created&count=none&", "true", "date_created DESC, id DESC" },
        { "sort=-date_created,username&", "true", "date_created DESC, username, id" },
        { "sort=username&count=none&", "true", "username" },
        { "sort=-oauth_provider,id&", "true", "oauth_provider DESC NULLS LAST, id" },
        { "sort=-date_created&is_verified=true&", "is_verified", "date_created DESC, id DESC" },
        { "sort=date_created&oauth_provider=none&", "oauth_provider IS NULL", "date_created, id" },
        { "sort=-date_created&date_created__gte=2023-12-15&", "date_created >= '2023-12-15'",
          "date_created DESC, id DESC" },
        { "sort=date_created&date_created__lt=2024-03-01&", "date_created < '2024-03-01'", "date_created, id" },
        { "sort=username&date_created__lt=2024-03-01&", "date_created < '2024-03-01'", "username" },
        { "sort=date_created&date_created__lt=2024-03-01T10:00:00Z&", "date_created < '2024-03-01 10:00'",
          "date_created, id" },
    };
    for (size_t i = 0; i < CAB_LENGTH(cases); i++)
        expect_pages(cab_printf(live.mem, "/users?fields=id&%s", cases[i].params),
                     cab_printf(live.mem, "public.users WHERE deleted_at IS NULL AND %s", cases[i].where),
                     cases[i].order, 97);
    expect_pages("/users?fields=id&sort=-date_created&", "public.users WHERE deleted_at IS NULL",
                 "date_created DESC, id DESC", 7);
}

static void expect_both_directions(int size) {
    expect_pages("/users?fields=id&count=none&sort=-date_created&", "public.users WHERE deleted_at IS NULL",
                 "date_created DESC, id DESC", size);
    expect_pages("/users?fields=id&sort=date_created&", "public.users WHERE deleted_at IS NULL", "date_created, id",
                 size);
    expect_pages("/users?fields=id&is_deleted=true&sort=-date_created&", "public.users WHERE deleted_at IS NOT NULL",
                 "date_created DESC, id DESC", size);
}

/* It comes every second, also where nobody writes. */
Test(summary, a_merge_of_nothing_writes_nothing) {
    live_exec(&live, "SELECT public.make_users(300); SELECT cabinet.counts_merge(100000)");
    const char *rows = "SELECT string_agg(ctid::text, ' ' ORDER BY start, span, is_deleted) FROM cabinet.ranks_users";
    const char *before = live_value(&live, rows);
    live_exec(&live, "SELECT cabinet.counts_merge(100000)");
    cr_expect_str_eq(live_value(&live, rows), before);
}

/* What ranks do not know yet lies before, in and behind the ten minutes that they lead to. */
Test(summary, pages_by_rank_with_deltas_anywhere) {
    live_exec(&live, "SELECT public.make_users(2800); UPDATE public.users SET deleted_at = now() WHERE id % 2 = 0");
    expect_both_directions(83); /* no ranks at all */
    live_exec(&live, "SELECT cabinet.counts_merge(100000)");
    cr_expect_str_eq(wrong("users"), "-");
    live_exec(&live, "UPDATE public.users SET deleted_at = NULL WHERE id % 4 = 0 AND id < 1000;"
                     "DELETE FROM public.users WHERE id % 7 = 3 AND id > 600;"
                     "INSERT INTO public.users (email, username, date_created)"
                     " SELECT 'v' || i || '@example.org', 'victor' || i,"
                     "  CASE i % 3 WHEN 0 THEN timestamptz '1999-12-31'"
                     "   WHEN 1 THEN timestamptz '2024-01-02 03:09:59.999999Z' ELSE now() END"
                     " FROM generate_series(1, 1500) AS i");
    expect_both_directions(83);
    live_exec(&live, "SELECT cabinet.counts_merge(100)");
    expect_both_directions(83);
    cr_expect_str_eq(wrong("users"), "-");
    live_exec(&live, "SELECT cabinet.counts_merge(100000)");
    expect_both_directions(83);
    cr_expect_str_eq(wrong("users"), "-");
    live_exec(&live, "DELETE FROM public.users WHERE username LIKE 'victor%' AND date_created < '2024-01-03';"
                     "COPY public.users (email, username) FROM PROGRAM"
                     " 'seq 1 900 | sed \"s/.*/w&@example.org\\twilliam&/\"'");
    expect_both_directions(83);
    live_exec(&live, "SELECT cabinet.counts_merge(100000)");
    expect_both_directions(83);
    cr_expect_str_eq(wrong("users"), "-");
}

/* The row that page 20 of 97 begins with. */
static const char *far_row(void) {
    struct answer *answer = live_ask(&live, "GET", "/users?fields=id&sort=-date_created&size=97&page=20", live.admin,
                                     NULL, NULL);
    cr_assert_eq(answer->status, 200, "%s", answer->body);
    return column_of(&live, answer, "id");
}

Test(summary, far_pages_come_from_ranks) {
    live_exec(&live, "SELECT public.make_users(2600); SELECT cabinet.counts_merge(100000)");
    const char *right = far_row();
    static const char *const spans[] = { "all", "month", "day" };
    for (size_t i = 0; i < CAB_LENGTH(spans); i++) {
        live_exec(&live, cab_printf(live.mem, "UPDATE cabinet.ranks_users SET through = ARRAY(SELECT v + i"
                                              " FROM unnest(through) WITH ORDINALITY AS k(v, i)) WHERE span = '%s'",
                                    spans[i]));
        cr_expect_str_neq(far_row(), right, "%s", spans[i]);
        cr_expect_str_neq(wrong("users"), "-", "%s", spans[i]);
        live_exec(&live, "SELECT cabinet.count_rebuild_users()");
        cr_expect_str_eq(far_row(), right, "%s", spans[i]);
        cr_expect_str_eq(wrong("users"), "-", "%s", spans[i]);
    }
    /* a summary that was made before there were ranks */
    live_exec(&live, "DROP TABLE cabinet.ranks_users; UPDATE cabinet.catalog_state SET generation = generation + 1");
    cr_expect_str_eq(far_row(), right);
}

/* Tables whose summary was made before there were calendars. */
Test(summary, pages_without_a_calendar) {
    live_exec(&live, "DROP VIEW cabinet.calendar_users; UPDATE cabinet.catalog_state SET generation = generation + 1;"
                     "SELECT public.make_users(1500)");
    expect_pages("/users?fields=id&sort=-date_created&", "public.users WHERE deleted_at IS NULL",
                 "date_created DESC, id DESC", 97);
    expect_pages("/users?fields=id&sort=date_created&date_created__gte=2023-12-15&",
                 "public.users WHERE deleted_at IS NULL AND date_created >= '2023-12-15'", "date_created, id", 97);
}

/* The address that links leads to, below the API's. */
static const char *link_of(const struct answer *answer, const char *name) {
    const char *link = member_of(&live, cab_json_get(answer->json, "links"), name);
    return strncmp(link, "/api/v1", 7) == 0 ? link + 7 : link;
}

Test(summary, far_pages_without_one_are_walked_by_cursor) {
    live_exec(&live, "INSERT INTO public.uncounted SELECT generate_series(1, 100040)");
    struct answer *answer = live_ask(&live, "GET", "/uncounted?page=5001&sort=-id&fields=id", live.admin, NULL, NULL);
    cr_assert_eq(answer->status, 200, "%s", answer->body);
    cr_expect_str_eq(column_of(&live, answer, "id"), "40,39,38,37,36,35,34,33,32,31,30,29,28,27,26,25,24,23,22,21");
    cr_expect_str_eq(member_of(&live, answer->json, "has_next"), "true");
    cr_expect_str_eq(link_of(answer, "last"), "null");
    cr_expect_not_null(strstr(link_of(answer, "next"), "cursor="), "%s", answer->body);
    answer = live_ask(&live, "GET", link_of(answer, "next"), live.admin, NULL, NULL);
    cr_assert_eq(answer->status, 200, "%s", answer->body);
    cr_expect_str_eq(column_of(&live, answer, "id"), "20,19,18,17,16,15,14,13,12,11,10,9,8,7,6,5,4,3,2,1");
    answer = live_ask(&live, "GET", "/uncounted?page=5002", live.admin, NULL, NULL);
    cr_expect_eq(answer->status, 422, "%s", answer->body);
    cr_expect_str_eq(member_of(&live, answer->json, "code"), "offset_too_deep");
    /* nor where it does not know the filter */
    answer = live_ask(&live, "GET", "/users?page=5002&username=user1", live.admin, NULL, NULL);
    cr_expect_str_eq(member_of(&live, answer->json, "code"), "offset_too_deep");
    answer = live_ask(&live, "GET", "/users?page=10000000&sort=-date_created", live.admin, NULL, NULL);
    cr_assert_eq(answer->status, 200, "%s", answer->body);
    cr_expect_str_eq(column_of(&live, answer, "id"), "");
    cr_expect_eq(live_ask(&live, "GET", "/users?page=10000000&sort=username", live.admin, NULL, NULL)->status, 200);
}

Test(summary, any_type_any_name_and_nulls) {
    live_exec(&live,
              "INSERT INTO public.\"OddThings\" (owner_id, n, \"day\", \"Mood\", span, most, date_created, deleted_at)"
              " SELECT 1 + i % 2, (ARRAY[1, 1.0, 1.00, 'NaN', NULL])[1 + i % 5]::numeric,"
              " (ARRAY['', 'none', NULL, '{NULL}'])[1 + i % 4], (ARRAY['glad', 'sad', NULL])[1 + i % 3]::public.mood,"
              " (ARRAY['10.0.0.1', NULL])[1 + i % 2]::inet, (ARRAY[true, false, NULL])[1 + i % 3],"
              " CASE WHEN i % 11 > 0 THEN timestamp '2024-02-28 22:00' + i * interval '10 min' END,"
              " CASE WHEN i % 6 = 0 THEN now() END FROM generate_series(1, 1500) AS i");
    for (int i = 0; i < 3; i++) {
        cr_expect_str_eq(wrong("OddThings"), "-");
        live_exec(&live, i == 0 ? "SELECT cabinet.counts_merge(300)" : "SELECT cabinet.counts_merge(30000)");
    }
    cr_expect_str_eq(counted("cabinet.\"delta_OddThings\""), "0");
    /* a kind is one row, NULL or not */
    live_exec(&live, "INSERT INTO public.\"OddThings\" (owner_id) VALUES (1); SELECT cabinet.counts_merge(10);"
                     "INSERT INTO public.\"OddThings\" (owner_id) VALUES (1); SELECT cabinet.counts_merge(10)");
    cr_expect_str_eq(live_value(&live, "SELECT n_ FROM cabinet.\"count_OddThings\" WHERE span_ = 'all' AND n IS NULL"
                                       " AND \"day\" IS NULL AND \"Mood\" IS NULL AND span IS NULL AND most IS NULL"
                                       " AND NOT is_deleted"), "2");
    static const struct { const char *params, *where; } cases[] = {
        { "", "true" },
        { "n=1", "n = 1" },
        { "n__null=true", "n IS NULL" },
        { "day=none", "\"day\" IS NULL" },
        { "Mood=glad&span=10.0.0.1", "\"Mood\" = 'glad' AND span = '10.0.0.1'" },
        { "Mood__gt=glad", "\"Mood\" > 'glad'" },
        { "most=false", "NOT most" },
        { "date_created__null=true", "date_created IS NULL" },
        { "date_created=2024-02-29", "date_created::date = '2024-02-29'" },
        { "date_created__gt=2024-02-29T10:00:00&date_created__lt=2024-03-05T11:00:00",
          "date_created > '2024-02-29 10:00' AND date_created < '2024-03-05 11:00'" },
        { "filter={\"not\":{\"date_created\":{\"gte\":\"2024-03-01\"}}}", "NOT date_created >= '2024-03-01'" },
        { "day__contains=o", "\"day\" LIKE '%o%'" },
    };
    for (size_t i = 0; i < CAB_LENGTH(cases); i++)
        for (size_t k = 0; k < CAB_LENGTH(states); k++) {
            const char *path = cab_printf(live.mem, "/OddThings?size=1&%s%s", cases[i].params, states[k].param);
            const char *from = cab_printf(live.mem, "public.\"OddThings\" WHERE (%s) AND %s", cases[i].where,
                                          states[k].sql);
            expect_total(path, from);
            if (k > 0) /* the trash is the administrators' */
                continue;
            struct answer *own = live_ask(&live, "GET", path, live.ann, NULL, NULL);
            cr_expect_str_eq(member_of(&live, own->json, "total"),
                             counted(cab_printf(live.mem, "%s AND owner_id = 2", from)), "%s: %s", path, own->body);
        }
    expect_pages("/OddThings?fields=id&sort=date_created&", "public.\"OddThings\" WHERE deleted_at IS NULL",
                 "date_created, id", 100);
}

Test(summary, tables_without_a_day_and_with_nothing_but_days) {
    live_exec(&live, "INSERT INTO public.plain (kind, other) SELECT i % 3, i FROM generate_series(1, 1400) AS i;"
                     "INSERT INTO public.dated (kind, date_created)"
                     " SELECT nullif(i % 3, 0), date '2024-01-30' + i / 20 FROM generate_series(1, 1400) AS i;"
                     "SELECT cabinet.counts_merge(100)");
    expect_total("/plain", "public.plain");
    expect_total("/plain?kind=2", "public.plain WHERE kind = 2");
    expect_total("/plain?other=2", "public.plain WHERE other = '2'");
    expect_pages("/plain?fields=id&sort=-id&", "public.plain", "id DESC", 100);
    expect_total("/dated?date_created__gt=2024-02-10", "public.dated WHERE date_created > '2024-02-10'");
    expect_total("/dated?date_created__in=2024-02-10,2024-02-12&kind__null=true",
                 "public.dated WHERE date_created IN ('2024-02-10', '2024-02-12') AND kind IS NULL");
    expect_pages("/dated?fields=id&", "public.dated", "date_created DESC, id DESC", 100);
    expect_pages("/dated?fields=id&sort=date_created&kind=1&", "public.dated WHERE kind = 1", "date_created, id", 90);
    cr_expect_str_eq(wrong("plain"), "-");
    cr_expect_str_eq(wrong("dated"), "-");
}

/* One step of a writer, by chance. */
static const char *const steps[] = {
    "INSERT INTO public.plain (kind) SELECT random() * 5 FROM generate_series(1, 1 + (random() * 20)::int)",
    "UPDATE public.plain SET kind = random() * 5 WHERE id % 10 = (random() * 10)::int",
    "UPDATE public.plain SET other = 'x' WHERE id % 10 = (random() * 10)::int",
    "DELETE FROM public.plain WHERE id % 20 = (random() * 20)::int",
    "BEGIN; INSERT INTO public.plain (kind) VALUES (7), (8); ROLLBACK",
    "BEGIN; INSERT INTO public.plain (kind) VALUES (1); SAVEPOINT a;"
    " UPDATE public.plain SET kind = 9 WHERE id % 50 = 3; ROLLBACK TO a; INSERT INTO public.plain (kind) VALUES (2); "
    "COMMIT",
    "COPY public.plain (kind) FROM PROGRAM 'seq 1 5'",
    "MERGE INTO public.plain AS p USING (SELECT i FROM generate_series(1, 60) AS i) AS s ON p.id = s.i"
    " WHEN MATCHED AND s.i % 2 = 0 THEN DELETE WHEN MATCHED THEN UPDATE SET kind = s.i % 4"
    " WHEN NOT MATCHED AND s.i % 7 = 0 THEN INSERT (kind) VALUES (3)",
    "INSERT INTO public.plain (id, kind) OVERRIDING SYSTEM VALUE SELECT i, 4 FROM generate_series(1, 9) AS i"
    " ON CONFLICT (id) DO UPDATE SET kind = 5",
    "SELECT cabinet.counts_merge(50)",
};

static void write_by_chance(int seed) {
    struct cab_db *db = live_second(&live);
    struct cab_err err = { 0 };
    srandom((unsigned)seed);
    for (int i = 0; i < 120; i++) {
        size_t step = (size_t)random() % CAB_LENGTH(steps);
        const char *sql = steps[step];
        if (random() % 150 == 0)
            sql = random() % 2 ? "BEGIN; TRUNCATE public.plain; ROLLBACK" : "TRUNCATE public.plain";
        /* a deadlock with another writer is a rollback like others */
        if (cab_db_exec(db, sql, &err) != 0 && cab_db_exec(db, "ROLLBACK", &err) != 0)
            _exit(1);
    }
    _exit(0);
}

Test(summary, exact_while_many_write_and_deltas_are_merged) {
    enum { WRITERS = 8 };
    pid_t writers[WRITERS];
    int checks = 0, running = WRITERS, status;
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = fork();
        cr_assert_geq(writers[i], 0);
        if (writers[i] == 0)
            write_by_chance(i + 1);
    }
    while (running > 0) {
        for (int i = 0; i < WRITERS; i++)
            if (writers[i] > 0 && waitpid(writers[i], &status, WNOHANG) == writers[i]) {
                cr_expect_eq(status, 0);
                writers[i] = 0;
                running--;
            }
        live_exec(&live, "SELECT cabinet.counts_merge(200)");
        cr_expect_str_eq(wrong("plain"), "-");
        checks++;
    }
    cr_expect_gt(checks, 8);
    live_exec(&live, "SELECT cabinet.counts_merge(1000000)");
    cr_expect_str_eq(wrong("plain"), "-");
    cr_expect_str_eq(counted("cabinet.delta_plain"), "0");
    expect_total("/plain", "public.plain");
}

Test(summary, rights_of_the_app) {
    live_exec(&live, "SELECT public.make_users(50); SET ROLE cabinet_app");
    live_exec(&live, "INSERT INTO public.users (email, username) VALUES ('x@example.org', 'xxx')");
    live_exec(&live, "UPDATE public.users SET deleted_at = now() WHERE username = 'xxx'");
    live_exec(&live, "SELECT cabinet.counts_merge(1000)");
    cr_expect_str_eq(wrong("users"), "-");
    expect_total("/users?is_deleted=true", "public.users WHERE deleted_at IS NOT NULL");
    struct cab_err err = { 0 };
    cr_expect_neq(cab_db_exec(live.db, "UPDATE cabinet.count_users SET n = 0", &err), 0);
    cr_expect_neq(cab_db_exec(live.db, "DELETE FROM cabinet.delta_users", &err), 0);
    live_exec(&live, "RESET ROLE; BEGIN ISOLATION LEVEL REPEATABLE READ");
    cr_expect_neq(cab_db_exec(live.db, "SELECT cabinet.count_rebuild_users()", &err), 0);
    live_exec(&live, "ROLLBACK");
}
