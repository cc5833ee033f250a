/*
 * Idempotency-Key against a real server: one write, one answer, however often it is sent.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "live.h"

static const char notes[] =
    "CREATE TABLE public.notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    " owner_id bigint NOT NULL REFERENCES public.users (id), title text NOT NULL, code text UNIQUE,"
    " row_version bigint NOT NULL DEFAULT 1, CONSTRAINT notes_title_length CHECK (char_length(title) < 100000));"
    "COMMENT ON TABLE public.notes IS 'Notes. @api(expose, owner(owner_id))';"
    "CREATE TRIGGER row_version BEFORE UPDATE ON public.notes FOR EACH ROW EXECUTE FUNCTION cabinet.raise_version()";

static struct live live;

static void open_notes(void) {
    live_open(&live, notes);
}

static void close_notes(void) {
    live_close(&live);
}

TestSuite(idempotency, .init = open_notes, .fini = close_notes, .timeout = 60);

#define EXPECT(answer, code) cr_expect_eq((answer)->status, code, "%d %s", (answer)->status, (answer)->body)
#define KEY(key) WITH("HTTP_IDEMPOTENCY_KEY", key)

static const char *rows(void) {
    return live_value(&live, "SELECT count(*) FROM notes");
}

Test(idempotency, a_repeated_request_is_answered_and_not_done_again) {
    struct answer *a = live_ask(&live, "POST", "/notes", live.ann, "{\"title\":\"one\"}", KEY("k1"));
    EXPECT(a, 201);
    cr_expect_str_eq(header_of(&live, a, "Idempotency-Replayed"), "-");
    struct answer *b = live_ask(&live, "POST", "/notes", live.ann, "{\"title\":\"one\"}", KEY("k1"));
    EXPECT(b, 201);
    cr_expect_str_eq(header_of(&live, b, "Idempotency-Replayed"), "true");
    cr_expect_str_eq(b->body, a->body);
    cr_expect_str_eq(header_of(&live, b, "Location"), "/api/v1/notes/1");
    cr_expect_str_eq(header_of(&live, b, "ETag"), header_of(&live, a, "ETag"));
    cr_expect_str_eq(rows(), "1");
    cr_expect(cab_db_check_idle(live.db));

    /* another caller, another path, another key: another request */
    EXPECT(live_ask(&live, "POST", "/notes", live.bob, "{\"title\":\"one\"}", KEY("k1")), 201);
    EXPECT(live_ask(&live, "POST", "/notes", live.ann, "{\"title\":\"one\"}", KEY("k2")), 201);
    cr_expect_str_eq(rows(), "3");
    EXPECT(live_ask(&live, "PATCH", "/notes/1", live.ann, "{\"title\":\"two\"}", KEY("k1")), 200);
    a = live_ask(&live, "PATCH", "/notes/1", live.ann, "{\"title\":\"two\"}", KEY("k1"));
    EXPECT(a, 200);
    cr_expect_str_eq(header_of(&live, a, "Idempotency-Replayed"), "true");
    cr_expect_str_eq(live_value(&live, "SELECT row_version FROM notes WHERE id = 1"), "2");
    EXPECT(live_ask(&live, "DELETE", "/notes/1", live.ann, NULL, KEY("k1")), 204);
    a = live_ask(&live, "DELETE", "/notes/1", live.ann, NULL, KEY("k1"));
    EXPECT(a, 204);
    cr_expect_str_eq(header_of(&live, a, "Idempotency-Replayed"), "true");
    EXPECT(live_ask(&live, "DELETE", "/notes/1", live.ann, NULL, NULL), 404);
}

Test(idempotency, another_body_or_query_is_refused) {
    EXPECT(live_ask(&live, "POST", "/notes", live.ann, "{\"title\":\"one\"}", KEY("k1")), 201);
    struct answer *a = live_ask(&live, "POST", "/notes", live.ann, "{\"title\":\"two\"}", KEY("k1"));
    EXPECT(a, 422);
    cr_expect_str_eq(member_of(&live, a->json, "code"), "idempotency_key_reused");
    EXPECT(live_ask(&live, "POST", "/notes?fields=id", live.ann, "{\"title\":\"one\"}", KEY("k1")), 422);
    cr_expect_str_eq(rows(), "1");
    cr_expect(cab_db_check_idle(live.db));
}

