/*
 * Tables whose rows have code of their own behind their paths (accounts): what writes many rows at once leaves them
 * alone, since that code would not run.
 */
#ifndef CABINET_RESOURCE_SPECIAL_H
#define CABINET_RESOURCE_SPECIAL_H

#include <cabinet/route.h>

bool cab_special(const struct cab_table *table);
/* FORBIDDEN for such a table. */
int cab_special_refuse(const struct cab_table *table, struct cab_err *err) CAB_MUST_CHECK;

#endif
