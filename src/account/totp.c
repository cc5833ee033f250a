/*
 * The second factor: a seed is given out, a code of it confirms that the device has it, and from then on logging in
 * takes a code, or one of the recovery codes that come with the confirmation.
 */
#include <cabinet/audit.h>
#include <cabinet/resource.h>
#include <ctype.h>
#include <string.h>

#include "account_internal.h"
#include "statements.h"

#define RECOVERY_CODES 10
#define RECOVERY_BYTES 10 /* 80 random bits, 16 characters */
#define RECOVERY_TEXT 16

/* ---- codes ---- */

static bool unhex(const char *text, unsigned char *bytes, size_t n) {
    if (text == NULL || strlen(text) != 2 * n)
        return false;
    for (size_t i = 0; i < 2 * n; i++) {
        unsigned char digit = (unsigned char)(text[i] <= '9' ? text[i] - '0' : text[i] - 'a' + 10);
        bytes[i / 2] = (unsigned char)(i % 2 == 0 ? digit << 4 : bytes[i / 2] | digit);
    }
    return true;
}

static char *hex(const void *ctx, const unsigned char *bytes, size_t n) {
    struct cab_buf buf;
    cab_buf_init(&buf, ctx, 2 * n);
    for (size_t i = 0; i < n; i++)
        cab_buf_addf(&buf, "%02x", bytes[i]);
    return buf.data;
}

/* Hash of a recovery code as people type it: in any case, with or without hyphens and spaces.  False where it cannot be
 * one. */
static bool hash_recovery(const char *code, char hash[65]) {
    char plain[RECOVERY_TEXT];
    size_t n = 0;
    for (const char *c = code; *c != '\0'; c++) {
        if (*c == '-' || *c == ' ')
            continue;
        if (n == sizeof plain)
            return false;
        plain[n++] = (char)tolower((unsigned char)*c);
    }
    cab_sha256_hex(plain, n, hash);
    return n == sizeof plain;
}

int cab_account_totp_queue(struct cab_call *call, struct cab_pipe *pipe, const char *user_id,
                           const struct cab_account_totp *totp, const char *code) {
    unsigned char seed[CAB_TOTP_SEED];
    char hash[65];
    if (!unhex(totp->seed, seed, sizeof seed))
        return -1;
    int64_t step = cab_totp_step(seed, code, totp->now, totp->last_step);
    explicit_bzero(seed, sizeof seed);
    if (step >= 0)
        cab_account_queue(call->mem, pipe, CAB_SHAPE_ONE, cab_sql_text_totp_accept, 2, user_id,
                          cab_decimal(call->mem, step));
    else if (hash_recovery(code, hash))
        cab_account_queue(call->mem, pipe, CAB_SHAPE_ONE, cab_sql_text_recovery_code_use, 2, user_id,
                          cab_strdup(call->mem, hash));
    else
        return -1;
    return 0;
}

/* New recovery codes as JSON strings, and their hashes separated by spaces. */
static const char *make_recovery_codes(struct cab_call *call, struct cab_json_writer *w) {
    struct cab_buf hashes;
    cab_buf_init(&hashes, call->mem, RECOVERY_CODES * 65);
    cab_json_open(w, "recovery_codes", '[');
    for (int i = 0; i < RECOVERY_CODES; i++) {
        unsigned char bytes[RECOVERY_BYTES];
        char hash[65], shown[RECOVERY_TEXT + 4];
        cab_random(bytes, sizeof bytes);
        char *code = cab_base32(call->mem, bytes, sizeof bytes);
        for (size_t c = 0, at = 0; c < RECOVERY_TEXT; c++) {
            if (c % 4 == 0 && c > 0)
                shown[at++] = '-';
            shown[at++] = (char)tolower((unsigned char)code[c]);
            shown[at] = '\0';
        }
        CAB_BUG_ON(!hash_recovery(shown, hash));
        cab_json_put(w, NULL, shown);
        cab_buf_adds(&hashes, i > 0 ? " " : "");
        cab_buf_adds(&hashes, hash);
    }
    cab_json_close(w, ']');
    return hashes.data;
}

/* ---- routes ---- */

