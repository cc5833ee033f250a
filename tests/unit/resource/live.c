/*
 * Help for tests of resources against a real server.
 */
#include "live.h"

#include <cabinet/account.h>
#include <criterion/criterion.h>
#include <criterion/hooks.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct cab_db *connect_to(void *mem, const char *database) {
    const char *url = getenv("CABINET_TEST_DATABASE_URL");
    struct cab_err err = { 0 };
    struct cab_db *db;
    cr_assert_not_null(url,
                       "CABINET_TEST_DATABASE_URL must name a PostgreSQL server where the role may create databases");
    if (database != NULL && strstr(url, "://") != NULL) { /* the path of the URL */
        const char *rest = strchr(strstr(url, "://") + 3, '/');
        const char *query = strchr(url, '?');
        size_t n = rest != NULL ? (size_t)(rest - url) : query != NULL ? (size_t)(query - url) : strlen(url);
        url = cab_printf(mem, "%.*s/%s%s", (int)n, url, database, query != NULL ? query : "");
    } else if (database != NULL) { /* the last dbname counts */
        url = cab_printf(mem, "%s dbname=%s", url, database);
    }
    struct cab_db_options options = { .url = url, .application_name = "unit-resource", .connect_timeout_s = 5,
                                      .statement_timeout_ms = 30000, .prepared = true };
    cr_assert_eq(cab_db_open(mem, &options, &db, &err), 0, "%s %s", err.detail, err.internal);
    return db;
}

static void must(struct cab_db *db, const char *sql) {
    struct cab_err err = { 0 };
    cr_assert_eq(cab_db_exec(db, sql, &err), 0, "%s: %s", sql, err.internal);
}

void live_exec(struct live *live, const char *sql) {
    must(live->db, sql);
}

struct cab_db *live_second(struct live *live) {
    return connect_to(live->mem, live->database);
}

void live_terminate(struct live *live) {
    must(live_second(live), cab_printf(live->mem, "SELECT pg_terminate_backend(%d, 5000)",
                                       cab_db_backend_pid(live->db)));
}

static const char *value_of(void *mem, struct cab_db *db, const char *sql) {
    struct cab_err err = { 0 };
    struct cab_result *result;
    cr_assert_eq(cab_db_query(db, mem, CAB_SHAPE_ONE, sql, 0, NULL, &result, &err), 0, "%s: %s", sql,
                 err.internal);
    const char *value = cab_result_value(result, 0, 0);
    return value != NULL ? value : "-";
}

const char *live_value(struct live *live, const char *sql) {
    return value_of(live->mem, live->db, sql);
}

/* All at once; but what runs outside a transaction one by one, and each of that ends with its line. */
static void upgrade(struct cab_db *db, char *sql) {
    char *from = strstr(sql, "\n-- upgrade no-transaction");
    if (from == NULL) {
        must(db, sql);
        return;
    }
    cr_assert_null(strstr(sql, "\n-- upgrade\n"), "a part of each kind: %s", sql);
    for (char *end; (end = strstr(from, ";\n")) != NULL; from = end + 1) {
        *end = '\0';
        must(db, from);
    }
}

