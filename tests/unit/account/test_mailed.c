/*
 * Confirming addresses, resetting passwords, changing addresses: tokens that come by mail.
 */
#include "mailed.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A registered account whose mail is on its way. */
static struct person sign_up(struct stand *stand) {
    struct person person = { .name = unique_name(stand) };
    person.email = cab_printf(stand->mem, "%s@example.org", person.name);
    struct answer *answer =
        post(stand, "/auth/register", NULL,
             cab_printf(stand->mem, "{\"email\":\"%s\",\"username\":\"%s\",\"password\":\"" PASSWORD "\"}",
                        person.email, person.name));
    cr_assert(answer->status == 201 || answer->status == 202, "%s", answer->body);
    person.id = stand_value(stand, "SELECT id FROM public.users WHERE email = $1", person.email);
    return person;
}

static struct answer *ask_for(struct stand *stand, const char *path, const char *email) {
    return post(stand, path, NULL, cab_printf(stand->mem, "{\"email\":\"%s\"}", email));
}

static const char *is_verified(struct stand *stand, const char *id) {
    return stand_value(stand, "SELECT is_verified FROM public.users WHERE id = $1::bigint", id);
}

/* The body without what differs between any two requests. */
static const char *bare(struct stand *stand, const struct answer *answer) {
    char *body = cab_strdup(stand->mem, answer->body), *id = strstr(body, "\"request_id\":\"");
    if (id != NULL)
        memset(id + 14, 'x', strcspn(id + 14, "\""));
    return body;
}

Test(mailed, an_address_is_confirmed_by_its_token_once) {
    struct stand stand;
    stand_open(&stand);
    struct person person = sign_up(&stand);
    cr_assert_eq(mails_to(&stand, person.email, "verify_email"), 1);
    const char *token = token_to(&stand, person.email, "verify_email");
    cr_assert_eq(strlen(token), 43);
    cr_assert_str_eq(is_verified(&stand, person.id), "f");
    cr_assert_eq(
        stand_ask(&stand, "GET", cab_printf(stand.mem, "/auth/verify?token=%s", token), NULL, NULL, NULL)->status,
        405);
    struct answer *answer = use_token(&stand, "/auth/verify", token, "");
    cr_assert_eq(answer->status, 200, "%s", answer->body);
    cr_assert_str_eq(is_verified(&stand, person.id), "t");
    cr_assert_str_eq(events_of(&stand, person.id, "email_verified", true), "1");
    cr_assert_eq(use_token(&stand, "/auth/verify", token, "")->status, 400);
    cr_assert_str_eq(stand_value(&stand,
                                 "SELECT actor_id = $1::bigint FROM public.audit_logs WHERE action = 'row_update' "
                                 "AND row_key = $1::bigint::text AND table_name = 'users'",
                                 person.id),
                     "t");
    stand_close(&stand);
}

Test(mailed, every_bad_token_is_refused_alike) {
    struct stand stand;
    stand_open(&stand);
    struct person used = sign_up(&stand), expired = sign_up(&stand), replaced = sign_up(&stand),
                  banned = sign_up(&stand), deleted = sign_up(&stand), moved = sign_up(&stand);
    const char *tokens[9];
    tokens[0] = "";
    tokens[1] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    tokens[2] = token_to(&stand, used.email, "verify_email");
    cr_assert_eq(use_token(&stand, "/auth/verify", tokens[2], "")->status, 200);
    tokens[3] = token_to(&stand, expired.email, "verify_email");
    stand_value(&stand,
                "UPDATE public.one_time_tokens SET expires = now() - interval '1 s' WHERE user_id = $1::bigint",
                expired.id);
    tokens[4] = token_to(&stand, replaced.email, "verify_email");
    let_cool_down(&stand, replaced.id);
    cr_assert_eq(ask_for(&stand, "/auth/resend-verification", replaced.email)->status, 202);
    tokens[5] = token_to(&stand, banned.email, "verify_email");
    stand_value(&stand, "UPDATE public.users SET banned_at = now() WHERE id = $1::bigint", banned.id);
    tokens[6] = token_to(&stand, deleted.email, "verify_email");
    stand_value(&stand, "UPDATE public.users SET deleted_at = now() WHERE id = $1::bigint", deleted.id);
    tokens[7] = token_to(&stand, moved.email, "verify_email");
    stand_value(&stand, "UPDATE public.users SET email = 'x' || email WHERE id = $1::bigint", moved.id);
    cr_assert_eq(ask_for(&stand, "/auth/request-password", replaced.email)->status, 202);
    tokens[8] = token_to(&stand, replaced.email, "reset_password"); /* of another kind */
    struct answer *first = use_token(&stand, "/auth/verify", "x", "");
    cr_assert_eq(first->status, 400);
    cr_assert_str_eq(text_of(first, "code"), "token_invalid");
    for (size_t i = 0; i < CAB_LENGTH(tokens); i++) {
        struct answer *answer = use_token(&stand, "/auth/verify", tokens[i], "");
        cr_assert_eq(answer->status, 400, "%zu: %s", i, answer->body);
        cr_assert_str_eq(bare(&stand, answer), bare(&stand, first), "%zu", i);
    }
    /* the newer one is good, and so is that of the other kind at its place */
    cr_assert_eq(use_token(&stand, "/auth/verify", token_to(&stand, replaced.email, "verify_email"), "")->status,
                 200);
    cr_assert_eq(use_token(&stand, "/auth/reset-password", tokens[8], ",\"new_password\":\"short\"")->status, 422);
    static const char *const paths[] = { "/auth/verify", "/auth/reset-password", "/auth/confirm-email",
                                         "/auth/confirm-account-deletion" };
    for (size_t i = 0; i < CAB_LENGTH(paths); i++) {
        bool is_reset = strstr(paths[i], "reset") != NULL;
        struct answer *answer =
            use_token(&stand, paths[i], tokens[1], is_reset ? ",\"new_password\":\"" PASSWORD "\"" : "");
        cr_assert_eq(answer->status, 400, "%s: %s", paths[i], answer->body);
        cr_assert_str_eq(text_of(answer, "detail"), text_of(first, "detail"));
    }
    stand_close(&stand);
}

