/*
 * One's API keys: list them, make one, replace one, take one back.  A key is shown once, when it is made.
 */
#include <cabinet/audit.h>
#include <cabinet/resource.h>
#include <string.h>

#include "account_internal.h"
#include "statements.h"

#define NAME_MOST 100
#define SCOPES_MOST 32
#define DAYS_USUAL 90
#define OVERLAP_MOST 604800 /* seconds that a replaced key may stay good */

enum { NAME, PASSWORD };

/* ---- answers ---- */

static void put_key(struct cab_json_writer *w, const struct cab_result *keys, int row, const char *secret) {
    cab_json_open(w, NULL, '{');
    cab_json_put_raw(w, "id", cab_result_value(keys, row, 0));
    cab_json_put(w, "name", cab_result_value(keys, row, 1));
    cab_json_put(w, "prefix", cab_result_value(keys, row, 2));
    cab_json_put_raw(w, "scopes", cab_result_value(keys, row, 3));
    cab_json_put(w, "date_created", cab_result_value(keys, row, 4));
    cab_json_put(w, "expires", cab_result_value(keys, row, 5));
    cab_json_put(w, "last_used", cab_result_value(keys, row, 6));
    cab_json_put(w, "date_rotated", cab_result_value(keys, row, 7));
    if (secret != NULL)
        cab_json_put(w, "key", secret);
    cab_json_close(w, '}');
}

int cab_account_api_keys(struct cab_call *call, struct cab_err *err) {
    struct cab_json_writer w = { .buf = &call->response->body };

    if (cab_account_no_params(call, err) != 0)
        return cab_resource_refuse(call, err);
    struct cab_pipe *pipe = cab_call_pipe(call);
    int at = cab_account_queue(call->mem, pipe, CAB_SHAPE_ANY, cab_sql_text_api_key_list, 1, call->caller.user_id_text);
    if (cab_call_run(call, err) != 0)
        return -1;
    const struct cab_result *keys = cab_pipe_result(pipe, at);
    cab_response_header(call->response, "Cache-Control", "no-store");
    cab_json_open(&w, NULL, '{');
    cab_json_open(&w, "items", '[');
    for (int row = 0; row < cab_result_rows(keys); row++)
        put_key(&w, keys, row, NULL);
    cab_json_close(&w, ']');
    cab_json_close(&w, '}');
    return 0;
}

/* ---- what a body asks for ---- */

static void flaw(struct cab_call *call, struct cab_err *err, const char *field, const char *code, const char *detail) {
    cab_err_flaw(err, call->mem, CAB_PLACE_FIELD, field, code, "%s", detail);
}

/* An integer in [least, most], or fallback where the member is absent. */
static int64_t read_integer(struct cab_call *call, const struct cab_json *object, const char *name, int64_t fallback,
                            int64_t least, int64_t most, struct cab_err *err) {
    const struct cab_json *member = cab_json_get(object, name);
    int64_t value = fallback;
    if (member != NULL && (cab_json_type(member) != CAB_JSON_NUMBER ||
                           cab_parse_int64(cab_json_text(member, NULL), least, most, &value) != 0))
        cab_err_flaw(err, call->mem, CAB_PLACE_FIELD, name, "out_of_range", "This field is a whole number from %lld to "
                     "%lld.", (long long)least, (long long)most);
    return value;
}

static bool has_table(struct cab_call *call, const char *scope) {
    const char *colon = strrchr(scope, ':');
    return colon == NULL ||
           cab_catalog_find(call->catalog, cab_strndup(call->mem, scope, (size_t)(colon - scope))) != NULL;
}

static void add_scope(struct cab_call *call, struct cab_buf *scopes, const char *word, struct cab_err *err) {
    if (!cab_scope_is(word) || !has_table(call, word)) {
        flaw(call, err, "scopes", "unknown_scope", "A scope is read, write, admin, TABLE:read or TABLE:write.");
    } else if (strcmp(word, "admin") == 0 && !call->caller.is_admin) {
        flaw(call, err, "scopes", "not_allowed", "Only superusers make keys with the scope admin.");
    } else {
        cab_buf_adds(scopes, scopes->len > 0 ? " " : "");
        cab_buf_adds(scopes, word);
    }
}

