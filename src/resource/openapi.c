/*
 * The OpenAPI document: each route of the route table, those of tables once for each exposed table.  Made once for each
 * catalog and kept; the ETag is a hash of it, as routes and settings change it too.
 */
#include "resource/openapi.h"
#include "resource/change.h"
#include "resource/openapi_fixed.h"
#include "resource/openapi_operation.h"

#include <stdio.h>
#include <string.h>

#define TABLE_WORD "/{table}"

static bool is_of_tables(const struct cab_route *route) {
    return strncmp(route->path, TABLE_WORD, sizeof TABLE_WORD - 1) == 0;
}

/* A path below the base path that is not of tables. */
static bool is_literal(const struct cab_route *route) {
    return route->path[0] == '/' && !is_of_tables(route);
}

static void path_of(char *path, size_t size, const struct cab_route *route, const struct cab_table *table) {
    if (is_of_tables(route))
        snprintf(path, size, "/%s%s", table->name, route->path + sizeof TABLE_WORD - 1);
    else
        snprintf(path, size, "%s", route->path);
}

/* The route of its own that stands before a table's (POST /users), or route. */
static const struct cab_route *winner(const struct cab_route *route, const char *path) {
    for (const struct cab_route *other = cab_routes; other->path != NULL; other++)
        if (other->method == route->method && is_literal(other) && strcmp(other->path, path) == 0)
            return other;
    return route;
}

/* Whether a row before this one has the same path: all methods of a path stand in one item. */
static bool is_repeated(const struct cab_route *route) {
    for (const struct cab_route *before = cab_routes; before < route; before++)
        if (strcmp(before->path, route->path) == 0)
            return true;
    return false;
}

static void put_table_path(struct cab_json_writer *w, const struct cab_table *table, const struct cab_route *first,
                           enum cab_openapi_version version) {
    char path[160];
    bool is_open = false;
    path_of(path, sizeof path, first, table);
    for (const struct cab_route *route = first; route->path != NULL; route++) {
        if (strcmp(route->path, first->path) != 0)
            continue;
        const struct cab_route *answers = winner(route, path);
        if (answers == route && !cab_openapi_fits(route, table))
            continue;
        if (!is_open)
            cab_json_open(w, path, '{');
        is_open = true;
        cab_openapi_operation(w, answers, table, version);
    }
    if (is_open)
        cab_json_close(w, '}');
}

/* Whether a literal path is one of an exposed table's, with whose routes it is written. */
static bool is_table_path(const struct cab_catalog *catalog, const char *path) {
    char own[160];
    for (int i = 0; i < catalog->n_tables; i++) {
        if (!catalog->tables[i].is_exposed)
            continue;
        for (const struct cab_route *route = cab_routes; route->path != NULL; route++) {
            if (!is_of_tables(route))
                continue;
            path_of(own, sizeof own, route, &catalog->tables[i]);
            if (strcmp(own, path) == 0)
                return true;
        }
    }
    return false;
}

static void put_paths(struct cab_json_writer *w, const struct cab_catalog *catalog, enum cab_openapi_version version) {
    for (const struct cab_route *route = cab_routes; route->path != NULL; route++) {
        if (!is_literal(route) || is_repeated(route) || is_table_path(catalog, route->path))
            continue;
        cab_json_open(w, route->path, '{');
        for (const struct cab_route *same = route; same->path != NULL; same++)
            if (strcmp(same->path, route->path) == 0)
                cab_openapi_operation(w, same, cab_openapi_table(catalog, same), version);
        cab_json_close(w, '}');
    }
    for (int i = 0; i < catalog->n_tables; i++) {
        if (!catalog->tables[i].is_exposed)
            continue;
        for (const struct cab_route *route = cab_routes; route->path != NULL; route++)
            if (is_of_tables(route) && !is_repeated(route))
                put_table_path(w, &catalog->tables[i], route, version);
    }
}

/* Member name: a row, or an array of them. */
static void put_one_or_many(struct cab_json_writer *w, const char *name, const char *item) {
    cab_json_open(w, name, '{');
    cab_json_open(w, "oneOf", '[');
    cab_openapi_ref(w, NULL, "schemas", item);
    cab_json_open(w, NULL, '{');
    cab_json_put(w, "type", "array");
    cab_json_put_int(w, "minItems", 1);
    cab_json_put_int(w, "maxItems", CAB_CREATE_MOST);
    cab_openapi_ref(w, "items", "schemas", item);
    cab_json_close(w, '}');
    cab_json_close(w, ']');
    cab_json_close(w, '}');
}

