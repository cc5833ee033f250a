/*
 * server: see server.h.
 */
#include "process/server.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *program(void) {
    const char *path = getenv("CABINET_TEST_CABINETD");
    return path != NULL ? path : BUILD_DIR "/cabinetd";
}

static const char *environment(const char *name) {
    const char *value = getenv(name);
    cr_assert(value != NULL && *value != '\0', "%s is not set; deploy/check runs these tests", name);
    return value;
}

void server_settings(const struct server *server, const char *settings) {
    FILE *f = fopen(server->env, "w");
    cr_assert(f != NULL);
    fprintf(f, "DATABASE_URL=%s\nSECRET_KEY=3f1d0b7c5a9e8642kRzTq-QwErLmNvPxYuHs\nLISTEN=unix:%s\n"
               "DB_POOL_SIZE=2\nDB_MAX_OVERFLOW=0\nLOG_LEVEL=debug\nACCESS_LOG=false\nLISTEN_BACKLOG=1024\n"
               "LOGIN_ATTEMPTS=0\nLOGIN_FAILURES_PER_ADDRESS=0\nLOGIN_FAILURES_PER_ACCOUNT=0\n"
               "RUNTIME_FOLDER=%s\nTHROTTLE_ENTRIES=1024\n%s\n",
            environment("CABINET_TEST_MIGRATED_URL"), server->socket, server->folder, settings);
    fclose(f);
}

/* A listening socket at the server's path, as a service manager would make it. */
static int listen_for(const struct server *server) {
    struct sockaddr_un addr = { .sun_family = AF_UNIX };
    snprintf(addr.sun_path, sizeof addr.sun_path, "%s", server->socket);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    cr_assert(fd >= 0 && bind(fd, (struct sockaddr *)&addr, sizeof addr) == 0 && listen(fd, 64) == 0);
    return fd;
}

/* Settings must come from the file alone. */
static void clean_environment(void) {
    static const char *const kept[] = { "PATH", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS",
                                        "NOTIFY_SOCKET", "WATCHDOG_USEC" };
    char *values[sizeof kept / sizeof kept[0]];
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        values[i] = getenv(kept[i]) != NULL ? strdup(getenv(kept[i])) : NULL;
    clearenv();
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        if (values[i] != NULL)
            setenv(kept[i], values[i], 1);
}

static void run_program(const struct server *server, const char *role, enum server_input input, int listener) {
    char pid[16];
    const char *path = program();
    clean_environment();
    int log = open(server->log, O_WRONLY | O_CREAT | O_APPEND, 0600), null = open("/dev/null", O_RDWR);
    dup2(input == INPUT_SOCKET ? listener : null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    if (input == INPUT_SYSTEMD) {
        dup2(listener, 3);
        snprintf(pid, sizeof pid, "%d", (int)getpid());
        setenv("LISTEN_FDS", "1", 1);
        setenv("LISTEN_PID", pid, 1);
    }
    for (int fd = input == INPUT_SYSTEMD ? 4 : 3; fd < 64; fd++)
        close(fd);
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves nothing behind */
    if (chdir(server->folder) != 0)
        _exit(126);
    execl(path, "cabinetd", "--config", server->env, "--role", role, (char *)NULL);
    _exit(127);
}

static struct server *launch(const char *settings, const char *role, enum server_input input) {
    struct server *server = calloc(1, sizeof *server);
    int listener = -1;
    snprintf(server->folder, sizeof server->folder, "/tmp/cabproc.XXXXXX");
    cr_assert(mkdtemp(server->folder) != NULL);
    snprintf(server->socket, sizeof server->socket, "%s/s", server->folder);
    snprintf(server->log, sizeof server->log, "%s/log", server->folder);
    snprintf(server->env, sizeof server->env, "%s/env", server->folder);
    server_settings(server, settings);
    if (input != INPUT_NULL)
        listener = listen_for(server);
    server->pid = fork();
    cr_assert(server->pid >= 0);
    if (server->pid == 0)
        run_program(server, role, input, listener);
    if (listener >= 0)
        close(listener);
    return server;
}

struct server *server_launch(const char *settings, enum server_input input) {
    return launch(settings, "workers", input);
}

struct server *server_launch_housekeeper(const char *settings) {
    return launch(settings, "housekeeping", INPUT_NULL);
}

static char *read_file(const char *path) {
    FILE *f = fopen(path, "r");
    size_t n = 0;
    char *text = calloc(1, 1 << 20);
    if (f == NULL)
        return text;
    n = fread(text, 1, (1 << 20) - 1, f);
    text[n] = '\0';
    fclose(f);
    return text;
}

struct server *server_start(const char *settings) {
    struct server *server = server_launch(settings, INPUT_NULL);
    WAIT_UNTIL(server_logged(server, "ready: ") > 0 || !is_running(server->pid), 10);
    cr_assert(is_running(server->pid), "it has ended: %s", read_file(server->log));
    return server;
}

static void remove_folder(const struct server *server) {
    char shared[sizeof server->folder + 16];
    snprintf(shared, sizeof shared, "%s/shared.2", server->folder);
    unlink(shared);
    unlink(server->log);
    unlink(server->env);
    unlink(server->socket);
    rmdir(server->folder);
}

int server_stop(struct server *server, int signal) {
    int status = 0;
    pid_t ended = 0;
    kill(server->pid, signal);
    WAIT_UNTIL((ended = waitpid(server->pid, &status, WNOHANG)) != 0, 20);
    cr_assert(ended == server->pid);
    remove_folder(server);
    free(server);
    return status;
}

bool is_running(pid_t pid) {
    char path[64], state = 'Z';
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *f = fopen(path, "r");
    if (f == NULL)
        return false;
    if (fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
        state = 'Z';
    fclose(f);
    return state != 'Z' && state != 'X';
}

/* The process that serves metrics is none of the workers. */
static bool is_monitor(pid_t pid) {
    char path[64], name[32] = "";
    snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
    FILE *f = fopen(path, "r");
    if (f == NULL)
        return false;
    bool is_one = fscanf(f, "%31s", name) == 1 && strcmp(name, "cabinetd-mon") == 0;
    fclose(f);
    return is_one;
}

int server_workers(const struct server *server, pid_t *pids, int n) {
    char path[64];
    int count = 0, pid;
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)server->pid, (int)server->pid);
    FILE *f = fopen(path, "r");
    if (f == NULL)
        return 0;
    while (count < n && fscanf(f, "%d", &pid) == 1)
        if (is_running(pid) && !is_monitor(pid))
            pids[count++] = pid;
    fclose(f);
    return count;
}

