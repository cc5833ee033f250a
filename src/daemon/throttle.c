/*
 * throttle: when children die young something is wrong that another fork does not cure.  Time comes from the caller.
 */
#include "daemon/internal.h"

#define FIRST_DELAY_MS 200
#define LONGEST_DELAY_MS 30000

bool cab_throttle_failed(struct cab_throttle *throttle, int64_t forked_ms, int64_t now_ms) {
    if (throttle->failures > 0 && forked_ms < throttle->since_ms)
        return false;
    int64_t delay = FIRST_DELAY_MS;
    for (int i = 0; i < throttle->failures && delay < LONGEST_DELAY_MS; i++)
        delay *= 2;
    throttle->failures++;
    throttle->since_ms = now_ms;
    throttle->not_before_ms = now_ms + (delay < LONGEST_DELAY_MS ? delay : LONGEST_DELAY_MS);
    return true;
}

bool cab_throttle_succeeded(struct cab_throttle *throttle, int64_t forked_ms) {
    if (throttle->failures == 0 || forked_ms < throttle->since_ms)
        return false;
    *throttle = (struct cab_throttle){ 0 };
    return true;
}

int64_t cab_throttle_wait(const struct cab_throttle *throttle, int64_t now_ms) {
    return throttle->not_before_ms > now_ms ? throttle->not_before_ms - now_ms : 0;
}
