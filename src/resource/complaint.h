/*
 * Collects all that is wrong with a request's parameters or body, so that one answer tells it all.  The status is that
 * of the gravest: 400 before 403 before 422.
 */
#ifndef CABINET_RESOURCE_COMPLAINT_H
#define CABINET_RESOURCE_COMPLAINT_H

#include <cabinet/base.h>

struct cab_complaints {
    const void *mem;         /* the request's */
    struct cab_err *err;
    enum cab_problem worst;  /* NONE: nothing is wrong */
    const char *detail;      /* of the first of the worst */
    int n;
};

void cab_complaints_init(struct cab_complaints *complaints, const void *mem, struct cab_err *err);
void cab_complain(struct cab_complaints *complaints, enum cab_problem problem, enum cab_place place, const char *name,
                  const char *code, const char *fmt, ...) CAB_PRINTF(6, 7);
/* 0 where there were none; otherwise err is complete and -1 is returned. */
int cab_complaints_settle(struct cab_complaints *complaints) CAB_MUST_CHECK;

#endif
