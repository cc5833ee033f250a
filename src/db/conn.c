/*
 * The life of a connection: made, checked before use, replaced, closed; and statements of the simple protocol.
 * Pipelines are in pipeline.c, connecting in connect.c.
 */
#include "private.h"
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

static void finish(struct cab_db *db) {
    PQfinish(db->conn);
    db->conn = NULL;
    cab_statements_clear(db->statements);
}

void cab_conn_drop(struct cab_db *db, const char *why) {
    if (db->conn == NULL)
        return;
    if (cab_conn_in_transaction(db))
        db->has_lost_transaction = true;
    cab_log(CAB_LOG_INFO, "database connection dropped: %s", why);
    finish(db);
}

static void close_on_free(void *ptr) {
    struct cab_db *db = ptr;
    PQfinish(db->conn);
    db->conn = NULL;
}

struct cab_db *cab_db_make(void *ctx, const struct cab_db_options *options) {
    struct cab_db *db = cab_new(ctx, struct cab_db);
    db->options = *options;
    db->options.url = cab_strdup(db, options->url);
    db->options.application_name = cab_strdup(db, options->application_name);
    db->options.search_path = cab_strdup(db, options->search_path);
    db->statements = cab_statements_make(db);
    db->watch_fd = -1;
    cab_mem_on_free(db, close_on_free);
    return db;
}

int cab_db_open(void *ctx, const struct cab_db_options *options, struct cab_db **db_out, struct cab_err *err) {
    struct cab_db *db = cab_db_make(ctx, options);
    if (cab_conn_connect(db, err) != 0) {
        cab_mem_free(db);
        *db_out = NULL;
        return -1;
    }
    *db_out = db;
    return 0;
}

void cab_db_close(struct cab_db **db) {
    cab_mem_free(*db);
    *db = NULL;
}

