/*
 * check: rules on settings that a row's type and limits cannot say: shapes of text, and settings that must fit
 * together.  Reads nothing but the settings.
 */
#include "conf/private.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define KEY_BYTES 32
#define SOCKET_PATH_BYTES 107

struct checker {
    const struct cab_conf *conf;
    const void *ctx;
    struct cab_err *err;
    bool ok;
};

static void fault(struct checker *c, const char *name, const char *code, const char *what) {
    c->ok = false;
    (void)cab_err_flaw(c->err, c->ctx, CAB_PLACE_FIELD, name, code, "%s %s", name, what);
}

/* Keys that stand in somebody's documentation, or that a person typed to get going. */
static bool is_known_key(const char *key) {
    static const char *const parts[] = {
        "changeme", "change-me", "change_me", "change-this", "change_this", "changethis", "replace-me", "replace_me",
        "replaceme", "your-secret", "your_secret", "yoursecret", "your-super-secret", "super-secret", "super_secret",
        "supersecret", "insecure", "placeholder", "password", "example",
        "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7" };
    for (size_t i = 0; i < CAB_LENGTH(parts); i++)
        if (strcasestr(key, parts[i]) != NULL)
            return true;
    return false;
}

static void check_key(struct checker *c, const char *name, const char *key) {
    bool seen[256] = { false };
    int different = 0;

    if (key == NULL)
        return;
    for (const unsigned char *s = (const unsigned char *)key; *s != '\0'; s++) {
        different += !seen[*s];
        seen[*s] = true;
    }
    if (strlen(key) < KEY_BYTES)
        fault(c, name, "too_short", "must have at least 32 bytes; make one by: openssl rand -base64 48");
    else if (is_known_key(key))
        fault(c, name, "known", "is a sample value that everybody knows; make one by: openssl rand -base64 48");
    else if (different < 8)
        fault(c, name, "too_simple", "repeats a few characters; make one by: openssl rand -base64 48");
}

static void check_database(struct checker *c, const char *name, const char *url) {
    if (url == NULL || strncmp(url, "postgresql://", 13) == 0 || strncmp(url, "postgres://", 11) == 0)
        return;
    if (strstr(url, "://") != NULL)
        fault(c, name, "malformed", "must begin with postgresql:// (without a driver's name in it).");
    else if (strchr(url, '=') == NULL)
        fault(c, name, "malformed", "must be postgresql://user@host:port/database or a string such as "
                                    "host=/run/postgresql dbname=cabinet.");
}

/* host:port or [address]:port. */
static bool is_host_port(const char *s) {
    const char *colon = strrchr(s, ':');
    int64_t port;
    if (colon == NULL || colon == s || cab_parse_int64(colon + 1, 1, 65535, &port) != 0)
        return false;
    if (s[0] == '[')
        return colon[-1] == ']' && colon - s > 2;
    return memchr(s, ':', (size_t)(colon - s)) == NULL;
}

static void check_address(struct checker *c, const char *name, const char *s) {
    if (strncmp(s, "unix:", 5) == 0) {
        if (s[5] != '/')
            fault(c, name, "malformed", "must name an absolute path: unix:/run/cabinet/api.sock.");
        else if (strlen(s + 5) > SOCKET_PATH_BYTES)
            fault(c, name, "too_long", "names a path of more than 107 bytes, the system's limit for sockets; "
                                       "use a shorter folder such as /run/cabinet.");
    } else if (!is_host_port(s)) {
        fault(c, name, "malformed", "must be unix:/path, host:port or [address]:port.");
    }
}

