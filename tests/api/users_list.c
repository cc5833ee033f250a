/* users_list: GET /api/v1/users, its search, filters, orders, pages and cursors. */
#include "client.h"

#include <stdlib.h>
#include <string.h>

#define USERS "/api/v1/users"

enum { CROWD = 12 };

/* CROWD accounts whose names start with a word of their own; made by SQL, for speed and for dates of our choice. */
static const char *crowd(void) {
    static const char *word;
    if (word == NULL) {
        word = fmt("%sx", unique("crowd"));
        sql(fmt("INSERT INTO public.users (email, username, is_verified, is_superuser, oauth_provider, date_created, "
                "deleted_at)"
                " SELECT '%s' || n || '@mail.example', '%s' || lpad(n::text, 2, '0'), n %% 2 = 0, n %% 6 = 0,"
                " CASE n %% 3 WHEN 0 THEN 'google' WHEN 1 THEN 'apple' END,"
                " timestamptz '2024-03-01 12:00:00Z' + (n / 3) * interval '1 day', NULL FROM generate_series(1, %d) AS "
                "n",
                word, word, CROWD));
    }
    return word;
}

/* A list of the crowd as the superuser; rest starts with & or is empty. */
static struct answer *list(const char *rest) {
    return get(fmt(USERS "?search=%s&size=100%s", crowd(), rest), admin());
}

static void expect_total(const struct answer *answer, int total) {
    expect(answer, 200);
    cr_assert_eq(number(answer, "/total"), total, "%s", answer->body);
    cr_assert_eq(count(answer, "/items"), total, "%s", answer->body);
}

Test(users_list, needs_a_token) {
    expect_problem(get(USERS, NULL), 401, "unauthenticated");
    expect_problem(get(USERS "?search=test&page=1&size=10", NULL), 401, "unauthenticated");
}

Test(users_list, is_the_tutorials_page) {
    struct answer *answer = get(fmt(USERS "?search=%s&page=2&size=5", crowd()), admin());
    expect(answer, 200);
    cr_assert_eq(count(answer, "/items"), 5);
    cr_assert_eq(number(answer, "/total"), CROWD);
    cr_assert_eq(number(answer, "/page"), 2);
    cr_assert_eq(number(answer, "/size"), 5);
    cr_assert_eq(number(answer, "/pages"), 3);
    cr_assert_eq(flag(answer, "/has_next"), true);
    cr_assert_eq(flag(answer, "/has_prev"), true);
    cr_assert_eq(flag(answer, "/total_is_estimate"), false);
    cr_assert(strstr(text(answer, "/links/next"), "page=3") != NULL);
    cr_assert(strstr(text(answer, "/links/next"), fmt("search=%s", crowd())) != NULL);
    cr_assert(strstr(text(answer, "/links/next"), "size=5") != NULL);
    cr_assert(strstr(text(answer, "/links/prev"), "page=1") != NULL);
    cr_assert(strstr(text(answer, "/links/first"), "page=1") != NULL);
    cr_assert(strstr(text(answer, "/links/last"), "page=3") != NULL);
    cr_assert_str_not_empty(text(answer, "/cursors/next"));
    cr_assert_str_eq(header(answer, "X-Total-Count"), fmt("%d", CROWD));
    cr_assert(strstr(header(answer, "Link"), "rel=\"next\"") != NULL);
}

Test(users_list, last_page_and_beyond) {
    struct answer *answer = get(fmt(USERS "?search=%s&page=3&size=5", crowd()), admin());
    expect(answer, 200);
    cr_assert_eq(count(answer, "/items"), 2);
    cr_assert_eq(flag(answer, "/has_next"), false);
    cr_assert(is_null(answer, "/links/next"));
    answer = get(fmt(USERS "?search=%s&page=9&size=5", crowd()), admin());
    expect(answer, 200);
    cr_assert_eq(count(answer, "/items"), 0);
    cr_assert_eq(flag(answer, "/has_next"), false);
}

