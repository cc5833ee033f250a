/*
 * What is wrong with a request, and what would be right: status, code, the parameter or field, and the remedy.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "live.h"

static const char ddl[] =
    "CREATE TYPE public.color AS ENUM ('red', 'green');"
    "CREATE TABLE public.notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    " owner_id bigint NOT NULL REFERENCES public.users (id), title text NOT NULL, rank int, color public.color,"
    " at timestamptz, tags text[], code text, secret text, deleted_at timestamptz,"
    " row_version bigint NOT NULL DEFAULT 1,"
    " CONSTRAINT notes_rank CHECK (rank BETWEEN 0 AND 9));"
    "CREATE UNIQUE INDEX notes_code ON public.notes (code) WHERE deleted_at IS NULL;"
    "COMMENT ON TABLE public.notes IS 'Notes. @api(expose, owner(owner_id), soft_delete)';"
    "COMMENT ON COLUMN public.notes.secret IS 'Secret. @api(hidden)';"
    "COMMENT ON CONSTRAINT notes_rank ON public.notes IS 'The rank must be 0 to 9.';"
    "CREATE TABLE public.stays (id int PRIMARY KEY, room int NOT NULL, during int4range NOT NULL, guest int REFERENCES"
    " public.stays (id), CONSTRAINT stays_once EXCLUDE USING gist (during WITH &&));"
    "COMMENT ON TABLE public.stays IS 'Stays. @api(expose)';"
    "CREATE TABLE public.keys (id int PRIMARY KEY, secret text); COMMENT ON TABLE public.keys IS 'Not served.'";

static struct live live;

static void open_tables(void) {
    live_open(&live, ddl);
}

static void close_tables(void) {
    live_close(&live);
}

TestSuite(refusals, .init = open_tables, .fini = close_tables, .timeout = 120);

struct refused {
    const char *method, *path, *body;
    int status;
    const char *code, *told[3]; /* told: what the answer has to say */
};

static void check(const struct refused *row) {
    struct answer *a = live_ask(&live, row->method, row->path, live.ann, row->body, NULL);
    cr_expect_eq(a->status, row->status, "%s %s: %d %s", row->method, row->path, a->status, a->body);
    cr_expect_str_eq(member_of(&live, a->json, "code"), row->code, "%s %s: %s", row->method, row->path, a->body);
    for (int i = 0; i < 3 && row->told[i] != NULL; i++)
        cr_expect_not_null(strstr(a->body, row->told[i]), "%s %s does not say %s: %s", row->method, row->path,
                           row->told[i], a->body);
    cr_expect_null(strstr(a->body, "SELECT"), "%s", a->body);
}

Test(refusals, of_queries) {
    static const struct refused rows[] = {
        { "GET", "/note", NULL, 404, "not_found", { NULL } },
        { "GET", "/keys", NULL, 404, "not_found", { NULL } },
        { "GET", "/notes?titel=x", NULL, 400, "unknown_parameter",
          { "\"parameter\":\"titel\"", "did you mean title?" } },
        { "GET", "/notes?secret=x", NULL, 400, "unknown_parameter", { "\"parameter\":\"secret\"" } },
        { "GET", "/notes?title__contain=x", NULL, 400, "unknown_parameter", { "title__contain", "contains" } },
        { "GET", "/notes?rank__contains=x", NULL, 422, "invalid",
          { "\"parameter\":\"rank__contains\"", "eq, ne, gt" } },
        { "GET", "/notes?rank=x", NULL, 422, "invalid", { "\"parameter\":\"rank\"", "integer" } },
        { "GET", "/notes?color=blue", NULL, 422, "invalid", { "\"parameter\":\"color\"", "red, green" } },
        { "GET", "/notes?at__gt=yesterday", NULL, 422, "invalid", { "\"parameter\":\"at__gt\"", "2024-05-31" } },
        { "GET", "/notes?rank__between=1", NULL, 422, "invalid", { "\"parameter\":\"rank__between\"", "two" } },
        { "GET", "/notes?rank__null=maybe", NULL, 422, "invalid", { "\"parameter\":\"rank__null\"", "true or false" } },
        { "GET", "/notes?sort=titel", NULL, 422, "invalid", { "\"parameter\":\"sort\"", "title" } },
        { "GET", "/notes?sort=id,rank,title,code,at", NULL, 422, "invalid", { "\"parameter\":\"sort\"", "4" } },
        { "GET", "/notes?sort=id&sort_by=id", NULL, 400, "malformed_request", { "sort" } },
        { "GET", "/notes?fields=titel", NULL, 422, "invalid", { "\"parameter\":\"fields\"", "title" } },
        { "GET", "/notes?expand=keys", NULL, 422, "invalid", { "\"parameter\":\"expand\"" } },
        { "GET", "/notes?expand=ownr", NULL, 422, "invalid", { "\"parameter\":\"expand\"", "owner" } },
        { "GET", "/notes?page=0", NULL, 422, "invalid", { "\"parameter\":\"page\"", "from 1" } },
        { "GET", "/notes?size=101", NULL, 422, "invalid", { "\"parameter\":\"size\"", "between 1 and 100" } },
        { "GET", "/notes?page=1002&size=100", NULL, 422, "offset_too_deep", { "row 100000", "cursors.next" } },
        { "GET", "/notes?page=20000000", NULL, 422, "invalid", { "\"parameter\":\"page\"", "from 1 to 10000000" } },
        { "GET", "/notes?count=all", NULL, 422, "invalid", { "exact, estimated, none" } },
        { "GET", "/notes?cursor=AAAA", NULL, 400, "bad_cursor", { NULL } },
        { "GET", "/notes?cursor=AAAA&page=2", NULL, 400, "malformed_request", { "cursor and page" } },
        { "GET", "/notes?is_deleted=true", NULL, 403, "forbidden_parameter", { "is_deleted" } },
        { "GET", "/notes?search=x", NULL, 422, "invalid", { "\"parameter\":\"search\"", "filter by a field" } },
        { "GET", "/notes?rank=1&rank=2", NULL, 400, "malformed_request", { "rank", "once" } },
        { "GET", "/notes?filter=%7B", NULL, 400, "malformed_request", { "JSON" } },
        { "GET", "/notes?filter=%7B%22titel%22%3A1%7D", NULL, 422, "invalid",
          { "filter/titel", "did you mean title?" } },
        { "GET", "/notes?filter=%7B%22rank%22%3A%7B%22bigger%22%3A1%7D%7D", NULL, 422, "invalid",
          { "filter/rank/bigger", "eq, ne, gt" } },
        { "GET", "/notes?filter=%5B%5D", NULL, 422, "invalid", { "object of conditions" } },
        { "POST", "/notes/_query", "{\"not\":{\"not\":{\"not\":{\"not\":{\"not\":{\"rank\":1}}}}}}", 422, "invalid",
          { "\"field\":\"/not/not/not/not/not\"", "at most 4 levels" } },
    };
    for (size_t i = 0; i < CAB_LENGTH(rows); i++)
        check(&rows[i]);
}