/* What is known of the caller's second factor. */
static int find_state(struct cab_call *call, const struct cab_result **state_out, struct cab_err *err) {
    struct cab_pipe *pipe = cab_call_pipe(call);
    int at = cab_account_queue(call->mem, pipe, CAB_SHAPE_ONE, cab_sql_text_totp_state, 1, call->caller.user_id_text);
    if (cab_call_run(call, err) != 0)
        return -1;
    *state_out = cab_pipe_result(pipe, at);
    return 0;
}

int cab_account_totp(struct cab_call *call, struct cab_err *err) {
    struct cab_json_writer w = { .buf = &call->response->body };
    const struct cab_result *state;

    if (cab_account_no_params(call, err) != 0)
        return cab_resource_refuse(call, err);
    if (find_state(call, &state, err) != 0)
        return -1;
    cab_response_header(call->response, "Cache-Control", "no-store");
    cab_json_open(&w, NULL, '{');
    cab_json_put_raw(&w, "enabled", cab_result_bool(state, 0, 1) ? "true" : "false");
    cab_json_put_int(&w, "recovery_codes_left", cab_result_int64(state, 0, 3));
    cab_json_close(&w, '}');
    return 0;
}

/* Reads {"password"} and compares it. */
static int read_password(struct cab_call *call, enum cab_action action, const char **hash_out, struct cab_err *err) {
    struct cab_account_field fields[] = { { .name = "password", .is_required = true }, { .name = NULL } };
    if (cab_account_token_body(call, fields, err) != 0)
        return cab_resource_refuse(call, err);
    return cab_account_password_again(call, &fields[0], action, hash_out, err);
}

int cab_account_totp_start(struct cab_call *call, struct cab_err *err) {
    const char *hash, *user_id = call->caller.user_id_text;
    struct cab_json_writer w = { .buf = &call->response->body };
    unsigned char seed[CAB_TOTP_SEED];
    struct cab_buf uri;

    if (read_password(call, CAB_ACTION_TOTP_ENABLED, &hash, err) != 0)
        return -1;
    cab_random(seed, sizeof seed);
    char *secret = cab_base32(call->mem, seed, sizeof seed);
    struct cab_pipe *pipe = cab_call_pipe(call);
    cab_account_queue_unchanged(call, pipe, user_id, hash);
    int name = cab_account_queue(call->mem, pipe, CAB_SHAPE_ONE, cab_sql_text_account_password, 1, user_id);
    int at = cab_account_queue(call->mem, pipe, CAB_SHAPE_ONE, cab_sql_text_totp_start, 2, user_id,
                               hex(call->mem, seed, sizeof seed));
    explicit_bzero(seed, sizeof seed);
    if (cab_call_run(call, err) != 0)
        return -1;
    if (!cab_result_bool(cab_pipe_result(pipe, at), 0, 0))
        return cab_fail(err, CAB_PROBLEM_CONFLICT, "The second factor is on already. Turn it off first.");
    cab_response_header(call->response, "Cache-Control", "no-store");
    cab_buf_init(&uri, call->mem, 256);
    cab_buf_adds(&uri, "otpauth://totp/Cabinet:");
    cab_url_encode(&uri, cab_result_value(cab_pipe_result(pipe, name), 0, 0));
    cab_buf_addf(&uri, "?secret=%s&issuer=Cabinet", secret);
    cab_json_open(&w, NULL, '{');
    cab_json_put(&w, "secret", secret);
    cab_json_put(&w, "uri", uri.data);
    cab_json_close(&w, '}');
    return 0;
}

static int refuse_code(struct cab_call *call, const char *code, const char *detail, struct cab_err *err) {
    struct cab_pipe *pipe = cab_call_pipe(call);
    cab_audit_add(call, pipe, CAB_ACTION_TOTP_ENABLED, call->caller.user_id_text, false, NULL);
    if (cab_call_run(call, err) != 0)
        return -1;
    cab_err_flaw(err, call->mem, CAB_PLACE_FIELD, "code", code, "%s", detail);
    return cab_account_settle(err);
}

