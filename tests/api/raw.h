/*
 * raw: bytes to nginx or to a worker's socket as they are, for what no HTTP library would send.
 */
#ifndef TESTS_API_RAW_H
#define TESTS_API_RAW_H

#include "client.h"

/* Sends bytes to nginx's plain port on a connection of its own; the answer up to its close. */
struct answer *raw_ask(const char *bytes, size_t n);
/* Sends bytes to a socket of the pool ("api", "auth") and ends sending; what came back, and its size. */
char *raw_fastcgi(const char *pool, const char *bytes, size_t n, size_t *n_out);

#endif
