/* What must not sign anybody in: each is refused with a line of its own in the audit trail, and changes nothing. */
#include "walk.h"

#include <string.h>

static struct walk ready(void) {
    next_is_new();
    return walk_to("corp");
}

Test(refusals, of_the_state) {
    struct walk walk = ready(), other = ready();
    const char *before = picture(), *bare = without(walk.back, "state");
    expect_refused(come_back_to(&walk, walk.back, NULL), "corp", "state_missing", before);
    expect_refused(come_back_to(&walk, walk.back, other.cookie), "corp", "state_wrong", before);
    expect_refused(come_back_to(&walk, fmt("%s&state=%s", bare, back_value(&other, "state")), walk.cookie), "corp",
                   "state_wrong", before);
    expect_refused(come_back_to(&walk, bare, walk.cookie), "corp", "state_wrong", before);
    expect_refused(come_back_to(&walk, walk.back, "Cookie: oauth_state=AAAA"), "corp", "state_wrong", before);
    /* a cookie of one provider is nothing at another */
    char *there = fmt("/api/v1/auth/oauth/es/callback%s", strchr(walk.back, '?'));
    expect_refused(come_back_to(&walk, there, walk.cookie), "es", "state_wrong", before);
    expect_signed_in(come_back(&walk), "corp"); /* and the attempt itself was good */
}

Test(refusals, of_a_second_use) {
    struct walk walk = ready();
    expect_signed_in(come_back(&walk), "corp");
    const char *before = picture();
    expect_refused(come_back(&walk), "corp", "state_used", before);
    /* the code in an attempt of one's own */
    struct walk own = ready();
    before = picture();
    char *back = fmt("%s&code=%s", without(own.back, "code"), back_value(&walk, "code"));
    expect_refused(come_back_to(&own, back, own.cookie), "corp", "code_refused", before);
}

Test(refusals, of_somebody_elses_code) {
    struct walk victim = ready(), thief = ready();
    const char *before = picture();
    char *back = fmt("%s&code=%s", without(thief.back, "code"), back_value(&victim, "code"));
    expect_refused(come_back_to(&thief, back, thief.cookie), "corp", "code_refused", before); /* PKCE */
}

Test(refusals, of_an_answer_from_another_provider) {
    struct walk walk = ready();
    const char *before = picture(), *bare = without(walk.back, "iss");
    expect_refused(come_back_to(&walk, fmt("%s&iss=https%%3A%%2F%%2Fevil.example", bare), walk.cookie), "corp",
                   "iss_wrong", before);
    walk = ready();
    expect_refused(come_back_to(&walk, without(walk.back, "iss"), walk.cookie), "corp", "iss_wrong", before);
}

Test(refusals, of_an_answer_without_a_code) {
    struct walk walk = ready();
    const char *before = picture();
    expect_refused(come_back_to(&walk, without(walk.back, "code"), walk.cookie), "corp", "code_missing", before);
    ASK(.method = "POST", .path = fmt("%s/control/nobody", environment("CABINET_TEST_OIDC")), .body = "{}");
    walk = walk_to("corp");
    struct answer *answer = come_back(&walk);
    expect_refused(answer, "corp", "provider_error", before);
    cr_assert_eq(recorded(answer, "oauth_login", "after->>'error' = 'access_denied'"), 1);
    walk = walk_to("corp");
    walk.back = fmt("%s&error=<script>", without(walk.back, "error"));
    answer = come_back(&walk);
    expect_refused(answer, "corp", "provider_error", before);
    cr_assert_eq(recorded(answer, "oauth_login", "after->>'error' = 'other'"), 1);
}

Test(refusals, of_a_query_that_says_a_thing_twice) {
    struct walk walk = ready();
    expect_problem(come_back_to(&walk, fmt("%s&code=x", walk.back), walk.cookie), 400, "malformed_request");
}

static const struct {
    const char *fault, *reason;
} faults[] = {
    { "nonce", "token_nonce" },
    { "no_nonce", "token_nonce" },
    { "issuer", "token_issuer" },
    { "audience", "token_audience" },
    { "second_audience", "token_audience" },
    { "authorized_party", "token_audience" },
    { "none", "token_algorithm" },
    { "none_with_kid", "token_algorithm" },
    { "hs256", "token_algorithm" },
    { "rs512", "token_algorithm" },
    { "expired", "token_expired" },
    { "early", "token_early" },
    { "not_before", "token_early" },
    { "no_expiry", "token_malformed" },
    { "no_subject", "token_malformed" },
    { "signature", "token_signature" },
    { "access_token_type", "token_malformed" },
    { "critical", "token_malformed" },
    { "garbage", "token_malformed" },
    { "unknown_key", "token_key" },
};

Test(refusals, of_tokens_that_are_wrong_in_one_thing) {
    struct walk walk = ready();
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        const char *before = picture();
        walk = walk_to("corp");
        spoil(faults[i].fault);
        struct answer *answer = come_back(&walk);
        spoil(NULL);
        expect_refused(answer, "corp", faults[i].reason, before);
    }
    walk = walk_to("corp");
    expect_signed_in(come_back(&walk), "corp");
}

Test(refusals, of_userinfo_about_somebody_else) {
    struct walk walk = ready();
    const char *before = picture();
    spoil("userinfo_subject");
    struct answer *answer = come_back(&walk);
    spoil(NULL);
    expect_refused(answer, "corp", "userinfo_wrong", before);
}

Test(refusals, leave_no_secret_in_logs_or_trail) {
    struct walk walk = ready();
    const char *code = back_value(&walk, "code"), *state = back_value(&walk, "state");
    expect_signed_in(come_back(&walk), "corp");
    come_back(&walk);
    cr_assert_not(logged(code));
    cr_assert_not(logged(state));
    cr_assert_not(logged(walk.cookie + strlen("Cookie: oauth_state=")));
    cr_assert_not(logged("a+secret/with"));
    cr_assert_str_eq(sql(fmt("SELECT count(*) FROM audit_logs WHERE after::text LIKE '%%%s%%'", code)), "0");
}

/* ---- providers that do not answer as they should ---- */

Test(refusals, of_a_provider_that_is_away) {
    static const char *const names[] = { "down", "moved", "endless", "silent" };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct answer *answer = get(fmt("/api/v1/auth/oauth/%s/authorize", names[i]), NULL);
        expect_problem(answer, 503, "unavailable");
        cr_assert_not_null(header(answer, "Retry-After"));
        cr_assert(answer->seconds < 4, "%s took %f s", names[i], answer->seconds); /* OAUTH_TIMEOUT is 2 here */
    }
}

/* ---- keys ---- */

Test(refusals, a_key_that_is_new_is_asked_for_once_and_one_that_is_not_there_seldom) {
    next_is_new();
    struct walk walk = walk_to("other");
    expect_signed_in(come_back(&walk), "other");
    spoil("fresh_key");
    walk = walk_to("other");
    struct answer *answer = come_back(&walk);
    spoil(NULL);
    expect_signed_in(answer, "other");
    long before = asked("/jwks");
    for (int i = 0; i < 12; i++) {
        walk = walk_to("other");
        spoil("unknown_key");
        come_back(&walk);
        spoil(NULL);
    }
    long workers = atol(environment("CABINET_TEST_AUTH_WORKERS"));
    cr_assert(asked("/jwks") - before <= 2 * workers, "asked %ld times", asked("/jwks") - before);
}
