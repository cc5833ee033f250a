#include <criterion/criterion.h>
#include <string.h>

#include "settings.h"

#define SESSION "6f0c6d3e-1234-4abc-8def-0123456789ab"

Test(refresh, a_token_says_session_and_counter) {
    struct cab_conf conf = test_settings();
    void *ctx = cab_mem_alloc(NULL, 1);
    const int64_t counters[] = { 0, 1, 255, 256, 1LL << 40, INT64_MAX };

    for (size_t i = 0; i < CAB_LENGTH(counters); i++) {
        struct cab_err err = { 0 };
        char session[37];
        int64_t counter;
        char *token = cab_refresh_make(ctx, &conf, SESSION, counters[i]);
        cr_assert_eq(cab_refresh_verify(ctx, &conf, token, session, &counter, &err), 0);
        cr_assert_str_eq(session, SESSION);
        cr_assert_eq(counter, counters[i]);
    }
    cab_mem_free(ctx);
}

static int verify(void *ctx, const struct cab_conf *conf, const char *token) {
    struct cab_err err = { 0 };
    char session[37];
    int64_t counter;
    int rc = cab_refresh_verify(ctx, conf, token, session, &counter, &err);
    if (rc != 0)
        cr_assert_eq(err.problem, CAB_PROBLEM_UNAUTHENTICATED);
    return rc;
}

Test(refresh, every_changed_byte_is_noticed) {
    struct cab_conf conf = test_settings();
    void *ctx = cab_mem_alloc(NULL, 1);
    char *token = cab_refresh_make(ctx, &conf, SESSION, 3);

    for (size_t i = 0; token[i] != '\0'; i++)
        for (const char *other = "AZ_0"; *other != '\0'; other++) {
            char *copy = cab_strdup(ctx, token);
            if (copy[i] == *other)
                continue;
            copy[i] = *other;
            cr_expect_eq(verify(ctx, &conf, copy), -1, "byte %zu as %c", i, *other);
        }
    cr_assert_eq(verify(ctx, &conf, ""), -1);
    cr_assert_eq(verify(ctx, &conf, "AAAA"), -1);
    cr_assert_eq(verify(ctx, &conf, cab_printf(ctx, "%sAA", token)), -1);
    cr_assert_eq(verify(ctx, &conf, cab_printf(ctx, "%s=", token)), -1);
    cab_mem_free(ctx);
}

Test(refresh, a_previous_key_still_counts) {
    struct cab_conf old = test_settings(), new = test_settings();
    void *ctx = cab_mem_alloc(NULL, 1);
    char *token = cab_refresh_make(ctx, &old, SESSION, 3);

    new.secret_key = "the key that came after it, long enough too";
    cr_assert_eq(verify(ctx, &new, token), -1);
    new.secret_key_previous = old.secret_key;
    cr_assert_eq(verify(ctx, &new, token), 0);
    cab_mem_free(ctx);
}

Test(mac, purposes_and_keys_do_not_mix) {
    struct cab_conf conf = test_settings(), other = test_settings();
    unsigned char a[32], b[32];

    cab_mac(&conf, "cursor", "text", 4, a);
    cab_mac(&conf, "refresh", "text", 4, b);
    cr_assert_neq(memcmp(a, b, 32), 0);
    cab_mac(&conf, "cursor", "text", 4, b); /* from the cache now */
    cr_assert_eq(memcmp(a, b, 32), 0);
    other.secret_key = "another secret key, long enough for the tests";
    cab_mac(&other, "cursor", "text", 4, b);
    cr_assert_neq(memcmp(a, b, 32), 0);
    cr_assert(!cab_mac_previous(&other, "cursor", "text", 4, b));
    other.secret_key_previous = conf.secret_key;
    cr_assert(cab_mac_previous(&other, "cursor", "text", 4, b));
    cr_assert_eq(memcmp(a, b, 32), 0);
}

Test(uuid, only_the_canonical_form_is_read) {
    unsigned char bytes[16];
    char made[37];
    cr_assert(cab_uuid_parse(SESSION, bytes));
    cr_assert_eq(memcmp(bytes, "\x6f\x0c\x6d\x3e\x12\x34\x4a\xbc\x8d\xef\x01\x23\x45\x67\x89\xab", 16), 0);
    const char *const bad[] = { "",
                                "6f0c6d3e12344abc8def0123456789ab",
                                "{6f0c6d3e-1234-4abc-8def-0123456789ab}",
                                "6f0c6d3e-1234-4abc-8def-0123456789ag",
                                "6f0c6d3e-1234-4abc-8def-0123456789a",
                                "6f0c6d3e-1234-4abc-8def-0123456789ab0",
                                "6f0c6d3e01234-4abc-8def-0123456789ab" };
    for (size_t i = 0; i < CAB_LENGTH(bad); i++)
        cr_expect(!cab_uuid_parse(bad[i], bytes), "%s", bad[i]);
    for (int i = 0; i < 100; i++) {
        cab_uuid_make(made);
        cr_assert(cab_uuid_parse(made, bytes), "%s", made);
    }
}
