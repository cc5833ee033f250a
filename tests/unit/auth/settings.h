/*
 * Settings for the tests of auth: cheap hashes and known keys.
 */
#ifndef TESTS_AUTH_SETTINGS_H
#define TESTS_AUTH_SETTINGS_H

#include <cabinet/auth.h>

static inline struct cab_conf test_settings(void) {
    return (struct cab_conf){
        .secret_key = "a secret key that is long enough for tests",
        .access_token_lifetime = 900,
        .password_hash_memory = 64,
        .password_hash_time = 1,
        .password_hash_parallelism = 1,
        .password_min_length = 8,
        .user_directory = "minimal",
    };
}

#endif
