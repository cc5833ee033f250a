/*
 * What connection strings say, and how they travel to PostgreSQL's own programs.
 */
#include "support.h"
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct cab_err err;

Test(url, words_are_read_and_replaced_in_both_forms) {
    static const char *const urls[] = { "postgresql://ann:p%27%5Cw@db.example:5433/shop?sslmode=require",
                                        "user=ann password='p\\'\\\\w' host=db.example port=5433 dbname=shop" };
    void *ctx = cab_mem_alloc(NULL, 1);
    for (size_t i = 0; i < CAB_LENGTH(urls); i++) {
        const char *value, *other;
        cr_assert_eq(cab_db_url_word(ctx, urls[i], "password", &value, &err), 0);
        cr_expect_str_eq(value, "p'\\w");
        cr_assert_eq(cab_db_url_word(ctx, urls[i], "hostaddr", &value, &err), 0);
        cr_expect_null(value);
        cr_assert_eq(cab_db_url_with(ctx, urls[i], "dbname", "it's", &other, &err), 0);
        cr_assert_eq(cab_db_url_word(ctx, other, "dbname", &value, &err), 0);
        cr_expect_str_eq(value, "it's");
        cr_assert_eq(cab_db_url_word(ctx, other, "password", &value, &err), 0);
        cr_expect_str_eq(value, "p'\\w", "the other words stay");
        cr_assert_eq(cab_db_url_export(urls[i], &err), 0);
        cr_expect_str_eq(getenv("PGPASSWORD"), "p'\\w");
        cr_expect_str_eq(getenv("PGPORT"), "5433");
    }
    cab_mem_free(ctx);
}

Test(url, a_bad_one_is_refused_without_being_quoted) {
    void *ctx = cab_mem_alloc(NULL, 1);
    const char *value;
    cr_expect_eq(cab_db_url_word(ctx, "postgresql://ann:hush@[x/", "user", &value, &err), -1);
    cr_expect_eq(cab_db_url_with(ctx, "password=hush nonsense", "dbname", "x", &value, &err), -1);
    cr_expect_eq(cab_db_url_export("password='hush", &err), -1);
    cr_expect_null(strstr(err.detail, "hush"));
    cr_expect_null(strstr(err.internal, "hush"));
    cab_mem_free(ctx);
}

Test(url, a_password_travels_as_a_verifier) {
    void *ctx = cab_mem_alloc(NULL, 1);
    struct cab_db_options options = test_options(ctx);
    struct cab_db *db = test_open(ctx, &options);
    const char *verifier;
    cr_assert_eq(cab_db_password_verifier(ctx, db, "ann", "a password", &verifier, &err), 0);
    cr_expect_eq(strncmp(verifier, "SCRAM-SHA-256$4096:", 19), 0, "%s", verifier);
    cab_mem_free(ctx);
}
