/*
 * Revision files: header, segments, and what is refused.
 */
#include <criterion/criterion.h>
#include <migrate/revision_file.h>
#include <string.h>

#define HEAD "-- cabinet migration\n-- Revision: 3f2a9c1d7e04\n-- Revises: 9b1c0e22aa51\n"

static struct cab_revision *parse(void *ctx, const char *text) {
    struct cab_revision *r = NULL;
    struct cab_err err = {0};
    cr_assert_eq(cab_revision_parse(ctx, "a.sql", text, strlen(text), &r, &err), 0, "%s", err.detail);
    return r;
}

Test(revision_file, reads_all_of_a_file) {
    void *ctx = cab_mem_alloc(NULL, 1);
    struct cab_revision *r = parse(ctx,
        "-- cabinet migration\n"
        "-- Revision: 3f2a9c1d7e04\n"
        "-- Revises: 9b1c0e22aa51, 11112222\n"
        "-- Create Date: 2026-11-22T15:04:05Z\n"
        "-- Message: add bio: to users\n"
        "-- Line: site\n"
        "-- Schema: 5b91 -> 77ac\n"
        "-- Proof: up=ok down=ok again=ok\n"
        "-- Hazard: BLOCKS_WRITES public.users (index)\n"
        "-- Hazard: DATA_LOSS public.users.bio\n"
        "-- upgrade\n"
        "ALTER TABLE public.users ADD COLUMN bio text;\n"
        "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$\n"
        "-- downgrade\n"
        "SELECT 'x' $$;\n"
        "-- upgrade no-transaction retry=5 lock-timeout=2s\n"
        "CREATE INDEX CONCURRENTLY users_bio_idx ON public.users (bio);\n"
        "-- downgrade no-transaction\n"
        "DROP INDEX CONCURRENTLY public.users_bio_idx;\n"
        "-- downgrade\n"
        "DROP FUNCTION f();\n"
        "ALTER TABLE public.users DROP COLUMN bio;\n");
    cr_expect_str_eq(r->id, "3f2a9c1d7e04");
    cr_assert_eq(r->n_revises, 2);
    cr_expect_str_eq(r->revises[1], "11112222");
    cr_expect_str_eq(r->message, "add bio: to users");
    cr_expect_str_eq(r->line_label, "site");
    cr_expect_str_eq(r->schema_before, "5b91");
    cr_expect_str_eq(r->schema_after, "77ac");
    cr_expect_eq(r->n_hazards, 2);
    cr_expect_eq(cab_revision_count(r, CAB_UPGRADE), 2);
    cr_expect_eq(cab_revision_count(r, CAB_DOWNGRADE), 2);
    const struct cab_segment *s = cab_revision_segment(r, CAB_UPGRADE, 1);
    cr_expect(s->is_transaction);
    cr_expect_eq(s->n_statements, 2);
    cr_expect_eq(s->statements[1].line, 13);
    s = cab_revision_segment(r, CAB_UPGRADE, 2);
    cr_expect_not(s->is_transaction);
    cr_expect_eq(s->retry, 5);
    cr_expect_eq(s->lock_timeout_ms, 2000);
    s = cab_revision_segment(r, CAB_DOWNGRADE, 2);
    cr_expect_eq(s->n_statements, 2);
    cr_expect_eq(strlen(r->sha256), 64);
    cr_expect_null(cab_revision_segment(r, CAB_DOWNGRADE, 3));
    cab_mem_free(ctx);
}

Test(revision_file, defaults_and_empty_directions) {
    void *ctx = cab_mem_alloc(NULL, 1);
    struct cab_revision *r = parse(ctx, "-- cabinet migration\r\n-- Revision: abcd\r\n-- Revises:\r\n"
                                        "-- upgrade\r\n-- downgrade\r\n");
    cr_expect_str_eq(r->id, "abcd");
    cr_expect_eq(r->n_revises, 0);
    cr_expect_str_eq(r->line_label, "cabinet");
    cr_expect_eq(cab_revision_segment(r, CAB_UPGRADE, 1)->n_statements, 0);
    cab_mem_free(ctx);
}

