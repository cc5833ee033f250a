#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "settings.h"

static char *hash_of(void *ctx, const struct cab_conf *conf, const char *password) {
    struct cab_err err = { 0 };
    char *hash = NULL;
    cr_assert_eq(cab_password_hash(ctx, conf, password, strlen(password), &hash, &err), 0, "%s", err.detail);
    return hash;
}

Test(password, a_hash_verifies_its_password_only) {
    struct cab_conf conf = test_settings();
    void *ctx = cab_mem_alloc(NULL, 1);
    char *hash = hash_of(ctx, &conf, "correct horse"), *again = hash_of(ctx, &conf, "correct horse");

    cr_assert_eq(strncmp(hash, "$argon2id$v=19$m=64,t=1,p=1$", 28), 0, "%s", hash);
    cr_assert_str_neq(hash, again); /* salted */
    cr_assert_eq(cab_password_verify(&conf, hash, "correct horse", 13), 1);
    cr_assert_eq(cab_password_verify(&conf, hash, "correct hors", 12), 0);
    cr_assert_eq(cab_password_verify(&conf, hash, "Correct horse", 13), 0);
    cr_assert_eq(cab_password_verify(&conf, hash, "", 0), 0);
    cr_assert_eq(cab_password_verify(&conf, "$argon2id$nonsense", "correct horse", 13), -1);
    cr_assert_eq(cab_password_verify(&conf, "", "correct horse", 13), -1);
    cab_mem_free(ctx);
}

Test(password, nothing_of_a_long_password_is_cut_off) {
    struct cab_conf conf = test_settings();
    void *ctx = cab_mem_alloc(NULL, 1);
    struct cab_err err = { 0 };
    char password[1026];
    char *hash;

    memset(password, 'x', sizeof password);
    cr_assert_eq(cab_password_hash(ctx, &conf, password, 1024, &hash, &err), 0);
    cr_assert_eq(cab_password_verify(&conf, hash, password, 1024), 1);
    cr_assert_eq(cab_password_verify(&conf, hash, password, 1023), 0);
    cr_assert_eq(cab_password_hash(ctx, &conf, password, 1025, &hash, &err), -1);
    cr_assert_eq(err.problem, CAB_PROBLEM_INVALID);
    cr_assert_eq(cab_password_hash(ctx, &conf, password, 7, &hash, &err), -1);
    cab_mem_free(ctx);
}

Test(password, other_costs_ask_for_a_rehash) {
    struct cab_conf conf = test_settings();
    void *ctx = cab_mem_alloc(NULL, 1);
    char *hash = hash_of(ctx, &conf, "correct horse");

    cr_assert(!cab_password_needs_rehash(&conf, hash));
    conf.password_hash_time = 10;
    cr_assert(cab_password_needs_rehash(&conf, hash));
    cr_assert_eq(cab_password_verify(&conf, hash, "correct horse", 13), 1);
    conf.password_hash_time = 1;
    conf.password_hash_memory = 128;
    cr_assert(cab_password_needs_rehash(&conf, hash));
    cab_mem_free(ctx);
}

