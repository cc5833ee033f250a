/*
 * walk: somebody's way to the provider and back, as a browser goes it.  Beside what client.h needs:
 *
 *   CABINET_TEST_OIDC, CABINET_TEST_OIDC_OTHER, CABINET_TEST_OIDC_TLS   addresses of tests/oauth/provider.mjs
 *   CABINET_TEST_FRONTEND   FRONTEND_URL of the instance, "" where it has none
 */
#ifndef TESTS_OAUTH_WALK_H
#define TESTS_OAUTH_WALK_H

#include "../api/client.h"

/* Who comes next at the providers: subject and claims as JSON text. */
void next_is(const char *subject, const char *claims);
/* The same with a new subject and an address of its own; returns the address. */
const char *next_is_new(void);
const char *subject_of(const char *email);
/* What is wrong with the tokens that the providers make from now on; NULL: nothing. */
void spoil(const char *fault);
/* An ID token of the first provider with those claims beside its own, and that fault or NULL. */
const char *signed_token(const char *claims, const char *fault);
/* How often the providers were asked for path. */
long asked(const char *path);

/* One attempt: its cookies, and where the provider sent the browser back to. */
struct walk {
    const char *provider, *jar;
    const char *cookie;      /* "Cookie: oauth_state=…" */
    const char *set_cookie;  /* the whole header */
    const char *back;        /* path and query of the callback, or a form where it is posted */
    bool is_form;
};
/* From .../authorize to the callback, which is not asked yet. */
struct walk walk_to(const char *provider);
/* The same from an address at the provider, with a jar that holds the cookie. */
void walk_on(struct walk *walk, const char *url);
/* Asks the callback, with a request id that the audit trail can be searched for. */
struct answer *come_back(const struct walk *walk);
struct answer *come_back_to(const struct walk *walk, const char *path, const char *cookie);
/* Value of a parameter of back, decoded as far as codes and states need it. */
const char *back_value(const struct walk *walk, const char *name);
const char *without(const char *url, const char *name);

/* Everything that a refusal must leave as it is: accounts, identities, sessions, as one text. */
const char *picture(void);
/* The refusal: its answer, its one line in the audit trail, and nothing else changed since before. */
void expect_refused(const struct answer *answer, const char *provider, const char *reason, const char *before);
/* The account that came in by the last walk, by its refresh cookie. */
struct answer *whoami(const struct walk *walk, const struct answer *answer);
void expect_signed_in(const struct answer *answer, const char *provider);
/* Rows of the audit trail of that request. */
long recorded(const struct answer *answer, const char *action, const char *where);

#endif
