-- cabinet migration
-- Revision: e81b3f60c5d7
-- Revises: 0d7671ec66ca
-- Create Date: 2026-11-28T13:30:00Z
-- Message: merges of nothing write nothing
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
    IF merged = 0 THEN
        RETURN 0; -- every second, where nobody writes
    END IF;
    INSERT INTO cabinet."ranks_users" ("start", "span", "is_deleted", starts, through)
    SELECT '-infinity'::timestamp, 'all'::text, d."is_deleted", array_agg(d."start" ORDER BY d."start"),
           array_agg(d.through ORDER BY d."start")
      FROM (SELECT d."start", d."is_deleted", sum(d."n") OVER (PARTITION BY d."is_deleted" ORDER BY d."start")::bigint AS through
              FROM cabinet."dates_users" AS d WHERE d."span" = 'month') AS d
     GROUP BY 2, 3 HAVING count(*) > 0
    ON CONFLICT ("start", "span", "is_deleted") DO UPDATE SET starts = excluded.starts, through = excluded.through;
    RETURN merged;
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
