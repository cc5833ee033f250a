/*
 * The end of accounts, day by day; and the export of all that is held about a person.
 */
#include "mailed.h"
#include "statements.h"

#include <stdlib.h>
#include <string.h>

#define REQUEST "/auth/request-account-deletion"
#define CONFIRM "/auth/confirm-account-deletion"
#define CANCEL "/auth/cancel-account-deletion"

static const char *status_of(struct stand *stand, const struct person *person) {
    struct answer *answer = stand_ask(stand, "GET", "/auth/deletion-status", person->access, NULL, NULL);
    cr_assert_eq(answer->status, 200, "%s", answer->body);
    return text_of(answer, "status");
}

static const char *column_of(struct stand *stand, const char *id, const char *expression) {
    return stand_value(
        stand, cab_printf(stand->mem, "SELECT (%s)::text FROM public.users WHERE id = $1::bigint", expression), id);
}

static void schedule(struct stand *stand, const struct person *person) {
    cr_assert_eq(post(stand, REQUEST, person->access, NULL)->status, 202);
    struct answer *answer = use_token(stand, CONFIRM, token_to(stand, person->email, "confirm_deletion"), "");
    cr_assert_eq(answer->status, 200, "%s", answer->body);
}

static int reminders_after(struct stand *stand, const struct person *person, const char *ahead) {
    later_by(stand, ahead, cab_sql_text_job_deletion_reminders, "7");
    later_by(stand, ahead, cab_sql_text_job_deletion_reminders, "7");
    return mails_to(stand, person->email, "deletion_reminder");
}

Test(deletion, is_asked_for_confirmed_and_cancelled) {
    struct stand stand;
    stand_open(&stand);
    take_clock(&stand);
    struct person person = make_person(&stand);
    const char *other = text_of(login(&stand, person.name, PASSWORD), "access_token");
    cr_assert_str_eq(status_of(&stand, &person), "none");
    cr_assert_eq(post(&stand, REQUEST, NULL, NULL)->status, 401);
    cr_assert_eq(post(&stand, REQUEST, person.access, "{\"x\":1}")->status, 422);
    cr_assert_eq(post(&stand, REQUEST, person.access, "{}")->status, 202);
    cr_assert_eq(post(&stand, REQUEST, person.access, NULL)->status, 202);
    cr_assert_eq(mails_to(&stand, person.email, "confirm_deletion"), 1);
    cr_assert_str_eq(status_of(&stand, &person), "requested");

    const char *token = token_to(&stand, person.email, "confirm_deletion");
    struct answer *answer = use_token(&stand, CONFIRM, token, "");
    cr_assert_eq(answer->status, 200, "%s", answer->body);
    const char *when = text_of(answer, "deletion_scheduled_for");
    cr_assert_eq(when[strlen(when) - 1], 'Z');
    cr_assert_str_eq(column_of(&stand, person.id,
                               "deletion_scheduled_for - now() BETWEEN interval '6 days 23:59' AND "
                               "interval '7 days'"),
                     "true");
    cr_assert_eq(use_token(&stand, CONFIRM, token, "")->status, 400);
    cr_assert_eq(post(&stand, REQUEST, person.access, NULL)->status, 202);
    cr_assert_eq(mails_to(&stand, person.email, "confirm_deletion"), 1); /* nothing more to confirm */
    cr_assert_eq(mails_to(&stand, person.email, "deletion_scheduled"), 1);
    /* the session that asked stays, the others end, and logging in works and says so */
    cr_assert_str_eq(status_of(&stand, &person), "scheduled");
    cr_assert_eq(stand_ask(&stand, "GET", "/users/me", other, NULL, NULL)->status, 401);
    cr_assert_str_eq(text_of(login(&stand, person.name, PASSWORD), "deletion_scheduled_for"), when);

    cr_assert_eq(post(&stand, CANCEL, NULL, NULL)->status, 401);
    for (int i = 0; i < 2; i++) {
        answer = post(&stand, CANCEL, person.access, NULL);
        cr_assert_eq(answer->status, 200, "%s", answer->body);
        cr_assert_not_null(strstr(answer->body, "\"deletion_scheduled_for\":null"));
    }
    cr_assert_str_eq(status_of(&stand, &person), "none");
    cr_assert_eq(mails_to(&stand, person.email, "deletion_cancelled"), 1);
    cr_assert_str_eq(events_of(&stand, person.id, "deletion_cancelled", true), "1");
    cr_assert_str_eq(events_of(&stand, person.id, "deletion_confirmed", true), "1");
    cr_assert_eq(atoi(events_of(&stand, person.id, "deletion_requested", true)), 3);
    later_by(&stand, "8 days", cab_sql_text_job_due_deletions, NULL);
    cr_assert_str_eq(column_of(&stand, person.id, "deleted_at IS NULL"), "true");
    stand_close(&stand);
}

