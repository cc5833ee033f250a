/*
 * Columns that the account code names: checked against each catalog that is loaded, since a model can change.
 */
#include <string.h>

#include "account_internal.h"

static const struct {
    const char *table, *column;
    enum cab_kind kind;
    bool is_exposed; /* the table must be served */
} needed[] = {
    { "users", "id", CAB_KIND_INT8, true },
    { "users", "email", CAB_KIND_TEXT, true },
    { "users", "username", CAB_KIND_TEXT, true },
    { "users", "is_verified", CAB_KIND_BOOL, true },
    { "users", "is_superuser", CAB_KIND_BOOL, true },
    { "users", "date_created", CAB_KIND_TIMESTAMPTZ, true },
    { "users", "deleted_at", CAB_KIND_TIMESTAMPTZ, true },
    { "users", "deletion_scheduled_for", CAB_KIND_TIMESTAMPTZ, true },
    { "users", "banned_at", CAB_KIND_TIMESTAMPTZ, true },
    { "sessions", "id", CAB_KIND_UUID, false },
    { "sessions", "user_id", CAB_KIND_INT8, false },
    { "sessions", "counter", CAB_KIND_INT8, false },
    { "sessions", "date_created", CAB_KIND_TIMESTAMPTZ, false },
    { "sessions", "last_used", CAB_KIND_TIMESTAMPTZ, false },
    { "sessions", "expires", CAB_KIND_TIMESTAMPTZ, false },
    { "sessions", "ip", CAB_KIND_INET, false },
    { "sessions", "user_agent", CAB_KIND_TEXT, false },
    { "api_keys", "id", CAB_KIND_INT8, false },
    { "api_keys", "user_id", CAB_KIND_INT8, false },
    { "api_keys", "key_hash", CAB_KIND_BYTEA, false },
    { "api_keys", "scopes", CAB_KIND_ARRAY, false },
    { "api_keys", "expires", CAB_KIND_TIMESTAMPTZ, false },
    { "one_time_tokens", "token_hash", CAB_KIND_BYTEA, false },
    { "one_time_tokens", "user_id", CAB_KIND_INT8, false },
    { "one_time_tokens", "kind", CAB_KIND_TEXT, false },
    { "one_time_tokens", "email", CAB_KIND_TEXT, false },
    { "one_time_tokens", "session_id", CAB_KIND_UUID, false },
    { "one_time_tokens", "expires", CAB_KIND_TIMESTAMPTZ, false },
    { "one_time_tokens", "used_at", CAB_KIND_TIMESTAMPTZ, false },
    { "user_identities", "user_id", CAB_KIND_INT8, false },
    { "user_identities", "provider", CAB_KIND_TEXT, false },
    { "user_identities", "issuer", CAB_KIND_TEXT, false },
    { "user_identities", "subject", CAB_KIND_TEXT, false },
    { "user_identities", "email", CAB_KIND_TEXT, false },
    { "user_identities", "date_created", CAB_KIND_TIMESTAMPTZ, false },
    { "oauth_used", "hash", CAB_KIND_BYTEA, false },
    { "oauth_used", "expires", CAB_KIND_TIMESTAMPTZ, false },
    { "mail_outbox", "user_id", CAB_KIND_INT8, false },
    { "mail_outbox", "kind", CAB_KIND_TEXT, false },
    { "mail_outbox", "recipient", CAB_KIND_TEXT, false },
    { "mail_outbox", "facts", CAB_KIND_JSON, false },
    { "mail_outbox", "status", CAB_KIND_TEXT, false },
    { "audit_logs", "action", CAB_KIND_TEXT, true },
    { "audit_logs", "user_id", CAB_KIND_INT8, true },
    { "audit_logs", "actor_id", CAB_KIND_INT8, true },
};

int cab_account_check_catalog(const struct cab_catalog *catalog, struct cab_err *err) {
    for (size_t i = 0; i < CAB_LENGTH(needed); i++) {
        const struct cab_table *table = cab_catalog_any(catalog, "public", needed[i].table);
        if (table == NULL)
            return cab_fail(err, CAB_PROBLEM_INTERNAL, "Table %s is missing. Run cabinet-migrate upgrade head.",
                            needed[i].table);
        if (needed[i].is_exposed && !table->is_exposed)
            return cab_fail(err, CAB_PROBLEM_INTERNAL,
                            "Table %s is not exposed. Its comment needs @api(expose, …), as in the shipped models.",
                            needed[i].table);
        const struct cab_column *column = cab_table_column(table, needed[i].column);
        if (column == NULL)
            return cab_fail(err, CAB_PROBLEM_INTERNAL,
                            "Column %s.%s is missing, and accounts need it. Run cabinet-migrate upgrade head.",
                            needed[i].table, needed[i].column);
        if (column->kind != needed[i].kind)
            return cab_fail(
                err, CAB_PROBLEM_INTERNAL,
                "Column %s.%s has type %s, which accounts cannot use. Give it the type of the shipped models.",
                needed[i].table, needed[i].column, column->type);
    }
    const struct cab_table *users = cab_catalog_any(catalog, "public", "users");
    if (users->owner == NULL || users->owner != users->key || users->key == NULL || strcmp(users->key->name, "id") != 0)
        return cab_fail(err, CAB_PROBLEM_INTERNAL,
                        "Table users does not say that a person owns its row. Its comment needs @api(owner(id)).");
    static const char *const secret[] = { "sessions", "user_secrets", "one_time_tokens", "mail_outbox", "api_keys",
                                          "user_totp", "recovery_codes", "login_failures", "user_identities",
                                          "oauth_used" };
    for (size_t i = 0; i < CAB_LENGTH(secret); i++) {
        const struct cab_table *table = cab_catalog_any(catalog, "public", secret[i]);
        if (table != NULL && table->is_exposed)
            return cab_fail(err, CAB_PROBLEM_INTERNAL,
                            "Table %s must not be exposed. Take expose out of its comment.", secret[i]);
    }
    return 0;
}
