/*
 * The service without FastCGI over a database of its own, with Cabinet's schema and tables of the test; made by
 * CABINET_TEST_DATABASE_URL, dropped at the end.
 */
#ifndef TESTS_UNIT_RESOURCE_LIVE_H
#define TESTS_UNIT_RESOURCE_LIVE_H

#include <cabinet/route.h>

struct live {
    void *mem;
    const char *database;
    struct cab_conf conf;
    struct cab_db *db;
    struct cab_service service;
    const char *admin, *ann, *bob;  /* access tokens of users 1, 2 and 3 */
    struct { struct cab_response *response; struct answer *answer; } begun[64]; int n_begun;
};

struct answer {
    int status;
    const char *headers, *body;
    const struct cab_json *json;    /* NULL where there is no body */
};

/* ddl is run after the schema's own. */
void live_open(struct live *live, const char *ddl);
void live_close(struct live *live);
void live_exec(struct live *live, const char *sql);
/* One more connection to the same database. */
struct cab_db *live_second(struct live *live);
/* The server ends the connection of the service. */
void live_terminate(struct live *live);
/* The one value of a statement as text, "-" for NULL. */
const char *live_value(struct live *live, const char *sql);

/* A request below /api/v1; params are pairs of FastCGI parameters, NULL-ended, or NULL. */
struct answer *live_ask(struct live *live, const char *method, const char *path, const char *token, const char *body,
                        const char *const *params);
/* Begins a request that may be left waiting (cab_service_begin); its answer is filled by live_settle. */
struct answer *live_begin(struct live *live, const char *method, const char *path, const char *token, const char *body,
                          const char *const *params, bool *waits_out);
void live_settle(struct live *live);
#define WITH(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* Source text of a member, "-" where there is none. */
const char *member_of(struct live *live, const struct cab_json *json, const char *name);
/* Value of a header, "-" where absent. */
const char *header_of(struct live *live, const struct answer *answer, const char *name);
/* "title:required rank:type" of the problem. */
const char *errors_of(struct live *live, const struct answer *answer);
/* Values of one member of all items, joined by commas. */
const char *column_of(struct live *live, const struct answer *answer, const char *name);

#endif
