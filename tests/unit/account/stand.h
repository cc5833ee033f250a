/*
 * The service without FastCGI, over the migrated database of CABINET_TEST_MIGRATED_URL: a request goes in, its answer
 * comes out.
 */
#ifndef TESTS_ACCOUNT_STAND_H
#define TESTS_ACCOUNT_STAND_H

#include <cabinet/account.h>
#include <criterion/criterion.h>

struct stand {
    void *mem;
    struct cab_conf conf;
    struct cab_db *db;
    struct cab_service service;
};

struct answer {
    int status;
    const char *headers, *body;
    const struct cab_json *json; /* NULL where the body is no JSON */
};

/* FastCGI parameters beside those every request has, in pairs, NULL-ended. */
#define WITH(...) ((const char *const[]){ __VA_ARGS__, NULL })

void stand_open(struct stand *stand);
void stand_close(struct stand *stand);
struct answer *stand_ask(struct stand *stand, const char *method, const char *path, const char *token, const char *body,
                         const char *const *params);

const char *text_of(const struct answer *answer, const char *member);
/* Code of the flaw of that field, or NULL. */
const char *flaw_of(const struct answer *answer, const char *field);
/* Value of a header, up to its first semicolon; NULL where absent. */
const char *header_of(struct stand *stand, const struct answer *answer, const char *name);
/* The one value of a statement. */
const char *stand_value(struct stand *stand, const char *sql, const char *value);

const char *unique_name(struct stand *stand);
#define PASSWORD "tr0ub4dor and three"

struct person {
    const char *name, *email, *id, *access, *refresh;
};
/* A registered account, logged in. */
struct person make_person(struct stand *stand);
struct person make_superuser(struct stand *stand);
struct answer *login(struct stand *stand, const char *name, const char *password);

#endif