Test(deletion, goes_its_way_day_by_day) {
    struct stand stand;
    stand_open(&stand);
    take_clock(&stand);
    struct person person = make_person(&stand), other = make_superuser(&stand);
    schedule(&stand, &person);
    cr_assert_eq(reminders_after(&stand, &person, "1 day"), 0);
    cr_assert_eq(reminders_after(&stand, &person, "3 days 23:00"), 0);
    cr_assert_eq(reminders_after(&stand, &person, "4 days 00:01"), 1);
    cr_assert_eq(reminders_after(&stand, &person, "5 days"), 1);
    cr_assert_eq(reminders_after(&stand, &person, "6 days 00:01"), 2);
    cr_assert_eq(reminders_after(&stand, &person, "6 days 23:00"), 2);
    later_by(&stand, "6 days 23:59", cab_sql_text_job_due_deletions, NULL);
    cr_assert_str_eq(column_of(&stand, person.id, "deleted_at IS NULL"), "true");
    cr_assert_eq(login(&stand, person.name, PASSWORD)->status, 200);

    for (int i = 0; i < 2; i++)
        later_by(&stand, "7 days 00:01", cab_sql_text_job_due_deletions, NULL);
    cr_assert_str_eq(column_of(&stand, person.id, "deleted_at IS NOT NULL AND deletion_scheduled_for IS NULL"),
                     "true");
    cr_assert_eq(login(&stand, person.name, PASSWORD)->status, 401);
    cr_assert_eq(stand_ask(&stand, "GET", "/users/me", person.access, NULL, NULL)->status, 401);
    cr_assert_str_eq(
        stand_value(&stand, "SELECT count(*) FROM public.sessions WHERE user_id = $1::bigint", person.id), "0");
    cr_assert_eq(mails_to(&stand, person.email, "deletion_done"), 1);
    cr_assert_str_eq(events_of(&stand, person.id, "deletion_done", true), "1");

    /* somebody did something about the person, and the person about somebody */
    stand_value(&stand,
                cab_printf(stand.mem,
                           "INSERT INTO public.audit_logs (user_id, actor_id, action, ip) VALUES "
                           "(%s, $1::bigint, 'login_failed', '192.0.2.99')",
                           other.id),
                person.id);
    later_by(&stand, "36 days", cab_sql_text_job_purge_users, "30");
    cr_assert_not_null(column_of(&stand, person.id, "id"));
    for (int i = 0; i < 3; i++)
        later_by(&stand, "37 days 00:02", "SELECT cabinet.purge_deleted_users($1::integer, 1000)", "30");
    cr_assert_null(column_of(&stand, person.id, "id"));
    static const char *const tables[] = { "user_secrets", "sessions", "one_time_tokens", "mail_outbox" };
    for (size_t i = 0; i < CAB_LENGTH(tables); i++)
        cr_assert_str_eq(later_by(&stand, "0",
                                  cab_printf(stand.mem,
                                             "SELECT count(*) FROM public.%s WHERE user_id = "
                                             "$1::bigint",
                                             tables[i]),
                                  person.id),
                         "0");
    cr_assert_str_eq(stand_value(&stand,
                                 "SELECT count(*) FROM public.audit_logs WHERE user_id = $1::bigint OR actor_id = "
                                 "$1::bigint OR (table_name = 'users' AND row_key = $1::bigint::text)",
                                 person.id),
                     "0");
    cr_assert_str_eq(stand_value(&stand,
                                 "SELECT count(*) FROM public.audit_logs AS l WHERE "
                                 "strpos(to_jsonb(l)::text, $1) > 0",
                                 person.name),
                     "0");
    /* one pseudonym, below zero, in what is left; what happened is still told */
    const char *pseudonym = stand_value(&stand,
                                        "SELECT actor_id FROM public.audit_logs WHERE user_id = $1::bigint AND "
                                        "actor_id < 0 AND ip IS NULL",
                                        other.id);
    cr_assert_not_null(pseudonym);
    cr_assert_str_eq(events_of(&stand, pseudonym, "deletion_done", true), "1");
    cr_assert_str_eq(events_of(&stand, pseudonym, "deletion_purged", true), "1");
    cr_assert_eq(atoi(events_of(&stand, pseudonym, "login", true)), 2);
    stand_close(&stand);
}

