/*
 * Many rows at once against a real server: upserts, changes by filter, lists whose filter is the body.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "live.h"

static const char notes[] =
    "CREATE TABLE public.notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    " owner_id bigint NOT NULL REFERENCES public.users (id), title text NOT NULL, code text, rank int DEFAULT 5,"
    " made_by text, extra json, deleted_at timestamptz, row_version bigint NOT NULL DEFAULT 1);"
    "CREATE UNIQUE INDEX notes_code ON public.notes (code) WHERE deleted_at IS NULL;"
    "CREATE UNIQUE INDEX notes_title ON public.notes (lower(title)) WHERE false;"
    "COMMENT ON TABLE public.notes IS 'Notes. @api(expose, owner(owner_id), soft_delete)';"
    "COMMENT ON COLUMN public.notes.made_by IS 'Set once. @api(writeonce)';"
    "CREATE TRIGGER row_version BEFORE UPDATE ON public.notes FOR EACH ROW EXECUTE FUNCTION cabinet.raise_version();"
    "CREATE TABLE public.words (word text PRIMARY KEY, lang text NOT NULL, n int, UNIQUE (lang, n));"
    "COMMENT ON TABLE public.words IS 'Words. @api(expose)';"
    "CREATE TABLE public.laws (id int PRIMARY KEY, secret text, text text, owner_id bigint);"
    "COMMENT ON TABLE public.laws IS 'Laws. @api(expose, owner(owner_id), public_read)';"
    "COMMENT ON COLUMN public.laws.secret IS 'Secret. @api(private)'";

static struct live live;

static void open_notes(void) {
    live_open(&live, notes);
}

static void close_notes(void) {
    live_close(&live);
}

TestSuite(many, .init = open_notes, .fini = close_notes, .timeout = 60);

#define EXPECT(answer, code) cr_expect_eq((answer)->status, code, "%d %s", (answer)->status, (answer)->body)
#define MOST(n) WITH("HTTP_PREFER", "max-affected=" #n)

Test(many, upsert_creates_changes_or_leaves_a_row) {
    const char *path = "/notes?on_conflict=code";
    const char *body = "{\"code\":\"a\",\"title\":\"one\",\"made_by\":\"me\",\"extra\":{\"x\":1}}";
    struct answer *a = live_ask(&live, "POST", path, live.ann, body, NULL);
    EXPECT(a, 201);
    cr_expect_str_eq(header_of(&live, a, "Location"), "/api/v1/notes/1");
    a = live_ask(&live, "POST", path, live.ann, body, NULL);
    EXPECT(a, 200);
    cr_expect_str_eq(member_of(&live, a->json, "id"), "1");
    cr_expect_str_eq(live_value(&live, "SELECT row_version FROM notes"), "1", "nothing was changed");
    a = live_ask(&live, "POST", path, live.ann, "{\"code\":\"a\",\"title\":\"two\",\"made_by\":\"other\"}", NULL);
    EXPECT(a, 200);
    cr_expect_str_eq(member_of(&live, a->json, "title"), "two");
    cr_expect_str_eq(member_of(&live, a->json, "made_by"), "me", "set once");
    cr_expect_str_eq(live_value(&live, "SELECT row_version FROM notes"), "2");
    /* what is in the trash is no conflict */
    EXPECT(live_ask(&live, "DELETE", "/notes/1", live.ann, NULL, NULL), 204);
    EXPECT(live_ask(&live, "POST", path, live.ann, body, NULL), 201);
    cr_expect_str_eq(live_value(&live, "SELECT count(*) FROM notes"), "2");
    EXPECT(live_ask(&live, "POST", "/words?on_conflict=lang,n", live.bob,
                    "{\"word\":\"w\",\"lang\":\"en\",\"n\":1}", NULL), 201);
    a = live_ask(&live, "POST", "/words?on_conflict=n,lang", live.bob,
                 "{\"word\":\"v\",\"lang\":\"en\",\"n\":1}", NULL);
    EXPECT(a, 200);
    cr_expect_str_eq(member_of(&live, a->json, "word"), "w", "a key is not changed");
}

