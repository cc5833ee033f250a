/*
 * Requests for the tests, built by the same parser as those of FastCGI.
 */
#ifndef TESTS_HTTP_MAKE_REQUEST_H
#define TESTS_HTTP_MAKE_REQUEST_H

#include <cabinet/http.h>
#include <string.h>

/* Pairs of FastCGI parameter and value, NULL-ended. */
static inline const char *param_of(const void *source, const char *name) {
    for (const char *const *pair = source; pair != NULL && *pair != NULL; pair += 2)
        if (strcmp(pair[0], name) == 0)
            return pair[1];
    return NULL;
}

static inline int parse_request(void *ctx, const char *method, const char *uri, const char *const *params,
                                struct cab_request **request_out, struct cab_err *err) {
    struct cab_request_parts parts = { .method = method, .uri = uri, .param = param_of, .source = params };
    cab_err_clear(err);
    return cab_request_parse(ctx, &parts, request_out, err);
}

/* A request that must be fine. */
static inline struct cab_request *a_request(void *ctx, const char *method, const char *uri,
                                            const char *const *params) {
    struct cab_request *request = NULL;
    struct cab_err err;
    return parse_request(ctx, method, uri, params, &request, &err) == 0 ? request : NULL;
}

#endif
