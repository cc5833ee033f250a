/*
 * Operations of the OpenAPI document.  What the route table does not say follows from it: errors, security, headers and
 * the parameters that every write or every row has.
 */
#include "resource/openapi_operation.h"
#include "resource/filter.h"
#include "resource/openapi_fixed.h"
#include "resource/query.h"
#include "resource/special.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const method_keys[CAB_METHOD__MAX] = {
    [CAB_GET] = "get",     [CAB_HEAD] = "head",     [CAB_POST] = "post",       [CAB_PUT] = "put",
    [CAB_PATCH] = "patch", [CAB_DELETE] = "delete", [CAB_OPTIONS] = "options",
};

/* An operation as it is being written. */
struct operation {
    struct cab_json_writer *w;
    const struct cab_route *route;
    const struct cab_table *table; /* whose rows it is about, or NULL */
    enum cab_openapi_version version;
    bool needs_token, is_write, is_of_row; /* of_row: its path names one row */
};

void cab_openapi_ref(struct cab_json_writer *w, const char *key, const char *kind, const char *name) {
    cab_json_open(w, key, '{');
    cab_json_putf(w, "$ref", "#/components/%s/%s", kind, name);
    cab_json_close(w, '}');
}

/* Copies pattern with {table} replaced. */
static const char *named(char *out, size_t size, const char *pattern, const struct cab_table *table) {
    static const char word[] = "{table}";
    const char *at = strstr(pattern, word);
    if (at == NULL || table == NULL)
        snprintf(out, size, "%s", pattern);
    else
        snprintf(out, size, "%.*s%s%s", (int)(at - pattern), pattern, table->name, at + sizeof word - 1);
    return out;
}

bool cab_openapi_fits(const struct cab_route *route, const struct cab_table *table) {
    const char *rest = route->path + strlen("/{table}");
    bool is_list = *rest == '\0', is_write = cab_tx_is_write(route->tx);
    bool is_bulk = is_list && (route->method == CAB_PATCH || route->method == CAB_DELETE);
    if (is_write && (table->is_readonly || table->is_view))
        return false;
    if (is_bulk && (cab_special(table) || table->is_require_if_match))
        return false;
    if ((strstr(rest, "/history") != NULL || strcmp(rest, "/_changes") == 0) && !table->is_audited)
        return false;
    if ((strcmp(rest, "/_import") == 0 || strstr(rest, "{version}") != NULL) && cab_special(table))
        return false;
    if (strcmp(rest, "/{id}/restore") == 0 && !table->is_soft_delete)
        return false;
    return table->key != NULL;
}

/* Whether a path without its first slash begins with the table's name. */
static bool names_table(const char *text, const char *name) {
    size_t n = strlen(name);
    return strncmp(text, name, n) == 0 && strchr("/", text[n]) != NULL;
}

const struct cab_table *cab_openapi_table(const struct cab_catalog *catalog, const struct cab_route *route) {
    const char *space = strchr(route->answer, ' ');
    for (int i = 0; i < catalog->n_tables; i++) {
        const struct cab_table *table = &catalog->tables[i];
        char page[160];
        if (strcmp(table->schema, "public") != 0)
            continue;
        snprintf(page, sizeof page, "%s_page", table->name);
        if (names_table(route->path + 1, table->name) ||
            (space != NULL && (strcmp(space + 1, table->name) == 0 || strcmp(space + 1, page) == 0)))
            return table;
    }
    return NULL;
}

/* operationId: method and path as one word, unique because they are. */
static void put_operation_id(const struct operation *op, const char *path) {
    char id[200];
    size_t n = (size_t)snprintf(id, sizeof id, "%s", method_keys[op->route->method]);
    for (const char *c = path; *c != '\0' && n < sizeof id - 1; c++)
        if (*c != '{' && *c != '}')
            id[n++] = *c == '/' || *c == '-' || *c == '.' ? '_' : *c;
    id[n] = '\0';
    cab_json_put(op->w, "operationId", id);
}

