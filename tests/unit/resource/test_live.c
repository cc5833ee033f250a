/*
 * Resources against a real server: reading and writing rows of a table that no code knows.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "live.h"

static const char notes[] =
    "CREATE TABLE public.notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    " owner_id bigint NOT NULL REFERENCES public.users (id), title text NOT NULL, code text, rank int DEFAULT 5,"
    " date_created timestamptz NOT NULL DEFAULT now(), deleted_at timestamptz, row_version bigint NOT NULL DEFAULT 1,"
    " CONSTRAINT notes_title_length CHECK (char_length(title) BETWEEN 1 AND 20));"
    "CREATE UNIQUE INDEX notes_code ON public.notes (code) WHERE deleted_at IS NULL;"
    "CREATE INDEX notes_search ON public.notes USING gin (title gin_trgm_ops);"
    "COMMENT ON TABLE public.notes IS 'Notes. @api(expose, owner(owner_id), soft_delete)';"
    "COMMENT ON COLUMN public.notes.title IS 'Title. @api(search)';"
    "COMMENT ON CONSTRAINT notes_title_length ON public.notes IS 'The title must have 1 to 20 characters.';"
    "CREATE TRIGGER row_version BEFORE UPDATE ON public.notes FOR EACH ROW EXECUTE FUNCTION cabinet.raise_version();"
    "CREATE TABLE public.gates (id int PRIMARY KEY); INSERT INTO public.gates VALUES (1);"
    "CREATE TABLE public.posts (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    " owner_id bigint NOT NULL, text text NOT NULL, draft text, row_version bigint NOT NULL DEFAULT 1);"
    "COMMENT ON TABLE public.posts IS 'Posts. @api(expose, owner(owner_id), public_read, require_if_match)';"
    "COMMENT ON COLUMN public.posts.draft IS 'Draft. @api(private)';"
    "CREATE TRIGGER row_version BEFORE UPDATE ON public.posts FOR EACH ROW EXECUTE FUNCTION cabinet.raise_version()";

static struct live live;

static void open_notes(void) {
    live_open(&live, notes);
}

static void close_notes(void) {
    live_close(&live);
}

TestSuite(live, .init = open_notes, .fini = close_notes);

#define EXPECT(answer, code) cr_expect_eq((answer)->status, code, "%d %s", (answer)->status, (answer)->body)

Test(live, a_row_is_made_read_changed_and_deleted) {
    struct answer *a = live_ask(&live, "POST", "/notes", live.ann, "{\"title\":\"one\",\"code\":\"c1\"}", NULL);
    EXPECT(a, 201);
    cr_expect_str_eq(header_of(&live, a, "Location"), "/api/v1/notes/1");
    cr_expect_str_eq(member_of(&live, a->json, "owner_id"), "2");
    cr_expect_str_eq(member_of(&live, a->json, "rank"), "5");
    cr_expect_str_eq(member_of(&live, a->json, "row_version"), "-");
    cr_expect_str_eq(member_of(&live, a->json, "deleted_at"), "-");
    const char *etag = header_of(&live, a, "ETag");

    a = live_ask(&live, "GET", "/notes/1", live.ann, NULL, NULL);
    EXPECT(a, 200);
    cr_expect_str_eq(header_of(&live, a, "ETag"), etag);
    cr_expect_str_eq(header_of(&live, a, "Cache-Control"), "private, no-cache");
    const char *weak = cab_printf(live.mem, "W/%s", etag);
    a = live_ask(&live, "GET", "/notes/1", live.ann, NULL, WITH("HTTP_IF_NONE_MATCH", weak));
    EXPECT(a, 304);
    a = live_ask(&live, "GET", "/notes/1?fields=title", live.ann, NULL, WITH("HTTP_IF_NONE_MATCH", etag));
    EXPECT(a, 200);
    cr_expect_str_eq(a->body, "{\"title\":\"one\"}");

    a = live_ask(&live, "PATCH", "/notes/1", live.ann, "{\"rank\":null,\"title\":\"two\"}", NULL);
    EXPECT(a, 200);
    cr_expect_str_eq(member_of(&live, a->json, "rank"), "null");
    cr_expect_str_neq(header_of(&live, a, "ETag"), etag);
    a = live_ask(&live, "PATCH", "/notes/1", live.ann, "{}", NULL);
    EXPECT(a, 200);
    cr_expect_str_eq(live_value(&live, "SELECT row_version FROM notes"), "2", "nothing was changed");
    a = live_ask(&live, "PUT", "/notes/1", live.ann, "{\"title\":\"three\"}", NULL);
    EXPECT(a, 200);
    cr_expect_str_eq(member_of(&live, a->json, "rank"), "5");
    cr_expect_str_eq(member_of(&live, a->json, "code"), "null");
    a = live_ask(&live, "PUT", "/notes/1", live.ann, "{\"rank\":1}", NULL);
    EXPECT(a, 422);
    cr_expect_str_eq(errors_of(&live, a), "title:required");

    EXPECT(live_ask(&live, "DELETE", "/notes/1", live.ann, NULL, NULL), 204);
    EXPECT(live_ask(&live, "GET", "/notes/1", live.ann, NULL, NULL), 404);
    EXPECT(live_ask(&live, "GET", "/notes/1", live.admin, NULL, NULL), 404);
    EXPECT(live_ask(&live, "DELETE", "/notes/1", live.ann, NULL, NULL), 404);
    EXPECT(live_ask(&live, "PATCH", "/notes/1", live.ann, "{\"rank\":1}", NULL), 404);
    a = live_ask(&live, "GET", "/notes?is_deleted=true", live.admin, NULL, NULL);
    EXPECT(a, 200);
    cr_expect_str_eq(column_of(&live, a, "is_deleted"), "true");
    a = live_ask(&live, "POST", "/notes/1/restore", live.ann, NULL, NULL);
    EXPECT(a, 200);
    a = live_ask(&live, "POST", "/notes/1/restore", live.admin, NULL, NULL);
    EXPECT(a, 200);
    cr_expect_str_eq(member_of(&live, a->json, "is_deleted"), "false");
    EXPECT(live_ask(&live, "DELETE", "/notes/1?permanent=true", live.ann, NULL, NULL), 403);
    a = live_ask(&live, "DELETE", "/notes/1", live.admin, NULL, WITH("HTTP_PREFER", "return=representation"));
    EXPECT(a, 200);
    cr_expect_str_eq(member_of(&live, a->json, "is_deleted"), "true");
    EXPECT(live_ask(&live, "DELETE", "/notes/1?permanent=true", live.admin, NULL, NULL), 204);
    cr_expect_str_eq(live_value(&live, "SELECT count(*) FROM notes"), "0");
    EXPECT(live_ask(&live, "POST", "/notes/1/restore", live.admin, NULL, NULL), 404);
}

Test(live, rows_of_others_do_not_exist) {
    EXPECT(live_ask(&live, "POST", "/notes", live.ann, "{\"title\":\"hers\"}", NULL), 201);
    EXPECT(live_ask(&live, "GET", "/notes/1", live.bob, NULL, NULL), 404);
    EXPECT(live_ask(&live, "PATCH", "/notes/1", live.bob, "{\"rank\":1}", NULL), 404);
    EXPECT(live_ask(&live, "PATCH", "/notes/1", live.bob, "{\"rank\":1}", WITH("HTTP_IF_MATCH", "\"99.x\"")), 404);
    EXPECT(live_ask(&live, "DELETE", "/notes/1", live.bob, NULL, NULL), 404);
    EXPECT(live_ask(&live, "POST", "/notes/1/restore", live.bob, NULL, NULL), 404);
    struct answer *a = live_ask(&live, "GET", "/notes", live.bob, NULL, NULL);
    cr_expect_str_eq(member_of(&live, a->json, "total"), "0");
    EXPECT(live_ask(&live, "GET", "/notes", NULL, NULL, NULL), 401);
    EXPECT(live_ask(&live, "GET", "/notes/x", live.ann, NULL, NULL), 404);
    EXPECT(live_ask(&live, "GET", "/notes/99999999999999999999", live.ann, NULL, NULL), 404);
    EXPECT(live_ask(&live, "GET", "/sessions", live.admin, NULL, NULL), 404);
}

Test(live, what_everybody_reads_only_its_owner_changes) {
    EXPECT(live_ask(&live, "POST", "/posts", live.ann, "{\"text\":\"hello\",\"draft\":\"d\"}", NULL), 201);
    struct answer *a = live_ask(&live, "GET", "/posts/1", NULL, NULL, NULL);
    EXPECT(a, 200);
    cr_expect_str_eq(a->body, "{\"id\":1,\"owner_id\":2,\"text\":\"hello\"}");
    const char *etag = header_of(&live, a, "ETag");
    EXPECT(live_ask(&live, "GET", "/posts?draft=d", NULL, NULL, NULL), 403);
    EXPECT(live_ask(&live, "PATCH", "/posts/1", live.bob, "{\"text\":\"x\"}", WITH("HTTP_IF_MATCH", etag)), 403);
    EXPECT(live_ask(&live, "PATCH", "/posts/9", live.bob, "{\"text\":\"x\"}", WITH("HTTP_IF_MATCH", etag)), 404);
    EXPECT(live_ask(&live, "DELETE", "/posts/1", live.bob, NULL, WITH("HTTP_IF_MATCH", "*")), 403);
    EXPECT(live_ask(&live, "POST", "/posts", NULL, "{\"text\":\"x\"}", NULL), 401);
    EXPECT(live_ask(&live, "PATCH", "/posts/1", live.ann, "{\"text\":\"x\"}", NULL), 428);
    EXPECT(live_ask(&live, "PATCH", "/posts/1", live.ann, "{\"text\":\"x\"}", WITH("HTTP_IF_MATCH", "1")), 400);
    a = live_ask(&live, "GET", "/posts", live.bob, NULL, NULL);
    cr_expect_str_eq(column_of(&live, a, "draft"), "-");
    a = live_ask(&live, "GET", "/posts", live.ann, NULL, NULL);
    cr_expect_str_eq(column_of(&live, a, "draft"), "d");
}

Test(live, if_match) {
    struct answer *a = live_ask(&live, "POST", "/notes", live.ann, "{\"title\":\"one\"}", NULL);
    const char *etag = header_of(&live, a, "ETag");
    const char *weak = cab_printf(live.mem, "W/%s", etag);
    EXPECT(live_ask(&live, "PATCH", "/notes/1", live.ann, "{\"rank\":1}", WITH("HTTP_IF_MATCH", weak)), 200);
    a = live_ask(&live, "PATCH", "/notes/1", live.ann, "{\"rank\":2}", WITH("HTTP_IF_MATCH", etag));
    EXPECT(a, 412);
    const char *now = header_of(&live, live_ask(&live, "GET", "/notes/1", live.ann, NULL, NULL), "ETag");
    cr_expect_not_null(strstr(a->body, cab_printf(live.mem, "%.*s", (int)strlen(now) - 2, now + 1)), "%s", a->body);
    EXPECT(live_ask(&live, "DELETE", "/notes/1", live.ann, NULL, WITH("HTTP_IF_MATCH", etag)), 412);
    EXPECT(live_ask(&live, "PATCH", "/notes/1", live.ann, "{}", WITH("HTTP_IF_MATCH", etag)), 412);
    EXPECT(live_ask(&live, "PUT", "/notes/1", live.ann, "{\"title\":\"x\"}", WITH("HTTP_IF_NONE_MATCH", "*")), 412);
    EXPECT(live_ask(&live, "PUT", "/notes/7", live.ann, "{\"title\":\"x\"}", WITH("HTTP_IF_NONE_MATCH", "*")), 404);
    EXPECT(live_ask(&live, "DELETE", "/notes/1", live.ann, NULL, WITH("HTTP_IF_MATCH", now)), 204);
    EXPECT(live_ask(&live, "POST", "/notes/1/restore", live.ann, NULL, WITH("HTTP_IF_MATCH", now)), 412);
    EXPECT(live_ask(&live, "POST", "/notes/1/restore", live.ann, NULL, WITH("HTTP_IF_MATCH", "*")), 200);
    cr_expect_str_eq(live_value(&live, "SELECT rank FROM notes"), "1");
}

Test(live, arrays_are_created_whole_or_not) {
    struct answer *a = live_ask(&live, "POST", "/notes", live.ann,
                                "[{\"title\":\"a\",\"code\":\"1\"},{\"title\":\"b\",\"code\":\"1\"}]", NULL);
    EXPECT(a, 409);
    cr_expect_str_eq(errors_of(&live, a), "/1/code:taken");
    a = live_ask(&live, "POST", "/notes", live.ann, "[{\"title\":\"a\"},{\"titel\":\"b\",\"rank\":\"x\"},5]", NULL);
    EXPECT(a, 422);
    cr_expect_str_eq(errors_of(&live, a), "/1/titel:unknown /1/rank:type /1/title:required /2/:type", "%s",
                     errors_of(&live, a));
    EXPECT(live_ask(&live, "POST", "/notes", live.ann, "[]", NULL), 422);
    cr_expect_str_eq(live_value(&live, "SELECT count(*) FROM notes"), "0");
    a = live_ask(&live, "POST", "/notes", live.ann, "[{\"title\":\"a\"},{\"title\":\"b\",\"rank\":1}]", NULL);
    EXPECT(a, 201);
    cr_expect_eq(cab_json_count(a->json), 2);
    a = live_ask(&live, "POST", "/notes", live.ann, "[{\"title\":\"c\"}]", WITH("HTTP_PREFER", "return=minimal"));
    EXPECT(a, 201);
    cr_expect_str_eq(a->body, "");
    cr_expect_str_eq(header_of(&live, a, "Preference-Applied"), "return=minimal");
    cr_expect_str_eq(live_value(&live, "SELECT count(*) FROM notes"), "3");
}

Test(live, a_trial_leaves_nothing) {
    struct answer *a =
        live_ask(&live, "POST", "/notes", live.ann, "{\"title\":\"a\"}", WITH("HTTP_PREFER", "tx=rollback"));
    EXPECT(a, 201);
    cr_expect_str_eq(member_of(&live, a->json, "title"), "a");
    cr_expect_str_eq(header_of(&live, a, "Preference-Applied"), "tx=rollback");
    cr_expect_str_eq(header_of(&live, a, "Location"), "-");
    cr_expect_str_eq(live_value(&live, "SELECT count(*) FROM notes"), "0");
    cr_expect(cab_db_check_idle(live.db));
    EXPECT(live_ask(&live, "POST", "/notes", live.ann, "{\"title\":\"\"}", WITH("HTTP_PREFER", "tx=rollback")), 422);
    cr_expect(cab_db_check_idle(live.db));
    /* what is checked only at the commit */
    live_exec(&live, "ALTER TABLE public.notes ADD CONSTRAINT code_is_user FOREIGN KEY (rank)"
                     " REFERENCES public.gates DEFERRABLE INITIALLY DEFERRED");
    EXPECT(live_ask(&live, "POST", "/notes", live.ann, "{\"title\":\"a\"}", WITH("HTTP_PREFER", "tx=rollback")), 422);
    EXPECT(live_ask(&live, "POST", "/notes", live.ann, "{\"title\":\"a\"}", NULL), 422);
    a = live_ask(&live, "POST", "/notes", live.ann, "{\"title\":\"a\",\"rank\":1}", WITH("HTTP_PREFER", "tx=rollback"));
    EXPECT(a, 201);
    cr_expect_str_eq(live_value(&live, "SELECT count(*) FROM notes"), "0");
}

