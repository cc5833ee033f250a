/*
 * POST /auth/change-email: the password again, then a mail to each address.  POST /auth/confirm-email: the token of the
 * mail to the new one makes it the account's.  Whether the new address has an account is not told.
 */
#include <cabinet/audit.h>
#include <cabinet/resource.h>
#include <strings.h>

#include "account_internal.h"
#include "statements.h"

enum { EMAIL, PASSWORD };

static int request(struct cab_call *call, const char *email, const char *hash, struct cab_err *err) {
    const char *user_id = call->caller.user_id_text;
    struct cab_mail_token *token = cab_new(call->mem, struct cab_mail_token);
    struct cab_pipe *pipe = cab_call_pipe(call);

    cab_mail_token_make(call->conf, token);
    cab_account_queue_unchanged(call, pipe, user_id, hash);
    int at = cab_account_queue(call->mem, pipe, CAB_SHAPE_ONE, cab_sql_text_token_request_email, 6, user_id, email,
                               token->hash, token->seed, cab_decimal(call->mem, call->conf->email_token_lifetime),
                               cab_decimal(call->mem, call->conf->mail_cooldown));
    cab_audit_add(call, pipe, CAB_ACTION_EMAIL_CHANGE_REQUESTED, user_id, true, NULL);
    if (cab_call_run(call, err) != 0)
        return -1;
    if (cab_result_int64(cab_pipe_result(pipe, at), 0, 0) == 0) {
        err->retry_after = (int)call->conf->mail_cooldown;
        return cab_fail(err, CAB_PROBLEM_THROTTLED, "A mail for a new address was sent a moment ago. Try again later.");
    }
    return cab_account_answer_detail(call, 202, "A mail is on its way to the new address; the account keeps the old "
                                                "one until the new one is confirmed.");
}

int cab_account_change_email(struct cab_call *call, struct cab_err *err) {
    struct cab_account_field fields[] = {
        [EMAIL] = { .name = "new_email", .is_required = true },
        [PASSWORD] = { .name = "password", .is_required = true },
        { .name = NULL },
    };
    if (cab_account_token_body(call, fields, err) != 0)
        return cab_resource_refuse(call, err);
    if (cab_account_check_address(call->mem, "new_email", fields[EMAIL].value, err) != 0) {
        (void)!cab_account_settle(err);
        return cab_resource_refuse(call, err);
    }
    struct cab_pipe *pipe = cab_call_pipe(call);
    int at = cab_account_queue(call->mem, pipe, CAB_SHAPE_ONE, cab_sql_text_account_password, 1,
                               call->caller.user_id_text);
    if (cab_call_run(call, err) != 0)
        return -1;
    const struct cab_result *account = cab_pipe_result(pipe, at);
    const char *hash;
    if (cab_account_password_again(call, &fields[PASSWORD], CAB_ACTION_EMAIL_CHANGE_REQUESTED, &hash, err) != 0)
        return -1;
    if (strcasecmp(cab_result_value(account, 0, 0), fields[EMAIL].value) == 0) {
        cab_err_flaw(err, call->mem, CAB_PLACE_FIELD, "new_email", "unchanged", "The account has this address.");
        return cab_account_settle(err);
    }
    return request(call, fields[EMAIL].value, hash, err);
}

int cab_account_confirm_email(struct cab_call *call, struct cab_err *err) {
    struct cab_account_field fields[] = { { .name = "token", .is_required = true }, { .name = NULL } };
    struct cab_account_holder holder;

    if (cab_account_token_body(call, fields, err) != 0 ||
        cab_account_token_find(call, CAB_MAIL_CHANGE_EMAIL, fields[0].value, &holder, err) != 0)
        return -1;
    struct cab_pipe *pipe = cab_call_pipe(call);
    cab_account_token_consume(call, pipe, CAB_MAIL_CHANGE_EMAIL, &holder);
    cab_account_queue(call->mem, pipe, CAB_SHAPE_NONE, cab_sql_text_user_email_set, 2, holder.user_id, holder.sent_to);
    cab_account_token_void(call, pipe, 0, holder.user_id); /* sent to the old address */
    cab_account_mail(call, pipe, CAB_MAIL_EMAIL_CHANGED, holder.user_id, holder.email, holder.sent_to);
    cab_account_mail(call, pipe, CAB_MAIL_EMAIL_CHANGED, holder.user_id, holder.sent_to, holder.sent_to);
    cab_audit_add(call, pipe, CAB_ACTION_EMAIL_CHANGED, holder.user_id, true, NULL);
    if (cab_account_token_run(call, CAB_MAIL_CHANGE_EMAIL, err) != 0)
        return -1;
    return cab_account_answer_detail(call, 200, "The account has the new address.");
}
