/*
 * The parts of the OpenAPI document that no table brings.  Written as JSON text where nothing in them varies; %N stands
 * for the form that says "or null" in the version asked for.
 */
#include "resource/openapi_fixed.h"

#include <stdio.h>
#include <string.h>

static const struct cab_openapi_fixed fixed_rows[] = {
    { CAB_POST, "/auth/register", "register", "201", "users", false },
    { CAB_POST, "/auth/login", "login", "200", "tokens", true },
    { CAB_POST, "/auth/refresh", "refresh", "200", "tokens", false },
    { CAB_POST, "/auth/logout", NULL, "204", NULL, false },
    { CAB_POST, "/auth/change-password", "change_password", "200", "done", false },
    { CAB_GET, "/auth/sessions", NULL, "200", "sessions", false },
    { CAB_DELETE, "/auth/sessions/{id}", NULL, "204", NULL, false },
    { CAB_POST, "/auth/verify", "token", "200", "detail", false },
    { CAB_POST, "/auth/resend-verification", "email", "202", "detail", false },
    { CAB_POST, "/auth/request-password", "email", "202", "detail", false },
    { CAB_POST, "/auth/reset-password", "reset_password", "200", "done", false },
    { CAB_POST, "/auth/change-email", "change_email", "202", "detail", false },
    { CAB_POST, "/auth/confirm-email", "token", "200", "detail", false },
    { CAB_POST, "/auth/request-account-deletion", NULL, "202", "detail", false },
    { CAB_POST, "/auth/confirm-account-deletion", "token", "200", "deletion", false },
    { CAB_POST, "/auth/cancel-account-deletion", NULL, "200", "deletion", false },
    { CAB_GET, "/auth/deletion-status", NULL, "200", "deletion_status", false },
    { CAB_GET, "/users/me/export", NULL, "200", "done", false },
    { CAB_GET, "/users/me", NULL, "200", "users", false },
    { CAB_PUT, "/users/me", "users_change", "200", "users", false },
    { CAB_PATCH, "/users/me", "users_change", "200", "users", false },
    { CAB_POST, "/users", "users_create_account", "201", "users", false },
    { CAB_PUT, "/users/{id}", "users_change", "200", "users", false },
    { CAB_PATCH, "/users/{id}", "users_change", "200", "users", false },
    { CAB_DELETE, "/users/{id}", NULL, "204", NULL, false },
    { CAB_POST, "/users/{id}/restore", NULL, "200", "users", false },
    { CAB_GET, "/admin/audit-logs", NULL, "200", "audit_logs_page", false },
    { CAB_POST, "/_batch", "batch", "200", "batch_results", false },
};

const struct cab_openapi_fixed *cab_openapi_fixed_find(enum cab_method method, const char *path) {
    for (size_t i = 0; i < CAB_LENGTH(fixed_rows); i++)
        if (fixed_rows[i].method == method && strcmp(fixed_rows[i].path, path) == 0)
            return &fixed_rows[i];
    return NULL;
}

