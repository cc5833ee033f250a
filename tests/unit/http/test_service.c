/*
 * The dispatcher, with a database that is away and with a real one.
 */
#include "unit/resource/live.h"
#include "make_request.h"

#include <criterion/criterion.h>

static const char ddl[] =
    "CREATE TABLE public.notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, owner_id bigint NOT NULL REFERENCES"
    " public.users (id), title text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 20), parent_id bigint REFERENCES"
    " public.notes (id), stars integer CHECK (stars < 6), slug text, plain integer CONSTRAINT notes_plain CHECK"
    " (plain > 0));"
    "COMMENT ON TABLE public.notes IS '@api(expose, owner(owner_id), audit(off))';"
    "COMMENT ON CONSTRAINT notes_stars_check ON public.notes IS 'A note has at most five stars.';"
    "CREATE UNIQUE INDEX notes_slug ON public.notes (lower(slug));"
    "GRANT SELECT, INSERT, UPDATE, DELETE ON public.notes TO cabinet_app;";

/* ---- without a database ---- */

static void *mem;
static struct cab_conf conf;
static struct cab_service service;
static struct cab_response response;

static void away_setup(void) {
    mem = cab_mem_alloc(NULL, 0);
    conf = (struct cab_conf){ .secret_key = "a secret key that is long enough for tests", .access_token_lifetime = 900,
                              .max_body = 1000, .db_pool_timeout = 30, .log_level = "error",
                              .cors_origins = "https://a.example, https://b.example:8443" };
    struct cab_db_options options = { .url = "host=/nonexistent user=nobody dbname=nothing", .connect_timeout_s = 2 };
    service = (struct cab_service){ .mem = mem, .conf = &conf, .db = cab_db_make(mem, &options) };
}

static void away_teardown(void) {
    cab_mem_free(mem);
}

TestSuite(away, .init = away_setup, .fini = away_teardown);

static int ask(const char *method, const char *uri, const char *const *params, size_t body_len) {
    struct cab_request *request;
    struct cab_err err = { 0 };
    char *body = cab_mem_zero(mem, body_len + 1, 1);
    struct cab_request_parts parts = { method, uri, body, body_len, param_of, params };
    if (cab_request_parse(mem, &parts, &request, &err) != 0)
        cab_service_refuse(&service, NULL, request, &err, &response);
    else
        cab_service_answer(&service, NULL, request, &response);
    return response.status;
}

static bool has(const char *header) {
    return strstr(response.headers.data, cab_printf(mem, "%s\r\n", header)) != NULL;
}

Test(away, what_needs_no_database_is_answered_without_it) {
    cr_assert_eq(ask("GET", "/nowhere", NULL, 0), 404);
    cr_assert(has("Cache-Control: no-store"));
    cr_assert(has("Vary: Authorization, Accept, Prefer, Origin"));
    cr_assert_eq(ask("GET", "/api/v1/auth/login", NULL, 0), 405);
    cr_assert(has("Allow: POST, OPTIONS"));
    cr_assert_eq(ask("GET", "/api/v1/users/me?%FF", NULL, 0), 400);
    cr_assert_eq(ask("POST", "/api/v1/users", NULL, 1001), 413);
    cr_assert_eq(ask("GET", "/api/v1/users/me", WITH("HTTP_ACCEPT", "text/html"), 0), 406);
    cr_assert_eq(ask("GET", "/api/v1/users/me", NULL, 0), 401);
    cr_assert(has("WWW-Authenticate: Bearer realm=\"cabinet\""));
    static const char *const tokens[] = { "Bearer x.y.z", "bearer  abc", "Basic dTpw", "Bearer ", "Bearer" };
    for (size_t i = 0; i < CAB_LENGTH(tokens); i++) {
        cr_assert_eq(ask("GET", "/api/v1/users/me", WITH("HTTP_AUTHORIZATION", tokens[i]), 0), 401, "%s", tokens[i]);
        cr_assert(has("WWW-Authenticate: Bearer realm=\"cabinet\", error=\"invalid_token\""));
    }
    cr_assert_eq(ask("GET", "/api/v1/users", WITH("HTTP_AUTHORIZATION", "Bearer x.y.z"), 0), 401);
}

