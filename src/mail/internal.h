/*
 * What the files of mail share among themselves.
 */
#ifndef CABINET_MAIL_INTERNAL_H
#define CABINET_MAIL_INTERNAL_H

#include <cabinet/mail.h>
#include <cabinet/net.h>

/* A value that templates name. */
struct cab_mail_value { const char *name, *value; };

/*
 * Appends text with each {{name}} replaced by its value (escaped where is_html); what stands between {{#name}} and
 * {{/name}} stays where there is a value, between {{^name}} and {{/name}} where there is none.  INTERNAL for a name
 * that is not in values, which a row without a name ends.
 */
int cab_mail_fill(const char *text, const struct cab_mail_value *values, bool is_html, struct cab_buf *out,
                  struct cab_err *err) CAB_MUST_CHECK;

/* Lines "Name: value", the value encoded where it is not ASCII (RFC 2047); it cannot end its line. */
void cab_mail_header(struct cab_buf *out, const char *name, const char *value);
/* The same for an address with a name before it or not. */
void cab_mail_header_sender(struct cab_buf *out, const char *name, const char *sender);
/* Quoted-printable (RFC 2045), lines ended by CR LF. */
void cab_mail_quote(struct cab_buf *out, const char *text, size_t n);
/* The address alone of `address` or `Name <address>`, below ctx. */
char *cab_mail_address(void *ctx, const char *sender);

/* What became of an attempt to send. */
enum cab_mail_outcome {
    CAB_MAIL_SENT = 1,
    CAB_MAIL_LATER,     /* this mail could not be sent now */
    CAB_MAIL_AWAY,      /* no mail can be sent now */
    CAB_MAIL_REFUSED    /* the server will not have it */
};

struct cab_mail_out {
    const struct cab_conf *conf;
    const char *name;       /* of the file, without .eml */
    const char *recipient;
    const struct cab_buf *text;
    bool (*should_stop)(void);
    char why[256];          /* what went wrong, without addresses */
};

/* One connection is kept for the mails of a run. */
enum cab_mail_outcome cab_smtp_send(struct cab_net *net, struct cab_mail_out *mail);

enum cab_mail_outcome cab_mail_to_folder(struct cab_mail_out *mail);

#endif
