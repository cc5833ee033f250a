-- cabinet migration
-- Revision: 5d90c2e7a4b8
-- Revises: 11b83562a6aa
-- Create Date: 2026-11-28T13:20:00Z
-- Message: cheaper merge of ranks
-- Line: cabinet

-- upgrade
SET LOCAL check_function_bodies = off;
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
        SELECT 'hour'::text AS "span", date_trunc('hour', d."slot") AS "start", d."is_deleted", sum(d."n")::bigint AS "n" FROM taken AS d GROUP BY 2, 3 HAVING sum(d."n") <> 0
        ON CONFLICT ("span", "start", "is_deleted")
        DO UPDATE SET "n" = c."n" + excluded."n"
    ), parts AS (
        SELECT date_trunc('month', d."day"::timestamp) AS "start", 'month'::text AS "span", d."is_deleted", d."day"::timestamp AS part, sum(d."n")::bigint AS "n"
          FROM taken AS d GROUP BY 1, 2, 3, 4 HAVING sum(d."n") <> 0
        UNION ALL
        SELECT d."day"::timestamp AS "start", 'day'::text AS "span", d."is_deleted", d."slot" AS part, sum(d."n")::bigint AS "n"
          FROM taken AS d GROUP BY 1, 2, 3, 4 HAVING sum(d."n") <> 0
    ), placed AS (
        SELECT p."start", p."span", p."is_deleted", p."n", CASE WHEN NOT isfinite(p."start") THEN 1
               WHEN p."span" = 'day' THEN coalesce(extract(epoch FROM p.part - p."start")::int / 600, 0) + 1
               ELSE extract(day FROM p.part)::int END AS i FROM parts AS p
    ), summed AS (
        SELECT p."start", p."span", p."is_deleted", array_agg(p.i ORDER BY p.i) AS places, array_agg(p.through ORDER BY p.i) AS sums
          FROM (SELECT p."start", p."span", p."is_deleted", p.i, sum(p."n") OVER (PARTITION BY p."start", p."span", p."is_deleted" ORDER BY p.i)::bigint AS through
                  FROM placed AS p) AS p GROUP BY p."start", p."span", p."is_deleted"
    ), ranked AS (
        INSERT INTO cabinet."ranks_users" AS c ("start", "span", "is_deleted", through)
        SELECT s."start", s."span", s."is_deleted", ARRAY(SELECT coalesce(s.sums[width_bucket(k, s.places)], 0)
            FROM generate_series(1, CASE WHEN NOT isfinite(s."start") THEN 1
                WHEN s."span" = 'day' THEN 144 ELSE 31 END) AS k)
          FROM summed AS s
        ON CONFLICT ("start", "span", "is_deleted")
        DO UPDATE SET through = ARRAY(SELECT k.kept + k.more
            FROM unnest(c.through, excluded.through) AS k(kept, more))
    )
    SELECT count(*) INTO merged FROM taken;
    INSERT INTO cabinet."ranks_users" ("start", "span", "is_deleted", starts, through)
    SELECT '-infinity'::timestamp, 'all'::text, d."is_deleted", array_agg(d."start" ORDER BY d."start"),
           array_agg(d.through ORDER BY d."start")
      FROM (SELECT d."start", d."is_deleted", sum(d."n") OVER (PARTITION BY d."is_deleted" ORDER BY d."start")::bigint AS through
              FROM cabinet."dates_users" AS d WHERE d."span" = 'month') AS d
     GROUP BY 2, 3 HAVING count(*) > 0
    ON CONFLICT ("start", "span", "is_deleted") DO UPDATE SET starts = excluded.starts, through = excluded.through;
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
    DELETE FROM cabinet."ranks_users";
    WITH found AS (
        SELECT (t."date_created" AT TIME ZONE 'UTC')::date AS "day", t."deleted_at" IS NOT NULL AS "is_deleted", t."is_verified", t."is_superuser", t."oauth_provider", count(*) AS "n", date_bin('10 minutes', t."date_created" AT TIME ZONE 'UTC', timestamp '2000-01-01') AS "slot" FROM "public"."users" AS t GROUP BY 1, 2, 3, 4, 5, 7
    ), dated AS (
        INSERT INTO cabinet."dates_users" ("span", "start", "is_deleted", "n")
        SELECT 'month'::text AS "span", date_trunc('month', d."day"::timestamp) AS "start", d."is_deleted", sum(d."n")::bigint AS "n" FROM found AS d GROUP BY 2, 3 HAVING sum(d."n") <> 0
        UNION ALL
        SELECT 'day'::text AS "span", d."day"::timestamp AS "start", d."is_deleted", sum(d."n")::bigint AS "n" FROM found AS d GROUP BY 2, 3 HAVING sum(d."n") <> 0
        UNION ALL
        SELECT 'hour'::text AS "span", date_trunc('hour', d."slot") AS "start", d."is_deleted", sum(d."n")::bigint AS "n" FROM found AS d GROUP BY 2, 3 HAVING sum(d."n") <> 0
        ORDER BY 1, 2
    ), parts AS (
        SELECT date_trunc('month', d."day"::timestamp) AS "start", 'month'::text AS "span", d."is_deleted", d."day"::timestamp AS part, sum(d."n")::bigint AS "n"
          FROM found AS d GROUP BY 1, 2, 3, 4 HAVING sum(d."n") <> 0
        UNION ALL
        SELECT d."day"::timestamp AS "start", 'day'::text AS "span", d."is_deleted", d."slot" AS part, sum(d."n")::bigint AS "n"
          FROM found AS d GROUP BY 1, 2, 3, 4 HAVING sum(d."n") <> 0
    ), placed AS (
        SELECT p."start", p."span", p."is_deleted", p."n", CASE WHEN NOT isfinite(p."start") THEN 1
               WHEN p."span" = 'day' THEN coalesce(extract(epoch FROM p.part - p."start")::int / 600, 0) + 1
               ELSE extract(day FROM p.part)::int END AS i FROM parts AS p
    ), summed AS (
        SELECT p."start", p."span", p."is_deleted", array_agg(p.i ORDER BY p.i) AS places, array_agg(p.through ORDER BY p.i) AS sums
          FROM (SELECT p."start", p."span", p."is_deleted", p.i, sum(p."n") OVER (PARTITION BY p."start", p."span", p."is_deleted" ORDER BY p.i)::bigint AS through
                  FROM placed AS p) AS p GROUP BY p."start", p."span", p."is_deleted"
    ), ranked AS (
        INSERT INTO cabinet."ranks_users" AS c ("start", "span", "is_deleted", through)
        SELECT s."start", s."span", s."is_deleted", ARRAY(SELECT coalesce(s.sums[width_bucket(k, s.places)], 0)
            FROM generate_series(1, CASE WHEN NOT isfinite(s."start") THEN 1
                WHEN s."span" = 'day' THEN 144 ELSE 31 END) AS k)
          FROM summed AS s ORDER BY 1, 2
    )
    INSERT INTO cabinet."count_users" ("span", "day", "is_deleted", "is_verified", "is_superuser", "oauth_provider", "n")
    SELECT 'all'::text AS "span", NULL::date AS "day", d."is_deleted", d."is_verified", d."is_superuser", d."oauth_provider", sum(d."n")::bigint AS "n" FROM found AS d GROUP BY 2, 3, 4, 5, 6 HAVING sum(d."n") <> 0
    UNION ALL
    SELECT 'month'::text AS "span", date_trunc('month', d."day"::timestamp)::date AS "day", d."is_deleted", d."is_verified", d."is_superuser", d."oauth_provider", sum(d."n")::bigint AS "n" FROM found AS d GROUP BY 2, 3, 4, 5, 6 HAVING sum(d."n") <> 0
    UNION ALL
    SELECT 'day'::text AS "span", d."day", d."is_deleted", d."is_verified", d."is_superuser", d."oauth_provider", sum(d."n")::bigint AS "n" FROM found AS d GROUP BY 2, 3, 4, 5, 6 HAVING sum(d."n") <> 0
    -- Days of a month lie together.
    ORDER BY 1, 2;
    INSERT INTO cabinet."ranks_users" ("start", "span", "is_deleted", starts, through)
    SELECT '-infinity'::timestamp, 'all'::text, d."is_deleted", array_agg(d."start" ORDER BY d."start"),
           array_agg(d.through ORDER BY d."start")
      FROM (SELECT d."start", d."is_deleted", sum(d."n") OVER (PARTITION BY d."is_deleted" ORDER BY d."start")::bigint AS through
              FROM cabinet."dates_users" AS d WHERE d."span" = 'month') AS d
     GROUP BY 2, 3 HAVING count(*) > 0
    ON CONFLICT ("start", "span", "is_deleted") DO UPDATE SET starts = excluded.starts, through = excluded.through;
