/*
 * client: what the API tests are written with.  One HTTP request by libcurl, its answer with parsed JSON, and accounts
 * to act as.  Every failure of the transport fails the test.  Knows the service only by its address:
 *
 *   CABINET_TEST_URL        http://127.0.0.1:port      CABINET_TEST_TLS_URL  https://127.0.0.1:port
 *   CABINET_TEST_ADMIN, CABINET_TEST_ADMIN_PASSWORD    a superuser
 *   CABINET_TEST_DATABASE   the database as its superuser, for what no request can bring about
 *   CABINET_TEST_SOCKETS    folder of the workers' sockets   CABINET_TEST_LOGS  folder of the logs
 */
#ifndef TESTS_API_CLIENT_H
#define TESTS_API_CLIENT_H

#include <criterion/criterion.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

struct answer {
    int status;
    char *head;                /* all header lines of the last response */
    char *body;
    size_t size;
    struct json_object *json;  /* NULL where the body is none */
    double seconds;
};

struct ask {
    const char *method, *path; /* path with query, as sent; or a whole address */
    const char *token;         /* bearer */
    const char *body;
    size_t size;               /* 0: strlen(body) */
    const char *type;          /* of the body; NULL: application/json */
    const char *headers[8];    /* further lines, "Name: value" */
    const char *cookies;       /* file of curl's cookie jar */
    bool http2;                /* over TLS */
};

/* Sends one request; answers live until the test ends. */
struct answer *ask(const struct ask *ask);
#define ASK(...) ask(&(struct ask){ __VA_ARGS__ })
struct answer *get(const char *path, const char *token);
struct answer *post(const char *path, const char *token, const char *body);
struct answer *put(const char *path, const char *token, const char *body);
struct answer *patch(const char *path, const char *token, const char *body);
struct answer *drop(const char *path, const char *token);

/* Text from a format; lives until the test ends. */
char *fmt(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Value of a header (any case) or NULL. */
const char *header(const struct answer *answer, const char *name);
int header_count(const struct answer *answer, const char *name);

/* Values by JSON pointer; the test fails where they are of another type. */
struct json_object *at(const struct answer *answer, const char *pointer);
const char *text(const struct answer *answer, const char *pointer);
long number(const struct answer *answer, const char *pointer);
bool flag(const struct answer *answer, const char *pointer);
bool is_null(const struct answer *answer, const char *pointer);
bool has(const struct answer *answer, const char *pointer);
int count(const struct answer *answer, const char *pointer);

/* The status, else the test fails and shows the body. */
void expect(const struct answer *answer, int status);
/* A problem of RFC 9457 in full: status, media type, code, title, type, request id in body and header. */
void expect_problem(const struct answer *answer, int status, const char *code);
/* One of its errors names place ("field", "parameter", "header") = name; code may be NULL. */
void expect_flaw(const struct answer *answer, const char *place, const char *name, const char *code);

struct person {
    long id;
    const char *email, *username, *password, *token, *refresh;
};

/* A fresh account, signed in; PASSWORD is everybody's. */
#define PASSWORD "correct horse battery 7"
struct person *someone(void);
struct person *registered(void);                 /* not signed in */
/* Tokens for name and password. */
struct answer *login(const char *name, const char *password);
/* The access token of a superuser who is this test's own: an account has few sessions, and tests run at once. */
const char *admin(void);
/* That of the superuser whom the instance began with; for tests that run alone. */
const char *first_superuser(void);
/* A word that no other test uses, of letters and digits. */
const char *unique(const char *prefix);

/* Runs SQL as the database's superuser (psql); returns what it prints. */
char *sql(const char *statement);
/* Whether any file of the logs holds the text. */
bool logged(const char *text);
/* An environment variable that must be there. */
const char *environment(const char *name);

#endif
