/*
 * The parts of the OpenAPI document that no table brings: head, parameters, headers and errors.
 */
#include "resource/openapi_fixed.h"
#include "resource/openapi_operation.h"

#include <stdio.h>
#include <string.h>

/* Mail that the service sends comes from its operator, unless the sender is the setting's default. */
static void put_contact(struct cab_json_writer *w, const struct cab_conf *conf) {
    const char *from = conf->mail_from != NULL ? conf->mail_from : "cabinet@localhost", *open = strchr(from, '<');
    const char *address = open != NULL ? open + 1 : from, *at = strchr(address, '@');
    cab_json_open(w, "contact", '{');
    cab_json_put(w, "name", "Operator of this service");
    if (at != NULL && strchr(at, '.') != NULL)
        cab_json_putf(w, "email", "%.*s", (int)strcspn(address, ">"), address);
    if (conf->public_url != NULL)
        cab_json_putf(w, "url", "%s/docs/", conf->public_url);
    cab_json_close(w, '}');
}

static void put_tag(struct cab_json_writer *w, const char *name, const char *description) {
    cab_json_open(w, NULL, '{');
    cab_json_put(w, "name", name);
    cab_json_put(w, "description", description);
    cab_json_close(w, '}');
}

/* In the order of names: those of fixed routes among the tables, which the catalog has sorted. */
static void put_tags(struct cab_json_writer *w, const struct cab_catalog *catalog) {
    static const struct { const char *name, *description; } own[] = {
        { "admin", "For superusers." },
        { "auth", "Accounts, logging in, sessions." },
        { "service", "The service itself, and writes on several tables at once." },
    };
    size_t next = 0;
    cab_json_open(w, "tags", '[');
    for (int i = 0; i < catalog->n_tables; i++) {
        const struct cab_table *table = &catalog->tables[i];
        if (!table->is_exposed)
            continue;
        for (; next < CAB_LENGTH(own) && strcmp(own[next].name, table->name) < 0; next++)
            put_tag(w, own[next].name, own[next].description);
        put_tag(w, table->name, table->comment != NULL && *table->comment != '\0' ? table->comment : table->name);
    }
    for (; next < CAB_LENGTH(own); next++)
        put_tag(w, own[next].name, own[next].description);
    cab_json_close(w, ']');
}

void cab_openapi_head(struct cab_json_writer *w, const struct cab_conf *conf, const struct cab_catalog *catalog) {
    cab_json_open(w, "info", '{');
    cab_json_put(w, "title", "Cabinet");
    cab_json_put(w, "description",
                 "Tables of a PostgreSQL database as REST resources, with accounts and sessions. Made from the live "
                 "catalog. Errors are problem details (RFC 9457); each code is explained at /problems/{code}.");
    cab_json_putf(w, "version", "%ld.%.8s", catalog->generation, catalog->fingerprint);
    put_contact(w, conf);
    cab_json_put_raw(w, "license", "{\"name\":\"MIT\",\"url\":\"https://opensource.org/license/mit\"}");
    cab_json_close(w, '}');
    cab_json_open(w, "servers", '[');
    cab_json_open(w, NULL, '{');
    cab_json_putf(w, "url", "%s" CAB_BASE_PATH, conf->public_url != NULL ? conf->public_url : "");
    cab_json_put(w, "description", "The production service, or the local one that this document came from.");
    cab_json_put_raw(w, "x-internal", "false");
    cab_json_close(w, '}');
    cab_json_close(w, ']');
    put_tags(w, catalog);
}

