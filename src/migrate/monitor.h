/*
 * migrate/monitor: a second process with a connection of its own, which tells who holds a statement up.
 */
#ifndef CABINET_MIGRATE_MONITOR_H
#define CABINET_MIGRATE_MONITOR_H

#include <sys/types.h>

/* Watches the server process backend_pid from a child; 0 where there is none.  The child dies with its parent. */
pid_t cab_monitor_start(const char *url, int backend_pid);
void cab_monitor_stop(pid_t monitor);

#endif
