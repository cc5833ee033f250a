/*
 * Passwords that nobody should have: common ones, from files of words, and those that were breached, from a file of
 * their SHA-1 digests.  Words are kept as 64-bit digests in order, eight bytes each, read at the first question; the
 * file of digests may have gigabytes and is searched where it lies.
 */
#include <cabinet/auth.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth_internal.h"

#define LENGTH_MIN 8      /* shorter ones are refused anyway */
#define WORD_MAX 256
#define SHA1_DIGITS 40
#define PREFIX_MIN 10     /* hex digits of a digest, below which too much would match */

/* ---- common passwords ---- */

struct words {
    char *paths;          /* what they were read from */
    uint64_t *digests;
    size_t n, room;
};

static struct words words;

/* FNV-1a of the word in lower case. */
static uint64_t digest_of(const char *word, size_t n) {
    uint64_t digest = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)word[i];
        if (c >= 'A' && c <= 'Z')
            c = (unsigned char)(c + ('a' - 'A'));
        digest = (digest ^ c) * UINT64_C(1099511628211);
    }
    return digest;
}

static int compare(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static void add_word(const char *word, size_t n) {
    if (n < LENGTH_MIN)
        return;
    if (words.n == words.room) {
        words.room = words.room == 0 ? 4096 : words.room * 2;
        words.digests = cab_mem_resize(NULL, words.digests, words.room * sizeof *words.digests);
    }
    words.digests[words.n++] = digest_of(word, n);
}

/* One word a line; a line that begins with #! is a comment, as in lists of password crackers. */
static void read_words(const char *path) {
    char line[WORD_MAX];
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        bool is_usual = strcmp(path, cab_setting_find("PASSWORD_LISTS")->fallback) == 0; /* a package may be missing */
        cab_log(is_usual ? CAB_LOG_DEBUG : CAB_LOG_WARN, "PASSWORD_LISTS: %s cannot be read: %s", path,
                strerror(errno));
        return;
    }
    while (fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, "#!", 2) != 0)
            add_word(line, strcspn(line, "\r\n"));
    fclose(file);
}

static void load_words(const char *paths) {
    if (words.paths != NULL && strcmp(words.paths, paths) == 0)
        return;
    cab_mem_free(words.paths);
    words.paths = cab_strdup(NULL, paths);
    words.n = 0;
    for (const char *const *word = cab_common_passwords; *word != NULL; word++)
        add_word(*word, strlen(*word));
    for (const char *at = paths; *at != '\0';) {
        size_t n = strcspn(at, ":");
        char *path = cab_strndup(NULL, at, n);
        if (n > 0)
            read_words(path);
        cab_mem_free(path);
        at += n + (at[n] == ':');
    }
    qsort(words.digests, words.n, sizeof *words.digests, compare);
}

bool cab_password_is_common(const struct cab_conf *conf, const char *password, size_t n) {
    size_t same = 1;
    while (same < n && password[same] == password[0])
        same++;
    if (same == n)
        return true;
    load_words(conf->password_lists != NULL ? conf->password_lists : "");
    uint64_t digest = digest_of(password, n);
    return bsearch(&digest, words.digests, words.n, sizeof digest, compare) != NULL;
}

/* ---- breached passwords: lines of hex digits, a digest or its front, in order; what follows a colon is a count
 * that does not matter ---- */

struct text {
    const char *at;
    size_t n;
};

static size_t line_start(const struct text *text, size_t at) {
    while (at > 0 && text->at[at - 1] != '\n')
        at--;
    return at;
}

static size_t line_end(const struct text *text, size_t at) {
    const char *end = memchr(text->at + at, '\n', text->n - at);
    return end != NULL ? (size_t)(end - text->at) : text->n;
}

/* The line at start against the digest: below zero where it comes before it; its length in digits in n_out. */
static int compare_line(const struct text *text, size_t start, size_t end, const char *digest, size_t *n_out) {
    size_t n = 0;
    while (start + n < end && n < SHA1_DIGITS && strchr(":\r", text->at[start + n]) == NULL)
        n++;
    *n_out = n;
    return strncasecmp(text->at + start, digest, n);
}

static bool search(const struct text *text, const char *digest) {
    size_t low = 0, high = text->n;
    while (low < high) {
        size_t start = line_start(text, low + (high - low) / 2), end = line_end(text, start), n;
        int order = compare_line(text, start, end, digest, &n);
        if (order == 0 && n >= PREFIX_MIN)
            return true;
        if (order < 0 || n < PREFIX_MIN)
            low = end + 1;
        else
            high = start;
    }
    return false;
}

bool cab_password_is_breached(const struct cab_conf *conf, const char *password, size_t n) {
    const char *path = conf->password_breach_file;
    struct stat status;
    char digest[SHA1_DIGITS + 1];
    bool is_found = false;

    if (path == NULL || *path == '\0')
        return false;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status) != 0) {
        cab_log(CAB_LOG_ERROR, "PASSWORD_BREACH_FILE: %s cannot be read: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return false;
    }
    void *bytes = status.st_size > 0 ? mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
    close(fd);
    if (bytes == MAP_FAILED)
        return false;
    cab_sha1_hex(password, n, digest);
    is_found = search(&(struct text){ .at = bytes, .n = (size_t)status.st_size }, digest);
    explicit_bzero(digest, sizeof digest);
    munmap(bytes, (size_t)status.st_size);
    return is_found;
}
