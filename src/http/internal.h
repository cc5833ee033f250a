/*
 * What the files of the dispatcher (route, call, service) share among themselves.
 */
#ifndef CABINET_HTTP_INTERNAL_H
#define CABINET_HTTP_INTERNAL_H

#include <cabinet/route.h>

#include "http/parts.h"

/* As cab_route_find, in a table of the caller's. */
int cab_route_find_in(const struct cab_route *routes, const struct cab_request *request,
                      const struct cab_route **route_out, const char *capture[4], struct cab_err *err) CAB_MUST_CHECK;
int cab_routes_check_in(const struct cab_route *routes, struct cab_err *err) CAB_MUST_CHECK;

/* What cab_call_then has left for later; rc and err are of the run of the call's pipeline. */
int cab_call_next(struct cab_call *call, int rc, struct cab_err *err) CAB_MUST_CHECK;

/* ---- service.c: what it shares with service_settle.c ---- */

/* One request and how often it was tried for which reason. */
struct cab_work {
    struct cab_service *service;
    struct cab_call call;
    int replans, reloads, retries;
    bool looked;
};

/* The pipeline of a waiting call was run, with what came of it in rc and err: goes on to the answer. */
void cab_work_go_on(struct cab_work *work, int rc, struct cab_err *err);
/* The client at socket fd (-1: none) is watched during queries: they are cancelled when it goes. */
void cab_service_watch(struct cab_service *service, int fd);
/* From here on round trips count for the next answer. */
void cab_service_trace(struct cab_service *service);

/* ---- idempotency.c: the call's block ---- */

/* Reads Idempotency-Key where the method is one that has it; MALFORMED where it is broken, or not taken here. */
int cab_key_read(struct cab_call *call, struct cab_err *err) CAB_MUST_CHECK;
/* Queues the statement that takes the key, or raises CB423, CB422 or CB208; not yet where the body streams in. */
void cab_key_claim(struct cab_call *call);
/* Before the first byte of a body that streams in: takes the key; where it was used before the body is read to its end,
 * and err is that of CB208 or CB422. */
int cab_key_open(struct cab_call *call, struct cab_err *err) CAB_MUST_CHECK;
/* After CB208: the answer that was kept. */
int cab_key_replay(struct cab_call *call, struct cab_err *err) CAB_MUST_CHECK;
/* The handler has returned rc: commits, the answer with it, or rolls back. */
int cab_block_end(struct cab_call *call, int rc, struct cab_err *err) CAB_MUST_CHECK;
void cab_block_drop(struct cab_call *call);

/* ---- service_replica.c: reads by a replica ---- */

/* Gives a read to the replica where there is one that can be reached. */
bool cab_replica_choose(struct cab_service *service, struct cab_call *call);
/* Queues the question whether the replica has replayed the caller's last write. */
void cab_replica_guard(struct cab_call *call);
/* The call failed on the replica: true where the primary shall answer. */
bool cab_replica_leave(struct cab_service *service, struct cab_call *call, const struct cab_err *err);
/* After a write: tells the caller where the log was. */
void cab_replica_note(struct cab_service *service, struct cab_call *call);

/* ---- service_report.c: what is told of a call ---- */

/* The failure, for the log; clients are told less. */
void cab_report_error(const struct cab_call *call, const struct cab_err *err);
/* For those who look after the service: where the time went, as the header Server-Timing. */
void cab_report_timing(const struct cab_service *service, const struct cab_call *call);
/* The call has been answered: its line in the log, and what is counted of it. */
void cab_report_call(const struct cab_service *service, const struct cab_call *call);

/* Headers of CORS where the settings list the request's Origin; allow: methods of the path, for a preflight. */
void cab_cors_headers(const struct cab_conf *conf, const struct cab_request *request, struct cab_response *response,
                      const char *allow);
bool cab_cors_is_preflight(const struct cab_request *request);

#endif