void cab_openapi_head(struct cab_json_writer *w, const struct cab_conf *conf, const struct cab_catalog *catalog) {
    cab_json_open(w, "info", '{');
    cab_json_put(w, "title", "Cabinet");
    cab_json_put(w, "description",
                 "Tables of a PostgreSQL database as REST resources, with accounts and sessions. Made from the live "
                 "catalog. Errors are problem details (RFC 9457); each code is explained at /problems/{code}.");
    cab_json_putf(w, "version", "%ld.%.8s", catalog->generation, catalog->fingerprint);
    cab_json_put_raw(w, "contact", "{\"name\":\"Operator of this service\",\"url\":\"/docs\"}");
    cab_json_put_raw(w, "license", "{\"name\":\"MIT\",\"url\":\"https://opensource.org/license/mit\"}");
    cab_json_close(w, '}');
    cab_json_open(w, "servers", '[');
    cab_json_open(w, NULL, '{');
    cab_json_putf(w, "url", "%s" CAB_BASE_PATH, conf->public_url != NULL ? conf->public_url : "");
    cab_json_close(w, '}');
    cab_json_close(w, ']');
    cab_json_open(w, "tags", '[');
    cab_json_put_raw(w, NULL, "{\"name\":\"auth\",\"description\":\"Register, log in, sessions.\"}");
    cab_json_put_raw(w, NULL, "{\"name\":\"admin\",\"description\":\"For superusers.\"}");
    cab_json_put_raw(w, NULL, "{\"name\":\"batch\",\"description\":\"Writes on several tables at once.\"}");
    for (int i = 0; i < catalog->n_tables; i++) {
        const struct cab_table *table = &catalog->tables[i];
        if (!table->is_exposed)
            continue;
        cab_json_open(w, NULL, '{');
        cab_json_put(w, "name", table->name);
        cab_json_put(w, "description",
                     table->comment != NULL && *table->comment != '\0' ? table->comment : table->name);
        cab_json_close(w, '}');
    }
    cab_json_close(w, ']');
}

/* PostgreSQL keeps no NUL in a text. */
#define NO_NUL "\"pattern\":\"^[^\\\\u0000]*$\""

/* Copies json with words for types replaced: %S a string, %N a string or null, %I an integer or null, in the form of
 * version. */
static void put_text(struct cab_json_writer *w, const char *key, const char *json, enum cab_openapi_version version) {
    static const char letters[] = "SNI";
    static const char *const words[][2] = {
        { "\"type\":\"string\"," NO_NUL, "\"type\":\"string\"," NO_NUL },
        { "\"type\":\"string\",\"nullable\":true," NO_NUL, "\"type\":[\"string\",\"null\"]," NO_NUL },
        { "\"type\":\"integer\",\"nullable\":true", "\"type\":[\"integer\",\"null\"]" },
    };
    struct cab_buf buf;
    cab_buf_init(&buf, NULL, strlen(json) + 512);
    for (const char *c = json; *c != '\0'; c++) {
        const char *word = c[0] == '%' && c[1] != '\0' ? strchr(letters, c[1]) : NULL;
        if (word != NULL) {
            cab_buf_adds(&buf, words[word - letters][version == CAB_OPENAPI_31]);
            c++;
        } else {
            cab_buf_addc(&buf, *c);
        }
    }
    cab_json_put_raw(w, key, buf.data);
    cab_mem_free(buf.data);
}

struct text_row {
    const char *name, *json;
};