Test(deletion, the_programs_role_may_do_it_and_nothing_before_its_time) {
    struct stand stand;
    struct cab_err err = { 0 };
    stand_open(&stand);
    take_clock(&stand);
    struct person person = make_person(&stand), early = make_person(&stand);
    stand_value(&stand,
                "UPDATE public.users SET deletion_scheduled_for = now() - interval '1 s' WHERE id = $1::bigint",
                person.id);
    stand_value(&stand, "SELECT cabinet.delete_due_users($1::integer)", "1000");
    cr_assert_str_eq(column_of(&stand, person.id, "deleted_at IS NOT NULL"), "true");
    stand_value(&stand, "UPDATE public.users SET deleted_at = now() - interval '31 days' WHERE id = $1::bigint",
                person.id);
    stand_value(&stand, "UPDATE public.users SET deleted_at = now() - interval '29 days' WHERE id = $1::bigint",
                early.id);
    stand_value(&stand, "SELECT cabinet.purge_deleted_users($1::integer, 1000)", "30");
    cr_assert_null(column_of(&stand, person.id, "id"));
    cr_assert_not_null(column_of(&stand, early.id, "id"));
    static const char *const refused[] = { "SELECT cabinet.forget_user(1)",
                                           "SELECT cabinet.purge_deleted_users(-1, 10)",
                                           "SELECT cabinet.purge_deleted_users(30, 1001)",
                                           "INSERT INTO cabinet.clock (ahead) VALUES ('1 day')",
                                           "UPDATE public.audit_logs SET user_id = 0",
                                           "DELETE FROM public.audit_logs" };
    for (size_t i = 0; i < CAB_LENGTH(refused); i++) {
        cr_assert_eq(cab_db_exec(stand.db, refused[i], &err), -1, "%s", refused[i]);
        cab_err_clear(&err);
    }
    stand_close(&stand);
}