/* A list of n numbers. */
static const char *numbers(int n) {
    struct cab_buf buf;
    cab_buf_init(&buf, live.mem, 1024);
    for (int i = 0; i < n; i++)
        cab_buf_addf(&buf, "%s%d", i > 0 ? "," : "", i);
    return buf.data;
}

Test(refusals, of_too_much) {
    struct cab_buf many;
    cab_buf_init(&many, live.mem, 4096);
    for (int i = 0; i < 33; i++)
        cab_buf_addf(&many, "%s{\"rank\":%d}", i > 0 ? "," : "", i);
    const struct refused rows[] = {
        { "GET", cab_printf(live.mem, "/notes?rank__in=%s", numbers(201)), NULL, 422, "invalid",
          { "\"parameter\":\"rank__in\"", "200" } },
        { "POST", "/notes/_query", cab_printf(live.mem, "{\"rank\":[%s]}", numbers(201)), 422, "invalid",
          { "\"field\":\"/rank\"", "200" } },
        { "POST", "/notes/_query", cab_printf(live.mem, "{\"or\":[%s]}", many.data), 422, "invalid", { "32" } },
        { "POST", "/notes", "[]", 422, "invalid", { "between 1 and 1000" } },
    };
    for (size_t i = 0; i < CAB_LENGTH(rows); i++)
        check(&rows[i]);
    cr_expect_eq(live_ask(&live, "GET", cab_printf(live.mem, "/notes?rank__in=%s", numbers(200)), live.ann, NULL,
                          NULL)->status, 200);
}

Test(refusals, cursors_of_another_query_or_user) {
    live_exec(&live, "INSERT INTO public.notes (owner_id, title, rank) SELECT 2, 't', 1 FROM generate_series(1, 9)");
    struct answer *a = live_ask(&live, "GET", "/notes?size=2&rank=1", live.ann, NULL, NULL);
    const char *next = cab_json_text(cab_json_get(cab_json_get(a->json, "cursors"), "next"), NULL);
    const struct { const char *query, *token; int status; } rows[] = {
        { "size=2&rank=1", live.ann, 200 },   { "size=3&rank=1", live.ann, 200 },
        { "size=2", live.ann, 400 },          { "size=2&rank=2", live.ann, 400 },
        { "size=2&rank=1&sort=-id", live.ann, 400 }, { "size=2&rank=1", live.bob, 400 },
        { "size=2&rank=1", live.admin, 400 },
    };
    for (size_t i = 0; i < CAB_LENGTH(rows); i++) {
        const char *path = cab_printf(live.mem, "/notes?%s&cursor=%s", rows[i].query, next);
        a = live_ask(&live, "GET", path, rows[i].token, NULL, NULL);
        cr_expect_eq(a->status, rows[i].status, "%s: %s", rows[i].query, a->body);
        if (rows[i].status == 400)
            cr_expect_str_eq(member_of(&live, a->json, "code"), "bad_cursor");
    }
    /* every byte of it counts */
    size_t n = strlen(next);
    for (size_t at = 0; at < n; at += 5) {
        char *forged = cab_strdup(live.mem, next);
        forged[at] = forged[at] == 'A' ? 'B' : 'A';
        const char *path = cab_printf(live.mem, "/notes?size=2&rank=1&cursor=%s", forged);
        a = live_ask(&live, "GET", path, live.ann, NULL, NULL);
        cr_expect_eq(a->status, 400, "byte %zu", at);
    }
}

