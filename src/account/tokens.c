/*
 * Handing out tokens: the access token in the body, the refresh token in a cookie, and in the body too where no browser
 * asks.
 */
#include <cabinet/audit.h>
#include <string.h>

#include "account_internal.h"
#include "statements.h"

#define COOKIE_PATH CAB_BASE_PATH "/auth"

static bool starts(const char *text, const char *with) {
    return strncmp(text, with, strlen(with)) == 0;
}

/* Plain HTTP is for trying things out on one's own machine; a browser drops Secure cookies there. */
static bool is_plain_localhost(const struct cab_request *request) {
    const char *host = request->host;
    if (request->scheme == NULL || strcmp(request->scheme, "http") != 0 || host == NULL)
        return false;
    size_t n = strcspn(host, ":");
    return (n == 9 && starts(host, "localhost")) || (n == 9 && starts(host, "127.0.0.1")) || starts(host, "[::1]");
}

const char *cab_account_secure(const struct cab_call *call) {
    return is_plain_localhost(call->request) ? "" : "; Secure";
}

void cab_account_set_cookie(struct cab_call *call, const char *name, const char *value, int64_t age,
                            const char *path) {
    cab_response_header(call->response, "Set-Cookie", "%s=%s; Max-Age=%lld; Path=%s; HttpOnly; SameSite=Strict%s", name,
                        value, (long long)age, path, cab_account_secure(call));
}

static void set_cookie(struct cab_call *call, const char *value, int64_t age) {
    cab_account_set_cookie(call, CAB_REFRESH_COOKIE, value, age, COOKIE_PATH);
}

void cab_account_clear_cookie(struct cab_call *call) {
    set_cookie(call, "", 0);
}

void cab_account_open_session(struct cab_call *call, struct cab_pipe *pipe, const char *user_id,
                              const char *session_id) {
    const struct cab_conf *conf = call->conf;
    cab_account_queue(call->mem, pipe, CAB_SHAPE_NONE, cab_sql_text_session_insert, 6, session_id, user_id,
                      cab_decimal(call->mem, conf->session_idle_timeout),
                      cab_decimal(call->mem, conf->refresh_token_lifetime), cab_audit_ip(call->request),
                      cab_audit_user_agent(call->request));
    cab_account_queue(call->mem, pipe, CAB_SHAPE_NONE, cab_sql_text_session_trim, 3, user_id, session_id,
                      cab_decimal(call->mem, conf->max_sessions_per_user - 1));
}

int64_t cab_account_session_lasts(const struct cab_conf *conf) {
    return conf->session_idle_timeout < conf->refresh_token_lifetime ? conf->session_idle_timeout
                                                                     : conf->refresh_token_lifetime;
}

void cab_account_refresh_cookie(struct cab_call *call, const struct cab_account_grant *grant) {
    set_cookie(call, cab_refresh_make(call->mem, call->conf, grant->session_id, grant->counter), grant->lasts);
}

int cab_account_answer_tokens(struct cab_call *call, const struct cab_account_grant *grant, struct cab_err *err) {
    const struct cab_request *request = call->request;
    struct cab_json_writer w = { .buf = &call->response->body };
    char *access;

    if (cab_token_make(call->mem, call->conf, grant->user_id, grant->session_id, grant->is_admin, &access, err) != 0)
        return -1;
    char *refresh = cab_refresh_make(call->mem, call->conf, grant->session_id, grant->counter);
    call->response->status = 200;
    cab_response_header(call->response, "Cache-Control", "no-store");
    set_cookie(call, refresh, grant->lasts);
    cab_json_open(&w, NULL, '{');
    cab_json_put(&w, "access_token", access);
    cab_json_put(&w, "token_type", "bearer");
    cab_json_put_int(&w, "expires_in", call->conf->access_token_lifetime);
    if (request->origin == NULL && request->sec_fetch_site == NULL)
        cab_json_put(&w, "refresh_token", refresh);
    if (grant->deletion_scheduled_for != NULL)
        cab_json_put(&w, "deletion_scheduled_for", grant->deletion_scheduled_for);
    cab_json_close(&w, '}');
    return 0;
}

/* Whether origin is one of the list, separated by commas or spaces. */
static bool is_listed(const char *list, const char *origin) {
    size_t n = strlen(origin);
    while (list != NULL && *list != '\0') {
        size_t length = strcspn(list, ", ");
        if (length == n && strncmp(list, origin, n) == 0)
            return true;
        list += length;
        list += strspn(list, ", ");
    }
    return false;
}

/* Whether origin is that of the address under which the service is known; behind another proxy nginx may not see it. */
static bool is_public(const char *url, const char *origin) {
    size_t n = strlen(origin);
    return url != NULL && n > 0 && strncmp(url, origin, n) == 0 && (url[n] == '\0' || url[n] == '/');
}

int cab_account_check_origin(const struct cab_call *call, struct cab_err *err) {
    const struct cab_request *request = call->request;

    if (request->origin != NULL) {
        const char *host = strstr(request->origin, "://");
        bool is_own =
            host != NULL && request->host != NULL && request->scheme != NULL && strcmp(host + 3, request->host) == 0 &&
            (size_t)(host - request->origin) == strlen(request->scheme) && starts(request->origin, request->scheme);
        if (is_own || is_public(call->conf->public_url, request->origin) ||
            is_listed(call->conf->cors_origins, request->origin))
            return 0;
    } else if (request->sec_fetch_site == NULL || strcmp(request->sec_fetch_site, "same-origin") == 0 ||
               strcmp(request->sec_fetch_site, "none") == 0) {
        return 0;
    }
    return cab_fail(err, CAB_PROBLEM_FORBIDDEN,
                    "A request with a cookie must come from this site or one of CORS_ORIGINS.");
}
