/* Which account an identity opens, against the database; tests/oauth has the way through a real provider. */
#include <stdlib.h>
#include <string.h>

#include "account/account_internal.h"
#include "http/internal.h"
#include "stand.h"

static struct cab_provider corp = { .name = "corp", .issuer = "https://sso.example.org" };

struct outcome {
    enum cab_oauth_reason reason;
    const char *user_id;
};

static const char *no_param(const void *source, const char *name) {
    (void)source, (void)name;
    return NULL;
}

static void start_call(struct stand *stand, struct cab_call *call, struct cab_response *response) {
    struct cab_request_parts parts = { .method = "POST", .uri = "/api/v1/auth/oauth/login", .body = "",
                                       .param = no_param };
    struct cab_request *request;
    struct cab_err err = { 0 };
    cr_assert_eq(cab_db_ready(stand->db, &err), 0);
    cr_assert_eq(cab_service_refresh(&stand->service, &err), 0, "%s", err.internal);
    cr_assert_eq(cab_request_parse(stand->mem, &parts, &request, &err), 0, "%s", err.detail);
    cab_response_init(response, stand->mem);
    *call = (struct cab_call){ .mem = stand->mem, .conf = &stand->conf, .db = stand->db, .request = request,
                               .response = response, .catalog = stand->service.catalog };
    cr_assert_eq(cab_route_find(request, &call->route, call->capture, &err), 0, "%s", err.detail);
}

static struct outcome come(struct stand *stand, const char *subject, const char *email, bool is_verified) {
    struct cab_oauth_claims claims = { .subject = subject, .email = email, .is_email_verified = is_verified,
                                       .names = { "Grace" } };
    struct cab_account_grant grant;
    struct cab_response response;
    struct outcome outcome;
    struct cab_call call;
    struct cab_err err = { 0 };

    start_call(stand, &call, &response);
    cr_assert_eq(cab_account_identity_sign_in(&call, &corp, &claims, &grant, &outcome.reason, &outcome.user_id, &err),
                 0, "%s %s", err.detail, err.internal);
    if (outcome.reason == CAB_OAUTH_OK)
        cr_assert_eq(cab_block_end(&call, 0, &err), 0, "%s", err.internal);
    else
        cab_call_drop(&call);
    cr_assert(cab_db_check_idle(stand->db));
    return outcome;
}

static const char *count(struct stand *stand, const char *what, const char *user_id) {
    return stand_value(stand, cab_printf(stand->mem, "SELECT count(*) FROM %s WHERE user_id = $1::bigint", what),
                       user_id);
}

static void confirm(struct stand *stand, const struct person *person) {
    stand_value(stand, "UPDATE public.users SET is_verified = true WHERE id = $1::bigint RETURNING id", person->id);
}

Test(identities, make_an_account_with_all_that_belongs_to_it) {
    struct stand stand;
    stand_open(&stand);
    const char *name = unique_name(&stand), *email = cab_printf(stand.mem, "%s@example.net", name);
    struct outcome first = come(&stand, name, email, true);
    cr_assert_eq(first.reason, CAB_OAUTH_OK);
    cr_expect_str_eq(count(&stand, "public.user_identities", first.user_id), "1");
    cr_expect_str_eq(count(&stand, "public.sessions", first.user_id), "1");
    cr_expect_str_eq(stand_value(&stand, "SELECT string_agg(action, ' ' ORDER BY action) FROM public.audit_logs "
                                         "WHERE user_id = $1::bigint AND table_name IS NULL", first.user_id),
                     "identity_linked oauth_login register");
    cr_expect_str_eq(stand_value(&stand, "SELECT is_verified || ' ' || oauth_provider FROM public.users "
                                         "WHERE id = $1::bigint", first.user_id), "true corp");
    struct outcome again = come(&stand, name, "another@example.net", false);
    cr_expect_eq(again.reason, CAB_OAUTH_OK); /* who is linked needs no address any more */
    cr_expect_str_eq(again.user_id, first.user_id);
    struct outcome heir = come(&stand, unique_name(&stand), email, true);
    cr_expect_eq(heir.reason, CAB_OAUTH_ACCOUNT_LINKED);
    stand_close(&stand);
}

