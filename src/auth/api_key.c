/*
 * API keys.  A key says nothing of itself: whose it is and what it may do is asked of the database once a process, and
 * remembered by the key's hash; whether it still holds is the guard's business in each request, in the same round trip
 * as the work.  Scopes never change, so what is remembered is right as long as the row is there.
 */
#include <cabinet/auth.h>
#include <stdio.h>
#include <string.h>

#include "statements.h"

#define MARK "cbk_"
#define RANDOM_BYTES 32
#define TEXT_BYTES 43 /* of base64url */
#define PREFIX_BYTES 12
#define TOUCH_MS 60000

/* Keys that were used lately, direct-mapped by their hash. */
#define KEPT_KEYS 256

struct kept_key {
    char hash[65]; /* "": free */
    int64_t user_id, touched_ms;
    char key_id[21];
    bool is_admin;
    char *scopes; /* with a space before and behind each word */
};

static struct kept_key *kept_keys;

static struct kept_key *slot_of(const char *hash) {
    unsigned at = 0;
    if (kept_keys == NULL)
        kept_keys = cab_new_array(NULL, struct kept_key, KEPT_KEYS);
    for (int i = 0; i < 4; i++)
        at = at * 16 + (unsigned)(hash[i] <= '9' ? hash[i] - '0' : hash[i] - 'a' + 10);
    return &kept_keys[at % KEPT_KEYS];
}

char *cab_api_key_make(void *ctx) {
    unsigned char bytes[RANDOM_BYTES];
    cab_random(bytes, sizeof bytes);
    char *text = cab_base64url(ctx, bytes, sizeof bytes);
    size_t n = strlen(text), room = sizeof MARK + n;
    char *key = cab_mem_secret(ctx, room);
    snprintf(key, room, MARK "%s", text);
    explicit_bzero(bytes, sizeof bytes);
    explicit_bzero(text, n);
    return key;
}

bool cab_api_key_is(const char *text) {
    return strncmp(text, MARK, strlen(MARK)) == 0;
}

void cab_api_key_prefix(const char *key, char prefix[13]) {
    snprintf(prefix, PREFIX_BYTES + 1, "%s", key);
}

void cab_api_key_hash(const char *key, char hash[65]) {
    cab_sha256_hex(key, strlen(key), hash);
}

static int refuse(struct cab_err *err) {
    return cab_fail(err, CAB_PROBLEM_UNAUTHENTICATED, "The API key is not valid.");
}

static void remember(struct kept_key *slot, const char *hash, const struct cab_result *row) {
    cab_mem_free(slot->scopes);
    *slot = (struct kept_key){
        .user_id = cab_result_int64(row, 0, 1),
        .is_admin = cab_result_bool(row, 0, 2),
        .scopes = cab_printf(kept_keys, " %s ", cab_result_value(row, 0, 3)),
    };
    memcpy(slot->hash, hash, sizeof slot->hash);
    snprintf(slot->key_id, sizeof slot->key_id, "%s", cab_result_value(row, 0, 0));
}

int cab_api_key_find(void *ctx, struct cab_db *db, const struct cab_conf *conf, const char *key,
                     struct cab_caller *caller_out, struct cab_err *err) {
    struct cab_caller caller = { .is_signed_in = true, .is_key = true, .directory = cab_directory(conf) };
    struct cab_result *row;

    if (strlen(key) != strlen(MARK) + TEXT_BYTES)
        return refuse(err);
    cab_api_key_hash(key, caller.key_hash);
    struct kept_key *slot = slot_of(caller.key_hash);
    if (strcmp(slot->hash, caller.key_hash) != 0) {
        const char *hash = caller.key_hash;
        if (cab_db_ready(db, err) != 0 ||
            cab_db_read(db, ctx, CAB_SHAPE_MAYBE, cab_sql_text_api_key_lookup, 1, &hash, &row, err) != 0)
            return -1;
        if (cab_result_rows(row) == 0)
            return refuse(err);
        remember(slot, caller.key_hash, row);
    }
    caller.user_id = slot->user_id;
    snprintf(caller.user_id_text, sizeof caller.user_id_text, "%lld", (long long)slot->user_id);
    caller.is_admin = slot->is_admin;
    memcpy(caller.key_id, slot->key_id, sizeof caller.key_id);
    caller.scopes = cab_strdup(ctx, slot->scopes);
    *caller_out = caller;
    return 0;
}

void cab_api_key_forget(const struct cab_caller *caller) {
    struct kept_key *slot = slot_of(caller->key_hash);
    if (strcmp(slot->hash, caller->key_hash) == 0)
        slot->hash[0] = '\0';
}

void cab_api_key_used(void *ctx, struct cab_db *db, const struct cab_caller *caller) {
    struct kept_key *slot = slot_of(caller->key_hash);
    struct cab_err err = { 0 };
    const char *key_id = caller->key_id;
    int64_t now = cab_now_ms();

    if (strcmp(slot->hash, caller->key_hash) != 0 || (slot->touched_ms != 0 && now - slot->touched_ms < TOUCH_MS))
        return;
    slot->touched_ms = now;
    if (cab_db_query(db, ctx, CAB_SHAPE_NONE, cab_sql_text_api_key_touch, 1, &key_id, NULL, &err) != 0)
        cab_log(CAB_LOG_DEBUG, "the use of an API key could not be noted: %s %s", err.detail, err.internal);
}
