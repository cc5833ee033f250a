/*
 * Mail into a folder, for trying things out: one .eml file each, complete or not there at all.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mail/internal.h"

static int write_all(int fd, const char *bytes, size_t n) {
    while (n > 0) {
        ssize_t done = write(fd, bytes, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return -1;
        bytes += done;
        n -= (size_t)done;
    }
    return fsync(fd);
}

static enum cab_mail_outcome away(struct cab_mail_out *mail, const char *path) {
    snprintf(mail->why, sizeof mail->why, "%.180s: %s", path, strerror(errno));
    return CAB_MAIL_AWAY;
}

enum cab_mail_outcome cab_mail_to_folder(struct cab_mail_out *mail) {
    const char *folder = mail->conf->mail_folder;
    enum cab_mail_outcome outcome = CAB_MAIL_SENT;
    /* The same mail gets the same name: one that is written again takes the place of itself. */
    char *path = cab_printf(NULL, "%s/%s.eml", folder, mail->name);
    char *partial = cab_printf(path, "%s/.%s.part", folder, mail->name);

    if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
        outcome = away(mail, folder);
    } else {
        int fd = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0)
            outcome = away(mail, partial);
        else if (write_all(fd, mail->text->data, mail->text->len) != 0 || rename(partial, path) != 0)
            outcome = away(mail, partial);
        if (fd >= 0)
            close(fd);
        if (fd >= 0 && outcome != CAB_MAIL_SENT)
            unlink(partial);
    }
    cab_mem_free(path);
    return outcome;
}
