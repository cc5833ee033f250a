/*
 * Where settings come from, which source wins, and what is said of wrong ones.
 */
#include "unit/conf/conf_test.h"

#include <criterion/redirect.h>

TestSuite(load, .init = clean, .fini = remove_folder);

Test(load, without_sources_every_setting_has_its_default) {
    struct cab_conf *conf = loaded(NULL, NULL);
    cr_expect(conf->db_pool_size == 20 && conf->db_max_overflow == 30 && conf->db_pool_timeout == 30);
    cr_expect(conf->db_pool_recycle == 3600 && conf->db_pool_pre_ping && conf->db_prepared);
    cr_expect(conf->database_url == NULL && conf->secret_key == NULL);
    cr_expect_str_eq(conf->pool, "api");
    cr_expect_str_eq(conf->listen, "unix:/run/cabinet/api.sock");
    cr_expect_str_eq(conf->registration, "open");
    cr_expect(!conf->require_verified_email);
    cab_mem_free(conf);
}

Test(load, later_sources_win) {
    static const char *const expected[] = { "20", "1", "2", "3", "4", "5" };
    struct cab_conf *conf;
    char *file = NULL;
    for (int i = 0; i < 6; i++) {
        if (i == 1)
            put("cabinet.env", "DB_POOL_SIZE=1\n");
        else if (i == 2)
            put("auth.env", "DB_POOL_SIZE=2\n");
        else if (i == 3)
            put(".env", "DB_POOL_SIZE=3\n");
        else if (i == 4)
            file = put("file.env", "DB_POOL_SIZE=4\n");
        else if (i == 5)
            setenv("DB_POOL_SIZE", "5", 1);
        conf = loaded(file, "auth");
        cr_expect(conf->db_pool_size == atoi(expected[i]), "after %d sources: %d", i, (int)conf->db_pool_size);
        cab_mem_free(conf);
    }
}

Test(load, a_pool_has_its_own_file_and_socket) {
    put("auth.env", "DB_POOL_SIZE=7\n");
    struct cab_conf *auth = loaded(NULL, "auth"), *api = loaded(NULL, NULL);
    cr_expect(auth->db_pool_size == 7 && api->db_pool_size == 20);
    cr_expect_str_eq(auth->listen, "unix:/run/cabinet/auth.sock");
    cab_mem_free(auth);
    cab_mem_free(api);
}

Test(load, an_empty_value_means_the_default) {
    put("cabinet.env", "DB_POOL_SIZE=7\nLISTEN_GROUP=web\n");
    setenv("DB_POOL_SIZE", "", 1);
    setenv("LISTEN_GROUP", "", 1);
    struct cab_conf *conf = loaded(NULL, NULL);
    cr_expect(conf->db_pool_size == 20);
    cr_expect(conf->listen_group == NULL);
    cab_mem_free(conf);
}

Test(load, limits_hold_exactly) {
    for (const struct cab_setting *s = cab_settings; s->name != NULL; s++) {
        if (s->type != CAB_SETTING_INT)
            continue;
        char *below = cab_printf(mem, "%s=%lld\n", s->name, (long long)s->min - 1);
        char *above = cab_printf(mem, "%s=%lld\n", s->name, (long long)s->max + 1);
        cr_expect(strstr(complaint(below), s->name) != NULL, "%s", below);
        cr_expect(strstr(complaint(above), s->name) != NULL, "%s", above);
    }
}

