/*
 * The kinds of mails, one row each.  A kind's texts are <name>.txt and <name>.html in the folder of templates.
 */
#include <cabinet/mail.h>
#include <string.h>

static const struct {
    const char *name, *page;
} rows[CAB_MAIL__MAX] = {
    [CAB_MAIL_VERIFY_EMAIL] = { "verify_email", "/verify-email" },
    [CAB_MAIL_RESET_PASSWORD] = { "reset_password", "/reset-password" },
    [CAB_MAIL_CHANGE_EMAIL] = { "change_email", "/confirm-email" },
    [CAB_MAIL_CONFIRM_DELETION] = { "confirm_deletion", "/confirm-account-deletion" },
    [CAB_MAIL_INVITATION] = { "invitation", "/register" },
    [CAB_MAIL_ACCOUNT_EXISTS] = { "account_exists", NULL },
    [CAB_MAIL_PASSWORD_CHANGED] = { "password_changed", NULL },
    [CAB_MAIL_API_KEY_CREATED] = { "api_key_created", NULL },
    [CAB_MAIL_TOTP_ENABLED] = { "totp_enabled", NULL },
    [CAB_MAIL_TOTP_DISABLED] = { "totp_disabled", NULL },
    [CAB_MAIL_IDENTITY_LINKED] = { "identity_linked", NULL },
    [CAB_MAIL_IDENTITY_UNLINKED] = { "identity_unlinked", NULL },
    [CAB_MAIL_EMAIL_CHANGE_REQUESTED] = { "email_change_requested", NULL },
    [CAB_MAIL_EMAIL_CHANGED] = { "email_changed", NULL },
    [CAB_MAIL_DELETION_SCHEDULED] = { "deletion_scheduled", NULL },
    [CAB_MAIL_DELETION_CANCELLED] = { "deletion_cancelled", NULL },
    [CAB_MAIL_DELETION_REMINDER] = { "deletion_reminder", NULL },
    [CAB_MAIL_DELETION_DONE] = { "deletion_done", NULL },
};

const char *cab_mail_kind_name(enum cab_mail_kind kind) {
    CAB_BUG_ON(kind < 1 || kind >= CAB_MAIL__MAX || rows[kind].name == NULL);
    return rows[kind].name;
}

const char *cab_mail_kind_page(enum cab_mail_kind kind) {
    CAB_BUG_ON(kind < 1 || kind >= CAB_MAIL__MAX);
    return rows[kind].page;
}

enum cab_mail_kind cab_mail_kind_find(const char *name) {
    for (int kind = 1; kind < CAB_MAIL__MAX; kind++)
        if (strcmp(rows[kind].name, name) == 0)
            return (enum cab_mail_kind)kind;
    return 0;
}
