-- cabinet migration
-- Revision: 79811d7ae83a
-- Revises: 618970be1b74
-- Create Date: 2026-11-28T12:00:00Z
-- Message: pages by the hour
-- Line: cabinet
-- Hazard: BLOCKS_WRITES public.users (all its rows are counted)
-- cabinet: ack BLOCKS_WRITES public.users
-- Hazard: BREAKS_OLD_APP cabinet.calendar_users (the view is dropped) on downgrade
-- Hazard: DATA_LOSS cabinet.delta_users.hour (the column is dropped) on downgrade
-- Hazard: DATA_LOSS cabinet.dates_users (the table and its rows are dropped) on downgrade

-- upgrade
SET LOCAL check_function_bodies = off;
-- Writers and the merge wait from the start: none must wait for what is changed below while it holds what is needed at
-- the end.
LOCK TABLE public.users IN SHARE ROW EXCLUSIVE MODE;
SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('cabinet."count_users"'));
CREATE OR REPLACE FUNCTION cabinet.count_row_users()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF OLD."date_created" IS DISTINCT FROM NEW."date_created"
       OR (OLD."deleted_at" IS NULL) <> (NEW."deleted_at" IS NULL)
       OR OLD."is_verified" IS DISTINCT FROM NEW."is_verified"
       OR OLD."is_superuser" IS DISTINCT FROM NEW."is_superuser"
       OR OLD."oauth_provider" IS DISTINCT FROM NEW."oauth_provider" THEN
        INSERT INTO cabinet."delta_users" ("day", "is_deleted", "is_verified", "is_superuser", "oauth_provider", "n", "hour")
        VALUES ((OLD."date_created" AT TIME ZONE 'UTC')::date, OLD."deleted_at" IS NOT NULL, OLD."is_verified", OLD."is_superuser", OLD."oauth_provider", -1, date_trunc('hour', OLD."date_created" AT TIME ZONE 'UTC')),
               ((NEW."date_created" AT TIME ZONE 'UTC')::date, NEW."deleted_at" IS NOT NULL, NEW."is_verified", NEW."is_superuser", NEW."oauth_provider", 1, date_trunc('hour', NEW."date_created" AT TIME ZONE 'UTC'));
    END IF;
    RETURN NULL;
END $function$;
CREATE TABLE cabinet.dates_users (
    span text,
    start timestamp without time zone,
    is_deleted boolean,
    n bigint
)
WITH (fillfactor = '50');
CREATE OR REPLACE FUNCTION cabinet.count_merge_users(most integer)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
    ), dated AS (
        INSERT INTO cabinet."dates_users" AS c ("span", "start", "is_deleted", "n")
        SELECT 'month'::text AS "span", date_trunc('month', d."day"::timestamp) AS "start", d."is_deleted", sum(d."n")::bigint AS "n" FROM taken AS d GROUP BY 2, 3 HAVING sum(d."n") <> 0
        UNION ALL
        SELECT 'day'::text AS "span", d."day"::timestamp AS "start", d."is_deleted", sum(d."n")::bigint AS "n" FROM taken AS d GROUP BY 2, 3 HAVING sum(d."n") <> 0
        UNION ALL
        SELECT 'hour'::text AS "span", d."hour" AS "start", d."is_deleted", sum(d."n")::bigint AS "n" FROM taken AS d GROUP BY 2, 3 HAVING sum(d."n") <> 0
        ON CONFLICT ("span", "start", "is_deleted")
        DO UPDATE SET "n" = c."n" + excluded."n"
    )
    SELECT count(*) INTO merged FROM taken;
    RETURN merged;
