/*
 * cabinet-admin as the operator calls it.
 */
#include "stand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

struct outcome {
    int status;
    char text[4096];
};

/* Runs ./cabinet-admin with arguments, behind `before` (a shell's assignments or a pipe). */
static struct outcome run(struct stand *stand, const char *before, const char *arguments) {
    struct outcome outcome = { 0 };
    setenv("DATABASE_URL", stand->conf.database_url, 1);
    setenv("SECRET_KEY", "UmFuZG9tIGJ5dGVzIG9mIGEgdGVzdCwgbm90aGluZyBlbHNl", 1);
    FILE *file = popen(cab_printf(stand->mem, "%s ./cabinet-admin %s 2>&1", before, arguments), "r");
    cr_assert_not_null(file);
    outcome.text[fread(outcome.text, 1, sizeof outcome.text - 1, file)] = '\0';
    outcome.status = WEXITSTATUS(pclose(file));
    return outcome;
}

static void check(struct stand *stand, const char *before, const char *arguments, int status, const char *part) {
    struct outcome outcome = run(stand, before, arguments);
    cr_assert_eq(outcome.status, status, "%s: %d: %s", arguments, outcome.status, outcome.text);
    cr_assert_not_null(strstr(outcome.text, part), "%s: %s", arguments, outcome.text);
}

Test(admin, makes_shows_and_changes_accounts) {
    struct stand stand;
    stand_open(&stand);
    const char *name = unique_name(&stand), *email = cab_printf(stand.mem, "%s@example.org", name);
    char *create =
        cab_printf(stand.mem, "user create --email %s --username %s --verified --password-stdin", email, name);

    check(&stand, "echo '" PASSWORD "' |", create, 0, "is_verified   yes");
    check(&stand, "echo '" PASSWORD "' |", create, 1, "email is taken");
    check(&stand, "", cab_printf(stand.mem, "user get %s@Example.ORG --json", name), 0, "\"is_superuser\":false");
    check(&stand, "", "user get nobody@example.org", 1, "no account");
    struct answer *first = login(&stand, name, PASSWORD);
    cr_assert_eq(first->status, 200);
    check(&stand, "", cab_printf(stand.mem, "sessions %s", email), 0, "192.0.2.7  by unit-account");
    check(&stand, "CABINET_PASSWORD=password123", cab_printf(stand.mem, "set-password %s", email), 1, "most common");
    check(&stand, "CABINET_PASSWORD='a quite new password'", cab_printf(stand.mem, "set-password %s", email), 0,
          "was set");
    cr_assert_eq(stand_ask(&stand, "GET", "/users/me", text_of(first, "access_token"), NULL, NULL)->status, 401);
    cr_assert_eq(login(&stand, name, PASSWORD)->status, 401);
    cr_assert_eq(login(&stand, name, "a quite new password")->status, 200);
    check(&stand, "", cab_printf(stand.mem, "revoke %s", email), 0, "have ended: 1.");
    check(&stand, "", cab_printf(stand.mem, "ban %s", email), 0, "shut out");
    cr_assert_eq(login(&stand, name, "a quite new password")->status, 401);
    check(&stand, "", cab_printf(stand.mem, "unban %s", email), 0, "again");
    cr_assert_eq(login(&stand, name, "a quite new password")->status, 200);
    stand_close(&stand);
}

Test(admin, makes_the_first_superuser_once_and_promotes_nobody) {
    struct stand stand;
    stand_open(&stand);
    const char *name = unique_name(&stand), *email = cab_printf(stand.mem, "%s@example.org", name);
    char *settings = cab_printf(stand.mem, "FIRST_SUPERUSER=%s FIRST_SUPERUSER_PASSWORD='" PASSWORD "'", email);
    struct person person = make_person(&stand);

    check(&stand, settings, "create-superuser", 0, cab_printf(stand.mem, "username      %s", name));
    check(&stand, settings, "create-superuser", 0, "exists already");
    struct answer *answer = login(&stand, email, PASSWORD);
    cr_assert_eq(answer->status, 200);
    cr_assert_eq(
        stand_ask(&stand, "GET", "/admin/audit-logs?size=1", text_of(answer, "access_token"), NULL, NULL)->status, 200);
    check(&stand, "", cab_printf(stand.mem, "create-superuser --email %s", person.email), 1, "no superuser");
    stand_close(&stand);
}

Test(admin, verifies_counts_and_counts_anew) {
    struct stand stand;
    stand_open(&stand);
    check(&stand, "", "counts verify users", 0, "public.users: the counts are right");
    /* a deleted user of a time when there was none */
    stand_value(&stand,
                "WITH i AS (INSERT INTO cabinet.delta_users VALUES ('1900-01-01', true, false, false, $1::text, 1))"
                " SELECT 1", "nobody");
    check(&stand, "", "counts verify", 1, "\"1900-01-01\"");
    check(&stand, "", "counts verify public.users --json", 1, "\"kept\":1,\"counted\":0");
    check(&stand, "", "counts rebuild users", 0, "counted anew");
    check(&stand, "", "counts verify", 0, "the counts are right");
    check(&stand, "", "counts verify sessions", 1, "no counted table");
    stand_close(&stand);
}

