/*
 * What the files of auth share among themselves.
 */
#ifndef CABINET_AUTH_INTERNAL_H
#define CABINET_AUTH_INTERNAL_H

#include <cabinet/auth.h>

/* Whether n bytes of a new password are one of the common ones (in any case, or one character over and over), or one
 * that stands in the file of breached ones. */
bool cab_password_is_common(const struct cab_conf *conf, const char *password, size_t n);
bool cab_password_is_breached(const struct cab_conf *conf, const char *password, size_t n);

/* Lower-case, ended by NULL; made from common_passwords.txt by the build. */
extern const char *const cab_common_passwords[];

#endif
