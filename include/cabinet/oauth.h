/*
 * oauth: signing in at a provider of identities, by OpenID Connect Core 1.0 over OAuth 2.0 (RFC 6749) with PKCE
 * (RFC 7636).  Talks to providers; knows no account.  What asks a provider may take OAUTH_TIMEOUT: never inside a
 * transaction.
 */
#ifndef CABINET_OAUTH_H
#define CABINET_OAUTH_H

#include <cabinet/auth.h>
#include <cabinet/http.h>
#include <cabinet/net.h>

#define CAB_OAUTH_FLOW_SECONDS 600  /* time that a person has at the provider */
#define CAB_OAUTH_NONCE_SECONDS 300 /* age of a nonce that an ID token may come with */
#define CAB_OAUTH_LEEWAY 60         /* seconds that two clocks may differ */

/* Why a sign-in is refused; one row each in src/oauth/reasons.c.  Zero: it is not. */
enum cab_oauth_reason {
    CAB_OAUTH_OK = 0,
    CAB_OAUTH_PROVIDER_AWAY,     /* or its answer cannot be read */
    CAB_OAUTH_PROVIDER_ERROR,    /* it sent the person back with an error (RFC 6749 section 4.1.2.1) */
    CAB_OAUTH_STATE_MISSING, CAB_OAUTH_STATE_WRONG, CAB_OAUTH_STATE_EXPIRED, CAB_OAUTH_STATE_USED,
    CAB_OAUTH_ISS_WRONG,         /* RFC 9207 */
    CAB_OAUTH_CODE_MISSING, CAB_OAUTH_CODE_REFUSED,
    CAB_OAUTH_TOKEN_MALFORMED, CAB_OAUTH_TOKEN_ALGORITHM, CAB_OAUTH_TOKEN_KEY, CAB_OAUTH_TOKEN_SIGNATURE,
    CAB_OAUTH_TOKEN_ISSUER, CAB_OAUTH_TOKEN_AUDIENCE, CAB_OAUTH_TOKEN_EXPIRED, CAB_OAUTH_TOKEN_EARLY,
    CAB_OAUTH_TOKEN_NONCE, CAB_OAUTH_NONCE_EXPIRED, CAB_OAUTH_NONCE_USED,
    CAB_OAUTH_USERINFO_WRONG,    /* of another person than the ID token */
    CAB_OAUTH_EMAIL_MISSING, CAB_OAUTH_EMAIL_UNVERIFIED,
    CAB_OAUTH_ACCOUNT_UNVERIFIED, /* the address has an account that never confirmed it */
    CAB_OAUTH_ACCOUNT_LINKED,    /* the account is linked to another identity of this provider */
    CAB_OAUTH_TOTP_REQUIRED,     /* the account has a second factor */
    CAB_OAUTH_ACCOUNT_SHUT, CAB_OAUTH_NOT_VERIFIED, CAB_OAUTH_REGISTRATION_CLOSED,
    CAB_OAUTH_IDENTITY_TAKEN, CAB_OAUTH_SESSION_ENDED, CAB_OAUTH__MAX
};
/* The word for it, in the audit trail and behind FRONTEND_URL. */
const char *cab_oauth_reason_name(enum cab_oauth_reason reason);
/* Fills err for the client; returns -1. */
int cab_oauth_reason_fail(enum cab_oauth_reason reason, struct cab_err *err);

/* The provider of that name in the settings, below ctx; NULL: none. */
const struct cab_provider *cab_oauth_provider(void *ctx, const struct cab_conf *conf, const char *name);

/* ---- one person's way to the provider and back ----
 *
 * All that is remembered is a cookie of a random seed, the time, and for linking the session that asked; state, nonce
 * and PKCE verifier are authentication codes of it, so they never leave the server before their time.
 */
struct cab_oauth_flow {
    char cookie[160];            /* its value */
    char state[44], nonce[44], verifier[44], challenge[44];
    char hash[65];               /* names the flow where it is noted as used, hex */
    int64_t user_id;             /* who links; 0: somebody signs in */
    char session_id[37];
};
/* caller: who links, or NULL. */
void cab_oauth_flow_make(const struct cab_conf *conf, const char *provider, const struct cab_caller *caller,
                         struct cab_oauth_flow *flow);
