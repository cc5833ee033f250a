/* mailbox: see mailbox.h. */
#include "mailbox.h"

#include "client.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *file_text(const char *path) {
    FILE *file = fopen(path, "r");
    cr_assert_not_null(file, "%s", path);
    char *content = calloc(1, 65536);
    cr_assert(fread(content, 1, 65535, file) < 65535);
    fclose(file);
    return content;
}

char *find_mail(const char *recipient, const char *kind, int *n_out) {
    const char *folder = fmt("%s/mail", environment("CABINET_TEST_VAR")), *end = fmt("-%s.eml", kind);
    char *found = NULL, *to = fmt("To: <%s>\r\n", recipient), *newest = strdup("");
    DIR *dir = opendir(folder);
    cr_assert_not_null(dir, "%s", folder);
    *n_out = 0;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        size_t n = strlen(entry->d_name), m = strlen(end);
        if (n < m || strcmp(entry->d_name + n - m, end) != 0)
            continue;
        char *content = file_text(fmt("%s/%s", folder, entry->d_name));
        if (strstr(content, to) == NULL)
            continue;
        ++*n_out;
        if (strcmp(entry->d_name, newest) > 0) {
            newest = strdup(entry->d_name);
            found = content;
        }
    }
    closedir(dir);
    return found;
}

char *mail_to(const char *recipient, const char *kind) {
    int n;
    for (int i = 0; i < 200; i++) {
        char *found = find_mail(recipient, kind, &n);
        if (found != NULL)
            return found;
        usleep(100000);
    }
    cr_assert_fail("no mail %s came to %s", kind, recipient);
    return NULL;
}

/* It stands alone on a line. */
const char *code_to(const char *recipient, const char *kind) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (char *line = strtok(mail_to(recipient, kind), "\r\n"); line != NULL; line = strtok(NULL, "\r\n"))
        if (strlen(line) == 43 && strspn(line, letters) == 43)
            return line;
    cr_assert_fail("the mail %s holds no code", kind);
    return NULL;
}

int mails_with(const char *text) {
    const char *folder = fmt("%s/mail", environment("CABINET_TEST_VAR"));
    DIR *dir = opendir(folder);
    int n = 0;
    cr_assert_not_null(dir, "%s", folder);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
        if (strstr(entry->d_name, ".eml") != NULL && entry->d_name[0] != '.')
            n += strstr(file_text(fmt("%s/%s", folder, entry->d_name)), text) != NULL;
    closedir(dir);
    return n;
}

struct answer *use_code(const char *route, const char *code, const char *more) {
    return post(fmt("/api/v1/auth/%s", route), NULL, fmt("{\"token\":\"%s\"%s}", code, more));
}
