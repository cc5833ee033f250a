/*
 * Strict readers of the written forms of scalar values.  They decide before the server is asked, so that a client gets
 * all wrong fields of a request in one answer.
 */
#include "lexeme.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS_MOST 1000000

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static const char *skip_digits(const char *s) {
    while (is_digit(*s))
        s++;
    return s;
}

/* The end of -?(0|[1-9][0-9]*) at s, or NULL. */
static const char *skip_integer(const char *s) {
    if (*s == '-')
        s++;
    if (!is_digit(*s))
        return NULL;
    return *s == '0' ? s + 1 : skip_digits(s);
}

bool cab_lexeme_integer(const char *s) {
    const char *end = skip_integer(s);
    return end != NULL && *end == '\0';
}

bool cab_lexeme_number(const char *s) {
    const char *at = skip_integer(s);
    if (at == NULL)
        return false;
    if (*at == '.') {
        if (!is_digit(*++at))
            return false;
        at = skip_digits(at);
    }
    if (*at == 'e' || *at == 'E') {
        at++;
        if (*at == '+' || *at == '-')
            at++;
        if (!is_digit(*at))
            return false;
        at = skip_digits(at);
    }
    return *at == '\0';
}

static int64_t clamp(int64_t n) {
    return n < 0 ? 0 : n > DIGITS_MOST ? DIGITS_MOST : n;
}

void cab_lexeme_digits(const char *number, int64_t *before_out, int64_t *after_out) {
    const char *s = *number == '-' ? number + 1 : number;
    int64_t point = -1, first = -1, last = -1, n = 0; /* positions among the digits */
    for (; is_digit(*s) || *s == '.'; s++) {
        if (*s == '.') {
            point = n;
            continue;
        }
        if (*s != '0') {
            first = first < 0 ? n : first;
            last = n;
        }
        n++;
    }
    if (first < 0) {
        *before_out = *after_out = 0;
        return;
    }
    int64_t exponent = 0;
    if (*s == 'e' || *s == 'E') {
        bool negative = s[1] == '-';
        s += 1 + (s[1] == '-' || s[1] == '+');
        for (; is_digit(*s) && exponent < 10 * DIGITS_MOST; s++)
            exponent = exponent * 10 + (*s - '0');
        exponent = negative ? -exponent : exponent;
    }
    point = (point < 0 ? n : point) + exponent;
    *before_out = clamp(point - first);
    *after_out = clamp(last + 1 - point);
}

bool cab_lexeme_uuid(const char *s) {
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    if (strlen(s) != sizeof form - 1)
        return false;
    for (size_t i = 0; i < sizeof form - 1; i++)
        if (form[i] == '-' ? s[i] != '-' : s[i] == '\0' || strchr("0123456789abcdefABCDEF", s[i]) == NULL)
            return false;
    return true;
}

/* Two or four digits at s as a number, -1 where there are none. */
static int read_digits(const char *s, int n) {
    int value = 0;
    for (int i = 0; i < n; i++) {
        if (!is_digit(s[i]))
            return -1;
        value = value * 10 + (s[i] - '0');
    }
    return value;
}

