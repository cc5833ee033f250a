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
    [CAB_ACTION_VERIFICATION_REQUESTED] = { "verification_requested",
                                            "somebody asked for the mail that confirms an address once more" },
    [CAB_ACTION_EMAIL_VERIFIED] = { "email_verified", "an e-mail address was confirmed" },
    [CAB_ACTION_PASSWORD_RESET_REQUESTED] = { "password_reset_requested",
                                              "somebody asked for the mail that resets a password" },
    [CAB_ACTION_PASSWORD_RESET] = { "password_reset", "a password was set by a mailed token; all sessions ended" },
    [CAB_ACTION_EMAIL_CHANGE_REQUESTED] = { "email_change_requested",
                                            "a new address was asked for, or (without success) not granted" },
    [CAB_ACTION_EMAIL_CHANGED] = { "email_changed", "a new e-mail address was confirmed" },
    [CAB_ACTION_TOKEN_REFUSED] = { "token_refused", "a mailed token was wrong, used or expired" },
    [CAB_ACTION_API_KEY_CREATED] = { "api_key_created", "an API key was made, or (without success) could not be" },
    [CAB_ACTION_API_KEY_ROTATED] = { "api_key_rotated", "an API key was replaced, or (without success) could not be" },
    [CAB_ACTION_API_KEY_REVOKED] = { "api_key_revoked", "an API key was taken back by its owner or the operator" },
    [CAB_ACTION_INVITATION_SENT] = { "invitation_sent", "somebody was invited to make an account" },
    [CAB_ACTION_TOTP_ENABLED] = { "totp_enabled",
                                  "logging in takes a code from now on, or (without success) password or code were "
                                  "wrong" },
    [CAB_ACTION_TOTP_DISABLED] = { "totp_disabled",
                                   "logging in takes no code any more, or (without success) the password was wrong" },
    [CAB_ACTION_RECOVERY_CODES_MADE] = { "recovery_codes_made",
                                         "recovery codes were replaced, or (without success) the password was wrong" },
    [CAB_ACTION_DELETION_REQUESTED] = { "deletion_requested", "somebody asked for the deletion of their account" },
    [CAB_ACTION_DELETION_CONFIRMED] = { "deletion_confirmed", "the deletion was confirmed and scheduled" },
    [CAB_ACTION_DELETION_CANCELLED] = { "deletion_cancelled", "the scheduled deletion was cancelled" },
    [CAB_ACTION_DELETION_DONE] = { "deletion_done",
                                   "the account was moved to the trash; without success: it was the last superuser's" },
    [CAB_ACTION_DELETION_PURGED] = { "deletion_purged",
                                     "the person was forgotten; a pseudonym stands for them in the trail" },
    [CAB_ACTION_DATA_EXPORTED] = { "data_exported", "somebody downloaded all data held about them" },
    [CAB_ACTION_OAUTH_LOGIN] = { "oauth_login",
                                 "an identity at a provider opened a session, or (without success) did not; the reason "
                                 "stands in after" },
    [CAB_ACTION_IDENTITY_LINKED] = { "identity_linked",
                                     "an identity at a provider was linked to an account, or (without success) not" },
    [CAB_ACTION_IDENTITY_UNLINKED] = { "identity_unlinked", "an identity was taken off an account" },
};

const char *cab_action_name(enum cab_action action) {
    CAB_BUG_ON(action < 1 || action >= CAB_ACTION__MAX || rows[action].name == NULL);
    return rows[action].name;
}

const char *cab_action_doc(enum cab_action action) {
    CAB_BUG_ON(action < 1 || action >= CAB_ACTION__MAX || rows[action].doc == NULL);
    return rows[action].doc;
}
