/*
 * The table of problems that the API answers with, and the error value that carries them.
 */
#include <cabinet/base.h>
#include <stdio.h>
#include <string.h>

static const struct cab_problem_info problems[CAB_PROBLEM__MAX] = {
#define CAB_PROBLEM_ROW(name, status, code, title, doc) [CAB_PROBLEM_##name] = { code, status, title, doc },
#include <cabinet/problems.def>
#undef CAB_PROBLEM_ROW
};

const struct cab_problem_info *cab_problem_info(enum cab_problem problem) {
    CAB_BUG_ON(problem <= CAB_PROBLEM_NONE || problem >= CAB_PROBLEM__MAX);
    return &problems[problem];
}

int cab_err_set(struct cab_err *err, const char *file, int line, enum cab_problem problem, const char *fmt, ...) {
    va_list ap;
    err->problem = problem;
    err->file = file;
    err->line = line;
    va_start(ap, fmt);
    vsnprintf(err->detail, sizeof err->detail, fmt, ap);
    va_end(ap);
    return -1;
}

void cab_err_internal(struct cab_err *err, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(err->internal, sizeof err->internal, fmt, ap);
    va_end(ap);
}

int cab_err_flaw(struct cab_err *err, const void *ctx, enum cab_place place, const char *name, const char *code,
                 const char *fmt, ...) {
    struct cab_flaw *flaw = cab_new(ctx, struct cab_flaw);
    va_list ap;
    flaw->place = place;
    flaw->name = cab_strdup(flaw, name);
    flaw->code = cab_strdup(flaw, code);
    va_start(ap, fmt);
    flaw->detail = cab_vprintf(flaw, fmt, ap);
    va_end(ap);

    struct cab_flaw **last = &err->flaws;
    while (*last != NULL)
        last = &(*last)->next;
    *last = flaw;
    if (err->problem == CAB_PROBLEM_NONE)
        (void)cab_fail(err, CAB_PROBLEM_INVALID, "One or more values are not valid; see errors.");
    return -1;
}

void cab_err_clear(struct cab_err *err) {
    memset(err, 0, sizeof *err);
}