Test(load, wrong_values_are_refused_with_a_remedy) {
    static const struct { const char *line, *says; } cases[] = {
        { "DB_POOL_SIZE=none", "DB_POOL_SIZE must be a whole number from 1 to 1000; the default is 20." },
        { "DB_POOL_SIZE=10 ten", "must be a whole number" },
        { "DB_POOL_SIZE=1e3", "must be a whole number" },
        { "DB_POOL_PRE_PING=yes", "DB_POOL_PRE_PING must be true or false." },
        { "REGISTRATION=closed", "REGISTRATION must be one of open|invite|off; the default is open." },
        { "REGISTRATION=ope", "must be one of" },
        { "REGISTRATION=open|invite", "must be one of" },
        { "DATABASE_URL=mysql://host/db", "must begin with postgresql://" },
        { "DATABASE_URL=postgresql+asyncpg://host/db", "must begin with postgresql://" },
        { "DATABASE_URL=cabinet", "must be postgresql://user@host:port/database" },
        { "SECRET_KEY=too-short", "SECRET_KEY must have at least 32 bytes" },
        { "SECRET_KEY=your-secret-key-here-change-in-production", "sample value" },
        { "SECRET_KEY=09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7", "sample value" },
        { "SECRET_KEY=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "repeats a few characters" },
        { "SECRET_KEY_PREVIOUS=short", "SECRET_KEY_PREVIOUS must have at least 32 bytes" },
        { "LISTEN=/run/x.sock", "LISTEN must be unix:/path" },
        { "LISTEN=unix:relative", "absolute path" },
        { "LISTEN=localhost", "LISTEN must be" },
        { "LISTEN=localhost:0", "LISTEN must be" },
        { "LISTEN=localhost:65536", "LISTEN must be" },
        { "LISTEN=::1:80", "LISTEN must be" },
        { "LISTEN_MODE=rw", "LISTEN_MODE must be octal" },
        { "LISTEN_MODE=4755", "LISTEN_MODE must be octal" },
        { "LISTEN_BACKLOG=1023", "LISTEN_BACKLOG must be a whole number from 1024" },
        { "PAGE_SIZE_DEFAULT=101", "PAGE_SIZE_DEFAULT must not exceed PAGE_SIZE_MAX" },
        { "WORKER_STUCK_TIMEOUT=30", "must exceed DB_STATEMENT_TIMEOUT" },
        { "DB_LOCK_TIMEOUT=31", "must not exceed DB_STATEMENT_TIMEOUT" },
        { "CORS_ORIGINS=*", "CORS_ORIGINS must list origins" },
        { "CORS_ORIGINS=https://a.example.org, b.example.org", "CORS_ORIGINS must list origins" },
        { "CORS_ORIGINS=https://a.example.org/path", "CORS_ORIGINS must list origins" },
        { "PUBLIC_URL=https://api.example.org/", "PUBLIC_URL must be like" },
        { "TRUSTED_PROXIES=10.0.0.0/8,proxy", "TRUSTED_PROXIES must list" },
        { "FIRST_SUPERUSER=root", "FIRST_SUPERUSER must be an e-mail address" },
        { "FRONTEND_URL=app.example.org", "FRONTEND_URL must be like" },
        { "FRONTEND_URL=https://app.example.org/", "FRONTEND_URL must be like" },
        { "FRONTEND_URL=https://app.example.org/#x", "FRONTEND_URL must be like" },
        { "MAIL_FROM=nobody", "MAIL_FROM must be an address" },
        { "MAIL_FROM=Cabinet <a@b", "MAIL_FROM must be an address" },
        { "MAIL_FROM=a@b, c@d", "MAIL_FROM must be an address" },
        { "MAIL_SMTP_URL=mail.example.org", "MAIL_SMTP_URL must be smtp://" },
        { "MAIL_SMTP_URL=smtp://me:secret@mail.example.org", "MAIL_SMTP_URL must be smtp://" },
        { "MAIL_SMTP_PASSWORD=x", "MAIL_SMTP_USER must be set" },
        { "MAIL_SMTP_URL=smtp://host\nMAIL_SMTP_USER=x\nMAIL_SMTP_TLS=try", "MAIL_SMTP_TLS must be require" },
        { "OAUTH_PROVIDERS=corp", "OAUTH_PROVIDERS names a provider without its address" },
        { "OAUTH_PROVIDERS=Corp=https://a.example", "OAUTH_PROVIDERS has names of a-z" },
        { "OAUTH_PROVIDERS=corp=http://sso.example.org", "http is for localhost only" },
        { "OAUTH_PROVIDERS=corp=https://a.example corp=https://b.example", "OAUTH_PROVIDERS names a provider twice" },
        { "OAUTH_PROVIDERS=google\nPUBLIC_URL=https://a.example", "OAUTH_CLIENT_IDS must have a client id for each" },
        { "OAUTH_PROVIDERS=google\nOAUTH_CLIENT_IDS=google=1", "PUBLIC_URL must be set where OAUTH_PROVIDERS is" },
        { "OAUTH_PROVIDERS=google\nOAUTH_CLIENT_IDS=google=1 corp=2", "OAUTH_CLIENT_IDS names a provider that is not" },
        { "OAUTH_PROVIDERS=google\nOAUTH_CLIENT_IDS=google", "OAUTH_CLIENT_IDS must list name=value" },
        { "OAUTH_PROVIDERS=google\nOAUTH_CLIENT_IDS=google=1 google=2", "gives a provider two client ids" },
        { "OAUTH_PROVIDERS=apple\nOAUTH_CLIENT_IDS=apple=1\nPUBLIC_URL=https://a.example",
          "OAUTH_APPLE_KEY_FILE must be set for apple" },
        { "PASSWORD_HASH_MEMORY=64\nPASSWORD_HASH_PARALLELISM=9", "PASSWORD_HASH_MEMORY must be at least 8 KiB" },
    };
    for (size_t i = 0; i < CAB_LENGTH(cases); i++) {
        const char *said = complaint(cases[i].line);
        cr_expect(strstr(said, cases[i].says) != NULL, "%s: %s", cases[i].line, said);
    }
}

Test(load, right_values_are_taken) {
    static const char *const lines[] = {
        "LISTEN=127.0.0.1:9000", "LISTEN=[::1]:9000", "LISTEN=*:9000", "LISTEN=unix:/run/cabinet/x y.sock",
        "LISTEN_MODE=660", "LISTEN_MODE=0600", "CORS_ORIGINS=https://a.example.org,http://localhost:3000",
        "PUBLIC_URL=https://api.example.org:8443", "TRUSTED_PROXIES=10.0.0.0/8, 2001:db8::/32, unix:",
        "DATABASE_URL=postgres://u@h1:5432,h2/db?target_session_attrs=read-write", "DATABASE_URL=host=/run dbname=x",
        "SECRET_KEY=u8Zt4Qw1Lk9Xc7Vb2Nm5As3Df6Gh0Jp8", "DB_STATEMENT_TIMEOUT=0\nDB_LOCK_TIMEOUT=60",
        "FIRST_SUPERUSER=admin@example.org",
        "OAUTH_PROVIDERS=google corp=https://sso.example.org/realms/a  lab=http://localhost:9\n"
        "OAUTH_CLIENT_IDS=google=1 corp=2 lab=3\nOAUTH_CLIENT_SECRETS=corp=a=b\nPUBLIC_URL=https://a.example",
    };
    for (size_t i = 0; i < CAB_LENGTH(lines); i++) {
        const char *said = complaint(lines[i]);
        cr_expect(*said == '\0', "%s: %s", lines[i], said);
    }
}

Test(load, socket_paths_end_at_107_bytes) {
    char *path = cab_printf(mem, "/%0106d", 0);
    cr_expect(*complaint(cab_printf(mem, "LISTEN=unix:%s", path)) == '\0');
    const char *said = complaint(cab_printf(mem, "LISTEN=unix:%s0", path));
    cr_expect(strstr(said, "107 bytes") != NULL, "%s", said);
}

Test(load, all_faults_are_named_at_once) {
    char *file = put("all.env", "DB_POOL_SIZE=0\nLOG_LEVEL=loud\nACCESS_LOG=maybe\nbroken\n");
    struct cab_conf_sources from = sources(file, NULL);
    static const char *const required[] = { "DATABASE_URL", "SECRET_KEY", NULL };
    struct cab_conf *conf = NULL;
    struct cab_err err = { 0 };
    from.required = required;
    cr_assert(cab_conf_load_from(mem, &from, &conf, &err) == -1);
    int n = 0;
    for (const struct cab_flaw *flaw = err.flaws; flaw != NULL; flaw = flaw->next)
        n++;
    /* the file is broken, so nothing of it counts; what is required is missing */
    cr_expect(n == 3, "%d", n);
    put("all.env", "DB_POOL_SIZE=0\nLOG_LEVEL=loud\nACCESS_LOG=maybe\n");
    cab_err_clear(&err);
    cr_assert(cab_conf_load_from(mem, &from, &conf, &err) == -1);
    static const char *const names[] = { "DB_POOL_SIZE", "LOG_LEVEL", "ACCESS_LOG", "DATABASE_URL", "SECRET_KEY" };
    const struct cab_flaw *flaw = err.flaws;
    for (size_t i = 0; i < CAB_LENGTH(names); i++, flaw = flaw->next) {
        cr_assert(flaw != NULL);
        cr_expect_str_eq(flaw->name, names[i]);
    }
    cr_expect(flaw == NULL);
    cr_expect(strstr(err.detail, "DB_POOL_SIZE must be") != NULL && strstr(err.detail, "LOG_LEVEL must be") != NULL);
}

Test(load, complaints_never_show_secrets) {
    cr_expect(strstr(complaint("SECRET_KEY=hunter2"), "hunter2") == NULL);
    cr_expect(strstr(complaint("DATABASE_URL=mysql://u:hunter2@h/d"), "hunter2") == NULL);
}

Test(load, a_named_file_must_exist) {
    struct cab_conf_sources from = sources("/nonexistent.env", NULL);
    struct cab_conf *conf = NULL;
    struct cab_err err = { 0 };
    cr_assert(cab_conf_load_from(mem, &from, &conf, &err) == -1);
    cr_expect(strstr(err.detail, "/nonexistent.env does not exist") != NULL);
}

Test(load, pool_names_are_plain_words) {
    static const char *const names[] = { "", "../api", "a b", "Api", "a/b" };
    for (size_t i = 0; i < CAB_LENGTH(names); i++) {
        struct cab_conf_sources from = sources(NULL, names[i]);
        struct cab_conf *conf = NULL;
        struct cab_err err = { 0 };
        cr_expect(cab_conf_load_from(mem, &from, &conf, &err) == -1, "%s", names[i]);
    }
}

static void redirect(void) {
    cr_redirect_stderr();
}

Test(load, unknown_names_are_warned_about_with_the_nearest, .init = redirect) {
    put("cabinet.env", "DB_POOL_SIZ=3\nWEATHER_OF_TOMORROW=fine\n");
    struct cab_conf *conf = loaded(NULL, NULL);
    cr_expect(conf->db_pool_size == 20);
    cab_mem_free(conf);
    fflush(stderr);
    char text[2048];
    FILE *f = cr_get_redirected_stderr();
    size_t n = fread(text, 1, sizeof text - 1, f);
    text[n] = '\0';
    cr_expect(strstr(text, "env line 1: DB_POOL_SIZ is not a setting; did you mean DB_POOL_SIZE?") != NULL, "%s", text);
    cr_expect(strstr(text, "line 2: WEATHER_OF_TOMORROW is not a setting and is ignored") != NULL, "%s", text);
}
