/*
 * The OpenAPI document: fixed routes from the route table, then every exposed table's routes.  Made once for each
 * catalog and kept; the ETag follows the catalog's fingerprint.
 */
#include "resource/openapi.h"
#include "resource/openapi_fixed.h"
#include "resource/special.h"

#include <stdio.h>
#include <string.h>

static const char *const method_keys[CAB_METHOD__MAX] = {
    [CAB_GET] = "get",     [CAB_HEAD] = "head",     [CAB_POST] = "post",       [CAB_PUT] = "put",
    [CAB_PATCH] = "patch", [CAB_DELETE] = "delete", [CAB_OPTIONS] = "options",
};

static void put_ref(struct cab_json_writer *w, const char *key, const char *kind, const char *name) {
    cab_json_open(w, key, '{');
    cab_json_putf(w, "$ref", "#/components/%s/%s", kind, name);
    cab_json_close(w, '}');
}

static void put_content(struct cab_json_writer *w, const char *type, const char *schema) {
    cab_json_open(w, "content", '{');
    cab_json_open(w, type, '{');
    put_ref(w, "schema", "schemas", schema);
    cab_json_close(w, '}');
    cab_json_close(w, '}');
}

/* Statuses that an operation may answer with beside success; each is a component of its own. */
static void put_errors(struct cab_json_writer *w, enum cab_method method, bool needs_token, bool has_key) {
    static const struct {
        const char *status;
        bool token, key, write;
    } all[] = {
        { "400", false, false, false }, { "401", true, false, false },  { "403", true, false, false },
        { "404", false, true, false },  { "406", false, false, false }, { "409", false, false, true },
        { "412", false, true, true },   { "413", false, false, true },  { "415", false, false, true },
        { "422", false, false, false }, { "429", false, false, false }, { "500", false, false, false },
        { "503", false, false, false }, { "504", false, false, false },
    };
    bool is_write = method != CAB_GET && method != CAB_HEAD;
    for (size_t i = 0; i < CAB_LENGTH(all); i++) {
        bool fits = (!all[i].token || needs_token) && (!all[i].key || has_key) && (!all[i].write || is_write);
        if (fits)
            put_ref(w, all[i].status, "responses", all[i].status);
    }
}

static void put_success(struct cab_json_writer *w, const char *status, const char *schema) {
    cab_json_open(w, status, '{');
    cab_json_put(w, "description", strcmp(status, "204") == 0 ? "Done; no content." : "Done.");
    cab_json_open(w, "headers", '{');
    put_ref(w, "X-Request-Id", "headers", "X-Request-Id");
    put_ref(w, "RateLimit", "headers", "RateLimit");
    cab_json_close(w, '}');
    if (schema != NULL)
        put_content(w, strcmp(schema, "csv") == 0      ? "text/csv"
                       : strcmp(schema, "ndjson") == 0 ? "application/x-ndjson"
                                                       : "application/json", schema);
    cab_json_close(w, '}');
}

static void put_path_parameter(struct cab_json_writer *w, const char *name, const struct cab_column *column,
                               enum cab_openapi_version version) {
    cab_json_open(w, NULL, '{');
    cab_json_put(w, "name", name);
    cab_json_put(w, "in", "path");
    cab_json_put_raw(w, "required", "true");
    cab_json_put(w, "description", "Key of the row.");
    if (column != NULL) {
        cab_openapi_column(w, "schema", column, version);
    } else {
        cab_json_open(w, "schema", '{');
        cab_json_put(w, "type", "string");
        cab_json_put_int(w, "maxLength", 64);
        cab_json_put(w, "pattern", "^[A-Za-z0-9-]+$");
        cab_json_close(w, '}');
    }
    cab_json_close(w, '}');
}

/* operationId: method and path as one word, unique because they are. */
static void put_operation_id(struct cab_json_writer *w, enum cab_method method, const char *path) {
    char id[200];
    size_t n = (size_t)snprintf(id, sizeof id, "%s", method_keys[method]);
    for (const char *c = path; *c != '\0' && n < sizeof id - 1; c++)
        if (*c != '{' && *c != '}')
            id[n++] = *c == '/' || *c == '-' || *c == '.' ? '_' : *c;
    id[n] = '\0';
    cab_json_put(w, "operationId", id);
}

static void put_security(struct cab_json_writer *w, bool needs_token) {
    cab_json_open(w, "security", '[');
    if (needs_token) {
        cab_json_open(w, NULL, '{');
        cab_json_open(w, "bearer", '[');
        cab_json_close(w, ']');
        cab_json_close(w, '}');
    }
    cab_json_close(w, ']');
}

