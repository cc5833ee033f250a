/*
 * Forms of one expression that are held for the same, and others that must not be.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "migrate/diff/expression.h"

static void check(const char *text, const char *wanted) {
    void *ctx = cab_mem_alloc(NULL, 1);

    cr_assert(eq(str, (char *)cab_canonical(ctx, text), (char *)wanted));
    cr_assert(eq(str, (char *)cab_canonical(ctx, wanted), (char *)wanted), "what is canonical stays so");
    cab_mem_free(ctx);
}

static void check_kept(const char *text) {
    check(text, text);
}

Test(expression, lists_of_one_kind_are_one_list) {
    const char *flat = "CHECK (((a >= 1) AND (a <= 2) AND (b > 0)))";
    check("CHECK ((((a >= 1) AND (a <= 2)) AND (b > 0)))", flat);
    check("CHECK (((a >= 1) AND ((a <= 2) AND (b > 0))))", flat);
    check("(((a < 1) OR (b)) OR ((c OR d) OR e))", "((a < 1) OR (b) OR c OR d OR e)");
    check("((NOT (((a) AND (b)) AND c)) OR d)", "((NOT ((a) AND (b) AND c)) OR d)");
    check("f(((a AND b) AND c), ((d OR e) OR g))", "f((a AND b AND c), (d OR e OR g))");
    check("(EXISTS ( SELECT 1\n   FROM t\n  WHERE (((t.a >= 1) AND (t.a <= 2)) AND t.b)))",
          "(EXISTS ( SELECT 1\n   FROM t\n  WHERE ((t.a >= 1) AND (t.a <= 2) AND t.b)))");
}

Test(expression, lists_of_two_kinds_stay_apart) {
    check_kept("((a OR b) AND c)");
    check_kept("((a AND b) OR (c AND d))");
    check_kept("(a AND (NOT (b AND c)))");
    check_kept("(a AND (b AND c, d))");
    check_kept("((a AND b) = (c AND d))");
    check_kept("(((a AND b) = c) AND d)");
    check_kept("(a AND ((b AND c) IS NULL))");
    check_kept("(a AND (SELECT b AND c))");
    check_kept("count(*) OVER (ORDER BY a ROWS BETWEEN 1 PRECEDING AND (2) FOLLOWING)");
}

Test(expression, a_cast_of_an_array_goes_to_its_elements) {
    check("((s)::text = ANY ((ARRAY['a'::character varying, 'b, c'::character varying])::text[]))",
          "((s)::text = ANY (ARRAY[('a'::character varying)::text, ('b, c'::character varying)::text]))");
    check("(ARRAY[f(a, b)])::numeric(4,1)[]", "ARRAY[(f(a, b))::numeric(4,1)]");
    check_kept("ARRAY['a'::text]");
    check_kept("(ARRAY[a])::text");
    check_kept("(ARRAY[a] || b)::text[]");
    check_kept("((ARRAY[a])::text || (b)::text[])");
    check_kept("((ARRAY[a])::text = ANY (ARRAY[(b)::text]))");
}

Test(expression, strings_and_names_are_no_expressions) {
    check_kept("'((a AND b) AND c)'");
    check_kept("$f$((a AND b) AND c)$f$");
    check_kept("(\"((a AND b) AND c)\" AND 'x) AND (y' AND E'it\\'s ((a AND b) AND c)')");
    check_kept("((a AND b");
}
