/*
 * Changes that share a transaction (cab_service_begin): each is answered, and recorded, as if it had one of its own.
 */
#include "unit/resource/live.h"

#include <criterion/criterion.h>
#include <string.h>

static const char ddl[] =
    "ALTER TABLE public.users ADD COLUMN height integer CHECK (height < 300);"
    "CREATE TABLE public.sizes (height integer PRIMARY KEY); INSERT INTO public.sizes SELECT generate_series(1, 300);"
    "CREATE FUNCTION public.look_on() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'";

static struct live live;

static void setup(void) {
    live_open(&live, ddl);
    cr_assert_eq(live_ask(&live, "GET", "/users/me", live.ann, NULL, NULL)->status, 200);
}

static void teardown(void) {
    live_close(&live);
}

TestSuite(waiting_changes, .init = setup, .fini = teardown, .timeout = 60);

static struct answer *ask(const char *token, const char *body, const char *const *params, bool *waits_out) {
    return live_begin(&live, "PUT", "/users/me", token, body, params, waits_out);
}

static struct answer *begin(const char *token, const char *body) {
    bool waits;
    struct answer *answer = ask(token, body, NULL, &waits);
    cr_assert(waits, "%s", body);
    cr_assert_eq(answer->status, 0, "it has no answer yet");
    return answer;
}

static const char *name_of(const struct answer *answer) {
    cr_assert_eq(answer->status, 200, "%s", answer->body);
    return member_of(&live, answer->json, "username");
}

static const char *entries(const char *columns) {
    return live_value(&live, cab_printf(live.mem, "SELECT string_agg(concat_ws(' ', %s), ',' ORDER BY row_key)"
                                        " FROM public.audit_logs WHERE action = 'row_update'", columns));
}

Test(waiting_changes, each_is_done_and_recorded_as_its_own) {
    bool waits;
    struct answer *bob = ask(live.bob, "{\"username\": \"robert\"}", WITH("REMOTE_ADDR", "192.0.2.3"), &waits),
                  *ann = ask(live.ann, "{\"username\": \"anna\"}", WITH("REMOTE_ADDR", "192.0.2.2"), &waits),
                  *admin = begin(live.admin, "{\"username\": \"root\"}");
    live_settle(&live);
    cr_assert_str_eq(name_of(ann), "anna");
    cr_assert_str_eq(name_of(bob), "robert");
    cr_assert_str_eq(name_of(admin), "root");
    cr_assert_str_eq(entries("user_id, actor_id, host(ip), after->>'username'"),
                     "1 1 192.0.2.7 root,2 2 192.0.2.2 anna,3 3 192.0.2.3 robert");
    cr_assert_str_eq(entries("request_id"),
                     cab_printf(live.mem, "%s,%s,%s", header_of(&live, admin, "X-Request-Id"),
                                header_of(&live, ann, "X-Request-Id"), header_of(&live, bob, "X-Request-Id")));
    cr_assert_str_eq(live_value(&live, "SELECT count(DISTINCT transaction_id) FROM public.audit_logs"
                                       " WHERE action = 'row_update'"), "1");
    cr_assert(cab_db_check_idle(live.db));
}

Test(waiting_changes, of_one_row_follow_each_other) {
    const char *etag = header_of(&live, live_ask(&live, "GET", "/users/me", live.ann, NULL, NULL), "ETag");
    bool waits;
    struct answer *first = ask(live.ann, "{\"username\": \"anna\"}", WITH("HTTP_IF_MATCH", etag), &waits),
                  *second = ask(live.ann, "{\"username\": \"hannah\"}", WITH("HTTP_IF_MATCH", etag), &waits);
    cr_assert(waits);
    live_settle(&live);
    cr_assert(first->status == 200 || second->status == 200, "%d %d", first->status, second->status);
    cr_assert(first->status == 412 || second->status == 412, "%d %d", first->status, second->status);
    cr_assert_str_eq(live_value(&live, "SELECT row_version FROM public.users WHERE id = 2"), "2");
}