static void check_listen(struct checker *c) {
    check_address(c, "LISTEN", c->conf->listen);
    if (c->conf->metrics_listen != NULL) {
        check_address(c, "METRICS_LISTEN", c->conf->metrics_listen);
        if (strcmp(c->conf->metrics_listen, c->conf->listen) == 0)
            fault(c, "METRICS_LISTEN", "taken", "must differ from LISTEN, which speaks FastCGI.");
    }
    if (c->conf->runtime_folder[0] != '/')
        fault(c, "RUNTIME_FOLDER", "malformed", "must be an absolute path such as /run/cabinet.");
    const char *mode = c->conf->listen_mode;
    size_t n = strspn(mode, "01234567");
    if (n < 3 || n > 4 || mode[n] != '\0' || (n == 4 && mode[0] != '0'))
        fault(c, "LISTEN_MODE", "malformed", "must be octal permissions such as 0660.");
}

/* scheme://host[:port], http or https, no path. */
static bool is_origin(const char *s, size_t n) {
    size_t skip = n > 8 && strncmp(s, "https://", 8) == 0 ? 8 : n > 7 && strncmp(s, "http://", 7) == 0 ? 7 : 0;
    if (skip == 0)
        return false;
    for (size_t i = skip; i < n; i++)
        if (!isalnum((unsigned char)s[i]) && strchr(".-_:[]", s[i]) == NULL)
            return false;
    return true;
}

static bool is_network(const char *s, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!isxdigit((unsigned char)s[i]) && s[i] != '.' && s[i] != ':' && s[i] != '/')
            return n == 5 && strncmp(s, "unix:", 5) == 0;
    return n > 1;
}

static void check_list(struct checker *c, const char *name, const char *list, bool (*is_item)(const char *, size_t),
                       const char *what) {
    while (list != NULL && *list != '\0') {
        list += strspn(list, " \t,");
        size_t n = strcspn(list, " \t,");
        if (n > 0 && !is_item(list, n)) {
            fault(c, name, "malformed", what);
            return;
        }
        list += n;
    }
}

static void check_public_url(struct checker *c) {
    const char *url = c->conf->public_url;
    if (url == NULL)
        return;
    size_t n = strlen(url);
    if (!is_origin(url, n))
        fault(c, "PUBLIC_URL", "malformed", "must be like https://api.example.org, without path or final slash.");
}

/* http or https, with a path or not; links are made by adding to it. */
static void check_frontend_url(struct checker *c) {
    const char *url = c->conf->frontend_url;
    if (url == NULL)
        return;
    size_t skip = strncmp(url, "https://", 8) == 0 ? 8 : strncmp(url, "http://", 7) == 0 ? 7 : 0, n = strlen(url);
    bool ok = skip > 0 && isalnum((unsigned char)url[skip]) && url[n - 1] != '/';
    for (size_t i = skip; i < n; i++)
        ok = ok && (isalnum((unsigned char)url[i]) || strchr(".-_~:/%", url[i]) != NULL);
    if (!ok)
        fault(c, "FRONTEND_URL", "malformed",
              "must be like https://app.example.org or https://example.org/app, without final slash.");
}

/* address or Name <address>, all of it printable ASCII or UTF-8. */
static bool is_sender(const char *s) {
    const char *open = strchr(s, '<'), *from = open != NULL ? open + 1 : s;
    size_t n = open != NULL ? strcspn(from, ">") : strlen(s);
    const char *at = memchr(from, '@', n);
    if (at == NULL || at == from || at + 1 == from + n || (open != NULL && (from[n] != '>' || from[n + 1] != '\0')))
        return false;
    for (const unsigned char *byte = (const unsigned char *)s; *byte != '\0'; byte++)
        if (*byte < 0x20 || *byte == 0x7F || *byte == '"' || *byte == '\\')
            return false;
    for (size_t i = 0; i < n; i++)
        if (strchr(" <>(),;:[]", from[i]) != NULL)
            return false;
    return cab_utf8_valid(s, strlen(s));
}

