/*
 * Conditions, search and the rows a caller may touch, as SQL.  The table's alias is t; values are bound.
 */
#ifndef CABINET_RESOURCE_WHERE_H
#define CABINET_RESOURCE_WHERE_H

#include "filter.h"

/* t."name" */
void cab_where_column(struct cab_sql *sql, const struct cab_column *column);

/* One condition with all below it. */
void cab_where_condition(struct cab_sql *sql, const struct cab_condition *condition);

/* Every word in any of the columns, in any case; words of one or two characters only where words begin, which the
 * columns' trigram indexes find.  Each word is ` AND (…)`. */
void cab_where_search(struct cab_sql *sql, const char *const *words, int n_words,
                      const struct cab_column *const *columns, int n_columns);

enum cab_row_state { CAB_STATE_LIVE = 1, CAB_STATE_TRASHED, CAB_STATE_ANY };

/* ` WHERE …`: rows in that state that rows lets the caller touch.  Always writes a condition, so that ` AND …` may
 * follow. */
void cab_where_scope(struct cab_sql *sql, const struct cab_view *view, enum cab_rows rows, enum cab_row_state state);

/* ` AND t.key = …` */
void cab_where_key(struct cab_sql *sql, const struct cab_table *table, const char *key);

#endif
