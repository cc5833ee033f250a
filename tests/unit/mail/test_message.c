/*
 * Mail as text: templates, headers, encodings, tokens, and the folder.
 */
#include "server.h"

#include "mail/internal.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

static struct cab_buf quoted(void *mem, const char *text) {
    struct cab_buf buf;
    cab_buf_init(&buf, mem, 64);
    cab_mail_quote(&buf, text, strlen(text));
    return buf;
}

Test(message, quoted_printable_keeps_lines_short_and_loses_nothing) {
    void *mem = cab_mem_alloc(NULL, 1);
    cr_expect_str_eq(quoted(mem, "a=b\xC3\xA9 \nx \t").data, "a=3Db=C3=A9=20\r\nx =09");
    char text[1000];
    for (size_t i = 0; i < sizeof text - 1; i++)
        text[i] = i % 7 == 0 ? '=' : 'a';
    text[sizeof text - 1] = '\0';
    struct cab_buf buf = quoted(mem, text);
    size_t decoded = 0, column = 0;
    for (const char *c = buf.data; *c != '\0'; c++, column++) {
        if (strncmp(c, "=\r\n", 3) == 0) {
            cr_assert_leq(column + 1, 76);
            c += 2;
            column = (size_t)-1;
        } else if (*c == '=') {
            cr_assert_eq(strncmp(c, "=3D", 3), 0);
            cr_assert_eq(text[decoded++], '=');
            c += 2;
            column += 2;
        } else {
            cr_assert_eq(text[decoded++], *c);
        }
    }
    cr_assert_eq(decoded, sizeof text - 1);
    cab_mem_free(mem);
}

Test(message, a_header_stays_one_header_whatever_it_holds) {
    void *mem = cab_mem_alloc(NULL, 1);
    struct cab_buf buf;
    cab_buf_init(&buf, mem, 64);
    cab_mail_header(&buf, "Subject", "plain words");
    cr_expect_str_eq(buf.data, "Subject: plain words\r\n");
    static const char *const values[] = {
        "x\r\nBcc: all@example.org", "x\nBcc: a@b", "\xC3\xA9\r\n\r\nbody", "=?UTF-8?B?eA==?=",
        "\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC"
        "\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC"
    };
    for (size_t i = 0; i < CAB_LENGTH(values); i++) {
        cab_buf_reset(&buf);
        cab_mail_header(&buf, "Subject", values[i]);
        cr_expect_eq(strncmp(buf.data, "Subject: =?UTF-8?B?", 19), 0, "%s", buf.data);
        for (const char *line = strstr(buf.data, "\r\n"); line != NULL; line = strstr(line + 2, "\r\n"))
            cr_expect(line[2] == '\0' || line[2] == ' ', "%s", buf.data);
        cr_expect_null(strstr(buf.data, "Bcc"));
    }
    cab_buf_reset(&buf);
    cab_mail_header_sender(&buf, "From", "Cabinet, Inc. <a@example.org>");
    cr_expect_str_eq(buf.data, "From: \"Cabinet, Inc.\" <a@example.org>\r\n");
    cab_buf_reset(&buf);
    cab_mail_header_sender(&buf, "From", "a@example.org");
    cr_expect_str_eq(buf.data, "From: <a@example.org>\r\n");
    cab_mem_free(mem);
}

static const struct cab_mail_value values[] = {
    { "name", "<Zo\xC3\xAB & \"co\">" }, { "none", NULL }, { NULL, NULL },
};

Test(message, templates_fill_values_and_parts) {
    static const struct { const char *text, *plain, *html; } rows[] = {
        { "a {{name}} b", "a <Zo\xC3\xAB & \"co\"> b", "a &lt;Zo\xC3\xAB &amp; &quot;co&quot;&gt; b" },
        { "{{none}}.", ".", "." },
        { "{{#name}}\nyes\n{{/name}}\n{{^name}}\nno\n{{/name}}\nend", "yes\nend", "yes\nend" },
        { "{{#none}}yes {{name}}{{/none}}{{^none}}no{{/none}}", "no", "no" },
    };
    void *mem = cab_mem_alloc(NULL, 1);
    for (size_t i = 0; i < CAB_LENGTH(rows); i++) {
        struct cab_err err = { 0 };
        struct cab_buf buf;
        cab_buf_init(&buf, mem, 64);
        cr_assert_eq(cab_mail_fill(rows[i].text, values, false, &buf, &err), 0, "%s", err.detail);
        cr_expect_str_eq(buf.data, rows[i].plain);
        cab_buf_reset(&buf);
        cr_assert_eq(cab_mail_fill(rows[i].text, values, true, &buf, &err), 0, "%s", err.detail);
        cr_expect_str_eq(buf.data, rows[i].html);
    }
    static const char *const broken[] = {
        "{{nmae}}", "{{name", "{{#name}}x", "{{/name}}", "{{#name}}{{#none}}{{/none}}",
                                          "{{#name}}{{/none}}" };
    for (size_t i = 0; i < CAB_LENGTH(broken); i++) {
        struct cab_err err = { 0 };
        struct cab_buf buf;
        cab_buf_init(&buf, mem, 64);
        cr_expect_eq(cab_mail_fill(broken[i], values, false, &buf, &err), -1, "%s", broken[i]);
    }
    cab_mem_free(mem);
}