static const struct text_row schemas[] = {
    { "problem",
      "{\"type\":\"object\",\"description\":\"What went wrong (RFC 9457).\",\"required\":[\"type\",\"title\","
      "\"status\",\"code\"],\"properties\":{\"type\":{\"type\":\"string\",\"format\":\"uri-reference\","
      "\"maxLength\":128},\"title\":{%S,\"maxLength\":128},\"status\":{\"type\":\"integer\",\"format\":\"int32\","
      "\"minimum\":400,\"maximum\":599},\"detail\":{%S,\"maxLength\":1024},\"instance\":{%S,\"maxLength\":8192},"
      "\"code\":{\"type\":\"string\",\"pattern\":\"^[a-z_]+$\",\"maxLength\":64},\"request_id\":{%S,"
      "\"maxLength\":64},\"errors\":{\"type\":\"array\",\"maxItems\":1000,\"items\":{\"type\":\"object\","
      "\"properties\":{\"field\":{%S,\"maxLength\":256},\"parameter\":{%S,\"maxLength\":256},\"header\":{%S,"
      "\"maxLength\":256},\"code\":{%S,\"maxLength\":64},\"detail\":{%S,\"maxLength\":1024}}}}},"
      "\"example\":{\"type\":\"/problems/invalid\",\"title\":\"Invalid value\",\"status\":422,\"code\":\"invalid\","
      "\"errors\":[{\"field\":\"username\",\"code\":\"required\","
      "\"detail\":\"Send a username of 3 to 50 characters.\"}]}}" },
    { "register",
      "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"email\",\"username\",\"password\"],"
      "\"properties\":{\"email\":{\"type\":\"string\",\"format\":\"email\",\"maxLength\":254},\"username\":{%S,"
      "\"minLength\":3,\"maxLength\":50},\"password\":{\"type\":\"string\",\"format\":\"password\",\"minLength\":8,"
      "\"maxLength\":1024}},\"example\":{\"email\":\"ada@example.com\",\"username\":\"ada\","
      "\"password\":\"correct horse battery staple\"}}" },
    { "users_create_account",
      "{\"type\":\"object\",\"additionalProperties\":true,\"required\":[\"email\",\"username\",\"password\"],"
      "\"properties\":{\"email\":{\"type\":\"string\",\"format\":\"email\",\"maxLength\":254},\"username\":{%S,"
      "\"minLength\":3,\"maxLength\":50},\"password\":{\"type\":\"string\",\"format\":\"password\",\"minLength\":8,"
      "\"maxLength\":1024},\"is_verified\":{\"type\":\"boolean\"},\"is_superuser\":{\"type\":\"boolean\"}},"
      "\"example\":{\"email\":\"ada@example.com\",\"username\":\"ada\","
      "\"password\":\"correct horse battery staple\"}}" },
    { "login", "{\"type\":\"object\",\"required\":[\"username\",\"password\"],"
               "\"properties\":{\"username\":{\"type\":\"string\",\"description\":\"E-mail address or username.\","
               "\"maxLength\":254},\"password\":{\"type\":\"string\",\"format\":\"password\",\"maxLength\":1024}},"
               "\"example\":{\"username\":\"ada@example.com\",\"password\":\"correct horse battery staple\"}}" },
    { "refresh", "{\"type\":\"object\",\"additionalProperties\":false,"
                 "\"description\":\"Empty where the cookie carries the token.\",\"properties\":{\"refresh_token\":{%S,"
                 "\"maxLength\":256}},\"example\":{}}" },
    { "change_password",
      "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"current_password\",\"new_password\"],"
      "\"properties\":{\"current_password\":{\"type\":\"string\",\"format\":\"password\",\"maxLength\":1024},"
      "\"new_password\":{\"type\":\"string\",\"format\":\"password\",\"minLength\":8,\"maxLength\":1024}},"
      "\"example\":{\"current_password\":\"correct horse battery staple\","
      "\"new_password\":\"four other words together\"}}" },
    { "tokens", "{\"type\":\"object\",\"properties\":{\"access_token\":{%S,\"maxLength\":4096},"
                "\"token_type\":{\"type\":\"string\",\"enum\":[\"bearer\"]},\"expires_in\":{\"type\":\"integer\","
                "\"format\":\"int32\",\"minimum\":1,\"maximum\":86400},\"refresh_token\":{%S,\"maxLength\":256}},"
                "\"example\":{\"access_token\":\"eyJ…\",\"token_type\":\"bearer\",\"expires_in\":900,"
                "\"refresh_token\":\"P7o…\"}}" },
    { "token", "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"token\"],"
               "\"properties\":{\"token\":{\"type\":\"string\",\"description\":\"From a mail; good for one use.\","
               "\"maxLength\":128}},\"example\":{\"token\":\"q8cX…\"}}" },
    { "email", "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"email\"],"
               "\"properties\":{\"email\":{\"type\":\"string\",\"format\":\"email\",\"maxLength\":254}},"
               "\"example\":{\"email\":\"ada@example.com\"}}" },
    { "reset_password",
      "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"token\",\"new_password\"],"
      "\"properties\":{\"token\":{%S,\"maxLength\":128},\"new_password\":{\"type\":\"string\","
      "\"format\":\"password\",\"minLength\":8,\"maxLength\":1024}},\"example\":{\"token\":\"q8cX…\","
      "\"new_password\":\"four other words together\"}}" },
    { "change_email",
      "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"new_email\",\"password\"],"
      "\"properties\":{\"new_email\":{\"type\":\"string\",\"format\":\"email\",\"maxLength\":254},"
      "\"password\":{\"type\":\"string\",\"format\":\"password\",\"maxLength\":1024}},"
      "\"example\":{\"new_email\":\"ada@example.net\",\"password\":\"correct horse battery staple\"}}" },
    { "detail", "{\"type\":\"object\",\"properties\":{\"detail\":{%S,\"maxLength\":1024}},"
                "\"example\":{\"detail\":\"The address is confirmed.\"}}" },
    { "deletion", "{\"type\":\"object\",\"properties\":{\"deletion_scheduled_for\":{%N,\"format\":\"date-time\","
                  "\"maxLength\":40}},\"example\":{\"deletion_scheduled_for\":\"2026-01-08T12:00:00Z\"}}" },
    { "deletion_status",
      "{\"type\":\"object\",\"properties\":{\"status\":{\"type\":\"string\",\"enum\":[\"none\",\"requested\","
      "\"scheduled\"]},\"deletion_scheduled_for\":{%N,\"format\":\"date-time\",\"maxLength\":40},"
      "\"confirm_until\":{%N,\"format\":\"date-time\",\"maxLength\":40}},\"example\":{\"status\":\"none\","
      "\"deletion_scheduled_for\":null,\"confirm_until\":null}}" },
    { "done", "{\"type\":\"object\",\"additionalProperties\":true,\"example\":{}}" },
    { "sessions",
      "{\"type\":\"object\",\"properties\":{\"items\":{\"type\":\"array\",\"maxItems\":1000,"
      "\"items\":{\"type\":\"object\",\"properties\":{\"id\":{\"type\":\"string\",\"format\":\"uuid\","
      "\"maxLength\":36},\"is_current\":{\"type\":\"boolean\"},\"date_created\":{\"type\":\"string\","
      "\"format\":\"date-time\",\"maxLength\":40},\"last_used\":{\"type\":\"string\",\"format\":\"date-time\","
      "\"maxLength\":40},\"expires\":{\"type\":\"string\",\"format\":\"date-time\",\"maxLength\":40},\"ip\":{%N,"
      "\"maxLength\":64},\"user_agent\":{%N,\"maxLength\":512}}}}},\"example\":{\"items\":[]}}" },
    { "batch",
      "{\"type\":\"array\",\"minItems\":1,\"maxItems\":100,\"items\":{\"type\":\"object\","
      "\"additionalProperties\":true,"
      "\"required\":[\"method\",\"table\"],\"properties\":{\"method\":{\"type\":\"string\",\"enum\":[\"POST\","
      "\"PATCH\",\"DELETE\"]},"
      "\"table\":{%S,\"maxLength\":63},\"if_match\":{%S,\"maxLength\":128},"
      "\"body\":{\"type\":\"object\",\"additionalProperties\":true}}},"
      "\"example\":[{\"method\":\"POST\",\"table\":\"notes\",\"body\":{}}]}" },
    { "batch_results",
      "{\"type\":\"object\",\"properties\":{\"results\":{\"type\":\"array\",\"maxItems\":100,"
      "\"items\":{\"type\":\"object\","
      "\"additionalProperties\":true,\"properties\":{\"status\":{\"type\":\"integer\",\"format\":\"int32\","
      "\"minimum\":200,"
      "\"maximum\":299},\"table\":{%S,\"maxLength\":63}}}}},\"example\":{\"results\":[]}}" },
    { "versions",
      "{\"type\":\"object\",\"properties\":{\"items\":{\"type\":\"array\",\"maxItems\":100,"
      "\"items\":{\"type\":\"object\","
      "\"additionalProperties\":true,\"properties\":{"
      "\"version\":{\"type\":\"integer\",\"format\":\"int64\",\"minimum\":1,\"maximum\":9007199254740991},"
      "\"action\":{%S,\"maxLength\":63}}}},"
      "\"before\":{%I,\"format\":\"int64\",\"minimum\":1,\"maximum\":9007199254740991}},"
      "\"example\":{\"items\":[],\"before\":null}}" },
    { "affected",
      "{\"type\":\"object\",\"properties\":{\"affected\":{\"type\":\"integer\",\"format\":\"int32\",\"minimum\":0,"
      "\"maximum\":10000}},\"example\":{\"affected\":3}}" },
    { "filter",
      "{\"type\":\"object\",\"additionalProperties\":true,\"description\":\"Conditions: an object is the AND of its "
      "members; a bare value is eq, an array is in; and, or, not combine.\",\"example\":{}}" },
    { "imported",
      "{\"type\":\"object\",\"properties\":{\"rows\":{\"type\":\"integer\",\"format\":\"int64\",\"minimum\":0,"
      "\"maximum\":9007199254740991},"
      "\"created\":{\"type\":\"integer\",\"format\":\"int64\",\"minimum\":0,\"maximum\":9007199254740991},"
      "\"changed\":{\"type\":\"integer\",\"format\":\"int64\",\"minimum\":0,\"maximum\":9007199254740991},"
      "\"unchanged\":{\"type\":\"integer\",\"format\":\"int64\",\"minimum\":0,\"maximum\":9007199254740991},"
      "\"dry_run\":{\"type\":\"boolean\"}},"
      "\"example\":{\"rows\":2,\"created\":1,\"changed\":0,\"unchanged\":1,\"dry_run\":false}}" },
    { "csv", "{\"type\":\"string\",\"format\":\"binary\",\"maxLength\":2147483647}" },
    { "ndjson", "{\"type\":\"string\",\"format\":\"binary\",\"maxLength\":2147483647}" },
    { "links",
      "{\"type\":\"object\",\"properties\":{\"next\":{%N,\"maxLength\":8192},\"prev\":{%N,\"maxLength\":8192},"
      "\"first\":{%N,\"maxLength\":8192},\"last\":{%N,\"maxLength\":8192}}}" },
    { "cursors",
      "{\"type\":\"object\",\"properties\":{\"next\":{%N,\"maxLength\":4096},\"prev\":{%N,\"maxLength\":4096}}}" },
};

