/*
 * Printed settings: complete, readable again, without secrets.
 */
#include "unit/conf/conf_test.h"

#include <criterion/redirect.h>

static void redirect(void) {
    clean();
    cr_redirect_stdout();
}

static char *printed(const struct cab_conf *conf) {
    static char text[16384];
    cab_conf_print(conf);
    fflush(stdout);
    FILE *f = cr_get_redirected_stdout();
    size_t n = fread(text, 1, sizeof text - 1, f);
    text[n] = '\0';
    return text;
}

TestSuite(print, .init = redirect, .fini = remove_folder);

Test(print, shows_all_settings_and_no_secret) {
    put("cabinet.env", "SECRET_KEY=u8Zt4Qw1Lk9Xc7Vb2Nm5As3Df6Gh0Jp8\nFIRST_SUPERUSER_PASSWORD=hunter2\n"
                       "DATABASE_URL=postgresql://app:hunter2@db/cabinet\n");
    struct cab_conf *conf = loaded(NULL, NULL);
    char *text = printed(conf);
    for (const struct cab_setting *s = cab_settings; s->name != NULL; s++)
        cr_expect(strstr(text, cab_printf(mem, "%s=", s->name)) != NULL, "%s", s->name);
    cr_expect(strstr(text, "hunter2") == NULL && strstr(text, "u8Zt4Qw1") == NULL);
    cr_expect(strstr(text, "SECRET_KEY=***\n") != NULL);
    cr_expect(strstr(text, "SECRET_KEY_PREVIOUS=\n") != NULL);
    cr_expect(strstr(text, "DATABASE_URL=postgresql://app:***@db/cabinet\n") != NULL);
    cr_expect(strstr(text, "DB_POOL_SIZE=20\n") != NULL && strstr(text, "DB_POOL_PRE_PING=true\n") != NULL);
    cab_mem_free(conf);
}

Test(print, can_be_read_again) {
    put("cabinet.env", "LISTEN='unix:/run/a \"quoted\" $folder/x.sock'\nREGISTRATION=invite\n");
    struct cab_conf *conf = loaded(NULL, NULL);
    put("again.env", printed(conf));
    cr_assert(remove(cab_printf(mem, "%s/cabinet.env", folder)) == 0);
    struct cab_conf *again = loaded(cab_printf(mem, "%s/again.env", folder), NULL);
    cr_expect_str_eq(again->listen, "unix:/run/a \"quoted\" $folder/x.sock");
    cr_expect_str_eq(again->registration, "invite");
    cab_mem_free(conf);
    cab_mem_free(again);
}

TestSuite(mask_url, .init = clean, .fini = remove_folder);

Test(mask_url, hides_every_password) {
    static const struct { const char *url, *shown; } cases[] = {
        { "postgresql://h/d", "postgresql://h/d" },
        { "postgresql://u@h/d", "postgresql://u@h/d" },
        { "postgresql://u:secret@h/d", "postgresql://u:***@h/d" },
        { "postgresql://u:s@cret@h/d", "postgresql://u:***@h/d" },
        { "postgresql://u:@h/d", "postgresql://u:***@h/d" },
        { "postgresql://u@h/d?password=secret", "postgresql://u@h/d?password=***" },
        { "postgresql://u@h/d?a=1&password=secret&b=2", "postgresql://u@h/d?a=1&password=***&b=2" },
        { "postgresql://u@h/d?sslpassword=secret", "postgresql://u@h/d?sslpassword=***" },
        { "postgresql://u@[::1]:5432/d", "postgresql://u@[::1]:5432/d" },
        { "host=h password=secret dbname=d", "host=h password=*** dbname=d" },
        { "password = 'se cr\\'et' host=h", "password = *** host=h" },
        { "host=h password=se\\ cret dbname=d", "host=h password=*** dbname=d" },
        { "host=h PASSWORD=secret", "host=h PASSWORD=***" },
        { "host=h passfile=/x", "host=h passfile=/x" },
    };
    for (size_t i = 0; i < CAB_LENGTH(cases); i++) {
        char *shown = cab_conf_mask_url(mem, cases[i].url);
        cr_expect_str_eq(shown, cases[i].shown);
        cab_mem_free(shown);
    }
}
