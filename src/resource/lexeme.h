/*
 * The written forms of scalar values: integers, decimals, days, instants, uuids, base64.  Knows no column and no
 * request.
 */
#ifndef CABINET_RESOURCE_LEXEME_H
#define CABINET_RESOURCE_LEXEME_H

#include <cabinet/base.h>

/* -?(0|[1-9][0-9]*) */
bool cab_lexeme_integer(const char *s);

/* A number as JSON writes it (RFC 8259 section 6). */
bool cab_lexeme_number(const char *s);

/* Digits before the point (leading zeros not counted) and after it (trailing zeros not counted) of a number, its
 * exponent applied; both are cut at 1,000,000. */
void cab_lexeme_digits(const char *number, int64_t *before_out, int64_t *after_out);

/* 8-4-4-4-12 hexadecimal digits. */
bool cab_lexeme_uuid(const char *s);

/* YYYY-MM-DD, a day of the calendar from year 1 on. */
bool cab_lexeme_day(const char *s);
/* The day after a valid day. */
char *cab_lexeme_next_day(const void *ctx, const char *day);

/* HH:MM[:SS[.fraction]] */
bool cab_lexeme_time(const char *s);

enum cab_zone { CAB_ZONE_NONE = 1, CAB_ZONE_UTC, CAB_ZONE_OFFSET };

/* An RFC 3339 date-time, its zone optional; text_out is the same with `T`, and with a `+` where a form decoder has made
 * a space of it.  0, or -1 where s is none. */
int cab_lexeme_instant(const void *ctx, const char *s, char **text_out, enum cab_zone *zone_out) CAB_MUST_CHECK;

/* `infinity` and `-infinity`, which dates and times may be. */
bool cab_lexeme_infinity(const char *s);

/* base64 with padding (RFC 4648 section 4) as the server's hex form, \x…; NULL where s is not base64. */
char *cab_lexeme_base64_to_hex(const void *ctx, const char *s, size_t n);

#endif
