/*
 * POST /{table}/_import: rows from CSV or NDJSON, all or none.  Rows go in blocks under a savepoint; where a block
 * fails its bad row is noted and the others are tried on, so that one answer tells of all bad lines.
 */
#include <string.h>
#include <strings.h>

#include "admit.h"
#include "change.h"
#include "import_read.h"
#include "special.h"
#include "upsert.h"

#define BLOCK_ROWS 250
#define WRONG_LINES_MOST 1000

struct row { int64_t line; struct cab_change change; };

struct import {
    struct cab_call *call;
    struct cab_view view;
    struct cab_upsert *upsert;   /* or NULL */
    struct cab_err *err;
    struct row *rows; size_t n, room;
    int wrong;                   /* lines */
    int64_t created, changed, unchanged;
};

static int media_type(struct cab_call *call, bool *is_csv_out, struct cab_err *err) {
    const char *type = call->request->content_type != NULL ? call->request->content_type : "";
    size_t n = strcspn(type, "; \t");
    *is_csv_out = n == 8 && strncasecmp(type, "text/csv", n) == 0;
    if (*is_csv_out || (n == 20 && strncasecmp(type, "application/x-ndjson", n) == 0))
        return 0;
    err->allow = "text/csv, application/x-ndjson";
    return cab_fail(err, CAB_PROBLEM_UNSUPPORTED_MEDIA_TYPE, "Send text/csv or application/x-ndjson.");
}

/* Notes one bad line; true where there is room for more. */
static bool note(struct import *import, int64_t line, const struct cab_err *why) {
    struct cab_call *call = import->call;
    const struct cab_flaw *flaw = why->flaws;
    if (flaw == NULL)
        (void)cab_err_flaw(import->err, call->mem, CAB_PLACE_FIELD, cab_printf(call->mem, "/%lld", (long long)line),
                           cab_problem_info(why->problem)->code, "%s", why->detail);
    for (; flaw != NULL; flaw = flaw->next)
        (void)cab_err_flaw(import->err, call->mem, flaw->place,
                           cab_printf(call->mem, "/%lld%s%s", (long long)line, *flaw->name == '\0' ? "" : "/",
                                      flaw->name), flaw->code, "%s", flaw->detail);
    return ++import->wrong < WRONG_LINES_MOST;
}

static bool note_text(struct import *import, int64_t line, const char *detail) {
    struct cab_err why = { 0 };
    (void)cab_fail(&why, CAB_PROBLEM_MALFORMED, "%s", detail);
    return note(import, line, &why);
}

static bool read_record(struct import *import, int64_t line, const struct cab_buf *json) {
    struct cab_call *call = import->call;
    struct cab_complaints complaints;
    struct cab_err why = { 0 };
    const struct cab_json *object;
    if (import->n == import->room) {
        import->room = import->room == 0 ? 64 : import->room * 2;
        import->rows = cab_mem_resize(call->mem, import->rows, import->room * sizeof *import->rows);
    }
    struct row *row = &import->rows[import->n];
    row->line = line;
    if (cab_json_parse(call->mem, json->data, json->len, &object, &why) != 0)
        return note(import, line, &why);
    cab_complaints_init(&complaints, call->mem, &why);
    cab_change_read(call, &import->view, CAB_OP_CREATE, object, "", NULL, 0, &complaints, &row->change);
    if (cab_complaints_settle(&complaints) != 0
        || (import->upsert != NULL && cab_upsert_check(call, import->upsert, &row->change, "", &why) != 0))
        return note(import, line, &why);
    import->n++;
    return true;
}

