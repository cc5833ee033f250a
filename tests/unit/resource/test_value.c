/*
 * Values for columns: what is taken, and what is said of what is not.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "fixture.h"
#include "resource/types.h"
#include "resource/value.h"

/* The bound text of a JSON value, "NULL", or "!code pointer" where it is refused. */
static const char *from_json(void *mem, const char *table, const char *column, const char *text) {
    const struct cab_json *json;
    const char *value;
    struct cab_value_flaw flaw = { 0 };
    struct cab_err err = { 0 };
    cr_assert_eq(cab_json_parse(mem, text, strlen(text), &json, &err), 0, "%s: %s", text, err.detail);
    if (cab_value_from_json(mem, cab_table_column(fixture_table(table), column), json, &value, &flaw) != 0)
        return cab_printf(mem, "!%s%s%s", flaw.code, *flaw.pointer != '\0' ? " " : "", flaw.pointer);
    return value == NULL ? "NULL" : value;
}

Test(value, from_json) {
    static const struct { const char *table, *column, *json, *bound; } cases[] = {
        { "users", "is_verified", "true", "true" },
        { "users", "is_verified", "\"true\"", "!type" },
        { "users", "is_verified", "1", "!type" },
        { "users", "is_verified", "null", "NULL" },
        { "notes", "rank", "32767", "32767" },
        { "notes", "rank", "32768", "!out_of_range" },
        { "notes", "rank", "-32768", "-32768" },
        { "notes", "rank", "-32769", "!out_of_range" },
        { "notes", "rank", "\"12\"", "12" },
        { "notes", "rank", "1.5", "!type" },
        { "notes", "rank", "1e2", "!type" },
        { "notes", "rank", "\"\"", "!type" },
        { "notes", "rank", "[]", "!type" },
        { "notes", "a", "2147483647", "2147483647" },
        { "notes", "a", "2147483648", "!out_of_range" },
        { "notes", "id", "9223372036854775807", "9223372036854775807" },
        { "notes", "id", "\"9223372036854775807\"", "9223372036854775807" },
        { "notes", "id", "\"9223372036854775808\"", "!out_of_range" },
        { "kinds", "n", "999.99", "999.99" },
        { "kinds", "n", "\"0.10\"", "0.10" },
        { "kinds", "n", "1000", "!out_of_range" },
        { "kinds", "n", "0.001", "!out_of_range" },
        { "kinds", "n", "0.1000", "0.1000" },
        { "kinds", "n", "\"NaN\"", "NaN" },
        { "kinds", "n", "\"Infinity\"", "!type" },
        { "kinds", "n", "\"1,5\"", "!type" },
        { "kinds", "big", "\"123456789012345678901234567890.123456789\"", "123456789012345678901234567890.123456789" },
        { "kinds", "big", "1e400", "1e400" },
        { "kinds", "big", "1e200000", "!out_of_range" },
        { "kinds", "big", "1e-20000", "!out_of_range" },
        { "kinds", "big", "\"Infinity\"", "Infinity" },
        { "kinds", "real", "1.5", "1.5" },
        { "kinds", "real", "1e39", "!out_of_range" },
        { "kinds", "real", "1e-60", "!out_of_range" },
        { "kinds", "real", "\"-Infinity\"", "-Infinity" },
        { "kinds", "real", "\"inf\"", "!type" },
        { "kinds", "real", "true", "!type" },
        { "notes", "title", "\"äöüäöüäöüäöüäöüäöüäö\"", "äöüäöüäöüäöüäöüäöüäö" },
        { "notes", "title", "\"123456789012345678901\"", "!too_long" },
        { "notes", "title", "12", "!type" },
        { "notes", "color", "\"red\"", "red" },
        { "notes", "color", "\"Red\"", "!not_one_of" },
        { "kinds", "id", "\"01234567-89ab-cdef-0123-456789abcdef\"", "01234567-89ab-cdef-0123-456789abcdef" },
        { "kinds", "id", "\"x\"", "!format" },
        { "kinds", "day", "\"2024-02-29\"", "2024-02-29" },
        { "kinds", "day", "\"2023-02-29\"", "!format" },
        { "kinds", "day", "20240229", "!type" },
        { "kinds", "clock", "\"23:59:59.5\"", "23:59:59.5" },
        { "kinds", "clock", "\"24:00\"", "!format" },
        { "kinds", "local", "\"2024-05-31T12:00:00\"", "2024-05-31T12:00:00" },
        { "kinds", "local", "\"2024-05-31T12:00:00+02:00\"", "!format" },
        { "notes", "date_created", "\"2024-05-31T12:00:00+02:00\"", "2024-05-31T12:00:00+02:00" },
        { "notes", "date_created", "\"2024-05-31T12:00:00\"", "!format" },
        { "notes", "date_created", "\"2024-05-31\"", "!format" },
        { "notes", "date_created", "\"infinity\"", "infinity" },
        { "kinds", "doc", "{\"a\": [1, null]}", "{\"a\": [1, null]}" },
        { "kinds", "doc", "\"text\"", "\"text\"" },
        { "kinds", "doc", "null", "NULL" },
        { "kinds", "bytes", "\"AAEC\"", "\\x000102" },
        { "kinds", "bytes", "\"AAE\"", "!format" },
        { "kinds", "tags", "[]", "{}" },
        { "kinds", "tags", "[\"a\", null, \"b\\\"c\\\\d,{}\"]", "{\"a\",NULL,\"b\\\"c\\\\d,{}\"}" },
        { "kinds", "tags", "[\"a\", 5]", "!type /1" },
        { "kinds", "tags", "\"a\"", "!type" },
        { "kinds", "numbers", "[[1, 2], [3, 4]]", "{{\"1\",\"2\"},{\"3\",\"4\"}}" },
        { "kinds", "numbers", "[[1, 2], [3, \"x\"]]", "!type /1/1" },
        { "kinds", "numbers", "[[[[[[[1]]]]]]]", "!too_long /0/0/0/0/0/0" },
        { "kinds", "during", "\"[1,5)\"", "[1,5)" },
        { "kinds", "address", "\"10.0.0.1\"", "10.0.0.1" },
        { "kinds", "span", "\"P1D\"", "P1D" },
        { "kinds", "pair", "{\"a\": 1}", "!type" },
        { "kinds", "place", "\"(1,2)\"", "(1,2)" },
        { "kinds", "fixed", "\"abcd\"", "!too_long" },
    };
    void *mem = cab_mem_alloc(NULL, 1);
    for (size_t i = 0; i < CAB_LENGTH(cases); i++) {
        const char *bound = from_json(mem, cases[i].table, cases[i].column, cases[i].json);
        cr_expect_str_eq(bound, cases[i].bound, "%s = %s: %s", cases[i].column, cases[i].json, bound);
    }
    cab_mem_free(mem);
}

