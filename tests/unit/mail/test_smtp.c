/*
 * Mail to a real server: every kind arrives, once; what the server does not take now goes later.
 */
#include "server.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void make_due(struct stand *stand) {
    stand_value(stand, "UPDATE public.mail_outbox SET next_try = now() WHERE status IN ('queued', 'sending') "
                       "AND $1 = ''", "");
}

Test(smtp, every_kind_arrives_over_tls_with_a_login) {
    struct stand stand;
    stand_open_outbox(&stand);
    const char *cert = make_certificate(&stand);
    struct server server = server_start(&stand, 0, OPTIONS("--cert", cert, "--password", "cab:se cret"));
    stand.conf.mail_smtp_tls = "require";
    stand.conf.mail_smtp_ca_file = cert;
    stand.conf.mail_smtp_user = "cab";
    stand.conf.mail_smtp_password = "se cret";
    stand.conf.frontend_url = "https://app.example.org";
    for (int kind = 1; kind < CAB_MAIL__MAX; kind++) {
        const char *name = cab_mail_kind_name((enum cab_mail_kind)kind), *text;
        const char *recipient = cab_printf(stand.mem, "%s.%s@example.org", name, unique_name(&stand));
        const char *id = write_mail(&stand, name, recipient);
        cr_assert_eq(send_due(&stand), 1, "%s", name);
        cr_assert_str_eq(status_of(&stand, id), "sent");
        cr_assert_eq(taken(&stand, &server, recipient, &text), 1, "%s", name);
        cr_assert_not_null(strstr(text, "X-Tls: True"));
        cr_assert_not_null(strstr(text, "X-Sender: cabinet@cabinet.example"));
        cr_assert_not_null(strstr(text, cab_printf(stand.mem, "To: <%s>\r\n", recipient)));
        bool has_token = cab_mail_kind_page((enum cab_mail_kind)kind) != NULL;
        cr_assert_eq(strstr(text, "app.example.org/") != NULL, has_token, "%s: %s", name, text);
        cr_assert_eq(stand_value(&stand, "SELECT count(*) FROM public.mail_outbox WHERE id = $1::bigint AND "
                                         "(token_seed IS NOT NULL OR token_hash IS NOT NULL OR facts <> '{}')", id)[0],
                     '0');
    }
    server_end(&server, SIGTERM);
    stand_close(&stand);
}

Test(smtp, a_server_that_is_away_delays_and_loses_nothing) {
    struct stand stand;
    stand_open_outbox(&stand);
    struct server server = server_start(&stand, 0, NULL);
    int port = server.port;
    server_end(&server, SIGKILL);
    const char *recipients[5], *ids[5];
    for (size_t i = 0; i < CAB_LENGTH(ids); i++) {
        recipients[i] = cab_printf(stand.mem, "%s@example.org", unique_name(&stand));
        ids[i] = write_mail(&stand, "password_changed", recipients[i]);
    }
    for (int round = 0; round < 3; round++) {
        cr_assert_eq(send_due(&stand), 0);
        make_due(&stand);
    }
    for (size_t i = 0; i < CAB_LENGTH(ids); i++)
        cr_assert_str_eq(status_of(&stand, ids[i]), "queued");
    server = server_start(&stand, port, NULL);
    make_due(&stand);
    cr_assert_eq(send_due(&stand), 5);
    cr_assert_eq(send_due(&stand), 0);
    for (size_t i = 0; i < CAB_LENGTH(ids); i++) {
        cr_assert_str_eq(status_of(&stand, ids[i]), "sent");
        cr_assert_eq(taken(&stand, &server, recipients[i], NULL), 1);
    }
    server_end(&server, SIGTERM);
    stand_close(&stand);
}

Test(smtp, the_pause_between_tries_doubles) {
    struct stand stand;
    stand_open_outbox(&stand);
    stand.conf.mail_smtp_url = "smtp://127.0.0.1:9"; /* nobody listens */
    stand.conf.mail_retry_delay = 40;
    const char *id = write_mail(&stand, "password_changed", "x@example.org");
    static const int least[] = { 38, 78, 158, 318 };
    for (size_t i = 0; i < CAB_LENGTH(least); i++) {
        cr_assert_eq(send_due(&stand), 0);
        long pause = atol(stand_value(
            &stand, "SELECT extract(epoch FROM next_try - now())::bigint FROM public.mail_outbox WHERE id = $1::bigint",
            id));
        cr_assert(pause >= least[i] && pause <= (least[i] + 2) * 5 / 4 + 1, "%ld", pause);
        make_due(&stand);
    }
    stand_value(&stand, "UPDATE public.mail_outbox SET date_created = now() - interval '4 days' WHERE id = $1::bigint",
                id);
    cr_assert_eq(send_due(&stand), 0);
    cr_assert_str_eq(status_of(&stand, id), "failed");
    stand_close(&stand);
}

