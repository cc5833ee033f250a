-- Schema cabinet: what the programs need inside the database and no API ever shows.
-- The tables cabinet.version and cabinet.migration_log are made by cabinet-migrate itself.

CREATE SCHEMA IF NOT EXISTS cabinet;
COMMENT ON SCHEMA cabinet IS 'Internals of Cabinet: functions, migration state, partitions. Not served by the API.';
GRANT USAGE ON SCHEMA cabinet TO cabinet_app;

CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;

-- ---- the catalog's generation ----

CREATE TABLE cabinet.catalog_state (
    only_row    boolean NOT NULL DEFAULT true,
    generation  bigint NOT NULL,
    CONSTRAINT catalog_state_pkey PRIMARY KEY (only_row),
    CONSTRAINT catalog_state_one_row CHECK (only_row)
);
COMMENT ON TABLE cabinet.catalog_state IS 'One row: the generation of the schema. @api(audit(off))';
COMMENT ON COLUMN cabinet.catalog_state.only_row IS 'Always true: keeps the table at one row.';
COMMENT ON COLUMN cabinet.catalog_state.generation IS
    'Raised by each upgrade and downgrade; workers that planned with another one load the catalog again.';
GRANT SELECT ON cabinet.catalog_state TO cabinet_app;

-- The generation once more as a function with nothing but a number in it, cabinet.generation(): PostgreSQL puts that
-- number into the plan of each guard, and plans anew when the function is replaced.  To ask costs nothing then.
CREATE FUNCTION cabinet.generation_set() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('CREATE OR REPLACE FUNCTION cabinet.generation() RETURNS bigint LANGUAGE sql STABLE AS %L',
                   format('SELECT %s::bigint', NEW.generation));
    RETURN NULL;
END $$;
COMMENT ON FUNCTION cabinet.generation_set() IS 'Makes cabinet.generation() tell the generation of catalog_state.';
REVOKE ALL ON FUNCTION cabinet.generation_set() FROM PUBLIC;
CREATE TRIGGER generation_set AFTER INSERT OR UPDATE ON cabinet.catalog_state
    FOR EACH ROW EXECUTE FUNCTION cabinet.generation_set();

CREATE FUNCTION cabinet.schema_revisions() RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN ARRAY(SELECT v.revision FROM cabinet.version AS v ORDER BY v.revision);
END $$;
COMMENT ON FUNCTION cabinet.schema_revisions() IS
    'The revisions that the schema is at; lets the service see whether it is behind.';
REVOKE ALL ON FUNCTION cabinet.schema_revisions() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cabinet.schema_revisions() TO cabinet_app;

CREATE FUNCTION cabinet.replica_behind() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'CB425', MESSAGE = 'the replica has not replayed the last write of the caller';
END $$;
COMMENT ON FUNCTION cabinet.replica_behind() IS
    'Called when a replica is behind what a request asks for; raises CB425, so that nothing behind it runs.';

-- ---- the guard of every request ----

CREATE FUNCTION cabinet.guard_failed(session_id uuid, session_user_id bigint, planned_superuser boolean,
                                     planned_generation bigint)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    is_admin boolean;
    current_generation bigint;
BEGIN
    SELECT c.generation INTO current_generation FROM cabinet.catalog_state AS c;
    IF session_id IS NOT NULL THEN
        SELECT u.is_superuser INTO is_admin
          FROM public.sessions AS s JOIN public.users AS u ON u.id = s.user_id
         WHERE s.id = session_id AND s.user_id = session_user_id AND s.expires > now()
           AND u.deleted_at IS NULL AND u.banned_at IS NULL;
        IF NOT FOUND THEN
            RAISE EXCEPTION USING ERRCODE = 'CB401', MESSAGE = 'session or user is not valid';
        END IF;
        IF is_admin IS DISTINCT FROM planned_superuser THEN
            RAISE EXCEPTION USING ERRCODE = 'CB403', MESSAGE = 'role differs from the planned one';
        END IF;
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'CB410', MESSAGE = 'catalog generation differs from the planned one',
        DETAIL = coalesce(current_generation::text, '');
END $$;
COMMENT ON FUNCTION cabinet.guard_failed(uuid, bigint, boolean, bigint) IS
    'Called when the guard of a request found no row; raises CB401, CB403 or CB410, so that nothing behind it runs.';

-- ---- triggers shared by all tables ----

CREATE FUNCTION cabinet.raise_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.row_version := OLD.row_version + 1;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION cabinet.raise_version() IS 'Counts row_version up at each UPDATE, whatever the statement set.';

CREATE FUNCTION cabinet.audit_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.audit_logs (actor_id, action, table_name, ip, request_id)
    VALUES (nullif(current_setting('cabinet.actor', true), '')::bigint,
            'table_truncate',
            CASE WHEN TG_TABLE_SCHEMA = 'public' THEN '' ELSE TG_TABLE_SCHEMA || '.' END || TG_TABLE_NAME,
            nullif(current_setting('cabinet.ip', true), '')::inet,
            nullif(current_setting('cabinet.request_id', true), ''));
    RETURN NULL;
END $$;
COMMENT ON FUNCTION cabinet.audit_truncate() IS 'Records that a table was emptied by TRUNCATE.';

-- ---- the clock of what happens after days ----

CREATE TABLE cabinet.clock (
    only_row  boolean NOT NULL DEFAULT true,
    ahead     interval NOT NULL,
    CONSTRAINT clock_pkey PRIMARY KEY (only_row),
    CONSTRAINT clock_one_row CHECK (only_row)
);
COMMENT ON TABLE cabinet.clock IS
    'Empty, but where tests let days pass: only the owner of the schema can write here. @api(audit(off))';
COMMENT ON COLUMN cabinet.clock.only_row IS 'Always true: keeps the table at one row.';
COMMENT ON COLUMN cabinet.clock.ahead IS 'How far cabinet.now() is ahead of the server''s clock.';
GRANT SELECT ON cabinet.clock TO cabinet_app;

CREATE FUNCTION cabinet.now() RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT now() + coalesce((SELECT c.ahead FROM cabinet.clock AS c), interval '0')
$$;
COMMENT ON FUNCTION cabinet.now() IS
    'Time by which deletions, their reminders and mailed tokens fall due: now(), but where tests moved cabinet.clock.';

-- ---- summaries of counted tables ----

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
