/*
 * Signing in at a provider: which there are, the way there, and ID tokens that apps bring themselves.  The way back is
 * in oauth_callback.c.
 */
#include <cabinet/resource.h>
#include <string.h>

#include "account_internal.h"

int cab_account_oauth_providers(struct cab_call *call, struct cab_err *err) {
    struct cab_json_writer w = { .buf = &call->response->body };
    struct cab_provider *list;
    int n;

    if (cab_account_no_params(call, err) != 0 || cab_conf_providers(call->mem, call->conf, &list, &n, err) != 0)
        return -1;
    cab_json_open(&w, NULL, '{');
    cab_json_open(&w, "items", '[');
    for (int i = 0; i < n; i++) {
        cab_json_open(&w, NULL, '{');
        cab_json_put(&w, "name", list[i].name);
        cab_json_put(&w, "title", list[i].title);
        cab_json_putf(&w, "authorize_url", "%s" CAB_BASE_PATH "/auth/oauth/%s/authorize", call->conf->public_url,
                      list[i].name);
        cab_json_close(&w, '}');
    }
    cab_json_close(&w, ']');
    cab_json_close(&w, '}');
    return 0;
}

void cab_account_oauth_way(struct cab_call *call, const char *url) {
    struct cab_json_writer w = { .buf = &call->response->body };
    cab_json_open(&w, NULL, '{');
    cab_json_put(&w, "authorize_url", url);
    cab_json_put_int(&w, "expires_in", CAB_OAUTH_FLOW_SECONDS);
    cab_json_close(&w, '}');
}

int cab_account_oauth_authorize(struct cab_call *call, struct cab_err *err) {
    const struct cab_provider *provider;
    struct cab_oauth_flow flow;
    struct cab_buf url;

    if (cab_account_no_params(call, err) != 0 || cab_account_oauth_provider(call, &provider, err) != 0)
        return -1;
    cab_oauth_flow_make(call->conf, provider->name, NULL, &flow);
    cab_buf_init(&url, call->mem, 1024);
    enum cab_oauth_reason reason = cab_oauth_authorize_url(call->mem, call->conf, provider, &flow, &url);
    if (reason != CAB_OAUTH_OK)
        return cab_oauth_reason_fail(reason, err);
    cab_account_oauth_cookie(call, provider, flow.cookie);
    cab_response_header(call->response, "Cache-Control", "no-store");
    if (!cab_accepts(call->request, "text/html")) { /* a program, which could not show the provider's page */
        cab_account_oauth_way(call, url.data);
        return 0;
    }
    cab_response_header(call->response, "Location", "%s", url.data);
    call->response->status = 303;
    call->response->content_type = NULL;
    return 0;
}

int cab_account_oauth_nonce(struct cab_call *call, struct cab_err *err) {
    struct cab_json_writer w = { .buf = &call->response->body };
    if (cab_account_no_params(call, err) != 0)
        return -1;
    cab_response_header(call->response, "Cache-Control", "no-store");
    cab_json_open(&w, NULL, '{');
    cab_json_put(&w, "nonce", cab_oauth_nonce_make(call->mem, call->conf));
    cab_json_put_int(&w, "expires_in", CAB_OAUTH_NONCE_SECONDS);
    cab_json_close(&w, '}');
    return 0;
}

int cab_account_oauth_login(struct cab_call *call, struct cab_err *err) {
    struct cab_account_field fields[] = {
        { .name = "provider", .is_required = true }, { .name = "id_token", .is_required = true }, { .name = NULL }
    };
    const struct cab_account_native *native;
    struct cab_account_grant grant;
    enum cab_oauth_reason reason;
    const char *user_id = NULL;

    if (cab_account_token_body(call, fields, err) != 0 ||
        cab_account_oauth_native(call, &fields[0], &fields[1], &native, err) != 0)
        return -1;
    reason = native->reason;
    if (reason == CAB_OAUTH_OK && cab_account_identity_sign_in(call, native->provider, &native->claims, &grant, &reason,
                                                               &user_id, err) != 0)
        return -1;
    if (reason != CAB_OAUTH_OK)
        return cab_account_oauth_refuse(call, CAB_ACTION_OAUTH_LOGIN, native->provider->name, user_id, reason,
                                        err);
    return cab_account_answer_tokens(call, &grant, err);
}
