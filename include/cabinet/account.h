/*
 * account: register, login, sessions and profiles, on top of auth and resource; and the same from C without HTTP.
 */
#ifndef CABINET_ACCOUNT_H
#define CABINET_ACCOUNT_H

#include <cabinet/route.h>

/* ---- for C programs: what the tutorial does in code ---- */

struct cab_user {
    int64_t id;
    const char *email, *username;
    bool is_verified, is_superuser;
    const char *date_created;   /* RFC 3339, UTC */
};

struct cab_new_user {
    const char *email, *username, *password;
    bool is_verified, is_superuser;
};

/* Creates an account; user_out is below ctx.  INVALID with flaws, CONFLICT naming the field. */
int cab_user_create(void *ctx, struct cab_db *db, const struct cab_conf *conf, const struct cab_new_user *new_user,
                    struct cab_user **user_out, struct cab_err *err) CAB_MUST_CHECK;
/* The live account with that e-mail (any case): 1 found, 0 none, -1 error. */
int cab_user_find_by_email(void *ctx, struct cab_db *db, const char *email, struct cab_user **user_out,
                           struct cab_err *err) CAB_MUST_CHECK;

/* ---- route handlers ---- */
int cab_account_register(struct cab_call *call, struct cab_err *err);
int cab_account_invite(struct cab_call *call, struct cab_err *err);    /* POST /admin/invitations */
int cab_account_login(struct cab_call *call, struct cab_err *err);
int cab_account_refresh(struct cab_call *call, struct cab_err *err);
int cab_account_logout(struct cab_call *call, struct cab_err *err);
int cab_account_sessions(struct cab_call *call, struct cab_err *err);
int cab_account_sessions_revoke_others(struct cab_call *call, struct cab_err *err);
int cab_account_session_revoke(struct cab_call *call, struct cab_err *err);
int cab_account_api_keys(struct cab_call *call, struct cab_err *err);
int cab_account_api_key_create(struct cab_call *call, struct cab_err *err);
int cab_account_api_key_rotate(struct cab_call *call, struct cab_err *err);
int cab_account_api_key_revoke(struct cab_call *call, struct cab_err *err);
int cab_account_totp(struct cab_call *call, struct cab_err *err);
int cab_account_totp_start(struct cab_call *call, struct cab_err *err);
int cab_account_totp_confirm(struct cab_call *call, struct cab_err *err);
int cab_account_totp_disable(struct cab_call *call, struct cab_err *err);
int cab_account_recovery_codes(struct cab_call *call, struct cab_err *err);
int cab_account_change_password(struct cab_call *call, struct cab_err *err);
int cab_account_verify(struct cab_call *call, struct cab_err *err);
int cab_account_resend_verification(struct cab_call *call, struct cab_err *err);
int cab_account_request_password(struct cab_call *call, struct cab_err *err);
int cab_account_reset_password(struct cab_call *call, struct cab_err *err);
int cab_account_change_email(struct cab_call *call, struct cab_err *err);
int cab_account_confirm_email(struct cab_call *call, struct cab_err *err);
int cab_account_deletion_request(struct cab_call *call, struct cab_err *err);
int cab_account_deletion_confirm(struct cab_call *call, struct cab_err *err);
int cab_account_deletion_cancel(struct cab_call *call, struct cab_err *err);
int cab_account_deletion_status(struct cab_call *call, struct cab_err *err);
int cab_account_export(struct cab_call *call, struct cab_err *err);   /* GET /users/me/export */
int cab_account_oauth_providers(struct cab_call *call, struct cab_err *err);
int cab_account_oauth_authorize(struct cab_call *call, struct cab_err *err);
int cab_account_oauth_callback(struct cab_call *call, struct cab_err *err);
int cab_account_oauth_nonce(struct cab_call *call, struct cab_err *err);
int cab_account_oauth_login(struct cab_call *call, struct cab_err *err);
int cab_account_oauth_link(struct cab_call *call, struct cab_err *err);
int cab_account_identities(struct cab_call *call, struct cab_err *err);
int cab_account_identity_add(struct cab_call *call, struct cab_err *err);
int cab_account_identity_remove(struct cab_call *call, struct cab_err *err);
int cab_account_me(struct cab_call *call, struct cab_err *err);
int cab_account_me_update(struct cab_call *call, struct cab_err *err);
int cab_account_create(struct cab_call *call, struct cab_err *err);   /* POST /users, admins */
int cab_account_update(struct cab_call *call, struct cab_err *err);   /* PUT, PATCH /users/{id} */
int cab_account_delete(struct cab_call *call, struct cab_err *err);
int cab_account_restore(struct cab_call *call, struct cab_err *err);

/* Columns and functions the code relies on, checked after each catalog load: -1 with a clear refusal. */
int cab_account_check_catalog(const struct cab_catalog *catalog, struct cab_err *err) CAB_MUST_CHECK;

#endif