Test(users_list, has_defaults) {
    struct answer *answer = get(USERS, admin());
    expect(answer, 200);
    cr_assert_eq(number(answer, "/page"), 1);
    cr_assert_eq(number(answer, "/size"), 20);
}

Test(users_list, shows_admins_all_fields_and_others_few) {
    struct answer *answer = list("");
    cr_assert(has(answer, "/items/0/email") && has(answer, "/items/0/is_superuser") &&
              has(answer, "/items/0/oauth_provider"));
    struct person *person = someone();
    answer = get(fmt(USERS "?search=%s", crowd()), person->token);
    expect(answer, 200);
    cr_assert_eq(number(answer, "/total"), CROWD);
    cr_assert_eq(json_object_object_length(at(answer, "/items/0")), 3, "%s", answer->body);
    cr_assert(has(answer, "/items/0/id") && has(answer, "/items/0/username") && has(answer, "/items/0/date_created"));
}

Test(users_list, search_is_without_case_and_of_all_words) {
    crowd();
    expect_total(get(fmt(USERS "?size=100&search=C%s", crowd() + 1), admin()), CROWD);
    expect_total(get(fmt(USERS "?size=100&search=%s%%20mail.example", crowd()), admin()), CROWD);
    expect_total(get(fmt(USERS "?size=100&search=%s%%20nowhere", crowd()), admin()), 0);
    expect_total(get(fmt(USERS "?size=100&search=%s05", crowd()), admin()), 1);
}

/* Accounts of one date, so that words of two letters find no others. */
static int found(const char *word, const char *day) {
    struct answer *answer = get(fmt(USERS "?size=100&date_created=%s&search=%s", day, word), admin());
    expect(answer, 200);
    cr_assert_eq(number(answer, "/total"), count(answer, "/items"), "%s", answer->body);
    return (int)number(answer, "/total");
}

Test(users_list, search_for_short_words_where_words_begin) {
    static const char day[] = "1999-07-03";
    static const struct { const char *word; int found; } cases[] = {
        { "qo", 3 },  { "QO", 3 },           /* at the beginning, behind a blank, behind a sign */
        { "q", 3 },   { "q%20vale", 3 },
        { "oe", 0 },  { "o", 0 },            /* in the middle */
        { "qoe", 4 }, { "xqoe", 1 },         /* three letters anywhere */
        { "%C3%89%C3%B6", 1 },               /* Éö for éö: at the beginning */
        { "%C3%B6", 0 },
        { "%E4%BA%AC%E9%83%BD", 1 },         /* 京都 inside of 東京都 */
        { "%E4%BA%AC", 1 },
        { "x.", 0 },  { ".q", 1 },  { "%5C", 0 },  { "%25", 0 },  { "%2B", 1 },  { "va", 6 },
    };
    sql("DELETE FROM public.users WHERE date_created = '1999-07-03'");
    sql("INSERT INTO public.users (email, username, date_created)"
        " SELECT name || n || '@vale.example', replace(name, '+', ' ') || n, '1999-07-03' FROM unnest("
        "ARRAY['qoe', 'w+qoe', 'xw.qoe', 'xqoe', 'éöz', '東京都']) WITH ORDINALITY AS u (name, n)");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_expect_eq(found(cases[i].word, day), cases[i].found, "%s: %d", cases[i].word, found(cases[i].word, day));
}

Test(users_list, search_takes_wildcards_literally) {
    expect_total(get(fmt(USERS "?search=%s%%25", crowd()), admin()), 0);
    expect_total(get(fmt(USERS "?search=%s_1", crowd()), admin()), 0);
    expect_total(get(fmt(USERS "?search=%s%%5C", crowd()), admin()), 0);
    expect_total(get(fmt(USERS "?search=%%27%%3B%%20--%s", crowd()), admin()), 0);
}

