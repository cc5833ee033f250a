/*
 * migrate/diff/expression: the server's print of one expression has more than one form.  `a BETWEEN 1 AND 2 AND b` is a
 * list of ANDs in another, and prints as `((a >= 1) AND (a <= 2)) AND b`; that text read back, as a dump is, makes one
 * list of three.  In the same way a cast of an array goes to its elements.
 */
#include "expression.h"

#include <ctype.h>
#include <string.h>

const char *cab_past_quoted(const char *at, const char *start) {
    if (*at == '\'') {
        bool escapes = at > start && (at[-1] == 'E' || at[-1] == 'e') &&
                       (at - 1 == start || !(isalnum((unsigned char)at[-2]) || at[-2] == '_'));

        for (at++; *at != '\0'; at++) {
            if (escapes && *at == '\\' && at[1] != '\0')
                at++;
            else if (*at == '\'' && at[1] == '\'')
                at++;
            else if (*at == '\'')
                return at + 1;
        }
        return at;
    }
    if (*at == '"') {
        for (at++; *at != '\0' && *at != '"'; at++)
            ;
        return *at == '"' ? at + 1 : at;
    }
    if (*at == '$' && !(at > start && (isalnum((unsigned char)at[-1]) || at[-1] == '_'))) {
        const char *end = at + 1, *found;
        size_t n;

        while (isalnum((unsigned char)*end) || *end == '_' || (unsigned char)*end >= 0x80)
            end++;
        if (*end != '$' || isdigit((unsigned char)at[1]))
            return at;
        n = (size_t)(end - at) + 1;
        for (found = end + 1; *found != '\0' && strncmp(found, at, n) != 0; found++)
            ;
        return *found != '\0' ? found + n : found;
    }
    return at;
}

const char *cab_closing_bracket(const char *at, const char *start) {
    int depth = 0;

    while (*at != '\0') {
        const char *past = cab_past_quoted(at, start);

        if (past != at) {
            at = past;
            continue;
        }
        if (*at == '(' || *at == '[')
            depth++;
        else if ((*at == ')' || *at == ']') && --depth == 0)
            return at;
        at++;
    }
    return NULL;
}

const char *cab_find_outside(const char *at, const char *end, const char *word) {
    size_t n = strlen(word);
    const char *start = at;

    while (at < end) {
        const char *past = cab_past_quoted(at, start);

        if (past != at) {
            at = past;
        } else if (*at == '(' || *at == '[') {
            at = cab_closing_bracket(at, start);
            if (at == NULL)
                return NULL;
            at++;
        } else if ((size_t)(end - at) >= n && strncmp(at, word, n) == 0) {
            return at;
        } else {
            at++;
        }
    }
    return NULL;
}

const char *cab_find_array_mark(const char *type, const char *end) {
    const char *at = type;
    bool in_modifier = false;

    while (at < end && strncmp(at, "[]", 2) != 0) {
        if (*at == '"') {
            at = cab_past_quoted(at, type);
            continue;
        }
        if (*at == '(' || *at == ')')
            in_modifier = *at == '(';
        else if (!isalnum((unsigned char)*at) && (unsigned char)*at < 0x80 &&
                 strchr(in_modifier ? "_ ,-" : "_ .$", *at) == NULL)
            return NULL;
        at++;
    }
    return at < end && !in_modifier ? at : NULL;
}

static void write_canonical(struct cab_buf *buf, const char *at, const char *end);

/* A group in brackets that is such a list itself, and nothing else that may stand in brackets. */
static bool is_list(const char *at, const char *end, const char *joint) {
    static const char *const others[] = { "SELECT ", "WITH ", "VALUES " };

    if (*at != '(' || cab_closing_bracket(at, at) != end - 1)
        return false;
    for (size_t i = 0; i < CAB_LENGTH(others); i++)
        if (strncmp(at + 1, others[i], strlen(others[i])) == 0)
            return false;
    return cab_find_outside(at + 1, end - 1, joint) != NULL && cab_find_outside(at + 1, end - 1, ",") == NULL;
}

/* The members from at to end, and in the place of a list among them its members. */
static void add_members(struct cab_buf *buf, const char *at, const char *end, const char *joint) {
    while (at < end) {
        const char *stop = cab_find_outside(at, end, joint);

        if (stop == NULL)
            stop = end;
        if (is_list(at, stop, joint))
            add_members(buf, at + 1, stop - 1, joint);
        else
            write_canonical(buf, at, stop);
        if (stop == end)
            return;
        cab_buf_adds(buf, joint);
        at = stop + strlen(joint);
    }
}

/* `(ARRAY[a, b])::type[]` as `ARRAY[(a)::type, (b)::type]`; where it ends, or NULL. */
static const char *add_cast_array(struct cab_buf *buf, const char *at, const char *end) {
    const char *array, *type, *mark, *item, *stop;

    if (strncmp(at, "(ARRAY[", 7) != 0 || (array = cab_closing_bracket(at + 6, at)) == NULL ||
        strncmp(array, "])::", 4) != 0)
        return NULL;
    type = array + 4;
    mark = cab_find_array_mark(type, end);
    if (mark == NULL || strncmp(mark, "[][", 3) == 0)
        return NULL;
    cab_buf_adds(buf, "ARRAY[");
    for (item = at + 7; item < array; item = stop + 2) {
        stop = cab_find_outside(item, array, ", ");
        if (stop == NULL)
            stop = array;
        cab_buf_addf(buf, "%s(", item > at + 7 ? ", " : "");
        write_canonical(buf, item, stop);
        cab_buf_addf(buf, ")::%.*s", (int)(mark - type), type);
        if (stop == array)
            break;
    }
    cab_buf_addc(buf, ']');
    return mark + 2;
}

static void write_canonical(struct cab_buf *buf, const char *at, const char *end) {
    static const char *const joints[] = { " AND ", " OR " };
    const char *start = at;

    while (at < end) {
        const char *past = cab_past_quoted(at, start);

        if (past != at) {
            cab_buf_add(buf, at, (size_t)((past < end ? past : end) - at));
            at = past;
            continue;
        }
        past = *at == '(' ? add_cast_array(buf, at, end) : NULL;
        if (past != NULL) {
            at = past;
            continue;
        }
        past = *at == '(' ? cab_closing_bracket(at, start) : NULL;
        cab_buf_addc(buf, *at++);
        for (size_t i = 0; past != NULL && past < end && i < CAB_LENGTH(joints); i++)
            if (cab_find_outside(at, past, joints[i]) != NULL) {
                add_members(buf, at, past, joints[i]);
                at = past;
                break;
            }
    }
}

const char *cab_canonical(const void *ctx, const char *text) {
    struct cab_buf buf;

    if (strstr(text, ") AND ") == NULL && strstr(text, ") OR ") == NULL && strstr(text, " AND (") == NULL &&
        strstr(text, " OR (") == NULL && strstr(text, "(ARRAY[") == NULL)
        return text;
    cab_buf_init(&buf, ctx, strlen(text) + 16);
    write_canonical(&buf, text, text + strlen(text));
    return buf.data;
}
