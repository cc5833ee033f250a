/*
 * Sending somebody to a provider, and asking the provider who came back: authorization code with PKCE (RFC 6749 section
 * 4.1, RFC 7636).
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "oauth/internal.h"

#define SECRET_SECONDS 300 /* life of a signed client secret */
#define CODE_MOST 4096
#define PATH "/api/v1/auth/oauth/"

const struct cab_provider *cab_oauth_provider(void *ctx, const struct cab_conf *conf, const char *name) {
    struct cab_provider *list;
    struct cab_err ignored = { 0 };
    int n;
    if (conf->oauth_providers == NULL || cab_conf_providers(ctx, conf, &list, &n, &ignored) != 0)
        return NULL; /* the settings were checked at start */
    for (int i = 0; i < n; i++)
        if (strcmp(list[i].name, name) == 0)
            return &list[i];
    return NULL;
}

static void add_pair(struct cab_buf *out, const char *name, const char *value) {
    if (out->len > 0 && out->data[out->len - 1] != '?' && out->data[out->len - 1] != '&')
        cab_buf_addc(out, '&');
    cab_buf_adds(out, name);
    cab_buf_addc(out, '=');
    cab_url_encode(out, value);
}

static const char *redirect_uri(void *ctx, const struct cab_conf *conf, const struct cab_provider *provider) {
    return cab_printf(ctx, "%s" PATH "%s/callback", conf->public_url, provider->name);
}

enum cab_oauth_reason cab_oauth_authorize_url(void *ctx, const struct cab_conf *conf,
                                              const struct cab_provider *provider, const struct cab_oauth_flow *flow,
                                              struct cab_buf *url) {
    struct cab_oauth_peer peer;
    enum cab_oauth_reason reason = cab_oauth_peer(conf, provider, false, &peer);
    if (reason != CAB_OAUTH_OK)
        return reason;
    const char *endpoint = peer.metadata->authorization_endpoint;
    cab_buf_adds(url, endpoint);
    cab_buf_addc(url, strchr(endpoint, '?') != NULL ? '&' : '?');
    add_pair(url, "response_type", "code");
    add_pair(url, "client_id", provider->client_id);
    add_pair(url, "redirect_uri", redirect_uri(ctx, conf, provider));
    add_pair(url, "scope", provider->scope);
    add_pair(url, "state", flow->state);
    add_pair(url, "nonce", flow->nonce);
    add_pair(url, "code_challenge", flow->challenge);
    add_pair(url, "code_challenge_method", "S256");
    if (provider->form_post)
        add_pair(url, "response_mode", "form_post");
    return CAB_OAUTH_OK;
}

enum cab_oauth_reason cab_oauth_check_iss(const struct cab_conf *conf, const struct cab_provider *provider,
                                          const char *iss) {
    struct cab_oauth_peer peer;
    enum cab_oauth_reason reason = cab_oauth_peer(conf, provider, false, &peer);
    if (reason != CAB_OAUTH_OK)
        return reason;
    if (iss == NULL ? peer.metadata->sends_iss : strcmp(iss, provider->issuer) != 0)
        return CAB_OAUTH_ISS_WRONG;
    return CAB_OAUTH_OK;
}

/* ---- the client's secret ---- */

static char *part(void *ctx, const struct cab_buf *json) {
    return cab_base64url(ctx, json->data, json->len);
}

