#include "http/internal.h"
#include "records.h"

#include <criterion/criterion.h>

static void *mem;
static struct cab_buf buf;

static void setup(void) {
    mem = cab_mem_alloc(NULL, 0);
    cab_buf_init(&buf, mem, 0);
}

static void teardown(void) {
    cab_mem_free(mem);
}

TestSuite(fcgi_sieve, .init = setup, .fini = teardown);

static const char *const pairs[] = { "REQUEST_METHOD", "GET", "REQUEST_URI", "/", "EMPTY", "", NULL };

static enum cab_sieve_result feed_all(void) {
    struct cab_sieve sieve = { 0 };
    return cab_sieve_feed(&sieve, (const unsigned char *)buf.data, buf.len);
}

/* The same bytes one by one must come to the same end, and no earlier. */
static enum cab_sieve_result feed_slowly(void) {
    struct cab_sieve sieve = { 0 };
    enum cab_sieve_result result = CAB_SIEVE_MORE;
    for (size_t i = 0; i < buf.len; i++) {
        result = cab_sieve_feed(&sieve, (const unsigned char *)buf.data + i, 1);
        if (result != CAB_SIEVE_MORE && i + 1 < buf.len)
            return CAB_SIEVE_BROKEN;
    }
    return result;
}

static void expect(enum cab_sieve_result result) {
    cr_assert_eq(feed_all(), result);
    cr_assert_eq(feed_slowly(), result);
}

Test(fcgi_sieve, a_request_is_whole_at_its_last_byte) {
    add_begin(&buf, 1, 1, 0);
    expect(CAB_SIEVE_MORE);
    add_params(&buf, 1, pairs);
    expect(CAB_SIEVE_MORE);
    add_record(&buf, FCGI_STDIN, 1, "body", 4, 5);
    expect(CAB_SIEVE_MORE);
    size_t before = buf.len;
    add_record(&buf, FCGI_STDIN, 1, "", 0, 8); /* libfcgi does not skip what pads the end */
    expect(CAB_SIEVE_BROKEN);
    buf.len = before;
    add_record(&buf, FCGI_STDIN, 1, "", 0, 0);
    expect(CAB_SIEVE_WHOLE);
    buf.len--;
    expect(CAB_SIEVE_MORE);
    buf.len++;
    cab_buf_addc(&buf, 1);
    expect(CAB_SIEVE_BROKEN);
}

Test(fcgi_sieve, long_names_and_values_and_split_pairs) {
    char *value = cab_mem_alloc(mem, 30001);
    memset(value, 'v', 30000);
    value[30000] = '\0';
    const char *const large[] = { "A", value, "B", value, NULL };
    add_begin(&buf, 515, 1, 1);
    add_params(&buf, 515, large);
    add_body(&buf, 515, "", 0);
    expect(CAB_SIEVE_WHOLE);

    cab_buf_reset(&buf);
    struct cab_buf content;
    cab_buf_init(&content, mem, 0);
    add_pair(&content, "NAME", value);
    add_begin(&buf, 1, 1, 0);
    for (size_t i = 0; i < content.len; i += 1000) /* the pair spans many records */
        add_record(&buf, FCGI_PARAMS, 1, content.data + i, content.len - i < 1000 ? content.len - i : 1000, 0);
    add_record(&buf, FCGI_PARAMS, 1, "", 0, 0);
    add_body(&buf, 1, "", 0);
    expect(CAB_SIEVE_WHOLE);
}

/* A begin record and one PARAMS record of n bytes. */
static void start_params(const char *content, size_t n) {
    cab_buf_reset(&buf);
    add_begin(&buf, 1, 1, 0);
    add_record(&buf, FCGI_PARAMS, 1, content, n, 0);
}

