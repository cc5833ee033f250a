/*
 * The list of complaints about one request.
 */
#include "complaint.h"

#include <string.h>

/* So many are told in one answer. */
#define TOLD_MOST 100

void cab_complaints_init(struct cab_complaints *complaints, const void *mem, struct cab_err *err) {
    *complaints = (struct cab_complaints){ .mem = mem, .err = err };
}

void cab_complain(struct cab_complaints *complaints, enum cab_problem problem, enum cab_place place, const char *name,
                  const char *code, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    char *detail = cab_vprintf(complaints->mem, fmt, ap);
    va_end(ap);
    if (complaints->n < TOLD_MOST)
        (void)cab_err_flaw(complaints->err, complaints->mem, place, name, code, "%s", detail);
    if (complaints->worst == CAB_PROBLEM_NONE
        || cab_problem_info(problem)->status < cab_problem_info(complaints->worst)->status) {
        complaints->worst = problem;
        /* a sentence that does not name its subject gets it in front */
        bool is_named = strstr(detail, name) != NULL;
        complaints->detail = is_named ? detail : cab_printf(complaints->mem, "%s: %s", name, detail);
    }
    complaints->n++;
}

int cab_complaints_settle(struct cab_complaints *complaints) {
    if (complaints->worst == CAB_PROBLEM_NONE)
        return 0;
    if (complaints->n == 1)
        return cab_fail(complaints->err, complaints->worst, "%s", complaints->detail);
    return cab_fail(complaints->err, complaints->worst, "%d things are wrong with the request; see errors.",
                    complaints->n);
}
