/*
 * What the files of auth share among themselves.
 */
#ifndef CABINET_AUTH_INTERNAL_H
#define CABINET_AUTH_INTERNAL_H

/* Lower-case, ended by NULL; made from common_passwords.txt by the build. */
extern const char *const cab_common_passwords[];

#endif
