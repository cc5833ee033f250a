/*
 * Revision files of any bytes: refused with file and line, or read.
 */
#include "fuzz.h"

#include <migrate/concurrent.h>
#include <migrate/revision_file.h>
#include <string.h>

const char *const fuzz_words[] = {
    "-- cabinet migration\n", "\n-- Revision: abcd\n", "\n-- Revises: ", "\n-- Line: ", ",", "\n-- upgrade\n",
    "\n-- downgrade\n", " no-transaction", " retry=5", " lock-timeout=2s", "CREATE INDEX CONCURRENTLY i ON t (a);", "'",
    "$$", "/*", "*/", "--", "COMMIT;", NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    void *ctx = cab_mem_alloc(NULL, 1);
    char *text = cab_mem_alloc(ctx, size + 1);
    struct cab_err err = {0};
    struct cab_revision *revision;
    memcpy(text, data, size);
    text[size] = '\0';
    if (cab_revision_parse(ctx, "fuzz.sql", text, size, &revision, &err) != 0) {
        FUZZ_MUST(strncmp(err.detail, "fuzz.sql:", 9) == 0);
    } else {
        for (int i = 0; i < revision->n_segments; i++) {
            const char *index, *table;
            for (int k = 0; k < revision->segments[i].n_statements; k++)
                (void)cab_concurrent_index(ctx, &revision->segments[i].statements[k], &index, &table);
        }
    }
    cab_mem_free(ctx);
    return 0;
}
