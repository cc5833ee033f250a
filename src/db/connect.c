/*
 * Connecting: the URL's own words plus the session settings, which travel in the startup packet, so that a connection
 * costs no round trip more.  A silent host is given up after its share of the time-out and the next one is tried.
 * The URL holds a password: neither it nor a complaint about it is logged.
 */
#include "private.h"
#include <poll.h>
#include <stdio.h>
#include <string.h>

enum { WORDS_MAX = 64 };

/* Keywords and values as PQconnectStartParams takes them. */
struct words {
    const char *keys[WORDS_MAX + 1], *values[WORDS_MAX + 1];
    int n;
};

/* What a URL says of one server among several. */
struct hosts {
    char **host, **hostaddr, **port; /* NULL where the URL has none */
    int n_host, n_hostaddr, n_port, n;
};

static void set_word(struct words *words, const char *key, const char *value) {
    for (int i = 0; i < words->n; i++)
        if (strcmp(words->keys[i], key) == 0) {
            words->values[i] = value;
            return;
        }
    CAB_BUG_ON(words->n == WORDS_MAX);
    words->keys[words->n] = key;
    words->values[words->n++] = value;
    words->keys[words->n] = words->values[words->n] = NULL;
}

static const char *get_word(const struct words *words, const char *key) {
    for (int i = 0; i < words->n; i++)
        if (strcmp(words->keys[i], key) == 0)
            return words->values[i];
    return NULL;
}

static void set_default(struct words *words, const char *key, const char *value) {
    if (get_word(words, key) == NULL)
        set_word(words, key, value);
}

static int read_url(const void *ctx, const char *url, struct words *words, struct cab_err *err) {
    char *complaint = NULL;
    PQconninfoOption *parsed = url == NULL ? NULL : PQconninfoParse(url, &complaint);
    PQfreemem(complaint); /* it quotes the URL */
    if (parsed == NULL)
        return cab_fail(err, CAB_PROBLEM_INTERNAL,
                        "The database URL cannot be read. Write postgresql://user@host:port/database or key=value "
                        "words.");
    for (const PQconninfoOption *o = parsed; o->keyword != NULL; o++)
        if (o->val != NULL)
            set_word(words, cab_strdup(ctx, o->keyword), cab_strdup(ctx, o->val));
    PQconninfoFree(parsed);
    return 0;
}

/* Appends ` -c name=value`; blanks and backslashes are escaped as the server splits them. */
static void add_setting(struct cab_buf *buf, const char *name, const char *value) {
    cab_buf_adds(buf, " -c ");
    cab_buf_adds(buf, name);
    cab_buf_addc(buf, '=');
    for (; *value != '\0'; value++) {
        if (*value == ' ' || *value == '\\')
            cab_buf_addc(buf, '\\');
        cab_buf_addc(buf, *value);
    }
}

/* The session settings that the program relies on; ours stand last, so they win over the URL's. */
static const struct { const char *name, *value; bool is_reported; } pinned[] = {
    { "TimeZone", "UTC", true },
    { "DateStyle", "ISO, MDY", true },
    { "IntervalStyle", "iso_8601", true }, /* RFC 3339 durations, which is what OpenAPI calls them */
    { "bytea_output", "hex", false },
    { "extra_float_digits", "1", false },  /* shortest text that reads back exactly */
    { "jit", "off", false },               /* compiling costs more than the short statements run */
};

static const char *session_options(const void *ctx, const struct cab_db_options *options, const char *from_url) {
    struct cab_buf buf;
    char number[16];
    cab_buf_init(&buf, ctx, 511);
    if (from_url != NULL)
        cab_buf_adds(&buf, from_url);
    add_setting(&buf, "search_path",
                options->search_path != NULL ? options->search_path : "public, pg_temp");
    for (size_t i = 0; i < CAB_LENGTH(pinned); i++)
        add_setting(&buf, pinned[i].name, pinned[i].value);
    snprintf(number, sizeof number, "%d", options->statement_timeout_ms);
    add_setting(&buf, "statement_timeout", number);
    snprintf(number, sizeof number, "%d", options->lock_timeout_ms);
    add_setting(&buf, "lock_timeout", number);
    /* a worker that is stopped inside a transaction must not hold its locks for ever */
    snprintf(number, sizeof number, "%d",
             options->statement_timeout_ms > 0 ? options->statement_timeout_ms + 30000 : 0);
    add_setting(&buf, "idle_in_transaction_session_timeout", number);
    return buf.data;
}