Test(users_list, search_does_not_tell_others_emails) {
    struct person *person = someone();
    struct answer *answer = get(fmt(USERS "?search=%s1@mail.example", crowd()), person->token);
    expect(answer, 200);
    cr_assert_eq(number(answer, "/total"), 0);
    answer = get(fmt(USERS "?search=%s%%20mail.example", crowd()), person->token);
    expect(answer, 200);
    cr_assert_eq(number(answer, "/total"), 0);
}

Test(users_list, filters_booleans) {
    expect_total(list("&is_verified=true"), 6);
    expect_total(list("&is_verified=false"), 6);
    expect_total(list("&is_superuser=true"), 2);
    expect_total(list("&is_superuser=true&is_verified=false"), 0);
    expect_total(list("&is_verified__ne=true"), 6);
}

Test(users_list, filters_the_provider) {
    expect_total(list("&oauth_provider=google"), 4);
    expect_total(list("&oauth_provider=none"), 4);
    expect_total(list("&oauth_provider__in=google,apple"), 8);
    expect_total(list("&oauth_provider__nin=google"), 4);
    expect_total(list("&oauth_provider__null=true"), 4);
    expect_total(list("&oauth_provider__null=false"), 8);
}

Test(users_list, filters_dates) {
    /* n / 3 days after March 1st, for 1..12: two rows, then three a day, then one */
    expect_total(list("&date_created=2024-03-01"), 2);
    expect_total(list("&date_created=2024-03-02"), 3);
    expect_total(list("&date_created__lte=2024-03-02"), 5);
    expect_total(list("&date_created__lt=2024-03-02"), 2);
    expect_total(list("&date_created__gt=2024-03-02"), 7);
    expect_total(list("&date_created__gte=2024-03-02"), 10);
    expect_total(list("&date_created_after=2024-03-02&date_created_before=2024-03-03"), 6);
    expect_total(list("&date_created__between=2024-03-02,2024-03-03"), 6);
    expect_total(list("&date_created__gte=2024-03-02T12:00:00Z"), 10);
    expect_total(list("&date_created__gt=2024-03-02T14:00:00%2B02:00"), 7);
}

Test(users_list, filters_texts) {
    expect_total(list(fmt("&username=%s07", crowd())), 1);
    expect_total(list(fmt("&username__startswith=%s0", crowd())), 9);
    expect_total(list("&username__endswith=2"), 2);
    expect_total(list("&username__contains=x01"), 1);
    expect_total(list(fmt("&username__istartswith=C%s1", crowd() + 1)), 3);
    expect_total(list("&username__icontains=CROWD"), CROWD);
    expect_total(list(fmt("&username__like=%s_1", crowd())), 2);
    expect_total(list(fmt("&username__ilike=C%s%%25", crowd() + 1)), CROWD);
    expect_total(list("&email__endswith=@mail.example"), CROWD);
}

Test(users_list, filters_numbers) {
    struct answer *answer = list("&sort=id");
    long first = number(answer, "/items/0/id"), third = number(answer, "/items/2/id");
    expect_total(list(fmt("&id=%ld", first)), 1);
    expect_total(list(fmt("&id__in=%ld,%ld", first, third)), 2);
    expect_total(list(fmt("&id__gt=%ld", third)), CROWD - 3);
    expect_total(list(fmt("&id__between=%ld,%ld", first, third)), 3);
}

Test(users_list, filters_by_a_document) {
    expect_total(list(fmt("&filter=%%7B%%22or%%22:%%5B%%7B%%22username%%22:%%22%s01%%22%%7D,%%7B%%22is_superuser%%22:"
                          "true%%7D%%5D%%7D",
                          crowd())),
                 3);
    expect_total(list("&filter=%7B%22not%22:%7B%22is_verified%22:true%7D%7D"), 6);
}

