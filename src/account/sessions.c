/*
 * One's sessions: list them, end this one, end another one.
 */
#include <cabinet/audit.h>
#include <cabinet/resource.h>
#include <string.h>

#include "account_internal.h"
#include "statements.h"

int cab_account_logout(struct cab_call *call, struct cab_err *err) {
    if (cab_account_no_params(call, err) != 0)
        return cab_resource_refuse(call, err);
    struct cab_pipe *pipe = cab_call_pipe(call);
    cab_account_queue(call->mem, pipe, CAB_SHAPE_MAYBE, cab_sql_text_session_end, 2, call->caller.session_id,
                      call->caller.user_id_text);
    cab_audit_add(call, pipe, CAB_ACTION_LOGOUT, call->caller.user_id_text, true, NULL);
    if (cab_call_run(call, err) != 0)
        return -1;
    cab_account_clear_cookie(call);
    call->response->status = 204;
    call->response->content_type = NULL;
    return 0;
}

int cab_account_sessions(struct cab_call *call, struct cab_err *err) {
    struct cab_json_writer w = { .buf = &call->response->body };

    if (cab_account_no_params(call, err) != 0)
        return cab_resource_refuse(call, err);
    struct cab_pipe *pipe = cab_call_pipe(call);
    int at = cab_account_queue(call->mem, pipe, CAB_SHAPE_ANY, cab_sql_text_session_list, 1, call->caller.user_id_text);
    if (cab_call_run(call, err) != 0)
        return -1;
    const struct cab_result *sessions = cab_pipe_result(pipe, at);
    cab_response_header(call->response, "Cache-Control", "no-store");
    cab_json_open(&w, NULL, '{');
    cab_json_open(&w, "items", '[');
    for (int row = 0; row < cab_result_rows(sessions); row++) {
        const char *id = cab_result_value(sessions, row, 0);
        cab_json_open(&w, NULL, '{');
        cab_json_put(&w, "id", id);
        cab_json_put_raw(&w, "current", strcmp(id, call->caller.session_id) == 0 ? "true" : "false");
        cab_json_put(&w, "date_created", cab_result_value(sessions, row, 1));
        cab_json_put(&w, "last_used", cab_result_value(sessions, row, 2));
        cab_json_put(&w, "expires", cab_result_value(sessions, row, 3));
        cab_json_put(&w, "ip", cab_result_value(sessions, row, 4));
        cab_json_put(&w, "user_agent", cab_result_value(sessions, row, 5));
        cab_json_close(&w, '}');
    }
    cab_json_close(&w, ']');
    cab_json_close(&w, '}');
    return 0;
}

int cab_account_session_revoke(struct cab_call *call, struct cab_err *err) {
    const char *session_id = call->capture[0];
    unsigned char bytes[16];

    if (cab_account_no_params(call, err) != 0)
        return cab_resource_refuse(call, err);
    if (!cab_uuid_parse(session_id, bytes)) {
        cab_fail(err, CAB_PROBLEM_NOT_FOUND, "You have no such session.");
        return cab_resource_refuse(call, err);
    }
    struct cab_pipe *pipe = cab_call_pipe(call);
    cab_audit_add_session(call, pipe, CAB_ACTION_SESSION_REVOKED, session_id);
    int at = cab_account_queue(call->mem, pipe, CAB_SHAPE_MAYBE, cab_sql_text_session_end, 2, session_id,
                               call->caller.user_id_text);
    if (cab_call_run(call, err) != 0)
        return -1;
    if (cab_result_rows(cab_pipe_result(pipe, at)) == 0)
        return cab_fail(err, CAB_PROBLEM_NOT_FOUND, "You have no such session.");
    if (strcmp(session_id, call->caller.session_id) == 0)
        cab_account_clear_cookie(call);
    call->response->status = 204;
    call->response->content_type = NULL;
    return 0;
}

int cab_account_sessions_revoke_others(struct cab_call *call, struct cab_err *err) {
    struct cab_json_writer w = { .buf = &call->response->body };
    const char *user_id = call->caller.user_id_text;

    if (cab_account_no_params(call, err) != 0)
        return cab_resource_refuse(call, err);
    struct cab_pipe *pipe = cab_call_pipe(call);
    int at = cab_account_queue(call->mem, pipe, CAB_SHAPE_NONE, cab_sql_text_session_end_all, 2, user_id,
                               call->caller.session_id);
    cab_audit_add(call, pipe, CAB_ACTION_SESSION_REVOKED, user_id, true, "{\"sessions\":\"others\"}");
    if (cab_call_run(call, err) != 0)
        return -1;
    cab_response_header(call->response, "Cache-Control", "no-store");
    cab_json_open(&w, NULL, '{');
    cab_json_put_int(&w, "sessions_ended", cab_result_affected(cab_pipe_result(pipe, at)));
    cab_json_close(&w, '}');
    return 0;
}