Test(live, unknown_parameters_of_rows) {
    EXPECT(live_ask(&live, "GET", "/users/me?size=1", live.ann, NULL, NULL), 400);
    EXPECT(live_ask(&live, "GET", "/users/2?size=1", live.ann, NULL, NULL), 400);
    EXPECT(live_ask(&live, "DELETE", "/users/2?permanent=maybe", live.admin, NULL, NULL), 422);
    const char *const *lenient = WITH("HTTP_PREFER", "handling=lenient");
    struct answer *a = live_ask(&live, "GET", "/users/2?size=1&x%0A=2", live.ann, NULL, lenient);
    EXPECT(a, 200);
    cr_expect_str_eq(header_of(&live, a, "X-Ignored-Parameters"), "size, x%0A");
    cr_expect_str_eq(header_of(&live, a, "Preference-Applied"), "handling=lenient");
    a = live_ask(&live, "GET", "/notes?foo=1", live.ann, NULL, lenient);
    EXPECT(a, 200);
    cr_expect_str_eq(header_of(&live, a, "X-Ignored-Parameters"), "foo");
}

Test(live, what_the_server_refuses_names_the_field) {
    struct answer *a = live_ask(&live, "POST", "/notes", live.ann, "{\"title\":\"\"}", NULL);
    EXPECT(a, 422);
    cr_expect_str_eq(errors_of(&live, a), "title:check");
    cr_expect_not_null(strstr(a->body, "The title must have 1 to 20 characters."), "%s", a->body);
    a = live_ask(&live, "POST", "/notes", live.ann, "{\"title\":\"a\",\"code\":\"x\"}", NULL);
    EXPECT(a, 201);
    const char *id = member_of(&live, a->json, "id");
    a = live_ask(&live, "POST", "/notes", live.ann, "{\"title\":\"a\",\"code\":\"x\"}", NULL);
    EXPECT(a, 409);
    cr_expect_str_eq(errors_of(&live, a), "code:taken");
    EXPECT(live_ask(&live, "DELETE", cab_printf(live.mem, "/notes/%s", id), live.ann, NULL, NULL), 204);
    EXPECT(live_ask(&live, "POST", "/notes", live.ann, "{\"title\":\"a\",\"code\":\"x\"}", NULL), 201);
    EXPECT(live_ask(&live, "POST", cab_printf(live.mem, "/notes/%s/restore", id), live.ann, NULL, NULL), 409);
    EXPECT(live_ask(&live, "DELETE", "/users/2?permanent=true", live.admin, NULL, NULL), 409);
}

