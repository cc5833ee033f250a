/*
 * Imports against a real server: all or none, and every bad line told.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "live.h"

static const char ddl[] =
    "CREATE TABLE public.notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    " owner_id bigint NOT NULL REFERENCES public.users (id), title text NOT NULL CHECK (title <> 'bad'),"
    " code text UNIQUE, n int, price numeric, ok bool, tags text[], extra jsonb, state text DEFAULT 'new',"
    " row_version bigint NOT NULL DEFAULT 1);"
    "COMMENT ON TABLE public.notes IS 'Notes. @api(expose, owner(owner_id))'";

static struct live live;

static void open_notes(void) {
    live_open(&live, ddl);
}

static void close_notes(void) {
    live_close(&live);
}

TestSuite(import, .init = open_notes, .fini = close_notes, .timeout = 120);

#define EXPECT(answer, code) cr_expect_eq((answer)->status, code, "%d %s", (answer)->status, (answer)->body)

static struct answer *send(const char *query, const char *type, const char *body) {
    return live_ask(&live, "POST", cab_printf(live.mem, "/notes/_import%s", query), live.ann, body,
                    WITH("CONTENT_TYPE", type));
}

static const char *rows(void) {
    return live_value(&live, "SELECT count(*) FROM notes");
}

Test(import, csv) {
    struct answer *a = send("", "text/csv; charset=utf-8",
                            "title,code,n,price,ok,tags,extra\r\n"
                            "\"say \"\"hi\"\", you\",a,1,1.50,true,\"[\"\"x\"\",\"\"y\"\"]\",\"{\"\"k\"\":1}\"\r\n"
                            "\r\n\"two\r\nlines\",,,,,,\nlast,\"\",-3,,false,,");
    EXPECT(a, 200);
    cr_expect_str_eq(a->body, "{\"rows\":3,\"created\":3,\"changed\":0,\"unchanged\":0,\"dry_run\":false}");
    cr_expect_str_eq(live_value(&live, "SELECT string_agg(concat_ws('|', owner_id, title, code, n, price, ok, tags,"
                                       " extra), ';' ORDER BY id) FROM notes"),
                     "2|say \"hi\", you|a|1|1.50|t|{x,y}|{\"k\": 1};2|two\r\nlines;2|last||-3|f");
}

Test(import, ndjson_changes_nothing_the_second_time) {
    struct cab_buf body;
    cab_buf_init(&body, live.mem, 4096);
    for (int i = 0; i < 700; i++)
        cab_buf_addf(&body, "{\"title\":\"t%d\",\"code\":\"c%d\"}\n", i, i);
    struct answer *a = send("?on_conflict=code", "application/x-ndjson", body.data);
    EXPECT(a, 200);
    cr_expect_str_eq(member_of(&live, a->json, "created"), "700");
    a = send("?on_conflict=code", "application/x-ndjson", body.data);
    EXPECT(a, 200);
    cr_expect_str_eq(member_of(&live, a->json, "unchanged"), "700");
    a = send("?on_conflict=code", "application/x-ndjson", "{\"title\":\"new\",\"code\":\"c5\"}");
    cr_expect_str_eq(member_of(&live, a->json, "changed"), "1");
    cr_expect_str_eq(rows(), "700");
    a = live_ask(&live, "POST", "/notes/_import?on_conflict=code", live.bob, "{\"title\":\"new\",\"code\":\"c5\"}",
                 WITH("CONTENT_TYPE", "application/x-ndjson"));
    EXPECT(a, 422);
    cr_expect_str_eq(errors_of(&live, a), "/1/code:taken");
}

Test(import, every_bad_line_is_told_and_nothing_is_done) {
    struct answer *a = send("", "application/x-ndjson",
                            "{\"title\":\"one\",\"code\":\"a\"}\n{\"titel\":\"x\"}\n{\n\n{\"title\":\"bad\"}\n"
                            "{\"title\":\"two\",\"code\":\"a\"}\n{\"title\":\"three\",\"n\":\"x\"}\n[]\n"
                            "{\"title\":\"four\",\"code\":\"a\"}\n");
    EXPECT(a, 422);
    cr_expect_str_eq(errors_of(&live, a), "/2/titel:unknown /2/title:required /3:malformed_request /5/title:check"
                                          " /6/code:taken /7/n:type /8:type /9/code:taken", "%s", errors_of(&live, a));
    cr_expect_str_eq(rows(), "0");
    cr_expect(cab_db_check_idle(live.db));
    a = send("", "text/csv", "title,n\none,1,2\n\"two\" x,1\nthree,3\n");
    EXPECT(a, 422);
    cr_expect_str_eq(errors_of(&live, a), "/2:malformed_request /3:malformed_request", "%s", errors_of(&live, a));
    a = send("", "text/csv", "titel,n\none,1\n");
    EXPECT(a, 422);
    cr_expect_str_eq(errors_of(&live, a), "/1/titel:unknown");
    struct cab_buf body;
    cab_buf_init(&body, live.mem, 4096);
    cab_buf_adds(&body, "title\n");
    for (int i = 0; i < 1500; i++)
        cab_buf_adds(&body, "bad\n");
    a = send("", "text/csv", body.data);
    EXPECT(a, 422);
    cr_expect_eq(cab_json_count(cab_json_get(a->json, "errors")), 1000);
    cr_expect_str_eq(rows(), "0");
}

Test(import, trials_and_refusals) {
    struct answer *a = send("?dry_run=true", "text/csv", "title\none\n");
    EXPECT(a, 200);
    cr_expect_str_eq(member_of(&live, a->json, "dry_run"), "true");
    cr_expect_str_eq(rows(), "0");
    cr_expect(cab_db_check_idle(live.db));
    EXPECT(send("?dry_run=true", "text/csv", "title\nbad\n"), 422);
    EXPECT(send("?dry=true", "text/csv", "title\none\n"), 400);
    EXPECT(send("", "application/json", "[]"), 415);
    EXPECT(send("", "text/csv", ""), 422);
    a = send("", "application/x-ndjson", "");
    EXPECT(a, 200);
    cr_expect_str_eq(member_of(&live, a->json, "rows"), "0");
    EXPECT(live_ask(&live, "POST", "/users/_import", live.admin, "", WITH("CONTENT_TYPE", "text/csv")), 403);
    EXPECT(live_ask(&live, "POST", "/notes/_import", NULL, "", WITH("CONTENT_TYPE", "text/csv")), 401);
    const char *const *keyed = WITH("CONTENT_TYPE", "text/csv", "HTTP_IDEMPOTENCY_KEY", "k1");
    EXPECT(live_ask(&live, "POST", "/notes/_import", live.ann, "title\none\n", keyed), 200);
    a = live_ask(&live, "POST", "/notes/_import", live.ann, "title\none\n", keyed);
    EXPECT(a, 200);
    cr_expect_str_eq(header_of(&live, a, "Idempotency-Replayed"), "true");
    cr_expect_str_eq(rows(), "1");
}

/* Lines of many rows; bad and taken ones where they are asked for. */
static const char *lines(int n, const char *(*line)(int i)) {
    struct cab_buf body;
    cab_buf_init(&body, live.mem, 1 << 16);
    for (int i = 1; i <= n; i++)
        cab_buf_addf(&body, "%s\n", line(i));
    return body.data;
}