/* The database holds neither a token nor, once it is sent, what makes one. */
Test(mailed, tokens_are_not_in_the_database) {
    struct stand stand;
    stand_open(&stand);
    struct person person = sign_up(&stand);
    const char *token = token_to(&stand, person.email, "verify_email");
    cr_assert_str_eq(stand_value(&stand,
                                 "SELECT count(*) FROM (SELECT to_jsonb(m)::text AS t FROM public.mail_outbox AS m "
                                 "UNION ALL SELECT to_jsonb(o)::text FROM public.one_time_tokens AS o "
                                 "UNION ALL SELECT to_jsonb(l)::text FROM public.audit_logs AS l) AS x "
                                 "WHERE strpos(t, $1) > 0",
                                 token),
                     "0");
    stand_close(&stand);
}

Test(mailed, resending_answers_alike_and_cools_down) {
    struct stand stand;
    stand_open(&stand);
    struct person known = sign_up(&stand), verified = make_person(&stand), banned = sign_up(&stand);
    stand_value(&stand, "UPDATE public.users SET is_verified = true WHERE id = $1::bigint", verified.id);
    stand_value(&stand, "UPDATE public.users SET banned_at = now() WHERE id = $1::bigint", banned.id);
    static const char *const paths[] = { "/auth/resend-verification", "/auth/request-password" };
    for (size_t p = 0; p < CAB_LENGTH(paths); p++) {
        const char *emails[] = { known.email, known.email, cab_printf(stand.mem, "no-%s", known.email),
                                 verified.email, banned.email };
        struct answer *first = ask_for(&stand, paths[p], emails[0]);
        cr_assert_eq(first->status, 202, "%s", first->body);
        for (size_t i = 1; i < CAB_LENGTH(emails); i++) {
            struct answer *answer = ask_for(&stand, paths[p], emails[i]);
            cr_assert_eq(answer->status, 202, "%s", answer->body);
            cr_assert_str_eq(answer->body, first->body);
        }
        cr_assert_eq(ask_for(&stand, paths[p], "no address")->status, 422);
    }
    cr_assert_eq(mails_to(&stand, known.email, "verify_email"), 1); /* of the registration */
    cr_assert_eq(mails_to(&stand, known.email, "reset_password"), 1);
    cr_assert_eq(mails_to(&stand, verified.email, "verify_email"), 0);
    cr_assert_eq(mails_to(&stand, verified.email, "reset_password"), 1);
    cr_assert_eq(mails_to(&stand, banned.email, "reset_password"), 0);
    let_cool_down(&stand, known.id);
    ask_for(&stand, "/auth/resend-verification", known.email);
    ask_for(&stand, "/auth/resend-verification", known.email);
    cr_assert_eq(mails_to(&stand, known.email, "verify_email"), 2);
    cr_assert_str_eq(events_of(&stand, known.id, "password_reset_requested", true), "2");
    stand_close(&stand);
}

