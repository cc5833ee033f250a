/* How often somebody may try, and that nobody locks others out. */
#include "stand.h"

#include <string.h>

static void open_with_limits(struct stand *stand) {
    struct cab_shared_options options = { .throttle_entries = 1024 };
    stand_open(stand);
    stand->service.shared = cab_shared_private(stand->mem, &options);
    stand->conf.login_attempts = 3;
    stand->conf.login_failures_per_address = 8;
    stand->conf.login_failures_per_account = 6;
    stand->conf.registrations_per_address = 2;
    stand->conf.mail_requests_per_address = 2;
}

static struct answer *try_from(struct stand *stand, const char *name, const char *password, const char *address,
                               const char *cookie) {
    return stand_ask(stand, "POST", "/auth/login", NULL,
                     cab_printf(stand->mem, "{\"username\":\"%s\",\"password\":\"%s\"}", name, password),
                     WITH("REMOTE_ADDR", address, "HTTP_COOKIE", cookie));
}

/* The cookie of the device in an answer, as a client sends it. */
static const char *device_of(struct stand *stand, const struct answer *answer) {
    const char *line = strstr(answer->headers, "Set-Cookie: device=");
    cr_assert_not_null(line, "%s", answer->headers);
    line += strlen("Set-Cookie: ");
    return cab_strndup(stand->mem, line, strcspn(line, ";"));
}

static int guess(struct stand *stand, const char *name, const char *address) {
    return try_from(stand, name, "not the password", address, "")->status;
}

Test(throttle, a_name_has_few_tries_from_one_address) {
    struct stand stand;
    open_with_limits(&stand);
    struct person person = make_person(&stand);
    struct answer *answer = try_from(&stand, person.email, "not the password", "198.51.100.1", "");
    cr_assert_eq(answer->status, 401);
    cr_assert_str_eq(header_of(&stand, answer, "RateLimit-Policy"), "\"login\"");
    cr_assert_not_null(strstr(answer->headers, "RateLimit-Policy: \"login\";q=3;w=60"));
    cr_assert_not_null(strstr(answer->headers, "RateLimit: \"login\";r=2;t=60"), "%s", answer->headers);
    cr_assert_eq(guess(&stand, person.email, "198.51.100.1"), 401);
    cr_assert_eq(guess(&stand, person.email, "198.51.100.1"), 401);
    answer = try_from(&stand, person.email, PASSWORD, "198.51.100.1", "");
    cr_assert_eq(answer->status, 429, "even with the right password");
    cr_assert_str_eq(text_of(answer, "code"), "throttled");
    cr_assert_not_null(header_of(&stand, answer, "Retry-After"));
    cr_assert_not_null(strstr(answer->headers, "RateLimit: \"login\";r=0;t="));
    cr_assert_eq(try_from(&stand, person.email, PASSWORD, "198.51.100.2", "")->status, 200, "others are not shut out");
    cr_assert_eq(guess(&stand, make_person(&stand).email, "198.51.100.1"), 401, "nor other names");
    stand_close(&stand);
}

Test(throttle, names_without_an_account_are_counted_the_same) {
    struct stand stand;
    open_with_limits(&stand);
    const char *name = unique_name(&stand);
    for (int i = 0; i < 3; i++)
        cr_assert_eq(guess(&stand, name, "198.51.100.1"), 401);
    cr_assert_eq(guess(&stand, name, "198.51.100.1"), 429);
    for (int i = 0; i < 3; i++)
        cr_assert_eq(guess(&stand, name, "198.51.100.2"), 401);
    cr_assert_eq(guess(&stand, name, "198.51.100.3"), 429, "six failures from everywhere");
    stand_close(&stand);
}

Test(throttle, every_spelling_of_a_name_is_one_name) {
    struct stand stand;
    open_with_limits(&stand);
    const char *name = unique_name(&stand);
    char *upper = cab_strdup(stand.mem, name);
    upper[0] = 'U';
    cr_assert_eq(guess(&stand, name, "198.51.100.1"), 401);
    cr_assert_eq(guess(&stand, upper, "198.51.100.1"), 401);
    cr_assert_eq(guess(&stand, cab_printf(stand.mem, "\xEF\xBD\x95%s", name + 1), "198.51.100.1"), 401, "full width");
    cr_assert_eq(guess(&stand, name, "198.51.100.1"), 429);
    stand_close(&stand);
}

