/*
 * Making accounts: POST /auth/register for oneself, POST /users for superusers.  The row is checked and written by the
 * generic code, so that a site's own columns of users work here too; the password goes its own way.
 */
#include <cabinet/audit.h>
#include <cabinet/resource.h>
#include <string.h>

#include "account_internal.h"
#include "statements.h"

/* What a request asks for, checked. */
struct draft {
    struct cab_change change;
    const char *email, *username, *password;
    size_t password_length;
    const char *invitation; /* token, or NULL */
};

static const char *assigned(const struct cab_change *change, const char *column) {
    for (int i = 0; i < change->n_assignments; i++)
        if (strcmp(change->assignments[i].column->name, column) == 0)
            return change->assignments[i].value;
    return NULL;
}

static void check_password(struct cab_call *call, const struct cab_json *value, const struct draft *draft,
                           struct cab_err *err) {
    size_t n;
    if (value == NULL)
        cab_err_flaw(err, call->mem, CAB_PLACE_FIELD, "password", "required", "This field is required.");
    else if (cab_json_type(value) != CAB_JSON_STRING)
        cab_err_flaw(err, call->mem, CAB_PLACE_FIELD, "password", "wrong_type", "This field is a string, not %s.",
                     cab_json_type_name(cab_json_type(value)));
    else if (cab_json_text(value, &n) != NULL)
        (void)!cab_password_check(call->conf, call->mem, "password", cab_json_text(value, &n), n, draft->email,
                                  draft->username, err);
}

/* Reads the body as the caller of `as` may write it; every fault is in err.  Only who registers may be invited. */
static int read_draft(struct cab_call *call, struct cab_call *as, struct draft *draft, struct cab_err *err) {
    const struct cab_table *users = cab_account_users(call);
    struct cab_extra_field extras[] = { { .name = "password" }, { .name = "invitation" } };
    int n_extras = as != call ? 2 : 1;
    const struct cab_json *object;

    if (cab_resource_params(as, users, NULL, err) != 0 || cab_account_body(call, false, &object, err) != 0)
        return -1;
    draft->email = cab_account_text(object, "email", NULL);
    draft->username = cab_account_text(object, "username", NULL);
    if (draft->username != NULL &&
        cab_account_normalize(call->mem, call->db, draft->username, &draft->username, err) != 0)
        return -1;
    if (draft->email != NULL)
        cab_account_check_email(call->mem, draft->email, err);
    if (draft->username != NULL)
        cab_account_check_username(call->mem, draft->username, err);
    check_password(call, cab_json_get(object, "password"), draft, err);
    if (n_extras > 1 && cab_json_get(object, "invitation") != NULL) {
        draft->invitation = cab_account_text(object, "invitation", NULL);
        if (draft->invitation == NULL)
            cab_err_flaw(err, call->mem, CAB_PLACE_FIELD, "invitation", "wrong_type", "This field is a string.");
    }
    if (cab_change_from_json(as, users, CAB_OP_CREATE, object, extras, n_extras, &draft->change, err) != 0 ||
        err->problem != CAB_PROBLEM_NONE) {
        /* nothing but flaws may hide behind the flaws */
        return err->flaws != NULL ? cab_account_settle(err) : -1;
    }
    draft->password = cab_account_text(object, "password", &draft->password_length);
    cab_change_set(as, &draft->change, "username", draft->username);
    CAB_BUG_ON(assigned(&draft->change, "email") == NULL || draft->password == NULL);
    return 0;
}

/* Queues row and secret; returns the index of the row. */
static int queue_account(struct cab_call *as, const struct draft *draft, const char *hash) {
    int at = cab_change_insert(as, &draft->change, as->pipe);
    cab_account_queue(as->mem, as->pipe, CAB_SHAPE_ONE, cab_sql_text_account_password_set_by_email, 2, draft->email,
                      hash);
    return at;
}

static int refuse_registration(const struct cab_conf *conf, bool is_invited, struct cab_err *err) {
    bool is_by_invitation = strcmp(conf->registration, "invite") == 0;
    if (strcmp(conf->registration, "open") == 0 || (is_by_invitation && is_invited))
        return 0;
    if (is_by_invitation)
        return cab_fail(err, CAB_PROBLEM_FORBIDDEN, "Accounts are made by invitation only. Ask an administrator.");
    return cab_fail(err, CAB_PROBLEM_FORBIDDEN, "Accounts cannot be registered here. Ask an administrator.");
}

/* The answer that does not tell whether the address has an account. */
static int answer_accepted(struct cab_call *call) {
    return cab_account_answer_detail(
        call, 202, "If the address is new here, the account was made; confirm the address, then log in.");
}

