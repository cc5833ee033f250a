/*
 * migrate/interrupt: turns INT, TERM and HUP into a cancelled statement, so that commands end in order.
 */
#ifndef CABINET_MIGRATE_INTERRUPT_H
#define CABINET_MIGRATE_INTERRUPT_H

#include <cabinet/db.h>

/* Installs the handlers; once a process. */
void cab_interrupt_init(void);
/* Statements of db are cancelled by a signal, until they no longer watch. */
void cab_interrupt_watch(struct cab_db *db);
void cab_interrupt_ignore(struct cab_db *db);
bool cab_interrupted(void);

#endif
