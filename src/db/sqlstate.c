/*
 * What the server's error codes mean for a client: one table, and the error value made from a failed result.  The
 * server's texts may hold submitted values, so they reach neither a client nor, where that is likely, the log.
 */
#include "private.h"
#include <stdio.h>
#include <string.h>

const struct cab_sqlstate cab_sqlstates[] = {
    /* raised by cabinet.token_consume */
    { "CB400", CAB_PROBLEM_TOKEN_INVALID, false, false,
      "The token is wrong, used or expired. Ask for a new one." },
    /* raised by cabinet.guard_failed */
    { "CB401", CAB_PROBLEM_UNAUTHENTICATED, false, false, "The session has ended. Log in again." },
    { "CB403", CAB_PROBLEM_REPLAN, false, true, "The caller's rights changed; the request is planned again." },
    { "CB409", CAB_PROBLEM_LAST_SUPERUSER, false, false,
      "This is the last superuser. Make another account superuser first." },
    { "CB410", CAB_PROBLEM_REPLAN, true, true, "The database schema changed; the request is planned again." },
    /* raised by cabinet.replica_behind */
    { "CB425", CAB_PROBLEM_REPLAN, false, true, "The replica is behind the caller's last write; the primary answers." },
    /* raised by cabinet.idempotency_claim; CB208 is answered by the dispatcher */
    { "CB208", CAB_PROBLEM_CONFLICT, false, false, "The request was done before." },
    { "CB422", CAB_PROBLEM_KEY_REUSED, false, false,
      "The Idempotency-Key belongs to a request with another body or query. Use a new key." },
    { "CB423", CAB_PROBLEM_KEY_IN_FLIGHT, false, false,
      "A request with this Idempotency-Key is being done. Send it again in a moment." },
    /* the plan no longer fits the schema */
    { "0A000", CAB_PROBLEM_REPLAN, true, true, "The database schema changed; the request is planned again." },
    { "26000", CAB_PROBLEM_REPLAN, true, true, "A prepared statement was lost; the request is planned again." },
    { "42P01", CAB_PROBLEM_REPLAN, true, true, "The database schema changed; the request is planned again." },
    { "42703", CAB_PROBLEM_REPLAN, true, true, "The database schema changed; the request is planned again." },
    { "42804", CAB_PROBLEM_REPLAN, true, true, "The database schema changed; the request is planned again." },
    { "42883", CAB_PROBLEM_REPLAN, true, true, "The database schema changed; the request is planned again." },
    /* constraints */
    { "23505", CAB_PROBLEM_CONFLICT, false, false, "A value that must be unique is taken. Choose another." },
    { "23P01", CAB_PROBLEM_CONFLICT, false, false, "The row conflicts with another one. Change its values." },
    { "23001", CAB_PROBLEM_IN_USE, false, false, "Other rows refer to this one. Change or delete them first." },
    { "23503", CAB_PROBLEM_INVALID, false, false, "A row that is referred to does not exist. Name an existing one." },
    { "23502", CAB_PROBLEM_INVALID, false, false, "A required value is missing. Send a value that is not null." },
    { "23514", CAB_PROBLEM_INVALID, false, false, "A value breaks a rule of its table. Correct it." },
    { "23", CAB_PROBLEM_INVALID, false, false, "A value breaks a rule of its table. Correct it." },
    /* values */
    { "22021", CAB_PROBLEM_MALFORMED, false, false,
      "The request holds bytes that are not UTF-8 text. Send UTF-8 without NUL." },
    { "22P05", CAB_PROBLEM_MALFORMED, false, false,
      "The request holds a character that cannot be stored. Leave it out." },
    { "22001", CAB_PROBLEM_INVALID, false, false, "A value is too long for its column. Shorten it." },
    { "22003", CAB_PROBLEM_INVALID, false, false, "A number is out of the range of its column. Send a smaller one." },
    { "22007", CAB_PROBLEM_INVALID, false, false, "A date or time is not written as RFC 3339 asks. Correct it." },
    { "22008", CAB_PROBLEM_INVALID, false, false, "A date or time is out of range. Correct it." },
    { "22P02", CAB_PROBLEM_INVALID, false, false, "A value does not have the form of its column's type. Correct it." },
    { "22", CAB_PROBLEM_INVALID, false, false, "A value is not valid for its column. Correct it." },
    { "428C9", CAB_PROBLEM_INVALID, false, false,
      "A column that the database fills itself cannot be set. Leave it out." },
    { "54", CAB_PROBLEM_INVALID, false, false,
      "A value is larger or more deeply nested than the database takes. Make it smaller." },
    /* concurrency and time */
    { "40001", CAB_PROBLEM_UNAVAILABLE, false, true, "The change collided with another one too often. Send it again." },
    { "40P01", CAB_PROBLEM_UNAVAILABLE, false, true, "The change collided with another one too often. Send it again." },
    { "55P03", CAB_PROBLEM_UNAVAILABLE, false, false, "The row is locked by another change. Send the request again." },
    { "57014", CAB_PROBLEM_TIMEOUT, false, false, "The database did not finish in time. Ask for less." },
    /* the server or its connection */
    { "25006", CAB_PROBLEM_UNAVAILABLE, false, false, "The database takes no writes now. Send the request again." },
    { "08", CAB_PROBLEM_UNAVAILABLE, false, false, "The database cannot be reached now. Send the request again." },
    { "53", CAB_PROBLEM_UNAVAILABLE, false, false, "The database has no room for the request now. Send it again." },
    { "57P", CAB_PROBLEM_UNAVAILABLE, false, false, "The database is not available now. Send the request again." },
    { "", CAB_PROBLEM_INTERNAL, false, false,
      "The database refused a statement. The request id finds the reason in the log." },
};

