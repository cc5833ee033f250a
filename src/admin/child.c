/*
 * PostgreSQL's own programs, run for a command.
 */
#include <errno.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "admin/backup.h"

int admin_child(char *const argv[], struct cab_err *err) {
    pid_t pid;
    int status;
    int failed = posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ);

    if (failed != 0)
        return cab_fail(err, CAB_PROBLEM_INVALID,
                        "%s cannot be run: %s; install the client programs of PostgreSQL: apt-get install "
                        "postgresql-client", argv[0], strerror(failed));
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            cab_die("waiting for %s: %s", argv[0], strerror(errno));
    if (WIFSIGNALED(status))
        return cab_fail(err, CAB_PROBLEM_INVALID, "%s was ended by signal %d.", argv[0], WTERMSIG(status));
    if (WEXITSTATUS(status) != 0)
        return cab_fail(err, CAB_PROBLEM_INVALID, "%s ended with status %d; what it said stands above.", argv[0],
                        WEXITSTATUS(status));
    return 0;
}