Test(fcgi_sieve, broken_parameters) {
    start_params("\x01\x00", 2);
    add_record(&buf, FCGI_PARAMS, 1, "", 0, 0); /* ends inside a pair */
    expect(CAB_SIEVE_BROKEN);
    start_params("\x01", 1);
    add_record(&buf, FCGI_PARAMS, 1, "", 0, 0); /* ends inside the lengths */
    expect(CAB_SIEVE_BROKEN);
    start_params("\x80\x00", 2);
    add_record(&buf, FCGI_PARAMS, 1, "", 0, 0); /* ends inside a long length */
    expect(CAB_SIEVE_BROKEN);
    start_params("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8); /* gigabytes */
    cr_assert_eq(feed_all(), CAB_SIEVE_BROKEN);
    start_params("\x00\x01x", 3); /* no name */
    cr_assert_eq(feed_all(), CAB_SIEVE_BROKEN);
    start_params("\x02\x01" "a=b", 5); /* the name holds = */
    cr_assert_eq(feed_all(), CAB_SIEVE_BROKEN);
    start_params("\x01\x02" "a\0b", 5); /* the value holds NUL */
    cr_assert_eq(feed_all(), CAB_SIEVE_BROKEN);
    start_params("\x01\x00" "a", 3);
    for (int i = 0; i < 200; i++)
        add_record(&buf, FCGI_PARAMS, 1, "\x01\x00" "a", 3, 0);
    cr_assert_eq(feed_all(), CAB_SIEVE_BROKEN); /* too many */
}

Test(fcgi_sieve, only_one_request_of_a_responder_passes) {
    static const struct { int type, id; } wrong[] = {
        { FCGI_GET_VALUES, 0 }, { FCGI_ABORT, 1 }, { FCGI_STDIN, 1 }, { FCGI_PARAMS, 1 }, { 3, 1 }, { 11, 0 }, { 0, 1 },
        { 255, 1 },
    };
    for (size_t i = 0; i < CAB_LENGTH(wrong); i++) {
        cab_buf_reset(&buf);
        add_record(&buf, wrong[i].type, wrong[i].id, "12345678", 8, 0);
        cr_assert_eq(feed_all(), CAB_SIEVE_BROKEN, "%d as the first record", wrong[i].type);
    }
    for (int role = 0; role < 5; role++) {
        cab_buf_reset(&buf);
        add_begin(&buf, 1, role, 0);
        expect(role == 1 ? CAB_SIEVE_MORE : CAB_SIEVE_BROKEN);
    }
    cab_buf_reset(&buf);
    add_begin(&buf, 0, 1, 0);
    expect(CAB_SIEVE_BROKEN);

    cab_buf_reset(&buf);
    add_begin(&buf, 1, 1, 0);
    size_t begun = buf.len;
    add_params(&buf, 2, pairs); /* another request's */
    cr_assert_eq(feed_all(), CAB_SIEVE_BROKEN);
    buf.len = begun;
    add_begin(&buf, 2, 1, 0);
    cr_assert_eq(feed_all(), CAB_SIEVE_BROKEN);
    buf.len = begun;
    add_record(&buf, FCGI_GET_VALUES, 0, "", 0, 0);
    cr_assert_eq(feed_all(), CAB_SIEVE_BROKEN);
    buf.len = begun;
    add_params(&buf, 1, pairs);
    add_record(&buf, FCGI_ABORT, 1, "", 0, 0);
    cr_assert_eq(feed_all(), CAB_SIEVE_BROKEN);
    buf.len = begun;
    buf.data[0] = 2; /* version */
    cr_assert_eq(feed_all(), CAB_SIEVE_BROKEN);
}

Test(fcgi_sieve, bodies_are_counted) {
    struct cab_sieve sieve = { 0 };
    add_begin(&buf, 1, 1, 0);
    add_params(&buf, 1, pairs);
    size_t params_end = buf.len;
    char *body = cab_mem_alloc(mem, 100000);
    memset(body, 'b', 100000);
    add_body(&buf, 1, body, 100000);
    cr_assert_eq(cab_sieve_feed(&sieve, (const unsigned char *)buf.data, buf.len), CAB_SIEVE_WHOLE);
    cr_assert_eq(sieve.body_len, 100000);
    cr_assert_eq(sieve.params_end, params_end);
}