Test(identities, are_linked_by_an_address_that_both_have_confirmed) {
    struct stand stand;
    stand_open(&stand);
    struct person person = make_person(&stand);
    const char *subject = unique_name(&stand);
    cr_expect_eq(come(&stand, subject, person.email, true).reason, CAB_OAUTH_ACCOUNT_UNVERIFIED);
    confirm(&stand, &person);
    cr_expect_eq(come(&stand, subject, person.email, false).reason, CAB_OAUTH_EMAIL_UNVERIFIED);
    cr_expect_eq(come(&stand, subject, NULL, true).reason, CAB_OAUTH_EMAIL_MISSING);
    cr_expect_str_eq(count(&stand, "public.user_identities", person.id), "0");
    struct outcome linked = come(&stand, subject, person.email, true);
    cr_assert_eq(linked.reason, CAB_OAUTH_OK);
    cr_expect_str_eq(linked.user_id, person.id);
    struct cab_db_options owner = { .url = getenv("CABINET_TEST_OWNER_URL"), .application_name = "unit-account",
                                    .connect_timeout_s = 5, .prepared = true };
    struct cab_db *db;
    struct cab_err err = { 0 };
    cr_assert_eq(cab_db_open(stand.mem, &owner, &db, &err), 0, "%s", err.internal);
    cr_assert_eq(cab_db_query(db, stand.mem, CAB_SHAPE_NONE, "INSERT INTO public.user_totp (user_id, seed, confirmed) "
                              "VALUES ($1::bigint, decode(repeat('00', 20), 'hex'), now())", 1, &person.id, NULL, &err),
                 0, "%s", err.internal);
    cr_expect_eq(come(&stand, subject, person.email, true).reason, CAB_OAUTH_TOTP_REQUIRED);
    cr_assert_eq(cab_db_query(db, stand.mem, CAB_SHAPE_NONE, "DELETE FROM public.user_totp WHERE user_id = $1::bigint",
                              1, &person.id, NULL, &err), 0);
    stand_value(&stand, "UPDATE public.users SET banned_at = now() WHERE id = $1::bigint RETURNING id", person.id);
    cr_expect_eq(come(&stand, subject, person.email, true).reason, CAB_OAUTH_ACCOUNT_SHUT);
    stand_value(&stand, "UPDATE public.users SET banned_at = NULL, is_verified = false WHERE id = $1::bigint "
                        "RETURNING id", person.id);
    stand.conf.require_verified_email = true;
    cr_expect_eq(come(&stand, subject, person.email, true).reason, CAB_OAUTH_NOT_VERIFIED);
    stand_close(&stand);
}

Test(identities, make_no_account_where_nobody_may_register) {
    struct stand stand;
    stand_open(&stand);
    stand.conf.registration = "invite";
    const char *name = unique_name(&stand);
    cr_expect_eq(come(&stand, name, cab_printf(stand.mem, "%s@example.net", name), true).reason,
                 CAB_OAUTH_REGISTRATION_CLOSED);
    stand_close(&stand);
}

Test(identities, are_linked_while_the_session_stands_and_to_one_account) {
    struct stand stand;
    stand_open(&stand);
    struct person person = make_person(&stand), other = make_person(&stand);
    struct cab_oauth_claims claims = { .subject = unique_name(&stand) };
    struct cab_response response;
    enum cab_oauth_reason reason;
    struct cab_call call;
    struct cab_err err = { 0 };
    const struct {
        const struct person *person;
        const char *session;
        bool is_confirmed;
        enum cab_oauth_reason reason;
    } rows[] = {
        { &person, "00000000-0000-0000-0000-000000000001", false, CAB_OAUTH_SESSION_ENDED },
        { &person, NULL, false, CAB_OAUTH_NOT_VERIFIED },
        { &person, NULL, true, CAB_OAUTH_OK },
        { &other, NULL, true, CAB_OAUTH_IDENTITY_TAKEN },
    };
    for (size_t i = 0; i < CAB_LENGTH(rows); i++) {
        const char *session = rows[i].session;
        if (session == NULL)
            session = stand_value(&stand, "SELECT id FROM public.sessions WHERE user_id = $1::bigint",
                                  rows[i].person->id);
        if (rows[i].is_confirmed)
            confirm(&stand, rows[i].person);
        start_call(&stand, &call, &response);
        cr_assert_eq(cab_account_identity_link(&call, &corp, &claims, rows[i].person->id, session, &reason, &err), 0,
                     "%s", err.internal);
        cr_expect_eq(reason, rows[i].reason, "row %zu", i);
        if (reason == CAB_OAUTH_OK)
            cr_assert_eq(cab_block_end(&call, 0, &err), 0);
        else
            cab_call_drop(&call);
    }
    cr_expect_str_eq(count(&stand, "public.user_identities", person.id), "1");
    cr_expect_str_eq(count(&stand, "public.user_identities", other.id), "0");

    struct answer *list = stand_ask(&stand, "GET", "/auth/identities", person.access, NULL, NULL);
    cr_assert_eq(list->status, 200, "%s", list->body);
    const char *id = stand_value(&stand, "SELECT id FROM public.user_identities WHERE user_id = $1::bigint", person.id);
    const char *path = cab_printf(stand.mem, "/auth/identities/%s", id);
    cr_expect_eq(stand_ask(&stand, "DELETE", path, other.access, NULL, NULL)->status, 404);
    cr_expect_eq(stand_ask(&stand, "DELETE", path, person.access, NULL, NULL)->status, 204);
    cr_expect_eq(stand_ask(&stand, "DELETE", "/auth/identities/x", person.access, NULL, NULL)->status, 404);
    stand_close(&stand);
}
