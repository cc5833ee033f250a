/*
 * The graph of revisions and the steps to a target, on folders made for each test.
 */
#include <criterion/criterion.h>
#include <migrate/graph.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct folder {
    void *ctx;
    char path[64];
    int files;
};

static struct folder make_folder(void) {
    struct folder f = {.ctx = cab_mem_alloc(NULL, 1), .path = "/tmp/cabinet-graph-XXXXXX"};
    cr_assert_not_null(mkdtemp(f.path));
    return f;
}

static void drop_folder(struct folder *f) {
    const char *command = cab_printf(f->ctx, "rm -rf '%s'", f->path);
    cr_expect_eq(system(command), 0);
    cab_mem_free(f->ctx);
}

static void put(struct folder *f, const char *id, const char *revises, const char *line) {
    FILE *file = fopen(cab_printf(f->ctx, "%s/%02d_%s.sql", f->path, f->files++, id), "w");
    cr_assert_not_null(file);
    fprintf(file, "-- cabinet migration\n-- Revision: %s\n-- Revises: %s\n-- Line: %s\n-- upgrade\n-- downgrade\n", id,
            revises, line);
    fclose(file);
}

static struct cab_graph *load(struct folder *f) {
    struct cab_graph *graph = NULL;
    struct cab_err err = {0};
    cr_assert_eq(cab_graph_load(f->ctx, f->path, &graph, &err), 0, "%s", err.detail);
    return graph;
}

/* Ids of the steps, spaces between, or "! " and the refusal. */
static const char *steps(struct folder *f, const struct cab_graph *graph, const char *current,
                         enum cab_direction direction, const char *target) {
    const char *rows[8];
    int n = 0;
    char *copy = cab_strdup(f->ctx, current), *save = NULL;
    for (char *word = strtok_r(copy, " ", &save); word != NULL; word = strtok_r(NULL, " ", &save))
        rows[n++] = word;
    struct cab_plan *plan;
    struct cab_err err = {0};
    if (cab_plan_make(f->ctx, graph, rows, n, direction, target, &plan, &err) != 0)
        return cab_printf(f->ctx, "! %s", err.detail);
    struct cab_buf buf;
    cab_buf_init(&buf, f->ctx, 64);
    for (int i = 0; i < plan->n; i++)
        cab_buf_addf(&buf, "%s%s", i > 0 ? " " : "", plan->steps[i].revision->id);
    return buf.data;
}

static void refuses(struct folder *f, const char *says) {
    struct cab_graph *graph;
    struct cab_err err = {0};
    cr_expect_eq(cab_graph_load(f->ctx, f->path, &graph, &err), -1);
    cr_expect_not_null(strstr(err.detail, says), "%s", err.detail);
    drop_folder(f);
}

