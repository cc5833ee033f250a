/*
 * Housekeeping: one process works, another waits; jobs do what they say; it outlives its connections.
 */
#include "process/server.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define OURS "housekeeping for this database is ours"

TestSuite(housekeeping, .timeout = 60);

static void end_backend(void) {
    sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'cabinet[housekeeping]' "
        "AND datname = current_database()");
}

static void expect_prompt_end(struct server *server) {
    double began = now_seconds();
    int status = server_stop(server, SIGTERM);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    cr_expect(now_seconds() - began < 1, "%g s", now_seconds() - began);
}

Test(housekeeping, runs_its_jobs_at_once) {
    sql("DELETE FROM public.users WHERE username = 'kept_by_nobody'");
    sql("INSERT INTO public.users (email, username) VALUES ('kept@example.com', 'kept_by_nobody')");
    sql("INSERT INTO public.sessions (user_id, expires) SELECT u.id, now() - interval '1 minute' FROM public.users u, "
        "generate_series(1, 2500) WHERE u.username = 'kept_by_nobody'");
    sql("INSERT INTO public.sessions (user_id, expires) SELECT u.id, now() + interval '1 hour' FROM public.users u "
        "WHERE u.username = 'kept_by_nobody'");
    struct server *server = server_launch_housekeeper("");
    WAIT_UNTIL(server_logged(server, "job expired_sessions: ") == 1, 10);
    cr_expect_str_eq(sql("SELECT count(*) FROM public.sessions WHERE expires <= now()"), "0");
    cr_expect_str_eq(sql("SELECT count(*) FROM public.sessions s JOIN public.users u ON u.id = s.user_id "
                         "WHERE u.username = 'kept_by_nobody'"), "1");
    cr_expect_str_eq(sql("SELECT count(*) >= 4 FROM pg_inherits WHERE inhparent = 'public.audit_logs'::regclass"), "t");
    cr_expect(server_logged(server, "failed") == 0, "%s", server_text(server));
    expect_prompt_end(server);
    sql("DELETE FROM public.users WHERE username = 'kept_by_nobody'");
}

Test(housekeeping, is_one_process_and_survives_its_connection) {
    struct server *first = server_launch_housekeeper("");
    WAIT_UNTIL(server_logged(first, OURS) == 1, 10);
    struct server *second = server_launch_housekeeper("");
    sleep_ms(500);
    cr_expect(server_logged(second, OURS) == 0, "the first has it");
    expect_prompt_end(second);
    for (int i = 0; i < 3; i++) {
        end_backend();
        sleep_ms(200);
        cr_expect(is_running(first->pid));
    }
    WAIT_UNTIL(atoi(sql("SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
                        "WHERE l.locktype = 'advisory' AND l.granted "
                        "AND a.application_name = 'cabinet[housekeeping]'")) == 1, 5);
    expect_prompt_end(first);
}

Test(housekeeping, waits_for_a_database_that_is_away) {
    struct server *server = server_launch_housekeeper("DATABASE_URL=host=/nonexistent dbname=none user=none");
    WAIT_UNTIL(server_logged(server, "housekeeping waits for the database") == 1, 5);
    sleep_ms(2500);
    cr_expect(server_logged(server, "housekeeping waits for the database") == 1, "it says so once");
    cr_expect(is_running(server->pid));
    server_settings(server, "");
    kill(server->pid, SIGHUP);
    WAIT_UNTIL(server_logged(server, OURS) == 1, 10);
    server_settings(server, "DB_POOL_SIZE=none");
    kill(server->pid, SIGHUP);
    WAIT_UNTIL(server_logged(server, "reload refused") == 1, 5);
    cr_expect(is_running(server->pid));
    expect_prompt_end(server);
}
