/*
 * Numbers and links of pages.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "fixture.h"
#include "resource/list.h"

static void page_of(void *mem, const char *uri, int64_t rows, struct cab_page *page, struct cab_list *list) {
    struct cab_err err = { 0 };
    struct cab_total total = { rows >= 0, false, rows };
    struct cab_call *call = fixture_call(mem, ADMIN, "HEAD", uri, "users", NULL);
    cr_assert_eq(cab_list_plan(list, call, call->table, &err), 0, "%s: %s", uri, err.detail);
    cab_page_make(list, &total, NULL, page);
}

Test(page, arithmetic) {
    static const struct { const char *uri; int64_t total, page, pages; bool next, prev; } cases[] = {
        { "/u", 0, 1, 0, false, false },
        { "/u", 1, 1, 1, false, false },
        { "/u", 20, 1, 1, false, false },
        { "/u", 21, 1, 2, true, false },
        { "/u?page=2", 21, 2, 2, false, true },
        { "/u?page=3", 21, 3, 2, false, true },
        { "/u?page=3", 0, 3, 0, false, false },
        { "/u?page=2&size=10", 150, 2, 15, true, true },
        { "/u?page=15&size=10", 150, 15, 15, false, true },
        { "/u?size=100", 1000000, 1, 10000, true, false },
        { "/u?page=5001", 1000000, 5001, 50000, true, true },
        { "/u?page=4&count=none", -1, 4, -1, false, true },
    };
    void *mem = cab_mem_alloc(NULL, 1);
    for (size_t i = 0; i < CAB_LENGTH(cases); i++) {
        struct cab_list list;
        struct cab_page page;
        page_of(mem, cases[i].uri, cases[i].total, &page, &list);
        cr_expect_eq(page.page, cases[i].page, "%s", cases[i].uri);
        cr_expect_eq(page.pages, cases[i].pages, "%s of %lld", cases[i].uri, (long long)cases[i].total);
        cr_expect_eq(page.has_next, cases[i].next, "%s of %lld", cases[i].uri, (long long)cases[i].total);
        cr_expect_eq(page.has_prev, cases[i].prev, "%s of %lld", cases[i].uri, (long long)cases[i].total);
    }
    cab_mem_free(mem);
}

static void expect_link(const char *link, const char *expected) {
    if (expected == NULL)
        cr_expect_null(link);
    else
        cr_expect_str_eq(link, expected);
}

Test(page, links_keep_the_other_parameters) {
    struct cab_list list;
    struct cab_page page;
    void *mem = cab_mem_alloc(NULL, 1);
    page_of(mem, "/api/v1/users?page=2&size=10&search=a%20b&email__ne=%26", 150, &page, &list);
    expect_link(page.next, "/api/v1/users?page=3&size=10&search=a%20b&email__ne=%26");
    expect_link(page.prev, "/api/v1/users?page=1&size=10&search=a%20b&email__ne=%26");
    expect_link(page.start, "/api/v1/users?page=1&size=10&search=a%20b&email__ne=%26");
    expect_link(page.end, "/api/v1/users?page=15&size=10&search=a%20b&email__ne=%26");
    page_of(mem, "/api/v1/users", 21, &page, &list);
    expect_link(page.next, "/api/v1/users?page=2");
    expect_link(page.prev, NULL);
    page_of(mem, "/api/v1/users?page=9", 21, &page, &list);
    expect_link(page.prev, "/api/v1/users?page=2");
    expect_link(page.next, NULL);
    page_of(mem, "/api/v1/users?page=5000", 1000000, &page, &list);
    expect_link(page.next, "/api/v1/users?page=5001");
    expect_link(page.end, NULL); /* too deep */
    page_of(mem, "/api/v1/users?page=5001", 1000000, &page, &list);
    expect_link(page.next, NULL);
    expect_link(page.prev, "/api/v1/users?page=5000");
    page_of(mem, "/api/v1/users?page=9&count=none", -1, &page, &list);
    expect_link(page.prev, "/api/v1/users?page=8&count=none");
    expect_link(page.end, NULL);
    cab_mem_free(mem);
}

Test(page, headers) {
    static const struct { const char *uri; int64_t total; const char *has; } cases[] = {
        { "/u?size=10", 150, "Content-Range: users 0-9/150\r\n" },
        { "/u?size=10&page=16", 150, "Content-Range: users */150\r\n" },
        { "/u?size=10&page=2", 15, "Content-Range: users 10-14/15\r\n" },
        { "/u", 150, "X-Total-Count: 150\r\n" },
        { "/u?size=100", 150, "Link: </u?size=100&page=2>; rel=\"next\", </u?size=100&page=1>; rel=\"first\", "
                              "</u?size=100&page=2>; rel=\"last\"\r\n" },
    };
    void *mem = cab_mem_alloc(NULL, 1);
    for (size_t i = 0; i < CAB_LENGTH(cases); i++) {
        struct cab_list list;
        struct cab_page page;
        struct cab_total total = { true, false, cases[i].total };
        page_of(mem, cases[i].uri, cases[i].total, &page, &list);
        cab_page_headers(&list, &total, &page);
        cr_expect_not_null(strstr(list.call->response->headers.data, cases[i].has), "%s:\n%s", cases[i].uri,
                           list.call->response->headers.data);
    }
    cab_mem_free(mem);
}
