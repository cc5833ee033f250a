/*
 * Pipelines: several statements in one send, under one Sync, hence one transaction; their answers in one read.
 * Preparations of new statements and deallocations of dropped ones travel in the same pipeline.
 */
#include "private.h"
#include <string.h>

static void clear_results(void *ptr) {
    struct cab_pipe *pipe = ptr;
    for (int i = 0; i < pipe->n_steps; i++) {
        if (!pipe->steps[i].result.is_part)
            PQclear(pipe->steps[i].result.result);
        pipe->steps[i].result = (struct cab_result){ 0 };
    }
}

struct cab_pipe *cab_pipe_make(void *ctx, struct cab_db *db, bool is_write) {
    struct cab_pipe *pipe = cab_new(ctx, struct cab_pipe);
    pipe->db = db;
    pipe->is_write = is_write;
    pipe->steps = pipe->first;
    pipe->cap_steps = (int)CAB_LENGTH(pipe->first);
    pipe->failed = -1;
    cab_mem_on_free(pipe, clear_results);
    return pipe;
}

struct cab_step *cab_pipe_step(struct cab_pipe *pipe) {
    if (pipe->n_steps == pipe->cap_steps) {
        pipe->cap_steps *= 2;
        struct cab_step *more = cab_new_array(pipe, struct cab_step, (size_t)pipe->cap_steps);
        memcpy(more, pipe->steps, (size_t)pipe->n_steps * sizeof *more);
        if (pipe->steps != pipe->first)
            cab_mem_free(pipe->steps);
        pipe->steps = more;
    }
    return &pipe->steps[pipe->n_steps++];
}

int cab_pipe_add(struct cab_pipe *pipe, enum cab_shape shape, const char *sql, int n_values,
                 const char *const *values) {
    struct cab_step *step = cab_pipe_step(pipe);
    *step = (struct cab_step){ .shape = shape, .sql = sql, .n_values = n_values, .values = values };
    return pipe->n_steps - 1;
}

int cab_pipe_add_once(struct cab_pipe *pipe, enum cab_shape shape, const char *sql, int n_values,
                      const char *const *values) {
    int index = cab_pipe_add(pipe, shape, sql, n_values, values);
    pipe->steps[index].is_once = true;
    return index;
}

int cab_pipe_failed(const struct cab_pipe *pipe) {
    return pipe->failed;
}

const struct cab_result *cab_pipe_result(const struct cab_pipe *pipe, int index) {
    CAB_BUG_ON(index < 0 || index >= pipe->n_steps || pipe->steps[index].result.result == NULL);
    return &pipe->steps[index].result;
}

/* Finds or makes the statements; what must be prepared is marked. */
static void plan(struct cab_pipe *pipe) {
    struct cab_statements *statements = pipe->db->statements;
    bool is_passing = true; /* no statement is kept: one may be BEGIN, which must come first, so the doomed wait */
    cab_statements_begin(statements);
    for (int i = 0; i < pipe->n_steps; i++) {
        struct cab_step *step = &pipe->steps[i];
        step->is_preparing = false;
        step->statement = NULL;
        if (step->is_once || !pipe->db->options.prepared)
            continue;
        is_passing = false;
        step->statement = cab_statements_use(statements, step->sql);
        step->is_preparing = !step->statement->is_prepared && !step->statement->is_queued;
        if (step->is_preparing)
            step->statement->is_queued = true;
    }
    pipe->n_doomed = is_passing ? 0 : statements->n_doomed;
}

static bool queue_doomed(struct cab_pipe *pipe) {
    const struct cab_statements *statements = pipe->db->statements;
    for (int i = 0; i < pipe->n_doomed; i++) {
        char sql[48] = "DEALLOCATE ";
        memcpy(sql + strlen(sql), statements->doomed[i], sizeof statements->doomed[i]);
        if (!PQsendQueryParams(pipe->db->conn, sql, 0, NULL, NULL, NULL, NULL, 0))
            return false;
    }
    return true;
}

static bool queue_step(PGconn *conn, const struct cab_step *step) {
    if (step->statement == NULL)
        return PQsendQueryParams(conn, step->sql, step->n_values, NULL, step->values, NULL, NULL, 0);
    if (step->is_preparing && !PQsendPrepare(conn, step->statement->name, step->sql, 0, NULL))
        return false;
    return PQsendQueryPrepared(conn, step->statement->name, step->n_values, step->values, NULL, NULL, 0);
}

