/*
 * One's own account and the accounts of others: rows of users, written by the pieces of the generic code, with what is
 * special about accounts queued beside them.
 */
#include <cabinet/resource.h>
#include <string.h>

#include "account_internal.h"
#include "statements.h"

static int respond_me(struct cab_call *call, const struct cab_result *result, struct cab_err *err) {
    return result == NULL ? -1 : cab_respond_row(call, cab_account_users(call), result, 200, err);
}

static int read_me(struct cab_call *call, struct cab_err *err) {
    struct cab_pipe *pipe = cab_call_pipe(call);
    int at = cab_row_select(call, cab_account_users(call), call->caller.user_id_text, pipe);
    return cab_call_then(call, at, respond_me, err);
}

/* No row: the guard shall say why. */
static int respond_own(struct cab_call *call, const struct cab_result *result, struct cab_err *err) {
    if (result == NULL || cab_result_rows(result) == 1)
        return respond_me(call, result, err);
    return read_me(call, err);
}

int cab_account_me(struct cab_call *call, struct cab_err *err) {
    const struct cab_table *users = cab_account_users(call);
    if (cab_resource_admit(call, users, CAB_OP_READ, err) != 0 || cab_resource_params(call, users, NULL, err) != 0)
        return cab_resource_refuse(call, err);
    if (call->caller.is_key) /* whose guard is another */
        return read_me(call, err);
    int at = cab_row_own(call, users);
    return cab_call_then(call, at, respond_own, err);
}

/* A superuser who is demoted, banned or deleted must not be the last one; who is shut out has no session. */
static void queue_rights_check(struct cab_call *call, struct cab_pipe *pipe, const char *key) {
    cab_account_queue(call->mem, pipe, CAB_SHAPE_ANY, cab_sql_text_session_end_shut_out, 1, key);
    cab_account_queue(call->mem, pipe, CAB_SHAPE_ANY, cab_sql_text_account_superuser_remains, 0);
}

/* The change a body asks for.  An address is never changed by its owner here. */
static int read_change(struct cab_call *call, bool is_own, struct cab_change *change, bool *touches_rights_out,
                       struct cab_err *err) {
    const struct cab_table *users = cab_account_users(call);
    const char *username, *email;
    const struct cab_json *object;

    if (cab_resource_body(call, &object, err) != 0)
        return -1;
    if (cab_json_type(object) != CAB_JSON_OBJECT)
        return cab_fail(err, CAB_PROBLEM_INVALID, "The body must be a JSON object.");
    email = cab_account_text(object, "email", NULL);
    if (is_own && cab_json_get(object, "email") != NULL) {
        cab_fail(err, CAB_PROBLEM_USE_CHANGE_EMAIL,
                 "The e-mail address is not changed here, because the new one must be confirmed. Leave it out.");
        cab_err_flaw(err, call->mem, CAB_PLACE_FIELD, "email", "use_change_email",
                     "The e-mail address is not changed here. Leave it out.");
    } else if (email != NULL) {
        cab_account_check_email(call->mem, email, err);
    }
    username = cab_account_text(object, "username", NULL);
    if (username != NULL) {
        if (cab_account_normalize(call->mem, call->db, username, &username, err) != 0)
            return -1;
        cab_account_check_username(call->mem, username, err);
    }
    int rc = cab_change_from_json(call, users, CAB_OP_UPDATE, object, NULL, 0, change, err);
    if (err->flaws != NULL)
        return cab_account_settle(err);
    if (rc != 0)
        return -1;
    if (username != NULL)
        cab_change_set(call, change, "username", username);
    *touches_rights_out = cab_json_get(object, "is_superuser") != NULL || cab_json_get(object, "banned_at") != NULL;
    return 0;
}

static int update_guarded(struct cab_call *call, const struct cab_change *change, const char *key, bool touches_rights,
                          struct cab_err *err) {
    const struct cab_table *users = cab_account_users(call);
    struct cab_pipe *pipe = cab_call_pipe(call);
    int at = cab_change_update(call, change, key, pipe);
    if (touches_rights)
        queue_rights_check(call, pipe, key);
    if (cab_change_run(call, change, err) != 0 || cab_change_outcome(call, users, CAB_OP_UPDATE, key, at, err) != 0)
        return -1;
    return cab_respond_row(call, users, cab_pipe_result(pipe, at), 200, err);
}

