/*
 * Fills users with synthetic accounts and prints bearer tokens of some of them, for load tests and measurements.
 *
 *   bench-load [--config FILE] [--users N] [--tokens N] [--superusers] [--lifetime SECONDS]
 *
 * Works as the owner role (DATABASE_OWNER_URL): triggers are off while rows are made, so that the trail stays small.
 * Tokens belong to real sessions and are signed by the instance's SECRET_KEY.
 */
#include <cabinet/auth.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

enum { BATCH = 50000 };

/* Names are drawn from syllables, so that a search of three letters finds some thousands of a million.  Accounts are
 * numbered in the order they were made ($3 the first, $4 the last), as those of a service are. */
static const char insert_batch[] =
    "INSERT INTO public.users (email, username, is_verified, is_superuser, oauth_provider, date_created, deleted_at)"
    " SELECT r.name || n || '@' || (ARRAY['example.com','mail.example','post.example','uni.example'])[1 + n % 4],"
    "        r.name || n, r.verified < 0.82, r.super < 0.001,"
    "        CASE WHEN r.provider < 0.70 THEN NULL WHEN r.provider < 0.92 THEN 'google' ELSE 'apple' END,"
    "        r.created, CASE WHEN r.deleted < 0.03 THEN r.created + interval '30 days' END"
    "   FROM generate_series($1::bigint, $2::bigint) AS n,"
    "        LATERAL (SELECT random() AS verified, random() AS super, random() AS provider, random() AS deleted,"
    "                        timestamptz '2023-01-01 00:00:00+00' + interval '1095 days'"
    "                        * sqrt((n - $3::bigint + random()) / ($4::bigint - $3::bigint + 1)) AS created,"
    "                        (SELECT string_agg(syllable[1 + floor(random() * 40)::int], '')"
    "                           FROM (SELECT "
    "ARRAY['ma','ri','el','lo','an','na','to','mi','ka','ste','van','jo','li','ber',"
    "                                 "
    "'sa','ra','dan','iel','pe','tra','chen','wei','ol','ga','fer','nan','do','lu','is','ha',"
    "                                 'ru','ki','no','va','sil','via','tho','gre','bjo','cla'] AS syllable) AS s,"
    "                                generate_series(1, 3 + n % 2)) AS name) AS r";

/* Indexes are made at the end, in the same transaction: kept up row by row they take most of the time. */
static const char put_indexes_aside[] =
    "CREATE TEMP TABLE aside ON COMMIT DROP AS"
    " SELECT i.indexrelid::regclass::text AS name, pg_catalog.pg_get_indexdef(i.indexrelid) AS definition"
    "   FROM pg_catalog.pg_index AS i WHERE i.indrelid = 'public.users'::regclass"
    "    AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint AS c WHERE c.conindid = i.indexrelid);"
    "DO $$ DECLARE name text; BEGIN FOR name IN SELECT a.name FROM aside AS a LOOP"
    " EXECUTE format('DROP INDEX %s', name); END LOOP; END $$;"
    "ALTER TABLE public.users DISABLE TRIGGER USER";

static const char make_indexes[] =
    "SET LOCAL maintenance_work_mem = '512MB';"
    "ALTER TABLE public.users ENABLE TRIGGER USER;"
    "DO $$ DECLARE definition text; BEGIN FOR definition IN SELECT a.definition FROM aside AS a LOOP"
    " EXECUTE definition; END LOOP; END $$";

static const char make_sessions[] =
    "INSERT INTO public.sessions (id, user_id, counter, expires, ip, user_agent)"
    " SELECT pg_catalog.gen_random_uuid(), u.id, 1, now() + interval '30 days', '127.0.0.1', 'bench-load'"
    "   FROM (SELECT id FROM public.users WHERE deleted_at IS NULL AND banned_at IS NULL AND is_superuser = $2::boolean"
    "          ORDER BY id LIMIT $1::bigint) AS u"
    " RETURNING id, user_id";

static void stop(const struct cab_err *err) {
    fprintf(stderr, "bench-load: %s %s\n", err->detail, err->internal);
    exit(1);
}

