/*
 * Cross-origin requests (Fetch standard): an exact list of origins, never a star, since requests carry credentials.
 */
#include "http/internal.h"

#include <string.h>

#define EXPOSED                                                                                                  \
    "ETag, Location, Link, X-Total-Count, Content-Range, X-Request-Id, X-Read-After, Retry-After, RateLimit, "   \
    "RateLimit-Policy, Preference-Applied, Idempotency-Replayed, X-Ignored-Parameters, Deprecation, Sunset"
#define ALLOWED_HEADERS \
    "Authorization, Content-Type, Accept, If-Match, If-None-Match, Idempotency-Key, Prefer, X-Request-Id, X-Read-After"

static bool is_listed(const char *list, const char *origin) {
    size_t n = strlen(origin);
    for (const char *at = list; at != NULL && *at != '\0';) {
        at += strspn(at, ", ");
        size_t len = strcspn(at, ", ");
        if (len == n && memcmp(at, origin, n) == 0)
            return true;
        at += len;
    }
    return false;
}

bool cab_cors_is_preflight(const struct cab_request *request) {
    return request->method == CAB_OPTIONS && request->origin != NULL && request->acr_method != NULL;
}

void cab_cors_headers(const struct cab_conf *conf, const struct cab_request *request, struct cab_response *response,
                      const char *allow) {
    if (request->origin == NULL || !is_listed(conf->cors_origins, request->origin))
        return;
    cab_response_header(response, "Access-Control-Allow-Origin", "%s", request->origin);
    cab_response_header(response, "Access-Control-Allow-Credentials", "true");
    if (cab_cors_is_preflight(request) && allow != NULL) {
        cab_response_header(response, "Access-Control-Allow-Methods", "%s", allow);
        cab_response_header(response, "Access-Control-Allow-Headers", "%s", ALLOWED_HEADERS);
        cab_response_header(response, "Access-Control-Max-Age", "600");
    } else {
        cab_response_header(response, "Access-Control-Expose-Headers", "%s", EXPOSED);
    }
}
