/* timing: no time tells whether an account exists.  Needs the machine to itself, hence runs with alone. */
#include "client.h"

#include <stdlib.h>

#define TRIES 200

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double median(double *seconds) {
    qsort(seconds, TRIES, sizeof(*seconds), compare);
    return (seconds[TRIES / 2 - 1] + seconds[TRIES / 2]) / 2;
}

static double difference(double *a, double *b) {
    double x = median(a), y = median(b);
    cr_log_info("medians: %.3f ms and %.3f ms", x * 1000, y * 1000);
    return (x > y ? x - y : y - x) / (x < y ? x : y);
}

Test(timing, of_login_is_the_same_for_unknown_accounts_and_wrong_passwords) {
    static double known[TRIES], unknown[TRIES];
    struct person *person = registered();
    for (int i = 0; i < TRIES; i++) {
        struct answer *answer = login(person->email, "not the password");
        expect_problem(answer, 401, "bad_credentials");
        known[i] = answer->seconds;
        answer = login(fmt("no-%d-%s", i, person->email), "not the password");
        expect_problem(answer, 401, "bad_credentials");
        unknown[i] = answer->seconds;
    }
    double off = difference(known, unknown);
    cr_assert(off < 0.05, "the medians differ by %.1f %%", off * 100);
}

Test(timing, of_mailed_requests_is_the_same_for_known_and_unknown_addresses) {
    static double known[TRIES], unknown[TRIES];
    const char *name = unique("timing");
    sql(fmt("INSERT INTO public.users (email, username) SELECT '%s-' || n || '@example.org', '%s-' || n "
            "FROM generate_series(1, %d) AS n", name, name, TRIES));
    for (int i = 0; i < TRIES; i++) {
        struct answer *answer = post("/api/v1/auth/request-password", NULL,
                                     fmt("{\"email\":\"%s-%d@example.org\"}", name, i + 1));
        expect(answer, 202);
        known[i] = answer->seconds;
        answer = post("/api/v1/auth/request-password", NULL, fmt("{\"email\":\"%s-%d@example.net\"}", name, i + 1));
        expect(answer, 202);
        unknown[i] = answer->seconds;
    }
    double off = difference(known, unknown);
    cr_assert(off < 0.1, "the medians differ by %.1f %%", off * 100);
}