static void add_words(const void *ctx, const struct cab_db_options *options, struct words *words) {
    set_word(words, "client_encoding", "UTF8");
    if (options->application_name != NULL)
        set_word(words, "application_name", options->application_name);
    set_default(words, "keepalives_idle", "30");
    set_default(words, "keepalives_interval", "10");
    set_default(words, "keepalives_count", "3");
    set_default(words, "tcp_user_timeout", cab_printf(ctx, "%lld", options->connect_timeout_s * 1000LL));
    /* PgBouncer takes no session options; there they are set by ALTER ROLE */
    if (options->prepared)
        set_word(words, "options", session_options(ctx, options, get_word(words, "options")));
}

static char **split(const void *ctx, const char *list, int *n_out) {
    *n_out = 0;
    if (list == NULL)
        return NULL;
    int n = 1;
    for (const char *c = list; *c != '\0'; c++)
        n += *c == ',';
    char **parts = cab_new_array(ctx, char *, (size_t)n);
    for (int i = 0; i < n; i++) {
        size_t len = strcspn(list, ",");
        parts[i] = cab_strndup(ctx, list, len);
        list += len + 1;
    }
    *n_out = n;
    return parts;
}

static const char *join(const void *ctx, char **parts, int from, int n) {
    struct cab_buf buf;
    cab_buf_init(&buf, ctx, 63);
    for (int i = from; i < n; i++)
        cab_buf_addf(&buf, "%s%s", i > from ? "," : "", parts[i]);
    return buf.data;
}

static void find_hosts(const void *ctx, const struct words *words, struct hosts *hosts) {
    *hosts = (struct hosts){ 0 };
    hosts->host = split(ctx, get_word(words, "host"), &hosts->n_host);
    hosts->hostaddr = split(ctx, get_word(words, "hostaddr"), &hosts->n_hostaddr);
    hosts->port = split(ctx, get_word(words, "port"), &hosts->n_port);
    hosts->n = hosts->n_hostaddr > 0 ? hosts->n_hostaddr : hosts->n_host > 0 ? hosts->n_host : 1;
}

/* Leaves only the hosts from index on. */
static void skip_hosts(const void *ctx, struct words *words, const struct hosts *hosts, int index) {
    if (hosts->n_host > 0)
        set_word(words, "host", join(ctx, hosts->host, index, hosts->n_host));
    if (hosts->n_hostaddr > 0)
        set_word(words, "hostaddr", join(ctx, hosts->hostaddr, index, hosts->n_hostaddr));
    if (hosts->n_port > 1)
        set_word(words, "port", join(ctx, hosts->port, index, hosts->n_port));
}

/* Index of the host that conn is busy with, at or after from. */
static int current_host(PGconn *conn, const struct hosts *hosts, int from) {
    const char *host = PQhost(conn), *port = PQport(conn);
    for (int i = from; i < hosts->n; i++) {
        const char *name = hosts->n_host > 0 && hosts->host[i][0] != '\0' ? hosts->host[i]
                           : hosts->n_hostaddr > 0                         ? hosts->hostaddr[i]
                                                                           : NULL;
        bool same_port = hosts->n_port <= 1 || port == NULL || strcmp(hosts->port[i], port) == 0;
        if (name != NULL && host != NULL && strcmp(name, host) == 0 && same_port)
            return i;
    }
    return from;
}

static void note(void *arg, const PGresult *result) {
    struct cab_db *db = arg;
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY),
               *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    db->is_ending = db->is_ending || cab_error_is_fatal(result); /* said while nothing was asked */
    cab_log(CAB_LOG_DEBUG, "database %s: %s", severity == NULL ? "notice" : severity, text == NULL ? "" : text);
}

static void mute(void *arg, const char *message) {
    (void)arg;
    (void)message;
}

/* Polls conn until it is connected, failed, or its current host was silent for too long: 1, -1, 0. */
static int dial(struct cab_db *db, const struct hosts *hosts, int from, int64_t deadline, int64_t share) {
    PostgresPollingStatusType status = PGRES_POLLING_WRITING;
    int host = current_host(db->conn, hosts, from);
    int64_t until = cab_now_ms() + share;
    while (status != PGRES_POLLING_OK) {
        if (status == PGRES_POLLING_FAILED || PQsocket(db->conn) < 0)
            return -1;
        if (current_host(db->conn, hosts, from) != host) {
            host = current_host(db->conn, hosts, from);
            until = cab_now_ms() + share;
        }
        int64_t nearest = until < deadline ? until : deadline;
        if (cab_conn_wait(db, status == PGRES_POLLING_READING ? POLLIN : POLLOUT, nearest, false) != 1)
            return 0;
        status = PQconnectPoll(db->conn);
    }
    return 1;
}