static const char *access_of(const struct operation *op) {
    switch (op->route->access) {
    case CAB_ACCESS_ANYONE: return "anyone";
    case CAB_ACCESS_USER: return "signed-in accounts and their API keys";
    case CAB_ACCESS_SESSION: return "signed-in accounts";
    case CAB_ACCESS_ADMIN: return "superusers";
    case CAB_ACCESS_TABLE: break;
    }
    if (op->table->is_admin)
        return "superusers";
    if (!op->needs_token)
        return "anyone";
    return op->table->owner != NULL ? "signed-in accounts, each its own rows; superusers all" : "signed-in accounts";
}

static void put_security(const struct operation *op) {
    bool is_admin = strncmp(op->route->path, "/admin/", 7) == 0;
    cab_json_open(op->w, "security", '[');
    cab_json_open(op->w, NULL, '{'); /* left empty: no scheme is asked for */
    if (op->needs_token) {
        cab_json_open(op->w, is_admin ? "superuser" : "bearer", '[');
        cab_json_close(op->w, ']');
    }
    cab_json_close(op->w, '}');
    cab_json_close(op->w, ']');
}

/* The section of the document: the table, or what the path begins with. */
static void put_tag(const struct operation *op) {
    const char *path = op->route->path;
    cab_json_open(op->w, "tags", '[');
    cab_json_put(op->w, NULL, strncmp(path, "/auth/", 6) == 0    ? "auth"
                              : strncmp(path, "/admin/", 7) == 0 ? "admin"
                              : op->table != NULL                ? op->table->name
                                                                 : "service");
    cab_json_close(op->w, ']');
}

/* ---- parameters ---- */

static void put_path_parameter(const struct operation *op, const char *name) {
    struct cab_json_writer *w = op->w;
    bool is_key = op->is_of_row && strcmp(name, "id") == 0;
    cab_json_open(w, NULL, '{');
    cab_json_put(w, "name", name);
    cab_json_put(w, "in", "path");
    cab_json_put_raw(w, "required", "true");
    cab_json_putf(w, "description", is_key ? "Key of the row." : "The %s that is meant.", name);
    if (is_key) {
        cab_openapi_column(w, "schema", op->table, op->table->key, CAB_OPENAPI_READ, op->version);
    } else {
        cab_json_open(w, "schema", '{');
        cab_json_put(w, "type", "string");
        cab_json_put_int(w, "minLength", 1);
        cab_json_put_int(w, "maxLength", 64);
        cab_json_put(w, "pattern", "^[A-Za-z0-9_-]+$");
        cab_json_put(w, "example", "3f2a9c1d-7e04-4b1c-8e22-aa510e22aa51");
        cab_json_close(w, '}');
    }
    cab_json_close(w, '}');
}

static void put_path_parameters(const struct operation *op) {
    char name[64];
    for (const char *at = op->route->path; (at = strchr(at, '{')) != NULL; at++) {
        snprintf(name, sizeof name, "%.*s", (int)strcspn(at + 1, "}"), at + 1);
        if (strcmp(name, "table") == 0)
            continue;
        if (cab_openapi_has_parameter(name))
            cab_openapi_ref(op->w, NULL, "parameters", name);
        else
            put_path_parameter(op, name);
    }
}

static bool is_filtered(const struct cab_table *table, const struct cab_column *column) {
    return !column->is_hidden && column != table->row_version;
}

/* Other names of date_created__gte and date_created__lte. */
static const char *const date_aliases[] = { "date_created_after", "date_created_before" };