static void put_body(struct cab_json_writer *w, const char *schema, const char *const *types) {
    cab_json_open(w, "requestBody", '{');
    cab_json_put_raw(w, "required", "true");
    cab_json_open(w, "content", '{');
    for (; *types != NULL; types++) {
        cab_json_open(w, *types, '{');
        put_ref(w, "schema", "schemas", schema);
        cab_json_close(w, '}');
    }
    cab_json_close(w, '}');
    cab_json_close(w, '}');
}

static const char *const json_types[] = { "application/json", NULL };
static const char *const patch_types[] = { "application/merge-patch+json", "application/json", NULL };
static const char *const import_types[] = { "text/csv", "application/x-ndjson", NULL };
static const char *const login_types[] = { "application/json", "application/x-www-form-urlencoded", NULL };

static bool is_literal(const struct cab_route *route) {
    return route->path[0] != '!' && strncmp(route->path, "/{table}", 8) != 0;
}

/* table is the one whose rows the route is about, or NULL. */
static void put_fixed_operation(struct cab_json_writer *w, const struct cab_route *route, const struct cab_table *table,
                                enum cab_openapi_version version) {
    const struct cab_openapi_fixed *fixed = cab_openapi_fixed_find(route->method, route->path);
    bool needs_token = route->access != CAB_ACCESS_ANYONE, has_key = strchr(route->path, '{') != NULL;

    cab_json_open(w, method_keys[route->method], '{');
    cab_json_open(w, "tags", '[');
    cab_json_put(w, NULL,
                 strncmp(route->path, "/auth/", 6) == 0    ? "auth"
                 : strncmp(route->path, "/admin/", 7) == 0 ? "admin"
                 : strcmp(route->path, "/_batch") == 0     ? "batch"
                                                           : "users");
    cab_json_close(w, ']');
    cab_json_put(w, "summary", route->doc);
    cab_json_putf(w, "description", "Access: %s.",
                  route->access == CAB_ACCESS_ANYONE  ? "anyone"
                  : route->access == CAB_ACCESS_ADMIN ? "superusers"
                                                      : "signed-in accounts");
    put_operation_id(w, route->method, route->path);
    put_security(w, needs_token);
    if (has_key) {
        cab_json_open(w, "parameters", '[');
        put_path_parameter(w, "id", table != NULL ? table->key : NULL, version);
        cab_json_close(w, ']');
    }
    if (fixed != NULL && fixed->body != NULL)
        put_body(w, fixed->body, route->method == CAB_PATCH ? patch_types : fixed->is_form ? login_types : json_types);
    cab_json_open(w, "responses", '{');
    put_success(w, fixed != NULL ? fixed->status : "200", fixed != NULL ? fixed->answer : NULL);
    put_errors(w, route->method, needs_token, has_key);
    cab_json_close(w, '}');
    cab_json_close(w, '}');
}

static const char *const table_suffixes[] = {
    "", ".csv", ".ndjson", "/_query", "/_import", "/{id}", "/{id}/restore", "/{id}/history",
    "/{id}/history/{version}/restore"
};

/* Whether the path belongs to an exposed table, with whose own routes it is written. */
static bool is_table_path(const struct cab_catalog *catalog, const char *path) {
    for (int i = 0; i < catalog->n_tables; i++) {
        size_t n = strlen(catalog->tables[i].name);
        if (!catalog->tables[i].is_exposed || strncmp(path + 1, catalog->tables[i].name, n) != 0)
            continue;
        for (size_t s = 0; s < CAB_LENGTH(table_suffixes); s++)
            if (strcmp(path + 1 + n, table_suffixes[s]) == 0)
                return true;
    }
    return false;
}

/* All methods of one path stand in one item, so each path is written where it first appears. */
static void put_fixed_paths(struct cab_json_writer *w, const struct cab_catalog *catalog,
                            enum cab_openapi_version version) {
    for (const struct cab_route *route = cab_routes; route->path != NULL; route++) {
        bool is_first = is_literal(route);
        for (const struct cab_route *before = cab_routes; before < route && is_first; before++)
            is_first = strcmp(before->path, route->path) != 0;
        if (!is_first || is_table_path(catalog, route->path))
            continue;
        cab_json_open(w, route->path, '{');
        for (const struct cab_route *same = route; same->path != NULL; same++)
            if (strcmp(same->path, route->path) == 0)
                put_fixed_operation(w, same, NULL, version);
        cab_json_close(w, '}');
    }
}