Test(smtp, a_server_killed_while_it_takes_a_mail_gets_it_again) {
    struct stand stand;
    stand_open_outbox(&stand);
    struct server server = server_start(&stand, 0, OPTIONS("--delay", "5"));
    const char *recipient = cab_printf(stand.mem, "%s@example.org", unique_name(&stand));
    const char *id = write_mail(&stand, "password_changed", recipient);
    pid_t killer = fork();
    if (killer == 0) {
        sleep(1);
        kill(server.pid, SIGKILL);
        _exit(0);
    }
    cr_assert_eq(send_due(&stand), 0);
    cr_assert_str_eq(status_of(&stand, id), "queued");
    waitpid(killer, NULL, 0);
    server_end(&server, SIGKILL);
    server = server_start(&stand, server.port, NULL);
    make_due(&stand);
    cr_assert_eq(send_due(&stand), 1);
    cr_assert_eq(taken(&stand, &server, recipient, NULL), 1);
    server_end(&server, SIGTERM);
    stand_close(&stand);
}

Test(smtp, refusals_end_and_deferrals_wait) {
    struct stand stand;
    stand_open_outbox(&stand);
    struct server server = server_start(&stand, 0, NULL);
    const char *refused = write_mail(&stand, "password_changed", "refused@example.org");
    const char *deferred = write_mail(&stand, "password_changed", "deferred@example.org");
    const char *odd = write_mail(&stand, "password_changed", "a>b@example.org");
    const char *recipient = cab_printf(stand.mem, "%s@example.org", unique_name(&stand));
    const char *good = write_mail(&stand, "password_changed", recipient);
    cr_assert_eq(send_due(&stand), 1);
    cr_assert_str_eq(status_of(&stand, good), "sent");
    cr_assert_str_eq(status_of(&stand, odd), "failed");
    for (int i = 0; i < 4; i++) {
        make_due(&stand);
        cr_assert_eq(send_due(&stand), 0);
    }
    cr_assert_str_eq(status_of(&stand, refused), "failed");
    cr_assert_str_eq(status_of(&stand, deferred), "queued");
    const char *sql = "SELECT attempts FROM public.mail_outbox WHERE id = $1::bigint";
    cr_assert_str_eq(stand_value(&stand, sql, refused), "3");
    cr_assert_eq(taken(&stand, &server, recipient, NULL), 1);
    server_end(&server, SIGTERM);
    stand_close(&stand);
}

Test(smtp, nothing_goes_in_clear_or_to_a_stranger_where_tls_is_required) {
    struct stand stand;
    stand_open_outbox(&stand);
    struct server plain = server_start(&stand, 0, NULL);
    stand.conf.mail_smtp_tls = "require";
    const char *recipient = cab_printf(stand.mem, "%s@example.org", unique_name(&stand));
    const char *id = write_mail(&stand, "password_changed", recipient);
    cr_assert_eq(send_due(&stand), 0);
    cr_assert_eq(taken(&stand, &plain, recipient, NULL), 0);
    server_end(&plain, SIGTERM);

    const char *cert = make_certificate(&stand);
    struct server stranger = server_start(&stand, 0, OPTIONS("--cert", cert));
    stand.conf.mail_smtp_tls = "require"; /* the certificate is nobody's that we know */
    make_due(&stand);
    cr_assert_eq(send_due(&stand), 0);
    stand.conf.mail_smtp_ca_file = cert;
    stand.conf.mail_smtp_user = "cab";
    stand.conf.mail_smtp_password = "wrong";
    make_due(&stand);
    cr_assert_eq(send_due(&stand), 0);
    cr_assert_str_eq(status_of(&stand, id), "queued");
    stand.conf.mail_smtp_user = NULL;
    make_due(&stand);
    cr_assert_eq(send_due(&stand), 1);
    cr_assert_eq(taken(&stand, &stranger, recipient, NULL), 1);
    server_end(&stranger, SIGTERM);

    struct server early = server_start(&stand, 0, OPTIONS("--cert", cert, "--smtps"));
    stand.conf.mail_smtp_url = cab_printf(stand.mem, "smtps://localhost:%d", early.port);
    write_mail(&stand, "password_changed", recipient);
    cr_assert_eq(send_due(&stand), 1);
    server_end(&early, SIGTERM);
    stand_close(&stand);
}

