/*
 * Versions of a row, from the audit trail: who changed what when, and back to what the row was.  Both images follow
 * the policy of today: what the caller may not read of the row now, it does not read of what the row was.
 */
#include <string.h>

#include "admit.h"
#include "change.h"
#include "image.h"
#include "row_plan.h"
#include "special.h"
#include "where.h"

#define SIZE_DEFAULT 20
#define SIZE_MOST 100

static int no_history(struct cab_err *err) {
    return cab_fail(err, CAB_PROBLEM_NOT_FOUND, "Changes of this table are not recorded, so its rows have no history.");
}

/* `FROM …`: the row's entries, as r (the row) and a. */
static void add_entries(struct cab_sql *sql, const struct cab_view *view, const char *key) {
    const struct cab_table *table = view->table;
    cab_sql_add(sql, " FROM (SELECT to_jsonb(t) AS now, t.");
    cab_sql_name(sql, table->key->name);
    cab_sql_add(sql, "::text AS key FROM ");
    cab_sql_qualified(sql, table->schema, table->name);
    cab_sql_add(sql, " AS t");
    cab_where_scope(sql, view, view->rows, CAB_STATE_LIVE);
    cab_where_key(sql, table, key);
    cab_sql_add(sql, ") AS r JOIN public.audit_logs AS a ON a.table_name = ");
    cab_sql_bind(sql, table->name, "text");
    cab_sql_add(sql, " AND a.row_key = r.key");
    if (view->rows == CAB_ROWS_OWN) { /* not what it was while it was another one's */
        cab_sql_add(sql, " AND a.user_id = ");
        cab_sql_bind(sql, view->caller->user_id_text, "bigint");
    }
}

/* ---- GET /{table}/{id}/history ---- */

static int number_param(struct cab_call *call, const char *name, int64_t most, int64_t *out, struct cab_err *err) {
    const char *text = cab_request_param(call->request, name);
    if (text == NULL || cab_parse_int64(text, 1, most, out) == 0)
        return 0;
    (void)cab_err_flaw(err, call->mem, CAB_PLACE_PARAMETER, name, "out_of_range",
                       "Must be an integer between 1 and %lld.", (long long)most);
    return cab_fail(err, CAB_PROBLEM_INVALID, "Parameter %s must be an integer between 1 and %lld.", name,
                    (long long)most);
}

static int check_params(struct cab_call *call, const char *one, const char *other, struct cab_err *err) {
    for (int i = 0; i < call->request->n_params; i++) {
        const char *name = call->request->params[i].name;
        if (strcmp(name, one) == 0 || strcmp(name, other) == 0)
            continue;
        (void)cab_err_flaw(err, call->mem, CAB_PLACE_PARAMETER, name, "unknown", "There is %s and %s.", one, other);
        return cab_fail(err, CAB_PROBLEM_UNKNOWN_PARAMETER, "There is no parameter %s here.", name);
    }
    return 0;
}

static int write_versions(struct cab_call *call, const struct cab_view *view, bool own, const struct cab_result *rows,
                          int64_t size, struct cab_err *err) {
    struct cab_buf *buf = &call->response->body;
    int n = cab_result_rows(rows) < size ? cab_result_rows(rows) : (int)size;
    cab_buf_adds(buf, "{\"items\":[");
    for (int i = 0; i < n; i++) {
        cab_buf_addf(buf, "%s{\"version\":%s", i > 0 ? "," : "", cab_result_value(rows, i, 0));
        cab_image_value(call, "date_created", rows, i, 1, buf);
        cab_image_value(call, "action", rows, i, 2, buf);
        cab_image_value(call, "actor_id", rows, i, 3, buf);
        if (cab_image_write(call, view, own, "before", cab_result_value(rows, i, 4), buf, err) != 0
            || cab_image_write(call, view, own, "after", cab_result_value(rows, i, 5), buf, err) != 0)
            return -1;
        cab_buf_addc(buf, '}');
    }
    cab_buf_adds(buf, "],\"before\":");
    cab_buf_adds(buf, cab_result_rows(rows) > size ? cab_result_value(rows, n - 1, 0) : "null");
    cab_buf_addc(buf, '}');
    return 0;
}

