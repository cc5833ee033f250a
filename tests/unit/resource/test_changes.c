/*
 * The change feed against a real server: in order, without gaps and repetitions, whatever order transactions end in.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "live.h"
#include "resource/cursor.h"

static const char ddl[] =
    "CREATE TABLE public.notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    " owner_id bigint NOT NULL REFERENCES public.users (id), title text, secret text, lock text,"
    " deleted_at timestamptz, row_version bigint NOT NULL DEFAULT 1);"
    "COMMENT ON TABLE public.notes IS 'Notes. @api(expose, owner(owner_id), soft_delete)';"
    "COMMENT ON COLUMN public.notes.secret IS 'Secret. @api(hidden)';"
    "COMMENT ON COLUMN public.notes.lock IS 'Lock. @api(admin)';"
    "CREATE FUNCTION public.trail() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE r record; BEGIN"
    " r := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;"
    " INSERT INTO public.audit_logs (user_id, action, table_name, row_key, before, after)"
    " VALUES (r.owner_id, CASE TG_OP WHEN 'INSERT' THEN 'row_insert' WHEN 'UPDATE' THEN 'row_update'"
    "  ELSE 'row_delete' END, 'notes', r.id, CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END,"
    "  CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END); RETURN NULL; END $$;"
    "CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON public.notes FOR EACH ROW EXECUTE FUNCTION trail();"
    "CREATE TRIGGER audit_truncate AFTER TRUNCATE ON public.notes EXECUTE FUNCTION cabinet.audit_truncate();"
    "CREATE TABLE public.plain (id int PRIMARY KEY);"
    "COMMENT ON TABLE public.plain IS 'Plain. @api(expose, audit(off))'";

static struct live live;

static void open_notes(void) {
    live_open(&live, ddl);
    live.conf.audit_log_retention_days = 365;
}

static void close_notes(void) {
    live_close(&live);
}

TestSuite(changes, .init = open_notes, .fini = close_notes, .timeout = 120);

#define EXPECT(answer, code) cr_expect_eq((answer)->status, code, "%d %s", (answer)->status, (answer)->body)
#define GET(path, token) live_ask(&live, "GET", path, token, NULL, NULL)

/* Reads on from *after, which is moved along; the keys of what came. */
static const char *follow(const char **after, int size, const char *token) {
    struct answer *a = GET(*after == NULL ? cab_printf(live.mem, "/notes/_changes?size=%d", size)
                                          : cab_printf(live.mem, "/notes/_changes?size=%d&after=%s", size, *after),
                           token);
    EXPECT(a, 200);
    *after = member_of(&live, a->json, "after");
    return column_of(&live, a, "key");
}

/* The next n keys: they may be some time in coming, as transactions in other databases of the server count too. */
static const char *next(const char **after, int size, int n, const char *token) {
    struct cab_buf keys;
    int64_t until = cab_now_ms() + 30000;
    cab_buf_init(&keys, live.mem, 64);
    while (n > 0 && cab_now_ms() < until) {
        const char *more = follow(after, size < n ? size : n, token);
        if (*more == '\0') {
            live_value(&live, "SELECT pg_sleep(0.02)::text");
            continue;
        }
        cab_buf_addf(&keys, "%s%s", keys.len > 0 ? "," : "", more);
        n--;
        for (const char *c = more; *c != '\0'; c++)
            n -= *c == ',';
    }
    return keys.data;
}

/* The feed from its beginning, once it has n entries. */
static struct answer *feed(const char *token, int n) {
    for (int64_t until = cab_now_ms() + 30000;;) {
        struct answer *a = GET("/notes/_changes", token);
        const struct cab_json *items = a->json != NULL ? cab_json_get(a->json, "items") : NULL;
        if (items == NULL || (int)cab_json_count(items) >= n || cab_now_ms() > until)
            return a;
        live_value(&live, "SELECT pg_sleep(0.02)::text");
    }
}

static void must(struct cab_db *db, const char *sql) {
    struct cab_err err = { 0 };
    cr_assert_eq(cab_db_exec(db, sql, &err), 0, "%s: %s", sql, err.internal);
}

