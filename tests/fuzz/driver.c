/*
 * Runs a fuzz target without libFuzzer: first every file of its corpus (or those named as arguments), then random
 * mutations of them.  The same seed gives the same runs.  FUZZ_RUNS and FUZZ_SEED change the defaults; the input of a
 * failure is written to fuzz-NAME.failure, to be moved into the corpus once the fault is mended.
 */
#include "fuzz.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_BYTES 65536
#define MAX_CORPUS 2000
#define DEFAULT_RUNS 20000

struct input { uint8_t *bytes; size_t n; };

static struct input corpus[MAX_CORPUS];
static size_t n_corpus;
static uint8_t current[MOST_BYTES];
static size_t n_current;
static uint64_t state;

/* Where a sanitizer is linked in, it calls back before it ends the process. */
void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

static void save_current(void) {
    int fd = open("fuzz-" FUZZ_NAME ".failure", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return;
    if (write(fd, current, n_current) == (ssize_t)n_current)
        fprintf(stderr, "fuzz-" FUZZ_NAME ": input written to fuzz-" FUZZ_NAME ".failure\n");
    close(fd);
}

void fuzz_fail(const char *condition, const char *file, int line) {
    fprintf(stderr, "fuzz-" FUZZ_NAME ": %s does not hold at %s:%d\n", condition, file, line);
    save_current();
    abort();
}

/* xorshift64* */
static uint64_t chance(uint64_t below) {
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (state * 2685821657736338717ULL >> 16) % below;
}

static void run(void) {
    uint8_t *copy = malloc(n_current > 0 ? n_current : 1); /* of exact size, so that reading over the end shows */
    if (copy == NULL)
        exit(2);
    memcpy(copy, current, n_current);
    LLVMFuzzerTestOneInput(copy, n_current);
    free(copy);
}

static void load(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL || n_corpus == MAX_CORPUS) {
        fprintf(stderr, "fuzz-" FUZZ_NAME ": cannot read %s\n", path);
        exit(2);
    }
    n_current = fread(current, 1, sizeof current, file);
    fclose(file);
    struct input *input = &corpus[n_corpus++];
    input->n = n_current;
    input->bytes = malloc(n_current > 0 ? n_current : 1);
    if (input->bytes == NULL)
        exit(2);
    memcpy(input->bytes, current, n_current);
    run();
}

static void load_folder(const char *folder) {
    struct dirent **names;
    char path[PATH_MAX];
    int n = scandir(folder, &names, NULL, alphasort);
    if (n < 0) {
        fprintf(stderr, "fuzz-" FUZZ_NAME ": no corpus in %s\n", folder);
        exit(2);
    }
    for (int i = 0; i < n; i++) {
        if (names[i]->d_name[0] != '.') {
            snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
            load(path);
        }
        free(names[i]);
    }
    free(names);
}

/* Replaces n_old bytes at `at` by n bytes. */
static void put(size_t at, size_t n_old, const uint8_t *bytes, size_t n) {
    if (n_current - n_old + n > sizeof current)
        return;
    memmove(current + at + n, current + at + n_old, n_current - at - n_old);
    memcpy(current + at, bytes, n);
    n_current += n - n_old;
}

static void mutate(void) {
    size_t at = chance(n_current + 1), n = n_current > at ? 1 + chance(n_current - at) : 0;
    uint8_t byte = (uint8_t)chance(256), chunk[64];
    switch (chance(8)) {
    case 0:
        if (at < n_current)
            current[at] ^= (uint8_t)(1u << chance(8));
        break;
    case 1:
        if (at < n_current)
            current[at] = byte;
        break;
    case 2:
        put(at, 0, &byte, 1);
        break;
    case 3:
        put(at, n < 16 ? n : 1 + chance(16), current, 0);
        break;
    case 4: {
        size_t len = n < sizeof chunk ? n : sizeof chunk;
        memcpy(chunk, current + at, len);
        put(chance(n_current + 1), 0, chunk, len);
        break;
    }
    case 5: {
        size_t n_words = 0;
        while (fuzz_words != NULL && fuzz_words[n_words] != NULL)
            n_words++;
        if (n_words > 0) {
            const char *word = fuzz_words[chance(n_words)];
            put(at, 0, (const uint8_t *)word, strlen(word));
        }
        break;
    }
    case 6: {
        const struct input *other = &corpus[chance(n_corpus)];
        size_t from = chance(other->n + 1);
        size_t len = other->n - from < 256 ? other->n - from : 256;
        put(at, 0, other->bytes + from, len);
        break;
    }
    default:
        n_current = at;
    }
}

int main(int argc, char **argv) {
    const char *runs_text = getenv("FUZZ_RUNS"), *seed_text = getenv("FUZZ_SEED");
    unsigned long runs = runs_text != NULL ? strtoul(runs_text, NULL, 10) : DEFAULT_RUNS;
    state = seed_text != NULL ? strtoull(seed_text, NULL, 10) | 1 : 88172645463325253ULL;
    if (__sanitizer_set_death_callback != NULL)
        __sanitizer_set_death_callback(save_current);
    for (int i = 1; i < argc; i++)
        load(argv[i]);
    if (argc > 1)
        return 0;
    load_folder(TESTS_SRCDIR "/fuzz/corpus/" FUZZ_NAME);
    for (unsigned long i = 0; i < runs; i++) {
        const struct input *input = &corpus[chance(n_corpus)];
        memcpy(current, input->bytes, input->n);
        n_current = input->n;
        for (uint64_t steps = 1 + chance(6); steps > 0; steps--)
            mutate();
        run();
    }
    for (size_t i = 0; i < n_corpus; i++)
        free(corpus[i].bytes);
    printf("fuzz-" FUZZ_NAME ": %zu files, %lu mutations\n", n_corpus, runs);
    return 0;
}