Test(users_list, refuses_invalid_values_all_at_once) {
    struct answer *answer = get(USERS "?is_verified=maybe&page=0&size=101&date_created=yesterday", admin());
    expect_problem(answer, 422, "invalid");
    expect_flaw(answer, "parameter", "is_verified", NULL);
    expect_flaw(answer, "parameter", "page", NULL);
    expect_flaw(answer, "parameter", "size", NULL);
    expect_flaw(answer, "parameter", "date_created", NULL);
    expect_problem(get(USERS "?size=0", admin()), 422, "invalid");
    expect_problem(get(USERS "?size=99999999999999999999", admin()), 422, "invalid");
    expect_problem(get(USERS "?id=99999999999999999999", admin()), 422, "invalid");
    expect_problem(get(USERS "?date_created=2024-02-30", admin()), 422, "invalid");
}

Test(users_list, refuses_unknown_parameters_with_a_suggestion) {
    struct answer *answer = get(USERS "?serach=x", admin());
    expect_problem(answer, 400, "unknown_parameter");
    expect_flaw(answer, "parameter", "serach", NULL);
    cr_assert(strstr(answer->body, "search") != NULL);
    expect_problem(get(USERS "?username__contians=x", admin()), 400, "unknown_parameter");
    expect_problem(get(USERS "?password_hash=x", admin()), 400, "unknown_parameter");
    expect_problem(get(USERS "?sort_by=nothing", admin()), 422, NULL);
}

Test(users_list, sorts) {
    struct answer *answer = list("&sort_by=username&sort_order=asc");
    cr_assert_str_eq(text(answer, "/items/0/username"), fmt("%s01", crowd()));
    answer = list("&sort_by=username&sort_order=desc");
    cr_assert_str_eq(text(answer, "/items/0/username"), fmt("%s12", crowd()));
    answer = list("&sort=-date_created,-username");
    cr_assert_str_eq(text(answer, "/items/0/username"), fmt("%s12", crowd()));
    cr_assert_str_eq(text(answer, "/items/1/username"), fmt("%s11", crowd()));
    answer = list("&sort=oauth_provider,username");
    cr_assert_str_eq(text(answer, "/items/0/oauth_provider"), "apple");
    cr_assert(is_null(answer, "/items/11/oauth_provider"));
    answer = list("&sort=-oauth_provider,username");
    cr_assert_str_eq(text(answer, "/items/0/oauth_provider"), "google");
    cr_assert(is_null(answer, "/items/11/oauth_provider"));
    cr_assert_eq(list("&sort=username&sort_by=id")->status, 400);
    cr_assert_eq(list("&sort_order=sideways")->status, 422);
}

Test(users_list, chooses_fields) {
    struct answer *answer = list("&fields=id,username");
    expect(answer, 200);
    cr_assert_eq(json_object_object_length(at(answer, "/items/0")), 2, "%s", answer->body);
}

/* Walks the crowd by following next; each name must come once. */
static void walk(const char *rest, bool by_cursor) {
    bool seen[CROWD + 1] = { false };
    char *path = fmt(USERS "?search=%s&size=5%s", crowd(), rest);
    int n = 0;
    for (int steps = 0; path != NULL; steps++) {
        cr_assert_lt(steps, 10);
        struct answer *answer = get(path, admin());
        expect(answer, 200);
        for (int i = 0; i < count(answer, "/items"); i++, n++) {
            int index = atoi(text(answer, fmt("/items/%d/username", i)) + strlen(crowd()));
            cr_assert(!seen[index], "%d came twice by %s", index, rest);
            seen[index] = true;
        }
        cr_assert_eq(flag(answer, "/has_next"), n < CROWD);
        if (!flag(answer, "/has_next"))
            path = NULL;
        else if (by_cursor)
            path = fmt(USERS "?search=%s&size=5%s&cursor=%s", crowd(), rest, text(answer, "/cursors/next"));
        else
            path = fmt("%s", text(answer, "/links/next"));
    }
    cr_assert_eq(n, CROWD);
}

Test(users_list, walks_by_links) {
    walk("", false);
    walk("&sort=-oauth_provider", false);
    walk("&sort_by=date_created&sort_order=desc", false);
    walk("&sort=_closeness", false);
    walk("&sort=-_closeness,-date_created", false);
}