static const struct cab_openapi_text parameters[] = {
    { "page",
      "{'name':'page','in':'query','description':'Number of the page, from 1. Behind row 100000 of lists that no "
      "summary counts: 422 offset_too_deep; go on by cursor.',"
      "'schema':{'type':'integer','format':'int64','minimum':1,'maximum':10000000,'default':1}}" },
    { "size",
      "{'name':'size','in':'query','description':'Rows of a page.','schema':{'type':'integer',"
      "'format':'int32','minimum':1,'maximum':%M,'default':%D}}" },
    { "cursor", "{'name':'cursor','in':'query',"
                "'description':'From cursors of an earlier page; not together with page.','schema':{%S,"
                "'maxLength':4096}}" },
    { "sort", "{'name':'sort','in':'query',"
              "'description':'Up to four columns; a minus before one turns it round: -date_created,id. Beside search "
              "also _closeness: the rows that resemble the text of the search most come first; by pages, without "
              "cursors.','schema':{%S,"
              "'maxLength':300}}" },
    { "sort_by", "{'name':'sort_by','in':'query','description':'One column to sort by, or _closeness.','schema':{%S,"
                 "'maxLength':63}}" },
    { "sort_order", "{'name':'sort_order','in':'query','description':'Direction of sort_by.',"
                    "'schema':{'type':'string','enum':['asc','desc']}}" },
    { "fields",
      "{'name':'fields','in':'query','description':'Columns to answer with, separated by commas.',"
      "'schema':{%S,'maxLength':2000}}" },
    { "count", "{'name':'count','in':'query','description':'How the total is found.',"
               "'schema':{'type':'string','enum':['exact','estimated','none']}}" },
    { "search", "{'name':'search','in':'query',"
                "'description':'Words that must all be found, each in any searchable column, in any case: "
                "anywhere in it, of one or two letters where words begin.','schema':{%S,"
                "'maxLength':200}}" },
    { "is_deleted",
      "{'name':'is_deleted','in':'query',"
      "'description':'The trash instead of the live rows; superusers.','schema':{'type':'boolean'}}" },
    { "If-Match",
      "{'name':'If-Match','in':'header','description':'ETag the row must still have; 412 otherwise.',"
      "'schema':{%S,'maxLength':128}}" },
    { "expand",
      "{'name':'expand','in':'query','description':'Rows of other tables to put into each row, by foreign "
      "keys: owner for owner_id, notes for the rows of notes that refer to it; 100 each at most.',"
      "'schema':{%S,'maxLength':500}}" },
    { "on_conflict",
      "{'name':'on_conflict','in':'query','description':'Fields of a unique constraint; a row that has "
      "their values is changed instead, where it is its to change.','schema':{%S,'maxLength':500}}" },
    { "openapi-version",
      "{'name':'version','in':'query','description':'Version of OpenAPI.',"
      "'schema':{'type':'string','enum':['3.0','3.1'],'default':'3.0'}}" },
    { "permanent",
      "{'name':'permanent','in':'query','description':'Delete for ever, not into the trash; superusers.',"
      "'schema':{'type':'boolean','default':false}}" },
    { "filter",
      "{'name':'filter','in':'query','description':'Conditions as JSON, with and, or and not, as POST "
      "/{table}/_query takes them.','schema':{%S,'maxLength':8192}}" },
    { "If-None-Match",
      "{'name':'If-None-Match','in':'header','description':'ETag of the row as it is known; 304 while it "
      "still is.','schema':{%S,'maxLength':128}}" },
    { "Prefer",
      "{'name':'Prefer','in':'header','description':'return=minimal or return=representation; tx=rollback "
      "tries the write and keeps nothing (RFC 7240).','schema':{%S,'maxLength':200},"
      "'example':'return=representation'}" },
    { "version",
      "{'name':'version','in':'path','required':true,'description':'From the history of the row.',"
      "'schema':{'type':'integer','format':'int64','minimum':1,'maximum':9007199254740991}}" },
    { "oauth-state", "{'name':'state','in':'query','description':'As it was sent to the provider.','schema':{%S,"
                     "'maxLength':64}}" },
    { "oauth-code", "{'name':'code','in':'query','description':'From the provider, good for one exchange.',"
                    "'schema':{%S,'maxLength':4096}}" },
    { "oauth-iss", "{'name':'iss','in':'query','description':'Who the provider is (RFC 9207).','schema':{%S,"
                   "'maxLength':2048}}" },
    { "oauth-error", "{'name':'error','in':'query','description':'Why the provider signed nobody in.','schema':{%S,"
                     "'maxLength':64}}" },
    { "before",
      "{'name':'before','in':'query','description':'Versions older than this one.',"
      "'schema':{'type':'integer','format':'int64','minimum':1,'maximum':9007199254740991}}" },
    { "from",
      "{'name':'from','in':'query','required':true,'description':'A version of the row.',"
      "'schema':{'type':'integer','format':'int64','minimum':1,'maximum':9007199254740991}}" },
    { "to",
      "{'name':'to','in':'query','description':'Another version; the row as it is now where it is left out.',"
      "'schema':{'type':'integer','format':'int64','minimum':1,'maximum':9007199254740991}}" },
    { "after",
      "{'name':'after','in':'query','description':'The after of an earlier answer, or now; left out, the feed starts "
      "with the oldest change.','schema':{%S,'maxLength':4000},'example':'now'}" },
    { "feed-size",
      "{'name':'size','in':'query','description':'Most changes in the answer.',"
      "'schema':{'type':'integer','format':'int32','minimum':1,'maximum':1000,'default':100}}" },
    { "dry_run",
      "{'name':'dry_run','in':'query','description':'Check everything, keep nothing.',"
      "'schema':{'type':'boolean'}}" },
    { "max-affected",
      "{'name':'Prefer','in':'header','required':true,'description':'max-affected=N: the most rows that "
      "may be written; where more fit, none is.','schema':{%S,'maxLength':200},'example':'max-affected=10'}" },
    { "Idempotency-Key",
      "{'name':'Idempotency-Key','in':'header','description':'Names the request: sent again within a day it "
      "is answered and not done again.','schema':{%S,'maxLength':255}}" },
};

/* Parameters that routes name together. */
static const struct { const char *name, *parameters; } groups[] = {
    { "list", "page size cursor order fields expand count" },
    { "order", "sort sort_by sort_order" },
};

bool cab_openapi_has_parameter(const char *name) {
    for (size_t i = 0; i < CAB_LENGTH(parameters); i++)
        if (strcmp(parameters[i].name, name) == 0)
            return true;
    return false;
}

