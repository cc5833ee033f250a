/*
 * Mail to a server, and what its answer means for the mail.
 */
#include <string.h>

#include "mail/internal.h"

/* A refusal for good (RFC 5321 section 4.2.1) speaks of this mail, unless it is of us: 530, 534, 535 and 538 are
 * about logging in, 521 and 554 at the greeting about the connection. */
static enum cab_mail_outcome judge(const struct cab_net_reply *reply) {
    bool is_login = reply->code == 530 || reply->code == 534 || reply->code == 535 || reply->code == 538;
    if (reply->is_sent)
        return CAB_MAIL_SENT;
    if (reply->code >= 500 && !is_login && reply->is_of_mail)
        return CAB_MAIL_REFUSED;
    if (reply->code >= 400 && reply->code < 500 && reply->is_of_mail)
        return CAB_MAIL_LATER;
    return CAB_MAIL_AWAY;
}

enum cab_mail_outcome cab_smtp_send(struct cab_net *net, struct cab_mail_out *mail) {
    const struct cab_conf *conf = mail->conf;
    char *from = cab_mail_address(NULL, conf->mail_from);
    struct cab_net_reply reply;

    cab_net_send(net, &(struct cab_net_mail){ .url = conf->mail_smtp_url,
                                              .tls = conf->mail_smtp_tls,
                                              .user = conf->mail_smtp_user,
                                              .password = conf->mail_smtp_password,
                                              .ca_file = conf->mail_smtp_ca_file,
                                              .timeout_s = (int)conf->mail_timeout,
                                              .from = from,
                                              .to = mail->recipient,
                                              .text = mail->text,
                                              .should_stop = mail->should_stop }, &reply);
    cab_mem_free(from);
    memcpy(mail->why, reply.why, sizeof mail->why);
    return judge(&reply);
}
