/*
 * The catalog of the tests and calls on it.
 */
#include "fixture.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define COLUMN(n, t, k) .name = n, .type = t, .base_type = t, .kind = CAB_KIND_##k

static struct cab_column users_columns[] = {
    { COLUMN("id", "bigint", INT8), .not_null = true, .is_identity = true, .is_system = true },
    { COLUMN("email", "text", TEXT), .not_null = true, .is_private = true, .is_search = true },
    { COLUMN("username", "text", TEXT), .not_null = true, .is_public = true, .is_search = true },
    { COLUMN("is_verified", "boolean", BOOL), .not_null = true, .has_default = true, .is_readonly = true },
    { COLUMN("oauth_provider", "text", TEXT), .is_readonly = true },
    { COLUMN("date_created", "timestamp with time zone", TIMESTAMPTZ), .not_null = true, .has_default = true,
      .is_system = true, .is_public = true },
    { COLUMN("row_version", "bigint", INT8), .not_null = true, .has_default = true, .is_system = true },
    { COLUMN("deleted_at", "timestamp with time zone", TIMESTAMPTZ), .is_system = true },
    { COLUMN("secret", "text", TEXT), .is_hidden = true },
};

static struct cab_column notes_columns[] = {
    { COLUMN("id", "bigint", INT8), .not_null = true, .is_identity = true, .is_system = true },
    { COLUMN("owner_id", "bigint", INT8), .not_null = true, .is_system = true },
    { COLUMN("title", "character varying(20)", TEXT), .max_length = 20, .not_null = true, .is_search = true },
    { COLUMN("a__b", "integer", INT4) },
    { COLUMN("a", "integer", INT4) },
    { COLUMN("body", "text", TEXT) },
    { COLUMN("rank", "smallint", INT2) },
    { COLUMN("color", "color", ENUM), .labels = (const char *const[]){ "red", "green", NULL } },
    { COLUMN("date_created", "timestamp with time zone", TIMESTAMPTZ), .not_null = true, .has_default = true,
      .is_system = true },
    { COLUMN("code", "text", TEXT), .is_writeonce = true },
    { COLUMN("row_version", "bigint", INT8), .not_null = true, .has_default = true, .is_system = true },
    { COLUMN("deleted_at", "timestamp with time zone", TIMESTAMPTZ), .is_system = true },
};

static struct cab_column kinds_columns[] = {
    { COLUMN("id", "uuid", UUID), .not_null = true, .has_default = true },
    { COLUMN("n", "numeric(5,2)", NUMERIC), .numeric_precision = 5, .numeric_scale = 2, .not_null = true,
      .has_default = true },
    { COLUMN("big", "numeric", NUMERIC) },
    { COLUMN("flag", "boolean", BOOL) },
    { COLUMN("real", "real", FLOAT) },
    { COLUMN("day", "date", DATE) },
    { COLUMN("clock", "time without time zone", TIME) },
    { COLUMN("local", "timestamp without time zone", TIMESTAMP) },
    { COLUMN("span", "interval", INTERVAL) },
    { COLUMN("doc", "jsonb", JSON) },
    { COLUMN("plain", "json", JSON) },
    { COLUMN("bytes", "bytea", BYTEA) },
    { COLUMN("tags", "text[]", ARRAY), .element_type = "text" },
    { COLUMN("numbers", "integer[]", ARRAY), .element_type = "integer" },
    { COLUMN("during", "int4range", RANGE) },
    { COLUMN("address", "inet", INET) },
    { COLUMN("pair", "pair", COMPOSITE) },
    { COLUMN("place", "point", OTHER) },
    { COLUMN("fixed", "character(3)", TEXT), .max_length = 3 },
};

