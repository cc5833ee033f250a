/* mail: what reaches people by mail, from the request to the file that housekeeping writes. */
#include "client.h"
#include "mailbox.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AUTH "/api/v1/auth/"

/* Has housekeeping do all its jobs now. */
static void hurry(void) {
    long pid = strtol(file_text(fmt("%s/run/housekeeping.pid", environment("CABINET_TEST_VAR"))), NULL, 10);
    cr_assert(pid > 1 && kill((pid_t)pid, SIGHUP) == 0);
}

static void wait_until(const char *question) {
    for (int i = 0; i < 100; i++) {
        if (strcmp(sql(question), "t") == 0)
            return;
        usleep(100000);
    }
    cr_assert_fail("this did not become true: %s", question);
}

Test(mail, an_address_is_confirmed) {
    struct person *person = someone();
    const char *code = code_to(person->email, "verify_email");
    expect(use_code("verify", code, ""), 200);
    cr_assert(flag(get("/api/v1/users/me", person->token), "/is_verified"));
    expect_problem(use_code("verify", code, ""), 400, "token_invalid");
    cr_assert(!logged(code));
}

Test(mail, a_forgotten_password_is_replaced) {
    struct person *person = someone();
    struct answer *known = post(AUTH "request-password", NULL, fmt("{\"email\":\"%s\"}", person->email));
    struct answer *unknown = post(AUTH "request-password", NULL, fmt("{\"email\":\"no-%s\"}", person->email));
    expect(known, 202);
    expect(unknown, 202);
    cr_assert_str_eq(known->body, unknown->body);
    const char *code = code_to(person->email, "reset_password");
    expect(use_code("reset-password", code, ",\"new_password\":\"quite another one\""), 200);
    expect_problem(get("/api/v1/users/me", person->token), 401, NULL);
    expect_problem(login(person->username, PASSWORD), 401, NULL);
    expect(login(person->username, "quite another one"), 200);
    mail_to(person->email, "password_changed");
    cr_assert(!logged(code));
}

Test(mail, another_address_is_confirmed_and_both_are_told) {
    struct person *person = someone();
    const char *next = fmt("new-%s", person->email);
    expect(post(AUTH "change-email", person->token,
                fmt("{\"new_email\":\"%s\",\"password\":\"%s\"}", next, PASSWORD)), 202);
    mail_to(person->email, "email_change_requested");
    expect(use_code("confirm-email", code_to(next, "change_email"), ""), 200);
    cr_assert_str_eq(text(get("/api/v1/users/me", person->token), "/email"), next);
    mail_to(person->email, "email_changed");
    mail_to(next, "email_changed");
}

Test(mail, an_account_ends_after_its_days_of_grace) {
    struct person *person = someone();
    struct answer *other = login(person->username, PASSWORD);
    expect(post(AUTH "request-account-deletion", person->token, ""), 202);
    struct answer *answer = use_code("confirm-account-deletion", code_to(person->email, "confirm_deletion"), "");
    expect(answer, 200);
    const char *when = text(answer, "/deletion_scheduled_for");
    expect_problem(get("/api/v1/users/me", text(other, "/access_token")), 401, NULL);
    cr_assert_str_eq(text(login(person->username, PASSWORD), "/deletion_scheduled_for"), when);
    expect(post(AUTH "cancel-account-deletion", person->token, ""), 200);
    cr_assert_str_eq(text(get(AUTH "deletion-status", person->token), "/status"), "none");
    mail_to(person->email, "deletion_cancelled");

    sql(fmt("UPDATE public.users SET deletion_scheduled_for = now() + interval '2 days' WHERE id = %ld", person->id));
    hurry();
    mail_to(person->email, "deletion_reminder");
    sql(fmt("UPDATE public.users SET deletion_scheduled_for = now() WHERE id = %ld", person->id));
    hurry();
    mail_to(person->email, "deletion_done");
    expect_problem(get("/api/v1/users/me", person->token), 401, NULL);
    expect_problem(login(person->username, PASSWORD), 401, NULL);
    sql(fmt("UPDATE public.users SET deleted_at = now() - interval '31 days' WHERE id = %ld", person->id));
    hurry();
    wait_until(fmt("SELECT NOT EXISTS (SELECT FROM public.users WHERE id = %ld)", person->id));
    cr_assert_str_eq(sql(fmt("SELECT count(*) FROM public.audit_logs WHERE user_id = %ld OR actor_id = %ld", person->id,
                             person->id)), "0");
    int n;
    find_mail(person->email, "deletion_reminder", &n);
    cr_assert_eq(n, 1);
    find_mail(person->email, "deletion_done", &n);
    cr_assert_eq(n, 1);
}

Test(mail, a_person_gets_all_that_is_held) {
    struct person *person = someone();
    struct answer *answer = get("/api/v1/users/me/export", person->token);
    expect(answer, 200);
    cr_assert_str_eq(text(answer, "/account/email"), person->email);
    cr_assert_eq(count(answer, "/sessions"), 1);
    cr_assert_eq(count(answer, "/mails"), 1);
    cr_assert(count(answer, "/audit_logs") >= 3);
    cr_assert(strstr(header(answer, "Content-Disposition"), "attachment") != NULL);
}

Test(mail, fault_cancelling_and_status_need_only_an_address) {
    struct person *person = someone();
    const char *body = fmt("{\"email\":\"%s\"}", person->email);
    expect_problem(post(AUTH "cancel-account-deletion", NULL, body), 401, NULL);
    expect_problem(post(AUTH "request-account-deletion", NULL, body), 401, NULL);
    expect_problem(get(fmt(AUTH "deletion-status?email=%s", person->email), NULL), 401, NULL);
}
