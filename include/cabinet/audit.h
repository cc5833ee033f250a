/*
 * audit: events written by the code, in the transaction of what they record.  Row changes are recorded by triggers.
 */
#ifndef CABINET_AUDIT_H
#define CABINET_AUDIT_H

#include <cabinet/route.h>

/* The actions of events, as stored; one row each in src/audit/actions.c. */
enum cab_action {
    CAB_ACTION_LOGIN = 1, CAB_ACTION_LOGIN_FAILED, CAB_ACTION_LOGOUT, CAB_ACTION_REGISTER, CAB_ACTION_PASSWORD_CHANGE,
    CAB_ACTION_REFRESH_REUSE, CAB_ACTION_SESSION_REVOKED, CAB_ACTION__MAX
};
const char *cab_action_name(enum cab_action action);

/* Queues the INSERT of one event; user_id (decimal text or NULL) is the person concerned, detail a JSON text or NULL. */
int cab_audit_add(struct cab_call *call, struct cab_pipe *pipe, enum cab_action action, const char *user_id,
                  bool success, const char *detail);

/* GET /admin/audit-logs */
int cab_audit_list(struct cab_call *call, struct cab_err *err);

#endif