Test(many, upsert_never_touches_others_rows) {
    EXPECT(live_ask(&live, "POST", "/notes", live.ann, "{\"code\":\"a\",\"title\":\"anns\"}", NULL), 201);
    struct answer *a = live_ask(&live, "POST", "/notes?on_conflict=code", live.bob,
                                "{\"code\":\"a\",\"title\":\"x\"}", NULL);
    EXPECT(a, 409);
    cr_expect_str_eq(errors_of(&live, a), "code:taken");
    a = live_ask(&live, "POST", "/notes?on_conflict=code", live.bob,
                 "[{\"code\":\"b\",\"title\":\"x\"},{\"code\":\"a\",\"title\":\"x\"}]", NULL);
    EXPECT(a, 409);
    cr_expect_str_eq(errors_of(&live, a), "/1/code:taken");
    cr_expect_str_eq(live_value(&live, "SELECT string_agg(title, ',') FROM notes"), "anns", "all or none");
    a = live_ask(&live, "POST", "/notes?on_conflict=code", live.admin, "{\"code\":\"a\",\"title\":\"x\"}", NULL);
    EXPECT(a, 200);
    cr_expect_str_eq(live_value(&live, "SELECT owner_id FROM notes"), "2", "whose it is does not change");
    cr_expect(cab_db_check_idle(live.db));
}

Test(many, upsert_of_arrays_and_its_parameter) {
    const char *body = "[{\"code\":\"a\",\"title\":\"1\"},{\"code\":\"b\",\"title\":\"2\"}]";
    EXPECT(live_ask(&live, "POST", "/notes?on_conflict=code", live.ann, body, NULL), 201);
    struct answer *a = live_ask(&live, "POST", "/notes?on_conflict=code", live.ann, body, NULL);
    EXPECT(a, 200);
    cr_expect_eq(cab_json_count(a->json), 2);
    a = live_ask(&live, "POST", "/notes?on_conflict=code", live.ann,
                 "[{\"code\":\"a\",\"title\":\"1\"},{\"title\":\"2\"}]", NULL);
    EXPECT(a, 422);
    cr_expect_str_eq(errors_of(&live, a), "/1/code:required");
    EXPECT(live_ask(&live, "POST", "/notes?on_conflict=rank", live.ann, body, NULL), 422);
    EXPECT(live_ask(&live, "POST", "/notes?on_conflict=title", live.ann, body, NULL), 422);
    EXPECT(live_ask(&live, "POST", "/notes?on_conflict=nothing", live.ann, body, NULL), 422);
    EXPECT(live_ask(&live, "POST", "/notes?on_conflict=", live.ann, body, NULL), 422);
    EXPECT(live_ask(&live, "POST", "/notes?on_conflict=code", live.ann, "{\"code\":\"a\",\"title\":\"1\"}",
                    WITH("HTTP_IF_MATCH", "\"1.0\"")), 422);
    a = live_ask(&live, "POST", "/notes?on_conflict=code", live.ann, "[{\"code\":\"c\",\"title\":\"3\"}]",
                 WITH("HTTP_PREFER", "tx=rollback"));
    EXPECT(a, 201);
    cr_expect_str_eq(header_of(&live, a, "Preference-Applied"), "tx=rollback");
    cr_expect_str_eq(live_value(&live, "SELECT count(*) FROM notes"), "2");
}

