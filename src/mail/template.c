/*
 * Templates: values in a text, and parts that stay or go with a value.  Knows nothing of mail.
 */
#include <string.h>

#include "mail/internal.h"

static void escape(struct cab_buf *out, const char *value) {
    for (const char *c = value; *c != '\0'; c++) {
        switch (*c) {
        case '&': cab_buf_adds(out, "&amp;"); break;
        case '<': cab_buf_adds(out, "&lt;"); break;
        case '>': cab_buf_adds(out, "&gt;"); break;
        case '"': cab_buf_adds(out, "&quot;"); break;
        case '\'': cab_buf_adds(out, "&#39;"); break;
        default: cab_buf_addc(out, *c);
        }
    }
}

static const struct cab_mail_value *find(const struct cab_mail_value *values, const char *name, size_t n) {
    for (; values->name != NULL; values++)
        if (strlen(values->name) == n && strncmp(values->name, name, n) == 0)
            return values;
    return NULL;
}

int cab_mail_fill(const char *text, const struct cab_mail_value *values, bool is_html, struct cab_buf *out,
                  struct cab_err *err) {
    const struct cab_mail_value *section = NULL;
    bool is_shown = true;

    for (;;) {
        const char *open = strstr(text, "{{"), *close = open != NULL ? strstr(open, "}}") : NULL;
        if (is_shown)
            cab_buf_add(out, text, open != NULL ? (size_t)(open - text) : strlen(text));
        if (open == NULL)
            break;
        if (close == NULL)
            return cab_fail(err, CAB_PROBLEM_INTERNAL, "A template of mail has {{ without }}.");
        char mark = strchr("#^/", open[2]) != NULL ? open[2] : '\0';
        const char *name = open + 2 + (mark != '\0');
        const struct cab_mail_value *value = find(values, name, (size_t)(close - name));
        if (value == NULL)
            return cab_fail(err, CAB_PROBLEM_INTERNAL, "A template of mail names %.40s, which does not exist.", name);
        bool is_fit = mark == '/' ? section == value : mark == '\0' || section == NULL;
        if (!is_fit)
            return cab_fail(err, CAB_PROBLEM_INTERNAL, "A template of mail has parts that do not match at %s.",
                            value->name);
        text = close + 2;
        if (mark == '/') {
            section = NULL;
            is_shown = true;
        } else if (mark != '\0') {
            section = value;
            is_shown = (value->value != NULL) == (mark == '#');
        } else if (is_shown && value->value != NULL) {
            if (is_html)
                escape(out, value->value);
            else
                cab_buf_adds(out, value->value);
        }
        if (mark != '\0' && *text == '\n') /* a mark alone on its line takes the line with it */
            text++;
    }
    if (section != NULL)
        return cab_fail(err, CAB_PROBLEM_INTERNAL, "A template of mail does not end the part %s.", section->name);
    return 0;
}
