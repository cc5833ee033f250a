/*
 * Requests that wait for each other (cab_service_begin): their answers are those they would get alone.
 */
#include "unit/resource/live.h"

#include <criterion/criterion.h>
#include <string.h>

static const char ddl[] =
    "CREATE TABLE public.notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, owner_id bigint NOT NULL REFERENCES"
    " public.users (id), title text NOT NULL);"
    "COMMENT ON TABLE public.notes IS '@api(expose, owner(owner_id), audit(off))';"
    "GRANT SELECT, INSERT, UPDATE, DELETE ON public.notes TO cabinet_app;";

static struct live live;

static void setup(void) {
    live_open(&live, ddl);
    live_exec(&live, "INSERT INTO public.notes (owner_id, title) VALUES (2, 'of ann'), (3, 'of bob')");
    cr_assert_eq(live_ask(&live, "GET", "/users/me", live.ann, NULL, NULL)->status, 200);
}

static void teardown(void) {
    live_close(&live);
}

TestSuite(waiting, .init = setup, .fini = teardown, .timeout = 60);

static struct answer *ask(const char *path, const char *token, bool *waits_out) {
    return live_begin(&live, "GET", path, token, NULL, NULL, waits_out);
}

static struct answer *begin(const char *path, const char *token) {
    bool waits;
    struct answer *answer = ask(path, token, &waits);
    cr_assert(waits, "%s", path);
    cr_assert_eq(answer->status, 0, "it has no answer yet");
    return answer;
}

static const char *name_of(const struct answer *answer) {
    cr_assert_eq(answer->status, 200, "%s", answer->body);
    return member_of(&live, answer->json, "username");
}

Test(waiting, each_gets_what_it_would_get_alone) {
    struct answer *ann = begin("/users/me", live.ann), *admin = begin("/users/me", live.admin),
                  *note = begin("/notes/1", live.ann), *bob = begin("/users/me", live.bob),
                  *foreign = begin("/notes/1", live.bob), *again = begin("/users/me", live.ann),
                  *none = begin("/notes/77", live.admin);
    live_settle(&live);
    cr_assert_str_eq(name_of(ann), "ann");
    cr_assert_str_eq(name_of(bob), "bob");
    cr_assert_str_eq(name_of(admin), "admin");
    cr_assert_str_eq(name_of(again), "ann");
    cr_assert_str_eq(member_of(&live, note->json, "title"), "of ann");
    cr_assert_eq(foreign->status, 404);
    cr_assert_eq(none->status, 404);
    struct answer *alone = live_ask(&live, "GET", "/users/me", live.ann, NULL, NULL);
    cr_assert_str_eq(ann->body, alone->body);
    cr_assert_str_eq(header_of(&live, ann, "ETag"), header_of(&live, alone, "ETag"));
    cr_assert_str_eq(live_ask(&live, "GET", "/users/me", live.admin, NULL, NULL)->body, admin->body);
}

Test(waiting, what_is_wrong_with_one_is_its_own) {
    const char *gone = live.bob;
    struct answer *first = begin("/notes/2", gone), *ann = begin("/users/me", live.ann), *me = begin("/users/me", gone),
                  *admin = begin("/users/me", live.admin), *note = begin("/notes/1", live.ann);
    live_exec(&live, "DELETE FROM public.sessions WHERE user_id = 3;"
                     "UPDATE public.users SET is_superuser = NOT is_superuser WHERE username IN ('ann', 'admin')");
    live_settle(&live);
    cr_assert_eq(first->status, 401, "its guard fails in the middle of the pipeline");
    cr_assert_eq(me->status, 401);
    cr_assert_str_eq(name_of(ann), "ann", "who has become a superuser is planned again");
    cr_assert_str_eq(member_of(&live, ann->json, "is_superuser"), "true");
    cr_assert_str_eq(name_of(admin), "admin");
    cr_assert_str_eq(member_of(&live, admin->json, "is_superuser"), "false");
    cr_assert_str_eq(member_of(&live, note->json, "title"), "of ann");
}

Test(waiting, nobody_waits_for_what_takes_longer) {
    static const char *const longer[] = { "/notes", "/users", "/auth/deletion-status", "/auth/sessions" };
    for (size_t i = 0; i < CAB_LENGTH(longer); i++) {
        bool waits;
        begin("/users/me", live.ann);
        begin("/users/me", live.bob);
        ask(longer[i], live.admin, &waits);
        cr_assert_not(waits, "%s", longer[i]);
        cr_assert_eq(live.service.n_waiting, 0, "those before it have been answered");
        cr_assert_eq(live.begun[0].response->status, 200);
        live_settle(&live);
    }
}

