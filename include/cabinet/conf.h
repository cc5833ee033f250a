/*
 * conf: the settings, each described once, in the table of src/conf/settings.c.
 */
#ifndef CABINET_CONF_H
#define CABINET_CONF_H

#include <cabinet/base.h>

enum cab_registration { CAB_REGISTRATION_OPEN = 1, CAB_REGISTRATION_INVITE, CAB_REGISTRATION_OFF };

/* Values of all settings; members are named as the settings, in lower case.  Durations in seconds. */
struct cab_conf {
    const char *pool;              /* name of this pool, from --pool */
    const char *database_url, *database_read_url, *database_owner_url;
    const char *secret_key, *secret_key_previous;
    int64_t db_pool_size, db_max_overflow, db_pool_searches, db_pool_timeout, db_pool_recycle;
    bool db_pool_pre_ping;
    int64_t db_connect_timeout, db_statement_timeout, db_search_timeout, db_lock_timeout;
    bool db_prepared;
    const char *listen, *listen_mode, *listen_group;
    int64_t listen_backlog;
    const char *runtime_folder, *metrics_listen;
    int64_t throttle_entries;
    int64_t worker_max_requests, worker_stuck_timeout, worker_idle_timeout, worker_drain_timeout;
    const char *log_level;
    bool access_log;
    int64_t slow_request_time;     /* milliseconds */
    int64_t access_token_lifetime, refresh_token_lifetime, session_idle_timeout, refresh_grace, max_sessions_per_user;
    int64_t login_attempts, login_failures_per_address, login_failures_per_account;
    int64_t registrations_per_address, mail_requests_per_address;
    const char *rate_limit_headers; /* fields, legacy, off */
    int64_t api_key_max_days, max_api_keys_per_user;
    int64_t password_hash_memory, password_hash_time, password_hash_parallelism, password_min_length;
    const char *password_lists, *password_breach_file; /* files */
    const char *registration;      /* open, invite, off */
    bool require_verified_email;
    const char *user_directory;    /* off, minimal, full */
    int64_t page_size_default, page_size_max, max_body, count_budget;
    int64_t bulk_max_body, bulk_timeout, bulk_requests;
    const char *public_url, *cors_origins, *trusted_proxies;
    const char *first_superuser, *first_superuser_password;
    const char *frontend_url;      /* where links in mails lead */
    const char *mail_smtp_url, *mail_smtp_user, *mail_smtp_password, *mail_smtp_ca_file, *mail_from;
    const char *mail_smtp_tls;     /* require, try, off */
    const char *mail_folder, *mail_templates;
    int64_t mail_timeout, mail_retry_delay, mail_cooldown, email_token_lifetime, reset_token_lifetime,
        invitation_lifetime;
    const char *oauth_providers, *oauth_client_ids, *oauth_client_secrets, *oauth_native_client_ids; /* see below */
    const char *oauth_apple_team_id, *oauth_apple_key_id, *oauth_apple_key_file, *oauth_ca_file;
    int64_t oauth_timeout;
    int64_t account_deletion_grace_days;
    int64_t audit_log_retention_days, deleted_user_retention_days;
    const char *cabinet_models, *cabinet_migrations, *cabinet_scratch_url;
    const char *backup_folder;
    int64_t backup_keep;
    /* rows are added with the features that read them */
};

/*
 * Loads settings: built-in default < /etc/cabinet/cabinet.env < /etc/cabinet/<pool>.env < ./.env < file < environment.
 * file may be NULL; pool may be NULL (then it is "api"; the operator's programs say "admin", whose file is for root).
 * The result is below ctx.  Every fault (setting, limit, remedy) is one of err->flaws, and as many as fit stand in
 * err->detail; -1 then.  An empty value means the default.  Names that are no settings are warned about.
 */
int cab_conf_load(void *ctx, const char *file, const char *pool, struct cab_conf **conf_out, struct cab_err *err)
    CAB_MUST_CHECK;

/* Where settings come from, for the programs that need some of them, and for tests. */
struct cab_conf_sources {
    const char *etc_dir;             /* holds cabinet.env and <pool>.env; NULL: /etc/cabinet */
    const char *dot_env;             /* NULL: ./.env */
    const char *file;                /* --config, or NULL */
    const char *pool;                /* NULL: "api" */
    const char *const *required;     /* names of settings that must be set, NULL-ended, or NULL */
};
int cab_conf_load_from(void *ctx, const struct cab_conf_sources *sources, struct cab_conf **conf_out,
                       struct cab_err *err) CAB_MUST_CHECK;

/* Prints NAME=value per line to standard output; secrets, and passwords inside URLs, as ***. */
void cab_conf_print(const struct cab_conf *conf);

/* url with the passwords in it replaced by ***, below ctx; for printing and the log. */
char *cab_conf_mask_url(void *ctx, const char *url);

/* A provider of identities, as the settings OAUTH_… describe it. */
struct cab_provider {
    const char *name;              /* in paths and in users.oauth_provider: a-z, 0-9, - and _, 50 at most */
    const char *title;             /* for people */
    const char *issuer;            /* address, as its discovery document names it */
    const char *issuer_alias;      /* another name that stands in its ID tokens, or NULL */
    const char *client_id, *client_secret; /* client_secret NULL: a public client, or one whose secret is signed */
    const char **native_client_ids; /* of apps that bring ID tokens */
    int n_native;
    const char *scope;
    bool form_post;                /* answers by a form that the browser posts */
    bool signs_secret;             /* the client's secret is a JWT, signed with OAUTH_APPLE_KEY_FILE */
};
/*
 * The providers that the settings name, below ctx: presets by their name (google, apple), others as name=issuer, and a
 * preset at another address the same way.  Faults are flaws of err; -1 then.
 */
int cab_conf_providers(const void *ctx, const struct cab_conf *conf, struct cab_provider **list_out, int *n_out,
                       struct cab_err *err) CAB_MUST_CHECK;

/* The row of the table, or NULL. */
const struct cab_setting *cab_setting_find(const char *name);

enum cab_setting_type { CAB_SETTING_STRING = 1, CAB_SETTING_INT, CAB_SETTING_BOOL, CAB_SETTING_WORD };

struct cab_setting {
    const char *name;
    enum cab_setting_type type;
    size_t offset;               /* in struct cab_conf */
    const char *fallback;        /* default as text, or NULL */
    int64_t min, max;            /* for INT */
    const char *words;           /* for WORD: "open|invite|off" */
    bool secret;                 /* never printed */
    bool reload;                 /* HUP takes a new value */
    const char *unit;            /* "s", "bytes", "days" or "" */
    const char *doc;             /* one line */
};

/* The table, ended by a row without a name; sample file, manual page and README are checked against it. */
extern const struct cab_setting cab_settings[];

#endif
