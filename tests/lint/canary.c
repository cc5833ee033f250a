/*
 * canary: faults made on purpose.  deploy/check runs them to prove that the sanitizers would report what a passing test
 * leaves behind.
 */
#include <criterion/criterion.h>
#include <limits.h>
#include <stdlib.h>

static void *volatile kept;

Test(canary, leak) {
    kept = malloc(123);
    kept = NULL;
    cr_assert(kept == NULL);
}

Test(canary, overflow) {
    volatile int most = INT_MAX;
    most = most + 1;
    cr_assert(most != 0);
}