/* The words of the array, separated by spaces. */
static const char *read_scopes(struct cab_call *call, const struct cab_json *object, struct cab_err *err) {
    const struct cab_json *list = cab_json_get(object, "scopes");
    struct cab_buf scopes;
    cab_buf_init(&scopes, call->mem, 64);
    size_t n = list != NULL && cab_json_type(list) == CAB_JSON_ARRAY ? cab_json_count(list) : 0;
    if (n == 0 || n > SCOPES_MOST) {
        cab_err_flaw(err, call->mem, CAB_PLACE_FIELD, "scopes", list == NULL ? "required" : "wrong_count",
                     "This field is an array of 1 to %d scopes.", SCOPES_MOST);
        return "";
    }
    for (size_t i = 0; i < n && err->flaws == NULL; i++) {
        const struct cab_json *item = cab_json_item(list, i);
        if (cab_json_type(item) == CAB_JSON_STRING)
            add_scope(call, &scopes, cab_json_text(item, NULL), err);
        else
            flaw(call, err, "scopes", "wrong_type", "A scope is a string.");
    }
    return scopes.data;
}

static int read_object(struct cab_call *call, struct cab_account_field *fields, const struct cab_json **object_out,
                       struct cab_err *err) {
    if (cab_account_no_params(call, err) != 0 || cab_account_body(call, false, object_out, err) != 0)
        return -1;
    return cab_account_fields(call, *object_out, fields, err);
}

/* ---- changes ---- */

int cab_account_api_key_create(struct cab_call *call, struct cab_err *err) {
    struct cab_account_field fields[] = {
        [NAME] = { .name = "name", .is_required = true },
        [PASSWORD] = { .name = "password", .is_required = true },
        { .name = "scopes", .is_ignored = true },
        { .name = "expires_in_days", .is_ignored = true },
        { .name = NULL },
    };
    const struct cab_json *object;
    const char *hash, *user_id = call->caller.user_id_text;
    int64_t most = call->conf->api_key_max_days;
    char prefix[13], key_hash[65];

    if (read_object(call, fields, &object, err) != 0)
        return cab_resource_refuse(call, err);
    const char *scopes = read_scopes(call, object, err);
    int64_t days =
        read_integer(call, object, "expires_in_days", most < DAYS_USUAL ? most : DAYS_USUAL, 1, most, err);
    size_t length = cab_utf8_length(fields[NAME].value);
    if (length < 1 || length > NAME_MOST)
        cab_err_flaw(err, call->mem, CAB_PLACE_FIELD, "name", "length", "A name has 1 to %d characters.", NAME_MOST);
    if (cab_account_settle(err) != 0)
        return cab_resource_refuse(call, err);
    if (cab_account_password_again(call, &fields[PASSWORD], CAB_ACTION_API_KEY_CREATED, &hash, err) != 0)
        return -1;
    char *key = cab_api_key_make(call->mem);
    cab_api_key_prefix(key, prefix);
    cab_api_key_hash(key, key_hash);
    call->is_block = true; /* nothing is told of a key that was not made */
    struct cab_pipe *pipe = cab_call_pipe(call);
    cab_account_queue_unchanged(call, pipe, user_id, hash);
    int at = cab_account_queue(call->mem, pipe, CAB_SHAPE_MAYBE, cab_sql_text_api_key_insert, 7, user_id,
                               fields[NAME].value, prefix, key_hash, scopes, cab_decimal(call->mem, days),
                               cab_decimal(call->mem, call->conf->max_api_keys_per_user));
    cab_account_mail(call, pipe, CAB_MAIL_API_KEY_CREATED, user_id, NULL, NULL);
    cab_audit_add(call, pipe, CAB_ACTION_API_KEY_CREATED, user_id, true,
                  cab_printf(call->mem, "{\"prefix\":\"%s\"}", prefix));
    if (cab_call_run(call, err) != 0)
        return -1;
    if (cab_result_rows(cab_pipe_result(pipe, at)) == 0)
        return cab_fail(err, CAB_PROBLEM_CONFLICT, "There are %lld API keys already, as many as an account may have.",
                        (long long)call->conf->max_api_keys_per_user);
    call->response->status = 201;
    cab_response_header(call->response, "Cache-Control", "no-store");
    put_key(&(struct cab_json_writer){ .buf = &call->response->body }, cab_pipe_result(pipe, at), 0, key);
    return 0;
}

