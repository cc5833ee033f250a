/*
 * Time-based one-time passwords (RFC 6238): six digits, half a minute, SHA-1, as every authenticator takes them.  The
 * only file that knows liboath.
 */
#include <cabinet/auth.h>
#include <liboath/oath.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS 6
#define STEP_SECONDS 30
#define DRIFT_STEPS 1 /* that the clock of a device may be off */

static void init(void) {
    static bool is_done;
    if (!is_done && oath_init() != OATH_OK)
        cab_die("liboath cannot be initialised");
    is_done = true;
}

static bool is_code_of(const unsigned char seed[CAB_TOTP_SEED], int64_t step, const char *code) {
    char right[DIGITS + 1];
    if (oath_totp_generate((const char *)seed, CAB_TOTP_SEED, (time_t)(step * STEP_SECONDS), STEP_SECONDS, 0, DIGITS,
                           right) != OATH_OK)
        return false;
    bool is_same = cab_equal_constant_time(right, code, DIGITS);
    explicit_bzero(right, sizeof right);
    return is_same;
}

int64_t cab_totp_step(const unsigned char seed[CAB_TOTP_SEED], const char *code, int64_t now, int64_t last_step) {
    int64_t present = now / STEP_SECONDS;
    if (strlen(code) != DIGITS)
        return -1;
    init();
    for (int64_t step = present - DRIFT_STEPS; step <= present + DRIFT_STEPS; step++)
        if (step > last_step && is_code_of(seed, step, code))
            return step;
    return -1;
}

char *cab_base32(const void *ctx, const void *bytes, size_t n) {
    char *text = NULL;
    size_t length = 0;
    init();
    if (oath_base32_encode(bytes, n, &text, &length) != OATH_OK)
        cab_die("liboath cannot encode");
    char *copy = cab_mem_secret(ctx, length + 1);
    memcpy(copy, text, length);
    copy[length] = '\0';
    explicit_bzero(text, length);
    free(text); /* allocated by liboath */
    return copy;
}