void cab_openapi_comparisons(struct cab_json_writer *w, const struct cab_table *table) {
    char name[160];
    snprintf(name, sizeof name, "%s.comparisons", table->name);
    if (strcmp(table->schema, "public") != 0 || !cab_openapi_is_used(w, "parameters", name))
        return;
    cab_json_open(w, name, '{');
    cab_json_put(w, "name", "comparisons");
    cab_json_put(w, "in", "query");
    cab_json_put(w, "description", "Filters of the form field__operator=value; all must hold. Lists are separated by "
                                   "commas, a day on a time is that whole day in UTC.");
    cab_json_put(w, "style", "form");
    cab_json_put_raw(w, "explode", "true");
    cab_json_put_raw(w, "example", "{}"); /* what forms are filled with */
    cab_json_open(w, "schema", '{');
    cab_json_put(w, "type", "object");
    cab_json_put_raw(w, "additionalProperties", "false");
    cab_json_open(w, "properties", '{');
    for (int i = 0; i < table->n_columns; i++)
        for (const struct cab_operator *op = cab_operators; op->word != NULL; op++) {
            const struct cab_column *column = &table->columns[i];
            if (!is_filtered(table, column) || !cab_operator_fits(op, column)
                || (op->test == CAB_TEST_EQ && !cab_query_is_param(column->name)))
                continue;
            snprintf(name, sizeof name, "%s__%s", column->name, op->word);
            cab_openapi_ref(w, name, "schemas", "Operand");
        }
    const struct cab_column *date = cab_table_column(table, "date_created");
    for (size_t i = 0; date != NULL && is_filtered(table, date) && i < CAB_LENGTH(date_aliases); i++)
        if (cab_table_column(table, date_aliases[i]) == NULL)
            cab_openapi_ref(w, date_aliases[i], "schemas", "Operand");
    cab_json_close(w, '}');
    cab_json_close(w, '}');
    cab_json_close(w, '}');
}

void cab_openapi_filter(struct cab_json_writer *w, const char *name, const struct cab_table *table) {
    cab_json_open(w, name, '{');
    cab_json_put(w, "type", "object");
    cab_json_put_raw(w, "additionalProperties", "false");
    cab_json_put(w, "description", "Conditions that must all hold: a value is eq, an array is in, an object has "
                                   "operators as members; and, or, not combine such objects.");
    cab_json_open(w, "properties", '{');
    for (int i = 0; i < table->n_columns; i++) {
        if (!is_filtered(table, &table->columns[i]))
            continue;
        cab_json_open(w, table->columns[i].name, '{');
        cab_json_putf(w, "description", "Condition on %s.", table->columns[i].name);
        cab_json_close(w, '}');
    }
    for (int i = 0; i < 2; i++) {
        cab_json_open(w, i == 0 ? "and" : "or", '{');
        cab_json_put(w, "type", "array");
        cab_json_put_int(w, "maxItems", CAB_FILTER_CONDITIONS_MOST);
        cab_json_put_raw(w, "items", "{\"description\":\"A filter.\"}");
        cab_json_close(w, '}');
    }
    cab_json_put_raw(w, "not", "{\"description\":\"A filter.\"}");
    cab_json_close(w, '}');
    cab_json_close(w, '}');
}

/* Filters by field, search and trash. */
static void put_filters(const struct operation *op) {
    const struct cab_table *table = op->table;
    struct cab_json_writer *w = op->w;
    bool is_searchable = false;
    for (int i = 0; i < table->n_columns; i++) {
        const struct cab_column *column = &table->columns[i];
        is_searchable = is_searchable || column->is_search;
        if (!is_filtered(table, column) || column->kind == CAB_KIND_JSON || column->kind == CAB_KIND_COMPOSITE ||
            column->kind == CAB_KIND_ARRAY || cab_query_is_param(column->name))
            continue;
        cab_json_open(w, NULL, '{');
        cab_json_put(w, "name", column->name);
        cab_json_put(w, "in", "query");
        cab_json_putf(w, "description", "Rows whose %s equals this.", column->name);
        cab_openapi_column(w, "schema", table, column, CAB_OPENAPI_PARAMETER, op->version);
        cab_json_close(w, '}');
    }
    char comparisons[160];
    snprintf(comparisons, sizeof comparisons, "%s.comparisons", table->name);
    cab_openapi_ref(w, NULL, "parameters", comparisons);
    cab_openapi_ref(w, NULL, "parameters", "filter");
    if (is_searchable)
        cab_openapi_ref(w, NULL, "parameters", "search");
    if (table->is_soft_delete && !op->is_write)
        cab_openapi_ref(w, NULL, "parameters", "is_deleted");
}