/* The number in the path, as text; NOT_FOUND where it is none. */
static int read_id(struct cab_call *call, const char **id_out, struct cab_err *err) {
    int64_t id;
    if (cab_parse_int64(call->capture[0], 1, INT64_MAX, &id) != 0)
        return cab_fail(err, CAB_PROBLEM_NOT_FOUND, "You have no such API key.");
    *id_out = cab_decimal(call->mem, id);
    return 0;
}

static const char *event_detail(struct cab_call *call, const char *id) {
    return cab_printf(call->mem, "{\"id\":%s}", id);
}

int cab_account_api_key_rotate(struct cab_call *call, struct cab_err *err) {
    struct cab_account_field fields[] = {
        { .name = "password", .is_required = true },
        { .name = "overlap", .is_ignored = true },
        { .name = NULL },
    };
    const struct cab_json *object;
    const char *id, *hash, *user_id = call->caller.user_id_text;
    char prefix[13], key_hash[65];

    if (read_id(call, &id, err) != 0 || read_object(call, fields, &object, err) != 0)
        return cab_resource_refuse(call, err);
    int64_t overlap = read_integer(call, object, "overlap", 0, 0, OVERLAP_MOST, err);
    if (cab_account_settle(err) != 0)
        return cab_resource_refuse(call, err);
    if (cab_account_password_again(call, &fields[0], CAB_ACTION_API_KEY_ROTATED, &hash, err) != 0)
        return -1;
    char *key = cab_api_key_make(call->mem);
    cab_api_key_prefix(key, prefix);
    cab_api_key_hash(key, key_hash);
    call->is_block = true;
    struct cab_pipe *pipe = cab_call_pipe(call);
    cab_account_queue_unchanged(call, pipe, user_id, hash);
    int at = cab_account_queue(call->mem, pipe, CAB_SHAPE_MAYBE, cab_sql_text_api_key_rotate, 5, id, user_id, prefix,
                               key_hash, cab_decimal(call->mem, overlap));
    cab_audit_add(call, pipe, CAB_ACTION_API_KEY_ROTATED, user_id, true, event_detail(call, id));
    if (cab_call_run(call, err) != 0)
        return -1;
    if (cab_result_rows(cab_pipe_result(pipe, at)) == 0)
        return cab_fail(err, CAB_PROBLEM_NOT_FOUND, "You have no such API key that is still good.");
    cab_response_header(call->response, "Cache-Control", "no-store");
    put_key(&(struct cab_json_writer){ .buf = &call->response->body }, cab_pipe_result(pipe, at), 0, key);
    return 0;
}

int cab_account_api_key_revoke(struct cab_call *call, struct cab_err *err) {
    const char *id, *user_id = call->caller.user_id_text;

    if (cab_account_no_params(call, err) != 0 || read_id(call, &id, err) != 0)
        return cab_resource_refuse(call, err);
    call->is_block = true;
    struct cab_pipe *pipe = cab_call_pipe(call);
    int at = cab_account_queue(call->mem, pipe, CAB_SHAPE_MAYBE, cab_sql_text_api_key_delete, 2, id, user_id);
    cab_audit_add(call, pipe, CAB_ACTION_API_KEY_REVOKED, user_id, true, event_detail(call, id));
    if (cab_call_run(call, err) != 0)
        return -1;
    if (cab_result_rows(cab_pipe_result(pipe, at)) == 0)
        return cab_fail(err, CAB_PROBLEM_NOT_FOUND, "You have no such API key.");
    call->response->status = 204;
    call->response->content_type = NULL;
    return 0;
}
