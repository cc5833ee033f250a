/*
 * The grammar of header values (RFC 9110 section 5.6), and what requests say in them: Prefer, Accept, cookies and the
 * type of the body.  Knows no route.
 */
#include "http/parts.h"

#include <string.h>
#include <strings.h>

bool cab_is_tchar(unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

const char *cab_skip_ows(const char *s) {
    return s + strspn(s, " \t");
}

const char *cab_skip_token(const char *s) {
    while (cab_is_tchar((unsigned char)*s))
        s++;
    return s;
}

char *cab_unquote(void *ctx, const char **s) {
    const char *from = *s + 1;
    char *text = cab_mem_alloc(ctx, strlen(from) + 1), *to = text;
    for (; *from != '"'; from++) {
        if (*from == '\\')
            from++;
        if (*from == '\0')
            return NULL;
        *to++ = *from;
    }
    *to = '\0';
    *s = from + 1;
    return text;
}

static bool is_token(const char *start, const char *end, const char *word) {
    return strlen(word) == (size_t)(end - start) && strncasecmp(start, word, (size_t)(end - start)) == 0;
}

/* ---- Prefer (RFC 7240) ---- */

/* Reads `token [= word]` at *s; name from start to name_end; the value below ctx, "" where there is none.  -1 where it
 * is broken. */
static int read_preference(void *ctx, const char **s, const char **name_end, const char **value) {
    const char *at = cab_skip_token(*s);
    if (at == *s)
        return -1;
    *name_end = at;
    *value = "";
    at = cab_skip_ows(at);
    if (*at == '=') {
        at = cab_skip_ows(at + 1);
        if (*at == '"') {
            if ((*value = cab_unquote(ctx, &at)) == NULL)
                return -1;
        } else {
            const char *end = cab_skip_token(at);
            *value = cab_strndup(ctx, at, (size_t)(end - at));
            at = end;
        }
        at = cab_skip_ows(at);
    }
    *s = at;
    return 0;
}

const char *cab_prefer_value(const struct cab_request *request, const char *name) {
    const char *at = request->prefer;
    while (at != NULL && *at != '\0') {
        at = cab_skip_ows(at);
        if (*at == ',') {
            at++;
            continue;
        }
        const char *start = at, *end, *value, *ignored;
        if (*at == '\0' || read_preference(request->mem, &at, &end, &value) != 0)
            return NULL;
        while (*at == ';') { /* parameters of a preference have no meaning here */
            const char *parameter_end;
            at = cab_skip_ows(at + 1);
            if (*at != ';' && *at != ',' && *at != '\0' &&
                read_preference(request->mem, &at, &parameter_end, &ignored) != 0)
                return NULL;
        }
        if (is_token(start, end, name))
            return value; /* the first one counts */
        if (*at != ',' && *at != '\0')
            return NULL;
    }
    return NULL;
}

bool cab_prefers(const struct cab_request *request, const char *name, const char *value) {
    const char *sent = cab_prefer_value(request, name);
    return sent != NULL && (value == NULL || strcmp(sent, value) == 0);
}

/* ---- Accept (RFC 9110 section 12.5.1) ---- */

/* How the media range at [start, end) names type: 3 exactly, 2 by its family, 1 by the range of all, 0 not at all. */
static int range_matches(const char *start, const char *end, const char *type) {
    size_t n = (size_t)(end - start), family = (size_t)(strchr(type, '/') - type) + 1;
    if (n == strlen(type) && strncasecmp(start, type, n) == 0)
        return 3;
    if (n == family + 1 && strncasecmp(start, type, family) == 0 && start[family] == '*')
        return 2;
    return n == 3 && memcmp(start, "*/*", 3) == 0 ? 1 : 0;
}

/* Moves *s over the parameters of a media range; false where q makes it unwanted.  The value of parameter goes to
 * *value_out. */
static bool range_wanted(void *ctx, const char **s, const char *parameter, const char **value_out) {
    bool is_wanted = true;
    const char *at = cab_skip_ows(*s);
    while (*at == ';') {
        at = cab_skip_ows(at + 1);
        const char *name = at, *name_end, *value;
        if (*at == ';' || *at == ',' || *at == '\0')
            continue;
        if (read_preference(ctx, &at, &name_end, &value) != 0)
            break;
        if (is_token(name, name_end, "q"))
            is_wanted = strspn(value, "0.") != strlen(value) || *value == '\0';
        else if (parameter != NULL && is_token(name, name_end, parameter))
            *value_out = value;
    }
    *s = at;
    return is_wanted;
}

static const char *next_range(const char *at) {
    bool is_quoted = false;
    for (; *at != '\0' && (is_quoted || *at != ','); at++) {
        if (*at == '"')
            is_quoted = !is_quoted;
        else if (*at == '\\' && is_quoted && at[1] != '\0')
            at++;
    }
    return *at == ',' ? at + 1 : at;
}

/* The most exact range that names type decides. */
static bool accepts(const struct cab_request *request, const char *type, const char *parameter,
                    const char **value_out) {
    int best = 0;
    bool is_wanted = false;
    if (request->accept == NULL)
        return true;
    for (const char *at = request->accept; *(at = cab_skip_ows(at)) != '\0'; at = next_range(at)) {
        const char *end = at + strcspn(at, ";, \t"), *value = NULL;
        int match = range_matches(at, end, type);
        if (match == 0)
            continue;
        at = end;
        bool wanted = range_wanted(request->mem, &at, parameter, &value);
        if (match > best || (match == best && wanted)) {
            best = match;
            is_wanted = wanted;
            *value_out = value;
        }
    }
    return is_wanted;
}

bool cab_accepts(const struct cab_request *request, const char *type) {
    const char *value = NULL;
    return accepts(request, type, NULL, &value);
}

const char *cab_accept_parameter(const struct cab_request *request, const char *type, const char *name) {
    const char *value = NULL;
    return accepts(request, type, name, &value) ? value : NULL;
}

/* ---- cookies (RFC 6265 section 5.4) ---- */

const char *cab_request_cookie(const struct cab_request *request, const char *name) {
    size_t n = strlen(name);
    for (const char *at = request->cookie; at != NULL && *at != '\0';) {
        at = cab_skip_ows(at);
        size_t len = strcspn(at, ";");
        if (len > n && strncmp(at, name, n) == 0 && at[n] == '=') {
            const char *value = at + n + 1, *end = at + len;
            while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
                end--;
            if (end - value >= 2 && *value == '"' && end[-1] == '"') {
                value++;
                end--;
            }
            return cab_strndup(request->mem, value, (size_t)(end - value));
        }
        at += len;
        at += *at == ';';
    }
    return NULL;
}

/* ---- the body's type ---- */

static const struct body_row { enum cab_body_type type; const char *name; } body_rows[] = {
    { CAB_BODY_JSON, "application/json" },
    { CAB_BODY_FORM, "application/x-www-form-urlencoded" },
    { CAB_BODY_MERGE_PATCH, "application/merge-patch+json" },
};

/* Only charset=utf-8 may follow the type. */
static bool parameters_fit(const struct cab_request *request, const char *at) {
    at = cab_skip_ows(at);
    while (*at == ';') {
        const char *name = at = cab_skip_ows(at + 1), *name_end, *value;
        if (*at == '\0' || *at == ';')
            continue;
        if (read_preference(request->mem, &at, &name_end, &value) != 0)
            return false;
        if (is_token(name, name_end, "charset") && strcasecmp(value, "utf-8") != 0)
            return false;
    }
    return *at == '\0';
}

int cab_request_body_type(const struct cab_request *request, unsigned allowed, enum cab_body_type *type_out,
                          struct cab_err *err) {
    const char *sent = request->content_type;
    size_t n = sent == NULL ? 0 : strcspn(sent, "; \t");
    if (allowed & CAB_BODY_MERGE_PATCH) /* plain JSON is taken for a merge patch */
        allowed |= CAB_BODY_JSON;
    struct cab_buf names;
    cab_buf_init(&names, request->mem, 64);
    for (size_t i = 0; i < CAB_LENGTH(body_rows); i++) {
        const struct body_row *row = &body_rows[i];
        if ((allowed & row->type) == 0)
            continue;
        if (n == strlen(row->name) && strncasecmp(sent, row->name, n) == 0 && parameters_fit(request, sent + n)) {
            *type_out = row->type;
            return 0;
        }
        cab_buf_adds(&names, names.len > 0 ? ", " : "");
        cab_buf_adds(&names, row->name);
    }
    err->allow = names.data;
    return cab_fail(err, CAB_PROBLEM_UNSUPPORTED_MEDIA_TYPE, "Send the body as %s (UTF-8), and say so in Content-Type.",
                    names.data);
}
