/*
 * Batches against a real server: in order, one transaction, with references.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "live.h"

static const char ddl[] =
    "CREATE TABLE public.boxes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text UNIQUE,"
    " row_version bigint NOT NULL DEFAULT 1);"
    "COMMENT ON TABLE public.boxes IS 'Boxes. @api(expose)';"
    "CREATE TRIGGER row_version BEFORE UPDATE ON public.boxes FOR EACH ROW EXECUTE FUNCTION cabinet.raise_version();"
    "CREATE TABLE public.notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    " owner_id bigint NOT NULL REFERENCES public.users (id), box_id bigint REFERENCES public.boxes (id), title text);"
    "COMMENT ON TABLE public.notes IS 'Notes. @api(expose, owner(owner_id))';"
    "CREATE TABLE public.laws (id int PRIMARY KEY); COMMENT ON TABLE public.laws IS 'Laws. @api(expose, admin)'";

static struct live live;

static void open_boxes(void) {
    live_open(&live, ddl);
}

static void close_boxes(void) {
    live_close(&live);
}

TestSuite(batch, .init = open_boxes, .fini = close_boxes, .timeout = 60);

#define EXPECT(answer, code) cr_expect_eq((answer)->status, code, "%d %s", (answer)->status, (answer)->body)

static struct answer *send(const char *body, const char *const *params) {
    return live_ask(&live, "POST", "/_batch", live.ann, body, params);
}

static const char *count(void) {
    return live_value(&live, "SELECT (SELECT count(*) FROM boxes) + (SELECT count(*) FROM notes)");
}

Test(batch, writes_in_order_with_references) {
    struct answer *a = send("[{\"method\":\"POST\",\"table\":\"boxes\",\"body\":{\"name\":\"a\"}},"
                            "{\"method\":\"POST\",\"table\":\"notes\",\"body\":{\"title\":\"t\",\"box_id\":"
                            "{\"$result\":0,\"field\":\"id\"}}},"
                            "{\"method\":\"PATCH\",\"table\":\"boxes\",\"id\":{\"$result\":1,\"field\":\"box_id\"},"
                            "\"body\":{\"name\":\"b\"}},"
                            "{\"method\":\"DELETE\",\"table\":\"notes\",\"id\":\"1\"}]", NULL);
    EXPECT(a, 200);
    const struct cab_json *results = cab_json_get(a->json, "results");
    cr_assert_eq(cab_json_count(results), 4);
    cr_expect_str_eq(member_of(&live, cab_json_item(results, 0), "status"), "201");
    cr_expect_str_eq(member_of(&live, cab_json_get(cab_json_item(results, 1), "row"), "box_id"), "1");
    cr_expect_str_eq(member_of(&live, cab_json_get(cab_json_item(results, 2), "row"), "name"), "b");
    cr_expect_str_eq(member_of(&live, cab_json_item(results, 3), "status"), "200");
    cr_expect_str_eq(live_value(&live, "SELECT name FROM boxes"), "b");
    cr_expect_str_eq(live_value(&live, "SELECT count(*) FROM notes"), "0");
}

Test(batch, all_or_none) {
    live_exec(&live, "INSERT INTO boxes (name) VALUES ('taken');"
                     " INSERT INTO notes (owner_id, title) VALUES (3, 'bobs')");
    static const struct { const char *operation; int status; const char *errors; } cases[] = {
        { "{\"method\":\"POST\",\"table\":\"boxes\",\"body\":{\"name\":\"taken\"}}", 409, "/1/body/name:taken" },
        { "{\"method\":\"POST\",\"table\":\"boxes\",\"body\":{\"nam\":1}}", 422, "/1/body/nam:unknown" },
        { "{\"method\":\"PATCH\",\"table\":\"notes\",\"id\":1,\"body\":{\"title\":\"x\"}}", 404, "/1:not_found" },
        { "{\"method\":\"DELETE\",\"table\":\"boxes\",\"id\":1,\"if_match\":\"\\\"9.0\\\"\"}", 412, "If-Match:stale" },
        { "{\"method\":\"POST\",\"table\":\"notes\",\"body\":{\"box_id\":99}}", 422,
          "/1/body/box_id:unknown_reference" },
        { "{\"method\":\"POST\",\"table\":\"notes\",\"body\":{\"box_id\":{\"$result\":1,\"field\":\"id\"}}}", 422,
          "/1/body/box_id:reference" },
        { "{\"method\":\"POST\",\"table\":\"notes\",\"body\":{\"box_id\":{\"$result\":0,\"field\":\"no\"}}}", 422,
          "/1/body/box_id:reference" },
        { "{\"method\":\"POST\",\"table\":\"laws\",\"body\":{\"id\":1}}", 422, "/1/table:unknown_table" },
        { "{\"method\":\"PATCH\",\"table\":\"users\",\"id\":2,\"body\":{\"username\":\"anna\"}}", 403, "/1:forbidden" },
        { "{\"method\":\"PUT\",\"table\":\"boxes\",\"body\":{}}", 422, "/1/method:not_one_of" },
        { "{\"method\":\"POST\",\"table\":\"boxes\",\"id\":1,\"body\":{}}", 422, "/1/id:unknown" },
        { "7", 422, "/1/:type" },
    };
    for (size_t i = 0; i < CAB_LENGTH(cases); i++) {
        const char *body = cab_printf(live.mem,
                                      "[{\"method\":\"POST\",\"table\":\"boxes\",\"body\":{\"name\":\"n\"}},%s]",
                                      cases[i].operation);
        struct answer *a = send(body, NULL);
        cr_expect_eq(a->status, cases[i].status, "%s: %d %s", cases[i].operation, a->status, a->body);
        cr_expect_str_eq(errors_of(&live, a), cases[i].errors, "%s: %s", cases[i].operation, errors_of(&live, a));
        cr_expect_str_eq(count(), "2", "%s", cases[i].operation);
        cr_expect(cab_db_check_idle(live.db));
    }
}

Test(batch, keys_trials_and_callers) {
    const char *body = "[{\"method\":\"POST\",\"table\":\"boxes\",\"body\":{\"name\":\"a\"}}]";
    EXPECT(send(body, WITH("HTTP_PREFER", "tx=rollback")), 200);
    cr_expect_str_eq(count(), "0");
    EXPECT(send(body, WITH("HTTP_IDEMPOTENCY_KEY", "k")), 200);
    struct answer *a = send(body, WITH("HTTP_IDEMPOTENCY_KEY", "k"));
    EXPECT(a, 200);
    cr_expect_str_eq(header_of(&live, a, "Idempotency-Replayed"), "true");
    cr_expect_str_eq(count(), "1");
    EXPECT(live_ask(&live, "POST", "/_batch", NULL, body, NULL), 401);
    EXPECT(live_ask(&live, "POST", "/_batch?x=1", live.ann, body, NULL), 400);
    EXPECT(send("[]", NULL), 422);
    EXPECT(send("{}", NULL), 422);
}
