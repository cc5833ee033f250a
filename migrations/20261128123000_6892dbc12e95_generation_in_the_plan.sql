-- cabinet migration
-- Revision: 6892dbc12e95
-- Revises: c4de8fb7aeb8
-- Create Date: 2026-11-28T12:30:00Z
-- Message: generation in the plan
-- Line: cabinet

-- upgrade
SET LOCAL check_function_bodies = off;
CREATE FUNCTION cabinet.generation_set()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    EXECUTE format('CREATE OR REPLACE FUNCTION cabinet.generation() RETURNS bigint LANGUAGE sql STABLE AS %L',
                   format('SELECT %s::bigint', NEW.generation));
    RETURN NULL;
END $function$;
CREATE TRIGGER generation_set AFTER INSERT OR UPDATE ON cabinet.catalog_state FOR EACH ROW EXECUTE FUNCTION cabinet.generation_set();
REVOKE EXECUTE ON FUNCTION cabinet.generation_set() FROM PUBLIC;
COMMENT ON FUNCTION cabinet.generation_set() IS 'Makes cabinet.generation() tell the generation of catalog_state.';
-- Makes the function.
UPDATE cabinet.catalog_state SET generation = generation WHERE only_row;

-- downgrade
DROP TRIGGER generation_set ON cabinet.catalog_state;
DROP FUNCTION cabinet.generation_set();
DROP FUNCTION IF EXISTS cabinet.generation();