/* A JWT that Apple takes for a secret: signed by the team's key, good for a moment. */
static int sign_secret(void *ctx, const struct cab_conf *conf, const struct cab_provider *provider,
                       const char **secret_out, struct cab_err *err) {
    struct cab_buf header, claims;
    struct cab_json_writer w = { .buf = &header };
    unsigned char signature[64];
    int64_t now = time(NULL);

    cab_buf_init(&header, ctx, 128);
    cab_json_open(&w, NULL, '{');
    cab_json_put(&w, "alg", "ES256");
    cab_json_put(&w, "kid", conf->oauth_apple_key_id);
    cab_json_close(&w, '}');
    cab_buf_init(&claims, ctx, 256);
    w = (struct cab_json_writer){ .buf = &claims };
    cab_json_open(&w, NULL, '{');
    cab_json_put(&w, "iss", conf->oauth_apple_team_id);
    cab_json_put(&w, "sub", provider->client_id);
    cab_json_put(&w, "aud", provider->issuer);
    cab_json_put_int(&w, "iat", now);
    cab_json_put_int(&w, "exp", now + SECRET_SECONDS);
    cab_json_close(&w, '}');
    const char *text = cab_printf(ctx, "%s.%s", part(ctx, &header), part(ctx, &claims));
    if (cab_es256_sign(conf->oauth_apple_key_file, text, strlen(text), signature, err) != 0)
        return -1;
    *secret_out = cab_printf(ctx, "%s.%s", text, cab_base64url(ctx, signature, sizeof signature));
    return 0;
}

static const char *encoded(void *ctx, const char *text) {
    struct cab_buf out;
    cab_buf_init(&out, ctx, 128);
    cab_url_encode(&out, text);
    return out.data;
}

/* Tells the provider who asks: by Basic (RFC 6749 section 2.3.1), in the form, or without a secret. */
static int add_client(void *ctx, const struct cab_conf *conf, const struct cab_provider *provider,
                      const struct cab_oauth_metadata *metadata, struct cab_buf *form, struct cab_net_request *request,
                      struct cab_err *err) {
    const char *secret = provider->client_secret;
    if (secret == NULL && provider->signs_secret && sign_secret(ctx, conf, provider, &secret, err) != 0)
        return -1;
    if (secret != NULL && metadata->takes_basic && !provider->signs_secret) {
        request->user = encoded(ctx, provider->client_id);
        request->password = encoded(ctx, secret);
        return 0;
    }
    add_pair(form, "client_id", provider->client_id);
    if (secret != NULL)
        add_pair(form, "client_secret", secret);
    return 0;
}

/* ---- code for tokens ---- */

struct tokens {
    const char *id_token, *access_token;
};

static enum cab_oauth_reason away(const struct cab_provider *provider, const char *what, const char *why) {
    cab_log(CAB_LOG_WARN, "provider %s: %s: %s", provider->name, what, why);
    return CAB_OAUTH_PROVIDER_AWAY;
}

/* A refusal speaks of the code where it says so (RFC 6749 section 5.2), else of us. */
static enum cab_oauth_reason refused(const struct cab_provider *provider, const struct cab_json *object, int status) {
    const char *error = object != NULL ? cab_oauth_text(object, "error", 60) : NULL;
    char why[96];
    if (status == 400 && error != NULL && strcmp(error, "invalid_grant") == 0)
        return CAB_OAUTH_CODE_REFUSED;
    if (error != NULL && strspn(error, "abcdefghijklmnopqrstuvwxyz_") != strlen(error))
        error = NULL;
    snprintf(why, sizeof why, "status %d %s", status, error != NULL ? error : "");
    return away(provider, "token endpoint", why);
}

static enum cab_oauth_reason redeem(void *ctx, const struct cab_conf *conf, const struct cab_provider *provider,
                                    const struct cab_oauth_flow *flow, const char *code, struct tokens *tokens) {
    struct cab_oauth_peer peer;
    struct cab_net_request request = { 0 };
    struct cab_err err = { 0 };
    struct cab_buf form, body;
    int status;
    enum cab_oauth_reason reason = cab_oauth_peer(conf, provider, false, &peer);

    if (reason != CAB_OAUTH_OK)
        return reason;
    if (strlen(code) > CODE_MOST)
        return CAB_OAUTH_CODE_REFUSED;
    cab_buf_init(&form, ctx, 1024);
    add_pair(&form, "grant_type", "authorization_code");
    add_pair(&form, "code", code);
    add_pair(&form, "redirect_uri", redirect_uri(ctx, conf, provider));
    add_pair(&form, "code_verifier", flow->verifier);
    if (add_client(ctx, conf, provider, peer.metadata, &form, &request, &err) != 0)
        return away(provider, "client secret", err.internal[0] != '\0' ? err.internal : err.detail);
    request.url = peer.metadata->token_endpoint;
    request.form = form.data;
    int rc = cab_oauth_ask(conf, provider, ctx, &request, &status, &body, &err);
    explicit_bzero(form.data, form.len);
    if (rc != 0)
        return away(provider, "token endpoint", err.internal);
    const struct cab_json *object = cab_oauth_object(ctx, body.data, body.len);
    if (status != 200)
        return refused(provider, object, status);
    if (object == NULL)
        return away(provider, "token endpoint", "its answer is no JSON object");
    tokens->id_token = cab_oauth_text(object, "id_token", 16384);
    tokens->access_token = cab_oauth_text(object, "access_token", 8192);
    return tokens->id_token != NULL ? CAB_OAUTH_OK : CAB_OAUTH_TOKEN_MALFORMED;
}

