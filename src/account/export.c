/*
 * GET /users/me/export: everything that is held about the caller, as one JSON document.
 */
#include <cabinet/audit.h>
#include <cabinet/resource.h>
#include <string.h>

#include "account_internal.h"
#include "statements.h"

struct part {
    const struct cab_table *table;
    int at;
};

/* Tables that are not exposed are not granted either; what they hold is the operator's to give. */
static bool belongs_to_people(const struct cab_table *table) {
    return table->owner != NULL && table->is_exposed && !table->is_view;
}

/* Names of columns that the audit trail may hold and the caller may not see, as a JSON array. */
static const char *unreadable(struct cab_call *call) {
    struct cab_buf buf;
    struct cab_json_writer w = { .buf = &buf };
    cab_buf_init(&buf, call->mem, 64);
    cab_json_open(&w, NULL, '[');
    for (int i = 0; i < call->catalog->n_tables; i++) {
        const struct cab_table *table = &call->catalog->tables[i];
        for (int c = 0; belongs_to_people(table) && c < table->n_columns; c++)
            if (!cab_own_column(call, &table->columns[c]))
                cab_json_put(&w, NULL, table->columns[c].name);
    }
    cab_json_close(&w, ']');
    return buf.data;
}

static void write_tables(struct cab_call *call, const struct cab_table *users, const struct part *parts, int n,
                         struct cab_json_writer *w) {
    cab_json_open(w, "tables", '{');
    for (int i = 0; i < n; i++) {
        const struct cab_table *table = parts[i].table;
        struct cab_buf rows;
        if (table == users)
            continue;
        cab_buf_init(&rows, call->mem, 1024);
        cab_own_rows_write(call, table, cab_pipe_result(call->pipe, parts[i].at), &rows);
        bool is_public = strcmp(table->schema, "public") == 0;
        cab_json_put_raw(w, is_public ? table->name : cab_printf(call->mem, "%s.%s", table->schema, table->name),
                         rows.data);
    }
    cab_json_close(w, '}');
}

static void write_account(struct cab_call *call, const struct cab_table *users, const struct part *parts, int n,
                          struct cab_json_writer *w) {
    for (int i = 0; i < n; i++)
        if (parts[i].table == users) {
            struct cab_buf rows;
            cab_buf_init(&rows, call->mem, 1024);
            cab_own_rows_write(call, users, cab_pipe_result(call->pipe, parts[i].at), &rows);
            rows.data[rows.len - 1] = '\0'; /* the one row, without the brackets */
            cab_json_put_raw(w, "account", rows.data + 1);
        }
}

int cab_account_export(struct cab_call *call, struct cab_err *err) {
    const struct cab_table *users = cab_account_users(call);
    const char *user_id = call->caller.user_id_text;
    struct part *parts = cab_new_array(call->mem, struct part, (size_t)call->catalog->n_tables);
    struct cab_json_writer w = { .buf = &call->response->body };
    int n = 0;

    if (cab_account_no_params(call, err) != 0)
        return cab_resource_refuse(call, err);
    struct cab_pipe *pipe = cab_call_pipe(call);
    for (int i = 0; i < call->catalog->n_tables; i++)
        if (belongs_to_people(&call->catalog->tables[i])) {
            parts[n].table = &call->catalog->tables[i];
            parts[n].at = cab_own_rows_select(call, parts[n].table, pipe);
            n++;
        }
    int sessions = cab_account_queue(call->mem, pipe, CAB_SHAPE_ONE, cab_sql_text_export_sessions, 1, user_id);
    int keys = cab_account_queue(call->mem, pipe, CAB_SHAPE_ONE, cab_sql_text_export_api_keys, 1, user_id);
    int totp = cab_account_queue(call->mem, pipe, CAB_SHAPE_ONE, cab_sql_text_export_totp, 1, user_id);
    int identities = cab_account_queue(call->mem, pipe, CAB_SHAPE_ONE, cab_sql_text_export_identities, 1, user_id);
    int mails = cab_account_queue(call->mem, pipe, CAB_SHAPE_ONE, cab_sql_text_export_mails, 1, user_id);
    int audit = cab_account_queue(call->mem, pipe, CAB_SHAPE_ONE, cab_sql_text_export_audit, 2, user_id,
                                  unreadable(call));
    cab_audit_add(call, pipe, CAB_ACTION_DATA_EXPORTED, user_id, true, NULL);
    if (cab_call_run(call, err) != 0)
        return -1;
    cab_response_header(call->response, "Cache-Control", "no-store");
    cab_response_header(call->response, "Content-Disposition", "attachment; filename=\"account-%s.json\"", user_id);
    cab_json_open(&w, NULL, '{');
    write_account(call, users, parts, n, &w);
    cab_json_put_raw(&w, "sessions", cab_result_value(cab_pipe_result(pipe, sessions), 0, 0));
    cab_json_put_raw(&w, "api_keys", cab_result_value(cab_pipe_result(pipe, keys), 0, 0));
    cab_json_put_raw(&w, "second_factor", cab_result_value(cab_pipe_result(pipe, totp), 0, 0));
    cab_json_put_raw(&w, "identities", cab_result_value(cab_pipe_result(pipe, identities), 0, 0));
    cab_json_put_raw(&w, "mails", cab_result_value(cab_pipe_result(pipe, mails), 0, 0));
    cab_json_put_raw(&w, "audit_logs", cab_result_value(cab_pipe_result(pipe, audit), 0, 0));
    write_tables(call, users, parts, n, &w);
    cab_json_close(&w, '}');
    return 0;
}
