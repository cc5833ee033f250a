/*
 * Links from one page of a list to others: the request's own address with one parameter changed.
 */
#include <string.h>

#include "list.h"

static void add_param(struct cab_buf *buf, const char *name, const char *value, bool *first) {
    cab_buf_addc(buf, *first ? '?' : '&');
    *first = false;
    cab_url_encode(buf, name);
    cab_buf_addc(buf, '=');
    cab_url_encode(buf, value);
}

char *cab_link_make(const struct cab_request *request, const char *name, const char *value, const char *drop) {
    struct cab_buf buf;
    bool first = true, written = false;
    cab_buf_init(&buf, request->mem, strlen(request->uri) + strlen(value) + 32);
    cab_buf_add(&buf, request->uri, strcspn(request->uri, "?#"));
    for (int i = 0; i < request->n_params; i++) {
        const struct cab_pair *param = &request->params[i];
        if (drop != NULL && strcmp(param->name, drop) == 0)
            continue;
        bool replaced = strcmp(param->name, name) == 0;
        add_param(&buf, param->name, replaced ? value : param->value, &first);
        written = written || replaced;
    }
    if (!written)
        add_param(&buf, name, value, &first);
    return buf.data;
}
