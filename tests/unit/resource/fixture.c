/*
 * Calls on the catalog of the tests.
 */
#include "fixture.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static const struct cab_conf conf = {
    .secret_key = "a secret key that is long enough for tests",
    .page_size_default = 20, .page_size_max = 100, .count_budget = 50000, .max_body = 1 << 20,
    .user_directory = "minimal",
};

const struct cab_table *fixture_table(const char *name) {
    const struct cab_table *table = cab_catalog_find(fixture_catalog(), name);
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
    call->catalog = fixture_catalog();
    call->request = request;
    call->response = cab_new(mem, struct cab_response);
    cab_response_init(call->response, mem);
    call->table = fixture_table(table);
    if (who != NOBODY)
        call->caller = (struct cab_caller){ .is_signed_in = true, .is_admin = who == ADMIN,
                                            .user_id = who == ADMIN ? 1 : 7 };
    snprintf(call->caller.user_id_text, sizeof call->caller.user_id_text, "%s",
             who == ADMIN ? "1" : who == PERSON ? "7" : "");
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
