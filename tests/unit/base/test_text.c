#include <cabinet/base.h>
#include <criterion/criterion.h>
#include <string.h>

Test(text, buffers_grow_and_stay_ended) {
    void *mem = cab_mem_alloc(NULL, 0);
    struct cab_buf buf;
    cab_buf_init(&buf, mem, 0);
    for (int i = 0; i < 3000; i++)
        cab_buf_addf(&buf, "%d,", i % 10);
    cr_assert_eq(buf.len, 6000);
    cr_assert_eq(strlen(buf.data), 6000);
    cab_buf_reset(&buf);
    cab_buf_add(&buf, "a\0b", 3);
    cr_assert_eq(buf.len, 3);
    cr_assert_eq(buf.data[3], '\0');
    cab_mem_free(mem);
}

Test(text, a_formatted_text_longer_than_the_room_is_whole) {
    void *mem = cab_mem_alloc(NULL, 0);
    struct cab_buf buf;
    cab_buf_init(&buf, mem, 4);
    cab_buf_addf(&buf, "%s-%s", "0123456789", "abcdefghij");
    cr_assert_str_eq(buf.data, "0123456789-abcdefghij");
    cab_mem_free(mem);
}

Test(text, json_strings_are_escaped) {
    void *mem = cab_mem_alloc(NULL, 0);
    struct cab_buf buf;
    cab_buf_init(&buf, mem, 0);
    cab_json_cstring(&buf, "a\"b\\c\n\x01\xC3\xA9/");
    cr_assert_str_eq(buf.data, "\"a\\\"b\\\\c\\n\\u0001\xC3\xA9/\"");
    cab_buf_reset(&buf);
    cab_json_string(&buf, "x\0y", 3);
    cr_assert_str_eq(buf.data, "\"x\\u0000y\"");
    cab_buf_reset(&buf);
    cab_json_cstring(&buf, NULL);
    cr_assert_str_eq(buf.data, "null");
    cab_mem_free(mem);
}

Test(text, log_pairs_are_quoted_where_needed) {
    void *mem = cab_mem_alloc(NULL, 0);
    struct cab_buf buf;
    cab_buf_init(&buf, mem, 0);
    cab_log_pair(&buf, "path", "/users");
    cab_log_pair(&buf, "agent", "a b=\"c\"\n");
    cab_log_pair(&buf, "none", "");
    cr_assert_str_eq(buf.data, " path=/users agent=\"a b=\\\"c\\\"\\n\" none=\"\"");
    cab_mem_free(mem);
}

Test(text, the_json_writer_keeps_the_commas) {
    void *mem = cab_mem_alloc(NULL, 0);
    struct cab_buf buf;
    cab_buf_init(&buf, mem, 0);
    struct cab_json_writer w = { .buf = &buf };
    cab_json_open(&w, NULL, '{');
    cab_json_put(&w, "a", "x\"y");
    cab_json_open(&w, "b", '[');
    cab_json_put_int(&w, NULL, -1);
    cab_json_put_raw(&w, NULL, "true");
    cab_json_open(&w, NULL, '{');
    cab_json_close(&w, '}');
    cab_json_close(&w, ']');
    cab_json_putf(&w, "c", "%d", 7);
    cab_json_put(&w, "d", NULL);
    cab_json_close(&w, '}');
    cr_assert_str_eq(buf.data, "{\"a\":\"x\\\"y\",\"b\":[-1,true,{}],\"c\":\"7\",\"d\":null}");
    cab_mem_free(mem);
}

Test(text, numbers_are_written_as_printf_writes_them) {
    static const int64_t numbers[] = { 0, 7, -7, 10, 1234567890123, INT64_MAX, INT64_MIN };
    void *mem = cab_mem_alloc(NULL, 0);
    for (size_t i = 0; i < CAB_LENGTH(numbers); i++)
        cr_assert_str_eq(cab_decimal(mem, numbers[i]), cab_printf(mem, "%lld", (long long)numbers[i]));
    cab_mem_free(mem);
}

Test(text, a_text_longer_than_the_stack_takes_is_written_whole) {
    void *mem = cab_mem_alloc(NULL, 0);
    for (int n = 254; n <= 258; n++) {
        char *text = cab_printf(mem, "%0*d", n, 5);
        cr_assert_eq(strlen(text), (size_t)n);
        cr_assert_eq(text[n - 1], '5');
    }
    cab_mem_free(mem);
}
