/*
 * Limits that CHECK constraints set to one column, read from their definitions: comparisons of the column, of its
 * length or of its number of items with a number, joined by AND.  What is written in another way sets no limit here.
 */
#include "resource/openapi.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MOST 4

/* Copies a definition without brackets, casts and quotes; a literal becomes one word. */
static char *simplify(const char *definition) {
    struct cab_buf buf;
    cab_buf_init(&buf, NULL, 128);
    for (const char *c = definition; *c != '\0'; c++) {
        if (*c == '\'') {
            for (c++; *c != '\0' && *c != '\''; c++)
                cab_buf_addc(&buf, isspace((unsigned char)*c) ? '_' : *c);
            if (*c == '\0')
                break;
        } else if (c[0] == ':' && c[1] == ':') {
            c += 2 + strspn(c + 2, "abcdefghijklmnopqrstuvwxyz0123456789_");
            if (strncmp(c, " varying", 8) == 0)
                c += 8;
            else if (strncmp(c, " precision", 10) == 0)
                c += 10;
            c--;
        } else {
            cab_buf_addc(&buf, *c == '(' || *c == ')' ? ' ' : *c);
        }
    }
    return buf.data;
}

static bool is_number(const char *word) {
    char *end;
    (void)strtod(word, &end);
    return end != word && *end == '\0' && (isdigit((unsigned char)word[0]) || word[0] == '-');
}

/* op with a number n: the least and the most that the left side may be; whole numbers only. */
static void narrow(const char *op, long long n, int64_t *min, int64_t *max) {
    int64_t low = strcmp(op, ">=") == 0 || strcmp(op, "=") == 0 ? n : strcmp(op, ">") == 0 ? n + 1 : INT64_MIN;
    int64_t high = strcmp(op, "<=") == 0 || strcmp(op, "=") == 0 ? n : strcmp(op, "<") == 0 ? n - 1 : INT64_MAX;
    if (low > *min)
        *min = low;
    if (high < *max)
        *max = high;
}

/* One condition between ANDs, as words. */
static void read_condition(char **words, int n, const char *column, struct cab_openapi_limits *limits) {
    bool is_measured = n == 4 && (strcmp(words[0], "char_length") == 0 || strcmp(words[0], "length") == 0 ||
                                  strcmp(words[0], "cardinality") == 0);
    char **at = words + is_measured;
    /* a domain calls it VALUE */
    if (n != 3 + is_measured || (strcmp(at[0], column) != 0 && strcmp(at[0], "VALUE") != 0) || !is_number(at[2]))
        return;
    if (is_measured)
        narrow(at[1], strtoll(at[2], NULL, 10), &limits->min_size, &limits->max_size);
    else if (strpbrk(at[2], ".e") == NULL)
        narrow(at[1], strtoll(at[2], NULL, 10), &limits->min, &limits->max);
}

static void read_check(const char *definition, const char *column, struct cab_openapi_limits *limits) {
    if (strncmp(definition, "CHECK ", 6) != 0 || strstr(definition, " OR ") != NULL ||
        strstr(definition, "NOT ") != NULL || strstr(definition, "CASE ") != NULL)
        return;
    char *text = simplify(definition + 6), *words[WORDS_MOST + 1], *rest = NULL;
    int n = 0;
    for (char *word = strtok_r(text, " ", &rest);; word = strtok_r(NULL, " ", &rest)) {
        if (word == NULL || strcmp(word, "AND") == 0) {
            read_condition(words, n, column, limits);
            n = 0;
        } else if (n <= WORDS_MOST) {
            words[n++] = word;
        }
        if (word == NULL)
            break;
    }
    cab_mem_free(text);
}

void cab_openapi_limits_read(const struct cab_table *table, const struct cab_column *column,
                             struct cab_openapi_limits *limits_out) {
    *limits_out = (struct cab_openapi_limits){ INT64_MIN, INT64_MAX, 0, INT64_MAX };
    for (int i = 0; table != NULL && i < table->n_constraints; i++) {
        const struct cab_constraint *constraint = &table->constraints[i];
        if (constraint->kind == CAB_CONSTRAINT_CHECK && constraint->n_columns == 1 && constraint->columns[0] == column)
            read_check(constraint->definition, column->name, limits_out);
    }
}
