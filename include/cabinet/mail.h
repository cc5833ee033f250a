/*
 * mail: what is told by mail.  A mail is a row of mail_outbox, written in the transaction of what causes it; the
 * housekeeping process makes it from templates and sends it, through an SMTP server or into a folder.
 */
#ifndef CABINET_MAIL_H
#define CABINET_MAIL_H

#include <cabinet/conf.h>
#include <cabinet/db.h>

/* The kinds, one row each in src/mail/kinds.c; the first have a one-time token of the same name. */
enum cab_mail_kind {
    CAB_MAIL_VERIFY_EMAIL = 1, /* to a new account */
    CAB_MAIL_RESET_PASSWORD,
    CAB_MAIL_CHANGE_EMAIL,     /* to the new address */
    CAB_MAIL_CONFIRM_DELETION,
    CAB_MAIL_INVITATION,       /* to who has no account yet */
    CAB_MAIL_ACCOUNT_EXISTS,   /* somebody used the address of an account to make one, or as a new address */
    CAB_MAIL_PASSWORD_CHANGED,
    CAB_MAIL_API_KEY_CREATED, CAB_MAIL_TOTP_ENABLED, CAB_MAIL_TOTP_DISABLED,
    CAB_MAIL_IDENTITY_LINKED, CAB_MAIL_IDENTITY_UNLINKED,
    CAB_MAIL_EMAIL_CHANGE_REQUESTED, /* to the old address */
    CAB_MAIL_EMAIL_CHANGED,    /* to both */
    CAB_MAIL_DELETION_SCHEDULED, CAB_MAIL_DELETION_CANCELLED, CAB_MAIL_DELETION_REMINDER, CAB_MAIL_DELETION_DONE,
    CAB_MAIL__MAX
};
/* As stored, and the name of its templates. */
const char *cab_mail_kind_name(enum cab_mail_kind kind);
/* Page below FRONTEND_URL that takes its token, or NULL. */
const char *cab_mail_kind_page(enum cab_mail_kind kind);
/* 0 where there is none of that name. */
enum cab_mail_kind cab_mail_kind_find(const char *name);

/* ---- one-time tokens: HMAC of a random seed, so that nothing in the database is a token or can be made one ---- */

struct cab_mail_token {
    char seed[65];   /* 256 random bits, hex; kept until the mail is sent */
    char hash[65];   /* SHA-256 of the token, hex; kept until it is used */
};
void cab_mail_token_make(const struct cab_conf *conf, struct cab_mail_token *token);
/* Hash of a token as somebody sent it. */
void cab_mail_token_hash(const char *token, char hash[65]);
/* The token of seed whose hash that is, under either key; NULL where there is none. */
char *cab_mail_token_text(void *ctx, const struct cab_conf *conf, const char *seed, const char *hash);

/* ---- sending ---- */

/* What the templates may tell; NULL where unknown. */
struct cab_mail_facts {
    const char *kind, *recipient, *message, *date; /* message: a UUID; date: as in a mail's header */
    const char *username, *email, *when, *days, *token;
};
/* The mail as RFC 5322 has it, lines ended by CR LF, below ctx. */
int cab_mail_render(void *ctx, const struct cab_conf *conf, const struct cab_mail_facts *facts, struct cab_buf *out,
                    struct cab_err *err) CAB_MUST_CHECK;

/* Sends what is due until nothing is, or should_stop() says so (asked while waiting for the server, too); a server
 * that cannot be reached ends the run.  How many went out is added to sent_out. */
int cab_mail_send_due(struct cab_db *db, const struct cab_conf *conf, void *ctx, bool (*should_stop)(void),
                      int64_t *sent_out, struct cab_err *err) CAB_MUST_CHECK;

#endif
