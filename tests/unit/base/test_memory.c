#include <cabinet/base.h>
#include <criterion/criterion.h>
#include <string.h>

static int destroyed;

static void count_destroy(void *ptr) {
    cr_assert_str_eq(ptr, "alive", "the block still stands when its destructor runs");
    destroyed++;
}

Test(memory, freeing_a_context_frees_all_below_and_runs_destructors) {
    void *root = cab_mem_alloc(NULL, 0);
    char *child = cab_strdup(root, "alive");
    cab_mem_on_free(child, count_destroy);
    cab_strdup(child, "grandchild");
    cr_assert_gt(cab_mem_blocks(root), 3);
    cab_mem_free(root);
    cr_assert_eq(destroyed, 1);
}

Test(memory, a_stolen_block_outlives_its_first_parent) {
    void *first = cab_mem_alloc(NULL, 0), *second = cab_mem_alloc(NULL, 0);
    char *text = cab_strdup(first, "kept");
    cr_assert_eq(cab_mem_steal(second, text), text);
    cab_mem_free(first);
    cr_assert_str_eq(text, "kept");
    cab_mem_free(second);
}

Test(memory, a_pool_serves_children_and_is_freed_whole) {
    void *root = cab_mem_alloc(NULL, 0);
    size_t before = cab_mem_blocks(root);
    void *pool = cab_mem_pool(root, 4096);
    for (int i = 0; i < 1000; i++)
        memset(cab_mem_alloc(pool, 100), 1, 100);
    cab_mem_free(pool);
    cr_assert_eq(cab_mem_blocks(root), before);
    cab_mem_free(root);
}

Test(memory, zeroed_and_secret_blocks_are_cleared) {
    unsigned char *zero = cab_mem_zero(NULL, 10, 10), *secret = cab_mem_secret(NULL, 32);
    for (int i = 0; i < 100; i++)
        cr_assert_eq(zero[i], 0);
    for (int i = 0; i < 32; i++)
        cr_assert_eq(secret[i], 0);
    cab_mem_free(zero);
    cab_mem_free(secret);
    cab_mem_free(NULL);
}

Test(memory, an_overflowing_size_ends_the_process, .exit_code = 1) {
    cab_mem_zero(NULL, SIZE_MAX / 2, 3);
}