Test(live, a_refusal_without_the_database_still_asks_the_guard) {
    live_exec(&live, "DELETE FROM public.sessions WHERE user_id = 2");
    EXPECT(live_ask(&live, "GET", "/users?is_verified=true", live.ann, NULL, NULL), 401);
    EXPECT(live_ask(&live, "GET", "/users?page=0", live.ann, NULL, NULL), 401);
    EXPECT(live_ask(&live, "GET", "/users?is_verified=true", live.bob, NULL, NULL), 403);
    live_exec(&live, "UPDATE public.users SET is_superuser = true WHERE id = 3");
    EXPECT(live_ask(&live, "GET", "/users?is_verified=true", live.bob, NULL, NULL), 200);
    live_exec(&live, "UPDATE public.users SET is_superuser = false WHERE id = 1");
    EXPECT(live_ask(&live, "GET", "/users?is_verified=true", live.admin, NULL, NULL), 403);
}

Test(live, users_show_others_in_part) {
    struct answer *a = live_ask(&live, "GET", "/users?sort=id", live.ann, NULL, NULL);
    EXPECT(a, 200);
    cr_expect_str_eq(column_of(&live, a, "username"), "admin,ann,bob");
    cr_expect_str_eq(column_of(&live, a, "email"), "-,ann@example.org,-");
    cr_expect_str_eq(column_of(&live, a, "is_deleted"), "-,-,-");
    a = live_ask(&live, "GET", "/users?search=example.org", live.ann, NULL, NULL);
    cr_expect_str_eq(member_of(&live, a->json, "total"), "0");
    a = live_ask(&live, "GET", "/users?search=EXAMPLE+Nn%40ex", live.admin, NULL, NULL);
    cr_expect_str_eq(column_of(&live, a, "username"), "ann");
    a = live_ask(&live, "GET", "/users?search=ex+ANn+a", live.admin, NULL, NULL);
    cr_expect_str_eq(column_of(&live, a, "username"), "ann");
    a = live_ask(&live, "GET", "/users?search=nn", live.admin, NULL, NULL);
    cr_expect_str_eq(member_of(&live, a->json, "total"), "0", "two letters are not looked for in the middle");
    a = live_ask(&live, "GET", "/users/3", live.ann, NULL, NULL);
    EXPECT(a, 200);
    cr_expect_str_eq(member_of(&live, a->json, "email"), "-");
    cr_expect_str_neq(member_of(&live, a->json, "username"), "-");
}