/* A key that is not there may be new: the keys are asked for once more. */
static enum cab_oauth_reason verify(void *ctx, const struct cab_conf *conf, const struct cab_provider *provider,
                                    const char *token, size_t n, const struct cab_oauth_expected *expected,
                                    struct cab_oauth_claims *claims) {
    struct cab_oauth_peer peer;
    enum cab_oauth_reason reason = cab_oauth_peer(conf, provider, true, &peer);
    if (reason != CAB_OAUTH_OK)
        return reason;
    reason = cab_oauth_token_verify(ctx, token, n, peer.keys, expected, claims);
    if (reason == CAB_OAUTH_TOKEN_KEY && cab_oauth_peer_again(conf, provider, &peer))
        reason = cab_oauth_token_verify(ctx, token, n, peer.keys, expected, claims);
    return reason;
}

static enum cab_oauth_reason ask_userinfo(void *ctx, const struct cab_conf *conf, const struct cab_provider *provider,
                                          const struct tokens *tokens, struct cab_oauth_claims *claims) {
    struct cab_oauth_peer peer;
    struct cab_err err = { 0 };
    struct cab_buf body;
    int status;
    enum cab_oauth_reason reason = cab_oauth_peer(conf, provider, false, &peer);

    if (reason != CAB_OAUTH_OK)
        return reason;
    if (claims->email != NULL || tokens->access_token == NULL || peer.metadata->userinfo_endpoint == NULL)
        return CAB_OAUTH_OK;
    struct cab_net_request request = { .url = peer.metadata->userinfo_endpoint, .bearer = tokens->access_token };
    if (cab_oauth_ask(conf, provider, ctx, &request, &status, &body, &err) != 0)
        return away(provider, "UserInfo endpoint", err.internal);
    if (status != 200)
        return away(provider, "UserInfo endpoint", cab_printf(ctx, "status %d", status));
    return cab_oauth_userinfo_parse(ctx, body.data, body.len, claims);
}

enum cab_oauth_reason cab_oauth_exchange(void *ctx, const struct cab_conf *conf, const struct cab_provider *provider,
                                         const struct cab_oauth_flow *flow, const char *code,
                                         struct cab_oauth_claims *claims) {
    struct cab_oauth_expected expected = { .provider = provider, .nonce = flow->nonce, .now = time(NULL) };
    struct tokens tokens;
    enum cab_oauth_reason reason = redeem(ctx, conf, provider, flow, code, &tokens);
    if (reason == CAB_OAUTH_OK)
        reason = verify(ctx, conf, provider, tokens.id_token, strlen(tokens.id_token), &expected, claims);
    if (reason == CAB_OAUTH_OK)
        reason = ask_userinfo(ctx, conf, provider, &tokens, claims);
    return reason;
}

enum cab_oauth_reason cab_oauth_native(void *ctx, const struct cab_conf *conf, const struct cab_provider *provider,
                                       const char *token, size_t n, struct cab_oauth_claims *claims) {
    struct cab_oauth_expected expected = { .provider = provider, .is_native = true, .now = time(NULL) };
    return verify(ctx, conf, provider, token, n, &expected, claims);
}
