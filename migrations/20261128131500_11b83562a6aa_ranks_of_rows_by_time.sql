-- cabinet migration
-- Revision: 11b83562a6aa
-- Revises: e60c6d910a77
-- Create Date: 2026-11-28T13:15:00Z
-- Message: ranks of rows by time
-- Line: cabinet
-- Hazard: BLOCKS_WRITES public.users (all its rows are counted)
-- Hazard: DATA_LOSS cabinet.delta_users.hour (the column is dropped)
-- Hazard: AUTHZ table cabinet.delta_users (privileges change)
-- cabinet: ack BLOCKS_WRITES public.users
-- cabinet: ack DATA_LOSS cabinet.delta_users.hour
-- Hazard: BLOCKS_WRITES public.users (all its rows are counted) on downgrade
-- Hazard: DATA_LOSS cabinet.ranks_users (the table and its rows are dropped) on downgrade
-- Hazard: DATA_LOSS cabinet.delta_users.slot (the column is dropped) on downgrade
-- Hazard: AUTHZ table cabinet.delta_users (privileges change) on downgrade

-- upgrade
SET LOCAL check_function_bodies = off;
-- Writers and the merge wait from the start: none must wait for what is changed below while it holds what is needed at
-- the end.
LOCK TABLE public.users IN SHARE ROW EXCLUSIVE MODE;
SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('cabinet."count_users"'));
CREATE OR REPLACE FUNCTION cabinet.changes_users()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    old_part jsonb;
    new_part jsonb;
    is_moved boolean;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.id IS DISTINCT FROM NEW.id THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('id', OLD.id);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('id', NEW.id);
        END IF;
        IF OLD.email IS DISTINCT FROM NEW.email THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('email', OLD.email);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('email', NEW.email);
        END IF;
        IF OLD.username IS DISTINCT FROM NEW.username THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('username', OLD.username);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('username', NEW.username);
        END IF;
        IF OLD.is_verified IS DISTINCT FROM NEW.is_verified THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('is_verified', OLD.is_verified);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('is_verified', NEW.is_verified);
            is_moved := true;
        END IF;
        IF OLD.is_superuser IS DISTINCT FROM NEW.is_superuser THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('is_superuser', OLD.is_superuser);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('is_superuser', NEW.is_superuser);
            is_moved := true;
        END IF;
        IF OLD.oauth_provider IS DISTINCT FROM NEW.oauth_provider THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('oauth_provider', OLD.oauth_provider);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('oauth_provider', NEW.oauth_provider);
            is_moved := true;
        END IF;
        IF OLD.date_created IS DISTINCT FROM NEW.date_created THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('date_created', OLD.date_created);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('date_created', NEW.date_created);
            is_moved := true;
        END IF;
        IF OLD.deleted_at IS DISTINCT FROM NEW.deleted_at THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('deleted_at', OLD.deleted_at);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('deleted_at', NEW.deleted_at);
            is_moved := true;
        END IF;
        IF OLD.deletion_scheduled_for IS DISTINCT FROM NEW.deletion_scheduled_for THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('deletion_scheduled_for', OLD.deletion_scheduled_for);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('deletion_scheduled_for', NEW.deletion_scheduled_for);
        END IF;
        IF OLD.banned_at IS DISTINCT FROM NEW.banned_at THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('banned_at', OLD.banned_at);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('banned_at', NEW.banned_at);
        END IF;
        IF new_part IS NULL THEN
            RETURN NULL;
        END IF;
        INSERT INTO public.audit_logs
            (user_id, actor_id, action, table_name, row_key, before, after, ip, request_id)
        VALUES (NEW.id, nullif(current_setting('cabinet.actor', true), '')::bigint,
                CASE WHEN (OLD.deleted_at IS NULL) = (NEW.deleted_at IS NULL) THEN 'row_update'
                     WHEN NEW.deleted_at IS NULL THEN 'row_restore' ELSE 'row_delete' END,
                'users', NEW.id::text,
                old_part || jsonb_build_object('row_version', OLD.row_version),
                new_part || jsonb_build_object('row_version', NEW.row_version),
                nullif(current_setting('cabinet.ip', true), '')::inet,
                nullif(current_setting('cabinet.request_id', true), ''));
        IF is_moved THEN
            INSERT INTO cabinet."delta_users" ("day", "is_deleted", "is_verified", "is_superuser", "oauth_provider", "n", "slot")
            VALUES ((OLD."date_created" AT TIME ZONE 'UTC')::date, OLD."deleted_at" IS NOT NULL, OLD."is_verified", OLD."is_superuser", OLD."oauth_provider", -1, date_bin('10 minutes', OLD."date_created" AT TIME ZONE 'UTC', timestamp '2000-01-01')),
                   ((NEW."date_created" AT TIME ZONE 'UTC')::date, NEW."deleted_at" IS NOT NULL, NEW."is_verified", NEW."is_superuser", NEW."oauth_provider", 1, date_bin('10 minutes', NEW."date_created" AT TIME ZONE 'UTC', timestamp '2000-01-01'));
        END IF;
    ELSIF TG_OP = 'INSERT' THEN
        INSERT INTO public.audit_logs
            (user_id, actor_id, action, table_name, row_key, before, after, ip, request_id)
        VALUES (NEW.id, nullif(current_setting('cabinet.actor', true), '')::bigint,
                'row_insert',
                'users', NEW.id::text,
                NULL,
                jsonb_build_object(
                    'id', NEW.id,
                    'email', NEW.email,
                    'username', NEW.username,
                    'is_verified', NEW.is_verified,
                    'is_superuser', NEW.is_superuser,
                    'oauth_provider', NEW.oauth_provider,
                    'date_created', NEW.date_created,
                    'row_version', NEW.row_version,
                    'deleted_at', NEW.deleted_at,
                    'deletion_scheduled_for', NEW.deletion_scheduled_for,
                    'banned_at', NEW.banned_at),
                nullif(current_setting('cabinet.ip', true), '')::inet,
                nullif(current_setting('cabinet.request_id', true), ''));
    ELSE
        INSERT INTO public.audit_logs
            (user_id, actor_id, action, table_name, row_key, before, after, ip, request_id)
        VALUES (OLD.id, nullif(current_setting('cabinet.actor', true), '')::bigint,
                'row_delete',
                'users', OLD.id::text,
                jsonb_build_object(
                    'id', OLD.id,
                    'email', OLD.email,
                    'username', OLD.username,
                    'is_verified', OLD.is_verified,
                    'is_superuser', OLD.is_superuser,
                    'oauth_provider', OLD.oauth_provider,
                    'date_created', OLD.date_created,
                    'row_version', OLD.row_version,
                    'deleted_at', OLD.deleted_at,
                    'deletion_scheduled_for', OLD.deletion_scheduled_for,
                    'banned_at', OLD.banned_at),
                NULL,
                nullif(current_setting('cabinet.ip', true), '')::inet,
                nullif(current_setting('cabinet.request_id', true), ''));
    END IF;
    RETURN NULL;
