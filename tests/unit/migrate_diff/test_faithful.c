/*
 * Texts that the server prints but would read back as another tree; what it would read back unchanged stays as it is.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "migrate/diff/plan.h"

static void check(const char *text, const char *wanted) {
    struct cab_planner planner = { .ctx = cab_mem_alloc(NULL, 1) };

    cr_assert(eq(str, (char *)cab_faithful(&planner, text), (char *)wanted));
    cab_mem_free(planner.ctx);
}

Test(faithful, takes_the_cast_off_a_whole_array) {
    check("CHECK (((s)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])))",
          "CHECK (((s)::text = ANY (ARRAY['a'::character varying, 'b'::character varying])))");
}

Test(faithful, leaves_arrays_with_cast_elements) {
    check("((s)::text = ANY (ARRAY[('a'::character varying)::text]))",
          "((s)::text = ANY (ARRAY[('a'::character varying)::text]))");
}

Test(faithful, says_a_leading_between) {
    check("(((a >= 1) AND (a <= 10)) AND (b > 0))", "(((a) BETWEEN (1) AND (10)) AND (b > 0))");
    check("(((a < 3) OR (a > 4)) OR (b = 1))", "(((a) NOT BETWEEN (3) AND (4)) OR (b = 1))");
}

Test(faithful, leaves_a_between_that_comes_later) {
    check("((b > 0) AND ((a >= 1) AND (a <= 10)))", "((b > 0) AND ((a >= 1) AND (a <= 10)))");
}

Test(faithful, says_a_leading_comparison_of_rows) {
    check("(((a = c) AND (b = d)) AND (e > 0))", "((ROW(a, b) = ROW(c, d)) AND (e > 0))");
}

Test(faithful, names_constants_that_have_no_name) {
    check("CREATE VIEW v AS\n SELECT 'a, b'::text,\n    t.c,\n    NULL::numeric(3,1),\n    1 AS one\n   FROM t",
          "CREATE VIEW v AS\n SELECT 'a, b'::text AS \"?column?\",\n    t.c,\n    NULL::numeric(3,1) AS \"?column?\",\n"
          "    1 AS one\n   FROM t");
    check("CREATE VIEW v AS\n SELECT 'a'::character varying(3) AS a,\n    ('b'::text || 'c'::text) AS b",
          "CREATE VIEW v AS\n SELECT 'a'::character varying(3) AS a,\n    ('b'::text || 'c'::text) AS b");
    check("CREATE FUNCTION f() AS $$SELECT 'a'::text$$", "CREATE FUNCTION f() AS $$SELECT 'a'::text$$");
}

Test(faithful, does_not_look_into_strings) {
    check("SELECT '(((a >= 1) AND (a <= 2)) AND (b > 0))', $f$ANY ((ARRAY['a'])::text[])$f$",
          "SELECT '(((a >= 1) AND (a <= 2)) AND (b > 0))', $f$ANY ((ARRAY['a'])::text[])$f$");
}
