/* secrets: every flow of an account, then a search for what was secret in it: in logs, in the database, in mails. */
#include "client.h"
#include "mailbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AUTH "/api/v1/auth/"

struct secret {
    const char *what, *text;
    int mails; /* in how many it may stand */
};

static struct secret secrets[32];
static int n_secrets;

static const char *keep(const char *what, const char *text, int mails) {
    cr_assert(text != NULL && strlen(text) > 7, "%s", what);
    cr_assert(n_secrets < 32);
    secrets[n_secrets++] = (struct secret){ what, text, mails };
    return text;
}

/* The tables that hold the text in any of their columns. */
static char *tables_with(const char *text) {
    return sql(fmt("SELECT coalesce(string_agg(c.oid::regclass::text, ' '), '') FROM pg_class AS c "
                   "JOIN pg_namespace AS n ON n.oid = c.relnamespace "
                   "WHERE n.nspname IN ('public', 'cabinet') AND c.relkind = 'r' AND (xpath('/row/n/text()', "
                   "query_to_xml(format('SELECT count(*) AS n FROM %%s AS t WHERE strpos(t::text, %%L) > 0', "
                   "c.oid::regclass, '%s'), false, true, '')))[1]::text <> '0'", text));
}

static char *code_of(const char *seed, int steps) {
    char code[16] = "";
    FILE *tool = popen(fmt("oathtool --totp -b %s --now '%d seconds'", seed, 30 * steps), "r");
    cr_assert(tool != NULL && fgets(code, sizeof code, tool) != NULL && pclose(tool) == 0, "oathtool must be there");
    code[6] = '\0';
    return strdup(code);
}

static const char *device_of(const struct answer *answer) {
    const char *cookie = strstr(answer->head, "device=");
    cr_assert_not_null(cookie, "%s", answer->head);
    cookie += strlen("device=");
    return strndup(cookie, strcspn(cookie, ";"));
}

/* Tokens of a login. */
static struct answer *sign_in(const char *what, const char *body) {
    struct answer *answer = post(AUTH "login", NULL, body);
    expect(answer, 200);
    keep(fmt("access token of %s", what), text(answer, "/access_token"), 0);
    keep(fmt("refresh token of %s", what), text(answer, "/refresh_token"), 0);
    keep(fmt("device of %s", what), device_of(answer), 0);
    return answer;
}

/* With passwords, and mailed codes. */
static void first_half(const char *name, const char *email, const char *password) {
    const char *second = keep("changed password", unique("Ch4nged-pass-"), 0),
               *third = keep("reset password", unique("R3set-pass-"), 0),
               *wrong = keep("wrong password", unique("Wr0ng-pass-"), 0);
    expect(use_code("verify", keep("code of verify_email", code_to(email, "verify_email"), 1), ""), 200);
    expect_problem(login(email, wrong), 401, "bad_credentials");
    struct answer *answer = sign_in("login", fmt("{\"username\":\"%s\",\"password\":\"%s\"}", name, password));
    const char *token = text(answer, "/access_token");
    answer = post(AUTH "refresh", NULL, fmt("{\"refresh_token\":\"%s\"}", text(answer, "/refresh_token")));
    expect(answer, 200);
    keep("access token of refresh", text(answer, "/access_token"), 0);
    keep("refresh token of refresh", text(answer, "/refresh_token"), 0);
    expect(post(AUTH "change-password", token,
                fmt("{\"current_password\":\"%s\",\"new_password\":\"%s\"}", password, second)), 200);
    expect(post(AUTH "change-password", token,
                fmt("{\"current_password\":\"%s\",\"new_password\":\"%s\"}", wrong, second)), 422);
    expect(post(AUTH "request-password", NULL, fmt("{\"email\":\"%s\"}", email)), 202);
    expect(use_code("reset-password", keep("code of reset_password", code_to(email, "reset_password"), 1),
                    fmt(",\"new_password\":\"%s\"", third)), 200);
    answer = sign_in("the reset", fmt("{\"username\":\"%s\",\"password\":\"%s\"}", name, third));
    token = text(answer, "/access_token");
    expect(post(AUTH "change-email", token, fmt("{\"new_email\":\"new-%s\",\"password\":\"%s\"}", email, third)), 202);
    expect(use_code("confirm-email",
                    keep("code of change_email", code_to(fmt("new-%s", email), "change_email"), 1), ""), 200);
}

