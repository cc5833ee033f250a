/*
 * What the files of account share among themselves.
 */
#ifndef CABINET_ACCOUNT_INTERNAL_H
#define CABINET_ACCOUNT_INTERNAL_H

#include <cabinet/account.h>
#include <cabinet/audit.h>
#include <cabinet/mail.h>
#include <cabinet/oauth.h>

/* Queues a statement with n values (const char *, NULL is SQL NULL), kept below ctx. */
int cab_account_queue(const void *ctx, struct cab_pipe *pipe, enum cab_shape shape, const char *sql, int n, ...);

const struct cab_table *cab_account_users(const struct cab_call *call);

/* UNKNOWN_PARAMETER where the query has any. */
int cab_account_no_params(struct cab_call *call, struct cab_err *err) CAB_MUST_CHECK;

/* ---- bodies ---- */

/* The body as a JSON object; object_out stays NULL for an empty body where may_be_empty. */
int cab_account_body(struct cab_call *call, bool may_be_empty, const struct cab_json **object_out, struct cab_err *err)
    CAB_MUST_CHECK;

/* A text member of a small body. */
struct cab_account_field {
    const char *name;
    bool is_required, is_ignored;
    const char *value;
    size_t length;
};
/* Fills fields, ended by a row without a name, from object; a flaw for each unknown, missing or ill-typed member. */
int cab_account_fields(struct cab_call *call, const struct cab_json *object, struct cab_account_field *fields,
                       struct cab_err *err) CAB_MUST_CHECK;
/* The same from pairs of a form. */
int cab_account_form(struct cab_call *call, const struct cab_pair *pairs, int n_pairs, struct cab_account_field *fields,
                     struct cab_err *err) CAB_MUST_CHECK;

/* Text of a string member; NULL where it is absent or something else. */
const char *cab_account_text(const struct cab_json *object, const char *name, size_t *length_out);

/* Asks for the caller's password again, before what only the person may do.  Where the field's value is not the
 * password, INVALID with a flaw of that field, and action is recorded as failed.  hash_out is what it was compared
 * with; cab_account_queue_unchanged proves in the transaction of the work that it still is the password. */
int cab_account_password_again(struct cab_call *call, const struct cab_account_field *field, enum cab_action action,
                               const char **hash_out, struct cab_err *err) CAB_MUST_CHECK;
/* Queues a lock on the account and that check, as the first statements behind the guard. */
void cab_account_queue_unchanged(struct cab_call *call, struct cab_pipe *pipe, const char *user_id, const char *hash);

/* Makes the detail of err fit its flaws; -1 where it has any. */
int cab_account_settle(struct cab_err *err) CAB_MUST_CHECK;

/* ---- what an e-mail address and a username must be: a flaw where they are not ---- */

int cab_account_check_email(void *ctx, const char *email, struct cab_err *err);
int cab_account_check_address(void *ctx, const char *field, const char *email, struct cab_err *err);
int cab_account_check_username(void *ctx, const char *username, struct cab_err *err);
/* username in normal form NFKC, by the server where it has other than ASCII characters. */
int cab_account_normalize(void *ctx, struct cab_db *db, const char *username, const char **normal_out,
                          struct cab_err *err) CAB_MUST_CHECK;

/* ---- how often somebody may try; see throttle.c ---- */

enum cab_account_throttle {
    CAB_THROTTLE_LOGIN = 1,      /* tries with one name from one address; a success forgets them */
    CAB_THROTTLE_LOGIN_ADDRESS,  /* failures from one address */
    CAB_THROTTLE_LOGIN_DEVICE,   /* tries of a known device while its account is guessed at from elsewhere */
    CAB_THROTTLE_PASSWORD,       /* the password again, by user */
    CAB_THROTTLE_REGISTER,       /* accounts made from one address */
    CAB_THROTTLE_MAIL,           /* mails asked for from one address */
    CAB_THROTTLE__MAX
};
/* THROTTLED with retry_after where the quota is used up.  is_try: takes one of it; otherwise only looks.  who is whom
 * the kind counts besides the address, or NULL. */
int cab_account_throttle(struct cab_call *call, enum cab_account_throttle kind, const char *who, bool is_try,
                         struct cab_err *err) CAB_MUST_CHECK;
