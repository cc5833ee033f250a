/*
 * The actions of events that the code records, one row each.  Actions of rows (row_insert and so on) belong to the
 * triggers.
 */
#include <cabinet/audit.h>

static const struct {
    const char *name, *doc;
} rows[CAB_ACTION__MAX] = {
    [CAB_ACTION_LOGIN] = { "login", "a session was opened with name and password" },
    [CAB_ACTION_LOGIN_FAILED] = { "login_failed", "name and password did not open a session" },
    [CAB_ACTION_LOGOUT] = { "logout", "a session was ended by its owner" },
    [CAB_ACTION_REGISTER] = { "register", "somebody made an account" },
    [CAB_ACTION_PASSWORD_CHANGE] = { "password_change", "a password was changed, or (without success) could not be" },
    [CAB_ACTION_REFRESH_REUSE] = { "refresh_reuse",
                                   "a refresh token that had been replaced was used; its session was ended" },
    [CAB_ACTION_SESSION_REVOKED] = { "session_revoked", "a session was ended from another one or by the operator" },
};

const char *cab_action_name(enum cab_action action) {
    CAB_BUG_ON(action < 1 || action >= CAB_ACTION__MAX || rows[action].name == NULL);
    return rows[action].name;
}

const char *cab_action_doc(enum cab_action action) {
    CAB_BUG_ON(action < 1 || action >= CAB_ACTION__MAX || rows[action].doc == NULL);
    return rows[action].doc;
}