static void put_words(const struct operation *op, const char *words) {
    char word[64];
    for (const char *at = words; *at != '\0'; at += strspn(at, " ")) {
        size_t n = strcspn(at, " ");
        snprintf(word, sizeof word, "%.*s", (int)n, at);
        at += n;
        const char *group = cab_openapi_group(word);
        if (strcmp(word, "on_conflict") == 0 && cab_special(op->table))
            continue;
        if (strcmp(word, "filters") == 0)
            put_filters(op);
        else if (group != NULL)
            put_words(op, group);
        else
            cab_openapi_ref(op->w, NULL, "parameters", word);
    }
}

static bool is_versioned(const struct operation *op) {
    return op->is_of_row && op->table->row_version != NULL;
}

static void put_parameters(const struct operation *op) {
    struct cab_json_writer *w = op->w;
    const struct cab_route *route = op->route;
    bool says_prefer = route->parameters != NULL && strstr(route->parameters, "max-affected") != NULL;
    cab_json_open(w, "parameters", '[');
    put_path_parameters(op);
    if (route->parameters != NULL)
        put_words(op, route->parameters);
    if (is_versioned(op))
        cab_openapi_ref(w, NULL, "parameters", op->is_write ? "If-Match" : "If-None-Match");
    if (cab_route_takes_key(route) && route->method != CAB_PUT)
        cab_openapi_ref(w, NULL, "parameters", "Idempotency-Key");
    if (op->table != NULL && op->is_write && !says_prefer)
        cab_openapi_ref(w, NULL, "parameters", "Prefer");
    cab_json_close(w, ']');
}

/* ---- bodies and answers ---- */

static void put_content(const struct operation *op, const char *schema, bool is_patch) {
    static const char *const patch_types[] = { "application/merge-patch+json", "application/json", NULL };
    struct cab_json_writer *w = op->w;
    char name[160];
    cab_json_open(w, "content", '{');
    for (const char *const *type = is_patch ? patch_types : cab_openapi_types(schema); *type != NULL; type++) {
        cab_json_open(w, *type, '{');
        cab_openapi_ref(w, "schema", "schemas", named(name, sizeof name, schema, op->table));
        if (strcmp(schema, "{table}_filter") == 0)
            cab_json_put_raw(w, "example", "{}"); /* all members at once would be a filter that finds nothing */
        cab_json_close(w, '}');
    }
    cab_json_close(w, '}');
}

static void put_body(const struct operation *op) {
    if (op->route->body == NULL)
        return;
    cab_json_open(op->w, "requestBody", '{');
    cab_json_put_raw(op->w, "required", "true");
    put_content(op, op->route->body, op->route->method == CAB_PATCH);
    cab_json_close(op->w, '}');
}

/* What every answer has. */
static void put_common_headers(const struct operation *op) {
    static const char *const always[] = { "X-Request-Id", "RateLimit", "Access-Control-Allow-Origin" };
    for (size_t i = 0; i < CAB_LENGTH(always); i++)
        cab_openapi_ref(op->w, always[i], "headers", always[i]);
}

bool cab_openapi_next_answer(const char **answers, struct cab_openapi_answer *answer) {
    const char *at = *answers + strspn(*answers, ", ");
    size_t n = strcspn(at, ","), n_status = strcspn(at, ", ");
    if (n == 0)
        return false;
    snprintf(answer->status, sizeof answer->status, "%.*s", (int)n_status, at);
    snprintf(answer->schema, sizeof answer->schema, "%.*s", (int)(n > n_status ? n - n_status - 1 : 0),
             at + n_status + 1);
    *answers = at + n;
    return true;
}