/* With keys and codes, by somebody who was invited. */
static void second_half(const char *name, const char *email, const char *password) {
    expect(post("/api/v1/admin/invitations", admin(), fmt("{\"email\":\"%s\"}", email)), 202);
    const char *invitation = keep("code of invitation", code_to(email, "invitation"), 1);
    expect(post(AUTH "register", NULL, fmt("{\"email\":\"%s\",\"username\":\"%s\",\"password\":\"%s\","
                                           "\"invitation\":\"%s\"}", email, name, password, invitation)), 201);
    struct answer *answer =
        sign_in("the second login", fmt("{\"username\":\"%s\",\"password\":\"%s\"}", name, password));
    const char *token = text(answer, "/access_token"), *again = fmt("{\"password\":\"%s\"}", password);
    answer = post(AUTH "api-keys", token,
                  fmt("{\"name\":\"a robot\",\"password\":\"%s\",\"scopes\":[\"read\"]}", password));
    expect(answer, 201);
    const char *key = keep("API key", text(answer, "/key"), 0);
    expect(get("/api/v1/users/me", key), 200);
    answer = post(fmt(AUTH "api-keys/%ld/rotate", number(answer, "/id")), token, again);
    expect(answer, 200);
    keep("replaced API key", text(answer, "/key"), 0);
    expect_problem(get("/api/v1/users/me", key), 401, NULL);
    answer = post(AUTH "totp", token, again);
    expect(answer, 200);
    const char *seed = keep("secret of the second factor", text(answer, "/secret"), 0);
    answer = post(AUTH "totp/confirm", token, fmt("{\"code\":\"%s\"}", code_of(seed, 0)));
    expect(answer, 200);
    const char *recovery = keep("recovery code", text(answer, "/recovery_codes/0"), 0);
    keep("another recovery code", text(answer, "/recovery_codes/9"), 0);
    const char *code = code_of(seed, 1);
    expect_problem(login(name, password), 401, "totp_required");
    sign_in("the code", fmt("{\"username\":\"%s\",\"password\":\"%s\",\"totp\":\"%s\"}", name, password, code));
    sign_in("the recovery", fmt("{\"username\":\"%s\",\"password\":\"%s\",\"totp\":\"%s\"}", name, password, recovery));
    cr_assert_str_eq(sql(fmt("SELECT count(*) FROM public.audit_logs AS l JOIN public.users AS u ON u.id = l.user_id "
                             "WHERE u.username = '%s' AND l.after::text LIKE '%%%s%%'", name, code)), "0");
    expect(post(AUTH "request-account-deletion", token, ""), 202);
    expect(use_code("confirm-account-deletion",
                    keep("code of confirm_deletion", code_to(email, "confirm_deletion"), 1), ""), 200);
    expect(get("/api/v1/users/me/export", token), 200);
}

Test(secrets, appear_nowhere) {
    const char *name = unique("s"), *email = fmt("%s@example.org", name), *second = unique("t");
    const char *password = keep("first password", unique("F1rst-pass-"), 0);
    expect(post(AUTH "register", NULL,
                fmt("{\"email\":\"%s\",\"username\":\"%s\",\"password\":\"%s\"}", email, name, password)), 201);
    first_half(name, email, password);
    second_half(second, fmt("%s@example.org", second), keep("second password", unique("S3cond-pass-"), 0));
    sleep(3); /* nginx writes its log once a second, housekeeping its mails */
    for (int i = 0; i < n_secrets; i++) {
        cr_expect(!logged(secrets[i].text), "the %s stands in a log", secrets[i].what);
        cr_expect_str_eq(tables_with(secrets[i].text), "", "the %s stands in the database", secrets[i].what);
        cr_expect_eq(mails_with(secrets[i].text), secrets[i].mails, "the %s stands in %d mails", secrets[i].what,
                     mails_with(secrets[i].text));
    }
    cr_assert_eq(n_secrets, 32);
}

/* The search finds what is there. */
Test(secrets, would_be_found) {
    struct person *person = registered();
    cr_assert(strstr(tables_with(person->username), "users") != NULL);
    cr_assert(strstr(tables_with(person->username), "mail_outbox") != NULL);
    mail_to(person->email, "verify_email");
    cr_assert_eq(mails_with(person->email), 1);
}