Test(value, flaws_never_hold_the_value) {
    static const struct { const char *table, *column, *json; } cases[] = {
        { "notes", "rank", "4711000" }, { "notes", "title", "\"4711 4711 4711 4711 4711 4711\"" },
        { "notes", "color", "\"4711\"" }, { "kinds", "day", "\"4711\"" }, { "kinds", "doc", "4711" },
        { "kinds", "bytes", "\"4711!\"" }, { "kinds", "n", "4711.4711" },
    };
    void *mem = cab_mem_alloc(NULL, 1);
    for (size_t i = 0; i < CAB_LENGTH(cases); i++) {
        const struct cab_json *json;
        const char *value;
        struct cab_value_flaw flaw = { 0 };
        struct cab_err err = { 0 };
        cr_assert_eq(cab_json_parse(mem, cases[i].json, strlen(cases[i].json), &json, &err), 0);
        if (cab_value_from_json(mem, cab_table_column(fixture_table(cases[i].table), cases[i].column), json, &value,
                                &flaw) != 0) {
            cr_expect_null(strstr(flaw.detail, "4711"), "%s", flaw.detail);
            cr_expect_eq(flaw.detail[strlen(flaw.detail) - 1], '.', "%s", flaw.detail);
        }
    }
    cab_mem_free(mem);
}

Test(value, from_text_takes_local_times_as_utc) {
    const char *value;
    struct cab_value_flaw flaw = { 0 };
    void *mem = cab_mem_alloc(NULL, 1);
    const struct cab_column *column = cab_table_column(fixture_table("notes"), "date_created");
    cr_assert_eq(cab_value_from_text(mem, column, "2024-05-31T12:00:00", &value, &flaw), 0);
    cr_expect_str_eq(value, "2024-05-31T12:00:00Z");
    cr_expect_eq(cab_value_from_text(mem, column, "yesterday", &value, &flaw), -1);
    cab_mem_free(mem);
}

Test(type_names, modifiers_go) {
    static const struct { const char *type, *bare; } cases[] = {
        { "text", "text" }, { "character varying(50)", "character varying" }, { "character(3)", "bpchar" },
        { "character(3)[]", "bpchar[]" }, { "bit(8)", "bit varying" }, { "bit varying(8)", "bit varying" },
        { "numeric(5,2)", "numeric" }, { "timestamp(3) with time zone", "timestamp with time zone" },
        { "\"my(type)\"", "\"my(type)\"" }, { "public.\"x(1)\"(2)", "public.\"x(1)\"" }, { "interval(3)", "interval" },
    };
    void *mem = cab_mem_alloc(NULL, 1);
    for (size_t i = 0; i < CAB_LENGTH(cases); i++)
        cr_expect_str_eq(cab_type_bare(mem, cases[i].type), cases[i].bare);
    cr_expect_str_eq(cab_type_array(mem, "character varying(5)"), "character varying[]");
    cab_mem_free(mem);
}