static void add(struct cab_db *db, const char *title) {
    must(db, cab_printf(live.mem, "INSERT INTO public.notes (owner_id, title) VALUES (2, '%s')", title));
}

Test(changes, what_ends_out_of_order_is_told_in_order) {
    struct cab_db *a = live_second(&live), *b = live_second(&live), *c = live_second(&live);
    const char *after = NULL;
    add(live.db, "first");
    cr_expect_str_eq(next(&after, 10, 1, live.admin), "1");
    must(a, "BEGIN");
    add(a, "a1"); /* 2, by the oldest transaction */
    must(b, "BEGIN");
    add(b, "b1"); /* 3 */
    add(c, "c1"); /* 4, ended */
    cr_expect_str_eq(follow(&after, 10, live.admin), "", "an older transaction may still write");
    must(b, "COMMIT");
    cr_expect_str_eq(follow(&after, 10, live.admin), "");
    add(a, "a2"); /* 5, behind all others but of the oldest transaction */
    must(a, "COMMIT");
    cr_expect_str_eq(next(&after, 3, 4, live.admin), "2,5,3,4");
    cr_expect_str_eq(follow(&after, 2, live.admin), "");
    must(b, "BEGIN");
    add(b, "b2");
    must(b, "SAVEPOINT s");
    add(b, "gone");
    must(b, "ROLLBACK TO s");
    must(b, "COMMIT");
    cr_expect_str_eq(next(&after, 2, 1, live.admin), "6");
    cr_expect_str_eq(follow(&after, 2, live.admin), "");
}

/* Transactions of three connections begin, write and end by chance while the feed is followed. */
Test(changes, no_gap_and_no_repetition) {
    struct cab_db *db[3] = { live_second(&live), live_second(&live), live_second(&live) };
    bool is_open[3] = { false };
    struct cab_buf got;
    const char *after = NULL;
    cab_buf_init(&got, live.mem, 4096);
    srand(7);
    for (int i = 0; i < 600; i++) {
        int n = rand() % 3, what = rand() % 5;
        if (what == 0 && is_open[n])
            must(db[n], rand() % 4 == 0 ? "ROLLBACK" : "COMMIT");
        else if (what == 0)
            must(db[n], "BEGIN");
        if (what == 0)
            is_open[n] = !is_open[n];
        else if (what < 4)
            add(db[n], "x");
        else
            for (const char *keys = follow(&after, 1 + rand() % 5, live.admin); *keys != '\0'; keys = "")
                cab_buf_addf(&got, "%s,", keys);
    }
    for (int n = 0; n < 3; n++)
        if (is_open[n])
            must(db[n], "COMMIT");
    const char *all = live_value(&live, "SELECT string_agg(row_key || ',', '' ORDER BY transaction_id, id)"
                                        " FROM audit_logs WHERE table_name = 'notes'");
    int left = 0;
    for (const char *c = all; *c != '\0'; c++)
        left += *c == ',';
    for (const char *c = got.data; *c != '\0'; c++)
        left -= *c == ',';
    cab_buf_addf(&got, "%s,", next(&after, 7, left, live.admin));
    cr_expect_str_eq(follow(&after, 7, live.admin), "");
    cr_expect_gt(strlen(all), 500);
    cr_expect_str_eq(got.data, all);
}

