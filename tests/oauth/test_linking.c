/* Identities that people link to their accounts and take off again. */
#include "walk.h"

#include <string.h>

static struct person *confirmed(void) {
    struct person *person = someone();
    sql(fmt("UPDATE users SET is_verified = true WHERE id = %ld", person->id));
    return person;
}

static struct answer *ask_link(const struct person *person, const char *body) {
    return ASK(.method = "POST", .path = "/api/v1/auth/oauth/corp/link", .token = person->token, .body = body,
               .headers = { fmt("X-Request-Id: %s", unique("oauthlink")) });
}

/* Through the provider, up to the callback. */
static struct walk link_walk(const struct person *person) {
    struct walk walk = { .provider = "corp", .jar = fmt("/tmp/cabinet-oauth-link-%s", unique("j")) };
    struct answer *answer = ask_link(person, "{\"password\":\"" PASSWORD "\"}");
    expect(answer, 200);
    walk.set_cookie = header(answer, "Set-Cookie");
    walk.cookie = fmt("Cookie: %.*s", (int)strcspn(walk.set_cookie, ";"), walk.set_cookie);
    walk_on(&walk, text(answer, "/authorize_url"));
    return walk;
}

static void expect_linked(const struct answer *answer) {
    expect(answer, 303);
    cr_assert_str_eq(header(answer, "Location"),
                     fmt("%s/oauth?provider=corp&result=linked", environment("CABINET_TEST_FRONTEND")));
    cr_assert(strstr(answer->head, "refresh_token=") == NULL); /* nobody is signed in by it */
}

static void expect_not_linked(const struct answer *answer, const char *reason, const char *before) {
    expect(answer, 303);
    cr_assert_str_eq(header(answer, "Location"),
                     fmt("%s/oauth?provider=corp&error=%s", environment("CABINET_TEST_FRONTEND"), reason));
    cr_assert_eq(recorded(answer, "identity_linked", fmt("NOT success AND after->>'reason' = '%s'", reason)), 1);
    cr_assert_str_eq(picture(), before);
}

Test(linking, then_signing_in_then_taking_it_off) {
    struct person *person = confirmed();
    next_is_new(); /* another address than the account's */
    struct walk walk = link_walk(person);
    struct answer *answer = come_back(&walk);
    expect_linked(answer);
    cr_assert_eq(recorded(answer, "identity_linked", fmt("success AND user_id = %ld AND actor_id = %ld", person->id,
                                                         person->id)), 1);
    walk = walk_to("corp");
    cr_assert_eq(number(whoami(&walk, come_back(&walk)), "/id"), person->id);

    struct answer *list = get("/api/v1/auth/identities", person->token);
    expect(list, 200);
    cr_assert_eq(count(list, "/items"), 1);
    cr_assert_str_eq(text(list, "/items/0/provider"), "corp");
    struct answer *export = get("/api/v1/users/me/export", person->token);
    cr_assert_eq(count(export, "/identities"), 1);
    const char *path = fmt("/api/v1/auth/identities/%ld", number(list, "/items/0/id"));
    expect_problem(drop(path, someone()->token), 404, "not_found"); /* it is nobody else's */
    answer = drop(path, person->token);
    expect(answer, 204);
    cr_assert_eq(recorded(answer, "identity_unlinked", fmt("success AND user_id = %ld", person->id)), 1);
    expect_problem(drop(path, person->token), 404, "not_found");
    cr_assert_eq(count(get("/api/v1/auth/identities", person->token), "/items"), 0);
}

Test(linking, the_last_way_to_sign_in_stays) {
    next_is_new();
    struct walk walk = walk_to("corp");
    struct answer *tokens = come_back(&walk);
    whoami(&walk, tokens);
    const char *at = strstr(tokens->head, "refresh_token=");
    struct answer *fresh = ASK(.method = "POST", .path = "/api/v1/auth/refresh",
                               .headers = { fmt("Cookie: %.*s", (int)strcspn(at, ";"), at) });
    expect(fresh, 200);
    const char *token = text(fresh, "/access_token");
    struct answer *list = get("/api/v1/auth/identities", token);
    const char *path = fmt("/api/v1/auth/identities/%ld", number(list, "/items/0/id"));
    expect_problem(drop(path, token), 409, "last_sign_in");
    cr_assert_eq(count(get("/api/v1/auth/identities", token), "/items"), 1);
}

Test(linking, asks_for_the_password_and_a_confirmed_address) {
    struct person *person = someone();
    struct answer *answer = ask_link(person, NULL);
    expect_problem(answer, 422, "invalid");
    expect_flaw(answer, "field", "password", "required");
    answer = ask_link(person, "{\"password\":\"not the password\"}");
    expect_flaw(answer, "field", "password", "wrong_password");
    cr_assert_eq(recorded(answer, "identity_linked", "NOT success"), 1);
    expect_problem(ask_link(person, "{\"password\":\"" PASSWORD "\"}"), 403, "not_verified");
    expect_problem(post("/api/v1/auth/oauth/corp/link", NULL, NULL), 401, "unauthenticated");
}

Test(linking, an_identity_belongs_to_one_account) {
    next_is_new();
    struct walk walk = walk_to("corp");
    expect_signed_in(come_back(&walk), "corp"); /* somebody's own */
    struct person *person = confirmed();
    walk = link_walk(person);
    const char *before = picture();
    expect_not_linked(come_back(&walk), "identity_taken", before);
}

Test(linking, only_while_the_session_stands) {
    struct person *person = confirmed();
    next_is_new();
    struct walk walk = link_walk(person);
    expect(post("/api/v1/auth/logout", person->token, NULL), 204);
    const char *before = picture();
    expect_not_linked(come_back(&walk), "session_ended", before);
}

Test(linking, by_an_apps_token) {
    struct person *person = confirmed();
    struct answer *nonce = post("/api/v1/auth/oauth/nonce", NULL, NULL);
    const char *token = signed_token(fmt("{\"sub\":\"%s\",\"nonce\":\"%s\"}", unique("n"), text(nonce, "/nonce")),
                                     NULL);
    const char *body = fmt("{\"provider\":\"corp\",\"id_token\":\"%s\",\"password\":\"" PASSWORD "\"}", token);
    expect(post("/api/v1/auth/identities", person->token, body), 200);
    expect_problem(post("/api/v1/auth/identities", person->token, body), 401, "oauth_refused"); /* nonce_used */
    cr_assert_eq(count(get("/api/v1/auth/identities", person->token), "/items"), 1);
}
