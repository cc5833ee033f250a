/*
 * net: what this host asks of others: documents by HTTP, mail by SMTP.  The only layer that knows libcurl.
 *
 * Nothing is asked of a proxy, redirects are not followed, TLS is 1.2 or later and certificates are checked.
 */
#ifndef CABINET_NET_H
#define CABINET_NET_H

#include <cabinet/base.h>

/* Keeps connections between requests. */
struct cab_net;
struct cab_net *cab_net_make(void *ctx);

/* ---- HTTP ---- */

struct cab_net_request {
    const char *url;               /* see cab_url_is_safe */
    const char *form;              /* body of a POST (application/x-www-form-urlencoded); NULL: a GET */
    const char *user, *password;   /* Basic (RFC 7617), or NULL */
    const char *bearer;            /* token of RFC 6750, or NULL */
    const char *ca_file;           /* certificates to trust; NULL: those of the system */
    int timeout_s;                 /* of the whole exchange */
    size_t most;                   /* bytes of the answer; a longer one is a failure */
    bool may_be_local;             /* loopback and link-local addresses too, whatever the name resolves to */
};
/* 0 with the answer's status and body (body is initialised here, below ctx); -1 UNAVAILABLE, err->internal says why. */
int cab_net_fetch(struct cab_net *net, void *ctx, const struct cab_net_request *request, int *status_out,
                  struct cab_buf *body, struct cab_err *err) CAB_MUST_CHECK;

/* ---- SMTP (RFC 5321) ---- */

struct cab_net_mail {
    const char *url;               /* smtp:// or smtps:// */
    const char *tls;               /* STARTTLS: require, try or off */
    const char *user, *password;   /* or NULL */
    const char *ca_file;
    int timeout_s;
    const char *from, *to;         /* addresses, without brackets */
    const struct cab_buf *text;
    bool (*should_stop)(void);     /* asked about each second; NULL: never */
};
struct cab_net_reply {
    bool is_sent;
    int code;                      /* of the server's last reply, 0: none */
    bool is_of_mail;               /* the reply speaks of sender, recipient or text, not of the connection */
    char why[256];                 /* what went wrong, without addresses */
};
void cab_net_send(struct cab_net *net, const struct cab_net_mail *mail, struct cab_net_reply *reply);

#endif
