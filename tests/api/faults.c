/*
 * faults: mistakes that systems of this kind are known for, each as a test that it is not made here.
 */
#include "client.h"

#include <string.h>
#include <unistd.h>

#define USERS "/api/v1/users"

Test(faults, fault_register_accepts_is_superuser) {
    static const char *const members[] = { "is_superuser", "is_verified",  "id",        "deleted_at",
                                           "row_version",  "date_created", "banned_at", "oauth_provider" };
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        const char *name = unique("sly");
        struct answer *answer = post("/api/v1/auth/register", NULL,
                                     fmt("{\"email\":\"%s@example.org\",\"username\":\"%s\",\"password\":\"%s\",\"%s\":"
                                         "true}",
                                         name, name, PASSWORD, members[i]));
        expect_problem(answer, 422, "invalid");
        expect_flaw(answer, "field", members[i], NULL);
        cr_assert_str_eq(sql(fmt("SELECT count(*) FROM public.users WHERE username = '%s'", name)), "0");
    }
}

Test(faults, fault_profile_accepts_is_superuser) {
    struct person *person = someone();
    expect_flaw(put("/api/v1/users/me", person->token, "{\"is_superuser\":true}"), "field", "is_superuser",
                "read_only");
    expect_flaw(patch("/api/v1/users/me", person->token, "{\"is_verified\":true}"), "field", "is_verified",
                "read_only");
    expect_flaw(patch(fmt(USERS "/%ld", person->id), person->token, "{\"is_superuser\":true}"), "field", "is_superuser",
                "read_only");
    cr_assert_str_eq(sql(fmt("SELECT is_superuser OR is_verified FROM public.users WHERE id = %ld", person->id)), "f");
}

Test(faults, fault_any_user_deletes_users) {
    struct person *person = someone(), *other = registered();
    char *path = fmt(USERS "/%ld", other->id);
    cr_assert(drop(path, person->token)->status == 403 || drop(path, person->token)->status == 404);
    expect_problem(drop(path, NULL), 401, "unauthenticated");
    int status = drop(fmt("%s?permanent=true", path), person->token)->status;
    cr_assert(status == 403 || status == 404);
    cr_assert_str_eq(sql(fmt("SELECT deleted_at IS NULL FROM public.users WHERE id = %ld", other->id)), "t");
}

Test(faults, fault_any_user_restores_users) {
    struct person *person = someone(), *other = registered();
    expect(drop(fmt(USERS "/%ld", other->id), admin()), 204);
    int status = post(fmt(USERS "/%ld/restore", other->id), person->token, NULL)->status;
    cr_assert(status == 403 || status == 404);
    expect_problem(post(fmt(USERS "/%ld/restore", other->id), NULL, NULL), 401, "unauthenticated");
    cr_assert_str_eq(sql(fmt("SELECT deleted_at IS NULL FROM public.users WHERE id = %ld", other->id)), "f");
}

Test(faults, fault_any_user_lists_deleted_users) {
    struct person *person = someone(), *other = registered();
    expect(drop(fmt(USERS "/%ld", other->id), admin()), 204);
    expect_problem(get(USERS "?is_deleted=true", person->token), 403, "forbidden_parameter");
    expect_problem(get(USERS "?is_deleted=false", person->token), 403, "forbidden_parameter");
    expect_problem(get(fmt(USERS "/%ld", other->id), person->token), 404, "not_found");
}

Test(faults, fault_filters_tell_what_may_not_be_read) {
    struct person *person = someone();
    static const char *const queries[] = {
        "is_verified=true",   "is_superuser=true",      "oauth_provider=google",
        "email=a@b.example",  "email__contains=a",      "sort_by=email",
        "sort=-is_superuser", "deleted_at__null=false", "filter=%7B%22email%22:%22a@b.example%22%7D"
    };
    for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
        struct answer *answer = get(fmt(USERS "?%s", queries[i]), person->token);
        cr_assert(answer->status == 403 || answer->status == 400, "%d for %s: %s", answer->status, queries[i],
                  answer->body);
    }
    expect_problem(get(USERS "?is_superuser=true", person->token), 403, "forbidden_parameter");
}

Test(faults, fault_session_revoked_by_another_user) {
    struct person *person = someone(), *other = someone();
    char *id = sql(fmt("SELECT id FROM public.sessions WHERE user_id = %ld", other->id));
    expect_problem(drop(fmt("/api/v1/auth/sessions/%s", id), person->token), 404, "not_found");
    expect_problem(drop(fmt("/api/v1/auth/sessions/%s", id), NULL), 401, "unauthenticated");
    expect(get("/api/v1/users/me", other->token), 200);
}

Test(faults, fault_refresh_token_does_not_rotate) {
    struct person *person = someone();
    struct answer *answer = post("/api/v1/auth/refresh", NULL, fmt("{\"refresh_token\":\"%s\"}", person->refresh));
    expect(answer, 200);
    cr_assert_str_neq(text(answer, "/refresh_token"), person->refresh);
}

