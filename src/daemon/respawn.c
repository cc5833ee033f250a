/*
 * respawn: when children die young something is wrong that another fork does not cure.  Time comes from the caller.
 */
#include "daemon/internal.h"

#define FIRST_DELAY_MS 200
#define LONGEST_DELAY_MS 30000

bool cab_respawn_failed(struct cab_respawn *respawn, int64_t forked_ms, int64_t now_ms) {
    if (respawn->failures > 0 && forked_ms < respawn->since_ms)
        return false;
    int64_t delay = FIRST_DELAY_MS;
    for (int i = 0; i < respawn->failures && delay < LONGEST_DELAY_MS; i++)
        delay *= 2;
    respawn->failures++;
    respawn->since_ms = now_ms;
    respawn->not_before_ms = now_ms + (delay < LONGEST_DELAY_MS ? delay : LONGEST_DELAY_MS);
    return true;
}

bool cab_respawn_succeeded(struct cab_respawn *respawn, int64_t forked_ms) {
    if (respawn->failures == 0 || forked_ms < respawn->since_ms)
        return false;
    *respawn = (struct cab_respawn){ 0 };
    return true;
}

int64_t cab_respawn_wait(const struct cab_respawn *respawn, int64_t now_ms) {
    return respawn->not_before_ms > now_ms ? respawn->not_before_ms - now_ms : 0;
}
