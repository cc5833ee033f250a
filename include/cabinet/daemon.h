/*
 * daemon: master and workers.
 */
#ifndef CABINET_DAEMON_H
#define CABINET_DAEMON_H

#include <cabinet/conf.h>

/* Runs the pool until TERM; returns the exit status.  Settings are loaded again on HUP from the same sources. */
int cab_master_run(struct cab_conf *conf, const char *conf_file, const char *pool, char **argv);

/* A worker's life between fork and exit; slot is its line of the shared scoreboard. */
int cab_worker_run(const struct cab_conf *conf, int listen_fd, int slot);

/* Housekeeping: the table of jobs of src/daemon/housekeeping.c, one process a cluster (advisory lock), until TERM. */
int cab_housekeeping_run(const struct cab_conf *conf);

#endif