Test(graph, one_line) {
    struct folder f = make_folder();
    put(&f, "cccc", "bbbb", "cabinet");
    put(&f, "aaaa", "", "cabinet");
    put(&f, "bbbb", "aaaa", "cabinet");
    struct cab_graph *g = load(&f);
    static const struct { const char *at; enum cab_direction way; const char *target, *steps; } rows[] = {
        {"", CAB_UPGRADE, "head", "aaaa bbbb cccc"},
        {"aaaa", CAB_UPGRADE, "head", "bbbb cccc"},
        {"cccc", CAB_UPGRADE, "head", ""},
        {"", CAB_UPGRADE, "+1", "aaaa"},
        {"aaaa", CAB_UPGRADE, "+2", "bbbb cccc"},
        {"", CAB_UPGRADE, "bb", "aaaa bbbb"},
        {"cccc", CAB_UPGRADE, "aaaa", ""},
        {"cccc", CAB_DOWNGRADE, "-1", "cccc"},
        {"cccc", CAB_DOWNGRADE, "-3", "cccc bbbb aaaa"},
        {"cccc", CAB_DOWNGRADE, "aa", "cccc bbbb"},
        {"bbbb", CAB_DOWNGRADE, "base", "bbbb aaaa"},
        {"", CAB_DOWNGRADE, "base", ""},
        {"cccc", CAB_DOWNGRADE, "cabinet@-1", "cccc"},
        {"", CAB_UPGRADE, "cabinet@head", "aaaa bbbb cccc"},
    };
    for (size_t i = 0; i < CAB_LENGTH(rows); i++)
        cr_expect_str_eq(steps(&f, g, rows[i].at, rows[i].way, rows[i].target), rows[i].steps, "row %zu", i);
    static const struct { const char *at; enum cab_direction way; const char *target, *says; } bad[] = {
        {"", CAB_UPGRADE, "+4", "Only 3 revisions are there to go, not 4"},
        {"", CAB_UPGRADE, "+x", "no number of steps"},
        {"aaaa", CAB_DOWNGRADE, "-2", "Only 1 revision is there to undo"},
        {"", CAB_UPGRADE, "zz", "No revision zz"},
        {"", CAB_UPGRADE, "site@head", "There is no line site"},
        {"aaaa", CAB_DOWNGRADE, "bbbb", "is not applied"},
        {"dddd", CAB_UPGRADE, "head", "The database is at revision dddd, but no file"},
    };
    for (size_t i = 0; i < CAB_LENGTH(bad); i++) {
        const char *got = steps(&f, g, bad[i].at, bad[i].way, bad[i].target);
        cr_expect_not_null(strstr(got, bad[i].says), "row %zu: %s", i, got);
    }
    drop_folder(&f);
}

Test(graph, two_lines_and_their_order) {
    struct folder f = make_folder();
    put(&f, "s111", "", "site");
    put(&f, "aaaa", "", "cabinet");
    put(&f, "s222", "s111", "site");
    put(&f, "bbbb", "aaaa", "cabinet");
    struct cab_graph *g = load(&f);
    cr_expect_str_eq(steps(&f, g, "", CAB_UPGRADE, "head"), "aaaa bbbb s111 s222");
    cr_expect_str_eq(steps(&f, g, "", CAB_UPGRADE, "site@head"), "s111 s222");
    cr_expect_str_eq(steps(&f, g, "bbbb s222", CAB_DOWNGRADE, "-1"), "s222");
    cr_expect_str_eq(steps(&f, g, "bbbb s222", CAB_DOWNGRADE, "cabinet@-1"), "bbbb");
    cr_expect_str_eq(steps(&f, g, "bbbb s222", CAB_DOWNGRADE, "base"), "s222 s111 bbbb aaaa");
    cr_expect_str_eq(steps(&f, g, "bbbb s222", CAB_DOWNGRADE, "s111"), "s222");
    drop_folder(&f);
}

Test(graph, branches_and_merge) {
    struct folder f = make_folder();
    put(&f, "aaaa", "", "cabinet");
    put(&f, "b111", "aaaa", "cabinet");
    put(&f, "b222", "aaaa", "cabinet");
    struct cab_graph *g = load(&f);
    const char *got = steps(&f, g, "", CAB_UPGRADE, "head");
    cr_expect_not_null(strstr(got, "Line cabinet has 2 heads, b111 and b222"), "%s", got);
    cr_expect_str_eq(steps(&f, g, "", CAB_UPGRADE, "heads"), "aaaa b111 b222");
    cr_expect_str_eq(steps(&f, g, "aaaa", CAB_UPGRADE, "b2"), "b222");
    got = steps(&f, g, "aaaa", CAB_UPGRADE, "b");
    cr_expect_not_null(strstr(got, "No revision b"), "%s", got);
    put(&f, "cccc", "b111, b222", "cabinet");
    g = load(&f);
    cr_expect_str_eq(steps(&f, g, "b111", CAB_UPGRADE, "head"), "b222 cccc");
    cr_expect_str_eq(steps(&f, g, "cccc", CAB_DOWNGRADE, "b111"), "cccc");
    cr_expect_str_eq(steps(&f, g, "cccc", CAB_DOWNGRADE, "aaaa"), "cccc b222 b111");
    drop_folder(&f);
}