Test(refusals, of_values_name_every_field) {
    struct answer *a = live_ask(&live, "POST", "/notes", live.ann,
                                "{\"rank\":\"x\",\"color\":\"blue\",\"at\":\"soon\",\"tags\":[1],\"owner_id\":3,"
                                "\"secret\":\"s\",\"titel\":\"t\"}", NULL);
    cr_expect_eq(a->status, 422, "%s", a->body);
    cr_expect_str_eq(errors_of(&live, a), "rank:type color:not_one_of at:format /tags/0:type owner_id:read_only"
                                          " secret:unknown titel:unknown title:required", "%s", errors_of(&live, a));
    cr_expect_not_null(strstr(a->body, "red, green"));
    cr_expect_not_null(strstr(a->body, "did you mean title?"));
    cr_expect_null(strstr(a->body, "soon"), "no value comes back");
}

Test(refusals, of_the_server_name_the_field) {
    static const struct refused rows[] = {
        { "POST", "/notes", "{\"title\":\"a\",\"rank\":10}", 422, "invalid",
          { "\"field\":\"rank\"", "The rank must be 0 to 9." } },
        { "POST", "/notes", "{\"title\":\"a\",\"code\":\"x\"}", 409, "conflict", { "\"field\":\"code\"" } },
        { "POST", "/stays", "{\"id\":2,\"room\":1,\"during\":\"[4,9)\"}", 409, "conflict", { "\"field\":\"during\"" } },
        { "POST", "/stays", "{\"id\":3,\"room\":1,\"during\":\"[10,11)\",\"guest\":77}", 422, "invalid",
          { "\"field\":\"guest\"" } },
        { "POST", "/stays", "{\"id\":1,\"room\":1,\"during\":\"[20,21)\"}", 409, "conflict", { "\"field\":\"id\"" } },
        { "POST", "/stays", "{\"id\":4,\"during\":\"[30,31)\"}", 422, "invalid", { "\"field\":\"room\"" } },
        { "POST", "/stays", "{\"id\":4,\"room\":1,\"during\":\"[9,1)\"}", 422, "invalid", { "\"field\":\"during\"" } },
        { "DELETE", "/stays/1", NULL, 409, "in_use", { NULL } },
    };
    cr_assert_eq(live_ask(&live, "POST", "/notes", live.ann, "{\"title\":\"a\",\"code\":\"x\"}", NULL)->status, 201);
    live_exec(&live, "INSERT INTO public.stays VALUES (1, 1, '[1,5)', NULL), (9, 1, '[90,95)', 1)");
    for (size_t i = 0; i < CAB_LENGTH(rows); i++)
        check(&rows[i]);
}

/* Rows of others do not exist, whatever is tried. */
Test(refusals, rows_of_others_are_not_there) {
    static const struct { const char *method, *path, *body; } tries[] = {
        { "GET", "/notes/1", NULL }, { "HEAD", "/notes/1", NULL }, { "GET", "/notes/1/history", NULL },
        { "PUT", "/notes/1", "{\"title\":\"x\"}" }, { "PATCH", "/notes/1", "{\"title\":\"x\"}" },
        { "DELETE", "/notes/1", NULL }, { "POST", "/notes/1/restore", "" }, { "GET", "/notes/1?expand=owner", NULL },
        { "POST", "/notes/1/history/1/restore", "" },
    };
    live_exec(&live, "INSERT INTO public.notes (owner_id, title) VALUES (2, 'ann''s'), (3, 'bob''s')");
    for (size_t i = 0; i < CAB_LENGTH(tries); i++) {
        const char *none = cab_printf(live.mem, "/notes/77%s", tries[i].path + strlen("/notes/1"));
        struct answer *a = live_ask(&live, tries[i].method, tries[i].path, live.bob, tries[i].body, NULL);
        cr_expect_eq(a->status, 404, "%s %s: %s", tries[i].method, tries[i].path, a->body);
        struct answer *b = live_ask(&live, tries[i].method, none, live.bob, tries[i].body, NULL);
        cr_expect_eq(b->status, 404, "%s %s: %s", tries[i].method, none, b->body);
        if (a->json != NULL && b->json != NULL)
            cr_expect_str_eq(member_of(&live, a->json, "detail"), member_of(&live, b->json, "detail"));
    }
    cr_expect_str_eq(live_value(&live, "SELECT string_agg(title, ',' ORDER BY id) FROM notes"), "ann's,bob's");
    struct answer *a = live_ask(&live, "GET", "/notes", live.bob, NULL, NULL);
    cr_expect_str_eq(column_of(&live, a, "title"), "bob's");
    a = live_ask(&live, "GET", "/notes?id=1", live.bob, NULL, NULL);
    cr_expect_str_eq(member_of(&live, a->json, "total"), "0");
    cr_expect_eq(live_ask(&live, "GET", "/notes/1", live.admin, NULL, NULL)->status, 200);
}