/* The flow that cookie (NULL: none) began, if state (NULL: none) is its own. */
enum cab_oauth_reason cab_oauth_flow_read(void *ctx, const struct cab_conf *conf, const char *provider,
                                          const char *cookie, const char *state, struct cab_oauth_flow *flow)
    CAB_MUST_CHECK;

/* ---- a nonce for apps that bring ID tokens of their own ---- */

/* Below ctx; it tells its own time. */
char *cab_oauth_nonce_make(void *ctx, const struct cab_conf *conf);
/* TOKEN_NONCE where it is none of ours, NONCE_EXPIRED; hash as in a flow. */
enum cab_oauth_reason cab_oauth_nonce_read(void *ctx, const struct cab_conf *conf, const char *nonce, char hash[65])
    CAB_MUST_CHECK;

/* ---- what a provider says of itself: OpenID Connect Discovery 1.0 ---- */

struct cab_oauth_metadata {
    const char *authorization_endpoint, *token_endpoint, *jwks_uri;
    const char *userinfo_endpoint; /* or NULL */
    bool takes_basic;              /* the client's secret by Basic, else in the form */
    bool sends_iss;                /* RFC 9207 */
};
/* From a discovery document; texts are below ctx.  -1 where it is not issuer's, or not complete, or names an address
 * that is not safe. */
int cab_oauth_metadata_parse(void *ctx, const char *text, size_t n, const char *issuer,
                             struct cab_oauth_metadata *metadata, struct cab_err *err) CAB_MUST_CHECK;

/* ---- keys: JWKS (RFC 7517), of which RSA for RS256 and P-256 for ES256 are taken ---- */

struct cab_oauth_keys;
/* Other keys are passed over; -1 where it is no JWKS. */
int cab_oauth_keys_parse(void *ctx, const char *text, size_t n, struct cab_oauth_keys **keys_out, struct cab_err *err)
    CAB_MUST_CHECK;
int cab_oauth_keys_count(const struct cab_oauth_keys *keys);

/* ---- ID tokens (OpenID Connect Core 1.0 sections 2 and 3.1.3.7) ---- */

struct cab_oauth_claims {
    const char *subject;
    const char *nonce;             /* or NULL */
    const char *email;             /* or NULL */
    bool is_email_verified;
    const char *names[4];          /* what the person is called, NULL-ended */
};
struct cab_oauth_expected {
    const struct cab_provider *provider;
    const char *nonce;             /* NULL: the caller looks at the claim */
    bool is_native;                /* the audience may be an app's */
    int64_t now;                   /* seconds of the epoch */
};
/* Claims of a token that is whole, signed by one of keys with RS256 or ES256, for us, and of now; below ctx. */
enum cab_oauth_reason cab_oauth_token_verify(void *ctx, const char *token, size_t n, const struct cab_oauth_keys *keys,
                                             const struct cab_oauth_expected *expected,
                                             struct cab_oauth_claims *claims) CAB_MUST_CHECK;
/* Adds what an answer of the UserInfo endpoint (section 5.3) tells; USERINFO_WRONG where it is of somebody else. */
enum cab_oauth_reason cab_oauth_userinfo_parse(void *ctx, const char *text, size_t n, struct cab_oauth_claims *claims)
    CAB_MUST_CHECK;

/* ---- asking the provider; what it says of itself is kept for an hour ---- */

/* Address to send the browser to, appended to url. */
enum cab_oauth_reason cab_oauth_authorize_url(void *ctx, const struct cab_conf *conf,
                                              const struct cab_provider *provider, const struct cab_oauth_flow *flow,
                                              struct cab_buf *url) CAB_MUST_CHECK;
/* What the browser brought back: iss may be NULL. */
enum cab_oauth_reason cab_oauth_check_iss(const struct cab_conf *conf, const struct cab_provider *provider,
                                          const char *iss) CAB_MUST_CHECK;
/* Exchanges the code for an ID token, verifies it, and asks the UserInfo endpoint where it tells no e-mail address. */
enum cab_oauth_reason cab_oauth_exchange(void *ctx, const struct cab_conf *conf, const struct cab_provider *provider,
                                         const struct cab_oauth_flow *flow, const char *code,
                                         struct cab_oauth_claims *claims) CAB_MUST_CHECK;
/* Verifies the ID token that an app brought, except for its nonce. */
enum cab_oauth_reason cab_oauth_native(void *ctx, const struct cab_conf *conf, const struct cab_provider *provider,
                                       const char *token, size_t n, struct cab_oauth_claims *claims) CAB_MUST_CHECK;

#endif