int cab_resource_history(struct cab_call *call, struct cab_err *err) {
    const struct cab_table *table = call->table;
    int64_t size = SIZE_DEFAULT, before = INT64_MAX;
    struct cab_view view;
    struct cab_sql sql;
    const char *key;
    if (cab_admit(call, table, CAB_OP_READ, err) != 0 || check_params(call, "size", "before", err) != 0
        || number_param(call, "size", SIZE_MOST, &size, err) != 0
        || number_param(call, "before", INT64_MAX, &before, err) != 0
        || cab_row_key(call, table, call->capture[1], &key, err) != 0 || (!table->is_audited && no_history(err) != 0))
        return cab_refuse(call, err);
    cab_view_init(&view, call, table);
    cab_sql_init(&sql, call->mem);
    cab_sql_add(&sql, "SELECT a.id, a.date_created, a.action, a.actor_id, a.before, a.after");
    add_entries(&sql, &view, key);
    cab_sql_add(&sql, " AND a.id < ");
    cab_sql_bind(&sql, cab_decimal(call->mem, before), "bigint");
    cab_sql_add(&sql, " ORDER BY a.date_created DESC, a.id DESC LIMIT ");
    cab_sql_bind(&sql, cab_printf(call->mem, "%lld", (long long)size + 1), "bigint");
    struct cab_pipe *pipe = cab_call_pipe(call);
    int row_at = cab_row_select(call, table, key, pipe);
    int at = cab_pipe_add(pipe, CAB_SHAPE_ANY, sql.text.data, sql.n_values, (const char *const *)sql.values);
    if (cab_call_run(call, err) != 0)
        return -1;
    const struct cab_result *row = cab_pipe_result(pipe, row_at);
    if (cab_result_rows(row) == 0)
        return cab_fail(err, CAB_PROBLEM_NOT_FOUND, "There is no such row, or none that you may see.");
    return write_versions(call, &view, cab_row_plan_is_own(cab_row_plan_for(call, table), row, 0),
                          cab_pipe_result(pipe, at), size, err);
}

/* ---- what a row was ---- */

/* `SELECT past, now`: what the row was at a version, where it is something else now, of each field the oldest value
 * since; and what it is. */
static void add_past(struct cab_sql *sql, const struct cab_view *view, const char *key, const char *version) {
    cab_sql_add(sql, "WITH e AS (SELECT r.now, a.id, a.date_created, a.before");
    add_entries(sql, view, key);
    cab_sql_add(sql, "), v AS (SELECT e.now, e.id, e.date_created FROM e WHERE e.id = ");
    cab_sql_bind(sql, version, "bigint");
    cab_sql_add(sql, ") SELECT (SELECT jsonb_object_agg(p.key, p.value) FROM (SELECT DISTINCT ON (m.key) m.key, m.value"
                     " FROM e CROSS JOIN LATERAL jsonb_each(e.before) AS m (key, value)"
                     " WHERE (e.date_created, e.id) > (v.date_created, v.id)"
                     " ORDER BY m.key, e.date_created, e.id) AS p"
                     " WHERE p.value IS DISTINCT FROM v.now -> p.key), v.now FROM v");
}

static int queue_past(struct cab_call *call, const struct cab_view *view, const char *key, const char *version,
                      struct cab_pipe *pipe) {
    struct cab_sql sql;
    cab_sql_init(&sql, call->mem);
    add_past(&sql, view, key, version);
    return cab_pipe_add(pipe, CAB_SHAPE_MAYBE, sql.text.data, sql.n_values, (const char *const *)sql.values);
}

/* The images of a result of add_past; past is NULL where nothing differs. */
static int read_images(struct cab_call *call, const struct cab_result *result, const struct cab_json **past_out,
                       const struct cab_json **now_out, struct cab_err *err) {
    const struct cab_json **const outs[] = { past_out, now_out };
    if (cab_result_rows(result) == 0)
        return cab_fail(err, CAB_PROBLEM_NOT_FOUND, "There is no such row or version, or none that you may see.");
    for (int i = 0; i < 2; i++) {
        const char *text = cab_result_value(result, 0, i);
        *outs[i] = NULL;
        if (text != NULL && cab_json_parse(call->mem, text, strlen(text), outs[i], err) != 0)
            return -1;
    }
    return 0;
}

/* ---- GET /{table}/{id}/history/diff ---- */

static const struct cab_json *value_of(const struct cab_json *past, const struct cab_json *now, const char *name) {
    const struct cab_json *value = past != NULL ? cab_json_get(past, name) : NULL;
    return value != NULL || now == NULL ? value : cab_json_get(now, name);
}

static const char *source_of(const struct cab_json *value) {
    size_t n;
    return value != NULL ? cab_json_source(value, &n) : "null";
}

static void write_difference(struct cab_call *call, const struct cab_view *view, bool own,
                             const struct cab_json *from, const struct cab_json *to, const struct cab_json *now) {
    struct cab_buf *buf = &call->response->body;
    const char *before = "";
    for (int i = 0; i < view->table->n_columns; i++) {
        const struct cab_column *column = &view->table->columns[i];
        enum cab_column_access access = cab_view_column(view, column);
        const struct cab_json *a = value_of(from, now, column->name), *b = value_of(to, now, column->name);
        if (access == CAB_COLUMN_NONE || (access == CAB_COLUMN_OWN && !own) || strcmp(source_of(a), source_of(b)) == 0)
            continue;
        cab_buf_addf(buf, "%s{\"field\":", before);
        before = ",";
        cab_json_cstring(buf, column->name);
        cab_buf_adds(buf, ",\"from\":");
        cab_image_put(buf, column, a);
        cab_buf_adds(buf, ",\"to\":");
        cab_image_put(buf, column, b);
        cab_buf_addc(buf, '}');
    }
}