static void load_users(struct cab_db *db, void *mem, int64_t users) {
    struct cab_err err = { 0 };
    struct cab_result *result;
    if (cab_db_query(db, mem, CAB_SHAPE_ONE, "SELECT coalesce(max(id), 0) FROM public.users", 0, NULL, &result,
                     &err) != 0)
        stop(&err);
    int64_t first = cab_result_int64(result, 0, 0) + 1, last = first + users - 1;
    char of_all[2][24];
    snprintf(of_all[0], sizeof of_all[0], "%ld", first);
    snprintf(of_all[1], sizeof of_all[1], "%ld", last);
    if (cab_db_exec(db, "BEGIN", &err) != 0 || cab_db_exec(db, put_indexes_aside, &err) != 0)
        stop(&err);
    for (int64_t from = first; from <= last; from += BATCH) {
        char a[24], b[24];
        snprintf(a, sizeof a, "%ld", from);
        snprintf(b, sizeof b, "%ld", from + BATCH - 1 < last ? from + BATCH - 1 : last);
        if (cab_db_query(db, mem, CAB_SHAPE_ANY, insert_batch, 4, (const char *[]){ a, b, of_all[0], of_all[1] }, NULL,
                         &err) != 0)
            stop(&err);
        fprintf(stderr, "\r%s of %ld users", b, last);
    }
    if (cab_db_exec(db, make_indexes, &err) != 0 || cab_db_exec(db, "COMMIT", &err) != 0)
        stop(&err);
    fputc('\n', stderr);
    /* no trigger counted them */
    if (cab_db_exec(db, "SELECT cabinet.count_rebuild_users()", &err) != 0 ||
        cab_db_exec(db, "VACUUM ANALYZE public.users", &err) != 0 ||
        cab_db_exec(db, "VACUUM ANALYZE cabinet.count_users", &err) != 0)
        stop(&err);
}

static void print_tokens(struct cab_db *db, void *mem, const struct cab_conf *conf, int64_t tokens, bool superusers) {
    struct cab_err err = { 0 };
    struct cab_result *result;
    char limit[24];
    snprintf(limit, sizeof limit, "%ld", tokens);
    if (superusers &&
        cab_db_query(db, mem, CAB_SHAPE_ANY,
                     "UPDATE public.users SET is_superuser = true WHERE id IN (SELECT id FROM public.users"
                     " WHERE deleted_at IS NULL AND banned_at IS NULL ORDER BY is_superuser DESC, id"
                     " LIMIT $1::bigint) AND NOT is_superuser",
                     1, (const char *[]) { limit }, NULL, &err) != 0)
        stop(&err);
    if (cab_db_query(db, mem, CAB_SHAPE_ANY, make_sessions, 2, (const char *[]){ limit, superusers ? "true" : "false" },
                     &result, &err) != 0)
        stop(&err);
    for (int row = 0; row < cab_result_rows(result); row++) {
        char *token;
        if (cab_token_make(mem, conf, cab_result_int64(result, row, 1), cab_result_value(result, row, 0), superusers,
                           &token, &err) != 0)
            stop(&err);
        puts(token);
    }
    if (cab_result_rows(result) < tokens) {
        fprintf(stderr, "bench-load: only %d accounts for %ld tokens; load more users\n", cab_result_rows(result),
                tokens);
        exit(1);
    }
}

int main(int argc, char **argv) {
    static const struct option options[] = {
        { "config", required_argument, NULL, 'c' },   { "users", required_argument, NULL, 'u' },
        { "tokens", required_argument, NULL, 't' },   { "superusers", no_argument, NULL, 's' },
        { "lifetime", required_argument, NULL, 'l' }, { NULL, 0, NULL, 0 },
    };
    const char *file = NULL;
    int64_t users = 0, tokens = 0, lifetime = 86400;
    bool superusers = false, bad = false;
    for (int opt; (opt = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (opt == 'c')
            file = optarg;
        else if (opt == 's')
            superusers = true;
        else
            bad = bad || opt == '?' ||
                  cab_parse_int64(optarg, 0, 100000000, opt == 'u' ? &users : opt == 't' ? &tokens : &lifetime) != 0;
    }
    if (bad || optind != argc) {
        fprintf(stderr,
                "usage: bench-load [--config FILE] [--users N] [--tokens N] [--superusers] [--lifetime SECONDS]\n");
        return 2;
    }
    void *mem = cab_mem_alloc(NULL, 0);
    struct cab_conf *conf;
    struct cab_db *db;
    struct cab_err err = { 0 };
    cab_log_init("bench-load", CAB_LOG_WARN);
    if (cab_conf_load(mem, file, NULL, &conf, &err) != 0)
        stop(&err);
    struct cab_db_options options_db = { .url = conf->database_owner_url != NULL && *conf->database_owner_url != '\0'
                                                    ? conf->database_owner_url : conf->database_url,
                                         .application_name = "bench-load", .connect_timeout_s = 10, .prepared = true };
    if (cab_db_open(mem, &options_db, &db, &err) != 0)
        stop(&err);
    if (users > 0)
        load_users(db, mem, users);
    if (tokens > 0) {
        struct cab_conf long_lived = *conf;
        long_lived.access_token_lifetime = lifetime;
        print_tokens(db, mem, &long_lived, tokens, superusers);
    }
    cab_mem_free(mem);
    return 0;
}
