/*
 * Scratch databases.  Each is dropped by the destructor of its handle, or at exit where the program dies without
 * freeing; a comment on the database marks it and names the backend that made it, so that leftovers can be told.
 */
#include "scratch.h"
#include "interrupt.h"
#include "statements.h"
#include "veto.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SCRATCH_MAX 16

struct cab_scratch {
    struct cab_db *maker; /* connection to the database beside it */
    struct cab_db *db;
    const char *name, *url, *maker_url;
    bool is_made;
};

static struct cab_scratch *alive[SCRATCH_MAX]; /* for the exit handler */

/* Ends our connection and waits for the server to know: where it finds one, it looks again after 100 ms only. */
static void leave(struct cab_scratch *scratch) {
    struct cab_err err = {0};
    struct cab_result *rows;
    if (scratch->db == NULL)
        return;
    cab_db_close(&scratch->db);
    for (int i = 0; i < 50; i++) {
        if (cab_db_query(scratch->maker, scratch, CAB_SHAPE_ONE, cab_sql_text_migrate_scratch_left, 1, &scratch->name,
                         &rows, &err) != 0 || cab_result_bool(rows, 0, 0))
            break;
        usleep(1000);
    }
    cab_err_clear(&err);
}

static void drop(struct cab_scratch *scratch) {
    struct cab_err err = {0};
    if (!scratch->is_made)
        return;
    scratch->is_made = false;
    for (size_t i = 0; i < SCRATCH_MAX; i++) {
        if (alive[i] == scratch)
            alive[i] = NULL;
    }
    leave(scratch);
    const char *sql = cab_printf(scratch, "DROP DATABASE IF EXISTS %s WITH (FORCE)", scratch->name);
    if (cab_db_exec(scratch->maker, sql, &err) == 0)
        return;
    /* autovacuum may be there, which only a superuser may end by force; without force the server ends it itself */
    cab_err_clear(&err);
    if (cab_db_exec(scratch->maker, cab_printf(scratch, "DROP DATABASE IF EXISTS %s", scratch->name), &err) != 0)
        cab_log(CAB_LOG_WARN, "scratch database %s was not dropped (%s); cabinet-migrate gc drops it", scratch->name,
                err.internal);
}

static void drop_all(void) {
    for (size_t i = 0; i < SCRATCH_MAX; i++) {
        if (alive[i] != NULL)
            drop(alive[i]);
    }
}

static void on_free(void *ptr) {
    drop(ptr);
}

/* url with another database; later words win. */
static const char *with_database(const void *ctx, const char *url, const char *name) {
    if (strstr(url, "://") == NULL)
        return cab_printf(ctx, "%s dbname=%s", url, name);
    return cab_printf(ctx, "%s%sdbname=%s", url, strchr(url, '?') == NULL ? "?" : "&", name);
}

static int open_one(void *ctx, const char *url, struct cab_db **db_out, struct cab_err *err) {
    struct cab_db_options options = {.url = url, .application_name = "cabinet-migrate", .connect_timeout_s = 10,
                                     .prepared = true, .search_path = "public"};
    if (cab_db_open(ctx, &options, db_out, err) == 0)
        return 0;
    return cab_fail(err, CAB_PROBLEM_UNAVAILABLE, "No connection for the scratch database.");
}

static int register_one(struct cab_scratch *scratch, struct cab_err *err) {
    static bool is_registered;
    if (!is_registered && atexit(drop_all) == 0)
        is_registered = true;
    for (size_t i = 0; i < SCRATCH_MAX; i++) {
        if (alive[i] == NULL) {
            alive[i] = scratch;
            return 0;
        }
    }
    return cab_fail(err, CAB_PROBLEM_INTERNAL, "There are too many scratch databases at once.");
}

static int may_not(struct cab_err *err) {
    return cab_veto(err, "The role may not create scratch databases. ALTER ROLE … CREATEDB, or name a server for "
                    "them in CABINET_SCRATCH_URL.");
}

static int create(struct cab_scratch *scratch, const char *words, const char *pid, struct cab_err *err) {
    unsigned char bytes[4];
    cab_random(bytes, sizeof(bytes));
    scratch->name = cab_printf(scratch, "cabinet_scratch_%d_%02x%02x%02x%02x", (int)getpid(), bytes[0], bytes[1],
                               bytes[2], bytes[3]);
    if (register_one(scratch, err) != 0)
        return -1;
    scratch->is_made = true;
    if (cab_db_exec(scratch->maker, cab_printf(scratch, "CREATE DATABASE %s %s", scratch->name, words), err) != 0) {
        if (strcmp(err->sqlstate, "42501") == 0)
            return may_not(err);
        return cab_fail(err, CAB_PROBLEM_INTERNAL, "No scratch database could be made.");
    }
    if (cab_db_exec(scratch->maker, cab_printf(scratch, "COMMENT ON DATABASE %s IS 'cabinet scratch %s'", scratch->name,
                                               pid), err) != 0)
        return -1;
    scratch->url = with_database(scratch, scratch->maker_url, scratch->name);
    return 0;
}