static void check_mail(struct checker *c) {
    const struct cab_conf *conf = c->conf;
    const char *url = conf->mail_smtp_url;
    if (!is_sender(conf->mail_from))
        fault(c, "MAIL_FROM", "malformed", "must be an address, or Name <address>, without quotes.");
    if (url != NULL) {
        const char *host = strncmp(url, "smtps://", 8) == 0 ? url + 8 : strncmp(url, "smtp://", 7) == 0 ? url + 7 : "";
        if (*host == '\0' || strpbrk(host, "@/?# ") != NULL)
            fault(c, "MAIL_SMTP_URL", "malformed",
                  "must be smtp://host:port or smtps://host:port; name and password have settings of their own.");
    }
    if (conf->mail_smtp_password != NULL && conf->mail_smtp_user == NULL)
        fault(c, "MAIL_SMTP_USER", "missing", "must be set where MAIL_SMTP_PASSWORD is.");
    if (conf->mail_smtp_user != NULL && url != NULL && strncmp(url, "smtp://", 7) == 0 &&
        strcmp(conf->mail_smtp_tls, "require") != 0)
        fault(c, "MAIL_SMTP_TLS", "unsafe", "must be require where a password is sent.");
}

static void check_together(struct checker *c) {
    const struct cab_conf *conf = c->conf;
    if (conf->page_size_default > conf->page_size_max)
        fault(c, "PAGE_SIZE_DEFAULT", "too_large", "must not exceed PAGE_SIZE_MAX.");
    if (conf->db_statement_timeout > 0 && conf->worker_stuck_timeout <= conf->db_statement_timeout)
        fault(c, "WORKER_STUCK_TIMEOUT", "too_small",
              "must exceed DB_STATEMENT_TIMEOUT, so that a slow statement is cancelled before its worker is killed.");
    if (conf->db_statement_timeout > 0 && conf->db_lock_timeout > conf->db_statement_timeout)
        fault(c, "DB_LOCK_TIMEOUT", "too_large", "must not exceed DB_STATEMENT_TIMEOUT.");
    if (conf->access_token_lifetime > conf->refresh_token_lifetime)
        fault(c, "ACCESS_TOKEN_LIFETIME", "too_large", "must not exceed REFRESH_TOKEN_LIFETIME.");
    if (conf->password_hash_memory < 8 * conf->password_hash_parallelism)
        fault(c, "PASSWORD_HASH_MEMORY", "too_small", "must be at least 8 KiB for each of PASSWORD_HASH_PARALLELISM.");
    if (conf->first_superuser != NULL && strchr(conf->first_superuser, '@') == NULL)
        fault(c, "FIRST_SUPERUSER", "malformed", "must be an e-mail address.");
}

static void check_providers(struct checker *c) {
    struct cab_provider *list;
    int n = 0;
    if (cab_conf_providers(c->ctx, c->conf, &list, &n, c->err) != 0)
        c->ok = false;
    else if (n > 0 && c->conf->public_url == NULL)
        fault(c, "PUBLIC_URL", "missing", "must be set where OAUTH_PROVIDERS is: providers send people back to it.");
}

bool cab_conf_check(const struct cab_conf *conf, const void *flaw_ctx, struct cab_err *err) {
    struct checker c = { .conf = conf, .ctx = flaw_ctx, .err = err, .ok = true };
    check_database(&c, "DATABASE_URL", conf->database_url);
    check_database(&c, "DATABASE_READ_URL", conf->database_read_url);
    check_database(&c, "DATABASE_OWNER_URL", conf->database_owner_url);
    check_database(&c, "CABINET_SCRATCH_URL", conf->cabinet_scratch_url);
    check_key(&c, "SECRET_KEY", conf->secret_key);
    check_key(&c, "SECRET_KEY_PREVIOUS", conf->secret_key_previous);
    check_listen(&c);
    check_public_url(&c);
    check_list(&c, "CORS_ORIGINS", conf->cors_origins, is_origin,
               "must list origins such as https://app.example.org, without paths; * is not allowed.");
    check_list(&c, "TRUSTED_PROXIES", conf->trusted_proxies, is_network,
               "must list addresses or networks such as 10.0.0.0/8 or 2001:db8::/32.");
    check_frontend_url(&c);
    check_mail(&c);
    check_providers(&c);
    check_together(&c);
    return c.ok;
}