/* The fixed route that stands before a table's generic one (POST /users), or NULL. */
static const struct cab_route *fixed_route(enum cab_method method, const char *path) {
    for (const struct cab_route *route = cab_routes; route->path != NULL; route++)
        if (route->method == method && is_literal(route) && strcmp(route->path, path) == 0)
            return route;
    return NULL;
}

static void put_refs(struct cab_json_writer *w, const char *const *names) {
    for (; *names != NULL; names++)
        put_ref(w, NULL, "parameters", *names);
}

/* Filters by field, search and trash. */
static void put_filters(struct cab_json_writer *w, const struct cab_table *table, bool has_trash,
                        enum cab_openapi_version version) {
    bool is_searchable = false;
    for (int i = 0; i < table->n_columns; i++) {
        const struct cab_column *column = &table->columns[i];
        is_searchable = is_searchable || column->is_search;
        if (column->is_hidden || column == table->row_version || column->kind == CAB_KIND_JSON ||
            column->kind == CAB_KIND_COMPOSITE || column->kind == CAB_KIND_ARRAY)
            continue;
        cab_json_open(w, NULL, '{');
        cab_json_put(w, "name", column->name);
        cab_json_put(w, "in", "query");
        cab_json_putf(
            w, "description",
            "Rows whose %s equals this. Other comparisons: %s__ne, __gt, __gte, __lt, __lte, __in, __nin, "
            "__null, __between, and for text __contains, __icontains, __startswith, __istartswith, __endswith, "
            "__like, __ilike.",
            column->name, column->name);
        cab_openapi_column(w, "schema", column, version);
        cab_json_close(w, '}');
    }
    if (is_searchable)
        put_ref(w, NULL, "parameters", "search");
    if (table->is_soft_delete && has_trash)
        put_ref(w, NULL, "parameters", "is_deleted");
}

struct table_operation {
    enum cab_method method;
    /* body and answer: suffix of the schema's name, or behind ! a schema of no table */
    const char *suffix, *summary, *status, *body, *answer;
};

static const struct table_operation table_operations[] = {
    { CAB_GET, "", "list, search, filter, sort", "200", NULL, "_page" },
    { CAB_POST, "", "create a row", "201", "_create", "" },
    { CAB_PATCH, "", "change all rows that the filters find", "200", "_change", "!affected" },
    { CAB_DELETE, "", "delete all rows that the filters find", "200", NULL, "!affected" },
    { CAB_GET, ".csv", "export the filtered list as CSV", "200", NULL, "!csv" },
    { CAB_GET, ".ndjson", "export the filtered list, one object a line", "200", NULL, "!ndjson" },
    { CAB_POST, "/_query", "list with the filter as body", "200", "!filter", "_page" },
    { CAB_POST, "/_import", "create rows from CSV or NDJSON, all or none", "200", "!csv", "!imported" },
    { CAB_GET, "/{id}", "read a row", "200", NULL, "" },
    { CAB_PUT, "/{id}", "replace a row", "200", "_create", "" },
    { CAB_PATCH, "/{id}", "change some members of a row", "200", "_change", "" },
    { CAB_DELETE, "/{id}", "delete a row, into the trash where there is one", "204", NULL, NULL },
    { CAB_POST, "/{id}/restore", "take a row out of the trash", "200", NULL, "" },
    { CAB_GET, "/{id}/history", "versions of a row", "200", NULL, "!versions" },
    { CAB_POST, "/{id}/history/{version}/restore", "make a row again what it was at a version", "200", NULL, "" },
};

static bool is_bulk(const struct table_operation *op) {
    return *op->suffix == '\0' && (op->method == CAB_PATCH || op->method == CAB_DELETE);
}

static bool is_query(const struct table_operation *op) {
    return strcmp(op->suffix, "/_query") == 0;
}

static bool is_import(const struct table_operation *op) {
    return strcmp(op->suffix, "/_import") == 0;
}

static bool has_operation(const struct cab_table *table, const struct table_operation *op) {
    if (is_bulk(op) && (cab_special(table) || table->is_require_if_match))
        return false;
    if (strstr(op->suffix, "/history") != NULL && !table->is_audited)
        return false;
    if ((is_import(op) || strstr(op->suffix, "{version}") != NULL) && cab_special(table))
        return false;
    if (op->method != CAB_GET && !is_query(op) && (table->is_readonly || table->is_view))
        return false;
    if (strcmp(op->suffix, "/{id}/restore") == 0 && !table->is_soft_delete)
        return false;
    return (*op->suffix == '\0' && !is_bulk(op)) || table->key != NULL;
}

