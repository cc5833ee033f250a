/*
 * How long the master waits when children die young.
 */
#include "daemon/internal.h"

#include <criterion/criterion.h>

Test(throttle, nothing_waits_at_first) {
    struct cab_throttle throttle = { 0 };
    cr_expect(cab_throttle_wait(&throttle, 0) == 0);
    cr_expect(!cab_throttle_succeeded(&throttle, 1000));
}

Test(throttle, doubles_with_each_young_death_up_to_30_s) {
    struct cab_throttle throttle = { 0 };
    int64_t now = 1000, expected = 200;
    for (int i = 0; i < 12; i++) {
        cr_assert(cab_throttle_failed(&throttle, now, now + 10));
        now += 10;
        cr_expect(cab_throttle_wait(&throttle, now) == expected, "step %d: %lld", i,
                  (long long)cab_throttle_wait(&throttle, now));
        now += expected;
        cr_expect(cab_throttle_wait(&throttle, now) == 0);
        expected = expected * 2 < 30000 ? expected * 2 : 30000;
    }
}

Test(throttle, many_deaths_at_once_are_one_step) {
    struct cab_throttle throttle = { 0 };
    cr_expect(cab_throttle_failed(&throttle, 100, 1000));
    for (int64_t forked = 101; forked < 120; forked++)
        cr_expect(!cab_throttle_failed(&throttle, forked, 1001));
    cr_expect(throttle.failures == 1);
    cr_expect(cab_throttle_wait(&throttle, 1001) == 199);
}

Test(throttle, ends_when_one_forked_since_has_lived) {
    struct cab_throttle throttle = { 0 };
    cr_expect(cab_throttle_failed(&throttle, 100, 1000));
    cr_expect(!cab_throttle_succeeded(&throttle, 900), "an old worker proves nothing");
    cr_expect(cab_throttle_succeeded(&throttle, 1200));
    cr_expect(cab_throttle_wait(&throttle, 1200) == 0);
    cr_expect(cab_throttle_failed(&throttle, 1300, 1400));
    cr_expect(cab_throttle_wait(&throttle, 1400) == 200, "it begins anew");
}
