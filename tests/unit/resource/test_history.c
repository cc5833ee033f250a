/*
 * The history of rows against a real server: recorded by a trigger like those that follow from annotations.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "live.h"

static const char ddl[] =
    "CREATE TABLE public.notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    " owner_id bigint NOT NULL REFERENCES public.users (id), title text, n int, secret text, lock text,"
    " price numeric(6,2), at timestamptz, bytes bytea, parts bytea[], row_version bigint NOT NULL DEFAULT 1);"
    "COMMENT ON TABLE public.notes IS 'Notes. @api(expose, owner(owner_id))';"
    "COMMENT ON COLUMN public.notes.secret IS 'Secret. @api(hidden)';"
    "COMMENT ON COLUMN public.notes.lock IS 'Lock. @api(admin)';"
    "CREATE TRIGGER row_version BEFORE UPDATE ON public.notes FOR EACH ROW EXECUTE FUNCTION cabinet.raise_version();"
    "CREATE FUNCTION public.trail() RETURNS trigger LANGUAGE plpgsql AS $$"
    "DECLARE o jsonb := '{}'; w jsonb; k text; BEGIN w := to_jsonb(NEW);"
    " IF TG_OP = 'UPDATE' THEN w := '{}'; FOR k IN SELECT jsonb_object_keys(to_jsonb(NEW)) LOOP"
    "  IF to_jsonb(NEW) -> k IS DISTINCT FROM to_jsonb(OLD) -> k THEN"
    "   o := o || jsonb_build_object(k, to_jsonb(OLD) -> k); w := w || jsonb_build_object(k, to_jsonb(NEW) -> k);"
    "  END IF; END LOOP; END IF;"
    " INSERT INTO public.audit_logs (user_id, actor_id, action, table_name, row_key, before, after)"
    " VALUES (NEW.owner_id, nullif(current_setting('cabinet.actor', true), '')::bigint,"
    "  CASE TG_OP WHEN 'INSERT' THEN 'row_insert' ELSE 'row_update' END, 'notes', NEW.id,"
    "  CASE TG_OP WHEN 'UPDATE' THEN o END, w); RETURN NULL; END $$;"
    "CREATE TRIGGER audit AFTER INSERT OR UPDATE ON public.notes FOR EACH ROW EXECUTE FUNCTION public.trail();"
    "CREATE TABLE public.plain (id int PRIMARY KEY);"
    "COMMENT ON TABLE public.plain IS 'Plain. @api(expose, audit(off))'";

static struct live live;

static void open_notes(void) {
    live_open(&live, ddl);
    live_ask(&live, "POST", "/notes", live.ann, "{\"title\":\"one\",\"n\":1}", NULL);
    live_ask(&live, "PATCH", "/notes/1", live.ann, "{\"title\":\"two\"}", NULL);
    live_ask(&live, "PATCH", "/notes/1", live.admin, "{\"title\":\"three\",\"n\":3,\"lock\":\"x\"}", NULL);
}

static void close_notes(void) {
    live_close(&live);
}

TestSuite(history, .init = open_notes, .fini = close_notes, .timeout = 60);

#define EXPECT(answer, code) cr_expect_eq((answer)->status, code, "%d %s", (answer)->status, (answer)->body)
#define GET(path, token) live_ask(&live, "GET", path, token, NULL, NULL)

Test(history, versions_as_the_caller_may_read_them) {
    struct answer *a = GET("/notes/1/history", live.ann);
    EXPECT(a, 200);
    cr_expect_str_eq(column_of(&live, a, "action"), "row_update,row_update,row_insert");
    cr_expect_str_eq(column_of(&live, a, "actor_id"), "1,2,2");
    cr_expect_str_eq(column_of(&live, a, "before"), "{\"n\":1,\"title\":\"two\"},{\"title\":\"one\"},null", "%s",
                     column_of(&live, a, "before"));
    cr_expect_null(strstr(a->body, "secret"));
    cr_expect_null(strstr(a->body, "lock"));
    cr_expect_not_null(strstr(GET("/notes/1/history", live.admin)->body, "lock"));
    a = GET("/notes/01/history?size=2", live.ann);
    if (a->status == 200)
        cr_expect_str_eq(column_of(&live, a, "action"), "row_update,row_update");
    a = GET("/notes/1/history?size=2", live.ann);
    const char *before = member_of(&live, a->json, "before");
    a = GET(cab_printf(live.mem, "/notes/1/history?before=%s", before), live.ann);
    cr_expect_str_eq(column_of(&live, a, "action"), "row_insert");
    cr_expect_str_eq(member_of(&live, a->json, "before"), "null");
    EXPECT(GET("/notes/1/history", live.bob), 404);
    EXPECT(GET("/notes/9/history", live.ann), 404);
    EXPECT(GET("/notes/1/history", NULL), 401);
    EXPECT(GET("/notes/1/history?size=0", live.ann), 422);
    EXPECT(GET("/notes/1/history?x=0", live.ann), 400);
    EXPECT(GET("/plain/1/history", live.ann), 404);
    live_exec(&live, "UPDATE notes SET owner_id = 3");
    EXPECT(GET("/notes/1/history", live.ann), 404);
    a = GET("/notes/1/history", live.bob);
    cr_expect_str_eq(column_of(&live, a, "before"), "null", "not what it was while it was ann's: %s", a->body);
}

static const char *version(int nth) { /* from the oldest */
    return live_value(&live, cab_printf(live.mem, "SELECT id FROM audit_logs WHERE table_name = 'notes'"
                                                  " ORDER BY id OFFSET %d LIMIT 1", nth));
}

