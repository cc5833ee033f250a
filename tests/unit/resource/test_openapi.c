/*
 * The OpenAPI document: limits that follow from CHECK constraints, and that routes name what is there.
 */
#include "resource/openapi_fixed.h"
#include "resource/openapi_operation.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "live.h"

static struct cab_openapi_limits limits_of(const char *definition) {
    static struct cab_column column = { .name = "title", .kind = CAB_KIND_TEXT };
    static const struct cab_column *columns[] = { &column };
    struct cab_constraint check = { .kind = CAB_CONSTRAINT_CHECK, .columns = columns, .n_columns = 1,
                                    .definition = definition };
    struct cab_table table = { .name = "t", .columns = &column, .n_columns = 1, .constraints = &check,
                               .n_constraints = 1 };
    struct cab_openapi_limits limits;
    cab_openapi_limits_read(&table, &column, &limits);
    return limits;
}

Test(openapi, checks_set_limits) {
    static const struct {
        const char *definition;
        int64_t min, max, min_size, max_size;
    } cases[] = {
        { "CHECK (((char_length(title) >= 1) AND (char_length(title) <= 200)))", INT64_MIN, INT64_MAX, 1, 200 },
        { "CHECK ((char_length((title)::text) < 5))", INT64_MIN, INT64_MAX, 0, 4 },
        { "CHECK ((char_length((title)::character varying(9)) = 5))", INT64_MIN, INT64_MAX, 0, INT64_MAX },
        { "CHECK ((length(title) = 3))", INT64_MIN, INT64_MAX, 3, 3 },
        { "CHECK ((cardinality(title) <= 7))", INT64_MIN, INT64_MAX, 0, 7 },
        { "CHECK (((title > 0) AND (title <= '-5'::integer)))", 1, -5, 0, INT64_MAX },
        { "CHECK ((title >= (2)::numeric))", 2, INT64_MAX, 0, INT64_MAX },
        { "CHECK (((VALUE >= 0) AND (VALUE <= 100)))", 0, 100, 0, INT64_MAX },
        { "CHECK ((title >= 1.5))", INT64_MIN, INT64_MAX, 0, INT64_MAX },
        { "CHECK (((title >= 1) OR (title <= 0)))", INT64_MIN, INT64_MAX, 0, INT64_MAX },
        { "CHECK (((title IS NOT NULL) AND (title >= 1)))", INT64_MIN, INT64_MAX, 0, INT64_MAX },
        { "CHECK ((abs(title) <= 4))", INT64_MIN, INT64_MAX, 0, INT64_MAX },
        { "CHECK ((other <= 4))", INT64_MIN, INT64_MAX, 0, INT64_MAX },
        { "CHECK ((title <> 'a AND title <= 4'::text))", INT64_MIN, INT64_MAX, 0, INT64_MAX },
        { "CHECK ((title <= 4)) NOT VALID", INT64_MIN, INT64_MAX, 0, INT64_MAX },
        { "CHECK ((title ~ '^[^", INT64_MIN, INT64_MAX, 0, INT64_MAX },
    };
    for (size_t i = 0; i < CAB_LENGTH(cases); i++) {
        struct cab_openapi_limits got = limits_of(cases[i].definition);
        cr_expect(got.min == cases[i].min && got.max == cases[i].max && got.min_size == cases[i].min_size &&
                      got.max_size == cases[i].max_size,
                  "%s: %lld %lld %lld %lld", cases[i].definition, (long long)got.min, (long long)got.max,
                  (long long)got.min_size, (long long)got.max_size);
    }
}

/* Parameters of a route, one word or group after the other. */
static void check_parameters(const struct cab_route *route) {
    char words[256], *rest = NULL;
    snprintf(words, sizeof words, "%s", route->parameters != NULL ? route->parameters : "");
    for (char *word = strtok_r(words, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest))
        cr_expect(strcmp(word, "filters") == 0 || cab_openapi_group(word) != NULL || cab_openapi_has_parameter(word),
                  "%s names the parameter %s, which is not there", route->path, word);
}

static void check_schema(const struct cab_route *route, const char *name) {
    bool is_fixed = name != NULL && name[0] >= 'A' && name[0] <= 'Z';
    cr_expect(!is_fixed || cab_openapi_has_schema(name), "%s names the schema %s, which is not there", route->path,
              name);
}

Test(openapi, routes_name_what_is_there) {
    for (const struct cab_route *route = cab_routes; route->path != NULL; route++) {
        struct cab_openapi_answer answer;
        check_parameters(route);
        check_schema(route, route->body);
        for (const char *at = route->answer; cab_openapi_next_answer(&at, &answer);)
            check_schema(route, answer.schema);
    }
}

