/*
 * GET /{table}.csv and .ndjson: the whole filtered list as a stream, read by a cursor of the server a few rows at a
 * time, so that memory does not grow with it.  A client that leaves ends the query.
 */
#include <string.h>

#include <cabinet/resource.h>

#include "admit.h"
#include "list.h"
#include "probe.h"

#define FETCH_FIRST 100
#define FETCH_MOST 2000
#define CHUNK_BYTES 262144  /* of a fetch, about: more rows are asked for, or fewer */
#define FLUSH_BYTES 32768

enum format { CSV = 1, NDJSON };

struct export {
    struct cab_list list;
    enum format format;
    struct cab_buf out;
};

/* ---- CSV (RFC 4180) ---- */

static void add_quoted(struct cab_buf *buf, const char *text, size_t n) {
    bool is_plain = n > 0 && text[0] != ' ' && text[n - 1] != ' ';
    for (size_t i = 0; is_plain && i < n; i++)
        is_plain = text[i] != '"' && text[i] != ',' && text[i] != '\r' && text[i] != '\n';
    if (is_plain) {
        cab_buf_add(buf, text, n);
        return;
    }
    cab_buf_addc(buf, '"');
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '"')
            cab_buf_addc(buf, '"');
        cab_buf_addc(buf, text[i]);
    }
    cab_buf_addc(buf, '"');
}

/* Whether the server's text is the field's: the others are written as in JSON, without its quotes. */
static bool is_own_text(const struct cab_column *column) {
    switch (column->kind) {
    case CAB_KIND_TEXT: case CAB_KIND_ENUM: case CAB_KIND_OTHER: case CAB_KIND_RANGE: case CAB_KIND_JSON:
    case CAB_KIND_ARRAY: case CAB_KIND_COMPOSITE:
        return true;
    default:
        return false;
    }
}

static void add_csv_value(struct cab_buf *buf, const struct cab_row_plan *plan, const struct cab_field *field,
                          const char *value, size_t n) {
    if (field->write != cab_write_is_set && is_own_text(plan->columns[field->at])) {
        add_quoted(buf, value, n);
        return;
    }
    size_t start = buf->len;
    field->write(buf, value, n);
    if (buf->data[start] == '"' && buf->len > start + 1) {
        memmove(buf->data + start, buf->data + start + 1, buf->len - start - 2);
        buf->len -= 2;
        buf->data[buf->len] = '\0';
    }
}

static void add_csv_row(struct cab_buf *buf, const struct cab_row_plan *plan, const struct cab_result *result,
                        int row) {
    bool own = cab_row_plan_is_own(plan, result, row);
    for (int i = 0; i < plan->n_fields; i++) {
        const struct cab_field *field = &plan->fields[i];
        const char *value = field->is_own && !own ? NULL : cab_result_value(result, row, field->at);
        if (i > 0)
            cab_buf_addc(buf, ',');
        if (value != NULL)
            add_csv_value(buf, plan, field, value, (size_t)cab_result_length(result, row, field->at));
        else if (field->write == cab_write_is_set && (!field->is_own || own))
            cab_buf_adds(buf, "false");
    }
    cab_buf_adds(buf, "\r\n");
}

static void add_csv_head(struct cab_buf *buf, const struct cab_row_plan *plan) {
    for (int i = 0; i < plan->n_fields; i++) {
        if (i > 0)
            cab_buf_addc(buf, ',');
        add_quoted(buf, plan->fields[i].name, strlen(plan->fields[i].name));
    }
    cab_buf_adds(buf, "\r\n");
}

/* ---- the stream ---- */

/* Hands on what is there; without FastCGI it is kept as the answer. */
static int flush(struct export *export, struct cab_err *err) {
    struct cab_call *call = export->list.call;
    struct cab_buf *out = &export->out;
    if (call->fcgi == NULL)
        cab_buf_add(&call->response->body, out->data, out->len);
    else if (cab_fcgi_stream(call->fcgi, out->data, out->len) != 0)
        return cab_fail(err, CAB_PROBLEM_CLIENT_GONE, "The client went away; its query was cancelled.");
    cab_buf_reset(out);
    return 0;
}

static int begin(struct export *export, struct cab_err *err) {
    struct cab_call *call = export->list.call;
    struct cab_response *response = call->response;
    const char *ending = export->format == CSV ? "csv" : "ndjson";
    struct cab_buf name;
    cab_buf_init(&name, call->mem, 64);
    cab_url_encode(&name, export->list.view.table->name);
    response->content_type = export->format == CSV ? "text/csv; charset=utf-8; header=present" : "application/x-ndjson";
    cab_response_header(response, "Content-Disposition", "attachment; filename=\"%s.%s\"", name.data, ending);
    if (call->fcgi == NULL || call->request->method == CAB_HEAD)
        return 0;
    cab_call_headers(call);
    call->streamed = true;
    if (cab_fcgi_begin_stream(call->fcgi, response) != 0)
        return cab_fail(err, CAB_PROBLEM_CLIENT_GONE, "The client went away; its query was cancelled.");
    return 0;
}