/* Whoever was the last superuser when the time came stays. */
Test(deletion, the_last_superuser_is_refused) {
    struct stand stand;
    stand_open(&stand);
    take_clock(&stand);
    struct person boss = make_superuser(&stand);
    /* others there are demoted in a transaction that is not kept */
    const char *sql =
        "WITH others AS (UPDATE public.users SET is_superuser = false WHERE id <> $1::bigint AND is_superuser "
        "RETURNING 1), mine AS (UPDATE public.users SET deletion_scheduled_for = now() WHERE id = $1::bigint) "
        "SELECT count(*) FROM others";
    struct cab_db_options options = { .url = getenv("CABINET_TEST_OWNER_URL"),
                                      .connect_timeout_s = 5,
                                      .prepared = true };
    struct cab_err err = { 0 };
    struct cab_result *result;
    struct cab_db *db;
    cr_assert_eq(cab_db_open(stand.mem, &options, &db, &err), 0, "%s", err.internal);
    cr_assert_eq(cab_db_exec(db, "BEGIN", &err), 0);
    cr_assert_eq(cab_db_query(db, stand.mem, CAB_SHAPE_ONE, sql, 1, &boss.id, NULL, &err), 0, "%s", err.internal);
    cr_assert_eq(cab_db_query(db, stand.mem, CAB_SHAPE_ONE, cab_sql_text_job_due_deletions, 0, NULL, NULL, &err), 0,
                 "%s", err.internal);
    cr_assert_eq(cab_db_query(db, stand.mem, CAB_SHAPE_ONE,
                              "SELECT deleted_at IS NULL AND deletion_scheduled_for IS NULL "
                              "FROM public.users WHERE id = $1::bigint",
                              1, &boss.id, &result, &err),
                 0);
    cr_assert(cab_result_bool(result, 0, 0));
    cr_assert_eq(cab_db_query(db, stand.mem, CAB_SHAPE_ONE, cab_sql_text_deletion_allowed, 1, &boss.id, NULL, &err),
                 -1);
    cr_assert_str_eq(err.sqlstate, "CB409");
    cr_assert_eq(err.problem, CAB_PROBLEM_LAST_SUPERUSER);
    cab_err_clear(&err);
    cr_assert_eq(cab_db_exec(db, "ROLLBACK", &err), 0);
    cab_db_close(&db);
    /* one of several may go */
    make_superuser(&stand);
    schedule(&stand, &boss);
    stand_close(&stand);
}

/* Runs statements in one transaction. */
static void as_owner(struct stand *stand, const char *sql) {
    struct cab_db_options options = { .url = getenv("CABINET_TEST_OWNER_URL"),
                                      .connect_timeout_s = 5,
                                      .prepared = true };
    struct cab_err err = { 0 };
    struct cab_db *db;
    cr_assert_eq(cab_db_open(stand->mem, &options, &db, &err), 0, "%s", err.internal);
    cr_assert_eq(cab_db_exec(db, sql, &err), 0, "%s", err.internal);
    cab_db_close(&db);
}

/* Dropping what refers to users locks them too: first, as whoever deletes users goes from them to such tables. */
static void drop_tables(struct stand *stand, const char *tables) {
    as_owner(stand, cab_printf(stand->mem, "LOCK TABLE public.users IN ACCESS EXCLUSIVE MODE; DROP TABLE %s", tables));
}

/* A table of a site: rows of people, and rows of others that refer to a person. */
static const char *site_table(struct stand *stand, bool blocks) {
    const char *name = unique_name(stand);
    const char *sql = cab_printf(
        stand->mem,
        "CREATE TABLE public.%s (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, owner_id bigint NOT NULL "
        "REFERENCES "
        "public.users (id), title text, remark text, tags text[], deleted_at timestamptz); COMMENT ON TABLE "
        "public.%s IS "
        "'%s'; COMMENT ON COLUMN public.%s.remark IS '@api(hidden)'; GRANT SELECT, INSERT ON public.%s TO "
        "cabinet_app",
        name, name, blocks ? "Of nobody." : "Notes. @api(expose, owner(owner_id), soft_delete, audit(off))", name,
        name);
    as_owner(stand, sql);
    return name;
}

static void insert_row(struct stand *stand, const char *table, const char *id) {
    stand_value(stand,
                cab_printf(stand->mem,
                           "INSERT INTO public.%s (owner_id, title, remark, tags, deleted_at) VALUES "
                           "($1::bigint, 'a title', 'a remark', '{a,b}', now())",
                           table),
                id);
}

