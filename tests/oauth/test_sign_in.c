/* Signing in at a real provider: who gets which account. */
#include "walk.h"

#include <string.h>

Test(sign_in, makes_an_account_once) {
    const char *email = next_is_new();
    struct walk walk = walk_to("corp");
    struct answer *answer = come_back(&walk);
    expect_signed_in(answer, "corp");
    cr_assert_eq(recorded(answer, "register", "success"), 1);
    cr_assert_eq(recorded(answer, "identity_linked", "success"), 1);
    struct answer *me = whoami(&walk, answer);
    cr_assert_str_eq(text(me, "/email"), email);
    cr_assert_str_eq(text(me, "/username"), subject_of(email));
    cr_assert_str_eq(text(me, "/oauth_provider"), "corp");
    cr_assert(flag(me, "/is_verified") && !flag(me, "/is_superuser"));
    expect_problem(login(email, PASSWORD), 401, "bad_credentials");

    walk = walk_to("corp");
    answer = come_back(&walk);
    expect_signed_in(answer, "corp");
    cr_assert_eq(recorded(answer, "register", "true"), 0);
    cr_assert_eq(recorded(answer, "identity_linked", "true"), 0);
    cr_assert_eq(number(whoami(&walk, answer), "/id"), number(me, "/id"));
}

Test(sign_in, a_name_that_is_taken_gets_a_number) {
    struct person *person = registered();
    const char *name = unique("q");
    next_is(name, fmt("{\"email\":\"%s@example.net\",\"email_verified\":true,\"preferred_username\":\" %s\"}", name,
                      person->username));
    struct walk walk = walk_to("corp");
    struct answer *me = whoami(&walk, come_back(&walk));
    const char *got = text(me, "/username");
    cr_assert(strncmp(got, person->username, strlen(person->username)) == 0 && got[strlen(person->username)] == '-',
              "%s", got);
}

Test(sign_in, an_address_never_becomes_a_public_name) {
    const char *name = unique("q");
    next_is(name, fmt("{\"email\":\"%s@example.net\",\"email_verified\":true,"
                      "\"preferred_username\":\"%s@example.net\"}", name, name));
    struct walk walk = walk_to("corp");
    struct answer *me = whoami(&walk, come_back(&walk));
    cr_assert(strncmp(text(me, "/username"), "user-", 5) == 0, "%s", text(me, "/username"));
}

Test(sign_in, links_an_account_that_has_confirmed_the_address) {
    struct person *person = registered();
    sql(fmt("UPDATE users SET is_verified = true WHERE id = %ld", person->id));
    next_is(unique("s"), fmt("{\"email\":\"%s\",\"email_verified\":true}", person->email));
    struct walk walk = walk_to("corp");
    struct answer *answer = come_back(&walk);
    expect_signed_in(answer, "corp");
    cr_assert_eq(recorded(answer, "identity_linked", fmt("success AND user_id = %ld", person->id)), 1);
    cr_assert_eq(number(whoami(&walk, answer), "/id"), person->id);
    cr_assert_str_eq(sql(fmt("SELECT count(*) FROM mail_outbox WHERE user_id = %ld AND kind = 'identity_linked'",
                             person->id)), "1");
    expect(login(person->email, PASSWORD), 200); /* the password stays */
}

Test(sign_in, does_not_give_away_an_account_that_never_confirmed_the_address) {
    struct person *person = registered(); /* perhaps by somebody who waits for the owner of the address */
    next_is(unique("s"), fmt("{\"email\":\"%s\",\"email_verified\":true}", person->email));
    struct walk walk = walk_to("corp");
    const char *before = picture();
    struct answer *answer = come_back(&walk);
    expect_refused(answer, "corp", "account_unverified", before);
    cr_assert_eq(recorded(answer, "oauth_login", fmt("user_id = %ld", person->id)), 1);
}

Test(sign_in, needs_an_address_that_the_provider_has_verified) {
    struct person *person = registered();
    sql(fmt("UPDATE users SET is_verified = true WHERE id = %ld", person->id));
    const char *before = picture();
    next_is(unique("s"), fmt("{\"email\":\"%s\",\"email_verified\":false}", person->email));
    struct walk walk = walk_to("corp");
    expect_refused(come_back(&walk), "corp", "email_unverified", before);
    next_is(unique("s"), fmt("{\"email\":\"%s\"}", person->email));
    walk = walk_to("corp");
    expect_refused(come_back(&walk), "corp", "email_unverified", before);
    next_is(unique("s"), "{\"name\":\"Nobody\"}");
    walk = walk_to("corp");
    expect_refused(come_back(&walk), "corp", "email_missing", before);
}