static const struct text_row parameters[] = {
    { "page",
      "{\"name\":\"page\",\"in\":\"query\",\"description\":\"Number of the page, from 1.\","
      "\"schema\":{\"type\":\"integer\",\"format\":\"int64\",\"minimum\":1,\"maximum\":10000000,\"default\":1}}" },
    { "size",
      "{\"name\":\"size\",\"in\":\"query\",\"description\":\"Rows of a page.\",\"schema\":{\"type\":\"integer\","
      "\"format\":\"int32\",\"minimum\":1,\"maximum\":100,\"default\":20}}" },
    { "cursor", "{\"name\":\"cursor\",\"in\":\"query\","
                "\"description\":\"From cursors of an earlier page; not together with page.\",\"schema\":{%S,"
                "\"maxLength\":4096}}" },
    { "sort", "{\"name\":\"sort\",\"in\":\"query\","
              "\"description\":\"Up to four columns; a minus before one turns it round.\",\"schema\":{%S,"
              "\"maxLength\":300},\"example\":\"-date_created,id\"}" },
    { "sort_by", "{\"name\":\"sort_by\",\"in\":\"query\",\"description\":\"One column to sort by.\",\"schema\":{%S,"
                 "\"maxLength\":63}}" },
    { "sort_order", "{\"name\":\"sort_order\",\"in\":\"query\",\"description\":\"Direction of sort_by.\","
                    "\"schema\":{\"type\":\"string\",\"enum\":[\"asc\",\"desc\"]}}" },
    { "fields",
      "{\"name\":\"fields\",\"in\":\"query\",\"description\":\"Columns to answer with, separated by commas.\","
      "\"schema\":{%S,\"maxLength\":2000}}" },
    { "count", "{\"name\":\"count\",\"in\":\"query\",\"description\":\"How the total is found.\","
               "\"schema\":{\"type\":\"string\",\"enum\":[\"exact\",\"estimated\",\"none\"]}}" },
    { "search", "{\"name\":\"search\",\"in\":\"query\","
                "\"description\":\"Words that must all stand in one of the searchable columns.\",\"schema\":{%S,"
                "\"maxLength\":200}}" },
    { "is_deleted",
      "{\"name\":\"is_deleted\",\"in\":\"query\","
      "\"description\":\"The trash instead of the live rows; superusers.\",\"schema\":{\"type\":\"boolean\"}}" },
    { "If-Match",
      "{\"name\":\"If-Match\",\"in\":\"header\",\"description\":\"ETag the row must still have; 412 otherwise.\","
      "\"schema\":{%S,\"maxLength\":128}}" },
    { "expand",
      "{\"name\":\"expand\",\"in\":\"query\",\"description\":\"Rows of other tables to put into each row, by foreign "
      "keys: owner for owner_id, notes for the rows of notes that refer to it; 100 each at most.\","
      "\"schema\":{%S,\"maxLength\":500}}" },
    { "on_conflict",
      "{\"name\":\"on_conflict\",\"in\":\"query\",\"description\":\"Fields of a unique constraint; a row that has "
      "their values is changed instead, where it is the caller's to change.\",\"schema\":{%S,\"maxLength\":500}}" },
    { "version",
      "{\"name\":\"version\",\"in\":\"path\",\"required\":true,\"description\":\"From the history of the row.\","
      "\"schema\":{\"type\":\"integer\",\"format\":\"int64\",\"minimum\":1,\"maximum\":9007199254740991}}" },
    { "before",
      "{\"name\":\"before\",\"in\":\"query\",\"description\":\"Versions older than this one.\","
      "\"schema\":{\"type\":\"integer\",\"format\":\"int64\",\"minimum\":1,\"maximum\":9007199254740991}}" },
    { "dry_run",
      "{\"name\":\"dry_run\",\"in\":\"query\",\"description\":\"Check everything, keep nothing.\","
      "\"schema\":{\"type\":\"boolean\"}}" },
    { "max-affected",
      "{\"name\":\"Prefer\",\"in\":\"header\",\"required\":true,\"description\":\"max-affected=N: the most rows that "
      "may be written; where more fit, none is.\",\"schema\":{%S,\"maxLength\":200},\"example\":\"max-affected=10\"}" },
    { "Idempotency-Key",
      "{\"name\":\"Idempotency-Key\",\"in\":\"header\",\"description\":\"Names the request: sent again within a day it "
      "is answered and not done again.\",\"schema\":{%S,\"maxLength\":255}}" },
};

