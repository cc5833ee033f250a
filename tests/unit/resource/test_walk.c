/*
 * Walks by cursor: complete and without overlap, for any order, while rows come, go and change.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "live.h"

#define ROWS 211

static const char ddl[] =
    "CREATE TABLE public.things (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), n int, label text, at timestamptz,"
    " weight double precision, amount numeric(8,2) NOT NULL DEFAULT 0, fixed boolean NOT NULL DEFAULT true);"
    "COMMENT ON TABLE public.things IS 'Things. @api(expose)';"
    "CREATE FUNCTION public.add_things(count int, fixed boolean) RETURNS void LANGUAGE sql AS $$"
    " INSERT INTO public.things (n, label, at, weight, amount, fixed)"
    " SELECT CASE WHEN random() < 0.3 THEN NULL ELSE (random() * 5)::int END,"
    "  CASE WHEN random() < 0.3 THEN NULL ELSE chr(97 + (random() * 3)::int) || chr(228) END,"
    "  CASE WHEN random() < 0.3 THEN NULL "
    "   ELSE timestamptz '2024-01-01' + (random() * 4)::int * interval '0.123457 s' END,"
    "  CASE (random() * 5)::int WHEN 0 THEN NULL WHEN 1 THEN 'NaN' WHEN 2 THEN '-Infinity'"
    "   WHEN 3 THEN 1e-7 ELSE 0.1 END,"
    "  (random() * 3)::int, $2 FROM generate_series(1, $1) $$";

static struct live live;

static void open_things(void) {
    live_open(&live, ddl);
    live_exec(&live, cab_printf(live.mem, "SELECT public.add_things(%d, true)", ROWS));
}

static void close_things(void) {
    live_close(&live);
}

TestSuite(walk, .init = open_things, .fini = close_things, .timeout = 120);

/* Rows come, go and move about between two pages; those that are fixed stay as they are. */
static void disturb(void) {
    live_exec(&live, "SELECT public.add_things(5, false);"
                     "DELETE FROM public.things WHERE NOT fixed AND random() < 0.3;"
                     "UPDATE public.things SET n = (random() * 5)::int, label = NULL"
                     " WHERE NOT fixed AND random() < 0.3");
}

static const char *cursor_of(const struct answer *answer, const char *which) {
    const struct cab_json *cursor = cab_json_get(cab_json_get(answer->json, "cursors"), which);
    return cab_json_type(cursor) == CAB_JSON_STRING ? cab_json_text(cursor, NULL) : NULL;
}

/* Appends the ids of the fixed rows of a page; backwards where it is read so. */
static void collect(struct cab_buf *ids, const struct answer *answer, bool reversed) {
    const struct cab_json *items = cab_json_get(answer->json, "items");
    size_t n = cab_json_count(items);
    for (size_t i = 0; i < n; i++) {
        const struct cab_json *item = cab_json_item(items, reversed ? n - 1 - i : i);
        if (cab_json_bool(cab_json_get(item, "fixed"))) {
            cab_buf_adds(ids, cab_json_text(cab_json_get(item, "id"), NULL));
            cab_buf_addc(ids, '\n');
        }
    }
}

/* Ids of the fixed rows in an order written by hand. */
static const char *fixed_rows(const char *order) {
    return live_value(&live, cab_printf(live.mem, "SELECT string_agg(id::text || chr(10), '' ORDER BY %s)"
                                                  " FROM public.things WHERE fixed", order));
}

static struct answer *page_at(const char *sort, int size, const char *cursor) {
    const char *path = cab_printf(live.mem, "/things?fields=id,fixed&count=none&size=%d&sort=%s%s%s", size, sort,
                                  cursor != NULL ? "&cursor=" : "", cursor != NULL ? cursor : "");
    struct answer *answer = live_ask(&live, "GET", path, live.ann, NULL, NULL);
    cr_assert_eq(answer->status, 200, "%s", answer->body);
    return answer;
}

static void walk(const char *sort, const char *order, int size, bool disturbed) {
    struct cab_buf ahead, back;
    const char *cursor = NULL, *last = NULL;
    cab_buf_init(&ahead, live.mem, 16384);
    cab_buf_init(&back, live.mem, 16384);
    const char *expected = fixed_rows(order);
    int pages = 0;
    do {
        struct answer *a = page_at(sort, size, cursor);
        collect(&ahead, a, false);
        cursor = cursor_of(a, "next");
        last = cursor_of(a, "prev");
        if (disturbed)
            disturb();
        cr_assert_lt(++pages, 2000);
    } while (cursor != NULL);
    cr_expect_str_eq(ahead.data, expected, "sort=%s size=%d", sort, size);
    if (disturbed)
        return;
    /* and back from the last page to the first */
    struct cab_buf tail;
    cab_buf_init(&tail, live.mem, 4096);
    for (cursor = last; cursor != NULL;) {
        struct answer *a = page_at(sort, size, cursor);
        collect(&back, a, true);
        cursor = cursor_of(a, "prev");
    }
    /* everything but the last page, the other way round */
    size_t lines = 0;
    for (const char *s = back.data; *s != '\0'; s++)
        lines += *s == '\n';
    for (size_t i = lines; i > 0; i--)
        cab_buf_add(&tail, back.data + (i - 1) * 37, 37);
    cr_expect_eq(lines, (size_t)(ROWS - 1) / (size_t)size * (size_t)size, "sort=%s size=%d", sort, size);
    cr_expect_eq(strncmp(tail.data, expected, tail.len), 0, "sort=%s size=%d backwards", sort, size);
}

Test(walk, every_order) {
    static const struct { const char *sort, *order; } cases[] = {
        { "id", "id" },
        { "-id", "id DESC" },
        { "n", "n NULLS LAST, id" },
        { "-n", "n DESC NULLS LAST, id DESC" },
        { "n,-id", "n NULLS LAST, id DESC" },
        { "-n,label", "n DESC NULLS LAST, label NULLS LAST, id" },
        { "label,-at", "label NULLS LAST, at DESC NULLS LAST, id DESC" },
        { "-weight,n,-label", "weight DESC NULLS LAST, n NULLS LAST, label DESC NULLS LAST, id DESC" },
        { "weight", "weight NULLS LAST, id" },
        { "amount", "amount, id" },
        { "-amount,at", "amount DESC, at NULLS LAST, id" },
        { "-amount,-fixed", "amount DESC, fixed DESC, id DESC" },
    };
    for (size_t i = 0; i < CAB_LENGTH(cases); i++) {
        walk(cases[i].sort, cases[i].order, i % 3 == 0 ? 7 : i % 3 == 1 ? 100 : 1 + (int)i, false);
        walk(cases[i].sort, cases[i].order, 20, true);
        live_exec(&live, "DELETE FROM public.things WHERE NOT fixed");
    }
}

Test(walk, pages_by_number_are_complete_too) {
    struct cab_buf ids;
    cab_buf_init(&ids, live.mem, 16384);
    for (int page = 1; page <= 22; page++)
        collect(&ids, live_ask(&live, "GET", cab_printf(live.mem, "/things?sort=-n,label&size=10&page=%d", page),
                               live.ann, NULL, NULL), false);
    cr_expect_str_eq(ids.data, fixed_rows("n DESC NULLS LAST, label NULLS LAST, id"));
}