Test(mailed, a_forgotten_password_is_replaced_and_all_sessions_end) {
    struct stand stand;
    stand_open(&stand);
    struct person person = make_person(&stand);
    const char *second = text_of(login(&stand, person.name, PASSWORD), "access_token");
    cr_assert_eq(ask_for(&stand, "/auth/request-password", person.email)->status, 202);
    const char *token = token_to(&stand, person.email, "reset_password");
    /* a password that is not taken leaves the token */
    struct answer *answer = use_token(&stand, "/auth/reset-password", token, ",\"new_password\":\"short\"");
    cr_assert_eq(answer->status, 422);
    cr_assert_str_eq(flaw_of(answer, "new_password"), "too_short");
    answer = use_token(&stand, "/auth/reset-password", token, ",\"new_password\":\"quite another one\"");
    cr_assert_eq(answer->status, 200, "%s", answer->body);
    cr_assert_str_eq(text_of(answer, "sessions_ended"), "2");
    cr_assert_eq(stand_ask(&stand, "GET", "/users/me", person.access, NULL, NULL)->status, 401);
    cr_assert_eq(stand_ask(&stand, "GET", "/users/me", second, NULL, NULL)->status, 401);
    cr_assert_eq(login(&stand, person.name, PASSWORD)->status, 401);
    cr_assert_eq(login(&stand, person.name, "quite another one")->status, 200);
    cr_assert_eq(mails_to(&stand, person.email, "password_changed"), 1);
    cr_assert_str_eq(events_of(&stand, person.id, "password_reset", true), "1");
    cr_assert_str_eq(is_verified(&stand, person.id), "t");
    cr_assert_eq(use_token(&stand, "/auth/reset-password", token, ",\"new_password\":\"quite another two\"")->status,
                 400);
    stand_close(&stand);
}

/* Both come at once; one of them is used. */
Test(mailed, a_token_is_used_once_by_many_at_once) {
    struct stand stand;
    stand_open(&stand);
    struct person person = sign_up(&stand);
    const char *token = token_to(&stand, person.email, "verify_email");
    pid_t pids[6];
    int used = 0, refused = 0;
    for (size_t i = 0; i < CAB_LENGTH(pids); i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            struct stand own;
            stand_open(&own);
            int status = use_token(&own, "/auth/verify", token, "")->status;
            _exit(status == 200 ? 1 : status == 400 ? 2 : 3);
        }
    }
    for (size_t i = 0; i < CAB_LENGTH(pids); i++) {
        int status;
        cr_assert_eq(waitpid(pids[i], &status, 0), pids[i]);
        used += WEXITSTATUS(status) == 1;
        refused += WEXITSTATUS(status) == 2;
    }
    cr_assert_eq(used, 1);
    cr_assert_eq(refused, 5);
    cr_assert_str_eq(events_of(&stand, person.id, "email_verified", true), "1");
    stand_close(&stand);
}

Test(mailed, another_address_is_taken_after_password_and_token) {
    struct stand stand;
    stand_open(&stand);
    struct person person = make_person(&stand);
    const char *next = cab_printf(stand.mem, "new-%s", person.email);
    const char *body = cab_printf(stand.mem, "{\"new_email\":\"%s\",\"password\":\"%s\"}", next, PASSWORD);
    cr_assert_eq(post(&stand, "/auth/change-email", NULL, body)->status, 401);
    struct answer *answer = post(&stand, "/auth/change-email", person.access,
                                 cab_printf(stand.mem, "{\"new_email\":\"%s\",\"password\":\"wrong\"}", next));
    cr_assert_eq(answer->status, 422);
    cr_assert_str_eq(flaw_of(answer, "password"), "wrong_password");
    cr_assert_str_eq(events_of(&stand, person.id, "email_change_requested", false), "1");
    answer = post(&stand, "/auth/change-email", person.access,
                  cab_printf(stand.mem, "{\"new_email\":\"%s\",\"password\":\"" PASSWORD "\"}", person.email));
    cr_assert_str_eq(flaw_of(answer, "new_email"), "unchanged");
    cr_assert_str_eq(
        flaw_of(post(&stand, "/auth/change-email", person.access, "{\"new_email\":\"nobody\",\"password\":\"x\"}"),
                "new_email"),
        "invalid");

    answer = post(&stand, "/auth/change-email", person.access, body);
    cr_assert_eq(answer->status, 202, "%s", answer->body);
    cr_assert_eq(mails_to(&stand, person.email, "email_change_requested"), 1);
    answer = post(&stand, "/auth/change-email", person.access, body);
    cr_assert_eq(answer->status, 429, "%s", answer->body);
    cr_assert_not_null(header_of(&stand, answer, "Retry-After"));
    cr_assert_str_eq(stand_value(&stand, "SELECT email FROM public.users WHERE id = $1::bigint", person.id),
                     person.email);
    ask_for(&stand, "/auth/request-password", person.email);
    const char *reset = token_to(&stand, person.email, "reset_password");
    const char *token = token_to(&stand, next, "change_email");
    answer = use_token(&stand, "/auth/confirm-email", token, "");
    cr_assert_eq(answer->status, 200, "%s", answer->body);
    cr_assert_str_eq(
        stand_value(&stand, "SELECT email FROM public.users WHERE id = $1::bigint AND is_verified", person.id), next);
    cr_assert_eq(mails_to(&stand, person.email, "email_changed"), 1);
    cr_assert_eq(mails_to(&stand, next, "email_changed"), 1);
    cr_assert_str_eq(events_of(&stand, person.id, "email_changed", true), "1");
    cr_assert_eq(use_token(&stand, "/auth/confirm-email", token, "")->status, 400);
    /* what was sent to the old address is worth nothing */
    cr_assert_eq(use_token(&stand, "/auth/reset-password", reset, ",\"new_password\":\"quite another one\"")->status,
                 400);
    cr_assert_eq(login(&stand, next, PASSWORD)->status, 200);
    stand_close(&stand);
}