static void put_table_parameters(struct cab_json_writer *w, const struct cab_table *table,
                                 const struct table_operation *op, enum cab_openapi_version version) {
    static const char *const page[] = { "page", "size", "cursor", "sort", "sort_by", "sort_order", "fields", "expand",
                                        "count", NULL };
    static const char *const flat[] = { "sort", "sort_by", "sort_order", "fields", NULL };
    bool has_key = strstr(op->suffix, "{id}") != NULL, is_export = op->suffix[0] == '.';
    bool is_write = op->method != CAB_GET && !is_query(op);
    cab_json_open(w, "parameters", '[');
    if (has_key)
        put_path_parameter(w, "id", table->key, version);
    else if (!is_write)
        put_refs(w, is_export ? flat : page);
    if (!has_key && op->method != CAB_POST)
        put_filters(w, table, op->method == CAB_GET, version);
    if (strcmp(op->suffix, "/{id}") == 0 && op->method == CAB_GET)
        put_ref(w, NULL, "parameters", "expand");
    if (strstr(op->suffix, "{version}") != NULL)
        put_ref(w, NULL, "parameters", "version");
    if (strcmp(op->suffix, "/{id}/history") == 0) {
        put_ref(w, NULL, "parameters", "size");
        put_ref(w, NULL, "parameters", "before");
    }
    if (is_bulk(op))
        put_ref(w, NULL, "parameters", "max-affected");
    if (op->method == CAB_POST && (*op->suffix == '\0' || is_import(op)) && table->key != NULL && !cab_special(table))
        put_ref(w, NULL, "parameters", "on_conflict");
    if (is_import(op))
        put_ref(w, NULL, "parameters", "dry_run");
    if (has_key && table->row_version != NULL && op->method != CAB_GET)
        put_ref(w, NULL, "parameters", "If-Match");
    if (is_write && op->method != CAB_PUT)
        put_ref(w, NULL, "parameters", "Idempotency-Key");
    cab_json_close(w, ']');
}

/* Name of a schema: that of the table with a suffix, or one of its own. */
static const char *schema_name(char *name, size_t size, const struct cab_table *table, const char *suffix) {
    if (suffix[0] == '!')
        return suffix + 1;
    snprintf(name, size, "%s%s", table->name, suffix);
    return name;
}

static void put_table_operation(struct cab_json_writer *w, const struct cab_table *table,
                                const struct table_operation *op, enum cab_openapi_version version) {
    char schema[160], path[160];
    bool needs_token = !(table->is_public_read && op->method == CAB_GET), has_key = strstr(op->suffix, "{id}") != NULL;

    snprintf(path, sizeof path, "/%s%s", table->name, op->suffix);
    const struct cab_route *fixed = fixed_route(op->method, path);
    if (fixed != NULL && cab_openapi_fixed_find(fixed->method, fixed->path) != NULL) {
        put_fixed_operation(w, fixed, table, version);
        return;
    }
    cab_json_open(w, method_keys[op->method], '{');
    cab_json_open(w, "tags", '[');
    cab_json_put(w, NULL, table->name);
    cab_json_close(w, ']');
    cab_json_putf(w, "summary", "%s: %s", table->name, fixed != NULL ? fixed->doc : op->summary);
    cab_json_putf(w, "description", "Access: %s.",
                  table->is_admin        ? "superusers"
                  : !needs_token         ? "anyone"
                  : table->owner != NULL ? "signed-in accounts, each its own rows; superusers all"
                                         : "signed-in accounts");
    put_operation_id(w, op->method, path);
    put_security(w, needs_token);
    put_table_parameters(w, table, op, version);
    if (op->body != NULL)
        put_body(w, schema_name(schema, sizeof schema, table, op->body),
                 op->method == CAB_PATCH ? patch_types : is_import(op) ? import_types : json_types);
    cab_json_open(w, "responses", '{');
    put_success(w, op->status, op->answer != NULL ? schema_name(schema, sizeof schema, table, op->answer) : NULL);
    put_errors(w, op->method, needs_token, has_key);
    cab_json_close(w, '}');
    cab_json_close(w, '}');
}

static void put_table_paths(struct cab_json_writer *w, const struct cab_table *table,
                            enum cab_openapi_version version) {
    for (size_t s = 0; s < CAB_LENGTH(table_suffixes); s++) {
        char path[160];
        bool is_open = false;
        snprintf(path, sizeof path, "/%s%s", table->name, table_suffixes[s]);
        for (size_t i = 0; i < CAB_LENGTH(table_operations); i++) {
            const struct table_operation *op = &table_operations[i];
            if (strcmp(op->suffix, table_suffixes[s]) != 0 || !has_operation(table, op))
                continue;
            if (!is_open)
                cab_json_open(w, path, '{');
            is_open = true;
            put_table_operation(w, table, op, version);
        }
        if (is_open)
            cab_json_close(w, '}');
    }
}

