/*
 * INSERT … ON CONFLICT: a row is created, or the caller's own one with the same unique values is changed.
 */
#ifndef CABINET_RESOURCE_UPSERT_H
#define CABINET_RESOURCE_UPSERT_H

#include <cabinet/resource.h>

/* What on_conflict=a,b names. */
struct cab_upsert {
    const struct cab_column **columns; int n;
    const char *predicate;  /* of a partial unique index, as the server writes it; or NULL */
};

/* Reads the parameter on_conflict (text); also whether the caller may change rows at all. */
int cab_upsert_read(struct cab_call *call, const struct cab_table *table, const char *text,
                    struct cab_upsert *upsert_out, struct cab_err *err) CAB_MUST_CHECK;

/* Adds a flaw for each column of on_conflict that change does not set; prefix as in cab_change_read. */
int cab_upsert_check(struct cab_call *call, const struct cab_upsert *upsert, const struct cab_change *change,
                     const char *prefix, struct cab_err *err) CAB_MUST_CHECK;

/* Appends ` ON CONFLICT … DO UPDATE … WHERE …` for the columns of change, to an INSERT … AS t. */
void cab_upsert_conflict(const struct cab_call *call, const struct cab_upsert *upsert, const struct cab_change *change,
                         struct cab_sql *sql);
/* Appends `table AS t WHERE …`: the rows that the caller may change. */
void cab_upsert_own(const struct cab_call *call, const struct cab_table *table, struct cab_sql *sql);

/* Queues two statements: the INSERT, and the row as it is where nothing had to be changed.  Returns the first's index;
 * both give the row's columns, the first one more: whether it was created. */
int cab_upsert_add(struct cab_call *call, const struct cab_upsert *upsert, const struct cab_change *change,
                   struct cab_pipe *pipe);

/* The result that holds the row; CONFLICT where the values belong to a row that the caller may not change. */
int cab_upsert_result(struct cab_call *call, const struct cab_upsert *upsert, struct cab_pipe *pipe, int index,
                      const struct cab_result **result_out, bool *created_out, struct cab_err *err) CAB_MUST_CHECK;

#endif