Test(away, the_rest_is_unavailable_and_says_when_to_come_back) {
    cr_assert_eq(ask("POST", "/api/v1/auth/login", NULL, 0), 503);
    cr_assert_not_null(strstr(response.headers.data, "Retry-After: "));
    cr_assert_not_null(strstr(response.body.data, "\"code\":\"unavailable\""));
    cr_assert_null(strstr(response.body.data, "nonexistent"), "where the database is, is not for clients");
}

Test(away, who_waited_too_long_is_sent_away_at_once) {
    cr_assert_eq(ask("GET", "/api/v1/users/me", WITH("REQUEST_MSEC", "1700000000.000"), 0), 503);
    cr_assert_not_null(strstr(response.body.data, "\"code\":\"overloaded\""));
    cr_assert(has("Retry-After: 1"));
}

Test(away, options_and_cors) {
    cr_assert_eq(ask("OPTIONS", "/api/v1/users/me", NULL, 0), 204);
    cr_assert(has("Allow: GET, HEAD, PUT, PATCH, OPTIONS"));
    cr_assert_null(strstr(response.headers.data, "Access-Control"));
    cr_assert_eq(ask("OPTIONS", "/api/v1/users/me", WITH("HTTP_ORIGIN", "https://b.example:8443",
                     "HTTP_ACCESS_CONTROL_REQUEST_METHOD", "PUT"), 0), 204);
    cr_assert(has("Access-Control-Allow-Origin: https://b.example:8443"));
    cr_assert(has("Access-Control-Allow-Methods: GET, HEAD, PUT, PATCH, OPTIONS"));
    cr_assert(has("Access-Control-Max-Age: 600"));
    cr_assert_eq(ask("GET", "/api/v1/users/me", WITH("HTTP_ORIGIN", "https://a.example"), 0), 401);
    cr_assert(has("Access-Control-Allow-Credentials: true"));
    cr_assert_not_null(strstr(response.headers.data, "Access-Control-Expose-Headers: ETag, "));
    cr_assert_null(strstr(response.headers.data, "Access-Control-Allow-Methods"));
    static const char *const strangers[] = { "https://evil.example", "https://a.example.evil", "null",
                                             "https://b.example", "https://a.example,", "*", "http://a.example" };
    for (size_t i = 0; i < CAB_LENGTH(strangers); i++) {
        ask("GET", "/api/v1/users/me", WITH("HTTP_ORIGIN", strangers[i]), 0);
        cr_assert_null(strstr(response.headers.data, "Access-Control"), "%s", strangers[i]);
    }
}

/* ---- with one ---- */

static struct live live;

static void real_setup(void) {
    live_open(&live, ddl);
}

static void real_teardown(void) {
    live_close(&live);
}

TestSuite(service, .init = real_setup, .fini = real_teardown, .timeout = 60);

static int status_of(const char *method, const char *path, const char *token, const char *body) {
    return live_ask(&live, method, path, token, body, NULL)->status;
}

Test(service, rights_are_those_of_the_moment) {
    cr_assert_eq(status_of("GET", "/admin/audit-logs", live.ann, NULL), 403);
    cr_assert_eq(status_of("GET", "/admin/audit-logs", live.admin, NULL), 200);
    live_exec(&live, "UPDATE public.users SET is_superuser = true WHERE username = 'ann'");
    cr_assert_eq(status_of("GET", "/admin/audit-logs", live.ann, NULL), 200, "the token is old, the right is new");
    live_exec(&live, "UPDATE public.users SET is_superuser = false WHERE username IN ('ann', 'admin')");
    cr_assert_eq(status_of("GET", "/admin/audit-logs", live.admin, NULL), 403, "the token is old, the right is gone");
    cr_assert_eq(status_of("DELETE", "/users/3", live.admin, NULL), 403);
    cr_assert_str_eq(live_value(&live, "SELECT count(*) FROM public.users WHERE deleted_at IS NULL"), "3");
}