static int send_all(struct cab_pipe *pipe, struct cab_exchange *exchange) {
    PGconn *conn = pipe->db->conn;
    bool is_queued = PQenterPipelineMode(conn) && queue_doomed(pipe);
    for (int i = 0; is_queued && i < pipe->n_steps; i++)
        is_queued = queue_step(conn, &pipe->steps[i]);
    if (is_queued && PQpipelineSync(conn))
        return cab_exchange_flush(exchange);
    exchange->is_lost = true;
    return -1;
}

/* The one result of the next statement, its end included; NULL where the connection is lost. */
static PGresult *read_one(struct cab_exchange *exchange) {
    PGresult *first, *rest;
    if (cab_exchange_result(exchange, &first) != 0)
        return NULL;
    ExecStatusType status = PQresultStatus(first);
    /* out of step with libpq, or COPY, which never ends in a pipeline */
    if (first == NULL || status == PGRES_PIPELINE_SYNC || status == PGRES_COPY_IN || status == PGRES_COPY_OUT) {
        PQclear(first);
        exchange->is_lost = true;
        return NULL;
    }
    do {
        if (cab_exchange_result(exchange, &rest) != 0) {
            PQclear(first);
            return NULL;
        }
        PQclear(rest);
    } while (rest != NULL);
    return first;
}

static void fail_at(struct cab_pipe *pipe, int index, const PGresult *result, struct cab_err *err) {
    if (pipe->failed >= 0)
        return;
    pipe->failed = index;
    (void)cab_error_from_result(err, result, false);
}

static int read_step(struct cab_pipe *pipe, int index, struct cab_exchange *exchange, struct cab_err *err) {
    struct cab_step *step = &pipe->steps[index];
    if (step->is_preparing) {
        PGresult *result = read_one(exchange);
        if (result == NULL)
            return -1;
        step->statement->is_prepared = PQresultStatus(result) == PGRES_COMMAND_OK;
        if (PQresultStatus(result) == PGRES_FATAL_ERROR)
            fail_at(pipe, index, result, err);
        PQclear(result);
    }
    step->result.result = read_one(exchange);
    if (step->result.result == NULL)
        return -1;
    if (PQresultStatus(step->result.result) == PGRES_FATAL_ERROR)
        fail_at(pipe, index, step->result.result, err);
    return 0;
}

/* The end of the transaction, where deferred constraints speak. */
static int read_sync(struct cab_pipe *pipe, struct cab_exchange *exchange, struct cab_err *err) {
    for (;;) {
        PGresult *result;
        if (cab_exchange_result(exchange, &result) != 0)
            return -1;
        ExecStatusType status = PQresultStatus(result);
        if (result != NULL && status == PGRES_FATAL_ERROR)
            fail_at(pipe, pipe->n_steps, result, err);
        PQclear(result);
        if (result != NULL && status == PGRES_PIPELINE_SYNC)
            return PQexitPipelineMode(pipe->db->conn) ? 0 : -1;
    }
}

static int read_doomed(struct cab_pipe *pipe, struct cab_exchange *exchange) {
    for (int i = 0; i < pipe->n_doomed; i++) {
        PGresult *result = read_one(exchange);
        bool is_gone = result != NULL && PQresultStatus(result) == PGRES_COMMAND_OK;
        PQclear(result);
        if (!is_gone)
            return -1;
    }
    if (pipe->n_doomed > 0)
        pipe->db->statements->n_doomed = 0;
    return 0;
}

/* One pass over the wire.  -1: the connection is of no more use. */
static int pass(struct cab_pipe *pipe, struct cab_exchange *exchange, struct cab_err *err) {
    clear_results(pipe);
    pipe->failed = -1;
    plan(pipe);
    cab_exchange_begin(exchange, pipe->db);
    int rc = send_all(pipe, exchange);
    if (rc == 0)
        rc = read_doomed(pipe, exchange);
    for (int i = 0; rc == 0 && i < pipe->n_steps; i++)
        rc = read_step(pipe, i, exchange, err);
    if (rc == 0)
        rc = read_sync(pipe, exchange, err);
    for (int i = 0; i < pipe->n_steps; i++)
        if (pipe->steps[i].statement != NULL)
            pipe->steps[i].statement->is_queued = false;
    return rc;
}