Test(many, rows_of_a_filter_are_changed_up_to_a_number) {
    live_exec(&live, "INSERT INTO notes (owner_id, title, rank)"
                     " SELECT 2 + i % 2, 't' || i, i FROM generate_series(1, 10) i");
    struct answer *a = live_ask(&live, "PATCH", "/notes?rank__gt=4", live.ann, "{\"title\":\"new\"}", NULL);
    EXPECT(a, 400);
    cr_expect_str_eq(errors_of(&live, a), "Prefer:required");
    a = live_ask(&live, "PATCH", "/notes?rank__gt=4", live.ann, "{\"title\":\"new\"}", MOST(2));
    EXPECT(a, 422);
    cr_expect_str_eq(errors_of(&live, a), "Prefer:max_affected");
    cr_expect_str_eq(live_value(&live, "SELECT count(*) FROM notes WHERE title = 'new'"), "0");
    a = live_ask(&live, "PATCH", "/notes?rank__gt=4", live.ann, "{\"title\":\"new\"}", MOST(3));
    EXPECT(a, 200);
    cr_expect_str_eq(a->body, "{\"affected\":3}");
    cr_expect_str_eq(header_of(&live, a, "Preference-Applied"), "max-affected=3");
    cr_expect_str_eq(live_value(&live, "SELECT string_agg(rank::text, ',' ORDER BY rank) FROM notes"
                                       " WHERE title = 'new'"),
                     "6,8,10", "own rows only");
    a = live_ask(&live, "PATCH", "/notes?title=new", live.ann, "{\"rank\":1}",
                 WITH("HTTP_PREFER", "max-affected=100, return=representation"));
    EXPECT(a, 200);
    cr_expect_eq(cab_json_count(a->json), 3);
    EXPECT(live_ask(&live, "PATCH", "/notes?title=new", live.ann, "{\"rank\":\"x\"}", MOST(9)), 422);
    EXPECT(live_ask(&live, "PATCH", "/notes?title=new", live.ann, "{}", MOST(9)), 422);
    EXPECT(live_ask(&live, "PATCH", "/notes?page=1", live.ann, "{\"rank\":1}", MOST(9)), 400);
    EXPECT(live_ask(&live, "PATCH", "/notes?titel=1", live.ann, "{\"rank\":1}", MOST(9)), 400);
    EXPECT(live_ask(&live, "PATCH", "/notes", NULL, "{\"rank\":1}", MOST(9)), 401);
    EXPECT(live_ask(&live, "PATCH", "/laws?secret=x", live.ann, "{\"text\":\"y\"}", MOST(9)), 403);
    EXPECT(live_ask(&live, "PATCH", "/users?id=3", live.admin, "{\"is_superuser\":false}", MOST(9)), 403);
    a = live_ask(&live, "PATCH", "/notes?rank=1", live.ann, "{\"title\":\"z\"}",
                 WITH("HTTP_PREFER", "max-affected=100, tx=rollback"));
    EXPECT(a, 200);
    cr_expect_str_eq(live_value(&live, "SELECT count(*) FROM notes WHERE title = 'z'"), "0");
    cr_expect(cab_db_check_idle(live.db));
}

Test(many, rows_of_a_filter_are_deleted) {
    live_exec(&live, "INSERT INTO notes (owner_id, title, rank)"
                     " SELECT 2 + i % 2, 't' || i, i FROM generate_series(1, 10) i");
    EXPECT(live_ask(&live, "DELETE", "/notes?rank__gt=4", live.ann, NULL, MOST(2)), 422);
    struct answer *a = live_ask(&live, "DELETE", "/notes?rank__gt=4", live.ann, NULL, MOST(5));
    EXPECT(a, 200);
    cr_expect_str_eq(a->body, "{\"affected\":3}");
    a = live_ask(&live, "DELETE", "/notes?rank__gt=4", live.ann, NULL, MOST(5));
    cr_expect_str_eq(a->body, "{\"affected\":0}");
    cr_expect_str_eq(live_value(&live, "SELECT count(*) FROM notes"
                                       " WHERE deleted_at IS NOT NULL AND owner_id = 2"), "3");
    live_exec(&live, "INSERT INTO words SELECT 'w' || i, 'de', i FROM generate_series(1, 5) i");
    EXPECT(live_ask(&live, "DELETE", "/words?n__lt=3", live.bob, NULL,
                    WITH("HTTP_PREFER", "max-affected=5, return=minimal")), 204);
    cr_expect_str_eq(live_value(&live, "SELECT count(*) FROM words"), "3");
}

