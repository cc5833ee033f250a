/* mail: what reaches people by mail, from the request to the file that housekeeping writes. */
#include "client.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AUTH "/api/v1/auth/"

static char *file_text(const char *path) {
    FILE *file = fopen(path, "r");
    cr_assert_not_null(file, "%s", path);
    char *content = calloc(1, 65536);
    cr_assert(fread(content, 1, 65535, file) < 65535);
    fclose(file);
    return content;
}

/* The newest mail of kind to recipient, or NULL; how many there are. */
static char *find_mail(const char *recipient, const char *kind, int *n_out) {
    const char *folder = fmt("%s/mail", environment("CABINET_TEST_VAR")), *end = fmt("-%s.eml", kind);
    char *found = NULL, *to = fmt("To: <%s>\r\n", recipient), *newest = strdup("");
    DIR *dir = opendir(folder);
    cr_assert_not_null(dir, "%s", folder);
    *n_out = 0;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        size_t n = strlen(entry->d_name), m = strlen(end);
        if (n < m || strcmp(entry->d_name + n - m, end) != 0)
            continue;
        char *content = file_text(fmt("%s/%s", folder, entry->d_name));
        if (strstr(content, to) == NULL)
            continue;
        ++*n_out;
        if (strcmp(entry->d_name, newest) > 0) {
            newest = strdup(entry->d_name);
            found = content;
        }
    }
    closedir(dir);
    return found;
}

static char *mail_to(const char *recipient, const char *kind) {
    int n;
    for (int i = 0; i < 200; i++) {
        char *found = find_mail(recipient, kind, &n);
        if (found != NULL)
            return found;
        usleep(100000);
    }
    cr_assert_fail("no mail %s came to %s", kind, recipient);
    return NULL;
}

/* The code stands alone on a line. */
static const char *code_to(const char *recipient, const char *kind) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (char *line = strtok(mail_to(recipient, kind), "\r\n"); line != NULL; line = strtok(NULL, "\r\n"))
        if (strlen(line) == 43 && strspn(line, letters) == 43)
            return line;
    cr_assert_fail("the mail %s holds no code", kind);
    return NULL;
}

static struct answer *use(const char *route, const char *code, const char *more) {
    return post(fmt(AUTH "%s", route), NULL, fmt("{\"token\":\"%s\"%s}", code, more));
}

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
    expect(use("verify", code, ""), 200);
    cr_assert(flag(get("/api/v1/users/me", person->token), "/is_verified"));
    expect_problem(use("verify", code, ""), 400, "token_invalid");
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
    expect(use("reset-password", code, ",\"new_password\":\"quite another one\""), 200);
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
    expect(use("confirm-email", code_to(next, "change_email"), ""), 200);
    cr_assert_str_eq(text(get("/api/v1/users/me", person->token), "/email"), next);
    mail_to(person->email, "email_changed");
    mail_to(next, "email_changed");
}

Test(mail, an_account_ends_after_its_days_of_grace) {
    struct person *person = someone();
    struct answer *other = login(person->username, PASSWORD);
    expect(post(AUTH "request-account-deletion", person->token, ""), 202);
    struct answer *answer = use("confirm-account-deletion", code_to(person->email, "confirm_deletion"), "");
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