void cab_account_throttle_forget(struct cab_call *call, enum cab_account_throttle kind, const char *who);

struct cab_account_try {
    const char *name; /* as the database compares it */
    char code[65];    /* of the name, under the service's key; hex */
    int wait_s;       /* 0, or what cab_account_login_may says to who is not on a known device */
};
/* Before a login: THROTTLED where this address has used up its tries, and the device is none that we know. */
int cab_account_login_try(struct cab_call *call, const char *name, struct cab_account_try *try, struct cab_err *err)
    CAB_MUST_CHECK;
/* THROTTLED where so many failures from everywhere are too many, and neither address nor device is known.  user_id is
 * NULL where the name has no account. */
int cab_account_login_may(struct cab_call *call, const struct cab_account_try *try, const char *user_id,
                          int64_t failures, bool is_known_address, struct cab_err *err) CAB_MUST_CHECK;
/* Forgets the tries, and makes the device known. */
void cab_account_login_succeeded(struct cab_call *call, const struct cab_account_try *try, const char *user_id);
/* Counts a failure, here and in the database. */
void cab_account_login_failed(struct cab_call *call, struct cab_pipe *pipe, const struct cab_account_try *try);

/* The cookie of a device from which the user logged in before, or NULL. */
const char *cab_account_device(struct cab_call *call, const char *user_id);
/* Sets that cookie. */
void cab_account_remember_device(struct cab_call *call, const char *user_id);

/* ---- the second factor ---- */

/* Of an account that has one. */
struct cab_account_totp {
    const char *seed; /* hex */
    int64_t last_step, now;
};
/* Queues that the code, of the device or for recovery, is used up; the pipeline fails with TOKEN_INVALID where it was
 * used or is none.  -1 where it cannot be one, and nothing is queued. */
int cab_account_totp_queue(struct cab_call *call, struct cab_pipe *pipe, const char *user_id,
                           const struct cab_account_totp *totp, const char *code) CAB_MUST_CHECK;

/* ---- tokens ---- */

struct cab_account_grant {
    int64_t user_id, counter, lasts; /* lasts: seconds the session lasts if nothing happens */
    const char *session_id;
    bool is_admin;
    const char *deletion_scheduled_for; /* or NULL */
};
/* Queues a new session of a user, in place of the oldest one too many. */
void cab_account_open_session(struct cab_call *call, struct cab_pipe *pipe, const char *user_id,
                              const char *session_id);
/* Seconds that a new session lasts if nothing happens. */
int64_t cab_account_session_lasts(const struct cab_conf *conf);
/* The refresh token as a cookie alone. */
void cab_account_refresh_cookie(struct cab_call *call, const struct cab_account_grant *grant);
/* The attribute that keeps a cookie to TLS, or "" on one's own machine. */
const char *cab_account_secure(const struct cab_call *call);
/* Answers 200 with new tokens, and the cookie. */
int cab_account_answer_tokens(struct cab_call *call, const struct cab_account_grant *grant, struct cab_err *err)
    CAB_MUST_CHECK;
#define CAB_REFRESH_COOKIE "refresh_token"
void cab_account_clear_cookie(struct cab_call *call);
/* A cookie for the paths below path, out of reach of scripts; age in seconds. */
void cab_account_set_cookie(struct cab_call *call, const char *name, const char *value, int64_t age, const char *path);
/* FORBIDDEN where a request that carries its rights in a cookie was sent by another site. */
int cab_account_check_origin(const struct cab_call *call, struct cab_err *err) CAB_MUST_CHECK;

/* ---- one-time tokens by mail ---- */

/* Whose a token is. */
struct cab_account_holder {
    char hash[65];
    const char *user_id, *email, *username;
    const char *sent_to;    /* address the token was sent to */
    const char *session_id; /* that asked for it, or NULL */
};
/* Reads the body {token, …}: fields begin with the token. */
int cab_account_token_body(struct cab_call *call, struct cab_account_field *fields, struct cab_err *err) CAB_MUST_CHECK;
/* TOKEN_INVALID, the same for all reasons and audited, where text is no token of kind that could be used now. */
int cab_account_token_find(struct cab_call *call, enum cab_mail_kind kind, const char *text,
                           struct cab_account_holder *holder, struct cab_err *err) CAB_MUST_CHECK;
