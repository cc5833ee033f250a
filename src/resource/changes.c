/*
 * GET /{table}/_changes: what happened to the rows of a table, from the audit trail, to be followed by whoever keeps a
 * copy.  Entries are ordered by transaction and number, and told only once every transaction up to theirs has ended: so
 * none can appear behind a position that was given out, in whatever order transactions commit.
 */
#include <string.h>

#include <cabinet/resource.h>

#include "admit.h"
#include "cursor.h"
#include "image.h"
#include "row_plan.h"
#include "statements.h"
#include "types.h"
#include "value.h"
#include "where.h"

#define SIZE_DEFAULT 100
#define SIZE_MOST 1000

/* Behind an entry, or where number is 0 before all of a transaction. */
struct position { const char *server, *transaction, *number, *time; };

enum { AT_ID, AT_DATE, AT_ACTION, AT_ACTOR, AT_KEY, AT_BEFORE, AT_AFTER, AT_USER, AT_TRANSACTION, AT_SECONDS };

static const char *scope_of(struct cab_call *call) {
    return cab_printf(call->mem, "changes\n%s", call->table->name);
}

static const char *write_position(struct cab_call *call, const struct position *position) {
    const char *values[] = { position->server, position->transaction, position->number, position->time };
    struct cab_cursor cursor = { .values = values, .n = 4 };
    return cab_cursor_make(call->mem, call->conf, scope_of(call), &cursor);
}

static int read_position(struct cab_call *call, const char *text, struct position *position, struct cab_err *err) {
    struct cab_cursor cursor;
    struct cab_err ignored = { 0 };
    if (cab_cursor_read(call->mem, call->conf, scope_of(call), text, 4, &cursor, &ignored) == 0) {
        *position = (struct position){ cursor.values[0], cursor.values[1], cursor.values[2], cursor.values[3] };
        return 0;
    }
    (void)cab_err_flaw(err, call->mem, CAB_PLACE_PARAMETER, "after", "bad_cursor",
                       "Must be the after of an earlier answer of this feed, or now; left out, the feed starts with "
                       "the oldest change.");
    return cab_fail(err, CAB_PROBLEM_BAD_CURSOR, "Parameter after was not issued by the feed of this table.");
}

static int expired(struct cab_call *call, const char *why, struct cab_err *err) {
    (void)cab_err_flaw(err, call->mem, CAB_PLACE_PARAMETER, "after", "expired", "%s", why);
    return cab_fail(err, CAB_PROBLEM_CURSOR_EXPIRED,
                    "%s Read the rows anew, and follow the feed from after=now, taken before.", why);
}

/* Whether all that followed position is still there. */
static int check_position(struct cab_call *call, const struct position *position, const struct cab_result *server,
                          struct cab_err *err) {
    int64_t transaction, time, next = cab_result_int64(server, 0, 2), now = cab_result_int64(server, 0, 3);
    if (strcmp(position->server, cab_result_value(server, 0, 0)) != 0)
        return expired(call, "This is the position in the feed of another server, before a restore perhaps.", err);
    if (cab_parse_int64(position->transaction, 0, INT64_MAX, &transaction) != 0 || transaction > next)
        return expired(call, "The database was set back behind this position.", err);
    if (cab_parse_int64(position->time, 0, INT64_MAX, &time) != 0
        || time < now - call->conf->audit_log_retention_days * 86400)
        return expired(call, "The changes that follow this position are older than the audit trail is kept.", err);
    return 0;
}

/* ---- the entries ---- */

static void add_entries(struct cab_sql *sql, const struct cab_view *view, const struct position *from,
                        int64_t size) {
    const struct cab_table *table = view->table;
    cab_sql_add(sql, "SELECT a.id, a.date_created, a.action, a.actor_id, a.row_key, a.before, a.after, a.user_id,"
                     " a.transaction_id, extract(epoch FROM a.date_created)::bigint FROM public.audit_logs AS a"
                     " WHERE a.transaction_id < pg_snapshot_xmin(pg_current_snapshot()) AND a.table_name = ");
    cab_sql_bind(sql, table->name, "text");
    cab_sql_add(sql, " AND (a.transaction_id, a.id) > (");
    cab_sql_bind(sql, from != NULL ? from->transaction : "0", "xid8");
    cab_sql_add(sql, ", ");
    cab_sql_bind(sql, from != NULL ? from->number : "0", "bigint");
    cab_sql_add(sql, ") AND a.action = ANY ('{row_insert,row_update,row_delete,row_restore,table_truncate}')");
    if (view->rows == CAB_ROWS_OWN) { /* a row that goes to somebody else is told of, too */
        cab_sql_add(sql, " AND (a.user_id = ");
        cab_sql_bind(sql, view->caller->user_id_text, "bigint");
        cab_sql_add(sql, " OR a.before ->> ");
        cab_sql_bind(sql, table->owner->name, "text");
        cab_sql_add(sql, " = ");
        cab_sql_bind(sql, view->caller->user_id_text, "text");
        cab_sql_add(sql, " OR a.action = 'table_truncate')");
    }
    cab_sql_add(sql, " ORDER BY a.transaction_id, a.id LIMIT ");
    cab_sql_bind(sql, cab_printf(sql->ctx, "%lld", (long long)size + 1), "bigint");
}