bool cab_conn_in_transaction(const struct cab_db *db) {
    PGTransactionStatusType status = PQtransactionStatus(db->conn);
    return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

void cab_conn_notifications(struct cab_db *db) {
    for (PGnotify *notify; (notify = PQnotifies(db->conn)) != NULL; PQfreemem(notify))
        if (strcmp(notify->relname, "cabinet_catalog") == 0)
            db->has_hint = true;
}

bool cab_conn_is_alive(struct cab_db *db) {
    for (;;) {
        char byte;
        ssize_t n = recv(PQsocket(db->conn), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return (errno == EAGAIN || errno == EWOULDBLOCK) && !db->is_ending;
        if (n == 0)
            return false;
        /* a notification, a notice, or the server's last words before it closes */
        if (!PQconsumeInput(db->conn))
            return false;
        cab_conn_notifications(db);
    }
}

int cab_conn_need(struct cab_db *db, struct cab_err *err) {
    if (db->has_lost_transaction) {
        (void)cab_fail(err, CAB_PROBLEM_UNAVAILABLE,
                       "The connection to the database was lost. Send the request again.");
        cab_err_internal(err, "the transaction went with its connection");
        err->retry_after = 1;
        return -1;
    }
    return db->conn != NULL ? 0 : cab_conn_connect(db, err);
}

/* An empty round trip, for a connection that was idle for long. */
static bool ping(struct cab_db *db) {
    struct cab_exchange exchange = { .db = db, .deadline = cab_now_ms() + CAB_PING_MS, .was_cancelled = true };
    PGresult *result;
    if (!PQenterPipelineMode(db->conn) || !PQpipelineSync(db->conn) || cab_exchange_flush(&exchange) != 0 ||
        cab_exchange_result(&exchange, &result) != 0)
        return false;
    bool is_good = PQresultStatus(result) == PGRES_PIPELINE_SYNC;
    PQclear(result);
    return PQexitPipelineMode(db->conn) && is_good;
}

int cab_db_ready(struct cab_db *db, struct cab_err *err) {
    db->has_lost_transaction = false;
    if (db->conn == NULL)
        return cab_conn_connect(db, err);
    int64_t now = cab_now_ms();
    if (PQstatus(db->conn) != CONNECTION_OK || PQtransactionStatus(db->conn) != PQTRANS_IDLE) {
        cab_conn_drop(db, "not idle before use");
    } else if (db->options.recycle_s > 0 && now - db->connected_ms >= (int64_t)db->options.recycle_s * 1000) {
        cab_log(CAB_LOG_DEBUG, "database connection recycled");
        finish(db);
    } else if (db->options.pre_ping && !cab_conn_is_alive(db)) {
        cab_conn_drop(db, "closed by the server");
    } else if (db->options.pre_ping && now - db->used_ms >= CAB_PING_IDLE_MS) {
        if (ping(db))
            db->used_ms = now;
        else
            cab_conn_drop(db, "no answer to a ping");
    }
    db->has_lost_transaction = false;
    return db->conn != NULL ? 0 : cab_conn_connect(db, err);
}

bool cab_db_connected(const struct cab_db *db) {
    return db->conn != NULL;
}

int cab_db_socket(const struct cab_db *db) {
    return db->conn == NULL ? -1 : PQsocket(db->conn);
}

bool cab_db_catalog_hint(struct cab_db *db) {
    bool has_hint = db->has_hint;
    db->has_hint = false;
    return has_hint;
}

bool cab_db_drain_idle(struct cab_db *db) {
    if (db->conn != NULL && !cab_conn_is_alive(db))
        cab_conn_drop(db, "closed by the server");
    return cab_db_catalog_hint(db);
}

bool cab_db_check_idle(struct cab_db *db) {
    if (db->conn == NULL)
        return false;
    cab_conn_notifications(db);
    if (PQstatus(db->conn) == CONNECTION_OK && PQtransactionStatus(db->conn) == PQTRANS_IDLE &&
        PQpipelineStatus(db->conn) == PQ_PIPELINE_OFF && !PQisBusy(db->conn))
        return true;
    cab_conn_drop(db, "not idle after use");
    return false;
}

bool cab_db_in_transaction(const struct cab_db *db) {
    return db->conn != NULL && cab_conn_in_transaction(db);
}

uint64_t cab_db_reconnects(const struct cab_db *db) {
    return db->connects == 0 ? 0 : db->connects - 1;
}

int cab_db_server_version(const struct cab_db *db) {
    return PQserverVersion(db->conn);
}

int cab_db_backend_pid(const struct cab_db *db) {
    return PQbackendPID(db->conn);
}

int cab_db_error_position(const struct cab_db *db) {
    return db->position;
}

void cab_db_watch(struct cab_db *db, int client_fd) {
    db->watch_fd = client_fd;
}

void cab_db_patience(struct cab_db *db, int64_t ms) {
    db->patience_ms = ms;
}

static bool starts_with(const char *sql, const char *word) {
    sql += strspn(sql, " \t\r\n");
    size_t len = strlen(word);
    return strncasecmp(sql, word, len) == 0 && strchr(" \t\r\n;", sql[len]) != NULL;
}

/* Reads all results of a simple query; the first error stays in err. */
static int read_simple(struct cab_exchange *exchange, struct cab_err *err) {
    struct cab_db *db = exchange->db;
    int rc = 0;
    for (PGresult *result;;) {
        if (cab_exchange_result(exchange, &result) != 0)
            return -1;
        if (result == NULL)
            return rc;
        ExecStatusType status = PQresultStatus(result);
        if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE) {
            const char *position = PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);
            int64_t at;
            if (position != NULL && cab_parse_int64(position, 1, INT32_MAX, &at) == 0)
                db->position = (int)at;
            rc = cab_error_from_result(err, result, true);
        }
        PQclear(result);
        if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) {
            cab_conn_drop(db, "COPY in a plain statement");
            return cab_fail(err, CAB_PROBLEM_INTERNAL, "COPY cannot be run as a plain statement.");
        }
    }
}

static int exec(struct cab_db *db, const char *sql, struct cab_err *err) {
    bool is_end = starts_with(sql, "COMMIT") || starts_with(sql, "END"), is_rollback = starts_with(sql, "ROLLBACK");
    db->position = 0;
    if (is_rollback && db->has_lost_transaction) {
        db->has_lost_transaction = false;
        return 0;
    }
    if (cab_conn_need(db, err) != 0)
        return -1;
    bool was_inside = cab_conn_in_transaction(db);
    struct cab_exchange exchange;
    cab_exchange_begin(&exchange, db);
    int rc = PQsendQuery(db->conn, sql) ? cab_exchange_flush(&exchange) : -1;
    if (rc == 0)
        rc = read_simple(&exchange, err);
    else
        exchange.is_lost = true;
    if (exchange.is_lost) {
        bool fate_unknown = was_inside ? is_end : !starts_with(sql, "BEGIN") && !is_rollback;
        rc = cab_error_from_exchange(err, &exchange, fate_unknown);
        cab_conn_drop(db, err->internal);
        db->has_lost_transaction = was_inside && !is_rollback;
        return rc;
    }
    db->used_ms = cab_now_ms();
    if (exchange.cut == CAB_PROBLEM_CLIENT_GONE)
        rc = cab_error_from_exchange(err, &exchange, false);
    else if (rc == 0 && is_end && was_inside && exchange.cut == CAB_PROBLEM_TIMEOUT)
        rc = cab_error_unconfirmed(err);
    return rc;
}

int cab_db_exec(struct cab_db *db, const char *sql, struct cab_err *err) {
    int64_t start = cab_now_us();
    int rc = exec(db, sql, err);
    db->trace.us += cab_now_us() - start;
    return rc;
}
