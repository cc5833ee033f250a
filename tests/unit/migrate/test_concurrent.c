/*
 * What is read from statements outside transactions.
 */
#include <criterion/criterion.h>
#include <migrate/concurrent.h>
#include <string.h>

static struct cab_statement statement(const char *text) {
    return (struct cab_statement){.text = text, .len = strlen(text), .line = 1};
}

Test(concurrent, names_of_indexes) {
    static const struct { const char *text, *index, *table; } rows[] = {
        {"CREATE INDEX CONCURRENTLY i ON public.t (a)", "public.i", "public.t"},
        {"create unique index concurrently \"I x\" on only \"S\".\"T\" using gin (a)", "\"S\".\"I x\"", "\"S\".\"T\""},
        {"CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a)", "i", "t"},
        {"CREATE INDEX CONCURRENTLY i ON t USING btree (a)", "i", "t"},
        {"CREATE INDEX CONCURRENTLY ON t (a)", NULL, NULL},
        {"CREATE INDEX i ON t (a)", NULL, NULL},
        {"DROP INDEX CONCURRENTLY i", NULL, NULL},
        {"CREATE INDEX CONCURRENTLY", NULL, NULL},
    };
    for (size_t i = 0; i < CAB_LENGTH(rows); i++) {
        void *ctx = cab_mem_alloc(NULL, 1);
        struct cab_statement s = statement(rows[i].text);
        const char *index = NULL, *table = NULL;
        cr_expect_eq(cab_concurrent_index(ctx, &s, &index, &table), rows[i].index != NULL, "row %zu", i);
        if (rows[i].index != NULL && index != NULL) {
            cr_expect_str_eq(index, rows[i].index);
            cr_expect_str_eq(table, rows[i].table);
        }
        cab_mem_free(ctx);
    }
}

Test(concurrent, the_word) {
    static const struct { const char *text; bool is; } rows[] = {
        {"DROP INDEX CONCURRENTLY i", true},
        {"ALTER TABLE t DETACH PARTITION p CONCURRENTLY", true},
        {"SELECT 'concurrently'", false},
        {"CREATE TABLE t (concurrently int)", false},
        {"ALTER TYPE e ADD VALUE 'x' -- concurrently", false},
    };
    for (size_t i = 0; i < CAB_LENGTH(rows); i++) {
        struct cab_statement s = statement(rows[i].text);
        cr_expect_eq(cab_is_concurrent(&s), rows[i].is, "%s", rows[i].text);
    }
}

Test(concurrent, what_an_interruption_left_done) {
    static const struct { const char *text, *sqlstate; bool is; } rows[] = {
        {"CREATE TABLE t ()", "42P07", true},       {"CREATE TABLE t ()", "42P01", false},
        {"ALTER TABLE t ADD c int", "42701", true}, {"DROP TABLE t", "42P01", true},
        {"DROP TABLE t", "42P07", false},           {"INSERT INTO t VALUES (1)", "23505", false},
        {"UPDATE t SET a = 1", "42703", false},
    };
    for (size_t i = 0; i < CAB_LENGTH(rows); i++) {
        struct cab_statement s = statement(rows[i].text);
        cr_expect_eq(cab_is_done_already(&s, rows[i].sqlstate), rows[i].is, "row %zu", i);
    }
}
