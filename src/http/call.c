/*
 * The pipeline of a call, with the guard in front, and what the server's errors mean for the client.  Texts for the
 * client are made of names from the catalog, never of what the server says.
 */
#include "http/internal.h"

#include <string.h>

#include "statements.h"

static const char **values(struct cab_call *call, size_t n) {
    return cab_new_array(call->mem, const char *, n);
}

static void guard_anyone(struct cab_call *call, const char *generation) {
    const char **v = values(call, 3);
    v[0] = generation;
    v[1] = call->request->request_id;
    v[2] = call->request->remote_addr;
    cab_pipe_add(call->pipe, CAB_SHAPE_ONE, cab_sql_text_guard_anyone, 3, v);
}

static void guard_key(struct cab_call *call, const char *generation, bool is_write) {
    const char **v = values(call, 7);
    v[0] = call->caller.key_id;
    v[1] = call->caller.key_hash;
    v[2] = call->caller.user_id_text;
    v[3] = call->caller.is_admin ? "true" : "false";
    v[4] = generation;
    v[5] = call->request->request_id;
    v[6] = call->request->remote_addr;
    if (is_write)
        cab_pipe_add(call->pipe, CAB_SHAPE_ONE, cab_sql_text_guard_key_write, 7, v);
    else
        cab_pipe_add(call->pipe, CAB_SHAPE_MAYBE, cab_sql_text_guard_key_read, 5, v);
}

static void guard_caller(struct cab_call *call, const char *generation) {
    bool is_write = cab_tx_is_write(call->route->tx);
    if (call->caller.is_key) {
        guard_key(call, generation, is_write);
        return;
    }
    const char **v = values(call, 6);
    v[0] = call->caller.session_id;
    v[1] = call->caller.user_id_text;
    v[2] = call->caller.is_admin ? "true" : "false";
    v[3] = generation;
    v[4] = call->request->request_id;
    v[5] = call->request->remote_addr;
    if (is_write)
        cab_pipe_add(call->pipe, CAB_SHAPE_ONE, cab_sql_text_guard_write, 6, v);
    else
        cab_pipe_add(call->pipe, CAB_SHAPE_MAYBE, cab_sql_text_guard_read, 4, v);
}

static struct cab_pipe *make_pipe(struct cab_call *call) {
    call->pipe = cab_pipe_make(call->mem, call->db, cab_tx_is_write(call->route->tx));
    if (call->is_block && !cab_db_in_transaction(call->db))
        cab_pipe_add_once(call->pipe, CAB_SHAPE_NONE, "BEGIN", 0, NULL);
    cab_replica_guard(call);
    return call->pipe;
}

struct cab_pipe *cab_call_pipe(struct cab_call *call) {
    CAB_BUG_ON(call->catalog == NULL);
    const char *generation = cab_decimal(call->mem, call->catalog->generation);
    make_pipe(call);
    if (call->caller.is_signed_in)
        guard_caller(call, generation);
    else
        guard_anyone(call, generation);
    if (call->key_scope != NULL && !call->has_key)
        cab_key_claim(call);
    return call->pipe;
}

/* What the guard asks of session and account; that they belong together stands beside it. */
#define SESSION_LIVES "s.expires > now()"
#define ACCOUNT_LIVES "t.deleted_at IS NULL AND t.banned_at IS NULL"

/* The catalog that the call was planned with.  The number stands in the text, as part of the plan: the server then
 * compares it once, when it plans, and again where a migration made the function anew. */
static void add_catalog_holds(struct cab_call *call, struct cab_sql *sql) {
    cab_sql_add(sql, " AND cabinet.generation() = ");
    cab_buf_adds(&sql->text, cab_decimal(call->mem, call->catalog->generation));
}

/* The role and the catalog that the call was planned with. */
static void add_plan_holds(struct cab_call *call, struct cab_sql *sql) {
    cab_sql_add(sql, " AND t.is_superuser = ");
    cab_sql_bind(sql, call->caller.is_admin ? "true" : "false", "boolean");
    add_catalog_holds(call, sql);
}

