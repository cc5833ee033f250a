-- cabinet migration
-- Revision: 7e2b4c90d1a6
-- Revises: 5c0e7a41d8b2
-- Create Date: 2026-11-22T22:10:00Z
-- Message: counts
-- Line: cabinet
-- upgrade
CREATE FUNCTION cabinet.counts_merge(most integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    merge name;
    merged bigint;
    most_merged bigint := 0;
BEGIN
    FOR merge IN SELECT p.proname FROM pg_catalog.pg_proc AS p
                  WHERE p.pronamespace = 'cabinet'::regnamespace AND p.proname LIKE 'count\_merge\_%' ORDER BY p.proname
    LOOP
        EXECUTE format('SELECT cabinet.%I($1)', merge) INTO merged USING most;
        most_merged := greatest(most_merged, merged);
    END LOOP;
    RETURN most_merged;
END $$;
COMMENT ON FUNCTION cabinet.counts_merge(integer) IS
    'Adds up to so many deltas of each counted table to its summary; returns the most that one of them had.';

COMMENT ON TABLE public.users IS
    'People who may sign in. @api(expose, owner(id), soft_delete, counted(is_verified, is_superuser, oauth_provider))';

CREATE TABLE cabinet."count_users" WITH (fillfactor = 50) AS
    SELECT ''::text AS "span", (t."date_created" AT TIME ZONE 'UTC')::date AS "day", t."deleted_at" IS NOT NULL AS "is_deleted", t."is_verified", t."is_superuser", t."oauth_provider", 0::bigint AS "n" FROM "public"."users" AS t WITH NO DATA;

COMMENT ON TABLE cabinet."count_users" IS 'How many rows of public.users there are, without what is in its deltas; follows from counted().';

CREATE UNIQUE INDEX "count_key_users" ON cabinet."count_users" ("span", (ARRAY["day"]), "is_deleted", "is_verified", "is_superuser", (ARRAY["oauth_provider"]));

CREATE INDEX "count_day_users" ON cabinet."count_users" ("span", "day");

CREATE TABLE cabinet."delta_users" WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_insert_threshold = -1, autovacuum_vacuum_cost_delay = 0) AS
    SELECT (t."date_created" AT TIME ZONE 'UTC')::date AS "day", t."deleted_at" IS NOT NULL AS "is_deleted", t."is_verified", t."is_superuser", t."oauth_provider", 0::bigint AS "n" FROM "public"."users" AS t WITH NO DATA;

COMMENT ON TABLE cabinet."delta_users" IS 'Changes of the number of rows of public.users that were not added up yet.';

CREATE VIEW cabinet."total_users" AS
    SELECT d."span", d."day", d."is_deleted", d."is_verified", d."is_superuser", d."oauth_provider", d."n" FROM cabinet."count_users" AS d
    UNION ALL
    SELECT 'all'::text AS "span", NULL::date AS "day", d."is_deleted", d."is_verified", d."is_superuser", d."oauth_provider", d."n" FROM cabinet."delta_users" AS d
    UNION ALL
    SELECT 'month'::text AS "span", date_trunc('month', d."day"::timestamp)::date AS "day", d."is_deleted", d."is_verified", d."is_superuser", d."oauth_provider", d."n" FROM cabinet."delta_users" AS d
    UNION ALL
    SELECT 'day'::text AS "span", d."day", d."is_deleted", d."is_verified", d."is_superuser", d."oauth_provider", d."n" FROM cabinet."delta_users" AS d;

COMMENT ON VIEW cabinet."total_users" IS 'How many rows of public.users there are: the sum of n for one span.';

CREATE FUNCTION cabinet."count_set_users"() RETURNS trigger LANGUAGE plpgsql AS $count$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        TRUNCATE cabinet."count_users", cabinet."delta_users";
        RETURN NULL;
    END IF;
    INSERT INTO cabinet."delta_users" ("day", "is_deleted", "is_verified", "is_superuser", "oauth_provider", "n")
    SELECT (w."date_created" AT TIME ZONE 'UTC')::date, w."deleted_at" IS NOT NULL, w."is_verified", w."is_superuser", w."oauth_provider", count(*) * CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END
      FROM changed_rows AS w GROUP BY 1, 2, 3, 4, 5;
    RETURN NULL;
END $count$;

COMMENT ON FUNCTION cabinet."count_set_users"() IS 'Counts rows of public.users that came, went, or went all at once.';

CREATE FUNCTION cabinet."count_row_users"() RETURNS trigger LANGUAGE plpgsql AS $count$
BEGIN
    INSERT INTO cabinet."delta_users" ("day", "is_deleted", "is_verified", "is_superuser", "oauth_provider", "n")
    VALUES ((OLD."date_created" AT TIME ZONE 'UTC')::date, OLD."deleted_at" IS NOT NULL, OLD."is_verified", OLD."is_superuser", OLD."oauth_provider", -1),
           ((NEW."date_created" AT TIME ZONE 'UTC')::date, NEW."deleted_at" IS NOT NULL, NEW."is_verified", NEW."is_superuser", NEW."oauth_provider", 1);
    RETURN NULL;
