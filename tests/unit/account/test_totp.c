/* The second factor, with the codes of oathtool. */
#include "stand.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct answer *ask(struct stand *stand, const char *path, const char *token, const char *body) {
    return stand_ask(stand, body != NULL ? "POST" : "GET", path, token, body, NULL);
}

#define AGAIN "{\"password\":\"" PASSWORD "\"}"

/* What an authenticator shows, steps half minutes from now. */
static const char *code_of(struct stand *stand, const char *secret, int steps) {
    char code[16] = "";
    char *command = cab_printf(stand->mem, "oathtool --totp -b %s --now '%d seconds'", secret, 30 * steps);
    FILE *tool = popen(command, "r");
    cr_assert(tool != NULL && fgets(code, sizeof code, tool) != NULL, "oathtool must be installed");
    cr_assert_eq(pclose(tool), 0);
    code[6] = '\0';
    return cab_strdup(stand->mem, code);
}

static struct answer *login_with(struct stand *stand, const char *name, const char *code) {
    return ask(stand, "/auth/login", NULL,
               cab_printf(stand->mem, "{\"username\":\"%s\",\"password\":\"%s\",\"totp\":\"%s\"}", name, PASSWORD,
                          code));
}

/* So that no code becomes old between two steps of a test. */
static void wait_for_room(void) {
    while (time(NULL) % 30 > 20)
        sleep(1);
}

static const char *start(struct stand *stand, const struct person *person) {
    struct answer *answer = ask(stand, "/auth/totp", person->access, AGAIN);
    cr_assert_eq(answer->status, 200, "%s", answer->body);
    const char *secret = text_of(answer, "secret");
    cr_assert_eq(strlen(secret), 32);
    cr_assert_not_null(strstr(text_of(answer, "uri"), cab_printf(stand->mem, "?secret=%s&issuer=", secret)));
    return secret;
}

/* Turns it on, with the code before the present one; the answer has the recovery codes. */
static const char *enable(struct stand *stand, const struct person *person, struct answer **answer_out) {
    wait_for_room();
    const char *secret = start(stand, person);
    *answer_out = ask(stand, "/auth/totp/confirm", person->access,
                      cab_printf(stand->mem, "{\"code\":\"%s\"}", code_of(stand, secret, -1)));
    cr_assert_eq((*answer_out)->status, 200, "%s", (*answer_out)->body);
    return secret;
}

static const char *recovery_code(const struct answer *answer, size_t i) {
    return cab_json_text(cab_json_item(cab_json_get(answer->json, "recovery_codes"), i), NULL);
}

static const char *count(struct stand *stand, const char *sql, const struct person *person) {
    return stand_value(stand, sql, person->id);
}

Test(totp, login_takes_a_code_once) {
    struct stand stand;
    struct answer *confirmed;
    stand_open(&stand);
    struct person person = make_person(&stand);
    const char *secret = enable(&stand, &person, &confirmed);

    struct answer *answer = login(&stand, person.email, PASSWORD);
    cr_assert_eq(answer->status, 401);
    cr_assert_str_eq(text_of(answer, "code"), "totp_required");
    cr_assert_str_eq(text_of(login(&stand, person.email, "not the password"), "code"), "bad_credentials");
    const char *now = code_of(&stand, secret, 0);
    cr_assert_eq(login_with(&stand, person.email, now)->status, 200);
    answer = login_with(&stand, person.email, now);
    cr_assert_eq(answer->status, 401);
    cr_assert_str_eq(text_of(answer, "code"), "totp_invalid");
    cr_assert_str_eq(text_of(login_with(&stand, person.email, "000000x"), "code"), "totp_invalid");
    cr_assert_str_eq(count(&stand, "SELECT count(*) FROM public.audit_logs WHERE action = 'login_failed' "
                           "AND user_id = $1::bigint AND after ->> 'code' IN ('totp_required', 'totp_invalid')",
                           &person), "3");
    cr_assert_str_eq(count(&stand, "SELECT count(*) FROM public.mail_outbox WHERE kind = 'totp_enabled' "
                           "AND user_id = $1::bigint", &person), "1");
    stand_close(&stand);
}

Test(totp, allows_a_drift_of_one_step) {
    struct stand stand;
    struct answer *confirmed;
    stand_open(&stand);
    struct person person = make_person(&stand);
    const char *secret = enable(&stand, &person, &confirmed);
    cr_assert_eq(login_with(&stand, person.email, code_of(&stand, secret, 2))->status, 401);
    cr_assert_eq(login_with(&stand, person.email, code_of(&stand, secret, -2))->status, 401);
    cr_assert_eq(login_with(&stand, person.email, code_of(&stand, secret, -1))->status, 401, "it confirmed the secret");
    cr_assert_eq(login_with(&stand, person.email, code_of(&stand, secret, 1))->status, 200);
    cr_assert_eq(login_with(&stand, person.email, code_of(&stand, secret, 0))->status, 401, "older than the last");
    stand_close(&stand);
}

