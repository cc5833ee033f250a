/*
 * POST /auth/verify: a mailed token confirms the address of its account.  POST /auth/resend-verification sends it once
 * more, and answers the same whether there is such an account.
 */
#include <cabinet/audit.h>

#include "account_internal.h"
#include "statements.h"

int cab_account_verify(struct cab_call *call, struct cab_err *err) {
    struct cab_account_field fields[] = { { .name = "token", .is_required = true }, { .name = NULL } };
    struct cab_account_holder holder;

    if (cab_account_token_body(call, fields, err) != 0 ||
        cab_account_token_find(call, CAB_MAIL_VERIFY_EMAIL, fields[0].value, &holder, err) != 0)
        return -1;
    struct cab_pipe *pipe = cab_call_pipe(call);
    cab_account_token_consume(call, pipe, CAB_MAIL_VERIFY_EMAIL, &holder);
    cab_account_queue(call->mem, pipe, CAB_SHAPE_NONE, cab_sql_text_user_verify_address, 1, holder.user_id);
    cab_audit_add(call, pipe, CAB_ACTION_EMAIL_VERIFIED, holder.user_id, true, NULL);
    if (cab_account_token_run(call, CAB_MAIL_VERIFY_EMAIL, err) != 0)
        return -1;
    return cab_account_answer_detail(call, 200, "The address is confirmed.");
}

int cab_account_resend_verification(struct cab_call *call, struct cab_err *err) {
    struct cab_account_field fields[] = { { .name = "email", .is_required = true }, { .name = NULL } };

    if (cab_account_token_body(call, fields, err) != 0)
        return -1;
    if (cab_account_check_email(call->mem, fields[0].value, err) != 0)
        return cab_account_settle(err);
    if (cab_account_throttle(call, CAB_THROTTLE_MAIL, NULL, true, err) != 0)
        return -1;
    struct cab_pipe *pipe = cab_call_pipe(call);
    cab_account_token_request(call, pipe, CAB_MAIL_VERIFY_EMAIL, fields[0].value);
    cab_audit_add_address(call, pipe, CAB_ACTION_VERIFICATION_REQUESTED, fields[0].value, true);
    if (cab_call_run(call, err) != 0)
        return -1;
    return cab_account_answer_detail(call, 202, "If the address has an account that is not confirmed, a mail is on its "
                                                "way, unless one was sent a moment ago.");
}