int cab_resource_history_diff(struct cab_call *call, struct cab_err *err) {
    const struct cab_table *table = call->table;
    const char *key, *from = cab_request_param(call->request, "from"), *to = cab_request_param(call->request, "to");
    const struct cab_json *images[2] = { NULL, NULL }, *now = NULL;
    int64_t version;
    struct cab_view view;
    int at[2] = { -1, -1 };
    if (cab_admit(call, table, CAB_OP_READ, err) != 0
        || check_params(call, "from", "to", err) != 0
        || cab_row_key(call, table, call->capture[1], &key, err) != 0 || (!table->is_audited && no_history(err) != 0))
        return cab_refuse(call, err);
    if (from == NULL) {
        (void)cab_err_flaw(err, call->mem, CAB_PLACE_PARAMETER, "from", "required", "Must be a version of the row.");
        return cab_refuse(call, err);
    }
    if (number_param(call, "from", INT64_MAX, &version, err) != 0
        || number_param(call, "to", INT64_MAX, &version, err) != 0)
        return cab_refuse(call, err);
    cab_view_init(&view, call, table);
    struct cab_pipe *pipe = cab_call_pipe(call);
    int row_at = cab_row_select(call, table, key, pipe);
    at[0] = queue_past(call, &view, key, from, pipe);
    at[1] = to != NULL ? queue_past(call, &view, key, to, pipe) : -1;
    if (cab_call_run(call, err) != 0)
        return -1;
    const struct cab_result *row = cab_pipe_result(pipe, row_at);
    for (int i = 0; i < 2; i++)
        if (at[i] >= 0 && read_images(call, cab_pipe_result(pipe, at[i]), &images[i], &now, err) != 0)
            return -1;
    if (cab_result_rows(row) == 0)
        return cab_fail(err, CAB_PROBLEM_NOT_FOUND, "There is no such row, or none that you may see.");
    cab_buf_addf(&call->response->body, "{\"from\":%s,\"to\":%s,\"changes\":[", from, to != NULL ? to : "null");
    write_difference(call, &view, cab_row_plan_is_own(cab_row_plan_for(call, table), row, 0), images[0], images[1],
                     now);
    cab_buf_adds(&call->response->body, "]}");
    return 0;
}

/* ---- POST /{table}/{id}/history/{version}/restore ---- */

/* The members of the image that the caller may write. */
static const char *writable(struct cab_call *call, const struct cab_json *image) {
    const struct cab_table *table = call->table;
    struct cab_buf text;
    cab_buf_init(&text, call->mem, 256);
    cab_buf_addc(&text, '{');
    for (size_t i = 0; image != NULL && i < cab_json_count(image); i++) {
        const struct cab_column *column = cab_table_column(table, cab_json_key(image, i));
        if (column == NULL || column->kind == CAB_KIND_COMPOSITE
            || cab_policy_write(&call->caller, table, column, CAB_OP_UPDATE) == CAB_COLUMN_NONE)
            continue;
        cab_buf_adds(&text, text.len > 1 ? "," : "");
        cab_json_cstring(&text, column->name);
        cab_buf_addc(&text, ':');
        cab_image_put(&text, column, cab_json_member(image, i));
    }
    cab_buf_addc(&text, '}');
    return text.data;
}

static int read_past(struct cab_call *call, const struct cab_view *view, const char *key, struct cab_change *change,
                     struct cab_err *err) {
    const struct cab_json *image, *now, *object;
    struct cab_pipe *pipe = cab_call_pipe(call);
    int at = queue_past(call, view, key, call->capture[2], pipe);
    if (cab_call_run(call, err) != 0 || read_images(call, cab_pipe_result(pipe, at), &image, &now, err) != 0)
        return -1;
    const char *text = writable(call, image);
    if (cab_json_parse(call->mem, text, strlen(text), &object, err) != 0)
        return -1;
    return cab_change_from_json(call, call->table, CAB_OP_UPDATE, object, NULL, 0, change, err);
}

int cab_resource_history_restore(struct cab_call *call, struct cab_err *err) {
    const struct cab_table *table = call->table;
    struct cab_change change;
    struct cab_view view;
    const char *key;
    int64_t version;
    if (cab_admit(call, table, CAB_OP_UPDATE, err) != 0 || cab_special_refuse(table, err) != 0
        || cab_resource_params(call, table, NULL, err) != 0
        || cab_row_key(call, table, call->capture[1], &key, err) != 0 || (!table->is_audited && no_history(err) != 0))
        return cab_refuse(call, err);
    if (cab_parse_int64(call->capture[2], 1, INT64_MAX, &version) != 0) {
        (void)cab_fail(err, CAB_PROBLEM_NOT_FOUND, "There is no such version.");
        return cab_refuse(call, err);
    }
    cab_view_init(&view, call, table);
    call->is_block = true; /* read, then written */
    if (read_past(call, &view, key, &change, err) != 0)
        return -1;
    struct cab_pipe *pipe = cab_call_pipe(call);
    int index = cab_change_update(call, &change, key, pipe);
    if (cab_change_run(call, &change, err) != 0
        || cab_change_outcome(call, table, CAB_OP_UPDATE, key, index, err) != 0)
        return -1;
    return cab_respond_row(call, table, cab_pipe_result(pipe, index), 200, err);
}
