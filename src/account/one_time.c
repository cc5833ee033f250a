/*
 * One-time tokens that come by mail: made with the mail that carries them, looked up, used up.  Why a token is not good
 * is never told.
 */
#include <cabinet/audit.h>
#include <string.h>

#include "account_internal.h"
#include "statements.h"

int cab_account_answer_detail(struct cab_call *call, int status, const char *detail) {
    struct cab_json_writer w = { .buf = &call->response->body };
    call->response->status = status;
    cab_response_header(call->response, "Cache-Control", "no-store");
    cab_json_open(&w, NULL, '{');
    cab_json_put(&w, "detail", detail);
    cab_json_close(&w, '}');
    return 0;
}

void cab_account_mail(struct cab_call *call, struct cab_pipe *pipe, enum cab_mail_kind kind, const char *user_id,
                      const char *to, const char *email) {
    cab_account_queue(call->mem, pipe, CAB_SHAPE_NONE, cab_sql_text_mail_to_user, 4, user_id, cab_mail_kind_name(kind),
                      to, email);
}

void cab_account_token_request(struct cab_call *call, struct cab_pipe *pipe, enum cab_mail_kind kind,
                               const char *email) {
    const struct cab_conf *conf = call->conf;
    struct cab_mail_token *token = cab_new(call->mem, struct cab_mail_token);
    int64_t lifetime = kind == CAB_MAIL_RESET_PASSWORD ? conf->reset_token_lifetime : conf->email_token_lifetime;
    cab_mail_token_make(conf, token);
    cab_account_queue(call->mem, pipe, CAB_SHAPE_NONE, cab_sql_text_token_request, 6, email, cab_mail_kind_name(kind),
                      token->hash, token->seed, cab_decimal(call->mem, lifetime),
                      cab_decimal(call->mem, conf->mail_cooldown));
}

void cab_account_token_void(struct cab_call *call, struct cab_pipe *pipe, enum cab_mail_kind kind,
                            const char *user_id) {
    cab_account_queue(call->mem, pipe, CAB_SHAPE_NONE, cab_sql_text_token_void, 2, user_id,
                      kind != 0 ? cab_mail_kind_name(kind) : NULL);
}

int cab_account_token_body(struct cab_call *call, struct cab_account_field *fields, struct cab_err *err) {
    const struct cab_json *object;
    if (cab_account_no_params(call, err) != 0 || cab_account_body(call, false, &object, err) != 0)
        return -1;
    return cab_account_fields(call, object, fields, err);
}

int cab_account_token_refuse(struct cab_call *call, enum cab_mail_kind kind, struct cab_err *err) {
    struct cab_pipe *pipe = cab_call_pipe(call);
    cab_audit_add(call, pipe, CAB_ACTION_TOKEN_REFUSED, NULL, false,
                  cab_printf(call->mem, "{\"kind\":\"%s\"}", cab_mail_kind_name(kind)));
    if (cab_call_run(call, err) != 0)
        return -1;
    return cab_fail(err, CAB_PROBLEM_TOKEN_INVALID, "The token is wrong, used or expired. Ask for a new one.");
}

int cab_account_token_find(struct cab_call *call, enum cab_mail_kind kind, const char *text,
                           struct cab_account_holder *holder, struct cab_err *err) {
    cab_mail_token_hash(text, holder->hash);
    struct cab_pipe *pipe = cab_call_pipe(call);
    int at = cab_account_queue(call->mem, pipe, CAB_SHAPE_MAYBE, cab_sql_text_token_lookup, 2, holder->hash,
                               cab_mail_kind_name(kind));
    if (cab_call_run(call, err) != 0)
        return -1;
    const struct cab_result *found = cab_pipe_result(pipe, at);
    if (cab_result_rows(found) == 0)
        return cab_account_token_refuse(call, kind, err);
    holder->user_id = cab_result_value(found, 0, 0);
    holder->email = cab_result_value(found, 0, 1);
    holder->username = cab_result_value(found, 0, 2);
    holder->sent_to = cab_result_value(found, 0, 3);
    holder->session_id = cab_result_value(found, 0, 4);
    return 0;
}

void cab_account_token_consume(struct cab_call *call, struct cab_pipe *pipe, enum cab_mail_kind kind,
                               const struct cab_account_holder *holder) {
    cab_account_queue(call->mem, pipe, CAB_SHAPE_MAYBE, cab_sql_text_account_lock, 1, holder->user_id);
    cab_account_queue(call->mem, pipe, CAB_SHAPE_ONE, cab_sql_text_token_consume, 2, holder->hash,
                      cab_mail_kind_name(kind));
}

int cab_account_token_run(struct cab_call *call, enum cab_mail_kind kind, struct cab_err *err) {
    if (cab_call_run(call, err) == 0)
        return 0;
    if (err->problem != CAB_PROBLEM_TOKEN_INVALID)
        return -1;
    cab_err_clear(err); /* somebody else was faster */
    return cab_account_token_refuse(call, kind, err);
}
