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
    const char *database_url, *database_owner_url;
    const char *secret_key, *secret_key_previous;
    int64_t db_pool_size, db_max_overflow, db_pool_timeout, db_pool_recycle;
    bool db_pool_pre_ping;
    int64_t db_connect_timeout, db_statement_timeout, db_lock_timeout;
    bool db_prepared;
    const char *listen, *listen_mode, *listen_group;
    int64_t listen_backlog;
    int64_t worker_max_requests, worker_stuck_timeout, worker_idle_timeout;
    const char *log_level;
    bool access_log;
    int64_t access_token_lifetime, refresh_token_lifetime, session_idle_timeout, refresh_grace, max_sessions_per_user;
    int64_t password_hash_memory, password_hash_time, password_hash_parallelism, password_min_length;
    const char *registration;      /* open, invite, off */
    bool require_verified_email;
    const char *user_directory;    /* off, minimal, full */
    int64_t page_size_default, page_size_max, max_body, count_budget;
    const char *public_url, *cors_origins, *trusted_proxies;
    const char *first_superuser, *first_superuser_password;
    int64_t audit_log_retention_days, deleted_user_retention_days;
    const char *cabinet_models, *cabinet_migrations, *cabinet_scratch_url;
    /* rows are added with the features that read them */
};

/*
 * Loads settings: built-in default < /etc/cabinet/cabinet.env < /etc/cabinet/<pool>.env < ./.env < file < environment.
 * file may be NULL; pool may be NULL.  The result is below ctx.  Every fault is named (setting, limit, remedy), all in
 * err->detail; -1 then.
 */
int cab_conf_load(void *ctx, const char *file, const char *pool, struct cab_conf **conf_out, struct cab_err *err)
    CAB_MUST_CHECK;

/* Prints NAME=value per line to standard output; secrets as ***. */
void cab_conf_print(const struct cab_conf *conf);

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