static void put_success(const struct operation *op, const struct cab_openapi_answer *answer) {
    struct cab_json_writer *w = op->w;
    const char *status = answer->status;
    cab_json_open(w, status, '{');
    cab_json_put(w, "description", strcmp(status, "204") == 0   ? "Done; no content."
                                   : strcmp(status, "201") == 0 ? "Created."
                                   : strcmp(status, "303") == 0 ? "Go on to Location."
                                                                : "Done.");
    cab_json_open(w, "headers", '{');
    put_common_headers(op);
    if (strcmp(status, "201") == 0 || strcmp(status, "303") == 0)
        cab_openapi_ref(w, "Location", "headers", "Location");
    if (is_versioned(op) && *answer->schema != '\0')
        cab_openapi_ref(w, "ETag", "headers", "ETag");
    if (strstr(answer->schema, "_page") != NULL) {
        cab_openapi_ref(w, "Link", "headers", "Link");
        cab_openapi_ref(w, "X-Total-Count", "headers", "X-Total-Count");
    }
    cab_json_close(w, '}');
    if (*answer->schema != '\0')
        put_content(op, answer->schema, false);
    cab_json_close(w, '}');
}

static void put_successes(const struct operation *op) {
    struct cab_json_writer *w = op->w;
    struct cab_openapi_answer answer;
    for (const char *at = op->route->answer; cab_openapi_next_answer(&at, &answer);)
        put_success(op, &answer);
    if (is_versioned(op) && !op->is_write) {
        cab_json_open(w, "304", '{');
        cab_json_put(w, "description", "The row is still what If-None-Match says.");
        cab_json_open(w, "headers", '{');
        put_common_headers(op);
        cab_json_close(w, '}');
        cab_json_close(w, '}');
    }
}

/* Statuses beside success; each is a component of its own. */
static void put_errors(const struct operation *op) {
    enum { ALWAYS, ROW, WRITE, BODY, VERSIONED, FEED };
    static const struct { const char *status; int where; } all[] = {
        { "400", ALWAYS }, { "401", ALWAYS }, { "403", ALWAYS },    { "404", ROW },  { "406", ALWAYS },
        { "409", WRITE },  { "410", FEED },   { "412", VERSIONED }, { "413", BODY }, { "414", ALWAYS },
        { "415", BODY },   { "422", ALWAYS }, { "428", VERSIONED }, { "429", ALWAYS }, { "431", ALWAYS },
        { "500", ALWAYS }, { "502", ALWAYS }, { "503", ALWAYS },    { "504", ALWAYS },
    };
    const struct cab_route *route = op->route;
    bool holds[] = {
        [ALWAYS] = true,
        [ROW] = strchr(route->path, '{') != NULL,
        [WRITE] = op->is_write,
        [BODY] = route->body != NULL,
        [VERSIONED] = is_versioned(op) && op->is_write,
        [FEED] = route->parameters != NULL && strstr(route->parameters, "feed-size") != NULL,
    };
    for (size_t i = 0; i < CAB_LENGTH(all); i++) {
        bool is_bulk = strcmp(all[i].status, "428") == 0 && route->parameters != NULL &&
                       strstr(route->parameters, "max-affected") != NULL;
        if (holds[all[i].where] || is_bulk)
            cab_openapi_ref(op->w, all[i].status, "responses", all[i].status);
    }
}

void cab_openapi_operation(struct cab_json_writer *w, const struct cab_route *route, const struct cab_table *table,
                           enum cab_openapi_version version) {
    struct operation op = { .w = w, .route = route, .table = table, .version = version };
    char path[160];
    named(path, sizeof path, route->path, table);
    op.is_write = cab_tx_is_write(route->tx) && route->method != CAB_GET;
    op.needs_token = route->access != CAB_ACCESS_ANYONE &&
                     !(route->access == CAB_ACCESS_TABLE && table->is_public_read && route->method == CAB_GET);
    op.is_of_row = table != NULL && table->key != NULL && strstr(path, "/{id}") != NULL &&
                   names_table(path + 1, table->name);

    cab_json_open(w, method_keys[route->method], '{');
    put_tag(&op);
    if (route->access == CAB_ACCESS_TABLE)
        cab_json_putf(w, "summary", "%s: %s", table->name, route->doc);
    else
        cab_json_put(w, "summary", route->doc);
    cab_json_putf(w, "description", "Access: %s.", access_of(&op));
    put_operation_id(&op, path);
    put_security(&op);
    put_parameters(&op);
    put_body(&op);
    cab_json_open(w, "responses", '{');
    put_successes(&op);
    put_errors(&op);
    cab_json_close(w, '}');
    cab_json_close(w, '}');
}
