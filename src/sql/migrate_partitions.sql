-- Partitions and their indexes, qualified and quoted: what a database may have beyond its revisions, as housekeeping
-- makes them.
SELECT format('%I.%I', n.nspname, c.relname) AS name
  FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.relispartition
