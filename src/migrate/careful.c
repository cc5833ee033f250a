/*
 * Cuts a plan into segments.  Statements outside transactions get segments of their own; constraints are validated at
 * the end, when nobody waits for the strong locks that made them.  Must not know what the statements mean.
 */
#include "careful.h"

#include <string.h>

enum kind { KIND_NONE, KIND_TOGETHER, KIND_ALONE, KIND_VALIDATE };

const char *cab_one_line(const void *ctx, const char *text) {
    char *copy = cab_strdup(ctx, text);
    for (char *p = copy; *p != '\0'; p++) {
        if (*p == '\n' || *p == '\r')
            *p = ' ';
    }
    return copy;
}

static enum kind kind_of(const struct cab_diff_step *step) {
    if (step->flags & CAB_STEP_ALONE)
        return KIND_ALONE;
    return step->flags & CAB_STEP_VALIDATES ? KIND_VALIDATE : KIND_TOGETHER;
}

enum { GUARD_STEPS = 4 }; /* a check NOT VALID, its VALIDATE, SET NOT NULL, the check's end */

/* Whether step i belongs to a check that helps SET NOT NULL; *first is where that begins. */
static bool is_guard(const struct cab_diff_plan *plan, int i, int *first) {
    for (int place = 0; place < GUARD_STEPS; place++) {
        int validate = i - place + 1;
        if (validate < 1 || validate + 2 >= plan->n_steps)
            continue;
        const struct cab_diff_step *v = &plan->steps[validate];
        if (kind_of(v) == KIND_VALIDATE && strcmp(v->kind, "column") == 0) {
            *first = validate - 1;
            return true;
        }
    }
    return false;
}

/* Whether a step behind the guard needs the column to be not null. */
static bool is_needed_soon(const struct cab_diff_plan *plan, int first) {
    const char *object = plan->steps[first].object;
    for (int i = first + GUARD_STEPS; i < plan->n_steps; i++) {
        if (strcmp(plan->steps[i].object, object) == 0 || strstr(plan->steps[i].text, "PRIMARY KEY") != NULL)
            return true;
    }
    return false;
}

/* What cuts the rest in two without need: functions and the columns they name belong into one transaction. */
static bool can_wait(const struct cab_diff_plan *plan, enum cab_direction direction, int i) {
    const struct cab_diff_step *step = &plan->steps[i];
    int first;
    if (strcmp(step->kind, CAB_CAREFUL_RENAME) == 0)
        return direction == CAB_DOWNGRADE; /* all others use the new names */
    if (is_guard(plan, i, &first))
        return !is_needed_soon(plan, first);
    return kind_of(step) == KIND_VALIDATE && strcmp(step->kind, "constraint") == 0;
}

static bool is_setting(const struct cab_diff_step *step) {
    return strcmp(step->kind, "setting") == 0;
}

static bool makes_routine(const struct cab_diff_step *step) {
    return strcmp(step->kind, "function") == 0 && strncmp(step->text, "CREATE ", 7) == 0;
}

static void write_marker(struct cab_buf *buf, const char *word, enum kind kind) {
    cab_buf_addf(buf, "%s-- %s%s\n", buf->len > 0 ? "\n" : "", word, kind == KIND_ALONE ? " no-transaction" : "");
}

void cab_careful_write(struct cab_buf *buf, const struct cab_diff_plan *plan, enum cab_direction direction) {
    const char *word = direction == CAB_UPGRADE ? "upgrade" : "downgrade";
    const struct cab_diff_step **steps = cab_new_array(plan, const struct cab_diff_step *, (size_t)plan->n_steps + 1);
    enum kind open = KIND_NONE;
    int n = 0;
    for (int late = 0; late < 2; late++) {
        for (int i = 0; i < plan->n_steps; i++) {
            if (!is_setting(&plan->steps[i]) && can_wait(plan, direction, i) == (late == 1))
                steps[n++] = &plan->steps[i];
        }
    }
    for (int i = 0; i < n; i++) {
        enum kind kind = kind_of(steps[i]);
        if (kind != open) {
            write_marker(buf, word, kind);
            /* a body may name what is made later */
            bool has_routine = false;
            for (int k = i; k < n && kind_of(steps[k]) == kind; k++)
                has_routine = has_routine || makes_routine(steps[k]);
            if (has_routine)
                cab_buf_adds(buf, "SET LOCAL check_function_bodies = off;\n");
        }
        cab_buf_addf(buf, "%s\n", steps[i]->text);
        open = steps[i]->flags & CAB_STEP_COMMIT_AFTER ? KIND_NONE : kind;
    }
    if (n == 0)
        write_marker(buf, word, KIND_TOGETHER);
}

void cab_careful_hazards(struct cab_buf *buf, const struct cab_diff_plan *plan, enum cab_direction direction) {
    for (int i = 0; i < plan->n_hazards; i++) {
        const struct cab_diff_hazard *h = &plan->hazards[i];
        bool is_told = false;
        for (int k = 0; k < i; k++)
            is_told = is_told || (plan->hazards[k].hazard == h->hazard &&
                                  strcmp(plan->hazards[k].object, h->object) == 0);
        if (!is_told)
            cab_buf_addf(buf, "-- Hazard: %s %s (%s)%s\n", cab_hazard_word(h->hazard), cab_one_line(plan, h->object),
                         h->why, direction == CAB_DOWNGRADE ? " on downgrade" : "");
    }
}