/* Whether rows may be there that the caller does not see. */
static bool asks_rows(const struct cab_view *view) {
    return view->rows == CAB_ROWS_OWN || (view->table->deleted_at != NULL && view->trash != CAB_ROWS_ALL);
}

static int queue_keys(struct cab_call *call, const struct cab_view *view, const char *keys, bool is_scoped) {
    struct cab_sql sql;
    cab_sql_init(&sql, call->mem);
    cab_sql_add(&sql, "SELECT ");
    cab_where_column(&sql, view->table->key);
    cab_sql_add(&sql, "::text FROM ");
    cab_sql_qualified(&sql, view->table->schema, view->table->name);
    cab_sql_add(&sql, " AS t");
    if (is_scoped)
        cab_where_scope(&sql, view, view->rows, CAB_STATE_LIVE);
    else
        cab_sql_add(&sql, " WHERE true");
    cab_sql_add(&sql, " AND ");
    cab_where_column(&sql, view->table->key);
    cab_sql_add(&sql, " = ANY (");
    cab_sql_bind(&sql, keys, cab_type_array(call->mem, view->table->key->base_type));
    cab_sql_add(&sql, ")");
    return cab_pipe_add(call->pipe, CAB_SHAPE_ANY, sql.text.data, sql.n_values, (const char *const *)sql.values);
}

static bool has_key(const struct cab_result *rows, const char *key) {
    for (int i = 0; i < cab_result_rows(rows); i++)
        if (strcmp(cab_result_value(rows, i, 0), key) == 0)
            return true;
    return false;
}

/* Which entries are of rows that are there and not the caller's to see. */
static int find_unseen(struct cab_call *call, const struct cab_view *view, const struct cab_result *rows, int n,
                       bool *unseen, struct cab_err *err) {
    const char **keys = cab_new_array(call->mem, const char *, (size_t)n + 1), *value;
    struct cab_value_flaw ignored;
    size_t n_keys = 0;
    for (int i = 0; i < n; i++) {
        const char *key = cab_result_value(rows, i, AT_KEY);
        if (key != NULL && cab_value_check(call->mem, view->table->key, key, &value, &ignored) == 0)
            keys[n_keys++] = key;
    }
    if (n_keys == 0 || !asks_rows(view))
        return 0;
    const char *list = cab_value_array(call->mem, keys, n_keys);
    cab_call_pipe(call);
    int all = queue_keys(call, view, list, false), seen = queue_keys(call, view, list, true);
    if (cab_call_run(call, err) != 0)
        return -1;
    for (int i = 0; i < n; i++) {
        const char *key = cab_result_value(rows, i, AT_KEY);
        unseen[i] = key != NULL && has_key(cab_pipe_result(call->pipe, all), key)
            && !has_key(cab_pipe_result(call->pipe, seen), key);
    }
    return 0;
}

static void add_key(struct cab_call *call, const char *key, struct cab_buf *buf) {
    const struct cab_column *column = call->table->key;
    struct cab_value_flaw ignored;
    const char *value;
    cab_buf_adds(buf, ",\"key\":");
    if (key != NULL && cab_value_check(call->mem, column, key, &value, &ignored) == 0)
        cab_value_writer_for(column, false)(buf, key, strlen(key));
    else
        cab_json_cstring(buf, key);
}

static int write_entries(struct cab_call *call, const struct cab_view *view, const struct cab_result *rows, int n,
                         struct cab_err *err) {
    struct cab_buf *buf = &call->response->body;
    bool *unseen = cab_new_array(call->mem, bool, (size_t)n + 1);
    if (find_unseen(call, view, rows, n, unseen, err) != 0)
        return -1;
    cab_buf_adds(buf, "{\"items\":[");
    for (int i = 0; i < n; i++) {
        const char *person = cab_result_value(rows, i, AT_USER);
        bool own = person != NULL && view->caller->is_signed_in && strcmp(person, view->caller->user_id_text) == 0;
        cab_buf_addf(buf, "%s{\"version\":%s", i > 0 ? "," : "", cab_result_value(rows, i, AT_ID));
        cab_image_value(call, "date_created", rows, i, AT_DATE, buf);
        cab_image_value(call, "action", rows, i, AT_ACTION, buf);
        add_key(call, cab_result_value(rows, i, AT_KEY), buf);
        cab_image_value(call, "actor_id", rows, i, AT_ACTOR, buf);
        if (cab_image_write(call, view, own, "before", unseen[i] ? NULL : cab_result_value(rows, i, AT_BEFORE), buf,
                            err) != 0
            || cab_image_write(call, view, own, "after", unseen[i] ? NULL : cab_result_value(rows, i, AT_AFTER), buf,
                               err) != 0)
            return -1;
        cab_buf_addc(buf, '}');
    }
    cab_buf_addc(buf, ']');
    return 0;
}

