/*
 * Log lines to standard error, one write each, with the journal's priority prefix where the journal listens; and the
 * two ways to die.
 */
#include <cabinet/base.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 4096 };

static struct {
    const char *program;
    enum cab_log_level most;
    bool journal;
} log_to = { .program = "cabinet", .most = CAB_LOG_INFO };

static const struct {
    const char *word;
    int priority; /* of syslog(3) */
} levels[] = {
    [CAB_LOG_ERROR] = { "error", 3 },
    [CAB_LOG_WARN] = { "warning", 4 },
    [CAB_LOG_INFO] = { "info", 6 },
    [CAB_LOG_DEBUG] = { "debug", 7 },
};

void cab_log_init(const char *program, enum cab_log_level most) {
    log_to.program = program;
    log_to.most = most;
    log_to.journal = getenv("JOURNAL_STREAM") != NULL;
}

bool cab_log_enabled(enum cab_log_level level) {
    return level <= log_to.most;
}

static void write_line(enum cab_log_level level, const char *fmt, va_list ap) {
    char line[LINE_MAX_BYTES];
    int head;
    if (log_to.journal) {
        head = snprintf(line, sizeof line, "<%d>", levels[level].priority);
    } else {
        struct timespec now;
        struct tm utc;
        char stamp[32];
        clock_gettime(CLOCK_REALTIME, &now);
        gmtime_r(&now.tv_sec, &utc);
        strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &utc);
        head = snprintf(line, sizeof line, "%s.%03ldZ %s[%d] %s: ", stamp, now.tv_nsec / 1000000, log_to.program,
                        (int)getpid(), levels[level].word);
    }
    int n = vsnprintf(line + head, sizeof line - (size_t)head - 1, fmt, ap);
    size_t len = (size_t)head + (size_t)(n < 0 ? 0 : n);
    if (len > sizeof line - 2)
        len = sizeof line - 2;
    /* a line break inside would let a client forge a line of its own */
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)line[i] < ' ')
            line[i] = ' ';
    line[len++] = '\n';
    for (size_t done = 0; done < len;) {
        ssize_t written = write(STDERR_FILENO, line + done, len - done);
        if (written <= 0)
            return;
        done += (size_t)written;
    }
}

void cab_log(enum cab_log_level level, const char *fmt, ...) {
    if (!cab_log_enabled(level))
        return;
    va_list ap;
    va_start(ap, fmt);
    write_line(level, fmt, ap);
    va_end(ap);
}

void cab_log_pair(struct cab_buf *buf, const char *key, const char *value) {
    cab_buf_addc(buf, ' ');
    cab_buf_adds(buf, key);
    cab_buf_addc(buf, '=');
    bool bare = *value != '\0';
    for (const unsigned char *c = (const unsigned char *)value; *c != '\0'; c++)
        bare = bare && *c > ' ' && *c < 127 && *c != '"' && *c != '=' && *c != '\\';
    if (bare)
        cab_buf_adds(buf, value);
    else
        cab_json_cstring(buf, value);
}

void cab_die(const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    write_line(CAB_LOG_ERROR, fmt, ap);
    va_end(ap);
    _exit(1);
}

void cab_bug(const char *what, const char *file, int line) {
    cab_log(CAB_LOG_ERROR, "bug at %s:%d: %s", file, line, what);
    abort();
}