Test(smtp, a_wrong_password_of_ours_loses_no_mail) {
    struct stand stand;
    stand_open_outbox(&stand);
    const char *cert = make_certificate(&stand);
    struct server server = server_start(&stand, 0, OPTIONS("--cert", cert, "--password", "cab:right"));
    stand.conf.mail_smtp_tls = "require";
    stand.conf.mail_smtp_ca_file = cert;
    stand.conf.mail_smtp_user = "cab";
    stand.conf.mail_smtp_password = "wrong";
    const char *id = write_mail(&stand, "password_changed", "x@example.org");
    for (int i = 0; i < 5; i++) {
        cr_assert_eq(send_due(&stand), 0);
        make_due(&stand);
    }
    cr_assert_str_eq(status_of(&stand, id), "queued");
    cr_assert_null(strstr(stand_value(&stand, "SELECT last_error FROM public.mail_outbox WHERE id = $1::bigint", id),
                          "wrong"));
    stand.conf.mail_smtp_password = "right";
    cr_assert_eq(send_due(&stand), 1);
    server_end(&server, SIGTERM);
    stand_close(&stand);
}

/* Several senders at once, as when one housekeeper takes over from another. */
Test(smtp, each_mail_is_sent_once_by_many_senders) {
    struct stand stand;
    stand_open_outbox(&stand);
    struct server server = server_start(&stand, 0, NULL);
    const char *recipients[24];
    pid_t senders[4];
    for (size_t i = 0; i < CAB_LENGTH(recipients); i++) {
        recipients[i] = cab_printf(stand.mem, "%s@example.org", unique_name(&stand));
        write_mail(&stand, "password_changed", recipients[i]);
    }
    for (size_t i = 0; i < CAB_LENGTH(senders); i++) {
        senders[i] = fork();
        if (senders[i] == 0) {
            struct cab_db_options options = { .url = stand.conf.database_url, .application_name = "unit-mail",
                                              .connect_timeout_s = 5, .prepared = true };
            struct cab_db *db;
            struct cab_err err = { 0 };
            int64_t sent = 0;
            void *mem = cab_mem_alloc(NULL, 1);
            bool ok = cab_db_open(mem, &options, &db, &err) == 0 &&
                      cab_mail_send_due(db, &stand.conf, mem, NULL, &sent, &err) == 0;
            _exit(ok ? 0 : 1);
        }
    }
    for (size_t i = 0; i < CAB_LENGTH(senders); i++) {
        int status;
        cr_assert_eq(waitpid(senders[i], &status, 0), senders[i]);
        cr_assert_eq(status, 0);
    }
    for (size_t i = 0; i < CAB_LENGTH(recipients); i++)
        cr_assert_eq(taken(&stand, &server, recipients[i], NULL), 1);
    server_end(&server, SIGTERM);
    stand_close(&stand);
}

static bool stop_at_once(void) {
    static int asked;
    return asked++ > 0;
}

Test(smtp, a_sender_that_is_told_to_end_does_not_wait_for_the_server) {
    struct stand stand;
    stand_open_outbox(&stand);
    struct server server = server_start(&stand, 0, OPTIONS("--delay", "20"));
    const char *id = write_mail(&stand, "password_changed", "x@example.org");
    struct cab_err err = { 0 };
    int64_t sent = 0, start = cab_now_ms();
    cr_assert_eq(cab_mail_send_due(stand.db, &stand.conf, stand.mem, stop_at_once, &sent, &err), 0, "%s", err.detail);
    cr_assert_lt(cab_now_ms() - start, 5000);
    cr_assert_eq(sent, 0);
    cr_assert_str_eq(status_of(&stand, id), "queued");
    server_end(&server, SIGKILL);
    stand_close(&stand);
}