Test(faults, fault_password_change_revokes_nothing) {
    struct person *person = someone();
    struct answer *other = login(person->email, PASSWORD);
    expect(post("/api/v1/auth/change-password", person->token,
                fmt("{\"current_password\":\"%s\",\"new_password\":\"quite another one 3\"}", PASSWORD)), 200);
    expect_problem(get("/api/v1/users/me", text(other, "/access_token")), 401, "unauthenticated");
    expect_problem(post("/api/v1/auth/refresh", NULL, fmt("{\"refresh_token\":\"%s\"}", text(other, "/refresh_token"))),
                   401, NULL);
}

Test(faults, fault_refresh_cookie_path_never_matches) {
    struct person *person = registered();
    char *jar = fmt("/tmp/cabinet-jar-%s", unique(""));
    expect(ASK(.method = "POST", .path = "/api/v1/auth/login", .cookies = jar,
               .body = fmt("{\"username\":\"%s\",\"password\":\"%s\"}", person->email, PASSWORD)), 200);
    struct answer *answer = ASK(.method = "POST", .path = "/api/v1/auth/refresh", .cookies = jar);
    unlink(jar);
    expect(answer, 200);
}

/* The same answer, and hashing in both cases: without it an answer takes a tenth of the time.  How equal the times are
 * is for timing.c, which has the machine to itself. */
Test(faults, fault_unknown_account_answers_before_hashing) {
    enum { TRIES = 15 };
    struct person *person = registered();
    double known[TRIES], unknown[TRIES];
    struct answer *a = NULL, *b = NULL;
    for (int i = 0; i < TRIES; i++) {
        a = login(person->email, "not the password");
        known[i] = a->seconds;
        b = login(fmt("%s@example.org", unique("nobody")), "not the password");
        unknown[i] = b->seconds;
    }
    expect_problem(a, 401, "bad_credentials");
    expect_problem(b, 401, "bad_credentials");
    cr_assert_str_eq(text(a, "/detail"), text(b, "/detail"));
    cr_assert_str_eq(header(a, "WWW-Authenticate"), header(b, "WWW-Authenticate"));
    cr_assert_eq(header_count(a, "Set-Cookie"), header_count(b, "Set-Cookie"));
    /* the quickest of each: load can only add */
    double quickest_known = known[0], quickest_unknown = unknown[0];
    for (int i = 1; i < TRIES; i++) {
        quickest_known = known[i] < quickest_known ? known[i] : quickest_known;
        quickest_unknown = unknown[i] < quickest_unknown ? unknown[i] : quickest_unknown;
    }
    cr_assert(quickest_unknown > quickest_known * 0.4, "known %.4f s, unknown %.4f s", quickest_known,
              quickest_unknown);
}

Test(faults, fault_login_tells_of_deleted_accounts) {
    struct person *person = registered();
    expect(drop(fmt(USERS "/%ld", person->id), admin()), 204);
    struct answer *deleted = login(person->email, PASSWORD), *nobody = login(unique("nobody"), PASSWORD);
    expect_problem(deleted, 401, "bad_credentials");
    cr_assert_str_eq(text(deleted, "/detail"), text(nobody, "/detail"));
}

Test(faults, fault_errors_echo_passwords) {
    char *secret = fmt("zq%s", unique("Secret"));
    const char *name = unique("echo");
    struct answer *answers[] = {
        post("/api/v1/auth/register", NULL,
             fmt("{\"email\":\"%s\",\"username\":\"x\",\"password\":\"%s\"}", secret, secret)),
        post("/api/v1/auth/register", NULL, fmt("{\"email\":\"a\",\"username\":7,\"password\":[\"%s\"]}", secret)),
        post("/api/v1/auth/register", NULL, fmt("{\"password\":\"%s\" oops", secret)),
        login(name, secret),
        post("/api/v1/auth/login", NULL, fmt("{\"username\":\"%s\",\"password\":{\"%s\":1}}", name, secret)),
        ASK(.method = "POST", .path = "/api/v1/auth/login", .type = "application/x-www-form-urlencoded",
            .body = fmt("username=%s&password=%s&password=%s", name, secret, secret)),
        post("/api/v1/auth/change-password", admin(),
             fmt("{\"current_password\":\"%s\",\"new_password\":\"x\"}", secret)),
        get(fmt(USERS "?is_verified=%s", secret), admin()),
        get(fmt(USERS "?id=%s", secret), admin()),
        get(fmt(USERS "?page=%s", secret), admin()),
        get(fmt("/api/v1/auth/login?username=a&password=%s", secret), NULL),
        ASK(.method = "GET", .path = "/api/v1/users/me", .token = secret),
    };
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        cr_assert_eq(answers[i]->status / 100, 4, "%zu: %d %s", i, answers[i]->status, answers[i]->body);
        cr_assert(strstr(answers[i]->body, secret) == NULL, "%zu: %s", i, answers[i]->body);
        cr_assert(strstr(answers[i]->body, "SELECT") == NULL && strstr(answers[i]->body, "INSERT") == NULL);
    }
    sleep(2); /* nginx writes its log once a second */
    cr_assert(!logged(secret), "the password stands in a log");
}

