/*
 * The reader of imports: the same records however the text is cut.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "resource/import_read.h"

/* Records as "line:field|field;", wrong ones as "line!"; fed in pieces of that size. */
static const char *records(void *mem, bool is_csv, const char *text, size_t n, size_t piece, size_t most) {
    struct cab_import_reader reader;
    struct cab_import_field fields[8];
    struct cab_buf out;
    size_t fed = 0;
    cab_buf_init(&out, mem, 256);
    cab_import_open(&reader, mem, is_csv, most);
    for (;;) {
        const char *wrong;
        char *record;
        size_t length;
        int64_t line;
        switch (cab_import_next(&reader, &line, &record, &length, &wrong)) {
        case CAB_IMPORT_END:
            return out.data;
        case CAB_IMPORT_MORE:
            if (fed == n) {
                cab_import_end(&reader);
                break;
            }
            size_t step = n - fed < piece ? n - fed : piece;
            char *copy = malloc(step); /* its end is watched by the sanitizers */
            memcpy(copy, text + fed, step);
            cab_import_feed(&reader, copy, step);
            free(copy);
            fed += step;
            break;
        case CAB_IMPORT_WRONG:
            cab_buf_addf(&out, "%lld!", (long long)line);
            break;
        case CAB_IMPORT_RECORD:
            cab_buf_addf(&out, "%lld:", (long long)line);
            if (!is_csv) {
                cab_buf_add(&out, record, length);
                cab_buf_addc(&out, ';');
                break;
            }
            int count = cab_import_fields(record, length, fields, 8);
            for (int i = 0; i < count && i < 8; i++)
                cab_buf_addf(&out, "%s%s%s", i > 0 ? "|" : "", fields[i].is_quoted ? "'" : "", fields[i].text);
            cab_buf_adds(&out, count < 0 ? "?;" : ";");
            break;
        }
    }
}

static const struct { bool is_csv; const char *text, *want; } cases[] = {
    { false, "", "" },
    { false, "{}\n\n \t\r\n[1]\r\nlast", "1:{};4:[1];5:last;" },
    { false, "\xEF\xBB\xBFx\n", "1:x;" },
    { false, "0123456789012345678901234567890123456789\nok", "1!2:ok;" },
    { true, "a,b\r\n\"x\",\"\"\r\n,\n", "1:a|b;2:'x|';3:|;" },
    { true, "\"two\r\nlines\",\"say \"\"hi\"\"\"\nb,c", "1:'two\r\nlines|'say \"hi\";3:b|c;" },
    { true, "a\"b,c\nd,e\n", "1:?;2:d|e;" },
    { true, "\"a\"b,c\nd,e", "1:?;2:d|e;" },
    { true, "a,\"open\nb,c\nd,e\n", "1!2:b|c;3:d|e;" },
    { true, "a,\"open and longer than the limit of a record\nb,c\n\"d\",e\n", "1!2:b|c;3:'d|e;" },
    { true, "ab\"c\"\n\"\"\n\n\"\"\"\"\n", "1:?;2:';4:'\";" },
    { true, "a,b,c,d,e,f,g,h,i,j\n", "1:a|b|c|d|e|f|g|h;" },
};

Test(import_read, records_are_the_same_however_they_come) {
    void *mem = cab_mem_alloc(NULL, 1);
    for (size_t i = 0; i < CAB_LENGTH(cases); i++)
        for (size_t piece = 1; piece <= 60; piece++) {
            const char *got = records(mem, cases[i].is_csv, cases[i].text, strlen(cases[i].text), piece, 32);
            cr_expect_str_eq(got, cases[i].want, "case %zu in pieces of %zu: %s", i, piece, got);
        }
    cab_mem_free(mem);
}