Test(waiting_changes, what_is_wrong_with_one_is_its_own) {
    struct answer *taken = begin(live.ann, "{\"username\": \"Admin\"}"), *gone = begin(live.bob, "{\"height\": 3}"),
                  *good = begin(live.admin, "{\"height\": 180}");
    live_exec(&live, "DELETE FROM public.sessions WHERE user_id = 3");
    live_settle(&live);
    cr_assert_eq(taken->status, 409, "%s", taken->body);
    cr_assert_str_eq(errors_of(&live, taken), "username:taken");
    cr_assert_eq(gone->status, 401, "%s", gone->body);
    cr_assert_eq(good->status, 200, "%s", good->body);
    cr_assert_str_eq(live_value(&live, "SELECT string_agg(username || coalesce(height, 0), ',' ORDER BY id)"
                                       " FROM public.users"), "admin180,ann0,bob0");

    bool waits;
    struct answer *soon = ask(live.bob, "{\"height\": 4}", NULL, &waits);
    cr_assert_not(waits, "whoever sends what fails costs others nothing for a while");
    live_settle(&live);
    cr_assert_eq(soon->status, 401);
    live.service.apart_until_ms = 0;
    struct answer *tall = begin(live.ann, "{\"height\": 400}");
    good = begin(live.admin, "{\"height\": 181}");
    live_settle(&live);
    cr_assert_eq(tall->status, 422, "%s", tall->body);
    cr_assert_eq(good->status, 200, "%s", good->body);
    cr_assert_str_eq(live_value(&live, "SELECT row_version FROM public.users WHERE id = 1"), "3", "it was done once");
}

Test(waiting_changes, reads_beside_them_are_answered) {
    bool waits;
    struct answer *ann = begin(live.ann, "{\"username\": \"anna\"}"),
                  *me = live_begin(&live, "GET", "/users/me", live.bob, NULL, NULL, &waits),
                  *admin = begin(live.admin, "{\"username\": \"root\"}");
    cr_assert(waits);
    live_settle(&live);
    cr_assert_str_eq(name_of(me), "bob");
    cr_assert_str_eq(name_of(ann), "anna");
    cr_assert_str_eq(name_of(admin), "root");
}

Test(waiting_changes, a_locked_row_holds_up_its_own) {
    struct cab_db *other = live_second(&live);
    struct cab_err err = { 0 };
    live_exec(&live, "SET lock_timeout = '400ms'");
    cr_assert_eq(cab_db_exec(other, "BEGIN; SELECT FROM public.users WHERE id = 2 FOR UPDATE", &err), 0);
    struct answer *ann = begin(live.ann, "{\"username\": \"anna\"}"),
                  *bob = begin(live.bob, "{\"username\": \"robert\"}"),
                  *admin = begin(live.admin, "{\"username\": \"root\"}");
    int64_t began = cab_now_ms();
    live_settle(&live);
    cr_assert_geq(cab_now_ms() - began, 400, "it waited as long as it may");
    cr_assert_eq(ann->status, 503, "%s", ann->body);
    cr_assert_str_eq(name_of(bob), "robert");
    cr_assert_str_eq(name_of(admin), "root");
    cr_assert_str_eq(live_value(&live, "SHOW lock_timeout"), "400ms", "the shorter limit was the transaction's");
    cr_assert_str_eq(live_value(&live, "SELECT count(*) FROM public.audit_logs a JOIN public.audit_logs b"
                                       " ON b.transaction_id = a.transaction_id AND b.id > a.id"
                                       " WHERE a.action = 'row_update'"), "1", "the others shared a transaction");
    cab_db_close(&other);
}

Test(waiting_changes, a_locked_table_fails_all_at_once) {
    struct cab_db *other = live_second(&live);
    struct cab_err err = { 0 };
    live_exec(&live, "SET lock_timeout = '500ms'");
    struct answer *ann = begin(live.ann, "{\"username\": \"anna\"}"),
                  *bob = begin(live.bob, "{\"username\": \"robert\"}"),
                  *admin = begin(live.admin, "{\"username\": \"root\"}");
    cr_assert_eq(cab_db_exec(other, "BEGIN; LOCK TABLE public.users", &err), 0);
    int64_t began = cab_now_ms();
    live_settle(&live);
    cr_assert_lt(cab_now_ms() - began, 950, "they do not wait one after another");
    cr_assert_eq(ann->status, 503);
    cr_assert_eq(bob->status, 503);
    cr_assert_eq(admin->status, 503);
    cab_db_close(&other);
    cr_assert_eq(live_ask(&live, "PUT", "/users/me", live.ann, "{\"username\": \"anna\"}", NULL)->status, 200);
}

Test(waiting_changes, an_upgrade_meanwhile_is_seen_by_all) {
    struct answer *ann = begin(live.ann, "{\"username\": \"anna\"}"),
                  *bob = begin(live.bob, "{\"username\": \"robert\"}");
    live_exec(&live, "ALTER TABLE public.users ADD COLUMN colour text DEFAULT 'red';"
                     "UPDATE cabinet.catalog_state SET generation = generation + 1");
    live_settle(&live);
    cr_assert_str_eq(member_of(&live, ann->json, "colour"), "red");
    cr_assert_str_eq(member_of(&live, bob->json, "colour"), "red");
    cr_assert_str_eq(live_value(&live, "SELECT row_version FROM public.users WHERE id = 3"), "2", "it was done once");
}