static int give_up(struct cab_db *db, const char *why, struct cab_err *err) {
    (void)cab_fail(err, CAB_PROBLEM_UNAVAILABLE, "The database cannot be reached now. Send the request again.");
    cab_err_internal(err, "connecting: %s", why);
    err->retry_after = 1;
    PQfinish(db->conn);
    db->conn = NULL;
    return -1;
}

static int dial_hosts(struct cab_db *db, const void *ctx, struct words *words, struct cab_err *err) {
    struct hosts hosts;
    find_hosts(ctx, words, &hosts);
    int64_t limit = (db->options.connect_timeout_s > 0 ? db->options.connect_timeout_s : 10) * INT64_C(1000);
    int64_t deadline = cab_now_ms() + limit, share = limit / hosts.n;
    for (int from = 0;;) {
        skip_hosts(ctx, words, &hosts, from);
        db->is_ending = false;
        db->conn = PQconnectStartParams(words->keys, words->values, 0);
        if (db->conn == NULL)
            cab_die("out of memory");
        PQsetNoticeReceiver(db->conn, note, db);
        PQsetNoticeProcessor(db->conn, mute, NULL);
        int done = PQstatus(db->conn) == CONNECTION_BAD ? -1 : dial(db, &hosts, from, deadline, share);
        if (done == 1)
            return 0;
        if (done == -1)
            return give_up(db, PQerrorMessage(db->conn), err);
        from = current_host(db->conn, &hosts, from) + 1;
        if (from >= hosts.n || cab_now_ms() >= deadline)
            return give_up(db, "no answer in time", err);
        PQfinish(db->conn);
    }
}

/* Behind PgBouncer the settings that it follows for each client are made by a statement, where they differ. */
static int pin_by_statement(struct cab_db *db, const void *ctx, struct cab_err *err) {
    struct cab_buf buf;
    cab_buf_init(&buf, ctx, 127);
    for (size_t i = 0; i < CAB_LENGTH(pinned); i++) {
        const char *now = pinned[i].is_reported ? PQparameterStatus(db->conn, pinned[i].name) : NULL;
        if (now != NULL && strcmp(now, pinned[i].value) != 0)
            cab_buf_addf(&buf, "SET %s = %s;", pinned[i].name, cab_sql_quote_literal(ctx, pinned[i].value));
    }
    return buf.len == 0 ? 0 : cab_db_exec(db, buf.data, err);
}

static void listen_for_catalog(struct cab_db *db) {
    struct cab_err err = { 0 };
    const char *standby = PQparameterStatus(db->conn, "in_hot_standby");
    if (!db->options.listen || !db->options.prepared || (standby != NULL && strcmp(standby, "on") == 0))
        return;
    if (cab_db_exec(db, "LISTEN cabinet_catalog", &err) != 0)
        cab_log(CAB_LOG_DEBUG, "no LISTEN on this connection: %s", err.internal);
}

static int connect_below(struct cab_db *db, void *ctx, struct cab_err *err) {
    struct words words = { .n = 0 };
    if (read_url(ctx, db->options.url, &words, err) != 0)
        return -1;
    add_words(ctx, &db->options, &words);
    if (dial_hosts(db, ctx, &words, err) != 0)
        return -1;
    if (PQserverVersion(db->conn) < 140000)
        return give_up(db, cab_printf(ctx, "this is PostgreSQL %d, and 14 or later is needed",
                                      PQserverVersion(db->conn) / 10000), err);
    if (PQsetnonblocking(db->conn, 1) != 0)
        return give_up(db, "cannot switch to non-blocking", err);
    cab_statements_clear(db->statements);
    db->connected_ms = db->used_ms = cab_now_ms();
    db->connects++;
    if (!db->options.prepared && pin_by_statement(db, ctx, err) != 0) {
        cab_conn_drop(db, "session settings refused");
        return -1;
    }
    listen_for_catalog(db);
    return db->conn != NULL ? 0 : give_up(db, "lost while it was set up", err);
}

/* Requests that queued up behind a silent server must not wait for it one after another. */
int cab_conn_connect(struct cab_db *db, struct cab_err *err) {
    int64_t began = cab_now_ms();
    if (began < db->silent_until_ms)
        return give_up(db, "no answer in time a moment ago", err);
    void *ctx = cab_mem_alloc(db, 1);
    int rc = connect_below(db, ctx, err);
    cab_mem_free(ctx);
    db->failures += rc != 0;
    if (rc != 0 && cab_now_ms() - began >= CAB_SILENT_MS)
        db->silent_until_ms = cab_now_ms() + CAB_SILENT_MS;
    return rc;
}
