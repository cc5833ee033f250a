/*
 * Keys for one purpose each, derived from the secret key, and authentication codes under them.  A key that leaks from
 * one purpose tells nothing of the others.
 */
#include <cabinet/auth.h>
#include <string.h>

/* The few keys a process uses are derived once. */
struct slot {
    char secret[256], purpose[32];
    unsigned char key[32];
};

static struct slot slots[16];
static unsigned n_slots;

static void derive(const char *secret, const char *purpose, unsigned char key[32]) {
    for (unsigned i = 0; i < n_slots; i++)
        if (strcmp(slots[i].purpose, purpose) == 0 && strcmp(slots[i].secret, secret) == 0) {
            memcpy(key, slots[i].key, 32);
            return;
        }
    cab_hmac_sha256(secret, strlen(secret), purpose, strlen(purpose), key);
    size_t n_secret = strlen(secret), n_purpose = strlen(purpose);
    if (n_slots == CAB_LENGTH(slots) || n_secret >= sizeof slots->secret || n_purpose >= sizeof slots->purpose)
        return;
    struct slot *slot = &slots[n_slots++];
    memcpy(slot->secret, secret, n_secret + 1);
    memcpy(slot->purpose, purpose, n_purpose + 1);
    memcpy(slot->key, key, 32);
}

void cab_key(const struct cab_conf *conf, const char *purpose, unsigned char key[32]) {
    CAB_BUG_ON(conf->secret_key == NULL);
    derive(conf->secret_key, purpose, key);
}

bool cab_key_previous(const struct cab_conf *conf, const char *purpose, unsigned char key[32]) {
    if (conf->secret_key_previous == NULL || conf->secret_key_previous[0] == '\0')
        return false;
    derive(conf->secret_key_previous, purpose, key);
    return true;
}

void cab_mac(const struct cab_conf *conf, const char *purpose, const void *bytes, size_t n, unsigned char mac[32]) {
    unsigned char key[32];
    cab_key(conf, purpose, key);
    cab_hmac_sha256(key, sizeof key, bytes, n, mac);
    explicit_bzero(key, sizeof key);
}

bool cab_mac_previous(const struct cab_conf *conf, const char *purpose, const void *bytes, size_t n,
                      unsigned char mac[32]) {
    unsigned char key[32];
    if (!cab_key_previous(conf, purpose, key))
        return false;
    cab_hmac_sha256(key, sizeof key, bytes, n, mac);
    explicit_bzero(key, sizeof key);
    return true;
}