Test(deletion, a_persons_rows_go_too_and_others_rows_keep_an_empty_account) {
    struct stand stand;
    stand_open(&stand);
    take_clock(&stand);
    struct person gone = make_person(&stand), kept = make_person(&stand);
    const char *notes = site_table(&stand, false), *references = site_table(&stand, true);
    insert_row(&stand, notes, gone.id);
    insert_row(&stand, notes, kept.id);
    insert_row(&stand, references, kept.id);
    const char *ids[] = { gone.id, kept.id };
    for (size_t i = 0; i < CAB_LENGTH(ids); i++)
        stand_value(&stand, "UPDATE public.users SET deleted_at = now() - interval '31 days' WHERE id = $1::bigint",
                    ids[i]);
    for (int i = 0; i < 2; i++)
        stand_value(&stand, "SELECT cabinet.purge_deleted_users($1::integer, 1000)", "30");
    cr_assert_null(column_of(&stand, gone.id, "id"));
    cr_assert_str_eq(column_of(&stand, kept.id, "email || ' ' || username"),
                     cab_printf(stand.mem, "deleted-%s@invalid deleted-%s", kept.id, kept.id));
    cr_assert_str_eq(
        stand_value(&stand,
                    cab_printf(stand.mem, "SELECT count(*) FROM public.%s WHERE owner_id = $1::bigint", notes),
                    gone.id),
        "0");
    cr_assert_str_eq(stand_value(&stand,
                                 "SELECT count(*) FROM public.audit_logs AS l WHERE "
                                 "strpos(to_jsonb(l)::text, $1) > 0",
                                 kept.name),
                     "0");
    drop_tables(&stand, cab_printf(stand.mem, "public.%s, public.%s", notes, references));
    stand_close(&stand);
}

Test(export, holds_everything_about_the_person_and_nothing_of_others) {
    struct stand stand;
    stand_open(&stand);
    const char *notes = site_table(&stand, false);
    struct person person = make_person(&stand), other = make_person(&stand);
    insert_row(&stand, notes, person.id);
    insert_row(&stand, notes, other.id);
    post(&stand, "/auth/request-password", NULL, cab_printf(stand.mem, "{\"email\":\"%s\"}", person.email));
    struct answer *answer = stand_ask(&stand, "GET", "/users/me/export", person.access, NULL, NULL);
    cr_assert_eq(answer->status, 200, "%s", answer->body);
    const struct cab_json *account = cab_json_get(answer->json, "account"),
                          *tables = cab_json_get(answer->json, "tables");
    cr_assert_str_eq(cab_json_text(cab_json_get(account, "email"), NULL), person.email);
    cr_assert_eq(cab_json_count(cab_json_get(answer->json, "sessions")), 1);
    cr_assert_eq(cab_json_count(cab_json_get(answer->json, "mails")), 1);
    const struct cab_json *rows = cab_json_get(tables, notes);
    cr_assert_not_null(rows, "%s", answer->body);
    cr_assert_eq(cab_json_count(rows), 1);
    cr_assert_str_eq(cab_json_text(cab_json_get(cab_json_item(rows, 0), "title"), NULL), "a title");
    cr_assert_null(cab_json_get(cab_json_item(rows, 0), "remark"));
    cr_assert_eq(cab_json_count(cab_json_get(cab_json_item(rows, 0), "tags")), 2);
    cr_assert_geq(cab_json_count(cab_json_get(answer->json, "audit_logs")), 3); /* row_insert, login, request */
    cr_assert_null(strstr(answer->body, other.name));
    cr_assert_null(strstr(answer->body, "argon2"));
    cr_assert_str_eq(events_of(&stand, person.id, "data_exported", true), "1");
    cr_assert_eq(stand_ask(&stand, "GET", "/users/me/export", NULL, NULL, NULL)->status, 401);
    cr_assert_eq(stand_ask(&stand, "GET", "/users/me/export?x=1", person.access, NULL, NULL)->status, 400);
    drop_tables(&stand, cab_printf(stand.mem, "public.%s", notes));
    stand_close(&stand);
}
