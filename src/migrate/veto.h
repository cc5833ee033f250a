/*
 * migrate/veto: what the operator can put right: files, targets, settings.  The program ends with status 3 and nothing
 * was changed.
 */
#ifndef CABINET_MIGRATE_VETO_H
#define CABINET_MIGRATE_VETO_H

#include <cabinet/base.h>

#define cab_veto(err, ...) cab_fail(err, CAB_PROBLEM_INVALID, __VA_ARGS__)

#endif
