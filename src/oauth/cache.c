/*
 * What this process keeps of each provider: its discovery document and keys, for an hour.  A provider that is away is
 * left alone for some seconds, so that waiting for it does not take the workers that others need.
 */
#include <string.h>

#include "oauth/internal.h"

#define KEEP_MS (3600 * INT64_C(1000))
#define AWAY_MS (10 * INT64_C(1000))   /* no question to a provider that did not answer */
#define AGAIN_MS (60 * INT64_C(1000))  /* between two looks for a key that is missing */
#define DOCUMENT_MOST ((size_t)256 * 1024)

struct entry {
    char *name, *issuer;             /* NULL: free */
    void *mem;                       /* metadata is below it */
    struct cab_oauth_metadata metadata;
    struct cab_oauth_keys *keys;
    int64_t metadata_ms, keys_ms;    /* when they were fetched */
    int64_t again_ms;                /* when a missing key was looked for; 0: never */
    int64_t away_ms;                 /* when it did not answer */
    bool is_known, is_away;
};

static struct entry entries[16];
static struct cab_net *net;

static struct entry *find(const struct cab_provider *provider) {
    size_t i = 0;
    while (i < CAB_LENGTH(entries) - 1 && entries[i].name != NULL &&
           (strcmp(entries[i].name, provider->name) != 0 || strcmp(entries[i].issuer, provider->issuer) != 0))
        i++;
    struct entry *entry = &entries[i];
    if (entry->name == NULL || strcmp(entry->name, provider->name) != 0 ||
        strcmp(entry->issuer, provider->issuer) != 0) { /* free, or the last one gives way */
        cab_mem_free(entry->mem);
        cab_mem_free(entry->keys);
        cab_mem_free(entry->name);
        cab_mem_free(entry->issuer);
        *entry = (struct entry){ .name = cab_strdup(NULL, provider->name),
                                 .issuer = cab_strdup(NULL, provider->issuer) };
    }
    return entry;
}

int cab_oauth_ask(const struct cab_conf *conf, const struct cab_provider *provider, void *ctx,
                  struct cab_net_request *request, int *status_out, struct cab_buf *body, struct cab_err *err) {
    if (net == NULL)
        net = cab_net_make(NULL);
    (void)cab_url_is_safe(provider->issuer, &request->may_be_local);
    request->ca_file = conf->oauth_ca_file;
    request->timeout_s = (int)conf->oauth_timeout;
    request->most = DOCUMENT_MOST;
    return cab_net_fetch(net, ctx, request, status_out, body, err);
}

static int fetch(const struct cab_conf *conf, const struct cab_provider *provider, void *ctx, const char *url,
                 struct cab_buf *body, struct cab_err *err) {
    int status;
    if (cab_oauth_ask(conf, provider, ctx, &(struct cab_net_request){ .url = url }, &status, body, err) != 0)
        return -1;
    if (status == 200)
        return 0;
    (void)cab_fail(err, CAB_PROBLEM_UNAVAILABLE, "The provider cannot be used now.");
    cab_err_internal(err, "status %d", status);
    return -1;
}

static int load_metadata(const struct cab_conf *conf, const struct cab_provider *provider, struct entry *entry,
                         struct cab_err *err) {
    void *mem = cab_mem_alloc(NULL, 1);
    size_t n = strlen(provider->issuer);
    struct cab_oauth_metadata metadata;
    struct cab_buf body;

    n -= n > 0 && provider->issuer[n - 1] == '/'; /* Discovery section 4.1 */
    const char *url = cab_printf(mem, "%.*s/.well-known/openid-configuration", (int)n, provider->issuer);
    if (fetch(conf, provider, mem, url, &body, err) != 0 ||
        cab_oauth_metadata_parse(mem, body.data, body.len, provider->issuer, &metadata, err) != 0) {
        cab_mem_free(mem);
        return -1;
    }
    cab_mem_free(entry->mem);
    entry->mem = mem;
    entry->metadata = metadata;
    entry->metadata_ms = cab_now_ms();
    entry->is_known = true;
    return 0;
}

static int load_keys(const struct cab_conf *conf, const struct cab_provider *provider, struct entry *entry,
                     struct cab_err *err) {
    void *mem = cab_mem_alloc(NULL, 1);
    struct cab_oauth_keys *keys;
    struct cab_buf body;
    int rc = fetch(conf, provider, mem, entry->metadata.jwks_uri, &body, err);
    if (rc == 0)
        rc = cab_oauth_keys_parse(NULL, body.data, body.len, &keys, err);
    cab_mem_free(mem);
    if (rc != 0)
        return -1;
    cab_mem_free(entry->keys);
    entry->keys = keys;
    entry->keys_ms = cab_now_ms();
    return 0;
}

static enum cab_oauth_reason away(struct entry *entry, const struct cab_err *err) {
    cab_log(CAB_LOG_WARN, "provider %s does not answer as it should: %s", entry->name,
            err->internal[0] != '\0' ? err->internal : err->detail);
    entry->away_ms = cab_now_ms();
    entry->is_away = true;
    return CAB_OAUTH_PROVIDER_AWAY;
}

enum cab_oauth_reason cab_oauth_peer(const struct cab_conf *conf, const struct cab_provider *provider, bool with_keys,
                                     struct cab_oauth_peer *peer) {
    struct entry *entry = find(provider);
    struct cab_err err = { 0 };
    int64_t now = cab_now_ms();
    bool needs_metadata = !entry->is_known || now - entry->metadata_ms > KEEP_MS;
    bool needs_keys = with_keys && (entry->keys == NULL || now - entry->keys_ms > KEEP_MS);

    if ((needs_metadata || needs_keys) && entry->is_away && now - entry->away_ms < AWAY_MS)
        return CAB_OAUTH_PROVIDER_AWAY;
    entry->is_away = false;
    if ((needs_metadata && load_metadata(conf, provider, entry, &err) != 0) ||
        (needs_keys && load_keys(conf, provider, entry, &err) != 0))
        return away(entry, &err);
    *peer = (struct cab_oauth_peer){ .metadata = &entry->metadata, .keys = entry->keys };
    return CAB_OAUTH_OK;
}

bool cab_oauth_peer_again(const struct cab_conf *conf, const struct cab_provider *provider,
                          struct cab_oauth_peer *peer) {
    struct entry *entry = find(provider);
    struct cab_err err = { 0 };
    int64_t now = cab_now_ms();
    if (!entry->is_known || (entry->again_ms != 0 && now - entry->again_ms < AGAIN_MS))
        return false;
    entry->again_ms = now; /* in vain or not, it counts */
    if (load_keys(conf, provider, entry, &err) != 0) {
        (void)away(entry, &err);
        return false;
    }
    peer->keys = entry->keys;
    return true;
}