END $function$;
CREATE TABLE cabinet.ranks_users (
    start timestamp without time zone,
    is_deleted boolean,
    span text,
    starts timestamp without time zone[],
    through bigint[]
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
CREATE OR REPLACE FUNCTION cabinet.count_set_users()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        TRUNCATE cabinet."count_users", cabinet."delta_users", cabinet."dates_users", cabinet."ranks_users";
        RETURN NULL;
    END IF;
    INSERT INTO cabinet."delta_users" ("day", "is_deleted", "is_verified", "is_superuser", "oauth_provider", "n", "slot")
    SELECT (w."date_created" AT TIME ZONE 'UTC')::date, w."deleted_at" IS NOT NULL, w."is_verified", w."is_superuser", w."oauth_provider", count(*) * CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END, date_bin('10 minutes', w."date_created" AT TIME ZONE 'UTC', timestamp '2000-01-01')
      FROM changed_rows AS w GROUP BY 1, 2, 3, 4, 5, 7;
    RETURN NULL;
END $function$;
ALTER TABLE cabinet.delta_users ADD COLUMN slot timestamp without time zone;
CREATE OR REPLACE VIEW cabinet.calendar_users AS
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
    date_trunc('hour'::text, d.slot) AS start,
    d.is_deleted,
    d.n
   FROM cabinet.delta_users d;
ALTER TABLE cabinet.delta_users DROP COLUMN hour;
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
        SELECT (t."date_created" AT TIME ZONE 'UTC')::date AS "day", t."deleted_at" IS NOT NULL AS "is_deleted", t."is_verified", t."is_superuser", t."oauth_provider", count(*) AS "n", date_bin('10 minutes', t."date_created" AT TIME ZONE 'UTC', timestamp '2000-01-01') AS "slot" FROM "public"."users" AS t GROUP BY 1, 2, 3, 4, 5, 7
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
                SELECT 'hour'::text AS "span", date_trunc('hour', d."slot") AS "start", d."is_deleted", sum(d."n")::bigint AS "n" FROM found AS d GROUP BY 2, 3 HAVING sum(d."n") <> 0) AS s) AS s
         GROUP BY s."span", s."start", s."is_deleted") AS s
     WHERE s.kept_n <> s.counted_n
    UNION ALL
    SELECT to_jsonb(s) - 'kept_n' - 'counted_n', s.kept_n, s.counted_n FROM (
        SELECT s."start", s."span", s."is_deleted", s.part, sum(s.kept_n)::bigint AS kept_n, sum(s.counted_n)::bigint AS counted_n FROM (
            SELECT r."start", r."span", r."is_deleted",
                   CASE r."span" WHEN 'day' THEN r."start" + (k.i - 1) * interval '10 minutes'
                               WHEN 'month' THEN r."start" + (k.i - 1) * interval '1 day'
                               ELSE r.starts[k.i] END AS part,
                   k.through - lag(k.through, 1, 0::bigint) OVER (PARTITION BY r."start", r."span", r."is_deleted" ORDER BY k.i) AS kept_n, 0 AS counted_n
              FROM cabinet."ranks_users" AS r, unnest(r.through) WITH ORDINALITY AS k(through, i)
            UNION ALL
            SELECT p."start", p."span", p."is_deleted", p.part, p."n", 0 FROM (
                SELECT date_trunc('month', d."day"::timestamp) AS "start", 'month'::text AS "span", d."is_deleted", d."day"::timestamp AS part, sum(d."n")::bigint AS "n"
                  FROM cabinet."delta_users" AS d GROUP BY 1, 2, 3, 4 HAVING sum(d."n") <> 0
                UNION ALL
                SELECT d."day"::timestamp AS "start", 'day'::text AS "span", d."is_deleted", d."slot" AS part, sum(d."n")::bigint AS "n"
                  FROM cabinet."delta_users" AS d GROUP BY 1, 2, 3, 4 HAVING sum(d."n") <> 0) AS p
            UNION ALL
            SELECT p."start", p."span", p."is_deleted", p.part, 0, p."n" FROM (
                SELECT date_trunc('month', d."day"::timestamp) AS "start", 'month'::text AS "span", d."is_deleted", d."day"::timestamp AS part, sum(d."n")::bigint AS "n"
                  FROM found AS d GROUP BY 1, 2, 3, 4 HAVING sum(d."n") <> 0
                UNION ALL
                SELECT d."day"::timestamp AS "start", 'day'::text AS "span", d."is_deleted", d."slot" AS part, sum(d."n")::bigint AS "n"
                  FROM found AS d GROUP BY 1, 2, 3, 4 HAVING sum(d."n") <> 0) AS p
            UNION ALL
            SELECT '-infinity'::timestamp, 'all'::text, d."is_deleted", d."start", 0, d."n"
              FROM cabinet."dates_users" AS d WHERE d."span" = 'month') AS s
         GROUP BY s."start", s."span", s."is_deleted", s.part) AS s
     WHERE s.kept_n <> s.counted_n;
