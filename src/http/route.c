/*
 * From method and path to a row of the route table.  Literal words win over captures; what is found depends on the
 * table alone.
 */
#include "http/internal.h"

#include <string.h>

#define MAX_CAPTURES 4

/* First words of paths that are never a table, whatever routes there are below them. */
static const char *const reserved[] = {
    "auth", "admin", "health", "metrics", "docs", "problems", "console", "openapi.json",
};

bool cab_route_is_reserved(const char *word) {
    for (size_t i = 0; i < CAB_LENGTH(reserved); i++)
        if (strcmp(reserved[i], word) == 0)
            return true;
    return word[0] == '_';
}

/* How a path fits a row: bit n is set where the n-th word from the left is literal, leftmost highest. */
struct fit {
    unsigned score;
    int n_literals, n_words;
    const char *capture[MAX_CAPTURES];
};

/* Words of a request: all of them, for rows outside the base path, or those below it. */
struct words {
    const char **list; /* NULL where the path is not there */
    int n;
    bool is_reserved;  /* the first one is no table */
};

static struct words all_words(const struct cab_request *request) {
    return (struct words){ request->segments, request->n_segments,
                           request->n_segments > 0 && cab_route_is_reserved(request->segments[0]) };
}

static struct words words_below(const struct cab_request *request) {
    static const char *const base[] = { "api", "v1" };
    int n = (int)CAB_LENGTH(base);
    if (request->n_segments <= n)
        return (struct words){ 0 };
    for (int i = 0; i < n; i++)
        if (strcmp(request->segments[i], base[i]) != 0)
            return (struct words){ 0 };
    return (struct words){ request->segments + n, request->n_segments - n,
                           cab_route_is_reserved(request->segments[n]) };
}

/* Moves *at behind its word where that is word, which may hold slashes that were sent encoded. */
static bool skip_literal(const char **at, const char *word) {
    const char *end = *at;
    while (*word != '\0' && *word != '/' && *end == *word)
        end++, word++;
    *at = end;
    return *word == '\0' && (*end == '/' || *end == '\0');
}

/* Every row is tried for every request, and nearly all fail within a few bytes. */
static bool fits(const struct cab_route *route, const struct cab_request *request, const struct words *words,
                 struct fit *fit) {
    const char *at = route->path + (route->path[0] == '!');
    int n_captures = 0;
    if (words->list == NULL || words->n == 0 || (at[1] != '{' && at[1] != words->list[0][0]))
        return false;
    fit->score = 0;
    fit->n_literals = 0;
    fit->n_words = words->n;
    memset(fit->capture, 0, sizeof fit->capture);
    for (int i = 0; i < words->n; i++) {
        const char *word = words->list[i];
        if (*at++ != '/')
            return false;
        if (*at == '{') {
            if (word[0] == '\0' || (i == 0 && words->is_reserved))
                return false;
            CAB_BUG_ON(n_captures == MAX_CAPTURES);
            const char *behind = strchr(at, '}') + 1;
            for (at = behind; *at != '/' && *at != '\0';)
                at++;
            fit->capture[n_captures++] = word;
            if (at > behind) { /* "{table}.csv" */
                size_t ending = (size_t)(at - behind), n = strlen(word);
                if (n <= ending || memcmp(word + n - ending, behind, ending) != 0)
                    return false;
                fit->capture[n_captures - 1] = cab_strndup(request->mem, word, n - ending);
                fit->score |= 1u << (31 - i);
            }
        } else {
            if (!skip_literal(&at, word))
                return false;
            fit->score |= 1u << (31 - i);
            fit->n_literals++;
        }
    }
    return *at == '\0';
}

/* "/users/me" is a place of its own, so it is not also "/{table}/{id}"; a single word may be both place and table. */
static bool is_place(const struct fit *fit) {
    return fit->n_words > 1 && fit->n_literals == fit->n_words;
}

/* Every method of the path, for Allow. */
static const char *allow_of(const struct cab_request *request, unsigned methods) {
    struct cab_buf allow;
    cab_buf_init(&allow, request->mem, 64);
    if (methods & 1u << CAB_GET)
        methods |= 1u << CAB_HEAD;
    methods |= 1u << CAB_OPTIONS;
    for (int method = 1; method < CAB_METHOD__MAX; method++)
        if (methods & 1u << method) {
            cab_buf_adds(&allow, allow.len > 0 ? ", " : "");
            cab_buf_adds(&allow, cab_method_name((enum cab_method)method));
        }
    return allow.data;
}

/* OPTIONS tells what there is; who may call is not asked. */
static int answer_options(struct cab_call *call, struct cab_err *err) {
    (void)err;
    call->response->status = 204;
    cab_response_header(call->response, "Allow", "%s", call->capture[0]);
    return 0;
}

static const struct cab_route options_route = {
    CAB_OPTIONS, "/{path}", CAB_ACCESS_ANYONE, CAB_TX_NONE, 0, false, answer_options, "the methods of a path",
    NULL, "204", NULL,
};

/* What a request is looked for by: its words, all and those below the base path. */
struct search {
    const struct cab_request *request;
    struct words all, below;
};

static bool fits_search(const struct cab_route *route, const struct search *search, struct fit *fit) {
    return fits(route, search->request, route->path[0] == '!' ? &search->all : &search->below, fit);
}