Test(throttle, a_success_is_forgotten) {
    struct stand stand;
    open_with_limits(&stand);
    struct person person = make_person(&stand);
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(guess(&stand, person.email, "198.51.100.1"), 401);
        cr_assert_eq(try_from(&stand, person.email, PASSWORD, "198.51.100.1", "")->status, 200);
    }
    stand_close(&stand);
}

Test(throttle, an_address_has_few_failures_with_all_names) {
    struct stand stand;
    open_with_limits(&stand);
    struct person person = make_person(&stand);
    for (int i = 0; i < 8; i++)
        cr_assert_eq(guess(&stand, unique_name(&stand), "198.51.100.1"), 401);
    cr_assert_eq(guess(&stand, unique_name(&stand), "198.51.100.1"), 429);
    cr_assert_eq(guess(&stand, unique_name(&stand), "198.51.100.2"), 401);
    cr_assert_eq(try_from(&stand, person.email, PASSWORD, "198.51.100.1", "")->status, 429);
    stand_close(&stand);
}

Test(throttle, a_customers_network_is_one_address) {
    struct stand stand;
    open_with_limits(&stand);
    const char *name = unique_name(&stand);
    for (int i = 0; i < 3; i++)
        cr_assert_eq(guess(&stand, name, cab_printf(stand.mem, "2001:db8:1:2::%d", i + 1)), 401);
    cr_assert_eq(guess(&stand, name, "2001:db8:1:2:ffff::1"), 429);
    cr_assert_eq(guess(&stand, name, "2001:db8:1:3::1"), 401);
    stand_close(&stand);
}

/* Somebody guesses from many addresses: strangers wait, the person does not. */
Test(throttle, who_is_known_gets_in_while_others_guess) {
    struct stand stand;
    open_with_limits(&stand);
    struct person person = make_person(&stand), other = make_person(&stand);
    const char *device = device_of(&stand, try_from(&stand, person.email, PASSWORD, "203.0.113.1", "")),
               *others = device_of(&stand, try_from(&stand, other.email, PASSWORD, "203.0.113.9", ""));
    for (int i = 0; i < 6; i++)
        cr_assert_eq(guess(&stand, person.email, cab_printf(stand.mem, "198.51.100.%d", i)), 401);
    cr_assert_eq(guess(&stand, person.email, "198.51.100.77"), 429);
    cr_assert_eq(try_from(&stand, person.email, PASSWORD, "198.51.100.78", "")->status, 429, "a stranger's address");
    cr_assert_eq(try_from(&stand, person.email, PASSWORD, "203.0.113.1", "")->status, 200, "an address with a session");
    cr_assert_eq(try_from(&stand, person.email, PASSWORD, "198.51.100.79", device)->status, 200, "a known device");
    cr_assert_eq(try_from(&stand, person.email, PASSWORD, "198.51.100.80", others)->status, 429, "another's device");
    char *forged = cab_strdup(stand.mem, device);
    forged[20] = forged[20] == 'A' ? 'B' : 'A';
    cr_assert_eq(try_from(&stand, person.email, PASSWORD, "198.51.100.81", forged)->status, 429);
    cr_assert_eq(try_from(&stand, other.email, PASSWORD, "198.51.100.82", "")->status, 200);
    for (int i = 0; i < 10; i++)
        cr_assert_eq(try_from(&stand, person.email, "wrong", cab_printf(stand.mem, "198.51.101.%d", i), device)->status,
                     401);
    cr_assert_eq(try_from(&stand, person.email, "wrong", "198.51.101.99", device)->status, 429, "a stolen one");
    stand_close(&stand);
}

