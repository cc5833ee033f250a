/* Apps that bring ID tokens of their own. */
#include "walk.h"

#include <string.h>

#define LOGIN "/api/v1/auth/oauth/login"

static const char *nonce(void) {
    struct answer *answer = post("/api/v1/auth/oauth/nonce", NULL, NULL);
    expect(answer, 200);
    cr_assert_eq(number(answer, "/expires_in"), 300);
    return text(answer, "/nonce");
}

static struct answer *bring(const char *provider, const char *token) {
    return ASK(.method = "POST", .path = LOGIN, .headers = { fmt("X-Request-Id: %s", unique("oauthapp")) },
               .body = fmt("{\"provider\":\"%s\",\"id_token\":\"%s\"}", provider, token));
}

static const char *claims(const char *name, const char *nonce_text) {
    return fmt("{\"sub\":\"%s\",\"nonce\":\"%s\",\"email\":\"%s@example.net\",\"email_verified\":true,"
               "\"name\":\"%s\"}", name, nonce_text, name, name);
}

/* A token out of a real flow, as an app goes it, with the nonce of the service. */
Test(native, a_token_that_an_app_got_at_the_provider) {
    static const char verifier[] = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
                      challenge[] = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"; /* RFC 7636 appendix B */
    const char *home = environment("CABINET_TEST_OIDC"), *email = next_is_new(), *back = NULL;
    char jar[] = "/tmp/cabinet-oauth-app-XXXXXX";
    cr_assert(mkstemp(jar) >= 0);
    const char *url = fmt("%s/auth?response_type=code&client_id=app&redirect_uri=http%%3A%%2F%%2F127.0.0.1%%2Fapp"
                          "&scope=openid%%20email&state=s&nonce=%s&code_challenge=%s&code_challenge_method=S256", home,
                          nonce(), challenge);
    for (int i = 0; i < 6 && back == NULL; i++) {
        struct answer *answer = ASK(.method = "GET", .path = url, .cookies = jar);
        url = header(answer, "Location");
        cr_assert_not_null(url, "%d %s", answer->status, answer->body);
        if (url[0] == '/')
            url = fmt("%s%s", home, url);
        if (strncmp(url, "http://127.0.0.1/app?", 21) == 0)
            back = url;
    }
    cr_assert_not_null(back, "%s", url);
    struct walk parts = { .back = back };
    struct answer *tokens = ASK(.method = "POST", .path = fmt("%s/token", home),
                                .type = "application/x-www-form-urlencoded",
                                .body = fmt("grant_type=authorization_code&client_id=app&code=%s&code_verifier=%s"
                                            "&redirect_uri=http%%3A%%2F%%2F127.0.0.1%%2Fapp",
                                            back_value(&parts, "code"), verifier));
    expect(tokens, 200);
    const char *before = picture();
    /* this provider keeps e-mail addresses to its UserInfo endpoint, which is not the app's business here */
    expect_refused(bring("corp", text(tokens, "/id_token")), "corp", "email_missing", before);
    struct answer *answer = bring("corp", signed_token(claims(subject_of(email), nonce()), NULL));
    expect(answer, 200);
    cr_assert_str_not_empty(text(answer, "/refresh_token"));
    struct answer *me = get("/api/v1/users/me", text(answer, "/access_token"));
    cr_assert_str_eq(text(me, "/email"), email);
}

Test(native, a_nonce_is_ours_and_good_for_one_use) {
    const char *name = unique("n"), *once = nonce(), *token = signed_token(claims(name, once), NULL);
    struct answer *answer = bring("corp", token);
    expect(answer, 200);
    expect_signed_in(answer, "corp");
    const char *before = picture();
    answer = bring("corp", token);
    expect_problem(answer, 401, "oauth_refused");
    expect_refused(answer, "corp", "nonce_used", before);
    expect_refused(bring("corp", signed_token(claims(name, "invented"), NULL)), "corp", "token_nonce", before);
    expect_refused(bring("corp", signed_token(claims(name, nonce()), "no_nonce")), "corp", "token_nonce", before);
}

Test(native, tokens_that_are_wrong_in_one_thing) {
    static const struct {
        const char *fault, *reason;
    } faults[] = {
        { "issuer", "token_issuer" },
        { "audience", "token_audience" },
        { "second_audience", "token_audience" },
        { "none", "token_algorithm" },
        { "hs256", "token_algorithm" },
        { "expired", "token_expired" },
        { "early", "token_early" },
        { "signature", "token_signature" },
        { "unknown_key", "token_key" },
        { "garbage", "token_malformed" },
        { "no_subject", "token_malformed" },
        { "critical", "token_malformed" },
    };
    const char *name = unique("n");
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        const char *before = picture();
        struct answer *answer = bring("corp", signed_token(claims(name, nonce()), faults[i].fault));
        expect_problem(answer, 401, "oauth_refused");
        expect_refused(answer, "corp", faults[i].reason, before);
    }
    /* good at one provider, brought as another's */
    const char *before = picture();
    expect_refused(bring("other", signed_token(claims(name, nonce()), NULL)), "other", "token_issuer", before);
}

Test(native, an_unverified_address_opens_nothing) {
    struct person *person = registered();
    sql(fmt("UPDATE users SET is_verified = true WHERE id = %ld", person->id));
    const char *before = picture();
    const char *token = signed_token(fmt("{\"sub\":\"%s\",\"nonce\":\"%s\",\"email\":\"%s\",\"email_verified\":false}",
                                         unique("n"), nonce(), person->email), NULL);
    struct answer *answer = bring("corp", token);
    expect_problem(answer, 403, "forbidden");
    expect_refused(answer, "corp", "email_unverified", before);
}

Test(native, a_body_that_is_wrong_is_told_what_is) {
    struct answer *answer = bring("nobody", "x");
    expect_problem(answer, 422, "invalid");
    expect_flaw(answer, "field", "provider", "unknown_provider");
    answer = post(LOGIN, NULL, "{\"provider\":\"corp\",\"token\":\"x\"}");
    expect_problem(answer, 422, "invalid");
    expect_flaw(answer, "field", "id_token", "required");
    expect_problem(post(LOGIN, NULL, fmt("{\"provider\":\"corp\",\"id_token\":\"%*s\"}", 30000, "x")), 413,
                   "too_large");
}