static void put_table_schemas(struct cab_json_writer *w, const struct cab_table *table,
                              enum cab_openapi_version version) {
    char name[160];
    cab_openapi_row(w, table->name, table, CAB_OPENAPI_READ, version);
    snprintf(name, sizeof name, "%s_page", table->name);
    cab_openapi_page(w, name, table->name, version);
    if (table->is_readonly || table->is_view)
        return;
    snprintf(name, sizeof name, "%s_create", table->name);
    cab_openapi_row(w, name, table, CAB_OPENAPI_CREATE, version);
    snprintf(name, sizeof name, "%s_change", table->name);
    cab_openapi_row(w, name, table, CAB_OPENAPI_CHANGE, version);
}

void cab_openapi_write(struct cab_buf *buf, const struct cab_conf *conf, const struct cab_catalog *catalog,
                       enum cab_openapi_version version) {
    struct cab_json_writer w = { .buf = buf };

    cab_json_open(&w, NULL, '{');
    cab_json_put(&w, "openapi", version == CAB_OPENAPI_31 ? "3.1.0" : "3.0.3");
    cab_openapi_head(&w, conf, catalog);
    cab_json_open(&w, "paths", '{');
    put_fixed_paths(&w, catalog, version);
    for (int i = 0; i < catalog->n_tables; i++)
        if (catalog->tables[i].is_exposed)
            put_table_paths(&w, &catalog->tables[i], version);
    cab_json_close(&w, '}');
    cab_json_open(&w, "components", '{');
    cab_openapi_components(&w, version);
    cab_json_open(&w, "schemas", '{');
    cab_openapi_fixed_schemas(&w, version);
    for (int i = 0; i < catalog->n_tables; i++)
        if (catalog->tables[i].is_exposed)
            put_table_schemas(&w, &catalog->tables[i], version);
    cab_json_close(&w, '}');
    cab_json_close(&w, '}');
    cab_json_close(&w, '}');
}

/* The documents of the catalog that was asked for last, by version; a worker is one thread. */
static struct {
    char fingerprint[33];
    char *text;
    size_t n;
} kept[CAB_OPENAPI_31 + 1];

int cab_openapi_get(struct cab_call *call, struct cab_err *err) {
    const char *asked = cab_request_param(call->request, "version");
    enum cab_openapi_version version = CAB_OPENAPI_30;
    char etag[48];

    for (int i = 0; i < call->request->n_params; i++)
        if (strcmp(call->request->params[i].name, "version") != 0)
            return cab_fail(err, CAB_PROBLEM_UNKNOWN_PARAMETER, "The only parameter here is version, 3.0 or 3.1.");
    if (asked != NULL && strcmp(asked, "3.1") == 0)
        version = CAB_OPENAPI_31;
    else if (asked != NULL && strcmp(asked, "3.0") != 0)
        return cab_err_flaw(err, call->mem, CAB_PLACE_PARAMETER, "version", "not_one_of", "version is 3.0 or 3.1.");

    cab_call_pipe(call); /* the guard makes sure that the catalog is the current one */
    if (cab_call_run(call, err) != 0)
        return -1;
    if (strcmp(kept[version].fingerprint, call->catalog->fingerprint) != 0) {
        struct cab_buf buf;
        cab_buf_init(&buf, NULL, 65536);
        cab_openapi_write(&buf, call->conf, call->catalog, version);
        cab_mem_free(kept[version].text);
        kept[version].text = buf.data;
        kept[version].n = buf.len;
        memcpy(kept[version].fingerprint, call->catalog->fingerprint, sizeof kept[version].fingerprint);
    }
    snprintf(etag, sizeof etag, "\"%s.%d\"", call->catalog->fingerprint, version);
    cab_response_header(call->response, "ETag", "%s", etag);
    cab_response_header(call->response, "Cache-Control", "public, no-cache");
    if (call->request->if_none_match != NULL && strstr(call->request->if_none_match, etag) != NULL) {
        call->response->status = 304;
        return 0;
    }
    call->response->status = 200;
    call->response->content_type = "application/json";
    cab_buf_add(&call->response->body, kept[version].text, kept[version].n);
    return 0;
}