static const char *with_faults(int i) {
    return i % 4000 == 1234 ? "{\"title\":\"bad\",\"code\":\"x\"}"
         : i == 9000        ? "{\"title\":\"t\",\"code\":\"c17\"}"
         : i == 9001        ? "{\"title\":\"t\",\"n\":3000000000}"
                            : cab_printf(live.mem, "{\"title\":\"t%d\",\"code\":\"c%d\"}", i, i);
}

Test(import, faults_in_large_blocks_are_found) {
    struct answer *a = send("", "application/x-ndjson", lines(25000, with_faults));
    EXPECT(a, 422);
    cr_expect_str_eq(errors_of(&live, a), "/1234/title:check /5234/title:check /9000/code:taken /9001/n:out_of_range"
                                          " /9234/title:check /13234/title:check /17234/title:check /21234/title:check",
                     "%s", errors_of(&live, a));
    cr_expect_str_eq(rows(), "0");
    cr_expect(cab_db_check_idle(live.db));
    a = send("?on_conflict=code", "application/x-ndjson", lines(12000, with_faults));
    EXPECT(a, 422);
    cr_expect_str_eq(errors_of(&live, a), "/1234/title:check /5234/title:check /9001/n:out_of_range"
                                          " /9234/title:check", "%s", errors_of(&live, a));
}