static struct cab_conf conf_of(void) {
    return (struct cab_conf){ .secret_key = "a secret key that is long enough for tests",
                              .mail_from = "Cabinet <cabinet@cabinet.example>",
                              .mail_templates = TESTS_SRCDIR "/../src/mail/templates" };
}

Test(message, every_kind_has_both_texts_and_each_works_with_and_without_links) {
    void *mem = cab_mem_alloc(NULL, 1);
    for (int kind = 1; kind < CAB_MAIL__MAX; kind++) {
        struct cab_conf conf = conf_of();
        struct cab_err err = { 0 };
        struct cab_buf buf;
        bool has_token = cab_mail_kind_page((enum cab_mail_kind)kind) != NULL;
        struct cab_mail_facts facts = { .kind = cab_mail_kind_name((enum cab_mail_kind)kind),
                                        .recipient = "ann@example.org", .message = "0", .date = "now",
                                        .username = "Mallory\r\nBcc: x@example.org", .email = "new@example.org",
                                        .when = "2030", .days = "3", .token = has_token ? "T0KEN" : NULL };
        cr_assert_eq(cab_mail_kind_find(facts.kind), kind);
        cr_assert_eq(cab_mail_render(mem, &conf, &facts, &buf, &err), 0, "%s %s", err.detail, err.internal);
        cr_expect_eq(strstr(buf.data, "T0KEN") != NULL, has_token, "%s", facts.kind);
        cr_expect_null(strstr(buf.data, "http"), "%s", facts.kind);
        cr_expect_null(strstr(buf.data, "{{"), "%s", facts.kind);
        const char *end = strstr(buf.data, "\r\n\r\n");
        cr_assert_not_null(end);
        cr_expect(strstr(buf.data, "Bcc") == NULL || strstr(buf.data, "Bcc") > end);
        for (const char *c = buf.data; *c != '\0'; c++)
            cr_assert(*c != '\n' || c[-1] == '\r', "a bare line feed in %s", facts.kind);
        conf.frontend_url = "https://app.example.org/x";
        cr_assert_eq(cab_mail_render(mem, &conf, &facts, &buf, &err), 0, "%s %s", err.detail, err.internal);
        const char *link = cab_printf(mem, "https://app.example.org/x%s",
                                      has_token ? cab_mail_kind_page((enum cab_mail_kind)kind) : "");
        cr_expect_eq(strstr(buf.data, link) != NULL, has_token, "%s: %s", facts.kind, buf.data);
    }
    cab_mem_free(mem);
}

/* What whoever asks has chosen does not reach an address that nobody has confirmed. */
Test(message, mails_to_unconfirmed_addresses_quote_nothing) {
    static const char *const kinds[] = { "verify_email", "change_email" };
    void *mem = cab_mem_alloc(NULL, 1);
    struct cab_conf conf = conf_of();
    for (size_t i = 0; i < CAB_LENGTH(kinds); i++) {
        struct cab_mail_facts facts = { .kind = kinds[i], .recipient = "a@example.org", .message = "0", .date = "now",
                                        .username = "SPAM", .email = "SPAM", .token = "T0KEN" };
        struct cab_err err = { 0 };
        struct cab_buf buf;
        cr_assert_eq(cab_mail_render(mem, &conf, &facts, &buf, &err), 0, "%s", err.detail);
        cr_expect_null(strstr(buf.data, "SPAM"), "%s", kinds[i]);
    }
    cab_mem_free(mem);
}