static const char *diff(int from, int to, const char *token) {
    const char *end = to < 0 ? "" : cab_printf(live.mem, "&to=%s", version(to));
    struct answer *a = GET(cab_printf(live.mem, "/notes/1/history/diff?from=%s%s", version(from), end), token);
    EXPECT(a, 200);
    return member_of(&live, a->json, "changes");
}

#define FROM_TO(field, from, to) "{\"field\":\"" field "\",\"from\":" from ",\"to\":" to "}"

Test(history, what_differs_between_versions) {
    cr_expect_str_eq(diff(0, 1, live.ann), "[" FROM_TO("title", "\"one\"", "\"two\"") "]");
    cr_expect_str_eq(diff(0, 2, live.ann),
                     "[" FROM_TO("title", "\"one\"", "\"three\"") "," FROM_TO("n", "1", "3") "]");
    cr_expect_str_eq(diff(2, 1, live.admin),
                     "[" FROM_TO("title", "\"three\"", "\"two\"") "," FROM_TO("n", "3", "1") ","
                     FROM_TO("lock", "\"x\"", "null") "]");
    cr_expect_str_eq(diff(1, 1, live.ann), "[]");
    cr_expect_str_eq(diff(2, -1, live.ann), "[]");
    live_ask(&live, "PATCH", "/notes/1", live.ann, "{\"n\":null}", NULL);
    cr_expect_str_eq(diff(2, -1, live.ann), "[" FROM_TO("n", "3", "null") "]");
    EXPECT(GET("/notes/1/history/diff", live.ann), 422);
    EXPECT(GET("/notes/1/history/diff?from=x", live.ann), 422);
    EXPECT(GET("/notes/1/history/diff?from=1&two=2", live.ann), 400);
    EXPECT(GET("/notes/1/history/diff?from=999999", live.ann), 404);
    EXPECT(GET(cab_printf(live.mem, "/notes/1/history/diff?from=%s", version(0)), live.bob), 404);
    EXPECT(GET("/plain/1/history/diff?from=1", live.ann), 404);
    cr_expect(cab_db_check_idle(live.db));
}

static struct answer *restore(int nth, const char *token) { /* from the oldest */
    const char *id = live_value(&live, cab_printf(live.mem, "SELECT id FROM audit_logs WHERE table_name = 'notes'"
                                                            " ORDER BY id OFFSET %d LIMIT 1", nth));
    return live_ask(&live, "POST", cab_printf(live.mem, "/notes/1/history/%s/restore", id), token, NULL, NULL);
}

Test(history, a_row_is_again_what_it_was) {
    struct answer *a = restore(0, live.ann);
    EXPECT(a, 200);
    cr_expect_str_eq(member_of(&live, a->json, "title"), "one");
    cr_expect_str_eq(member_of(&live, a->json, "n"), "1");
    cr_expect_str_eq(live_value(&live, "SELECT lock FROM notes"), "x", "not the caller's to write");
    cr_expect_str_eq(live_value(&live, "SELECT row_version FROM notes"), "4", "a change like any other");
    EXPECT(restore(2, live.ann), 200);
    cr_expect_str_eq(live_value(&live, "SELECT title || n FROM notes"), "three3");
    EXPECT(restore(1, live.admin), 200);
    cr_expect_str_eq(live_value(&live, "SELECT concat_ws(',', title, n, lock) FROM notes"), "two,1");
    EXPECT(restore(1, live.bob), 404);
    EXPECT(live_ask(&live, "POST", "/notes/1/history/999999/restore", live.ann, NULL, NULL), 404);
    EXPECT(live_ask(&live, "POST", "/notes/1/history/x/restore", live.ann, NULL, NULL), 404);
    EXPECT(live_ask(&live, "POST", "/users/2/history/1/restore", live.admin, NULL, NULL), 403);
    cr_expect(cab_db_check_idle(live.db));
}

Test(history, values_are_as_rows_have_them) {
    live_ask(&live, "PATCH", "/notes/1", live.ann, "{\"price\":12.30,\"at\":\"2024-01-01T10:00:00+02:00\","
                                                   "\"bytes\":\"aGk=\",\"parts\":[\"aGk=\",null]}", NULL);
    live_ask(&live, "PATCH", "/notes/1", live.ann, "{\"price\":null,\"at\":null,\"bytes\":null,\"parts\":null}", NULL);
    const char *body = GET("/notes/1/history?size=1", live.ann)->body;
    static const char *const members[] = { "\"price\":\"12.30\"", "\"at\":\"2024-01-01T08:00:00Z\"",
                                           "\"bytes\":\"aGk=\"", "\"parts\":[\"aGk=\", null]" };
    for (size_t i = 0; i < CAB_LENGTH(members); i++)
        cr_expect_not_null(strstr(body, members[i]), "%s in %s", members[i], body);
    cr_expect_not_null(strstr(diff(3, -1, live.ann), FROM_TO("bytes", "\"aGk=\"", "null")));
    struct answer *a = restore(3, live.ann);
    EXPECT(a, 200);
    for (size_t i = 0; i < CAB_LENGTH(members); i++)
        cr_expect_not_null(strstr(a->body, members[i]), "%s in %s", members[i], a->body);
}
