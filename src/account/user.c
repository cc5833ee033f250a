/*
 * Accounts for C programs, without a request: create one, find one by its e-mail address.
 */
#include <string.h>

#include "account_internal.h"
#include "statements.h"

static struct cab_user *user_of(void *ctx, const struct cab_result *result) {
    struct cab_user *user = cab_new(ctx, struct cab_user);
    user->id = cab_result_int64(result, 0, 0);
    user->email = cab_strdup(user, cab_result_value(result, 0, 1));
    user->username = cab_strdup(user, cab_result_value(result, 0, 2));
    user->is_verified = cab_result_bool(result, 0, 3);
    user->is_superuser = cab_result_bool(result, 0, 4);
    user->date_created = cab_strdup(user, cab_result_value(result, 0, 5));
    return user;
}

static int check(void *ctx, struct cab_db *db, const struct cab_conf *conf, const struct cab_new_user *new_user,
                 const char **username_out, struct cab_err *err) {
    const char *email = new_user->email, *username = new_user->username, *password = new_user->password;

    if (email == NULL)
        cab_err_flaw(err, ctx, CAB_PLACE_FIELD, "email", "required", "This field is required.");
    else
        cab_account_check_email(ctx, email, err);
    if (username == NULL) {
        cab_err_flaw(err, ctx, CAB_PLACE_FIELD, "username", "required", "This field is required.");
    } else {
        if (cab_account_normalize(ctx, db, username, username_out, err) != 0)
            return -1;
        cab_account_check_username(ctx, *username_out, err);
    }
    if (password == NULL)
        cab_err_flaw(err, ctx, CAB_PLACE_FIELD, "password", "required", "This field is required.");
    else
        (void)!cab_password_check(conf, ctx, "password", password, strlen(password), email, username, err);
    return cab_account_settle(err);
}

/* There is no catalog here to name the field of a conflict: its unique index does. */
static int name_conflict(void *ctx, struct cab_err *err) {
    if (err->problem != CAB_PROBLEM_CONFLICT)
        return -1;
    const char *field = strstr(err->constraint, "email") != NULL ? "email" : "username";
    cab_fail(err, CAB_PROBLEM_CONFLICT, "The value of %s is taken; choose another.", field);
    return cab_err_flaw(err, ctx, CAB_PLACE_FIELD, field, "taken", "This value is taken; choose another.");
}

int cab_user_create(void *ctx, struct cab_db *db, const struct cab_conf *conf, const struct cab_new_user *new_user,
                    struct cab_user **user_out, struct cab_err *err) {
    void *mem = cab_mem_alloc(ctx, 1);
    const char *username = NULL;
    char *hash;
    int rc = -1;

    if (check(ctx, db, conf, new_user, &username, err) != 0 ||
        cab_password_hash(mem, conf, new_user->password, strlen(new_user->password), &hash, err) != 0)
        goto out;
    struct cab_pipe *pipe = cab_pipe_make(mem, db, true);
    int at = cab_account_queue(mem, pipe, CAB_SHAPE_ONE, cab_sql_text_user_insert, 4, new_user->email, username,
                               new_user->is_verified ? "true" : "false", new_user->is_superuser ? "true" : "false");
    cab_account_queue(mem, pipe, CAB_SHAPE_ONE, cab_sql_text_account_password_set_by_email, 2, new_user->email, hash);
    if (cab_pipe_run(pipe, err) != 0) {
        rc = name_conflict(ctx, err);
        goto out;
    }
    *user_out = user_of(ctx, cab_pipe_result(pipe, at));
    rc = 0;
out:
    cab_mem_free(mem);
    return rc;
}

int cab_user_find_by_email(void *ctx, struct cab_db *db, const char *email, struct cab_user **user_out,
                           struct cab_err *err) {
    struct cab_result *result;

    if (cab_db_query(db, ctx, CAB_SHAPE_MAYBE, cab_sql_text_user_by_email, 1, (const char *const[]){ email }, &result,
                     err) != 0)
        return -1;
    bool found = cab_result_rows(result) == 1;
    if (found)
        *user_out = user_of(ctx, result);
    cab_mem_free(result);
    return found ? 1 : 0;
}
