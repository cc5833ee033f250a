/*
 * What the files of conf share among themselves.
 */
#ifndef CAB_CONF_PRIVATE_H
#define CAB_CONF_PRIVATE_H

#include <cabinet/conf.h>

/* One line NAME=value of a file. */
struct cab_env_entry { const char *name, *value; int line; };

struct cab_env_file {
    struct cab_env_entry *entries;
    size_t n_entries;
};

/*
 * Reads a file of NAME=value lines into *file_out, below ctx; faults are added to err as flaws whose memory is
 * below flaw_ctx.  1: read, 0: there is no such file, -1: faults.
 */
int cab_env_file_read(void *ctx, const char *path, struct cab_env_file **file_out, const void *flaw_ctx,
                      struct cab_err *err) CAB_MUST_CHECK;
/* The same of text in memory; path is for messages. */
int cab_env_file_parse(void *ctx, const char *path, const char *text, size_t n, struct cab_env_file **file_out,
                       const void *flaw_ctx, struct cab_err *err) CAB_MUST_CHECK;

/* Adds a flaw for each value that breaks a rule beyond its row's type and limits; true where all is well. */
bool cab_conf_check(const struct cab_conf *conf, const void *flaw_ctx, struct cab_err *err);

#endif
