/*
 * audit: events written by the code, in the transaction of what they record.  Row changes are recorded by triggers.
 */
#ifndef CABINET_AUDIT_H
#define CABINET_AUDIT_H

#include <cabinet/route.h>

/* The actions of events, as stored; one row each in src/audit/actions.c. */
enum cab_action {
    CAB_ACTION_LOGIN = 1, CAB_ACTION_LOGIN_FAILED, CAB_ACTION_LOGOUT, CAB_ACTION_REGISTER, CAB_ACTION_PASSWORD_CHANGE,
    CAB_ACTION_REFRESH_REUSE, CAB_ACTION_SESSION_REVOKED,
    CAB_ACTION_VERIFICATION_REQUESTED, CAB_ACTION_EMAIL_VERIFIED, CAB_ACTION_PASSWORD_RESET_REQUESTED,
    CAB_ACTION_PASSWORD_RESET, CAB_ACTION_EMAIL_CHANGE_REQUESTED, CAB_ACTION_EMAIL_CHANGED, CAB_ACTION_TOKEN_REFUSED,
    CAB_ACTION_API_KEY_CREATED, CAB_ACTION_API_KEY_ROTATED, CAB_ACTION_API_KEY_REVOKED,
    CAB_ACTION_INVITATION_SENT, CAB_ACTION_TOTP_ENABLED, CAB_ACTION_TOTP_DISABLED, CAB_ACTION_RECOVERY_CODES_MADE,
    CAB_ACTION_DELETION_REQUESTED, CAB_ACTION_DELETION_CONFIRMED, CAB_ACTION_DELETION_CANCELLED,
    CAB_ACTION_DELETION_DONE, CAB_ACTION_DELETION_PURGED, CAB_ACTION_DATA_EXPORTED,
    CAB_ACTION_OAUTH_LOGIN, CAB_ACTION_IDENTITY_LINKED, CAB_ACTION_IDENTITY_UNLINKED, CAB_ACTION__MAX
};
const char *cab_action_name(enum cab_action action);
/* What it means, one line; for the manual and the API's description. */
const char *cab_action_doc(enum cab_action action);

/* One event, for programs without a call.  Texts are NULL where unknown. */
struct cab_event {
    enum cab_action action;
    const char *user_id;     /* the person concerned, decimal text */
    const char *actor_id;    /* who did it */
    const char *only_session; /* recorded only while user_id has this session */
    const char *detail;      /* JSON */
    const char *ip, *user_agent, *request_id;
    bool success;
};

/* Queues the INSERT of one event; what event points to must live until the pipeline has run.  Returns its index. */
int cab_audit_event_add(void *ctx, struct cab_pipe *pipe, const struct cab_event *event);

/* Queues the INSERT of one event of a request; user_id (decimal text or NULL) is the person concerned, detail a JSON
 * text or NULL.  The actor is the caller; where nobody is signed in, the person concerned if it succeeded. */
int cab_audit_add(struct cab_call *call, struct cab_pipe *pipe, enum cab_action action, const char *user_id,
                  bool success, const char *detail);
/* The same, recorded only while the caller has that session (the statement that ends it comes after). */
int cab_audit_add_session(struct cab_call *call, struct cab_pipe *pipe, enum cab_action action, const char *session_id);
/* The same for an account that an earlier statement of pipe made, found by its e-mail address. */
int cab_audit_add_email(struct cab_call *call, struct cab_pipe *pipe, enum cab_action action, const char *email);
/* The same for somebody who gave an e-mail address and proved nothing; it never succeeds where there is no account. */
int cab_audit_add_address(struct cab_call *call, struct cab_pipe *pipe, enum cab_action action, const char *email,
                          bool success);

/* What may be stored of a request's sender: NULL where it is no address, or not text. */
const char *cab_audit_ip(const struct cab_request *request);
const char *cab_audit_user_agent(const struct cab_request *request);

/* GET /admin/audit-logs */
int cab_audit_list(struct cab_call *call, struct cab_err *err);

#endif
