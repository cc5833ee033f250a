/*
 * Small readers of JSON that came from outside.
 */
#include <string.h>

#include "oauth/internal.h"

const struct cab_json *cab_oauth_object(void *ctx, const char *text, size_t n) {
    const struct cab_json *json;
    struct cab_err ignored = { 0 };
    if (cab_json_parse(ctx, text, n, &json, &ignored) != 0 || cab_json_type(json) != CAB_JSON_OBJECT)
        return NULL;
    return json;
}

const char *cab_oauth_text(const struct cab_json *object, const char *name, size_t most) {
    const struct cab_json *member = cab_json_get(object, name);
    size_t n;
    if (member == NULL || cab_json_type(member) != CAB_JSON_STRING)
        return NULL;
    const char *text = cab_json_text(member, &n);
    if (n == 0 || n > most)
        return NULL;
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7F)
            return NULL;
    return text;
}

static bool is_text(const struct cab_json *json, const char *value) {
    return cab_json_type(json) == CAB_JSON_STRING && strcmp(cab_json_text(json, NULL), value) == 0;
}

bool cab_oauth_has(const struct cab_json *json, const char *value) {
    if (json == NULL || value == NULL)
        return false;
    if (cab_json_type(json) != CAB_JSON_ARRAY)
        return is_text(json, value);
    for (size_t i = 0; i < cab_json_count(json); i++)
        if (is_text(cab_json_item(json, i), value))
            return true;
    return false;
}