int cab_account_totp_confirm(struct cab_call *call, struct cab_err *err) {
    struct cab_account_field fields[] = { { .name = "code", .is_required = true }, { .name = NULL } };
    struct cab_json_writer w = { .buf = &call->response->body };
    const char *user_id = call->caller.user_id_text;
    const struct cab_result *state;
    unsigned char seed[CAB_TOTP_SEED];

    if (cab_account_token_body(call, fields, err) != 0)
        return cab_resource_refuse(call, err);
    if (find_state(call, &state, err) != 0)
        return -1;
    if (cab_result_bool(state, 0, 1) || !unhex(cab_result_value(state, 0, 0), seed, sizeof seed))
        return cab_fail(err, CAB_PROBLEM_CONFLICT, "No second factor waits to be confirmed. Ask for a secret first.");
    int64_t step = cab_totp_step(seed, fields[0].value, cab_result_int64(state, 0, 4), 0);
    explicit_bzero(seed, sizeof seed);
    if (step < 0)
        return refuse_code(call, "wrong_code", "The code is wrong. Look at the clock of the device.", err);
    cab_response_header(call->response, "Cache-Control", "no-store");
    cab_json_open(&w, NULL, '{');
    const char *hashes = make_recovery_codes(call, &w);
    cab_json_close(&w, '}');
    struct cab_pipe *pipe = cab_call_pipe(call);
    cab_account_queue(call->mem, pipe, CAB_SHAPE_ONE, cab_sql_text_totp_confirm, 3, user_id,
                      cab_decimal(call->mem, step), hashes);
    cab_account_mail(call, pipe, CAB_MAIL_TOTP_ENABLED, user_id, NULL, NULL);
    cab_audit_add(call, pipe, CAB_ACTION_TOTP_ENABLED, user_id, true, NULL);
    return cab_call_run(call, err);
}

int cab_account_totp_disable(struct cab_call *call, struct cab_err *err) {
    const char *hash, *user_id = call->caller.user_id_text;

    if (read_password(call, CAB_ACTION_TOTP_DISABLED, &hash, err) != 0)
        return -1;
    call->is_block = true; /* what was off is not turned off once more */
    struct cab_pipe *pipe = cab_call_pipe(call);
    cab_account_queue_unchanged(call, pipe, user_id, hash);
    int at = cab_account_queue(call->mem, pipe, CAB_SHAPE_ONE, cab_sql_text_totp_stop, 1, user_id);
    cab_account_mail(call, pipe, CAB_MAIL_TOTP_DISABLED, user_id, NULL, NULL);
    cab_audit_add(call, pipe, CAB_ACTION_TOTP_DISABLED, user_id, true, NULL);
    if (cab_call_run(call, err) != 0)
        return -1;
    if (!cab_result_bool(cab_pipe_result(pipe, at), 0, 0))
        return cab_fail(err, CAB_PROBLEM_CONFLICT, "The second factor is off.");
    call->response->status = 204;
    call->response->content_type = NULL;
    return 0;
}

int cab_account_recovery_codes(struct cab_call *call, struct cab_err *err) {
    struct cab_json_writer w = { .buf = &call->response->body };
    const char *hash, *user_id = call->caller.user_id_text;

    if (read_password(call, CAB_ACTION_RECOVERY_CODES_MADE, &hash, err) != 0)
        return -1;
    call->is_block = true; /* without a second factor there are none */
    cab_response_header(call->response, "Cache-Control", "no-store");
    cab_json_open(&w, NULL, '{');
    const char *hashes = make_recovery_codes(call, &w);
    cab_json_close(&w, '}');
    struct cab_pipe *pipe = cab_call_pipe(call);
    cab_account_queue_unchanged(call, pipe, user_id, hash);
    int at = cab_account_queue(call->mem, pipe, CAB_SHAPE_ONE, cab_sql_text_totp_state, 1, user_id);
    cab_account_queue(call->mem, pipe, CAB_SHAPE_ONE, cab_sql_text_recovery_codes_set, 2, user_id, hashes);
    cab_audit_add(call, pipe, CAB_ACTION_RECOVERY_CODES_MADE, user_id, true, NULL);
    if (cab_call_run(call, err) != 0)
        return -1;
    if (!cab_result_bool(cab_pipe_result(pipe, at), 0, 1))
        return cab_fail(err, CAB_PROBLEM_CONFLICT, "The second factor is off, so there are no recovery codes.");
    return 0;
}