static double seconds_of(const struct cab_conf *conf, const char *hash) {
    struct timespec from, to;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    cr_assert_eq(cab_password_verify(conf, hash, "wrong password", 14), 0);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    return (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

/* Tries take turns and the quickest counts, since other work on the machine can only add. */
Test(password, an_unknown_account_costs_what_a_known_one_costs) {
    struct cab_conf conf = test_settings();
    conf.password_hash_memory = 4096;
    conf.password_hash_time = 2;
    void *ctx = cab_mem_alloc(NULL, 1);
    const char *hash = hash_of(ctx, &conf, "correct horse");
    double known = 1e9, unknown = 1e9;

    for (int i = 0; i < 25; i++) {
        double one = seconds_of(&conf, hash), other = seconds_of(&conf, NULL);
        known = one < known ? one : known;
        unknown = other < unknown ? other : unknown;
    }
    cr_assert(unknown > known * 0.6 && unknown < known * 1.6, "known %.4f s, unknown %.4f s", known, unknown);
    cab_mem_free(ctx);
}

static const char *refusal(const char *password, const char *email, const char *username) {
    struct cab_conf conf = test_settings();
    static char code[32];
    void *ctx = cab_mem_alloc(NULL, 1);
    struct cab_err err = { 0 };

    code[0] = '\0';
    if (cab_password_check(&conf, ctx, "password", password, strlen(password), email, username, &err) != 0) {
        cr_assert_eq(err.problem, CAB_PROBLEM_INVALID);
        cr_assert_str_eq(err.flaws->name, "password");
        cr_assert(strcmp(password, "password") == 0 || strstr(err.flaws->detail, password) == NULL, "echoed");
        snprintf(code, sizeof code, "%s", err.flaws->code);
    }
    cab_mem_free(ctx);
    return code;
}

Test(password, weak_passwords_are_refused_with_a_reason) {
    char long_one[1026];
    memset(long_one, 'y', 1025);
    long_one[0] = 'x';
    long_one[1025] = '\0';

    cr_assert_str_eq(refusal("tr0ub4dor and three", "a@b.example", "anna"), "");
    cr_assert_str_eq(refusal("seven77", NULL, NULL), "too_short");
    cr_assert_str_eq(refusal(long_one, NULL, NULL), "too_long");
    cr_assert_str_eq(refusal("password", NULL, NULL), "too_common");
    cr_assert_str_eq(refusal("PassWord123", NULL, NULL), "too_common");
    cr_assert_str_eq(refusal("zzzzzzzzzzzz", NULL, NULL), "too_common");
    cr_assert_str_eq(refusal("Anna@B.Example", "anna@b.example", "anna"), "too_easy");
    cr_assert_str_eq(refusal("anna-the-first", "a@b.example", "Anna-The-First"), "too_easy");
}

/* A file of the test's own, gone with it. */
static const char *file_of(const char *text) {
    static char path[64];
    snprintf(path, sizeof path, "/tmp/cabinet-list-%d", (int)getpid());
    FILE *file = fopen(path, "w");
    cr_assert(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
    return path;
}

static const char *refusal_with(const struct cab_conf *conf, const char *password) {
    void *ctx = cab_mem_alloc(NULL, 1);
    struct cab_err err = { 0 };
    static char code[32];
    int rc = cab_password_check(conf, ctx, "password", password, strlen(password), NULL, NULL, &err);
    snprintf(code, sizeof code, "%s", rc != 0 ? err.flaws->code : "");
    cab_mem_free(ctx);
    return code;
}

Test(password, words_of_the_files_are_common) {
    struct cab_conf conf = test_settings();
    conf.password_lists = file_of("#!comment: a list\nblackcurrant\r\nshort\n\nTreehouse9");
    cr_expect_str_eq(refusal_with(&conf, "BlackCurrant"), "too_common");
    cr_expect_str_eq(refusal_with(&conf, "treehouse9"), "too_common");
    cr_expect_str_eq(refusal_with(&conf, "password123"), "too_common", "what is built in stays");
    cr_expect_str_eq(refusal_with(&conf, "blackcurrants"), "");
    unlink(conf.password_lists);
    conf.password_lists = "/usr/share/dict/cracklib-small";
    if (access(conf.password_lists, R_OK) != 0)
        cr_skip_test("cracklib-runtime is not installed");
    cr_expect_str_eq(refusal_with(&conf, "aardvark"), "too_common");
    cr_expect_str_eq(refusal_with(&conf, "Predominate"), "too_common");
    cr_expect_str_eq(refusal_with(&conf, "tr0ub4dor and three"), "");
}

/* Digests of a hundred passwords, every second one in the file. */
static void check_breached(size_t digits, const char *ending) {
    static char lines[50][48], text[4096];
    char password[32];
    struct cab_conf conf = test_settings();
    for (int i = 0; i < 50; i++) {
        snprintf(password, sizeof password, "breached word %d", 2 * i);
        cab_sha1_hex(password, strlen(password), lines[i]);
        lines[i][digits] = '\0';
        for (char *c = lines[i]; *c != '\0'; c++)
            *c = *c >= 'a' ? (char)(*c - 32) : *c;
    }
    qsort(lines, 50, sizeof lines[0], (int (*)(const void *, const void *))strcmp);
    text[0] = '\0';
    for (int i = 0; i < 50; i++) {
        strncat(text, lines[i], sizeof text - strlen(text) - 1);
        strncat(text, i < 49 ? ending : "", sizeof text - strlen(text) - 1);
    }
    conf.password_breach_file = file_of(text);
    for (int i = 0; i < 100; i++) {
        snprintf(password, sizeof password, "breached word %d", i);
        cr_expect_str_eq(refusal_with(&conf, password), i % 2 == 0 ? "breached" : "", "%d", i);
    }
    unlink(conf.password_breach_file);
}

Test(password, breached_ones_are_found_in_the_file) {
    check_breached(40, "\n");
    check_breached(40, ":17\r\n");
    check_breached(16, "\n");
}

Test(password, a_file_that_is_not_there_refuses_nothing) {
    struct cab_conf conf = test_settings();
    conf.password_breach_file = "/nonexistent/list";
    conf.password_lists = "/nonexistent/words";
    cr_expect_str_eq(refusal_with(&conf, "tr0ub4dor and three"), "");
    conf.password_breach_file = file_of("");
    cr_expect_str_eq(refusal_with(&conf, "tr0ub4dor and three"), "");
    unlink(conf.password_breach_file);
    conf.password_breach_file = file_of("\n\n\nnonsense\n:\n");
    cr_expect_str_eq(refusal_with(&conf, "tr0ub4dor and three"), "");
    unlink(conf.password_breach_file);
}