Test(waiting, what_fails_before_the_database_holds_up_nobody) {
    bool waits;
    struct answer *ann = begin("/users/me", live.ann);
    struct answer *unknown = ask("/users/me?nothing=1", live.bob, &waits);
    cr_assert_not(waits);
    struct answer *nowhere = ask("/nowhere/1", live.bob, &waits);
    cr_assert_not(waits);
    struct answer *stranger = ask("/users/me", NULL, &waits);
    cr_assert_not(waits);
    live_settle(&live);
    cr_assert_eq(unknown->status, 400);
    cr_assert_eq(nowhere->status, 404);
    cr_assert_eq(stranger->status, 401);
    cr_assert_str_eq(name_of(ann), "ann");
}

Test(waiting, an_upgrade_meanwhile_is_seen_by_all) {
    bool waits;
    struct answer *ann = begin("/users/me", live.ann), *note = begin("/notes/1", live.ann),
                  *bob = begin("/users/me", live.bob);
    live_exec(&live, "ALTER TABLE public.users ADD COLUMN colour text DEFAULT 'red';"
                     "ALTER TABLE public.notes ADD COLUMN colour text DEFAULT 'blue';"
                     "UPDATE cabinet.catalog_state SET generation = generation + 1");
    live_settle(&live);
    cr_assert_str_eq(member_of(&live, ann->json, "colour"), "red");
    cr_assert_str_eq(member_of(&live, bob->json, "colour"), "red");
    cr_assert_str_eq(member_of(&live, note->json, "colour"), "blue");

    /* the catalog they were planned with stays until they are answered, though a later one has loaded another */
    ann = begin("/users/me", live.ann);
    note = begin("/notes/1", live.ann);
    live_exec(&live, "ALTER TABLE public.notes ADD COLUMN shape text;"
                     "UPDATE cabinet.catalog_state SET generation = generation + 1");
    live.service.looked_ms = 0;
    struct answer *later = ask("/notes/2?fields=shape", live.bob, &waits);
    cr_assert_not(waits, "it was planned twice, the second time to be answered at once");
    live_settle(&live);
    cr_assert_str_eq(name_of(ann), "ann");
    cr_assert_str_eq(member_of(&live, note->json, "shape"), "null");
    cr_assert_str_eq(member_of(&live, later->json, "shape"), "null");
}

Test(waiting, a_lost_connection_fails_nobody) {
    struct answer *ann = begin("/users/me", live.ann), *bob = begin("/users/me", live.bob);
    live_terminate(&live);
    live_settle(&live);
    cr_assert_str_eq(name_of(ann), "ann");
    cr_assert_str_eq(name_of(bob), "bob");
}

Test(waiting, a_locked_table_fails_all_at_once) {
    struct answer *ann = begin("/users/me", live.ann), *bob = begin("/users/me", live.bob),
                  *note = begin("/notes/1", live.bob);
    struct cab_db *other = live_second(&live);
    struct cab_err err = { 0 };
    live_exec(&live, "SET lock_timeout = '300ms'");
    cr_assert_eq(cab_db_exec(other, "BEGIN; LOCK TABLE public.sessions", &err), 0);
    int64_t began = cab_now_ms();
    live_settle(&live);
    cr_assert_lt(cab_now_ms() - began, 600, "they do not wait one after another");
    cr_assert_eq(ann->status, 503);
    cr_assert_eq(bob->status, 503);
    cr_assert_eq(note->status, 503);
    cab_db_close(&other);
    cr_assert_eq(live_ask(&live, "GET", "/users/me", live.ann, NULL, NULL)->status, 200);
}

Test(waiting, as_many_as_may_wait_leave_nothing_behind) {
    for (int round = 0; round < 3; round++) {
        struct answer *answers[CAB_TOGETHER_MAX];
        for (int i = 0; i < CAB_TOGETHER_MAX; i++)
            answers[i] = begin("/users/me", i % 2 == 0 ? live.ann : live.bob);
        live_settle(&live);
        for (int i = 0; i < CAB_TOGETHER_MAX; i++)
            cr_assert_str_eq(name_of(answers[i]), i % 2 == 0 ? "ann" : "bob");
        cr_assert_eq(live.service.n_waiting, 0);
        cr_assert(cab_db_check_idle(live.db));
    }
}
