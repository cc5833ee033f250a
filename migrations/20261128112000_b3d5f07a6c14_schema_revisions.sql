-- cabinet migration
-- Revision: b3d5f07a6c14
-- Revises: e47a0d9c2b63
-- Create Date: 2026-11-28T11:20:00Z
-- Message: schema revisions
-- Line: cabinet
-- upgrade
CREATE FUNCTION cabinet.schema_revisions() RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN ARRAY(SELECT v.revision FROM cabinet.version AS v ORDER BY v.revision);
END $$;
COMMENT ON FUNCTION cabinet.schema_revisions() IS
    'The revisions that the schema is at; lets the service see whether it is behind.';
REVOKE ALL ON FUNCTION cabinet.schema_revisions() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cabinet.schema_revisions() TO cabinet_app;
-- downgrade
DROP FUNCTION cabinet.schema_revisions();