Test(revision_file, header_alone_needs_no_body) {
    void *ctx = cab_mem_alloc(NULL, 1);
    struct cab_revision *r = NULL;
    struct cab_err err = {0};
    const char *text = HEAD "-- upgrade\nnever 'ended";
    cr_assert_eq(cab_revision_parse_header(ctx, "a.sql", text, strlen(text), &r, &err), 0);
    cr_expect_str_eq(r->id, "3f2a9c1d7e04");
    cr_expect_eq(r->n_segments, 0);
    cab_mem_free(ctx);
}

Test(revision_file, refusals_name_file_and_line) {
    static const struct { const char *text, *says; } rows[] = {
        {"", "a.sql:1: not a revision: the file is empty"},
        {"SELECT 1;", "a.sql:1: not a revision"},
        {"-- cabinet migration\n-- upgrade\n", "needs a line \"-- Revision: id\""},
        {"-- cabinet migration\n-- Revision: ABC/..\n-- upgrade\n", "needs a line \"-- Revision: id\""},
        {"-- cabinet migration\n-- Revision: abcd\n-- Revision: abce\n", "a.sql:3: Revision stands twice"},
        {"-- cabinet migration\n-- Revision: abcd\n-- Revises: x y\n", "a.sql:3: Revises must list"},
        {HEAD "-- upgrade\n", "no marker \"-- downgrade\""},
        {HEAD "-- downgrade\n", "no marker \"-- upgrade\""},
        {HEAD "SELECT 1;\n-- upgrade\n-- downgrade\n", "a.sql:4: statements before the first marker"},
        {HEAD "-- upgrade fast\n-- downgrade\n", "a.sql:4: \"fast\" is not known behind the marker"},
        {HEAD "-- upgrade lock-timeout=2y\n-- downgrade\n", "a.sql:4: \"lock-timeout=2y\""},
        {HEAD "-- upgrade\nSELECT 1;\nCOMMIT;\n-- downgrade\n", "a.sql:6: BEGIN, COMMIT and the like"},
        {HEAD "-- upgrade\nSTART TRANSACTION;\n-- downgrade\n", "a.sql:5: BEGIN, COMMIT"},
        {HEAD "-- upgrade\nSELECT 'x;\n-- downgrade\n", "a.sql:5: string is not ended"},
        {HEAD "-- upgrade\n\\i x.sql\n-- downgrade\n", "a.sql:5: psql commands"},
        {HEAD "-- upgrade\nCOPY t FROM STDIN;\n-- downgrade\n", "a.sql:5: COPY from standard input"},
        {HEAD "-- upgrade\nALTER TABLE t ALTER c TYPE int USING NULL /* cabinet: edit */;\n-- downgrade\n",
         "a.sql:5: a person has to decide"},
        {HEAD "-- upgrade\n\xff\n-- downgrade\n", "not UTF-8"},
    };
    for (size_t i = 0; i < CAB_LENGTH(rows); i++) {
        void *ctx = cab_mem_alloc(NULL, 1);
        struct cab_revision *r;
        struct cab_err err = {0};
        cr_expect_eq(cab_revision_parse(ctx, "a.sql", rows[i].text, strlen(rows[i].text), &r, &err), -1, "row %zu", i);
        cr_expect_not_null(strstr(err.detail, rows[i].says), "row %zu: %s", i, err.detail);
        cab_mem_free(ctx);
    }
}

Test(revision_file, rollback_to_a_savepoint_is_allowed) {
    void *ctx = cab_mem_alloc(NULL, 1);
    struct cab_revision *r = parse(ctx, HEAD "-- upgrade\nSAVEPOINT a;\nROLLBACK TO a;\n-- downgrade\n");
    cr_expect_eq(cab_revision_segment(r, CAB_UPGRADE, 1)->n_statements, 2);
    cab_mem_free(ctx);
}

Test(revision_file, durations) {
    static const struct { const char *text; int64_t ms; } rows[] = {
        {"500ms", 500}, {"2s", 2000}, {"10min", 600000}, {"0s", 0}, {"", -1}, {"5", -1}, {"s", -1}, {"5y", -1},
        {"5h", 18000000}, {"30d", 2592000000},
        {"-1s", -1},         {"9999999999s", -1}};
    for (size_t i = 0; i < CAB_LENGTH(rows); i++)
        cr_expect_eq(cab_duration_parse(rows[i].text, strlen(rows[i].text)), rows[i].ms, "%s", rows[i].text);
}
