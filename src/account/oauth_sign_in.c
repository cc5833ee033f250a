/*
 * Which account an identity opens.  An identity that is linked opens its account.  Any other counts by its e-mail
 * address only, and only where the provider has verified it; it is linked to an account with that address only where
 * the account has confirmed it too, since otherwise somebody may have made the account to wait for its owner.
 */
#include <string.h>

#include "account_internal.h"
#include "statements.h"

#define TRIES 3 /* usernames that somebody else takes at this moment */

enum { ID, IS_LINKED, IS_VERIFIED, IS_SUPERUSER, IS_BANNED, DELETION, HAS_OTHER, HAS_TOTP };

struct found {
    const char *user_id;        /* NULL: nobody */
    bool is_linked, is_verified, is_superuser, is_banned, has_other, has_totp;
    const char *deletion_scheduled_for;
};

static const char *detail_of(struct cab_call *call, const struct cab_provider *provider) {
    return cab_printf(call->mem, "{\"provider\":\"%s\"}", provider->name);
}

/* The address that counts, or NULL. */
static const char *proven_email(struct cab_call *call, const struct cab_oauth_claims *claims) {
    struct cab_err flaws = { 0 };
    if (claims->email == NULL || !claims->is_email_verified ||
        cab_account_check_address(call->mem, "email", claims->email, &flaws) != 0)
        return NULL;
    return claims->email;
}

/* Begins the block: one sign-in with an identity at a time. */
static struct cab_pipe *begin(struct cab_call *call, const struct cab_provider *provider,
                              const struct cab_oauth_claims *claims) {
    call->is_block = true;
    struct cab_pipe *pipe = cab_call_pipe(call);
    cab_account_queue(call->mem, pipe, CAB_SHAPE_ONE, cab_sql_text_oauth_lock, 2, provider->issuer, claims->subject);
    cab_account_queue(call->mem, pipe, CAB_SHAPE_NONE, cab_sql_text_oauth_free, 2, provider->issuer, claims->subject);
    return pipe;
}

static int find(struct cab_call *call, const struct cab_provider *provider, const struct cab_oauth_claims *claims,
                const char *email, struct found *found, struct cab_err *err) {
    struct cab_pipe *pipe = begin(call, provider, claims);
    int at = cab_account_queue(call->mem, pipe, CAB_SHAPE_MAYBE, cab_sql_text_oauth_find, 3, provider->issuer,
                               claims->subject, email);
    if (cab_call_run(call, err) != 0)
        return -1;
    const struct cab_result *row = cab_pipe_result(pipe, at);
    *found = (struct found){ 0 };
    if (cab_result_rows(row) == 1)
        *found = (struct found){ .user_id = cab_result_value(row, 0, ID),
                                 .is_linked = cab_result_bool(row, 0, IS_LINKED),
                                 .is_verified = cab_result_bool(row, 0, IS_VERIFIED),
                                 .is_superuser = cab_result_bool(row, 0, IS_SUPERUSER),
                                 .is_banned = cab_result_bool(row, 0, IS_BANNED),
                                 .has_other = cab_result_bool(row, 0, HAS_OTHER),
                                 .has_totp = cab_result_bool(row, 0, HAS_TOTP),
                                 .deletion_scheduled_for = cab_result_value(row, 0, DELETION) };
    return 0;
}

static enum cab_oauth_reason judge(const struct cab_call *call, const struct cab_oauth_claims *claims,
                                   const char *email, const struct found *found) {
    if (found->user_id == NULL) {
        if (email == NULL)
            return claims->email == NULL ? CAB_OAUTH_EMAIL_MISSING : CAB_OAUTH_EMAIL_UNVERIFIED;
        return strcmp(call->conf->registration, "open") == 0 ? CAB_OAUTH_OK : CAB_OAUTH_REGISTRATION_CLOSED;
    }
    if (found->is_banned)
        return CAB_OAUTH_ACCOUNT_SHUT;
    if (!found->is_linked && !found->is_verified)
        return CAB_OAUTH_ACCOUNT_UNVERIFIED;
    if (!found->is_linked && found->has_other)
        return CAB_OAUTH_ACCOUNT_LINKED;
    if (found->has_totp) /* what the provider asked for is not known here */
        return CAB_OAUTH_TOTP_REQUIRED;
    return call->conf->require_verified_email && !found->is_verified ? CAB_OAUTH_NOT_VERIFIED : CAB_OAUTH_OK;
}

static const char *wished_names(struct cab_call *call, const struct cab_oauth_claims *claims) {
    struct cab_buf list;
    struct cab_json_writer w = { .buf = &list };
    cab_buf_init(&list, call->mem, 128);
    cab_json_open(&w, NULL, '[');
    for (size_t i = 0; claims->names[i] != NULL; i++)
        cab_json_put(&w, NULL, claims->names[i]);
    cab_json_close(&w, ']');
    return list.data;
}

