/*
 * What a provider says of itself: its discovery document (OpenID Connect Discovery 1.0 section 3, RFC 8414).
 */
#include <string.h>

#include "oauth/internal.h"

#define URL_BYTES 2048

/* 1 read, 0 absent, -1 not an address that may be asked.  What stands on this host may be named by it alone. */
static int read_url(void *ctx, const struct cab_json *object, const char *name, bool may_be_local,
                    const char **url_out) {
    const char *url = cab_oauth_text(object, name, URL_BYTES);
    bool is_local;
    *url_out = NULL;
    if (url == NULL)
        return cab_json_get(object, name) == NULL ? 0 : -1;
    if (!cab_url_is_safe(url, &is_local) || (is_local && !may_be_local))
        return -1;
    *url_out = cab_strdup(ctx, url);
    return 1;
}

int cab_oauth_metadata_parse(void *ctx, const char *text, size_t n, const char *issuer,
                             struct cab_oauth_metadata *metadata, struct cab_err *err) {
    void *mem = cab_mem_alloc(NULL, 1);
    const struct cab_json *object = cab_oauth_object(mem, text, n);
    const char *what = NULL;
    bool is_local;

    *metadata = (struct cab_oauth_metadata){ 0 };
    (void)cab_url_is_safe(issuer, &is_local);
    if (object == NULL) {
        what = "is no JSON object";
    } else if (!cab_oauth_has(cab_json_get(object, "issuer"), issuer) ||
               cab_json_type(cab_json_get(object, "issuer")) != CAB_JSON_STRING) {
        what = "is of another issuer";
    } else if (read_url(ctx, object, "authorization_endpoint", is_local, &metadata->authorization_endpoint) != 1 ||
               read_url(ctx, object, "token_endpoint", is_local, &metadata->token_endpoint) != 1 ||
               read_url(ctx, object, "jwks_uri", is_local, &metadata->jwks_uri) != 1 ||
               read_url(ctx, object, "userinfo_endpoint", is_local, &metadata->userinfo_endpoint) < 0) {
        what = "lacks an address, or has one that is not https";
    } else {
        const struct cab_json *methods = cab_json_get(object, "token_endpoint_auth_methods_supported");
        const struct cab_json *iss = cab_json_get(object, "authorization_response_iss_parameter_supported");
        metadata->takes_basic = methods == NULL || cab_oauth_has(methods, "client_secret_basic");
        metadata->sends_iss = iss != NULL && cab_json_type(iss) == CAB_JSON_BOOL && cab_json_bool(iss);
    }
    cab_mem_free(mem);
    if (what == NULL)
        return 0;
    (void)cab_fail(err, CAB_PROBLEM_UNAVAILABLE, "The provider cannot be used now.");
    cab_err_internal(err, "the discovery document %s", what);
    return -1;
}
