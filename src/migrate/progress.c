/*
 * Progress lines.  Plain where standard output is no terminal: one line a revision, once it is done.
 */
#include "progress.h"

#include <stdio.h>
#include <unistd.h>

#define REDRAW_MS 100

void cab_progress_init(struct cab_progress *progress, bool is_quiet) {
    *progress = (struct cab_progress){.is_quiet = is_quiet, .is_terminal = isatty(STDOUT_FILENO) == 1};
}

static void show(const struct cab_progress *p) {
    int width = 1;
    for (int n = p->of; n >= 10; n /= 10)
        width++;
    printf("%s[%*d/%d] %s %s  %s", p->is_terminal ? "\r\033[K" : "", width, p->at, p->of, p->word, p->revision->id,
           p->revision->message);
}

void cab_progress_begin(struct cab_progress *progress, const char *word, const struct cab_revision *revision, int at,
                        int of) {
    progress->word = word;
    progress->revision = revision;
    progress->at = at;
    progress->of = of;
    progress->began_ms = progress->shown_ms = cab_now_ms();
    if (!progress->is_quiet && progress->is_terminal) {
        show(progress);
        fflush(stdout);
    }
}

void cab_progress_statement(struct cab_progress *progress, int segment, int segments, int statement, int statements) {
    int64_t now = cab_now_ms();
    if (progress->is_quiet || !progress->is_terminal || now - progress->shown_ms < REDRAW_MS)
        return;
    progress->shown_ms = now;
    show(progress);
    if (segments > 1)
        printf("  part %d of %d,", segment, segments);
    printf("  statement %d of %d", statement, statements);
    fflush(stdout);
}

void cab_progress_note(struct cab_progress *progress, const char *fmt, ...) {
    va_list ap;
    if (progress->is_quiet)
        return;
    if (progress->is_terminal) {
        printf("\r\033[K");
        fflush(stdout);
    }
    fprintf(stderr, "cabinet-migrate: %s: ", progress->revision->id);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
}

void cab_progress_end(struct cab_progress *progress, bool is_done) {
    if (progress->is_quiet)
        return;
    if (!is_done && !progress->is_terminal)
        return;
    show(progress);
    if (is_done)
        printf("  %lld ms\n", (long long)(cab_now_ms() - progress->began_ms));
    else
        printf("  failed\n");
    fflush(stdout);
}
