/*
 * pages: what the service shows to a person's browser.
 */
#ifndef CABINET_DAEMON_PAGES_H
#define CABINET_DAEMON_PAGES_H

#include <cabinet/route.h>

/* GET /problems/{code}: what a problem's code means; the type of each problem points here. */
int cab_page_problem(struct cab_call *call, struct cab_err *err);

#endif
