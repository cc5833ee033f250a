#include "http/internal.h"

#include <criterion/criterion.h>
#include <string.h>

static int decode(const char *s, bool is_form, char *out) {
    return cab_uri_decode(s, strlen(s), is_form, out);
}

Test(uri, percent_coding_is_undone_strictly) {
    char out[64];
    cr_assert_eq(decode("a%20b%C3%A9+c", false, out), 0);
    cr_assert_str_eq(out, "a b\xC3\xA9+c");
    cr_assert_eq(decode("a+b%2B", true, out), 0);
    cr_assert_str_eq(out, "a b+");
    static const char *const broken[] = { "%", "%4", "%zz", "a%2", "%G0", "%00", "%C3", "%ED%A0%80", "\xFF", "%C0%AF" };
    for (size_t i = 0; i < CAB_LENGTH(broken); i++)
        cr_assert_eq(decode(broken[i], false, out), -1, "%s was taken", broken[i]);
}

Test(uri, encoding_round_trips) {
    void *mem = cab_mem_alloc(NULL, 0);
    struct cab_buf buf;
    char out[64];
    cab_buf_init(&buf, mem, 0);
    cab_url_encode(&buf, "a b&c=\xC3\xA9~-._/");
    cr_assert_str_eq(buf.data, "a%20b%26c%3D%C3%A9~-._%2F");
    cr_assert_eq(decode(buf.data, true, out), 0);
    cr_assert_str_eq(out, "a b&c=\xC3\xA9~-._/");
    cab_mem_free(mem);
}

Test(uri, pairs_are_split_in_order) {
    void *mem = cab_mem_alloc(NULL, 0);
    struct cab_err err = { 0 };
    struct cab_pair *pairs;
    int n;
    const char *text = "a=1&&b&c=x%3Dy=z&a=2&";
    cr_assert_eq(cab_pairs_decode(mem, text, strlen(text), "The query", &pairs, &n, &err), 0);
    cr_assert_eq(n, 4);
    cr_assert_str_eq(pairs[0].name, "a");
    cr_assert_str_eq(pairs[0].value, "1");
    cr_assert_str_eq(pairs[1].name, "b");
    cr_assert_str_eq(pairs[1].value, "");
    cr_assert_str_eq(pairs[2].value, "x=y=z");
    cr_assert_str_eq(pairs[3].value, "2");
    cr_assert_eq(cab_pairs_decode(mem, "", 0, "The query", &pairs, &n, &err), 0);
    cr_assert_eq(n, 0);
    cab_mem_free(mem);
}

Test(uri, too_many_and_nameless_parameters_are_refused) {
    void *mem = cab_mem_alloc(NULL, 0);
    struct cab_err err = { 0 };
    struct cab_buf many;
    struct cab_pair *pairs;
    int n;
    cab_buf_init(&many, mem, 0);
    for (int i = 0; i < 100; i++)
        cab_buf_addf(&many, "%sp%d=1", i > 0 ? "&" : "", i);
    cr_assert_eq(cab_pairs_decode(mem, many.data, many.len, "The query", &pairs, &n, &err), 0);
    cr_assert_eq(n, 100);
    cab_buf_adds(&many, "&q=1");
    cr_assert_eq(cab_pairs_decode(mem, many.data, many.len, "The query", &pairs, &n, &err), -1);
    cr_assert_eq(err.problem, CAB_PROBLEM_MALFORMED);
    cr_assert_eq(cab_pairs_decode(mem, "=1", 2, "The query", &pairs, &n, &err), -1);
    cab_mem_free(mem);
}

Test(uri, forms_have_each_field_once) {
    void *mem = cab_mem_alloc(NULL, 0);
    struct cab_err err = { 0 };
    struct cab_pair *pairs;
    int n;
    const char *form = "username=a%40b.c&password=p+q%26";
    cr_assert_eq(cab_form_decode(mem, form, strlen(form), &pairs, &n, &err), 0);
    cr_assert_eq(n, 2);
    cr_assert_str_eq(pairs[0].value, "a@b.c");
    cr_assert_str_eq(pairs[1].value, "p q&");
    static const char *const broken[] = { "a=1&a=2", "a=%", "a=\xFF", "a=%00", "a=1\n&%FF=1" };
    for (size_t i = 0; i < CAB_LENGTH(broken); i++) {
        cab_err_clear(&err);
        cr_assert_eq(cab_form_decode(mem, broken[i], strlen(broken[i]), &pairs, &n, &err), -1, "%s", broken[i]);
        cr_assert_eq(err.problem, CAB_PROBLEM_MALFORMED);
    }
    cr_assert_eq(cab_form_decode(mem, "a=1\0b", 5, &pairs, &n, &err), -1);
    cab_mem_free(mem);
}
