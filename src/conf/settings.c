/*
 * settings: the table of all settings.  A row decides name, type, default, limits, secrecy and the line of
 * documentation; the sample file, the manual page and the README are checked against it.  Knows nothing of files.
 */
#include <cabinet/conf.h>

#ifndef CAB_PKGDATADIR
#define CAB_PKGDATADIR "/usr/share/cabinet"
#endif

#define TEXT(name_, member, ...) \
    { .name = name_, .type = CAB_SETTING_STRING, .offset = offsetof(struct cab_conf, member), .unit = "", __VA_ARGS__ }
#define NUMBER(name_, member, fallback_, min_, max_, unit_, ...) \
    { .name = name_, .type = CAB_SETTING_INT, .offset = offsetof(struct cab_conf, member), .fallback = fallback_, \
      .min = min_, .max = max_, .unit = unit_, __VA_ARGS__ }
#define FLAG(name_, member, fallback_, ...) \
    { .name = name_, .type = CAB_SETTING_BOOL, .offset = offsetof(struct cab_conf, member), .fallback = fallback_, \
      .unit = "", __VA_ARGS__ }
#define WORD(name_, member, fallback_, words_, ...) \
    { .name = name_, .type = CAB_SETTING_WORD, .offset = offsetof(struct cab_conf, member), .fallback = fallback_, \
      .words = words_, .unit = "", __VA_ARGS__ }

#define DAY 86400

