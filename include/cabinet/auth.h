/*
 * auth: passwords, tokens, sessions and who may do what.
 */
#ifndef CABINET_AUTH_H
#define CABINET_AUTH_H

#include <cabinet/catalog.h>
#include <cabinet/conf.h>
#include <cabinet/db.h>

/* What signed-in people see of each other, from the setting USER_DIRECTORY. */
enum cab_directory {
    CAB_DIRECTORY_MINIMAL = 1, /* key and public columns */
    CAB_DIRECTORY_OFF,         /* nothing: others do not exist */
    CAB_DIRECTORY_FULL         /* also columns without private, admin, readonly or hidden */
};
enum cab_directory cab_directory(const struct cab_conf *conf);

/* The caller as the access token says; true only once the guard has passed. */
struct cab_caller {
    bool is_signed_in;
    bool is_admin;             /* from the claim adm, a hint for planning; the guard compares it */
    int64_t user_id;
    char user_id_text[21];
    char session_id[37];       /* uuid text */
    enum cab_directory directory; /* set by cab_token_verify; zero is MINIMAL */
    /* Of a request with an API key instead of an access token: there is no session then. */
    bool is_key;
    char key_id[21], key_hash[65]; /* decimal; SHA-256 in hex */
    const char *scopes;        /* words of src/auth/scope.c with a space around each; NULL: no limits */
};

/* ---- passwords: argon2id (RFC 9106) ---- */

/* PHC string of password (n bytes) with the settings' cost, below ctx.  INVALID where n is outside 8..1024. */
int cab_password_hash(void *ctx, const struct cab_conf *conf, const char *password, size_t n, char **hash_out,
                      struct cab_err *err) CAB_MUST_CHECK;
/* 1 right, 0 wrong, -1 broken hash.  hash NULL: a dummy is verified (equal time) and 0 returned. */
int cab_password_verify(const struct cab_conf *conf, const char *hash, const char *password, size_t n);
/* Whether hash was made with other costs than the settings'. */
bool cab_password_needs_rehash(const struct cab_conf *conf, const char *hash);
/* Adds a flaw for field where the password is too short, too long, common, breached, or equals e-mail or
 * username. */
int cab_password_check(const struct cab_conf *conf, void *ctx, const char *field, const char *password, size_t n,
                       const char *email, const char *username, struct cab_err *err) CAB_MUST_CHECK;

/* ---- access tokens: JWT (RFC 7519), HS256 pinned ---- */

/* A signed token below ctx for the session; lifetime from the settings; claims sub, sid, iat, exp, jti, iss, typ and
 * adm. */
int cab_token_make(void *ctx, const struct cab_conf *conf, int64_t user_id, const char *session_id, bool is_admin,
                   char **token_out, struct cab_err *err) CAB_MUST_CHECK;
/* Checks signature (both keys, by kid), algorithm, iss, typ, times.  UNAUTHENTICATED otherwise. */
int cab_token_verify(void *ctx, const struct cab_conf *conf, const char *token, struct cab_caller *caller_out,
                     struct cab_err *err) CAB_MUST_CHECK;

/* ---- one-time passwords by time: TOTP (RFC 6238), six digits, 30 s, HMAC-SHA-1 ---- */

#define CAB_TOTP_SEED 20 /* bytes */
/* The number of the half minute whose code that is, among the present one and one to each side (a device's clock may be
 * off), newer than last_step; -1 where there is none.  now: seconds since 1970. */
int64_t cab_totp_step(const unsigned char seed[CAB_TOTP_SEED], const char *code, int64_t now, int64_t last_step);
/* Base32 (RFC 4648 section 6) below ctx, wiped when freed. */
char *cab_base32(const void *ctx, const void *bytes, size_t n);

/* ---- API keys: 256 random bits, known to the database by their hash only ---- */