Test(sign_in, an_address_that_changed_hands_at_the_provider_opens_nothing) {
    const char *email = next_is_new();
    struct walk walk = walk_to("corp");
    expect_signed_in(come_back(&walk), "corp");
    next_is(unique("heir"), fmt("{\"email\":\"%s\",\"email_verified\":true}", email));
    walk = walk_to("corp");
    const char *before = picture();
    expect_refused(come_back(&walk), "corp", "account_linked", before);
}

Test(sign_in, an_account_that_is_shut_stays_shut) {
    const char *email = next_is_new();
    struct walk walk = walk_to("corp");
    struct answer *me = whoami(&walk, come_back(&walk));
    sql(fmt("UPDATE users SET banned_at = now() WHERE id = %ld", number(me, "/id")));
    walk = walk_to("corp");
    const char *before = picture();
    expect_refused(come_back(&walk), "corp", "account_shut", before);
    sql(fmt("UPDATE users SET banned_at = NULL, deleted_at = now() WHERE id = %ld", number(me, "/id")));
    walk = walk_to("corp"); /* in the trash: the address and the identity are free again */
    struct answer *again = whoami(&walk, come_back(&walk));
    cr_assert_neq(number(again, "/id"), number(me, "/id"));
    cr_assert_str_eq(text(again, "/email"), email);
}

Test(sign_in, by_es256_without_a_secret) {
    const char *email = next_is_new();
    struct walk walk = walk_to("es");
    struct answer *answer = come_back(&walk);
    expect_signed_in(answer, "es");
    cr_assert_str_eq(text(whoami(&walk, answer), "/email"), email);
}

Test(sign_in, by_a_form_that_apple_has_posted) {
    const char *email = next_is_new();
    struct walk walk = walk_to("apple");
    cr_assert(walk.is_form, "%s", walk.back);
    cr_assert(strstr(walk.set_cookie, "; SameSite=None; Secure") != NULL, "%s", walk.set_cookie);
    struct answer *answer = come_back(&walk);
    expect_signed_in(answer, "apple");
    cr_assert_str_eq(text(whoami(&walk, answer), "/email"), email);
}

Test(sign_in, over_tls_with_a_certificate_that_the_settings_name) {
    next_is_new();
    struct walk walk = walk_to("tls");
    expect_signed_in(come_back(&walk), "tls");
}

Test(sign_in, the_cookie_is_for_the_callback_alone) {
    next_is_new();
    struct walk walk = walk_to("corp");
    cr_assert(strstr(walk.set_cookie, "; Path=/api/v1/auth/oauth/corp/callback; HttpOnly; SameSite=Lax") != NULL, "%s",
              walk.set_cookie);
    cr_assert(strstr(walk.set_cookie, "; Max-Age=600;") != NULL);
}

Test(sign_in, lists_the_providers) {
    struct answer *answer = get("/api/v1/auth/oauth/providers", NULL);
    expect(answer, 200);
    cr_assert_str_eq(text(answer, "/items/0/name"), "corp");
    cr_assert_str_eq(text(answer, "/items/0/authorize_url"),
                     fmt("%s/api/v1/auth/oauth/corp/authorize", environment("CABINET_TEST_URL")));
    expect_problem(get("/api/v1/auth/oauth/nobody/authorize", NULL), 404, "not_found");
    expect_problem(get("/api/v1/auth/oauth/nobody/callback?code=x&state=y", NULL), 404, "not_found");
}

Test(sign_in, tells_a_program_the_way) {
    struct answer *answer = ASK(.method = "GET", .path = "/api/v1/auth/oauth/corp/authorize",
                                .headers = { "Accept: application/json" });
    expect(answer, 200);
    cr_assert(strstr(text(answer, "/authorize_url"), "code_challenge_method=S256") != NULL);
    cr_assert_eq(number(answer, "/expires_in"), 600);
    cr_assert_not_null(header(answer, "Set-Cookie"));
    cr_assert_null(header(answer, "Location"));
    cr_assert_str_eq(header(answer, "Cache-Control"), "no-store");
}

Test(sign_in, goes_nowhere_but_to_the_frontend) {
    expect_problem(get("/api/v1/auth/oauth/corp/authorize?return_to=https://evil.example", NULL), 400,
                   "unknown_parameter");
    next_is_new();
    struct walk walk = walk_to("corp");
    walk.back = fmt("%s&redirect_uri=https://evil.example&return_to=//evil.example", walk.back);
    struct answer *answer = come_back(&walk);
    expect_signed_in(answer, "corp");
    cr_assert(strstr(answer->head, "evil") == NULL);
}
