-- The database leaves the revisions $1 and is at $2; returns how many rows went and came.
WITH gone AS (DELETE FROM cabinet.version AS v WHERE v.revision = ANY ($1::text[]) RETURNING v.revision),
     made AS (INSERT INTO cabinet.version (revision) SELECT r FROM unnest($2::text[]) AS r RETURNING revision)
SELECT (SELECT count(*) FROM gone) AS gone, (SELECT count(*) FROM made) AS made
