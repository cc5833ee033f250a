-- Sequences that a column's default draws from (serial), by table.
SELECT n.nspname AS schema, t.relname AS table_name, sn.nspname AS sequence_schema, s.relname AS sequence
  FROM pg_depend AS d
  JOIN pg_class AS s ON s.oid = d.objid AND s.relkind = 'S'
  JOIN pg_namespace AS sn ON sn.oid = s.relnamespace
  JOIN pg_class AS t ON t.oid = d.refobjid
  JOIN pg_namespace AS n ON n.oid = t.relnamespace
 WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'a'
   AND d.refobjsubid > 0
 ORDER BY 1, 2, 3, 4
