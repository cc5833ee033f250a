/*
 * migrate/progress: lines on standard output that tell how far a run is; one line a revision, rewritten at a terminal.
 */
#ifndef CABINET_MIGRATE_PROGRESS_H
#define CABINET_MIGRATE_PROGRESS_H

#include "revision_file.h"

struct cab_progress {
    bool is_quiet, is_terminal;
    const char *word;
    const struct cab_revision *revision;
    int at, of;
    int64_t began_ms, shown_ms;
};

void cab_progress_init(struct cab_progress *progress, bool is_quiet);
void cab_progress_begin(struct cab_progress *progress, const char *word, const struct cab_revision *revision, int at,
                        int of);
void cab_progress_statement(struct cab_progress *progress, int segment, int segments, int statement, int statements);
/* Something worth a line of its own, on standard error. */
void cab_progress_note(struct cab_progress *progress, const char *fmt, ...) CAB_PRINTF(2, 3);
void cab_progress_end(struct cab_progress *progress, bool is_done);

#endif