static int respond_changed(struct cab_call *call, const struct cab_result *result, struct cab_err *err) {
    const struct cab_change *change = call->then_arg;
    if (result == NULL)
        return cab_change_failed(call, change, err);
    if (cab_result_rows(result) == 1)
        return cab_respond_row(call, cab_account_users(call), result, 200, err);
    return update_guarded(call, change, call->caller.user_id_text, false, err); /* the guard shall say why */
}

static int update(struct cab_call *call, const char *text, bool is_own, struct cab_err *err) {
    const struct cab_table *users = cab_account_users(call);
    struct cab_change *change = cab_new(call->mem, struct cab_change);
    bool touches_rights = false;
    const char *key;

    if (cab_resource_admit(call, users, CAB_OP_UPDATE, err) != 0 || cab_resource_params(call, users, NULL, err) != 0 ||
        cab_row_key(call, users, text, &key, err) != 0 || read_change(call, is_own, change, &touches_rights, err) != 0)
        return cab_resource_refuse(call, err);
    bool is_own_row = strcmp(key, call->caller.user_id_text) == 0;
    int at = is_own_row && !touches_rights ? cab_change_update_own(call, change) : -1;
    if (at < 0)
        return update_guarded(call, change, key, touches_rights, err);
    call->then_arg = change;
    return cab_call_then(call, at, respond_changed, err);
}

int cab_account_me_update(struct cab_call *call, struct cab_err *err) {
    return update(call, call->caller.user_id_text, true, err);
}

int cab_account_update(struct cab_call *call, struct cab_err *err) {
    bool is_own = strcmp(call->capture[0], call->caller.user_id_text) == 0;
    return update(call, call->capture[0], is_own && !call->caller.is_admin, err);
}

static int read_permanent(struct cab_call *call, bool *permanent_out, struct cab_err *err) {
    const char *text = cab_request_param(call->request, "permanent");
    *permanent_out = false;
    if (text == NULL || cab_parse_bool(text, permanent_out) == 0)
        return 0;
    cab_err_flaw(err, call->mem, CAB_PLACE_PARAMETER, "permanent", "invalid", "This parameter is true or false.");
    return cab_account_settle(err);
}

int cab_account_delete(struct cab_call *call, struct cab_err *err) {
    const struct cab_table *users = cab_account_users(call);
    bool permanent;
    const char *key;

    if (cab_resource_params(call, users, "permanent", err) != 0 || read_permanent(call, &permanent, err) != 0 ||
        cab_resource_admit(call, users, permanent ? CAB_OP_PURGE : CAB_OP_DELETE, err) != 0 ||
        cab_row_key(call, users, call->capture[0], &key, err) != 0)
        return cab_resource_refuse(call, err);
    enum cab_op op = permanent ? CAB_OP_PURGE : CAB_OP_DELETE;
    struct cab_pipe *pipe = cab_call_pipe(call);
    int at = cab_change_delete(call, users, key, permanent, pipe);
    queue_rights_check(call, pipe, key);
    if (cab_change_run(call, NULL, err) != 0 || cab_change_outcome(call, users, op, key, at, err) != 0)
        return -1;
    if (!permanent && cab_prefers(call->request, "return", "representation"))
        return cab_respond_row(call, users, cab_pipe_result(pipe, at), 200, err);
    call->response->status = 204;
    call->response->content_type = NULL;
    return 0;
}

int cab_account_restore(struct cab_call *call, struct cab_err *err) {
    const struct cab_table *users = cab_account_users(call);
    const char *key;

    if (cab_resource_admit(call, users, CAB_OP_RESTORE, err) != 0 || cab_resource_params(call, users, NULL, err) != 0 ||
        cab_row_key(call, users, call->capture[0], &key, err) != 0)
        return cab_resource_refuse(call, err);
    struct cab_pipe *pipe = cab_call_pipe(call);
    int at = cab_change_restore(call, users, key, pipe);
    if (cab_change_run(call, NULL, err) != 0 || cab_change_outcome(call, users, CAB_OP_RESTORE, key, at, err) != 0)
        return -1;
    return cab_respond_row(call, users, cab_change_restored(call, at), 200, err);
}