Test(waiting_changes, a_connection_lost_before_fails_nobody) {
    struct answer *ann = begin(live.ann, "{\"username\": \"anna\"}"),
                  *bob = begin(live.bob, "{\"username\": \"robert\"}");
    live_terminate(&live);
    live_settle(&live);
    cr_assert_str_eq(name_of(ann), "anna");
    cr_assert_str_eq(name_of(bob), "robert");
}

Test(waiting_changes, a_connection_lost_meanwhile_leaves_all_in_doubt) {
    live_exec(&live, "ALTER TABLE public.users ADD CONSTRAINT ends"
                     " CHECK (height IS DISTINCT FROM 13 OR pg_terminate_backend(pg_backend_pid()))");
    struct answer *ann = begin(live.ann, "{\"height\": 13}"), *bob = begin(live.bob, "{\"username\": \"robert\"}");
    live_settle(&live);
    cr_assert_eq(ann->status, 503, "%s", ann->body);
    cr_assert_eq(bob->status, 503, "%s", bob->body);
    cr_assert_not_null(strstr(bob->body, "Read the row before"), "%s", bob->body);
    cr_assert_eq(live_ask(&live, "GET", "/users/me", live.bob, NULL, NULL)->status, 200);
}

/* What a trigger leaves in a transaction, or does at its end, would be found or done by another's change. */
Test(waiting_changes, tables_that_do_more_keep_them_apart) {
    static const char *const more[][2] = {
        { "CREATE TRIGGER look AFTER UPDATE ON public.users FOR EACH ROW EXECUTE FUNCTION public.look_on()",
          "DROP TRIGGER look ON public.users" },
        { "CREATE CONSTRAINT TRIGGER look AFTER INSERT ON public.audit_logs DEFERRABLE FOR EACH ROW"
          " EXECUTE FUNCTION public.look_on()", "DROP TRIGGER look ON public.audit_logs" },
        { "ALTER TABLE public.users ADD CONSTRAINT late FOREIGN KEY (height) REFERENCES public.sizes DEFERRABLE",
          "ALTER TABLE public.users DROP CONSTRAINT late" },
        { "CREATE RULE look AS ON UPDATE TO public.users DO ALSO NOTIFY looked", "DROP RULE look ON public.users" },
        { "ALTER TABLE public.users ENABLE ROW LEVEL SECURITY", "ALTER TABLE public.users DISABLE ROW LEVEL SECURITY" },
    };
    for (size_t i = 0; i < CAB_LENGTH(more); i++) {
        struct cab_err err = { 0 };
        bool waits;
        live_exec(&live, more[i][0]);
        cr_assert_eq(cab_service_reload(&live.service, &err), 0, "%s %s", err.detail, err.internal);
        struct answer *answer = ask(live.ann, cab_printf(live.mem, "{\"height\": %zu}", 100 + i), NULL, &waits);
        cr_assert_not(waits, "%s", more[i][0]);
        live_settle(&live);
        cr_assert_eq(answer->status, 200, "%s: %s", more[i][0], answer->body);
        live_exec(&live, more[i][1]);
    }
}

Test(waiting_changes, with_a_key_or_on_trial_have_their_own_transaction) {
    bool waits;
    struct answer *keyed = live_begin(&live, "PATCH", "/users/me", live.ann, "{\"username\": \"anna\"}",
                                      WITH("HTTP_IDEMPOTENCY_KEY", "anna-1"), &waits);
    cr_assert_not(waits);
    struct answer *trial = ask(live.bob, "{\"username\": \"robert\"}", WITH("HTTP_PREFER", "tx=rollback"), &waits);
    cr_assert_not(waits);
    struct answer *wrong = ask(live.bob, "{\"colour\": 1}", NULL, &waits);
    cr_assert_not(waits);
    live_settle(&live);
    cr_assert_str_eq(name_of(keyed), "anna");
    cr_assert_str_eq(name_of(trial), "robert");
    cr_assert_str_eq(header_of(&live, trial, "Preference-Applied"), "tx=rollback");
    cr_assert_eq(wrong->status, 422);
    cr_assert_str_eq(live_value(&live, "SELECT username FROM public.users WHERE id = 3"), "bob");
}
