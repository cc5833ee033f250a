#include <cabinet/base.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

Test(parse, integers_are_whole_and_within_limits) {
    int64_t n;
    cr_assert_eq(cab_parse_int64("-12", -20, 20, &n), 0);
    cr_assert_eq(n, -12);
    cr_assert_eq(cab_parse_int64("9223372036854775807", INT64_MIN, INT64_MAX, &n), 0);
    cr_assert_eq(n, INT64_MAX);
    const char *const bad[] = { "", "-", "+1", " 1", "1 ", "1.0", "0x1", "9223372036854775808", "21", "1e1" };
    for (size_t i = 0; i < CAB_LENGTH(bad); i++)
        cr_assert_eq(cab_parse_int64(bad[i], -20, strlen(bad[i]) > 10 ? INT64_MAX : 20, &n), -1, "%s", bad[i]);
}

Test(parse, booleans_are_two_words) {
    bool b;
    cr_assert(cab_parse_bool("true", &b) == 0 && b);
    cr_assert(cab_parse_bool("false", &b) == 0 && !b);
    cr_assert_eq(cab_parse_bool("1", &b), -1);
    cr_assert_eq(cab_parse_bool("TRUE", &b), -1);
}

Test(parse, utf8_is_checked_by_the_rfc) {
    const char *const good[] = {
        "", "a", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xED\x9F\xBF", "\xF4\x8F\xBF\xBF"
    };
    const char *const bad[] = { "\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80",
                                "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82", "a\xFF", "\xC3" };
    for (size_t i = 0; i < CAB_LENGTH(good); i++)
        cr_assert(cab_utf8_valid(good[i], strlen(good[i])), "good %zu", i);
    for (size_t i = 0; i < CAB_LENGTH(bad); i++)
        cr_assert_not(cab_utf8_valid(bad[i], strlen(bad[i])), "bad %zu", i);
    cr_assert_not(cab_utf8_valid("a\0b", 3));
    cr_assert_eq(cab_utf8_length("\xF0\x9F\x98\x80\xC3\xA9x"), 3);
}

Test(parse, base64url_round_trips_and_is_canonical) {
    void *mem = cab_mem_alloc(NULL, 0);
    unsigned char bytes[256], *back;
    size_t n;
    for (int i = 0; i < 256; i++)
        bytes[i] = (unsigned char)(i * 37);
    for (size_t len = 0; len <= 256; len++) {
        char *text = cab_base64url(mem, bytes, len);
        cr_assert_eq(cab_base64url_decode(mem, text, strlen(text), &back, &n), 0);
        cr_assert_eq(n, len);
        cr_assert_eq(memcmp(back, bytes, len), 0);
    }
    cr_assert_str_eq(cab_base64url(mem, "\xFB\xFF", 2), "-_8");
    const char *const bad[] = { "A", "AB=", "A+", "-_9", "AAAAA", "AB" };
    for (size_t i = 0; i < CAB_LENGTH(bad); i++)
        cr_assert_eq(cab_base64url_decode(mem, bad[i], strlen(bad[i]), &back, &n), -1, "%s", bad[i]);
    struct cab_buf buf;
    cab_buf_init(&buf, mem, 0);
    cab_base64_add(&buf, "foob", 4);
    cab_base64_add(&buf, "fooba", 5);
    cr_assert_str_eq(buf.data, "Zm9vYg==Zm9vYmE=");
    cab_mem_free(mem);
}

Test(parse, the_nearest_word_is_suggested_only_when_near) {
    const char *const words[] = { "username", "email", "is_verified", "date_created" };
    cr_assert_str_eq(cab_nearest("usrname", words, 4), "username");
    cr_assert_str_eq(cab_nearest("emial", words, 4), "email");
    cr_assert_null(cab_nearest("zzzzzz", words, 4));
}

Test(parse, only_addresses_that_are_safe_to_ask) {
    static const struct {
        const char *url;
        bool is_safe, is_local;
    } rows[] = {
        { "https://sso.example.org", true, false },
        { "https://sso.example.org:8443/realms/a?x=1", true, false },
        { "https://[2001:db8::1]/x", true, false },
        { "https://localhost:9", true, true },
        { "http://localhost", true, true },
        { "http://127.0.0.1:8080/x", true, true },
        { "http://[::1]:8080", true, true },
        { "http://sso.example.org", false, false },
        { "http://localhost.example.org", false, false },
        { "http://127.0.0.1.example.org", false, false },
        { "http://[::1].example.org", false, false },
        { "http://127.0.0.2", false, false },
        { "http://localhost@evil.example", false, false },
        { "https://user:secret@sso.example.org", false, false },
        { "https://sso.example.org#x", false, false },
        { "https://sso.example.org/a b", false, false },
        { "https://sso.example.org\\@evil.example", false, false },
        { "https://sso.example.org:0", false, false },
        { "https://sso.example.org:99999999999", false, false },
        { "https://", false, false },
        { "https://:443", false, false },
        { "https://[::1", false, false },
        { "file:///etc/passwd", false, false },
        { "", false, false },
    };
    for (size_t i = 0; i < CAB_LENGTH(rows); i++) {
        bool is_local;
        cr_expect_eq(cab_url_is_safe(rows[i].url, &is_local), rows[i].is_safe, "%s", rows[i].url);
        cr_expect(!rows[i].is_safe || is_local == rows[i].is_local, "%s", rows[i].url);
    }
}

Test(digest, known_answers) {
    char hex[65], uuid[37];
    cab_sha256_hex("abc", 3, hex);
    cr_assert_str_eq(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    unsigned char mac[32]; /* RFC 4231, test case 2 */
    cab_hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, mac);
    cr_assert_eq(memcmp(mac, "\x5b\xdc\xc1\x46\xbf\x60\x75\x4e\x6a\x04\x24\x26\x08\x95\x75\xc7", 16), 0);
    unsigned char key[20]; /* test case 1: another key after the first */
    memset(key, 0x0b, sizeof key);
    cab_hmac_sha256(key, sizeof key, "Hi There", 8, mac);
    cr_assert_eq(memcmp(mac, "\xb0\x34\x4c\x61\xd8\xdb\x38\x53\x5c\xa8\xaf\xce\xaf\x0b\xf1\x2b", 16), 0);
    cab_uuid_make(uuid);
    cr_assert_eq(strlen(uuid), 36);
    cr_assert_eq(uuid[14], '4');
    cr_assert(cab_equal_constant_time("abc", "abc", 3));
    cr_assert_not(cab_equal_constant_time("abc", "abd", 3));
}

Test(digest, of_a_file_is_that_of_its_bytes) {
    char whole[65], part[65];
    static char bytes[200001];
    int64_t n;
    FILE *file = tmpfile();
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 7);
    cr_assert(file != NULL && fwrite(bytes, 1, sizeof bytes, file) == sizeof bytes && fflush(file) == 0);
    rewind(file);
    cr_assert_eq(cab_sha256_file(fileno(file), part, &n), 0);
    cab_sha256_hex(bytes, sizeof bytes, whole);
    cr_expect_str_eq(part, whole);
    cr_expect_eq(n, (int64_t)sizeof bytes);
    fclose(file);
    cr_expect_eq(cab_sha256_file(-1, part, &n), -1);
    cr_expect_eq(errno, EBADF);
}
