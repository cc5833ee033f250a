/*
 * Help for the tests of account and audit.
 */
#include "stand.h"

#include <stdlib.h>
#include <string.h>

struct source {
    const char *token, *body_length;
    const char *const *params;
};

static const char *param(const void *from, const char *name) {
    const struct source *source = from;
    for (const char *const *pair = source->params; pair != NULL && *pair != NULL; pair += 2)
        if (strcmp(pair[0], name) == 0)
            return pair[1][0] == '\0' ? NULL : pair[1];
    if (strcmp(name, "HTTP_AUTHORIZATION") == 0)
        return source->token;
    if (strcmp(name, "CONTENT_LENGTH") == 0)
        return source->body_length;
    static const char *const usual[][2] = { { "CONTENT_TYPE", "application/json" },
                                            { "REMOTE_ADDR", "192.0.2.7" },
                                            { "REQUEST_SCHEME", "https" },
                                            { "HTTP_HOST", "cabinet.example" },
                                            { "HTTP_USER_AGENT", "unit-account" } };
    for (size_t i = 0; i < CAB_LENGTH(usual); i++)
        if (strcmp(usual[i][0], name) == 0)
            return usual[i][1];
    return NULL;
}

void stand_open(struct stand *stand) {
    const char *url = getenv("CABINET_TEST_MIGRATED_URL");
    struct cab_err err = { 0 };
    cr_assert_not_null(url, "CABINET_TEST_MIGRATED_URL must name a migrated database, as the app role");
    *stand = (struct stand){ .mem = cab_mem_alloc(NULL, 1) };
    stand->conf = (struct cab_conf){
        .pool = "unit",
        .database_url = url,
        .secret_key = "a secret key that is long enough for tests",
        .access_token_lifetime = 900,
        .refresh_token_lifetime = 2592000,
        .session_idle_timeout = 604800,
        .refresh_grace = 10,
        .max_sessions_per_user = 5,
        .rate_limit_headers = "fields",
        .api_key_max_days = 365,
        .max_api_keys_per_user = 20,
        .password_hash_memory = 64,
        .password_hash_time = 1,
        .password_hash_parallelism = 1,
        .password_min_length = 8,
        .registration = "open",
        .user_directory = "minimal",
        .page_size_default = 20,
        .page_size_max = 100,
        .max_body = 1 << 20,
        .count_budget = 50000,
        .db_pool_timeout = 30,
        .mail_cooldown = 60,
        .mail_timeout = 10,
        .mail_retry_delay = 1,
        .mail_from = "Cabinet <cabinet@cabinet.example>",
        .mail_smtp_tls = "require",
        .mail_templates = TESTS_SRCDIR "/../src/mail/templates",
        .email_token_lifetime = 86400,
        .reset_token_lifetime = 3600,
        .invitation_lifetime = 604800,
        .account_deletion_grace_days = 7,
        .deleted_user_retention_days = 30,
        .log_level = "error",
    };
    struct cab_db_options options = { .url = url,
                                      .application_name = "unit-account",
                                      .connect_timeout_s = 5,
                                      .statement_timeout_ms = 10000,
                                      .prepared = true };
    cr_assert_eq(cab_db_open(stand->mem, &options, &stand->db, &err), 0, "%s %s", err.detail, err.internal);
    stand->service = (struct cab_service){
        .mem = stand->mem, .conf = &stand->conf, .db = stand->db, .check_catalog = cab_account_check_catalog
    };
}

void stand_close(struct stand *stand) {
    cab_mem_free(stand->mem);
}