/* Those of a table that something refers to; what others of them refer to comes last. */
static void put_table_schemas(struct cab_json_writer *w, const struct cab_table *table, const struct cab_conf *conf,
                              enum cab_openapi_version version) {
    char name[160], item[160];
    snprintf(name, sizeof name, "%s_created", table->name);
    if (cab_openapi_is_used(w, "schemas", name))
        put_one_or_many(w, name, table->name);
    snprintf(name, sizeof name, "%s_new", table->name);
    snprintf(item, sizeof item, "%s_create", table->name);
    if (cab_openapi_is_used(w, "schemas", name))
        put_one_or_many(w, name, item);
    if (cab_openapi_is_used(w, "schemas", item))
        cab_openapi_row(w, item, table, CAB_OPENAPI_CREATE, version);
    snprintf(name, sizeof name, "%s_change", table->name);
    if (cab_openapi_is_used(w, "schemas", name))
        cab_openapi_row(w, name, table, CAB_OPENAPI_CHANGE, version);
    snprintf(name, sizeof name, "%s_own", table->name);
    if (cab_openapi_is_used(w, "schemas", name))
        cab_openapi_row(w, name, table, CAB_OPENAPI_OWN, version);
    snprintf(name, sizeof name, "%s_filter", table->name);
    if (cab_openapi_is_used(w, "schemas", name))
        cab_openapi_filter(w, name, table);
    snprintf(name, sizeof name, "%s_page", table->name);
    if (cab_openapi_is_used(w, "schemas", name))
        cab_openapi_page(w, name, table->name, conf, version);
    if (cab_openapi_is_used(w, "schemas", table->name))
        cab_openapi_row(w, table->name, table, CAB_OPENAPI_READ, version);
}

void cab_openapi_write(struct cab_buf *buf, const struct cab_conf *conf, const struct cab_catalog *catalog,
                       enum cab_openapi_version version) {
    struct cab_json_writer w = { .buf = buf };

    cab_json_open(&w, NULL, '{');
    cab_json_put(&w, "openapi", version == CAB_OPENAPI_31 ? "3.1.0" : "3.0.3");
    cab_openapi_head(&w, conf, catalog);
    cab_json_open(&w, "paths", '{');
    put_paths(&w, catalog, version);
    cab_json_close(&w, '}');
    cab_json_open(&w, "components", '{');
    cab_openapi_security(&w);
    cab_json_open(&w, "parameters", '{');
    cab_openapi_parameters(&w, conf, version);
    for (int i = 0; i < catalog->n_tables; i++)
        cab_openapi_comparisons(&w, &catalog->tables[i]);
    cab_json_close(&w, '}');
    cab_openapi_answers(&w, conf, version);
    cab_json_open(&w, "schemas", '{');
    for (int i = 0; i < catalog->n_tables; i++)
        if (strcmp(catalog->tables[i].schema, "public") == 0)
            put_table_schemas(&w, &catalog->tables[i], conf, version);
    cab_openapi_fixed_schemas(&w, conf, version);
    cab_json_close(&w, '}');
    cab_json_close(&w, '}');
    cab_json_close(&w, '}');
}

/* The documents of the catalog that was asked for last, by version; a worker is one thread. */
static struct {
    char fingerprint[33];
    char *text;
    size_t n;
    char etag[36]; /* with its quotes */
} kept[CAB_OPENAPI_31 + 1];

static void make(enum cab_openapi_version version, const struct cab_conf *conf, const struct cab_catalog *catalog) {
    struct cab_buf buf;
    char hash[65];
    cab_buf_init(&buf, NULL, 65536);
    cab_openapi_write(&buf, conf, catalog, version);
    cab_mem_free(kept[version].text);
    kept[version].text = buf.data;
    kept[version].n = buf.len;
    memcpy(kept[version].fingerprint, catalog->fingerprint, sizeof kept[version].fingerprint);
    cab_sha256_hex(buf.data, buf.len, hash);
    snprintf(kept[version].etag, sizeof kept[version].etag, "\"%.32s\"", hash);
}

int cab_openapi_get(struct cab_call *call, struct cab_err *err) {
    const char *asked = cab_request_param(call->request, "version");
    enum cab_openapi_version version = CAB_OPENAPI_30;

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
    if (strcmp(kept[version].fingerprint, call->catalog->fingerprint) != 0)
        make(version, call->conf, call->catalog);
    const char *etag = kept[version].etag;
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
