-- Rows "at": the revisions the database is at.  Rows "ran": every revision that ran last as upgrade or stamp, with the
-- checksum its file had then.  Rows "part": revisions of which only some segments ran, with the direction.
SELECT 'at' AS what, v.revision AS revision, NULL::text AS detail FROM cabinet.version AS v
UNION ALL
SELECT 'ran', f.revision, f.file_sha256
  FROM (SELECT DISTINCT ON (l.revision) l.revision, l.file_sha256, l.direction
          FROM cabinet.migration_log AS l
         WHERE l.ok AND l.segment = l.segments
         ORDER BY l.revision, l.id DESC) AS f
 WHERE f.direction <> 'downgrade'
UNION ALL
SELECT DISTINCT 'part', l.revision, l.direction
  FROM cabinet.migration_log AS l
 WHERE (l.ok IS NULL OR l.statements_done > 0)
   AND NOT EXISTS (SELECT FROM cabinet.migration_log AS f
                    WHERE f.revision = l.revision AND f.id >= l.id AND f.ok AND f.segment = f.segments)