END $function$;
CREATE UNIQUE INDEX ranks_key_users ON cabinet.ranks_users USING btree (start, span, is_deleted);
GRANT SELECT ON TABLE cabinet.delta_users TO cabinet_app;
GRANT SELECT ON TABLE cabinet.ranks_users TO cabinet_app;
COMMENT ON TABLE cabinet.ranks_users IS 'How many rows of public.users were made, without what is in its deltas, up to the end of each ten minutes of a day, day of a month, and month of all; follows from counted().';
-- Deltas have no slot yet.
SELECT cabinet.count_rebuild_users();

-- downgrade
SET LOCAL check_function_bodies = off;
LOCK TABLE public.users IN SHARE ROW EXCLUSIVE MODE;
SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('cabinet."count_users"'));
DROP TABLE cabinet.ranks_users;
CREATE OR REPLACE FUNCTION cabinet.changes_users()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    old_part jsonb;
    new_part jsonb;
    is_moved boolean;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.id IS DISTINCT FROM NEW.id THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('id', OLD.id);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('id', NEW.id);
        END IF;
        IF OLD.email IS DISTINCT FROM NEW.email THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('email', OLD.email);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('email', NEW.email);
        END IF;
        IF OLD.username IS DISTINCT FROM NEW.username THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('username', OLD.username);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('username', NEW.username);
        END IF;
        IF OLD.is_verified IS DISTINCT FROM NEW.is_verified THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('is_verified', OLD.is_verified);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('is_verified', NEW.is_verified);
            is_moved := true;
        END IF;
        IF OLD.is_superuser IS DISTINCT FROM NEW.is_superuser THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('is_superuser', OLD.is_superuser);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('is_superuser', NEW.is_superuser);
            is_moved := true;
        END IF;
        IF OLD.oauth_provider IS DISTINCT FROM NEW.oauth_provider THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('oauth_provider', OLD.oauth_provider);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('oauth_provider', NEW.oauth_provider);
            is_moved := true;
        END IF;
        IF OLD.date_created IS DISTINCT FROM NEW.date_created THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('date_created', OLD.date_created);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('date_created', NEW.date_created);
            is_moved := true;
        END IF;
        IF OLD.deleted_at IS DISTINCT FROM NEW.deleted_at THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('deleted_at', OLD.deleted_at);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('deleted_at', NEW.deleted_at);
            is_moved := true;
        END IF;
        IF OLD.deletion_scheduled_for IS DISTINCT FROM NEW.deletion_scheduled_for THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('deletion_scheduled_for', OLD.deletion_scheduled_for);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('deletion_scheduled_for', NEW.deletion_scheduled_for);
        END IF;
        IF OLD.banned_at IS DISTINCT FROM NEW.banned_at THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('banned_at', OLD.banned_at);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('banned_at', NEW.banned_at);
        END IF;
        IF new_part IS NULL THEN
            RETURN NULL;
        END IF;
        INSERT INTO public.audit_logs
            (user_id, actor_id, action, table_name, row_key, before, after, ip, request_id)
        VALUES (NEW.id, nullif(current_setting('cabinet.actor', true), '')::bigint,
                CASE WHEN (OLD.deleted_at IS NULL) = (NEW.deleted_at IS NULL) THEN 'row_update'
                     WHEN NEW.deleted_at IS NULL THEN 'row_restore' ELSE 'row_delete' END,
                'users', NEW.id::text,
                old_part || jsonb_build_object('row_version', OLD.row_version),
                new_part || jsonb_build_object('row_version', NEW.row_version),
                nullif(current_setting('cabinet.ip', true), '')::inet,
                nullif(current_setting('cabinet.request_id', true), ''));
        IF is_moved THEN
            INSERT INTO cabinet."delta_users" ("day", "is_deleted", "is_verified", "is_superuser", "oauth_provider", "n", "hour")
            VALUES ((OLD."date_created" AT TIME ZONE 'UTC')::date, OLD."deleted_at" IS NOT NULL, OLD."is_verified", OLD."is_superuser", OLD."oauth_provider", -1, date_trunc('hour', OLD."date_created" AT TIME ZONE 'UTC')),
                   ((NEW."date_created" AT TIME ZONE 'UTC')::date, NEW."deleted_at" IS NOT NULL, NEW."is_verified", NEW."is_superuser", NEW."oauth_provider", 1, date_trunc('hour', NEW."date_created" AT TIME ZONE 'UTC'));
        END IF;
    ELSIF TG_OP = 'INSERT' THEN
        INSERT INTO public.audit_logs
            (user_id, actor_id, action, table_name, row_key, before, after, ip, request_id)
        VALUES (NEW.id, nullif(current_setting('cabinet.actor', true), '')::bigint,
                'row_insert',
                'users', NEW.id::text,
                NULL,
                jsonb_build_object(
                    'id', NEW.id,
                    'email', NEW.email,
                    'username', NEW.username,
                    'is_verified', NEW.is_verified,
                    'is_superuser', NEW.is_superuser,
                    'oauth_provider', NEW.oauth_provider,
                    'date_created', NEW.date_created,
                    'row_version', NEW.row_version,
                    'deleted_at', NEW.deleted_at,
                    'deletion_scheduled_for', NEW.deletion_scheduled_for,
                    'banned_at', NEW.banned_at),
                nullif(current_setting('cabinet.ip', true), '')::inet,
                nullif(current_setting('cabinet.request_id', true), ''));
    ELSE
        INSERT INTO public.audit_logs
            (user_id, actor_id, action, table_name, row_key, before, after, ip, request_id)
        VALUES (OLD.id, nullif(current_setting('cabinet.actor', true), '')::bigint,
                'row_delete',
                'users', OLD.id::text,
                jsonb_build_object(
                    'id', OLD.id,
                    'email', OLD.email,
                    'username', OLD.username,
                    'is_verified', OLD.is_verified,
                    'is_superuser', OLD.is_superuser,
                    'oauth_provider', OLD.oauth_provider,
                    'date_created', OLD.date_created,
                    'row_version', OLD.row_version,
                    'deleted_at', OLD.deleted_at,
                    'deletion_scheduled_for', OLD.deletion_scheduled_for,
                    'banned_at', OLD.banned_at),
                NULL,
                nullif(current_setting('cabinet.ip', true), '')::inet,
                nullif(current_setting('cabinet.request_id', true), ''));
    END IF;
    RETURN NULL;
END $function$;
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
CREATE OR REPLACE VIEW cabinet.calendar_users AS
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
ALTER TABLE cabinet.delta_users DROP COLUMN slot;
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
REVOKE SELECT ON TABLE cabinet.delta_users FROM cabinet_app;
-- Deltas have no hour yet.
SELECT cabinet.count_rebuild_users();