Test(token, is_found_again_under_both_keys_and_no_other) {
    void *mem = cab_mem_alloc(NULL, 1);
    struct cab_conf conf = conf_of(), next = conf_of();
    struct cab_mail_token token, other;
    char hash[65];
    cab_mail_token_make(&conf, &token);
    cab_mail_token_make(&conf, &other);
    cr_assert_str_neq(token.seed, other.seed);
    cr_assert_str_neq(token.hash, other.hash);
    const char *text = cab_mail_token_text(mem, &conf, token.seed, token.hash);
    cr_assert_not_null(text);
    cr_assert_eq(strlen(text), 43);
    cab_mail_token_hash(text, hash);
    cr_assert_str_eq(hash, token.hash);
    next.secret_key = "another secret key that is long enough";
    cr_assert_null(cab_mail_token_text(mem, &next, token.seed, token.hash));
    next.secret_key_previous = conf.secret_key;
    cr_assert_str_eq(cab_mail_token_text(mem, &next, token.seed, token.hash), text);
    cr_assert_null(cab_mail_token_text(mem, &conf, token.seed, other.hash));
    cr_assert_null(cab_mail_token_text(mem, &conf, "not hex", token.hash));
    cab_mem_free(mem);
}

Test(folder, takes_each_mail_as_one_private_file) {
    struct stand stand;
    stand_open_outbox(&stand);
    stand.conf.mail_folder = cab_printf(stand.mem, "%s/new", stand.conf.mail_folder);
    const char *id = write_mail(&stand, "reset_password", "ann@example.org");
    cr_assert_eq(send_due(&stand), 1);
    DIR *folder = opendir(stand.conf.mail_folder);
    struct stat info;
    int n = 0;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        n++;
        const char *path = cab_printf(stand.mem, "%s/%s", stand.conf.mail_folder, entry->d_name);
        cr_assert_not_null(strstr(entry->d_name, cab_printf(stand.mem, "-%s-reset_password.eml", id)));
        cr_assert_eq(stat(path, &info), 0);
        cr_assert_eq(info.st_mode & 0777, 0600);
        cr_assert_not_null(strstr(file_text(&stand, path), "To: <ann@example.org>"));
    }
    closedir(folder);
    cr_assert_eq(n, 1);
    stand.conf.mail_folder = "/nonexistent/folder";
    id = write_mail(&stand, "reset_password", "ann@example.org");
    cr_assert_eq(send_due(&stand), 0);
    cr_assert_str_eq(status_of(&stand, id), "queued");
    stand_close(&stand);
}

Test(outbox, a_token_that_was_replaced_or_used_is_not_sent_any_more) {
    struct stand stand;
    stand_open_outbox(&stand);
    const char *id = write_mail(&stand, "reset_password", "ann@example.org");
    stand_value(&stand, "UPDATE public.one_time_tokens SET used_at = now() WHERE token_hash = (SELECT token_hash FROM "
                        "public.mail_outbox WHERE id = $1::bigint)", id);
    cr_assert_eq(send_due(&stand), 0);
    cr_assert_str_eq(status_of(&stand, id), "void");
    stand_close(&stand);
}

Test(outbox, a_claim_that_ran_out_is_taken_over_and_its_holder_writes_nothing_more) {
    struct stand stand;
    stand_open_outbox(&stand);
    const char *id = write_mail(&stand, "password_changed", "ann@example.org");
    stand_value(&stand, "UPDATE public.mail_outbox SET status = 'sending', attempts = 1, next_try = now() + "
                        "interval '1 minute' WHERE id = $1::bigint", id);
    cr_assert_eq(send_due(&stand), 0); /* somebody is at it */
    stand_value(&stand, "UPDATE public.mail_outbox SET next_try = now() WHERE id = $1::bigint", id);
    cr_assert_eq(send_due(&stand), 1);
    cr_assert_str_eq(status_of(&stand, id), "sent");
    cr_assert_str_eq(stand_value(&stand, "SELECT attempts FROM public.mail_outbox WHERE id = $1::bigint", id), "2");
    stand_close(&stand);
}

Test(outbox, a_missing_template_keeps_its_mail_and_hinders_no_other) {
    struct stand stand;
    stand_open_outbox(&stand);
    const char *odd = write_mail(&stand, "no_such_kind", "ann@example.org");
    const char *good = write_mail(&stand, "password_changed", "ann@example.org");
    cr_assert_eq(send_due(&stand), 1);
    cr_assert_str_eq(status_of(&stand, odd), "queued");
    cr_assert_str_eq(status_of(&stand, good), "sent");
    stand_close(&stand);
}