/* Queues that the token is used up, as the first statement behind the guard: it fails where it was used meanwhile. */
void cab_account_token_consume(struct cab_call *call, struct cab_pipe *pipe, enum cab_mail_kind kind,
                               const struct cab_account_holder *holder);
/* Runs the pipeline of a call that uses a token up. */
int cab_account_token_run(struct cab_call *call, enum cab_mail_kind kind, struct cab_err *err) CAB_MUST_CHECK;

/* Refuses a token of that kind, and records it. */
int cab_account_token_refuse(struct cab_call *call, enum cab_mail_kind kind, struct cab_err *err) CAB_MUST_CHECK;

/* Queues a token for the account with that address, and its mail. */
void cab_account_token_request(struct cab_call *call, struct cab_pipe *pipe, enum cab_mail_kind kind,
                               const char *email);
/* Queues that kind of token (0: all kinds) of a user ends. */
void cab_account_token_void(struct cab_call *call, struct cab_pipe *pipe, enum cab_mail_kind kind, const char *user_id);
/* Queues a notice to a user; to and email may be NULL. */
void cab_account_mail(struct cab_call *call, struct cab_pipe *pipe, enum cab_mail_kind kind, const char *user_id,
                      const char *to, const char *email);

/* ---- identities at providers ---- */

/* Whom an identity signs in: its account, one that is linked now, or a new one.  In a block that the handler's return
 * ends; grant then is that of a new session.  A refusal is no error: reason_out says it, nothing was changed, and
 * user_id_out is whom it concerns, or NULL. */
int cab_account_identity_sign_in(struct cab_call *call, const struct cab_provider *provider,
                                 const struct cab_oauth_claims *claims, struct cab_account_grant *grant,
                                 enum cab_oauth_reason *reason_out, const char **user_id_out, struct cab_err *err)
    CAB_MUST_CHECK;
/* Links an identity to a user, while the session stands that wanted it; the same way. */
int cab_account_identity_link(struct cab_call *call, const struct cab_provider *provider,
                              const struct cab_oauth_claims *claims, const char *user_id, const char *session_id,
                              enum cab_oauth_reason *reason_out, struct cab_err *err) CAB_MUST_CHECK;
/* Records a refusal, with a word of the provider's or NULL; whatever the block has done is dropped. */
int cab_account_oauth_record(struct cab_call *call, enum cab_action action, const char *provider, const char *user_id,
                             enum cab_oauth_reason reason, const char *word, struct cab_err *err) CAB_MUST_CHECK;
/* The same, and fills err for the client.  Returns -1. */
int cab_account_oauth_refuse(struct cab_call *call, enum cab_action action, const char *provider, const char *user_id,
                             enum cab_oauth_reason reason, struct cab_err *err) CAB_MUST_CHECK;
/* Notes an attempt as used; reason_out is used where it was. */
int cab_account_oauth_use(struct cab_call *call, const char *hash, int64_t seconds, enum cab_oauth_reason used,
                          enum cab_oauth_reason *reason_out, struct cab_err *err) CAB_MUST_CHECK;
/* The cookie of an attempt. */
void cab_account_oauth_cookie(struct cab_call *call, const struct cab_provider *provider, const char *value);
#define CAB_OAUTH_COOKIE "oauth_state"
/* The answer that tells a program where to send its person. */
void cab_account_oauth_way(struct cab_call *call, const char *url);
/* The provider named in the path; NOT_FOUND otherwise. */
int cab_account_oauth_provider(struct cab_call *call, const struct cab_provider **provider_out, struct cab_err *err)
    CAB_MUST_CHECK;
/* The ID token of a body {provider, id_token}: verified, with a nonce of ours that is used up by it.  What was done is
 * kept for the handler's next attempt. */
struct cab_account_native {
    const struct cab_provider *provider;
    struct cab_oauth_claims claims;
    enum cab_oauth_reason reason;
};
int cab_account_oauth_native(struct cab_call *call, const struct cab_account_field *provider,
                             const struct cab_account_field *token, const struct cab_account_native **native_out,
                             struct cab_err *err) CAB_MUST_CHECK;

/* Answers status with {"detail": …}. */
int cab_account_answer_detail(struct cab_call *call, int status, const char *detail);

#endif