/* Behind the address of somebody who guesses. */
Test(throttle, a_known_device_gets_in_behind_a_shared_address) {
    struct stand stand;
    open_with_limits(&stand);
    struct person person = make_person(&stand);
    const char *device = device_of(&stand, try_from(&stand, person.email, PASSWORD, "203.0.113.1", ""));
    for (int i = 0; i < 3; i++)
        cr_assert_eq(guess(&stand, person.email, "203.0.113.1"), 401);
    cr_assert_eq(try_from(&stand, person.email, PASSWORD, "203.0.113.1", "")->status, 429);
    cr_assert_eq(try_from(&stand, person.email, PASSWORD, "203.0.113.1", device)->status, 200);
    stand_close(&stand);
}

/* The counts of names lie in the database: another host, with a memory of its own, knows them. */
Test(throttle, hosts_agree_on_a_name_and_forget_with_time) {
    struct stand stand, host;
    open_with_limits(&stand);
    open_with_limits(&host);
    const char *name = unique_name(&stand);
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(guess(&stand, name, "198.51.100.1"), 401);
        cr_assert_eq(guess(&host, name, "198.51.100.1"), 401);
    }
    cr_assert_eq(guess(&host, name, "198.51.100.2"), 429);
    unsigned char mac[32];
    cab_mac(&stand.conf, "login-name", name, strlen(name), mac);
    char *code = cab_strdup(stand.mem, "");
    for (size_t i = 0; i < sizeof mac; i++)
        code = cab_printf(stand.mem, "%s%02x", code, mac[i]);
    cr_assert_not_null(stand_value(&stand, "UPDATE public.login_failures SET began = began - interval '2 hours' "
                                   "WHERE name_code = decode($1, 'hex') RETURNING failures", code));
    cr_assert_eq(guess(&host, name, "198.51.100.2"), 401);
    stand_close(&host);
    stand_close(&stand);
}

Test(throttle, registrations_and_mails_are_limited) {
    struct stand stand;
    open_with_limits(&stand);
    for (int i = 0; i < 3; i++) {
        const char *name = unique_name(&stand);
        struct answer *answer =
            stand_ask(&stand, "POST", "/auth/register", NULL,
                      cab_printf(stand.mem, "{\"email\":\"%s@example.org\",\"username\":\"%s\",\"password\":\"%s\"}",
                                 name, name, PASSWORD), NULL);
        cr_assert_eq(answer->status, i < 2 ? 201 : 429, "%s", answer->body);
        answer = stand_ask(&stand, "POST", i == 1 ? "/auth/resend-verification" : "/auth/request-password", NULL,
                           cab_printf(stand.mem, "{\"email\":\"%s@example.org\"}", name), NULL);
        cr_assert_eq(answer->status, i < 2 ? 202 : 429, "%s", answer->body);
    }
    stand_close(&stand);
}

Test(throttle, the_password_again_is_limited_by_person) {
    struct stand stand;
    open_with_limits(&stand);
    struct person person = make_person(&stand), other = make_person(&stand);
    for (int i = 0; i < 4; i++)
        cr_assert_eq(stand_ask(&stand, "POST", "/auth/change-email", person.access,
                               "{\"new_email\":\"x@example.org\",\"password\":\"wrong\"}", NULL)->status,
                     i < 3 ? 422 : 429);
    const char *right = "{\"password\":\"" PASSWORD "\"}";
    cr_assert_eq(stand_ask(&stand, "POST", "/auth/totp", person.access, right, NULL)->status, 429);
    cr_assert_eq(stand_ask(&stand, "POST", "/auth/totp", other.access, right, NULL)->status, 200);
    stand_close(&stand);
}

Test(throttle, headers_have_an_older_form) {
    struct stand stand;
    open_with_limits(&stand);
    stand.conf.rate_limit_headers = "legacy";
    struct answer *answer = try_from(&stand, unique_name(&stand), "wrong", "198.51.100.1", "");
    cr_assert_str_eq(header_of(&stand, answer, "RateLimit-Limit"), "3, 3");
    cr_assert_str_eq(header_of(&stand, answer, "RateLimit-Remaining"), "2");
    cr_assert_str_eq(header_of(&stand, answer, "RateLimit-Reset"), "60");
    cr_assert_null(strstr(answer->headers, "RateLimit-Policy"));
    stand.conf.rate_limit_headers = "off";
    cr_assert_null(strstr(try_from(&stand, "nobody", "wrong", "198.51.100.1", "")->headers, "RateLimit"));
    stand_close(&stand);
}
