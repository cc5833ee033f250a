/*
 * Cursors: what goes in comes out, and nothing else does.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "fixture.h"
#include "resource/cursor.h"

static const struct cab_conf conf = { .secret_key = "a secret key that is long enough for tests" };
static const struct cab_conf renewed = { .secret_key = "another secret key that is long enough",
                                         .secret_key_previous = "a secret key that is long enough for tests" };

static int read_cursor(void *mem, const struct cab_conf *by, const char *scope, const char *text, int n,
                       struct cab_cursor *cursor) {
    struct cab_err err = { 0 };
    int rc = cab_cursor_read(mem, by, scope, text, n, cursor, &err);
    cr_expect_eq(err.problem, rc == 0 ? CAB_PROBLEM_NONE : CAB_PROBLEM_BAD_CURSOR);
    return rc;
}

Test(cursor, round_trip) {
    const char *values[] = { "2024-01-01 00:00:00+00", NULL, "", "ä\n,\"" };
    struct cab_cursor in = { true, values, 4 }, out;
    void *mem = cab_mem_alloc(NULL, 1);
    char *text = cab_cursor_make(mem, &conf, "scope", &in);
    cr_assert_eq(read_cursor(mem, &conf, "scope", text, 4, &out), 0);
    cr_expect(out.is_backward);
    cr_expect_str_eq(out.values[0], values[0]);
    cr_expect_null(out.values[1]);
    cr_expect_str_eq(out.values[2], "");
    cr_expect_str_eq(out.values[3], values[3]);
    cr_expect_eq(read_cursor(mem, &renewed, "scope", text, 4, &out), 0, "the previous key still opens it");
    cab_mem_free(mem);
}

Test(cursor, foreign_and_forged) {
    const char *values[] = { "5" };
    struct cab_cursor in = { false, values, 1 }, out;
    void *mem = cab_mem_alloc(NULL, 1);
    char *text = cab_cursor_make(mem, &conf, "scope", &in);
    cr_expect_eq(read_cursor(mem, &conf, "other scope", text, 1, &out), -1);
    cr_expect_eq(read_cursor(mem, &conf, "scope", text, 2, &out), -1);
    cr_expect_eq(read_cursor(mem, &conf, "scope", "", 1, &out), -1);
    cr_expect_eq(read_cursor(mem, &conf, "scope", "AQ", 1, &out), -1);
    cr_expect_eq(read_cursor(mem, &conf, "scope", "not base64!", 1, &out), -1);
    for (size_t i = 0; text[i] != '\0'; i++) { /* every single character matters */
        char *changed = cab_strdup(mem, text);
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        cr_expect_eq(read_cursor(mem, &conf, "scope", changed, 1, &out), -1, "character %zu", i);
    }
    for (size_t n = 0; text[n] != '\0'; n++)
        cr_expect_eq(read_cursor(mem, &conf, "scope", cab_strndup(mem, text, n), 1, &out), -1, "cut at %zu", n);
    cab_mem_free(mem);
}

Test(cursor, has_a_limit) {
    void *mem = cab_mem_alloc(NULL, 1);
    char *big = cab_mem_zero(mem, CAB_CURSOR_MOST, 1);
    memset(big, 'x', CAB_CURSOR_MOST - 1);
    struct cab_cursor in = { false, (const char *[]){ big }, 1 };
    cr_expect_null(cab_cursor_make(mem, &conf, "scope", &in));
    cab_mem_free(mem);
}
