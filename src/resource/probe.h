/*
 * Which value did the server refuse?  Types that only it can judge name no field in their errors.
 */
#ifndef CABINET_RESOURCE_PROBE_H
#define CABINET_RESOURCE_PROBE_H

#include <cabinet/resource.h>

#include "filter.h"

/* After a failed run: adds a flaw for each value that the server does not take as its type.  Does nothing where err
 * speaks of something else, or already names what is wrong. */
void cab_probe_conditions(struct cab_call *call, const struct cab_condition *condition, struct cab_err *err);
void cab_probe_change(struct cab_call *call, const struct cab_change *change, struct cab_err *err);

#endif
