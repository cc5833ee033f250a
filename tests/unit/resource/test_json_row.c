/*
 * Values as the server sends them, written as JSON.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "fixture.h"
#include "resource/row_plan.h"

static const char *written(void *mem, const char *table, const char *column, bool as_strings, const char *value) {
    struct cab_buf buf;
    cab_buf_init(&buf, mem, 8);
    cab_value_writer_for(cab_table_column(fixture_table(table), column), as_strings)(&buf, value, strlen(value));
    cr_expect_eq(buf.len, strlen(buf.data));
    return buf.data;
}

Test(json_row, kinds) {
    static const struct { const char *table, *column, *value, *json; } cases[] = {
        { "users", "is_verified", "t", "true" },
        { "users", "is_verified", "f", "false" },
        { "notes", "id", "9223372036854775807", "9223372036854775807" },
        { "kinds", "n", "0.10", "\"0.10\"" },
        { "kinds", "n", "NaN", "\"NaN\"" },
        { "kinds", "real", "1.5e-07", "1.5e-07" },
        { "kinds", "real", "NaN", "\"NaN\"" },
        { "kinds", "real", "-Infinity", "\"-Infinity\"" },
        { "notes", "body", "a\"b\\c\nd\x01 ä", "\"a\\\"b\\\\c\\nd\\u0001 ä\"" },
        { "users", "date_created", "2024-05-31 23:59:59+00", "\"2024-05-31T23:59:59Z\"" },
        { "users", "date_created", "2024-05-31 23:59:59.123456+00", "\"2024-05-31T23:59:59.123456Z\"" },
        { "users", "date_created", "infinity", "\"infinity\"" },
        { "users", "date_created", "-infinity", "\"-infinity\"" },
        { "users", "date_created", "0044-03-15 00:00:00+00 BC", "\"0044-03-15 00:00:00+00 BC\"" },
        { "users", "date_created", "12024-05-31 23:59:59+00", "\"12024-05-31 23:59:59+00\"" },
        { "kinds", "local", "2024-05-31 23:59:59.5", "\"2024-05-31T23:59:59.5\"" },
        { "kinds", "day", "2024-05-31", "\"2024-05-31\"" },
        { "kinds", "doc", "{\"a\": [1]}", "{\"a\": [1]}" },
        { "kinds", "bytes", "\\x", "\"\"" },
        { "kinds", "bytes", "\\x000102ff", "\"AAEC/w==\"" },
        { "kinds", "tags", "[\"a\", null]", "[\"a\", null]" },
        { "kinds", "during", "[1,5)", "\"[1,5)\"" },
        { "kinds", "address", "10.0.0.0/8", "\"10.0.0.0/8\"" },
        { "kinds", "place", "(1,2)", "\"(1,2)\"" },
        { "notes", "color", "red", "\"red\"" },
    };
    void *mem = cab_mem_alloc(NULL, 1);
    for (size_t i = 0; i < CAB_LENGTH(cases); i++) {
        const char *json = written(mem, cases[i].table, cases[i].column, false, cases[i].value);
        cr_expect_str_eq(json, cases[i].json, "%s: %s", cases[i].value, json);
    }
    cr_expect_str_eq(written(mem, "notes", "id", true, "12"), "\"12\"");
    cr_expect_str_eq(written(mem, "notes", "rank", true, "12"), "12");
    cab_mem_free(mem);
}

Test(json_row, long_bytes_keep_their_groups) {
    char hex[2 + 2 * 2000 + 1] = "\\x";
    void *mem = cab_mem_alloc(NULL, 1);
    for (int i = 0; i < 2000; i++)
        memcpy(hex + 2 + 2 * i, "ab", 3);
    const char *json = written(mem, "kinds", "bytes", false, hex);
    cr_expect_eq(strlen(json), 2 + 2668u);
    cr_expect_eq(strcspn(json, "="), strlen(json) - 2, "padding only at the end");
    cab_mem_free(mem);
}