Test(mailed, a_taken_address_is_not_told_to_who_asks_for_it) {
    struct stand stand;
    stand_open(&stand);
    struct person person = make_person(&stand), holder = make_person(&stand), other = make_person(&stand);
    const char *upper = cab_printf(stand.mem, "%s@EXAMPLE.org", holder.name);
    struct answer *taken = post(&stand, "/auth/change-email", person.access,
                                cab_printf(stand.mem, "{\"new_email\":\"%s\",\"password\":\"" PASSWORD "\"}", upper));
    struct answer *fresh =
        post(&stand, "/auth/change-email", other.access,
             cab_printf(stand.mem, "{\"new_email\":\"new-%s\",\"password\":\"" PASSWORD "\"}", other.email));
    cr_assert_eq(taken->status, 202);
    cr_assert_str_eq(taken->body, fresh->body);
    cr_assert_eq(mails_to(&stand, holder.email, "account_exists"), 1);
    cr_assert_eq(mails_to(&stand, upper, "change_email"), 0);
    cr_assert_eq(mails_to(&stand, person.email, "email_change_requested"), 1);

    /* taken between the mail and its token */
    const char *next = cab_printf(stand.mem, "new-%s", other.email);
    const char *token = token_to(&stand, next, "change_email");
    stand_value(&stand, cab_printf(stand.mem, "UPDATE public.users SET email = '%s' WHERE id = $1::bigint", next),
                holder.id);
    struct answer *answer = use_token(&stand, "/auth/confirm-email", token, "");
    cr_assert_eq(answer->status, 409, "%s", answer->body);
    cr_assert_str_eq(flaw_of(answer, "email"), "taken");
    stand_close(&stand);
}

Test(mailed, a_change_of_password_ends_what_was_begun_and_is_told) {
    struct stand stand;
    stand_open(&stand);
    struct person person = make_person(&stand);
    const char *next = cab_printf(stand.mem, "new-%s", person.email);
    post(&stand, "/auth/change-email", person.access,
         cab_printf(stand.mem, "{\"new_email\":\"%s\",\"password\":\"" PASSWORD "\"}", next));
    const char *token = token_to(&stand, next, "change_email");
    cr_assert_eq(post(&stand, "/auth/change-password", person.access,
                      "{\"current_password\":\"" PASSWORD "\",\"new_password\":\"quite another one\"}")
                     ->status,
                 200);
    cr_assert_eq(mails_to(&stand, person.email, "password_changed"), 1);
    cr_assert_eq(use_token(&stand, "/auth/confirm-email", token, "")->status, 400);
    stand_close(&stand);
}

Test(mailed, registering_a_known_address_tells_its_owner_only) {
    struct stand stand;
    stand_open(&stand);
    struct person person = make_person(&stand);
    stand.conf.require_verified_email = true;
    for (int i = 0; i < 2; i++) {
        struct answer *answer =
            post(&stand, "/auth/register", NULL,
                 cab_printf(stand.mem, "{\"email\":\"%s\",\"username\":\"%s\",\"password\":\"" PASSWORD "\"}",
                            person.email, unique_name(&stand)));
        cr_assert_eq(answer->status, 202, "%s", answer->body);
    }
    cr_assert_eq(mails_to(&stand, person.email, "account_exists"), 1);
    cr_assert_eq(mails_to(&stand, person.email, "verify_email"), 0);
    cr_assert_str_eq(events_of(&stand, person.id, "register", false), "2");
    struct person fresh = sign_up(&stand);
    cr_assert_eq(login(&stand, fresh.name, PASSWORD)->status, 403);
    cr_assert_eq(login(&stand, fresh.name, "not the password")->status, 401);
    cr_assert_eq(use_token(&stand, "/auth/verify", token_to(&stand, fresh.email, "verify_email"), "")->status, 200);
    cr_assert_eq(login(&stand, fresh.name, PASSWORD)->status, 200);
    stand_close(&stand);
}
