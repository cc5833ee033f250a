#include "http/internal.h"

#include <criterion/criterion.h>
#include <string.h>

static void *mem;
static struct cab_err err;

static void setup(void) {
    mem = cab_mem_alloc(NULL, 0);
}

static void teardown(void) {
    cab_mem_free(mem);
}

TestSuite(json, .init = setup, .fini = teardown);

static const struct cab_json *parse_n(const char *text, size_t n) {
    const struct cab_json *json = NULL;
    cab_err_clear(&err);
    return cab_json_parse(mem, text, n, &json, &err) == 0 ? json : NULL;
}

static const struct cab_json *parse(const char *text) {
    return parse_n(text, strlen(text));
}

Test(json, good_texts_are_taken) {
    static const char *const good[] = {
        "null", "true", "false", "0", "-0", "1", "-1", "12.5", "1e5", "1E+5", "1.5e-7", "\"\"", "\"a\"", "[]", "{}",
        " [ ] ", "\t\r\n{ }\n", "[1,2 , 3]", "{\"a\":1}", "{\"\":0}", "[[[[]]]]", "{\"a\":{\"b\":[null]}}",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\u0041\\u00e9\"", "\"\\ud83d\\ude00\"", "\"\xC3\xA9\"",
        "\"\xF0\x9F\x98\x80\"", "\"\x7F\"", "[\"a\",\"a\"]", "[{\"a\":1},{\"a\":2}]", "123456789012345678901234567890",
        "-9223372036854775809", "1e400", "-1e-400", "0.1000000000000000000000000000001", "\"\\u0001\"", "\"\\/\"",
        "{\"a\":1,\"A\":2}", "\"\\uFFFF\"", "\"it's\"", "[1e1,0e0,0.0]",
    };
    for (size_t i = 0; i < CAB_LENGTH(good); i++)
        cr_assert_not_null(parse(good[i]), "%s was refused: %s", good[i], err.detail);
}

Test(json, bad_texts_are_refused) {
    static const char *const bad[] = {
        "", " ", "nul", "nullx", "True", "TRUE", "NaN", "-NaN", "Infinity", "-Infinity", "inf", "undefined", "+1", "01",
        "-01", "00", "1.", ".5", "-.5", "-", "1e", "1e+", "1.e5", "0x10", "1_000", "1 2", "--1", "1-1", "'a'",
        "\"", "\"a", "a", "\"\\\"", "\"\\x41\"", "\"\\u12\"", "\"\\u12G4\"", "\"\\U0041\"",
        "\"\n\"", "\"\t\"", "\"\x01\"",
        "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\ud800\"", "\"\\ud800x\"", "\"\\ud800\\n\"", "\"\\u0000\"",
        "\"\xFF\"", "\"\xC3\"", "\"\xED\xA0\x80\"", "\"\xC0\x80\"", "\xEF\xBB\xBF{}",
        "[", "]", "[1", "[1,", "[,", "[1,]",
        "[,1]", "[1,,2]", "[1 2]", "[1}", "{", "}", "{]", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}",
        "{\"a\" 1}", "{a:1}", "{'a':1}", "{1:1}", "{\"a\":1 \"b\":2}", "{,}", "{\"a\":}", "{:1}", "{\"a\",1}",
        "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "{\"x\":{\"k\":1,\"k\":1}}",
        "[] []", "{}x", "[]]", "{}}", "// x\n1",
        "/* x */1", "1 // x", "#1", "[1]\xC2\xA0", "\"a\\\nb\"", "{\"a\":1}{", "\\u0031", "{\"a\"::1}",
        "{\"k\\u0000\":1}", "tru", "fals", "[tru]", "{\"\x02\":1}",
    };
    for (size_t i = 0; i < CAB_LENGTH(bad); i++) {
        cr_assert_null(parse(bad[i]), "%s was taken", bad[i]);
        cr_assert_eq(err.problem, CAB_PROBLEM_MALFORMED, "%s", bad[i]);
    }
    cr_assert_null(parse_n("\"a\0b\"", 5));
    cr_assert_null(parse_n("1\0", 2));
}

Test(json, messages_never_hold_the_text) {
    cr_assert_null(parse("{\"password\":\"s3cret\",}"));
    cr_assert_null(strstr(err.detail, "s3cret"));
    cr_assert_null(parse("{\"s3cret\":1,\"s3cret\":2}"));
    cr_assert_null(strstr(err.detail, "s3cret"));
}

static char *nested(int depth, char open, char close) {
    char *text = cab_mem_alloc(mem, (size_t)depth * 2 + 1);
    memset(text, open, (size_t)depth);
    memset(text + depth, close, (size_t)depth);
    text[depth * 2] = '\0';
    return text;
}

