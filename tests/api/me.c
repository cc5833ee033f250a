/* me: GET, PUT and PATCH /api/v1/users/me. */
#include "client.h"

#include <string.h>

#define ME "/api/v1/users/me"

Test(me, shows_the_own_account) {
    struct person *person = someone();
    struct answer *answer = get(ME, person->token);
    expect(answer, 200);
    cr_assert_eq(number(answer, "/id"), person->id);
    cr_assert_str_eq(text(answer, "/email"), person->email);
    cr_assert_str_eq(text(answer, "/username"), person->username);
    cr_assert_eq(flag(answer, "/is_superuser"), false);
    cr_assert_not_null(header(answer, "ETag"));
    cr_assert(strstr(header(answer, "Content-Type"), "application/json") != NULL);
}

Test(me, needs_a_token) {
    struct answer *answer = get(ME, NULL);
    expect_problem(answer, 401, "unauthenticated");
    cr_assert(strstr(header(answer, "WWW-Authenticate"), "Bearer") != NULL);
}

Test(me, refuses_broken_tokens) {
    struct person *person = someone();
    char *tampered = strdup(person->token);
    tampered[strlen(tampered) - 3] ^= 1;
    struct answer *answer = get(ME, tampered);
    expect_problem(answer, 401, "unauthenticated");
    cr_assert(strstr(header(answer, "WWW-Authenticate"), "invalid_token") != NULL);
    expect_problem(get(ME, "x"), 401, "unauthenticated");
    expect_problem(get(ME, "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."), 401, "unauthenticated");
    expect_problem(ASK(.method = "GET", .path = ME, .headers = { fmt("Authorization: Basic %s", "dTpw") }), 401,
                   "unauthenticated");
    expect_problem(get(ME, person->refresh), 401, "unauthenticated");
}

Test(me, put_merges) {
    struct person *person = someone();
    const char *name = unique("new");
    struct answer *answer = put(ME, person->token, fmt("{\"username\":\"%s\"}", name));
    expect(answer, 200);
    cr_assert_str_eq(text(answer, "/username"), name);
    cr_assert_str_eq(text(answer, "/email"), person->email);
    cr_assert_str_eq(text(get(ME, person->token), "/username"), name);
}

Test(me, patch_merges) {
    struct person *person = someone();
    const char *name = unique("new");
    struct answer *answer = ASK(.method = "PATCH", .path = ME, .token = person->token,
                                .type = "application/merge-patch+json", .body = fmt("{\"username\":\"%s\"}", name));
    expect(answer, 200);
    cr_assert_str_eq(text(answer, "/username"), name);
}

Test(me, an_empty_change_changes_nothing) {
    struct person *person = someone();
    const char *tag = header(get(ME, person->token), "ETag");
    struct answer *answer = patch(ME, person->token, "{}");
    expect(answer, 200);
    cr_assert_str_eq(header(answer, "ETag"), tag);
}

Test(me, refuses_a_taken_username) {
    struct person *person = someone(), *other = registered();
    struct answer *answer = put(ME, person->token, fmt("{\"username\":\"%s\"}", other->username));
    expect_problem(answer, 409, "conflict");
    expect_flaw(answer, "field", "username", NULL);
}

Test(me, sends_email_changes_elsewhere) {
    struct person *person = someone();
    struct answer *answer = put(ME, person->token, fmt("{\"email\":\"%s@example.org\"}", unique("x")));
    expect_problem(answer, 422, "use_change_email");
}

Test(me, refuses_an_invalid_username) {
    struct person *person = someone();
    expect_flaw(put(ME, person->token, "{\"username\":\"x\"}"), "field", "username", NULL);
    expect_flaw(put(ME, person->token, "{\"username\":null}"), "field", "username", NULL);
    expect_flaw(put(ME, person->token, "{\"username\":7}"), "field", "username", NULL);
}

Test(me, lists_all_faults_with_suggestions) {
    struct person *person = someone();
    struct answer *answer =
        put(ME, person->token, "{\"usrname\":\"abcdef\",\"id\":1,\"is_superuser\":true,\"is_verified\":true}");
    expect_problem(answer, 422, "invalid");
    expect_flaw(answer, "field", "usrname", "unknown");
    expect_flaw(answer, "field", "id", "read_only");
    expect_flaw(answer, "field", "is_superuser", "read_only");
    expect_flaw(answer, "field", "is_verified", "read_only");
    cr_assert(strstr(answer->body, "username") != NULL);
}

Test(me, answers_304_to_the_same_etag) {
    struct person *person = someone();
    const char *tag = header(get(ME, person->token), "ETag");
    struct answer *answer =
        ASK(.method = "GET", .path = ME, .token = person->token, .headers = { fmt("If-None-Match: %s", tag) });
    expect(answer, 304);
    cr_assert_eq(answer->size, 0);
    cr_assert_str_eq(header(answer, "ETag"), tag);
    put(ME, person->token, fmt("{\"username\":\"%s\"}", unique("new")));
    answer = ASK(.method = "GET", .path = ME, .token = person->token, .headers = { fmt("If-None-Match: %s", tag) });
    expect(answer, 200);
}

Test(me, honours_if_match_weak_or_strong) {
    struct person *person = someone();
    const char *tag = header(get(ME, person->token), "ETag");
    struct answer *answer =
        ASK(.method = "PUT", .path = ME, .token = person->token, .headers = { fmt("If-Match: W/%s", tag) },
            .body = fmt("{\"username\":\"%s\"}", unique("one")));
    expect(answer, 200);
    const char *next = header(answer, "ETag");
    cr_assert_str_neq(next, tag);
    answer = ASK(.method = "PUT", .path = ME, .token = person->token, .headers = { fmt("If-Match: %s", tag) },
                 .body = fmt("{\"username\":\"%s\"}", unique("two")));
    expect_problem(answer, 412, "precondition_failed");
    answer = ASK(.method = "PUT", .path = ME, .token = person->token, .headers = { fmt("If-Match: %s", next) },
                 .body = fmt("{\"username\":\"%s\"}", unique("three")));
    expect(answer, 200);
}

Test(me, is_recorded_with_actor_and_request) {
    struct person *person = someone();
    struct answer *answer = put(ME, person->token, fmt("{\"username\":\"%s\"}", unique("new")));
    expect(answer, 200);
    cr_assert_str_eq(sql(fmt("SELECT actor_id || ' ' || host(ip) || ' ' || (before->>'username') || ' ' || "
                             "(after->>'username')"
                             " FROM public.audit_logs WHERE action = 'row_update' AND request_id = '%s'",
                             header(answer, "X-Request-Id"))),
                     fmt("%ld 127.0.0.1 %s %s", person->id, person->username, text(answer, "/username")));
}

Test(me, has_no_delete) {
    struct person *person = someone();
    struct answer *answer = drop(ME, person->token);
    cr_assert(answer->status == 405 || answer->status == 403 || answer->status == 404, "%d", answer->status);
    expect(get(ME, person->token), 200);
}