END $function$;
CREATE OR REPLACE FUNCTION cabinet.count_rebuild_users()
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'counts are rebuilt at the isolation level read committed only';
    END IF;
    -- Writers wait; who reads goes on.  What follows sees all that was committed before.
    LOCK TABLE "public"."users" IN SHARE ROW EXCLUSIVE MODE;
    PERFORM pg_advisory_xact_lock(hashtext('cabinet."count_users"'));
    DELETE FROM cabinet."delta_users";
    DELETE FROM cabinet."count_users";
    DELETE FROM cabinet."dates_users";
    WITH found AS (
        SELECT (t."date_created" AT TIME ZONE 'UTC')::date AS "day", t."deleted_at" IS NOT NULL AS "is_deleted", t."is_verified", t."is_superuser", t."oauth_provider", count(*) AS "n", date_trunc('hour', t."date_created" AT TIME ZONE 'UTC') AS "hour" FROM "public"."users" AS t GROUP BY 1, 2, 3, 4, 5, 7
    ), dated AS (
        INSERT INTO cabinet."dates_users" ("span", "start", "is_deleted", "n")
        SELECT 'month'::text AS "span", date_trunc('month', d."day"::timestamp) AS "start", d."is_deleted", sum(d."n")::bigint AS "n" FROM found AS d GROUP BY 2, 3 HAVING sum(d."n") <> 0
        UNION ALL
        SELECT 'day'::text AS "span", d."day"::timestamp AS "start", d."is_deleted", sum(d."n")::bigint AS "n" FROM found AS d GROUP BY 2, 3 HAVING sum(d."n") <> 0
        UNION ALL
        SELECT 'hour'::text AS "span", d."hour" AS "start", d."is_deleted", sum(d."n")::bigint AS "n" FROM found AS d GROUP BY 2, 3 HAVING sum(d."n") <> 0
        ORDER BY 1, 2
    )
    INSERT INTO cabinet."count_users" ("span", "day", "is_deleted", "is_verified", "is_superuser", "oauth_provider", "n")
    SELECT 'all'::text AS "span", NULL::date AS "day", d."is_deleted", d."is_verified", d."is_superuser", d."oauth_provider", sum(d."n")::bigint AS "n" FROM found AS d GROUP BY 2, 3, 4, 5, 6 HAVING sum(d."n") <> 0
    UNION ALL
    SELECT 'month'::text AS "span", date_trunc('month', d."day"::timestamp)::date AS "day", d."is_deleted", d."is_verified", d."is_superuser", d."oauth_provider", sum(d."n")::bigint AS "n" FROM found AS d GROUP BY 2, 3, 4, 5, 6 HAVING sum(d."n") <> 0
    UNION ALL
    SELECT 'day'::text AS "span", d."day", d."is_deleted", d."is_verified", d."is_superuser", d."oauth_provider", sum(d."n")::bigint AS "n" FROM found AS d GROUP BY 2, 3, 4, 5, 6 HAVING sum(d."n") <> 0
    -- Days of a month lie together.
    ORDER BY 1, 2;
END $function$;
CREATE OR REPLACE FUNCTION cabinet.count_set_users()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        TRUNCATE cabinet."count_users", cabinet."delta_users", cabinet."dates_users";
        RETURN NULL;
    END IF;
    INSERT INTO cabinet."delta_users" ("day", "is_deleted", "is_verified", "is_superuser", "oauth_provider", "n", "hour")
    SELECT (w."date_created" AT TIME ZONE 'UTC')::date, w."deleted_at" IS NOT NULL, w."is_verified", w."is_superuser", w."oauth_provider", count(*) * CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END, date_trunc('hour', w."date_created" AT TIME ZONE 'UTC')
      FROM changed_rows AS w GROUP BY 1, 2, 3, 4, 5, 7;
    RETURN NULL;
END $function$;
ALTER TABLE cabinet.delta_users ADD COLUMN hour timestamp without time zone;
CREATE VIEW cabinet.calendar_users AS
 SELECT d.span,
    d.start,
    d.is_deleted,
    d.n
   FROM cabinet.dates_users d
UNION ALL
 SELECT 'month'::text AS span,
    date_trunc('month'::text, (d.day)::timestamp without time zone) AS start,
    d.is_deleted,
    d.n
   FROM cabinet.delta_users d
UNION ALL
 SELECT 'day'::text AS span,
    (d.day)::timestamp without time zone AS start,
    d.is_deleted,
    d.n
   FROM cabinet.delta_users d
UNION ALL
 SELECT 'hour'::text AS span,
    d.hour AS start,
    d.is_deleted,
    d.n
   FROM cabinet.delta_users d;
CREATE OR REPLACE FUNCTION cabinet.count_verify_users()
 RETURNS TABLE(kind jsonb, kept bigint, counted bigint)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