Test(json, depth_ends_at_32) {
    cr_assert_not_null(parse(nested(32, '[', ']')), "%s", err.detail);
    cr_assert_null(parse(nested(33, '[', ']')));
    cr_assert_not_null(strstr(err.detail, "32"));
    cr_assert_null(parse(nested(100000, '[', ']')));
    struct cab_buf buf;
    cab_buf_init(&buf, mem, 0);
    for (int i = 0; i < 31; i++)
        cab_buf_adds(&buf, "{\"a\":");
    cab_buf_adds(&buf, "{\"b\":\"x\"}");
    for (int i = 0; i < 31; i++)
        cab_buf_adds(&buf, "}");
    cr_assert_not_null(parse(buf.data), "%s", err.detail);
}

Test(json, sizes_are_limited) {
    struct cab_buf buf;
    cab_buf_init(&buf, mem, 0);
    for (int i = 0; i < CAB_JSON_DIGITS; i++)
        cab_buf_addc(&buf, '7');
    cr_assert_not_null(parse(buf.data));
    cab_buf_addc(&buf, '7');
    cr_assert_null(parse(buf.data));
    cab_buf_reset(&buf);
    cab_buf_addc(&buf, '[');
    for (int i = 0; i < CAB_JSON_VALUES; i++)
        cab_buf_adds(&buf, "1,");
    cab_buf_adds(&buf, "1]");
    cr_assert_null(parse(buf.data));
    cr_assert_not_null(strstr(err.detail, "values"));
}

Test(json, numbers_keep_their_text) {
    static const char *const numbers[] = { "1e400", "0.10", "-0", "123456789012345678901234567890", "1E+2",
                                           "9007199254740993" };
    for (size_t i = 0; i < CAB_LENGTH(numbers); i++) {
        size_t n;
        const struct cab_json *json = parse(numbers[i]);
        cr_assert_eq(cab_json_type(json), CAB_JSON_NUMBER);
        cr_assert_str_eq(cab_json_text(json, &n), numbers[i]);
        cr_assert_eq(n, strlen(numbers[i]));
    }
}

Test(json, a_document_is_walked_in_its_order) {
    const struct cab_json *json =
        parse(" {\"z\" : \"x\\ny\\u00e9\\ud83d\\ude00\", \"a\":[1, {\"k\":true}, []], \"n\":null , "
              "\"\\u0061b\":-2.50,\"f\":false} ");
    cr_assert_not_null(json, "%s", err.detail);
    size_t n;
    cr_assert_eq(cab_json_type(json), CAB_JSON_OBJECT);
    cr_assert_eq(cab_json_count(json), 5);
    static const char *const keys[] = { "z", "a", "n", "ab", "f" };
    for (size_t i = 0; i < 5; i++)
        cr_assert_str_eq(cab_json_key(json, i), keys[i]);
    cr_assert_str_eq(cab_json_text(cab_json_get(json, "z"), &n), "x\ny\xC3\xA9\xF0\x9F\x98\x80");
    cr_assert_eq(n, 9);
    const struct cab_json *array = cab_json_get(json, "a");
    cr_assert_eq(cab_json_type(array), CAB_JSON_ARRAY);
    cr_assert_eq(cab_json_count(array), 3);
    cr_assert_str_eq(cab_json_text(cab_json_item(array, 0), NULL), "1");
    cr_assert(cab_json_bool(cab_json_get(cab_json_item(array, 1), "k")));
    cr_assert_eq(cab_json_count(cab_json_item(array, 2)), 0);
    cr_assert_eq(cab_json_type(cab_json_member(json, 2)), CAB_JSON_NULL);
    cr_assert_str_eq(cab_json_text(cab_json_get(json, "ab"), NULL), "-2.50");
    cr_assert(!cab_json_bool(cab_json_get(json, "f")));
    cr_assert_null(cab_json_get(json, "missing"));
    cr_assert_null(cab_json_get(array, "k"));
    cr_assert_str_eq(cab_json_source(array, &n), "[1, {\"k\":true}, []]");
    cr_assert_eq(n, 19);
    cr_assert_str_eq(cab_json_source(cab_json_get(json, "z"), NULL), "\"x\\ny\\u00e9\\ud83d\\ude00\"");
    cr_assert_str_eq(cab_json_type_name(CAB_JSON_ARRAY), "an array");
}

Test(json, the_document_outlives_its_text_and_is_freed_with_its_context) {
    char text[] = "{\"a\":[\"x\",12]}";
    const struct cab_json *json = parse(text);
    memset(text, '#', sizeof text - 1);
    cr_assert_str_eq(cab_json_text(cab_json_item(cab_json_get(json, "a"), 0), NULL), "x");
    cr_assert_str_eq(cab_json_text(cab_json_item(cab_json_get(json, "a"), 1), NULL), "12");
    cr_assert_str_eq(cab_json_source(json, NULL), "{\"a\":[\"x\",12]}");
    size_t before = cab_mem_blocks(mem);
    cr_assert_null(parse("{\"a\":1,\"a\":2}"));
    cr_assert_null(parse("[1,2"));
    cr_assert_eq(cab_mem_blocks(mem), before, "a refused document leaves nothing behind");
}
