/*
 * backup: what backup and restore share.  A backup is three files of one name: .dump (pg_dump, custom format),
 * .manifest (what was in the snapshot) and .sha256 (of both, for sha256sum -c).
 */
#ifndef CABINET_ADMIN_BACKUP_H
#define CABINET_ADMIN_BACKUP_H

#include "admin/admin.h"

/* What one snapshot of a database holds.  Lines of text, one fact each, in an order that two snapshots share:
 *   schema SHA256                       of all that migrations compare
 *   audit FIRST LAST ROWS               ids of the audit trail, and how many
 *   table SCHEMA.NAME ROWS DIGEST       digest: sum of a 64-bit hash of each row's text
 */
struct survey {
    const char **lines;
    int n;
    int64_t rows;
    int tables;
};

/* Reads it inside the open transaction of db; facts are read by a connection of its own to url. */
int admin_survey(struct admin *admin, struct cab_db *db, const char *url, struct survey *survey_out,
                 struct cab_err *err) CAB_MUST_CHECK;

/* The owner's URL, or the application's where there is none; INVALID where neither is set. */
int admin_owner_url(struct admin *admin, const char **url_out, struct cab_err *err) CAB_MUST_CHECK;
int admin_open_owner(struct admin *admin, const char *url, struct cab_db **db_out, struct cab_err *err) CAB_MUST_CHECK;

/* Runs a program of the PATH (argv[0], NULL-ended) and waits for it; its messages go to standard error.  -1 where it
 * cannot be run or does not end with 0. */
int admin_child(char *const argv[], struct cab_err *err) CAB_MUST_CHECK;

#endif
