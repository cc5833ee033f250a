/*
 * Why a sign-in at a provider is refused: the word, what the client gets, and what a person can do.
 */
#include "oauth/internal.h"

static const struct {
    const char *name;
    enum cab_problem problem;
    const char *detail;
} rows[CAB_OAUTH__MAX] = {
    [CAB_OAUTH_PROVIDER_AWAY] = { "provider_away", CAB_PROBLEM_UNAVAILABLE,
                                  "The provider does not answer as it should. Try again later." },
    [CAB_OAUTH_PROVIDER_ERROR] = { "provider_error", CAB_PROBLEM_OAUTH_REFUSED,
                                   "The provider did not sign you in. Start again." },
    [CAB_OAUTH_STATE_MISSING] = { "state_missing", CAB_PROBLEM_OAUTH_REFUSED,
                                  "This browser has not begun to sign in, or takes no cookies. Start again." },
    [CAB_OAUTH_STATE_WRONG] = { "state_wrong", CAB_PROBLEM_OAUTH_REFUSED,
                                "The answer belongs to another attempt to sign in. Start again." },
    [CAB_OAUTH_STATE_EXPIRED] = { "state_expired", CAB_PROBLEM_OAUTH_REFUSED,
                                  "Signing in took longer than ten minutes. Start again." },
    [CAB_OAUTH_STATE_USED] = { "state_used", CAB_PROBLEM_OAUTH_REFUSED,
                               "This attempt to sign in is over. Start again." },
    [CAB_OAUTH_ISS_WRONG] = { "iss_wrong", CAB_PROBLEM_OAUTH_REFUSED,
                              "The answer is not from the provider that was asked. Start again." },
    [CAB_OAUTH_CODE_MISSING] = { "code_missing", CAB_PROBLEM_OAUTH_REFUSED,
                                 "The provider's answer has no code. Start again." },
    [CAB_OAUTH_CODE_REFUSED] = { "code_refused", CAB_PROBLEM_OAUTH_REFUSED,
                                 "The provider does not take its code back: it is used, expired or not ours. "
                                 "Start again." },
    [CAB_OAUTH_TOKEN_MALFORMED] = { "token_malformed", CAB_PROBLEM_OAUTH_REFUSED, "The ID token cannot be read." },
    [CAB_OAUTH_TOKEN_ALGORITHM] = { "token_algorithm", CAB_PROBLEM_OAUTH_REFUSED,
                                    "The ID token must be signed with RS256 or ES256." },
    [CAB_OAUTH_TOKEN_KEY] = { "token_key", CAB_PROBLEM_OAUTH_REFUSED,
                              "The ID token is signed with a key that the provider does not name." },
    [CAB_OAUTH_TOKEN_SIGNATURE] = { "token_signature", CAB_PROBLEM_OAUTH_REFUSED,
                                    "The signature of the ID token is wrong." },
    [CAB_OAUTH_TOKEN_ISSUER] = { "token_issuer", CAB_PROBLEM_OAUTH_REFUSED,
                                 "The ID token is from another provider." },
    [CAB_OAUTH_TOKEN_AUDIENCE] = { "token_audience", CAB_PROBLEM_OAUTH_REFUSED,
                                   "The ID token is for another service." },
    [CAB_OAUTH_TOKEN_EXPIRED] = { "token_expired", CAB_PROBLEM_OAUTH_REFUSED, "The ID token has expired." },
    [CAB_OAUTH_TOKEN_EARLY] = { "token_early", CAB_PROBLEM_OAUTH_REFUSED, "The ID token is not valid yet." },
    [CAB_OAUTH_TOKEN_NONCE] = { "token_nonce", CAB_PROBLEM_OAUTH_REFUSED,
                                "The ID token belongs to another attempt to sign in: its nonce is not the one that "
                                "was given out." },
    [CAB_OAUTH_NONCE_EXPIRED] = { "nonce_expired", CAB_PROBLEM_OAUTH_REFUSED,
                                  "The nonce of the ID token is older than five minutes. Ask for a new one." },
    [CAB_OAUTH_NONCE_USED] = { "nonce_used", CAB_PROBLEM_OAUTH_REFUSED,
                               "The nonce of the ID token was used before. Ask for a new one." },
    [CAB_OAUTH_USERINFO_WRONG] = { "userinfo_wrong", CAB_PROBLEM_OAUTH_REFUSED,
                                   "The provider told of somebody else than its ID token." },
    [CAB_OAUTH_EMAIL_MISSING] = { "email_missing", CAB_PROBLEM_FORBIDDEN,
                                  "The provider does not tell your e-mail address; an account here needs one." },
    [CAB_OAUTH_EMAIL_UNVERIFIED] = { "email_unverified", CAB_PROBLEM_FORBIDDEN,
                                     "The provider has not verified your e-mail address. Confirm it there first." },
    [CAB_OAUTH_ACCOUNT_UNVERIFIED] = { "account_unverified", CAB_PROBLEM_OAUTH_LINK_NEEDED,
                                       "There is an account with your e-mail address that never confirmed it. Confirm "
                                       "the address or set a new password by mail, then sign in again." },
    [CAB_OAUTH_ACCOUNT_LINKED] = { "account_linked", CAB_PROBLEM_OAUTH_LINK_NEEDED,
                                   "The account with your e-mail address is linked to another identity of this "
                                   "provider. Sign in with that one or with a password." },
    [CAB_OAUTH_ACCOUNT_SHUT] = { "account_shut", CAB_PROBLEM_OAUTH_REFUSED,
                                 "This account may not sign in." },
    [CAB_OAUTH_TOTP_REQUIRED] = { "totp_required", CAB_PROBLEM_TOTP_REQUIRED,
                                  "The account has a second factor. Log in with name, password and code." },
    [CAB_OAUTH_NOT_VERIFIED] = { "not_verified", CAB_PROBLEM_NOT_VERIFIED,
                                 "Confirm the e-mail address of the account before signing in." },
    [CAB_OAUTH_REGISTRATION_CLOSED] = { "registration_closed", CAB_PROBLEM_FORBIDDEN,
                                        "There is no account with your e-mail address, and none can be made here." },
    [CAB_OAUTH_IDENTITY_TAKEN] = { "identity_taken", CAB_PROBLEM_CONFLICT,
                                   "This identity is linked already, to another account or beside another of the same "
                                   "provider." },
    [CAB_OAUTH_SESSION_ENDED] = { "session_ended", CAB_PROBLEM_OAUTH_REFUSED,
                                  "The session that wanted to link has ended. Log in and start again." },
};

const char *cab_oauth_reason_name(enum cab_oauth_reason reason) {
    CAB_BUG_ON(reason < 1 || reason >= CAB_OAUTH__MAX || rows[reason].name == NULL);
    return rows[reason].name;
}

int cab_oauth_reason_fail(enum cab_oauth_reason reason, struct cab_err *err) {
    CAB_BUG_ON(reason < 1 || reason >= CAB_OAUTH__MAX || rows[reason].name == NULL);
    if (reason == CAB_OAUTH_PROVIDER_AWAY)
        err->retry_after = 10;
    return cab_fail(err, rows[reason].problem, "%s", rows[reason].detail);
}
