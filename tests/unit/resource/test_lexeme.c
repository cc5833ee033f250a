/*
 * Written forms of scalar values.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "resource/lexeme.h"

Test(lexeme, integers) {
    static const struct { const char *text; bool good; } cases[] = {
        { "0", true },
        { "-0", true },
        { "42", true },
        { "-9223372036854775808", true },
        { "00", false },
        { "01", false },
        { "+1", false },
        { "", false },
        { "-", false },
        { "1.0", false },
        { "1e3", false },
        { " 1", false },
        { "1 ", false },
        { "0x1", false },
        { "99999999999999999999999", true },
    };
    for (size_t i = 0; i < CAB_LENGTH(cases); i++)
        cr_expect_eq(cab_lexeme_integer(cases[i].text), cases[i].good, "%s", cases[i].text);
}

Test(lexeme, numbers) {
    static const struct { const char *text; bool good; } cases[] = {
        { "0", true }, { "-1.5", true }, { "1e400", true }, { "1E+4", true }, { "0.10", true }, { "1.", false },
        { ".5", false }, { "1e", false }, { "1e+", false }, { "NaN", false }, { "--1", false }, { "1,5", false },
        { "1_000", false }, { "01.5", false },
    };
    for (size_t i = 0; i < CAB_LENGTH(cases); i++)
        cr_expect_eq(cab_lexeme_number(cases[i].text), cases[i].good, "%s", cases[i].text);
}

Test(lexeme, digits) {
    static const struct { const char *text; int before, after; } cases[] = {
        { "0", 0, 0 }, { "0.000", 0, 0 }, { "12.50", 2, 1 }, { "0.001", 0, 3 }, { "1500", 4, 0 }, { "1.5e3", 4, 0 },
        { "15e-3", 0, 3 }, { "-1234.5", 4, 1 }, { "1e400", 401, 0 }, { "1e-400", 0, 400 }, { "0e99999999999999", 0, 0 },
        { "1e99999999999999999999", 1000000, 0 }, { "1e-99999999999999999999", 0, 1000000 },
    };
    for (size_t i = 0; i < CAB_LENGTH(cases); i++) {
        int64_t before, after;
        cab_lexeme_digits(cases[i].text, &before, &after);
        cr_expect_eq(before, cases[i].before, "%s before %lld", cases[i].text, (long long)before);
        cr_expect_eq(after, cases[i].after, "%s after %lld", cases[i].text, (long long)after);
    }
}

Test(lexeme, uuids) {
    cr_expect(cab_lexeme_uuid("01234567-89ab-cdef-ABCD-000000000000"));
    cr_expect_not(cab_lexeme_uuid("0123456789abcdefABCD000000000000"));
    cr_expect_not(cab_lexeme_uuid("01234567-89ab-cdef-ABCD-00000000000g"));
    cr_expect_not(cab_lexeme_uuid("{1234567-89ab-cdef-ABCD-00000000000}"));
    cr_expect_not(cab_lexeme_uuid(""));
}

Test(lexeme, days_and_the_next) {
    static const struct { const char *day, *next; } cases[] = {
        { "2024-02-28", "2024-02-29" }, { "2024-02-29", "2024-03-01" }, { "2023-02-28", "2023-03-01" },
        { "1900-02-28", "1900-03-01" }, { "2000-02-28", "2000-02-29" }, { "2024-12-31", "2025-01-01" },
        { "9999-12-31", "10000-01-01" }, { "0001-01-01", "0001-01-02" },
    };
    void *mem = cab_mem_alloc(NULL, 1);
    for (size_t i = 0; i < CAB_LENGTH(cases); i++) {
        cr_expect(cab_lexeme_day(cases[i].day), "%s", cases[i].day);
        cr_expect_str_eq(cab_lexeme_next_day(mem, cases[i].day), cases[i].next);
    }
    static const char *const bad[] = { "2023-02-29", "2024-13-01", "2024-00-01", "2024-01-00", "2024-01-32",
                                       "0000-01-01",
                                       "24-01-01", "2024-1-1", "2024-01-01T", "", "2024", "2024-01-0a", "-024-01-01" };
    for (size_t i = 0; i < CAB_LENGTH(bad); i++)
        cr_expect_not(cab_lexeme_day(bad[i]), "%s", bad[i]);
    cab_mem_free(mem);
}

Test(lexeme, instants) {
    static const struct { const char *text, *read; enum cab_zone zone; } cases[] = {
        { "2024-05-31T23:59:59Z", "2024-05-31T23:59:59Z", CAB_ZONE_UTC },
        { "2024-05-31t23:59:60z", "2024-05-31T23:59:60z", CAB_ZONE_UTC },
        { "2024-05-31 23:59:59.123456", "2024-05-31T23:59:59.123456", CAB_ZONE_NONE },
        { "2024-05-31T23:59:59+02:00", "2024-05-31T23:59:59+02:00", CAB_ZONE_OFFSET },
        { "2024-05-31T23:59:59 02:00", "2024-05-31T23:59:59+02:00", CAB_ZONE_OFFSET },
        { "2024-05-31T23:59:59.5-11:30", "2024-05-31T23:59:59.5-11:30", CAB_ZONE_OFFSET },
        { "2024-05-31", NULL, 0 }, { "2024-05-31T", NULL, 0 }, { "2024-05-31T23:59", NULL, 0 },
        { "2024-05-31T24:00:00Z", NULL, 0 }, { "2024-05-31T23:60:00Z", NULL, 0 }, { "2024-05-31T23:59:61Z", NULL, 0 },
        { "2024-05-31T23:59:59.Z", NULL, 0 }, { "2024-05-31T23:59:59+2", NULL, 0 },
        { "2024-05-31T23:59:59+25:00", NULL, 0 },
        { "2024-05-31T23:59:59ZZ", NULL, 0 }, { "2024-02-30T00:00:00Z", NULL, 0 }, { "now", NULL, 0 },
        { "2024-05-31T23:59:59.1234567890Z", NULL, 0 }, { "2024-05-31T23:59:59+02:000", NULL, 0 },
    };
    void *mem = cab_mem_alloc(NULL, 1);
    for (size_t i = 0; i < CAB_LENGTH(cases); i++) {
        char *text = NULL;
        enum cab_zone zone = 0;
        int rc = cab_lexeme_instant(mem, cases[i].text, &text, &zone);
        cr_expect_eq(rc, cases[i].read == NULL ? -1 : 0, "%s", cases[i].text);
        if (rc == 0 && cases[i].read != NULL) {
            cr_expect_str_eq(text, cases[i].read);
            cr_expect_eq(zone, cases[i].zone, "%s", cases[i].text);
        }
    }
    cab_mem_free(mem);
}

Test(lexeme, base64) {
    static const struct { const char *text, *hex; } cases[] = {
        { "", "\\x" }, { "AA==", "\\x00" }, { "AAE=", "\\x0001" }, { "AAEC", "\\x000102" }, { "/+8=", "\\xffef" },
        { "AB==", NULL }, { "AAF=", NULL }, { "AA=", NULL }, { "A", NULL }, { "A===", NULL }, { "AA==AA==", NULL },
        { "AA A", NULL }, { "_-8=", NULL }, { "====", NULL },
    };
    void *mem = cab_mem_alloc(NULL, 1);
    for (size_t i = 0; i < CAB_LENGTH(cases); i++) {
        char *hex = cab_lexeme_base64_to_hex(mem, cases[i].text, strlen(cases[i].text));
        if (cases[i].hex == NULL)
            cr_expect_null(hex, "%s", cases[i].text);
        else
            cr_expect_str_eq(hex, cases[i].hex);
    }
    cab_mem_free(mem);
}