const char *cab_openapi_group(const char *name) {
    for (size_t i = 0; i < CAB_LENGTH(groups); i++)
        if (strcmp(groups[i].name, name) == 0)
            return groups[i].parameters;
    return NULL;
}

static const struct cab_openapi_text headers[] = {
    { "Access-Control-Allow-Origin",
      "{'description':'The web origin that asked, where CORS_ORIGINS names it.','schema':{%S,'maxLength':256}}" },
    { "X-Request-Id",
      "{'description':'Finds the request in log and audit trail.','schema':{%S,'maxLength':64}}" },
    { "RateLimit",
      "{'description':'What is left of the limit, where the route has one.','schema':{%S,'maxLength':128}}" },
    { "Location", "{'description':'Path of what was created.','schema':{%S,'maxLength':1024}}" },
    { "ETag", "{'description':'Version of the row, for If-Match and If-None-Match.','schema':{%S,'maxLength':128}}" },
    { "Link", "{'description':'The other pages (RFC 8288).','schema':{%S,'maxLength':65536}}" },
    { "X-Total-Count",
      "{'description':'Rows of all pages, where they were counted.','schema':{'type':'integer',"
      "'format':'int64','minimum':0,'maximum':9007199254740991}}" },
    { "Retry-After",
      "{'description':'Seconds to wait.','schema':{'type':'integer','format':'int32','minimum':0,"
      "'maximum':86400}}" },
};

static const struct {
    const char *status, *doc;
} responses[] = {
    { "400", "The request cannot be read, or a parameter is unknown." },
    { "401", "No valid access token, or wrong credentials." },
    { "403", "The caller may not do this." },
    { "404", "Nothing here that the caller may see." },
    { "406", "No such format." },
    { "409", "Conflict with what is stored." },
    { "410", "The feed cannot go on from this position." },
    { "412", "The row has changed." },
    { "413", "The body is too large." },
    { "414", "The address is too long." },
    { "415", "The body's type is not taken." },
    { "422", "Values are not valid; all are listed." },
    { "428", "Rows of this kind are written only with what the request lacks: If-Match, or Prefer: max-affected." },
    { "429", "Too many requests." },
    { "431", "The headers are too large." },
    { "500", "Something is wrong on the server." },
    { "502", "The worker that had the request was lost." },
    { "503", "Overloaded, or the database is away." },
    { "504", "The database took too long." },
};

/* Members of components that something above refers to. */
static void put_used(struct cab_json_writer *w, const char *kind, const struct cab_openapi_text *rows, size_t n,
                     const struct cab_conf *conf, enum cab_openapi_version version) {
    for (size_t i = 0; i < n; i++)
        if (cab_openapi_is_used(w, kind, rows[i].name))
            cab_openapi_put_text(w, rows[i].name, rows[i].json, conf, version);
}

void cab_openapi_parameters(struct cab_json_writer *w, const struct cab_conf *conf, enum cab_openapi_version version) {
    put_used(w, "parameters", parameters, CAB_LENGTH(parameters), conf, version);
}

void cab_openapi_answers(struct cab_json_writer *w, const struct cab_conf *conf, enum cab_openapi_version version) {
    static const char *const always[] = { "X-Request-Id", "RateLimit", "Access-Control-Allow-Origin" };
    cab_json_open(w, "responses", '{');
    for (size_t i = 0; i < CAB_LENGTH(responses); i++) {
        const char *status = responses[i].status;
        if (!cab_openapi_is_used(w, "responses", status))
            continue;
        cab_json_open(w, status, '{');
        cab_json_put(w, "description", responses[i].doc);
        cab_json_open(w, "headers", '{');
        for (size_t h = 0; h < CAB_LENGTH(always); h++)
            cab_openapi_ref(w, always[h], "headers", always[h]);
        if (strcmp(status, "429") == 0 || strcmp(status, "503") == 0)
            cab_openapi_ref(w, "Retry-After", "headers", "Retry-After");
        cab_json_close(w, '}');
        cab_json_put_raw(w, "content",
                         "{\"application/problem+json\":{\"schema\":{\"$ref\":\"#/components/schemas/Problem\"}}}");
        cab_json_close(w, '}');
    }
    cab_json_close(w, '}');
    cab_json_open(w, "headers", '{');
    put_used(w, "headers", headers, CAB_LENGTH(headers), conf, version);
    cab_json_close(w, '}');
}

void cab_openapi_security(struct cab_json_writer *w) {
    static const char scheme[] = "{\"type\":\"http\",\"scheme\":\"bearer\",\"bearerFormat\":\"JWT\",\"description\":"
                                 "\"Access token of POST /auth/login%s. Checked as RFC8725 advises: algorithm, issuer, "
                                 "type and times are fixed.\"}";
    char text[sizeof scheme + 32];
    cab_json_open(w, "securitySchemes", '{');
    snprintf(text, sizeof text, scheme, "");
    cab_json_put_raw(w, "bearer", text);
    snprintf(text, sizeof text, scheme, ", of a superuser");
    cab_json_put_raw(w, "superuser", text);
    cab_json_close(w, '}');
}