END $count$;

COMMENT ON FUNCTION cabinet."count_row_users"() IS 'Counts a row of public.users that is of another kind now.';

CREATE TRIGGER count_insert AFTER INSERT ON "public"."users"
    REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION cabinet."count_set_users"();

CREATE TRIGGER count_delete AFTER DELETE ON "public"."users"
    REFERENCING OLD TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION cabinet."count_set_users"();

CREATE TRIGGER count_truncate AFTER TRUNCATE ON "public"."users"
    FOR EACH STATEMENT EXECUTE FUNCTION cabinet."count_set_users"();

CREATE TRIGGER count_update AFTER UPDATE ON "public"."users"
    FOR EACH ROW WHEN (OLD."date_created" IS DISTINCT FROM NEW."date_created"
          OR (OLD."deleted_at" IS NULL) <> (NEW."deleted_at" IS NULL)
          OR OLD."is_verified" IS DISTINCT FROM NEW."is_verified"
          OR OLD."is_superuser" IS DISTINCT FROM NEW."is_superuser"
          OR OLD."oauth_provider" IS DISTINCT FROM NEW."oauth_provider")
    EXECUTE FUNCTION cabinet."count_row_users"();

CREATE FUNCTION cabinet."count_merge_users"(most integer) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $count$
#variable_conflict use_column
DECLARE
    merged bigint;
BEGIN
    -- Two at a time would wait for each other's rows.
    IF NOT pg_try_advisory_xact_lock(hashtext('cabinet."count_users"')) THEN
        RETURN 0;
    END IF;
    WITH taken AS (
        DELETE FROM cabinet."delta_users" AS d
         WHERE d.ctid = ANY (ARRAY(SELECT o.ctid FROM cabinet."delta_users" AS o LIMIT $1)) RETURNING d.*
    ), added AS (
        INSERT INTO cabinet."count_users" AS c ("span", "day", "is_deleted", "is_verified", "is_superuser", "oauth_provider", "n")
        SELECT 'all'::text AS "span", NULL::date AS "day", d."is_deleted", d."is_verified", d."is_superuser", d."oauth_provider", sum(d."n")::bigint AS "n" FROM taken AS d GROUP BY 2, 3, 4, 5, 6 HAVING sum(d."n") <> 0
        UNION ALL
        SELECT 'month'::text AS "span", date_trunc('month', d."day"::timestamp)::date AS "day", d."is_deleted", d."is_verified", d."is_superuser", d."oauth_provider", sum(d."n")::bigint AS "n" FROM taken AS d GROUP BY 2, 3, 4, 5, 6 HAVING sum(d."n") <> 0
        UNION ALL
        SELECT 'day'::text AS "span", d."day", d."is_deleted", d."is_verified", d."is_superuser", d."oauth_provider", sum(d."n")::bigint AS "n" FROM taken AS d GROUP BY 2, 3, 4, 5, 6 HAVING sum(d."n") <> 0
        ON CONFLICT ("span", (ARRAY["day"]), "is_deleted", "is_verified", "is_superuser", (ARRAY["oauth_provider"]))
        DO UPDATE SET "n" = c."n" + excluded."n"
    )
    SELECT count(*) INTO merged FROM taken;
    RETURN merged;
END $count$;

COMMENT ON FUNCTION cabinet."count_merge_users"(integer) IS 'Adds up to so many deltas of public.users to their summary; returns how many.';

CREATE FUNCTION cabinet."count_rebuild_users"() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $count$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'counts are rebuilt at the isolation level read committed only';
    END IF;
    -- Writers wait; who reads goes on.  What follows sees all that was committed before.
    LOCK TABLE "public"."users" IN SHARE ROW EXCLUSIVE MODE;
    PERFORM pg_advisory_xact_lock(hashtext('cabinet."count_users"'));
    DELETE FROM cabinet."delta_users";
    DELETE FROM cabinet."count_users";
    WITH found AS (
        SELECT (t."date_created" AT TIME ZONE 'UTC')::date AS "day", t."deleted_at" IS NOT NULL AS "is_deleted", t."is_verified", t."is_superuser", t."oauth_provider", count(*) AS "n" FROM "public"."users" AS t GROUP BY 1, 2, 3, 4, 5
    )
    INSERT INTO cabinet."count_users" ("span", "day", "is_deleted", "is_verified", "is_superuser", "oauth_provider", "n")
    SELECT 'all'::text AS "span", NULL::date AS "day", d."is_deleted", d."is_verified", d."is_superuser", d."oauth_provider", sum(d."n")::bigint AS "n" FROM found AS d GROUP BY 2, 3, 4, 5, 6 HAVING sum(d."n") <> 0
    UNION ALL
    SELECT 'month'::text AS "span", date_trunc('month', d."day"::timestamp)::date AS "day", d."is_deleted", d."is_verified", d."is_superuser", d."oauth_provider", sum(d."n")::bigint AS "n" FROM found AS d GROUP BY 2, 3, 4, 5, 6 HAVING sum(d."n") <> 0
    UNION ALL
    SELECT 'day'::text AS "span", d."day", d."is_deleted", d."is_verified", d."is_superuser", d."oauth_provider", sum(d."n")::bigint AS "n" FROM found AS d GROUP BY 2, 3, 4, 5, 6 HAVING sum(d."n") <> 0
    -- Days of a month lie together.
    ORDER BY 1, 2;