static int read_head(struct import *import, struct cab_import_reader *reader) {
    struct cab_call *call = import->call;
    const char *wrong;
    if (cab_import_head(call->mem, reader, &wrong) != 0) {
        note_text(import, 1, wrong);
        return -1;
    }
    reader->columns = cab_new_array(call->mem, const struct cab_column *, (size_t)reader->n);
    for (int i = 0; i < reader->n; i++) {
        struct cab_err why = { 0 };
        reader->columns[i] = cab_view_find(&import->view, reader->names[i]);
        if (reader->columns[i] != NULL)
            continue;
        const char *near = cab_view_nearest(&import->view, call->mem, reader->names[i], NULL, 0);
        (void)cab_err_flaw(&why, call->mem, CAB_PLACE_FIELD, reader->names[i], "unknown",
                           "There is no such field%s%s%s", near != NULL ? "; did you mean " : "",
                           near != NULL ? near : "", near != NULL ? "?" : ".");
        note(import, 1, &why);
    }
    return import->wrong > 0 ? -1 : 0;
}

static void read_all(struct import *import, bool is_csv) {
    const struct cab_request *request = import->call->request;
    struct cab_import_reader reader;
    struct cab_buf json;
    const char *wrong;
    int64_t line;
    bool more = true;
    cab_import_open(&reader, request->body, request->body_len, is_csv);
    if (is_csv && read_head(import, &reader) != 0)
        return;
    while (more) {
        enum cab_import_record record = cab_import_next(import->call->mem, &reader, &line, &json, &wrong);
        if (record == CAB_IMPORT_END)
            return;
        more = record == CAB_IMPORT_WRONG ? note_text(import, line, wrong) : read_record(import, line, &json);
    }
}

/* ---- writing ---- */

static bool is_about_the_row(const struct cab_err *err) {
    return strncmp(err->sqlstate, "22", 2) == 0 || strncmp(err->sqlstate, "23", 2) == 0
        || strcmp(err->sqlstate, "428C9") == 0 || strncmp(err->sqlstate, "54", 2) == 0;
}

/* The rows of one pipeline under a savepoint: 0; *bad_out is the row that failed, or -1.  -1 where nothing more can be
 * tried. */
static int run_block(struct import *import, size_t first, size_t n, int *bad_out, struct cab_err *why) {
    struct cab_call *call = import->call;
    int step = import->upsert != NULL ? 2 : 1;
    struct cab_pipe *pipe = cab_pipe_make(call->mem, call->db, true);
    *bad_out = -1;
    cab_pipe_add(pipe, CAB_SHAPE_NONE, "SAVEPOINT cab_import", 0, NULL);
    for (size_t i = first; i < first + n; i++) {
        if (import->upsert != NULL)
            cab_upsert_add(call, import->upsert, &import->rows[i].change, pipe);
        else
            cab_change_insert(call, &import->rows[i].change, pipe);
    }
    if (cab_pipe_run(pipe, why) != 0) {
        int failed = cab_pipe_failed(pipe);
        cab_call_translate(call, why);
        if (!is_about_the_row(why) || failed < 1 || failed > (int)n * step)
            return -1;
        *bad_out = (int)first + (failed - 1) / step;
        return cab_db_exec(call->db, "ROLLBACK TO SAVEPOINT cab_import", import->err);
    }
    for (size_t i = 0; import->upsert != NULL && i < n; i++) {
        const struct cab_result *result;
        bool is_created;
        int index = 1 + 2 * (int)i;
        if (cab_upsert_result(call, import->upsert, pipe, index, &result, &is_created, why) != 0) {
            *bad_out = (int)(first + i);
            return cab_db_exec(call->db, "ROLLBACK TO SAVEPOINT cab_import", import->err);
        }
    }
    for (size_t i = 0; i < n; i++) {
        const struct cab_result *result = cab_pipe_result(pipe, 1 + step * (int)i);
        bool is_there = cab_result_rows(result) > 0;
        if (import->upsert == NULL || (is_there && cab_result_bool(result, 0, cab_result_columns(result) - 1)))
            import->created++;
        else if (is_there)
            import->changed++;
        else
            import->unchanged++;
    }
    cab_mem_free(pipe);
    return 0;
}

