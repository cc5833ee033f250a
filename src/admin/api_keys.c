/*
 * Commands on API keys: list them, make one, take one back.
 */
#include <cabinet/audit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/admin.h"
#include "statements.h"

#define DAYS_USUAL 90

static const char *const names[] = { "id",      "name",      "prefix",       "scopes", "date_created",
                                     "expires", "last_used", "date_rotated" };

static void put_key(struct cab_json_writer *w, const struct cab_result *keys, int row, const char *secret) {
    cab_json_open(w, NULL, '{');
    for (size_t i = 0; i < CAB_LENGTH(names); i++)
        if (i == 0 || i == 3)
            cab_json_put_raw(w, names[i], cab_result_value(keys, row, (int)i));
        else
            cab_json_put(w, names[i], cab_result_value(keys, row, (int)i));
    if (secret != NULL)
        cab_json_put(w, "key", secret);
    cab_json_close(w, '}');
}

int admin_api_key_list(struct admin *admin, struct cab_err *err) {
    struct cab_result *keys;
    struct cab_user *user;
    struct cab_buf buf;
    struct cab_json_writer w = { .buf = &buf };

    if (admin_find(admin, admin->argument, &user, err) != 0)
        return -1;
    const char *id = cab_printf(admin->mem, "%lld", (long long)user->id);
    if (cab_db_query(admin->db, admin->mem, CAB_SHAPE_ANY, cab_sql_text_api_key_list, 1, &id, &keys, err) != 0)
        return -1;
    if (admin->json) {
        cab_buf_init(&buf, admin->mem, 1024);
        cab_json_open(&w, NULL, '[');
        for (int row = 0; row < cab_result_rows(keys); row++)
            put_key(&w, keys, row, NULL);
        cab_json_close(&w, ']');
        puts(buf.data);
        return ADMIN_DONE;
    }
    if (cab_result_rows(keys) == 0)
        puts("no API keys");
    for (int row = 0; row < cab_result_rows(keys); row++) {
        const char *used = cab_result_value(keys, row, 6);
        printf("%s  %s…  until %s  used %s  %s  ", cab_result_value(keys, row, 0), cab_result_value(keys, row, 2),
               cab_result_value(keys, row, 5), used != NULL ? used : "never", cab_result_value(keys, row, 3));
        admin_print_plain(cab_result_value(keys, row, 1));
        putchar('\n');
    }
    return ADMIN_DONE;
}

/* --scope, commas as spaces; NULL with err where a word is none, or too much for the user. */
static const char *read_scopes(struct admin *admin, const struct cab_user *user, struct cab_err *err) {
    char *scopes = cab_strdup(admin->mem, admin->scope);
    struct cab_catalog *catalog;
    if (cab_catalog_load(admin->mem, admin->db, &catalog, err) != 0)
        return NULL;
    for (char *at = scopes; at != NULL;) {
        char *end = strchr(at, ',');
        const char *word = end != NULL ? cab_strndup(admin->mem, at, (size_t)(end - at)) : at;
        const char *colon = strchr(word, ':');
        if (!cab_scope_is(word) ||
            (colon != NULL &&
             cab_catalog_find(catalog, cab_strndup(admin->mem, word, (size_t)(colon - word))) == NULL)) {
            cab_fail(err, CAB_PROBLEM_INVALID, "%s is no scope; one is read, write, admin, TABLE:read or TABLE:write.",
                     word);
            return NULL;
        }
        if (strcmp(word, "admin") == 0 && !user->is_superuser) {
            cab_fail(err, CAB_PROBLEM_INVALID, "The scope admin is for superusers, and %s is none.", user->email);
            return NULL;
        }
        if (end != NULL)
            *end = ' ';
        at = end != NULL ? end + 1 : NULL;
    }
    return scopes;
}

static void print_key(const struct admin *admin, const struct cab_result *made, const char *key) {
    struct cab_buf buf;
    struct cab_json_writer w = { .buf = &buf };
    if (!admin->json) {
        puts(key);
        return;
    }
    cab_buf_init(&buf, admin->mem, 512);
    put_key(&w, made, 0, key);
    puts(buf.data);
}

int admin_api_key_create(struct admin *admin, struct cab_err *err) {
    int64_t days = DAYS_USUAL < admin->conf->api_key_max_days ? DAYS_USUAL : admin->conf->api_key_max_days;
    char prefix[13], hash[65];
    struct cab_user *user;

    if (admin->name == NULL || admin->scope == NULL) {
        fputs("cabinet-admin: api-key create needs --name and --scope\n", stderr);
        return ADMIN_USAGE;
    }
    if (admin->days != NULL && cab_parse_int64(admin->days, 1, admin->conf->api_key_max_days, &days) != 0) {
        fprintf(stderr, "cabinet-admin: --days is a number from 1 to %lld (API_KEY_MAX_DAYS)\n",
                (long long)admin->conf->api_key_max_days);
        return ADMIN_USAGE;
    }
    if (admin_find(admin, admin->argument, &user, err) != 0)
        return -1;
    const char *scopes = read_scopes(admin, user, err);
    if (scopes == NULL)
        return -1;
    char *key = cab_api_key_make(admin->mem);
    cab_api_key_prefix(key, prefix);
    cab_api_key_hash(key, hash);
    const char *id = cab_printf(admin->mem, "%lld", (long long)user->id);
    const char *values[] = { id, admin->name, prefix, hash, scopes, cab_printf(admin->mem, "%lld", (long long)days),
                             "10000" };
    struct cab_event event = { .action = CAB_ACTION_API_KEY_CREATED, .user_id = id, .success = true,
                               .detail = cab_printf(admin->mem, "{\"prefix\":\"%s\"}", prefix) };
    struct cab_pipe *pipe = cab_pipe_make(admin->mem, admin->db, true);
    int at = cab_pipe_add(pipe, CAB_SHAPE_ONE, cab_sql_text_api_key_insert, 7, values);
    cab_audit_event_add(admin->mem, pipe, &event);
    if (cab_pipe_run(pipe, err) != 0)
        return -1;
    print_key(admin, cab_pipe_result(pipe, at), key);
    return ADMIN_DONE;
}

int admin_api_key_revoke(struct admin *admin, struct cab_err *err) {
    struct cab_result *owner;
    int64_t number;

    if (cab_parse_int64(admin->argument, 1, INT64_MAX, &number) != 0)
        return cab_fail(err, CAB_PROBLEM_NOT_FOUND, "There is no such API key; api-key list shows their numbers.");
    const char *id = cab_printf(admin->mem, "%lld", (long long)number);
    if (cab_db_query(admin->db, admin->mem, CAB_SHAPE_MAYBE, cab_sql_text_api_key_owner, 1, &id, &owner, err) != 0)
        return -1;
    if (cab_result_rows(owner) == 0)
        return cab_fail(err, CAB_PROBLEM_NOT_FOUND, "There is no such API key; api-key list shows their numbers.");
    const char *values[] = { id, cab_result_value(owner, 0, 0) };
    struct cab_event event = { .action = CAB_ACTION_API_KEY_REVOKED, .user_id = values[1], .success = true,
                               .detail = cab_printf(admin->mem, "{\"id\":%s}", id) };
    struct cab_pipe *pipe = cab_pipe_make(admin->mem, admin->db, true);
    cab_pipe_add(pipe, CAB_SHAPE_MAYBE, cab_sql_text_api_key_delete, 2, values);
    cab_audit_event_add(admin->mem, pipe, &event);
    if (cab_pipe_run(pipe, err) != 0)
        return -1;
    admin_say(admin, "The API key is good for nothing any more.");
    return ADMIN_DONE;
}