Test(service, a_session_ends_at_once) {
    cr_assert_eq(status_of("GET", "/notes", live.ann, NULL), 200);
    live_exec(&live, "DELETE FROM public.sessions WHERE user_id = 2");
    struct answer *answer = live_ask(&live, "GET", "/notes", live.ann, NULL, NULL);
    cr_assert_eq(answer->status, 401);
    cr_assert_not_null(strstr(answer->headers, "error=\"invalid_token\""));
    live_exec(&live, "UPDATE public.users SET banned_at = now() WHERE id = 3");
    cr_assert_eq(status_of("POST", "/notes", live.bob, "{\"title\":\"x\"}"), 401);
    cr_assert_str_eq(live_value(&live, "SELECT count(*) FROM public.notes"), "0", "the guard stopped the write");
}

/* One statement changes one's own row and asks for session, account, role and catalog. */
Test(service, a_change_of_ones_own_row_is_guarded_too) {
    struct answer *answer = live_ask(&live, "PATCH", "/users/me", live.ann, "{\"username\":\"anne\"}", NULL);
    cr_assert_eq(answer->status, 200, "%s", answer->body);
    cr_assert_str_eq(live_value(&live, "SELECT concat_ws(' ', action, user_id, actor_id, after->>'username',"
                                       " ip IS NULL, length(request_id) > 7)"
                                       " FROM public.audit_logs ORDER BY id DESC LIMIT 1"),
                     "row_update 2 2 anne f t");
    const char *trail = live_value(&live, "SELECT count(*) FROM public.audit_logs");
    answer = live_ask(&live, "PATCH", "/users/me", live.ann, "{\"username\":\"anny\"}",
                      WITH("HTTP_IF_MATCH", "\"1.0\""));
    cr_assert_eq(answer->status, 412, "%s", answer->body);
    answer = live_ask(&live, "PATCH", "/users/me", live.ann, "{\"username\":\"anny\"}",
                      WITH("HTTP_PREFER", "tx=rollback"));
    cr_assert_eq(answer->status, 200, "%s", answer->body);
    cr_assert_str_eq(live_value(&live, "SELECT count(*) FROM public.audit_logs"), trail);
    live_exec(&live, "ALTER TABLE public.users ADD COLUMN motto text;"
                     "UPDATE cabinet.catalog_state SET generation = generation + 1");
    answer = live_ask(&live, "PATCH", "/users/me", live.ann, "{\"motto\":\"slowly\"}", NULL);
    cr_assert_eq(answer->status, 200, "%s", answer->body);
    live_exec(&live, "UPDATE public.users SET is_superuser = true WHERE id = 2");
    cr_assert_eq(status_of("PATCH", "/users/me", live.ann, "{\"username\":\"anna\"}"), 200, "as who she is now");
    live_exec(&live, "UPDATE public.users SET banned_at = now() WHERE id = 2;"
                     "DELETE FROM public.sessions WHERE user_id = 3");
    cr_assert_eq(status_of("PATCH", "/users/me", live.ann, "{\"username\":\"gone\"}"), 401);
    cr_assert_eq(status_of("PATCH", "/users/me", live.bob, "{\"username\":\"gone\"}"), 401);
    cr_assert_str_eq(live_value(&live, "SELECT count(*) FROM public.users WHERE username = 'gone'"), "0");
}

Test(service, a_new_generation_is_taken_without_a_failed_request) {
    cr_assert_eq(status_of("GET", "/notes", live.ann, NULL), 200);
    live_exec(&live, "ALTER TABLE public.notes ADD COLUMN colour text;"
                     "UPDATE cabinet.catalog_state SET generation = generation + 1");
    cr_assert_eq(status_of("POST", "/notes", live.ann, "{\"title\":\"x\",\"colour\":\"red\"}"), 201);
    cr_assert_eq(status_of("GET", "/notes?colour=red", live.ann, NULL), 200);
}