Test(faults, fault_client_address_from_a_forged_header) {
    struct person *person = registered();
    struct answer *answer = ASK(.method = "POST", .path = "/api/v1/auth/login",
                                .headers = { "X-Forwarded-For: 203.0.113.9", "X-Real-IP: 203.0.113.9",
                                             "Forwarded: for=203.0.113.9", "Client-IP: 203.0.113.9" },
                                .body = fmt("{\"username\":\"%s\",\"password\":\"%s\"}", person->email, PASSWORD));
    expect(answer, 200);
    cr_assert_str_eq(sql(fmt("SELECT DISTINCT host(ip) FROM public.audit_logs WHERE user_id = %ld AND action = 'login'",
                             person->id)),
                     "127.0.0.1");
    cr_assert_str_eq(sql(fmt("SELECT host(ip) FROM public.sessions WHERE user_id = %ld", person->id)), "127.0.0.1");
}

Test(faults, fault_soft_and_hard_delete_are_swapped) {
    struct person *one = registered(), *two = registered();
    expect(drop(fmt(USERS "/%ld", one->id), admin()), 204);
    expect(drop(fmt(USERS "/%ld?permanent=true", two->id), admin()), 204);
    cr_assert_str_eq(sql(fmt("SELECT count(*) FROM public.users WHERE id = %ld", one->id)), "1");
    cr_assert_str_eq(sql(fmt("SELECT count(*) FROM public.users WHERE id = %ld", two->id)), "0");
    expect(drop(fmt(USERS "/%ld?permanent=false", one->id), admin()), 404);
}

Test(faults, fault_unique_email_blocked_by_a_deleted_row) {
    struct person *person = registered();
    expect(drop(fmt(USERS "/%ld", person->id), admin()), 204);
    struct answer *answer = post(
        "/api/v1/auth/register", NULL,
        fmt("{\"email\":\"%s\",\"username\":\"%s\",\"password\":\"%s\"}", person->email, person->username, PASSWORD));
    expect(answer, 201);
    cr_assert_neq(number(answer, "/id"), person->id);
}

Test(faults, fault_public_health_shows_internals) {
    struct answer *answer = get("/health/ready", NULL);
    static const char *const words[] = { "version", "environment", "pool", "host", "database_url", "pid", "uptime" };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        cr_assert(strcasestr(answer->body, words[i]) == NULL, "%s in %s", words[i], answer->body);
}

Test(faults, fault_filters_are_parsed_and_not_applied) {
    struct person *person = registered();
    struct answer *answer = get(fmt(USERS "?username=%s", person->username), admin());
    expect(answer, 200);
    cr_assert_eq(number(answer, "/total"), 1);
    answer = get(fmt(USERS "?username=%s&is_verified=true", person->username), admin());
    cr_assert_eq(number(answer, "/total"), 0);
    answer = get(fmt(USERS "?username=%s&date_created__lt=2020-01-01", person->username), admin());
    cr_assert_eq(number(answer, "/total"), 0);
}

Test(faults, fault_pages_overlap_without_an_order) {
    const char *word = unique("same");
    sql(fmt("INSERT INTO public.users (email, username, date_created) SELECT '%s' || n || '@x.example', '%s' || n,"
            " '2024-01-01Z' FROM generate_series(1, 30) AS n", word, word));
    long seen[30];
    for (int page = 1; page <= 3; page++) {
        struct answer *answer = get(fmt(USERS "?search=%s&sort_by=date_created&page=%d&size=10", word, page), admin());
        expect(answer, 200);
        for (int i = 0; i < 10; i++) {
            seen[(page - 1) * 10 + i] = number(answer, fmt("/items/%d/id", i));
            for (int j = 0; j < (page - 1) * 10 + i; j++)
                cr_assert_neq(seen[j], seen[(page - 1) * 10 + i]);
        }
    }
}

Test(faults, fault_restore_can_only_answer_404) {
    struct person *person = registered();
    expect(drop(fmt(USERS "/%ld", person->id), admin()), 204);
    expect(post(fmt(USERS "/%ld/restore", person->id), admin(), NULL), 200);
}

Test(faults, fault_an_at_sign_shadows_an_email) {
    struct person *person = registered();
    struct answer *answer = patch("/api/v1/users/me", someone()->token, fmt("{\"username\":\"%s\"}", person->email));
    expect_problem(answer, 422, "invalid");
    expect_flaw(answer, "field", "username", NULL);
}
