/*
 * Everything the API answers, one row each.  Who may call has no default; literal paths win over captures.
 */
#include <cabinet/account.h>
#include <cabinet/audit.h>
#include <cabinet/resource.h>

#include "daemon/health.h"
#include "daemon/pages.h"
#include "resource/openapi.h"

#define KIB(n) ((size_t)(n) * 1024)

const struct cab_route cab_routes[] = {
    { CAB_POST, "/auth/register", CAB_ACCESS_ANYONE, CAB_TX_WRITE, KIB(16), true, cab_account_register,
      "create an account" },
    { CAB_POST, "/auth/login", CAB_ACCESS_ANYONE, CAB_TX_WRITE, KIB(16), true, cab_account_login,
      "exchange e-mail or username and password, as a form or JSON, for tokens" },
    { CAB_POST, "/auth/refresh", CAB_ACCESS_ANYONE, CAB_TX_WRITE, KIB(4), false, cab_account_refresh,
      "exchange the refresh token for new tokens" },
    { CAB_POST, "/auth/logout", CAB_ACCESS_USER, CAB_TX_WRITE, KIB(4), false, cab_account_logout,
      "end this session" },
    { CAB_POST, "/auth/change-password", CAB_ACCESS_USER, CAB_TX_WRITE, KIB(16), true, cab_account_change_password,
      "change one's password; all other sessions end" },
    { CAB_GET, "/auth/sessions", CAB_ACCESS_USER, CAB_TX_READ, 0, false, cab_account_sessions,
      "one's open sessions" },
    { CAB_DELETE, "/auth/sessions/{id}", CAB_ACCESS_USER, CAB_TX_WRITE, 0, false, cab_account_session_revoke,
      "end one of one's sessions" },
    { CAB_POST, "/auth/verify", CAB_ACCESS_ANYONE, CAB_TX_WRITE, KIB(4), false, cab_account_verify,
      "confirm the e-mail address of an account by a mailed token" },
    { CAB_POST, "/auth/resend-verification", CAB_ACCESS_ANYONE, CAB_TX_WRITE, KIB(4), false,
      cab_account_resend_verification,
      "send the mail that confirms an address again; the same answer for every address" },
    { CAB_POST, "/auth/request-password", CAB_ACCESS_ANYONE, CAB_TX_WRITE, KIB(4), false, cab_account_request_password,
      "send a mail that lets one set a new password; the same answer for every address" },
    { CAB_POST, "/auth/reset-password", CAB_ACCESS_ANYONE, CAB_TX_WRITE, KIB(16), true, cab_account_reset_password,
      "set a new password by a mailed token; all sessions end" },
    { CAB_POST, "/auth/change-email", CAB_ACCESS_USER, CAB_TX_WRITE, KIB(16), true, cab_account_change_email,
      "ask for another e-mail address, with the password; both addresses are told" },
    { CAB_POST, "/auth/confirm-email", CAB_ACCESS_ANYONE, CAB_TX_WRITE, KIB(4), false, cab_account_confirm_email,
      "take the new e-mail address by a mailed token" },
    { CAB_POST, "/auth/request-account-deletion", CAB_ACCESS_USER, CAB_TX_WRITE, KIB(4), false,
      cab_account_deletion_request, "ask for the deletion of one's account; a token comes by mail" },
    { CAB_POST, "/auth/confirm-account-deletion", CAB_ACCESS_ANYONE, CAB_TX_WRITE, KIB(4), false,
      cab_account_deletion_confirm,
      "schedule the deletion by a mailed token; other sessions end, and logging in still works" },
    { CAB_POST, "/auth/cancel-account-deletion", CAB_ACCESS_USER, CAB_TX_WRITE, KIB(4), false,
      cab_account_deletion_cancel, "cancel the deletion of one's account" },
    { CAB_GET, "/auth/deletion-status", CAB_ACCESS_USER, CAB_TX_READ, 0, false, cab_account_deletion_status,
      "how far the deletion of one's account is" },

    { CAB_GET, "/users/me", CAB_ACCESS_USER, CAB_TX_READ, 0, false, cab_account_me,
      "one's own account" },
    { CAB_GET, "/users/me/export", CAB_ACCESS_USER, CAB_TX_WRITE, 0, false, cab_account_export,
      "everything that is held about oneself, as JSON" },
    { CAB_PUT, "/users/me", CAB_ACCESS_USER, CAB_TX_WRITE, CAB_BODY_CONF, false, cab_account_me_update,
      "change one's own account; members that are not sent stay as they are" },
    { CAB_PATCH, "/users/me", CAB_ACCESS_USER, CAB_TX_WRITE, CAB_BODY_CONF, false, cab_account_me_update,
      "the same" },
    { CAB_POST, "/users", CAB_ACCESS_ADMIN, CAB_TX_WRITE, CAB_BODY_CONF, true, cab_account_create,
      "create an account for somebody (superusers)" },
    { CAB_PUT, "/users/{id}", CAB_ACCESS_USER, CAB_TX_WRITE, CAB_BODY_CONF, false, cab_account_update,
      "change an account (superusers, or one's own); members that are not sent stay as they are" },
    { CAB_PATCH, "/users/{id}", CAB_ACCESS_USER, CAB_TX_WRITE, CAB_BODY_CONF, false, cab_account_update,
      "the same" },
    { CAB_DELETE, "/users/{id}", CAB_ACCESS_ADMIN, CAB_TX_WRITE, 0, false, cab_account_delete,
      "put an account into the trash; permanent=true deletes it for ever (superusers)" },
    { CAB_POST, "/users/{id}/restore", CAB_ACCESS_ADMIN, CAB_TX_WRITE, KIB(4), false, cab_account_restore,
      "take an account out of the trash (superusers)" },

    { CAB_GET, "/admin/audit-logs", CAB_ACCESS_ADMIN, CAB_TX_READ, 0, false, cab_audit_list,
      "the audit trail, filtered and in pages (superusers)" },

    { CAB_GET, "/openapi.json", CAB_ACCESS_ANYONE, CAB_TX_READ, 0, false, cab_openapi_get,
      "this API as an OpenAPI document; version=3.1 for that version" },

    { CAB_GET, "/{table}", CAB_ACCESS_TABLE, CAB_TX_READ, 0, false, cab_resource_list,
      "rows of a table: search, filters, sorting, pages" },
    { CAB_POST, "/{table}", CAB_ACCESS_TABLE, CAB_TX_WRITE, CAB_BODY_CONF, false, cab_resource_create,
      "create one row, or an array of rows, all or none; on_conflict=FIELD changes the row that is there" },
    { CAB_PATCH, "/{table}", CAB_ACCESS_TABLE, CAB_TX_WRITE, CAB_BODY_CONF, false, cab_resource_bulk_patch,
      "change all rows that the filters find; needs Prefer: max-affected=N" },
    { CAB_DELETE, "/{table}", CAB_ACCESS_TABLE, CAB_TX_WRITE, 0, false, cab_resource_bulk_delete,
      "delete all rows that the filters find; needs Prefer: max-affected=N" },
    { CAB_POST, "/{table}/_query", CAB_ACCESS_TABLE, CAB_TX_READ, KIB(256), false, cab_resource_query,
      "a list whose filter is the body, as JSON" },
    { CAB_GET, "/{table}/{id}", CAB_ACCESS_TABLE, CAB_TX_READ, 0, false, cab_resource_read,
      "one row" },
    { CAB_PUT, "/{table}/{id}", CAB_ACCESS_TABLE, CAB_TX_WRITE, CAB_BODY_CONF, false, cab_resource_replace,
      "replace a row; members that are not sent take their defaults" },
    { CAB_PATCH, "/{table}/{id}", CAB_ACCESS_TABLE, CAB_TX_WRITE, CAB_BODY_CONF, false, cab_resource_patch,
      "change some members of a row (RFC 7396)" },
    { CAB_DELETE, "/{table}/{id}", CAB_ACCESS_TABLE, CAB_TX_WRITE, 0, false, cab_resource_delete,
      "put a row into the trash where the table has one, delete it otherwise; permanent=true for superusers" },
    { CAB_POST, "/{table}/{id}/restore", CAB_ACCESS_TABLE, CAB_TX_WRITE, KIB(4), false, cab_resource_restore,
      "take a row out of the trash" },

    /* outside the base path */
    { CAB_GET, "!/health/live", CAB_ACCESS_ANYONE, CAB_TX_NONE, 0, false, cab_health_live,
      "whether a worker answers" },
    { CAB_GET, "!/health/ready", CAB_ACCESS_ANYONE, CAB_TX_READ, 0, false, cab_health_ready,
      "whether the database answers and the catalog is loaded" },
    { CAB_GET, "!/problems/{code}", CAB_ACCESS_ANYONE, CAB_TX_NONE, 0, false, cab_page_problem,
      "what the code of a problem means" },
    { .path = NULL },
};
