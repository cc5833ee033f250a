/*
 * What the routes of providers share: the provider of a path, refusals and their record, the cookie, attempts that are
 * used up, ID tokens of apps.
 */
#include <cabinet/resource.h>
#include <string.h>

#include "account_internal.h"
#include "statements.h"

int cab_account_oauth_provider(struct cab_call *call, const struct cab_provider **provider_out, struct cab_err *err) {
    *provider_out = cab_oauth_provider(call->mem, call->conf, call->capture[0]);
    if (*provider_out == NULL)
        return cab_fail(err, CAB_PROBLEM_NOT_FOUND, "There is no such provider; GET /auth/oauth/providers lists them.");
    return 0;
}

int cab_account_oauth_record(struct cab_call *call, enum cab_action action, const char *provider, const char *user_id,
                             enum cab_oauth_reason reason, const char *word, struct cab_err *err) {
    struct cab_buf detail;
    struct cab_json_writer w = { .buf = &detail };

    cab_buf_init(&detail, call->mem, 128);
    cab_json_open(&w, NULL, '{');
    cab_json_put(&w, "provider", provider);
    cab_json_put(&w, "reason", cab_oauth_reason_name(reason));
    if (word != NULL)
        cab_json_put(&w, "error", word);
    cab_json_close(&w, '}');
    cab_call_drop(call);
    struct cab_pipe *pipe = cab_call_pipe(call);
    cab_audit_add(call, pipe, action, user_id, false, detail.data);
    return cab_call_run(call, err);
}

int cab_account_oauth_refuse(struct cab_call *call, enum cab_action action, const char *provider, const char *user_id,
                             enum cab_oauth_reason reason, struct cab_err *err) {
    if (cab_account_oauth_record(call, action, provider, user_id, reason, NULL, err) != 0)
        return -1;
    return cab_oauth_reason_fail(reason, err);
}

int cab_account_oauth_use(struct cab_call *call, const char *hash, int64_t seconds, enum cab_oauth_reason used,
                          enum cab_oauth_reason *reason_out, struct cab_err *err) {
    struct cab_pipe *pipe = cab_call_pipe(call);
    int at = cab_account_queue(call->mem, pipe, CAB_SHAPE_MAYBE, cab_sql_text_oauth_use, 2, hash,
                               cab_decimal(call->mem, seconds + CAB_OAUTH_LEEWAY));
    if (cab_call_run(call, err) != 0)
        return -1;
    *reason_out = cab_result_rows(cab_pipe_result(pipe, at)) == 1 ? CAB_OAUTH_OK : used;
    return 0;
}

/* The answer of a provider that posts a form comes from another site: Lax would hold the cookie back. */
void cab_account_oauth_cookie(struct cab_call *call, const struct cab_provider *provider, const char *value) {
    cab_response_header(call->response, "Set-Cookie",
                        CAB_OAUTH_COOKIE "=%s; Max-Age=%d; Path=" CAB_BASE_PATH "/auth/oauth/%s/callback; HttpOnly; "
                        "%s%s", value, *value != '\0' ? CAB_OAUTH_FLOW_SECONDS : 0, provider->name,
                        provider->form_post ? "SameSite=None; Secure" : "SameSite=Lax",
                        provider->form_post ? "" : cab_account_secure(call));
}

/* ---- ID tokens of apps ---- */

static int read_native(struct cab_call *call, const struct cab_account_field *token, struct cab_account_native *native,
                       struct cab_err *err) {
    char hash[65];
    native->reason = cab_oauth_native(call->mem, call->conf, native->provider, token->value, token->length,
                                      &native->claims);
    if (native->reason == CAB_OAUTH_OK)
        native->reason = cab_oauth_nonce_read(call->mem, call->conf, native->claims.nonce, hash);
    if (native->reason == CAB_OAUTH_OK)
        return cab_account_oauth_use(call, hash, CAB_OAUTH_NONCE_SECONDS, CAB_OAUTH_NONCE_USED, &native->reason, err);
    return 0;
}

int cab_account_oauth_native(struct cab_call *call, const struct cab_account_field *provider,
                             const struct cab_account_field *token, const struct cab_account_native **native_out,
                             struct cab_err *err) {
    struct cab_account_native *native = call->kept;

    if (native == NULL) {
        native = cab_new(call->mem, struct cab_account_native);
        native->provider = cab_oauth_provider(call->mem, call->conf, provider->value);
        if (native->provider == NULL) {
            cab_err_flaw(err, call->mem, CAB_PLACE_FIELD, provider->name, "unknown_provider",
                         "There is no such provider; GET /auth/oauth/providers lists them.");
            return cab_account_settle(err);
        }
        if (read_native(call, token, native, err) != 0)
            return -1;
        call->kept = native;
    }
    *native_out = native;
    return 0;
}
