/*
 * One's own account and the accounts of others: the generic handlers do the work on table users; what is special about
 * accounts is checked before them, and queued behind their write.
 */
#include <cabinet/resource.h>
#include <string.h>

#include "account_internal.h"
#include "statements.h"

/* Hands the call over to a generic handler, as if it had come by /{table}/{id}. */
static int delegate(struct cab_call *call, const char *key, int (*run)(struct cab_call *, struct cab_err *),
                    void (*after)(struct cab_call *, struct cab_pipe *, const char *), const struct cab_request *request,
                    struct cab_err *err) {
    struct cab_call inner = *call;
    inner.table = cab_account_users(call);
    inner.capture[0] = inner.table->name;
    inner.capture[1] = key;
    inner.after = after;
    inner.request = request;
    int rc = run(&inner, err);
    call->pipe = inner.pipe;
    call->streamed = inner.streamed;
    return rc;
}

/* A superuser who is demoted, banned or deleted must not be the last one. */
static void after_rights(struct cab_call *call, struct cab_pipe *pipe, const char *key) {
    cab_account_queue(call->mem, pipe, CAB_SHAPE_ANY, cab_sql_text_session_end_shut_out, 1, key);
    cab_account_queue(call->mem, pipe, CAB_SHAPE_ANY, cab_sql_text_account_superuser_remains, 0);
}

/* The same request with another text for username. */
static const struct cab_request *with_username(struct cab_call *call, const struct cab_json *object,
                                               const char *username) {
    struct cab_request *request = cab_mem_alloc(call->mem, sizeof *request);
    struct cab_json_writer w;
    struct cab_buf body;

    cab_buf_init(&body, call->mem, call->request->body_len + 16);
    w = (struct cab_json_writer){.buf = &body};
    cab_json_open(&w, NULL, '{');
    for (size_t i = 0; i < cab_json_count(object); i++) {
        const char *name = cab_json_key(object, i);
        size_t n;
        const char *source = cab_json_source(cab_json_member(object, i), &n);
        if (strcmp(name, "username") == 0)
            cab_json_put(&w, name, username);
        else
            cab_json_put_raw(&w, name, cab_strndup(call->mem, source, n));
    }
    cab_json_close(&w, '}');
    *request = *call->request;
    request->body = body.data;
    request->body_len = body.len;
    return request;
}

static int update(struct cab_call *call, const char *key, bool is_own, struct cab_err *err) {
    const struct cab_request *request = call->request;
    const char *username = NULL, *normal = NULL;
    const struct cab_json *object;
    enum cab_body_type type;
    struct cab_change change;

    if (cab_request_body_type(request, CAB_BODY_JSON | CAB_BODY_MERGE_PATCH, &type, err) != 0 ||
        cab_json_parse(call->mem, request->body, request->body_len, &object, err) != 0)
        return -1;
    if (cab_json_type(object) != CAB_JSON_OBJECT)
        return cab_fail(err, CAB_PROBLEM_INVALID, "The body must be a JSON object.");
    if (is_own && cab_json_get(object, "email") != NULL) {
        cab_fail(err, CAB_PROBLEM_USE_CHANGE_EMAIL, "The e-mail address is not changed here, because the new one must be confirmed.");
        return cab_err_flaw(err, call->mem, CAB_PLACE_FIELD, "email", "use_change_email",
                            "The e-mail address is not changed here. Leave it out.");
    }
    const char *email = cab_account_text(object, "email", NULL);
    if (email != NULL)
        cab_account_check_email(call->mem, email, err);
    username = cab_account_text(object, "username", NULL);
    if (username != NULL) {
        if (cab_account_normalize(call->mem, call->db, username, &normal, err) != 0)
            return -1;
        cab_account_check_username(call->mem, normal, err);
    }
    if (err->flaws != NULL) {
        /* with what the generic checks find, so that one answer tells all */
        (void)!cab_change_from_json(call, cab_account_users(call), CAB_OP_UPDATE, object, NULL, 0, &change, err);
        return cab_account_settle(err);
    }
    if (normal != NULL && strcmp(normal, username) != 0)
        request = with_username(call, object, normal);
    bool touches_rights = cab_json_get(object, "is_superuser") != NULL || cab_json_get(object, "banned_at") != NULL;
    return delegate(call, key, cab_resource_patch, touches_rights ? after_rights : NULL, request, err);
}

int cab_account_me(struct cab_call *call, struct cab_err *err) {
    return delegate(call, call->caller.user_id_text, cab_resource_read, NULL, call->request, err);
}

int cab_account_me_update(struct cab_call *call, struct cab_err *err) {
    return update(call, call->caller.user_id_text, true, err);
}

int cab_account_update(struct cab_call *call, struct cab_err *err) {
    bool is_own = strcmp(call->capture[0], call->caller.user_id_text) == 0;
    return update(call, call->capture[0], is_own && !call->caller.is_admin, err);
}

int cab_account_delete(struct cab_call *call, struct cab_err *err) {
    return delegate(call, call->capture[0], cab_resource_delete, after_rights, call->request, err);
}

int cab_account_restore(struct cab_call *call, struct cab_err *err) {
    return delegate(call, call->capture[0], cab_resource_restore, NULL, call->request, err);
}