/* Writes the rows; the bytes they took. */
static int add_rows(struct export *export, const struct cab_result *rows, size_t *bytes_out, struct cab_err *err) {
    const struct cab_row_plan *plan = export->list.plan;
    *bytes_out = 0;
    for (int row = 0; row < cab_result_rows(rows); row++) {
        size_t before = export->out.len;
        if (export->format == CSV) {
            add_csv_row(&export->out, plan, rows, row);
        } else {
            cab_row_plan_write(plan, rows, row, &export->out);
            cab_buf_addc(&export->out, '\n');
        }
        *bytes_out += export->out.len - before;
        if (export->out.len >= FLUSH_BYTES && flush(export, err) != 0)
            return -1;
    }
    return 0;
}

static int next_size(int size, size_t bytes) {
    if (bytes > 2 * CHUNK_BYTES)
        return size > 1 ? size / 2 : 1;
    return bytes < CHUNK_BYTES / 2 && size < FETCH_MOST ? size * 2 : size;
}

static int stream(struct export *export, const struct cab_result *first, struct cab_err *err) {
    struct cab_call *call = export->list.call;
    int size = FETCH_FIRST;
    size_t bytes;
    if (export->format == CSV)
        add_csv_head(&export->out, export->list.plan);
    if (add_rows(export, first, &bytes, err) != 0)
        return -1;
    bool more = cab_result_rows(first) == size;
    while (more) {
        struct cab_result *rows;
        if (cab_now_ms() - call->request->arrived_ms > call->conf->bulk_timeout * 1000)
            return cab_fail(err, CAB_PROBLEM_TIMEOUT, "The export took longer than %lld s (BULK_TIMEOUT).",
                            (long long)call->conf->bulk_timeout);
        void *mem = cab_mem_alloc(NULL, 1);
        size = next_size(size, bytes);
        int rc = cab_db_read(call->db, mem, CAB_SHAPE_ANY, cab_printf(mem, "FETCH %d FROM cab_export", size), 0, NULL,
                             &rows, err);
        if (rc == 0) {
            more = cab_result_rows(rows) == size;
            rc = add_rows(export, rows, &bytes, err);
        }
        cab_mem_free(mem);
        if (rc != 0)
            return -1;
    }
    return flush(export, err);
}

static int refuse_page_params(struct cab_call *call, struct cab_err *err) {
    static const char *const words[] = { "page", "size", "cursor", "count", "expand" };
    int rc = 0;
    for (size_t i = 0; i < CAB_LENGTH(words); i++)
        if (cab_request_param(call->request, words[i]) != NULL)
            rc = cab_err_flaw(err, call->mem, CAB_PLACE_PARAMETER, words[i], "unknown",
                              "An export has all rows of the filter, flat; leave it out.");
    return rc == 0 ? 0
         : cab_fail(err, CAB_PROBLEM_UNKNOWN_PARAMETER, "Parameters of pages have no meaning here; see errors.");
}

static int run(struct cab_call *call, enum format format, struct cab_err *err) {
    struct export export = { .format = format };
    struct cab_sql sql;
    if (cab_admit(call, call->table, CAB_OP_LIST, err) != 0 || refuse_page_params(call, err) != 0
        || cab_list_plan(&export.list, call, call->table, err) != 0)
        return cab_refuse(call, err);
    cab_buf_init(&export.out, call->mem, FLUSH_BYTES * 2);
    cab_sql_init(&sql, call->mem);
    cab_sql_add(&sql, "DECLARE cab_export NO SCROLL CURSOR FOR SELECT ");
    cab_row_plan_columns(export.list.plan, &sql);
    cab_list_from(&export.list, &sql);
    cab_list_order(&export.list, false, &sql);
    call->is_block = true;
    struct cab_pipe *pipe = cab_call_pipe(call);
    cab_pipe_add_once(pipe, CAB_SHAPE_NONE, sql.text.data, sql.n_values, (const char *const *)sql.values);
    int at = cab_pipe_add_once(pipe, CAB_SHAPE_ANY, "FETCH 100 FROM cab_export", 0, NULL);
    if (cab_call_run(call, err) != 0) {
        cab_probe_conditions(call, export.list.query.where, err);
        return -1;
    }
    if (begin(&export, err) != 0)
        return -1;
    return call->request->method == CAB_HEAD ? 0 : stream(&export, cab_pipe_result(pipe, at), err);
}

int cab_resource_export_csv(struct cab_call *call, struct cab_err *err) {
    return run(call, CSV, err);
}

int cab_resource_export_ndjson(struct cab_call *call, struct cab_err *err) {
    return run(call, NDJSON, err);
}
