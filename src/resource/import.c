/*
 * POST /{table}/_import: rows from CSV or NDJSON as they come, all or none.  Each is checked as a single one would be
 * and brought in with its block; one answer tells of all bad lines.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "admit.h"
#include "change.h"
#include "import_load.h"
#include "import_read.h"
#include "lexeme.h"
#include "special.h"
#include "value.h"

#define WRONG_LINES_MOST 1000
#define ROW_BYTES 16384         /* of a row's memory, in one block */

struct wrong_line { int64_t line; int order; const char *code, *detail; const struct cab_flaw *flaws; };

struct import {
    struct cab_call *call;
    struct cab_view view;
    struct cab_upsert *upsert;   /* or NULL */
    struct cab_load *load;
    struct cab_import_reader reader;
    struct cab_import_field *fields; /* of a record of CSV */
    const char **names;              /* of the head of CSV */
    const struct cab_column **columns; int n;
    bool *required;                   /* by index in the table */
    bool *given; const char **values; /* of a row, by index in the table */
    int64_t rows;
    struct wrong_line *wrong; int n_wrong;
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

/* ---- bad lines ---- */

/* Notes one bad line; true where there is room for more.  What why holds may go. */
static bool note(void *arg, int64_t line, const struct cab_err *why) {
    struct import *import = arg;
    void *mem = import->call->mem;
    struct cab_err copy = { 0 };
    if (import->n_wrong == WRONG_LINES_MOST)
        return false;
    if (import->wrong == NULL)
        import->wrong = cab_new_array(mem, struct wrong_line, WRONG_LINES_MOST);
    for (const struct cab_flaw *flaw = why->flaws; flaw != NULL; flaw = flaw->next)
        (void)cab_err_flaw(&copy, mem, flaw->place, flaw->name, flaw->code, "%s", flaw->detail);
    import->wrong[import->n_wrong] = (struct wrong_line){
        .line = line, .order = import->n_wrong, .code = cab_problem_info(why->problem)->code,
        .detail = cab_strdup(mem, why->detail), .flaws = copy.flaws,
    };
    return ++import->n_wrong < WRONG_LINES_MOST;
}

static bool note_text(struct import *import, int64_t line, const char *detail) {
    struct cab_err why = { 0 };
    (void)cab_fail(&why, CAB_PROBLEM_MALFORMED, "%s", detail);
    return note(import, line, &why);
}

static int by_line(const void *a, const void *b) {
    const struct wrong_line *x = a, *y = b;
    return x->line != y->line ? (x->line < y->line ? -1 : 1) : x->order - y->order;
}

/* 0 where all lines were fine. */
static int settle(struct import *import, struct cab_err *err) {
    struct cab_call *call = import->call;
    if (import->n_wrong == 0)
        return 0;
    qsort(import->wrong, (size_t)import->n_wrong, sizeof *import->wrong, by_line);
    for (int i = 0; i < import->n_wrong; i++) {
        const struct wrong_line *wrong = &import->wrong[i];
        long long line = wrong->line;
        if (wrong->flaws == NULL)
            (void)cab_err_flaw(err, call->mem, CAB_PLACE_FIELD, cab_printf(call->mem, "/%lld", line), wrong->code, "%s",
                               wrong->detail);
        for (const struct cab_flaw *flaw = wrong->flaws; flaw != NULL; flaw = flaw->next)
            (void)cab_err_flaw(err, call->mem, flaw->place,
                               cab_printf(call->mem, "/%lld%s%s", line, *flaw->name == '\0' ? "" : "/", flaw->name),
                               flaw->code, "%s", flaw->detail);
    }
    return cab_fail(err, CAB_PROBLEM_INVALID, "%d lines are wrong%s; nothing was imported. See errors.",
                    import->n_wrong, import->n_wrong == WRONG_LINES_MOST ? ", and perhaps more" : "");
}

/* ---- rows ---- */

static void clear_row(struct import *import) {
    size_t n = (size_t)import->call->table->n_columns;
    memset(import->given, 0, n * sizeof *import->given);
    memset(import->values, 0, n * sizeof *import->values);
}

static void put(struct import *import, const struct cab_column *column, const char *value) {
    ptrdiff_t at = column - import->call->table->columns;
    import->given[at] = true;
    import->values[at] = value;
}

/* Reads a row as that of a POST is read; -1 with what is wrong with it. */
static int read_json(struct import *import, const char *text, size_t n, struct cab_err *why) {
    struct cab_call *call = import->call;
    struct cab_complaints complaints;
    struct cab_change change;
    const struct cab_json *object;
    if (cab_json_parse(call->mem, text, n, &object, why) != 0)
        return -1;
    cab_complaints_init(&complaints, call->mem, why);
    cab_change_read(call, &import->view, CAB_OP_CREATE, object, "", NULL, 0, &complaints, &change);
    if (cab_complaints_settle(&complaints) != 0
        || (import->upsert != NULL && cab_upsert_check(call, import->upsert, &change, "", why) != 0))
        return -1;
    clear_row(import);
    for (int i = 0; i < change.n_assignments; i++)
        put(import, change.assignments[i].column, change.assignments[i].value);
    return 0;
}

/* ---- CSV ---- */

static bool is_json(void *ctx, const struct cab_import_field *field) {
    const struct cab_json *json;
    struct cab_err ignored = { 0 };
    return cab_json_parse(ctx, field->text, field->n, &json, &ignored) == 0;
}

/* Numbers, truth values and nested values stand as they are; all else is a string. */
static bool is_raw(void *ctx, const struct cab_column *column, const struct cab_import_field *field) {
    switch (column->kind) {
    case CAB_KIND_BOOL:
        return strcmp(field->text, "true") == 0 || strcmp(field->text, "false") == 0;
    case CAB_KIND_INT2: case CAB_KIND_INT4: case CAB_KIND_INT8: case CAB_KIND_NUMERIC: case CAB_KIND_FLOAT:
        return field->n < 64 && cab_lexeme_number(field->text);
    case CAB_KIND_JSON: case CAB_KIND_ARRAY:
        return is_json(ctx, field);
    default:
        return false;
    }
}

static int read_fields_as_json(struct import *import, struct cab_err *why) {
    struct cab_buf json;
    cab_buf_init(&json, import->call->mem, 1024);
    cab_buf_addc(&json, '{');
    for (int i = 0; i < import->n; i++) {
        const struct cab_import_field *field = &import->fields[i];
        if (field->n == 0 && !field->is_quoted)
            continue;
        cab_buf_adds(&json, json.len > 1 ? "," : "");
        cab_json_cstring(&json, import->names[i]);
        cab_buf_addc(&json, ':');
        if (is_raw(import->call->mem, import->columns[i], field))
            cab_buf_add(&json, field->text, field->n);
        else
            cab_json_string(&json, field->text, field->n);
    }
    cab_buf_addc(&json, '}');
    return read_json(import, json.data, json.len, why);
}

/* Reads the fields without a detour; false where one of them is not plainly fine. */
static bool read_fields(struct import *import) {
    struct cab_call *call = import->call;
    const struct cab_table *table = call->table;
    struct cab_value_flaw ignored;
    const char *value;
    clear_row(import);
    for (int i = 0; i < import->n; i++) {
        const struct cab_import_field *field = &import->fields[i];
        const struct cab_column *column = import->columns[i];
        if (field->n == 0 && !field->is_quoted)
            continue;
        if (column->kind == CAB_KIND_JSON || column->kind == CAB_KIND_ARRAY || column->kind == CAB_KIND_COMPOSITE
            || cab_policy_write(&call->caller, table, column, CAB_OP_CREATE) == CAB_COLUMN_NONE
            || cab_value_check(call->mem, column, field->text, &value, &ignored) != 0)
            return false;
        put(import, column, value);
    }
    for (int i = 0; i < table->n_columns; i++)
        if (import->required[i] && !import->given[i])
            return false;
    const struct cab_column *owner = cab_change_owner(&import->view);
    if (owner != NULL)
        put(import, owner, call->caller.user_id_text);
    for (int i = 0; import->upsert != NULL && i < import->upsert->n; i++)
        if (!import->given[import->upsert->columns[i] - table->columns])
            return false;
    return true;
}

static int read_csv(struct import *import, char *text, size_t n, struct cab_err *why) {
    if (!cab_utf8_valid(text, n))
        return cab_fail(why, CAB_PROBLEM_MALFORMED, "The line is not UTF-8 text without NUL.");
    int count = cab_import_fields(text, n, import->fields, import->n);
    if (count < 0)
        return cab_fail(why, CAB_PROBLEM_MALFORMED,
                        "The quotes of the line are broken; double a quote inside a quoted field.");
    if (count != import->n)
        return cab_fail(why, CAB_PROBLEM_MALFORMED, "The line has %d fields, the first line has %d.", count, import->n);
    return read_fields(import) ? 0 : read_fields_as_json(import, why);
}

/* The head of CSV; false where it cannot be used, with what is wrong noted. */
static bool read_head(struct import *import, int64_t line, char *text, size_t n) {
    struct cab_call *call = import->call;
    int most = 1;
    for (size_t i = 0; i < n; i++)
        most += text[i] == ',';
    import->fields = cab_new_array(call->mem, struct cab_import_field, (size_t)most);
    import->names = cab_new_array(call->mem, const char *, (size_t)most);
    import->columns = cab_new_array(call->mem, const struct cab_column *, (size_t)most);
    import->n = cab_utf8_valid(text, n) ? cab_import_fields(text, n, import->fields, most) : -1;
    bool is_fine = import->n > 0;
    for (int i = 0; i < import->n; i++) {
        import->names[i] = cab_strndup(call->mem, import->fields[i].text, import->fields[i].n);
        is_fine = is_fine && import->fields[i].n > 0;
        for (int j = 0; j < i; j++)
            is_fine = is_fine && strcmp(import->names[i], import->names[j]) != 0;
    }
    if (!is_fine) {
        note_text(import, line, "The first line must hold the names of the fields, separated by commas.");
        return false;
    }
    for (int i = 0; i < import->n; i++) {
        struct cab_err why = { 0 };
        import->columns[i] = cab_view_find(&import->view, import->names[i]);
        if (import->columns[i] != NULL)
            continue;
        const char *near = cab_view_nearest(&import->view, call->mem, import->names[i], NULL, 0);
        (void)cab_err_flaw(&why, call->mem, CAB_PLACE_FIELD, import->names[i], "unknown",
                           "There is no such field%s%s%s", near != NULL ? "; did you mean " : "",
                           near != NULL ? near : "", near != NULL ? "?" : ".");
        note(import, line, &why);
    }
    return import->n_wrong == 0;
}

/* ---- the body ---- */

/* One record; *more_out: whether to go on.  -1 where nothing more can be done. */
static int take(struct import *import, int64_t line, char *text, size_t n, bool *more_out, struct cab_err *err) {
    struct cab_call *call = import->call;
    struct cab_err why = { 0 };
    void *mem = call->mem;
    if (import->reader.is_csv && import->columns == NULL) {
        *more_out = read_head(import, line, text, n);
        return 0;
    }
    call->mem = cab_mem_pool(mem, ROW_BYTES);
    int rc = import->reader.is_csv ? read_csv(import, text, n, &why) : read_json(import, text, n, &why);
    void *own = call->mem;
    call->mem = mem;
    if (rc != 0) {
        *more_out = note(import, line, &why);
        rc = 0;
    } else {
        import->rows++;
        rc = cab_load_add(import->load, line, import->given, import->values, err);
        *more_out = !cab_load_is_over(import->load);
    }
    cab_mem_free(own);
    return rc;
}

static int feed(struct import *import, struct cab_err *err) {
    struct cab_call *call = import->call;
    const char *bytes;
    size_t n;
    if (cab_now_ms() - call->request->arrived_ms > call->conf->bulk_timeout * 1000)
        return cab_fail(err, CAB_PROBLEM_TIMEOUT,
                        "The import took longer than %lld s (BULK_TIMEOUT); nothing was imported. Send less at once.",
                        (long long)call->conf->bulk_timeout);
    if (cab_call_read(call, &bytes, &n, err) != 0)
        return -1;
    if (n > 0)
        cab_import_feed(&import->reader, bytes, n);
    else
        cab_import_end(&import->reader);
    return 0;
}

/* 0 also where lines are wrong. */
static int take_all(struct import *import, struct cab_err *err) {
    const char *wrong;
    char *text;
    size_t n;
    int64_t line;
    bool more = true;
    while (more)
        switch (cab_import_next(&import->reader, &line, &text, &n, &wrong)) {
        case CAB_IMPORT_MORE:
            if (feed(import, err) != 0)
                return -1;
            break;
        case CAB_IMPORT_END:
            if (import->reader.is_csv && import->columns == NULL)
                note_text(import, 1, "The first line must hold the names of the fields, separated by commas.");
            more = false;
            break;
        case CAB_IMPORT_WRONG:
            more = note_text(import, line, wrong);
            break;
        case CAB_IMPORT_RECORD:
            if (take(import, line, text, n, &more, err) != 0)
                return -1;
            break;
        }
    return cab_load_end(import->load, err);
}

/* Checks what a commit would check, and undoes all. */
static int undo(struct cab_call *call, struct cab_err *err) {
    call->pipe = cab_pipe_make(call->mem, call->db, true);
    cab_pipe_add_once(call->pipe, CAB_SHAPE_NONE, "SET CONSTRAINTS ALL IMMEDIATE", 0, NULL);
    cab_pipe_add_once(call->pipe, CAB_SHAPE_NONE, "ROLLBACK", 0, NULL);
    return cab_call_run(call, err);
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

static void prepare(struct import *import, struct cab_call *call, bool is_csv) {
    const struct cab_table *table = call->table;
    size_t n = (size_t)table->n_columns;
    import->call = call;
    cab_view_init(&import->view, call, table);
    import->required = cab_new_array(call->mem, bool, n);
    import->given = cab_new_array(call->mem, bool, n);
    import->values = cab_new_array(call->mem, const char *, n);
    for (int i = 0; i < table->n_columns; i++)
        import->required[i] = cab_change_requires(&import->view, &table->columns[i], CAB_OP_CREATE);
    cab_import_open(&import->reader, call->mem, is_csv, (size_t)call->conf->max_body);
    import->load = cab_load_make(call, import->upsert, note, import);
}

int cab_resource_import(struct cab_call *call, struct cab_err *err) {
    const struct cab_table *table = call->table;
    const char *on_conflict = cab_request_param(call->request, "on_conflict");
    struct import import = { 0 };
    struct cab_upsert upsert;
    bool is_csv, is_dry;
    if (cab_admit(call, table, CAB_OP_CREATE, err) != 0 || cab_special_refuse(table, err) != 0
        || check_params(call, &is_dry, err) != 0 || media_type(call, &is_csv, err) != 0
        || (on_conflict != NULL && cab_upsert_read(call, table, on_conflict, &upsert, err) != 0))
        return cab_refuse(call, err);
    import.upsert = on_conflict != NULL ? &upsert : NULL;
    prepare(&import, call, is_csv);
    call->is_block = true;
    cab_pipe_add_once(cab_call_pipe(call), CAB_SHAPE_NONE, "SAVEPOINT cab_import", 0, NULL);
    if (cab_call_run(call, err) != 0)
        return -1;
    if (take_all(&import, err) != 0 || settle(&import, err) != 0) {
        cab_load_drop(import.load);
        return -1;
    }
    if (is_dry && undo(call, err) != 0)
        return -1;
    struct cab_load_counts counts = cab_load_counts(import.load);
    cab_buf_addf(&call->response->body,
                 "{\"rows\":%lld,\"created\":%lld,\"changed\":%lld,\"unchanged\":%lld,\"dry_run\":%s}",
                 (long long)import.rows, (long long)counts.created, (long long)counts.changed,
                 (long long)counts.unchanged, is_dry ? "true" : "false");
    return 0;
}
