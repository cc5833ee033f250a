-- $1: search path until the transaction ends.  Returns the one before.  With pg_catalog alone, names in definitions
-- come qualified.
SELECT p.before, pg_catalog.set_config('search_path', $1, true)
FROM (SELECT pg_catalog.current_setting('search_path') AS before OFFSET 0) p