struct answer *stand_ask(struct stand *stand, const char *method, const char *path, const char *token, const char *body,
                         const char *const *params) {
    struct cab_response *response = cab_new(stand->mem, struct cab_response);
    struct answer *answer = cab_new(stand->mem, struct answer);
    struct cab_request *request;
    struct cab_err err = { 0 };
    size_t n = body != NULL ? strlen(body) : 0;
    struct source source = { .params = params, .body_length = cab_printf(stand->mem, "%zu", n) };
    if (token != NULL)
        source.token = cab_printf(stand->mem, "Bearer %s", token);
    struct cab_request_parts parts = { .method = method,
                                       .uri = cab_printf(stand->mem, "/api/v1%s", path),
                                       .body = body != NULL ? body : "",
                                       .body_len = n,
                                       .param = param,
                                       .source = &source };
    cr_assert_eq(cab_request_parse(stand->mem, &parts, &request, &err), 0, "%s", err.detail);
    cab_service_answer(&stand->service, NULL, request, response);
    answer->status = response->status;
    answer->headers = response->headers.data;
    answer->body = response->body.data;
    if (response->body.len > 0)
        cr_assert_eq(cab_json_parse(stand->mem, answer->body, response->body.len, &answer->json, &err), 0, "%s",
                     answer->body);
    return answer;
}

const char *text_of(const struct answer *answer, const char *member) {
    const struct cab_json *json = answer->json != NULL ? cab_json_get(answer->json, member) : NULL;
    if (json == NULL)
        return NULL;
    enum cab_json_type type = cab_json_type(json);
    if (type == CAB_JSON_BOOL)
        return cab_json_bool(json) ? "true" : "false";
    return type == CAB_JSON_STRING || type == CAB_JSON_NUMBER ? cab_json_text(json, NULL) : NULL;
}

const char *flaw_of(const struct answer *answer, const char *field) {
    const struct cab_json *errors = answer->json != NULL ? cab_json_get(answer->json, "errors") : NULL;
    for (size_t i = 0; errors != NULL && i < cab_json_count(errors); i++) {
        const struct cab_json *error = cab_json_item(errors, i), *name = cab_json_get(error, "field");
        if (name != NULL && strcmp(cab_json_text(name, NULL), field) == 0)
            return cab_json_text(cab_json_get(error, "code"), NULL);
    }
    return NULL;
}

const char *header_of(struct stand *stand, const struct answer *answer, const char *name) {
    const char *line = strstr(answer->headers, cab_printf(stand->mem, "%s: ", name));
    if (line == NULL)
        return NULL;
    line += strlen(name) + 2;
    return cab_strndup(stand->mem, line, strcspn(line, ";\r"));
}

const char *stand_value(struct stand *stand, const char *sql, const char *value) {
    struct cab_result *result;
    struct cab_err err = { 0 };
    cr_assert_eq(cab_db_query(stand->db, stand->mem, CAB_SHAPE_ANY, sql, 1, &value, &result, &err), 0, "%s %s",
                 err.detail, err.internal);
    return cab_result_rows(result) == 1 && cab_result_columns(result) == 1 ? cab_result_value(result, 0, 0) : NULL;
}

const char *unique_name(struct stand *stand) {
    char uuid[37];
    cab_uuid_make(uuid);
    return cab_printf(stand->mem, "u%.8s%.4s", uuid, uuid + 9);
}

struct answer *login(struct stand *stand, const char *name, const char *password) {
    return stand_ask(stand, "POST", "/auth/login", NULL,
                     cab_printf(stand->mem, "{\"username\":\"%s\",\"password\":\"%s\"}", name, password), NULL);
}

static struct person make(struct stand *stand, bool is_superuser) {
    struct person person = { .name = unique_name(stand) };
    struct cab_user *user;
    struct cab_err err = { 0 };
    person.email = cab_printf(stand->mem, "%s@example.org", person.name);
    struct cab_new_user new_user = {
        .email = person.email, .username = person.name, .password = PASSWORD, .is_superuser = is_superuser
    };
    cr_assert_eq(cab_user_create(stand->mem, stand->db, &stand->conf, &new_user, &user, &err), 0, "%s %s", err.detail,
                 err.internal);
    person.id = cab_printf(stand->mem, "%lld", (long long)user->id);
    struct answer *answer = login(stand, person.email, PASSWORD);
    cr_assert_eq(answer->status, 200, "%s", answer->body);
    person.access = text_of(answer, "access_token");
    person.refresh = text_of(answer, "refresh_token");
    return person;
}

struct person make_person(struct stand *stand) {
    return make(stand, false);
}

struct person make_superuser(struct stand *stand) {
    return make(stand, true);
}