Test(service, an_upgrade_is_seen_however_lately_somebody_guessed_a_name) {
    cr_assert_eq(status_of("GET", "/papers", live.ann, NULL), 404);
    cr_assert_eq(status_of("GET", "/papers", live.ann, NULL), 404);
    live_exec(&live, "CREATE TABLE public.papers (id bigint PRIMARY KEY); GRANT SELECT ON public.papers TO cabinet_app;"
                     "COMMENT ON TABLE public.papers IS '@api(expose)';"
                     "UPDATE cabinet.catalog_state SET generation = generation + 1");
    cr_assert_eq(status_of("GET", "/papers", live.ann, NULL), 200);
}

Test(service, changes_made_by_hand_are_seen) {
    cr_assert_eq(status_of("GET", "/notes", live.ann, NULL), 200);
    cr_assert_eq(status_of("GET", "/notes?colour=red", live.ann, NULL), 400);
    live_exec(&live, "ALTER TABLE public.notes ADD COLUMN colour text");
    live.service.looked_ms = 0;
    cr_assert_eq(status_of("GET", "/notes?colour=red", live.ann, NULL), 200);
    live_exec(&live, "ALTER TABLE public.notes ADD COLUMN shape text");
    live.service.looked_ms = 0;
    cr_assert_eq(status_of("POST", "/notes", live.ann, "{\"title\":\"x\",\"shape\":\"round\"}"), 201);
    cr_assert_eq(status_of("GET", "/papers", live.ann, NULL), 404);
    live_exec(&live, "CREATE TABLE public.papers (id bigint PRIMARY KEY); GRANT SELECT ON public.papers TO cabinet_app;"
                     "COMMENT ON TABLE public.papers IS '@api(expose)'");
    cr_assert_eq(status_of("GET", "/papers", live.ann, NULL), 404, "the catalog is looked at once a second");
    live.service.looked_ms = 0;
    cr_assert_eq(status_of("GET", "/papers", live.ann, NULL), 200);
    live_exec(&live, "ALTER TABLE public.notes DROP COLUMN colour");
    cr_assert_eq(status_of("GET", "/notes", live.ann, NULL), 200, "a plan that fits no more is made again");
    live_exec(&live, "ALTER TABLE public.notes ALTER COLUMN title TYPE varchar(20)");
    cr_assert_eq(status_of("GET", "/notes", live.ann, NULL), 200);
    live_exec(&live, "DROP TABLE public.papers");
    cr_assert_eq(status_of("GET", "/papers", live.ann, NULL), 404);
}

Test(service, a_schema_that_cannot_be_read_is_unavailable) {
    cr_assert_eq(status_of("GET", "/notes", live.ann, NULL), 200);
    live_exec(&live, "COMMENT ON TABLE public.notes IS '@api(exposed)';"
                     "UPDATE cabinet.catalog_state SET generation = generation + 1");
    struct answer *answer = live_ask(&live, "GET", "/notes", live.ann, NULL, NULL);
    cr_assert_eq(answer->status, 503);
    cr_assert_null(strstr(answer->body, "exposed"), "the reason is the operator's");
    live_exec(&live, "COMMENT ON TABLE public.notes IS '@api(expose, owner(owner_id), audit(off))'");
    cr_assert_eq(status_of("GET", "/notes", live.ann, NULL), 200);
}

Test(service, collisions_are_tried_again) {
    live_exec(&live, "CREATE SEQUENCE public.tries; GRANT USAGE ON public.tries TO cabinet_app;"
                     "CREATE FUNCTION cabinet.collide() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                     " IF nextval('public.tries') % 4 <> 0 OR NEW.title = 'never' THEN RAISE SQLSTATE '40001'; END IF;"
                     " RETURN NEW; END $$;"
                     "CREATE TRIGGER collide BEFORE INSERT ON public.notes FOR EACH ROW"
                     " EXECUTE FUNCTION cabinet.collide()");
    cr_assert_eq(status_of("POST", "/notes", live.ann, "{\"title\":\"third time\"}"), 201);
    cr_assert_str_eq(live_value(&live, "SELECT last_value FROM public.tries"), "4");
    struct answer *answer = live_ask(&live, "POST", "/notes", live.ann, "{\"title\":\"never\"}", NULL);
    cr_assert_eq(answer->status, 503);
    cr_assert_str_eq(header_of(&live, answer, "Retry-After"), "1");
    cr_assert_str_eq(live_value(&live, "SELECT last_value FROM public.tries"), "8", "once and three times more");
    cr_assert_str_eq(live_value(&live, "SELECT count(*) FROM public.notes"), "1");
}

