/*
 * POST /auth/request-password: a token by mail, the same answer for every address.  POST /auth/reset-password: the
 * token sets a new password; all sessions end, and the person is told.
 */
#include <cabinet/audit.h>

#include "account_internal.h"
#include "statements.h"

enum { TOKEN, NEW };

int cab_account_request_password(struct cab_call *call, struct cab_err *err) {
    struct cab_account_field fields[] = { { .name = "email", .is_required = true }, { .name = NULL } };

    if (cab_account_token_body(call, fields, err) != 0)
        return -1;
    if (cab_account_check_email(call->mem, fields[0].value, err) != 0)
        return cab_account_settle(err);
    if (cab_account_throttle(call, CAB_THROTTLE_MAIL, NULL, true, err) != 0)
        return -1;
    struct cab_pipe *pipe = cab_call_pipe(call);
    cab_account_token_request(call, pipe, CAB_MAIL_RESET_PASSWORD, fields[0].value);
    cab_audit_add_address(call, pipe, CAB_ACTION_PASSWORD_RESET_REQUESTED, fields[0].value, true);
    if (cab_call_run(call, err) != 0)
        return -1;
    return cab_account_answer_detail(call, 202, "If the address has an account, a mail is on its way, unless one was "
                                                "sent a moment ago.");
}

int cab_account_reset_password(struct cab_call *call, struct cab_err *err) {
    struct cab_account_field fields[] = {
        [TOKEN] = { .name = "token", .is_required = true },
        [NEW] = { .name = "new_password", .is_required = true },
        { .name = NULL },
    };
    struct cab_account_holder holder;
    char *hash;

    if (cab_account_token_body(call, fields, err) != 0 ||
        cab_account_token_find(call, CAB_MAIL_RESET_PASSWORD, fields[TOKEN].value, &holder, err) != 0)
        return -1;
    if (cab_password_check(call->conf, call->mem, "new_password", fields[NEW].value, fields[NEW].length, holder.email,
                           holder.username, err) != 0)
        return cab_account_settle(err);
    if (cab_password_hash(call->mem, call->conf, fields[NEW].value, fields[NEW].length, &hash, err) != 0)
        return -1;
    struct cab_pipe *pipe = cab_call_pipe(call);
    cab_account_token_consume(call, pipe, CAB_MAIL_RESET_PASSWORD, &holder);
    cab_account_queue(call->mem, pipe, CAB_SHAPE_ONE, cab_sql_text_account_password_set, 2, holder.user_id, hash);
    cab_account_queue(call->mem, pipe, CAB_SHAPE_NONE, cab_sql_text_user_verify_address, 1, holder.user_id);
    int at = cab_account_queue(call->mem, pipe, CAB_SHAPE_NONE, cab_sql_text_session_end_all, 2, holder.user_id, NULL);
    /* whatever somebody else had begun with the account */
    cab_account_token_void(call, pipe, 0, holder.user_id);
    cab_account_mail(call, pipe, CAB_MAIL_PASSWORD_CHANGED, holder.user_id, NULL, NULL);
    cab_audit_add(call, pipe, CAB_ACTION_PASSWORD_RESET, holder.user_id, true, NULL);
    if (cab_account_token_run(call, CAB_MAIL_RESET_PASSWORD, err) != 0)
        return -1;
    struct cab_json_writer w = { .buf = &call->response->body };
    cab_response_header(call->response, "Cache-Control", "no-store");
    cab_json_open(&w, NULL, '{');
    cab_json_put_int(&w, "sessions_ended", cab_result_affected(cab_pipe_result(pipe, at)));
    cab_json_close(&w, '}');
    cab_account_remember_device(call, holder.user_id); /* who reads the person's mail gets in, whoever guesses */
    return 0;
}