Test(graph, rows_move_with_the_steps) {
    struct folder f = make_folder();
    put(&f, "aaaa", "", "cabinet");
    put(&f, "b111", "aaaa", "cabinet");
    put(&f, "b222", "aaaa", "cabinet");
    put(&f, "cccc", "b111, b222", "cabinet");
    struct cab_graph *g = load(&f);
    static const struct { const char *before[3]; enum cab_direction way; const char *id, *after[3]; } rows[] = {
        {{NULL}, CAB_UPGRADE, "aaaa", {"aaaa"}},
        {{"aaaa"}, CAB_UPGRADE, "b111", {"b111"}},
        {{"b111"}, CAB_UPGRADE, "b222", {"b111", "b222"}},
        {{"b111", "b222"}, CAB_UPGRADE, "cccc", {"cccc"}},
        {{"cccc"}, CAB_DOWNGRADE, "cccc", {"b111", "b222"}},
        {{"b111", "b222"}, CAB_DOWNGRADE, "b222", {"b111"}},
        {{"b111"}, CAB_DOWNGRADE, "b111", {"aaaa"}},
        {{"aaaa"}, CAB_DOWNGRADE, "aaaa", {NULL}},
    };
    for (size_t i = 0; i < CAB_LENGTH(rows); i++) {
        int n = 0, n_after;
        while (n < 3 && rows[i].before[n] != NULL)
            n++;
        struct cab_step step = {.direction = rows[i].way, .revision = cab_graph_exact(g, rows[i].id)};
        const char **after = cab_plan_rows_after(f.ctx, g, rows[i].before, n, &step, &n_after);
        int wanted = 0;
        while (wanted < 3 && rows[i].after[wanted] != NULL)
            wanted++;
        cr_assert_eq(n_after, wanted, "row %zu: %d rows", i, n_after);
        for (int k = 0; k < wanted; k++)
            cr_expect_str_eq(after[k], rows[i].after[k], "row %zu", i);
    }
    drop_folder(&f);
}

Test(graph, refuses_two_roots) {
    struct folder f = make_folder();
    put(&f, "aaaa", "", "cabinet");
    put(&f, "bbbb", "", "cabinet");
    refuses(&f, "Line cabinet has two roots");
}

Test(graph, refuses_a_circle) {
    struct folder f = make_folder();
    put(&f, "aaaa", "bbbb", "cabinet");
    put(&f, "bbbb", "aaaa", "cabinet");
    refuses(&f, "in a circle");
}

Test(graph, refuses_a_gap) {
    struct folder f = make_folder();
    put(&f, "aaaa", "", "cabinet");
    put(&f, "bbbb", "0000", "cabinet");
    refuses(&f, "follows revision 0000, but no file");
}

Test(graph, refuses_the_same_id_twice) {
    struct folder f = make_folder();
    put(&f, "aaaa", "", "cabinet");
    put(&f, "aaaa", "", "site");
    refuses(&f, "Two files have the revision id aaaa");
}

Test(graph, refuses_a_parent_of_another_line) {
    struct folder f = make_folder();
    put(&f, "aaaa", "", "cabinet");
    put(&f, "s111", "aaaa", "site");
    refuses(&f, "follows one of its own line");
}

Test(graph, refuses_a_missing_folder) {
    struct cab_graph *graph;
    struct cab_err err = {0};
    void *ctx = cab_mem_alloc(NULL, 1);
    cr_expect_eq(cab_graph_load(ctx, "/nowhere/at/all", &graph, &err), -1);
    cr_expect_not_null(strstr(err.detail, "CABINET_MIGRATIONS"));
    cab_mem_free(ctx);
}

Test(graph, long_histories_load_fast) {
    struct folder f = make_folder();
    char id[16], before[16] = "";
    for (int i = 0; i < 500; i++) {
        snprintf(id, sizeof(id), "r%05d", i);
        put(&f, id, before, "cabinet");
        memcpy(before, id, sizeof(id));
    }
    int64_t began = cab_now_ms();
    struct cab_graph *g = load(&f);
    cr_expect_eq(g->n, 500);
    cr_expect_lt(cab_now_ms() - began, 1000);
    cr_expect_str_eq(g->revisions[499]->id, "r00499");
    drop_folder(&f);
}
