/*
 * migrate/diff/faithful: expressions that the server prints in a form which, read back, makes another tree.  Three of
 * them matter: an array that is cast as a whole (the cast would be pushed into its elements), a BETWEEN that comes
 * first in a list of ANDs (its two halves would be joined to the list), and a constant in a SELECT list that got its
 * type later and so has no name (it would be called after the type).  They are said here as they must have been
 * written.
 */
#include <ctype.h>
#include <string.h>

#include "expression.h"
#include "plan.h"

static void rewrite(struct cab_buf *buf, const char *at, const char *end, const char *start);

/* `(ARRAY[…])::type[]` behind ANY or ALL, without its cast; where that ends, or NULL. */
static const char *drop_array_cast(struct cab_buf *buf, const char *at, const char *end, const char *start) {
    const char *array, *stop;

    if (strncmp(at, "(ARRAY[", 7) != 0)
        return NULL;
    array = cab_closing_bracket(at + 6, start);
    if (array == NULL || strncmp(array, "])::", 4) != 0)
        return NULL;
    stop = cab_find_array_mark(array + 4, end);
    if (stop == NULL || stop[2] != ')')
        return NULL;
    cab_buf_adds(buf, "ARRAY[");
    rewrite(buf, at + 7, array, start);
    cab_buf_addc(buf, ']');
    return stop + 2;
}

/* One side of `(left op right)` that fills the group from at to end. */
static bool split_comparison(const char *at, const char *end, const char *op, const char **left_end,
                             const char **right) {
    const char *found;

    if (*at != '(' || cab_closing_bracket(at, at) != end - 1)
        return false;
    found = cab_find_outside(at + 1, end - 1, op);
    if (found == NULL)
        return false;
    *left_end = found;
    *right = found + strlen(op);
    return true;
}

/* A group of two comparisons of one expression: `(e BETWEEN a AND b)`. */
static bool add_between(struct cab_buf *buf, const char *at, const char *end, bool negates, const char *start) {
    const char *joint = negates ? " OR " : " AND ", *middle = cab_find_outside(at, end, joint), *second;
    const char *left_end, *right, *second_left_end, *second_right;

    if (middle == NULL)
        return false;
    second = middle + strlen(joint);
    if (!split_comparison(at, middle, negates ? " < " : " >= ", &left_end, &right) ||
        !split_comparison(second, end, negates ? " > " : " <= ", &second_left_end, &second_right) ||
        left_end - at != second_left_end - second || strncmp(at, second, (size_t)(left_end - at)) != 0)
        return false;
    cab_buf_adds(buf, "((");
    rewrite(buf, at + 1, left_end, start);
    cab_buf_addf(buf, ") %sBETWEEN (", negates ? "NOT " : "");
    rewrite(buf, right, middle - 1, start);
    cab_buf_adds(buf, ") AND (");
    rewrite(buf, second_right, end - 1, start);
    cab_buf_adds(buf, "))");
    return true;
}

/* A group of equalities: `(ROW(a, b) = ROW(c, d))`. */
static bool add_rows(struct cab_buf *buf, const char *at, const char *end, bool negates, const char *start) {
    const char *joint = negates ? " OR " : " AND ", *op = negates ? " <> " : " = ", *item = at, *left_end, *right;
    struct cab_buf left, values;
    bool is_good = true;

    cab_buf_init(&left, buf->ctx, 64);
    cab_buf_init(&values, buf->ctx, 64);
    while (is_good && item < end) {
        const char *stop = cab_find_outside(item, end, joint);

        if (stop == NULL)
            stop = end;
        is_good = split_comparison(item, stop, op, &left_end, &right);
        if (!is_good)
            break;
        if (left.len > 0) {
            cab_buf_adds(&left, ", ");
            cab_buf_adds(&values, ", ");
        }
        rewrite(&left, item + 1, left_end, start);
        rewrite(&values, right, stop - 1, start);
        item = stop + strlen(joint);
    }
    if (is_good)
        cab_buf_addf(buf, "(ROW(%s)%sROW(%s))", left.data, op, values.data);
    return is_good;
}

