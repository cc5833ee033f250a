/*
 * How long the master waits when children die young.
 */
#include "daemon/internal.h"

#include <criterion/criterion.h>

Test(respawn, nothing_waits_at_first) {
    struct cab_respawn respawn = { 0 };
    cr_expect(cab_respawn_wait(&respawn, 0) == 0);
    cr_expect(!cab_respawn_succeeded(&respawn, 1000));
}

Test(respawn, doubles_with_each_young_death_up_to_30_s) {
    struct cab_respawn respawn = { 0 };
    int64_t now = 1000, expected = 200;
    for (int i = 0; i < 12; i++) {
        cr_assert(cab_respawn_failed(&respawn, now, now + 10));
        now += 10;
        cr_expect(cab_respawn_wait(&respawn, now) == expected, "step %d: %lld", i,
                  (long long)cab_respawn_wait(&respawn, now));
        now += expected;
        cr_expect(cab_respawn_wait(&respawn, now) == 0);
        expected = expected * 2 < 30000 ? expected * 2 : 30000;
    }
}

Test(respawn, many_deaths_at_once_are_one_step) {
    struct cab_respawn respawn = { 0 };
    cr_expect(cab_respawn_failed(&respawn, 100, 1000));
    for (int64_t forked = 101; forked < 120; forked++)
        cr_expect(!cab_respawn_failed(&respawn, forked, 1001));
    cr_expect(respawn.failures == 1);
    cr_expect(cab_respawn_wait(&respawn, 1001) == 199);
}

Test(respawn, ends_when_one_forked_since_has_lived) {
    struct cab_respawn respawn = { 0 };
    cr_expect(cab_respawn_failed(&respawn, 100, 1000));
    cr_expect(!cab_respawn_succeeded(&respawn, 900), "an old worker proves nothing");
    cr_expect(cab_respawn_succeeded(&respawn, 1200));
    cr_expect(cab_respawn_wait(&respawn, 1200) == 0);
    cr_expect(cab_respawn_failed(&respawn, 1300, 1400));
    cr_expect(cab_respawn_wait(&respawn, 1400) == 200, "it begins anew");
}
