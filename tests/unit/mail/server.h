/*
 * A real SMTP server (aiosmtpd) beside a test, and the outbox of the migrated database for the test alone.
 */
#ifndef TESTS_MAIL_SERVER_H
#define TESTS_MAIL_SERVER_H

#include "unit/account/stand.h"

#include <cabinet/mail.h>
#include <sys/types.h>

struct server {
    pid_t pid;
    int port;
    const char *folder; /* of messages it took */
    const char *cert;   /* with its key */
};

/* A stand whose outbox is empty, and stays the test's own until its connection closes. */
void stand_open_outbox(struct stand *stand);
/* Starts it; options are further arguments, NULL-ended.  port 0: any. */
struct server server_start(struct stand *stand, int port, const char *const *options);
#define OPTIONS(...) ((const char *const[]){ __VA_ARGS__ __VA_OPT__(,) NULL })
void server_end(struct server *server, int signal);
/* A certificate for localhost with its key, in a file. */
const char *make_certificate(struct stand *stand);

/* How many messages the server took for recipient; the last one's text in text_out, where that is not NULL. */
int taken(struct stand *stand, const struct server *server, const char *recipient, const char **text_out);
/* A folder of its own. */
const char *make_folder(struct stand *stand);
/* All of a file. */
const char *file_text(struct stand *stand, const char *path);

/* Writes a mail; returns its number. */
const char *write_mail(struct stand *stand, const char *kind, const char *recipient);
/* Sends what is due; how many went out. */
int64_t send_due(struct stand *stand);
const char *status_of(struct stand *stand, const char *id);

#endif
