/*
 * One's identities at providers: link one, see them, take one off.  Linking asks for the password again, where there is
 * one: a stolen access token must not open a door that outlives it.
 */
#include <cabinet/resource.h>
#include <string.h>

#include "account_internal.h"
#include "statements.h"

static int refuse_password(struct cab_call *call, const char *code, const char *detail, struct cab_err *err) {
    struct cab_pipe *pipe = cab_call_pipe(call);
    cab_audit_add(call, pipe, CAB_ACTION_IDENTITY_LINKED, call->caller.user_id_text, false,
                  "{\"reason\":\"password\"}");
    if (cab_call_run(call, err) != 0)
        return -1;
    cab_err_flaw(err, call->mem, CAB_PLACE_FIELD, "password", code, "%s", detail);
    return cab_account_settle(err);
}

/* Whether the caller may link; password may have no value. */
static int allow_link(struct cab_call *call, const struct cab_account_field *password, struct cab_err *err) {
    struct cab_pipe *pipe = cab_call_pipe(call);
    int at = cab_account_queue(call->mem, pipe, CAB_SHAPE_ONE, cab_sql_text_oauth_link_allowed, 1,
                               call->caller.user_id_text);
    if (cab_call_run(call, err) != 0)
        return -1;
    const struct cab_result *account = cab_pipe_result(pipe, at);
    const char *hash = cab_result_value(account, 0, 1);
    if (hash != NULL && password->value == NULL)
        return refuse_password(call, "required", "The account has a password; send it.", err);
    if (hash != NULL && cab_password_verify(call->conf, hash, password->value, password->length) != 1)
        return refuse_password(call, "wrong_password", "The password is wrong.", err);
    if (!cab_result_bool(account, 0, 0))
        return cab_fail(err, CAB_PROBLEM_NOT_VERIFIED, "Confirm the account's e-mail address before linking.");
    return 0;
}

int cab_account_oauth_link(struct cab_call *call, struct cab_err *err) {
    struct cab_account_field fields[] = { { .name = "password" }, { .name = NULL } };
    const struct cab_provider *provider;
    const struct cab_json *object;
    struct cab_oauth_flow flow;
    struct cab_buf url;

    if (cab_account_no_params(call, err) != 0 || cab_account_oauth_provider(call, &provider, err) != 0 ||
        cab_account_body(call, true, &object, err) != 0 ||
        (object != NULL && cab_account_fields(call, object, fields, err) != 0))
        return cab_resource_refuse(call, err);
    if (allow_link(call, &fields[0], err) != 0)
        return -1;
    cab_oauth_flow_make(call->conf, provider->name, &call->caller, &flow);
    cab_buf_init(&url, call->mem, 1024);
    enum cab_oauth_reason reason = cab_oauth_authorize_url(call->mem, call->conf, provider, &flow, &url);
    if (reason != CAB_OAUTH_OK)
        return cab_oauth_reason_fail(reason, err);
    cab_account_oauth_cookie(call, provider, flow.cookie);
    cab_response_header(call->response, "Cache-Control", "no-store");
    cab_account_oauth_way(call, url.data);
    return 0;
}

int cab_account_identity_add(struct cab_call *call, struct cab_err *err) {
    struct cab_account_field fields[] = {
        { .name = "provider", .is_required = true }, { .name = "id_token", .is_required = true },
        { .name = "password" }, { .name = NULL }
    };
    const struct cab_account_native *native;
    const char *user_id = call->caller.user_id_text;
    enum cab_oauth_reason reason;

    if (cab_account_token_body(call, fields, err) != 0)
        return cab_resource_refuse(call, err);
    if ((call->kept == NULL && allow_link(call, &fields[2], err) != 0) ||
        cab_account_oauth_native(call, &fields[0], &fields[1], &native, err) != 0)
        return -1;
    reason = native->reason;
    if (reason == CAB_OAUTH_OK && cab_account_identity_link(call, native->provider, &native->claims, user_id,
                                                            call->caller.session_id, &reason, err) != 0)
        return -1;
    if (reason != CAB_OAUTH_OK)
        return cab_account_oauth_refuse(call, CAB_ACTION_IDENTITY_LINKED, native->provider->name, user_id, reason,
                                        err);
    return cab_account_answer_detail(call, 200, "The identity is linked to your account.");
}

