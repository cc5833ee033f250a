/*
 * Commands that help people in: an invitation by mail, and logging in again without a lost device.  Each is one
 * transaction with its event.
 */
#include <cabinet/audit.h>
#include <cabinet/mail.h>
#include <string.h>

#include "admin/admin.h"
#include "statements.h"

/* Ends the transaction: with the event where there is one to record. */
static int finish(struct admin *admin, const struct cab_event *event, struct cab_err *err) {
    if (event == NULL)
        return cab_db_exec(admin->db, "ROLLBACK", err);
    struct cab_pipe *pipe = cab_pipe_make(admin->mem, admin->db, true);
    cab_audit_event_add(admin->mem, pipe, event);
    cab_pipe_add_once(pipe, CAB_SHAPE_NONE, "COMMIT", 0, NULL);
    return cab_pipe_run(pipe, err);
}

int admin_invite(struct admin *admin, struct cab_err *err) {
    struct cab_event event = { .action = CAB_ACTION_INVITATION_SENT, .success = true };
    struct cab_mail_token token;
    struct cab_result *made;
    const char *email = admin->argument;

    if (admin->conf->secret_key == NULL)
        return cab_fail(err, CAB_PROBLEM_INVALID, "SECRET_KEY is not set, and the code of the mail is made with it.");
    if (strchr(email, '@') == NULL)
        return cab_fail(err, CAB_PROBLEM_INVALID, "An e-mail address has one @ between its name and its host.");
    cab_mail_token_make(admin->conf, &token);
    const char *values[] = { email, token.hash, token.seed,
                             cab_printf(admin->mem, "%lld", (long long)admin->conf->invitation_lifetime) };
    if (cab_db_exec(admin->db, "BEGIN", err) != 0 ||
        cab_db_query(admin->db, admin->mem, CAB_SHAPE_ONE, cab_sql_text_invitation_request, 4, values, &made, err) != 0)
        return -1;
    bool is_made = cab_result_int64(made, 0, 0) != 0;
    if (finish(admin, is_made ? &event : NULL, err) != 0)
        return -1;
    if (!is_made)
        return cab_fail(err, CAB_PROBLEM_CONFLICT, "The address has an account already.");
    admin_say(admin, "The invitation to %s is on its way.", email);
    return ADMIN_DONE;
}

int admin_disable_totp(struct admin *admin, struct cab_err *err) {
    struct cab_result *stopped;
    struct cab_user *user;

    if (admin_find(admin, admin->argument, &user, err) != 0)
        return -1;
    const char *id = cab_printf(admin->mem, "%lld", (long long)user->id);
    const char *notice[] = { id, cab_mail_kind_name(CAB_MAIL_TOTP_DISABLED), NULL, NULL };
    struct cab_event event = { .action = CAB_ACTION_TOTP_DISABLED, .user_id = id, .success = true };
    if (cab_db_exec(admin->db, "BEGIN", err) != 0 ||
        cab_db_query(admin->db, admin->mem, CAB_SHAPE_ONE, cab_sql_text_totp_stop, 1, &id, &stopped, err) != 0)
        return -1;
    bool was_on = cab_result_bool(stopped, 0, 0);
    if (was_on && cab_db_query(admin->db, admin->mem, CAB_SHAPE_NONE, cab_sql_text_mail_to_user, 4, notice, NULL,
                               err) != 0)
        return -1;
    if (finish(admin, was_on ? &event : NULL, err) != 0)
        return -1;
    admin_say(admin, was_on ? "%s logs in without codes from now on." : "%s has no second factor; nothing was changed.",
              user->email);
    return ADMIN_DONE;
}