Test(live, a_search_finds_page_and_total_at_once) {
    live_exec(&live, "INSERT INTO public.notes (owner_id, title, rank)"
                     " SELECT 2, 'n' || i, i % 7 FROM generate_series(1, 3000) AS i");
    live_exec(&live, "ANALYZE public.notes");
    for (int i = 0; i < 2; i++) { /* within the budget, and beyond */
        const char *is_over = i == 0 ? "false" : "true";
        struct answer *a = live_ask(&live, "GET", "/notes?search=N29&size=3&sort=rank,-id", live.ann, NULL, NULL);
        EXPECT(a, 200);
        cr_expect_str_eq(column_of(&live, a, "id"), "2996,2989,2982");
        cr_expect_str_eq(member_of(&live, a->json, "total_is_estimate"), is_over);
        cr_expect_str_eq(member_of(&live, a->json, "has_next"), "true");
        if (i == 0)
            cr_expect_str_eq(member_of(&live, a->json, "total"), "111");
        a = live_ask(&live, "GET", "/notes?search=N29&size=10&page=12&sort=id&count=exact", live.ann, NULL, NULL);
        cr_expect_str_eq(column_of(&live, a, "id"), "2999");
        cr_expect_str_eq(member_of(&live, a->json, "total"), "111");
        cr_expect_str_eq(member_of(&live, a->json, "has_next"), "false");
        a = live_ask(&live, "GET", "/notes?search=N29&page=90", live.ann, NULL, NULL);
        cr_expect_str_eq(column_of(&live, a, "id"), "");
        cr_expect_str_eq(member_of(&live, a->json, "total_is_estimate"), is_over);
        a = live_ask(&live, "GET", "/notes?search=N29+297", live.ann, NULL, NULL);
        cr_expect_str_eq(member_of(&live, a->json, "total"), "11", "two words are within any budget");
        a = live_ask(&live, "HEAD", "/notes?search=N29&count=exact", live.ann, NULL, NULL);
        cr_expect_str_eq(header_of(&live, a, "X-Total-Count"), "111");
        live.conf.count_budget = 100;
    }
}