int cab_account_identities(struct cab_call *call, struct cab_err *err) {
    struct cab_json_writer w = { .buf = &call->response->body };

    if (cab_account_no_params(call, err) != 0)
        return cab_resource_refuse(call, err);
    struct cab_pipe *pipe = cab_call_pipe(call);
    int at = cab_account_queue(call->mem, pipe, CAB_SHAPE_ANY, cab_sql_text_oauth_identity_list, 1,
                               call->caller.user_id_text);
    if (cab_call_run(call, err) != 0)
        return -1;
    const struct cab_result *rows = cab_pipe_result(pipe, at);
    cab_response_header(call->response, "Cache-Control", "no-store");
    cab_json_open(&w, NULL, '{');
    cab_json_open(&w, "items", '[');
    for (int row = 0; row < cab_result_rows(rows); row++) {
        cab_json_open(&w, NULL, '{');
        cab_json_put_int(&w, "id", cab_result_int64(rows, row, 0));
        cab_json_put(&w, "provider", cab_result_value(rows, row, 1));
        cab_json_put(&w, "email", cab_result_value(rows, row, 2));
        cab_json_put(&w, "date_created", cab_result_value(rows, row, 3));
        cab_json_close(&w, '}');
    }
    cab_json_close(&w, ']');
    cab_json_close(&w, '}');
    return 0;
}

int cab_account_identity_remove(struct cab_call *call, struct cab_err *err) {
    const char *user_id = call->caller.user_id_text, *id = call->capture[0];
    int64_t number;

    if (cab_account_no_params(call, err) != 0)
        return cab_resource_refuse(call, err);
    if (cab_parse_int64(id, 1, INT64_MAX, &number) != 0) {
        cab_fail(err, CAB_PROBLEM_NOT_FOUND, "You have no such identity.");
        return cab_resource_refuse(call, err);
    }
    call->is_block = true;
    struct cab_pipe *pipe = cab_call_pipe(call);
    cab_account_queue(call->mem, pipe, CAB_SHAPE_MAYBE, cab_sql_text_account_lock, 1, user_id);
    int at = cab_account_queue(call->mem, pipe, CAB_SHAPE_MAYBE, cab_sql_text_oauth_identity_find, 2, id, user_id);
    if (cab_call_run(call, err) != 0)
        return -1;
    const struct cab_result *found = cab_pipe_result(pipe, at);
    if (cab_result_rows(found) == 0)
        return cab_fail(err, CAB_PROBLEM_NOT_FOUND, "You have no such identity.");
    if (!cab_result_bool(found, 0, 1))
        return cab_fail(err, CAB_PROBLEM_LAST_SIGN_IN,
                        "Nobody could sign in to the account without this identity. Set a password first.");
    const char *detail = cab_printf(call->mem, "{\"provider\":\"%s\"}", cab_result_value(found, 0, 0));
    pipe = cab_call_pipe(call);
    cab_account_queue(call->mem, pipe, CAB_SHAPE_NONE, cab_sql_text_oauth_identity_delete, 2, id, user_id);
    cab_audit_add(call, pipe, CAB_ACTION_IDENTITY_UNLINKED, user_id, true, detail);
    cab_account_mail(call, pipe, CAB_MAIL_IDENTITY_UNLINKED, user_id, NULL, NULL);
    if (cab_call_run(call, err) != 0)
        return -1;
    call->response->status = 204;
    call->response->content_type = NULL;
    return 0;
}
