/*
 * JSON documents of requests: json-c parses what the scanner let pass, and each value keeps its text as sent.
 * The only file that knows json-c.
 */
#include "http/parts.h"

#include <json-c/json.h>
#include <string.h>

struct document {
    json_object *root;            /* owner of the strings and keys */
    const char *text;
    const struct cab_json_mark *marks;
    struct cab_json *values;      /* one for each mark, in the same order */
    const struct cab_json **kids; /* children of all containers, cut into slices */
    char *numbers;                /* room for the texts of numbers */
    size_t next, next_kid;
};

struct cab_json {
    const struct document *document;
    enum cab_json_type type;
    const char *key;              /* as a member, else NULL */
    const char *text;             /* of a string or number */
    size_t len;
    const char *source; size_t source_len;
    const struct cab_json **kids; size_t count;
    bool boolean;
};

static void put_root(void *ptr) {
    struct document *document = ptr;
    json_object_put(document->root);
}

static json_object *tokenize(const char *text, size_t n) {
    struct json_tokener *tokener = json_tokener_new_ex(CAB_JSON_DEPTH + 2);
    if (tokener == NULL)
        cab_die("no memory for a JSON tokener");
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    json_object *root = json_tokener_parse_ex(tokener, text, (int)n);
    enum json_tokener_error error = json_tokener_get_error(tokener);
    if (error == json_tokener_continue) { /* a number at the very end waits for what follows */
        root = json_tokener_parse_ex(tokener, "", 1);
        error = json_tokener_get_error(tokener);
    }
    json_tokener_free(tokener);
    if (error != json_tokener_success) {
        json_object_put(root);
        return NULL;
    }
    return root;
}

/* Joins the next mark with object; children follow.  NULL where a key stands twice, since json-c keeps only one. */
static struct cab_json *join(struct document *document, json_object *object, const char *key) {
    const struct cab_json_mark *mark = &document->marks[document->next];
    struct cab_json *value = &document->values[document->next++];
    *value = (struct cab_json){ .document = document, .type = mark->type, .key = key, .count = mark->count };
    value->source = document->text + mark->start;
    value->source_len = mark->end - mark->start;
    value->kids = document->kids + document->next_kid;
    document->next_kid += mark->count;

    size_t i = 0;
    switch (mark->type) {
    case CAB_JSON_BOOL:
        value->boolean = json_object_get_boolean(object);
        break;
    case CAB_JSON_STRING:
        value->text = json_object_get_string(object);
        value->len = (size_t)json_object_get_string_len(object);
        break;
    case CAB_JSON_NUMBER:
        value->text = memcpy(document->numbers, value->source, value->source_len);
        value->len = value->source_len;
        document->numbers[value->len] = '\0';
        document->numbers += value->len + 1;
        break;
    case CAB_JSON_ARRAY:
        CAB_BUG_ON(json_object_array_length(object) != mark->count);
        for (; i < mark->count; i++)
            if ((value->kids[i] = join(document, json_object_array_get_idx(object, i), NULL)) == NULL)
                return NULL;
        break;
    case CAB_JSON_OBJECT:
        if ((size_t)json_object_object_length(object) != mark->count)
            return NULL;
        json_object_object_foreach(object, name, member) {
            if ((value->kids[i++] = join(document, member, name)) == NULL)
                return NULL;
        }
        break;
    case CAB_JSON_NULL:
        break;
    }
    return value;
}

int cab_json_parse(void *ctx, const char *text, size_t n, const struct cab_json **json_out, struct cab_err *err) {
    struct document *document = cab_new(ctx, struct document);
    struct cab_json_marks marks = { 0 };
    if (cab_json_scan(document, text, n, &marks, err) != 0) {
        cab_mem_free(document);
        return -1;
    }
    document->root = tokenize(text, n);
    cab_mem_on_free(document, put_root);
    if (document->root == NULL && marks.list[0].type != CAB_JSON_NULL) {
        cab_mem_free(document);
        return cab_fail(err, CAB_PROBLEM_MALFORMED, "The body is not JSON.");
    }

    size_t numbers = 0;
    for (size_t i = 0; i < marks.n; i++)
        if (marks.list[i].type == CAB_JSON_NUMBER)
            numbers += marks.list[i].end - marks.list[i].start + 1;
    char *copy = cab_mem_alloc(document, n + 1);
    memcpy(copy, text, n);
    copy[n] = '\0';
    document->text = copy;
    document->marks = marks.list;
    document->values = cab_mem_alloc(document, marks.n * sizeof *document->values);
    document->kids = cab_mem_alloc(document, marks.n * sizeof *document->kids);
    document->numbers = cab_mem_alloc(document, numbers + 1);
    *json_out = join(document, document->root, NULL);
    if (*json_out == NULL) {
        cab_mem_free(document);
        return cab_fail(err, CAB_PROBLEM_MALFORMED,
                        "The JSON body has an object with the same member twice; send each once.");
    }
    return 0;
}

enum cab_json_type cab_json_type(const struct cab_json *json) {
    return json->type;
}

const char *cab_json_type_name(enum cab_json_type type) {
    static const char *const names[] = {
        [CAB_JSON_NULL] = "null", [CAB_JSON_BOOL] = "true or false", [CAB_JSON_NUMBER] = "a number",
        [CAB_JSON_STRING] = "a string", [CAB_JSON_ARRAY] = "an array", [CAB_JSON_OBJECT] = "an object",
    };
    CAB_BUG_ON(type < CAB_JSON_NULL || type > CAB_JSON_OBJECT);
    return names[type];
}

bool cab_json_bool(const struct cab_json *json) {
    return json->boolean;
}

const char *cab_json_text(const struct cab_json *json, size_t *n_out) {
    if (n_out != NULL)
        *n_out = json->len;
    return json->text;
}

size_t cab_json_count(const struct cab_json *json) {
    return json->count;
}

const struct cab_json *cab_json_item(const struct cab_json *json, size_t i) {
    CAB_BUG_ON(i >= json->count);
    return json->kids[i];
}

const char *cab_json_key(const struct cab_json *json, size_t i) {
    return cab_json_item(json, i)->key;
}

const struct cab_json *cab_json_member(const struct cab_json *json, size_t i) {
    return cab_json_item(json, i);
}

const struct cab_json *cab_json_get(const struct cab_json *json, const char *key) {
    if (json->type != CAB_JSON_OBJECT)
        return NULL;
    for (size_t i = 0; i < json->count; i++)
        if (strcmp(json->kids[i]->key, key) == 0)
            return json->kids[i];
    return NULL;
}

const char *cab_json_source(const struct cab_json *json, size_t *n_out) {
    if (n_out != NULL)
        *n_out = json->source_len;
    return cab_strndup(json->document, json->source, json->source_len);
}