static int64_t scans_of(const char *column, const char *relation) {
    live_exec(&live, "SELECT pg_stat_force_next_flush()");
    const char *text = live_value(&live, cab_printf(live.mem, "SELECT %s FROM pg_stat_user_%s", column, relation));
    return strtoll(text, NULL, 10);
}

/* Most rows hold the word, so the server, left to itself, reads the table from its beginning. */
Test(live, a_search_for_a_frequent_word_goes_by_the_index) {
    live_exec(&live, "INSERT INTO public.notes (owner_id, title)"
                     " SELECT 2, 'common ' || i FROM generate_series(1, 20000) AS i");
    live_exec(&live, "DROP INDEX public.notes_code"); /* as good as the other where all rows hold the word */
    live_exec(&live, "ANALYZE public.notes");
    live.conf.count_budget = 1000;
    int64_t table = scans_of("seq_scan", "tables WHERE relname = 'notes'"),
            index = scans_of("idx_scan", "indexes WHERE indexrelname = 'notes_search'");
    struct answer *a = live_ask(&live, "GET", "/notes?search=common&sort=-id&size=3", live.ann, NULL, NULL);
    EXPECT(a, 200);
    cr_expect_str_eq(column_of(&live, a, "id"), "20000,19999,19998");
    cr_expect_str_eq(member_of(&live, a->json, "total_is_estimate"), "true");
    cr_expect_eq(scans_of("seq_scan", "tables WHERE relname = 'notes'"), table);
    cr_expect_gt(scans_of("idx_scan", "indexes WHERE indexrelname = 'notes_search'"), index);
    cr_expect_str_eq(live_value(&live, "SHOW enable_seqscan"), "on", "it was for that transaction");
}