static const struct text_row headers[] = {
    { "X-Request-Id",
      "{\"description\":\"Finds the request in log and audit trail.\",\"schema\":{%S,\"maxLength\":64}}" },
    { "RateLimit",
      "{\"description\":\"What is left of the limit, where the route has one.\",\"schema\":{%S,\"maxLength\":128}}" },
    { "Retry-After",
      "{\"description\":\"Seconds to wait.\",\"schema\":{\"type\":\"integer\",\"format\":\"int32\",\"minimum\":0,"
      "\"maximum\":86400}}" },
};

static const struct {
    const char *status, *doc;
} responses[] = {
    { "400", "The request cannot be read, or a parameter is unknown." },
    { "401", "No valid access token." },
    { "403", "The caller may not do this." },
    { "404", "Nothing here that the caller may see." },
    { "406", "No such format." },
    { "409", "Conflict with what is stored." },
    { "412", "The row has changed." },
    { "413", "The body is too large." },
    { "415", "The body's type is not taken." },
    { "422", "Values are not valid; all are listed." },
    { "429", "Too many requests." },
    { "500", "Something is wrong on the server." },
    { "503", "Overloaded, or the database is away." },
    { "504", "The database took too long." },
};

static void put_rows(struct cab_json_writer *w, const char *key, const struct text_row *rows, size_t n,
                     enum cab_openapi_version version) {
    cab_json_open(w, key, '{');
    for (size_t i = 0; i < n; i++)
        put_text(w, rows[i].name, rows[i].json, version);
    cab_json_close(w, '}');
}