/* A group whose first member is a group of the same kind; where that member ends, or NULL. */
static const char *keep_first_group(struct cab_buf *buf, const char *at, const char *end, const char *start) {
    static const char *const joints[] = { " AND ", " OR " };
    const char *inner_end;
    int i;

    if (*at != '(' || (inner_end = cab_closing_bracket(at, start)) == NULL)
        return NULL;
    for (i = 0; i < 2; i++) {
        if (strncmp(inner_end + 1, joints[i], strlen(joints[i])) != 0 || inner_end >= end)
            continue;
        if (cab_find_outside(at + 1, inner_end, joints[i]) == NULL || at[1] != '(')
            return NULL;
        if (add_between(buf, at + 1, inner_end, i == 1, start) || add_rows(buf, at + 1, inner_end, i == 1, start))
            return inner_end + 1;
    }
    return NULL;
}

static void rewrite(struct cab_buf *buf, const char *at, const char *end, const char *start) {
    bool opens = true; /* a member may begin here */

    while (at < end) {
        const char *past = cab_past_quoted(at, start);

        if (past != at) {
            cab_buf_add(buf, at, (size_t)((past < end ? past : end) - at));
            at = past;
            opens = false;
            continue;
        }
        if (*at == '(') {
            bool behind_any = at - start >= 5 && (strncmp(at - 5, "ANY (", 5) == 0 || strncmp(at - 5, "ALL (", 5) == 0);

            past = behind_any ? drop_array_cast(buf, at, end, start)
                   : opens    ? keep_first_group(buf, at, end, start)
                              : NULL;
            if (past != NULL) {
                at = past;
                opens = false;
                continue;
            }
        }
        opens = *at == '(' || (opens && *at == ' ');
        cab_buf_addc(buf, *at++);
    }
}

/* Past a constant with a cast, as in a SELECT list: 'x'::text, NULL::numeric(3,1); NULL where there is none. */
static const char *past_constant(const char *at, const char *start) {
    const char *past = *at == 'E' && at[1] == '\'' ? cab_past_quoted(at + 1, start) : cab_past_quoted(at, start);

    if (*at == '"' || *at == '$')
        return NULL;
    if (past == at || (*at == 'E' && past == at + 1)) {
        past = at + (strncmp(at, "NULL", 4) == 0 ? 4 : strspn(at, "0123456789.-"));
        if (past == at)
            return NULL;
    }
    if (strncmp(past, "::", 2) != 0)
        return NULL;
    past += 2;
    while (isalnum((unsigned char)*past) || (*past != '\0' && strchr("_. \"", *past) != NULL)) {
        if (strncmp(past, " AS ", 4) == 0)
            return NULL; /* it has a name */
        past = *past == '"' ? cab_past_quoted(past, start) : past + 1;
    }
    if (*past == '(')
        past = cab_closing_bracket(past, start) != NULL ? cab_closing_bracket(past, start) + 1 : past;
    while (*past == '[' || *past == ']')
        past++;
    return past;
}

/* Names the nameless constants of SELECT lists, of which each item has a line of its own. */
static const char *name_constants(struct cab_planner *planner, const char *text) {
    static const char select[] = "SELECT ";
    size_t n = sizeof(select) - 1;
    const char *at = text;
    struct cab_buf buf;

    cab_buf_init(&buf, planner->ctx, strlen(text) + 64);
    while (*at != '\0') {
        const char *past = cab_past_quoted(at, text), *item = NULL;

        if (past != at) {
            cab_buf_add(&buf, at, (size_t)(past - at));
            at = past;
            continue;
        }
        if (strncmp(at, select, n) == 0)
            item = at + n;
        else if (at[0] == ',' && at[1] == '\n')
            item = at + 2 + strspn(at + 2, " ");
        past = item != NULL ? past_constant(item, text) : NULL;
        if (past == NULL) {
            cab_buf_addc(&buf, *at++);
            continue;
        }
        cab_buf_add(&buf, at, (size_t)(past - at));
        if (*past == ',' || *past == '\n' || *past == ')' || *past == '\0')
            cab_buf_adds(&buf, " AS \"?column?\"");
        at = past;
    }
    return buf.data;
}

const char *cab_faithful(struct cab_planner *planner, const char *text) {
    struct cab_buf buf;

    if (strncmp(text, "CREATE ", 7) == 0 && strstr(text, "VIEW ") != NULL && strstr(text, "::") != NULL)
        text = name_constants(planner, text);
    if (strstr(text, "((ARRAY[") == NULL && strstr(text, ")) AND ") == NULL && strstr(text, ")) OR ") == NULL)
        return text;
    cab_buf_init(&buf, planner->ctx, strlen(text) + 16);
    rewrite(&buf, text, text + strlen(text), text);
    return buf.data;
}
