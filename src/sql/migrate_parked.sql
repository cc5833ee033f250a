-- Parked tables and columns, then the schemas of the former: how each is dropped, whether it counts, and milliseconds since
-- its revision was applied.
SELECT p.statement, p.counts,
       COALESCE(EXTRACT(epoch FROM clock_timestamp() - (SELECT max(l.finished_at) FROM cabinet.migration_log AS l
                                                         WHERE l.revision = p.revision AND l.direction = 'upgrade' AND l.ok)) * 1000, 0)::bigint
       AS age_ms
  FROM (SELECT 1 AS place, true AS counts, substr(n.nspname, 15) AS revision,
               format('DROP TABLE %I.%I', n.nspname, c.relname) AS statement
          FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
         WHERE n.nspname ~ '^cabinet_trash_[0-9a-f]{12}$' AND c.relkind = 'r'
        UNION ALL
        SELECT 1, true, substr(a.attname, 10, 12),
               format('ALTER TABLE %I.%I DROP COLUMN %I', n.nspname, c.relname, a.attname)
          FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
         WHERE a.attname ~ '^_dropped_[0-9a-f]{12}_' AND NOT a.attisdropped AND c.relkind = 'r'
           AND n.nspname !~ '^cabinet_trash_'
        UNION ALL
        SELECT 2, false, substr(n.nspname, 15), format('DROP SCHEMA %I', n.nspname)
          FROM pg_namespace AS n WHERE n.nspname ~ '^cabinet_trash_[0-9a-f]{12}$') AS p
 ORDER BY p.place, p.statement