void cab_openapi_components(struct cab_json_writer *w, enum cab_openapi_version version) {
    cab_json_put_raw(w, "securitySchemes",
                     "{\"bearer\":{\"type\":\"http\",\"scheme\":\"bearer\",\"bearerFormat\":\"JWT\","
                     "\"description\":\"Access token of POST /auth/login, as RFC 8725 advises checked for algorithm, "
                     "issuer and type.\"}}");
    put_rows(w, "headers", headers, CAB_LENGTH(headers), version);
    put_rows(w, "parameters", parameters, CAB_LENGTH(parameters), version);
    cab_json_open(w, "responses", '{');
    for (size_t i = 0; i < CAB_LENGTH(responses); i++) {
        bool waits = strcmp(responses[i].status, "429") == 0 || strcmp(responses[i].status, "503") == 0;
        cab_json_open(w, responses[i].status, '{');
        cab_json_put(w, "description", responses[i].doc);
        cab_json_open(w, "headers", '{');
        cab_json_put_raw(w, "X-Request-Id", "{\"$ref\":\"#/components/headers/X-Request-Id\"}");
        cab_json_put_raw(w, "RateLimit", "{\"$ref\":\"#/components/headers/RateLimit\"}");
        if (waits)
            cab_json_put_raw(w, "Retry-After", "{\"$ref\":\"#/components/headers/Retry-After\"}");
        cab_json_close(w, '}');
        cab_json_put_raw(w, "content",
                         "{\"application/problem+json\":{\"schema\":{\"$ref\":\"#/components/schemas/problem\"}}}");
        cab_json_close(w, '}');
    }
    cab_json_close(w, '}');
}

