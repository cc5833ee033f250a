/*
 * daemon: master, workers and housekeeping.
 */
#ifndef CABINET_DAEMON_H
#define CABINET_DAEMON_H

#include <cabinet/conf.h>
#include <cabinet/db.h>

/*
 * Runs the pool until TERM; returns the exit status.  conf becomes the master's: settings are loaded again on HUP from
 * the same sources.  argv is what USR2 executes again.
 */
int cab_master_run(struct cab_conf *conf, const char *conf_file, const char *pool, char **argv);

/* Housekeeping: the table of jobs of src/daemon/housekeeping.c, one process a cluster (advisory lock), until TERM (0)
 * or HUP (CAB_HOUSEKEEPING_RELOAD: run it again with new settings). */
int cab_housekeeping_run(const struct cab_conf *conf);
#define CAB_HOUSEKEEPING_RELOAD (-1)

/* What a job works with; mem is freed after the run. */
struct cab_job_run {
    struct cab_db *db;
    const struct cab_conf *conf;
    void *mem;
};

struct cab_job {
    const char *name;
    int interval_s;              /* between the end of a run and the next */
    int (*run)(const struct cab_job_run *run, int64_t *changed_out, struct cab_err *err);
    const char *doc;
};

/* The jobs, ended by a row without a name. */
extern const struct cab_job cab_jobs[];

#endif