static int days_of_month(int year, int month) {
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

/* Whether ten characters at s are a day; s may go on. */
static bool starts_with_day(const char *s) {
    int year = read_digits(s, 4);
    if (year < 1 || s[4] != '-')
        return false;
    int month = read_digits(s + 5, 2);
    if (month < 1 || month > 12 || s[7] != '-')
        return false;
    int day = read_digits(s + 8, 2);
    return day >= 1 && day <= days_of_month(year, month);
}

bool cab_lexeme_day(const char *s) {
    return starts_with_day(s) && s[10] == '\0';
}

char *cab_lexeme_next_day(const void *ctx, const char *day) {
    int year = read_digits(day, 4), month = read_digits(day + 5, 2), number = read_digits(day + 8, 2) + 1;
    if (number > days_of_month(year, month)) {
        number = 1;
        if (++month > 12) {
            month = 1;
            year++;
        }
    }
    return cab_printf(ctx, "%04d-%02d-%02d", year, month, number);
}

/* The end of a time of day at s, or NULL. */
static const char *skip_time(const char *s) {
    int hour = read_digits(s, 2);
    if (hour < 0 || hour > 23 || s[2] != ':')
        return NULL;
    int minute = read_digits(s + 3, 2);
    if (minute < 0 || minute > 59)
        return NULL;
    s += 5;
    if (*s != ':')
        return s;
    int second = read_digits(s + 1, 2);
    if (second < 0 || second > 60)
        return NULL;
    s += 3;
    if (*s != '.')
        return s;
    const char *end = skip_digits(s + 1);
    return end == s + 1 || end - s > 10 ? NULL : end;
}

bool cab_lexeme_time(const char *s) {
    const char *end = skip_time(s);
    /* the end of a day is a time of its own for the server */
    return (end != NULL && *end == '\0') || strcmp(s, "24:00:00") == 0;
}

int cab_lexeme_instant(const void *ctx, const char *s, char **text_out, enum cab_zone *zone_out) {
    if (!starts_with_day(s) || s[10] == '\0' || strchr("Tt ", s[10]) == NULL)
        return -1;
    const char *end = skip_time(s + 11);
    if (end == NULL || s[16] != ':') /* RFC 3339 asks for seconds */
        return -1;
    if (*end == '\0') {
        *zone_out = CAB_ZONE_NONE;
    } else if ((*end == 'Z' || *end == 'z') && end[1] == '\0') {
        *zone_out = CAB_ZONE_UTC;
    } else {
        int hour = strchr("+- ", *end) != NULL ? read_digits(end + 1, 2) : -1;
        if (hour < 0 || hour > 23 || end[3] != ':')
            return -1;
        int minute = read_digits(end + 4, 2);
        if (minute < 0 || minute > 59 || end[6] != '\0')
            return -1;
        *zone_out = CAB_ZONE_OFFSET;
    }
    char *text = cab_strdup(ctx, s);
    text[10] = 'T';
    if (*zone_out == CAB_ZONE_OFFSET && *end == ' ')
        text[end - s] = '+';
    *text_out = text;
    return 0;
}

bool cab_lexeme_infinity(const char *s) {
    return strcmp(s, "infinity") == 0 || strcmp(s, "-infinity") == 0;
}

static int base64_digit(char c) {
    return c >= 'A' && c <= 'Z' ? c - 'A' : c >= 'a' && c <= 'z' ? c - 'a' + 26 : is_digit(c) ? c - '0' + 52
         : c == '+' ? 62 : c == '/' ? 63 : -1;
}

char *cab_lexeme_base64_to_hex(const void *ctx, const char *s, size_t n) {
    static const char hex[] = "0123456789abcdef";
    if (n % 4 != 0)
        return NULL;
    size_t pad = n == 0 ? 0 : (s[n - 1] == '=') + (s[n - 1] == '=' && s[n - 2] == '=');
    char *out = cab_mem_alloc(ctx, n / 4 * 6 + 3), *at = out;
    *at++ = '\\';
    *at++ = 'x';
    for (size_t i = 0; i < n; i += 4) {
        uint32_t bits = 0;
        int bytes = i + 4 == n ? 3 - (int)pad : 3;
        for (size_t j = 0; j < 4; j++) {
            int digit = i + j >= n - pad ? 0 : base64_digit(s[i + j]);
            if (digit < 0)
                goto bad;
            bits = bits << 6 | (uint32_t)digit;
        }
        if ((bytes == 1 && (bits & 0xFFFF) != 0) || (bytes == 2 && (bits & 0xFF) != 0))
            goto bad; /* bits that stand for nothing */
        for (int j = 0; j < bytes; j++) {
            unsigned byte = bits >> (16 - 8 * j) & 0xFF;
            *at++ = hex[byte >> 4];
            *at++ = hex[byte & 15];
        }
    }
    *at = '\0';
    return out;
bad:
    cab_mem_free(out);
    return NULL;
}