/* Tells the owner of the address, and nobody else. */
static int accept_known(struct cab_call *call, const char *email, struct cab_err *err) {
    struct cab_pipe *pipe = cab_call_pipe(call);
    cab_account_queue(call->mem, pipe, CAB_SHAPE_NONE, cab_sql_text_mail_account_exists, 2, email,
                      cab_decimal(call->mem, call->conf->mail_cooldown));
    cab_audit_add_address(call, pipe, CAB_ACTION_REGISTER, email, false);
    if (cab_call_run(call, err) != 0)
        return -1;
    return answer_accepted(call);
}

/* Usernames are public, so a taken one may be told; it is looked up first, lest the e-mail address be told instead. */
static int check_username_free(struct cab_call *call, const char *username, struct cab_err *err) {
    struct cab_result *taken;
    if (cab_db_query(call->db, call->mem, CAB_SHAPE_ONE, cab_sql_text_account_username_taken, 1,
                     (const char *const[]){ username }, &taken, err) != 0)
        return -1;
    if (!cab_result_bool(taken, 0, 0))
        return 0;
    cab_fail(err, CAB_PROBLEM_CONFLICT, "The value of username is taken; choose another.");
    return cab_err_flaw(err, call->mem, CAB_PLACE_FIELD, "username", "taken", "This value is taken; choose another.");
}

static bool is_email_conflict(const struct cab_err *err) {
    return err->problem == CAB_PROBLEM_CONFLICT && err->flaws != NULL && strcmp(err->flaws->name, "email") == 0;
}

int cab_account_register(struct cab_call *call, struct cab_err *err) {
    bool is_silent = call->conf->require_verified_email;
    struct draft draft = { 0 };
    char *hash;

    if (refuse_registration(call->conf, true, err) != 0)
        return -1;
    /* The person to be: signed in as nobody yet, with a row of its own. */
    struct cab_call as = *call;
    as.caller = (struct cab_caller){ .is_signed_in = true, .user_id_text = "0", .directory = CAB_DIRECTORY_OFF };
    if (read_draft(call, &as, &draft, err) != 0 ||
        refuse_registration(call->conf, draft.invitation != NULL, err) != 0)
        return -1;
    if (cab_account_throttle(call, CAB_THROTTLE_REGISTER, NULL, true, err) != 0)
        return -1;
    if (is_silent && check_username_free(call, draft.username, err) != 0)
        return -1;
    if (cab_password_hash(call->mem, call->conf, draft.password, draft.password_length, &hash, err) != 0)
        return -1;
    as.pipe = cab_call_pipe(call);
    int at = queue_account(&as, &draft, hash);
    if (draft.invitation != NULL) {
        char *token = cab_mem_alloc(call->mem, 65);
        cab_mail_token_hash(draft.invitation, token);
        cab_account_queue(call->mem, as.pipe, CAB_SHAPE_ONE, cab_sql_text_invitation_use, 2, token, draft.email);
    } else {
        cab_account_token_request(call, as.pipe, CAB_MAIL_VERIFY_EMAIL, draft.email);
    }
    cab_audit_add_email(call, as.pipe, CAB_ACTION_REGISTER, draft.email);
    if (cab_change_run(&as, &draft.change, err) != 0) {
        if (err->problem == CAB_PROBLEM_TOKEN_INVALID) {
            cab_err_clear(err);
            return cab_account_token_refuse(call, CAB_MAIL_INVITATION, err);
        }
        if (!is_silent || !is_email_conflict(err))
            return -1;
        cab_err_clear(err);
        return accept_known(call, draft.email, err);
    }
    if (is_silent && draft.invitation == NULL)
        return answer_accepted(call);
    return cab_respond_row(&as, cab_account_users(call), cab_pipe_result(as.pipe, at), 201, err);
}

int cab_account_create(struct cab_call *call, struct cab_err *err) {
    const struct cab_table *users = cab_account_users(call);
    struct draft draft = { 0 };
    char *hash;

    if (cab_resource_admit(call, users, CAB_OP_CREATE, err) != 0 || read_draft(call, call, &draft, err) != 0)
        return cab_resource_refuse(call, err);
    if (cab_password_hash(call->mem, call->conf, draft.password, draft.password_length, &hash, err) != 0)
        return -1;
    cab_call_pipe(call);
    int at = queue_account(call, &draft, hash);
    if (cab_change_run(call, &draft.change, err) != 0)
        return -1;
    return cab_respond_row(call, users, cab_pipe_result(call->pipe, at), 201, err);
}
