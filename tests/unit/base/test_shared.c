/*
 * The file that pools share: who makes it, who may use it, and what is refused.
 */
#include "base/shared_private.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64], path[96];
static void *mem;
static const unsigned char key[CAB_THROTTLE_KEY] = "a key of 16 byte";

static void begin(void) {
    snprintf(folder, sizeof folder, "/tmp/cabinet-shared-XXXXXX");
    cr_assert(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/shared.%d", folder, CAB_SHARED_LAYOUT);
    mem = cab_mem_alloc(NULL, 1);
}

static void end(void) {
    cab_mem_free(mem);
    unlink(path);
    rmdir(folder);
}

TestSuite(shared, .init = begin, .fini = end, .timeout = 60);

static struct cab_shared *open_with(size_t entries) {
    struct cab_shared_options options = { .folder = folder, .throttle_entries = entries };
    struct cab_shared *shared;
    struct cab_err err;
    cab_err_clear(&err);
    cr_assert(cab_shared_open(mem, &options, &shared, &err) == 0, "%s", err.detail);
    return shared;
}

static void expect_refused(const char *why) {
    struct cab_shared_options options = { .folder = folder, .throttle_entries = 1024 };
    struct cab_shared *shared;
    struct cab_err err;
    cab_err_clear(&err);
    cr_assert(cab_shared_open(mem, &options, &shared, &err) != 0, "%s", why);
    cr_expect(strstr(err.detail, why) != NULL && strstr(err.detail, path) != NULL, "%s", err.detail);
}

static int take_all(struct cab_shared *shared) {
    int taken = 0;
    while (cab_throttle_take(shared, key, 10, 60, 1000, NULL))
        taken++;
    return taken;
}

Test(shared, two_that_open_it_see_the_same) {
    struct cab_shared *a = open_with(1024), *b = open_with(1024);
    struct stat st;
    cr_expect(take_all(a) == 10);
    cr_expect(take_all(b) == 0);
    cr_expect_str_eq(cab_shared_path(a), path);
    cr_assert(stat(path, &st) == 0);
    cr_expect((st.st_mode & 0777) == 0600);
    cr_expect(st.st_blocks * 512 >= st.st_size, "its space is reserved");
}

Test(shared, outlives_those_who_opened_it) {
    struct cab_shared *a = open_with(1024);
    cr_expect(take_all(a) == 10);
    cab_mem_free(a);
    cr_expect(take_all(open_with(1024)) == 0);
}

Test(shared, a_mask_of_the_process_opens_it_to_nobody) {
    struct stat st;
    mode_t before = umask(0);
    (void)open_with(1024);
    umask(before);
    cr_assert(stat(path, &st) == 0);
    cr_expect((st.st_mode & 0777) == 0600);
}

Test(shared, other_sizes_wait_until_nobody_holds_it) {
    struct cab_shared *a = open_with(1024), *b = open_with(8192);
    cr_expect(b->head->throttle_sets == 1024 / CAB_THROTTLE_WAYS, "those of the first count");
    int first = open(path, O_RDONLY);
    cab_mem_free(a);
    cab_mem_free(b);
    b = open_with(8192);
    cr_expect(b->head->throttle_sets == 8192 / CAB_THROTTLE_WAYS);
    struct stat st;
    cr_expect(fstat(first, &st) == 0 && st.st_size > 0 && st.st_nlink == 0, "not shortened under somebody's feet");
    close(first);
}

static void overwrite(off_t at, const void *bytes, size_t n) {
    int fd = open(path, O_WRONLY);
    cr_assert(fd >= 0 && pwrite(fd, bytes, n, at) == (ssize_t)n);
    close(fd);
}

Test(shared, another_boot_or_layout_is_made_anew) {
    static const off_t members[] = { offsetof(struct cab_shared_head, magic), offsetof(struct cab_shared_head, layout),
                                     offsetof(struct cab_shared_head, boot),
                                     offsetof(struct cab_shared_head, bytes),
                                     offsetof(struct cab_shared_head, set_bytes),
                                     offsetof(struct cab_shared_head, throttle_sets),
                                     offsetof(struct cab_shared_head, is_whole) };
    for (size_t i = 0; i < CAB_LENGTH(members); i++) {
        struct cab_shared *a = open_with(1024);
        cr_expect(take_all(a) == 10, "member %zu", i);
        cab_mem_free(a);
        overwrite(members[i], "\377\377", 2);
    }
    cr_expect(take_all(open_with(1024)) == 10);
}

Test(shared, a_shortened_or_foreign_file_is_made_anew) {
    cab_mem_free(open_with(1024));
    cr_assert(truncate(path, 5000) == 0);
    cab_mem_free(open_with(1024));
    cr_assert(truncate(path, 3) == 0);
    cr_expect(take_all(open_with(1024)) == 10);
}

Test(shared, a_held_file_that_is_not_whole_is_refused) {
    struct cab_shared *a = open_with(1024);
    atomic_store(&a->head->is_whole, 0);
    expect_refused("not whole");
}

Test(shared, what_is_not_ours_alone_is_refused) {
    cab_mem_free(open_with(1024));
    cr_assert(chmod(path, 0660) == 0);
    expect_refused("open to others");
    cr_assert(unlink(path) == 0 && symlink("/etc/passwd", path) == 0);
    expect_refused("symbolic link");
    cr_assert(unlink(path) == 0 && mkfifo(path, 0600) == 0);
    expect_refused("plain file");
    cr_assert(unlink(path) == 0);
    if (geteuid() == 0) {
        int fd = open(path, O_CREAT | O_WRONLY, 0600);
        cr_assert(fd >= 0 && fchown(fd, 65534, (gid_t)-1) == 0);
        close(fd);
        expect_refused("another user");
    }
}

Test(shared, a_folder_that_is_not_there_is_an_error) {
    char name[sizeof folder];
    memcpy(name, folder, sizeof name);
    snprintf(folder, sizeof folder, "/nonexistent");
    snprintf(path, sizeof path, "/nonexistent/shared.%d", CAB_SHARED_LAYOUT);
    expect_refused("No such file");
    memcpy(folder, name, sizeof folder);
    snprintf(path, sizeof path, "%s/shared.%d", folder, CAB_SHARED_LAYOUT);
}

/* Many start at once, on nothing and on a file of an earlier boot; all end up with the same one. */
Test(shared, many_that_start_at_once_agree) {
    for (int round = 0; round < 20; round++) {
        pid_t pids[12];
        if (round % 2 == 0)
            unlink(path);
        else
            overwrite(offsetof(struct cab_shared_head, boot), "other", 5);
        for (int i = 0; i < 12; i++) {
            pids[i] = fork();
            if (pids[i] == 0) {
                struct cab_shared *shared = open_with(1024);
                int taken = 0;
                for (int j = 0; j < 10; j++)
                    taken += cab_throttle_take(shared, key, 60, 60, 1000, NULL);
                _exit(taken);
            }
        }
        int sum = 0, status;
        for (int i = 0; i < 12; i++) {
            cr_assert(waitpid(pids[i], &status, 0) == pids[i] && WIFEXITED(status));
            sum += WEXITSTATUS(status);
        }
        cr_expect(sum == 60, "round %d: %d", round, sum);
    }
}

/* Killed at any point of making it: the next one is served. */
Test(shared, a_maker_that_is_killed_leaves_nothing_in_the_way) {
    for (int round = 0; round < 40; round++) {
        unlink(path);
        pid_t pid = fork();
        if (pid == 0) {
            (void)open_with(65536);
            for (;;)
                pause();
        }
        usleep((useconds_t)round * 100);
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        struct cab_shared *shared = open_with(1024);
        cr_assert(take_all(shared) == 10);
        cab_mem_free(shared);
    }
}
