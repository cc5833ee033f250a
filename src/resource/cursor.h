/*
 * Cursors: where a walk through a list stands, opaque to the client and authenticated.
 */
#ifndef CABINET_RESOURCE_CURSOR_H
#define CABINET_RESOURCE_CURSOR_H

#include <cabinet/auth.h>

/* The longest cursor that is issued, in characters: addresses have limits. */
#define CAB_CURSOR_MOST 4000

struct cab_cursor {
    bool is_backward;     /* the rows before the one named, rather than those after it */
    const char **values;  /* of the sort keys, as text; NULL is SQL NULL */
    int n;
};

/* scope is all that the cursor is bound to: list, order, filter, caller.  NULL where it would be too long. */
char *cab_cursor_make(const void *ctx, const struct cab_conf *conf, const char *scope, const struct cab_cursor *cursor);

/* n is the number of sort keys.  BAD_CURSOR where text was not issued for scope. */
int cab_cursor_read(const void *ctx, const struct cab_conf *conf, const char *scope, const char *text, int n,
                    struct cab_cursor *cursor_out, struct cab_err *err) CAB_MUST_CHECK;

#endif
