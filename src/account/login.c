/*
 * POST /auth/login.  Every refusal is the same 401 after the same work, whether the account does not exist, is banned
 * or has another password.
 */
#include <cabinet/audit.h>
#include <string.h>

#include "account_internal.h"
#include "statements.h"

enum { NAME, PASSWORD, TOTP };

/* The fields of an OAuth2 password grant are taken and have no effect (RFC 6749 section 4.3.2). */
static int read_credentials(struct cab_call *call, struct cab_account_field *fields, struct cab_err *err) {
    enum cab_body_type type;
    const struct cab_json *object;
    struct cab_pair *pairs;
    int n;

    if (cab_request_body_type(call->request, CAB_BODY_JSON | CAB_BODY_FORM, &type, err) != 0)
        return -1;
    if (type == CAB_BODY_FORM) {
        if (cab_form_decode(call->mem, call->request->body, call->request->body_len, &pairs, &n, err) != 0)
            return -1;
        return cab_account_form(call, pairs, n, fields, err);
    }
    if (cab_account_body(call, false, &object, err) != 0)
        return -1;
    return cab_account_fields(call, object, fields, err);
}

/* try is NULL where the password was right. */
static int refuse(struct cab_call *call, const struct cab_account_try *try, const char *user_id,
                  enum cab_problem problem, const char *why, struct cab_err *err) {
    struct cab_pipe *pipe = cab_call_pipe(call);
    if (try != NULL)
        cab_account_login_failed(call, pipe, try);
    cab_audit_add(call, pipe, CAB_ACTION_LOGIN_FAILED, user_id, false,
                  cab_printf(call->mem, "{\"code\":\"%s\"}", cab_problem_info(problem)->code));
    if (cab_call_run(call, err) != 0)
        return -1;
    return cab_fail(err, problem, "%s", why);
}

static int refuse_credentials(struct cab_call *call, const struct cab_account_try *try, const char *user_id,
                              struct cab_err *err) {
    return refuse(call, try, user_id, CAB_PROBLEM_BAD_CREDENTIALS, "The name or the password is wrong.", err);
}

static int refuse_code(struct cab_call *call, const struct cab_account_try *try, const char *user_id,
                       struct cab_err *err) {
    return refuse(call, try, user_id, CAB_PROBLEM_TOTP_INVALID, "The code is wrong, too old or used.", err);
}

/* What a session is opened with. */
struct proof {
    const char *user_id, *hash;
    const char *new_hash;          /* of the same password, or NULL */
    struct cab_account_totp totp;  /* without a seed where there is no second factor */
    const char *code;
};

/* Opens a session, in one transaction with what belongs to it. */
static int open_session(struct cab_call *call, const struct proof *proof, const char *session_id,
                        struct cab_err *err) {
    const char *user_id = proof->user_id;
    void *mem = call->mem;
    struct cab_pipe *pipe = cab_call_pipe(call);

    cab_account_queue_unchanged(call, pipe, user_id, proof->hash);
    if (proof->totp.seed != NULL && cab_account_totp_queue(call, pipe, user_id, &proof->totp, proof->code) != 0)
        return cab_fail(err, CAB_PROBLEM_TOKEN_INVALID, "The code is none.");
    if (proof->new_hash != NULL)
        cab_account_queue(mem, pipe, CAB_SHAPE_ONE, cab_sql_text_account_password_set, 2, user_id, proof->new_hash);
    cab_account_open_session(call, pipe, user_id, session_id);
    cab_audit_add(call, pipe, CAB_ACTION_LOGIN, user_id, true, NULL);
    return cab_call_run(call, err);
}

int cab_account_login(struct cab_call *call, struct cab_err *err) {
    struct cab_account_field fields[] = {
        [NAME] = { .name = "username", .is_required = true },
        [PASSWORD] = { .name = "password", .is_required = true },
        [TOTP] = { .name = "totp" },
        { .name = "grant_type", .is_ignored = true },
        { .name = "scope", .is_ignored = true },
        { .name = "client_id", .is_ignored = true },
        { .name = "client_secret", .is_ignored = true },
        { .name = NULL },
    };
    const struct cab_conf *conf = call->conf;
    struct cab_result *account;
    struct cab_account_try try;
    char session_id[37];
    char *new_hash = NULL;

    if (cab_account_no_params(call, err) != 0 || read_credentials(call, fields, err) != 0)
        return -1;
    const char *password = fields[PASSWORD].value;
    size_t n = fields[PASSWORD].length;
    if (cab_account_login_try(call, fields[NAME].value, &try, err) != 0)
        return -1;
    const char *const values[] = { fields[NAME].value, try.code, cab_audit_ip(call->request) };
    if (cab_db_query(call->db, call->mem, CAB_SHAPE_ONE, cab_sql_text_account_login, 3, values, &account, err) != 0)
        return -1;
    const char *user_id = cab_result_value(account, 0, 0), *hash = cab_result_value(account, 0, 1);
    if (cab_account_login_may(call, &try, user_id, cab_result_int64(account, 0, 9), cab_result_bool(account, 0, 10),
                              err) != 0)
        return -1;
    bool is_right = cab_password_verify(conf, hash, password, n) == 1;
    bool is_banned = cab_result_bool(account, 0, 4);
    if (!is_right || is_banned)
        return refuse_credentials(call, &try, user_id, err);
    if (conf->require_verified_email && !cab_result_bool(account, 0, 3))
        return refuse(call, NULL, user_id, CAB_PROBLEM_NOT_VERIFIED, "Confirm the e-mail address before logging in.",
                      err);
    if (cab_password_needs_rehash(conf, hash) && cab_password_hash(call->mem, conf, password, n, &new_hash, err) != 0)
        return -1;
    cab_uuid_make(session_id);
    struct proof proof = {
        .user_id = user_id, .hash = hash, .new_hash = new_hash, .code = fields[TOTP].value,
        .totp = { .seed = cab_result_value(account, 0, 6), .last_step = cab_result_int64(account, 0, 7),
                  .now = cab_result_int64(account, 0, 8) },
    };
    if (proof.totp.seed != NULL && proof.code == NULL)
        return refuse(call, NULL, user_id, CAB_PROBLEM_TOTP_REQUIRED,
                      "Send name and password again, with the code in the field totp.", err);
    if (open_session(call, &proof, session_id, err) != 0) {
        enum cab_problem problem = err->problem;
        if (problem != CAB_PROBLEM_UNAUTHENTICATED && problem != CAB_PROBLEM_TOKEN_INVALID)
            return -1;
        cab_err_clear(err); /* banned, deleted or changed since it was looked up, or the code is not good */
        return problem == CAB_PROBLEM_TOKEN_INVALID ? refuse_code(call, &try, user_id, err)
                                                    : refuse_credentials(call, &try, user_id, err);
    }
    struct cab_account_grant grant = {
        .user_id = cab_result_int64(account, 0, 0),
        .counter = 1,
        .lasts = cab_account_session_lasts(conf),
        .session_id = session_id,
        .is_admin = cab_result_bool(account, 0, 2),
        .deletion_scheduled_for = cab_result_value(account, 0, 5),
    };
    if (cab_account_answer_tokens(call, &grant, err) != 0)
        return -1;
    cab_account_login_succeeded(call, &try, user_id);
    return 0;
}