Test(many, a_list_takes_its_filter_as_body) {
    live_exec(&live, "INSERT INTO notes (owner_id, title, rank)"
                     " SELECT 2 + i % 2, 't' || i, i FROM generate_series(1, 20) i");
    const char *body = "{\"or\":[{\"rank\":{\"lt\":5}},{\"title\":[\"t10\",\"t11\"]}]}";
    struct answer *a = live_ask(&live, "POST", "/notes/_query?sort=rank&size=2", live.ann, body, NULL);
    EXPECT(a, 200);
    cr_expect_str_eq(column_of(&live, a, "rank"), "2,4");
    cr_expect_str_eq(member_of(&live, a->json, "total"), "3");
    cr_expect_str_eq(member_of(&live, cab_json_get(a->json, "links"), "next"),
                     "/api/v1/notes/_query?sort=rank&size=2&page=2");
    a = live_ask(&live, "POST", "/notes/_query?sort=rank&size=2&page=2", live.ann, body, NULL);
    cr_expect_str_eq(column_of(&live, a, "rank"), "10");
    const char *next = member_of(&live, cab_json_get(live_ask(&live, "POST", "/notes/_query?sort=rank&size=2", live.ann,
                                                              body, NULL)->json, "cursors"), "next");
    a = live_ask(&live, "POST", cab_printf(live.mem, "/notes/_query?sort=rank&size=2&cursor=%s", next), live.ann, body,
                 NULL);
    cr_expect_str_eq(column_of(&live, a, "rank"), "10");
    EXPECT(live_ask(&live, "POST", cab_printf(live.mem, "/notes/_query?sort=rank&size=2&cursor=%s", next), live.ann,
                    "{\"rank\":1}", NULL), 400);
    a = live_ask(&live, "POST", "/notes/_query?rank__gt=2", live.ann, "{}", NULL);
    cr_expect_str_eq(member_of(&live, a->json, "total"), "9");
    a = live_ask(&live, "POST", "/notes/_query", live.ann, "{\"rnak\":1,\"rank\":{\"lt\":\"x\"}}", NULL);
    EXPECT(a, 422);
    cr_expect_str_eq(errors_of(&live, a), "/rnak:unknown /rank/lt:type", "%s", errors_of(&live, a));
    EXPECT(live_ask(&live, "POST", "/notes/_query", live.ann, "[]", NULL), 422);
    EXPECT(live_ask(&live, "POST", "/notes/_query", live.ann, "{", NULL), 400);
    EXPECT(live_ask(&live, "POST", "/laws/_query", live.ann, "{\"secret\":\"x\"}", NULL), 403);
    EXPECT(live_ask(&live, "POST", "/laws/_query", NULL, "{}", NULL), 401);
}

Test(many, the_description_has_it) {
    struct answer *a = live_ask(&live, "GET", "/openapi.json", NULL, NULL, NULL);
    EXPECT(a, 200);
    const struct cab_json *paths = cab_json_get(a->json, "paths");
    static const char *const there[] = { "/notes", "/notes.csv", "/notes.ndjson", "/notes/_query", "/notes/_import",
                                         "/users.csv", "/notes/{id}/history",
                                         "/notes/{id}/history/{version}/restore", "/_batch" };
    for (size_t i = 0; i < CAB_LENGTH(there); i++)
        cr_expect_not_null(cab_json_get(paths, there[i]), "%s", there[i]);
    cr_expect_not_null(cab_json_get(cab_json_get(paths, "/notes"), "patch"));
    cr_expect_null(cab_json_get(cab_json_get(paths, "/users"), "patch"), "accounts are written one by one");
    cr_expect_null(cab_json_get(paths, "/users/_import"));
    cr_expect_null(cab_json_get(cab_json_get(cab_json_get(a->json, "components"), "schemas"), "users_new"),
                   "accounts have a way of their own");
    /* what is referred to is there */
    static const char start[] = "\"$ref\":\"#/components/";
    for (const char *at = a->body; (at = strstr(at, start)) != NULL;) {
        at += sizeof start - 1;
        size_t kind = strcspn(at, "/"), name = strcspn(at + kind + 1, "\"");
        const struct cab_json *components = cab_json_get(a->json, "components");
        const struct cab_json *of = cab_json_get(components, cab_strndup(live.mem, at, kind));
        cr_assert_not_null(of);
        cr_expect_not_null(cab_json_get(of, cab_strndup(live.mem, at + kind + 1, name)), "%.*s", (int)(kind + 1 + name),
                           at);
    }
}
