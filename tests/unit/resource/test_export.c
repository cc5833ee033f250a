/*
 * Exports against a real server.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "live.h"

static const char ddl[] =
    "CREATE TABLE public.notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    " owner_id bigint NOT NULL REFERENCES public.users (id), title text, day date, at timestamptz, price numeric,"
    " ok bool, raw bytea, tags text[], extra jsonb, secret text, deleted_at timestamptz);"
    "COMMENT ON TABLE public.notes IS 'Notes. @api(expose, owner(owner_id), soft_delete)';"
    "COMMENT ON COLUMN public.notes.secret IS 'Secret. @api(hidden)'";

static struct live live;

static void open_notes(void) {
    live_open(&live, ddl);
}

static void close_notes(void) {
    live_close(&live);
}

TestSuite(export, .init = open_notes, .fini = close_notes, .timeout = 120);

#define EXPECT(answer, code) cr_expect_eq((answer)->status, code, "%d %s", (answer)->status, (answer)->body)
#define GET(path, token) live_ask(&live, "GET", path, token, NULL, NULL)

Test(export, csv_of_every_kind) {
    live_exec(&live, "INSERT INTO notes (owner_id, title, day, at, price, ok, raw, tags, extra, secret) VALUES"
                     " (2, 'say \"hi\", you', '2024-02-03', '2024-02-03 04:05:06+00', 1.50, true, '\\x0102', '{a,b}',"
                     "  '{\"x\": 1}', 'hush'), (2, '', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),"
                     " (2, E'two\\r\\nlines', NULL, NULL, NULL, false, NULL, NULL, NULL, NULL),"
                     " (3, 'bobs', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)");
    struct answer *a = GET("/notes.csv?sort=id", live.ann);
    EXPECT(a, 200);
    cr_expect_str_eq(a->body,
                     "id,owner_id,title,day,at,price,ok,raw,tags,extra\r\n"
                     "1,2,\"say \"\"hi\"\", you\",2024-02-03,2024-02-03T04:05:06Z,1.50,true,AQI=,"
                     "\"[\"\"a\"\", \"\"b\"\"]\",\"{\"\"x\"\": 1}\"\r\n"
                     "2,2,\"\",,,,,,,\r\n"
                     "3,2,\"two\r\nlines\",,,,false,,,\r\n", "%s", a->body);
    cr_expect_str_eq(header_of(&live, a, "Content-Disposition"), "attachment; filename=\"notes.csv\"");
    a = GET("/notes.csv?sort=-id&fields=id,is_deleted&title=bobs", live.admin);
    cr_expect_str_eq(a->body, "id,is_deleted\r\n4,false\r\n");
    cr_expect(cab_db_check_idle(live.db));
}

Test(export, ndjson_of_many_rows_in_order) {
    live_exec(&live, "INSERT INTO notes (owner_id, title) SELECT 2, repeat('x', (i % 700)::int)"
                     " FROM generate_series(1, 12345) i");
    struct answer *a = GET("/notes.ndjson?sort=-id&fields=id", live.ann);
    EXPECT(a, 200);
    int n = 12345;
    const char *at = a->body;
    for (; *at != '\0'; n--) {
        const char *want = cab_printf(live.mem, "{\"id\":%d}\n", n);
        cr_assert_eq(strncmp(at, want, strlen(want)), 0, "row %d", n);
        at += strlen(want);
    }
    cr_expect_eq(n, 0);
    a = GET("/notes.ndjson?title__null=true", live.ann);
    EXPECT(a, 200);
    cr_expect_str_eq(a->body, "");
    a = live_ask(&live, "HEAD", "/notes.ndjson", live.ann, NULL, NULL);
    EXPECT(a, 200);
    cr_expect_str_eq(a->body, "");
    cr_expect(cab_db_check_idle(live.db));
}

Test(export, what_is_refused) {
    EXPECT(GET("/notes.csv", NULL), 401);
    EXPECT(GET("/nothing.csv", live.ann), 404);
    EXPECT(GET("/.csv", live.ann), 404);
    EXPECT(GET("/notes.csv?secret=x", live.ann), 400);
    EXPECT(GET("/notes.csv?page=2", live.ann), 400);
    EXPECT(GET("/notes.csv?price=x", live.ann), 422);
    EXPECT(live_ask(&live, "POST", "/notes.csv", live.ann, "{}", NULL), 404);
    EXPECT(live_ask(&live, "GET", "/notes.csv", live.ann, NULL, WITH("HTTP_ACCEPT", "application/json")), 406);
    EXPECT(live_ask(&live, "GET", "/notes.csv", live.ann, NULL, WITH("HTTP_ACCEPT", "text/csv")), 200);
    EXPECT(live_ask(&live, "GET", "/notes.ndjson", live.ann, NULL, WITH("HTTP_ACCEPT", "application/x-ndjson")), 200);
    live_exec(&live, "DELETE FROM public.sessions WHERE user_id = 2");
    EXPECT(GET("/notes.csv", live.ann), 401);
    cr_expect(cab_db_check_idle(live.db));
}