/* Words of CREATE DATABASE that make it like the database of like. */
static const char *words_like(const void *ctx, const struct cab_result *like) {
    const char *encoding = cab_sql_quote_literal(ctx, cab_result_value(like, 0, 0));
    const char *locale = cab_result_value(like, 0, 4), *provider = cab_result_value(like, 0, 3), *extra = "";
    if (provider[0] == 'i' && locale != NULL)
        extra = cab_printf(ctx, " LOCALE_PROVIDER icu ICU_LOCALE %s", cab_sql_quote_literal(ctx, locale));
    else if (provider[0] == 'b' && locale != NULL)
        extra = cab_printf(ctx, " LOCALE_PROVIDER builtin BUILTIN_LOCALE %s", cab_sql_quote_literal(ctx, locale));
    return cab_printf(ctx, "TEMPLATE template0 ENCODING %s LC_COLLATE %s LC_CTYPE %s%s", encoding,
                      cab_sql_quote_literal(ctx, cab_result_value(like, 0, 1)),
                      cab_sql_quote_literal(ctx, cab_result_value(like, 0, 2)), extra);
}

static int make(struct cab_scratch *scratch, const char *words, struct cab_err *err) {
    struct cab_result *like;
    const char *sql = cab_sql_text_migrate_scratch_like;
    if (open_one(scratch, scratch->maker_url, &scratch->maker, err) != 0 ||
        cab_db_query(scratch->maker, scratch, CAB_SHAPE_ONE, sql, 0, NULL, &like, err) != 0)
        return -1;
    if (!cab_result_bool(like, 0, 5))
        return may_not(err);
    if (create(scratch, words != NULL ? words : words_like(scratch, like), cab_result_value(like, 0, 6), err) != 0 ||
        open_one(scratch, scratch->url, &scratch->db, err) != 0)
        return -1;
    cab_interrupt_watch(scratch->db);
    return cab_db_exec(scratch->db, "SET synchronous_commit = off", err);
}

static int make_below(void *ctx, const char *url, const char *words, struct cab_scratch **scratch_out,
                      struct cab_err *err) {
    struct cab_scratch *scratch = cab_new(ctx, struct cab_scratch);
    scratch->maker_url = cab_strdup(scratch, url);
    cab_mem_on_free(scratch, on_free);
    if (make(scratch, words, err) != 0) {
        cab_mem_free(scratch);
        return -1;
    }
    *scratch_out = scratch;
    return 0;
}

int cab_scratch_make(void *ctx, const char *url, struct cab_scratch **scratch_out, struct cab_err *err) {
    return make_below(ctx, url, NULL, scratch_out, err);
}

int cab_scratch_copy(void *ctx, struct cab_scratch *from, struct cab_scratch **scratch_out, struct cab_err *err) {
    const char *words = cab_printf(from, "TEMPLATE %s", from->name);
    leave(from);
    int rc = make_below(ctx, from->maker_url, words, scratch_out, err);
    if (rc == 0 && (rc = open_one(from, from->url, &from->db, err)) == 0)
        cab_interrupt_watch(from->db);
    return rc;
}

struct cab_db *cab_scratch_db(const struct cab_scratch *scratch) {
    return scratch->db;
}

const char *cab_scratch_name(const struct cab_scratch *scratch) {
    return scratch->name;
}

const char *cab_scratch_url(const struct cab_scratch *scratch) {
    return scratch->url;
}

void cab_scratch_drop(struct cab_scratch **scratch) {
    cab_mem_free(*scratch);
    *scratch = NULL;
}

int cab_scratch_collect(void *ctx, struct cab_db *db, int *n_out, struct cab_err *err) {
    struct cab_result *rows;
    *n_out = 0;
    if (cab_db_query(db, ctx, CAB_SHAPE_ANY, cab_sql_text_migrate_scratch_list, 0, NULL, &rows, err) != 0)
        return -1;
    for (int i = 0; i < cab_result_rows(rows); i++) {
        const char *name = cab_sql_quote_name(ctx, cab_result_value(rows, i, 0));
        if (cab_db_exec(db, cab_printf(ctx, "DROP DATABASE IF EXISTS %s", name), err) != 0)
            return -1;
        ++*n_out;
    }
    return 0;
}