END $count$;

COMMENT ON FUNCTION cabinet."count_rebuild_users"() IS 'Counts all rows of public.users anew: after triggers were off, or a restore.';

CREATE FUNCTION cabinet."count_verify_users"() RETURNS TABLE (kind jsonb, kept bigint, counted bigint) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $count$
#variable_conflict use_column
BEGIN
    -- One statement, hence one snapshot: right while others write.
    RETURN QUERY
    WITH found AS (
        SELECT (t."date_created" AT TIME ZONE 'UTC')::date AS "day", t."deleted_at" IS NOT NULL AS "is_deleted", t."is_verified", t."is_superuser", t."oauth_provider", count(*) AS "n" FROM "public"."users" AS t GROUP BY 1, 2, 3, 4, 5
    ), spans AS (
        SELECT 'all'::text AS "span", NULL::date AS "day", d."is_deleted", d."is_verified", d."is_superuser", d."oauth_provider", sum(d."n")::bigint AS "n" FROM found AS d GROUP BY 2, 3, 4, 5, 6 HAVING sum(d."n") <> 0
        UNION ALL
        SELECT 'month'::text AS "span", date_trunc('month', d."day"::timestamp)::date AS "day", d."is_deleted", d."is_verified", d."is_superuser", d."oauth_provider", sum(d."n")::bigint AS "n" FROM found AS d GROUP BY 2, 3, 4, 5, 6 HAVING sum(d."n") <> 0
        UNION ALL
        SELECT 'day'::text AS "span", d."day", d."is_deleted", d."is_verified", d."is_superuser", d."oauth_provider", sum(d."n")::bigint AS "n" FROM found AS d GROUP BY 2, 3, 4, 5, 6 HAVING sum(d."n") <> 0
    ), sides AS (
        SELECT s."span", s."day", s."is_deleted", s."is_verified", s."is_superuser", s."oauth_provider", s."n" AS kept_n, 0 AS counted_n FROM cabinet."total_users" AS s
        UNION ALL
        SELECT s."span", s."day", s."is_deleted", s."is_verified", s."is_superuser", s."oauth_provider", 0, s."n" FROM spans AS s
    ), sums AS (
        SELECT s."span", s."day", s."is_deleted", s."is_verified", s."is_superuser", s."oauth_provider",
               sum(s.kept_n)::bigint AS kept_n, sum(s.counted_n)::bigint AS counted_n
          FROM sides AS s GROUP BY s."span", s."day", s."is_deleted", s."is_verified", s."is_superuser", s."oauth_provider"
    )
    SELECT to_jsonb(s) - 'kept_n' - 'counted_n', s.kept_n, s.counted_n FROM sums AS s
     WHERE s.kept_n <> s.counted_n;
END $count$;

COMMENT ON FUNCTION cabinet."count_verify_users"() IS 'Kinds of rows of public.users whose number in the summary is not that of the table; no row where all is well.';

GRANT INSERT ON cabinet."delta_users" TO cabinet_app;

GRANT SELECT ON cabinet."total_users" TO cabinet_app;

REVOKE ALL ON FUNCTION cabinet."count_merge_users"(integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION cabinet."count_merge_users"(integer) TO cabinet_app;

REVOKE ALL ON FUNCTION cabinet."count_rebuild_users"() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION cabinet."count_rebuild_users"() TO cabinet_app;

REVOKE ALL ON FUNCTION cabinet."count_verify_users"() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION cabinet."count_verify_users"() TO cabinet_app;

-- The first fill: nobody writes since the triggers were made.
SELECT cabinet."count_rebuild_users"();

-- downgrade
DROP TRIGGER count_update ON public.users;
DROP TRIGGER count_truncate ON public.users;
DROP TRIGGER count_delete ON public.users;
DROP TRIGGER count_insert ON public.users;
DROP FUNCTION cabinet."count_verify_users"();
DROP FUNCTION cabinet."count_rebuild_users"();
DROP FUNCTION cabinet."count_merge_users"(integer);
DROP FUNCTION cabinet."count_row_users"();
DROP FUNCTION cabinet."count_set_users"();
DROP VIEW cabinet."total_users";
DROP TABLE cabinet."delta_users";
DROP TABLE cabinet."count_users";
COMMENT ON TABLE public.users IS 'People who may sign in. @api(expose, owner(id), soft_delete)';
DROP FUNCTION cabinet.counts_merge(integer);
