/*
 * Pipelines of several requests as one: one send, one transaction, one read.  Statements that differ in nothing but
 * their keys become one statement over all these keys, which the server starts once and not for each.
 */
#include "private.h"
#include <stdlib.h>
#include <string.h>

#include "statements.h"

/* Statements of several pipelines that are one among those of all. */
struct group { struct cab_step *members[CAB_PIPES_MAX]; int n; };

struct together {
    struct cab_pipe *all;
    struct group groups[CAB_PIPES_MAX]; int n_groups;
};

int cab_pipe_add_keyed(struct cab_pipe *pipe, const char *sql, const char *sql_many, int n_keys, int n_values,
                       const char *const *values) {
    CAB_BUG_ON(pipe->n_steps > 0 || n_keys > n_values);
    int index = cab_pipe_add(pipe, CAB_SHAPE_MAYBE, sql, n_values, values);
    pipe->steps[index].sql_many = sql_many;
    pipe->steps[index].n_keys = n_keys;
    return index;
}

static bool fits(const struct group *group, const struct cab_step *step) {
    const struct cab_step *first = group->members[0];
    if (step->n_values != first->n_values || step->n_keys != first->n_keys ||
        strcmp(step->sql_many, first->sql_many) != 0)
        return false;
    for (int i = step->n_keys; i < step->n_values; i++)
        if (strcmp(step->values[i], first->values[i]) != 0)
            return false;
    return true;
}

static void add(struct together *together, struct cab_step *step) {
    struct cab_pipe *all = together->all;
    step->at = all->n_steps;
    if (step->sql_many != NULL) {
        struct group *group = together->groups, *end = group + together->n_groups;
        while (group < end && !fits(group, step))
            group++;
        if (group < end)
            step->at = group->members[0]->at;
        else
            together->n_groups++;
        group->members[group->n++] = step;
    }
    if (step->at == all->n_steps)
        *cab_pipe_step(all) = (struct cab_step){ .shape = step->shape, .sql = step->sql, .n_values = step->n_values,
                                                 .values = step->values, .is_once = step->is_once };
}

/* The text of an array (PostgreSQL's manual, 8.15.2); each element in quotes, where all but two bytes stand for
 * themselves. */
static const char *array_of(const void *ctx, const struct group *group, int key) {
    struct cab_buf text;
    cab_buf_init(&text, ctx, 40 * (size_t)group->n);
    for (int i = 0; i < group->n; i++) {
        cab_buf_adds(&text, i == 0 ? "{\"" : "\",\"");
        for (const char *c = group->members[i]->values[key]; *c != '\0'; c++) {
            if (*c == '"' || *c == '\\')
                cab_buf_addc(&text, '\\');
            cab_buf_addc(&text, *c);
        }
    }
    cab_buf_adds(&text, "\"}");
    return text.data;
}

static void ask_for_many(struct together *together, const struct group *group) {
    const struct cab_step *first = group->members[0];
    struct cab_step *step = &together->all->steps[first->at];
    const char **values = cab_new_array(together->all, const char *, (size_t)first->n_values);
    for (int i = 0; i < first->n_values; i++)
        values[i] = i < first->n_keys ? array_of(together->all, group, i) : first->values[i];
    step->shape = CAB_SHAPE_ANY;
    step->sql = first->sql_many;
    step->values = values;
}

/* To each its row, found by the number in the last column. */
static void share(struct together *together, const struct group *group) {
    PGresult *result = together->all->steps[group->members[0]->at].result.result;
    int number = PQnfields(result) - 1;
    for (int i = 0; i < group->n; i++)
        group->members[i]->result = (struct cab_result){ .result = result, .is_part = true };
    for (int row = 0; row < PQntuples(result); row++) {
        long i = strtol(PQgetvalue(result, row, number), NULL, 10) - 1;
        CAB_BUG_ON(i < 0 || i >= group->n || group->members[i]->result.n > 0);
        group->members[i]->result.first = row;
        group->members[i]->result.n = 1;
    }
}

static bool has_results(const struct cab_pipe *pipe, int good) {
    for (int i = 0; i < pipe->n_steps; i++)
        if (pipe->steps[i].at >= good)
            return false;
    return true;
}

static void hand_back(struct cab_pipe *pipe, struct cab_pipe *all) {
    for (int i = 0; i < pipe->n_steps; i++) {
        struct cab_step *step = &pipe->steps[i];
        if (step->result.is_part)
            continue;
        step->result = all->steps[step->at].result;
        all->steps[step->at].result = (struct cab_result){ 0 };
    }
}

static void add_all(struct together *together, struct cab_pipe *const *pipes, int n) {
    for (int i = 0; i < n; i++)
        for (int k = 0; k < pipes[i]->n_steps; k++)
            add(together, &pipes[i]->steps[k]);
}

int cab_pipes_run(void *ctx, struct cab_pipe *const *pipes, int n, struct cab_err *err) {
    struct together together = { 0 };
    int done = 0;
    CAB_BUG_ON(n < 1 || n > CAB_PIPES_MAX);
    if (n == 1)
        return cab_pipe_run(pipes[0], err) == 0;
    together.all = cab_pipe_make(ctx, pipes[0]->db, false);
    add_all(&together, pipes, n);
    for (int i = 0; i < together.n_groups; i++)
        if (together.groups[i].n > 1)
            ask_for_many(&together, &together.groups[i]);
    /* statements in front of the failed one have their results */
    int good = cab_pipe_run(together.all, err) == 0 ? together.all->n_steps : together.all->failed;
    for (int i = 0; i < together.n_groups; i++)
        if (together.groups[i].n > 1 && together.groups[i].members[0]->at < good)
            share(&together, &together.groups[i]);
    for (; done < n && has_results(pipes[done], good); done++)
        hand_back(pipes[done], together.all);
    return done;
}

/* Whose statement that is; the last pipeline's where it is the transaction itself. */
static int owner_of(struct cab_pipe *const *pipes, int n, int index) {
    for (int i = 0; i < n; i++)
        if (pipes[i]->steps[pipes[i]->n_steps - 1].at >= index)
            return i;
    return n - 1;
}

int cab_pipes_change(void *ctx, struct cab_pipe *const *pipes, int n, int *refused_out, struct cab_err *err) {
    struct together together = { 0 };
    struct cab_db *db = pipes[0]->db;
    int own_limit = db->options.lock_timeout_ms;
    int limit_ms = own_limit > 0 && own_limit < CAB_PIPES_LOCK_MS ? own_limit : CAB_PIPES_LOCK_MS;
    const char *limit = cab_decimal(ctx, limit_ms);
    CAB_BUG_ON(n < 1 || n > CAB_PIPES_MAX);
    *refused_out = -1;
    together.all = cab_pipe_make(ctx, db, true);
    cab_pipe_add(together.all, CAB_SHAPE_ONE, cab_sql_text_lock_limit, 1, &limit);
    add_all(&together, pipes, n);
    if (cab_pipe_run(together.all, err) != 0) {
        if (err->sqlstate[0] != '\0')
            *refused_out = owner_of(pipes, n, together.all->failed);
        return -1;
    }
    for (int i = 0; i < n; i++)
        hand_back(pipes[i], together.all);
    return 0;
}
