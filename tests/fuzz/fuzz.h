/*
 * What a fuzz target gives the driver.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* One run on n bytes; aborts (or trips a sanitizer) where something is wrong.  The name is libFuzzer's. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

/* Words that mutations put in, NULL-ended; a target may have none. */
extern const char *const fuzz_words[] __attribute__((weak));

#define FUZZ_MUST(condition) ((condition) ? (void)0 : fuzz_fail(#condition, __FILE__, __LINE__))
void fuzz_fail(const char *condition, const char *file, int line) __attribute__((noreturn));

#endif
