/*
 * Writing events: each is one more statement of the pipeline whose work it records.
 */
#include <arpa/inet.h>
#include <cabinet/audit.h>
#include <string.h>

#include "statements.h"

const char *cab_audit_ip(const struct cab_request *request) {
    unsigned char address[sizeof(struct in6_addr)];
    const char *text = request->remote_addr;
    if (text != NULL && (inet_pton(AF_INET, text, address) == 1 || inet_pton(AF_INET6, text, address) == 1))
        return text;
    return NULL;
}

const char *cab_audit_user_agent(const struct cab_request *request) {
    const char *text = request->user_agent;
    return text != NULL && cab_utf8_valid(text, strlen(text)) ? text : NULL;
}

int cab_audit_event_add(void *ctx, struct cab_pipe *pipe, const struct cab_event *event) {
    const char **values = cab_new_array(ctx, const char *, 9);
    values[0] = cab_action_name(event->action);
    values[1] = event->user_id;
    values[2] = event->actor_id;
    values[3] = event->success ? "true" : "false";
    values[4] = event->detail;
    values[5] = event->ip;
    values[6] = event->user_agent;
    values[7] = event->request_id;
    values[8] = event->only_session;
    return cab_pipe_add(pipe, CAB_SHAPE_NONE, cab_sql_text_audit_event, 9, values);
}

int cab_audit_add(struct cab_call *call, struct cab_pipe *pipe, enum cab_action action, const char *user_id,
                  bool success, const char *detail) {
    struct cab_event event = {
        .action = action,
        .user_id = user_id,
        .actor_id = call->caller.is_signed_in ? call->caller.user_id_text
                    : success                 ? user_id
                                              : NULL,
        .success = success,
        .detail = detail,
        .ip = cab_audit_ip(call->request),
        .user_agent = cab_audit_user_agent(call->request),
        .request_id = call->request->request_id,
    };
    return cab_audit_event_add(call->mem, pipe, &event);
}

int cab_audit_add_session(struct cab_call *call, struct cab_pipe *pipe, enum cab_action action,
                          const char *session_id) {
    struct cab_event event = {
        .action = action,
        .user_id = call->caller.user_id_text,
        .actor_id = call->caller.user_id_text,
        .only_session = session_id,
        .success = true,
        .ip = cab_audit_ip(call->request),
        .user_agent = cab_audit_user_agent(call->request),
        .request_id = call->request->request_id,
    };
    return cab_audit_event_add(call->mem, pipe, &event);
}

int cab_audit_add_email(struct cab_call *call, struct cab_pipe *pipe, enum cab_action action, const char *email) {
    const char **values = cab_new_array(call->mem, const char *, 5);
    values[0] = cab_action_name(action);
    values[1] = email;
    values[2] = cab_audit_ip(call->request);
    values[3] = cab_audit_user_agent(call->request);
    values[4] = call->request->request_id;
    return cab_pipe_add(pipe, CAB_SHAPE_NONE, cab_sql_text_audit_event_by_email, 5, values);
}

int cab_audit_add_address(struct cab_call *call, struct cab_pipe *pipe, enum cab_action action, const char *email,
                          bool success) {
    const char **values = cab_new_array(call->mem, const char *, 6);
    values[0] = cab_action_name(action);
    values[1] = email;
    values[2] = success ? "true" : "false";
    values[3] = cab_audit_ip(call->request);
    values[4] = cab_audit_user_agent(call->request);
    values[5] = call->request->request_id;
    return cab_pipe_add(pipe, CAB_SHAPE_NONE, cab_sql_text_audit_event_by_address, 6, values);
}
