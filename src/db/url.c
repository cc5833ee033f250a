/*
 * url: what a connection string says, for programs that make roles and databases or start PostgreSQL's own programs.
 * Knows no connection but for the server's way to hash passwords.
 */
#include "private.h"
#include <stdlib.h>
#include <string.h>

static PQconninfoOption *parse(const char *url, struct cab_err *err) {
    char *complaint = NULL;
    PQconninfoOption *options = PQconninfoParse(url, &complaint);
    PQfreemem(complaint); /* it quotes the URL */
    if (options == NULL)
        (void)cab_fail(err, CAB_PROBLEM_INVALID,
                       "The database URL cannot be read. Write postgresql://user@host:port/database or key=value "
                       "words.");
    return options;
}

int cab_db_url_word(void *ctx, const char *url, const char *word, const char **value_out, struct cab_err *err) {
    PQconninfoOption *options = parse(url, err);
    *value_out = NULL;
    if (options == NULL)
        return -1;
    for (const PQconninfoOption *o = options; o->keyword != NULL; o++)
        if (strcmp(o->keyword, word) == 0 && o->val != NULL)
            *value_out = cab_strdup(ctx, o->val);
    PQconninfoFree(options);
    return 0;
}

static void add_word(struct cab_buf *buf, const char *word, const char *value) {
    cab_buf_addf(buf, "%s%s='", buf->len > 0 ? " " : "", word);
    for (; *value != '\0'; value++) {
        if (*value == '\'' || *value == '\\')
            cab_buf_addc(buf, '\\');
        cab_buf_addc(buf, *value);
    }
    cab_buf_addc(buf, '\'');
}

int cab_db_url_with(void *ctx, const char *url, const char *word, const char *value, const char **url_out,
                    struct cab_err *err) {
    struct cab_buf buf;
    PQconninfoOption *options = parse(url, err);
    if (options == NULL)
        return -1;
    cab_buf_init(&buf, ctx, 128);
    for (const PQconninfoOption *o = options; o->keyword != NULL; o++)
        if (o->val != NULL && strcmp(o->keyword, word) != 0)
            add_word(&buf, o->keyword, o->val);
    add_word(&buf, word, value);
    PQconninfoFree(options);
    *url_out = buf.data;
    return 0;
}

int cab_db_url_export(const char *url, struct cab_err *err) {
    PQconninfoOption *options = parse(url, err);
    if (options == NULL)
        return -1;
    for (const PQconninfoOption *o = options; o->keyword != NULL; o++)
        if (o->envvar != NULL && o->val != NULL)
            setenv(o->envvar, o->val, 1);
    PQconninfoFree(options);
    return 0;
}

int cab_db_password_verifier(void *ctx, struct cab_db *db, const char *role, const char *password,
                             const char **verifier_out, struct cab_err *err) {
    char *verifier = db->conn == NULL ? NULL : PQencryptPasswordConn(db->conn, password, role, "scram-sha-256");
    if (verifier == NULL)
        return cab_fail(err, CAB_PROBLEM_INTERNAL, "The password of role %s cannot be hashed.", role);
    *verifier_out = cab_strdup(ctx, verifier);
    PQfreemem(verifier);
    return 0;
}