static int write_all(struct import *import) {
    size_t first = 0, n = 0;
    while (first < import->n) {
        struct cab_err why = { 0 };
        int bad;
        n = import->n - first < BLOCK_ROWS ? import->n - first : BLOCK_ROWS;
        if (run_block(import, first, n, &bad, &why) != 0) {
            if (import->err->problem == CAB_PROBLEM_NONE || why.problem != CAB_PROBLEM_NONE)
                *import->err = why;
            return -1;
        }
        if (bad < 0) {
            first += n;
            continue;
        }
        if (!note(import, import->rows[bad].line, &why))
            return 0;
        /* those before it again: the rows behind may conflict with them */
        size_t before = (size_t)bad - first;
        int again = -1;
        struct cab_err ignored = { 0 };
        if (before > 0 && (run_block(import, first, before, &again, &ignored) != 0 || again >= 0))
            return cab_fail(import->err, CAB_PROBLEM_UNAVAILABLE,
                            "The rows changed while they were read; send it again.");
        first = (size_t)bad + 1;
    }
    return 0;
}

/* Checks what a commit would check, and undoes all. */
static int undo(struct cab_call *call, struct cab_err *err) {
    call->pipe = cab_pipe_make(call->mem, call->db, true);
    cab_pipe_add_once(call->pipe, CAB_SHAPE_NONE, "SET CONSTRAINTS ALL IMMEDIATE", 0, NULL);
    cab_pipe_add_once(call->pipe, CAB_SHAPE_NONE, "ROLLBACK", 0, NULL);
    return cab_call_run(call, err);
}

static int settle(struct import *import) {
    if (import->wrong == 0)
        return 0;
    return cab_fail(import->err, CAB_PROBLEM_INVALID, "%d lines are wrong%s; nothing was imported. See errors.",
                    import->wrong, import->wrong >= WRONG_LINES_MOST ? ", and perhaps more" : "");
}

static int check_params(struct cab_call *call, bool *dry_out, struct cab_err *err) {
    const char *dry = cab_request_param(call->request, "dry_run");
    for (int i = 0; i < call->request->n_params; i++) {
        const char *name = call->request->params[i].name;
        if (strcmp(name, "dry_run") == 0 || strcmp(name, "on_conflict") == 0)
            continue;
        (void)cab_err_flaw(err, call->mem, CAB_PLACE_PARAMETER, name, "unknown", "There is dry_run and on_conflict.");
        return cab_fail(err, CAB_PROBLEM_UNKNOWN_PARAMETER, "There is no parameter %s here.", name);
    }
    *dry_out = false;
    if (dry != NULL && cab_parse_bool(dry, dry_out) != 0)
        return cab_err_flaw(err, call->mem, CAB_PLACE_PARAMETER, "dry_run", "type", "Must be true or false.");
    return 0;
}

int cab_resource_import(struct cab_call *call, struct cab_err *err) {
    const struct cab_table *table = call->table;
    const char *on_conflict = cab_request_param(call->request, "on_conflict");
    struct import import = { .call = call, .err = err };
    struct cab_upsert upsert;
    bool is_csv, is_dry;
    if (cab_admit(call, table, CAB_OP_CREATE, err) != 0 || cab_special_refuse(table, err) != 0
        || check_params(call, &is_dry, err) != 0 || media_type(call, &is_csv, err) != 0
        || (on_conflict != NULL && cab_upsert_read(call, table, on_conflict, &upsert, err) != 0))
        return cab_refuse(call, err);
    import.upsert = on_conflict != NULL ? &upsert : NULL;
    cab_view_init(&import.view, call, table);
    read_all(&import, is_csv);
    call->is_block = true;
    cab_call_pipe(call);
    if (cab_call_run(call, err) != 0 || write_all(&import) != 0 || settle(&import) != 0)
        return -1;
    if (is_dry && undo(call, err) != 0)
        return -1;
    cab_buf_addf(&call->response->body,
                 "{\"rows\":%zu,\"created\":%lld,\"changed\":%lld,\"unchanged\":%lld,\"dry_run\":%s}", import.n,
                 (long long)import.created, (long long)import.changed, (long long)import.unchanged,
                 is_dry ? "true" : "false");
    return 0;
}