/* What the failed statement asks of the connection. */
static void after_failure(struct cab_pipe *pipe, const struct cab_err *err) {
    struct cab_db *db = pipe->db;
    struct cab_step *step = pipe->failed < pipe->n_steps ? &pipe->steps[pipe->failed] : NULL;
    if (strcmp(err->sqlstate, "25006") == 0)
        cab_conn_drop(db, "the server is read-only");
    else if (strcmp(err->sqlstate, "26000") == 0 || strcmp(err->sqlstate, "42P05") == 0)
        cab_statements_clear(db->statements);
    else if (strcmp(err->sqlstate, "0A000") == 0 && step != NULL && step->statement != NULL)
        cab_statements_forget(db->statements, step->statement);
}

static int check_shapes(struct cab_pipe *pipe, struct cab_err *err) {
    for (int i = 0; i < pipe->n_steps; i++)
        if (cab_result_check(pipe->steps[i].result.result, pipe->steps[i].shape, err) != 0) {
            pipe->failed = i;
            return -1;
        }
    return 0;
}

static int lost(struct cab_pipe *pipe, const struct cab_exchange *exchange, bool was_inside, struct cab_err *err) {
    cab_err_clear(err);
    (void)cab_error_from_exchange(err, exchange, pipe->is_write && !was_inside);
    cab_conn_drop(pipe->db, err->internal);
    pipe->db->has_lost_transaction = was_inside;
    return -1;
}

static int run(struct cab_pipe *pipe, struct cab_err *err) {
    struct cab_db *db = pipe->db;
    struct cab_exchange exchange;
    for (int tries = 0;; tries++) {
        if (cab_conn_need(db, err) != 0)
            return -1;
        bool was_inside = cab_conn_in_transaction(db);
        /* a write that was sent is never sent again, so the socket is looked at first */
        if (pipe->is_write && !was_inside && !cab_conn_is_alive(db)) {
            cab_conn_drop(db, "closed by the server");
            if (cab_conn_need(db, err) != 0)
                return -1;
        }
        bool may_repeat = tries == 0 && !was_inside;
        if (pass(pipe, &exchange, err) != 0) {
            if (exchange.cut == CAB_PROBLEM_NONE && may_repeat && !pipe->is_write) {
                cab_conn_drop(db, exchange.last_words[0] != '\0' ? exchange.last_words : "lost while reading");
                cab_err_clear(err);
                continue;
            }
            return lost(pipe, &exchange, was_inside, err);
        }
        db->used_ms = cab_now_ms();
        if (pipe->failed >= 0)
            after_failure(pipe, err);
        if (exchange.cut == CAB_PROBLEM_CLIENT_GONE) {
            cab_err_clear(err);
            return cab_error_from_exchange(err, &exchange, false);
        }
        if (pipe->failed < 0 && pipe->is_write && !was_inside && exchange.cut == CAB_PROBLEM_TIMEOUT)
            return cab_error_unconfirmed(err);
        if (pipe->failed < 0)
            return check_shapes(pipe, err);
        if (strcmp(err->sqlstate, "26000") != 0 || !may_repeat)
            return -1;
        cab_err_clear(err);
    }
}

int cab_pipe_run(struct cab_pipe *pipe, struct cab_err *err) {
    struct cab_trace *trace = &pipe->db->trace;
    for (int i = 0; i < pipe->n_steps; i++)
        cab_trace_add(trace, pipe->steps[i].sql);
    cab_trace_add(trace, NULL);
    int64_t start = cab_now_us();
    int rc = run(pipe, err);
    trace->us += cab_now_us() - start;
    return rc;
}

static int query(struct cab_db *db, void *ctx, bool is_write, enum cab_shape shape, const char *sql, int n_values,
                 const char *const *values, struct cab_result **result_out, struct cab_err *err) {
    struct cab_pipe *pipe = cab_pipe_make(ctx, db, is_write);
    cab_pipe_add(pipe, shape, sql, n_values, values);
    int rc = cab_pipe_run(pipe, err);
    if (result_out != NULL)
        *result_out = NULL;
    if (rc == 0 && result_out != NULL) {
        *result_out = cab_result_make(ctx, pipe->steps[0].result.result);
        pipe->steps[0].result.result = NULL;
    }
    cab_mem_free(pipe);
    return rc;
}

int cab_db_query(struct cab_db *db, void *ctx, enum cab_shape shape, const char *sql, int n_values,
                 const char *const *values, struct cab_result **result_out, struct cab_err *err) {
    return query(db, ctx, true, shape, sql, n_values, values, result_out, err);
}

int cab_db_read(struct cab_db *db, void *ctx, enum cab_shape shape, const char *sql, int n_values,
                const char *const *values, struct cab_result **result_out, struct cab_err *err) {
    return query(db, ctx, false, shape, sql, n_values, values, result_out, err);
}