int cab_call_add_own_row(struct cab_call *call, const char *columns) {
    struct cab_sql one;
    cab_sql_init(&one, call->mem);
    cab_sql_add(&one, "SELECT ");
    cab_buf_adds(&one.text, columns);
    cab_sql_add(&one, " FROM public.users AS t JOIN public.sessions AS s ON s.user_id = t.id"
                      " WHERE " SESSION_LIVES " AND " ACCOUNT_LIVES " AND s.id = ");
    cab_sql_bind(&one, call->caller.session_id, "uuid");
    cab_sql_add(&one, " AND t.id = ");
    cab_sql_bind(&one, call->caller.user_id_text, "bigint");
    add_plan_holds(call, &one);
    make_pipe(call);
    if (!call->may_wait)
        return cab_pipe_add(call->pipe, CAB_SHAPE_MAYBE, one.text.data, one.n_values, (const char *const *)one.values);

    /* arrays in sub-selects: their lengths would tempt the server to plan for each, which takes longer than the rest */
    struct cab_sql many;
    cab_sql_init(&many, call->mem);
    cab_sql_add(&many, "SELECT ");
    cab_buf_adds(&many.text, columns);
    cab_sql_add(&many, ", w.nth FROM unnest((SELECT $1::uuid[]), (SELECT $2::bigint[]), (SELECT $3::boolean[]))"
                       " WITH ORDINALITY AS w (session_id, user_id, is_superuser, nth)"
                       " JOIN public.sessions AS s ON s.id = w.session_id"
                       " JOIN public.users AS t ON t.id = s.user_id"
                       " WHERE " SESSION_LIVES " AND " ACCOUNT_LIVES
                       " AND t.id = w.user_id AND t.is_superuser = w.is_superuser");
    add_catalog_holds(call, &many);
    return cab_pipe_add_keyed(call->pipe, one.text.data, many.text.data, 3, one.n_values,
                              (const char *const *)one.values);
}

void cab_call_guard_own_row(struct cab_call *call, struct cab_sql *sql) {
    cab_sql_add(sql, " AND " ACCOUNT_LIVES);
    add_plan_holds(call, sql);
    /* asked once, before any row is touched; the triggers find the settings */
    const char *address = call->request->remote_addr;
    cab_sql_add(sql, " AND (SELECT set_config('cabinet.actor', ");
    cab_sql_bind(sql, call->caller.user_id_text, "text");
    cab_sql_add(sql, ", true) IS NOT NULL AND set_config('cabinet.request_id', ");
    cab_sql_bind(sql, call->request->request_id, "text");
    cab_sql_add(sql, ", true) IS NOT NULL AND set_config('cabinet.ip', ");
    cab_sql_bind(sql, address != NULL ? address : "", "text");
    cab_sql_add(sql, ", true) IS NOT NULL FROM public.sessions AS s WHERE " SESSION_LIVES " AND s.id = ");
    cab_sql_bind(sql, call->caller.session_id, "uuid");
    cab_sql_add(sql, " AND s.user_id = ");
    cab_sql_bind(sql, call->caller.user_id_text, "bigint");
    cab_sql_add(sql, ")");
    make_pipe(call);
}

static int ran(struct cab_call *call, int rc, struct cab_err *err) {
    if (rc != 0) {
        cab_block_drop(call);
        cab_call_translate(call, err);
    }
    return rc;
}

int cab_call_run(struct cab_call *call, struct cab_err *err) {
    return ran(call, cab_pipe_run(call->pipe, err), err);
}

int cab_call_next(struct cab_call *call, int rc, struct cab_err *err) {
    return call->then(call, ran(call, rc, err) == 0 ? cab_pipe_result(call->pipe, call->then_at) : NULL, err);
}

int cab_call_then(struct cab_call *call, int at, cab_call_end *then, struct cab_err *err) {
    call->then = then;
    call->then_at = at;
    return call->may_wait ? 0 : cab_call_next(call, cab_pipe_run(call->pipe, err), err);
}

int cab_call_read(struct cab_call *call, const char **bytes_out, size_t *n_out, struct cab_err *err) {
    const struct cab_request *request = call->request;
    *bytes_out = request->body;
    *n_out = call->has_read ? 0 : request->body_len;
    call->has_read = true;
    if (!request->has_stream) {
        call->body_read += *n_out;
        return 0;
    }
    if (call->has_key && call->body_hash == NULL && cab_key_open(call, err) != 0)
        return -1;
    if (cab_fcgi_read(call->fcgi, bytes_out, n_out, err) != 0)
        return -1;
    if (call->body_hash != NULL)
        cab_hash_add(call->body_hash, *bytes_out, *n_out);
    call->body_read += *n_out;
    if (call->body_read > (uint64_t)call->conf->bulk_max_body)
        return cab_fail(err, CAB_PROBLEM_TOO_LARGE, "The body is larger than %lld bytes; send less at once.",
                        (long long)call->conf->bulk_max_body);
    return 0;
}

/* ---- errors ---- */

/* Names of the columns for a sentence: "email" or "owner and title". */
static const char *column_names(struct cab_call *call, const struct cab_constraint *constraint) {
    struct cab_buf names;
    cab_buf_init(&names, call->mem, 64);
    for (int i = 0; i < constraint->n_columns; i++) {
        cab_buf_adds(&names, i == 0 ? "" : i + 1 < constraint->n_columns ? ", " : " and ");
        cab_buf_adds(&names, constraint->columns[i]->name);
    }
    return names.data;
}

static void add_flaws(struct cab_call *call, struct cab_err *err, const struct cab_constraint *constraint,
                      const char *code, const char *detail) {
    for (int i = 0; i < constraint->n_columns; i++)
        (void)cab_err_flaw(err, call->mem, CAB_PLACE_FIELD, constraint->columns[i]->name, code, "%s", detail);
}