Test(live, a_search_by_closeness) {
    live_exec(&live, "INSERT INTO public.notes (owner_id, title, rank)"
                     " SELECT 2, 'n' || i, i % 7 FROM generate_series(1, 3000) AS i");
    live_exec(&live, "ANALYZE public.notes");
    static const struct { const char *rest, *ids; } cases[] = {
        { "sort=_closeness", "29,290,291" },
        { "sort=_closeness&page=2", "292,293,294" },
        { "sort_by=_closeness&sort_order=asc&count=none", "29,290,291" },
        { "sort=-_closeness", "2999,2998,2997" },
        { "sort=-_closeness&page=37", "291,290,29" },
        { "sort=_closeness,-rank", "29,2995,2988" },
        { "sort=title,_closeness", "29,290,2900" },
    };
    for (int i = 0; i < 2; i++) { /* within the budget, and beyond */
        for (size_t j = 0; j < CAB_LENGTH(cases); j++) {
            const char *path = cab_printf(live.mem, "/notes?search=N29&size=3&%s", cases[j].rest);
            struct answer *a = live_ask(&live, "GET", path, live.ann, NULL, NULL);
            EXPECT(a, 200);
            cr_expect_str_eq(column_of(&live, a, "id"), cases[j].ids, "%s: %s", path, column_of(&live, a, "id"));
            cr_expect_str_eq(member_of(&live, cab_json_get(a->json, "cursors"), "next"), "null");
            cr_expect_str_eq(member_of(&live, cab_json_get(a->json, "cursors"), "prev"), "null");
        }
        live.conf.count_budget = 100;
    }
    struct answer *a = live_ask(&live, "GET", "/notes?search=N29&sort=_closeness&size=100&page=1002", live.ann,
                                NULL, NULL);
    EXPECT(a, 422);
    cr_expect_not_null(strstr(a->body, "sort it by fields"), "%s", a->body);
    a = live_ask(&live, "GET", "/notes.ndjson?search=N29&sort=_closeness&fields=id", live.ann, NULL, NULL);
    EXPECT(a, 200);
    cr_expect_eq(strncmp(a->body, "{\"id\":29}\n{\"id\":290}\n", 21), 0, "%.60s", a->body);
    live_exec(&live, "CREATE SCHEMA elsewhere; ALTER EXTENSION pg_trgm SET SCHEMA elsewhere");
    EXPECT(live_ask(&live, "GET", "/notes?search=N29&sort=_closeness", live.ann, NULL, NULL), 400);
    EXPECT(live_ask(&live, "GET", "/notes?search=N29", live.ann, NULL, NULL), 200);
}

