/*
 * The end of one's account: asked for, confirmed by a mailed token, then days of grace in which it can be cancelled.
 * Housekeeping does the rest.
 */
#include <cabinet/audit.h>
#include <cabinet/resource.h>

#include "account_internal.h"
#include "statements.h"

/* An empty body, or an empty object. */
static int read_nothing(struct cab_call *call, struct cab_err *err) {
    struct cab_account_field none[] = { { .name = NULL } };
    const struct cab_json *object;
    if (cab_account_no_params(call, err) != 0 || cab_account_body(call, true, &object, err) != 0)
        return -1;
    return object != NULL ? cab_account_fields(call, object, none, err) : 0;
}

int cab_account_deletion_request(struct cab_call *call, struct cab_err *err) {
    const char *user_id = call->caller.user_id_text;
    struct cab_mail_token *token = cab_new(call->mem, struct cab_mail_token);

    if (read_nothing(call, err) != 0)
        return cab_resource_refuse(call, err);
    cab_mail_token_make(call->conf, token);
    struct cab_pipe *pipe = cab_call_pipe(call);
    if (call->caller.is_admin)
        cab_account_queue(call->mem, pipe, CAB_SHAPE_ONE, cab_sql_text_deletion_allowed, 1, user_id);
    cab_account_queue(call->mem, pipe, CAB_SHAPE_NONE, cab_sql_text_token_request_deletion, 6, user_id,
                      call->caller.session_id, token->hash, token->seed,
                      cab_decimal(call->mem, call->conf->email_token_lifetime),
                      cab_decimal(call->mem, call->conf->mail_cooldown));
    cab_audit_add(call, pipe, CAB_ACTION_DELETION_REQUESTED, user_id, true, NULL);
    if (cab_call_run(call, err) != 0)
        return -1;
    return cab_account_answer_detail(call, 202, "A mail with a code is on its way, unless one was sent a moment ago or "
                                                "the deletion is scheduled already. Confirm with the code.");
}

static int answer_schedule(struct cab_call *call, const char *when) {
    struct cab_json_writer w = { .buf = &call->response->body };
    cab_response_header(call->response, "Cache-Control", "no-store");
    cab_json_open(&w, NULL, '{');
    cab_json_put(&w, "deletion_scheduled_for", when);
    cab_json_close(&w, '}');
    return 0;
}

/* The session that asked for it stays, and so does the right to log in: both are ways to cancel. */
int cab_account_deletion_confirm(struct cab_call *call, struct cab_err *err) {
    struct cab_account_field fields[] = { { .name = "token", .is_required = true }, { .name = NULL } };
    struct cab_account_holder holder;

    if (cab_account_token_body(call, fields, err) != 0 ||
        cab_account_token_find(call, CAB_MAIL_CONFIRM_DELETION, fields[0].value, &holder, err) != 0)
        return -1;
    struct cab_pipe *pipe = cab_call_pipe(call);
    cab_account_token_consume(call, pipe, CAB_MAIL_CONFIRM_DELETION, &holder);
    cab_account_queue(call->mem, pipe, CAB_SHAPE_ONE, cab_sql_text_deletion_allowed, 1, holder.user_id);
    int at = cab_account_queue(call->mem, pipe, CAB_SHAPE_ONE, cab_sql_text_deletion_schedule, 2, holder.user_id,
                               cab_decimal(call->mem, call->conf->account_deletion_grace_days));
    cab_account_queue(call->mem, pipe, CAB_SHAPE_NONE, cab_sql_text_session_end_all, 2, holder.user_id,
                      holder.session_id);
    cab_account_mail(call, pipe, CAB_MAIL_DELETION_SCHEDULED, holder.user_id, NULL, NULL);
    cab_audit_add(call, pipe, CAB_ACTION_DELETION_CONFIRMED, holder.user_id, true, NULL);
    if (cab_account_token_run(call, CAB_MAIL_CONFIRM_DELETION, err) != 0)
        return -1;
    return answer_schedule(call, cab_result_value(cab_pipe_result(pipe, at), 0, 0));
}

/* Looks up how far it is. */
static int find_state(struct cab_call *call, const struct cab_result **state_out, struct cab_err *err) {
    struct cab_pipe *pipe = cab_call_pipe(call);
    int at = cab_account_queue(call->mem, pipe, CAB_SHAPE_ONE, cab_sql_text_deletion_state, 1,
                               call->caller.user_id_text);
    if (cab_call_run(call, err) != 0)
        return -1;
    *state_out = cab_pipe_result(pipe, at);
    return 0;
}

int cab_account_deletion_cancel(struct cab_call *call, struct cab_err *err) {
    const char *user_id = call->caller.user_id_text;
    const struct cab_result *state;

    if (read_nothing(call, err) != 0)
        return cab_resource_refuse(call, err);
    if (find_state(call, &state, err) != 0)
        return -1;
    bool is_scheduled = cab_result_value(state, 0, 0) != NULL, is_requested = cab_result_value(state, 0, 1) != NULL;
    if (is_scheduled || is_requested) {
        struct cab_pipe *pipe = cab_call_pipe(call);
        cab_account_queue(call->mem, pipe, CAB_SHAPE_MAYBE, cab_sql_text_account_lock, 1, user_id);
        cab_account_token_void(call, pipe, CAB_MAIL_CONFIRM_DELETION, user_id);
        if (is_scheduled) {
            cab_account_queue(call->mem, pipe, CAB_SHAPE_NONE, cab_sql_text_deletion_cancel, 1, user_id);
            cab_account_mail(call, pipe, CAB_MAIL_DELETION_CANCELLED, user_id, NULL, NULL);
        }
        cab_audit_add(call, pipe, CAB_ACTION_DELETION_CANCELLED, user_id, true, NULL);
        if (cab_call_run(call, err) != 0)
            return -1;
    }
    return answer_schedule(call, NULL);
}

int cab_account_deletion_status(struct cab_call *call, struct cab_err *err) {
    struct cab_json_writer w = { .buf = &call->response->body };
    const struct cab_result *state;

    if (cab_account_no_params(call, err) != 0)
        return cab_resource_refuse(call, err);
    if (find_state(call, &state, err) != 0)
        return -1;
    const char *when = cab_result_value(state, 0, 0), *until = cab_result_value(state, 0, 1);
    cab_response_header(call->response, "Cache-Control", "no-store");
    cab_json_open(&w, NULL, '{');
    cab_json_put(&w, "status", when != NULL ? "scheduled" : until != NULL ? "requested" : "none");
    cab_json_put(&w, "deletion_scheduled_for", when);
    cab_json_put(&w, "confirm_until", when == NULL ? until : NULL);
    cab_json_close(&w, '}');
    return 0;
}