/* What the server refuses: status, field and code of the first flaw. */
static void refused(const char *method, const char *path, const char *body, int status, const char *field,
                    const char *code) {
    struct answer *answer = live_ask(&live, method, path, live.ann, body, NULL);
    cr_assert_eq(answer->status, status, "%s", answer->body);
    if (field == NULL)
        return;
    const struct cab_json *errors = cab_json_get(answer->json, "errors");
    cr_assert_not_null(errors, "%s", answer->body);
    cr_assert_str_eq(member_of(&live, cab_json_item(errors, 0), "field"), field);
    cr_assert_str_eq(member_of(&live, cab_json_item(errors, 0), "code"), code);
}

Test(service, what_the_server_refuses_names_the_field) {
    refused("POST", "/notes", "{\"title\":\"one\",\"slug\":\"Same\"}", 201, NULL, NULL);
    refused("POST", "/notes", "{\"title\":\"two\",\"slug\":\"sAME\"}", 409, "slug", "taken");
    refused("POST", "/notes", "{\"title\":\"two\",\"parent_id\":99}", 422, "parent_id", "unknown_reference");
    refused("POST", "/notes", "{\"title\":\"two\",\"stars\":7}", 422, "stars", "check");
    struct answer *answer = live_ask(&live, "POST", "/notes", live.ann, "{\"title\":\"two\",\"stars\":7}", NULL);
    cr_assert_str_eq(member_of(&live, answer->json, "detail"), "A note has at most five stars.");
    refused("POST", "/notes", "{\"title\":\"two\",\"plain\":-1}", 422, "plain", "check");
    refused("POST", "/notes", "{\"title\":\"two\",\"parent_id\":1}", 201, NULL, NULL);
    refused("DELETE", "/notes/1", NULL, 409, NULL, NULL);
    cr_assert_str_eq(live_value(&live, "SELECT count(*) FROM public.notes"), "2");
    live_exec(&live, "CREATE FUNCTION cabinet.forbid() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                     " RAISE SQLSTATE '42501' USING MESSAGE = 'secret text'; END $$;"
                     "CREATE TRIGGER forbid BEFORE UPDATE ON public.notes FOR EACH ROW"
                     " EXECUTE FUNCTION cabinet.forbid()");
    answer = live_ask(&live, "PATCH", "/notes/1", live.ann, "{\"title\":\"new\"}", NULL);
    cr_assert_eq(answer->status, 403);
    cr_assert_null(strstr(answer->body, "secret text"));
}

Test(service, a_thousand_requests_leave_nothing_behind) {
    size_t blocks = 0, bytes = 0;
    for (int i = 0; i < 1000; i++) {
        void *request_mem = cab_mem_alloc(live.mem, 0);
        struct cab_request *request;
        struct cab_response answer;
        struct cab_err err = { 0 };
        const char *const params[] = { "HTTP_AUTHORIZATION", cab_printf(request_mem, "Bearer %s", live.ann), NULL };
        static const char *const uris[] = { "/api/v1/notes", "/api/v1/notes?nothing=1", "/api/v1/notes/1" };
        struct cab_request_parts parts = { "GET", uris[i % 3], "", 0, param_of, params };
        cr_assert_eq(cab_request_parse(request_mem, &parts, &request, &err), 0);
        cab_service_answer(&live.service, NULL, request, &answer);
        cab_mem_free(request_mem);
        if (i == 20) {
            blocks = cab_mem_blocks(live.mem);
            bytes = cab_mem_bytes(live.mem);
        }
    }
    cr_assert_eq(cab_mem_blocks(live.mem), blocks);
    cr_assert_eq(cab_mem_bytes(live.mem), bytes);
}