/* Where the feed goes on: behind the last entry, or, where there are no more, before what has not ended. */
static struct position next_position(const struct cab_result *server, const struct cab_result *rows, int n,
                                     bool has_more) {
    struct position next = { cab_result_value(server, 0, 0), cab_result_value(server, 0, 1), "0",
                             cab_result_value(server, 0, 3) };
    if (n > 0 && (has_more || cab_result_int64(rows, n - 1, AT_TRANSACTION) >= cab_result_int64(server, 0, 1))) {
        next.transaction = cab_result_value(rows, n - 1, AT_TRANSACTION);
        next.number = cab_result_value(rows, n - 1, AT_ID);
        if (has_more)
            next.time = cab_result_value(rows, n - 1, AT_SECONDS);
    }
    return next;
}

static int read_size(struct cab_call *call, int64_t *size, struct cab_err *err) {
    const char *text = cab_request_param(call->request, "size");
    for (int i = 0; i < call->request->n_params; i++) {
        const char *name = call->request->params[i].name;
        if (strcmp(name, "size") == 0 || strcmp(name, "after") == 0)
            continue;
        (void)cab_err_flaw(err, call->mem, CAB_PLACE_PARAMETER, name, "unknown", "There is after and size.");
        return cab_fail(err, CAB_PROBLEM_UNKNOWN_PARAMETER, "There is no parameter %s here.", name);
    }
    *size = SIZE_DEFAULT;
    if (text == NULL || cab_parse_int64(text, 1, SIZE_MOST, size) == 0)
        return 0;
    (void)cab_err_flaw(err, call->mem, CAB_PLACE_PARAMETER, "size", "out_of_range",
                       "Must be an integer between 1 and %d.", SIZE_MOST);
    return cab_fail(err, CAB_PROBLEM_INVALID, "Parameter size must be an integer between 1 and %d.", SIZE_MOST);
}

int cab_resource_changes(struct cab_call *call, struct cab_err *err) {
    const char *after = cab_request_param(call->request, "after");
    bool is_now = after != NULL && strcmp(after, "now") == 0;
    struct position from, *start = after != NULL && !is_now ? &from : NULL;
    struct cab_view view;
    struct cab_sql sql;
    int64_t size;
    if (cab_admit(call, call->table, CAB_OP_LIST, err) != 0 || cab_request_no_duplicates(call->request, err) != 0
        || read_size(call, &size, err) != 0 || (start != NULL && read_position(call, after, start, err) != 0))
        return cab_refuse(call, err);
    if (!call->table->is_audited) {
        (void)cab_fail(err, CAB_PROBLEM_NOT_FOUND, "Changes of this table are not recorded, so it has no feed.");
        return cab_refuse(call, err);
    }
    cab_view_init(&view, call, call->table);
    cab_sql_init(&sql, call->mem);
    add_entries(&sql, &view, start, size);
    struct cab_pipe *pipe = cab_call_pipe(call);
    /* its snapshot is the older one: what ended before it, the entries' snapshot sees */
    int server_at = cab_pipe_add(pipe, CAB_SHAPE_ONE, cab_sql_text_changes_position, 0, NULL);
    int at = is_now ? -1 : cab_pipe_add(pipe, CAB_SHAPE_ANY, sql.text.data, sql.n_values,
                                        (const char *const *)sql.values);
    if (cab_call_run(call, err) != 0)
        return -1;
    const struct cab_result *server = cab_pipe_result(pipe, server_at);
    const struct cab_result *rows = is_now ? NULL : cab_pipe_result(pipe, at);
    if (start != NULL && check_position(call, start, server, err) != 0)
        return -1;
    bool has_more = rows != NULL && cab_result_rows(rows) > size;
    int n = rows == NULL ? 0 : has_more ? (int)size : cab_result_rows(rows);
    if (write_entries(call, &view, rows, n, err) != 0)
        return -1;
    struct position next = next_position(server, rows, n, has_more);
    cab_buf_addf(&call->response->body, ",\"after\":\"%s\",\"has_more\":%s}", write_position(call, &next),
                 has_more ? "true" : "false");
    return 0;
}
