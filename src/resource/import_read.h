/*
 * Records of an import, one JSON text each: lines of NDJSON as they are, records of CSV (RFC 4180) as objects.
 */
#ifndef CABINET_RESOURCE_IMPORT_READ_H
#define CABINET_RESOURCE_IMPORT_READ_H

#include <cabinet/catalog.h>

struct cab_import_reader {
    const char *at, *end;
    int64_t line;                        /* number of the line that at stands in, from 1 */
    bool is_csv;
    const struct cab_column **columns;   /* of the head of CSV, set by the caller */
    const char **names; int n;           /* of the head */
};

void cab_import_open(struct cab_import_reader *reader, const char *text, size_t n, bool is_csv);

/* Reads the head of CSV into names; -1 where it is broken, with wrong_out. */
int cab_import_head(void *ctx, struct cab_import_reader *reader, const char **wrong_out) CAB_MUST_CHECK;

enum cab_import_record { CAB_IMPORT_END = 1, CAB_IMPORT_RECORD, CAB_IMPORT_WRONG };

/* The next record that is not blank: its JSON text, and the line that it starts in; or what is wrong with it. */
enum cab_import_record cab_import_next(void *ctx, struct cab_import_reader *reader, int64_t *line_out,
                                       struct cab_buf *json_out, const char **wrong_out);

#endif
