/* mailbox: mails as housekeeping writes them into the folder of the instance. */
#ifndef TESTS_API_MAILBOX_H
#define TESTS_API_MAILBOX_H

#include "client.h"

/* A small file as text. */
char *file_text(const char *path);
/* The newest mail of kind to recipient, or NULL; how many there are. */
char *find_mail(const char *recipient, const char *kind, int *n_out);
/* The same, waited for. */
char *mail_to(const char *recipient, const char *kind);
/* The code in it. */
const char *code_to(const char *recipient, const char *kind);
/* POST /auth/ROUTE with {"token": code, more}. */
struct answer *use_code(const char *route, const char *code, const char *more);
/* How many mails hold the text. */
int mails_with(const char *text);

#endif