BEGIN
    -- One statement, hence one snapshot: right while others write.
    RETURN QUERY
    WITH found AS (
        SELECT (t."date_created" AT TIME ZONE 'UTC')::date AS "day", t."deleted_at" IS NOT NULL AS "is_deleted", t."is_verified", t."is_superuser", t."oauth_provider", count(*) AS "n", date_trunc('hour', t."date_created" AT TIME ZONE 'UTC') AS "hour" FROM "public"."users" AS t GROUP BY 1, 2, 3, 4, 5, 7
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
     WHERE s.kept_n <> s.counted_n
    UNION ALL
    SELECT to_jsonb(s) - 'kept_n' - 'counted_n', s.kept_n, s.counted_n FROM (
        SELECT s."span", s."start", s."is_deleted",
               sum(s.kept_n)::bigint AS kept_n, sum(s.counted_n)::bigint AS counted_n
          FROM (
            SELECT s."span", s."start", s."is_deleted", s."n" AS kept_n, 0 AS counted_n FROM cabinet."calendar_users" AS s
            UNION ALL
            SELECT s."span", s."start", s."is_deleted", 0, s."n" FROM (
                SELECT 'month'::text AS "span", date_trunc('month', d."day"::timestamp) AS "start", d."is_deleted", sum(d."n")::bigint AS "n" FROM found AS d GROUP BY 2, 3 HAVING sum(d."n") <> 0
                UNION ALL
                SELECT 'day'::text AS "span", d."day"::timestamp AS "start", d."is_deleted", sum(d."n")::bigint AS "n" FROM found AS d GROUP BY 2, 3 HAVING sum(d."n") <> 0
                UNION ALL
                SELECT 'hour'::text AS "span", d."hour" AS "start", d."is_deleted", sum(d."n")::bigint AS "n" FROM found AS d GROUP BY 2, 3 HAVING sum(d."n") <> 0) AS s) AS s
         GROUP BY s."span", s."start", s."is_deleted") AS s
     WHERE s.kept_n <> s.counted_n;
END $function$;
CREATE UNIQUE INDEX dates_key_users ON cabinet.dates_users USING btree (span, start, is_deleted);
GRANT SELECT ON TABLE cabinet.calendar_users TO cabinet_app;
COMMENT ON TABLE cabinet.dates_users IS 'How many rows of public.users were made in each month, day and hour; follows from counted().';
COMMENT ON VIEW cabinet.calendar_users IS 'How many rows of public.users were made when: the sum of n for one span.';
SELECT cabinet.count_rebuild_users();

-- downgrade
SET LOCAL check_function_bodies = off;
LOCK TABLE public.users IN SHARE ROW EXCLUSIVE MODE;
SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('cabinet."count_users"'));
DROP VIEW cabinet.calendar_users;
ALTER TABLE cabinet.delta_users DROP COLUMN hour;
DROP TABLE cabinet.dates_users;
CREATE OR REPLACE FUNCTION cabinet.count_merge_users(most integer)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
END $function$;
CREATE OR REPLACE FUNCTION cabinet.count_rebuild_users()
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
END $function$;
CREATE OR REPLACE FUNCTION cabinet.count_row_users()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF OLD."date_created" IS DISTINCT FROM NEW."date_created"
       OR (OLD."deleted_at" IS NULL) <> (NEW."deleted_at" IS NULL)
       OR OLD."is_verified" IS DISTINCT FROM NEW."is_verified"
       OR OLD."is_superuser" IS DISTINCT FROM NEW."is_superuser"
       OR OLD."oauth_provider" IS DISTINCT FROM NEW."oauth_provider" THEN
        INSERT INTO cabinet."delta_users" ("day", "is_deleted", "is_verified", "is_superuser", "oauth_provider", "n")
        VALUES ((OLD."date_created" AT TIME ZONE 'UTC')::date, OLD."deleted_at" IS NOT NULL, OLD."is_verified", OLD."is_superuser", OLD."oauth_provider", -1),
               ((NEW."date_created" AT TIME ZONE 'UTC')::date, NEW."deleted_at" IS NOT NULL, NEW."is_verified", NEW."is_superuser", NEW."oauth_provider", 1);
    END IF;
    RETURN NULL;
END $function$;
CREATE OR REPLACE FUNCTION cabinet.count_set_users()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        TRUNCATE cabinet."count_users", cabinet."delta_users";
        RETURN NULL;
    END IF;
    INSERT INTO cabinet."delta_users" ("day", "is_deleted", "is_verified", "is_superuser", "oauth_provider", "n")
    SELECT (w."date_created" AT TIME ZONE 'UTC')::date, w."deleted_at" IS NOT NULL, w."is_verified", w."is_superuser", w."oauth_provider", count(*) * CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END
      FROM changed_rows AS w GROUP BY 1, 2, 3, 4, 5;
    RETURN NULL;
END $function$;
CREATE OR REPLACE FUNCTION cabinet.count_verify_users()
 RETURNS TABLE(kind jsonb, kept bigint, counted bigint)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
END $function$;
