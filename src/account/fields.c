/*
 * What an e-mail address and a username must be.  The constraints of the model say the same and have the last word;
 * these checks name every fault of a request in one answer.
 */
#include <string.h>

#include "account_internal.h"
#include "statements.h"

#define EMAIL_MAX 254
#define USERNAME_MIN 3
#define USERNAME_MAX 50

static bool has_control(const char *text) {
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++)
        if (*c < 0x20 || *c == 0x7F)
            return true;
    return false;
}

int cab_account_check_email(void *ctx, const char *email, struct cab_err *err) {
    return cab_account_check_address(ctx, "email", email, err);
}

int cab_account_check_address(void *ctx, const char *field, const char *email, struct cab_err *err) {
    const char *at = strchr(email, '@');

    if (strlen(email) > EMAIL_MAX)
        return cab_err_flaw(err, ctx, CAB_PLACE_FIELD, field, "too_long", "An e-mail address has at most %d bytes.",
                            EMAIL_MAX);
    if (at == NULL || at == email || at[1] == '\0' || strchr(at + 1, '@') != NULL)
        return cab_err_flaw(err, ctx, CAB_PLACE_FIELD, field, "invalid",
                            "An e-mail address has one @ between its name and its host.");
    if (has_control(email) || strchr(email, ' ') != NULL)
        return cab_err_flaw(err, ctx, CAB_PLACE_FIELD, field, "invalid",
                            "An e-mail address has no spaces or control characters.");
    return 0;
}

int cab_account_check_username(void *ctx, const char *username, struct cab_err *err) {
    size_t n = cab_utf8_length(username), bytes = strlen(username);

    if (n < USERNAME_MIN)
        return cab_err_flaw(err, ctx, CAB_PLACE_FIELD, "username", "too_short",
                            "A username has at least %d characters.", USERNAME_MIN);
    if (n > USERNAME_MAX)
        return cab_err_flaw(err, ctx, CAB_PLACE_FIELD, "username", "too_long", "A username has at most %d characters.",
                            USERNAME_MAX);
    if (strchr(username, '@') != NULL)
        return cab_err_flaw(err, ctx, CAB_PLACE_FIELD, "username", "invalid",
                            "A username has no @, so that it is never taken for an e-mail address.");
    if (has_control(username) || username[0] == ' ' || username[bytes - 1] == ' ')
        return cab_err_flaw(err, ctx, CAB_PLACE_FIELD, "username", "invalid",
                            "A username has no control characters, and no space at its ends.");
    return 0;
}

int cab_account_normalize(void *ctx, struct cab_db *db, const char *username, const char **normal_out,
                          struct cab_err *err) {
    struct cab_result *result;
    const unsigned char *c = (const unsigned char *)username;

    while (*c != '\0' && *c < 0x80)
        c++;
    if (*c == '\0') {
        *normal_out = username;
        return 0;
    }
    if (cab_db_query(db, ctx, CAB_SHAPE_ONE, cab_sql_text_account_normalize, 1, (const char *const[]){ username },
                     &result, err) != 0)
        return -1;
    *normal_out = cab_result_value(result, 0, 0);
    return 0;
}
