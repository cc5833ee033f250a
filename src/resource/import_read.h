/*
 * Records of an import that comes in parts: lines of NDJSON, records of CSV (RFC 4180) as fields.  Keeps no more than
 * the record at hand.
 */
#ifndef CABINET_RESOURCE_IMPORT_READ_H
#define CABINET_RESOURCE_IMPORT_READ_H

#include <cabinet/catalog.h>

struct cab_import_reader {
    struct cab_buf text;    /* what has come and is not read */
    size_t at, looked;      /* start of the next record; up to where its end was looked for */
    int64_t line;           /* that it starts in, from 1 */
    size_t most;            /* bytes of a record */
    bool is_csv, has_begun, is_end;
    bool is_skipping;       /* the rest of a line that is too long */
    int quotes;             /* state of CSV at looked */
};

/* most: bytes that one record may have. */
void cab_import_open(struct cab_import_reader *reader, const void *ctx, bool is_csv, size_t most);
/* More of the text; nothing more comes after cab_import_end. */
void cab_import_feed(struct cab_import_reader *reader, const char *bytes, size_t n);
void cab_import_end(struct cab_import_reader *reader);

enum cab_import_record { CAB_IMPORT_MORE = 1 /* feed it */, CAB_IMPORT_END, CAB_IMPORT_RECORD, CAB_IMPORT_WRONG };

/* The next record that is not blank, without the end of its line, and the line that it starts in; or what is wrong with
 * it.  The text may be written to, and stays until more is fed. */
enum cab_import_record cab_import_next(struct cab_import_reader *reader, int64_t *line_out, char **text_out,
                                       size_t *n_out, const char **wrong_out);

/* In CSV an empty field without quotes is not sent at all, and a quoted one is the empty text. */
struct cab_import_field { char *text; size_t n; bool is_quoted; };

/* Cuts a record of CSV into fields, ended by NUL in its place; text[n] must be writable.  Returns how many there are,
 * counted beyond most too, or -1 where quotes are broken. */
int cab_import_fields(char *text, size_t n, struct cab_import_field *fields, int most);

#endif
