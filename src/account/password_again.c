/*
 * The password once more, from somebody who is signed in: a session that was left open is not enough for everything.
 */
#include <cabinet/audit.h>

#include "account_internal.h"
#include "statements.h"

void cab_account_queue_unchanged(struct cab_call *call, struct cab_pipe *pipe, const char *user_id, const char *hash) {
    cab_account_queue(call->mem, pipe, CAB_SHAPE_MAYBE, cab_sql_text_account_lock, 1, user_id);
    cab_account_queue(call->mem, pipe, CAB_SHAPE_MAYBE, cab_sql_text_account_unchanged, 2, user_id, hash);
}

int cab_account_password_again(struct cab_call *call, const struct cab_account_field *field, enum cab_action action,
                               const char **hash_out, struct cab_err *err) {
    const char *user_id = call->caller.user_id_text;
    struct cab_pipe *pipe = cab_call_pipe(call);
    int at = cab_account_queue(call->mem, pipe, CAB_SHAPE_ONE, cab_sql_text_account_password, 1, user_id);

    if (cab_call_run(call, err) != 0 || cab_account_throttle(call, CAB_THROTTLE_PASSWORD, user_id, true, err) != 0)
        return -1;
    *hash_out = cab_result_value(cab_pipe_result(pipe, at), 0, 2);
    if (cab_password_verify(call->conf, *hash_out, field->value, field->length) == 1) {
        cab_account_throttle_forget(call, CAB_THROTTLE_PASSWORD, user_id);
        return 0;
    }
    pipe = cab_call_pipe(call);
    cab_audit_add(call, pipe, action, user_id, false, NULL);
    if (cab_call_run(call, err) != 0)
        return -1;
    cab_err_flaw(err, call->mem, CAB_PLACE_FIELD, field->name, "wrong_password", "The password is wrong.");
    return cab_account_settle(err);
}