Test(totp, recovery_codes_are_good_for_one_use) {
    struct stand stand;
    struct answer *confirmed;
    stand_open(&stand);
    struct person person = make_person(&stand);
    enable(&stand, &person, &confirmed);
    const char *code = recovery_code(confirmed, 3);

    cr_assert_eq(strlen(code), 19);
    cr_assert_eq(login_with(&stand, person.email, "aaaa-aaaa-aaaa-aaaa")->status, 401);
    cr_assert_eq(login_with(&stand, person.email, code)->status, 200);
    cr_assert_eq(login_with(&stand, person.email, code)->status, 401);
    char *typed = cab_strdup(stand.mem, recovery_code(confirmed, 4));
    for (char *c = typed; *c != '\0'; c++)
        *c = *c == '-' ? ' ' : *c >= 'a' ? (char)(*c - 32) : *c;
    cr_assert_eq(login_with(&stand, person.email, typed)->status, 200);
    cr_assert_str_eq(text_of(ask(&stand, "/auth/totp", person.access, NULL), "recovery_codes_left"), "8");
    struct answer *fresh = ask(&stand, "/auth/totp/recovery-codes", person.access, AGAIN);
    cr_assert_eq(fresh->status, 200, "%s", fresh->body);
    cr_assert_eq(login_with(&stand, person.email, recovery_code(confirmed, 5))->status, 401);
    cr_assert_eq(login_with(&stand, person.email, recovery_code(fresh, 5))->status, 200);
    cr_assert_str_eq(count(&stand, "SELECT count(*) FROM public.audit_logs WHERE action = 'recovery_codes_made' "
                           "AND user_id = $1::bigint", &person), "1");
    stand_close(&stand);
}

Test(totp, is_off_until_confirmed_and_needs_the_password) {
    struct stand stand;
    stand_open(&stand);
    struct person person = make_person(&stand);
    cr_assert_eq(ask(&stand, "/auth/totp", person.access, "{\"password\":\"not this\"}")->status, 422);
    cr_assert_eq(ask(&stand, "/auth/totp/confirm", person.access, "{\"code\":\"000000\"}")->status, 409);
    cr_assert_eq(ask(&stand, "/auth/totp/disable", person.access, AGAIN)->status, 409);
    cr_assert_eq(ask(&stand, "/auth/totp/recovery-codes", person.access, AGAIN)->status, 409);
    const char *first = start(&stand, &person), *second = start(&stand, &person);
    cr_assert_eq(login(&stand, person.email, PASSWORD)->status, 200);
    wait_for_room();
    cr_assert_eq(ask(&stand, "/auth/totp/confirm", person.access,
                     cab_printf(stand.mem, "{\"code\":\"%s\"}", code_of(&stand, first, 0)))->status, 422);
    cr_assert_eq(ask(&stand, "/auth/totp/confirm", person.access,
                     cab_printf(stand.mem, "{\"code\":\"%s\"}", code_of(&stand, second, 0)))->status, 200);
    cr_assert_eq(ask(&stand, "/auth/totp", person.access, AGAIN)->status, 409);
    cr_assert_eq(ask(&stand, "/auth/totp/disable", person.access, "{\"password\":\"not this\"}")->status, 422);
    cr_assert_eq(login(&stand, person.email, PASSWORD)->status, 401);
    cr_assert_eq(ask(&stand, "/auth/totp/disable", person.access, AGAIN)->status, 204);
    cr_assert_eq(login(&stand, person.email, PASSWORD)->status, 200);
    cr_assert_str_eq(count(&stand, "SELECT string_agg(success::text, ' ' ORDER BY id) FROM public.audit_logs "
                           "WHERE action = 'totp_disabled' AND user_id = $1::bigint", &person), "false true");
    stand_close(&stand);
}

/* The app role reaches seeds by the functions only. */
Test(totp, seeds_are_not_granted) {
    static const char *const statements[] = { "SELECT seed FROM public.user_totp", "DELETE FROM public.user_totp",
                                              "SELECT code_hash FROM public.recovery_codes",
                                              "UPDATE public.recovery_codes SET used_at = NULL" };
    struct stand stand;
    stand_open(&stand);
    for (size_t i = 0; i < CAB_LENGTH(statements); i++) {
        struct cab_err err = { 0 };
        cr_expect_neq(cab_db_query(stand.db, stand.mem, CAB_SHAPE_ANY, statements[i], 0, NULL, NULL, &err), 0);
        cr_expect_str_eq(err.sqlstate, "42501", "%s", statements[i]);
    }
    stand_close(&stand);
}
