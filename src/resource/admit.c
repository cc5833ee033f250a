/*
 * Policy and conditional headers, before anything is planned.
 */
#include "admit.h"

#include <string.h>

#include <cabinet/resource.h>

#include "lexeme.h"
#include "query.h"

int cab_refuse(struct cab_call *call, struct cab_err *err) {
    struct cab_err guard = { 0 };
    cab_call_pipe(call);
    if (cab_call_run(call, &guard) != 0)
        *err = guard;
    return -1;
}

/* The version in an entity tag at *at, which is moved behind it: "17.ab12" or W/"17.ab12". */
static int read_tag(const void *ctx, const char **at, const char **version_out) {
    const char *s = *at;
    if (strncmp(s, "W/", 2) == 0)
        s += 2;
    if (*s++ != '"')
        return -1;
    const char *end = strchr(s, '"');
    if (end == NULL)
        return -1;
    size_t n = strcspn(s, ".\"");
    char *version = cab_strndup(ctx, s, n);
    int64_t number;
    /* a tag that is not ours is well formed, and matches nothing */
    *version_out = cab_lexeme_integer(version) && cab_parse_int64(version, 0, INT64_MAX, &number) == 0 ? version : "-1";
    *at = end + 1;
    return 0;
}

int cab_match_read(const void *ctx, const char *header, struct cab_match *match_out) {
    struct cab_buf versions;
    *match_out = (struct cab_match){ .is_given = header != NULL };
    if (header == NULL)
        return 0;
    if (strcmp(header, "*") == 0) {
        match_out->is_any = true;
        return 0;
    }
    cab_buf_init(&versions, ctx, 32);
    cab_buf_addc(&versions, '{');
    for (const char *at = header + strspn(header, " \t");;) {
        const char *version;
        if (read_tag(ctx, &at, &version) != 0)
            return -1;
        cab_buf_adds(&versions, versions.len > 1 ? "," : "");
        cab_buf_adds(&versions, version);
        at += strspn(at, " \t");
        if (*at == '\0')
            break;
        if (*at++ != ',')
            return -1;
        at += strspn(at, " \t");
    }
    cab_buf_addc(&versions, '}');
    match_out->versions = versions.data;
    return 0;
}

bool cab_match_none(const char *header, const char *etag) {
    size_t n = strlen(etag);
    if (header == NULL)
        return false;
    if (strcmp(header, "*") == 0)
        return true;
    for (const char *at = header; (at = strstr(at, etag)) != NULL; at += n)
        if (at[n] == '\0' || strchr(", \t", at[n]) != NULL)
            return true;
    return false;
}

static int check_match(struct cab_call *call, const struct cab_table *table, struct cab_err *err) {
    struct cab_match match;
    if (cab_match_read(call->mem, call->request->if_match, &match) != 0) {
        (void)cab_err_flaw(err, call->mem, CAB_PLACE_HEADER, "If-Match", "format",
                           "Must be * or entity tags in double quotes, as ETag gives them.");
        return cab_fail(err, CAB_PROBLEM_MALFORMED,
                        "The header If-Match is malformed; send the ETag of the row as it is.");
    }
    if (table->is_require_if_match && !match.is_given) {
        (void)cab_err_flaw(err, call->mem, CAB_PLACE_HEADER, "If-Match", "required",
                           "Must hold the ETag of the row; read it first.");
        return cab_fail(err, CAB_PROBLEM_PRECONDITION_REQUIRED,
                        "Rows of this table are changed only with If-Match; read the row and send its ETag.");
    }
    return 0;
}

/* What the user of an API key could do and the key cannot; what neither can is refused as to everybody. */
static int check_scope(const struct cab_call *call, const struct cab_table *table, enum cab_op op,
                       struct cab_err *err) {
    if (cab_scope_allows(&call->caller, table, op))
        return 0;
    struct cab_caller user = call->caller;
    user.scopes = NULL;
    if (cab_policy_rows(&user, table, op) == CAB_ROWS_NONE)
        return 0;
    return cab_fail(err, CAB_PROBLEM_INSUFFICIENT_SCOPE, "The API key lacks the scope %s:%s.", table->name,
                    op == CAB_OP_READ || op == CAB_OP_LIST ? "read" : "write");
}

int cab_admit(struct cab_call *call, const struct cab_table *table, enum cab_op op, struct cab_err *err) {
    if (table->key == NULL)
        return cab_fail(err, CAB_PROBLEM_INTERNAL, "Table %s has no key that rows could be named by.", table->name);
    if (check_scope(call, table, op, err) != 0)
        return -1;
    if (cab_policy_rows(&call->caller, table, op) == CAB_ROWS_NONE) {
        if (!call->caller.is_signed_in)
            return cab_fail(err, CAB_PROBLEM_UNAUTHENTICATED,
                            "Log in and send the access token as Authorization: Bearer TOKEN.");
        if (cab_policy_rows(&call->caller, table, CAB_OP_READ) == CAB_ROWS_NONE)
            return cab_fail_no_path(err);
        return cab_fail(err, CAB_PROBLEM_FORBIDDEN, "You may not do this with rows of %s.", table->name);
    }
    if (op == CAB_OP_UPDATE || op == CAB_OP_DELETE || op == CAB_OP_RESTORE || op == CAB_OP_PURGE)
        return check_match(call, table, err);
    return 0;
}

int cab_resource_admit(struct cab_call *call, const struct cab_table *table, enum cab_op op, struct cab_err *err) {
    return cab_admit(call, table, op, err);
}

int cab_resource_refuse(struct cab_call *call, struct cab_err *err) {
    return cab_refuse(call, err);
}

int cab_resource_params(struct cab_call *call, const struct cab_table *table, const char *more, struct cab_err *err) {
    const struct cab_request *request = call->request;
    bool lenient = cab_prefers(request, "handling", "lenient");
    const char *known[] = { "fields", more }, **fields;
    struct cab_complaints complaints;
    struct cab_view view;
    struct cab_buf ignored;
    int n;
    cab_view_init(&view, call, table);
    cab_complaints_init(&complaints, call->mem, err);
    cab_buf_init(&ignored, call->mem, 64);
    struct cab_filter_input input = { .mem = call->mem, .view = &view, .complaints = &complaints };

    for (int i = 0; i < request->n_params; i++) {
        const char *name = request->params[i].name;
        bool is_known = strcmp(name, "fields") == 0 || (more != NULL && strcmp(name, more) == 0);
        for (int j = 0; is_known && j < i; j++)
            if (strcmp(request->params[j].name, name) == 0)
                cab_complain(&complaints, CAB_PROBLEM_MALFORMED, CAB_PLACE_PARAMETER, name, "duplicate",
                             "Must stand only once.");
        if (!is_known && !lenient)
            cab_param_unknown(&input, name, known, more != NULL ? 2 : 1);
        if (!is_known && lenient)
            cab_param_ignore(&ignored, name);
    }
    cab_fields_parse(&input, cab_request_param(request, "fields"), &fields, &n);
    cab_param_ignored(call, ignored.len > 0 ? ignored.data : NULL);
    return cab_complaints_settle(&complaints);
}