Test(idempotency, only_what_was_done_is_kept) {
    EXPECT(live_ask(&live, "POST", "/notes", live.ann, "{\"titel\":\"one\"}", KEY("k1")), 422);
    EXPECT(live_ask(&live, "POST", "/notes", live.ann, "{\"title\":\"one\",\"code\":\"a\"}", KEY("k1")), 201);
    EXPECT(live_ask(&live, "POST", "/notes", live.ann, "{\"title\":\"one\",\"code\":\"a\"}", KEY("k2")), 409);
    EXPECT(live_ask(&live, "PATCH", "/notes/9", live.ann, "{\"title\":\"one\"}", KEY("k2")), 404);
    EXPECT(live_ask(&live, "PATCH", "/notes/1", live.ann, "{\"title\":\"x\"}",
                    WITH("HTTP_IDEMPOTENCY_KEY", "k2", "HTTP_IF_MATCH", "\"7.0\"")), 412);
    cr_expect_str_eq(live_value(&live, "SELECT count(*) FROM idempotency_keys"), "1");
    EXPECT(live_ask(&live, "POST", "/notes", live.ann, "{\"title\":\"t\"}",
                    WITH("HTTP_IDEMPOTENCY_KEY", "k3", "HTTP_PREFER", "tx=rollback")), 201);
    cr_expect_str_eq(live_value(&live, "SELECT count(*) FROM idempotency_keys"), "1", "a trial leaves nothing");
    cr_expect_str_eq(rows(), "1");
}

Test(idempotency, a_key_in_flight_is_409_at_once) {
    struct cab_db *other = live_second(&live);
    struct cab_err err = { 0 };
    static const char text[] = "2\nPOST\n/api/v1/notes\nk1";
    char scope[65];
    cab_sha256_hex(text, sizeof text - 1, scope);
    cr_assert_eq(cab_db_exec(other, "BEGIN", &err), 0);
    cr_assert_eq(cab_db_exec(other, cab_printf(live.mem, "SELECT cabinet.idempotency_claim(2, decode('%s', 'hex'), '')",
                                               scope), &err), 0, "%s", err.internal);
    struct answer *a = live_ask(&live, "POST", "/notes", live.ann, "{\"title\":\"one\"}", KEY("k1"));
    EXPECT(a, 409);
    cr_expect_str_eq(member_of(&live, a->json, "code"), "idempotency_key_in_flight");
    cr_expect_str_eq(header_of(&live, a, "Retry-After"), "1");
    /* the other one crashes: the key is free again, and nothing was done */
    cr_assert_eq(cab_db_exec(other, "ROLLBACK", &err), 0);
    EXPECT(live_ask(&live, "POST", "/notes", live.ann, "{\"title\":\"one\"}", KEY("k1")), 201);
    cr_expect_str_eq(rows(), "1");
}

Test(idempotency, a_key_is_good_for_a_day) {
    EXPECT(live_ask(&live, "POST", "/notes", live.ann, "{\"title\":\"one\"}", KEY("k1")), 201);
    live_exec(&live, "UPDATE idempotency_keys SET date_created = now() - interval '25 hours'");
    struct answer *a = live_ask(&live, "POST", "/notes", live.ann, "{\"title\":\"two\"}", KEY("k1"));
    EXPECT(a, 201);
    cr_expect_str_eq(header_of(&live, a, "Idempotency-Replayed"), "-");
    cr_expect_str_eq(rows(), "2");
}

Test(idempotency, a_large_answer_is_repeated_without_its_body) {
    char title[70001];
    memset(title, 'x', sizeof title - 1);
    title[sizeof title - 1] = '\0';
    const char *body = cab_printf(live.mem, "{\"title\":\"%s\"}", title);
    EXPECT(live_ask(&live, "POST", "/notes", live.ann, body, KEY("k1")), 201);
    struct answer *a = live_ask(&live, "POST", "/notes", live.ann, body, KEY("k1"));
    EXPECT(a, 201);
    cr_expect_str_eq(a->body, "");
    cr_expect_str_eq(header_of(&live, a, "Location"), "/api/v1/notes/1");
}

Test(idempotency, where_keys_are_taken) {
    EXPECT(live_ask(&live, "POST", "/auth/logout", live.bob, NULL, KEY("k1")), 400);
    EXPECT(live_ask(&live, "POST", "/users", live.admin, "{}", KEY("k1")), 400);
    struct answer *a = live_ask(&live, "POST", "/notes", live.ann, "{\"title\":\"one\"}", KEY("with blank"));
    EXPECT(a, 400);
    cr_expect_str_eq(errors_of(&live, a), "Idempotency-Key:format");
    EXPECT(live_ask(&live, "GET", "/notes", live.ann, NULL, KEY("k1")), 200);
    EXPECT(live_ask(&live, "PATCH", "/users/2", live.ann, "{\"username\":\"anna\"}", KEY("k1")), 200);
    a = live_ask(&live, "PATCH", "/users/2", live.ann, "{\"username\":\"anna\"}", KEY("k1"));
    EXPECT(a, 200);
    cr_expect_str_eq(header_of(&live, a, "Idempotency-Replayed"), "true");
    /* a key of somebody whose session has ended is no way in */
    live_exec(&live, "DELETE FROM public.sessions WHERE user_id = 2");
    EXPECT(live_ask(&live, "PATCH", "/users/2", live.ann, "{\"username\":\"anna\"}", KEY("k1")), 401);
    cr_expect_str_eq(rows(), "0");
}