/* Methods of the rows that fit: of places only, where there is one. */
static unsigned methods_of(const struct cab_route *routes, const struct search *search) {
    unsigned of_places = 0, of_others = 0;
    struct fit fit;
    for (const struct cab_route *route = routes; route->path != NULL; route++) {
        if (!fits_search(route, search, &fit))
            continue;
        if (is_place(&fit))
            of_places |= 1u << route->method;
        else
            of_others |= 1u << route->method;
    }
    return of_places != 0 ? of_places : of_others;
}

static bool has_place(const struct cab_route *routes, const struct search *search) {
    struct fit fit;
    for (const struct cab_route *route = routes; route->path != NULL; route++)
        if (route->path[1] != '{' && fits_search(route, search, &fit) && is_place(&fit))
            return true;
    return false;
}

/* The best row of the method; those of others, three of four, are looked at only where they can matter. */
static const struct cab_route *best_of(const struct cab_route *routes, const struct search *search,
                                       enum cab_method method, struct fit *fit_out) {
    const struct cab_route *best = NULL;
    struct fit fit;
    for (const struct cab_route *route = routes; route->path != NULL; route++) {
        if (route->method != method || !fits_search(route, search, &fit))
            continue;
        if (best == NULL || is_place(&fit) || (!is_place(fit_out) && fit.score > fit_out->score)) {
            best = route;
            *fit_out = fit;
        }
    }
    return best;
}

int cab_route_find_in(const struct cab_route *routes, const struct cab_request *request,
                      const struct cab_route **route_out, const char *capture[4], struct cab_err *err) {
    enum cab_method wanted = request->method == CAB_HEAD ? CAB_GET : request->method;
    const struct search search = { request, all_words(request), words_below(request) };
    struct fit best_fit = { 0 };
    const struct cab_route *best = best_of(routes, &search, wanted, &best_fit);
    if (best != NULL && best_fit.n_words > 1 && !is_place(&best_fit) && has_place(routes, &search))
        best = NULL; /* the place has other methods */
    unsigned methods = best == NULL ? methods_of(routes, &search) : 0;
    if (best == NULL && methods == 0)
        return cab_fail_no_path(err);
    if (request->method == CAB_OPTIONS && best == NULL) {
        *route_out = &options_route;
        memset(capture, 0, MAX_CAPTURES * sizeof *capture);
        capture[0] = allow_of(request, methods);
        return 0;
    }
    if (best == NULL) {
        err->allow = allow_of(request, methods);
        return cab_fail(err, CAB_PROBLEM_METHOD_NOT_ALLOWED, "This path has the methods %s.", err->allow);
    }
    *route_out = best;
    memcpy(capture, best_fit.capture, sizeof best_fit.capture);
    return 0;
}

int cab_route_find(const struct cab_request *request, const struct cab_route **route_out, const char *capture[4],
                   struct cab_err *err) {
    return cab_route_find_in(cab_routes, request, route_out, capture, err);
}

bool cab_route_streams(const struct cab_request *request) {
    const struct cab_route *route;
    const char *capture[MAX_CAPTURES];
    struct cab_err ignored = { 0 };
    return cab_route_find(request, &route, capture, &ignored) == 0 && route->max_body == CAB_BODY_STREAM;
}

/* What is wrong with a row, or NULL. */
static const char *fault_of(const struct cab_route *route) {
    int n_captures = 0;
    const char *path = route->path;
    path += *path == '!';
    if (*path != '/')
        return "its path does not start with a slash";
    for (const char *at = path; *at != '\0'; at++)
        n_captures += *at == '{';
    if (n_captures > MAX_CAPTURES)
        return "it captures too much";
    if (route->method <= 0 || route->method >= CAB_METHOD__MAX)
        return "it has no method";
    if (route->method == CAB_HEAD || route->method == CAB_OPTIONS)
        return "HEAD and OPTIONS are answered by themselves";
    if (route->access < CAB_ACCESS_ANYONE || route->access > CAB_ACCESS_TABLE)
        return "it does not say who may call";
    if (route->tx < CAB_TX_NONE || route->tx > CAB_TX_SHARED_WRITE)
        return "it has no transaction mode";
    if (route->access != CAB_ACCESS_ANYONE && route->tx == CAB_TX_NONE)
        return "who calls can only be proved in a transaction";
    if (route->access == CAB_ACCESS_TABLE && strncmp(path, "/{table}", 8) != 0)
        return "access by table needs {table} first";
    if (route->run == NULL)
        return "it has no handler";
    if (route->doc == NULL || *route->doc == '\0')
        return "it is not described";
    if (route->answer == NULL || strlen(route->answer) < 3 || strchr("23", route->answer[0]) == NULL)
        return "it does not say what it answers with";
    return NULL;
}

int cab_routes_check_in(const struct cab_route *routes, struct cab_err *err) {
    for (const struct cab_route *route = routes; route->path != NULL; route++) {
        const char *fault = fault_of(route);
        for (const struct cab_route *other = routes; fault == NULL && other < route; other++)
            if (other->method == route->method && strcmp(other->path, route->path) == 0)
                fault = "it is there twice";
        if (fault != NULL)
            return cab_fail(err, CAB_PROBLEM_INTERNAL, "The route %s (row %d) is broken: %s.", route->path,
                            (int)(route - routes) + 1, fault);
    }
    return 0;
}

int cab_routes_check(struct cab_err *err) {
    return cab_routes_check_in(cab_routes, err);
}