static const char *of_many_shapes(int i) {
    return i % 3 == 0   ? cab_printf(live.mem, "{\"title\":\"t%d\",\"state\":\"old\"}", i)
         : i % 100 == 1 ? cab_printf(live.mem, "{\"title\":\"t%d\",\"n\":%d}", i, i)
                        : cab_printf(live.mem, "{\"title\":\"t%d\",\"price\":%d.50}", i, i);
}

Test(import, rows_of_many_shapes_stay_in_order) {
    struct answer *a = send("", "application/x-ndjson", lines(3000, of_many_shapes));
    EXPECT(a, 200);
    cr_expect_str_eq(rows(), "3000");
    cr_expect_str_eq(live_value(&live, "SELECT count(*) FROM (SELECT title, row_number() OVER (ORDER BY id) AS i FROM"
                                       " notes) AS n WHERE title = 't' || i"), "3000");
    cr_expect_str_eq(live_value(&live, "SELECT count(*) FILTER (WHERE state = 'old') || ' ' || count(n) || ' ' ||"
                                       " count(price) || ' ' || count(*) FILTER (WHERE state = 'new') FROM notes"),
                     "1000 20 1980 2000");
}

/* A backslash, the word for NULL, a tab, line ends: all that COPY writes in its own way. */
static const char *awkward(int i) {
    return cab_printf(live.mem,
                      "{\"title\":\"\\\\N\\t\\n\\r\\\\t%d\\\\.\",\"code\":\"\\\\N%d\","
                      "\"tags\":[\"a\\\\\",null,\"\\t\"],\"extra\":{\"k\":\"\\\\\"}}", i, i);
}

Test(import, text_comes_through_unchanged) {
    for (int round = 0; round < 2; round++) { /* by COPY, and by INSERT with arrays */
        struct answer *a = send(round == 0 ? "" : "?on_conflict=code", "application/x-ndjson", lines(40, awkward));
        EXPECT(a, 200);
        cr_expect_str_eq(live_value(&live,
                                    "SELECT count(*) FROM notes WHERE left(code, 2) = E'\\\\N'"
                                    " AND title = E'\\\\N\\t\\n\\r\\\\t' || substr(code, 3) || E'\\\\.'"
                                    " AND tags = ARRAY[E'a\\\\', NULL, E'\\t'] AND extra = '{\"k\":\"\\\\\"}'"), "40");
        live_exec(&live, "DELETE FROM notes");
    }
}

static const char *keyed(int i) {
    return cab_printf(live.mem, "{\"title\":\"t%d\",\"code\":\"c%d\"}", i, i % 1000);
}

Test(import, the_last_of_rows_with_the_same_key_counts) {
    struct answer *a = send("?on_conflict=code", "application/x-ndjson", lines(3000, keyed));
    EXPECT(a, 200);
    cr_expect_str_eq(rows(), "1000");
    cr_expect_str_eq(live_value(&live, "SELECT count(*) FROM notes WHERE substr(title, 2)::int > 2000"), "1000");
    cr_expect_str_eq(member_of(&live, a->json, "created"), "1000");
    cr_expect_str_eq(member_of(&live, a->json, "changed"), "2000");
    live_exec(&live, "UPDATE notes SET owner_id = 3 WHERE code IN ('c7', 'c500')");
    a = send("?on_conflict=code", "application/x-ndjson", lines(1000, keyed));
    EXPECT(a, 422);
    cr_expect_str_eq(errors_of(&live, a), "/7/code:taken /500/code:taken", "%s", errors_of(&live, a));
}