Test(admin, tells_by_its_status_what_is_wrong) {
    struct stand stand;
    stand_open(&stand);
    check(&stand, "", "", 2, "usage:");
    check(&stand, "", "user get", 2, "EMAIL");
    check(&stand, "", "user got x", 2, "unknown command");
    check(&stand, "", "ban x y", 2, "too many");
    check(&stand, "", "ban x --superuser", 2, "does not belong");
    check(&stand, "", "--help", 0, "create-superuser");
    check(&stand, "SECRET_KEY=short", "config check", 3, "SECRET_KEY");
    check(&stand, "", "config check", 0, "the schema fits");
    check(&stand, "DATABASE_URL=host=/nowhere", "user get x@example.org", 4, "cannot be reached");
    stand_close(&stand);
}

Test(admin, makes_lists_and_takes_back_api_keys) {
    struct stand stand;
    stand_open(&stand);
    struct person person = make_person(&stand);
    const char *create = cab_printf(stand.mem, "api-key create %s --name 'a robot' --scope ", person.email);
    check(&stand, "", cab_printf(stand.mem, "%s read --days 366", create), 2, "365");
    check(&stand, "", cab_printf(stand.mem, "%s read,reed", create), 1, "reed is no scope");
    check(&stand, "", cab_printf(stand.mem, "%s sessions:read", create), 1, "no scope");
    check(&stand, "", cab_printf(stand.mem, "%s admin", create), 1, "for superusers");
    check(&stand, "", cab_printf(stand.mem, "api-key create %s", person.email), 2, "--name and --scope");
    check(&stand, "", cab_printf(stand.mem, "api-key list %s", person.email), 0, "no API keys");
    struct outcome made = run(&stand, "", cab_printf(stand.mem, "%s read,users:write", create));
    cr_assert_eq(made.status, 0, "%s", made.text);
    made.text[strcspn(made.text, "\n")] = '\0';
    cr_assert_eq(stand_ask(&stand, "GET", "/users/me", made.text, NULL, NULL)->status, 200, "%s", made.text);
    struct outcome list = run(&stand, "", cab_printf(stand.mem, "api-key list %s", person.email));
    cr_assert(list.status == 0 && strstr(list.text, "[\"read\",\"users:write\"]") != NULL, "%s", list.text);
    cr_assert_null(strstr(list.text, made.text));
    const char *id = stand_value(&stand, "SELECT id FROM public.api_keys WHERE user_id = $1::bigint", person.id);
    check(&stand, "", cab_printf(stand.mem, "api-key list %s --json", person.email), 0,
          cab_printf(stand.mem, "[{\"id\":%s,", id));
    check(&stand, "", cab_printf(stand.mem, "api-key revoke %s", id), 0, "any more");
    cr_assert_eq(stand_ask(&stand, "GET", "/users/me", made.text, NULL, NULL)->status, 401);
    check(&stand, "", cab_printf(stand.mem, "api-key revoke %s", id), 1, "no such API key");
    check(&stand, "", "api-key revoke cbk_x", 1, "no such API key");
    cr_assert_str_eq(stand_value(&stand, "SELECT count(*) FROM public.audit_logs WHERE user_id = $1::bigint "
                                 "AND action IN ('api_key_created', 'api_key_revoked')", person.id), "2");
    stand_close(&stand);
}

Test(admin, invites_and_lets_in_who_lost_the_device) {
    struct stand stand;
    stand_open(&stand);
    struct person person = make_person(&stand);
    const char *email = cab_printf(stand.mem, "%s@example.org", unique_name(&stand));
    check(&stand, "", cab_printf(stand.mem, "invite %s", email), 0, "on its way");
    check(&stand, "", cab_printf(stand.mem, "invite %s", person.email), 1, "has an account");
    check(&stand, "", "invite nobody", 1, "has one @");
    cr_assert_str_eq(stand_value(&stand, "SELECT count(*) FROM public.mail_outbox WHERE kind = 'invitation' "
                                 "AND recipient = $1", email), "1");
    check(&stand, "", cab_printf(stand.mem, "disable-totp %s", person.email), 0, "nothing was changed");
    stand_value(&stand, "SELECT cabinet.totp_start($1::bigint, decode(repeat('61', 20), 'hex'))", person.id);
    stand_value(&stand, "SELECT cabinet.totp_confirm($1::bigint, 1, repeat('61', 32))", person.id);
    cr_assert_eq(login(&stand, person.email, PASSWORD)->status, 401);
    check(&stand, "", cab_printf(stand.mem, "disable-totp %s", person.email), 0, "without codes");
    cr_assert_eq(login(&stand, person.email, PASSWORD)->status, 200);
    stand_close(&stand);
}
