/*
 * Help for tests of the db layer: the test server from CABINET_TEST_DATABASE_URL, databases of one test, and a proxy in
 * front of the server that can be frozen or killed.
 */
#ifndef TESTS_UNIT_DB_SUPPORT_H
#define TESTS_UNIT_DB_SUPPORT_H

#include <cabinet/db.h>
#include <sys/types.h>

/* Connection string of database (NULL: the one of the URL) on the test server. */
const char *test_url(void *ctx, const char *database);
/* The same through the socket folder of a proxy. */
const char *test_url_at(void *ctx, const char *folder);
struct cab_db_options test_options(void *ctx);
/* Connects with the options, asserting that it works. */
struct cab_db *test_open(void *ctx, const struct cab_db_options *options);
/* Runs SQL that must work. */
void test_exec(struct cab_db *db, const char *sql);
/* The one value of a statement that must work; NULL is "(null)". */
const char *test_value(void *ctx, struct cab_db *db, const char *sql);
/* A new empty database, dropped by test_drop. */
const char *test_database(void *ctx);
void test_drop(const char *database);
/* Ends the server process of db from another connection. */
void test_terminate(struct cab_db *db);
/* The same from a process of its own, ms from now. */
pid_t test_terminate_later(struct cab_db *db, int ms);

struct test_proxy { pid_t pid; char folder[64]; };
void test_proxy_start(struct test_proxy *proxy);
void test_proxy_signal(const struct test_proxy *proxy, int signal);
void test_proxy_stop(struct test_proxy *proxy);

#endif