static struct cab_table tables[] = {
    { .oid = 3, .schema = "public", .name = "kinds", .columns = kinds_columns, .n_columns = CAB_LENGTH(kinds_columns),
      .key = &kinds_columns[0], .order = &kinds_columns[1], .order_descending = true, .is_exposed = true },
    { .oid = 2, .schema = "public", .name = "notes", .columns = notes_columns, .n_columns = CAB_LENGTH(notes_columns),
      .key = &notes_columns[0], .owner = &notes_columns[1], .row_version = &notes_columns[10],
      .deleted_at = &notes_columns[11], .is_exposed = true, .is_soft_delete = true },
    { .oid = 1, .schema = "public", .name = "users", .columns = users_columns, .n_columns = CAB_LENGTH(users_columns),
      .key = &users_columns[0], .owner = &users_columns[0], .row_version = &users_columns[6],
      .deleted_at = &users_columns[7], .is_exposed = true, .is_soft_delete = true },
};

static const struct cab_catalog catalog = { .generation = 1, .tables = tables, .n_tables = CAB_LENGTH(tables) };

static const struct cab_conf conf = {
    .secret_key = "a secret key that is long enough for tests",
    .page_size_default = 20, .page_size_max = 100, .count_budget = 50000, .max_body = 1 << 20,
    .user_directory = "minimal",
};

const struct cab_table *fixture_table(const char *name) {
    for (size_t i = 0; i < CAB_LENGTH(tables); i++)
        for (int j = 0; j < tables[i].n_columns; j++)
            tables[i].columns[j].attnum = j + 1;
    const struct cab_table *table = cab_catalog_find(&catalog, name);
    cr_assert_not_null(table);
    return table;
}

static const char *param_of(const void *source, const char *name) {
    const char *const *pair = source;
    return strcmp(pair[0], name) == 0 ? pair[1] : NULL;
}

struct cab_call *fixture_call_with(void *mem, enum who who, const char *method, const char *uri, const char *table,
                                   const char *body, const char *param, const char *value) {
    struct cab_call *call = cab_new(mem, struct cab_call);
    struct cab_request *request = NULL;
    struct cab_err err = { 0 };
    const char **pair = cab_new_array(mem, const char *, 2);
    pair[0] = param;
    pair[1] = value;
    struct cab_request_parts parts = { .method = method, .uri = uri, .body = body != NULL ? body : "",
                                       .body_len = body != NULL ? strlen(body) : 0, .param = param_of, .source = pair };
    cr_assert_eq(cab_request_parse(mem, &parts, &request, &err), 0, "%s: %s", uri, err.detail);
    call->mem = mem;
    call->conf = &conf;
    call->catalog = &catalog;
    call->request = request;
    call->response = cab_new(mem, struct cab_response);
    cab_response_init(call->response, mem);
    call->table = fixture_table(table);
    if (who != NOBODY)
        call->caller = (struct cab_caller){ .is_signed_in = true, .is_admin = who == ADMIN,
                                            .user_id = who == ADMIN ? 1 : 7 };
    snprintf(call->caller.user_id_text, sizeof call->caller.user_id_text, "%s", who == ADMIN ? "1" : who == PERSON ? "7" : "");
    return call;
}

struct cab_call *fixture_call(void *mem, enum who who, const char *method, const char *uri, const char *table,
                              const char *body) {
    return fixture_call_with(mem, who, method, uri, table, body, "", NULL);
}

const char *fixture_flaws(void *mem, const struct cab_err *err) {
    static const char *const places[] = { "", "field", "parameter", "header" };
    struct cab_buf buf;
    cab_buf_init(&buf, mem, 256);
    for (const struct cab_flaw *flaw = err->flaws; flaw != NULL; flaw = flaw->next)
        cab_buf_addf(&buf, "%s%s:%s:%s", buf.len > 0 ? " " : "", places[flaw->place], flaw->name, flaw->code);
    return buf.data;
}

const char *fixture_values(void *mem, const struct cab_sql *sql) {
    struct cab_buf buf;
    cab_buf_init(&buf, mem, 256);
    for (int i = 0; i < sql->n_values; i++)
        cab_buf_addf(&buf, "%s%s", i > 0 ? "|" : "", sql->values[i] != NULL ? sql->values[i] : "-");
    return buf.data;
}
