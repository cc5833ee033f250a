/*
 * Records of an import: the same whether the text comes whole or in pieces.  The first byte chooses the format, the
 * second the pieces.
 */
#include "fuzz.h"

#include <string.h>

#include "resource/import_read.h"

const char *const fuzz_words[] = { "\n", "\r\n", "\"", "\"\"", ",", "a,b\n", "\"\n", "\xEF\xBB\xBF", " \n", NULL };

static uint64_t digest(const unsigned char *data, size_t n, bool is_csv, size_t piece) {
    void *mem = cab_mem_alloc(NULL, 1);
    struct cab_import_reader reader;
    struct cab_import_field fields[4];
    uint64_t hash = 14695981039346656037u;
    size_t fed = 0;
    bool is_over = false;
    cab_import_open(&reader, mem, is_csv, 300);
    while (!is_over) {
        const char *wrong;
        char *text;
        size_t length;
        int64_t line;
        enum cab_import_record record = cab_import_next(&reader, &line, &text, &length, &wrong);
        switch (record) {
        case CAB_IMPORT_END:
            is_over = true;
            break;
        case CAB_IMPORT_MORE:
            if (fed == n)
                cab_import_end(&reader);
            size_t step = n - fed < piece ? n - fed : piece;
            cab_import_feed(&reader, (const char *)data + fed, step);
            fed += step;
            break;
        case CAB_IMPORT_WRONG:
            hash = (hash ^ (uint64_t)line) * 1099511628211u;
            break;
        case CAB_IMPORT_RECORD:
            for (size_t i = 0; i < length; i++)
                hash = (hash ^ (unsigned char)text[i]) * 1099511628211u;
            hash = (hash ^ (uint64_t)line) * 1099511628211u;
            int count = is_csv ? cab_import_fields(text, length, fields, 4) : 0;
            for (int i = 0; i < count && i < 4; i++)
                FUZZ_MUST(fields[i].text >= text && fields[i].n <= length && fields[i].text[fields[i].n] == '\0');
            break;
        }
    }
    cab_mem_free(mem);
    return hash;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    if (n < 2)
        return 0;
    bool is_csv = data[0] & 1;
    size_t piece = 1 + data[1] % 64;
    FUZZ_MUST(digest(data + 2, n - 2, is_csv, piece) == digest(data + 2, n - 2, is_csv, n));
    return 0;
}
