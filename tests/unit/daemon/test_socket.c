/*
 * The listening socket: made, refused, handed on.
 */
#include "daemon/internal.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static char folder[] = "/tmp/cabsocket.XXXXXX";
static char path[64];
static void *mem; /* of the test */

static void make_folder(void) {
    mem = cab_mem_alloc(NULL, 1);
    cr_assert(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/s", folder);
    int null = open("/dev/null", O_RDONLY);
    dup2(null, STDIN_FILENO); /* whatever runs the tests, descriptor 0 is no socket */
}

static void remove_folder(void) {
    unlink(path);
    rmdir(folder);
    cab_mem_free(mem);
}

static struct cab_conf settings(const char *listen_on) {
    return (struct cab_conf){ .listen = listen_on, .listen_mode = "0600", .listen_backlog = 1024 };
}

static int try_connect(void) {
    struct sockaddr_un addr = { .sun_family = AF_UNIX };
    snprintf(addr.sun_path, sizeof addr.sun_path, "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    return connect(fd, (struct sockaddr *)&addr, sizeof addr) == 0 ? fd : -1;
}

static const char *refusal(const char *listen_on) {
    static struct cab_err err;
    struct cab_listener listener;
    struct cab_conf conf = settings(listen_on);
    cab_err_clear(&err);
    cr_assert(cab_listener_open(&conf, &listener, &err) == -1, "%s is listened on", listen_on);
    return err.detail;
}

TestSuite(listener, .init = make_folder, .fini = remove_folder);

Test(listener, makes_a_unix_socket_for_its_group) {
    struct cab_listener listener;
    struct cab_err err = { 0 };
    struct stat st;
    struct cab_conf conf = settings(cab_printf(mem, "unix:%s", path));
    const struct group *group = getgrgid(getgid());
    conf.listen_mode = "0660";
    conf.listen_group = group != NULL ? group->gr_name : NULL;
    cr_assert(cab_listener_open(&conf, &listener, &err) == 0, "%s", err.detail);
    cr_expect(stat(path, &st) == 0 && (st.st_mode & 07777) == 0660 && st.st_gid == getgid());
    cr_expect(!listener.is_inherited);
    cr_expect((fcntl(listener.fd, F_GETFL) & O_NONBLOCK) != 0 && (fcntl(listener.fd, F_GETFD) & FD_CLOEXEC) != 0);
    cr_expect(!cab_listener_waiting(listener.fd));
    cr_expect(try_connect() >= 0);
    cr_expect(cab_listener_waiting(listener.fd));
    cab_listener_unlink(&listener);
    cr_expect(stat(path, &st) != 0);
}

Test(listener, replaces_a_stale_socket_but_nothing_else) {
    struct cab_listener listener;
    struct cab_err err = { 0 };
    struct cab_conf conf = settings(cab_printf(mem, "unix:%s", path));
    cr_assert(cab_listener_open(&conf, &listener, &err) == 0);
    cr_expect(strstr(refusal(conf.listen), "another process serves") != NULL);
    cr_expect(access(path, F_OK) == 0, "it still is there");
    close(listener.fd);
    cr_assert(cab_listener_open(&conf, &listener, &err) == 0, "%s", err.detail);
    close(listener.fd);
    unlink(path);
    close(open(path, O_CREAT | O_WRONLY, 0600));
    cr_expect(strstr(refusal(conf.listen), "is not a socket") != NULL);
}

Test(listener, does_not_remove_the_socket_of_a_successor) {
    struct cab_listener first, second;
    struct cab_err err = { 0 };
    struct cab_conf conf = settings(cab_printf(mem, "unix:%s", path));
    cr_assert(cab_listener_open(&conf, &first, &err) == 0);
    cr_assert(rename(path, cab_printf(mem, "%s.old", path)) == 0); /* so that the inode is not used again */
    cr_assert(cab_listener_open(&conf, &second, &err) == 0, "%s", err.detail);
    cab_listener_unlink(&first);
    cr_expect(access(path, F_OK) == 0);
    cab_listener_unlink(&second);
    cr_expect(access(path, F_OK) != 0);
    unlink(cab_printf(mem, "%s.old", path));
}

Test(listener, says_what_is_wrong) {
    cr_expect(strstr(refusal("unix:/nonexistent/folder/s"), "its folder must exist") != NULL);
    cr_expect(strstr(refusal(cab_printf(mem, "unix:/%0107d", 0)), "107 bytes") != NULL);
    cr_expect(strstr(refusal("host.invalid:9000"), "LISTEN: host.invalid:9000: ") != NULL);
    struct cab_conf conf = settings(cab_printf(mem, "unix:%s", path));
    struct cab_listener listener;
    struct cab_err err = { 0 };
    conf.listen_group = "no-such-group";
    cr_expect(cab_listener_open(&conf, &listener, &err) == -1);
    cr_expect(strstr(err.detail, "there is no group no-such-group") != NULL, "%s", err.detail);
    cr_expect(access(path, F_OK) != 0, "nothing is left behind");
}

Test(listener, is_handed_on_to_the_same_process_only) {
    struct cab_listener first, second;
    struct cab_err err = { 0 };
    struct cab_conf conf = settings(cab_printf(mem, "unix:%s", path));
    cr_assert(cab_listener_open(&conf, &first, &err) == 0);
    cab_listener_hand_on(&first, true);
    cr_expect((fcntl(first.fd, F_GETFD) & FD_CLOEXEC) == 0, "it survives exec");
    cr_assert(cab_listener_open(&conf, &second, &err) == 0, "%s", err.detail);
    cr_expect(second.fd == first.fd && !second.is_inherited);
    cr_expect_str_eq(second.path, path);
    cr_expect(second.ino == first.ino && second.dev == first.dev);
    cr_expect((fcntl(first.fd, F_GETFD) & FD_CLOEXEC) != 0);
    cr_expect(getenv("CABINET_LISTENER") == NULL, "and it is said once");
    cab_listener_hand_on(&first, true);
    setenv("CABINET_LISTENER", cab_printf(mem, "1 %d 0 0 0 ", first.fd), 1);
    cr_expect(strstr(refusal(conf.listen), "another process serves") != NULL, "it was meant for another process");
}
