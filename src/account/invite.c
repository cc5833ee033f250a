/*
 * POST /admin/invitations: a mail with a token by which its reader may register with that address, where
 * REGISTRATION=invite.
 */
#include <cabinet/audit.h>
#include <cabinet/resource.h>

#include "account_internal.h"
#include "statements.h"

int cab_account_invite(struct cab_call *call, struct cab_err *err) {
    struct cab_account_field fields[] = { { .name = "email", .is_required = true }, { .name = NULL } };
    struct cab_mail_token *token = cab_new(call->mem, struct cab_mail_token);

    if (cab_account_token_body(call, fields, err) != 0)
        return cab_resource_refuse(call, err);
    if (cab_account_check_email(call->mem, fields[0].value, err) != 0) {
        (void)!cab_account_settle(err);
        return cab_resource_refuse(call, err);
    }
    cab_mail_token_make(call->conf, token);
    call->is_block = true; /* nothing is recorded of an invitation that was not sent */
    struct cab_pipe *pipe = cab_call_pipe(call);
    int at = cab_account_queue(call->mem, pipe, CAB_SHAPE_ONE, cab_sql_text_invitation_request, 4, fields[0].value,
                               token->hash, token->seed, cab_decimal(call->mem, call->conf->invitation_lifetime));
    cab_audit_add(call, pipe, CAB_ACTION_INVITATION_SENT, NULL, true, NULL);
    if (cab_call_run(call, err) != 0)
        return -1;
    if (cab_result_int64(cab_pipe_result(pipe, at), 0, 0) == 0) {
        cab_fail(err, CAB_PROBLEM_CONFLICT, "The address has an account already.");
        return cab_err_flaw(err, call->mem, CAB_PLACE_FIELD, "email", "taken", "The address has an account already.");
    }
    return cab_account_answer_detail(call, 202, "The invitation is on its way.");
}