Test(openapi, answers_of_a_route) {
    struct cab_openapi_answer answer;
    const char *at = "200 Tokens, 303";
    cr_assert(cab_openapi_next_answer(&at, &answer));
    cr_expect_str_eq(answer.status, "200");
    cr_expect_str_eq(answer.schema, "Tokens");
    cr_assert(cab_openapi_next_answer(&at, &answer));
    cr_expect_str_eq(answer.status, "303");
    cr_expect_str_eq(answer.schema, "");
    cr_expect_not(cab_openapi_next_answer(&at, &answer));
}

static struct live live;

static void open_tables(void) {
    live_open(&live,
              "CREATE TABLE public.notes (id int PRIMARY KEY, title text NOT NULL CHECK (char_length(title) BETWEEN 2"
              " AND 9), n int CHECK (n >= 3), f float, price numeric(5,2), row_version bigint NOT NULL DEFAULT 1,"
              " secret text, size int, date_created timestamptz NOT NULL DEFAULT now());"
              "COMMENT ON TABLE public.notes IS 'Notes. @api(expose)';"
              "COMMENT ON COLUMN public.notes.secret IS '@api(hidden)'");
}

static void close_tables(void) {
    live_close(&live);
}

TestSuite(openapi_live, .init = open_tables, .fini = close_tables, .timeout = 60);

/* Source text of what a path of names leads to. */
static const char *source_at(const struct cab_json *json, const char *const *names) {
    size_t n;
    for (; json != NULL && *names != NULL; names++)
        json = cab_json_get(json, *names);
    cr_assert_not_null(json);
    const char *source = cab_json_source(json, &n);
    return cab_strndup(live.mem, source, n);
}
#define AT(...) source_at(a->json, (const char *const[]){ __VA_ARGS__, NULL })

Test(openapi_live, schemas_have_the_limits_of_columns) {
    struct answer *a = live_ask(&live, "GET", "/openapi.json", NULL, NULL, NULL);
    cr_assert_eq(a->status, 200, "%s", a->body);
    cr_expect_str_eq(AT("components", "schemas", "notes_create", "properties", "title"),
                     "{\"type\":\"string\",\"pattern\":\"^[^\\\\u0000]*$\",\"minLength\":2,\"maxLength\":9,"
                     "\"example\":\"text\"}");
    cr_expect_str_eq(AT("components", "schemas", "notes", "properties", "n"),
                     "{\"type\":\"integer\",\"nullable\":true,\"format\":\"int32\",\"minimum\":3,"
                     "\"maximum\":2147483647,\"example\":42}");
    cr_expect_str_eq(AT("components", "schemas", "notes", "properties", "price", "maxLength"), "8");
    cr_expect_str_eq(AT("components", "schemas", "notes_create", "required"), "[\"id\",\"title\"]");
    cr_expect_null(strstr(AT("components", "schemas", "notes"), "secret"), "what is hidden is not told of");
    cr_expect_null(strstr(AT("components", "schemas", "notes_create"), "secret"));
    cr_expect_null(strstr(a->body, "\"notes.comparisons\":{}"));
    /* a column may have the name of a parameter of lists */
    cr_expect_null(strstr(AT("paths", "/notes", "get", "parameters"), "\"name\":\"size\""));
#define COMPARISON(name) AT("components", "parameters", "notes.comparisons", "schema", "properties", name, "$ref")
    cr_expect_str_eq(COMPARISON("size__eq"), "\"#/components/schemas/Operand\"");
    cr_expect_str_eq(COMPARISON("date_created_after"), "\"#/components/schemas/Operand\"");
    cr_expect_str_eq(COMPARISON("date_created_before"), "\"#/components/schemas/Operand\"");
    cr_expect_str_eq(AT("paths", "/notes/{id}", "patch", "responses", "412", "$ref"),
                     "\"#/components/responses/412\"");
    const char *etag = header_of(&live, a, "ETag");
    a = live_ask(&live, "GET", "/openapi.json", NULL, NULL, WITH("HTTP_IF_NONE_MATCH", etag));
    cr_expect_eq(a->status, 304);
    a = live_ask(&live, "GET", "/openapi.json?version=3.1", NULL, NULL, WITH("HTTP_IF_NONE_MATCH", etag));
    cr_assert_eq(a->status, 200);
    cr_expect_str_eq(AT("components", "schemas", "notes", "properties", "n", "type"), "[\"integer\",\"null\"]");
    live_exec(&live, "ALTER TABLE public.notes ADD COLUMN more text;"
                     "UPDATE cabinet.catalog_state SET generation = generation + 1");
    a = live_ask(&live, "GET", "/openapi.json?version=3.1", NULL, NULL, NULL);
    cr_expect_str_eq(AT("components", "schemas", "notes", "properties", "more", "maxLength"), "1048576");
    cr_expect_eq(live_ask(&live, "GET", "/openapi.json?version=2", NULL, NULL, NULL)->status, 422);
    cr_expect_eq(live_ask(&live, "GET", "/openapi.json?x=2", NULL, NULL, NULL)->status, 400);
}
