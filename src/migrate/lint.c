/*
 * The command lint: which files, which findings are settled, how they are told.
 */
#include "lint.h"
#include "allow.h"
#include "command.h"

#include <stdio.h>
#include <string.h>

#define EXIT_FOUND 1

struct report {
    struct cab_call *call;
    struct cab_buf json;
    int n_found, n_files;
};

static void tell(struct report *report, const struct cab_revision *r, const struct cab_finding *f) {
    if (!report->call->options->json) {
        printf("%s:%d: %s %s %s: %s.\n", r->path, f->line, f->rule, f->class, f->object, f->advice);
    } else {
        cab_buf_adds(&report->json, report->n_found > 0 ? ",{\"file\":" : "{\"file\":");
        cab_json_cstring(&report->json, r->path);
        cab_buf_addf(&report->json, ",\"line\":%d,\"rule\":\"%s\",\"class\":\"%s\",\"object\":", f->line, f->rule,
                     f->class);
        cab_json_cstring(&report->json, f->object);
        cab_buf_adds(&report->json, ",\"advice\":");
        cab_json_cstring(&report->json, f->advice);
        cab_buf_addc(&report->json, '}');
    }
    report->n_found++;
}

static int lint_file(struct report *report, const char *path, struct cab_err *err) {
    void *tmp = cab_mem_alloc(report->call->ctx, 1);
    struct cab_revision *r;
    struct cab_findings findings;
    char *text;
    size_t len;
    int rc = cab_file_read(tmp, path, 0, &text, &len, err);
    if (rc == 0)
        rc = cab_revision_parse(tmp, path, text, len, &r, err);
    if (rc == 0) {
        cab_lint_revision(tmp, r, &findings);
        for (int i = 0; i < findings.n; i++) {
            const struct cab_finding *f = &findings.items[i];
            if (!cab_allow_is_acked(tmp, text, f->class, f->object))
                tell(report, r, f);
        }
        report->n_files++;
    }
    cab_mem_free(tmp);
    return rc;
}

static int lint_argument(struct report *report, const char *word, struct cab_err *err) {
    const struct cab_revision *r;
    size_t n = strlen(word);
    if (n > 4 && strcmp(word + n - 4, ".sql") == 0)
        return lint_file(report, word, err);
    if (cab_call_graph(report->call, err) != 0 || cab_graph_find(report->call->graph, word, &r, err) != 0)
        return -1;
    return lint_file(report, r->path, err);
}

int cab_command_lint(struct cab_call *call, struct cab_err *err) {
    struct report report = {.call = call};
    cab_buf_init(&report.json, call->ctx, 1024);
    for (int i = 0; i < call->options->n_args; i++) {
        if (lint_argument(&report, call->options->args[i], err) != 0)
            return -1;
    }
    if (call->options->n_args == 0) {
        if (cab_call_graph(call, err) != 0)
            return -1;
        for (int i = 0; i < call->graph->n; i++) {
            if (lint_file(&report, call->graph->revisions[i]->path, err) != 0)
                return -1;
        }
    }
    if (call->options->json)
        printf("[%s]\n", report.json.data);
    else if (!call->options->quiet)
        printf("%d file%s read, %d finding%s.\n", report.n_files, report.n_files == 1 ? "" : "s", report.n_found,
               report.n_found == 1 ? "" : "s");
    return report.n_found > 0 ? EXIT_FOUND : CAB_EXIT_OK;
}
