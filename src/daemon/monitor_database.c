/*
 * monitor, figures of the database: queues of ours, and extracts of the server's own statistics as far as the role may
 * read them.  A connection of its own, made when first asked.  A database that is away costs its figures only.
 */
#include "daemon/monitor.h"

#include <string.h>

#include "statements.h"

#define KEEP_MS 5000
#define PATIENCE_MS 2000
#define TOP_STATEMENTS 20

struct cab_monitor_database {
    struct cab_db *db;
    void *mem;
    struct cab_buf text;     /* what was found last */
    int64_t asked_ms;        /* 0: never */
};

struct cab_monitor_database *cab_monitor_database_make(void *ctx, const struct cab_conf *conf) {
    struct cab_monitor_database *database = cab_new(ctx, struct cab_monitor_database);
    struct cab_db_options options = cab_daemon_db_options(conf, "cabinet[monitor]");
    options.listen = false;
    options.connect_timeout_s = PATIENCE_MS / 1000;
    options.statement_timeout_ms = options.lock_timeout_ms = PATIENCE_MS;
    database->db = cab_db_make(database, &options);
    cab_buf_init(&database->text, database, 8191);
    return database;
}

/* ---- rows: name, type, help, label name or NULL, label value, figure ---- */

static int add_rows(struct cab_monitor_database *database, void *mem, const char *sql, struct cab_err *err) {
    struct cab_result *result;
    const char *before = "";
    if (cab_db_read(database->db, mem, CAB_SHAPE_ANY, sql, 0, NULL, &result, err) != 0)
        return -1;
    for (int i = 0; i < cab_result_rows(result); i++) {
        const char *name = cab_result_value(result, i, 0), *label = cab_result_value(result, i, 3),
                   *figure = cab_result_value(result, i, 5);
        if (figure == NULL)
            continue;
        if (strcmp(name, before) != 0)
            cab_metrics_head(&database->text, name, cab_result_value(result, i, 1), cab_result_value(result, i, 2));
        before = name;
        cab_buf_adds(&database->text, name);
        if (label != NULL) {
            cab_buf_addf(&database->text, "{%s=", label);
            cab_metrics_label(&database->text, cab_result_value(result, i, 4));
            cab_buf_addc(&database->text, '}');
        }
        cab_buf_addf(&database->text, " %s\n", figure);
    }
    return 0;
}

/* ---- pg_stat_statements ---- */

/* The name of a fixed statement, or the server's number of it. */
static const char *name_of(const char *text, const char *id) {
    for (const struct cab_sql_text *fixed = cab_sql_texts; text != NULL && fixed->name != NULL; fixed++)
        if (strcmp(fixed->text, text) == 0)
            return fixed->name;
    return id;
}

static const struct { const char *name, *help; } statement_metrics[] = {
    { "cabinet_statement_calls_total", "Times that the server ran a statement (pg_stat_statements)." },
    { "cabinet_statement_seconds_total", "Time that the server took for a statement." },
    { "cabinet_statement_rows_total", "Rows that a statement returned or changed." },
    { "cabinet_statement_blocks_read_total", "Blocks that a statement read from outside the buffer cache." },
};

static int add_statements(struct cab_monitor_database *database, void *mem, struct cab_err *err) {
    struct cab_result *where, *result;
    struct cab_sql sql;
    const char *find = cab_sql_text_metrics_statements_where;
    if (cab_db_read(database->db, mem, CAB_SHAPE_MAYBE, find, 0, NULL, &where, err) != 0)
        return -1;
    if (cab_result_rows(where) == 0)
        return 0;
    cab_sql_init(&sql, mem);
    cab_sql_add(&sql, "SELECT s.queryid::text, min(s.query), sum(s.calls)::text, "
                      "round((sum(s.total_exec_time) / 1000)::numeric, 6)::text, "
                      "sum(s.rows)::text, sum(s.shared_blks_read)::text FROM ");
    cab_sql_qualified(&sql, cab_result_value(where, 0, 0), "pg_stat_statements");
    cab_sql_add(&sql, " AS s WHERE s.userid = (SELECT r.oid FROM pg_catalog.pg_roles AS r "
                      "WHERE r.rolname = current_user) AND s.dbid = (SELECT d.oid FROM pg_catalog.pg_database AS d "
                      "WHERE d.datname = current_database()) AND s.queryid IS NOT NULL GROUP BY s.queryid "
                      "ORDER BY sum(s.total_exec_time) DESC LIMIT ");
    cab_sql_bind(&sql, cab_printf(mem, "%d", TOP_STATEMENTS), "bigint");
    if (cab_db_read(database->db, mem, CAB_SHAPE_ANY, sql.text.data, sql.n_values, sql.values, &result, err) != 0)
        return -1;
    for (size_t m = 0; m < CAB_LENGTH(statement_metrics); m++) {
        cab_metrics_head(&database->text, statement_metrics[m].name, "counter", statement_metrics[m].help);
        for (int i = 0; i < cab_result_rows(result); i++) {
            const char *id = cab_result_value(result, i, 0);
            cab_buf_addf(&database->text, "%s{statement=", statement_metrics[m].name);
            cab_metrics_label(&database->text, name_of(cab_result_value(result, i, 1), id));
            cab_buf_addf(&database->text, ",queryid=\"%s\"} %s\n", id, cab_result_value(result, i, 2 + (int)m));
        }
    }
    return 0;
}

/* ---- all of it ---- */

static int ask(struct cab_monitor_database *database, void *mem, struct cab_err *err) {
    static const char *const parts[] = { cab_sql_text_metrics_database, cab_sql_text_metrics_queues };
    if (cab_db_ready(database->db, err) != 0)
        return -1;
    for (size_t i = 0; i < CAB_LENGTH(parts); i++)
        if (add_rows(database, mem, parts[i], err) != 0)
            return -1;
    if (add_statements(database, mem, err) == 0)
        return 0;
    /* an extension that cannot be read (not preloaded, say) costs its own figures only */
    cab_log(CAB_LOG_DEBUG, "no figures of pg_stat_statements: %s %s", err->detail, err->internal);
    cab_err_clear(err);
    return 0;
}

void cab_monitor_database_write(struct cab_monitor_database *database, struct cab_buf *buf) {
    int64_t now = cab_now_ms();
    struct cab_err err;
    if (database->asked_ms == 0 || now - database->asked_ms >= KEEP_MS) {
        void *mem = cab_mem_alloc(database, 1);
        cab_buf_reset(&database->text);
        cab_err_clear(&err);
        int rc = ask(database, mem, &err);
        if (rc != 0)
            cab_log(CAB_LOG_DEBUG, "no figures of the database: %s %s", err.detail, err.internal);
        cab_metrics_head(&database->text, "cabinet_database_up", "gauge",
                         "Whether the database answered the monitor (1) or not (0).");
        cab_buf_addf(&database->text, "cabinet_database_up %d\n", rc == 0);
        (void)cab_db_check_idle(database->db);
        cab_mem_free(mem);
        database->asked_ms = cab_now_ms();
    }
    cab_buf_add(buf, database->text.data, database->text.len);
}