static void unique_broken(struct cab_call *call, struct cab_err *err, const struct cab_constraint *constraint) {
    if (constraint == NULL || constraint->n_columns == 0)
        return;
    const char *names = column_names(call, constraint);
    (void)cab_fail(err, CAB_PROBLEM_CONFLICT, "The value of %s is taken; choose another.", names);
    add_flaws(call, err, constraint, "taken", constraint->n_columns == 1
              ? "This value is taken; choose another."
              : cab_printf(call->mem, "The values of %s are taken together; choose others.", names));
}

/* On a delete the referring table is another one, and a write into the table itself names what does not exist. */
static void reference_broken(struct cab_call *call, struct cab_err *err, const struct cab_table *table,
                             const struct cab_constraint *constraint) {
    bool is_other = call->table != NULL && table != NULL && table != call->table;
    if (call->request->method == CAB_DELETE || is_other) {
        (void)cab_fail(err, CAB_PROBLEM_IN_USE, "Rows of %s refer to this one; change or delete them first.",
                       table != NULL && table->is_exposed ? table->name : "other tables");
        return;
    }
    if (constraint == NULL || constraint->n_columns == 0)
        return;
    (void)cab_fail(err, CAB_PROBLEM_INVALID, "What %s refers to does not exist.", column_names(call, constraint));
    add_flaws(call, err, constraint, "unknown_reference", "There is no such row; name an existing one.");
}

void cab_call_check_broken(struct cab_call *call, struct cab_err *err, const struct cab_constraint *constraint) {
    const char *detail = constraint->comment != NULL
                             ? constraint->comment
                             : cab_printf(call->mem, "The value breaks the rule %s.", constraint->name);
    (void)cab_fail(err, CAB_PROBLEM_INVALID, "%s", detail);
    add_flaws(call, err, constraint, "check", detail);
}

/* A domain's check names no table: it is of the one that is written.  Where several columns have the domain, only a
 * question for each value tells which. */
static void domain_broken(struct cab_call *call, struct cab_err *err) {
    const struct cab_table *table = call->table;
    int n = 0;
    if (table == NULL && call->catalog != NULL)
        table = cab_catalog_any(call->catalog, "public", "users");
    for (int i = 0; table != NULL && i < table->n_constraints; i++) {
        const struct cab_constraint *constraint = &table->constraints[i];
        if (constraint->kind != CAB_CONSTRAINT_CHECK || strcmp(constraint->name, err->constraint) != 0)
            continue;
        cab_call_check_broken(call, err, constraint);
        n++;
    }
    if (n > 1)
        err->flaws = NULL;
}

static void exclusion_broken(struct cab_call *call, struct cab_err *err, const struct cab_constraint *constraint) {
    if (constraint == NULL || constraint->n_columns == 0)
        return;
    const char *detail = constraint->comment != NULL
                             ? constraint->comment
                             : cab_printf(call->mem, "What another row has in %s excludes this; choose other values.",
                                          column_names(call, constraint));
    (void)cab_fail(err, CAB_PROBLEM_CONFLICT, "%s", detail);
    add_flaws(call, err, constraint, "excluded", detail);
}

static void null_refused(struct cab_call *call, struct cab_err *err) {
    if (err->column[0] == '\0')
        return;
    (void)cab_fail(err, CAB_PROBLEM_INVALID, "A required value is missing; see errors.");
    (void)cab_err_flaw(err, call->mem, CAB_PLACE_FIELD, err->column, "required", "This value is required.");
}

void cab_call_translate(struct cab_call *call, struct cab_err *err) {
    const char *state = err->sqlstate;
    if (state[0] == '\0')
        return;
    const struct cab_table *table = NULL;
    const struct cab_constraint *constraint = NULL;
    if (err->table[0] != '\0' && call->catalog != NULL)
        table = cab_catalog_any(call->catalog, "public", err->table);
    if (table != NULL && err->constraint[0] != '\0')
        constraint = cab_table_constraint(table, err->constraint);

    if (strcmp(state, "23505") == 0)
        unique_broken(call, err, constraint);
    else if (strcmp(state, "23P01") == 0)
        exclusion_broken(call, err, constraint);
    else if (strcmp(state, "23503") == 0)
        reference_broken(call, err, table, constraint);
    else if (strcmp(state, "23514") == 0 && constraint != NULL)
        cab_call_check_broken(call, err, constraint);
    else if (strcmp(state, "23514") == 0 && table == NULL)
        domain_broken(call, err);
    else if (strcmp(state, "23502") == 0)
        null_refused(call, err);
    else if (strcmp(state, "42501") == 0) /* a right that GRANT does not give is not the API's to give */
        (void)cab_fail(err, CAB_PROBLEM_FORBIDDEN, "The database does not allow this.");
}