const struct cab_setting cab_settings[] = {
    /* secrets and the database */
    TEXT("DATABASE_URL", database_url, .reload = true,
         .doc = "the application role's database, as a PostgreSQL URL or connection string; several hosts are allowed"),
    TEXT("DATABASE_READ_URL", database_read_url, .reload = true,
         .doc = "a replica that answers GETs where it has replayed the caller's last write; unset: the primary does"),
    TEXT("DATABASE_OWNER_URL", database_owner_url, .reload = true,
         .doc = "the same for the role that owns the schema, for migrations; DATABASE_URL where unset"),
    TEXT("SECRET_KEY", secret_key, .secret = true, .reload = true,
         .doc = "signs tokens and cursors; 32 random bytes or more, for example from: openssl rand -base64 48"),
    TEXT("SECRET_KEY_PREVIOUS", secret_key_previous, .secret = true, .reload = true,
         .doc = "the key before SECRET_KEY, still accepted while it is being replaced"),

    /* the pool */
    NUMBER("DB_POOL_SIZE", db_pool_size, "20", 1, 1000, "", .reload = true,
           .doc = "workers, hence database connections, that are always there"),
    NUMBER("DB_MAX_OVERFLOW", db_max_overflow, "30", 0, 1000, "", .reload = true,
           .doc = "further workers started while all are busy"),
    NUMBER("DB_POOL_SEARCHES", db_pool_searches, "0", 0, 1000, "", .reload = true,
           .doc = "searches that run at once while other requests come too, so that these need not wait for them; more "
                  "wait their turn; 0: half of the processors, but at most half of DB_POOL_SIZE"),
    NUMBER("DB_POOL_TIMEOUT", db_pool_timeout, "30", 1, 3600, "s", .reload = true,
           .doc = "longest wait of a request for a worker; 503 with Retry-After then"),
    NUMBER("DB_POOL_RECYCLE", db_pool_recycle, "3600", 0, 30 * DAY, "s", .reload = true,
           .doc = "age at which a worker replaces its database connection, between requests; 0: never"),
    FLAG("DB_POOL_PRE_PING", db_pool_pre_ping, "true", .reload = true,
         .doc = "look at the connection before it is used, and ping it after real idleness"),
    NUMBER("DB_CONNECT_TIMEOUT", db_connect_timeout, "5", 2, 300, "s", .reload = true,
           .doc = "a database host that stays silent is given up after this"),
    NUMBER("DB_STATEMENT_TIMEOUT", db_statement_timeout, "30", 0, DAY, "s", .reload = true,
           .doc = "a statement is cancelled after this, and the request answered 504; 0: never"),
    NUMBER("DB_SEARCH_TIMEOUT", db_search_timeout, "10", 0, DAY, "s", .reload = true,
           .doc = "a search is cancelled after this, and answered 504, as others wait for its end; 0: as "
                  "DB_STATEMENT_TIMEOUT says, which holds for searches too"),
    NUMBER("DB_LOCK_TIMEOUT", db_lock_timeout, "10", 0, DAY, "s", .reload = true,
           .doc = "longest wait for a row or table lock, answered 503 then; 0: as long as the statement may take"),
    FLAG("DB_PREPARED", db_prepared, "true", .reload = true,
         .doc = "prepare statements once a connection; false behind PgBouncer in transaction mode"),

    /* listening and the life of workers */
    TEXT("LISTEN", listen, .doc = "where nginx reaches the pool: unix:/path, host:port or [address]:port; "
                                  "unset: unix:/run/cabinet/<pool>.sock"),
    TEXT("LISTEN_MODE", listen_mode, .fallback = "0660", .doc = "permissions of the unix socket, octal"),
    TEXT("LISTEN_GROUP", listen_group, .doc = "group of the unix socket, usually nginx's; unset: the process's own"),
    NUMBER("LISTEN_BACKLOG", listen_backlog, "4096", 1024, 65535, "",
           .doc = "connections that may wait for a worker; the kernel's net.core.somaxconn caps it"),
    TEXT("METRICS_LISTEN", metrics_listen, .reload = true,
         .doc = "where Prometheus finds GET /metrics: host:port, [address]:port or unix:/path, of this host's own; "
                "unset: nowhere"),
    TEXT("RUNTIME_FOLDER", runtime_folder, .fallback = "/run/cabinet",
         .doc = "folder, writable by the service's user only, of the file that all pools of the host share: metrics "
                "and throttles"),
    NUMBER("THROTTLE_ENTRIES", throttle_entries, "65536", 1024, 16777216, "",
           .doc = "addresses and accounts that throttles remember at once, 52 bytes each"),
    NUMBER("WORKER_MAX_REQUESTS", worker_max_requests, "100000", 0, 1000000000, "", .reload = true,
           .doc = "a worker is replaced after about so many requests; 0: never"),
    NUMBER("WORKER_STUCK_TIMEOUT", worker_stuck_timeout, "120", 1, DAY, "s", .reload = true,
           .doc = "a worker busy with one request for so long is killed and replaced"),
    NUMBER("WORKER_IDLE_TIMEOUT", worker_idle_timeout, "60", 1, DAY, "s", .reload = true,
           .doc = "a worker beyond DB_POOL_SIZE that was idle for so long is retired"),
    NUMBER("WORKER_DRAIN_TIMEOUT", worker_drain_timeout, "60", 1, DAY, "s", .reload = true,
           .doc = "time that workers have to finish their requests at a stop or reload before they are killed"),

    /* log */
    WORD("LOG_LEVEL", log_level, "info", "error|warn|info|debug", .reload = true,
         .doc = "least urgent messages that are logged"),
    NUMBER("SLOW_REQUEST_TIME", slow_request_time, "1000", 0, 3600000, "ms", .reload = true,
           .doc = "a request that takes so long is logged as a warning, with the statements it ran; 0: none is"),
    FLAG("ACCESS_LOG", access_log, "true", .reload = true, .doc = "one log line for each request"),

    /* tokens and sessions */
    NUMBER("ACCESS_TOKEN_LIFETIME", access_token_lifetime, "900", 10, DAY, "s", .reload = true,
           .doc = "lifetime of an access token"),
    NUMBER("REFRESH_TOKEN_LIFETIME", refresh_token_lifetime, "2592000", 60, 400 * DAY, "s", .reload = true,
           .doc = "longest life of a session, however it is used"),
    NUMBER("SESSION_IDLE_TIMEOUT", session_idle_timeout, "604800", 60, 400 * DAY, "s", .reload = true,
           .doc = "a session ends when it was not refreshed for so long"),
    NUMBER("REFRESH_GRACE", refresh_grace, "10", 0, 300, "s", .reload = true,
           .doc = "time in which the refresh token just replaced is still answered, for parallel tabs"),
    NUMBER("MAX_SESSIONS_PER_USER", max_sessions_per_user, "5", 1, 10000, "", .reload = true,
           .doc = "sessions an account may have; a further login ends the oldest"),

    NUMBER("API_KEY_MAX_DAYS", api_key_max_days, "365", 1, 3650, "days", .reload = true,
           .doc = "longest time for which an API key can be made"),
    NUMBER("MAX_API_KEYS_PER_USER", max_api_keys_per_user, "20", 0, 10000, "", .reload = true,
           .doc = "API keys an account may have; 0: none"),

    /* passwords and accounts */
    NUMBER("PASSWORD_HASH_MEMORY", password_hash_memory, "19456", 64, 4194304, "KiB", .reload = true,
           .doc = "memory of one argon2id hash; below 19456 only for tests"),
    NUMBER("PASSWORD_HASH_TIME", password_hash_time, "2", 1, 100, "", .reload = true,
           .doc = "passes of one argon2id hash"),
    NUMBER("PASSWORD_HASH_PARALLELISM", password_hash_parallelism, "1", 1, 64, "", .reload = true,
           .doc = "lanes of one argon2id hash"),
    NUMBER("PASSWORD_MIN_LENGTH", password_min_length, "8", 8, 128, "bytes", .reload = true,
           .doc = "shortest password that is accepted"),
    TEXT("PASSWORD_LISTS", password_lists, .fallback = "/usr/share/dict/cracklib-small", .reload = true,
         .doc = "files of words that are no passwords, one a line, separated by colons; a list of the most common "
                "ones is always there"),
    TEXT("PASSWORD_BREACH_FILE", password_breach_file, .reload = true,
         .doc = "file of SHA-1 digests of breached passwords in hex, in order, one a line; unset: none is looked up"),
    WORD("REGISTRATION", registration, "open", "open|invite|off", .reload = true,
         .doc = "who may register: everybody, those invited, nobody"),
    FLAG("REQUIRE_VERIFIED_EMAIL", require_verified_email, "false", .reload = true,
         .doc = "log in only accounts whose e-mail address is verified"),
    WORD("USER_DIRECTORY", user_directory, "minimal", "off|minimal|full", .reload = true,
         .doc = "what users see of others: nothing, the public columns, or every column that is not private"),
    TEXT("FIRST_SUPERUSER", first_superuser, .doc = "e-mail address of the superuser that setting up creates"),
    TEXT("FIRST_SUPERUSER_PASSWORD", first_superuser_password, .secret = true,
         .doc = "that superuser's first password"),

    /* limits on tries; they hold for all pools of a host together */
    NUMBER("LOGIN_ATTEMPTS", login_attempts, "5", 0, 1000000, "", .reload = true,
           .doc = "logins with one name from one address in a minute; a success counts no more; 0: no limit"),
    NUMBER("LOGIN_FAILURES_PER_ADDRESS", login_failures_per_address, "100", 0, 1000000, "", .reload = true,
           .doc = "logins from one address that may fail in an hour; 0: no limit"),
    NUMBER("LOGIN_FAILURES_PER_ACCOUNT", login_failures_per_account, "100", 0, 1000000, "", .reload = true,
           .doc = "logins with one name from everywhere that may fail in an hour, before only known devices and "
                  "addresses of the account get in; 0: no limit"),
    NUMBER("REGISTRATIONS_PER_ADDRESS", registrations_per_address, "60", 0, 1000000, "", .reload = true,
           .doc = "registrations from one address in an hour; 0: no limit"),
    NUMBER("MAIL_REQUESTS_PER_ADDRESS", mail_requests_per_address, "60", 0, 1000000, "", .reload = true,
           .doc = "requests for mails from one address in an hour; 0: no limit"),
    WORD("RATE_LIMIT_HEADERS", rate_limit_headers, "fields", "fields|legacy|off", .reload = true,
         .doc = "how limits are told: by RateLimit-Policy and RateLimit, by the three older fields, or not"),

    /* the API */
    NUMBER("PAGE_SIZE_DEFAULT", page_size_default, "20", 1, 1000, "", .reload = true,
           .doc = "rows of a page where the request names no size"),
    NUMBER("PAGE_SIZE_MAX", page_size_max, "100", 1, 1000, "", .reload = true, .doc = "most rows of a page"),
    NUMBER("MAX_BODY", max_body, "1048576", 1024, 1073741824, "bytes", .reload = true,
           .doc = "largest request body; nginx's client_max_body_size goes with it"),
    NUMBER("BULK_MAX_BODY", bulk_max_body, "1073741824", 1024, 1099511627776, "bytes", .reload = true,
           .doc = "largest body of an import; nginx's client_max_body_size of imports goes with it"),
    NUMBER("BULK_TIMEOUT", bulk_timeout, "3600", 1, DAY, "s", .reload = true,
           .doc = "longest time that an import or an export may take"),
    NUMBER("BULK_REQUESTS", bulk_requests, "4", 1, 1000, "",
           .doc = "imports and exports that may run at once, so that workers are left for the rest; 503 with "
                  "Retry-After above; for the nginx site only"),
    NUMBER("COUNT_BUDGET", count_budget, "10000", 0, 1000000000, "rows", .reload = true,
           .doc = "rows that are counted exactly for a list's total before it becomes an estimate"),
    TEXT("PUBLIC_URL", public_url, .reload = true,
         .doc = "address under which clients reach the service, for links: https://api.example.org"),
    TEXT("CORS_ORIGINS", cors_origins, .reload = true,
         .doc = "web origins that may call the API from a browser, separated by commas: https://app.example.org"),
    TEXT("TRUSTED_PROXIES", trusted_proxies,
         .doc = "addresses or networks of proxies before nginx, separated by commas; for the nginx site only"),

    /* mail */
    TEXT("FRONTEND_URL", frontend_url, .reload = true,
         .doc = "address of the pages that links in mails lead to: https://app.example.org; unset: mails show the "
                "code only"),
    TEXT("MAIL_SMTP_URL", mail_smtp_url, .reload = true,
         .doc = "server that takes mail: smtp://host:587 or, for TLS from the start, smtps://host:465; unset: mails "
                "go to MAIL_FOLDER"),
    WORD("MAIL_SMTP_TLS", mail_smtp_tls, "require", "require|try|off", .reload = true,
         .doc = "whether STARTTLS is used at smtp:// addresses"),
    TEXT("MAIL_SMTP_USER", mail_smtp_user, .reload = true,
         .doc = "name to log in with at the mail server; unset: none"),
    TEXT("MAIL_SMTP_PASSWORD", mail_smtp_password, .secret = true, .reload = true,
         .doc = "password to log in with at the mail server"),
    TEXT("MAIL_SMTP_CA_FILE", mail_smtp_ca_file, .reload = true,
         .doc = "certificates that the mail server's is checked against; unset: those of the system"),
    TEXT("MAIL_FROM", mail_from, .fallback = "cabinet@localhost", .reload = true,
         .doc = "sender of mails: an address, or Name <address>"),
    TEXT("MAIL_FOLDER", mail_folder, .fallback = "/var/lib/cabinet/mail", .reload = true,
         .doc = "folder that mails are written to as .eml files where MAIL_SMTP_URL is unset"),
    TEXT("MAIL_TEMPLATES", mail_templates, .fallback = CAB_PKGDATADIR "/mail", .reload = true,
         .doc = "folder of the texts of mails"),
    NUMBER("MAIL_TIMEOUT", mail_timeout, "30", 1, 300, "s", .reload = true,
           .doc = "longest time that sending one mail may take"),
    NUMBER("MAIL_RETRY_DELAY", mail_retry_delay, "30", 1, 3600, "s", .reload = true,
           .doc = "pause after a mail could not be sent; it doubles with each try, up to an hour"),
    NUMBER("MAIL_COOLDOWN", mail_cooldown, "60", 0, DAY, "s", .reload = true,
           .doc = "time in which a mail with a code of one kind is not sent to the same person again"),
    NUMBER("EMAIL_TOKEN_LIFETIME", email_token_lifetime, "86400", 60, 30 * DAY, "s", .reload = true,
           .doc = "time in which a code that confirms an address or a deletion is good"),
    NUMBER("RESET_TOKEN_LIFETIME", reset_token_lifetime, "3600", 60, DAY, "s", .reload = true,
           .doc = "time in which a code that resets a password is good"),
    NUMBER("INVITATION_LIFETIME", invitation_lifetime, "604800", 60, 90 * DAY, "s", .reload = true,
           .doc = "time in which an invitation is good"),

    /* providers of identities */
    TEXT("OAUTH_PROVIDERS", oauth_providers, .reload = true,
         .doc = "providers that people may sign in with, separated by spaces: google, apple, or name=issuer for any "
                "OpenID Connect provider: corp=https://sso.example.org"),
    TEXT("OAUTH_CLIENT_IDS", oauth_client_ids, .reload = true,
         .doc = "this service's client id at each provider, name=id, separated by spaces"),
    TEXT("OAUTH_CLIENT_SECRETS", oauth_client_secrets, .secret = true, .reload = true,
         .doc = "the secret of each client id that has one, name=secret, separated by spaces"),
    TEXT("OAUTH_NATIVE_CLIENT_IDS", oauth_native_client_ids, .reload = true,
         .doc = "client ids of apps that bring ID tokens of their own, name=id, separated by spaces"),
    TEXT("OAUTH_APPLE_TEAM_ID", oauth_apple_team_id, .reload = true, .doc = "team that Apple's client id belongs to"),
    TEXT("OAUTH_APPLE_KEY_ID", oauth_apple_key_id, .reload = true, .doc = "name of the key in OAUTH_APPLE_KEY_FILE"),
    TEXT("OAUTH_APPLE_KEY_FILE", oauth_apple_key_file, .reload = true,
         .doc = "private key (PEM, P-256) that signs the client secret for Apple"),
    TEXT("OAUTH_CA_FILE", oauth_ca_file, .reload = true,
         .doc = "certificates that providers' are checked against; unset: those of the system"),
    NUMBER("OAUTH_TIMEOUT", oauth_timeout, "5", 1, 60, "s", .reload = true,
           .doc = "longest time that one question to a provider may take"),

    /* retention */
    NUMBER("AUDIT_LOG_RETENTION_DAYS", audit_log_retention_days, "365", 1, 36500, "days", .reload = true,
           .doc = "age at which the audit trail is dropped, by months"),
    NUMBER("ACCOUNT_DELETION_GRACE_DAYS", account_deletion_grace_days, "7", 0, 365, "days", .reload = true,
           .doc = "time between the confirmed wish to delete one's account and its deletion"),
    NUMBER("DELETED_USER_RETENTION_DAYS", deleted_user_retention_days, "30", 0, 36500, "days", .reload = true,
           .doc = "time between the deletion of an account and its purge"),

    /* migrations */
    TEXT("CABINET_MODELS", cabinet_models, .fallback = CAB_PKGDATADIR "/models",
         .doc = "folders of model files, separated by colons"),
    TEXT("CABINET_MIGRATIONS", cabinet_migrations, .fallback = CAB_PKGDATADIR "/migrations",
         .doc = "folders of migrations, separated by colons"),
    TEXT("CABINET_SCRATCH_URL", cabinet_scratch_url,
         .doc = "server on which scratch databases are made; unset: that of DATABASE_OWNER_URL"),

    /* backups */
    TEXT("BACKUP_FOLDER", backup_folder, .fallback = "/var/backups/cabinet",
         .doc = "folder that cabinet-admin backup writes to"),
    NUMBER("BACKUP_KEEP", backup_keep, "14", 1, 10000, "",
           .doc = "backups of a database that are kept; older ones are deleted when a new one is whole"),

    { .name = NULL },
};
