/*
 * GET and POST /auth/oauth/{provider}/callback: somebody comes back from a provider.  The answer is a redirect to one
 * fixed page below FRONTEND_URL, which says no more than how it went; without that setting it is JSON.
 */
#include <string.h>

#include "account_internal.h"

#define PAGE "/oauth"
#define WORD_MOST 40

/* What the provider sent along. */
struct sent {
    const char *state, *code, *iss, *error;
};

/* How far the attempt is, for the handler's next attempt: a code is good for one exchange. */
struct visit {
    struct cab_oauth_flow flow;
    struct cab_oauth_claims claims;
    enum cab_oauth_reason reason;
};

static const char *value_of(const struct cab_pair *pairs, int n, const char *name) {
    for (int i = 0; i < n; i++)
        if (strcmp(pairs[i].name, name) == 0)
            return pairs[i].value;
    return NULL;
}

/* Other parameters are the provider's own business (RFC 6749 section 4.1.2). */
static int read_sent(struct cab_call *call, struct sent *sent, struct cab_err *err) {
    const struct cab_request *request = call->request;
    struct cab_pair *pairs = request->params;
    int n = request->n_params;
    enum cab_body_type type;

    if (cab_request_no_duplicates(request, err) != 0)
        return -1;
    if (request->method == CAB_POST &&
        (cab_request_body_type(request, CAB_BODY_FORM, &type, err) != 0 ||
         cab_form_decode(call->mem, request->body, request->body_len, &pairs, &n, err) != 0))
        return -1;
    *sent = (struct sent){ .state = value_of(pairs, n, "state"),
                           .code = value_of(pairs, n, "code"),
                           .iss = value_of(pairs, n, "iss"),
                           .error = value_of(pairs, n, "error") };
    return 0;
}

/* The word of RFC 6749 section 4.1.2.1, where it is one. */
static const char *error_word(const char *error) {
    size_t n = strlen(error);
    return n > 0 && n <= WORD_MOST && strspn(error, "abcdefghijklmnopqrstuvwxyz_") == n ? error : "other";
}

/* Who it is, by the provider's word. */
static int identify(struct cab_call *call, const struct cab_provider *provider, const struct sent *sent,
                    struct visit *visit, struct cab_err *err) {
    visit->reason = cab_oauth_flow_read(call->mem, call->conf, provider->name,
                                        cab_request_cookie(call->request, CAB_OAUTH_COOKIE), sent->state, &visit->flow);
    if (visit->reason != CAB_OAUTH_OK)
        return 0;
    if (cab_account_oauth_use(call, visit->flow.hash, CAB_OAUTH_FLOW_SECONDS, CAB_OAUTH_STATE_USED, &visit->reason,
                              err) != 0)
        return -1;
    if (visit->reason == CAB_OAUTH_OK)
        visit->reason = cab_oauth_check_iss(call->conf, provider, sent->iss);
    if (visit->reason == CAB_OAUTH_OK && sent->error != NULL)
        visit->reason = CAB_OAUTH_PROVIDER_ERROR;
    if (visit->reason == CAB_OAUTH_OK && (sent->code == NULL || *sent->code == '\0'))
        visit->reason = CAB_OAUTH_CODE_MISSING;
    if (visit->reason == CAB_OAUTH_OK)
        visit->reason = cab_oauth_exchange(call->mem, call->conf, provider, &visit->flow, sent->code, &visit->claims);
    return 0;
}

/* ---- answers ---- */

/* To the one page, whatever anybody asked for. */
static int redirect(struct cab_call *call, const struct cab_provider *provider, const char *name, const char *value) {
    struct cab_response *response = call->response;
    response->status = 303;
    response->content_type = NULL;
    cab_response_header(response, "Location", "%s" PAGE "?provider=%s&%s=%s", call->conf->frontend_url, provider->name,
                        name, value);
    cab_response_header(response, "Cache-Control", "no-store");
    cab_account_oauth_cookie(call, provider, "");
    return 0;
}

static int refuse(struct cab_call *call, const struct cab_provider *provider, const struct visit *visit,
                  const char *user_id, enum cab_oauth_reason reason, const struct sent *sent, struct cab_err *err) {
    bool is_link = visit->flow.user_id != 0;
    enum cab_action action = is_link ? CAB_ACTION_IDENTITY_LINKED : CAB_ACTION_OAUTH_LOGIN;
    const char *word = reason == CAB_OAUTH_PROVIDER_ERROR ? error_word(sent->error) : NULL;

    if (is_link)
        user_id = cab_decimal(call->mem, visit->flow.user_id);
    if (cab_account_oauth_record(call, action, provider->name, user_id, reason, word, err) != 0)
        return -1;
    if (call->conf->frontend_url == NULL)
        return cab_oauth_reason_fail(reason, err);
    return redirect(call, provider, "error", cab_oauth_reason_name(reason));
}

static int answer_sign_in(struct cab_call *call, const struct cab_provider *provider,
                          const struct cab_account_grant *grant, struct cab_err *err) {
    if (call->conf->frontend_url == NULL) {
        cab_account_oauth_cookie(call, provider, "");
        return cab_account_answer_tokens(call, grant, err);
    }
    cab_account_refresh_cookie(call, grant);
    return redirect(call, provider, "result", "signed_in");
}

static int answer_link(struct cab_call *call, const struct cab_provider *provider) {
    if (call->conf->frontend_url != NULL)
        return redirect(call, provider, "result", "linked");
    cab_account_oauth_cookie(call, provider, "");
    return cab_account_answer_detail(call, 200, "The identity is linked to your account.");
}

int cab_account_oauth_callback(struct cab_call *call, struct cab_err *err) {
    const struct cab_provider *provider;
    struct visit *visit = call->kept;
    struct cab_account_grant grant;
    enum cab_oauth_reason reason;
    const char *user_id = NULL;
    struct sent sent;

    if (cab_account_oauth_provider(call, &provider, err) != 0 || read_sent(call, &sent, err) != 0)
        return -1;
    if (visit == NULL) {
        visit = cab_new(call->mem, struct visit);
        if (identify(call, provider, &sent, visit, err) != 0)
            return -1;
        call->kept = visit;
    }
    reason = visit->reason;
    if (reason != CAB_OAUTH_OK)
        return refuse(call, provider, visit, NULL, reason, &sent, err);
    if (visit->flow.user_id != 0) {
        if (cab_account_identity_link(call, provider, &visit->claims, cab_decimal(call->mem, visit->flow.user_id),
                                      visit->flow.session_id, &reason, err) != 0)
            return -1;
        return reason == CAB_OAUTH_OK ? answer_link(call, provider)
                                      : refuse(call, provider, visit, NULL, reason, &sent, err);
    }
    if (cab_account_identity_sign_in(call, provider, &visit->claims, &grant, &reason, &user_id, err) != 0)
        return -1;
    return reason == CAB_OAUTH_OK ? answer_sign_in(call, provider, &grant, err)
                                  : refuse(call, provider, visit, user_id, reason, &sent, err);
}