const struct cab_sqlstate *cab_sqlstate_find(const char *sqlstate) {
    const struct cab_sqlstate *row = cab_sqlstates;
    while (strncmp(row->pattern, sqlstate, strlen(row->pattern)) != 0)
        row++;
    return row;
}

static void take(char *to, size_t size, const PGresult *result, int code) {
    const char *field = PQresultErrorField(result, code);
    snprintf(to, size, "%s", field == NULL ? "" : field);
}

/* Appends label and a field of the error where there is one. */
static void tell(struct cab_err *err, const char *label, const PGresult *result, int code) {
    const char *field = PQresultErrorField(result, code);
    size_t len = strlen(err->internal);
    if (field != NULL)
        snprintf(err->internal + len, sizeof err->internal - len, "%s%s", label, field);
}

int cab_error_from_result(struct cab_err *err, const PGresult *result, bool is_verbose) {
    take(err->sqlstate, sizeof err->sqlstate, result, PG_DIAG_SQLSTATE);
    take(err->table, sizeof err->table, result, PG_DIAG_TABLE_NAME);
    take(err->column, sizeof err->column, result, PG_DIAG_COLUMN_NAME);
    take(err->constraint, sizeof err->constraint, result, PG_DIAG_CONSTRAINT_NAME);
    const struct cab_sqlstate *row = cab_sqlstate_find(err->sqlstate);
    (void)cab_fail(err, row->problem, "%s", row->doc);
    if (row->problem == CAB_PROBLEM_UNAVAILABLE || row->problem == CAB_PROBLEM_KEY_IN_FLIGHT)
        err->retry_after = 1;
    cab_err_internal(err, "SQLSTATE %s", err->sqlstate[0] == '\0' ? "unknown" : err->sqlstate);
    /* data exceptions quote the value in their first line, constraints in DETAIL */
    if (is_verbose || strncmp(err->sqlstate, "22", 2) != 0)
        tell(err, ": ", result, PG_DIAG_MESSAGE_PRIMARY);
    if (is_verbose) {
        tell(err, "; ", result, PG_DIAG_MESSAGE_DETAIL);
        tell(err, "; hint: ", result, PG_DIAG_MESSAGE_HINT);
        tell(err, "; in ", result, PG_DIAG_CONTEXT);
    }
    tell(err, "; schema ", result, PG_DIAG_SCHEMA_NAME);
    tell(err, "; type ", result, PG_DIAG_DATATYPE_NAME);
    return -1;
}

bool cab_error_is_fatal(const PGresult *result) {
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    return severity != NULL && (strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0);
}

int cab_error_from_exchange(struct cab_err *err, const struct cab_exchange *exchange, bool fate_unknown) {
    static const char *const details[] = {
        [CAB_PROBLEM_CLIENT_GONE] = "The client went away; its query was cancelled.",
        [CAB_PROBLEM_TIMEOUT] = "The database did not finish in time. Ask for less.",
        [CAB_PROBLEM_FATE_UNKNOWN] =
            "The connection to the database was lost while the change was made; it may be done "
            "or not. Read the row before sending the change again.",
        [CAB_PROBLEM_UNAVAILABLE] = "The connection to the database was lost. Send the request again.",
    };
    enum cab_problem problem = exchange->cut == CAB_PROBLEM_CLIENT_GONE ? CAB_PROBLEM_CLIENT_GONE
                               : fate_unknown                           ? CAB_PROBLEM_FATE_UNKNOWN
                               : exchange->cut != CAB_PROBLEM_NONE      ? exchange->cut
                                                                        : CAB_PROBLEM_UNAVAILABLE;
    (void)cab_fail(err, problem, "%s", details[problem]);
    if (problem == CAB_PROBLEM_UNAVAILABLE || problem == CAB_PROBLEM_FATE_UNKNOWN)
        err->retry_after = 1;
    const char *reason = exchange->last_words[0] != '\0'             ? exchange->last_words
                         : exchange->cut == CAB_PROBLEM_TIMEOUT      ? "time-out"
                         : exchange->cut == CAB_PROBLEM_CLIENT_GONE  ? "client gone"
                                                                     : "server closed the connection";
    cab_err_internal(err, "exchange ended early: %s", reason);
    return -1;
}

int cab_error_unconfirmed(struct cab_err *err) {
    (void)cab_fail(err, CAB_PROBLEM_FATE_UNKNOWN,
                   "The change is made, but no standby has confirmed it in time: a failover may lose it. Read the row "
                   "before sending the change again.");
    cab_err_internal(err, "the wait for synchronous replication was cancelled");
    err->retry_after = 1;
    return -1;
}
