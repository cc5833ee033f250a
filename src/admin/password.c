/*
 * Where a new password comes from.  Never from the command line, which everybody on the machine can read.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "admin/admin.h"

#define ROOM 1100 /* the longest password and more, so that a longer one is seen */

/* One line of file without its end; -1 at the end of the file. */
static int read_line(FILE *file, char *line) {
    if (fgets(line, ROOM, file) == NULL)
        return -1;
    line[strcspn(line, "\n")] = '\0';
    return 0;
}

static int ask(FILE *terminal, const char *question, char *line) {
    struct termios shown, hidden;
    int fd = fileno(terminal);

    fprintf(terminal, "%s: ", question);
    fflush(terminal);
    if (tcgetattr(fd, &shown) != 0)
        return -1;
    hidden = shown;
    hidden.c_lflag &= (tcflag_t)~ECHO;
    if (tcsetattr(fd, TCSAFLUSH, &hidden) != 0)
        return -1;
    int rc = read_line(terminal, line);
    tcsetattr(fd, TCSAFLUSH, &shown);
    fputc('\n', terminal);
    return rc;
}

static int ask_twice(struct admin *admin, char *password, struct cab_err *err) {
    FILE *terminal = fopen("/dev/tty", "r+");
    char *again = cab_mem_secret(admin->mem, ROOM);
    int rc = -1;

    if (terminal == NULL)
        return cab_fail(err, CAB_PROBLEM_INVALID,
                        "There is no terminal to ask for the password. Use --password-stdin or CABINET_PASSWORD.");
    if (ask(terminal, "Password", password) != 0 || ask(terminal, "Once more", again) != 0)
        cab_fail(err, CAB_PROBLEM_INVALID, "No password was given.");
    else if (strcmp(password, again) != 0)
        cab_fail(err, CAB_PROBLEM_INVALID, "The two passwords differ. Nothing was changed.");
    else
        rc = 0;
    fclose(terminal);
    return rc;
}

int admin_read_password(struct admin *admin, const char **password_out, struct cab_err *err) {
    char *password = cab_mem_secret(admin->mem, ROOM);
    const char *from_environment = getenv("CABINET_PASSWORD");

    *password_out = password;
    if (admin->password_stdin) {
        if (read_line(stdin, password) != 0)
            return cab_fail(err, CAB_PROBLEM_INVALID, "There is no password on standard input.");
        return 0;
    }
    if (from_environment != NULL) {
        *password_out = from_environment;
        return 0;
    }
    return ask_twice(admin, password, err);
}