Test(users_list, sorts_by_closeness) {
    const char *word = fmt("%sq", unique("close"));
    sql(fmt("INSERT INTO public.users (email, username) SELECT replace(n, ' ', '+') || '@mail.example', n FROM unnest("
            "ARRAY['%s-and-much-more', 'a%sb', '%s', '%s1', 'other %s']) AS n", word, word, word, word, word));
    char *path = fmt(USERS "?search=%s&fields=username&sort=_closeness", word);
    struct answer *answer = get(path, someone()->token);
    expect(answer, 200);
    const char *const names[] = { fmt("%s-and-much-more", word), fmt("%s", word), fmt("other %s", word),
                                  fmt("%s1", word), fmt("a%sb", word) };
    for (int i = 0; i < 5; i++)
        cr_expect_str_eq(text(answer, fmt("/items/%d/username", i)), names[i], "%s", answer->body);
    cr_assert(is_null(answer, "/cursors/next") && is_null(answer, "/cursors/prev"));
    answer = get(fmt("%s&size=2&page=2", path), admin());
    expect(answer, 200);
    cr_assert_eq(number(answer, "/total"), 5);
    cr_assert_eq(flag(answer, "/has_next"), true);
    cr_assert_str_eq(text(answer, "/links/next"), fmt("%s&size=2&page=3", path));
    cr_assert(is_null(answer, "/cursors/next") && is_null(answer, "/cursors/prev"));
    answer = get(fmt(USERS "?search=%s&fields=username&sort_by=_closeness&sort_order=desc", word), admin());
    cr_assert_str_eq(text(answer, "/items/0/username"), names[4]);

    answer = get(USERS "?sort=_closeness", admin());
    expect_problem(answer, 422, "invalid");
    expect_flaw(answer, "parameter", "sort", "needs_search");
    cr_assert(strstr(answer->body, "_closeness needs search") != NULL);
    answer = get(fmt("%s&cursor=AAAA", path), admin());
    expect_problem(answer, 400, NULL);
    expect_flaw(answer, "parameter", "cursor", "conflict");
}

Test(users_list, walks_by_cursors_in_any_order) {
    walk("", true);
    walk("&sort=id", true);
    walk("&sort=-id", true);
    walk("&sort=oauth_provider", true);
    walk("&sort=-oauth_provider,username", true);
    walk("&sort=is_verified,-date_created", true);
    walk("&sort_by=date_created&sort_order=desc", true);
}

Test(users_list, cursors_go_back_too) {
    struct answer *first = get(fmt(USERS "?search=%s&size=5&sort=username", crowd()), admin());
    struct answer *second =
        get(fmt(USERS "?search=%s&size=5&sort=username&cursor=%s", crowd(), text(first, "/cursors/next")), admin());
    expect(second, 200);
    cr_assert_eq(flag(second, "/has_prev"), true);
    struct answer *back =
        get(fmt(USERS "?search=%s&size=5&sort=username&cursor=%s", crowd(), text(second, "/cursors/prev")), admin());
    expect(back, 200);
    cr_assert_eq(count(back, "/items"), 5);
    for (int i = 0; i < 5; i++)
        cr_assert_eq(number(back, fmt("/items/%d/id", i)), number(first, fmt("/items/%d/id", i)));
}