END $function$;

-- downgrade
SET LOCAL check_function_bodies = off;
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
        SELECT 'hour'::text AS "span", date_trunc('hour', d."slot") AS "start", d."is_deleted", sum(d."n")::bigint AS "n" FROM taken AS d GROUP BY 2, 3 HAVING sum(d."n") <> 0
        ON CONFLICT ("span", "start", "is_deleted")
        DO UPDATE SET "n" = c."n" + excluded."n"
    ), parts AS (
        SELECT date_trunc('month', d."day"::timestamp) AS "start", 'month'::text AS "span", d."is_deleted", d."day"::timestamp AS part, sum(d."n")::bigint AS "n"
          FROM taken AS d GROUP BY 1, 2, 3, 4 HAVING sum(d."n") <> 0
        UNION ALL
        SELECT d."day"::timestamp AS "start", 'day'::text AS "span", d."is_deleted", d."slot" AS part, sum(d."n")::bigint AS "n"
          FROM taken AS d GROUP BY 1, 2, 3, 4 HAVING sum(d."n") <> 0
    ), filled AS (
        SELECT p."start", p."span", p."is_deleted", p.part, p."n" FROM parts AS p
        UNION ALL
        SELECT p."start", p."span", p."is_deleted", p."start" + (k - 1) * CASE p."span" WHEN 'day' THEN interval '10 minutes' ELSE interval '1 day' END, 0
          FROM (SELECT DISTINCT p."start", p."span", p."is_deleted" FROM parts AS p) AS p,
               generate_series(1, CASE p."span" WHEN 'day' THEN 144 ELSE 31 END) AS k
    ), summed AS (
        SELECT f."start", f."span", f."is_deleted", f.part, sum(sum(f."n")) OVER (PARTITION BY f."start", f."span", f."is_deleted" ORDER BY f.part)::bigint AS through
          FROM filled AS f GROUP BY f."start", f."span", f."is_deleted", f.part
    ), ranked AS (
        INSERT INTO cabinet."ranks_users" AS c ("start", "span", "is_deleted", through)
        SELECT s."start", s."span", s."is_deleted", array_agg(s.through ORDER BY s.part) FROM summed AS s GROUP BY s."start", s."span", s."is_deleted"
        ON CONFLICT ("start", "span", "is_deleted")
        DO UPDATE SET through = ARRAY(SELECT k.kept + k.more
            FROM unnest(c.through, excluded.through) WITH ORDINALITY AS k(kept, more, i) ORDER BY k.i)
    )
    SELECT count(*) INTO merged FROM taken;
    INSERT INTO cabinet."ranks_users" ("start", "span", "is_deleted", starts, through)
    SELECT '-infinity'::timestamp, 'all'::text, d."is_deleted", array_agg(d."start" ORDER BY d."start"),
           array_agg(d.through ORDER BY d."start")
      FROM (SELECT d."start", d."is_deleted", sum(d."n") OVER (PARTITION BY d."is_deleted" ORDER BY d."start")::bigint AS through
              FROM cabinet."dates_users" AS d WHERE d."span" = 'month') AS d
     GROUP BY 2, 3 HAVING count(*) > 0
    ON CONFLICT ("start", "span", "is_deleted") DO UPDATE SET starts = excluded.starts, through = excluded.through;
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
    DELETE FROM cabinet."ranks_users";
    WITH found AS (
        SELECT (t."date_created" AT TIME ZONE 'UTC')::date AS "day", t."deleted_at" IS NOT NULL AS "is_deleted", t."is_verified", t."is_superuser", t."oauth_provider", count(*) AS "n", date_bin('10 minutes', t."date_created" AT TIME ZONE 'UTC', timestamp '2000-01-01') AS "slot" FROM "public"."users" AS t GROUP BY 1, 2, 3, 4, 5, 7
    ), dated AS (
        INSERT INTO cabinet."dates_users" ("span", "start", "is_deleted", "n")
        SELECT 'month'::text AS "span", date_trunc('month', d."day"::timestamp) AS "start", d."is_deleted", sum(d."n")::bigint AS "n" FROM found AS d GROUP BY 2, 3 HAVING sum(d."n") <> 0
        UNION ALL
        SELECT 'day'::text AS "span", d."day"::timestamp AS "start", d."is_deleted", sum(d."n")::bigint AS "n" FROM found AS d GROUP BY 2, 3 HAVING sum(d."n") <> 0
        UNION ALL
        SELECT 'hour'::text AS "span", date_trunc('hour', d."slot") AS "start", d."is_deleted", sum(d."n")::bigint AS "n" FROM found AS d GROUP BY 2, 3 HAVING sum(d."n") <> 0
        ORDER BY 1, 2
    ), parts AS (
        SELECT date_trunc('month', d."day"::timestamp) AS "start", 'month'::text AS "span", d."is_deleted", d."day"::timestamp AS part, sum(d."n")::bigint AS "n"
          FROM found AS d GROUP BY 1, 2, 3, 4 HAVING sum(d."n") <> 0
        UNION ALL
        SELECT d."day"::timestamp AS "start", 'day'::text AS "span", d."is_deleted", d."slot" AS part, sum(d."n")::bigint AS "n"
          FROM found AS d GROUP BY 1, 2, 3, 4 HAVING sum(d."n") <> 0
    ), filled AS (
        SELECT p."start", p."span", p."is_deleted", p.part, p."n" FROM parts AS p
        UNION ALL
        SELECT p."start", p."span", p."is_deleted", p."start" + (k - 1) * CASE p."span" WHEN 'day' THEN interval '10 minutes' ELSE interval '1 day' END, 0
          FROM (SELECT DISTINCT p."start", p."span", p."is_deleted" FROM parts AS p) AS p,
               generate_series(1, CASE p."span" WHEN 'day' THEN 144 ELSE 31 END) AS k
    ), summed AS (
        SELECT f."start", f."span", f."is_deleted", f.part, sum(sum(f."n")) OVER (PARTITION BY f."start", f."span", f."is_deleted" ORDER BY f.part)::bigint AS through
          FROM filled AS f GROUP BY f."start", f."span", f."is_deleted", f.part
    ), ranked AS (
        INSERT INTO cabinet."ranks_users" AS c ("start", "span", "is_deleted", through)
        SELECT s."start", s."span", s."is_deleted", array_agg(s.through ORDER BY s.part) FROM summed AS s GROUP BY s."start", s."span", s."is_deleted" ORDER BY 1, 2
    )
    INSERT INTO cabinet."count_users" ("span", "day", "is_deleted", "is_verified", "is_superuser", "oauth_provider", "n")
    SELECT 'all'::text AS "span", NULL::date AS "day", d."is_deleted", d."is_verified", d."is_superuser", d."oauth_provider", sum(d."n")::bigint AS "n" FROM found AS d GROUP BY 2, 3, 4, 5, 6 HAVING sum(d."n") <> 0
    UNION ALL
    SELECT 'month'::text AS "span", date_trunc('month', d."day"::timestamp)::date AS "day", d."is_deleted", d."is_verified", d."is_superuser", d."oauth_provider", sum(d."n")::bigint AS "n" FROM found AS d GROUP BY 2, 3, 4, 5, 6 HAVING sum(d."n") <> 0
    UNION ALL
    SELECT 'day'::text AS "span", d."day", d."is_deleted", d."is_verified", d."is_superuser", d."oauth_provider", sum(d."n")::bigint AS "n" FROM found AS d GROUP BY 2, 3, 4, 5, 6 HAVING sum(d."n") <> 0
    -- Days of a month lie together.
    ORDER BY 1, 2;
    INSERT INTO cabinet."ranks_users" ("start", "span", "is_deleted", starts, through)
    SELECT '-infinity'::timestamp, 'all'::text, d."is_deleted", array_agg(d."start" ORDER BY d."start"),
           array_agg(d.through ORDER BY d."start")
      FROM (SELECT d."start", d."is_deleted", sum(d."n") OVER (PARTITION BY d."is_deleted" ORDER BY d."start")::bigint AS through
              FROM cabinet."dates_users" AS d WHERE d."span" = 'month') AS d
     GROUP BY 2, 3 HAVING count(*) > 0
    ON CONFLICT ("start", "span", "is_deleted") DO UPDATE SET starts = excluded.starts, through = excluded.through;
END $function$;
