/*
 * Help for the tests of mailed tokens.
 */
#include "mailed.h"

#include <cabinet/mail.h>
#include <stdlib.h>
#include <string.h>

static const struct cab_result *rows_of(struct stand *stand, struct cab_db *db, const char *sql, int n,
                                        const char *const *values) {
    struct cab_result *result;
    struct cab_err err = { 0 };
    cr_assert_eq(cab_db_query(db, stand->mem, CAB_SHAPE_ANY, sql, n, values, &result, &err), 0, "%s: %s %s", sql,
                 err.detail, err.internal);
    return result;
}

int mails_to(struct stand *stand, const char *recipient, const char *kind) {
    const char *values[] = { recipient, kind };
    return cab_result_rows(rows_of(stand, stand->db,
                                   "SELECT FROM public.mail_outbox WHERE lower(recipient) = lower($1) AND kind = $2", 2,
                                   values));
}

const char *token_to(struct stand *stand, const char *recipient, const char *kind) {
    const char *values[] = { recipient, kind };
    const struct cab_result *row = rows_of(stand, stand->db,
                                           "SELECT encode(token_seed, 'hex'), encode(token_hash, 'hex') "
                                           "FROM public.mail_outbox WHERE lower(recipient) = lower($1) AND kind = $2 "
                                           "ORDER BY id DESC LIMIT 1",
                                           2, values);
    cr_assert_eq(cab_result_rows(row), 1, "no mail %s to %s", kind, recipient);
    const char *text =
        cab_mail_token_text(stand->mem, &stand->conf, cab_result_value(row, 0, 0), cab_result_value(row, 0, 1));
    cr_assert_not_null(text);
    return text;
}

struct answer *post(struct stand *stand, const char *path, const char *token, const char *body) {
    return stand_ask(stand, "POST", path, token, body, NULL);
}

struct answer *use_token(struct stand *stand, const char *path, const char *token, const char *more) {
    return post(stand, path, NULL, cab_printf(stand->mem, "{\"token\":\"%s\"%s}", token, more));
}

const char *events_of(struct stand *stand, const char *user_id, const char *action, bool success) {
    const char *values[] = { user_id, action, success ? "true" : "false" };
    return cab_result_value(rows_of(stand, stand->db,
                                    "SELECT count(*) FROM public.audit_logs WHERE user_id = $1::bigint AND action = $2 "
                                    "AND success = $3::boolean",
                                    3, values),
                            0, 0);
}

void let_cool_down(struct stand *stand, const char *user_id) {
    stand_value(stand, "UPDATE public.one_time_tokens SET date_created = date_created - interval '1 hour' "
                       "WHERE user_id = $1::bigint", user_id);
}

void take_clock(struct stand *stand) {
    stand_value(stand, "SELECT pg_advisory_lock(hashtext($1))::text", "the clock is one test's");
}

const char *later_by(struct stand *stand, const char *ahead, const char *sql, const char *value) {
    struct cab_db_options options = { .url = getenv("CABINET_TEST_OWNER_URL"), .application_name = "unit-account",
                                      .connect_timeout_s = 5, .statement_timeout_ms = 20000, .prepared = true };
    struct cab_err err = { 0 };
    struct cab_db *db;
    cr_assert_not_null(options.url, "CABINET_TEST_OWNER_URL must name the migrated database, as the schema's owner");
    cr_assert_eq(cab_db_open(stand->mem, &options, &db, &err), 0, "%s", err.internal);
    cr_assert_eq(cab_db_exec(db, "BEGIN", &err), 0);
    rows_of(stand, db, "INSERT INTO cabinet.clock (ahead) VALUES ($1::interval)", 1, &ahead);
    const struct cab_result *result = rows_of(stand, db, sql, value != NULL ? 1 : 0, &value);
    const char *found = cab_result_rows(result) == 1 && cab_result_columns(result) == 1
                            ? cab_strdup(stand->mem, cab_result_value(result, 0, 0)) : NULL;
    rows_of(stand, db, "DELETE FROM cabinet.clock", 0, NULL);
    cr_assert_eq(cab_db_exec(db, "COMMIT", &err), 0, "%s", err.internal);
    cab_db_close(&db);
    return found;
}