/* A new key below ctx, wiped when freed: "cbk_" and 43 characters of base64url. */
char *cab_api_key_make(void *ctx);
/* Whether text looks like one, so that it is not taken for an access token. */
bool cab_api_key_is(const char *text);
/* Its first 12 characters, by which people know it again. */
void cab_api_key_prefix(const char *key, char prefix[13]);
/* SHA-256 in hex. */
void cab_api_key_hash(const char *key, char hash[65]);
/* The caller that key stands for, its texts below ctx: from what this process remembers, otherwise from the database.
 * The guard proves it.  UNAUTHENTICATED where there is no such key. */
int cab_api_key_find(void *ctx, struct cab_db *db, const struct cab_conf *conf, const char *key,
                     struct cab_caller *caller_out, struct cab_err *err) CAB_MUST_CHECK;
/* Forgets what this process remembers of the caller's key, because the guard found it otherwise. */
void cab_api_key_forget(const struct cab_caller *caller);
/* Notes that a key was used where that was not noted for a minute; after the answer, since nobody waits for it. */
void cab_api_key_used(void *ctx, struct cab_db *db, const struct cab_caller *caller);

/* ---- refresh tokens: base64url(session id || counter || HMAC-SHA-256) ---- */

char *cab_refresh_make(void *ctx, const struct cab_conf *conf, const char *session_id, int64_t counter);
int cab_refresh_verify(void *ctx, const struct cab_conf *conf, const char *token, char session_id_out[37],
                       int64_t *counter_out, struct cab_err *err) CAB_MUST_CHECK;

/* ---- keys of one purpose each ("cursor", "refresh", …), derived from SECRET_KEY and SECRET_KEY_PREVIOUS ---- */

void cab_key(const struct cab_conf *conf, const char *purpose, unsigned char key[32]);
/* False where there is no previous key. */
bool cab_key_previous(const struct cab_conf *conf, const char *purpose, unsigned char key[32]);
/* HMAC-SHA-256 under the key of purpose; 32 bytes into mac. */
void cab_mac(const struct cab_conf *conf, const char *purpose, const void *bytes, size_t n, unsigned char mac[32]);
/* The same under SECRET_KEY_PREVIOUS; false where that is not set. */
bool cab_mac_previous(const struct cab_conf *conf, const char *purpose, const void *bytes, size_t n,
                      unsigned char mac[32]);

/* ---- policy: caller × table × column × operation ---- */

enum cab_op { CAB_OP_READ = 1, CAB_OP_LIST, CAB_OP_CREATE, CAB_OP_UPDATE, CAB_OP_DELETE, CAB_OP_RESTORE, CAB_OP_PURGE,
              CAB_OP_TRASH /* see or filter trashed rows */, CAB_OP__MAX };

/* Whether the scopes of the caller's API key let it do op on table at all; true for callers with an access token. */
bool cab_scope_allows(const struct cab_caller *caller, const struct cab_table *table, enum cab_op op);
/* Whether word is a scope: read, write, admin, or the first two for one table as in "notes:read". */
bool cab_scope_is(const char *word);

/* Which rows of a table an operation may touch. */
enum cab_rows { CAB_ROWS_NONE = 1, CAB_ROWS_OWN, CAB_ROWS_ALL };

/* NONE: the table does not exist for this caller, or (where it may read) the operation is FORBIDDEN. */
enum cab_rows cab_policy_rows(const struct cab_caller *caller, const struct cab_table *table, enum cab_op op);

enum cab_column_access { CAB_COLUMN_NONE = 1, CAB_COLUMN_OWN /* in own rows only */, CAB_COLUMN_ALL };

/* Whether column of rows that cab_policy_rows lets through may be read (filtered, sorted, searched) or written. */
enum cab_column_access cab_policy_read(const struct cab_caller *caller, const struct cab_table *table,
                                       const struct cab_column *column);
enum cab_column_access cab_policy_write(const struct cab_caller *caller, const struct cab_table *table,
                                        const struct cab_column *column, enum cab_op op);

#endif