void cab_openapi_fixed_schemas(struct cab_json_writer *w, enum cab_openapi_version version) {
    for (size_t i = 0; i < CAB_LENGTH(schemas); i++)
        put_text(w, schemas[i].name, schemas[i].json, version);
}

void cab_openapi_page(struct cab_json_writer *w, const char *name, const char *item, enum cab_openapi_version version) {
    struct cab_buf buf;
    cab_buf_init(&buf, NULL, 1024);
    cab_buf_addf(&buf,
                 "{\"type\":\"object\",\"properties\":{\"items\":{\"type\":\"array\",\"maxItems\":100,\"items\":"
                 "{\"$ref\":\"#/components/schemas/%s\"}},",
                 item);
    cab_buf_adds(
        &buf,
        "\"total\":{%I,\"format\":\"int64\",\"minimum\":0,\"maximum\":9007199254740991},"
        "\"page\":{%I,\"format\":\"int64\",\"minimum\":1,\"maximum\":10000000},"
        "\"size\":{\"type\":\"integer\",\"format\":\"int32\",\"minimum\":1,\"maximum\":100},"
        "\"pages\":{%I,\"format\":\"int64\",\"minimum\":0,\"maximum\":9007199254740991},"
        "\"has_next\":{\"type\":\"boolean\"},\"has_prev\":{\"type\":\"boolean\"},"
        "\"links\":{\"$ref\":\"#/components/schemas/links\"},\"cursors\":{\"$ref\":\"#/components/schemas/cursors\"},"
        "\"total_is_estimate\":{\"type\":\"boolean\"}},"
        "\"example\":{\"items\":[],\"total\":0,\"page\":1,\"size\":20,\"pages\":0,\"has_next\":false,\"has_prev\":"
        "false}}");
    put_text(w, name, buf.data, version);
    cab_mem_free(buf.data);
}