Test(users_list, cursors_are_bound) {
    struct answer *first = get(fmt(USERS "?search=%s&size=5&sort=username", crowd()), admin());
    const char *cursor = text(first, "/cursors/next");
    expect_problem(get(fmt(USERS "?search=%s&size=5&sort=-username&cursor=%s", crowd(), cursor), admin()), 400,
                   "bad_cursor");
    expect_problem(get(fmt(USERS "?search=other&size=5&sort=username&cursor=%s", cursor), admin()), 400, "bad_cursor");
    expect_problem(get(fmt(USERS "?search=%s&size=5&sort=username&cursor=%s", crowd(), cursor), someone()->token), 400,
                   "bad_cursor");
    expect_problem(get(fmt(USERS "?search=%s&size=5&sort=username&cursor=AAAA", crowd()), admin()), 400, "bad_cursor");
    char *forged = strdup(cursor);
    forged[strlen(forged) / 2] ^= 1;
    expect_problem(get(fmt(USERS "?search=%s&size=5&sort=username&cursor=%s", crowd(), forged), admin()), 400, NULL);
    cr_assert_eq(get(fmt(USERS "?search=%s&page=1&sort=username&cursor=%s", crowd(), cursor), admin())->status, 400);
}

/* Rows that stay untouched while others come and go appear exactly once. */
Test(users_list, cursor_walk_while_rows_come_and_go) {
    const char *word = unique("walk");
    sql(fmt("INSERT INTO public.users (email, username, date_created) SELECT '%s' || n || '@w.example', '%s' || n,"
            " timestamptz '2024-05-01Z' + n * interval '1 minute' FROM generate_series(1, 60) AS n", word, word));
    int seen[61] = { 0 }, next_new = 1000;
    char *path = fmt(USERS "?search=%s&size=7&sort=-date_created", word);
    for (int steps = 0; path != NULL; steps++) {
        cr_assert_lt(steps, 60);
        struct answer *answer = get(path, admin());
        expect(answer, 200);
        for (int i = 0; i < count(answer, "/items"); i++) {
            int index = atoi(text(answer, fmt("/items/%d/username", i)) + strlen(word));
            if (index <= 60)
                seen[index]++;
        }
        path = flag(answer, "/has_next")
                   ? fmt(USERS "?search=%s&size=7&sort=-date_created&cursor=%s", word, text(answer, "/cursors/next"))
                   : NULL;
        sql(fmt("INSERT INTO public.users (email, username, date_created) SELECT '%s%d@w.example', '%s%d',"
                " timestamptz '2024-05-01Z' + %d * interval '1 minute';"
                " DELETE FROM public.users WHERE username = '%s%d';"
                " UPDATE public.users SET username = username WHERE username = '%s%d'",
                word, next_new, word, next_new, (steps * 11) % 60, word, steps * 3 + 2, word, steps + 1));
        next_new++;
    }
    for (int i = 1; i <= 60; i++)
        cr_assert(seen[i] == 1 || (seen[i] == 0 && i % 3 == 2), "row %d came %d times", i, seen[i]);
}

Test(users_list, counts_as_asked) {
    struct answer *answer = list("&count=none");
    expect(answer, 200);
    cr_assert(is_null(answer, "/total"));
    cr_assert(is_null(answer, "/pages"));
    expect_total(list("&count=exact"), CROWD);
    answer = list("&count=estimated");
    expect(answer, 200);
    cr_assert_eq(list("&count=perhaps")->status, 422);
}

Test(users_list, hides_the_trash) {
    const char *word = unique("gone");
    sql(fmt("INSERT INTO public.users (email, username, deleted_at) VALUES ('%s@x.example', '%s', now())", word, word));
    struct person *person = someone();
    cr_assert_eq(number(get(fmt(USERS "?search=%s", word), person->token), "/total"), 0);
    cr_assert_eq(number(get(fmt(USERS "?search=%s", word), admin()), "/total"), 0);
    cr_assert_eq(number(get(fmt(USERS "?search=%s&is_deleted=true", word), admin()), "/total"), 1);
    cr_assert_eq(number(get(fmt(USERS "?search=%s&is_deleted=false", word), admin()), "/total"), 0);
}

Test(users_list, head_has_the_headers_only) {
    struct answer *answer = ASK(.method = "HEAD", .path = fmt(USERS "?search=%s", crowd()), .token = admin());
    expect(answer, 200);
    cr_assert_eq(answer->size, 0);
    cr_assert_str_eq(header(answer, "X-Total-Count"), fmt("%d", CROWD));
}
