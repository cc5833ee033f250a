-- Segments of revision $1 that ran, or began to, since the revision was last complete.
SELECT l.segment, l.statements_done, l.ok, l.statement_sha256, l.id
  FROM cabinet.migration_log AS l
 WHERE l.revision = $1::text AND (l.ok IS NULL OR l.statements_done > 0)
   AND NOT EXISTS (SELECT FROM cabinet.migration_log AS f
                    WHERE f.revision = l.revision AND f.id >= l.id AND f.ok AND f.segment = f.segments)
 ORDER BY l.id
