/*
 * What is told of a call: the headers that every answer has, the lines of the log, and the figures of its cost.
 */
#include "http/internal.h"

#include <string.h>

/* Clients that know the three fields of draft 06 and before get those by the setting. */
static void add_limit(struct cab_call *call) {
    const struct cab_rate_limit *limit = &call->limit;
    struct cab_response *response = call->response;
    if (strcmp(call->conf->rate_limit_headers, "off") == 0)
        return;
    if (strcmp(call->conf->rate_limit_headers, "legacy") == 0) {
        cab_response_header(response, "RateLimit-Limit", "%u, %u;w=%u", limit->quota, limit->quota, limit->window_s);
        cab_response_header(response, "RateLimit-Remaining", "%u", limit->left);
        cab_response_header(response, "RateLimit-Reset", "%u", limit->reset_s);
        return;
    }
    cab_response_header(response, "RateLimit-Policy", "\"%s\";q=%u;w=%u", limit->policy, limit->quota,
                        limit->window_s);
    cab_response_header(response, "RateLimit", "\"%s\";r=%u;t=%u", limit->policy, limit->left, limit->reset_s);
}

void cab_call_headers(struct cab_call *call) {
    struct cab_response *response = call->response;
    if (!cab_response_has(response, "X-Request-Id"))
        cab_response_header(response, "X-Request-Id", "%s", call->request->request_id);
    if (!cab_response_has(response, "Cache-Control"))
        cab_response_header(response, "Cache-Control", "no-store");
    if (!cab_response_has(response, "Vary"))
        cab_response_header(response, "Vary", "Authorization, Accept, Prefer, Origin");
    if (call->limit.policy != NULL)
        add_limit(call);
    cab_cors_headers(call->conf, call->request, response, call->capture[0]);
}

void cab_report_error(const struct cab_call *call, const struct cab_err *err) {
    int status = cab_problem_info(err->problem)->status;
    enum cab_log_level level = status == 500 ? CAB_LOG_ERROR : status > 500 || err->problem == CAB_PROBLEM_FORBIDDEN
                                   ? CAB_LOG_WARN : CAB_LOG_DEBUG;
    struct cab_buf line;
    if ((status < 500 && err->internal[0] == '\0') || !cab_log_enabled(level))
        return;
    cab_buf_init(&line, call->mem, 512);
    cab_log_pair(&line, "problem", cab_problem_info(err->problem)->code);
    cab_log_pair(&line, "detail", err->detail);
    cab_log_pair(&line, "internal", err->internal);
    if (err->sqlstate[0] != '\0')
        cab_log_pair(&line, "sqlstate", err->sqlstate);
    if (err->constraint[0] != '\0')
        cab_log_pair(&line, "constraint", err->constraint);
    cab_log_pair(&line, "request_id", call->request->request_id);
    cab_buf_addf(&line, " at=%s:%d", err->file == NULL ? "?" : err->file, err->line);
    cab_log(level, "request failed%s", line.data);
}

/* ---- what it cost ---- */

/* In microseconds; names of the statements that were run, found when asked. */
struct cost { int64_t total_us, db_us; };

static struct cost cost_of(const struct cab_service *service, const struct cab_call *call) {
    return (struct cost){ .total_us = cab_now_us() - call->request->arrived_us,
                          .db_us = cab_db_trace_us(service->db) +
                                   (service->read_db != NULL ? cab_db_trace_us(service->read_db) : 0) };
}

static void log_access(const struct cab_call *call, const struct cost *cost) {
    const struct cab_request *request = call->request;
    int64_t limit_us = call->conf->slow_request_time * 1000;
    bool is_slow = limit_us > 0 && cost->total_us >= limit_us;
    enum cab_log_level level = is_slow ? CAB_LOG_WARN : CAB_LOG_INFO;
    struct cab_buf line;
    if ((!call->conf->access_log && !is_slow) || !cab_log_enabled(level))
        return;
    cab_buf_init(&line, call->mem, 512);
    cab_log_pair(&line, "method", request->method_name);
    cab_log_pair(&line, "path", cab_strndup(call->mem, request->uri, strcspn(request->uri, "?")));
    if (call->route != NULL)
        cab_log_pair(&line, "route", call->route->path);
    cab_buf_addf(&line, " status=%d ms=%.3f db_ms=%.3f bytes=%zu", call->response->status,
                 (double)cost->total_us / 1000, (double)cost->db_us / 1000,
                 call->response->is_head ? 0 : call->response->body.len);
    if (request->queued_ms > 0)
        cab_buf_addf(&line, " queued_ms=%lld", (long long)request->queued_ms);
    if (call->attempt > 0)
        cab_buf_addf(&line, " attempts=%d", call->attempt + 1);
    if (call->is_on_replica)
        cab_buf_adds(&line, " db=replica");
    if (call->caller.is_signed_in)
        cab_log_pair(&line, "user", call->caller.user_id_text);
    if (call->caller.is_key)
        cab_log_pair(&line, "key", call->caller.key_id);
    if (request->remote_addr != NULL)
        cab_log_pair(&line, "addr", request->remote_addr);
    cab_log_pair(&line, "request_id", request->request_id);
    if (is_slow)
        cab_log_pair(&line, "statements", cab_db_trace_names(call->db, call->mem));
    cab_log(level, "%s%s", is_slow ? "slow request" : "request", line.data);
    if (is_slow)
        cab_metrics_count(call->shared, CAB_COUNTER_SLOW_REQUESTS, 1);
}

static void count(const struct cab_service *service, const struct cab_call *call, const struct cost *cost) {
    const struct cab_request *request = call->request;
    struct cab_metrics_request counted = { .status = call->response->status, .total_us = cost->total_us,
                                           .database_us = cost->db_us, .queued_ms = request->queued_ms };
    const struct cab_route *route = call->route;
    if (service->metric_rows != NULL && route >= cab_routes && route < cab_routes + service->n_metric_rows)
        counted.route = service->metric_rows[route - cab_routes];
    cab_metrics_request(call->shared, &counted);
}

/* In milliseconds with three decimals. */
static void add_timing(struct cab_buf *text, const char *name, int64_t us) {
    cab_buf_adds(text, name);
    cab_buf_addi(text, us / 1000);
    cab_buf_addc(text, '.');
    for (int unit = 100; unit > 0; unit /= 10)
        cab_buf_addc(text, (char)('0' + us / unit % 10));
}

void cab_report_timing(const struct cab_service *service, const struct cab_call *call) {
    if (!call->caller.is_signed_in || !call->caller.is_admin)
        return;
    struct cost cost = cost_of(service, call);
    struct cab_buf text;
    cab_buf_init(&text, call->mem, 64);
    add_timing(&text, "total;dur=", cost.total_us);
    add_timing(&text, ", db;dur=", cost.db_us);
    add_timing(&text, ", queue;dur=", call->request->queued_ms * 1000);
    cab_response_header(call->response, "Server-Timing", "%s", text.data);
}

void cab_report_call(const struct cab_service *service, const struct cab_call *call) {
    struct cost cost = cost_of(service, call);
    count(service, call, &cost);
    log_access(call, &cost);
}