int server_count(const struct server *server) {
    pid_t pids[256];
    return server_workers(server, pids, 256);
}

int server_logged(const struct server *server, const char *text) {
    char *log = read_file(server->log);
    int count = 0;
    for (const char *s = log; (s = strstr(s, text)) != NULL; s++)
        count++;
    free(log);
    return count;
}

char *server_text(const struct server *server) {
    return read_file(server->log);
}

long server_number(const struct server *server, const char *text) {
    char *log = read_file(server->log);
    long number = -1;
    for (const char *s = log; (s = strstr(s, text)) != NULL; s++)
        number = atol(s + strlen(text));
    free(log);
    return number;
}

long memory_kib(pid_t pid, const char *kind) {
    char path[64], line[256];
    long kib = -1;
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
    FILE *f = fopen(path, "r");
    cr_assert(f != NULL);
    while (fgets(line, sizeof line, f) != NULL)
        if (strncmp(line, kind, strlen(kind)) == 0 && line[strlen(kind)] == ':')
            kib = atol(line + strlen(kind) + 1);
    fclose(f);
    return kib;
}

bool is_sanitized(pid_t pid) {
    char path[64], line[512];
    bool found = false;
    snprintf(path, sizeof path, "/proc/%d/maps", (int)pid);
    FILE *f = fopen(path, "r");
    cr_assert(f != NULL);
    while (!found && fgets(line, sizeof line, f) != NULL)
        found = strstr(line, "libasan") != NULL;
    fclose(f);
    return found;
}

struct lock { FILE *psql; };

static struct lock *lock_in(const char *table, const char *mode, const char *name_of_mode) {
    struct lock *lock = calloc(1, sizeof *lock);
    char command[512];
    snprintf(command, sizeof command, "psql -qAtX '%s' >/dev/null", environment("CABINET_TEST_DATABASE"));
    lock->psql = popen(command, "we");
    cr_assert(lock->psql != NULL);
    fprintf(lock->psql, "BEGIN; LOCK TABLE %s IN %s MODE;\n", table, mode);
    fflush(lock->psql);
    snprintf(command, sizeof command, "SELECT count(*) FROM pg_locks WHERE relation = '%s'::regclass "
                                      "AND mode = '%s' AND granted", table, name_of_mode);
    WAIT_UNTIL(strcmp(sql(command), "1") == 0, 10);
    return lock;
}

struct lock *lock_take(void) {
    return lock_in("public.audit_logs", "SHARE", "ShareLock");
}

struct lock *lock_table(const char *table) {
    return lock_in(table, "ACCESS EXCLUSIVE", "AccessExclusiveLock");
}

void lock_release(struct lock *lock) {
    fprintf(lock->psql, "ROLLBACK;\n");
    cr_assert(pclose(lock->psql) == 0);
    free(lock);
}

char *sql(const char *statement) {
    char command[4096];
    char *text = calloc(1, 65536);
    snprintf(command, sizeof command, "psql -qAtX -v ON_ERROR_STOP=1 '%s' -c \"%s\"",
             environment("CABINET_TEST_DATABASE"), statement);
    FILE *psql = popen(command, "re");
    cr_assert(psql != NULL);
    size_t n = fread(text, 1, 65535, psql);
    cr_assert(pclose(psql) == 0, "SQL failed: %s", statement);
    while (n > 0 && text[n - 1] == '\n')
        text[--n] = '\0';
    return text;
}
