/*
 * COPY … FROM STDIN: many rows in one go.  Sending does not wait for the server, so that the next rows can be made
 * while it works on these.
 */
#include "private.h"
#include <string.h>

static int lose(struct cab_db *db, const struct cab_exchange *exchange, struct cab_err *err) {
    (void)cab_error_from_exchange(err, exchange, false);
    cab_conn_drop(db, err->internal);
    db->has_lost_transaction = true;
    return -1;
}

/* Reads to the end of the message's results, or to the one that takes data.  The first error stays in err. */
static int read_results(struct cab_exchange *exchange, bool *is_copying_out, int64_t *rows_out, struct cab_err *err) {
    int rc = 0;
    *is_copying_out = false;
    for (PGresult *result;;) {
        if (cab_exchange_result(exchange, &result) != 0)
            return -1;
        if (result == NULL)
            break;
        ExecStatusType status = PQresultStatus(result);
        int64_t rows;
        if (status == PGRES_FATAL_ERROR && rc == 0)
            rc = cab_error_from_result(err, result, false);
        if (status == PGRES_COMMAND_OK && cab_parse_int64(PQcmdTuples(result), 0, INT64_MAX, &rows) == 0)
            *rows_out = rows;
        PQclear(result);
        if (status == PGRES_COPY_IN) {
            *is_copying_out = true;
            return rc;
        }
    }
    return rc;
}

int cab_copy_start(struct cab_db *db, const char *sql, const char *rows, size_t n, struct cab_err *err) {
    struct cab_exchange exchange;
    bool is_copying;
    int64_t ignored;
    CAB_BUG_ON(!cab_db_in_transaction(db));
    cab_exchange_begin(&exchange, db);
    if (!PQsendQuery(db->conn, sql))
        exchange.is_lost = true;
    else if (cab_exchange_flush(&exchange) == 0 && read_results(&exchange, &is_copying, &ignored, err) == 0
             && is_copying && PQputCopyData(db->conn, rows, (int)n) == 1 && PQputCopyEnd(db->conn, NULL) == 1)
        return cab_copy_send(db, err);
    if (exchange.is_lost || err->problem == CAB_PROBLEM_NONE)
        return lose(db, &exchange, err);
    return -1;
}

int cab_copy_send(struct cab_db *db, struct cab_err *err) {
    struct cab_exchange exchange = { .db = db, .is_lost = true };
    return PQflush(db->conn) < 0 ? lose(db, &exchange, err) : 0;
}

int cab_copy_finish(struct cab_db *db, int64_t *rows_out, struct cab_err *err) {
    struct cab_exchange exchange;
    bool is_copying = false;
    *rows_out = 0;
    cab_exchange_begin(&exchange, db);
    int rc = cab_exchange_flush(&exchange) == 0 ? read_results(&exchange, &is_copying, rows_out, err) : -1;
    if (exchange.is_lost || is_copying)
        return lose(db, &exchange, err);
    db->used_ms = cab_now_ms();
    if (exchange.cut == CAB_PROBLEM_CLIENT_GONE) {
        cab_err_clear(err);
        rc = cab_error_from_exchange(err, &exchange, false);
    }
    return rc;
}
