#include "mailed.h"

#include <string.h>

static struct answer *invite(struct stand *stand, const struct person *admin, const char *email) {
    return stand_ask(stand, "POST", "/admin/invitations", admin->access,
                     cab_printf(stand->mem, "{\"email\":\"%s\"}", email), NULL);
}

static struct answer *take(struct stand *stand, const char *name, const char *email, const char *token) {
    return stand_ask(stand, "POST", "/auth/register", NULL,
                     cab_printf(stand->mem, "{\"email\":\"%s\",\"username\":\"%s\",\"password\":\"%s\","
                                "\"invitation\":\"%s\"}", email, name, PASSWORD, token), NULL);
}

static const char *mail_of(struct stand *stand, const char *name) {
    return cab_printf(stand->mem, "%s@example.org", name);
}

Test(invitations, open_the_door_once_for_their_address) {
    struct stand stand;
    stand_open(&stand);
    stand.conf.registration = "invite";
    struct person admin = make_superuser(&stand);
    const char *name = unique_name(&stand), *email = mail_of(&stand, name);
    struct answer *answer =
        stand_ask(&stand, "POST", "/auth/register", NULL,
                  cab_printf(stand.mem, "{\"email\":\"%s\",\"username\":\"%s\",\"password\":\"%s\"}", email, name,
                             PASSWORD), NULL);
    cr_assert_eq(answer->status, 403);
    cr_assert_eq(invite(&stand, &admin, email)->status, 202);
    const char *token = token_to(&stand, email, "invitation");
    answer = take(&stand, name, mail_of(&stand, unique_name(&stand)), token);
    cr_assert_eq(answer->status, 400, "%s", answer->body);
    cr_assert_str_eq(text_of(answer, "code"), "token_invalid");
    cr_assert_eq(take(&stand, name, email, "AAAA")->status, 400);
    answer = take(&stand, name, email, token);
    cr_assert_eq(answer->status, 201, "%s", answer->body);
    cr_assert_str_eq(stand_value(&stand, "SELECT is_verified FROM public.users WHERE email = $1", email), "t");
    cr_assert_eq(take(&stand, unique_name(&stand), email, token)->status, 409);
    stand_value(&stand, "DELETE FROM public.users WHERE email = $1", email);
    cr_assert_eq(take(&stand, name, email, token)->status, 400, "it was used");
    cr_assert_str_eq(stand_value(&stand, "SELECT count(*) FROM public.audit_logs WHERE action = 'invitation_sent' "
                                 "AND actor_id = $1::bigint", admin.id), "1");
    stand_close(&stand);
}

Test(invitations, are_replaced_and_expire) {
    struct stand stand;
    stand_open(&stand);
    stand.conf.registration = "invite";
    struct person admin = make_superuser(&stand);
    const char *name = unique_name(&stand), *email = mail_of(&stand, name);
    cr_assert_eq(invite(&stand, &admin, email)->status, 202);
    const char *first = token_to(&stand, email, "invitation");
    cr_assert_eq(invite(&stand, &admin, email)->status, 202);
    const char *second = token_to(&stand, email, "invitation");
    cr_assert_str_neq(first, second);
    cr_assert_eq(take(&stand, name, email, first)->status, 400);
    stand_value(&stand, "UPDATE public.one_time_tokens SET expires = now() WHERE email = $1", email);
    cr_assert_eq(take(&stand, name, email, second)->status, 400);
    cr_assert_eq(invite(&stand, &admin, email)->status, 202);
    const char *third = token_to(&stand, email, "invitation");
    stand.conf.registration = "off";
    cr_assert_eq(take(&stand, name, email, third)->status, 403, "off is off");
    stand.conf.registration = "open";
    cr_assert_eq(take(&stand, name, email, third)->status, 201, "it verifies the address where anybody may register");
    stand_close(&stand);
}

Test(invitations, are_for_superusers_to_send_to_who_has_no_account) {
    struct stand stand;
    stand_open(&stand);
    struct person admin = make_superuser(&stand), person = make_person(&stand);
    cr_assert_eq(invite(&stand, &person, mail_of(&stand, unique_name(&stand)))->status, 403);
    cr_assert_eq(invite(&stand, &admin, person.email)->status, 409);
    cr_assert_eq(invite(&stand, &admin, "no address")->status, 422);
    cr_assert_eq(stand_ask(&stand, "POST", "/users", admin.access,
                           cab_printf(stand.mem, "{\"email\":\"x%s\",\"username\":\"%s\",\"password\":\"%s\","
                                      "\"invitation\":\"a\"}", person.email, unique_name(&stand), PASSWORD),
                           NULL)->status, 422, "no field of that route");
    stand_close(&stand);
}
