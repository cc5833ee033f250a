/*
 * migrate/diff/expression: text that the server prints of expressions, looked through with regard to its strings,
 * quoted names and brackets.
 */
#ifndef CABINET_MIGRATE_DIFF_EXPRESSION_H
#define CABINET_MIGRATE_DIFF_EXPRESSION_H

#include <cabinet/base.h>

/* Past a string, a quoted name or a dollar-quoted text that begins at at; at itself where none begins.  start: where
 * the text begins, no later than at. */
const char *cab_past_quoted(const char *at, const char *start);
/* The bracket that closes the one at at, or NULL. */
const char *cab_closing_bracket(const char *at, const char *start);
/* Where word stands between at and end outside all brackets and quotes, or NULL. */
const char *cab_find_outside(const char *at, const char *end, const char *word);
/* Behind "::" of a cast to an array: where the "[]" of the type begins, or NULL where another type is named. */
const char *cab_find_array_mark(const char *type, const char *end);

/* The text in the one form that it has whether the expression was written by a person or read back from the server's
 * own print: lists of ANDs and of ORs without lists of the same kind in them, and arrays with cast elements instead of
 * a cast of the whole.  Texts of one canonical form mean the same.  Below ctx, or text itself. */
const char *cab_canonical(const void *ctx, const char *text);

#endif