/* The upgrading part of every revision, in order. */
static void migrate(void *mem, struct cab_db *db) {
    glob_t files;
    must(db, "CREATE SCHEMA IF NOT EXISTS cabinet");
    cr_assert_eq(glob(TESTS_SRCDIR "/../migrations/*.sql", 0, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        struct cab_buf sql;
        char part[4096];
        size_t n;
        FILE *file = fopen(files.gl_pathv[i], "r");
        cr_assert_not_null(file);
        cab_buf_init(&sql, mem, 16384);
        while ((n = fread(part, 1, sizeof part, file)) > 0)
            cab_buf_add(&sql, part, n);
        fclose(file);
        char *end = strstr(sql.data, "\n-- downgrade");
        if (end != NULL)
            *end = '\0';
        upgrade(db, sql.data);
    }
    globfree(&files);
}

/* ---- the database with Cabinet's schema that tests copy: made by the first, dropped when the program ends ---- */

#define TEMPLATE "CABINET_TEST_TEMPLATE" /* its name; tests are processes of their own and get it by the environment */

ReportHook(PRE_ALL)(struct criterion_test_set *tests) {
    char name[32];
    (void)tests;
    snprintf(name, sizeof name, "res_unit_%d", (int)getpid());
    setenv(TEMPLATE, name, 1);
}

ReportHook(POST_ALL)(struct criterion_global_stats *stats) {
    (void)stats;
    if (getenv("CABINET_TEST_DATABASE_URL") == NULL)
        return;
    void *mem = cab_mem_alloc(NULL, 1);
    struct cab_db *server = connect_to(mem, NULL);
    must(server, cab_printf(mem, "DROP DATABASE IF EXISTS %s", getenv(TEMPLATE)));
    cab_mem_free(mem);
}

static void make_template(void *mem, struct cab_db *server, const char *name) {
    const char *unfinished = cab_printf(mem, "%s_unfinished", name);
    must(server, cab_printf(mem, "CREATE DATABASE %s TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C.UTF-8'"
                                 " LC_CTYPE 'C.UTF-8'", unfinished));
    struct cab_db *db = connect_to(mem, unfinished);
    migrate(mem, db);
    cab_db_close(&db);
    must(server, cab_printf(mem, "ALTER DATABASE %s RENAME TO %s", unfinished, name));
}

static const char *template(void *mem, struct cab_db *server) {
    const char *name = getenv(TEMPLATE);
    must(server, cab_printf(mem, "SELECT pg_advisory_lock(hashtext('%s'))", name));
    if (strcmp(value_of(mem, server, cab_printf(mem, "SELECT count(*) FROM pg_database WHERE datname = '%s'", name)),
               "0") == 0)
        make_template(mem, server, name);
    must(server, cab_printf(mem, "SELECT pg_advisory_unlock(hashtext('%s'))", name));
    return name;
}

static const char *sign_in(struct live *live, int id, bool is_admin) {
    struct cab_err err = { 0 };
    char *token;
    const char *session = live_value(
        live, cab_printf(live->mem, "INSERT INTO public.sessions (user_id, expires)"
                                    " VALUES (%d, now() + '1 hour') RETURNING id", id));
    cr_assert_eq(cab_token_make(live->mem, &live->conf, id, session, is_admin, &token, &err), 0, "%s", err.detail);
    return token;
}

void live_open(struct live *live, const char *ddl) {
    static int count;
    *live = (struct live){ .mem = cab_mem_alloc(NULL, 1) };
    live->conf = (struct cab_conf){
        .pool = "unit", .secret_key = "a secret key that is long enough for tests", .access_token_lifetime = 900,
        .page_size_default = 20, .page_size_max = 100, .max_body = 1 << 20, .count_budget = 50000,
        .bulk_max_body = 1 << 30, .bulk_timeout = 60,
        .db_pool_timeout = 30,
        .user_directory = "minimal", .registration = "open", .log_level = "error",
    };
    live->database = cab_printf(live->mem, "res_unit_%d_%d", (int)getpid(), ++count);
    struct cab_db *server = connect_to(live->mem, NULL);
    must(server, cab_printf(live->mem, "DROP DATABASE IF EXISTS %s", live->database));
    must(server, cab_printf(live->mem, "CREATE DATABASE %s TEMPLATE %s", live->database, template(live->mem, server)));
    cab_db_close(&server);
    live->db = connect_to(live->mem, live->database);
    must(live->db, ddl);
    must(live->db,
         "INSERT INTO public.users (email, username, is_superuser) VALUES ('admin@example.org', 'admin', true),"
                   " ('ann@example.org', 'ann', false), ('bob@example.org', 'bob', false)");
    live->service = (struct cab_service){ .mem = live->mem, .conf = &live->conf, .db = live->db };
    live->admin = sign_in(live, 1, true);
    live->ann = sign_in(live, 2, false);
    live->bob = sign_in(live, 3, false);
}

void live_close(struct live *live) {
    void *mem = cab_mem_alloc(NULL, 1);
    const char *database = cab_strdup(mem, live->database);
    cab_mem_free(live->mem);
    struct cab_db *server = connect_to(mem, NULL);
    must(server, cab_printf(mem, "DROP DATABASE %s WITH (FORCE)", database));
    cab_mem_free(mem);
}

struct source { const char *token, *body_length; const char *const *params; };

static const char *param_of(const void *from, const char *name) {
    const struct source *source = from;
    for (const char *const *pair = source->params; pair != NULL && *pair != NULL; pair += 2)
        if (strcmp(pair[0], name) == 0)
            return pair[1];
    if (strcmp(name, "HTTP_AUTHORIZATION") == 0)
        return source->token;
    if (strcmp(name, "CONTENT_LENGTH") == 0)
        return source->body_length;
    if (strcmp(name, "CONTENT_TYPE") == 0)
        return "application/json";
    return strcmp(name, "REMOTE_ADDR") == 0 ? "192.0.2.7" : NULL;
}

static struct cab_request *parse(struct live *live, const char *method, const char *path, const char *token,
                                 const char *body, const char *const *params) {
    struct cab_request *request;
    struct cab_err err = { 0 };
    size_t n = body != NULL ? strlen(body) : 0;
    struct source source = { .params = params, .body_length = cab_printf(live->mem, "%zu", n) };
    if (token != NULL)
        source.token = cab_printf(live->mem, "Bearer %s", token);
    struct cab_request_parts parts = { .method = method, .uri = cab_printf(live->mem, "/api/v1%s", path),
                                       .body = body != NULL ? body : "", .body_len = n, .param = param_of,
                                       .source = &source };
    cr_assert_eq(cab_request_parse(live->mem, &parts, &request, &err), 0, "%s: %s", path, err.detail);
    return request;
}

static void fill(struct live *live, struct answer *answer, const struct cab_response *response) {
    struct cab_err err = { 0 };
    answer->status = response->status;
    answer->headers = response->headers.data;
    answer->body = response->body.data;
    if (response->body.len > 0 && response->content_type != NULL && strstr(response->content_type, "json") != NULL
        && strstr(response->content_type, "ndjson") == NULL)
        cr_assert_eq(cab_json_parse(live->mem, answer->body, response->body.len, &answer->json, &err), 0, "%s: %s",
                     err.detail, answer->body);
}

struct answer *live_ask(struct live *live, const char *method, const char *path, const char *token, const char *body,
                        const char *const *params) {
    struct cab_response *response = cab_new(live->mem, struct cab_response);
    struct answer *answer = cab_new(live->mem, struct answer);
    cab_service_answer(&live->service, NULL, parse(live, method, path, token, body, params), response);
    fill(live, answer, response);
    return answer;
}

struct answer *live_begin(struct live *live, const char *method, const char *path, const char *token, const char *body,
                          const char *const *params, bool *waits_out) {
    struct cab_response *response = cab_new(live->mem, struct cab_response);
    struct answer *answer = cab_new(live->mem, struct answer);
    live->begun[live->n_begun].response = response;
    live->begun[live->n_begun++].answer = answer;
    *waits_out = cab_service_begin(&live->service, NULL, parse(live, method, path, token, body, params), response);
    return answer;
}

void live_settle(struct live *live) {
    cab_service_settle(&live->service);
    while (live->n_begun > 0) {
        live->n_begun--;
        fill(live, live->begun[live->n_begun].answer, live->begun[live->n_begun].response);
    }
}

const char *member_of(struct live *live, const struct cab_json *json, const char *name) {
    bool is_object = json != NULL && cab_json_type(json) == CAB_JSON_OBJECT;
    const struct cab_json *member = is_object ? cab_json_get(json, name) : NULL;
    size_t n;
    if (member == NULL)
        return "-";
    if (cab_json_type(member) == CAB_JSON_STRING)
        return cab_json_text(member, NULL);
    const char *source = cab_json_source(member, &n);
    return cab_strndup(live->mem, source, n);
}

const char *header_of(struct live *live, const struct answer *answer, const char *name) {
    const char *line = strstr(answer->headers, cab_printf(live->mem, "%s: ", name));
    if (line == NULL)
        return "-";
    line += strlen(name) + 2;
    return cab_strndup(live->mem, line, strcspn(line, "\r"));
}

const char *errors_of(struct live *live, const struct answer *answer) {
    const struct cab_json *errors = answer->json != NULL ? cab_json_get(answer->json, "errors") : NULL;
    struct cab_buf buf;
    cab_buf_init(&buf, live->mem, 64);
    for (size_t i = 0; errors != NULL && i < cab_json_count(errors); i++) {
        const struct cab_json *error = cab_json_item(errors, i);
        cab_buf_addf(&buf, "%s%s:%s", i > 0 ? " " : "", cab_json_text(cab_json_member(error, 0), NULL),
                     member_of(live, error, "code"));
    }
    return buf.data;
}

const char *column_of(struct live *live, const struct answer *answer, const char *name) {
    const struct cab_json *items = answer->json != NULL ? cab_json_get(answer->json, "items") : NULL;
    struct cab_buf buf;
    cab_buf_init(&buf, live->mem, 64);
    for (size_t i = 0; items != NULL && i < cab_json_count(items); i++)
        cab_buf_addf(&buf, "%s%s", i > 0 ? "," : "", member_of(live, cab_json_item(items, i), name));
    return buf.data;
}
