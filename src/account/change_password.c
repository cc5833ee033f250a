/*
 * POST /auth/change-password: the password again, then a new one; all other sessions end, this one stays.
 */
#include <cabinet/audit.h>
#include <cabinet/resource.h>
#include <string.h>

#include "account_internal.h"
#include "statements.h"

enum { CURRENT, NEW };

int cab_account_change_password(struct cab_call *call, struct cab_err *err) {
    struct cab_account_field fields[] = {
        [CURRENT] = { .name = "current_password", .is_required = true },
        [NEW] = { .name = "new_password", .is_required = true },
        { .name = NULL },
    };
    const char *user_id = call->caller.user_id_text;
    const struct cab_json *object;
    char *new_hash;

    if (cab_account_no_params(call, err) != 0 || cab_account_body(call, false, &object, err) != 0 ||
        cab_account_fields(call, object, fields, err) != 0)
        return cab_resource_refuse(call, err);
    struct cab_pipe *pipe = cab_call_pipe(call);
    int at = cab_account_queue(call->mem, pipe, CAB_SHAPE_ONE, cab_sql_text_account_password, 1, user_id);
    if (cab_call_run(call, err) != 0)
        return -1;
    const struct cab_result *account = cab_pipe_result(pipe, at);
    const char *hash;
    if (cab_password_check(call->conf, call->mem, "new_password", fields[NEW].value, fields[NEW].length,
                           cab_result_value(account, 0, 0), cab_result_value(account, 0, 1), err) != 0)
        return cab_account_settle(err);
    if (cab_account_password_again(call, &fields[CURRENT], CAB_ACTION_PASSWORD_CHANGE, &hash, err) != 0 ||
        cab_password_hash(call->mem, call->conf, fields[NEW].value, fields[NEW].length, &new_hash, err) != 0)
        return -1;

    pipe = cab_call_pipe(call);
    cab_account_queue_unchanged(call, pipe, user_id, hash);
    cab_account_queue(call->mem, pipe, CAB_SHAPE_ONE, cab_sql_text_account_password_set, 2, user_id, new_hash);
    at = cab_account_queue(call->mem, pipe, CAB_SHAPE_NONE, cab_sql_text_session_end_all, 2, user_id,
                           call->caller.session_id);
    /* whatever somebody else had begun with the account */
    cab_account_token_void(call, pipe, 0, user_id);
    cab_account_mail(call, pipe, CAB_MAIL_PASSWORD_CHANGED, user_id, NULL, NULL);
    cab_audit_add(call, pipe, CAB_ACTION_PASSWORD_CHANGE, user_id, true, NULL);
    if (cab_call_run(call, err) != 0)
        return -1;
    struct cab_json_writer w = { .buf = &call->response->body };
    cab_response_header(call->response, "Cache-Control", "no-store");
    cab_json_open(&w, NULL, '{');
    cab_json_put_int(&w, "sessions_ended", cab_result_affected(cab_pipe_result(pipe, at)));
    cab_json_close(&w, '}');
    return 0;
}
