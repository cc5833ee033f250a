/*
 * Memory tree over libtalloc, the only file that knows it.  Allocation failure ends the process: a worker is cheap and
 * the master starts another.
 */
#include <cabinet/base.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

static void *alive(void *ptr) {
    if (ptr == NULL)
        cab_die("out of memory");
    return ptr;
}

void *cab_mem_alloc(const void *ctx, size_t size) {
    return alive(talloc_named_const(ctx, size, "block"));
}

void *cab_mem_zero(const void *ctx, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        cab_die("allocation of %zu times %zu bytes overflows", count, size);
    return memset(cab_mem_alloc(ctx, bytes), 0, bytes);
}

void *cab_mem_resize(const void *ctx, void *ptr, size_t size) {
    return alive(talloc_realloc_size(ctx, ptr, size == 0 ? 1 : size));
}

void *cab_mem_pool(const void *ctx, size_t bytes) {
    return alive(talloc_pool(ctx, bytes));
}

static int wipe(void *ptr) {
    explicit_bzero(ptr, talloc_get_size(ptr));
    return 0;
}

void *cab_mem_secret(const void *ctx, size_t size) {
    void *ptr = cab_mem_zero(ctx, 1, size);
    talloc_set_destructor(ptr, wipe);
    return ptr;
}

void cab_mem_free(void *ptr) {
    if (ptr != NULL)
        talloc_free(ptr);
}

void *cab_mem_steal(const void *ctx, void *ptr) {
    return talloc_steal(ctx, ptr);
}

/*
 * talloc's destructors are given the block only, and at a time when its children still stand.  So the function to call
 * is found through the block's name, which starts this struct.
 */
struct cleanup {
    char name[8];
    void (*destroy)(void *ptr);
};

static int run_cleanup(void *ptr) {
    const struct cleanup *cleanup = (const void *)talloc_get_name(ptr);
    cleanup->destroy(ptr);
    return 0;
}

void cab_mem_on_free(void *ptr, void (*destroy)(void *ptr)) {
    struct cleanup *cleanup = cab_mem_alloc(ptr, sizeof *cleanup);
    *cleanup = (struct cleanup){ .name = "cleanup", .destroy = destroy };
    talloc_set_name_const(ptr, cleanup->name);
    talloc_set_destructor(ptr, run_cleanup);
}

size_t cab_mem_bytes(const void *ctx) {
    return talloc_total_size(ctx);
}

size_t cab_mem_blocks(const void *ctx) {
    return talloc_total_blocks(ctx);
}

void cab_sort(void *array, size_t n, size_t size, int (*compare)(const void *a, const void *b)) {
    if (n > 1)
        qsort(array, n, size, compare);
}
