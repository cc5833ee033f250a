/*
 * migrate/revision_file: one revision, read from its file.  The header names it and its place in the graph; segments
 * hold the statements of both directions.  Must not know folders, graphs or connections.
 */
#ifndef CABINET_MIGRATE_REVISION_FILE_H
#define CABINET_MIGRATE_REVISION_FILE_H

#include "lexer.h"

enum cab_direction { CAB_UPGRADE = 1, CAB_DOWNGRADE };

/* Statements that stand or fall together, unless the segment says no-transaction. */
struct cab_segment {
    enum cab_direction direction;
    int index;                  /* from 1, within its direction */
    bool is_transaction;
    int retry;                  /* -1: the runner's own */
    int64_t lock_timeout_ms;    /* -1: the runner's own */
    const char *text;           /* between its marker and the next */
    size_t len;
    int line;
    struct cab_statement *statements;
    int n_statements;
    char sha256[65];            /* of text */
};

struct cab_revision {
    const char *path;
    const char *id, *message, *create_date, *line_label;
    const char **revises; int n_revises;    /* empty: a root */
    const char *schema_before, *schema_after; /* from "Schema:", or NULL */
    const char **hazards; int n_hazards;
    const char *proof, *generator;          /* or NULL */
    /* filled by cab_revision_read only */
    struct cab_segment *segments; int n_segments; /* in file order, both directions */
    char sha256[65];            /* of the whole file */
    /* filled by the graph */
    int index;
    struct cab_revision **parents; /* as revises */
};

/* Reads the header of a file's text; the text may be cut off behind the header.  INVALID with file and line. */
int cab_revision_parse_header(void *ctx, const char *path, const char *text, size_t len,
                              struct cab_revision **revision_out, struct cab_err *err) CAB_MUST_CHECK;

/* Reads the whole text: header, segments, statements, checksums. */
int cab_revision_parse(void *ctx, const char *path, const char *text, size_t len, struct cab_revision **revision_out,
                       struct cab_err *err) CAB_MUST_CHECK;

/* The same from a file. */
int cab_revision_read_header(void *ctx, const char *path, struct cab_revision **revision_out, struct cab_err *err)
    CAB_MUST_CHECK;
int cab_revision_read(void *ctx, const char *path, struct cab_revision **revision_out, struct cab_err *err)
    CAB_MUST_CHECK;

/* Segments of one direction. */
int cab_revision_count(const struct cab_revision *revision, enum cab_direction direction);
const struct cab_segment *cab_revision_segment(const struct cab_revision *revision, enum cab_direction direction,
                                               int index);

/* A whole file, at most limit bytes of it (0: all), below ctx. */
int cab_file_read(void *ctx, const char *path, size_t limit, char **text_out, size_t *len_out, struct cab_err *err)
    CAB_MUST_CHECK;

/* "500ms", "2s", "1min" as milliseconds, or -1. */
int64_t cab_duration_parse(const char *s, size_t n);

#endif
