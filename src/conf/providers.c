/*
 * Providers of identities out of the settings OAUTH_…: lists of words, name=value, separated by spaces.
 */
#include <cabinet/conf.h>
#include <stdio.h>
#include <string.h>

#define MAX_PROVIDERS 16
#define NAME_BYTES 50
#define SPACE " \t"

static const struct cab_provider presets[] = {
    { .name = "google", .title = "Google", .issuer = "https://accounts.google.com",
      .issuer_alias = "accounts.google.com", .scope = "openid email profile" },
    /* asked for an e-mail address, Apple answers by a form only */
    { .name = "apple", .title = "Apple", .issuer = "https://appleid.apple.com", .scope = "openid email name",
      .form_post = true, .signs_secret = true },
};

struct parser {
    const void *ctx;            /* of the flaws */
    struct cab_provider *list;  /* and of all texts */
    int n;
    struct cab_err *err;
    bool ok;
};

static void fault(struct parser *p, const char *setting, const char *code, const char *what) {
    p->ok = false;
    (void)cab_err_flaw(p->err, p->ctx, CAB_PLACE_FIELD, setting, code, "%s %s", setting, what);
}

static bool is_name(const char *name) {
    size_t n = strlen(name);
    return n >= 1 && n <= NAME_BYTES && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") == n;
}

static struct cab_provider *find(const struct parser *p, const char *name) {
    for (int i = 0; i < p->n; i++)
        if (strcmp(p->list[i].name, name) == 0)
            return &p->list[i];
    return NULL;
}

/* The next word of *text as name and value (NULL where it has no =), or false at the end. */
static bool next_word(struct parser *p, const char **text, char **name, char **value) {
    *text += strspn(*text, SPACE);
    size_t n = strcspn(*text, SPACE);
    if (n == 0)
        return false;
    *name = cab_strndup(p->list, *text, n);
    *value = strchr(*name, '=');
    if (*value != NULL)
        *(*value)++ = '\0';
    *text += n;
    return true;
}

static void add_provider(struct parser *p, const char *name, const char *issuer) {
    struct cab_provider provider = { .name = name, .title = name, .scope = "openid email profile" };
    for (size_t i = 0; i < CAB_LENGTH(presets); i++)
        if (strcmp(presets[i].name, name) == 0)
            provider = presets[i];
    if (issuer != NULL) {
        provider.issuer = issuer;
        provider.issuer_alias = NULL;
    }
    if (!is_name(name))
        fault(p, "OAUTH_PROVIDERS", "malformed", "has names of a-z, 0-9, - and _, 50 characters at most.");
    else if (find(p, name) != NULL)
        fault(p, "OAUTH_PROVIDERS", "duplicate", "names a provider twice.");
    else if (provider.issuer == NULL)
        fault(p, "OAUTH_PROVIDERS", "malformed", "names a provider without its address: corp=https://sso.example.org.");
    else if (!cab_url_is_safe(provider.issuer, NULL) || strchr(provider.issuer, '?') != NULL)
        fault(p, "OAUTH_PROVIDERS", "malformed",
              "must give issuers as https://sso.example.org, without query; http is for localhost only.");
    else if (p->n == MAX_PROVIDERS)
        fault(p, "OAUTH_PROVIDERS", "too_long", "names more than 16 providers.");
    else
        p->list[p->n++] = provider;
}

/* Gives each name=value of a setting to its provider. */
static void give(struct parser *p, const char *setting, const char *text,
                 void (*take)(struct parser *p, struct cab_provider *provider, const char *value)) {
    char *name, *value;
    while (text != NULL && next_word(p, &text, &name, &value)) {
        struct cab_provider *provider = find(p, name);
        if (value == NULL || *value == '\0')
            fault(p, setting, "malformed", "must list name=value, separated by spaces.");
        else if (provider == NULL)
            fault(p, setting, "unknown", "names a provider that is not in OAUTH_PROVIDERS.");
        else
            take(p, provider, value);
    }
}

static void take_id(struct parser *p, struct cab_provider *provider, const char *value) {
    if (provider->client_id != NULL)
        fault(p, "OAUTH_CLIENT_IDS", "duplicate", "gives a provider two client ids.");
    provider->client_id = value;
}

static void take_secret(struct parser *p, struct cab_provider *provider, const char *value) {
    (void)p;
    provider->client_secret = value;
}

static void take_native(struct parser *p, struct cab_provider *provider, const char *value) {
    size_t n = (size_t)provider->n_native;
    provider->native_client_ids = cab_mem_resize(p->list, provider->native_client_ids,
                                                 (n + 1) * sizeof *provider->native_client_ids);
    provider->native_client_ids[provider->n_native++] = value;
}

static void check_provider(struct parser *p, const struct cab_conf *conf, const struct cab_provider *provider) {
    if (provider->client_id == NULL)
        fault(p, "OAUTH_CLIENT_IDS", "missing", "must have a client id for each of OAUTH_PROVIDERS.");
    if (provider->signs_secret && provider->client_secret == NULL &&
        (conf->oauth_apple_team_id == NULL || conf->oauth_apple_key_id == NULL || conf->oauth_apple_key_file == NULL))
        fault(p, "OAUTH_APPLE_KEY_FILE", "missing",
              "must be set for apple, and OAUTH_APPLE_KEY_ID and OAUTH_APPLE_TEAM_ID with it.");
}

int cab_conf_providers(const void *ctx, const struct cab_conf *conf, struct cab_provider **list_out, int *n_out,
                       struct cab_err *err) {
    struct parser p = { .ctx = ctx, .list = cab_new_array(ctx, struct cab_provider, MAX_PROVIDERS), .err = err,
                        .ok = true };
    const char *text = conf->oauth_providers;
    char *name, *issuer;

    while (text != NULL && next_word(&p, &text, &name, &issuer))
        add_provider(&p, name, issuer);
    if (p.ok) { /* an unknown name would follow from the fault */
        give(&p, "OAUTH_CLIENT_IDS", conf->oauth_client_ids, take_id);
        give(&p, "OAUTH_CLIENT_SECRETS", conf->oauth_client_secrets, take_secret);
        give(&p, "OAUTH_NATIVE_CLIENT_IDS", conf->oauth_native_client_ids, take_native);
    }
    for (int i = 0; i < p.n && p.ok; i++)
        check_provider(&p, conf, &p.list[i]);
    *list_out = p.list;
    *n_out = p.n;
    return p.ok ? 0 : -1;
}