Test(changes, images_follow_the_policy_of_today) {
    live_ask(&live, "POST", "/notes", live.ann, "{\"title\":\"anns\"}", NULL);
    live_ask(&live, "POST", "/notes", live.bob, "{\"title\":\"bobs\"}", NULL);
    live_exec(&live, "UPDATE notes SET lock = 'l', secret = 's', title = 'x' WHERE id = 1");
    struct answer *a = feed(live.ann, 2);
    EXPECT(a, 200);
    cr_expect_str_eq(column_of(&live, a, "key"), "1,1");
    cr_expect_str_eq(column_of(&live, a, "action"), "row_insert,row_update");
    cr_expect_null(strstr(a->body, "lock"));
    cr_expect_null(strstr(a->body, "secret"));
    cr_expect_null(strstr(a->body, "bobs"));
    cr_expect_str_eq(member_of(&live, a->json, "has_more"), "false");
    a = feed(live.admin, 3);
    cr_expect_str_eq(column_of(&live, a, "key"), "1,2,1");
    cr_expect_not_null(strstr(a->body, "lock"));
    cr_expect_null(strstr(a->body, "secret"));
    live_exec(&live, "UPDATE notes SET owner_id = 3 WHERE id = 1"); /* given away: told of, and no longer shown */
    a = feed(live.ann, 3);
    cr_expect_str_eq(column_of(&live, a, "key"), "1,1,1");
    cr_expect_str_eq(column_of(&live, a, "after"), "null,null,null", "%s", a->body);
    live_exec(&live, "UPDATE notes SET owner_id = 2, deleted_at = now() WHERE id = 1");
    a = feed(live.ann, 4);
    cr_expect_null(strstr(a->body, "anns"), "in the trash: %s", a->body);
    cr_expect_not_null(strstr(GET("/notes/_changes", live.admin)->body, "anns"));
    live_exec(&live, "DELETE FROM notes WHERE id = 1");
    a = feed(live.ann, 5);
    cr_expect_str_eq(column_of(&live, a, "action"), "row_insert,row_update,row_update,row_update,row_delete");
    cr_expect_str_eq(column_of(&live, a, "before") + strlen(column_of(&live, a, "before")) - 4, "null");
    live_exec(&live, "TRUNCATE notes");
    cr_expect_not_null(strstr(feed(live.ann, 6)->body, "table_truncate"));
}

/* The feed from a position that the service could have given out. */
static const char *position(const char *server, const char *transaction) {
    const char *values[] = { server, transaction, "0",
                             live_value(&live, "SELECT extract(epoch FROM now())::bigint::text") };
    struct cab_cursor cursor = { .values = values, .n = 4 };
    return cab_printf(live.mem, "/notes/_changes?after=%s",
                      cab_cursor_make(live.mem, &live.conf, "changes\nnotes", &cursor));
}

static void expect_gone(const char *path, const char *why) {
    struct answer *a = GET(path, live.admin);
    EXPECT(a, 410);
    cr_expect_str_eq(member_of(&live, a->json, "code"), "cursor_expired");
    cr_expect_str_eq(errors_of(&live, a), "after:expired");
    cr_expect_not_null(strstr(a->body, why), "%s", a->body);
    cr_expect_not_null(strstr(a->body, "after=now"), "%s", a->body);
}

Test(changes, positions_that_lead_nowhere) {
    const char *after = NULL;
    add(live.db, "one");
    next(&after, 1, 1, live.admin);
    struct answer *a = GET("/notes/_changes?after=now", live.admin);
    EXPECT(a, 200);
    cr_expect_str_eq(column_of(&live, a, "key"), "");
    const char *now = member_of(&live, a->json, "after");
    add(live.db, "two");
    cr_expect_str_eq(next(&now, 9, 1, live.admin), "2");
    EXPECT(GET("/notes/_changes?after=x", live.admin), 400);
    EXPECT(GET(cab_printf(live.mem, "/users/_changes?after=%s", after), live.admin), 400);
    EXPECT(GET("/notes/_changes?before=x", live.admin), 400);
    const char *server = live_value(&live, "SELECT system_identifier::text FROM pg_control_system()");
    EXPECT(GET(position(server, "1"), live.admin), 200);
    expect_gone(position("7", "1"), "another server");
    expect_gone(position(server, "9000000000000000000"), "set back");
    EXPECT(GET("/notes/_changes?size=0", live.admin), 422);
    EXPECT(GET("/notes/_changes", NULL), 401);
    EXPECT(GET("/plain/_changes", live.admin), 404);
    live.conf.audit_log_retention_days = 0; /* so that a position is old at once */
    live_value(&live, "SELECT pg_sleep(1.1)::text");
    expect_gone(cab_printf(live.mem, "/notes/_changes?after=%s", after), "older than the audit trail");
    cr_expect(cab_db_check_idle(live.db));
}
