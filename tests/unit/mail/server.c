/*
 * Help for the tests of mail.
 */
#include "server.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

void stand_open_outbox(struct stand *stand) {
    stand_open(stand);
    /* held until the connection closes: tests run side by side, and each sends all that is due */
    stand_value(stand, "SELECT pg_advisory_lock(hashtext($1))::text", "the outbox is one test's");
    stand_value(stand, "UPDATE public.mail_outbox SET status = 'void' WHERE status IN ('queued', 'sending') "
                       "AND $1 = ''", "");
    stand->conf.mail_smtp_url = NULL;
    stand->conf.mail_folder = make_folder(stand);
}

const char *make_folder(struct stand *stand) {
    const char *parent = getenv("TMPDIR");
    char *path = cab_printf(stand->mem, "%s/cabinet-mail-XXXXXX", parent != NULL ? parent : "/tmp");
    cr_assert_not_null(mkdtemp(path), "%s", strerror(errno));
    return path;
}

static void run(const char *const *arguments) {
    pid_t pid = fork();
    int status;
    cr_assert_geq(pid, 0);
    if (pid == 0) {
        if (freopen("/dev/null", "w", stderr) == NULL)
            _exit(127);
        execvp(arguments[0], (char *const *)(uintptr_t)arguments);
        _exit(127);
    }
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s failed", arguments[0]);
}

const char *make_certificate(struct stand *stand) {
    const char *path = cab_printf(stand->mem, "%s/cert.pem", make_folder(stand));
    run(OPTIONS("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", path,
                "-out", cab_printf(stand->mem, "%s.crt", path)));
    run(OPTIONS("sh", "-c", "cat \"$1.crt\" >> \"$1\"", "sh", path));
    return path;
}

struct server server_start(struct stand *stand, int port, const char *const *options) {
    struct server server = { .folder = make_folder(stand) };
    const char *arguments[16] = { "/usr/bin/python3", TESTS_SRCDIR "/unit/mail/smtp_server.py", server.folder, "--port",
                                  cab_printf(stand->mem, "%d", port) };
    int n = 5, out[2];
    char line[64] = "";

    for (; options != NULL && *options != NULL; options++)
        arguments[n++] = *options;
    cr_assert_eq(pipe(out), 0);
    server.pid = fork();
    cr_assert_geq(server.pid, 0);
    if (server.pid == 0) {
        dup2(out[1], STDOUT_FILENO);
        close(out[0]);
        close(out[1]);
        execvp(arguments[0], (char *const *)(uintptr_t)arguments);
        _exit(127);
    }
    close(out[1]);
    for (size_t got = 0; strchr(line, '\n') == NULL && got < sizeof line - 1 && read(out[0], line + got, 1) == 1;)
        got++;
    close(out[0]);
    cr_assert_not_null(strchr(line, '\n'), "the mail server did not start; is python3-aiosmtpd installed?");
    server.port = atoi(line);
    stand->conf.mail_smtp_url = cab_printf(stand->mem, "smtp://localhost:%d", server.port);
    stand->conf.mail_smtp_tls = "off";
    return server;
}

void server_end(struct server *server, int signal) {
    if (server->pid <= 0)
        return;
    kill(server->pid, signal);
    cr_assert_eq(waitpid(server->pid, NULL, 0), server->pid);
    server->pid = 0;
}

const char *file_text(struct stand *stand, const char *path) {
    FILE *file = fopen(path, "r");
    char *text = cab_mem_zero(stand->mem, 1, 65536);
    cr_assert_not_null(file, "%s", path);
    cr_assert_lt(fread(text, 1, 65535, file), 65535);
    fclose(file);
    return text;
}

int taken(struct stand *stand, const struct server *server, const char *recipient, const char **text_out) {
    DIR *folder = opendir(server->folder);
    int n = 0;
    cr_assert_not_null(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        size_t length = strlen(entry->d_name);
        if (strncmp(entry->d_name, recipient, strlen(recipient)) != 0 || length < 4 ||
            strcmp(entry->d_name + length - 4, ".eml") != 0)
            continue;
        n++;
        if (text_out != NULL)
            *text_out = file_text(stand, cab_printf(stand->mem, "%s/%s", server->folder, entry->d_name));
    }
    closedir(folder);
    return n;
}

static const char *value_of(struct stand *stand, const char *sql, int n, const char *const *values) {
    struct cab_result *result;
    struct cab_err err = { 0 };
    cr_assert_eq(cab_db_query(stand->db, stand->mem, CAB_SHAPE_ONE, sql, n, values, &result, &err), 0, "%s %s",
                 err.detail, err.internal);
    return cab_result_value(result, 0, 0);
}

const char *write_mail(struct stand *stand, const char *kind, const char *recipient) {
    enum cab_mail_kind known = cab_mail_kind_find(kind);
    bool has_token = known != 0 && cab_mail_kind_page(known) != NULL;
    struct cab_mail_token token;
    cab_mail_token_make(&stand->conf, &token);
    const char *values[] = { kind, recipient, has_token ? token.seed : NULL, has_token ? token.hash : NULL };
    return value_of(stand,
                    "WITH token AS (INSERT INTO public.one_time_tokens (token_hash, kind, email, expires) "
                    "SELECT decode($4, 'hex'), $1, $2, now() + interval '1 day' WHERE $4 IS NOT NULL) "
                    "INSERT INTO public.mail_outbox (kind, recipient, facts, token_seed, token_hash) VALUES ($1, $2, "
                    "'{\"username\":\"Zo\xC3\xAB <b>\",\"email\":\"new@example.org\",\"when\":\"2030-01-01 00:00 UTC\","
                    "\"days\":3}', decode($3, 'hex'), decode($4, 'hex')) RETURNING id",
                    4, values);
}

int64_t send_due(struct stand *stand) {
    struct cab_err err = { 0 };
    int64_t sent = 0;
    cr_assert_eq(cab_mail_send_due(stand->db, &stand->conf, stand->mem, NULL, &sent, &err), 0, "%s %s", err.detail,
                 err.internal);
    return sent;
}

const char *status_of(struct stand *stand, const char *id) {
    return value_of(stand, "SELECT status FROM public.mail_outbox WHERE id = $1::bigint", 1, &id);
}
