/*
 * migrate: revisions, their graph, and running them.
 */
#ifndef CABINET_MIGRATE_H
#define CABINET_MIGRATE_H

#include <cabinet/conf.h>
#include <cabinet/db.h>

/* Entry of cabinet-migrate; returns the exit status of its manual page. */
int cab_migrate_main(int argc, char **argv);

#endif
