/*
 * POST /auth/refresh: new tokens for the refresh token, which is replaced each time.  A token that was replaced before
 * ends its session, except shortly after, when it is a parallel tab's.
 */
#include <cabinet/audit.h>
#include <string.h>

#include "account_internal.h"
#include "statements.h"

static int find_token(struct cab_call *call, const char **token_out, struct cab_err *err) {
    struct cab_account_field fields[] = { { .name = "refresh_token", .is_required = true }, { .name = NULL } };
    const struct cab_json *object;

    if (cab_account_body(call, true, &object, err) != 0)
        return -1;
    if (object != NULL && cab_json_count(object) > 0) {
        if (cab_account_fields(call, object, fields, err) != 0)
            return -1;
        *token_out = fields[0].value;
        return 0;
    }
    *token_out = cab_request_cookie(call->request, CAB_REFRESH_COOKIE);
    if (*token_out == NULL || **token_out == '\0')
        return cab_fail(err, CAB_PROBLEM_UNAUTHENTICATED,
                        "There is no refresh token, in a cookie or in the body. Log in.");
    return cab_account_check_origin(call, err);
}

static int end_reused(struct cab_call *call, const char *session_id, const char *user_id, struct cab_err *err) {
    struct cab_pipe *pipe = cab_call_pipe(call);
    cab_account_queue(call->mem, pipe, CAB_SHAPE_MAYBE, cab_sql_text_session_end, 2, session_id, user_id);
    cab_audit_add(call, pipe, CAB_ACTION_REFRESH_REUSE, user_id, false, NULL);
    if (cab_call_run(call, err) != 0)
        return -1;
    return cab_fail(err, CAB_PROBLEM_UNAUTHENTICATED,
                    "The refresh token was used before; its session has ended. Log in again.");
}

int cab_account_refresh(struct cab_call *call, struct cab_err *err) {
    const struct cab_conf *conf = call->conf;
    void *mem = call->mem;
    const char *token;
    char session_id[37];
    int64_t counter;

    if (cab_account_no_params(call, err) != 0 || find_token(call, &token, err) != 0 ||
        cab_refresh_verify(mem, conf, token, session_id, &counter, err) != 0)
        return -1;
    struct cab_pipe *pipe = cab_call_pipe(call);
    int at = cab_account_queue(mem, pipe, CAB_SHAPE_MAYBE, cab_sql_text_session_refresh, 7, session_id,
                               cab_decimal(mem, counter),
                               cab_decimal(mem, conf->refresh_grace),
                               cab_decimal(mem, conf->session_idle_timeout),
                               cab_decimal(mem, conf->refresh_token_lifetime),
                               cab_audit_ip(call->request), cab_audit_user_agent(call->request));
    if (cab_call_run(call, err) != 0)
        return -1;
    const struct cab_result *session = cab_pipe_result(pipe, at);
    if (cab_result_rows(session) == 0)
        return cab_fail(err, CAB_PROBLEM_UNAUTHENTICATED, "The session has ended. Log in again.");
    if (strcmp(cab_result_value(session, 0, 4), "reuse") == 0)
        return end_reused(call, session_id, cab_result_value(session, 0, 0), err);
    struct cab_account_grant grant = {
        .user_id = cab_result_int64(session, 0, 0),
        .is_admin = cab_result_bool(session, 0, 1),
        .counter = cab_result_int64(session, 0, 2),
        .lasts = cab_result_int64(session, 0, 3),
        .session_id = session_id,
    };
    return cab_account_answer_tokens(call, &grant, err);
}
