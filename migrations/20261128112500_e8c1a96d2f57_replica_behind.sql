-- cabinet migration
-- Revision: e8c1a96d2f57
-- Revises: b3d5f07a6c14
-- Create Date: 2026-11-28T11:25:00Z
-- Message: replica behind
-- Line: cabinet
-- upgrade
CREATE FUNCTION cabinet.replica_behind() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'CB425', MESSAGE = 'the replica has not replayed the last write of the caller';
END $$;
COMMENT ON FUNCTION cabinet.replica_behind() IS
    'Called when a replica is behind what a request asks for; raises CB425, so that nothing behind it runs.';
-- downgrade
DROP FUNCTION cabinet.replica_behind();