static int make_account(struct cab_call *call, const struct cab_provider *provider,
                        const struct cab_oauth_claims *claims, const char *email, struct found *found,
                        struct cab_err *err) {
    uint64_t number;
    cab_random(&number, sizeof number);
    struct cab_pipe *pipe = cab_call_pipe(call);
    int at = cab_account_queue(call->mem, pipe, CAB_SHAPE_ONE, cab_sql_text_oauth_account_insert, 4, email,
                               provider->name, wished_names(call, claims),
                               cab_printf(call->mem, "%010llu", (unsigned long long)(number % 10000000000)));
    if (cab_call_run(call, err) != 0)
        return -1;
    found->user_id = cab_result_value(cab_pipe_result(pipe, at), 0, 0);
    return 0;
}

static void queue_link(struct cab_call *call, struct cab_pipe *pipe, const struct cab_provider *provider,
                       const struct cab_oauth_claims *claims, const char *user_id) {
    cab_account_queue(call->mem, pipe, CAB_SHAPE_ONE, cab_sql_text_oauth_identity_insert, 5, user_id, provider->name,
                      provider->issuer, claims->subject, claims->email);
    cab_audit_add(call, pipe, CAB_ACTION_IDENTITY_LINKED, user_id, true, detail_of(call, provider));
}

static int sign_in(struct cab_call *call, const struct cab_provider *provider, const struct cab_oauth_claims *claims,
                   const char *email, struct found *found, struct cab_account_grant *grant, struct cab_err *err) {
    bool is_new = found->user_id == NULL;
    char *session_id = cab_mem_alloc(call->mem, 37);

    if (is_new && make_account(call, provider, claims, email, found, err) != 0)
        return -1;
    cab_uuid_make(session_id);
    struct cab_pipe *pipe = cab_call_pipe(call);
    if (is_new)
        cab_audit_add(call, pipe, CAB_ACTION_REGISTER, found->user_id, true, detail_of(call, provider));
    if (!found->is_linked)
        queue_link(call, pipe, provider, claims, found->user_id);
    if (!is_new && !found->is_linked)
        cab_account_mail(call, pipe, CAB_MAIL_IDENTITY_LINKED, found->user_id, NULL, NULL);
    cab_account_open_session(call, pipe, found->user_id, session_id);
    cab_audit_add(call, pipe, CAB_ACTION_OAUTH_LOGIN, found->user_id, true, detail_of(call, provider));
    if (cab_call_run(call, err) != 0)
        return -1;
    *grant = (struct cab_account_grant){ .counter = 1,
                                         .lasts = cab_account_session_lasts(call->conf),
                                         .session_id = session_id,
                                         .is_admin = found->is_superuser,
                                         .deletion_scheduled_for = found->deletion_scheduled_for };
    return cab_parse_int64(found->user_id, 1, INT64_MAX, &grant->user_id);
}

/* Whether somebody took the name or the address while we looked. */
static bool is_overtaken(const struct cab_err *err) {
    return err->problem == CAB_PROBLEM_CONFLICT && strcmp(err->sqlstate, "23505") == 0;
}

int cab_account_identity_sign_in(struct cab_call *call, const struct cab_provider *provider,
                                 const struct cab_oauth_claims *claims, struct cab_account_grant *grant,
                                 enum cab_oauth_reason *reason_out, const char **user_id_out, struct cab_err *err) {
    const char *email = proven_email(call, claims);
    struct found found;

    for (int i = 1;; i++) {
        if (find(call, provider, claims, email, &found, err) != 0)
            return -1;
        *reason_out = judge(call, claims, email, &found);
        int rc = *reason_out == CAB_OAUTH_OK ? sign_in(call, provider, claims, email, &found, grant, err) : 0;
        *user_id_out = found.user_id;
        if (rc == 0)
            return 0;
        if (!is_overtaken(err) || i == TRIES)
            return -1;
        cab_err_clear(err);
    }
}

/* ---- linking by somebody who is signed in ---- */

int cab_account_identity_link(struct cab_call *call, const struct cab_provider *provider,
                              const struct cab_oauth_claims *claims, const char *user_id, const char *session_id,
                              enum cab_oauth_reason *reason_out, struct cab_err *err) {
    struct cab_pipe *pipe = begin(call, provider, claims);
    int person = cab_account_queue(call->mem, pipe, CAB_SHAPE_MAYBE, cab_sql_text_oauth_link_session, 2, session_id,
                                   user_id);
    if (cab_call_run(call, err) != 0)
        return -1;
    const struct cab_result *row = cab_pipe_result(pipe, person);
    if (cab_result_rows(row) == 0 || !cab_result_bool(row, 0, 0)) {
        *reason_out = cab_result_rows(row) == 0 ? CAB_OAUTH_SESSION_ENDED : CAB_OAUTH_NOT_VERIFIED;
        return 0;
    }
    pipe = cab_call_pipe(call);
    int at = cab_account_queue(call->mem, pipe, CAB_SHAPE_MAYBE, cab_sql_text_oauth_identity_insert, 5, user_id,
                               provider->name, provider->issuer, claims->subject, claims->email);
    cab_audit_add(call, pipe, CAB_ACTION_IDENTITY_LINKED, user_id, true, detail_of(call, provider));
    cab_account_mail(call, pipe, CAB_MAIL_IDENTITY_LINKED, user_id, NULL, NULL);
    if (cab_call_run(call, err) != 0)
        return -1;
    *reason_out = cab_result_rows(cab_pipe_result(pipe, at)) == 1 ? CAB_OAUTH_OK : CAB_OAUTH_IDENTITY_TAKEN;
    return 0;
}