Test(live, pages_and_counts) {
    live_exec(&live, "INSERT INTO public.notes (owner_id, title, rank)"
                     " SELECT 2, 'n' || i, i % 7 FROM generate_series(1, 3000) AS i");
    live_exec(&live, "ANALYZE public.notes");
    struct answer *a = live_ask(&live, "GET", "/notes?size=10&page=2&sort=-id", live.ann, NULL, NULL);
    EXPECT(a, 200);
    cr_expect_str_eq(column_of(&live, a, "id"), "2990,2989,2988,2987,2986,2985,2984,2983,2982,2981");
    cr_expect_str_eq(member_of(&live, a->json, "total"), "3000");
    cr_expect_str_eq(member_of(&live, a->json, "pages"), "300");
    cr_expect_str_eq(member_of(&live, cab_json_get(a->json, "links"), "next"), "/api/v1/notes?size=10&page=3&sort=-id");
    a = live_ask(&live, "GET", "/notes?size=10&page=200", live.ann, NULL, NULL);
    cr_expect_str_eq(column_of(&live, a, "id"), "1991,1992,1993,1994,1995,1996,1997,1998,1999,2000");
    a = live_ask(&live, "GET", "/notes?size=10&page=300&count=none", live.ann, NULL, NULL);
    cr_expect_str_eq(member_of(&live, a->json, "has_next"), "false");
    cr_expect_str_eq(member_of(&live, a->json, "total"), "null");
    a = live_ask(&live, "GET", "/notes?size=10&count=estimated", live.ann, NULL, NULL);
    cr_expect_str_eq(member_of(&live, a->json, "total"), "3000");
    cr_expect_str_eq(member_of(&live, a->json, "total_is_estimate"), "false");
    live.conf.count_budget = 100;
    a = live_ask(&live, "GET", "/notes?size=10&count=estimated", live.ann, NULL, NULL);
    cr_expect_str_eq(member_of(&live, a->json, "total_is_estimate"), "true");
    a = live_ask(&live, "GET", "/notes?size=10", live.ann, NULL, NULL);
    cr_expect_str_eq(member_of(&live, a->json, "total_is_estimate"), "true", "nothing was asked");
    a = live_ask(&live, "GET", "/notes?size=10&count=exact", live.ann, NULL, NULL);
    cr_expect_str_eq(member_of(&live, a->json, "total"), "3000");
    a = live_ask(&live, "HEAD", "/notes?size=10&rank=3&count=exact", live.ann, NULL, NULL);
    EXPECT(a, 200);
    cr_expect_str_eq(a->body, "");
    cr_expect_str_eq(header_of(&live, a, "X-Total-Count"), live_value(&live,
                                                                      "SELECT count(*) FROM notes WHERE rank = 3"));
    a = live_ask(&live, "GET", "/notes?size=10", live.ann, NULL, NULL);
    const char *next = member_of(&live, cab_json_get(a->json, "cursors"), "next");
    EXPECT(live_ask(&live, "GET", cab_printf(live.mem, "/notes?size=10&cursor=%s", next), live.ann, NULL, NULL), 200);
    EXPECT(live_ask(&live, "GET", cab_printf(live.mem, "/notes?size=10&cursor=%s", next), live.bob, NULL, NULL), 400);
    EXPECT(live_ask(&live, "GET", cab_printf(live.mem, "/notes?rank=1&cursor=%s", next), live.ann, NULL, NULL), 400);
    EXPECT(live_ask(&live, "GET", cab_printf(live.mem, "/notes?sort=-id&cursor=%s", next), live.ann, NULL, NULL), 400);
    a = live_ask(&live, "GET", cab_printf(live.mem, "/notes?size=10&cursor=%s&count=exact", next), live.ann, NULL,
                 NULL);
    cr_expect_str_eq(member_of(&live, a->json, "total"), "3000");
    cr_expect_str_eq(member_of(&live, a->json, "page"), "null");
}
